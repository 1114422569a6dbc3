/* See migrate.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "db/migrate.h"
#include "db/migration_table.h"
#include "db/priv.h"

#define MIGRATION(F, S)                                                       \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, checksum, none)
DESC_PRIVATE(applied, MIGRATION);
#define THERE(F, S) F(S, BOOL, there, none)
DESC_PRIVATE(there, THERE);

static const char *
checksum(struct arena *a, const struct migration *m)
{
	return text_sha256(a, m->sql, strlen(m->sql));
}

static bool
compare(struct arena *a, const struct list *done, GError **err)
{
	if (done->n > migrations_n)
		return fault_set(err, FAULT_BUSY,
		    "The database is newer than this program: it has "
		    "migration %s.",
		    LIST_AT(applied, *done, done->n - 1)->name);
	for (size_t i = 0; i < done->n; i++) {
		const struct applied *row = LIST_AT(applied, *done, i);

		if (strcmp(row->name, migrations[i].name) != 0)
			return fault_set(err, FAULT_BUSY,
			    "The database has migration %s where this "
			    "program has %s.", row->name, migrations[i].name);
		if (strcmp(row->checksum, checksum(a, &migrations[i])) != 0)
			return fault_set(err, FAULT_BUSY,
			    "Migration %s was changed after it was applied.",
			    migrations[i].name);
	}
	return true;
}

/* What the desk reads through follows the tables, in the same transaction. */
static bool
views(struct db *db, struct arena *a, GError **err)
{
	struct there t = {0};

	return db_one(db, a, Q_DESK_VIEWS_THERE, DB_NONE, &desc_there, &t,
		   err) &&
	    (!t.there || db_exec(db, Q_DESK_VIEWS, DB_NONE, NULL, err));
}

static bool
apply(struct db *db, void *ctx, GError **err)
{
	const struct migration *m = ctx;
	ARENA_AUTO(a, "migration");

	/* A file holds many statements: it cannot be prepared. */
	return db_plain(db, m->sql, err) && views(db, a, err) &&
	    db_exec(db, Q_MIGRATION_ADD,
		DB_ARGS(DB_TEXT(m->name), DB_TEXT(checksum(a, m))), NULL, err);
}

static bool
apply_missing(struct db *db, struct arena *a, int *applied, GError **err)
{
	struct list done;

	if (!db_exec(db, Q_MIGRATION_TABLE, DB_NONE, NULL, err) ||
	    !db_list(db, a, Q_MIGRATION_LIST, DB_NONE, &desc_applied, &done,
		err) ||
	    !compare(a, &done, err))
		return false;
	for (unsigned i = (unsigned)done.n; i < migrations_n; i++) {
		/* db_tx hands ctx back to apply(), which only reads it. */
		if (!db_tx(db, apply, (void *)(uintptr_t)&migrations[i], err)) {
			g_prefix_error(err, "Migration %s: ",
			    migrations[i].name);
			return false;
		}
		log_notice("migrate.applied",
		    LOG_S("name", migrations[i].name));
		(*applied)++;
	}
	return true;
}

bool
migrate_run(struct db *db, int *applied, GError **err)
{
	ARENA_AUTO(a, "migrate");
	int n = 0;
	bool ok;

	/* The lock and an index build may take longer than any page. */
	db->timeout_ms = 0;
	if (!db_ensure(db, err) ||
	    !db_plain(db, "SET statement_timeout = 0", err) ||
	    !db_exec(db, Q_MIGRATION_LOCK, DB_NONE, NULL, err))
		return false;
	ok = apply_missing(db, a, &n, err);
	db_exec(db, Q_MIGRATION_UNLOCK, DB_NONE, NULL, NULL);
	if (ok)
		*applied = n;
	return ok;
}

bool
migrate_check(struct db *db, GError **err)
{
	ARENA_AUTO(a, "migrate");
	struct list done;

	if (!db_list(db, a, Q_MIGRATION_LIST, DB_NONE, &desc_applied, &done,
		err)) {
		if (db->pg != NULL && err != NULL) {
			g_clear_error(err);
			fault_set(err, FAULT_BUSY,
			    "The database has no schema yet: run "
			    "`tocsinctl migrate`.");
		}
		return false;
	}
	if (!compare(a, &done, err))
		return false;
	if (done.n < migrations_n)
		return fault_set(err, FAULT_BUSY,
		    "The database lacks migration %s: run `tocsinctl "
		    "migrate`.", migrations[done.n].name);
	return true;
}
