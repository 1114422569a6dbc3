/* What else is ours: /desk/marks and /api/v1/marks. */
#include "base/base.h"
#include "base/text.h"
#include "core/mark.h"
#include "http/form.h"
#include "http/page_desk.h"

enum { MARK_VALUE_MAX = 320, MARK_NOTE_MAX = 500 };

static const struct {
	const char *value, *label;
} kinds[] = {
    {"asn", "AS that announces it"},
    {"maintainer", "maintainer of registry objects"},
    {"mailbox", "abuse mailbox of registry objects"},
    {"suffix", "names below a domain"},
    {"exception", "names that are not, though below one"},
};

static const struct form_field mark_fields[] = {
    {"kind", FORM_LINE, 20, .required = true, .label = "what marks it"},
    {"value", FORM_LINE, MARK_VALUE_MAX, .required = true, .label = "the value"},
    {"verdict", FORM_LINE, 20},
    {"note", FORM_LINE, MARK_NOTE_MAX},
};
const struct form form_mark = FORM(mark_fields);

static const struct form_field mark_remove_fields[] = {
    {"kind", FORM_LINE, 20, .required = true, .label = "what marks it"},
    {"value", FORM_LINE, MARK_VALUE_MAX, .required = true, .label = "the value"},
};
const struct form form_mark_remove = FORM(mark_remove_fields);

#define MARKS_VIEW(F, S)                                                      \
	PAGE(F, S)                                                            \
	F(S, LIST, marks, mark)                                               \
	F(S, PAGE_BOOL, may_decide, none)                                     \
	F(S, PAGE_LIST, kinds, desk_option)                                   \
	F(S, PAGE_TEXT, value, none)                                          \
	F(S, PAGE_TEXT, value_error, none)                                    \
	F(S, PAGE_BOOL, probable, none)                                       \
	F(S, PAGE_TEXT, note, none)
DESC_STRUCT(marks_view, MARKS_VIEW);
DESC_TABLE(marks_view, MARKS_VIEW);

#define MARK_SAID(F, S)                                                       \
	PAGE(F, S)                                                            \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, value, none)
DESC_STRUCT(mark_said, MARK_SAID);
DESC_TABLE(mark_said, MARK_SAID);

static bool
show(struct req *r, unsigned status, struct marks_view *v, GError **err)
{
	v->page_title = "What else is ours";
	v->may_decide = req_may(r, ROLE_LEAD);
	v->kinds.items = ARENA_ARRAY(r->a, struct desk_option,
	    COUNT_OF(kinds));
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		*LIST_AT(desk_option, v->kinds, i) = (struct desk_option){
		    kinds[i].value, kinds[i].label,
		    status != 200 && form_is(r, "kind", kinds[i].value)};
	v->kinds.n = COUNT_OF(kinds);
	return mark_list(r->db, r->a, &v->marks, err) &&
	    reply_view(r, status, "page/marks.html", &desc_marks_view, v);
}

bool
page_marks(struct req *r, GError **err)
{
	struct marks_view v = {0};

	return show(r, 200, &v, err);
}

/* What was wrong with it is told beside the value. */
static bool
refused(struct req *r, bool probable, GError *why, GError **err)
{
	struct marks_view shown = {.probable = probable};

	if (why != NULL && !fault_is(why, FAULT_INPUT)) {
		g_propagate_error(err, g_error_copy(why));
		return false;
	}
	if (why != NULL)
		form_error(r, "value", "%s", why->message);
	form_fill(r, &desc_marks_view, &shown);
	return show(r, 422, &shown, err);
}

bool
act_mark(struct req *r, GError **err)
{
	bool probable = form_is(r, "verdict", "probable");
	const struct mark m = {
	    .kind = form_get(r, "kind"),
	    .value = form_get(r, "value"),
	    .verdict = probable ? "probable" : "confirmed",
	    .note = form_get(r, "note"),
	};
	struct mark_said v = {.kind = m.kind, .value = m.value};
	g_autoptr(GError) why = NULL;

	if (form_ok(r) && mark_set(r->db, &r->actor, &m, &why))
		return reply_done(r, "/desk/marks", "Kept. It counts for what "
		    "comes in from now on.", 201, &desc_mark_said, &v);
	return refused(r, probable, why, err);
}

bool
act_mark_remove(struct req *r, GError **err)
{
	struct mark_said v = {.kind = form_get(r, "kind"),
	    .value = form_get(r, "value")};
	g_autoptr(GError) why = NULL;

	if (form_ok(r) &&
	    mark_remove(r->db, &r->actor, v.kind, v.value, &why))
		return reply_done(r, "/desk/marks", "That makes nothing ours "
		    "any more.", 200, &desc_mark_said, &v);
	return refused(r, false, why, err);
}
