/*
 * Feeds and findings on a real database: run by tests/sql/cluster.  What is
 * told of them is in digests.c.
 */
#include "feedtest.h"

/* -- the life of a finding, step by step -- */

enum what { SEEN, NOT, TWICE, LATER, OTHER, AGAIN };

static const struct life {
	const char *name;
	struct step {
		enum what what; /* came in a mail whose rows are of day */
		int day;
		const char *state; /* after it, and a look for what is gone */
		int count, first, last, returns;
	} steps[12];
} lives[] = {
    {"it appears, stays and goes", {
	{SEEN, 1, "new", 1, 1, 1, 0},
	{SEEN, 2, "open", 2, 1, 2, 0},
	{NOT, 3, "open", 2, 1, 2, 0},
	{NOT, 8, "open", 2, 1, 2, 0},
	{NOT, 9, "gone", 2, 1, 2, 0},
	{NOT, 10, "gone", 2, 1, 2, 0}}},
    {"it comes back", {
	{SEEN, 1, "new", 1, 1, 1, 0},
	{NOT, 8, "gone", 1, 1, 1, 0},
	{SEEN, 12, "new", 2, 1, 12, 1},
	{SEEN, 13, "open", 3, 1, 13, 1},
	{NOT, 20, "gone", 3, 1, 13, 1},
	{SEEN, 21, "new", 4, 1, 21, 2}}},
    {"seen twice on its first day it is still new", {
	{TWICE, 1, "new", 2, 1, 1, 0},
	{SEEN, 1, "new", 3, 1, 1, 0}}},
    {"yesterday's mail after today's: there for two days", {
	{SEEN, 5, "new", 1, 5, 5, 0},
	{SEEN, 4, "open", 2, 4, 5, 0},
	{SEEN, 6, "open", 3, 4, 6, 0}}},
    {"an old mail brings nothing back", {
	{SEEN, 3, "new", 1, 3, 3, 0},
	{NOT, 12, "gone", 1, 3, 3, 0},
	{SEEN, 2, "gone", 2, 2, 3, 0}}},
    {"a late mail shows that it never was gone", {
	{SEEN, 1, "new", 1, 1, 1, 0},
	{NOT, 9, "gone", 1, 1, 1, 0},
	{SEEN, 6, "open", 2, 1, 6, 0},
	{NOT, 13, "gone", 2, 1, 6, 0},
	{SEEN, 14, "new", 3, 1, 14, 1}}},
    {"a feed that does not come makes nothing go", {
	{SEEN, 1, "new", 1, 1, 1, 0},
	{OTHER, 30, "new", 1, 1, 1, 0},
	{NOT, 31, "gone", 1, 1, 1, 0}}},
    {"days count, not hours", {
	{LATER, 1, "new", 1, 1, 1, 0},
	{NOT, 7, "new", 1, 1, 1, 0},
	{NOT, 8, "gone", 1, 1, 1, 0}}},
    {"a mail that comes again counts once", {
	{SEEN, 1, "new", 1, 1, 1, 0},
	{AGAIN, 1, "new", 1, 1, 1, 0},
	{SEEN, 2, "open", 2, 1, 2, 0},
	{AGAIN, 2, "open", 2, 1, 2, 0}}},
};

static void
test_lives(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(lives); i++) {
		ARENA_AUTO(a, "test");
		const char *feed = arena_printf(a, "life/%zu", i);
		const char *ip = arena_printf(a, "192.0.2.%zu", 10 + i);
		const char *id = NULL;

		print_message("%s\n", lives[i].name);
		for (size_t k = 0; lives[i].steps[k].state != NULL; k++) {
			const struct step *s = &lives[i].steps[k];
			struct inspect_event r[2];
			const char *want;

			if (s->what != AGAIN)
				id = arena_printf(a, "life %zu %zu", i, k);
			r[0] = row(s->what == OTHER ? "life/other" : feed,
			    s->what == NOT || s->what == OTHER
				? "203.0.113.9" : ip, 123, day(s->day));
			if (s->what == LATER)
				r[0].time += 3600 * WHEN_SECOND;
			r[1] = r[0];
			r[1].time -= 60 * WHEN_SECOND;
			assert_string_equal(
			    mail(id, r, s->what == TWICE ? 2 : 1),
			    s->what == AGAIN ? "duplicate" : "feed");
			sweep();
			want = arena_printf(a, "%s %d %d %d %d", s->state,
			    s->count, s->first, s->last, s->returns);
			assert_string_equal(ask(a, "SELECT concat_ws(' ', "
			    "state, count, "
			    "60 + first_seen::date - current_date, "
			    "60 + last_seen::date - current_date, returns) "
			    "FROM finding WHERE address = $1::inet", ip),
			    want);
		}
	}
}

/* -- whose rows, and what is kept of them -- */

static void
test_verdicts(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspect_event r[6];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(r); i++)
		r[i] = row("verdicts", NULL, 80, day(3));
	r[0].source_ip = "192.0.2.200";  /* north, by its /25 in a /24 */
	r[1].source_ip = "192.0.2.7";
	r[2].source_ip = "203.0.113.5";  /* outside */
	r[3].source_ip = "198.51.100.4"; /* south's, until yesterday */
	r[4].domain = "www.south.example";
	/* r[5] has nothing to look up */
	assert_string_equal(mail("verdicts", r, COUNT_OF(r)), "feed");
	assert_int_equal(first_of("SELECT count(*) FROM finding f JOIN "
	    "organisation o ON o.id = f.organisation WHERE o.handle = 'north' "
	    "AND f.feeds = '{verdicts}' AND host(address) = $1",
	    "192.0.2.200"), 1);
	assert_int_equal(first_of("SELECT count(*) FROM finding f JOIN "
	    "organisation o ON o.id = f.organisation WHERE o.handle = 'west' "
	    "AND f.feeds = '{verdicts}' AND host(address) = $1",
	    "192.0.2.7"), 1);
	assert_int_equal(first_of("SELECT count(*) FROM finding f JOIN "
	    "organisation o ON o.id = f.organisation WHERE o.handle = 'south' "
	    "AND host(address) = $1", "198.51.100.4"), 1);
	assert_int_equal(first_of("SELECT count(*) FROM finding f JOIN "
	    "organisation o ON o.id = f.organisation WHERE o.handle = 'south' "
	    "AND domain = $1", "www.south.example"), 1);
	assert_int_equal(first_of("SELECT count(*) FROM finding WHERE "
	    "organisation IS NULL AND feeds = ARRAY[$1]", "verdicts"), 1);
	assert_int_equal(first_of("SELECT count(*) FROM finding WHERE "
	    "host(address) = $1", "203.0.113.5"), 0);
	assert_string_equal(ask(a, "SELECT string_agg(verdict || rows, ' ' "
	    "ORDER BY verdict) FROM (SELECT verdict, sum(rows) AS rows FROM "
	    "feed_stat WHERE feed = $1 GROUP BY verdict) x", "verdicts"),
	    "confirmed3 outside1 probable1 unassigned1");
	assert_string_equal(ask(a, "SELECT o.net FROM feed_outside o JOIN "
	    "feed_stat s USING (message) WHERE s.feed = $1 LIMIT 1",
	    "verdicts"), "203.0.113.0/24");
	/* the mail itself has neither ticket nor answer; its rows are not
	 * kept twice */
	assert_string_equal(ask(a, "SELECT concat_ws(' ', disposition, "
	    "ticket, inspect->'events') FROM message WHERE digest = $1",
	    "verdicts"), "feed []");
}

static void
test_hostile_times(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspect_event r[2] = {row("times", "192.0.2.90", 1, day(3)),
	    row("times", "192.0.2.91", 1, DESC_NULL)};

	(void)state;
	/* A row from the future must not make all others go. */
	r[0].time = when_now() + 300 * WHEN_DAY;
	mail("times", r, 2);
	assert_string_equal(ask(a, "SELECT bool_and(last_time <= now())::text "
	    "FROM feed", NULL), "true");
	assert_string_equal(ask(a, "SELECT string_agg((last_seen > now() - "
	    "interval '1 hour' AND last_seen <= now())::text, ' ') FROM finding "
	    "WHERE feeds = '{times}'", NULL), "true true");
}

/* -- policy -- */

static const struct rule {
	const char *feed, *type, *severity, *organisation, *until;
} rules[] = {
    /* each beats all below it, for a row that all of them fit */
    {"f/scan_a", "vulnerable/x", NULL, NULL, "tomorrow"},
    {"f/scan_a", "vulnerable/x", "high", "1", NULL},
    {"f/scan_a", "vulnerable/x", NULL, "1", NULL},
    {"f/scan_a", "vulnerable", NULL, "1", NULL},
    {"f/*", "vulnerable/x", "critical", "1", NULL},
    {NULL, NULL, NULL, "1", NULL},
    {"f/scan_a", NULL, NULL, NULL, NULL},
    {"f/scan*", "vulnerable/x", NULL, NULL, NULL},
    {"f/*", "vulnerable/x", "critical", NULL, NULL},
    {NULL, "vulnerable/x", NULL, NULL, NULL},
    {NULL, "vulnerable", "critical", NULL, NULL},
    {NULL, NULL, "critical", NULL, NULL},
    {NULL, NULL, "low", NULL, NULL},
};
/* and none of these fits it */
static const struct rule misfits[] = {
    {"f/scan_a", NULL, NULL, NULL, "yesterday"},
    {"f/scan", NULL, NULL, NULL, NULL},
    {"g/*", NULL, NULL, NULL, NULL},
    {"scan_a", NULL, NULL, NULL, NULL},
    {NULL, "vulnerable/xy", NULL, NULL, NULL},
    {NULL, "vulner", NULL, NULL, NULL},
    {NULL, NULL, NULL, "2", NULL},
};

static void
rule_add(struct arena *a, const struct rule *r)
{
	const char *v[] = {r->feed, r->type, r->severity, r->organisation,
	    r->until};
	PGresult *res = PQexecParams(pg, "INSERT INTO feed_policy (feed, type, "
	    "severity, organisation, action, until, reason) VALUES ($1, $2, "
	    "$3, $4::bigint, 'count', $5::date, 'x')", 5, NULL, v, NULL,
	    NULL, 0);

	(void)a;
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		fail_msg("%s", PQerrorMessage(pg));
	PQclear(res);
}

static void
test_policy_order(void **state)
{
	ARENA_AUTO(a, "test");

	(void)state;
	alter("BEGIN");
	alter("SAVEPOINT s");
	/* Inserted the wrong way round, so that id decides nothing. */
	for (size_t i = COUNT_OF(rules); i > 0; i--)
		rule_add(a, &rules[i - 1]);
	for (size_t i = 0; i < COUNT_OF(misfits); i++)
		rule_add(a, &misfits[i]);
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		const struct rule *r = &rules[i];

		print_message("%s %s %s %s\n", r->feed, r->type, r->severity,
		    r->organisation);
		assert_string_equal(ask(a, "SELECT concat_ws('|', "
		    "coalesce(feed, '-'), coalesce(type, '-'), "
		    "coalesce(severity, '-'), coalesce(organisation::text, "
		    "'-'), (until IS NOT NULL)::text) FROM feed_policy_for("
		    "'f/scan_a', 'vulnerable/x', 'critical', 1)", NULL),
		    arena_printf(a, "%s|%s|%s|%s|%s",
			r->feed != NULL ? r->feed : "-",
			r->type != NULL ? r->type : "-",
			r->severity != NULL ? r->severity : "-",
			r->organisation != NULL ? r->organisation : "-",
			r->until != NULL ? "true" : "false"));
		alter("DELETE FROM feed_policy WHERE id = (SELECT id FROM "
		    "feed_policy_for('f/scan_a', 'vulnerable/x', 'critical', "
		    "1))");
	}
	/* what is left is the rule for all */
	assert_string_equal(ask(a, "SELECT action FROM feed_policy_for("
	    "'f/scan_a', 'vulnerable/x', 'critical', 1)", NULL),
	    "digest-daily");
	alter("ROLLBACK");
}


static void
test_actions(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspect_event r[4];

	(void)state;
	policy("act/ignore", "'ignore'");
	policy("act/ticket", "'ticket'");
	policy("act/many", "action, at_least:'ticket', 3");
	policy("act/fresh", "action, only_new:'ticket', true");
	policy("act/notice", "'notice'");
	for (size_t i = 0; i < 4; i++)
		r[i] = row("act/ignore",
		    arena_printf(a, "192.0.2.%zu", 60 + i), 99, day(1));
	/* south has no security contact */
	r[3].source_ip = "198.51.100.63";

	mail("ignored", r, 4);
	assert_int_equal(first_of("SELECT count(*) FROM finding WHERE "
	    "port = $1::int", "99"), 0);
	assert_int_equal(first_of("SELECT sum(rows) FROM feed_stat WHERE "
	    "feed = $1", "act/ignore"), 4);

	/* one ticket a member, feed and day, whatever the number of mails */
	for (size_t i = 0; i < 4; i++)
		r[i].feed = "act/ticket";
	mail("ticket 1", r, 4);
	mail("ticket 1 again", r, 1);
	assert_string_equal(ask(a, "SELECT string_agg(concat_ws(' ', "
	    "o.handle, t.status, t.how_reported, t.type, (SELECT count(*) "
	    "FROM event e WHERE e.ticket = t.number AND e.feed = t2.feed AND "
	    "e.organisation = t.organisation)), ', ' ORDER BY o.handle) FROM "
	    "feed_ticket t2 JOIN ticket t ON t.number = t2.ticket JOIN "
	    "organisation o ON o.id = t2.organisation WHERE t2.feed = $1",
	    "act/ticket"),
	    "south new feed vulnerable/ddos-amplifier 1, "
	    "west new feed vulnerable/ddos-amplifier 4");
	r[0].time = day(2);
	mail("ticket 2", r, 1);
	assert_int_equal(first_of("SELECT count(*) FROM feed_ticket WHERE "
	    "feed = $1", "act/ticket"), 3);

	/* a threshold */
	for (size_t i = 0; i < 4; i++)
		r[i].feed = "act/many";
	mail("many 1", r, 2);
	assert_int_equal(first_of("SELECT count(*) FROM feed_ticket WHERE "
	    "feed = $1", "act/many"), 0);
	assert_string_equal(ask(a, "SELECT string_agg(DISTINCT action, ' ') "
	    "FROM feed_stat WHERE feed = $1", "act/many"), "count");
	mail("many 2", r, 4); /* three at west, one at south */
	assert_int_equal(first_of("SELECT count(*) FROM feed_ticket WHERE "
	    "feed = $1", "act/many"), 1);

	/* only what is new */
	for (size_t i = 0; i < 4; i++) {
		r[i].feed = "act/fresh";
		r[i].source_port = 98;
	}
	mail("fresh 1", r, 1);
	mail("fresh 2", r, 3);
	assert_int_equal(first_of("SELECT count(*) FROM event WHERE feed = $1",
	    "act/fresh"), 3);

	/* a notice goes out and its ticket stays out of the queue; without a
	 * contact it is work for the desk */
	for (size_t i = 0; i < 4; i++)
		r[i].feed = "act/notice";
	mail("notice 1", r, 4);
	assert_string_equal(ask(a, "SELECT string_agg(concat_ws(' ', "
	    "o.handle, t.status, t.standing, (SELECT count(*) FROM message m "
	    "JOIN delivery d ON d.message = m.id WHERE m.ticket = t.number AND "
	    "m.purpose = 'notice')), ', ' ORDER BY o.handle) FROM feed_ticket "
	    "t2 JOIN ticket t ON t.number = t2.ticket JOIN organisation o ON "
	    "o.id = t2.organisation WHERE t2.feed = $1", "act/notice"),
	    "south new f 0, west resolved t 1");
}

/* -- two mails at once -- */

enum { CROWD = 400, ROUNDS = 6 };

static gpointer
crowd(gpointer arg)
{
	struct db *mine = db_open(site.conf, "crowd");
	size_t who = GPOINTER_TO_SIZE(arg);

	for (int round = 0; round < ROUNDS; round++) {
		ARENA_AUTO(a, "crowd");
		struct inspect_event *r =
		    ARENA_ARRAY(a, struct inspect_event, CROWD);
		struct intake_result out;

		for (size_t i = 0; i < CROWD; i++) {
			/* the same findings, the other way round */
			size_t k = who % 2 != 0 ? i : CROWD - 1 - i;

			r[i] = row(arena_printf(a, "crowd/%zu", who % 3),
			    arena_printf(a, "192.0.2.%zu", k % 200),
			    (int64_t)(5000 + k), day(round + 1));
		}
		send_by(mine, a, arena_printf(a, "crowd %zu %d", who, round),
		    r, CROWD, &out);
	}
	db_close(mine);
	return NULL;
}

static void
test_at_once(void **state)
{
	GThread *t[4];
	ARENA_AUTO(a, "test");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(t); i++)
		t[i] = g_thread_new("crowd", crowd, GSIZE_TO_POINTER(i));
	for (int i = 0; i < 20; i++)
		sweep();
	for (size_t i = 0; i < COUNT_OF(t); i++)
		g_thread_join(t[i]);
	assert_string_equal(ask(a, "SELECT concat_ws(' ', count(*), min(count), "
	    "max(count), min(state), max(state)) FROM finding WHERE port "
	    "BETWEEN 5000 AND 5999", NULL), arena_printf(a, "%d %d %d open open", CROWD,
	    ROUNDS * 4, ROUNDS * 4));
	assert_int_equal(first_of("SELECT count(*) FROM sighting s JOIN "
	    "finding f ON f.id = s.finding WHERE port BETWEEN $1::int AND 5999",
	    "5000"),
	    CROWD * ROUNDS * 4);
	/* (db_tx would hide one by trying again) */
	alter("SELECT pg_stat_clear_snapshot()");
	assert_int_equal(first_of("SELECT deadlocks FROM pg_stat_database "
	    "WHERE datname = current_database()", NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lives),
	    cmocka_unit_test(test_verdicts),
	    cmocka_unit_test(test_hostile_times),
	    cmocka_unit_test(test_policy_order),
	    cmocka_unit_test(test_actions),
	    cmocka_unit_test(test_at_once),
	};

	return cmocka_run_group_tests(tests, set_up, sqltest_end);
}
