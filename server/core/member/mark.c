/* See mark.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/member/mark.h"
#include "core/member/registry.h"

DESC_TABLE(mark, MARK);

struct act {
	struct arena *a;
	const struct actor *who;
	const char *kind, *value, *verdict, *note;
};

static bool
wrong(GError **err, const char *what)
{
	return fault_set(err, FAULT_INPUT, "%s", what);
}

/* The value as it is stored. */
static bool
normalise(struct act *t, GError **err)
{
	const char *v = t->value;
	int64_t asn;

	if (strcmp(t->kind, "asn") == 0) {
		if (!text_int(text_istarts(v, "AS") ? v + 2 : v, 0,
			UINT32_MAX, &asn))
			return wrong(err, "The AS is no number.");
		t->value = arena_printf(t->a, "%" PRId64, asn);
	} else if (strcmp(t->kind, "maintainer") == 0) {
		t->value = registry_upper(t->a, v);
		if (*t->value == '\0')
			return wrong(err, "Which maintainer?");
	} else if (strcmp(t->kind, "mailbox") == 0) {
		if (!text_address_ok(v))
			return wrong(err, "The mailbox is no mail address.");
		t->value = text_lower(t->a, v);
	} else if (strcmp(t->kind, "suffix") == 0 ||
	    strcmp(t->kind, "exception") == 0) {
		if (!text_domain_ok(v))
			return wrong(err, "That is no domain name.");
		t->value = text_lower(t->a, v);
	} else {
		return wrong(err, "A mark is one of asn, maintainer, mailbox, "
				  "suffix and exception.");
	}
	return true;
}

bool
mark_list(struct db *db, struct arena *a, struct list *out, GError **err)
{
	return db_list(db, a, Q_MARK_LIST, DB_NONE, &desc_mark, out, err);
}

static bool
set(struct db *db, void *p, GError **err)
{
	struct act *t = p;

	return db_exec(db, Q_MARK_SET,
		   DB_ARGS(DB_TEXT(t->kind), DB_TEXT(t->value),
		       DB_TEXT(t->verdict), DB_TEXT(t->note)),
		   NULL, err) &&
	    audit_write(db, t->who, "mark.set", 0, 0,
		arena_printf(t->a, "mark %s %s", t->kind, t->value), NULL,
		t->verdict, err);
}

bool
mark_set(struct db *db, const struct actor *who, const struct mark *m,
    GError **err)
{
	ARENA_AUTO(a, "mark");
	struct act t = {a, who, m->kind, m->value,
	    m->verdict != NULL ? m->verdict : "confirmed",
	    m->note != NULL ? m->note : ""};

	return normalise(&t, err) && db_tx(db, set, &t, err);
}

static bool
take_away(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	int64_t n;

	if (!db_exec(db, Q_MARK_REMOVE,
		DB_ARGS(DB_TEXT(t->kind), DB_TEXT(t->value)), &n, err))
		return false;
	if (n == 0)
		return fault_set(err, FAULT_ABSENT, "There is no such mark.");
	return audit_write(db, t->who, "mark.remove", 0, 0,
	    arena_printf(t->a, "mark %s %s", t->kind, t->value), t->value,
	    NULL, err);
}

bool
mark_remove(struct db *db, const struct actor *who, const char *kind,
    const char *value, GError **err)
{
	ARENA_AUTO(a, "mark");
	struct act t = {.a = a, .who = who, .kind = kind, .value = value};

	return normalise(&t, err) && db_tx(db, take_away, &t, err);
}
