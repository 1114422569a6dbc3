/* The acts of the desk on one ticket: see ticket.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/case/cascade.h"
#include "core/case/deed.h"
#include "core/case/lifecycle.h"
#include "core/outgoing/mail_views.h"
#include "core/ticket/draft.h"
#include "core/ticket/ticket_priv.h"

enum { COMMENT_MAX = 256 * 1024 };

DESC_TABLE(ticket_locked, TICKET_LOCKED);

bool
ticket_lock(struct db *db, struct arena *a, int64_t number, int64_t version,
    struct ticket_locked *out, GError **err)
{
	if (!db_one(db, a, Q_TICKET_LOCK, DB_ARGS(DB_INT(number)),
		&desc_ticket_locked, out, err)) {
		if (err != NULL && fault_is(*err, FAULT_ABSENT)) {
			g_clear_error(err);
			fault_set(err, FAULT_ABSENT,
			    "There is no ticket #%" PRId64 ".", number);
		}
		return false;
	}
	if (out->merged_into != DESC_NULL)
		return fault_set(err, FAULT_CONFLICT,
		    "Ticket #%" PRId64 " was merged into #%" PRId64 ".",
		    number, out->merged_into);
	if (version != 0 && out->version != version)
		return fault_set(err, FAULT_CONFLICT,
		    "Somebody changed ticket #%" PRId64
		    " while you looked at it; nothing of yours was done.",
		    number);
	return true;
}

struct act {
	const struct site *s;
	const struct actor *who;
	struct arena *a;
	int64_t number, version;
	const char *text, *resolution;
	struct ticket_letter letter;
	int64_t message;
};

static bool
is_new(const struct ticket_locked *row)
{
	return strcmp(row->kind, "report") == 0 &&
	    strcmp(row->status, "new") == 0;
}

bool
ticket_own_within(struct db *db, const struct actor *who,
    const struct ticket_locked *row, int64_t owner, const char *owner_name,
    GError **err)
{
	bool was_new = is_new(row);

	if (row->owner == owner && !was_new)
		return true;
	if (!db_exec(db, Q_TICKET_SET_OWNER,
		DB_ARGS(DB_INT(row->number), DB_INT(owner)), NULL, err) ||
	    !audit_write(db, who,
		owner == who->id ? "ticket.take" : "ticket.give",
		row->number, 0, NULL, NULL, owner_name, err) ||
	    !cascade_owner(db, who, row->number, row->kind, owner,
		owner_name, err))
		return false;
	return !was_new ||
	    (audit_write(db, who, "ticket.status", row->number, 0, NULL,
		 "new", "open", err) &&
		cascade_status(db, who, row->number, row->kind, "open", err));
}

static bool
take(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct ticket_locked row = {0};

	if (!ticket_lock(db, t->a, t->number, t->version, &row, err))
		return false;
	if (row.owner == t->who->id && !is_new(&row))
		return true; /* no deed that did nothing */
	return deed_begin(db, t->who, "take", t->number, NULL, err) &&
	    ticket_own_within(db, t->who, &row, t->who->id, t->who->name,
		err);
}

bool
ticket_take(struct db *db, const struct actor *who, int64_t number,
    int64_t version, GError **err)
{
	ARENA_AUTO(a, "take");
	struct act t = {.who = who, .a = a, .number = number,
	    .version = version};

	return db_tx(db, take, &t, err);
}

bool
ticket_move_check(const char *kind, const char *from, const char *status,
    const char *resolution, GError **err)
{
	if (!lifecycle_allowed(kind, from, status))
		return fault_set(err, FAULT_INPUT,
		    "%s %s cannot go from \"%s\" to \"%s\".",
		    *kind == 'i' ? "An" : "A", kind, from,
		    status);
	if (resolution != NULL &&
	    lifecycle_resolution(status, resolution) == NULL)
		return fault_set(err, FAULT_INPUT,
		    "\"%s\" is no reason why something is %s.", resolution,
		    status);
	return true;
}

bool
ticket_move_within(struct db *db, const struct actor *who,
    const struct ticket_locked *row, const char *status,
    const char *resolution, GError **err)
{
	bool closed = lifecycle_closed(status);
	const char *words = lifecycle_resolution(status, resolution);

	return ticket_move_check(row->kind, row->status, status, resolution,
		   err) &&
	    db_exec(db, Q_TICKET_SET_STATUS,
		DB_ARGS(DB_INT(row->number), DB_TEXT(status),
		    DB_BOOL(closed), DB_TEXT(words)),
		NULL, err) &&
	    audit_write(db, who, "ticket.status", row->number, 0, resolution,
		row->status, status, err) &&
	    cascade_status(db, who, row->number, row->kind, status, err) &&
	    (!closed || group_close(db, who, row->number, status, err));
}

static bool
move(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct ticket_locked row = {0};

	if (!ticket_lock(db, t->a, t->number, t->version, &row, err))
		return false;
	if (strcmp(row.status, t->text) == 0)
		return true;
	return deed_begin(db, t->who,
		   strcmp(t->text, "rejected") == 0 ? "reject" : "status",
		   t->number, NULL, err) &&
	    ticket_move_within(db, t->who, &row, t->text, t->resolution, err);
}

bool
ticket_status(struct db *db, const struct actor *who, int64_t number,
    int64_t version, const char *status, const char *resolution, GError **err)
{
	ARENA_AUTO(a, "status");
	struct act t = {.who = who, .a = a, .number = number,
	    .version = version, .text = status, .resolution = resolution};

	if (text_blank(status))
		return fault_set(err, FAULT_INPUT, "A status is needed.");
	return db_tx(db, move, &t, err);
}

static bool
leave_closed(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct ticket_locked row = {0};
	int64_t hit;

	return ticket_lock(db, t->a, t->number, t->version, &row, err) &&
	    db_exec(db, Q_TICKET_LEAVE_CLOSED, DB_ARGS(DB_INT(t->number)),
		&hit, err) &&
	    (hit == 0 ||
		audit_write(db, t->who, "ticket.leave_closed", t->number, 0,
		    NULL, NULL, row.status, err));
}

bool
ticket_leave_closed(struct db *db, const struct actor *who, int64_t number,
    int64_t version, GError **err)
{
	ARENA_AUTO(a, "leave");
	struct act t = {.who = who, .a = a, .number = number,
	    .version = version};

	return db_tx(db, leave_closed, &t, err);
}

/* The lead first, as everybody who takes both: nobody waits in a circle. */
static bool
ungroup(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct ticket_locked row = {0};
	int64_t lead;

	if (!group_lead(db, t->a, t->number, &lead, err) ||
	    (lead != DESC_NULL &&
		!ticket_lock(db, t->a, lead, 0, &row, err)) ||
	    !ticket_lock(db, t->a, t->number, t->version, &row, err))
		return false;
	if (lead == DESC_NULL)
		return fault_set(err, FAULT_CONFLICT,
		    "Ticket #%" PRId64 " is in no group.", t->number);
	return group_take_out(db, t->who, t->number, lead, err);
}

bool
ticket_ungroup(struct db *db, const struct actor *who, int64_t number,
    int64_t version, GError **err)
{
	ARENA_AUTO(a, "ungroup");
	struct act t = {.who = who, .a = a, .number = number,
	    .version = version};

	return db_tx(db, ungroup, &t, err);
}

static bool
comment(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct ticket_locked row = {0};
	struct ticket_locked made = {0};

	if (!ticket_lock(db, t->a, t->number, t->version, &row, err))
		return false;
	if (!db_one(db, t->a, Q_TICKET_ADD_COMMENT,
		DB_ARGS(DB_INT(t->number), DB_TEXT(t->who->email),
		    DB_TEXT(t->who->name),
		    DB_TEXT(text_sha256(t->a, t->text, strlen(t->text))),
		    DB_TEXT(t->text), DB_INT(t->who->id)),
		&desc_ticket_locked, &made, err) ||
	    !db_exec(db, Q_TICKET_TOUCH,
		DB_ARGS(DB_INT(t->number), DB_BOOL(false)), NULL, err) ||
	    !draft_drop(db, t->who, t->number, "comment", NULL, err))
		return false;
	return audit_write(db, t->who, "ticket.comment", t->number, 0,
	    arena_printf(t->a, "message %" PRId64, made.id), NULL, NULL, err);
}

bool
ticket_comment(struct db *db, const struct actor *who, int64_t number,
    int64_t version, const char *text, GError **err)
{
	ARENA_AUTO(a, "comment");
	struct act t = {.who = who, .a = a, .number = number,
	    .version = version, .text = text};

	if (text_blank(text))
		return fault_set(err, FAULT_INPUT, "The comment is empty.");
	if (strlen(text) > COMMENT_MAX)
		return fault_set(err, FAULT_LARGE,
		    "The comment is longer than %d kB.", COMMENT_MAX / 1024);
	return db_tx(db, comment, &t, err);
}

#define REFERENCE(F, S) F(S, TEXT, message_id, none)
DESC_PRIVATE(reference, REFERENCE);

bool
ticket_thread(struct db *db, struct arena *a, int64_t number,
    const char *const **references, GError **err)
{
	struct list l;
	const char **refs;

	if (!db_list(db, a, Q_TICKET_REFERENCES, DB_ARGS(DB_INT(number)),
		&desc_reference, &l, err))
		return false;
	refs = ARENA_ARRAY(a, const char *, l.n + 1);
	/* newest first in the list, oldest first in the header */
	for (size_t i = 0; i < l.n; i++)
		refs[l.n - 1 - i] = LIST_AT(reference, l, i)->message_id;
	*references = refs;
	return true;
}

const char *
ticket_joined(struct arena *a, const char *const *texts)
{
	GString *s = arena_gstring(a);

	for (size_t i = 0; texts[i] != NULL; i++) {
		if (i > 0)
			g_string_append(s, ", ");
		g_string_append(s, texts[i]);
	}
	return s->str;
}

bool
ticket_add_parties(struct db *db, int64_t number, const char *const *addresses,
    const char *role, GError **err)
{
	for (size_t i = 0; addresses != NULL && addresses[i] != NULL; i++)
		if (!db_exec(db, Q_TICKET_ADD_PARTY,
			DB_ARGS(DB_INT(number), DB_TEXT(addresses[i]),
			    DB_TEXT(role)),
			NULL, err))
			return false;
	return true;
}

/* The mail that a letter becomes on this ticket. */
static bool
reply_mail(struct db *db, const struct site *s, struct arena *a,
    const struct actor *who, const struct ticket_locked *row,
    const struct ticket_letter *l, struct outbox_mail *out, GError **err)
{
	const char *const *refs;
	const char **reporter = ARENA_ARRAY(a, const char *, 2);
	const char *const *to = l->to;
	size_t n = 0;

	if (!ticket_thread(db, a, row->number, &refs, err))
		return false;
	if (to == NULL || to[0] == NULL) {
		if (row->reporter == NULL)
			return fault_set(err, FAULT_INPUT,
			    "This ticket has no reporter to answer: say to "
			    "whom the mail goes.");
		reporter[0] = row->reporter;
		to = reporter;
	}
	while (refs[n] != NULL)
		n++;
	*out = (struct outbox_mail){
	    .purpose = "reply",
	    .ticket = row->number,
	    .author = who,
	    .to = to,
	    .cc = l->cc,
	    .subject = mail_subject(a, s, row->number, row->their_ref,
		text_blank(l->subject) ? row->open_subject : l->subject),
	    .text = l->text,
	    .in_reply_to = n > 0 ? refs[n - 1] : NULL,
	    .references = refs,
	    .files = l->files,
	    .n_files = l->n_files,
	    .choice = l->choice,
	};
	return true;
}

bool
ticket_reply_within(struct db *db, const struct site *s, struct arena *a,
    const struct actor *who, const struct ticket_locked *row,
    const struct ticket_letter *l, int64_t *message, GError **err)
{
	struct outbox_mail m;

	return reply_mail(db, s, a, who, row, l, &m, err) &&
	    outbox_queue(db, s, &m, message, err) &&
	    ticket_add_parties(db, row->number, m.to, "other", err) &&
	    ticket_add_parties(db, row->number, l->cc, "other", err) &&
	    db_exec(db, Q_TICKET_TOUCH,
		DB_ARGS(DB_INT(row->number), DB_BOOL(false)), NULL, err) &&
	    draft_drop(db, who, row->number, "reply", NULL, err) &&
	    (!l->asks || db_exec(db, Q_TICKET_ASK_REPORTER,
		DB_ARGS(DB_INT(row->number)), NULL, err)) &&
	    audit_write(db, who, l->asks ? "ticket.ask" : "ticket.reply",
		row->number, 0, arena_printf(a, "message %" PRId64, *message),
		NULL, ticket_joined(a, m.to), err) &&
	    outbox_kick(db, err);
}

static bool
reply(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct ticket_locked row = {0};

	return ticket_lock(db, t->a, t->number, t->version, &row, err) &&
	    ticket_reply_within(db, t->s, t->a, t->who, &row, &t->letter,
		&t->message, err);
}

bool
ticket_reply(struct db *db, const struct site *s, const struct actor *who,
    int64_t number, int64_t version, const char *const *to,
    const char *const *cc, const char *subject, const char *text,
    const struct outbox_file *files, size_t n_files, bool asks,
    struct sealing_choice choice, int64_t *message, GError **err)
{
	ARENA_AUTO(a, "reply");
	struct act t = {
	    .s = s, .who = who, .a = a, .number = number,
	    .version = version,
	    .letter = {.to = to, .cc = cc, .subject = subject, .text = text,
		.files = files, .n_files = n_files, .asks = asks,
		.choice = choice},
	};

	if (text_blank(text))
		return fault_set(err, FAULT_INPUT, "The reply is empty.");
	if (!db_tx(db, reply, &t, err))
		return false;
	if (message != NULL)
		*message = t.message;
	return true;
}

struct look {
	struct act *t;
	struct outbox_made *made;
};

static bool
look(struct db *db, void *p, GError **err)
{
	struct look *look = p;
	struct act *t = look->t;
	struct ticket_locked row = {0};
	struct outbox_mail m;

	return ticket_lock(db, t->a, t->number, 0, &row, err) &&
	    reply_mail(db, t->s, t->a, t->who, &row, &t->letter, &m, err) &&
	    outbox_make(db, t->a, t->s, &m, look->made, err);
}

bool
ticket_reply_preview(struct db *db, const struct site *s, struct arena *a,
    const struct actor *who, int64_t number, const struct ticket_letter *l,
    struct outbox_made *out, GError **err)
{
	struct act t = {.s = s, .who = who, .a = a, .number = number,
	    .letter = *l};

	return db_tx(db, look, &(struct look){&t, out}, err);
}
