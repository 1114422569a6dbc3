/* Slugs, teasers, article files: the part of topic.h without a database. */
#include "base/base.h"
#include "base/conf.h"
#include "base/markdown.h"
#include "base/text.h"
#include "base/when.h"
#include "core/list/topic.h"

/* A heading ends a teaser that already says this much. */
enum { TEASER_ENOUGH = 160, HEADER_LINES_MAX = 30 };

bool
topic_public(const char *tlp)
{
	return tlp != NULL && strcmp(tlp, "CLEAR") == 0;
}

const char *
topic_slug(struct arena *a, const char *text)
{
	/* "Jürgen" -> "Jurgen": what can be said in ASCII is. */
	g_autofree char *ascii = g_str_to_ascii(text, "C");
	GString *s = arena_gstring(a);

	for (const char *p = ascii; *p != '\0' && s->len < TOPIC_SLUG_MAX;
	     p++) {
		char c = g_ascii_tolower(*p);

		if (g_ascii_isalnum(c))
			g_string_append_c(s, c);
		else if (c != '\'' && s->len > 0 && s->str[s->len - 1] != '-')
			g_string_append_c(s, '-');
	}
	while (s->len > 0 && s->str[s->len - 1] == '-')
		g_string_truncate(s, s->len - 1);
	return s->len > 0 ? s->str : "item";
}

bool
topic_slug_ok(const char *slug)
{
	size_t n = strlen(slug);

	return n > 0 && n <= 2 * TOPIC_SLUG_MAX && slug[0] != '-' &&
	    strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

const char *
topic_guid(struct arena *a, const struct site *s, int64_t published,
    const char *slug)
{
	struct when_fields f;

	when_fields(published, &f);
	return arena_printf(a, "tag:%s,%04d:item/%s",
	    s->conf->site_mail_domain, f.year, slug);
}

const char *
topic_item_path(struct arena *a, const struct topic_item *i)
{
	bool adv = i->kind != NULL && strcmp(i->kind, "advisory") == 0;

	return arena_printf(a, "/%s/%s", adv ? "advisories" : "articles",
	    i->slug);
}

/* One of the five entities that cmark writes; anything else as it is. */
static const char *
entity(const char *p, GString *out)
{
	static const struct {
		const char *name, *text;
	} table[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"},
	    {"&quot;", "\""}, {"&#39;", "'"}};

	for (size_t i = 0; i < COUNT_OF(table); i++)
		if (g_str_has_prefix(p, table[i].name)) {
			g_string_append(out, table[i].text);
			return p + strlen(table[i].name);
		}
	g_string_append_c(out, *p);
	return p + 1;
}

/* Does p stand on a tag of this name ("/" before it for its end)? */
static bool
is_tag(const char *p, const char *name)
{
	size_t n = strlen(name);

	return *p == '<' && strncmp(p + 1, name, n) == 0 &&
	    (p[n + 1] == '>' || p[n + 1] == ' ');
}

static bool
is_heading(const char *p)
{
	return p[0] == '<' && p[1] == 'h' && g_ascii_isdigit(p[2]);
}

/* Behind the end of the heading or block of code that p stands on. */
static const char *
past_block(const char *p)
{
	bool heading = is_heading(p);

	do
		p = strchr(p + 1, '<');
	while (p != NULL &&
	    !(heading ? p[1] == '/' && p[2] == 'h' : is_tag(p, "/pre")));
	return p;
}

/* Items of a list run on as one sentence. */
static void
end_item(GString *s, const char *rest)
{
	rest += strspn(rest, "\n");
	while (s->len > 0 && g_ascii_isspace(s->str[s->len - 1]))
		g_string_truncate(s, s->len - 1);
	if (s->len > 0 && strchr(".:;,!?", s->str[s->len - 1]) == NULL)
		g_string_append_c(s, is_tag(rest, "li") ? ';' : '.');
	g_string_append_c(s, ' ');
}

/*
 * From our own markup, because there every mark of Markdown is already
 * understood: headings and blocks of code are left out, and the text ends
 * at the first heading that follows enough of it.
 */
const char *
topic_teaser(struct arena *a, const char *markdown)
{
	struct html html = markdown_html(a, markdown);
	GString *s = arena_gstring(a);
	const char *p = html.text != NULL ? html.text : "";

	while (*p != '\0' && s->len < 8 * TOPIC_TEASER_MAX) {
		bool item, paragraph;

		if (*p == '&') {
			p = entity(p, s);
			continue;
		}
		if (*p != '<') {
			g_string_append_c(s, *p++);
			continue;
		}
		if (is_heading(p) &&
		    g_utf8_strlen(s->str, -1) >= TEASER_ENOUGH)
			break;
		if ((is_heading(p) || is_tag(p, "pre")) &&
		    (p = past_block(p)) == NULL)
			break;
		item = is_tag(p, "/li");
		paragraph = is_tag(p, "/p");
		p += strcspn(p, ">");
		p += *p == '>';
		if (item)
			end_item(s, p);
		else if (paragraph)
			g_string_append_c(s, ' ');
	}
	return text_teaser(a, text_squash(a, s->str), TOPIC_TEASER_MAX);
}

/* -- article files -- */

static bool
header_line(struct arena *a, const struct topic_key *keys, size_t n,
    const char *line, size_t len, GError **err)
{
	const char *colon = memchr(line, ':', len);
	char *key;

	if (colon == NULL)
		return fault_set(err, FAULT_INPUT,
		    "A header line without a colon: %.*s", (int)MIN(len, 60),
		    line);
	key = arena_strndup(a, line, (size_t)(colon - line));
	for (size_t i = 0; i < n; i++)
		if (text_ieq(key, keys[i].key)) {
			*keys[i].to = text_squash(a, arena_strndup(a,
			    colon + 1, len - (size_t)(colon + 1 - line)));
			return true;
		}
	return fault_set(err, FAULT_INPUT, "Unknown header %s.", key);
}

bool
topic_read_header(struct arena *a, const char *text, size_t len,
    const struct topic_key *keys, size_t n, const char **body, GError **err)
{
	const char *p;
	int lines = 0;

	if (len > MARKDOWN_MAX)
		return fault_set(err, FAULT_LARGE, "The file is larger than "
		    "%d kB.", MARKDOWN_MAX / 1024);
	for (p = text_repair(a, text, len);
	     *p != '\0' && *p != '\n' && *p != '\r';) {
		size_t eol = strcspn(p, "\n"), used = eol;

		if (++lines > HEADER_LINES_MAX)
			return fault_set(err, FAULT_INPUT,
			    "The header block has no end.");
		if (used > 0 && p[used - 1] == '\r')
			used--;
		if (!header_line(a, keys, n, p, used, err))
			return false;
		p += eol + (p[eol] == '\n');
	}
	*body = p + strspn(p, "\r\n");
	return true;
}

bool
topic_date(struct arena *a, const char *s, int64_t *t)
{
	if (s != NULL && strlen(s) == 10)
		s = arena_printf(a, "%sT09:00:00Z", s);
	return s != NULL && when_parse_rfc3339(s, t);
}

const char *const *
topic_words(struct arena *a, const char *s)
{
	GPtrArray *list = arena_ptr_array(a);

	while (s != NULL && *(s += strspn(s, " ,")) != '\0') {
		size_t n = strcspn(s, " ,");

		g_ptr_array_add(list, arena_strndup(a, s, n));
		s += n;
	}
	g_ptr_array_add(list, NULL);
	return (const char *const *)list->pdata;
}

bool
topic_read_article(struct arena *a, const char *text, size_t len,
    struct topic_new *out, GError **err)
{
	struct topic_new n = {.advisory = DESC_NULL, .kind = "guidance"};
	const char *date = NULL, *topics = NULL;
	const struct topic_key keys[] = {{"title", &n.title},
	    {"author", &n.author}, {"slug", &n.slug}, {"date", &date},
	    {"topics", &topics}, {"tlp", &n.tlp}, {"kind", &n.kind}};

	if (!topic_read_header(a, text, len, keys, COUNT_OF(keys), &n.body,
		err))
		return false;
	if (text_blank(n.title) || text_blank(n.body))
		return fault_set(err, FAULT_INPUT, "It has no %s.",
		    text_blank(n.title) ? "title" : "text");
	if (n.slug == NULL)
		n.slug = topic_slug(a, n.title);
	if (!topic_slug_ok(n.slug))
		return fault_set(err, FAULT_INPUT, "The slug %s is not made "
		    "of lower-case letters, digits and hyphens.", n.slug);
	if (!topic_date(a, date, &n.published))
		return fault_set(err, FAULT_INPUT,
		    "The date is missing or not like 2026-07-13.");
	n.topics = topic_words(a, topics);
	*out = n;
	return true;
}
