/* The feeds and their policy: /desk/feeds, /desk/policy. */
#include "base/base.h"
#include "base/text.h"
#include "core/feed/feed.h"
#include "core/feed/policy.h"
#include "http/page/page_finding.h"

enum { TRIAL_SHOWN = 100 };

#define FEEDS_VIEW(F, S)                                                      \
	PAGE(F, S)                                                            \
	FEED_OVERVIEW(F, S)                                                   \
	F(S, PAGE_OBJECT, chart, days_chart)
DESC_STRUCT(feeds_view, FEEDS_VIEW);
DESC_TABLE(feeds_view, FEEDS_VIEW);

/* The chart wants 30 days; the overview's 14 are the table below it. */
bool
page_feeds(struct req *r, GError **err)
{
	struct feeds_view v = {.page_title = "Feeds"};
	struct finding_filter all = {0};
	struct feed_overview o = {0};
	struct list days;

	if (!feed_overview(r->db, r->a, &o, err) ||
	    !finding_days(r->db, r->a, &all, &days, err))
		return false;
	desc_copy(&desc_feed_overview, &o, &desc_feeds_view, &v);
	v.chart = days_chart(r->a, &days);
	return reply_view(r, 200, "page/feeds.html", &desc_feeds_view, &v);
}

/* -- policy -- */

static const struct form_field policy_fields[] = {
	{"id", FORM_LINE, 20, .label = "the rule"},
	{"feed", FORM_LINE, 200},
	{"type", FORM_LINE, 100},
	{"severity", FORM_LINE, 20},
	{"organisation", FORM_LINE, 100, .label = "the member"},
	{"action", FORM_LINE, 20, .required = true, .label = "the action"},
	{"at_least", FORM_LINE, 20, .label = "the number of rows"},
	{"only_new", FORM_LINE, 10},
	{"gone_days", FORM_LINE, 20, .label = "the number of days"},
	{"until", FORM_LINE, 20, .label = "the last day"},
	{"reason", FORM_LINE, 1000},
};
const struct form form_policy = FORM(policy_fields);

/* Rows, members and tickets by action: what was, what will be. */
#define POLICY_SUM(F, S)                                                      \
	F(S, TEXT, action, none)                                              \
	F(S, INT, was, none)                                                  \
	F(S, INT, becomes, none)
DESC_STRUCT(policy_sum, POLICY_SUM);
DESC_TABLE(policy_sum, POLICY_SUM);

#define POLICY_VIEW(F, S)                                                     \
	PAGE(F, S)                                                            \
	F(S, LIST, rules, policy_rule)                                        \
	F(S, LIST, sums, policy_sum)      /* of a trial */                    \
	F(S, LIST, trial, policy_trial)                                       \
	F(S, PAGE_BOOL, tried, none)                                          \
	F(S, PAGE_INT, not_shown, none)                                       \
	F(S, PAGE_BOOL, may_decide, none)                                     \
	F(S, PAGE_TEXT, id, none)                                             \
	F(S, PAGE_TEXT, of_feed, none)                                        \
	F(S, PAGE_TEXT, type, none)                                           \
	F(S, PAGE_TEXT, organisation, none)                                   \
	F(S, PAGE_TEXT, at_least, none)                                       \
	F(S, PAGE_TEXT, gone_days, none)                                      \
	F(S, PAGE_TEXT, until, none)                                          \
	F(S, PAGE_TEXT, reason, none)                                         \
	F(S, PAGE_BOOL, only_new, none)                                       \
	F(S, PAGE_LIST, actions, desk_option)                                 \
	F(S, PAGE_LIST, severities, desk_option)
DESC_STRUCT(policy_view, POLICY_VIEW);
DESC_TABLE(policy_view, POLICY_VIEW);

#define POLICY_SAVED(F, S) PAGE(F, S) F(S, INT, id, none)
DESC_STRUCT(policy_saved, POLICY_SAVED);
DESC_TABLE(policy_saved, POLICY_SAVED);

static struct list
options(struct arena *a, const char *const *values, const char *none,
    const char *chosen)
{
	struct list l = {0};

	l.items = ARENA_ARRAY(a, struct desk_option, 10);
	if (none != NULL)
		*LIST_AT(desk_option, l, l.n++) =
		    (struct desk_option){"", none, text_blank(chosen)};
	for (; *values != NULL; values++)
		*LIST_AT(desk_option, l, l.n++) = (struct desk_option){
		    *values, *values, g_strcmp0(*values, chosen) == 0};
	return l;
}

/* The rules and the form; d fills it. */
static bool
show(struct req *r, unsigned status, struct policy_view *v, int64_t id,
    const struct policy_draft *d, GError **err)
{
	if (!policy_list(r->db, r->a, &v->rules, err))
		return false;
	v->page_title = "Policy of feeds";
	v->may_decide = req_may(r, ROLE_LEAD);
	v->id = id > 0 ? arena_printf(r->a, "%" PRId64, id) : NULL;
	v->of_feed = d->feed;
	v->type = d->type;
	v->organisation = d->organisation;
	v->until = d->until;
	v->reason = d->reason;
	v->only_new = d->only_new;
	/* As it was typed, where that is no number. */
	v->at_least = form_error_of(r, "at_least") != NULL ?
	    form_get(r, "at_least") :
	    arena_printf(r->a, "%" PRId64, d->at_least);
	v->gone_days = form_error_of(r, "gone_days") != NULL ?
	    form_get(r, "gone_days") :
	    arena_printf(r->a, "%" PRId64, d->gone_days);
	v->actions = options(r->a, policy_actions, NULL, d->action);
	v->severities = options(r->a, policy_severities, "any", d->severity);
	return reply_view(r, status, "page/policy.html", &desc_policy_view, v);
}

static bool
rule_find(struct req *r, int64_t id, struct policy_draft *d, GError **err)
{
	struct list rules;

	if (!policy_list(r->db, r->a, &rules, err))
		return false;
	for (size_t i = 0; i < rules.n; i++) {
		const struct policy_rule *p = LIST_AT(policy_rule, rules, i);

		if (p->id != id)
			continue;
		desc_copy(&desc_policy_rule, p, &desc_policy_draft, d);
		return true;
	}
	return fault_set(err, FAULT_ABSENT, "There is no such rule.");
}

bool
page_policy(struct req *r, GError **err)
{
	struct policy_view v = {0};
	struct policy_draft d = {.action = "digest-daily", .at_least = 1,
		.gone_days = 7};
	int64_t id;

	return req_query_int(r, "edit", 1, INT64_MAX / 2, 0, &id, err) &&
	    (id == 0 || rule_find(r, id, &d, err)) &&
	    show(r, 200, &v, id, &d, err);
}

static struct policy_draft
read_draft(struct req *r, int64_t *id)
{
	struct policy_draft d = {
	    .feed = form_get(r, "feed"),
	    .type = form_get(r, "type"),
	    .severity = form_get(r, "severity"),
	    .organisation = form_get(r, "organisation"),
	    .action = form_get(r, "action"),
	    .only_new = form_has(r, "only_new") &&
		!form_is(r, "only_new", "false"),
	    .until = form_get(r, "until"),
	    .reason = form_get(r, "reason"),
	};

	*id = 0;
	form_int(r, "id", 1, INT64_MAX / 2, 0, id);
	d.at_least = 1;
	form_int(r, "at_least", 1, 1000000, 1, &d.at_least);
	d.gone_days = 7;
	form_int(r, "gone_days", 1, 400, 7, &d.gone_days);
	return d;
}

/* What core says of the draft belongs to the form. */
static bool
refused(struct req *r, GError *why, GError **err)
{
	if (!fault_is(why, FAULT_INPUT) &&
	    !(fault_is(why, FAULT_CONFLICT) && r->face == FACE_PAGE)) {
		g_propagate_error(err, why);
		return false;
	}
	form_error(r, "feed", "%s", why->message);
	g_error_free(why);
	return true;
}

bool
page_policy_save(struct req *r, GError **err)
{
	struct policy_view v = {0};
	struct policy_saved saved = {0};
	GError *why = NULL;
	int64_t id;
	struct policy_draft d = read_draft(r, &id);

	if (form_ok(r) &&
	    !policy_save(r->db, &r->actor, id, &d, &saved.id, &why) &&
	    !refused(r, why, err))
		return false;
	if (form_ok(r))
		return reply_done(r, "/desk/policy", "The rule is saved.",
		    id == 0 ? 201 : 200, &desc_policy_saved, &saved);
	return show(r, 422, &v, id, &d, err);
}

bool
page_policy_remove(struct req *r, GError **err)
{
	struct policy_saved v = {0};

	return req_param_int(r, "id", &v.id, err) &&
	    policy_remove(r->db, &r->actor, v.id, err) &&
	    reply_done(r, "/desk/policy", "The rule is gone.", 200,
		&desc_policy_saved, &v);
}

static struct list
sums_of(struct arena *a, const struct list *trial)
{
	struct list l = {0};

	l.items = ARENA_ARRAY(a, struct policy_sum, 10);
	for (const char *const *p = policy_actions; *p != NULL; p++) {
		struct policy_sum *s = LIST_AT(policy_sum, l, l.n++);

		s->action = *p;
		for (size_t i = 0; i < trial->n; i++) {
			const struct policy_trial *t =
			    LIST_AT(policy_trial, *trial, i);

			s->was += strcmp(t->was, *p) == 0 ? t->rows : 0;
			s->becomes +=
			    strcmp(t->becomes, *p) == 0 ? t->rows : 0;
		}
	}
	return l;
}

bool
page_policy_try(struct req *r, GError **err)
{
	struct policy_view v = {0};
	GError *why = NULL;
	int64_t id;
	struct policy_draft d = read_draft(r, &id);

	if (form_ok(r) &&
	    !policy_try(r->db, r->a, id, &d, &v.trial, &why) &&
	    !refused(r, why, err))
		return false;
	if (form_ok(r)) {
		v.tried = true;
		v.sums = sums_of(r->a, &v.trial);
		if (v.trial.n > TRIAL_SHOWN) {
			v.not_shown = (int64_t)v.trial.n - TRIAL_SHOWN;
			v.trial.n = TRIAL_SHOWN;
		}
	}
	return show(r, form_ok(r) ? 200 : 422, &v, id, &d, err);
}
