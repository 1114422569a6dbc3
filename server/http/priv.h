/* What the files of server/http share; page modules do not include it. */
#ifndef HTTP_PRIV_H
#define HTTP_PRIV_H

#include "http/httpd.h"
#include "http/route.h"

#include <microhttpd.h>

/* It takes the listener out of what the library's threads wait on; a thread
 * that wakes just then does the same, and the second of the two aborts the
 * process (0.9.75).  welcome() in httpd.c turns away who comes. */
#pragma GCC poison MHD_quiesce_daemon

#include "base/net.h"
#include "http/live/live.h"

enum {
	/* Per connection, for request line and headers and as upload buffer:
	 * larger headers are 431 by MHD. */
	HTTP_CONNECTION_MEMORY = 32 * 1024,
	HTTP_HEADERS_MAX = 100,
	HTTP_HOST_MAX = 255,
	/* Larger bodies and uploads wait in an unlinked file. */
	HTTP_SPILL_AT = 256 * 1024,
};
/* Seconds, with 503 and 429. */
#define HTTP_RETRY_AFTER 5

/* --- head.c: one pass over the header, before anything else ---------- */

struct head {
	const char *host, *authorization, *accept_encoding, *if_none_match;
	const char *if_modified_since, *origin, *fetch_site, *forwarded_for;
	const char *content_type, *csrf, *length, *transfer_encoding;
	unsigned n, n_host, n_length, n_te;
	bool expects;    /* "100-continue": nothing is sent before our leave */
	const char *bad; /* what a smuggler or a broken peer did, or NULL */
};
/* Refuses what two parsers might read differently; see head.c. */
void head_read(struct MHD_Connection *mc, const char *version,
    struct head *out);
/* ETag lists and dates against ours. */
bool head_not_modified(const struct head *h, const char *etag,
    int64_t modified);
bool head_takes_gzip(const struct head *h);
/* Who asks: the peer, or what trusted proxies say in X-Forwarded-For. */
const char *head_client(struct arena *a, struct MHD_Connection *mc,
    const struct head *h, const struct net *proxies, size_t n);

/* --- ready.c: an answer that is made once and sent many times --------- */

enum { READY_ETAG_CHARS = 24 };
struct ready;
struct ready_spec {
	const char *type;
	const void *bytes; /* copied */
	size_t len;
	int64_t modified;
	const char *cache_control;
	bool html;         /* the page's Content-Security-Policy */
	bool https;        /* with Strict-Transport-Security */
	const char *etag;  /* without quotes; NULL: from the bytes */
};
struct ready *ready_new(const struct ready_spec *spec);
struct ready *ready_ref(struct ready *r);
void ready_unref(struct ready *r);
size_t ready_size(const struct ready *r);
const char *ready_etag(const struct ready *r);
int64_t ready_modified(const struct ready *r);
/* 200, gzip or 304; *status and *bytes for the access line. */
enum MHD_Result ready_send(struct ready *r, struct MHD_Connection *mc,
    const struct head *h, unsigned *status, uint64_t *bytes);
/* The headers that every answer has. */
enum http_look { LOOK_PAGE, LOOK_DATA, LOOK_DOWNLOAD };
void ready_headers(struct MHD_Response *mr, enum http_look look, bool https);

/* --- httpd.c: one request ---------------------------------------------- */

struct answer;
struct conn {
	struct httpd *http;
	struct MHD_Connection *mc;
	char *uri;            /* as it came */
	struct head head;
	struct ready *hit;    /* found by the raw URI, or NULL */
	struct ready *stale;  /* of the cache: when rendering fails */
	uint64_t generation;  /* of the cache, when it was asked */
	bool seen, answered;
	bool entered;         /* work_enter() was asked */
	bool asked;           /* by a thread of http->work, before the body */
	bool worked;          /* the handler ran, by such a thread */
	bool is_head, post, odd_query;
	struct arena *a;      /* NULL until needed and after it was given to
			       * the response */
	struct req *req;      /* the rest is in the arena */
	struct answer *answer;
	struct body *body;
	const char *path;     /* decoded */
	struct route_match match;
	GError *fault;        /* decided, not yet answered */
	uint64_t body_bytes;
	/* for the access line; outside the arena, which is gone by then */
	int64_t start;
	int64_t given;        /* to http->work, the last time */
	int64_t queued;       /* how long it waited there, each time */
	int64_t trips;        /* to the database: db_trips() */
	unsigned status;
	uint64_t sent;
	int64_t actor;
	char method[8], client[48], log_path[100];
};

struct httpd {
	const struct site *site; /* g_atomic_pointer */
	struct db_pool *pool;
	struct MHD_Daemon *mhd;
	GThreadPool *work;       /* those who run handlers */
	struct cache *cache;
	struct assets *assets;
	struct counts *counts;
	struct slow *slow;       /* headers that drip */
	struct live *live;
	struct httpd_options options;
	struct net *proxies;
	size_t n_proxies;
	bool https;
	const char *cookie_name, *flash_name;
	char *origin;            /* of site_public_url */
	int fd;                  /* the listener */
	uint16_t port;
	gint active;             /* requests in hand */
	gint working;            /* requests that http->work has */
	gint stopping;           /* 2: what was not begun is not done any more */
	int64_t started;
};

/* --- work.c: what may have to wait -------------------------------------- */

/* All that can be said before the body. */
bool work_enter(struct conn *c, GError **err);
/* Suspends the connection and leaves it to http->work: the caller touches conn
 * no more.  False, with the fault: we stop. */
bool work_give(struct conn *c);
/* One request of http->work: what is said before the body, or body and
 * handler, or both where no body comes.  MHD's thread then goes on with entered
 * and worked, and answer or fault; until then nobody else touches conn. */
void work(void *conn, void *http);

/* Is there a session or a token that has to be looked up? */
bool guard_asks(const struct conn *c);
/* Session, bearer token, Origin: fills actor, login, csrf of the request.
 * FAULT_LOGIN, FAULT_DENIED. */
bool guard_enter(struct conn *c, struct req *r, GError **err);
/* After the body: the CSRF field of a session. */
bool guard_csrf(struct conn *c, struct req *r, GError **err);
void guard_set_flash(struct req *r, const char *text);
const char *guard_take_flash(struct req *r);

/* form.c, body.c */
struct body;
/* Bytes that the route and the settings take. */
uint64_t body_max(const struct req *r);
/* Type and length known, nothing read: FAULT_INPUT 415-like, FAULT_LARGE. */
bool body_begin(struct conn *c, struct req *r, GError **err);
bool body_feed(struct conn *c, const void *p, size_t n, GError **err);
bool body_end(struct conn *c, struct req *r, GError **err);
/* One value of one declared field; off 0 begins it. */
void form_feed(struct form_data *f, const char *name, const char *filename,
    const char *type, const void *p, size_t n, bool first);
struct form_data *form_new(struct req *r, const struct form *form);
bool form_from_json(struct req *r, const struct json *obj, GError **err);
void form_set_body(struct form_data *f, struct blob *b,
    const struct json *json);
void form_finish(struct req *r);
struct list form_problems(const struct req *r);
const char *form_csrf(const struct req *r); /* NULL: not sent */

/* reply.c */
/* A handler's answer, kept in the request until httpd.c sends it. */
struct answer {
	unsigned status;
	const char *type;
	enum http_look look;
	GString *text;           /* of the arena, or */
	const void *bytes;
	size_t len;
	req_piece *piece;        /* or streamed */
	int64_t piece_id, size;
	struct listener *live;   /* or never ending */
	struct {
		const char *name, *value;
	} header[8];
	unsigned headers;
};
/* Answers by the kind of fault, on either face; never fails. */
void reply_fault(struct req *r, const GError *err);
bool reply_error(struct req *r, unsigned status, const char *detail);
/* A header of the answer to come. */
void reply_header(struct req *r, const char *name, const char *value);
/* True when the query holds nothing but what the route declares. */
bool req_query_plain(struct req *r);

/* send.c */
/* Queues what the handler left; the arena goes with it. */
enum MHD_Result send_answer(struct conn *c);
/* Renders into the cache and answers from there. */
enum MHD_Result send_cached(struct conn *c);
/* Before there is a request: plain words, and the connection ends. */
enum MHD_Result send_bare(struct conn *c, unsigned status, const char *text);

/* While a request is not whole MHD takes no answer, but the socket does:
 * nothing else is on its way then.  Plain words; the caller ends the
 * connection.  What does not go out at once is lost. */
void send_by_hand(int fd, unsigned status, const char *text);

/* cache.c */
struct cache;
struct cache *cache_new(const struct conf *c);
void cache_free(struct cache *k);
/* Fresh, or stale while the database is away: a reference.  NULL: render;
 * then *stale (may be set) is what to serve when that fails. */
struct ready *cache_find(struct cache *k, const char *uri,
    struct ready **stale, uint64_t *generation);
void cache_store(struct cache *k, const char *uri, struct ready *r,
    uint64_t generation);
void cache_bump(struct cache *k);

/* asset.c */
struct assets;
struct assets *assets_load(const char *dir, bool https, GError **err);
void assets_free(struct assets *s);
struct ready *assets_find(struct assets *s, const char *uri);
/* "/static/style.0123456789ab.css" for "style.css"; NULL when there is
 * no such file. */
const char *assets_url(const struct assets *s, const char *name);
/* Each problem beside its field, where the template has no place for it; `page`
 * is one of ours, rendered (beside.c). */
void errors_beside(struct req *r, GString *page);

#endif
