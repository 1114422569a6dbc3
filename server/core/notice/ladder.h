/*
 * Ladders of reminders (sql/0024_notice.sql) as people see and change them:
 * until when a party is asked to answer, and what happens while it does not.
 * A notice that was sent goes on by the ladder as it is when its next step
 * is due.
 *
 * Owner: the caller's arena.  Thread: any, with a connection of its own.
 */
#ifndef CORE_LADDER_H
#define CORE_LADDER_H

#include "core/site.h"
#include "db/db.h"

enum { LADDER_STEPS_MAX = 20 };

#define LADDER(F, S)                                                          \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, type, none)          /* RSIT class or class/type; "": all */\
	F(S, TEXT, organisation, none)  /* handle, or null: all */            \
	F(S, TEXT, organisation_name, none)                                   \
	F(S, TEXT, answer, none)        /* "3 d", "240 min": working time */  \
	F(S, TEXT, steps, none)         /* a line each: "1 d remind" */       \
	F(S, INT, version, none)                                              \
	F(S, TIME, changed, none)                                             \
	F(S, TEXT, changed_by, none)    /* null: as shipped */
DESC_STRUCT(ladder, LADDER);

bool ladder_list(struct db *db, struct arena *a, struct list *out,
    GError **err);
/* FAULT_ABSENT when there is none. */
bool ladder_get(struct db *db, struct arena *a, int64_t id,
    struct ladder *out, GError **err);
/* id 0 makes one.  FAULT_INPUT: *field is what is wrong; FAULT_CONFLICT:
 * changed since that version (0: any), or there is one for the same. */
bool ladder_save(struct db *db, const struct actor *who,
    const struct ladder *l, int64_t *id, const char **field, GError **err);
/* Not the one for all: something has to happen. */
bool ladder_remove(struct db *db, const struct actor *who, int64_t id,
    GError **err);

#endif
