/* See json.h: the writer. */
#include "base/base.h"
#include "base/json.h"
#include "base/text.h"
#include "base/when.h"

enum { KEY_SHORT = 64 };

struct json_out
json_out(GString *out)
{
	return (struct json_out){.out = out};
}

/* Before every value and key. */
static void
comma(struct json_out *w)
{
	if (w->comma)
		g_string_append_c(w->out, ',');
	w->comma = true;
}

static void
append_quoted(GString *out, const char *s)
{
	const char *from = s;

	g_string_append_c(out, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c > '\\' && c != 0x7f)
			continue;
		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
			continue;
		g_string_append_len(out, from, s - from);
		from = s + 1;
		if (c == '"' || c == '\\')
			g_string_append_printf(out, "\\%c", c);
		else if (c == '\n')
			g_string_append(out, "\\n");
		else if (c == '\t')
			g_string_append(out, "\\t");
		else if (c == '\r')
			g_string_append(out, "\\r");
		else
			g_string_append_printf(out, "\\u%04x", c);
	}
	g_string_append_len(out, from, s - from);
	g_string_append_c(out, '"');
}

static void
append_string(GString *out, const char *s)
{
	size_t n = strlen(s);
	bool plain = text_plain_run(s, n) == n;

	if (plain && memchr(s, '"', n) == NULL &&
	    memchr(s, '\\', n) == NULL && memchr(s, 0x7f, n) == NULL) {
		g_string_append_c(out, '"');
		text_put(out, s, n);
		g_string_append_c(out, '"');
	} else if (plain || g_utf8_validate(s, (gssize)n, NULL)) {
		append_quoted(out, s);
	} else {
		ARENA_AUTO(a, "json repair");

		append_quoted(out, text_repair(a, s, strlen(s)));
	}
}

/* Nearly every key is a name of ours: nothing to check or to quote. */
static bool
append_plain_key(GString *out, const char *key)
{
	char s[KEY_SHORT];
	size_t n = 1;

	for (; g_ascii_isalnum(*key) || *key == '_'; key++) {
		if (n == sizeof(s) - 2)
			return false;
		s[n++] = *key;
	}
	if (*key != '\0')
		return false;
	s[0] = s[n] = '"';
	s[n + 1] = ':';
	text_put(out, s, n + 2);
	return true;
}

void
json_begin(struct json_out *w, char open)
{
	comma(w);
	g_string_append_c(w->out, open);
	w->comma = false;
}

void
json_end(struct json_out *w, char close)
{
	g_string_append_c(w->out, close);
	w->comma = true;
}

void
json_key(struct json_out *w, const char *key)
{
	comma(w);
	if (!append_plain_key(w->out, key)) {
		append_string(w->out, key);
		g_string_append_c(w->out, ':');
	}
	w->comma = false;
}

void
json_put_text(struct json_out *w, const char *s)
{
	if (s == NULL) {
		json_put_null(w);
		return;
	}
	comma(w);
	append_string(w->out, s);
}

/* printf() takes ten times as long. */
static void
put_digits(GString *out, int64_t n)
{
	char buf[24], *p = buf + sizeof(buf);
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;

	do
		*--p = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (n < 0)
		*--p = '-';
	text_put(out, p, (size_t)(buf + sizeof(buf) - p));
}

void
json_put_int(struct json_out *w, int64_t n)
{
	if (n == DESC_NULL) {
		json_put_null(w);
		return;
	}
	comma(w);
	put_digits(w->out, n);
}

void
json_put_bool(struct json_out *w, bool b)
{
	comma(w);
	g_string_append(w->out, b ? "true" : "false");
}

void
json_put_null(struct json_out *w)
{
	comma(w);
	g_string_append(w->out, "null");
}

void
json_put_raw(struct json_out *w, const char *json)
{
	comma(w);
	g_string_append(w->out, text_blank(json) ? "null" : json);
}

void
json_text(struct json_out *w, const char *key, const char *s)
{
	json_key(w, key);
	json_put_text(w, s);
}

void
json_int(struct json_out *w, const char *key, int64_t n)
{
	json_key(w, key);
	json_put_int(w, n);
}

void
json_bool(struct json_out *w, const char *key, bool b)
{
	json_key(w, key);
	json_put_bool(w, b);
}

static void
put_time(struct json_out *w, int64_t t)
{
	ARENA_AUTO(a, "json time");
	const char *s = when_rfc3339(a, t);

	json_put_text(w, *s == '\0' ? NULL : s);
}

static void
put_field(struct json_out *w, const struct desc_field *f, const void *s)
{
	const void *p = (const char *)s + f->offset;

	switch (f->kind) {
	case DESC_INT:
		json_put_int(w, *(const int64_t *)p);
		break;
	case DESC_BOOL:
		json_put_bool(w, *(const bool *)p);
		break;
	case DESC_TIME:
		put_time(w, *(const int64_t *)p);
		break;
	case DESC_TEXT:
	case DESC_URL:
	case DESC_SAFE:
		json_put_text(w, *(const char *const *)p);
		break;
	case DESC_HTML:
		json_put_text(w, ((const struct html *)p)->text);
		break;
	case DESC_JSON:
		json_put_raw(w, *(const char *const *)p);
		break;
	case DESC_LIST:
		json_put_list(w, f->item, p);
		break;
	case DESC_OBJECT:
		json_put_struct(w, f->item, *(const void *const *)p);
		break;
	}
}

void
json_put_struct(struct json_out *w, const struct desc *d, const void *s)
{
	if (s == NULL) {
		json_put_null(w);
		return;
	}
	json_begin(w, '{');
	for (size_t i = 0; i < d->n; i++) {
		if (d->fields[i].page_only)
			continue;
		json_key(w, d->fields[i].name);
		put_field(w, &d->fields[i], s);
	}
	json_end(w, '}');
}

void
json_put_list(struct json_out *w, const struct desc *d, const struct list *l)
{
	json_begin(w, '[');
	for (size_t i = 0; i < l->n; i++)
		json_put_struct(w, d, (const char *)l->items + i * d->size);
	json_end(w, ']');
}
