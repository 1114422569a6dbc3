/* See trace.h. */
#include "base/base.h"
#include "base/net.h"
#include "core/intake/trace.h"

/* What the source of an event was, by type: that decides which logs have to
 * be read. */
enum actor_kind {
	CLIENT,  /* opened connections: one of many behind a NAT address */
	HOST,    /* something at that address */
	SITE,    /* found by its web address or name, when there is one */
	PERSON,  /* a matter without a host, unless one is named */
};

/* The first row whose prefix fits counts. */
static const struct {
	const char *type;
	enum actor_kind kind;
} kinds[] = {
    {"information-gathering/social-engineering", PERSON},
    {"information-gathering/", CLIENT},
    {"intrusion-attempts/", CLIENT},
    {"malicious-code/infected-system", CLIENT},
    {"malicious-code/", HOST},
    {"availability/dos", CLIENT},
    {"availability/ddos", CLIENT},
    {"availability/", PERSON},
    {"abusive-content/spam", HOST},
    {"abusive-content/", PERSON},
    {"fraud/copyright", CLIENT},
    {"fraud/phishing", SITE},
    {"fraud/masquerade", SITE},
    {"fraud/", HOST},
    {"other/blacklist", HOST},
    {"other/", PERSON},
    {"test/", PERSON},
    {"", HOST},
};

enum trace_nat
trace_nat(const char *word)
{
	if (word == NULL)
		return TRACE_NAT_UNKNOWN;
	return strcmp(word, "yes") == 0 ? TRACE_NAT_YES : TRACE_NAT_NO;
}

static enum actor_kind
kind_of(const char *type)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (g_str_has_prefix(type != NULL ? type : "", kinds[i].type))
			return kinds[i].kind;
	return HOST;
}

/* One host, and one that the world can see, or that a member holds among its
 * own (100.64.0.0/10 of a carrier).  The addresses of examples pass for
 * public: documentation, demo and tests are made of them. */
static bool
external(const struct trace_facts *f, struct net *n)
{
	return f->source_ip != NULL && net_parse_host(f->source_ip, n) &&
	    (f->held || !net_private(n) || net_documentation(n));
}

static bool
port_needed(enum actor_kind kind, const struct net *n, enum trace_nat nat)
{
	switch (nat) {
	case TRACE_NAT_YES:
		return true;
	case TRACE_NAT_NO:
		return false;
	case TRACE_NAT_UNKNOWN:
		break;
	}
	return kind == CLIENT && !n->v6;
}

struct trace
trace_event(const struct trace_facts *f)
{
	enum actor_kind kind = kind_of(f->type);
	struct net net = {0};
	struct trace t = {.verdict = "yes"};
	unsigned n = 0;

	t.address = external(f, &net);
	t.zone = f->time != DESC_NULL ||
	    (f->time_given != NULL && f->zone != NULL &&
		strcmp(f->zone, "unknown") != 0);
	/* A text that has its zone and yet is no time, is not exact. */
	t.time = f->time != DESC_NULL || (f->time_given != NULL && !t.zone);
	t.port = f->source_port != DESC_NULL && f->source_port > 0;
	t.port_needed = port_needed(kind, &net, f->nat);
	if ((kind == PERSON && f->source_ip == NULL) ||
	    (kind == SITE && (f->elsewhere || f->source_ip == NULL))) {
		t.verdict = "not needed";
		t.port_needed = false;
		return t;
	}
	if (!t.address)
		t.lacks[n++] = "external address";
	if (!t.time)
		t.lacks[n++] = "time";
	if (!t.zone)
		t.lacks[n++] = "time zone";
	if (t.port_needed && !t.port)
		t.lacks[n++] = "source port";
	if (n > 0)
		t.verdict = "no";
	return t;
}
