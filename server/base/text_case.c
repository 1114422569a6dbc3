/* Letters, which are ASCII's here: in lower case, and compared without regard
 * to it (text.h).  Most of what is read goes through these, so eight bytes at
 * a time. */
#include "base/base.h"
#include "base/text.h"

static inline char
lower(char c)
{
	return (unsigned char)(c - 'A') < 26 ? (char)(c | 32) : c;
}

/* Which of the eight bytes of v are among the 26 from `first` on: their
 * highest bits.  Added to the seven low bits, the distance of `first` from
 * 0x80 sets that bit from there on. */
static inline uint64_t
letters_of(uint64_t v, uint64_t first)
{
	static const uint64_t each = 0x0101010101010101u,
	    high = 0x8080808080808080u;
	uint64_t low = v & ~high;

	return (low + each * (0x80 - first)) &
	    ~(low + each * (0x80 - first - 26)) & ~v & high;
}

void
text_lower_to(char *to, const char *from, size_t n)
{
	size_t i = 0;

	for (uint64_t v; n - i >= sizeof(v); i += sizeof(v)) {
		memcpy(&v, from + i, sizeof(v));
		v |= letters_of(v, 'A') >> 2; /* 0x80 to 0x20 */
		memcpy(to + i, &v, sizeof(v));
	}
	for (; i < n; i++)
		to[i] = lower(from[i]);
}

size_t
text_letters(const char *s, size_t len)
{
	size_t i = 0;

	for (uint64_t v; len - i >= sizeof(v); i += sizeof(v)) {
		memcpy(&v, s + i, sizeof(v));
		v = GUINT64_FROM_LE(v) | 0x2020202020202020u;
		v = ~letters_of(v, 'a') & 0x8080808080808080u;
		if (v != 0)
			return i + (size_t)__builtin_ctzll(v) / 8;
	}
	while (i < len && g_ascii_isalpha(s[i]))
		i++;
	return i;
}

char *
text_lower(struct arena *a, const char *s)
{
	size_t len;
	char *out;

	s = text_repaired(a, s);
	len = strlen(s);
	out = arena_alloc(a, len + 1);
	text_lower_to(out, s, len);
	return out;
}

bool
text_ieq(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	/* most differ at once, without a call */
	for (; lower(*a) == lower(*b); a++, b++)
		if (*a == '\0')
			return true;
	return false;
}

bool
text_istarts_at_all(const char *s, const char *prefix)
{
	for (; *prefix != '\0'; s++, prefix++)
		if (lower(*s) != lower(*prefix))
			return false;
	return true;
}

bool
text_istarts_any(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_istarts(s, list[i]))
			return true;
	return false;
}

bool
text_has_any(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(s, list[i]) != NULL)
			return true;
	return false;
}

bool
text_iends(const char *s, const char *suffix)
{
	size_t n, m = strlen(suffix);

	if (s == NULL || (n = strlen(s)) < m)
		return false;
	return g_ascii_strcasecmp(s + n - m, suffix) == 0;
}
