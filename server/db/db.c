/* See db.h. */
#include "base/base.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/when.h"
#include "db/priv.h"
#include "db/query_table.h"

#include <poll.h>

enum {
	/* Somebody waits for a page: longer than any act holds a row, and so
	 * short that those who wait for one cannot stop all the others.  It is
	 * waited for once (db_tx()). */
	DESK_LOCK_MS = 2000,
};

void
db_init(struct db *db, const struct conf *c, const char *name)
{
	db->uri = c->database_uri;
	db->timeout_ms = c->database_statement_timeout;
	db->name = name;
}

void
db_disconnect(struct db *db)
{
	db_ahead_forget(db);
	if (db->pg != NULL)
		PQfinish(db->pg);
	db->pg = NULL;
	db->in_tx = false;
	db->large = false;
	db->told = DB_NOBODY;
	memset(db->prepared, 0, sizeof(db->prepared));
}

static void
ignore_notice(void *ctx, const PGresult *res)
{
	(void)ctx;
	(void)res;
}

/* A server that went away while we were idle has left us its farewell: the
 * socket is readable, which it never is between two queries. */
static bool
is_stale(PGconn *pg)
{
	struct pollfd p = {.fd = PQsocket(pg), .events = POLLIN};

	if (PQstatus(pg) != CONNECTION_OK)
		return true;
	if (poll(&p, 1, 0) <= 0)
		return false;
	return PQconsumeInput(pg) == 0 || PQstatus(pg) != CONNECTION_OK ||
	    (p.revents & (POLLHUP | POLLERR)) != 0;
}

/* Without rows of interest, and not prepared. */
static bool
ask(struct db *db, enum db_query q, const char *arg, GError **err)
{
	const struct query_entry *e = &query_table[q];
	PGresult *res = db_answer(db, PQsendQueryParams(db->pg, e->sql,
	    e->args, NULL, &arg, NULL, NULL, 0));
	bool ok = PQresultStatus(res) == PGRES_TUPLES_OK;

	if (!ok) {
		db_fault(db, res, e->name, false, true, err);
		/* Half made it would show what it must not. */
		db_disconnect(db);
	}
	PQclear(res);
	return ok;
}

bool
db_ensure(struct db *db, GError **err)
{
	g_autofree char *options = NULL;
	const char *keys[5] = {"dbname", "application_name", "options",
	    "connect_timeout", NULL};
	const char *values[5] = {db->uri, db->name, NULL, "5", NULL};

	if (db->pg != NULL && (db->in_tx || !is_stale(db->pg)))
		return true;
	db_disconnect(db);
	/* JIT never pays for statements of a millisecond. */
	options = g_strdup_printf("-c timezone=UTC -c datestyle=ISO "
				  "-c client_min_messages=warning -c jit=off "
				  "-c bytea_output=hex "
				  "%s%s-c lock_timeout=%d -c statement_timeout=%" PRId64,
	    db->plan_once ? "-c plan_cache_mode=force_generic_plan "
			    "-c enable_seqscan=off "
			  : "",
	    db->in_order ? "-c enable_bitmapscan=off -c enable_sort=off "
			 : "",
	    db->desk ? DESK_LOCK_MS : 0, db->timeout_ms);
	values[2] = options;
	db->pg = PQconnectdbParams(keys, values, 1);
	if (PQstatus(db->pg) != CONNECTION_OK) {
		g_autofree char *why =
		    g_strchomp(g_strdup(PQerrorMessage(db->pg)));

		db_disconnect(db);
		return fault_set(err, FAULT_BUSY,
		    "The database cannot be reached: %s", why);
	}
	PQsetNoticeReceiver(db->pg, ignore_notice, NULL);
	PQsetnonblocking(db->pg, 1);
	return !db->desk || ask(db, Q_DESK_ENTER, NULL, err);
}

bool
db_become(struct db *db, GError **err)
{
	char who[24];

	if (!db->desk || db->in_tx || db->who == db->told)
		return true;
	g_snprintf(who, sizeof(who), "%" PRId64, db->who);
	if (!ask(db, Q_DESK_AS, who, err))
		return false;
	db->told = db->who;
	return true;
}

bool
db_ready(struct db *db)
{
	return db_ensure(db, NULL) && db_become(db, NULL);
}

static enum fault_kind
kind_of_state(const char *state)
{
	static const struct {
		const char *prefix;
		enum fault_kind kind;
	} table[] = {
	    {"23514", FAULT_INPUT},  /* CHECK */
	    {"23502", FAULT_INPUT},  /* NOT NULL */
	    {"P0001", FAULT_INPUT},  /* RAISE in one of our triggers */
	    {"22", FAULT_INPUT},     /* a value the type does not take */
	    {"23", FAULT_CONFLICT},  /* unique, exclusion, foreign key */
	    {"40", FAULT_BUSY},      /* serialisation, deadlock */
	    {"55P03", FAULT_BUSY},   /* lock not available */
	    {"57", FAULT_BUSY},      /* cancelled, shutting down */
	    {"53", FAULT_BUSY},      /* disk, memory, connections */
	    {"08", FAULT_BUSY},
	    {"25006", FAULT_BUSY},   /* read only: a standby */
	};

	for (size_t i = 0; i < COUNT_OF(table); i++)
		if (g_str_has_prefix(state, table[i].prefix))
			return table[i].kind;
	return FAULT_BUG;
}

bool
db_fault(struct db *db, const PGresult *res, const char *what,
    bool committing, bool reading, GError **err)
{
	const char *state = NULL, *text = NULL;
	enum fault_kind kind;

	if (res != NULL) {
		state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
		text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	}
	if (PQstatus(db->pg) == CONNECTION_BAD) {
		/* Nobody tells us any more what became of it: inside a
		 * transaction, nothing; at its end or alone, perhaps. */
		bool unsure = committing || (!db->in_tx && !reading);

		kind = unsure ? FAULT_UNSURE : FAULT_BUSY;
		fault_set(err, kind,
		    unsure
			? "The connection to the database broke off and it "
			  "is not known whether the change was made."
			: "The connection to the database broke off.");
		log_warning("db.lost", LOG_S("query", what));
		db_disconnect(db);
		return false;
	}
	kind = state != NULL ? kind_of_state(state) : FAULT_BUG;
	db->waited = state != NULL && strcmp(state, "55P03") == 0;
	if (kind == FAULT_BUG || kind == FAULT_BUSY)
		log_warning("db.error", LOG_S("query", what),
		    LOG_S("state", state), LOG_S("why", text));
	return fault_set(err, kind, "%s",
	    text != NULL ? text : PQerrorMessage(db->pg));
}

bool
db_plain(struct db *db, const char *sql, GError **err)
{
	PGresult *res = db_answer(db, PQsendQuery(db->pg, sql));
	ExecStatusType st = PQresultStatus(res);
	bool ok = st == PGRES_COMMAND_OK || st == PGRES_TUPLES_OK;

	if (!ok)
		db_fault(db, res, sql, false, false, err);
	PQclear(res);
	return ok;
}

static bool
prepare(struct db *db, enum db_query q, GError **err)
{
	const struct query_entry *e = &query_table[q];
	PGresult *res;
	bool ok;

	if (db->prepared[q] || e->each)
		return true;
	res = db_answer(db,
	    PQsendPrepare(db->pg, e->name, e->sql, 0, NULL));
	ok = PQresultStatus(res) == PGRES_COMMAND_OK;
	if (ok)
		db->prepared[q] = true;
	else
		db_fault(db, res, e->name, false, true, err);
	PQclear(res);
	return ok;
}

static bool
is_read(const char *sql)
{
	while (*sql == ' ' || *sql == '\n' || *sql == '\t')
		sql++;
	return g_str_has_prefix(sql, "SELECT");
}

/* Planned by its arguments (sql/mkquery.awk), or once. */
int
db_send_query(struct db *db, enum db_query q, const struct params *p, int binary)
{
	const struct query_entry *e = &query_table[q];

	return e->each
	    ? PQsendQueryParams(db->pg, e->sql, (int)p->n, NULL, p->values,
		p->lengths, p->formats, binary)
	    : PQsendQueryPrepared(db->pg, e->name, (int)p->n, p->values,
		p->lengths, p->formats, binary);
}

/* One prepared statement; a read outside a transaction that met a dying
 * server is tried once more on a new connection. */
static PGresult *
run_params(struct db *db, enum db_query q, const struct params *p, int binary,
    GError **err)
{
	const struct query_entry *e = &query_table[q];
	bool reading = is_read(e->sql);
	PGresult *waits;

	g_assert(p->n == (size_t)e->args);
	if ((waits = db_ahead_take(db, q, p, binary)) != NULL)
		return waits;
	for (int try = 0;; try++) {
		PGresult *res;
		ExecStatusType st;
		g_autoptr(GError) why = NULL;
		bool in_tx = db->in_tx;

		if (in_tx && db->pg == NULL) {
			fault_set(err, FAULT_BUSY,
			    "The connection to the database broke off.");
			return NULL;
		}
		if (!db_ensure(db, err))
			return NULL;
		if (db_become(db, &why) && prepare(db, q, &why)) {
			if (p->bytes > DB_BUFFER_KEEP)
				db->large = true;
			res = db_answer(db, db_send_query(db, q, p, binary));
			st = PQresultStatus(res);
			if (st == PGRES_COMMAND_OK || st == PGRES_TUPLES_OK)
				return res;
			db_fault(db, res, e->name, false, reading, &why);
			PQclear(res);
		}
		if (try == 0 && !in_tx && db->pg == NULL &&
		    fault_is(why, FAULT_BUSY))
			continue;
		g_propagate_error(err, g_steal_pointer(&why));
		return NULL;
	}
}

static PGresult *
run(struct db *db, enum db_query q, struct db_args args, int binary,
    GError **err)
{
	ARENA_AUTO(a, "params");
	struct params p;

	params_fill(a, &p, args);
	return run_params(db, q, &p, binary, err);
}

bool
db_send(struct db *db, enum db_query q, struct db_args args, GError **err)
{
	const struct query_entry *e = &query_table[q];
	ARENA_AUTO(a, "params");
	struct params p;

	g_assert(args.n == (size_t)e->args);
	g_assert(!db->in_tx && db->sent == NULL);
	db_ahead_forget(db);
	params_fill(a, &p, args);
	if (!db_ensure(db, err) || !db_become(db, err) || !prepare(db, q, err))
		return false;
	if (p.bytes > DB_BUFFER_KEEP)
		db->large = true;
	/* All of it is written before this returns, the Sync that commits it
	 * included. */
	if (db_send_query(db, q, &p, 0) != 1 ||
	    !db_flush(db))
		return db_fault(db, NULL, e->name, false, false, err);
	db->sent = e->name;
	return true;
}

bool
db_collect(struct db *db, int64_t *n, GError **err)
{
	const char *what = db->sent;
	int64_t hit = 0;
	bool ok = true;
	PGresult *res;

	g_assert(what != NULL);
	db->sent = NULL;
	while ((res = db_next(db)) != NULL) {
		ExecStatusType st = PQresultStatus(res);

		if (st == PGRES_COMMAND_OK || st == PGRES_TUPLES_OK)
			hit += g_ascii_strtoll(PQcmdTuples(res), NULL, 10);
		else if (ok)
			ok = db_fault(db, res, what, false, false, err);
		PQclear(res);
		if (db->pg == NULL)
			break;
	}
	if (ok && n != NULL)
		*n = hit;
	return ok;
}

bool
db_exec(struct db *db, enum db_query q, struct db_args args, int64_t *n,
    GError **err)
{
	PGresult *res = run(db, q, args, 0, err);

	if (res == NULL)
		return false;
	if (n != NULL)
		*n = g_ascii_strtoll(PQcmdTuples(res), NULL, 10);
	PQclear(res);
	return true;
}

bool
db_opt(struct db *db, struct arena *a, enum db_query q, struct db_args args,
    const struct desc *d, void *out, bool *found, GError **err)
{
	PGresult *res = run(db, q, args, 0, err);
	const struct desc_field *map[ROWS_FIELDS_MAX];
	bool ok = true;

	if (res == NULL)
		return false;
	if (PQntuples(res) > 0) {
		ok = rows_map(res, d, map, err) &&
		    rows_read(a, res, 0, d, map, out, err);
		if (ok)
			*found = true;
	} else {
		*found = false;
	}
	PQclear(res);
	return ok;
}

bool
db_one(struct db *db, struct arena *a, enum db_query q, struct db_args args,
    const struct desc *d, void *out, GError **err)
{
	bool found;

	if (!db_opt(db, a, q, args, d, out, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT, "There is no such thing.");
	return true;
}

/* Takes res, which may be NULL after a failure. */
static bool
read_all(struct arena *a, PGresult *res, const struct desc *d,
    struct list *out, GError **err)
{
	const struct desc_field *map[ROWS_FIELDS_MAX];
	struct list l = {0};
	bool ok;

	if (res == NULL)
		return false;
	l.n = (size_t)PQntuples(res);
	l.items = arena_alloc_n(a, MAX(l.n, 1), d->size);
	ok = rows_map(res, d, map, err);
	for (size_t i = 0; ok && i < l.n; i++)
		ok = rows_read(a, res, (int)i, d, map,
		    (char *)l.items + i * d->size, err);
	if (ok)
		*out = l;
	PQclear(res);
	return ok;
}

bool
db_list(struct db *db, struct arena *a, enum db_query q, struct db_args args,
    const struct desc *d, struct list *out, GError **err)
{
	return read_all(a, run(db, q, args, 0, err), d, out, err);
}

bool
db_each(struct db *db, struct arena *a, enum db_query q,
    struct db_args common, const struct db_args *rows, size_t n,
    const struct desc *d, struct list *out, GError **err)
{
	ARENA_AUTO(tmp, "params");
	struct params p;

	g_assert(n > 0 && n <= DB_EACH_MAX);
	params_fill(tmp, &p, common);
	for (size_t i = 0; i < rows[0].n; i++)
		params_column(tmp, &p, rows, n, i);
	return read_all(a, run_params(db, q, &p, 0, err), d, out, err);
}

bool
db_bytes(struct db *db, enum db_query q, struct db_args args,
    bool (*sink)(void *ctx, const void *p, size_t len), void *ctx,
    GError **err)
{
	PGresult *res = run(db, q, args, 1, err);
	size_t sum = 0;
	int n;

	if (res == NULL)
		return false;
	n = PQntuples(res);
	for (int i = 0; i < n; i++) {
		int len = PQgetlength(res, i, 0);

		sum += (size_t)len;
		if (!sink(ctx, PQgetvalue(res, i, 0), (size_t)len))
			break;
	}
	if (sum > DB_BUFFER_KEEP)
		db->large = true;
	PQclear(res);
	return n > 0 ||
	    fault_set(err, FAULT_ABSENT, "There is no such thing.");
}

const char *
db_query_name(enum db_query q)
{
	return query_table[q].name;
}

const char *
db_query_sql(enum db_query q)
{
	return query_table[q].sql;
}
