/*
 * Findings: what feeds have seen at an address, through time.
 *
 *	new   known from one day
 *	open  seen on a second day: still there
 *	gone  the feeds that saw it have looked since, for as many days as the
 *	      policy says, and did not see it; new again when it comes back
 *
 * States follow from the times of the rows, never from the clock of this
 * machine, so that a late or repeated mail changes nothing that it should
 * not.  Members are told by digests (core/feed/digest.h).
 */
#ifndef CORE_FINDING_H
#define CORE_FINDING_H

#include "core/site.h"
#include "db/db.h"

enum { FINDING_PAGE = 50, FINDING_DAYS = 30 };

#define FINDING_ROW(F, S)                                                     \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, organisation, none)  /* NULL: whose it is is not known */  \
	F(S, TEXT, handle, none)                                              \
	F(S, TEXT, address, none)       /* or a domain */                     \
	F(S, PAGE_SAFE, address_shown, none) /* 192[.]0[.]2[.]7 */            \
	F(S, INT, port, none)                                                 \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, severity, none)                                            \
	F(S, TEXT, feeds, none)         /* separated by blanks */             \
	F(S, TEXT, state, none)                                               \
	F(S, TIME, first_seen, none)                                          \
	F(S, TIME, last_seen, none)                                           \
	F(S, INT, count, none)                                                \
	F(S, INT, returns, none)        /* times it came back */              \
	F(S, PAGE_INT, of_all, none)    /* how many the filter finds */
DESC_STRUCT(finding_row, FINDING_ROW);

struct finding_filter {
	const char *state; /* NULL: new or open; "any"; or one of them */
	const char *org;   /* part of a name, a handle, "-": not known */
	const char *type, *feed;
	const char *ip;    /* address or CIDR, canonical */
	int64_t page;      /* from 0 */
};
bool finding_list(struct db *db, struct arena *a,
    const struct finding_filter *f, struct list *rows, int64_t *total,
    GError **err);

#define FINDING_COUNTS(F, S)                                                  \
	F(S, INT, fresh, none)                                                \
	F(S, INT, open, none)                                                 \
	F(S, INT, gone, none)                                                 \
	F(S, INT, unassigned, none)
DESC_STRUCT(finding_counts, FINDING_COUNTS);
bool finding_count(struct db *db, struct arena *a, struct finding_counts *out,
    GError **err);

/* Rows of each of the last FINDING_DAYS days, today's the last. */
#define FINDING_DAY(F, S)                                                     \
	F(S, TEXT, day, none)           /* "2026-11-26", UTC */               \
	F(S, INT, rows, none)
DESC_STRUCT(finding_day, FINDING_DAY);
/* Of what the filter finds; address, state and page are not asked. */
bool finding_days(struct db *db, struct arena *a,
    const struct finding_filter *f, struct list *days, GError **err);

#define FINDING_SIGHTING(F, S)                                                \
	F(S, INT, id, none)                                                   \
	F(S, TIME, time, none)                                                \
	F(S, TEXT, feed, none)                                                \
	F(S, INT, message, none)                                              \
	F(S, URL, raw, none)            /* path of the mail's bytes */        \
	F(S, TEXT, verdict, none)                                             \
	F(S, TEXT, prefix, none)                                              \
	F(S, JSON, row, none)           /* as the feed gave it */             \
	F(S, PAGE_TEXT, shown, none)    /* the same, for reading */
DESC_STRUCT(finding_sighting, FINDING_SIGHTING);

#define FINDING_FULL(F, S)                                                    \
	FINDING_ROW(F, S)                                                     \
	F(S, TIME, opened, none)        /* since when it is there, this time */\
	F(S, TIME, gone_seen, none)     /* until when its feeds had looked */ \
	F(S, TEXT, told, none)          /* to the member: nothing open gone */\
	F(S, TEXT, action, none)        /* what the policy says of it now */  \
	F(S, TEXT, rule, none)          /* and why */                         \
	F(S, PAGE_TEXT, ip, none)                                             \
	F(S, LIST, days, finding_day)                                         \
	F(S, LIST, sightings, finding_sighting)
DESC_STRUCT(finding_full, FINDING_FULL);
/* With a page of sightings, the newest first. */
bool finding_load(struct db *db, struct arena *a, int64_t id, int64_t page,
    struct finding_full *out, GError **err);

/* A JSON object of a row, and its object "extra", as lines "name: value" that
 * nobody clicks on by accident. */
const char *finding_row_text(struct arena *a, const char *row);

/* What is there now at the addresses of a ticket's events: finding_row. */
bool finding_of_ticket(struct db *db, struct arena *a, int64_t ticket,
    struct list *rows, GError **err);

/* Marks what is gone; n (may be NULL) gets how many.  Any number of hosts
 * may do it at once. */
bool finding_sweep(struct db *db, int64_t *n, GError **err);

#endif
