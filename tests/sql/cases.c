/*
 * Life cycles on a real database (run by tests/sql/cluster): every transition and
 * every cascade, allowed and refused, links, and an incident from a report.
 */
#include "cases.h"

/* The issue's own words, not the program's table. */
static bool
expected(const char *kind, const char *from, const char *to)
{
	static const char *const moves[] = {
	    "report new open", "report new resolved", "report new rejected",
	    "report open resolved", "report open rejected",
	    "report resolved open", "report rejected open",
	    "incident open resolved", "incident open abandoned",
	    "incident resolved open", "incident abandoned open",
	    "investigation open resolved", "investigation resolved open",
	    "countermeasure pending activation active",
	    "countermeasure pending activation removed",
	    "countermeasure active pending removal",
	    "countermeasure pending removal removed",
	    "countermeasure pending removal active"};
	const char *want = arena_printf(life, "%s %s %s", kind, from, to);

	for (size_t i = 0; i < COUNT_OF(moves); i++)
		if (strcmp(moves[i], want) == 0)
			return true;
	return false;
}

static void
test_every_transition(void **state)
{
	size_t allowed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(states); i++)
		for (size_t k = 0; k < COUNT_OF(states); k++) {
			const char *kind = states[i].kind;
			const char *to = states[k].status;
			int64_t n;

			for (n = 0; strcmp(states[n].status, to) != 0;)
				n++;
			if (n < (int64_t)k || /* another kind has it too */
			    strcmp(states[i].status, to) == 0)
				continue;
			n = make(kind);
			put(n, states[i].status);
			if (expected(kind, states[i].status, to)) {
				OK(ticket_status(db, &ann, n, 0, to, NULL,
				    err));
				assert_string_equal(status_of(n), to);
				/* closed by a reason, open by none */
				assert_true((field("closed IS NOT NULL", n),
				    lifecycle_closed(to)) ==
				    (number_of("SELECT (resolution IS NOT NULL)"
					"::int FROM ticket WHERE number = $1",
					num(n)) == 1));
				allowed++;
			} else {
				FAILS(FAULT_INPUT, ticket_status(db, &ann, n,
				    0, to, NULL, err));
				assert_string_equal(status_of(n),
				    states[i].status);
			}
		}
	assert_int_equal(allowed, 18);
	rebuilt();
}

static void
test_reasons(void **state)
{
	int64_t n = make("report");

	(void)state;
	FAILS(FAULT_INPUT, ticket_status(db, &ann, n, 0, "rejected",
	    "I do not like it", err));
	FAILS(FAULT_INPUT, ticket_status(db, &ann, n, 0, "rejected",
	    "no response from customer", err));
	OK(ticket_status(db, &ann, n, 0, "rejected", "spam", err));
	assert_string_equal(text_of(life, "SELECT resolution FROM ticket "
	    "WHERE number = $1", num(n)), "spam");
	OK(ticket_status(db, &ann, n, 0, "open", NULL, err));
	assert_int_equal(number_of("SELECT (resolution IS NULL)::int "
	    "FROM ticket WHERE number = $1", num(n)), 1);
}

/* What an incident's end does to each state below it. */
static const struct {
	const char *end, *kind, *status, *becomes;
} below[] = {
    {"resolved", "report", "new", "resolved"},
    {"resolved", "report", "open", "resolved"},
    {"resolved", "report", "rejected", "rejected"},
    {"resolved", "investigation", "open", "resolved"},
    {"resolved", "countermeasure", "pending activation", "removed"},
    {"resolved", "countermeasure", "active", "pending removal"},
    {"resolved", "countermeasure", "pending removal", "pending removal"},
    {"resolved", "countermeasure", "removed", "removed"},
    {"abandoned", "report", "new", "rejected"},
    {"abandoned", "report", "open", "rejected"},
    {"abandoned", "report", "resolved", "resolved"},
    {"abandoned", "investigation", "open", "resolved"},
    {"abandoned", "investigation", "resolved", "resolved"},
    {"abandoned", "countermeasure", "pending activation", "removed"},
    {"abandoned", "countermeasure", "active", "pending removal"}};

static void
hang(int64_t incident, int64_t child)
{
	change("INSERT INTO ticket_link (incident, child) VALUES ($1, $2)",
	    num(incident), num(child));
}

static void
test_every_cascade_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(below); i++) {
		int64_t parent = make("incident"), child = make(below[i].kind);
		const char *before;

		hang(parent, child);
		put(child, below[i].status);
		before = everything();
		OK(ticket_status(db, &ann, parent, 0, below[i].end, NULL,
		    err));
		if (strcmp(status_of(child), below[i].becomes) != 0)
			fail_msg("%s, %s %s: %s", below[i].end, below[i].kind,
			    below[i].status, status_of(child));
		OK(deed_undo(db, &bob, last_deed(), NULL, err));
		assert_string_equal(everything(), before);
		FAILS(FAULT_CONFLICT, deed_undo(db, &bob,
		    last_deed() - 1, NULL, err));
	}
	rebuilt();
}

static void
test_another_incident_holds_it(void **state)
{
	int64_t one = make("incident"), two = make("incident");
	int64_t n = make("report");

	(void)state;
	OK(case_link(db, &ann, one, n, 0, err));
	assert_string_equal(status_of(n), "open"); /* by being linked */
	OK(case_link(db, &ann, two, n, 0, err));
	OK(ticket_status(db, &ann, one, 0, "resolved", NULL, err));
	assert_string_equal(status_of(n), "open");
	assert_int_equal(number_of("SELECT count(*) FROM audit WHERE "
	    "ticket = $1 AND action = 'ticket.held'", num(n)), 1);
	assert_int_equal(number_of("SELECT held::int FROM ticket "
	    "WHERE number = $1", num(n)), 1);
	OK(ticket_status(db, &ann, two, 0, "resolved", NULL, err));
	assert_string_equal(status_of(n), "resolved");
	/* Reopened, it reopens both. */
	OK(ticket_status(db, &ann, n, 0, "open", NULL, err));
	assert_string_equal(status_of(one), "open");
	assert_string_equal(status_of(two), "open");
	rebuilt();
}

static void
test_cascade_up(void **state)
{
	static const struct {
		const char *kind, *from, *to;
	} ups[] = {{"report", "resolved", "open"}, {"report", "rejected", "open"},
	    {"investigation", "resolved", "open"},
	    {"countermeasure", "pending removal", "active"}};
	static const char *const ends[] = {"resolved", "abandoned"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ups); i++)
		for (size_t k = 0; k < COUNT_OF(ends); k++) {
			int64_t parent = make("incident");
			int64_t child = make(ups[i].kind);

			hang(parent, child);
			put(child, ups[i].from);
			put(parent, ends[k]);
			OK(ticket_status(db, &ann, child, 0, ups[i].to, NULL,
			    err));
			assert_string_equal(status_of(parent), "open");
		}
	rebuilt();
}

static void
test_owner_goes_both_ways(void **state)
{
	int64_t parent = make("incident"), closed = make("report");
	int64_t a = make("report"), b = make("investigation");

	(void)state;
	hang(parent, a);
	hang(parent, b);
	hang(parent, closed);
	put(closed, "resolved");
	OK(ticket_take(db, &ann, a, 0, err));
	assert_int_equal(field("owner", parent), ann.id);
	assert_int_equal(field("owner", b), ann.id);
	assert_int_equal(field("owner", closed), 0);
	OK(ticket_take(db, &bob, parent, 0, err));
	assert_int_equal(field("owner", a), bob.id);
	assert_int_equal(field("owner", b), bob.id);
	OK(deed_undo(db, &ann, last_deed(), NULL, err));
	assert_int_equal(field("owner", a), ann.id);
	assert_int_equal(field("owner", parent), ann.id);
	rebuilt();
}

static int64_t
due_in_minutes(int64_t n)
{
	return number_of("SELECT round(extract(epoch FROM due - now()) / 60) "
	    "FROM ticket WHERE number = $1", num(n));
}

static void
test_due_is_that_of_the_first_below(void **state)
{
	int64_t parent = make("incident"), a = make("report");
	int64_t b = make("investigation");

	(void)state;
	hang(parent, a);
	hang(parent, b);
	change("UPDATE ticket SET due = now() + interval '2 hours' "
	    "WHERE number = $1", num(a), NULL);
	change("UPDATE ticket SET due = now() + interval '1 hour' "
	    "WHERE number = $1", num(b), NULL);
	assert_int_equal(due_in_minutes(parent), 60);
	OK(ticket_status(db, &ann, b, 0, "resolved", NULL, err));
	assert_int_equal(due_in_minutes(parent), 120);
	OK(case_unlink(db, &ann, parent, a, 0, err));
	assert_int_equal(due_in_minutes(parent), 120); /* its own, now */
	OK(ticket_status(db, &ann, b, 0, "open", NULL, err));
	assert_int_equal(due_in_minutes(parent), 60);
}

static void
test_links_refused(void **state)
{
	int64_t one = make("incident"), two = make("incident");
	int64_t r = make("report"), i = make("investigation");
	int64_t c;

	(void)state;
	FAILS(FAULT_INPUT, case_link(db, &ann, r, i, 0, err));
	FAILS(FAULT_INPUT, case_link(db, &ann, one, two, 0, err));
	FAILS(FAULT_ABSENT, case_link(db, &ann, 999999, r, 0, err));
	OK(case_link(db, &ann, one, i, 0, err));
	FAILS(FAULT_INPUT, case_link(db, &ann, two, i, 0, err));
	FAILS(FAULT_CONFLICT, case_link(db, &ann, one, i, 0, err));
	FAILS(FAULT_CONFLICT, case_link(db, &ann, one, r, 77, err));
	FAILS(FAULT_CONFLICT, case_unlink(db, &ann, two, i, 0, err));
	OK(case_countermeasure(db, &ann, one, 0, "Filter 192.0.2.7",
	    DESC_NULL, &c, err));
	FAILS(FAULT_INPUT, case_unlink(db, &ann, one, c, 0, err));
	FAILS(FAULT_INPUT, case_countermeasure(db, &ann, r, 0, "x",
	    DESC_NULL, &c, err));
	put(two, "resolved");
	FAILS(FAULT_INPUT, case_link(db, &ann, two, r, 0, err));
	FAILS(FAULT_INPUT, case_countermeasure(db, &ann, two, 0, "x",
	    DESC_NULL, &c, err));
	/* The database says so too, whoever writes. */
	assert_int_equal(PQresultStatus(sql("INSERT INTO ticket_link "
	    "(incident, child) VALUES ($1, $2)", num(r), num(i))),
	    PGRES_FATAL_ERROR);
	rebuilt();
}

static void
test_incident_from_report(void **state)
{
	int64_t r = report(1, 2), n;
	const char *before = everything();
	struct ticket_full t;

	(void)state;
	change("UPDATE ticket SET type = 'availability/dos' WHERE number = $1",
	    num(r), NULL);
	OK(case_incident(db, &ann, r, 0, NULL, NULL, &n, err));
	OK(ticket_load(db, life, n, &t, err));
	assert_string_equal(t.kind, "incident");
	assert_string_equal(t.subject, "Scan");
	assert_string_equal(t.type, "availability/dos");
	assert_int_equal(t.owner_id, ann.id);
	assert_int_equal(t.children.n, 1);
	assert_int_equal(t.events.n, 2);    /* those of its report */
	assert_int_equal(t.messages.n, 1);
	assert_string_equal(status_of(r), "open");
	assert_int_equal(field("owner", r), ann.id);
	/* The incident stands for its report in the queue. */
	assert_int_equal(number_of("SELECT count(*) FROM ticket_matching("
	    "NULL, NULL, NULL, NULL, NULL, NULL, 0, false, NULL, NULL, NULL) "
	    "WHERE number = $1", num(r)), 0);
	OK(deed_undo(db, &ann, last_deed(), NULL, err));
	assert_string_equal(status_of(r), "new");
	assert_int_equal(field("owner", r), 0);
	assert_string_equal(status_of(n), "abandoned");
	assert_int_equal(number_of("SELECT count(*) FROM ticket_link "
	    "WHERE incident = $1", num(n)), 0);
	(void)before;
	rebuilt();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_transition),
	    cmocka_unit_test(test_reasons),
	    cmocka_unit_test(test_every_cascade_down),
	    cmocka_unit_test(test_another_incident_holds_it),
	    cmocka_unit_test(test_cascade_up),
	    cmocka_unit_test(test_owner_goes_both_ways),
	    cmocka_unit_test(test_due_is_that_of_the_first_below),
	    cmocka_unit_test(test_links_refused),
	    cmocka_unit_test(test_incident_from_report),
	};

	return cmocka_run_group_tests(tests, set_up, sqltest_end);
}
