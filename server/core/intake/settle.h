/*
 * Settling the zone of times that came without one: on the desk, in one
 * step, and back again.
 *
 * An event's time is UTC or null; event.zone says how the zone is known,
 * event.zone_name which it was, time_given what was written.  Nothing here
 * changes time_given, so every act can be undone.  A time that changes may
 * fall to another holder of the address: the verdict is looked up again at
 * the new time, and the audit trail says so when it differs.
 */
#ifndef CORE_SETTLE_H
#define CORE_SETTLE_H

#include "core/ticket/ticket.h"

enum settle_act {
	SETTLE_ZONE,     /* this zone: 'chosen' */
	SETTLE_ALWAYS,   /* the same, and from now on for this sender: 'rule' */
	SETTLE_AS_GIVEN, /* goes out as written, "zone not stated" */
	SETTLE_UNDO,     /* back to 'unknown' */
};

struct settle {
	enum settle_act act;
	int64_t event;      /* 0: each of the ticket that it can be done to */
	const char *zone;   /* of ZONE and ALWAYS; see zone.h */
	const char *time;   /* ZONE of one event: read this, not time_given,
			     * which may be missing or no time; or NULL */
	const char *sender; /* of ALWAYS: zone_rule.h; NULL: the address that
			     * the report came from */
};

/* What was done.  When no time could be read that is FAULT_INPUT, except for
 * ALWAYS, whose rule stands. */
#define SETTLED(F, S)                                                         \
	F(S, INT, number, none)                                               \
	F(S, INT, version, none)                                              \
	F(S, INT, settled, none)      /* events changed */                    \
	F(S, INT, left, none)         /* that could not be */                 \
	F(S, TEXT, why, none)         /* of the first that could not */       \
	F(S, TEXT, rule, none)        /* sender that has a rule now */        \
	F(S, INT, verdicts, none)     /* that are different at the new time */\
	F(S, INT, completeness, none)
DESC_STRUCT(settled, SETTLED);

bool settle_zone(struct db *db, const struct site *s, struct arena *a,
    const struct actor *who, int64_t number, int64_t version,
    const struct settle *what, struct settled *out, GError **err);

/* How complete its rows are, as a report of this type (NULL: that of its
 * first row); in the caller's transaction. */
bool settle_score(struct db *db, struct arena *a, int64_t number,
    const char *type, GError **err);

#endif
