/*
 * Bounces and complaints: what a report does to the delivery that it is
 * about, and to the subscriber behind it.
 *
 * Which delivery, strongest proof first:
 *  1. the VERP address that the notice came to;
 *  2. the VERP address or keyed Message-ID of the mail that came back;
 *  3. a Message-ID of ours with the recipient, or with its only recipient;
 *  4. the recipient, when one mail and no other went to him these days.
 * 1 and 2 carry our mark, which nobody else can make.  3 and 4 can be
 * forged by who knows the address: they mark the delivery, but do not
 * count against a subscription.
 *
 * A notice (notice.h) that came back for good from everybody has its clock
 * act now, as one that was refused by all has (ledger.h).
 *
 * A delay is no bounce; a later failure of the same delivery turns a soft
 * one into a hard one, never back.  A complaint (feedback loop, RFC 5965)
 * about a mail of ours leaves the delivery as it is and ends the
 * subscription: on the open list it is the reader's wish, on the closed one
 * the subscription is suspended and the desk told.
 */
#ifndef CORE_BOUNCE_H
#define CORE_BOUNCE_H

#include "core/site.h"
#include "db/db.h"
#include "inspect/inspect.h"

enum {
	BOUNCE_RECENT_DAYS = 5,     /* of rule 4 */
	BOUNCE_LOOKUPS_MAX = 50,    /* recipients of one report, rules 3, 4 */
};

/* Rule 2: the delivery whose mark the report brings back, or 0.  Pure. */
int64_t bounce_proven(const struct site *s, const struct inspection *in);
/* Is it a complaint about a mail of ours? */
bool bounce_complaint(const struct site *s, const struct inspection *in);

/* Within the caller's transaction.  delivery: proven by 1 or 2, or 0.
 * message: the row of the notice, for the log. */
bool bounce_apply(struct db *db, const struct site *s, int64_t delivery,
    const struct inspection *in, int64_t message, GError **err);

#endif
