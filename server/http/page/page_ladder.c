/* Ladders of reminders: /desk/ladders. */
#include "base/base.h"
#include "base/text.h"
#include "core/notice/ladder.h"
#include "http/form.h"
#include "http/route.h"
#include "http/view.h"

#define LADDERS_VIEW(F, S)                                                    \
	PAGE(F, S)                                                            \
	F(S, LIST, ladders, ladder)                                           \
	F(S, PAGE_BOOL, may_decide, none)                                     \
	F(S, PAGE_INT, id, none)        /* null: a new one */                 \
	F(S, PAGE_INT, version, none)                                         \
	F(S, PAGE_TEXT, type, none)                                           \
	F(S, PAGE_TEXT, organisation, none)                                   \
	F(S, PAGE_TEXT, answer, none)                                         \
	F(S, PAGE_TEXT, steps, none)                                          \
	F(S, PAGE_TEXT, theirs, none)   /* saved meanwhile */
DESC_STRUCT(ladders_view, LADDERS_VIEW);
DESC_TABLE(ladders_view, LADDERS_VIEW);

#define LADDER_SAVED(F, S) PAGE(F, S) F(S, INT, id, none)
DESC_STRUCT(ladder_saved, LADDER_SAVED);
DESC_TABLE(ladder_saved, LADDER_SAVED);

static const struct form_field ladder_fields[] = {
    {"id", FORM_LINE, 20},
    {"type", FORM_LINE, 200},
    {"organisation", FORM_LINE, 200, .label = "the member"},
    {"answer", FORM_LINE, 40, .label = "the time to answer"},
    {"steps", FORM_TEXT, 4000},
    {"version", FORM_LINE, 20},
};
const struct form form_ladder = FORM(ladder_fields);

static bool
show(struct req *r, unsigned status, struct ladders_view *v,
    const struct ladder *l, GError **err)
{
	v->page_title = "Reminders";
	v->may_decide = req_may(r, ROLE_LEAD);
	v->id = l->id != 0 ? l->id : DESC_NULL;
	v->version = l->version;
	v->type = l->type;
	v->organisation = l->organisation;
	v->answer = l->answer;
	v->steps = l->steps;
	return ladder_list(r->db, r->a, &v->ladders, err) &&
	    reply_view(r, status, "page/ladders.html", &desc_ladders_view, v);
}

/* Where they all are. */
bool
page_rules(struct req *r, GError **err)
{
	struct page v = {.page_title = "Rules"};

	return reply_view(r, 200, "page/rules.html", &desc_page, &v);
}

bool
page_ladders(struct req *r, GError **err)
{
	struct ladders_view v = {0};
	struct ladder l = {.type = ""};
	int64_t id;

	return req_query_int(r, "edit", 1, INT64_MAX / 2, 0, &id, err) &&
	    (id == 0 || ladder_get(r->db, r->a, id, &l, err)) &&
	    show(r, 200, &v, &l, err);
}

bool
page_ladder_save(struct req *r, GError **err)
{
	struct ladders_view v = {0};
	struct ladder_saved saved = {0};
	struct ladder now = {0}, l = {
	    .type = form_get(r, "type"),
	    .organisation = form_get(r, "organisation"),
	    .answer = form_get(r, "answer"),
	    .steps = form_get(r, "steps"),
	};
	g_autoptr(GError) why = NULL;
	const char *field = NULL;
	unsigned status = 422;

	form_int(r, "id", 1, INT64_MAX / 2, 0, &l.id);
	form_int(r, "version", 0, INT64_MAX / 2, 0, &l.version);
	if (form_ok(r) &&
	    ladder_save(r->db, &r->actor, &l, &saved.id, &field, &why))
		return reply_done(r, "/desk/ladders", "The ladder is saved.",
		    l.id == 0 ? 201 : 200, &desc_ladder_saved, &saved);
	if (why != NULL && fault_is(why, FAULT_CONFLICT) &&
	    r->face == FACE_PAGE &&
	    ladder_get(r->db, r->a, l.id, &now, NULL)) {
		/* Both are shown; the next save is over theirs. */
		status = 409;
		field = "steps";
		l.version = now.version;
		v.theirs = arena_printf(r->a, "%s asked to answer in %s:\n%s",
		    now.changed_by != NULL ? now.changed_by : "Somebody",
		    now.answer, now.steps != NULL ? now.steps : "no step");
	} else if (why != NULL && !fault_is(why, FAULT_INPUT)) {
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	if (why != NULL)
		form_error(r, field != NULL ? field : "steps", "%s",
		    why->message);
	return show(r, status, &v, &l, err);
}

bool
page_ladder_remove(struct req *r, GError **err)
{
	struct ladder_saved v = {0};

	return req_param_int(r, "id", &v.id, err) &&
	    ladder_remove(r->db, &r->actor, v.id, err) &&
	    reply_done(r, "/desk/ladders", "The ladder is gone.", 200,
		&desc_ladder_saved, &v);
}
