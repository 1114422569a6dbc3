/* See outcome.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/notice/outcome.h"
#include "core/outgoing/mail_views.h"
#include "core/outgoing/outbox.h"

static const struct actor self = {.name = "timer"};

#define OUTCOME(F, S)                                                         \
	F(S, INT, ticket, none)                                               \
	F(S, TEXT, reporter, none)                                            \
	F(S, TEXT, tlp, none)                                                 \
	F(S, BOOL, name_reporter, none)                                       \
	F(S, TEXT, their_ref, none)                                           \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, ack_id, none)                                              \
	F(S, TIME, passed, none)                                              \
	F(S, BOOL, many, none)
DESC_PRIVATE(outcome, OUTCOME);

struct round {
	const struct site *s;
	struct arena *a;
	int64_t now, before, sent;
	int64_t ticket;       /* of the one in hand, 0: none is left */
	const char *reporter; /* the same for summaries; NULL: none */
};

static const char *
tag_of(struct arena *a, const struct site *s, int64_t ticket)
{
	return arena_printf(a, "[%s #%" PRId64 "]", s->conf->site_subject_tag,
	    ticket);
}

/* "2026-11-23": nobody outside needs the minute. */
static const char *
day_of(struct arena *a, int64_t t)
{
	return t == DESC_NULL ? NULL : arena_strndup(a, when_page(a, t), 10);
}

static bool
send_one(struct db *db, struct round *r, const struct outcome *o,
    int64_t *message, GError **err)
{
	struct arena *a = r->a;
	GString *text = arena_gstring(a);
	const char *const to[] = {o->reporter, NULL};
	struct mail_outcome view = {
	    .team = r->s->conf->site_name,
	    .tag = tag_of(a, r->s, o->ticket),
	    .subject = o->subject,
	    .tlp = o->tlp,
	    .passed = day_of(a, o->passed),
	    .named = o->name_reporter,
	};

	tmpl_render(r->s->tmpl, "mail/outcome.txt", &desc_mail_outcome, &view,
	    text);
	return outbox_queue(db, r->s,
	    &(struct outbox_mail){
		.purpose = "outcome",
		.ticket = o->ticket,
		.to = to,
		.subject = mail_subject(a, r->s, o->ticket, o->their_ref,
		    o->subject),
		.text = text->str,
		.in_reply_to = o->ack_id,
		.references = (const char *const[]){o->ack_id, NULL},
		.automatic = true,
		.unasked = true,
		.null_sender = true,
	    },
	    message, err);
}

static bool
one(struct db *db, void *p, GError **err)
{
	struct round *r = p;
	const struct conf *c = r->s->conf;
	struct outcome o = {0};
	int64_t message = DESC_NULL;
	const char *state = "sent";
	bool found;

	r->ticket = 0;
	if (!db_opt(db, r->a, Q_OUTCOME_DUE,
		DB_ARGS(DB_TIME(r->before),
		    DB_INT(c->reporter_summary_after)),
		&desc_outcome, &o, &found, err))
		return false;
	if (!found)
		return true;
	r->ticket = o.ticket;
	if (!c->reporter_outcome || !outbox_address_ok(o.reporter))
		state = "dropped";
	else if (o.many)
		state = "summary";
	else if (!send_one(db, r, &o, &message, err) ||
	    !audit_write(db, &self, "outcome.sent", o.ticket, 0,
		arena_printf(r->a, "message %" PRId64, message), NULL,
		o.reporter, err))
		return false;
	r->sent += message != DESC_NULL;
	return db_exec(db, Q_OUTCOME_SET,
	    DB_ARGS(DB_INT(o.ticket), DB_TEXT(state), DB_INT(message)), NULL,
	    err);
}

bool
outcome_send(struct db *db, const struct site *s, int64_t now, int64_t *n,
    GError **err)
{
	*n = 0;
	for (int i = 0; i < OUTCOME_ROUND_MAX; i++) {
		ARENA_AUTO(a, "outcome");
		struct round r = {.s = s, .a = a, .now = now,
		    .before = now -
			s->conf->reporter_outcome_after * WHEN_SECOND};
		g_autoptr(GError) why = NULL;

		if (!db_tx(db, one, &r, &why)) {
			if (r.ticket == 0 || !fault_is(why, FAULT_INPUT)) {
				g_propagate_error(err,
				    g_steal_pointer(&why));
				return false;
			}
			/* It cannot be written, today or tomorrow. */
			log_fault("outcome.failed", why);
			if (!db_exec(db, Q_OUTCOME_SET,
				DB_ARGS(DB_INT(r.ticket), DB_TEXT("dropped"),
				    DB_NULL), NULL, err))
				return false;
		}
		if (r.ticket == 0)
			return true;
		*n += r.sent;
	}
	return true;
}

/* ---- one mail about many -------------------------------------------------- */

static bool
summary_text(struct db *db, struct round *r, GString *text, size_t *n,
    GError **err)
{
	struct arena *a = r->a;
	struct list rows;
	struct mail_outcomes view = {.team = r->s->conf->site_name};

	if (!db_list(db, a, Q_OUTCOME_SUMMARY,
		DB_ARGS(DB_TEXT(r->reporter), DB_TIME(r->before)),
		&desc_outcome, &rows, err))
		return false;
	*n = rows.n;
	view.cut = rows.n == OUTCOME_LINES_MAX;
	view.items.n = rows.n;
	view.items.items = ARENA_ARRAY(a, struct mail_outcome, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++) {
		const struct outcome *o = LIST_AT(outcome, rows, i);

		*LIST_AT(mail_outcome, view.items, i) = (struct mail_outcome){
		    .tag = tag_of(a, r->s, o->ticket),
		    .subject = text_cut(a, o->subject, 100),
		    .passed = day_of(a, o->passed),
		};
	}
	tmpl_render(r->s->tmpl, "mail/outcomes.txt", &desc_mail_outcomes,
	    &view, text);
	return true;
}

static bool
summary(struct db *db, void *p, GError **err)
{
	struct round *r = p;
	GString *text = arena_gstring(r->a);
	struct outcome who = {0};
	int64_t message;
	bool found;
	size_t n;

	r->reporter = NULL;
	if (!db_opt(db, r->a, Q_OUTCOME_SUMMARY_FOR,
		DB_ARGS(DB_TIME(r->before)), &desc_outcome, &who, &found, err))
		return false;
	if (!found)
		return true;
	r->reporter = who.reporter;
	if (!summary_text(db, r, text, &n, err))
		return false;
	if (n == 0) /* another host was faster */
		return true;
	return outbox_queue(db, r->s,
		   &(struct outbox_mail){
		       .purpose = "outcomes",
		       .to = (const char *const[]){r->reporter, NULL},
		       .subject = arena_printf(r->a, "[%s] What became of %zu "
			   "of your reports", r->s->conf->site_subject_tag,
			   n),
		       .text = text->str,
		       .automatic = true,
		       .null_sender = true,
		   },
		   &message, err) &&
	    db_exec(db, Q_OUTCOME_SUMMARY_SENT,
		DB_ARGS(DB_TEXT(r->reporter), DB_TIME(r->before),
		    DB_INT(message), DB_TEXT("sent")), NULL, err);
}

bool
outcome_summaries(struct db *db, const struct site *s, int64_t now, int64_t *n,
    GError **err)
{
	int64_t hour = s->conf->feeds_digest_hour * 3600 * WHEN_SECOND;
	int64_t before = (now - hour) / WHEN_DAY * WHEN_DAY + hour;

	*n = 0;
	for (int i = 0; i < OUTCOME_ROUND_MAX; i++) {
		ARENA_AUTO(a, "outcomes");
		struct round r = {.s = s, .a = a, .now = now,
		    .before = before};
		g_autoptr(GError) why = NULL;

		if (!db_tx(db, summary, &r, &why)) {
			if (r.reporter == NULL ||
			    !fault_is(why, FAULT_INPUT)) {
				g_propagate_error(err,
				    g_steal_pointer(&why));
				return false;
			}
			log_fault("outcome.failed", why);
			if (!db_exec(db, Q_OUTCOME_SUMMARY_SENT,
				DB_ARGS(DB_TEXT(r.reporter), DB_TIME(before),
				    DB_NULL, DB_TEXT("dropped")), NULL, err))
				return false;
		}
		if (r.reporter == NULL)
			return true;
		(*n)++;
	}
	return true;
}

DESC_TABLE(outcome_stands, OUTCOME_STANDS);

bool
outcome_stands_of(struct db *db, struct arena *a, int64_t report,
    struct outcome_stands *out, bool *found, GError **err)
{
	*out = (struct outcome_stands){DESC_NULL, DESC_NULL, DESC_NULL};
	return db_opt(db, a, Q_OUTCOME_STANDS, DB_ARGS(DB_INT(report)),
	    &desc_outcome_stands, out, found, err);
}
