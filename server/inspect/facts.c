/*
 * Facts of one line: ports, protocol, how often, which malware (plain.h).
 */
#include "base/base.h"
#include "inspect/plain.h"

int64_t
facts_number(const char *s, const char *end)
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
void
facts_read(struct arena *a, const char *t, struct facts *f)
{
	const char *end = t + strlen(t), *q;

	*f = NO_FACTS;
	line_protocol(t, f);
	for (size_t i = 0; i < COUNT_OF(labels); i++) {
		int64_t v;

		q = strstr(t, labels[i].word);
		if (q == NULL || (q > t && (g_ascii_isalnum(q[-1]) ||
			q[-1] == '_')))
			continue;
		v = facts_number(q + strlen(labels[i].word), end);
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
		f->target_port = facts_number(d, q);
		if (f->target_port > 65535)
			f->target_port = DESC_NULL;
	}
	/* "port 22", alone at the start: a labelled line */
	q = t + strspn(t, " \t*-");
	if (g_str_has_prefix(q, "port") && f->target_port == DESC_NULL &&
	    f->source_port == DESC_NULL) {
		int64_t v = facts_number(q + 4, end);

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

void
facts_merge(struct facts *to, const struct facts *from)
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
