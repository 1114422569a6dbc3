/*
 * Bounces: what a delivery status notification does to the delivery that it
 * is about, and to the subscriber behind it.
 *
 * Which delivery: the VERP address that the notice came to says it, else a
 * Message-ID of ours in the notice, else nobody knows (and the message is
 * only stored).  A delay is no bounce; a later failure of the same delivery
 * turns a soft one into a hard one, never back.
 */
#ifndef CORE_BOUNCE_H
#define CORE_BOUNCE_H

#include "core/site.h"
#include "db/db.h"
#include "inspect/inspect.h"

/* Within the caller's transaction.  delivery 0: not known from the address.
 * message: the row of the notice, for the audit trail. */
bool bounce_apply(struct db *db, const struct site *s, int64_t delivery,
    const struct inspection *in, int64_t message, GError **err);

#endif
