/*
 * See json.h: the reader.  The writer is json_out.c.
 *
 * RFC 8259, made for answers of parser children and for reports: one pass,
 * values go straight into the arena.  (A library that built its own tree
 * first, value by value, took a sixth of the CPU of a whole report.)
 * Stricter than it has to be: a key that comes twice, \u0000, lone halves
 * of surrogate pairs and numbers that no int64_t or double holds are
 * refused.
 */
#include "base/base.h"
#include "base/json.h"
#include "base/text.h"

#include <math.h>

enum type { NOTHING, FALSE_VALUE, TRUE_VALUE, INTEGER, REAL, TEXT, ARRAY,
	OBJECT };

/* Members stand in a row, so that going through an object of a million
 * keys by index is not a million walks. */
struct json {
	enum type type;
	union {
		int64_t number;
		double real;
		const char *text;
		struct {
			struct json *items;
			const char **keys; /* NULL for an array */
		};
	};
	size_t n;
};

enum {
	NUMBER_MAX = 400,   /* bytes of one */
	FEW_KEYS = 12,      /* are compared with each other */
	FIRST_ROOM = 8,
};

struct reader {
	struct arena *a;
	const char *p, *end;
	int depth;
	size_t values;
	const char *wrong;  /* why it stopped at p */
	bool limit;         /* it is JSON, but too much of it */
};

static bool
refuse(struct reader *r, const char *why)
{
	r->wrong = why;
	return false;
}

static bool
too_much(struct reader *r, const char *why)
{
	r->limit = true;
	return refuse(r, why);
}

static inline void
skip(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' ||
		*r->p == '\r' || *r->p == '\t'))
		r->p++;
}

static bool
word(struct reader *r, const char *w)
{
	size_t n = strlen(w);

	if ((size_t)(r->end - r->p) < n || memcmp(r->p, w, n) != 0)
		return refuse(r, "no value");
	r->p += n;
	return true;
}

/* Four digits behind "\u". */
static bool
hex4(struct reader *r, uint32_t *out)
{
	uint32_t v = 0;

	if (r->end - r->p < 4)
		return refuse(r, "a cut escape");
	for (int i = 0; i < 4; i++) {
		int d = g_ascii_xdigit_value(r->p[i]);

		if (d < 0)
			return refuse(r, "a bad escape");
		v = v << 4 | (uint32_t)d;
	}
	r->p += 4;
	*out = v;
	return true;
}

static bool
escape(struct reader *r, char **to)
{
	static const char from[] = "\"\\/bfnrt", chars[] = "\"\\/\b\f\n\r\t";
	const char *hit;
	uint32_t c, low;

	if (++r->p == r->end)
		return refuse(r, "a cut escape");
	if (*r->p != 'u') {
		hit = *r->p != '\0' ? strchr(from, *r->p) : NULL;
		if (hit == NULL)
			return refuse(r, "a bad escape");
		*(*to)++ = chars[hit - from];
		r->p++;
		return true;
	}
	r->p++;
	if (!hex4(r, &c))
		return false;
	if (c == 0)
		return refuse(r, "a NUL in a text");
	if (c >= 0xdc00 && c <= 0xdfff)
		return refuse(r, "half a character");
	if (c >= 0xd800 && c <= 0xdbff) {
		if (r->end - r->p < 2 || r->p[0] != '\\' || r->p[1] != 'u')
			return refuse(r, "half a character");
		r->p += 2;
		if (!hex4(r, &low))
			return false;
		if (low < 0xdc00 || low > 0xdfff)
			return refuse(r, "half a character");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	*to += g_unichar_to_utf8(c, *to);
	return true;
}

/* A text is never longer than it was written. */
static bool
text(struct reader *r, const char **out)
{
	const char *close = ++r->p;
	unsigned char high = 0;
	char *s, *to;

	/* most have nothing to be undone */
	while (close < r->end && *close != '"' && *close != '\\' &&
	    (unsigned char)*close >= 0x20)
		high |= (unsigned char)*close++;
	if (close < r->end && *close == '"') {
		size_t n = (size_t)(close - r->p);

		s = arena_memdup(r->a, r->p, n + 1);
		s[n] = '\0';
		r->p = close;
		if (high >= 0x80 && !g_utf8_validate(s, (gssize)n, NULL))
			return refuse(r, "a text that is not UTF-8");
		r->p = close + 1;
		*out = s;
		return true;
	}
	while (close < r->end && *close != '"')
		close += *close == '\\' ? 2 : 1;
	if (close >= r->end)
		return refuse(r, "a text without an end");
	s = to = arena_alloc(r->a, (size_t)(close - r->p) + 1);
	while (r->p < close) {
		const char *from = r->p;

		while (r->p < close && *r->p != '\\') {
			if ((unsigned char)*r->p < 0x20)
				return refuse(r, "a control in a text");
			r->p++;
		}
		memcpy(to, from, (size_t)(r->p - from));
		to += r->p - from;
		if (r->p < close && !escape(r, &to))
			return false;
	}
	if (!g_utf8_validate(s, to - s, NULL))
		return refuse(r, "a text that is not UTF-8");
	r->p = close + 1;
	*out = s;
	return true;
}

static const char *
digits(const char *p, const char *end)
{
	while (p < end && g_ascii_isdigit(*p))
		p++;
	return p;
}

static bool
number(struct reader *r, struct json *to)
{
	const char *s = r->p, *p = s + (*s == '-'), *from = p;
	char buf[NUMBER_MAX + 1];
	bool whole = true;
	size_t n;

	p = digits(p, r->end);
	if (p == from || (*from == '0' && p - from > 1))
		return refuse(r, "no value");
	if (p < r->end && *p == '.') {
		whole = false;
		from = p + 1;
		p = digits(from, r->end);
		if (p == from)
			return refuse(r, "a cut number");
	}
	if (p < r->end && (*p == 'e' || *p == 'E')) {
		whole = false;
		p++;
		p += p < r->end && (*p == '+' || *p == '-');
		from = p;
		p = digits(from, r->end);
		if (p == from)
			return refuse(r, "a cut number");
	}
	n = (size_t)(p - s);
	if (n > NUMBER_MAX)
		return refuse(r, "a number too long");
	memcpy(buf, s, n);
	buf[n] = '\0';
	if (whole) {
		to->type = INTEGER;
		if (!text_int(buf, INT64_MIN, INT64_MAX, &to->number))
			return refuse(r, "a number too large");
	} else {
		to->type = REAL;
		to->real = g_ascii_strtod(buf, NULL);
		if (!isfinite(to->real))
			return refuse(r, "a number too large");
	}
	r->p = p;
	return true;
}

/* Most differ in the first letter, which spares a call. */
static inline bool
same_key(const char *a, const char *b)
{
	return *a == *b && strcmp(a, b) == 0;
}

/* Two readers with different tastes as to which of two equal keys counts
 * are a hole. */
static bool
keys_differ(const struct json *j)
{
	GHashTable *seen;
	bool ok = true;

	if (j->n <= FEW_KEYS) {
		for (size_t i = 1; i < j->n; i++)
			for (size_t k = 0; k < i; k++)
				if (same_key(j->keys[i], j->keys[k]))
					return false;
		return true;
	}
	seen = g_hash_table_new(g_str_hash, g_str_equal);
	for (size_t i = 0; i < j->n && ok; i++)
		ok = g_hash_table_add(seen, (char *)(uintptr_t)j->keys[i]);
	g_hash_table_unref(seen);
	return ok;
}

/* Room for one more member; what was outgrown stays in the arena. */
static void
grow(struct reader *r, struct json *j, size_t *room, bool keys)
{
	struct json *items;
	const char **names;

	if (j->n < *room)
		return;
	*room = *room == 0 ? FIRST_ROOM : *room * (*room < 512 ? 4 : 2);
	items = ARENA_ARRAY(r->a, struct json, *room);
	if (j->n > 0)
		memcpy(items, j->items, j->n * sizeof(*items));
	j->items = items;
	if (!keys)
		return;
	names = ARENA_ARRAY(r->a, const char *, *room);
	if (j->n > 0)
		memcpy(names, j->keys, j->n * sizeof(*names));
	j->keys = names;
}

static bool value(struct reader *r, struct json *to);

/* An object or an array: close is its last byte. */
static bool
members(struct reader *r, struct json *to, char close)
{
	bool keys = close == '}';
	size_t room = 0;

	to->type = keys ? OBJECT : ARRAY;
	if (++r->depth > JSON_DEPTH_MAX)
		return too_much(r, arena_printf(r->a,
		    "is nested deeper than %d levels", JSON_DEPTH_MAX));
	r->p++;
	skip(r);
	if (r->p < r->end && *r->p == close)
		goto done;
	for (;;) {
		grow(r, to, &room, keys);
		if (keys) {
			if (r->p >= r->end || *r->p != '"')
				return refuse(r, "no key");
			if (!text(r, &to->keys[to->n]))
				return false;
			skip(r);
			if (r->p >= r->end || *r->p != ':')
				return refuse(r, "no colon");
			r->p++;
		}
		if (!value(r, &to->items[to->n]))
			return false;
		to->n++;
		skip(r);
		if (r->p < r->end && *r->p == close)
			break;
		if (r->p >= r->end || *r->p != ',')
			return refuse(r, "no comma and no end");
		r->p++;
		skip(r);
	}
	if (keys && !keys_differ(to))
		return refuse(r, "a key that comes twice");
done:
	r->p++;
	r->depth--;
	return true;
}

/* Recursion is as deep as JSON_DEPTH_MAX. */
static bool
value(struct reader *r, struct json *to)
{
	skip(r);
	if (++r->values > JSON_VALUES_MAX)
		return too_much(r, arena_printf(r->a,
		    "has more than %d values", JSON_VALUES_MAX));
	if (r->p >= r->end)
		return refuse(r, "no value");
	switch (*r->p) {
	case '{':
		return members(r, to, '}');
	case '[':
		return members(r, to, ']');
	case '"':
		to->type = TEXT;
		return text(r, &to->text);
	case 't':
		to->type = TRUE_VALUE;
		return word(r, "true");
	case 'f':
		to->type = FALSE_VALUE;
		return word(r, "false");
	case 'n':
		to->type = NOTHING;
		return word(r, "null");
	default:
		return number(r, to);
	}
}

bool
json_parse(struct arena *a, const char *text, size_t len,
    const struct json **out, GError **err)
{
	struct reader r = {.a = a, .p = text, .end = text + len};
	struct json *root = ARENA_NEW(a, struct json);
	int line = 1;

	if (value(&r, root)) {
		skip(&r);
		if (r.p == r.end) {
			*out = root;
			return true;
		}
		r.wrong = "something behind the end";
	}
	for (const char *p = text; p < r.p && p < r.end; p++)
		line += *p == '\n';
	return fault_set(err, FAULT_INPUT, r.limit ?
		"The JSON text %s in line %d." :
		"This is not JSON: %s in line %d.", r.wrong, line);
}

bool
json_is_object(const struct json *j)
{
	return j != NULL && j->type == OBJECT;
}

bool
json_is_array(const struct json *j)
{
	return j != NULL && j->type == ARRAY;
}

bool
json_is_null(const struct json *j)
{
	return j == NULL || j->type == NOTHING;
}

bool
json_is_true(const struct json *j)
{
	return j != NULL && j->type == TRUE_VALUE;
}

const struct json *
json_get(const struct json *obj, const char *key)
{
	if (!json_is_object(obj))
		return NULL;
	for (size_t i = 0; i < obj->n; i++)
		if (same_key(obj->keys[i], key))
			return &obj->items[i];
	return NULL;
}

size_t
json_len(const struct json *j)
{
	return json_is_object(j) || json_is_array(j) ? j->n : 0;
}

const struct json *
json_at(const struct json *array, size_t i)
{
	if (!json_is_array(array) || i >= array->n)
		return NULL;
	return &array->items[i];
}

const char *
json_key_at(const struct json *obj, size_t i)
{
	return json_is_object(obj) && i < obj->n ? obj->keys[i] : NULL;
}

const struct json *
json_value_at(const struct json *obj, size_t i)
{
	return json_is_object(obj) && i < obj->n ? &obj->items[i] : NULL;
}

const char *
json_str(const struct json *j, const char *dflt)
{
	return j != NULL && j->type == TEXT ? j->text : dflt;
}

int64_t
json_num(const struct json *j, int64_t dflt)
{
	double d;

	if (j == NULL)
		return dflt;
	if (j->type == INTEGER)
		return j->number;
	if (j->type != REAL)
		return dflt;
	d = trunc(j->real);
	/* 2^63 is a double, INT64_MAX is not. */
	if (!(d >= -0x1p63 && d < 0x1p63))
		return dflt;
	return (int64_t)d;
}

const char *
json_scalar(struct arena *a, const struct json *j)
{
	char real[G_ASCII_DTOSTR_BUF_SIZE];

	if (j == NULL)
		return NULL;
	switch (j->type) {
	case TEXT:
		return j->text;
	case INTEGER:
		return arena_printf(a, "%" PRId64, j->number);
	case REAL:
		/* 0.9, not 0.90000000000000002 */
		g_ascii_formatd(real, sizeof(real), "%.15g", j->real);
		if (g_ascii_strtod(real, NULL) != j->real)
			g_ascii_dtostr(real, sizeof(real), j->real);
		return arena_strdup(a, real);
	case TRUE_VALUE:
		return "true";
	case FALSE_VALUE:
		return "false";
	default:
		return NULL;
	}
}
