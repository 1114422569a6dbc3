/* See restrict.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/case/deed.h"
#include "core/ticket/restrict.h"
#include "core/ticket/ticket_priv.h"

DESC_TABLE(restrict_reader, RESTRICT_READER);

#define TOTAL(F, S) F(S, INT, total, none)
DESC_PRIVATE(total, TOTAL);
#define SCOPE(F, S) F(S, INT, number, none) F(S, BOOL, restricted, none)
DESC_PRIVATE(scope, SCOPE);

bool
restrict_readers(struct db *db, struct arena *a, int64_t number,
    struct list *readers, GError **err)
{
	return db_list(db, a, Q_RESTRICT_READERS, DB_ARGS(DB_INT(number)),
	    &desc_restrict_reader, readers, err);
}

bool
restrict_people(struct db *db, struct arena *a, int64_t number,
    struct list *people, GError **err)
{
	return db_list(db, a, Q_RESTRICT_PEOPLE, DB_ARGS(DB_INT(number)),
	    &desc_restrict_reader, people, err);
}

bool
restrict_list(struct db *db, struct arena *a, int64_t page, struct list *rows,
    int64_t *total, GError **err)
{
	struct total t = {0};

	if (!db_list(db, a, Q_RESTRICT_LIST, DB_ARGS(DB_INT(page)),
		&desc_ticket_row, rows, err) ||
	    !db_one(db, a, Q_RESTRICT_TOTAL, DB_NONE, &desc_total, &t, err))
		return false;
	*total = t.total;
	return true;
}

struct act {
	const struct actor *who;
	struct arena *a;
	int64_t number, version;
	const char *why;
	const char *const *readers;
	bool whole_case;
	/* found out under the lock */
	struct list scope;
	const char *const *numbers; /* of scope, for arrays */
	const char *const *ids;     /* of who is named */
	const char *names;
};

/* Locked, with all that goes with it. */
static bool
begin(struct db *db, struct act *t, struct ticket_locked *row, GError **err)
{
	const char **n;

	if (!ticket_lock(db, t->a, t->number, t->version, row, err) ||
	    !db_list(db, t->a, Q_RESTRICT_SCOPE,
		DB_ARGS(DB_INT(t->number), DB_BOOL(t->whole_case)),
		&desc_scope, &t->scope, err))
		return false;
	n = ARENA_ARRAY(t->a, const char *, t->scope.n + 1);
	for (size_t i = 0; i < t->scope.n; i++)
		n[i] = arena_printf(t->a, "%" PRId64,
		    LIST_AT(scope, t->scope, i)->number);
	t->numbers = n;
	return true;
}

static bool
is_restricted(const struct act *t)
{
	for (size_t i = 0; i < t->scope.n; i++) {
		const struct scope *s = LIST_AT(scope, t->scope, i);

		if (s->number == t->number)
			return s->restricted;
	}
	return false;
}

static const struct restrict_reader *
by_name(const struct list *people, const char *name)
{
	for (size_t i = 0; i < people->n; i++) {
		const struct restrict_reader *p =
		    LIST_AT(restrict_reader, *people, i);

		if (g_ascii_strcasecmp(p->email, name) == 0)
			return p;
	}
	return NULL;
}

/* Fills ids and names: the actor, then who was named. */
static bool
look_up(struct db *db, struct act *t, GError **err)
{
	GPtrArray *lower = arena_ptr_array(t->a);
	GPtrArray *ids = arena_ptr_array(t->a);
	GString *names = arena_gstring(t->a);
	static const char *const nobody[] = {NULL};
	const char *const *r = t->readers != NULL ? t->readers : nobody;
	struct list people;

	for (size_t i = 0; r[i] != NULL; i++)
		g_ptr_array_add(lower, text_lower(t->a, r[i]));
	g_ptr_array_add(lower, NULL);
	if (!db_list(db, t->a, Q_RESTRICT_NAMED,
		DB_ARGS(DB_TEXTS((const char *const *)lower->pdata),
		    DB_TEXTS(r)),
		&desc_restrict_reader, &people, err))
		return false;
	for (size_t i = 0; r[i] != NULL; i++)
		if (by_name(&people, r[i]) == NULL)
			return fault_set(err, FAULT_INPUT,
			    "There is nobody \"%s\" at this desk.",
			    text_cut(t->a, r[i], 100));
	g_ptr_array_add(ids, arena_printf(t->a, "%" PRId64, t->who->id));
	g_string_append(names, t->who->name);
	for (size_t i = 0; i < people.n; i++) {
		const struct restrict_reader *p =
		    LIST_AT(restrict_reader, people, i);

		if (p->id == t->who->id)
			continue;
		g_ptr_array_add(ids, arena_printf(t->a, "%" PRId64, p->id));
		g_string_append_printf(names, ", %s", p->name);
	}
	g_ptr_array_add(ids, NULL);
	t->ids = (const char *const *)ids->pdata;
	t->names = names->str;
	return true;
}

/* On each, so that the history of each says why it is gone from lists. */
static bool
audit_all(struct db *db, const struct act *t, const char *action,
    const char *old, const char *new, GError **err)
{
	for (size_t i = 0; i < t->scope.n; i++) {
		int64_t n = LIST_AT(scope, t->scope, i)->number;

		if (!audit_write(db, t->who, action, n, 0, n == t->number
			? t->why
			: arena_printf(t->a, "with ticket %" PRId64,
			      t->number),
			old, new, err))
			return false;
	}
	return true;
}

static bool
set(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct ticket_locked row = {0};
	bool was;
	int64_t lead;

	if (!begin(db, t, &row, err) ||
	    !group_lead(db, t->a, t->number, &lead, err))
		return false;
	if (lead != DESC_NULL)
		return fault_set(err, FAULT_INPUT, "It is one of several "
		    "reports of the same: take it out first, or restrict "
		    "#%" PRId64 ", which stands for them.", lead);
	was = is_restricted(t);
	return look_up(db, t, err) &&
	    deed_begin(db, t->who, was ? "readers" : "restrict", t->number,
		NULL, err) &&
	    db_exec(db, Q_RESTRICT_ADD,
		DB_ARGS(DB_TEXTS(t->numbers), DB_TEXTS(t->ids),
		    DB_INT(t->who->id)),
		NULL, err) &&
	    (t->readers == NULL ||
		db_exec(db, Q_RESTRICT_KEEP,
		    DB_ARGS(DB_TEXTS(t->numbers), DB_TEXTS(t->ids)), NULL,
		    err)) &&
	    db_exec(db, Q_RESTRICT_MARK,
		DB_ARGS(DB_TEXTS(t->numbers), DB_TEXT(t->why)), NULL, err) &&
	    audit_all(db, t, was ? "ticket.readers" : "ticket.restrict", NULL,
		arena_printf(t->a, "shown to %s%s", t->names,
		    t->readers == NULL && was ? " and others" : ""),
		err);
}

bool
restrict_to(struct db *db, const struct actor *who, int64_t number,
    int64_t version, const char *why, const char *const *readers,
    bool whole_case, GError **err)
{
	ARENA_AUTO(a, "restrict");
	struct act t = {.who = who, .a = a, .number = number,
	    .version = version, .why = text_blank(why) ? NULL : why,
	    .readers = readers, .whole_case = whole_case};

	if (who->id <= 0)
		return fault_set(err, FAULT_INPUT,
		    "Only somebody who can see it again restricts a ticket.");
	return db_tx(db, set, &t, err);
}

static bool
lift(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct ticket_locked row = {0};

	if (!begin(db, t, &row, err))
		return false;
	if (!is_restricted(t))
		return fault_set(err, FAULT_CONFLICT,
		    "Ticket #%" PRId64 " is not restricted.", t->number);
	return deed_begin(db, t->who, "unrestrict", t->number, NULL, err) &&
	    db_exec(db, Q_RESTRICT_UNMARK, DB_ARGS(DB_TEXTS(t->numbers)),
		NULL, err) &&
	    db_exec(db, Q_RESTRICT_DROP, DB_ARGS(DB_TEXTS(t->numbers)), NULL,
		err) &&
	    audit_all(db, t, "ticket.unrestrict", "restricted",
		"shown to everybody at the desk", err);
}

bool
restrict_lift(struct db *db, const struct actor *who, int64_t number,
    int64_t version, bool whole_case, GError **err)
{
	ARENA_AUTO(a, "lift");
	struct act t = {.who = who, .a = a, .number = number,
	    .version = version, .whole_case = whole_case};

	return db_tx(db, lift, &t, err);
}

static bool
break_glass(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct ticket_locked row = {0};
	int64_t hit;

	if (!begin(db, t, &row, err))
		return false;
	if (!is_restricted(t))
		return fault_set(err, FAULT_INPUT,
		    "Ticket #%" PRId64 " is not restricted: you see it.",
		    t->number);
	if (!deed_begin(db, t->who, "glass", t->number, NULL, err) ||
	    !db_exec(db, Q_RESTRICT_GLASS,
		DB_ARGS(DB_INT(t->number), DB_INT(t->who->id),
		    DB_TEXT(t->why)),
		&hit, err))
		return false;
	return hit == 0 ||
	    audit_write(db, t->who, "ticket.glass", t->number, 0, NULL, NULL,
		t->why, err);
}

bool
restrict_break_glass(struct db *db, const struct actor *who, int64_t number,
    const char *reason, GError **err)
{
	ARENA_AUTO(a, "glass");
	struct act t = {.who = who, .a = a, .number = number, .why = reason};

	if ((int)who->role < (int)ROLE_ADMIN)
		return fault_set(err, FAULT_DENIED,
		    "This needs the role admin.");
	if (text_blank(reason))
		return fault_set(err, FAULT_INPUT,
		    "Say why: it stays on the ticket.");
	return db_tx(db, break_glass, &t, err);
}
