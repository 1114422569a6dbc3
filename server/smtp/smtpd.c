/* See smtpd.h: life of the receiver, and its loop. */
#include "base/base.h"
#include "smtp/smtpd.h"

#include "base/log.h"
#include "base/when.h"
#include "smtp/conn.h"
#include "smtp/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS_MAX = 256 };

enum phase { PHASE_RUN, PHASE_DRAIN, PHASE_STOP };

struct smtpd {
	struct arena *arena;
	struct session_host host;
	struct loop loop;
	struct listener listeners[SMTPD_LISTENERS_MAX];
	size_t n_listeners;
	bool listening;     /* in epoll's set */
	int64_t resume_at;  /* when they are not, for want of descriptors */
	int reserve;        /* a descriptor to give away when there is none */
	int wake;           /* eventfd: a worker or main wants something */
	_Atomic int phase;
	bool started;
	pthread_t thread;
	pthread_mutex_t lock; /* for empty */
	pthread_cond_t changed;
	bool empty; /* draining, and no connection is left */
};

/* The receiver's socket of an address in the settings; "" is none. */
static bool
open_setting(struct smtpd *d, const char *where, bool lmtp, GError **err)
{
	for (size_t i = 0; i < d->n_listeners; i++)
		if (d->listeners[i].lmtp == lmtp)
			return true; /* inherited */
	if (where == NULL || *where == '\0')
		return true;
	if (!listen_open(&d->listeners[d->n_listeners], where, lmtp, err))
		return false;
	d->n_listeners++;
	return true;
}

static bool
open_all(struct smtpd *d, const struct smtpd_socket *sockets, size_t n,
    GError **err)
{
	const struct conf *conf = d->host.conf;

	if (n > SMTPD_LISTENERS_MAX - 2)
		return fault_set(err, FAULT_INPUT,
		    "More than %d inherited sockets.",
		    SMTPD_LISTENERS_MAX - 2);
	for (size_t i = 0; i < n; i++) {
		if (!listen_adopt(&d->listeners[d->n_listeners],
			sockets[i].fd, sockets[i].lmtp, err))
			return false;
		d->n_listeners++;
	}
	return open_setting(d, conf->smtp_listen, false, err) &&
	    open_setting(d, conf->smtp_lmtp, true, err);
}

struct smtpd *
smtpd_new_with(const struct conf *conf, const struct smtpd_ops *ops,
    const struct smtpd_socket *sockets, size_t n, GError **err)
{
	struct smtpd *d = g_new0(struct smtpd, 1);
	struct epoll_event ev = {.events = EPOLLIN};
	pthread_condattr_t attr;

	d->arena = arena_new("smtpd");
	d->host.conf = conf;
	d->host.ops = ops;
	d->host.name = conf->smtp_hostname != NULL && *conf->smtp_hostname
	    ? conf->smtp_hostname
	    : conf->site_mail_domain;
	d->loop.host = &d->host;
	d->loop.epoll = epoll_create1(EPOLL_CLOEXEC);
	d->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	d->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pthread_mutex_init(&d->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&d->changed, &attr);
	pthread_condattr_destroy(&attr);
	if (d->loop.epoll < 0 || d->wake < 0 ||
	    epoll_ctl(d->loop.epoll, EPOLL_CTL_ADD, d->wake, &ev) < 0) {
		fault_set(err, FAULT_BUSY, "Cannot make an event loop: %s.",
		    g_strerror(errno));
		smtpd_free(d);
		return NULL;
	}
	if (!limits_init(&d->host.limits, conf, d->arena, err) ||
	    !open_all(d, sockets, n, err)) {
		smtpd_free(d);
		return NULL;
	}
	return d;
}

struct smtpd *
smtpd_new(const struct conf *conf, const struct smtpd_ops *ops, GError **err)
{
	return smtpd_new_with(conf, ops, NULL, 0, err);
}

/* Listeners in or out of epoll's set. */
static void
listen_all(struct smtpd *d, bool on)
{
	if (d->listening == on)
		return;
	for (size_t i = 0; i < d->n_listeners; i++) {
		struct epoll_event ev = {.events = EPOLLIN,
		    .data.ptr = &d->listeners[i]};

		epoll_ctl(d->loop.epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL,
		    d->listeners[i].fd, &ev);
	}
	d->listening = on;
}

static void
turn_away(struct smtpd *d, int fd, const char *why)
{
	g_autofree char *line = g_strdup_printf("421 4.7.0 %s %s\r\n",
	    d->host.name, why);

	d->host.limits.turned_away++;
	(void)!send(fd, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

/*
 * No descriptor for the next connection.  It would stay in the backlog and
 * epoll would report it again at once, for ever: so one is let go of, the
 * client is told, and the listeners rest for a moment.
 */
static void
out_of_descriptors(struct smtpd *d, const struct listener *l)
{
	struct net peer;
	int fd;

	log_warning("smtp.no_descriptors",
	    LOG_I("sessions", d->host.limits.sessions));
	if (d->reserve >= 0) {
		close(d->reserve);
		fd = listen_accept(l, &peer);
		if (fd >= 0)
			turn_away(d, fd, "Too many connections");
		d->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	listen_all(d, false);
	d->resume_at = when_ticks() + SMTPD_ACCEPT_PAUSE_MS * 1000;
}

static void
take_connections(struct smtpd *d, const struct listener *l)
{
	struct net peer;
	int fd;

	for (int i = 0; i < SMTPD_ACCEPT_MAX && d->listening; i++) {
		fd = listen_accept(l, &peer);
		if (fd >= 0 &&
		    d->host.limits.sessions >= d->host.conf->smtp_connections)
			turn_away(d, fd, "Too many connections");
		else if (fd >= 0)
			conn_open(&d->loop, fd, l->local ? NULL : &peer,
			    l->lmtp);
		else if (errno == EMFILE || errno == ENFILE ||
		    errno == ENOBUFS || errno == ENOMEM)
			out_of_descriptors(d, l);
		else if (errno != EINTR && errno != ECONNABORTED)
			break;
	}
}

static void
start_drain(struct smtpd *d)
{
	GList *next;

	listen_all(d, false);
	d->resume_at = 0;
	/* Closed, so that clients go elsewhere at once. */
	for (size_t i = 0; i < d->n_listeners; i++)
		listen_close(&d->listeners[i]);
	d->host.draining = true;
	for (GList *l = d->loop.conns.head; l != NULL; l = next) {
		next = l->next;
		conn_drain(l->data);
	}
}

static void
tell_when_empty(struct smtpd *d)
{
	if (!d->host.draining || d->loop.conns.length > 0)
		return;
	pthread_mutex_lock(&d->lock);
	d->empty = true;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
}

static int
wait_ms(const struct smtpd *d)
{
	int64_t at = conn_deadline(&d->loop), now = when_ticks();

	if (d->resume_at > 0)
		at = MIN(at, d->resume_at);
	if (at == INT64_MAX)
		return -1;
	return at <= now ? 0 : (int)MIN((at - now) / 1000 + 1, 60000);
}

static void
take_done(struct smtpd *d)
{
	struct transaction *tx;

	while ((tx = workers_take_done(d->loop.workers)) != NULL)
		conn_delivered(tx->owner);
}

static bool
is_listener(const struct smtpd *d, const void *p)
{
	return (uintptr_t)p >= (uintptr_t)d->listeners &&
	    (uintptr_t)p < (uintptr_t)(d->listeners + SMTPD_LISTENERS_MAX);
}

static void *
run(void *arg)
{
	struct smtpd *d = arg;
	struct epoll_event ev[EVENTS_MAX];
	uint64_t count;
	int phase;

	listen_all(d, true);
	while ((phase = d->phase) != PHASE_STOP) {
		int n;

		if (phase == PHASE_DRAIN && !d->host.draining)
			start_drain(d);
		tell_when_empty(d);
		n = epoll_wait(d->loop.epoll, ev, EVENTS_MAX, wait_ms(d));
		/* An event ends at most its own connection, so no later one
		 * of the batch is stale; what ends others comes after. */
		for (int i = 0; i < n; i++) {
			void *p = ev[i].data.ptr;

			if (p == NULL)
				(void)!read(d->wake, &count, sizeof(count));
			else if (is_listener(d, p))
				take_connections(d, p);
			else
				conn_event(p, ev[i].events);
		}
		take_done(d);
		conn_expire(&d->loop, when_ticks());
		if (d->resume_at > 0 && when_ticks() >= d->resume_at) {
			d->resume_at = 0;
			listen_all(d, true);
		}
	}
	return NULL;
}

static void
enter_phase(struct smtpd *d, enum phase phase)
{
	uint64_t one = 1;

	d->phase = phase;
	(void)!write(d->wake, &one, sizeof(one));
}

void
smtpd_start(struct smtpd *d)
{
	g_assert(!d->started);
	d->loop.workers = workers_new(&d->host,
	    (size_t)d->host.conf->smtp_workers, d->wake);
	d->started = true;
	d->thread = workers_thread(run, d);
}

bool
smtpd_drain(struct smtpd *d, unsigned seconds)
{
	struct timespec until;
	bool empty;

	if (!d->started)
		return true;
	enter_phase(d, PHASE_DRAIN);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&d->lock);
	while (!d->empty &&
	    pthread_cond_timedwait(&d->changed, &d->lock, &until) == 0)
		;
	empty = d->empty;
	pthread_mutex_unlock(&d->lock);
	return empty;
}

void
smtpd_free(struct smtpd *d)
{
	if (d == NULL)
		return;
	if (d->started) {
		enter_phase(d, PHASE_STOP);
		pthread_join(d->thread, NULL);
		/* From here on this thread is the loop. */
		workers_stop(d->loop.workers);
		take_done(d);
		while (d->loop.conns.head != NULL)
			conn_close(d->loop.conns.head->data);
		workers_free(d->loop.workers);
	}
	for (size_t i = 0; i < d->n_listeners; i++)
		listen_close(&d->listeners[i]);
	limits_clear(&d->host.limits);
	if (d->loop.epoll >= 0)
		close(d->loop.epoll);
	if (d->wake >= 0)
		close(d->wake);
	if (d->reserve >= 0)
		close(d->reserve);
	pthread_cond_destroy(&d->changed);
	pthread_mutex_destroy(&d->lock);
	arena_free(d->arena);
	g_free(d);
}

uint16_t
smtpd_port(const struct smtpd *d, size_t n)
{
	for (size_t i = 0; i < d->n_listeners; i++)
		if (!d->listeners[i].local && n-- == 0)
			return listen_port(&d->listeners[i]);
	return 0;
}

struct smtpd_stats
smtpd_stats(const struct smtpd *d)
{
	const struct limits *l = &d->host.limits;

	return (struct smtpd_stats){.sessions = l->sessions,
	    .inflight = l->inflight,
	    .delivering = l->delivering,
	    .accepted = l->accepted,
	    .refused = l->refused,
	    .turned_away = l->turned_away};
}
