/*
 * Time zones on the desk: settling those of a ticket, the question to its
 * reporter, and the rules for senders.
 */
#include "base/base.h"
#include "base/text.h"
#include "base/zone.h"
#include "core/intake/settle.h"
#include "core/intake/zone_rule.h"
#include "http/counts.h"
#include "http/form.h"
#include "http/page/page_ticket.h"

static const struct form_field settle_fields[] = {
    {"act", FORM_LINE, 20, .required = true, .label = "what to do"},
    {"zone", FORM_LINE, 80},
    {"time", FORM_LINE, WHEN_TEXT_MAX},
    {"sender", FORM_LINE, 320},
    {"version", FORM_LINE, 20},
    {"since", FORM_LINE, 20},
};
const struct form form_settle = FORM(settle_fields);

static const struct form_field rule_fields[] = {
    {"sender", FORM_LINE, 320, .required = true, .label = "the sender"},
    {"zone", FORM_LINE, 80, .required = true, .label = "the zone"},
};
const struct form form_zone_rule = FORM(rule_fields);

static const struct form_field rule_remove_fields[] = {
    {"sender", FORM_LINE, 320, .required = true, .label = "the sender"},
};
const struct form form_zone_rule_remove = FORM(rule_remove_fields);

DESC_TABLE(settled_view, SETTLED_VIEW);
DESC_TABLE(question_view, QUESTION_VIEW);
DESC_TABLE(zone_rules_view, ZONE_RULES_VIEW);
DESC_TABLE(zone_rule_view, ZONE_RULE_VIEW);

/* ---- settling --------------------------------------------------------------- */

/* The words of the buttons; "utc" is "zone" with the zone said. */
static const struct {
	const char *word;
	enum settle_act act;
	bool utc;
} acts[] = {
    {"utc", SETTLE_ZONE, true},
    {"zone", SETTLE_ZONE, false},
    {"always", SETTLE_ALWAYS, false},
    {"always-utc", SETTLE_ALWAYS, true},
    {"as-given", SETTLE_AS_GIVEN, false},
    {"undo", SETTLE_UNDO, false},
};

static bool
read_settle(struct req *r, struct settle *w)
{
	const char *act = form_get(r, "act");

	for (size_t i = 0; i < COUNT_OF(acts); i++) {
		if (strcmp(acts[i].word, act) != 0)
			continue;
		w->act = acts[i].act;
		w->zone = acts[i].utc ? "UTC" : form_get(r, "zone");
		w->time = form_has(r, "time") ? form_get(r, "time") : NULL;
		w->sender = form_get(r, "sender");
		if (w->time != NULL && (w->act != SETTLE_ZONE || w->event == 0))
			form_error(r, "time",
			    "A time is written for one event and its zone.");
		return form_ok(r);
	}
	if (form_ok(r))
		form_error(r, "act",
		    "Say what to do: utc, zone, always, as-given or undo.");
	return false;
}

static const char *
settled_words(struct arena *a, const struct settled *v)
{
	GString *s = arena_gstring(a);

	g_string_append_printf(s, v->settled == 1
		? "%" PRId64 " time is changed."
		: "%" PRId64 " times are changed.", v->settled);
	if (v->left > 0)
		g_string_append_printf(s, " %" PRId64 " could not be: %s",
		    v->left, v->why);
	if (v->verdicts > 0)
		g_string_append_printf(s, " At the new time the address "
		    "belonged to somebody else in %" PRId64 " of them.",
		    v->verdicts);
	if (v->rule != NULL)
		g_string_append_printf(s, " From now on the rule for %s "
		    "does it.", v->rule);
	return s->str;
}

/* A zone that cannot be is shown at its field, with what was typed. */
static bool
show_again(struct req *r, int64_t number, GError **err)
{
	const struct ticket_view typed = {.zone_text = form_get(r, "zone"),
	    .open_zone = true};

	return ticket_show(r, 422, number, &typed, err);
}

static bool
settle(struct req *r, int64_t number, int64_t event, GError **err)
{
	struct settle w = {.event = event};
	struct settled_view v = {0};
	struct settled done = {0};
	g_autoptr(GError) why = NULL;
	int64_t version;

	if (!form_int(r, "version", 0, INT64_MAX / 2, 0, &version) ||
	    !read_settle(r, &w))
		return show_again(r, number, err);
	if (!settle_zone(r->db, r->site, r->a, &r->actor, number, version, &w,
		&done, &why)) {
		if (!fault_is(why, FAULT_INPUT))
			return ticket_late(r, number,
			    &(struct ticket_view){.open_zone = true,
				.zone_text = form_get(r, "zone")},
			    "no time was changed", NULL, &why, err);
		form_error(r, "zone", "%s", why->message);
		return show_again(r, number, err);
	}
	counts_forget(r);
	desc_copy(&desc_settled, &done, &desc_settled_view, &v);
	return reply_done(r, arena_printf(r->a, "/desk/tickets/%" PRId64,
				 number),
	    settled_words(r->a, &done), 200, &desc_settled_view, &v);
}

bool
act_ticket_zone(struct req *r, GError **err)
{
	int64_t number;

	return req_param_int(r, "number", &number, err) &&
	    settle(r, number, 0, err);
}

bool
act_event_zone(struct req *r, GError **err)
{
	int64_t number, event;

	return req_param_int(r, "number", &number, err) &&
	    req_param_int(r, "id", &event, err) &&
	    settle(r, number, event, err);
}

/* ---- the question ----------------------------------------------------------- */

bool
page_ask(struct req *r, GError **err)
{
	struct question_view v = {0};
	struct ticket_view typed = {.open_reply = true, .asks = true};
	struct ticket_question q = {0};
	int64_t number;

	if (!req_param_int(r, "number", &number, err) ||
	    !ticket_question(r->db, r->site, r->a, number, &q, err))
		return false;
	if (r->face == FACE_API) {
		desc_copy(&desc_ticket_question, &q, &desc_question_view, &v);
		return reply_view(r, 200, "page/ticket.html",
		    &desc_question_view, &v);
	}
	typed.reply_subject = q.subject;
	typed.reply_text = q.text;
	return ticket_show(r, 200, number, &typed, err);
}

/* ---- rules ------------------------------------------------------------------ */

static bool
show_rules(struct req *r, unsigned status, struct zone_rules_view *v,
    int64_t page, GError **err)
{
	v->page_title = "Time zones of senders";
	if (!zone_rule_list(r->db, r->a, page, &v->items, &v->total, err))
		return false;
	if (status != 200)
		return reply_view(r, status, "page/zone_rules.html",
		    &desc_zone_rules_view, v);
	return reply_list(r, "page/zone_rules.html", &desc_zone_rules_view, v,
	    page, ZONE_RULE_PAGE);
}

bool
page_zone_rules(struct req *r, GError **err)
{
	struct zone_rules_view v = {0};
	int64_t page;

	return req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err) &&
	    show_rules(r, 200, &v, page, err);
}

bool
act_zone_rule(struct req *r, GError **err)
{
	struct zone_rules_view shown = {0};
	struct zone_rule_view v = {0};
	g_autoptr(GError) no_sender = NULL;
	g_autoptr(GError) no_zone = NULL;
	struct zone z;

	if (form_has(r, "sender") &&
	    !zone_rule_sender(r->a, form_get(r, "sender"), &v.sender,
		&no_sender))
		form_error(r, "sender", "%s", no_sender->message);
	if (form_has(r, "zone") &&
	    !zone_parse(r->a, form_get(r, "zone"), &z, &no_zone))
		form_error(r, "zone", "%s", no_zone->message);
	if (!form_ok(r)) {
		form_fill(r, &desc_zone_rules_view, &shown);
		return show_rules(r, 422, &shown, 0, err);
	}
	v.zone = z.name;
	return zone_rule_set(r->db, &r->actor, v.sender, z.name, 0, err) &&
	    reply_done(r, "/desk/zones",
		arena_printf(r->a, "Times of %s without a zone are read as "
		    "%s from now on.", v.sender, z.name),
		201, &desc_zone_rule_view, &v);
}

bool
act_zone_rule_remove(struct req *r, GError **err)
{
	struct zone_rules_view shown = {0};
	struct zone_rule_view v = {.sender = form_get(r, "sender")};

	if (!form_ok(r))
		return show_rules(r, 422, &shown, 0, err);
	return zone_rule_remove(r->db, &r->actor, v.sender, err) &&
	    reply_done(r, "/desk/zones",
		arena_printf(r->a, "The rule for %s is gone. What it settled "
		    "stays as it is.", v.sender),
		200, &desc_zone_rule_view, &v);
}
