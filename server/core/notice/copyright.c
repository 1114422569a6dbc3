/* See copyright.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/notice/copyright.h"
#include "core/notice/investigate.h"
#include "core/ticket/ticket_priv.h"

static const struct actor self = {.name = "timer"};

#define CANDIDATE(F, S)                                                       \
	F(S, INT, number, none)                                               \
	F(S, TEXT, doubt, none) /* or null */
DESC_PRIVATE(candidate, CANDIDATE);

struct round {
	const struct site *s;
	struct arena *a;
	int64_t now;
	int64_t ticket; /* in hand, 0: none is left */
};

static bool
seen(struct db *db, int64_t ticket, const char *doubt, GError **err)
{
	return db_exec(db, Q_COPYRIGHT_SEEN,
		   DB_ARGS(DB_INT(ticket), DB_TEXT(doubt)), NULL, err) &&
	    (doubt == NULL || audit_write(db, &self, "copyright.left", ticket,
		0, doubt, NULL, NULL, err));
}

static bool
one(struct db *db, void *p, GError **err)
{
	struct round *r = p;
	struct candidate c = {0};
	int64_t message;
	bool found;

	r->ticket = 0;
	if (!db_opt(db, r->a, Q_COPYRIGHT_NEXT,
		DB_ARGS(DB_TIME(r->now - COPYRIGHT_DAYS * WHEN_DAY)),
		&desc_candidate, &c, &found, err))
		return false;
	if (!found)
		return true;
	r->ticket = c.number;
	return (c.doubt != NULL || investigate_send_within(db, r->s, &self,
		    c.number, &message, err)) &&
	    seen(db, c.number, c.doubt, err);
}

struct left {
	int64_t ticket;
	const char *doubt;
};

static bool
leave(struct db *db, void *p, GError **err)
{
	struct left *l = p;

	return seen(db, l->ticket, l->doubt, err);
}

bool
copyright_run(struct db *db, const struct site *s, int64_t now, int64_t *n,
    GError **err)
{
	*n = 0;
	if (!s->conf->copyright_auto || !calendar_works(s->calendar, now))
		return true;
	for (int i = 0; i < COPYRIGHT_ROUND_MAX; i++) {
		ARENA_AUTO(a, "copyright");
		struct round r = {.s = s, .a = a, .now = now};
		g_autoptr(GError) why = NULL;

		if (!db_tx(db, one, &r, &why)) {
			struct left l = {r.ticket, why->message};

			if (r.ticket == 0 || (!fault_is(why, FAULT_INPUT) &&
			    !fault_is(why, FAULT_CONFLICT))) {
				g_propagate_error(err,
				    g_steal_pointer(&why));
				return false;
			}
			if (!db_tx(db, leave, &l, err))
				return false;
		}
		if (r.ticket == 0)
			return true;
		(*n)++;
	}
	return true;
}
