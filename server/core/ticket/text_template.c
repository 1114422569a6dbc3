/* See text_template.h. */
#include "base/base.h"
#include "base/lang.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/case/lifecycle.h"
#include "core/ticket/text_template.h"

DESC_TABLE(text_template, TEXT_TEMPLATE);
DESC_TABLE(text_direction, TEXT_DIRECTION);
DESC_TABLE(handling_note, HANDLING_NOTE);

enum { SUBJECT_MAX = 250 };

static const struct {
	const char *value, *label;
} directions[] = {
    {"reporter", "to the reporter"},
    {"reject", "why a report is rejected"},
    {"member", "to a member"},
    {"outside", "to a party outside"},
    {"notice", "above the facts of a notice"},
};

const char *
text_direction_label(const char *direction)
{
	for (size_t i = 0; i < COUNT_OF(directions); i++)
		if (g_strcmp0(directions[i].value, direction) == 0)
			return directions[i].label;
	return NULL;
}

struct list
text_directions(struct arena *a, const char *chosen)
{
	struct list l = {.n = COUNT_OF(directions)};

	l.items = ARENA_ARRAY(a, struct text_direction, l.n);
	for (size_t i = 0; i < l.n; i++)
		*LIST_AT(text_direction, l, i) = (struct text_direction){
		    directions[i].value, directions[i].label,
		    g_strcmp0(directions[i].value, chosen) == 0};
	return l;
}

const char *
text_direction_of(const char *kind, bool member)
{
	if (strcmp(kind, "report") == 0)
		return "reporter";
	if (strcmp(kind, "investigation") == 0)
		return member ? "member" : "outside";
	return NULL;
}

bool
text_meant_for(const struct text_template *t, const char *kind, bool member,
    GError **err)
{
	const char *to = text_direction_of(kind, member);

	/* What reporters are told, others must not be, and the reverse. */
	if (to != NULL && (strcmp(t->direction, to) == 0 ||
	    (t->rejects && strcmp(to, "reporter") == 0)))
		return true;
	return fault_set(err, FAULT_INPUT, "The text \"%s\" goes %s.",
	    t->name, text_direction_label(t->direction));
}

#define LANG_ROW(F, S) F(S, TEXT, lang, none)
DESC_PRIVATE(lang_row, LANG_ROW);

bool
text_lang_of(struct db *db, struct arena *a, int64_t ticket,
    const char **lang, GError **err)
{
	struct lang_row row = {0};
	bool found;

	if (!db_opt(db, a, Q_TEXT_LANG_OF, DB_ARGS(DB_INT(ticket)),
		&desc_lang_row, &row, &found, err))
		return false;
	*lang = found ? row.lang : NULL;
	return true;
}

static void
finish(struct list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct text_template *t = LIST_AT(text_template, *l, i);

		t->rejects = strcmp(t->direction, "reject") == 0;
		t->foreign = g_strcmp0(t->lang, LANG_DEFAULT) != 0;
	}
}

bool
text_list(struct db *db, struct arena *a, const char *direction,
    struct list *out, GError **err)
{
	if (!db_list(db, a, Q_TEXT_LIST, DB_ARGS(DB_TEXT(direction)),
		&desc_text_template, out, err))
		return false;
	finish(out);
	return true;
}

bool
text_fitting(struct db *db, struct arena *a, const char *direction,
    const char *type, const char *lang, struct list *out, GError **err)
{
	if (!db_list(db, a, Q_TEXT_FITTING,
		DB_ARGS(DB_TEXT(direction), DB_TEXT(type), DB_TEXT(lang)),
		&desc_text_template, out, err))
		return false;
	finish(out);
	return true;
}

static bool
find(struct db *db, struct arena *a, enum db_query q, int64_t id,
    struct text_template *out, GError **err)
{
	bool found;

	if (!db_opt(db, a, q, DB_ARGS(DB_INT(id)), &desc_text_template, out,
		&found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no text %" PRId64 ".", id);
	out->rejects = strcmp(out->direction, "reject") == 0;
	return true;
}

bool
text_get(struct db *db, struct arena *a, int64_t id,
    struct text_template *out, GError **err)
{
	struct text_template t = {0};

	if (!find(db, a, Q_TEXT_GET, id, &t, err))
		return false;
	*out = t;
	return true;
}

bool
text_get_in(struct db *db, struct arena *a, int64_t id, const char *lang,
    struct text_template *out, GError **err)
{
	struct text_template t = {0};
	bool found;

	if (!db_opt(db, a, Q_TEXT_GET_IN,
		DB_ARGS(DB_INT(id), DB_TEXT(lang)), &desc_text_template, &t,
		&found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no text %" PRId64 ".", id);
	t.rejects = strcmp(t.direction, "reject") == 0;
	*out = t;
	return true;
}

bool
text_languages(struct db *db, struct arena *a, int64_t id, struct list *out,
    GError **err)
{
	if (!db_list(db, a, Q_TEXT_LANGUAGES, DB_ARGS(DB_INT(id)),
		&desc_text_template, out, err))
		return false;
	finish(out);
	return true;
}

bool
text_facts(struct db *db, struct arena *a, int64_t ticket,
    struct text_facts *out, GError **err)
{
	bool found;

	if (!db_opt(db, a, Q_TEXT_FACTS, DB_ARGS(DB_INT(ticket)),
		&desc_text_facts, out, &found, err))
		return false;
	return found ||
	    fault_set(err, FAULT_ABSENT, "There is no ticket #%" PRId64 ".",
		ticket);
}

/* ---- changing them ---------------------------------------------------------- */

/* "fraud", "fraud/phishing" */
bool
text_type_ok(const char *type)
{
	bool slash = false;

	if (*type == '\0' || strlen(type) > 100)
		return false;
	for (const char *p = type; *p != '\0'; p++) {
		if (*p == '/') {
			if (slash || p == type || p[1] == '\0')
				return false;
			slash = true;
		} else if (!g_ascii_islower(*p) && *p != '-' &&
		    !(slash && g_ascii_isdigit(*p))) {
			return false;
		}
	}
	return true;
}

static bool
wrong(const char **field, const char *name, GError **err, const char *why)
{
	*field = name;
	return fault_set(err, FAULT_INPUT, "%s", why);
}

static bool
check(struct arena *a, const struct text_template *t, const char **field,
    GError **err)
{
	bool rejects = g_strcmp0(t->direction, "reject") == 0;

	if (text_blank(t->name))
		return wrong(field, "name", err, "Give the text a name.");
	if (g_utf8_strlen(t->name, -1) > TEXT_NAME_MAX)
		return wrong(field, "name", err,
		    "The name is longer than 100 characters.");
	if (text_direction_label(t->direction) == NULL)
		return wrong(field, "direction", err,
		    "Say to whom it goes: reporter, reject, member, outside "
		    "or notice.");
	if (!text_blank(t->lang) && lang_norm(a, t->lang) == NULL)
		return wrong(field, "lang", err,
		    "Write the language as a tag: en, de, cy-GB.");
	if (t->type != NULL && *t->type != '\0' && !text_type_ok(t->type))
		return wrong(field, "type", err,
		    "Write a type as fraud or fraud/phishing, or leave it "
		    "empty for all.");
	if (rejects && lifecycle_resolution("rejected", t->resolution) == NULL)
		return wrong(field, "resolution", err,
		    "Say which reason for rejecting it stands for.");
	if (!rejects && !text_blank(t->resolution))
		return wrong(field, "resolution", err,
		    "Only a text of a rejection has a reason.");
	if (t->subject != NULL && g_utf8_strlen(t->subject, -1) > SUBJECT_MAX)
		return wrong(field, "subject", err,
		    "The subject is longer than 250 characters.");
	if (text_blank(t->text))
		return wrong(field, "text", err, "The text is empty.");
	if (strlen(t->text) > TEXT_MAX)
		return wrong(field, "text", err,
		    "The text is longer than 64 kB.");
	*field = "subject";
	if (t->subject != NULL &&
	    !text_check(a, t->direction, t->subject, err))
		return false;
	*field = "text";
	return text_check(a, t->direction, t->text, err);
}

struct change {
	const struct actor *who;
	struct arena *a;
	const struct text_template *t;
	int64_t id;
	const char *type, *text;
	int64_t version;
};

static const char *
object_of(struct arena *a, const struct text_template *t)
{
	return arena_printf(a, "%s: %s", t->direction, t->name);
}

static bool
save(struct db *db, void *p, GError **err)
{
	struct change *c = p;
	const struct text_template *t = c->t;
	const char *subject = text_blank(t->subject) ? NULL : t->subject;
	const char *resolution = text_blank(t->resolution) ? NULL
							   : t->resolution;
	const char *type = t->type != NULL ? t->type : "";
	const char *lang = text_blank(t->lang) ? LANG_DEFAULT
					       : lang_norm(c->a, t->lang);
	struct text_template was = {0}, now = {0};

	c->id = t->id;
	if (t->id == 0) {
		if (!db_one(db, c->a, Q_TEXT_ADD,
			DB_ARGS(DB_TEXT(t->name), DB_TEXT(t->direction),
			    DB_TEXT(type), DB_TEXT(resolution),
			    DB_BOOL(t->asks), DB_TEXT(subject),
			    DB_TEXT(t->text), DB_INT(c->who->id),
			    DB_TEXT(lang)),
			&desc_text_template, &now, err))
			return false;
		c->id = now.id;
	} else {
		if (!find(db, c->a, Q_TEXT_LOCK, t->id, &was, err))
			return false;
		if (t->version != 0 && t->version != was.version)
			return fault_set(err, FAULT_CONFLICT,
			    "Somebody changed this text while you looked at "
			    "it; nothing of yours was saved.");
		if (!db_one(db, c->a, Q_TEXT_SET,
			DB_ARGS(DB_INT(t->id), DB_TEXT(t->name),
			    DB_TEXT(t->direction), DB_TEXT(type),
			    DB_TEXT(resolution), DB_BOOL(t->asks),
			    DB_TEXT(subject), DB_TEXT(t->text),
			    DB_INT(c->who->id), DB_TEXT(lang)),
			&desc_text_template, &now, err))
			return false;
	}
	/* What it said before is nowhere else. */
	return audit_write(db, c->who, "text.set", 0, 0, object_of(c->a, t),
	    was.text, t->text, err);
}

bool
text_save(struct db *db, const struct actor *who,
    const struct text_template *t, int64_t *id, const char **field,
    GError **err)
{
	ARENA_AUTO(a, "text");
	struct change c = {.who = who, .a = a, .t = t};
	g_autoptr(GError) why = NULL;

	*field = NULL;
	if (!check(a, t, field, err))
		return false;
	if (!db_tx(db, save, &c, &why)) {
		if (fault_is(why, FAULT_CONFLICT) &&
		    strstr(why->message, "Somebody") == NULL)
			return wrong(field, "name", err,
			    "There is a text of this name in this language "
			    "already.");
		*field = NULL;
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	*id = c.id;
	return true;
}

static bool
removal(struct db *db, void *p, GError **err)
{
	struct change *c = p;
	struct text_template was = {0};

	return find(db, c->a, Q_TEXT_LOCK, c->id, &was, err) &&
	    db_exec(db, Q_TEXT_REMOVE, DB_ARGS(DB_INT(c->id)), NULL, err) &&
	    audit_write(db, c->who, "text.remove", 0, 0,
		object_of(c->a, &was), was.text, NULL, err);
}

bool
text_remove(struct db *db, const struct actor *who, int64_t id, GError **err)
{
	ARENA_AUTO(a, "text");
	struct change c = {.who = who, .a = a, .id = id};

	return db_tx(db, removal, &c, err);
}

/* ---- handling notes ----------------------------------------------------------- */

bool
handling_notes(struct db *db, struct arena *a, struct list *out, GError **err)
{
	return db_list(db, a, Q_HANDLING_NOTES, DB_NONE, &desc_handling_note,
	    out, err);
}

bool
handling_notes_for(struct db *db, struct arena *a, const char *type,
    struct list *out, GError **err)
{
	if (type == NULL) {
		*out = (struct list){0};
		return true;
	}
	return db_list(db, a, Q_HANDLING_NOTES_FOR, DB_ARGS(DB_TEXT(type)),
	    &desc_handling_note, out, err);
}

static bool
note_save(struct db *db, void *p, GError **err)
{
	struct change *c = p;
	struct handling_note was = {0};
	bool found, gone = text_blank(c->text);

	if (!db_opt(db, c->a, Q_HANDLING_NOTE_LOCK, DB_ARGS(DB_TEXT(c->type)),
		&desc_handling_note, &was, &found, err))
		return false;
	if (c->version != 0 && (!found || was.version != c->version))
		return fault_set(err, FAULT_CONFLICT,
		    "Somebody changed this note while you looked at it; "
		    "nothing of yours was saved.");
	if (gone && !found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no note on %s.", c->type);
	return (gone
		       ? db_exec(db, Q_HANDLING_NOTE_REMOVE,
			     DB_ARGS(DB_TEXT(c->type)), NULL, err)
		       : db_exec(db, Q_HANDLING_NOTE_SET,
			     DB_ARGS(DB_TEXT(c->type), DB_TEXT(c->text),
				 DB_INT(c->who->id)),
			     NULL, err)) &&
	    audit_write(db, c->who, gone ? "note.remove" : "note.set", 0, 0,
		c->type, was.text, gone ? NULL : c->text, err);
}

bool
handling_note_save(struct db *db, const struct actor *who, const char *type,
    const char *text, int64_t version, GError **err)
{
	ARENA_AUTO(a, "note");
	struct change c = {.who = who, .a = a, .type = type, .text = text,
	    .version = version};

	if (!text_type_ok(type))
		return fault_set(err, FAULT_INPUT,
		    "Write a type as fraud or fraud/phishing.");
	if (text != NULL && strlen(text) > TEXT_NOTE_MAX)
		return fault_set(err, FAULT_INPUT,
		    "The note is longer than 16 kB.");
	return db_tx(db, note_save, &c, err);
}
