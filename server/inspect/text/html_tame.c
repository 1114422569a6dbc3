/*
 * HTML before gumbo sees it (html.h).
 *
 * gumbo builds the tree that a browser builds, without recursion, but some
 * of its steps walk the open elements, the formatting elements to be opened
 * again, or the attributes so far: what is deep, wide or badly nested costs
 * the square of its size (200,000 <div> take minutes).  This pass looks at
 * tags only, keeps every character of text, and leaves gumbo nothing to
 * repeat:
 *  - elements beyond a depth, and all beyond a number, lose their tags;
 *  - formatting elements, which are reopened in each paragraph, become
 *    <span>: for text they are all the same;
 *  - tags with very many attributes lose them, and all tags those that
 *    nobody asks for; long values and texts are put aside (html_aside.c).
 * Where it counts otherwise than gumbo, CPU time ends it (conf parser_cpu).
 */
#include "base/base.h"
#include "base/text.h"
#include "inspect/text/html.h"

enum { NAME_MAX_BYTES = 15 };

/* Nothing is inside these. */
static const char *const voids[] = {"area", "base", "br", "col", "embed",
    "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"};
/* These end by themselves when the next one, or their container, comes. */
static const char *const closing[] = {"p", "li", "dd", "dt", "option",
    "optgroup", "tr", "td", "th", "tbody", "thead", "tfoot", "colgroup",
    "html", "head", "body"};
static const char *const formatting[] = {"b", "big", "code", "em", "font",
    "i", "nobr", "s", "small", "strike", "strong", "tt", "u"};
/* Their content is text up to their own end. */
static const char *const raw[] = {"script", "style", "title", "textarea",
    "xmp", "iframe", "noembed", "noframes"};

/* What html.c asks for, and what gumbo itself looks at (type; prompt and
 * action of <isindex>). */
static const char *const wanted[] = {"action", "alt", "background", "bgcolor",
    "color", "formaction", "hidden", "href", "prompt", "style", "type",
    "value"};
/* Open elements of one name. */
struct count {
	unsigned kept, dropped;
};

struct tame {
	struct arena *a;
	GString *out;
	GHashTable *counts; /* of struct count by name */
	struct html_aside *aside;
	size_t depth, tags;
	bool *cut;
};

static bool
listed(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (*list[i] == *name && strcmp(list[i], name) == 0)
			return true;
	return false;
}
#define LISTED(list, name) listed((list), COUNT_OF(list), (name))

static bool
white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* Behind the value at p (HTML 13.2.5.37 to .39), or end. */
static const char *
value_end(const char *p, const char *end)
{
	while (p < end && white(*p))
		p++;
	if (p < end && (*p == '"' || *p == '\'')) {
		const char *mark = memchr(p + 1, *p, (size_t)(end - p - 1));

		return mark != NULL ? mark + 1 : end;
	}
	while (p < end && *p != '>' && !white(*p))
		p++;
	return p;
}

/* Behind the tag at p, as the standard finds its end (HTML 13.2.5.6 to .40):
 * were it another one for gumbo, text would be lost.  NULL: there is none. */
static const char *
tag_end(const char *p, const char *end, size_t *attributes)
{
	*attributes = 0;
	for (p++; p < end && *p != '>' && *p != '/' && !white(*p);)
		p++;
	while (p < end && *p != '>') {
		if (white(*p) || *p == '/') {
			p++;
			continue;
		}
		++*attributes;
		/* a '=' in front belongs to the name */
		for (p++; p < end && *p != '>' && *p != '/' && *p != '=' &&
		    !white(*p);)
			p++;
		while (p < end && white(*p))
			p++;
		if (p < end && *p == '=')
			p = value_end(p + 1, end);
	}
	return p < end ? p + 1 : NULL;
}

static struct count *
count_of(struct tame *t, const char *name)
{
	struct count *c = g_hash_table_lookup(t->counts, name);

	if (c == NULL) {
		c = ARENA_NEW(t->a, struct count);
		g_hash_table_insert(t->counts, arena_strdup(t->a, name), c);
	}
	return c;
}

/* Behind ` name="value"` at p: blanks, letters, a quoted value (it ends before
 * the last byte) and what may stand behind one.  p: it is anything else. */
static const char *
plain_attribute(const char *p, const char *end, char name[NAME_MAX_BYTES + 1],
    const char **value)
{
	const char *s = p, *mark;
	size_t n = 0;

	while (s < end && g_ascii_isspace(*s))
		s++;
	if (s == p)
		return p;
	for (; s < end && n < NAME_MAX_BYTES &&
	    (g_ascii_isalnum(*s) || *s == '-'); s++)
		name[n++] = g_ascii_tolower(*s);
	name[n] = '\0';
	if (n == 0 || end - s < 3 || *s != '=' ||
	    (s[1] != '"' && s[1] != '\''))
		return p;
	mark = memchr(s + 2, s[1], (size_t)(end - s - 2));
	if (mark == NULL || end - mark < 2 ||
	    (mark[1] != '>' && !g_ascii_isspace(mark[1])))
		return p;
	*value = s + 2;
	return mark + 1;
}

/* A class by which mail programs mark what they quote; all other classes are
 * for style sheets. */
static bool
names_quotation(const char *name, const char *p, const char *end)
{
	return strcmp(name, "class") == 0 &&
	    (g_strstr_len(p, end - p, "gmail_quote") != NULL ||
		g_strstr_len(p, end - p, "yahoo_quoted") != NULL);
}

/* The attributes in [p, end) without those that nobody asks for. */
static void
put_attributes(struct tame *t, const char *p, const char *end)
{
	char name[NAME_MAX_BYTES + 1];
	const char *next, *value;

	for (; (next = plain_attribute(p, end, name, &value)) > p; p = next)
		if (names_quotation(name, p, next) ||
		    (LISTED(wanted, name) && !html_put_value(t->aside,
			t->out, name, value, (size_t)(next - 1 - value))))
			text_put(t->out, p, (size_t)(next - p));
	/* from the first odd one on all of them */
	html_put_odd(t->out, p, (size_t)(end - p));
}

static void
put_tag(struct tame *t, const char *name, const char *rest, const char *end,
    bool bare)
{
	g_string_append_c(t->out, '<');
	g_string_append(t->out, name);
	if (bare)
		g_string_append_c(t->out, '>');
	else
		put_attributes(t, rest, end);
}

static void
put_end(struct tame *t, const char *name)
{
	g_string_append_len(t->out, "</", 2);
	text_put(t->out, name, strlen(name));
	g_string_append_c(t->out, '>');
}

static void
start_tag(struct tame *t, const char *name, const char *rest,
    const char *end, size_t attributes)
{
	bool bare = attributes > HTML_ATTRIBUTES_MAX ||
	    end - rest > HTML_TAG_MAX;
	struct count *c;

	if (++t->tags > HTML_TAGS_MAX) {
		*t->cut = true;
		g_string_append_c(t->out, ' ');
		return;
	}
	*t->cut |= bare;
	if (LISTED(voids, name) || LISTED(closing, name)) {
		put_tag(t, name, rest, end, bare);
		return;
	}
	c = count_of(t, name);
	if (t->depth >= HTML_DEPTH_MAX) {
		*t->cut = true;
		c->dropped++;
		return;
	}
	c->kept++;
	t->depth++;
	put_tag(t, LISTED(formatting, name) ? "span" : name, rest, end, bare);
}

static void
end_tag(struct tame *t, const char *name)
{
	struct count *c = g_hash_table_lookup(t->counts, name);

	if (LISTED(closing, name)) {
		put_end(t, name);
		return;
	}
	if (c == NULL)
		return; /* ends nothing */
	if (c->dropped > 0) {
		c->dropped--;
	} else if (c->kept > 0) {
		c->kept--;
		t->depth--;
		put_end(t, LISTED(formatting, name) ? "span" : name);
	}
}

/* The "</name" that ends raw text, or end. */
static const char *
raw_end(const char *p, const char *end, const char *name)
{
	size_t n = strlen(name);

	while (p < end && (p = memchr(p, '<', (size_t)(end - p))) != NULL) {
		if ((size_t)(end - p) > n + 2 && p[1] == '/' &&
		    g_ascii_strncasecmp(p + 2, name, n) == 0 &&
		    !g_ascii_isalnum(p[2 + n]))
			return p;
		p++;
	}
	return end;
}

/* Behind a comment whose text begins at p.  "<!-->" and "<!--->" are whole
 * ones, and "--!>" ends one too. */
static const char *
comment_end(const char *p, const char *end)
{
	if (p < end && *p == '>')
		return p + 1;
	if (end - p > 1 && p[0] == '-' && p[1] == '>')
		return p + 2;
	while ((p = memchr(p, '-', (size_t)(end - p))) != NULL) {
		if (end - p > 2 && memcmp(p, "-->", 3) == 0)
			return p + 3;
		if (end - p > 3 && memcmp(p, "--!>", 4) == 0)
			return p + 4;
		p++;
	}
	return end;
}

/* One tag, comment or stray '<' at p; what stands behind it. */
static const char *
one_tag(struct tame *t, const char *p, const char *end)
{
	bool closes = p + 1 < end && p[1] == '/';
	const char *s = p + 1 + closes, *stop;
	char name[NAME_MAX_BYTES + 1];
	size_t n = 0, attributes;

	if (end - p > 3 && memcmp(p, "<!--", 4) == 0)
		return comment_end(p + 4, end);
	if (p + 1 < end && (p[1] == '!' || p[1] == '?')) {
		stop = memchr(p, '>', (size_t)(end - p));
		return stop != NULL ? stop + 1 : end;
	}
	if (s >= end || !g_ascii_isalpha(*s)) {
		/* text, as gumbo would find too */
		g_string_append(t->out, "&lt;");
		return p + 1;
	}
	stop = tag_end(p + closes, end, &attributes);
	if (stop == NULL)
		return end;
	while (s < stop && n < NAME_MAX_BYTES && !g_ascii_isspace(*s) &&
	    *s != '/' && *s != '>')
		name[n++] = g_ascii_tolower(*s++);
	name[n] = '\0';
	if (closes) {
		end_tag(t, name);
		return stop;
	}
	if (LISTED(raw, name)) {
		const char *q = raw_end(stop, end, name);

		/* what is shown of them is text; the rest is nothing */
		if (strcmp(name, "textarea") == 0 || strcmp(name, "xmp") == 0) {
			g_string_append_c(t->out, ' ');
			for (; stop < q; stop++)
				if (*stop == '<')
					g_string_append(t->out, "&lt;");
				else
					g_string_append_c(t->out, *stop);
		}
		stop = q < end ? memchr(q, '>', (size_t)(end - q)) : NULL;
		return stop != NULL ? stop + 1 : end;
	}
	/* a name too long to be one, or odd: gumbo would take it, we need not */
	if (n == NAME_MAX_BYTES || strcmp(name, "plaintext") == 0 ||
	    strcmp(name, "svg") == 0 || strcmp(name, "math") == 0 ||
	    strcmp(name, "template") == 0)
		return stop;
	start_tag(t, name, s, stop, attributes);
	return stop;
}

GString *
html_tame(struct arena *a, const char *html, size_t len,
    struct html_aside *aside, bool *cut)
{
	struct tame t = {.a = a, .out = arena_gstring(a), .cut = cut,
	    .aside = aside, .counts = g_hash_table_new(g_str_hash, g_str_equal)};
	const char *p = html, *end = html + MIN(len, HTML_BYTES_MAX);

	*cut = len > HTML_BYTES_MAX;
	while (p < end) {
		const char *lt = memchr(p, '<', (size_t)(end - p));

		if (lt == NULL)
			lt = end;
		html_put_text(aside, t.out, p, (size_t)(lt - p));
		p = lt < end ? one_tag(&t, lt, end) : end;
	}
	g_hash_table_unref(t.counts);
	return t.out;
}
