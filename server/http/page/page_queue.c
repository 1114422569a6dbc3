/* The queue: /desk and GET /api/v1/tickets. */
#include "base/base.h"
#include "base/net.h"
#include "base/text.h"
#include "core/case/lifecycle.h"
#include "core/ticket/news.h"
#include "http/counts.h"
#include "http/page/page_campaign.h"
#include "http/page/page_desk.h"

DESC_TABLE(desk_option, DESK_OPTION);
DESC_TABLE(queue_view, QUEUE_VIEW);

static const struct {
	const char *value, *label;
} statuses[] = {
    {"", "All open"},
    {"new", "New"},
    {"open", "Open"},
    {"resolved", "Resolved"},
    {"rejected", "Rejected"},
    {"any", "Any"},
};

static struct list
status_options(struct arena *a, const char *chosen)
{
	struct list l = {.n = COUNT_OF(statuses)};

	l.items = ARENA_ARRAY(a, struct desk_option, l.n);
	for (size_t i = 0; i < l.n; i++)
		*LIST_AT(desk_option, l, i) = (struct desk_option){
		    statuses[i].value, statuses[i].label,
		    strcmp(chosen != NULL ? chosen : "",
			statuses[i].value) == 0};
	return l;
}

bool
desk_counts(struct req *r, struct ticket_counts **out, GError **err)
{
	struct ticket_counts *c = ARENA_NEW(r->a, struct ticket_counts);

	if (!counts_get(r, c, err))
		return false;
	*out = c;
	return true;
}

static bool
is(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

/* Those of ticket_matching() in sql/, and where their number stands. */
static const struct view {
	const char *name;
	size_t count; /* in ticket_counts */
} views[] = {
    {"new", offsetof(struct ticket_counts, fresh)},
    {"mine", offsetof(struct ticket_counts, mine)},
    {"unowned", offsetof(struct ticket_counts, unowned)},
    {"waiting", offsetof(struct ticket_counts, waiting)},
    {"overdue", offsetof(struct ticket_counts, overdue)},
    {"answered", offsetof(struct ticket_counts, answered)},
};

static const struct view *
known_view(const char *name)
{
	for (size_t i = 0; name != NULL && i < COUNT_OF(views); i++)
		if (strcmp(name, views[i].name) == 0)
			return &views[i];
	return NULL;
}

/* The number beside the view that is shown, or beside all that is open, is
 * the total as well: counting costs more than the page.  NULL: a filter. */
static const int64_t *
counted(const struct ticket_filter *f, const struct ticket_counts *c)
{
	if (f->status != NULL || f->type != NULL || f->org != NULL ||
	    f->q != NULL || f->ip != NULL || f->kind != NULL ||
	    f->since != 0 || f->until != 0)
		return NULL;
	return f->view == NULL ? &c->active
	    : (const int64_t *)(const void *)((const char *)c +
		  known_view(f->view)->count);
}

static bool
day(struct req *r, const char *text, int64_t *at, GError **err)
{
	if (when_parse_rfc3339(arena_printf(r->a, "%sT00:00:00Z", text), at))
		return true;
	return fault_set(err, FAULT_INPUT,
	    "%s is no day: write it as 2026-11-24.",
	    text_cut(r->a, text, 60));
}

bool
queue_days(struct req *r, const char *since, const char *until,
    struct ticket_filter *f, GError **err)
{
	if ((since != NULL && !day(r, since, &f->since, err)) ||
	    (until != NULL && !day(r, until, &f->until, err)))
		return false;
	if (since != NULL && until != NULL && f->since > f->until)
		return fault_set(err, FAULT_INPUT,
		    "The first day, %s, is after the last, %s.", since, until);
	/* All of that day; behind the last that can be written there is none. */
	if (until != NULL && strcmp(until, "9999-12-31") == 0)
		f->until = 0;
	else if (until != NULL)
		f->until += 24 * 60 * 60 * WHEN_SECOND;
	return true;
}

/* The search box takes everything: an address is a filter by address. */
bool
queue_filter(struct req *r, queue_get *get, struct ticket_filter *f,
    GError **err)
{
	struct net net;

	*f = (struct ticket_filter){
	    .status = get(r, "status"),
	    .view = get(r, "view"),
	    .type = get(r, "type"),
	    .org = get(r, "org"),
	    .q = get(r, "q"),
	    .ip = get(r, "ip"),
	    .kind = get(r, "kind"),
	    .me = r->actor.id,
	};
	if (f->status != NULL && strcmp(f->status, "any") != 0 &&
	    !lifecycle_known(f->status))
		return fault_set(err, FAULT_INPUT,
		    "There is no status \"%s\".",
		    text_cut(r->a, f->status, 60));
	if (f->view != NULL && known_view(f->view) == NULL)
		return fault_set(err, FAULT_INPUT,
		    "There is no view \"%s\".", text_cut(r->a, f->view, 60));
	if (f->kind != NULL && !lifecycle_kind_known(f->kind))
		return fault_set(err, FAULT_INPUT,
		    "There is no kind \"%s\" of ticket.",
		    text_cut(r->a, f->kind, 60));
	if (f->ip == NULL && f->q != NULL && net_parse(f->q, false, &net)) {
		f->ip = f->q;
		f->q = NULL;
		if (f->status == NULL)
			f->status = "any";
	}
	if (f->ip != NULL) {
		GString *w = arena_gstring(r->a);

		g_string_append(w, f->ip);
		g_string_replace(w, "[.]", ".", 0);
		g_string_replace(w, "[:]", ":", 0);
		if (!net_parse(w->str, false, &net))
			return fault_set(err, FAULT_INPUT,
			    "%s is no address and no prefix: write 192.0.2.7 "
			    "or 192.0.2.0/24.", text_cut(r->a, f->ip, 60));
		f->ip = net_text(r->a, &net);
	}
	if (!queue_days(r, get(r, "since"), get(r, "until"), f, err))
		return false;
	/* Reports of the same thing are one line of the queue and its views;
	 * who looks for something, or asks by program, is told of each. */
	f->folded = is(f->view, "answered") ||
	    (f->view == NULL &&
		(r->face == FACE_API || f->status != NULL || f->type != NULL ||
		    f->org != NULL || f->q != NULL || f->ip != NULL ||
		    f->since != 0 || f->until != 0));
	/* A number is looked for among all tickets, closed ones too. */
	if (f->q != NULL && f->q[0] == '#' && f->status == NULL)
		f->status = "any";
	return true;
}

bool
page_queue(struct req *r, GError **err)
{
	struct queue_view v = {.page_title = "Queue"};
	struct ticket_filter f;
	int64_t number;
	bool page = r->face == FACE_PAGE;
	const int64_t *total = NULL;

	if (!queue_filter(r, req_query, &f, err) ||
	    !req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &f.page, err))
		return false;
	if (page && f.q != NULL && f.q[0] == '#' &&
	    text_int(f.q + 1, 1, INT64_MAX / 2, &number))
		return reply_see_other(r,
		    arena_printf(r->a, "/desk/tickets/%" PRId64, number), NULL);
	if (page && (!news_last(r->db, &v.since, err) ||
	    !desk_counts(r, &v.counts, err)))
		return false;
	if (page)
		total = counted(&f, v.counts);
	if (!ticket_list(r->db, r->a, &f, &v.items,
		total != NULL ? NULL : &v.total, &v.uncounted, err))
		return false;
	/* (They are up to a second old.) */
	if (total != NULL)
		v.total = MAX(*total, f.page * TICKET_PAGE +
		    (int64_t)v.items.n);
	v.status = f.status;
	v.type = f.type;
	v.org = f.org;
	v.ip = f.ip;
	v.q = f.q;
	v.from_day = req_query(r, "since");
	v.to_day = req_query(r, "until");
	v.sought = f.type != NULL || f.org != NULL || f.ip != NULL ||
	    f.q != NULL || f.since != 0 || f.until != 0;
	v.statuses = status_options(r->a, f.status);
	v.view_new = is(f.view, "new");
	v.view_mine = is(f.view, "mine");
	v.view_unowned = is(f.view, "unowned");
	v.view_waiting = is(f.view, "waiting");
	v.view_overdue = is(f.view, "overdue");
	v.view_answered = is(f.view, "answered");
	v.view_any = is(f.status, "any") && f.view == NULL;
	v.view_incidents = is(f.kind, "incident") && f.view == NULL;
	v.view_open = f.view == NULL && f.status == NULL && f.kind == NULL;
	v.kind = f.kind;
	if (page && total != &v.counts->active)
		v.campaign = campaign_from(r, "search");
	v.view = f.view;
	return reply_list(r, "page/queue.html", &desc_queue_view, &v, f.page,
	    TICKET_PAGE);
}
