#include "base/base.h"
#include "inspect/format/xml.h"

#include "base/text.h"

#include <libxml/catalog.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

enum {
	QUOTED_LINE_MAX = 200, /* bytes before a tag that are looked at */
	PREFIX_MAX = 64,       /* bytes of the prefix of a name */
};

struct build {
	struct arena *a;
	xmlParserCtxtPtr parser;
	struct xml *root, *open;
	GString *texts[XML_DEPTH_MAX + 1]; /* of the open elements */
	int depth;
	size_t nodes;
	const char *reason;
};

void
xml_init(void)
{
	xmlInitParser();
	xmlCatalogSetDefaults(XML_CATA_ALLOW_NONE);
}

/* ---- where it is --------------------------------------------------------- */

static bool
name_char(char c)
{
	return g_ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
}

/* "<name" or "<prefix:name", or with end_tag the same behind "</". */
static const char *
find_tag(const char *from, const char *end, const char *name, bool end_tag)
{
	size_t len = strlen(name);

	for (const char *p = from;
	    (p = memchr(p, '<', (size_t)(end - p))) != NULL; p++) {
		const char *q = p + 1, *colon;

		if (end_tag && (q == end || *q++ != '/'))
			continue;
		for (colon = q; colon < end && colon - q < PREFIX_MAX &&
		    name_char(*colon); colon++)
			;
		if (colon < end && *colon == ':')
			q = colon + 1;
		if ((size_t)(end - q) >= len && memcmp(q, name, len) == 0 &&
		    (q + len == end || !name_char(q[len])))
			return p;
	}
	return NULL;
}

/* "> <root>": somebody answers a report, and reports nothing. */
static bool
quoted(const char *s, const char *p)
{
	const char *line = p;

	while (line > s && line[-1] != '\n' && p - line < QUOTED_LINE_MAX)
		line--;
	while (line < p && (*line == ' ' || *line == '\t'))
		line++;
	return *line == '>';
}

bool
xml_locate(const char *s, size_t n, const char *root, size_t *start,
    size_t *len)
{
	const char *end = s + n, *p = find_tag(s, end, root, false);
	const char *close, *again;

	while (p != NULL && quoted(s, p))
		p = find_tag(p + 1, end, root, false);
	if (p == NULL)
		return false;
	*start = (size_t)(p - s);
	close = find_tag(p + 1, end, root, true);
	again = find_tag(p + 1, end, root, false);
	if (again != NULL && (close == NULL || again < close))
		end = again; /* nobody closed the first */
	else if (close != NULL) {
		const char *gt = memchr(close, '>', (size_t)(end - close));

		if (gt != NULL)
			end = gt + 1;
	}
	*len = (size_t)(end - p);
	return true;
}

/* ---- mending ------------------------------------------------------------- */

/* "&amp;" and "&#60;" stay, anything else that begins with & is text. */
static bool
reference(const char *p, const char *end)
{
	static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;",
	    "&apos;"};
	const char *q = p + 2;

	for (size_t i = 0; i < COUNT_OF(known); i++) {
		size_t n = strlen(known[i]);

		if ((size_t)(end - p) >= n && memcmp(p, known[i], n) == 0)
			return true;
	}
	if (end - p < 4 || p[1] != '#')
		return false;
	if (*q == 'x')
		q++;
	while (q < end && q - p < 10 && g_ascii_isxdigit(*q))
		q++;
	return q < end && *q == ';' && g_ascii_isxdigit(q[-1]);
}

/* The end of the tag at p, behind its '>'; NULL when it is none.  Looks no
 * further than the next '<', so all calls together stay linear. */
static const char *
tag_end(const char *p, const char *end, size_t *attrs)
{
	const char *q = p + 1;
	char quote = '\0';

	*attrs = 0;
	if (q < end && *q == '/')
		q++;
	if (q >= end || !(g_ascii_isalpha(*q) || *q == '_' || (*q & 0x80)))
		return NULL;
	for (; q < end && *q != '<'; q++) {
		if (quote != '\0') {
			if (*q == quote)
				quote = '\0';
		} else if (*q == '"' || *q == '\'') {
			quote = *q;
		} else if (*q == '=') {
			++*attrs;
		} else if (*q == '>') {
			return q + 1;
		}
	}
	return NULL;
}

/* Text and attribute values: p to end, every stray & made text. */
static void
put_text(GString *out, const char *p, const char *end, bool *mended)
{
	while (p < end) {
		const char *amp = memchr(p, '&', (size_t)(end - p));

		g_string_append_len(out, p, (amp != NULL ? amp : end) - p);
		if (amp == NULL)
			return;
		if (reference(amp, end)) {
			g_string_append_c(out, '&');
		} else {
			g_string_append(out, "&amp;");
			*mended = true;
		}
		p = amp + 1;
	}
}

static const char *
find(const char *p, const char *end, const char *what)
{
	size_t n = strlen(what);

	while ((p = memchr(p, *what, (size_t)(end - p))) != NULL) {
		if ((size_t)(end - p) >= n && memcmp(p, what, n) == 0)
			return p;
		p++;
	}
	return NULL;
}

/* What libxml2 may see of s; NULL with a reason. */
static GString *
mend(struct arena *a, const char *s, size_t n, const char **reason,
    bool *mended)
{
	static const struct {
		const char *open, *close;
	} spans[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};
	GString *out = arena_gstring(a);
	const char *p = s, *end = s + n;

	while (p < end) {
		const char *lt = memchr(p, '<', (size_t)(end - p)), *q = NULL;
		size_t attrs;

		put_text(out, p, lt != NULL ? lt : end, mended);
		if (lt == NULL)
			break;
		p = lt;
		for (size_t i = 0; i < COUNT_OF(spans) && q == NULL; i++) {
			size_t k = strlen(spans[i].open);

			if ((size_t)(end - p) < k ||
			    memcmp(p, spans[i].open, k) != 0)
				continue;
			q = find(p + k, end, spans[i].close);
			q = q != NULL ? q + strlen(spans[i].close) : end;
			/* comments and instructions say nothing to us */
			if (p[2] == '[')
				g_string_append_len(out, p, q - p);
		}
		if (q != NULL) {
			p = q;
			continue;
		}
		if (end - p > 2 && p[1] == '!' && g_ascii_isalpha(p[2])) {
			*reason = "it has a document type inside";
			return NULL;
		}
		q = tag_end(p, end, &attrs);
		if (attrs > XML_ATTRS_MAX) {
			*reason = "an element has too many attributes";
			return NULL;
		}
		if (q != NULL) {
			put_text(out, p, q, mended);
			p = q;
		} else {
			g_string_append(out, "&lt;");
			*mended = true;
			p++;
		}
	}
	return out;
}

/* ---- building ------------------------------------------------------------ */

struct xml *
xml_add(struct arena *a, struct xml *parent, const char *name)
{
	struct xml *e = ARENA_NEW(a, struct xml);

	e->name = name;
	e->text = "";
	e->parent = parent;
	if (parent != NULL) {
		if (parent->last != NULL)
			parent->last->next = e;
		else
			parent->first = e;
		parent->last = e;
	}
	return e;
}

static void
stop(struct build *b, const char *reason)
{
	if (b->reason == NULL)
		b->reason = reason;
	xmlStopParser(b->parser);
}

/* libxml2 leaves an & of a value as a reference, unless it is told to
 * resolve entities, which it is not. */
static const char *
value_of(struct arena *a, const char *s, size_t n)
{
	static const char amp[] = "&#38;";
	char *out = arena_strndup(a, s, n), *to = out;

	for (const char *p = out; *p != '\0';) {
		bool is = strncmp(p, amp, strlen(amp)) == 0;

		*to++ = *p;
		p += is ? strlen(amp) : 1;
	}
	*to = '\0';
	return out;
}

static void
on_start(void *user, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int n_ns, const xmlChar **ns, int n_attrs,
    int n_defaulted, const xmlChar **attrs)
{
	struct build *b = user;
	struct xml *e;

	(void)prefix, (void)uri, (void)n_ns, (void)ns, (void)n_defaulted;
	if (b->reason != NULL)
		return;
	b->nodes += 1 + (size_t)n_attrs;
	if (b->depth >= XML_DEPTH_MAX || b->nodes > XML_NODES_MAX) {
		stop(b, b->depth >= XML_DEPTH_MAX ? "it is nested too deep" :
			"it has too many elements");
		return;
	}
	e = xml_add(b->a, b->open, arena_strdup(b->a, (const char *)name));
	e->attrs = ARENA_ARRAY(b->a, struct xml_attr, (size_t)n_attrs);
	for (int i = 0; i < n_attrs; i++) {
		const char *const *x = (const char *const *)attrs + i * 5;

		e->attrs[i].name = arena_strdup(b->a, x[0]);
		e->attrs[i].value = value_of(b->a, x[3],
		    (size_t)(x[4] - x[3]));
	}
	e->n_attrs = (size_t)n_attrs;
	if (b->root == NULL)
		b->root = e;
	b->open = e;
	if (b->texts[b->depth] == NULL)
		b->texts[b->depth] = arena_gstring(b->a);
	g_string_truncate(b->texts[b->depth], 0);
	b->depth++;
}

static void
close_one(struct build *b)
{
	GString *s = b->texts[b->depth - 1];
	const char *p = s->str, *end = p + s->len;

	while (p < end && g_ascii_isspace(*p))
		p++;
	while (end > p && g_ascii_isspace(end[-1]))
		end--;
	if (end > p)
		b->open->text = arena_strndup(b->a, p, (size_t)(end - p));
	b->open = b->open->parent;
	b->depth--;
}

static void
on_end(void *user, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri)
{
	struct build *b = user;

	(void)name, (void)prefix, (void)uri;
	if (b->reason == NULL && b->depth > 0)
		close_one(b);
}

static void
on_text(void *user, const xmlChar *s, int n)
{
	struct build *b = user;

	if (b->reason == NULL && b->depth > 0)
		g_string_append_len(b->texts[b->depth - 1], (const char *)s,
		    n);
}

/* A DTD cannot get here, because mend() lets none through. */
static xmlEntityPtr
on_entity(void *user, const xmlChar *name)
{
	(void)user;
	return xmlGetPredefinedEntity(name);
}

const struct xml *
xml_parse(struct arena *a, const char *s, size_t n, const char **reason,
    bool *mended)
{
	struct build b = {.a = a};
	xmlParserCtxtPtr p;
	GString *text;

	*reason = NULL;
	*mended = false;
	if (n > XML_BYTES_MAX) {
		*reason = "it is too large";
		return NULL;
	}
	text = mend(a, s, n, reason, mended);
	if (text == NULL)
		return NULL;
	p = text->len > 0 ? xmlCreateMemoryParserCtxt(text->str,
	    (int)text->len) : NULL;
	if (p == NULL) {
		*reason = "it is empty";
		return NULL;
	}
	xmlCtxtUseOptions(p, XML_PARSE_RECOVER | XML_PARSE_NONET |
	    XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_IGNORE_ENC);
	memset(p->sax, 0, sizeof(*p->sax));
	p->sax->initialized = XML_SAX2_MAGIC;
	p->sax->startElementNs = on_start;
	p->sax->endElementNs = on_end;
	p->sax->characters = p->sax->cdataBlock = on_text;
	p->sax->ignorableWhitespace = on_text;
	p->sax->getEntity = on_entity;
	p->userData = &b;
	b.parser = p;
	xmlParseDocument(p);
	if (!p->wellFormed)
		*mended = true;
	if (p->myDoc != NULL)
		xmlFreeDoc(p->myDoc);
	xmlFreeParserCtxt(p);
	while (b.depth > 0)
		close_one(&b);
	*reason = b.reason;
	if (b.root == NULL && b.reason == NULL)
		*reason = "it holds no element";
	return b.reason == NULL ? b.root : NULL;
}

/* ---- reading ------------------------------------------------------------- */

static const struct xml *
named(const struct xml *e, const char *name)
{
	while (e != NULL && strcmp(e->name, name) != 0)
		e = e->next;
	return e;
}

const struct xml *
xml_child(const struct xml *e, const char *name)
{
	return e != NULL ? named(e->first, name) : NULL;
}

const struct xml *
xml_again(const struct xml *e)
{
	return e != NULL ? named(e->next, e->name) : NULL;
}

bool
xml_walk(const struct xml *root, const struct xml **at)
{
	const struct xml *e = *at;

	if (e == NULL) {
		*at = root;
		return root != NULL;
	}
	if (e->first != NULL) {
		*at = e->first;
		return true;
	}
	while (e != root && e->next == NULL)
		e = e->parent;
	*at = e == root ? NULL : e->next;
	return *at != NULL;
}

const struct xml *
xml_find(const struct xml *root, const char *name)
{
	const struct xml *e = NULL;

	while (xml_walk(root, &e))
		if (e != root && strcmp(e->name, name) == 0)
			return e;
	return NULL;
}

const char *
xml_text(const struct xml *e)
{
	return e != NULL && *e->text != '\0' ? e->text : NULL;
}

const char *
xml_attr(const struct xml *e, const char *name)
{
	for (size_t i = 0; e != NULL && i < e->n_attrs; i++)
		if (strcmp(e->attrs[i].name, name) == 0 &&
		    !text_blank(e->attrs[i].value))
			return e->attrs[i].value;
	return NULL;
}

const char *
xml_get(const struct xml *e, const char *child)
{
	return xml_text(xml_child(e, child));
}
