/*
 * The one thread that has news for all listeners.  See live.h.
 *
 * Numbers of the trail are drawn before they are committed: a row may come
 * behind a later one.  Numbers that were left out are remembered (gaps) and
 * asked for again, so nothing is passed over; a rollback leaves a gap that
 * never fills and is forgotten after LIVE_GAP_S.
 */
#include "base/base.h"
#include "base/conf.h"
#include "base/json.h"
#include "base/log.h"
#include "base/when.h"
#include "core/ticket/presence.h"
#include "http/live/live_priv.h"

#include <poll.h>

enum { AWAY_MS = 2000, LIVE_BEFORE = 200 };

struct gap {
	int64_t id, since; /* when_ticks() */
};

struct watch {
	struct live *l;
	struct db *db;
	int64_t last;     /* row of the trail that was seen; -1: none yet */
	GArray *gaps;     /* of struct gap, by age */
	int64_t look_at, check_at, tick_at;
	bool away;        /* and it was said */
	bool here;        /* somebody came or left */
};

/* --- words on the wire ------------------------------------------------- */

static void
begin(GString *s, const char *event, int64_t id)
{
	g_string_truncate(s, 0);
	g_string_append_printf(s, "event: %s\nid: %" PRId64 "\ndata: ", event,
	    id);
}

/* The lock is held. */
static void
put_queue(struct listener *s, GString *tmp, int64_t id, int64_t changes)
{
	begin(tmp, "queue", id);
	g_string_append_printf(tmp, "{\"changes\":%" PRId64 "}\n\n", changes);
	live_put(s, tmp->str, tmp->len);
}

static void
put_ticket(struct listener *s, GString *tmp, const struct news_ticket *n)
{
	struct json_out w;

	if (!news_heard_by(&s->who, n->readers)) {
		/* It was restricted: who comes again finds nothing there. */
		live_end(s, false);
		return;
	}
	begin(tmp, "ticket", n->id);
	w = json_out(tmp);
	json_put_struct(&w, &desc_news_ticket, n);
	g_string_append(tmp, "\n\n");
	live_put(s, tmp->str, tmp->len);
	s->version = MAX(s->version, n->version);
}

/* --- who has just come -------------------------------------------------- */

struct late {
	uint64_t serial;
	int64_t principal, since, ticket, version;
	int64_t changes;          /* the answer */
	bool known;
	bool gone;                /* and he may not see it any more */
	struct news_ticket news;
};

/* Of those who are fresh, oldest first: struct late. */
static GPtrArray *
latecomers(struct live *l, struct arena *a)
{
	GPtrArray *who = arena_ptr_array(a);

	g_mutex_lock(&l->lock);
	for (GList *p = l->all.head; p != NULL; p = p->next) {
		const struct listener *s = p->data;
		struct late *t;

		if (!s->fresh)
			continue;
		t = ARENA_NEW(a, struct late);
		*t = (struct late){.serial = s->serial,
			.principal = s->who.id, .since = s->since,
			.ticket = s->ticket, .version = s->version};
		g_ptr_array_add(who, t);
	}
	g_mutex_unlock(&l->lock);
	return who;
}

static void
tell_late(struct watch *w, struct listener *s, const struct late *t,
    GString *tmp)
{
	s->fresh = false;
	if (t->gone) {
		live_end(s, false);
		return;
	}
	if (t->changes > 0)
		put_queue(s, tmp, w->last, t->changes);
	if (t->known &&
	    ((t->version > 0 && t->news.version > t->version) ||
		(t->since > 0 && t->news.id > t->since)))
		put_ticket(s, tmp, &t->news);
	if (s->ticket > 0)
		w->here = true;
}

/* Restricted between the check of who came and now? */
static bool
may_stay(struct watch *w, struct late *t, GError **err)
{
	const struct actor who = {.id = t->principal, .role = ROLE_VIEWER};
	g_autoptr(GError) why = NULL;

	if (t->known || news_may_see(w->db, &who, t->ticket, &why))
		return true;
	t->gone = fault_is(why, FAULT_ABSENT);
	if (!t->gone)
		g_propagate_error(err, g_steal_pointer(&why));
	return t->gone;
}

/* What each missed between its page and now.  Only this thread makes news,
 * so nothing comes between the answer and the first look that counts. */
static bool
greet(struct watch *w, GError **err)
{
	ARENA_AUTO(a, "greet");
	GString *tmp = arena_gstring(a);
	GPtrArray *who = latecomers(w->l, a);
	guint i = 0;

	for (guint k = 0; k < who->len; k++) {
		struct late *t = who->pdata[k];

		/* As each of them may see it. */
		db_as(w->db, t->principal);
		if (t->since > 0 && t->since < w->last &&
		    !news_count(w->db, t->since, w->last, t->principal,
			&t->changes, err))
			return false;
		if (t->ticket > 0 &&
		    (!news_of_ticket(w->db, a, t->ticket, &t->known, &t->news,
			err) ||
			!may_stay(w, t, err)))
			return false;
	}
	/* sees all: again, for those who have been told. */
	db_as(w->db, DB_HOUSE);
	if (who->len == 0)
		return true;
	g_mutex_lock(&w->l->lock);
	for (GList *p = w->l->all.head; p != NULL; p = p->next) {
		struct listener *s = p->data;

		/* Some have left since; both lists are by age. */
		while (i < who->len &&
		    ((struct late *)who->pdata[i])->serial < s->serial)
			i++;
		if (i < who->len &&
		    ((struct late *)who->pdata[i])->serial == s->serial)
			tell_late(w, s, who->pdata[i], tmp);
	}
	g_mutex_unlock(&w->l->lock);
	return true;
}

/* --- what is new -------------------------------------------------------- */

static void
note_gaps(struct watch *w, int64_t from, int64_t to)
{
	for (int64_t id = from; id < to; id++) {
		const struct gap g = {id, when_ticks()};

		if (w->gaps->len >= LIVE_GAPS_MAX)
			g_array_remove_range(w->gaps, 0, LIVE_GAPS_MAX / 4);
		g_array_append_val(w->gaps, g);
	}
}

static void
forget_gaps(struct watch *w, const struct list *rows)
{
	int64_t old = when_ticks() - LIVE_GAP_S * WHEN_SECOND;

	for (guint i = w->gaps->len; i-- > 0;) {
		const struct gap *g = &g_array_index(w->gaps, struct gap, i);
		bool gone = g->since < old;

		for (size_t k = 0; !gone && k < rows->n; k++)
			gone = LIST_AT(news_row, *rows, k)->id == g->id;
		if (gone)
			g_array_remove_index(w->gaps, i);
	}
}

static const char *const *
gap_texts(const struct watch *w, struct arena *a)
{
	const char **t = ARENA_ARRAY(a, const char *, w->gaps->len + 1);

	for (guint i = 0; i < w->gaps->len; i++)
		t[i] = arena_printf(a, "%" PRId64,
		    g_array_index(w->gaps, struct gap, i).id);
	return t;
}

/* Tickets that somebody looks at, each once: a set of int64_t. */
static GHashTable *
looked_at(struct live *l)
{
	GHashTable *t = g_hash_table_new_full(g_int64_hash, g_int64_equal,
	    g_free, NULL);

	g_mutex_lock(&l->lock);
	for (GList *p = l->all.head; p != NULL; p = p->next) {
		const struct listener *s = p->data;

		if (s->ticket > 0)
			g_hash_table_add(t, g_memdup2(&s->ticket,
			    sizeof(s->ticket)));
	}
	g_mutex_unlock(&l->lock);
	return t;
}

static bool
tell_ticket(struct watch *w, struct arena *a, int64_t number, GError **err)
{
	GString *tmp = arena_gstring(a);
	struct news_ticket n = {0};
	bool found;

	if (!news_of_ticket(w->db, a, number, &found, &n, err))
		return false;
	if (!found)
		return true;
	g_mutex_lock(&w->l->lock);
	for (GList *p = w->l->all.head; p != NULL; p = p->next) {
		struct listener *s = p->data;

		if (s->ticket == number && !s->fresh)
			put_ticket(s, tmp, &n);
	}
	g_mutex_unlock(&w->l->lock);
	return true;
}

/* How many of these tickets may he know of?  restricted: readers of each. */
static int64_t
heard(const struct listener *s, int64_t of_all, const GPtrArray *restricted)
{
	for (guint i = 0; i < restricted->len; i++)
		of_all += news_heard_by(&s->who, restricted->pdata[i]);
	return of_all;
}

/* Rows that were not seen before: how many tickets, and which of those that
 * are looked at. */
static bool
tell(struct watch *w, struct arena *a, const struct list *rows, GError **err)
{
	g_autoptr(GHashTable) looked = looked_at(w->l);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_int64_hash,
	    g_int64_equal);
	GPtrArray *restricted = arena_ptr_array(a);
	GString *tmp = arena_gstring(a);
	int64_t changes, n;

	for (size_t i = 0; i < rows->n; i++) {
		const struct news_row *r = LIST_AT(news_row, *rows, i);

		if (r->ticket == DESC_NULL ||
		    !g_hash_table_add(seen, (gpointer)&r->ticket))
			continue;
		if (r->readers != NULL)
			g_ptr_array_add(restricted, (gpointer)r->readers);
		if (g_hash_table_contains(looked, &r->ticket) &&
		    !tell_ticket(w, a, r->ticket, err))
			return false;
	}
	if (g_hash_table_size(seen) == 0)
		return true;
	changes = (int64_t)g_hash_table_size(seen) - restricted->len;
	g_mutex_lock(&w->l->lock);
	for (GList *p = w->l->all.head; p != NULL; p = p->next) {
		struct listener *s = p->data;

		n = heard(s, changes, restricted);
		if (!s->fresh && n > 0)
			put_queue(s, tmp, w->last, n);
	}
	g_mutex_unlock(&w->l->lock);
	return true;
}

/* True in *more when there may be others behind. */
static bool
look(struct watch *w, bool *more, GError **err)
{
	ARENA_AUTO(a, "news");
	int64_t next = w->last;
	struct list rows;

	if (!news_rows(w->db, a, w->last, gap_texts(w, a), &rows, err))
		return false;
	for (size_t i = 0; i < rows.n; i++) {
		const struct news_row *r = LIST_AT(news_row, rows, i);

		if (r->id <= w->last)
			continue;
		note_gaps(w, next + 1, r->id);
		next = r->id;
	}
	forget_gaps(w, &rows);
	w->last = next;
	*more = rows.n >= NEWS_ROWS_MAX;
	if (!tell(w, a, &rows, err))
		return false;
	g_mutex_lock(&w->l->lock);
	w->l->seen = w->last;
	g_mutex_unlock(&w->l->lock);
	return true;
}

/* --- who is still there -------------------------------------------------- */

/* A suspended socket is nobody's: MHD does not look at it. */
static void
tick(struct live *l)
{
	static const char ping[] = ":\n\n";
	g_autoptr(GArray) fds = g_array_new(FALSE, FALSE,
	    sizeof(struct pollfd));
	g_autoptr(GPtrArray) who = g_ptr_array_new();
	int64_t now = when_ticks();

	g_mutex_lock(&l->lock);
	for (GList *p = l->all.head; p != NULL; p = p->next) {
		struct listener *s = p->data;
		const struct pollfd f = {.fd = s->fd, .events = POLLRDHUP};

		if (now >= s->ping_at)
			live_put(s, ping, sizeof(ping) - 1);
		if (!s->suspended || s->fd < 0)
			continue;
		g_array_append_val(fds, f);
		g_ptr_array_add(who, s);
	}
	if (fds->len > 0 && poll((struct pollfd *)(void *)fds->data, fds->len,
		0) > 0)
		for (guint i = 0; i < fds->len; i++)
			if (g_array_index(fds, struct pollfd, i).revents != 0)
				live_end(who->pdata[i], true);
	g_mutex_unlock(&l->lock);
}

static void
collect_keys(struct live *l, struct arena *a, GPtrArray *sessions,
    GPtrArray *principals)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	g_mutex_lock(&l->lock);
	for (GList *p = l->all.head; p != NULL; p = p->next) {
		const struct listener *s = p->data;
		char *key = s->session != NULL ?
		    arena_strdup(a, s->session) :
		    arena_printf(a, "%" PRId64, s->who.id);

		if (g_hash_table_add(seen, key))
			g_ptr_array_add(s->session != NULL ? sessions :
				principals, key);
	}
	g_mutex_unlock(&l->lock);
	g_ptr_array_add(sessions, NULL);
	g_ptr_array_add(principals, NULL);
}

/* Those who signed out, or were idle for too long, hear so and no more. */
static bool
check_sessions(struct watch *w, GError **err)
{
	static const char bye[] = "event: bye\ndata: {\"signed_out\":true}\n\n";
	struct live *l = w->l;
	ARENA_AUTO(a, "sessions");
	g_autoptr(GHashTable) gone = g_hash_table_new(g_str_hash,
	    g_str_equal);
	GPtrArray *sessions = arena_ptr_array(a);
	GPtrArray *principals = arena_ptr_array(a);
	struct list rows;

	collect_keys(l, a, sessions, principals);
	if (sessions->len + principals->len == 2)
		return true;
	if (!news_gone(w->db, a, l->site->conf,
		(const char *const *)sessions->pdata,
		(const char *const *)principals->pdata, &rows, err))
		return false;
	for (size_t i = 0; i < rows.n; i++)
		g_hash_table_add(gone,
		    (gpointer)LIST_AT(news_key, rows, i)->key);
	g_mutex_lock(&l->lock);
	for (GList *p = rows.n > 0 ? l->all.head : NULL; p != NULL;
	     p = p->next) {
		struct listener *s = p->data;
		g_autofree char *id = g_strdup_printf("%" PRId64, s->who.id);

		if (!g_hash_table_contains(gone,
			s->session != NULL ? s->session : id))
			continue;
		live_put(s, bye, sizeof(bye) - 1);
		live_end(s, false);
	}
	g_mutex_unlock(&l->lock);
	return true;
}

/* --- the thread ----------------------------------------------------------- */

static bool
round_once(struct watch *w, bool *told, GError **err)
{
	ARENA_AUTO(a, "notice");
	const char *channel, *payload;
	int64_t now;
	bool got, more = false;

	if (!db_wait(w->db, a, *told ? 0 : LIVE_TICK_MS, &got, &channel,
		&payload, err))
		return false;
	if (got) {
		/* Many notices are one look. */
		if (strcmp(payload, NEWS_SESSION) == 0)
			w->check_at = 0;
		else if (strcmp(payload, PRESENCE_HERE) == 0)
			w->here = true;
		else
			w->look_at = 0;
		*told = true;
		return true;
	}
	*told = false;
	now = when_ticks();
	if (now >= w->look_at) {
		if (!look(w, &more, err))
			return false;
		w->look_at = more ? 0 : now + LIVE_LOOK_MS * 1000;
	}
	if (!greet(w, err) || !live_here(w->l, w->db, w->here, err))
		return false;
	w->here = false;
	if (now >= w->check_at) {
		if (!check_sessions(w, err))
			return false;
		w->check_at = now + LIVE_CHECK_S * WHEN_SECOND;
	}
	return true;
}

static void
away(struct watch *w, const GError *err)
{
	if (!w->away)
		log_fault("live.database_away", err);
	w->away = true;
}

/* On one connection until it breaks or the server stops. */
static void
watch_once(struct watch *w)
{
	g_autoptr(GError) err = NULL;
	bool told = false;
	int64_t last = 0;

	w->db = db_open(w->l->site->conf, "tocsin live");
	/* sees all: who hears of what is decided for each listener. */
	db_desk(w->db);
	db_as(w->db, DB_HOUSE);
	w->look_at = w->check_at = 0;
	if (!db_listen(w->db, NEWS_CHANNEL, &err) ||
	    (w->last < 0 && !news_last(w->db, &last, &err))) {
		away(w, err);
		db_close(w->db);
		return;
	}
	/* A little earlier: what is on its way now shows as a gap. */
	if (w->last < 0)
		w->last = MAX(last - LIVE_BEFORE, 0);
	if (w->away)
		log_notice("live.database_back");
	w->away = false;
	while (!g_atomic_int_get(&w->l->stop)) {
		if (!round_once(w, &told, &err)) {
			away(w, err);
			break;
		}
		if (when_ticks() >= w->tick_at) {
			tick(w->l);
			w->tick_at = when_ticks() + WHEN_SECOND;
		}
	}
	/* Nobody is here any more. */
	if (err == NULL)
		(void)live_here(w->l, w->db, true, NULL);
	db_close(w->db);
}

void *
live_watch(void *ctx)
{
	struct watch w = {.l = ctx, .last = -1,
		.gaps = g_array_new(FALSE, FALSE, sizeof(struct gap))};

	while (!g_atomic_int_get(&w.l->stop)) {
		watch_once(&w);
		/* Listeners stay: what they miss is told when it is back. */
		for (int ms = 0; ms < AWAY_MS &&
		     !g_atomic_int_get(&w.l->stop); ms += LIVE_TICK_MS) {
			tick(w.l);
			g_usleep(LIVE_TICK_MS * 1000);
		}
	}
	g_array_free(w.gaps, TRUE);
	return NULL;
}
