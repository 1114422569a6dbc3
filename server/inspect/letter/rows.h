/*
 * Lines that somebody pasted, or the rows of a table, each for itself: what
 * a campaign is made of (core/campaign/campaign.h).  In a letter some addresses are
 * accused and others not; here every line counts, and one that names nothing
 * comes back as well, so that it is never lost.  (Blank lines, and those that
 * begin with #, are none.)
 *
 * An event for each line (several for a line that is nothing but addresses),
 * in their order.  evidence_part is the number of the line, "17"; extra holds
 * "line", the line as it was written, when it says more than an address, and
 * "refused", why nothing was understood: such an event has no source_ip, no
 * url and no domain.  format is "csv" when a header line named the columns,
 * else "plain".
 *
 * It reads hostile bytes, and so runs in a parser child: pool_rows().
 */
#ifndef INSPECT_ROWS_H
#define INSPECT_ROWS_H

#include "inspect/inspect.h"

enum {
	ROWS_LINE_MAX = 1000, /* bytes of a line that are kept */
	ROWS_RANGE_MAX = 16,  /* addresses of "192.0.2.1-9" */
};

void inspect_rows(struct arena *a, const struct conf *c, const void *bytes,
    size_t len, struct inspection *out);

#endif
