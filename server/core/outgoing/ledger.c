/* See ledger.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/outgoing/ledger.h"

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
	struct ledger_count row = {0};

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

	/* (A claim that a crash forgets is a row that waits as before.) */
	if (!db_async_commit(db, err))
		return false;
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

static const char *const *
id_texts(struct arena *a, const int64_t *ids, size_t n)
{
	const char **v = ARENA_ARRAY(a, const char *, n + 1);

	for (size_t i = 0; i < n; i++)
		v[i] = arena_printf(a, "%" PRId64, ids[i]);
	return v;
}

bool
ledger_hand(struct db *db, const char *by, const int64_t *ids, size_t n,
    bool *granted, GError **err)
{
	ARENA_AUTO(a, "ledger-hand");
	struct list got;

	if (!db_list(db, a, Q_LEDGER_HAND,
		DB_ARGS(DB_TEXTS(id_texts(a, ids, n)), DB_TEXT(by)),
		&desc_ledger_id, &got, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		granted[i] = false;
		for (size_t k = 0; k < got.n && !granted[i]; k++)
			granted[i] = LIST_AT(ledger_id, got, k)->id == ids[i];
	}
	return true;
}

/* The arguments of ledger_verdicts: arrays, one element a verdict. */
enum { VERDICT_ARGS = 8 };

static void
verdict_args(struct arena *a, const struct site *s, const char *by,
    const struct ledger_verdict *v, size_t n, struct db_arg args[VERDICT_ARGS])
{
	const char **ids = ARENA_ARRAY(a, const char *, n + 1);
	const char **what = ARENA_ARRAY(a, const char *, n + 1);
	const char **codes = ARENA_ARRAY(a, const char *, n + 1);
	const char **delays = ARENA_ARRAY(a, const char *, n + 1);
	const char **replies = ARENA_ARRAY(a, const char *, n + 1);

	for (size_t i = 0; i < n; i++) {
		ids[i] = arena_printf(a, "%" PRId64, v[i].id);
		what[i] = outcomes[v[i].outcome];
		codes[i] = arena_printf(a, "%d", v[i].code);
		delays[i] = arena_printf(a, "%" PRId64, v[i].delay);
		replies[i] = v[i].reply != NULL ? v[i].reply : "";
	}
	args[0] = DB_TEXT(by);
	args[1] = DB_TEXTS(ids);
	args[2] = DB_TEXTS(what);
	args[3] = DB_TEXTS(codes);
	args[4] = DB_TEXTS(delays);
	args[5] = DB_TEXTS(replies);
	args[6] = DB_BOOL(unsure_holds(s));
	args[7] = DB_INT(s->conf->sender_expire);
}

bool
ledger_verdicts(struct db *db, const struct site *s, const char *by,
    const struct ledger_verdict *v, size_t n, GError **err)
{
	ARENA_AUTO(a, "verdicts");
	struct db_arg args[VERDICT_ARGS];

	verdict_args(a, s, by, v, n, args);
	return n == 0 || db_exec(db, Q_LEDGER_VERDICTS,
	    (struct db_args){args, VERDICT_ARGS}, NULL, err);
}

bool
ledger_verdicts_send(struct db *db, const struct site *s, const char *by,
    const struct ledger_verdict *v, size_t n, GError **err)
{
	ARENA_AUTO(a, "verdicts");
	struct db_arg args[VERDICT_ARGS];

	verdict_args(a, s, by, v, n, args);
	return db_send(db, Q_LEDGER_VERDICTS,
	    (struct db_args){args, VERDICT_ARGS}, err);
}

void
ledger_turn(struct db *db, const struct ledger_verdict *v, size_t n)
{
	ARENA_AUTO(a, "refused");
	g_autoptr(GError) err = NULL;
	int64_t *ids = ARENA_ARRAY(a, int64_t, n + 1);
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (v[i].outcome == LEDGER_REFUSED)
			ids[k++] = v[i].id;
	if (k > 0 && !db_exec(db, Q_LEDGER_REFUSED,
		DB_ARGS(DB_TEXTS(id_texts(a, ids, k))), NULL, &err))
		log_fault("delivery.refused", err);
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
ledger_release(struct db *db, const char *by, const int64_t *ids, size_t n,
    const char *why, GError **err)
{
	ARENA_AUTO(a, "ledger-release");

	return n == 0 || db_exec(db, Q_LEDGER_RELEASE,
	    DB_ARGS(DB_TEXT(by), DB_TEXT(why), DB_TEXTS(id_texts(a, ids, n))),
	    NULL, err);
}

bool
ledger_disclaim(struct db *db, const char *by, GError **err)
{
	return db_exec(db, Q_LEDGER_DISCLAIM, DB_ARGS(DB_TEXT(by)), NULL,
	    err);
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
