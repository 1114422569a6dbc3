/* Connections: the pool, one's own, and LISTEN.  See db.h. */
#include "base/base.h"
#include "base/conf.h"
#include "base/when.h"
#include "db/priv.h"

#include <poll.h>

struct db_pool {
	GMutex lock;
	GCond freed;
	struct db *all, *free;
	unsigned size;
};

struct db_pool *
db_pool_new(const struct conf *c, const char *name, unsigned size)
{
	struct db_pool *p = g_new0(struct db_pool, 1);

	g_mutex_init(&p->lock);
	g_cond_init(&p->freed);
	p->size = size;
	p->all = g_new0(struct db, size);
	for (unsigned i = 0; i < size; i++) {
		db_init(&p->all[i], c, name);
		p->all[i].pool = p;
		p->all[i].next = p->free;
		p->free = &p->all[i];
	}
	return p;
}

void
db_pool_plan_once(struct db_pool *p)
{
	for (unsigned i = 0; i < p->size; i++)
		p->all[i].plan_once = true;
}

void
db_pool_in_order(struct db_pool *p)
{
	for (unsigned i = 0; i < p->size; i++)
		p->all[i].in_order = true;
}

void
db_pool_desk(struct db_pool *p)
{
	for (unsigned i = 0; i < p->size; i++)
		p->all[i].desk = true;
}

void
db_desk(struct db *db)
{
	db->desk = true;
}

void
db_as(struct db *db, int64_t who)
{
	g_assert(!db->in_tx);
	db_ahead_forget(db);
	db->who = who == DB_ANYBODY ? db->told : who;
}

void
db_pool_free(struct db_pool *p)
{
	if (p == NULL)
		return;
	for (unsigned i = 0; i < p->size; i++)
		db_disconnect(&p->all[i]);
	g_free(p->all);
	g_mutex_clear(&p->lock);
	g_cond_clear(&p->freed);
	g_free(p);
}

struct db *
db_take_as(struct db_pool *p, int64_t who)
{
	struct db **at, *db;

	g_mutex_lock(&p->lock);
	while (p->free == NULL)
		g_cond_wait(&p->freed, &p->lock);
	for (at = &p->free; (*at)->told != who && (*at)->next != NULL;)
		at = &(*at)->next;
	if ((*at)->told != who)
		at = &p->free;
	db = *at;
	*at = db->next;
	g_mutex_unlock(&p->lock);
	db_as(db, who);
	db->trips = 0;
	return db;
}

struct db *
db_take(struct db_pool *p)
{
	return db_take_as(p, DB_NOBODY);
}

void
db_put(struct db *db)
{
	struct db_pool *p = db->pool;

	g_assert(!db->in_tx);
	db_ahead_forget(db);
	if (db->large)
		db_disconnect(db);
	db->who = DB_NOBODY;
	db->hurry = false;
	g_mutex_lock(&p->lock);
	/* Last in, first out: few connections stay warm. */
	db->next = p->free;
	p->free = db;
	g_cond_signal(&p->freed);
	g_mutex_unlock(&p->lock);
}

struct db *
db_open(const struct conf *c, const char *name)
{
	struct db *db = g_new0(struct db, 1);

	db_init(db, c, name);
	return db;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	g_assert(db->pool == NULL);
	db_disconnect(db);
	g_free(db);
}

bool
db_listen(struct db *db, const char *channel, GError **err)
{
	g_autofree char *sql = g_strdup_printf("LISTEN %s", channel);

	return db_ensure(db, err) && db_plain(db, sql, err);
}

bool
db_wait(struct db *db, struct arena *a, int timeout_ms, bool *got,
    const char **channel, const char **payload, GError **err)
{
	int64_t end = when_ticks() + (int64_t)timeout_ms * 1000;

	for (;;) {
		struct pollfd p;
		PGnotify *n;
		int64_t left;

		if (db->pg == NULL || PQconsumeInput(db->pg) == 0) {
			db_disconnect(db);
			return fault_set(err, FAULT_BUSY,
			    "The connection to the database broke off.");
		}
		n = PQnotifies(db->pg);
		if (n != NULL) {
			*channel = arena_strdup(a, n->relname);
			*payload = arena_strdup(a, n->extra);
			PQfreemem(n);
			*got = true;
			return true;
		}
		left = (end - when_ticks()) / 1000;
		if (left <= 0) {
			*got = false;
			return true;
		}
		p = (struct pollfd){.fd = PQsocket(db->pg), .events = POLLIN};
		(void)poll(&p, 1, (int)left);
	}
}
