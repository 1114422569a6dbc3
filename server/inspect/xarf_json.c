/*
 * XARF as JSON: versions 1 to 3 (one Report object) and 4 (flat).  What
 * the specification requires is checked, and a missing or wrong field is a
 * defect that names it; what is there is taken all the same.
 */
#include "base/base.h"
#include "inspect/read.h"

#include "base/net.h"

bool
xarf_json_look(struct reading *r, const char *text, size_t len)
{
	const char *p;

	(void)r;
	len = MIN(len, 65536);
	p = g_strstr_len(text, (gssize)len, "\"xarf_version\"");
	if (p != NULL)
		return true;
	return g_strstr_len(text, (gssize)len, "\"ReporterInfo\"") != NULL ||
	    (g_strstr_len(text, (gssize)len, "\"ReportType\"") != NULL &&
		g_strstr_len(text, (gssize)len, "\"Report\"") != NULL);
}

static const char *
str(const struct json *o, const char *key)
{
	return json_str(json_get(o, key), NULL);
}

static int64_t
port(struct reading *r, const struct json *o, const char *key)
{
	const struct json *v = json_get(o, key);
	const char *s = json_scalar(r->a, v);
	int64_t n;

	if (s == NULL || *s == '\0')
		return DESC_NULL;
	if (text_int(s, 0, 65535, &n))
		return n;
	read_defect(r, "XARF: %s is no port number.", key);
	return DESC_NULL;
}

static const char *
ip(struct reading *r, const struct json *o, const char *key)
{
	const char *s = str(o, key);
	const char *const *list;

	if (s == NULL)
		return NULL;
	list = scan_addresses(r->a, s, 1);
	if (list[0] == NULL)
		read_defect(r, "XARF: %s is no address.", key);
	return list[0];
}

static void
required(struct reading *r, const struct json *o, const char *key)
{
	if (json_is_null(json_get(o, key)))
		read_defect(r, "XARF: %s is missing.", key);
}

static void
common(struct reading *r, const struct json *o, struct inspect_event *e,
    const char *url, const char *proto, const char *cve)
{
	url = str(o, url);
	if (url != NULL)
		e->url = read_field(r->a, url);
	proto = str(o, proto);
	if (proto != NULL && strlen(proto) < 16)
		e->protocol = text_lower(r->a, proto);
	e->cve = read_field(r->a, str(o, cve));
	if (e->cve != NULL && !text_istarts(e->cve, "CVE-"))
		e->cve = NULL;
}

static void
old_report(struct reading *r, const struct json *j, const char *part)
{
	const struct json *o = json_get(j, "Report");
	struct inspect_event *e = read_event(r, part);
	const char *s;
	int64_t n;

	required(r, j, "ReporterInfo");
	if (!json_is_object(o)) {
		read_defect(r, "XARF: Report is missing.");
		return;
	}
	required(r, o, "ReportClass");
	required(r, o, "ReportType");
	required(r, o, "Date");
	e->type = classify_xarf(str(o, "ReportClass"), str(o, "ReportType"));
	e->source_ip = ip(r, o, "SourceIp");
	if (e->source_ip == NULL)
		e->source_ip = ip(r, o, "SourceIP");
	e->destination_ip = ip(r, o, "DestinationIp");
	e->source_port = port(r, o, "SourcePort");
	e->destination_port = port(r, o, "DestinationPort");
	common(r, o, e, "SourceUrl", "Protocol", "CVE");
	if (e->url == NULL)
		e->url = read_field(r->a, str(o, "Url"));
	s = str(o, "FirstSeen");
	if (s == NULL)
		s = str(o, "Date");
	if (s != NULL)
		stamp_field(r->a, s, e);
	e->malware = read_field(r->a, str(o, "BotnetName"));
	if (e->malware == NULL)
		e->malware = read_field(r->a, str(o, "MalwareName"));
	s = str(o, "DomainName");
	if (s == NULL)
		s = str(o, "SourceDomain");
	e->domain = read_field(r->a, s);
	n = json_num(json_get(o, "Occurrences"), DESC_NULL);
	e->count = n > 0 && n <= INT32_MAX ? n : DESC_NULL;
	e->reporter_ref = read_field(r->a, str(o, "ReportID"));
	if (e->reporter_ref == NULL)
		e->reporter_ref = read_field(r->a, str(j, "ReportID"));
}

static void
new_report(struct reading *r, const struct json *j, const char *part)
{
	static const char *const needed[] = {"report_id", "timestamp",
	    "reporter", "sender", "source_identifier", "category", "type"};
	struct inspect_event *e = read_event(r, part);
	const char *s;
	int64_t n;

	for (size_t i = 0; i < COUNT_OF(needed); i++)
		required(r, j, needed[i]);
	e->type = classify_xarf(str(j, "category"), str(j, "type"));
	s = str(j, "source_identifier");
	if (s != NULL) {
		e->source_ip = scan_addresses(r->a, s, 1)[0];
		if (e->source_ip == NULL && strstr(s, "://") != NULL)
			e->url = read_field(r->a, s);
		else if (e->source_ip == NULL && text_domain_ok(s))
			e->domain = text_lower(r->a, s);
	}
	if (e->source_ip == NULL)
		e->source_ip = ip(r, j, "source_ip");
	e->source_port = port(r, j, "source_port");
	e->destination_ip = ip(r, j, "destination_ip");
	e->destination_port = port(r, j, "destination_port");
	s = e->url;
	common(r, j, e, "url", "protocol", "cve_id");
	if (e->url == NULL)
		e->url = s;
	s = str(j, "first_seen");
	if (s == NULL)
		s = str(j, "timestamp");
	if (s != NULL)
		stamp_field(r->a, s, e);
	if (e->domain == NULL)
		e->domain = read_field(r->a, str(j, "domain"));
	e->malware = read_field(r->a, str(j, "malware_name"));
	if (e->malware == NULL)
		e->malware = read_field(r->a, str(j, "malware_family"));
	n = json_num(json_get(j, "attempt_count"), DESC_NULL);
	e->count = n > 0 && n <= INT32_MAX ? n : DESC_NULL;
	e->reporter_ref = read_field(r->a, str(j, "report_id"));
}

static void
one(struct reading *r, const struct json *j, const char *part)
{
	if (!json_is_null(json_get(j, "xarf_version")))
		new_report(r, j, part);
	else
		old_report(r, j, part);
}

void
xarf_json_read(struct reading *r, const char *text, size_t len,
    const char *part)
{
	const struct json *j;
	GError *err = NULL;

	if (!json_parse(r->a, text, len, &j, &err)) {
		read_defect(r, "XARF: no JSON: %s", err->message);
		g_clear_error(&err);
		return;
	}
	if (!json_is_array(j)) {
		one(r, j, part);
		return;
	}
	for (size_t i = 0; i < json_len(j) && i < INSPECT_EVENTS_MAX; i++)
		one(r, json_at(j, i), part);
}
