/* Campaigns: the list, a draft with whom it concerns, sending. */
#include "base/base.h"
#include "base/text.h"
#include "core/campaign/campaign.h"
#include "http/counts.h"
#include "http/form.h"
#include "http/page/page_campaign.h"

enum { REFRESH = 3 /* seconds, without a script */ };

DESC_TABLE(campaigns_view, CAMPAIGNS_VIEW);
DESC_TABLE(campaign_view, CAMPAIGN_VIEW);
DESC_TABLE(campaign_mail_view, CAMPAIGN_MAIL_VIEW);
DESC_TABLE(campaign_act_view, CAMPAIGN_ACT_VIEW);

static const struct form_field choose_fields[] = {
    {"party", FORM_LIST, 20, CAMPAIGN_PAGE},
    {"page", FORM_LINE, 20},
    {"version", FORM_LINE, 20},
};
const struct form form_campaign_choose = FORM(choose_fields);

static const struct form_field version_fields[] = {
    {"version", FORM_LINE, 20},
};
const struct form form_campaign_version = FORM(version_fields);

bool
page_campaigns(struct req *r, GError **err)
{
	struct campaigns_view v = {.page_title = "Campaigns"};
	const char *source = req_query(r, "source");
	int64_t page;

	if (source != NULL && strcmp(source, "digest") != 0)
		return fault_set(err, FAULT_INPUT,
		    "source is digest, or missing.");
	v.digests = source != NULL;
	if (!req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err) ||
	    !campaign_list(r->db, r->a, v.digests, page, &v.items, &v.total,
		err))
		return false;
	return reply_list(r, "page/campaigns.html", &desc_campaigns_view, &v,
	    page, CAMPAIGN_PAGE);
}

/* ---- a draft -------------------------------------------------------------- */

static bool
show(struct req *r, unsigned status, int64_t id, int64_t page, GError **err)
{
	struct campaign_view v = {.page_title = "Campaign"};
	struct campaign c = {0};

	if (!campaign_load(r->db, r->a, id, &c, err))
		return false;
	desc_copy(&desc_campaign, &c, &desc_campaign_view, &v);
	v.page_title = arena_printf(r->a, "Campaign: %s", c.title);
	v.sum = ARENA_NEW(r->a, struct campaign_sum);
	if (!campaign_parties(r->db, r->site, r->a, &c, page, &v.items, v.sum,
		err) ||
	    !campaign_left_out(r->db, r->a, id, &v.left, err))
		return false;
	v.total = c.parties;
	v.page = page;
	v.is_draft = strcmp(c.state, "draft") == 0;
	v.is_sent = strcmp(c.state, "sent") == 0;
	v.is_abandoned = strcmp(c.state, "abandoned") == 0;
	v.is_sending = strcmp(c.state, "sending") == 0;
	if (v.is_sending) {
		v.refresh = REFRESH;
		v.progress = ARENA_NEW(r->a, struct campaign_progress);
		if (!campaign_progress(r->db, r->a, id, v.progress, err))
			return false;
	}
	if (status == 200)
		return reply_list(r, "page/campaign.html",
		    &desc_campaign_view, &v, page, CAMPAIGN_PAGE);
	v.any = v.items.n > 0;
	return reply_view(r, status, "page/campaign.html",
	    &desc_campaign_view, &v);
}

bool
page_campaign(struct req *r, GError **err)
{
	int64_t id, page;
	struct campaign c = {0};

	if (!req_param_int(r, "id", &id, err) ||
	    !req_query_int(r, "page", 0, CAMPAIGN_PARTIES_MAX / CAMPAIGN_PAGE,
		0, &page, err) ||
	    !campaign_load(r->db, r->a, id, &c, err))
		return false;
	if (r->face == FACE_PAGE && strcmp(c.state, "sent") == 0)
		return reply_see_other(r, arena_printf(r->a,
		    "/desk/campaigns/%" PRId64 "/board", id), NULL);
	return show(r, 200, id, page, err);
}

bool
page_campaign_mail(struct req *r, GError **err)
{
	struct campaign_mail_view v = {0};
	struct campaign_mail m = {0};
	struct campaign c = {0};
	int64_t id, n;

	if (!req_param_int(r, "id", &id, err) ||
	    !req_param_int(r, "n", &n, err) ||
	    !campaign_load(r->db, r->a, id, &c, err) ||
	    !campaign_mail(r->db, r->site, r->a, &r->actor, &c, n, &m, err))
		return false;
	desc_copy(&desc_campaign_mail, &m, &desc_campaign_mail_view, &v);
	v.page_title = arena_printf(r->a, "The mail to %s", m.name);
	v.campaign = id;
	v.campaign_title = c.title;
	v.back = (n - 1) / CAMPAIGN_PAGE;
	return reply_view(r, 200, "page/campaign_mail.html",
	    &desc_campaign_mail_view, &v);
}

/* ---- acts ----------------------------------------------------------------- */

static bool
acted(struct req *r, int64_t id, const char *path, const char *flash,
    unsigned status, int64_t done, int64_t bulk, GError **err)
{
	struct campaign_act_view v = {0};
	struct campaign c = {0};

	counts_forget(r);
	if (r->face == FACE_API) {
		if (!campaign_load(r->db, r->a, id, &c, err))
			return false;
		v = (struct campaign_act_view){id, c.state, c.version,
		    c.incident, c.advisory, done, bulk};
	}
	return reply_done(r, path, flash, status, &desc_campaign_act_view,
	    &v);
}

bool
campaign_done(struct req *r, int64_t id, const char *path, const char *flash,
    unsigned status, int64_t done, GError **err)
{
	return acted(r, id, path, flash, status, done, DESC_NULL, err);
}

bool
campaign_begun(struct req *r, int64_t id, int64_t bulk, int64_t n,
    GError **err)
{
	return acted(r, id, arena_printf(r->a, "/desk/bulk/%" PRId64, bulk),
	    arena_printf(r->a, "It is done to %" PRId64 " of them, piece by "
		"piece.", n), 202, 0, bulk, err);
}

bool
campaign_refused(struct req *r, const char *field, GError *why,
    unsigned *status, GError **err)
{
	if (r->face == FACE_API || (!fault_is(why, FAULT_INPUT) &&
	    !fault_is(why, FAULT_ABSENT) && !fault_is(why, FAULT_CONFLICT))) {
		g_propagate_error(err, why);
		return false;
	}
	*status = (unsigned)fault_http(why);
	form_error(r, field, "%s", why->message);
	g_error_free(why);
	return true;
}

static bool
refuse(struct req *r, int64_t id, int64_t page, GError *why, GError **err)
{
	unsigned status;

	return campaign_refused(r, "party", why, &status, err) &&
	    show(r, status, id, page, err);
}

/* Ticks of a page; *version goes on behind them. */
static bool
take_ticks(struct req *r, int64_t id, int64_t *version, int64_t *page,
    GError **err)
{
	struct campaign c = {0};
	const char *const *ns = form_list(r, "party", NULL);

	if (!campaign_choose(r->db, &r->actor, id, *version, *page, ns, err) ||
	    !campaign_load(r->db, r->a, id, &c, err))
		return false;
	*version = c.version;
	return true;
}

static bool
begin(struct req *r, int64_t *id, int64_t *version, int64_t *page,
    GError **err)
{
	*page = 0;
	if (!req_param_int(r, "id", id, err))
		return false;
	form_int(r, "version", 0, INT64_MAX / 2, 0, version);
	form_int(r, "page", 0, CAMPAIGN_PARTIES_MAX / CAMPAIGN_PAGE, 0, page);
	return true;
}

bool
act_campaign_choose(struct req *r, GError **err)
{
	int64_t id, version, page;
	GError *why = NULL;

	if (!begin(r, &id, &version, &page, err))
		return false;
	if (!form_ok(r))
		return show(r, 422, id, page, err);
	if (!take_ticks(r, id, &version, &page, &why))
		return refuse(r, id, page, why, err);
	return campaign_done(r, id, arena_printf(r->a,
		"/desk/campaigns/%" PRId64 "?page=%" PRId64, id, page),
	    "The ticks are kept.", 200, 0, err);
}

bool
act_campaign_send(struct req *r, GError **err)
{
	int64_t id, version, page, sent, incident;
	GError *why = NULL;

	if (!begin(r, &id, &version, &page, err))
		return false;
	if (!form_ok(r))
		return show(r, 422, id, page, err);
	/* (A page without ticks is sent with none of its parties.) */
	if ((form_has(r, "page") &&
		!take_ticks(r, id, &version, &page, &why)) ||
	    !campaign_send(r->db, r->site, &r->actor, id, version, &sent,
		&incident, &why))
		return refuse(r, id, page, why, err);
	if (incident == 0)
		return campaign_done(r, id, arena_printf(r->a,
			"/desk/campaigns/%" PRId64, id),
		    arena_printf(r->a, "%" PRId64 " notices are signed now; "
			"nothing has left yet.", sent), 202, 0, err);
	return campaign_done(r, id, arena_printf(r->a,
		"/desk/campaigns/%" PRId64 "/board", id),
	    arena_printf(r->a, "%" PRId64 " notices are on their way, under "
		"incident #%" PRId64 ".", sent, incident), 200, sent, err);
}

static bool
move(struct req *r, bool (*act)(struct db *db, const struct actor *who,
    int64_t id, int64_t version, GError **err), const char *flash,
    GError **err)
{
	int64_t id, version;
	GError *why = NULL;

	if (!req_param_int(r, "id", &id, err))
		return false;
	if (!form_int(r, "version", 0, INT64_MAX / 2, 0, &version))
		return show(r, 422, id, 0, err);
	if (!act(r->db, &r->actor, id, version, &why))
		return refuse(r, id, 0, why, err);
	return campaign_done(r, id, arena_printf(r->a,
		"/desk/campaigns/%" PRId64, id), flash, 200, 0, err);
}

bool
act_campaign_abandon(struct req *r, GError **err)
{
	return move(r, campaign_abandon,
	    "The campaign is abandoned; nothing was sent.", err);
}

bool
act_campaign_resume(struct req *r, GError **err)
{
	return move(r, campaign_resume, "It is a draft again.", err);
}
