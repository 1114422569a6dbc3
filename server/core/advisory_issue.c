/*
 * Issuing: the mail is composed and signed, once for all recipients; then
 * one transaction from frozen bytes to woken senders.
 */
#include "base/base.h"
#include "base/conf.h"
#include "base/text.h"
#include "base/when.h"
#include "core/advisory_priv.h"
#include "core/audit.h"
#include "core/outbox.h"
#include "core/topic.h"

enum { CHUNK = 262144 }; /* bytes of one message_raw row */

struct issue {
	const struct site *site;
	const struct actor *by;
	int64_t number, version, at, sent;
	bool quiet; /* nobody is mailed */
	/* The mail, and the version of the advisory that it was made of. */
	struct compose_bytes bytes;
	struct advisory_mail mail;
	const char *inspect, *lists;
	int64_t made_of;
};

#define ISSUE_ID(F, S) F(S, INT, id, none)
DESC_PRIVATE(issue_id, ISSUE_ID);

/* The half of the mail that all recipients share; what is signed is within
 * it, so that the fields of one recipient do not touch it. */
static bool
compose(struct arena *a, struct issue *is, const struct advisory *adv,
    GError **err)
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

	advisory_mail(a, s, adv, is->at, &is->mail);
	m.from = (struct compose_address){s->conf->site_name, is->mail.from};
	m.subject = is->mail.subject;
	m.text = is->mail.text;
	m.extra = extra;
	m.n_extra = COUNT_OF(extra);
	if (!sealing_plan(NULL, a, s, &ask, &sealing, err) ||
	    !sealing_compose(a, &sealing, &m, &is->bytes, err))
		return false;
	is->inspect = sealing_json(a, &sealing);
	is->lists = adv->lists_text;
	is->made_of = adv->version;
	return true;
}

static bool
freeze(struct db *db, struct arena *a, const struct issue *is,
    int64_t *message, GError **err)
{
	const struct compose_bytes *b = &is->bytes;
	struct issue_id row = {0};

	if (!db_one(db, a, Q_ADVISORY_FREEZE,
		DB_ARGS(DB_TIME(is->at), DB_TEXT(is->mail.from),
		    DB_TEXT(is->site->conf->site_name), DB_TEXT(is->lists),
		    DB_TEXT(is->mail.subject),
		    DB_TEXT(text_sha256(a, b->bytes, b->len)),
		    DB_INT((int64_t)b->len), DB_TEXT(is->mail.text),
		    DB_INT(is->by->id), DB_TEXT(is->inspect)),
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
	*message = row.id;
	return true;
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
	struct advisory row = {0}, adv;
	struct advisory_draft d;
	int64_t message = 0;

	/* Locked first, so that two who press the button at once are one
	 * issue and one conflict. */
	if (!advisory_lock(db, a, is->number, is->version, &row, &d, err))
		return false;
	if (strcmp(row.state, "approved") != 0)
		return fault_set(err, FAULT_CONFLICT,
		    strcmp(row.state, "issued") == 0
			? "This advisory is issued already."
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
	    (is->quiet && !compose(a, is, &adv, err)) ||
	    !freeze(db, a, is, &message, err))
		return false;
	is->sent = 0;
	if (!is->quiet &&
	    !db_exec(db, Q_ADVISORY_FAN_OUT,
		DB_ARGS(DB_INT(message), DB_INT(is->number),
		    DB_TEXTS(d.lists)),
		&is->sent, err))
		return false;
	if (!db_exec(db, Q_ADVISORY_ISSUED,
		DB_ARGS(DB_INT(is->number), DB_INT(is->by->id),
		    DB_TIME(is->at), DB_INT(message)),
		NULL, err))
		return false;
	if (topic_public(d.tlp) && !publish(db, is, &adv, &d, err))
		return false;
	return audit_write(db, is->by, "advisory.issue", 0, is->number, NULL,
		   NULL,
		   arena_printf(a, "%" PRId64 " recipients", is->sent), err) &&
	    (is->quiet || outbox_kick(db, err));
}

/* gpg takes its time, so the mail is made before any row is locked.  (One of
 * the past is not signed, and needs its date first.) */
static bool
issue(struct db *db, struct issue *is, GError **err)
{
	ARENA_AUTO(a, "issue");
	struct advisory adv;

	if (!advisory_may_write(is->by))
		return fault_set(err, FAULT_DENIED,
		    "Analysts and leads issue advisories.");
	if (!advisory_get(db, a, is->site, is->number, &adv, err) ||
	    (!is->quiet && strcmp(adv.state, "approved") == 0 &&
		!compose(a, is, &adv, err)))
		return false;
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
advisory_issue_past(struct db *db, const struct site *s,
    const struct actor *by, int64_t number, int64_t at, GError **err)
{
	struct issue is = {.site = s, .by = by, .number = number, .at = at,
	    .quiet = true};

	return issue(db, &is, err);
}
