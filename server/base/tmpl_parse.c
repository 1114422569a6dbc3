/* Files of templates into ops: see tmpl_priv.h. */
#include "base/base.h"
#include "base/text.h"
#include "base/tmpl_priv.h"

enum {
	OPS_MAX = 20000,
	/* "{{! view: name }}": names are short. */
	TAG_MAX = 200,
};

/* A struct whose names are known here; levels are counted from the root. */
struct frame {
	const struct desc *desc;
	unsigned level;
};

struct section {
	const char *name;
	size_t op;
	unsigned frames; /* before it */
	struct tmpl_place place;
	const char *at;
};

struct compile {
	struct arena *a;
	GHashTable *sources;
	const struct tmpl_source *source;
	const char *at; /* the tag being read, for line numbers */
	enum tmpl_format format;
	struct tmpl_place place;
	struct frame frames[TMPL_DEPTH_MAX + 1];
	unsigned n_frames;
	unsigned level; /* of the next section that enters a struct */
	struct section sections[TMPL_DEPTH_MAX];
	unsigned n_sections;
	unsigned depth; /* of parts */
	GArray *ops;
	GError **err;
};

struct tag {
	char sigil; /* # ^ ? / > ! or 0 for a value */
	const char *name;
	const char *start, *end; /* end: behind }} */
	bool alone; /* on its line, and so takes the line away */
};

static int
line_of(const struct tmpl_source *source, const char *at)
{
	int line = 1;

	for (const char *p = source->text; p < at; p++)
		line += *p == '\n';
	return line;
}

static bool refuse(struct compile *c, const char *fmt, ...)
    G_GNUC_PRINTF(2, 3);

static bool
refuse(struct compile *c, const char *fmt, ...)
{
	va_list ap;
	const char *why;

	va_start(ap, fmt);
	why = arena_vprintf(c->a, fmt, ap);
	va_end(ap);
	return fault_set(c->err, FAULT_INPUT, "%s:%d: %s.", c->source->path,
	    line_of(c->source, c->at), why);
}

static struct tmpl_op *
add_op(struct compile *c, enum tmpl_op_kind kind)
{
	struct tmpl_op op = {.kind = kind};

	g_array_append_val(c->ops, op);
	return &g_array_index(c->ops, struct tmpl_op, c->ops->len - 1);
}

static bool
literal(struct compile *c, const char *from, const char *to)
{
	const char *why;
	struct tmpl_op *op;

	if (from == to)
		return true;
	if (c->format != TMPL_TXT) {
		/* Line by line, for the number of the one that is wrong. */
		for (const char *p = from; p < to;) {
			const char *end = memchr(p, '\n', (size_t)(to - p));

			end = end == NULL ? to : end + 1;
			c->at = p;
			why = place_feed(&c->place, p, (size_t)(end - p));
			if (why != NULL)
				return refuse(c, "%s", why);
			p = end;
		}
	}
	op = add_op(c, OP_TEXT);
	op->text = from;
	op->len = (size_t)(to - from);
	return true;
}

/* Innermost struct first. */
static const struct desc_field *
resolve(struct compile *c, const char *name, unsigned *level)
{
	for (unsigned i = c->n_frames; i > 0; i--) {
		const struct desc_field *f =
		    desc_find(c->frames[i - 1].desc, name);

		if (f != NULL) {
			*level = c->frames[i - 1].level;
			return f;
		}
	}
	refuse(c, "%s has no field \"%s\"",
	    c->frames[c->n_frames - 1].desc->name, name);
	return NULL;
}

static bool
value(struct compile *c, const struct tag *tag)
{
	const struct desc_field *f;
	struct tmpl_op *op;
	enum tmpl_show show;
	unsigned level;
	const char *why;

	if ((f = resolve(c, tag->name, &level)) == NULL)
		return false;
	why = place_value(&c->place, c->format, f->kind, &show);
	if (why != NULL)
		return refuse(c, "{{%s}}: %s", tag->name, why);
	op = add_op(c, OP_VALUE);
	op->show = show;
	op->field = f->kind;
	op->level = level;
	op->offset = f->offset;
	return true;
}

static bool
section_open(struct compile *c, const struct tag *tag)
{
	const struct desc_field *f;
	struct section *s;
	struct tmpl_op *op;
	unsigned level;
	const char *why;

	if ((f = resolve(c, tag->name, &level)) == NULL)
		return false;
	if (c->n_sections == TMPL_DEPTH_MAX)
		return refuse(c, "sections are nested deeper than %d",
		    TMPL_DEPTH_MAX);
	why = c->format == TMPL_TXT ? NULL : place_section(&c->place);
	if (why != NULL)
		return refuse(c, "{{%c%s}}: %s", tag->sigil, tag->name, why);
	s = &c->sections[c->n_sections++];
	*s = (struct section){.name = tag->name, .op = c->ops->len,
	    .frames = c->n_frames, .place = c->place, .at = tag->start};
	op = add_op(c, tag->sigil == '^' ? OP_UNLESS : OP_IF);
	op->field = f->kind;
	op->level = level;
	op->offset = f->offset;
	if (tag->sigil != '#' ||
	    (f->kind != DESC_LIST && f->kind != DESC_OBJECT))
		return true;
	op->kind = f->kind == DESC_LIST ? OP_EACH : OP_ENTER;
	op->size = f->item->size;
	op->inner = c->level++;
	c->frames[c->n_frames++] = (struct frame){f->item, op->inner};
	return true;
}

static bool
section_close(struct compile *c, const struct tag *tag, unsigned outer)
{
	struct section *s;
	struct tmpl_op *op;
	const char *why;

	if (c->n_sections == outer)
		return refuse(c, "{{/%s}} closes nothing", tag->name);
	s = &c->sections[c->n_sections - 1];
	if (strcmp(s->name, tag->name) != 0)
		return refuse(c, "{{/%s}} stands where {{/%s}} was expected",
		    tag->name, s->name);
	op = &g_array_index(c->ops, struct tmpl_op, s->op);
	why = c->format == TMPL_TXT ? NULL :
	    place_section_end(&c->place, &s->place, op->kind == OP_EACH);
	if (why != NULL)
		return refuse(c, "{{/%s}}: %s", tag->name, why);
	op->end = c->ops->len;
	if (op->kind == OP_EACH || op->kind == OP_ENTER)
		c->level--;
	c->n_frames = s->frames;
	c->n_sections--;
	return true;
}

static bool compile_source(struct compile *c, const struct tmpl_source *src);

/* {{>nav}} in a .html is part/nav.html; {{>feed/item.xml}} is itself. */
static const struct tmpl_source *
part_source(struct compile *c, const char *name)
{
	const struct tmpl_source *part;
	const char *full = name;

	if (strchr(name, '/') == NULL)
		full = arena_printf(c->a, "part/%s%s", name,
		    strrchr(c->source->name, '.'));
	part = g_hash_table_lookup(c->sources, full);
	if (part == NULL)
		refuse(c, "there is no part %s", full);
	return part;
}

/*
 * A part of a named view sees the nearest struct of that name and what is
 * around it; `any` sees what the includer sees.
 */
static bool
include(struct compile *c, const struct tag *tag)
{
	const struct tmpl_source *part = part_source(c, tag->name);
	const struct tmpl_source *source = c->source;
	struct frame frames[COUNT_OF(c->frames)];
	unsigned before = c->n_frames, n = before;
	bool ok;

	if (part == NULL)
		return false;
	if (c->depth == TMPL_DEPTH_MAX)
		return refuse(c, "parts are nested deeper than %d",
		    TMPL_DEPTH_MAX);
	if (part->view != NULL) {
		while (n > 0 &&
		    strcmp(c->frames[n - 1].desc->name, part->view) != 0)
			n--;
		if (n == 0)
			return refuse(c, "part %s is for a %s, and there is "
			    "none here", part->name, part->view);
	}
	memcpy(frames, c->frames, sizeof(frames));
	c->source = part;
	c->depth++;
	c->n_frames = n;
	ok = compile_source(c, part);
	c->n_frames = before;
	c->depth--;
	c->source = source;
	memcpy(c->frames, frames, sizeof(frames));
	return ok;
}

static const char *
skip_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* Nothing but blanks around the tag on its line. */
static bool
stands_alone(const struct tmpl_source *src, const struct tag *tag)
{
	const char *p = tag->start, *q = skip_blanks(tag->end);

	while (p > src->text && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	if (p > src->text && p[-1] != '\n')
		return false;
	return *q == '\n' || *q == '\0' || (*q == '\r' && q[1] == '\n');
}

static bool
name_ok(const char *name, bool part)
{
	if (*name == '\0')
		return false;
	for (; *name != '\0'; name++)
		if (!g_ascii_islower(*name) && !g_ascii_isdigit(*name) &&
		    *name != '_' &&
		    !(part && strchr("/.-", *name) != NULL))
			return false;
	return true;
}

static bool
read_tag(struct compile *c, const struct tmpl_source *src, const char *start,
    struct tag *tag)
{
	const char *p = start + 2, *end = strstr(p, "}}");
	char *name;

	c->at = start;
	if (end == NULL)
		return refuse(c, "a {{ is not closed by }}");
	*tag = (struct tag){.start = start, .end = end + 2};
	if (*p == '{' || *p == '&')
		return refuse(c, "there is no unescaped form: only a field of "
		    "kind HTML is shown as it is");
	if (*p != '\0' && strchr("#^?/>!", *p) != NULL)
		tag->sigil = *p++;
	if (tag->sigil != '!') {
		if (end - p > TAG_MAX)
			return refuse(c, "a tag is longer than %d", TAG_MAX);
		name = arena_strndup(c->a, p, (size_t)(end - p));
		tag->name = g_strstrip(name);
		if (!name_ok(tag->name, tag->sigil == '>'))
			return refuse(c, "\"%s\" is not a name: letters a-z, "
			    "digits and _", tag->name);
	}
	tag->alone = tag->sigil != '\0' && stands_alone(src, tag);
	return true;
}

static bool
do_tag(struct compile *c, const struct tag *tag, unsigned outer)
{
	if (c->ops->len > OPS_MAX)
		return refuse(c, "the template has more than %d pieces",
		    OPS_MAX);
	switch (tag->sigil) {
	case '#':
	case '^':
	case '?':
		return section_open(c, tag);
	case '/':
		return section_close(c, tag, outer);
	case '>':
		return include(c, tag);
	case '!':
		return true;
	default:
		return value(c, tag);
	}
}

static bool
compile_source(struct compile *c, const struct tmpl_source *src)
{
	const char *from = src->text, *start;
	unsigned outer = c->n_sections;

	while ((start = strstr(from, "{{")) != NULL) {
		struct tag tag = {0};
		const char *to = start;

		if (!read_tag(c, src, start, &tag))
			return false;
		while (tag.alone && to > from &&
		    (to[-1] == ' ' || to[-1] == '\t'))
			to--;
		if (!literal(c, from, to))
			return false;
		c->at = start;
		if (!do_tag(c, &tag, outer))
			return false;
		from = tag.end;
		if (tag.alone) {
			from = skip_blanks(from);
			from += *from == '\r';
			from += *from == '\n';
		}
	}
	if (!literal(c, from, src->text + src->len))
		return false;
	if (c->n_sections > outer) {
		c->at = c->sections[c->n_sections - 1].at;
		return refuse(c, "{{#%s}} is not closed",
		    c->sections[c->n_sections - 1].name);
	}
	return true;
}

static enum tmpl_format
format_of(const char *name)
{
	g_autofree char *base = g_path_get_basename(name);

	if (g_str_has_suffix(name, ".html"))
		return TMPL_HTML;
	if (g_str_has_suffix(name, ".xml"))
		return g_str_has_prefix(base, "rss.") ? TMPL_RSS : TMPL_XML;
	return TMPL_TXT;
}

struct tmpl *
tmpl_compile(struct arena *a, GHashTable *sources,
    const struct tmpl_source *source, const struct desc *view, GError **err)
{
	g_autoptr(GArray) ops =
	    g_array_new(FALSE, FALSE, sizeof(struct tmpl_op));
	struct compile c = {.a = a, .sources = sources, .source = source,
	    .at = source->text, .format = format_of(source->name),
	    .n_frames = 1, .level = 1, .ops = ops, .err = err};
	struct tmpl *t;

	c.frames[0].desc = view;
	c.place.xml = c.format != TMPL_HTML;
	if (!compile_source(&c, source))
		return NULL;
	if (c.place.state != PLACE_TEXT) {
		c.at = source->text + source->len;
		refuse(&c, "the file ends within a tag, comment or element of "
		    "text");
		return NULL;
	}
	t = ARENA_NEW(a, struct tmpl);
	t->name = source->name;
	t->view = view;
	t->n = ops->len;
	t->ops = arena_memdup(a, ops->data, ops->len * sizeof(struct tmpl_op));
	return t;
}

bool
tmpl_read_view(struct arena *a, struct tmpl_source *source, GError **err)
{
	const char *end = strstr(source->text, "}}");
	char *name = NULL;

	if (g_str_has_prefix(source->text, "{{!") && end != NULL &&
	    end - source->text < TAG_MAX) {
		name = arena_strndup(a, source->text + 3,
		    (size_t)(end - source->text) - 3);
		name = g_strstrip(name);
		name = g_str_has_prefix(name, "view:") ?
		    g_strstrip(name + strlen("view:")) : NULL;
	}
	/* A part that says nothing is for any view. */
	if (name == NULL && g_str_has_prefix(source->name, "part/"))
		return true;
	if (name == NULL || !name_ok(name, false))
		return fault_set(err, FAULT_INPUT,
		    "%s:1: a template begins with {{! view: NAME }}.",
		    source->path);
	source->view = strcmp(name, "any") == 0 ? NULL : name;
	return true;
}
