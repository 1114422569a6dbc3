/*
 * One part of a message, taken out for whoever wants to have it
 * (inspect.h).  GMime gives no bytes of an attached message: those stand
 * between two delimiters of the multipart around it.
 */
#include "base/base.h"
#include "base/text.h"
#include "inspect/inspect.h"
#include "inspect/read.h"

/* Is the line a delimiter?  The last of its multipart ends with "--". */
static bool
delimiter(const char *s, size_t n, const char *boundary, bool *last)
{
	size_t len = strlen(boundary);

	while (n > 0 && g_ascii_isspace(s[n - 1]))
		n--;
	if (n < len + 2 || s[0] != '-' || s[1] != '-' ||
	    memcmp(s + 2, boundary, len) != 0)
		return false;
	*last = n == len + 4 && s[n - 1] == '-' && s[n - 2] == '-';
	return n == len + 2 || *last;
}

/* The line end before a delimiter belongs to it (RFC 2046 5.1.1). */
static size_t
without_end(const char *s, size_t n)
{
	if (n > 0 && s[n - 1] == '\n')
		n--;
	if (n > 0 && s[n - 1] == '\r')
		n--;
	return n;
}

/* What stands between delimiter nth and the next: fields, an empty line, the
 * content.  false: there is no such delimiter. */
static bool
between(const char *s, size_t len, const char *boundary, int64_t nth,
    const char **out, size_t *n)
{
	const char *end = s + len, *from = NULL;
	int64_t seen = 0;
	bool last = false;

	for (const char *p = s, *next; p < end && !last; p = next) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		next = nl != NULL ? nl + 1 : end;
		if (!delimiter(p, (size_t)(next - p), boundary, &last))
			continue;
		if (from != NULL) {
			*out = from;
			*n = without_end(from, (size_t)(p - from));
			return true;
		}
		if (++seen == nth && !last)
			from = next;
	}
	*out = from;
	*n = from != NULL ? (size_t)(end - from) : 0;
	return from != NULL;
}

/* Behind the first empty line. */
static void
skip_fields(const char **s, size_t *len)
{
	const char *end = *s + *len;

	while (*s < end) {
		const char *nl = memchr(*s, '\n', (size_t)(end - *s));
		size_t n = nl != NULL ? (size_t)(nl - *s) : (size_t)(end - *s);
		bool blank = n == 0 || (n == 1 && **s == '\r');

		*s = nl != NULL ? nl + 1 : end;
		if (blank)
			break;
	}
	*len = (size_t)(end - *s);
}

bool
part_attached(const struct mail *m, const struct mail_part *p, const char *s,
    size_t len, const char **out, size_t *n)
{
	const struct mail_part *around;
	const char *dot = strrchr(p->path, '.'), *boundary;
	int64_t nth;

	if (p->parent < 0) {
		*out = m->rest;
		*n = m->rest_len;
		return true;
	}
	/* its delimiters are those that were counted */
	if (m->mended != NULL) {
		s = m->mended;
		len = m->mended_len;
	}
	around = &m->parts[p->parent];
	boundary = mail_param(&around->params, "boundary");
	if (around->kind != MAIL_MULTIPART || text_blank(boundary) ||
	    !text_int(dot != NULL ? dot + 1 : p->path, 1, MAIL_PARTS_MAX,
		&nth) ||
	    !between(s, len, boundary, nth, out, n))
		return false;
	skip_fields(out, n);
	return true;
}

bool
inspect_part_of(struct arena *a, const void *bytes, size_t len,
    const char *path, const void **out, size_t *n)
{
	struct mail *m = mail_parse(a, bytes, len);

	for (size_t i = 0; i < m->n; i++) {
		struct mail_part *p = &m->parts[i];
		const char *s = NULL;

		if (p->kind == MAIL_MULTIPART || strcmp(p->path, path) != 0)
			continue;
		if (p->kind == MAIL_LEAF || p->body_len > 0)
			s = mail_bytes(m, p, n);
		else if (!part_attached(m, p, bytes, len, &s, n))
			return false;
		*out = s;
		return true;
	}
	return false;
}
