/*
 * HTML mail as text (read.h): what a reader would see, one pass, nothing
 * fetched, nothing run.  Not a browser: tags that break lines do, tables
 * get blanks, links show their address behind their words.
 */
#include "base/base.h"
#include "inspect/read.h"

enum { LINK_MAX = 2000 };

static const char *const breaking[] = {"br", "p", "div", "tr", "li", "h1",
    "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "hr", "pre",
    "blockquote", "/p", "/div", "/tr", "/table", "/h1", "/h2", "/h3", "/h4",
    "/ul", "/ol", "/pre", "/blockquote"};
static const char *const hidden[] = {"script", "style", "head", "title",
    "template", "noscript"};

static const struct {
	const char *name;
	gunichar c;
} entities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'},
    {"apos", '\''}, {"nbsp", ' '}, {"copy", 0xa9}, {"reg", 0xae},
    {"euro", 0x20ac}, {"ndash", 0x2013}, {"mdash", 0x2014},
    {"hellip", 0x2026}, {"bull", 0x2022}, {"laquo", 0xab}, {"raquo", 0xbb},
    {"auml", 0xe4}, {"ouml", 0xf6}, {"uuml", 0xfc}, {"Auml", 0xc4},
    {"Ouml", 0xd6}, {"Uuml", 0xdc}, {"szlig", 0xdf}, {"eacute", 0xe9},
    {"egrave", 0xe8}, {"agrave", 0xe0}, {"ccedil", 0xe7}, {"aring", 0xe5},
    {"oslash", 0xf8}, {"aelig", 0xe6}, {"ntilde", 0xf1}, {"rsquo", 0x2019},
    {"lsquo", 0x2018}, {"rdquo", 0x201d}, {"ldquo", 0x201c}, {"zwnj", 0},
    {"shy", 0}, {"colon", ':'}, {"period", '.'}, {"commat", '@'},
    {"sol", '/'}};

/* One reference at p ("&#x2e;"); its length, or 0. */
static size_t
entity(const char *p, const char *end, GString *out)
{
	const char *semi = memchr(p, ';', MIN(12, (size_t)(end - p)));
	gunichar c = 0;

	if (semi == NULL)
		return 0;
	if (p[1] == '#') {
		char *stop;
		bool hex = (p[2] | 32) == 'x';
		guint64 v = g_ascii_strtoull(p + 2 + hex, &stop,
		    hex ? 16 : 10);

		if (stop != semi || v > 0x10ffff)
			return 0;
		c = (gunichar)v;
	} else {
		size_t i, n = (size_t)(semi - p - 1);

		for (i = 0; i < COUNT_OF(entities); i++)
			if (strlen(entities[i].name) == n &&
			    memcmp(entities[i].name, p + 1, n) == 0)
				break;
		if (i == COUNT_OF(entities))
			return 0;
		c = entities[i].c;
	}
	if (c == 0xa0)
		c = ' ';
	if ((c >= 32 || c == '\n' || c == '\t') && g_unichar_validate(c))
		g_string_append_unichar(out, c);
	return (size_t)(semi - p + 1);
}

static bool
listed(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* href="..." of a tag, entities resolved. */
static const char *
href(struct arena *a, const char *tag, const char *end)
{
	for (const char *p = tag; p + 6 < end; p++) {
		GString *out;
		const char *v;
		char mark;

		if (g_ascii_strncasecmp(p, "href", 4) != 0 ||
		    g_ascii_isalnum(p[-1]))
			continue;
		v = p + 4;
		while (v < end && g_ascii_isspace(*v))
			v++;
		if (v == end || *v++ != '=')
			continue;
		while (v < end && g_ascii_isspace(*v))
			v++;
		mark = v < end && (*v == '"' || *v == '\'') ? *v++ : ' ';
		out = arena_gstring(a);
		while (v < end && *v != mark && out->len < LINK_MAX &&
		    (mark != ' ' || (*v != '>' && !g_ascii_isspace(*v)))) {
			size_t n = *v == '&' ? entity(v, end, out) : 0;

			if (n == 0 && *v != '\n' && *v != '\r')
				g_string_append_c(out, *v);
			v += MAX(n, 1);
		}
		return out->str;
	}
	return NULL;
}

/* Where the tag at p ends: quotes may hold '>'. */
static const char *
tag_end(const char *p, const char *end)
{
	char mark = 0;
	const char *s = p;

	for (p++; p < end; p++) {
		if (mark != 0) {
			if (*p == mark)
				mark = 0;
			else if (p - s > 8192)
				return memchr(s, '>', (size_t)(end - s));
		} else if (*p == '"' || *p == '\'') {
			mark = p[-1] == '=' || p[-1] == ' ' ? *p : 0;
		} else if (*p == '>') {
			return p;
		}
	}
	return NULL;
}

static const char *
find_close(const char *p, const char *end, const char *name)
{
	size_t n = strlen(name);

	for (; end - p > (ptrdiff_t)n + 2; p++) {
		p = memchr(p, '<', (size_t)(end - p));
		if (p == NULL || end - p <= (ptrdiff_t)n + 2)
			return NULL;
		if (p[1] == '/' && g_ascii_strncasecmp(p + 2, name, n) == 0)
			return p;
	}
	return NULL;
}

static void
newline(GString *out)
{
	while (out->len > 0 && out->str[out->len - 1] == ' ')
		g_string_truncate(out, out->len - 1);
	if (out->len > 1 && out->str[out->len - 1] == '\n' &&
	    out->str[out->len - 2] == '\n')
		return;
	if (out->len > 0)
		g_string_append_c(out, '\n');
}

const char *
html_to_text(struct arena *a, const char *html, size_t len)
{
	const char *p = html, *end = html + len, *link = NULL;
	GString *out = arena_gstring(a);
	size_t link_at = 0;

	while (p < end) {
		const char *close;
		char name[16];
		size_t n = 0;

		if (*p == '&') {
			n = entity(p, end, out);
			if (n == 0)
				g_string_append_c(out, '&');
			p += MAX(n, 1);
			continue;
		}
		if (*p != '<' || p + 1 == end || !(g_ascii_isalpha(p[1]) ||
			p[1] == '/' || p[1] == '!' || p[1] == '?')) {
			if (!g_ascii_isspace(*p))
				g_string_append_c(out, *p);
			else if (out->len > 0 &&
			    !g_ascii_isspace(out->str[out->len - 1]))
				g_string_append_c(out, ' ');
			p++;
			continue;
		}
		if (strncmp(p, "<!--", MIN(4, (size_t)(end - p))) == 0) {
			close = g_strstr_len(p, end - p, "-->");
			p = close != NULL ? close + 3 : end;
			continue;
		}
		close = tag_end(p, end);
		if (close == NULL)
			break;
		for (const char *q = p + 1; q < close && n < 15 &&
		    (g_ascii_isalnum(*q) || (*q == '/' && n == 0)); q++)
			name[n++] = g_ascii_tolower(*q);
		name[n] = '\0';
		if (listed(hidden, COUNT_OF(hidden), name)) {
			close = find_close(close, end, name);
			p = close != NULL ? close : end;
			if (close == NULL)
				break;
			close = memchr(p, '>', (size_t)(end - p));
			p = close != NULL ? close + 1 : end;
			continue;
		}
		if (listed(breaking, COUNT_OF(breaking), name)) {
			newline(out);
		} else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0) {
			g_string_append_c(out, ' ');
		} else if (strcmp(name, "a") == 0) {
			link = href(a, p, close);
			link_at = out->len;
		} else if (strcmp(name, "/a") == 0 && link != NULL) {
			if (strstr(link, ":") != NULL && *link != '#' &&
			    strstr(out->str + MIN(link_at, out->len), link) ==
				NULL)
				g_string_append_printf(out, " <%s>", link);
			link = NULL;
		}
		p = close + 1;
	}
	newline(out);
	return text_repair(a, out->str, out->len);
}
