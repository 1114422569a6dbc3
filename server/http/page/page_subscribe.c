/* The lists as the public sees them: joining and leaving.  A GET never
 * changes anything, because programs that scan mail follow every link. */
#include "base/base.h"
#include "base/text.h"
#include "core/list/roster.h"
#include "http/route.h"

static const struct form_field join_fields[] = {
	{"email", FORM_LINE, 320, .label = "your e-mail address"},
	{"website", FORM_LINE, 200}, /* the trap: people do not see it */
};
const struct form form_join = FORM(join_fields);

static const struct form_field leave_fields[] = {
	{"List-Unsubscribe", FORM_LINE, 40},
};
const struct form form_leave = FORM(leave_fields);

#define LISTS_VIEW(F, S) PAGE(F, S)                                           \
	F(S, LIST, items, roster_list)                                        \
	F(S, PAGE_TEXT, email, none)                                          \
	F(S, PAGE_TEXT, email_error, none)                                    \
	F(S, PAGE_BOOL, leaving, none)  /* the error is of the second form */
DESC_STRUCT(lists_view, LISTS_VIEW);
DESC_TABLE(lists_view, LISTS_VIEW);

#define DONE_VIEW(F, S) PAGE(F, S)                                            \
	F(S, TEXT, text, none)
DESC_STRUCT(done_view, DONE_VIEW);
DESC_TABLE(done_view, DONE_VIEW);

#define MEMBER_VIEW(F, S) PAGE(F, S)                                          \
	F(S, TEXT, list, none)                                                \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, organisation, none)                                        \
	F(S, BOOL, closed, none)
DESC_STRUCT(subscribe_view, MEMBER_VIEW);
DESC_TABLE(subscribe_view, MEMBER_VIEW);
DESC_STRUCT(unsubscribe_view, MEMBER_VIEW);
DESC_TABLE(unsubscribe_view, MEMBER_VIEW);

static bool
done(struct req *r, unsigned status, const char *title, const char *text)
{
	struct done_view v = {.page_title = title, .text = text};

	return reply_view(r, status, "page/done.html", &desc_done_view, &v);
}

static bool
show_lists(struct req *r, unsigned status, bool leaving, GError **err)
{
	struct lists_view v = {.page_title = "Mailing lists",
		.leaving = leaving};

	if (!roster_lists(r->db, r->a, &v.items, err))
		return false;
	if (r->form != NULL)
		form_fill(r, &desc_lists_view, &v);
	return reply_view(r, status, "page/lists.html", &desc_lists_view, &v);
}

bool
page_lists(struct req *r, GError **err)
{
	return show_lists(r, 200, false, err);
}

/* Says the same to everybody, whatever we know of the address. */
bool
page_lists_asked(struct req *r, GError **err)
{
	return done(r, 200, "Look into your mailbox",
	    "If this address can be served, a mail with a link is on its way "
	    "to it. Nothing changes before somebody follows that link. No "
	    "mail after ten minutes? Look into the folder for spam, and check "
	    "the spelling of the address.");
}

static bool
ask(struct req *r, bool leaving, GError **err)
{
	const char *list = req_param(r, "name");
	const char *email = form_get(r, "email");
	g_autoptr(GError) why = NULL;
	bool ok;

	if (!form_has(r, "email"))
		form_error(r, "email", "Enter your e-mail address.");
	if (!form_ok(r))
		return show_lists(r, 422, leaving, err);
	/* Only a program fills in what nobody sees. */
	if (form_has(r, "website"))
		return reply_see_other(r, "/lists/asked", NULL);
	ok = leaving ?
	    roster_leave_request(r->db, r->site, list, email, r->client,
		&why) :
	    roster_subscribe(r->db, r->site, list, email, r->client, &why);
	if (ok)
		return reply_see_other(r, "/lists/asked", NULL);
	if (fault_is(why, FAULT_INPUT)) {
		form_error(r, "email", "%s", why->message);
		return show_lists(r, 422, leaving, err);
	}
	g_propagate_error(err, g_steal_pointer(&why));
	return false;
}

bool
page_list_join(struct req *r, GError **err)
{
	return ask(r, false, err);
}

bool
page_list_leave(struct req *r, GError **err)
{
	return ask(r, true, err);
}

/* -- the mailed link to join -- */

bool
page_confirm(struct req *r, GError **err)
{
	struct subscribe_view v = {0};
	struct roster_member m = {0};

	if (!roster_confirm_look(r->db, r->a, req_param(r, "token"), &m, err))
		return false;
	if (m.used && m.status != NULL && strcmp(m.status, "active") == 0)
		return done(r, 200, "You are on the list",
		    "This link was used already: the address is on the list, "
		    "and there is nothing left to do.");
	if (m.used || m.expired)
		return done(r, 410, "This link is over",
		    "It was used before, or it is too old. Ask for a new one "
		    "on the page of the mailing lists.");
	desc_copy(&desc_roster_member, &m, &desc_subscribe_view, &v);
	v.page_title = arena_printf(r->a, "Subscribe to %s", m.title);
	return reply_view(r, 200, "page/subscribe.html",
	    &desc_subscribe_view, &v);
}

bool
page_confirm_post(struct req *r, GError **err)
{
	struct roster_member m = {0};

	if (!roster_confirm(r->db, r->a, req_param(r, "token"), &m, err))
		return false;
	return done(r, 200, "You are on the list",
	    arena_printf(r->a, "%s gets the mails of the list %s from now "
		"on. Each of them holds a link to leave again.", m.email,
		m.list));
}

/* -- the link to leave -- */

bool
page_unsubscribe(struct req *r, GError **err)
{
	struct unsubscribe_view v = {0};
	struct roster_member m = {0};

	if (!roster_leave_look(r->db, r->a, r->site, req_param(r, "token"),
		&m, err))
		return false;
	if (strcmp(m.status, "left") == 0)
		return done(r, 200, "You have left the list",
		    "No further message of this list goes to this address.");
	desc_copy(&desc_roster_member, &m, &desc_unsubscribe_view, &v);
	v.closed = strcmp(m.policy, "closed") == 0;
	v.page_title = arena_printf(r->a, "Leave %s", m.title);
	return reply_view(r, 200, "page/unsubscribe.html",
	    &desc_unsubscribe_view, &v);
}

/* By the button, or by a mail program (RFC 8058): no cookie, no login, no
 * redirect; the token alone decides. */
bool
page_unsubscribe_post(struct req *r, GError **err)
{
	struct roster_member m = {0};
	bool one_click = form_is(r, "List-Unsubscribe", "One-Click");

	if (!roster_leave_look(r->db, r->a, r->site, req_param(r, "token"),
		&m, err) ||
	    !roster_leave(r->db, r->site, m.id,
		one_click ? "one-click" : "link", err))
		return false;
	if (one_click)
		return reply_text(r, 200, "text/plain; charset=utf-8",
		    "unsubscribed\n", strlen("unsubscribed\n"));
	return done(r, 200, "You have left the list",
	    arena_printf(r->a, "No further message of the list %s goes to "
		"%s.", m.list, m.email));
}
