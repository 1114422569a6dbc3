/*
 * Signs of a letter that say the same as those of ASCII, or nothing but where
 * something ends (plain.h).
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

const char *
plain_signs(struct arena *a, const char *text)
{
	static const struct {
		const char *sign, *plain;
	} signs[] = {{"\302\240", " "}, {"\343\200\200", " "},
	    {"\357\274\232", ":"}, {"\357\274\210", "("},
	    {"\357\274\211", ")"}, {"\357\274\214", ","},
	    {"\357\274\235", "="}, {"\342\200\257", " "}, {"\342\210\222", "-"},
	    {"\342\200\220", "-"}, {"\342\200\221", "-"},
	    {"\342\200\211", " "}, {"\342\200\213", ""},
	    {"\357\273\277", ""},
	    /* lines of boxes */
	    {"\342\224\202", "|"}, {"\342\224\203", "|"},
	    {"\342\225\221", "|"}, {"\342\224\200", "-"},
	    {"\342\224\201", "-"}, {"\342\225\220", "="}};
	const char *p = text;
	GString *out;

	while (*p != '\0' && (unsigned char)*p < 0xc2)
		p++;
	if (*p == '\0')
		return text;
	out = arena_gstring(a);
	g_string_append_len(out, text, p - text);
	while (*p != '\0') {
		size_t i = COUNT_OF(signs);

		if (*p == '\302' || (unsigned char)*p >= 0xe2)
			for (i = 0; i < COUNT_OF(signs); i++)
				if (g_str_has_prefix(p, signs[i].sign))
					break;
		if (i < COUNT_OF(signs)) {
			g_string_append(out, signs[i].plain);
			p += strlen(signs[i].sign);
		} else {
			g_string_append_c(out, *p++);
		}
	}
	return out->str;
}

bool
plain_rule(const struct line *l)
{
	size_t signs = 0, others = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (strchr("-=*#_~", l->s[i]) != NULL)
			signs++;
		else if (!g_ascii_isspace(l->s[i]) && ++others > 2)
			return false;
	}
	return signs >= 5;
}

/* Where the label of a field ends: at its only bar, or its leaders; *n bytes
 * of them. */
static const char *
field_mark(const struct line *l, size_t *n)
{
	const char *end = l->s + l->n, *at = memchr(l->s, '|', l->n);

	*n = 1;
	if (at != NULL)
		return memchr(at + 1, '|', (size_t)(end - at - 1)) == NULL ?
			at : NULL;
	at = g_strstr_len(l->s, (gssize)MIN(l->n, 40), "....");
	if (at == NULL)
		return NULL;
	while (at + *n < end && at[*n] == '.')
		++*n;
	return at + *n < end && at[*n] == ' ' ? at : NULL;
}

const struct line *
plain_field(const struct plain *p, const struct line *l)
{
	size_t n, letters = 0;
	const char *mark = field_mark(l, &n);
	struct line *out;
	char *s;

	if (mark == NULL || mark - l->s > 32 || p->columns.n > 0)
		return l;
	for (const char *q = l->s; q < mark; q++) {
		if (!g_ascii_isalpha(*q) && !(*q & 0x80) &&
		    strchr(" _-/.()'", *q) == NULL)
			return l;
		letters += *q != ' ';
	}
	if (letters < 2)
		return l;
	out = ARENA_NEW(p->r->a, struct line);
	s = arena_strndup(p->r->a, l->s, l->n);
	memset(s + (mark - l->s), ' ', n);
	s[mark - l->s] = ':';
	*out = (struct line){s, l->n, l->kind};
	return out;
}
