/* Acts on a ticket: POST /desk/tickets/N/... and /api/v1/tickets/N/... */
#include "base/base.h"
#include "base/text.h"
#include "core/constituency.h"
#include "http/counts.h"
#include "http/form.h"
#include "http/page_seal.h"
#include "http/page_ticket.h"

enum { ACT_TEXT_MAX = 256 * 1024, ACT_FILES = 10 };

DESC_TABLE(act_view, ACT_VIEW);

static const struct form_field take_fields[] = {
    {"version", FORM_LINE, 20},
};
const struct form form_take = FORM(take_fields);

static const struct form_field status_fields[] = {
    {"status", FORM_LINE, 40, .required = true, .label = "status"},
    {"resolution", FORM_LINE, 100},
    {"version", FORM_LINE, 20},
};
const struct form form_status = FORM(status_fields);

static const struct form_field comment_fields[] = {
    {"text", FORM_TEXT, ACT_TEXT_MAX, .required = true, .label = "The comment"},
};
const struct form form_comment = FORM(comment_fields);

/* Addresses as one line, comma-separated, or a JSON array. */
static const struct form_field reply_fields[] = {
    {"to", FORM_LIST, 4000, 50},
    {"cc", FORM_LIST, 4000, 50},
    {"subject", FORM_LINE, 500},
    {"text", FORM_TEXT, ACT_TEXT_MAX, .required = true, .label = "The text"},
    {"files", FORM_FILE, 25 * FORM_MIB, ACT_FILES},
    {"waits", FORM_LINE, 10}, /* for an answer to this */
    {"sign", FORM_LINE, 10},    /* yes, no; else as the settings say */
    {"encrypt", FORM_LINE, 10},
    {"version", FORM_LINE, 20},
};
const struct form form_reply = FORM(reply_fields);

/* "a@b.example, c@d.example" in one value or several; ended by NULL.  What
 * is no address is an error of the field. */
const char *const *
act_addresses(struct req *r, const char *field)
{
	const char *const *values = form_list(r, field, NULL);
	GPtrArray *out = arena_ptr_array(r->a);

	for (size_t i = 0; values[i] != NULL; i++) {
		g_auto(GStrv) words = g_strsplit_set(values[i], ",; \n", -1);

		for (size_t k = 0; words[k] != NULL; k++) {
			if (*words[k] == '\0')
				continue;
			if (!text_address_ok(words[k]))
				form_error(r, field,
				    "%s is not a mail address.",
				    text_cut(r->a, words[k], 100));
			g_ptr_array_add(out, arena_strdup(r->a, words[k]));
		}
	}
	g_ptr_array_add(out, NULL);
	return (const char *const *)out->pdata;
}

static const char *
joined(struct arena *a, const char *const *values)
{
	GString *s = arena_gstring(a);

	for (size_t i = 0; values[i] != NULL; i++)
		g_string_append_printf(s, "%s%s", i > 0 ? ", " : "",
		    values[i]);
	return s->str;
}

/* 0: the version was not given, so it is not checked. */
static bool
read_version(struct req *r, int64_t *version)
{
	return form_int(r, "version", 0, INT64_MAX / 2, 0, version);
}

static bool
done(struct req *r, int64_t number, unsigned status, int64_t message,
    const char *flash, GError **err)
{
	struct act_view v = {0};
	struct ticket_full t;

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

bool
act_take(struct req *r, GError **err)
{
	int64_t number, version;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!read_version(r, &version))
		return ticket_show(r, 422, number, NULL, err);
	return ticket_take(r->db, &r->actor, number, version, err) &&
	    done(r, number, 200, 0, "The ticket is yours.", err);
}

bool
act_lookup(struct req *r, GError **err)
{
	int64_t number, version, changed;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!read_version(r, &version))
		return ticket_show(r, 422, number, NULL, err);
	return constituency_look_again(r->db, &r->actor, number, version,
		   &changed, err) &&
	    done(r, number, 200, 0,
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
	int64_t number, version;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!read_version(r, &version) || !form_ok(r))
		return ticket_show(r, 422, number, NULL, err);
	return ticket_status(r->db, &r->actor, number, version, status,
		   form_has(r, "resolution") ? form_get(r, "resolution") : NULL,
		   err) &&
	    done(r, number, 200, 0,
		arena_printf(r->a, "The ticket is now %s.", status), err);
}

bool
act_leave_closed(struct req *r, GError **err)
{
	int64_t number, version;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!read_version(r, &version))
		return ticket_show(r, 422, number, NULL, err);
	return ticket_leave_closed(r->db, &r->actor, number, version, err) &&
	    done(r, number, 200, 0, "The answer is marked as read.", err);
}

bool
act_ungroup(struct req *r, GError **err)
{
	int64_t number, version;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!read_version(r, &version))
		return ticket_show(r, 422, number, NULL, err);
	return ticket_ungroup(r->db, &r->actor, number, version, err) &&
	    done(r, number, 200, 0,
		"It stands for itself again, and in the queue.", err);
}

/* {"id":..} of the new message is what a program wants. */
bool
act_comment(struct req *r, GError **err)
{
	const char *text = form_get(r, "text");
	int64_t number;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!form_ok(r)) {
		const struct ticket_view typed = {.comment_text = text,
		    .open_comment = true};

		return ticket_show(r, 422, number, &typed, err);
	}
	return ticket_comment(r->db, &r->actor, number, text, err) &&
	    done(r, number, 201, 0,
		"The comment is saved. Nobody outside the desk sees it.", err);
}

static bool
reply_again(struct req *r, unsigned status, int64_t number,
    const char *const *to, const char *const *cc, GError **err)
{
	const struct ticket_view typed = {
	    .reply_to = joined(r->a, to),
	    .reply_cc = joined(r->a, cc),
	    .reply_subject = form_get(r, "subject"),
	    .reply_text = form_get(r, "text"),
	    .asks = form_has(r, "waits"),
	    .open_reply = true,
	    .chosen = true,
	};

	return ticket_show(r, status, number, &typed, err);
}

bool
act_reply(struct req *r, GError **err)
{
	const char *const *to = act_addresses(r, "to");
	const char *const *cc = act_addresses(r, "cc");
	const struct sealing_choice choice = seal_chosen(r);
	const struct form_file *files;
	struct outbox_file *attached;
	GError *why = NULL;
	int64_t number, version, message;
	size_t n;

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!read_version(r, &version) || !form_ok(r))
		return reply_again(r, 422, number, to, cc, err);
	files = form_files(r, "files", &n);
	attached = ARENA_ARRAY(r->a, struct outbox_file, n + 1);
	for (size_t i = 0; i < n; i++)
		attached[i] = (struct outbox_file){files[i].name,
		    files[i].type, files[i].bytes, files[i].len};
	if (ticket_reply(r->db, r->site, &r->actor, number,
		to[0] != NULL ? to : NULL, cc[0] != NULL ? cc : NULL,
		form_get(r, "subject"), form_get(r, "text"), attached, n,
		form_has(r, "waits"), choice, &message, &why))
		return done(r, number, 201, message,
		    "The reply is on its way.", err);
	/* What was written stays when it cannot be sent this way. */
	if (seal_refused(r, why)) {
		unsigned status = (unsigned)fault_http(why);

		g_error_free(why);
		return reply_again(r, status, number, to, cc, err);
	}
	g_propagate_error(err, why);
	return false;
}
