/* See html.h. */
#include "base/base.h"
#include "base/text.h"
#include "inspect/text/html.h"

#include <gumbo.h>

enum {
	QUOTE_LOOK_MAX = 64,  /* children or steps, to see what a box is */
	QUOTE_SHOWN_MAX = 8,  /* "> " before a line */
};

struct print {
	struct arena *a;
	GString *out;
	int pre;           /* elements that keep their white space */
	size_t fresh;      /* where a cell began that has no words yet */
	size_t term;       /* where the last term of a list ended, or 0 */
	size_t ended;      /* where an element in a line ended, or 0, */
	size_t begun;      /* and where another one began right there */
	bool hidden;       /* inside "[hidden: " */
	const char *base;  /* what relative links are relative to, or NULL */
	GArray *quotes;    /* of struct turn, in the order of the text */
	struct html_aside *aside;
};

/* At this line one quotation more begins, or one ends. */
struct turn {
	size_t at;
	int by;
};

/* What was changed by an element, to be taken back at its end. */
struct level {
	struct html_colour colour;
	const char *link;  /* target to be told at the end, or NULL */
	size_t at;         /* where its words begin */
	bool hides;        /* what is in it, whatever its colour */
	bool quotes;
	int item;          /* of an <ol>; 0 for other elements */
};

/* A line of their own, and those with an empty line before and behind. */
static const GumboTag lines[] = {GUMBO_TAG_DIV, GUMBO_TAG_TR, GUMBO_TAG_LI,
    GUMBO_TAG_DT, GUMBO_TAG_DD, GUMBO_TAG_HR, GUMBO_TAG_FORM,
    GUMBO_TAG_FIELDSET, GUMBO_TAG_OPTION, GUMBO_TAG_CENTER,
    GUMBO_TAG_ADDRESS, GUMBO_TAG_ARTICLE, GUMBO_TAG_SECTION,
    GUMBO_TAG_HEADER, GUMBO_TAG_FOOTER, GUMBO_TAG_CAPTION};
static const GumboTag paragraphs[] = {GUMBO_TAG_P, GUMBO_TAG_H1,
    GUMBO_TAG_H2, GUMBO_TAG_H3, GUMBO_TAG_H4, GUMBO_TAG_H5, GUMBO_TAG_H6,
    GUMBO_TAG_TABLE, GUMBO_TAG_UL, GUMBO_TAG_OL, GUMBO_TAG_DL,
    GUMBO_TAG_PRE, GUMBO_TAG_LISTING, GUMBO_TAG_BLOCKQUOTE};

static bool
among(const GumboTag *list, size_t n, GumboTag t)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == t)
			return true;
	return false;
}

static void
newline(GString *out)
{
	while (out->len > 0 && (out->str[out->len - 1] == ' ' ||
		out->str[out->len - 1] == '\t'))
		g_string_truncate(out, out->len - 1);
	if (out->len > 1 && out->str[out->len - 1] == '\n' &&
	    out->str[out->len - 2] == '\n')
		return;
	if (out->len > 0)
		g_string_append_c(out, '\n');
}

/* Characters without a shape, by which words are broken for filters, and
 * those that turn the direction of others. */
static bool
shapeless(gunichar c)
{
	return c == 0xad || c == 0x34f || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) ||
	    c == 0xfeff;
}

static void
put_text(struct print *p, const char *s)
{
	while (*s != '\0') {
		gunichar c;
		size_t n = 0;

		/* a word is put in one piece */
		while ((unsigned char)(s[n] - 0x21) < 0x5f)
			n++;
		if (n > 0) {
			text_put(p->out, s, n);
			s += n;
			continue;
		}
		c = g_utf8_get_char_validated(s, -1);

		if (c == (gunichar)-1 || c == (gunichar)-2) {
			s++;
			continue;
		}
		n = (size_t)(g_utf8_next_char(s) - s);
		if (c == 0xa0)
			c = ' ';
		if (p->pre > 0 && c == '\n') {
			g_string_append_c(p->out, '\n');
		} else if (c == ' ' || c == '\n' || c == '\t' || c == '\r' ||
		    c == '\f') {
			if (p->pre > 0 || (p->out->len > 0 && !g_ascii_isspace(
				p->out->str[p->out->len - 1])))
				g_string_append_c(p->out, ' ');
		} else if (c >= 32 && !shapeless(c)) {
			g_string_append_len(p->out, s, (gssize)n);
		}
		s += n;
	}
}

/* The break before or behind an element. */
static void
line_break(GString *out, GumboTag t)
{
	bool paragraph = among(paragraphs, COUNT_OF(paragraphs), t);

	if (!paragraph && !among(lines, COUNT_OF(lines), t))
		return;
	if (out->len > 0 && out->str[out->len - 1] != '\n')
		newline(out);
	if (paragraph)
		newline(out);
}

static const char *
attribute(const struct print *p, const GumboElement *e, const char *name)
{
	/* gumbo has made their names small letters */
	for (unsigned i = 0; i < e->attributes.length; i++) {
		const GumboAttribute *x = e->attributes.data[i];

		if (*x->name == HTML_ASIDE && strcmp(x->name + 1, name) == 0)
			return html_value(p->aside, x->value);
		if (*x->name == *name && strcmp(x->name, name) == 0)
			return x->value;
	}
	return NULL;
}

/* Not shown, and not for people at all. */
static bool
skipped(GumboTag t)
{
	return t == GUMBO_TAG_HEAD || t == GUMBO_TAG_SCRIPT ||
	    t == GUMBO_TAG_STYLE || t == GUMBO_TAG_TITLE ||
	    t == GUMBO_TAG_TEMPLATE;
}

/* Ends the mark before the white space that has come since. */
static void
close_hidden(struct print *p)
{
	size_t n = p->out->len;
	const char *space;

	if (!p->hidden)
		return;
	p->hidden = false;
	while (n > 0 && g_ascii_isspace(p->out->str[n - 1]))
		n--;
	space = arena_strdup(p->a, p->out->str + n);
	g_string_truncate(p->out, n);
	g_string_append_c(p->out, ']');
	g_string_append(p->out, *space != '\0' ? space : " ");
}

/* "<span>Attacker</span><span>192.0.2.1</span>": a style sheet that mails lose
 * had put them apart.  A word and a number alone: letters beside letters may be
 * halves of one word, numbers those of one number, and a letter or two is part
 * of an address of IPv6 or of a hash. */
static bool
run_together(const struct print *p, const char *s)
{
	const char *end = p->out->str + p->out->len, *w = end;
	size_t n = 0;

	if (p->begun == 0 || p->begun != p->out->len)
		return false;
	while (w > p->out->str && g_ascii_isalpha(w[-1]))
		w--;
	while (g_ascii_isalpha(s[n]))
		n++;
	return end - w > 2 ? g_ascii_isdigit(*s) :
	    end == w && n > 2 && w > p->out->str && g_ascii_isdigit(w[-1]);
}

/* Text of an element, inside or outside of the mark. */
static void
say(struct print *p, const struct level *l, const char *s)
{
	bool unseen = l->hides || html_faint(&l->colour);

	if (text_blank(s)) {
		put_text(p, s);
		return;
	}
	if (!unseen)
		close_hidden(p);
	else if (!p->hidden)
		g_string_append(p->out, "[hidden: ");
	p->hidden |= unseen;
	if (run_together(p, s))
		g_string_append_c(p->out, ' ');
	put_text(p, s);
}

/* "<target>" behind the words, unless they say it themselves. */
static void
put_target(struct print *p, const struct level *l)
{
	const char *s = l->link;

	if (s == NULL || *s == '#' ||
	    (strchr(s, ':') == NULL && !g_str_has_prefix(s, "//")) ||
	    strstr(p->out->str + MIN(l->at, p->out->len), s) != NULL)
		return;
	if (p->out->len > 0 && !g_ascii_isspace(p->out->str[p->out->len - 1]))
		g_string_append_c(p->out, ' ');
	g_string_append_c(p->out, '<');
	put_text(p, s);
	g_string_append_c(p->out, '>');
}

static const char *
target(struct print *p, const char *s)
{
	g_autofree char *whole = NULL;
	char *t;

	if (text_blank(s))
		return NULL;
	/* line ends inside are no part of it */
	t = arena_strndup(p->a, s, MIN(strlen(s), HTML_LINK_MAX));
	if (strpbrk(t, "\r\n\t") != NULL)
		g_strdelimit(t, "\r\n\t", ' ');
	g_strstrip(t);
	if (p->base != NULL && *t != '#' && strchr(t, ':') == NULL)
		whole = g_uri_resolve_relative(p->base, t,
		    G_URI_FLAGS_PARSE_RELAXED, NULL);
	return whole != NULL ? arena_strdup(p->a, whole) : t;
}

/* The first <base> of the head counts. */
static void
read_base(struct print *p, const GumboVector *kids)
{
	for (unsigned i = 0; i < kids->length && p->base == NULL; i++) {
		const GumboNode *n = kids->data[i];

		if (n->type == GUMBO_NODE_ELEMENT &&
		    n->v.element.tag == GUMBO_TAG_BASE)
			p->base = target(p, attribute(p, &n->v.element, "href"));
	}
}

/* The first text that somebody reads in it, NULL without one. */
static const char *
first_words(const struct print *p, const GumboNode *root)
{
	const GumboNode *n = root;

	for (int steps = 0; steps < QUOTE_LOOK_MAX; steps++) {
		const GumboVector *kids = n->type == GUMBO_NODE_ELEMENT ?
		    &n->v.element.children : NULL;

		if (n->type == GUMBO_NODE_TEXT && !text_blank(n->v.text.text))
			return html_text(p->aside, n->v.text.text +
			    strspn(n->v.text.text, " \t\r\n"));
		if (kids != NULL && kids->length > 0) {
			n = kids->data[0];
			continue;
		}
		while (n != root && n->index_within_parent + 1 >=
		    n->parent->v.element.children.length)
			n = n->parent;
		if (n == root)
			return NULL;
		n = n->parent->v.element.children.data[
		    n->index_within_parent + 1];
	}
	return NULL;
}

/* What the writer's mail program took over from another mail.  Of a box of
 * Gmail or Yahoo only one without a <blockquote>: where there is one, that is
 * the quotation, and the writer's answers stand between.  What they sent on
 * is no quotation but what the mail is about. */
static bool
is_quotation(const struct print *p, const GumboNode *n)
{
	const GumboElement *e = &n->v.element;
	const char *class, *words;

	if (e->tag == GUMBO_TAG_BLOCKQUOTE)
		return true;
	class = e->tag == GUMBO_TAG_DIV ? attribute(p, e, "class") : NULL;
	if (class == NULL || (strstr(class, "gmail_quote") == NULL &&
		strstr(class, "yahoo_quoted") == NULL))
		return false;
	for (unsigned i = 0; i < MIN(e->children.length, QUOTE_LOOK_MAX); i++) {
		const GumboNode *kid = e->children.data[i];

		if (kid->type == GUMBO_NODE_ELEMENT &&
		    kid->v.element.tag == GUMBO_TAG_BLOCKQUOTE)
			return false;
	}
	words = first_words(p, n);
	return words != NULL && !g_str_has_prefix(words, "-----");
}

static void
quote_turn(struct print *p, int by)
{
	struct turn t;

	close_hidden(p);
	if (p->out->len > 0 && p->out->str[p->out->len - 1] != '\n')
		newline(p->out);
	t = (struct turn){p->out->len, by};
	g_array_append_val(p->quotes, t);
}

/* The text with "> " before each line of a quotation, as in plain mail, so
 * that all who read on know one sign of it.  Empty lines belong to it only
 * between two of its lines. */
static GString *
with_quotes(struct print *p)
{
	GString *out;
	size_t next = 0, empty = 0;
	int depth = 0, before = 0;

	if (p->quotes->len == 0)
		return p->out;
	out = arena_gstring(p->a);
	for (const char *s = p->out->str; *s != '\0';) {
		size_t n = strcspn(s, "\n"), at = (size_t)(s - p->out->str);

		for (; next < p->quotes->len &&
		    g_array_index(p->quotes, struct turn, next).at <= at;
		    next++)
			depth += g_array_index(p->quotes, struct turn, next).by;
		if (n == 0) {
			empty++;
			s++;
			continue;
		}
		for (; empty > 0; empty--) {
			for (int i = 0; i < MIN(MIN(before, depth),
			    QUOTE_SHOWN_MAX); i++)
				g_string_append_c(out, '>');
			g_string_append_c(out, '\n');
		}
		for (int i = 0; i < MIN(depth, QUOTE_SHOWN_MAX); i++)
			g_string_append_len(out, "> ", 2);
		g_string_append_len(out, s, (gssize)n);
		g_string_append_c(out, '\n');
		before = depth;
		s += n + (s[n] == '\n');
	}
	return out;
}

static void
begin(struct print *p, const GumboNode *node, struct level *l, int *item)
{
	const GumboElement *e = &node->v.element;

	l->hides |= attribute(p, e, "hidden") != NULL ||
	    html_unseen(attribute(p, e, "style"), attribute(p, e, "color"),
		attribute(p, e, "bgcolor"), &l->colour);
	if (attribute(p, e, "background") != NULL)
		l->colour.ground = -1;
	/* a paragraph that is all of a cell does not break the row */
	if (p->out->len != p->fresh)
		line_break(p->out, e->tag);
	l->quotes = is_quotation(p, node);
	if (l->quotes)
		quote_turn(p, 1);
	l->at = p->out->len;
	if (p->ended == p->out->len)
		p->begun = p->ended;
	switch (e->tag) {
	case GUMBO_TAG_A:
	case GUMBO_TAG_AREA:
		l->link = target(p, attribute(p, e, "href"));
		break;
	case GUMBO_TAG_FORM:
		l->link = target(p, attribute(p, e, "action"));
		break;
	case GUMBO_TAG_BUTTON:
		l->link = target(p, attribute(p, e, "formaction"));
		break;
	case GUMBO_TAG_BR:
		newline(p->out);
		break;
	case GUMBO_TAG_IMG:
		if (attribute(p, e, "alt") != NULL)
			say(p, l, attribute(p, e, "alt"));
		break;
	case GUMBO_TAG_INPUT:
		if (attribute(p, e, "value") != NULL &&
		    !text_ieq(attribute(p, e, "type"), "hidden"))
			say(p, l, attribute(p, e, "value"));
		l->link = target(p, attribute(p, e, "formaction"));
		break;
	case GUMBO_TAG_LI:
		if (item != NULL && *item > 0)
			g_string_append_printf(p->out, "%d. ", (*item)++);
		else
			g_string_append(p->out, "- ");
		break;
	case GUMBO_TAG_TD:
	case GUMBO_TAG_TH:
		if (p->out->len > 0 && p->out->str[p->out->len - 1] != '\n')
			g_string_append_c(p->out, '\t');
		l->at = p->fresh = p->out->len;
		break;
	case GUMBO_TAG_DD:
		/* a term and what it is: a label and its value */
		if (p->term > 0 && p->out->len == p->term + 1) {
			g_string_truncate(p->out, p->term);
			g_string_append(p->out,
			    p->out->str[p->term - 1] == ':' ? " " : ": ");
		}
		break;
	case GUMBO_TAG_OL:
		l->item = 1;
		break;
	case GUMBO_TAG_PRE:
	case GUMBO_TAG_LISTING:
	case GUMBO_TAG_TEXTAREA:
		p->pre++;
		break;
	default:
		break;
	}
}

/* A cell of one line, as Outlook makes them of paragraphs, is followed by the
 * next cell, not by an empty line. */
static void
end_cell(struct print *p, size_t at)
{
	size_t n = p->out->len;

	p->fresh = SIZE_MAX;
	while (n > at && g_ascii_isspace(p->out->str[n - 1]))
		n--;
	if (at < n && memchr(p->out->str + at, '\n', n - at) == NULL)
		g_string_truncate(p->out, n);
}

static void
end(struct print *p, const GumboElement *e, const struct level *l)
{
	put_target(p, l);
	if (e->tag == GUMBO_TAG_PRE || e->tag == GUMBO_TAG_LISTING ||
	    e->tag == GUMBO_TAG_TEXTAREA)
		p->pre--;
	if (e->tag == GUMBO_TAG_TD || e->tag == GUMBO_TAG_TH)
		end_cell(p, l->at);
	if (e->tag == GUMBO_TAG_DT)
		p->term = p->out->len;
	line_break(p->out, e->tag);
	if (l->quotes)
		quote_turn(p, -1);
	p->ended = p->out->len;
}

/* Down and up by the pointers of the tree, with a level for each element
 * on the way: no recursion. */
static void
walk(struct print *p, const GumboNode *root)
{
	GArray *levels = g_array_new(FALSE, TRUE, sizeof(struct level));
	const GumboNode *n = root;
	struct level top = {.colour = {0, 0xffffff}};
	bool down = true;

	g_array_append_val(levels, top);
	while (n != NULL) {
		const GumboVector *kids = n->type == GUMBO_NODE_ELEMENT ?
		    &n->v.element.children : NULL;
		struct level *last = &g_array_index(levels, struct level,
		    levels->len - 1);

		if (kids != NULL && skipped(n->v.element.tag)) {
			if (n->v.element.tag == GUMBO_TAG_HEAD)
				read_base(p, kids);
			kids = NULL;
		} else if (kids != NULL && down) {
			struct level l = {.colour = last->colour,
			    .hides = last->hides};

			begin(p, n, &l, &last->item);
			g_array_append_val(levels, l);
			if (kids->length > 0) {
				n = kids->data[0];
				continue;
			}
			down = false;
			continue;
		} else if (kids != NULL) {
			end(p, &n->v.element, last);
			g_array_set_size(levels, levels->len - 1);
		} else if (n->type == GUMBO_NODE_TEXT ||
		    n->type == GUMBO_NODE_WHITESPACE ||
		    n->type == GUMBO_NODE_CDATA) {
			say(p, last, html_text(p->aside, n->v.text.text));
		}
		/* the next one, or up */
		if (n == root)
			break;
		kids = &n->parent->v.element.children;
		down = n->index_within_parent + 1 < kids->length;
		n = down ? kids->data[n->index_within_parent + 1] : n->parent;
	}
	g_array_free(levels, TRUE);
}

static void *
from_arena(void *a, size_t n)
{
	return arena_alloc(a, n);
}

static void
not_yet(void *a, void *p)
{
	/* it goes with the arena */
	(void)a;
	(void)p;
}

const char *
html_to_text(struct arena *a, const char *html, size_t len,
    bool *cut)
{
	GumboOptions o = kGumboDefaultOptions;
	struct html_aside *aside = html_aside_new(a, html, len);
	struct print p = {.a = a, .out = arena_gstring(a), .aside = aside,
	    .fresh = SIZE_MAX,
	    .quotes = g_array_new(FALSE, FALSE, sizeof(struct turn))};
	GString *tame = html_tame(a, html, len, aside, cut);
	GumboOutput *tree;

	o.allocator = from_arena;
	o.deallocator = not_yet;
	o.userdata = a;
	o.max_errors = 0;
	tree = gumbo_parse_with_options(&o, tame->str, tame->len);
	walk(&p, tree->root);
	close_hidden(&p);
	p.out = with_quotes(&p);
	g_array_free(p.quotes, TRUE);
	while (p.out->len > 0 && g_ascii_isspace(p.out->str[p.out->len - 1]))
		g_string_truncate(p.out, p.out->len - 1);
	newline(p.out);
	return text_repair(a, p.out->str, p.out->len);
}
