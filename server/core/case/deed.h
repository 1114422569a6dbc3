/*
 * Deeds: one act of somebody with all that follows from it (cascades, moves
 * of messages, new tickets), recorded by the database as it happens
 * (sql/0021_case.sql) and undone as a whole.
 *
 * All functions but deed_undo(), deed_list() and deed_differences() run in
 * the caller's transaction.
 */
#ifndef CORE_DEED_H
#define CORE_DEED_H

#include "core/site.h"
#include "db/db.h"

#define DEED(F, S)                                                            \
	F(S, INT, id, none)                                                   \
	F(S, TIME, at, none)                                                  \
	F(S, TEXT, actor, none)                                               \
	F(S, TEXT, act, none)                                                 \
	F(S, TEXT, label, none)         /* act in words */                    \
	F(S, INT, ticket, none)                                               \
	F(S, INT, undone_by, none)      /* deed, or null */                   \
	F(S, INT, bulk, none)           /* the bulk act that it is, or null */\
	F(S, PAGE_BOOL, undoable, none)
DESC_STRUCT(deed, DEED);

/* Everything this transaction changes from here on belongs to the deed.  act
 * is a name of deed.def; ticket 0: done to many.  id may be NULL. */
bool deed_begin(struct db *db, const struct actor *who, const char *act,
    int64_t ticket, int64_t *id, GError **err);
/* The same deed in a further transaction. */
bool deed_resume(struct db *db, int64_t id, GError **err);

/* Undoes it in a deed of its own.  FAULT_CONFLICT when something of it was
 * changed again since, or it is undone already; FAULT_INPUT when its kind
 * cannot be undone.  *ticket (may be NULL) gets the one it was done to. */
bool deed_undo(struct db *db, const struct actor *who, int64_t id,
    int64_t *ticket, GError **err);
/* The last ones that touched the ticket and stand, newest first. */
bool deed_list(struct db *db, struct arena *a, int64_t ticket,
    struct list *deeds, GError **err);

/* What the log says and the tables do not; no row is right.  ticket 0: all. */
#define DEED_DIFFERENCE(F, S)                                                 \
	F(S, INT, ticket, none)                                               \
	F(S, TEXT, field, none)                                               \
	F(S, TEXT, stored, none)                                              \
	F(S, TEXT, rebuilt, none)
DESC_STRUCT(deed_difference, DEED_DIFFERENCE);
bool deed_differences(struct db *db, struct arena *a, int64_t ticket,
    struct list *rows, GError **err);

#endif
