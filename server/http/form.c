/* Declared fields: values, checks, errors.  See form.h; body.c reads. */
#include "base/base.h"
#include "base/text.h"
#include "http/priv.h"

#include <stdarg.h>

enum { FORM_SHOWN = 64 * 1024 };

struct value {
	const struct form_field *field; /* NULL: csrf */
	GString *bytes;    /* text, of the arena */
	struct blob *blob; /* file */
	const char *text;  /* finished */
	size_t len;
	const char *filename, *type;
	bool over;
};

struct form_data {
	struct arena *a;
	struct req *req;
	const struct form *form;
	GPtrArray *values;   /* struct value, in their order */
	GPtrArray *problems; /* struct problem */
	struct value *current;
	bool skip; /* the value that comes is not declared or one too many */
	const char *csrf;
	struct blob *body;
	const struct json *json;
};

static const struct form_field csrf_field = {"csrf", FORM_LINE, 100};
const struct form form_none = {NULL, 0, false};

static const struct form_field *
field_find(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->n; i++)
		if (strcmp(form->fields[i].name, name) == 0)
			return &form->fields[i];
	return NULL;
}

/* A getter for a field that is not declared is our own mistake. */
static const struct form_field *
field_must(const struct req *r, const char *name)
{
	const struct form_field *f = field_find(r->route->form, name);

	g_assert(f != NULL);
	return f;
}

struct form_data *
form_new(struct req *r, const struct form *form)
{
	struct form_data *f = ARENA_NEW(r->a, struct form_data);

	f->a = r->a;
	f->req = r;
	f->form = form;
	f->values = arena_ptr_array(r->a);
	f->problems = arena_ptr_array(r->a);
	return f;
}

static unsigned
field_count(const struct form_field *f)
{
	if (f->count != 0)
		return f->count;
	return f->kind == FORM_LIST ? 100 : 1;
}

static unsigned
have(const struct form_data *f, const struct form_field *field)
{
	unsigned n = 0;

	for (guint i = 0; i < f->values->len; i++)
		n += ((struct value *)f->values->pdata[i])->field == field;
	return n;
}

static const char *
label(const struct form_field *f)
{
	return f->label != NULL ? f->label : f->name;
}

/* So much of a text that is too long is shown again: who wrote it can cut
 * it down, and need not write it anew. */
static size_t
shown_max(const struct form_field *f)
{
	return MAX(2 * f->max, FORM_SHOWN);
}

/* The label as the beginning of a sentence. */
static const char *
subject(struct arena *a, const struct form_field *f)
{
	char *s = g_strdelimit(arena_strdup(a, label(f)), "_", ' ');

	*s = g_ascii_toupper(*s);
	return s;
}

/* Begins a value, or notes that it is to be skipped. */
static void
value_begin(struct form_data *f, const char *name, const char *filename,
    const char *type)
{
	const struct form_field *field = field_find(f->form, name);
	struct value *v;

	if (field == NULL && strcmp(name, "csrf") == 0)
		field = &csrf_field;
	f->skip = field == NULL ||
	    /* a file box left empty */
	    (field->kind == FORM_FILE && text_blank(filename));
	f->current = NULL;
	if (f->skip)
		return;
	if (have(f, field) >= field_count(field)) {
		f->skip = true;
		/* Who sent it would believe that it was taken. */
		if (field->kind == FORM_LIST || field->kind == FORM_FILE)
			form_error(f->req, field->name,
			    "%s: at most %u are taken at once.",
			    subject(f->a, field), field_count(field));
		return;
	}
	v = ARENA_NEW(f->a, struct value);
	v->field = field;
	if (field->kind == FORM_FILE) {
		const char *base = MAX(strrchr(filename, '/'),
		    strrchr(filename, '\\'));
		char *clean = text_repair(f->a,
		    base == NULL ? filename : base + 1,
		    strlen(base == NULL ? filename : base + 1));

		v->filename = text_cut(f->a, text_squash(f->a, clean),
		    FORM_NAME_MAX);
		v->type = text_blank(type) ? "application/octet-stream" :
		    text_cut(f->a, text_repair(f->a, type, strlen(type)), 100);
		v->blob = blob_new(f->a, HTTP_SPILL_AT,
		    f->req->site->conf->site_state_dir);
	} else {
		v->bytes = arena_gstring(f->a);
	}
	g_ptr_array_add(f->values, v);
	f->current = v;
}

void
form_feed(struct form_data *f, const char *name, const char *filename,
    const char *type, const void *p, size_t n, bool first)
{
	struct value *v;

	if (first)
		value_begin(f, name, filename, type);
	v = f->current;
	if (f->skip || v == NULL || (v->over && v->blob != NULL))
		return;
	v->len += n;
	v->over |= v->len > v->field->max;
	if (v->blob == NULL)
		g_string_append_len(v->bytes, p, (gssize)MIN(n,
		    shown_max(v->field) - v->bytes->len));
	else if (v->over || !blob_append(v->blob, p, n, NULL))
		v->over = true;
}

static const char *
line_ends(struct arena *a, const char *s, bool one_line)
{
	char *out = arena_strdup(a, s), *to = out;

	for (const char *p = out; *p != '\0'; p++) {
		char c = *p;

		if (c == '\r') {
			if (p[1] == '\n')
				continue;
			c = '\n';
		}
		*to++ = one_line && (c == '\n' || c == '\t') ? ' ' : c;
	}
	*to = '\0';
	return one_line ? g_strstrip(out) : out;
}

static void
value_finish(struct req *r, struct value *v)
{
	struct form_data *f = r->form;

	if (v->over)
		form_error(r, v->field->name,
		    "%s is too long: at most %zu bytes are taken.",
		    subject(f->a, v->field), v->field->max);
	if (v->blob != NULL) {
		if (!blob_finish(v->blob, NULL))
			form_error(r, v->field->name,
			    "The file could not be kept; please try again.");
		return;
	}
	v->text = line_ends(f->a,
	    text_repair(f->a, v->bytes->str, v->bytes->len),
	    v->field->kind != FORM_TEXT);
	if (v->field == &csrf_field)
		f->csrf = v->text;
}

void
form_finish(struct req *r)
{
	struct form_data *f = r->form;

	for (guint i = 0; i < f->values->len; i++)
		value_finish(r, f->values->pdata[i]);
	/* A raw body has no fields to ask for. */
	if (f->body != NULL && f->json == NULL)
		return;
	for (size_t i = 0; i < f->form->n; i++) {
		const struct form_field *d = &f->form->fields[i];

		if (d->required && !form_has(r, d->name) &&
		    form_error_of(r, d->name) == NULL)
			form_error(r, d->name, "%s is missing.",
			    subject(f->a, d));
	}
}

static bool
json_file(struct req *r, const struct form_field *d, const struct json *j,
    GError **err)
{
	const char *b64 = json_str(json_get(j, "base64"), NULL);
	const char *name = json_str(json_get(j, "name"), "file");
	g_autofree guchar *raw = NULL;
	gsize n = 0;

	if (b64 == NULL)
		return fault_set(err, FAULT_INPUT,
		    "A file in %s is an object of name, type and base64.",
		    d->name);
	raw = g_base64_decode(b64, &n);
	form_feed(r->form, d->name, *name == '\0' ? "file" : name,
	    json_str(json_get(j, "type"), NULL), raw, n, true);
	return true;
}

static bool
json_field(struct req *r, const struct form_field *d, const struct json *j,
    GError **err)
{
	size_t n = json_is_array(j) ? json_len(j) : 1;
	GString *joined = arena_gstring(r->a);

	for (size_t i = 0; i < n; i++) {
		const struct json *one = json_is_array(j) ? json_at(j, i) : j;
		const char *s;

		if (d->kind == FORM_FILE) {
			if (!json_file(r, d, one, err))
				return false;
			continue;
		}
		s = json_scalar(r->a, one);
		if (s == NULL)
			return fault_set(err, FAULT_INPUT,
			    "%s must be a text or a number%s.", d->name,
			    d->kind == FORM_LIST ? ", or a list of them" : "");
		if (d->kind == FORM_LIST)
			form_feed(r->form, d->name, NULL, NULL, s, strlen(s),
			    true);
		else
			g_string_append_printf(joined, "%s%s",
			    joined->len > 0 ? "\n" : "", s);
	}
	if (d->kind == FORM_LINE || d->kind == FORM_TEXT)
		form_feed(r->form, d->name, NULL, NULL, joined->str,
		    joined->len, true);
	return true;
}

bool
form_from_json(struct req *r, const struct json *obj, GError **err)
{
	const struct form *form = r->form->form;
	const char *csrf = json_str(json_get(obj, "csrf"), NULL);

	if (!json_is_object(obj))
		return fault_set(err, FAULT_INPUT,
		    "The body must be a JSON object.");
	if (csrf != NULL)
		form_feed(r->form, "csrf", NULL, NULL, csrf, strlen(csrf),
		    true);
	for (size_t i = 0; i < form->n; i++) {
		const struct json *j = json_get(obj, form->fields[i].name);

		if (!json_is_null(j) &&
		    !json_field(r, &form->fields[i], j, err))
			return false;
	}
	return true;
}

void
form_set_body(struct form_data *f, struct blob *b, const struct json *json)
{
	f->body = b;
	f->json = json;
}

/* --- getters ---------------------------------------------------------- */

static struct value *
first(const struct req *r, const char *name)
{
	const struct form_field *d = field_must(r, name);

	for (guint i = 0; r->form != NULL && i < r->form->values->len; i++) {
		struct value *v = r->form->values->pdata[i];

		if (v->field == d)
			return v;
	}
	return NULL;
}

const char *
form_get(const struct req *r, const char *name)
{
	const struct value *v = first(r, name);

	return v == NULL || v->text == NULL ? "" : v->text;
}

bool
form_has(const struct req *r, const char *name)
{
	const struct value *v = first(r, name);

	return v != NULL && (v->blob != NULL || !text_blank(v->text));
}

bool
form_is(const struct req *r, const char *name, const char *value)
{
	return strcmp(form_get(r, name), value) == 0;
}

const char *const *
form_list(const struct req *r, const char *name, size_t *n)
{
	const struct form_field *d = field_must(r, name);
	GPtrArray *out = arena_ptr_array(r->a);

	for (guint i = 0; r->form != NULL && i < r->form->values->len; i++) {
		struct value *v = r->form->values->pdata[i];

		if (v->field == d && !text_blank(v->text))
			g_ptr_array_add(out, (void *)(uintptr_t)v->text);
	}
	if (n != NULL)
		*n = out->len;
	g_ptr_array_add(out, NULL);
	return (const char *const *)out->pdata;
}

bool
form_int(struct req *r, const char *name, int64_t min, int64_t max,
    int64_t dflt, int64_t *n)
{
	const char *s = form_get(r, name);

	if (text_blank(s)) {
		*n = dflt;
		return true;
	}
	if (text_int(s, min, max, n))
		return true;
	form_error(r, name, "%s must be a number from %" PRId64 " to %" PRId64
	    ".", subject(r->a, field_must(r, name)), min, max);
	return false;
}

const struct form_file *
form_files(const struct req *r, const char *name, size_t *n)
{
	const struct form_field *d = field_must(r, name);
	struct form_file *out;
	size_t k = 0;

	out = ARENA_ARRAY(r->a, struct form_file,
	    1 + (r->form == NULL ? 0 : r->form->values->len));
	for (guint i = 0; r->form != NULL && i < r->form->values->len; i++) {
		struct value *v = r->form->values->pdata[i];

		if (v->field != d || v->blob == NULL || v->over)
			continue;
		out[k++] = (struct form_file){
			.name = v->filename, .type = v->type,
			.bytes = blob_bytes(v->blob),
			.len = blob_len(v->blob)};
	}
	*n = k;
	return out;
}

struct blob *
form_body(const struct req *r)
{
	return r->form == NULL ? NULL : r->form->body;
}

const struct json *
form_json(const struct req *r)
{
	return r->form == NULL ? NULL : r->form->json;
}

const char *
form_csrf(const struct req *r)
{
	return r->form == NULL ? NULL : r->form->csrf;
}

/* --- errors ----------------------------------------------------------- */

void
form_error(struct req *r, const char *field, const char *fmt, ...)
{
	struct problem *p;
	va_list ap;

	if (r->form == NULL)
		r->form = form_new(r, r->route->form);
	if (form_error_of(r, field) != NULL)
		return;
	p = ARENA_NEW(r->a, struct problem);
	p->field = arena_strdup(r->a, field);
	va_start(ap, fmt);
	p->detail = arena_vprintf(r->a, fmt, ap);
	va_end(ap);
	g_ptr_array_add(r->form->problems, p);
}

bool
form_ok(const struct req *r)
{
	return r->form == NULL || r->form->problems->len == 0;
}

const char *
form_error_of(const struct req *r, const char *field)
{
	for (guint i = 0; r->form != NULL && i < r->form->problems->len; i++) {
		const struct problem *p = r->form->problems->pdata[i];

		if (strcmp(p->field, field) == 0)
			return p->detail;
	}
	return NULL;
}

struct list
form_problems(const struct req *r)
{
	struct list l = {0};
	struct problem *out;

	if (r->form == NULL)
		return l;
	l.n = r->form->problems->len;
	l.items = out = ARENA_ARRAY(r->a, struct problem, MAX(l.n, 1));
	for (size_t i = 0; i < l.n; i++)
		out[i] = *(struct problem *)r->form->problems->pdata[i];
	return l;
}

static void
fill_text(const struct desc *d, void *view, const char *name,
    const char *value)
{
	const struct desc_field *f = desc_find(d, name);

	if (f != NULL && (f->kind == DESC_TEXT || f->kind == DESC_URL))
		memcpy((char *)view + f->offset, &value, sizeof(value));
}

void
form_fill(const struct req *r, const struct desc *d, void *view)
{
	const struct form *form = r->route->form;

	for (size_t i = 0; i < form->n; i++) {
		const char *name = form->fields[i].name;

		if (form->fields[i].kind == FORM_LIST) {
			const char *const *all = form_list(r, name, NULL);
			char *joined = g_strjoinv("\n",
			    (char **)(uintptr_t)all);

			fill_text(d, view, name,
			    arena_strdup(r->a, joined));
			g_free(joined);
		} else if (form->fields[i].kind != FORM_FILE) {
			fill_text(d, view, name, form_get(r, name));
		}
		fill_text(d, view, arena_printf(r->a, "%s_error", name),
		    form_error_of(r, name));
	}
}
