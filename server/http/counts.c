/* See counts.h. */
#include "base/base.h"
#include "base/when.h"
#include "http/counts.h"
#include "http/httpd.h"

struct entry {
	int64_t at; /* when_ticks() */
	struct ticket_counts counts;
};

struct board {
	int64_t at, trail;
	struct campaign_tally tally;
};

struct counts {
	GMutex lock;
	GHashTable *boards; /* "principal campaign" -> struct board */
	GHashTable *by_principal; /* int64_t -> struct entry */
};

struct counts *
counts_new(void)
{
	struct counts *c = g_new0(struct counts, 1);

	g_mutex_init(&c->lock);
	c->by_principal =
	    g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	c->boards = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    g_free);
	return c;
}

void
counts_free(struct counts *c)
{
	if (c == NULL)
		return;
	g_hash_table_destroy(c->by_principal);
	g_hash_table_destroy(c->boards);
	g_mutex_clear(&c->lock);
	g_free(c);
}

bool
counts_get(struct req *r, struct ticket_counts *out, GError **err)
{
	struct counts *c = httpd_counts(r->http);
	int64_t me = r->actor.id, now = when_ticks();
	struct entry *e;
	bool fresh = false;

	g_mutex_lock(&c->lock);
	e = g_hash_table_lookup(c->by_principal, &me);
	if (e != NULL) {
		*out = e->counts;
		fresh = now - e->at < COUNTS_AGE_MS * 1000;
		/* One counts anew, the others go on with what was. */
		if (!fresh)
			e->at = now;
	}
	g_mutex_unlock(&c->lock);
	if (fresh)
		return true;
	if (!ticket_count(r->db, r->a, me, out, err))
		return false;
	g_mutex_lock(&c->lock);
	if (g_hash_table_size(c->by_principal) >= COUNTS_PEOPLE_MAX)
		g_hash_table_remove_all(c->by_principal);
	e = g_new(struct entry, 1);
	*e = (struct entry){now, *out};
	g_hash_table_insert(c->by_principal, g_memdup2(&me, sizeof(me)), e);
	g_mutex_unlock(&c->lock);
	return true;
}

void
counts_forget(struct req *r)
{
	struct counts *c = httpd_counts(r->http);

	g_mutex_lock(&c->lock);
	g_hash_table_remove_all(c->by_principal);
	g_hash_table_remove_all(c->boards);
	g_mutex_unlock(&c->lock);
}

/* Each counts what he may see. */
static char *
board_key(const struct req *r, int64_t campaign)
{
	return g_strdup_printf("%" PRId64 " %" PRId64, r->actor.id, campaign);
}

bool
counts_board(struct req *r, int64_t campaign, int64_t trail,
    struct campaign_tally *out)
{
	struct counts *c = httpd_counts(r->http);
	g_autofree char *key = board_key(r, campaign);
	const struct board *b;
	bool fresh;

	g_mutex_lock(&c->lock);
	b = g_hash_table_lookup(c->boards, key);
	fresh = b != NULL && b->trail == trail &&
	    when_ticks() - b->at < COUNTS_AGE_MS * 1000;
	if (fresh)
		*out = b->tally;
	g_mutex_unlock(&c->lock);
	return fresh;
}

void
counts_board_keep(struct req *r, int64_t campaign, int64_t trail,
    const struct campaign_tally *t)
{
	struct counts *c = httpd_counts(r->http);
	struct board *b = g_new(struct board, 1);

	*b = (struct board){when_ticks(), trail, *t};
	g_mutex_lock(&c->lock);
	if (g_hash_table_size(c->boards) >= COUNTS_PEOPLE_MAX)
		g_hash_table_remove_all(c->boards);
	g_hash_table_replace(c->boards, board_key(r, campaign), b);
	g_mutex_unlock(&c->lock);
}
