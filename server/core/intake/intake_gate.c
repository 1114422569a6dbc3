/* See intake_gate.h. */
#include "base/base.h"
#include "core/feed/feed.h"
#include "core/intake/intake_gate.h"

#include <pthread.h>

/* A thread that waits, on its own stack; its message is the item's. */
struct guest {
	struct intake_item item;
	size_t len;
	bool taken, done;
	pthread_cond_t called;
	struct guest *next;
};

/* pthread's own locks, not GLib's: ThreadSanitizer knows them. */
struct intake_gate {
	const struct site *site;
	struct db_pool *dbs;
	pthread_mutex_t lock;
	struct guest *first, **last;
	unsigned places; /* free ones */
};

struct intake_gate *
intake_gate_new(const struct site *s, struct db_pool *dbs, unsigned places)
{
	struct intake_gate *g = g_new0(struct intake_gate, 1);

	g->site = s;
	g->dbs = dbs;
	g->places = places;
	g->last = &g->first;
	pthread_mutex_init(&g->lock, NULL);
	return g;
}

void
intake_gate_free(struct intake_gate *g)
{
	if (g == NULL)
		return;
	g_assert(g->first == NULL);
	pthread_mutex_destroy(&g->lock);
	g_free(g);
}

static bool
same_digest(const struct guest *x, struct guest *const *taken, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (x->item.in == NULL || taken[i]->item.in == NULL ||
		    strcmp(x->item.in->digest, taken[i]->item.in->digest) == 0)
			return true;
	return false;
}

/* The first who waits and those behind it who fit. */
static size_t
take(struct intake_gate *g, struct guest **taken)
{
	size_t n = 0, bytes = 0;

	for (struct guest **at = &g->first; *at != NULL;) {
		struct guest *x = *at;

		if (n > 0 && (n == INTAKE_TOGETHER_MAX ||
			bytes + x->len > INTAKE_GATE_BYTES ||
			same_digest(x, taken, n))) {
			at = &x->next;
			continue;
		}
		*at = x->next;
		x->taken = true;
		taken[n++] = x;
		bytes += x->len;
	}
	g->last = &g->first;
	while (*g->last != NULL)
		g->last = &(*g->last)->next;
	return n;
}

/* One turn at a place that is free; called and left with the lock held. */
static void
turn(struct intake_gate *g)
{
	struct guest *taken[INTAKE_TOGETHER_MAX];
	struct intake_item *items[INTAKE_TOGETHER_MAX];
	size_t n = take(g, taken);
	struct db *db;

	g->places--;
	pthread_mutex_unlock(&g->lock);
	for (size_t i = 0; i < n; i++)
		items[i] = &taken[i]->item;
	db = db_take(g->dbs);
	intake_mails(db, g->site, items, n);
	db_put(db);
	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < n; i++) {
		taken[i]->done = true;
		pthread_cond_signal(&taken[i]->called);
	}
	g->places++;
	/* It goes, unless a newcomer takes it along first. */
	if (g->first != NULL)
		pthread_cond_signal(&g->first->called);
}

bool
intake_gate_mail(struct intake_gate *g, struct arena *a,
    const struct smtp_envelope *env, struct blob *body,
    const struct inspection *in, const char *how, struct intake_result *out,
    GError **err)
{
	struct guest me = {
	    .item = {.a = a, .env = env, .body = body, .in = in, .how = how},
	    .len = blob_len(body),
	};

	/* (Ten thousand rows of a feed are small in a ZIP.) */
	if (me.len > INTAKE_GATE_BYTES ||
	    (in != NULL && feed_is(g->site, in))) {
		struct db *db = db_take(g->dbs);
		bool ok = intake_mail(db, g->site, a, env, body, in, how, out,
		    err);

		db_put(db);
		return ok;
	}
	pthread_cond_init(&me.called, NULL);
	pthread_mutex_lock(&g->lock);
	*g->last = &me;
	g->last = &me.next;
	while (!me.done)
		if (!me.taken && g->places > 0)
			turn(g);
		else
			pthread_cond_wait(&me.called, &g->lock);
	pthread_mutex_unlock(&g->lock);
	pthread_cond_destroy(&me.called);
	if (me.item.err != NULL) {
		g_propagate_error(err, me.item.err);
		return false;
	}
	*out = me.item.out;
	return true;
}
