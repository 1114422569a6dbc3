/* See timer.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/when.h"
#include "core/campaign/campaign.h"
#include "core/case/case.h"
#include "core/feed/digest.h"
#include "core/feed/finding.h"
#include "core/intake/group.h"
#include "core/list/advisory.h"
#include "core/list/roster.h"
#include "core/notice/copyright.h"
#include "core/notice/notice.h"
#include "core/notice/outcome.h"
#include "core/outgoing/ledger.h"
#include "core/ticket/bulk.h"
#include "core/ticket/draft.h"
#include "jobs/timer.h"

struct timer {
	struct timer *slow; /* what may take long, beside the rest */
	const struct chore *chores;
	size_t n;
	const struct site *site;
	struct db *db;
	GThread *thread;
	GMutex lock;
	GCond changed;
	bool stop;
};

static bool
sweep(struct timer *t, GError **err)
{
	int64_t n;

	if (!ledger_sweep(t->db, t->site, &n, err))
		return false;
	if (n > 0)
		log_notice("delivery.swept", LOG_I("n", n));
	return true;
}

static bool
expire(struct timer *t, GError **err)
{
	int64_t n;

	if (!ledger_expire(t->db, t->site, &n, err))
		return false;
	if (n > 0)
		log_warning("delivery.expired", LOG_I("n", n));
	return true;
}

static bool
roster(struct timer *t, GError **err)
{
	int64_t n;

	if (!roster_expire(t->db, &n, err))
		return false;
	if (n > 0)
		log_info("list.expired", LOG_I("n", n));
	return true;
}

static bool
gone(struct timer *t, GError **err)
{
	int64_t n;

	if (!finding_sweep(t->db, &n, err))
		return false;
	if (n > 0)
		log_info("finding.gone", LOG_I("n", n));
	return true;
}

/* Says nothing of its own: what it did is on each ticket. */
static bool
group(struct timer *t, GError **err)
{
	return !t->site->conf->intake_group || group_sweep(t->db, err);
}

/* What each did is on its ticket. */
static bool
notices(struct timer *t, GError **err)
{
	int64_t n;

	if (!notice_clock(t->db, t->site, when_now(), &n, err))
		return false;
	if (n > 0)
		log_info("notice.due", LOG_I("n", n));
	return true;
}

static bool
outcomes(struct timer *t, GError **err)
{
	int64_t now = when_now(), sent, summaries;

	if (!outcome_send(t->db, t->site, now, &sent, err) ||
	    !outcome_summaries(t->db, t->site, now, &summaries, err))
		return false;
	if (sent + summaries > 0)
		log_info("outcome.sent", LOG_I("n", sent + summaries));
	return true;
}

static bool
copyright(struct timer *t, GError **err)
{
	int64_t n;

	if (!copyright_run(t->db, t->site, when_now(), &n, err))
		return false;
	if (n > 0)
		log_info("copyright.looked", LOG_I("n", n));
	return true;
}

static bool stopping_now(void *ctx);

/* Long enough to come forward, short enough that what else is due waits
 * little. */
enum { BULK_ROUND_MS = 2000 };

static bool
bulk(struct timer *t, GError **err)
{
	int64_t n;

	if (!bulk_work(t->db, t->site, BULK_ROUND_MS * INT64_C(1000), &n,
		err))
		return false;
	if (n > 0)
		log_info("bulk.done", LOG_I("n", n));
	return true;
}

/* Mails that gpg signs: half a minute for four hundred. */
static bool
campaigns(struct timer *t, GError **err)
{
	int64_t n;

	if (!campaign_work(t->db, t->site, stopping_now, t, &n, err))
		return false;
	if (n > 0)
		log_info("campaign.sent", LOG_I("n", n));
	return true;
}

static bool
advisories(struct timer *t, GError **err)
{
	int64_t n;

	if (!advisory_work(t->db, t->site, stopping_now, t, &n, err))
		return false;
	if (n > 0)
		log_info("advisory.sent", LOG_I("n", n));
	return true;
}

static bool
countermeasures(struct timer *t, GError **err)
{
	int64_t n;

	if (!case_expire(t->db, &n, err))
		return false;
	if (n > 0)
		log_info("countermeasure.over", LOG_I("n", n));
	return true;
}

/* What is gone is known first. */
static bool
digest(struct timer *t, GError **err)
{
	static const enum digest_kind kinds[] = {DIGEST_DAILY, DIGEST_WEEKLY};

	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		bool made = false;
		char day[11];

		if (!digest_is_due(t->site->conf, kinds[i], when_now(), day))
			continue;
		if (kinds[i] == DIGEST_WEEKLY &&
		    !digest_week_made(t->db, day, &made, err))
			return false;
		if (made)
			continue;
		if (!gone(t, err) ||
		    !digest_run(t->db, t->site, kinds[i], day, stopping_now,
			t, NULL, err))
			return false;
	}
	return true;
}

static bool
clean(struct timer *t, GError **err)
{
	const struct conf *c = t->site->conf;

	return db_exec(t->db, Q_TIMER_SESSIONS,
		   DB_ARGS(DB_INT(c->http_session_idle)), NULL, err) &&
	    db_exec(t->db, Q_TIMER_THROTTLE, DB_NONE, NULL, err) &&
	    db_exec(t->db, Q_TIMER_BUCKETS, DB_NONE, NULL, err) &&
	    db_exec(t->db, Q_TIMER_SEEN,
		DB_ARGS(DB_INT(c->intake_duplicate_days)), NULL, err) &&
	    draft_sweep(t->db, err) && bulk_sweep(t->db, err);
}

/* How often each is done; a lease is looked at often enough to count. */
static const struct chore {
	const char *name;
	bool (*fn)(struct timer *t, GError **err);
	int64_t every; /* s; 0: a quarter of the lease, at most 10 */
} chores[] = {
    {"sweep", sweep, 0},
    {"expire", expire, 30},
    {"roster", roster, 300},
    {"gone", gone, 300},
    {"digest", digest, 60},
    {"group", group, 2},
    {"notices", notices, 10},
    {"copyright", copyright, 30},
    {"outcomes", outcomes, 30},
    {"countermeasures", countermeasures, 20},
    {"bulk", bulk, 1},
    {"clean", clean, 600},
}, slow_chores[] = {
    {"campaigns", campaigns, 1},
    {"advisories", advisories, 1},
};
enum { CHORES_MAX = COUNT_OF(chores) };

static int64_t
every(const struct timer *t, const struct chore *c)
{
	int64_t s = c->every != 0
	    ? c->every : CLAMP(t->site->conf->sender_lease / 4, 1, 10);

	s = MIN(s, t->site->conf->timer_at_most);
	return s * WHEN_SECOND;
}

static bool
stopping(struct timer *t)
{
	bool stop;

	g_mutex_lock(&t->lock);
	stop = t->stop;
	g_mutex_unlock(&t->lock);
	return stop;
}

static bool
stopping_now(void *ctx)
{
	return stopping(ctx);
}

static gpointer
run(gpointer arg)
{
	struct timer *t = arg;
	int64_t next[CHORES_MAX] = {0};

	g_mutex_lock(&t->lock);
	while (!t->stop) {
		g_mutex_unlock(&t->lock);
		/* (A database that hangs keeps each of them for seconds.) */
		for (size_t i = 0; i < t->n && !stopping(t); i++) {
			g_autoptr(GError) err = NULL;

			if (when_ticks() < next[i])
				continue;
			next[i] = when_ticks() + every(t, &t->chores[i]);
			if (!t->chores[i].fn(t, &err))
				log_fault("timer.failed", err);
		}
		g_mutex_lock(&t->lock);
		if (!t->stop)
			g_cond_wait_until(&t->changed, &t->lock,
			    g_get_monotonic_time() + G_USEC_PER_SEC);
	}
	g_mutex_unlock(&t->lock);
	return NULL;
}

static struct timer *
start(const struct site *s, const char *name, const struct chore *c, size_t n)
{
	struct timer *t = g_new0(struct timer, 1);

	t->site = s;
	t->chores = c;
	t->n = n;
	t->db = db_open(s->conf, name);
	g_mutex_init(&t->lock);
	g_cond_init(&t->changed);
	return t;
}

bool
timer_start(const struct site *s, struct timer **out, GError **err)
{
	struct timer *t = start(s, "tocsin timer", chores, COUNT_OF(chores));

	(void)err; /* nothing that can fail; all starters look alike */
	t->slow = start(s, "tocsin campaigns", slow_chores,
	    COUNT_OF(slow_chores));
	/* Campaigns are sent as who asked for it sees them. */
	db_desk(t->slow->db);
	t->slow->thread = g_thread_new("campaigns", run, t->slow);
	t->thread = g_thread_new("timer", run, t);
	*out = t;
	return true;
}

void
timer_end(struct timer *t)
{
	if (t == NULL)
		return;
	g_mutex_lock(&t->lock);
	t->stop = true;
	g_cond_signal(&t->changed);
	g_mutex_unlock(&t->lock);
	timer_end(t->slow);
}

void
timer_stop(struct timer *t)
{
	if (t == NULL)
		return;
	timer_end(t);
	timer_stop(t->slow);
	g_thread_join(t->thread);
	db_close(t->db);
	g_mutex_clear(&t->lock);
	g_cond_clear(&t->changed);
	g_free(t);
}
