/*
 * Notices after they were sent, on a real database: run by tests/sql/cluster.
 * Time is given, not waited for; every test has its own member and tickets.
 */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/notice.h"
#include "core/outbox.h"
#include "core/ticket.h"
#include "http/view.h"

#include "sqltest.h"

static const struct actor analyst = {.id = 1, .name = "Ana", .role =
    ROLE_ANALYST};
static struct conf *conf; /* of the site, to be changed */

/* "2026-11-23 10:00", in UTC: a Monday in winter. */
static int64_t
at(const char *s)
{
	g_autofree char *text = g_strdup_printf("%s:00Z", s);
	int64_t t;

	if (!when_parse_rfc3339(text, &t))
		fail_msg("%s is no time", s);
	return t;
}

#define IS(got, want)                                                         \
	do {                                                                  \
		ARENA_AUTO(a_, "test");                                       \
		assert_string_equal(when_page(a_, got),                       \
		    when_page(a_, at(want)));                                 \
	} while (0)

static const char *
digits(struct arena *a, int64_t n)
{
	return arena_printf(a, "%" PRId64, n);
}

/* A thread with a notice on it; id of its row, number of its ticket. */
struct sent {
	int64_t ticket, notice, message, member;
};

static int64_t
make_member(const char *handle)
{
	int64_t id;

	change("INSERT INTO organisation (handle, name) VALUES ($1, 'University ' || $1)",
	    handle, NULL);
	id = number_of("SELECT id FROM organisation WHERE handle = $1", handle);
	change("INSERT INTO contact (organisation, role, name, email, phone) "
	       "SELECT o.id, x.role, 'Kim', x.role || '@' || o.handle || '.example', x.phone "
	       "FROM organisation o, (VALUES ('security', '01234 1'), ('management', '01234 2')) x (role, phone) "
	       "WHERE o.handle = $1", handle, NULL);
	return id;
}

static int64_t
make_ticket(const char *type, int64_t member)
{
	ARENA_AUTO(a, "test");

	return g_ascii_strtoll(text_of(a, arena_printf(a,
	    "INSERT INTO ticket (kind, status, subject, type, organisation, due) "
	    "VALUES ('investigation', 'open', 'Scan from 192.0.2.7', $1, %s, "
	    "'2030-01-01') RETURNING number",
	    member == DESC_NULL ? "NULL" : digits(a, member)), type), NULL,
	    10);
}

/* As whoever sends a notice does. */
static void
send_on(struct sent *n, const char *type, const char *to, int64_t now)
{
	ARENA_AUTO(a, "test");
	int64_t answer_by, next_at;
	const char *const addresses[] = {to, NULL};

	n->ticket = make_ticket(type, n->member);
	OK(notice_first(db, &site, type, n->member, now, &answer_by, &next_at,
	    err));
	OK(outbox_queue(db, &site,
	    &(struct outbox_mail){.purpose = "notice", .ticket = n->ticket,
		.to = addresses, .subject = "[TOCSIN #1] scanner: 192.0.2.7",
		.text = "TLP:AMBER\n\nPlease look at 192.0.2.7.\n"},
	    &n->message, err));
	n->notice = g_ascii_strtoll(text_of(a, arena_printf(a,
	    "INSERT INTO notice (ticket, organisation, party, message, sent, answer_by, next_at) "
	    "VALUES (%" PRId64 ", %s, $1, %" PRId64 ", '%s', '%s', %s) RETURNING id",
	    n->ticket,
	    n->member == DESC_NULL ? "NULL" : digits(a, n->member),
	    n->message, when_rfc3339(a, now), when_rfc3339(a, answer_by),
	    next_at == DESC_NULL ? "NULL"
		: arena_printf(a, "'%s'", when_rfc3339(a, next_at))),
	    "University X"), NULL, 10);
}

static struct sent
send_notice(const char *handle, const char *type, int64_t now)
{
	ARENA_AUTO(a, "test");
	struct sent n = {.member = make_member(handle)};

	send_on(&n, type, arena_printf(a, "security@%s.example", handle), now);
	return n;
}

static int64_t
run_at(int64_t now)
{
	int64_t n;

	OK(notice_clock(db, &site, now, &n, err));
	return n;
}

static const char *
field(struct arena *a, const struct sent *n, const char *name)
{
	return text_of(a, arena_printf(a,
	    "SELECT coalesce(%s::text, '') FROM notice WHERE id = $1", name),
	    digits(a, n->notice));
}

static int64_t
next_of(const struct sent *n)
{
	ARENA_AUTO(a, "test");
	const char *s = field(a, n, "to_char(next_at AT TIME ZONE 'UTC', "
	    "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')");
	int64_t t;

	return when_parse_rfc3339(s, &t) ? t : DESC_NULL;
}

static int64_t
mails(const struct sent *n, const char *purpose)
{
	ARENA_AUTO(a, "test");

	return number_of(arena_printf(a, "SELECT count(*) FROM message "
	    "WHERE direction = 'out' AND purpose = '%s' AND ticket = $1",
	    purpose), digits(a, n->ticket));
}

static int64_t
history(const struct sent *n, const char *action)
{
	ARENA_AUTO(a, "test");

	return number_of(arena_printf(a, "SELECT count(*) FROM audit "
	    "WHERE action = '%s' AND ticket = $1", action),
	    digits(a, n->ticket));
}

static bool
in_view(const struct sent *n, const char *view)
{
	ARENA_AUTO(a, "test");
	struct list rows;
	int64_t total;

	OK(notice_list(db, a, view, 0, &rows, &total, err));
	assert_int_equal(total, rows.n);
	for (size_t i = 0; i < rows.n; i++)
		if (LIST_AT(notice, rows, i)->id == n->notice)
			return true;
	return false;
}

/* Nothing of an earlier test is due. */
static int
quiet(void **state)
{
	(void)state;
	change("UPDATE notice SET next_at = NULL WHERE next_at IS NOT NULL",
	    NULL, NULL);
	conf->desk_auto_close = false;
	conf->desk_robot_acks_copyright = true;
	conf->copyright_auto = false;
	return 0;
}

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
	    digits(a, member), NULL);
	first("availability/ddos", member, "2026-12-07 10:00",
	    "2026-11-30 10:00");
	first("availability/ddos", other, "2026-11-23 14:00",
	    "2026-11-23 11:00");
	/* ... and one for its type that. */
	change("WITH r AS (INSERT INTO notice_rule (organisation, type, answer_minutes) VALUES ($1::bigint, 'availability/ddos', 60) RETURNING id) "
	       "INSERT INTO notice_level (rule, level, minutes, act) SELECT id, 1, 30, 'phone' FROM r",
	    digits(a, member), NULL);
	first("availability/ddos", member, "2026-11-23 11:00",
	    "2026-11-23 10:30");
	first("availability/dos", member, "2026-12-07 10:00",
	    "2026-11-30 10:00");
	refused("INSERT INTO notice_rule (organisation, answer_days) VALUES ($1::bigint, 3)",
	    digits(a, member), NULL);
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
	    digits(a, incident), digits(a, n.ticket));

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
	    digits(a, n.message));
	text = text_of(a, "SELECT convert_from(r.bytes, 'UTF8') FROM message m "
	    "JOIN message_raw r ON r.message = m.id "
	    "WHERE m.ticket = $1 AND m.purpose = 'reminder'",
	    digits(a, n.ticket));
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
	    digits(a, n.ticket)), "security@ladder.example");

	assert_int_equal(run_at(at("2026-11-26 10:00")), 1);
	assert_int_equal(mails(&n, "reminder"), 2);

	/* Other people of that member, once. */
	assert_int_equal(run_at(at("2026-11-30 10:00")), 1);
	assert_string_equal(field(a, &n, "stage"), "second contact");
	assert_string_equal(text_of(a, "SELECT string_agg(d.address, ',') FROM delivery d "
	    "WHERE d.message = (SELECT max(id) FROM message WHERE ticket = $1 AND purpose = 'reminder')",
	    digits(a, n.ticket)), "management@ladder.example");
	assert_int_equal(history(&n, "notice.second"), 1);
	assert_string_equal(text_of(a, "SELECT role FROM ticket_party WHERE ticket = $1 AND email = 'management@ladder.example'",
	    digits(a, n.ticket)), "member");
	assert_non_null(strstr(text_of(a, "SELECT text FROM message WHERE ticket = $1 AND purpose = 'reminder' ORDER BY id DESC LIMIT 1",
	    digits(a, n.ticket)), "this time is over"));

	/* No mail: somebody calls. */
	assert_false(in_view(&n, "phone"));
	assert_int_equal(run_at(at("2026-12-01 10:00")), 1);
	assert_int_equal(mails(&n, "reminder"), 3);
	assert_true(in_view(&n, "phone"));
	assert_int_equal(number_of("SELECT count(*) FROM message WHERE ticket = $1 AND direction = 'comment'",
	    digits(a, n.ticket)), 1);
	OK(notice_called(db, &analyst, n.ticket, "Will call back.", err));
	assert_false(in_view(&n, "phone"));

	/* Overdue, and so is the incident above. */
	assert_int_equal(run_at(at("2026-12-02 10:00")), 1);
	assert_string_equal(field(a, &n, "stage"), "overdue");
	assert_int_equal(next_of(&n), DESC_NULL);
	assert_true(in_view(&n, "phone"));
	assert_string_equal(text_of(a, "SELECT (due <= '2026-12-02 10:00Z')::text FROM ticket WHERE number = $1",
	    digits(a, incident)), "true");
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
	    digits(a, n.message), NULL);
	assert_int_equal(run_at(at("2026-11-24 10:00")), 1);
	assert_string_equal(field(a, &n, "stage"), "second contact");
	/* nobody is left */
	change("UPDATE delivery SET state = 'refused' FROM message m WHERE m.id = message AND m.ticket = $1::bigint",
	    digits(a, n.ticket), NULL);
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
	    digits(a, n.ticket), digits(a, n.message));
	assert_int_equal(run_at(at("2026-11-24 10:00")), 1);
	assert_int_equal(run_at(at("2026-11-26 10:00")), 1);
	assert_int_equal(run_at(at("2026-11-30 10:00")), 1);
	assert_string_equal(field(a, &n, "stage"), "second contact");
	assert_string_equal(text_of(a, "SELECT string_agg(DISTINCT d.address, ',') FROM delivery d "
	    "WHERE d.message = (SELECT max(id) FROM message WHERE ticket = $1 AND purpose = 'reminder')",
	    digits(a, n.ticket)), "cert@xa.example");
}

/* ---- answers -------------------------------------------------------------- */

struct mail {
	int64_t ticket, message;
	bool robot;
	const char *text;
};

static bool
hear(struct db *by, void *p, GError **err)
{
	struct mail *m = p;

	return notice_heard(by, &site, m->ticket, m->message, DESC_NULL, m->robot,
	    m->text, err);
}

static int64_t
heard(const struct sent *n, bool robot, const char *text)
{
	ARENA_AUTO(a, "test");
	struct mail m = {n->ticket, number_of(
	    "INSERT INTO message (direction, disposition, ticket, sha256, size) "
	    "VALUES ('in', 'reply', $1, 'x', 1) RETURNING id",
	    digits(a, n->ticket)), robot, text};

	OK(db_tx(db, hear, &m, err));
	return m.message;
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
	    digits(a, n.ticket)), "open true");
	/* Another word later: the last counts, both stand in the history. */
	OK(notice_answer(db, &site, &analyst, n.ticket, "not-traced",
	    "analyst", err));
	assert_string_equal(field(a, &n, "result"), "NOT-TRACED");
	assert_string_equal(text_of(a, "SELECT string_agg(concat_ws('>', old, new), ' ' ORDER BY id) FROM audit "
	    "WHERE ticket = $1 AND action = 'notice.result'",
	    digits(a, n.ticket)), "CLEANED CLEANED>NOT-TRACED");
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
	    digits(a, n.ticket)), "resolved, consented");
	heard(&more, false, "need-more");
	assert_string_equal(text_of(a, "SELECT status FROM ticket WHERE number = $1",
	    digits(a, more.ticket)), "open");
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
	    digits(a, copy.ticket)), "resolved, successfully resolved");
	assert_string_equal(field(a, &copy, "result"), "");
	assert_string_not_equal(field(a, &copy, "received"), "");
	assert_int_equal(next_of(&copy), DESC_NULL);
	/* Unless the site says no. */
	conf->desk_robot_acks_copyright = false;
	send_on(&strict, "fraud/copyright", "security@robot.example",
	    at("2026-11-23 10:00"));
	heard(&strict, true, "We got your mail, ticket 4711.\n");
	assert_string_equal(text_of(a, "SELECT status FROM ticket WHERE number = $1",
	    digits(a, strict.ticket)), "open");
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
		    digits(a, incident), digits(a, i == 0 ? report
			: i == 1 ? n.ticket : second.ticket));
	heard(&n, true, "We got your mail.\n");
	/* Somebody else is still waited for. */
	assert_string_equal(text_of(a, "SELECT status FROM ticket WHERE number = $1",
	    digits(a, incident)), "open");
	heard(&second, false, "CLEANED\n");
	assert_string_equal(text_of(a, "SELECT string_agg(DISTINCT status, ',') FROM ticket "
	    "WHERE number = $1 OR number IN (SELECT child FROM ticket_link WHERE incident = $1)",
	    digits(a, incident)), "resolved");
	assert_string_equal(text_of(a, "SELECT resolution FROM ticket WHERE number = $1",
	    digits(a, report)), "successfully resolved");
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
	    digits(a, n.ticket), NULL);
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
	    digits(a, bad.message), NULL);
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
	    digits(a, n.message), NULL);
	assert_int_equal(run_at(at("2026-11-24 10:00")), 1);
	text = text_of(a, "SELECT text FROM message WHERE ticket = $1 AND purpose = 'reminder'",
	    digits(a, n.ticket));
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
	    digits(a, n.ticket), NULL);
	conf->pgp_encrypt = "red";
	run_at(at("2026-11-24 10:00"));
	conf->pgp_encrypt = "off";
	assert_int_equal(mails(&n, "reminder"), 0);
	run_at(at("2026-11-24 11:00"));
	assert_int_equal(mails(&n, "reminder"), 1);
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
	return 0;
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
	    TEST(test_a_word_is_a_result_and_stops_the_clock),
	    TEST(test_other_words_wait_to_be_read),
	    TEST(test_need_more_stops_the_clock_until_the_desk_answers),
	    TEST(test_closing_stops_the_clock_and_reopening_starts_it),
	    TEST(test_an_answer_may_close_it),
	    TEST(test_a_robots_receipt_is_no_result),
	    TEST(test_a_copyright_case_ends_by_itself),
	    TEST(test_what_somebody_holds_is_left_for_later),
	    TEST(test_one_that_fails_holds_up_no_other),
	    TEST(test_a_reminder_repeats_nothing_that_was_encrypted),
	    TEST(test_no_reminder_of_a_red_ticket_in_the_open),
	    TEST(test_tokens_of_links),
	};

	return cmocka_run_group_tests(tests, setup, sqltest_end);
}
