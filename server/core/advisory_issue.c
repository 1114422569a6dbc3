/* Issuing: one transaction from frozen bytes to woken senders. */
#include "base/base.h"
#include "base/conf.h"
#include "base/text.h"
#include "base/when.h"
#include "core/advisory_priv.h"
#include "core/audit.h"
#include "core/outbox.h"
#include "core/topic.h"
#include "mail/compose.h"

enum { CHUNK = 262144 }; /* bytes of one message_raw row */

struct issue {
	const struct site *site;
	const struct actor *by;
	int64_t number, version, at, sent;
	bool quiet; /* nobody is mailed */
};

#define ISSUE_ID(F, S) F(S, INT, id, none)
DESC_PRIVATE(issue_id, ISSUE_ID);

/* The half of the mail that all recipients share. */
static bool
compose(struct arena *a, const struct site *s, const struct advisory *adv,
    int64_t at, struct compose_bytes *out, struct advisory_mail *mail,
    GError **err)
{
	const char *base = s->conf->site_public_url;
	struct compose_header extra[] = {
	    {"List-Archive",
		arena_printf(a, "<%s/topics/%s>", base, TOPIC_FIRST)},
	};
	struct compose_mail m = {.date = at};

	advisory_mail(a, s, adv, at, mail);
	m.from = (struct compose_address){s->conf->site_name, mail->from};
	m.subject = mail->subject;
	m.text = mail->text;
	m.extra = extra;
	m.n_extra = COUNT_OF(extra);
	return compose_mail(a, &m, out, err);
}

static bool
freeze(struct db *db, struct arena *a, const struct issue *is,
    const struct advisory *adv, int64_t *message, GError **err)
{
	struct compose_bytes b = {0};
	struct advisory_mail mail;
	struct issue_id row = {0};

	if (!compose(a, is->site, adv, is->at, &b, &mail, err))
		return false;
	if (!db_one(db, a, Q_ADVISORY_FREEZE,
		DB_ARGS(DB_TIME(is->at), DB_TEXT(mail.from),
		    DB_TEXT(is->site->conf->site_name),
		    DB_TEXT(adv->lists_text), DB_TEXT(mail.subject),
		    DB_TEXT(text_sha256(a, b.bytes, b.len)),
		    DB_INT((int64_t)b.len), DB_TEXT(mail.text),
		    DB_INT(is->by->id)),
		&desc_issue_id, &row, err))
		return false;
	for (size_t at = 0, seq = 0; at < b.len; seq++) {
		size_t n = MIN(b.len - at, (size_t)CHUNK);

		if (!db_exec(db, Q_ADVISORY_FREEZE_RAW,
			DB_ARGS(DB_INT(row.id), DB_INT((int64_t)seq),
			    DB_BYTES(b.bytes + at, n)),
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
	if (!advisory_gates(db, a, &d, err) ||
	    !advisory_get(db, a, is->site, is->number, &adv, err) ||
	    !freeze(db, a, is, &adv, &message, err))
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

static bool
issue(struct db *db, struct issue *is, GError **err)
{
	if (!advisory_may_write(is->by))
		return fault_set(err, FAULT_DENIED,
		    "Analysts and leads issue advisories.");
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
