/*
 * Who is it, and did they mean it?  Session cookie or bearer token, role,
 * Origin, CSRF field, flash message.
 *
 * Cookies: __Host- and Secure when the site's address is https; HttpOnly
 * and SameSite=Lax always.  A POST by cookie needs the session's token as
 * a field (or X-CSRF-Token) and, where the browser tells, our own Origin;
 * a bearer token is never sent by a browser on its own and needs neither.
 */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "http/priv.h"

enum { GUARD_TOKEN_MAX = 200, GUARD_FLASH_MAX = 300 };

static const char *
cookie(const struct conn *c, const char *name)
{
	const char *v = MHD_lookup_connection_value(c->mc, MHD_COOKIE_KIND,
	    name);

	return v == NULL || strlen(v) > GUARD_TOKEN_MAX * 10 ? NULL : v;
}

static void
enter(struct req *r, const struct account_session *s, enum login how)
{
	r->login = how;
	r->actor = (struct actor){.id = s->principal, .name = s->name,
	    .email = s->email, .role = account_role(s->role)};
	if (how == LOGIN_SESSION)
		r->csrf = s->csrf;
}

/* "Bearer TOKEN" -> TOKEN */
static const char *
bearer(const struct head *h)
{
	const char *p = h->authorization;

	if (p == NULL || !text_istarts(p, "Bearer "))
		return NULL;
	p += 7;
	p += strspn(p, " ");
	return *p == '\0' || strlen(p) > GUARD_TOKEN_MAX ? NULL : p;
}

bool
guard_asks(const struct conn *c)
{
	return c->req->route != NULL &&
	    !(c->req->route->flags & ROUTE_CACHED) &&
	    (c->head.authorization != NULL ||
		cookie(c, c->http->cookie_name) != NULL);
}

static bool
identify(struct conn *c, struct req *r, GError **err)
{
	struct account_session *s = ARENA_NEW(r->a, struct account_session);
	const char *token;
	bool found = false;

	if (c->head.authorization != NULL && r->face == FACE_API) {
		token = bearer(&c->head);
		if (token != NULL &&
		    !account_token_find(r->db, r->a, token, s, &found, err))
			return false;
		if (!found)
			return fault_set(err, FAULT_LOGIN,
			    "This token is not valid.");
		enter(r, s, LOGIN_BEARER);
		return true;
	}
	token = cookie(c, c->http->cookie_name);
	if (token == NULL || *token == '\0' ||
	    strlen(token) > GUARD_TOKEN_MAX)
		return true;
	if (!account_session_find(r->db, r->a, r->site, token, s, &found, err))
		/* A public page must not fail because the database is away. */
		return r->route->role == ROUTE_PUBLIC ?
		    (g_clear_error(err), true) : false;
	if (found) {
		enter(r, s, LOGIN_SESSION);
		r->cookie = arena_strdup(r->a, token);
	}
	return true;
}

/* Our own pages only: what the browser says about where the form was. */
static bool
same_origin(struct conn *c, struct req *r)
{
	const struct head *h = &c->head;
	const char *p;

	if (h->fetch_site != NULL)
		return text_ieq(h->fetch_site, "same-origin") ||
		    text_ieq(h->fetch_site, "none");
	if (h->origin == NULL)
		return true; /* no browser of our time, or a program */
	if (text_ieq(h->origin, c->http->origin))
		return true;
	p = strstr(h->origin, "://");
	return p != NULL && h->host != NULL && text_ieq(p + 3, h->host);
}

bool
guard_enter(struct conn *c, struct req *r, GError **err)
{
	const struct route *route = r->route;

	if (route->flags & ROUTE_CACHED)
		return true; /* the same for everybody */
	if (!identify(c, r, err))
		return false;
	if (c->post && r->login != LOGIN_BEARER &&
	    !(route->flags & ROUTE_ANYONE) && !same_origin(c, r))
		return fault_set(err, FAULT_DENIED,
		    "This was sent from a page of another site.");
	if (route->role == ROUTE_PUBLIC)
		return true;
	if (r->login == LOGIN_NONE)
		return fault_set(err, FAULT_LOGIN, "Please sign in first.");
	if ((int)r->actor.role < (int)route->role)
		return fault_set(err, FAULT_DENIED,
		    "Your role (%s) may not do this.",
		    account_role_name(r->actor.role));
	return true;
}

/* Equal in constant time; the token is 128 bits, this is for form's sake. */
static bool
same(const char *a, const char *b)
{
	size_t n = strlen(a);
	unsigned char d = 0;

	if (strlen(b) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		d |= (unsigned char)(a[i] ^ b[i]);
	return d == 0;
}

bool
guard_csrf(struct conn *c, struct req *r, GError **err)
{
	const char *field;

	if (!c->post || r->login != LOGIN_SESSION ||
	    (r->route->flags & ROUTE_ANYONE))
		return true;
	field = c->head.csrf != NULL ? c->head.csrf : form_csrf(r);
	if (field != NULL && r->csrf != NULL && same(field, r->csrf))
		return true;
	return fault_set(err, FAULT_DENIED,
	    "The form was too old or came from another place. Go back, "
	    "load the page again and repeat.");
}

static const char *
cookie_flags(const struct req *r)
{
	return r->http->https ? "; Path=/; HttpOnly; SameSite=Lax; Secure" :
				"; Path=/; HttpOnly; SameSite=Lax";
}

void
reply_session(struct req *r, const char *token)
{
	if (token == NULL)
		reply_header(r, "Set-Cookie", arena_printf(r->a,
		    "%s=; Max-Age=0%s", r->http->cookie_name,
		    cookie_flags(r)));
	else
		reply_header(r, "Set-Cookie", arena_printf(r->a, "%s=%s%s",
		    r->http->cookie_name, token, cookie_flags(r)));
}

void
guard_set_flash(struct req *r, const char *text)
{
	GString *s = arena_gstring(r->a);

	text_url(s, text_cut(r->a, text, GUARD_FLASH_MAX));
	reply_header(r, "Set-Cookie", arena_printf(r->a,
	    "%s=%s; Max-Age=60%s", r->http->flash_name, s->str,
	    cookie_flags(r)));
}

/* Shown once: the answer that shows it also clears it. */
const char *
guard_take_flash(struct req *r)
{
	const char *v = cookie(r->conn, r->http->flash_name);
	g_autofree char *plain = NULL;

	if (v == NULL || *v == '\0')
		return NULL;
	reply_header(r, "Set-Cookie", arena_printf(r->a, "%s=; Max-Age=0%s",
	    r->http->flash_name, cookie_flags(r)));
	plain = g_uri_unescape_string(v, NULL);
	if (plain == NULL)
		return NULL;
	return text_cut(r->a, text_squash(r->a, text_repair(r->a, plain,
	    strlen(plain))), GUARD_FLASH_MAX);
}
