/* See bulk.h: doing it. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "base/when.h"
#include "core/account.h"
#include "core/audit.h"
#include "core/case/deed.h"
#include "core/notice/notice.h"
#include "core/ticket/bulk_priv.h"
#include "core/ticket/text_template.h"

#define NEXT(F, S) F(S, INT, number, none) F(S, INT, seen, none)
DESC_PRIVATE(next_row, NEXT);
#define OWN(F, S) F(S, BOOL, chosen, none)
DESC_PRIVATE(own_row, OWN);
#define TO(F, S) F(S, TEXT, to, none) F(S, BOOL, member, none)
DESC_PRIVATE(to_row, TO);

/* A piece of it, in one transaction. */
struct work {
	const struct site *s;
	const struct actor *who;
	struct arena *a;      /* of the piece */
	const struct bulk *b;
	struct ticket_locked incident;
	/* the ticket in hand */
	struct arena *own;
	const struct next_row *next;
	int64_t message;
};

/* A mail on the ticket in hand. */
static bool
letter(struct db *db, struct work *w, const struct ticket_locked *row,
    struct ticket_letter *l, GError **err)
{
	const struct bulk *b = w->b;
	struct text_facts f = {0};
	const char *subject, *text;

	if (!text_facts(db, w->own, row->number, &f, err) ||
	    !bulk_words(db, w->own, b, row->number, &subject, &text, err))
		return false;
	*l = (struct ticket_letter){
	    .subject = subject != NULL
		? text_fill(w->own, w->s, w->who, &f, subject, true)
		: NULL,
	    .text = text_fill(w->own, w->s, w->who, &f, text, false),
	    .asks = b->asks,
	};
	return true;
}

static bool
do_reply(struct db *db, struct work *w, const struct ticket_locked *row,
    GError **err)
{
	struct ticket_letter l;
	struct to_row to = {0};
	bool found;

	if (!letter(db, w, row, &l, err) ||
	    !db_opt(db, w->own, Q_BULK_TO, DB_ARGS(DB_INT(row->number)),
		&desc_to_row, &to, &found, err))
		return false;
	l.to = bulk_addresses(w->own, to.to);
	if (l.to == NULL)
		return fault_set(err, FAULT_INPUT,
		    "There is nobody whom a mail on it goes to.");
	return ticket_reply_within(db, w->s, w->own, w->who, row, &l,
	    &w->message, err);
}

static bool
do_reject(struct db *db, struct work *w, const struct ticket_locked *row,
    GError **err)
{
	const struct ticket_letter l = {.subject = w->b->subject,
	    .text = w->b->text};

	return ticket_reject_within(db, w->s, w->own, w->who, row,
	    w->b->resolution, w->b->tell ? &l : NULL, true, &w->message, err);
}

static bool
do_status(struct db *db, struct work *w, const struct ticket_locked *row,
    GError **err)
{
	/* One before it may have taken it along. */
	return strcmp(row->status, w->b->status) == 0 ||
	    ticket_move_within(db, w->who, row, w->b->status,
		w->b->resolution, err);
}

/* (Of both, what counts is looked at under the lock, not who changed it: an
 * answer that came since it was chosen is a reason, and any mail a change.) */
static bool
do_remind(struct db *db, struct work *w, const struct ticket_locked *row,
    GError **err)
{
	return notice_remind_now(db, w->s, w->who, row->number, &w->message,
		   err) &&
	    (w->message != DESC_NULL || fault_set(err, FAULT_INPUT,
		"It waits for no answer, or was reminded just now."));
}

static bool
do_close(struct db *db, struct work *w, const struct ticket_locked *row,
    GError **err)
{
	bool done;

	return notice_close_now(db, w->who, row, &done, err) &&
	    (done || fault_set(err, FAULT_INPUT,
		"It is closed, or has no answer that ends it."));
}

/* What changed since it was chosen, and was not our own doing. */
static bool
same_version(struct db *db, struct work *w, const struct ticket_locked *row,
    GError **err)
{
	struct own_row own = {0};

	if (row->version == w->next->seen)
		return true;
	if (w->b->deed != DESC_NULL &&
	    !db_one(db, w->own, Q_BULK_OWN_DOING,
		DB_ARGS(DB_INT(row->number), DB_INT(w->b->deed),
		    DB_INT(w->b->since), DB_INT(w->who->id)),
		&desc_own_row, &own, err))
		return false;
	return own.chosen ||
	    fault_set(err, FAULT_CONFLICT,
		"Somebody changed it after you chose it.");
}

static bool
one(struct db *db, void *p, GError **err)
{
	struct work *w = p;
	const char *act = w->b->act;
	struct ticket_locked row = {0};

	w->message = DESC_NULL;
	if (!ticket_lock(db, w->own, w->next->number, 0, &row, err))
		return false;
	if (strcmp(act, "remind") == 0)
		return do_remind(db, w, &row, err);
	if (strcmp(act, "close") == 0)
		return do_close(db, w, &row, err);
	if (!same_version(db, w, &row, err))
		return false;
	if (strcmp(act, "own") == 0)
		return ticket_own_within(db, w->who, &row, w->b->owner,
		    w->b->owner_name, err);
	if (strcmp(act, "link") == 0)
		return case_link_within(db, w->own, w->who, &w->incident,
		    &row, err);
	if (strcmp(act, "reply") == 0)
		return do_reply(db, w, &row, err);
	if (strcmp(act, "reject") == 0)
		return do_reject(db, w, &row, err);
	return do_status(db, w, &row, err);
}

/* Of this ticket alone, and not of the database, the key or ourselves. */
static bool
only_its_own(const GError *why)
{
	return fault_is(why, FAULT_INPUT) || fault_is(why, FAULT_ABSENT) ||
	    fault_is(why, FAULT_CONFLICT) || fault_is(why, FAULT_DENIED) ||
	    fault_is(why, FAULT_LARGE);
}

static bool
try_one(struct db *db, struct work *w, const struct next_row *next,
    GError **err)
{
	ARENA_AUTO(own, "bulk item");
	g_autoptr(GError) why = NULL;

	w->own = own;
	w->next = next;
	if (!db_part(db, one, w, &why)) {
		if (!only_its_own(why)) {
			g_propagate_error(err, g_steal_pointer(&why));
			return false;
		}
		w->message = DESC_NULL;
	}
	return db_exec(db, Q_BULK_ITEM_SET,
	    DB_ARGS(DB_INT(w->b->id), DB_INT(next->number),
		DB_TEXT(why == NULL ? "done" : "refused"),
		DB_TEXT(why == NULL ? NULL : why->message),
		DB_INT(w->message)),
	    NULL, err);
}

/* At most `limit` tickets; *n gets how many.  The last piece ends it. */
static bool
piece(struct db *db, struct work *w, int64_t limit, int64_t *n, GError **err)
{
	const struct bulk *b = w->b;
	struct list rows;

	*n = 0;
	/* The incident first, as everybody who takes both. */
	if (strcmp(b->act, "link") == 0 &&
	    !ticket_lock(db, w->a, b->incident, 0, &w->incident, err))
		return false;
	if (!db_list(db, w->a, Q_BULK_NEXT,
		DB_ARGS(DB_INT(b->id), DB_INT(limit)), &desc_next_row, &rows,
		err))
		return false;
	for (size_t i = 0; i < rows.n; i++)
		if (!try_one(db, w, LIST_AT(next_row, rows, i), err))
			return false;
	*n = (int64_t)rows.n;
	return (int64_t)rows.n == limit ||
	    db_exec(db, Q_BULK_FINISH,
		DB_ARGS(DB_INT(b->id), DB_TEXT("done"), DB_NULL), NULL, err);
}

/* ---- by who asked -------------------------------------------------------------- */

struct running {
	const struct site *s;
	const struct actor *who;
	int64_t id, version;
};

static bool
run(struct db *db, void *p, GError **err)
{
	ARENA_AUTO(a, "bulk");
	struct running *r = p;
	struct bulk b = {0}, now = {0};
	int64_t limit, n, deed = DESC_NULL;

	if (!bulk_lock(db, a, r->who, r->id, &b, err) ||
	    !bulk_get(db, a, r->who, r->id, &now, err))
		return false;
	if (!now.is_draft)
		return fault_set(err, FAULT_CONFLICT,
		    "This selection was acted on already.");
	if (r->version != 0 && r->version != b.version)
		return fault_set(err, FAULT_CONFLICT,
		    "Another act was planned meanwhile; nothing was done.");
	if (b.act == NULL)
		return fault_set(err, FAULT_INPUT, "Say first what to do.");
	if (now.waits == 0)
		return fault_set(err, FAULT_INPUT,
		    "It can be done to none of these tickets.");
	/* Mail that left is not undone, so nobody is offered that. */
	if (!now.kept &&
	    !deed_begin(db, r->who, "bulk", 0, &deed, err))
		return false;
	b.deed = deed;
	if (!db_exec(db, Q_BULK_START, DB_ARGS(DB_INT(b.id), DB_INT(deed)),
		NULL, err) ||
	    !audit_write(db, r->who, "bulk.run", 0, 0,
		arena_printf(a, "bulk %" PRId64, b.id), NULL,
		arena_printf(a, "%" PRId64 " tickets %s", now.waits,
		    now.words), err))
		return false;
	limit = now.mailing ? BULK_MAIL_AT_ONCE : BULK_AT_ONCE;
	return now.waits > limit ||
	    piece(db, &(struct work){.s = r->s, .who = r->who, .a = a,
		.b = &b}, limit + 1, &n, err);
}

bool
bulk_run(struct db *db, const struct site *s, const struct actor *who,
    int64_t id, int64_t version, GError **err)
{
	struct running r = {s, who, id, version};

	return db_tx(db, run, &r, err);
}

static bool
stop(struct db *db, void *p, GError **err)
{
	ARENA_AUTO(a, "bulk");
	struct running *r = p;
	struct bulk b = {0};

	if (!bulk_lock(db, a, r->who, r->id, &b, err))
		return false;
	if (strcmp(b.state, "running") != 0)
		return fault_set(err, FAULT_CONFLICT, "It does not run.");
	return db_exec(db, Q_BULK_FINISH,
		   DB_ARGS(DB_INT(b.id), DB_TEXT("stopped"),
		       DB_TEXT(arena_printf(a, "Stopped by %s.",
			   r->who->name))),
		   NULL, err) &&
	    audit_write(db, r->who, "bulk.stop", 0, 0,
		arena_printf(a, "bulk %" PRId64, b.id), NULL, NULL, err);
}

bool
bulk_stop(struct db *db, const struct actor *who, int64_t id, GError **err)
{
	struct running r = {.who = who, .id = id};

	return db_tx(db, stop, &r, err);
}

/* ---- by the timer -------------------------------------------------------------- */

#define TAKEN(F, S)                                                           \
	BULK(F, S)                                                            \
	F(S, TEXT, maker_name, none)                                          \
	F(S, TEXT, maker_email, none)                                         \
	F(S, TEXT, maker_role, none)                                          \
	F(S, BOOL, maker_gone, none)
DESC_PRIVATE(taken, TAKEN);

struct round {
	const struct site *s;
	int64_t id; /* of the one in hand; 0: none is left */
	int64_t n;
};

static bool
go_on(struct db *db, void *p, GError **err)
{
	ARENA_AUTO(a, "bulk");
	struct round *r = p;
	struct taken t = {0};
	struct bulk b = {0};
	struct actor who;
	bool found;

	r->id = r->n = 0;
	if (!db_opt(db, a, Q_BULK_TAKE, DB_NONE, &desc_taken, &t, &found,
		err))
		return false;
	if (!found)
		return true;
	r->id = t.id;
	who = (struct actor){t.principal, t.maker_name, t.maker_email,
	    account_role(t.maker_role)};
	if (t.maker_gone || (int)who.role < (int)ROLE_ANALYST)
		return db_exec(db, Q_BULK_FINISH,
		    DB_ARGS(DB_INT(t.id), DB_TEXT("stopped"),
			DB_TEXT("Who asked for it may do so no more.")),
		    NULL, err);
	desc_copy(&desc_taken, &t, &desc_bulk, &b);
	if (b.deed != DESC_NULL && !deed_resume(db, b.deed, err))
		return false;
	/* Nothing is done to what who asked for it does not see (any more). */
	if (!db_as_within(db, who.id, err))
		return false;
	return piece(db, &(struct work){.s = r->s, .who = &who, .a = a,
	    .b = &b}, BULK_PIECE, &r->n, err);
}

bool
bulk_work(struct db *db, const struct site *s, int64_t microseconds,
    int64_t *n, GError **err)
{
	int64_t end = when_ticks() + microseconds;
	struct round r = {.s = s};

	*n = 0;
	do {
		g_autoptr(GError) why = NULL;

		if (!db_tx(db, go_on, &r, &why)) {
			/* What will not pass would be tried for ever, and
			 * let nothing behind it come to its turn. */
			if (r.id != 0 && !fault_retry(why) &&
			    !fault_is(why, FAULT_AWAY) &&
			    !fault_is(why, FAULT_UNSURE) &&
			    !db_exec(db, Q_BULK_FINISH,
				DB_ARGS(DB_INT(r.id), DB_TEXT("stopped"),
				    DB_TEXT(fault_is(why, FAULT_BUG)
					? "It failed, by a mistake of ours."
					: why->message)), NULL, NULL))
				log_warning("bulk.unstopped",
				    LOG_I("bulk", r.id));
			g_propagate_error(err, g_steal_pointer(&why));
			return false;
		}
		*n += r.n;
	} while (r.id != 0 && when_ticks() < end);
	return true;
}

bool
bulk_sweep(struct db *db, GError **err)
{
	return db_exec(db, Q_BULK_SWEEP, DB_ARGS(DB_INT(BULK_DRAFT_DAYS)),
	    NULL, err);
}
