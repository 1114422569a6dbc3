/*
 * What iodef.c asks of the tree: what a system is, and what the elements
 * around a flow say of it.
 */
#include "base/base.h"
#include "inspect/format/iodef.h"

#include "base/net.h"

enum {
	WORDS_MAX = 4096,    /* bytes of text that classify one flow */
	ELEMENTS_MAX = 200,  /* that are looked at for them */
};

static bool
is(const struct xml *e, const char *name)
{
	return strcmp(e->name, name) == 0;
}

/* An attribute, or in JSON a member. */
const char *
iodef_prop(const struct xml *e, const char *name)
{
	const char *s = xml_attr(e, name);

	return s != NULL ? s : xml_get(e, name);
}

/* ---- one system ---------------------------------------------------------- */

enum iodef_role
iodef_role(const struct xml *system)
{
	static const struct {
		const char *category;
		enum iodef_role role;
	} roles[] = {{"source", ROLE_SOURCE}, {"target", ROLE_TARGET},
	    {"intermediate", ROLE_OTHER}, {"sensor", ROLE_OTHER},
	    {"infrastructure", ROLE_OTHER}, {"watchlist-source", ROLE_SOURCE},
	    {"watchlist-target", ROLE_TARGET}};
	const char *s = iodef_prop(system, "category");

	for (size_t i = 0; s != NULL && i < COUNT_OF(roles); i++)
		if (text_ieq(s, roles[i].category))
			return roles[i].role;
	/* the attribute is optional: a report names a system because of
	 * what it did */
	return s == NULL ? ROLE_SOURCE : ROLE_OTHER;
}

/* "192.0.2.0/255.255.255.0" too; NULL: no IP address */
const char *
iodef_ip(struct arena *a, const struct xml *address)
{
	const char *s = xml_text(address), *slash;
	struct net n, mask;

	if (s == NULL)
		return NULL;
	slash = strchr(s, '/');
	if (slash != NULL && net_parse_host(slash + 1, &mask) && !mask.v6) {
		uint32_t m = (uint32_t)mask.bytes[0] << 24 |
		    (uint32_t)mask.bytes[1] << 16 |
		    (uint32_t)mask.bytes[2] << 8 | mask.bytes[3];
		int bits = 0;

		while (bits < 32 && (m & (UINT32_C(0x80000000) >> bits)) != 0)
			bits++;
		s = arena_printf(a, "%.*s/%d", (int)(slash - s), s, bits);
	}
	return net_parse(s, false, &n) ? net_text(a, &n) : NULL;
}

const char *
iodef_domain(struct arena *a, const struct xml *system)
{
	const char *s = xml_text(xml_find(system, "NodeName"));

	if (s == NULL)
		s = xml_get(xml_find(system, "DomainData"), "Name");
	return s != NULL && text_domain_ok(s) && strchr(s, '.') != NULL ?
	    text_lower(a, s) : NULL;
}

const char *
iodef_protocol(struct arena *a, const struct xml *service)
{
	static const struct {
		int64_t number;
		const char *name;
	} names[] = {{1, "icmp"}, {2, "igmp"}, {6, "tcp"}, {17, "udp"},
	    {41, "ipv6"}, {47, "gre"}, {50, "esp"}, {51, "ah"},
	    {58, "icmp6"}, {89, "ospf"}, {132, "sctp"}};
	const char *s = iodef_prop(service, "ip_protocol");
	int64_t n;

	if (s == NULL)
		s = iodef_prop(service, "ip-protocol");
	if (s == NULL || strlen(s) >= 16)
		return NULL;
	if (!text_int(s, 0, 255, &n))
		return text_lower(a, s);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (names[i].number == n)
			return names[i].name;
	return NULL;
}

/* A single port; of a list or range *list is the text. */
int64_t
iodef_port(const struct xml *system, const char **list)
{
	const struct xml *service = xml_find(system, "Service");
	const char *s = xml_get(service, "Port");
	int64_t n;

	*list = NULL;
	if (s == NULL)
		s = *list = xml_get(service, "Portlist");
	if (s == NULL || !text_int(s, 0, 65535, &n))
		return DESC_NULL;
	*list = NULL;
	return n;
}

/* Events, not bytes or packets a second. */
int64_t
iodef_count(const struct xml *system)
{
	static const char *const units[] = {"event", "alert", "message",
	    "session", "incident", "flow"};
	const struct xml *x = NULL;
	int64_t n;

	while (xml_walk(system, &x)) {
		const char *unit;

		if (!is(x, "Counter"))
			continue;
		unit = iodef_prop(x, "unit");
		if (unit == NULL)
			unit = iodef_prop(x, "type");
		for (size_t i = 0; unit != NULL && i < COUNT_OF(units); i++)
			if (text_ieq(unit, units[i]) &&
			    xml_text(x) != NULL &&
			    text_int(xml_text(x), 1, INT32_MAX, &n))
				return n;
	}
	return DESC_NULL;
}

/* ---- what is around it --------------------------------------------------- */

void
iodef_times(struct reading *r, const struct xml *flow, struct inspect_event *e)
{
	static const char *const names[] = {"StartTime", "DetectTime",
	    "EndTime"};
	static const char *const late[] = {"ReportTime", "GenerationTime"};
	const struct xml *x, *incident = NULL;

	for (x = flow; x != NULL; x = x->parent) {
		if (is(x, "Incident"))
			incident = x;
		for (size_t i = 0; i < COUNT_OF(names); i++) {
			if (xml_get(x, names[i]) == NULL)
				continue;
			stamp_field(r->a, xml_get(x, names[i]), e);
			if (i < 2)
				read_extra(r->a, e, "end",
				    xml_get(x, "EndTime"));
			return;
		}
	}
	/* when it was told is not when it was: said as such */
	for (size_t i = 0; i < COUNT_OF(late); i++)
		if (xml_get(incident, late[i]) != NULL) {
			stamp_field(r->a, xml_get(incident, late[i]), e);
			read_extra(r->a, e, "time_of", late[i]);
			return;
		}
}

/* Texts below x, while there is room. */
static void
add_words(const struct xml *x, GString *words)
{
	const struct xml *at = NULL;

	for (int i = 0; i < ELEMENTS_MAX && xml_walk(x, &at); i++) {
		if (words->len + strlen(at->text) > WORDS_MAX)
			return;
		if (*at->text != '\0')
			g_string_append_printf(words, "%s\n", at->text);
	}
}

/* Impact@type of RFC 5070 3.10.1 and SystemImpact@type of RFC 7970 3.12.1 */
static const char *
impact_type(const char *s)
{
	static const struct {
		const char *name, *type;
	} types[] = {
	    {"admin", "intrusions/privileged-account-compromise"},
	    {"user", "intrusions/unprivileged-account-compromise"},
	    {"dos", "availability/dos"},
	    {"info-leak", "information-content-security/data-leak"},
	    {"misconfiguration", "availability/misconfiguration"},
	    {"recon", "information-gathering/scanner"},
	    {"social-engineering", "information-gathering/social-engineering"},
	    {"file", "information-content-security/"
		"unauthorised-information-modification"},
	    {"takeover-account", "intrusions/unprivileged-account-compromise"},
	    {"takeover-service", "intrusions/application-compromise"},
	    {"takeover-system", "intrusions/system-compromise"},
	    {"availability-data", "availability/outage"},
	    {"availability-account", "availability/outage"},
	    {"availability-service", "availability/dos"},
	    {"availability-system", "availability/dos"},
	    {"damaged-system", "availability/sabotage"},
	    {"damaged-data", "information-content-security/data-loss"},
	    {"breach-proprietary", "information-content-security/data-leak"},
	    {"breach-privacy", "information-content-security/data-leak"},
	    {"breach-credential", "information-content-security/data-leak"},
	    {"breach-configuration", "information-content-security/data-leak"},
	    {"integrity-data", "information-content-security/"
		"unauthorised-information-modification"},
	    {"integrity-configuration", "information-content-security/"
		"unauthorised-information-modification"},
	    {"integrity-hardware", "availability/sabotage"},
	    {"traffic-redirection", "information-gathering/sniffing"},
	    {"monitoring-traffic", "information-gathering/sniffing"},
	    {"monitoring-host", "information-gathering/sniffing"},
	};

	for (size_t i = 0; s != NULL && i < COUNT_OF(types); i++)
		if (text_ieq(types[i].name, s))
			return types[i].type;
	return NULL;
}

static const struct xml *
impact_of(const struct xml *around)
{
	const struct xml *assessment = xml_child(around, "Assessment");
	const struct xml *x = xml_find(assessment, "Impact");

	return x != NULL ? x : xml_find(assessment, "SystemImpact");
}

/* Type, severity and CVE from the nearest that tells them. */
void
iodef_type(struct reading *r, const struct xml *flow, struct inspect_event *e)
{
	GString *words = arena_gstring(r->a);
	const char *by_impact = NULL, *named = NULL, *s;
	struct scan_hit hit;
	size_t pos = 0;

	for (const struct xml *x = flow; x != NULL; x = x->parent) {
		const struct xml *impact = impact_of(x);

		for (const struct xml *k = x->first; k != NULL; k = k->next)
			if (is(k, "Description") || is(k, "Method") ||
			    is(k, "Assessment"))
				add_words(k, words);
		s = xml_text(xml_find(xml_child(x, "Assessment"),
		    "IncidentCategory"));
		if (s == NULL)
			s = iodef_prop(impact, "ext-type");
		if (named == NULL && s != NULL)
			named = classify_xarf(NULL, s);
		if (by_impact == NULL)
			by_impact = impact_type(iodef_prop(impact, "type"));
		s = iodef_prop(impact, "severity");
		if (e->severity == NULL && s != NULL &&
		    (text_ieq(s, "low") || text_ieq(s, "medium") ||
			text_ieq(s, "high")))
			e->severity = text_lower(r->a, s);
	}
	e->type = named;
	if (e->type == NULL)
		e->type = classify_text(NULL, words->str);
	if (e->type == NULL)
		e->type = by_impact;
	while (e->cve == NULL &&
	    scan_next(r->a, words->str, words->len, &pos, &hit))
		if (hit.kind == SCAN_CVE)
			e->cve = hit.value;
}

/* AdditionalData is where senders put what IODEF has no class for. */
void
iodef_additional(struct reading *r, const struct xml *flow,
    struct inspect_event *e)
{
	for (const struct xml *x = flow; x != NULL; x = x->parent)
		for (const struct xml *k = xml_child(x, "AdditionalData");
		    k != NULL; k = xml_again(k)) {
			const char *m = iodef_prop(k, "meaning"), *v = xml_text(k);
			int64_t n;

			if (m == NULL)
				m = iodef_prop(k, "name");
			if (m == NULL || v == NULL)
				continue;
			m = read_lower(r->a, m, strlen(m));
			if (strstr(m, "malware") != NULL ||
			    strstr(m, "infection") != NULL) {
				if (e->malware == NULL)
					e->malware = read_field(r->a, v);
			} else if (strstr(m, "url") != NULL &&
			    strstr(v, "://") != NULL) {
				if (e->url == NULL)
					e->url = read_field(r->a, v);
			} else if ((strstr(m, "source port") != NULL ||
				strstr(m, "source_port") != NULL ||
				strstr(m, "src_port") != NULL) &&
			    text_int(v, 0, 65535, &n)) {
				if (e->source_port == DESC_NULL)
					e->source_port = n;
			}
		}
}
