/*
 * Reports of the same thing - member, address, type, within a time - are one
 * line of the queue: one leads, the others are folded into it and keep all
 * they have (sql/0019_group.sql says which, and does it).  Intake knows
 * nothing of it: each report comes in as a ticket of its own, and the timer
 * folds it a moment later.  Groups are flat: what is folded leads nobody.
 */
#ifndef CORE_GROUP_H
#define CORE_GROUP_H

#include "core/site.h"
#include "db/db.h"

enum { GROUP_SHOWN = 200, GROUP_HEAD = 5, GROUP_RELATED_SHOWN = 5 };

/* One that is folded; those that somebody wrote to since come first. */
#define GROUP_REPORT(F, S)                                                    \
	F(S, INT, number, none)                                               \
	F(S, TEXT, from, none)                                                \
	F(S, TEXT, status, none)                                              \
	F(S, TIME, created, none)                                             \
	F(S, INT, events, none)                                               \
	F(S, INT, answers, none)        /* mails after the report */          \
	F(S, INT, version, none)                                              \
	F(S, PAGE_BOOL, answered, none)
DESC_STRUCT(group_report, GROUP_REPORT);

/* An open ticket that may belong together with this one. */
#define GROUP_RELATED(F, S)                                                   \
	F(S, INT, number, none)                                               \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, status, none)                                              \
	F(S, TEXT, reason, none)        /* "same address 192.0.2.7" */        \
	F(S, PAGE_INT, asked, none)     /* the ticket whose kin this is */    \
	F(S, PAGE_BOOL, linkable, none) /* that may hang on this incident */  \
	F(S, PAGE_BOOL, mergeable, none)
DESC_STRUCT(group_related, GROUP_RELATED);

/* Sorts the new reports, a bounded number a call; safe on several hosts. */
bool group_sweep(struct db *db, GError **err);

/* At most GROUP_SHOWN of those folded into the ticket. */
bool group_of(struct db *db, struct arena *a, int64_t number,
    struct list *reports, GError **err);
/* The first few, and the others: parts of the same list. */
void group_split(const struct list *reports, struct list *head,
    struct list *rest);
bool group_related_to(struct db *db, struct arena *a, int64_t number,
    struct list *related, GError **err);
/* DESC_NULL: it is in no group, or is not there. */
bool group_lead(struct db *db, struct arena *a, int64_t number,
    int64_t *lead, GError **err);

/* Both in the caller's transaction, which holds the lead's row (and, to take
 * one out, that one's): what closes the lead closes those folded into it. */
bool group_close(struct db *db, const struct actor *who, int64_t lead,
    const char *status, GError **err);
bool group_take_out(struct db *db, const struct actor *who, int64_t number,
    int64_t lead, GError **err);

#endif
