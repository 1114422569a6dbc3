/* Grouping of reports: /desk/windows and /api/v1/windows. */
#include "base/base.h"
#include "base/text.h"
#include "core/intake/window.h"
#include "http/form.h"
#include "http/route.h"

static const struct form_field window_fields[] = {
    {"type", FORM_LINE, 200},
    {"span", FORM_LINE, 40, .required = true, .label = "the time"},
    {"escalate_at", FORM_LINE, 20, .label = "the number of reports"},
};
const struct form form_window = FORM(window_fields);

static const struct form_field window_remove_fields[] = {
    {"type", FORM_LINE, 200, .required = true, .label = "the type"},
};
const struct form form_window_remove = FORM(window_remove_fields);

#define WINDOWS_VIEW(F, S)                                                    \
	PAGE(F, S)                                                            \
	F(S, LIST, windows, window)                                           \
	F(S, PAGE_BOOL, may_decide, none)                                     \
	F(S, PAGE_TEXT, type, none)                                           \
	F(S, PAGE_TEXT, type_error, none)                                     \
	F(S, PAGE_TEXT, span, none)                                           \
	F(S, PAGE_TEXT, span_error, none)                                     \
	F(S, PAGE_TEXT, escalate_at, none)                                    \
	F(S, PAGE_TEXT, escalate_at_error, none)
DESC_STRUCT(windows_view, WINDOWS_VIEW);
DESC_TABLE(windows_view, WINDOWS_VIEW);

#define WINDOW_SAID(F, S) PAGE(F, S) F(S, TEXT, type, none)
DESC_STRUCT(window_said, WINDOW_SAID);
DESC_TABLE(window_said, WINDOW_SAID);

static bool
show(struct req *r, unsigned status, struct windows_view *v, GError **err)
{
	v->page_title = "Grouping";
	v->may_decide = req_may(r, ROLE_LEAD);
	return window_list(r->db, r->a, &v->windows, err) &&
	    reply_view(r, status, "page/windows.html", &desc_windows_view, v);
}

bool
page_windows(struct req *r, GError **err)
{
	struct windows_view v = {0};

	return show(r, 200, &v, err);
}

static const char *
type_of(struct req *r)
{
	const char *type = form_get(r, "type");

	return text_blank(type) ? "" : text_squash(r->a, type);
}

bool
act_window(struct req *r, GError **err)
{
	struct windows_view shown = {0};
	struct window w = {.type = type_of(r)};
	struct window_said v = {.type = w.type};
	g_autoptr(GError) why = NULL;
	const char *field = "span";

	if (form_has(r, "span") && !window_read_span(
		text_squash(r->a, form_get(r, "span")), &w.minutes))
		form_error(r, "span", "Write it as 3 d, 12 h, 90 min or "
		    "never; at most %d d.", WINDOW_DAYS_MAX);
	form_int(r, "escalate_at", 2, WINDOW_ESCALATE_MAX, DESC_NULL,
	    &w.escalate_at);
	if (form_ok(r) && window_set(r->db, &r->actor, &w, &field, &why))
		return reply_done(r, "/desk/windows", "Reports that come in "
		    "from now on are grouped so.", 200, &desc_window_said,
		    &v);
	if (why != NULL && !fault_is(why, FAULT_INPUT)) {
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	if (why != NULL)
		form_error(r, field, "%s", why->message);
	form_fill(r, &desc_windows_view, &shown);
	return show(r, 422, &shown, err);
}

bool
act_window_remove(struct req *r, GError **err)
{
	struct windows_view shown = {0};
	struct window_said v = {.type = type_of(r)};

	if (!form_ok(r))
		return show(r, 422, &shown, err);
	return window_remove(r->db, &r->actor, v.type, err) &&
	    reply_done(r, "/desk/windows",
		"For that type counts what is said of the others.", 200,
		&desc_window_said, &v);
}
