/* Drafts: POST /desk/tickets/N/draft and .../draft/discard. */
#include "base/base.h"
#include "base/text.h"
#include "core/ticket/draft.h"
#include "core/ticket/news.h"
#include "http/form.h"
#include "http/page/page_desk.h"

enum { DRAFT_ALSO_MAX = 50 };

/* The fields of the forms of a ticket's page under the names they have
 * there, so that a button of the form itself may send it here. */
static const struct form_field draft_fields[] = {
    {"form", FORM_LINE, 20, .required = true, .label = "the form"},
    {"party", FORM_LINE, DRAFT_PARTY_MAX}, /* of a notice */
    {"message", FORM_LINE, 20},            /* of a forward */
    {"number", FORM_LINE, 20},             /* that its text has */
    {"to", FORM_LINE, DRAFT_LINE_MAX},
    {"cc", FORM_LINE, DRAFT_LINE_MAX},
    {"also", FORM_LIST, 320, DRAFT_ALSO_MAX}, /* ticked: kept in cc */
    {"subject", FORM_LINE, 500},
    {"text", FORM_TEXT, DRAFT_TEXT_MAX},
    {"waits", FORM_LINE, 10},
};
const struct form form_draft = FORM(draft_fields);

static const struct form_field draft_end_fields[] = {
    {"form", FORM_LINE, 20, .required = true, .label = "the form"},
    {"party", FORM_LINE, DRAFT_PARTY_MAX},
    {"message", FORM_LINE, 20},
};
const struct form form_draft_end = FORM(draft_end_fields);

#define DRAFT_VIEW(F, S)                                                      \
	PAGE(F, S)                                                            \
	F(S, INT, number, none)                                               \
	F(S, TEXT, form, none)                                                \
	F(S, TEXT, party, none)         /* of a notice or forward; or "" */   \
	F(S, TIME, updated, none)       /* null: there is none */
DESC_STRUCT(draft_view, DRAFT_VIEW);
DESC_TABLE(draft_view, DRAFT_VIEW);

static bool
fields_ok(struct req *r, GError **err)
{
	return form_ok(r) ||
	    fault_set(err, FAULT_INPUT,
		"A draft is of a form, and holds at most %d kB of text.",
		DRAFT_TEXT_MAX / 1024);
}

/* Of a notice, or the mail that is sent on. */
static const char *
party(const struct req *r)
{
	int64_t message;

	if (!form_is(r, "form", "forward"))
		return form_get(r, "party");
	/* (As a page has it, or under the name that all drafts have.) */
	return text_int(form_get(r, form_has(r, "message") ? "message"
			: "party"), 1, INT64_MAX / 2, &message)
	    ? arena_printf(r->a, "%" PRId64, message) : "";
}

static bool
done(struct req *r, int64_t number, int64_t updated, const char *flash)
{
	struct draft_view v = {.number = number, .form = form_get(r, "form"),
	    .party = party(r), .updated = updated};
	g_autofree char *key = g_uri_escape_string(v.party, NULL, false);

	return reply_done(r, strcmp(v.form, "notify") == 0
		? arena_printf(r->a, "/desk/tickets/%" PRId64
			"/notify?party=%s", number, key)
		: strcmp(v.form, "forward") == 0
		? arena_printf(r->a, "/desk/tickets/%" PRId64
			"/forward?message=%s", number, key)
		: arena_printf(r->a, "/desk/tickets/%" PRId64, number),
	    flash, 200, &desc_draft_view, &v);
}

static const char *
joined_cc(struct req *r)
{
	const char *cc = form_get(r, "cc");
	GString *s = arena_gstring(r->a);
	size_t n;
	const char *const *also = form_list(r, "also", &n);

	g_string_append(s, cc);
	for (size_t i = 0; i < n; i++)
		g_string_append_printf(s, "%s%s", s->len > 0 ? ", " : "",
		    also[i]);
	return s->len <= DRAFT_LINE_MAX ? s->str : cc;
}

bool
act_draft(struct req *r, GError **err)
{
	struct draft d = {.form = form_get(r, "form"),
	    .party = party(r), .to = form_get(r, "to"), .cc = joined_cc(r),
	    .subject = form_get(r, "subject"), .text = form_get(r, "text"),
	    .waits = form_has(r, "waits")};
	int64_t number, updated;

	(void)text_int(form_get(r, "number"), 1, INT64_MAX / 2, &d.drawn);
	return req_param_int(r, "number", &number, err) &&
	    fields_ok(r, err) &&
	    news_may_see(r->db, &r->actor, number, err) &&
	    draft_save(r->db, &r->actor, number, &d, &updated, err) &&
	    done(r, number, updated, updated == DESC_NULL
		? "There is nothing to keep."
		: "Your draft is kept; nothing was sent.");
}

bool
act_draft_discard(struct req *r, GError **err)
{
	const char *const parties[] = {party(r), NULL};
	int64_t number;

	return req_param_int(r, "number", &number, err) &&
	    fields_ok(r, err) &&
	    draft_drop(r->db, &r->actor, number, form_get(r, "form"), parties,
		err) &&
	    done(r, number, DESC_NULL, "The draft is discarded.");
}
