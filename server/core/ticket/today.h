/*
 * The desk's first page: the head of each pile of work, in the order in which
 * it is due, and what others did since this person last looked.
 *
 * Owner: the caller's arena.  Thread: any, with a connection of its own.
 */
#ifndef CORE_TODAY_H
#define CORE_TODAY_H

#include "core/ticket/ticket.h"

/* A row of the queue; waiting: since when nobody has answered. */
#define TODAY_TICKET(F, S)                                                    \
	TICKET_ROW(F, S)                                                      \
	F(S, TIME, waiting, none)                                             \
	F(S, PAGE_TEXT, section, none)
DESC_STRUCT(today_ticket, TODAY_TICKET);

/* total: how many there are in all; the items are the first of them. */
#define TODAY_SECTION(F, S)                                                   \
	F(S, TEXT, key, none)           /* of its view in the queue */        \
	F(S, TEXT, title, none)                                               \
	F(S, INT, total, none)                                                \
	F(S, PAGE_TEXT, hint, none)     /* what would be here */              \
	F(S, PAGE_URL, url, none)       /* all of them */                     \
	F(S, PAGE_BOOL, late, none)     /* and that is bad */                 \
	F(S, LIST, items, today_ticket)
DESC_STRUCT(today_section, TODAY_SECTION);

/* The last word of somebody else on a ticket. */
#define TODAY_CHANGE(F, S)                                                    \
	F(S, INT, number, none)                                               \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, status, none)                                              \
	F(S, BOOL, mine, none)                                                \
	F(S, INT, id, none)             /* of the audit row */                \
	F(S, TIME, at, none)                                                  \
	F(S, TEXT, who, none)                                                 \
	F(S, TEXT, what, none)                                                \
	F(S, TEXT, value, none)                                               \
	F(S, BOOL, person, none)                                              \
	F(S, TEXT, text, none)          /* "B. Analyst replied" */            \
	F(S, INT, changes, none)        /* to it since, with this one */      \
	F(S, PAGE_INT, more, none)      /* the others; or null */
DESC_STRUCT(today_change, TODAY_CHANGE);

/* today_section; counts: the same that the views of the queue show. */
bool today_sections(struct db *db, struct arena *a, int64_t me,
    const struct ticket_counts *counts, struct list *out, GError **err);
/* The newest, at most four: message_row. */
bool today_junk(struct db *db, struct arena *a, struct list *out,
    GError **err);
/* today_change, those on my tickets first, up to row `last` of the trail;
 * *seen (DESC_NULL: never) gets when this person looked last. */
bool today_changes(struct db *db, struct arena *a, int64_t me, int64_t last,
    struct list *out, int64_t *seen, GError **err);
/* This person has seen everything up to that row; never goes back. */
bool today_look(struct db *db, int64_t me, int64_t audit, GError **err);

#endif
