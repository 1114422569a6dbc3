/*
 * A campaign is sent.  See campaign.h.
 *
 * Everything that takes time, composing and sealing, is done before the
 * transaction; in it each statement is for all parties.  The version of the
 * campaign is checked in it, so that what was composed is what was seen.
 */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/campaign/campaign_mail.h"
#include "core/campaign/campaign_priv.h"
#include "core/case/deed.h"
#include "core/case/lifecycle.h"
#include "core/notice/notice_priv.h"
#include "core/outgoing/mail_views.h"

#define NUMBER(F, S) F(S, INT, number, none)
DESC_PRIVATE(number, NUMBER);

struct sending {
	const struct site *s;
	const struct actor *who;
	struct arena *a;
	int64_t id, version, incident;
	struct campaign c;
	size_t n; /* parties that are told */
	struct campaign_mails mails;
	/* a column each, ended by NULL */
	const char **subjects, **due, **next, **names, **organisations;
	/* by n of the party, from 1: its place among them, or -1 */
	int *place;
	size_t places;
	bool (*tick)(void *ctx, GError **err);
	void *ctx;
};

/* ---- before the transaction ----------------------------------------------- */

static const char **
column(struct sending *t)
{
	return ARENA_ARRAY(t->a, const char *, t->n + 1);
}

/* Those that are told, or why that cannot be. */
static bool
pick(struct sending *t, struct campaign_facts *f, GError **err)
{
	size_t n = 0;

	for (size_t i = 0; i < f->parties.n; i++) {
		const struct campaign_party *p =
		    LIST_AT(campaign_party, f->parties, i);

		if (!p->chosen)
			continue;
		if (p->refused != NULL)
			return fault_set(err, FAULT_INPUT, "%s", p->refused);
		*LIST_AT(campaign_party, f->parties, n) = *p;
		f->facts[n++] = f->facts[i];
	}
	if (n == 0)
		return fault_set(err, FAULT_INPUT, "Nobody would be told: "
		    "choose at least one of those concerned.");
	t->places = f->parties.n;
	t->place = ARENA_ARRAY(t->a, int, t->places + 1);
	for (size_t i = 0; i < t->places; i++)
		t->place[i] = -1;
	t->n = f->parties.n = n;
	return true;
}

static int64_t
step(const struct site *s, int64_t days, int64_t minutes, int64_t from)
{
	const struct notice_step n = {.days = days, .minutes = minutes};

	return notice_step_time(s, &n, from);
}

/* Until when each has to answer, and when the clock looks first. */
static bool
set_times(struct db *db, struct sending *t, struct campaign_facts *f,
    GError **err)
{
	struct list rungs;
	int64_t now = when_now();
	size_t at = 0;

	if (!db_list(db, t->a, Q_CAMPAIGN_LADDER,
		DB_ARGS(DB_INT(t->id), DB_INT(1),
		    DB_INT(CAMPAIGN_PARTIES_MAX)), &desc_campaign_ladder,
		&rungs, err))
		return false;
	for (size_t i = 0; i < t->n; i++) {
		int64_t n = LIST_AT(campaign_party, f->parties, i)->n;
		const struct campaign_ladder *l;

		while (at < rungs.n &&
		    LIST_AT(campaign_ladder, rungs, at)->n < n)
			at++;
		if (at == rungs.n)
			return fault_set(err, FAULT_INPUT,
			    "No ladder of reminders fits %s: make one for "
			    "all types at /desk/ladders.", t->c.type);
		l = LIST_AT(campaign_ladder, rungs, at);
		f->facts[i].answer_by = step(t->s, l->answer_days,
		    l->answer_minutes, now);
		f->facts[i].next_at =
		    l->days == DESC_NULL && l->minutes == DESC_NULL
		    ? DESC_NULL : step(t->s, l->days, l->minutes, now);
	}
	return true;
}

static bool
compose_one(struct db *db, struct sending *t, size_t i,
    const struct campaign_party *p, struct investigate_facts *f,
    int64_t number, GError **err)
{
	const char **to = ARENA_ARRAY(t->a, const char *, f->contacts.n + 1);
	struct outbox_file files[INVESTIGATE_FILES_MAX];

	campaign_fill(t->a, t->s, t->who, number, f);
	t->names[i] = p->name;
	t->organisations[i] = p->organisation == DESC_NULL ? ""
	    : arena_printf(t->a, "%" PRId64, p->organisation);
	t->subjects[i] = investigate_subject(t->a, f);
	t->due[i] = when_rfc3339(t->a, f->answer_by);
	t->next[i] = f->next_at == DESC_NULL ? ""
	    : when_rfc3339(t->a, f->next_at);
	for (size_t k = 0; k < f->contacts.n; k++)
		to[k] = LIST_AT(constituency_contact, f->contacts, k)->email;
	return campaign_mails_compose(db, t->s, &t->mails, i,
	    &(struct outbox_mail){
		.ticket = number,
		.to = to,
		.subject = mail_subject(t->a, t->s, number, NULL,
		    t->subjects[i]),
		.text = investigate_text(t->s, t->a, f, number),
		.files = files,
		.n_files = investigate_files(t->a, t->s, f, number, files),
	    },
	    err);
}

static bool
compose(struct db *db, struct sending *t, struct campaign_facts *f,
    GError **err)
{
	struct list numbers;

	campaign_mails_init(&t->mails, t->a, t->who, "notice",
	    "ticket.notify", t->n);
	t->names = column(t);
	t->organisations = column(t);
	t->subjects = column(t);
	t->due = column(t);
	t->next = column(t);
	if (!db_list(db, t->a, Q_CAMPAIGN_NUMBERS, DB_ARGS(DB_INT(
		(int64_t)t->n)), &desc_number, &numbers, err))
		return false;
	for (size_t i = 0; i < t->n; i++)
		t->place[LIST_AT(campaign_party, f->parties, i)->n - 1] =
		    (int)i;
	for (size_t i = 0; i < t->n; i++)
		if (!compose_one(db, t, i, LIST_AT(campaign_party, f->parties,
			i), &f->facts[i], LIST_AT(number, numbers, i)->number,
			err) ||
		    (t->tick != NULL && !t->tick(t->ctx, err)))
			return false;
	return true;
}

/* ---- the transaction ------------------------------------------------------ */

static bool
incident_of(struct db *db, struct sending *t, const struct campaign_locked *c,
    GError **err)
{
	struct ticket_locked row = {0};
	struct number made = {0};

	if (c->incident != DESC_NULL) {
		if (!ticket_lock(db, t->a, c->incident, 0, &row, err))
			return false;
		t->incident = c->incident;
		return !lifecycle_closed(row.status) ||
		    fault_set(err, FAULT_CONFLICT, "Incident #%" PRId64
			" is %s: open it again, or make a campaign without "
			"it.", row.number, row.status);
	}
	if (!db_one(db, t->a, Q_CASE_MAKE,
		DB_ARGS(DB_NULL, DB_TEXT("incident"), DB_TEXT(c->title),
		    DB_TEXT(c->type),
		    DB_INT(t->who->id > 0 ? t->who->id : DESC_NULL),
		    DB_INT(2), DB_TIME(DESC_NULL), DB_TEXT(c->tlp), DB_NULL,
		    DB_NULL, DB_NULL),
		&desc_number, &made, err) ||
	    !audit_write(db, t->who, "ticket.create", made.number, 0,
		arena_printf(t->a, "campaign %" PRId64, t->id), NULL,
		"incident", err))
		return false;
	t->incident = made.number;
	return true;
}

/* The rows become events; each party's thread hangs on the incident and is
 * about its own. */
static bool
make_threads(struct db *db, struct sending *t,
    const struct campaign_locked *c, GError **err)
{
	const struct db_arg id = DB_INT(t->id), incident = DB_INT(t->incident),
	    numbers = DB_TEXTS(t->mails.numbers);
	const char **threads = ARENA_ARRAY(t->a, const char *, t->places + 1);

	for (size_t n = 0; n < t->places; n++)
		threads[n] = t->place[n] >= 0
		    ? t->mails.numbers[t->place[n]] : "0";
	return db_exec(db, Q_CAMPAIGN_EVIDENCE_GOES,
		   DB_ARGS(DB_INT(c->message), incident), NULL, err) &&
	    db_exec(db, Q_CAMPAIGN_EVENT_MAKE,
		DB_ARGS(id, incident, DB_INT(c->message), DB_TEXT(c->type)),
		NULL, err) &&
	    db_exec(db, Q_CAMPAIGN_THREADS,
		DB_ARGS(numbers, DB_TEXTS(t->subjects), DB_TEXTS(t->due),
		    DB_TEXTS(t->organisations), DB_TEXT(c->type),
		    DB_TEXT(c->tlp), incident, DB_INT(t->who->id),
		    DB_TEXT(t->who->name)), NULL, err) &&
	    db_exec(db, Q_CAMPAIGN_LINKS, DB_ARGS(incident, numbers), NULL,
		err) &&
	    db_exec(db, Q_CAMPAIGN_ABOUT, DB_ARGS(id, DB_TEXTS(threads)),
		NULL, err);
}

static bool
queue(struct db *db, struct sending *t, GError **err)
{
	return campaign_mails_queue(db, t->s, &t->mails, t->id, 1, t->place,
		   t->places, err) &&
	    db_exec(db, Q_CAMPAIGN_TOLD,
		DB_ARGS(DB_TEXTS(t->mails.numbers),
		    DB_TEXTS(t->organisations), DB_TEXTS(t->names),
		    DB_TEXTS(t->mails.messages), DB_TEXTS(t->due),
		    DB_TEXTS(t->next)), NULL, err);
}

static bool
store(struct db *db, void *ctx, GError **err)
{
	struct sending *t = ctx;
	struct campaign_locked c = {0};

	/* What was composed is of the version that was loaded. */
	return db_patient(db, CAMPAIGN_MS, err) &&
	    campaign_lock_in(db, t->a, t->id, t->c.state, t->c.version, &c,
		err) &&
	    deed_begin(db, t->who, "campaign",
		c.incident != DESC_NULL ? c.incident : 0, NULL, err) &&
	    incident_of(db, t, &c, err) &&
	    make_threads(db, t, &c, err) &&
	    queue(db, t, err) &&
	    db_exec(db, Q_CAMPAIGN_SET_STATE,
		DB_ARGS(DB_INT(t->id), DB_TEXT("sent"), DB_INT(t->incident),
		    DB_NULL), NULL, err) &&
	    audit_write(db, t->who, "campaign.send", t->incident, 0,
		arena_printf(t->a, "campaign %" PRId64, t->id), NULL,
		arena_printf(t->a, "%zu told", t->n), err) &&
	    outbox_kick(db, err);
}

static bool
load(struct db *db, struct sending *t, const char *state, GError **err)
{
	if (!campaign_load(db, t->a, t->id, &t->c, err))
		return false;
	if (strcmp(t->c.state, state) != 0)
		return fault_set(err, FAULT_CONFLICT,
		    "This campaign is %s already.", t->c.state);
	return t->version == 0 || t->version == t->c.version ||
	    fault_set(err, FAULT_CONFLICT,
		"Somebody has changed this campaign since you saw it: "
		"look at it again.");
}

static bool
gather(struct db *db, struct sending *t, bool events,
    struct campaign_facts *f, GError **err)
{
	return campaign_gather(db, t->a, &t->c, 1, CAMPAIGN_PARTIES_MAX,
		   events, f, err) && pick(t, f, err);
}

static bool
send(struct db *db, struct sending *t, GError **err)
{
	struct campaign_facts f;

	return gather(db, t, true, &f, err) && set_times(db, t, &f, err) &&
	    compose(db, t, &f, err) && db_tx(db, store, t, err);
}

bool
campaign_send_now(struct db *db, const struct site *s,
    const struct actor *who, int64_t id, int64_t version,
    bool (*tick)(void *ctx, GError **err), void *ctx, int64_t *sent,
    GError **err)
{
	ARENA_AUTO(a, "campaign");
	struct sending t = {.s = s, .who = who, .a = a, .id = id,
	    .version = version, .tick = tick, .ctx = ctx};

	if (!load(db, &t, "sending", err) || !send(db, &t, err))
		return false;
	*sent = (int64_t)t.n;
	return true;
}

bool
campaign_send(struct db *db, const struct site *s, const struct actor *who,
    int64_t id, int64_t version, int64_t *sent, int64_t *incident,
    GError **err)
{
	ARENA_AUTO(a, "campaign");
	struct sending t = {.s = s, .who = who, .a = a, .id = id,
	    .version = version};
	struct campaign_facts f;

	if (!load(db, &t, "draft", err))
		return false;
	if (campaign_takes_long(s, (size_t)t.c.parties)) {
		if (!gather(db, &t, false, &f, err))
			return false;
		if (campaign_takes_long(s, t.n)) {
			*sent = (int64_t)t.n;
			*incident = 0;
			return campaign_begin_sending(db, a, who, &t.c, &f,
			    err);
		}
	}
	if (!send(db, &t, err))
		return false;
	if (sent != NULL)
		*sent = (int64_t)t.n;
	if (incident != NULL)
		*incident = t.incident;
	return true;
}
