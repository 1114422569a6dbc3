/* What the files of server/db share; nothing above includes it. */
#ifndef DB_PRIV_H
#define DB_PRIV_H

#include "db/db.h"

#include <libpq-fe.h>

/*
 * libpq keeps its largest buffers until PQfinish; a connection that moved
 * more than this in one statement is closed when it is put back.
 */
enum { DB_BUFFER_KEEP = 1024 * 1024 };

/* The answer to a question asked ahead, until it is asked. */
struct db_answered {
	enum db_query q;
	char *key; /* its arguments */
	size_t len;
	PGresult *res;
};

struct db {
	PGconn *pg;
	struct db_pool *pool; /* NULL: a connection of one's own */
	struct db *next;      /* in the pool's list of free ones */
	const char *uri, *name;
	int64_t timeout_ms;
	bool waited;         /* for a row, in vain: the last error */
	int64_t patience_over_ms; /* timeout_ms behind this transaction; -1:
				   * the same */
	bool plan_once; /* db_pool_plan_once() */
	bool in_order;  /* db_pool_in_order() */
	bool desk;      /* db_pool_desk() */
	bool hurry;     /* db_hurry() */
	int64_t who, told; /* db_as(); as the server knows it */
	bool in_tx;
	const char *sent; /* name of the statement under way, or NULL */
	bool large; /* moved more than DB_BUFFER_KEEP */
	unsigned trips; /* db_trips() */
	struct db_answered ahead[DB_AHEAD_MAX];
	size_t ahead_n;
	bool prepared[Q_COUNT];
};

void db_init(struct db *db, const struct conf *c, const char *name);
void db_disconnect(struct db *db);
/* Connects when there is no live connection. */
bool db_ensure(struct db *db, GError **err);
/* Tells the server who asks (db_as()); outside a transaction, whose end might
 * take it back. */
bool db_become(struct db *db, GError **err);
/* Text without parameters: BEGIN, COMMIT, SET, migrations. */
bool db_plain(struct db *db, const char *sql, GError **err);
/* res may be NULL; always returns false. */
bool db_fault(struct db *db, const PGresult *res, const char *what,
    bool committing, bool reading, GError **err);

/* ---- answer.c: libpq's calls with a deadline, statement_timeout and a grace.
 * Past it the connection is CONNECTION_BAD. */
/* Everything sent is written. */
bool db_flush(struct db *db);
/* The next result of what was sent, NULL behind the last. */
PGresult *db_next(struct db *db);
/* Of a PQsend...(), whose return value sent is: the last result, or NULL
 * when there is none because of a failure. */
PGresult *db_answer(struct db *db, int sent);

/* Connected, and known for whom. */
bool db_ready(struct db *db);

/* The arguments of one statement; values live in the arena they were made
 * in, or where the caller's are. */
struct params {
	size_t n;
	const char *values[DB_ARGS_MAX];
	int lengths[DB_ARGS_MAX];
	int formats[DB_ARGS_MAX];
	size_t bytes;
};
void params_fill(struct arena *a, struct params *p, struct db_args args);
/* Appends argument i of each of the n rows as one array. */
void params_column(struct arena *a, struct params *p,
    const struct db_args *rows, size_t n, size_t i);

/* PQsendQuery...() of a query that is prepared, or planned at each run. */
int db_send_query(struct db *db, enum db_query q, const struct params *p,
    int binary);

/* ---- ahead.c */
/* The answer, if this was asked ahead; the caller's to clear. */
PGresult *db_ahead_take(struct db *db, enum db_query q,
    const struct params *p, int binary);
void db_ahead_forget(struct db *db);

enum { ROWS_FIELDS_MAX = 64 };

/* The field of each column, looked up once for all rows.  FAULT_BUG when
 * one has none. */
bool rows_map(const PGresult *res, const struct desc *d,
    const struct desc_field **map, GError **err);
/* Fills out from row of res.  FAULT_BUG when a column does not fit. */
bool rows_read(struct arena *a, const PGresult *res, int row,
    const struct desc *d, const struct desc_field *const *map, void *out,
    GError **err);

#endif
