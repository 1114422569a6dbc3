/*
 * Copyright cases that run by themselves, and the last mail to a reporter, on
 * a real database: run by tests/sql/cluster.  Time is given, not waited for.
 */
#include "base/base.h"
#include "base/when.h"
#include "core/notice/copyright.h"
#include "core/notice/outcome.h"
#include "core/outgoing/outbox.h"
#include "core/ticket/ticket.h"
#include "http/view.h"

#include "sqltest.h"

static const struct actor analyst = {.id = 1, .name = "Ana", .role =
    ROLE_ANALYST};
static struct conf *conf; /* of the site, to be changed */

/* Working time, an hour or so from the real one. */
static int64_t
working(void)
{
	return calendar_next(site.calendar, when_now() + 3600 * WHEN_SECOND);
}

/* A report as intake leaves it, with its receipt and one event. */
static int64_t
report(const char *type, const char *reporter)
{
	ARENA_AUTO(a, "test");
	int64_t n = number_of("INSERT INTO ticket (subject, type, reporter, organisation, due) "
	    "VALUES ('a report', $1, 'x', 1, now()) RETURNING number", type);

	change("INSERT INTO ticket_party (ticket, email, role, acked) VALUES ($1::bigint, $2, 'reporter', now())",
	    num(n), reporter);
	change("INSERT INTO message (direction, purpose, ticket, message_id, sha256, size) "
	       "VALUES ('out', 'ack', $1::bigint, 'ack.' || $1::text || '@tocsin.example', 'x', 1)",
	    num(n), NULL);
	change("WITH m AS (INSERT INTO message (direction, disposition, ticket, sha256, size) "
	       "VALUES ('in', 'report', $1::bigint, 'x', 1) RETURNING id, ticket) "
	       "INSERT INTO event (ticket, message, type, source_ip, \"time\", zone, verdict, reason, organisation) "
	       "SELECT ticket, id, $2, '192.0.2.7', now(), 'given', 'confirmed', 'x', 1 FROM m",
	    num(n), type);
	return n;
}

static const char *
one_of(struct arena *a, const char *text, int64_t n)
{
	return text_of(a, text, num(n));
}

static int64_t
mails(int64_t ticket, const char *purpose)
{
	ARENA_AUTO(a, "test");

	return number_of(arena_printf(a, "SELECT count(*) FROM message "
	    "WHERE direction = 'out' AND purpose = '%s' AND ticket = $1",
	    purpose), num(ticket));
}

static const char *
mail_text(struct arena *a, int64_t ticket)
{
	return one_of(a, "SELECT text FROM message WHERE purpose = 'outcome' AND ticket = $1",
	    ticket);
}

static int
quiet(void **state)
{
	(void)state;
	change("DELETE FROM report_outcome", NULL, NULL);
	change("UPDATE ticket SET owner = 1 WHERE owner IS NULL", NULL, NULL);
	change("UPDATE ticket_party SET acked = NULL", NULL, NULL);
	conf->copyright_auto = true;
	conf->reporter_outcome = true;
	return 0;
}

/* ---- copyright ------------------------------------------------------------ */

static int64_t
run_copyright(int64_t now)
{
	int64_t n;

	OK(copyright_run(db, &site, now, &n, err));
	return n;
}

static void
test_a_copyright_report_without_doubt_is_passed_on(void **state)
{
	ARENA_AUTO(a, "test");
	int64_t n = report("fraud/copyright", "rights@film.example");

	(void)state;
	conf->copyright_auto = false;
	assert_int_equal(run_copyright(working()), 0);
	conf->copyright_auto = true;
	/* a Sunday */
	assert_int_equal(run_copyright(INT64_C(1795953600) * WHEN_SECOND), 0);
	assert_int_equal(run_copyright(working()), 1);
	assert_int_equal(run_copyright(working()), 0);
	assert_int_equal(number_of("SELECT count(*) FROM delivery d JOIN message m ON m.id = d.message "
	    "WHERE m.purpose = 'notice' AND d.address = 'copyright@north.example'",
	    NULL), 1);
	assert_string_equal(one_of(a, "SELECT status FROM ticket WHERE number = $1",
	    n), "open");
	assert_string_equal(one_of(a, "SELECT coalesce(doubt, 'none') FROM copyright_seen WHERE ticket = $1",
	    n), "none");
}

static void
test_doubt_stays_with_the_analysts(void **state)
{
	ARENA_AUTO(a, "test");
	static const struct {
		const char *change, *why;
	} cases[] = {
	    {"UPDATE event SET \"time\" = NULL, zone = 'unknown' WHERE ticket = $1::bigint",
		"zone"},
	    {"UPDATE event SET verdict = 'probable' WHERE ticket = $1::bigint",
		"not for certain"},
	    {"UPDATE event SET organisation = NULL WHERE ticket = $1::bigint",
		"of no member"},
	    {"UPDATE event SET extra = '{\"retraction\": true}' WHERE ticket = $1::bigint",
		"takes an earlier notice back"},
	    {"INSERT INTO event (ticket, message, type, source_ip, \"time\", zone, verdict, reason, organisation) "
	     "SELECT ticket, message, type, '198.51.100.7', \"time\", zone, verdict, reason, 2 FROM event WHERE ticket = $1::bigint",
		"several members"},
	    {"DELETE FROM event WHERE ticket = $1::bigint", "no address"},
	    {"UPDATE ticket SET tlp = 'RED' WHERE number = $1::bigint",
		"may not be passed on"},
	    {"WITH e AS (UPDATE event SET organisation = 2 WHERE ticket = $1::bigint) "
	     "UPDATE ticket SET organisation = 2 WHERE number = $1::bigint",
		"no contact"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t n = report("fraud/copyright", "rights@film.example");
		const char *why;

		change(cases[i].change, num(n), NULL);
		assert_int_equal(run_copyright(working()), 1);
		why = one_of(a, "SELECT coalesce(doubt, '') FROM copyright_seen WHERE ticket = $1",
		    n);
		if (strstr(why, cases[i].why) == NULL)
			fail_msg("%s: %s", cases[i].change, why);
		assert_int_equal(mails(n, "notice"), 0);
		assert_string_equal(one_of(a, "SELECT status FROM ticket WHERE number = $1",
		    n), "new");
		assert_string_equal(one_of(a, "SELECT object FROM audit WHERE action = 'copyright.left' AND ticket = $1",
		    n), why);
	}
	/* What somebody has taken, and other types, are not looked at. */
	change("UPDATE ticket SET owner = 1 WHERE number = $1::bigint",
	    num(report("fraud/copyright", "r@film.example")), NULL);
	report("fraud/phishing", "r@film.example");
	assert_int_equal(run_copyright(working()), 0);
}

/* ---- the outcome ---------------------------------------------------------- */

static int64_t
run_outcomes(int64_t in_seconds)
{
	int64_t n;

	OK(outcome_send(db, &site, when_now() + in_seconds * WHEN_SECOND, &n,
	    err));
	return n;
}

static void
resolve(int64_t n)
{
	OK(ticket_status(db, &analyst, n, 0, "resolved", NULL, err));
}

static void
test_the_reporter_is_told_once(void **state)
{
	ARENA_AUTO(a, "test");
	int64_t n = report("other/other", "ops@isp.example");

	(void)state;
	change("INSERT INTO message (direction, purpose, ticket, received, sha256, size) "
	       "VALUES ('out', 'notice', $1::bigint, '2026-11-20 10:00Z', 'x', 1)",
	    num(n), NULL);
	assert_int_equal(run_outcomes(700), 0);
	/* A closing that is undone says nothing. */
	resolve(n);
	OK(ticket_status(db, &analyst, n, 0, "open", NULL, err));
	assert_int_equal(run_outcomes(700), 0);
	resolve(n);
	assert_int_equal(run_outcomes(500), 0);
	assert_int_equal(run_outcomes(700), 1);
	assert_int_equal(run_outcomes(700), 0);
	assert_non_null(strstr(mail_text(a, n), "responsible on 2026-11-20"));
	assert_non_null(strstr(mail_text(a, n), "You were not named."));
	assert_null(strstr(mail_text(a, n), "North"));
	assert_string_equal(one_of(a, "SELECT d.address || ' ' || d.null_sender FROM delivery d JOIN message m ON m.id = d.message "
	    "WHERE m.purpose = 'outcome' AND m.ticket = $1", n),
	    "ops@isp.example true");
	/* Opened and closed again: it was the last one. */
	OK(ticket_status(db, &analyst, n, 0, "open", NULL, err));
	resolve(n);
	assert_int_equal(run_outcomes(700), 0);
}

static void
test_its_limits_are_kept(void **state)
{
	ARENA_AUTO(a, "test");
	int64_t n = report("other/other", "ops@isp.example");
	int64_t quiet_one = report("other/other", "robot@isp.example");

	(void)state;
	change("UPDATE ticket SET tlp = 'RED', subject = 'the secret', name_reporter = true WHERE number = $1::bigint",
	    num(n), NULL);
	change("UPDATE message SET inspect = '{\"outer_subject\": \"...\"}' WHERE disposition = 'report' AND ticket = $1::bigint",
	    num(n), NULL);
	change("INSERT INTO message (direction, purpose, ticket, sha256, size) "
	       "VALUES ('out', 'notice', $1::bigint, 'x', 1)",
	    num(n), NULL);
	/* Who got no receipt gets no outcome. */
	change("UPDATE ticket_party SET acked = NULL WHERE ticket = $1::bigint",
	    num(quiet_one), NULL);
	resolve(n);
	resolve(quiet_one);
	assert_int_equal(run_outcomes(700), 1);
	assert_non_null(strstr(mail_text(a, n), "TLP:RED"));
	assert_non_null(strstr(mail_text(a, n), "You allowed us to name you"));
	assert_null(strstr(mail_text(a, n), "secret"));
	assert_int_equal(mails(quiet_one, "outcome"), 0);
	/* Rejected is not an outcome; and a site may want none. */
	n = report("other/other", "ops@isp.example");
	OK(ticket_status(db, &analyst, n, 0, "rejected", NULL, err));
	assert_int_equal(run_outcomes(700), 0);
	n = report("other/other", "ops@isp.example");
	resolve(n);
	conf->reporter_outcome = false;
	assert_int_equal(run_outcomes(700), 0);
	conf->reporter_outcome = true;
	assert_int_equal(run_outcomes(700), 0);
}

/* An investigation that is closed is an outcome for the report it is about,
 * and for no other of the incident. */
static void
test_a_closed_investigation_is_an_outcome(void **state)
{
	ARENA_AUTO(a, "test");
	int64_t n = report("other/other", "one@isp.example");
	int64_t other = report("other/other", "two@isp.example");
	int64_t thread, incident;

	(void)state;
	incident = number_of("INSERT INTO ticket (kind, status, subject, due) VALUES ('incident', 'open', 'i', now()) RETURNING number",
	    NULL);
	thread = number_of("INSERT INTO ticket (kind, status, subject, due) VALUES ('investigation', 'open', 't', now()) RETURNING number",
	    NULL);
	change("INSERT INTO ticket_link (incident, child) VALUES ($1::bigint, $2::bigint)",
	    num(incident), num(n));
	change("INSERT INTO ticket_link (incident, child) VALUES ($1::bigint, $2::bigint)",
	    num(incident), num(other));
	change("INSERT INTO ticket_link (incident, child) VALUES ($1::bigint, $2::bigint)",
	    num(incident), num(thread));
	change("INSERT INTO ticket_about (ticket, event) SELECT $2::bigint, id FROM event WHERE ticket = $1::bigint",
	    num(n), num(thread));
	change("WITH m AS (INSERT INTO message (direction, purpose, ticket, sha256, size) "
	       "VALUES ('out', 'notice', $1::bigint, 'x', 1) RETURNING id, ticket) "
	       "INSERT INTO notice (ticket, organisation, party, message, sent, answer_by) "
	       "SELECT ticket, 1, 'North', id, '2026-11-19 10:00Z', now() FROM m",
	    num(thread), NULL);
	resolve(thread);
	assert_int_equal(run_outcomes(700), 1);
	assert_non_null(strstr(mail_text(a, n), "responsible on 2026-11-19"));
	assert_int_equal(mails(other, "outcome"), 0);
	resolve(n);
	assert_int_equal(run_outcomes(700), 0);
}

static void
test_who_reports_much_gets_one_mail_a_day(void **state)
{
	ARENA_AUTO(a, "test");
	int64_t numbers[12], n;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		numbers[i] = report("other/other", "many@isp.example");
		resolve(numbers[i]);
	}
	assert_int_equal(run_outcomes(700), 0);
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		assert_int_equal(mails(numbers[i], "outcome"), 0);
	/* Not before its day is over. */
	OK(outcome_summaries(db, &site, when_now() - WHEN_DAY, &n, err));
	assert_int_equal(n, 0);
	OK(outcome_summaries(db, &site, when_now() + WHEN_DAY, &n, err));
	assert_int_equal(n, 1);
	OK(outcome_summaries(db, &site, when_now() + WHEN_DAY, &n, err));
	assert_int_equal(n, 0);
	assert_string_equal(text_of(a, "SELECT m.recipients || ': ' || m.subject FROM message m WHERE m.purpose = 'outcomes'",
	    NULL),
	    "many@isp.example: [TOCSIN] What became of 12 of your reports");
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		assert_non_null(strstr(text_of(a, "SELECT text FROM message WHERE purpose = 'outcomes'",
		    NULL), arena_printf(a, "[TOCSIN #%" PRId64 "] closed: ",
		    numbers[i])));
	assert_int_equal(number_of("SELECT count(*) FROM report_outcome WHERE state = 'sent'",
	    NULL), 12);
}

static int
setup(void **state)
{
	(void)state;
	sqltest_begin();
	conf = (struct conf *)site.conf;
	OK((site.tmpl = tmpl_load(SRCDIR "/templates", NULL, views_all,
	    err)) != NULL);
	assert_int_equal(number_of("INSERT INTO principal (kind, name, email, role) "
	    "VALUES ('person', 'Ana', 'ana@tocsin.example', 'analyst') RETURNING id",
	    NULL), analyst.id);
	change("INSERT INTO organisation (handle, name) VALUES ('north', 'North'), ('south', 'South')",
	    NULL, NULL);
	change("INSERT INTO contact (organisation, role, email) VALUES "
	       "(1, 'security', 'security@north.example'), (1, 'copyright', 'copyright@north.example')",
	    NULL, NULL);
	return 0;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, quiet)
	const struct CMUnitTest tests[] = {
	    TEST(test_a_copyright_report_without_doubt_is_passed_on),
	    TEST(test_doubt_stays_with_the_analysts),
	    TEST(test_the_reporter_is_told_once),
	    TEST(test_its_limits_are_kept),
	    TEST(test_a_closed_investigation_is_an_outcome),
	    TEST(test_who_reports_much_gets_one_mail_a_day),
	};

	return cmocka_run_group_tests(tests, setup, sqltest_end);
}
