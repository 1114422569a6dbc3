/* Listeners: joining, reading, leaving.  See live.h. */
#include "base/base.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/when.h"
#include "http/live/live_priv.h"

enum { LIVE_BLOCK = 1024 };

static int64_t
next_ping(void)
{
	return when_ticks() + g_random_int_range(LIVE_PING_FIRST,
	    LIVE_PING_LAST) * WHEN_SECOND;
}

static void
wake(struct listener *s)
{
	if (!s->suspended)
		return;
	s->suspended = false;
	MHD_resume_connection(s->mc);
}

void
live_put(struct listener *s, const char *bytes, size_t n)
{
	if (s->ended)
		return;
	if (s->out->len - s->done + n > LIVE_BUFFER_MAX) {
		log_info("live.slow", LOG_I("actor", s->who.id));
		live_end(s, true);
		return;
	}
	g_string_append_len(s->out, bytes, (gssize)n);
	s->ping_at = next_ping();
	wake(s);
}

void
live_end(struct listener *s, bool broken)
{
	s->ended = true;
	s->broken |= broken;
	wake(s);
}

struct live *
live_new(const struct site *site)
{
	struct live *l = g_new0(struct live, 1);
	const struct conf *c = site->conf;

	l->site = site;
	l->process = g_uuid_string_random();
	g_mutex_init(&l->lock);
	g_queue_init(&l->all);
	/* The other half is for pages. */
	l->max = (unsigned)MIN(c->http_streams, c->http_connections / 2);
	l->thread = g_thread_new("live", live_watch, l);
	return l;
}

void
live_end_all(struct live *l)
{
	g_atomic_int_set(&l->stop, 1);
	g_mutex_lock(&l->lock);
	l->ending = true;
	for (GList *p = l->all.head; p != NULL; p = p->next)
		live_end(p->data, false);
	g_mutex_unlock(&l->lock);
}

void
live_free(struct live *l)
{
	if (l == NULL)
		return;
	g_atomic_int_set(&l->stop, 1);
	g_thread_join(l->thread);
	g_assert(l->all.length == 0);
	g_mutex_clear(&l->lock);
	g_free(l->process);
	g_free(l->said);
	g_free(l);
}

static unsigned
of_principal(const struct live *l, int64_t id)
{
	unsigned n = 0;

	for (const GList *p = l->all.head; p != NULL; p = p->next)
		n += ((const struct listener *)p->data)->who.id == id;
	return n;
}

static int
socket_of(struct MHD_Connection *mc)
{
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(mc,
	    MHD_CONNECTION_INFO_CONNECTION_FD);

	return i != NULL ? i->connect_fd : -1;
}

struct listener *
live_join(struct live *l, struct MHD_Connection *mc,
    const struct live_ask *ask)
{
	struct listener *s = NULL;

	g_mutex_lock(&l->lock);
	if (!l->ending && l->all.length < l->max &&
	    of_principal(l, ask->who.id) < LIVE_PER_PRINCIPAL) {
		s = g_new0(struct listener, 1);
		s->live = l;
		s->serial = l->serial++;
		s->mc = mc;
		s->fd = socket_of(mc);
		s->who = ask->who;
		s->name = g_strdup(ask->who.name);
		s->who.name = s->name;
		s->who.email = NULL;
		s->session = g_strdup(ask->session);
		s->ticket = ask->ticket;
		s->version = ask->version;
		/* "From now on" is from here, not from when it is greeted:
		 * what comes between is told then. */
		s->since = ask->since > 0 ? ask->since : l->seen;
		s->fresh = true;
		s->ping_at = next_ping();
		s->out = g_string_new(NULL);
		/* The first bytes also make proxies pass the header on. */
		g_string_append_printf(s->out, "retry: %d\n\n",
		    LIVE_RETRY_MS);
		s->link.data = s;
		g_queue_push_tail_link(&l->all, &s->link);
	}
	g_mutex_unlock(&l->lock);
	return s;
}

/* MHD is done with the response. */
static void
leave(void *p)
{
	struct listener *s = p;
	struct live *l = s->live;

	g_mutex_lock(&l->lock);
	g_queue_unlink(&l->all, &s->link);
	g_mutex_unlock(&l->lock);
	g_string_free(s->out, TRUE);
	g_free(s->here);
	g_free(s->session);
	g_free(s->name);
	g_free(s);
}

void
live_unsent(void *p)
{
	struct listener *s = p;

	if (!s->sent)
		leave(s);
}

/* MHD asks for bytes.  Without any the connection is suspended, under the
 * lock, so that no news comes between the look and the sleep. */
static ssize_t
live_read(void *ctx, uint64_t pos, char *out, size_t max)
{
	struct listener *s = ctx;
	ssize_t n = 0;

	(void)pos;
	g_mutex_lock(&s->live->lock);
	if (s->broken) {
		n = MHD_CONTENT_READER_END_WITH_ERROR;
	} else if (s->done < s->out->len) {
		n = (ssize_t)MIN(max, s->out->len - s->done);
		memcpy(out, s->out->str + s->done, (size_t)n);
		s->done += (size_t)n;
		if (s->done == s->out->len) {
			g_string_truncate(s->out, 0);
			s->done = 0;
		}
	} else if (s->ended) {
		n = MHD_CONTENT_READER_END_OF_STREAM;
	} else {
		s->suspended = true;
		MHD_suspend_connection(s->mc);
	}
	g_mutex_unlock(&s->live->lock);
	return n;
}

struct MHD_Response *
live_response(struct listener *s)
{
	s->sent = true;
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, LIVE_BLOCK,
	    live_read, s, leave);
}
