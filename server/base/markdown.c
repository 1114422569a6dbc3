/* See markdown.h. */
#include "base/base.h"
#include "base/markdown.h"
#include "base/text.h"

#include <cmark.h>

enum {
	COLUMNS = 76,
	PREFIX_MAX = 40, /* deeper quotes and lists are not moved further in */
	RULE = 40,
};

/* Replaces n by its children. */
static void
unwrap(cmark_node *n)
{
	cmark_node *child;

	while ((child = cmark_node_first_child(n)) != NULL)
		if (!cmark_node_insert_before(n, child))
			cmark_node_unlink(child);
	cmark_node_unlink(n);
}

/*
 * Takes out what no reader of ours should load or run: markup, pictures
 * (the text in their place stays; a remote picture tells who reads) and
 * links to anything but web, mail and our own paths.
 */
static void
make_harmless(cmark_node *root)
{
	cmark_iter *it = cmark_iter_new(root);
	g_autoptr(GPtrArray) drop = g_ptr_array_new();
	g_autoptr(GPtrArray) open = g_ptr_array_new();

	/* Collected first: the iterator dislikes changes under its feet. */
	for (cmark_event_type e; (e = cmark_iter_next(it)) != CMARK_EVENT_DONE;) {
		cmark_node *n = cmark_iter_get_node(it);
		cmark_node_type t = cmark_node_get_type(n);

		if (t == CMARK_NODE_HTML_BLOCK || t == CMARK_NODE_HTML_INLINE)
			g_ptr_array_add(drop, n);
		if (e == CMARK_EVENT_EXIT && (t == CMARK_NODE_IMAGE ||
			(t == CMARK_NODE_LINK &&
			    !text_url_safe(cmark_node_get_url(n)))))
			g_ptr_array_add(open, n);
	}
	cmark_iter_free(it);
	for (guint i = 0; i < open->len; i++) {
		unwrap(open->pdata[i]);
		cmark_node_free(open->pdata[i]);
	}
	for (guint i = 0; i < drop->len; i++) {
		cmark_node_unlink(drop->pdata[i]);
		cmark_node_free(drop->pdata[i]);
	}
}

static cmark_node *
parse(struct arena *a, const char *text)
{
	const char *clean = text == NULL ? "" :
	    text_repair(a, text, strnlen(text, MARKDOWN_MAX));
	cmark_node *root = cmark_parse_document(clean, strlen(clean),
	    CMARK_OPT_DEFAULT);

	make_harmless(root);
	return root;
}

struct html
markdown_html(struct arena *a, const char *text)
{
	cmark_node *root = parse(a, text);
	/* Safe mode is cmark's default; it stays a second wall. */
	char *s = cmark_render_html(root, CMARK_OPT_DEFAULT);
	struct html html = {arena_strdup(a, s)};

	free(s);
	cmark_node_free(root);
	return html;
}

struct plain {
	GString *out;
	GString *prefix; /* of each line: "> ", blanks of a list */
	GString *first;  /* of the next line, when it has a bullet */
	GString *words;  /* text of the paragraph so far */
	GArray *pushed;  /* bytes that each open block added to prefix */
	GArray *links;   /* where the text of each open link starts in words */
};

static void
trim_blanks(GString *s)
{
	while (s->len > 0 && s->str[s->len - 1] == ' ')
		g_string_truncate(s, s->len - 1);
}

static size_t
columns(const char *s, size_t len)
{
	size_t n = 0;

	for (const char *p = s; p < s + len; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (!g_unichar_iszerowidth(c))
			n += g_unichar_iswide(c) ? 2 : 1;
	}
	return n;
}

static void
begin_line(struct plain *p)
{
	g_string_append(p->out, p->first->len > 0 ? p->first->str :
	    p->prefix->str);
	g_string_truncate(p->first, 0);
}

static void
end_line(struct plain *p)
{
	trim_blanks(p->out);
	g_string_append_c(p->out, '\n');
}

/* more: on every line; start: instead of it on the first. */
static void
push(struct plain *p, const char *start, const char *more)
{
	guint n = 0;

	if (p->prefix->len < PREFIX_MAX) {
		n = (guint)strlen(more);
		if (p->first->len == 0)
			g_string_assign(p->first, p->prefix->str);
		g_string_append(p->first, start);
		g_string_append(p->prefix, more);
	}
	g_array_append_val(p->pushed, n);
}

static void
pop(struct plain *p)
{
	guint n = g_array_index(p->pushed, guint, p->pushed->len - 1);

	g_array_set_size(p->pushed, p->pushed->len - 1);
	g_string_truncate(p->prefix, p->prefix->len - n);
	/* Nothing stood in it: show at least its mark. */
	if (p->first->len > p->prefix->len) {
		begin_line(p);
		end_line(p);
	}
	g_string_truncate(p->first, 0);
}

/* An empty line between blocks, but not within a tight list. */
static void
separate(struct plain *p, cmark_node *n)
{
	cmark_node *parent = cmark_node_parent(n);
	cmark_node *list = parent;

	if (cmark_node_previous(n) == NULL)
		return;
	if (cmark_node_get_type(parent) == CMARK_NODE_ITEM)
		list = cmark_node_parent(parent);
	if (cmark_node_get_type(list) == CMARK_NODE_LIST &&
	    cmark_node_get_list_tight(list))
		return;
	begin_line(p);
	end_line(p);
}

/* Writes p->words in lines; the width of the longest one. */
static size_t
wrap(struct plain *p)
{
	const char *s = p->words->str;
	size_t longest = 0;

	while (*s == ' ' || *s == '\n')
		s++;
	while (*s != '\0') {
		size_t from, at, text = 0;

		from = p->out->len;
		begin_line(p);
		at = columns(p->out->str + from, p->out->len - from);
		for (;;) {
			size_t len = strcspn(s, " \n");
			size_t width = columns(s, len);

			if (text > 0 && at + text + 1 + width > COLUMNS)
				break;
			if (text > 0) {
				g_string_append_c(p->out, ' ');
				text++;
			}
			g_string_append_len(p->out, s, (gssize)len);
			text += width;
			s += len;
			while (*s == ' ')
				s++;
			if (*s == '\0')
				break;
			if (*s == '\n') {
				while (*s == ' ' || *s == '\n')
					s++;
				break;
			}
		}
		longest = MAX(longest, text);
		end_line(p);
	}
	g_string_truncate(p->words, 0);
	return longest;
}

static void
underlined(struct plain *p, cmark_node *n)
{
	char line = cmark_node_get_heading_level(n) == 1 ? '=' : '-';
	size_t width = wrap(p);

	if (width == 0)
		return;
	begin_line(p);
	for (size_t i = 0; i < width && i < COLUMNS; i++)
		g_string_append_c(p->out, line);
	end_line(p);
}

static void
code_block(struct plain *p, const char *s)
{
	while (*s != '\0') {
		size_t len = strcspn(s, "\n");

		begin_line(p);
		g_string_append(p->out, "    ");
		g_string_append_len(p->out, s, (gssize)len);
		end_line(p);
		s += len + (s[len] == '\n');
	}
}

static void
rule(struct plain *p)
{
	begin_line(p);
	for (int i = 0; i < RULE; i++)
		g_string_append_c(p->out, '-');
	end_line(p);
}

static void
item(struct plain *p, cmark_node *n)
{
	cmark_node *list = cmark_node_parent(n);
	char bullet[32] = "- ", blanks[32];

	if (cmark_node_get_list_type(list) == CMARK_ORDERED_LIST) {
		/* Each item counts from its brother. */
		gint64 number = cmark_node_get_list_start(list);
		gpointer seen = cmark_node_get_user_data(list);

		number += GPOINTER_TO_INT(seen);
		cmark_node_set_user_data(list,
		    GINT_TO_POINTER(GPOINTER_TO_INT(seen) + 1));
		g_snprintf(bullet, sizeof(bullet), "%" G_GINT64_FORMAT "%s ",
		    number, cmark_node_get_list_delim(list) ==
		    CMARK_PAREN_DELIM ? ")" : ".");
	}
	memset(blanks, ' ', sizeof(blanks));
	blanks[strlen(bullet)] = '\0';
	push(p, bullet, blanks);
}

/* "text <url>", unless the text says it all. */
static void
link_end(struct plain *p, const char *url)
{
	guint from = g_array_index(p->links, guint, p->links->len - 1);
	const char *text = p->words->str + from;

	g_array_set_size(p->links, p->links->len - 1);
	if (text_istarts(url, "mailto:"))
		url += strlen("mailto:");
	if (strcmp(text, url) == 0)
		return;
	g_string_append_printf(p->words, "%s<%s>", *text != '\0' ? " " : "",
	    url);
}

static void
enter(struct plain *p, cmark_node *n)
{
	const char *literal = cmark_node_get_literal(n);
	guint at = (guint)p->words->len;
	cmark_node_type t = cmark_node_get_type(n);

	if (t != CMARK_NODE_DOCUMENT && t <= CMARK_NODE_LAST_BLOCK)
		separate(p, n);
	switch (t) {
	case CMARK_NODE_BLOCK_QUOTE:
		push(p, "> ", "> ");
		break;
	case CMARK_NODE_ITEM:
		item(p, n);
		break;
	case CMARK_NODE_CODE_BLOCK:
		code_block(p, literal);
		break;
	case CMARK_NODE_THEMATIC_BREAK:
		rule(p);
		break;
	case CMARK_NODE_TEXT:
		g_string_append(p->words, literal);
		break;
	case CMARK_NODE_CODE:
		g_string_append_printf(p->words, "`%s`", literal);
		break;
	case CMARK_NODE_SOFTBREAK:
		g_string_append_c(p->words, ' ');
		break;
	case CMARK_NODE_LINEBREAK:
		g_string_append_c(p->words, '\n');
		break;
	case CMARK_NODE_EMPH:
	case CMARK_NODE_STRONG:
		g_string_append_c(p->words, '*');
		break;
	case CMARK_NODE_LINK:
		g_array_append_val(p->links, at);
		break;
	default:
		break;
	}
}

static void
leave(struct plain *p, cmark_node *n)
{
	switch (cmark_node_get_type(n)) {
	case CMARK_NODE_BLOCK_QUOTE:
	case CMARK_NODE_ITEM:
		pop(p);
		break;
	case CMARK_NODE_PARAGRAPH:
		wrap(p);
		break;
	case CMARK_NODE_HEADING:
		underlined(p, n);
		break;
	case CMARK_NODE_EMPH:
	case CMARK_NODE_STRONG:
		g_string_append_c(p->words, '*');
		break;
	case CMARK_NODE_LINK:
		link_end(p, cmark_node_get_url(n));
		break;
	default:
		break;
	}
}

/* By cmark's iterator, not by recursion: the depth is the writer's. */
const char *
markdown_plain(struct arena *a, const char *text)
{
	cmark_node *root = parse(a, text);
	cmark_iter *it = cmark_iter_new(root);
	struct arena *own = arena_child(a, "markdown");
	struct plain p = {
	    .out = arena_gstring(own),
	    .prefix = arena_gstring(own),
	    .first = arena_gstring(own),
	    .words = arena_gstring(own),
	    .pushed = g_array_new(FALSE, FALSE, sizeof(guint)),
	    .links = g_array_new(FALSE, FALSE, sizeof(guint)),
	};
	const char *result;

	for (cmark_event_type e; (e = cmark_iter_next(it)) != CMARK_EVENT_DONE;) {
		if (e == CMARK_EVENT_ENTER)
			enter(&p, cmark_iter_get_node(it));
		else
			leave(&p, cmark_iter_get_node(it));
	}
	result = arena_strdup(a, p.out->str);
	g_array_free(p.pushed, TRUE);
	g_array_free(p.links, TRUE);
	arena_free(own);
	cmark_iter_free(it);
	cmark_node_free(root);
	return result;
}
