/*
 * X-ARF 0.1 and 0.2: "Key: value" lines in a part of any type, known by
 * their keys; and the door to XARF JSON, which is looked for in every part
 * that begins like JSON (xarf_json.c).
 */
#include "base/base.h"
#include "inspect/read.h"

enum {
	FIELDS_MAX = 200,
	SNIFF_MAX = 4096, /* bytes that tell a report from other data */
};

/* Keys that a report has, and few other texts. */
static const char *const keys[] = {"Reported-From", "Report-Type",
    "Report-ID", "Schema-URL", "Source-Type", "Category", "Source",
    "User-Agent", "Date"};

/* At least four of the keys make it a report. */
static bool
is_report(const struct mail_headers *h)
{
	int n = 0;

	for (size_t i = 0; i < COUNT_OF(keys); i++)
		n += mail_header(h, keys[i]) != NULL;
	return n >= 4 && (mail_header(h, "Report-Type") != NULL ||
	    mail_header(h, "Schema-URL") != NULL ||
	    mail_header(h, "Source-Type") != NULL);
}

static struct mail_headers
report_fields(struct reading *r, const char *s, size_t len, size_t *used)
{
	struct mail_headers h;
	const char *p = s;

	/* "---" of YAML and empty lines in front */
	while (p < s + len && (g_ascii_isspace(*p) || *p == '-' ||
		*p == '#' || *p == '%')) {
		if (*p == '#' || *p == '%' || *p == '-') {
			const char *nl = memchr(p, '\n',
			    (size_t)(s + len - p));

			p = nl != NULL ? nl : s + len;
		} else {
			p++;
		}
	}
	h = mail_headers_read(r->a, p, (size_t)(s + len - p), used);
	*used += (size_t)(p - s);
	return h;
}

/* A text, or data that begins with the fields of a report. */
static bool
could_be_text_report(struct reading *r, struct mail_part *p)
{
	const char *s;
	size_t n;

	if (p->kind != MAIL_LEAF || strcmp(p->type, "text/html") == 0)
		return false;
	if (strcmp(p->type, "text/plain") == 0 || text_iends(p->type, "yaml"))
		return true;
	s = mail_bytes(r->m, p, &n);
	n = MIN(n, SNIFF_MAX);
	return memmem(s, n, "Report-Type:", 12) != NULL &&
	    memmem(s, n, "Reported-From:", 14) != NULL;
}

/* X-ARF 0.1 and 0.2 as text: the first part with a report, -1 without. */
static int
find_text(struct reading *r)
{
	for (size_t i = 0; i < r->m->n; i++) {
		struct mail_part *p = &r->m->parts[i];
		struct mail_headers h;
		const char *s;
		size_t n, used;

		if (read_nested(r, i) || !could_be_text_report(r, p))
			continue;
		s = mail_text(r->m, p, &n);
		h = report_fields(r, s, MIN(n, 65536), &used);
		if (is_report(&h))
			return (int)i;
	}
	return -1;
}

static bool
header_says(struct reading *r)
{
	const char *s = mail_get(r->a, &r->m->headers, "X-ARF");

	if (s == NULL)
		s = mail_get(r->a, &r->m->headers, "X-XARF");
	return s != NULL && !text_ieq(s, "no");
}

bool
xarf_look(struct reading *r)
{
	for (size_t i = 0; i < r->m->n; i++)
		if (!read_nested(r, i))
			xarf_json_look(r, i);
	for (size_t i = 0; i < r->m->n && r->xarf->len == 0; i++)
		if (!read_nested(r, i))
			xarf_json_below(r, i);
	return r->xarf->len > 0 || find_text(r) >= 0;
}

bool
xarf_said(struct reading *r)
{
	if (!header_says(r))
		return false;
	read_defect(r, "The header announces an X-ARF report, but there is "
	    "none.");
	return r->m->n > 1;
}

/* "http: //host/x" and "hxxp" -> a usable URL */
static const char *
url_of(struct arena *a, const char *s)
{
	struct scan_hit hit;
	size_t pos = 0;

	while (scan_next(a, s, strlen(s), &pos, &hit))
		if (hit.kind == SCAN_URL)
			return hit.value;
	return NULL;
}

/*
 * A report about a URL often names the address only in the letter, as in
 * "http://... [192.0.2.1]".  It is taken when the letter has exactly one.
 */
static const char *
only_address(struct reading *r)
{
	const char *found = NULL;
	struct scan_hit hit;
	size_t pos = 0;

	while (scan_next(r->a, r->human, strlen(r->human), &pos, &hit)) {
		if (hit.kind != SCAN_IPV4 && hit.kind != SCAN_IPV6)
			continue;
		if (found != NULL && strcmp(found, hit.value) != 0)
			return NULL;
		found = hit.value;
	}
	return found;
}

/* A value without the quotes and the tag of YAML: "!!str '80'". */
static const char *
field(struct arena *a, const struct mail_headers *h, const char *key)
{
	const char *s = mail_get(a, h, key);
	size_t n;

	if (s == NULL)
		return NULL;
	if (g_str_has_prefix(s, "!!")) {
		s += strcspn(s, " ");
		s += strspn(s, " ");
	}
	n = strlen(s);
	if (n >= 2 && (*s == '\'' || *s == '"') && s[n - 1] == *s)
		s = arena_strndup(a, s + 1, n - 2);
	return text_blank(s) ? NULL : s;
}

/* Ports by name, as fail2ban and others take them from their settings; not
 * getservbyname(), which reads a file. */
static const struct {
	const char *name;
	int64_t port;
} services[] = {{"ftp", 21}, {"ssh", 22}, {"telnet", 23}, {"smtp", 25},
    {"domain", 53}, {"http", 80}, {"pop3", 110}, {"ntp", 123}, {"imap", 143},
    {"imap2", 143}, {"snmp", 161}, {"ldap", 389}, {"https", 443},
    {"smtps", 465}, {"submissions", 465}, {"submission", 587},
    {"ldaps", 636}, {"ftps", 990}, {"imaps", 993}, {"pop3s", 995},
    {"ms-sql-s", 1433}, {"mysql", 3306}, {"ms-wbt-server", 3389},
    {"sieve", 4190}, {"sip", 5060}, {"sips", 5061}, {"xmpp-client", 5222},
    {"postgresql", 5432}};

/* A list or a range ("http,https", "0:65535") names no port. */
static int64_t
port_of(struct reading *r, const struct mail_headers *h, const char *key)
{
	const char *s = field(r->a, h, key);
	int64_t n;

	if (s == NULL)
		return DESC_NULL;
	for (size_t i = 0; i < COUNT_OF(services); i++)
		if (text_ieq(s, services[i].name))
			return services[i].port;
	return text_int(s, 0, 65535, &n) ? n : DESC_NULL;
}

static void
fill(struct reading *r, const struct mail_headers *h,
    struct inspect_event *e)
{
	const char *s, *service = field(r->a, h, "Service");
	int64_t n, port = port_of(r, h, "Port");

	e->type = classify_xarf(field(r->a, h, "Category"),
	    field(r->a, h, "Report-Type"));
	e->reporter_ref = read_field(r->a, field(r->a, h, "Report-ID"));
	s = field(r->a, h, "Date");
	if (s != NULL)
		stamp_field(r->a, s, e);
	if (port == DESC_NULL)
		port = port_of(r, h, "Download-Port");
	if (classify_serves(e->type))
		e->source_port = port;
	else
		e->destination_port = port;
	n = port_of(r, h, "Source-Port");
	if (n != DESC_NULL)
		e->source_port = n;
	n = port_of(r, h, "Destination-Port");
	if (n != DESC_NULL)
		e->destination_port = n;
	s = field(r->a, h, "Destination");
	if (s == NULL)
		s = field(r->a, h, "Destination-IP");
	if (s != NULL)
		e->destination_ip = scan_addresses(r->a, s, 1)[0];
	if (e->destination_ip != NULL && strchr(e->destination_ip, '/'))
		e->destination_ip = NULL;
	s = field(r->a, h, "Protocol");
	if (s == NULL && service != NULL && (text_ieq(service, "tcp") ||
		text_ieq(service, "udp") || text_ieq(service, "icmp")))
		s = service;
	if (s != NULL && strlen(s) < 16)
		e->protocol = text_lower(r->a, s);
	s = field(r->a, h, "Occurrences");
	if (s == NULL)
		s = field(r->a, h, "Occurances"); /* as fail2ban writes it */
	if (s != NULL && text_int(s, 1, INT32_MAX, &n))
		e->count = n;
	s = field(r->a, h, "Domain");
	if (s != NULL && text_domain_ok(s))
		e->domain = text_lower(r->a, s);
	s = field(r->a, h, "Download-Link");
	if (s == NULL)
		s = field(r->a, h, "URI");
	if (s == NULL)
		s = field(r->a, h, "URL");
	if (s != NULL)
		e->url = url_of(r->a, s);
	s = field(r->a, h, "Malware");
	if (s == NULL)
		s = field(r->a, h, "Malware-Name");
	e->malware = read_field(r->a, s);
}

static void
one_report(struct reading *r, const struct mail_headers *h, const char *part)
{
	const char *source = field(r->a, h, "Source");
	const char *ip_field = field(r->a, h, "IP");
	const char *const *ips;
	struct inspect_event *e;

	if (source == NULL)
		source = field(r->a, h, "Source-IP");
	ips = scan_addresses(r->a, source != NULL ? source : "", 50);
	if (ips[0] == NULL) {
		e = read_event(r, part);
		fill(r, h, e);
		if (source == NULL)
			read_defect(r, "The X-ARF report has no Source.");
		else if (e->url == NULL)
			e->url = url_of(r->a, source);
		if (source != NULL && e->domain == NULL &&
		    text_domain_ok(source) && strchr(source, '.') != NULL)
			e->domain = text_lower(r->a, source);
		if (ip_field != NULL)
			e->source_ip = scan_addresses(r->a, ip_field, 1)[0];
		if (e->source_ip == NULL)
			e->source_ip = only_address(r);
		return;
	}
	for (size_t i = 0; ips[i] != NULL; i++) {
		e = read_event(r, part);
		fill(r, h, e);
		e->source_ip = ips[i];
		if (e->url == NULL && strstr(source, "://") != NULL)
			e->url = url_of(r->a, source);
		evidence_read(r, e);
	}
}

/* The documents of a report.txt, one below the other in BULK mails. */
static bool
text_reports(struct reading *r, size_t at)
{
	struct mail_part *p = &r->m->parts[at];
	size_t n, used;
	const char *s;
	bool any = false;

	if (!could_be_text_report(r, p))
		return false;
	s = mail_text(r->m, p, &n);
	while (n > 0) {
		struct mail_headers h = report_fields(r, s, n, &used);

		if (!is_report(&h))
			break;
		one_report(r, &h, p->path);
		any = true;
		s += used;
		n -= used;
	}
	return any;
}

/* X-ARF 0.2 lets the same fields be an object. */
bool
xarf_json_fields(struct reading *r, const struct json *j, const char *part)
{
	GString *text = arena_gstring(r->a);
	struct mail_headers h;

	if (!json_is_object(j) || json_get(j, "Report-Type") == NULL)
		return false;
	for (size_t i = 0; i < json_len(j) && i < FIELDS_MAX; i++) {
		const char *s = json_scalar(r->a, json_value_at(j, i));

		if (s != NULL)
			g_string_append_printf(text, "%s: %s\n",
			    text_squash(r->a, json_key_at(j, i)),
			    text_squash(r->a, s));
	}
	h = mail_headers_read(r->a, text->str, text->len, NULL);
	if (!is_report(&h))
		return false;
	if (part != NULL)
		one_report(r, &h, part);
	return true;
}

bool
xarf_read_part(struct reading *r, size_t at)
{
	if (xarf_json_look(r, at) || xarf_json_below(r, at)) {
		xarf_json_read(r);
		return true;
	}
	return text_reports(r, at);
}

void
xarf_read(struct reading *r)
{
	if (r->xarf->len > 0) {
		xarf_json_read(r);
		return;
	}
	for (size_t i = 0; i < r->m->n; i++)
		if (!read_nested(r, i))
			text_reports(r, i);
}
