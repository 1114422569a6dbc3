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
	bool twice;   /* ... and another */
	bool message; /* it is a message */
	bool plainly; /* ... and GMime will open it, unless it is encoded */
	bool encoded; /* there is a Content-Transfer-Encoding */
	bool digest;
	bool more;    /* its last line ends with ";" */
	const char *letter; /* where its text begins, without an empty line */
};

/* What delimiters are made of. */
struct bounds {
	struct bound items[MAIL_BOUNDARIES_MAX]; /* n of them are set */
	size_t n;
	bool last[256]; /* how one of them may end */
};

/* A boundary parameter in this line?  Any line counts: a wrong guess only
 * makes a number too high. */
static void
note_boundary(const char *line, size_t n, bool digest, struct bounds *bs)
{
	for (const char *p = line, *end = line + n;
	    bs->n < MAIL_BOUNDARIES_MAX && end - p > 9; p++) {
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
		if (len > 0 && len <= 200) {
			bs->items[bs->n++] = (struct bound){v, len, digest};
			bs->last[(uint8_t)v[len - 1]] = true;
			bs->last['-'] = true;
		}
		return;
	}
}

/* opens: as far as can be told, a part begins behind it. */
static bool
is_delimiter(const char *line, size_t n, const struct bounds *bs,
    bool *digest, bool *opens)
{
	bool found = false;

	*digest = *opens = false;
	for (size_t i = 0; i < bs->n; i++)
		if (n >= bs->items[i].n + 2 && memcmp(line + 2,
			bs->items[i].s, bs->items[i].n) == 0) {
			size_t k = bs->items[i].n + 2;

			found = true;
			*digest |= bs->items[i].digest;
			*opens |= n == k || line[k] == '\r';
		}
	return found;
}

/* Does the line end with this delimiter, closed by as many marks? */
static const char *
ends_with(const char *line, const char *end, const struct bound *b,
    size_t marks)
{
	size_t n = 2 + b->n + marks;
	const char *p = end - n;

	if ((size_t)(end - line) <= n || p[-1] == '-' || p[0] != '-' ||
	    p[1] != '-' || memcmp(p + 2, b->s, b->n) != 0)
		return NULL;
	return marks == 0 || (end[-1] == '-' && end[-2] == '-') ? p : NULL;
}

/*
 * Where in a line of a body a delimiter begins that was written behind text
 * without a line end of its own; NULL: nowhere.  People write such lines,
 * too: what follows must be the fields of a part, or for the last delimiter
 * nothing but another one.
 */
static const char *
glued(const char *line, size_t n, const char *next, const char *end,
    const struct bounds *bs)
{
	bool dummy;

	while (n > 0 && g_ascii_isspace(line[n - 1]))
		n--;
	if (n < 4 || !bs->last[(uint8_t)line[n - 1]])
		return NULL;
	for (size_t i = 0; i < bs->n; i++) {
		const struct bound *b = &bs->items[i];
		const char *p = ends_with(line, line + n, b, 0), *rest = next;

		if (p != NULL && end - next > 8 &&
		    g_ascii_strncasecmp(next, "content-", 8) == 0)
			return p;
		p = ends_with(line, line + n, b, 2);
		if (p == NULL)
			continue;
		while (rest < end && g_ascii_isspace(*rest))
			rest++;
		if (rest == end || (end - rest > 2 && rest[0] == '-' &&
			rest[1] == '-' && is_delimiter(rest,
			    (size_t)(end - rest), bs, &dummy, &dummy)))
			return p;
	}
	return NULL;
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
	b->twice |= b->typed && *line != ' ' && *line != '\t';
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

/* Is this line of a header block the first of the text that follows it?  Not
 * if more fields follow, nor where a parameter is not indented. */
static void
note_letter(struct block *b, const char *line, size_t n)
{
	bool more = b->more;

	while (n > 0 && g_ascii_isspace(line[n - 1]))
		n--;
	b->more = n > 0 && line[n - 1] == ';';
	if (n == 0 || *line == ' ' || *line == '\t')
		return;
	if (b->letter != NULL) {
		if (mail_mend_is_field(line, n))
			b->letter = NULL;
	} else if (mail_mend_is_letter(line, n) &&
	    !mail_mend_is_field(line, n) &&
	    (!more || memchr(line, '=', n) == NULL)) {
		b->letter = line;
	}
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

/* Where the pass stands. */
struct pass {
	struct mail *m;
	const char *block; /* the header block that it is in */
	const char *kept;  /* not yet in the copy */
	GString *copy;     /* NULL: nothing was changed so far */
	struct block says;
	size_t lines;
	bool header, digest;
	bool part, inner;  /* whose block it is */
};

/* A line end before `here`, as others are (GMime takes the one before a
 * delimiter for as long as that behind it); defect: why. */
static void
put_line_end(struct pass *x, const char *here, bool cr, const char *defect)
{
	x->copy = leave_out(x->m, x->copy, x->kept, here);
	g_string_append(x->copy, cr ? "\r\n" : "\n");
	x->kept = here;
	mail_defect(x->m, "%s", defect);
}

static void
begin_block(struct pass *x, const char *at)
{
	x->m->twice |= x->says.twice;
	x->says = (struct block){0};
	x->block = at;
	x->lines = 0;
}

/* An empty line: is what follows another block? */
static void
end_block(struct pass *x, const char *next)
{
	x->part = false;
	x->inner = x->says.plainly && !x->says.encoded;
	x->header = x->says.message || (x->digest && !x->says.typed);
	x->digest = false;
	begin_block(x, next);
}

/* A line end that is missing here, or before: where to read on, or NULL.
 * This line is the last of its header block if `ends`. */
static const char *
mend(struct pass *x, const char *p, size_t n, const char *next,
    const char *end, bool ends, const struct bounds *bs)
{
	const char *at = x->header ? (ends ? x->says.letter : NULL) :
	    bs->n > 0 ? glued(p, n, next, end, bs) : NULL;

	if (at == NULL || at < x->kept)
		return NULL;
	put_line_end(x, at, next - p > 1 && next[-2] == '\r', x->header ?
		"No empty line ends the header of a part." :
		"A delimiter of parts does not begin a line.");
	if (x->header)
		end_block(x, at);
	return at;
}

/* An empty line before the header of an attached message: its fields would be
 * a text.  Two of them are asked for, as letters begin with "Date: ..." too. */
static bool
before_header(const struct pass *x, const char *p, const char *next,
    const char *end)
{
	if (!x->inner || p != x->block || p < x->kept)
		return false;
	for (int i = 0; i < 2; i++) {
		const char *nl = memchr(next, '\n', (size_t)(end - next));

		if (nl == NULL || nl == next || !mail_mend_is_field(next,
			(size_t)(nl - next)))
			return false;
		next = nl + 1;
		while (next < end && (*next == ' ' || *next == '\t')) {
			nl = memchr(next, '\n', (size_t)(end - next));
			next = nl != NULL ? nl + 1 : end;
		}
	}
	return true;
}

/*
 * One pass over the lines.  Header lines above the limits are left out (in
 * a copy), line ends that are missing are put in, and after too many
 * delimiters the rest is not shown to GMime.  Returns the bytes to parse.
 *
 * Header blocks are seen from outside: at the start, behind a delimiter,
 * and behind the empty line of a block that announced a message.
 */
const char *
mail_prescan(struct mail *m, const char *s, size_t *len,
    struct mail_heads *heads)
{
	struct bounds bs; /* most of it is not looked at */
	size_t delimiters = 0, colons = 0;
	const char *end = s + *len, *next;
	struct pass x = {.m = m, .block = s, .kept = s, .header = true};
	bool addresses = false;

	bs.n = 0;
	memset(bs.last, 0, sizeof(bs.last));
	heads->n = 0;
	for (const char *p = s; p < end; p = next) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *cut;
		size_t n = (size_t)((nl != NULL ? nl : end) - p);
		bool dashes = n >= 2 && p[0] == '-' && p[1] == '-';
		bool blank = n == 0 || (n == 1 && *p == '\r');

		next = nl != NULL ? nl + 1 : end;
		if (*p == 'b' && mail_file_begins(p, n))
			m->files = true;
		if (n == 0 || (*p != ' ' && *p != '\t')) {
			addresses = names_addresses(p, n);
			colons = 0;
		}
		if (addresses) {
			cut = too_many_colons(p, p + n, &colons);
			if (cut != NULL) {
				if (colons == MAIL_COLONS_MAX + 1)
					mail_defect(m, "A field of addresses "
					    "has more than %d colons; the "
					    "rest of it was not read.",
					    MAIL_COLONS_MAX);
				x.copy = leave_out(m, x.copy, x.kept, cut);
				x.kept = nl != NULL ? nl : end;
			}
		}
		cut = mend(&x, p, n, next, end, blank || dashes, &bs);
		if (cut != NULL) {
			next = cut;
			continue;
		}
		if (dashes && is_delimiter(p, n, &bs, &x.digest, &x.part)) {
			if (++delimiters > MAIL_DELIMITERS_MAX) {
				mail_defect(m, "More than %d lines look like "
				    "a boundary of parts; the rest was not "
				    "read.", MAIL_DELIMITERS_MAX);
				end = p;
				break;
			}
			x.header = true;
			x.inner = false;
			begin_block(&x, next);
			continue;
		}
		if (!x.header)
			continue;
		if (blank && before_header(&x, p, next, end)) {
			x.copy = leave_out(m, x.copy, x.kept, p);
			x.kept = next;
			continue;
		}
		if (blank) {
			if (x.part || x.inner)
				note_head(heads, x.block, next, x.inner);
			end_block(&x, next);
			continue;
		}
		if (x.part || x.inner)
			note_letter(&x.says, p, n);
		note_type(&x.says, p, n);
		note_boundary(p, n, x.says.digest, &bs);
		if (++x.lines <= MAIL_HEADER_LINES_MAX &&
		    next - x.block <= MAIL_HEADER_BYTES_MAX)
			continue;
		if (x.lines == MAIL_HEADER_LINES_MAX + 1 || x.copy == NULL)
			mail_defect(m, "A header block has more than %d lines "
			    "or %d bytes; the rest of it was not read.",
			    MAIL_HEADER_LINES_MAX, MAIL_HEADER_BYTES_MAX);
		x.lines = MAX(x.lines, MAIL_HEADER_LINES_MAX + 1);
		if (p > x.kept || x.copy == NULL)
			x.copy = leave_out(m, x.copy, x.kept, p);
		x.kept = next;
	}
	if (x.header)
		mend(&x, end, 0, end, end, true, &bs);
	if (x.copy != NULL) {
		heads->n = 0;
		if (end > x.kept)
			g_string_append_len(x.copy, x.kept, end - x.kept);
		*len = x.copy->len;
		return x.copy->str;
	}
	*len = (size_t)(end - s);
	return s;
}
