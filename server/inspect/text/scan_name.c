/*
 * Names of machines in text: URLs, mail addresses, domains (scan.c).
 */
#include "base/base.h"
#include "inspect/text/scan_priv.h"

#include "base/net.h"

enum {
	WORD_MAX = 2000,  /* bytes of a URL */
	DOMAIN_MAX = 253, /* RFC 1035 3.1, as text */
};

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
		size_t n;

		if ((*p | 32) != *schemes[i].written)
			continue;
		n = strlen(schemes[i].written);
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
	return (unsigned char)c <= ' ' || c == '<' || c == '>' || c == '"' ||
	    c == '`' || c == '|' || c == '^';
}

/* Nothing but itself in a URL: no end, no dot, no bracket. */
static bool
url_plain(char c)
{
	return g_ascii_isalnum(c) || c == '/' || c == '-' || c == '_' ||
	    c == '=' || c == '&' || c == '%' || c == '?';
}

bool
scan_url(struct arena *a, const char *p, const char *end, struct scan_hit *hit)
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
	g_string_append(out, scheme);
	g_string_append_len(out, "://", 3);
	host = out->len;
	while (p < end && !url_end(*p) && p - s < WORD_MAX) {
		const char *run = p;
		size_t d;

		while (p < end && url_plain(*p) && p - s < WORD_MAX)
			p++;
		if (p > run) {
			g_string_append_len(out, run, p - run);
			continue;
		}
		d = scan_dot(p, end, &hit->defanged);
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

/* "host.example", "host[.]example" at p; the last label is letters.  Most
 * callers only try, so nothing is allocated before there is a name. */
size_t
scan_domain(struct arena *a, const char *p, const char *end, bool *defanged,
    const char **out)
{
	char name[DOMAIN_MAX + 1];
	const char *start = p, *last_end = NULL, *tld = NULL;
	size_t labels = 0, len = 0;

	while (p < end && label_char(*p)) {
		size_t d, n = 0;

		while (p + n < end && label_char(p[n]) && n <= DOMAIN_MAX)
			n++;
		if (len + (labels > 0) + n > DOMAIN_MAX)
			break;
		if (labels > 0)
			name[len++] = '.';
		tld = name + len;
		memcpy(name + len, p, n);
		len += n;
		p += n;
		labels++;
		last_end = p;
		d = scan_dot(p, end, defanged);
		if (d == 0 || p + d >= end || !label_char(p[d]))
			break;
		p += d;
	}
	if (labels < 2 || last_end == NULL)
		return 0;
	name[len] = '\0';
	{
		size_t n = strlen(tld);

		if (n < 2 || n > 24 || g_ascii_isdigit(*tld))
			return 0;
		for (const char *q = tld; *q != '\0'; q++)
			if (!g_ascii_isalnum(*q) && *q != '-')
				return 0;
	}
	*out = text_lower(a, name);
	return (size_t)(last_end - start);
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

bool
scan_email(struct arena *a, const char *p, const char *end,
    struct scan_hit *hit)
{
	const char *s = p, *domain;
	size_t n, local;

	while (p < end && scan_local_char(*p) && p - s < 65)
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
	n = scan_domain(a, p, end, &hit->defanged, &domain);
	if (n == 0)
		return false;
	hit->kind = SCAN_EMAIL;
	hit->value = arena_printf(a, "%.*s@%s", (int)local, s, domain);
	hit->host = domain;
	hit->end = hit->start + (size_t)(p - s) + n;
	return true;
}

/* ---- names without a scheme ------------------------------------------------ */

/* "/path" behind a name: its length, without the sentence's marks */
static size_t
path_at(const char *p, const char *end)
{
	size_t n = 0;

	if (p >= end || *p != '/')
		return 0;
	while (p + n < end && !url_end(p[n]) && p[n] != ')' && p[n] != ']' &&
	    n < WORD_MAX)
		n++;
	while (n > 0 && strchr(".,;:!?'*", p[n - 1]) != NULL)
		n--;
	return n;
}

/* Is the last label a word that begins a sentence? */
static bool
capital(const char *p, const char *end)
{
	const char *q = end;

	while (q > p && label_char(q[-1]))
		q--;
	return end - q > 1 && g_ascii_isupper(*q) && g_ascii_islower(q[1]);
}

bool
scan_name(struct arena *a, const char *text, size_t len, size_t *pos,
    struct scan_hit *hit)
{
	const char *end = text + len, *p = text + *pos;

	while (p < end) {
		const char *word = p, *name, *q;
		size_t n = 0, path;

		if (!label_char(*p)) {
			p++;
			continue;
		}
		/* the middle of a mail address, a path or a URL */
		*hit = (struct scan_hit){.start = (size_t)(p - text),
		    .port = DESC_NULL, .last = DESC_NULL};
		if (p == text || strchr("@/\\=&?.%", p[-1]) == NULL)
			n = scan_domain(a, p, end, &hit->defanged, &name);
		if (n == 0) {
			while (p < end && (label_char(*p) ||
				scan_local_char(*p)))
				p++;
			if (p == word)
				p++;
			continue;
		}
		q = p + n;
		/* "user@host", "host:port/path" of a log, "Thanks.Please" */
		if ((q < end && (*q == '@' || *q == '_')) ||
		    capital(p, q)) {
			p = q + 1;
			continue;
		}
		path = path_at(q, end);
		hit->kind = SCAN_DOMAIN;
		hit->host = name;
		hit->value = path > 1 ? arena_printf(a, "http://%s%.*s", name,
		    (int)path, q) : NULL;
		hit->end = (size_t)(q + path - text);
		*pos = hit->end;
		return true;
	}
	*pos = len;
	return false;
}

/* Length of "192.0.2.1.40000" at p; 0 when it is none. */
static size_t
five_numbers(const char *p, const char *end)
{
	static const char oid[] = "1.3.6.1.";
	const char *s = p;

	if ((size_t)(end - p) > sizeof(oid) &&
	    memcmp(p, oid, sizeof(oid) - 1) == 0)
		return 0;
	for (int i = 0; i < 5; i++) {
		int v = 0, k = 0;

		for (; p < end && g_ascii_isdigit(*p) && k < 6; k++)
			v = v * 10 + (*p++ - '0');
		if (k == 0 || v > (i < 4 ? 255 : 65535) ||
		    (i < 4 && (p == end || *p++ != '.')))
			return 0;
	}
	return p < end && (g_ascii_isalnum(*p) || *p == '_' || *p == '-' ||
		(*p == '.' && p + 1 < end && g_ascii_isalnum(p[1]))) ? 0 :
		(size_t)(p - s);
}

static bool
between_ports(char c)
{
	return c == ' ' || c == '\t' || c == '>' || c == '=' || c == '-' ||
	    c == '|' || c == ',';
}

bool
scan_two_ports(const char *text, const char *p, const char *end)
{
	size_t n = five_numbers(p, end);
	const char *q = p + n, *w = p;

	if (n == 0)
		return false;
	while (q < end && between_ports(*q))
		q++;
	if (q > p + n && five_numbers(q, end) > 0)
		return true;
	while (w > text && between_ports(w[-1]))
		w--;
	if (w == p)
		return false;
	for (q = w; w > text && (g_ascii_isdigit(w[-1]) || w[-1] == '.'); w--)
		;
	return five_numbers(w, end) == (size_t)(q - w) && q > w;
}
