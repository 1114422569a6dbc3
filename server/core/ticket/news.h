/*
 * News of the desk: what became of tickets, for people who look at them.
 *
 * The audit trail is the news: every change of a ticket writes a row in its
 * own transaction.  Who wants news asks for the rows behind the last one he
 * knows.  Acts of persons NOTIFY besides (audit_write()), so that nobody
 * waits; intake does not, because NOTIFY takes one lock over all commits of
 * the database, and is found by looking once a second.
 *
 * Rows of restricted tickets are for those who may see them.  Asked for one
 * person, on his connection, the database leaves the others out (db_desk()).
 * The thread of the streams reads as the house, once for all listeners;
 * `readers` then says who may hear of a row, and news_heard_by() decides.
 *
 * Owner:  the caller's arena.  Thread: any, with a connection of its own.
 */
#ifndef CORE_NEWS_H
#define CORE_NEWS_H

#include "core/site.h"
#include "db/db.h"

enum { NEWS_ROWS_MAX = 2000 }; /* as in sql/query/news.sql */

/* Payload "": something in the trail; "session": somebody left. */
#define NEWS_CHANNEL "tocsin_desk"
#define NEWS_SESSION "session"

#define NEWS_ROW(F, S)                                                        \
	F(S, INT, id, none)                                                   \
	F(S, INT, ticket, none)         /* or null */                         \
	F(S, TEXT, readers, none)       /* news_heard_by() */
DESC_STRUCT(news_row, NEWS_ROW);

/* The last word on a ticket. */
#define NEWS_TICKET(F, S)                                                     \
	F(S, INT, number, none)                                               \
	F(S, INT, version, none)                                              \
	F(S, TEXT, who, none)           /* as the audit trail has it */       \
	F(S, BOOL, person, none)        /* or a token; else our own doing */  \
	F(S, TEXT, what, none)          /* its action: "ticket.reply" */      \
	F(S, TEXT, text, none)          /* "B. Analyst replied" */            \
	F(S, TIME, at, none)                                                  \
	F(S, PAGE_INT, id, none)        /* of the audit row */                \
	F(S, PAGE_TEXT, value, none)    /* its new value */                   \
	F(S, PAGE_TEXT, readers, none)  /* news_heard_by() */
DESC_STRUCT(news_ticket, NEWS_TICKET);

/* The last row of the trail: what a page shows is at least as new when this
 * was asked before it was read. */
bool news_last(struct db *db, int64_t *id, GError **err);
/* news_row, by id: behind `after`, at most NEWS_ROWS_MAX, and those of
 * `gaps` (decimal, ended by NULL) that are there now. */
bool news_rows(struct db *db, struct arena *a, int64_t after,
    const char *const *gaps, struct list *out, GError **err);
/* How many tickets others than `me` changed in rows behind `after` up to
 * `last`; counted up to a thousand rows. */
bool news_count(struct db *db, int64_t after, int64_t last, int64_t me,
    int64_t *n, GError **err);
bool news_of_ticket(struct db *db, struct arena *a, int64_t number,
    bool *found, struct news_ticket *out, GError **err);

/* What an act is called, with a person's name before it: "B. Analyst replied",
 * or what happened when the program did it.  value may be NULL. */
const char *news_sentence(struct arena *a, const char *who, const char *what,
    const char *value, bool person);

/* What became of a ticket behind row `since`, oldest first, with the text of
 * what was written; since 0: the last words on it.  news_later. */
#define NEWS_LATER(F, S)                                                      \
	F(S, INT, number, none)                                               \
	F(S, INT, id, none)                                                   \
	F(S, TIME, at, none)                                                  \
	F(S, TEXT, who, none)                                                 \
	F(S, TEXT, what, none)                                                \
	F(S, TEXT, value, none)                                               \
	F(S, BOOL, person, none)                                              \
	F(S, TEXT, text, none)                                                \
	F(S, INT, message, none)        /* or null */                         \
	F(S, TEXT, said, none)          /* its beginning, or null */
DESC_STRUCT(news_later, NEWS_LATER);
bool news_later(struct db *db, struct arena *a, int64_t number,
    int64_t since, struct list *out, GError **err);

/* May this person see that ticket?  On his connection.  FAULT_ABSENT: there
 * is none, or none for him. */
bool news_may_see(struct db *db, const struct actor *who, int64_t ticket,
    GError **err);
/* May he hear of it?  Without the database, for each piece of news.  readers:
 * of a row or of news; NULL: no restricted ticket. */
bool news_heard_by(const struct actor *who, const char *readers);

/* Those of the sessions (hashes) and principals (decimal) that may look no
 * longer: news_key.  Both lists are ended by NULL. */
#define NEWS_KEY(F, S) F(S, TEXT, key, none)
DESC_STRUCT(news_key, NEWS_KEY);
bool news_gone(struct db *db, struct arena *a, const struct conf *c,
    const char *const *sessions, const char *const *principals,
    struct list *out, GError **err);

#endif
