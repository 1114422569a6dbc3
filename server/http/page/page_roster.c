/* The lists on the desk: who is on them, adding, removing, importing. */
#include "base/base.h"
#include "base/text.h"
#include "core/list/roster.h"
#include "http/route.h"

enum { IMPORT_MAX = 4 * FORM_MIB };

static const struct form_field add_fields[] = {
	{"email", FORM_LINE, 320, .label = "the address"},
	{"name", FORM_LINE, 1000, .label = "the name"},
	/* its owner asked to come back after leaving */
	{"again", FORM_LINE, 10},
};
const struct form form_subscriber = FORM(add_fields);

static const struct form_field remove_fields[] = {
	{"email", FORM_LINE, 320, .required = true, .label = "the address"},
};
const struct form form_subscriber_remove = FORM(remove_fields);

static const struct form_field import_fields[] = {
	{"file", FORM_FILE, IMPORT_MAX, .label = "the file"},
	{"csv", FORM_TEXT, IMPORT_MAX, .label = "the addresses"},
	{"apply", FORM_LINE, 10},
};
const struct form form_subscriber_import = FORM(import_fields);

#define DESK_LISTS_VIEW(F, S) LIST_VIEW(F, S, roster_list)                    \
	F(S, LIST, uncovered, roster_uncovered)
DESC_STRUCT(desk_lists_view, DESK_LISTS_VIEW);
DESC_TABLE(desk_lists_view, DESK_LISTS_VIEW);

#define SUBSCRIBERS_VIEW(F, S) LIST_VIEW(F, S, roster_subscriber)             \
	F(S, TEXT, list, none)                                                \
	F(S, TEXT, policy, none)                                              \
	F(S, PAGE_TEXT, title, none)                                          \
	F(S, PAGE_TEXT, description, none)                                    \
	F(S, PAGE_TEXT, q, none)                                              \
	F(S, PAGE_BOOL, status_any, none)                                     \
	F(S, PAGE_BOOL, status_active, none)                                  \
	F(S, PAGE_BOOL, status_pending, none)                                 \
	F(S, PAGE_BOOL, status_suspended, none)                               \
	F(S, PAGE_BOOL, status_left, none)                                    \
	F(S, PAGE_TEXT, email, none)                                          \
	F(S, PAGE_TEXT, email_error, none)                                    \
	F(S, PAGE_TEXT, new_name, none)                                       \
	F(S, PAGE_BOOL, ask_again, none) /* the address left before */
DESC_STRUCT(subscribers_view, SUBSCRIBERS_VIEW);
DESC_TABLE(subscribers_view, SUBSCRIBERS_VIEW);

#define SUBSCRIBED_VIEW(F, S) PAGE(F, S)                                      \
	F(S, TEXT, list, none)                                                \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, status, none)
DESC_STRUCT(subscribed_view, SUBSCRIBED_VIEW);
DESC_TABLE(subscribed_view, SUBSCRIBED_VIEW);

#define SUBSCRIBER_IMPORT_VIEW(F, S) PAGE(F, S) ROSTER_IMPORT(F, S)           \
	F(S, PAGE_BOOL, looked, none)  /* there is a difference to show */    \
	F(S, PAGE_BOOL, can_apply, none)                                      \
	F(S, PAGE_TEXT, csv, none)                                            \
	F(S, PAGE_TEXT, csv_error, none)
DESC_STRUCT(subscriber_import_view, SUBSCRIBER_IMPORT_VIEW);
DESC_TABLE(subscriber_import_view, SUBSCRIBER_IMPORT_VIEW);

static const char *
desk_path(struct req *r, const char *list)
{
	return arena_printf(r->a, "/desk/lists/%s", list);
}

bool
page_desk_lists(struct req *r, GError **err)
{
	struct desk_lists_view v = {.page_title = "Lists"};

	if (!roster_lists(r->db, r->a, &v.items, err) ||
	    !roster_uncovered(r->db, r->a, &v.uncovered, err))
		return false;
	v.total = (int64_t)v.items.n;
	return reply_list(r, "page/desk_lists.html", &desc_desk_lists_view,
	    &v, 0, MAX(v.total, 1));
}

/* -- subscribers -- */

static bool
show(struct req *r, unsigned status, struct subscribers_view *v,
    GError **err)
{
	const char *list = req_param(r, "name");
	struct roster_list l = {0};
	const char *which = NULL;
	int64_t page = 0;

	if (r->form == NULL) { /* a GET */
		which = req_query(r, "status");
		v->q = req_query(r, "q");
		if (!req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err))
			return false;
	}
	if (!roster_list_find(r->db, r->a, list, &l, err) ||
	    !roster_subscribers(r->db, r->a, list, which, v->q, page,
		&v->items, &v->total, err))
		return false;
	v->list = l.name;
	v->title = l.title;
	v->description = l.description;
	v->policy = l.policy;
	v->page_title = l.title;
	v->status_any = g_strcmp0(which, "any") == 0;
	v->status_active = g_strcmp0(which, "active") == 0;
	v->status_pending = g_strcmp0(which, "pending") == 0;
	v->status_suspended = g_strcmp0(which, "suspended") == 0;
	v->status_left = g_strcmp0(which, "left") == 0;
	if (r->form != NULL)
		return reply_view(r, status, "page/subscribers.html",
		    &desc_subscribers_view, v);
	return reply_list(r, "page/subscribers.html", &desc_subscribers_view,
	    v, page, ROSTER_PAGE);
}

bool
page_subscribers(struct req *r, GError **err)
{
	struct subscribers_view v = {0};

	return show(r, 200, &v, err);
}

bool
page_subscriber_add(struct req *r, GError **err)
{
	const char *list = req_param(r, "name");
	const char *email = form_get(r, "email");
	struct subscribers_view again = {.email = email,
		.new_name = form_get(r, "name")};
	struct subscribed_view v = {.list = list, .email = email,
		.status = "active"};
	g_autoptr(GError) why = NULL;

	if (!form_has(r, "email"))
		form_error(r, "email", "Enter an address.");
	else if (!roster_add(r->db, &r->actor, list, email,
		     form_get(r, "name"), form_has(r, "again"), &why)) {
		if (!fault_is(why, FAULT_INPUT) &&
		    !(fault_is(why, FAULT_CONFLICT) &&
			r->face == FACE_PAGE)) {
			g_propagate_error(err, g_steal_pointer(&why));
			return false;
		}
		form_error(r, "email", "%s", why->message);
		again.ask_again = fault_is(why, FAULT_INPUT) &&
		    text_address_ok(email);
	}
	if (form_ok(r))
		return reply_done(r, desk_path(r, list),
		    arena_printf(r->a, "%s is on the list.", email), 201,
		    &desc_subscribed_view, &v);
	again.email_error = form_error_of(r, "email");
	if (r->face == FACE_API) /* answers the problems */
		return reply_view(r, 422, NULL, &desc_subscribed_view, &v);
	return show(r, 422, &again, err);
}

bool
page_subscriber_remove(struct req *r, GError **err)
{
	const char *list = req_param(r, "name");
	const char *email = form_get(r, "email");
	struct subscribed_view v = {.list = list, .email = email,
		.status = "left"};

	if (form_ok(r) &&
	    !roster_remove(r->db, r->site, &r->actor, list, email, err))
		return false;
	return reply_done(r, desk_path(r, list),
	    form_ok(r) ? arena_printf(r->a, "%s is off the list.", email) :
			 "Nothing was changed: the address was missing.",
	    200, &desc_subscribed_view, &v);
}

/* -- import: first the difference, then the same text again with "apply" -- */

bool
page_subscriber_import(struct req *r, GError **err)
{
	struct subscriber_import_view v = {0};
	struct roster_list l = {0};

	if (!roster_list_find(r->db, r->a, req_param(r, "name"), &l, err))
		return false;
	v.list = l.name;
	v.page_title = arena_printf(r->a, "Import into %s", l.name);
	return reply_view(r, 200, "page/subscriber_import.html",
	    &desc_subscriber_import_view, &v);
}

static const char *
import_text(struct req *r)
{
	size_t n = 0;
	const struct form_file *f = form_files(r, "file", &n);

	/* As text from here on: the second step sends it back as a field. */
	if (n > 0 && f[0].len > 0) {
		g_autofree char *utf8 = NULL;
		gsize len = 0;

		if (!g_utf8_validate_len(f[0].bytes, f[0].len, NULL))
			utf8 = g_convert(f[0].bytes, (gssize)f[0].len,
			    "UTF-8", "WINDOWS-1252", NULL, &len, NULL);
		return utf8 != NULL ? arena_strndup(r->a, utf8, len) :
		    text_repair(r->a, f[0].bytes, f[0].len);
	}
	return form_has(r, "csv") ? form_get(r, "csv") : NULL;
}

bool
page_subscriber_import_post(struct req *r, GError **err)
{
	const char *list = req_param(r, "name");
	const char *csv = import_text(r);
	bool dry = !form_has(r, "apply") || form_is(r, "apply", "no");
	struct subscriber_import_view v = {.list = list, .csv = csv};
	struct roster_import im = {0};
	g_autoptr(GError) why = NULL;
	bool ok = false;

	v.page_title = arena_printf(r->a, "Import into %s", list);
	if (csv == NULL)
		form_error(r, "csv", "Choose a file or paste the addresses.");
	if (form_ok(r)) {
		ok = roster_import_csv(r->db, r->a, &r->actor, list, csv,
		    strlen(csv), dry, &im, &why);
		if (!ok && !fault_is(why, FAULT_INPUT) &&
		    !fault_is(why, FAULT_LARGE)) {
			g_propagate_error(err, g_steal_pointer(&why));
			return false;
		}
		if (!ok)
			form_error(r, "csv", "%s", why->message);
	}
	if (!ok) {
		v.csv_error = form_error_of(r, "csv");
		return reply_view(r, 422, "page/subscriber_import.html",
		    &desc_subscriber_import_view, &v);
	}
	desc_copy(&desc_roster_import, &im, &desc_subscriber_import_view, &v);
	if (v.applied)
		return reply_done(r, desk_path(r, list),
		    arena_printf(r->a, "%" PRId64 " addresses are new on the "
			"list, %" PRId64 " became active.", v.added,
			v.confirmed),
		    200, &desc_subscriber_import_view, &v);
	v.looked = true;
	v.can_apply = v.bad == 0 && v.added + v.confirmed > 0;
	return reply_view(r, 200, "page/subscriber_import.html",
	    &desc_subscriber_import_view, &v);
}
