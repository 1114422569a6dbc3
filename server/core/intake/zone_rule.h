/*
 * "The times of this sender are UTC": rules that settle the zone of what
 * comes in without one.  A sender is a mail address, a domain (with all
 * below it), or the name of a format or feed ("xarf",
 * "shadowserver/scan_mysql", "shadowserver").
 *
 * A rule is applied at intake, to events whose zone is unknown, and makes
 * it 'rule'.  Changing or removing it changes nothing that is stored.
 */
#ifndef CORE_ZONE_RULE_H
#define CORE_ZONE_RULE_H

#include "core/intake/event_time.h"
#include "core/site.h"
#include "db/db.h"
#include "inspect/inspect.h"

enum { ZONE_RULE_PAGE = 50, ZONE_RULE_SENDERS_MAX = 16 };

#define ZONE_RULE(F, S)                                                       \
	F(S, TEXT, sender, none)                                              \
	F(S, TEXT, zone, none)                                                \
	F(S, TIME, made, none)                                                \
	F(S, TEXT, made_by, none)                                             \
	F(S, INT, ticket, none)        /* where it was made, or null */
DESC_STRUCT(zone_rule, ZONE_RULE);

/* The names under which a rule may know a message, most particular first,
 * ended by NULL: the address, the feed, the feed's family, the domain and
 * those above it, the format.  Each may be NULL. */
const char *const *zone_rule_senders(struct arena *a, const char *from,
    const char *feed, const char *format);

/* In lower case; FAULT_INPUT when no rule can be for that. */
bool zone_rule_sender(struct arena *a, const char *s, const char **sender,
    GError **err);

/* ticket: 0 for none.  In the caller's transaction, or one of its own. */
bool zone_rule_set(struct db *db, const struct actor *who,
    const char *sender, const char *zone, int64_t ticket, GError **err);
/* FAULT_ABSENT when there is none. */
bool zone_rule_remove(struct db *db, const struct actor *who,
    const char *sender, GError **err);
bool zone_rule_list(struct db *db, struct arena *a, int64_t page,
    struct list *rows, int64_t *total, GError **err);

/* At intake: *out is `in`, or, when it has times of unknown zone and there
 * is a rule, a copy whose times are read by it.  *zone_name is then the
 * rule's zone, else NULL.  No query when every time has its zone. */
bool zone_rule_apply(struct db *db, struct arena *a,
    const struct inspection *in, const struct inspection **out,
    const char **zone_name, GError **err);

#endif
