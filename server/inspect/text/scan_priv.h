/*
 * The pieces of scan.c that its two files share.  Each tells whether what
 * it is named for begins at p, which goes on to end.
 */
#ifndef INSPECT_SCAN_PRIV_H
#define INSPECT_SCAN_PRIV_H

#include "inspect/read.h"

/* Length of a dot, also a defanged one; 0 when there is none. */
size_t scan_dot(const char *p, const char *end, bool *defanged);
/* hit->start is set; the rest is filled in. */
bool scan_url(struct arena *a, const char *p, const char *end,
    struct scan_hit *hit);
bool scan_email(struct arena *a, const char *p, const char *end,
    struct scan_hit *hit);
/* Two labels at least, the last one no number. */
size_t scan_domain(struct arena *a, const char *p, const char *end,
    bool *defanged, const char **out);
bool scan_local_char(char c); /* of the part before an @ */
/* "192.0.2.1.40000  198.51.100.2.80": five numbers with points at p, and as
 * many beside them, are addresses and ports. */
bool scan_two_ports(const char *text, const char *p, const char *end);

#endif
