/*
 * Is it JSON?  (json.h)  Without a tree and without memory, for texts that
 * are passed on as they are; what json_parse() and PostgreSQL refuse is
 * refused: \u0000, half a surrogate, a number that no numeric holds.
 */
#include "base/base.h"
#include "base/json.h"

/* Bytes of a number; digits of its exponent, at most. */
enum { NUMBER_MAX = 100, EXPONENT_DIGITS = 2 };

struct check {
	const char *p, *end;
	uint64_t arrays; /* a bit a level: 1 for [ */
	int depth;
};

static void
blanks(struct check *k)
{
	while (k->p < k->end && strchr(" \t\r\n", *k->p) != NULL &&
	    *k->p != '\0')
		k->p++;
}

static bool
is(struct check *k, char c)
{
	if (k->p == k->end || *k->p != c)
		return false;
	k->p++;
	return true;
}

static int
hex4(struct check *k)
{
	int v = 0;

	if (k->end - k->p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int d = g_ascii_xdigit_value(*k->p++);

		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

/* Behind the "u" of an escape. */
static bool
escaped_character(struct check *k)
{
	int v = hex4(k);

	if (v <= 0 || (v >= 0xdc00 && v < 0xe000))
		return false;
	if (v < 0xd800 || v >= 0xe000)
		return true;
	if (!is(k, '\\') || !is(k, 'u'))
		return false;
	v = hex4(k);
	return v >= 0xdc00 && v < 0xe000;
}

static bool
string(struct check *k)
{
	if (!is(k, '"'))
		return false;
	while (k->p < k->end) {
		unsigned char c = (unsigned char)*k->p++;

		if (c == '"')
			return true;
		if (c < ' ')
			return false;
		if (c != '\\')
			continue;
		if (k->p == k->end)
			return false;
		c = (unsigned char)*k->p++;
		if (c == 'u' ? !escaped_character(k) :
			c == '\0' || strchr("\"\\/bfnrt", c) == NULL)
			return false;
	}
	return false;
}

static size_t
digits(struct check *k)
{
	const char *from = k->p;

	while (k->p < k->end && g_ascii_isdigit(*k->p))
		k->p++;
	return (size_t)(k->p - from);
}

static bool
number(struct check *k)
{
	const char *from = k->p;
	size_t n;

	is(k, '-');
	if (!is(k, '0') && digits(k) == 0)
		return false;
	if (is(k, '.') && digits(k) == 0)
		return false;
	if (k->p < k->end && (*k->p == 'e' || *k->p == 'E')) {
		k->p++;
		if (!is(k, '+'))
			is(k, '-');
		n = digits(k);
		if (n == 0 || n > EXPONENT_DIGITS)
			return false;
	}
	return k->p - from <= NUMBER_MAX;
}

static bool
word(struct check *k, const char *w)
{
	size_t n = strlen(w);

	if ((size_t)(k->end - k->p) < n || memcmp(k->p, w, n) != 0)
		return false;
	k->p += n;
	return true;
}

static bool
open_level(struct check *k, bool array)
{
	if (k->depth == JSON_DEPTH_MAX)
		return false;
	k->arrays = (k->arrays & ~(UINT64_C(1) << k->depth)) |
	    (uint64_t)array << k->depth;
	k->depth++;
	return true;
}

static bool
key(struct check *k)
{
	blanks(k);
	if (!string(k))
		return false;
	blanks(k);
	return is(k, ':');
}

/* A value, or the opening of one: *closed is false when a level was opened
 * that holds something. */
static bool
value(struct check *k, bool *closed)
{
	bool array;

	*closed = true;
	blanks(k);
	if (k->p == k->end)
		return false;
	switch (*k->p) {
	case '"':
		return string(k);
	case 't':
		return word(k, "true");
	case 'f':
		return word(k, "false");
	case 'n':
		return word(k, "null");
	case '{':
	case '[':
		array = *k->p++ == '[';
		blanks(k);
		if (is(k, array ? ']' : '}'))
			return true;
		*closed = false;
		return open_level(k, array) && (array || key(k));
	default:
		return number(k);
	}
}

bool
json_object_ok(const char *text, size_t len)
{
	struct check k = {.p = text, .end = text + len};
	bool closed;

	G_STATIC_ASSERT(JSON_DEPTH_MAX <= 64); /* bits of arrays */
	blanks(&k);
	if (k.p == k.end || *k.p != '{')
		return false;
	do {
		if (!value(&k, &closed))
			return false;
		while (closed && k.depth > 0) {
			bool array = (k.arrays >> (k.depth - 1) & 1) != 0;

			blanks(&k);
			if (is(&k, ',')) {
				if (!array && !key(&k))
					return false;
				break;
			}
			if (!is(&k, array ? ']' : '}'))
				return false;
			k.depth--;
		}
	} while (k.depth > 0);
	blanks(&k);
	return k.p == k.end;
}
