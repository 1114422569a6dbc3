/*
 * The two lists: who is on them, how they came and how they leave.
 *
 * State of a subscriber: pending (asked, not yet confirmed) -> active ->
 * left, or suspended by bounces.  A row is never deleted, because the ledger
 * of deliveries points at it and because who left must not come back by an
 * import.  left_how says who ended it: self, staff, mirror (no longer a
 * registered contact), expired (never confirmed).
 *
 * Confirmed opt-in: a form or a mail makes a pending row and a one-time link
 * (only its hash is stored); the link shows a button and only the POST of
 * that button subscribes, because link scanners follow every GET.  What the
 * asker sees is the same whether or not the address is known to us, and
 * nothing that he typed beyond the address is ever mailed.
 *
 * Leaving needs no login and no approval, on the closed list too; there the
 * desk is told, and louder when an organisation has no contact left.
 *
 * Limits: confirmation mails by address (conf lists_confirm_per_day), by
 * client, by mail domain and in all; names and files below.
 */
#ifndef CORE_ROSTER_H
#define CORE_ROSTER_H

#include "core/site.h"
#include "db/db.h"

enum {
	ROSTER_NAME_MAX = 200,    /* characters of a subscriber's name */
	ROSTER_PAGE = 50,         /* rows a page */
	ROSTER_COMMAND_LINES = 20, /* of a command mail that are looked at */
	ROSTER_SHOWN_MAX = 200,   /* rows of each kind an import reports */
};

#define ROSTER_CONTACTS "contacts" /* the closed list that mirrors contacts */

#define ROSTER_LIST(F, S)                                                     \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, description, none)                                         \
	F(S, TEXT, policy, none)      /* open closed */                       \
	F(S, TEXT, max_tlp, none)                                             \
	F(S, INT, active, none)                                               \
	F(S, INT, pending, none)                                              \
	F(S, INT, suspended, none)                                            \
	F(S, INT, left, none)                                                 \
	F(S, PAGE_INT, id, none)
DESC_STRUCT(roster_list, ROSTER_LIST);

#define ROSTER_SUBSCRIBER(F, S)                                               \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, organisation, none)                                        \
	F(S, TEXT, status, none)                                              \
	F(S, TEXT, source, none)                                              \
	F(S, TEXT, added_by, none)                                            \
	F(S, TIME, created, none)                                             \
	F(S, TIME, confirmed, none)                                           \
	F(S, TIME, left_at, none)                                             \
	F(S, TEXT, left_how, none)                                            \
	F(S, INT, bounces, none)                                              \
	F(S, TEXT, bounce, none)        /* the last one: hard, soft */        \
	F(S, TIME, bounced, none)                                             \
	F(S, TEXT, bounce_status, none)                                       \
	F(S, TEXT, bounce_reason, none)                                       \
	F(S, URL, bounce_raw, none)     /* the notice */
DESC_STRUCT(roster_subscriber, ROSTER_SUBSCRIBER);

/* One person on one list, as the pages of joining and leaving show it. */
#define ROSTER_MEMBER(F, S)                                                   \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, list, none)                                                \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, policy, none)                                              \
	F(S, TEXT, status, none)                                              \
	F(S, TEXT, organisation, none)                                        \
	F(S, INT, organisation_id, none)                                      \
	F(S, BOOL, used, none)        /* the link was used before */          \
	F(S, BOOL, expired, none)
DESC_STRUCT(roster_member, ROSTER_MEMBER);

/* A member that no warning reaches. */
#define ROSTER_UNCOVERED(F, S)                                                \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, handle, none)                                              \
	F(S, TIME, since, none)       /* the last one left; or null */
DESC_STRUCT(roster_uncovered, ROSTER_UNCOVERED);

/* View of templates/mail/list-*.txt. */
#define ROSTER_LETTER(F, S)                                                   \
	F(S, TEXT, purpose, none)                                             \
	F(S, TEXT, site, none)                                                \
	F(S, TEXT, network, none)                                             \
	F(S, TEXT, report, none)                                              \
	F(S, URL, home, none)                                                 \
	F(S, TEXT, list, none)                                                \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, organisation, none)                                        \
	F(S, TEXT, how, none)                                                 \
	F(S, TEXT, request, none)     /* address for commands */              \
	F(S, URL, link, none)                                                 \
	F(S, INT, hours, none)        /* that the link is good for */         \
	F(S, BOOL, closed, none)                                              \
	F(S, BOOL, unknown, none)     /* a command we did not understand */   \
	F(S, BOOL, last, none)        /* no contact is left */
DESC_STRUCT(roster_letter, ROSTER_LETTER);

bool roster_lists(struct db *db, struct arena *a, struct list *out,
    GError **err); /* roster_list */
bool roster_list_find(struct db *db, struct arena *a, const char *name,
    struct roster_list *out, GError **err);
/* Organisations without an active contact on the closed list. */
bool roster_uncovered(struct db *db, struct arena *a, struct list *out,
    GError **err);
/* status NULL: those that count (all but left); "any", or one of them.
 * q: part of an address or name, or NULL.  page from 0. */
bool roster_subscribers(struct db *db, struct arena *a, const char *list,
    const char *status, const char *q, int64_t page, struct list *out,
    int64_t *total, GError **err); /* roster_subscriber */

/* By staff, active at once.  FAULT_CONFLICT when already active; FAULT_INPUT
 * for who left by himself, unless again is set. */
bool roster_add(struct db *db, const struct actor *by, const char *list,
    const char *email, const char *name, bool again, GError **err);
bool roster_remove(struct db *db, const struct site *s,
    const struct actor *by, const char *list, const char *email,
    GError **err);

/* Starts the opt-in; true says only that the request was well-formed.
 * client: address of the asker, for the limit; NULL by mail. */
bool roster_subscribe(struct db *db, const struct site *s, const char *list,
    const char *email, const char *client, GError **err);
/* What a link is for, without using it.  FAULT_ABSENT: unknown link. */
bool roster_confirm_look(struct db *db, struct arena *a, const char *token,
    struct roster_member *out, GError **err);
/* FAULT_ABSENT: unknown or expired.  A second click is as good as one. */
bool roster_confirm(struct db *db, struct arena *a, const char *token,
    struct roster_member *out, GError **err);

/* The link of List-Unsubscribe is address_leave_url() (core/outgoing/address.h); its
 * token never ends, and nothing happens before a POST. */
/* FAULT_ABSENT: forged or unknown. */
bool roster_leave_look(struct db *db, struct arena *a, const struct site *s,
    const char *token, struct roster_member *out, GError **err);
/* Ends one subscription; how: what the audit trail says ("link",
 * "one-click", "mail").  Doing it twice is no failure. */
bool roster_leave(struct db *db, const struct site *s, int64_t subscriber,
    const char *how, GError **err);
/* Mails the link to leave to an address, if it is on the list; the asker
 * learns nothing. */
bool roster_leave_request(struct db *db, const struct site *s,
    const char *list, const char *email, const char *client, GError **err);

/* A mail to LIST-request@: subscribe, unsubscribe or help, in Subject or in
 * the first lines.  from is the address that will be answered; the caller
 * makes sure that it is no robot. */
bool roster_command(struct db *db, const struct site *s, const char *from,
    const char *list, const char *subject, const char *text, GError **err);
enum roster_verb { ROSTER_HELP, ROSTER_SUBSCRIBE, ROSTER_UNSUBSCRIBE };
/* What such a mail asks for; false: nothing that we know (*verb stays).
 * Pure. */
bool roster_command_verb(const char *subject, const char *text,
    enum roster_verb *verb);

/* The closed list follows the registered security contacts: new ones are
 * added, those no longer registered end; who left by himself stays away.
 * In the caller's transaction if there is one. */
bool roster_sync_contacts(struct db *db, const struct actor *by,
    int64_t *added, int64_t *ended, GError **err);

/* The sum of bounces, told by intake: counts at most one a day, suspends
 * at ROSTER_BOUNCES_MAX hard ones.  *suspended tells. */
enum { ROSTER_BOUNCES_MAX = 3 };
bool roster_bounce(struct db *db, const struct site *s, int64_t subscriber,
    bool hard, bool *suspended, GError **err);
/* He called our mail spam: off the open list, suspended on the closed one
 * and the desk told.  In the caller's transaction. */
bool roster_complaint(struct db *db, const struct site *s,
    int64_t subscriber, GError **err);
/* Pending rows and links whose time is over; for a timer. */
bool roster_expire(struct db *db, int64_t *ended, GError **err);

#define ROSTER_IMPORT_ROW(F, S)                                               \
	F(S, INT, line, none)                                                 \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, reason, none)
DESC_STRUCT(roster_import_row, ROSTER_IMPORT_ROW);

/* What a file did, or with dry_run would do.  The lists are cut at
 * ROSTER_SHOWN_MAX; the counts are not. */
#define ROSTER_IMPORT(F, S)                                                   \
	F(S, TEXT, list, none)                                                \
	F(S, INT, rows, none)                                                 \
	F(S, INT, added, none)       /* new on the list */                    \
	F(S, INT, confirmed, none)   /* pending or suspended before */        \
	F(S, INT, present, none)     /* active before */                      \
	F(S, INT, merged, none)      /* twice in the file */                  \
	F(S, INT, left, none)        /* left before: not added again */       \
	F(S, INT, bad, none)         /* any: nothing was changed */           \
	F(S, BOOL, applied, none)                                             \
	F(S, LIST, added_rows, roster_import_row)                             \
	F(S, LIST, left_rows, roster_import_row)                              \
	F(S, LIST, bad_rows, roster_import_row)
DESC_STRUCT(roster_import, ROSTER_IMPORT);

/* CSV with a header line email[,name].  Bad rows are no failure of the call:
 * they are told in out, and nothing is changed.  FAULT_INPUT: not a CSV
 * file, no column email. */
bool roster_import_csv(struct db *db, struct arena *a,
    const struct actor *by, const char *list, const void *csv, size_t len,
    bool dry_run, struct roster_import *out, GError **err);
/* The same as lines for a terminal. */
void roster_import_report(const struct roster_import *r, GString *out);

#endif
