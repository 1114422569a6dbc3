/*
 * The parts that the addresses of a line play together, and what a heading
 * says of those below it (plain.h).
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

/* "Origin: fw1 (x)" where another line says "Source: y": the firewall that
 * tells it. */
static bool
tells_sensor(const struct plain *p, const struct line *l)
{
	const char *s = l->s, *end = s + l->n, *text = p->r->human;

	while (s < end && strchr(" \t*-", *s) != NULL)
		s++;
	if (end - s < 8 || g_ascii_strncasecmp(s, "origin", 6) != 0)
		return false;
	for (s += 6; s < end && (*s == ' ' || *s == '\t'); s++)
		;
	if (s == end || *s != ':')
		return false;
	for (; text != NULL && *text != '\0'; text += strcspn(text, "\n")) {
		text += strspn(text, " \t\r\n*-");
		if (g_ascii_strncasecmp(text, "source", 6) == 0 &&
		    memchr(text + 6, ':', strnlen(text + 6, 12)) != NULL &&
		    g_ascii_strncasecmp(text, "source port", 11) != 0)
			return true;
	}
	return false;
}

void
roles_of_line(struct plain *p, const struct line *l, struct scan_hit **h,
    size_t n, enum blame *roles)
{
	for (size_t i = 0; i < n; i++) {
		enum blame end = p->outgoing ? hit_far_end(l, h[i]) :
		    BLAME_NONE;

		roles[i] = end != BLAME_NONE ? end :
		    blame_of(p->r->a, l, h[i], p->para);
		if (n > 1 || p->columns.n > 0)
			roles[i] = table_role(p, l, h[i], roles[i]);
		if (roles[i] == BLAME_SOURCE && n == 1 && tells_sensor(p, l))
			roles[i] = BLAME_NONE;
	}
	/* "203.0.113.9 192.0.2.1 - - [": the site, then its client */
	if (n > 1 && blame_access(l, h[1]) && !blame_access(l, h[0]))
		roles[0] = BLAME_TARGET;
	/* what a client says of itself accuses nobody */
	for (size_t i = 1; i < n && blame_access(l, h[0]); i++)
		if (memchr(l->s + h[0]->end, '"', h[i]->start - h[0]->end))
			roles[i] = BLAME_NONE;
	/* the client that a proxy passed on is the last field of an access
	 * line, the proxy the first */
	if (n > 1 && h[n - 1]->end + 1 == l->n &&
	    l->s[h[n - 1]->end] == '"' &&
	    l->s[h[n - 1]->start - 1] == '"' && blame_access(l, h[0])) {
		roles[0] = BLAME_TARGET;
		roles[n - 1] = BLAME_SOURCE;
	}
	if (n == 2 && roles[0] <= BLAME_LABEL && roles[1] <= BLAME_LABEL &&
	    hit_served(l, h[0], h[1])) {
		roles[0] = BLAME_TARGET;
		roles[1] = BLAME_SOURCE;
	}
	/* "203.0.113.9 (192.0.2.1[192.0.2.1])": a peer without a name, and
	 * the server in front */
	for (size_t i = 1; i < n; i++) {
		if (h[i]->start != h[i - 1]->end + 1 ||
		    l->s[h[i - 1]->end] != '[' ||
		    strcmp(h[i]->value, h[i - 1]->value) != 0 ||
		    roles[i - 1] > BLAME_LABEL || roles[i] > BLAME_LABEL)
			continue;
		roles[i - 1] = roles[i] = BLAME_SOURCE;
		if (i > 1 && roles[i - 2] <= BLAME_LABEL &&
		    h[i - 1]->start == h[i - 2]->end + 2 &&
		    l->s[h[i - 1]->start - 1] == '(')
			roles[i - 2] = BLAME_TARGET;
	}
	/* "from x, y" and "and z" in the next line */
	if (n > 0 && roles[0] <= BLAME_LIST && p->tail != BLAME_NONE &&
	    (p->tail_goes_on || g_ascii_isalpha(*l->s)) &&
	    hit_joiners(l->s, l->s + h[0]->start))
		roles[0] = p->tail;
	for (size_t i = n; i-- > 1;)
		if (roles[i - 1] == BLAME_NONE && roles[i] != BLAME_NONE &&
		    hit_joined(l, h[i - 1], h[i]))
			roles[i - 1] = roles[i];
	for (size_t i = 1; i < n; i++)
		if (roles[i] == BLAME_NONE && roles[i - 1] != BLAME_NONE &&
		    hit_joined(l, h[i - 1], h[i]))
			roles[i] = roles[i - 1];
	p->tail = BLAME_NONE;
	if (n > 0 && p->columns.n == 0 && roles[n - 1] > BLAME_LABEL &&
	    hit_joiners(l->s + h[n - 1]->end, l->s + l->n)) {
		p->tail = roles[n - 1];
		p->tail_goes_on = h[n - 1]->end + 1 < l->n ||
		    (h[n - 1]->end < l->n && l->s[h[n - 1]->end] == ',');
	}
}

bool
role_of_row(const struct plain *p, const struct line *l,
    const struct scan_hit *h, const char *given)
{
	const char *at = strstr(l->s + h->end, given);
	size_t n = strlen(p->para);

	/* not "x uses y. Since 10:15 UTC ..." */
	if (!hit_leads(l, h) || at == NULL ||
	    at - l->s > (ptrdiff_t)h->end + 24 ||
	    g_strstr_len(l->s + h->end, at - l->s - (ptrdiff_t)h->end,
		". ") != NULL)
		return false;
	while (n > 0 && p->para[n - 1] == ' ')
		n--;
	return n == 0 || p->row_above ||
	    strchr(".:;", p->para[n - 1]) != NULL;
}

bool
role_serves(const struct plain *p, const struct line *l,
    const struct scan_hit *h)
{
	static const char *const things[] = {"server", "service", "device",
	    "firewall", "website", "web site", "responder", "agent", "logging",
	    "monitored", "observer"};
	static const char *const theirs[] = {"your", "source", "attack",
	    "client", "abus", "offend", "malicious", "phish", "c2", "control",
	    "customer", "affected", "compromised", "infected", "vulnerable",
	    "remote", "user"};
	const char *label = beside_label(p->r->a, l->s, l->s + h->start);
	bool serves = false;

	for (size_t i = 0; label != NULL && i < COUNT_OF(things); i++)
		serves |= strstr(label, things[i]) != NULL;
	for (size_t i = 0; serves && i < COUNT_OF(theirs); i++)
		serves = strstr(label, theirs[i]) == NULL;
	return serves;
}

bool
role_is_server(const struct plain *p, const struct line *l,
    const struct scan_hit *h)
{
	const char *label = beside_label(p->r->a, l->s, l->s + h->start);

	return label != NULL && (strcmp(label, "server") == 0 ||
	    strcmp(label, "host") == 0 || strcmp(label, "vhost") == 0);
}

bool
role_is_ours(struct arena *a, const char *heading)
{
	const char *low = read_lower(a, heading, strlen(heading));

	while (*low != '\0') {
		size_t k = strcspn(low, " ,:()/\t\"'");

		if (blame_is_target(low, k))
			return true;
		low += k;
		low += strspn(low, " ,:()/\t\"'");
	}
	return false;
}

/* Behind "attacked": "us", "our servers" is whom they hit that stand below,
 * and "by these hosts" says that those did it. */
static enum blame
attacked(const char *s)
{
	static const char *const us[] = {"us", "our", "ours", "me", "my"};
	static const char *const these[] = {"these", "following", "those"};

	s += strspn(s, " ");
	for (size_t i = 0; i < COUNT_OF(us); i++)
		if (g_str_has_prefix(s, us[i]) &&
		    !g_ascii_isalnum(s[strlen(us[i])]))
			return BLAME_NONE;
	if (!g_str_has_prefix(s, "by "))
		return BLAME_TARGET;
	s += 3 + strspn(s + 3, " ");
	if (g_str_has_prefix(s, "the "))
		s += 4;
	for (size_t i = 0; i < COUNT_OF(these); i++)
		if (g_str_has_prefix(s, these[i]))
			return BLAME_SOURCE;
	return BLAME_TARGET;
}

enum blame
role_of_heading(const char *low)
{
	/* beginnings of nouns: "to" and "our" say nothing here */
	static const char *const victims[] = {"target", "victim", "destination",
	    "attacked", "ziel", "opfer", "cible", "objetivo", "destino",
	    "víctima", "vittim", "bersagli", "doelwit", "doelen", "hedef",
	    "honeypot", "sensor", "recipient", "empfänger", "destinatair",
	    "destinatari", "ontvanger"};
	static const char *const before[] = {"on", "at", "in", "to", "against",
	    "by", "an", "auf", "gegen", "sur", "dans", "contre", "en",
	    "contra", "su", "contro", "op", "tegen", "na", "mot"};
	enum blame role = BLAME_NONE;

	while (*low != '\0') {
		size_t k = strcspn(low, " ,:()/\t\"'");

		/* "Seen on our honeypot:", "Added to hosts.deny:": who was
		 * hit, not who stands below */
		for (size_t i = 0; i < COUNT_OF(before); i++)
			if (strlen(before[i]) == k &&
			    strncmp(low, before[i], k) == 0)
				return role;

		if (blame_is_source(low, k))
			return BLAME_SOURCE;
		if (k == 8 && strncmp(low, "attacked", 8) == 0) {
			role = attacked(low + k);
			if (role == BLAME_SOURCE)
				return role;
			low += k + strspn(low + k, " ,:()/\t\"'");
			continue;
		}
		for (size_t i = 0; i < COUNT_OF(victims); i++)
			if (strlen(victims[i]) <= k &&
			    strncmp(low, victims[i], strlen(victims[i])) == 0)
				role = BLAME_TARGET;
		low += k;
		low += strspn(low, " ,:()/\t\"'");
	}
	return role;
}
