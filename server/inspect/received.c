/*
 * Received fields (RFC 5321 4.4) as relays really write them, and which of
 * them names the machine that a report is about (read.h).
 */
#include "base/base.h"
#include "inspect/read.h"

#include "base/net.h"

enum { HOPS_MAX = 60 };

/* Second-level names under which countries register (co.uk, ac.uk). */
static const char *const second_level[] = {"ac", "co", "com", "edu", "gov",
    "mil", "net", "ne", "or", "org", "sch", "go", "gob", "gouv", "nom", "id",
    "plc", "ltd", "me", "nhs", "police", "ad"};

const char *
received_org(const char *host)
{
	const char *dots[4] = {NULL};
	bool country;
	size_t n = 0;

	if (host == NULL)
		return "";
	/* the last three dots, nearest to the end first */
	for (const char *p = host + strlen(host); p > host && n < 3;)
		if (*--p == '.')
			dots[n++] = p;
	if (n < 2)
		return host;
	country = strlen(dots[0]) == 3; /* ".uk" */
	for (size_t i = 0; country && i < COUNT_OF(second_level); i++)
		if (text_istarts(dots[1] + 1, second_level[i]) &&
		    dots[1] + 1 + strlen(second_level[i]) == dots[0])
			return n > 2 ? dots[2] + 1 : host;
	return dots[1] + 1;
}

static bool
name_char(char c)
{
	return g_ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
}

/* A host name without its trailing dot, lower case. */
static const char *
take_name(struct arena *a, const char *p, const char *end)
{
	const char *s = p;

	while (p < end && name_char(*p))
		p++;
	while (p > s && p[-1] == '.')
		p--;
	return p > s ? text_lower(a, arena_strndup(a, s, (size_t)(p - s))) :
		NULL;
}

/* An address at p, with "IPv6:" before it perhaps. */
static const char *
take_ip(struct arena *a, const char *p, const char *end, const char **rest)
{
	const char *s;
	struct net n;
	char *t;

	if (end - p > 5 && g_ascii_strncasecmp(p, "IPv6:", 5) == 0)
		p += 5;
	for (s = p; p < end && (g_ascii_isxdigit(*p) || *p == '.' || *p == ':');
	    p++)
		;
	if (p == s || p - s > 45)
		return NULL;
	t = arena_strndup(a, s, (size_t)(p - s));
	*rest = p;
	if (net_parse_host(t, &n))
		return net_text(a, &n);
	/* "192.0.2.1:41423", or a sentence's point */
	for (char *q = t + strlen(t); q-- > t;)
		if (*q == ':' || *q == '.') {
			*q = '\0';
			if (net_parse_host(t, &n)) {
				*rest = s + (q - t);
				return net_text(a, &n);
			}
		}
	return NULL;
}

/* The peer's address: "[1.2.3.4]" anywhere before "by", then "(1.2.3.4)",
 * then a bare one.  What stands in brackets later is nearer to the truth
 * than the HELO name. */
static void
peer_ip(struct arena *a, const char *s, const char *end, struct hop *h)
{
	const char *rest;

	for (int pass = 0; pass < 3 && h->ip == NULL; pass++) {
		for (const char *p = s; p < end; p++) {
			bool open = pass == 0 ? *p == '[' :
			    pass == 1 ? *p == '(' || *p == '@' :
				p == s || *p == ' ';
			const char *ip, *q = p + (*p == '[' || *p == '(' ||
			    *p == '@' || *p == ' ');

			if (!open)
				continue;
			ip = take_ip(a, q, end, &rest);
			if (ip == NULL)
				continue;
			/* a comment's address wins over the HELO literal */
			if (h->ip == NULL || memchr(s, '(', (size_t)(p - s)))
				h->ip = ip;
			if (rest < end && *rest == ']')
				rest++;
			if (rest < end && *rest == ':') {
				char digits[8] = "";
				size_t k = 0;

				for (rest++; rest < end && k < 6 &&
				    g_ascii_isdigit(*rest); rest++)
					digits[k++] = *rest;
				if (!text_int(digits, 1, 65535, &h->port))
					h->port = DESC_NULL;
			}
		}
	}
}

/* " by " outside comments, "from" at the start. */
static const char *
find_word(const char *s, const char *end, const char *word)
{
	size_t n = strlen(word);
	int depth = 0;

	for (const char *p = s; p + n < end; p++) {
		depth += *p == '(';
		depth -= *p == ')' && depth > 0;
		if (depth == 0 && g_ascii_isspace(p[0]) &&
		    g_ascii_strncasecmp(p + 1, word, n) == 0 &&
		    (p + 1 + n >= end || g_ascii_isspace(p[1 + n])))
			return p;
	}
	return NULL;
}

bool
received_hop(struct arena *a, const char *field, struct hop *h)
{
	const char *end, *by, *semi, *from, *with;

	*h = (struct hop){.time = DESC_NULL, .port = DESC_NULL};
	if (field == NULL)
		return false;
	semi = strrchr(field, ';');
	end = semi != NULL ? semi : field + strlen(field);
	if (semi != NULL) {
		h->date = arena_strdup(a, semi + 1 + strspn(semi + 1, " \t"));
		if (!when_parse_rfc5322(h->date, &h->time, &h->zone))
			h->time = DESC_NULL;
	}
	by = text_istarts(field, "by ") ? field : find_word(field, end, "by");
	if (by != NULL) {
		/* the word may be the last one */
		const char *p = MIN(by + (by == field ? 3 : 4), end);

		h->by = take_name(a, p + strspn(p, " \t["), end);
		with = find_word(p, end, "with");
		if (with != NULL)
			h->with = take_name(a, MIN(with + 6, end), end);
	}
	if (!text_istarts(field, "from "))
		return h->by != NULL;
	from = field + 5;
	from += strspn(from, " \t");
	if (by == NULL || by < from)
		by = end;
	h->helo = take_name(a, from, by);
	/* "(name [ip])": the name that the receiver looked up */
	for (const char *p = from; p < by; p++)
		if (*p == '(') {
			h->name = take_name(a, p + 1, by);
			break;
		}
	peer_ip(a, from, by, h);
	return true;
}

static bool
loopback(const struct net *n)
{
	return n->v6 ? n->bytes[15] == 1 && memcmp(n->bytes,
		"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15) == 0 :
		n->bytes[0] == 127;
}

static bool
same_org(const char *a, const char *b)
{
	const char *x = received_org(a), *y = received_org(b);

	return strchr(x, '.') != NULL && text_ieq(x, y);
}

bool
received_source(struct arena *a, const struct mail_headers *headers,
    const char *own, struct hop *out)
{
	struct mail_header *f = NULL;
	struct hop spare = {0};
	const char *site = NULL;
	bool have_spare = false;

	for (int i = 0; i < HOPS_MAX &&
	    (f = mail_header_next(headers, f, "Received")) != NULL; i++) {
		const char *name;
		struct hop h;
		struct net n;

		if (!received_hop(a, mail_header_text(a, f), &h))
			continue;
		if (site == NULL && h.by != NULL && strchr(h.by, '.') != NULL)
			site = h.by;
		if (h.ip == NULL || !net_parse_host(h.ip, &n) || loopback(&n))
			continue;
		name = h.name != NULL && !text_ieq(h.name, "unknown") &&
		    strchr(h.name, '.') != NULL ? h.name : h.helo;
		/* a relay of whoever received it: look behind it */
		if (same_org(name, site) || same_org(name, own))
			continue;
		if (net_private(&n) && !net_documentation(&n)) {
			/* only good when nothing public follows */
			if (!have_spare) {
				spare = h;
				have_spare = true;
			}
			continue;
		}
		*out = h;
		return true;
	}
	if (have_spare)
		*out = spare;
	return have_spare;
}
