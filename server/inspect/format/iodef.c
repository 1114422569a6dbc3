/*
 * IODEF: RFC 5070 (version 1), RFC 7970 (version 2), RFC 8727 (as JSON,
 * made the same tree by iodef_json.c).
 *
 * Every <Flow>, or whatever else holds <System>s, makes one event for each
 * address of a source in it.  What the flow does not say (times, method,
 * impact) is looked for in the nested EventData around it and last in the
 * incident: upwards by parent, so the nesting costs no stack.
 */
#include "base/base.h"
#include "inspect/format/iodef.h"

static bool
named(const struct xml *e, const char *name)
{
	return strcmp(e->name, name) == 0;
}

/* ---- events -------------------------------------------------------------- */

static const struct xml *
incident_of(const struct xml *x)
{
	while (x != NULL && !named(x, "Incident"))
		x = x->parent;
	return x;
}

/* What all events of a flow have in common. */
static struct inspect_event
common(struct reading *r, const struct xml *flow)
{
	const struct xml *incident = incident_of(flow);
	struct inspect_event e = {.source_port = DESC_NULL,
	    .destination_port = DESC_NULL, .time = DESC_NULL,
	    .count = DESC_NULL, .zone = "unknown"};

	iodef_times(r, flow, &e);
	iodef_type(r, flow, &e);
	iodef_additional(r, flow, &e);
	e.reporter_ref = read_field(r->a, xml_get(incident, "IncidentID"));
	read_extra(r->a, &e, "reporter",
	    iodef_prop(xml_child(incident, "IncidentID"), "name"));
	read_extra(r->a, &e, "restriction",
	    iodef_prop(incident, "restriction"));
	return e;
}

static struct inspect_event *
add(struct reading *r, const struct inspect_event *like, const char *part)
{
	struct inspect_event *e = read_event(r, part);

	*e = *like;
	e->evidence_part = part;
	return e;
}

static bool
full(const struct reading *r)
{
	return r->events->len >= INSPECT_EVENTS_MAX;
}

/* The one target of a flow; several are only observables. */
static void
set_target(struct reading *r, const struct xml *target,
    struct inspect_event *e)
{
	const struct xml *x = NULL;
	const char *ports;

	while (xml_walk(target, &x)) {
		const char *ip = named(x, "Address") ? iodef_ip(r->a, x) : NULL;

		if (ip != NULL && strchr(ip, '/') == NULL) {
			e->destination_ip = ip;
			break;
		}
	}
	e->destination_port = iodef_port(target, &ports);
	read_extra(r->a, e, "destination_ports", ports);
	if (e->protocol == NULL)
		e->protocol = iodef_protocol(r->a, xml_find(target, "Service"));
	if (e->count == DESC_NULL)
		e->count = iodef_count(target);
}

static void
set_source(struct reading *r, const struct xml *source,
    struct inspect_event *e)
{
	const char *ports, *spoofed = iodef_prop(source, "spoofed");
	const char *protocol = iodef_protocol(r->a,
	    xml_find(source, "Service"));
	int64_t port = iodef_port(source, &ports);
	int64_t count = iodef_count(source);

	e->domain = iodef_domain(r->a, source);
	if (port != DESC_NULL)
		e->source_port = port;
	if (protocol != NULL)
		e->protocol = protocol;
	if (count != DESC_NULL)
		e->count = count;
	read_extra(r->a, e, "source_ports", ports);
	if (spoofed != NULL && text_ieq(spoofed, "yes"))
		read_extra_json(r->a, e, "spoofed", "true");
}

/* An event for each address of the source, or one for its name. */
static void
from_source(struct reading *r, const struct xml *source,
    const struct inspect_event *flow, const char *part)
{
	const struct xml *x = NULL;
	struct inspect_event like = *flow;
	const char *url = xml_text(xml_find(source, "URL"));
	bool any = false;

	set_source(r, source, &like);
	while (!full(r) && xml_walk(source, &x)) {
		const char *category, *ip;

		if (!named(x, "Address") || xml_text(x) == NULL)
			continue;
		category = iodef_prop(x, "category");
		ip = iodef_ip(r->a, x);
		if (category != NULL && text_ieq(category, "asn")) {
			read_extra(r->a, &like, "asn", xml_text(x));
		} else if (category != NULL &&
		    text_ieq(category, "site-uri")) {
			url = xml_text(x);
		} else if (ip != NULL) {
			add(r, &like, part)->source_ip = ip;
			any = true;
		} else if (category == NULL ||
		    text_istarts(category, "ipv")) {
			read_defect(r, "iodef: \"Address\" is no address.");
		}
	}
	if (like.url == NULL && url != NULL && strstr(url, "://") != NULL)
		like.url = read_field(r->a, url);
	if (!any && (like.domain != NULL || like.url != NULL))
		add(r, &like, part);
}

/* The systems that are children of x. */
static bool
systems(struct reading *r, const struct xml *x, const char *part)
{
	const struct xml *target = NULL;
	struct inspect_event like = {0};
	int sources = 0, targets = 0;

	for (const struct xml *k = x->first; k != NULL; k = k->next) {
		if (!named(k, "System"))
			continue;
		if (iodef_role(k) == ROLE_TARGET) {
			target = k;
			targets++;
		}
		sources += iodef_role(k) == ROLE_SOURCE;
	}
	if (sources + targets == 0)
		return false;
	like = common(r, x);
	if (targets == 1)
		set_target(r, target, &like);
	for (const struct xml *k = x->first; k != NULL && !full(r);
	    k = k->next)
		if (named(k, "System") &&
		    iodef_role(k) == ROLE_SOURCE)
			from_source(r, k, &like, part);
	if (sources == 0) {
		like.domain = iodef_domain(r->a, target);
		add(r, &like, part);
	}
	return true;
}

/* ---- indicators ---------------------------------------------------------- */

static bool
below(const struct xml *x, const char *name)
{
	for (; x != NULL; x = x->parent)
		if (named(x, name))
			return true;
	return false;
}

static const char *
hash_of(struct arena *a, const char *s)
{
	size_t n = strlen(s);
	guchar *raw;

	if (strspn(s, "0123456789abcdefABCDEF") == n)
		return n == 32 || n == 40 || n == 64 || n == 128 ?
		    text_lower(a, s) : NULL;
	if (n > 100)
		return NULL;
	raw = g_base64_decode(s, &n); /* XML Signature has it so */
	s = n == 16 || n == 20 || n == 32 || n == 64 ?
	    text_hex(a, raw, n) : NULL;
	g_free(raw);
	return s;
}

static void
indicate(struct reading *r, const struct xml *x, const char *part)
{
	const char *s = xml_text(x);

	if (s == NULL)
		return;
	if (named(x, "DigestValue") || named(x, "FuzzyHashValue")) {
		s = hash_of(r->a, s);
		if (s != NULL)
			observe_add(r, "hash", s, part);
	} else if (named(x, "Address")) {
		s = iodef_ip(r->a, x);
		if (s != NULL)
			observe_add(r, strchr(s, '/') != NULL ? "cidr" :
			    strchr(s, ':') != NULL ? "ipv6" : "ipv4", s, part);
	} else if (named(x, "Name") && x->parent != NULL &&
	    named(x->parent, "DomainData")) {
		if (text_domain_ok(s))
			observe_add(r, "domain", text_lower(r->a, s), part);
	} else if (named(x, "URL")) {
		if (strstr(s, "://") != NULL)
			observe_add(r, "url", s, part);
	} else if (named(x, "BulkObservableList")) {
		observe_text(r, s, strlen(s), part);
	}
}

/* An incident that names no system is about its indicators. */
static bool
from_indicators(struct reading *r, const struct xml *incident,
    const char *part)
{
	const struct xml *x = NULL;
	bool any = false;

	while (!full(r) && xml_walk(incident, &x)) {
		struct inspect_event e = {0};
		const char *ip, *s;

		if (!below(x, "Indicator"))
			continue;
		if (named(x, "Address") && (ip = iodef_ip(r->a, x)) != NULL) {
			e = common(r, x);
			e.source_ip = ip;
			add(r, &e, part);
			any = true;
		} else if (named(x, "DomainData") &&
		    (s = xml_get(x, "Name")) != NULL && text_domain_ok(s)) {
			e = common(r, x);
			e.domain = text_lower(r->a, s);
			add(r, &e, part);
			any = true;
		}
	}
	return any;
}

bool
iodef_document(struct reading *r, const struct xml *root, const char *part)
{
	bool any = false;

	for (const struct xml *i = xml_child(root, "Incident"); i != NULL;
	    i = xml_again(i)) {
		const struct xml *x = NULL;
		bool found = false;

		if (xml_get(i, "IncidentID") == NULL)
			read_defect(r, "iodef: \"IncidentID\" is missing.");
		while (xml_walk(i, &x)) {
			indicate(r, x, part);
			if (!full(r) && xml_child(x, "System") != NULL &&
			    !below(x, "Indicator"))
				found |= systems(r, x, part);
		}
		if (!found && !full(r) && !from_indicators(r, i, part))
			read_defect(r, "iodef: the incident names no "
			    "\"System\".");
		any = true;
	}
	if (!any)
		read_defect(r, "iodef: \"Incident\" is missing.");
	if (full(r))
		read_defect(r, "iodef: no more than %d events are kept.",
		    INSPECT_EVENTS_MAX);
	return any;
}

bool
iodef_look(struct reading *r)
{
	for (size_t i = 0; i < r->m->n; i++)
		if (!read_nested(r, i) &&
		    (xml_part_has(r, i, IODEF_ROOT, NULL) ||
			iodef_json_has(r, i)))
			return true;
	return false;
}

bool
iodef_read_part(struct reading *r, size_t part)
{
	return iodef_json_has(r, part) ? iodef_json_read(r, part) :
	    xml_part_read(r, part, IODEF_ROOT, "iodef", iodef_document);
}

void
iodef_read(struct reading *r)
{
	bool any = false;

	for (size_t i = 0; i < r->m->n; i++)
		if (!read_nested(r, i))
			any |= iodef_read_part(r, i);
	if (!any)
		plain_read(r);
}
