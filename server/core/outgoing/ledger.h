/*
 * The ledger: what becomes of each queued delivery.  The sender's threads
 * (jobs/sender.h) are its only writers, the timer sweeps what they leave.
 *
 *	queued -> claimed        ledger_claim: one commit for a whole batch
 *	claimed -> handing       ledger_hand: in groups, before their first byte
 *	handing -> sent | refused | deferred | queued | held
 *	                         ledger_verdicts: in groups
 *	claimed -> queued        ledger_release, or the lease is over
 *	handing -> queued | held the lease is over: the outcome is unknown
 *
 * A row is its claimer's as long as claimed_by holds the claimer's name; a
 * name is used for one batch only, so a name that nobody renews is a batch
 * that nobody works on any more.
 *
 * What survives what: claims and `handing` are committed asynchronously (they
 * outlive a kill -9 of tocsind; a crash of the database brings the row back
 * as claimed or queued, and it is sent again), verdicts are committed for
 * good.  A session need not wait for the disk to say so: verdicts that were
 * sent to the database are carried out even if tocsind is killed next, so
 * the mark of the next group may follow them at once.
 *
 * Thread: any, with its own connection.
 */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include "core/site.h"
#include "db/db.h"

enum {
	LEDGER_GROUP = 32,       /* handed over without a verdict on record */
	LEDGER_FLUSH_MS = 200,   /* longest time a verdict stays unwritten */
	LEDGER_BODY_MAX = 100 * 1024 * 1024, /* bytes of a mail we load */
};

#define LEDGER_ROW(F, S)                                                      \
	F(S, INT, id, none)                                                   \
	F(S, INT, message, none)                                              \
	F(S, TEXT, address, none)                                             \
	F(S, INT, advisory, none)                                             \
	F(S, INT, subscriber, none)                                           \
	F(S, TEXT, list, none)       /* name and title of the list */         \
	F(S, TEXT, list_title, none)                                          \
	F(S, TEXT, list_policy, none)                                         \
	F(S, BOOL, null_sender, none)                                         \
	F(S, INT, attempts, none)                                             \
	F(S, INT, size, none)        /* of the message's bytes */
DESC_STRUCT(ledger_row, LEDGER_ROW);

/* How many could be claimed now; counting ends at limit. */
bool ledger_due(struct db *db, int64_t limit, int64_t *n, GError **err);

/* At most limit rows, urgent first, then mail to one person, then bulk. */
bool ledger_claim(struct db *db, struct arena *a, const struct site *s,
    const char *by, int64_t limit, struct list *out, GError **err);

/* The exact bytes of a message, appended to out. */
bool ledger_load(struct db *db, int64_t message, GByteArray *out,
    GError **err);

enum ledger_outcome {
	LEDGER_QUEUED,   /* nothing happened: as before the claim */
	LEDGER_SENT,
	LEDGER_DEFERRED, /* again after delay; expired when that is too late */
	LEDGER_REFUSED,
	LEDGER_UNSURE,   /* again after delay, or held (conf sender_unsure) */
};

struct ledger_verdict {
	int64_t id;
	enum ledger_outcome outcome;
	int code;
	int64_t delay; /* seconds until the next try */
	const char *reply;
};

/* Marks n rows as being handed over; granted[i] tells whether ids[i] is
 * still this batch's. */
bool ledger_hand(struct db *db, const char *by, const int64_t *ids, size_t n,
    bool *granted, GError **err);
/* Writes verdicts in one commit ... */
bool ledger_verdicts(struct db *db, const struct site *s, const char *by,
    const struct ledger_verdict *v, size_t n, GError **err);
/* ... or sends them on their way; db_collect() tells how it went. */
bool ledger_verdicts_send(struct db *db, const struct site *s,
    const char *by, const struct ledger_verdict *v, size_t n, GError **err);
/* After them: a notice that all refused has its clock act now (notice.h).
 * What fails is logged; then it waits for its reminder. */
void ledger_turn(struct db *db, const struct ledger_verdict *v, size_t n);

/* Seconds until the next try after `attempts` failures: doubles from
 * retry_first to retry_last, within a fifth either way. */
int64_t ledger_delay(const struct conf *c, int64_t attempts);

/* These rows of the batch, of which nothing left, go back; why (may be NULL)
 * is kept as their reply, for people to see. */
bool ledger_release(struct db *db, const char *by, const int64_t *ids,
    size_t n, const char *why, GError **err);
/* All that the batch claimed goes back: ledger_claim() failed, and may have
 * been done all the same. */
bool ledger_disclaim(struct db *db, const char *by, GError **err);
/* The rows of these batches stay claimed for another lease. */
bool ledger_renew(struct db *db, const struct site *s, const char *const *by,
    GError **err);

/* Leases that are over, from crashes of any host; each row whose outcome is
 * unknown is logged and goes to the audit trail.  *again: how many went
 * back. */
bool ledger_sweep(struct db *db, const struct site *s, int64_t *again,
    GError **err);
/* Gives up what waited longer than conf sender_expire. */
bool ledger_expire(struct db *db, const struct site *s, int64_t *n,
    GError **err);

#endif
