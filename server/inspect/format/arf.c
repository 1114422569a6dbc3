/*
 * Feedback reports (RFC 5965, and 6430, 6591, 6692), of any version number,
 * with the mistakes of real senders: blank lines before the fields, a part
 * of the wrong type, no Source-IP.
 */
#include "base/base.h"
#include "inspect/read.h"

#include "base/net.h"

/* The fields of a part, which may begin with empty lines. */
static struct mail_headers
fields_of(struct reading *r, struct mail_part *p)
{
	size_t n;
	const char *s = mail_bytes(r->m, p, &n);

	while (n > 0 && g_ascii_isspace(*s)) {
		s++;
		n--;
	}
	return mail_headers_read(r->a, s, n, NULL);
}

/* A part of any type that is nothing but the fields of such a report. */
static bool
is_fields(struct reading *r, struct mail_part *p)
{
	enum { SNIFF_MAX = 4096 };
	struct mail_headers h;
	const char *s;
	size_t n;

	if (p->kind != MAIL_LEAF)
		return false;
	s = mail_bytes(r->m, p, &n);
	if (memmem(s, MIN(n, SNIFF_MAX), "Feedback-Type:", 14) == NULL)
		return false;
	h = fields_of(r, p);
	return mail_header(&h, "Feedback-Type") != NULL &&
	    mail_header(&h, "User-Agent") != NULL &&
	    mail_header(&h, "Version") != NULL;
}

/* The part that holds the fields, or -1. */
static int
report_part(struct reading *r)
{
	const struct mail_part *root = &r->m->parts[0];
	int i = read_find_part(r, "message/feedback-report", 0);

	if (i >= 0)
		return i;
	for (size_t k = 0; k < r->m->n; k++)
		if (!read_nested(r, k) && is_fields(r, &r->m->parts[k]))
			return (int)k;
	if (strcmp(root->type, "multipart/report") != 0 ||
	    !text_ieq(mail_param(&root->params, "report-type"),
		"feedback-report"))
		return -1;
	/* announced, but its part has another type: look for the field */
	for (size_t k = 1; k < r->m->n; k++) {
		struct mail_part *p = &r->m->parts[k];

		if (p->kind == MAIL_LEAF && !read_nested(r, k) &&
		    strstr(mail_text(r->m, p, NULL), "Feedback-Type:") != NULL)
			return (int)k;
	}
	return -1;
}

bool
arf_look(struct reading *r)
{
	return report_part(r) >= 0;
}

/* host of "http://host/..", "mailto:a@host" and bare names */
static const char *
domain_of(struct arena *a, const char *s)
{
	const char *p;

	if (text_blank(s))
		return NULL;
	p = strstr(s, "://");
	if (p != NULL)
		s = p + 3;
	p = strchr(s, '@');
	if (p != NULL)
		s = p + 1;
	s = arena_strndup(a, s, strcspn(s, "/:?# >;,"));
	return text_domain_ok(s) && strchr(s, '.') != NULL ?
	    text_lower(a, s) : NULL;
}

static const char *
ip_of(struct arena *a, const char *s)
{
	const char *const *list = s != NULL ? scan_addresses(a, s, 1) : NULL;

	return list != NULL ? list[0] : NULL;
}

/* What the attached mail knows when the fields are silent. */
static void
from_attached(struct reading *r, struct inspect_event *e)
{
	const char *own = r->out->from != NULL ?
	    strrchr(r->out->from, '@') : NULL;
	struct mail_headers h;
	const char *path;
	struct hop hop;

	if (!read_attached(r, &h, &path))
		return;
	if (received_source(r->a, &h, own != NULL ? own + 1 : NULL, &hop)) {
		if (e->source_ip == NULL) {
			e->source_ip = hop.ip;
			e->evidence_part = path;
		}
		if (e->source_ip != NULL && hop.ip != NULL &&
		    strcmp(e->source_ip, hop.ip) == 0) {
			if (e->source_port == DESC_NULL)
				e->source_port = hop.port;
			if (e->time_given == NULL && hop.date != NULL) {
				e->time_given = read_field(r->a, hop.date);
				e->time = hop.zone ? hop.time : DESC_NULL;
				e->zone = hop.zone ? "header" : "unknown";
			}
		}
	}
	if (e->source_ip == NULL)
		e->source_ip = ip_of(r->a, mail_get(r->a, &h,
		    "X-Originating-IP"));
}

/* Whoever got the mail: for our own lists' feedback loops. */
static void
recipients(struct reading *r, const struct mail_headers *f,
    const char *type)
{
	static const char *const names[] = {"Original-Rcpt-To",
	    "Removal-Recipient"};

	for (size_t k = 0; k < COUNT_OF(names); k++) {
		struct mail_header *h = NULL;

		while ((h = mail_header_next(f, h, names[k])) != NULL) {
			struct mail_address *list;
			size_t n;

			list = mail_addresses(r->a, h->raw, h->raw_len, &n);
			for (size_t i = 0; i < n; i++) {
				struct inspect_bounce *b =
				    read_bounce(r, list[i].addr);

				b->reason = arena_printf(r->a, "feedback: %s",
				    type);
			}
		}
		if (r->bounces->len > 0)
			return;
	}
}

/* Reported-Domain and Reported-URI come as often as there are any: the
 * first is the event's, the others are observables. */
static void
reported(struct reading *r, const struct mail_headers *f, const char *part,
    struct inspect_event *e)
{
	struct mail_header *h = NULL;

	while ((h = mail_header_next(f, h, "Reported-Domain")) != NULL) {
		const char *s = domain_of(r->a, mail_header_text(r->a, h));

		if (e->domain == NULL)
			e->domain = s;
		else if (s != NULL)
			observe_add(r, "domain", s, part);
	}
	while ((h = mail_header_next(f, h, "Reported-URI")) != NULL) {
		const char *s = mail_header_text(r->a, h);

		if (strstr(s, "://") != NULL) {
			if (e->url == NULL)
				e->url = read_field(r->a, s);
			else
				observe_add(r, "url", s, part);
		}
		if (e->domain == NULL)
			e->domain = domain_of(r->a, s);
	}
	/* a failure of DKIM is about the domain that signed (RFC 6591 3.2) */
	if (e->domain == NULL)
		e->domain = domain_of(r->a,
		    mail_get(r->a, f, "DKIM-Domain"));
}

/* Fields that no event has, of RFC 5965 and 6591. */
static void
set_extra(struct reading *r, const struct mail_headers *f,
    struct inspect_event *e)
{
	static const char *const names[][2] = {
	    {"Auth-Failure", "auth_failure"},
	    {"Delivery-Result", "delivery_result"},
	    {"Identity-Alignment", "identity_alignment"},
	    {"DKIM-Domain", "dkim_domain"},
	    {"DKIM-Identity", "dkim_identity"},
	    {"DKIM-Selector", "dkim_selector"},
	    {"SPF-DNS", "spf_dns"},
	    {"Original-Mail-From", "mail_from"},
	    {"Reporting-MTA", "reporting_mta"},
	    {"User-Agent", "user_agent"},
	    {"Authentication-Results", "authentication_results"},
	};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		read_extra(r->a, e, names[i][1],
		    mail_get(r->a, f, names[i][0]));
}

void
arf_read(struct reading *r)
{
	arf_read_part(r, (size_t)report_part(r));
}

void
arf_read_part(struct reading *r, size_t at)
{
	struct mail_part *p = &r->m->parts[at];
	struct mail_headers f = fields_of(r, p);
	const char *type = mail_get(r->a, &f, "Feedback-Type"), *s;
	struct inspect_event *e;
	int64_t n;

	if (type == NULL) {
		read_defect(r, "The feedback report has no Feedback-Type.");
		type = "abuse";
	}
	type = text_lower(r->a, read_field(r->a, type) != NULL ?
	    read_field(r->a, type) : "abuse");
	recipients(r, &f, text_cut(r->a, type, 40));
	if (strcmp(type, "not-spam") == 0)
		return; /* RFC 6430: it takes a complaint back */
	e = read_event(r, p->path);
	e->type = classify_arf(type);
	e->source_ip = ip_of(r->a, mail_get(r->a, &f, "Source-IP"));
	if (e->source_ip == NULL)
		e->source_ip = ip_of(r->a, mail_get(r->a, &f, "Source"));
	s = mail_get(r->a, &f, "Source-Port");
	if (s != NULL && text_int(s, 1, 65535, &n))
		e->source_port = n;
	s = mail_get(r->a, &f, "Arrival-Date");
	if (s == NULL)
		s = mail_get(r->a, &f, "Received-Date");
	if (s != NULL)
		stamp_field(r->a, s, e);
	s = mail_get(r->a, &f, "Incidents");
	if (s != NULL && text_int(s, 1, INT32_MAX, &n))
		e->count = n;
	reported(r, &f, p->path, e);
	set_extra(r, &f, e);
	e->reporter_ref = r->out->their_ref;
	if (e->reporter_ref == NULL)
		e->reporter_ref = read_field(r->a,
		    mail_get(r->a, &f, "Report-ID"));
	if (e->source_ip == NULL || e->time_given == NULL)
		from_attached(r, e);
	if (e->source_ip == NULL && e->url == NULL && e->domain == NULL)
		read_defect(r, "The feedback report names no source.");
}
