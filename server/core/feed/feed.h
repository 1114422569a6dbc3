/*
 * Feeds: mails of many rows that come again and again.  Their rows become
 * findings (core/feed/finding.h) and statistics; what else happens is decided by
 * the policy (core/feed/policy.h).
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

/* The feeds that ever came, with their last day. */
#define FEED_ROW(F, S)                                                        \
	F(S, TEXT, name, none)                                                \
	F(S, TIME, first_time, none)                                          \
	F(S, TIME, last_time, none)                                           \
	F(S, TIME, received, none)                                            \
	F(S, TEXT, day, none)                                                 \
	F(S, INT, rows, none)                                                 \
	F(S, INT, ours, none)                                                 \
	F(S, INT, outside, none)                                              \
	F(S, INT, unassigned, none)                                           \
	F(S, INT, ignored, none)                                              \
	F(S, INT, fresh, none)         /* rows of what is new or back */      \
	F(S, INT, there, none)         /* findings */                         \
	F(S, BOOL, late, none)         /* no mail for three days */
DESC_STRUCT(feed_row, FEED_ROW);

/* All feeds of a day: the line in the statistics. */
#define FEED_DAY(F, S)                                                        \
	F(S, TEXT, day, none)                                                 \
	F(S, INT, rows, none)                                                 \
	F(S, INT, ours, none)                                                 \
	F(S, INT, outside, none)                                              \
	F(S, INT, unassigned, none)                                           \
	F(S, INT, ignored, none)                                              \
	F(S, INT, fresh, none)                                                \
	F(S, INT, gone, none)          /* findings */                         \
	F(S, INT, digests, none)                                              \
	F(S, INT, tickets, none)       /* and notices */
DESC_STRUCT(feed_day, FEED_DAY);

#define FEED_NET(F, S)                                                        \
	F(S, TEXT, net, none)                                                 \
	F(S, INT, rows, none)
DESC_STRUCT(feed_net, FEED_NET);

#define FEED_UNTOLD(F, S)                                                     \
	F(S, TEXT, organisation, none)                                        \
	F(S, TEXT, handle, none)                                              \
	F(S, TEXT, day, none)                                                 \
	F(S, INT, findings, none)
DESC_STRUCT(feed_untold, FEED_UNTOLD);

/* What the desk wants to know of feeds; members of feeds_view too. */
#define FEED_OVERVIEW(F, S)                                                   \
	F(S, LIST, feeds, feed_row)                                           \
	F(S, LIST, days, feed_day)     /* the last 14, today first */         \
	F(S, LIST, outside, feed_net)  /* where rows outside were */          \
	F(S, LIST, untold, feed_untold) /* members without a contact */
DESC_STRUCT(feed_overview, FEED_OVERVIEW);
bool feed_overview(struct db *db, struct arena *a, struct feed_overview *out,
    GError **err);

#endif
