/*
 * JSON in a mail (read.h): found by its first bytes, whatever the part
 * calls itself; or below a letter, from a line that begins with a brace.
 */
#include "base/base.h"
#include "inspect/read.h"

#include "mail/charset.h"

/* Media types that are never JSON, however they begin. */
static bool
other_media(const struct mail_part *p)
{
	return g_str_has_prefix(p->type, "image/") ||
	    g_str_has_prefix(p->type, "video/") ||
	    g_str_has_prefix(p->type, "audio/") ||
	    strcmp(p->type, "text/html") == 0;
}

const char *
json_part_text(struct reading *r, size_t part, size_t *len)
{
	struct mail_part *p = &r->m->parts[part];
	size_t n, i = 0;
	const char *s;

	if (p->kind != MAIL_LEAF || other_media(p))
		return NULL;
	s = mail_bytes(r->m, p, &n);
	/* byte order marks, and the NULs of UTF-16 */
	while (i < n && (g_ascii_isspace(s[i]) || s[i] == '\0' ||
		strchr("\xef\xbb\xbf\xff\xfe", s[i]) != NULL))
		i++;
	if (i >= n || (s[i] != '{' && s[i] != '['))
		return NULL;
	if (n > JSON_PART_MAX) {
		read_defect(r, "The JSON of part %s is too large.", p->path);
		return NULL;
	}
	/* JSON is UTF-8 (RFC 8259 8.1), whatever the header says; not
	 * mail_text(), which stops at the size of a letter */
	s = charset_to_utf8(r->a, s, n, "utf-8", NULL, &n);
	for (i = 0; i < n && (g_ascii_isspace(s[i]) ||
		 strchr("\xef\xbb\xbf", s[i]) != NULL); i++)
		;
	*len = n - i;
	return s + i;
}

/* Braces of a text that nobody closes: so many, and it is no JSON. */
enum { OPEN_MAX = 8 };

/* Behind the brace that closes the one at s; NULL when none does. */
static const char *
closing(const char *s, const char *end)
{
	size_t depth = 0;
	bool quoted = false;

	for (; s < end; s++) {
		if (quoted) {
			s += *s == '\\' && s + 1 < end;
			quoted = *s != '"';
		} else if (*s == '"') {
			quoted = true;
		} else if (*s == '{') {
			depth++;
		} else if (*s == '}' && --depth == 0) {
			return s + 1;
		}
	}
	return NULL;
}

const char *
json_part_inside(struct reading *r, size_t part, const char *mark,
    size_t *from, size_t *len)
{
	struct mail_part *p = &r->m->parts[part];
	const char *s, *end, *at;
	size_t n;
	int open = 0;

	if (p->kind != MAIL_LEAF || strcmp(p->type, "text/plain") != 0)
		return NULL;
	s = mail_text(r->m, p, &n);
	end = s + n;
	s += MIN(*from, n);
	at = memmem(s, (size_t)(end - s), mark, strlen(mark));
	while (at != NULL && s < end && open < OPEN_MAX) {
		const char *line = s + MIN(strspn(s, " \t"), (size_t)(end - s));
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		const char *stop = line < end && *line == '{' ?
		    closing(line, end) : NULL;

		open += line < end && *line == '{' && stop == NULL;
		s = nl != NULL ? nl + 1 : end;
		if (stop == NULL)
			continue;
		if (at > line && at < stop) {
			*from = n - (size_t)(end - stop);
			*len = (size_t)(stop - line);
			return arena_strndup(r->a, line, *len);
		}
		s = MAX(s, stop);
		if (at < s)
			at = memmem(s, (size_t)(end - s), mark, strlen(mark));
	}
	return NULL;
}
