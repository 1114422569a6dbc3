/*
 * What an address of a line is by what stands right around it: a port behind
 * it, a range, an enumeration, the number of a version (plain.h).
 */
#include "base/base.h"
#include "inspect/plain.h"

#include "base/net.h"

bool
hit_never_source(const struct net *n)
{
	if (n->v6)
		return n->bytes[0] == 0xff ||
		    (n->bytes[0] == 0xfe && (n->bytes[1] & 0xc0) == 0x80);
	return n->bytes[0] == 127 || n->bytes[0] == 0 || n->bytes[0] >= 224 ||
	    (n->bytes[0] == 169 && n->bytes[1] == 254);
}

bool
hit_is_inside(const char *ip)
{
	struct net n;

	return net_parse(ip, false, &n) && net_private(&n) &&
	    !net_documentation(&n);
}

/* "5.6.7.8/22" in a firewall's line is address and port. */
void
hit_fix_firewall(struct arena *a, const struct line *l, struct scan_hit *h,
    bool log)
{
	const char *p = l->s + h->start, *slash;
	struct net n, whole;
	int64_t port;

	if (h->kind != SCAN_CIDR || !log)
		return;
	slash = memchr(p, '/', h->end - h->start);
	if (slash == NULL)
		return;
	p = arena_strndup(a, p, (size_t)(slash - p));
	if (!net_parse_host(p, &n) || !net_parse(h->value, false, &whole) ||
	    net_equal(&n, &whole))
		return;
	if (memcmp(n.bytes, whole.bytes, n.v6 ? 16 : 4) == 0 ||
	    !text_int(arena_strndup(a, slash + 1, (size_t)(l->s + h->end -
		slash - 1)), 0, 65535, &port))
		return;
	h->kind = n.v6 ? SCAN_IPV6 : SCAN_IPV4;
	h->value = net_text(a, &n);
	h->port = port;
}

/* "from 1.2.3.4 port 51234", "1.2.3.4(51234)" */
void
plain_port_behind(const struct line *l, struct scan_hit *h)
{
	const char *p = l->s + h->end, *end = l->s + l->n;
	int64_t v;

	if (h->port != DESC_NULL)
		return;
	if (end - p > 6 && (strncmp(p, " port ", 6) == 0 ||
		strncmp(p, " port=", 6) == 0))
		v = facts_number(p + 6, end);
	else if (end - p > 2 && (*p == '(' || *p == '/') &&
	    g_ascii_isdigit(p[1]))
		v = facts_number(p + 1, end);
	else
		return;
	if (v != DESC_NULL && v < 65536)
		h->port = v;
}

/* "version 4.19.0.12" is no address. */
bool
hit_is_version(const struct line *l, const struct scan_hit *h)
{
	static const char *const words[] = {"version", "ver", "v", "release",
	    "build", "kernel", "openssh", "firmware", "section", "chapter",
	    "oid"};
	const char *e = l->s + h->start, *b;

	while (e > l->s && (e[-1] == ' ' || e[-1] == ':'))
		e--;
	for (b = e; b > l->s && g_ascii_isalpha(b[-1]); b--)
		;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if ((size_t)(e - b) == strlen(words[i]) &&
		    g_ascii_strncasecmp(b, words[i], (size_t)(e - b)) == 0)
			return true;
	return false;
}

static bool
dash_between(const struct line *l, const struct scan_hit *h,
    const struct scan_hit *next)
{
	const char *p = l->s + h->end, *q = l->s + next->start;

	while (p < q && *p == ' ')
		p++;
	while (q > p && q[-1] == ' ')
		q--;
	return (q - p == 1 && *p == '-') ||
	    (q - p == 3 && memcmp(p, "\342\200\223", 3) == 0) ||
	    (q - p == 3 && memcmp(p, "bis", 3) == 0) ||
	    (q - p == 7 && memcmp(p, "through", 7) == 0);
}

/* "192.0.2.10 - 192.0.2.13", "192.0.2.10-13": the pieces of the range as
 * prefixes.  next may be NULL. */
size_t
hit_range(struct arena *a, const struct line *l, const struct scan_hit *h,
    const struct scan_hit *next, const char **out)
{
	struct net from, to;
	uint32_t lo, hi;
	size_t n = 0;

	if (h->kind != SCAN_IPV4 || !net_parse_host(h->value, &from))
		return 0;
	if (h->last != DESC_NULL) {
		to = from;
		to.bytes[3] = (uint8_t)h->last;
	} else {
		if (next == NULL || next->kind != SCAN_IPV4 ||
		    h->port != DESC_NULL || next->port != DESC_NULL ||
		    !dash_between(l, h, next) ||
		    !net_parse_host(next->value, &to))
			return 0;
	}
	lo = (uint32_t)from.bytes[0] << 24 | (uint32_t)from.bytes[1] << 16 |
	    (uint32_t)from.bytes[2] << 8 | from.bytes[3];
	hi = (uint32_t)to.bytes[0] << 24 | (uint32_t)to.bytes[1] << 16 |
	    (uint32_t)to.bytes[2] << 8 | to.bytes[3];
	if (hi <= lo || hi - lo > 0xffff)
		return 0;
	while (lo <= hi && n < RANGE_PIECES_MAX) {
		uint8_t bits = 32;
		struct net piece = {.bits = 32};

		while (bits > 8 && (lo & (1u << (32 - bits))) == 0 &&
		    (uint64_t)lo + (UINT64_C(1) << (33 - bits)) - 1 <= hi)
			bits--;
		piece.bytes[0] = (uint8_t)(lo >> 24);
		piece.bytes[1] = (uint8_t)(lo >> 16);
		piece.bytes[2] = (uint8_t)(lo >> 8);
		piece.bytes[3] = (uint8_t)lo;
		piece.bits = bits;
		out[n++] = net_text(a, &piece);
		lo += (uint32_t)1 << (32 - bits);
		if (lo == 0)
			break;
	}
	return n;
}

size_t
hit_last_bytes(struct arena *a, const struct line *l, const struct scan_hit *h,
    const char **out)
{
	const char *p = l->s + h->end, *end = l->s + l->n;
	struct net n;
	size_t count = 0;

	if (h->kind != SCAN_IPV4 || !net_parse_host(h->value, &n))
		return 0;
	while (count + 1 < RANGE_PIECES_MAX) {
		const char *from = p;
		int v = 0, k;

		while (p < end && strchr(" ,/&", *p) != NULL)
			p++;
		for (size_t i = 0; i < 5; i++) {
			static const char *const ands[] = {"and ", "und ",
			    "et ", "y ", "e "};

			if ((size_t)(end - p) > strlen(ands[i]) &&
			    strncmp(p, ands[i], strlen(ands[i])) == 0)
				p += strlen(ands[i]);
		}
		if (p == from || end - p < 2 || *p != '.')
			break;
		for (k = 1; k < 4 && p + k < end && g_ascii_isdigit(p[k]); k++)
			v = v * 10 + (p[k] - '0');
		if (k == 1 || v > 255 || (p + k < end &&
			(g_ascii_isalnum(p[k]) || (p[k] == '.' &&
			    p + k + 1 < end && g_ascii_isalnum(p[k + 1])))))
			break;
		if (count == 0)
			out[count++] = h->value;
		n.bytes[3] = (uint8_t)v;
		out[count++] = net_text(a, &n);
		p += k;
	}
	return count;
}

/* Nothing but "and", commas and the like between two addresses. */
bool
hit_joined(const struct line *l, const struct scan_hit *a,
    const struct scan_hit *b)
{
	static const char *const joiners[] = {"and", "or", "the", "network",
	    "networks", "host", "hosts", "und", "et", "y", "e", "en",
	    "address", "addresses", "also", "range", "ranges", "subnet", "ip",
	    "ips", "as", "well", "then", "port", "to", "through", "bis"};
	const char *p = l->s + a->end, *end = l->s + b->start;

	if (end - p > 40)
		return false;
	while (p < end) {
		size_t n = 0;
		bool known = false;

		/* "192.0.2.1 (12.1%), 192.0.2.2" */
		if (*p == '(') {
			n = strspn(p, "(0123456789.,% x");
			p += p[n] == ')' && p + n < end ? n : 0;
			n = 0;
		}
		while (p + n < end && g_ascii_isalpha(p[n]))
			n++;
		if (n == 0) {
			/* "192.0.2.5, .6 and 192.0.2.9" */
			bool last = *p == '.' && g_ascii_isdigit(p[1]);

			if (!last && strchr(" ,&/;+()-'\"`\t", *p) == NULL)
				return false;
			p++;
			while (last && p < end && g_ascii_isdigit(*p))
				p++;
			continue;
		}
		for (size_t i = 0; i < COUNT_OF(joiners) && !known; i++)
			known = strlen(joiners[i]) == n &&
			    g_ascii_strncasecmp(p, joiners[i], n) == 0;
		if (!known || (n == 2 && (p[0] | 32) == 't'))
			return false;
		p += n;
	}
	return true;
}

bool
hit_served(const struct line *l, const struct scan_hit *server,
    const struct scan_hit *client)
{
	static const char *const methods[] = {" GET /", " POST /", " HEAD /",
	    " PUT /", " OPTIONS /", " PROPFIND /"};
	const char *p = l->s + server->end;

	if (client->start < 2 || l->s[client->start - 1] != ' ' ||
	    l->s[client->start - 2] != '-')
		return false;
	for (size_t i = 0; i < COUNT_OF(methods); i++)
		if (l->n - server->end > strlen(methods[i]) &&
		    strncmp(p, methods[i], strlen(methods[i])) == 0)
			return true;
	return false;
}

bool
hit_leads(const struct line *l, const struct scan_hit *h)
{
	for (size_t i = 0; i < h->start; i++)
		if (strchr(" \t*-#.)|[(<\"0123456789", l->s[i]) == NULL)
			return false;
	return true;
}

bool
hit_is_c2(const struct line *l, const struct scan_hit *h)
{
	static const char *const words[] = {"c&c", "c2", "cnc", "command",
	    "sinkhole", "control"};
	const char *at = l->s + h->start;

	for (const char *p = at - MIN(h->start, 32); p < at; p++) {
		if ((p > l->s && g_ascii_isalnum(p[-1])) ||
		    ((*p | 32) != 'c' && (*p | 32) != 's'))
			continue;
		for (size_t i = 0; i < COUNT_OF(words); i++) {
			size_t n = strlen(words[i]);

			if ((size_t)(at - p) > n && !g_ascii_isalnum(p[n]) &&
			    g_ascii_strncasecmp(p, words[i], n) == 0)
				return true;
		}
	}
	return false;
}

bool
hit_is_affected(const struct line *l, const struct scan_hit *h)
{
	static const char *const words[] = {"affected", "betroffen", "concern",
	    "afectad", "interessat", "afetad", "dotknięt", "dotčen",
	    "vulnerable", "getroffen", "berörd"};
	const char *at = l->s + h->start;

	for (const char *p = at - MIN(h->start, 32); p < at; p++) {
		if (p > l->s && g_ascii_isalnum(p[-1]))
			continue;
		for (size_t i = 0; i < COUNT_OF(words); i++)
			if ((*p | 32) == *words[i] &&
			    (size_t)(at - p) > strlen(words[i]) &&
			    g_ascii_strncasecmp(p, words[i],
				strlen(words[i])) == 0)
				return true;
	}
	return false;
}

/* " 1532 192.0.2.1": how often, as uniq -c has it */
int64_t
hit_counted_before(const struct line *l, const struct scan_hit *h)
{
	const char *s = l->s, *at = l->s + h->start;
	size_t n;

	while (s < at && (*s == ' ' || *s == '\t'))
		s++;
	n = MIN(strspn(s, "0123456789"), (size_t)(at - s));
	if (n == 0 || n > 9 || s + n == at ||
	    strspn(s + n, " \tx") < (size_t)(at - s - (ptrdiff_t)n))
		return DESC_NULL;
	for (const char *q = l->s + h->end; q < l->s + l->n; q++)
		if (!g_ascii_isspace(*q))
			return DESC_NULL;
	return facts_number(s, s + n);
}
