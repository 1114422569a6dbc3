/*
 * Campaigns and advisories that take long to send: begun by who pressed the
 * button, carried out by a thread that may wait for gpg.  See campaign.h and
 * advisory.h.
 */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "core/account.h"
#include "core/audit.h"
#include "core/campaign/campaign_priv.h"
#include "core/list/advisory_priv.h"

enum {
	AT_ONCE = 10, /* mails that are sealed while somebody waits */
	TOLD_EVERY = 10,
};

bool
campaign_takes_long(const struct site *s, size_t mails)
{
	const struct conf *c = s->conf;

	return s->sealer != NULL && mails > AT_ONCE &&
	    (strcmp(c->pgp_sign, "off") != 0 ||
		strcmp(c->pgp_encrypt, "off") != 0);
}

struct beginning {
	const struct actor *who;
	struct arena *a;
	const struct campaign *c;
	const char *const *ns;
};

static bool
begin(struct db *db, void *ctx, GError **err)
{
	struct beginning *t = ctx;
	struct campaign_locked row = {0};

	/* The ticks are written down as they were seen: what is told before,
	 * or whom nobody can write to, may be another half a minute later. */
	return campaign_lock(db, t->a, t->c->id, t->c->version, &row, err) &&
	    db_exec(db, Q_CAMPAIGN_CHOOSE,
		DB_ARGS(DB_INT(t->c->id), DB_INT(1),
		    DB_INT(CAMPAIGN_PARTIES_MAX), DB_TEXTS(t->ns)), NULL,
		err) &&
	    db_exec(db, Q_CAMPAIGN_BEGIN,
		DB_ARGS(DB_INT(t->c->id), DB_INT(t->who->id)), NULL, err) &&
	    audit_write(db, t->who, "campaign.status",
		row.incident != DESC_NULL ? row.incident : 0, 0,
		arena_printf(t->a, "campaign %" PRId64, t->c->id), "draft",
		"sending", err);
}

bool
campaign_begin_sending(struct db *db, struct arena *a,
    const struct actor *who, const struct campaign *c,
    const struct campaign_facts *chosen, GError **err)
{
	const char **ns = ARENA_ARRAY(a, const char *, chosen->parties.n + 1);
	struct beginning t = {.who = who, .a = a, .c = c, .ns = ns};

	for (size_t i = 0; i < chosen->parties.n; i++)
		ns[i] = arena_printf(a, "%" PRId64,
		    LIST_AT(campaign_party, chosen->parties, i)->n);
	return db_tx(db, begin, &t, err);
}

/* ---- by the thread -------------------------------------------------------- */

#define TAKEN(F, S)                                                           \
	F(S, INT, id, none)                                                   \
	F(S, INT, version, none)                                              \
	F(S, INT, sender, none)                                               \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, role, none)                                                \
	F(S, BOOL, gone, none)
DESC_PRIVATE(taken, TAKEN);

/* What is signed: campaigns, and advisories with a word for each member. */
struct kind {
	enum db_query take, leave, composed, give_up;
	bool (*send)(struct db *db, const struct site *s,
	    const struct actor *who, int64_t id, int64_t version,
	    bool (*tick)(void *ctx, GError **err), void *ctx, int64_t *sent,
	    GError **err);
};

struct pace {
	struct db *db;
	const struct kind *kind;
	int64_t id;
	size_t n;
	bool (*stopping)(void *ctx);
	void *ctx;
};

static bool
tick(void *ctx, GError **err)
{
	struct pace *p = ctx;

	if (p->stopping(p->ctx))
		return fault_set(err, FAULT_AWAY, "The desk is stopping.");
	return ++p->n % TOLD_EVERY != 0 ||
	    db_exec(p->db, p->kind->composed,
		DB_ARGS(DB_INT(p->id), DB_INT((int64_t)p->n)), NULL, err);
}

/* It is what it was before and says why, unless somebody stopped it or another
 * host was faster; what passes by itself is tried again. */
static bool
give_up(struct db *db, const struct kind *kind, const struct taken *t,
    GError *why, GError **err)
{
	const char *words = fault_is(why, FAULT_BUG)
	    ? "It failed, by a mistake of ours." : why->message;

	if (!fault_retry(why) && !fault_is(why, FAULT_AWAY) &&
	    !fault_is(why, FAULT_UNSURE) &&
	    !db_exec(db, kind->give_up,
		DB_ARGS(DB_INT(t->id), DB_INT(t->version), DB_TEXT(words)),
		NULL, err)) {
		g_error_free(why);
		return false;
	}
	g_propagate_error(err, why);
	return false;
}

static bool
work(struct db *db, const struct site *s, const struct kind *kind,
    bool (*stopping)(void *ctx), void *ctx, int64_t *sent, GError **err)
{
	ARENA_AUTO(a, "sending");
	struct taken t = {0};
	struct actor who;
	struct pace pace = {.db = db, .kind = kind, .stopping = stopping,
	    .ctx = ctx};
	GError *why = NULL;
	bool found, ok;

	*sent = 0;
	/* (The house takes it; what is read of it is read as who sends it.) */
	db_as(db, DB_HOUSE);
	if (!db_opt(db, a, kind->take, DB_NONE, &desc_taken, &t, &found, err))
		return false;
	if (!found)
		return true;
	pace.id = t.id;
	who = (struct actor){t.sender, t.name, t.email, account_role(t.role)};
	db_as(db, t.sender);
	if (t.gone || (int)who.role < (int)ROLE_ANALYST)
		ok = fault_set(&why, FAULT_INPUT,
		    "Who asked for it may do so no more.");
	else
		ok = kind->send(db, s, &who, t.id, t.version, tick, &pace,
		    sent, &why);
	db_as(db, DB_HOUSE);
	if (!ok)
		ok = give_up(db, kind, &t, why, err);
	return db_exec(db, kind->leave, DB_ARGS(DB_INT(t.id)), NULL,
		   ok ? err : NULL) && ok;
}

bool
campaign_work(struct db *db, const struct site *s,
    bool (*stopping)(void *ctx), void *ctx, int64_t *sent, GError **err)
{
	static const struct kind kind = {Q_CAMPAIGN_TAKE, Q_CAMPAIGN_LEAVE,
	    Q_CAMPAIGN_COMPOSED, Q_CAMPAIGN_GIVE_UP, campaign_send_now};

	return work(db, s, &kind, stopping, ctx, sent, err);
}

bool
advisory_work(struct db *db, const struct site *s,
    bool (*stopping)(void *ctx), void *ctx, int64_t *sent, GError **err)
{
	static const struct kind kind = {Q_ADVISORY_TAKE, Q_ADVISORY_LEAVE,
	    Q_ADVISORY_COMPOSED, Q_ADVISORY_GIVE_UP, advisory_issue_now};

	return work(db, s, &kind, stopping, ctx, sent, err);
}
