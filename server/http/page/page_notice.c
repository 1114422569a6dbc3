/*
 * Notices and their answers: the page behind a notice's signed link, which
 * needs no account, and the desk's lists and acts.  See core/notice/notice.h.
 */
#include "base/base.h"
#include "base/text.h"
#include "core/case/case.h"
#include "core/notice/notice.h"
#include "http/counts.h"
#include "http/form.h"
#include "http/page/page_notice.h"
#include "http/page/page_ticket.h"
#include "http/report.h"

/* Per client net and for all together, as the other public forms. */
enum { LINK_BURST = 30, LINK_HOUR = 120, NOTE_MAX = 2000 };

DESC_TABLE(notice_choice, NOTICE_CHOICE);
DESC_TABLE(notice_link_view, NOTICE_LINK_VIEW);
DESC_TABLE(notices_view, NOTICES_VIEW);

static const struct form_field notice_link_fields[] = {
    {"result", FORM_LINE, 20},
    {"note", FORM_TEXT, NOTE_MAX},
};
const struct form form_notice_link = FORM(notice_link_fields);

static const struct form_field notice_result_fields[] = {
    {"result", FORM_LINE, 20, .required = true, .label = "the answer"},
};
const struct form form_notice_result = FORM(notice_result_fields);

static const struct form_field notice_called_fields[] = {
    {"note", FORM_TEXT, NOTE_MAX},
};
const struct form form_notice_called = FORM(notice_called_fields);

static const struct {
	const char *value, *help;
} choices[] = {
    {"CLEANED", "found, and put right"},
    {"NOT-TRACED", "looked for, and not found"},
    {"AUTHORISED", "found, and it is allowed to do this"},
    {"NEED-MORE", "we need more facts to find it"},
};

/* ---- behind the link ------------------------------------------------------ */

/* The notice that the token is for; v says where it stands. */
static bool
open_link(struct req *r, struct notice_link_view *v, int64_t *ticket,
    GError **err)
{
	struct notice n = {0};
	bool found = false;

	reply_secret(r);
	/* sees all: the party was asked, whoever at the desk may know. */
	db_as(r->db, DB_HOUSE);
	if (!report_rate(r, "notice", LINK_BURST, LINK_HOUR, err))
		return false;
	*ticket = notice_of_token(r->site, req_param(r, "token"), r->now,
	    &v->expired);
	/* Its thread may have been merged into another with the same party. */
	if (*ticket != 0 &&
	    (!case_number(r->db, r->a, *ticket, ticket, err) ||
		!notice_of(r->db, r->a, *ticket, &n, &found, err)))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "This link is not one of ours, or a piece of it is "
		    "missing. Copy all of it from the mail, or answer the "
		    "mail itself.");
	v->page_title = "Answer to a notice";
	v->tag = arena_printf(r->a, "[%s #%" PRId64 "]",
	    r->site->conf->site_subject_tag, *ticket);
	v->closed = n.closed;
	v->open = !v->closed && !v->expired;
	if (v->expired)
		return true; /* and nothing of what was sent */
	v->party = n.party;
	v->sent = n.sent;
	v->answer_by = n.answer_by;
	v->result = n.result;
	v->result_at = n.result_at;
	v->late = n.late;
	return notice_shown(r->db, r->a, *ticket, n.message, &v->sent_subject,
	    &v->sent_text, &v->events, err);
}

static bool
show_link(struct req *r, unsigned status, struct notice_link_view *v)
{
	const char *chosen = v->result;

	if (r->form != NULL) {
		form_fill(r, &desc_notice_link_view, v);
		chosen = form_get(r, "result");
	}
	v->choices.n = COUNT_OF(choices);
	v->choices.items = ARENA_ARRAY(r->a, struct notice_choice,
	    COUNT_OF(choices));
	for (size_t i = 0; i < COUNT_OF(choices); i++)
		*LIST_AT(notice_choice, v->choices, i) =
		    (struct notice_choice){choices[i].value, choices[i].help,
			g_strcmp0(chosen, choices[i].value) == 0};
	return reply_view(r, status, "page/notice.html",
	    &desc_notice_link_view, v);
}

/* Programs that scan mail follow every link: this changes nothing. */
bool
page_notice_link(struct req *r, GError **err)
{
	struct notice_link_view v = {0};
	int64_t ticket;

	return open_link(r, &v, &ticket, err) &&
	    show_link(r, v.expired ? 410 : 200, &v);
}

bool
page_notice_link_post(struct req *r, GError **err)
{
	struct notice_link_view v = {0};
	const char *result = form_get(r, "result");
	struct actor party = {0};
	int64_t ticket;

	if (!open_link(r, &v, &ticket, err))
		return false;
	if (v.expired || v.closed)
		return show_link(r, v.expired ? 410 : 409, &v);
	if (!form_has(r, "result") || notice_result_known(result) == NULL)
		form_error(r, "result", "Choose one of the four answers.");
	if (!form_ok(r))
		return show_link(r, 422, &v);
	party.name = arena_printf(r->a, "%s (by its link)", v.party);
	if (!notice_answer_with(r->db, r->site, &party, ticket, result,
		"link", form_get(r, "note"), err))
		return false;
	return reply_see_other(r, arena_printf(r->a, "/n/%s",
	    req_param(r, "token")), "Thank you, the answer has arrived.");
}

/* ---- the desk's lists ----------------------------------------------------- */

static const struct {
	const char *view, *label, *hint;
} views[] = {
    {"open", "No answer yet", "Asked, and the clock runs."},
    {"read", "Answers to read", "Somebody answered in words of their own. "
	"Until this is read, nobody is reminded."},
    {"close", "Answered, to close", "CLEANED, NOT-TRACED or AUTHORISED: "
	"look at it and close it."},
    {"more", "Asks for more", "NEED-MORE: the clock stands until you "
	"answer."},
    {"phone", "To call", "Mails were not answered. Numbers are those of "
	"the member's contacts, or of our book."},
    {"late", "Late", "The time for an answer is over."},
};

bool
page_notices(struct req *r, GError **err)
{
	const char *view = req_query(r, "view");
	struct notices_view v = {.page_title = "Notices"};
	int64_t page;

	if (view == NULL)
		view = "open";
	if (!notice_view_known(view))
		return fault_set(err, FAULT_INPUT,
		    "There is no such list of notices.");
	if (!req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err) ||
	    !notice_list(r->db, r->a, view, page, &v.items, &v.total, err) ||
	    !desk_counts(r, &v.counts, err))
		return false;
	v.view = view;
	v.view_notices = true;
	v.views.n = COUNT_OF(views);
	v.views.items = ARENA_ARRAY(r->a, struct desk_option,
	    COUNT_OF(views));
	for (size_t i = 0; i < COUNT_OF(views); i++) {
		bool here = strcmp(views[i].view, view) == 0;

		*LIST_AT(desk_option, v.views, i) = (struct desk_option){
		    views[i].view, views[i].label, here};
		if (here)
			v.hint = views[i].hint;
	}
	return reply_list(r, "page/notices.html", &desc_notices_view, &v,
	    page, NOTICE_PAGE);
}

/* ---- acts on the ticket's page --------------------------------------------- */

static bool
done(struct req *r, int64_t ticket, const char *flash, GError **err)
{
	struct notice n = {0};
	bool found;

	counts_forget(r);
	return notice_of(r->db, r->a, ticket, &n, &found, err) &&
	    reply_done(r, arena_printf(r->a, "/desk/tickets/%" PRId64,
		ticket), flash, 200, &desc_notice, &n);
}

bool
act_notice_result(struct req *r, GError **err)
{
	const char *result = form_get(r, "result");
	int64_t ticket;

	if (!req_param_int(r, "number", &ticket, err))
		return false;
	if (form_has(r, "result") && notice_result_known(result) == NULL)
		form_error(r, "result", "The answer is CLEANED, NOT-TRACED, "
		    "AUTHORISED or NEED-MORE.");
	if (!form_ok(r))
		return ticket_show(r, 422, ticket, NULL, err);
	return notice_answer(r->db, r->site, &r->actor, ticket, result,
		   "analyst", err) &&
	    done(r, ticket, arena_printf(r->a, "The answer is %s.",
		notice_result_known(result)), err);
}

bool
act_notice_read(struct req *r, GError **err)
{
	int64_t ticket;

	return req_param_int(r, "number", &ticket, err) &&
	    notice_was_read(r->db, &r->actor, ticket, err) &&
	    done(r, ticket, "Read; the clock goes on.", err);
}

bool
act_notice_called(struct req *r, GError **err)
{
	int64_t ticket;

	if (!req_param_int(r, "number", &ticket, err))
		return false;
	if (!form_ok(r))
		return ticket_show(r, 422, ticket, NULL, err);
	return notice_called(r->db, &r->actor, ticket, form_get(r, "note"),
		   err) &&
	    done(r, ticket, "The call is noted.", err);
}
