/* What the timer does to countermeasures: see case.h. */
#include "base/base.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/case/case.h"
#include "core/ticket/ticket_priv.h"

enum { ROUND_MAX = 500 };

static const struct actor self = {.name = "timer"};

#define OVER(F, S) TICKET_LOCKED(F, S) F(S, TIME, expires, none)
DESC_PRIVATE(over, OVER);

struct round {
	struct arena *a;
	bool found;
};

/* Nobody's deed: the log of the ticket has it all the same, and what a
 * person did stays what is undone next. */
static bool
one(struct db *db, void *p, GError **err)
{
	struct round *r = p;
	struct ticket_locked row = {0};
	struct over o = {0};

	if (!db_opt(db, r->a, Q_CASE_EXPIRED, DB_NONE, &desc_over, &o,
		&r->found, err))
		return false;
	if (!r->found)
		return true;
	desc_copy(&desc_over, &o, &desc_ticket_locked, &row);
	return ticket_move_within(db, &self, &row, "pending removal", NULL,
		   err) &&
	    db_exec(db, Q_CASE_EXPIRED_DUE, DB_ARGS(DB_INT(row.number)),
		NULL, err) &&
	    audit_write(db, &self, "ticket.expired", row.number, 0, NULL,
		NULL, when_rfc3339(r->a, o.expires), err);
}

bool
case_expire(struct db *db, int64_t *n, GError **err)
{
	*n = 0;
	for (int i = 0; i < ROUND_MAX; i++) {
		ARENA_AUTO(a, "expire");
		struct round r = {.a = a};

		if (!db_tx(db, one, &r, err))
			return false;
		if (!r.found)
			return true;
		(*n)++;
	}
	return true;
}
