/*
 * Answers.  A handler leaves one in its request; httpd.c sends it when the
 * handler is done, so a fault after all can still replace it.  See req.h.
 */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "http/priv.h"

static const char type_html[] = "text/html; charset=utf-8";
static const char type_json[] = "application/json";


static struct answer *
answer(struct req *r, unsigned status, const char *type, enum http_look look)
{
	struct answer *an = r->conn->answer;
	struct answer fresh = {.status = status, .type = type, .look = look};

	/* Cookies set before stay. */
	fresh.headers = an->headers;
	memcpy(fresh.header, an->header, sizeof(fresh.header));
	*an = fresh;
	return an;
}

void
reply_header(struct req *r, const char *name, const char *value)
{
	struct answer *an = r->conn->answer;

	g_assert(an->headers < COUNT_OF(an->header));
	an->header[an->headers].name = name;
	an->header[an->headers++].value = value;
}

void
reply_secret(struct req *r)
{
	reply_header(r, "X-Robots-Tag", "noindex, nofollow");
	reply_header(r, "Referrer-Policy", "no-referrer");
}

/* --- the common part -------------------------------------------------- */

static const struct {
	const char *prefix;
	size_t at; /* offset in struct page */
} parts[] = {
	/* first hit wins */
	{"/desk/junk", offsetof(struct page, at_junk)},
	{"/desk/advisories", offsetof(struct page, at_advisories)},
	{"/desk/lists", offsetof(struct page, at_lists)},
	{"/desk/members", offsetof(struct page, at_members)},
	{"/desk/findings", offsetof(struct page, at_findings)},
	{"/desk/feeds", offsetof(struct page, at_findings)},
	{"/desk/policy", offsetof(struct page, at_rules)},
	{"/desk/rules", offsetof(struct page, at_rules)},
	{"/desk/texts", offsetof(struct page, at_rules)},
	{"/desk/ladders", offsetof(struct page, at_rules)},
	{"/desk/zones", offsetof(struct page, at_rules)},
	{"/desk/nat", offsetof(struct page, at_rules)},
	{"/desk/contacts", offsetof(struct page, at_rules)},
	{"/desk/marks", offsetof(struct page, at_rules)},
	{"/desk/windows", offsetof(struct page, at_rules)},
	{"/desk/account", offsetof(struct page, at_account)},
	{"/desk", offsetof(struct page, at_queue)},
	{"/report", offsetof(struct page, at_report)},
	{"/topics", offsetof(struct page, at_topics)},
	{"/articles", offsetof(struct page, at_topics)},
	{"/advisories", offsetof(struct page, at_topics)},
	{"/lists", offsetof(struct page, at_public_lists)},
	{"/lookup", offsetof(struct page, at_lookup)},
};

static void
page_common(struct req *r, struct page *p)
{
	const struct conf *c = r->site->conf;
	const char *path = r->route == NULL || r->route->page == NULL ?
	    "" : r->route->page;

	p->site = c->site_name;
	p->network = c->site_network;
	p->phone = text_blank(c->site_phone) ? NULL : c->site_phone;
	p->report_address = conf_address(r->a, c,
	    c->site_report_addresses[0]);
	p->report_mailto = arena_printf(r->a, "mailto:%s", p->report_address);
	p->style = assets_url(r->http->assets, "style.css");
	p->script = assets_url(r->http->assets, "app.js");
	p->icon = assets_url(r->http->assets, "favicon.svg");
	p->here = r->uri;
	p->problems = form_problems(r);
	p->errors = (int64_t)p->problems.n;
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if (g_str_has_prefix(path, parts[i].prefix)) {
			*(bool *)((char *)p + parts[i].at) = true;
			break;
		}
	if (r->route != NULL && (r->route->flags & ROUTE_CACHED))
		return; /* one page for everybody */
	if (r->login != LOGIN_NONE) {
		p->user = r->actor.name;
		p->user_role = account_role_name(r->actor.role);
		p->csrf = r->csrf;
		p->may_write = req_may(r, ROLE_ANALYST);
	}
	p->flash = guard_take_flash(r);
}

/* The first members of a view are those of struct page: checked, because
 * a view that forgot PAGE would be overwritten. */
static void
fill_common(struct req *r, const struct desc *d, void *view)
{
	struct page p = {0};
	const char *title;
	const char *feed;
	int64_t refresh;

	g_assert(d->n >= desc_page.n);
	for (size_t i = 0; i < desc_page.n; i++)
		g_assert(strcmp(d->fields[i].name, desc_page.fields[i].name)
			    == 0 &&
		    d->fields[i].offset == desc_page.fields[i].offset);
	/* By memcpy: to the compiler the two structs are strangers. */
	memcpy(&title, (char *)view + offsetof(struct page, page_title),
	    sizeof(title));
	memcpy(&feed, (char *)view + offsetof(struct page, feed),
	    sizeof(feed));
	memcpy(&refresh, (char *)view + offsetof(struct page, refresh),
	    sizeof(refresh));
	page_common(r, &p);
	p.page_title = title;
	p.feed = feed;
	p.refresh = refresh;
	memcpy(view, &p, offsetof(struct page, refresh) + sizeof(p.refresh));
}

/* --- answers ---------------------------------------------------------- */

static bool
reply_problem(struct req *r, unsigned status, const char *title,
    const char *detail)
{
	struct answer *an = answer(r, status, "application/problem+json",
	    LOOK_DATA);
	struct json_out w;
	struct list bad = form_problems(r);

	an->text = arena_gstring(r->a);
	w = json_out(an->text);
	json_begin(&w, '{');
	json_text(&w, "type", "about:blank");
	json_text(&w, "title", title);
	json_int(&w, "status", status);
	json_text(&w, "detail", detail);
	if (status == 422 && bad.n > 0) {
		json_key(&w, "errors");
		json_put_list(&w, &desc_problem, &bad);
	}
	json_end(&w, '}');
	return true;
}

bool
reply_view(struct req *r, unsigned status, const char *tmpl,
    const struct desc *d, void *view)
{
	struct answer *an;

	if (r->face == FACE_API) {
		struct json_out w;

		if (!form_ok(r))
			return reply_problem(r, 422, "Unprocessable Content",
			    "Some fields are wrong or missing.");
		an = answer(r, status, type_json, LOOK_DATA);
		an->text = arena_gstring(r->a);
		w = json_out(an->text);
		json_put_struct(&w, d, view);
		return true;
	}
	an = answer(r, status, type_html, LOOK_PAGE);
	fill_common(r, d, view);
	an->text = arena_gstring(r->a);
	tmpl_render(r->site->tmpl, tmpl, d, view, an->text);
	errors_beside(r, an->text);
	return true;
}

static const char *
page_link(struct req *r, const char *path, const char *query, int64_t page)
{
	return arena_printf(r->a, "%s%s%cpage=%" PRId64, path, query,
	    *query == '\0' ? '?' : '&', page);
}

bool
reply_list(struct req *r, const char *tmpl, const struct desc *d, void *view,
    int64_t page, int64_t size)
{
#define EMPTY_LIST(F, S) LIST_VIEW(F, S, none)
	/* Same trick as struct page: the members in front of every list. */
	DESC_PRIVATE(any_list, EMPTY_LIST);
	struct any_list v = {0};
	struct pager *p = ARENA_NEW(r->a, struct pager);
	const char *query = req_query_but(r, "page");
	const char *path = r->conn->path;

	g_assert(d->n >= desc_any_list.n);
	for (size_t i = desc_page.n; i < desc_any_list.n; i++)
		g_assert(strcmp(d->fields[i].name,
			    desc_any_list.fields[i].name) == 0 &&
		    d->fields[i].offset == desc_any_list.fields[i].offset);
	memcpy(&v, view, sizeof(v));
	v.any = v.items.n > 0;
	v.next = (page + 1) * size < v.total ?
	    page_link(r, path, query, page + 1) : NULL;
	p->older = v.next;
	p->newer = page > 0 ? page_link(r, path, query, page - 1) : NULL;
	p->from = v.items.n == 0 ? 0 : page * size + 1;
	p->to = page * size + (int64_t)v.items.n;
	p->all = v.total;
	v.pager = p->older != NULL || p->newer != NULL ? p : NULL;
	memcpy(view, &v, desc_any_list.fields[desc_any_list.n - 1].offset +
	    sizeof(v.pager));
	return reply_view(r, 200, tmpl, d, view);
}

bool
reply_see_other(struct req *r, const char *path, const char *flash)
{
	struct answer *an;

	/* The API never redirects; a handler that forgot is still right. */
	if (r->face == FACE_API)
		return reply_text(r, 200, type_json, "{}", 2);
	an = answer(r, MHD_HTTP_SEE_OTHER, "text/plain; charset=utf-8",
	    LOOK_DATA);
	/* "//host" and "/\host" are other sites to a browser. */
	if (path[0] != '/' || path[1] == '/' || path[1] == '\\')
		path = "/";
	an->bytes = "See other.\n";
	an->len = strlen(an->bytes);
	reply_header(r, "Location", path);
	if (flash != NULL)
		guard_set_flash(r, flash);
	return true;
}

bool
reply_done(struct req *r, const char *path, const char *flash,
    unsigned api_status, const struct desc *d, void *view)
{
	if (r->face == FACE_API)
		return reply_view(r, api_status, NULL, d, view);
	return reply_see_other(r, path, flash);
}

bool
reply_text(struct req *r, unsigned status, const char *type,
    const void *bytes, size_t len)
{
	struct answer *an = answer(r, status, type, LOOK_DATA);

	an->bytes = bytes;
	an->len = len;
	return true;
}

/* RFC 6266: ASCII only, no quotes; the rest becomes "_". */
static const char *
disposition(struct arena *a, const char *filename)
{
	char *s = arena_strdup(a, filename);

	for (char *p = s; *p != '\0'; p++)
		if (!g_ascii_isalnum(*p) && strchr("-_.+", *p) == NULL)
			*p = '_';
	return arena_printf(a, "attachment; filename=\"%s\"", s);
}

bool
reply_pieces(struct req *r, const char *type, const char *filename,
    int64_t size, int64_t id, req_piece *piece)
{
	struct answer *an = answer(r, 200, type, LOOK_DOWNLOAD);

	an->piece = piece;
	an->piece_id = id;
	an->size = size;
	reply_header(r, "Content-Disposition", disposition(r->a, filename));
	return true;
}

bool
reply_file(struct req *r, const char *filename, const void *bytes,
    size_t len)
{
	struct answer *an = answer(r, 200, "application/octet-stream",
	    LOOK_DOWNLOAD);

	an->bytes = bytes;
	an->len = len;
	reply_header(r, "Content-Disposition", disposition(r->a, filename));
	return true;
}

bool
reply_live(struct req *r, const struct live_ask *ask)
{
	struct listener *s = live_join(r->http->live, r->conn->mc, ask);
	struct answer *an;

	if (s == NULL)
		return reply_error(r, MHD_HTTP_SERVICE_UNAVAILABLE,
		    "Too many pages hear news already.");
	arena_defer(r->a, live_unsent, s);
	an = answer(r, 200, "text/event-stream", LOOK_DATA);
	an->live = s;
	/* For proxies that collect. */
	reply_header(r, "X-Accel-Buffering", "no");
	return true;
}

/* --- faults ----------------------------------------------------------- */

static const char *
status_title(unsigned status)
{
	switch (status) {
	case 400: return "This request is broken";
	case 401: return "Sign in first";
	case 403: return "You may not do this";
	case 404: return "There is no such page";
	case 405: return "Not in this way";
	case 409: return "Somebody was faster";
	case 413: return "Too large";
	case 422: return "Something is wrong with what was sent";
	case 429: return "Too often";
	case 503: return "Not available at the moment";
	default: return "Something failed on our side";
	}
}

bool
reply_error(struct req *r, unsigned status, const char *detail)
{
	struct error_view v = {.status = status,
		.title = status_title(status), .detail = detail};

	if (r->face == FACE_API)
		return reply_problem(r, status, v.title, detail);
	v.page_title = v.title;
	if (r->conn->post && status >= 500)
		v.kept = "Your browser still has what you wrote: go back, "
			 "and send it again in a minute.";
	if (!tmpl_has(r->site->tmpl, "page/error.html"))
		return reply_text(r, status, "text/plain; charset=utf-8",
		    detail, strlen(detail));
	return reply_view(r, status, "page/error.html", &desc_error_view, &v);
}

/* The way to the login page and back.  A POST cannot be repeated by a
 * redirect, so it comes back to the desk. */
static bool
to_login(struct req *r)
{
	GString *s = arena_gstring(r->a);

	g_string_append(s, "/login?next=");
	text_url(s, r->conn->post ? "/desk" : r->uri);
	return reply_see_other(r, s->str, NULL);
}

const char *
reply_words(const GError *err)
{
	switch (fault_kind(err)) {
	case FAULT_BUG:
		return "This is our mistake; it was noted.";
	case FAULT_BUSY:
		return "Our database cannot be reached at the moment, or "
		       "somebody else is changing the same. Try again in a "
		       "few seconds.";
	case FAULT_UNSURE:
		return "The connection to our database broke off at the last "
		       "moment: we do not know whether this was done.";
	default:
		return err->message;
	}
}

void
reply_fault(struct req *r, const GError *err)
{
	unsigned status = (unsigned)fault_http(err);
	const char *detail = reply_words(err);

	if (fault_level(err) <= LOG_WARNING)
		log_at(fault_level(err), "http.fault",
		    LOG_S("path", r->conn->log_path),
		    LOG_S("kind", fault_name(fault_kind(err))),
		    LOG_S("why", err->message));
	if (fault_is(err, FAULT_LOGIN) && r->face == FACE_PAGE &&
	    r->route != NULL && r->route->role != ROUTE_PUBLIC) {
		to_login(r);
		return;
	}
	reply_error(r, status, detail);
	if (status == MHD_HTTP_UNAUTHORIZED)
		reply_header(r, "WWW-Authenticate", "Bearer realm=\"tocsin\"");
}
