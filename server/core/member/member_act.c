/* What a member gets, and what ends: see member.h. */
#include "base/base.h"
#include "base/net.h"
#include "base/text.h"
#include "base/when.h"
#include "core/list/roster.h"
#include "core/member/member_priv.h"
#include "core/member/registry.h"

enum { ITEM_TEXT_MAX = 500 };

struct act {
	struct member_act m;
	const struct member_item *item;
	const char *what, *key, *at;
	const char *field; /* what is wrong with the item */
	/* checked */
	int64_t from, to, port_from, port_to;
	const char *prefix, *type, *role;
};

static bool G_GNUC_PRINTF(4, 5)
wrong(struct act *t, const char *field, GError **err, const char *fmt, ...)
{
	g_autofree char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	t->field = field;
	return fault_set(err, FAULT_INPUT, "%s", text);
}

static const char *
or_null(const char *s)
{
	return s == NULL || *s == '\0' ? NULL : s;
}

/* A day alone begins at midnight UTC. */
static bool
read_time(const char *s, int64_t *out)
{
	char full[WHEN_TEXT_MAX];

	*out = DESC_NULL;
	if (or_null(s) == NULL)
		return true;
	g_snprintf(full, sizeof(full), "%s%s", s,
	    strlen(s) == 10 ? "T00:00:00Z" : "");
	return when_parse_rfc3339(full, out);
}

static bool
check_period(struct act *t, GError **err)
{
	static const char hint[] =
	    "Write a day (2026-11-23) or a time (2026-11-23T04:10:00Z).";

	if (!read_time(t->item->from, &t->from))
		return wrong(t, "from", err, "%s", hint);
	if (!read_time(t->item->to, &t->to))
		return wrong(t, "to", err, "%s", hint);
	if (t->to != DESC_NULL &&
	    t->to <= (t->from != DESC_NULL ? t->from : INT64_MIN + 1))
		return wrong(t, "to", err, "The end is not after the begin.");
	return true;
}

static bool
check_prefix(struct act *t, bool needed, GError **err)
{
	const char *s = or_null(t->item->prefix);
	struct net net;

	t->prefix = NULL;
	if (s == NULL && !needed)
		return true;
	if (s == NULL || !net_parse(s, true, &net))
		return wrong(t, "prefix", err, "Write a prefix such as "
		    "192.0.2.0/24, with nothing behind its length.");
	/* (A rule may be about all addresses of a family.) */
	if (needed && net_too_wide(&net))
		return wrong(t, "prefix", err,
		    "Nobody has a net that is wider than /8.");
	t->prefix = net_text(t->m.a, &net);
	return true;
}

/* "class" or "class/type" */
static bool
check_type(struct act *t, GError **err)
{
	const char *s = or_null(t->item->type);

	t->type = s;
	if (s == NULL || g_regex_match_simple("^[a-z-]+(/[a-z0-9-]+)?$", s,
			     G_REGEX_DOLLAR_ENDONLY, 0))
		return true;
	return wrong(t, "type", err, "Write a class of RSIT, or class/type: "
	    "fraud, fraud/copyright.");
}

static bool
check_role(struct act *t, GError **err)
{
	static const char *const roles[] = {"cert", "security", "copyright",
	    "management", "technical"};

	t->role = or_null(t->item->role);
	for (size_t i = 0; i < COUNT_OF(roles); i++)
		if (t->role != NULL && strcmp(t->role, roles[i]) == 0)
			return true;
	return wrong(t, "role", err, "Choose one of the roles.");
}

static bool
check_email(struct act *t, GError **err)
{
	return text_address_ok(t->item->email) ||
	    wrong(t, "email", err, "This is no mail address.");
}

/* -- what a member gets -- */

#define HELD(F, S)                                                            \
	F(S, INT, id, none)                                                   \
	F(S, INT, organisation_id, none)                                      \
	F(S, TEXT, handle, none)                                              \
	F(S, TIME, since, none)                                               \
	F(S, TIME, until, none)
DESC_PRIVATE(held, HELD);

static bool
add_prefix(struct db *db, struct act *t, GError **err)
{
	struct list rows;

	if (!check_prefix(t, true, err) || !check_period(t, err) ||
	    !db_list(db, t->m.a, Q_PREFIX_OVERLAPS,
		DB_ARGS(DB_TEXT(t->prefix), DB_TIME(t->from),
		    DB_TIME(t->to)),
		&desc_held, &rows, err))
		return false;
	if (rows.n > 0) {
		const struct held *h = LIST_AT(held, rows, 0);

		return wrong(t, "prefix", err, "%s has %s %s%s: end that "
		    "first, or begin later.", h->handle, t->prefix,
		    h->since != DESC_NULL ? "since " : "since ever",
		    h->since != DESC_NULL ? when_rfc3339(t->m.a, h->since)
					  : "");
	}
	return db_exec(db, Q_PREFIX_ADD,
	    DB_ARGS(DB_TEXT(t->prefix), DB_INT(t->m.row.id),
		DB_TIME(t->from), DB_TIME(t->to), DB_NULL),
	    NULL, err);
}

#define OWNER(F, S) F(S, INT, id, none) F(S, TEXT, handle, none)              \
	F(S, TEXT, name, none)
DESC_PRIVATE(owner, OWNER);

static bool
add_domain(struct db *db, struct act *t, GError **err)
{
	const char *domain = text_lower(t->m.a, t->item->value);
	struct owner old = {0};
	bool found;

	if (!text_domain_ok(domain))
		return wrong(t, "value", err, "This is no domain.");
	if (!db_opt(db, t->m.a, Q_ORGANISATION_DOMAIN_OF,
		DB_ARGS(DB_TEXT(domain)), &desc_owner, &old, &found, err))
		return false;
	if (found)
		return wrong(t, "value", err, "%s has it: take it away there "
		    "first.", old.handle);
	return db_exec(db, Q_ORGANISATION_DOMAIN_SET,
	    DB_ARGS(DB_TEXT(domain), DB_INT(t->m.row.id)), NULL, err);
}

static bool
add_alias(struct db *db, struct act *t, GError **err)
{
	if (text_blank(t->item->value))
		return wrong(t, "value", err, "Write the name as the registry "
		    "has it.");
	return db_exec(db, Q_ORGANISATION_ALIAS_SET,
	    DB_ARGS(DB_TEXT(t->item->what),
		DB_TEXT(registry_upper(t->m.a, t->item->value)),
		DB_INT(t->m.row.id)),
	    NULL, err);
}

static bool
add_contact(struct db *db, struct act *t, GError **err)
{
	const struct member_item *i = t->item;

	return check_role(t, err) && check_email(t, err) &&
	    db_exec(db, Q_CONTACT_SET,
		DB_ARGS(DB_INT(t->m.row.id), DB_TEXT(t->role),
		    DB_TEXT(i->name), DB_TEXT(i->email), DB_TEXT(i->phone)),
		NULL, err) &&
	    roster_sync_contacts(db, t->m.who, NULL, NULL, err);
}

static bool
add_rule(struct db *db, struct act *t, GError **err)
{
	const struct member_item *i = t->item;
	const char *email = or_null(i->email);

	if (!check_prefix(t, false, err) || !check_type(t, err) ||
	    !check_period(t, err))
		return false;
	if (t->prefix == NULL && t->type == NULL)
		return wrong(t, "prefix", err, "For which addresses or which "
		    "type? Fill one of them, or both.");
	if (email != NULL && or_null(i->role) != NULL)
		return wrong(t, "email", err, "Either the contacts of a role "
		    "or one address, not both.");
	if (!(email != NULL ? check_email(t, err) : check_role(t, err)))
		return false;
	return db_exec(db, Q_MEMBER_RULE_ADD,
	    DB_ARGS(DB_INT(t->m.row.id), DB_TEXT(t->prefix),
		DB_TEXT(t->type), DB_TEXT(t->role), DB_TEXT(email),
		DB_TEXT(i->name), DB_TEXT(i->reason), DB_TIME(t->from),
		DB_TIME(t->to)),
	    NULL, err);
}

/* "22" or "1-1024" */
static bool
check_ports(struct act *t, GError **err)
{
	const char *s = or_null(t->item->ports);
	g_auto(GStrv) ends = NULL;

	t->port_from = t->port_to = DESC_NULL;
	if (s == NULL)
		return true;
	ends = g_strsplit(s, "-", 2);
	if (text_int(ends[0], 0, 65535, &t->port_from) &&
	    text_int(ends[1] != NULL ? ends[1] : ends[0], t->port_from, 65535,
		&t->port_to))
		return true;
	return wrong(t, "ports", err, "Write a port or a range: 22, 1-1024.");
}

static bool
add_scanner(struct db *db, struct act *t, GError **err)
{
	if (!check_prefix(t, true, err) || !check_type(t, err) ||
	    !check_ports(t, err) || !check_period(t, err))
		return false;
	if (text_blank(t->item->reason))
		return wrong(t, "reason", err, "Why may it scan?");
	return db_exec(db, Q_MEMBER_SCANNER_ADD,
	    DB_ARGS(DB_INT(t->m.row.id), DB_TEXT(t->prefix),
		DB_TEXT(t->type), DB_INT(t->port_from), DB_INT(t->port_to),
		DB_TEXT(t->item->reason), DB_TIME(t->from), DB_TIME(t->to)),
	    NULL, err);
}

/* -- what ends -- */

#define ENDED(F, S) F(S, TEXT, value, none)
DESC_PRIVATE(ended, ENDED);

static bool
end_row(struct db *db, struct act *t, enum db_query q,
    struct ended *out, bool *found, GError **err)
{
	int64_t id, at;

	if (!text_int(t->key, 1, INT64_MAX / 2, &id))
		return fault_set(err, FAULT_ABSENT, "There is no such entry.");
	if (!read_time(t->at, &at))
		return fault_set(err, FAULT_INPUT,
		    "Write a day (2026-11-23) or a time "
		    "(2026-11-23T04:10:00Z).");
	return db_opt(db, t->m.a, q,
	    DB_ARGS(DB_INT(t->m.row.id), DB_INT(id), DB_TIME(at)),
	    &desc_ended, out, found, err);
}

static bool
end_domain(struct db *db, struct act *t, enum db_query q,
    struct ended *out, bool *found, GError **err)
{
	return db_opt(db, t->m.a, q,
	    DB_ARGS(DB_INT(t->m.row.id), DB_TEXT(t->key)), &desc_ended, out,
	    found, err);
}

static bool
end_alias(struct db *db, struct act *t, enum db_query q,
    struct ended *out, bool *found, GError **err)
{
	return db_opt(db, t->m.a, q,
	    DB_ARGS(DB_INT(t->m.row.id), DB_TEXT(t->what), DB_TEXT(t->key)),
	    &desc_ended, out, found, err);
}

static const struct what {
	const char *name;
	bool (*add)(struct db *db, struct act *t, GError **err);
	bool (*end)(struct db *db, struct act *t, enum db_query q,
	    struct ended *out, bool *found, GError **err);
	enum db_query end_query;
} whats[] = {
    {"prefix", add_prefix, end_row, Q_MEMBER_PREFIX_END},
    {"contact", add_contact, end_row, Q_MEMBER_CONTACT_END},
    {"rule", add_rule, end_row, Q_MEMBER_RULE_END},
    {"scanner", add_scanner, end_row, Q_MEMBER_SCANNER_END},
    {"domain", add_domain, end_domain, Q_MEMBER_DOMAIN_END},
    {"org", add_alias, end_alias, Q_MEMBER_ALIAS_END},
    {"netname", add_alias, end_alias, Q_MEMBER_ALIAS_END},
};

static const struct what *
what_of(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(whats); i++)
		if (name != NULL && strcmp(whats[i].name, name) == 0)
			return &whats[i];
	return NULL;
}

/* What was given, in one line for the audit trail. */
static const char *
told(struct act *t)
{
	const struct member_item *i = t->item;
	const char *parts[] = {i->value, i->prefix, i->type, i->ports, i->role,
	    i->email, i->name, i->phone, i->reason};
	GString *s = arena_gstring(t->m.a);

	for (size_t k = 0; k < COUNT_OF(parts); k++)
		if (or_null(parts[k]) != NULL)
			g_string_append_printf(s, "%s%s", s->len > 0 ? ", " :
			    "", parts[k]);
	if (or_null(i->from) != NULL)
		g_string_append_printf(s, ", from %s", i->from);
	if (or_null(i->to) != NULL)
		g_string_append_printf(s, ", to %s", i->to);
	return s->str;
}

static bool
do_add(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	const struct what *w = what_of(t->what);

	return member_lock(db, &t->m, err) && w->add(db, t, err) &&
	    member_audit(db, &t->m,
		arena_printf(t->m.a, "member.%s", w->name), NULL, told(t),
		err);
}

bool
member_add(struct db *db, const struct actor *who, const char *handle,
    int64_t version, const struct member_item *item, const char **field,
    GError **err)
{
	ARENA_AUTO(a, "member");
	struct act t = {
	    .m = {.who = who, .a = a, .handle = handle, .version = version},
	    .item = item,
	    .what = item->what,
	};
	const char *const texts[] = {item->value, item->name, item->phone,
	    item->reason};
	bool ok;

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (strlen(texts[i]) > ITEM_TEXT_MAX)
			return fault_set(err, FAULT_LARGE,
			    "More than %d bytes of text.", ITEM_TEXT_MAX);
	if (what_of(item->what) == NULL) {
		*field = "what";
		return fault_set(err, FAULT_INPUT, "Say what is added: prefix, domain, org, netname, "
		    "contact, rule or scanner.");
	}
	ok = db_tx(db, do_add, &t, err);
	*field = t.field;
	return ok;
}

static bool
do_end(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	const struct what *w = what_of(t->what);
	struct ended row = {0};
	bool found = false;

	if (!member_lock(db, &t->m, err) ||
	    !w->end(db, t, w->end_query, &row, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no such entry, or it ended before.");
	return roster_sync_contacts(db, t->m.who, NULL, NULL, err) &&
	    member_audit(db, &t->m,
		arena_printf(t->m.a, "member.%s.end", w->name), row.value,
		t->at, err);
}

bool
member_end(struct db *db, const struct actor *who, const char *handle,
    int64_t version, const char *what, const char *key, const char *at,
    GError **err)
{
	ARENA_AUTO(a, "member");
	struct act t = {
	    .m = {.who = who, .a = a, .handle = handle, .version = version},
	    .what = what,
	    .key = key,
	    .at = at,
	};

	if (what_of(what) == NULL)
		return fault_set(err, FAULT_INPUT, "Say what ends: prefix, domain, org, netname, contact, "
		    "rule or scanner.");
	return db_tx(db, do_end, &t, err);
}
