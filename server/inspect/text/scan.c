/*
 * Words in free text that name machines: addresses, URLs, mail addresses,
 * hashes, CVE ids, autonomous systems; also defanged ("192[.]0[.]2[.]7",
 * "hxxp://evil[.]example", "user[at]host").  Hand-made scanners: one pass,
 * no patterns, no backtracking over more than a word (read.h).
 */
#include "base/base.h"
#include "inspect/text/scan_priv.h"

#include "base/net.h"

static const char *const kind_names[SCAN_KINDS] = {
    [SCAN_IPV4] = "ipv4",
    [SCAN_IPV6] = "ipv6",
    [SCAN_CIDR] = "cidr",
    [SCAN_URL] = "url",
    [SCAN_DOMAIN] = "domain",
    [SCAN_EMAIL] = "email",
    [SCAN_HASH] = "hash",
    [SCAN_CVE] = "cve",
    [SCAN_ASN] = "asn",
};

const char *
scan_kind_name(enum scan_kind k)
{
	return kind_names[k];
}

/* Ways to write a dot without making a link; longest first. */
static const char *const dots[] = {"[.]", "(.)", "{.}", "[dot]", "(dot)",
    "{dot}", "[punkt]", "[DOT]", "(DOT)", "\\.", "[.", ".]"};

size_t
scan_dot(const char *p, const char *end, bool *defanged)
{
	if (p < end && *p == '.' && (end - p < 2 || p[1] != ']'))
		return 1;
	if (p < end && *p != '[' && *p != '(' && *p != '{' && *p != '\\' &&
	    *p != '.')
		return 0;
	for (size_t i = 0; i < COUNT_OF(dots); i++) {
		size_t n = strlen(dots[i]);

		if ((size_t)(end - p) >= n && memcmp(p, dots[i], n) == 0) {
			*defanged = true;
			return n;
		}
	}
	return 0;
}

/* What a byte may be; every byte of every text is looked up. */
enum { WORD = 1, LOCAL = 2, START = 4, OPEN = 8, BRACKET = 16 };
static const uint8_t classes[256] = {
    ['0' ... '9'] = WORD | LOCAL | START,
    ['A' ... 'Z'] = WORD | LOCAL | START,
    ['a' ... 'z'] = WORD | LOCAL | START,
    ['_'] = WORD | LOCAL,
    [0x80 ... 0xff] = WORD,
    [':'] = START,
    ['!'] = LOCAL, ['#' ... '\''] = LOCAL, ['*'] = LOCAL, ['+'] = LOCAL,
    ['-'] = LOCAL, ['.'] = LOCAL, ['/'] = LOCAL, ['='] = LOCAL, ['?'] = LOCAL,
    ['^'] = LOCAL, ['`'] = LOCAL, ['{' ... '~'] = LOCAL,
    ['['] = OPEN, ['('] = OPEN, ['@'] = OPEN,
    [']'] = BRACKET, [')'] = BRACKET,
};

static inline bool
word_char(char c)
{
	return classes[(uint8_t)c] & WORD;
}

bool
scan_local_char(char c)
{
	return classes[(uint8_t)c] & LOCAL;
}

/* Quotes, dashes and blanks beyond ASCII end a word, and so do Chinese and
 * Japanese, which write no blanks; letters of Europe do not.  By the first
 * byte of a character: U+0080 to U+00BF, U+2000 and up. */
static bool
breaks(char lead)
{
	return (unsigned char)lead == 0xc2 || (unsigned char)lead >= 0xe2;
}

/* Is p inside a word that begins before it? */
static bool
in_word(const char *text, const char *p)
{
	if (p == text || !word_char(p[-1]))
		return false;
	if ((p[-1] & 0x80) == 0)
		return true;
	for (p--; p > text && (*p & 0xc0) == 0x80; p--)
		;
	return !breaks(*p);
}

/* Does a word go on at p? */
static bool
goes_on(const char *p, const char *end)
{
	return p < end && word_char(*p) && !breaks(*p);
}

/* "192.0.2.*", "192.0.2.x" */
static bool
wildcard(const char *p, const char *end, size_t *len)
{
	size_t n = 0;

	if (p < end && *p == '*')
		n = 1;
	else
		while (p + n < end && n < 3 && (p[n] | 32) == 'x')
			n++;
	*len = n;
	return n > 0 && (p + n == end || (!word_char(p[n]) && p[n] != '.' &&
		p[n] != '*'));
}

/* Four numbers with dots; *n holds the bytes.  Leading zeros ("010") are
 * taken as decimal. */
static bool
ipv4_at(const char *p, const char *end, struct net *n, size_t *len,
    bool *defanged)
{
	const char *s = p;

	for (int i = 0; i < 4; i++) {
		int v = 0, k = 0;

		while (p < end && g_ascii_isdigit(*p) && k < 4) {
			v = v * 10 + (*p++ - '0');
			k++;
		}
		if (k == 0 && i == 3 && wildcard(p, end, len)) {
			*len += (size_t)(p - s);
			n->bytes[3] = 0;
			n->bits = 24;
			n->v6 = false;
			return true;
		}
		if (k == 0 || k > 3 || v > 255)
			return false;
		n->bytes[i] = (uint8_t)v;
		if (i < 3) {
			size_t d = scan_dot(p, end, defanged);

			if (d == 0)
				return false;
			p += d;
		}
	}
	n->bits = 32;
	n->v6 = false;
	*len = (size_t)(p - s);
	return true;
}

/* ":443", tcpdump's ".443 >" */
static size_t
port_at(const char *p, const char *end, bool sure, int64_t *port)
{
	int v = 0;
	size_t k = 0;

	if (p >= end || (*p != ':' && *p != '.' && *p != '#'))
		return 0;
	while (p + 1 + k < end && g_ascii_isdigit(p[1 + k]) && k < 6) {
		v = v * 10 + (p[1 + k] - '0');
		k++;
	}
	if (k == 0 || k > 5 || v > 65535 ||
	    goes_on(p + 1 + k, end))
		return 0;
	/* "1.2.3.4.5" is no address; tcpdump's form has five digits or a mark
	 * behind it */
	if (*p == '.' && !sure && !(p + 2 + k < end && p[1 + k] == ' ' &&
		(p[2 + k] == '>' || p[2 + k] == '-')) &&
	    !(p + 1 + k < end && p[1 + k] == ':'))
		return 0;
	*port = v;
	return k + 1;
}

/* Also with "[:]" for some of its colons. */
static bool
ipv6_at(const char *p, const char *end, struct net *n, size_t *len,
    bool *defanged)
{
	const char *s = p;
	size_t colons = 0, k = 0, extra = 0;
	char buf[48], *dot;
	int64_t port;

	while (p < end && k < 46) {
		bool fanged = end - p >= 3 && memcmp(p, "[:]", 3) == 0;

		if (!g_ascii_isxdigit(*p) && *p != ':' && !fanged &&
		    !(*p == '.' && colons >= 2))
			break;
		colons += *p == ':' || fanged;
		extra += fanged ? 2 : 0;
		buf[k++] = fanged ? ':' : *p;
		p += fanged ? 3 : 1;
	}
	if (colons < 2 || goes_on(p, end))
		return false;
	/* a sentence's colon or point at the end */
	for (*defanged |= extra > 0; k > 2; k--, p--) {
		buf[k] = '\0';
		if (net_parse_host(buf, n)) {
			*len = (size_t)(p - s);
			return true;
		}
		/* tcpdump's "2001:db8::1.443 >" */
		dot = memchr(buf, '.', k);
		if (dot != NULL && extra == 0 &&
		    port_at(s + (dot - buf), end, false, &port) > 0) {
			buf[dot - buf] = '\0';
			*len = (size_t)(dot - buf);
			return net_parse_host(buf, n);
		}
		if (p[-1] != ':' && p[-1] != '.')
			return false;
	}
	return false;
}

/* "192.0.2.1-9": the last byte of a range, -1 without. */
static size_t
range_at(const char *p, const char *end, const struct net *n, int64_t *last)
{
	int v = 0;
	size_t k = 1;

	if (p >= end || *p != '-')
		return 0;
	while (p + k < end && g_ascii_isdigit(p[k]) && k < 5)
		v = v * 10 + (p[k++] - '0');
	if (k == 1 || k > 4 || v > 255 || v <= n->bytes[3] ||
	    (p + k < end && (word_char(p[k]) || (strchr(".-/:", p[k]) != NULL &&
		p + k + 1 < end && g_ascii_isalnum(p[k + 1])))))
		return 0;
	*last = v;
	return k;
}

/* "255.255.255.0" behind the slash */
static size_t
mask_at(const char *p, const char *end, struct net *n)
{
	struct net mask = {0};
	bool defanged = false;
	uint32_t bits = 0;
	size_t len;

	if (n->v6 || end - p < 9 || *p != '2' ||
	    !ipv4_at(p, end, &mask, &len, &defanged) || mask.bits != 32)
		return 0;
	for (size_t i = 0; i < 4; i++)
		bits = bits << 8 | mask.bytes[i];
	/* ones, then noughts */
	if (bits < 0xff000000 || (~bits & (~bits + 1)) != 0 ||
	    goes_on(p + len, end))
		return 0;
	n->bits = 0;
	for (; bits != 0; bits <<= 1)
		n->bits++;
	return len;
}

/* "/24" behind an address */
static size_t
prefix_at(const char *p, const char *end, int mapped, struct net *n)
{
	int bits = 0, k = 0;

	if (p >= end || *p != '/')
		return 0;
	k = (int)mask_at(p + 1, end, n);
	if (k > 0)
		return (size_t)k + 1;
	k = 0;
	for (p++; p < end && g_ascii_isdigit(*p) && k < 4; p++, k++)
		bits = bits * 10 + (*p - '0');
	bits -= mapped;
	if (k == 0 || k > 3 || bits > (n->v6 ? 128 : 32) || bits < 8 ||
	    goes_on(p, end) || (p < end && *p == '/'))
		return 0;
	n->bits = (uint8_t)bits;
	return (size_t)k + 1;
}

/* ---- numbers -------------------------------------------------------------- */

static bool
hash_at(struct arena *a, const char *p, const char *end,
    struct scan_hit *hit)
{
	size_t n = 0;
	bool digit = false, letter = false;

	while (p + n < end && n <= 128 && g_ascii_isxdigit(p[n])) {
		digit |= g_ascii_isdigit(p[n]);
		letter |= g_ascii_isalpha(p[n]);
		n++;
	}
	if ((n != 32 && n != 40 && n != 64 && n != 128) || !digit || !letter ||
	    (p + n < end && word_char(p[n])))
		return false;
	hit->kind = SCAN_HASH;
	hit->value = text_lower(a, arena_strndup(a, p, n));
	hit->end = hit->start + n;
	return true;
}

static bool
cve_at(struct arena *a, const char *p, const char *end, struct scan_hit *hit)
{
	size_t n = 9;

	if (end - p < 13 || g_ascii_strncasecmp(p, "CVE", 3) != 0 ||
	    (p[3] != '-' && p[3] != ' ' && p[3] != '_') ||
	    (p[8] != '-' && p[8] != '_'))
		return false;
	for (size_t i = 4; i < 8; i++)
		if (!g_ascii_isdigit(p[i]))
			return false;
	while (p + n < end && g_ascii_isdigit(p[n]) && n < 9 + 19)
		n++;
	if (n < 13)
		return false;
	hit->kind = SCAN_CVE;
	hit->value = arena_printf(a, "CVE-%.4s-%.*s", p + 4, (int)n - 9, p + 9);
	hit->end = hit->start + n;
	return true;
}

static bool
asn_at(struct arena *a, const char *p, const char *end, struct scan_hit *hit)
{
	size_t n = 2;

	if (end - p < 4 || p[0] != 'A' || p[1] != 'S')
		return false;
	if (p[2] == 'N')
		n++;
	while (p + n < end && (p[n] == ' ' || p[n] == '#') && n < 4)
		n++;
	for (size_t s = n; p + n < end && g_ascii_isdigit(p[n]); n++)
		if (n - s > 10)
			return false;
	if (!g_ascii_isdigit(p[n - 1]) || (p + n < end && word_char(p[n])))
		return false;
	hit->kind = SCAN_ASN;
	hit->value = arena_printf(a, "AS%" G_GINT64_FORMAT,
	    g_ascii_strtoll(p + strcspn(p, "0123456789"), NULL, 10));
	hit->end = hit->start + n;
	return true;
}

static bool
address_at(struct arena *a, const char *text, const char *p, const char *end,
    struct scan_hit *hit)
{
	struct net n = {0};
	size_t len, more;
	bool v4 = ipv4_at(p, end, &n, &len, &hit->defanged), sure = false;
	char before = p > text ? p[-1] : ' ';

	if (v4) {
		/* the middle of a longer number, a version behind a slash
		 * ("Chrome/41.0.2272.89"), part of a name */
		if (before == '.' || before == '_' ||
		    (before == '-' && p - text >= 2 &&
			g_ascii_isalpha(p[-2])))
			return false;
		if (before == '/' && p - text >= 2 && word_char(p[-2]))
			return false;
		if (end - p > (ptrdiff_t)len && (p[len] == '@' || goes_on(p + len, end) ||
			(p[len] == '-' && end - p > (ptrdiff_t)len + 1 &&
			    g_ascii_isalpha(p[len + 1]))))
			return false;
		sure = end - p > (ptrdiff_t)len && p[len] == '.' &&
		    scan_two_ports(text, p, end);
		if (end - p > (ptrdiff_t)len + 1 && p[len] == '.' &&
		    (g_ascii_isalnum(p[len + 1])) &&
		    port_at(p + len, end, sure, &hit->port) == 0)
			return false;
	} else {
		if (before == ':' || before == '.' ||
		    !ipv6_at(p, end, &n, &len, &hit->defanged))
			return false;
		if (memcmp(n.bytes, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15) == 0)
			return false; /* "::" and "::1" are mostly code */
	}
	/* "fe80::1%eth0": the link is no part of it */
	if (!v4 && end - p > (ptrdiff_t)len + 1 && p[len] == '%' &&
	    g_ascii_isalnum(p[len + 1]))
		for (len++; p + len < end && g_ascii_isalnum(p[len]); len++)
			;
	hit->end = hit->start + len;
	hit->kind = n.v6 ? SCAN_IPV6 : SCAN_IPV4;
	if (v4 && n.bits == 24) {
		hit->kind = SCAN_CIDR;
		hit->value = net_text(a, &n);
		return true;
	}
	/* "::ffff:192.0.2.0/124" is 192.0.2.0/28 */
	more = prefix_at(p + len, end, !v4 && !n.v6 ? 96 : 0, &n);
	if (more > 0) {
		struct net clear;
		const char *t = net_text(a, &n);

		hit->end += more;
		if (n.bits != (n.v6 ? 128 : 32)) {
			hit->kind = SCAN_CIDR;
			if (net_parse(t, false, &clear))
				n = clear;
		}
	} else if (before == '[' && end - p > (ptrdiff_t)len &&
	    p[len] == ']') {
		/* "[2001:db8::1]:443" */
		hit->port = DESC_NULL;
		port_at(p + len + 1, end, false, &hit->port);
	} else {
		more = v4 || (p + len < end && p[len] == '.') ?
			port_at(p + len, end, sure, &hit->port) : 0;
		if (v4 && more == 0)
			more = range_at(p + len, end, &n, &hit->last);
		hit->end += more;
	}
	hit->value = net_text(a, &n);
	return true;
}

/* Whether anything begins at p; *skip is how far nothing else does.  Up to
 * *clear there is no mark of an address or a defanged dot: each byte is
 * looked at once, however long the word. */
static bool
hit_at(struct arena *a, const char *text, const char *p, const char *end,
    struct scan_hit *hit, size_t *skip, const char **clear)
{
	unsigned char c = (unsigned char)*p;
	bool found = false;
	const char *q, *name;
	size_t n;

	*hit = (struct scan_hit){.start = (size_t)(p - text),
	    .port = DESC_NULL, .last = DESC_NULL};
	if (g_ascii_isxdigit(c) || c == ':') {
		found = address_at(a, text, p, end, hit);
		if (!found) {
			hit->defanged = false;
			found = hash_at(a, p, end, hit);
		}
	}
	if (!found && (c == 'h' || c == 'H' || c == 'f' || c == 'F' ||
		c == 's' || c == 'm')) {
		hit->defanged = false;
		found = scan_url(a, p, end, hit);
	}
	if (!found && (c | 32) == 'c')
		found = cve_at(a, p, end, hit);
	if (!found && c == 'A')
		found = asn_at(a, p, end, hit);
	if (found || !g_ascii_isalnum(c))
		return found;
	/* only look closer where an @ or a defanged dot is */
	for (q = MAX(p, *clear); q < end && q - p < 300 &&
	    (classes[(uint8_t)*q] & (LOCAL | BRACKET)) != 0; *clear = ++q)
		;
	if (q == end || (classes[(uint8_t)*q] & OPEN) == 0) {
		/* nothing starts inside this word */
		while (p + *skip + 1 < q && word_char(p[*skip + 1]))
			(*skip)++;
		return false;
	}
	hit->defanged = false;
	if (scan_email(a, p, end, hit))
		return true;
	hit->defanged = false;
	n = scan_domain(a, p, end, &hit->defanged, &name);
	if (n == 0 || !hit->defanged)
		return false;
	hit->kind = SCAN_DOMAIN;
	hit->value = hit->host = name;
	hit->end = hit->start + n;
	return true;
}

bool
scan_at(struct arena *a, const char *text, const char *p, const char *end,
    struct scan_hit *hit)
{
	const char *clear = p;
	size_t skip = 0;

	return p < end && !in_word(text, p) &&
	    hit_at(a, text, p, end, hit, &skip, &clear);
}

/* Most words are letters with a blank behind them, and nothing but "AS 64496"
 * and "CVE 2021-44228" begins with one of those: where it ends, else p. */
static const char *
mere_word(const char *p, const char *end)
{
	const char *q = p + text_letters(p, (size_t)(end - p));

	if (q == p || (q < end && *q != ' ' && *q != '\n' && *q != ','))
		return p;
	if ((q - p == 2 || q - p == 3) && (*p == 'A' || (*p | 32) == 'c'))
		return p;
	return q;
}

bool
scan_next(struct arena *a, const char *text, size_t len, size_t *pos,
    struct scan_hit *hit)
{
	const char *end = text + len, *clear = text;

	for (const char *p = text + *pos; p < end; p++) {
		const char *behind;
		size_t skip = 0;

		if ((classes[(uint8_t)*p] & START) == 0 || in_word(text, p))
			continue;
		behind = mere_word(p, end);
		if (behind > p) {
			p = behind;
			continue;
		}
		if (hit_at(a, text, p, end, hit, &skip, &clear)) {
			*pos = hit->end > *pos ? hit->end : *pos + 1;
			return true;
		}
		p += skip;
	}
	*pos = len;
	return false;
}

const char *const *
scan_addresses(struct arena *a, const char *s, size_t max)
{
	const char **out = ARENA_ARRAY(a, const char *, max + 1);
	size_t pos = 0, n = 0, len = strlen(s);
	struct scan_hit hit;
	struct net net;
	char *whole = g_strstrip(arena_strdup(a, s));

	/* "[IPv6:2001:db8::1]" and a whole field that is one address */
	if (*whole == '[') {
		whole++;
		whole[strcspn(whole, "]")] = '\0';
	}
	if (text_istarts(whole, "IPv6:"))
		whole += 5;
	if (max > 0 && net_parse_host(whole, &net)) {
		out[0] = net_text(a, &net);
		return out;
	}
	while (n < max && scan_next(a, s, len, &pos, &hit))
		if (hit.kind == SCAN_IPV4 || hit.kind == SCAN_IPV6 ||
		    hit.kind == SCAN_CIDR)
			out[n++] = hit.value;
	return out;
}
