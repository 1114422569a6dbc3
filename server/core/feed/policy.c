/* See policy.h. */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/feed/policy.h"

DESC_TABLE(policy_draft, POLICY_DRAFT);
DESC_TABLE(policy_rule, POLICY_RULE);
DESC_TABLE(policy_trial, POLICY_TRIAL);

#define POLICY_WORDS(F, S)                                                    \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, words, none)                                               \
	F(S, BOOL, for_all, none)
DESC_PRIVATE(policy_words, POLICY_WORDS);

const char *const policy_actions[] = {"ignore", "count", "digest-daily",
    "digest-weekly", "notice", "ticket", NULL};
const char *const policy_severities[] = {"critical", "high", "medium", "low",
    "info", NULL};

static bool
among(const char *s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (g_strcmp0(s, *list) == 0)
			return true;
	return false;
}

static const char *
or_null(const char *s)
{
	return text_blank(s) ? NULL : s;
}

static bool
only(const char *s, const char *bytes)
{
	return strspn(s, bytes) == strlen(s);
}

#define LETTERS "abcdefghijklmnopqrstuvwxyz"

static bool
check(struct arena *a, const struct policy_draft *d, GError **err)
{
	const char *feed = or_null(d->feed), *type = or_null(d->type);
	const char *until = or_null(d->until), *star;
	int64_t t;

	star = feed != NULL ? strchr(feed, '*') : NULL;
	if (feed != NULL && (strlen(feed) > 200 || feed[0] == '*' ||
		strpbrk(feed, " \t\n") != NULL ||
		(star != NULL && star[1] != '\0')))
		return fault_set(err, FAULT_INPUT, "A feed is a name, or the "
		    "beginning of names and *: shadowserver/scan*.");
	if (type != NULL && (strlen(type) > 100 ||
		!only(type, LETTERS "0123456789-/") || type[0] == '/' ||
		g_str_has_suffix(type, "/")))
		return fault_set(err, FAULT_INPUT, "A type is a class, or "
		    "class/type: vulnerable, malicious-code/c2-server.");
	if (or_null(d->severity) != NULL &&
	    !among(d->severity, policy_severities))
		return fault_set(err, FAULT_INPUT, "A severity is critical, "
		    "high, medium, low or info.");
	if (!among(d->action, policy_actions))
		return fault_set(err, FAULT_INPUT, "An action is ignore, "
		    "count, digest-daily, digest-weekly, notice or ticket.");
	if (until == NULL)
		return true;
	if (strlen(until) != 10 || !when_parse_rfc3339(
		arena_printf(a, "%sT00:00:00Z", until), &t))
		return fault_set(err, FAULT_INPUT,
		    "The last day is written 2026-12-31.");
	if (text_blank(d->reason))
		return fault_set(err, FAULT_INPUT,
		    "A rule with an end needs a reason.");
	return strcmp(d->action, "ignore") == 0 ||
	    strcmp(d->action, "count") == 0 ||
	    fault_set(err, FAULT_INPUT, "A rule with an end goes before all "
		"others, so it can only ignore or count.");
}

bool
policy_list(struct db *db, struct arena *a, struct list *rules, GError **err)
{
	if (!db_list(db, a, Q_POLICY_LIST, DB_NONE, &desc_policy_rule, rules,
		err))
		return false;
	for (size_t i = 0; i < rules->n; i++) {
		struct policy_rule *r = LIST_AT(policy_rule, *rules, i);

		r->threshold = r->at_least > 1;
	}
	return true;
}

struct job {
	const struct actor *who;
	struct arena *a;
	int64_t id;
	const struct policy_draft *d;
	int64_t saved;
	/* of a trial */
	struct list trial;
	bool looked;
};

/* The rule as the audit trail has it. */
static bool
words(struct db *db, struct arena *a, int64_t id, struct policy_words *out,
    GError **err)
{
	bool found;

	return db_opt(db, a, Q_POLICY_WORDS, DB_ARGS(DB_INT(id)),
		   &desc_policy_words, out, &found, err) &&
	    (found ||
		fault_set(err, FAULT_ABSENT, "There is no such rule."));
}

static bool
member(struct db *db, struct arena *a, const char *handle, int64_t *id,
    GError **err)
{
	struct policy_words o = {0};
	bool found;

	*id = DESC_NULL;
	if (handle == NULL)
		return true;
	if (!db_opt(db, a, Q_ORGANISATION_ID, DB_ARGS(DB_TEXT(handle)),
		&desc_policy_words, &o, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_INPUT,
		    "No member has the handle %s.", text_cut(a, handle, 60));
	*id = o.id;
	return true;
}

static bool
store(struct db *db, struct job *j, GError **err)
{
	const struct policy_draft *d = j->d;
	struct policy_words row = {0};
	int64_t organisation;

#define COMMON                                                                \
	DB_TEXT(or_null(d->feed)), DB_TEXT(or_null(d->type)),                 \
	    DB_TEXT(or_null(d->severity)), DB_INT(organisation),              \
	    DB_TEXT(d->action), DB_INT(d->at_least), DB_BOOL(d->only_new),    \
	    DB_INT(d->gone_days), DB_TEXT(or_null(d->until)),                 \
	    DB_TEXT(d->reason), DB_TEXT(j->who->name)
	if (!member(db, j->a, or_null(d->organisation), &organisation, err) ||
	    !(j->id == 0
		    ? db_one(db, j->a, Q_POLICY_ADD, DB_ARGS(COMMON),
			  &desc_policy_words, &row, err)
		    : db_one(db, j->a, Q_POLICY_CHANGE,
			  DB_ARGS(COMMON, DB_INT(j->id)), &desc_policy_words,
			  &row, err)))
		return false;
#undef COMMON
	j->saved = row.id;
	return true;
}

static bool
save(struct db *db, void *p, GError **err)
{
	struct job *j = p;
	struct policy_words old = {0}, new = {0};

	return (j->id == 0 || words(db, j->a, j->id, &old, err)) &&
	    store(db, j, err) && words(db, j->a, j->saved, &new, err) &&
	    audit_write(db, j->who,
		j->id == 0 ? "policy.add" : "policy.change", 0, 0,
		arena_printf(j->a, "rule %" PRId64, j->saved), old.words,
		new.words, err);
}

static bool
said(GError **err, GError *why)
{
	if (fault_is(why, FAULT_CONFLICT)) {
		g_error_free(why);
		return fault_set(err, FAULT_CONFLICT,
		    "There is a rule for this feed, type, severity and member "
		    "already: change that one.");
	}
	g_propagate_error(err, why);
	return false;
}

bool
policy_save(struct db *db, const struct actor *who, int64_t id,
    const struct policy_draft *d, int64_t *saved, GError **err)
{
	ARENA_AUTO(a, "policy");
	struct job j = {.who = who, .a = a, .id = id, .d = d};
	GError *why = NULL;

	if (!check(a, d, err))
		return false;
	if (!db_tx(db, save, &j, &why))
		return said(err, why);
	*saved = j.saved;
	return true;
}

static bool
remove_rule(struct db *db, void *p, GError **err)
{
	struct job *j = p;
	struct policy_words old = {0};

	if (!words(db, j->a, j->id, &old, err))
		return false;
	if (old.for_all)
		return fault_set(err, FAULT_INPUT, "The rule for all stays: "
		    "change what it does.");
	return db_exec(db, Q_POLICY_REMOVE, DB_ARGS(DB_INT(j->id)), NULL,
		   err) &&
	    audit_write(db, j->who, "policy.remove", 0, 0,
		arena_printf(j->a, "rule %" PRId64, j->id), old.words, NULL,
		err);
}

bool
policy_remove(struct db *db, const struct actor *who, int64_t id,
    GError **err)
{
	ARENA_AUTO(a, "policy");
	struct job j = {.who = who, .a = a, .id = id};

	return db_tx(db, remove_rule, &j, err);
}

/* The draft is saved, looked at, and rolled back: what is tried is what
 * will happen, by the same functions. */
static bool
try_it(struct db *db, void *p, GError **err)
{
	struct job *j = p;

	if ((j->d != NULL && !store(db, j, err)) ||
	    !db_list(db, j->a, Q_POLICY_PREVIEW, DB_NONE, &desc_policy_trial,
		&j->trial, err))
		return false;
	j->looked = true;
	return fault_set(err, FAULT_INPUT, "only tried");
}

bool
policy_try(struct db *db, struct arena *a, int64_t id,
    const struct policy_draft *d, struct list *trial, GError **err)
{
	static const struct actor nobody = {.name = "trial"};
	struct job j = {.who = &nobody, .a = a, .id = id, .d = d};
	GError *why = NULL;

	if (d != NULL && !check(a, d, err))
		return false;
	db_tx(db, try_it, &j, &why);
	if (!j.looked)
		return said(err, why);
	g_clear_error(&why);
	*trial = j.trial;
	return true;
}
