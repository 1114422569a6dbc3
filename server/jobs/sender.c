/* Start, stop and the keeper: see sender.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/when.h"
#include "jobs/sender_priv.h"

#include <unistd.h>

bool
sender_stopping(struct sender *s)
{
	bool stop;

	g_mutex_lock(&s->lock);
	stop = s->stop;
	g_mutex_unlock(&s->lock);
	return stop;
}

void
sender_relay_lost(struct sender *s, const GError *why)
{
	int64_t wait;

	g_mutex_lock(&s->lock);
	s->relay_wait = MIN(MAX(s->relay_wait * 2, 1), SENDER_RELAY_WAIT_MAX);
	wait = s->relay_wait;
	s->relay_until = when_ticks() + wait * WHEN_SECOND;
	g_mutex_unlock(&s->lock);
	log_warning("relay.lost", LOG_S("why", why->message),
	    LOG_I("again_s", wait));
}

void
sender_relay_found(struct sender *s)
{
	bool was_lost;

	g_mutex_lock(&s->lock);
	was_lost = s->relay_wait != 0;
	s->relay_wait = s->relay_until = 0;
	g_mutex_unlock(&s->lock);
	if (was_lost)
		log_notice("relay.found");
}

/* False when the sender stops. */
static bool
wait_for_work(struct sender *s, uint64_t *seen)
{
	bool stop;

	g_mutex_lock(&s->lock);
	for (;;) {
		int64_t now = when_ticks();

		if (s->stop)
			break;
		if (now < s->relay_until)
			g_cond_wait_until(&s->changed, &s->lock,
			    g_get_monotonic_time() + s->relay_until - now);
		else if (*seen == s->wake)
			g_cond_wait(&s->changed, &s->lock);
		else
			break;
	}
	*seen = s->wake;
	stop = s->stop;
	g_mutex_unlock(&s->lock);
	return !stop;
}

/* Everybody's fair part of what waits. */
static bool
share(struct worker *w, int64_t *limit, GError **err)
{
	struct sender *s = w->sender;
	int64_t batch = s->site->conf->sender_batch, due;
	struct db *db = db_take(s->pool);
	bool ok = ledger_due(db, batch * s->n, &due, err);

	db_put(db);
	if (!ok)
		return false;
	*limit = due == 0 ? 0 :
	    MIN(batch, MAX((due + s->n - 1) / s->n, SENDER_CLAIM_MIN));
	return true;
}

static gpointer
work(gpointer arg)
{
	struct worker *w = arg;
	struct sender *s = w->sender;
	uint64_t seen = 0;

	while (wait_for_work(s, &seen)) {
		size_t claimed = 0;
		bool lost;

		do {
			g_autoptr(GError) err = NULL;
			int64_t limit;

			claimed = 0;
			if (!share(w, &limit, &err) ||
			    (limit > 0 &&
				!worker_batch(w, limit, &claimed, &err)))
				log_fault("sender.claim", err);
			g_mutex_lock(&s->lock);
			lost = s->relay_until != 0;
			g_mutex_unlock(&s->lock);
		} while (claimed > 0 && !lost && !sender_stopping(s));
		worker_settle(w);
		/* What a lost relay left is looked for again. */
		if (lost)
			seen--;
	}
	g_mutex_lock(&s->lock);
	s->running--;
	g_cond_broadcast(&s->changed);
	g_mutex_unlock(&s->lock);
	return NULL;
}

/* -- the keeper -- */

static void
wake(struct sender *s)
{
	g_mutex_lock(&s->lock);
	s->wake++;
	g_cond_broadcast(&s->changed);
	g_mutex_unlock(&s->lock);
}

/* A relay that takes its time with one message must not keep the verdicts
 * before it from the record. */
static bool
flush_old(struct sender *s, struct db *db, GError **err)
{
	int64_t limit = when_ticks() - LEDGER_FLUSH_MS * 1000;
	bool ok = true;

	for (unsigned i = 0; i < s->n && ok; i++) {
		struct worker *w = &s->workers[i];

		if (!g_mutex_trylock(&w->lock))
			continue;
		if (w->pending->len > 0 && w->oldest < limit)
			ok = worker_flush(w, db, err);
		g_mutex_unlock(&w->lock);
	}
	return ok;
}

static bool
any_busy(struct sender *s)
{
	bool busy = false;

	for (unsigned i = 0; i < s->n && !busy; i++) {
		g_mutex_lock(&s->workers[i].lock);
		busy = s->workers[i].by[0] != '\0';
		g_mutex_unlock(&s->workers[i].lock);
	}
	return busy;
}

static bool
renew_all(struct sender *s, struct db *db, GError **err)
{
	ARENA_AUTO(a, "renew");
	const char **by = ARENA_ARRAY(a, const char *, s->n + 1);
	size_t n = 0;

	for (unsigned i = 0; i < s->n; i++) {
		struct worker *w = &s->workers[i];

		g_mutex_lock(&w->lock);
		if (w->by[0] != '\0')
			by[n++] = arena_strdup(a, w->by);
		g_mutex_unlock(&w->lock);
	}
	return n == 0 || ledger_renew(db, s->site, by, err);
}

/* Waits for a notice or the time; both are a reason to look. */
static void
listen(struct sender *s, bool *listening, int timeout_ms)
{
	ARENA_AUTO(a, "listen");
	g_autoptr(GError) err = NULL;
	const char *channel, *payload;
	bool got;

	if (!*listening)
		*listening = db_listen(s->listen, "tocsin_outbox", &err);
	if (*listening &&
	    db_wait(s->listen, a, timeout_ms, &got, &channel, &payload, &err))
		return;
	if (*listening)
		log_fault("sender.listen", err);
	*listening = false;
	g_usleep((gulong)timeout_ms * 1000);
}

static gpointer
keep(gpointer arg)
{
	struct sender *s = arg;
	int64_t lease = s->site->conf->sender_lease * WHEN_SECOND;
	int64_t renewed = when_ticks();
	bool listening = false, away = false;

	while (!sender_stopping(s)) {
		g_autoptr(GError) err = NULL;
		struct db *db = db_take(s->pool);
		int64_t due = 0;
		bool ok;

		ok = flush_old(s, db, &err);
		if (ok && when_ticks() - renewed > lease / 4) {
			renewed = when_ticks();
			ok = renew_all(s, db, &err);
		}
		ok = ok && ledger_due(db, 1, &due, &err);
		db_put(db);
		/* Once: a database that is away fills no log. */
		if (!ok && !away)
			log_fault("sender.keep", err);
		if (ok && away)
			log_notice("sender.back");
		away = !ok;
		if (due > 0)
			wake(s);
		listen(s, &listening,
		    any_busy(s) ? LEDGER_FLUSH_MS : SENDER_POLL_MS);
	}
	return NULL;
}

/* -- life -- */

static void
verdict_clear(gpointer p)
{
	g_free((char *)((struct ledger_verdict *)p)->reply);
}

static void
block_free(gpointer p)
{
	g_string_free(p, TRUE);
}

static void
worker_init(struct worker *w, struct sender *s, unsigned i)
{
	w->sender = s;
	w->index = i;
	g_mutex_init(&w->lock);
	send_line_init(&w->line);
	w->pending = g_array_new(FALSE, FALSE, sizeof(struct ledger_verdict));
	g_array_set_clear_func(w->pending, verdict_clear);
	w->flight = g_array_new(FALSE, FALSE, sizeof(struct ledger_verdict));
	g_array_set_clear_func(w->flight, verdict_clear);
	w->scribe = db_take(s->scribes);
	w->untried = g_array_new(FALSE, FALSE, sizeof(int64_t));
	w->body = g_byte_array_new();
	w->list_blocks =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, block_free);
}

static void
worker_clear(struct worker *w)
{
	g_array_unref(w->pending);
	g_array_unref(w->untried);
	g_array_unref(w->flight);
	db_put(w->scribe);
	g_byte_array_unref(w->body);
	g_hash_table_unref(w->list_blocks);
	send_line_clear(&w->line);
	g_mutex_clear(&w->lock);
}

static char *
process_name(void)
{
	char host[64] = "host";

	(void)gethostname(host, sizeof(host) - 1);
	/* A process number comes again; with its start it does not. */
	return g_strdup_printf("%s:%d:%" PRId64, host, (int)getpid(),
	    when_now());
}

bool
sender_start(const struct site *site, struct sender **out, GError **err)
{
	struct send *send;
	struct sender *s;

	if (!send_init(site->conf, &send, err))
		return false;
	s = g_new0(struct sender, 1);
	s->site = site;
	s->send = send;
	s->n = (unsigned)site->conf->sender_sessions;
	s->name = process_name();
	/* A connection for each worker's batch, one to look with, one for
	 * the keeper. */
	s->pool = db_pool_new(site->conf, "tocsin sender", s->n + 2);
	db_pool_plan_once(s->pool);
	db_pool_in_order(s->pool);
	s->scribes = db_pool_new(site->conf, "tocsin sender verdicts", s->n);
	db_pool_plan_once(s->scribes);
	s->listen = db_open(site->conf, "tocsin sender listen");
	g_mutex_init(&s->lock);
	g_cond_init(&s->changed);
	s->workers = g_new0(struct worker, s->n);
	s->running = s->n;
	for (unsigned i = 0; i < s->n; i++)
		worker_init(&s->workers[i], s, i);
	for (unsigned i = 0; i < s->n; i++)
		s->workers[i].thread =
		    g_thread_new("sender", work, &s->workers[i]);
	s->keeper = g_thread_new("sender-keep", keep, s);
	*out = s;
	return true;
}

void
sender_stop(struct sender *s)
{
	int64_t end;

	if (s == NULL)
		return;
	end = g_get_monotonic_time() + SENDER_GRACE_MS * 1000;
	g_mutex_lock(&s->lock);
	s->stop = true;
	g_cond_broadcast(&s->changed);
	while (s->running > 0)
		if (!g_cond_wait_until(&s->changed, &s->lock, end))
			break;
	g_mutex_unlock(&s->lock);
	/* A relay that does not answer gets no more time. */
	for (unsigned i = 0; i < s->n; i++)
		send_cut(&s->workers[i].line);
	for (unsigned i = 0; i < s->n; i++)
		g_thread_join(s->workers[i].thread);
	g_thread_join(s->keeper);
	for (unsigned i = 0; i < s->n; i++)
		worker_clear(&s->workers[i]);
	g_free(s->workers);
	db_close(s->listen);
	db_pool_free(s->pool);
	db_pool_free(s->scribes);
	send_free(s->send);
	g_mutex_clear(&s->lock);
	g_cond_clear(&s->changed);
	g_free(s->name);
	g_free(s);
}
