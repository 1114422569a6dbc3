/* Who sees a restricted ticket: /desk/tickets/N/restrict, /desk/restricted. */
#include "base/base.h"
#include "base/text.h"
#include "core/ticket/restrict.h"
#include "http/counts.h"
#include "http/form.h"
#include "http/page/page_ticket.h"

static const struct form_field restrict_fields[] = {
    {"readers", FORM_LIST, 320, 60},
    {"why", FORM_LINE, RESTRICT_WHY_MAX, .label = "The reason"},
    {"whole_case", FORM_LINE, 10},
    {"version", FORM_LINE, 20},
    {"since", FORM_LINE, 20},
};
const struct form form_restrict = FORM(restrict_fields);

static const struct form_field glass_fields[] = {
    {"number", FORM_LINE, 20, .required = true, .label = "the number of the ticket"},
    {"why", FORM_LINE, RESTRICT_WHY_MAX, .required = true, .label = "why you have to see it"},
};
const struct form form_glass = FORM(glass_fields);

#define RESTRICT_VIEW(F, S)                                                   \
	PAGE(F, S)                                                            \
	F(S, INT, number, none)                                               \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, subject, none)                                             \
	F(S, BOOL, restricted, none)                                          \
	F(S, TEXT, why, none)                                                 \
	F(S, INT, version, none)                                              \
	F(S, LIST, readers, restrict_reader)                                  \
	F(S, PAGE_LIST, people, restrict_reader)                              \
	F(S, PAGE_TEXT, me, none)       /* my address, or name of a token */  \
	F(S, PAGE_BOOL, in_case, none)                                        \
	F(S, PAGE_TEXT, readers_error, none)
DESC_STRUCT(restrict_view, RESTRICT_VIEW);
DESC_TABLE(restrict_view, RESTRICT_VIEW);

#define RESTRICTED_VIEW(F, S)                                                 \
	LIST_VIEW(F, S, ticket_row)                                           \
	F(S, PAGE_BOOL, may_break, none)                                      \
	F(S, PAGE_TEXT, number, none)                                         \
	F(S, PAGE_TEXT, number_error, none)                                   \
	F(S, PAGE_TEXT, why, none)                                            \
	F(S, PAGE_TEXT, why_error, none)
DESC_STRUCT(restricted_view, RESTRICTED_VIEW);
DESC_TABLE(restricted_view, RESTRICTED_VIEW);

static bool
is_named(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (g_ascii_strcasecmp(*names, name) == 0)
			return true;
	return false;
}

/* What was ticked stays ticked. */
static void
keep_ticks(struct req *r, struct list *people)
{
	const char *const *names = form_list(r, "readers", NULL);

	for (size_t i = 0; i < people->n; i++) {
		struct restrict_reader *p =
		    LIST_AT(restrict_reader, *people, i);

		p->reads = is_named(names, p->email);
	}
}

/* Who asks is named in any case. */
static void
leave_out_me(const struct req *r, struct list *people)
{
	size_t n = 0;

	for (size_t i = 0; i < people->n; i++) {
		struct restrict_reader *p =
		    LIST_AT(restrict_reader, *people, i);

		if (p->id != r->actor.id)
			*LIST_AT(restrict_reader, *people, n++) = *p;
	}
	people->n = n;
}

static bool
show(struct req *r, unsigned status, int64_t number, GError **err)
{
	struct restrict_view v = {0};
	struct ticket_full t = {0};

	if (!ticket_load(r->db, r->a, number, &t, err) ||
	    (t.restricted &&
		!restrict_readers(r->db, r->a, number, &v.readers, err)) ||
	    (r->face == FACE_PAGE &&
		!restrict_people(r->db, r->a, number, &v.people, err)))
		return false;
	leave_out_me(r, &v.people);
	v.page_title = arena_printf(r->a, "Who sees #%" PRId64, number);
	v.number = number;
	v.kind = t.kind;
	v.subject = t.subject;
	v.restricted = t.restricted;
	v.why = t.restricted_why;
	v.version = t.version;
	v.in_case = t.is_incident || t.incidents.n > 0;
	v.me = r->actor.email != NULL ? r->actor.email : r->actor.name;
	if (!form_ok(r)) {
		keep_ticks(r, &v.people);
		v.why = form_get(r, "why");
		v.readers_error = form_error_of(r, "readers");
	}
	return reply_view(r, status, "page/restrict.html",
	    &desc_restrict_view, &v);
}

bool
page_restrict(struct req *r, GError **err)
{
	int64_t number;

	return req_param_int(r, "number", &number, err) &&
	    show(r, 200, number, err);
}

/* The API is told who sees it now; who took himself out cannot be here. */
static bool
done(struct req *r, int64_t number, const char *flash, GError **err)
{
	counts_forget(r);
	if (r->face == FACE_API)
		return show(r, 200, number, err);
	return reply_see_other(r,
	    arena_printf(r->a, "/desk/tickets/%" PRId64, number), flash);
}

/* A name that is not known is an error of its field. */
static bool
refused(struct req *r, int64_t number, const char *undone, GError **why,
    GError **err)
{
	if (!fault_is(*why, FAULT_INPUT))
		return ticket_late(r, number, NULL, undone, NULL, why, err);
	form_error(r, "readers", "%s", (*why)->message);
	return show(r, 422, number, err);
}

bool
act_restrict(struct req *r, GError **err)
{
	g_autoptr(GError) why = NULL;
	int64_t number, version;
	const char *const *readers;
	size_t n;

	if (!req_param_int(r, "number", &number, err))
		return false;
	readers = form_list(r, "readers", &n);
	if (!form_int(r, "version", 0, INT64_MAX / 2, 0, &version) ||
	    !form_ok(r))
		return show(r, 422, number, err);
	if (!restrict_to(r->db, &r->actor, number, version,
		form_get(r, "why"), n > 0 ? readers : NULL,
		form_has(r, "whole_case"), &why))
		return refused(r, number,
		    "who sees it was not changed", &why, err);
	return done(r, number,
	    "Only those who are named see this ticket now.", err);
}

bool
act_unrestrict(struct req *r, GError **err)
{
	g_autoptr(GError) why = NULL;
	int64_t number, version;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!form_int(r, "version", 0, INT64_MAX / 2, 0, &version) ||
	    !form_ok(r))
		return show(r, 422, number, err);
	if (!restrict_lift(r->db, &r->actor, number, version,
		form_has(r, "whole_case"), &why))
		return refused(r, number, "its restriction was not lifted",
		    &why, err);
	return done(r, number, "Everybody at the desk sees this ticket now.",
	    err);
}

static bool
show_list(struct req *r, unsigned status, GError **err)
{
	struct restricted_view v = {.page_title = "Restricted tickets"};
	int64_t page = 0;

	if ((r->route->method == ROUTE_GET &&
		!req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err)) ||
	    !restrict_list(r->db, r->a, page, &v.items, &v.total, err))
		return false;
	v.may_break = req_may(r, ROLE_ADMIN);
	if (!form_ok(r))
		form_fill(r, &desc_restricted_view, &v);
	if (status != 200)
		return reply_view(r, status, "page/restricted.html",
		    &desc_restricted_view, &v);
	return reply_list(r, "page/restricted.html", &desc_restricted_view,
	    &v, page, RESTRICT_PAGE);
}

bool
page_restricted(struct req *r, GError **err)
{
	return show_list(r, 200, err);
}

bool
act_glass(struct req *r, GError **err)
{
	g_autoptr(GError) why = NULL;
	const char *s = form_get(r, "number");
	int64_t number;
	bool ok;

	if (form_has(r, "number") &&
	    !text_int(*s == '#' ? s + 1 : s, 1, INT64_MAX / 2, &number))
		form_error(r, "number",
		    "Write the number of a ticket, as 4711.");
	if (!form_ok(r))
		return show_list(r, 422, err);
	/* sees all: who may name himself does not see it yet. */
	db_as(r->db, DB_HOUSE);
	ok = restrict_break_glass(r->db, &r->actor, number,
	    form_get(r, "why"), &why);
	db_as(r->db, r->actor.id);
	if (ok)
		return done(r, number,
		    "You see it from now on; your reason stays on it.", err);
	if (r->face == FACE_API ||
	    !(fault_is(why, FAULT_ABSENT) || fault_is(why, FAULT_INPUT))) {
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	form_error(r, "number", "%s", why->message);
	return show_list(r, 422, err);
}
