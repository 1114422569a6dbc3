/*
 * Cases on a real database (run by tests/sql/cluster): every transition and
 * every cascade, allowed and refused; merges and splits, undone and compared;
 * the state rebuilt from the log beside the stored one.
 */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/case.h"
#include "core/lifecycle.h"
#include "core/ticket.h"

#include "sqltest.h"

static struct actor ann, bob;

static const char *
num(int64_t n)
{
	return arena_printf(life, "%" PRId64, n);
}

static struct actor
person(const char *email, const char *name)
{
	change("INSERT INTO principal (email, name, role) "
	    "VALUES ($1, $2, 'analyst')", email, name);
	return (struct actor){
	    .id = number_of("SELECT id FROM principal WHERE email = $1",
		email),
	    .name = name, .email = email, .role = ROLE_ANALYST};
}

static const char *
status_at_first(const char *kind)
{
	return strcmp(kind, "report") == 0	       ? "new"
	    : strcmp(kind, "countermeasure") == 0 ? "pending activation"
						  : "open";
}

static int64_t
make(const char *kind)
{
	ARENA_AUTO(a, "test");

	return number_of(arena_printf(a,
	    "INSERT INTO ticket (kind, subject, status, due) "
	    "VALUES ($1, 'Scan', '%s', now() + interval '4 hours') "
	    "RETURNING number", status_at_first(kind)), kind);
}

static void
put(int64_t number, const char *status)
{
	change("UPDATE ticket SET status = $2, closed = CASE WHEN "
	    "is_active($2) THEN NULL ELSE now() END WHERE number = $1",
	    num(number), status);
}

static const char *
status_of(int64_t number)
{
	return text_of(life, "SELECT status FROM ticket WHERE number = $1",
	    num(number));
}

static int64_t
field(const char *column, int64_t number)
{
	return number_of(arena_printf(life,
	    "SELECT coalesce(%s::text, '0') FROM ticket WHERE number = $1",
	    column), num(number));
}

/* The log tells the same as the tables, for all tickets there are. */
static void
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

/* All that undoing must bring back; not versions, times and histories. */
static const char *
everything(void)
{
	return text_of(life,
	    "SELECT concat_ws(E'\\n',"
	    " (SELECT string_agg(concat_ws(' ', number, kind, status,"
	    "   coalesce(owner, 0), coalesce(merged_into, 0), held, reports,"
	    "   coalesce(grouped_into, 0), coalesce(resolution, '-')), ', '"
	    "   ORDER BY number) FROM ticket),"
	    " (SELECT string_agg(incident || '<' || child, ' ' ORDER BY"
	    "   incident, child) FROM ticket_link),"
	    " (SELECT string_agg(id || '@' || coalesce(ticket, 0), ' ' ORDER BY id) FROM message),"
	    " (SELECT string_agg(id || '@' || ticket, ' ' ORDER BY id) FROM event),"
	    " (SELECT string_agg(id || '@' || ticket, ' ' ORDER BY id) FROM notice),"
	    " (SELECT string_agg(ticket || '~' || event, ' ' ORDER BY ticket, event) FROM ticket_about),"
	    " (SELECT string_agg(ticket || ':' || email, ' ' ORDER BY ticket, email) FROM ticket_party))",
	    NULL);
}

static int64_t
last_deed(void)
{
	return number_of("SELECT max(id) FROM deed", NULL);
}

/* A report with so many messages and events. */
static int64_t
report(int messages, int events)
{
	int64_t n = make("report");

	for (int i = 0; i < messages; i++)
		change("INSERT INTO message (direction, disposition, ticket, "
		    "sha256, size, text) VALUES ('in', 'report', $1, 'x', 1, "
		    "'text')", num(n), NULL);
	for (int i = 0; i < events; i++)
		change("INSERT INTO event (ticket, message, source_ip, "
		    "verdict, reason) SELECT $1, max(id), '192.0.2.7', "
		    "'outside', 'test' FROM message WHERE ticket = $1",
		    num(n), NULL);
	change("INSERT INTO ticket_party (ticket, email, role) VALUES "
	    "($1::bigint, 'r' || $1::bigint || '@isp.example', 'reporter')", num(n), NULL);
	return n;
}

static const struct {
	const char *kind, *status;
} states[] = {
    {"report", "new"}, {"report", "open"}, {"report", "resolved"},
    {"report", "rejected"}, {"incident", "open"}, {"incident", "resolved"},
    {"incident", "abandoned"}, {"investigation", "open"},
    {"investigation", "resolved"},
    {"countermeasure", "pending activation"}, {"countermeasure", "active"},
    {"countermeasure", "pending removal"}, {"countermeasure", "removed"}};

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
	    "NULL, NULL, NULL, NULL, NULL, NULL, 0, false, NULL) "
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

static void
test_merge_and_undo(void **state)
{
	int64_t a = report(2, 3), b = report(1, 1), c = report(1, 0), i, j;
	const char *before;
	struct case_merge m;
	struct ticket_full t;

	(void)state;
	OK(case_incident(db, &ann, a, 0, NULL, NULL, &i, err));
	OK(case_incident(db, &ann, b, 0, NULL, NULL, &j, err));
	OK(case_merge(db, &ann, c, 0, a, err)); /* an earlier number */
	before = everything();
	OK(case_merge_preview(db, life, a, b, &m, err));
	assert_null(m.refused);
	assert_int_equal(m.messages, 3);
	assert_int_equal(m.events, 3);
	assert_int_equal(m.links, 1);
	assert_int_equal(m.parties, 2);
	OK(case_merge(db, &ann, a, 0, b, err));
	assert_int_equal(field("merged_into", a), b);
	assert_int_equal(field("merged_into", c), b); /* in one step */
	assert_string_equal(status_of(a), "resolved");
	OK(ticket_load(db, life, b, &t, err));
	assert_int_equal(t.messages.n, 4);
	assert_int_equal(t.events.n, 4);
	assert_int_equal(t.incidents.n, 2);
	assert_int_equal(t.merged.n, 2);
	FAILS(FAULT_CONFLICT, ticket_comment(db, &ann, a, 0, "late",
	    err));
	FAILS(FAULT_CONFLICT, case_merge(db, &ann, b, 0, a, err));
	OK(case_merge_preview(db, life, a, b, &m, err));
	assert_non_null(m.refused);
	rebuilt();
	OK(deed_undo(db, &bob, last_deed(), NULL, err));
	assert_string_equal(everything(), before);
	rebuilt();
}

/* The rows of the one go where the other's may. */
static void
test_merge_keeps_the_stricter_label(void **state)
{
	static const struct {
		const char *from, *into, *becomes;
	} labels[] = {{"RED", "GREEN", "RED"}, {"CLEAR", "AMBER", "AMBER"},
	    {"AMBER+STRICT", "none", "AMBER+STRICT"}, {"GREEN", "none", "none"},
	    {"none", "GREEN", "none"}, {"none", "RED", "RED"}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(labels); i++) {
		int64_t a = report(1, 1), b = report(1, 1);

		change("UPDATE ticket SET tlp = nullif($2, 'none') "
		    "WHERE number = $1", num(a), labels[i].from);
		change("UPDATE ticket SET tlp = nullif($2, 'none') "
		    "WHERE number = $1", num(b), labels[i].into);
		OK(case_merge(db, &ann, a, 0, b, err));
		assert_string_equal(text_of(life, "SELECT coalesce(tlp, "
		    "'none') FROM ticket WHERE number = $1", num(b)),
		    labels[i].becomes);
	}
}

/* Its reporter hears once, when the other one comes out. */
static void
test_merged_is_no_outcome(void **state)
{
	int64_t a = report(1, 1), b = report(1, 1);

	(void)state;
	change("UPDATE ticket_party SET acked = now() WHERE ticket IN ($1, $2)",
	    num(a), num(b));
	OK(case_merge(db, &ann, a, 0, b, err));
	assert_int_equal(number_of("SELECT count(*) FROM report_outcome "
	    "WHERE ticket = $1", num(a)), 0);
	OK(ticket_status(db, &ann, b, 0, "resolved", NULL, err));
	assert_int_equal(number_of("SELECT count(*) FROM report_outcome "
	    "WHERE ticket = $1", num(b)), 1);
}

static void
test_merge_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(states); i++)
		for (size_t k = 0; k < COUNT_OF(states); k++) {
			const char *f = states[i].kind, *t = states[k].kind;
			bool same = strcmp(f, t) == 0 &&
			    strcmp(f, "countermeasure") != 0;
			bool misfiled = strcmp(f, "report") == 0 &&
			    strcmp(t, "investigation") == 0;
			int64_t from = make(f), into = make(t);

			put(from, states[i].status);
			put(into, states[k].status);
			if (same || misfiled) {
				const char *before = everything();

				OK(case_merge(db, &ann, from, 0, into, err));
				assert_string_equal(status_of(into),
				    states[k].status);
				OK(deed_undo(db, &ann, last_deed(), NULL,
				    err));
				assert_string_equal(everything(), before);
			} else {
				FAILS(FAULT_INPUT, case_merge(db, &ann, from,
				    0, into, err));
			}
		}
	rebuilt();
}

/* The link of a notice shows the last one on its thread: the merged thread's
 * party would have read the other's. */
static void
test_merge_shows_nobody_anothers_notice(void **state)
{
	int64_t a = make("investigation"), b = make("investigation");
	struct case_merge m;

	(void)state;
	change("INSERT INTO ticket_party (ticket, email, role) VALUES "
	    "($1::bigint, 'abuse@one.example', 'member'), "
	    "($2::bigint, 'abuse@two.example', 'member')", num(a), num(b));
	OK(case_merge_preview(db, life, a, b, &m, err));
	assert_non_null(m.refused);
	FAILS(FAULT_INPUT, case_merge(db, &ann, a, 0, b, err));
	change("UPDATE ticket_party SET email = 'abuse@one.example' "
	    "WHERE ticket = $1", num(b), NULL);
	OK(case_merge(db, &ann, a, 0, b, err));
	a = make("investigation");
	change("INSERT INTO organisation (name, handle) VALUES ('One', 'one'), "
	    "('Two', 'two')", NULL, NULL);
	change("UPDATE ticket SET organisation = (SELECT id FROM organisation "
	    "WHERE handle = 'one') WHERE number = $1", num(a), NULL);
	FAILS(FAULT_INPUT, case_merge(db, &ann, a, 0, b, err));
	b = make("investigation");
	change("UPDATE ticket SET organisation = (SELECT id FROM organisation "
	    "WHERE handle = 'two') WHERE number = $1", num(b), NULL);
	FAILS(FAULT_INPUT, case_merge(db, &ann, a, 0, b, err));
	change("UPDATE ticket SET organisation = (SELECT id FROM organisation "
	    "WHERE handle = 'one') WHERE number = $1", num(b), NULL);
	OK(case_merge(db, &ann, a, 0, b, err));
	rebuilt();
}

static void
test_merge_takes_the_folded_along(void **state)
{
	int64_t a = make("report"), b = make("report"), c = make("report");
	const char *before;

	(void)state;
	change("UPDATE ticket SET grouped_into = $2 WHERE number = $1",
	    num(c), num(a));
	change("UPDATE ticket SET reports = 2 WHERE number = $1", num(a),
	    NULL);
	before = everything();
	FAILS(FAULT_INPUT, case_merge(db, &ann, c, 0, b, err));
	OK(case_merge(db, &ann, a, 0, b, err));
	assert_int_equal(field("grouped_into", c), b);
	assert_int_equal(field("reports", b), 2);
	OK(deed_undo(db, &ann, last_deed(), NULL, err));
	assert_string_equal(everything(), before);
	rebuilt();
}

static void
test_split_and_undo(void **state)
{
	int64_t n = report(2, 3), made;
	int64_t message = number_of("SELECT max(id) FROM message WHERE "
	    "ticket = $1", num(n));
	int64_t event = number_of("SELECT min(id) FROM event WHERE "
	    "ticket = $1", num(n));
	const char *const messages[] = {num(message), NULL};
	const char *const events[] = {num(event), NULL};
	const char *const all[] = {num(message), num(message - 1), NULL};
	const char *const strange[] = {"1", NULL};
	struct ticket_full t;

	(void)state;
	FAILS(FAULT_INPUT, case_split(db, &ann, n, 0, NULL, NULL, NULL, &made,
	    err));
	FAILS(FAULT_INPUT, case_split(db, &ann, n, 0, NULL, all, NULL, &made,
	    err));
	FAILS(FAULT_CONFLICT, case_split(db, &ann, n, 0, NULL, strange, NULL,
	    &made, err));
	OK(case_split(db, &ann, n, 0, "The other half", messages, events,
	    &made, err));
	OK(ticket_load(db, life, made, &t, err));
	assert_string_equal(t.subject, "The other half");
	assert_int_equal(t.messages.n, 1);
	assert_int_equal(t.events.n, 1);
	assert_int_equal(number_of("SELECT count(*) FROM event WHERE "
	    "ticket = $1", num(n)), 2);
	rebuilt();
	OK(deed_undo(db, &ann, last_deed(), NULL, err));
	assert_int_equal(number_of("SELECT count(*) FROM event WHERE "
	    "ticket = $1", num(n)), 3);
	assert_int_equal(number_of("SELECT count(*) FROM message WHERE "
	    "ticket = $1", num(n)), 2);
	assert_string_equal(status_of(made), "resolved");
	assert_int_equal(field("merged_into", made), n); /* leads back */
	rebuilt();
}

static void
test_undo_overwrites_nothing(void **state)
{
	int64_t n = make("report");
	int64_t deed;

	(void)state;
	OK(ticket_status(db, &ann, n, 0, "rejected", NULL, err));
	deed = last_deed();
	OK(ticket_status(db, &bob, n, 0, "open", NULL, err));
	FAILS(FAULT_CONFLICT, deed_undo(db, &ann, deed, NULL, err));
	assert_string_equal(status_of(n), "open");
	FAILS(FAULT_ABSENT, deed_undo(db, &ann, 99999999, NULL, err));
	/* Nobody rewrites the log. */
	assert_int_equal(PQresultStatus(sql("DELETE FROM deed_change", NULL,
	    NULL)), PGRES_FATAL_ERROR);
	assert_int_equal(PQresultStatus(sql("UPDATE deed SET actor = 'x'",
	    NULL, NULL)), PGRES_FATAL_ERROR);
}

/* Whoever writes past the log is found out. */
static void
test_a_difference_is_seen(void **state)
{
	ARENA_AUTO(a, "test");
	int64_t n = make("incident");
	struct list rows;

	(void)state;
	change("ALTER TABLE ticket DISABLE TRIGGER ticket_changed", NULL,
	    NULL);
	put(n, "resolved");
	change("ALTER TABLE ticket ENABLE TRIGGER ticket_changed", NULL, NULL);
	OK(deed_differences(db, a, n, &rows, err));
	assert_int_equal(rows.n, 1);
	assert_string_equal(LIST_AT(deed_difference, rows, 0)->field,
	    "status");
	change("ALTER TABLE ticket DISABLE TRIGGER ticket_changed", NULL,
	    NULL);
	put(n, "open");
	change("ALTER TABLE ticket ENABLE TRIGGER ticket_changed", NULL, NULL);
	rebuilt();
}

/* A long afternoon: many acts by chance, then all of them undone. */
static void
test_walk_and_back(void **state)
{
	enum { REPORTS = 25, ACTS = 400 };
	guint32 seed = 20261126;
	GRand *rand = g_rand_new_with_seed(seed);
	int64_t tickets[REPORTS + ACTS];
	size_t n = 0;
	GArray *deeds = g_array_new(FALSE, FALSE, sizeof(int64_t));
	const char *before;

	(void)state;
	for (; n < REPORTS; n++)
		tickets[n] = report(g_rand_int_range(rand, 1, 4),
		    g_rand_int_range(rand, 0, 4));
	before = text_of(life, "SELECT string_agg(number || status || held "
	    "|| coalesce(merged_into, 0) || coalesce(owner, 0), ' ' ORDER BY "
	    "number) FROM ticket WHERE number >= $1", num(tickets[0]));
	for (int i = 0; i < ACTS; i++) {
		g_autoptr(GError) why = NULL;
		int64_t t = tickets[g_rand_int_range(rand, 0, (int)n)];
		int64_t u = tickets[g_rand_int_range(rand, 0, (int)n)];
		int64_t had = number_of("SELECT coalesce(max(id), 0) FROM deed", NULL);
		int64_t made = 0;
		const struct actor *who = g_rand_boolean(rand) ? &ann : &bob;

		/* mergers are few, for nothing is left of what merges */
		switch (g_rand_int_range(rand, 0, 15)) {
		case 0:
			ticket_take(db, who, t, 0, &why);
			break;
		case 1: case 12: case 13: case 14:
			ticket_status(db, who, t, 0, states[g_rand_int_range(
			    rand, 0, COUNT_OF(states))].status, NULL, &why);
			break;
		case 2: case 7: case 8:
			case_incident(db, who, t, 0, NULL, NULL, &made, &why);
			break;
		case 3: case 9: case 10: case 11:
			case_link(db, who, t, u, 0, &why);
			break;
		case 4:
			case_unlink(db, who, t, u, 0, &why);
			break;
		case 5:
			case_merge(db, who, t, 0, u, &why);
			break;
		default:
			case_countermeasure(db, who, t, 0, "Filter",
			    DESC_NULL, &made, &why);
			break;
		}
		if (why != NULL && !fault_is(why, FAULT_INPUT) &&
		    !fault_is(why, FAULT_CONFLICT))
			fail_msg("seed %u act %d: %s", seed, i, why->message);
		if (made != 0)
			tickets[n++] = made;
		if (last_deed() > had) {
			int64_t id = last_deed();

			g_array_append_val(deeds, id);
		}
	}
	rebuilt();
	assert_true(deeds->len > 50);
	for (guint i = deeds->len; i-- > 0;)
		OK(deed_undo(db, &ann, g_array_index(deeds, int64_t, i), NULL,
		    err));
	assert_string_equal(text_of(life, "SELECT string_agg(number || status "
	    "|| held || coalesce(merged_into, 0) || coalesce(owner, 0), ' ' "
	    "ORDER BY number) FROM ticket WHERE number >= $1 AND kind = "
	    "'report'", num(tickets[0])), before);
	rebuilt();
	g_array_free(deeds, TRUE);
	g_rand_free(rand);
}

static int
set_up(void **state)
{
	(void)state;
	sqltest_begin();
	ann = person("ann@tocsin.example", "Ann");
	bob = person("bob@tocsin.example", "Bob");
	return 0;
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
	    cmocka_unit_test(test_merge_and_undo),
	    cmocka_unit_test(test_merge_keeps_the_stricter_label),
	    cmocka_unit_test(test_merged_is_no_outcome),
	    cmocka_unit_test(test_merge_kinds),
	    cmocka_unit_test(test_merge_shows_nobody_anothers_notice),
	    cmocka_unit_test(test_merge_takes_the_folded_along),
	    cmocka_unit_test(test_split_and_undo),
	    cmocka_unit_test(test_undo_overwrites_nothing),
	    cmocka_unit_test(test_a_difference_is_seen),
	    cmocka_unit_test(test_walk_and_back),
	};

	return cmocka_run_group_tests(tests, set_up, sqltest_end);
}
