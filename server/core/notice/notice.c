/* Notices: rules, links, answers.  See notice.h; the clock is in
 * notice_clock.c. */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/case/deed.h"
#include "core/case/lifecycle.h"
#include "core/notice/notice_priv.h"
#include "core/ticket/ticket_priv.h"

DESC_TABLE(notice, NOTICE);
DESC_TABLE(notice_locked, NOTICE_LOCKED);
DESC_TABLE(notice_step, NOTICE_STEP);

#define NOTICE_TOTAL(F, S) F(S, INT, total, none)
DESC_PRIVATE(notice_total, NOTICE_TOTAL);
#define WRITER(F, S)                                                          \
	F(S, TEXT, from, none)                                                \
	F(S, BOOL, third, none)                                               \
	F(S, BOOL, party, none)
DESC_PRIVATE(writer, WRITER);

static const char purpose[] = "notice";

/* What each answer means for the ticket, when it closes by itself. */
static const struct {
	const char *result, *resolution; /* NULL: it never closes */
} results[] = {
    {"CLEANED", "successfully resolved"},
    {"NOT-TRACED", "no resolution reached"},
    {"AUTHORISED", "consented"},
    {"NEED-MORE", NULL},
};

const char *
notice_result_known(const char *text)
{
	for (size_t i = 0; text != NULL && i < COUNT_OF(results); i++)
		if (text_ieq(results[i].result, text))
			return results[i].result;
	return NULL;
}

const char *
notice_resolution(const char *result)
{
	for (size_t i = 0; result != NULL && i < COUNT_OF(results); i++)
		if (strcmp(results[i].result, result) == 0)
			return results[i].resolution;
	return NULL;
}

/* ---- the ladder ----------------------------------------------------------- */

bool
notice_step_after(struct db *db, struct arena *a, const char *type,
    int64_t organisation, int64_t level, struct notice_step *out, bool *found,
    GError **err)
{
	return db_opt(db, a, Q_NOTICE_NEXT_LEVEL,
	    DB_ARGS(DB_INT(organisation), DB_TEXT(type), DB_INT(level)),
	    &desc_notice_step, out, found, err);
}

int64_t
notice_step_time(const struct site *s, const struct notice_step *step,
    int64_t from)
{
	if (step->days != DESC_NULL)
		return calendar_add_days(s->calendar, from, (int)step->days);
	return calendar_add(s->calendar, from,
	    step->minutes * 60 * WHEN_SECOND);
}

bool
notice_first(struct db *db, const struct site *s, const char *type,
    int64_t organisation, int64_t now, int64_t *answer_by, int64_t *next_at,
    GError **err)
{
	ARENA_AUTO(a, "notice first");
	struct notice_step answer = {0}, first = {0};
	bool found;

	if (!db_one(db, a, Q_NOTICE_RULE,
		DB_ARGS(DB_INT(organisation), DB_TEXT(type)),
		&desc_notice_step, &answer, err) ||
	    !notice_step_after(db, a, type, organisation, 0, &first, &found,
		err))
		return false;
	*answer_by = notice_step_time(s, &answer, now);
	*next_at = found ? notice_step_time(s, &first, now) : DESC_NULL;
	return true;
}

/* ---- the link ------------------------------------------------------------- */

const char *
notice_link(struct arena *a, const struct site *s, int64_t ticket, int64_t now)
{
	return arena_printf(a, "%s/n/%s", s->conf->site_public_url,
	    secret_sign(a, &s->key, purpose,
		arena_printf(a, "%" PRId64, ticket),
		now + s->conf->desk_link_days * WHEN_DAY));
}

int64_t
notice_of_token(const struct site *s, const char *token, int64_t now,
    bool *expired)
{
	ARENA_AUTO(a, "token");
	const char *text = secret_verify(a, &s->key, purpose, token, now);
	int64_t n;

	*expired = text == NULL;
	if (text == NULL) /* ours, and too old? */
		text = secret_verify(a, &s->key, purpose, token, 0);
	return text != NULL && text_int(text, 1, INT64_MAX / 2, &n) ? n : 0;
}

/* ---- reading -------------------------------------------------------------- */

static void
look(struct notice *n)
{
	n->closed = lifecycle_closed(n->status);
	n->late = n->result == NULL && n->to_read == DESC_NULL &&
	    n->answer_by < when_now();
	n->to_call = n->result == NULL && n->to_read == DESC_NULL &&
	    n->called == DESC_NULL && (strcmp(n->stage, "phone") == 0 ||
	    strcmp(n->stage, "overdue") == 0);
	n->needs_more = n->result != NULL &&
	    strcmp(n->result, "NEED-MORE") == 0;
}

bool
notice_of(struct db *db, struct arena *a, int64_t ticket, struct notice *out,
    bool *found, GError **err)
{
	if (!db_opt(db, a, Q_NOTICE_OF, DB_ARGS(DB_INT(ticket)), &desc_notice,
		out, found, err))
		return false;
	if (*found)
		look(out);
	return true;
}

bool
notice_view_known(const char *view)
{
	static const char *const views[] = {"open", "read", "close", "more",
	    "phone", "late"};

	for (size_t i = 0; i < COUNT_OF(views); i++)
		if (strcmp(views[i], view) == 0)
			return true;
	return false;
}

bool
notice_list(struct db *db, struct arena *a, const char *view, int64_t page,
    struct list *rows, int64_t *total, GError **err)
{
	struct notice_total t = {0};

	if (!db_list(db, a, Q_NOTICE_LIST,
		DB_ARGS(DB_TEXT(view), DB_INT(page)), &desc_notice, rows,
		err) ||
	    (rows->n == 0 && page > 0 &&
		!db_one(db, a, Q_NOTICE_TOTAL, DB_ARGS(DB_TEXT(view)),
		    &desc_notice_total, &t, err)))
		return false;
	if (rows->n > 0)
		t.total = LIST_AT(notice, *rows, 0)->of_all;
	for (size_t i = 0; i < rows->n; i++)
		look(LIST_AT(notice, *rows, i));
	*total = t.total;
	return true;
}

/* ---- answers -------------------------------------------------------------- */

/* The ticket's row, then the notice's: the order of every other act. */
static bool
lock(struct db *db, struct arena *a, int64_t ticket, struct notice_locked *out,
    bool *found, GError **err)
{
	struct notice_locked t = {0};

	if (!db_opt(db, a, Q_NOTICE_LOCK_TICKET, DB_ARGS(DB_INT(ticket)),
		&desc_notice_locked, &t, found, err))
		return false;
	return !*found || db_opt(db, a, Q_NOTICE_LOCK,
	    DB_ARGS(DB_INT(ticket)), &desc_notice_locked, out, found, err);
}

static bool
is_copyright(const struct notice_locked *n)
{
	return n->type != NULL && strcmp(n->type, "fraud/copyright") == 0;
}

/* The ticket is closed because of what the other side said; of a copyright
 * case that ran by itself, all of it, once nobody else is waited for. */
static bool
close_ticket(struct db *db, const struct site *s, struct arena *a,
    const struct notice_locked *n, const char *resolution, GError **err)
{
	static const struct actor self = {.name = "notices"};
	struct ticket_locked row = {0};
	struct list above;

	if (!ticket_lock(db, a, n->ticket, 0, &row, err) ||
	    !deed_begin(db, &self, "status", n->ticket, NULL, err) ||
	    !ticket_move_within(db, &self, &row, "resolved", resolution, err))
		return false;
	if (!s->conf->copyright_auto || !is_copyright(n))
		return true;
	if (!db_list(db, a, Q_NOTICE_DONE_ABOVE, DB_ARGS(DB_INT(n->ticket)),
		&desc_notice_locked, &above, err))
		return false;
	for (size_t i = 0; i < above.n; i++)
		if (!ticket_lock(db, a,
			LIST_AT(notice_locked, above, i)->ticket, 0, &row,
			err) ||
		    !ticket_move_within(db, &self, &row, "resolved",
			resolution, err))
			return false;
	return true;
}

static bool
answer(struct db *db, const struct site *s, const struct actor *who,
    struct arena *a, const struct notice_locked *n, const char *result,
    const char *by, GError **err)
{
	const struct conf *c = s->conf;
	bool same = n->result != NULL && strcmp(n->result, result) == 0;
	const char *resolution = notice_resolution(result);

	if (same)
		return true;
	return db_exec(db, Q_NOTICE_SET_RESULT,
		   DB_ARGS(DB_INT(n->id), DB_TEXT(result), DB_TEXT(by)), NULL,
		   err) &&
	    db_exec(db, Q_NOTICE_TICKET_DUE, DB_ARGS(DB_INT(n->ticket)), NULL,
		err) &&
	    audit_write(db, who, "notice.result", n->ticket, 0,
		arena_printf(a, "%s, by %s", n->party, by), n->result, result,
		err) &&
	    (resolution == NULL || !(c->desk_auto_close ||
		(c->copyright_auto && is_copyright(n))) ||
		close_ticket(db, s, a, n, resolution, err));
}

struct act {
	const struct site *s;
	const struct actor *who;
	struct arena *a;
	int64_t ticket;
	const char *text, *by, *note;
};

static bool
begin(struct db *db, const struct act *t, struct notice_locked *n,
    GError **err)
{
	bool found;

	if (!lock(db, t->a, t->ticket, n, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "No notice was sent on ticket #%" PRId64 ".", t->ticket);
	if (lifecycle_closed(n->status))
		return fault_set(err, FAULT_CONFLICT,
		    "Ticket #%" PRId64 " is closed; its answer stays as it "
		    "is.", t->ticket);
	return true;
}

static bool
set_answer(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct notice_locked n = {0};

	return begin(db, t, &n, err) &&
	    (text_blank(t->note) ||
		notice_comment(db, t->a, t->who, n.ticket, t->note, err)) &&
	    answer(db, t->s, t->who, t->a, &n, t->text, t->by, err);
}

bool
notice_answer(struct db *db, const struct site *s, const struct actor *who,
    int64_t ticket, const char *result, const char *by, GError **err)
{
	return notice_answer_with(db, s, who, ticket, result, by, NULL, err);
}

bool
notice_answer_with(struct db *db, const struct site *s,
    const struct actor *who, int64_t ticket, const char *result,
    const char *by, const char *note, GError **err)
{
	ARENA_AUTO(a, "notice answer");
	struct act t = {.s = s, .who = who, .a = a, .ticket = ticket,
	    .text = notice_result_known(result), .by = by, .note = note};

	if (t.text == NULL)
		return fault_set(err, FAULT_INPUT,
		    "An answer is CLEANED, NOT-TRACED, AUTHORISED or "
		    "NEED-MORE.");
	return db_in_tx(db) ? set_answer(db, &t, err)
			    : db_tx(db, set_answer, &t, err);
}

/* A person's mail that answers nothing by itself. */
static bool
to_be_read(struct db *db, struct arena *a, const struct notice_locked *n,
    const struct writer *w, int64_t message, const char *word, GError **err)
{
	static const struct actor intake = {.name = "intake"};

	if (word != NULL &&
	    !audit_write(db, &intake, "notice.said", n->ticket, 0,
		arena_printf(a, "%s, who may not answer for %s",
		    w->from != NULL ? w->from : "somebody", n->party), NULL,
		word, err))
		return false;
	if (n->result != NULL)
		return db_exec(db, Q_NOTICE_TICKET_DUE,
		    DB_ARGS(DB_INT(n->ticket)), NULL, err);
	return db_exec(db, Q_NOTICE_TO_READ,
		   DB_ARGS(DB_INT(n->id), DB_INT(message), DB_TEXT(word)), NULL,
		   err) &&
	    db_exec(db, Q_NOTICE_TICKET_DUE, DB_ARGS(DB_INT(n->ticket)), NULL,
		err) &&
	    (n->received != DESC_NULL ||
		audit_write(db, &intake, "notice.received", n->ticket, 0,
		    n->party, NULL, NULL, err));
}

bool
notice_heard(struct db *db, const struct site *s,
    const struct notice_heard *m, GError **err)
{
	ARENA_AUTO(a, "notice heard");
	static const struct actor intake = {.name = "intake"};
	const char *word = m->robot ? NULL : notice_word(m->text);
	struct notice_locked n = {0};
	struct writer w = {0};
	bool found;

	g_assert(db_in_tx(db));
	if (!lock(db, a, m->ticket, &n, &found, err))
		return false;
	/* An answer to a closed ticket waits in its own list (answered). */
	if (!found || lifecycle_closed(n.status))
		return true;
	if (!db_one(db, a, Q_NOTICE_WRITER,
		DB_ARGS(DB_INT(m->ticket), DB_INT(m->message),
		    DB_INT(m->answers), DB_INT(n.organisation),
		    DB_TEXT(m->proven)),
		&desc_writer, &w, err))
		return false;
	if (w.third && m->robot)
		return true; /* no sign of life of the party's */
	if (word != NULL && w.party)
		return answer(db, s, &intake, a, &n, word, "reply", err);
	if (!m->robot)
		return to_be_read(db, a, &n, &w, m->message, word, err);
	if (n.received != DESC_NULL || n.result != NULL)
		return true;
	if (!db_exec(db, Q_NOTICE_RECEIVED, DB_ARGS(DB_INT(n.id)), NULL, err) ||
	    !audit_write(db, &intake, "notice.received", n.ticket, 0,
		arena_printf(a, "%s, by a robot", n.party), NULL, NULL, err))
		return false;
	/* No result: nobody there has said what became of it.  But to pass a
	 * copyright notice on, and to know that it arrived, is all that was
	 * promised to the complainant. */
	return !is_copyright(&n) || !s->conf->desk_robot_acks_copyright ||
	    n.standing || close_ticket(db, s, a, &n, "successfully resolved", err);
}

bool
notice_close_now(struct db *db, const struct actor *who,
    const struct ticket_locked *row, bool *done, GError **err)
{
	ARENA_AUTO(a, "notice close");
	const char *resolution;
	struct notice_locked n = {0};
	bool found;

	*done = false;
	/* Under the lock it is looked at again: it may have been closed, or
	 * answered with something else, since it was chosen. */
	if (!db_opt(db, a, Q_NOTICE_LOCK, DB_ARGS(DB_INT(row->number)),
		&desc_notice_locked, &n, &found, err))
		return false;
	resolution = found ? notice_resolution(n.result) : NULL;
	if (resolution == NULL || lifecycle_closed(row->status))
		return true;
	*done = true;
	return ticket_move_within(db, who, row, "resolved", resolution, err);
}

static bool
was_read(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct notice_locked n = {0};

	return begin(db, t, &n, err) &&
	    (n.to_read == DESC_NULL ||
		(db_exec(db, Q_NOTICE_WAS_READ, DB_ARGS(DB_INT(n.id)), NULL,
		     err) &&
		    audit_write(db, t->who, "notice.read", n.ticket, 0,
			arena_printf(t->a, "message %" PRId64, n.to_read),
			NULL, NULL, err)));
}

bool
notice_was_read(struct db *db, const struct actor *who, int64_t ticket,
    GError **err)
{
	ARENA_AUTO(a, "notice read");
	struct act t = {.who = who, .a = a, .ticket = ticket};

	return db_tx(db, was_read, &t, err);
}

static bool
called(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct notice_locked n = {0};

	return begin(db, t, &n, err) &&
	    db_exec(db, Q_NOTICE_CALLED, DB_ARGS(DB_INT(n.id)), NULL, err) &&
	    audit_write(db, t->who, "notice.called", n.ticket, 0, n.party,
		NULL, NULL, err) &&
	    (text_blank(t->text) ||
		notice_comment(db, t->a, t->who, n.ticket, t->text, err));
}

bool
notice_called(struct db *db, const struct actor *who, int64_t ticket,
    const char *note, GError **err)
{
	ARENA_AUTO(a, "notice called");
	struct act t = {.who = who, .a = a, .ticket = ticket, .text = note};

	return db_tx(db, called, &t, err);
}
