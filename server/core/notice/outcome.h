/*
 * The second and last mail that a reporter gets by default: the report was
 * passed on, and when - never to whom, and never what came of it there.  The
 * database notes what is due (sql/0025_outcome.sql); the timer sends it after
 * a while in which a closing may be undone.  Who reports much in a day gets
 * one mail about all of it, the next day.
 */
#ifndef CORE_OUTCOME_H
#define CORE_OUTCOME_H

#include "core/site.h"
#include "db/db.h"

enum {
	OUTCOME_ROUND_MAX = 100,
	OUTCOME_LINES_MAX = 500, /* of a summary */
};

/* What is due at `now`; *n gets how many mails.  Safe on several hosts. */
bool outcome_send(struct db *db, const struct site *s, int64_t now, int64_t *n,
    GError **err);
/* Summaries of all that was due before the last digest hour. */
bool outcome_summaries(struct db *db, const struct site *s, int64_t now,
    int64_t *n, GError **err);

/* How a report stands; DESC_NULL: not yet. */
#define OUTCOME_STANDS(F, S)                                                  \
	F(S, TIME, created, none)                                             \
	F(S, TIME, passed, none)  /* to whom it concerns */                   \
	F(S, TIME, closed, none)
DESC_STRUCT(outcome_stands, OUTCOME_STANDS);

/* *found false: there is no such report. */
bool outcome_stands_of(struct db *db, struct arena *a, int64_t report,
    struct outcome_stands *out, bool *found, GError **err);

#endif
