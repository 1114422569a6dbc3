/* See armor.h. */
#include "base/base.h"
#include "mail/armor.h"

static const char begin_message[] = "-----BEGIN PGP MESSAGE-----";
static const char end_message[] = "-----END PGP MESSAGE-----";
static const char begin_clear[] = "-----BEGIN PGP SIGNED MESSAGE-----";
static const char begin_signature[] = "-----BEGIN PGP SIGNATURE-----";
static const char end_signature[] = "-----END PGP SIGNATURE-----";

enum { PACKET_SESSION_KEY = 1 };

/* Behind the line that begins at p. */
static size_t
next_line(const char *s, size_t n, size_t p)
{
	const char *nl = memchr(s + p, '\n', n - p);

	return nl != NULL ? (size_t)(nl + 1 - s) : n;
}

/* The line at p is `mark` and nothing but blanks. */
static bool
is_line(const char *s, size_t n, size_t p, const char *mark)
{
	size_t k = strlen(mark);

	if (n - p < k || memcmp(s + p, mark, k) != 0)
		return false;
	for (p += k; p < n && s[p] != '\n'; p++)
		if (!g_ascii_isspace(s[p]))
			return false;
	return true;
}

/* Where a line equal to mark begins, at or behind p; n: nowhere. */
static size_t
find_line(const char *s, size_t n, size_t p, const char *mark)
{
	while (p < n) {
		const char *hit = memmem(s + p, n - p, mark, strlen(mark));

		if (hit == NULL)
			return n;
		p = (size_t)(hit - s);
		if ((p == 0 || s[p - 1] == '\n') && is_line(s, n, p, mark))
			return p;
		p++;
	}
	return n;
}

static bool
message_at(const char *s, size_t n, size_t p, struct armor *out)
{
	size_t end = find_line(s, n, p, end_message);

	if (end == n)
		return false;
	*out = (struct armor){.kind = ARMOR_MESSAGE, .start = p,
	    .end = next_line(s, n, end)};
	return true;
}

static bool
clear_at(const char *s, size_t n, size_t p, struct armor *out)
{
	struct armor a = {.kind = ARMOR_CLEAR, .start = p};
	size_t end;

	/* "Hash: SHA512" and the like, then an empty line */
	for (p = next_line(s, n, p); p < n; p = next_line(s, n, p)) {
		size_t stop = next_line(s, n, p);

		while (stop > p && g_ascii_isspace(s[stop - 1]))
			stop--;
		if (stop == p)
			break;
	}
	a.text = next_line(s, n, p);
	a.text_end = find_line(s, n, a.text, begin_signature);
	end = find_line(s, n, a.text_end, end_signature);
	if (end == n)
		return false;
	a.end = next_line(s, n, end);
	*out = a;
	return true;
}

bool
armor_find(const char *s, size_t n, size_t from, struct armor *out)
{
	size_t message = find_line(s, n, from, begin_message);
	size_t clear = find_line(s, n, from, begin_clear);
	struct armor m, c;
	bool has_m = message < n && message_at(s, n, message, &m);
	bool has_c = clear < n && clear_at(s, n, clear, &c);

	if (has_m && (!has_c || m.start < c.start))
		*out = m;
	else if (has_c)
		*out = c;
	return has_m || has_c;
}

char *
armor_text(struct arena *a, const char *s, const struct armor *at,
    size_t *len)
{
	char *out = arena_alloc(a, at->text_end - at->text + 1), *o = out;

	for (size_t p = at->text; p < at->text_end;) {
		size_t next = next_line(s, at->text_end, p);

		if (next - p >= 2 && s[p] == '-' && s[p + 1] == ' ')
			p += 2;
		memcpy(o, s + p, next - p);
		o += next - p;
		p = next;
	}
	*o = '\0';
	if (len != NULL)
		*len = (size_t)(o - out);
	return out;
}

bool
armor_looks_encrypted(const char *s, size_t n)
{
	struct armor at;
	unsigned char tag;

	if (n == 0)
		return false;
	tag = (unsigned char)*s;
	if ((tag & 0x80) != 0)
		return ((tag & 0x40) != 0 ? tag & 0x3f : (tag & 0x3f) >> 2) ==
		    PACKET_SESSION_KEY;
	return armor_find(s, n, 0, &at) && at.kind == ARMOR_MESSAGE;
}
