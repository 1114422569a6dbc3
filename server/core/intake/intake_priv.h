/* Shared by the files of intake; nothing else includes it. */
#ifndef CORE_INTAKE_PRIV_H
#define CORE_INTAKE_PRIV_H

#include "core/intake/intake.h"
#include "core/outgoing/address.h"

#define INTAKE_CONTEXT(F, S)                                                  \
	F(S, INT, n, none)       /* which message, from 1 */                  \
	F(S, INT, duplicate_of, none)                                         \
	F(S, INT, duplicate_ticket, none)                                     \
	F(S, INT, token_ticket, none)                                         \
	F(S, INT, ref_ticket, none)                                           \
	F(S, INT, ref_message, none)                                          \
	F(S, INT, claim_ticket, none)                                         \
	F(S, BOOL, claim_known, none)                                         \
	F(S, INT, number, none)                                               \
	F(S, INT, acks, none)                                                 \
	F(S, JSON, verdicts, none)
DESC_STRUCT(intake_context, INTAKE_CONTEXT);

/* The doors that the envelope's recipients open, the weightiest of each. */
struct intake_doors {
	bool report;
	int64_t ticket;     /* 0: none */
	int64_t delivery;   /* VERP */
	int64_t subscriber; /* leave */
	const char *list;   /* LIST-request */
};
void intake_doors(const struct site *s, const struct smtp_envelope *env,
    struct intake_doors *out);

/* What to do with a message: the outcome of intake_decide(). */
struct intake_plan {
	const char *disposition;
	int64_t ticket;     /* 0: none, or a new one when it is a report */
	int64_t delivery;   /* of a bounce; 0: not known which */
	int64_t subscriber; /* leave; 0: none */
	const char *list;   /* command to a list; NULL: none */
	int64_t claims;     /* a stranger's bare number; 0: none */
	bool ack;           /* queue an acknowledgement */
	const char *ack_to;
};
/* Pure: no database, no clock. */
void intake_decide(const struct site *s, const struct smtp_envelope *env,
    const struct intake_doors *doors, const struct inspection *in,
    const struct intake_context *ctx, struct intake_plan *out);

/* One event with what the constituency says of it. */
struct intake_verdict {
	const char *verdict, *reason, *organisation_name, *prefix;
	int64_t organisation; /* DESC_NULL: none */
	int64_t scanner;      /* an authorised one; DESC_NULL: none */
};
/* json: intake_context.verdicts; n events; the result has n elements. */
struct intake_verdict *intake_verdicts(struct arena *a, const char *json,
    const struct list *events);
/* Is its source a private address, which exists in many networks, and no
 * member of ours holds it?  A member may: 100.64.0.0/10 is routed between
 * some networks. */
bool intake_nowhere(const struct inspect_event *e,
    const struct intake_verdict *v);
/* Of the whole ticket: "mixed" when they are of several members or
 * verdicts; NULL without events. */
const char *intake_verdict_of_all(const struct intake_verdict *v, size_t n);
/* Events with verdicts as intake_report's $34; zone_name: of those whose
 * zone is chosen or by a rule. */
const char *intake_events_json(struct arena *a, const struct list *events,
    const struct intake_verdict *v, const char *zone_name);

/* Which facts a report of this type lacks: texts, ended by NULL; and how
 * complete it is, 0..100. */
const char *const *intake_missing_facts(struct arena *a, const char *type,
    const struct list *events, int64_t *completeness);

#define INTAKE_STORED(F, S)                                                   \
	F(S, INT, n, none)                                                    \
	F(S, INT, id, none)                                                   \
	F(S, INT, ticket, none)                                               \
	F(S, BOOL, stranger, none)      /* of a duplicate */
DESC_STRUCT(intake_stored, INTAKE_STORED);

/* What intake_report stores beside the message itself. */
struct intake_new {
	const char *how, *type, *reporter, *reporter_name, *tlp;
	const char *zone_name;  /* of times that are chosen or by a rule */
	const struct actor *by; /* NULL: intake itself */
	int64_t priority;
	bool name_reporter, urgent;
};

/* A message between its context and its row. */
struct intake_job {
	const struct site *s;
	struct arena *a;
	const struct smtp_envelope *env;
	const unsigned char *bytes;
	size_t len;
	const struct inspection *in;
	struct intake_doors doors;
	struct intake_context ctx;
	struct intake_plan plan;
	struct intake_new fresh;
	struct intake_result *out;
};

/* What the database knows: fills ctx of each from doors, env and in.  n at
 * most INTAKE_TOGETHER_MAX. */
bool intake_ask(struct db *db, struct intake_job *const *jobs, size_t n,
    GError **err);
/* Stores one as its plan says; fresh counts only for a report. */
bool intake_store(struct db *db, const struct intake_job *j, GError **err);
/* Stores reports of different digests whose bytes fit INTAKE_CHUNK, in one
 * statement: all or none. */
bool intake_store_reports(struct db *db, const struct intake_job *const *jobs,
    size_t n, GError **err);

#endif
