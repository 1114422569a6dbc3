/* Rejecting a report for a reason that has a text: see ticket.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/deed.h"
#include "core/text_template.h"
#include "core/ticket_priv.h"

#define TOLD(F, S) F(S, TEXT, email, none)
DESC_PRIVATE(told, TOLD);

/* Whoever got no receipt (feeds, robots) hears nothing of the end either. */
static bool
reporter_of(struct db *db, struct arena *a, int64_t number,
    const char *const **to, GError **err)
{
	struct told t = {0};
	const char **list = ARENA_ARRAY(a, const char *, 2);
	bool found;

	if (!db_opt(db, a, Q_TICKET_REPORTER_TOLD, DB_ARGS(DB_INT(number)),
		&desc_told, &t, &found, err))
		return false;
	list[0] = found && outbox_address_ok(t.email) ? t.email : NULL;
	*to = list;
	return true;
}

bool
ticket_reject_within(struct db *db, const struct site *s, struct arena *a,
    const struct actor *who, const struct ticket_locked *row,
    const char *resolution, const struct ticket_letter *why, int64_t *message,
    GError **err)
{
	struct ticket_letter l = {0};

	*message = DESC_NULL;
	if (!ticket_move_within(db, who, row, "rejected", resolution, err))
		return false;
	if (why == NULL)
		return true;
	l = *why;
	if (l.to == NULL && !reporter_of(db, a, row->number, &l.to, err))
		return false;
	return l.to[0] == NULL ||
	    ticket_reply_within(db, s, a, who, row, &l, message, err);
}

struct act {
	const struct site *s;
	const struct actor *who;
	struct arena *a;
	int64_t number, version, reason;
	bool tell;
	const struct ticket_letter *letter;
	int64_t message;
};

static bool
reject(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct ticket_locked row;
	struct text_template reason = {0};
	struct text_facts facts = {0};
	struct ticket_letter l = {0};

	if (!ticket_lock(db, t->a, t->number, t->version, &row, err) ||
	    !text_get(db, t->a, t->reason, &reason, err))
		return false;
	if (!reason.rejects)
		return fault_set(err, FAULT_INPUT,
		    "\"%s\" is no reason for rejecting a report.",
		    reason.name);
	if (t->letter != NULL) {
		l = *t->letter;
	} else {
		if (!text_facts(db, t->a, t->number, &facts, err))
			return false;
		l.subject = reason.subject != NULL
		    ? text_fill(t->a, t->s, t->who, &facts, reason.subject,
			  true)
		    : NULL;
		l.text = text_fill(t->a, t->s, t->who, &facts, reason.text,
		    false);
	}
	return deed_begin(db, t->who, "reject", t->number, NULL, err) &&
	    ticket_reject_within(db, t->s, t->a, t->who, &row,
		reason.resolution, t->tell ? &l : NULL, &t->message, err);
}

bool
ticket_reject(struct db *db, const struct site *s, const struct actor *who,
    int64_t number, int64_t version, int64_t reason, bool tell,
    const struct ticket_letter *letter, int64_t *message, GError **err)
{
	ARENA_AUTO(a, "reject");
	struct act t = {.s = s, .who = who, .a = a, .number = number,
	    .version = version, .reason = reason, .tell = tell,
	    .letter = letter};

	if (letter != NULL && text_blank(letter->text))
		return fault_set(err, FAULT_INPUT, "The reply is empty.");
	if (!db_tx(db, reject, &t, err))
		return false;
	*message = t.message;
	return true;
}
