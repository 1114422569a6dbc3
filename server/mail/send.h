/*
 * Handing mail to the relay: messages in, one verdict each out.  The only
 * place that talks to libESMTP; its traps are solved here and in wire.c,
 * each with its reason.
 *
 * A session is one connection and up to SEND_MESSAGES_MAX messages, each to
 * one recipient.  The call blocks; several threads may run a session each.
 * Every message gets exactly one verdict, as soon as it is known; those that
 * have none when the session is over get it then.
 *
 * Owner:   main makes the struct send before threads and keeps it.
 * Failure: FAULT_BUSY when the relay could not be reached or sent us away
 *          before the first message; whatever happens to a message is its
 *          verdict, not a failure.
 */
#ifndef MAIL_SEND_H
#define MAIL_SEND_H

#include "base/base.h"

enum {
	SEND_MESSAGES_MAX = 1000,
	SEND_PARTS = 2,
	SEND_REPLY_MAX = 1000, /* bytes of a reply that are kept */
};

struct conf;
struct send;

enum send_outcome {
	SEND_UNTRIED,  /* nothing of it left: as if it had never been claimed */
	SEND_SENT,     /* the relay took responsibility */
	SEND_DEFERRED, /* not taken now: 4xx, or cut off before its end */
	SEND_REFUSED,  /* 5xx */
	SEND_UNSURE,   /* all of it left, no answer came */
};

struct send_verdict {
	enum send_outcome outcome;
	int code;          /* of the reply; 0: there was none */
	const char *reply; /* its text, exactly, or our reason; never NULL;
			    * valid during the call */
};

struct send_message {
	const char *from; /* envelope sender; "" is the null sender */
	const char *to;
	size_t size;      /* about; 0: not known (RFC 1870) */
};

/* One piece of a message; together they are header and body with CRLF line
 * ends and no NUL, CRLF at the end (compose.h makes such). */
struct send_part {
	const void *bytes;
	size_t len;
};

/* Lets another thread end a session that waits for its peer.  Owner: the
 * caller; one session at a time. */
struct send_line {
	GMutex lock;
	int fd;   /* a descriptor of our own; -1: no connection */
	bool cut; /* for good */
};
void send_line_init(struct send_line *l);
void send_line_clear(struct send_line *l);
/* The session under way breaks off now, later ones do not begin. */
void send_cut(struct send_line *l);

struct send_calls {
	void *ctx;
	struct send_line *line; /* may be NULL */
	/* The relay accepted the recipient of message i and nothing of it
	 * has left yet.  Fills the parts, which must stay until i's verdict.
	 * False: do not hand it over; the session ends, i and what follows
	 * are untried. */
	bool (*give)(void *ctx, size_t i, struct send_part parts[SEND_PARTS]);
	void (*verdict)(void *ctx, size_t i, const struct send_verdict *v);
	/* Asked after each verdict: true ends the session there. */
	bool (*stop)(void *ctx);
};

/* Once, before threads: runs a first session against a peer of its own in
 * this process (libESMTP fills tables lazily and unlocked), which also shows
 * whether wire.c is in use.  FAULT_INPUT: relay settings. */
bool send_init(const struct conf *c, struct send **out, GError **err);
void send_free(struct send *s);

bool send_session(struct send *s, const struct send_message *m, size_t n,
    const struct send_calls *calls, GError **err);

/* For tocsind -n: connects and hears the greeting. */
bool send_probe(const char *host, uint16_t port, int timeout_ms,
    GError **err);
/* conf relay_uri, cut into its parts. */
bool send_relay(struct arena *a, const struct conf *c, char **host,
    uint16_t *port, GError **err);

/* Is our own socket layer under libESMTP? (seen by send_init) */
bool send_wire_ok(const struct send *s);

#endif
