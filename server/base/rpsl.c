/* See rpsl.h. */
#include "base/base.h"
#include "base/rpsl.h"
#include "base/text.h"

/* Names of attributes are short: RFC 2622 gives no bound, nobody needs it. */
enum { NAME_MAX_LEN = 64, LOOK_LINES = 50 };

struct reader {
	struct arena *a;
	GArray *objects, *attrs, *abuse;
	GString *value;      /* of the attribute being read */
	const char *name;    /* of it; NULL: none */
	size_t first_attr;   /* of the object being read */
	int line, object_line;
	struct rpsl *out;
};

static const char *
utf8(struct arena *a, const char *s, size_t len)
{
	GString *latin;

	if (g_utf8_validate(s, (gssize)len, NULL))
		return text_repair(a, s, len);
	latin = arena_gstring(a);
	for (size_t i = 0; i < len; i++)
		g_string_append_unichar(latin, (unsigned char)s[i]);
	return text_repair(a, latin->str, latin->len);
}

static bool
too_large(const struct reader *r, const char *what, GError **err)
{
	return fault_set(err, FAULT_LARGE, "Line %d: %s", r->line, what);
}

static void
end_attr(struct reader *r)
{
	struct rpsl_attr attr = {.name = r->name};

	if (r->name == NULL)
		return;
	attr.value = text_squash(r->a,
	    utf8(r->a, r->value->str, r->value->len));
	g_array_append_val(r->attrs, attr);
	r->name = NULL;
}

static bool
end_object(struct reader *r, GError **err)
{
	struct rpsl_object o = {.line = r->object_line};

	end_attr(r);
	o.n = r->attrs->len - r->first_attr;
	if (o.n == 0)
		return true;
	if (r->objects->len >= RPSL_OBJECTS_MAX)
		return too_large(r, "too many objects in one file.", err);
	g_array_append_val(r->objects, o);
	r->first_attr = r->attrs->len;
	return true;
}

/* Appends a piece of value, without its comment. */
static bool
add_value(struct reader *r, const char *s, size_t len, GError **err)
{
	const char *hash = memchr(s, '#', len);

	if (hash != NULL)
		len = (size_t)(hash - s);
	if (r->value->len + len + 1 > RPSL_VALUE_MAX)
		return too_large(r, "the value is too long.", err);
	if (r->value->len > 0)
		g_string_append_c(r->value, ' ');
	g_string_append_len(r->value, s, (gssize)len);
	return true;
}

/* Length of "name" before a colon, or 0. */
static size_t
name_length(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && n <= NAME_MAX_LEN &&
	    (g_ascii_isalnum(s[n]) || s[n] == '-' || s[n] == '_'))
		n++;
	return n > 0 && n <= NAME_MAX_LEN && n < len && s[n] == ':' ? n : 0;
}

/* "% Abuse contact for '192.0.2.0 - 192.0.2.255' is 'abuse@isp.example'" */
static void
server_says(struct reader *r, const char *s, size_t len)
{
	static const char begin[] = "% Abuse contact for '";
	static const char middle[] = "' is '";
	const char *line = utf8(r->a, s, MIN(len, 1000));
	struct rpsl_abuse abuse;
	const char *is, *end;

	if (!g_str_has_prefix(line, begin))
		return;
	line += strlen(begin);
	is = strstr(line, middle);
	if (is == NULL)
		return;
	end = strchr(is + strlen(middle), '\'');
	if (end == NULL || r->abuse->len >= RPSL_OBJECTS_MAX)
		return;
	abuse.range = arena_strndup(r->a, line, (size_t)(is - line));
	is += strlen(middle);
	abuse.mailbox = arena_strndup(r->a, is, (size_t)(end - is));
	g_array_append_val(r->abuse, abuse);
}

static bool
blank(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] != ' ' && s[i] != '\t' && s[i] != '\r')
			return false;
	return true;
}

static bool
read_line(struct reader *r, const char *s, size_t len, GError **err)
{
	size_t n;

	if (blank(s, len))
		return end_object(r, err);
	if (*s == '#')
		return true;
	if (*s == '%') {
		/* The server's words end an object as a blank line does. */
		if (g_ascii_strncasecmp(s, "% Abuse", MIN(len, 7)) == 0)
			server_says(r, s, len);
		return end_object(r, err);
	}
	if (*s == ' ' || *s == '\t' || *s == '+') {
		if (r->name != NULL)
			return add_value(r, s + 1, len - 1, err);
	} else if ((n = name_length(s, len)) > 0) {
		end_attr(r);
		if (r->attrs->len == r->first_attr)
			r->object_line = r->line;
		else if (r->attrs->len - r->first_attr >= RPSL_ATTRS_MAX)
			return too_large(r, "the object has too many "
					    "attributes.", err);
		r->name = text_lower(r->a, arena_strndup(r->a, s, n));
		g_string_truncate(r->value, 0);
		return add_value(r, s + n + 1, len - n - 1, err);
	}
	if (r->out->bad++ == 0)
		r->out->first_bad = r->line;
	return true;
}

static void
finish(struct reader *r)
{
	const struct rpsl_attr *attrs = arena_memdup(r->a, r->attrs->data,
	    r->attrs->len * sizeof(struct rpsl_attr));

	for (guint i = 0; i < r->objects->len; i++) {
		struct rpsl_object *o =
		    &g_array_index(r->objects, struct rpsl_object, i);

		o->attrs = attrs;
		attrs += o->n;
	}
	r->out->objects = arena_memdup(r->a, r->objects->data,
	    r->objects->len * sizeof(struct rpsl_object));
	r->out->n = r->objects->len;
	r->out->abuse = arena_memdup(r->a, r->abuse->data,
	    r->abuse->len * sizeof(struct rpsl_abuse));
	r->out->n_abuse = r->abuse->len;
}

bool
rpsl_read(struct arena *a, const void *bytes, size_t len, struct rpsl *out,
    GError **err)
{
	g_autoptr(GArray) objects =
	    g_array_new(FALSE, FALSE, sizeof(struct rpsl_object));
	g_autoptr(GArray) attrs =
	    g_array_new(FALSE, FALSE, sizeof(struct rpsl_attr));
	g_autoptr(GArray) abuse =
	    g_array_new(FALSE, FALSE, sizeof(struct rpsl_abuse));
	struct rpsl result = {0};
	struct reader r = {.a = a, .objects = objects, .attrs = attrs,
	    .abuse = abuse, .value = arena_gstring(a), .out = &result};
	const char *s = bytes, *end = s + len;

	if (len > RPSL_BYTES_MAX)
		return fault_set(err, FAULT_LARGE,
		    "The file is larger than %d MB.",
		    RPSL_BYTES_MAX / 1024 / 1024);
	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		const char *stop = nl != NULL ? nl : end;

		r.line++;
		if (!read_line(&r, s, (size_t)(stop - s), err))
			return false;
		s = stop + (nl != NULL);
	}
	if (!end_object(&r, err))
		return false;
	finish(&r);
	*out = result;
	return true;
}

const char *
rpsl_get(const struct rpsl_object *o, const char *name)
{
	for (size_t i = 0; i < o->n; i++)
		if (strcmp(o->attrs[i].name, name) == 0)
			return o->attrs[i].value;
	return NULL;
}

bool
rpsl_looks_like(const void *bytes, size_t len)
{
	const char *s = bytes, *end = s + len;

	for (int i = 0; i < LOOK_LINES && s < end; i++) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		size_t n = (size_t)((nl != NULL ? nl : end) - s);

		if (!blank(s, n) && *s != '%' && *s != '#')
			return name_length(s, n) > 0;
		s += n + 1;
	}
	return false;
}
