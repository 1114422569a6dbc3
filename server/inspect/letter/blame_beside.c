/*
 * What stands right beside an address: an arrow, a label, the signs of a log
 * (blame.h).
 */
#include "base/base.h"
#include "inspect/letter/blame.h"

/* "->" or "=>" or ">" right behind (or before) an address */
bool
beside_arrow(const char *p, const char *end)
{
	static const char *const arrows[] = {"->", "-->", "=>", "==>", "> ",
	    "→", "⇒", "➜", "➔", "➡", "⟶", ">>", "»"};

	const char *d;

	while (p < end && (*p == ' ' || *p == '"' || *p == ')' || *p == ']'))
		p++;
	/* "192.0.2.1 43210 => ": the port in a column of its own */
	for (d = p; d < end && g_ascii_isdigit(*d) && d - p < 6; d++)
		;
	if (d > p && d < end && *d == ' ')
		for (p = d; p < end && *p == ' '; p++)
			;
	for (size_t i = 0; i < COUNT_OF(arrows); i++)
		if ((size_t)(end - p) >= strlen(arrows[i]) &&
		    strncmp(p, arrows[i], strlen(arrows[i])) == 0)
			return true;
	return false;
}

bool
beside_arrow_before(const char *s, const char *p)
{
	const char *w;

	while (p > s && (p[-1] == ' ' || p[-1] == '"' || p[-1] == '(' ||
		p[-1] == '['))
		p--;
	/* "-> pool 203.0.113.9" */
	for (w = p; w > s && g_ascii_isalpha(w[-1]) && p - w < 12; w--)
		;
	if (w < p && w - s > 3 && w[-1] == ' ' && w[-2] == '>')
		p = w - 1;
	return (p - s >= 2 && p[-1] == '>' && (p[-2] == '-' || p[-2] == '=' ||
		p[-2] == '>' || p[-2] == ' ')) ||
	    (p - s >= 3 && (memcmp(p - 3, "→", 3) == 0 ||
		memcmp(p - 3, "⇒", 3) == 0 || memcmp(p - 3, "➜", 3) == 0 ||
		memcmp(p - 3, "➔", 3) == 0 || memcmp(p - 3, "➡", 3) == 0 ||
		memcmp(p - 3, "⟶", 3) == 0));
}

/* "203.0.113.9:23 <- 192.0.2.1:4000": whom it came to stands first. */
enum blame
beside_arrow_left(const char *s, const char *p, const char *q, const char *end)
{
	static const char *const arrows[] = {"<-", "<=", "←", "⇐"};

	while (p > s && p[-1] == ' ')
		p--;
	while (q < end && *q == ' ')
		q++;
	for (size_t i = 0; i < COUNT_OF(arrows); i++) {
		size_t n = strlen(arrows[i]);

		if ((size_t)(end - q) > n && memcmp(q, arrows[i], n) == 0)
			return BLAME_TARGET;
		if ((size_t)(p - s) > n + 1 &&
		    (memcmp(p - n, arrows[i], n) == 0 ||
			(p[-1] == '-' && memcmp(p - n - 1, arrows[i], n) ==
			    0)) && p[-(ptrdiff_t)n - 1] == ' ')
			return BLAME_SOURCE;
	}
	return BLAME_NONE;
}

/* "relay=mx.example[203.0.113.9]:25" of a mail log: whom it was sent to when
 * there is a recipient or what became of it, else who connected. */
enum blame
beside_relay(const struct line *l, const struct scan_hit *hit)
{
	const char *p = l->s + hit->start, *q = p;

	if (hit->start < 8 || p[-1] != '[')
		return BLAME_NONE;
	while (q > l->s && p - q < 90 && q[-1] != ',' && q[-1] != '=')
		q--;
	if (q - l->s < 6 || strncmp(q - 6, "relay=", 6) != 0)
		return BLAME_NONE;
	return g_strstr_len(l->s, (gssize)l->n, "to=<") != NULL ||
		g_strstr_len(l->s, (gssize)l->n, "stat=Sent") != NULL ?
		BLAME_TARGET : BLAME_SOURCE;
}

/* A label that ends right before the address: its words, lower case. */
const char *
beside_label(struct arena *a, const char *s, const char *p)
{
	const char *end, *w;
	char sign;

	while (p > s && strchr(" \t\"'<[*(", p[-1]) != NULL)
		p--;
	if (p == s || (p[-1] != ':' && p[-1] != '='))
		return NULL;
	sign = p[-1];
	/* "outside:1.2.3.4" of a firewall is a label behind a label */
	end = --p;
	while (end > s && strchr(" \t\"*'", end[-1]) != NULL)
		end--;
	w = end;
	if (sign == '=') {
		while (w > s && (g_ascii_isalnum(w[-1]) ||
			strchr("_-.", w[-1]) != NULL))
			w--;
	} else {
		while (w > s && strchr(",;|\t{}()[]\"=", w[-1]) == NULL &&
		    !(w - s >= 2 && w[-1] == ' ' && (w[-2] == ' ' ||
			    w[-2] == ':' || w[-2] == '.')) && end - w < 60)
			w--;
	}
	return end > w ? read_lower(a, w, (size_t)(end - w)) : NULL;
}

/* Does the label speak of an address or of a machine?  Behind any other word
 * there may be whoever. */
bool
beside_of_address(const char *label)
{
	static const char *const words[] = {"ip", "addr", "adr", "host",
	    "syst", "sist", "server", "machin", "maskin", "máquin", "maquin",
	    "macchin", "comput", "device", "asset", "node", "endpoint",
	    "rechner", "gerät", "equip", "équip", "direcci", "endere",
	    "indirizz", "urządz", "zařízen", "апис", "адрес", "хост", "узел",
	    "устройств", "сервер", "observ", "indic", "value", "resource",
	    "url", "affect", "involv", "attack", "cím", "osoite", "주소",
	    "地址", "アドレス", "対象", "bot", "network", "netz", "réseau",
	    "prefix", "range", "cidr", "subnet", "inet", "domain", "betroff",
	    "concern", "abuse", "who", "user", "login", "hit", "scan", "spam",
	    "infect", "report", "block", "ban", "listed", "hosted", "hosting"};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strstr(label, words[i]) != NULL)
			return true;
	return false;
}

/* A web server's log: the line begins with the client, or with the name of
 * the site and the client. */
bool
blame_access(const struct line *l, const struct scan_hit *hit)
{
	const char *p = l->s + hit->end, *end = l->s + l->n;
	size_t lead = strspn(l->s, " \t|");

	if (lead < hit->start) {
		lead += strcspn(l->s + lead, " \t");
		lead += strspn(l->s + lead, " \t");
	}
	if (hit->start > lead)
		return false;
	return end - p > 6 && (memchr(p, '[', MIN((size_t)(end - p), 60)) ||
	    memchr(p, '"', MIN((size_t)(end - p), 80))) &&
	    (strncmp(p, " - ", 3) == 0 || strncmp(p, " , ", 3) == 0 ||
		strncmp(p, " [", 2) == 0 || strncmp(p, " \"", 2) == 0);
}

bool
beside_hidden(const struct line *l, const struct scan_hit *hit)
{
	const char *p = l->s + hit->start;

	while (p > l->s && p[-1] != ']') {
		p--;
		if (*p == '[' && strncmp(p, "[hidden: ", 9) == 0)
			return true;
	}
	return false;
}

bool
beside_lookup(const char *s, const char *p)
{
	static const char *const schemes[] = {"ldap://", "ldaps://", "rmi://",
	    "dns://", "iiop://", "nis://"};

	for (size_t i = 0; i < COUNT_OF(schemes); i++) {
		size_t n = strlen(schemes[i]);

		if ((size_t)(p - s) >= n && p[-1] == '/' &&
		    g_ascii_strncasecmp(p - n, schemes[i], n) == 0)
			return true;
	}
	return false;
}
