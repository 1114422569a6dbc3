/* The advisory that says more of what a campaign told: see campaign.h. */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/campaign/campaign_priv.h"
#include "core/list/advisory.h"
#include "core/list/topic.h"
#include "core/ticket/text_template.h"

#define NAME(F, S) F(S, TEXT, name, none)
DESC_PRIVATE(name, NAME);
#define RESTRICTED(F, S) F(S, BOOL, restricted, none)
DESC_PRIVATE(restricted, RESTRICTED);

struct joining {
	const struct site *s;
	const struct actor *who;
	struct arena *a;
	int64_t id, version, advisory;
	bool begin;
};

/* Everybody sees an advisory, and what it says to whom. */
static bool
may_have(struct db *db, struct joining *t, struct campaign *c, GError **err)
{
	struct restricted r = {0};

	if (!campaign_load(db, t->a, t->id, c, err))
		return false;
	if (campaign_is_digest(c))
		return fault_set(err, FAULT_INPUT,
		    "A digest belongs to no advisory.");
	if (!db_one(db, t->a, Q_CAMPAIGN_RESTRICTED, DB_ARGS(DB_INT(t->id)),
		&desc_restricted, &r, err))
		return false;
	return !r.restricted ||
	    fault_set(err, FAULT_INPUT, "Its incident is restricted, and an "
		"advisory is for everybody.");
}

static const char *const *
names(struct db *db, struct arena *a, enum db_query q, struct db_args args,
    GError **err)
{
	struct list rows;
	const char **out;

	if (!db_list(db, a, q, args, &desc_name, &rows, err))
		return NULL;
	out = ARENA_ARRAY(a, const char *, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++)
		out[i] = LIST_AT(name, rows, i)->name;
	return out;
}

/* To begin from: what it is about, whom it goes to. */
static bool
draft(struct db *db, struct joining *t, const struct campaign *c, GError **err)
{
	static const char *const topics[] = {TOPIC_FIRST, NULL};
	const struct text_facts facts = {.number = c->incident,
	    .subject = c->title, .type = c->type, .kind = "incident",
	    .first = DESC_NULL, .received = c->created};
	struct advisory_draft d = {.title = c->title, .topics = topics,
	    .tlp = c->tlp != NULL ? c->tlp : "AMBER"};

	d.body = text_blank(c->words)
	    ? "Write what is known, and what to do.\n"
	    : text_fill(t->a, t->s, t->who, &facts, c->words, false);
	d.lists = names(db, t->a, Q_CAMPAIGN_CLOSED_LISTS, DB_NONE, err);
	if (d.lists == NULL)
		return false;
	d.cves = names(db, t->a, Q_CAMPAIGN_CVES, DB_ARGS(DB_INT(t->id)),
	    err);
	return d.cves != NULL &&
	    advisory_create(db, t->s, t->who, &d, &t->advisory, err);
}

/* What goes out is another text now: who approved it has not read that. */
static bool
touch(struct db *db, struct joining *t, int64_t advisory, GError **err)
{
	return advisory == DESC_NULL || advisory == 0 ||
	    db_exec(db, Q_CAMPAIGN_TOUCH_ADVISORY,
		DB_ARGS(DB_INT(advisory), DB_INT(t->who->id)), NULL, err);
}

static bool
join(struct db *db, void *ctx, GError **err)
{
	struct joining *t = ctx;
	struct campaign_locked row = {0};
	struct campaign c = {0};
	struct advisory adv = {0};

	if (!campaign_lock_in(db, t->a, t->id, "sent", t->version, &row, err) ||
	    !may_have(db, t, &c, err) ||
	    (t->begin && !draft(db, t, &c, err)) ||
	    (t->advisory > 0 &&
		!advisory_get(db, t->a, t->s, t->advisory, &adv, err)))
		return false;
	return touch(db, t, c.advisory, err) &&
	    touch(db, t, t->advisory, err) &&
	    db_exec(db, Q_CAMPAIGN_SET_ADVISORY,
		DB_ARGS(DB_INT(t->id), DB_INT(t->advisory)), NULL, err) &&
	    audit_write(db, t->who, "campaign.advisory", 0,
		t->advisory > 0 ? t->advisory : c.advisory,
		arena_printf(t->a, "campaign %" PRId64, t->id),
		c.advisory == DESC_NULL ? NULL
		    : arena_printf(t->a, "%" PRId64, c.advisory),
		t->advisory == 0 ? NULL
		    : arena_printf(t->a, "%" PRId64, t->advisory), err);
}

static bool
run(struct db *db, struct joining *t, GError **err)
{
	return advisory_may_write(t->who) ? db_tx(db, join, t, err)
	    : fault_set(err, FAULT_DENIED,
		  "Analysts and leads write advisories.");
}

bool
campaign_set_advisory(struct db *db, const struct site *s,
    const struct actor *who, int64_t id, int64_t version, int64_t advisory,
    GError **err)
{
	ARENA_AUTO(a, "campaign");
	struct joining t = {.s = s, .who = who, .a = a, .id = id,
	    .version = version, .advisory = advisory};

	return run(db, &t, err);
}

bool
campaign_begin_advisory(struct db *db, const struct site *s,
    const struct actor *who, int64_t id, int64_t version, int64_t *advisory,
    GError **err)
{
	ARENA_AUTO(a, "campaign");
	struct joining t = {.s = s, .who = who, .a = a, .id = id,
	    .version = version, .begin = true};

	if (!run(db, &t, err))
		return false;
	*advisory = t.advisory;
	return true;
}
