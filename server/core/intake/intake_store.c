/*
 * Storing a message: one statement for what fits one piece of bytes, one
 * transaction of a few for what does not.
 */
#include "base/base.h"
#include "base/net.h"
#include "base/text.h"
#include "base/when.h"
#include "core/intake/intake_priv.h"
#include "core/outgoing/mail_views.h"
#include "core/outgoing/outbox.h"

DESC_TABLE(intake_stored, INTAKE_STORED);

/* Seconds until a fresh report of this priority is due. */
static const int64_t due_in[] = {0, 3600, 4 * 3600, 24 * 3600};

/* A message ready for its statement. */
struct row {
	const struct intake_job *j;
	/* made before the transaction, so that a retry need not */
	const char *inspect, *text, *events, *sha256, *client;
	const char *const *rcpts;
	const char *const *missing;
	const char *type, *ack_to, *ack_text, *ack_subject;
	struct intake_verdict *verdicts;
	int64_t organisation, completeness;
	struct outbox_bytes ack;
};

static size_t
first_piece(const struct row *r)
{
	return MIN(r->j->len, INTAKE_CHUNK);
}

static const char *
squashed(const struct row *r, const char *subject)
{
	struct arena *a = r->j->a;
	const char *s = text_blank(subject) ? "(no subject)" : subject;

	return text_cut(a, text_squash(a, s), INTAKE_SUBJECT_MAX);
}

static const char *
subject_of(const struct row *r)
{
	return squashed(r, r->j->in->subject);
}

/* The Subject that everybody on the way has seen. */
static const char *
open_subject(const struct inspection *in)
{
	return in->outer_subject != NULL ? in->outer_subject : in->subject;
}

/* false: `tocsinctl reparse` tries again. */
static bool
is_read(const struct inspection *in)
{
	return strcmp(in->format, "unparsed") != 0 &&
	    strcmp(in->format, "encrypted") != 0;
}

enum { ACK_SHOWN = 10 }; /* sources in a receipt */

/* The receipt to the reporter, composed before the number's row exists. */
static bool
make_ack(struct row *r, GError **err)
{
	const struct intake_job *j = r->j;
	struct arena *a = j->a;
	const struct conf *c = j->s->conf;
	GString *text = arena_gstring(a);
	const char *to[] = {j->plan.ack_to, NULL};
	struct mail_ack view = {
	    .team = c->site_name,
	    .network = c->site_network,
	    .tag = arena_printf(a, "[%s #%" PRId64 "]", c->site_subject_tag,
		j->ctx.number),
	    .subject = squashed(r, open_subject(j->in)),
	    .url = c->site_public_url,
	};
	size_t n = 0, shown = 0;
	bool quiet = inspect_encrypted(j->in), ours = false;

	/* What was encrypted does not go back in the open. */
	while (!quiet && r->missing[n] != NULL)
		n++;
	view.has_missing = n > 0;
	view.missing.n = n;
	view.missing.items = ARENA_ARRAY(a, struct intake_missing, n + 1);
	for (size_t i = 0; i < n; i++)
		LIST_AT(intake_missing, view.missing, i)->fact = r->missing[i];
	view.verdicts.items =
	    ARENA_ARRAY(a, struct intake_receipt_verdict, ACK_SHOWN);
	for (size_t i = 0; !quiet && i < j->in->events.n; i++) {
		const struct inspect_event *e =
		    LIST_AT(inspect_event, j->in->events, i);
		bool outside = strcmp(r->verdicts[i].verdict, "outside") == 0;

		ours |= !outside;
		if (e->source_ip == NULL || shown == ACK_SHOWN)
			continue;
		/* Which member it is, is not the reporter's to know. */
		*LIST_AT(intake_receipt_verdict, view.verdicts, shown++) =
		    (struct intake_receipt_verdict){.source_ip = e->source_ip,
			.verdict = outside ? "is outside our network"
					   : "belongs to our network"};
	}
	view.verdicts.n = shown;
	view.has_verdicts = shown > 0;
	view.elsewhere = shown > 0 && !ours;
	tmpl_render(j->s->tmpl, "mail/ack.txt", &desc_mail_ack, &view, text);
	r->ack_text = text->str;
	r->ack_subject = mail_subject(a, j->s, j->ctx.number,
	    quiet ? NULL : j->in->their_ref, open_subject(j->in));
	return outbox_compose(a, j->s,
	    &(struct outbox_mail){
		.purpose = "ack",
		.ticket = j->ctx.number,
		.to = to,
		.subject = r->ack_subject,
		.text = text->str,
		.in_reply_to = j->in->message_id,
		.automatic = true,
		.null_sender = true,
	    },
	    &r->ack, err);
}

static bool
prepare(struct row *r, GError **err)
{
	const struct intake_job *j = r->j;
	const struct inspection *in = j->in;
	GString *json = arena_gstring(j->a);
	struct net net;
	const char **rcpts;

	/* The rows of a feed are kept as sightings. */
	if (strcmp(j->plan.disposition, "feed") == 0) {
		struct inspection head = *in;

		head.events.n = 0;
		inspect_to_json(&head, false, json);
	} else {
		inspect_to_json(in, false, json);
	}
	r->inspect = json->str;
	r->text = in->text != NULL ? text_cut(j->a, in->text, INTAKE_TEXT_MAX)
				   : NULL;
	/* Our own sum over what we store: what a child says about bytes is
	 * only believed for what it alone can know. */
	r->sha256 = text_sha256(j->a, j->bytes, j->len);
	rcpts = ARENA_ARRAY(j->a, const char *, j->env->n + 1);
	for (size_t i = 0; i < j->env->n; i++)
		rcpts[i] = j->env->rcpts[i];
	r->rcpts = rcpts;
	r->client = j->env->client != NULL &&
		net_parse_host(j->env->client, &net)
	    ? net_text(j->a, &net)
	    : NULL;
	if (strcmp(j->plan.disposition, "report") != 0)
		return true;
	r->verdicts = intake_verdicts(j->a, j->ctx.verdicts, &in->events);
	r->events = intake_events_json(j->a, &in->events, r->verdicts,
	    j->fresh.zone_name);
	r->organisation = DESC_NULL;
	r->type = j->fresh.type;
	for (size_t i = 0; i < in->events.n; i++) {
		const struct inspect_event *e =
		    LIST_AT(inspect_event, in->events, i);

		if (r->type == NULL)
			r->type = e->type;
		if (r->organisation == DESC_NULL)
			r->organisation = r->verdicts[i].organisation;
	}
	r->missing = intake_missing_facts(j->a, r->type, &in->events,
	    &r->completeness);
	return !j->plan.ack || make_ack(r, err);
}

static int64_t
or_null(int64_t n)
{
	return n == 0 ? DESC_NULL : n;
}

/* The arguments of intake_report behind the first. */
static struct db_args
report_args(const struct row *r)
{
	const struct intake_job *j = r->j;
	const struct inspection *in = j->in;
	const struct intake_new *f = &j->fresh;
	const struct outbox_bytes *k = &r->ack;
	/* A script's mail may come without From: who sent it is known. */
	const char *reporter = f->reporter != NULL ? f->reporter
	    : in->from != NULL			   ? in->from
	    : outbox_address_ok(j->env->from)	   ? j->env->from
						   : NULL;
	const char *ack_to = j->plan.ack ? k->addresses[0] : NULL;
	const char *party = ack_to != NULL ? ack_to : reporter;
	const struct db_arg args[] = {
	    DB_TEXT(in->digest), DB_INT(j->ctx.number),
	    DB_TEXT(subject_of(r)), DB_TEXT(r->type), DB_TEXT(f->how),
	    DB_TEXT(reporter),
	    DB_TEXT(f->reporter_name != NULL ? f->reporter_name
					     : in->from_name),
	    DB_INT(r->organisation), DB_INT(f->priority),
	    DB_INT(due_in[f->priority]), DB_INT(or_null(j->plan.claims)),
	    DB_TEXT(in->their_ref), DB_TEXTS(r->missing), DB_TEXT(f->tlp),
	    DB_BOOL(f->name_reporter), DB_TEXT(in->to), DB_TEXT(in->cc),
	    DB_TEXT(in->subject), DB_TIME(in->date), DB_TEXT(in->message_id),
	    DB_TEXT(r->sha256), DB_INT((int64_t)j->len), DB_TEXT(in->format),
	    DB_BOOL(is_read(in)), DB_TEXT(r->text),
	    DB_TEXT(r->inspect), DB_TEXT(j->env->from), DB_TEXTS(r->rcpts),
	    DB_TEXT(r->client), DB_TEXT(j->env->helo),
	    DB_BYTES(j->bytes, first_piece(r)), DB_TEXT(party),
	    DB_TEXT(r->events), DB_TEXT(ack_to), DB_TEXT(k->from),
	    DB_TEXT(k->recipients),
	    DB_TEXT(r->ack_subject),
	    DB_TEXT(k->message_id), DB_TEXT(k->sha256),
	    DB_BYTES(k->bytes, k->len),
	    DB_INT(f->by != NULL ? or_null(f->by->id) : DESC_NULL),
	    DB_TEXT(f->by != NULL ? f->by->name : "intake"),
	    DB_TEXT(r->ack_text),
	    DB_TEXT(intake_verdict_of_all(r->verdicts, in->events.n)),
	    DB_INT(r->completeness), DB_TEXT(k->inspect),
	};

	return (struct db_args){arena_memdup(j->a, args, sizeof(args)),
	    COUNT_OF(args)};
}

static void
stored(const struct intake_job *j, const struct intake_stored *row,
    const char *disposition)
{
	*j->out = (struct intake_result){
	    .message = row->id,
	    .ticket = row->ticket == DESC_NULL ? 0 : row->ticket,
	    .disposition = disposition,
	    .stranger = row->stranger,
	};
}

bool
intake_store_reports(struct db *db, const struct intake_job *const *jobs,
    size_t n, GError **err)
{
	struct row rows[INTAKE_TOGETHER_MAX];
	struct db_args args[INTAKE_TOGETHER_MAX];
	struct list done;

	for (size_t i = 0; i < n; i++) {
		rows[i] = (struct row){.j = jobs[i]};
		if (!prepare(&rows[i], err))
			return false;
		args[i] = report_args(&rows[i]);
	}
	if (!db_each(db, jobs[0]->a, Q_INTAKE_REPORT,
		DB_ARGS(DB_INT(jobs[0]->s->conf->intake_duplicate_days)),
		args, n, &desc_intake_stored, &done, err))
		return false;
	for (size_t i = 0; i < done.n; i++) {
		const struct intake_stored *row =
		    LIST_AT(intake_stored, done, i);

		stored(jobs[row->n - 1], row, "report");
	}
	return true;
}

static bool
store_report(struct db *db, struct row *r, struct intake_stored *out,
    bool *found, GError **err)
{
	const struct intake_job *j = r->j;
	struct db_args args = report_args(r);
	struct list done;

	if (!db_each(db, j->a, Q_INTAKE_REPORT,
		DB_ARGS(DB_INT(j->s->conf->intake_duplicate_days)), &args, 1,
		&desc_intake_stored, &done, err))
		return false;
	*found = done.n > 0;
	if (done.n > 0)
		*out = *LIST_AT(intake_stored, done, 0);
	return true;
}

static bool
store_other(struct db *db, struct row *r, struct intake_stored *out,
    bool *found, GError **err)
{
	const struct intake_job *j = r->j;
	const struct inspection *in = j->in;

	return db_opt(db, j->a, Q_INTAKE_MESSAGE,
	    DB_ARGS(DB_TEXT(in->digest),
		DB_INT(j->s->conf->intake_duplicate_days),
		DB_TEXT(j->plan.disposition), DB_INT(or_null(j->plan.ticket)),
		DB_TEXT(in->from), DB_TEXT(in->from_name), DB_TEXT(in->to),
		DB_TEXT(in->cc), DB_TEXT(in->subject), DB_TIME(in->date),
		DB_TEXT(in->message_id), DB_TEXT(in->their_ref),
		DB_TEXT(r->sha256), DB_INT((int64_t)j->len),
		DB_TEXT(in->format),
		DB_BOOL(is_read(in)), DB_TEXT(r->text),
		DB_TEXT(r->inspect), DB_TEXT(j->env->from), DB_TEXTS(r->rcpts),
		DB_TEXT(r->client), DB_TEXT(j->env->helo),
		DB_BYTES(j->bytes, first_piece(r))),
	    &desc_intake_stored, out, found, err);
}

static bool
store_duplicate(struct db *db, struct row *r, struct intake_stored *out,
    bool *found, GError **err)
{
	const struct intake_job *j = r->j;
	return db_opt(db, j->a, Q_INTAKE_DUPLICATE,
	    DB_ARGS(DB_TEXT(j->in->digest), DB_TEXT(r->sha256),
		DB_INT((int64_t)j->len), DB_TEXT(j->env->from),
		DB_TEXTS(r->rcpts), DB_TEXT(r->client), DB_TEXT(j->env->helo),
		DB_BYTES(j->bytes, first_piece(r))),
	    &desc_intake_stored, out, found, err);
}

static bool
store_rest(struct db *db, const struct row *r, int64_t message, GError **err)
{
	const struct intake_job *j = r->j;
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
	struct row *r = p;
	struct intake_stored row = {0};
	const char *disposition = r->j->plan.disposition;
	bool found = false, ok;

	if (strcmp(disposition, "report") == 0)
		ok = store_report(db, r, &row, &found, err);
	else if (strcmp(disposition, "duplicate") == 0)
		ok = true;
	else
		ok = store_other(db, r, &row, &found, err);
	if (!ok)
		return false;
	if (!found) {
		/* Seen before, or stored by somebody else just now. */
		disposition = "duplicate";
		if (!store_duplicate(db, r, &row, &found, err))
			return false;
		if (!found)
			return fault_set(err, FAULT_BUSY,
			    "The message was seen before and is gone.");
	}
	if (!store_rest(db, r, row.id, err))
		return false;
	stored(r->j, &row, disposition);
	return true;
}

bool
intake_store(struct db *db, const struct intake_job *j, GError **err)
{
	struct row r = {.j = j};

	if (!prepare(&r, err))
		return false;
	/* One statement is a transaction by itself. */
	if (j->len <= INTAKE_CHUNK || db_in_tx(db))
		return store(db, &r, err);
	return db_tx(db, store, &r, err);
}
