/*
 * The notice to the member concerned: written from the facts, shown before
 * it goes, sent with the rows of that member alone.  See ticket.h.
 */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/constituency.h"
#include "core/mail_views.h"
#include "core/ticket_priv.h"

enum { NOTICE_EVENTS_SHOWN = 40 };

DESC_TABLE(ticket_notice, TICKET_NOTICE);

/* What a notice is made of. */
struct facts {
	struct ticket_full t;
	struct list events;   /* ticket_event, of the member only */
	struct list contacts; /* constituency_contact */
};

static bool
facts_load(struct db *db, struct arena *a, int64_t number, struct facts *f,
    GError **err)
{
	if (!ticket_load(db, a, number, &f->t, err))
		return false;
	if (f->t.organisation_id == DESC_NULL)
		return fault_set(err, FAULT_INPUT,
		    "No address on this ticket belongs to a member, so there "
		    "is nobody to notify.");
	if (!db_list(db, a, Q_TICKET_NOTICE_EVENTS,
		DB_ARGS(DB_INT(number), DB_INT(f->t.organisation_id)),
		&desc_ticket_event, &f->events, err) ||
	    !db_list(db, a, Q_TICKET_NOTICE_TO,
		DB_ARGS(DB_INT(number), DB_INT(f->t.organisation_id)),
		&desc_constituency_contact, &f->contacts, err))
		return false;
	ticket_trace_events(a, f->t.type, &f->events, NULL);
	return true;
}

static const char *
endpoint(struct arena *a, const char *ip, int64_t port)
{
	if (ip == NULL)
		return NULL;
	if (port == DESC_NULL)
		return ip;
	return arena_printf(a, "%s port %" PRId64, ip, port);
}

static const char *
what_of(struct arena *a, const struct ticket_event *e)
{
	GString *s = arena_gstring(a);
	const struct {
		const char *label, *value;
	} parts[] = {{"", e->type}, {"", e->protocol}, {"", e->url},
	    {"domain ", e->domain}, {"", e->cve}, {"", e->malware}};

	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if (parts[i].value != NULL)
			g_string_append_printf(s, "%s%s%s",
			    s->len > 0 ? ", " : "", parts[i].label,
			    parts[i].value);
	if (e->count != DESC_NULL && e->count > 1)
		g_string_append_printf(s, ", seen %" PRId64 " times",
		    e->count);
	return s->len > 0 ? s->str : NULL;
}

/* A zone is never made up: the member reads what we know, and how. */
static const char *
time_of(struct arena *a, const struct ticket_event *e)
{
	if (e->time != DESC_NULL && e->zone_name != NULL &&
	    e->time_given != NULL)
		return arena_printf(a, "%s (written \"%s\", read as %s)",
		    when_rfc3339(a, e->time), e->time_given, e->zone_name);
	if (e->time != DESC_NULL)
		return when_rfc3339(a, e->time);
	if (e->time_given == NULL)
		return "not stated";
	return arena_printf(a, e->as_given
		? "%s (as given: the reporter stated no time zone)"
		: "%s (time zone not known)", e->time_given);
}

static struct list
shown_events(struct arena *a, const struct list *events)
{
	struct list l = {.n = MIN(events->n, NOTICE_EVENTS_SHOWN)};

	l.items = ARENA_ARRAY(a, struct mail_event, l.n + 1);
	for (size_t i = 0; i < l.n; i++) {
		const struct ticket_event *e =
		    LIST_AT(ticket_event, *events, i);
		struct mail_event *m = LIST_AT(mail_event, l, i);

		m->time = time_of(a, e);
		m->lacks = e->trace->lacks;
		m->source = endpoint(a, e->source_ip, e->source_port);
		m->target = endpoint(a, e->destination_ip,
		    e->destination_port);
		if (m->target == NULL && e->destination_port != DESC_NULL)
			m->target = arena_printf(a, "port %" PRId64,
			    e->destination_port);
		m->what = what_of(a, e);
	}
	return l;
}

static void
csv_number(GString *s, int64_t n)
{
	if (n != DESC_NULL)
		g_string_append_printf(s, "%" PRId64, n);
}

/* All of the member's rows, for its own tools. */
static const char *
events_csv(struct arena *a, const struct list *events)
{
	GString *s = arena_gstring(a);

	g_string_append(s, "time_utc,time_given,zone,source_ip,source_port,"
			   "destination_ip,destination_port,protocol,type,"
			   "url,domain,cve,malware,count,reference,"
			   "time_read_as,lacks\r\n");
	for (size_t i = 0; i < events->n; i++) {
		const struct ticket_event *e =
		    LIST_AT(ticket_event, *events, i);
		const char *texts[] = {e->protocol, e->type, e->url,
		    e->domain, e->cve, e->malware};

		if (e->time != DESC_NULL)
			g_string_append(s, when_rfc3339(a, e->time));
		g_string_append_c(s, ',');
		text_csv(s, e->time_given != NULL ? e->time_given : "");
		g_string_append_printf(s, ",%s,", e->zone);
		g_string_append(s, e->source_ip != NULL ? e->source_ip : "");
		g_string_append_c(s, ',');
		csv_number(s, e->source_port);
		g_string_append_c(s, ',');
		g_string_append(s,
		    e->destination_ip != NULL ? e->destination_ip : "");
		g_string_append_c(s, ',');
		csv_number(s, e->destination_port);
		for (size_t k = 0; k < COUNT_OF(texts); k++) {
			g_string_append_c(s, ',');
			text_csv(s, texts[k] != NULL ? texts[k] : "");
		}
		g_string_append_c(s, ',');
		csv_number(s, e->count);
		g_string_append_c(s, ',');
		text_csv(s, e->reporter_ref != NULL ? e->reporter_ref : "");
		g_string_append_c(s, ',');
		/* ("+01:00" as a spreadsheet must not add it up) */
		text_csv(s, e->zone_name != NULL ? e->zone_name : "");
		g_string_append_c(s, ',');
		text_csv(s, e->trace->lacks != NULL ? e->trace->lacks : "");
		g_string_append(s, "\r\n");
	}
	return s->str;
}

static const char *
subject_of(struct arena *a, const struct facts *f)
{
	const struct ticket_event *e =
	    f->events.n > 0 ? LIST_AT(ticket_event, f->events, 0) : NULL;
	const char *type = f->t.type != NULL ? f->t.type : "incident";
	const char *slash = strchr(type, '/');
	const char *source = e != NULL && e->source_ip != NULL ? e->source_ip
	    : e != NULL && e->domain != NULL		       ? e->domain
							       : NULL;

	if (slash != NULL)
		type = slash + 1;
	if (source == NULL)
		return arena_printf(a, "%s: action needed", type);
	return arena_printf(a, "%s: %s%s", type, source,
	    f->events.n > 1 ? " and more" : "");
}

static void
draft(const struct site *s, struct arena *a, const struct facts *f,
    struct ticket_notice *out)
{
	const struct conf *c = s->conf;
	GString *text = arena_gstring(a), *to = arena_gstring(a);
	GString *why = arena_gstring(a);
	struct mail_notice view = {
	    .team = c->site_name,
	    .network = c->site_network,
	    .tag = arena_printf(a, "[%s #%" PRId64 "]", c->site_subject_tag,
		f->t.number),
	    .organisation = f->t.organisation,
	    .type = f->t.type,
	    .tlp = f->t.tlp != NULL ? f->t.tlp : "AMBER",
	    .subject = f->t.open_subject,
	    /* three days: mission.md section 5, the first reminder */
	    .due = when_page(a, when_now() + 3 * WHEN_DAY),
	    .reporter = f->t.name_reporter ? f->t.from : NULL,
	    .has_events = f->events.n > 0,
	    .cut = f->events.n > NOTICE_EVENTS_SHOWN,
	    .events = shown_events(a, &f->events),
	};

	tmpl_render(s->tmpl, "mail/notice.txt", &desc_mail_notice, &view,
	    text);
	for (size_t i = 0; i < f->contacts.n; i++) {
		const struct constituency_contact *who =
		    LIST_AT(constituency_contact, f->contacts, i);

		g_string_append_printf(to, "%s%s", i > 0 ? ", " : "",
		    who->email);
		g_string_append_printf(why, "%s%s: %s", i > 0 ? "; " : "",
		    who->email, who->reason);
	}
	*out = (struct ticket_notice){
	    .organisation = f->t.organisation,
	    .to = to->str,
	    .to_reason = why->str,
	    .subject = mail_subject(a, s, f->t.number, NULL,
		subject_of(a, f)),
	    .text = text->str,
	    .attachment = arena_printf(a, "events-%" PRId64 ".csv",
		f->t.number),
	};
}

bool
ticket_notice_draft(struct db *db, const struct site *s, struct arena *a,
    int64_t number, struct ticket_notice *out, GError **err)
{
	struct facts f;

	if (!facts_load(db, a, number, &f, err))
		return false;
	draft(s, a, &f, out);
	return true;
}

struct notify {
	const struct site *s;
	const struct actor *who;
	struct arena *a;
	int64_t number, message;
	const char *const *to;
	const char *subject, *text;
	struct sealing_choice choice;
};

static const char *const *
contact_addresses(struct arena *a, const struct list *contacts)
{
	const char **to = ARENA_ARRAY(a, const char *, contacts->n + 1);

	for (size_t i = 0; i < contacts->n; i++)
		to[i] = LIST_AT(constituency_contact, *contacts, i)->email;
	return to;
}

static bool
notify(struct db *db, void *p, GError **err)
{
	struct notify *t = p;
	struct ticket_locked row;
	struct facts f;
	struct ticket_notice mail;
	const char *csv;
	const char *const *to = t->to;
	struct outbox_file file;

	if (!ticket_lock(db, t->a, t->number, 0, &row, err) ||
	    !facts_load(db, t->a, t->number, &f, err))
		return false;
	if (to == NULL || to[0] == NULL)
		to = contact_addresses(t->a, &f.contacts);
	if (to[0] == NULL)
		return fault_set(err, FAULT_INPUT,
		    "%s has no contact for this: add one, or say to whom the "
		    "notice goes.", f.t.organisation);
	draft(t->s, t->a, &f, &mail);
	csv = events_csv(t->a, &f.events);
	file = (struct outbox_file){mail.attachment, "text/csv", csv,
	    strlen(csv)};
	/* A thread of its own: the member never sees the reporter's
	 * Message-IDs. */
	return outbox_queue(db, t->s,
		   &(struct outbox_mail){
		       .purpose = "notice",
		       .ticket = t->number,
		       .author = t->who,
		       .to = to,
		       .subject = text_blank(t->subject)
			   ? mail.subject
			   : mail_subject(t->a, t->s, t->number, NULL,
				 t->subject),
		       .text = text_blank(t->text) ? mail.text : t->text,
		       .files = &file,
		       .n_files = f.events.n > 0 ? 1 : 0,
		       .choice = t->choice,
		   },
		   &t->message, err) &&
	    ticket_add_parties(db, t->number, to, "member", err) &&
	    db_exec(db, Q_TICKET_TOUCH,
		DB_ARGS(DB_INT(t->number), DB_BOOL(true)), NULL, err) &&
	    audit_write(db, t->who, "ticket.notify", t->number, 0,
		arena_printf(t->a, "message %" PRId64, t->message), NULL,
		ticket_joined(t->a, to), err) &&
	    outbox_kick(db, err);
}

bool
ticket_notify_within(struct db *db, const struct site *s,
    const struct actor *who, int64_t number, int64_t *message, GError **err)
{
	ARENA_AUTO(a, "notify");
	struct notify t = {.s = s, .who = who, .a = a, .number = number};

	g_assert(db_in_tx(db));
	if (!notify(db, &t, err))
		return false;
	*message = t.message;
	return true;
}

bool
ticket_notify(struct db *db, const struct site *s, const struct actor *who,
    int64_t number, const char *const *to, const char *subject,
    const char *text, struct sealing_choice choice, int64_t *message,
    GError **err)
{
	ARENA_AUTO(a, "notify");
	struct notify t = {
	    .s = s, .who = who, .a = a, .number = number, .to = to,
	    .subject = subject, .text = text, .choice = choice,
	};

	if (!db_tx(db, notify, &t, err))
		return false;
	if (message != NULL)
		*message = t.message;
	return true;
}
