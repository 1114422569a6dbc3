/* See slow.h. */
#include "base/base.h"
#include "base/log.h"
#include "http/priv.h"
#include "http/slow.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum { CLOCK_SLACK = 50 * 1000 };

struct slow {
	GMutex lock;
	GCond changed;
	GQueue waiting; /* of struct slot, the one that began first at head */
	gint64 span;    /* microseconds, of which MHD watches */
	gint64 silence;
	bool stop;
	GThread *thread;
};

/* One a connection, as its context. */
struct slot {
	GList link;
	gint64 due;
	uint64_t had; /* bytes when its last request was over */
	int fd;
	bool waits;
};

/* Bytes that ever came; 0: the kernel does not tell. */
static uint64_t
received(int fd)
{
	struct tcp_info i;
	socklen_t n = sizeof(i);

	memset(&i, 0, sizeof(i));
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &n) == 0 ?
	    i.tcpi_bytes_received : 0;
}

/* Who is in the middle of a header hears why it ends here. */
static void
tell(const struct slot *x)
{
	if (received(x->fd) > x->had)
		send_by_hand(x->fd, MHD_HTTP_REQUEST_TIMEOUT,
		    "This request took too long to arrive.");
}

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
			tell(x);
			(void)shutdown(x->fd, SHUT_RDWR);
			log_info("http.slow",
			    LOG_I("s", s->span / G_USEC_PER_SEC));
		}
	}
	g_mutex_unlock(&s->lock);
	return NULL;
}

struct slow *
slow_new(unsigned silence, unsigned more)
{
	struct slow *s = g_new0(struct slow, 1);

	g_mutex_init(&s->lock);
	g_cond_init(&s->changed);
	g_queue_init(&s->waiting);
	s->silence = (gint64)silence * G_USEC_PER_SEC;
	s->span = s->silence + (gint64)more * G_USEC_PER_SEC;
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
	/* MHD ends what is silent, by a coarse clock, and does not say so;
	 * behind the request line httpd.c has heard of it (completed()) */
	if (x->waits && g_get_monotonic_time() - (x->due - s->span) >=
	    s->silence - CLOCK_SLACK)
		tell(x);
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
	struct slot *x = slot_of(mc);

	g_mutex_lock(&s->lock);
	x->had = received(x->fd);
	enter(s, x);
	g_mutex_unlock(&s->lock);
}
