/*
 * Answers to notices on a real database (run by tests/sql/cluster): words of a
 * party and of a robot, and what they do to the clock; links.
 */
#include "notices.h"

/* ---- answers -------------------------------------------------------------- */

static bool
hear(struct db *by, void *p, GError **err)
{
	return notice_heard(by, &site, p, err);
}

/* proven: the domain that the mail server in front vouches for, or NULL. */
static int64_t
heard_from(const struct sent *n, const char *from, const char *proven,
    bool robot, const char *text)
{
	ARENA_AUTO(a, "test");
	struct notice_heard m = {.ticket = n->ticket, .answers = DESC_NULL,
	    .robot = robot, .proven = proven, .text = text};

	m.message = g_ascii_strtoll(text_of(a, arena_printf(a,
	    "INSERT INTO message (direction, disposition, ticket, \"from\", sha256, size) "
	    "VALUES ('in', 'reply', %" PRId64 ", $1, 'x', 1) RETURNING id",
	    n->ticket), from), NULL, 10);
	OK(db_tx(db, hear, &m, err));
	return m.message;
}

/* By whom the notice went to. */
static int64_t
heard(const struct sent *n, bool robot, const char *text)
{
	ARENA_AUTO(a, "test");

	return heard_from(n, text_of(a, "SELECT address FROM delivery WHERE message = $1",
	    num(n->message)), NULL, robot, text);
}

static void
test_a_word_is_a_result_and_stops_the_clock(void **state)
{
	ARENA_AUTO(a, "test");
	struct sent n = send_notice("word", "other/other",
	    at("2026-11-23 10:00"));

	(void)state;
	heard(&n, false, "**Cleaned.**\n\nThanks\n> Please look\n");
	assert_string_equal(field(a, &n, "result"), "CLEANED");
	assert_string_equal(field(a, &n, "result_by"), "reply");
	assert_string_not_equal(field(a, &n, "received"), "");
	assert_int_equal(next_of(&n), DESC_NULL);
	assert_int_equal(run_at(at("2026-12-24 10:00")), 0);
	assert_true(in_view(&n, "close"));
	assert_false(in_view(&n, "late"));
	/* It comes back to the desk, open. */
	assert_string_equal(text_of(a, "SELECT status || ' ' || (due < now() + interval '5 hours') FROM ticket WHERE number = $1",
	    num(n.ticket)), "open true");
	/* Another word later: the last counts, both stand in the history. */
	OK(notice_answer(db, &site, &analyst, n.ticket, "not-traced",
	    "analyst", err));
	assert_string_equal(field(a, &n, "result"), "NOT-TRACED");
	assert_string_equal(text_of(a, "SELECT string_agg(concat_ws('>', old, new), ' ' ORDER BY id) FROM audit "
	    "WHERE ticket = $1 AND action = 'notice.result'",
	    num(n.ticket)), "CLEANED CLEANED>NOT-TRACED");
	/* The same again is none. */
	OK(notice_answer(db, &site, &analyst, n.ticket, "NOT-TRACED", "link",
	    err));
	assert_int_equal(history(&n, "notice.result"), 2);
	FAILS(FAULT_INPUT, notice_answer(db, &site, &analyst, n.ticket,
	    "DONE", "link", err));
	/* Until it is closed. */
	OK(ticket_status(db, &analyst, n.ticket, 0, "resolved", NULL, err));
	FAILS(FAULT_CONFLICT, notice_answer(db, &site, &analyst, n.ticket,
	    "CLEANED", "link", err));
	heard(&n, false, "CLEANED\n");
	assert_string_equal(field(a, &n, "result"), "NOT-TRACED");
	FAILS(FAULT_ABSENT, notice_answer(db, &site, &analyst, 1, "CLEANED",
	    "link", err));
}

static void
test_who_is_not_the_party_does_not_answer_for_it(void **state)
{
	static const struct {
		const char *from, *proven;
		bool theirs;
	} who[] = {
	    {"kim@elsewhere.example", NULL, false},
	    /* the domain of somebody else, proven, and theirs, unproven */
	    {"kim@elsewhere.example", "elsewhere.example", false},
	    {"helpdesk@party.example", NULL, false},
	    {"helpdesk@notparty.example", "notparty.example", false},
	    {"helpdesk@cs.party.example", "cs.party.example", true},
	    {"management@party.example", NULL, true},
	    {"Halls@Letting.example", NULL, true},
	    {"gone@party.example", NULL, false},
	};
	ARENA_AUTO(a, "test");
	struct sent n = send_notice("party", "other/other",
	    at("2026-11-23 10:00"));
	const char *org = num(n.member);
	int64_t message;

	(void)state;
	change("INSERT INTO organisation_domain (organisation, domain) VALUES ($1, 'party.example')", org, NULL);
	change("INSERT INTO contact_rule (organisation, type, email) VALUES ($1, 'fraud', 'halls@letting.example')", org, NULL);
	change("INSERT INTO contact (organisation, email, removed_at) VALUES ($1, 'gone@party.example', now())", org, NULL);
	/* a copy of a reply makes nobody the party */
	change("WITH m AS (INSERT INTO message (direction, purpose, ticket, cc, sha256, size) "
	       "VALUES ('out', 'reply', $1, 'kim@elsewhere.example', 'x', 1) RETURNING id) "
	       "INSERT INTO delivery (message, address) SELECT id, 'kim@elsewhere.example' FROM m",
	    num(n.ticket), NULL);
	for (size_t i = 0; i < COUNT_OF(who); i++) {
		change("UPDATE notice SET result = NULL, result_at = NULL, result_by = NULL, "
		       "to_read = NULL, said = NULL WHERE id = $1", num(n.notice), NULL);
		message = heard_from(&n, who[i].from, who[i].proven, false, "CLEANED\n");
		if (strcmp(field(a, &n, "result"), who[i].theirs ? "CLEANED" : "") != 0)
			fail_msg("%s, proven to be of %s: the answer is \"%s\"", who[i].from,
			    who[i].proven != NULL ? who[i].proven : "nothing",
			    field(a, &n, "result"));
		assert_string_equal(field(a, &n, "to_read"),
		    who[i].theirs ? "" : num(message));
		assert_string_equal(field(a, &n, "said"), who[i].theirs ? "" : "CLEANED");
	}
	assert_int_equal(history(&n, "notice.said"), 5);
	/* What a person of theirs wrote is no such word. */
	heard(&n, false, "We look into it.\n");
	assert_string_equal(field(a, &n, "said"), "");
}

static void
test_other_words_wait_to_be_read(void **state)
{
	ARENA_AUTO(a, "test");
	struct sent n = send_notice("words", "other/other",
	    at("2026-11-23 10:00"));

	(void)state;
	heard(&n, false, "The machine has not been cleaned yet.\n");
	assert_string_equal(field(a, &n, "result"), "");
	assert_string_not_equal(field(a, &n, "received"), "");
	assert_true(in_view(&n, "read"));
	assert_int_equal(history(&n, "notice.received"), 1);
	/* Who has answered is not told that they have not. */
	assert_int_equal(run_at(at("2026-11-24 10:00")), 0);
	assert_int_equal(mails(&n, "reminder"), 0);
	/* Read, and no answer: the clock goes on from now. */
	OK(notice_was_read(db, &analyst, n.ticket, err));
	assert_false(in_view(&n, "read"));
	assert_int_equal(run_at(at("2031-01-06 10:00")), 1);
	assert_int_equal(mails(&n, "reminder"), 0);
	IS(next_of(&n), "2031-01-07 10:00");
	assert_int_equal(run_at(at("2031-01-07 10:00")), 1);
	assert_int_equal(mails(&n, "reminder"), 1);
}

static bool
reply(const struct sent *n)
{
	ARENA_AUTO(a, "test");
	const char *const to[] = {"security@more.example", NULL};
	const char *const none[] = {NULL};
	int64_t message;

	OK(ticket_reply(db, &site, &analyst, n->ticket, 0, to, none, "Facts",
	    "The port was 4022.", NULL, 0, false,
	    (struct sealing_choice){0}, &message, err));
	return message > 0;
}

static void
test_need_more_stops_the_clock_until_the_desk_answers(void **state)
{
	ARENA_AUTO(a, "test");
	struct sent n = send_notice("more", "other/other",
	    at("2026-11-23 10:00"));

	(void)state;
	heard(&n, false, "NEED MORE\nWhich port?\n");
	assert_string_equal(field(a, &n, "result"), "NEED-MORE");
	assert_int_equal(next_of(&n), DESC_NULL);
	assert_true(in_view(&n, "more"));
	assert_false(in_view(&n, "close"));
	assert_true(reply(&n));
	assert_false(in_view(&n, "more"));
	assert_true(in_view(&n, "open"));
	assert_string_equal(field(a, &n, "result"), "");
	assert_int_equal(run_at(at("2031-01-06 10:00")), 1);
	IS(next_of(&n), "2031-01-07 10:00");
	assert_int_equal(mails(&n, "reminder"), 0);
	assert_int_equal(run_at(at("2031-01-07 10:00")), 1);
	assert_int_equal(mails(&n, "reminder"), 1);
	assert_int_equal(history(&n, "notice.result"), 1);
	/* A reply to who has answered in a word opens nothing again. */
	heard(&n, false, "AUTHORIZED");
	assert_string_equal(field(a, &n, "result"), "AUTHORISED");
	assert_true(reply(&n));
	assert_string_equal(field(a, &n, "result"), "AUTHORISED");
}

static void
test_closing_stops_the_clock_and_reopening_starts_it(void **state)
{
	ARENA_AUTO(a, "test");
	struct sent n = send_notice("closed", "other/other",
	    at("2026-11-23 10:00"));

	(void)state;
	OK(ticket_status(db, &analyst, n.ticket, 0, "resolved", NULL, err));
	assert_int_equal(next_of(&n), DESC_NULL);
	assert_int_equal(run_at(at("2026-12-24 10:00")), 0);
	assert_false(in_view(&n, "open"));
	OK(ticket_status(db, &analyst, n.ticket, 0, "open", NULL, err));
	assert_int_equal(run_at(at("2031-01-06 10:00")), 1);
	assert_int_equal(mails(&n, "reminder"), 0);
	IS(next_of(&n), "2031-01-07 10:00");
	/* What has its result needs no clock. */
	OK(notice_answer(db, &site, &analyst, n.ticket, "CLEANED", "analyst",
	    err));
	OK(ticket_status(db, &analyst, n.ticket, 0, "resolved", NULL, err));
	OK(ticket_status(db, &analyst, n.ticket, 0, "open", NULL, err));
	assert_int_equal(next_of(&n), DESC_NULL);
}

static void
test_an_answer_may_close_it(void **state)
{
	ARENA_AUTO(a, "test");
	struct sent n = send_notice("auto", "other/other",
	    at("2026-11-23 10:00"));
	struct sent more;

	(void)state;
	conf->desk_auto_close = true;
	more.member = n.member;
	send_on(&more, "other/other", "security@auto.example",
	    at("2026-11-23 10:00"));
	heard(&n, false, "authorised");
	assert_string_equal(text_of(a, "SELECT concat(status, ', ', resolution) FROM ticket WHERE number = $1",
	    num(n.ticket)), "resolved, consented");
	heard(&more, false, "need-more");
	assert_string_equal(text_of(a, "SELECT status FROM ticket WHERE number = $1",
	    num(more.ticket)), "open");
}

static void
test_a_robots_receipt_is_no_result(void **state)
{
	ARENA_AUTO(a, "test");
	struct sent n = send_notice("robot", "other/other",
	    at("2026-11-23 10:00"));
	struct sent copy = {.member = n.member}, strict = {.member = n.member};

	(void)state;
	heard(&n, true, "CLEANED\n");
	assert_string_equal(field(a, &n, "result"), "");
	assert_string_not_equal(field(a, &n, "received"), "");
	assert_string_equal(field(a, &n, "to_read"), "");
	assert_int_equal(run_at(at("2026-11-24 10:00")), 1);
	assert_int_equal(mails(&n, "reminder"), 1);
	/* A copyright notice is done with when it has arrived. */
	send_on(&copy, "fraud/copyright", "security@robot.example",
	    at("2026-11-23 10:00"));
	heard(&copy, true, "We got your mail, ticket 4711.\n");
	assert_string_equal(text_of(a, "SELECT concat(status, ', ', resolution) FROM ticket WHERE number = $1",
	    num(copy.ticket)), "resolved, successfully resolved");
	assert_string_equal(field(a, &copy, "result"), "");
	assert_string_not_equal(field(a, &copy, "received"), "");
	assert_int_equal(next_of(&copy), DESC_NULL);
	/* Unless the site says no. */
	conf->desk_robot_acks_copyright = false;
	send_on(&strict, "fraud/copyright", "security@robot.example",
	    at("2026-11-23 10:00"));
	heard(&strict, true, "We got your mail, ticket 4711.\n");
	assert_string_equal(text_of(a, "SELECT status FROM ticket WHERE number = $1",
	    num(strict.ticket)), "open");
}

/* From the receipt to the last ticket: nothing of it is left open. */
static void
test_a_copyright_case_ends_by_itself(void **state)
{
	ARENA_AUTO(a, "test");
	struct sent n = send_notice("rights", "fraud/copyright",
	    at("2026-11-23 10:00"));
	struct sent second = {.member = n.member};
	int64_t report, incident;

	(void)state;
	conf->copyright_auto = true;
	send_on(&second, "fraud/copyright", "security@rights.example",
	    at("2026-11-23 10:00"));
	incident = number_of("INSERT INTO ticket (kind, status, subject, type, due) "
	    "VALUES ('incident', 'open', 'c', 'fraud/copyright', now()) RETURNING number",
	    NULL);
	report = number_of("INSERT INTO ticket (kind, status, subject, type, due) "
	    "VALUES ('report', 'open', 'c', 'fraud/copyright', now()) RETURNING number",
	    NULL);
	for (int i = 0; i < 3; i++)
		change("INSERT INTO ticket_link (incident, child) VALUES ($1::bigint, $2::bigint)",
		    num(incident), num(i == 0 ? report
			: i == 1 ? n.ticket : second.ticket));
	heard(&n, true, "We got your mail.\n");
	/* Somebody else is still waited for. */
	assert_string_equal(text_of(a, "SELECT status FROM ticket WHERE number = $1",
	    num(incident)), "open");
	heard(&second, false, "CLEANED\n");
	assert_string_equal(text_of(a, "SELECT string_agg(DISTINCT status, ',') FROM ticket "
	    "WHERE number = $1 OR number IN (SELECT child FROM ticket_link WHERE incident = $1)",
	    num(incident)), "resolved");
	assert_string_equal(text_of(a, "SELECT resolution FROM ticket WHERE number = $1",
	    num(report)), "successfully resolved");
}

static void
test_tokens_of_links(void **state)
{
	ARENA_AUTO(a, "test");
	int64_t now = at("2026-11-23 10:00");
	const char *url = notice_link(a, &site, 4711, now);
	char *token = arena_strdup(a, strstr(url, "/n/") + 3);
	bool expired;

	(void)state;
	assert_int_equal(notice_of_token(&site, token, now, &expired), 4711);
	assert_false(expired);
	assert_int_equal(notice_of_token(&site, token, now + 61 * WHEN_DAY,
	    &expired), 4711);
	assert_true(expired);
	token[0] = token[0] == '5' ? '6' : '5';
	assert_int_equal(notice_of_token(&site, token, now, &expired), 0);
	assert_int_equal(notice_of_token(&site, "", now, &expired), 0);
	assert_int_equal(notice_of_token(&site, secret_sign(a, &site.key,
	    "receipt", "4711", now + WHEN_DAY), now, &expired), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, quiet)
	const struct CMUnitTest tests[] = {
	    TEST(test_a_word_is_a_result_and_stops_the_clock),
	    TEST(test_who_is_not_the_party_does_not_answer_for_it),
	    TEST(test_other_words_wait_to_be_read),
	    TEST(test_need_more_stops_the_clock_until_the_desk_answers),
	    TEST(test_closing_stops_the_clock_and_reopening_starts_it),
	    TEST(test_an_answer_may_close_it),
	    TEST(test_a_robots_receipt_is_no_result),
	    TEST(test_a_copyright_case_ends_by_itself),
	    TEST(test_tokens_of_links),
	};

	return cmocka_run_group_tests(tests, setup, sqltest_end);
}
