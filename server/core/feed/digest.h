/*
 * Digests: what feeds found at a member, told once a day or once a week:
 * what is new since the last one, what is still there, what has gone, and a
 * CSV file with the member's own rows.
 *
 * A digest is one transaction, begun by the row of its member, kind and day,
 * so that there is one whoever makes it and however often.  It hangs on a
 * ticket of its own that is out of the queue until somebody answers.  Where
 * rules of the member send findings to different people, each gets a mail
 * with theirs alone.  What nobody can be told of stays untold.
 *
 * All of a kind and day are one campaign (campaign.h): each mail is a party of
 * it, its rows the findings that it told of, and so is whoever could not be
 * told.  So the board of the day says what became of them.
 */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include "core/site.h"
#include "db/db.h"

enum {
	DIGEST_LINES_MAX = 60,    /* findings in the text */
	DIGEST_FINDINGS_MAX = 20000,
	DIGEST_ROWS_MAX = 20000,  /* rows in the file */
	DIGEST_COLUMNS_MAX = 200, /* of it, beyond those of every event */
};

enum digest_kind { DIGEST_DAILY, DIGEST_WEEKLY };

/* The digests of a day ("2026-11-26") that are not made yet; n (may be NULL)
 * gets how many were queued.  One that fails is logged, does not stop the
 * others, and is tried again by the next run.  stopping() (NULL: never) ends
 * it between two mails; what it leaves, with all of the member in hand, is
 * the next run's, too. */
bool digest_run(struct db *db, const struct site *s, enum digest_kind kind,
    const char *day, bool (*stopping)(void *ctx), void *ctx, int64_t *n,
    GError **err);

/* Is it time, by feeds.digest_hour and feeds.digest_weekday?  Then the day
 * is put into day; of the weekly ones it is always that of the last time.
 * Pure. */
bool digest_is_due(const struct conf *c, enum digest_kind kind, int64_t now,
    char day[11]);
/* Were the weekly ones of that day made, of all members?  A day on which the
 * desk was away is made up for later. */
bool digest_week_made(struct db *db, const char *day, bool *made,
    GError **err);

#endif
