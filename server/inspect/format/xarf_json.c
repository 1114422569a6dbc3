/*
 * XARF as JSON: versions 1 to 3 (one Report in an envelope) and 4 (flat).
 * A report that is not what its version asks for (xarf_check.h) gives no
 * event, only defects that say why; what an event takes is below.
 */
#include "base/base.h"
#include "inspect/format/xarf_check.h"
#include "inspect/read.h"

enum {
	EVIDENCE_MAX = 50,
	BELOW_MAX = 500, /* reports below one letter */
	EVIDENCE_BYTES_MAX = 256 * 1024, /* looked through, of one report */
};

/* Any of them is in every report of some version. */
static const char *const marks[] = {"\"xarf_version\"", "\"ReporterInfo\"",
    "\"ReportType\"", "\"source_identifier\"", "\"Version\"",
    "\"Report-Type\""};

struct found {
	const struct json *j;
	const char *part;
};

static void
refuse(struct reading *r, GPtrArray *faults)
{
	for (guint i = 0; i < faults->len; i++)
		read_defect(r, "xarf: %s.", (char *)faults->pdata[i]);
}

/* Keeps what is right; true when it means to be a report. */
static bool
keep(struct reading *r, const struct json *j, const char *part)
{
	struct found *f;

	if (xarf_version(j) != XARF_NONE) {
		GPtrArray *faults = xarf_faults(r->a, j);

		if (faults->len > 0) {
			refuse(r, faults);
			return true;
		}
	} else if (!xarf_json_fields(r, j, NULL)) {
		return false;
	}
	f = ARENA_NEW(r->a, struct found);
	f->j = j;
	f->part = part;
	g_ptr_array_add(r->xarf, f);
	return true;
}

bool
xarf_json_look(struct reading *r, size_t part)
{
	const char *path = r->m->parts[part].path, *s;
	guint before = r->xarf->len;
	bool marked = false, any = false;
	const struct json *j;
	GError *err = NULL;
	size_t n;

	s = json_part_text(r, part, &n);
	if (s == NULL)
		return false;
	for (size_t i = 0; i < COUNT_OF(marks) && !marked; i++)
		marked = memmem(s, n, marks[i], strlen(marks[i])) != NULL;
	if (!marked)
		return false;
	if (!json_parse(r->a, s, n, &j, &err)) {
		/* a letter that begins with it, and goes on */
		if (xarf_json_below(r, part)) {
			g_clear_error(&err);
			return true;
		}
		/* "Version" alone is anybody's */
		if (memmem(s, n, marks[0], strlen(marks[0])) != NULL ||
		    memmem(s, n, marks[1], strlen(marks[1])) != NULL)
			read_defect(r, "xarf: %s", err->message);
		g_clear_error(&err);
		return false;
	}
	if (json_is_array(j))
		for (size_t i = 0; i < json_len(j) &&
		    i < INSPECT_EVENTS_MAX; i++)
			any |= keep(r, json_at(j, i), path);
	else
		any = keep(r, j, path);
	if (any) {
		r->out->robot = true;
		read_mute(r, path);
		if (r->xarf->len == before)
			observe_text(r, s, n, path);
	}
	return r->xarf->len > before;
}

bool
xarf_json_below(struct reading *r, size_t part)
{
	const char *path = r->m->parts[part].path, *s;
	guint before = r->xarf->len;
	size_t from = 0, n;

	for (int i = 0; i < BELOW_MAX && (s = json_part_inside(r, part,
		"\"xarf_version\"", &from, &n)) != NULL; i++) {
		const struct json *j;

		if (json_parse(r->a, s, n, &j, NULL))
			keep(r, j, path);
	}
	if (r->xarf->len > before)
		r->out->robot = true;
	return r->xarf->len > before;
}

/* ---- events -------------------------------------------------------------- */

static const char *
str(const struct json *o, const char *key)
{
	return json_str(json_get(o, key), NULL);
}

/* The first of the members that is a text; NULL-ended list. */
static const char *
first(const struct json *o, const char *const *keys)
{
	const char *s = NULL;

	for (; *keys != NULL && text_blank(s); keys++)
		s = str(o, *keys);
	return text_blank(s) ? NULL : s;
}
#define FIRST(o, ...) first(o, (const char *const[]){__VA_ARGS__, NULL})

static int64_t
number(struct reading *r, const struct json *o, const char *key, int64_t max)
{
	const char *s = json_scalar(r->a, json_get(o, key));
	int64_t n;

	return s != NULL && text_int(s, 0, max, &n) ? n : DESC_NULL;
}

/* A port; of a list only a single one. */
static int64_t
port(struct reading *r, const struct json *o, const char *key)
{
	const struct json *v = json_get(o, key);
	int64_t n;

	if (!json_is_array(v))
		return number(r, o, key, 65535);
	return json_len(v) == 1 && json_scalar(r->a, json_at(v, 0)) != NULL &&
	    text_int(json_scalar(r->a, json_at(v, 0)), 0, 65535, &n) ? n :
	    DESC_NULL;
}

static const char *
ip(struct reading *r, const char *s)
{
	return s != NULL ? scan_addresses(r->a, s, 1)[0] : NULL;
}

static const char *
host_ip(struct reading *r, const char *s)
{
	s = ip(r, s);
	return s != NULL && strchr(s, '/') == NULL ? s : NULL;
}

static void
set_common(struct reading *r, struct inspect_event *e, const char *proto,
    const char *cve, const char *severity)
{
	if (proto != NULL && strlen(proto) < 16)
		e->protocol = text_lower(r->a, proto);
	if (cve != NULL && text_istarts(cve, "CVE-"))
		e->cve = read_field(r->a, cve);
	if (severity == NULL)
		return;
	if (text_ieq(severity, "informational"))
		severity = "info";
	if (text_ieq(severity, "critical") || text_ieq(severity, "high") ||
	    text_ieq(severity, "medium") || text_ieq(severity, "low") ||
	    text_ieq(severity, "info"))
		e->severity = text_lower(r->a, severity);
}

static void
set_times(struct reading *r, struct inspect_event *e, const char *begin,
    const char *end)
{
	if (begin == NULL)
		begin = end;
	if (begin != NULL)
		stamp_field(r->a, begin, e);
	if (end != begin)
		read_extra(r->a, e, "end", end);
}

static bool
readable(const char *type)
{
	return type != NULL && (text_istarts(type, "text/") ||
	    text_istarts(type, "message/") || text_iends(type, "json") ||
	    text_iends(type, "rfc822") || text_iends(type, "xml"));
}

/* What the evidence names is observed; what it is stays in the part. */
static void
set_evidence(struct reading *r, struct inspect_event *e,
    const struct json *list, const char *const *names, bool base64)
{
	size_t room = EVIDENCE_BYTES_MAX, n = json_len(list);

	if (!json_is_array(list) || n == 0)
		return;
	read_extra_json(r->a, e, "evidence",
	    arena_printf(r->a, "%zu", n));
	for (size_t i = 0; i < n && i < EVIDENCE_MAX; i++) {
		const struct json *o = json_at(list, i);
		const char *s = str(o, names[1]), *text;
		size_t len;

		if (s == NULL || !readable(str(o, names[0])))
			continue;
		len = strlen(s);
		if (base64 || json_is_true(json_get(o, "Base64Encoded")))
			s = mail_undo(r->a, MAIL_BASE64, s,
			    MIN(len, room * 2), &len);
		len = MIN(len, room);
		room -= len;
		text = text_repair(r->a, s, len);
		observe_text(r, text, strlen(text), e->evidence_part);
	}
}

/* Members that become members of extra. */
static void
set_extra(struct reading *r, struct inspect_event *e, const struct json *o,
    const char *const (*names)[2], size_t n)
{
	for (size_t i = 0; i < n; i++)
		read_extra(r->a, e, names[i][1],
		    json_scalar(r->a, json_get(o, names[i][0])));
}

static void
observe_hashes(struct reading *r, const struct json *o, const char *part)
{
	static const char *const names[] = {"md5", "sha1", "sha256",
	    "info_hash", "HashValue"};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *s = str(o, names[i]);

		if (s != NULL && strlen(s) >= 32 &&
		    strspn(s, "0123456789abcdefABCDEF") == strlen(s))
			observe_add(r, "hash", text_lower(r->a, s), part);
	}
}

static void
old_report(struct reading *r, const struct json *j, const char *part)
{
	static const char *const extra[][2] = {{"ReporterNotes", "notes"},
	    {"AttackDescription", "description"},
	    {"InfringedMaterial", "title"}, {"TrademarkedMaterial", "title"},
	    {"FileName", "filename"}, {"ServiceName", "service"},
	    {"Harasser", "harasser"}, {"AttackerIp", "attacker_ip"},
	    {"SmtpMailFromAddress", "mail_from"}};
	static const char *const samples[] = {"ContentType", "Payload"};
	static const char *const attachments[] = {"ContentType", "Data"};
	const struct json *o = json_get(j, "Report");
	const struct json *source = json_get(o, "Source");
	const struct json *more = json_get(o, "AdditionalInfo");
	struct inspect_event *e = read_event(r, part);
	const char *s;

	e->type = classify_xarf(str(o, "ReportClass"), str(o, "ReportType"));
	s = FIRST(o, "SourceIp", "SourceIP");
	e->source_ip = ip(r, s != NULL ? s : FIRST(source, "IP", "Ip"));
	e->source_port = port(r, o, "SourcePort");
	if (e->source_port == DESC_NULL)
		e->source_port = port(r, source, "Port");
	e->destination_ip = host_ip(r, str(o, "DestinationIp"));
	e->destination_port = port(r, o, "DestinationPort");
	s = FIRST(o, "Protocol", "TransportProtocol", "SharingProtocol");
	set_common(r, e, s != NULL ? s : str(more, "Protocol"),
	    str(o, "CVE"), str(o, "ReporterSeverity"));
	s = FIRST(o, "SourceUrl", "Url", "InfringingUrl");
	e->url = read_field(r->a, s != NULL ? s :
	    FIRST(source, "URL", "Url"));
	s = str(o, "FirstSeen");
	set_times(r, e, s != NULL ? s : str(more, "FirstSeen"),
	    str(o, "Date"));
	s = FIRST(o, "BotnetName", "MalwareName");
	e->malware = read_field(r->a, s != NULL ? s :
	    FIRST(more, "MalwareFamily", "MalwareName"));
	s = FIRST(o, "DomainName", "SourceDomain", "RpzDomain");
	if (s != NULL && text_domain_ok(s))
		e->domain = text_lower(r->a, s);
	e->count = number(r, o, "Occurrences", INT32_MAX);
	if (e->count == DESC_NULL)
		e->count = number(r, o, "AttackCount", INT32_MAX);
	s = FIRST(o, "ReporterCaseID", "ReportID");
	e->reporter_ref = read_field(r->a, s != NULL ? s :
	    str(j, "ReportID"));
	set_extra(r, e, o, extra, COUNT_OF(extra));
	read_extra(r->a, e, "account",
	    FIRST(json_get(o, "Account"), "AccountEmail",
		"AccountIdentifier"));
	observe_hashes(r, json_get(o, "FileHash"), part);
	set_evidence(r, e, json_get(o, "Samples"), samples, false);
	set_evidence(r, e, json_get(o, "Attachment"), attachments, true);
}

/* An address, a URL, a domain, or a name that only the sender knows. */
static void
set_source(struct reading *r, struct inspect_event *e, const char *s)
{
	if (s == NULL)
		return;
	if (strstr(s, "://") != NULL)
		e->url = read_field(r->a, s);
	else if (ip(r, s) != NULL)
		e->source_ip = ip(r, s);
	else if (text_domain_ok(s) && strchr(s, '.') != NULL)
		e->domain = text_lower(r->a, s);
	else
		read_extra(r->a, e, "source", s);
}

static void
set_cves(struct reading *r, struct inspect_event *e, const struct json *list)
{
	for (size_t i = 0; i < json_len(list) && i < EVIDENCE_MAX; i++) {
		const char *s = json_str(json_at(list, i), NULL);

		if (s == NULL || !text_istarts(s, "CVE-"))
			continue;
		if (e->cve == NULL)
			e->cve = read_field(r->a, s);
		else
			observe_add(r, "cve", s, e->evidence_part);
	}
}

static void
new_report(struct reading *r, const struct json *j, const char *part)
{
	static const char *const extra[][2] = {{"description", "description"},
	    {"evidence_source", "evidence_source"},
	    {"confidence", "confidence"}, {"service", "service"},
	    {"service_version", "service_version"},
	    {"attack_vector", "attack_vector"}, {"c2_server", "c2_server"},
	    {"work_title", "title"}, {"rights_holder", "complainant"},
	    {"threat_type", "threat_type"}, {"smtp_from", "mail_from"}};
	static const char *const counts[] = {"attempt_count",
	    "attempts_count", "total_requests", "total_probes"};
	static const char *const evidence[] = {"content_type", "payload"};
	struct inspect_event *e = read_event(r, part);
	const char *s;

	e->type = classify_xarf(str(j, "category"), str(j, "type"));
	set_source(r, e, str(j, "source_identifier"));
	if (e->source_ip == NULL)
		e->source_ip = ip(r, str(j, "source_ip"));
	e->source_port = port(r, j, "source_port");
	if (e->source_port == DESC_NULL)
		e->source_port = port(r, j, "service_port");
	e->destination_ip = host_ip(r, str(j, "destination_ip"));
	e->destination_port = port(r, j, "destination_port");
	set_common(r, e, str(j, "protocol"), str(j, "cve_id"),
	    FIRST(j, "severity", "risk_level"));
	set_cves(r, e, json_get(j, "cve_ids"));
	set_cves(r, e, json_get(j, "exploit_cve"));
	s = FIRST(j, "url", "infringing_url");
	if (s != NULL)
		e->url = read_field(r->a, s);
	s = str(j, "first_seen");
	set_times(r, e, s != NULL ? s : str(j, "timestamp"),
	    str(j, "last_seen"));
	s = str(j, "domain");
	if (s != NULL && text_domain_ok(s))
		e->domain = text_lower(r->a, s);
	e->malware = read_field(r->a, FIRST(j, "malware_family",
	    "malware_name"));
	for (size_t i = 0; i < COUNT_OF(counts) && e->count == DESC_NULL; i++)
		e->count = number(r, j, counts[i], INT32_MAX);
	e->reporter_ref = read_field(r->a, str(j, "report_id"));
	set_extra(r, e, j, extra, COUNT_OF(extra));
	observe_hashes(r, json_get(j, "file_hashes"), part);
	observe_hashes(r, json_get(j, "hash_values"), part);
	observe_hashes(r, json_get(j, "swarm_info"), part);
	set_evidence(r, e, json_get(j, "evidence"), evidence, true);
}

void
xarf_json_read(struct reading *r)
{
	for (guint i = 0; i < r->xarf->len; i++) {
		const struct found *f = r->xarf->pdata[i];

		switch (xarf_version(f->j)) {
		case XARF_4:
			new_report(r, f->j, f->part);
			break;
		case XARF_OLD:
			old_report(r, f->j, f->part);
			break;
		case XARF_NONE:
			xarf_json_fields(r, f->j, f->part);
			break;
		}
	}
	g_ptr_array_set_size(r->xarf, 0);
}
