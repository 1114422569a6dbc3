/* Rejecting a report for a reason that has a text: see ticket.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/case/deed.h"
#include "core/ticket/text_template.h"
#include "core/ticket/ticket_priv.h"

#define TOLD(F, S) F(S, TEXT, email, none)
DESC_PRIVATE(told, TOLD);
#define FOLDED(F, S) F(S, INT, number, none)
DESC_PRIVATE(folded, FOLDED);

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

static bool
tell(struct db *db, const struct site *s, struct arena *a,
    const struct actor *who, const struct ticket_locked *row,
    const struct ticket_letter *why, bool fill, int64_t *message,
    GError **err)
{
	struct ticket_letter l = *why;
	struct text_facts f = {0};

	*message = DESC_NULL;
	if (l.to == NULL && !reporter_of(db, a, row->number, &l.to, err))
		return false;
	if (l.to[0] == NULL)
		return true;
	if (fill) {
		if (!text_facts(db, a, row->number, &f, err))
			return false;
		l.text = text_fill(a, s, who, &f, l.text, false);
		if (l.subject != NULL)
			l.subject = text_fill(a, s, who, &f, l.subject, true);
	}
	return ticket_reply_within(db, s, a, who, row, &l, message, err);
}

/* Those whose reports were folded into it sent them for themselves, and each
 * has a number of its own. */
static bool
tell_folded(struct db *db, const struct site *s, struct arena *a,
    const struct actor *who, int64_t lead, const struct ticket_letter *why,
    GError **err)
{
	struct ticket_locked row = {0};
	struct list rows;
	int64_t message;

	if (!db_list(db, a, Q_TICKET_REJECT_FOLDED, DB_ARGS(DB_INT(lead)),
		&desc_folded, &rows, err))
		return false;
	for (size_t i = 0; i < rows.n; i++)
		if (!ticket_lock(db, a, LIST_AT(folded, rows, i)->number, 0,
			&row, err) ||
		    !tell(db, s, a, who, &row, why, true, &message, err))
			return false;
	return true;
}

bool
ticket_reject_within(struct db *db, const struct site *s, struct arena *a,
    const struct actor *who, const struct ticket_locked *row,
    const char *resolution, const struct ticket_letter *why, bool fill,
    int64_t *message, GError **err)
{
	*message = DESC_NULL;
	return ticket_move_within(db, who, row, "rejected", resolution,
		   err) &&
	    (why == NULL ||
		(tell(db, s, a, who, row, why, fill, message, err) &&
		    (!fill ||
			tell_folded(db, s, a, who, row->number, why, err))));
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
	struct ticket_locked row = {0};
	struct text_template reason = {0};
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
		l.subject = reason.subject;
		l.text = reason.text;
	}
	return deed_begin(db, t->who, "reject", t->number, NULL, err) &&
	    ticket_reject_within(db, t->s, t->a, t->who, &row,
		reason.resolution, t->tell ? &l : NULL, t->letter == NULL,
		&t->message, err);
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
