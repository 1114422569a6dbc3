/* See text.h. */
#include "base/base.h"
#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd"

enum { REPLACEMENT_BYTES = 3 };

/*
 * Bytes of the character at p, 0 when there is no good one: overlong and
 * cut forms, surrogates, beyond U+10FFFF, U+FFFE and U+FFFF (no XML may
 * hold them) and C0 controls are bad.
 */
static size_t
good_char(const unsigned char *p, size_t left)
{
	unsigned char c = p[0];

	if (c < 0x80)
		return c >= 0x20 || c == '\t' || c == '\n' || c == '\r';
	if (c < 0xc2 || left < 2 || (p[1] & 0xc0) != 0x80)
		return 0;
	if (c < 0xe0)
		return 2;
	if (left < 3 || (p[2] & 0xc0) != 0x80)
		return 0;
	if (c < 0xf0) {
		if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f))
			return 0;
		if (c == 0xef && p[1] == 0xbf && p[2] >= 0xbe)
			return 0;
		return 3;
	}
	if (left < 4 || (p[3] & 0xc0) != 0x80 || c > 0xf4)
		return 0;
	if ((c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f))
		return 0;
	return 4;
}

/* Bytes at the start of s, by eights, that are ASCII and no less than those of
 * least: a lesser one borrows, and its highest bit is set then. */
static size_t
ascii_eights(const char *s, size_t len, uint64_t least)
{
	static const uint64_t high = 0x8080808080808080u;
	size_t i = 0;

	for (uint64_t v; len - i >= sizeof(v); i += sizeof(v)) {
		memcpy(&v, s + i, sizeof(v));
		if (((v | (v - least)) & high) != 0)
			break;
	}
	return i;
}

size_t
text_plain_run(const char *s, size_t len)
{
	size_t i = ascii_eights(s, len, 0x2020202020202020u);

	while (i < len && (unsigned char)(s[i] - 0x20) < 0x60)
		i++;
	return i;
}

bool
text_is_utf8(const char *s, size_t len)
{
	size_t i = ascii_eights(s, len, 0x0101010101010101u);

	return g_utf8_validate_len(s + i, len - i, NULL);
}

/* Bytes of the good characters at the start of p.  An eight with a line end
 * in it is gone through to its end: most of the next ones have none. */
static size_t
good_run(const unsigned char *p, size_t len)
{
	size_t i = 0, n, stop;

	for (;;) {
		i += ascii_eights((const char *)p + i, len - i,
		    0x2020202020202020u);
		for (stop = MIN(i + 8, len); i < stop; i += n)
			if ((n = good_char(p + i, len - i)) == 0)
				return i;
		if (i >= len)
			return i;
	}
}

/* Counts first, so that one piece of the right size is taken. */
char *
text_repair(struct arena *a, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	size_t i, n, bad = 0, out = 0;
	char *s;

	for (i = 0; i < len; i++) {
		i += good_run(p + i, len - i);
		if (i < len)
			bad++;
	}
	s = arena_alloc(a, len - bad + bad * REPLACEMENT_BYTES + 1);
	for (i = 0; i < len; i++) {
		n = good_run(p + i, len - i);
		memcpy(s + out, p + i, n);
		i += n;
		out += n;
		if (i < len) {
			memcpy(s + out, REPLACEMENT, REPLACEMENT_BYTES);
			out += REPLACEMENT_BYTES;
		}
	}
	return s;
}

const char *
text_repaired(struct arena *a, const char *s)
{
	size_t len;

	if (s == NULL)
		return "";
	len = strlen(s);
	if (good_run((const unsigned char *)s, len) == len)
		return s;
	return text_repair(a, s, len);
}

static bool
starts_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

char *
text_cut(struct arena *a, const char *s, size_t max)
{
	size_t len, keep;
	bool dots = max > 3;

	s = text_repaired(a, s);
	len = strlen(s);
	if (len <= max)
		return arena_strdup(a, s);
	keep = dots ? max - 3 : max;
	while (keep > 0 && !starts_character(s[keep]))
		keep--;
	return arena_printf(a, "%.*s%s", (int)MIN(keep, (size_t)G_MAXINT), s,
	    dots ? "..." : "");
}

/* Bytes of the white space character at s, 0 when it is none. */
static size_t
white(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	if (*p == ' ' || (*p >= '\t' && *p <= '\r'))
		return 1;
	if (*p == 0xc2 && p[1] == 0xa0)
		return 2;
	if (*p == 0xe3 && p[1] == 0x80 && p[2] == 0x80)
		return 3;
	if (*p == 0xe2 && p[1] == 0x80 &&
	    ((p[2] >= 0x80 && p[2] <= 0x8b) || p[2] == 0xa8 || p[2] == 0xa9 ||
		p[2] == 0xaf))
		return 3;
	return 0;
}

/* Words of ASCII with one blank between two, as most fields are. */
static bool
is_squashed(const char *s, size_t *len)
{
	size_t i = 0;

	for (; (unsigned char)(s[i] - 0x21) < 0x5f || (s[i] == ' ' && i > 0 &&
		 (unsigned char)(s[i + 1] - 0x21) < 0x5f); i++)
		;
	*len = i;
	return s[i] == '\0';
}

char *
text_squash(struct arena *a, const char *s)
{
	char *out, *q;
	bool gap = false;
	size_t n;

	if (s != NULL && is_squashed(s, &n))
		return arena_strndup(a, s, n);
	s = text_repaired(a, s);
	q = out = arena_alloc(a, strlen(s) + 1);
	while (*s != '\0') {
		if ((unsigned char)(*s - 0x21) >= 0x5f && (n = white(s)) > 0) {
			gap = true;
			s += n;
			continue;
		}
		if (gap && q > out)
			*q++ = ' ';
		gap = false;
		*q++ = *s++;
	}
	return out;
}

bool
text_blank(const char *s)
{
	size_t n;

	if (s == NULL)
		return true;
	while ((n = white(s)) > 0)
		s += n;
	return *s == '\0';
}

/* "e.g.", "i.e.", "Dr.", "L.": the point ends no sentence. */
static bool
abbreviation(const char *start, const char *point)
{
	static const char *const known[] = {"cf", "dr", "etc", "fig", "mr",
	    "mrs", "ms", "no", "prof", "st", "vs", NULL};
	const char *word = point;
	size_t len;

	while (word > start && word[-1] != ' ' && word[-1] != '(')
		word--;
	len = (size_t)(point - word);
	if (len == 1)
		return g_ascii_isalpha(*word);
	if (len == 3 && word[1] == '.')
		return true;
	for (size_t i = 0; known[i] != NULL; i++)
		if (strlen(known[i]) == len &&
		    g_ascii_strncasecmp(known[i], word, len) == 0)
			return true;
	return false;
}

/* Bytes of s up to the end of its last whole sentence before limit. */
static size_t
sentence_end(const char *s, size_t limit)
{
	size_t i, best = 0;

	for (i = 0; i < limit; i++) {
		size_t end = i + 1;

		if (s[i] != '.' && s[i] != '!' && s[i] != '?')
			continue;
		if (s[i] == '.' && abbreviation(s, s + i))
			continue;
		while (s[end] == ')' || s[end] == '"' || s[end] == '\'')
			end++;
		if (end <= limit && (s[end] == ' ' || s[end] == '\0') &&
		    !(s[end] == ' ' && g_ascii_islower(s[end + 1])))
			best = end;
	}
	return best;
}

char *
text_teaser(struct arena *a, const char *s, size_t max)
{
	const char *end;
	size_t chars, limit, keep;
	bool promise;

	s = text_squash(a, s);
	chars = (size_t)g_utf8_strlen(s, -1);
	promise = g_str_has_suffix(s, ":");
	if (chars <= max && !promise)
		return arena_strdup(a, s);
	end = chars <= max ? s + strlen(s) :
	    g_utf8_offset_to_pointer(s, (glong)max);
	limit = (size_t)(end - s);
	if ((keep = sentence_end(s, limit)) > 0)
		return arena_strndup(a, s, keep);
	/* No sentence fits: cut behind a word, and say so. */
	if (max <= 3)
		return arena_strndup(a, s, limit);
	if (chars + 2 <= max) {
		keep = strlen(s) - 1; /* room for all but the colon */
	} else {
		size_t word;

		end = g_utf8_offset_to_pointer(s, (glong)(max - 3));
		word = keep = (size_t)(end - s);
		while (word > 0 && s[word] != ' ')
			word--;
		if (word > keep / 2)
			keep = word;
	}
	while (keep > 0 && strchr(" ,;:-", s[keep - 1]) != NULL)
		keep--;
	return arena_printf(a, "%.*s...", (int)keep, s);
}

static const char *
entity(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
text_html_len(GString *out, const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i = 0, from = 0, n;

	while (i < len) {
		const char *instead = entity(p[i]);

		n = good_char(p + i, len - i);
		if (instead == NULL && n > 0) {
			i += n;
			continue;
		}
		g_string_append_len(out, s + from, (gssize)(i - from));
		g_string_append(out, instead != NULL ? instead : REPLACEMENT);
		from = ++i;
	}
	g_string_append_len(out, s + from, (gssize)(len - from));
}

void
text_html(GString *out, const char *s)
{
	if (s != NULL)
		text_html_len(out, s, strlen(s));
}

void
text_url(GString *out, const char *s)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; s != NULL && *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (g_ascii_isalnum(c) || strchr("-._~", c) != NULL) {
			g_string_append_c(out, (char)c);
		} else {
			g_string_append_c(out, '%');
			g_string_append_c(out, digits[c >> 4]);
			g_string_append_c(out, digits[c & 15]);
		}
	}
}

bool
text_url_safe(const char *s)
{
	const char *rest = NULL;

	if (s == NULL)
		return false;
	for (const char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p <= 0x20 || *p == 0x7f)
			return false;
	if (text_istarts(s, "http://"))
		rest = s + 7;
	else if (text_istarts(s, "https://"))
		rest = s + 8;
	else if (text_istarts(s, "mailto:"))
		rest = s + 7;
	if (rest != NULL)
		return *rest != '\0' && *rest != '/' && *rest != '\\';
	/* Browsers read a second slash or backslash as another host. */
	return s[0] == '/' && s[1] != '/' && s[1] != '\\';
}

void
text_csv(GString *out, const char *s)
{
	ARENA_AUTO(a, "csv");

	s = text_repaired(a, s);
	if (strpbrk(s, ",\"\r\n\t") == NULL &&
	    (*s == '\0' || strchr("=+-@", *s) == NULL)) {
		g_string_append(out, s);
		return;
	}
	g_string_append_c(out, '"');
	if (*s != '\0' && strchr("=+-@\t\r", *s) != NULL)
		g_string_append_c(out, '\'');
	for (; *s != '\0'; s++) {
		if (*s == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *s);
	}
	g_string_append_c(out, '"');
}

static bool
name_byte(char c)
{
	return g_ascii_isalnum(c) || c == '-' || c == '_' ||
	    (unsigned char)c >= 0x80;
}

const char *
text_defang(struct arena *a, const char *s)
{
	static const struct {
		const char *plain, *safe;
	} schemes[] = {
	    {"http://", "hxxp://"},
	    {"https://", "hxxps://"},
	    {"ftp://", "fxp://"},
	};
	GString *out = arena_gstring(a);
	const char *p = s = text_repaired(a, s);
	size_t i;

	while (*p != '\0') {
		bool starts = p == s || !g_ascii_isalnum(p[-1]);

		for (i = 0; starts && i < COUNT_OF(schemes); i++)
			if (text_istarts(p, schemes[i].plain))
				break;
		if (starts && i < COUNT_OF(schemes)) {
			g_string_append(out, schemes[i].safe);
			p += strlen(schemes[i].plain);
		} else if (*p == '.' && p > s && name_byte(p[-1]) &&
		    name_byte(p[1])) {
			g_string_append(out, "[.]");
			p++;
		} else {
			g_string_append_c(out, *p++);
		}
	}
	return arena_strdup(a, out->str);
}

size_t
text_count(const char *const *list)
{
	size_t n = 0;

	while (list != NULL && list[n] != NULL)
		n++;
	return n;
}

int
text_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool
text_int(const char *s, int64_t min, int64_t max, int64_t *n)
{
	bool minus;
	uint64_t v = 0, top;

	if (s == NULL)
		return false;
	minus = *s == '-';
	s += minus;
	if (*s == '\0')
		return false;
	top = (uint64_t)INT64_MAX + minus;
	for (; *s != '\0'; s++) {
		uint64_t digit = (uint64_t)(*s - '0');

		if (!g_ascii_isdigit(*s) || v > (top - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	{
		int64_t value = minus ? (int64_t)(0 - v) : (int64_t)v;

		if (value < min || value > max)
			return false;
		*n = value;
	}
	return true;
}

char *
text_hex(struct arena *a, const void *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *b = p;
	char *s = arena_alloc(a, 2 * len + 1);

	for (size_t i = 0; i < len; i++) {
		s[2 * i] = digits[b[i] >> 4];
		s[2 * i + 1] = digits[b[i] & 15];
	}
	return s;
}

char *
text_sha256(struct arena *a, const void *p, size_t len)
{
	g_autofree char *s = g_compute_checksum_for_data(G_CHECKSUM_SHA256,
	    len > 0 ? p : (const void *)"", len);

	return arena_strdup(a, s);
}
