/*
 * What tests of feeds share (findings.c, digests.c): members, mails given to
 * intake as a parser child would hand them over, and questions of the
 * database.  Days are counted back from today; every test has its own feed
 * and addresses.
 */
#ifndef TESTS_SQL_FEEDTEST_H
#define TESTS_SQL_FEEDTEST_H

#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/feed/digest.h"
#include "core/feed/finding.h"
#include "core/intake/intake.h"
#include "http/view.h"

#include "sqltest.h"

/* First column of the first row; "" for none. */
static inline const char *
ask(struct arena *a, const char *text, const char *one)
{
	const char *const values[] = {one};
	PGresult *res = PQexecParams(pg, text, one != NULL ? 1 : 0, NULL,
	    values, NULL, NULL, 0);
	const char *s;

	if (PQresultStatus(res) != PGRES_TUPLES_OK &&
	    PQresultStatus(res) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", text, PQerrorMessage(pg));
	s = PQntuples(res) > 0 ? arena_strdup(a, PQgetvalue(res, 0, 0)) : "";
	PQclear(res);
	return s;
}

static inline int64_t
first_of(const char *text, const char *one)
{
	ARENA_AUTO(a, "test");

	return g_ascii_strtoll(ask(a, text, one), NULL, 10);
}

static inline void
alter(const char *text)
{
	ARENA_AUTO(a, "test");

	ask(a, text, NULL);
}

/* Noon of the day that is so many after the one 60 days ago. */
static inline int64_t
day(int n)
{
	return when_now() / WHEN_DAY * WHEN_DAY - 60 * WHEN_DAY +
	    n * WHEN_DAY + WHEN_DAY / 2;
}

/* A row as a feed has it. */
static inline struct inspect_event
row(const char *feed, const char *ip, int64_t port, int64_t time)
{
	return (struct inspect_event){
	    .type = "vulnerable/ddos-amplifier", .source_ip = ip,
	    .source_port = port, .destination_port = DESC_NULL,
	    .protocol = "udp", .time = time, .zone = "given",
	    .count = DESC_NULL, .feed = feed, .severity = "medium",
	    .extra = "{\"hostname\": \"=cmd()\", \"tag\": \"ntp,v4\"}"};
}

/* One mail with these rows through the whole of intake. */
static inline const char *
send_by(struct db *by, struct arena *a, const char *id,
    struct inspect_event *rows, size_t n, struct intake_result *out)
{
	static const char *const none[] = {NULL};
	const char *rcpt = "report@tocsin.example";
	const struct smtp_envelope env = {.from = "feed@feed.example",
	    .rcpts = &rcpt, .n = 1};
	struct inspection in = {.format = "shadowserver", .robot = true,
	    .from = "feed@feed.example", .subject = id, .date = DESC_NULL,
	    .sha256 = text_sha256(a, id, strlen(id)), .digest = id,
	    .subject_number = DESC_NULL, .references = none,
	    .events = {rows, n}};

	OK(intake_mail(by, &site, a, &env, blob_of(a, id, strlen(id)), &in,
	    "email", out, err));
	return out->disposition;
}

static inline const char *
mail(const char *id, struct inspect_event *rows, size_t n)
{
	ARENA_AUTO(a, "mail");
	struct intake_result r;

	return send_by(db, a, id, rows, n, &r);
}

static inline void
sweep(void)
{
	OK(finding_sweep(db, NULL, err));
}

static inline void
policy(const char *feed, const char *what)
{
	ARENA_AUTO(a, "test");

	ask(a, arena_printf(a, "INSERT INTO feed_policy (feed, %s) VALUES "
	    "($1, %s)", strchr(what, ':') != NULL
		? arena_strndup(a, what, strcspn(what, ":")) : "action",
	    strchr(what, ':') != NULL ? strchr(what, ':') + 1 : what), feed);
}

static inline int
set_up(void **state)
{
	(void)state;
	sqltest_begin();
	OK((site.tmpl = tmpl_load(SRCDIR "/templates", NULL, views_all,
		err)) != NULL);
	alter("INSERT INTO organisation (name, handle) VALUES "
	    "('North', 'north'), ('South', 'south'), ('West', 'west')");
	alter("INSERT INTO contact (organisation, email) VALUES "
	    "(1, 'security@north.example'), (3, 'security@west.example')");
	alter("INSERT INTO organisation_domain VALUES ('south.example', 2)");
	alter("INSERT INTO prefix (net, organisation, period) VALUES "
	    "('192.0.2.0/24', 3, '(,)'), ('192.0.2.128/25', 1, '(,)'), "
	    "('198.51.100.0/24', 2, tstzrange(NULL, now() - interval '1 day')), "
	    "('198.51.100.0/24', 3, tstzrange(now() - interval '1 day', NULL))");
	return 0;
}

#endif
