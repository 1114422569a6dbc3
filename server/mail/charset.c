#include "base/base.h"
#include "mail/charset.h"

#include <errno.h>
#include <iconv.h>
#include <uchardet/uchardet.h>

#include "base/text.h"

/* What mail calls it -> what iconv calls it.  Supersets are taken where
 * senders mean them (WHATWG Encoding does the same). */
static const struct alias {
	const char *label, *iconv;
} aliases[] = {
    {"ansi_x3.4-1968", "us-ascii"},
    {"ascii", "us-ascii"},
    {"big5", "big5-hkscs"},
    {"cn-big5", "big5-hkscs"},
    {"cn-gb", "gb18030"},
    {"cp1250", "windows-1250"},
    {"cp1251", "windows-1251"},
    {"cp1252", "windows-1252"},
    {"cp936", "gb18030"},
    {"cp949", "uhc"},
    {"cp950", "big5-hkscs"},
    {"csbig5", "big5-hkscs"},
    {"cseuckr", "uhc"},
    {"cseucpkdfmtjapanese", "euc-jp"},
    {"csgb2312", "gb18030"},
    {"csiso2022jp", "iso-2022-jp"},
    {"csiso2022kr", "iso-2022-kr"},
    {"csisolatin1", "iso-8859-1"},
    {"csisolatin2", "iso-8859-2"},
    {"csisolatincyrillic", "iso-8859-5"},
    {"cskoi8r", "koi8-r"},
    {"csksc56011987", "uhc"},
    {"csshiftjis", "cp932"},
    {"csutf8", "utf-8"},
    {"cswindows31j", "cp932"},
    {"euc-cn", "gb18030"},
    {"euc-kr", "uhc"},
    {"euc_kr", "uhc"},
    {"eucjp", "euc-jp"},
    {"euckr", "uhc"},
    {"gb2312", "gb18030"},
    {"gb_2312-80", "gb18030"},
    {"gbk", "gb18030"},
    {"hebrew", "iso-8859-8"},
    {"hz", "hz-gb-2312"},
    {"iso-8859-8-e", "iso-8859-8"},
    {"iso-8859-8-i", "iso-8859-8"},
    {"koi", "koi8-r"},
    {"koi8", "koi8-r"},
    {"ks_c_5601", "uhc"},
    {"ks_c_5601-1987", "uhc"},
    {"ksc5601", "uhc"},
    {"l1", "iso-8859-1"},
    {"latin-1", "iso-8859-1"},
    {"latin1", "iso-8859-1"},
    {"latin2", "iso-8859-2"},
    {"mac", "macintosh"},
    {"ms932", "cp932"},
    {"ms936", "gb18030"},
    {"ms949", "uhc"},
    {"ms950", "big5-hkscs"},
    {"ms_kanji", "cp932"},
    {"shift-jis", "cp932"},
    {"shift_jis", "cp932"},
    {"sjis", "cp932"},
    {"tis-620", "cp874"},
    {"ujis", "euc-jp"},
    {"unicode-1-1-utf-7", "utf-7"},
    {"unicode-1-1-utf-8", "utf-8"},
    {"us", "us-ascii"},
    {"us-ascii", "us-ascii"},
    {"utf-8", "utf-8"},
    {"utf8", "utf-8"},
    {"utf8mb4", "utf-8"},
    {"windows-31j", "cp932"},
    {"windows-874", "cp874"},
    {"x-big5", "big5-hkscs"},
    {"x-euc-jp", "euc-jp"},
    {"x-euc-kr", "uhc"},
    {"x-gbk", "gb18030"},
    {"x-mac-cyrillic", "maccyrillic"},
    {"x-mac-roman", "macintosh"},
    {"x-sjis", "cp932"},
    {"x-windows-949", "uhc"},
};

/*
 * The families that are believed: those of mail and of the web.  Not what
 * says nothing ("x-unknown", "8bit"), and none of the 200 other tables that
 * iconv would load for a stranger: in EBCDIC ASCII hides from whoever looked
 * before us.
 */
static const char *const families[] = {"us-ascii", "utf-8", "utf-7",
    "utf-16", "iso-8859-", "windows-", "cp125", "cp437", "cp85", "cp86",
    "cp874", "cp932", "ibm437", "ibm85", "ibm86", "koi8-", "euc-",
    "iso-2022-jp", "iso-2022-kr", "gb18030", "hz-gb-2312", "big5", "uhc",
    "macintosh", "mac-", "maccyr", "maccentral", "tis-620", "viscii", "tcvn",
    "hp-roman8", "johab", "armscii-8", "georgian-"};

enum { BEGINNING_MORE = 7 }; /* at most so much longer in its usual form */

/* How a label may begin -> how its family is usually written. */
static const struct alias beginnings[] = {
    {"cp-", "cp"},
    {"dos-", "cp"},
    {"ibm-", "ibm"},
    {"iso8859", "iso-8859"},
    {"iso88", "iso-88"},
    {"iso_8859", "iso-8859"},
    {"win-", "windows-"},
    {"win1", "windows-1"},
    {"windows1", "windows-1"},
    {"windows_", "windows-"},
    {"x-cp", "cp"},
    {"x-iso-", "iso-"},
    {"x-windows-", "windows-"},
};

/* 0x80-0x9f of windows-1252; 0 where it has no character. */
static const uint16_t cp1252_high[32] = {0x20ac, 0x81, 0x201a, 0x0192,
    0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152,
    0x8d, 0x017d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013,
    0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d, 0x017e, 0x0178};

/* "iso_8859-15:1998" -> "iso-8859-15", "win1251" -> "windows-1251".  buf has
 * room for BEGINNING_MORE characters more. */
static void
usual_beginning(char *buf)
{
	for (size_t i = 0; i < COUNT_OF(beginnings); i++) {
		const char *to = beginnings[i].iconv;
		size_t from = strlen(beginnings[i].label), n = strlen(to);

		if (strncmp(buf, beginnings[i].label, from) != 0)
			continue;
		memmove(buf + n, buf + from, strlen(buf + from) + 1);
		memcpy(buf, to, n);
		break;
	}
	if (g_str_has_prefix(buf, "iso-8859")) {
		if (buf[8] == '_')
			buf[8] = '-';
		buf[strcspn(buf, ":")] = '\0';
	}
}

const char *
charset_label(struct arena *a, const char *declared)
{
	char buf[CHARSET_LABEL_MAX + BEGINNING_MORE + 1];
	size_t n = 0;

	if (declared == NULL)
		return NULL;
	for (const char *p = declared; *p != '\0'; p++) {
		if (n == 0 && strchr(" \t\"'<=", *p) != NULL)
			continue;
		if (!g_ascii_isalnum(*p) && strchr("-_.:+", *p) == NULL)
			break;
		if (n == CHARSET_LABEL_MAX)
			return NULL;
		buf[n++] = g_ascii_tolower(*p);
	}
	buf[n] = '\0';
	if (n == 0)
		return NULL;
	if (strchr("ciwxd", *buf) != NULL)
		usual_beginning(buf);
	for (size_t i = 0; i < COUNT_OF(aliases); i++)
		if (*buf == *aliases[i].label &&
		    strcmp(buf, aliases[i].label) == 0)
			return aliases[i].iconv;
	for (size_t i = 0; i < COUNT_OF(families); i++)
		if (*buf == *families[i] && g_str_has_prefix(buf, families[i]))
			return arena_strdup(a, buf);
	return NULL;
}

static char *
put_utf8(char *o, uint32_t c)
{
	if (c < 0x80) {
		*o++ = (char)c;
	} else if (c < 0x800) {
		*o++ = (char)(0xc0 | c >> 6);
		*o++ = (char)(0x80 | (c & 0x3f));
	} else {
		*o++ = (char)(0xe0 | c >> 12);
		*o++ = (char)(0x80 | (c >> 6 & 0x3f));
		*o++ = (char)(0x80 | (c & 0x3f));
	}
	return o;
}

static bool
control(unsigned char c)
{
	return c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f';
}

/* iso-8859-1 is read as windows-1252, as every mail reader does. */
static char *
from_cp1252(struct arena *a, const uint8_t *s, size_t len, size_t *out_len)
{
	char *out = arena_alloc(a, len * 3 + 1), *o = out;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = s[i];

		if (control(c))
			continue;
		o = put_utf8(o,
		    c >= 0x80 && c < 0xa0 ? cp1252_high[c - 0x80] : c);
	}
	*o = '\0';
	*out_len = (size_t)(o - out);
	return out;
}

static size_t
high_bytes(const uint8_t *s, size_t len)
{
	size_t n = 0, i = 0;

	for (uint64_t v; len - i >= sizeof(v); i += sizeof(v)) {
		memcpy(&v, s + i, sizeof(v));
		v &= 0x8080808080808080u;
		if (v != 0)
			n += (size_t)__builtin_popcountll(v);
	}
	for (; i < len; i++)
		n += s[i] >= 0x80;
	return n;
}

/* Drops controls; bad sequences become U+FFFD.  bad and good (multibyte)
 * sequences are counted for whoever has to decide if this is UTF-8. */
static char *
from_utf8(struct arena *a, const uint8_t *s, size_t len, size_t *out_len,
    size_t *bad, size_t *good)
{
	const uint8_t *end = s + len;
	char *out, *o;

	*bad = *good = 0;
	/* worst case: each byte becomes U+FFFD; ASCII needs no such room */
	*bad = high_bytes(s, len);
	out = o = arena_alloc(a, len + *bad * 2 + 1);
	*bad = 0;
	while (s < end) {
		const uint8_t *p = s;
		gunichar c;

		for (;; p++) {
			p += text_plain_run((const char *)p,
			    (size_t)(end - p));
			if (p == end || *p >= 0x80 || control(*p))
				break;
		}
		memcpy(o, s, (size_t)(p - s));
		o += p - s;
		s = p;
		if (s == end)
			break;
		if (*s < 0x80) {
			s++;
			continue;
		}
		c = g_utf8_get_char_validated((const char *)s, end - s);
		if (c == (gunichar)-1 || c == (gunichar)-2) {
			o = put_utf8(o, 0xfffd);
			(*bad)++;
			s++;
			/* the rest of the same broken sequence */
			while (s < end && (*s & 0xc0) == 0x80)
				s++;
		} else {
			size_t n = (size_t)g_utf8_skip[*s];

			memcpy(o, s, n);
			o += n;
			s += n;
			(*good)++;
		}
	}
	*o = '\0';
	*out_len = (size_t)(o - out);
	return out;
}

/* NULL when iconv does not know the charset. */
static char *
from_iconv(struct arena *a, const char *charset, const uint8_t *s,
    size_t len, size_t *out_len, size_t *bad)
{
	iconv_t cd = iconv_open("UTF-8", charset);
	GString *out;
	char *in = (char *)s, buf[4096];
	size_t left = len, good;
	bool flushed = false;

	if (cd == (iconv_t)-1)
		return NULL;
	out = g_string_sized_new(len + len / 2 + 16);
	*bad = 0;
	while (!flushed) {
		char *o = buf;
		size_t room = sizeof(buf), r;

		flushed = left == 0;
		r = iconv(cd, flushed ? NULL : &in, flushed ? NULL : &left,
		    &o, &room);
		g_string_append_len(out, buf, o - buf);
		if (r == (size_t)-1 && errno != E2BIG && left > 0) {
			g_string_append(out, "\xef\xbf\xbd");
			if (errno == EINVAL) {
				left = 0; /* cut, which proves nothing */
				continue;
			}
			(*bad)++;
			in++;
			left--;
		}
	}
	iconv_close(cd);
	/* what iconv made is valid, but controls are still in it */
	in = from_utf8(a, (const uint8_t *)out->str, out->len, out_len, &left,
	    &good);
	g_string_free(out, TRUE);
	return in;
}

/* RFC 1843: "~{" begins and "~}" or the line ends GB 2312 in seven bits,
 * which iconv does not know; the same in eight, "~~" is a tilde. */
static const uint8_t *
from_hz(struct arena *a, const uint8_t *s, size_t *len)
{
	uint8_t *out = arena_alloc(a, *len + 1), *o = out;
	bool wide = false;

	for (size_t i = 0, n = *len; i < n; i++) {
		if (s[i] == '~' && i + 1 < n && strchr("{}~", s[i + 1])) {
			if (s[++i] == '~')
				*o++ = '~';
			else
				wide = s[i] == '{';
		} else if (wide && i + 1 < n && s[i] > 32 && s[i + 1] > 32) {
			*o++ = s[i] | 0x80;
			*o++ = s[++i] | 0x80;
		} else {
			wide = wide && s[i] != '\n';
			*o++ = s[i];
		}
	}
	*len = (size_t)(o - out);
	return out;
}

/* "utf-16le" or "utf-16be" when the bytes can hardly be anything else. */
static const char *
seen_utf16(const uint8_t *s, size_t len)
{
	size_t n = MIN(len, 512) & ~(size_t)1, even = 0, odd = 0;

	if (len < 4 || len % 2 != 0)
		return NULL;
	if (s[0] == 0xff && s[1] == 0xfe)
		return "utf-16le";
	if (s[0] == 0xfe && s[1] == 0xff)
		return "utf-16be";
	for (size_t i = 0; i < n; i += 2) {
		even += s[i] == 0;
		odd += s[i + 1] == 0;
	}
	if (odd * 10 >= n / 2 * 7 && even == 0)
		return "utf-16le";
	if (even * 10 >= n / 2 * 7 && odd == 0)
		return "utf-16be";
	return NULL;
}

static char *
from_seen_utf16(struct arena *a, const uint8_t *s, size_t len,
    const char **used, size_t *out_len)
{
	const char *name = seen_utf16(s, len);
	size_t mark, bad;

	if (name == NULL)
		return NULL;
	mark = s[0] >= 0xfe ? 2 : 0;
	*used = name;
	return from_iconv(a, name, s + mark, len - mark, out_len, &bad);
}

/* UTF-7 and UTF-16 where they are declared and nothing speaks against it:
 * the victim's reader believes them, so what they say is the evidence.  NULL
 * where the bytes are those of something else. */
static char *
from_utf(struct arena *a, const char *name, const uint8_t *s, size_t len,
    const char **used, size_t *out_len)
{
	char *out;
	size_t bad;

	if (strcmp(name, "utf-7") == 0) {
		if (high_bytes(s, len) > 0 || memchr(s, '+', len) == NULL)
			return NULL;
	} else {
		out = from_seen_utf16(a, s, len, used, out_len);
		if (out != NULL)
			return out;
		if (len % 2 != 0 ||
		    g_utf8_validate((const char *)s, (gssize)len, NULL))
			return NULL;
		/* RFC 2781 4.3: without a mark it is big-endian */
		if (strcmp(name, "utf-16") == 0)
			name = "utf-16be";
	}
	out = from_iconv(a, name, s, len, out_len, &bad);
	if (out == NULL || bad > 0)
		return NULL;
	*used = name;
	return out;
}

static const char *
sniff(struct arena *a, const uint8_t *s, size_t len)
{
	uchardet_t ud = uchardet_new();
	const char *name = NULL;

	if (uchardet_handle_data(ud, (const char *)s,
		MIN(len, CHARSET_SNIFF_MAX)) == 0) {
		uchardet_data_end(ud);
		name = charset_label(a, uchardet_get_charset(ud));
		if (name != NULL && g_str_has_prefix(name, "utf-"))
			name = NULL; /* looked at before */
	}
	uchardet_delete(ud);
	/* Short texts in exotic charsets are nearly always western. */
	if (name != NULL && (g_str_has_prefix(name, "ibm") ||
		g_str_has_prefix(name, "tis") || g_str_has_prefix(name, "viscii") ||
		g_str_has_prefix(name, "mac")))
		name = NULL;
	return name;
}

/* A label of one byte a character on a text that is UTF-8 throughout: letters
 * of those charsets hardly ever follow each other so, and not twice. */
static bool
is_utf8(const char *name, const uint8_t *s, size_t len)
{
	return (g_str_has_prefix(name, "iso-8859-") ||
		   g_str_has_prefix(name, "windows-12") ||
		   g_str_has_prefix(name, "koi8-")) &&
	    high_bytes(s, len) >= 4 &&
	    g_utf8_validate((const char *)s, (gssize)len, NULL);
}

char *
charset_to_utf8(struct arena *a, const void *bytes, size_t len,
    const char *declared, const char **used, size_t *out_len)
{
	const uint8_t *s = bytes;
	const char *name = charset_label(a, declared), *dummy, *guess;
	size_t bad, good;
	char *out;

	if (used == NULL)
		used = &dummy;
	if (len >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0) {
		s += 3;
		len -= 3;
		name = "utf-8";
	}
	if (name != NULL && strcmp(name, "hz-gb-2312") == 0) {
		s = from_hz(a, s, &len);
		name = "gb18030";
	}
	if (name != NULL && g_str_has_prefix(name, "utf-") &&
	    strcmp(name, "utf-8") != 0) {
		out = from_utf(a, name, s, len, used, out_len);
		if (out != NULL)
			return out;
		name = NULL; /* contradicted */
	} else if (name != NULL && strcmp(name, "us-ascii") != 0 &&
	    strcmp(name, "utf-8") != 0) {
		if (is_utf8(name, s, len)) {
			*used = "utf-8";
			return from_utf8(a, s, len, out_len, &bad, &good);
		}
		*used = name;
		if (strcmp(name, "iso-8859-1") == 0 ||
		    strcmp(name, "windows-1252") == 0)
			return from_cp1252(a, s, len, out_len);
		out = from_iconv(a, name, s, len, out_len, &bad);
		/* a label that most bytes contradict is not believed */
		if (out != NULL && bad <= len / 20)
			return out;
	}
	out = from_seen_utf16(a, s, len, used, out_len);
	if (out != NULL)
		return out;
	out = from_utf8(a, s, len, out_len, &bad, &good);
	/* one good sequence is proof enough where UTF-8 was declared */
	if (bad <= good / 4 ||
	    (good > 0 && name != NULL && strcmp(name, "utf-8") == 0)) {
		*used = bad + good == 0 &&
			(name == NULL || strcmp(name, "us-ascii") == 0) ?
		    "us-ascii" : "utf-8";
		return out;
	}
	guess = sniff(a, s, len);
	if (guess != NULL && strcmp(guess, "utf-8") != 0 &&
	    strcmp(guess, "us-ascii") != 0 &&
	    strcmp(guess, "iso-8859-1") != 0) {
		*used = guess;
		out = from_iconv(a, guess, s, len, out_len, &bad);
		if (out != NULL && bad <= len / 20)
			return out;
	}
	*used = "windows-1252";
	return from_cp1252(a, s, len, out_len);
}
