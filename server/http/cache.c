/* See cache.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/when.h"
#include "db/db.h"
#include "http/cache.h"
#include "http/priv.h"

struct entry {
	char *uri;
	struct ready *ready;
	uint64_t generation;
	GList link; /* in order of use, newest first */
};

struct cache {
	GMutex lock;
	GHashTable *by_uri; /* char * of the entry -> struct entry */
	GQueue used;
	size_t bytes;
	uint64_t generation;
	gint away; /* the listener has no connection */
	gint stop;
	const struct conf *conf;
	GThread *listener;
	uint64_t hits, misses;
};

static void
drop(struct cache *k, struct entry *e)
{
	g_hash_table_remove(k->by_uri, e->uri);
	g_queue_unlink(&k->used, &e->link);
	k->bytes -= ready_size(e->ready);
	ready_unref(e->ready);
	g_free(e->uri);
	g_free(e);
}

struct ready *
cache_find(struct cache *k, const char *uri, struct ready **stale,
    uint64_t *generation)
{
	struct ready *hit = NULL;
	struct entry *e;

	*stale = NULL;
	g_mutex_lock(&k->lock);
	*generation = k->generation;
	e = g_hash_table_lookup(k->by_uri, uri);
	if (e != NULL) {
		if (k->used.head != &e->link) {
			g_queue_unlink(&k->used, &e->link);
			g_queue_push_head_link(&k->used, &e->link);
		}
		if (e->generation == k->generation ||
		    g_atomic_int_get(&k->away)) {
			hit = ready_ref(e->ready);
			k->hits++;
		} else {
			*stale = ready_ref(e->ready);
		}
	}
	g_mutex_unlock(&k->lock);
	return hit;
}

void
cache_store(struct cache *k, const char *uri, struct ready *r,
    uint64_t generation)
{
	struct entry *e;

	if (strlen(uri) > CACHE_KEY_MAX || ready_size(r) > CACHE_BYTES / 4)
		return;
	g_mutex_lock(&k->lock);
	k->misses++;
	e = g_hash_table_lookup(k->by_uri, uri);
	if (e != NULL && e->generation > generation) {
		/* A slower thread with an older view of the world. */
		g_mutex_unlock(&k->lock);
		return;
	}
	if (e != NULL)
		drop(k, e);
	e = g_new0(struct entry, 1);
	e->uri = g_strdup(uri);
	e->ready = ready_ref(r);
	e->generation = generation;
	e->link.data = e;
	g_hash_table_insert(k->by_uri, e->uri, e);
	g_queue_push_head_link(&k->used, &e->link);
	k->bytes += ready_size(r);
	while (k->used.length > CACHE_ENTRIES || k->bytes > CACHE_BYTES)
		drop(k, k->used.tail->data);
	g_mutex_unlock(&k->lock);
}

void
cache_bump(struct cache *k)
{
	g_mutex_lock(&k->lock);
	k->generation++;
	g_mutex_unlock(&k->lock);
}

static void
cache_wait(struct cache *k, int ms)
{
	for (; ms > 0 && !g_atomic_int_get(&k->stop); ms -= 100)
		g_usleep(100 * 1000);
}

/* Waits for notices until the connection breaks or the server stops. */
static void
listen_once(struct cache *k)
{
	/* sees all: and only listens. */
	struct db *db = db_open(k->conf, "tocsin cache");
	g_autoptr(GError) err = NULL;

	if (!db_listen(db, "tocsin_public", &err)) {
		if (!g_atomic_int_get(&k->away))
			log_fault("http.database_away", err);
		g_atomic_int_set(&k->away, 1);
		db_close(db);
		return;
	}
	/* What happened while nobody listened is unknown. */
	cache_bump(k);
	if (g_atomic_int_get(&k->away))
		log_notice("http.database_back");
	g_atomic_int_set(&k->away, 0);
	while (!g_atomic_int_get(&k->stop)) {
		ARENA_AUTO(a, "cache notice");
		const char *channel, *payload;
		bool got;

		if (!db_wait(db, a, CACHE_WAIT_MS, &got, &channel, &payload,
			&err)) {
			g_atomic_int_set(&k->away, 1);
			log_fault("http.database_away", err);
			break;
		}
		if (got)
			cache_bump(k);
	}
	db_close(db);
}

static void *
listener(void *ctx)
{
	struct cache *k = ctx;

	while (!g_atomic_int_get(&k->stop)) {
		listen_once(k);
		cache_wait(k, CACHE_AWAY_MS);
	}
	return NULL;
}

struct cache *
cache_new(const struct conf *c)
{
	struct cache *k = g_new0(struct cache, 1);

	g_mutex_init(&k->lock);
	k->by_uri = g_hash_table_new(g_str_hash, g_str_equal);
	g_queue_init(&k->used);
	k->generation = 1;
	k->conf = c;
	/* Until the listener is there nothing is known to be fresh, so pages
	 * are rendered; only a failure makes it `away`. */
	k->listener = g_thread_new("cache", listener, k);
	return k;
}

void
cache_free(struct cache *k)
{
	if (k == NULL)
		return;
	g_atomic_int_set(&k->stop, 1);
	g_thread_join(k->listener);
	log_info("http.cache", LOG_I("hits", (int64_t)k->hits),
	    LOG_I("rendered", (int64_t)k->misses));
	while (k->used.head != NULL)
		drop(k, k->used.head->data);
	g_hash_table_destroy(k->by_uri);
	g_mutex_clear(&k->lock);
	g_free(k);
}
