/*
 * The report form, its receipt, and POST /api/v1/reports.
 *
 * Against machines that fill in forms, without asking people to prove
 * anything: a field that nobody sees, a signed time of loading that is good
 * for one report, and token buckets.  A form that comes back within seconds
 * is not refused, it only draws from a smaller bucket: people with a
 * password manager are fast too.
 */
#include "base/base.h"
#include "base/log.h"
#include "base/net.h"
#include "base/text.h"
#include "base/when.h"
#include "core/outgoing/keyring.h"
#include "core/outgoing/address.h"
#include "core/notice/outcome.h"
#include "core/member/constituency.h"
#include "http/report.h"
#include "http/route.h"

enum {
	STAMP_HOURS = 24,
	STAMP_QUICK = 2,       /* seconds: faster than people */
	RECEIPT_DAYS = 30,
	RATE_BURST = 20, RATE_HOUR = 30,
	RATE_QUICK_BURST = 10, RATE_QUICK_HOUR = 10,
	RATE_READ_BURST = 60, RATE_READ_HOUR = 120,
};
static const char stamp_purpose[] = "report-stamp";
static const char receipt_purpose[] = "report-receipt";

static const struct form_field report_fields[] = {
    REPORT_FIELDS,
    {"website", FORM_LINE, 200, .label = "Leave this empty"},
    {"stamp", FORM_LINE, 200},
    {"read", FORM_LINE, 5}, /* only look at what was pasted */
};
const struct form form_report = FORM_RAW(report_fields);

#define ZONE(F, S)                                                            \
	F(S, TEXT, value, none)                                               \
	F(S, TEXT, label, none)                                               \
	F(S, BOOL, chosen, none)
DESC_STRUCT(report_zone, ZONE);
DESC_TABLE(report_zone, ZONE);

#define WITH_ERROR(F, S, name)                                                \
	F(S, PAGE_TEXT, name, none)                                           \
	F(S, PAGE_TEXT, name##_error, none)
#define REPORT_VIEW(F, S) PAGE(F, S)                                          \
	F(S, PAGE_BOOL, has_key, none)                                        \
	F(S, PAGE_TEXT, stamp, none)                                          \
	WITH_ERROR(F, S, name) WITH_ERROR(F, S, organisation)                 \
	WITH_ERROR(F, S, email) WITH_ERROR(F, S, telephone)                   \
	WITH_ERROR(F, S, source_ip) WITH_ERROR(F, S, source_port)             \
	WITH_ERROR(F, S, destination_ip) WITH_ERROR(F, S, destination_port)   \
	WITH_ERROR(F, S, start) WITH_ERROR(F, S, end)                         \
	WITH_ERROR(F, S, count) WITH_ERROR(F, S, url)                         \
	WITH_ERROR(F, S, statement) WITH_ERROR(F, S, evidence)                \
	F(S, PAGE_TEXT, type_error, none)                                     \
	F(S, PAGE_TEXT, protocol_error, none)                                 \
	F(S, PAGE_TEXT, zone_error, none)                                     \
	F(S, PAGE_TEXT, tlp_error, none)                                      \
	F(S, PAGE_LIST, zones, report_zone)                                   \
	F(S, PAGE_LIST, kinds, report_zone)                                   \
	F(S, PAGE_BOOL, is_tcp, none) F(S, PAGE_BOOL, is_udp, none)           \
	F(S, PAGE_BOOL, is_icmp, none) F(S, PAGE_BOOL, is_other, none)        \
	F(S, PAGE_BOOL, clock_yes, none) F(S, PAGE_BOOL, clock_no, none)      \
	F(S, PAGE_BOOL, clock_unknown, none)                                  \
	F(S, PAGE_BOOL, may_name, none) F(S, PAGE_BOOL, wants_answer, none)   \
	F(S, PAGE_BOOL, urgent, none)                                         \
	/* what was pasted says */                                            \
	F(S, PAGE_BOOL, was_read, none)                                       \
	F(S, PAGE_LIST, rows, paste_row)                                      \
	F(S, PAGE_INT, more, none)                                            \
	F(S, PAGE_TEXT, no_zone, none)                                        \
	F(S, PAGE_BOOL, asks_source, none)                                    \
	F(S, PAGE_BOOL, asks_time, none)                                      \
	F(S, PAGE_BOOL, asks_zone, none)                                      \
	F(S, PAGE_BOOL, asks_port, none)                                      \
	F(S, PAGE_BOOL, asks_target, none)                                    \
	F(S, PAGE_TEXT, at_member, none) /* where who reads it seems to be */
DESC_STRUCT(report_view, REPORT_VIEW);
DESC_TABLE(report_view, REPORT_VIEW);

#define RECEIPT_VIEW(F, S) PAGE(F, S)                                         \
	INTAKE_RECEIPT(F, S)                                                  \
	F(S, PAGE_TEXT, email, none)                                          \
	F(S, PAGE_TIME, created, none) /* how it stands since */              \
	F(S, PAGE_TIME, passed, none)                                         \
	F(S, PAGE_TIME, closed, none)                                         \
	F(S, PAGE_TEXT, days, none)    /* that the page is there */           \
	F(S, PAGE_BOOL, elsewhere, none) /* no source is ours */
DESC_STRUCT(receipt_view, RECEIPT_VIEW);
DESC_TABLE(receipt_view, RECEIPT_VIEW);

/* The kinds that people tell apart; intake knows them by these words. */
static const struct {
	const char *value, *label;
} kinds[] = {
    {"scan", "Scan or login attempts"},
    {"dos", "Denial of service: a service or a line is overloaded"},
    {"mail", "Spam or other e-mail abuse"},
    {"phishing", "Phishing: a page or a message that asks for passwords"},
    {"malware", "Malware: an infected host, or a place it comes from"},
    {"compromise", "A break-in, or a page that was defaced"},
    {"copyright", "Copyright"},
    {"other", "Something else"},
};

static struct list
kind_choices(struct req *r, const char *chosen)
{
	struct list l = {.n = COUNT_OF(kinds)};
	struct report_zone *k = ARENA_ARRAY(r->a, struct report_zone, l.n);
	size_t which = 0;

	for (size_t i = 0; i < l.n; i++) {
		k[i].value = kinds[i].value;
		k[i].label = kinds[i].label;
		if (chosen != NULL && strcmp(chosen, kinds[i].value) == 0)
			which = i;
	}
	k[which].chosen = true;
	l.items = k;
	return l;
}

/* Offsets that are in use somewhere, in minutes; 0 is UTC. */
static const int zone_minutes[] = {-720, -660, -600, -570, -540, -480, -420,
	-360, -300, -240, -210, -180, -120, -60, 0, 60, 120, 180, 210, 240,
	270, 300, 330, 345, 360, 390, 420, 480, 525, 540, 570, 600, 630, 660,
	720, 765, 780, 840};

static struct list
zones(struct req *r, const char *chosen)
{
	struct list l = {.n = COUNT_OF(zone_minutes)};
	struct report_zone *z = ARENA_ARRAY(r->a, struct report_zone, l.n);

	for (size_t i = 0; i < l.n; i++) {
		int m = zone_minutes[i], off = ABS(m);

		z[i].value = m == 0 ? "UTC" : arena_printf(r->a,
		    "%c%02d:%02d", m < 0 ? '-' : '+', off / 60, off % 60);
		z[i].label = m == 0 ? "UTC (GMT, Z)" : z[i].value;
		z[i].chosen = chosen != NULL && text_ieq(chosen, z[i].value);
	}
	l.items = z;
	return l;
}

static const char *
stamp_new(struct req *r)
{
	return secret_sign(r->a, &r->site->key, stamp_purpose,
	    arena_printf(r->a, "%s.%" PRId64, secret_token(r->a), r->now),
	    r->now + STAMP_HOURS * 3600 * WHEN_SECOND);
}

static const char *
either(const char *typed, const char *found)
{
	return text_blank(typed) ? found : typed;
}

/* What was found goes where nothing was typed; what is nowhere is asked. */
static void
fill_pasted(struct report_view *v, const struct paste *p, const char *type,
    bool zone)
{
	bool traced = g_strcmp0(type, "mail") != 0 &&
	    g_strcmp0(type, "phishing") != 0;

	v->was_read = true;
	v->rows = p->rows;
	v->more = MAX(p->more, 0);
	v->source_ip = either(v->source_ip, p->source_ip);
	v->source_port = either(v->source_port, p->source_port);
	v->destination_ip = either(v->destination_ip, p->destination_ip);
	v->destination_port = either(v->destination_port,
	    p->destination_port);
	v->asks_zone = text_blank(v->start) && p->no_zone != NULL && !zone;
	v->no_zone = v->asks_zone ? p->no_zone : NULL;
	if (text_blank(v->start)) {
		v->start = p->start;
		v->end = either(v->end, p->end);
	}
	v->url = either(v->url, p->url);
	if (p->protocol != NULL && !v->is_udp && !v->is_icmp && !v->is_other) {
		v->is_tcp = strcmp(p->protocol, "tcp") == 0;
		v->is_udp = strcmp(p->protocol, "udp") == 0;
		v->is_icmp = strcmp(p->protocol, "icmp") == 0;
	}
	v->asks_source = text_blank(v->source_ip);
	v->asks_time = text_blank(v->start);
	v->asks_port = traced && !p->ports && text_blank(v->source_port);
	v->asks_target = traced && text_blank(v->destination_ip);
}

/* The form again, with all that was typed; pasted: NULL, or what was read. */
static bool
show_at(struct req *r, unsigned status, const struct paste *pasted,
    const char *member)
{
	struct report_view v = {.page_title = "Report abuse"};
	struct intake_form f = {0};

	report_read(r, &f);
	form_fill(r, &desc_report_view, &v);
	v.has_key = conf_has_keeper(r->site->conf);
	v.at_member = member;
	v.stamp = stamp_new(r);
	v.zones = zones(r, f.zone);
	v.kinds = kind_choices(r, pasted != NULL && pasted->type != NULL ?
	    pasted->type : f.type);
	v.is_tcp = form_is(r, "protocol", "tcp");
	v.is_udp = form_is(r, "protocol", "udp");
	v.is_icmp = form_is(r, "protocol", "icmp");
	v.is_other = form_is(r, "protocol", "other");
	v.clock_yes = form_is(r, "clock", "yes");
	v.clock_no = form_is(r, "clock", "no");
	v.clock_unknown = form_is(r, "clock", "unknown");
	v.may_name = f.may_name;
	v.wants_answer = f.wants_answer || r->route->method == ROUTE_GET;
	v.urgent = f.urgent;
	if (v.source_ip == NULL || *v.source_ip == '\0')
		v.source_ip = r->route->method == ROUTE_GET ?
		    req_query(r, "source_ip") : NULL;
	if (pasted != NULL)
		fill_pasted(&v, pasted,
		    pasted->type != NULL ? pasted->type : f.type,
		    f.zone != NULL);
	return reply_view(r, status, "page/report.html", &desc_report_view,
	    &v);
}

static bool
show(struct req *r, unsigned status)
{
	return show_at(r, status, NULL, NULL);
}

/* Only to look at what was pasted: nothing is kept. */
static bool
look_at_pasted(struct req *r, GError **err)
{
	struct paste p;

	if (!form_has(r, "evidence"))
		form_error(r, "evidence", "Paste your log, headers or the "
		    "mail first, or leave it empty and fill in what you know.");
	if (!form_ok(r))
		return show(r, 422);
	return report_rate(r, "read", RATE_READ_BURST, RATE_READ_HOUR, err) &&
	    paste_read(r, &p, err) && show_at(r, 200, &p, NULL);
}

/* The member from whose network the page is asked for; its own service desk
 * is nearer.  Nothing known, for whatever reason, is no fault. */
static const char *
at_member(struct req *r)
{
	struct constituency_verdict got = {0};
	g_autoptr(GError) why = NULL;
	struct net client;

	if (r->login != LOGIN_NONE || !net_parse_host(r->client, &client) ||
	    net_private(&client) ||
	    !constituency_lookup(r->db, r->a, r->client, DESC_NULL, false,
		&got, &why))
		return NULL;
	return got.organisation;
}

bool
page_report(struct req *r, GError **err)
{
	(void)err;
	return show_at(r, 200, NULL, at_member(r));
}

/* A stamp of ours, young enough and not used; *quick: within seconds. */
static bool
stamp_check(struct req *r, bool *quick, bool *ok, GError **err)
{
	const char *p = secret_verify(r->a, &r->site->key, stamp_purpose,
	    form_get(r, "stamp"), r->now);
	const char *dot = p == NULL ? NULL : strchr(p, '.');
	int64_t made;

	*ok = dot != NULL && text_int(dot + 1, 0, INT64_MAX, &made);
	if (!*ok)
		return true;
	*quick = r->now - made < STAMP_QUICK * WHEN_SECOND;
	/* A bucket of one that never fills again. */
	return account_rate_ok(r->db, arena_printf(r->a, "stamp:%s",
	    secret_token_hash(r->a, p)), 1, 0, ok, err);
}

/* *go false: the page with the form was shown again. */
static bool
doors(struct req *r, bool *go, GError **err)
{
	bool quick = false, ok;

	*go = false;
	if (form_has(r, "website")) {
		/* A machine, most likely; a person whose browser filled it in
		 * gets the form again, where the field is empty. */
		log_notice("report.trap", LOG_S("client", r->client));
		form_error(r, "statement", "A field that must stay empty was "
		    "filled in, as machines do. It is empty now: please send "
		    "the report again.");
		return show(r, 422);
	}
	if (!form_has(r, "stamp")) {
		/* Not the page but a script of somebody who has something to
		 * report: welcome, from the smaller bucket.  The same report
		 * twice is found by its digest. */
		quick = ok = true;
	} else if (!stamp_check(r, &quick, &ok, err)) {
		return false;
	}
	if (!ok) {
		form_error(r, "statement", "This page was open for too long "
		    "or was sent already. Nothing of what you wrote is lost: "
		    "please send it once more.");
		return show(r, 422);
	}
	if (!report_rate(r, "report", RATE_BURST, RATE_HOUR, err) ||
	    (quick && !report_rate(r, "quick", RATE_QUICK_BURST,
		RATE_QUICK_HOUR, err)))
		return false;
	*go = true;
	return true;
}

/* The owner of none of these is anybody whom we may ask to act. */
static bool
elsewhere(const struct list *verdicts)
{
	for (size_t i = 0; i < verdicts->n; i++)
		if (strcmp(LIST_AT(intake_receipt_verdict, *verdicts, i)->verdict,
			"outside") != 0)
			return false;
	return verdicts->n > 0;
}

static bool
receipt_answer(struct req *r, struct intake_receipt *got, GError **err)
{
	struct receipt_view v = {0};
	const char *token;
	const char *mail = form_get(r, "email");

	if (!report_mask(r, got, err))
		return false;
	v.number = got->number;
	v.disposition = got->disposition;
	v.verdicts = got->verdicts;
	v.missing = got->missing;

	if (r->face == FACE_API)
		return reply_view(r, 201, NULL, &desc_receipt_view, &v);
	token = secret_sign(r->a, &r->site->key, receipt_purpose,
	    arena_printf(r->a, "%" PRId64,
		got->number == DESC_NULL ? 0 : got->number),
	    r->now + RECEIPT_DAYS * WHEN_DAY);
	return reply_see_other(r,
	    arena_printf(r->a, "/report/receipt/%s", token),
	    text_blank(mail) ? NULL :
	    arena_printf(r->a, "A copy is on its way to %s.", mail));
}

/* --- raw bodies of the API -------------------------------------------- */

/* X-ARF as bare JSON becomes the message that would have carried it. */
static struct blob *
wrap_json(struct req *r, struct blob *b)
{
	GString *s = arena_gstring(r->a);
	g_autofree char *b64 = g_base64_encode(blob_bytes(b), blob_len(b));

	g_string_append_printf(s,
	    "Date: %s\r\nSubject: X-ARF report\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: application/json; name=\"xarf.json\"\r\n"
	    "Content-Disposition: attachment; filename=\"xarf.json\"\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n",
	    when_rfc5322(r->a, r->now));
	for (size_t i = 0, n = strlen(b64); i < n; i += 76)
		g_string_append_printf(s, "%.76s\r\n", b64 + i);
	return blob_of(r->a, s->str, s->len);
}

static bool
is_xarf(const struct json *j)
{
	return json_is_object(json_get(j, "ReporterInfo")) ||
	    json_is_object(json_get(j, "Report")) ||
	    !json_is_null(json_get(j, "xarf_version"));
}

static bool
take_raw(struct req *r, struct blob *body, GError **err)
{
	struct reader_set readers = {.parsers = req_parsers(r),
	    .keeper = req_keeper(r), .db = r->db};
	struct inspection *in = ARENA_NEW(r->a, struct inspection);
	const char *rcpt = address_report(r->a, r->site);
	struct smtp_envelope env = {.from = "", .rcpts = &rcpt, .n = 1,
		.proto = ENVELOPE_FILE, .peer = r->client,
		.client = r->client, .received = r->now};
	struct intake_result got;
	struct intake_receipt receipt = {0};
	g_autoptr(GError) why = NULL;

	if (r->login == LOGIN_NONE)
		return fault_set(err, FAULT_LOGIN,
		    "A message as it is may be sent with a token only.");
	if (!req_may(r, ROLE_ANALYST))
		return fault_set(err, FAULT_DENIED,
		    "This needs the role analyst.");
	if (readers.parsers == NULL ||
	    !keyring_read(&readers, r->a, body, in, &why)) {
		if (why != NULL)
			log_fault("report.unparsed", why);
		in = NULL;
	}
	if (in != NULL && in->from != NULL)
		env.from = in->from;
	if (!intake_mail(r->db, r->site, r->a, &env, body, in, "api", &got,
		err) ||
	    !intake_receipt_of(r->db, r->a, got.ticket, &receipt, err))
		return false;
	receipt.disposition = got.disposition;
	return receipt_answer(r, &receipt, err);
}

static bool
take(struct req *r, GError **err)
{
	static const struct actor form = {.name = "web form"};
	bool api = r->face == FACE_API, go = true;
	struct intake_form f = {0};
	struct intake_receipt got = {0};
	struct list faults = {0};
	g_autoptr(GError) why = NULL;

	if (form_body(r) != NULL && form_json(r) == NULL)
		return take_raw(r, form_body(r), err);
	if (form_json(r) != NULL && is_xarf(form_json(r)))
		return take_raw(r, wrap_json(r, form_body(r)), err);
	if (!api && form_has(r, "read"))
		return look_at_pasted(r, err);
	if (!form_ok(r))
		return show(r, 422);
	if (!api && !doors(r, &go, err))
		return false;
	if (!go)
		return true;
	if (api && r->login == LOGIN_NONE &&
	    !report_rate(r, "report", RATE_BURST, RATE_HOUR, err))
		return false;
	report_read(r, &f);
	if (intake_web(r->db, r->site, r->a, &f, api ? "api" : "web",
		r->client, r->login == LOGIN_NONE ? &form : &r->actor, &got,
		&faults, &why))
		return receipt_answer(r, &got, err);
	report_faults(r, &faults);
	if (!form_ok(r))
		return show(r, 422);
	g_propagate_error(err, g_steal_pointer(&why));
	return false;
}

bool
page_report_post(struct req *r, GError **err)
{
	g_autoptr(GError) why = NULL;

	/* sees all: intake decides to which ticket it belongs, and says no
	 * more than the receipt does. */
	db_as(r->db, DB_HOUSE);
	if (take(r, &why))
		return true;
	/* Whoever wrote all this must not lose it to our trouble. */
	if (r->face == FACE_PAGE && form_body(r) == NULL &&
	    !fault_is(why, FAULT_BUG)) {
		form_error(r, "statement", "%s %s", reply_words(why),
		    "Nothing of what you wrote is lost: send it again in a "
		    "moment.");
		log_fault("report.failed", why);
		return show(r, (unsigned)fault_http(why));
	}
	g_propagate_error(err, g_steal_pointer(&why));
	return false;
}

bool
page_receipt(struct req *r, GError **err)
{
	const char *p = secret_verify(r->a, &r->site->key, receipt_purpose,
	    req_param(r, "token"), r->now);
	struct receipt_view v = {.page_title = "Report received"};
	struct intake_receipt got = {0};
	struct outcome_stands stands = {0};
	int64_t number;
	bool found;

	if (p == NULL || !text_int(p, 0, INT64_MAX, &number))
		return fault_set(err, FAULT_ABSENT,
		    "This receipt is no longer shown. Your number is in our "
		    "mail.");
	/* sees all: who reported has the receipt of it. */
	db_as(r->db, DB_HOUSE);
	if (!intake_receipt_of(r->db, r->a, number, &got, err) ||
	    !outcome_stands_of(r->db, r->a, number, &stands, &found, err))
		return false;
	v.created = stands.created;
	v.passed = stands.passed;
	v.closed = stands.closed;
	v.days = arena_printf(r->a, "%d", RECEIPT_DAYS);
	/* (None was told: report_mask().) */
	v.number = number == 0 ? DESC_NULL : number;
	v.verdicts = got.verdicts;
	v.missing = got.missing;
	v.elsewhere = elsewhere(&got.verdicts);
	return reply_view(r, 200, "page/receipt.html", &desc_receipt_view, &v);
}
