/*
 * Files inside a text (parse.h): uuencode, as programs put it there that know
 * no MIME.  Nothing but its lines tells of it, so each of them must be one:
 * people write "begin 644 tests", too.
 */
#include "base/base.h"
#include "mail/parse.h"

enum {
	LINE_LOST = 8,  /* blanks that a line has lost at its end */
	LINE_MORE = 2,  /* a check sum behind it */
	NAME_MAX_BYTES = 255,
};

/* A line without its end; next: where the next one begins. */
static size_t
line_at(const char *s, const char *end, const char **next)
{
	const char *nl = memchr(s, '\n', (size_t)(end - s));
	size_t n = (size_t)((nl != NULL ? nl : end) - s);

	*next = nl != NULL ? nl + 1 : end;
	return n - (n > 0 && s[n - 1] == '\r');
}

bool
mail_file_begins(const char *s, size_t n)
{
	size_t k = 6;

	if (n < 11 || memcmp(s, "begin ", 6) != 0)
		return false;
	while (k < n && s[k] >= '0' && s[k] <= '7')
		k++;
	return (k == 9 || k == 10) && s[k] == ' ' && k + 1 < n;
}

/* How many bytes a line of data holds. */
static size_t
held(char c)
{
	return (size_t)(c - 32) & 63;
}

static bool
is_data(const char *s, size_t n)
{
	size_t need;

	if (n == 0 || s[0] < 33 || s[0] > 95)
		return false;
	need = 1 + (held(s[0]) + 2) / 3 * 4;
	if (n + LINE_LOST < need || n > need + LINE_MORE)
		return false;
	for (size_t i = 1; i < n; i++)
		if (s[i] < 32 || s[i] > 96)
			return false;
	return true;
}

/* A line that says that no more data comes. */
static bool
is_last(const char *s, size_t n)
{
	return n == 0 || (n == 1 && (*s == '`' || *s == ' '));
}

/* The file that begins at this line. */
static bool
read_file(const char *s, const char *end, struct mail_file *f)
{
	const char *p, *next;
	size_t n = line_at(s, end, &next), lines = 0;

	if (!mail_file_begins(s, n))
		return false;
	f->bytes = s;
	f->name = (const char *)memchr(s + 6, ' ', n - 6) + 1;
	f->name_len = MIN((size_t)(s + n - f->name), NAME_MAX_BYTES);
	for (p = next; p < end; p = next, lines++) {
		n = line_at(p, end, &next);
		if (!is_data(p, n))
			break;
	}
	if (lines == 0)
		return false;
	while (p < end && is_last(p, n)) {
		p = next;
		n = line_at(p, end, &next);
	}
	/* the message may have been cut */
	if (p < end && (n != 3 || memcmp(p, "end", 3) != 0))
		return false;
	f->len = (size_t)((p < end ? next : end) - s);
	return true;
}

bool
mail_file_next(const char *s, const char *end, struct mail_file *f)
{
	const char *next;

	for (; s < end; s = next) {
		if (*s == 'b' && read_file(s, end, f))
			return true;
		line_at(s, end, &next);
	}
	return false;
}

size_t
mail_file_cut(char *s, size_t n)
{
	const char *from = s, *end = s + n;
	char *o = s;
	struct mail_file f;

	for (int i = 0; i < MAIL_FILES_MAX && mail_file_next(from, end, &f);
	     i++) {
		size_t before = (size_t)(f.bytes - from);

		memmove(o, from, before);
		o += before;
		from = f.bytes + f.len;
	}
	memmove(o, from, (size_t)(end - from));
	return (size_t)(o + (end - from) - s);
}

/* The byte of a character; blanks that were lost are nought. */
static unsigned
six(const char *s, const char *end)
{
	return s < end ? (unsigned)(*s - 32) & 63 : 0;
}

char *
mail_undo_uu(struct arena *a, const char *s, size_t n, size_t *len)
{
	const char *end = s + n, *next;
	char *out = arena_alloc(a, n + 3), *o = out;

	for (; s < end; s = next) {
		size_t length = line_at(s, end, &next), left;
		const char *stop = s + length, *p = s + 1;

		if (o == out && mail_file_begins(s, length))
			continue;
		if (!is_data(s, length))
			continue;
		for (left = held(*s); left > 0; p += 4) {
			unsigned bits = six(p, stop) << 18 |
			    six(p + 1, stop) << 12 | six(p + 2, stop) << 6 |
			    six(p + 3, stop);

			for (int shift = 16; shift >= 0 && left > 0;
			     shift -= 8, left--)
				*o++ = (char)(bits >> shift);
		}
	}
	*len = (size_t)(o - out);
	return out;
}
