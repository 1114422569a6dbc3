/*
 * What a page handler sees of a request, and how it answers.
 *
 * How to add a page (and its JSON twin):
 *  1. One line in routes.def.  It declares both faces, who may come in, how
 *     large a body may be, which query parameters and form fields exist.
 *  2. A view: a struct by descriptor, the common part first.
 *	#define THING_VIEW(F, S) PAGE(F, S)                             \
 *		F(S, INT, number, none)                                 \
 *		F(S, PAGE_URL, edit_url, none)
 *	DESC_STRUCT(thing_view, THING_VIEW);   in the .c (or a header)
 *	DESC_TABLE(thing_view, THING_VIEW);
 *     PAGE_* kinds show in templates only; the rest is the JSON of the API.
 *     Views named in routes.def are known to the templates; others are one
 *     line in views.def.
 *  3. A handler in page_<module>.c, which includes "http/route.h":
 *	bool
 *	page_thing(struct req *r, GError **err)
 *	{
 *		struct thing_view v = {.page_title = "Thing"};
 *
 *		if (!req_param_int(r, "number", &v.number, err) ||
 *		    !thing_load(r->db, r->a, v.number, ..., err))
 *			return false;
 *		return reply_view(r, 200, "page/thing.html",
 *		    &desc_thing_view, &v);
 *	}
 *     Answering is always the last act.  A false return becomes an error
 *     page or problem JSON by the kind of fault.
 *  4. A template templates/page/thing.html that begins
 *     `{{! view: thing_view }}`, then {{>desk-head}} (or {{>head}}).
 *
 * A change (POST): declare its fields in a `const struct form form_x`, see
 * form.h.  Role, CSRF, Origin and sizes are checked before the handler.
 *
 * Owner:   the request's arena; everything here dies with the answer.
 * Thread:  one of the web threads; r->db is this request's alone, and the
 *          handler must not take another connection.
 */
#ifndef HTTP_REQ_H
#define HTTP_REQ_H

#include "base/base.h"
#include "base/blob.h"
#include "base/desc.h"
#include "base/json.h"
#include "core/account.h"
#include "core/site.h"
#include "db/db.h"

enum {
	REQ_QUERY_MAX = 2000,   /* bytes of one query value */
	REQ_PARAMS_MAX = 4,     /* of a path */
	REQ_PAGE_MAX = 100000,  /* ?page= */
};

enum face { FACE_PAGE, FACE_API };
enum login { LOGIN_NONE, LOGIN_SESSION, LOGIN_BEARER };

struct route;
struct form_data;
struct conn;
struct httpd;

struct req {
	struct arena *a;
	const struct site *site;
	struct db *db;
	struct httpd *http;
	const struct route *route;
	enum face face;
	enum login login;
	struct actor actor;         /* role ROLE_NONE: nobody is logged in */
	const char *csrf;           /* of the session, or NULL */
	const char *cookie;         /* the session's token, or NULL */
	const char *client;         /* address, canonical text */
	const char *uri;            /* path and query as they came */
	int64_t now;                /* when.h */
	struct form_data *form;     /* form.h; NULL when there is no body */
	const char *flash;          /* message left by the page before */
	/* For public pages that are cached: when the content changed last;
	 * 0: when it was rendered first. */
	int64_t modified;
	struct conn *conn;          /* of the infrastructure */
};

typedef bool req_handler(struct req *r, GError **err);

/* --- what came ------------------------------------------------------- */

/* ":name" of the route's path; never NULL for a declared one. */
const char *req_param(const struct req *r, const char *name);
/* The same as a number from 1; anything else is FAULT_ABSENT. */
bool req_param_int(const struct req *r, const char *name, int64_t *n,
    GError **err);
/* A query parameter that the route declares (asserted): UTF-8, trimmed,
 * NULL when missing or blank.  FAULT_INPUT never: too long is cut. */
const char *req_query(struct req *r, const char *name);
/* As a number; missing is dflt, out of bounds or no number FAULT_INPUT. */
bool req_query_int(struct req *r, const char *name, int64_t min, int64_t max,
    int64_t dflt, int64_t *n, GError **err);
/* "?a=1&b=2" of all declared parameters as they came, except one; ""
 * when there are none.  For links that keep the filters. */
const char *req_query_but(struct req *r, const char *except);
/* Is the actor at least that? */
bool req_may(const struct req *r, enum role role);
/* The parser children, for raw messages; NULL when there are none. */
struct pool;
struct pool *req_parsers(const struct req *r);
struct keeper *req_keeper(const struct req *r);
/* A request header by its name, or NULL. */
const char *req_header(const struct req *r, const char *name);

/* --- answers ---------------------------------------------------------- */

/* Pages: the template.  API: the view as JSON.  When the form has errors
 * (form.h), the API gets them as 422 problem JSON instead of the view.
 * The common part of the view is filled here (see view.h). */
bool reply_view(struct req *r, unsigned status, const char *tmpl,
    const struct desc *d, void *view);
/* The view must begin with LIST_VIEW (view.h), items and total are set:
 * fills next, any and the pager for page number `page` of `size` rows. */
bool reply_list(struct req *r, const char *tmpl, const struct desc *d,
    void *view, int64_t page, int64_t size);
/* Pages after a POST: 303 to path, which begins with "/"; flash (may be
 * NULL) is shown on the next page.  Not for the API. */
bool reply_see_other(struct req *r, const char *path, const char *flash);
/* Both faces after a POST: pages go to path, the API gets the view. */
bool reply_done(struct req *r, const char *path, const char *flash,
    unsigned api_status, const struct desc *d, void *view);
/* Text or bytes of a type that is not a page; bytes are the arena's. */
bool reply_text(struct req *r, unsigned status, const char *type,
    const void *bytes, size_t len);
/* A download that no browser renders (attachment, nosniff, sandbox), read
 * from the database piece by piece while it is sent, so that 25 MB never
 * stand in memory; piece is message_piece() of
 * core/ticket/ticket.h or its like (seq counts from 0; no row ends the bytes). */
typedef bool req_piece(struct db *db, int64_t id, int64_t seq,
    bool (*sink)(void *ctx, const void *p, size_t len), void *ctx,
    GError **err);
bool reply_pieces(struct req *r, const char *type, const char *filename,
    int64_t size, int64_t id, req_piece *piece);
/* The same of bytes of the arena. */
bool reply_file(struct req *r, const char *filename, const void *bytes,
    size_t len);
/* News until the reader leaves (live.h), or 503 when too many listen. */
struct live_ask;
bool reply_live(struct req *r, const struct live_ask *ask);
/* What a person may read of a fault: its message, except where that names
 * the inside of our house (BUSY, UNSURE, BUG). */
const char *reply_words(const GError *err);
/* Call after a change of what the public may see (also comes by NOTIFY). */
void req_public_changed(struct req *r);

/* The address of this page is a secret: no index, no referrer. */
void reply_secret(struct req *r);

/* The session cookie of the answer; NULL takes it away (page_account.c). */
void reply_session(struct req *r, const char *token);

#endif
