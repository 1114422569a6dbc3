/* Findings: /desk/findings and one of them. */
#include "base/base.h"
#include "base/net.h"
#include "base/text.h"
#include "http/page/page_campaign.h"
#include "http/page/page_finding.h"

enum { BAR_STEP = 10, CHART_HEIGHT = 60 }; /* as part/days.html has them */

DESC_TABLE(days_bar, DAYS_BAR);
DESC_TABLE(days_chart, DAYS_CHART);

#define FINDINGS_VIEW(F, S)                                                   \
	LIST_VIEW(F, S, finding_row)                                          \
	F(S, OBJECT, counts, finding_counts)                                  \
	F(S, LIST, days, finding_day)                                         \
	F(S, PAGE_OBJECT, chart, days_chart)                                  \
	F(S, PAGE_LIST, states, desk_option)                                  \
	F(S, PAGE_TEXT, org, none)                                            \
	F(S, PAGE_TEXT, type, none)                                           \
	F(S, PAGE_TEXT, of_feed, none)                                        \
	F(S, PAGE_TEXT, ip, none)                                             \
	F(S, PAGE_BOOL, sought, none)       /* the filter has something */    \
	F(S, PAGE_URL, campaign, none)      /* of what the filter finds */
DESC_STRUCT(findings_view, FINDINGS_VIEW);
DESC_TABLE(findings_view, FINDINGS_VIEW);

#define FINDING_VIEW(F, S)                                                    \
	PAGE(F, S)                                                            \
	FINDING_FULL(F, S)                                                    \
	F(S, PAGE_OBJECT, chart, days_chart)                                  \
	F(S, PAGE_URL, older, none)                                           \
	F(S, PAGE_URL, newer, none)
DESC_STRUCT(finding_view, FINDING_VIEW);
DESC_TABLE(finding_view, FINDING_VIEW);

struct days_chart *
days_chart(struct arena *a, const struct list *days)
{
	struct days_chart *c = ARENA_NEW(a, struct days_chart);
	int64_t most = 0, all = 0;

	c->bars.n = days->n;
	c->bars.items = ARENA_ARRAY(a, struct days_bar, days->n + 1);
	for (size_t i = 0; i < days->n; i++) {
		all += LIST_AT(finding_day, *days, i)->rows;
		most = MAX(most, LIST_AT(finding_day, *days, i)->rows);
	}
	if (all == 0)
		return NULL; /* a line along the ground says nothing */
	for (size_t i = 0; i < days->n; i++) {
		const struct finding_day *d = LIST_AT(finding_day, *days, i);
		/* one row must be seen beside a thousand */
		int64_t h = most == 0 || d->rows == 0 ? 0
		    : MAX(2, d->rows * CHART_HEIGHT / most);

		*LIST_AT(days_bar, c->bars, i) = (struct days_bar){
		    (int64_t)i * BAR_STEP, CHART_HEIGHT - h, h, d->day,
		    d->rows};
	}
	if (days->n > 0) {
		c->first = LIST_AT(finding_day, *days, 0)->day;
		c->last = LIST_AT(finding_day, *days, days->n - 1)->day;
		c->summary = arena_printf(a, "Rows a day from %s to %s: %"
		    PRId64 " in all, at most %" PRId64 " a day, %" PRId64
		    " on the last.", c->first, c->last, all, most,
		    LIST_AT(finding_day, *days, days->n - 1)->rows);
	}
	return c;
}

static const struct {
	const char *value, *label;
} states[] = {
    {"", "There"},
    {"new", "New"},
    {"open", "Open"},
    {"gone", "Gone"},
    {"any", "Any"},
};

static struct list
state_options(struct arena *a, const char *chosen)
{
	struct list l = {.n = COUNT_OF(states)};

	l.items = ARENA_ARRAY(a, struct desk_option, l.n);
	for (size_t i = 0; i < l.n; i++)
		*LIST_AT(desk_option, l, i) = (struct desk_option){
		    states[i].value, states[i].label,
		    strcmp(chosen != NULL ? chosen : "",
			states[i].value) == 0};
	return l;
}

bool
page_findings(struct req *r, GError **err)
{
	struct findings_view v = {.page_title = "Findings"};
	struct finding_filter f = {
	    .state = req_query(r, "state"),
	    .org = req_query(r, "org"),
	    .type = req_query(r, "type"),
	    .feed = req_query(r, "feed"),
	    .ip = req_query(r, "ip"),
	};
	struct finding_counts *counts = ARENA_NEW(r->a, struct finding_counts);
	struct net net;

	if (!req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &f.page, err))
		return false;
	if (f.ip != NULL) {
		if (!net_parse(f.ip, false, &net))
			return fault_set(err, FAULT_INPUT,
			    "%s is no address and no prefix: write 192.0.2.7 "
			    "or 192.0.2.0/24.", text_cut(r->a, f.ip, 60));
		f.ip = net_text(r->a, &net);
	}
	if (!finding_list(r->db, r->a, &f, &v.items, &v.total, err) ||
	    !finding_days(r->db, r->a, &f, &v.days, err) ||
	    !finding_count(r->db, r->a, counts, err))
		return false;
	v.counts = counts;
	v.chart = days_chart(r->a, &v.days);
	v.states = state_options(r->a, f.state);
	v.org = f.org;
	v.type = f.type;
	v.of_feed = f.feed;
	v.ip = f.ip;
	v.sought = f.state != NULL || f.org != NULL || f.type != NULL ||
	    f.feed != NULL || f.ip != NULL;
	v.campaign = campaign_from(r, "findings");
	return reply_list(r, "page/findings.html", &desc_findings_view, &v,
	    f.page, FINDING_PAGE);
}

bool
page_finding(struct req *r, GError **err)
{
	struct finding_view v = {0};
	struct finding_full f = {0};
	int64_t id, page;

	if (!req_param_int(r, "id", &id, err) ||
	    !req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err) ||
	    !finding_load(r->db, r->a, id, page, &f, err))
		return false;
	desc_copy(&desc_finding_full, &f, &desc_finding_view, &v);
	v.page_title = arena_printf(r->a, "%s, %s",
	    f.address != NULL ? f.address : "no address",
	    f.type != NULL ? f.type : "not classified");
	v.chart = days_chart(r->a, &f.days);
	if (page > 0)
		v.newer = arena_printf(r->a, "/desk/findings/%" PRId64
		    "?page=%" PRId64, id, page - 1);
	if (f.sightings.n == FINDING_PAGE)
		v.older = arena_printf(r->a, "/desk/findings/%" PRId64
		    "?page=%" PRId64, id, page + 1);
	return reply_view(r, 200, "page/finding.html", &desc_finding_view, &v);
}
