/* What the patterns of a recogniser find in a letter (recognise_priv.h). */
#include "base/base.h"
#include "inspect/recognise/recognise_priv.h"

enum { MATCHES_MAX = 4 * INSPECT_EVENTS_MAX };

struct match {
	size_t start, end;
	const struct rule *rule;    /* in the order of the file */
	struct found found;
};

bool
recognise_holds(struct work *w, const struct pattern *p, const char *text,
    struct found *f)
{
	size_t start, end;

	return text != NULL && pattern_find(&w->search, p, text, strlen(text),
	    0, f, &start, &end);
}

static int
by_start(const void *a, const void *b)
{
	const struct match *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

static size_t
text_until(struct work *w, const char *text)
{
	size_t len = strlen(text), start, end;

	for (size_t i = 0; i < w->x->n; i++)
		if (w->x->rules[i].says == SAYS_UNTIL &&
		    pattern_find(&w->search, w->x->rules[i].pattern, text, len,
			0, NULL, &start, &end))
			len = start;
	return len;
}

static void
all_matches(struct work *w, const char *text, size_t len, GArray *out)
{
	for (size_t i = 0; i < w->x->n; i++) {
		const struct rule *rule = &w->x->rules[i];
		struct match m = {.rule = rule};
		size_t from = 0;

		if (rule->says != SAYS_EVENT && rule->says != SAYS_DETAIL &&
		    rule->says != SAYS_SECTION)
			continue;
		while (from < len && out->len < MATCHES_MAX &&
		    pattern_find(&w->search, rule->pattern, text, len, from,
			&m.found, &m.start, &m.end)) {
			g_array_append_val(out, m);
			from = MAX(m.end, from + 1);
			m.found = (struct found){{NULL}};
		}
	}
	if (out->len > 1) /* data of none may be NULL */
		qsort(out->data, out->len, sizeof(struct match), by_start);
}

static struct draft *
draft_new(struct work *w, const struct draft *like)
{
	struct draft *d = arena_memdup(w->r->a, like, sizeof(*like));

	g_ptr_array_add(w->drafts, d);
	return d;
}

/* More about d; a second value of a kind begins a second event, of which
 * is known what stood in the line of the first. */
static struct draft *
add_detail(struct work *w, struct draft *d, const struct draft *first,
    const struct found *more)
{
	bool again = false;

	for (size_t i = 0; i < SLOTS; i++)
		again |= more->slot[i] != NULL && d->found.slot[i] != NULL &&
		    strcmp(more->slot[i], d->found.slot[i]) != 0;
	if (again)
		d = draft_new(w, first);
	for (size_t i = 0; i < SLOTS; i++)
		if (more->slot[i] != NULL)
			d->found.slot[i] = more->slot[i];
	return d;
}

static void
read_events(struct work *w, const char *text)
{
	g_autoptr(GArray) matches =
	    g_array_new(FALSE, FALSE, sizeof(struct match));
	struct draft *last = NULL, first = {0};
	const char *type = NULL;
	size_t end = 0;

	all_matches(w, text, text_until(w, text), matches);
	for (guint i = 0; i < matches->len; i++) {
		const struct match *m =
		    &g_array_index(matches, struct match, i);

		/* what another pattern has taken already */
		if (m->start < end)
			continue;
		end = m->end;
		if (m->rule->says == SAYS_SECTION) {
			type = m->rule->word;
			last = NULL;
		} else if (m->rule->says == SAYS_EVENT) {
			first = (struct draft){m->found, type};
			last = draft_new(w, &first);
		} else if (last != NULL) {
			last = add_detail(w, last, &first, &m->found);
		}
	}
}

static void
read_facts(struct work *w, const char *text)
{
	size_t len = text_until(w, text), start, end;

	for (size_t i = 0; i < w->x->n; i++) {
		const struct rule *rule = &w->x->rules[i];

		if (rule->says != SAYS_FIND ||
		    recognise_holds(w, rule->pattern, w->l->subject, &w->facts))
			continue;
		pattern_find(&w->search, rule->pattern, text, len, 0,
		    &w->facts, &start, &end);
	}
}

/* Does a text say whom or what it is about? */
static bool
names_something(const struct found *f)
{
	return f->slot[SLOT_SOURCE_IP] != NULL || f->slot[SLOT_URL] != NULL ||
	    f->slot[SLOT_DOMAIN] != NULL;
}

static bool
read_one(struct work *w, const char *text, const char *part)
{
	if (text_blank(text))
		return false;
	read_events(w, text);
	read_facts(w, text);
	if (w->drafts->len == 0 && names_something(&w->facts))
		draft_new(w, &(struct draft){.type = NULL});
	w->part = part;
	return w->drafts->len > 0;
}

void
recognise_texts(struct work *w)
{
	struct reading *r = w->r;
	int within = w->l->container;

	if (read_one(w, w->l->text, w->l->part))
		return;
	for (int html = 1; html >= 0; html--)
		for (size_t i = 0; i < r->m->n; i++) {
			struct mail_part *p = &r->m->parts[i];

			if (p->kind != MAIL_LEAF ||
			    strcmp(p->type, html ? "text/html" :
				"text/plain") != 0 ||
			    (within < 0 ? read_nested(r, i) :
				!mail_part_inside(r->m, i, (size_t)within)) ||
			    (w->l->part != NULL &&
				strcmp(p->path, w->l->part) == 0))
				continue;
			if (read_one(w, html ? read_html(r, p) :
				mail_text(r->m, p, NULL), p->path))
				return;
		}
}

const char *
recognise_type(struct work *w)
{
	for (size_t i = 0; i < w->x->n; i++) {
		const struct rule *rule = &w->x->rules[i];

		if (rule->says == SAYS_TYPE && (rule->pattern == NULL ||
			recognise_holds(w, rule->pattern, w->l->subject, NULL) ||
			recognise_holds(w, rule->pattern, w->l->text, NULL)))
			return rule->word;
	}
	return NULL;
}
