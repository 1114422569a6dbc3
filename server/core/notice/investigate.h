/*
 * Notices: the mail that asks an outside party to act.  A party is a member,
 * or whoever is responsible for addresses outside; each has a thread of its
 * own, an investigation under the incident, and sees its own rows alone.
 *
 * A notice on a report makes what is not there yet (the incident, the
 * investigations) in one deed.  A feed's standing ticket is a thread with its
 * member already, and an investigation too: there it goes out on itself.
 */
#ifndef CORE_INVESTIGATE_H
#define CORE_INVESTIGATE_H

#include "core/outgoing/outbox.h"
#include "core/site.h"
#include "db/db.h"

enum { INVESTIGATE_PARTIES_MAX = 500 };

/* A party with the exact mail that would go to it. */
#define INVESTIGATE_PARTY(F, S)                                                    \
	F(S, TEXT, key, none)           /* handle, or address for mail */     \
	F(S, INT, organisation, none)   /* null: outside */                   \
	F(S, TEXT, name, none)                                                \
	F(S, BOOL, member, none)                                              \
	F(S, INT, rows, none)                                                 \
	F(S, INT, told, none)           /* of them, before */                 \
	F(S, INT, investigation, none)  /* under way with it, or null */      \
	F(S, INT, number, none)         /* of the thread, as the mail says */ \
	F(S, TEXT, to, none)            /* comma-separated */                 \
	F(S, TEXT, to_reason, none)     /* why these */                       \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, text, none)                                                \
	F(S, TEXT, attachment, none)    /* file names of its rows, or null */ \
	F(S, TEXT, attach, none)        /* as it prefers: csv xarf both */    \
	F(S, TEXT, lang, none)          /* in which it is written to */       \
	F(S, TEXT, refused, none)       /* why it cannot go out, or null */   \
	F(S, PAGE_BOOL, chosen, none)   /* it has rows it was not told */
DESC_STRUCT(investigate_party, INVESTIGATE_PARTY);

/* The parties of a ticket's events.  With drafts, each with its mail as it
 * would go out now; the numbers of threads to come are drawn for it. */
bool investigate_parties(struct db *db, const struct site *s, struct arena *a,
    int64_t number, bool drafts, struct list *parties, GError **err);

/*
 * What was written of the mail to p under the number `drawn` (a draft that was
 * kept, a page that is shown again) goes on under it when nobody used it
 * meanwhile and p has no thread; else the number and the link in *subject and
 * *text (may be NULL) become those of p.  A link is made anew, for it runs out.
 */
bool investigate_again(struct db *db, const struct site *s, struct arena *a,
    int64_t drawn, struct investigate_party *p, const char **subject,
    const char **text, GError **err);

/* One that is chosen ("": the only one there is), with what the analyst
 * changed: NULL texts and number 0 are as drafted. */
struct investigate_choice {
	const char *key;
	int64_t number;
	const char *const *to;
	const char *subject, *text;
};
/* Sends, and forgets who's drafts to the same; no choices: to all that have
 * rows they were not told.  FAULT_INPUT
 * when there is nobody, or a label forbids it; then nothing is sent at all.
 * *investigation and *message (may be NULL) get the last one's. */
bool investigate_send(struct db *db, const struct site *s,
    const struct actor *who, int64_t number, int64_t version,
    const struct investigate_choice *choices, size_t n,
    struct sealing_choice seal, int64_t *sent, int64_t *investigation,
    int64_t *message, GError **err);
/* On a thread itself, as drafted, in the caller's transaction. */
bool investigate_send_within(struct db *db, const struct site *s,
    const struct actor *who, int64_t thread, int64_t *message, GError **err);

#endif
