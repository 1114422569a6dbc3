/* The board of a campaign, and acts on what is on it. */
#include "base/base.h"
#include "base/text.h"
#include "core/campaign/campaign.h"
#include "core/ticket/news.h"
#include "http/counts.h"
#include "http/form.h"
#include "http/page/page_campaign.h"

enum { BAR_WIDTH = 1000, REFRESH = 15 /* seconds, without a script */ };

DESC_TABLE(board_piece, BOARD_PIECE);
DESC_TABLE(campaign_board_view, CAMPAIGN_BOARD_VIEW);

static const struct form_field act_fields[] = {
    {"act", FORM_LINE, 20, .required = true, .label = "what to do"},
    {"party", FORM_LIST, 20, CAMPAIGN_PAGE},
    {"state", FORM_LINE, 20},
    {"all", FORM_LINE, 5},
};
const struct form form_campaign_act = FORM(act_fields);

static const struct form_field advisory_fields[] = {
    {"advisory", FORM_LINE, 20},   /* a number, new, or blank: none */
    {"version", FORM_LINE, 20},
};
const struct form form_campaign_advisory = FORM(advisory_fields);

/* The bar: as wide as there are parties that were told. */
static struct list
pieces_of(struct arena *a, const struct campaign_bar *b)
{
	const struct {
		const char *kind, *label;
		int64_t n;
	} all[] = {{"answered", "answered", b->answered},
	    {"heard", "received, no answer", b->heard},
	    {"silent", "silent", b->silent},
	    {"bounced", "bounced", b->bounced},
	    {"queued", "still to leave", b->queued},
	    {"delivered", "delivered", b->delivered}};
	struct list l = {.n = COUNT_OF(all)};
	int64_t sum = 0, before = 0;

	l.items = ARENA_ARRAY(a, struct board_piece, l.n);
	for (size_t i = 0; i < l.n; i++)
		sum += all[i].n;
	for (size_t i = 0; i < l.n; i++) {
		int64_t x = sum > 0 ? before * BAR_WIDTH / sum : 0;

		before += all[i].n;
		*LIST_AT(board_piece, l, i) = (struct board_piece){
		    all[i].kind, all[i].label, all[i].n, x,
		    sum > 0 ? before * BAR_WIDTH / sum - x : 0};
	}
	return l;
}

static bool
show(struct req *r, unsigned status, int64_t id, const char *state,
    int64_t page, GError **err)
{
	struct campaign_board_view v = {0};
	struct campaign_tally tally;
	struct campaign c = {0};
	int64_t trail;
	bool known;

	/* First how far the trail goes. */
	db_ahead(r->db,
	    (const struct db_ask[]){{Q_NEWS_LAST, DB_NONE},
		{Q_CAMPAIGN_BY_ID, DB_ARGS(DB_INT(id))},
		{Q_CAMPAIGN_TRANSLATIONS, DB_ARGS(DB_INT(id))},
		{Q_CAMPAIGN_PROGRESS, DB_ARGS(DB_INT(id))}},
	    4);
	if (!news_last(r->db, &trail, err) ||
	    !campaign_load(r->db, r->a, id, &c, err))
		return false;
	desc_copy(&desc_campaign, &c, &desc_campaign_board_view, &v);
	v.page_title = arena_printf(r->a, "Board: %s", c.title);
	v.is_digest = campaign_is_digest(&c);
	v.progress = ARENA_NEW(r->a, struct campaign_progress);
	known = state == NULL && counts_board(r, id, trail, &tally);
	if (!campaign_board(r->db, r->a, &c, state, page, known, &v.items,
		&v.total, &v.states, &tally, err) ||
	    !campaign_progress(r->db, r->a, id, v.progress, err))
		return false;
	if (!known)
		counts_board_keep(r, id, trail, &tally);
	v.bar = arena_memdup(r->a, &tally.bar, sizeof(tally.bar));
	for (size_t i = 0; i < v.states.n; i++) {
		const struct campaign_state *s =
		    LIST_AT(campaign_state, v.states, i);

		if (s->chosen) {
			v.chosen_state = s->state;
			v.chosen_label = s->label;
		}
	}
	v.pieces = pieces_of(r->a, v.bar);
	if (v.progress->busy)
		v.refresh = REFRESH;
	if (status == 200)
		return reply_list(r, "page/campaign_board.html",
		    &desc_campaign_board_view, &v, page, CAMPAIGN_PAGE);
	v.any = v.items.n > 0;
	return reply_view(r, status, "page/campaign_board.html",
	    &desc_campaign_board_view, &v);
}

bool
page_campaign_board(struct req *r, GError **err)
{
	int64_t id, page;

	return req_param_int(r, "id", &id, err) &&
	    req_query_int(r, "page", 0, CAMPAIGN_PARTIES_MAX / CAMPAIGN_PAGE,
		0, &page, err) &&
	    show(r, 200, id, req_query(r, "state"), page, err);
}

bool
page_campaign_progress(struct req *r, GError **err)
{
	struct campaign_progress v = {0};
	int64_t id;

	return req_param_int(r, "id", &id, err) &&
	    campaign_progress(r->db, r->a, id, &v, err) &&
	    reply_view(r, 200, NULL, &desc_campaign_progress, &v);
}

bool
act_campaign_act(struct req *r, GError **err)
{
	static const char *const none[] = {NULL};
	bool whole = form_has(r, "all");
	const char *state = form_has(r, "state") ? form_get(r, "state") : NULL;
	const char *const *ns = whole ? none : form_list(r, "party", NULL);
	const char *flash;
	int64_t id, done = 0, bulk = 0;
	GError *why = NULL;
	unsigned status;
	bool ok;

	if (!req_param_int(r, "id", &id, err))
		return false;
	if (!form_ok(r))
		return show(r, 422, id, state, 0, err);
	if (form_is(r, "act", "remind")) {
		ok = campaign_remind(r->db, r->site, &r->actor, id,
		    whole ? state : NULL, ns, &done, &bulk, &why);
		flash = arena_printf(r->a, "%" PRId64 " reminders are on "
		    "their way.", done);
	} else if (form_is(r, "act", "close")) {
		ok = campaign_close(r->db, r->site, &r->actor, id,
		    whole ? state : NULL, ns, &done, &bulk, &why);
		flash = arena_printf(r->a, "%" PRId64 " investigations are "
		    "resolved.", done);
	} else {
		return fault_set(err, FAULT_INPUT,
		    "The act is remind or close.");
	}
	if (!ok)
		return campaign_refused(r, "party", why, &status, err) &&
		    show(r, status, id, state, 0, err);
	if (bulk != 0)
		return campaign_begun(r, id, bulk, done, err);
	return campaign_done(r, id, arena_printf(r->a,
		"/desk/campaigns/%" PRId64 "/board%s%s", id,
		state != NULL ? "?state=" : "", state != NULL ? state : ""),
	    flash, 200, done, err);
}

bool
act_campaign_advisory(struct req *r, GError **err)
{
	bool begin = form_is(r, "advisory", "new");
	int64_t id, version, advisory = 0;
	GError *why = NULL;
	unsigned status;
	bool ok;

	if (!req_param_int(r, "id", &id, err))
		return false;
	form_int(r, "version", 0, INT64_MAX / 2, 0, &version);
	if (!begin)
		form_int(r, "advisory", 1, INT64_MAX / 2, 0, &advisory);
	if (!form_ok(r))
		return show(r, 422, id, NULL, 0, err);
	ok = begin ? campaign_begin_advisory(r->db, r->site, &r->actor, id,
			 version, &advisory, &why)
	    : campaign_set_advisory(r->db, r->site, &r->actor, id, version,
		  advisory, &why);
	if (!ok)
		return campaign_refused(r, "advisory", why, &status, err) &&
		    show(r, status, id, NULL, 0, err);
	return campaign_done(r, id, begin
		? arena_printf(r->a, "/desk/advisories/%" PRId64 "/edit",
		      advisory)
		: arena_printf(r->a, "/desk/campaigns/%" PRId64 "/board", id),
	    begin ? "A draft to write on; it belongs to the campaign."
		: advisory > 0 ? "The advisory belongs to the campaign."
			       : "No advisory belongs to the campaign.",
	    200, 0, err);
}
