/*
 * The text of a notice and its file: written from the facts of one party
 * alone.  See investigate.h.
 */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/outgoing/mail_views.h"
#include "core/notice/notice.h"
#include "core/notice/investigate_priv.h"

enum { INVESTIGATE_EVENTS_SHOWN = 40 };

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
	struct list l = {.n = MIN(events->n, INVESTIGATE_EVENTS_SHOWN)};

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

static struct list
shown_log(struct arena *a, const struct investigate_facts *f)
{
	struct list l = {.n = MIN(f->n_log, INVESTIGATE_LOG_SHOWN)};

	l.items = ARENA_ARRAY(a, struct mail_line, l.n + 1);
	for (size_t i = 0; i < l.n; i++)
		LIST_AT(mail_line, l, i)->line = f->log[i];
	return l;
}

static void
csv_number(GString *s, int64_t n)
{
	if (n != DESC_NULL)
		g_string_append_printf(s, "%" PRId64, n);
}

/* All of the member's rows, for its own tools. */
const char *
investigate_csv(struct arena *a, const struct list *events)
{
	GString *s = arena_gstring(a);
	bool more = false; /* of a feed */

	for (size_t i = 0; i < events->n && !more; i++)
		more = LIST_AT(ticket_event, *events, i)->more != NULL;
	g_string_append_printf(s,
	    "time_utc,time_given,zone,source_ip,source_port,destination_ip,"
	    "destination_port,protocol,type,url,domain,cve,malware,count,"
	    "reference,time_read_as,lacks%s\r\n", more ? ",more" : "");
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
		if (more) {
			g_string_append_c(s, ',');
			text_csv(s, e->more != NULL ? e->more : "");
		}
		g_string_append(s, "\r\n");
	}
	return s->str;
}

const char *
investigate_subject(struct arena *a, const struct investigate_facts *f)
{
	const struct ticket_event *e =
	    f->events.n > 0 ? LIST_AT(ticket_event, f->events, 0) : NULL;
	const char *type = f->type != NULL ? f->type : "incident";
	const char *slash = strchr(type, '/');
	const char *source = e != NULL && e->source_ip != NULL ? e->source_ip
	    : e != NULL && e->domain != NULL		       ? e->domain
							       : NULL;

	if (f->title != NULL)
		type = f->title;
	else if (slash != NULL)
		type = slash + 1;
	if (source == NULL)
		return arena_printf(a, "%s: action needed", type);
	return arena_printf(a, "%s: %s%s", type, source,
	    f->events.n > 1 ? " and more" : "");
}

const char *
investigate_text(const struct site *s, struct arena *a,
    const struct investigate_facts *f, int64_t number)
{
	const struct conf *c = s->conf;
	GString *text = arena_gstring(a);
	struct mail_notice view = {
	    .team = c->site_name,
	    .network = c->site_network,
	    .tag = arena_printf(a, "[%s #%" PRId64 "]", c->site_subject_tag,
		number),
	    .organisation = f->party,
	    .type = f->type,
	    .tlp = f->tlp != NULL ? f->tlp : "AMBER",
	    .subject = f->title != NULL ? f->title : f->about,
	    .due = when_page(a, f->answer_by),
	    .reporter = f->reporter,
	    .campaign = f->title != NULL,
	    .words = f->title != NULL && !text_blank(f->words) ? f->words
							       : NULL,
	    .link = notice_link(a, s, number, when_now()),
	    .has_events = f->events.n > 0,
	    .cut = f->events.n > INVESTIGATE_EVENTS_SHOWN,
	    .events = shown_events(a, &f->events),
	    .log = shown_log(a, f),
	    .log_rest = f->n_log > INVESTIGATE_LOG_SHOWN
		? (int64_t)(f->n_log - INVESTIGATE_LOG_SHOWN) : DESC_NULL,
	};

	tmpl_render(s->tmpl, f->member ? "mail/notice.txt"
				       : "mail/notice-outside.txt",
	    &desc_mail_notice, &view, text);
	return text->str;
}

const char *
investigate_renumbered(struct arena *a, const struct site *s,
    const char *text, int64_t was, int64_t now)
{
	const char *tag = arena_printf(a, "[%s #%" PRId64 "]",
	    s->conf->site_subject_tag, was);
	const char *door = arena_printf(a, "%s/n/", s->conf->site_public_url);
	GString *out = arena_gstring(a);
	const char *at;

	if (text == NULL)
		return NULL;
	for (; was != now && (at = strstr(text, tag)) != NULL;
	     text = at + strlen(tag)) {
		g_string_append_len(out, text, at - text);
		g_string_append_printf(out, "[%s #%" PRId64 "]",
		    s->conf->site_subject_tag, now);
	}
	g_string_append(out, text);
	at = strstr(out->str, door);
	if (at != NULL) {
		gssize begin = at - out->str;

		g_string_erase(out, begin,
		    (gssize)strcspn(at, " \t\r\n<>\""));
		g_string_insert(out, begin, notice_link(a, s, now, when_now()));
	}
	return out->str;
}
