/*
 * Questions asked ahead: many statements in one round trip.  Between two
 * processes on one machine a round trip costs as much as a look-up by key, so
 * a page of thirty small queries waits mostly for its turn.  See db.h.
 *
 * libpq's pipeline mode is on only inside db_ahead(): before it returns, all
 * answers are here and the connection is as any other.
 */
#include "base/base.h"
#include "db/priv.h"
#include "db/query_table.h"

/* Arguments as one text, to be compared: length and bytes of each. */
static GString *
key_of(struct arena *a, const struct params *p)
{
	GString *s = arena_gstring(a);

	for (size_t i = 0; i < p->n; i++) {
		if (p->values[i] == NULL) {
			g_string_append(s, "-;");
			continue;
		}
		g_string_append_printf(s, "%d%c", p->lengths[i],
		    p->formats[i] ? 'b' : 't');
		g_string_append_len(s, p->values[i], p->lengths[i]);
	}
	return s;
}

static void
forget_one(struct db_answered *w)
{
	PQclear(w->res);
	g_free(w->key);
	*w = (struct db_answered){0};
}

void
db_ahead_forget(struct db *db)
{
	for (size_t i = 0; i < db->ahead_n; i++)
		forget_one(&db->ahead[i]);
	db->ahead_n = 0;
}

PGresult *
db_ahead_take(struct db *db, enum db_query q, const struct params *p,
    int binary)
{
	ARENA_AUTO(a, "key");
	const GString *key;

	if (db->ahead_n == 0)
		return NULL;
	key = key_of(a, p);
	for (size_t i = 0; i < db->ahead_n; i++) {
		struct db_answered *w = &db->ahead[i];
		PGresult *res = w->res;

		if (res == NULL || w->q != q || binary ||
		    w->len != key->len || memcmp(w->key, key->str, w->len) != 0)
			continue;
		w->res = NULL; /* once: what is asked again may have changed */
		forget_one(w);
		return res;
	}
	/* Whatever this is, it may change what the others would say. */
	if (query_table[q].kind == 'e')
		db_ahead_forget(db);
	return NULL;
}

static bool
send_one(struct db *db, enum db_query q, const struct params *p)
{
	const struct query_entry *e = &query_table[q];

	g_assert(p->n == (size_t)e->args && e->kind != 'e' && !e->each);
	return (db->prepared[q] ||
		   PQsendPrepare(db->pg, e->name, e->sql, 0, NULL) == 1) &&
	    db_send_query(db, q, p, 0) == 1;
}

/* The answer to one statement of a pipeline, and the NULL behind it. */
static PGresult *
receive(struct db *db)
{
	PGresult *res = db_next(db), *more;

	if (res != NULL && (more = db_next(db)) != NULL) {
		PQclear(more);
		PQclear(res);
		return NULL;
	}
	return res;
}

/* Rows, or NULL. */
static PGresult *
receive_one(struct db *db, enum db_query q)
{
	PGresult *res;

	if (!db->prepared[q]) {
		res = receive(db);
		db->prepared[q] = PQresultStatus(res) == PGRES_COMMAND_OK;
		PQclear(res);
		if (!db->prepared[q])
			return NULL;
	}
	res = receive(db);
	if (PQresultStatus(res) == PGRES_TUPLES_OK)
		return res;
	PQclear(res);
	return NULL;
}

/* All of them, or false. */
static bool
ask_all(struct db *db, struct arena *a, const struct db_ask *asks, size_t n)
{
	const GString *keys[DB_AHEAD_MAX];
	PGresult *res;
	struct params none = {0};
	bool ok = send_one(db, Q_DESK_PLAN_ONCE, &none);

	for (size_t i = 0; i < n && ok; i++) {
		struct params p;

		params_fill(a, &p, asks[i].args);
		keys[i] = key_of(a, &p);
		ok = send_one(db, asks[i].q, &p);
	}
	if (!ok || PQpipelineSync(db->pg) != 1 || !db_flush(db))
		return false;
	db->trips++;
	res = receive_one(db, Q_DESK_PLAN_ONCE);
	ok = res != NULL;
	PQclear(res);
	for (size_t i = 0; i < n && ok; i++) {
		res = receive_one(db, asks[i].q);
		ok = res != NULL;
		if (ok)
			db->ahead[db->ahead_n++] = (struct db_answered){
			    asks[i].q, g_memdup2(keys[i]->str, keys[i]->len + 1),
			    keys[i]->len, res};
	}
	if (!ok)
		return false;
	res = db_next(db);
	ok = PQresultStatus(res) == PGRES_PIPELINE_SYNC;
	PQclear(res);
	return ok;
}

void
db_ahead(struct db *db, const struct db_ask *asks, size_t n)
{
	ARENA_AUTO(a, "ahead");

	g_assert(n <= DB_AHEAD_MAX);
	db_ahead_forget(db);
	/* (A failure would end a transaction.) */
	if (db->in_tx || !db_ready(db) || PQenterPipelineMode(db->pg) != 1)
		return;
	if (ask_all(db, a, asks, n) && PQexitPipelineMode(db->pg) == 1)
		return;
	/* Each is asked again, by itself, and says what is wrong. */
	db_ahead_forget(db);
	db_disconnect(db);
}

unsigned
db_trips(const struct db *db)
{
	return db->trips;
}
