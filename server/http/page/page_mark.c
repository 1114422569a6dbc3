/* What else is ours: /desk/marks and /api/v1/marks. */
#include "base/base.h"
#include "base/text.h"
#include "core/member/mark.h"
#include "http/form.h"
#include "http/page/page_desk.h"

enum { MARK_VALUE_MAX = 320, MARK_NOTE_MAX = 500 };

static const struct kind {
	const char *value, *label, *says, *example;
} kinds[] = {
    {"asn", "AS", "every address that it announces", "AS64496"},
    {"maintainer", "Maintainer", "the nets in a registry that it maintains",
	"EXAMPLE-MNT"},
    {"mailbox", "Abuse mailbox", "the nets in a registry that name it",
	"abuse@example.net"},
    {"suffix", "Domain", "it and every name below it", "ac.example"},
    {"exception", "Not ours", "a name below such a domain that is "
	"somebody else's", "guest.ac.example"},
};

/* A mark in words; what it is called in tables stays for the API. */
#define MARK_ROW(F, S)                                                        \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, label, none)                                               \
	F(S, TEXT, value, none)                                               \
	F(S, TEXT, says, none)                                                \
	F(S, TEXT, note, none)                                                \
	F(S, BOOL, probable, none)                                            \
	F(S, BOOL, excepts, none)
DESC_STRUCT(mark_row, MARK_ROW);
DESC_TABLE(mark_row, MARK_ROW);

#define MARK_KIND(F, S)                                                       \
	F(S, TEXT, value, none)                                               \
	F(S, TEXT, label, none)                                               \
	F(S, TEXT, says, none)                                                \
	F(S, TEXT, example, none)                                             \
	F(S, BOOL, chosen, none)
DESC_STRUCT(mark_kind, MARK_KIND);
DESC_TABLE(mark_kind, MARK_KIND);

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
	F(S, PAGE_LIST, rows, mark_row)                                       \
	F(S, PAGE_LIST, kinds, mark_kind)                                     \
	F(S, PAGE_TEXT, kind_error, none)                                     \
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

static const struct kind *
kind_of(const char *value)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(kinds[i].value, value) == 0)
			return &kinds[i];
	return NULL;
}

static void
fill_rows(struct req *r, struct marks_view *v)
{
	v->rows.items = ARENA_ARRAY(r->a, struct mark_row,
	    MAX(v->marks.n, 1));
	for (; v->rows.n < v->marks.n; v->rows.n++) {
		const struct mark *m = LIST_AT(mark, v->marks, v->rows.n);
		const struct kind *k = kind_of(m->kind);

		*LIST_AT(mark_row, v->rows, v->rows.n) = (struct mark_row){
		    .kind = m->kind, .value = m->value,
		    .note = m->note,
		    .label = k != NULL ? k->label : m->kind,
		    .says = k != NULL ? k->says : NULL,
		    .excepts = strcmp(m->kind, "exception") == 0,
		    .probable = g_strcmp0(m->verdict, "probable") == 0};
	}
}

static bool
show(struct req *r, unsigned status, struct marks_view *v, GError **err)
{
	v->page_title = "What else is ours";
	v->may_decide = req_may(r, ROLE_LEAD);
	v->kinds.items = ARENA_ARRAY(r->a, struct mark_kind,
	    COUNT_OF(kinds));
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		*LIST_AT(mark_kind, v->kinds, i) = (struct mark_kind){
		    kinds[i].value, kinds[i].label, kinds[i].says,
		    kinds[i].example,
		    status == 200 ? i == 0 :
		    form_is(r, "kind", kinds[i].value)};
	v->kinds.n = COUNT_OF(kinds);
	if (!mark_list(r->db, r->a, &v->marks, err))
		return false;
	fill_rows(r, v);
	return reply_view(r, status, "page/marks.html", &desc_marks_view, v);
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
