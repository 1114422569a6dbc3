/*
 * What marks addresses and names as ours beyond members' prefixes: see the
 * table constituency_mark (sql/0010_members.sql).
 */
#ifndef CORE_MARK_H
#define CORE_MARK_H

#include "core/site.h"
#include "db/db.h"

#define MARK(F, S)                                                            \
	F(S, TEXT, kind, none)    /* asn maintainer mailbox suffix exception */\
	F(S, TEXT, value, none)                                               \
	F(S, TEXT, verdict, none) /* confirmed, probable */                   \
	F(S, TEXT, note, none)
DESC_STRUCT(mark, MARK);

bool mark_list(struct db *db, struct arena *a, struct list *out, GError **err);
/* Adds it, or changes its verdict and note.  value as people write it:
 * "AS64496" and "64496" are the same.  FAULT_INPUT when it is none. */
bool mark_set(struct db *db, const struct actor *who, const struct mark *m,
    GError **err);
/* FAULT_ABSENT when there is no such mark. */
bool mark_remove(struct db *db, const struct actor *who, const char *kind,
    const char *value, GError **err);

#endif
