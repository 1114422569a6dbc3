/*
 * The question to the reporter: written for exactly what the report lacks,
 * changed or sent by the analyst as any reply.  See ticket.h.
 */
#include "base/base.h"
#include "base/json.h"
#include "base/text.h"
#include "core/outgoing/mail_views.h"
#include "core/ticket/ticket_priv.h"

/* So many times are quoted; the reporter has the rest. */
enum { ASK_TIMES_SHOWN = 8 };

DESC_TABLE(ticket_question, TICKET_QUESTION);

static bool
has(const struct json *names, const char *name)
{
	for (size_t i = 0; i < json_len(names); i++)
		if (strcmp(json_str(json_at(names, i), ""), name) == 0)
			return true;
	return false;
}

/* What is missing on the ticket as a whole, and on any event. */
struct lack {
	const struct json *ticket;
	bool address, time, zone, port;
};

static struct lack
lack_of(struct arena *a, const struct ticket_full *t)
{
	struct lack l = {0};

	if (t->missing != NULL)
		json_parse(a, t->missing, strlen(t->missing), &l.ticket, NULL);
	for (size_t i = 0; i < t->events.n; i++) {
		const struct ticket_trace *tr =
		    LIST_AT(ticket_event, t->events, i)->trace;

		if (!tr->needed)
			continue;
		l.address |= !tr->address;
		l.time |= !tr->time;
		l.zone |= tr->time && !tr->zone;
		l.port |= tr->port_lacks;
	}
	l.address |= has(l.ticket, "source address");
	l.time |= has(l.ticket, "time with zone");
	l.zone |= has(l.ticket, "time zone");
	l.port |= has(l.ticket, "source port");
	return l;
}

/* The times whose zone is not known, each once and with its address. */
static void
quote_times(struct arena *a, const struct ticket_full *t,
    struct mail_ask *view)
{
	struct list *l = &view->times;
	int64_t more = 0;

	l->items = ARENA_ARRAY(a, struct mail_given, ASK_TIMES_SHOWN);
	for (size_t i = 0; i < t->events.n; i++) {
		const struct ticket_event *e =
		    LIST_AT(ticket_event, t->events, i);
		bool again = false;

		if (e->time != DESC_NULL || e->time_given == NULL)
			continue;
		for (size_t k = 0; k < l->n; k++)
			again |= strcmp(LIST_AT(mail_given, *l, k)->given,
			    e->time_given) == 0;
		if (again)
			continue;
		if (l->n == ASK_TIMES_SHOWN) {
			more++;
			continue;
		}
		*LIST_AT(mail_given, *l, l->n++) =
		    (struct mail_given){e->time_given, e->source_ip};
	}
	view->more_times = more;
}

/* The address whose port is asked for, when it is only one. */
static void
quote_source(struct arena *a, const struct ticket_full *t,
    struct mail_ask *view)
{
	const char *one = NULL;

	for (size_t i = 0; i < t->events.n; i++) {
		const struct ticket_event *e =
		    LIST_AT(ticket_event, t->events, i);

		if (!e->trace->port_lacks || e->source_ip == NULL)
			continue;
		if (one != NULL && strcmp(one, e->source_ip) != 0)
			return;
		one = e->source_ip;
	}
	if (one == NULL)
		return;
	view->sources.items = ARENA_ARRAY(a, struct mail_given, 1);
	view->sources.n = 1;
	LIST_AT(mail_given, view->sources, 0)->given = one;
}

static const char *
names_of(struct arena *a, const struct mail_ask *v)
{
	const struct {
		bool asked;
		const char *name;
	} all[] = {{v->ask_source, "source address"},
	    {v->ask_header, "complete mail header"},
	    {v->ask_time, "time with zone"}, {v->ask_zone, "time zone"},
	    {v->ask_port, "source port"}, {v->ask_target, "target address"},
	    {v->ask_target_port, "target port"}, {v->ask_url, "web address"}};
	GString *s = arena_gstring(a);
	struct json_out w = json_out(s);
	bool any = false;

	json_begin(&w, '[');
	for (size_t i = 0; i < COUNT_OF(all); i++)
		if (all[i].asked) {
			json_put_text(&w, all[i].name);
			any = true;
		}
	json_end(&w, ']');
	return any ? s->str : NULL;
}

bool
ticket_question(struct db *db, const struct site *s, struct arena *a,
    int64_t number, struct ticket_question *out, GError **err)
{
	struct ticket_full t = {0};
	struct lack l;
	struct mail_ask view = {
	    .team = s->conf->site_name,
	    .tag = arena_printf(a, "[%s #%" PRId64 "]",
		s->conf->site_subject_tag, number),
	};
	GString *text = arena_gstring(a);
	const char *missing;
	bool mail;

	if (!ticket_load(db, a, number, &t, err))
		return false;
	l = lack_of(a, &t);
	mail = t.type != NULL && g_str_has_prefix(t.type, "abusive-content/");
	view.subject = t.open_subject;
	/* Who sent a mail stands in its header, and so does when. */
	view.ask_header = l.address && mail;
	view.ask_source = l.address && !mail;
	view.ask_time = l.time && !view.ask_header;
	view.ask_zone = l.zone;
	view.ask_port = l.port;
	view.ask_target = has(l.ticket, "target address");
	view.ask_target_port = has(l.ticket, "target port");
	view.ask_url = has(l.ticket, "web address");
	missing = names_of(a, &view);
	if (missing == NULL)
		return fault_set(err, FAULT_INPUT,
		    "This report lacks nothing that could be asked for.");
	if (view.ask_zone)
		quote_times(a, &t, &view);
	if (view.ask_port)
		quote_source(a, &t, &view);
	tmpl_render(s->tmpl, "mail/ask-facts.txt", &desc_mail_ask, &view,
	    text);
	*out = (struct ticket_question){
	    .to = t.from,
	    .subject = mail_subject(a, s, number, t.their_ref,
		t.open_subject),
	    .text = text->str,
	    .missing = missing,
	};
	return true;
}
