/*
 * The policy of feeds: which rows become a ticket, a notice, a line in a
 * digest, a number in the statistics, or nothing.
 *
 * Of the rules that fit a row the most specific decides (feed_policy_for()
 * in sql/0014_finding.sql is the only place that knows the order): a rule
 * with an end before one without, one for the member before one for all,
 * then by feed, type, severity.  A rule with an end is an inhibition: "do
 * not tell this member of this feed until then, because ..."; it can only
 * ignore or count.
 *
 * Tickets and notices are decided when a mail comes, digests when they are
 * made.
 */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "core/site.h"
#include "db/db.h"

/* A rule as it is written; NULL or "" in the first four matches all. */
#define POLICY_DRAFT(F, S)                                                    \
	F(S, TEXT, feed, none)           /* "shadowserver/scan*" */           \
	F(S, TEXT, type, none)           /* class or class/type */            \
	F(S, TEXT, severity, none)       /* this one or worse */              \
	F(S, TEXT, organisation, none)   /* handle */                         \
	F(S, TEXT, action, none)                                              \
	F(S, INT, at_least, none)        /* rows of a member; fewer: count */ \
	F(S, BOOL, only_new, none)                                            \
	F(S, INT, gone_days, none)                                            \
	F(S, TEXT, until, none)          /* "2026-12-31", the last day */     \
	F(S, TEXT, reason, none)
DESC_STRUCT(policy_draft, POLICY_DRAFT);

#define POLICY_RULE(F, S)                                                     \
	F(S, INT, id, none)                                                   \
	POLICY_DRAFT(F, S)                                                    \
	F(S, TEXT, organisation_name, none)                                   \
	F(S, TIME, changed, none)                                             \
	F(S, TEXT, changed_by, none)                                          \
	F(S, BOOL, ended, none)                                               \
	F(S, PAGE_BOOL, threshold, none) /* at_least says something */        \
	F(S, INT, rows, none)            /* that it decided in 7 days */
DESC_STRUCT(policy_rule, POLICY_RULE);

/* What becomes of the rows of each feed's last day. */
#define POLICY_TRIAL(F, S)                                                    \
	F(S, TEXT, feed, none)                                                \
	F(S, TEXT, day, none)                                                 \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, severity, none)                                            \
	F(S, TEXT, organisation, none)                                        \
	F(S, INT, rows, none)                                                 \
	F(S, INT, fresh, none)                                                \
	F(S, TEXT, was, none)            /* action */                         \
	F(S, TEXT, becomes, none)                                             \
	F(S, INT, policy, none)
DESC_STRUCT(policy_trial, POLICY_TRIAL);

extern const char *const policy_actions[]; /* ended by NULL */
extern const char *const policy_severities[];

/* In the order in which they are asked. */
bool policy_list(struct db *db, struct arena *a, struct list *rules,
    GError **err);
/* id 0 adds a rule.  FAULT_INPUT with a sentence for the page, FAULT_CONFLICT
 * when there is such a rule, FAULT_ABSENT. */
bool policy_save(struct db *db, const struct actor *who, int64_t id,
    const struct policy_draft *d, int64_t *saved, GError **err);
/* The rule for all stays: without one nothing would be told to anybody. */
bool policy_remove(struct db *db, const struct actor *who, int64_t id,
    GError **err);
/* As if d had been saved as id; nothing is.  d NULL: the rules as they are. */
bool policy_try(struct db *db, struct arena *a, int64_t id,
    const struct policy_draft *d, struct list *trial, GError **err);

#endif
