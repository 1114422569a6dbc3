/* See group.h. */
#include "base/base.h"
#include "core/audit.h"
#include "core/intake/group.h"

/* In one transaction, and in one call: a flood of reports is sorted in
 * pieces, and the timer's other work comes in between. */
enum { SWEEP_PIECE = 200, SWEEP_PIECES = 5 };

DESC_TABLE(group_report, GROUP_REPORT);
DESC_TABLE(group_related, GROUP_RELATED);

#define LOOKED(F, S) F(S, INT, looked, none)
DESC_PRIVATE(looked, LOOKED);
#define LEAD(F, S) F(S, INT, grouped_into, none)
DESC_PRIVATE(lead, LEAD);

bool
group_sweep(struct db *db, GError **err)
{
	ARENA_AUTO(a, "group");
	struct looked l = {.looked = SWEEP_PIECE};

	for (int i = 0; i < SWEEP_PIECES && l.looked == SWEEP_PIECE; i++)
		if (!db_one(db, a, Q_GROUP_SWEEP, DB_ARGS(DB_INT(SWEEP_PIECE)),
			&desc_looked, &l, err))
			return false;
	return true;
}

bool
group_of(struct db *db, struct arena *a, int64_t number,
    struct list *reports, GError **err)
{
	if (!db_list(db, a, Q_GROUP_OF,
		DB_ARGS(DB_INT(number), DB_INT(GROUP_SHOWN)),
		&desc_group_report, reports, err))
		return false;
	for (size_t i = 0; i < reports->n; i++) {
		struct group_report *g = LIST_AT(group_report, *reports, i);

		g->answered = g->answers > 0;
	}
	return true;
}

void
group_split(const struct list *reports, struct list *head, struct list *rest)
{
	*head = *rest = *reports;
	head->n = MIN(reports->n, GROUP_HEAD);
	rest->n = reports->n - head->n;
	if (rest->n > 0)
		rest->items = LIST_AT(group_report, *reports, head->n);
}

bool
group_related_to(struct db *db, struct arena *a, int64_t number,
    struct list *related, GError **err)
{
	return db_list(db, a, Q_GROUP_RELATED,
	    DB_ARGS(DB_INT(number), DB_INT(GROUP_RELATED_SHOWN)),
	    &desc_group_related, related, err);
}

bool
group_lead(struct db *db, struct arena *a, int64_t number, int64_t *lead,
    GError **err)
{
	struct lead l = {0};
	bool found;

	if (!db_opt(db, a, Q_GROUP_LEAD, DB_ARGS(DB_INT(number)), &desc_lead,
		&l, &found, err))
		return false;
	*lead = found ? l.grouped_into : DESC_NULL;
	return true;
}

bool
group_close(struct db *db, const struct actor *who, int64_t lead,
    const char *status, GError **err)
{
	return db_exec(db, Q_GROUP_CLOSE,
	    DB_ARGS(DB_INT(lead), DB_TEXT(status), DB_INT(who->id),
		DB_TEXT(who->name)),
	    NULL, err);
}

bool
group_take_out(struct db *db, const struct actor *who, int64_t number,
    int64_t lead, GError **err)
{
	ARENA_AUTO(a, "take out");
	int64_t hit;

	if (!db_exec(db, Q_GROUP_TAKE_OUT,
		DB_ARGS(DB_INT(number), DB_INT(lead)), &hit, err))
		return false;
	if (hit == 0)
		return fault_set(err, FAULT_CONFLICT,
		    "Ticket #%" PRId64 " left its group meanwhile.", number);
	return audit_write(db, who, "group.take_out", number, 0, NULL,
		   arena_printf(a, "#%" PRId64, lead), NULL, err) &&
	    audit_write(db, who, "group.take_out", lead, 0,
		arena_printf(a, "ticket %" PRId64, number), NULL, NULL, err);
}
