/*
 * PostgreSQL.  The only folder that includes libpq.
 *
 * Queries are named in sql/query/<module>.sql and become the enum values
 * Q_<NAME>, so a misspelt query does not compile.  Rows land in structs by
 * descriptor (base/desc.h): each column must be a field of the descriptor
 * (a column the struct lacks, or one of another kind, is a bug that the
 * SQL test finds).
 *
 * Owner:   main makes one pool; a thread takes a connection, uses it and
 *          puts it back.  A connection serves one thread at a time.
 * Failure: SQLSTATE -> fault: 23505 and 23P01 and other class 23 CONFLICT
 *          (23514 CHECK and raise_exception P0001 are INPUT), 40001 40P01
 *          55P03 57014 53xxx and a lost connection before COMMIT BUSY, a
 *          connection lost during COMMIT UNSURE, all else BUG.  A lost
 *          connection is reopened by the next use.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/base.h"
#include "base/desc.h"

#include "queries.h" /* generated from sql/query: enum db_query, Q_... */

struct db;
struct db_pool;
struct conf;

/* name shows in pg_stat_activity.  No connection is opened yet. */
struct db_pool *db_pool_new(const struct conf *c, const char *name,
    unsigned size);
void db_pool_free(struct db_pool *p);
/* Before the first use: each statement of this pool is planned once a
 * connection, with no look at its arguments and by indexes even while the
 * tables are small.  Right for few statements of many joins that run all
 * day: the server would plan intake's again at every message, which costs
 * ten times what running it does, and a plan made on empty tables must not
 * stay when they are full. */
void db_pool_plan_once(struct db_pool *p);
/* Before the first use: a LIMIT of an ordered index is read from its start
 * and not collected and sorted as a whole.  For queues: a million rows may
 * wait, a claim takes 500, and the statistics know of neither. */
void db_pool_in_order(struct db_pool *p);
/* Waits for a free connection; never NULL.  Opening it may fail later, in
 * the first query, as BUSY. */
struct db *db_take(struct db_pool *p);
void db_put(struct db *db);
/* A connection of one's own, outside any pool (tools, LISTEN). */
struct db *db_open(const struct conf *c, const char *name);
void db_close(struct db *db);

/*
 * Before the first use: what is read is what one person may see.  Each table
 * that knows tickets is a view then, which leaves out the restricted tickets
 * of others (sql/0034_restricted.sql); writing goes through it, too, so that
 * what is hidden is found by nobody's act.  All that answers people is such
 * a connection; intake, senders, timers and tools read the tables.
 */
void db_pool_desk(struct db_pool *p);
void db_desk(struct db *db);
/* For whom, from the next query on: a principal's id, or one of these.  Not
 * inside a transaction.  The server is told when it was another before.  A
 * connection that was just taken or opened is nobody's. */
enum {
	DB_NOBODY = 0,   /* sees no restricted ticket */
	DB_HOUSE = -1,   /* sees all: where that is right, a comment says why */
	DB_ANYBODY = -2, /* whoever it was last: for what is about no ticket,
			  * and saves telling the server */
};
void db_as(struct db *db, int64_t who);
/* For this transaction only, on a connection that sees all: what a person
 * asked for and somebody else carries out. */
bool db_as_within(struct db *db, int64_t who, GError **err);
/* One that served the same person last, when there is one. */
struct db *db_take_as(struct db_pool *p, int64_t who);

/* Arguments of a query, by kind. */
struct db_arg {
	enum { DB_A_NULL, DB_A_INT, DB_A_TEXT, DB_A_BOOL, DB_A_TIME,
		DB_A_BYTES, DB_A_TEXTS } kind;
	int64_t n;
	const char *text;
	const void *bytes;
	size_t len;
	const char *const *texts;
};
#define DB_INT(v)      ((struct db_arg){.kind = DB_A_INT, .n = (v)})
#define DB_TEXT(v)     ((struct db_arg){.kind = DB_A_TEXT, .text = (v)})
#define DB_BOOL(v)     ((struct db_arg){.kind = DB_A_BOOL, .n = (v)})
#define DB_TIME(v)     ((struct db_arg){.kind = DB_A_TIME, .n = (v)})
/* 0: NULL */
#define DB_TIME_OR_NULL(v) DB_TIME((v) != 0 ? (v) : DESC_NULL)
#define DB_BYTES(p, l) ((struct db_arg){.kind = DB_A_BYTES, .bytes = (p), .len = (l)})
/* text[]; ended by NULL */
#define DB_TEXTS(v)    ((struct db_arg){.kind = DB_A_TEXTS, .texts = (v)})
/* NULL texts and DESC_NULL numbers are sent as NULL. */
#define DB_NULL        ((struct db_arg){.kind = DB_A_NULL})

struct db_args {
	const struct db_arg *v;
	size_t n;
};
/* DB_ARGS(DB_INT(7), DB_TEXT(s)); at most DB_ARGS_MAX; DB_NONE for none */
enum { DB_ARGS_MAX = 64 };
#define DB_ARGS(...)                                                          \
	((struct db_args){(const struct db_arg[]){__VA_ARGS__},               \
	    sizeof((const struct db_arg[]){__VA_ARGS__}) /                    \
		sizeof(struct db_arg)})
#define DB_NONE ((struct db_args){NULL, 0})

/* :exec - no rows wanted; n (may be NULL) gets the number of rows hit. */
bool db_exec(struct db *db, enum db_query q, struct db_args args, int64_t *n,
    GError **err);
/* :one - exactly one row; none is FAULT_ABSENT.  What has no column stays in
 * out as it is, here and below, so its owner begins with an empty one
 * (tests/lint/empty.awk). */
bool db_one(struct db *db, struct arena *a, enum db_query q,
    struct db_args args, const struct desc *d, void *out, GError **err);
/* :opt - one row or none, told in *found. */
bool db_opt(struct db *db, struct arena *a, enum db_query q,
    struct db_args args, const struct desc *d, void *out, bool *found,
    GError **err);
/* :many - all rows.  Every such query has a LIMIT. */
bool db_list(struct db *db, struct arena *a, enum db_query q,
    struct db_args args, const struct desc *d, struct list *out,
    GError **err);
/* :many - one statement for several rows of arguments.  `common` come first
 * and as they are; each argument of the rows behind them is sent as an array
 * with one element a row, so the statement says ($3::text[])[n], and casts:
 * an element is bytea for DB_BYTES and text for all else (DB_TEXTS: an array
 * literal).  The rows have the same length and kinds; n <= DB_EACH_MAX. */
enum { DB_EACH_MAX = 16 };
bool db_each(struct db *db, struct arena *a, enum db_query q,
    struct db_args common, const struct db_args *rows, size_t n,
    const struct desc *d, struct list *out, GError **err);
/* :bytes - bytea in the first column of each row, handed to sink in order;
 * sink returns false to stop.  No row is FAULT_ABSENT. */
bool db_bytes(struct db *db, enum db_query q, struct db_args args,
    bool (*sink)(void *ctx, const void *p, size_t len), void *ctx,
    GError **err);

/*
 * Many questions in one round trip: their answers wait here, each until its
 * query is run with the same arguments, which then asks nobody.  For readers
 * of much, who know from the start what they will want: the code that reads
 * stays as it is, and a question that is missing here or never comes costs
 * time only.  So does a failure: each is then asked by itself, and fails by
 * itself.  Only for queries that read (SELECT, not :exec), and whose plan need
 * not look at the arguments: it is made once a connection, whatever it costs
 * (the server would make some again each time, which takes longer than many a
 * page may).
 *
 * An answer is of the moment of db_ahead(): what changes the database in
 * between, and needs to see it, is no such reader.  What waits is dropped by
 * the next db_ahead(), :exec, transaction, or db_put().
 */
struct db_ask {
	enum db_query q;
	struct db_args args;
};
enum { DB_AHEAD_MAX = 40 };
void db_ahead(struct db *db, const struct db_ask *asks, size_t n);
/* How often the server was asked and waited for since db_take(). */
unsigned db_trips(const struct db *db);

/* One statement on its way while the caller does something else; nothing
 * else may use db until db_collect().  What was sent is carried out even if
 * this process is killed the moment after.  A failed send needs no collect. */
bool db_send(struct db *db, enum db_query q, struct db_args args,
    GError **err);
bool db_collect(struct db *db, int64_t *n, GError **err);

/* BEGIN, fn, COMMIT; fn is run again (at most 3 times in all) when it or
 * the COMMIT failed with BUSY, so fn must not touch anything but the
 * database and what it resets itself.  Any failure rolls back. */
bool db_tx(struct db *db, bool (*fn)(struct db *db, void *ctx, GError **err),
    void *ctx, GError **err);
bool db_in_tx(const struct db *db);
/* Within a transaction: fn, whose doing is rolled back when it fails while
 * the transaction goes on (a savepoint).  After BUSY, UNSURE and BUG it
 * cannot: the caller must fail too. */
bool db_part(struct db *db, bool (*fn)(struct db *db, void *ctx, GError **err),
    void *ctx, GError **err);
/* A statement may take so long (ms; 0: for ever), on both sides: for this
 * transaction, or without one for the connection from now on.  For what goes
 * over everything and nobody waits for with a page. */
bool db_patient(struct db *db, int64_t ms, GError **err);
/* Until db_put(): transactions wait but a moment for rows that others hold, for
 * they waited long before they came to their turn. */
void db_hurry(struct db *db);
/* For this transaction only: a lost verdict is repeated, a lost report is
 * not, so only the ledger of deliveries may ask for it. */
bool db_async_commit(struct db *db, GError **err);

/* LISTEN on a connection of one's own, then wait for a notice.  *got is
 * false when the time ran out.  channel and payload live in the arena. */
bool db_listen(struct db *db, const char *channel, GError **err);
bool db_wait(struct db *db, struct arena *a, int timeout_ms, bool *got,
    const char **channel, const char **payload, GError **err);

/* Text of a query and its name, for logs and the SQL test. */
const char *db_query_name(enum db_query q);
const char *db_query_sql(enum db_query q);

#endif
