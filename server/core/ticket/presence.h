/*
 * Who has a ticket open just now.
 *
 * Each web process says again and again whose pages it has at which ticket;
 * what it said last is forgotten when it has said nothing for
 * PRESENCE_OLD_S.  The words are in a table because there may be several
 * processes, on several hosts.
 */
#ifndef CORE_PRESENCE_H
#define CORE_PRESENCE_H

#include "core/site.h"
#include "db/db.h"

enum { PRESENCE_OLD_S = 45 }; /* as in sql/query/presence.sql */
/* Payload of a NOTIFY of NEWS_CHANNEL (news.h): ask again. */
#define PRESENCE_HERE "here"

#define PRESENCE(F, S)                                                        \
	F(S, INT, ticket, none)                                               \
	F(S, INT, principal, none)                                            \
	F(S, TEXT, name, none)
DESC_STRUCT(presence, PRESENCE);

/* All that `process` has; principals and tickets (decimal, ended by NULL)
 * belong together one by one. */
bool presence_say(struct db *db, const char *process,
    const char *const *principals, const char *const *tickets, GError **err);
/* presence, by ticket and name; tickets decimal, ended by NULL. */
bool presence_of(struct db *db, struct arena *a, const char *const *tickets,
    struct list *out, GError **err);
/* The names of those at one ticket but `me`: "A, B", or NULL for nobody. */
const char *presence_names(struct arena *a, const struct list *all,
    int64_t ticket, int64_t me);
/* Both in one, for a page. */
bool presence_others(struct db *db, struct arena *a, int64_t ticket,
    int64_t me, const char **names, GError **err);

#endif
