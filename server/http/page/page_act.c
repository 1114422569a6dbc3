/* Acts on a ticket: POST /desk/tickets/N/... and /api/v1/tickets/N/... */
#include "base/base.h"
#include "base/text.h"
#include "core/member/constituency.h"
#include "http/counts.h"
#include "http/form.h"
#include "http/page/page_seal.h"
#include "http/page/page_ticket.h"

enum { ACT_TEXT_MAX = 256 * 1024 };

DESC_TABLE(act_view, ACT_VIEW);

static const struct form_field take_fields[] = {
    {"version", FORM_LINE, 20},
    {"since", FORM_LINE, 20}, /* of the trail: ticket_late() */
};
const struct form form_take = FORM(take_fields);

static const struct form_field status_fields[] = {
    {"status", FORM_LINE, 40, .required = true, .label = "status"},
    {"resolution", FORM_LINE, 100},
    {"version", FORM_LINE, 20},
    {"since", FORM_LINE, 20}, /* of the trail: ticket_late() */
};
const struct form form_status = FORM(status_fields);

static const struct form_field type_fields[] = {
    {"type", FORM_LINE, 100, .required = true, .label = "the type"},
    {"version", FORM_LINE, 20},
    {"since", FORM_LINE, 20},
};
const struct form form_ticket_type = FORM(type_fields);

static const struct form_field reject_fields[] = {
    {"reason", FORM_LINE, 20, .required = true, .label = "the reason"},
    {"tell", FORM_LINE, 10}, /* the reporter; no: only for the desk */
    {"version", FORM_LINE, 20},
    {"since", FORM_LINE, 20},
};
const struct form form_reject = FORM(reject_fields);

static const struct form_field comment_fields[] = {
    {"text", FORM_TEXT, ACT_TEXT_MAX, .required = true, .label = "The comment"},
    {"version", FORM_LINE, 20},
    {"since", FORM_LINE, 20},
};
const struct form form_comment = FORM(comment_fields);

/* (Counted here: one value holds many.) */
const char *const *
act_addresses(struct req *r, const char *field)
{
	static const char between[] = ",; \n";
	const char *const *values = form_list(r, field, NULL);
	const char **out =
	    ARENA_ARRAY(r->a, const char *, ACT_ADDRESSES_MAX + 1);
	size_t n = 0;

	for (size_t i = 0; values[i] != NULL; i++)
		for (const char *p = values[i] + strspn(values[i], between);
		     *p != '\0'; p += strspn(p, between)) {
			size_t len = strcspn(p, between);

			if (n == ACT_ADDRESSES_MAX) {
				form_error(r, field,
				    "A mail goes to at most %d addresses here. "
				    "Send it in parts.", ACT_ADDRESSES_MAX);
				return out;
			}
			out[n] = arena_strndup(r->a, p, len);
			if (!text_address_ok(out[n]))
				form_error(r, field,
				    "%s is not a mail address.",
				    text_cut(r->a, out[n], 100));
			n++;
			p += len;
		}
	return out;
}

const char *
act_joined(struct arena *a, const char *const *values)
{
	GString *s = arena_gstring(a);

	for (size_t i = 0; values[i] != NULL; i++)
		g_string_append_printf(s, "%s%s", i > 0 ? ", " : "",
		    values[i]);
	return s->str;
}

/* 0: the version was not given, so it is not checked. */
bool
act_version(struct req *r, int64_t *version)
{
	return form_int(r, "version", 0, INT64_MAX / 2, 0, version);
}

bool
act_done(struct req *r, int64_t number, unsigned status, int64_t message,
    const char *flash, GError **err)
{
	struct act_view v = {0};
	struct ticket_full t = {0};

	counts_forget(r);
	if (r->face == FACE_API) {
		if (!ticket_load(r->db, r->a, number, &t, err))
			return false;
		v = (struct act_view){t.number, t.status, t.owner, t.version,
		    message != 0 ? message : DESC_NULL};
	}
	return reply_done(r, arena_printf(r->a, "/desk/tickets/%" PRId64,
				 number),
	    flash, status, &desc_act_view, &v);
}

/* An act that needs no word but the version; undone: what then was not. */
static bool
bare_act(struct req *r,
    bool (*act)(struct db *db, const struct actor *who, int64_t number,
	int64_t version, GError **err),
    const char *undone, const char *flash, GError **err)
{
	g_autoptr(GError) why = NULL;
	int64_t number, version;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!act_version(r, &version))
		return ticket_show(r, 422, number, NULL, err);
	if (!act(r->db, &r->actor, number, version, &why))
		return ticket_late(r, number, NULL, undone, NULL, &why, err);
	return act_done(r, number, 200, 0, flash, err);
}

bool
act_take(struct req *r, GError **err)
{
	return bare_act(r, ticket_take, "it was not made yours",
	    "The ticket is yours.", err);
}

bool
act_lookup(struct req *r, GError **err)
{
	g_autoptr(GError) why = NULL;
	int64_t number, version, changed;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!act_version(r, &version))
		return ticket_show(r, 422, number, NULL, err);
	if (!constituency_look_again(r->db, &r->actor, number, version,
		&changed, &why))
		return ticket_late(r, number, NULL,
		    "its addresses were not looked up", NULL, &why, err);
	return act_done(r, number, 200, 0,
		changed == 0
		    ? "Looked up again: every verdict is the same."
		    : arena_printf(r->a, "Looked up again: %" PRId64
			  " events have another verdict.", changed),
		err);
}

bool
act_status(struct req *r, GError **err)
{
	const char *status = form_get(r, "status");
	g_autoptr(GError) why = NULL;
	int64_t number, version;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!act_version(r, &version) || !form_ok(r))
		return ticket_show(r, 422, number, NULL, err);
	if (!ticket_status(r->db, &r->actor, number, version, status,
		form_has(r, "resolution") ? form_get(r, "resolution") : NULL,
		&why))
		return ticket_late(r, number,
		    &(struct ticket_view){.open_status = true},
		    arena_printf(r->a, "it was not made %s", status),
		    "#status-form", &why, err);
	return act_done(r, number, 200, 0,
		arena_printf(r->a, "The ticket is now %s.", status), err);
}

bool
act_type(struct req *r, GError **err)
{
	const char *type = form_get(r, "type");
	g_autoptr(GError) why = NULL;
	int64_t number, version;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!act_version(r, &version) || !form_ok(r))
		return ticket_show(r, 422, number,
		    &(struct ticket_view){.open_status = true}, err);
	if (!ticket_type(r->db, &r->actor, number, version, type, &why))
		return ticket_late(r, number,
		    &(struct ticket_view){.open_status = true},
		    arena_printf(r->a, "its type is not %s", type),
		    "#type", &why, err);
	return act_done(r, number, 200, 0,
		arena_printf(r->a, "The type is now %s.", type), err);
}

bool
act_reject(struct req *r, GError **err)
{
	g_autoptr(GError) why = NULL;
	int64_t number, version, reason, message;
	bool tell = form_has(r, "tell") && !form_is(r, "tell", "no") &&
	    !form_is(r, "tell", "false");

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!act_version(r, &version) ||
	    !form_int(r, "reason", 1, INT64_MAX / 2, 0, &reason) ||
	    !form_ok(r))
		return ticket_show(r, 422, number,
		    &(struct ticket_view){.open_status = true}, err);
	if (!ticket_reject(r->db, r->site, &r->actor, number, version, reason,
		tell, NULL, &message, &why))
		return ticket_late(r, number,
		    &(struct ticket_view){.open_status = true},
		    "it was not rejected", "#status-form", &why, err);
	return act_done(r, number, 200, message == DESC_NULL ? 0 : message,
		message != DESC_NULL
		    ? "Rejected, and the reporter is told why."
		    : tell ? "Rejected.  Nobody was told: the reporter had "
			     "no receipt of ours."
			   : "Rejected.  Nobody was told.",
		err);
}

bool
act_leave_closed(struct req *r, GError **err)
{
	return bare_act(r, ticket_leave_closed,
	    "the answer still waits to be read",
	    "The answer is marked as read.", err);
}

bool
act_ungroup(struct req *r, GError **err)
{
	return bare_act(r, ticket_ungroup, "it was not taken out of its group",
	    "It stands for itself again, and in the queue.", err);
}

/* {"id":..} of the new message is what a program wants. */
bool
act_comment(struct req *r, GError **err)
{
	const char *text = form_get(r, "text");
	const struct ticket_view typed = {.comment_text = text,
	    .open_comment = true};
	g_autoptr(GError) why = NULL;
	int64_t number, version;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!act_version(r, &version) || !form_ok(r))
		return ticket_show(r, 422, number, &typed, err);
	if (!ticket_comment(r->db, &r->actor, number, version, text, &why))
		return ticket_late(r, number, &typed,
		    "your comment was not saved", "#comment-text", &why, err);
	return act_done(r, number, 201, 0,
		"The comment is saved. Nobody outside the desk sees it.", err);
}
