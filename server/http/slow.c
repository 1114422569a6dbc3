/* See slow.h. */
#include "base/base.h"
#include "base/log.h"
#include "http/slow.h"

#include <sys/socket.h>

struct slow {
	GMutex lock;
	GCond changed;
	GQueue waiting; /* of struct slot, the one that began first at head */
	gint64 span;    /* microseconds */
	bool stop;
	GThread *thread;
};

/* One a connection, as its context. */
struct slot {
	GList link;
	gint64 due;
	int fd;
	bool waits;
};

/* The lock is held. */
static void
leave(struct slow *s, struct slot *x)
{
	if (x->waits)
		g_queue_unlink(&s->waiting, &x->link);
	x->waits = false;
}

/* The lock is held. */
static void
enter(struct slow *s, struct slot *x)
{
	leave(s, x);
	x->due = g_get_monotonic_time() + s->span;
	x->waits = true;
	g_queue_push_tail_link(&s->waiting, &x->link);
	/* the watcher sleeps without a time only while nobody waits */
	if (s->waiting.length == 1)
		g_cond_signal(&s->changed);
}

static void *
watch(void *p)
{
	struct slow *s = p;

	g_mutex_lock(&s->lock);
	while (!s->stop) {
		struct slot *x = g_queue_peek_head(&s->waiting);

		if (x == NULL) {
			g_cond_wait(&s->changed, &s->lock);
		} else if (x->due > g_get_monotonic_time()) {
			(void)g_cond_wait_until(&s->changed, &s->lock,
			    x->due);
		} else {
			leave(s, x);
			(void)shutdown(x->fd, SHUT_RDWR);
			log_info("http.slow",
			    LOG_I("s", s->span / G_USEC_PER_SEC));
		}
	}
	g_mutex_unlock(&s->lock);
	return NULL;
}

struct slow *
slow_new(unsigned seconds)
{
	struct slow *s = g_new0(struct slow, 1);

	g_mutex_init(&s->lock);
	g_cond_init(&s->changed);
	g_queue_init(&s->waiting);
	s->span = (gint64)seconds * G_USEC_PER_SEC;
	s->thread = g_thread_new("slow", watch, s);
	return s;
}

void
slow_free(struct slow *s)
{
	if (s == NULL)
		return;
	g_mutex_lock(&s->lock);
	s->stop = true;
	g_cond_signal(&s->changed);
	g_mutex_unlock(&s->lock);
	g_thread_join(s->thread);
	g_assert(s->waiting.length == 0);
	g_mutex_clear(&s->lock);
	g_cond_clear(&s->changed);
	g_free(s);
}

void
slow_connection(void *cls, struct MHD_Connection *mc, void **context,
    enum MHD_ConnectionNotificationCode code)
{
	struct slow *s = cls;
	struct slot *x = *context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *i = MHD_get_connection_info(
		    mc, MHD_CONNECTION_INFO_CONNECTION_FD);

		*context = x = g_new0(struct slot, 1);
		x->link.data = x;
		x->fd = i->connect_fd;
		g_mutex_lock(&s->lock);
		enter(s, x);
		g_mutex_unlock(&s->lock);
		return;
	}
	if (x == NULL)
		return;
	g_mutex_lock(&s->lock);
	leave(s, x);
	g_mutex_unlock(&s->lock);
	g_free(x);
	*context = NULL;
}

static struct slot *
slot_of(struct MHD_Connection *mc)
{
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(mc,
	    MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return i->socket_context;
}

void
slow_header_read(struct slow *s, struct MHD_Connection *mc)
{
	g_mutex_lock(&s->lock);
	leave(s, slot_of(mc));
	g_mutex_unlock(&s->lock);
}

void
slow_request_over(struct slow *s, struct MHD_Connection *mc)
{
	g_mutex_lock(&s->lock);
	enter(s, slot_of(mc));
	g_mutex_unlock(&s->lock);
}
