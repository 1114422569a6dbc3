/* Who has which ticket open: says it for this process, and tells each
 * listener of the others.  See core/ticket/presence.h. */
#include "base/base.h"
#include "base/json.h"
#include "base/when.h"
#include "core/ticket/draft.h"
#include "core/ticket/presence.h"
#include "http/live/live_priv.h"

enum { SAY_S = PRESENCE_OLD_S / 3 };

struct pairs {
	GPtrArray *principals, *tickets; /* ended by NULL */
	GString *key;
};

/* A person at a browser; a program that listens is nobody. */
static bool
counts(const struct live *l, const struct listener *s)
{
	return !l->ending && s->ticket > 0 && s->session != NULL && !s->ended;
}

static struct pairs
collect(struct live *l, struct arena *a)
{
	struct pairs p = {arena_ptr_array(a), arena_ptr_array(a),
	    arena_gstring(a)};

	g_mutex_lock(&l->lock);
	for (const GList *i = l->all.head; i != NULL; i = i->next) {
		const struct listener *s = i->data;

		if (!counts(l, s))
			continue;
		g_ptr_array_add(p.principals,
		    arena_printf(a, "%" PRId64, s->who.id));
		g_ptr_array_add(p.tickets,
		    arena_printf(a, "%" PRId64, s->ticket));
		g_string_append_printf(p.key, "%" PRId64 " %" PRId64 "\n",
		    s->who.id, s->ticket);
	}
	g_mutex_unlock(&l->lock);
	g_ptr_array_add(p.principals, NULL);
	g_ptr_array_add(p.tickets, NULL);
	return p;
}

static bool
say(struct live *l, struct db *db, struct arena *a, GError **err)
{
	struct pairs p = collect(l, a);
	bool same = l->said != NULL && strcmp(l->said, p.key->str) == 0;

	if (same && (p.key->len == 0 || when_ticks() < l->say_at))
		return true;
	if (!presence_say(db, l->process,
		(const char *const *)p.principals->pdata,
		(const char *const *)p.tickets->pdata, err))
		return false;
	l->say_at = when_ticks() + SAY_S * WHEN_SECOND;
	g_free(l->said);
	l->said = g_strdup(p.key->str);
	return true;
}

static void
put_here(struct listener *s, const char *names, const char *writing,
    GString *tmp)
{
	struct json_out w;

	/* Without an id: it is not of the trail. */
	g_string_assign(tmp, "event: here\ndata: ");
	w = json_out(tmp);
	json_begin(&w, '{');
	json_text(&w, "names", names);
	json_text(&w, "writing", writing);
	json_end(&w, '}');
	g_string_append(tmp, "\n\n");
	/* The first time also that nobody is: the page may know better. */
	if (s->here != NULL && strcmp(tmp->str, s->here) == 0)
		return;
	g_free(s->here);
	s->here = g_strdup(tmp->str);
	live_put(s, tmp->str, tmp->len);
}

static bool
tell(struct live *l, struct db *db, struct arena *a, GError **err)
{
	GString *tmp = arena_gstring(a);
	GPtrArray *tickets = arena_ptr_array(a);
	struct list all, writers;
	int64_t now = when_now();

	g_mutex_lock(&l->lock);
	for (const GList *i = l->all.head; i != NULL; i = i->next) {
		const struct listener *s = i->data;

		if (s->ticket > 0)
			g_ptr_array_add(tickets,
			    arena_printf(a, "%" PRId64, s->ticket));
	}
	g_mutex_unlock(&l->lock);
	g_ptr_array_add(tickets, NULL);
	if (tickets->len == 1)
		return true;
	if (!presence_of(db, a, (const char *const *)tickets->pdata, &all,
		err) ||
	    !draft_writers(db, a, (const char *const *)tickets->pdata,
		&writers, err))
		return false;
	g_mutex_lock(&l->lock);
	for (GList *i = l->all.head; i != NULL; i = i->next) {
		struct listener *s = i->data;

		if (s->ticket > 0 && !s->fresh)
			put_here(s,
			    presence_names(a, &all, s->ticket, s->who.id),
			    draft_words(a, &writers, s->ticket, s->who.id,
				now), tmp);
	}
	g_mutex_unlock(&l->lock);
	return true;
}

bool
live_here(struct live *l, struct db *db, bool again, GError **err)
{
	ARENA_AUTO(a, "here");

	if (!say(l, db, a, err))
		return false;
	/* Who died without a word is found out by asking. */
	if (!again && when_ticks() < l->ask_at)
		return true;
	l->ask_at = when_ticks() + SAY_S * WHEN_SECOND;
	return tell(l, db, a, err);
}
