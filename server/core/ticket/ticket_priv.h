/* Shared by the files that act on tickets; nothing else includes it. */
#ifndef CORE_TICKET_PRIV_H
#define CORE_TICKET_PRIV_H

#include "core/ticket/ticket.h"

#define TICKET_LOCKED(F, S)                                                   \
	F(S, INT, id, none)            /* of a comment just made */           \
	F(S, INT, ticket, none)                                               \
	F(S, INT, number, none)                                               \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, status, none)                                              \
	F(S, INT, version, none)                                              \
	F(S, INT, owner, none)                                                \
	F(S, TEXT, open_subject, none)                                        \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, reporter, none)                                            \
	F(S, TEXT, their_ref, none)                                           \
	F(S, INT, merged_into, none)                                          \
	F(S, TIME, due, none)                                                 \
	F(S, INT, priority, none)                                             \
	F(S, TEXT, tlp, none)                                                 \
	F(S, TEXT, subject, none)                                             \
	F(S, INT, organisation, none)
DESC_STRUCT(ticket_locked, TICKET_LOCKED);

/* The ticket's row until the transaction ends; FAULT_CONFLICT when it is
 * not the version that the analyst saw (0: any), or was merged. */
bool ticket_lock(struct db *db, struct arena *a, int64_t number,
    int64_t version, struct ticket_locked *out, GError **err);
/* The owner and what follows from it, in the caller's transaction and deed;
 * nothing when it is so already. */
bool ticket_own_within(struct db *db, const struct actor *who,
    const struct ticket_locked *row, int64_t owner, const char *owner_name,
    GError **err);
/* May it go there, for that reason (NULL: the usual one)?  FAULT_INPUT says
 * why not. */
bool ticket_move_check(const char *kind, const char *from, const char *status,
    const char *resolution, GError **err);
/* Status and what follows from it, in the caller's transaction and deed;
 * resolution NULL: the usual one. */
bool ticket_move_within(struct db *db, const struct actor *who,
    const struct ticket_locked *row, const char *status,
    const char *resolution, GError **err);
/* A mail on the thread, in the caller's transaction; as ticket_reply(). */
bool ticket_reply_within(struct db *db, const struct site *s, struct arena *a,
    const struct actor *who, const struct ticket_locked *row,
    const struct ticket_letter *l, int64_t *message, GError **err);
/* Rejected, and the reporter told why, as ticket_reject(); why NULL: not
 * told.  fill: the text has variables, and goes to the reporters of what is
 * folded into it, too; else it was written for this one.  *message is
 * DESC_NULL when no mail went to that one. */
bool ticket_reject_within(struct db *db, const struct site *s,
    struct arena *a, const struct actor *who,
    const struct ticket_locked *row, const char *resolution,
    const struct ticket_letter *why, bool fill, int64_t *message,
    GError **err);
/* What its reports lack, after the types that a deed gave were taken back. */
bool ticket_type_undone(struct db *db, struct arena *a, int64_t deed,
    GError **err);
/* Message-IDs of the thread, oldest first, ended by NULL. */
bool ticket_thread(struct db *db, struct arena *a, int64_t number,
    const char *const **references, GError **err);
bool ticket_add_parties(struct db *db, int64_t number,
    const char *const *addresses, const char *role, GError **err);
/* "57 %"; NULL: nothing lacks, or nobody looked. */
const char *ticket_complete(struct arena *a, int64_t score);
/* Fills traceable, trace and the like of each ticket_event; type is the
 * ticket's.  *open (may be NULL) gets how many wait for a zone. */
void ticket_trace_events(struct arena *a, const char *type,
    struct list *events, int64_t *open);
const char *ticket_joined(struct arena *a, const char *const *texts);

/* Rows for the page of what the message's crypto says (ticket_seal.c). */
void ticket_read_crypto(struct arena *a, struct ticket_message *m);
/* Then those of its attachments and defects (ticket_part.c). */
void ticket_read_parts(struct arena *a, struct ticket_message *m);

#endif
