/* See digest.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/when.h"
#include "core/campaign/campaign_mail.h"
#include "core/feed/digest_priv.h"

DESC_TABLE(digest_finding, DIGEST_FINDING);
DESC_TABLE(digest_row, DIGEST_ROW);

#define DIGEST_DUE(F, S)                                                      \
	F(S, INT, organisation, none)                                         \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, handle, none)
DESC_PRIVATE(digest_due, DIGEST_DUE);

#define DIGEST_TICKET(F, S) F(S, INT, ticket, none)
DESC_PRIVATE(digest_ticket, DIGEST_TICKET);
#define DIGEST_CAMPAIGN(F, S) F(S, INT, id, none)
DESC_PRIVATE(digest_campaign, DIGEST_CAMPAIGN);
#define DIGEST_PARTY(F, S) F(S, INT, n, none)
DESC_PRIVATE(digest_party, DIGEST_PARTY);

static const char *const kinds[] = {"daily", "weekly"};
static const struct actor policy = {.id = 0, .name = "policy"};

bool
digest_is_due(const struct conf *c, enum digest_kind kind, int64_t now,
    char day[11])
{
	struct when_fields f;
	/* 1970-01-01 was a Thursday. */
	int64_t weekday = (now / WHEN_DAY + 3) % 7 + 1, back = 0;

	when_fields(now, &f);
	if (kind == DIGEST_WEEKLY) {
		back = (weekday - c->feeds_digest_weekday + 7) % 7;
		if (back == 0 && f.hour < c->feeds_digest_hour)
			back = 7;
		when_fields(now - back * WHEN_DAY, &f);
	} else if (f.hour < c->feeds_digest_hour) {
		return false;
	}
	g_snprintf(day, 11, "%04d-%02d-%02d", f.year, f.month, f.day);
	return true;
}

#define DIGEST_WEEK(F, S) F(S, BOOL, made, none)
DESC_PRIVATE(digest_week, DIGEST_WEEK);

bool
digest_week_made(struct db *db, const char *day, bool *made, GError **err)
{
	ARENA_AUTO(a, "digest week");
	struct digest_week w = {0};

	return db_opt(db, a, Q_DIGEST_WEEK_MADE, DB_ARGS(DB_TEXT(day)),
	    &desc_digest_week, &w, made, err);
}

struct job {
	const struct site *s;
	struct arena *a;
	enum digest_kind kind;
	const char *day;
	const struct digest_due *org;
	bool (*stopping)(void *ctx); /* may be NULL */
	void *ctx;
	/* made by the transaction */
	int64_t ticket, rows;
	struct digest_group *groups;
	size_t n, told; /* of them: that a mail goes to */
	struct campaign_mails mails;
};

/* Findings to the same people, or to nobody: a party of the campaign. */
struct digest_group {
	const struct digest_finding *f;
	size_t n;
	const char *ids;
};

static int64_t *
ids_of(struct arena *a, const struct digest_finding *f, size_t n)
{
	int64_t *ids = ARENA_ARRAY(a, int64_t, n + 1);

	for (size_t i = 0; i < n; i++)
		ids[i] = f[i].id;
	return ids;
}

/* As PostgreSQL writes an array. */
static const char *
array_text(struct arena *a, const int64_t *ids, size_t n)
{
	GString *s = arena_gstring(a);

	g_string_append_c(s, '{');
	for (size_t i = 0; i < n; i++)
		g_string_append_printf(s, "%s%" PRId64, i > 0 ? "," : "",
		    ids[i]);
	g_string_append_c(s, '}');
	return s->str;
}

static bool
open_ticket(struct db *db, struct job *j, GError **err)
{
	struct digest_ticket t = {0};

	if (!db_one(db, j->a, Q_DIGEST_TICKET,
		DB_ARGS(DB_TEXT(arena_printf(j->a, "%s digest of %s: %s",
			    j->kind == DIGEST_WEEKLY ? "Weekly" : "Daily",
			    j->day, j->org->name)),
		    DB_INT(j->org->organisation)),
		&desc_digest_ticket, &t, err))
		return false;
	j->ticket = t.ticket;
	return true;
}

/* The i-th mail: to the people of g. */
static bool
compose(struct db *db, struct job *j, size_t i, const struct digest_group *g,
    GError **err)
{
	ARENA_AUTO(a, "digest mail");
	struct digest_mail m = {j->org->name, j->day, j->kind, j->ticket, g->f,
	    g->n};
	/* (What was composed points to them, and to subject and text.) */
	char **to = g_strsplit(g->f->addresses, " ", -1);
	struct outbox_file file = {
	    arena_printf(a, "findings-%s.csv", j->day), "text/csv", NULL, 0};
	struct list rows;
	int64_t cut = 0;

	arena_defer(j->a, (void (*)(void *))g_strfreev, to);
	if (!db_list(db, a, Q_DIGEST_ROWS, DB_ARGS(DB_TEXT(g->ids)),
		&desc_digest_row, &rows, err))
		return false;
	if (rows.n > DIGEST_ROWS_MAX)
		cut = (int64_t)(rows.n = DIGEST_ROWS_MAX);
	j->rows += (int64_t)rows.n;
	file.bytes = digest_csv(a, &m, &rows);
	file.len = strlen(file.bytes);
	return campaign_mails_compose(db, j->s, &j->mails, i,
	    &(struct outbox_mail){
		.ticket = j->ticket,
		.to = (const char *const *)to,
		.subject = digest_subject(j->a, j->s, &m),
		.text = digest_text(j->a, j->s, &m, file.name, cut),
		.files = &file,
		.n_files = 1,
		.automatic = true,
	    },
	    err);
}

/* Is there anything that the last digest did not say? */
static bool
worth(const struct digest_finding *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (f[i].rows > 0 || strcmp(f[i].what, "still") != 0)
			return true;
	return false;
}

/* Those worth a mail; the query has who is told side by side. */
static void
group(struct job *j, const struct list *found)
{
	const struct digest_finding *f = found->items;

	j->n = j->told = 0;
	j->groups = ARENA_ARRAY(j->a, struct digest_group, found->n + 1);
	for (size_t i = 0, n; i < found->n; i += n) {
		for (n = 1; i + n < found->n &&
		     g_strcmp0(f[i + n].addresses, f[i].addresses) == 0; n++)
			;
		if (!worth(&f[i], n))
			continue;
		j->groups[j->n++] = (struct digest_group){&f[i], n,
		    array_text(j->a, ids_of(j->a, &f[i], n), n)};
		j->told += f[i].addresses != NULL;
	}
}

/* The member's parties of the day's campaign: the first one's n. */
static bool
join(struct db *db, struct job *j, int64_t *campaign, int64_t *first,
    GError **err)
{
	struct digest_campaign c = {0};
	struct digest_party p = {0};

	/* (Its row is held from here on: numbers follow each other.) */
	if (!db_one(db, j->a, Q_DIGEST_CAMPAIGN,
		DB_ARGS(DB_TEXT(kinds[j->kind]), DB_TEXT(j->day),
		    DB_TEXT(arena_printf(j->a, "%s digest of %s",
			j->kind == DIGEST_WEEKLY ? "Weekly" : "Daily",
			j->day))),
		&desc_digest_campaign, &c, err))
		return false;
	for (size_t i = 0; i < j->n; i++) {
		const struct digest_group *g = &j->groups[i];
		const char *who = g->f->addresses != NULL
		    ? g->f->addresses : "nobody to tell";

		if (!db_one(db, j->a, Q_DIGEST_PARTY,
			DB_ARGS(DB_INT(c.id), DB_TEXT(j->org->handle),
			    DB_INT(j->org->organisation),
			    DB_TEXT(j->n == 1 ? j->org->name
				: arena_printf(j->a, "%s: %s", j->org->name,
				      who)),
			    DB_TEXT(g->ids)), &desc_digest_party, &p, err))
			return false;
		if (i == 0)
			*first = p.n;
	}
	*campaign = c.id;
	return true;
}

static bool
stopped(const struct job *j)
{
	return j->stopping != NULL && j->stopping(j->ctx);
}

/* A mail to each party of the member, and the day's campaign says so. */
static bool
tell(struct db *db, struct job *j, GError **err)
{
	int *place = ARENA_ARRAY(j->a, int, j->n + 1);
	int64_t campaign, first = 0;
	size_t at = 0;

	if (j->n == 0)
		return true;
	campaign_mails_init(&j->mails, j->a, &policy, "digest", "digest.send",
	    j->told);
	if (j->told > 0 && !open_ticket(db, j, err))
		return false;
	for (size_t i = 0; i < j->n; i++) {
		const struct digest_group *g = &j->groups[i];

		/* (gpg signs each, and may take its time.) */
		if (stopped(j))
			return fault_set(err, FAULT_AWAY,
			    "The desk is stopping.");
		place[i] = g->f->addresses != NULL ? (int)at++ : -1;
		if (place[i] >= 0 &&
		    !compose(db, j, (size_t)place[i], g, err))
			return false;
	}
	if (!join(db, j, &campaign, &first, err) ||
	    (j->told > 0 && !campaign_mails_queue(db, j->s, &j->mails,
		campaign, first, place, j->n, err)))
		return false;
	for (size_t i = 0; i < j->n; i++)
		if (place[i] >= 0 && !db_exec(db, Q_DIGEST_TOLD,
			DB_ARGS(DB_TEXT(j->groups[i].ids)), NULL, err))
			return false;
	return true;
}

static bool
one(struct db *db, void *p, GError **err)
{
	struct job *j = p;
	struct digest_due begun = {0};
	struct list found;
	struct digest_count all;
	bool mine;

	j->ticket = DESC_NULL;
	j->rows = 0;
	j->told = 0;
	if (!db_opt(db, j->a, Q_DIGEST_BEGIN,
		DB_ARGS(DB_INT(j->org->organisation),
		    DB_TEXT(kinds[j->kind]), DB_TEXT(j->day)),
		&desc_digest_due, &begun, &mine, err))
		return false;
	if (!mine)
		return true;
	if (!db_exec(db, Q_DIGEST_LOCK,
		DB_ARGS(DB_INT(j->org->organisation)), NULL, err) ||
	    !db_list(db, j->a, Q_DIGEST_FINDINGS,
		DB_ARGS(DB_INT(j->org->organisation),
		    DB_TEXT(j->kind == DIGEST_WEEKLY ? "digest-weekly"
						     : "digest-daily")),
		&desc_digest_finding, &found, err))
		return false;
	group(j, &found);
	if (!tell(db, j, err))
		return false;
	digest_count(found.items, found.n, &all);
	return db_exec(db, Q_DIGEST_END,
	    DB_ARGS(DB_INT(j->org->organisation), DB_TEXT(kinds[j->kind]),
		DB_TEXT(j->day), DB_INT(j->ticket),
		DB_TEXT(j->told > 0 ? j->mails.messages[0] : NULL),
		DB_INT(all.fresh), DB_INT(all.still), DB_INT(all.gone),
		DB_INT(j->rows)),
	    NULL, err);
}

/* One member's, by a copy of the job; did a mail come of it? */
static bool
make(struct db *db, struct job j, const struct digest_due *org, bool *failed)
{
	ARENA_AUTO(a, "digest");
	g_autoptr(GError) why = NULL;

	j.a = a;
	j.org = org;
	if (!db_tx(db, one, &j, &why)) {
		if (!stopped(&j))
			log_fault("digest.failed", why);
		*failed = true;
		return false;
	}
	if (j.told == 0)
		return false;
	log_info("digest.queued", LOG_S("organisation", org->name),
	    LOG_I("ticket", j.ticket), LOG_I("rows", j.rows));
	return true;
}

bool
digest_run(struct db *db, const struct site *s, enum digest_kind kind,
    const char *day, bool (*stopping)(void *ctx), void *ctx, int64_t *n,
    GError **err)
{
	const struct job job = {.s = s, .kind = kind, .day = day,
	    .stopping = stopping, .ctx = ctx};
	int64_t last = 0, queued = 0;
	bool failed = false;
	struct list due = {0};

	do {
		ARENA_AUTO(a, "digests");

		if (!db_list(db, a, Q_DIGEST_DUE,
			DB_ARGS(DB_TEXT(kinds[kind]), DB_TEXT(day),
			    DB_INT(last)),
			&desc_digest_due, &due, err))
			return false;
		for (size_t i = 0; i < due.n && !stopped(&job); i++) {
			const struct digest_due *org =
			    LIST_AT(digest_due, due, i);

			last = org->organisation;
			queued += make(db, job, org, &failed);
		}
	} while (due.n > 0 && !stopped(&job));
	if (kind == DIGEST_WEEKLY && !failed && !stopped(&job) &&
	    !db_exec(db, Q_DIGEST_WEEK_END, DB_ARGS(DB_TEXT(day)), NULL, err))
		return false;
	if (n != NULL)
		*n = queued;
	return true;
}
