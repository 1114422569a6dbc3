/*
 * Cases: incidents, and the reports, investigations and countermeasures that
 * hang on them.  Every act checks the version the analyst saw (0: does not),
 * runs in one transaction and is one deed (deed.h), so that it can be undone.
 *
 * A merge moves all that a ticket has to another one and closes it; its
 * number stands for the other's from then on.  A split makes a new report of
 * some messages and events.  Evidence stays where its message is.
 */
#ifndef CORE_CASE_H
#define CORE_CASE_H

#include "core/case/deed.h"
#include "core/site.h"
#include "db/db.h"

enum { CASE_MOVED_MAX = 500 }; /* messages or events of one split */

/* One that hangs on an incident, or an incident.  From party on: what the
 * last notice on it asked, and what came of it. */
#define CASE_TICKET(F, S)                                                     \
	F(S, INT, number, none)                                               \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, status, none)                                              \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, from, none)                                                \
	F(S, TIME, due, none)                                                 \
	F(S, TIME, waiting, none)                                             \
	F(S, INT, version, none)                                              \
	F(S, TEXT, owner, none)                                               \
	F(S, TEXT, organisation, none)                                        \
	F(S, TEXT, party, none)                                               \
	F(S, TIME, sent, none)                                                \
	F(S, TIME, answer_by, none)                                           \
	F(S, TIME, received, none)                                            \
	F(S, TEXT, result, none)                                              \
	F(S, TIME, result_at, none)                                           \
	F(S, INT, level, none)          /* reminders so far */                \
	F(S, BOOL, overdue, none)                                             \
	F(S, BOOL, restricted, none)    /* who reads this may see it */       \
	F(S, PAGE_INT, asked, none)     /* the ticket whose kin this is */    \
	F(S, PAGE_BOOL, is_report, none)                                      \
	F(S, PAGE_BOOL, is_investigation, none)                               \
	F(S, PAGE_BOOL, is_countermeasure, none)
DESC_STRUCT(case_ticket, CASE_TICKET);

bool case_children(struct db *db, struct arena *a, int64_t incident,
    struct list *tickets, GError **err);
bool case_incidents(struct db *db, struct arena *a, int64_t child,
    struct list *tickets, GError **err);

#define CASE_MERGED(F, S)                                                     \
	F(S, INT, number, none)                                               \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, kind, none)
DESC_STRUCT(case_merged, CASE_MERGED);
/* Tickets whose numbers stand for this one. */
bool case_merged(struct db *db, struct arena *a, int64_t number,
    struct list *merged, GError **err);

/* The ticket that a number stands for; FAULT_ABSENT when there is none. */
bool case_number(struct db *db, struct arena *a, int64_t number,
    int64_t *now, GError **err);

/* A new incident, owned by who; from the report (0: from nothing), whose
 * facts it takes where subject and type are NULL, and which is linked. */
bool case_incident(struct db *db, const struct actor *who, int64_t report,
    int64_t version, const char *subject, const char *type, int64_t *number,
    GError **err);
/* The same in a transaction and deed that have begun; row is the report's,
 * locked. */
struct ticket_locked;
bool case_incident_within(struct db *db, struct arena *a,
    const struct actor *who, const struct ticket_locked *row,
    const char *subject, const char *type, int64_t *number, GError **err);

/* A measure against something on the network, under the incident; expires
 * may be DESC_NULL. */
bool case_countermeasure(struct db *db, const struct actor *who,
    int64_t incident, int64_t version, const char *subject, int64_t expires,
    int64_t *number, GError **err);

/* Countermeasures whose time is over wait for their removal from now on and
 * are due; *n gets how many.  For the timer, safe on several hosts. */
bool case_expire(struct db *db, int64_t *n, GError **err);

/* Links in a transaction and deed that have begun; both rows are locked, the
 * incident's first.  Nothing hangs on one that is closed: case_link_open(). */
bool case_link_open(int64_t incident, const char *status, GError **err);
bool case_link_within(struct db *db, struct arena *a,
    const struct actor *who, const struct ticket_locked *incident,
    const struct ticket_locked *child, GError **err);

/* A new report becomes open by being linked. */
bool case_link(struct db *db, const struct actor *who, int64_t incident,
    int64_t child, int64_t child_version, GError **err);
bool case_unlink(struct db *db, const struct actor *who, int64_t incident,
    int64_t child, int64_t child_version, GError **err);

/* What a merge will do, or why it cannot be. */
#define CASE_MERGE(F, S)                                                      \
	F(S, INT, from, none)                                                 \
	F(S, TEXT, from_kind, none)                                           \
	F(S, TEXT, from_subject, none)                                        \
	F(S, TEXT, from_status, none)                                         \
	F(S, INT, from_version, none)                                         \
	F(S, INT, into, none)                                                 \
	F(S, TEXT, into_kind, none)                                           \
	F(S, TEXT, into_subject, none)                                        \
	F(S, TEXT, into_status, none)                                         \
	F(S, INT, messages, none)                                             \
	F(S, INT, events, none)                                               \
	F(S, INT, links, none)                                                \
	F(S, INT, parties, none)        /* who hear of both from then on */   \
	F(S, INT, folded, none)                                               \
	F(S, TEXT, becomes, none)       /* status of the first */             \
	F(S, TEXT, refused, none)       /* why not, or null */
DESC_STRUCT(case_merge, CASE_MERGE);
bool case_merge_preview(struct db *db, struct arena *a, int64_t from,
    int64_t into, struct case_merge *out, GError **err);
bool case_merge(struct db *db, const struct actor *who, int64_t from,
    int64_t version, int64_t into, GError **err);

/* A new report of these messages and events (ids, ended by NULL; either may
 * be empty, not both; something must stay). */
bool case_split(struct db *db, const struct actor *who, int64_t number,
    int64_t version, const char *subject, const char *const *messages,
    const char *const *events, int64_t *made, GError **err);

#endif
