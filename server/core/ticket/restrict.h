/*
 * Restricted tickets: only people who are named see them, in every list,
 * search, count, page, feed and by every act; for all others there is no
 * such ticket.  Not even a lead sees one without being named.  An admin may
 * name himself, with a reason that stays on the ticket.
 *
 * What hides them is the connection (db_pool_desk(), sql/0034_restricted.sql);
 * this module only says who sees what.  What is made of a restricted ticket
 * is as restricted, and what is not shown to the same people is not merged;
 * the database sees to both.
 *
 * The history of another ticket leaves out the rows that name a restricted one
 * (desk.hidden_words()), and does not mask them: "linked with a restricted
 * ticket, by M. Lead, 10:02" on a report that everybody reads would tell whose
 * case it became, when, and how many there are.  Rows of the history have no
 * numbers, so nothing shows that some are missing; who is named reads all.
 *
 * Every act checks the version, is one transaction and one deed, and is
 * audited.  FAULT_ABSENT: no such ticket, or none for the actor.
 */
#ifndef CORE_RESTRICT_H
#define CORE_RESTRICT_H

#include "core/site.h"
#include "db/db.h"

enum { RESTRICT_PAGE = 50, RESTRICT_WHY_MAX = 500 };

#define RESTRICT_READER(F, S)                                                 \
	F(S, PAGE_INT, id, none)                                              \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, email, none)         /* or the name of a token */          \
	F(S, TEXT, role, none)                                                \
	F(S, PAGE_BOOL, reads, none)                                          \
	F(S, BOOL, owns, none)          /* and so cannot be left out */       \
	F(S, TIME, at, none)            /* named then, or null */             \
	F(S, TEXT, by, none)            /* null: as on another ticket */      \
	F(S, TEXT, glass, none)         /* an admin's reason to name himself */
DESC_STRUCT(restrict_reader, RESTRICT_READER);

/* Who sees it; none of a ticket that is not restricted. */
bool restrict_readers(struct db *db, struct arena *a, int64_t number,
    struct list *readers, GError **err);
/* Everybody who may be named, with who is: restrict_reader. */
bool restrict_people(struct db *db, struct arena *a, int64_t number,
    struct list *people, GError **err);

/* Restricts it, or says anew who sees it.  The actor and its owner always
 * do.  readers: addresses (or names of tokens), ended by NULL; NULL: nobody
 * more, and nobody less.  why: NULL or blank leaves what was said.
 * whole_case: with the incidents it hangs on and all that hangs there.
 * FAULT_INPUT: somebody is not known, or it is folded into another. */
bool restrict_to(struct db *db, const struct actor *who, int64_t number,
    int64_t version, const char *why, const char *const *readers,
    bool whole_case, GError **err);
bool restrict_lift(struct db *db, const struct actor *who, int64_t number,
    int64_t version, bool whole_case, GError **err);

/* For an admin, on a connection that sees all: he is named from now on.
 * Cannot be undone. */
bool restrict_break_glass(struct db *db, const struct actor *who,
    int64_t number, const char *reason, GError **err);

/* Restricted tickets that the actor sees, newest first: ticket_row. */
bool restrict_list(struct db *db, struct arena *a, int64_t page,
    struct list *rows, int64_t *total, GError **err);

#endif
