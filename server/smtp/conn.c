/* See conn.h. */
#include "base/base.h"
#include "smtp/conn.h"

#include "base/log.h"
#include "base/when.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void
timer_stop(struct timer *t)
{
	if (t->in != NULL)
		g_queue_unlink(t->in, &t->link);
	t->in = NULL;
}

static void
timer_start(struct timer *t, GQueue *queue, int64_t milliseconds)
{
	timer_stop(t);
	t->at = when_ticks() + milliseconds * 1000;
	t->in = queue;
	g_queue_push_tail_link(queue, &t->link);
}

static void
restart_idle(struct conn *c)
{
	timer_start(&c->idle, &c->loop->idle,
	    c->s.host->conf->smtp_idle_timeout * 1000);
}

/* Out of the set before it is closed: a parser child that is being made at
 * this moment still has a copy of the descriptor, and as long as it has, the
 * set goes on to tell of a connection that is gone. */
static void
forget(struct conn *c)
{
	if (c->watch != 0)
		epoll_ctl(c->loop->epoll, EPOLL_CTL_DEL, c->fd, NULL);
	c->watch = 0;
}

static void
conn_free(struct conn *c)
{
	if (c->fd >= 0) {
		forget(c);
		close(c->fd);
	}
	timer_stop(&c->idle);
	timer_stop(&c->message);
	g_queue_unlink(&c->loop->conns, &c->link);
	c->s.host->limits.sessions--;
	session_clear(&c->s);
	if (c->rest != NULL)
		g_byte_array_unref(c->rest);
	g_free(c);
}

/* The peer is gone, or is to be. */
static void
conn_drop(struct conn *c)
{
	if (c->s.state != SESSION_BUSY) {
		conn_free(c);
		return;
	}
	/* Its message is complete and will be stored all the same; if the
	 * peer sends it again, it is found to be a duplicate. */
	forget(c);
	close(c->fd);
	c->fd = -1;
	timer_stop(&c->idle);
	timer_stop(&c->message);
}

static void
watch(struct conn *c)
{
	struct epoll_event ev = {.data.ptr = c};
	int op;

	/* A blocked session is still watched until its peer says something:
	 * most peers wait for our reply, and that saves two calls a mail.
	 * Errors and hang-ups are always reported, so a session that cannot
	 * react to them has to leave the set. */
	if (!session_blocked(&c->s) || c->lingering)
		c->stalled = false;
	if (!c->stalled && !c->eof)
		ev.events |= EPOLLIN;
	if (c->s.out != NULL)
		ev.events |= EPOLLOUT;
	if (ev.events == c->watch)
		return;
	op = c->watch == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
	if (ev.events == 0)
		op = EPOLL_CTL_DEL;
	if (epoll_ctl(c->loop->epoll, op, c->fd, &ev) < 0)
		log_error("smtp.epoll", LOG_S("why", g_strerror(errno)));
	c->watch = ev.events;
}

static bool
flush(struct conn *c)
{
	GString *out = c->s.out;
	size_t done = 0;

	if (out == NULL)
		return true;
	while (done < out->len) {
		ssize_t n = send(c->fd, out->str + done, out->len - done,
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n < 0)
			return false;
		done += (size_t)n;
	}
	if (done < out->len) {
		g_string_erase(out, 0, (gssize)done);
	} else {
		g_string_free(out, TRUE);
		c->s.out = NULL;
	}
	return true;
}

/* Gives bytes to the session; what it leaves goes to ->rest. */
static bool
feed(struct conn *c, const uint8_t *bytes, size_t n)
{
	size_t used;

	if (c->rest != NULL) {
		if (n > 0)
			g_byte_array_append(c->rest, bytes, (guint)n);
		used = session_input(&c->s, c->rest->data, c->rest->len);
		g_byte_array_remove_range(c->rest, 0, (guint)used);
	} else {
		used = session_input(&c->s, bytes, n);
		if (used < n) {
			c->rest = g_byte_array_new();
			g_byte_array_append(c->rest, bytes + used,
			    (guint)(n - used));
		}
	}
	if (c->rest != NULL &&
	    (c->rest->len == 0 || c->s.state == SESSION_CLOSING)) {
		g_byte_array_unref(c->rest);
		c->rest = NULL;
	}
	/* Whole commands and pieces of a message are progress; a line that
	 * never ends is not. */
	if (used > 0 && c->s.skipped == 0 && !c->closing)
		restart_idle(c);
	return used > 0;
}

/*
 * Our last word is written (its timer runs already).  Closing now could make the kernel send a
 * reset for input that we did not read, and the peer lose that word: so
 * only our side is shut, and the peer has a moment to hang up.
 */
static void
linger(struct conn *c)
{
	c->lingering = true;
	shutdown(c->fd, SHUT_WR);
}

/* After anything happened: as far as it goes without waiting. */
static void
step(struct conn *c)
{
	for (;;) {
		if (c->s.state == SESSION_BUSY && !c->submitted) {
			timer_stop(&c->idle);
			c->submitted = true;
			c->s.tx->owner = c;
			workers_submit(c->loop->workers, c->s.tx);
		}
		if (!flush(c)) {
			conn_drop(c);
			return;
		}
		if (c->rest == NULL || session_blocked(&c->s) ||
		    !feed(c, NULL, 0))
			break;
	}
	if (c->s.state != SESSION_DATA)
		timer_stop(&c->message);
	else if (c->message.in == NULL)
		timer_start(&c->message, &c->loop->message,
		    c->s.host->conf->smtp_message_timeout * 1000);
	if (c->s.state == SESSION_CLOSING) {
		if (c->s.out == NULL && c->eof) {
			conn_free(c);
			return;
		}
		if (!c->closing)
			timer_start(&c->idle, &c->loop->linger,
			    SMTPD_LINGER_MS);
		c->closing = true;
		if (c->s.out == NULL && !c->lingering)
			linger(c);
	} else if (c->eof && c->s.out == NULL &&
	    c->s.state != SESSION_BUSY) {
		conn_free(c);
		return;
	}
	watch(c);
}

void
conn_open(struct loop *l, int fd, const struct net *peer, bool lmtp)
{
	struct conn *c = g_new0(struct conn, 1);
	char byte;

	c->loop = l;
	c->fd = fd;
	c->link.data = c->idle.link.data = c->message.link.data = c;
	g_queue_push_tail_link(&l->conns, &c->link);
	l->host->limits.sessions++;
	if (session_init(&c->s, l->host, peer, lmtp) &&
	    recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0) {
		ARENA_AUTO(a, "log");

		/* Spam software does that.  The MTA in front judges such
		 * clients; we just note it. */
		log_info("smtp.early_talker",
		    LOG_S("client", peer != NULL ? net_text(a, peer) : "unix"));
	}
	restart_idle(c);
	step(c);
}

static void
read_linger(struct conn *c)
{
	ssize_t n = recv(c->fd, c->loop->buf, sizeof(c->loop->buf),
	    MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		c->lingered += (size_t)n;
	if (n <= 0 || c->lingered > SMTPD_LINGER_MAX)
		conn_free(c);
}

void
conn_event(struct conn *c, uint32_t events)
{
	ssize_t n;

	if (c->lingering) {
		read_linger(c);
		return;
	}
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !c->eof) {
		if (session_blocked(&c->s)) {
			c->stalled = true;
		} else {
			n = recv(c->fd, c->loop->buf, sizeof(c->loop->buf),
			    MSG_DONTWAIT);
			if (n > 0) {
				feed(c, c->loop->buf, (size_t)n);
			} else if (n == 0) {
				c->eof = true;
			} else if (errno != EAGAIN && errno != EINTR) {
				conn_drop(c);
				return;
			}
		}
	}
	step(c);
}

void
conn_delivered(struct conn *c)
{
	session_delivered(&c->s);
	c->submitted = false;
	if (c->fd < 0) {
		conn_free(c);
		return;
	}
	restart_idle(c);
	step(c);
}

void
conn_drain(struct conn *c)
{
	if (c->s.state == SESSION_DATA || c->s.state == SESSION_BUSY ||
	    c->s.state == SESSION_CLOSING)
		return;
	session_end(&c->s, "421 4.3.2 Shutting down, come again");
	step(c);
}

void
conn_close(struct conn *c)
{
	if (c->s.state != SESSION_CLOSING)
		session_end(&c->s, "421 4.3.2 Shutting down, come again");
	if (c->fd >= 0)
		(void)flush(c);
	conn_free(c);
}

static struct conn *
expired(GQueue *queue, int64_t now)
{
	struct conn *c = g_queue_peek_head(queue);
	struct timer *t;

	if (c == NULL)
		return NULL;
	t = c->idle.in == queue ? &c->idle : &c->message;
	return t->at <= now ? c : NULL;
}

static void
time_out(struct conn *c, const char *text)
{
	session_end(&c->s, text);
	step(c);
}

void
conn_expire(struct loop *l, int64_t now)
{
	struct conn *c;

	while ((c = expired(&l->linger, now)) != NULL)
		conn_free(c);
	while ((c = expired(&l->idle, now)) != NULL)
		time_out(c, "421 4.4.2 Timeout");
	while ((c = expired(&l->message, now)) != NULL) {
		log_notice("smtp.message_timeout",
		    LOG_S("client", c->s.tx->env.client),
		    LOG_I("size", c->s.tx->size));
		time_out(c, "421 4.4.2 Message took too long");
	}
}

int64_t
conn_deadline(const struct loop *l)
{
	const GQueue *queues[] = {&l->idle, &l->message, &l->linger};
	int64_t at = INT64_MAX;

	for (size_t i = 0; i < COUNT_OF(queues); i++) {
		const struct conn *c =
		    queues[i]->head != NULL ? queues[i]->head->data : NULL;

		if (c == NULL)
			continue;
		at = MIN(at,
		    c->idle.in == queues[i] ? c->idle.at : c->message.at);
	}
	return at;
}
