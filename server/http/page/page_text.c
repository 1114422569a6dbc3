/* Texts to begin mail from, and notes on types: /desk/texts. */
#include "base/base.h"
#include "base/text.h"
#include "http/form.h"
#include "http/page/page_text.h"

DESC_TABLE(texts_view, TEXTS_VIEW);
DESC_TABLE(text_saved, TEXT_SAVED);
DESC_TABLE(text_filled, TEXT_FILLED);
DESC_TABLE(note_saved, NOTE_SAVED);

static const struct form_field text_fields[] = {
    {"id", FORM_LINE, 20},
    {"name", FORM_LINE, 500},
    {"direction", FORM_LINE, 20},
    {"lang", FORM_LINE, 60, .label = "the language"},
    {"type", FORM_LINE, 200},
    {"resolution", FORM_LINE, 100},
    {"asks", FORM_LINE, 10},
    {"subject", FORM_LINE, 1200},
    {"text", FORM_TEXT, TEXT_MAX},
    {"version", FORM_LINE, 20},
    {"ticket", FORM_LINE, 20}, /* to try it with */
};
const struct form form_text_template = FORM(text_fields);

static const struct form_field note_fields[] = {
    {"type", FORM_LINE, 200, .required = true, .label = "the type"},
    {"text", FORM_TEXT, TEXT_NOTE_MAX},
    {"version", FORM_LINE, 20},
};
const struct form form_handling_note = FORM(note_fields);

#define EXAMPLE(F, S) F(S, INT, number, none)
DESC_PRIVATE(example, EXAMPLE);

static struct list
resolution_options(struct arena *a, const char *chosen)
{
	struct list all = lifecycle_resolutions(a, "rejected");
	struct list l = {.n = all.n};

	l.items = ARENA_ARRAY(a, struct desk_option, MAX(l.n, 1));
	for (size_t i = 0; i < l.n; i++) {
		const char *words = LIST_AT(resolution_choice, all, i)->words;

		*LIST_AT(desk_option, l, i) = (struct desk_option){words,
		    words, g_strcmp0(words, chosen) == 0};
	}
	return l;
}

static bool
show(struct req *r, unsigned status, struct texts_view *v,
    const struct text_template *t, GError **err)
{
	v->page_title = "Texts and notes";
	v->may_decide = req_may(r, ROLE_LEAD);
	v->id = t->id != 0 ? t->id : DESC_NULL;
	v->version = t->version;
	v->name = t->name;
	v->lang = t->lang;
	v->type = t->type;
	v->subject = t->subject;
	v->text = t->text;
	v->asks = t->asks;
	v->directions = text_directions(r->a, t->direction);
	v->resolutions = resolution_options(r->a, t->resolution);
	v->variables = text_variables(r->a);
	return text_list(r->db, r->a, NULL, &v->texts, err) &&
	    handling_notes(r->db, r->a, &v->notes, err) &&
	    reply_view(r, status, "page/texts.html", &desc_texts_view, v);
}

/* The ticket that is named, or the last one to which such a text goes. */
static bool
example_of(struct req *r, const struct text_template *t, const char *ticket,
    int64_t *number, GError **err)
{
	bool report = g_strcmp0(t->direction, "reporter") == 0 ||
	    g_strcmp0(t->direction, "reject") == 0;
	struct example e = {0};
	bool found;

	*number = 0;
	if (!text_blank(ticket)) {
		if (text_int(ticket + (*ticket == '#'), 1, INT64_MAX / 2,
			number))
			return true;
		return fault_set(err, FAULT_INPUT,
		    "Write the number of a ticket, as 4711.");
	}
	if (!db_opt(r->db, r->a, Q_TEXT_EXAMPLE,
		DB_ARGS(DB_TEXT(report ? "report" : "investigation"),
		    DB_TEXT(t->type != NULL ? t->type : "")),
		&desc_example, &e, &found, err))
		return false;
	if (found)
		*number = e.number;
	return true;
}

/* How it would read; without any ticket it is not tried. */
static bool
try_it(struct req *r, const struct text_template *t, const char *ticket,
    struct texts_view *v, GError **err)
{
	struct text_facts f = {0};
	int64_t number;

	v->ticket = ticket;
	if (!example_of(r, t, ticket, &number, err))
		return false;
	if (number == 0)
		return true;
	if (!text_facts(r->db, r->a, number, &f, err))
		return false;
	v->tried = number;
	v->tried_subject = text_fill(r->a, r->site, &r->actor, &f,
	    text_blank(t->subject) ? "{{tag}} {{subject}}" : t->subject,
	    true);
	v->tried_text = text_fill(r->a, r->site, &r->actor, &f, t->text,
	    false);
	return true;
}

static bool
find_note(struct req *r, const char *type, struct texts_view *v, GError **err)
{
	struct list l;

	if (!handling_notes(r->db, r->a, &l, err))
		return false;
	v->note_type = type;
	for (size_t i = 0; i < l.n; i++) {
		const struct handling_note *n = LIST_AT(handling_note, l, i);

		if (strcmp(n->type, type) == 0) {
			v->note_text = n->text;
			v->note_version = n->version;
		}
	}
	return true;
}

bool
page_texts(struct req *r, GError **err)
{
	const char *note = req_query(r, "note");
	struct texts_view v = {0};
	struct text_template t = {.direction = "reporter", .type = ""};
	int64_t id;

	if (!req_query_int(r, "edit", 1, INT64_MAX / 2, 0, &id, err))
		return false;
	if (id != 0 && (!text_get(r->db, r->a, id, &t, err) ||
	    !try_it(r, &t, req_query(r, "ticket"), &v, err)))
		return false;
	return (note == NULL || find_note(r, note, &v, err)) &&
	    show(r, 200, &v, &t, err);
}

bool
page_text_one(struct req *r, GError **err)
{
	struct text_filled v = {0};
	struct text_template t = {0};
	struct text_facts f = {0};

	if (!req_param_int(r, "id", &v.id, err) ||
	    !text_get(r->db, r->a, v.id, &t, err) ||
	    !example_of(r, &t, req_query(r, "ticket"), &v.ticket, err) ||
	    !text_facts(r->db, r->a, v.ticket, &f, err))
		return false;
	v.name = t.name;
	v.subject = t.subject != NULL
	    ? text_fill(r->a, r->site, &r->actor, &f, t.subject, true)
	    : NULL;
	v.text = text_fill(r->a, r->site, &r->actor, &f, t.text, false);
	return reply_view(r, 200, NULL, &desc_text_filled, &v);
}

static struct text_template
read_text(struct req *r)
{
	struct text_template t = {
	    .name = form_get(r, "name"),
	    .direction = form_get(r, "direction"),
	    .lang = form_get(r, "lang"),
	    .type = form_get(r, "type"),
	    .resolution = form_get(r, "resolution"),
	    .asks = form_has(r, "asks") && !form_is(r, "asks", "false"),
	    .subject = form_get(r, "subject"),
	    .text = form_get(r, "text"),
	};

	form_int(r, "id", 1, INT64_MAX / 2, 0, &t.id);
	form_int(r, "version", 0, INT64_MAX / 2, 0, &t.version);
	/* The page's list of reasons always says one. */
	if (r->face == FACE_PAGE && strcmp(t.direction, "reject") != 0)
		t.resolution = "";
	return t;
}

/* What core says of it stands at its field, with what was typed; that
 * somebody was faster, at the text: both are shown, theirs above. */
static bool
refused(struct req *r, const char *field, GError **why, GError **err)
{
	if (!fault_is(*why, FAULT_INPUT) &&
	    !(fault_is(*why, FAULT_CONFLICT) && r->face == FACE_PAGE)) {
		g_propagate_error(err, g_steal_pointer(why));
		return false;
	}
	form_error(r, field != NULL ? field : "text", "%s", (*why)->message);
	return true;
}

bool
page_text_save(struct req *r, GError **err)
{
	struct text_template t = read_text(r), now = {0};
	struct texts_view v = {0};
	struct text_saved saved = {.direction = t.direction, .name = t.name};
	g_autoptr(GError) why = NULL;
	const char *field = NULL;

	if (form_ok(r) &&
	    !text_save(r->db, &r->actor, &t, &saved.id, &field, &why) &&
	    !refused(r, field, &why, err))
		return false;
	if (form_ok(r))
		return text_get(r->db, r->a, saved.id, &now, err) &&
		    (saved.version = now.version, true) &&
		    reply_done(r, arena_printf(r->a,
			"/desk/texts?edit=%" PRId64 "#text-form", saved.id),
			"The text is saved.", t.id == 0 ? 201 : 200,
			&desc_text_saved, &saved);
	if (why != NULL && fault_is(why, FAULT_CONFLICT) &&
	    text_get(r->db, r->a, t.id, &now, NULL)) {
		v.tried_text = now.text;
		v.tried_subject = arena_printf(r->a, "As %s saved it",
		    now.changed_by != NULL ? now.changed_by : "somebody");
		t.version = now.version;
	}
	return show(r, v.tried_text != NULL ? 409 : 422, &v, &t, err);
}

bool
page_text_try(struct req *r, GError **err)
{
	struct text_template t = read_text(r);
	struct texts_view v = {0};
	struct text_filled filled = {0};
	g_autoptr(GError) why = NULL;

	v.ticket = form_get(r, "ticket");
	if (form_ok(r) &&
	    (!text_check(r->a, t.direction, t.subject, &why) ||
		!text_check(r->a, t.direction, t.text, &why)) &&
	    !refused(r, "text", &why, err))
		return false;
	if (form_ok(r) && !try_it(r, &t, v.ticket, &v, &why)) {
		if (!fault_is(why, FAULT_INPUT) &&
		    !fault_is(why, FAULT_ABSENT)) {
			g_propagate_error(err, g_steal_pointer(&why));
			return false;
		}
		form_error(r, "ticket", "%s", why->message);
	}
	if (r->face == FACE_API) {
		filled.id = t.id != 0 ? t.id : DESC_NULL;
		filled.ticket = v.tried != 0 ? v.tried : DESC_NULL;
		filled.name = t.name;
		filled.subject = v.tried_subject;
		filled.text = v.tried_text;
		return reply_view(r, 200, NULL, &desc_text_filled, &filled);
	}
	return show(r, form_ok(r) ? 200 : 422, &v, &t, err);
}

bool
page_text_remove(struct req *r, GError **err)
{
	struct text_saved v = {.version = DESC_NULL};

	return req_param_int(r, "id", &v.id, err) &&
	    text_remove(r->db, &r->actor, v.id, err) &&
	    reply_done(r, "/desk/texts", "The text is gone.", 200,
		&desc_text_saved, &v);
}

bool
page_note_save(struct req *r, GError **err)
{
	const struct text_template t = {.direction = "reporter", .type = ""};
	struct note_saved saved = {.type = form_get(r, "type")};
	struct texts_view v = {.note_type = saved.type,
	    .note_text = form_get(r, "text")};
	g_autoptr(GError) why = NULL;

	form_int(r, "version", 0, INT64_MAX / 2, 0, &v.note_version);
	if (form_ok(r) &&
	    !handling_note_save(r->db, &r->actor, saved.type, v.note_text,
		v.note_version, &why) &&
	    !refused(r, "note_type", &why, err))
		return false;
	if (form_ok(r))
		return reply_done(r, "/desk/texts#notes",
		    text_blank(v.note_text) ? "The note is gone."
					    : "The note is saved.",
		    200, &desc_note_saved, &saved);
	if (why == NULL || !fault_is(why, FAULT_CONFLICT))
		return show(r, 422, &v, &t, err);
	/* Theirs stands in the table above; this is saved over it, if at all. */
	v.note_version = 0;
	if (!find_note(r, saved.type, &v, err))
		return false;
	v.note_text = form_get(r, "text");
	return show(r, 409, &v, &t, err);
}
