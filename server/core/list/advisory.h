/*
 * Advisories: draft -> approved (-> sending) -> issued.
 *
 * Who: analysts and leads write (advisory_may_write).  Nobody approves what
 * he wrote or edited last; the database has a CHECK for it, and a trigger
 * voids the approval with any edit, so what goes out is what a second person
 * read.  Issuing is one transaction: the bytes are frozen, one delivery for
 * each distinct address of the lists is queued, the item is published when
 * TLP:CLEAR, the senders are woken.
 *
 * TLP gates (advisory_gate): RED and AMBER+STRICT never go to a list, a list
 * takes nothing stricter than its max_tlp, only CLEAR is published.
 *
 * Each write takes the version that its author saw (0: not checked) and is
 * FAULT_CONFLICT when somebody was faster.
 *
 * The frozen bytes are what all recipients share: From, Subject, Date,
 * List-Archive and body.  To, Message-ID, List-Id and List-Unsubscribe are
 * personal and made at send time.
 *
 * A member that a campaign of this advisory told (campaign.h) gets other
 * bytes: the same text with a line about its own hosts, "Yours: 3 hosts seen
 * with this on 21 Nov: ...".  They are one mail for each such member, frozen
 * like the first; its registered contacts on a closed list get that one.
 * Where gpg signs many of those, a thread does it as who asked for it, and the
 * advisory is "sending" until the transaction; until then it can be stopped,
 * and any edit stops it, too; who did stands on its page until it is sent.
 */
#ifndef CORE_ADVISORY_H
#define CORE_ADVISORY_H

#include "core/site.h"
#include "db/db.h"

enum {
	ADVISORY_TITLE_MAX = 200, /* characters */
	ADVISORY_CVES_MAX = 50,
	ADVISORY_LISTS_MAX = 8,
	ADVISORY_TOPICS_MAX = 16,
	ADVISORY_PAGE = 50,       /* rows a page */
	ADVISORY_HOSTS_SHOWN = 20, /* as in sql/query/advisory.sql */
};

#define ADVISORY_COUNTS(F, S)                                                 \
	F(S, INT, queued, none)                                               \
	F(S, INT, claimed, none)                                              \
	F(S, INT, handing, none)                                              \
	F(S, INT, sent, none)                                                 \
	F(S, INT, deferred, none)                                             \
	F(S, INT, refused, none)                                              \
	F(S, INT, bounced, none)                                              \
	F(S, INT, expired, none)                                              \
	F(S, INT, held, none)
DESC_STRUCT(advisory_counts, ADVISORY_COUNTS);

#define ADVISORY(F, S)                                                        \
	F(S, INT, number, none)                                               \
	F(S, TEXT, id, none)          /* "TOCSIN-2026-0001" */                \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, body, none)        /* Markdown */                          \
	F(S, TEXT, tlp, none)                                                 \
	F(S, JSON, lists, none)                                               \
	F(S, JSON, topics, none)                                              \
	F(S, JSON, cves, none)                                                \
	F(S, TEXT, state, none)       /* draft approved sending issued */     \
	F(S, TEXT, why, none)         /* it could not be sent */              \
	F(S, TIME, stopped, none)     /* while it was sending */              \
	F(S, TEXT, stopped_by, none)                                          \
	F(S, BOOL, stopped_edit, none) /* by an edit, not by the button */    \
	F(S, TEXT, author, none)                                              \
	F(S, TEXT, edited_by, none)                                           \
	F(S, TEXT, approved_by, none)                                         \
	F(S, TEXT, issued_by, none)                                           \
	F(S, TIME, created, none)                                             \
	F(S, TIME, updated, none)                                             \
	F(S, TIME, approved, none)                                            \
	F(S, TIME, issued, none)                                              \
	F(S, INT, version, none)                                              \
	F(S, INT, recipients, none)   /* distinct addresses, now or issued */ \
	F(S, INT, unsure, none)       /* deliveries whose outcome was lost */ \
	F(S, TEXT, slug, none)        /* of its public page, or null */       \
	F(S, OBJECT, deliveries, advisory_counts)                             \
	F(S, PAGE_INT, author_id, none)                                       \
	F(S, PAGE_INT, editor_id, none)                                       \
	F(S, PAGE_INT, message, none)                                         \
	F(S, PAGE_INT, mails, none)   /* that are composed while sending */   \
	F(S, PAGE_INT, composed, none)                                        \
	F(S, PAGE_TEXT, lists_text, none)                                     \
	F(S, PAGE_TEXT, topics_text, none)                                    \
	F(S, PAGE_TEXT, cves_text, none)
DESC_STRUCT(advisory, ADVISORY);

#define ADVISORY_ROW(F, S)                                                    \
	F(S, INT, number, none)                                               \
	F(S, TEXT, id, none)                                                  \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, tlp, none)                                                 \
	F(S, JSON, lists, none)                                               \
	F(S, TEXT, state, none)                                               \
	F(S, TEXT, author, none)                                              \
	F(S, TIME, created, none)                                             \
	F(S, TIME, updated, none)                                             \
	F(S, TIME, issued, none)                                              \
	F(S, PAGE_TEXT, lists_text, none)
DESC_STRUCT(advisory_row, ADVISORY_ROW);

#define ADVISORY_DELIVERY(F, S)                                               \
	F(S, TEXT, address, none)                                             \
	F(S, TEXT, state, none)                                               \
	F(S, INT, attempts, none)                                             \
	F(S, INT, code, none)                                                 \
	F(S, TEXT, reply, none)                                               \
	F(S, TIME, sent, none)                                                \
	F(S, TIME, next_try, none)                                            \
	F(S, INT, unsure, none)                                               \
	F(S, TEXT, list, none)                                                \
	F(S, TEXT, bounce, none)        /* hard, soft */                      \
	F(S, TEXT, bounce_status, none)                                       \
	F(S, TEXT, bounce_reason, none)                                       \
	F(S, URL, bounce_raw, none)     /* the notice */
DESC_STRUCT(advisory_delivery, ADVISORY_DELIVERY);

/* How it goes: all that the bar and its text need.  While it is sending,
 * total and done are of the mails that are composed. */
#define ADVISORY_DOMAIN(F, S)                                                 \
	F(S, TEXT, domain, none)                                              \
	F(S, INT, failed, none)                                               \
	F(S, INT, total, none)                                                \
	F(S, TEXT, reply, none)       /* the last one */
DESC_STRUCT(advisory_domain, ADVISORY_DOMAIN);

#define ADVISORY_PROGRESS(F, S)                                               \
	F(S, TEXT, state, none)       /* of the advisory */                   \
	F(S, INT, total, none)                                                \
	F(S, INT, done, none)         /* sent, refused, bounced, expired */   \
	F(S, INT, waiting, none)      /* queued, claimed, handing */          \
	F(S, INT, sent, none)                                                 \
	F(S, INT, deferred, none)                                             \
	F(S, INT, refused, none)                                              \
	F(S, INT, bounced, none)                                              \
	F(S, INT, expired, none)                                              \
	F(S, INT, held, none)                                                 \
	F(S, INT, unsure, none)                                               \
	F(S, INT, rate, none)         /* a second, over the last 10 s */      \
	F(S, INT, left, none)         /* seconds; null: not known */          \
	F(S, BOOL, busy, none)        /* something is on its way now */       \
	F(S, LIST, domains, advisory_domain) /* the worst, at most 5 */       \
	F(S, PAGE_INT, mails, none)                                           \
	F(S, PAGE_INT, composed, none)
DESC_STRUCT(advisory_progress, ADVISORY_PROGRESS);

/* What is said to a member alone. */
#define ADVISORY_YOURS(F, S)                                                  \
	F(S, INT, organisation, none)                                         \
	F(S, TEXT, name, none)                                                \
	F(S, INT, recipients, none)                                           \
	F(S, INT, hosts, none)                                                \
	F(S, TIME, first, none)                                               \
	F(S, TIME, last, none)                                                \
	F(S, TEXT, sample, none)      /* of the hosts */                      \
	F(S, PAGE_TEXT, line, none)
DESC_STRUCT(advisory_yours, ADVISORY_YOURS);

#define ADVISORY_CAMPAIGN(F, S)                                               \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, title, none)
DESC_STRUCT(advisory_campaign, ADVISORY_CAMPAIGN);

/* View of templates/mail/advisory.txt. */
#define ADVISORY_LETTER(F, S)                                                 \
	F(S, TEXT, id, none)                                                  \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, tlp, none)                                                 \
	F(S, TIME, date, none)                                                \
	F(S, TEXT, cves, none)                                                \
	F(S, TEXT, yours, none)                                               \
	F(S, TEXT, lists, none)                                               \
	F(S, URL, url, none)          /* of the public page, if CLEAR */      \
	F(S, URL, home, none)                                                 \
	F(S, TEXT, body, none)                                                \
	F(S, TEXT, site, none)                                                \
	F(S, TEXT, network, none)                                             \
	F(S, TEXT, report, none)                                              \
	F(S, BOOL, clear, none)                                               \
	F(S, BOOL, green, none)                                               \
	F(S, BOOL, amber, none)
DESC_STRUCT(advisory_letter, ADVISORY_LETTER);

/* What a writer gives. */
struct advisory_draft {
	const char *title, *body, *tlp;
	const char *const *lists, *const *topics, *const *cves; /* NULL-ended */
};

bool advisory_may_write(const struct actor *who);
/* "TOCSIN-2026-0001"; the year is that of creation. */
const char *advisory_id(struct arena *a, const struct site *s,
    int64_t number, int64_t created);
/* The five names of TLP 2.0 from what people write ("tlp:white", "Amber");
 * NULL when it is none. */
const char *advisory_tlp(const char *text);
/* May what is marked tlp go to a list with this limit?  FAULT_INPUT says
 * why not, with the list's name. */
bool advisory_gate(const char *tlp, const char *list, const char *max_tlp,
    GError **err);
/* The draft with everything in its one right form: FAULT_INPUT or
 * FAULT_LARGE, and *field (may be NULL) names the field. */
bool advisory_check(struct arena *a, struct advisory_draft *d,
    const char **field, GError **err);

bool advisory_create(struct db *db, const struct site *s,
    const struct actor *by, const struct advisory_draft *d, int64_t *number,
    GError **err);
/* Fields that are NULL stay. */
bool advisory_edit(struct db *db, const struct site *s,
    const struct actor *by, int64_t number, int64_t version,
    const struct advisory_draft *d, GError **err);
bool advisory_approve(struct db *db, const struct actor *by, int64_t number,
    int64_t version, GError **err);
/* *recipients: deliveries queued (may be NULL); DESC_NULL when it takes long
 * and is only begun, and then it is "sending". */
bool advisory_issue(struct db *db, const struct site *s,
    const struct actor *by, int64_t number, int64_t version,
    int64_t *recipients, GError **err);
/* One that is sending is approved, as before. */
bool advisory_stop(struct db *db, const struct actor *by, int64_t number,
    int64_t version, GError **err);
/* One that is sending, if there is one, by a thread that may wait for gpg;
 * stopping() ends it before its transaction, and it is begun anew. */
bool advisory_work(struct db *db, const struct site *s,
    bool (*stopping)(void *ctx), void *ctx, int64_t *sent, GError **err);
/* Issued at some time in the past, published, but mailed to nobody: for an
 * archive that is taken over, and for demo data. */
bool advisory_issue_past(struct db *db, const struct site *s,
    const struct actor *by, int64_t number, int64_t at, GError **err);

bool advisory_get(struct db *db, struct arena *a, const struct site *s,
    int64_t number, struct advisory *out, GError **err);
bool advisory_list(struct db *db, struct arena *a, const struct site *s,
    int64_t page, struct list *out, int64_t *total, GError **err);
/* state NULL: all. */
bool advisory_deliveries(struct db *db, struct arena *a, int64_t number,
    const char *state, int64_t page, struct list *out, int64_t *total,
    GError **err);
bool advisory_progress(struct db *db, struct arena *a, int64_t number,
    struct advisory_progress *out, GError **err);

/* Its campaigns; and whom it says something of his own, if it went out now:
 * advisory_yours with their lines. */
bool advisory_campaigns(struct db *db, struct arena *a, int64_t number,
    struct list *out, GError **err);
bool advisory_yours(struct db *db, struct arena *a, int64_t number,
    int64_t now, struct list *out, GError **err);

/* The mail as it would go out now: from and subject decoded, body as text.
 * yours: a line for one member alone, or NULL. */
struct advisory_mail {
	const char *from, *subject, *text;
};
void advisory_mail(struct arena *a, const struct site *s,
    const struct advisory *adv, int64_t at, const char *yours,
    struct advisory_mail *out);

#endif
