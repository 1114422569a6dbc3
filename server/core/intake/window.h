/*
 * Grouping: within which time reports of one member, address and type are the
 * same matter, and how many of them make it urgent (sql/0019_group.sql does
 * it).  The entry of the longest type that fits counts; that of all types,
 * "", cannot be removed.
 *
 * Thread: any, with a connection of its own.  Owner: the arena given.
 */
#ifndef CORE_WINDOW_H
#define CORE_WINDOW_H

#include "core/site.h"
#include "db/db.h"

enum {
	WINDOW_DAYS_MAX = 365,
	WINDOW_ESCALATE_MAX = 100000, /* reports */
};

#define WINDOW(F, S)                                                          \
	F(S, TEXT, type, none)       /* class or class/type; "": all others */ \
	F(S, INT, minutes, none)     /* 0: never grouped */                   \
	F(S, INT, escalate_at, none) /* so many raise the priority; null: none */ \
	F(S, PAGE_TEXT, span, none)  /* minutes, as people write them */      \
	F(S, PAGE_BOOL, all, none)   /* of all other types */
DESC_STRUCT(window, WINDOW);

bool window_list(struct db *db, struct arena *a, struct list *rows,
    GError **err);
/* "3 d", "12 h", "90 min", "0" or "never" into minutes. */
bool window_read_span(const char *s, int64_t *minutes);
/* Adds it or changes that of the type.  FAULT_INPUT says what is wrong, and
 * field where.  Reports that are folded already stay so. */
bool window_set(struct db *db, const struct actor *who,
    const struct window *w, const char **field, GError **err);
/* FAULT_ABSENT: there is none; FAULT_INPUT: it is that of all types. */
bool window_remove(struct db *db, const struct actor *who, const char *type,
    GError **err);

#endif
