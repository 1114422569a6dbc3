/* One ticket: /desk/tickets/N, GET /api/v1/tickets/N. */
#include "base/base.h"
#include "base/text.h"
#include "core/case/lifecycle.h"
#include "core/outgoing/mail_views.h"
#include "core/ticket/news.h"
#include "core/ticket/presence.h"
#include "http/form.h"
#include "http/page/page_desk.h"
#include "http/page/page_ticket.h"

enum { CAMPAIGN_EVENTS_SHOWN = 20, EVENTS_OPEN = 3,
	WHOSE_MAX = 4 };

DESC_TABLE(ticket_view, TICKET_VIEW);

/*
 * struct ticket_view holds the members of struct ticket_full in the same
 * order, from number to moves, so they are one block of the same layout.
 */
static void
copy_ticket(struct ticket_view *v, const struct ticket_full *t)
{
	G_STATIC_ASSERT(offsetof(struct ticket_full, number) == 0);
	G_STATIC_ASSERT(offsetof(struct ticket_view, moves) -
		offsetof(struct ticket_view, number) ==
	    offsetof(struct ticket_full, moves));
	memcpy((char *)v + offsetof(struct ticket_view, number), t,
	    offsetof(struct ticket_full, moves) + sizeof(t->moves));
}

/* Is anybody concerned?  Which ones, the page of the notice knows. */
static bool
may_notify(const struct ticket_full *t)
{
	if (t->is_closed || t->is_countermeasure)
		return false;
	for (size_t i = 0; i < t->events.n; i++) {
		const struct ticket_event *e =
		    LIST_AT(ticket_event, t->events, i);

		if (e->organisation != NULL || e->abuse != NULL)
			return true;
	}
	return t->is_investigation || t->organisation_id != DESC_NULL;
}

/* What the other side was asked, and what came of it. */
static bool
load_asked(struct req *r, struct ticket_view *v, GError **err)
{
	struct notice *n = ARENA_NEW(r->a, struct notice);
	bool found;

	if (!notice_of(r->db, r->a, v->number, n, &found, err))
		return false;
	if (!found)
		return true;
	v->asked = n;
	/* A reply goes to the party of the thread; on a report, to the
	 * reporter, who must not read what the party was told. */
	if (strcmp(v->kind, "investigation") != 0)
		return true;
	if (v->reply_to == NULL)
		v->reply_to = n->to;
	/* They need more: the answer is begun, and open. */
	if (!n->needs_more || n->closed || v->reply_text != NULL ||
	    v->open_comment)
		return true;
	v->open_reply = true;
	return notice_more(r->db, r->site, r->a, n, &v->reply_text, err);
}

/* For whom "always" may be said: the names by which a rule knows the first
 * report with a time that waits for its zone. */
static struct list
zone_senders(struct arena *a, const struct ticket_full *t)
{
	const char *feed = NULL, *format = NULL;
	const char *const *names;
	struct list l = {0};

	for (size_t i = t->events.n; i-- > 0;) {
		const struct ticket_event *e =
		    LIST_AT(ticket_event, t->events, i);

		if (e->zone_open)
			feed = e->feed;
	}
	for (size_t i = t->messages.n; i-- > 0;) {
		const struct ticket_message *m =
		    LIST_AT(ticket_message, t->messages, i);

		if (g_strcmp0(m->disposition, "report") == 0)
			format = m->format;
	}
	names = zone_rule_senders(a, t->from, feed, format);
	l.items = ARENA_ARRAY(a, struct desk_option,
	    ZONE_RULE_SENDERS_MAX);
	for (; names[l.n] != NULL; l.n++)
		*LIST_AT(desk_option, l, l.n) =
		    (struct desk_option){names[l.n], names[l.n], false};
	return l;
}

/* Own drafts to be offered, and who else writes. */
static bool
load_drafts(struct req *r, struct ticket_view *v, GError **err)
{
	const char *const numbers[] = {
	    arena_printf(r->a, "%" PRId64, v->number), NULL};
	struct list own, writers;
	size_t n = 0;

	if (!draft_list(r->db, r->a, &r->actor, v->number, &own, err) ||
	    !draft_writers(r->db, r->a, numbers, &writers, err))
		return false;
	for (size_t i = 0; i < own.n; i++) {
		struct draft *d = LIST_AT(draft, own, i);

		if (g_strcmp0(d->form, v->shown_draft) != 0)
			*LIST_AT(draft, own, n++) = *d;
	}
	own.n = n;
	v->drafts = own;
	v->writing = draft_words(r->a, &writers, v->number, r->actor.id,
	    r->now);
	return true;
}

static bool
has_address(const char *line, const char *address)
{
	g_auto(GStrv) words = g_strsplit_set(line != NULL ? line : "", ",; ",
	    -1);

	for (size_t i = 0; words[i] != NULL; i++)
		if (g_ascii_strcasecmp(words[i], address) == 0)
			return true;
	return false;
}

/* Who else takes part: ticked is who had our last reply, or what was ticked
 * when the form comes back.  (A draft has all in its Cc.) */
static void
load_also(struct req *r, struct ticket_view *v)
{
	bool typed = r->route->form == &form_reply;
	size_t n = 0;
	const char *const *ticked = typed ? form_list(r, "also", &n) : NULL;

	v->also.items = ARENA_ARRAY(r->a, struct desk_option,
	    MAX(v->parties.n, 1));
	for (size_t i = 0; i < v->parties.n; i++) {
		const struct ticket_party *p =
		    LIST_AT(ticket_party, v->parties, i);
		bool chosen = !typed && v->shown_draft == NULL && p->told;

		if (has_address(v->reply_to, p->email) ||
		    has_address(v->reply_cc, p->email))
			continue;
		for (size_t k = 0; k < n; k++)
			chosen |= strcmp(ticked[k], p->email) == 0;
		*LIST_AT(desk_option, v->also, v->also.n++) =
		    (struct desk_option){p->email,
			strcmp(p->role, "other") == 0 ? "" : p->role, chosen};
	}
}

/* What may be done with one that may belong together, in one step. */
static void
mark_related(struct ticket_view *v)
{
	for (size_t i = 0; i < v->related.n; i++) {
		struct group_related *g =
		    LIST_AT(group_related, v->related, i);
		bool incident = strcmp(g->kind, "incident") == 0;

		g->asked = v->number;
		g->linkable = v->is_report && incident;
		/* An answer that came as a report of its own, too. */
		g->mergeable = (strcmp(g->kind, v->kind) == 0 &&
		    !v->is_countermeasure) || (v->is_report &&
		    strcmp(g->kind, "investigation") == 0);
	}
}

/* Before an incident is closed: core/case/cascade.def, in words. */
static const char *
goes_along(struct arena *a, const struct ticket_view *v)
{
	size_t n = 0;

	if (!v->is_incident || v->is_closed)
		return NULL;
	for (size_t i = 0; i < v->children.n; i++)
		n += !lifecycle_closed(
		    LIST_AT(case_ticket, v->children, i)->status);
	return n == 0 ? NULL : arena_printf(a, "With it goes what is open on "
	    "it (%zu now), unless another open incident holds it: reports and "
	    "investigations are closed, countermeasures wait for their "
	    "removal. It can be undone as a whole.", n);
}

/* At most so many of these are shown; says how many are not. */
static int64_t
cut(struct list *l, size_t most)
{
	int64_t more = l->n > most ? (int64_t)(l->n - most) : 0;

	l->n = MIN(l->n, most);
	return more;
}

/* The incident of a campaign has hundreds of everything, and a board: its
 * page shows the beginning, and of the mails of its threads what others
 * wrote. */
static void
shorten(struct ticket_view *v)
{
	size_t n = 0, all = v->messages.n;

	if (!v->is_incident || v->campaigns.n == 0)
		return;
	for (size_t i = 0; i < all; i++) {
		const struct ticket_message *m =
		    LIST_AT(ticket_message, v->messages, i);

		if (m->thread == DESC_NULL ||
		    strcmp(m->direction, "in") == 0)
			*LIST_AT(ticket_message, v->messages, n++) = *m;
	}
	v->messages.n = n;
	cut(&v->messages, CAMPAIGN_PAGE);
	v->more_messages = (int64_t)(all - v->messages.n);
	v->more_events = cut(&v->events, CAMPAIGN_EVENTS_SHOWN);
	v->more_children = cut(&v->children, CAMPAIGN_PAGE);
	cut(&v->history, CAMPAIGN_PAGE);
}

/* "16 more: 13 of Southbridge College, 3 of University of Northmoor" */
static const char *
whose(struct arena *a, const struct list *events)
{
	GString *s = arena_gstring(a);
	const char **names = ARENA_ARRAY(a, const char *, events->n);
	size_t *of = ARENA_ARRAY(a, size_t, events->n), n = 0;

	for (size_t i = 0, k; i < events->n; i++) {
		const struct ticket_event *e =
		    LIST_AT(ticket_event, *events, i);
		const char *name = e->organisation != NULL ? e->organisation :
		    e->abuse != NULL ? e->abuse : "nobody known";

		for (k = 0; k < n && strcmp(names[k], name) != 0; k++)
			continue;
		if (k == n)
			names[n++] = name;
		of[k]++;
	}
	g_string_append_printf(s, "%zu more: ", events->n);
	for (size_t k = 0; k < n && k < WHOSE_MAX; k++)
		g_string_append_printf(s, "%s%zu of %s", k > 0 ? ", " : "",
		    of[k], names[k]);
	if (n > WHOSE_MAX)
		g_string_append_printf(s, " and of %zu others", n - WHOSE_MAX);
	return s->str;
}

/* Sixty sources are one matter: the first few are seen, the rest is one
 * click away, and what to do stands on the first screen. */
static void
fold_events(struct arena *a, struct ticket_view *v)
{
	if (v->events.n <= EVENTS_OPEN + 1)
		return;
	v->rest_events = (struct list){
	    .items = LIST_AT(ticket_event, v->events, EVENTS_OPEN),
	    .n = v->events.n - EVENTS_OPEN};
	v->events.n = EVENTS_OPEN;
	v->rest_says = whose(a, &v->rest_events);
}

/* The likely reason why a thread is closed, by what its party answered. */
static const char *
likely(const struct ticket_view *v)
{
	static const struct {
		const char *result, *words;
	} all[] = {
	    {"CLEANED", "successfully resolved"},
	    {"NOT-TRACED", "no resolution reached"},
	    {"AUTHORISED", "consented"},
	};

	if (v->asked == NULL)
		return all[0].words;
	for (size_t i = 0; i < COUNT_OF(all); i++)
		if (g_strcmp0(v->asked->result, all[i].result) == 0)
			return all[i].words;
	return v->organisation_id != DESC_NULL ? "no response from customer"
					       : "no response from other ISP";
}

/* What it may be classified as, and for which reasons it may be closed:
 * "resolved" has several, and goes by a form of its own. */
static void
load_choices(struct req *r, struct ticket_view *v)
{
	const char *usual = likely(v);
	size_t n = 0;

	if (!v->is_countermeasure)
		v->types = desk_types(r->a, v->type != NULL ? v->type : "");
	for (size_t i = 0; i < v->moves.n; i++) {
		struct ticket_move *m = LIST_AT(ticket_move, v->moves, i);
		struct list l;

		if (strcmp(m->status, "resolved") != 0) {
			*LIST_AT(ticket_move, v->moves, n++) = *m;
			continue;
		}
		l = lifecycle_resolutions(r->a, m->status);
		v->resolutions.n = l.n;
		v->resolutions.items = ARENA_ARRAY(r->a, struct desk_option,
		    MAX(l.n, 1));
		for (size_t k = 0; k < l.n; k++) {
			const char *words =
			    LIST_AT(resolution_choice, l, k)->words;

			*LIST_AT(desk_option, v->resolutions, k) =
			    (struct desk_option){words, words,
				strcmp(words, usual) == 0};
		}
	}
	v->moves.n = n;
}

/* Texts that fit, told apart by where they go, and what is known of the
 * type. */
static bool
load_texts(struct req *r, struct ticket_view *v, GError **err)
{
	const char *to = text_direction_of(v->kind,
	    v->organisation_id != DESC_NULL);
	bool rejectable = false;
	const char *lang = NULL;
	struct list all;

	if (strcmp(v->kind, "investigation") == 0 &&
	    !text_lang_of(r->db, r->a, v->number, &lang, err))
		return false;
	db_ahead(r->db,
	    (const struct db_ask[]){
		{Q_HANDLING_NOTES_FOR, DB_ARGS(DB_TEXT(v->type))},
		{Q_TEXT_FITTING,
		    DB_ARGS(DB_NULL, DB_TEXT(v->type), DB_TEXT(lang))}},
	    2);
	if (!handling_notes_for(r->db, r->a, v->type, &v->notes, err) ||
	    !text_fitting(r->db, r->a, NULL, v->type, lang, &all, err))
		return false;
	for (size_t i = 0; i < v->moves.n; i++)
		rejectable |= strcmp(LIST_AT(ticket_move, v->moves, i)->status,
		    "rejected") == 0;
	v->texts.items = ARENA_ARRAY(r->a, struct text_template,
	    MAX(all.n, 1));
	v->reasons.items = ARENA_ARRAY(r->a, struct text_template,
	    MAX(all.n, 1));
	for (size_t i = 0; i < all.n; i++) {
		const struct text_template *t =
		    LIST_AT(text_template, all, i);

		if (t->rejects && rejectable)
			*LIST_AT(text_template, v->reasons, v->reasons.n++) =
			    *t;
		else if (g_strcmp0(t->direction, to) == 0)
			*LIST_AT(text_template, v->texts, v->texts.n++) = *t;
	}
	return true;
}

bool
ticket_show(struct req *r, unsigned status, int64_t number,
    const struct ticket_view *typed, GError **err)
{
	struct ticket_view v = {0};
	struct ticket_full t = {0};

	int64_t since;

	if (!news_last(r->db, &since, err) ||
	    !ticket_load(r->db, r->a, number, &t, err))
		return false;
	if (typed != NULL)
		v = *typed;
	copy_ticket(&v, &t);
	v.since = since;
	v.page_title = arena_printf(r->a, "#%" PRId64 " %s", t.number,
	    t.subject);
	if (r->face == FACE_PAGE) {
		if (!desk_counts(r, &v.counts, err) ||
		    !ticket_beside(r->db, r->a, number, &v.neighbours, err) ||
		    !load_asked(r, &v, err) ||
		    !load_drafts(r, &v, err) ||
		    !presence_others(r->db, r->a, number, r->actor.id,
			&v.also_here, err) ||
		    !finding_of_ticket(r->db, r->a, number, &v.there, err) ||
		    !campaign_of_ticket(r->db, r->a, number, &v.campaigns,
			err) ||
		    !intake_missing_of(r->db, r->a, number, &v.missing_facts,
			err) ||
		    !load_texts(r, &v, err))
			return false;
		load_choices(r, &v);
		mark_related(&v);
		v.go_along = goes_along(r->a, &v);
		shorten(&v);
		for (size_t i = 0; i < v.messages.n; i++) {
			struct ticket_message *m =
			    LIST_AT(ticket_message, v.messages, i);

			m->may_forward = req_may(r, ROLE_ANALYST);
			if (g_strcmp0(m->purpose, "ack") == 0)
				m->purpose = "receipt";
		}
		fold_events(r->a, &v);
		v.may_notify = may_notify(&t);
		/* (Taking opens a new one, whose ever it is.) */
		v.may_take = t.owner_id != r->actor.id ||
		    strcmp(t.status, "new") == 0;
		v.zone_box = t.zones_open > 0 || v.open_zone;
		if (v.zone_box)
			v.zone_senders = zone_senders(r->a, &t);
		if (v.reply_to == NULL)
			v.reply_to = t.from;
		if (v.reply_subject == NULL)
			v.reply_subject = mail_subject(r->a, r->site, t.number,
			    t.their_ref, t.open_subject);
		load_also(r, &v);
		if (!seal_choice_view(r, "reply", v.reply_to,
			v.chosen && v.open_reply, &v.reply_seal, err))
			return false;
	}
	return reply_view(r, status, "page/ticket.html", &desc_ticket_view,
	    &v);
}

bool
ticket_late(struct req *r, int64_t number, const struct ticket_view *typed,
    const char *undone, const char *at, GError **why, GError **err)
{
	struct ticket_view v = {0};
	int64_t since = 0;

	if (typed != NULL)
		v = *typed;
	if (r->face == FACE_PAGE && fault_is(*why, FAULT_INPUT) && at != NULL) {
		form_error(r, at + 1, "%s", (*why)->message);
		return ticket_show(r, 422, number, &v, err);
	}
	if (r->face != FACE_PAGE || !fault_is(*why, FAULT_CONFLICT)) {
		g_propagate_error(err, g_steal_pointer(why));
		return false;
	}
	(void)text_int(form_get(r, "since"), 0, INT64_MAX, &since);
	if (!news_later(r->db, r->a, number, since, &v.meanwhile, err))
		return false;
	v.late = undone;
	v.late_at = at;
	return ticket_show(r, (unsigned)fault_http(*why), number, &v, err);
}

/* The draft of a form as if it had just been typed.  None is no fault: it
 * was sent, and somebody came back to the page. */
static bool
use_draft(struct req *r, int64_t number, const char *form,
    struct ticket_view *v, GError **err)
{
	const struct draft *d;
	struct list own;

	if (!draft_list(r->db, r->a, &r->actor, number, &own, err))
		return false;
	d = draft_of(&own, form, ""); /* (those of notices have a party) */
	if (d == NULL)
		return true;
	v->shown_draft = d->form;
	if (strcmp(form, "reply") == 0) {
		v->reply_to = d->to;
		v->reply_cc = d->cc;
		v->reply_subject = d->subject;
		v->reply_text = d->text;
		v->asks = d->waits;
		v->open_reply = true;
	} else {
		v->comment_text = d->text;
		v->open_comment = true;
	}
	return true;
}

/* ?begin=N: the reply as that text begins it. */
static bool
use_text(struct req *r, int64_t number, struct ticket_view *v, GError **err)
{
	struct text_facts f = {0};
	struct text_template t = {0};
	int64_t id;

	if (!req_query_int(r, "begin", 1, INT64_MAX / 2, 0, &id, err))
		return false;
	if (id == 0)
		return true;
	if (!text_get(r->db, r->a, id, &t, err) ||
	    !text_facts(r->db, r->a, number, &f, err) ||
	    !text_meant_for(&t, f.kind, f.organisation != NULL, err))
		return false;
	if (t.subject != NULL)
		v->reply_subject = text_fill(r->a, r->site, &r->actor, &f,
		    t.subject, true);
	v->reply_text = text_fill(r->a, r->site, &r->actor, &f, t.text,
	    false);
	v->asks = t.asks;
	v->open_reply = true;
	if (t.rejects) {
		v->reason_id = t.id;
		v->reason_name = t.name;
	}
	return true;
}

/* What the number alone tells that will be asked. */
static void
ask_ahead(struct req *r, int64_t number)
{
	const char *const numbers[] = {
	    arena_printf(r->a, "%" PRId64, number), NULL};
	const struct db_args t = DB_ARGS(DB_INT(number)),
	    ts = DB_ARGS(DB_TEXTS(numbers));
	const struct db_ask page[] = {
	    {Q_NEWS_LAST, DB_NONE},
	    {Q_CASE_NUMBER, t},
	    {Q_TICKET_BESIDE, DB_NONE},
	    {Q_NOTICE_OF, t},
	    {Q_DRAFT_OF, DB_ARGS(DB_INT(r->actor.id), DB_INT(number))},
	    {Q_DRAFT_WRITERS, ts},
	    {Q_PRESENCE_OF, ts},
	    {Q_FINDING_OF_TICKET, t},
	    {Q_CAMPAIGN_OF_TICKET, t},
	    {Q_INTAKE_RECEIPT_MISSING, t},
	};

	ticket_ahead(r->db, number, page,
	    r->face == FACE_PAGE ? COUNT_OF(page) : 1);
}

bool
page_ticket(struct req *r, GError **err)
{
	struct ticket_view typed = {0};
	const char *form = req_query(r, "draft");
	int64_t number, now;

	if (!req_param_int(r, "number", &number, err))
		return false;
	ask_ahead(r, number);
	/* An old number leads to where its ticket went. */
	if (r->face == FACE_PAGE && req_query(r, "stay") == NULL) {
		if (!case_number(r->db, r->a, number, &now, err))
			return false;
		if (now != number)
			return reply_see_other(r,
			    arena_printf(r->a, "/desk/tickets/%" PRId64, now),
			    arena_printf(r->a, "#%" PRId64
				" was merged into this.", number));
	}
	return (form == NULL || r->face != FACE_PAGE ||
		   use_draft(r, number, form, &typed, err)) &&
	    (r->face != FACE_PAGE || use_text(r, number, &typed, err)) &&
	    ticket_show(r, 200, number, &typed, err);
}
