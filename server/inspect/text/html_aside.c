/*
 * What gumbo need not spell out (html.h).  It takes hundreds of instructions
 * for each letter of a text, which is a token of its own to it, and as many
 * for those of a link.  How the tree is built depends on none of them: a word
 * is a word.
 */
#include "base/base.h"
#include "base/text.h"
#include "inspect/text/html.h"

enum {
	VALUE_MIN = 8,      /* a number is as long */
	RUN_MIN = 8,
	RUNS_MAX = 0xfffd,  /* as many as a plane of Unicode has characters */
	PLANE = 0xf0000,    /* for private use: run i stands as PLANE + i */
};

struct run {
	const char *s;
	size_t n;
};

static const char *const aside[] = {"alt", "background", "bgcolor", "color",
    "formaction", "href", "style", "value"};

/* Is a character of that plane, or one behind it, in the mail itself, as it
 * is or as a number? */
static bool
names_plane(const char *s, size_t len)
{
	const char *end = s + len;

	for (const char *p = s; (p = memchr(p, 0xf3, (size_t)(end - p))) != NULL;
	    p++)
		if (end - p > 1 && (unsigned char)p[1] >= 0xb0)
			return true;
	if (memchr(s, 0xf4, len) != NULL)
		return true;
	for (const char *p = s; (p = memchr(p, '&', (size_t)(end - p))) != NULL;
	    p++) {
		const char *q = p + 2;
		bool hex = q < end && (*q | 32) == 'x';
		uint32_t c = 0;

		if (q > end || p[1] != '#')
			continue;
		for (q += hex; q < end && c < PLANE && (hex ?
			g_ascii_isxdigit(*q) : g_ascii_isdigit(*q)); q++)
			c = c * (hex ? 16 : 10) +
			    (uint32_t)g_ascii_xdigit_value(*q);
		if (c >= PLANE)
			return true;
	}
	return false;
}

struct html_aside *
html_aside_new(struct arena *a, const char *html, size_t len)
{
	struct html_aside *x = ARENA_NEW(a, struct html_aside);

	x->a = a;
	x->values = arena_ptr_array(a);
	x->scratch = arena_gstring(a);
	if (!names_plane(html, len)) {
		x->runs = g_array_new(FALSE, FALSE, sizeof(struct run));
		arena_defer(a, (void (*)(void *))g_array_unref, x->runs);
	}
	return x;
}

/* ---- values of attributes ----------------------------------------------- */

/* Printable ASCII without an entity: gumbo would not change a byte. */
static bool
means_itself(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)(s[i] - ' ') > '~' - ' ' || s[i] == '&')
			return false;
	return true;
}

/* (printf() would take a third of what is saved.) */
static void
put_number(GString *out, const char *name, unsigned n)
{
	char digits[12], *d = digits + sizeof(digits);

	do
		*--d = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	g_string_append_c(out, ' ');
	g_string_append_c(out, HTML_ASIDE);
	text_put(out, name, strlen(name));
	g_string_append_c(out, '=');
	text_put(out, d, (size_t)(digits + sizeof(digits) - d));
}

bool
html_put_value(struct html_aside *x, GString *out, const char *name,
    const char *value, size_t n)
{
	bool wanted = false;

	if (n < VALUE_MIN)
		return false;
	for (size_t i = 0; i < COUNT_OF(aside) && !wanted; i++)
		wanted = *aside[i] == *name && strcmp(aside[i], name) == 0;
	if (!wanted || !means_itself(value, n))
		return false;
	put_number(out, name, x->values->len);
	g_ptr_array_add(x->values, arena_strndup(x->a, value, n));
	return true;
}

void
html_put_odd(GString *out, const char *s, size_t n)
{
	size_t at = out->len;

	text_put(out, s, n);
	for (char *p = out->str + at; p < out->str + out->len; p++)
		if (*p == HTML_ASIDE)
			*p = '?';
}

const char *
html_value(const struct html_aside *x, const char *number)
{
	guint64 n = g_ascii_strtoull(number, NULL, 10);

	return n < x->values->len ? x->values->pdata[n] : NULL;
}

/* ---- text --------------------------------------------------------------- */

/* Bytes of the character at p that gumbo hands on as it is and that is not
 * white, 0 for others. */
static size_t
plain_char(const unsigned char *p, const unsigned char *end)
{
	if (*p > ' ' && *p < 0x7f)
		return *p != '&' && *p != '<';
	/* the text is UTF-8; without the controls behind ASCII, the characters
	 * that are none, and what there is no need for */
	if (*p == 0xc2)
		return end - p > 1 && p[1] >= 0xa0 ? 2 : 0;
	if (*p > 0xc2 && *p < 0xe0)
		return end - p > 1 ? 2 : 0;
	return *p >= 0xe0 && *p < 0xef && end - p > 2 ? 3 : 0;
}

/* From p to the last of such characters before another one; white space
 * stands between them. */
static const char *
run_end(const char *p, const char *end)
{
	const char *last = p;
	size_t n;

	while (p < end) {
		if (*p == ' ' || *p == '\n' || *p == '\t') {
			p++;
			continue;
		}
		n = plain_char((const unsigned char *)p,
		    (const unsigned char *)end);
		if (n == 0)
			break;
		last = p += n;
	}
	return last;
}

/* An entity, or what could become one with what stands behind it. */
static const char *
entity_end(const char *p, const char *end)
{
	for (p++; p < end && (g_ascii_isalnum(*p) || *p == '#' || *p == ';');)
		p++;
	return p;
}

void
html_put_text(struct html_aside *x, GString *out, const char *s, size_t n)
{
	const char *end = s + n;

	while (s < end && x->runs != NULL && x->runs->len < RUNS_MAX) {
		const char *p = s;
		struct run r;

		if (*s == '&') {
			p = entity_end(s, end);
		} else if ((p = run_end(s, end)) > s) {
			while (g_ascii_isspace(*s))
				g_string_append_c(out, *s++);
			r = (struct run){s, (size_t)(p - s)};
			if (r.n >= RUN_MIN) {
				g_string_append_unichar(out, PLANE +
				    x->runs->len);
				g_array_append_val(x->runs, r);
				s = p;
				continue;
			}
		} else {
			p = s + 1;
		}
		text_put(out, s, (size_t)(p - s));
		s = p;
	}
	text_put(out, s, (size_t)(end - s));
}

/* The next character of the plane in [s, end), or NULL. */
static const char *
next_sign(const char *s, const char *end)
{
	while ((s = memchr(s, 0xf3, (size_t)(end - s))) != NULL &&
	    (unsigned char)s[1] < 0xb0)
		s++; /* of a plane before it */
	return s;
}

const char *
html_text(struct html_aside *x, const char *s)
{
	const char *end = s + strlen(s), *p;

	if (x->runs == NULL || (p = next_sign(s, end)) == NULL)
		return s;
	g_string_truncate(x->scratch, 0);
	for (; p != NULL; p = next_sign(s, end)) {
		gunichar i = g_utf8_get_char(p) - PLANE;
		const struct run *r;

		g_assert(i < x->runs->len);
		r = &g_array_index(x->runs, struct run, i);
		text_put(x->scratch, s, (size_t)(p - s));
		text_put(x->scratch, r->s, r->n);
		s = p + 4;
	}
	text_put(x->scratch, s, (size_t)(end - s));
	return x->scratch->str;
}
