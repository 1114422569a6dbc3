/* The ledger on a real PostgreSQL, and the steps of a sender, each of which has
 * to succeed.  One program, one cluster. */
#ifndef TESTS_UNIT_LEDGER_H
#define TESTS_UNIT_LEDGER_H

#include "base/base.h"
#include "base/when.h"
#include "core/outgoing/address.h"
#include "core/outgoing/bounce.h"
#include "core/outgoing/ledger.h"
#include "core/outgoing/outbox.h"
#include "pg.h"

static struct pg pg;
static struct arena *arena;
static struct conf conf;
static struct site site;
static struct db *db;

static inline int
setup(void **state)
{
	const struct conf *c;

	(void)state;
	arena = arena_new("test");
	secret_init();
	if (!pg_start(&pg) || !conf_load(arena, NULL, &c, NULL))
		return -1;
	conf = *c;
	conf.database_uri = pg.uri;
	site.conf = &conf;
	memset(site.key.bytes, 7, sizeof(site.key.bytes));
	db = db_open(&conf, "test");
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	db_close(db);
	pg_stop(&pg);
	arena_free(arena);
	return 0;
}

struct queue {
	const char *const *to;
	int64_t message;
};

static inline bool
queue_tx(struct db *d, void *ctx, GError **err)
{
	struct queue *q = ctx;
	struct outbox_mail m = {.purpose = "reply", .to = q->to,
	    .subject = "Hello", .text = "text\n"};

	return outbox_queue(d, &site, &m, &q->message, err);
}

static inline int64_t
queue(const char *const *to)
{
	g_autoptr(GError) err = NULL;
	struct queue q = {to, 0};

	if (!db_tx(db, queue_tx, &q, &err))
		fail_msg("%s", err->message);
	return q.message;
}

static inline void
clear(void)
{
	pg_run(&pg, "DELETE FROM delivery");
	conf.sender_lease = 60;
	conf.sender_unsure = "resend";
}

static inline size_t
claim(const char *by, int64_t limit, struct list *rows)
{
	g_autoptr(GError) err = NULL;

	if (!ledger_claim(db, arena, &site, by, limit, rows, &err))
		fail_msg("%s", err->message);
	return rows->n;
}

static inline bool
hand(const char *by, int64_t id)
{
	g_autoptr(GError) err = NULL;
	bool granted = false;

	if (!ledger_hand(db, by, &id, 1, &granted, &err))
		fail_msg("%s", err->message);
	return granted;
}

static inline void
judge(const char *by, int64_t id, enum ledger_outcome o, int code,
    int64_t delay)
{
	g_autoptr(GError) err = NULL;
	struct ledger_verdict v = {id, o, code, delay, "as told"};

	if (!ledger_verdicts(db, &site, by, &v, 1, &err))
		fail_msg("%s", err->message);
}

static inline void
sweep(void)
{
	g_autoptr(GError) err = NULL;
	int64_t n;

	pg_run(&pg, "UPDATE delivery SET lease = now() - interval '1 second' "
		    "WHERE lease IS NOT NULL");
	if (!ledger_sweep(db, &site, &n, &err))
		fail_msg("%s", err->message);
}

static const char *const one[] = {"a@x.example", NULL};

#endif
