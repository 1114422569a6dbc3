/*
 * Merges and splits on a real database (run by tests/sql/cluster), undone and
 * compared; the state rebuilt from the log beside the stored one.
 */
#include "cases.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
