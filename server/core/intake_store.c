/*
 * Storing a message: one statement for what fits one piece of bytes, one
 * transaction of a few for what does not.
 */
#include "base/base.h"
#include "base/net.h"
#include "base/text.h"
#include "base/when.h"
#include "core/intake_priv.h"
#include "core/mail_views.h"
#include "core/outbox.h"

DESC_TABLE(intake_stored, INTAKE_STORED);

/* Seconds until a fresh report of this priority is due. */
static const int64_t due_in[] = {0, 3600, 4 * 3600, 24 * 3600};

struct job {
	const struct site *s;
	struct arena *a;
	const struct smtp_envelope *env;
	const unsigned char *bytes;
	size_t len;
	const struct inspection *in;
	const struct intake_context *ctx;
	const struct intake_plan *plan;
	const struct intake_new *fresh;
	struct intake_result *out;
	/* made before the transaction, so that a retry need not */
	const char *inspect, *text, *events, *sha256, *client;
	const char *const *rcpts;
	const char *const *missing;
	const char *type, *ack_to, *ack_text;
	struct intake_verdict *verdicts;
	int64_t organisation, completeness;
	struct outbox_bytes ack;
};

static size_t
first_piece(const struct job *j)
{
	return MIN(j->len, INTAKE_CHUNK);
}

static const char *
subject_of(const struct job *j)
{
	const char *s = text_blank(j->in->subject) ? "(no subject)"
						   : j->in->subject;

	return text_cut(j->a, text_squash(j->a, s), INTAKE_SUBJECT_MAX);
}

/* The receipt to the reporter, composed before the number's row exists. */
static bool
make_ack(struct job *j, GError **err)
{
	struct arena *a = j->a;
	const struct conf *c = j->s->conf;
	GString *text = arena_gstring(a);
	const char *to[] = {j->plan->ack_to, NULL};
	struct mail_ack view = {
	    .team = c->site_name,
	    .network = c->site_network,
	    .tag = arena_printf(a, "[%s #%" PRId64 "]", c->site_subject_tag,
		j->ctx->number),
	    .subject = subject_of(j),
	    .url = c->site_public_url,
	};
	size_t n = 0, shown = 0;

	while (j->missing[n] != NULL)
		n++;
	view.has_missing = n > 0;
	view.missing.n = n;
	view.missing.items = ARENA_ARRAY(a, struct intake_missing, n + 1);
	for (size_t i = 0; i < n; i++)
		LIST_AT(intake_missing, view.missing, i)->fact = j->missing[i];
	view.verdicts.items =
	    ARENA_ARRAY(a, struct intake_receipt_verdict, 10);
	for (size_t i = 0; i < j->in->events.n && shown < 10; i++) {
		const struct inspect_event *e =
		    LIST_AT(inspect_event, j->in->events, i);
		struct intake_receipt_verdict *v =
		    LIST_AT(intake_receipt_verdict, view.verdicts, shown);

		if (e->source_ip == NULL)
			continue;
		v->source_ip = e->source_ip;
		/* Which member it is, is not the reporter's to know. */
		v->verdict = strcmp(j->verdicts[i].verdict, "outside") == 0
		    ? "is outside our network"
		    : "belongs to our network";
		shown++;
	}
	view.verdicts.n = shown;
	view.has_verdicts = shown > 0;
	tmpl_render(j->s->tmpl, "mail/ack.txt", &desc_mail_ack, &view, text);
	j->ack_text = text->str;
	return outbox_compose(a, j->s,
	    &(struct outbox_mail){
		.purpose = "ack",
		.ticket = j->ctx->number,
		.to = to,
		.subject = mail_subject(a, j->s, j->ctx->number,
		    j->in->their_ref, j->in->subject),
		.text = text->str,
		.in_reply_to = j->in->message_id,
		.automatic = true,
		.null_sender = true,
	    },
	    &j->ack, err);
}

static bool
prepare(struct job *j, GError **err)
{
	const struct inspection *in = j->in;
	GString *json = arena_gstring(j->a);
	struct net net;
	const char **rcpts;

	/* The rows of a feed are kept as sightings. */
	if (strcmp(j->plan->disposition, "feed") == 0) {
		struct inspection head = *in;

		head.events.n = 0;
		inspect_to_json(&head, false, false, json);
	} else {
		inspect_to_json(in, false, false, json);
	}
	j->inspect = json->str;
	j->text = in->text != NULL ? text_cut(j->a, in->text, INTAKE_TEXT_MAX)
				   : NULL;
	/* Our own sum over what we store: what a child says about bytes is
	 * only believed for what it alone can know. */
	j->sha256 = text_sha256(j->a, j->bytes, j->len);
	rcpts = ARENA_ARRAY(j->a, const char *, j->env->n + 1);
	for (size_t i = 0; i < j->env->n; i++)
		rcpts[i] = j->env->rcpts[i];
	j->rcpts = rcpts;
	j->client = j->env->client != NULL &&
		net_parse_host(j->env->client, &net)
	    ? net_text(j->a, &net)
	    : NULL;
	if (strcmp(j->plan->disposition, "report") != 0)
		return true;
	j->verdicts = intake_verdicts(j->a, j->ctx->verdicts, &in->events);
	j->events = intake_events_json(j->a, &in->events, j->verdicts,
	    j->fresh->zone_name);
	j->organisation = DESC_NULL;
	j->type = j->fresh->type;
	for (size_t i = 0; i < in->events.n; i++) {
		const struct inspect_event *e =
		    LIST_AT(inspect_event, in->events, i);

		if (j->type == NULL)
			j->type = e->type;
		if (j->organisation == DESC_NULL)
			j->organisation = j->verdicts[i].organisation;
	}
	j->missing = intake_missing_facts(j->a, j->type, &in->events,
	    &j->completeness);
	return !j->plan->ack || make_ack(j, err);
}

static int64_t
or_null(int64_t n)
{
	return n == 0 ? DESC_NULL : n;
}

static bool
store_report(struct db *db, struct job *j, struct intake_stored *row,
    bool *found, GError **err)
{
	const struct inspection *in = j->in;
	const struct intake_new *f = j->fresh;
	const struct outbox_bytes *k = &j->ack;
	const char *reporter = f->reporter != NULL ? f->reporter
	    : in->from != NULL			   ? in->from
						   : NULL;
	const char *ack_to = j->plan->ack ? k->addresses[0] : NULL;
	const char *party = ack_to != NULL ? ack_to : reporter;

	return db_opt(db, j->a, Q_INTAKE_REPORT,
	    DB_ARGS(DB_TEXT(in->digest),
		DB_INT(j->s->conf->intake_duplicate_days),
		DB_INT(j->ctx->number), DB_TEXT(subject_of(j)),
		DB_TEXT(j->type), DB_TEXT(f->how), DB_TEXT(reporter),
		DB_TEXT(f->reporter_name != NULL ? f->reporter_name
						 : in->from_name),
		DB_INT(j->organisation), DB_INT(f->priority),
		DB_INT(due_in[f->priority]), DB_INT(or_null(j->plan->claims)),
		DB_TEXT(in->their_ref), DB_TEXTS(j->missing), DB_TEXT(f->tlp),
		DB_BOOL(f->name_reporter), DB_TEXT(in->to), DB_TEXT(in->cc),
		DB_TEXT(in->subject), DB_TIME(in->date),
		DB_TEXT(in->message_id), DB_TEXT(j->sha256),
		DB_INT((int64_t)j->len), DB_TEXT(in->format),
		DB_BOOL(strcmp(in->format, "unparsed") != 0), DB_TEXT(j->text),
		DB_TEXT(j->inspect), DB_TEXT(j->env->from), DB_TEXTS(j->rcpts),
		DB_TEXT(j->client), DB_TEXT(j->env->helo),
		DB_BYTES(j->bytes, first_piece(j)), DB_TEXT(party),
		DB_TEXT(j->events), DB_TEXT(ack_to), DB_TEXT(k->from),
		DB_TEXT(k->recipients),
		DB_TEXT(j->plan->ack ? mail_subject(j->a, j->s, j->ctx->number,
					   in->their_ref, in->subject)
				     : NULL),
		DB_TEXT(k->message_id), DB_TEXT(k->sha256),
		DB_BYTES(k->bytes, k->len),
		DB_INT(f->by != NULL ? or_null(f->by->id) : DESC_NULL),
		DB_TEXT(f->by != NULL ? f->by->name : "intake"),
		DB_TEXT(j->ack_text),
		DB_TEXT(intake_verdict_of_all(j->verdicts, in->events.n)),
		DB_INT(j->completeness)),
	    &desc_intake_stored, row, found, err);
}

static bool
store_other(struct db *db, struct job *j, struct intake_stored *row,
    bool *found, GError **err)
{
	const struct inspection *in = j->in;

	return db_opt(db, j->a, Q_INTAKE_MESSAGE,
	    DB_ARGS(DB_TEXT(in->digest),
		DB_INT(j->s->conf->intake_duplicate_days),
		DB_TEXT(j->plan->disposition), DB_INT(or_null(j->plan->ticket)),
		DB_TEXT(in->from), DB_TEXT(in->from_name), DB_TEXT(in->to),
		DB_TEXT(in->cc), DB_TEXT(in->subject), DB_TIME(in->date),
		DB_TEXT(in->message_id), DB_TEXT(in->their_ref),
		DB_TEXT(j->sha256), DB_INT((int64_t)j->len),
		DB_TEXT(in->format),
		DB_BOOL(strcmp(in->format, "unparsed") != 0), DB_TEXT(j->text),
		DB_TEXT(j->inspect), DB_TEXT(j->env->from), DB_TEXTS(j->rcpts),
		DB_TEXT(j->client), DB_TEXT(j->env->helo),
		DB_BYTES(j->bytes, first_piece(j))),
	    &desc_intake_stored, row, found, err);
}

static bool
store_duplicate(struct db *db, struct job *j, struct intake_stored *row,
    bool *found, GError **err)
{
	return db_opt(db, j->a, Q_INTAKE_DUPLICATE,
	    DB_ARGS(DB_TEXT(j->in->digest), DB_TEXT(j->sha256),
		DB_INT((int64_t)j->len), DB_TEXT(j->env->from),
		DB_TEXTS(j->rcpts), DB_TEXT(j->client), DB_TEXT(j->env->helo),
		DB_BYTES(j->bytes, first_piece(j))),
	    &desc_intake_stored, row, found, err);
}

static bool
store_rest(struct db *db, const struct job *j, int64_t message, GError **err)
{
	int64_t seq = 1;

	for (size_t at = INTAKE_CHUNK; at < j->len; at += INTAKE_CHUNK, seq++)
		if (!db_exec(db, Q_INTAKE_CHUNK,
			DB_ARGS(DB_INT(message), DB_INT(seq),
			    DB_BYTES(j->bytes + at,
				MIN(j->len - at, INTAKE_CHUNK))),
			NULL, err))
			return false;
	return true;
}

static bool
store(struct db *db, void *p, GError **err)
{
	struct job *j = p;
	struct intake_stored row;
	const char *disposition = j->plan->disposition;
	bool found = false, ok;

	if (strcmp(disposition, "report") == 0)
		ok = store_report(db, j, &row, &found, err);
	else if (strcmp(disposition, "duplicate") == 0)
		ok = true;
	else
		ok = store_other(db, j, &row, &found, err);
	if (!ok)
		return false;
	if (!found) {
		/* Seen before, or stored by somebody else just now. */
		disposition = "duplicate";
		if (!store_duplicate(db, j, &row, &found, err))
			return false;
		if (!found)
			return fault_set(err, FAULT_BUSY,
			    "The message was seen before and is gone.");
	}
	if (!store_rest(db, j, row.id, err))
		return false;
	*j->out = (struct intake_result){
	    .message = row.id,
	    .ticket = row.ticket == DESC_NULL ? 0 : row.ticket,
	    .disposition = disposition,
	};
	return true;
}

bool
intake_store(struct db *db, const struct site *s, struct arena *a,
    const struct smtp_envelope *env, const void *bytes, size_t len,
    const struct inspection *in, const struct intake_context *ctx,
    const struct intake_plan *plan, const struct intake_new *fresh,
    struct intake_result *out, GError **err)
{
	struct job j = {
	    .s = s, .a = a, .env = env, .bytes = bytes, .len = len, .in = in,
	    .ctx = ctx, .plan = plan, .fresh = fresh, .out = out,
	};

	if (!prepare(&j, err))
		return false;
	/* One statement is a transaction by itself. */
	if (len <= INTAKE_CHUNK || db_in_tx(db))
		return store(db, &j, err);
	return db_tx(db, store, &j, err);
}
