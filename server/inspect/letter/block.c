/*
 * Blocks of fields: a report that lists findings one below the other may name
 * the same address in several of them (plain.h).  A block with another port
 * that was attacked or is open, with another page, or of another kind, is
 * another incident; and so is a row of a table with another port that is open.
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

/* more about one address are a log that was written as blocks: one incident */
enum { BLOCKS_MAX = 16 };

struct sighting *
block_begins(struct plain *p, struct suspect *s)
{
	struct sighting *b;

	if (!s->fielded || (p->para_last && p->last == s))
		return NULL;
	if (s->blocks == NULL)
		s->blocks = arena_ptr_array(p->r->a);
	if (s->blocks->len == BLOCKS_MAX)
		return NULL;
	b = ARENA_NEW(p->r->a, struct sighting);
	*b = (struct sighting){.facts = NO_FACTS};
	g_ptr_array_add(s->blocks, b);
	if (p->para_timed)
		block_seen(b, &p->para_stamp, p->para_given);
	return b;
}

void
block_seen(struct sighting *b, const struct stamp *st, const char *given)
{
	if (b->time_given != NULL)
		return;
	b->first = *st;
	b->time_given = b->last_given = given;
}

static bool
differ(int64_t a, int64_t b)
{
	return a != DESC_NULL && b != DESC_NULL && a != b;
}

/* Do both tell of the same incident? */
static bool
same(const struct plain *p, const struct facts *f, const struct stamp *st,
    const struct sighting *b)
{
	if (differ(f->target_port, b->facts.target_port) ||
	    (f->url != NULL && b->facts.url != NULL &&
		strcmp(f->url, b->facts.url) != 0) ||
	    (f->type != NULL && b->facts.type != NULL &&
	        strcmp(f->type, b->facts.type) != 0))
		return false;
	return st == NULL || b->time_given == NULL ||
	       sighting_same(
	           p, st, &b->first, f->source_port, b->facts.source_port);
}

void
block_row(struct plain *p, struct suspect *s, const struct facts *f,
    const struct stamp *st, const char *given)
{
	struct sighting *b;

	if (s->rows == NULL)
		s->rows = arena_ptr_array(p->r->a);
	if (s->rows->len == BLOCKS_MAX)
		return;
	for (guint i = 0; i < s->rows->len; i++) {
		b = s->rows->pdata[i];
		if (b->facts.target_port == f->target_port)
			return;
	}
	b = ARENA_NEW(p->r->a, struct sighting);
	*b = (struct sighting){.facts = *f};
	if (given != NULL)
		block_seen(b, st, given);
	g_ptr_array_add(s->rows, b);
}

/* "192.0.2.1  9200", "192.0.2.1  5601": what is open there is several; whoever
 * knocks at several doors is one. */
static bool
rows_each(struct plain *p, const struct suspect *s, GPtrArray *out)
{
	if (s->rows == NULL || s->rows->len < 2 || s->rows->len == BLOCKS_MAX ||
	    !classify_serves(s->facts.type != NULL ? s->facts.type : p->type))
		return false;
	for (guint i = 0; i < s->rows->len; i++)
		g_ptr_array_add(
		    out, sighting_suspect(p, s, s->rows->pdata[i], &p->before));
	return true;
}

void
block_each(struct plain *p, struct suspect *s, GPtrArray *out)
{
	GPtrArray *own = arena_ptr_array(p->r->a);

	if (rows_each(p, s, out))
		return;
	g_ptr_array_add(out, s);
	for (guint i = 0; s->blocks != NULL && i < s->blocks->len; i++) {
		struct sighting *b = s->blocks->pdata[i];
		bool known = s->blocks->len == BLOCKS_MAX ||
		             same(p, &s->facts, s->timed ? &s->first : NULL, b);

		if (known) {
			facts_merge(&s->facts, &b->facts);
			if (b->time_given != NULL && !s->timed)
				plain_seen(s, &b->first, b->time_given);
			continue;
		}
		for (guint k = 0; k < own->len && !known; k++) {
			const struct sighting *x = own->pdata[k];

			known = same(p, &x->facts,
			    x->time_given != NULL ? &x->first : NULL, b);
		}
		if (!known)
			g_ptr_array_add(own, b);
	}
	for (guint i = 0; i < own->len; i++)
		g_ptr_array_add(
		    out, sighting_suspect(p, s, own->pdata[i], &p->before));
}
