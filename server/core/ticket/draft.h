/*
 * What somebody has begun to write on a ticket and not sent: it survives a
 * reload, a crash and a restart, is the writer's alone, and goes in the
 * transaction that sends it.  Others learn that it exists, not what it says.
 *
 * Limits: here and in the CHECKs of table draft; the timer drops what nobody
 * touched for DRAFT_DAYS.
 */
#ifndef CORE_DRAFT_H
#define CORE_DRAFT_H

#include "core/site.h"
#include "db/db.h"

enum {
	DRAFT_TEXT_MAX = 256 * 1024,
	DRAFT_LINE_MAX = 4000,
	DRAFT_PARTY_MAX = 320,
	DRAFT_EACH_MAX = 100, /* of one person */
	DRAFT_DAYS = 30,
	DRAFT_FRESH_S = 300,  /* "is writing"; later: "has a draft" */
};

/* form: reply, comment, notify: a notice, one to each party, or forward: of
 * that mail.  (Whether it may be told who reported is not kept: that is asked
 * of who sends it.) */
#define DRAFT(F, S)                                                           \
	F(S, TEXT, form, none)                                                \
	/* its key, of a notice; the mail's number, of a forward; or "" */    \
	F(S, TEXT, party, none)                                               \
	F(S, TEXT, label, none)         /* "reply", "notice to north" */      \
	F(S, TIME, updated, none)                                             \
	F(S, TEXT, to, none)                                                  \
	F(S, TEXT, cc, none)                                                  \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, text, none)                                                \
	F(S, BOOL, waits, none)                                               \
	F(S, INT, drawn, none)          /* number its text has, of a notice */ \
	F(S, PAGE_BOOL, is_notice, none)                                      \
	F(S, PAGE_BOOL, is_forward, none)                                     \
	F(S, JSON, fields, none)        /* to to drawn, as kept */
DESC_STRUCT(draft, DRAFT);

/* form, party and fields of d are kept, and *updated is set; when the text is
 * blank (of a forward, the recipients too) there is none any more.
 * FAULT_INPUT: no such form, a notice to nobody, or too many drafts. */
bool draft_save(struct db *db, const struct actor *who, int64_t ticket,
    const struct draft *d, int64_t *updated, GError **err);
/* In the transaction of the act, or alone.  None is no fault.  parties (ended
 * by NULL) of a notice or forward; NULL for other forms. */
bool draft_drop(struct db *db, const struct actor *who, int64_t ticket,
    const char *form, const char *const *parties, GError **err);
/* One's own at a ticket: draft. */
bool draft_list(struct db *db, struct arena *a, const struct actor *who,
    int64_t ticket, struct list *out, GError **err);
/* The one of a form (and party; "" for other forms), or NULL. */
const struct draft *draft_of(const struct list *drafts, const char *form,
    const char *party);

#define DRAFT_WRITER(F, S)                                                    \
	F(S, INT, ticket, none)                                               \
	F(S, INT, principal, none)                                            \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, form, none)                                                \
	F(S, TIME, updated, none)
DESC_STRUCT(draft_writer, DRAFT_WRITER);
/* Who writes at these tickets (decimal, ended by NULL): draft_writer. */
bool draft_writers(struct db *db, struct arena *a,
    const char *const *tickets, struct list *out, GError **err);
/* "B. Analyst is writing a reply; C has a draft of a comment", of one ticket
 * and without `me`; NULL for nobody. */
const char *draft_words(struct arena *a, const struct list *writers,
    int64_t ticket, int64_t me, int64_t now);

bool draft_sweep(struct db *db, GError **err);

#endif
