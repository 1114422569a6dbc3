/*
 * Words in free text that name machines: addresses, URLs, mail addresses,
 * hashes, CVE ids, autonomous systems; also defanged ("192[.]0[.]2[.]7",
 * "hxxp://evil[.]example", "user[at]host").  Hand-made scanners: one pass,
 * no patterns, no backtracking over more than a word (read.h).
 */
#include "inspect/read.h"

#include "base/net.h"

enum {
	WORD_MAX = 2000, /* bytes of a URL */
};

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

/* Length of a dot at p, 0 when there is none. */
static size_t
dot_at(const char *p, const char *end, bool *defanged)
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

static bool
word_char(char c)
{
	return g_ascii_isalnum(c) || c == '_' || (c & 0x80);
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
		if (k == 0 || k > 3 || v > 255)
			return false;
		n->bytes[i] = (uint8_t)v;
		if (i < 3) {
			size_t d = dot_at(p, end, defanged);

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

static bool
ipv6_at(struct arena *a, const char *p, const char *end, struct net *n,
    size_t *len)
{
	const char *s = p;
	size_t colons = 0, k;
	char buf[48];

	while (p < end && p - s < 46 && (g_ascii_isxdigit(*p) || *p == ':' ||
		(*p == '.' && colons >= 2))) {
		colons += *p == ':';
		p++;
	}
	(void)a;
	if (colons < 2 || (p < end && word_char(*p)))
		return false;
	/* a sentence's colon or point at the end */
	for (k = (size_t)(p - s); k > 2; k--) {
		memcpy(buf, s, k);
		buf[k] = '\0';
		if (net_parse_host(buf, n) && k >= 3) {
			*len = k;
			return true;
		}
		if (s[k - 1] != ':' && s[k - 1] != '.')
			return false;
	}
	return false;
}

/* "/24" behind an address */
static size_t
prefix_at(const char *p, const char *end, struct net *n)
{
	int bits = 0, k = 0;

	if (p >= end || *p != '/')
		return 0;
	for (p++; p < end && g_ascii_isdigit(*p) && k < 4; p++, k++)
		bits = bits * 10 + (*p - '0');
	if (k == 0 || k > 3 || bits > (n->v6 ? 128 : 32) || bits < 8 ||
	    (p < end && (word_char(*p) || *p == '/')))
		return 0;
	n->bits = (uint8_t)bits;
	return (size_t)k + 1;
}

/* ":443", tcpdump's ".443 >" */
static size_t
port_at(const char *p, const char *end, int64_t *port)
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
	    (p + 1 + k < end && word_char(p[1 + k])))
		return 0;
	/* "1.2.3.4.5" is no address; tcpdump's form has five digits or a mark
	 * behind it */
	if (*p == '.' && !(p + 2 + k < end && p[1 + k] == ' ' &&
		(p[2 + k] == '>' || p[2 + k] == '-')) &&
	    !(p + 1 + k < end && p[1 + k] == ':'))
		return 0;
	*port = v;
	return k + 1;
}

/* ---- URLs --------------------------------------------------------------- */

static const struct {
	const char *written, *scheme;
} schemes[] = {{"http", "http"}, {"https", "https"}, {"hxxp", "http"},
    {"hxxps", "https"}, {"hxtp", "http"}, {"htxp", "http"},
    {"h**p", "http"}, {"h**ps", "https"}, {"hXXp", "http"},
    {"meow", "http"}, {"ftp", "ftp"}, {"fxp", "ftp"}, {"ftps", "ftps"},
    {"sftp", "sftp"}};
static const char *const marks[] = {"://", "[://]", "[:]//", ":\\\\", "[:]\\\\",
    ":// "};

static size_t
scheme_at(const char *p, const char *end, const char **scheme,
    bool *defanged)
{
	size_t best = 0, look = MIN((size_t)(end - p), 9), i;

	/* a mark must come soon: most words have none */
	for (i = 3; i < look && p[i] != ':' && p[i] != '['; i++)
		;
	if (i >= look)
		return 0;
	for (i = 0; i < COUNT_OF(schemes); i++) {
		size_t n = strlen(schemes[i].written);

		if ((size_t)(end - p) < n + 3 ||
		    g_ascii_strncasecmp(p, schemes[i].written, n) != 0)
			continue;
		for (size_t k = 0; k < COUNT_OF(marks); k++) {
			size_t m = strlen(marks[k]);

			if ((size_t)(end - p) < n + m ||
			    memcmp(p + n, marks[k], m) != 0 || n + m <= best)
				continue;
			*scheme = schemes[i].scheme;
			*defanged = k > 0 || strchr("xX*m",
			    schemes[i].written[1]) != NULL ||
			    g_ascii_strncasecmp(p, schemes[i].scheme, 3) != 0;
			best = n + m;
		}
	}
	return best;
}

/* Where a URL stops in prose. */
static bool
url_end(char c)
{
	return (unsigned char)c <= ' ' || strchr("<>\"`|^", c) != NULL;
}

static bool
url_at(struct arena *a, const char *p, const char *end, struct scan_hit *hit)
{
	const char *scheme = NULL, *s = p;
	GString *out;
	size_t n = scheme_at(p, end, &scheme, &hit->defanged), host;
	int parens = 0;
	char *h;
	struct net net;

	if (n == 0)
		return false;
	p += n;
	out = arena_gstring(a);
	g_string_append_printf(out, "%s://", scheme);
	host = out->len;
	while (p < end && !url_end(*p) && p - s < WORD_MAX) {
		size_t d = dot_at(p, end, &hit->defanged);

		if (d > 1) {
			g_string_append_c(out, '.');
			p += d;
			continue;
		}
		if (strncmp(p, "[:]", 3) == 0 && end - p > 3) {
			g_string_append_c(out, ':');
			p += 3;
			continue;
		}
		if (strncmp(p, "[/]", 3) == 0 && end - p > 3) {
			g_string_append_c(out, '/');
			p += 3;
			continue;
		}
		parens += *p == '(' || *p == '[';
		if (*p == ')' || *p == ']') {
			if (parens == 0)
				break;
			parens--;
		}
		g_string_append_c(out, *p++);
	}
	/* the sentence's marks */
	while (out->len > host && strchr(".,;:!?'*", out->str[out->len - 1])) {
		g_string_truncate(out, out->len - 1);
		p--;
	}
	h = text_lower(a, arena_strndup(a, out->str + host,
	    strcspn(out->str + host, "/?#\\")));
	if (strrchr(h, '@') != NULL)
		h = strrchr(h, '@') + 1;
	if (*h == '[') {
		h++;
		h[strcspn(h, "]")] = '\0';
	} else {
		h[strcspn(h, ":")] = '\0';
	}
	if (*h == '\0' || strlen(h) > 253 ||
	    !g_utf8_validate(out->str, -1, NULL))
		return false;
	if (!net_parse_host(h, &net) && strchr(h, '.') == NULL &&
	    strcmp(h, "localhost") != 0)
		return false;
	hit->kind = SCAN_URL;
	hit->value = out->str;
	hit->host = h;
	hit->end = hit->start + (size_t)(p - s);
	return true;
}

/* ---- mail addresses and defanged names ----------------------------------- */

static bool
label_char(char c)
{
	return g_ascii_isalnum(c) || c == '-' || c == '_' || (c & 0x80);
}

/* "host.example", "host[.]example" at p; the last label is letters. */
static size_t
domain_at(struct arena *a, const char *p, const char *end, bool *defanged,
    const char **out)
{
	GString *s = arena_gstring(a);
	const char *start = p, *last_end = NULL;
	size_t labels = 0, keep = 0;

	while (p < end && label_char(*p) && s->len < 253) {
		size_t d, n = 0;

		while (p + n < end && label_char(p[n]))
			n++;
		g_string_append_len(s, p, (gssize)n);
		p += n;
		labels++;
		last_end = p;
		keep = s->len;
		d = dot_at(p, end, defanged);
		if (d == 0 || p + d >= end || !label_char(p[d]))
			break;
		g_string_append_c(s, '.');
		p += d;
	}
	g_string_truncate(s, keep);
	if (labels < 2 || last_end == NULL)
		return 0;
	{
		const char *tld = strrchr(s->str, '.') + 1;
		size_t n = strlen(tld);

		if (n < 2 || n > 24 || g_ascii_isdigit(*tld))
			return 0;
		for (const char *q = tld; *q != '\0'; q++)
			if (!g_ascii_isalnum(*q) && *q != '-')
				return 0;
	}
	*out = text_lower(a, s->str);
	return (size_t)(last_end - start);
}

static bool
local_char(char c)
{
	return g_ascii_isalnum(c) ||
	    (c != '\0' && strchr("!#$%&'*+/=?^_`{|}~.-", c) != NULL);
}

static size_t
at_sign(const char *p, const char *end, bool *defanged)
{
	static const char *const ats[] = {"@", "[at]", "(at)", "{at}", "[@]",
	    "[AT]", "(AT)"};

	for (size_t i = 0; i < COUNT_OF(ats); i++) {
		size_t n = strlen(ats[i]);

		if ((size_t)(end - p) > n && memcmp(p, ats[i], n) == 0) {
			*defanged |= i > 0;
			return n;
		}
	}
	return 0;
}

static bool
email_at(struct arena *a, const char *p, const char *end,
    struct scan_hit *hit)
{
	const char *s = p, *domain;
	size_t n, local;

	while (p < end && local_char(*p) && p - s < 65)
		p++;
	while (p > s && p[-1] == '.')
		p--;
	local = (size_t)(p - s);
	if (local == 0 || local > 64)
		return false;
	n = at_sign(p, end, &hit->defanged);
	if (n == 0)
		return false;
	p += n;
	n = domain_at(a, p, end, &hit->defanged, &domain);
	if (n == 0)
		return false;
	hit->kind = SCAN_EMAIL;
	hit->value = arena_printf(a, "%.*s@%s", (int)local, s, domain);
	hit->host = domain;
	hit->end = hit->start + (size_t)(p - s) + n;
	return true;
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
	bool v4 = ipv4_at(p, end, &n, &len, &hit->defanged);
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
		if (end - p > (ptrdiff_t)len && (word_char(p[len]) ||
			(p[len] == '-' && end - p > (ptrdiff_t)len + 1 &&
			    g_ascii_isalpha(p[len + 1]))))
			return false;
		if (end - p > (ptrdiff_t)len + 1 && p[len] == '.' &&
		    (g_ascii_isalnum(p[len + 1])) &&
		    port_at(p + len, end, &hit->port) == 0)
			return false;
	} else {
		if (before == ':' || before == '.' ||
		    !ipv6_at(a, p, end, &n, &len))
			return false;
		if (memcmp(n.bytes, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15) == 0)
			return false; /* "::" and "::1" are mostly code */
	}
	hit->end = hit->start + len;
	hit->kind = n.v6 ? SCAN_IPV6 : SCAN_IPV4;
	more = prefix_at(p + len, end, &n);
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
		port_at(p + len + 1, end, &hit->port);
	} else {
		more = v4 ? port_at(p + len, end, &hit->port) : 0;
		hit->end += more;
	}
	hit->value = net_text(a, &n);
	return true;
}

bool
scan_next(struct arena *a, const char *text, size_t len, size_t *pos,
    struct scan_hit *hit)
{
	const char *end = text + len;

	for (const char *p = text + *pos; p < end; p++) {
		bool start = p == text || !word_char(p[-1]), found = false;
		unsigned char c = (unsigned char)*p;

		if (!start)
			continue;
		*hit = (struct scan_hit){.start = (size_t)(p - text),
		    .port = DESC_NULL};
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
			found = url_at(a, p, end, hit);
		}
		if (!found && (c | 32) == 'c')
			found = cve_at(a, p, end, hit);
		if (!found && c == 'A')
			found = asn_at(a, p, end, hit);
		if (!found && g_ascii_isalnum(c)) {
			const char *q = p, *name;
			size_t n;

			/* only look closer where an @ or a defanged dot is */
			while (q < end && q - p < 300 &&
			    (local_char(*q) || strchr("[](){}@", *q)))
				if (*q == '@' || *q == '[' || *q == '(')
					break;
				else
					q++;
			if (q < end && (*q == '@' || *q == '[' || *q == '(')) {
				hit->defanged = false;
				found = email_at(a, p, end, hit);
				if (!found) {
					hit->defanged = false;
					n = domain_at(a, p, end,
					    &hit->defanged, &name);
					found = n > 0 && hit->defanged;
					if (found) {
						hit->kind = SCAN_DOMAIN;
						hit->value = hit->host = name;
						hit->end = hit->start + n;
					}
				}
			} else {
				/* nothing starts inside this word */
				while (p + 1 < q && word_char(p[1]))
					p++;
			}
		}
		if (found) {
			*pos = hit->end > *pos ? hit->end : *pos + 1;
			return true;
		}
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
