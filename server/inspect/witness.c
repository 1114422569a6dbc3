/*
 * A letter heard line by line: addresses and the parts they play, with the
 * facts that stand near them (plain.h).
 */
#include "base/base.h"
#include "inspect/plain.h"

#include "base/net.h"

struct suspect *
plain_suspect(struct plain *p, const char *ip)
{
	struct suspect *s = g_hash_table_lookup(p->by_ip, ip);

	if (s == NULL) {
		s = ARENA_NEW(p->r->a, struct suspect);
		s->ip = ip;
		s->facts = NO_FACTS;
		s->part = p->part;
		s->heading = p->heading;
		if (p->list->len < SUSPECTS_MAX * 2) {
			g_hash_table_insert(p->by_ip, (char *)ip, s);
			g_ptr_array_add(p->list, s);
		}
	}
	return s;
}

static bool
never_source(const struct net *n)
{
	if (n->v6)
		return n->bytes[0] == 0xff ||
		    (n->bytes[0] == 0xfe && (n->bytes[1] & 0xc0) == 0x80);
	return n->bytes[0] == 127 || n->bytes[0] == 0 || n->bytes[0] >= 224 ||
	    (n->bytes[0] == 169 && n->bytes[1] == 254);
}

static bool
is_inside(const char *ip)
{
	struct net n;

	return net_parse(ip, false, &n) && net_private(&n) &&
	    !net_documentation(&n);
}

/* "5.6.7.8/22" in a firewall's line is address and port. */
static void
fix_firewall(struct arena *a, const struct line *l, struct scan_hit *h,
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
static bool
version(const struct line *l, const struct scan_hit *h)
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
static size_t
range_pieces(struct arena *a, const struct line *l, const struct scan_hit *h,
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

/* Nothing but "and", commas and the like between two addresses. */
static bool
joined(const struct line *l, const struct scan_hit *a,
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

		while (p + n < end && g_ascii_isalpha(p[n]))
			n++;
		if (n == 0) {
			if (strchr(" ,&/;+()-'\"`\t", *p) == NULL)
				return false;
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

/* The roles of a line's addresses; those of an enumeration share one. */
static void
line_roles(struct plain *p, const struct line *l, struct scan_hit **h,
    size_t n, enum blame *roles)
{
	for (size_t i = 0; i < n; i++) {
		roles[i] = blame_of(p->r->a, l, h[i], p->para);
		if (p->columns.n > 0)
			roles[i] = table_role(p, l, h[i], roles[i]);
	}
	/* the client that a proxy passed on is the last field of an access
	 * line, the proxy the first */
	if (n > 1 && h[n - 1]->end + 1 == l->n &&
	    l->s[h[n - 1]->end] == '"' &&
	    l->s[h[n - 1]->start - 1] == '"' && blame_access(l, h[0])) {
		roles[0] = BLAME_TARGET;
		roles[n - 1] = BLAME_SOURCE;
	}
	for (size_t i = n; i-- > 1;)
		if (roles[i - 1] == BLAME_NONE && roles[i] != BLAME_NONE &&
		    joined(l, h[i - 1], h[i]))
			roles[i - 1] = roles[i];
	for (size_t i = 1; i < n; i++)
		if (roles[i] == BLAME_NONE && roles[i - 1] != BLAME_NONE &&
		    joined(l, h[i - 1], h[i]))
			roles[i] = roles[i - 1];
}

static void
vote(struct suspect *s, enum blame role)
{
	s->any++;
	s->source += role == BLAME_SOURCE;
	s->target += role == BLAME_TARGET;
	s->label += role == BLAME_LABEL;
	s->list += role == BLAME_LIST;
}

/* A URL that the report is about, not one for more information. */
static bool
incident_url(struct plain *p, const struct line *l,
    const struct scan_hit *h)
{
	static const char *const info[] = {"more info", "information", "visit",
	    "see http", "see: http", "see https", "contact", "unsubscribe",
	    "faq", "learn", "details", "read ", "help", "login to", "log in",
	    "available at", "go to", "please", "click", "specification",
	    "policy", "terms", "privacy", "lookup", "whois", "schema",
	    "legitimate", "genuine", "authentic", "official", "real site",
	    "original site", "original brand", "brand:"};
	ARENA_AUTO(a, "url");
	const char *from = p->r->out->from != NULL ?
	    strrchr(p->r->out->from, '@') : NULL;
	char *t;

	if (h->defanged)
		return true;
	/* names of XML, not places */
	if (g_strstr_len(l->s, (gssize)l->n, "xmlns") != NULL ||
	    g_strstr_len(l->s, (gssize)l->n, "schemaLocation") != NULL)
		return false;
	if (from != NULL && text_ieq(received_org(from + 1),
		received_org(h->host)))
		return false;
	t = read_lower(a, l->s, h->start);
	for (size_t i = 0; i < COUNT_OF(info); i++)
		if (strstr(t, info[i]) != NULL)
			return false;
	return true;
}

/* "... on 20.11.2026 at" and the clock on the next line: the text goes on
 * behind the line. */
static bool
wrapped_stamp(struct arena *a, const struct line *l, struct stamp *st,
    const char **given)
{
	const char *next = l->s + l->n, *tail;
	struct line both;
	size_t n;

	if (*next != '\n' || l->n < 8 || !g_ascii_isdigit(next[1]))
		return false;
	next++;
	n = strcspn(next, "\n");
	/* a clock or a year */
	if (n < 4 || (next[1] != ':' && next[2] != ':' &&
		!(g_ascii_isdigit(next[3]) && !g_ascii_isdigit(next[4]))))
		return false;
	tail = l->s + l->n - MIN(l->n, 40);
	both.s = arena_printf(a, "%.*s %.*s", (int)(l->s + l->n - tail), tail,
	    (int)MIN(n, 40), next);
	both.n = strlen(both.s);
	both.kind = l->kind;
	return plain_stamp(a, &both, st, given) &&
	    strstr(both.s, *given) < both.s + (l->s + l->n - tail);
}

/* "End: ..." below "Start: ...": the event began before it. */
static bool
tells_end(const char *low)
{
	static const char *const words[] = {"end", "ende", "last", "until",
	    "stop", "fin", "fine", "bis", "letzte", "eind", "koniec"};
	const char *w = low + strspn(low, " \t*-");
	size_t n = strspn(w, "abcdefghijklmnopqrstuvwxyz");

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strlen(words[i]) == n && strncmp(w, words[i], n) == 0)
			return memchr(w, ':', strnlen(w, 24)) != NULL;
	return false;
}

/* " 1532 192.0.2.1": how often, as uniq -c has it */
static int64_t
counted_before(const struct line *l, const struct scan_hit *h)
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

static void
one_line(struct plain *p, const struct line *l)
{
	struct arena *a = p->r->a;
	struct scan_hit hits[32], *addresses[32];
	size_t n = 0, count = 0, pos = 0, csv = 0;
	struct suspect *source = NULL;
	enum blame roles[32];
	const char *given = NULL, *pieces[RANGE_PIECES_MAX];
	struct facts f;
	struct stamp st;
	bool timed, log, named = false;
	struct net net;
	char *low;

	if (table_header(p, l)) {
		plain_zone_head(p, l);
		plain_zone(p, l);
		return;
	}

	low = read_lower(a, l->s, l->n);
	timed = plain_stamp(a, l, &st, &given) ||
	    wrapped_stamp(a, l, &st, &given);
	if (timed && !st.zone)
		plain_zone_beside(l, given, &st);
	if (!timed || strstr(low, "times") != NULL)
		plain_zone(p, l);
	while (n < COUNT_OF(hits) && scan_next(a, l->s, l->n, &pos, &hits[n]))
		n++;
	for (size_t i = 0; i < n; i++)
		observe_hit(p->r, &hits[i], p->part);
	if (n == COUNT_OF(hits))
		observe_text(p->r, l->s + pos, l->n - pos, p->part);
	facts_read(a, low, &f);
	if (timed) {
		if (!p->para_timed || !tells_end(low)) {
			p->para_stamp = st;
			p->para_given = given;
			p->para_timed = true;
		}
		p->doc_times++;
		if (!p->doc_timed) {
			p->doc = st;
			p->doc_given = given;
			p->doc_timed = true;
		}
	}
	for (size_t i = 0; i < n; i++) {
		struct scan_hit *h = &hits[i];

		if (h->kind == SCAN_CVE) {
			p->cves += p->cve == NULL || strcmp(p->cve, h->value);
			p->cve = h->value;
		} else if (h->kind == SCAN_URL && incident_url(p, l, h) &&
		    p->urls->len < URLS_MAX) {
			g_ptr_array_add(p->urls, arena_memdup(a, h,
			    sizeof(*h)));
			if (f.url == NULL)
				f.url = h->value;
		} else if (h->kind <= SCAN_CIDR && !version(l, h) &&
		    net_parse(h->value, false, &net) && !never_source(&net)) {
			addresses[count++] = h;
		}
	}
	/* a log line begins with its time; a sentence has it anywhere */
	log = (timed && count > 0 && (*l->s == '{' ||
		strstr(l->s, given) - l->s < 30)) ||
	    (count == 2 && table_row(l));
	for (size_t i = 0; i < count; i++) {
		fix_firewall(a, l, addresses[i], count > 1);
		plain_port_behind(l, addresses[i]);
	}
	for (size_t i = 0; i < l->n; i++)
		csv += l->s[i] == ',';
	csv = csv > 5 && log;
	if (log && count == 2)
		table_ports(l, addresses[0], addresses[1]);
	if (count == 1 && f.count == DESC_NULL)
		f.count = counted_before(l, addresses[0]);
	table_section(p, l, &f, count);
	if (p->columns.n > 0 && count > 0)
		table_facts(p, l, &f);
	line_roles(p, l, addresses, count, roles);
	for (size_t i = 0; i < count; i++) {
		struct scan_hit *h = addresses[i];
		enum blame role = roles[i];
		struct suspect *s;
		size_t k;

		if (role == BLAME_LABEL && p->section != BLAME_NONE)
			role = p->section;
		k = range_pieces(a, l, h,
		    i + 1 < count ? addresses[i + 1] : NULL, pieces);
		/* behind "Scanner: x", a list of ports is what it scanned */
		if (role == BLAME_LIST && h->port != DESC_NULL &&
		    count == 1 && p->last != NULL && p->last->source > 0 &&
		    p->heading == NULL)
			role = BLAME_TARGET;
		/* a log of a firewall: first the source, then the target;
		 * beside a known target the other one is the source */
		if (role <= BLAME_LIST && log && count == 2 && (csv ||
			table_gap(l, addresses[0], addresses[1]) ||
			!joined(l, addresses[0], addresses[1])))
			role = roles[1 - i] == BLAME_TARGET ? BLAME_SOURCE :
			    roles[1 - i] == BLAME_SOURCE ? BLAME_TARGET :
			    i == 0 ? BLAME_SOURCE : BLAME_TARGET;
		else if (role == BLAME_NONE && log && count == 1)
			role = BLAME_LABEL;
		if (k > 0) {
			for (size_t j = 0; j < k; j++)
				vote(plain_suspect(p, pieces[j]),
				    role == BLAME_NONE ? BLAME_LABEL : role);
			i += h->last == DESC_NULL;
			continue;
		}
		s = plain_suspect(p, h->value);
		s->cidr = h->kind == SCAN_CIDR;
		vote(s, role);
		if (role == BLAME_TARGET) {
			if (f.target == NULL && h->kind != SCAN_CIDR)
				f.target = h->value;
			if (h->port != DESC_NULL &&
			    f.target_port == DESC_NULL)
				f.target_port = h->port;
			continue;
		}
		if (h->port != DESC_NULL && f.source_port == DESC_NULL)
			f.source_port = h->port;
		s->lines += log;
		if (timed)
			plain_seen(s, &st, given);
		else if (p->para_timed && !s->timed && role != BLAME_LIST)
			plain_seen(s, &p->para_stamp, p->para_given);
		if (source == NULL || role == BLAME_SOURCE)
			source = s;
		named |= role != BLAME_NONE;
	}
	/* "inside your network this may be 10.0.0.1" */
	if (source != NULL && p->last != NULL && is_inside(source->ip) &&
	    !is_inside(p->last->ip))
		source = p->last;
	if (source != NULL) {
		facts_merge(&source->facts, &f);
		if (named)
			p->last = source;
		if (source->source > 0)
			p->heading = NULL;
	} else if (p->last != NULL) {
		facts_merge(&p->last->facts, &f);
		if (timed && !p->last->timed)
			plain_seen(p->last, &st, given);
	} else {
		facts_merge(&p->before, &f);
	}
	/* the end of this line is what the next one goes on from */
	{
		size_t old = strlen(p->para), more = MIN(l->n, 200);
		char *para;

		old = more < 200 ? MIN(old, 200 - more) : 0;
		para = arena_alloc(a, old + more + 2);
		memcpy(para, p->para + strlen(p->para) - old, old);
		memcpy(para + old, l->s + l->n - more, more);
		para[old + more] = ' ';
		p->para = para;
	}
	if (count == 0 && l->n > 3 && l->n < 200) {
		size_t k = l->n;

		while (k > 0 && g_ascii_isspace(l->s[k - 1]))
			k--;
		if (k > 0 && l->s[k - 1] == ':')
			p->heading = arena_strndup(a, l->s, k);
	}
	if (p->words->len < 65536) {
		g_string_append_len(p->words, l->s, (gssize)l->n);
		g_string_append_c(p->words, '\n');
	}
}

/* Blanks and signs of other scripts as those of ASCII, which is what all
 * the readers look for. */
static const char *
plain_signs(struct arena *a, const char *text)
{
	static const struct {
		const char *sign, *plain;
	} signs[] = {{"\302\240", " "}, {"\343\200\200", " "},
	    {"\357\274\232", ":"}, {"\357\274\210", "("},
	    {"\357\274\211", ")"}, {"\357\274\214", ","},
	    {"\357\274\235", "="}, {"\342\200\257", " "}, {"\342\210\222", "-"},
	    {"\342\200\220", "-"}, {"\342\200\221", "-"},
	    {"\342\200\211", " "}, {"\342\200\213", ""},
	    {"\357\273\277", ""}};
	const char *p = text;
	GString *out;

	while (*p != '\0' && (unsigned char)*p < 0xc2)
		p++;
	if (*p == '\0')
		return text;
	out = arena_gstring(a);
	g_string_append_len(out, text, p - text);
	while (*p != '\0') {
		size_t i = COUNT_OF(signs);

		if (*p == '\302' || (unsigned char)*p >= 0xe2)
			for (i = 0; i < COUNT_OF(signs); i++)
				if (g_str_has_prefix(p, signs[i].sign))
					break;
		if (i < COUNT_OF(signs)) {
			g_string_append(out, signs[i].plain);
			p += strlen(signs[i].sign);
		} else {
			g_string_append_c(out, *p++);
		}
	}
	return out->str;
}

void
witness_text(struct plain *p, const char *text, const char *part)
{
	size_t n;
	struct line *list = lines_of(p->r->a, plain_signs(p->r->a, text), &n);

	p->part = part;
	p->columns.n = 0;
	p->para = (char *)"";
	p->para_timed = false;
	for (size_t i = 0; i < n; i++) {
		struct line l = list[i];

		if (l.kind == LINE_BLANK) {
			p->section = BLAME_NONE;
			p->para = (char *)"";
			p->para_timed = false;
			continue;
		}
		if (p->quotes && l.kind == LINE_QUOTE) {
			size_t skip = strspn(l.s, "> ");

			l.s += MIN(skip, l.n);
			l.n -= MIN(skip, l.n);
			l.kind = LINE_TEXT;
		}
		if (l.kind == LINE_TEXT)
			one_line(p, &l);
		else
			observe_text(p->r, l.s, l.n, part);
	}
}
