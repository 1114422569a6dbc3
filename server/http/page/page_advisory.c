/* Advisories on the desk: list, composer, preview, approval, ledger. */
#include "base/base.h"
#include "base/markdown.h"
#include "base/text.h"
#include "core/list/advisory.h"
#include "core/list/roster.h"
#include "core/list/topic.h"
#include "http/route.h"

/* Where no script asks for the progress, the page comes again. */
enum { RELOAD_SECONDS = 4 };

static const struct form_field advisory_fields[] = {
	{"title", FORM_LINE, 4 * ADVISORY_TITLE_MAX, .label = "the title"},
	{"body", FORM_TEXT, MARKDOWN_MAX, .label = "the text"},
	{"tlp", FORM_LINE, 40, .label = "the marking"},
	{"lists", FORM_LIST, 100, ADVISORY_LISTS_MAX, .label = "the lists"},
	{"topics", FORM_LIST, 200, ADVISORY_TOPICS_MAX,
		.label = "the topics"},
	{"cves", FORM_LIST, 2000, ADVISORY_CVES_MAX, .label = "the CVEs"},
	{"version", FORM_LINE, 20},
};
const struct form form_advisory = FORM(advisory_fields);

static const struct form_field act_fields[] = {
	{"version", FORM_LINE, 20},
};
const struct form form_advisory_act = FORM(act_fields);

#define ADVISORIES_VIEW(F, S) LIST_VIEW(F, S, advisory_row)
DESC_STRUCT(advisories_view, ADVISORIES_VIEW);
DESC_TABLE(advisories_view, ADVISORIES_VIEW);

#define ADVISORY_VIEW(F, S) PAGE(F, S) ADVISORY(F, S)                         \
	F(S, URL, url, none)          /* of the public page, or null */       \
	F(S, PAGE_BOOL, can_approve, none)                                    \
	F(S, PAGE_BOOL, can_issue, none)                                      \
	F(S, PAGE_BOOL, is_sending, none)                                     \
	F(S, PAGE_BOOL, is_mine, none) /* so somebody else approves */        \
	F(S, PAGE_INT, expected, none) /* seconds to send, about */           \
	F(S, PAGE_TEXT, mail_from, none)                                      \
	F(S, PAGE_TEXT, mail_subject, none)                                   \
	F(S, PAGE_TEXT, mail_text, none)                                      \
	F(S, PAGE_TEXT, teaser, none) /* of the topic page, if CLEAR */       \
	F(S, PAGE_HTML, html, none)                                           \
	F(S, LIST, campaigns, advisory_campaign)                              \
	F(S, LIST, yours, advisory_yours) /* who reads of its own hosts */    \
	F(S, PAGE_OBJECT, progress, advisory_progress)
DESC_STRUCT(advisory_view, ADVISORY_VIEW);
DESC_TABLE(advisory_view, ADVISORY_VIEW);

#define DELIVERY_STATE(F, S)                                                  \
	F(S, TEXT, value, none)                                               \
	F(S, TEXT, label, none)                                               \
	F(S, BOOL, chosen, none)
DESC_PRIVATE(delivery_state, DELIVERY_STATE);

#define DELIVERIES_VIEW(F, S) LIST_VIEW(F, S, advisory_delivery)              \
	F(S, PAGE_INT, number, none)                                          \
	F(S, PAGE_LIST, states, delivery_state)
DESC_STRUCT(deliveries_view, DELIVERIES_VIEW);
DESC_TABLE(deliveries_view, DELIVERIES_VIEW);

#define CHOICE(F, S)                                                          \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, slug, none)                                                \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, max_tlp, none)                                             \
	F(S, INT, active, none)                                               \
	F(S, BOOL, chosen, none)
DESC_PRIVATE(choice, CHOICE);

#define COMPOSE_VIEW(F, S) PAGE(F, S)                                         \
	F(S, PAGE_INT, number, none)  /* null: a new one */                   \
	F(S, PAGE_TEXT, title, none)                                          \
	F(S, PAGE_TEXT, body, none)                                           \
	F(S, PAGE_TEXT, tlp, none)                                            \
	F(S, PAGE_TEXT, cves, none)                                           \
	F(S, PAGE_TEXT, title_error, none)                                    \
	F(S, PAGE_TEXT, body_error, none)                                     \
	F(S, PAGE_TEXT, tlp_error, none)                                      \
	F(S, PAGE_TEXT, lists_error, none)                                    \
	F(S, PAGE_TEXT, topics_error, none)                                   \
	F(S, PAGE_TEXT, cves_error, none)                                     \
	F(S, PAGE_BOOL, tlp_clear, none)                                      \
	F(S, PAGE_BOOL, tlp_green, none)                                      \
	F(S, PAGE_BOOL, tlp_amber, none)                                      \
	F(S, PAGE_LIST, choices_lists, choice)                                \
	F(S, PAGE_LIST, choices_topics, choice)                               \
	F(S, PAGE_INT, version, none)                                         \
	F(S, PAGE_TEXT, approved_by, none)                                    \
	F(S, PAGE_BOOL, is_sending, none)                                     \
	/* somebody was faster: what stands there now */                      \
	F(S, PAGE_OBJECT, theirs, advisory)
DESC_STRUCT(compose_view, COMPOSE_VIEW);
DESC_TABLE(compose_view, COMPOSE_VIEW);

static const char *
desk_path(struct req *r, int64_t number)
{
	return arena_printf(r->a, "/desk/advisories/%" PRId64, number);
}

bool
page_advisories(struct req *r, GError **err)
{
	struct advisories_view v = {.page_title = "Advisories"};
	int64_t page;

	if (!req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err) ||
	    !advisory_list(r->db, r->a, r->site, page, &v.items, &v.total,
		err))
		return false;
	return reply_list(r, "page/advisories.html", &desc_advisories_view,
	    &v, page, ADVISORY_PAGE);
}

/* -- one advisory: preview and ledger -- */

static bool
load(struct req *r, int64_t number, struct advisory_view *v, GError **err)
{
	struct advisory adv = {0};
	struct advisory_mail mail;
	bool draft, issued;

	if (!advisory_get(r->db, r->a, r->site, number, &adv, err))
		return false;
	desc_copy(&desc_advisory, &adv, &desc_advisory_view, v);
	draft = strcmp(adv.state, "draft") == 0;
	issued = strcmp(adv.state, "issued") == 0;
	v->page_title = arena_printf(r->a, "%s %s", adv.id, adv.title);
	if (issued && adv.slug != NULL)
		v->url = arena_printf(r->a, "/advisories/%s", adv.slug);
	if (!advisory_campaigns(r->db, r->a, number, &v->campaigns, err) ||
	    (!issued && v->campaigns.n > 0 && !advisory_yours(r->db, r->a,
		number, r->now, &v->yours, err)))
		return false;
	if (r->face == FACE_API)
		return true;
	v->is_mine = r->actor.id == adv.author_id ||
	    r->actor.id == adv.editor_id;
	v->can_approve = draft && advisory_may_write(&r->actor) &&
	    !v->is_mine;
	v->can_issue = strcmp(adv.state, "approved") == 0 &&
	    advisory_may_write(&r->actor);
	v->is_sending = strcmp(adv.state, "sending") == 0;
	if (v->is_sending)
		v->refresh = RELOAD_SECONDS;
	/* What one session hands over in a second, cautiously. */
	v->expected = 1 + adv.recipients / 500;
	advisory_mail(r->a, r->site, &adv, issued ? adv.issued : r->now,
	    NULL, &mail);
	v->mail_from = arena_printf(r->a, "%s <%s>",
	    r->site->conf->site_name, mail.from);
	v->mail_subject = mail.subject;
	v->mail_text = mail.text;
	v->html = markdown_html(r->a, adv.body);
	if (topic_public(adv.tlp))
		v->teaser = topic_teaser(r->a, adv.body);
	if (!issued)
		return true;
	v->progress = ARENA_NEW(r->a, struct advisory_progress);
	if (!advisory_progress(r->db, r->a, number, v->progress, err))
		return false;
	if (v->progress->busy)
		v->refresh = RELOAD_SECONDS;
	return true;
}

/* The answer to an act on it: as it is now. */
static bool
acted(struct req *r, int64_t number, unsigned status, const char *flash,
    GError **err)
{
	struct advisory_view v = {0};

	return load(r, number, &v, err) &&
	    reply_done(r, desk_path(r, number), flash, status,
		&desc_advisory_view, &v);
}

bool
page_advisory(struct req *r, GError **err)
{
	struct advisory_view v = {0};
	int64_t number;

	if (!req_param_int(r, "number", &number, err) ||
	    !load(r, number, &v, err))
		return false;
	return reply_view(r, 200, "page/desk_advisory.html",
	    &desc_advisory_view, &v);
}

bool
page_advisory_progress(struct req *r, GError **err)
{
	struct advisory_progress p = {0};
	int64_t number;

	if (!req_param_int(r, "number", &number, err) ||
	    !advisory_progress(r->db, r->a, number, &p, err))
		return false;
	return reply_view(r, 200, NULL, &desc_advisory_progress, &p);
}

bool
page_deliveries(struct req *r, GError **err)
{
	static const char *const states[] = {"queued", "claimed", "handing",
		"sent", "deferred", "refused", "bounced", "expired", "held"};
	struct deliveries_view v = {.page_title = "Recipients"};
	const char *state = req_query(r, "state");
	struct delivery_state *s;
	struct advisory adv = {0};
	int64_t page;

	if (!req_param_int(r, "number", &v.number, err) ||
	    !req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err) ||
	    !advisory_get(r->db, r->a, r->site, v.number, &adv, err) ||
	    !advisory_deliveries(r->db, r->a, v.number, state, page, &v.items,
		&v.total, err))
		return false;
	v.states.n = COUNT_OF(states) + 1;
	v.states.items = s = ARENA_ARRAY(r->a, struct delivery_state,
	    v.states.n);
	s[0] = (struct delivery_state){"", "all", state == NULL};
	for (size_t i = 0; i < COUNT_OF(states); i++)
		s[i + 1] = (struct delivery_state){states[i], states[i],
			g_strcmp0(states[i], state) == 0};
	return reply_list(r, "page/deliveries.html", &desc_deliveries_view,
	    &v, page, ADVISORY_PAGE);
}

/* -- composer -- */

static bool
has(const char *const *v, const char *s)
{
	for (; v != NULL && *v != NULL; v++)
		if (text_ieq(*v, s))
			return true;
	return false;
}

/* "a, b" or "a b": one field of a page, or several values. */
static const char *const *
split(struct req *r, const char *const *values)
{
	GPtrArray *out = arena_ptr_array(r->a);

	for (; *values != NULL; values++)
		for (const char *p = *values; *(p += strspn(p, " ,;\n")) !=
		     '\0';) {
			size_t n = strcspn(p, " ,;\n");

			g_ptr_array_add(out, arena_strndup(r->a, p, n));
			p += n;
		}
	g_ptr_array_add(out, NULL);
	return (const char *const *)out->pdata;
}

static const char *
join(struct req *r, const char *const *values)
{
	g_autofree char *s = g_strjoinv(", ", (char **)(uintptr_t)values);

	return arena_strdup(r->a, s);
}

/* A page sends every field, and an unticked box is an answer; a program
 * may send what it wants to set. */
static bool
given(struct req *r, const char *name)
{
	if (r->face == FACE_PAGE)
		return true;
	if (form_json(r) != NULL)
		return json_get(form_json(r), name) != NULL;
	return form_has(r, name);
}

static void
read_draft(struct req *r, struct advisory_draft *d)
{
	static const char *const first[] = {TOPIC_FIRST, NULL};

	if (given(r, "title"))
		d->title = form_get(r, "title");
	if (given(r, "body"))
		d->body = form_get(r, "body");
	if (given(r, "tlp"))
		d->tlp = form_get(r, "tlp");
	if (given(r, "lists"))
		d->lists = split(r, form_list(r, "lists", NULL));
	if (given(r, "topics"))
		d->topics = split(r, form_list(r, "topics", NULL));
	else if (strcmp(r->route->api, "/api/v1/advisories") == 0)
		d->topics = first; /* a new one that names none */
	if (given(r, "cves"))
		d->cves = split(r, form_list(r, "cves", NULL));
}

static bool
show_compose(struct req *r, unsigned status, struct compose_view *v,
    const struct advisory_draft *d, GError **err)
{
	struct list lists, topics;
	const char *tlp = advisory_tlp(d->tlp);

	if (!roster_lists(r->db, r->a, &lists, err) ||
	    !topic_list(r->db, r->a, &topics, err))
		return false;
	v->title = d->title;
	v->body = d->body;
	v->tlp = d->tlp;
	v->cves = d->cves != NULL ? join(r, d->cves) : NULL;
	v->tlp_clear = g_strcmp0(tlp, "CLEAR") == 0;
	v->tlp_green = g_strcmp0(tlp, "GREEN") == 0;
	v->tlp_amber = g_strcmp0(tlp, "AMBER") == 0;
	v->choices_lists.n = lists.n;
	v->choices_lists.items = arena_alloc_n(r->a, MAX(lists.n, 1),
	    sizeof(struct choice));
	for (size_t i = 0; i < lists.n; i++) {
		struct choice *c = LIST_AT(choice, v->choices_lists, i);

		desc_copy(&desc_roster_list, LIST_AT(roster_list, lists, i),
		    &desc_choice, c);
		c->chosen = has(d->lists, c->name);
	}
	v->choices_topics.n = topics.n;
	v->choices_topics.items = arena_alloc_n(r->a, MAX(topics.n, 1),
	    sizeof(struct choice));
	for (size_t i = 0; i < topics.n; i++) {
		struct choice *c = LIST_AT(choice, v->choices_topics, i);

		desc_copy(&desc_topic_row, LIST_AT(topic_row, topics, i),
		    &desc_choice, c);
		c->chosen = has(d->topics, c->slug);
	}
	v->page_title = v->number == DESC_NULL ? "Write an advisory" :
	    arena_printf(r->a, "Edit advisory %" PRId64, v->number);
	v->title_error = form_error_of(r, "title");
	v->body_error = form_error_of(r, "body");
	v->tlp_error = form_error_of(r, "tlp");
	v->lists_error = form_error_of(r, "lists");
	v->topics_error = form_error_of(r, "topics");
	v->cves_error = form_error_of(r, "cves");
	return reply_view(r, status, "page/compose.html", &desc_compose_view,
	    v);
}

static void
draft_of(struct req *r, const struct advisory *adv, struct advisory_draft *d)
{
	const char *lists[] = {adv->lists_text, NULL};
	const char *topics[] = {adv->topics_text, NULL};
	const char *cves[] = {adv->cves_text, NULL};

	d->title = adv->title;
	d->body = adv->body;
	d->tlp = adv->tlp;
	d->lists = split(r, lists);
	d->topics = split(r, topics);
	d->cves = split(r, cves);
}

bool
page_compose(struct req *r, GError **err)
{
	static const char *const lists[] = {"advisories", NULL};
	static const char *const topics[] = {TOPIC_FIRST, NULL};
	struct advisory_draft d = {.lists = lists, .topics = topics};
	struct compose_view v = {.number = DESC_NULL};

	return show_compose(r, 200, &v, &d, err);
}

bool
page_advisory_edit(struct req *r, GError **err)
{
	struct compose_view v = {0};
	struct advisory_draft d = {0};
	struct advisory adv = {0};

	if (!req_param_int(r, "number", &v.number, err) ||
	    !advisory_get(r->db, r->a, r->site, v.number, &adv, err))
		return false;
	if (strcmp(adv.state, "issued") == 0)
		return fault_set(err, FAULT_CONFLICT,
		    "An issued advisory cannot be changed; write a new one.");
	draft_of(r, &adv, &d);
	v.version = adv.version;
	v.approved_by = adv.approved_by;
	v.is_sending = strcmp(adv.state, "sending") == 0;
	return show_compose(r, 200, &v, &d, err);
}

/* Answers a failed save: on a page with everything that was typed. */
static bool
save_failed(struct req *r, int64_t number, const struct advisory_draft *d,
    GError *why, GError **err)
{
	struct compose_view v = {.number = number};
	struct advisory *now;
	unsigned status = 422;

	if (fault_is(why, FAULT_INPUT) || fault_is(why, FAULT_LARGE)) {
		/* (what a list or topic does not take) */
		if (form_ok(r))
			form_error(r, "lists", "%s", why->message);
		if (r->face == FACE_API)
			return reply_view(r, 422, NULL, &desc_advisory_view,
			    NULL);
	} else if (r->face == FACE_API || number == DESC_NULL ||
	    !fault_is(why, FAULT_CONFLICT)) {
		g_propagate_error(err, g_error_copy(why));
		return false;
	} else {
		status = 409;
		form_error(r, "body", "%s", why->message);
	}
	if (number != DESC_NULL) {
		now = ARENA_NEW(r->a, struct advisory);
		if (!advisory_get(r->db, r->a, r->site, number, now, err))
			return false;
		v.version = now->version;
		v.approved_by = now->approved_by;
		v.is_sending = strcmp(now->state, "sending") == 0;
		/* Both texts: theirs beside what was typed. */
		if (status == 409)
			v.theirs = now;
	}
	return show_compose(r, status, &v, d, err);
}

/* Every field that is there is looked at, so that one answer names them
 * all; what is missing in an edit by a program stays as it is. */
static bool
check(struct req *r, const struct advisory_draft *d)
{
	ARENA_AUTO(a, "check");
	struct advisory_draft probe = *d;
	const char *field = NULL;
	g_autoptr(GError) why = NULL;

	if (!form_ok(r))
		return false;
	if (advisory_check(a, &probe, &field, &why))
		return true;
	form_error(r, field, "%s", why->message);
	return false;
}

bool
page_advisory_create(struct req *r, GError **err)
{
	struct advisory_draft d = {0};
	g_autoptr(GError) why = NULL;
	int64_t number;

	read_draft(r, &d);
	if (!check(r, &d)) {
		fault_set(&why, FAULT_INPUT, "Some fields are wrong.");
		return save_failed(r, DESC_NULL, &d, why, err);
	}
	if (!advisory_create(r->db, r->site, &r->actor, &d, &number, &why))
		return save_failed(r, DESC_NULL, &d, why, err);
	return acted(r, number, 201,
	    "Saved. Read the preview; a second person has to approve it.",
	    err);
}

bool
page_advisory_save(struct req *r, GError **err)
{
	struct advisory_draft d = {0}, all = {0};
	struct advisory adv = {0};
	g_autoptr(GError) why = NULL;
	int64_t number, version;

	if (!req_param_int(r, "number", &number, err) ||
	    !advisory_get(r->db, r->a, r->site, number, &adv, err))
		return false;
	form_int(r, "version", 0, INT32_MAX, 0, &version);
	read_draft(r, &d);
	draft_of(r, &adv, &all);
#define TAKE(field)                                                           \
	if (d.field != NULL)                                                  \
	all.field = d.field
	TAKE(title);
	TAKE(body);
	TAKE(tlp);
	TAKE(lists);
	TAKE(topics);
	TAKE(cves);
#undef TAKE
	if (!check(r, &all)) {
		fault_set(&why, FAULT_INPUT, "Some fields are wrong.");
		return save_failed(r, number, &all, why, err);
	}
	if (!advisory_edit(r->db, r->site, &r->actor, number, version, &d,
		&why))
		return save_failed(r, number, &all, why, err);
	/* (What an edit stopped, its page says.) */
	return acted(r, number, 200,
	    adv.approved_by != NULL && strcmp(adv.state, "sending") != 0 ?
		"Saved. The approval is void: it has to be read again." :
		"Saved.", err);
}

/* -- approve, issue, stop -- */

static bool
read_act(struct req *r, int64_t *number, int64_t *version, GError **err)
{
	if (!req_param_int(r, "number", number, err))
		return false;
	form_int(r, "version", 0, INT32_MAX, 0, version);
	return true;
}

bool
page_advisory_approve(struct req *r, GError **err)
{
	int64_t number, version;

	return read_act(r, &number, &version, err) &&
	    advisory_approve(r->db, &r->actor, number, version, err) &&
	    acted(r, number, 200, "Approved. It can be issued now.", err);
}

bool
page_advisory_issue(struct req *r, GError **err)
{
	int64_t number, version, recipients;

	if (!read_act(r, &number, &version, err) ||
	    !advisory_issue(r->db, r->site, &r->actor, number, version,
		&recipients, err))
		return false;
	req_public_changed(r);
	if (recipients == DESC_NULL)
		return acted(r, number, 202,
		    "Its mails are signed now; nothing has left yet.", err);
	return acted(r, number, 200,
	    arena_printf(r->a, "Issued: %" PRId64 " mails are on their way.",
		recipients), err);
}

bool
page_advisory_stop(struct req *r, GError **err)
{
	int64_t number, version;

	return read_act(r, &number, &version, err) &&
	    advisory_stop(r->db, &r->actor, number, version, err) &&
	    acted(r, number, 200, "Stopped: nothing has left.", err);
}
