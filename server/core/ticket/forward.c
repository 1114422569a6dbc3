/* See forward.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/ticket/draft.h"
#include "core/audit.h"
#include "core/ticket/forward.h"
#include "core/outgoing/mail_views.h"
#include "core/ticket/ticket_priv.h"

DESC_TABLE(forward, FORWARD);

/* TLP 2.0: these go to nobody outside of the circle that got them, and the
 * desk cannot know who is in it. */
static const char *const kept[] = {"RED", "AMBER+STRICT"};

bool
forward_of(struct db *db, struct arena *a, int64_t number, int64_t id,
    struct forward *out, GError **err)
{
	bool found;

	if (!db_opt(db, a, Q_FORWARD_OF, DB_ARGS(DB_INT(number), DB_INT(id)),
		&desc_forward, out, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "Ticket #%" PRId64 " has no mail %" PRId64 ".", number,
		    id);
	out->refused = NULL;
	for (size_t i = 0; i < COUNT_OF(kept); i++)
		if (g_strcmp0(out->tlp, kept[i]) == 0)
			out->refused = arena_printf(a, "The report is TLP:%s: "
			    "ask its sender before it goes to others.",
			    kept[i]);
	if (out->size > FORWARD_MAX)
		out->refused = "It is larger than what can be sent on: "
			       "download it, and send what matters.";
	return true;
}

struct sending {
	const struct site *s;
	const struct actor *who;
	struct arena *a;
	const struct ticket_letter *l;
	int64_t number, version, id, message;
	bool named;
};

static bool
take(void *ctx, const void *p, size_t len)
{
	GByteArray *bytes = ctx;

	if (bytes->len + len > FORWARD_MAX)
		return false;
	g_byte_array_append(bytes, p, (guint)len);
	return true;
}

/* All pieces; the end is where there is none. */
static bool
load(struct db *db, const struct forward *f, GByteArray *bytes, GError **err)
{
	for (int64_t seq = 0; (int64_t)bytes->len < f->size; seq++)
		if (!message_piece(db, f->id, seq, take, bytes, err))
			return false;
	return true;
}

static bool
send(struct db *db, void *ctx, GError **err)
{
	struct sending *t = ctx;
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct outbox_file file = {.type = "message/rfc822"};
	struct ticket_locked row = {0};
	struct forward f = {0};

	if (!ticket_lock(db, t->a, t->number, t->version, &row, err) ||
	    !forward_of(db, t->a, t->number, t->id, &f, err))
		return false;
	if (f.refused != NULL)
		return fault_set(err, FAULT_INPUT, "%s", f.refused);
	if (f.reported && !f.name_reporter && !t->named)
		return fault_set(err, FAULT_INPUT,
		    "It says who reported, who did not allow that: tick that "
		    "it may be told, or write what matters in your own "
		    "words.");
	if (t->l->to == NULL || t->l->to[0] == NULL)
		return fault_set(err, FAULT_INPUT, "Say to whom it goes.");
	if (!load(db, &f, bytes, err))
		return false;
	file.name = arena_printf(t->a, "message-%" PRId64 ".eml", f.id);
	file.bytes = bytes->data;
	file.len = bytes->len;
	/* No thread of the reporter's: only ours. */
	return outbox_queue(db, t->s,
		   &(struct outbox_mail){
		       .purpose = "forward",
		       .ticket = row.number,
		       .author = t->who,
		       .to = t->l->to,
		       .cc = t->l->cc,
		       .subject = mail_subject(t->a, t->s, row.number, NULL,
			   text_blank(t->l->subject) ? row.open_subject
						     : t->l->subject),
		       .text = text_blank(t->l->text)
			   ? "The mail is attached as it came.\n"
			   : t->l->text,
		       .files = &file,
		       .n_files = 1,
		       .choice = t->l->choice,
		   },
		   &t->message, err) &&
	    draft_drop(db, t->who, row.number, "forward",
		(const char *const[]){arena_printf(t->a, "%" PRId64, f.id),
		    NULL}, err) &&
	    ticket_add_parties(db, row.number, t->l->to, "other", err) &&
	    ticket_add_parties(db, row.number, t->l->cc, "other", err) &&
	    db_exec(db, Q_TICKET_TOUCH,
		DB_ARGS(DB_INT(row.number), DB_BOOL(false)), NULL, err) &&
	    audit_write(db, t->who, "ticket.forward", row.number, 0,
		arena_printf(t->a, "message %" PRId64, t->message),
		arena_printf(t->a, "message %" PRId64, f.id),
		ticket_joined(t->a, t->l->to), err) &&
	    outbox_kick(db, err);
}

bool
forward_send(struct db *db, const struct site *s, const struct actor *who,
    int64_t number, int64_t version, int64_t id, bool named,
    const struct ticket_letter *letter, int64_t *message, GError **err)
{
	ARENA_AUTO(a, "forward");
	struct sending t = {.s = s, .who = who, .a = a, .l = letter,
	    .number = number, .version = version, .id = id, .named = named};

	if (!db_tx(db, send, &t, err))
		return false;
	*message = t.message;
	return true;
}
