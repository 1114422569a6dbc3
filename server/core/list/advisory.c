/* Writing, approving and reading advisories.  See advisory.h. */
#include "base/base.h"
#include "base/json.h"
#include "base/text.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/list/advisory.h"
#include "core/list/advisory_priv.h"
#include "core/list/topic.h"

DESC_TABLE(advisory_counts, ADVISORY_COUNTS);
DESC_TABLE(advisory, ADVISORY);
DESC_TABLE(advisory_row, ADVISORY_ROW);
DESC_TABLE(advisory_delivery, ADVISORY_DELIVERY);
DESC_TABLE(advisory_domain, ADVISORY_DOMAIN);
DESC_TABLE(advisory_progress, ADVISORY_PROGRESS);

/* ["a","b"] as the database writes it */
static const char *const *
texts_of(struct arena *a, const char *json)
{
	GPtrArray *out = arena_ptr_array(a);
	const struct json *j = NULL;

	if (json != NULL)
		json_parse(a, json, strlen(json), &j, NULL);
	for (size_t i = 0; i < json_len(j); i++)
		g_ptr_array_add(out,
		    arena_strdup(a, json_str(json_at(j, i), "")));
	g_ptr_array_add(out, NULL);
	return (const char *const *)out->pdata;
}

bool
advisory_lock(struct db *db, struct arena *a, int64_t number,
    int64_t version, struct advisory *row, struct advisory_draft *d,
    GError **err)
{
	bool found;

	if (!db_opt(db, a, Q_ADVISORY_LOCK, DB_ARGS(DB_INT(number)),
		&desc_advisory, row, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no advisory %" PRId64 ".", number);
	if (version != 0 && version != row->version)
		return fault_set(err, FAULT_CONFLICT,
		    "Somebody changed this advisory while you looked at it.");
	*d = (struct advisory_draft){
	    .title = row->title,
	    .body = row->body,
	    .tlp = row->tlp,
	    .lists = texts_of(a, row->lists),
	    .topics = texts_of(a, row->topics),
	    .cves = texts_of(a, row->cves),
	};
	return true;
}

#define LIST_GATE(F, S)                                                       \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, max_tlp, none)
DESC_PRIVATE(list_gate, LIST_GATE);
#define SLUG_ROW(F, S) F(S, TEXT, slug, none)
DESC_PRIVATE(slug_row, SLUG_ROW);

bool
advisory_gates(struct db *db, struct arena *a,
    const struct advisory_draft *d, GError **err)
{
	struct slug_row unknown = {0};
	bool found;

	for (size_t i = 0; d->lists[i] != NULL; i++) {
		struct list_gate l = {0};

		if (!db_opt(db, a, Q_ADVISORY_LIST_GATE,
			DB_ARGS(DB_TEXT(d->lists[i])), &desc_list_gate, &l,
			&found, err))
			return false;
		if (!found)
			return fault_set(err, FAULT_INPUT,
			    "There is no list %s.", d->lists[i]);
		if (!advisory_gate(d->tlp, l.name, l.max_tlp, err))
			return false;
	}
	if (!db_opt(db, a, Q_TOPIC_UNKNOWN, DB_ARGS(DB_TEXTS(d->topics)),
		&desc_slug_row, &unknown, &found, err))
		return false;
	if (found)
		return fault_set(err, FAULT_INPUT, "There is no topic %s.",
		    unknown.slug);
	return true;
}

/* -- create, edit, approve -- */

struct act {
	struct arena *a; /* of one try: emptied before the next */
	const struct site *site;
	const struct actor *by;
	const struct advisory_draft *draft;
	int64_t number, version;
};

static bool
may_write(const struct actor *by, GError **err)
{
	return advisory_may_write(by) ||
	    fault_set(err, FAULT_DENIED,
		"Analysts and leads write advisories.");
}

/* Runs fn in a transaction with a fresh arena for each try. */
static bool
act_tx(struct db *db, struct act *act,
    bool (*fn)(struct db *, void *, GError **), GError **err)
{
	bool ok;

	act->a = arena_new("advisory");
	ok = db_in_tx(db) ? fn(db, act, err) : db_tx(db, fn, act, err);
	arena_free(act->a);
	act->a = NULL;
	return ok;
}

#define NUMBER_ROW(F, S)                                                      \
	F(S, INT, number, none)                                               \
	F(S, TIME, created, none)
DESC_PRIVATE(number_row, NUMBER_ROW);

static bool
create_tx(struct db *db, void *ctx, GError **err)
{
	struct act *act = ctx;
	const struct advisory_draft *d = act->draft;
	struct number_row row = {0};

	if (!advisory_gates(db, act->a, d, err) ||
	    !db_one(db, act->a, Q_ADVISORY_INSERT,
		DB_ARGS(DB_TEXT(d->title), DB_TEXT(d->body), DB_TEXT(d->tlp),
		    DB_TEXTS(d->lists), DB_TEXTS(d->topics), DB_TEXTS(d->cves),
		    DB_INT(act->by->id)),
		&desc_number_row, &row, err))
		return false;
	act->number = row.number;
	return audit_write(db, act->by, "advisory.create", 0, row.number,
	    NULL, NULL, d->title, err);
}

bool
advisory_create(struct db *db, const struct site *s, const struct actor *by,
    const struct advisory_draft *d, int64_t *number, GError **err)
{
	ARENA_AUTO(a, "advisory-create");
	struct advisory_draft clean = *d;
	struct act act = {.site = s, .by = by, .draft = &clean};

	if (!may_write(by, err) || !advisory_check(a, &clean, NULL, err) ||
	    !act_tx(db, &act, create_tx, err))
		return false;
	*number = act.number;
	return true;
}

static bool
edit_tx(struct db *db, void *ctx, GError **err)
{
	struct act *act = ctx;
	const struct advisory_draft *give = act->draft;
	struct advisory row = {0};
	struct advisory_draft d;

	if (!advisory_lock(db, act->a, act->number, act->version, &row, &d,
		err))
		return false;
	if (strcmp(row.state, "issued") == 0)
		return fault_set(err, FAULT_CONFLICT,
		    "An issued advisory cannot be changed; write a new one.");
#define TAKE(field)                                                           \
	if (give->field != NULL)                                              \
	d.field = give->field
	TAKE(title);
	TAKE(body);
	TAKE(tlp);
	TAKE(lists);
	TAKE(topics);
	TAKE(cves);
#undef TAKE
	if (!advisory_check(act->a, &d, NULL, err) ||
	    !advisory_gates(db, act->a, &d, err))
		return false;
	return db_exec(db, Q_ADVISORY_UPDATE,
		   DB_ARGS(DB_INT(act->number), DB_TEXT(d.title),
		       DB_TEXT(d.body), DB_TEXT(d.tlp), DB_TEXTS(d.lists),
		       DB_TEXTS(d.topics), DB_TEXTS(d.cves),
		       DB_INT(act->by->id)),
		   NULL, err) &&
	    audit_write(db, act->by, "advisory.edit", 0, act->number,
		strcmp(row.state, "sending") == 0 ?
		    "sending stopped, approval voided" :
		    strcmp(row.state, "draft") != 0 ? "approval voided" : NULL,
		row.title, d.title, err);
}

bool
advisory_edit(struct db *db, const struct site *s, const struct actor *by,
    int64_t number, int64_t version, const struct advisory_draft *d,
    GError **err)
{
	struct act act = {.site = s, .by = by, .draft = d, .number = number,
	    .version = version};

	return may_write(by, err) && act_tx(db, &act, edit_tx, err);
}

static bool
approve_tx(struct db *db, void *ctx, GError **err)
{
	struct act *act = ctx;
	struct advisory row = {0};
	struct advisory_draft d;

	if (!advisory_lock(db, act->a, act->number, act->version, &row, &d,
		err))
		return false;
	if (act->by->id == row.author_id || act->by->id == row.editor_id)
		return fault_set(err, FAULT_DENIED,
		    "You %s this advisory; a second person approves it.",
		    act->by->id == row.author_id ? "wrote" : "edited");
	if (strcmp(row.state, "draft") != 0)
		return fault_set(err, FAULT_CONFLICT,
		    "This advisory is %s already.", row.state);
	/* A list may have become stricter since the draft was written. */
	if (!advisory_gates(db, act->a, &d, err))
		return false;
	return db_exec(db, Q_ADVISORY_APPROVE,
		   DB_ARGS(DB_INT(act->number), DB_INT(act->by->id)), NULL,
		   err) &&
	    audit_write(db, act->by, "advisory.approve", 0, act->number, NULL,
		NULL, NULL, err);
}

bool
advisory_approve(struct db *db, const struct actor *by, int64_t number,
    int64_t version, GError **err)
{
	struct act act = {.by = by, .number = number, .version = version};

	return may_write(by, err) && act_tx(db, &act, approve_tx, err);
}

static bool
stop_tx(struct db *db, void *ctx, GError **err)
{
	struct act *act = ctx;
	struct advisory row = {0};
	struct advisory_draft d;

	if (!advisory_lock(db, act->a, act->number, act->version, &row, &d,
		err))
		return false;
	if (strcmp(row.state, "sending") != 0)
		return fault_set(err, FAULT_CONFLICT, "This advisory is %s.",
		    row.state);
	return db_exec(db, Q_ADVISORY_STOP,
		   DB_ARGS(DB_INT(act->number), DB_INT(act->by->id)), NULL,
		   err) &&
	    audit_write(db, act->by, "advisory.stop", 0, act->number, NULL,
		NULL, NULL, err);
}

bool
advisory_stop(struct db *db, const struct actor *by, int64_t number,
    int64_t version, GError **err)
{
	struct act act = {.by = by, .number = number, .version = version};

	return may_write(by, err) && act_tx(db, &act, stop_tx, err);
}

/* -- reading -- */

#define COUNT_ROW(F, S) F(S, INT, n, none)
DESC_PRIVATE(count_row, COUNT_ROW);

bool
advisory_get(struct db *db, struct arena *a, const struct site *s,
    int64_t number, struct advisory *out, GError **err)
{
	struct advisory v = {0};
	struct advisory_counts *c = ARENA_NEW(a, struct advisory_counts);
	struct count_row n = {0};
	bool found;

	if (!db_opt(db, a, Q_ADVISORY_GET, DB_ARGS(DB_INT(number)),
		&desc_advisory, &v, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no advisory %" PRId64 ".", number);
	if (!db_one(db, a, Q_ADVISORY_COUNTS, DB_ARGS(DB_INT(number)),
		&desc_advisory_counts, c, err))
		return false;
	v.id = advisory_id(a, s, v.number, v.created);
	v.deliveries = c;
	if (strcmp(v.state, "issued") == 0) {
		v.recipients = c->queued + c->claimed + c->handing + c->sent +
		    c->deferred + c->refused + c->bounced + c->expired +
		    c->held;
	} else {
		if (!db_one(db, a, Q_ADVISORY_RECIPIENTS,
			DB_ARGS(DB_TEXTS(texts_of(a, v.lists))),
			&desc_count_row, &n, err))
			return false;
		v.recipients = n.n;
		/* The address that the page will have. */
		if (topic_public(v.tlp))
			v.slug = advisory_slug(a, &v);
	}
	*out = v;
	return true;
}

bool
advisory_list(struct db *db, struct arena *a, const struct site *s,
    int64_t page, struct list *out, int64_t *total, GError **err)
{
	struct count_row n = {0};
	struct list l = {0};

	if (page < 0 || page > INT32_MAX)
		return fault_set(err, FAULT_ABSENT, "There is no such page.");
	if (!db_one(db, a, Q_ADVISORY_COUNT, DB_NONE, &desc_count_row, &n,
		err) ||
	    !db_list(db, a, Q_ADVISORY_LIST,
		DB_ARGS(DB_INT(ADVISORY_PAGE), DB_INT(page * ADVISORY_PAGE)),
		&desc_advisory_row, &l, err))
		return false;
	for (size_t i = 0; i < l.n; i++) {
		struct advisory_row *r = LIST_AT(advisory_row, l, i);

		r->id = advisory_id(a, s, r->number, r->created);
	}
	*out = l;
	*total = n.n;
	return true;
}

bool
advisory_deliveries(struct db *db, struct arena *a, int64_t number,
    const char *state, int64_t page, struct list *out, int64_t *total,
    GError **err)
{
	struct count_row n = {0};
	struct list l = {0};

	if (page < 0 || page > INT32_MAX)
		return fault_set(err, FAULT_ABSENT, "There is no such page.");
	if (!db_one(db, a, Q_ADVISORY_DELIVERIES_COUNT,
		DB_ARGS(DB_INT(number), DB_TEXT(state)), &desc_count_row, &n,
		err) ||
	    !db_list(db, a, Q_ADVISORY_DELIVERIES,
		DB_ARGS(DB_INT(number), DB_TEXT(state), DB_INT(ADVISORY_PAGE),
		    DB_INT(page * ADVISORY_PAGE)),
		&desc_advisory_delivery, &l, err))
		return false;
	*out = l;
	*total = n.n;
	return true;
}

bool
advisory_progress(struct db *db, struct arena *a, int64_t number,
    struct advisory_progress *out, GError **err)
{
	struct advisory_progress p = {0};
	int64_t open;

	if (!db_one(db, a, Q_ADVISORY_PROGRESS, DB_ARGS(DB_INT(number)),
		&desc_advisory_progress, &p, err) ||
	    !db_list(db, a, Q_ADVISORY_DOMAINS, DB_ARGS(DB_INT(number)),
		&desc_advisory_domain, &p.domains, err))
		return false;
	if (g_strcmp0(p.state, "sending") == 0) {
		p.total = p.mails;
		p.done = p.composed;
		p.left = DESC_NULL;
		p.busy = true;
		*out = p;
		return true;
	}
	open = p.waiting + p.deferred;
	p.left = open == 0 ? 0 : p.waiting > 0 && p.rate > 0 ?
	    (p.waiting + p.rate - 1) / p.rate : DESC_NULL;
	p.busy = p.waiting > 0;
	*out = p;
	return true;
}
