/* From the handler's answer to MHD's response. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "http/priv.h"

#include <sys/socket.h>

enum { SEND_BLOCK = 64 * 1024 };

/* A message on its way out, piece by piece.  In the request's arena. */
struct stream {
	struct arena *a;
	struct db_pool *pool;
	int64_t who;
	req_piece *piece;
	int64_t id, seq, size;
	GByteArray *buf;
	guint pos;
};

static void
free_arena(void *a)
{
	arena_free(a);
}

static void
stream_free(void *ctx)
{
	struct stream *s = ctx;

	g_byte_array_unref(s->buf);
	arena_free(s->a);
}

static bool
stream_sink(void *ctx, const void *p, size_t n)
{
	struct stream *s = ctx;

	g_byte_array_append(s->buf, p, (guint)n);
	return true;
}

/* One piece, with a connection that is held only meanwhile: a slow reader
 * must not keep a connection from others. */
static bool
stream_fill(struct stream *s)
{
	g_autoptr(GError) err = NULL;
	struct db *db = db_take_as(s->pool, s->who);
	bool ok;

	g_byte_array_set_size(s->buf, 0);
	s->pos = 0;
	ok = s->piece(db, s->id, s->seq++, stream_sink, s, &err);
	db_put(db);
	if (!ok)
		log_fault("http.stream", err);
	return ok && s->buf->len > 0;
}

static ssize_t
stream_read(void *ctx, uint64_t pos, char *out, size_t max)
{
	struct stream *s = ctx;
	size_t n;

	if (pos >= (uint64_t)s->size)
		return MHD_CONTENT_READER_END_OF_STREAM;
	/* A short message would look whole: end with an error instead. */
	if (s->pos == s->buf->len && !stream_fill(s))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	n = MIN(max, s->buf->len - s->pos);
	memcpy(out, s->buf->data + s->pos, n);
	s->pos += (guint)n;
	return (ssize_t)n;
}

static struct MHD_Response *
make_stream(struct conn *c, const struct answer *an)
{
	struct stream *s = ARENA_NEW(c->a, struct stream);

	*s = (struct stream){.a = c->a, .pool = c->http->pool,
		.who = c->actor,
		.piece = an->piece, .id = an->piece_id, .size = an->size,
		.buf = g_byte_array_new()};
	return MHD_create_response_from_callback((uint64_t)an->size,
	    SEND_BLOCK, stream_read, s, stream_free);
}

static void
answer_bytes(const struct answer *an, const void **p, size_t *n)
{
	*p = an->text != NULL ? an->text->str : an->bytes;
	*n = an->text != NULL ? an->text->len : an->len;
	if (*p == NULL)
		*p = "";
}

enum MHD_Result
send_answer(struct conn *c)
{
	struct answer *an = c->answer;
	struct MHD_Response *mr;
	enum MHD_Result res;
	const void *p;
	size_t n;

	answer_bytes(an, &p, &n);
	c->status = an->status;
	c->sent = an->piece != NULL ? (uint64_t)an->size : n;
	c->answered = true;
	if (an->live != NULL)
		mr = live_response(an->live);
	else if (an->piece != NULL)
		mr = make_stream(c, an);
	else
		mr = MHD_create_response_from_buffer_with_free_callback_cls(n,
		    (void *)(uintptr_t)p, free_arena, c->a);
	g_assert(mr != NULL);
	MHD_add_response_header(mr, "Content-Type", an->type);
	MHD_add_response_header(mr, "Cache-Control", "no-store");
	ready_headers(mr, an->look, c->http->https);
	for (unsigned i = 0; i < an->headers; i++)
		MHD_add_response_header(mr, an->header[i].name,
		    an->header[i].value);
	if (an->status == MHD_HTTP_SERVICE_UNAVAILABLE ||
	    an->status == MHD_HTTP_TOO_MANY_REQUESTS)
		MHD_add_response_header(mr, "Retry-After",
		    G_STRINGIFY(HTTP_RETRY_AFTER));
	/* Who sent too much, all of it by now, keeps no connection for that. */
	if (g_atomic_int_get(&c->http->stopping) ||
	    an->status == MHD_HTTP_CONTENT_TOO_LARGE)
		MHD_add_response_header(mr, "Connection", "close");
	/* A listener stays for hours and needs none of it; else the arena is
	 * the response's from here on. */
	if (an->live != NULL)
		arena_free(c->a);
	c->a = NULL;
	c->req = NULL;
	c->answer = NULL;
	c->body = NULL;
	res = MHD_queue_response(c->mc, c->status, mr);
	MHD_destroy_response(mr);
	return res;
}

enum MHD_Result
send_cached(struct conn *c)
{
	struct answer *an = c->answer;
	struct ready_spec spec = {.type = an->type,
		.cache_control = "public, max-age=0, must-revalidate",
		.html = an->look == LOOK_PAGE, .https = c->http->https};
	struct ready *r;
	enum MHD_Result res;

	answer_bytes(an, &spec.bytes, &spec.len);
	spec.etag = arena_strndup(c->a,
	    text_sha256(c->a, spec.bytes, spec.len), READY_ETAG_CHARS);
	spec.modified = c->req->modified;
	/* Something public changed, but not this page. */
	if (spec.modified == 0 && c->stale != NULL &&
	    strcmp(ready_etag(c->stale), spec.etag) == 0)
		spec.modified = ready_modified(c->stale);
	if (spec.modified == 0)
		spec.modified = c->req->now;
	r = ready_new(&spec);
	cache_store(c->http->cache, c->uri, r, c->generation);
	c->answered = true;
	res = ready_send(r, c->mc, &c->head, &c->status, &c->sent);
	ready_unref(r);
	return res;
}

enum MHD_Result
send_bare(struct conn *c, unsigned status, const char *text)
{
	struct MHD_Response *mr = MHD_create_response_from_buffer(
	    strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result res;

	g_assert(mr != NULL);
	MHD_add_response_header(mr, "Content-Type",
	    "text/plain; charset=utf-8");
	MHD_add_response_header(mr, "Cache-Control", "no-store");
	MHD_add_response_header(mr, "Connection", "close");
	ready_headers(mr, LOOK_DATA, c->http->https);
	c->status = status;
	c->sent = strlen(text);
	c->answered = true;
	res = MHD_queue_response(c->mc, status, mr);
	MHD_destroy_response(mr);
	return res;
}

void
send_by_hand(int fd, unsigned status, const char *text)
{
	g_autofree char *s = g_strdup_printf("HTTP/1.1 %u %s\r\n"
	    "Connection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
	    "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
	    "Content-Length: %zu\r\n\r\n%s\n", status,
	    MHD_get_reason_phrase_for(status), strlen(text) + 1, text);

	(void)send(fd, s, strlen(s), MSG_DONTWAIT | MSG_NOSIGNAL);
}
