/*
 * The socket under libESMTP, which hands out no descriptor: while a session
 * of ours runs in a thread, connect(), read() and write() of this program
 * stand in for libc's on that session's TCP socket.  Private to send.c.
 *
 * Why (each measured):
 *  - libESMTP writes a message in pieces of 2 kB and never asks for
 *    TCP_NODELAY: every message over 2 kB waits 40 ms for a delayed ACK.
 *    NODELAY cures that; TCP_QUICKACK after each read cures the same stall
 *    in the other direction (several small replies of the peer).
 *  - It has no timeout for connect(), and one in the middle of a body is
 *    ignored: the stream would go on with a hole.  Here a write completes
 *    or the connection is cut.
 *  - It speaks BDAT to whoever offers CHUNKING: the body is then on its way
 *    before the recipient was accepted, the status of a message cut off in
 *    the middle is that of its first piece, and Postfix is slower with it.
 *    There is no switch, so the offer is made unreadable.
 *  - It keeps plain text that came behind the answer to STARTTLS and takes
 *    it for protected: read() gives it one line at a time until TLS begins.
 *
 * It works only while our symbols win over libc's in the dynamic linker's
 * order: no -fvisibility=hidden, linked with -rdynamic, and this object
 * pulled out of the static library (send.c refers to wire_begin()).  wire
 * counts its calls so that send_init() can tell.
 *
 * Thread: one wire a thread, between wire_begin and wire_end.
 */
#ifndef MAIL_WIRE_H
#define MAIL_WIRE_H

#include "base/base.h"

struct send_line;

enum { WIRE_SAID_MAX = 200, WIRE_END = 5 };

struct wire {
	struct send_line *line; /* may be NULL */
	int fd;           /* of the connection; -1: none yet */
	int timeout_ms;   /* connect, and each write */
	bool starttls;    /* TLS will be asked for */
	bool tls;         /* it has begun: bytes are not SMTP any more */
	bool envelope;    /* the first MAIL was sent */
	bool dot;         /* the end of the present message was written */
	bool broken;      /* a write failed: nothing more goes out */
	unsigned column;  /* of the line being read */
	unsigned matched; /* columns that look like "250-CHUNKING" */
	char last[WIRE_END]; /* bytes written */
	char said[WIRE_SAID_MAX]; /* start of the peer's last words */
	unsigned connects, reads, writes;
};

void wire_begin(struct wire *w, int timeout_ms, bool starttls,
    struct send_line *line);
void wire_end(void);
/* Ends the conversation politely after the message just finished: what was
 * not begun stays untried. */
void wire_hang_up(struct wire *w);

#endif
