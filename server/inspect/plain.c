/*
 * Letters and logs in plain text: which addresses are accused, when, of
 * what (read.h).  Every line is looked at once; each address gets votes by
 * the roles it plays (role.c), and the decision falls at the end:
 *
 *   accused ("from x", "source: x", "x has attacked", in the subject),
 *   else labelled ("IP: x"), with addresses alone on a line (lists),
 *   else every address that is nobody's target.
 *
 * Facts of a log line go to the address of that line, labelled facts
 * ("Destination port: 22") to the last accused one or, when they come
 * first, to all.
 */
#include "inspect/role.h"

#include "base/net.h"

enum {
	SUSPECTS_MAX = INSPECT_EVENTS_MAX,
	URLS_MAX = 200,
	RANGE_PIECES_MAX = 16,
};

struct facts {
	const char *target;
	int64_t source_port, target_port, count;
	const char *protocol, *malware, *url;
};

struct suspect {
	const char *ip;
	int source, target, label, list, any;
	int64_t lines;           /* log lines that name it */
	struct facts facts;
	struct stamp first;      /* first time seen with it */
	const char *time_given;
	bool timed;
	const char *part, *type, *heading;
	bool cidr;
};

struct plain {
	struct reading *r;
	GPtrArray *list;         /* of struct suspect * */
	GHashTable *by_ip;
	struct suspect *last;    /* labelled facts go here */
	struct facts before;     /* said before any suspect */
	struct stamp doc;        /* first time of the text */
	const char *doc_given;
	bool doc_timed;
	int doc_times;
	int offset;              /* "all times are UTC" */
	bool has_offset;
	const char *cve;
	int cves;
	const char *part;
	GPtrArray *urls;         /* of struct scan_hit *, incident-like */
	GString *words;          /* text that classifies */
	char *para;              /* the paragraph so far, one line */
	struct stamp para_stamp; /* last time in this paragraph */
	const char *para_given;
	bool para_timed;
	const char *heading;     /* last line that ended with ':' */
	bool quotes;             /* this pass reads quoted lines */
};

static const struct facts no_facts = {.source_port = DESC_NULL,
    .target_port = DESC_NULL, .count = DESC_NULL};

static struct suspect *
suspect(struct plain *p, const char *ip)
{
	struct suspect *s = g_hash_table_lookup(p->by_ip, ip);

	if (s == NULL) {
		s = ARENA_NEW(p->r->a, struct suspect);
		s->ip = ip;
		s->facts = no_facts;
		s->part = p->part;
		s->heading = p->heading;
		if (p->list->len < SUSPECTS_MAX * 2) {
			g_hash_table_insert(p->by_ip, (char *)ip, s);
			g_ptr_array_add(p->list, s);
		}
	}
	return s;
}

/* ---- facts of a line --------------------------------------------------------- */

static int64_t
number_after(const char *s, const char *end)
{
	int64_t v = 0;
	int k = 0;

	while (s < end && strchr(" :=\"'#([", *s) != NULL)
		s++;
	for (; s < end && g_ascii_isdigit(*s) && k < 7; s++, k++)
		v = v * 10 + (*s - '0');
	return k > 0 && k < 7 && (s == end || !g_ascii_isalnum(*s)) ? v :
		DESC_NULL;
}

/* Words before a number, longest first of a kind. */
static const struct {
	const char *word;
	char what; /* s, d: port; c: count */
} labels[] = {{"source port", 's'}, {"src port", 's'}, {"source_port", 's'},
    {"src_port", 's'}, {"srcport", 's'}, {"sport", 's'}, {"spt", 's'},
    {"sourceport", 's'}, {"infringer's port", 's'}, {"port id", 's'},
    {"client port", 's'}, {"quellport", 's'}, {"destination port", 'd'},
    {"dest port", 'd'}, {"dst port", 'd'}, {"target port", 'd'},
    {"destination_port", 'd'}, {"dest_port", 'd'}, {"dst_port", 'd'},
    {"dstport", 'd'}, {"dport", 'd'}, {"dpt", 'd'}, {"targeted port", 'd'},
    {"destinationport", 'd'}, {"local port", 'd'}, {"attacked port", 'd'},
    {"zielport", 'd'}, {"on port", 'd'}, {"to port", 'd'},
    {"tcp port", 'd'}, {"udp port", 'd'}, {"on tcp/", 'd'},
    {"on udp/", 'd'}, {"port tcp/", 'd'}, {"port udp/", 'd'},
    {"against port", 'd'}, {"attempts:", 'c'}, {"attempts =", 'c'},
    {"attempt count", 'c'}, {"occurrences", 'c'}, {"number of attempts", 'c'},
    {"number of events", 'c'}, {"event count", 'c'}, {"events:", 'c'},
    {"hits:", 'c'}, {"count:", 'c'}, {"count=", 'c'}, {"packets:", 'c'},
    {"total:", 'c'}};
/* Words behind a number that it counts. */
static const char *const counted[] = {" attempts", " failed", " times",
    " login", " connection", " probes", " packets", " hits", " events",
    " messages", " requests", " attacks"};
static const char *const protocols[] = {"tcp", "udp", "icmp", "icmpv6", "sctp",
    "gre", "esp"};

static void
line_protocol(const char *t, struct facts *f)
{
	for (size_t i = 0; i < COUNT_OF(protocols) && f->protocol == NULL;
	    i++) {
		const char *q = t;
		size_t n = strlen(protocols[i]);

		while ((q = strstr(q, protocols[i])) != NULL) {
			if ((q == t || !g_ascii_isalnum(q[-1])) &&
			    !g_ascii_isalnum(q[n])) {
				f->protocol = protocols[i];
				break;
			}
			q += n;
		}
	}
	/* these daemons know no other */
	if (f->protocol == NULL && (strstr(t, "sshd[") != NULL ||
		strstr(t, " ssh2") != NULL))
		f->protocol = "tcp";
}

/* t is the line in lower case. */
static void
line_facts(struct arena *a, const char *t, struct facts *f)
{
	const char *end = t + strlen(t), *q;

	*f = no_facts;
	line_protocol(t, f);
	for (size_t i = 0; i < COUNT_OF(labels); i++) {
		int64_t v;

		q = strstr(t, labels[i].word);
		if (q == NULL || (q > t && (g_ascii_isalnum(q[-1]) ||
			q[-1] == '_')))
			continue;
		v = number_after(q + strlen(labels[i].word), end);
		if (v == DESC_NULL)
			continue;
		if (labels[i].what == 'c' && f->count == DESC_NULL && v > 0)
			f->count = v;
		else if (labels[i].what == 's' && v > 0 && v < 65536 &&
		    f->source_port == DESC_NULL)
			f->source_port = v;
		else if (labels[i].what == 'd' && v < 65536 &&
		    f->target_port == DESC_NULL)
			f->target_port = v;
	}
	/* "22/tcp" */
	for (q = t; f->target_port == DESC_NULL &&
	    (q = strchr(q, '/')) != NULL; q++) {
		const char *d = q;

		while (d > t && g_ascii_isdigit(d[-1]))
			d--;
		if (d == q || q - d > 5 || (d > t && (g_ascii_isalnum(d[-1]) ||
			d[-1] == '.' || d[-1] == '/')) ||
		    (!g_str_has_prefix(q + 1, "tcp") &&
			!g_str_has_prefix(q + 1, "udp")) ||
		    g_ascii_isalnum(q[4]))
			continue;
		f->target_port = number_after(d, q);
		if (f->target_port > 65535)
			f->target_port = DESC_NULL;
	}
	/* "port 22", alone at the start: a labelled line */
	q = t + strspn(t, " \t*-");
	if (g_str_has_prefix(q, "port") && f->target_port == DESC_NULL &&
	    f->source_port == DESC_NULL) {
		int64_t v = number_after(q + 4, end);

		if (v != DESC_NULL && v < 65536)
			f->target_port = v;
	}
	for (size_t i = 0; i < COUNT_OF(counted) && f->count == DESC_NULL;
	    i++) {
		const char *d;

		q = strstr(t, counted[i]);
		if (q == NULL)
			continue;
		for (d = q; d > t && (g_ascii_isdigit(d[-1]) ||
			d[-1] == ','); d--)
			;
		if (d < q && q - d <= 9 && (d == t || d[-1] == ' ' ||
			d[-1] == '(')) {
			int64_t v = 0;

			for (; d < q; d++)
				if (*d != ',')
					v = v * 10 + (*d - '0');
			if (v > 0)
				f->count = v;
		}
	}
	{
		static const char *const names[] = {"malware family:",
		    "malware name:", "malware:", "infection:", "family:",
		    "botnet:", "threat:"};

		for (size_t i = 0; i < COUNT_OF(names); i++)
			if (g_str_has_prefix(t + strspn(t, " \t*-"),
				names[i])) {
				q = strchr(t, ':') + 1;
				q += strspn(q, " \t");
				if (*q != '\0' && strlen(q) < 80)
					f->malware = read_field(a, q);
				break;
			}
	}
}

static void
merge(struct facts *to, const struct facts *from)
{
	if (to->target == NULL)
		to->target = from->target;
	if (to->source_port == DESC_NULL)
		to->source_port = from->source_port;
	if (to->target_port == DESC_NULL)
		to->target_port = from->target_port;
	if (to->count == DESC_NULL)
		to->count = from->count;
	if (to->protocol == NULL)
		to->protocol = from->protocol;
	if (to->malware == NULL)
		to->malware = from->malware;
	if (to->url == NULL)
		to->url = from->url;
}

/* ---- times ------------------------------------------------------------------- */

/* The first time in a line; *given is what was written. */
static bool
line_stamp(struct arena *a, const struct line *l, struct stamp *st,
    const char **given)
{
	const char *end = l->s + l->n;

	for (const char *p = l->s; p < end; p++) {
		unsigned char c = (unsigned char)*p;

		if (p > l->s && g_ascii_isalnum(p[-1]))
			continue;
		if (!g_ascii_isdigit(c) && !g_ascii_isalpha(c))
			continue;
		/* a time begins with a digit, a month or a day */
		if (g_ascii_isalpha(c) &&
		    strchr("JFMASONDTWjfmasondtw", c) == NULL)
			continue;
		if (stamp_at(p, end, st)) {
			*given = arena_strndup(a, p, st->len);
			return true;
		}
	}
	/* seconds since 1970 at the start of a log line, or labelled */
	{
		const char *p = l->s + strspn(l->s, " [\"");
		int64_t v = 0;
		int k = 0;

		if (l->n > 12 && g_ascii_strncasecmp(p, "timestamp", 9) == 0)
			p += 9 + strspn(p + 9, ":= \"");
		else if (l->n > 12 && g_ascii_strncasecmp(p, "epoch", 5) == 0)
			p += 5 + strspn(p + 5, ":= \"");
		while (p + k < end && g_ascii_isdigit(p[k]) && k < 11)
			v = v * 10 + (p[k++] - '0');
		if (k == 10 && v > 1000000000 && v < 4102444800 &&
		    (p + k == end || strchr(". ,]\t\"", p[k]) != NULL)) {
			*st = (struct stamp){.len = 10,
			    .time = v * WHEN_SECOND, .zone = true,
			    .year = true};
			*given = arena_strndup(a, p, 10);
			return true;
		}
	}
	return false;
}

/* "All times are in UTC", "Timezone: +0100" */
static void
zone_statement(struct plain *p, const struct line *l)
{
	static const char *const leads[] = {"timezone", "time zone", "times",
	    "timestamps", "timestamp", "time stamps", "clock", "zeitzone",
	    "zeiten", "time is", "time in", "heures", "tz"};
	ARENA_AUTO(a, "zone");
	char *t;
	const char *best = NULL;

	if (p->has_offset || l->n > 300)
		return;
	t = read_lower(a, l->s, l->n);
	for (size_t i = 0; i < COUNT_OF(leads) && best == NULL; i++) {
		const char *q = strstr(t, leads[i]);

		if (q != NULL && (q == t || !g_ascii_isalnum(q[-1])))
			best = q + strlen(leads[i]);
	}
	if (best == NULL)
		return;
	for (size_t at = (size_t)(best - t), last = MIN(l->n, at + 50);
	    at < last; at++) {
		size_t len;
		int offset;

		if (at > 0 && g_ascii_isalnum(l->s[at - 1]))
			continue;
		/* "10 times (5-7)": a number alone is no zone */
		if ((l->s[at] == '+' || l->s[at] == '-') &&
		    !(l->n - at >= 5 && g_ascii_isdigit(l->s[at + 1]) &&
			g_ascii_isdigit(l->s[at + 2])))
			continue;
		if (l->s[at] == ' ' || l->s[at] == '(')
			continue;
		if (stamp_zone(l->s + at, l->s + l->n, &offset, &len)) {
			p->offset = offset;
			p->has_offset = true;
			return;
		}
	}
}

static void
set_stamp(struct suspect *s, const struct stamp *st, const char *given)
{
	if (s->timed && (st->time == DESC_NULL || s->first.time == DESC_NULL ||
		s->first.time <= st->time))
		return;
	s->first = *st;
	s->time_given = given;
	s->timed = true;
}

/* The year of a syslog line is the one that puts it before the mail. */
static void
add_year(struct plain *p, struct stamp *st)
{
	struct when_fields now;
	int64_t date = p->r->out->date, t;

	if (date == DESC_NULL)
		return;
	when_fields(date, &now);
	st->f.year = now.year;
	if (when_from_fields(&st->f, &t) && t > date + 2 * WHEN_DAY)
		st->f.year--;
	if (when_from_fields(&st->f, &t))
		st->time = t;
}

/* time, time_given and zone of an event. */
static void
put_time(struct plain *p, const struct stamp *stamp, const char *given,
    struct inspect_event *e)
{
	struct stamp st = *stamp;

	e->time_given = read_field(p->r->a, given);
	if (!st.zone && p->has_offset) {
		st.f.offset = p->offset;
		st.zone = true;
		if (st.year && st.time != DESC_NULL &&
		    !when_from_fields(&st.f, &st.time))
			st.time = DESC_NULL;
	}
	if (!st.year && st.zone)
		add_year(p, &st);
	if (st.zone && st.time != DESC_NULL) {
		e->time = st.time;
		e->zone = "given";
	}
}

/* ---- one line ------------------------------------------------------------------ */

static bool
never_source(const struct net *n)
{
	if (n->v6)
		return n->bytes[0] == 0xff ||
		    (n->bytes[0] == 0xfe && (n->bytes[1] & 0xc0) == 0x80);
	return n->bytes[0] == 127 || n->bytes[0] == 0 || n->bytes[0] >= 224 ||
	    (n->bytes[0] == 169 && n->bytes[1] == 254);
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
static void
port_behind(const struct line *l, struct scan_hit *h)
{
	const char *p = l->s + h->end, *end = l->s + l->n;
	int64_t v;

	if (h->port != DESC_NULL)
		return;
	if (end - p > 6 && strncmp(p, " port ", 6) == 0)
		v = number_after(p + 6, end);
	else if (end - p > 2 && (*p == '(' || *p == '/') &&
	    g_ascii_isdigit(p[1]))
		v = number_after(p + 1, end);
	else
		return;
	if (v != DESC_NULL && v < 65536)
		h->port = v;
}

/* "192.0.2.10 - 192.0.2.13": the pieces of the range as prefixes. */
static size_t
range_pieces(struct arena *a, const struct line *l, const struct scan_hit *h,
    const struct scan_hit *next, const char **out)
{
	const char *p = l->s + h->end, *q = l->s + next->start;
	struct net from, to;
	uint32_t lo, hi;
	size_t n = 0;

	if (h->kind != SCAN_IPV4 || next->kind != SCAN_IPV4 ||
	    h->port != DESC_NULL || next->port != DESC_NULL)
		return 0;
	while (p < q && *p == ' ')
		p++;
	while (q > p && q[-1] == ' ')
		q--;
	if (!(q - p == 1 && *p == '-') &&
	    !(q - p == 3 && memcmp(p, "\342\200\223", 3) == 0))
		return 0;
	if (!net_parse_host(h->value, &from) ||
	    !net_parse_host(next->value, &to))
		return 0;
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
	    "ips", "as", "well", "then", "port", "to"};
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
    size_t n, enum role *roles)
{
	for (size_t i = 0; i < n; i++)
		roles[i] = role_of(p->r->a, l, h[i], p->para);
	for (size_t i = n; i-- > 1;)
		if (roles[i - 1] == ROLE_NONE && roles[i] != ROLE_NONE &&
		    joined(l, h[i - 1], h[i]))
			roles[i - 1] = roles[i];
	for (size_t i = 1; i < n; i++)
		if (roles[i] == ROLE_NONE && roles[i - 1] != ROLE_NONE &&
		    joined(l, h[i - 1], h[i]))
			roles[i] = roles[i - 1];
}

static void
vote(struct suspect *s, enum role role)
{
	s->any++;
	s->source += role == ROLE_SOURCE;
	s->target += role == ROLE_TARGET;
	s->label += role == ROLE_LABEL;
	s->list += role == ROLE_LIST;
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
	    "policy", "terms", "privacy", "lookup", "whois", "schema"};
	ARENA_AUTO(a, "url");
	const char *from = p->r->out->from != NULL ?
	    strrchr(p->r->out->from, '@') : NULL;
	char *t;

	if (h->defanged)
		return true;
	if (from != NULL && text_ieq(received_org(from + 1),
		received_org(h->host)))
		return false;
	t = read_lower(a, l->s, h->start);
	for (size_t i = 0; i < COUNT_OF(info); i++)
		if (strstr(t, info[i]) != NULL)
			return false;
	return true;
}

static void
one_line(struct plain *p, const struct line *l)
{
	struct arena *a = p->r->a;
	struct scan_hit hits[32], *addresses[32];
	size_t n = 0, count = 0, pos = 0;
	struct suspect *source = NULL;
	enum role roles[32];
	const char *given = NULL, *pieces[RANGE_PIECES_MAX];
	struct facts f;
	struct stamp st;
	bool timed, log, named = false;
	char *low;

	timed = line_stamp(a, l, &st, &given);
	if (!timed)
		zone_statement(p, l);
	while (n < COUNT_OF(hits) && scan_next(a, l->s, l->n, &pos, &hits[n]))
		n++;
	low = read_lower(a, l->s, l->n);
	line_facts(a, low, &f);
	if (timed) {
		p->para_stamp = st;
		p->para_given = given;
		p->para_timed = true;
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
		} else if (h->kind <= SCAN_CIDR) {
			addresses[count++] = h;
		}
	}
	log = timed && count > 0;
	for (size_t i = 0; i < count; i++) {
		fix_firewall(a, l, addresses[i], count > 1);
		port_behind(l, addresses[i]);
	}
	line_roles(p, l, addresses, count, roles);
	for (size_t i = 0; i < count; i++) {
		struct scan_hit *h = addresses[i];
		enum role role = roles[i];
		struct suspect *s;
		size_t k = 0;
		struct net net;

		if (i + 1 < count)
			k = range_pieces(a, l, h, addresses[i + 1], pieces);
		/* a log of a firewall: first the source, then the target */
		if (role == ROLE_NONE && log && count == 2)
			role = i == 0 ? ROLE_SOURCE : ROLE_TARGET;
		else if (role == ROLE_NONE && log && count == 1)
			role = ROLE_LABEL;
		if (k > 0) {
			for (size_t j = 0; j < k; j++)
				vote(suspect(p, pieces[j]),
				    role == ROLE_NONE ? ROLE_LABEL : role);
			i++;
			continue;
		}
		if (!net_parse(h->value, false, &net) || never_source(&net))
			continue;
		s = suspect(p, h->value);
		s->cidr = h->kind == SCAN_CIDR;
		vote(s, role);
		if (role == ROLE_TARGET) {
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
			set_stamp(s, &st, given);
		else if (p->para_timed && !s->timed && role != ROLE_LIST)
			set_stamp(s, &p->para_stamp, p->para_given);
		if (source == NULL || role == ROLE_SOURCE)
			source = s;
		named |= role != ROLE_NONE;
	}
	if (source != NULL) {
		merge(&source->facts, &f);
		if (named)
			p->last = source;
	} else if (p->last != NULL) {
		merge(&p->last->facts, &f);
		if (timed && !p->last->timed)
			set_stamp(p->last, &st, given);
	} else {
		merge(&p->before, &f);
	}
	p->para = arena_printf(a, "%s%.*s ", p->para, (int)MIN(l->n, 300),
	    l->s);
	if (strlen(p->para) > 600)
		p->para += strlen(p->para) - 300;
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

static void
read_lines(struct plain *p, const char *text, const char *part)
{
	size_t n;
	struct line *list = lines_of(p->r->a, text, &n);

	p->part = part;
	p->para = (char *)"";
	p->para_timed = false;
	for (size_t i = 0; i < n; i++) {
		struct line l = list[i];

		if (l.kind == LINE_BLANK) {
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
	}
}

/* ---- the decision ------------------------------------------------------------- */

static bool
chosen(const struct suspect *s, int level)
{
	if (s->target > s->source + s->label)
		return false;
	switch (level) {
	case 0:
		return s->source > 0 || (s->list > 0 && s->target == 0);
	case 1:
		return s->label > 0 || s->list > 0;
	default:
		return true;
	}
}

static bool
private_ip(const char *ip)
{
	struct net n;

	return net_parse(ip, false, &n) && net_private(&n) &&
	    !net_documentation(&n);
}

static void
emit(struct plain *p, const struct suspect *s, size_t total)
{
	struct reading *r = p->r;
	struct inspect_event *e = read_event(r, s->part);
	struct facts f = s->facts;

	merge(&f, &p->before);
	e->source_ip = s->ip;
	e->destination_ip = f.target;
	e->source_port = f.source_port;
	e->destination_port = f.target_port;
	e->protocol = f.protocol;
	e->malware = f.malware;
	e->url = f.url;
	e->count = f.count != DESC_NULL ? f.count :
	    s->lines > 1 ? s->lines : DESC_NULL;
	e->cve = p->cves == 1 ? p->cve : NULL;
	e->reporter_ref = r->out->their_ref;
	if (s->list > 0 && s->heading != NULL)
		e->type = classify_text(s->heading, NULL);
	if (s->timed)
		put_time(p, &s->first, s->time_given, e);
	else if (p->doc_timed && (total == 1 || p->doc_times == 1))
		put_time(p, &p->doc, p->doc_given, e);
	if (e->url == NULL && total == 1 && p->urls->len > 0) {
		const struct scan_hit *h = p->urls->pdata[0];

		e->url = h->value;
	}
	if (e->url != NULL)
		for (guint i = 0; i < p->urls->len; i++) {
			const struct scan_hit *h = p->urls->pdata[i];

			if (strcmp(h->value, e->url) == 0 &&
			    strchr(h->host, ':') == NULL &&
			    !g_ascii_isdigit(h->host[strlen(h->host) - 1]))
				e->domain = h->host;
		}
}

/* Reports about pages: one event a host, when no address is accused. */
static void
emit_urls(struct plain *p)
{
	for (guint i = 0; i < p->urls->len; i++) {
		const struct scan_hit *h = p->urls->pdata[i];
		struct inspect_event *e;
		struct net n;
		bool known = false;

		for (guint k = 0; k < i; k++)
			known |= strcmp(((struct scan_hit *)p->urls->pdata[k])
			    ->host, h->host) == 0;
		if (known)
			continue;
		e = read_event(p->r, p->part);
		e->url = h->value;
		if (net_parse_host(h->host, &n))
			e->source_ip = net_text(p->r->a, &n);
		else
			e->domain = h->host;
		e->cve = p->cves == 1 ? p->cve : NULL;
		e->reporter_ref = p->r->out->their_ref;
		if (p->doc_timed)
			put_time(p, &p->doc, p->doc_given, e);
	}
}

static void
decide(struct plain *p)
{
	struct reading *r = p->r;
	const char *type = classify_text(r->out->subject, p->words->str);
	guint first = r->events->len;
	GPtrArray *take = arena_ptr_array(r->a);
	bool public_too = false;

	for (int level = 0; level < 3 && take->len == 0; level++) {
		bool accused = false;

		/* lists alone are level 1, unless somebody is accused */
		for (guint i = 0; i < p->list->len; i++)
			accused |= ((struct suspect *)p->list->pdata[i])
			    ->source > 0;
		if (level == 0 && !accused)
			continue;
		for (guint i = 0; i < p->list->len; i++)
			if (chosen(p->list->pdata[i], level))
				g_ptr_array_add(take, p->list->pdata[i]);
	}
	for (guint i = 0; i < take->len; i++)
		public_too |= !private_ip(
		    ((struct suspect *)take->pdata[i])->ip);
	for (guint i = 0; i < take->len; i++) {
		struct suspect *s = take->pdata[i];

		/* an inside address beside outside ones is a detail */
		if (!public_too || !private_ip(s->ip))
			emit(p, s, take->len);
	}
	if (take->len == 0 && (r->out->subject == NULL ||
		type != NULL || p->urls->len == 1))
		emit_urls(p);
	for (guint i = first; i < r->events->len; i++) {
		struct inspect_event *e = r->events->pdata[i];

		if (e->type == NULL)
			e->type = type;
	}
}

static bool
is_reply(struct reading *r)
{
	return r->out->references != NULL && r->out->references[0] != NULL;
}

static void
start(struct plain *p, struct reading *r)
{
	*p = (struct plain){.r = r, .before = no_facts, .para = (char *)""};
	p->list = arena_ptr_array(r->a);
	p->urls = arena_ptr_array(r->a);
	p->words = arena_gstring(r->a);
	p->by_ip = g_hash_table_new(g_str_hash, g_str_equal);
	/* the subject accuses */
	if (r->out->subject != NULL) {
		const char *s = r->out->subject;
		struct line l = {s, strlen(s), LINE_TEXT};
		struct scan_hit h;
		size_t pos = 0;

		while (scan_next(r->a, s, l.n, &pos, &h)) {
			struct suspect *x;

			if (h.kind > SCAN_CIDR)
				continue;
			x = suspect(p, h.value);
			x->cidr = h.kind == SCAN_CIDR;
			if (role_of(r->a, &l, &h, "") == ROLE_TARGET) {
				x->target++;
			} else {
				x->source += 3;
				x->part = r->human_part;
			}
		}
	}
}

void
plain_text(struct reading *r, const char *text, const char *part)
{
	struct plain p;

	start(&p, r);
	read_lines(&p, text, part);
	decide(&p);
	g_hash_table_unref(p.by_ip);
}

void
plain_read(struct reading *r)
{
	struct plain p;

	start(&p, r);
	read_lines(&p, r->human, r->human_part);
	/* logs that came as attachments */
	for (size_t i = 0; i < r->m->n; i++) {
		struct mail_part *x = &r->m->parts[i];

		if (x->kind != MAIL_LEAF || read_nested(r, i) ||
		    (x->filename == NULL && x->disposition == NULL) ||
		    (strcmp(x->type, "text/plain") != 0 &&
			!(x->filename != NULL &&
			    (text_iends(x->filename, ".log") ||
				text_iends(x->filename, ".txt")))) ||
		    (r->human_part != NULL &&
			strcmp(x->path, r->human_part) == 0))
			continue;
		read_lines(&p, mail_text(r->m, x, NULL), x->path);
	}
	/* logs that were quoted, in a mail that answers nothing */
	if (p.list->len == 0 && !is_reply(r)) {
		p.quotes = true;
		read_lines(&p, r->human, r->human_part);
	}
	decide(&p);
	g_hash_table_unref(p.by_ip);
}
