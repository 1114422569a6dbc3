/*
 * The clock of notices: what is due is reminded of, or handed on (notice.h).
 * One notice is one transaction, so that a mail is queued once whatever
 * happens, and several hosts share the work.
 */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/case/lifecycle.h"
#include "core/notice/notice_priv.h"
#include "core/ticket/ticket_priv.h"

enum { AGAIN_AFTER = 3600 }; /* s of working time, when it failed */

static const struct actor self = {.name = "timer"};

#define ADDRESS(F, S) F(S, TEXT, address, none)
DESC_PRIVATE(address, ADDRESS);
#define REMINDER(F, S) F(S, INT, message, none)
DESC_PRIVATE(reminder, REMINDER);

#define GONE(F, S) F(S, BOOL, gone, none)
DESC_PRIVATE(gone, GONE);

struct round {
	const struct site *s;
	struct arena *a;
	int64_t now;
	int64_t id; /* of the one in hand, 0: nothing is due */
};

static bool
addresses(struct db *db, struct arena *a, enum db_query q, int64_t id,
    const char *const **out, GError **err)
{
	GPtrArray *to = arena_ptr_array(a);
	struct list rows;

	if (!db_list(db, a, q, DB_ARGS(DB_INT(id)), &desc_address, &rows, err))
		return false;
	for (size_t i = 0; i < rows.n; i++)
		g_ptr_array_add(to,
		    (void *)LIST_AT(address, rows, i)->address);
	g_ptr_array_add(to, NULL);
	*out = (const char *const *)to->pdata;
	return true;
}

static bool
act_remind(struct db *db, struct round *r, const struct notice_locked *n,
    const char *const *to, bool second, GError **err)
{
	int64_t message;

	return notice_remind(db, r->s, r->a, n, to, second, r->now, &message,
		   err) &&
	    (!second || ticket_add_parties(db, n->ticket, to,
		n->organisation != DESC_NULL ? "member" : "other", err)) &&
	    audit_write(db, &self, second ? "notice.second" : "notice.remind",
		n->ticket, 0, arena_printf(r->a, "message %" PRId64, message),
		NULL, ticket_joined(r->a, to), err);
}

static bool
act_phone(struct db *db, struct round *r, const struct notice_locked *n,
    const char *why, GError **err)
{
	return notice_comment(db, r->a, &self, n->ticket,
		   arena_printf(r->a, "%s  Somebody has to call %s.", why,
		       n->party), err) &&
	    db_exec(db, Q_NOTICE_OVERDUE,
		DB_ARGS(DB_INT(n->ticket),
		    DB_TIME(calendar_day_end(r->s->calendar, r->now))), NULL,
		err) &&
	    audit_write(db, &self, "notice.phone", n->ticket, 0, n->party,
		NULL, NULL, err);
}

static bool
act_overdue(struct db *db, struct round *r, const struct notice_locked *n,
    GError **err)
{
	return notice_comment(db, r->a, &self, n->ticket,
		   arena_printf(r->a, "%s was asked on %s and has not "
		       "answered.  Nothing more is sent by itself.", n->party,
		       when_page(r->a, n->sent)), err) &&
	    db_exec(db, Q_NOTICE_OVERDUE,
		DB_ARGS(DB_INT(n->ticket), DB_TIME(r->now)), NULL, err) &&
	    audit_write(db, &self, "notice.overdue", n->ticket, 0, n->party,
		NULL, NULL, err);
}

/* What the rung says, or what stands in for it; *done is its name. */
static bool
act(struct db *db, struct round *r, const struct notice_locked *n,
    const char *what, const char **done, GError **err)
{
	const char *const *to = NULL;

	*done = what;
	if (strcmp(what, "remind") == 0) {
		if (!addresses(db, r->a, Q_NOTICE_ADDRESSES, n->id, &to, err))
			return false;
		if (to[0] != NULL)
			return act_remind(db, r, n, to, false, err);
		/* Every mail came back: others have to be told now. */
		what = *done = "second contact";
	}
	if (strcmp(what, "second contact") == 0) {
		if (!addresses(db, r->a, Q_NOTICE_SECOND, n->id, &to, err))
			return false;
		if (to[0] != NULL)
			return act_remind(db, r, n, to, true, err);
		*done = "phone";
		return act_phone(db, r, n, "There is nobody else to write to.",
		    err);
	}
	if (strcmp(what, "phone") == 0)
		return act_phone(db, r, n, "The mails were not answered.",
		    err);
	return act_overdue(db, r, n, err);
}

/* Nobody is reminded of what the feed itself sees no more. */
static bool
act_gone(struct db *db, struct round *r, const struct notice_locked *n,
    GError **err)
{
	return notice_comment(db, r->a, &self, n->ticket,
		   "Nothing of it is seen any more: no reminder is sent.",
		   err) &&
	    audit_write(db, &self, "notice.gone", n->ticket, 0, n->party,
		NULL, NULL, err);
}

static bool
one(struct db *db, void *p, GError **err)
{
	struct round *r = p;
	struct notice_locked n = {0};
	struct notice_step step = {0}, next = {0};
	struct gone over = {0};
	const char *done = NULL;
	bool found;

	r->id = 0;
	if (!db_opt(db, r->a, Q_NOTICE_DUE, DB_ARGS(DB_TIME(r->now)),
		&desc_notice_locked, &n, &found, err))
		return false;
	if (!found)
		return true;
	r->id = n.id;
	if (n.standing && (!db_one(db, r->a, Q_NOTICE_GONE,
		DB_ARGS(DB_INT(n.ticket)), &desc_gone, &over, err) ||
	    (over.gone && !act_gone(db, r, &n, err))))
		return false;
	if (over.gone)
		return db_exec(db, Q_NOTICE_SET,
		    DB_ARGS(DB_INT(n.id), DB_INT(n.level), DB_TEXT(n.stage),
			DB_TIME(DESC_NULL)), NULL, err);
	if (!notice_step_after(db, r->a, n.type, n.organisation, n.level,
		&step, &found, err))
		return false;
	if (!found) /* the ladder has become shorter */
		return db_exec(db, Q_NOTICE_SET,
		    DB_ARGS(DB_INT(n.id), DB_INT(n.level), DB_TEXT(n.stage),
			DB_TIME(DESC_NULL)), NULL, err);
	if (n.restart)
		return db_exec(db, Q_NOTICE_SET,
		    DB_ARGS(DB_INT(n.id), DB_INT(n.level), DB_TEXT(n.stage),
			DB_TIME(notice_step_time(r->s, &step, r->now))), NULL,
		    err);
	return act(db, r, &n, step.act, &done, err) &&
	    notice_step_after(db, r->a, n.type, n.organisation, step.level,
		&next, &found, err) &&
	    db_exec(db, Q_NOTICE_SET,
		DB_ARGS(DB_INT(n.id), DB_INT(step.level), DB_TEXT(done),
		    DB_TIME(found ? notice_step_time(r->s, &next, r->now)
				  : DESC_NULL)), NULL, err);
}

bool
notice_remind_now(struct db *db, const struct site *s,
    const struct actor *who, int64_t ticket, int64_t *sent, GError **err)
{
	ARENA_AUTO(a, "notice remind");
	const char *const *to;
	struct notice_locked n = {0};
	struct reminder last = {0};
	bool found;

	g_assert(db_in_tx(db));
	*sent = DESC_NULL;
	if (!db_opt(db, a, Q_NOTICE_LOCK_TICKET, DB_ARGS(DB_INT(ticket)),
		&desc_notice_locked, &n, &found, err) ||
	    (found && !db_opt(db, a, Q_NOTICE_LOCK, DB_ARGS(DB_INT(ticket)),
		&desc_notice_locked, &n, &found, err)))
		return false;
	if (!found || lifecycle_closed(n.status) || n.result != NULL ||
	    n.to_read != DESC_NULL)
		return true;
	if (!db_opt(db, a, Q_NOTICE_REMINDED_LATELY, DB_ARGS(DB_INT(ticket),
		DB_INT(NOTICE_REMIND_PAUSE)), &desc_reminder, &last, &found,
		err) ||
	    !addresses(db, a, Q_NOTICE_ADDRESSES, n.id, &to, err))
		return false;
	if (found || to[0] == NULL)
		return true;
	return notice_remind(db, s, a, &n, to, false, when_now(), sent,
		   err) &&
	    db_exec(db, Q_NOTICE_REMINDED, DB_ARGS(DB_INT(n.id)), NULL,
		err) &&
	    audit_write(db, who, "notice.remind", ticket, 0,
		arena_printf(a, "message %" PRId64, *sent), NULL,
		ticket_joined(a, to), err);
}

/* It is out of the way of the others, and is tried again. */
static bool
postpone(struct db *db, const struct round *r, GError *why, GError **err)
{
	log_fault("notice.failed", why);
	return db_exec(db, Q_NOTICE_POSTPONE,
	    DB_ARGS(DB_INT(r->id),
		DB_TIME(calendar_add(r->s->calendar, r->now,
		    AGAIN_AFTER * WHEN_SECOND))), NULL, err);
}

bool
notice_clock(struct db *db, const struct site *s, int64_t now, int64_t *n,
    GError **err)
{
	*n = 0;
	if (!calendar_works(s->calendar, now))
		return true;
	for (int i = 0; i < NOTICE_ROUND_MAX; i++) {
		ARENA_AUTO(a, "notice clock");
		struct round r = {.s = s, .a = a, .now = now};
		g_autoptr(GError) why = NULL;

		if (!db_tx(db, one, &r, &why)) {
			if (r.id == 0 || fault_is(why, FAULT_BUSY) ||
			    fault_is(why, FAULT_UNSURE)) {
				g_propagate_error(err,
				    g_steal_pointer(&why));
				return false;
			}
			if (!postpone(db, &r, why, err))
				return false;
		}
		if (r.id == 0)
			return true;
		(*n)++;
	}
	return true;
}
