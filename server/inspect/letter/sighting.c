/*
 * Lines of a log about one address that are not one incident (plain.h): from
 * another port hours later it may be another customer behind the same
 * address, and weeks later the address may be another's.  Attempts one after
 * the other stay one, whatever ports they come from.
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

/* more of one address are a log that says when it was busy, not a list of
 * connections that somebody is to look up */
enum { SIGHTINGS_MAX = 16 };

#define PORT_GAP (3600 * WHEN_SECOND)  /* same customer, another port */
#define HOLDER_GAP (7 * WHEN_DAY)      /* same holder */

/* The clock of a stamp, to be compared within one letter. */
static int64_t
clock_of(const struct plain *p, const struct stamp *stamp)
{
	struct stamp st = *stamp;

	if (!st.year)
		stamp_add_year(&st, p->r->out->date);
	return st.time;
}

static bool
same(int64_t at, int64_t first, int64_t last, int64_t port, int64_t other)
{
	int64_t gap = at < first ? first - at : at > last ? at - last : 0;

	return gap <= PORT_GAP || (gap <= HOLDER_GAP &&
		(port == other || port == DESC_NULL || other == DESC_NULL));
}

bool
sighting_same(const struct plain *p, const struct stamp *a,
    const struct stamp *b, int64_t port, int64_t other)
{
	int64_t at = clock_of(p, a), then = clock_of(p, b);

	return at == DESC_NULL || then == DESC_NULL ||
	    same(at, then, then, port, other);
}

struct sighting *
sighting_other(struct plain *p, struct suspect *s, const struct stamp *st,
    const char *given, int64_t port)
{
	int64_t at = clock_of(p, st), first, last;
	struct sighting *x;

	if (s->crowd || !s->timed || s->lines == 0 || at == DESC_NULL)
		return NULL;
	first = clock_of(p, &s->first);
	last = clock_of(p, &s->last);
	if (first == DESC_NULL || last == DESC_NULL ||
	    same(at, first, last, port, s->facts.source_port))
		return NULL;
	if (s->more == NULL)
		s->more = arena_ptr_array(p->r->a);
	for (guint i = 0; i < s->more->len; i++) {
		x = s->more->pdata[i];
		if (!same(at, x->from, x->to, port, x->facts.source_port))
			continue;
		x->lines++;
		if (at < x->from) {
			x->from = at;
			x->first = *st;
			x->time_given = given;
		}
		if (at >= x->to) {
			x->to = at;
			x->last_given = given;
		}
		return x;
	}
	if (s->more->len == SIGHTINGS_MAX) {
		s->crowd = true;
		return NULL;
	}
	x = ARENA_NEW(p->r->a, struct sighting);
	*x = (struct sighting){.facts = NO_FACTS, .first = *st,
	    .time_given = given, .last_given = given, .from = at, .to = at,
	    .lines = 1};
	g_ptr_array_add(s->more, x);
	return x;
}

/* All of them as one. */
static void
gather(struct plain *p, struct suspect *s)
{
	int64_t last = clock_of(p, &s->last);

	for (guint i = 0; i < s->more->len; i++) {
		const struct sighting *x = s->more->pdata[i];

		s->lines += x->lines;
		if (x->to > last) {
			last = x->to;
			s->last_given = x->last_given;
		}
		if (x->from < clock_of(p, &s->first)) {
			s->first = x->first;
			s->time_given = x->time_given;
		}
	}
	s->more = NULL;
}

struct suspect *
sighting_suspect(struct plain *p, const struct suspect *s,
    const struct sighting *x, const struct facts *rest)
{
	struct suspect *one = arena_memdup(p->r->a, s, sizeof(*s));

	one->facts = x->facts;
	facts_merge(&one->facts, rest);
	one->first = x->first;
	one->time_given = x->time_given;
	one->last_given = x->last_given;
	one->timed = x->time_given != NULL;
	one->lines = x->lines;
	one->more = one->blocks = NULL;
	one->type = NULL;
	return one;
}

GPtrArray *
sighting_each(struct plain *p, struct suspect *s)
{
	GPtrArray *out = arena_ptr_array(p->r->a);
	struct facts rest;

	if (s->more != NULL && s->crowd)
		gather(p, s);
	block_each(p, s, out);
	/* what its own lines do not say, others do; not ports and numbers */
	rest = s->facts;
	rest.source_port = rest.count = DESC_NULL;
	for (guint i = 0; s->more != NULL && i < s->more->len; i++)
		g_ptr_array_add(out, sighting_suspect(p, s,
		    s->more->pdata[i], &rest));
	return out;
}
