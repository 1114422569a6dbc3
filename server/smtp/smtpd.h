/*
 * The SMTP (RFC 5321) and LMTP (RFC 2033) receiver.
 *
 * One loop thread owns every connection (epoll; an idle one costs no
 * thread and a few hundred bytes), N worker threads carry complete
 * messages to ops->deliver and wait for its verdict.  Nothing here knows
 * what a ticket is, and nothing here gives a 250 for a message: that reply
 * is the deliver function's, after its COMMIT.
 *
 * It is made to stand behind an MTA (no STARTTLS, no AUTH, no CHUNKING),
 * and also serves a demo or a closed network directly.  A listener of
 * smtp_listen takes HELO, EHLO and LHLO, the last of which makes the
 * session LMTP; the listener of smtp_lmtp takes LHLO only.
 *
 * Owner:   main.  conf and ops live at least as long as the receiver.
 * Thread:  new, start, drain, free from one thread; stats from any.
 *          ops->rcpt runs on the loop thread, ops->deliver on workers.
 * Failure: only smtpd_new fails.  Later on a peer, a full disk or used-up
 *          descriptors cost at most the connections concerned.
 * Limits:  settings smtp_* and the constants below.
 */
#ifndef SMTP_SMTPD_H
#define SMTP_SMTPD_H

#include "base/base.h"
#include "base/blob.h"
#include "base/conf.h"
#include "base/envelope.h"

enum {
	/* A command line with its CRLF (RFC 5321: 512, plus what MAIL's
	 * parameters and XFORWARD add). */
	SMTPD_LINE_MAX = 2048,
	/* A longer line is read to its end and answered 500, up to this. */
	SMTPD_LINE_DISCARD_MAX = 1 << 20,
	/* Commands answered 5xx a connection, before 421.  Refused recipients
	 * are errors too, for all but trusted peers (an MTA that verifies
	 * recipients asks for many that are not there). */
	SMTPD_ERRORS_MAX = 20,
	/* Of an oversize message, read and thrown away behind the limit so
	 * that the peer hears its 552; then the connection is cut. */
	SMTPD_DISCARD_MAX = 128 << 20,
	/* Replies waiting for a peer that does not read them: beyond this
	 * no more of its commands are. */
	SMTPD_OUT_MAX = 16384,
	/* One read(2). */
	SMTPD_READ_MAX = 32768,
	/* Connections taken in one go, before the others have their turn. */
	SMTPD_ACCEPT_MAX = 64,
	/* Listeners rest this long when there is no descriptor left. */
	SMTPD_ACCEPT_PAUSE_MS = 500,
	/* After our last word: time and bytes for the peer to hear it. */
	SMTPD_LINGER_MS = 2000,
	SMTPD_LINGER_MAX = 1 << 20,
	SMTPD_LISTENERS_MAX = 8,
};

struct smtpd_ops {
	void *ctx;
	/* May this recipient have mail?  Cheap, without side effects, never
	 * blocks: runs on the loop thread.  true, or false and *reply
	 * ("550 5.1.1 ..."; NULL: that one).  addr has no brackets, and a
	 * domain also for <postmaster>. */
	bool (*rcpt)(void *ctx, struct arena *a, const char *addr,
	    const char **reply);
	/* A complete message, on a worker thread; may block.  Sets *reply
	 * to one line "250 2.0.0 ...", "451 ...", "552 ..."; a NULL is a
	 * 451.  env and body live as long as a, which ends after the reply
	 * is written. */
	void (*deliver)(void *ctx, struct arena *a,
	    const struct smtp_envelope *env, struct blob *body,
	    const char **reply);
};

/* A listening socket that somebody else made (socket activation). */
struct smtpd_socket {
	int fd;
	bool lmtp;
};

struct smtpd;

/* Binds smtp_listen and smtp_lmtp; no thread runs yet. */
struct smtpd *smtpd_new(const struct conf *conf, const struct smtpd_ops *ops,
    GError **err);
/* The same with inherited sockets, which become the receiver's; an address
 * of the settings is only bound when none of its kind is among them. */
struct smtpd *smtpd_new_with(const struct conf *conf,
    const struct smtpd_ops *ops, const struct smtpd_socket *sockets, size_t n,
    GError **err);
void smtpd_start(struct smtpd *d);
/* No new connections; 421 to those without a message in hand; waits until
 * the others have their replies, at most so many seconds.  true when all
 * is done. */
bool smtpd_drain(struct smtpd *d, unsigned seconds);
/* Waits for messages that are with ops->deliver, and only for these. */
void smtpd_free(struct smtpd *d);

/* Port of the n-th TCP listener (0 SMTP, then LMTP), for port 0; or 0. */
uint16_t smtpd_port(const struct smtpd *d, size_t n);

struct smtpd_stats {
	int64_t sessions;   /* open connections */
	int64_t inflight;   /* bytes of messages, received and not answered */
	int64_t delivering; /* messages with or waiting for a worker */
	int64_t accepted;   /* messages answered 2xx since the start */
	int64_t refused;    /* messages answered 4xx or 5xx after the dot */
	int64_t turned_away; /* connections refused by a limit */
};
struct smtpd_stats smtpd_stats(const struct smtpd *d);

#endif
