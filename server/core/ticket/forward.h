/*
 * A mail of a ticket, sent on to somebody as it came: the exact bytes are
 * attached (message/rfc822).  What is answered to it comes to the ticket.
 *
 * Owner: the caller's arena.  Thread: any, with a connection of its own.
 */
#ifndef CORE_FORWARD_H
#define CORE_FORWARD_H

#include "core/ticket/ticket.h"

enum { FORWARD_MAX = 25 * 1024 * 1024 }; /* bytes of the mail */

#define FORWARD(F, S)                                                         \
	F(S, INT, id, none)             /* of the message */                  \
	F(S, TEXT, from, none)                                                \
	F(S, TEXT, subject, none)                                             \
	F(S, TIME, date, none)                                                \
	F(S, INT, size, none)                                                 \
	F(S, BOOL, reported, none)      /* it says who reported */            \
	F(S, BOOL, name_reporter, none) /* who said that this may be told */  \
	F(S, TEXT, tlp, none)                                                 \
	F(S, TEXT, refused, none)       /* why it cannot go out, or null */
DESC_STRUCT(forward, FORWARD);

/* FAULT_ABSENT: the ticket has no such mail. */
bool forward_of(struct db *db, struct arena *a, int64_t number, int64_t id,
    struct forward *out, GError **err);

/* letter's files and asks are not looked at.  named: the analyst says that
 * whoever reads it may learn who reported.  FAULT_INPUT: a label forbids it,
 * the reporter was not to be named, there is nobody to send it to. */
bool forward_send(struct db *db, const struct site *s,
    const struct actor *who, int64_t number, int64_t version, int64_t id,
    bool named, const struct ticket_letter *letter, int64_t *message,
    GError **err);

#endif
