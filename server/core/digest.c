/* See digest.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/digest_priv.h"
#include "core/outbox.h"
#include "core/ticket_priv.h"

DESC_TABLE(digest_finding, DIGEST_FINDING);
DESC_TABLE(digest_row, DIGEST_ROW);

#define DIGEST_DUE(F, S)                                                      \
	F(S, INT, organisation, none)                                         \
	F(S, TEXT, name, none)
DESC_PRIVATE(digest_due, DIGEST_DUE);

#define DIGEST_TICKET(F, S) F(S, INT, ticket, none)
DESC_PRIVATE(digest_ticket, DIGEST_TICKET);

static const char *const kinds[] = {"daily", "weekly"};

bool
digest_is_due(const struct conf *c, enum digest_kind kind, int64_t now,
    char day[11])
{
	struct when_fields f;
	/* 1970-01-01 was a Thursday. */
	int64_t weekday = (now / WHEN_DAY + 3) % 7 + 1;

	when_fields(now, &f);
	if (f.hour < c->feeds_digest_hour ||
	    (kind == DIGEST_WEEKLY && weekday != c->feeds_digest_weekday))
		return false;
	g_snprintf(day, 11, "%04d-%02d-%02d", f.year, f.month, f.day);
	return true;
}

struct job {
	const struct site *s;
	struct arena *a;
	enum digest_kind kind;
	const char *day;
	const struct digest_due *org;
	/* made by the transaction */
	int64_t ticket, message, rows;
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
	struct digest_ticket t;

	if (j->ticket != DESC_NULL)
		return true;
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

/* The findings f[0..n) to the same people. */
static bool
mail(struct db *db, struct job *j, const struct digest_finding *f, size_t n,
    GError **err)
{
	static const struct actor policy = {.id = 0, .name = "policy"};
	ARENA_AUTO(a, "digest mail");
	struct digest_mail m = {j->org->name, j->day, j->kind, 0, f, n};
	const char *ids = array_text(a, ids_of(a, f, n), n);
	char **to = g_strsplit(f->addresses, " ", -1);
	struct outbox_file file = {
	    arena_printf(a, "findings-%s.csv", j->day), "text/csv", NULL, 0};
	struct list rows;
	int64_t message, cut = 0;

	arena_defer(a, (void (*)(void *))g_strfreev, to);
	if (!open_ticket(db, j, err) ||
	    !db_list(db, a, Q_DIGEST_ROWS, DB_ARGS(DB_TEXT(ids)),
		&desc_digest_row, &rows, err))
		return false;
	if (rows.n > DIGEST_ROWS_MAX)
		cut = (int64_t)(rows.n = DIGEST_ROWS_MAX);
	m.ticket = j->ticket;
	j->rows += (int64_t)rows.n;
	file.bytes = digest_csv(a, &m, &rows);
	file.len = strlen(file.bytes);
	if (!outbox_queue(db, j->s,
		&(struct outbox_mail){
		    .purpose = "digest",
		    .ticket = j->ticket,
		    .to = (const char *const *)to,
		    .subject = digest_subject(a, j->s, &m),
		    .text = digest_text(a, j->s, &m, file.name, cut),
		    .files = &file,
		    .n_files = 1,
		    .automatic = true,
		},
		&message, err))
		return false;
	if (j->message == DESC_NULL)
		j->message = message;
	return ticket_add_parties(db, j->ticket, (const char *const *)to,
		   "member", err) &&
	    db_exec(db, Q_DIGEST_TOLD, DB_ARGS(DB_TEXT(ids)), NULL, err) &&
	    audit_write(db, &policy, "digest.send", j->ticket, 0,
		arena_printf(a, "message %" PRId64, message), NULL,
		f->addresses, err);
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

static bool
one(struct db *db, void *p, GError **err)
{
	struct job *j = p;
	struct digest_due begun;
	struct list found;
	const struct digest_finding *f;
	struct digest_count all;
	bool mine;

	j->ticket = j->message = DESC_NULL;
	j->rows = 0;
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
	f = found.items;
	for (size_t i = 0, n; i < found.n; i += n) {
		for (n = 1; i + n < found.n &&
		     g_strcmp0(f[i + n].addresses, f[i].addresses) == 0; n++)
			;
		if (f[i].addresses != NULL && worth(&f[i], n) &&
		    !mail(db, j, &f[i], n, err))
			return false;
	}
	digest_count(f, found.n, &all);
	return db_exec(db, Q_DIGEST_END,
	    DB_ARGS(DB_INT(j->org->organisation), DB_TEXT(kinds[j->kind]),
		DB_TEXT(j->day), DB_INT(j->ticket), DB_INT(j->message),
		DB_INT(all.fresh), DB_INT(all.still), DB_INT(all.gone),
		DB_INT(j->rows)),
	    NULL, err);
}

/* One member's; did a mail come of it? */
static bool
make(struct db *db, const struct site *s, enum digest_kind kind,
    const char *day, const struct digest_due *org)
{
	ARENA_AUTO(a, "digest");
	struct job j = {.s = s, .a = a, .kind = kind, .day = day, .org = org};
	g_autoptr(GError) why = NULL;

	if (!db_tx(db, one, &j, &why)) {
		log_fault("digest.failed", why);
		return false;
	}
	if (j.message == DESC_NULL)
		return false;
	log_info("digest.queued", LOG_S("organisation", org->name),
	    LOG_I("ticket", j.ticket), LOG_I("rows", j.rows));
	return true;
}

bool
digest_run(struct db *db, const struct site *s, enum digest_kind kind,
    const char *day, int64_t *n, GError **err)
{
	int64_t last = 0, queued = 0;
	struct list due;

	do {
		ARENA_AUTO(a, "digests");

		if (!db_list(db, a, Q_DIGEST_DUE,
			DB_ARGS(DB_TEXT(kinds[kind]), DB_TEXT(day),
			    DB_INT(last)),
			&desc_digest_due, &due, err))
			return false;
		for (size_t i = 0; i < due.n; i++) {
			const struct digest_due *org =
			    LIST_AT(digest_due, due, i);

			last = org->organisation;
			queued += make(db, s, kind, day, org);
		}
	} while (due.n > 0);
	if (n != NULL)
		*n = queued;
	return true;
}
