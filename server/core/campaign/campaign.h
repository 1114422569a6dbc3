/*
 * Campaigns: one matter, told to every organisation concerned in one act,
 * each with its own rows alone; then a board of what came of it.
 *
 *	rows       what was pasted or uploaded, or what a search or the
 *	           findings hold, looked up at the time of each event; a line
 *	           that is not understood, or was there before, stays and says
 *	           why
 *	parties    a member, or whoever is responsible for an address outside
 *	draft      who would be told what; nothing has left yet
 *	sending    its mails are composed and signed; nothing has left yet
 *	sent       an incident, and under it an investigation with a notice for
 *	           each party (notice.h has its clock from then on); the rows are
 *	           events of the incident
 *
 * The digests of a kind and day are one, too (digest.h): it is sent when its
 * first party is told, has no incident, and asks for no answer; its rows are
 * findings.
 *
 * Sending is one transaction and one deed, set by set: its statements are as
 * many for four hundred parties as for four.  The mails are composed before
 * it begins; the campaign's version says that nothing has changed since.
 * Where gpg signs them that takes half a minute, so the timer's second thread
 * does it, as who asked for it; until the transaction it can be stopped.  A
 * deed that sent mail is not undone; what it made can be closed.
 *
 * Each act checks the version that was seen (0: does not).  Thread: any, with
 * a connection of its own.  Owner: the arena given.
 */
#ifndef CORE_CAMPAIGN_H
#define CORE_CAMPAIGN_H

#include "core/feed/finding.h"
#include "core/member/constituency.h"
#include "core/outgoing/outbox.h"
#include "core/ticket/ticket.h"

enum {
	CAMPAIGN_PAGE = 50,
	CAMPAIGN_PARTIES_MAX = 2000,
	CAMPAIGN_ROWS_MAX = INSPECT_EVENTS_MAX, /* a reader reads no more */
	CAMPAIGN_BYTES_MAX = 8 * 1024 * 1024,   /* of what is pasted */
	CAMPAIGN_TITLE_MAX = 150,               /* characters */
	CAMPAIGN_WORDS_MAX = 8000,              /* bytes */
	CAMPAIGN_BITS4_MIN = 28, /* a larger prefix says nothing of a host */
	CAMPAIGN_BITS6_MIN = 64,
};

/* What a campaign is made of; texts may be NULL.  words may hold variables of
 * text_template.h, direction "notice": they are filled for each party.  Who
 * is written to in a language that the text they were begun from is kept in
 * gets it in that one. */
struct campaign_new {
	const char *title, *type, *tlp, *words;
	int64_t text;              /* that words were begun from; 0: none */
	const char *zone;          /* of times without one; "": not known */
	int64_t incident;          /* it belongs to; 0: one is made */
	const char *query;         /* what was searched for, in words */
	/* one of these: */
	const void *bytes;         /* pasted, or a file, and */
	size_t len;
	const char *file;          /* its name; NULL: pasted */
	const struct inspection *rows; /* what pool_rows() read of it */
	const struct ticket_filter *search;
	const struct finding_filter *findings;
};
/* FAULT_INPUT and FAULT_LARGE say what is wrong with it. */
bool campaign_create(struct db *db, const struct site *s,
    const struct actor *who, const struct campaign_new *c, int64_t *id,
    GError **err);
/* The type as RSIT writes it, in whatever case it was typed; NULL: it is
 * none. */
const char *campaign_type_known(const char *type);

#define CAMPAIGN_ROW(F, S)                                                    \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, tlp, none)                                                 \
	F(S, TEXT, source, none)        /* paste csv search findings digest */\
	F(S, TEXT, state, none)         /* draft sending sent abandoned */    \
	F(S, INT, incident, none)                                             \
	F(S, TEXT, actor, none)                                               \
	F(S, TIME, created, none)                                             \
	F(S, TIME, sent_at, none)                                             \
	F(S, INT, version, none)                                              \
	F(S, INT, rows, none)           /* understood */                      \
	F(S, INT, parties, none)                                              \
	F(S, INT, told, none)           /* of them */
DESC_STRUCT(campaign_row, CAMPAIGN_ROW);
/* Those that ask, or the digests. */
bool campaign_list(struct db *db, struct arena *a, bool digests,
    int64_t page, struct list *rows, int64_t *total, GError **err);

#define CAMPAIGN(F, S)                                                        \
	CAMPAIGN_ROW(F, S)                                                    \
	F(S, TEXT, words, none)                                               \
	F(S, TEXT, why, none)           /* it could not be sent */            \
	F(S, INT, composed, none)       /* mails, while it was sending */     \
	F(S, TIME, stopped, none)       /* then, or as a draft */             \
	F(S, TEXT, stopped_by, none)                                          \
	F(S, TEXT, query, none)                                               \
	F(S, INT, advisory, none)                                             \
	F(S, TEXT, advisory_title, none)                                      \
	F(S, INT, message, none)        /* the evidence */                    \
	F(S, INT, refused, none)        /* lines */                           \
	F(S, INT, nobody, none)         /* rows that concern nobody we know */\
	F(S, LIST, translations, campaign_words)
/* Words in another language. */
#define CAMPAIGN_WORDS(F, S)                                                  \
	F(S, TEXT, lang, none)                                                \
	F(S, TEXT, words, none)
DESC_STRUCT(campaign_words, CAMPAIGN_WORDS);
DESC_STRUCT(campaign, CAMPAIGN);
bool campaign_load(struct db *db, struct arena *a, int64_t id,
    struct campaign *out, GError **err);
bool campaign_is_digest(const struct campaign *c);

/* A row that goes to nobody. */
#define CAMPAIGN_LEFT(F, S)                                                   \
	F(S, INT, n, none)                                                    \
	F(S, TEXT, line, none)                                                \
	F(S, TEXT, text, none)                                                \
	F(S, TEXT, reason, none)                                              \
	F(S, BOOL, refused, none)       /* not understood */
DESC_STRUCT(campaign_left, CAMPAIGN_LEFT);
bool campaign_left_out(struct db *db, struct arena *a, int64_t id,
    struct list *rows, GError **err);

/* Of a draft: whom it concerns, and whether he would be told. */
#define CAMPAIGN_PARTY(F, S)                                                  \
	F(S, INT, n, none)                                                    \
	F(S, TEXT, key, none)           /* handle, or address for mail */     \
	F(S, INT, organisation, none)   /* null: outside */                   \
	F(S, TEXT, name, none)                                                \
	F(S, INT, rows, none)                                                 \
	F(S, INT, told, none)           /* of them, before */                 \
	F(S, INT, investigation, none)  /* that asks about them, or null */   \
	F(S, TEXT, to, none)            /* comma-separated */                 \
	F(S, TEXT, to_reason, none)                                           \
	F(S, TEXT, attach, none)        /* csv xarf both: as it prefers */    \
	F(S, TEXT, lang, none)          /* in which it is written to */       \
	F(S, TEXT, words_lang, none)    /* of the words; null: as written */  \
	F(S, TEXT, refused, none)       /* why it cannot go out, or null */   \
	F(S, BOOL, chosen, none)                                              \
	F(S, PAGE_BOOL, ticked, none)   /* by somebody */                     \
	F(S, PAGE_BOOL, asked, none)    /* somebody has (un)ticked it */      \
	F(S, PAGE_BOOL, all_told, none)
DESC_STRUCT(campaign_party, CAMPAIGN_PARTY);
#define CAMPAIGN_SUM(F, S)                                                    \
	F(S, INT, chosen, none)                                               \
	F(S, INT, chosen_rows, none)                                          \
	F(S, INT, members, none)                                              \
	F(S, INT, outside, none)                                              \
	F(S, INT, no_contact, none)                                           \
	F(S, INT, told, none)           /* of all their rows already */
DESC_STRUCT(campaign_sum, CAMPAIGN_SUM);
/* Page `page` of CAMPAIGN_PAGE parties, and the sum of all. */
bool campaign_parties(struct db *db, const struct site *s, struct arena *a,
    const struct campaign *c, int64_t page, struct list *parties,
    struct campaign_sum *sum, GError **err);

/* A file of it, as the member prefers them. */
#define CAMPAIGN_FILE(F, S)                                                   \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, text, none)
DESC_STRUCT(campaign_file, CAMPAIGN_FILE);
/* The exact mail to one of them; only its number is drawn when it is sent. */
#define CAMPAIGN_MAIL(F, S)                                                   \
	F(S, INT, n, none)                                                    \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, to, none)                                                  \
	F(S, TEXT, to_reason, none)                                           \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, text, none)                                                \
	F(S, LIST, files, campaign_file)                                      \
	F(S, TEXT, lang, none)                                                \
	F(S, TEXT, words_lang, none)                                          \
	F(S, TEXT, refused, none)
DESC_STRUCT(campaign_mail, CAMPAIGN_MAIL);
bool campaign_mail(struct db *db, const struct site *s, struct arena *a,
    const struct actor *who, const struct campaign *c, int64_t n, struct campaign_mail *out,
    GError **err);

/* The ticks of page `page`: ns (ended by NULL) are chosen, the others of it
 * are not. */
bool campaign_choose(struct db *db, const struct actor *who, int64_t id,
    int64_t version, int64_t page, const char *const *ns, GError **err);
/* A draft ends; an abandoned one, or one that is sending, is a draft again. */
bool campaign_abandon(struct db *db, const struct actor *who, int64_t id,
    int64_t version, GError **err);
bool campaign_resume(struct db *db, const struct actor *who, int64_t id,
    int64_t version, GError **err);
/* To all that are chosen.  FAULT_INPUT: nobody is, or one that somebody
 * ticked cannot be told; then nothing is sent at all.  *incident is 0 when it
 * takes long and is only begun: then it is "sending", and campaign_resume()
 * stops it. */
bool campaign_send(struct db *db, const struct site *s,
    const struct actor *who, int64_t id, int64_t version, int64_t *sent,
    int64_t *incident, GError **err);

/* One that is being sent, if there is one; stopping() ends it before its
 * transaction, and it is begun anew.  One connection for this alone; several
 * hosts share the work. */
bool campaign_work(struct db *db, const struct site *s,
    bool (*stopping)(void *ctx), void *ctx, int64_t *sent, GError **err);

/* ---- the board */

#define CAMPAIGN_ON_BOARD(F, S)                                               \
	F(S, INT, n, none)                                                    \
	F(S, TEXT, name, none)                                                \
	F(S, INT, organisation, none)                                         \
	F(S, INT, rows, none)                                                 \
	F(S, INT, ticket, none)         /* null: was not told */              \
	F(S, TEXT, status, none)                                              \
	F(S, INT, version, none)                                              \
	F(S, TEXT, owner, none)                                               \
	F(S, INT, message, none)                                              \
	F(S, TEXT, mail, none)          /* queued delivered bounced */        \
	F(S, TIME, sent, none)                                                \
	F(S, TIME, answer_by, none)                                           \
	F(S, TIME, received, none)                                            \
	F(S, TEXT, result, none)                                              \
	F(S, TIME, result_at, none)                                           \
	F(S, TEXT, result_by, none)                                           \
	F(S, TEXT, stage, none)                                               \
	F(S, INT, level, none)          /* reminders so far */                \
	F(S, INT, to_read, none)                                              \
	F(S, TIME, next_at, none)                                             \
	F(S, INT, findings, none)       /* that its rows came from */         \
	F(S, INT, fixed, none)          /* of them, gone */                   \
	F(S, BOOL, asked, none)         /* for an answer */                   \
	F(S, BOOL, late, none)                                                \
	F(S, BOOL, closed, none)                                              \
	F(S, PAGE_BOOL, bounced, none)                                        \
	F(S, PAGE_BOOL, queued, none)                                         \
	F(S, PAGE_BOOL, wrote, none)    /* back, though nobody asked */       \
	F(S, PAGE_BOOL, all_fixed, none)
DESC_STRUCT(campaign_on_board, CAMPAIGN_ON_BOARD);

/* How many are so; a party may be in several. */
#define CAMPAIGN_STATE(F, S)                                                  \
	F(S, TEXT, state, none)         /* word of ?state= */                 \
	F(S, TEXT, label, none)                                               \
	F(S, INT, n, none)                                                    \
	F(S, PAGE_BOOL, chosen, none)
DESC_STRUCT(campaign_state, CAMPAIGN_STATE);
/* Pieces of the bar: each party is in one of them. */
#define CAMPAIGN_BAR(F, S)                                                    \
	F(S, INT, answered, none)                                             \
	F(S, INT, heard, none)          /* from, but no result */             \
	F(S, INT, silent, none)                                               \
	F(S, INT, bounced, none)                                              \
	F(S, INT, queued, none)         /* still to leave */                  \
	F(S, INT, delivered, none)      /* and nobody is asked */
DESC_STRUCT(campaign_bar, CAMPAIGN_BAR);
/* Both, as they were counted over all parties. */
enum { CAMPAIGN_STATES_MAX = 20 };
struct campaign_tally {
	int64_t n[CAMPAIGN_STATES_MAX];
	struct campaign_bar bar;
};
/* state: one of the words, or NULL for all; a digest has fewer.  *total: in
 * that state.  known: *tally is what was counted a moment ago, and of all only
 * the page is read; with a state it is counted anew. */
bool campaign_board(struct db *db, struct arena *a, const struct campaign *c,
    const char *state, int64_t page, bool known, struct list *rows,
    int64_t *total, struct list *states, struct campaign_tally *tally,
    GError **err);

/* How far the mails have come; while it is sending, how many are composed. */
#define CAMPAIGN_PROGRESS(F, S)                                               \
	F(S, TEXT, state, none)                                               \
	F(S, INT, total, none)                                                \
	F(S, INT, done, none)           /* handed over, or given up */        \
	F(S, INT, rate, none)           /* a second */                        \
	F(S, INT, left, none)           /* seconds, or null */                \
	F(S, BOOL, busy, none)
DESC_STRUCT(campaign_progress, CAMPAIGN_PROGRESS);
bool campaign_progress(struct db *db, struct arena *a, int64_t id,
    struct campaign_progress *out, GError **err);

/* Acts on parties of the board, by n (ended by NULL), or on all in a state
 * (then ns is empty).  *done: of how many it was true.  Above what a bulk act
 * does at once it is one (bulk.h), and *bulk its number; else 0.  The mail
 * again, now, to those that have not answered; the clock starts again. */
bool campaign_remind(struct db *db, const struct site *s,
    const struct actor *who, int64_t id, const char *state,
    const char *const *ns, int64_t *done, int64_t *bulk, GError **err);
/* Those whose answer ends the matter are resolved, in one deed. */
bool campaign_close(struct db *db, const struct site *s,
    const struct actor *who, int64_t id, const char *state,
    const char *const *ns, int64_t *done, int64_t *bulk, GError **err);

/* An advisory says more of it (0: none any more), or a draft of one is begun
 * from it; the campaign is sent, and its incident not restricted.  What the
 * advisory says to whom changes with it, so its approval is void. */
bool campaign_set_advisory(struct db *db, const struct site *s,
    const struct actor *who, int64_t id, int64_t version, int64_t advisory,
    GError **err);
bool campaign_begin_advisory(struct db *db, const struct site *s,
    const struct actor *who, int64_t id, int64_t version, int64_t *advisory,
    GError **err);

/* Campaigns that a ticket belongs to: id, title, state. */
bool campaign_of_ticket(struct db *db, struct arena *a, int64_t ticket,
    struct list *rows, GError **err);

#endif
