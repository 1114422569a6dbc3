/* See deed.h. */
#include "base/base.h"
#include "core/audit.h"
#include "core/case/deed.h"
#include "core/ticket/ticket_priv.h"

enum { UNDO_MS = 300000 };

DESC_TABLE(deed, DEED);
DESC_TABLE(deed_difference, DEED_DIFFERENCE);

static const struct act {
	const char *name, *label;
	bool undoable;
} acts[] = {
#define DEED_ACT(name, label, undoable) {name, label, undoable},
#include "core/case/deed.def"
#undef DEED_ACT
};

#define BEGUN(F, S) F(S, INT, id, none) F(S, TEXT, set, none)
DESC_PRIVATE(begun, BEGUN);
#define CHANGES(F, S) F(S, INT, changes, none)
DESC_PRIVATE(changes, CHANGES);

static const struct act *
act_of(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(acts); i++)
		if (strcmp(acts[i].name, name) == 0)
			return &acts[i];
	return NULL;
}

static bool
begin(struct db *db, const struct actor *who, const char *act,
    int64_t ticket, int64_t undoes, int64_t *id, GError **err)
{
	ARENA_AUTO(a, "deed");
	struct begun b = {0};

	g_assert(db_in_tx(db) && act_of(act) != NULL);
	if (!db_one(db, a, Q_DEED_BEGIN,
		DB_ARGS(DB_INT(who->id), DB_TEXT(who->name), DB_TEXT(act),
		    DB_INT(ticket > 0 ? ticket : DESC_NULL),
		    DB_INT(undoes > 0 ? undoes : DESC_NULL)),
		&desc_begun, &b, err))
		return false;
	if (id != NULL)
		*id = b.id;
	return true;
}

bool
deed_begin(struct db *db, const struct actor *who, const char *act,
    int64_t ticket, int64_t *id, GError **err)
{
	return begin(db, who, act, ticket, 0, id, err);
}

bool
deed_resume(struct db *db, int64_t id, GError **err)
{
	ARENA_AUTO(a, "deed");
	struct begun b = {0};

	g_assert(db_in_tx(db));
	return db_one(db, a, Q_DEED_RESUME, DB_ARGS(DB_INT(id)), &desc_begun,
	    &b, err);
}

struct undo {
	const struct actor *who;
	struct arena *a;
	int64_t id, ticket;
};

static bool
undo(struct db *db, void *p, GError **err)
{
	struct undo *u = p;
	const struct act *act;
	struct deed d = {0};
	struct changes n = {0};
	bool found;

	if (!db_opt(db, u->a, Q_DEED_BY_ID, DB_ARGS(DB_INT(u->id)),
		&desc_deed, &d, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no such act to undo.");
	act = act_of(d.act);
	if (act == NULL || !act->undoable)
		return fault_set(err, FAULT_INPUT,
		    "What was done (%s) cannot be undone.",
		    act != NULL ? act->label : d.act);
	/* Two who undo at once: the second one breaks the unique key. */
	if (d.undone_by != DESC_NULL)
		return fault_set(err, FAULT_CONFLICT,
		    "This was undone already.");
	u->ticket = d.ticket;
	/* One statement goes back over all its tickets. */
	if (strcmp(d.act, "bulk") == 0 && !db_patient(db, UNDO_MS, err))
		return false;
	return begin(db, u->who, "undo", d.ticket, d.id, NULL, err) &&
	    db_one(db, u->a, Q_DEED_UNDO, DB_ARGS(DB_INT(d.id)),
		&desc_changes, &n, err) &&
	    (strcmp(d.act, "classify") != 0 ||
		ticket_type_undone(db, u->a, d.id, err)) &&
	    audit_write(db, u->who, "ticket.undo",
		d.ticket != DESC_NULL ? d.ticket : 0, 0,
		arena_printf(u->a, "deed %" PRId64, d.id), act->label, NULL,
		err);
}

bool
deed_undo(struct db *db, const struct actor *who, int64_t id,
    int64_t *ticket, GError **err)
{
	ARENA_AUTO(a, "undo");
	struct undo u = {.who = who, .a = a, .id = id};

	if (!db_tx(db, undo, &u, err)) {
		/* The function says which ticket was changed since. */
		if (err != NULL && fault_is(*err, FAULT_INPUT) &&
		    strstr((*err)->message, "since") != NULL)
			(*err)->code = FAULT_CONFLICT;
		return false;
	}
	if (ticket != NULL)
		*ticket = u.ticket;
	return true;
}

bool
deed_list(struct db *db, struct arena *a, int64_t ticket, struct list *deeds,
    GError **err)
{
	if (!db_list(db, a, Q_DEED_RECENT, DB_ARGS(DB_INT(ticket)),
		&desc_deed, deeds, err))
		return false;
	for (size_t i = 0; i < deeds->n; i++) {
		struct deed *d = LIST_AT(deed, *deeds, i);
		const struct act *act = act_of(d->act);

		d->label = act != NULL ? act->label : d->act;
		/* One ticket's page is no place to undo a thousand. */
		d->undoable = act != NULL && act->undoable &&
		    d->bulk == DESC_NULL;
	}
	return true;
}

bool
deed_differences(struct db *db, struct arena *a, int64_t ticket,
    struct list *rows, GError **err)
{
	return db_list(db, a, Q_CASE_DIFFERENCES,
	    DB_ARGS(DB_INT(ticket > 0 ? ticket : DESC_NULL)),
	    &desc_deed_difference, rows, err);
}
