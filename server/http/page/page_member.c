/* Members on the desk: the list, one member, and the acts on it. */
#include "base/base.h"
#include "base/lang.h"
#include "base/net.h"
#include "base/text.h"
#include "core/member/member.h"
#include "http/page/page_desk.h"

enum {
	MEMBERS_PAGE = 50,
	FIELD_MAX = 500,
	NOTES_MAX = 10000,
	MEANWHILE_MAX = 8, /* acts of others that are shown */
};

#define MEMBER_ROW(F, S)                                                      \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, handle, none)                                              \
	F(S, TEXT, name, none)                                                \
	F(S, INT, prefixes, none)                                             \
	F(S, TEXT, nets, none)              /* the first few */               \
	F(S, TEXT, contacts, none)                                            \
	F(S, INT, open, none)
DESC_STRUCT(member_row, MEMBER_ROW);
DESC_TABLE(member_row, MEMBER_ROW);

#define MEMBERS_VIEW(F, S)                                                    \
	LIST_VIEW(F, S, member_row)                                           \
	F(S, PAGE_TEXT, q, none)                                              \
	F(S, PAGE_TEXT, handle, none)       /* of a new one, as typed */      \
	F(S, PAGE_TEXT, name, none)                                           \
	F(S, PAGE_TEXT, handle_error, none)                                   \
	F(S, PAGE_TEXT, name_error, none)
DESC_STRUCT(members_view, MEMBERS_VIEW);
DESC_TABLE(members_view, MEMBERS_VIEW);

/* What was typed into one of the forms, beside the member as it is. */
#define MEMBER_VIEW(F, S)                                                     \
	PAGE(F, S)                                                            \
	MEMBER_FULL(F, S)                                                     \
	F(S, PAGE_OBJECT, typed, member_typed)                                \
	F(S, PAGE_LIST, attaches, desk_option)                                \
	F(S, PAGE_LIST, roles, desk_option)                                   \
	F(S, PAGE_LIST, kinds, desk_option) /* of names */                    \
	F(S, PAGE_BOOL, late, none)         /* somebody was faster */         \
	F(S, PAGE_LIST, meanwhile, ticket_history)                            \
	F(S, PAGE_BOOL, again_prefix, none) /* which form to open */          \
	F(S, PAGE_BOOL, again_contact, none)                                  \
	F(S, PAGE_BOOL, again_rule, none)                                     \
	F(S, PAGE_BOOL, again_scanner, none)                                  \
	F(S, PAGE_BOOL, again_name, none)                                     \
	F(S, PAGE_BOOL, again_set, none)
/* "name" and others stand in the page already. */
#define MEMBER_TYPED(F, S)                                                    \
	F(S, TEXT, what, none)                                                \
	F(S, TEXT, as_value, none)                                            \
	F(S, TEXT, as_prefix, none)                                           \
	F(S, TEXT, as_type, none)                                             \
	F(S, TEXT, as_email, none)                                            \
	F(S, TEXT, as_name, none)                                             \
	F(S, TEXT, as_phone, none)                                            \
	F(S, TEXT, as_ports, none)                                            \
	F(S, TEXT, as_reason, none)                                           \
	F(S, TEXT, as_from, none)                                             \
	F(S, TEXT, as_to, none)                                               \
	F(S, TEXT, as_notes, none)                                            \
	F(S, TEXT, as_lang, none)                                             \
	F(S, TEXT, as_role, none)                                             \
	F(S, TEXT, as_attach, none)
DESC_STRUCT(member_typed, MEMBER_TYPED);
DESC_STRUCT(member_view, MEMBER_VIEW);
DESC_TABLE(member_typed, MEMBER_TYPED);
DESC_TABLE(member_view, MEMBER_VIEW);

#define MEMBER_CHANGED(F, S)                                                  \
	F(S, TEXT, handle, none)                                              \
	F(S, INT, version, none)
DESC_STRUCT(member_changed, MEMBER_CHANGED);
DESC_TABLE(member_changed, MEMBER_CHANGED);

#define TOTAL(F, S) F(S, INT, total, none)
DESC_PRIVATE(total, TOTAL);

static const struct form_field new_fields[] = {
    {"handle", FORM_LINE, 60, .required = true, .label = "the handle"},
    {"name", FORM_LINE, FIELD_MAX, .required = true, .label = "the name"},
    {"notes", FORM_TEXT, NOTES_MAX},
};
const struct form form_member_new = FORM(new_fields);

static const struct form_field set_fields[] = {
    {"name", FORM_LINE, FIELD_MAX, .required = true, .label = "the name"},
    {"notes", FORM_TEXT, NOTES_MAX},
    {"attach", FORM_LINE, 10},
    {"lang", FORM_LINE, 60, .label = "the language"},
    {"version", FORM_LINE, 20},
};
const struct form form_member_set = FORM(set_fields);

static const struct form_field add_fields[] = {
    {"what", FORM_LINE, 20, .required = true},
    {"value", FORM_LINE, FIELD_MAX},
    {"prefix", FORM_LINE, 60},
    {"type", FORM_LINE, 100},
    {"role", FORM_LINE, 20},
    {"email", FORM_LINE, 320},
    {"name", FORM_LINE, FIELD_MAX},
    {"phone", FORM_LINE, 60},
    {"ports", FORM_LINE, 20},
    {"reason", FORM_LINE, FIELD_MAX},
    {"from", FORM_LINE, 40},
    {"to", FORM_LINE, 40},
    {"version", FORM_LINE, 20},
};
const struct form form_member_add = FORM(add_fields);

static const struct form_field end_fields[] = {
    {"what", FORM_LINE, 20, .required = true},
    {"key", FORM_LINE, FIELD_MAX, .required = true},
    {"at", FORM_LINE, 40},
    {"version", FORM_LINE, 20},
};
const struct form form_member_end = FORM(end_fields);

/* -- the list -- */

static bool
show_list(struct req *r, unsigned status, struct members_view *v,
    int64_t page, GError **err)
{
	const char *words = v->q, *addr = NULL;
	struct total t = {0};
	struct net net;

	if (words != NULL && net_parse(words, false, &net)) {
		addr = net_text(r->a, &net);
		words = NULL;
	}
	if (!db_list(r->db, r->a, Q_ORGANISATION_LIST,
		DB_ARGS(DB_INT(page), DB_TEXT(words), DB_TEXT(addr)),
		&desc_member_row, &v->items, err) ||
	    !db_one(r->db, r->a, Q_ORGANISATION_TOTAL,
		DB_ARGS(DB_TEXT(words), DB_TEXT(addr)), &desc_total, &t, err))
		return false;
	v->page_title = "Members";
	v->total = t.total;
	if (status != 200)
		return reply_view(r, status, "page/members.html",
		    &desc_members_view, v);
	return reply_list(r, "page/members.html", &desc_members_view, v, page,
	    MEMBERS_PAGE);
}

bool
page_members(struct req *r, GError **err)
{
	struct members_view v = {.q = req_query(r, "q")};
	int64_t page;

	return req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err) &&
	    show_list(r, 200, &v, page, err);
}

/* -- one member -- */

static const char *
path_of(struct req *r, const char *handle)
{
	return arena_printf(r->a, "/desk/members/%s", handle);
}

static const struct desk_option attaches[] = {
    {"csv", "one CSV file", false},
    {"xarf", "XARF 4, a file each", false},
    {"both", "both", false},
}, roles[] = {
    {"security", "security", false},
    {"cert", "cert: a CERT of its own", false},
    {"copyright", "copyright", false},
    {"management", "management", false},
    {"technical", "technical", false},
}, kinds[] = {
    {"domain", "domain", false},
    {"org", "organisation handle of a registry", false},
    {"netname", "netname", false},
};

static struct list
options(struct arena *a, const struct desk_option *o, size_t n,
    const char *chosen)
{
	struct list l = {arena_memdup(a, o, n * sizeof(*o)), n};

	for (size_t i = 0; i < n; i++)
		LIST_AT(desk_option, l, i)->chosen =
		    g_strcmp0(o[i].value, chosen) == 0;
	return l;
}

static bool
attach_known(const char *attach)
{
	for (size_t i = 0; i < COUNT_OF(attaches); i++)
		if (strcmp(attaches[i].value, attach) == 0)
			return true;
	return false;
}

/* What others did since the version that was seen; the history has the newest
 * first. */
static struct list
since(const struct member_full *m, int64_t seen)
{
	int64_t n = MIN(m->version - seen, MEANWHILE_MAX);

	return (struct list){m->history.items,
	    (size_t)CLAMP(n, 0, (int64_t)m->history.n)};
}

/* typed, what: of the form that is shown again, or NULL; late: the version that
 * it was made of, when there is another by now, or 0. */
static bool
show(struct req *r, unsigned status, struct member_typed *typed,
    const char *what, int64_t late, GError **err)
{
	struct member_view v = {.typed = typed, .late = late != 0};
	struct member_full m = {0};

	if (!member_load(r->db, r->a, req_param(r, "handle"), &m, err))
		return false;
	desc_copy(&desc_member_full, &m, &desc_member_view, &v);
	v.page_title = m.name;
	if (v.late)
		v.meanwhile = since(&m, late);
	v.attaches = options(r->a, attaches, COUNT_OF(attaches),
	    typed != NULL && typed->as_attach != NULL ? typed->as_attach
						      : m.attach);
	v.roles = options(r->a, roles, COUNT_OF(roles),
	    typed != NULL ? typed->as_role : NULL);
	v.kinds = options(r->a, kinds, COUNT_OF(kinds), what);
	if (what != NULL) {
		v.again_prefix = strcmp(what, "prefix") == 0;
		v.again_contact = strcmp(what, "contact") == 0;
		v.again_rule = strcmp(what, "rule") == 0;
		v.again_scanner = strcmp(what, "scanner") == 0;
		v.again_set = strcmp(what, "set") == 0;
		for (size_t i = 0; i < COUNT_OF(kinds); i++)
			v.again_name |= strcmp(what, kinds[i].value) == 0;
	}
	return reply_view(r, status, "page/member.html", &desc_member_view,
	    &v);
}

/* An act that was refused: whoever changed the member meanwhile is no error
 * page, but the member as it is now, beside what was typed. */
static bool
refused(struct req *r, struct member_typed *typed, const char *what,
    int64_t version, GError **why, GError **err)
{
	if (r->face == FACE_PAGE && version != 0 &&
	    fault_is(*why, FAULT_CONFLICT))
		return show(r, 409, typed, what, version, err);
	g_propagate_error(err, g_steal_pointer(why));
	return false;
}

bool
page_member(struct req *r, GError **err)
{
	return show(r, 200, NULL, NULL, 0, err);
}

/* -- acts -- */

static bool
done(struct req *r, const char *handle, unsigned status, const char *flash,
    GError **err)
{
	struct member_changed v = {.handle = handle};
	struct member_full m = {0};

	if (r->face == FACE_API) {
		if (!member_load(r->db, r->a, handle, &m, err))
			return false;
		v.version = m.version;
	}
	return reply_done(r, path_of(r, handle), flash, status,
	    &desc_member_changed, &v);
}

static bool
read_version(struct req *r, int64_t *version)
{
	return form_int(r, "version", 0, INT64_MAX / 2, 0, version);
}

bool
page_member_new(struct req *r, GError **err)
{
	const char *handle = form_get(r, "handle");
	struct members_view v = {0};
	g_autoptr(GError) why = NULL;

	if (form_ok(r) &&
	    !g_regex_match_simple("^[a-z0-9][a-z0-9-]*$", handle,
		G_REGEX_DOLLAR_ENDONLY, 0))
		form_error(r, "handle", "A handle is small letters, digits "
		    "and hyphens: univ-north.");
	if (form_ok(r) &&
	    !member_new(r->db, &r->actor, handle, form_get(r, "name"),
		form_get(r, "notes"), &why)) {
		if (!fault_is(why, FAULT_CONFLICT)) {
			g_propagate_error(err, g_steal_pointer(&why));
			return false;
		}
		form_error(r, "handle", "There is a member with this handle.");
	}
	if (form_ok(r))
		return done(r, handle, 201, "The member is on record.", err);
	v.handle = handle;
	v.name = form_get(r, "name");
	v.handle_error = form_error_of(r, "handle");
	v.name_error = form_error_of(r, "name");
	return show_list(r, 422, &v, 0, err);
}

bool
page_member_set(struct req *r, GError **err)
{
	const char *handle = req_param(r, "handle");
	const char *attach = form_has(r, "attach") ? form_get(r, "attach")
						   : NULL;
	const char *lang = form_has(r, "lang")
	    ? lang_norm(r->a, form_get(r, "lang")) : NULL;
	struct member_typed typed = {.what = "set",
	    .as_name = form_get(r, "name"),
	    .as_notes = form_get(r, "notes"),
	    .as_lang = form_get(r, "lang"),
	    .as_attach = attach};
	g_autoptr(GError) why = NULL;
	int64_t version;

	if (form_has(r, "lang") && lang == NULL)
		form_error(r, "lang", "Write the language as a tag: en, de, "
		    "cy-GB.");
	if (attach != NULL && !attach_known(attach))
		form_error(r, "attach", "Rows go as csv, xarf or both.");
	if (!read_version(r, &version) || !form_ok(r))
		return show(r, 422, &typed, typed.what, 0, err);
	if (!member_set(r->db, &r->actor, handle, version,
		form_get(r, "name"), form_get(r, "notes"), attach, lang,
		&why))
		return refused(r, &typed, typed.what, version, &why, err);
	return done(r, handle, 200, "Saved.", err);
}

bool
page_member_add(struct req *r, GError **err)
{
	const char *handle = req_param(r, "handle"), *field = NULL;
	struct member_item item = {
	    .what = form_get(r, "what"),
	    .value = form_get(r, "value"),
	    .prefix = form_get(r, "prefix"),
	    .type = form_get(r, "type"),
	    .role = form_get(r, "role"),
	    .email = form_get(r, "email"),
	    .name = form_get(r, "name"),
	    .phone = form_get(r, "phone"),
	    .ports = form_get(r, "ports"),
	    .reason = form_get(r, "reason"),
	    .from = form_get(r, "from"),
	    .to = form_get(r, "to"),
	};
	struct member_typed typed = {item.what, item.value, item.prefix,
	    item.type, item.email, item.name, item.phone, item.ports,
	    item.reason, item.from, item.to, NULL, NULL, item.role, NULL};
	g_autoptr(GError) why = NULL;
	int64_t version;

	if (read_version(r, &version) && form_ok(r) &&
	    !member_add(r->db, &r->actor, handle, version, &item, &field,
		&why)) {
		if (!fault_is(why, FAULT_INPUT) || field == NULL)
			return refused(r, &typed, item.what, version, &why,
			    err);
		form_error(r, field, "%s", why->message);
	}
	if (form_ok(r))
		return done(r, handle, 201, "Added.", err);
	return show(r, 422, &typed, item.what, 0, err);
}

bool
page_member_end(struct req *r, GError **err)
{
	const char *handle = req_param(r, "handle");
	g_autoptr(GError) why = NULL;
	int64_t version;

	if (!read_version(r, &version) || !form_ok(r))
		return show(r, 422, NULL, NULL, 0, err);
	if (!member_end(r->db, &r->actor, handle, version,
		form_get(r, "what"), form_get(r, "key"), form_get(r, "at"),
		&why))
		return refused(r, NULL, NULL, version, &why, err);
	return done(r, handle, 200, "Ended; the history keeps it.", err);
}
