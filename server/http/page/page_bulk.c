/* One act on many tickets: /desk/bulk, POST /api/v1/tickets/bulk. */
#include "base/base.h"
#include "base/text.h"
#include "core/case/lifecycle.h"
#include "http/counts.h"
#include "http/form.h"
#include "http/page/page_bulk.h"

enum { PICK_MAX = 200, REFRESH_S = 2 };

DESC_TABLE(bulk_view, BULK_VIEW);
DESC_TABLE(bulks_view, BULKS_VIEW);

/* What is to be done. */
#define PLAN_FIELDS                                                           \
	{"act", FORM_LINE, 20},       /* own status reject reply link */      \
	{"owner", FORM_LINE, 20},     /* of own: a principal; nothing: me */  \
	{"state", FORM_LINE, 40},     /* of status */                         \
	{"resolution", FORM_LINE, 100},                                       \
	{"text_id", FORM_LINE, 20},   /* of reject and reply */               \
	{"direction", FORM_LINE, 20}, /* of a text without template */        \
	{"subject", FORM_LINE, 1200},                                         \
	{"text", FORM_TEXT, BULK_TEXT_MAX},                                   \
	{"incident", FORM_LINE, 20},  /* of link */                           \
	{"tell", FORM_LINE, 10},      /* of reject: the reporters */          \
	{"others", FORM_LINE, 10},    /* also what others own */              \
	{"run", FORM_LINE, 10},       /* yes: at once, without a preview */   \
	{"version", FORM_LINE, 20}

/* To whom: tickets, or all that the filter of the queue finds. */
static const struct form_field bulk_fields[] = {
    {"ticket", FORM_LIST, 40, PICK_MAX},
    {"all", FORM_LINE, 10},
    {"status", FORM_LINE, 40},
    {"view", FORM_LINE, 40},
    {"kind", FORM_LINE, 40},
    {"type", FORM_LINE, 200},
    {"ip", FORM_LINE, 100},
    {"org", FORM_LINE, 200},
    {"q", FORM_LINE, 500},
    {"since", FORM_LINE, 20},
    {"until", FORM_LINE, 20},
    PLAN_FIELDS,
};
const struct form form_bulk = FORM(bulk_fields);

static const struct form_field plan_fields[] = {PLAN_FIELDS};
const struct form form_bulk_plan = FORM(plan_fields);

static const struct form_field run_fields[] = {
    {"version", FORM_LINE, 20},
};
const struct form form_bulk_run = FORM(run_fields);

static bool
yes(const struct req *r, const char *field)
{
	return form_has(r, field) && !form_is(r, field, "no") &&
	    !form_is(r, field, "false");
}

/* ---- showing it ---------------------------------------------------------------- */

static struct list
status_options(struct arena *a, const char *chosen)
{
	struct list all = lifecycle_targets(a);
	struct list l = {.n = all.n};

	l.items = ARENA_ARRAY(a, struct desk_option, MAX(l.n, 1));
	for (size_t i = 0; i < l.n; i++) {
		const char *s = LIST_AT(ticket_move, all, i)->status;

		*LIST_AT(desk_option, l, i) = (struct desk_option){s, s,
		    g_strcmp0(s, chosen) == 0};
	}
	return l;
}

/* To whom words of one's own go. */
static struct list
direction_options(struct arena *a, const char *chosen)
{
	static const struct desk_option all[] = {
	    {"", "to anybody", false},
	    {"reporter", "to reporters", false},
	    {"member", "to members", false},
	    {"outside", "to parties outside", false},
	};
	struct list l = {arena_memdup(a, all, sizeof(all)), COUNT_OF(all)};

	for (size_t i = 0; i < l.n; i++)
		LIST_AT(desk_option, l, i)->chosen =
		    strcmp(LIST_AT(desk_option, l, i)->value,
			chosen != NULL ? chosen : "") == 0;
	return l;
}

/* What may be chosen from, while there is something to choose. */
static bool
load_choices(struct req *r, struct bulk_view *v, GError **err)
{
	struct list all;

	if (!bulk_people(r->db, r->a,
		v->owner != DESC_NULL ? v->owner : r->actor.id, &v->people,
		err) ||
	    !text_list(r->db, r->a, NULL, &all, err))
		return false;
	v->directions = direction_options(r->a, v->direction);
	v->rejects = g_strcmp0(v->act, "reject") == 0;
	v->statuses = status_options(r->a,
	    v->status != NULL ? v->status : "resolved");
	v->reasons.items = ARENA_ARRAY(r->a, struct text_template,
	    MAX(all.n, 1));
	v->replies.items = ARENA_ARRAY(r->a, struct text_template,
	    MAX(all.n, 1));
	for (size_t i = 0; i < all.n; i++) {
		const struct text_template *t =
		    LIST_AT(text_template, all, i);

		if (t->rejects)
			*LIST_AT(text_template, v->reasons, v->reasons.n++) =
			    *t;
		else if (strcmp(t->direction, "notice") != 0)
			*LIST_AT(text_template, v->replies, v->replies.n++) =
			    *t;
	}
	return true;
}

static const char *
part_of(struct req *r, int64_t id, const char *state, int64_t page)
{
	return arena_printf(r->a, "/%s/%" PRId64 "?page=%" PRId64 "%s%s",
	    r->face == FACE_API ? "api/v1/bulk" : "desk/bulk", id, page,
	    state != NULL ? "&show=" : "", state != NULL ? state : "");
}

static bool
show(struct req *r, unsigned status, int64_t id, const char *state,
    int64_t page, GError **err)
{
	struct bulk_view v = {0};
	struct bulk b = {0};

	if (!bulk_get(r->db, r->a, &r->actor, id, &b, err))
		return false;
	desc_copy(&desc_bulk, &b, &desc_bulk_view, &v);
	v.page_title = arena_printf(r->a, "%" PRId64 " ticket%s %s", b.total,
	    b.total == 1 ? "" : "s", b.is_draft ? "selected" : "at once");
	v.choosing = b.is_draft && b.act == NULL;
	v.show = state;
	v.refresh = b.busy ? REFRESH_S : 0;
	if (b.incident != DESC_NULL)
		v.incident_text = arena_printf(r->a, "%" PRId64, b.incident);
	/* While it runs the numbers are asked for every other second, and
	 * these go over all of it. */
	if (!bulk_items(r->db, r->a, id, state, page, &v.items, err) ||
	    (!b.busy && (!bulk_whys(r->db, r->a, id, &v.whys, err) ||
		!bulk_sums(r->db, r->a, id, &v.sums, err))))
		return false;
	if (v.items.n == BULK_PAGE)
		v.next = part_of(r, id, state, page + 1);
	if (page > 0)
		v.before = part_of(r, id, state, page - 1);
	if (r->face == FACE_PAGE && b.is_draft &&
	    (!load_choices(r, &v, err) ||
		!bulk_sample(r->db, r->a, r->site, &r->actor, &b,
		    &v.sample_ticket, &v.sample_subject, &v.sample_text,
		    err) ||
		(b.status != NULL &&
		    !bulk_along(r->db, r->a, id, &v.along, err))))
		return false;
	/* What was typed when the plan was wrong. */
	if (status == 422 && r->face == FACE_PAGE) {
		form_fill(r, &desc_bulk_view, &v);
		v.incident_text = form_get(r, "incident");
	}
	return reply_view(r, status, "page/bulk.html", &desc_bulk_view, &v);
}

bool
page_bulk(struct req *r, GError **err)
{
	const char *state = req_query(r, "show");
	int64_t id, page;

	if (!req_param_int(r, "id", &id, err) ||
	    !req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err))
		return false;
	if (state != NULL && strcmp(state, "waits") != 0 &&
	    strcmp(state, "done") != 0 && strcmp(state, "refused") != 0)
		return fault_set(err, FAULT_INPUT,
		    "Show waits, done or refused.");
	return show(r, 200, id, state, page, err);
}

bool
page_bulks(struct req *r, GError **err)
{
	struct bulks_view v = {.page_title = "Acts on many tickets"};

	return bulk_list(r->db, r->a, &r->actor, &v.items, err) &&
	    reply_view(r, 200, "page/bulks.html", &desc_bulks_view, &v);
}

/* To its page; the API gets it as it is now. */
static bool
done(struct req *r, int64_t id, unsigned status, const char *flash,
    GError **err)
{
	if (r->face == FACE_API)
		return show(r, status, id, NULL, 0, err);
	return reply_see_other(r, arena_printf(r->a, "/desk/bulk/%" PRId64,
				      id), flash);
}

/* ---- choosing, planning, running ----------------------------------------------- */

static const char *
form_filter(struct req *r, const char *name)
{
	return form_has(r, name) ? form_get(r, name) : NULL;
}

static bool
choose(struct req *r, int64_t *id, GError **err)
{
	const char *const *tickets = form_list(r, "ticket", NULL);
	struct ticket_filter f = {0};

	if (!yes(r, "all"))
		return bulk_choose(r->db, &r->actor, tickets, NULL, id, err);
	return queue_filter(r, form_filter, &f, err) &&
	    bulk_choose(r->db, &r->actor, NULL, &f, id, err);
}

static struct bulk_plan
read_plan(struct req *r)
{
	const char *incident = form_get(r, "incident");
	struct bulk_plan p = {
	    .act = form_get(r, "act"),
	    .status = form_get(r, "state"),
	    .resolution = form_get(r, "resolution"),
	    .direction = form_get(r, "direction"),
	    .subject = form_get(r, "subject"),
	    .text = form_get(r, "text"),
	    .tell = yes(r, "tell"),
	    .others = yes(r, "others"),
	};

	form_int(r, "owner", 1, INT64_MAX / 2, 0, &p.owner);
	form_int(r, "text_id", 1, INT64_MAX / 2, 0, &p.text_id);
	if (*incident != '\0' &&
	    !text_int(incident + (*incident == '#'), 1, INT64_MAX / 2,
		&p.incident))
		form_error(r, "incident",
		    "Write the number of a ticket, as 4711.");
	return p;
}

/* Core's names of what is wrong, as the form has them. */
static bool
plan(struct req *r, int64_t id, bool *ok, GError **err)
{
	struct bulk_plan p = read_plan(r);
	g_autoptr(GError) why = NULL;
	const char *field;

	*ok = form_ok(r);
	if (!*ok)
		return true;
	*ok = bulk_set_plan(r->db, &r->actor, id, &p, &field, &why);
	if (*ok)
		return true;
	if (field == NULL) {
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	form_error(r, strcmp(field, "status") == 0 ? "state" : field, "%s",
	    why->message);
	return true;
}

static bool
run(struct req *r, int64_t id, int64_t version, unsigned status, GError **err)
{
	struct bulk b = {0};

	if (!bulk_run(r->db, r->site, &r->actor, id, version, err) ||
	    !bulk_get(r->db, r->a, &r->actor, id, &b, err))
		return false;
	counts_forget(r);
	return done(r, id, status, b.busy ? "It is at work." : "Done.", err);
}

bool
act_bulk(struct req *r, GError **err)
{
	int64_t id;
	bool ok = true;

	if (!form_ok(r))
		return fault_set(err, FAULT_INPUT,
		    "At most %d tickets are named at once; a search may find "
		    "more.", PICK_MAX);
	if (!choose(r, &id, err))
		return false;
	if (form_has(r, "act") && !plan(r, id, &ok, err))
		return false;
	if (!ok)
		return show(r, 422, id, NULL, 0, err);
	if (form_has(r, "act") && yes(r, "run"))
		return run(r, id, 0, 201, err);
	return done(r, id, 201, NULL, err);
}

bool
act_bulk_plan(struct req *r, GError **err)
{
	int64_t id;
	bool ok;

	if (!req_param_int(r, "id", &id, err) || !plan(r, id, &ok, err))
		return false;
	if (!ok)
		return show(r, 422, id, NULL, 0, err);
	return yes(r, "run") ? run(r, id, 0, 200, err)
			     : done(r, id, 200, NULL, err);
}

bool
act_bulk_run(struct req *r, GError **err)
{
	int64_t id, version;

	return req_param_int(r, "id", &id, err) &&
	    (form_int(r, "version", 0, INT64_MAX / 2, 0, &version) ||
		fault_set(err, FAULT_INPUT, "version is a number.")) &&
	    run(r, id, version, 200, err);
}

bool
act_bulk_stop(struct req *r, GError **err)
{
	int64_t id;

	return req_param_int(r, "id", &id, err) &&
	    bulk_stop(r->db, &r->actor, id, err) &&
	    done(r, id, 200, "Stopped; what was done stays done.", err);
}
