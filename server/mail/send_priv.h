/* What the files of send share; the only includer of libesmtp.h is send.c
 * and send_warm.c has none of it. */
#ifndef MAIL_SEND_PRIV_H
#define MAIL_SEND_PRIV_H

#include "mail/send.h"

/* A peer for one session, in a thread of its own on loopback: accepts
 * everything.  *port is where. */
struct send_peer;
bool send_peer_start(struct send_peer **out, uint16_t *port, GError **err);
void send_peer_stop(struct send_peer *p);

#endif
