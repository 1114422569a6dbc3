/* See member.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/list/roster.h"
#include "core/member/member_priv.h"

DESC_TABLE(member_prefix, MEMBER_PREFIX);
DESC_TABLE(member_name, MEMBER_NAME);
DESC_TABLE(member_contact, MEMBER_CONTACT);
DESC_TABLE(member_rule, MEMBER_RULE);
DESC_TABLE(member_scanner, MEMBER_SCANNER);
DESC_TABLE(member_full, MEMBER_FULL);
DESC_TABLE(member_item, MEMBER_ITEM);
DESC_TABLE(member_locked, MEMBER_LOCKED);

bool
member_load(struct db *db, struct arena *a, const char *handle,
    struct member_full *out, GError **err)
{
	struct member_full m = {0};

	if (!db_one(db, a, Q_MEMBER_HEAD, DB_ARGS(DB_TEXT(handle)),
		&desc_member_full, &m, err))
		return false;

	const struct {
		enum db_query query;
		const struct desc *d;
		struct list *into;
	} parts[] = {
	    {Q_MEMBER_PREFIXES, &desc_member_prefix, &m.prefixes},
	    {Q_MEMBER_NAMES, &desc_member_name, &m.names},
	    {Q_MEMBER_CONTACTS, &desc_member_contact, &m.contacts},
	    {Q_MEMBER_RULES, &desc_member_rule, &m.rules},
	    {Q_MEMBER_SCANNERS, &desc_member_scanner, &m.scanners},
	    {Q_MEMBER_TICKETS, &desc_ticket_row, &m.tickets},
	};

	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if (!db_list(db, a, parts[i].query, DB_ARGS(DB_INT(m.id)),
			parts[i].d, parts[i].into, err))
			return false;
	if (!db_list(db, a, Q_MEMBER_HISTORY, DB_ARGS(DB_TEXT(m.handle)),
		&desc_ticket_history, &m.history, err))
		return false;
	*out = m;
	return true;
}

bool
member_lock(struct db *db, struct member_act *t, GError **err)
{
	if (!db_one(db, t->a, Q_MEMBER_LOCK, DB_ARGS(DB_TEXT(t->handle)),
		&desc_member_locked, &t->row, err))
		return false;
	if (t->version != 0 && t->version != t->row.version)
		return fault_set(err, FAULT_CONFLICT,
		    "Somebody changed %s meanwhile: look at it again.",
		    t->row.name);
	return db_exec(db, Q_MEMBER_TOUCH, DB_ARGS(DB_INT(t->row.id)), NULL,
	    err);
}

bool
member_audit(struct db *db, struct member_act *t, const char *action,
    const char *old_value, const char *new_value, GError **err)
{
	return audit_write(db, t->who, action, 0, 0,
	    arena_printf(t->a, "member %s", t->handle), old_value, new_value,
	    err);
}

/* -- name and notes -- */

struct naming {
	struct member_act act;
	const char *name, *notes, *attach, *lang;
};

static bool
create(struct db *db, void *p, GError **err)
{
	struct naming *t = p;

	return db_exec(db, Q_MEMBER_NEW,
		   DB_ARGS(DB_TEXT(t->act.handle), DB_TEXT(t->name),
		       DB_TEXT(t->notes)),
		   NULL, err) &&
	    member_audit(db, &t->act, "member.new", NULL, t->name, err);
}

bool
member_new(struct db *db, const struct actor *who, const char *handle,
    const char *name, const char *notes, GError **err)
{
	ARENA_AUTO(a, "member");
	struct naming t = {{.who = who, .a = a, .handle = handle},
	    name, notes, NULL, NULL};

	return db_tx(db, create, &t, err);
}

static bool
rename_it(struct db *db, void *p, GError **err)
{
	struct naming *t = p;
	struct member_act *act = &t->act;

	return member_lock(db, act, err) &&
	    db_exec(db, Q_MEMBER_SET,
		DB_ARGS(DB_INT(act->row.id), DB_TEXT(t->name),
		    DB_TEXT(t->notes), DB_TEXT(t->attach),
		    DB_TEXT(t->lang)),
		NULL, err) &&
	    member_audit(db, act, "member.set",
		arena_printf(act->a, "%s; %s", act->row.name, act->row.notes),
		arena_printf(act->a, "%s; %s%s%s%s%s", t->name, t->notes,
		    t->attach != NULL ? "; " : "",
		    t->attach != NULL ? t->attach : "",
		    t->lang != NULL ? "; " : "",
		    t->lang != NULL ? t->lang : ""), err);
}

bool
member_set(struct db *db, const struct actor *who, const char *handle,
    int64_t version, const char *name, const char *notes, const char *attach,
    const char *lang, GError **err)
{
	ARENA_AUTO(a, "member");
	struct naming t = {{.who = who, .a = a, .handle = handle,
			       .version = version},
	    name, notes, attach, lang};

	return db_tx(db, rename_it, &t, err);
}
