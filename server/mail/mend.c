/*
 * What is put right before anything reads a message (parse.h): line ends
 * that are CR alone, empty lines before the header and none behind it, a
 * multipart without a boundary, or with another one.  All are scripts' work; without this their
 * whole letter would be a header, or its parts one text.  And
 * what bare bytes in a header mean.
 */
#include "base/base.h"
#include "mail/parse.h"
#include "mail/charset.h"

#include "base/text.h"

enum { LOOK = 4096 }; /* bytes in which a line must end */

/* A first line with two line ends in it: its own, CR LF, may have been added
 * on the way. */
static bool
only_cr(const char *s, size_t n)
{
	const char *nl = memchr(s, '\n', MIN(n, LOOK)), *cr;

	n = nl != NULL ? (size_t)(nl - s) : MIN(n, LOOK);
	n -= n > 0 && s[n - 1] == '\r';
	cr = memchr(s, '\r', n);
	return cr != NULL &&
	    memchr(cr + 1, '\r', n - (size_t)(cr + 1 - s)) != NULL;
}

/* Empty lines before the header: all would be its text. */
static size_t
empty_lines(const char *s, size_t n)
{
	size_t k = 0, name;

	while (k < n && (s[k] == '\n' || s[k] == '\r'))
		k++;
	for (name = k; name < n && s[name] > 32 && s[name] < 127 &&
	    s[name] != ':'; name++)
		;
	return name > k && name < n && s[name] == ':' ? k : 0;
}

const char *
mail_mend_lines(struct mail *m, const char *s, size_t *len)
{
	size_t n = *len;
	char *copy, *o;

	if (n > 0 && (*s == '\n' || *s == '\r')) {
		size_t empty = empty_lines(s, n);

		s += empty;
		*len = n -= empty;
	}
	if (!only_cr(s, n))
		return s;
	mail_defect(m, "The lines end with CR alone.");
	copy = o = arena_alloc(m->arena, n + 1);
	for (size_t i = 0; i < n; i++)
		if (s[i] != '\r')
			*o++ = s[i];
		else if (i + 1 == n || s[i + 1] != '\n')
			*o++ = '\n';
	*len = (size_t)(o - copy);
	return copy;
}

/* Fields that programs write at the end of a header; any other "Name:
 * value" there may be a line of the letter. */
static bool
mail_field(const char *s, size_t n)
{
	static const char *const names[] = {"from", "to", "cc", "bcc", "date",
	    "subject", "sender", "received", "precedence", "organization",
	    "importance", "priority", "comments", "keywords", "lines",
	    "status", "autocrypt", "cancel-lock", "newsgroups", "xref"};
	size_t k = 0, colon;

	while (k < n && s[k] > 32 && s[k] < 127 && s[k] != ':')
		k++;
	colon = k;
	while (colon < n && (s[colon] == ' ' || s[colon] == '\t'))
		colon++; /* RFC 5322 4.5.8 */
	if (colon == n || k == 0 || s[colon] != ':')
		return false;
	if (memchr(s, '-', k) != NULL)
		return true;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strlen(names[i]) == k &&
		    g_ascii_strncasecmp(s, names[i], k) == 0)
			return true;
	return false;
}

/* "From joe ...", ">From joe ...": mbox's */
static bool
mbox_line(const char *s, size_t n)
{
	n -= n > 0 && *s == '>';
	return n > 5 && g_strstr_len(s, 6, "From ") != NULL;
}

bool
mail_mend_is_field(const char *s, size_t n)
{
	return mail_field(s, n) || mbox_line(s, n);
}

/* (A folded line may belong to a field above it, "Source: x" to either.) */
bool
mail_mend_is_letter(const char *s, size_t n)
{
	const char *colon = memchr(s, ':', n), *blank = memchr(s, ' ', n);

	return *s != ' ' && *s != '\t' &&
	    (colon == NULL || (blank != NULL && blank < colon));
}

static size_t
line_before(const char *s, const char *end)
{
	const char *p = end;

	if (p > s && p[-1] == '\n')
		p--;
	while (p > s && p[-1] != '\n')
		p--;
	return (size_t)(end - p);
}

/* Where the letter begins in a header block that ends at `end`, or NULL. */
static const char *
letter_in(const char *s, const char *end)
{
	const char *cut = NULL;

	while (end > s) {
		size_t n = line_before(s, end);
		const char *p = end - n;

		while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r'))
			n--;
		if (n == 0 || mail_mend_is_field(p, n))
			return cut;
		if (mail_mend_is_letter(p, n))
			cut = p;
		end = p;
	}
	return NULL; /* no header at all */
}

const char *
mail_mend_head(struct mail *m, const char *s, size_t head, size_t *len)
{
	const char *end = s + head, *cut;
	char *copy;
	size_t n;

	/* without the empty line, if there is one */
	if (head >= 2 && end[-1] == '\n') {
		if (end[-2] == '\n')
			end--;
		else if (head >= 3 && end[-2] == '\r' && end[-3] == '\n')
			end -= 2;
	}
	cut = letter_in(s, end);
	if (cut == NULL)
		return s;
	mail_defect(m, "No empty line ends the header.");
	n = (size_t)(cut - s);
	copy = arena_alloc(m->arena, *len + 1);
	memcpy(copy, s, n);
	copy[n] = '\n';
	memcpy(copy + n + 1, cut, *len - n);
	(*len)++;
	return copy;
}

/* (Rules between paragraphs are dashes only.) */
static bool
has_letter(const char *s, size_t n)
{
	while (n > 0 && !g_ascii_isalnum(*s)) {
		s++;
		n--;
	}
	return n > 0;
}

/* The token of a line "--token" that another one ends, "--token--". */
static const char *
delimiter_in(struct arena *a, const char *s, const char *end)
{
	for (const char *p = s, *nl; p < end; p = nl + 1) {
		size_t n;

		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			return NULL;
		n = (size_t)(nl - p);
		while (n > 0 && g_ascii_isspace(p[n - 1]))
			n--;
		if (n > 2 && n < 74 && p[0] == '-' && p[1] == '-' &&
		    memchr(p, ' ', n) == NULL && memchr(p, '"', n) == NULL &&
		    memchr(p, '\\', n) == NULL && has_letter(p, n)) {
			const char *close = arena_printf(a, "\n%.*s--", (int)n,
			    p);

			return g_strstr_len(nl, end - nl, close) != NULL ?
			    arena_strndup(a, p + 2, n - 2) : NULL;
		}
	}
	return NULL;
}

/* (Nothing ends a raw value: it may be the last of the message.) */
static bool
is_multipart(const char *raw, size_t n)
{
	static const char type[] = "multipart/";

	while (n > 0 && g_ascii_isspace(*raw)) {
		raw++;
		n--;
	}
	return n >= strlen(type) &&
	    g_ascii_strncasecmp(raw, type, strlen(type)) == 0;
}

/* A quoted string that does not end: readers differ in what is in it. */
static bool
open_quote(const char *s, size_t n)
{
	bool open = false;

	for (size_t i = 0; i < n; i++)
		if (open && s[i] == '\\')
			i++;
		else if (s[i] == '"')
			open = !open;
	return open;
}

/* Does a line begin so? */
static bool
has_delimiter(struct arena *a, const char *s, const char *end,
    const char *boundary)
{
	const char *line = arena_printf(a, "\n--%s", boundary);
	size_t n = strlen(line);

	return ((size_t)(end - s) >= n - 1 && memcmp(s, line + 1, n - 1) == 0) ||
	    memmem(s, (size_t)(end - s), line, n) != NULL;
}

const char *
mail_mend_token(struct arena *a, const char *s, size_t n, const char *named)
{
	const char *token = named != NULL && *named != '\0' &&
		has_delimiter(a, s, s + n, named) ?
	    named : delimiter_in(a, s, s + n);

	return token != NULL && strpbrk(token, "\"\\\r\n") == NULL ?
	    token : NULL;
}

/* The field's value with that boundary in place of its own. */
static void
put_type(GString *out, const struct mail_params *params, const char *token)
{
	g_string_append(out, params->value);
	for (size_t i = 0; i < params->n; i++) {
		const struct mail_param *x = &params->items[i];

		if (strcmp(x->name, "boundary") != 0 &&
		    strpbrk(x->value, "\"\\\r\n") == NULL)
			g_string_append_printf(out, ";\n %s=\"%s\"", x->name,
			    x->value);
	}
	g_string_append_printf(out, ";\n boundary=\"%s\"", token);
}

const char *
mail_mend_boundary(struct mail *m, const char *s, size_t head, size_t *len)
{
	struct mail_header *ct = mail_header(&m->headers, "Content-Type");
	const char *token, *named, *end = s + *len;
	struct mail_params params;
	GString *copy;

	if (ct == NULL || !is_multipart(ct->raw, ct->raw_len))
		return s;
	params = mail_params(m->arena, ct->raw, ct->raw_len);
	named = mail_param(&params, "boundary");
	if (named != NULL && has_delimiter(m->arena, s + head, end, named)) {
		if (!open_quote(ct->raw, ct->raw_len))
			return s;
		token = named;
	} else {
		token = delimiter_in(m->arena, s + head, end);
	}
	if (token == NULL)
		return s;
	mail_defect(m, named == NULL ?
		"A multipart does not name its boundary." : token == named ?
		"A multipart names its boundary with an open quote." :
		"A multipart names another boundary than it has.");
	copy = arena_gstring(m->arena);
	g_string_append_len(copy, s, ct->raw - s);
	put_type(copy, &params, token);
	g_string_append_len(copy, ct->raw + ct->raw_len,
	    end - (ct->raw + ct->raw_len));
	*len = copy->len;
	return copy->str;
}

/* Bytes of eight bits before the end. */
static bool
has_high(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && (i += text_plain_run(s + i, n - i)) < n &&
	    (s[i] & 0x80) == 0)
		i++;
	return i < n;
}

void
mail_mend_fields(struct mail *m, const char *head, size_t n)
{
	if (m->charset == NULL || !has_high(head, n))
		return;
	for (size_t i = 0; i < m->headers.n; i++)
		m->headers.items[i].charset = m->charset;
}

const char *
mail_mend_field(struct mail *m, const struct mail_header *f, size_t *len)
{
	*len = f->raw_len;
	if (m->charset == NULL || !has_high(f->raw, f->raw_len) ||
	    g_utf8_validate(f->raw, (gssize)f->raw_len, NULL))
		return f->raw;
	return charset_to_utf8(m->arena, f->raw, f->raw_len, m->charset, NULL,
	    len);
}

void
mail_mend_note(struct mail *m, const struct mail_params *p)
{
	const char *label = mail_param(p, "charset");

	if (m->charset != NULL || label == NULL)
		return;
	label = charset_label(m->arena, label);
	if (label != NULL && !g_str_has_prefix(label, "utf-") &&
	    strcmp(label, "us-ascii") != 0)
		m->charset = label;
}
