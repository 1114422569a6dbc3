/* Daemon and life of a request.  See httpd.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "base/when.h"
#include "http/counts.h"
#include "http/priv.h"
#include "http/slow.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	HTTPD_BACKLOG = 511,
	HTTPD_DRAIN_MS = 5000,
	/* After a fault in the middle of a body we read on, because MHD
	 * takes no answer there - but not for ever: this much beyond what the
	 * route takes, and no longer than conf http.body_timeout. */
	HTTPD_DISCARD_MAX = 32 * 1024 * 1024,
	/* A request that is refused by its header alone may still send this
	 * much: answering at once means closing, and a client that is still
	 * writing would see a broken pipe instead of our words. */
	HTTPD_SMALL_BODY = 16 * 1024,
};

static const char too_slow[] = "This request took too long to arrive.";

/* --- one request ------------------------------------------------------ */

static void *
uri_known(void *cls, const char *uri, struct MHD_Connection *mc)
{
	struct httpd *h = cls;
	struct conn *c = g_new0(struct conn, 1);

	g_atomic_int_inc(&h->active);
	c->http = h;
	c->mc = mc;
	c->start = when_ticks();
	c->hit = assets_find(h->assets, uri);
	if (c->hit == NULL)
		c->hit = cache_find(h->cache, uri, &c->stale, &c->generation);
	if (c->hit == NULL)
		c->uri = g_strdup(uri);
	return c;
}

static void
access_line(const struct conn *c, enum MHD_RequestTerminationCode why)
{
	if (c->hit != NULL && c->status < 400) {
		log_debug("http.hit", LOG_S("method", c->method),
		    LOG_I("status", c->status));
		return;
	}
	log_info("http.request", LOG_S("method", c->method),
	    LOG_S("path", c->log_path), LOG_I("status", c->status),
	    LOG_I("bytes", (int64_t)c->sent),
	    LOG_I("us", when_ticks() - c->start), LOG_I("trips", c->trips),
	    LOG_S("client", c->client),
	    LOG_I("actor", c->actor),
	    LOG_S("end", why == MHD_REQUEST_TERMINATED_COMPLETED_OK ? "ok" :
				 c->answered			    ? "cut" :
								      "none"));
}

/* The end of a request that never became whole, in our own words. */
static void
give_up(struct conn *c, unsigned status, const char *text)
{
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(c->mc,
	    MHD_CONNECTION_INFO_CONNECTION_FD);

	send_by_hand(i->connect_fd, status, text);
	c->status = status;
	c->answered = true;
}

/* MHD calls this before the response's free callback: nothing of the
 * arena is touched here when it was given away. */
static void
completed(void *cls, struct MHD_Connection *mc, void **con_cls,
    enum MHD_RequestTerminationCode why)
{
	struct conn *c = *con_cls;

	if (c == NULL)
		return;
	slow_request_over(c->http->slow, mc);
	/* silence, be it in the header or in the body */
	if (!c->answered && why == MHD_REQUEST_TERMINATED_TIMEOUT_REACHED)
		give_up(c, MHD_HTTP_REQUEST_TIMEOUT, too_slow);
	if (c->seen)
		access_line(c, why);
	ready_unref(c->hit);
	ready_unref(c->stale);
	g_clear_error(&c->fault);
	arena_free(c->a);
	g_atomic_int_add(&c->http->active, -1);
	g_free(c->uri);
	g_free(c);
	*con_cls = NULL;
}

/* "/desk/tickets/7" as it is, "/confirm/:token" without what is secret. */
static void
log_path(struct conn *c)
{
	const struct route *route = c->match.route;
	GString *s;
	const char *p;
	unsigned i = 0;

	if (route == NULL) {
		/* Bytes of a stranger: the log stays valid UTF-8. */
		g_strlcpy(c->log_path, text_cut(c->a,
		    text_repair(c->a, c->path, strlen(c->path)),
		    sizeof(c->log_path) - 4), sizeof(c->log_path));
		return;
	}
	s = arena_gstring(c->a);
	p = c->match.face == FACE_API ? route->api : route->page;
	while (*p != '\0') {
		size_t n = strcspn(p, ":");

		g_string_append_len(s, p, (gssize)n);
		p += n;
		if (*p == '\0')
			break;
		n = strcspn(p, "/");
		if (strspn(c->match.param[i].value, "0123456789") ==
		    c->match.param[i].value_len)
			g_string_append_len(s, c->match.param[i].value,
			    (gssize)c->match.param[i].value_len);
		else
			g_string_append_len(s, p, (gssize)n);
		i++;
		p += n;
	}
	g_strlcpy(c->log_path, s->str, sizeof(c->log_path));
}

static void
request_new(struct conn *c, const char *path)
{
	struct req *r;

	c->a = arena_new("request");
	c->answer = ARENA_NEW(c->a, struct answer);
	c->path = arena_strdup(c->a, path);
	r = c->req = ARENA_NEW(c->a, struct req);
	route_find(c->post ? ROUTE_POST : ROUTE_GET, c->path, &c->match);
	r->a = c->a;
	r->conn = c;
	r->http = c->http;
	r->site = g_atomic_pointer_get(&c->http->site);
	r->route = c->match.route;
	r->face = c->match.path_known && r->route != NULL ? c->match.face :
	    g_str_has_prefix(path, "/api/")		   ? FACE_API :
							     FACE_PAGE;
	r->uri = arena_strdup(c->a, c->uri == NULL ? path : c->uri);
	r->now = when_now();
	r->client = head_client(c->a, c->mc, &c->head, c->http->proxies,
	    c->http->n_proxies);
	g_strlcpy(c->client, r->client, sizeof(c->client));
	log_path(c);
}

static enum MHD_Result
answer_405(struct conn *c)
{
	reply_error(c->req, MHD_HTTP_METHOD_NOT_ALLOWED,
	    "This address does not take this method.");
	reply_header(c->req, "Allow", c->match.get_ok && c->match.post_ok ?
		"GET, HEAD, POST" : c->match.get_ok ? "GET, HEAD" : "POST");
	return send_answer(c);
}

/* Will we read on, so that the client hears our words?  Who may come in
 * and only sends too much is heard out longer; who waits for our leave to
 * send (Expect) hears them at once. */
static bool
small_body(const struct conn *c)
{
	uint64_t max = HTTPD_SMALL_BODY;

	if (fault_is(c->fault, FAULT_LARGE))
		max = body_max(c->req) + HTTPD_DISCARD_MAX;
	return c->head.n_te == 0 && !c->head.expects &&
	    (c->head.length == NULL ||
		g_ascii_strtoull(c->head.length, NULL, 10) <= max);
}

static enum MHD_Result
before_body(struct conn *c)
{
	if (c->fault != NULL && c->post && !small_body(c)) {
		/* Before the body, which also ends the connection. */
		reply_fault(c->req, c->fault);
		return send_answer(c);
	}
	return MHD_YES;
}

static enum MHD_Result
first_call(struct conn *c, const char *path, const char *method,
    const char *version)
{
	bool get = strcmp(method, "GET") == 0;

	slow_header_read(c->http->slow, c->mc);
	c->seen = true;
	c->is_head = strcmp(method, "HEAD") == 0;
	c->post = strcmp(method, "POST") == 0;
	g_strlcpy(c->method, get ? "GET" : c->is_head ? "HEAD" :
	    c->post ? "POST" : "other", sizeof(c->method));
	head_read(c->mc, version, &c->head);
	if (c->head.bad == NULL && c->uri != NULL &&
	    strstr(c->uri, "%00") != NULL)
		c->head.bad = "a NUL byte in the address";
	if (c->head.bad != NULL) {
		g_autofree char *text = g_strdup_printf(
		    "This request is broken: it has %s.\n", c->head.bad);

		g_strlcpy(c->log_path, c->head.bad, sizeof(c->log_path));
		return send_bare(c, MHD_HTTP_BAD_REQUEST, text);
	}
	if (!c->post && (c->head.n_te > 0 ||
	    (c->head.length != NULL && strcmp(c->head.length, "0") != 0)))
		return send_bare(c, MHD_HTTP_CONTENT_TOO_LARGE,
		    "This request must not have a body.\n");
	if (c->hit != NULL && (get || c->is_head))
		return MHD_YES; /* answered in the second call */
	request_new(c, path);
	if (c->match.path_known &&
	    (c->match.route == NULL || (!get && !c->is_head && !c->post)))
		return answer_405(c);
	if (!get && !c->is_head && !c->post)
		return send_bare(c, MHD_HTTP_NOT_IMPLEMENTED,
		    "GET, HEAD and POST are understood here.\n");
	if (c->req->route == NULL)
		fault_set(&c->fault, FAULT_ABSENT, "There is no such page.");
	/* (Without a body there is time for it later.) */
	else if (c->post && !guard_asks(c))
		(void)work_enter(c, &c->fault);
	else if (c->post && work_give(c))
		return MHD_YES; /* called again, and nothing is read till then */
	return before_body(c);
}

static enum MHD_Result
more_body(struct conn *c, const char *data, size_t *n)
{
	size_t len = *n;

	*n = 0;
	if (c->req == NULL)
		return MHD_NO;
	if (when_ticks() - c->start >
	    c->req->site->conf->http_body_timeout * WHEN_SECOND) {
		give_up(c, MHD_HTTP_REQUEST_TIMEOUT, too_slow);
		return MHD_NO;
	}
	if (c->fault != NULL) {
		uint64_t max = HTTPD_DISCARD_MAX;

		if (c->req->route != NULL)
			max += body_max(c->req);
		c->body_bytes += len;
		if (c->body_bytes <= max)
			return MHD_YES;
		give_up(c, MHD_HTTP_CONTENT_TOO_LARGE, c->fault->message);
		return MHD_NO;
	}
	(void)body_feed(c, data, len, &c->fault);
	return MHD_YES;
}

static enum MHD_Result
last_call(struct conn *c)
{
	struct req *r = c->req;

	if (c->hit != NULL && r == NULL) {
		c->answered = true;
		return ready_send(c->hit, c->mc, &c->head, &c->status,
		    &c->sent);
	}
	if (c->fault == NULL && !c->worked && work_give(c))
		return MHD_YES;
	if (c->fault == NULL) {
		g_assert(c->answer->status != 0);
		if ((r->route->flags & ROUTE_CACHED) &&
		    c->answer->status == 200 && c->uri != NULL &&
		    req_query_plain(r))
			return send_cached(c);
		return send_answer(c);
	}
	/* The database is away: what we had is better than nothing. */
	if (c->stale != NULL && fault_is(c->fault, FAULT_BUSY)) {
		c->answered = true;
		return ready_send(c->stale, c->mc, &c->head, &c->status,
		    &c->sent);
	}
	reply_fault(r, c->fault);
	return send_answer(c);
}

static enum MHD_Result
handle(void *cls, struct MHD_Connection *mc, const char *path,
    const char *method, const char *version, const char *data, size_t *n,
    void **con_cls)
{
	struct conn *c = *con_cls;

	if (!c->seen)
		return first_call(c, path, method, version);
	if (c->asked) {
		c->asked = false;
		return before_body(c);
	}
	if (c->answered) {
		*n = 0;
		return MHD_YES;
	}
	if (*n > 0)
		return more_body(c, data, n);
	return last_call(c);
}

/* --- the daemon ------------------------------------------------------- */

G_GNUC_PRINTF(2, 0) static void
library_log(void *cls, const char *fmt, va_list ap)
{
	g_autofree char *s = g_strdup_vprintf(fmt, ap);

	log_debug("http.library", LOG_S("text", g_strchomp(s)));
}

bool
httpd_demo_ok(const struct conf *c, GError **err)
{
	ARENA_AUTO(a, "demo");
	char *host;
	uint16_t port;

	if (!c->site_demo)
		return true;
	if (net_parse_endpoint(a, c->http_listen, &host, &port) &&
	    net_endpoint_loopback(host))
		return true;
	return fault_set(err, FAULT_INPUT,
	    "The demo's passwords are public, so [http] listen = %s is "
	    "refused: use a loopback address or set [site] demo = false.",
	    c->http_listen);
}

static bool
listen_on(struct httpd *h, const struct conf *c, GError **err)
{
	ARENA_AUTO(a, "listen");
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM}, *ai = NULL;
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	char *host, service[8];
	int one = 1;

	if (!net_parse_endpoint(a, c->http_listen, &host, &h->port))
		return fault_set(err, FAULT_INPUT,
		    "[http] listen = %s is not ADDRESS:PORT.", c->http_listen);
	g_snprintf(service, sizeof(service), "%u", h->port);
	if (getaddrinfo(*host == '\0' ? NULL : host, service, &hints, &ai) != 0)
		return fault_set(err, FAULT_INPUT,
		    "[http] listen = %s is not an address.", c->http_listen);
	h->fd = socket(ai->ai_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (h->fd < 0 ||
	    setsockopt(h->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(h->fd, ai->ai_addr, ai->ai_addrlen) < 0 ||
	    listen(h->fd, HTTPD_BACKLOG) < 0 ||
	    getsockname(h->fd, (struct sockaddr *)&ss, &len) < 0) {
		freeaddrinfo(ai);
		return fault_set(err, FAULT_INPUT,
		    "The web server cannot listen on %s: %s.", c->http_listen,
		    g_strerror(errno));
	}
	freeaddrinfo(ai);
	if (getnameinfo((struct sockaddr *)&ss, len, NULL, 0, service,
		sizeof(service), NI_NUMERICSERV) == 0)
		h->port = (uint16_t)g_ascii_strtoull(service, NULL, 10);
	return true;
}

static bool
read_proxies(struct httpd *h, const struct conf *c, GError **err)
{
	const char *const *p = c->http_trusted_proxies;
	size_t n = 0;

	while (p != NULL && p[n] != NULL)
		n++;
	h->proxies = g_new0(struct net, n + 1);
	for (size_t i = 0; i < n; i++)
		if (!net_parse(p[i], false, &h->proxies[i]))
			return fault_set(err, FAULT_INPUT,
			    "[http] trusted_proxies: %s is no prefix.", p[i]);
	h->n_proxies = n;
	return true;
}

/* The folder web/: of the settings, as installed, or of the source tree. */
static char *
web_dir(const struct conf *c)
{
	char *dir;

	if (!text_blank(c->site_share_dir))
		return g_build_filename(c->site_share_dir, "web", NULL);
	dir = g_build_filename(PKGDATADIR, "web", NULL);
	if (g_file_test(dir, G_FILE_TEST_IS_DIR))
		return dir;
	g_free(dir);
	return g_build_filename(SRCDIR, "web", NULL);
}

/* A page keeps a processor busy, PostgreSQL's part of it at least: more at a
 * time than there are share what there is, and the last of them waits longest
 * (p99 of eight readers on two processors, in ms: 10 for two threads, 14 for
 * three, 25 to 120 for four).  One more works while another waits. */
static unsigned
threads_of(const struct conf *c)
{
	return c->http_threads > 0 ? (unsigned)c->http_threads :
		MIN(g_get_num_processors() + 1, 64);
}

/* Nobody new once we stop. */
static enum MHD_Result
welcome(void *http, const struct sockaddr *from, socklen_t len)
{
	struct httpd *h = http;

	(void)from;
	(void)len;
	return g_atomic_int_get(&h->stopping) ? MHD_NO : MHD_YES;
}

static bool
start_mhd(struct httpd *h, const struct conf *c, GError **err)
{
	/* Behind a proxy all connections have one address. */
	unsigned per_ip = h->n_proxies > 0 ? 0 :
	    (unsigned)MAX(c->http_connections / 2, 10);

	h->mhd = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD |
	    MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, welcome, h,
	    handle, h,
	    /* first, so that it also hears about what the others do */
	    MHD_OPTION_EXTERNAL_LOGGER, library_log, h,
	    MHD_OPTION_LISTEN_SOCKET, h->fd,
	    MHD_OPTION_THREAD_POOL_SIZE, threads_of(c),
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)c->http_connections,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, per_ip,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)c->http_timeout,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)HTTP_CONNECTION_MEMORY,
	    MHD_OPTION_URI_LOG_CALLBACK, uri_known, h,
	    MHD_OPTION_NOTIFY_COMPLETED, completed, h,
	    MHD_OPTION_NOTIFY_CONNECTION, slow_connection, h->slow,
	    /* Not strict: its only effect is that MHD itself answers a
	     * request without Host, and it sends that header twice.
	     * head_read() is stricter. */
	    MHD_OPTION_STRICT_FOR_CLIENT, 0,
	    MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
	return h->mhd != NULL ||
	    fault_set(err, FAULT_BUSY, "libmicrohttpd did not start.");
}

static void
httpd_free(struct httpd *h)
{
	/* MHD stops only when no connection is suspended. */
	g_atomic_int_set(&h->stopping, 2);
	while (g_atomic_int_get(&h->working) > 0)
		g_usleep(1000);
	if (h->mhd != NULL)
		MHD_stop_daemon(h->mhd);
	else if (h->fd >= 0)
		close(h->fd);
	if (h->work != NULL)
		g_thread_pool_free(h->work, FALSE, TRUE);
	slow_free(h->slow);
	live_free(h->live);
	cache_free(h->cache);
	assets_free(h->assets);
	counts_free(h->counts);
	db_pool_free(h->pool);
	g_free(h->proxies);
	g_free(h->origin);
	g_free(h);
}

bool
httpd_start(const struct site *site, const struct httpd_options *o,
    struct httpd **out, GError **err)
{
	const struct conf *c = site->conf;
	struct httpd *h = g_new0(struct httpd, 1);
	g_autofree char *web = web_dir(c);
	const char *slash;

	h->fd = -1;
	h->site = site;
	if (o != NULL)
		h->options = *o;
	h->https = text_istarts(c->site_public_url, "https://");
	h->cookie_name = h->https ? "__Host-tocsin" : "tocsin";
	h->flash_name = h->https ? "__Host-tocsin-said" : "tocsin-said";
	slash = strstr(c->site_public_url, "://");
	slash = slash == NULL ? NULL : strchr(slash + 3, '/');
	h->origin = slash == NULL ? g_strdup(c->site_public_url) :
	    g_strndup(c->site_public_url,
		(gsize)(slash - c->site_public_url));
	if (!httpd_demo_ok(c, err) || !read_proxies(h, c, err) ||
	    (h->assets = assets_load(web, h->https, err)) == NULL ||
	    !listen_on(h, c, err)) {
		httpd_free(h);
		return false;
	}
	/* One for each that works, and for each of MHD's own: it reads what is
	 * streamed. */
	h->pool = db_pool_new(c, "tocsin web", 2 * threads_of(c));
	db_pool_desk(h->pool);
	h->work = g_thread_pool_new(work, h, (int)threads_of(c), TRUE, NULL);
	h->cache = cache_new(c);
	h->counts = counts_new();
	h->slow = slow_new((unsigned)c->http_timeout,
	    (unsigned)c->http_header_timeout);
	h->live = live_new(site);
	if (!start_mhd(h, c, err)) {
		httpd_free(h);
		return false;
	}
	log_info("http.listening", LOG_S("on", c->http_listen),
	    LOG_I("port", h->port));
	*out = h;
	return true;
}

uint16_t
httpd_port(const struct httpd *h)
{
	return h->port;
}

void
httpd_reload(struct httpd *h, const struct site *site)
{
	g_atomic_pointer_set(&h->site, site);
	cache_bump(h->cache);
}

void
httpd_stop(struct httpd *h)
{
	if (h == NULL)
		return;
	g_atomic_int_set(&h->stopping, 1);
	live_end_all(h->live);
	for (int ms = 0; ms < HTTPD_DRAIN_MS &&
	     g_atomic_int_get(&h->active) > 0; ms += 20)
		g_usleep(20 * 1000);
	httpd_free(h);
	log_info("http.stopped");
}

struct counts *
httpd_counts(const struct httpd *h)
{
	return h->counts;
}
