/* Incidents, links, merging, splitting, undoing: POST /desk/tickets/N/... */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/case/case.h"
#include "core/ticket/bulk.h"
#include "http/counts.h"
#include "http/form.h"
#include "http/page/page_case.h"
#include "http/page/page_ticket.h"

DESC_TABLE(case_view, CASE_VIEW);
DESC_TABLE(merge_view, MERGE_VIEW);

static const struct form_field incident_fields[] = {
    {"subject", FORM_LINE, 500},
    {"type", FORM_LINE, 100},
    {"version", FORM_LINE, 20},
    {"since", FORM_LINE, 20}, /* of the trail: ticket_late() */
};
const struct form form_incident = FORM(incident_fields);

static const struct form_field link_fields[] = {
    {"incident", FORM_LINE, 20, .required = true, .label = "the number of the incident"},
    {"version", FORM_LINE, 20},
    {"since", FORM_LINE, 20},
};
const struct form form_link = FORM(link_fields);

static const struct form_field merge_fields[] = {
    {"into", FORM_LINE, 20, .required = true, .label = "the number of the other ticket"},
    {"version", FORM_LINE, 20},
    {"since", FORM_LINE, 20},
};
const struct form form_merge = FORM(merge_fields);

static const struct form_field split_fields[] = {
    {"subject", FORM_LINE, 500},
    {"messages", FORM_LIST, 20, CASE_MOVED_MAX},
    {"events", FORM_LIST, 20, CASE_MOVED_MAX},
    {"version", FORM_LINE, 20},
};
const struct form form_split = FORM(split_fields);

static const struct form_field countermeasure_fields[] = {
    {"subject", FORM_LINE, 500, .required = true, .label = "what is done"},
    {"expires", FORM_LINE, 40},
    {"version", FORM_LINE, 20},
    {"since", FORM_LINE, 20},
};
const struct form form_countermeasure = FORM(countermeasure_fields);

/* "#4711" or "4711"; an error of the field otherwise. */
static bool
read_number(struct req *r, const char *field, int64_t *number)
{
	const char *s = form_get(r, field);

	if (*s == '#')
		s++;
	if (text_int(s, 1, INT64_MAX / 2, number))
		return true;
	form_error(r, field, "Write the number of a ticket, as 4711.");
	return false;
}

static bool
read_version(struct req *r, int64_t *version)
{
	return form_int(r, "version", 0, INT64_MAX / 2, 0, version);
}

/* To the page of `number`; the API gets it as it is now. */
static bool
done(struct req *r, int64_t number, unsigned status, const char *flash,
    GError **err)
{
	struct case_view v = {0};
	struct ticket_full t = {0};

	counts_forget(r);
	if (r->face == FACE_API) {
		if (!ticket_load(r->db, r->a, number, &t, err))
			return false;
		v = (struct case_view){t.number, t.kind, t.status, t.owner,
		    t.version,
		    t.deeds.n > 0 ? LIST_AT(deed, t.deeds, 0)->id : DESC_NULL};
	}
	return reply_done(r, arena_printf(r->a, "/desk/tickets/%" PRId64,
				 number),
	    flash, status, &desc_case_view, &v);
}

/* The forms of the case as they were filled in. */
static struct ticket_view
typed_of(struct req *r)
{
	return (struct ticket_view){.open_case = true,
	    .link_to = r->route->form == &form_link
		? form_get(r, "incident") : NULL,
	    .measure = r->route->form == &form_countermeasure
		? form_get(r, "subject") : NULL,
	    .measure_end = r->route->form == &form_countermeasure
		? form_get(r, "expires") : NULL};
}

/* What is wrong with the form stands on the ticket's page. */
static bool
wrong(struct req *r, int64_t number, GError **err)
{
	const struct ticket_view typed = typed_of(r);

	return ticket_show(r, 422, number, &typed, err);
}

/* So does what others did meanwhile, and what core says of it. */
static bool
late(struct req *r, int64_t number, const char *undone, GError **why,
    GError **err)
{
	const struct ticket_view typed = typed_of(r);

	return ticket_late(r, number, &typed, undone, "#case-acts", why, err);
}

bool
act_incident(struct req *r, GError **err)
{
	g_autoptr(GError) why = NULL;
	int64_t number, version, made;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!read_version(r, &version) || !form_ok(r))
		return wrong(r, number, err);
	if (!case_incident(r->db, &r->actor, number, version,
		form_get(r, "subject"), form_get(r, "type"), &made, &why))
		return late(r, number, "no incident was made", &why, err);
	return done(r, made, 201,
	    arena_printf(r->a, "Incident #%" PRId64 " is made of report #%"
		PRId64 ", and yours.", made, number),
	    err);
}

bool
act_incident_new(struct req *r, GError **err)
{
	int64_t made;

	return case_incident(r->db, &r->actor, 0, 0, form_get(r, "subject"),
		   form_get(r, "type"), &made, err) &&
	    done(r, made, 201, "The incident is made, and yours.", err);
}

/* Both ends of it: the incident of the form, and this ticket. */
static bool
hang(struct req *r,
    bool (*act)(struct db *db, const struct actor *who, int64_t incident,
	int64_t child, int64_t child_version, GError **err),
    const char *undone, const char *since, GError **err)
{
	g_autoptr(GError) why = NULL;
	int64_t number, version, incident;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!read_number(r, "incident", &incident) ||
	    !read_version(r, &version) || !form_ok(r))
		return wrong(r, number, err);
	if (!act(r->db, &r->actor, incident, number, version, &why))
		return late(r, number, undone, &why, err);
	return done(r, number, 200,
	    arena_printf(r->a, "It hangs on incident #%" PRId64 " %s.",
		incident, since),
	    err);
}

bool
act_link(struct req *r, GError **err)
{
	return hang(r, case_link, "it was not linked", "now", err);
}

bool
act_unlink(struct req *r, GError **err)
{
	return hang(r, case_unlink, "it was not unlinked", "no more", err);
}

bool
page_merge(struct req *r, GError **err)
{
	struct merge_view v = {0};
	struct case_merge m = {0};
	const char *into = req_query(r, "into");
	int64_t from, to;

	if (!req_param_int(r, "number", &from, err))
		return false;
	if (into != NULL && *into == '#')
		into++;
	if (into == NULL)
		to = from; /* the page says what is needed */
	else if (!text_int(into, 1, INT64_MAX / 2, &to))
		return fault_set(err, FAULT_INPUT,
		    "Write the number of the ticket to merge into, as 4711.");
	if (!case_merge_preview(r->db, r->a, from, to, &m, err))
		return false;
	v.page_title = arena_printf(r->a, "Merge #%" PRId64 " into #%" PRId64,
	    from, to);
	G_STATIC_ASSERT(offsetof(struct merge_view, refused) -
		offsetof(struct merge_view, from) ==
	    offsetof(struct case_merge, refused));
	memcpy((char *)&v + offsetof(struct merge_view, from), &m, sizeof(m));
	return reply_view(r, 200, "page/merge.html", &desc_merge_view, &v);
}

bool
act_merge(struct req *r, GError **err)
{
	g_autoptr(GError) why = NULL;
	int64_t number, version, into;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!read_number(r, "into", &into) || !read_version(r, &version) ||
	    !form_ok(r))
		return wrong(r, number, err);
	if (!case_merge(r->db, &r->actor, number, version, into, &why))
		return late(r, number, "it was not merged", &why, err);
	return done(r, into, 200,
	    arena_printf(r->a, "#%" PRId64 " is part of this now, and its "
		"number leads here.", number),
	    err);
}

/* Ids of one ticket's parts; anything else is an error of the field. */
static const char *const *
ids(struct req *r, const char *field)
{
	const char *const *values = form_list(r, field, NULL);
	int64_t n;

	for (size_t i = 0; values[i] != NULL; i++)
		if (!text_int(values[i], 1, INT64_MAX / 2, &n))
			form_error(r, field, "%s is no number of one.",
			    text_cut(r->a, values[i], 20));
	return values;
}

bool
act_split(struct req *r, GError **err)
{
	const char *const *messages = ids(r, "messages");
	const char *const *events = ids(r, "events");
	int64_t number, version, made;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!read_version(r, &version) || !form_ok(r))
		return wrong(r, number, err);
	return case_split(r->db, &r->actor, number, version,
		   form_get(r, "subject"), messages, events, &made, err) &&
	    done(r, made, 201,
		arena_printf(r->a, "This was split off #%" PRId64 ".",
		    number),
		err);
}

bool
act_countermeasure(struct req *r, GError **err)
{
	g_autoptr(GError) why = NULL;
	int64_t number, version, made, expires = DESC_NULL;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (form_has(r, "expires") &&
	    !when_parse_rfc3339(form_get(r, "expires"), &expires))
		form_error(r, "expires",
		    "Write a time with its zone, as 2026-12-01T09:00:00Z.");
	if (!read_version(r, &version) || !form_ok(r))
		return wrong(r, number, err);
	if (!case_countermeasure(r->db, &r->actor, number, version,
		form_get(r, "subject"), expires, &made, &why))
		return late(r, number, "no countermeasure was made", &why,
		    err);
	return done(r, made, 201, "The countermeasure waits to be activated.",
	    err);
}

/* What was done to many is looked at again where it was done. */
static bool
undone_many(struct req *r, int64_t deed, GError **err)
{
	struct case_view v = {.number = DESC_NULL, .version = DESC_NULL,
	    .deed = DESC_NULL};
	int64_t bulk;

	counts_forget(r);
	return bulk_of_deed(r->db, r->a, &r->actor, deed, &bulk, err) &&
	    reply_done(r, bulk != 0
		? arena_printf(r->a, "/desk/bulk/%" PRId64, bulk)
		: "/desk", "Undone.", 200, &desc_case_view, &v);
}

bool
act_undo(struct req *r, GError **err)
{
	int64_t id, ticket;

	return req_param_int(r, "id", &id, err) &&
	    deed_undo(r->db, &r->actor, id, &ticket, err) &&
	    (ticket != DESC_NULL ? done(r, ticket, 200, "Undone.", err)
				 : undone_many(r, id, err));
}
