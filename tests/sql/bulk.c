/*
 * Many tickets at once, and what time ends, on a real database (run by
 * tests/sql/cluster).  What the single act does is the measure: its twin is done
 * beside each.
 */
#include "bulk.h"

/* State of all tickets from one on; not versions and times. */
static const char *
state_from(int64_t first)
{
	return text_of(life, "SELECT coalesce(string_agg(concat_ws(' ', "
	    "number - $1::bigint, kind, status, coalesce(owner, 0), held, "
	    "coalesce(resolution, '-')), E'\\n' ORDER BY number), '') || "
	    "coalesce((SELECT string_agg(incident - $1::bigint || '<' || "
	    "child - $1::bigint, ' ' ORDER BY incident, child) FROM "
	    "ticket_link WHERE child >= $1::bigint), '') "
	    "FROM ticket WHERE number >= $1::bigint", num(first));
}

static void
work(void)
{
	int64_t n;

	OK(bulk_work(db, &site, 60 * WHEN_SECOND, &n, err));
}

/* ---- as the single act ----------------------------------------------------------- */

static const struct {
	const char *kind, *status;
} states[] = {
    {"report", "new"}, {"report", "open"}, {"report", "resolved"},
    {"report", "rejected"}, {"incident", "open"}, {"incident", "resolved"},
    {"incident", "abandoned"}, {"investigation", "open"},
    {"investigation", "resolved"},
    {"countermeasure", "pending activation"}, {"countermeasure", "active"},
    {"countermeasure", "pending removal"}, {"countermeasure", "removed"}};

static void
test_every_move_is_that_of_the_single_act(void **state)
{
	struct list targets = lifecycle_targets(life);

	(void)state;
	assert_int_equal(targets.n, 7);
	for (size_t k = 0; k < targets.n; k++) {
		const char *to = LIST_AT(ticket_move, targets, k)->status;
		int64_t one[COUNT_OF(states)], many[COUNT_OF(states)], id;
		int64_t done = 0;
		struct bulk b;

		for (size_t i = 0; i < COUNT_OF(states); i++)
			one[i] = make(states[i].kind, states[i].status);
		for (size_t i = 0; i < COUNT_OF(states); i++)
			many[i] = make(states[i].kind, states[i].status);
		for (size_t i = 0; i < COUNT_OF(states); i++)
			if (strcmp(states[i].status, to) != 0)
				done += ticket_status(db, &ann, one[i], 0, to,
				    NULL, NULL);
		assert_true(done > 0);
		id = choose(many, COUNT_OF(states));
		plan(id, (struct bulk_plan){.act = "status", .status = to});
		b = get(id);
		/* Told before it is done. */
		assert_int_equal(b.waits, done);
		assert_int_equal(b.refused, (int64_t)COUNT_OF(states) - done);
		OK(bulk_run(db, &site, &ann, id, b.version, err));
		b = get(id);
		assert_string_equal(b.state, "done");
		assert_int_equal(b.changed, done);
		for (size_t i = 0; i < COUNT_OF(states); i++)
			assert_string_equal(status_of(many[i]),
			    status_of(one[i]));
	}
	rebuilt();
}

/* An incident with three reports and an investigation on it, twice. */
static int64_t
incident_with(int64_t *children)
{
	int64_t n;

	OK(case_incident(db, &bob, 0, 0, "Big", NULL, &n, err));
	for (int i = 0; i < 3; i++)
		children[i] = make("report", "new");
	children[3] = make("investigation", "open");
	for (int i = 0; i < 4; i++)
		OK(case_link(db, &bob, n, children[i], 0, err));
	return n;
}

static void
test_cascades_are_those_of_the_single_act_and_undone(void **state)
{
	int64_t c[4], one, many, id;
	const char *before, *after;
	struct bulk b;

	(void)state;
	one = incident_with(c);
	OK(ticket_take(db, &ann, one, 0, err));
	OK(ticket_status(db, &ann, one, 0, "resolved", NULL, err));
	after = state_from(one);
	many = incident_with(c);
	before = state_from(many);
	id = choose(&many, 1);
	plan(id, (struct bulk_plan){.act = "own"});
	OK(bulk_run(db, &site, &ann, id, 0, err));
	id = choose(&many, 1);
	plan(id, (struct bulk_plan){.act = "status", .status = "resolved"});
	OK(bulk_along(db, life, id, &one, err));
	assert_int_equal(one, 4);
	OK(bulk_run(db, &site, &ann, id, 0, err));
	/* The first one's lines come first. */
	assert_true(g_str_has_prefix(after, "0 incident resolved"));
	assert_string_equal(state_from(many), after);
	b = get(id);
	OK(deed_undo(db, &ann, b.deed, NULL, err));
	assert_true(get(id).undone);
	id = number_of("SELECT max(deed) FROM bulk WHERE deed < $1",
	    num(b.deed));
	OK(deed_undo(db, &ann, id, NULL, err));
	assert_string_equal(state_from(many), before);
	rebuilt();
}

/* The incident takes its reports along; they were chosen too. */
static void
test_what_it_took_along_itself_is_no_conflict(void **state)
{
	int64_t all[5], id;

	(void)state;
	all[0] = incident_with(all + 1);
	id = choose(all, 5);
	plan(id, (struct bulk_plan){.act = "status", .status = "resolved",
	    .others = true});
	OK(bulk_run(db, &site, &ann, id, 0, err));
	assert_int_equal(get(id).changed, 5);
	for (int i = 0; i < 5; i++)
		assert_string_equal(status_of(all[i]), "resolved");
}

static void
test_link_and_what_the_database_refuses(void **state)
{
	int64_t first, other, n[3], id, linked, c[4];
	struct bulk_plan p = {.act = "link"};
	const char *field, *before;

	(void)state;
	first = incident_with(c);
	other = incident_with(c);
	n[0] = make("report", "new");
	n[1] = make("investigation", "open");
	n[2] = make("report", "open");
	p.incident = first;
	id = choose(n, 3);
	plan(id, p);
	assert_int_equal(get(id).waits, 3);
	/* Hangs on another one between preview and act: the constraint says
	 * no in the middle of the transaction, and the others are done. */
	change("INSERT INTO ticket_link (incident, child) VALUES ($1, $2)",
	    num(other), num(n[1]));
	before = state_from(first);
	OK(bulk_run(db, &site, &ann, id, 0, err));
	linked = get(id).deed;
	assert_int_equal(get(id).changed, 2);
	assert_non_null(strstr(why(id, n[1]), "another incident"));
	assert_string_equal(status_of(n[0]), "open");
	assert_int_equal(number_of("SELECT count(*) FROM ticket_link WHERE "
	    "incident = $1", num(first)), 6);
	/* Now the preview knows, of all three. */
	id = choose(n, 3);
	plan(id, p);
	assert_int_equal(get(id).refused, 3);
	FAILS(FAULT_INPUT, bulk_run(db, &site, &ann, id, 0, err));
	p.incident = n[0];
	FAILS(FAULT_INPUT, bulk_set_plan(db, &ann, id, &p, &field, err));
	assert_string_equal(field, "incident");
	OK(ticket_status(db, &ann, other, 0, "resolved", NULL, err));
	p.incident = other;
	FAILS(FAULT_INPUT, bulk_set_plan(db, &ann, id, &p, &field, err));
	OK(deed_undo(db, &ann, number_of("SELECT max(id) FROM deed", NULL),
	    NULL, err));
	OK(deed_undo(db, &ann, linked, NULL, err));
	assert_string_equal(state_from(first), before);
	rebuilt();
}

/* ---- who was faster, who owns it --------------------------------------------------- */

static void
test_what_others_changed_is_left_out(void **state)
{
	int64_t n[3] = {make("report", "open"), make("report", "open"),
	    make("report", "open")}, id;
	const char *seen[] = {arena_printf(life, "%s.7", num(n[0])),
	    num(n[1]), num(n[2]), NULL};

	(void)state;
	OK(bulk_choose(db, &ann, seen, NULL, &id, err));
	plan(id, (struct bulk_plan){.act = "status", .status = "resolved"});
	assert_non_null(strstr(why(id, n[0]), "changed"));
	assert_int_equal(get(id).waits, 2);
	OK(ticket_comment(db, &bob, n[1], 0, "wait!", err));
	OK(bulk_run(db, &site, &ann, id, 0, err));
	assert_non_null(strstr(why(id, n[1]), "changed"));
	assert_string_equal(status_of(n[1]), "open");
	assert_string_equal(status_of(n[2]), "resolved");
	FAILS(FAULT_CONFLICT, bulk_run(db, &site, &ann, id, 0, err));
}

/* As one act is: what was changed again since is not overwritten, and then
 * nothing is. */
static void
test_undo_of_many_overwrites_nothing(void **state)
{
	int64_t n[3] = {make("report", "open"), make("report", "open"),
	    make("report", "open")}, id = choose(n, 3);
	struct bulk b;

	(void)state;
	plan(id, (struct bulk_plan){.act = "status", .status = "resolved"});
	OK(bulk_run(db, &site, &ann, id, 0, err));
	b = get(id);
	OK(ticket_status(db, &bob, n[1], 0, "open", NULL, err));
	FAILS(FAULT_CONFLICT, deed_undo(db, &ann, b.deed, NULL, err));
	assert_string_equal(status_of(n[0]), "resolved");
	assert_false(get(id).undone);
	OK(ticket_status(db, &bob, n[1], 0, "resolved", NULL, err));
	OK(deed_undo(db, &ann, b.deed, NULL, err));
	for (int i = 0; i < 3; i++)
		assert_string_equal(status_of(n[i]), "open");
	FAILS(FAULT_CONFLICT, deed_undo(db, &ann, b.deed, NULL, err));
	rebuilt();
}

/* Each that is opened again below an incident looked at all that hang there:
 * 2,000 took 13 s.  Once is enough, and the due date is the same. */
static void
test_undo_of_many_below_one_incident_rolls_up_once(void **state)
{
	int64_t deed, began, incident;

	(void)state;
	change("DO $$ DECLARE i bigint; d bigint; BEGIN "
	    "INSERT INTO ticket (kind, subject, status, due) VALUES "
	    "('incident', 'Crowded', 'open', now()) RETURNING number INTO i; "
	    "INSERT INTO ticket (kind, subject, status, due) SELECT "
	    "'investigation', 'crowd', 'open', now() + (n + 1) * "
	    "interval '1 day' FROM generate_series(1, 2000) n; "
	    "INSERT INTO ticket_link (incident, child) SELECT i, number FROM "
	    "ticket WHERE subject = 'crowd'; "
	    "INSERT INTO deed (actor, act) VALUES ('Ann', 'bulk') RETURNING "
	    "id INTO d; "
	    "PERFORM set_config('tocsin.deed', d::text, true), "
	    "set_config('tocsin.many', 'on', true); "
	    "UPDATE ticket SET status = 'resolved', closed = now() WHERE "
	    "subject = 'crowd'; "
	    "UPDATE ticket SET due = now() + interval '9 years' WHERE "
	    "number = i; END $$", NULL, NULL);
	deed = number_of("SELECT max(id) FROM deed", NULL);
	incident = number_of("SELECT max(number) FROM ticket WHERE subject = "
	    "'Crowded'", NULL);
	began = when_ticks();
	OK(deed_undo(db, &ann, deed, NULL, err));
	print_message("# undo of 2,000: %" PRId64 " ms\n",
	    (when_ticks() - began) / 1000);
	assert_true(when_ticks() - began < 4 * WHEN_SECOND);
	assert_int_equal(number_of("SELECT count(*) FROM ticket WHERE subject "
	    "= 'crowd' AND status = 'open' AND held AND closed IS NULL",
	    NULL), 2000);
	assert_int_equal(number_of("SELECT count(*) FROM ticket i WHERE "
	    "i.number = $1 AND i.due = (SELECT min(due) FROM ticket WHERE "
	    "subject = 'crowd')", num(incident)), 1);
	/* Whoever comes later in the same connection rolls up as ever. */
	change("UPDATE ticket SET due = now() WHERE number = (SELECT "
	    "max(number) FROM ticket WHERE subject = 'crowd')", NULL, NULL);
	assert_int_equal(number_of("SELECT count(*) FROM ticket i WHERE "
	    "i.number = $1 AND i.due <= now()", num(incident)), 1);
	rebuilt();
}

static void
test_others_tickets_are_asked_for(void **state)
{
	int64_t n[2] = {make("report", "open"), make("report", "open")}, id;
	struct bulk b;
	const char *field;

	(void)state;
	OK(ticket_take(db, &bob, n[0], 0, err));
	id = choose(n, 2);
	plan(id, (struct bulk_plan){.act = "status", .status = "resolved"});
	assert_string_equal(why(id, n[0]), "Bob owns it.");
	plan(id, (struct bulk_plan){.act = "status", .status = "resolved",
	    .others = true});
	assert_int_equal(get(id).waits, 2);
	/* Given away: the rule is that of taking, so a new one is open. */
	plan(id, (struct bulk_plan){.act = "own", .owner = bob.id});
	b = get(id);
	assert_string_equal(b.words, "go to Bob");
	/* Planned again since that was looked at. */
	FAILS(FAULT_CONFLICT, bulk_run(db, &site, &ann, id, b.version - 1,
	    err));
	OK(bulk_run(db, &site, &ann, id, b.version, err));
	assert_int_equal(number_of("SELECT owner FROM ticket WHERE number = "
	    "$1", num(n[1])), bob.id);
	/* Another person's selection is not there. */
	FAILS(FAULT_ABSENT, bulk_get(db, life, &bob, id, &b, err));
	FAILS(FAULT_ABSENT, bulk_run(db, &site, &bob, id, 0, err));
	FAILS(FAULT_ABSENT, bulk_set_plan(db, &bob, id,
	    &(struct bulk_plan){.act = "own"}, &field, err));
}

static void
test_what_cannot_be_chosen(void **state)
{
	const char *const bad[] = {"1; DROP TABLE ticket", NULL};
	const char *const absent[] = {"999999999", NULL};
	const char *const none[] = {NULL};
	struct ticket_filter nothing = {.q = "nosuchwordanywhere"};
	int64_t had = number_of("SELECT count(*) FROM bulk", NULL), id;

	(void)state;
	FAILS(FAULT_INPUT, bulk_choose(db, &ann, bad, NULL, &id, err));
	FAILS(FAULT_ABSENT, bulk_choose(db, &ann, absent, NULL, &id, err));
	FAILS(FAULT_INPUT, bulk_choose(db, &ann, none, NULL, &id, err));
	FAILS(FAULT_INPUT, bulk_choose(db, &ann, NULL, &nothing, &id, err));
	assert_int_equal(number_of("SELECT count(*) FROM bulk", NULL), had);
}

/* ---- many ------------------------------------------------------------------------- */

static void
test_many_survive_a_restart(void **state)
{
	enum { MANY = 230 };
	int64_t n[MANY], id, first;
	const char *before;
	struct bulk b;
	int64_t done;

	(void)state;
	for (int i = 0; i < MANY; i++)
		n[i] = make("report", i % 2 == 0 ? "new" : "open");
	first = n[0];
	before = state_from(first);
	OK(bulk_choose(db, &ann, NULL,
	    &(struct ticket_filter){.status = "any", .folded = true, .me =
		ann.id}, &id, err));
	assert_true(get(id).total >= MANY);
	id = choose(n, MANY);
	plan(id, (struct bulk_plan){.act = "status", .status = "resolved"});
	OK(bulk_run(db, &site, &ann, id, 0, err));
	b = get(id);
	assert_true(b.busy);
	assert_int_equal(b.done, 0);
	/* One piece, and the process is gone. */
	OK(bulk_work(db, &site, 0, &done, err));
	assert_int_equal(done, BULK_PIECE);
	db_close(db);
	db = db_open(site.conf, "test again");
	b = get(id);
	assert_true(b.busy);
	assert_int_equal(b.changed, BULK_PIECE);
	assert_int_equal(b.waits, MANY - BULK_PIECE);
	/* Nothing is undone half. */
	FAILS(FAULT_INPUT, deed_undo(db, &ann, b.deed, NULL, err));
	OK(ticket_comment(db, &bob, n[MANY - 1], 0, "wait!", err));
	work();
	b = get(id);
	assert_string_equal(b.state, "done");
	assert_int_equal(b.changed, MANY - 1);
	assert_int_equal(b.refused, 1);
	assert_int_equal(number_of("SELECT count(DISTINCT deed) FROM "
	    "deed_change WHERE ticket BETWEEN $1::bigint AND $1::bigint + 229"
	    " AND deed IS NOT NULL", num(first)), 1);
	rebuilt();
	OK(deed_undo(db, &ann, b.deed, NULL, err));
	assert_string_equal(state_from(first), before);
	rebuilt();
}

static void
test_stopped(void **state)
{
	enum { MANY = 120 };
	int64_t n[MANY], id, done;
	struct bulk b;
	struct actor gone = person("gone@tocsin.example", "Gone",
	    ROLE_ANALYST);

	(void)state;
	for (int i = 0; i < MANY; i++)
		n[i] = make("report", "open");
	id = choose(n, MANY);
	plan(id, (struct bulk_plan){.act = "own"});
	FAILS(FAULT_CONFLICT, bulk_stop(db, &ann, id, err));
	OK(bulk_run(db, &site, &ann, id, 0, err));
	OK(bulk_work(db, &site, 0, &done, err));
	OK(bulk_stop(db, &ann, id, err));
	work();
	b = get(id);
	assert_string_equal(b.state, "stopped");
	assert_int_equal(b.changed, BULK_PIECE);
	OK(deed_undo(db, &ann, b.deed, NULL, err));
	/* Nobody acts for who left. */
	OK(bulk_choose(db, &gone, numbers(n, MANY), NULL, &id, err));
	{
		const char *field;

		OK(bulk_set_plan(db, &gone, id,
		    &(struct bulk_plan){.act = "own"}, &field, err));
	}
	OK(bulk_run(db, &site, &gone, id, 0, err));
	change("UPDATE principal SET disabled_at = now() WHERE id = $1",
	    num(gone.id), NULL);
	work();
	assert_int_equal(number_of("SELECT count(*) FROM bulk WHERE id = $1 "
	    "AND state = 'stopped'", num(id)), 1);
	assert_int_equal(number_of("SELECT count(*) FROM ticket WHERE owner "
	    "= $1", num(gone.id)), 0);
}

static void
test_a_countermeasure_whose_time_is_over(void **state)
{
	int64_t incident, over, later, n, at;

	(void)state;
	OK(case_incident(db, &ann, 0, 0, "Filter", NULL, &incident, err));
	at = when_now() - 60 * WHEN_SECOND;
	OK(case_countermeasure(db, &ann, incident, 0, "over", at, &over, err));
	OK(case_countermeasure(db, &ann, incident, 0, "later",
	    when_now() + WHEN_DAY, &later, err));
	/* Not activated: nothing is there to be removed. */
	OK(case_expire(db, &n, err));
	assert_int_equal(n, 0);
	OK(ticket_status(db, &ann, over, 0, "active", NULL, err));
	OK(ticket_status(db, &ann, later, 0, "active", NULL, err));
	OK(case_expire(db, &n, err));
	assert_int_equal(n, 1);
	assert_string_equal(status_of(over), "pending removal");
	assert_string_equal(status_of(later), "active");
	/* Due since then, and so is its incident. */
	assert_int_equal(number_of("SELECT count(*) FROM ticket WHERE due < "
	    "now() AND number >= $1", num(incident)), 2);
	assert_int_equal(number_of("SELECT count(*) FROM audit WHERE ticket = "
	    "$1 AND action = 'ticket.expired' AND principal IS NULL",
	    num(over)), 1);
	rebuilt();
	/* Kept, it stays. */
	OK(ticket_status(db, &ann, over, 0, "active", NULL, err));
	OK(case_expire(db, &n, err));
	assert_int_equal(n, 0);
	assert_string_equal(status_of(over), "active");
	rebuilt();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_move_is_that_of_the_single_act),
	    cmocka_unit_test(
		test_cascades_are_those_of_the_single_act_and_undone),
	    cmocka_unit_test(test_what_it_took_along_itself_is_no_conflict),
	    cmocka_unit_test(test_link_and_what_the_database_refuses),
	    cmocka_unit_test(test_what_others_changed_is_left_out),
	    cmocka_unit_test(test_undo_of_many_overwrites_nothing),
	    cmocka_unit_test(
		test_undo_of_many_below_one_incident_rolls_up_once),
	    cmocka_unit_test(test_others_tickets_are_asked_for),
	    cmocka_unit_test(test_what_cannot_be_chosen),
	    cmocka_unit_test(test_many_survive_a_restart),
	    cmocka_unit_test(test_stopped),
	    cmocka_unit_test(test_a_countermeasure_whose_time_is_over),
	};

	return cmocka_run_group_tests(tests, set_up, sqltest_end);
}
