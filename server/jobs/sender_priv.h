/* What the files of the sender share. */
#ifndef JOBS_SENDER_PRIV_H
#define JOBS_SENDER_PRIV_H

#include "core/outgoing/ledger.h"
#include "jobs/sender.h"
#include "mail/send.h"

enum { SENDER_NAME_MAX = 160 };

/* One session's thread. */
struct worker {
	struct sender *sender;
	unsigned index;
	GThread *thread;
	struct send_line line; /* where the keeper can cut it off */

	/* Under lock: verdicts not yet on record, and whose they are. */
	GMutex lock;
	char by[SENDER_NAME_MAX]; /* the batch in hand; "" between batches */
	GArray *pending;   /* struct ledger_verdict; replies are g_malloc'd */
	int64_t oldest;    /* ticks of the first of them */

	/* Verdicts on their way to the database, over a connection that is
	 * used for nothing else.  The thread's own. */
	struct db *scribe;
	GArray *flight;
	char flight_by[SENDER_NAME_MAX];
	bool flying;       /* sent, not yet collected */
	GArray *untried;   /* ids that go back when the batch is over */

	/* The thread's own. */
	struct db *db;
	unsigned batches;
	int64_t body_of;   /* message whose bytes are in body; 0: none */
	GByteArray *body;
	GHashTable *list_blocks;
};

struct sender {
	const struct site *site;
	struct send *send;
	struct db_pool *pool;
	struct db_pool *scribes; /* one connection a worker */
	struct db *listen;
	char *name;        /* host:pid:start, of this process only */
	GThread *keeper;
	struct worker *workers;
	unsigned n;

	GMutex lock;
	GCond changed;
	uint64_t wake;     /* raised when there is work */
	bool stop;
	unsigned running;  /* workers that have not ended */
	int64_t relay_until;   /* ticks: the relay is left alone until then */
	int64_t relay_wait;    /* seconds, doubling */
};

bool sender_stopping(struct sender *s);
/* The relay took nothing, or took something again. */
void sender_relay_lost(struct sender *s, const GError *why);
void sender_relay_found(struct sender *s);

/* Claims a batch and hands it over; *claimed gets its size. */
bool worker_batch(struct worker *w, int64_t limit, size_t *claimed,
    GError **err);
/* Writes the pending verdicts over db.  The lock is held by the caller. */
bool worker_flush(struct worker *w, struct db *db, GError **err);
/* Nothing of this worker's is unwritten any more. */
void worker_settle(struct worker *w);

/* The header block of one recipient of an advisory. */
bool sender_block(struct arena *a, const struct site *s,
    const struct ledger_row *r, GHashTable *cache, GString *out,
    GError **err);

#endif
