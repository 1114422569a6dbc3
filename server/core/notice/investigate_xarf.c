/*
 * The rows of a party as XARF 4 reports (xarf.org), for members whose tools
 * read them: a file each.  What our own reader would refuse is not sent: a
 * row without a time, or without what its type requires, goes as CSV.
 */
#include "base/base.h"
#include "base/json.h"
#include "base/text.h"
#include "base/when.h"
#include "core/notice/investigate_priv.h"
#include "core/outgoing/address.h"
#include "inspect/format/xarf_check.h"

/* What a type becomes, and what its schema needs besides the core. */
enum need { CONNECTION, COMPROMISE, URL, INFRINGING_URL, SERVICE };
static const struct {
	const char *rsit, *category, *type;
	enum need need;
} kinds[] = {
    {"information-gathering/scanner", "connection", "port_scan", CONNECTION},
    {"intrusion-attempts/brute-force", "connection", "login_attack",
	CONNECTION},
    {"availability/dos", "connection", "ddos", CONNECTION},
    {"availability/ddos", "connection", "ddos", CONNECTION},
    {"malicious-code/infected-system", "infrastructure", "botnet",
	COMPROMISE},
    {"malicious-code/c2-server", "infrastructure", "botnet", COMPROMISE},
    {"malicious-code/malware-distribution", "content", "malware", URL},
    {"fraud/phishing", "content", "phishing", URL},
    {"fraud/copyright", "copyright", "copyright", INFRINGING_URL},
    {"vulnerable/ddos-amplifier", "vulnerability", "open_service", SERVICE},
    {"vulnerable/potentially-unwanted-accessible", "vulnerability",
	"open_service", SERVICE},
    {"vulnerable/vulnerable-service", "vulnerability", "open_service",
	SERVICE},
};

/* RFC 9562, version 8: the same row of the same thread is the same report. */
static const char *
report_id(struct arena *a, const struct site *s, int64_t number, int64_t event)
{
	const char *name = arena_printf(a, "%s/%" PRId64 "/%" PRId64,
	    s->conf->site_mail_domain, number, event);
	const char *h = text_sha256(a, name, strlen(name));

	return arena_printf(a, "%.8s-%.4s-8%.3s-a%.3s-%.12s", h, h + 8,
	    h + 12, h + 15, h + 18);
}

static void
text(struct json_out *w, const char *key, const char *value)
{
	if (value == NULL)
		return;
	json_key(w, key);
	json_put_text(w, value);
}

static void
number(struct json_out *w, const char *key, int64_t n)
{
	if (n == DESC_NULL)
		return;
	json_key(w, key);
	json_put_int(w, n);
}

static void
contact(struct json_out *w, const char *key, struct arena *a,
    const struct site *s)
{
	json_key(w, key);
	json_begin(w, '{');
	text(w, "org", text_cut(a, s->conf->site_name, 200));
	text(w, "contact", address_report(a, s));
	text(w, "domain", s->conf->site_mail_domain);
	json_end(w, '}');
}

static void
tags(struct json_out *w, struct arena *a, const char *tlp, int64_t thread)
{
	json_key(w, "tags");
	json_begin(w, '[');
	json_put_text(w, arena_printf(a, "tlp:%s",
	    text_lower(a, tlp != NULL ? tlp : "AMBER")));
	json_put_text(w, arena_printf(a, "tocsin:%" PRId64, thread));
	json_end(w, ']');
}

static void
particulars(struct json_out *w, struct arena *a, const struct ticket_event *e,
    enum need need)
{
	const char *protocol = e->protocol == NULL ? NULL
	    : g_ascii_strcasecmp(e->protocol, "udp") == 0 ? "udp"
	    : g_ascii_strcasecmp(e->protocol, "icmp") == 0 ? "icmp" : "tcp";

	switch (need) {
	case CONNECTION:
		text(w, "destination_ip", e->destination_ip);
		number(w, "destination_port", e->destination_port);
		text(w, "protocol", protocol);
		text(w, "first_seen", when_rfc3339(a, e->time));
		break;
	case COMPROMISE:
		text(w, "compromise_evidence", e->malware != NULL
			? e->malware : "connections seen from outside");
		break;
	case URL:
		text(w, "url", e->url);
		break;
	case INFRINGING_URL:
		text(w, "infringing_url", e->url);
		break;
	case SERVICE:
		/* What listens is at the source's own port. */
		if (e->source_port != DESC_NULL)
			text(w, "service", arena_printf(a, "%s/%" PRId64,
			    protocol != NULL ? protocol : "tcp",
			    e->source_port));
		break;
	}
}

/* The first lines of the log about its address: rows of one host have the
 * same ones, and a mail has an end. */
enum { XARF_LINES_MAX = 50 };
static void
evidence(struct json_out *w, struct arena *a,
    const struct investigate_facts *f, const struct ticket_event *e)
{
	GString *log = arena_gstring(a);
	g_autofree char *payload = NULL;
	int n = 0;

	for (size_t i = 0; e->source_ip != NULL && n < XARF_LINES_MAX &&
	     i < f->n_log; i++)
		if (excerpt_names(a, f->log[i], e->source_ip)) {
			g_string_append_printf(log, "%s\n", f->log[i]);
			n++;
		}
	if (log->len == 0)
		return;
	payload = g_base64_encode((const guchar *)log->str, log->len);
	json_key(w, "evidence");
	json_begin(w, '[');
	json_begin(w, '{');
	text(w, "content_type", "text/plain");
	text(w, "description", "From the log of who reported it");
	text(w, "payload", payload);
	text(w, "hash", arena_printf(a, "sha256:%s",
	    text_sha256(a, log->str, log->len)));
	number(w, "size", (int64_t)log->len);
	json_end(w, '}');
	json_end(w, ']');
}

const char *
investigate_xarf(struct arena *a, const struct site *s,
    const struct investigate_facts *f, int64_t thread,
    const struct ticket_event *e)
{
	const char *type = e->type != NULL ? e->type : f->type;
	GString *out = arena_gstring(a);
	struct json_out w = json_out(out);
	const struct json *read;
	size_t k = 0;

	while (k < COUNT_OF(kinds) && g_strcmp0(kinds[k].rsit, type) != 0)
		k++;
	if (k == COUNT_OF(kinds) || e->time == DESC_NULL)
		return NULL;
	json_begin(&w, '{');
	text(&w, "xarf_version", "4.0.0");
	text(&w, "report_id", report_id(a, s, thread, e->id));
	text(&w, "timestamp", when_rfc3339(a, e->time));
	contact(&w, "reporter", a, s);
	contact(&w, "sender", a, s);
	text(&w, "source_identifier", e->source_ip != NULL ? e->source_ip
							    : e->domain);
	if (e->source_port != 0)
		number(&w, "source_port", e->source_port);
	text(&w, "category", kinds[k].category);
	text(&w, "type", kinds[k].type);
	tags(&w, a, f->tlp, thread);
	text(&w, "description", arena_printf(a, "[%s #%" PRId64 "] %s",
	    s->conf->site_subject_tag, thread, type));
	particulars(&w, a, e, kinds[k].need);
	evidence(&w, a, f, e);
	json_end(&w, '}');
	g_string_append_c(out, '\n');
	if (!json_parse(a, out->str, out->len, &read, NULL) ||
	    xarf_faults(a, read)->len > 0)
		return NULL;
	return out->str;
}

/* The rest goes as CSV: rows that have no such form, and more rows than
 * anybody wants as files. */
size_t
investigate_files(struct arena *a, const struct site *s,
    const struct investigate_facts *f, int64_t thread,
    struct outbox_file files[INVESTIGATE_FILES_MAX])
{
	bool xarf = f->attach != NULL && strcmp(f->attach, "csv") != 0;
	bool csv = !xarf || strcmp(f->attach, "both") == 0 ||
	    f->events.n > INVESTIGATE_XARF_MAX;
	size_t n = 0;

	if (f->events.n == 0)
		return 0;
	for (size_t i = 0; xarf && i < f->events.n; i++) {
		const char *json = n < INVESTIGATE_XARF_MAX
		    ? investigate_xarf(a, s, f, thread,
			LIST_AT(ticket_event, f->events, i)) : NULL;

		if (json == NULL) {
			csv = true;
			continue;
		}
		files[n] = (struct outbox_file){
		    arena_printf(a, "xarf-%zu.json", n + 1),
		    "application/json", json, strlen(json)};
		n++;
	}
	if (csv) {
		const char *rows = investigate_csv(a, &f->events);

		files[n++] = (struct outbox_file){
		    arena_printf(a, "events-%" PRId64 ".csv", thread),
		    "text/csv", rows, strlen(rows)};
	}
	if (f->n_log > INVESTIGATE_LOG_SHOWN) {
		GString *log = arena_gstring(a);

		for (size_t i = 0; i < f->n_log; i++)
			g_string_append_printf(log, "%s\r\n", f->log[i]);
		files[n++] = (struct outbox_file){
		    arena_printf(a, "log-%" PRId64 ".txt", thread),
		    "text/plain", log->str, log->len};
	}
	return n;
}
