/*
 * Issuing: the mail is composed and signed, once for all recipients (and once
 * more for each member that reads of its own hosts: many of those are left to
 * advisory_work()); then one transaction from frozen bytes to woken senders.
 */
#include "base/base.h"
#include "base/conf.h"
#include "base/text.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/campaign/campaign_priv.h"
#include "core/list/advisory_priv.h"
#include "core/list/topic.h"
#include "core/outgoing/outbox.h"

enum { CHUNK = 262144 }; /* bytes of one message_raw row */

struct frozen {
	struct compose_bytes bytes;
	struct advisory_mail mail;
	const char *inspect;
	int64_t message;
};

struct issue {
	const struct site *site;
	const struct actor *by;
	int64_t number, version, at, sent;
	bool quiet; /* nobody is mailed */
	bool begun; /* it was sending before */
	bool (*tick)(void *ctx, GError **err);
	void *ctx;
	/* The mail, those to some members alone behind it, and the version of
	 * the advisory that they were made of. */
	struct frozen shared, *own;
	const char *lists;
	int64_t made_of;
	struct list yours;
};

#define ISSUE_ID(F, S) F(S, INT, id, none)
DESC_PRIVATE(issue_id, ISSUE_ID);

/* The half of the mail that all recipients share; what is signed is within
 * it, so that the fields of one recipient do not touch it. */
static bool
compose(struct arena *a, const struct issue *is, const struct advisory *adv,
    const char *yours, struct frozen *out, GError **err)
{
	const struct site *s = is->site;
	const char *base = s->conf->site_public_url;
	struct compose_header extra[] = {
	    {"List-Archive",
		arena_printf(a, "<%s/topics/%s>", base, TOPIC_FIRST)},
	};
	struct compose_mail m = {.date = is->at};
	const struct sealing_ask ask = {.purpose = "advisory",
	    .person = is->by->id > 0,
	    .choice.sign = is->quiet ? SEALING_NO : SEALING_AS_SET};
	struct sealing sealing;

	advisory_mail(a, s, adv, is->at, yours, &out->mail);
	m.from = (struct compose_address){s->conf->site_name, out->mail.from};
	m.subject = out->mail.subject;
	m.text = out->mail.text;
	m.extra = extra;
	m.n_extra = COUNT_OF(extra);
	if (!sealing_plan(NULL, a, s, &ask, &sealing, err) ||
	    !sealing_compose(a, &sealing, &m, &out->bytes, err))
		return false;
	out->inspect = sealing_json(a, &sealing);
	return true;
}

/* All of them; a mail for each member that is told of its own hosts.  (The
 * shared bytes are what makes a fan-out fast; these are few, and one copy
 * serves all contacts of a member.) */
static bool
compose_all(struct db *db, struct arena *a, struct issue *is,
    const struct advisory *adv, GError **err)
{
	is->lists = adv->lists_text;
	is->made_of = adv->version;
	if (!compose(a, is, adv, NULL, &is->shared, err))
		return false;
	is->own = ARENA_ARRAY(a, struct frozen, is->yours.n + 1);
	for (size_t i = 0; i < is->yours.n; i++)
		if (!compose(a, is, adv,
			LIST_AT(advisory_yours, is->yours, i)->line,
			&is->own[i], err) ||
		    (is->tick != NULL && !is->tick(is->ctx, err)))
			return false;
	return true;
}

static bool
freeze(struct db *db, struct arena *a, const struct issue *is,
    struct frozen *f, GError **err)
{
	const struct compose_bytes *b = &f->bytes;
	struct issue_id row = {0};

	if (!db_one(db, a, Q_ADVISORY_FREEZE,
		DB_ARGS(DB_TIME(is->at), DB_TEXT(f->mail.from),
		    DB_TEXT(is->site->conf->site_name), DB_TEXT(is->lists),
		    DB_TEXT(f->mail.subject),
		    DB_TEXT(text_sha256(a, b->bytes, b->len)),
		    DB_INT((int64_t)b->len), DB_TEXT(f->mail.text),
		    DB_INT(is->by->id), DB_TEXT(f->inspect)),
		&desc_issue_id, &row, err))
		return false;
	for (size_t at = 0, seq = 0; at < b->len; seq++) {
		size_t n = MIN(b->len - at, (size_t)CHUNK);

		if (!db_exec(db, Q_ADVISORY_FREEZE_RAW,
			DB_ARGS(DB_INT(row.id), DB_INT((int64_t)seq),
			    DB_BYTES(b->bytes + at, n)),
			NULL, err))
			return false;
		at += n;
	}
	f->message = row.id;
	return true;
}

static bool
fan_out(struct db *db, struct arena *a, struct issue *is,
    const char *const *lists, GError **err)
{
	const char **members = ARENA_ARRAY(a, const char *, is->yours.n + 1);
	const char **messages = ARENA_ARRAY(a, const char *, is->yours.n + 1);

	for (size_t i = 0; i < is->yours.n; i++) {
		if (!freeze(db, a, is, &is->own[i], err))
			return false;
		members[i] = arena_printf(a, "%" PRId64,
		    LIST_AT(advisory_yours, is->yours, i)->organisation);
		messages[i] = arena_printf(a, "%" PRId64, is->own[i].message);
	}
	return db_exec(db, Q_ADVISORY_FAN_OUT,
	    DB_ARGS(DB_INT(is->shared.message), DB_INT(is->number),
		DB_TEXTS(lists), DB_TEXTS(members), DB_TEXTS(messages)),
	    &is->sent, err);
}

static bool
publish(struct db *db, const struct issue *is, const struct advisory *adv,
    const struct advisory_draft *d, GError **err)
{
	struct topic_new n = {
	    .slug = adv->slug,
	    .kind = "advisory",
	    .title = d->title,
	    .author = is->site->conf->site_name,
	    .body = d->body,
	    .tlp = d->tlp,
	    .topics = d->topics,
	    .advisory = is->number,
	    .published = is->at,
	};

	return topic_publish(db, is->site, &n, NULL, err);
}

static bool
issue_tx(struct db *db, void *ctx, GError **err)
{
	struct issue *is = ctx;
	ARENA_AUTO(a, "issue");
	struct advisory row = {0}, adv = {0};
	struct advisory_draft d;

	/* Locked first, so that two who press the button at once are one
	 * issue and one conflict. */
	if (!advisory_lock(db, a, is->number, is->version, &row, &d, err))
		return false;
	if (strcmp(row.state, is->begun ? "sending" : "approved") != 0)
		return fault_set(err, FAULT_CONFLICT,
		    strcmp(row.state, "issued") == 0
			? "This advisory is issued already."
			: strcmp(row.state, "sending") == 0
			? "This advisory is being sent already."
			: "A second person has to approve this advisory "
			  "first.");
	if (is->quiet &&
	    !db_exec(db, Q_ADVISORY_BACKDATE,
		DB_ARGS(DB_INT(is->number), DB_TIME(is->at)), NULL, err))
		return false;
	if (!is->quiet && is->made_of != row.version)
		return fault_set(err, FAULT_CONFLICT,
		    "Somebody changed this advisory meanwhile; nothing was "
		    "sent.");
	if (!advisory_gates(db, a, &d, err) ||
	    !advisory_get(db, a, is->site, is->number, &adv, err) ||
	    (is->quiet && !compose_all(db, a, is, &adv, err)) ||
	    !freeze(db, a, is, &is->shared, err))
		return false;
	is->sent = 0;
	if (!is->quiet && !fan_out(db, a, is, d.lists, err))
		return false;
	if (!db_exec(db, Q_ADVISORY_ISSUED,
		DB_ARGS(DB_INT(is->number), DB_INT(is->by->id),
		    DB_TIME(is->at), DB_INT(is->shared.message)),
		NULL, err))
		return false;
	if (topic_public(d.tlp) && !publish(db, is, &adv, &d, err))
		return false;
	return audit_write(db, is->by, "advisory.issue", 0, is->number, NULL,
		   NULL,
		   arena_printf(a, "%" PRId64 " recipients", is->sent), err) &&
	    (is->quiet || outbox_kick(db, err));
}

/* Left to advisory_work(). */
static bool
begin_tx(struct db *db, void *ctx, GError **err)
{
	struct issue *is = ctx;
	ARENA_AUTO(a, "issue");
	struct advisory row = {0};
	struct advisory_draft d;

	return advisory_lock(db, a, is->number, is->made_of, &row, &d, err) &&
	    advisory_gates(db, a, &d, err) &&
	    db_exec(db, Q_ADVISORY_BEGIN,
		DB_ARGS(DB_INT(is->number), DB_INT(is->by->id),
		    DB_INT((int64_t)is->yours.n)), NULL, err) &&
	    audit_write(db, is->by, "advisory.send", 0, is->number, NULL,
		NULL, arena_printf(a, "%zu mails to be signed", is->yours.n),
		err);
}

/* gpg takes its time, so the mail is made before any row is locked.  (One of
 * the past is not signed, and needs its date first.) */
static bool
issue(struct db *db, struct issue *is, GError **err)
{
	ARENA_AUTO(a, "issue");
	struct advisory adv = {0};

	if (!advisory_may_write(is->by))
		return fault_set(err, FAULT_DENIED,
		    "Analysts and leads issue advisories.");
	if (!advisory_get(db, a, is->site, is->number, &adv, err))
		return false;
	if (!is->quiet &&
	    strcmp(adv.state, is->begun ? "sending" : "approved") == 0) {
		if (!advisory_yours(db, a, is->number, is->at, &is->yours,
			err))
			return false;
		/* (Of the version that was seen, or there is a conflict.) */
		is->made_of = adv.version;
		if (!is->begun && (is->version == 0 ||
			is->version == adv.version) &&
		    campaign_takes_long(is->site, is->yours.n)) {
			is->sent = DESC_NULL;
			return db_tx(db, begin_tx, is, err);
		}
		if (!compose_all(db, a, is, &adv, err))
			return false;
	}
	return db_in_tx(db) ? issue_tx(db, is, err) :
	    db_tx(db, issue_tx, is, err);
}

bool
advisory_issue(struct db *db, const struct site *s, const struct actor *by,
    int64_t number, int64_t version, int64_t *recipients, GError **err)
{
	struct issue is = {.site = s, .by = by, .number = number,
	    .version = version, .at = when_now()};

	if (!issue(db, &is, err))
		return false;
	if (recipients != NULL)
		*recipients = is.sent;
	return true;
}

bool
advisory_issue_now(struct db *db, const struct site *s,
    const struct actor *by, int64_t number, int64_t version,
    bool (*tick)(void *ctx, GError **err), void *ctx, int64_t *recipients,
    GError **err)
{
	struct issue is = {.site = s, .by = by, .number = number,
	    .version = version, .at = when_now(), .begun = true,
	    .tick = tick, .ctx = ctx};

	if (!issue(db, &is, err))
		return false;
	*recipients = is.sent;
	return true;
}

bool
advisory_issue_past(struct db *db, const struct site *s,
    const struct actor *by, int64_t number, int64_t at, GError **err)
{
	struct issue is = {.site = s, .by = by, .number = number, .at = at,
	    .quiet = true};

	return issue(db, &is, err);
}
