/*
 * Listening sockets: made from a setting, or inherited.
 *
 * Owner: the receiver.  Thread: one at a time.
 */
#ifndef SMTP_LISTEN_H
#define SMTP_LISTEN_H

#include "base/base.h"
#include "base/net.h"

struct listener {
	int fd;
	bool lmtp, local; /* local: a unix socket */
	char *path;       /* of a unix socket that we made: unlinked at the end */
};

/* "host:port" or "/path".  FAULT_INPUT for what is neither, FAULT_BUSY
 * when it cannot be bound.  A unix socket that nobody listens on any more
 * is taken over; it gets mode 0660, for who may connect is trusted. */
bool listen_open(struct listener *l, const char *where, bool lmtp, GError **err);
/* FAULT_INPUT when fd is no listening stream socket. */
bool listen_adopt(struct listener *l, int fd, bool lmtp, GError **err);
void listen_close(struct listener *l);
uint16_t listen_port(const struct listener *l); /* 0: not TCP */

/* The next connection, non-blocking, without Nagle's delay.  -1 with errno
 * as accept4() leaves it.  peer is set unless l->local. */
int listen_accept(const struct listener *l, struct net *peer);

#endif
