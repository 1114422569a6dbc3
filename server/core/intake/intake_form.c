/*
 * Reports by form, telephone and API: checked fields become events and a
 * message whose bytes are the form as it was filled in.  See intake.h.
 */
#include "base/base.h"
#include "base/json.h"
#include "base/log.h"
#include "base/net.h"
#include "base/text.h"
#include "base/when.h"
#include "core/intake/event_time.h"
#include "core/intake/intake_priv.h"
#include "core/outgoing/mail_views.h"

enum { FORM_SOURCES_MAX = 200, FORM_AHEAD = 300 /* seconds */ };

DESC_TABLE(intake_form, INTAKE_FORM);
DESC_TABLE(intake_field_fault, INTAKE_FIELD_FAULT);
DESC_TABLE(intake_receipt_verdict, INTAKE_RECEIPT_VERDICT);
DESC_TABLE(intake_missing, INTAKE_MISSING);
DESC_TABLE(intake_receipt, INTAKE_RECEIPT);

static const struct {
	const char *word, *type, *title;
} types[] = {
    {"scan", "information-gathering/scanner", "Scan"},
    {"dos", "availability/ddos", "Denial of service"},
    {"mail", "abusive-content/spam", "Mail abuse"},
    {"phishing", "fraud/phishing", "Phishing"},
    {"malware", "malicious-code/infected-system", "Malware"},
    {"copyright", "fraud/copyright", "Copyright"},
    {"compromise", "intrusions/system-compromise", "Compromise"},
    {"vulnerable", "vulnerable/vulnerable-system", "Vulnerable service"},
    {"login", "intrusion-attempts/brute-force", "Login attempts"},
    {"other", "other/other", "Report"},
};

struct form {
	const struct intake_form *f;
	struct arena *a;
	struct list *faults;
	struct inspection in;
	const char *type, *title, *zone_name;
};

static void
field_fault(struct form *t, const char *field, const char *message)
{
	struct list *l = t->faults;
	struct intake_field_fault *items =
	    ARENA_ARRAY(t->a, struct intake_field_fault, l->n + 1);

	if (l->n > 0)
		memcpy(items, l->items, l->n * sizeof(*items));
	items[l->n++] = (struct intake_field_fault){field, message};
	l->items = items;
}

static void
read_type(struct form *t)
{
	const char *s = t->f->type;

	t->title = "Report";
	if (text_blank(s))
		return;
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (strcmp(types[i].word, s) == 0 ||
		    strcmp(types[i].type, s) == 0) {
			t->type = types[i].type;
			t->title = types[i].title;
			return;
		}
	field_fault(t, "type", "Choose one of the kinds of abuse.");
}

/* "2026-11-23 04:10" and a zone of its own, or one inside the text.  A time
 * without either is kept as it is: the desk asks. */
static void
read_time(struct form *t, struct inspect_event *e)
{
	const char *s = t->f->start;
	g_autoptr(GError) why = NULL;
	struct zone z = {.name = "UTC"};
	bool known = !text_blank(t->f->zone), own;

	e->time = DESC_NULL;
	e->zone = "unknown";
	if (text_blank(s))
		return;
	s = text_squash(t->a, s);
	e->time_given = text_cut(t->a, s, WHEN_TEXT_MAX);
	if (known && !zone_parse(t->a, t->f->zone, &z, &why)) {
		field_fault(t, "zone", arena_strdup(t->a, why->message));
		return;
	}
	if (!event_time_read(t->a, &z, s, when_now(), &e->time, &t->zone_name,
		&own, &why)) {
		field_fault(t, "start", arena_strdup(t->a, why->message));
		return;
	}
	if (own || known)
		e->zone = own ? "given" : "chosen";
	if (!own && !known)
		e->time = DESC_NULL;
	else if (e->time > when_now() + FORM_AHEAD * WHEN_SECOND)
		field_fault(t, "start",
		    "This time has not come yet: check day and zone.");
}

/* Last seen: a moment behind the first, by the same zone.  Without one it is
 * kept as it is written. */
static const char *
read_end(struct form *t, const struct inspect_event *e)
{
	const char *s = t->f->end, *name;
	bool known = !text_blank(t->f->zone), own = false;
	g_autoptr(GError) why = NULL;
	struct zone z = {.name = "UTC"};
	int64_t end;

	if (text_blank(s))
		return NULL;
	s = text_cut(t->a, text_squash(t->a, s), WHEN_TEXT_MAX);
	if (known && !zone_parse(t->a, t->f->zone, &z, NULL))
		return NULL; /* its field has the fault */
	if (!event_time_read(t->a, &z, s, when_now(), &end, &name, &own,
		&why))
		field_fault(t, "end", arena_strdup(t->a, why->message));
	else if (!own && !known)
		return s;
	else if (end > when_now() + FORM_AHEAD * WHEN_SECOND)
		field_fault(t, "end",
		    "This time has not come yet: check day and zone.");
	else if (e->time != DESC_NULL && end < e->time)
		field_fault(t, "end", "This is before the time when it was "
		    "first seen: check both.");
	else
		return when_rfc3339(t->a, end);
	return NULL;
}

/* What no column of an event holds. */
static const char *
read_extra(struct form *t, const struct inspect_event *e)
{
	GString *s = arena_gstring(t->a);
	struct json_out w = json_out(s);
	const char *end = read_end(t, e);
	const char *clock = text_blank(t->f->clock) ? NULL :
	    text_cut(t->a, text_squash(t->a, t->f->clock), 20);

	if (end == NULL && clock == NULL)
		return NULL;
	json_begin(&w, '{');
	if (end != NULL)
		json_text(&w, "end", end);
	if (clock != NULL)
		json_text(&w, "clock exact", clock);
	json_end(&w, '}');
	return s->str;
}

static int64_t
read_number(struct form *t, const char *field, const char *s, int64_t min,
    int64_t max, const char *message)
{
	int64_t n;

	if (text_blank(s))
		return DESC_NULL;
	if (text_int(text_squash(t->a, s), min, max, &n))
		return n;
	field_fault(t, field, message);
	return DESC_NULL;
}

/* "22", "80,443", "1-1024": the number when it is one, else none; the text
 * of the report keeps what was written. */
static int64_t
read_ports(struct form *t, const char *s)
{
	static const char wrong[] =
	    "Ports are numbers from 0 to 65535: 22, or 80,443, or 1-1024.";
	int64_t first = DESC_NULL, n = 0, port;

	if (text_blank(s))
		return DESC_NULL;
	g_auto(GStrv) words = g_strsplit_set(s, " ,;-\t\r\n", -1);

	for (size_t i = 0; words[i] != NULL; i++) {
		if (*words[i] == '\0')
			continue;
		port = read_number(t, "destination_port", words[i], 0, 65535,
		    wrong);
		if (port == DESC_NULL)
			return DESC_NULL;
		first = n++ == 0 ? port : first;
	}
	return n == 1 ? first : DESC_NULL;
}

/* Addresses in canonical form; *n of them. */
static const char **
read_addresses(struct form *t, const char *field, const char *s, size_t *n)
{
	const char **out =
	    ARENA_ARRAY(t->a, const char *, FORM_SOURCES_MAX + 1);

	*n = 0;
	if (text_blank(s))
		return out;
	g_auto(GStrv) words = g_strsplit_set(s, " ,;\t\r\n", -1);

	for (size_t i = 0; words[i] != NULL; i++) {
		struct net net;
		GString *w;

		if (*words[i] == '\0')
			continue;
		w = arena_gstring(t->a);
		g_string_append(w, words[i]);
		/* what a careful person wrote: 192[.]0[.]2[.]7 */
		g_string_replace(w, "[.]", ".", 0);
		g_string_replace(w, "[:]", ":", 0);
		/* of a range a-b the first; the text keeps both */
		if (strchr(w->str, '-') != NULL)
			g_string_truncate(w, (gsize)(strchr(w->str, '-') -
			    w->str));
		if (!net_parse(w->str, false, &net)) {
			field_fault(t, field,
			    arena_printf(t->a, "%s is not an IP address.",
				text_cut(t->a, words[i], 60)));
			return out;
		}
		if (*n == FORM_SOURCES_MAX) {
			field_fault(t, field,
			    "That is more than 200 addresses: send the list "
			    "by mail.");
			return out;
		}
		out[(*n)++] = net_text(t->a, &net);
	}
	return out;
}

/* Some source that we could find.  A member may hold what is private
 * elsewhere, which only the verdicts know. */
static bool
somewhere(struct form *t, const char *verdicts)
{
	const struct list *l = &t->in.events;
	struct intake_verdict *v = intake_verdicts(t->a, verdicts, l);

	for (size_t i = 0; i < l->n; i++)
		if (!intake_nowhere(LIST_AT(inspect_event, *l, i), &v[i]))
			return true;
	if (l->n == 0)
		return true;
	field_fault(t, "source_ip",
	    "This is a private address that exists in many networks: "
	    "give the public one.");
	return false;
}

static void
read_events(struct form *t)
{
	const struct intake_form *f = t->f;
	struct inspect_event e = {.source_port = DESC_NULL,
	    .destination_port = DESC_NULL, .count = DESC_NULL,
	    .time = DESC_NULL};
	struct list *l = &t->in.events;
	const char **sources, **targets;
	size_t n, m;

	e.type = t->type;
	read_time(t, &e);
	e.extra = read_extra(t, &e);
	sources = read_addresses(t, "source_ip", f->source_ip, &n);
	targets = read_addresses(t, "destination_ip", f->destination_ip, &m);
	e.source_port = read_number(t, "source_port", f->source_port, 1,
	    65535, "A port is a number from 1 to 65535.");
	e.destination_port = read_ports(t, f->destination_port);
	e.count = read_number(t, "count", f->count, 1, INT64_MAX / 2,
	    "The number of events is a whole number from 1.");
	if (!text_blank(f->protocol))
		e.protocol = text_lower(t->a,
		    text_cut(t->a, text_squash(t->a, f->protocol), 20));
	if (!text_blank(f->url))
		e.url = text_cut(t->a, text_squash(t->a, f->url), 2000);
	e.destination_ip = m > 0 ? targets[0] : NULL;
	if (n == 0 && m == 0 && e.url == NULL)
		return;
	l->n = MAX(n, 1);
	l->items = ARENA_ARRAY(t->a, struct inspect_event, l->n);
	for (size_t i = 0; i < l->n; i++) {
		e.source_ip = n > 0 ? sources[i] : NULL;
		*LIST_AT(inspect_event, *l, i) = e;
	}
}

static void
check(struct form *t, const char *how)
{
	const struct intake_form *f = t->f;
	bool by_staff = strcmp(how, "telephone") == 0;

	read_type(t);
	if (text_blank(f->email)) {
		if (strcmp(how, "web") == 0)
			field_fault(t, "email",
			    "We need an address to answer to.");
	} else if (!text_address_ok(text_squash(t->a, f->email))) {
		field_fault(t, "email",
		    "This is not a mail address: write name@example.org.");
	}
	if (text_blank(f->statement) && text_blank(f->evidence))
		field_fault(t, "statement", by_staff
			? "Write down what the caller said."
			: "Say in a sentence what happened.");
	if (f->statement != NULL &&
	    g_utf8_strlen(f->statement, -1) > INTAKE_STATEMENT_MAX)
		field_fault(t, "statement",
		    "This is longer than 4,000 characters: put log lines into "
		    "the box for evidence.");
	if (!text_blank(f->tlp)) {
		static const char *const labels[] = {
		    "RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR"};
		bool ok = false;

		for (size_t i = 0; i < COUNT_OF(labels); i++)
			ok |= strcmp(labels[i], f->tlp) == 0;
		if (!ok)
			field_fault(t, "tlp",
			    "Choose one of the TLP labels.");
	}
	read_events(t);
}

/* The form as a message of our own making: no header holds a byte that
 * somebody typed. */
static void
make_message(struct form *t, const struct site *s, const char *how,
    GString *bytes)
{
	GString *body = arena_gstring(t->a);
	struct mail_form view = {.how = how};
	const struct inspect_event *e = t->in.events.n > 0
	    ? LIST_AT(inspect_event, t->in.events, 0)
	    : NULL;
	const char *subject = arena_printf(t->a, "%s%s%s%s%s", t->title,
	    e != NULL && e->source_ip != NULL ? " from " : "",
	    e != NULL && e->source_ip != NULL ? e->source_ip : "",
	    e != NULL && e->destination_ip != NULL ? " to " : "",
	    e != NULL && e->destination_ip != NULL ? e->destination_ip : "");

	/* The form's struct is the first part of the view's. */
	G_STATIC_ASSERT(offsetof(struct mail_form, how) >=
	    offsetof(struct intake_form, urgent));
	for (size_t i = 0; i < desc_intake_form.n; i++) {
		const struct desc_field *d = &desc_intake_form.fields[i];
		const struct desc_field *v =
		    desc_find(&desc_mail_form, d->name);
		size_t size = d->kind == DESC_BOOL ? sizeof(bool)
						   : sizeof(char *);

		memcpy((char *)&view + v->offset,
		    (const char *)t->f + d->offset, size);
	}
	tmpl_render(s->tmpl, "mail/form.txt", &desc_mail_form, &view, body);
	g_string_append_printf(bytes,
	    "Date: %s\r\nSubject: %s\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n\r\n",
	    when_rfc5322(t->a, when_now()), subject);
	for (const char *p = body->str; *p != '\0'; p++) {
		if (*p == '\r')
			continue;
		if (*p == '\n')
			g_string_append_c(bytes, '\r');
		g_string_append_c(bytes, *p);
	}
	t->in.subject = subject;
	t->in.text = body->str;
	/* Sent twice by a double click, it is one report. */
	t->in.digest = text_sha256(t->a, body->str, body->len);
}

bool
intake_web(struct db *db, const struct site *s, struct arena *a,
    const struct intake_form *f, const char *how, const char *client,
    const struct actor *by, struct intake_receipt *out, struct list *faults,
    GError **err)
{
	static const char *const none[] = {NULL};
	const char *email = text_blank(f->email)
	    ? NULL
	    : text_address_norm(a, text_squash(a, f->email));
	const char *rcpt = address_report(a, s);
	struct form t = {.f = f, .a = a, .faults = faults};
	struct smtp_envelope env = {
	    .from = email != NULL ? email : "", .rcpts = &rcpt, .n = 1,
	    .proto = ENVELOPE_FILE, .client = client, .received = when_now(),
	};
	struct intake_job j = {.s = s, .a = a, .env = &env, .in = &t.in,
	    .doors = {.report = true}};
	struct intake_new fresh = {
	    .how = how, .reporter = email, .by = by,
	    .reporter_name = text_blank(f->name)
		? NULL
		: text_cut(a, text_squash(a, f->name), 200),
	    .priority = f->urgent ? 1 : 2,
	    .name_reporter = f->may_name,
	    .tlp = text_blank(f->tlp) ? NULL : f->tlp,
	};
	struct intake_job *one = &j;
	struct intake_result r;
	GString *bytes = arena_gstring(a);

	*faults = (struct list){0};
	t.in = (struct inspection){.format = "plain", .may_reply = true,
	    .from = email, .date = when_now(), .subject_number = DESC_NULL,
	    .references = none, .from_name = fresh.reporter_name};
	check(&t, how);
	if (faults->n > 0)
		return fault_set(err, FAULT_INPUT, "%s",
		    LIST_AT(intake_field_fault, *faults, 0)->message);
	fresh.type = t.type;
	fresh.zone_name = t.zone_name;
	make_message(&t, s, how, bytes);
	t.in.size = (int64_t)bytes->len;
	j.bytes = (const unsigned char *)bytes->str;
	j.len = bytes->len;
	j.fresh = fresh;
	j.out = &r;
	if (!intake_ask(db, &one, 1, err))
		return false;
	if (!somewhere(&t, j.ctx.verdicts))
		return fault_set(err, FAULT_INPUT, "%s",
		    LIST_AT(intake_field_fault, *faults, 0)->message);
	intake_decide(s, &env, &j.doors, &t.in, &j.ctx, &j.plan);
	if (!intake_store(db, &j, err))
		return false;
	log_info("intake.stored", LOG_I("message", r.message),
	    LOG_S("disposition", r.disposition), LOG_I("ticket", r.ticket),
	    LOG_S("how", how), LOG_S("client", client));
	if (!intake_receipt_of(db, a, r.ticket, out, err))
		return false;
	out->disposition = r.disposition;
	out->stranger = r.stranger;
	return true;
}

bool
intake_missing_of(struct db *db, struct arena *a, int64_t ticket,
    struct list *facts, GError **err)
{
	return db_list(db, a, Q_INTAKE_RECEIPT_MISSING,
	    DB_ARGS(DB_INT(ticket)), &desc_intake_missing, facts, err);
}

bool
intake_receipt_of(struct db *db, struct arena *a, int64_t ticket,
    struct intake_receipt *out, GError **err)
{
	struct intake_receipt r = {.number = ticket, .disposition = "report"};

	if (!db_list(db, a, Q_INTAKE_RECEIPT_EVENTS, DB_ARGS(DB_INT(ticket)),
		&desc_intake_receipt_verdict, &r.verdicts, err) ||
	    !intake_missing_of(db, a, ticket, &r.missing, err))
		return false;
	*out = r;
	return true;
}
