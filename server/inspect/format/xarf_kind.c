#include "base/base.h"
#include "inspect/format/xarf_kind.h"

#include "base/net.h"
#include "base/text.h"
#include "base/when.h"

/* bytes of a list of words in a sentence */
enum { WORDS_SHOWN = 100 };

bool
xarf_within(double n, const char *range)
{
	const char *dots = strstr(range, "..");

	if (dots == NULL)
		return true;
	return (dots == range || n >= g_ascii_strtod(range, NULL)) &&
	    (dots[2] == '\0' || n <= g_ascii_strtod(dots + 2, NULL));
}

bool
xarf_word(const char *s, const char *list)
{
	size_t n = strlen(s);

	for (const char *p = list; *p != '\0'; p += *p == '|') {
		size_t len = strcspn(p, "|");

		if (len == n && strncmp(p, s, n) == 0)
			return true;
		p += len;
	}
	return false;
}

static bool
is_time(const char *s)
{
	int64_t t;

	return strlen(s) > 10 && g_ascii_toupper(s[10]) == 'T' &&
	    when_parse_rfc3339(s, &t);
}

static bool
is_day(struct arena *a, const char *s)
{
	int64_t t;

	return strlen(s) == 10 && when_parse_rfc3339(arena_printf(a,
	    "%sT00:00:00Z", s), &t);
}

bool
xarf_address(const char *s)
{
	struct net n;

	return net_parse_host(s, &n);
}

/* "scheme:rest" without blanks (RFC 3986 3) */
static bool
is_uri(const char *s)
{
	const char *p = s;

	while (g_ascii_isalnum(*p) || (p > s && *p != '\0' &&
		strchr("+-.", *p) != NULL))
		p++;
	if (p == s || !g_ascii_isalpha(*s) || *p != ':' || p[1] == '\0')
		return false;
	for (; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	return true;
}

static bool
is_email(const char *s)
{
	const char *at = strrchr(s, '@');

	return at != NULL && at > s && at[1] != '\0' &&
	    strpbrk(s, " \t\r\n") == NULL;
}

static bool
is_hex(const char *s, size_t n)
{
	return n > 0 && strlen(s) == n &&
	    strspn(s, "0123456789abcdefABCDEF") == n;
}

static bool
is_uuid(const char *s)
{
	if (strlen(s) != 36)
		return false;
	for (int i = 0; i < 36; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? s[i] != '-' :
			!g_ascii_isxdigit(s[i]))
			return false;
	return true;
}

/* "CVE-2026-1234" */
static bool
is_cve(const char *s)
{
	size_t n;

	if (strncmp(s, "CVE-", 4) != 0 || strspn(s + 4, "0123456789") != 4 ||
	    s[8] != '-')
		return false;
	n = strspn(s + 9, "0123456789");
	return n > 0 && n < 20 && s[9 + n] == '\0';
}

/* "md5:0a0b" */
static bool
is_hash(struct arena *a, const char *s, const char *algorithms)
{
	size_t n = strcspn(s, ":");

	return s[n] == ':' && xarf_word(arena_strndup(a, s, n), algorithms) &&
	    is_hex(s + n + 1, strlen(s + n + 1));
}

/* "space:name", each beginning with a letter or digit */
static bool
is_tag(const char *s)
{
	for (int i = 0; i < 2; i++) {
		size_t n = strspn(s,
		    "abcdefghijklmnopqrstuvwxyz0123456789_+-");

		if (n == 0 || !g_ascii_isalnum(*s) ||
		    s[n] != (i == 0 ? ':' : '\0'))
			return false;
		s += n + (i == 0);
	}
	return true;
}

/* CVSS 3 or 2: "CVSS:3.1/AV:N/...", "(AV:N/...)" */
static bool
is_vector(const char *s)
{
	return (g_str_has_prefix(s, "CVSS:3.") || g_str_has_prefix(s, "AV:") ||
	    g_str_has_prefix(s, "(AV:")) &&
	    strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZu0123456789:/.()") ==
	    strlen(s);
}

/* "4.2.0" */
static bool
is_version(const char *s, const char *major)
{
	size_t n = strlen(major);

	if (strncmp(s, major, n) != 0)
		return false;
	s += n;
	for (int i = 0; i < 2; i++) {
		n = *s == '.' ? strspn(s + 1, "0123456789") : 0;
		if (n == 0)
			return false;
		s += 1 + n;
	}
	return *s == '\0';
}

/* An address that is none, or a sentence, names nothing. */
static bool
is_source(const char *s)
{
	struct net n;

	if (text_blank(s) || strpbrk(s, " \t\r\n") != NULL)
		return false;
	if (net_parse(s, false, &n))
		return true;
	return strspn(s, "0123456789./") != strlen(s) &&
	    !(strchr(s, ':') != NULL &&
		strspn(s, "0123456789abcdefABCDEF:.") == strlen(s));
}

/* Kinds that are one text: what is said of one that is not. */
const char *
xarf_wrong(struct arena *a, enum kind kind, const char *s, const char *arg)
{
	int64_t n = 0;

	switch (kind) {
	case TEXT:
		return xarf_within((double)g_utf8_strlen(s, -1), arg) ? NULL :
		    *s == '\0' ? "is empty" : "has the wrong length";
	case WORD:
		return xarf_word(s, arg) ? NULL : arena_printf(a,
		    "is none of %s", text_cut(a, arg, WORDS_SHOWN));
	case TIME:
		return is_time(s) ? NULL : "is no date-time (RFC 3339)";
	case DAY:
		return is_day(a, s) ? NULL : "is no date";
	case ADDRESS:
		return xarf_address(s) ? NULL : "is no address";
	case URI:
		return is_uri(s) ? NULL : "is no URL";
	case HOST:
		return text_domain_ok(s) ? NULL : "is no host name";
	case EMAIL:
		return is_email(s) ? NULL : "is no mail address";
	case NOT_EMAIL:
		return is_email(s) ? "is a mail address" : NULL;
	case UUID:
		return is_uuid(s) ? NULL : "is no UUID";
	case CVE:
		return is_cve(s) ? NULL : "is no CVE id";
	case HEX:
		text_int(arg, 1, 1000, &n);
		return is_hex(s, (size_t)n) ? NULL : "is no hash";
	case HASH:
		return is_hash(a, s, arg) ? NULL : "is no hash";
	case TAG:
		return is_tag(s) ? NULL : "is no tag";
	case PREFIX:
		return g_str_has_prefix(s, arg) ? NULL : arena_printf(a,
		    "does not begin with %s", arg);
	case VECTOR:
		return is_vector(s) ? NULL : "is no CVSS vector";
	case VERSION:
		return is_version(s, arg) ? NULL : arena_printf(a,
		    "is no version %s", arg);
	case SOURCE:
		return is_source(s) ? NULL : "is no address, domain or name";
	default:
		return NULL;
	}
}
