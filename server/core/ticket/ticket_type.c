/* What kind of abuse a ticket is about, said by a person: see ticket.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/case/deed.h"
#include "core/intake/settle.h"
#include "core/ticket/ticket_priv.h"
#include "inspect/inspect.h"

#define TYPED(F, S) F(S, INT, number, none) F(S, TEXT, kind, none)
DESC_PRIVATE(typed, TYPED);
#define RETYPED(F, S) TYPED(F, S) F(S, TEXT, type, none)
DESC_PRIVATE(retyped, RETYPED);

struct classify {
	const struct actor *who;
	struct arena *a;
	int64_t number, version;
	const char *type;
};

static const char *
known(const char *type)
{
	size_t n;
	const char *const *types = inspect_types(&n);

	for (size_t i = 0; i < n; i++)
		if (g_strcmp0(types[i], type) == 0)
			return types[i];
	return NULL;
}

static bool
classify(struct db *db, void *p, GError **err)
{
	struct classify *t = p;
	struct ticket_locked row = {0};
	struct list changed;

	if (!ticket_lock(db, t->a, t->number, t->version, &row, err))
		return false;
	if (strcmp(row.kind, "countermeasure") == 0)
		return fault_set(err, FAULT_INPUT,
		    "A countermeasure has the type of its incident.");
	if (g_strcmp0(row.type, t->type) == 0)
		return true; /* no deed that did nothing */
	if (!deed_begin(db, t->who, "classify", t->number, NULL, err) ||
	    !db_list(db, t->a, Q_TICKET_SET_TYPE,
		DB_ARGS(DB_INT(t->number), DB_TEXT(t->type),
		    DB_TEXT(row.type)),
		&desc_typed, &changed, err))
		return false;
	for (size_t i = 0; i < changed.n; i++) {
		const struct typed *c = LIST_AT(typed, changed, i);

		if ((strcmp(c->kind, "report") == 0 &&
			!settle_score(db, t->a, c->number, t->type, err)) ||
		    !audit_write(db, t->who, "ticket.type", c->number, 0,
			NULL, row.type, t->type, err))
			return false;
	}
	return true;
}

bool
ticket_type_undone(struct db *db, struct arena *a, int64_t deed, GError **err)
{
	struct list l;

	if (!db_list(db, a, Q_TICKET_TYPED_BY, DB_ARGS(DB_INT(deed)),
		&desc_retyped, &l, err))
		return false;
	for (size_t i = 0; i < l.n; i++) {
		const struct retyped *t = LIST_AT(retyped, l, i);

		if (!settle_score(db, a, t->number, t->type, err))
			return false;
	}
	return true;
}

bool
ticket_type(struct db *db, const struct actor *who, int64_t number,
    int64_t version, const char *type, GError **err)
{
	ARENA_AUTO(a, "classify");
	struct classify t = {.who = who, .a = a, .number = number,
	    .version = version, .type = known(type)};

	if (t.type == NULL)
		return fault_set(err, FAULT_INPUT,
		    "\"%s\" is none of the types there are.", type);
	return db_tx(db, classify, &t, err);
}
