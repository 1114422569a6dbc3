/*
 * Times that go on in the next line (plain.h): letters are wrapped anywhere,
 * and forms have the date and the clock in lines of their own.
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

enum { PIECE_MAX = 60 };

/* The end of a line and the beginning of the next one. */
struct joint {
	struct line both;
	const char *at; /* where the next one begins */
};

/* false where a sentence does not go on: below a table, above a blank line,
 * or a line that begins with a sign. */
static bool
join(struct arena *a, const struct line *l, struct joint *x)
{
	const char *next = l->s + l->n, *tail = next - MIN(l->n, PIECE_MAX);
	size_t n;

	if (*next != '\n' || l->n < 8 || plain_cells(l))
		return false;
	next++;
	next += strspn(next, " ");
	if (!g_ascii_isalnum(*next) && *next != '(' && (*next & 0x80) == 0)
		return false;
	n = strcspn(next, "\n");
	/* no word is cut */
	while (tail > l->s && tail < l->s + l->n && tail[-1] != ' ')
		tail++;
	x->both.s = arena_printf(a, "%.*s %.*s", (int)(l->s + l->n - tail),
	    tail, (int)MIN(n, PIECE_MAX), next);
	x->both.n = strlen(x->both.s);
	x->both.kind = l->kind;
	x->at = x->both.s + (l->s + l->n - tail) + 1;
	return true;
}

/* Does what was read stand on both sides? */
static bool
crosses(const struct joint *x, const char *given)
{
	const char *at = strstr(x->both.s, given);

	return at != NULL && at < x->at && at + strlen(given) > x->at;
}

/* "... on 20.11.2026 at" and the clock in the next line, "... at 10:15" and
 * its zone there. */
static bool
wrapped_stamp(struct arena *a, const struct line *l, struct stamp *st,
    const char **given)
{
	struct stamp whole;
	struct joint x;
	const char *what;

	if (!join(a, l, &x) || !plain_stamp(a, &x.both, &whole, &what) ||
	    !crosses(&x, what))
		return false;
	*st = whole;
	*given = what;
	return true;
}

bool
plain_stamp_goes_on(struct arena *a, const struct line *l, struct stamp *st,
    const char **given)
{
	size_t n = strlen(*given), k = l->n;

	while (k > 0 && strchr(" ,\r", l->s[k - 1]) != NULL)
		k--;
	return k >= n && memcmp(l->s + k - n, *given, n) == 0 &&
	    !g_ascii_isdigit(l->s[l->n + (l->s[l->n] != '\0')]) &&
	    wrapped_stamp(a, l, st, given);
}

bool
plain_day_wrapped(struct plain *p, const struct line *l, struct stamp *st,
    const char **given)
{
	struct stamp whole;
	struct joint x;
	const char *what;

	if (!join(p->r->a, l, &x) || !plain_day(p, &x.both,
		read_lower(p->r->a, x.both.s, x.both.n), &whole, &what) ||
	    !crosses(&x, what))
		return false;
	*st = whole;
	*given = what;
	return true;
}

/* The value of "Date: 2026-11-20", when it is all that the line says; its
 * first letter or digit. */
static const char *
value_of(const struct line *l, const char **end)
{
	const char *p = memchr(l->s, ':', MIN(l->n, 40)), *stop = l->s + l->n;

	if (p == NULL)
		return NULL;
	for (const char *w = l->s; w < p; w++)
		if (g_ascii_isdigit(*w))
			return NULL;
	for (p++; p < stop && strchr(" \t*_\"'", *p) != NULL; p++)
		;
	while (stop > p && strchr(" \t\r*_\"',.", stop[-1]) != NULL)
		stop--;
	*end = stop;
	return stop - p >= 4 && stop - p < 40 && g_ascii_isalnum(*p) ? p :
		NULL;
}

/* "14:22", "14:22:33 (CET)" */
static bool
is_clock(const char *p, const char *end)
{
	size_t k = (size_t)(end - p > 1 && g_ascii_isdigit(p[1])) + 1;

	return end - p >= 4 && g_ascii_isdigit(*p) && (p[k] == ':' ||
		p[k] == '.') && (size_t)(end - p) >= k + 3 &&
	    g_ascii_isdigit(p[k + 1]) && g_ascii_isdigit(p[k + 2]) &&
	    ((size_t)(end - p) == k + 3 || !g_ascii_isalnum(p[k + 3])) &&
	    !((size_t)(end - p) > k + 4 && p[k] == '.' && p[k + 3] == '.' &&
		g_ascii_isdigit(p[k + 4]) && (size_t)(end - p) > k + 6 &&
		g_ascii_isdigit(p[k + 6]));
}

/* "Date: 20.11.2026" and below it "Time: 14:22:33 (CET)", or the other way
 * round. */
static bool
stamp_of_two(struct arena *a, const struct line *l, struct stamp *st,
    const char **given)
{
	const char *end, *next_end, *v = value_of(l, &end), *w;
	struct line next = {l->s + l->n + 1, 0, l->kind}, both;

	if (v == NULL || l->s[l->n] != '\n')
		return false;
	next.n = strcspn(next.s, "\n");
	w = value_of(&next, &next_end);
	if (w == NULL || is_clock(v, end) == is_clock(w, next_end))
		return false;
	both.s = is_clock(w, next_end) ?
	    arena_printf(a, "%.*s %.*s", (int)(end - v), v,
		(int)(next_end - w), w) :
	    arena_printf(a, "%.*s %.*s", (int)(next_end - w), w,
		(int)(end - v), v);
	both.n = strlen(both.s);
	if (!stamp_at(both.s, both.s + both.n, st))
		return false;
	*given = arena_strndup(a, both.s, st->len);
	return true;
}

bool
plain_stamp_wrapped(struct arena *a, const struct line *l, struct stamp *st,
    const char **given)
{
	return wrapped_stamp(a, l, st, given) ||
	    stamp_of_two(a, l, st, given);
}
