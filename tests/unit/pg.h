/* A throw-away PostgreSQL with our schema for one test program, and plain
 * SQL for setting up and looking. */
#ifndef TESTS_UNIT_PG_H
#define TESTS_UNIT_PG_H

#include "base/base.h"
#include "unit.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

struct pg {
	GPid pid;
	gint in;       /* its end stops the cluster */
	char uri[200];
	PGconn *sql;
};

static inline bool
pg_start(struct pg *p)
{
	const char *argv[] = {SRCDIR "/tests/live/pg", NULL};
	gint out;
	FILE *f;

	/* Nothing here outlives the test: no need to wait for the disk. */
	g_setenv("TOCSIN_PG_OPTIONS", "-c fsync=off", TRUE);
	if (!g_spawn_async_with_pipes(NULL, (char **)argv, NULL,
		G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &p->pid, &p->in, &out,
		NULL, NULL))
		return false;
	f = fdopen(out, "r");
	if (f == NULL || fgets(p->uri, sizeof(p->uri), f) == NULL)
		return false;
	fclose(f);
	g_strchomp(p->uri);
	p->sql = PQconnectdb(p->uri);
	return PQstatus(p->sql) == CONNECTION_OK;
}

static inline void
pg_stop(struct pg *p)
{
	PQfinish(p->sql);
	close(p->in);
	waitpid(p->pid, NULL, 0);
}

static inline void
pg_run(struct pg *p, const char *sql)
{
	PGresult *r = PQexec(p->sql, sql);

	if (PQresultStatus(r) != PGRES_COMMAND_OK &&
	    PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(p->sql));
	PQclear(r);
}

/* First column of the first row, as text in the arena. */
static inline const char *
pg_text(struct pg *p, struct arena *a, const char *sql)
{
	PGresult *r = PQexec(p->sql, sql);
	const char *s = NULL;

	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(p->sql));
	if (PQntuples(r) > 0 && !PQgetisnull(r, 0, 0))
		s = arena_strdup(a, PQgetvalue(r, 0, 0));
	PQclear(r);
	return s;
}

static inline int64_t
pg_int(struct pg *p, const char *sql)
{
	ARENA_AUTO(a, "pg");
	const char *s = pg_text(p, a, sql);

	return s != NULL ? g_ascii_strtoll(s, NULL, 10) : -1;
}

#endif
