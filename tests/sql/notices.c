/*
 * The clock of notices on a real database (run by tests/sql/cluster): ladders,
 * reminders, several hosts.  Time is given, not waited for; every test has its
 * own member and tickets.
 */
#include "notices.h"

/* ---- the ladder ----------------------------------------------------------- */

static void
first(const char *type, int64_t member, const char *answer,
    const char *next)
{
	int64_t answer_by, next_at;

	OK(notice_first(db, &site, type, member, at("2026-11-23 10:00"),
	    &answer_by, &next_at, err));
	IS(answer_by, answer);
	IS(next_at, next);
}

static void
test_the_most_specific_rule_wins(void **state)
{
	int64_t member = make_member("rules"), other = make_member("rules2");
	ARENA_AUTO(a, "test");

	(void)state;
	first(NULL, DESC_NULL, "2026-11-26 10:00", "2026-11-24 10:00");
	first("information-gathering/scanner", member, "2026-11-26 10:00",
	    "2026-11-24 10:00");
	first("availability/ddos", member, "2026-11-23 14:00",
	    "2026-11-23 11:00");
	first("intrusions/system-compromise", DESC_NULL, "2026-11-24 10:00",
	    "2026-11-23 14:00");
	/* an organisation's own ladder beats that of the type ... */
	change("WITH r AS (INSERT INTO notice_rule (organisation, answer_days) VALUES ($1::bigint, 10) RETURNING id) "
	       "INSERT INTO notice_level (rule, level, days, act) SELECT id, 1, 5, 'remind' FROM r",
	    num(member), NULL);
	first("availability/ddos", member, "2026-12-07 10:00",
	    "2026-11-30 10:00");
	first("availability/ddos", other, "2026-11-23 14:00",
	    "2026-11-23 11:00");
	/* ... and one for its type that. */
	change("WITH r AS (INSERT INTO notice_rule (organisation, type, answer_minutes) VALUES ($1::bigint, 'availability/ddos', 60) RETURNING id) "
	       "INSERT INTO notice_level (rule, level, minutes, act) SELECT id, 1, 30, 'phone' FROM r",
	    num(member), NULL);
	first("availability/ddos", member, "2026-11-23 11:00",
	    "2026-11-23 10:30");
	first("availability/dos", member, "2026-12-07 10:00",
	    "2026-11-30 10:00");
	refused("INSERT INTO notice_rule (organisation, answer_days) VALUES ($1::bigint, 3)",
	    num(member), NULL);
}

static void
test_reminders_then_others_then_the_telephone(void **state)
{
	ARENA_AUTO(a, "test");
	struct sent n = send_notice("ladder", "information-gathering/scanner",
	    at("2026-11-23 10:00"));
	int64_t incident;
	const char *text, *sent_id;

	(void)state;
	incident = number_of("INSERT INTO ticket (kind, status, subject, due, owner) "
	    "VALUES ('incident', 'open', 'Scan', '2030-01-01', 1) RETURNING number",
	    NULL);
	change("INSERT INTO ticket_link (incident, child) VALUES ($1::bigint, $2::bigint)",
	    num(incident), num(n.ticket));

	/* Not before its time, not at night, not at the week-end. */
	assert_int_equal(run_at(at("2026-11-24 09:59")), 0);
	assert_int_equal(run_at(at("2026-11-24 20:00")), 0);
	assert_int_equal(run_at(at("2026-11-28 12:00")), 0);
	assert_int_equal(run_at(at("2026-11-24 10:00")), 1);
	assert_int_equal(run_at(at("2026-11-24 10:00")), 0);
	assert_int_equal(mails(&n, "reminder"), 1);
	assert_string_equal(field(a, &n, "stage"), "remind");
	assert_string_equal(field(a, &n, "level"), "1");
	IS(next_of(&n), "2026-11-26 10:00");
	assert_int_equal(history(&n, "notice.remind"), 1);

	/* On the notice's thread, to the same people, with all it says. */
	sent_id = text_of(a, "SELECT message_id FROM message WHERE id = $1",
	    num(n.message));
	text = text_of(a, "SELECT convert_from(r.bytes, 'UTF8') FROM message m "
	    "JOIN message_raw r ON r.message = m.id "
	    "WHERE m.ticket = $1 AND m.purpose = 'reminder'",
	    num(n.ticket));
	assert_non_null(strstr(text, arena_printf(a, "In-Reply-To: <%s>",
	    sent_id)));
	assert_non_null(strstr(text, arena_printf(a, "References: <%s>",
	    sent_id)));
	assert_non_null(strstr(text, "Auto-Submitted: auto-generated"));
	assert_non_null(strstr(text, "[TOCSIN #1] scanner: 192.0.2.7"));
	assert_non_null(strstr(text, "> Please look at 192.0.2.7."));
	assert_non_null(strstr(text, "TLP:AMBER"));
	assert_non_null(strstr(text, "2026-11-26 10:00 Z"));
	assert_non_null(strstr(text, "NOT-TRACED"));
	assert_non_null(strstr(text, "http://127.0.0.1:8080/n/"));
	assert_null(strstr(text, "time is over"));
	assert_string_equal(text_of(a, "SELECT string_agg(d.address, ',') FROM message m "
	    "JOIN delivery d ON d.message = m.id WHERE m.ticket = $1 AND m.purpose = 'reminder'",
	    num(n.ticket)), "security@ladder.example");

	assert_int_equal(run_at(at("2026-11-26 10:00")), 1);
	assert_int_equal(mails(&n, "reminder"), 2);

	/* Other people of that member, once. */
	assert_int_equal(run_at(at("2026-11-30 10:00")), 1);
	assert_string_equal(field(a, &n, "stage"), "second contact");
	assert_string_equal(text_of(a, "SELECT string_agg(d.address, ',') FROM delivery d "
	    "WHERE d.message = (SELECT max(id) FROM message WHERE ticket = $1 AND purpose = 'reminder')",
	    num(n.ticket)), "management@ladder.example");
	assert_int_equal(history(&n, "notice.second"), 1);
	assert_string_equal(text_of(a, "SELECT role FROM ticket_party WHERE ticket = $1 AND email = 'management@ladder.example'",
	    num(n.ticket)), "member");
	assert_non_null(strstr(text_of(a, "SELECT text FROM message WHERE ticket = $1 AND purpose = 'reminder' ORDER BY id DESC LIMIT 1",
	    num(n.ticket)), "this time is over"));

	/* No mail: somebody calls. */
	assert_false(in_view(&n, "phone"));
	assert_int_equal(run_at(at("2026-12-01 10:00")), 1);
	assert_int_equal(mails(&n, "reminder"), 3);
	assert_true(in_view(&n, "phone"));
	assert_int_equal(number_of("SELECT count(*) FROM message WHERE ticket = $1 AND direction = 'comment'",
	    num(n.ticket)), 1);
	OK(notice_called(db, &analyst, n.ticket, "Will call back.", err));
	assert_false(in_view(&n, "phone"));

	/* Overdue, and so is the incident above. */
	assert_int_equal(run_at(at("2026-12-02 10:00")), 1);
	assert_string_equal(field(a, &n, "stage"), "overdue");
	assert_int_equal(next_of(&n), DESC_NULL);
	assert_true(in_view(&n, "phone"));
	assert_string_equal(text_of(a, "SELECT (due <= '2026-12-02 10:00Z')::text FROM ticket WHERE number = $1",
	    num(incident)), "true");
	assert_int_equal(run_at(at("2027-12-01 10:00")), 0);
}

static void
test_a_mail_that_came_back_is_for_others(void **state)
{
	ARENA_AUTO(a, "test");
	struct sent n = send_notice("bounced", "other/other",
	    at("2026-11-23 10:00"));

	(void)state;
	change("UPDATE delivery SET state = 'bounced' WHERE message = $1::bigint",
	    num(n.message), NULL);
	assert_int_equal(run_at(at("2026-11-24 10:00")), 1);
	assert_string_equal(field(a, &n, "stage"), "second contact");
	/* nobody is left */
	change("UPDATE delivery SET state = 'refused' FROM message m WHERE m.id = message AND m.ticket = $1::bigint",
	    num(n.ticket), NULL);
	assert_int_equal(run_at(at("2026-11-26 10:00")), 1);
	assert_string_equal(field(a, &n, "stage"), "phone");
	assert_int_equal(mails(&n, "reminder"), 1);
	assert_true(in_view(&n, "phone"));
}

static void
test_outside_it_goes_to_the_cert_above(void **state)
{
	ARENA_AUTO(a, "test");
	struct sent n = {.member = DESC_NULL};

	(void)state;
	change("INSERT INTO registry_net (net, object, country, abuse) "
	       "VALUES ('203.0.113.0/24', '203.0.113.0/24', 'XA', 'abuse@isp.example')", NULL, NULL);
	change("INSERT INTO foreign_contact (country, name, email, phone) "
	       "VALUES ('XA', 'CERT-XA', 'cert@xa.example', '+99 1')", NULL, NULL);
	send_on(&n, "other/other", "abuse@isp.example", at("2026-11-23 10:00"));
	change("WITH e AS (INSERT INTO event (ticket, message, source_ip, verdict, reason) "
	       "VALUES ($1::bigint, $2::bigint, '203.0.113.7', 'outside', '') RETURNING id) "
	       "INSERT INTO ticket_about (ticket, event) SELECT $1::bigint, id FROM e",
	    num(n.ticket), num(n.message));
	assert_int_equal(run_at(at("2026-11-24 10:00")), 1);
	assert_int_equal(run_at(at("2026-11-26 10:00")), 1);
	assert_int_equal(run_at(at("2026-11-30 10:00")), 1);
	assert_string_equal(field(a, &n, "stage"), "second contact");
	assert_string_equal(text_of(a, "SELECT string_agg(DISTINCT d.address, ',') FROM delivery d "
	    "WHERE d.message = (SELECT max(id) FROM message WHERE ticket = $1 AND purpose = 'reminder')",
	    num(n.ticket)), "cert@xa.example");
}

/* ---- several hosts, and what fails ---------------------------------------- */

static void
test_what_somebody_holds_is_left_for_later(void **state)
{
	ARENA_AUTO(a, "test");
	struct sent n = send_notice("held", "other/other",
	    at("2026-11-23 10:00"));

	(void)state;
	change("BEGIN", NULL, NULL);
	change("UPDATE ticket SET updated = now() WHERE number = $1::bigint",
	    num(n.ticket), NULL);
	assert_int_equal(run_at(at("2026-11-24 10:00")), 0);
	change("COMMIT", NULL, NULL);
	assert_int_equal(run_at(at("2026-11-24 10:00")), 1);
	assert_int_equal(mails(&n, "reminder"), 1);
}

static void
test_one_that_fails_holds_up_no_other(void **state)
{
	ARENA_AUTO(a, "test");
	struct sent bad = send_notice("bad", "other/other",
	    at("2026-11-23 10:00"));
	struct sent good = {.member = bad.member};

	(void)state;
	change("UPDATE delivery SET address = 'no-address' WHERE message = $1::bigint",
	    num(bad.message), NULL);
	send_on(&good, "other/other", "security@bad.example",
	    at("2026-11-23 10:00"));
	assert_int_equal(run_at(at("2026-11-24 10:00")), 2);
	assert_int_equal(mails(&bad, "reminder"), 0);
	assert_int_equal(mails(&good, "reminder"), 1);
	IS(next_of(&bad), "2026-11-24 11:00");
	assert_string_equal(field(a, &bad, "level"), "0");
}

static void
test_a_reminder_repeats_nothing_that_was_encrypted(void **state)
{
	ARENA_AUTO(a, "test");
	struct sent n = send_notice("secret", "other/other",
	    at("2026-11-23 10:00"));
	const char *text;

	(void)state;
	change("UPDATE message SET inspect = '{\"crypto\": \"encrypted\"}' WHERE id = $1::bigint",
	    num(n.message), NULL);
	assert_int_equal(run_at(at("2026-11-24 10:00")), 1);
	text = text_of(a, "SELECT text FROM message WHERE ticket = $1 AND purpose = 'reminder'",
	    num(n.ticket));
	assert_null(strstr(text, "Please look"));
	assert_non_null(strstr(text, "not repeated here"));
}

/* A purpose that pgp.encrypt did not know went out in the open. */
static void
test_no_reminder_of_a_red_ticket_in_the_open(void **state)
{
	ARENA_AUTO(a, "test");
	struct sent n = send_notice("red", "other/other",
	    at("2026-11-23 10:00"));

	(void)state;
	change("UPDATE ticket SET tlp = 'RED' WHERE number = $1::bigint",
	    num(n.ticket), NULL);
	conf->pgp_encrypt = "red";
	run_at(at("2026-11-24 10:00"));
	conf->pgp_encrypt = "off";
	assert_int_equal(mails(&n, "reminder"), 0);
	run_at(at("2026-11-24 11:00"));
	assert_int_equal(mails(&n, "reminder"), 1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, quiet)
	const struct CMUnitTest tests[] = {
	    TEST(test_the_most_specific_rule_wins),
	    TEST(test_reminders_then_others_then_the_telephone),
	    TEST(test_a_mail_that_came_back_is_for_others),
	    TEST(test_outside_it_goes_to_the_cert_above),
	    TEST(test_what_somebody_holds_is_left_for_later),
	    TEST(test_one_that_fails_holds_up_no_other),
	    TEST(test_a_reminder_repeats_nothing_that_was_encrypted),
	    TEST(test_no_reminder_of_a_red_ticket_in_the_open),
	};

	return cmocka_run_group_tests(tests, setup, sqltest_end);
}
