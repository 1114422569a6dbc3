/* See ledger.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/ledger.h"

enum { LANES = 3, SWEEP_MAX = 5000 };

DESC_TABLE(ledger_row, LEDGER_ROW);

#define LEDGER_COUNT(F, S) F(S, INT, n, none)
DESC_PRIVATE(ledger_count, LEDGER_COUNT);

#define LEDGER_ID(F, S) F(S, INT, id, none)
DESC_PRIVATE(ledger_id, LEDGER_ID);

#define LEDGER_LOST(F, S)                                                     \
	F(S, INT, id, none)                                                   \
	F(S, INT, advisory, none)                                             \
	F(S, INT, ticket, none)                                               \
	F(S, TEXT, address, none)                                             \
	F(S, TEXT, state, none)
DESC_PRIVATE(ledger_lost, LEDGER_LOST);

/* The names of sql/0005_outbox.sql. */
static const char *const outcomes[] = {
    [LEDGER_QUEUED] = "queued",
    [LEDGER_SENT] = "sent",
    [LEDGER_DEFERRED] = "deferred",
    [LEDGER_REFUSED] = "refused",
    [LEDGER_UNSURE] = "unsure",
};

static bool
unsure_holds(const struct site *s)
{
	return strcmp(s->conf->sender_unsure, "hold") == 0;
}

bool
ledger_due(struct db *db, int64_t limit, int64_t *n, GError **err)
{
	ARENA_AUTO(a, "ledger-due");
	struct ledger_count row;

	if (!db_one(db, a, Q_LEDGER_DUE, DB_ARGS(DB_INT(limit)),
		&desc_ledger_count, &row, err))
		return false;
	*n = row.n;
	return true;
}

struct claim {
	struct arena *a;
	const char *by;
	int64_t limit, lease;
	struct list lanes[LANES];
	size_t n;
};

static bool
claim_tx(struct db *db, void *ctx, GError **err)
{
	struct claim *c = ctx;

	c->n = 0;
	memset(c->lanes, 0, sizeof(c->lanes));
	for (int lane = 0; lane < LANES && (int64_t)c->n < c->limit; lane++) {
		if (!db_list(db, c->a, Q_LEDGER_CLAIM,
			DB_ARGS(DB_INT(lane),
			    DB_INT(c->limit - (int64_t)c->n),
			    DB_INT(c->lease), DB_TEXT(c->by)),
			&desc_ledger_row, &c->lanes[lane], err))
			return false;
		c->n += c->lanes[lane].n;
	}
	return true;
}

bool
ledger_claim(struct db *db, struct arena *a, const struct site *s,
    const char *by, int64_t limit, struct list *out, GError **err)
{
	struct claim c = {.a = a, .by = by, .limit = limit,
	    .lease = s->conf->sender_lease};
	struct ledger_row *rows;
	size_t n = 0;

	if (!db_tx(db, claim_tx, &c, err))
		return false;
	rows = arena_alloc_n(a, MAX(c.n, 1), sizeof(*rows));
	for (int lane = 0; lane < LANES; lane++) {
		if (c.lanes[lane].n > 0)
			memcpy(rows + n, c.lanes[lane].items,
			    c.lanes[lane].n * sizeof(*rows));
		n += c.lanes[lane].n;
	}
	*out = (struct list){rows, n};
	return true;
}

static bool
append(void *ctx, const void *p, size_t len)
{
	GByteArray *out = ctx;

	if (out->len + len > LEDGER_BODY_MAX)
		return false;
	g_byte_array_append(out, p, (guint)len);
	return true;
}

bool
ledger_load(struct db *db, int64_t message, GByteArray *out, GError **err)
{
	return db_bytes(db, Q_LEDGER_LOAD, DB_ARGS(DB_INT(message)), append,
	    out, err);
}

/* Arrays of the statement, one element a verdict. */
struct columns {
	const char **ids, **outcomes, **codes, **delays, **replies, **hand;
};

static struct columns
columns_fill(struct arena *a, const struct ledger_verdict *v, size_t n,
    const int64_t *hand, size_t n_hand)
{
	struct columns c;

	c.ids = ARENA_ARRAY(a, const char *, n + 1);
	c.outcomes = ARENA_ARRAY(a, const char *, n + 1);
	c.codes = ARENA_ARRAY(a, const char *, n + 1);
	c.delays = ARENA_ARRAY(a, const char *, n + 1);
	c.replies = ARENA_ARRAY(a, const char *, n + 1);
	c.hand = ARENA_ARRAY(a, const char *, n_hand + 1);
	for (size_t i = 0; i < n; i++) {
		c.ids[i] = arena_printf(a, "%" PRId64, v[i].id);
		c.outcomes[i] = outcomes[v[i].outcome];
		c.codes[i] = arena_printf(a, "%d", v[i].code);
		c.delays[i] = arena_printf(a, "%" PRId64, v[i].delay);
		c.replies[i] = v[i].reply != NULL ? v[i].reply : "";
	}
	for (size_t i = 0; i < n_hand; i++)
		c.hand[i] = arena_printf(a, "%" PRId64, hand[i]);
	return c;
}

bool
ledger_step(struct db *db, const struct site *s, const char *by,
    const struct ledger_verdict *v, size_t n, const int64_t *hand,
    size_t n_hand, bool *granted, GError **err)
{
	ARENA_AUTO(a, "ledger-step");
	struct columns c = columns_fill(a, v, n, hand, n_hand);
	struct list ids;

	if (n == 0 && n_hand == 0)
		return true;
	/* The mark alone need not wait for the disk. */
	if (!(n == 0
		? db_list(db, a, Q_LEDGER_HAND,
		      DB_ARGS(DB_TEXTS(c.hand), DB_TEXT(by),
			  DB_INT(s->conf->sender_lease)),
		      &desc_ledger_id, &ids, err)
		: db_list(db, a, Q_LEDGER_STEP,
		      DB_ARGS(DB_TEXTS(c.hand), DB_TEXT(by),
			  DB_INT(s->conf->sender_lease), DB_TEXTS(c.ids),
			  DB_TEXTS(c.outcomes), DB_TEXTS(c.codes),
			  DB_TEXTS(c.delays), DB_TEXTS(c.replies),
			  DB_BOOL(unsure_holds(s)),
			  DB_INT(s->conf->sender_expire)),
		      &desc_ledger_id, &ids, err)))
		return false;
	for (size_t i = 0; i < n_hand; i++) {
		granted[i] = false;
		for (size_t k = 0; k < ids.n && !granted[i]; k++)
			granted[i] = LIST_AT(ledger_id, ids, k)->id == hand[i];
	}
	return true;
}

int64_t
ledger_delay(const struct conf *c, int64_t attempts)
{
	int64_t d = c->sender_retry_first;

	for (int64_t i = 0; i < attempts && d < c->sender_retry_last; i++)
		d *= 2;
	d = MIN(d, MAX(c->sender_retry_last, c->sender_retry_first));
	/* What failed together should not come back together. */
	return MAX(1, d + (d * g_random_int_range(-20, 21)) / 100);
}

bool
ledger_release(struct db *db, const char *by, const char *why, GError **err)
{
	return db_exec(db, Q_LEDGER_RELEASE,
	    DB_ARGS(DB_TEXT(by), DB_TEXT(why)), NULL, err);
}

bool
ledger_renew(struct db *db, const struct site *s, const char *const *by,
    GError **err)
{
	return db_exec(db, Q_LEDGER_RENEW,
	    DB_ARGS(DB_TEXTS(by), DB_INT(s->conf->sender_lease)), NULL, err);
}

struct sweep {
	const struct site *s;
	struct arena *a;
	struct list lost;
};

static bool
sweep_tx(struct db *db, void *ctx, GError **err)
{
	static const struct actor system = {.name = "sender"};
	struct sweep *w = ctx;

	if (!db_list(db, w->a, Q_LEDGER_SWEEP,
		DB_ARGS(DB_BOOL(unsure_holds(w->s)), DB_INT(SWEEP_MAX)),
		&desc_ledger_lost, &w->lost, err))
		return false;
	/* Listed: the trail says to whom a mail may have come twice. */
	for (size_t i = 0; i < w->lost.n; i++) {
		const struct ledger_lost *l =
		    LIST_AT(ledger_lost, w->lost, i);

		if (strcmp(l->state, "handing") == 0 &&
		    !audit_write(db, &system, "delivery.unsure", l->ticket,
			l->advisory, l->address, "handing",
			unsure_holds(w->s) ? "held" : "queued", err))
			return false;
	}
	return true;
}

bool
ledger_sweep(struct db *db, const struct site *s, int64_t *again, GError **err)
{
	ARENA_AUTO(a, "ledger-sweep");
	struct sweep w = {.s = s, .a = a};

	if (!db_tx(db, sweep_tx, &w, err))
		return false;
	for (size_t i = 0; i < w.lost.n; i++) {
		const struct ledger_lost *l = LIST_AT(ledger_lost, w.lost, i);

		if (strcmp(l->state, "handing") == 0)
			log_warning("delivery.unsure", LOG_I("delivery", l->id),
			    LOG_S("to", l->address),
			    LOG_S("next", unsure_holds(s) ? "held" : "again"));
	}
	*again = (int64_t)w.lost.n;
	return true;
}

bool
ledger_expire(struct db *db, const struct site *s, int64_t *n, GError **err)
{
	return db_exec(db, Q_LEDGER_EXPIRE,
	    DB_ARGS(DB_INT(s->conf->sender_expire)), n, err);
}
