/*
 * One SMTP or LMTP session: what a peer may say when, and what it hears.
 *
 * A machine without sockets or threads: bytes go in by session_input(),
 * replies pile up in ->out, a complete message stands in ->tx with the
 * state SESSION_BUSY until session_delivered() is told the verdict.  So
 * tests and the fuzzer drive it with plain memory.
 *
 * Owner:  the connection (conn.c), as a member.
 * Thread: the loop's.  While BUSY the transaction belongs to a worker.
 * Memory: an idle session holds no buffer; its transaction is an arena
 *         from MAIL to the reply.
 */
#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include "base/base.h"
#include "base/net.h"
#include "smtp/data.h"
#include "smtp/limits.h"
#include "smtp/smtpd.h"
#include "smtp/xforward.h"

/* What all sessions share. */
struct session_host {
	const struct conf *conf;
	const struct smtpd_ops *ops;
	const char *name; /* ours, in greeting and EHLO */
	struct limits limits;
	bool draining; /* say 421 as soon as nothing is in hand */
};

/* Bits: the verb table says in which states a verb may come. */
enum session_state {
	SESSION_FRESH = 1,   /* no EHLO yet */
	SESSION_READY = 2,
	SESSION_MAIL = 4,    /* MAIL accepted, no recipient yet */
	SESSION_RCPT = 8,
	SESSION_DATA = 16,
	SESSION_BUSY = 32,   /* a worker has the message */
	SESSION_CLOSING = 64, /* the last reply is in ->out */
};

#define SESSION_ANY                                                           \
	(SESSION_FRESH | SESSION_READY | SESSION_MAIL | SESSION_RCPT)

/* A message from MAIL to its reply. */
struct transaction {
	struct arena *arena, *body_arena; /* the latter goes early if refused */
	struct smtp_envelope env;
	GPtrArray *rcpts;
	struct blob *body;
	struct data_reader reader;
	int64_t announced; /* SIZE=, or 0 */
	int64_t promised;  /* of it, what is still kept for us */
	int64_t size, held, discarded;
	const char *refusal; /* set: read on, throw away, then say this */
	const char *reply;   /* ops->deliver's */
	int64_t started;     /* when_ticks() at the end mark */
	void *owner;         /* the connection, for whoever brings it back */
	struct transaction *next; /* in a queue of workers.c */
};

struct session {
	struct session_host *host;
	struct net peer;    /* when has_peer; else a unix socket */
	struct net account; /* the client we are counted for, if accounted */
	bool has_peer, accounted, trusted, lmtp_only, lmtp;
	enum session_state state;
	unsigned commands, errors;
	size_t skipped; /* of a line that is too long */
	char *helo;
	struct xforward *fwd; /* NULL: none */
	struct transaction *tx;
	GString *out; /* NULL: nothing to say */
};

/* Greets.  peer is NULL for a unix socket.  false: this client has too
 * many connections, and ->out says so. */
bool session_init(struct session *s, struct session_host *host,
    const struct net *peer, bool lmtp_only);
void session_clear(struct session *s);

/* Uses as much as can be used now: what is left over begins with an
 * unfinished line, or must wait because the session is blocked. */
size_t session_input(struct session *s, const void *bytes, size_t n);
/* No more input is taken for now. */
bool session_blocked(const struct session *s);
/* On a worker: asks ops->deliver. */
void session_deliver(const struct session_host *host, struct transaction *tx);
/* The transaction is back, with its verdict in tx->reply. */
void session_delivered(struct session *s);
/* "421 <text>", and the end. */
void session_end(struct session *s, const char *text);

/* For the verbs. */
void session_reply(struct session *s, const char *text);
/* One line of somebody else's making: checked, or `instead` is said. */
void session_reply_line(struct session *s, const char *line,
    const char *instead);
void session_command(struct session *s, char *line); /* verbs.c */
void session_reset(struct session *s); /* forgets transaction, XFORWARD */
/* false: over the limit; 421 is said. */
bool session_account(struct session *s, const struct net *client);

#endif
