/*
 * A head of two lines (plain.h): words below one another are one name.
 *
 *	Source        Dest   First hit
 *	address       port   (UTC)
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

#include <string.h>

struct name {
	size_t from, to; /* in its line */
};

/* The names of a line, with two blanks between them; 0 when it has a digit
 * or a mark, as rows and sentences have. */
static size_t
names_of(const char *s, size_t n, struct name *names)
{
	size_t count = 0, letters = 0;

	if (n > 300)
		return 0;
	for (size_t i = 0; i < n;) {
		size_t from;

		if (g_ascii_isspace(s[i])) {
			i++;
			continue;
		}
		if (count == COLUMNS_MAX)
			return 0;
		for (from = i;
		     i < n && !(g_ascii_isspace(s[i]) &&
		                  (i + 1 == n || g_ascii_isspace(s[i + 1])));
		     i++) {
			if (g_ascii_isdigit(s[i]) ||
			    strchr("|;,:=@!?", s[i]) != NULL)
				return 0;
			letters += g_ascii_isalpha(s[i]) || (s[i] & 0x80);
		}
		names[count++] = (struct name){from, i};
	}
	return letters > count ? count : 0;
}

static void
add(GString *out, const char *s, const struct name *x)
{
	g_string_append_len(out, s + x->from, (gssize)(x->to - x->from));
}

static bool
table_two(struct plain *p, const struct line *l)
{
	const char *next = l->s + l->n;
	struct name top[COLUMNS_MAX], below[COLUMNS_MAX];
	GString *both;
	struct line one;
	size_t n, k, at = 0;

	if (*next != '\n')
		return false;
	next++;
	n = names_of(l->s, l->n, top);
	k = n < 2 ? 0 : names_of(next, strcspn(next, "\n"), below);
	if (k < 2)
		return false;
	both = arena_gstring(p->r->a);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			g_string_append(both, "  ");
		add(both, l->s, &top[i]);
		/* one that begins left of the next column, and overlaps */
		while (at < k && below[at].from < top[i].to &&
		       below[at].to > top[i].from) {
			g_string_append_c(both, ' ');
			add(both, next, &below[at++]);
		}
	}
	if (at < k)
		return false;
	one = (struct line){both->str, both->len, l->kind};
	if (!table_header(p, &one))
		return false;
	plain_zone_head(p, &one);
	p->head_below = next;
	return true;
}

bool
table_begins(struct plain *p, const struct line *l)
{
	if (!table_two(p, l) && l->s != p->head_below && !table_header(p, l))
		return false;
	if (p->said != NULL) {
		p->title = p->said;
		p->title_n = p->said_n;
		p->said = NULL;
	}
	table_house(p, read_lower(p->r->a, l->s, l->n));
	plain_zone_head(p, l);
	plain_zone_column(p, l);
	plain_zone(p, l);
	return true;
}
