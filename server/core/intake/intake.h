/*
 * Intake: a report by mail, form, telephone or API becomes a ticket; a
 * reply, bounce, command or robot lands where it belongs.
 *
 * One context query tells what the database knows (seen before? which
 * ticket? whose addresses?), intake_decide() - a pure function - says what
 * to do, one storing statement does it: bytes, disposition, ticket, events
 * with verdict, audit row and the queued acknowledgement are one commit.
 * 250 is answered only after it.
 */
#ifndef CORE_INTAKE_H
#define CORE_INTAKE_H

#include "base/blob.h"
#include "base/envelope.h"
#include "core/site.h"
#include "db/db.h"
#include "inspect/inspect.h"

enum {
	INTAKE_SUBJECT_MAX = 250,    /* characters of a ticket's subject */
	INTAKE_TEXT_MAX = 262144,    /* bytes of text kept for the page */
	INTAKE_CHUNK = 262144,       /* bytes of one message_raw row */
	INTAKE_STATEMENT_MAX = 4000, /* characters */
};

struct intake_result {
	int64_t message; /* row of the message; 0: none stored */
	int64_t ticket;  /* 0: none */
	const char *disposition;
	/* A duplicate from another network than the first: whoever has a copy
	 * of somebody's report would learn by it what became of that.  Who is
	 * not logged in is told nothing of the ticket. */
	bool stranger;
};

/* in: what a parser child made of it; NULL stores it unparsed.  how is
 * ticket.how_reported.  Thread: any, with its own connection. */
bool intake_mail(struct db *db, const struct site *s, struct arena *a,
    const struct smtp_envelope *env, struct blob *body,
    const struct inspection *in, const char *how, struct intake_result *out,
    GError **err);

/* One of several messages that come in together. */
struct intake_item {
	struct arena *a;
	const struct smtp_envelope *env;
	struct blob *body;
	const struct inspection *in; /* NULL: stored unparsed */
	const char *how;
	struct intake_result out;
	GError *err;                 /* NULL: it is stored */
};
enum { INTAKE_TOGETHER_MAX = DB_EACH_MAX };

/* The same for 1 to INTAKE_TOGETHER_MAX messages of different digests, which
 * share statements and a commit where they can: what the database does once
 * a statement costs as much as a message.  Each has its own outcome, and one
 * that cannot be stored holds up no other. */
void intake_mails(struct db *db, const struct site *s,
    struct intake_item *const *items, size_t n);

/* The fields of the web form, the telephone form and POST /api/v1/reports.
 * Texts as typed (UTF-8, within the form's limits); NULL = not given. */
#define INTAKE_FORM(F, S)                                                     \
	F(S, TEXT, type, none)          /* scan dos mail phishing malware...*/\
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, organisation, none)                                        \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, phone, none)                                               \
	F(S, TEXT, source_ip, none)     /* one or several, lists, CIDR */     \
	F(S, TEXT, source_port, none)                                         \
	F(S, TEXT, destination_ip, none)                                      \
	F(S, TEXT, destination_port, none)                                    \
	F(S, TEXT, protocol, none)                                            \
	F(S, TEXT, start, none)         /* as typed */                        \
	F(S, TEXT, end, none)                                                 \
	F(S, TEXT, zone, none)          /* see zone.h; "" = unknown */        \
	F(S, TEXT, clock, none)         /* yes no unknown */                  \
	F(S, TEXT, count, none)                                               \
	F(S, TEXT, url, none)                                                 \
	F(S, TEXT, statement, none)                                           \
	F(S, TEXT, evidence, none)      /* log lines, headers */              \
	F(S, TEXT, tlp, none)                                                 \
	F(S, BOOL, may_name, none)      /* tell the site who reported */      \
	F(S, BOOL, wants_answer, none)                                        \
	F(S, BOOL, urgent, none)
DESC_STRUCT(intake_form, INTAKE_FORM);

/* A fault of one field, for the page and the API. */
#define INTAKE_FIELD_FAULT(F, S)                                              \
	F(S, TEXT, field, none)                                               \
	F(S, TEXT, message, none)
DESC_STRUCT(intake_field_fault, INTAKE_FIELD_FAULT);

#define INTAKE_RECEIPT_VERDICT(F, S)                                          \
	F(S, TEXT, source_ip, none)                                           \
	F(S, TEXT, verdict, none)                                             \
	F(S, TEXT, reason, none)                                              \
	F(S, TEXT, organisation, none)
DESC_STRUCT(intake_receipt_verdict, INTAKE_RECEIPT_VERDICT);

#define INTAKE_MISSING(F, S) F(S, TEXT, fact, none)
DESC_STRUCT(intake_missing, INTAKE_MISSING);

#define INTAKE_RECEIPT(F, S)                                                  \
	F(S, INT, number, none)                                               \
	F(S, TEXT, disposition, none)                                         \
	F(S, LIST, verdicts, intake_receipt_verdict)                          \
	F(S, LIST, missing, intake_missing)                                   \
	F(S, PAGE_BOOL, stranger, none) /* intake_result has what that is */
DESC_STRUCT(intake_receipt, INTAKE_RECEIPT);

/* how: web telephone api.  On FAULT_INPUT faults (never NULL) names the
 * fields; a partial report is accepted, so only what is wrong in itself is
 * a fault.  The evidence kept is the form as a mail, byte-exact. */
bool intake_web(struct db *db, const struct site *s, struct arena *a,
    const struct intake_form *f, const char *how, const char *client,
    const struct actor *by, struct intake_receipt *out, struct list *faults,
    GError **err);

/* The receipt of something that intake_mail took (API, raw body). */
bool intake_receipt_of(struct db *db, struct arena *a, int64_t ticket,
    struct intake_receipt *out, GError **err);

/* The facts that its report lacks. */
bool intake_missing_of(struct db *db, struct arena *a, int64_t ticket,
    struct list *facts, GError **err);

/* A message stored unparsed, with what a better parser made of it. */
bool intake_reparse(struct db *db, const struct site *s, struct arena *a,
    int64_t message, const struct inspection *in, GError **err);
/* What was read of a message becomes the facts of a ticket that has none, in
 * the caller's transaction; rows of a feed become findings, and it ends. */
bool intake_read_onto(struct db *db, const struct site *s, struct arena *a,
    int64_t ticket, int64_t message, const struct inspection *in,
    GError **err);

#endif
