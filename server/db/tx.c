/* Transactions: see db.h. */
#include "base/base.h"
#include "db/priv.h"

enum { TX_TRIES = 3 };

#define HURRY "; SET LOCAL lock_timeout = 250"

static bool
tx_once(struct db *db, bool (*fn)(struct db *, void *, GError **), void *ctx,
    GError **err)
{
	PGresult *res;
	bool ok;

	if (!db_ensure(db, err) || !db_become(db, err) ||
	    !db_plain(db, db->hurry ? "BEGIN" HURRY : "BEGIN", err))
		return false;
	db->in_tx = true;
	if (!fn(db, ctx, err)) {
		if (db->pg != NULL && !db_plain(db, "ROLLBACK", NULL))
			db_disconnect(db);
		db->in_tx = false;
		return false;
	}
	if (db->pg == NULL) {
		db->in_tx = false;
		return fault_set(err, FAULT_BUSY,
		    "The connection to the database broke off.");
	}
	res = db_answer(db, PQsendQuery(db->pg, "COMMIT"));
	/* COMMIT of a failed transaction answers ROLLBACK: then fn hid an
	 * error from us. */
	ok = PQresultStatus(res) == PGRES_COMMAND_OK;
	if (ok && strcmp(PQcmdStatus(res), "COMMIT") != 0)
		ok = fault_set(err, FAULT_BUG,
		    "The transaction had failed before its end.");
	else if (!ok)
		db_fault(db, res, "COMMIT", true, false, err);
	PQclear(res);
	db->in_tx = false;
	return ok;
}

bool
db_tx(struct db *db, bool (*fn)(struct db *db, void *ctx, GError **err),
    void *ctx, GError **err)
{
	g_assert(!db->in_tx);
	db_ahead_forget(db);
	for (int try = 1;; try++) {
		g_autoptr(GError) why = NULL;
		bool ok;

		db->patience_over_ms = -1;
		db->waited = false;
		ok = tx_once(db, fn, ctx, &why);
		if (db->patience_over_ms >= 0)
			db->timeout_ms = db->patience_over_ms;
		if (ok)
			return true;
		/* Who waited for a row in vain has waited long enough. */
		if (try < TX_TRIES && fault_retry(why) && !db->waited) {
			g_usleep((gulong)(try * 20000));
			continue;
		}
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
}

bool
db_part(struct db *db, bool (*fn)(struct db *db, void *ctx, GError **err),
    void *ctx, GError **err)
{
	g_assert(db->in_tx);
	if (!db_plain(db, "SAVEPOINT part", err))
		return false;
	if (fn(db, ctx, err))
		return db_plain(db, "RELEASE SAVEPOINT part", err);
	/* When this fails too, so does what follows, and COMMIT at last. */
	if (db->pg != NULL &&
	    db_plain(db, "ROLLBACK TO SAVEPOINT part", NULL))
		db_plain(db, "RELEASE SAVEPOINT part", NULL);
	return false;
}

void
db_hurry(struct db *db)
{
	db->hurry = true;
}

bool
db_in_tx(const struct db *db)
{
	return db->in_tx;
}

bool
db_patient(struct db *db, int64_t ms, GError **err)
{
	char sql[64];

	g_snprintf(sql, sizeof(sql), "SET %sstatement_timeout = %" PRId64,
	    db->in_tx ? "LOCAL " : "", ms);
	if (!db_ensure(db, err) || !db_plain(db, sql, err))
		return false;
	if (db->in_tx && db->patience_over_ms < 0)
		db->patience_over_ms = db->timeout_ms;
	db->timeout_ms = ms;
	return true;
}

bool
db_as_within(struct db *db, int64_t who, GError **err)
{
	g_assert(db->in_tx && !db->desk);
	return db_exec(db, Q_DESK_WITHIN, DB_ARGS(DB_INT(who)), NULL, err);
}

bool
db_async_commit(struct db *db, GError **err)
{
	g_assert(db->in_tx);
	return db_plain(db, "SET LOCAL synchronous_commit = off", err);
}
