/*
 * Tickets: lists, one ticket with everything on it, and the acts of the
 * desk.  Every act checks the version the analyst saw (0: do not check),
 * writes the audit trail and runs in one transaction.
 */
#ifndef CORE_TICKET_H
#define CORE_TICKET_H

#include "core/case/case.h"
#include "core/intake/group.h"
#include "core/intake/intake.h"
#include "core/outgoing/outbox.h"
#include "core/ticket/restrict.h"

enum { TICKET_PAGE = 50, TICKET_EVENTS_SHOWN = 500 };

#define TICKET_ROW(F, S)                                                      \
	F(S, INT, number, none)                                               \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, status, none)                                              \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, from, none)          /* the reporter */                    \
	F(S, TIME, created, none)                                             \
	F(S, TIME, due, none)                                                 \
	F(S, TEXT, owner, none)         /* name, or null */                   \
	F(S, INT, version, none)                                              \
	F(S, TEXT, organisation, none)                                        \
	F(S, TIME, updated, none)                                             \
	F(S, INT, priority, none)                                             \
	F(S, INT, completeness, none)   /* 0..100, or null */                 \
	F(S, INT, grouped_into, none)   /* the ticket that leads, or null */  \
	F(S, BOOL, held, none)          /* an open incident stands for it */  \
	F(S, PAGE_TEXT, complete, none) /* "57 %"; NULL: nothing lacks */     \
	F(S, INT, reports, none)        /* with those folded into it */       \
	F(S, BOOL, restricted, none)    /* only named people see it */        \
	F(S, PAGE_BOOL, many, none)     /* more than one */                   \
	F(S, PAGE_BOOL, urgent, none)   /* of the first priority, and open */
DESC_STRUCT(ticket_row, TICKET_ROW);

/* The TRACE line, in words. */
#define TICKET_TRACE(F, S)                                                    \
	F(S, TEXT, verdict, none)                                             \
	F(S, TEXT, lacks, none)         /* "time zone, source port" */        \
	F(S, BOOL, needed, none)                                              \
	F(S, BOOL, address, none)                                             \
	F(S, BOOL, time, none)                                                \
	F(S, BOOL, zone, none)                                                \
	F(S, BOOL, port, none)                                                \
	F(S, BOOL, port_lacks, none)    /* needed, and not there */
DESC_STRUCT(ticket_trace, TICKET_TRACE);

#define TICKET_EVENT(F, S)                                                    \
	INSPECT_EVENT(F, S)                                                   \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, zone_name, none)     /* by which it was read, or null */   \
	F(S, BOOL, as_given, none)      /* goes out as written */             \
	F(S, TEXT, nat, none)           /* yes no: as the member says */      \
	F(S, TEXT, traceable, none)     /* trace.h: yes, no, not needed */    \
	F(S, JSON, trace_missing, none) /* ["source port", ...] */            \
	F(S, TEXT, verdict, none)                                             \
	F(S, TEXT, reason, none)                                              \
	F(S, TEXT, organisation, none)                                        \
	F(S, TEXT, prefix, none)                                              \
	F(S, TEXT, abuse, none)         /* whom to tell of one outside */     \
	F(S, TEXT, abuse_reason, none)                                        \
	F(S, PAGE_INT, others_open, none)   /* other tickets, same address */ \
	F(S, PAGE_INT, others_closed, none)                                   \
	F(S, PAGE_BOOL, others_cut, none)   /* these are the newest */        \
	/* as pages show them: nobody clicks on evil by accident */           \
	F(S, PAGE_SAFE, source_shown, none)                                   \
	F(S, PAGE_SAFE, destination_shown, none)                              \
	F(S, PAGE_SAFE, url_shown, none)                                      \
	F(S, PAGE_SAFE, domain_shown, none)                                   \
	F(S, PAGE_TEXT, until, none)        /* its end, as written */         \
	F(S, PAGE_TEXT, more, none)         /* extra, as lines */             \
	F(S, PAGE_OBJECT, trace, ticket_trace)                                \
	F(S, PAGE_BOOL, zone_open, none)    /* waits to be settled */         \
	F(S, PAGE_BOOL, zone_settled, none) /* may be undone */
DESC_STRUCT(ticket_event, TICKET_EVENT);

/* One recipient of an outgoing mail, as the ledger has it. */
#define TICKET_DELIVERY(F, S)                                                 \
	F(S, TEXT, address, none)                                             \
	F(S, TEXT, state, none)                                               \
	F(S, INT, code, none)                                                 \
	F(S, TEXT, reply, none)                                               \
	F(S, TEXT, bounce, none)        /* hard, soft */                      \
	F(S, TEXT, bounce_status, none)                                       \
	F(S, TEXT, bounce_reason, none)                                       \
	F(S, URL, bounce_raw, none)     /* the notice */
DESC_STRUCT(ticket_delivery, TICKET_DELIVERY);

/* A message's text in its order: what was written, what was quoted. */
#define TICKET_PIECE(F, S)                                                    \
	F(S, TEXT, text, none)                                                \
	F(S, BOOL, quoted, none)                                              \
	F(S, INT, lines, none)
DESC_STRUCT(ticket_piece, TICKET_PIECE);

/* What is said of an encrypted or signed part.  PAGE_BOOLs of one row: one
 * of them is true. */
#define TICKET_SEAL(F, S)                                                     \
	F(S, TEXT, part, none)                                                \
	F(S, TEXT, smime, none)         /* "S/MIME", or NULL: OpenPGP */      \
	F(S, TEXT, keys, none)                                                \
	F(S, TEXT, reason, none)                                              \
	F(S, BOOL, partly, none)        /* something stands beside it */      \
	F(S, BOOL, opened, none)                                              \
	F(S, BOOL, closed, none)
DESC_STRUCT(ticket_seal, TICKET_SEAL);

#define TICKET_SIGNATURE(F, S)                                                \
	F(S, TEXT, part, none)                                                \
	F(S, TEXT, smime, none)                                               \
	F(S, TEXT, fingerprint, none)                                         \
	F(S, TEXT, signer, none)                                              \
	F(S, TEXT, reason, none)                                              \
	F(S, TIME, made, none)                                                \
	F(S, BOOL, partly, none)                                              \
	F(S, BOOL, inside, none)                                              \
	F(S, BOOL, stranger, none)      /* not the key of From */             \
	F(S, BOOL, good, none)                                                \
	F(S, BOOL, untrusted, none)                                           \
	F(S, BOOL, bad, none)                                                 \
	F(S, BOOL, unknown, none)                                             \
	F(S, BOOL, expired, none)                                             \
	F(S, BOOL, revoked, none)                                             \
	F(S, BOOL, unchecked, none)
DESC_STRUCT(ticket_signature, TICKET_SIGNATURE);

/* What came beside the text, as a file to be kept. */
#define TICKET_PART(F, S)                                                     \
	F(S, TEXT, name, none)          /* the sender's, or "part 2" */       \
	F(S, TEXT, type, none)                                                \
	F(S, INT, size, none)                                                 \
	F(S, URL, url, none)            /* NULL: it cannot be taken out */    \
	F(S, BOOL, packed, none)        /* in the archive before it */
DESC_STRUCT(ticket_part, TICKET_PART);

#define TICKET_DEFECT(F, S) F(S, TEXT, words, none)
DESC_STRUCT(ticket_defect, TICKET_DEFECT);

#define TICKET_MESSAGE(F, S)                                                  \
	F(S, INT, id, none)                                                   \
	F(S, INT, ticket, none)         /* its thread */                      \
	F(S, PAGE_INT, thread, none)    /* the same, when it is another's */  \
	F(S, PAGE_TEXT, thread_kind, none)                                    \
	F(S, TEXT, direction, none)                                           \
	F(S, TEXT, disposition, none)                                         \
	F(S, TEXT, from, none)                                                \
	F(S, TEXT, from_name, none)                                           \
	F(S, TEXT, recipients, none)                                          \
	F(S, TEXT, cc, none)                                                  \
	F(S, TEXT, subject, none)                                             \
	F(S, TIME, date, none)          /* when we got, sent or wrote it */   \
	F(S, TEXT, sha256, none)                                              \
	F(S, INT, size, none)                                                 \
	F(S, URL, raw, none)            /* path of the exact bytes */         \
	F(S, TEXT, format, none)                                              \
	F(S, TEXT, purpose, none)                                             \
	F(S, TEXT, author, none)                                              \
	F(S, BOOL, theirs, none)        /* a comment by a party, on its page */ \
	F(S, TEXT, text, none)                                                \
	F(S, BOOL, parsed, none)                                              \
	F(S, JSON, deliveries, none)    /* [{address,state,code,reply}] */    \
	F(S, PAGE_LIST, recipients_of, ticket_delivery) /* the same */        \
	F(S, PAGE_LIST, pieces, ticket_piece)           /* of text */         \
	F(S, JSON, parts, none)         /* of inspect */                      \
	F(S, JSON, defects, none)       /* the same, or null */               \
	F(S, PAGE_LIST, attached, ticket_part)                                \
	F(S, PAGE_TEXT, more_attached, none)    /* "12 more are ..." */       \
	F(S, PAGE_LIST, unread, ticket_defect)  /* defects */                 \
	F(S, PAGE_TEXT, read_as, none)  /* format and sender, in words */     \
	F(S, TEXT, recognised, none)    /* by which file of recognise/ */     \
	F(S, JSON, crypto, none)        /* of inspect: crypto, seals,         \
					 * signatures; null: none of it */    \
	F(S, PAGE_BOOL, crypto_told, none)                                    \
	F(S, PAGE_BOOL, may_forward, none)  /* by who looks at it */          \
	F(S, PAGE_LIST, seals, ticket_seal)                                   \
	F(S, PAGE_LIST, signatures, ticket_signature)                         \
	F(S, INT, copies, none)         /* later receptions of the same */
DESC_STRUCT(ticket_message, TICKET_MESSAGE);

#define TICKET_HISTORY(F, S)                                                  \
	F(S, TIME, at, none)                                                  \
	F(S, TEXT, actor, none)                                               \
	F(S, TEXT, action, none)                                              \
	F(S, TEXT, object, none)                                              \
	F(S, TEXT, old, none)                                                 \
	F(S, TEXT, new, none)
DESC_STRUCT(ticket_history, TICKET_HISTORY);

#define TICKET_PARTY(F, S)                                                    \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, role, none)                                                \
	F(S, PAGE_BOOL, told, none)     /* our last reply went to it */
DESC_STRUCT(ticket_party, TICKET_PARTY);

#define TICKET_MOVE(F, S) F(S, TEXT, status, none) F(S, TEXT, label, none)
DESC_STRUCT(ticket_move, TICKET_MOVE);

/* The whole ticket: the columns of a row, then what hangs on it. */
#define TICKET_FULL(F, S)                                                     \
	TICKET_ROW(F, S)                                                      \
	F(S, TEXT, how_reported, none)                                        \
	F(S, TEXT, reporter_name, none)                                       \
	F(S, TEXT, tlp, none)                                                 \
	F(S, BOOL, name_reporter, none)                                       \
	F(S, INT, claims, none)                                               \
	F(S, TEXT, their_ref, none)                                           \
	F(S, TIME, closed, none)                                              \
	F(S, TIME, waiting, none)       /* asked then, no answer since */     \
	F(S, TEXT, waiting_for, none)   /* member, reporter, or null */       \
	F(S, TIME, answered, none)      /* since closed or folded, unread */     \
	F(S, TEXT, verdict, none)       /* of all events; mixed; or null */   \
	F(S, INT, merged_into, none)    /* its number stands for that one */  \
	F(S, TEXT, resolution, none)    /* why it is closed */                \
	F(S, TEXT, restricted_why, none)                                      \
	F(S, LIST, readers, restrict_reader)    /* of a restricted one */     \
	F(S, TIME, expires, none)       /* of a countermeasure */             \
	F(S, LIST, incidents, case_ticket)  /* it hangs on */                 \
	F(S, LIST, children, case_ticket)   /* what hangs on an incident */   \
	F(S, LIST, merged, case_merged)     /* numbers that stand for it */   \
	F(S, LIST, deeds, deed)             /* last acts, to be undone */     \
	F(S, PAGE_BOOL, is_report, none)                                      \
	F(S, PAGE_BOOL, is_incident, none)                                    \
	F(S, PAGE_BOOL, is_investigation, none)                               \
	F(S, PAGE_BOOL, is_countermeasure, none)                              \
	F(S, PAGE_BOOL, is_closed, none)                                      \
	F(S, PAGE_INT, owner_id, none)                                        \
	F(S, PAGE_INT, organisation_id, none)                                 \
	F(S, TEXT, open_subject, none)  /* for mail: not what was hidden in   \
					 * an encrypted report */             \
	F(S, JSON, missing, none)       /* ["source port", ...] */            \
	F(S, LIST, messages, ticket_message)                                  \
	F(S, LIST, events, ticket_event)                                      \
	F(S, INT, events_total, none)   /* TICKET_EVENTS_SHOWN are listed */    \
	F(S, PAGE_INT, unlisted, none)                                        \
	F(S, LIST, history, ticket_history)                                   \
	F(S, LIST, parties, ticket_party)                                     \
	F(S, BOOL, escalated, none)     /* more urgent, by their number */    \
	F(S, TIME, first_seen, none)    /* with those folded into it */       \
	F(S, TIME, last_seen, none)                                           \
	F(S, LIST, group, group_report)     /* folded into it */              \
	F(S, LIST, related, group_related)  /* may belong together */         \
	F(S, PAGE_LIST, group_head, group_report)   /* the first few */       \
	F(S, PAGE_LIST, group_rest, group_report)                             \
	F(S, PAGE_INT, zones_open, none)    /* events that wait for a zone */ \
	F(S, PAGE_BOOL, zones_many, none)   /* more than one of them */       \
	F(S, PAGE_BOOL, lacks_any, none)    /* there is something to ask */   \
	F(S, LIST, moves, ticket_move)  /* states it may go to from here */
DESC_STRUCT(ticket_full, TICKET_FULL);

struct ticket_filter {
	const char *status; /* NULL: not closed; "any"; or one of them */
	const char *view;   /* NULL new mine unowned waiting overdue
			     * answered */
	const char *type, *org, *q;
	const char *ip;     /* address or CIDR, canonical */
	const char *kind;   /* NULL: all */
	int64_t since, until; /* made then; 0: whenever */
	bool folded;        /* also those that another one stands for */
	int64_t me;         /* principal, for mine */
	int64_t page;       /* from 0 */
};
/* total may be NULL: not wanted (counting costs more than the page); else
 * *uncounted: words that are in so many tickets that the newest come first, and
 * total is at least so many. */
bool ticket_list(struct db *db, struct arena *a,
    const struct ticket_filter *f, struct list *rows, int64_t *total,
    bool *uncounted, GError **err);

/* The numbers beside the views of the queue. */
#define TICKET_COUNTS(F, S)                                                   \
	F(S, INT, fresh, none) F(S, INT, mine, none)                          \
	F(S, INT, unowned, none) F(S, INT, waiting, none)                     \
	F(S, INT, overdue, none) F(S, INT, junk, none)                        \
	F(S, INT, active, none)                                               \
	F(S, INT, incidents, none)                                            \
	F(S, INT, answered, none)       /* closed or folded, with an unread answer */
DESC_STRUCT(ticket_counts, TICKET_COUNTS);
bool ticket_count(struct db *db, struct arena *a, int64_t me,
    struct ticket_counts *out, GError **err);

/* The queue in short, to stand beside a ticket. */
#define TICKET_BESIDE(F, S)                                                   \
	F(S, INT, number, none)                                               \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, from, none)                                                \
	F(S, TEXT, organisation, none)                                        \
	F(S, PAGE_BOOL, current, none)
DESC_STRUCT(ticket_beside, TICKET_BESIDE);
bool ticket_beside(struct db *db, struct arena *a, int64_t number,
    struct list *rows, GError **err);

/* What ticket_load() will ask, in one round trip with what else the caller
 * will want to know (db_ahead()). */
enum { TICKET_MORE_ASKS = 20 };
void ticket_ahead(struct db *db, int64_t number, const struct db_ask *more,
    size_t n);
bool ticket_load(struct db *db, struct arena *a, int64_t number,
    struct ticket_full *out, GError **err);

bool ticket_take(struct db *db, const struct actor *who, int64_t number,
    int64_t version, GError **err);
/* Another type (one of inspect_types()), for it, its rows of the type that it
 * had, and what hangs open on an incident and was the same. */
bool ticket_type(struct db *db, const struct actor *who, int64_t number,
    int64_t version, const char *type, GError **err);
/* resolution: words of resolution.def, NULL: the usual ones. */
bool ticket_status(struct db *db, const struct actor *who, int64_t number,
    int64_t version, const char *status, const char *resolution, GError **err);
/* The answer to a closed or folded ticket is read and changes nothing. */
bool ticket_leave_closed(struct db *db, const struct actor *who,
    int64_t number, int64_t version, GError **err);
/* Not the same: out of its group, for good. */
bool ticket_ungroup(struct db *db, const struct actor *who, int64_t number,
    int64_t version, GError **err);
bool ticket_comment(struct db *db, const struct actor *who, int64_t number,
    int64_t version, const char *text, GError **err);
/* cc and files may be empty; NULL to = the reporter.  asks: the ticket waits
 * for an answer to this. */
bool ticket_reply(struct db *db, const struct site *s,
    const struct actor *who, int64_t number, int64_t version,
    const char *const *to, const char *const *cc, const char *subject,
    const char *text, const struct outbox_file *files, size_t n_files,
    bool asks, struct sealing_choice choice, int64_t *message,
    GError **err);

/* A mail that goes out on a ticket. */
struct ticket_letter {
	const char *const *to, *const *cc; /* to NULL: the reporter */
	const char *subject, *text;
	const struct outbox_file *files;
	size_t n_files;
	bool asks;
	struct sealing_choice choice;
};
/* Exactly that mail, composed, signed and encrypted as it would be by
 * ticket_reply(), or why it cannot be; nothing is sent or kept. */
bool ticket_reply_preview(struct db *db, const struct site *s, struct arena *a,
    const struct actor *who, int64_t number, const struct ticket_letter *l,
    struct outbox_made *out, GError **err);
/* Rejects a report for a reason, a text_template of that direction, which is
 * mailed to the reporter when `tell` says so and the reporter had a receipt,
 * and likewise to those whose reports are folded into it (at most 100).
 * letter: another text than that of the reason, and maybe other recipients;
 * NULL: as it stands there.  *message is DESC_NULL when no mail went. */
bool ticket_reject(struct db *db, const struct site *s,
    const struct actor *who, int64_t number, int64_t version, int64_t reason,
    bool tell, const struct ticket_letter *letter, int64_t *message,
    GError **err);

/* The question to the reporter, written for what this report lacks. */
#define TICKET_QUESTION(F, S)                                                 \
	F(S, TEXT, to, none)            /* or null: no address is known */    \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, text, none)                                                \
	F(S, JSON, missing, none)       /* ["source port", ...] */
DESC_STRUCT(ticket_question, TICKET_QUESTION);
/* FAULT_INPUT when nothing is missing. */
bool ticket_question(struct db *db, const struct site *s, struct arena *a,
    int64_t number, struct ticket_question *out, GError **err);

/* Every received message with what became of it, newest first. */
#define MESSAGE_ROW(F, S)                                                     \
	F(S, INT, id, none)                                                   \
	F(S, TIME, received, none)                                            \
	F(S, TEXT, from, none)                                                \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, sha256, none)                                              \
	F(S, INT, size, none)                                                 \
	F(S, URL, raw, none)                                                  \
	F(S, TEXT, disposition, none)                                         \
	F(S, INT, ticket, none)                                               \
	F(S, TEXT, format, none)                                              \
	F(S, TEXT, envelope_from, none)                                       \
	F(S, BOOL, parsed, none)                                              \
	F(S, PAGE_TEXT, defect, none)   /* the first of inspect */            \
	F(S, PAGE_TEXT, text, none)
DESC_STRUCT(message_row, MESSAGE_ROW);
/* disposition NULL: all.  total may be NULL: not wanted. */
bool message_list(struct db *db, struct arena *a, const char *disposition,
    int64_t page, struct list *rows, int64_t *total, GError **err);
bool message_head(struct db *db, struct arena *a, int64_t id,
    struct message_row *out, GError **err);
/* The exact bytes: piece seq (from 0) of at most INTAKE_CHUNK bytes;
 * FAULT_ABSENT behind the last one. */
bool message_piece(struct db *db, int64_t id, int64_t seq,
    bool (*sink)(void *ctx, const void *p, size_t len), void *ctx,
    GError **err);
/* All of them, within arena and message_row.size. */
bool message_blob(struct db *db, struct arena *a, const struct conf *c,
    int64_t id, int64_t size, struct blob **out, GError **err);
/* What inspect said of one part; FAULT_ABSENT when it knows none such. */
#define MESSAGE_PART(F, S)                                                    \
	F(S, INT, size, none)           /* of the whole message */            \
	F(S, TEXT, filename, none)                                            \
	F(S, TEXT, type, none)
DESC_STRUCT(message_part, MESSAGE_PART);
bool message_part_of(struct db *db, struct arena *a, int64_t id,
    const char *path, struct message_part *out, GError **err);
/* A name for that part as a file of ours. */
const char *message_part_name(struct arena *a, int64_t id, const char *path,
    const struct message_part *p);
/* Junk that is none, or other mail that is on no ticket: becomes a report,
 * without an acknowledgement, with what was read of it (in; NULL: nothing). */
bool message_unjunk(struct db *db, const struct site *s,
    const struct actor *who, int64_t id, const struct inspection *in,
    int64_t *ticket, GError **err);

#endif
