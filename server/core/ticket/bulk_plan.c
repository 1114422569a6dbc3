/* See bulk.h: what is to be done to a selection, and to which of it it can. */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/case/lifecycle.h"
#include "core/ticket/bulk_priv.h"
#include "core/ticket/text_template.h"

#define ID(F, S) F(S, INT, id, none)
DESC_PRIVATE(id_row, ID);

struct planning {
	const struct actor *who;
	struct arena *a;
	int64_t id;
	const struct bulk_plan *p;
	const char *field;
	struct bulk b;
	int64_t translated; /* the text whose other languages count, or 0 */
};

static bool
wrong(struct planning *x, const char *field, GError **err, const char *why)
{
	x->field = field;
	return fault_set(err, FAULT_INPUT, "%s", why);
}

static bool
plan_own(struct db *db, struct planning *x, GError **err)
{
	struct id_row row = {0};
	bool found;

	x->b.owner = x->p->owner != 0 ? x->p->owner : x->who->id;
	if (!db_opt(db, x->a, Q_BULK_OWNER, DB_ARGS(DB_INT(x->b.owner)),
		&desc_id_row, &row, &found, err))
		return false;
	return found ||
	    wrong(x, "owner", err, "Nobody of that number works here.");
}

static bool
plan_status(struct planning *x, GError **err)
{
	const char *status = x->p->status;

	if (text_blank(status) || !lifecycle_known(status))
		return wrong(x, "status", err, "Say which status they get.");
	x->b.status = status;
	if (text_blank(x->p->resolution))
		return true;
	x->b.resolution = x->p->resolution;
	return lifecycle_resolution(status, x->b.resolution) != NULL ||
	    wrong(x, "resolution", err, "That is no reason for this status.");
}

static bool
plan_text(struct planning *x, GError **err)
{
	const char *text = x->b.text;

	if (text_blank(text))
		return wrong(x, "text", err, "The text is empty.");
	if (strlen(text) > BULK_TEXT_MAX)
		return wrong(x, "text", err, "The text is longer than 256 kB.");
	x->field = "text";
	return text_check(x->a, x->b.direction, text, err) &&
	    (x->b.subject == NULL ||
		text_check(x->a, x->b.direction, x->b.subject, err));
}

/* The words of a template, or those that were typed in their place. */
static bool
plan_mail(struct db *db, struct planning *x, bool rejects, GError **err)
{
	const struct bulk_plan *p = x->p;
	struct text_template t = {0};

	if (p->text_id != 0) {
		if (!text_get(db, x->a, p->text_id, &t, err)) {
			x->field = "text_id";
			return false;
		}
		if (t.rejects != rejects)
			return wrong(x, "text_id", err, rejects
			    ? "That text is no reason for a rejection."
			    : "That text is the reason of a rejection.");
	} else if (rejects) {
		if (text_blank(p->resolution) ||
		    lifecycle_resolution("rejected", p->resolution) == NULL)
			return wrong(x, "text_id", err,
			    "Say for which reason they are rejected.");
		t.direction = "reject";
		t.resolution = p->resolution;
	} else if (!text_blank(p->direction)) {
		t.direction = p->direction;
		if (strcmp(t.direction, "reporter") != 0 &&
		    strcmp(t.direction, "member") != 0 &&
		    strcmp(t.direction, "outside") != 0)
			return wrong(x, "direction", err,
			    "It goes to reporter, member or outside, or to "
			    "anybody.");
	}
	x->b.direction = t.direction;
	x->b.resolution = t.resolution;
	x->b.status = rejects ? "rejected" : NULL;
	x->b.asks = t.asks;
	x->b.subject = text_blank(p->subject) ? t.subject : p->subject;
	x->b.text = text_blank(p->text) ? t.text : p->text;
	x->b.tell = rejects && p->tell;
	/* (Of what somebody changed there is no translation; and reporters
	 * have no language that is known.) */
	if (p->text_id != 0 && !rejects && text_blank(p->subject) &&
	    text_blank(p->text))
		x->translated = p->text_id;
	return (rejects && !x->b.tell) || plan_text(x, err);
}

static bool
plan_link(struct db *db, struct planning *x, GError **err)
{
	struct ticket_locked above = {0};

	x->b.incident = x->p->incident;
	x->field = "incident";
	if (x->b.incident <= 0)
		return fault_set(err, FAULT_INPUT,
		    "Write the number of an incident, as 4711.");
	if (!ticket_lock(db, x->a, x->b.incident, 0, &above, err))
		return false;
	if (strcmp(above.kind, "incident") != 0)
		return fault_set(err, FAULT_INPUT,
		    "Ticket #%" PRId64 " is no incident, but a %s.",
		    above.number, above.kind);
	return case_link_open(above.number, above.status, err);
}

#define BULK_ROW(F, S)                                                        \
	F(S, INT, number, none)                                               \
	F(S, INT, seen, none)                                                 \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, status, none)                                              \
	F(S, INT, version, none)                                              \
	F(S, INT, owner, none)                                                \
	F(S, TEXT, owner_name, none)                                          \
	F(S, INT, merged_into, none)                                          \
	F(S, BOOL, member, none)                                              \
	F(S, TEXT, to, none)                                                  \
	F(S, TEXT, link_why, none)
DESC_PRIVATE(bulk_row, BULK_ROW);

/* Why it cannot be done to that one; the rules are those of the act. */
static bool
fits(const struct planning *x, const struct bulk_row *r, GError **err)
{
	const struct bulk *b = &x->b;
	bool links = strcmp(b->act, "link") == 0;

	if (r->merged_into != DESC_NULL)
		return fault_set(err, FAULT_INPUT,
		    "It was merged into #%" PRId64 ".", r->merged_into);
	if (r->version != r->seen)
		return fault_set(err, FAULT_INPUT,
		    "Somebody changed it after you chose it.");
	if (strcmp(b->act, "own") == 0)
		return true;
	if (links)
		return r->link_why == NULL ||
		    fault_set(err, FAULT_INPUT, "%s", r->link_why);
	if (!b->others && r->owner != DESC_NULL && r->owner != x->who->id)
		return fault_set(err, FAULT_INPUT, "%s owns it.",
		    r->owner_name);
	/* (Whether it has an answer is looked at under the lock.) */
	if (strcmp(b->act, "remind") == 0 || strcmp(b->act, "close") == 0)
		return !lifecycle_closed(r->status) ||
		    fault_set(err, FAULT_INPUT, "It is %s already.",
			r->status);
	if (b->status != NULL && strcmp(r->status, b->status) == 0)
		return fault_set(err, FAULT_INPUT, "It is %s already.",
		    b->status);
	if (b->status != NULL)
		return ticket_move_check(r->kind, r->status, b->status,
		    b->resolution, err);
	if (text_direction_of(r->kind, r->member) == NULL ||
	    text_blank(r->to))
		return fault_set(err, FAULT_INPUT,
		    "There is nobody whom a mail on it goes to.");
	if (b->direction != NULL &&
	    strcmp(b->direction, text_direction_of(r->kind, r->member)) != 0)
		return fault_set(err, FAULT_INPUT, "This text goes %s.",
		    text_direction_label(b->direction));
	return true;
}

static bool
look(struct db *db, struct planning *x, GError **err)
{
	GPtrArray *numbers = arena_ptr_array(x->a);
	GPtrArray *whys = arena_ptr_array(x->a);
	struct list rows;

	if (!db_list(db, x->a, Q_BULK_ROWS,
		DB_ARGS(DB_INT(x->id), DB_INT(x->b.incident)), &desc_bulk_row,
		&rows, err))
		return false;
	for (size_t i = 0; i < rows.n; i++) {
		const struct bulk_row *r = LIST_AT(bulk_row, rows, i);
		g_autoptr(GError) why = NULL;

		if (fits(x, r, &why))
			continue;
		g_ptr_array_add(numbers,
		    arena_printf(x->a, "%" PRId64, r->number));
		g_ptr_array_add(whys, arena_strdup(x->a, why->message));
	}
	if (numbers->len == 0)
		return true;
	g_ptr_array_add(numbers, NULL);
	g_ptr_array_add(whys, NULL);
	return db_exec(db, Q_BULK_REFUSE,
	    DB_ARGS(DB_INT(x->id),
		DB_TEXTS((const char *const *)numbers->pdata),
		DB_TEXTS((const char *const *)whys->pdata)),
	    NULL, err);
}

static bool
plan(struct db *db, void *p, GError **err)
{
	struct planning *x = p;
	struct bulk was = {0};
	const char *act = x->p->act;
	bool ok;

	x->field = NULL;
	x->translated = 0;
	if (!bulk_lock(db, x->a, x->who, x->id, &was, err))
		return false;
	if (strcmp(was.state, "draft") != 0)
		return fault_set(err, FAULT_CONFLICT,
		    "This selection was acted on already.");
	x->b = (struct bulk){.act = act, .owner = DESC_NULL,
	    .incident = DESC_NULL, .others = x->p->others};
	if (g_strcmp0(act, "own") == 0)
		ok = plan_own(db, x, err);
	else if (g_strcmp0(act, "status") == 0)
		ok = plan_status(x, err);
	else if (g_strcmp0(act, "reject") == 0)
		ok = plan_mail(db, x, true, err);
	else if (g_strcmp0(act, "reply") == 0)
		ok = plan_mail(db, x, false, err);
	else if (g_strcmp0(act, "link") == 0)
		ok = plan_link(db, x, err);
	else
		ok = g_strcmp0(act, "remind") == 0 ||
		    g_strcmp0(act, "close") == 0 ||
		    wrong(x, "act", err, "Say what to do: own, status, reject, "
			"reply, link, remind or close.");
	return ok &&
	    db_exec(db, Q_BULK_PLAN,
		DB_ARGS(DB_INT(x->id), DB_TEXT(act), DB_INT(x->b.owner),
		    DB_TEXT(x->b.status), DB_TEXT(x->b.resolution),
		    DB_INT(x->b.incident), DB_TEXT(x->b.direction),
		    DB_TEXT(x->b.subject), DB_TEXT(x->b.text),
		    DB_BOOL(x->b.asks), DB_BOOL(x->b.tell),
		    DB_BOOL(x->b.others)),
		NULL, err) &&
	    db_exec(db, Q_BULK_TRANSLATE,
		DB_ARGS(DB_INT(x->id), DB_INT(x->translated)), NULL, err) &&
	    db_exec(db, Q_BULK_AGAIN, DB_ARGS(DB_INT(x->id)), NULL, err) &&
	    look(db, x, err);
}

bool
bulk_set_plan(struct db *db, const struct actor *who, int64_t id,
    const struct bulk_plan *p, const char **field, GError **err)
{
	ARENA_AUTO(a, "bulk");
	struct planning x = {.who = who, .a = a, .id = id, .p = p};
	bool ok = db_tx(db, plan, &x, err);

	*field = x.field;
	return ok;
}
