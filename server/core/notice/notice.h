/*
 * Notices: mails that asked an outside party to act, and what happens after
 * they were sent (sql/0024_notice.sql).  Who sends one makes its row; from
 * then on the timer reminds, turns to other people, has somebody call and
 * calls it overdue, by the ladder of table notice_rule, in working time only
 * (calendar.h).
 *
 * The clock stands once there is a result, while a person's answer waits to
 * be read, and while the ticket is closed; it starts again when the ticket
 * is opened, when NEED-MORE was answered, and when what was read was no
 * answer.  The database does the stopping, so that no writer can forget it.
 *
 * An answer is one of four words: by the first line of a mail of theirs, by a
 * signed link, or by an analyst.  A robot's receipt is a sign of life, no answer.
 * It may be changed until the ticket is closed; every one of them stays in
 * the ticket's history.
 *
 * A ticket has one thread with one party, so the last notice on it counts.
 */
#ifndef CORE_NOTICE_H
#define CORE_NOTICE_H

#include "core/site.h"
#include "db/db.h"

enum {
	NOTICE_PAGE = 50,
	NOTICE_ROUND_MAX = 50,        /* notices of one round of the timer */
	NOTICE_LINES_MAX = 200,       /* of a reply that are looked at */
	NOTICE_WORD_AT_MAX = 16 * 1024, /* bytes */
	NOTICE_QUOTE_MAX = 12 * 1024, /* bytes of the notice in a reminder */
	NOTICE_ROWS_SHOWN = 200,      /* events behind a link */
	NOTICE_REMIND_PAUSE = 600,    /* s between two reminders by hand */
};

#define NOTICE(F, S)                                                          \
	F(S, INT, id, none)                                                   \
	F(S, INT, ticket, none)                                               \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, status, none)        /* of the ticket */                   \
	F(S, INT, organisation, none)                                         \
	F(S, TEXT, party, none)                                               \
	F(S, TEXT, to, none)            /* the notice's addresses */          \
	F(S, INT, message, none)                                              \
	F(S, TIME, sent, none)                                                \
	F(S, TIME, answer_by, none)                                           \
	F(S, TIME, received, none)                                            \
	F(S, BOOL, returned, none)      /* from every address, for good */    \
	F(S, TEXT, result, none)                                              \
	F(S, TIME, result_at, none)                                           \
	F(S, TEXT, result_by, none)                                           \
	F(S, TEXT, stage, none)         /* what was done last */              \
	F(S, INT, level, none)                                                \
	F(S, TIME, next_at, none)                                             \
	F(S, INT, to_read, none)        /* message, or null */                \
	F(S, TEXT, said, none)          /* by it, who is not the party */     \
	F(S, TEXT, said_by, none)                                             \
	F(S, TIME, called, none)                                              \
	F(S, TEXT, owner, none)                                               \
	F(S, TEXT, phones, none)        /* "Name 01234 567, ..." or null */   \
	F(S, PAGE_BOOL, closed, none)                                         \
	F(S, PAGE_BOOL, late, none)     /* no answer, and it is due */        \
	F(S, PAGE_BOOL, needs_more, none)                                     \
	F(S, PAGE_BOOL, to_call, none)                                        \
	F(S, PAGE_INT, ask, none)       /* the report that lacks facts */     \
	F(S, PAGE_INT, of_all, none)    /* how many there are of its list */
DESC_STRUCT(notice, NOTICE);

/* For whoever sends a notice: until when an answer is asked for, and when
 * the clock looks at it first.  type and organisation (DESC_NULL: outside)
 * are the ticket's. */
bool notice_first(struct db *db, const struct site *s, const char *type,
    int64_t organisation, int64_t now, int64_t *answer_by, int64_t *next_at,
    GError **err);
/* "https://.../n/TOKEN" of the notice on that ticket, for its mail; and the
 * way back: 0 when it is forged, *expired when it is only too old. */
const char *notice_link(struct arena *a, const struct site *s, int64_t ticket,
    int64_t now);
int64_t notice_of_token(const struct site *s, const char *token, int64_t now,
    bool *expired);

/* The answer that the first line of a mail is, or NULL (notice_word.c). */
const char *notice_word(const char *text);
/* "CLEANED" for that or "cleaned"; NULL for anything else. */
const char *notice_result_known(const char *text);

/* The resolution of a ticket that this answer ends; NULL: it ends none. */
const char *notice_resolution(const char *result);

/* The last notice on a ticket. */
bool notice_of(struct db *db, struct arena *a, int64_t ticket,
    struct notice *out, bool *found, GError **err);
/* notice rows.  view: open (NULL too), read (answers to read), close
 * (answered, to be closed), more (NEED-MORE), phone, late. */
bool notice_list(struct db *db, struct arena *a, const char *view,
    int64_t page, struct list *rows, int64_t *total, GError **err);
bool notice_view_known(const char *view);

struct notice_heard {
	int64_t ticket, message;
	int64_t answers;      /* the mail of ours it refers to, or DESC_NULL */
	bool robot;
	const char *proven;   /* domain it is taken to be from, or NULL */
	const char *text;
};
/* A message came in on a ticket; in the caller's transaction.  Does nothing
 * where there is no notice.  An answer is a word of the party: of whom its
 * notices went to, another contact of the organisation, or proven to be of
 * its domain.  What others write (in copy, sent on to, with the thread's
 * address from somewhere) a person reads; a word of theirs is noted (said). */
bool notice_heard(struct db *db, const struct site *s,
    const struct notice_heard *m, GError **err);
/* by: "reply", "link", "analyst".  FAULT_CONFLICT when the ticket is closed,
 * FAULT_ABSENT without a notice, FAULT_INPUT for another word. */
bool notice_answer(struct db *db, const struct site *s,
    const struct actor *who, int64_t ticket, const char *result,
    const char *by, GError **err);
/* The same with a note of theirs (may be blank), a comment on the ticket. */
bool notice_answer_with(struct db *db, const struct site *s,
    const struct actor *who, int64_t ticket, const char *result,
    const char *by, const char *note, GError **err);
/* What went out, and its events (ticket_event, the first ones). */
bool notice_shown(struct db *db, struct arena *a, int64_t ticket,
    int64_t message, const char **subject, const char **text,
    struct list *events, GError **err);
/* The answer to NEED-MORE as far as it writes itself: every fact that we
 * have, and what we were not told. */
bool notice_more(struct db *db, const struct site *s, struct arena *a,
    const struct notice *n, const char **text, GError **err);
/* What the person wrote is read and was no answer: the clock goes on. */
bool notice_was_read(struct db *db, const struct actor *who, int64_t ticket,
    GError **err);
/* Somebody called; note (may be blank) becomes a private comment. */
bool notice_called(struct db *db, const struct actor *who, int64_t ticket,
    const char *note, GError **err);

/* The mail again to those who have it, by a person and now, in the caller's
 * transaction; the clock starts again behind it.  *sent is the mail, or
 * DESC_NULL: it waits for no answer, nobody has the mail, or a reminder left
 * within the last NOTICE_REMIND_PAUSE (a button is pressed twice, or by two
 * people). */
bool notice_remind_now(struct db *db, const struct site *s,
    const struct actor *who, int64_t ticket, int64_t *sent, GError **err);
struct ticket_locked;
/* In the caller's transaction, the ticket locked: it is resolved as its answer
 * says.  *done: it is open, and the answer ends the matter. */
bool notice_close_now(struct db *db, const struct actor *who,
    const struct ticket_locked *row, bool *done, GError **err);

/* One round of the clock: what is due at `now`, nothing outside working
 * time.  *n gets how many.  Safe on several hosts.  One that fails is tried
 * again an hour later and holds up no other. */
bool notice_clock(struct db *db, const struct site *s, int64_t now, int64_t *n,
    GError **err);

#endif
