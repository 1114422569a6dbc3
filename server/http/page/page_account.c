/* Signing in and out, and one's own account. */
#include "base/base.h"
#include "base/text.h"
#include "http/route.h"

enum { LOGIN_NEXT_MAX = 1000 };

#define LOGIN_VIEW(F, S) PAGE(F, S)                                           \
	F(S, PAGE_TEXT, next, none)                                           \
	F(S, PAGE_TEXT, login, none)
DESC_STRUCT(login_view, LOGIN_VIEW);
DESC_TABLE(login_view, LOGIN_VIEW);

#define ACCOUNT_VIEW(F, S) PAGE(F, S)                                         \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, role, none)                                                \
	F(S, LIST, sessions, account_session_row)                             \
	F(S, PAGE_BOOL, is_person, none)                                      \
	F(S, PAGE_TEXT, old_error, none)                                      \
	F(S, PAGE_TEXT, password_error, none)                                 \
	F(S, PAGE_TEXT, again_error, none)
DESC_STRUCT(account_view, ACCOUNT_VIEW);
DESC_TABLE(account_view, ACCOUNT_VIEW);

static const struct form_field login_fields[] = {
    {"login", FORM_LINE, 254, .label = "Your e-mail address"},
    {"password", FORM_LINE, SECRET_PASSWORD_MAX, .label = "Your password"},
    {"next", FORM_LINE, LOGIN_NEXT_MAX},
};
const struct form form_login = FORM(login_fields);

static const struct form_field password_fields[] = {
    {"old", FORM_LINE, SECRET_PASSWORD_MAX, .required = true,
	.label = "Your present password"},
    {"password", FORM_LINE, ACCOUNT_PASSWORD_MAX, .required = true,
	.label = "The new password"},
    {"again", FORM_LINE, ACCOUNT_PASSWORD_MAX, .required = true,
	.label = "The new password, again,"},
};
const struct form form_password = FORM(password_fields);

static const struct form_field session_fields[] = {
    {"id", FORM_LINE, ACCOUNT_SESSION_ID, .label = "The session"},
};
const struct form form_session_end = FORM(session_fields);

/* A path of ours.  Browsers drop tabs and line ends from an address before
 * they read it, so "/<tab>/evil.example" would be another site. */
static const char *
safe_next(const char *next)
{
	if (next == NULL || next[0] != '/' || next[1] == '/' ||
	    next[1] == '\\')
		return "/desk";
	for (const char *p = next; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return "/desk";
	return next;
}

bool
page_login(struct req *r, GError **err)
{
	struct login_view v = {.page_title = "Sign in"};

	v.next = safe_next(req_query(r, "next"));
	if (r->login == LOGIN_SESSION)
		return reply_see_other(r, v.next, NULL);
	return reply_view(r, 200, "page/login.html", &desc_login_view, &v);
}

bool
page_login_post(struct req *r, GError **err)
{
	struct login_view v = {.page_title = "Sign in"};
	g_autoptr(GError) why = NULL;
	const char *cookie;

	v.next = safe_next(form_get(r, "next"));
	v.login = form_get(r, "login");
	if (form_ok(r) &&
	    account_login(r->db, r->a, v.login, form_get(r, "password"),
		r->client, &cookie, &why)) {
		/* A new name for the session at every change of rights. */
		if (r->cookie != NULL &&
		    !account_logout(r->db, r->cookie, err))
			return false;
		reply_session(r, cookie);
		return reply_see_other(r, v.next, NULL);
	}
	if (why != NULL && !fault_is(why, FAULT_LOGIN) &&
	    !fault_is(why, FAULT_RATE)) {
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	if (why != NULL)
		form_error(r, "login", "%s", why->message);
	return reply_view(r, why == NULL ? 422 : (unsigned)fault_http(why),
	    "page/login.html", &desc_login_view, &v);
}

bool
page_logout(struct req *r, GError **err)
{
	if (r->cookie != NULL && !account_logout(r->db, r->cookie, err))
		return false;
	reply_session(r, NULL);
	return reply_see_other(r, "/login", "You are signed out.");
}

static bool
show(struct req *r, unsigned status, GError **err)
{
	struct account_view v = {.page_title = "Your account",
		.name = r->actor.name, .email = r->actor.email,
		.role = account_role_name(r->actor.role)};

	v.is_person = r->actor.email != NULL;
	v.old_error = form_error_of(r, "old");
	v.password_error = form_error_of(r, "password");
	v.again_error = form_error_of(r, "again");
	if (!account_sessions(r->db, r->a, r->actor.id, r->cookie,
		&v.sessions, err))
		return false;
	return reply_view(r, status, "page/account.html", &desc_account_view,
	    &v);
}

bool
page_account(struct req *r, GError **err)
{
	return show(r, 200, err);
}

bool
page_account_password(struct req *r, GError **err)
{
	const char *fresh = form_get(r, "password");
	const char *cookie = NULL;
	g_autoptr(GError) why = NULL;

	if (r->actor.email == NULL)
		return fault_set(err, FAULT_DENIED,
		    "A token has no password.");
	if (!form_is(r, "again", fresh))
		form_error(r, "again", "The two new passwords differ.");
	if (strlen(fresh) < ACCOUNT_PASSWORD_MIN)
		form_error(r, "password",
		    "A password has at least %d characters.",
		    ACCOUNT_PASSWORD_MIN);
	if (form_ok(r) &&
	    !account_check(r->db, r->a, r->actor.email, form_get(r, "old"),
		r->client, &why))
		form_error(r, "old", "%s", fault_is(why, FAULT_LOGIN) ?
			"This is not your present password." : why->message);
	if (!form_ok(r))
		return show(r, 422, err);
	/* Ends every session of the account; this browser gets a new one. */
	if (!account_password(r->db, &r->actor, r->actor.email, fresh, err) ||
	    !account_login(r->db, r->a, r->actor.email, fresh, r->client,
		&cookie, err))
		return false;
	r->cookie = cookie;
	if (r->login == LOGIN_SESSION)
		reply_session(r, cookie);
	if (r->face == FACE_API)
		return show(r, 200, err);
	return reply_see_other(r, "/desk/account",
	    "Your password is changed; you were signed out everywhere else.");
}

bool
page_account_end(struct req *r, GError **err)
{
	const char *id = form_get(r, "id");

	if (!account_session_end(r->db, &r->actor,
		text_blank(id) ? NULL : id, r->cookie, err))
		return false;
	if (r->face == FACE_API)
		return show(r, 200, err);
	return reply_see_other(r, "/desk/account", text_blank(id) ?
		"You are signed out everywhere else." :
		"That session is ended.");
}
