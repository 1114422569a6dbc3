/*
 * One act on many tickets.  A selection is frozen as rows (ticket and the
 * version that was seen), an act is planned for it, and each ticket that it
 * cannot be done to is told with the reason before anything is done.  Then
 * it runs by the very functions of the single act, with their checks and
 * cascades, as one deed that is undone as a whole.
 *
 * Small selections are done in the transaction of bulk_run().  Larger ones
 * are left to the timer, piece by piece, each piece a transaction that also
 * notes how far it came: a restart goes on where it was.  What cannot be done
 * to one ticket is refused there and stops nothing else.
 *
 * A bulk act is its maker's: to all others it is not there.
 *
 * Owner:  the caller's arena.  Thread: any, with a connection of its own.
 */
#ifndef CORE_BULK_H
#define CORE_BULK_H

#include "core/ticket/ticket.h"

enum {
	BULK_MAX = 20000,    /* tickets of one selection */
	BULK_AT_ONCE = 100,  /* done in one transaction, by who asked */
	BULK_MAIL_AT_ONCE = 25, /* the same where each makes a mail */
	BULK_PIECE = 50,     /* done in one transaction of the timer */
	BULK_TEXT_MAX = 256 * 1024,
	BULK_PAGE = 100,     /* rows of bulk_items() */
	BULK_DRAFT_DAYS = 1, /* what nobody ran is forgotten */
};

#define BULK(F, S)                                                            \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, state, none)         /* draft running done stopped */      \
	/* own status reject reply link remind close */                       \
	F(S, TEXT, act, none)                                                 \
	F(S, TEXT, words, none)         /* "become resolved"; null: no plan */\
	F(S, INT, owner, none)                                                \
	F(S, TEXT, owner_name, none)                                          \
	F(S, TEXT, status, none)                                              \
	F(S, TEXT, resolution, none)                                          \
	F(S, INT, incident, none)                                             \
	F(S, TEXT, direction, none)                                           \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, text, none)                                                \
	F(S, TEXT, langs, none)         /* "de, en": it is kept in, or null */\
	F(S, BOOL, asks, none)                                                \
	F(S, BOOL, tell, none)                                                \
	F(S, BOOL, others, none)                                              \
	F(S, INT, deed, none)           /* for POST /deeds/N/undo, or null */ \
	F(S, BOOL, undone, none)                                              \
	F(S, TIME, created, none)                                             \
	F(S, TIME, started, none)                                             \
	F(S, TIME, finished, none)                                            \
	F(S, TEXT, why, none)           /* it was stopped */                  \
	F(S, INT, version, none)                                              \
	F(S, INT, total, none)                                                \
	F(S, INT, waits, none)                                                \
	F(S, INT, changed, none)        /* done to so many */                 \
	F(S, INT, refused, none)                                              \
	F(S, INT, mails, none)          /* that left */                       \
	F(S, INT, done, none)           /* looked at: not waiting any more */ \
	F(S, BOOL, busy, none)                                                \
	F(S, INT, rate, none)           /* a second, or null */               \
	F(S, INT, left, none)           /* seconds, or null */                \
	F(S, PAGE_INT, principal, none)                                       \
	F(S, PAGE_INT, since, none)                                           \
	F(S, PAGE_BOOL, is_draft, none)                                       \
	F(S, PAGE_BOOL, mailing, none)  /* its act makes mail */             \
	F(S, PAGE_BOOL, kept, none)     /* nothing of it could be undone */
DESC_STRUCT(bulk, BULK);

/* One ticket of it. */
#define BULK_ITEM(F, S)                                                       \
	F(S, INT, number, none)                                               \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, status, none)                                              \
	F(S, TEXT, owner, none)                                               \
	F(S, TEXT, state, none)         /* waits done refused */              \
	F(S, TEXT, why, none)                                                 \
	F(S, INT, message, none)
DESC_STRUCT(bulk_item, BULK_ITEM);

/* What was chosen, by kind and state. */
#define BULK_SUM(F, S)                                                        \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, status, none)                                              \
	F(S, INT, n, none)                                                    \
	F(S, PAGE_BOOL, many, none)     /* more than one */
DESC_STRUCT(bulk_sum, BULK_SUM);

/* The same reason, so many times. */
#define BULK_WHY(F, S)                                                        \
	F(S, TEXT, why, none)                                                 \
	F(S, INT, n, none)
DESC_STRUCT(bulk_why, BULK_WHY);

#define BULK_PERSON(F, S)                                                     \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, name, none)                                                \
	F(S, BOOL, chosen, none)
DESC_STRUCT(bulk_person, BULK_PERSON);

/* Freezes a selection: tickets, "4711" or "4711.3" with the version that was
 * seen, ended by NULL; or, when that is NULL, all that the filter finds. */
bool bulk_choose(struct db *db, const struct actor *who,
    const char *const *tickets, const struct ticket_filter *filter,
    int64_t *id, GError **err);

/* What is to be done.  remind: the notice again to those that have not
 * answered; close: resolved as the answer says.  Texts are NULL or "" when not given. */
struct bulk_plan {
	const char *act;
	int64_t owner;          /* of own; 0: who asks */
	const char *status;     /* of status */
	const char *resolution;
	int64_t text_id;        /* of reject and reply: a text_template, or 0.
				 * A mail is in the language of who gets it,
				 * if the text is kept in such and not changed */
	const char *subject, *text; /* instead of what stands there, or of */
	const char *direction;  /* none: to reporter member outside; NULL: to
				 * anybody, and so it tells of nobody */
	int64_t incident;       /* of link */
	bool tell, others;
};
/* Plans it, or something else than before, and looks at each ticket whether
 * it can be done.  FAULT_INPUT names what is wrong with the plan, *field the
 * member of bulk_plan. */
bool bulk_set_plan(struct db *db, const struct actor *who, int64_t id,
    const struct bulk_plan *plan, const char **field, GError **err);

/* FAULT_CONFLICT: another plan was made since that version (0: any), or it
 * ran already; FAULT_INPUT: there is nothing that it could be done to. */
bool bulk_run(struct db *db, const struct site *s, const struct actor *who,
    int64_t id, int64_t version, GError **err);
/* What was done stays done. */
bool bulk_stop(struct db *db, const struct actor *who, int64_t id,
    GError **err);

bool bulk_get(struct db *db, struct arena *a, const struct actor *who,
    int64_t id, struct bulk *out, GError **err);
/* The one that a deed is; 0: none, or another person's. */
bool bulk_of_deed(struct db *db, struct arena *a, const struct actor *who,
    int64_t deed, int64_t *id, GError **err);
/* The last ones of a person. */
bool bulk_list(struct db *db, struct arena *a, const struct actor *who,
    struct list *out, GError **err);
/* state NULL: all. */
bool bulk_items(struct db *db, struct arena *a, int64_t id, const char *state,
    int64_t page, struct list *out, GError **err);
bool bulk_sums(struct db *db, struct arena *a, int64_t id, struct list *out,
    GError **err);
bool bulk_whys(struct db *db, struct arena *a, int64_t id, struct list *out,
    GError **err);
/* Who may own tickets. */
bool bulk_people(struct db *db, struct arena *a, int64_t chosen,
    struct list *out, GError **err);
/* What hangs on the incidents that it closes and is folded into the reports,
 * and so goes with them; at most. */
bool bulk_along(struct db *db, struct arena *a, int64_t id, int64_t *n,
    GError **err);
/* The mail to the first that it goes to; *text NULL: it makes none. */
bool bulk_sample(struct db *db, struct arena *a, const struct site *s,
    const struct actor *who, const struct bulk *b, int64_t *ticket,
    const char **subject, const char **text, GError **err);

/* For the timer: goes on with what runs, for at most that long; *n gets how
 * many tickets were done.  Safe on several hosts. */
bool bulk_work(struct db *db, const struct site *s, int64_t microseconds,
    int64_t *n, GError **err);
bool bulk_sweep(struct db *db, GError **err);

#endif
