/* See ladder.h. */
#include "base/base.h"
#include "base/span.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/notice/ladder.h"
#include "core/ticket/text_template.h"

DESC_TABLE(ladder, LADDER);

#define ID(F, S) F(S, INT, id, none)
DESC_PRIVATE(id_row, ID);

/* As the database has them: a step later than the one before. */
static const char *const acts[] = {"remind", "second contact", "phone",
    "overdue"};

struct span {
	int64_t days, minutes; /* one of them is DESC_NULL */
};
struct step {
	struct span after;
	const char *act;
};

/* What follows is left in *rest; working time. */
static bool
read_span(const char *s, struct span *out, const char **rest)
{
	int64_t n, unit;

	if (!span_read(s, &n, &unit, rest) ||
	    (unit == SPAN_DAY ? n > 100 : n * unit > 10000))
		return false;
	out->days = unit == SPAN_DAY ? n : DESC_NULL;
	out->minutes = unit == SPAN_DAY ? DESC_NULL : n * unit;
	return true;
}

static bool
read_steps(struct arena *a, const char *text, struct step *steps, size_t *n,
    GError **err)
{
	g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);

	*n = 0;
	for (size_t i = 0; lines[i] != NULL; i++) {
		const char *rest, *act = NULL;
		struct step *s = &steps[*n];

		if (text_blank(lines[i]))
			continue;
		if (*n == LADDER_STEPS_MAX)
			return fault_set(err, FAULT_INPUT,
			    "A ladder has at most %d steps.",
			    LADDER_STEPS_MAX);
		if (read_span(lines[i], &s->after, &rest))
			for (size_t k = 0; k < COUNT_OF(acts); k++)
				if (text_ieq(text_squash(a, rest), acts[k]))
					act = acts[k];
		if (act == NULL)
			return fault_set(err, FAULT_INPUT,
			    "\"%s\" is no step: write 1 d remind, 60 min "
			    "second contact, 4 h phone or 1 d overdue.",
			    text_cut(a, lines[i], 60));
		s->act = act;
		(*n)++;
	}
	return true;
}

bool
ladder_list(struct db *db, struct arena *a, struct list *out, GError **err)
{
	return db_list(db, a, Q_LADDER_LIST, DB_ARGS(DB_NULL), &desc_ladder,
	    out, err);
}

bool
ladder_get(struct db *db, struct arena *a, int64_t id, struct ladder *out,
    GError **err)
{
	struct list l;

	if (!db_list(db, a, Q_LADDER_LIST, DB_ARGS(DB_INT(id)), &desc_ladder,
		&l, err))
		return false;
	if (l.n == 0)
		return fault_set(err, FAULT_ABSENT,
		    "There is no ladder %" PRId64 ".", id);
	*out = *LIST_AT(ladder, l, 0);
	return true;
}

struct change {
	const struct actor *who;
	struct arena *a;
	const struct ladder *l;
	const char *field;
	int64_t id, organisation;
	struct span answer;
	struct step steps[LADDER_STEPS_MAX];
	size_t n;
};

static const char *
words_of(struct arena *a, const struct ladder *l)
{
	return l->id == 0 ? NULL : arena_printf(a, "answer %s\n%s", l->answer,
	    l->steps != NULL ? l->steps : "");
}

static bool
lock(struct db *db, struct arena *a, int64_t id, int64_t version,
    struct ladder *was, GError **err)
{
	bool found;

	if (!db_opt(db, a, Q_LADDER_LOCK, DB_ARGS(DB_INT(id)), &desc_ladder,
		was, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no ladder %" PRId64 ".", id);
	return version == 0 || version == was->version ||
	    fault_set(err, FAULT_CONFLICT,
		"Somebody changed this ladder while you looked at it; "
		"nothing of yours was saved.");
}

static bool
save(struct db *db, void *p, GError **err)
{
	struct change *c = p;
	const struct ladder *l = c->l;
	struct ladder was = {0}, now = {.answer = l->answer,
	    .steps = l->steps};
	struct id_row row = {0};
	bool found;
	const char *of = arena_printf(c->a, "%s%s%s",
	    *l->type != '\0' ? l->type : "all types",
	    text_blank(l->organisation) ? "" : " at ",
	    text_blank(l->organisation) ? "" : l->organisation);

	c->organisation = DESC_NULL;
	if (!text_blank(l->organisation)) {
		if (!db_opt(db, c->a, Q_ORGANISATION_ID,
			DB_ARGS(DB_TEXT(l->organisation)), &desc_id_row, &row,
			&found, err))
			return false;
		if (!found) {
			c->field = "organisation";
			return fault_set(err, FAULT_INPUT,
			    "There is no member %s.",
			    text_cut(c->a, l->organisation, 60));
		}
		c->organisation = row.id;
	}
	c->id = l->id;
	if (l->id == 0) {
		if (!db_one(db, c->a, Q_LADDER_ADD,
			DB_ARGS(DB_TEXT(l->type), DB_INT(c->organisation),
			    DB_INT(c->answer.days), DB_INT(c->answer.minutes),
			    DB_INT(c->who->id)),
			&desc_id_row, &row, err))
			return false;
		c->id = row.id;
	} else {
		if (!lock(db, c->a, l->id, l->version, &was, err))
			return false;
		if (*was.type == '\0' && was.organisation == NULL &&
		    (*l->type != '\0' || c->organisation != DESC_NULL)) {
			c->field = "type";
			return fault_set(err, FAULT_INPUT,
			    "This is the ladder for all else: it stays for "
			    "all.");
		}
		if (!db_exec(db, Q_LADDER_SET,
			DB_ARGS(DB_INT(l->id), DB_TEXT(l->type),
			    DB_INT(c->organisation), DB_INT(c->answer.days),
			    DB_INT(c->answer.minutes), DB_INT(c->who->id)),
			NULL, err) ||
		    !db_exec(db, Q_LADDER_CLEAR, DB_ARGS(DB_INT(l->id)),
			NULL, err))
			return false;
	}
	for (size_t i = 0; i < c->n; i++)
		if (!db_exec(db, Q_LADDER_STEP,
			DB_ARGS(DB_INT(c->id), DB_INT((int64_t)i + 1),
			    DB_INT(c->steps[i].after.days),
			    DB_INT(c->steps[i].after.minutes),
			    DB_TEXT(c->steps[i].act)),
			NULL, err))
			return false;
	now.id = c->id;
	return audit_write(db, c->who, "ladder.set", 0, 0, of,
	    words_of(c->a, &was), words_of(c->a, &now), err);
}

bool
ladder_save(struct db *db, const struct actor *who, const struct ladder *l,
    int64_t *id, const char **field, GError **err)
{
	ARENA_AUTO(a, "ladder");
	struct change c = {.who = who, .a = a, .l = l};
	g_autoptr(GError) why = NULL;
	const char *rest;

	*field = NULL;
	if (*l->type != '\0' && !text_type_ok(l->type)) {
		*field = "type";
		return fault_set(err, FAULT_INPUT,
		    "Write a type as fraud or fraud/phishing, or leave it "
		    "empty for all.");
	}
	if (!read_span(l->answer != NULL ? l->answer : "", &c.answer,
		&rest) || !text_blank(rest)) {
		*field = "answer";
		return fault_set(err, FAULT_INPUT,
		    "Write how long a party has to answer, in working time: "
		    "3 d, 4 h or 240 min.");
	}
	*field = "steps";
	if (!read_steps(a, l->steps, c.steps, &c.n, err))
		return false;
	*field = NULL;
	if (!db_tx(db, save, &c, &why)) {
		*field = c.field;
		if (fault_is(why, FAULT_CONFLICT) &&
		    strstr(why->message, "Somebody") == NULL) {
			*field = "type";
			return fault_set(err, FAULT_INPUT,
			    "There is a ladder for these already.");
		}
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
	struct ladder was = {0};

	if (!lock(db, c->a, c->id, 0, &was, err))
		return false;
	if (*was.type == '\0' && was.organisation == NULL)
		return fault_set(err, FAULT_INPUT,
		    "The ladder for all else cannot be removed.");
	return db_exec(db, Q_LADDER_REMOVE, DB_ARGS(DB_INT(c->id)), NULL,
		   err) &&
	    audit_write(db, c->who, "ladder.remove", 0, 0,
		arena_printf(c->a, "%s %s", was.type,
		    was.organisation != NULL ? was.organisation : ""),
		words_of(c->a, &was), NULL, err);
}

bool
ladder_remove(struct db *db, const struct actor *who, int64_t id,
    GError **err)
{
	ARENA_AUTO(a, "ladder");
	struct change c = {.who = who, .a = a, .id = id};

	return db_tx(db, removal, &c, err);
}
