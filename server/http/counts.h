/*
 * The numbers beside the queue's views.  Counting ten thousand tickets
 * costs more than showing fifty, so a count serves for a second, or until
 * this process changes a ticket.
 *
 * Owner: struct httpd.  Thread: any; a lock is held for a copy only.
 */
#ifndef HTTP_COUNTS_H
#define HTTP_COUNTS_H

#include "core/campaign/campaign.h"
#include "core/ticket/ticket.h"
#include "http/req.h"

enum { COUNTS_AGE_MS = 1000, COUNTS_PEOPLE_MAX = 256 };

struct counts;
struct counts *counts_new(void);
void counts_free(struct counts *c);

/* What the board of a campaign counts over all its parties: for a second too,
 * and no longer than nothing is written down in the trail, of which `trail` is
 * the last row before the board is read. */
bool counts_board(struct req *r, int64_t campaign, int64_t trail,
    struct campaign_tally *out);
void counts_board_keep(struct req *r, int64_t campaign, int64_t trail,
    const struct campaign_tally *t);

bool counts_get(struct req *r, struct ticket_counts *out, GError **err);
/* After an act on a ticket. */
void counts_forget(struct req *r);

#endif
