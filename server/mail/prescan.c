/*
 * What GMime must not see (parse.h): it has no caps on parts and header
 * lines, and a megabyte of either costs it hundreds in memory.
 */
#include "base/base.h"
#include "mail/parse.h"

struct bound {
	const char *s;
	size_t n;
	bool digest; /* its parts are messages if they say nothing */
};

/* What the header block says of what follows it. */
struct block {
	bool field;   /* this line belongs to Content-Type */
	bool typed;   /* there is one */
	bool message; /* it is a message */
	bool plainly; /* ... and GMime will open it, unless it is encoded */
	bool encoded; /* there is a Content-Transfer-Encoding */
	bool digest;
};

/* A boundary parameter in this line?  Any line counts: a wrong guess only
 * makes a number too high. */
static void
note_boundary(const char *line, size_t n, bool digest, struct bound *bs,
    size_t *count)
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
			bs[(*count)++] = (struct bound){v, len, digest};
		return;
	}
}

/* opens: as far as can be told, a part begins behind it. */
static bool
is_delimiter(const char *line, size_t n, const struct bound *bs, size_t count,
    bool *digest, bool *opens)
{
	bool found = false;

	*digest = *opens = false;
	for (size_t i = 0; i < count; i++)
		if (n >= bs[i].n + 2 &&
		    memcmp(line + 2, bs[i].s, bs[i].n) == 0) {
			size_t k = bs[i].n + 2;

			found = true;
			*digest |= bs[i].digest;
			*opens |= n == k || line[k] == '\r';
		}
	return found;
}

/* "message/x", "x/rfc822" or "x/digest" anywhere in a line. */
static void
note_slashes(struct block *b, const char *line, size_t n)
{
	const char *end = line + n;

	for (const char *p = line;
	    (p = memchr(p, '/', (size_t)(end - p))) != NULL; p++) {
		bool message = p - line >= 7 &&
		    g_ascii_strncasecmp(p - 7, "message", 7) == 0;
		bool mail = end - p > 6 &&
		    g_ascii_strncasecmp(p + 1, "rfc822", 6) == 0;

		b->message |= message || mail;
		b->plainly |= message && mail;
		b->digest |= end - p > 6 &&
		    g_ascii_strncasecmp(p + 1, "digest", 6) == 0;
	}
}

/* A line of a header block; the type may stand on a folded one. */
static void
note_type(struct block *b, const char *line, size_t n)
{
	if (*line != ' ' && *line != '\t') {
		bool content = n >= 13 && (*line | 32) == 'c' &&
		    g_ascii_strncasecmp(line, "content-t", 9) == 0;

		b->field = content &&
		    g_ascii_strncasecmp(line + 9, "ype", 3) == 0 &&
		    strchr(": \t", line[12]) != NULL;
		b->encoded |= content && !b->field;
	}
	if (!b->field)
		return;
	b->typed = true;
	note_slashes(b, line, MIN(n, 200));
}

/*
 * GMime reads the addresses of these fields as soon as it sees them, and
 * groups within groups ("a:b:c:") by recursion: 20,000 of them end the
 * process.  What it will take for a header is hard to foresee (digests,
 * types on a folded line), so every line of the message counts that begins
 * like one.
 */
static bool
names_addresses(const char *s, size_t n)
{
	static const char *const names[] = {"to", "cc", "bcc", "from",
	    "sender", "reply-to"};
	static const bool first[256] = {['T'] = true, ['t'] = true,
	    ['C'] = true, ['c'] = true, ['B'] = true, ['b'] = true,
	    ['F'] = true, ['f'] = true, ['S'] = true, ['s'] = true,
	    ['R'] = true, ['r'] = true};

	if (n == 0 || !first[(uint8_t)*s])
		return false;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		size_t k = strlen(names[i]);

		if (n <= k || (*s | 32) != *names[i] ||
		    g_ascii_strncasecmp(s, names[i], k) != 0)
			continue;
		while (k < n && (s[k] == ' ' || s[k] == '\t'))
			k++;
		if (k < n && s[k] == ':')
			return true;
	}
	return false;
}

/* The copy without what stands between here and the next kept byte. */
static GString *
leave_out(struct mail *m, GString *copy, const char *kept, const char *here)
{
	if (copy == NULL)
		copy = arena_gstring(m->arena);
	if (here > kept)
		g_string_append_len(copy, kept, here - kept);
	return copy;
}

/* The header block [at, end) of a part or an attached message. */
static void
note_head(struct mail_heads *heads, const char *at, const char *end,
    bool message)
{
	if (heads->n < COUNT_OF(heads->items))
		heads->items[heads->n++] = (struct mail_head){at,
		    (size_t)(end - at), message};
}

/* Where in [p, end) the colon stands that is one too many; NULL: nowhere. */
static const char *
too_many_colons(const char *p, const char *end, size_t *colons)
{
	while ((p = memchr(p, ':', (size_t)(end - p))) != NULL) {
		if (++*colons > MAIL_COLONS_MAX)
			return p;
		p++;
	}
	return NULL;
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
mail_prescan(struct mail *m, const char *s, size_t *len,
    struct mail_heads *heads)
{
	struct bound bs[MAIL_BOUNDARIES_MAX]; /* count of them are set */
	size_t count = 0, delimiters = 0, lines = 0, colons = 0;
	const char *end = s + *len, *block = s, *kept = s, *next;
	bool header = true, digest = false, addresses = false;
	bool part = false, inner = false; /* whose block it is */
	struct block says = {0};
	GString *copy = NULL;

	heads->n = 0;
	for (const char *p = s; p < end; p = next) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl != NULL ? nl : end) - p);

		next = nl != NULL ? nl + 1 : end;
		if (*p == 'b' && mail_file_begins(p, n))
			m->files = true;
		if (n == 0 || (*p != ' ' && *p != '\t')) {
			addresses = names_addresses(p, n);
			colons = 0;
		}
		if (addresses) {
			const char *cut = too_many_colons(p, p + n, &colons);

			if (cut != NULL) {
				if (colons == MAIL_COLONS_MAX + 1)
					mail_defect(m, "A field of addresses "
					    "has more than %d colons; the "
					    "rest of it was not read.",
					    MAIL_COLONS_MAX);
				copy = leave_out(m, copy, kept, cut);
				kept = nl != NULL ? nl : end;
			}
		}
		if (n >= 2 && p[0] == '-' && p[1] == '-' &&
		    is_delimiter(p, n, bs, count, &digest, &part)) {
			if (++delimiters > MAIL_DELIMITERS_MAX) {
				mail_defect(m, "More than %d lines look like "
				    "a boundary of parts; the rest was not "
				    "read.", MAIL_DELIMITERS_MAX);
				end = p;
				break;
			}
			header = true;
			inner = false;
			says = (struct block){0};
			block = next;
			lines = 0;
			continue;
		}
		if (!header)
			continue;
		if (n == 0 || (n == 1 && *p == '\r')) {
			if (part || inner)
				note_head(heads, block, next, inner);
			part = false;
			inner = says.plainly && !says.encoded;
			header = says.message || (digest && !says.typed);
			digest = false;
			says = (struct block){0};
			block = next;
			lines = 0;
			continue;
		}
		note_type(&says, p, n);
		note_boundary(p, n, says.digest, bs, &count);
		if (++lines <= MAIL_HEADER_LINES_MAX &&
		    next - block <= MAIL_HEADER_BYTES_MAX)
			continue;
		if (lines == MAIL_HEADER_LINES_MAX + 1 || copy == NULL)
			mail_defect(m, "A header block has more than %d lines "
			    "or %d bytes; the rest of it was not read.",
			    MAIL_HEADER_LINES_MAX, MAIL_HEADER_BYTES_MAX);
		lines = MAX(lines, MAIL_HEADER_LINES_MAX + 1);
		if (p > kept || copy == NULL)
			copy = leave_out(m, copy, kept, p);
		kept = next;
	}
	if (copy != NULL) {
		heads->n = 0;
		if (end > kept)
			g_string_append_len(copy, kept, end - kept);
		*len = copy->len;
		return copy->str;
	}
	*len = (size_t)(end - s);
	return s;
}
