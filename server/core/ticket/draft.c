/* See draft.h. */
#include "base/base.h"
#include "base/json.h"
#include "base/text.h"
#include "base/when.h"
#include "core/ticket/draft.h"

DESC_TABLE(draft, DRAFT);
DESC_TABLE(draft_writer, DRAFT_WRITER);

#define UPDATED(F, S) F(S, TIME, updated, none)
DESC_PRIVATE(updated_row, UPDATED);

static const struct {
	const char *form, *label;
	const char *of; /* what party says, before it; NULL: there is none */
} forms[] = {
    {"reply", "reply", NULL},
    {"comment", "comment", NULL},
    {"notify", "notice", "to"},
    {"forward", "forward", "of mail"},
};

/* The row of a form; COUNT_OF(forms) for none. */
static size_t
row_of(const char *form)
{
	size_t i = 0;

	while (i < COUNT_OF(forms) && strcmp(forms[i].form, form) != 0)
		i++;
	return i;
}

static const char *
label_of(const char *form)
{
	size_t i = row_of(form);

	return i < COUNT_OF(forms) ? forms[i].label : NULL;
}

static const char *
packed(struct arena *a, const struct draft *d)
{
	GString *s = arena_gstring(a);
	struct json_out w = json_out(s);

	json_begin(&w, '{');
	json_text(&w, "to", d->to);
	json_text(&w, "cc", d->cc);
	json_text(&w, "subject", d->subject);
	json_text(&w, "text", d->text);
	json_bool(&w, "waits", d->waits);
	if (d->drawn != DESC_NULL && d->drawn > 0)
		json_int(&w, "number", d->drawn);
	json_end(&w, '}');
	return s->str;
}

static bool
is_blank(const char *s)
{
	return s == NULL || text_blank(s);
}

bool
draft_save(struct db *db, const struct actor *who, int64_t ticket,
    const struct draft *d, int64_t *updated, GError **err)
{
	ARENA_AUTO(a, "draft");
	const char *party = d->party != NULL ? d->party : "";
	bool forward = strcmp(d->form, "forward") == 0;
	size_t form = row_of(d->form);
	struct updated_row row = {0};
	bool found;

	if (form == COUNT_OF(forms))
		return fault_set(err, FAULT_INPUT,
		    "There are drafts of a reply, of a comment, of a notice "
		    "and of a forward.");
	if (forms[form].of == NULL)
		party = "";
	else if (*party == '\0')
		return fault_set(err, FAULT_INPUT, forward
			? "A draft of a forward is of one mail: say of which."
			: "A draft of a notice is for one party: say for "
			  "which.");
	if (is_blank(d->text) &&
	    (!forward || (is_blank(d->to) && is_blank(d->cc)))) {
		*updated = DESC_NULL;
		return draft_drop(db, who, ticket, d->form,
		    (const char *const[]){party, NULL}, err);
	}
	if (!db_opt(db, a, Q_DRAFT_SAVE,
		DB_ARGS(DB_INT(who->id), DB_INT(ticket), DB_TEXT(d->form),
		    DB_TEXT(packed(a, d)), DB_INT(DRAFT_EACH_MAX),
		    DB_TEXT(party)),
		&desc_updated_row, &row, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_INPUT,
		    "You have %d drafts: send or discard one first.",
		    DRAFT_EACH_MAX);
	*updated = row.updated;
	return true;
}

bool
draft_drop(struct db *db, const struct actor *who, int64_t ticket,
    const char *form, const char *const *parties, GError **err)
{
	static const char *const none[] = {"", NULL};

	return db_exec(db, Q_DRAFT_DROP,
	    DB_ARGS(DB_INT(who->id), DB_INT(ticket), DB_TEXT(form),
		DB_TEXTS(parties != NULL ? parties : none)), NULL, err);
}

bool
draft_list(struct db *db, struct arena *a, const struct actor *who,
    int64_t ticket, struct list *out, GError **err)
{
	if (!db_list(db, a, Q_DRAFT_OF,
		DB_ARGS(DB_INT(who->id), DB_INT(ticket)), &desc_draft, out,
		err))
		return false;
	for (size_t i = 0; i < out->n; i++) {
		struct draft *d = LIST_AT(draft, *out, i);
		const struct json *j = NULL;

		if (!json_parse(a, d->fields, strlen(d->fields), &j, err))
			return false;
		d->label = *d->party == '\0' ? label_of(d->form)
		    : arena_printf(a, "%s %s %s", label_of(d->form),
			  forms[row_of(d->form)].of, d->party);
		d->to = json_str(json_get(j, "to"), "");
		d->cc = json_str(json_get(j, "cc"), "");
		d->subject = json_str(json_get(j, "subject"), "");
		d->text = json_str(json_get(j, "text"), "");
		d->waits = json_is_true(json_get(j, "waits"));
		d->drawn = json_num(json_get(j, "number"), DESC_NULL);
		d->is_notice = strcmp(d->form, "notify") == 0;
		d->is_forward = strcmp(d->form, "forward") == 0;
	}
	return true;
}

const struct draft *
draft_of(const struct list *drafts, const char *form, const char *party)
{
	for (size_t i = 0; i < drafts->n; i++) {
		const struct draft *d = LIST_AT(draft, *drafts, i);

		if (strcmp(d->form, form) == 0 && strcmp(d->party, party) == 0)
			return d;
	}
	return NULL;
}

bool
draft_writers(struct db *db, struct arena *a, const char *const *tickets,
    struct list *out, GError **err)
{
	return db_list(db, a, Q_DRAFT_WRITERS, DB_ARGS(DB_TEXTS(tickets)),
	    &desc_draft_writer, out, err);
}

const char *
draft_words(struct arena *a, const struct list *writers, int64_t ticket,
    int64_t me, int64_t now)
{
	GString *s = arena_gstring(a);

	for (size_t i = 0; i < writers->n; i++) {
		const struct draft_writer *w =
		    LIST_AT(draft_writer, *writers, i);
		bool fresh = w->updated > now - DRAFT_FRESH_S * WHEN_SECOND;

		if (w->ticket == ticket && w->principal != me)
			g_string_append_printf(s, "%s%s %s a %s",
			    s->len > 0 ? "; " : "", w->name,
			    fresh ? "is writing" : "has a draft of",
			    label_of(w->form));
	}
	return s->len > 0 ? s->str : NULL;
}

bool
draft_sweep(struct db *db, GError **err)
{
	return db_exec(db, Q_DRAFT_SWEEP, DB_ARGS(DB_INT(DRAFT_DAYS)), NULL,
	    err);
}
