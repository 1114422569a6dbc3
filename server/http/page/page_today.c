/* The desk's first page, and its one act: I have seen this. */
#include "base/base.h"
#include "http/form.h"
#include "http/page/page_today.h"

DESC_TABLE(today_view, TODAY_VIEW);
DESC_TABLE(today_seen_view, TODAY_SEEN_VIEW);

static const struct form_field seen_fields[] = {
    {"last", FORM_LINE, 20, .required = true, .label = "how far you saw"},
};
const struct form form_today_seen = FORM(seen_fields);

bool
page_today(struct req *r, GError **err)
{
	struct today_view v = {.page_title = "Today"};

	const struct db_args me = DB_ARGS(DB_INT(r->actor.id));

	/* First how far the trail goes, then what it led to. */
	db_ahead(r->db,
	    (const struct db_ask[]){{Q_NEWS_LAST, DB_NONE},
		{Q_TODAY_TICKETS, me}, {Q_TODAY_JUNK, DB_NONE},
		{Q_TODAY_SEEN, me}},
	    4);
	if (!news_last(r->db, &v.last, err) ||
	    !desk_counts(r, &v.counts, err) ||
	    !today_sections(r->db, r->a, r->actor.id, v.counts, &v.sections,
		err) ||
	    !today_junk(r->db, r->a, &v.junk, err) ||
	    !today_changes(r->db, r->a, r->actor.id, v.last, &v.changes,
		&v.looked, err))
		return false;
	v.since = v.last;
	v.view_today = true;
	return reply_view(r, 200, "page/today.html", &desc_today_view, &v);
}

bool
act_today_seen(struct req *r, GError **err)
{
	struct today_seen_view v = {0};

	if (!form_int(r, "last", 0, INT64_MAX / 2, 0, &v.last) || !form_ok(r))
		return fault_set(err, FAULT_INPUT,
		    "Say up to which row of the trail you saw it.");
	return today_look(r->db, r->actor.id, v.last, err) &&
	    reply_done(r, "/desk/today", "From here on you are told what is "
		"new.", 200, &desc_today_seen_view, &v);
}
