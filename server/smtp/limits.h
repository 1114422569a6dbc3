/*
 * Who may still come in, and how many bytes we hold: the accounts of all
 * sessions together.
 *
 * Thread: the loop's; the plain counters may be read from any.
 */
#ifndef SMTP_LIMITS_H
#define SMTP_LIMITS_H

#include "base/base.h"
#include "base/conf.h"
#include "base/net.h"

#include <stdatomic.h>

struct limits {
	const struct conf *conf;
	struct net *trusted; /* smtp_trusted_hosts */
	size_t n_trusted;
	GHashTable *clients; /* struct client by address */
	int64_t promised; /* bytes that trusted peers' SIZE= announced */
	_Atomic int64_t sessions, inflight;
	_Atomic int64_t delivering, accepted, refused, turned_away;
};

/* FAULT_INPUT naming a prefix of smtp_trusted_hosts that is none. */
bool limits_init(struct limits *l, const struct conf *conf, struct arena *a,
    GError **err);
void limits_clear(struct limits *l);

bool limits_trusted(const struct limits *l, const struct net *client);

/* One more session of this client, unless it has too many.  Trusted hosts
 * are exempt: an MTA is not a client but brings many, and each of them is
 * counted by its XFORWARD address.  NULL (a unix socket) is exempt too. */
bool limits_client_enter(struct limits *l, const struct net *client);
void limits_client_leave(struct limits *l, const struct net *client);

/*
 * Bytes in flight.  A message is admitted (before it is read) when what is
 * held, what was announced and its own announced size fit; while it is
 * read every piece is taken, or not.  Only a trusted peer's announcement
 * is kept against others: a stranger could otherwise shut the door with
 * SIZE= alone.
 *
 * Large messages (above smtp_spill_at) may not fill the last part of the
 * room: some slow senders of large ones would otherwise keep every report
 * of four kilobytes out for as long as they like.
 */
enum { LIMITS_SMALL_SHARE = 4 }; /* a quarter is for small ones alone */
bool limits_admit(const struct limits *l, int64_t announced);
void limits_promise(struct limits *l, int64_t bytes); /* or, < 0, no more */
/* size: of the message so far, these bytes included. */
bool limits_take(struct limits *l, int64_t bytes, int64_t size);
void limits_give_back(struct limits *l, int64_t bytes);

#endif
