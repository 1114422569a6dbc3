/* See tmpl.h: ops and structs into bytes. */
#include "base/base.h"
#include "base/text.h"
#include "base/tmpl_priv.h"
#include "base/when.h"

struct render {
	const struct tmpl_op *ops;
	const void *views[TMPL_DEPTH_MAX + 1];
	GString *out;
};

static void
put_int(GString *out, int64_t n)
{
	char buf[24], *p = buf + sizeof(buf);
	uint64_t v = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	if (n == DESC_NULL)
		return;
	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	if (n < 0)
		*--p = '-';
	g_string_append_len(out, p, buf + sizeof(buf) - p);
}

static void
put_time(GString *out, int64_t t, enum tmpl_show show)
{
	ARENA_AUTO(a, "time");

	if (show == SHOW_TIME_PAGE)
		g_string_append(out, when_page(a, t));
	else if (show == SHOW_TIME_3339)
		g_string_append(out, when_rfc3339(a, t));
	else
		g_string_append(out, when_rfc5322(a, t));
}

static char *
two(char *p, int n)
{
	p[0] = (char)('0' + n / 10);
	p[1] = (char)('0' + n % 10);
	return p + 2;
}

/*
 * A page has hundreds of these: written into place, whole seconds only.
 */
static void
put_time_element(GString *out, int64_t t)
{
	char day[] = "0000-00-00", clock[] = "00:00:00";
	struct when_fields f;

	if (t == DESC_NULL)
		return;
	when_fields(t, &f);
	if (f.year < 1 || f.year > 9999)
		return;
	two(two(day, f.year / 100), f.year % 100);
	two(day + 5, f.month);
	two(day + 8, f.day);
	two(clock, f.hour);
	two(clock + 3, f.minute);
	two(clock + 6, f.second);
	for (int i = 0; i < 2; i++) {
		g_string_append(out, i == 0 ? "<time datetime=\"" :
					      "Z\" title=\"");
		g_string_append_len(out, day, 10);
		g_string_append_c(out, 'T');
		g_string_append_len(out, clock, 8);
	}
	g_string_append(out, "Z\">");
	g_string_append_len(out, day, 10);
	g_string_append_c(out, ' ');
	g_string_append_len(out, clock, 5);
	g_string_append(out, " Z</time>");
}

/* In mailto: an @ must stay. */
static void
put_mail_part(GString *out, const char *s)
{
	const char *at = s == NULL ? NULL : strrchr(s, '@');

	if (at == NULL) {
		text_url(out, s);
	} else {
		g_autofree char *local = g_strndup(s, (gsize)(at - s));

		text_url(out, local);
		g_string_append_c(out, '@');
		text_url(out, at + 1);
	}
}

/* A name that is longer than its column ends a line before a dot and not
 * within a word; an address is short enough to stay whole. */
static void
put_safe(GString *out, const char *s)
{
	const char *dot, *from = s;

	for (; (dot = strstr(from, "[.]")) != NULL; from = dot + 3) {
		bool digits = dot > s && g_ascii_isdigit(dot[-1]) &&
		    g_ascii_isdigit(dot[3]);

		text_html_len(out, from, (size_t)(dot - from));
		g_string_append(out, digits ? "[.]" : "<wbr>[.]");
	}
	text_html(out, from);
}

static void
put_value(GString *out, const struct tmpl_op *op, const void *p)
{
	const char *s;

	if (op->field == DESC_TIME) {
		if (op->show == SHOW_TIME_ELEMENT)
			put_time_element(out, *(const int64_t *)p);
		else
			put_time(out, *(const int64_t *)p, op->show);
		return;
	}
	if (op->field == DESC_INT) {
		put_int(out, *(const int64_t *)p);
		return;
	}
	/* TEXT, URL and struct html all begin with the text's address. */
	s = *(const char *const *)p;
	if (s == NULL)
		return;
	switch (op->show) {
	case SHOW_RAW:
		g_string_append(out, s);
		break;
	case SHOW_SAFE:
		put_safe(out, s);
		break;
	case SHOW_URL:
		text_html(out, text_url_safe(s) || *s == '\0' ? s : "#");
		break;
	case SHOW_URL_PART:
		text_url(out, s);
		break;
	case SHOW_MAIL_PART:
		put_mail_part(out, s);
		break;
	default:
		text_html(out, s);
		break;
	}
}

static bool
is_set(const struct tmpl_op *op, const void *p)
{
	const char *s;
	int64_t n;

	switch (op->field) {
	case DESC_INT:
	case DESC_TIME:
		n = *(const int64_t *)p;
		return n != 0 && n != DESC_NULL;
	case DESC_BOOL:
		return *(const bool *)p;
	case DESC_LIST:
		return ((const struct list *)p)->n > 0;
	case DESC_OBJECT:
		return *(const void *const *)p != NULL;
	default:
		s = *(const char *const *)p;
		return s != NULL && *s != '\0';
	}
}

static void render_ops(struct render *r, size_t from, size_t to);

static void
section(struct render *r, size_t at, const void *p)
{
	const struct tmpl_op *op = &r->ops[at];

	switch (op->kind) {
	case OP_IF:
		if (is_set(op, p))
			render_ops(r, at + 1, op->end);
		return;
	case OP_UNLESS:
		if (!is_set(op, p))
			render_ops(r, at + 1, op->end);
		return;
	case OP_ENTER:
		if (!is_set(op, p))
			return;
		r->views[op->inner] = *(const void *const *)p;
		render_ops(r, at + 1, op->end);
		break;
	default:
		for (size_t i = 0; i < ((const struct list *)p)->n; i++) {
			r->views[op->inner] =
			    (const char *)((const struct list *)p)->items +
			    i * op->size;
			render_ops(r, at + 1, op->end);
		}
		break;
	}
}

static void
render_ops(struct render *r, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		const struct tmpl_op *op = &r->ops[i];
		const void *p;

		if (op->kind == OP_TEXT) {
			g_string_append_len(r->out, op->text, (gssize)op->len);
			continue;
		}
		p = (const char *)r->views[op->level] + op->offset;
		if (op->kind == OP_VALUE) {
			put_value(r->out, op, p);
		} else {
			section(r, i, p);
			i = op->end - 1;
		}
	}
}

void
tmpl_render(const struct tmpl_set *set, const char *name,
    const struct desc *d, const void *view, GString *out)
{
	const struct tmpl *t = g_hash_table_lookup(set->by_name, name);
	struct render r = {.out = out};

	if (t == NULL)
		g_error("there is no template %s", name);
	if (t->view != d)
		g_error("template %s shows a %s, not a %s", name,
		    t->view->name, d->name);
	r.ops = t->ops;
	r.views[0] = view;
	render_ops(&r, 0, t->n);
}
