/*
 * Feeds: mails of many rows that come again and again.  Their rows become
 * findings (core/finding.h) and statistics; what else happens is decided by
 * the policy (core/policy.h).
 *
 * A row's finding is its member, address, port and type; its member is the
 * holder of the longest prefix at the time of the row.  Rows outside are
 * counted only.  Sightings may come in any order: a late mail moves no
 * finding back in time (finding_turn() in sql/0014_finding.sql).
 */
#ifndef CORE_FEED_H
#define CORE_FEED_H

#include "core/site.h"
#include "db/db.h"
#include "inspect/inspect.h"

enum { FEED_NAMES_MAX = 64 }; /* different feeds in one mail */

/* Is this mail a feed that we believe: do its events have one, and is its
 * sender among feeds.senders?  Pure. */
bool feed_is(const struct site *s, const struct inspection *in);

/* The rows of a feed mail, in the transaction that stores it.  Mails of one
 * feed wait for each other; others never do for long and never for each
 * other.  FAULT_INPUT: more than FEED_NAMES_MAX feeds. */
bool feed_take(struct db *db, const struct site *s, int64_t message,
    const struct inspection *in, GError **err);

#endif
