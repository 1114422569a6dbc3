/*
 * What the two readers of delivery reports share.
 */
#ifndef INSPECT_BOUNCE_H
#define INSPECT_BOUNCE_H

#include "inspect/read.h"

/* "5.1.1": the most telling of a Status field and of codes in a text; NULL
 * when there is none.  Both may be NULL. */
const char *bounce_status(struct arena *a, const char *field,
    const char *text);
/* failed delayed delivered relayed expanded, or NULL */
const char *bounce_action(struct arena *a, const char *s);
/* Reads blocks of fields (RFC 3464 2.3) separated by empty lines. */
void bounce_fields(struct reading *r, const char *s, size_t n);
/* The fields of a report inside an attached message: a bounce sent on. */
void bounce_nested(struct reading *r);
/* Adds what the letter says: recipients that are not there yet, reasons
 * where there are none. */
void bounce_letter(struct reading *r);

#endif
