/*
 * What tests of server/core on a real database share (tests/sql/cluster runs
 * them): one site, one connection of the program's and one past it.
 */
#ifndef SQLTEST_H
#define SQLTEST_H

#include "base/base.h"
#include "base/conf.h"
#include "base/secret.h"
#include "core/case/deed.h"
#include "core/site.h"
#include "db/db.h"
#include "db/migrate.h"

#include <libpq-fe.h>

#include "../unit/unit.h"

static struct arena *life;
static struct site site;
static struct db *db;
static PGconn *pg; /* past the program */

#define OK(call)                                                              \
	do {                                                                  \
		g_autoptr(GError) err_ = NULL;                                \
		GError **err = &err_;                                         \
		if (!(call))                                                  \
			fail_msg("%s: %s", #call,                             \
			    err_ != NULL ? err_->message : "no reason");      \
	} while (0)
#define FAILS(kind, call)                                                     \
	do {                                                                  \
		g_autoptr(GError) err_ = NULL;                                \
		GError **err = &err_;                                         \
		if (call)                                                     \
			fail_msg("%s did not fail", #call);                   \
		if (!fault_is(err_, kind))                                    \
			fail_msg("%s: %s", #call, err_->message);             \
	} while (0)

/* Looking and meddling past the program. */
G_GNUC_UNUSED static PGresult *
sql(const char *text, const char *one, const char *two)
{
	const char *const values[] = {one, two};
	int n = two != NULL ? 2 : one != NULL ? 1 : 0;

	return PQexecParams(pg, text, n, NULL, values, NULL, NULL, 0);
}

G_GNUC_UNUSED static const char *
text_of(struct arena *a, const char *text, const char *one)
{
	PGresult *res = sql(text, one, NULL);
	const char *s;

	if (PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) != 1)
		fail_msg("%s: %s", text, PQerrorMessage(pg));
	s = arena_strdup(a, PQgetvalue(res, 0, 0));
	PQclear(res);
	return s;
}

G_GNUC_UNUSED static int64_t
number_of(const char *text, const char *one)
{
	ARENA_AUTO(a, "test");

	return g_ascii_strtoll(text_of(a, text, one), NULL, 10);
}

G_GNUC_UNUSED static void
change(const char *text, const char *one, const char *two)
{
	PGresult *res = sql(text, one, two);

	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", text, PQerrorMessage(pg));
	PQclear(res);
}

G_GNUC_UNUSED static void
refused(const char *text, const char *one, const char *two)
{
	PGresult *res = sql(text, one, two);

	assert_int_equal(PQresultStatus(res), PGRES_FATAL_ERROR);
	PQclear(res);
}

G_GNUC_UNUSED static const char *
num(int64_t n)
{
	return arena_printf(life, "%" PRId64, n);
}

/* Somebody of the desk.  (The rules ask the actor for the role, not the row.) */
G_GNUC_UNUSED static struct actor
person(const char *email, const char *name, enum role role)
{
	change("INSERT INTO principal (email, name, role) "
	    "VALUES ($1, $2, 'analyst')", email, name);
	return (struct actor){
	    .id = number_of("SELECT id FROM principal WHERE email = $1",
		email),
	    .name = name, .email = email, .role = role};
}

/* The log tells the same as the tables, for all tickets there are. */
G_GNUC_UNUSED static void
rebuilt(void)
{
	ARENA_AUTO(a, "test");
	struct list rows;

	OK(deed_differences(db, a, 0, &rows, err));
	if (rows.n > 0) {
		const struct deed_difference *d =
		    LIST_AT(deed_difference, rows, 0);

		fail_msg("%zu differences, #%" PRId64 " %s: stored %s, "
		    "rebuilt %s", rows.n, d->ticket, d->field,
		    d->stored != NULL ? d->stored : "NULL",
		    d->rebuilt != NULL ? d->rebuilt : "NULL");
	}
}

/* The database of TOCSIN_TEST_URI with the schema, default settings. */
static void
sqltest_begin(void)
{
	const struct conf *loaded;
	struct conf *c;
	int applied;

	assert_non_null(g_getenv("TOCSIN_TEST_URI"));
	life = arena_new("life");
	secret_init();
	OK(conf_load(life, NULL, &loaded, err));
	c = arena_memdup(life, loaded, sizeof(*loaded));
	c->database_uri = g_getenv("TOCSIN_TEST_URI");
	site.conf = c;
	OK(calendar_load(life, c->desk_hours, SRCDIR "/templates/calendar",
	    NULL, &site.calendar, err));
	memset(site.key.bytes, 7, sizeof(site.key.bytes));
	db = db_open(c, "test");
	OK(migrate_run(db, &applied, err));
	pg = PQconnectdb(c->database_uri);
	assert_int_equal(PQstatus(pg), CONNECTION_OK);
}

static int
sqltest_end(void **state)
{
	(void)state;
	PQfinish(pg);
	db_close(db);
	if (site.tmpl != NULL)
		tmpl_free((struct tmpl_set *)site.tmpl);
	arena_free(life);
	return 0;
}

#endif
