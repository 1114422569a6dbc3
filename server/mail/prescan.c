/*
 * What GMime must not see (parse.h): it has no caps on parts and header
 * lines, and a megabyte of either costs it hundreds in memory.
 */
#include "base/base.h"
#include "mail/parse.h"

struct bound {
	const char *s;
	size_t n;
};

/* A boundary parameter in this line?  Any line counts: a wrong guess only
 * makes a number too high. */
static void
note_boundary(const char *line, size_t n, struct bound *bs, size_t *count)
{
	for (const char *p = line, *end = line + n;
	    *count < MAIL_BOUNDARIES_MAX && end - p > 9; p++) {
		const char *v;
		size_t len = 0;

		p = memchr(p, '=', (size_t)(end - p));
		if (p == NULL)
			return;
		if (p - line < 8 || g_ascii_strncasecmp(p - 8, "boundary", 8))
			continue;
		v = p + 1;
		if (v < end && *v == '"') {
			v++;
			while (v + len < end && v[len] != '"')
				len++;
		} else {
			while (v + len < end && v[len] != ';' &&
			    v[len] != '\r' && v[len] != ' ')
				len++;
		}
		if (len > 0 && len <= 200)
			bs[(*count)++] = (struct bound){v, len};
		return;
	}
}

static bool
is_delimiter(const char *line, size_t n, const struct bound *bs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (n >= bs[i].n + 2 &&
		    memcmp(line + 2, bs[i].s, bs[i].n) == 0)
			return true;
	return false;
}

/*
 * One pass over the lines.  Header lines above the limits are left out (in
 * a copy), and after too many delimiters the rest is not shown to GMime.
 * Returns the bytes to parse.
 *
 * Header blocks are seen from outside: at the start, behind a delimiter,
 * and behind the empty line of a block that announced a message.
 */
const char *
mail_prescan(struct mail *m, const char *s, size_t *len)
{
	struct bound *bs =
	    ARENA_ARRAY(m->arena, struct bound, MAIL_BOUNDARIES_MAX);
	size_t count = 0, delimiters = 0, lines = 0;
	const char *end = s + *len, *block = s, *kept = s, *next;
	bool header = true, nested = false;
	GString *copy = NULL;

	for (const char *p = s; p < end; p = next) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl != NULL ? nl : end) - p);

		next = nl != NULL ? nl + 1 : end;
		if (n >= 2 && p[0] == '-' && p[1] == '-' &&
		    is_delimiter(p, n, bs, count)) {
			if (++delimiters > MAIL_DELIMITERS_MAX) {
				mail_defect(m, "More than %d parts; the rest "
				    "was not read.", MAIL_DELIMITERS_MAX);
				end = p;
				break;
			}
			header = true;
			nested = false;
			block = next;
			lines = 0;
			continue;
		}
		if (!header)
			continue;
		if (n == 0 || (n == 1 && *p == '\r')) {
			header = nested;
			nested = false;
			block = next;
			lines = 0;
			continue;
		}
		note_boundary(p, n, bs, &count);
		if (n > 18 && g_ascii_strncasecmp(p, "content-type:", 13) == 0)
			nested = g_strstr_len(p, (gssize)MIN(n, 40), "/rfc822") ||
			    g_strstr_len(p, (gssize)MIN(n, 40), "message/");
		if (++lines <= MAIL_HEADER_LINES_MAX &&
		    next - block <= MAIL_HEADER_BYTES_MAX)
			continue;
		if (lines == MAIL_HEADER_LINES_MAX + 1 || copy == NULL)
			mail_defect(m, "A header block has more than %d lines "
			    "or %d bytes; the rest of it was not read.",
			    MAIL_HEADER_LINES_MAX, MAIL_HEADER_BYTES_MAX);
		lines = MAX(lines, MAIL_HEADER_LINES_MAX + 1);
		if (copy == NULL)
			copy = arena_gstring(m->arena);
		g_string_append_len(copy, kept, p - kept);
		kept = next;
	}
	if (copy != NULL) {
		if (end > kept)
			g_string_append_len(copy, kept, end - kept);
		*len = copy->len;
		return copy->str;
	}
	*len = (size_t)(end - s);
	return s;
}
