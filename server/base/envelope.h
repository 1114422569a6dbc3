/*
 * What SMTP says about a message beside its bytes.  Made by the receiver
 * (or by `ingest`, with made-up values), read by intake.
 *
 * Everything in it is bytes of a stranger, already limited in length and
 * free of control characters, but not more: "from" may have no domain.
 *
 * Owner: the message's arena.  Nothing changes it after DATA.
 */
#ifndef BASE_ENVELOPE_H
#define BASE_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum envelope_proto {
	ENVELOPE_SMTP,
	ENVELOPE_LMTP,
	ENVELOPE_FILE, /* not received: read by tocsinctl */
};

struct smtp_envelope {
	const char *from;          /* "" is the null sender; no brackets */
	const char *const *rcpts;  /* in the order given; may repeat */
	size_t n;                  /* of rcpts, at least 1 */
	enum envelope_proto proto;
	const char *helo;          /* what the peer itself said */
	const char *peer;          /* address of the connection, or "unix" */
	/* Who really sent it: XFORWARD ADDR where a trusted peer gave one,
	 * else peer.  Canonical text of an address, or "unix". */
	const char *client;
	/* The other attributes that came by XFORWARD; NULL: none given. */
	const char *fwd_name;
	const char *fwd_addr; /* then the same as client */
	const char *fwd_helo;
	const char *fwd_proto;
	const char *fwd_ident;
	const char *fwd_source; /* "LOCAL" or "REMOTE" */
	/* The peer is one of smtp_trusted_hosts or our unix socket: what its
	 * header fields say about the message (SPF, spam) may count. */
	bool trusted;
	bool body8bit;    /* BODY=8BITMIME was declared */
	int64_t received; /* when the last byte came (when.h) */
	/* Defects: bytes that no line of RFC 5322 may hold.  They are content,
	 * kept as they came, and never ended the message or a line. */
	uint64_t bare_cr, bare_lf, nul;
};

#endif
