/*
 * One connection of the loop: a session with a descriptor, timers and the
 * bytes that the session could not use yet.
 *
 * Memory: sizeof(struct conn) while idle.  Input is read into the loop's
 * one buffer and used from there; only an unfinished line, or what a
 * client sent behind the end of a message that is being stored (at most
 * one SMTPD_READ_MAX), is kept in ->rest.
 *
 * Owner:  the loop.  Thread: the loop's.
 */
#ifndef SMTP_CONN_H
#define SMTP_CONN_H

#include "base/base.h"
#include "smtp/session.h"
#include "smtp/workers.h"

/* Deadlines of one kind are all equally far away, so a queue in the order
 * of setting is in the order of time, and every change costs O(1). */
struct timer {
	GList link; /* its data is the connection */
	GQueue *in; /* NULL: not running */
	int64_t at; /* when_ticks() */
};

struct loop {
	struct session_host *host;
	struct workers *workers;
	int epoll;
	GQueue conns;
	GQueue idle, message, linger; /* timers */
	uint8_t buf[SMTPD_READ_MAX];
};

struct conn {
	struct session s;
	struct loop *loop;
	int fd; /* -1: the peer is gone, a worker is not done yet */
	uint32_t watch; /* epoll's interest; 0: not in its set */
	bool eof;       /* the peer has shut its side down */
	bool stalled;   /* it sent something while the session was blocked */
	bool submitted;
	bool closing;   /* the last word is said: the linger timer runs */
	bool lingering; /* and written */
	size_t lingered;
	GByteArray *rest; /* NULL: none */
	struct timer idle, message;
	GList link;
};

/* Takes fd over and greets; nothing is left of it on failure. */
void conn_open(struct loop *l, int fd, const struct net *peer, bool lmtp);
/* epoll has something for it.  The connection may be gone afterwards. */
void conn_event(struct conn *c, uint32_t events);
/* A worker is done with its message. */
void conn_delivered(struct conn *c);
/* 421, unless a message is in hand: that one is finished first. */
void conn_drain(struct conn *c);
/* Writes what can be written and is gone.  Not while a worker has it. */
void conn_close(struct conn *c);

/* Ends what has run out of time. */
void conn_expire(struct loop *l, int64_t now);
/* When to call that next; INT64_MAX: never. */
int64_t conn_deadline(const struct loop *l);

#endif
