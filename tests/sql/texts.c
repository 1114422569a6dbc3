/*
 * Texts that analysts begin from, notes and ladders on a real database (run by
 * tests/sql/cluster).
 */
#include "bulk.h"

/* A report of somebody who got a receipt, or did not. */
static int64_t
report(const char *from, bool receipt)
{
	int64_t n = make("report", "new");

	change("UPDATE ticket SET reporter = $2 WHERE number = $1", num(n),
	    from);
	change(receipt
	    ? "INSERT INTO ticket_party (ticket, email, role, acked) VALUES ($1, $2, 'reporter', now())"
	    : "INSERT INTO ticket_party (ticket, email, role) VALUES ($1, $2, 'reporter')",
	    num(n), from);
	return n;
}

static int64_t
mails(int64_t ticket)
{
	return number_of("SELECT count(*) FROM message WHERE ticket = $1 AND "
	    "direction = 'out'", num(ticket));
}

static int64_t
text_id(const char *name)
{
	return number_of("SELECT min(id) FROM text_template WHERE name = $1",
	    name);
}

/* ---- mail ------------------------------------------------------------------------- */

static void
test_replies_from_a_text(void **state)
{
	int64_t n[3] = {report("a@isp.example", true),
	    report("b@isp.example", false), make("investigation", "open")};
	int64_t id = choose(n, 3);
	struct bulk b;
	const char *text;

	(void)state;
	plan(id, (struct bulk_plan){.act = "reply",
	    .text_id = text_id("Does it go on?")});
	/* What a reporter is told does not go to a party. */
	assert_non_null(strstr(why(id, n[2]), "nobody"));
	OK(bulk_run(db, &site, &ann, id, 0, err));
	b = get(id);
	assert_int_equal(b.mails, 2);
	/* Nobody is offered to undo what has left. */
	assert_true(b.deed == DESC_NULL);
	text = text_of(life, "SELECT recipients || ': ' || text FROM message "
	    "WHERE ticket = $1 AND direction = 'out'", num(n[1]));
	assert_non_null(strstr(text, arena_printf(life, "#%s]", num(n[1]))));
	assert_non_null(strstr(text, "b@isp.example"));
	assert_null(strstr(text, "{{"));
	assert_int_equal(number_of("SELECT count(*) FROM ticket WHERE number "
	    "= $1 AND waiting_for = 'reporter'", num(n[0])), 1);
}

static void
test_a_text_goes_to_its_side_only(void **state)
{
	int64_t n = make("investigation", "open"), id;
	struct bulk_plan p = {.act = "reply"};
	const char *field;

	(void)state;
	change("WITH m AS (INSERT INTO message (direction, ticket, "
	    "recipients, purpose, sha256, size) VALUES ('out', $1, "
	    "'sec@uni.example, noc@uni.example', 'notice', 'x', 1) RETURNING "
	    "id, ticket) INSERT INTO notice (ticket, party, message, "
	    "answer_by) SELECT ticket, 'Uni', id, now() FROM m", num(n), NULL);
	id = choose(&n, 1);
	p.text_id = text_id("Thanks, passed on");
	plan(id, p);
	assert_non_null(strstr(why(id, n), "to the reporter"));
	/* Words of one's own go to anybody, and so tell of nobody. */
	p = (struct bulk_plan){.act = "reply", .text = "To {{reporter}}"};
	FAILS(FAULT_INPUT, bulk_set_plan(db, &ann, id, &p, &field, err));
	assert_string_equal(field, "text");
	p.text = "About {{tag}}: any news?";
	plan(id, p);
	OK(bulk_run(db, &site, &ann, id, 0, err));
	assert_int_equal(number_of("SELECT count(*) FROM delivery d JOIN "
	    "message m ON m.id = d.message WHERE m.ticket = $1 AND m.purpose "
	    "= 'reply'", num(n)), 2);
}

static void
test_rejected_for_a_reason(void **state)
{
	int64_t n[3] = {report("a@isp.example", true),
	    report("feed@robot.example", false), make("incident", "open")};
	int64_t id = choose(n, 3), one = report("c@isp.example", true);
	int64_t message, quiet = report("feed@robot.example", false);
	int64_t folded[2];
	struct bulk b;

	(void)state;
	OK(ticket_reject(db, &site, &ann, one, 0, text_id("No evidence"),
	    true, NULL, &message, err));
	assert_string_equal(status_of(one), "rejected");
	assert_int_equal(mails(one), 1);
	OK(ticket_reject(db, &site, &ann, quiet, 0, text_id("No evidence"),
	    true, NULL, &message, err));
	assert_true(message == DESC_NULL);
	assert_int_equal(mails(quiet), 0);
	/* So is everybody whose report was folded into it, by its number. */
	one = report("lead@isp.example", true);
	for (int i = 0; i < 2; i++) {
		folded[i] = report(i == 0 ? "too@isp.example"
					  : "feed@robot.example", i == 0);
		change("UPDATE ticket SET grouped_into = $2 WHERE number = $1",
		    num(folded[i]), num(one));
	}
	OK(ticket_reject(db, &site, &ann, one, 0, text_id("No evidence"),
	    true, NULL, &message, err));
	assert_int_equal(mails(one), 1);
	assert_int_equal(mails(folded[0]), 1);
	assert_int_equal(mails(folded[1]), 0);
	assert_non_null(strstr(text_of(life, "SELECT recipients || text FROM "
	    "message WHERE ticket = $1 AND direction = 'out'",
	    num(folded[0])), arena_printf(life, "#%s]", num(folded[0]))));
	FAILS(FAULT_INPUT, ticket_reject(db, &site, &ann, n[0], 0,
	    text_id("Does it go on?"), true, NULL, &message, err));

	plan(id, (struct bulk_plan){.act = "reject", .tell = true,
	    .text_id = text_id("No evidence")});
	assert_int_equal(get(id).waits, 2);
	OK(bulk_run(db, &site, &ann, id, 0, err));
	b = get(id);
	assert_int_equal(b.changed, 2);
	/* Who had no receipt is told nothing. */
	assert_int_equal(b.mails, 1);
	assert_string_equal(text_of(life, "SELECT resolution FROM ticket "
	    "WHERE number = $1", num(n[0])), "no evidence");
	assert_int_equal(mails(n[0]), 1);
	assert_int_equal(mails(n[1]), 0);
	OK(deed_undo(db, &ann, b.deed, NULL, err));
	assert_string_equal(status_of(n[0]), "new");
	rebuilt();
}

/* ---- texts, notes, expiry -------------------------------------------------------- */

static void
test_texts_are_checked_when_saved(void **state)
{
	static const struct {
		const char *direction, *text, *word; /* NULL: right */
	} t[] = {
	    {"reporter", "Dear {{ reporter_name }}, {{tag}}", NULL},
	    {"reporter", "{{nosuch}}", "{{nosuch}}"},
	    {"reporter", "{{tag", "{{tag}}"},
	    {"reporter", "{{organisation}}", "not told to reporters"},
	    {"member", "{{organisation}} {{addresses}}", NULL},
	    {"member", "{{reporter}}", "reporters only"},
	    {"outside", "{{their_ref}}", "reporters only"},
	    {"reject", "{{missing}}", NULL},
	    {"nobody", "x", "to whom"},
	    {"reporter", " ", "empty"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		struct text_template x = {.name = num((int64_t)i),
		    .direction = t[i].direction, .text = t[i].text,
		    .resolution = strcmp(t[i].direction, "reject") == 0
			? "spam" : NULL};
		const char *field;
		g_autoptr(GError) no = NULL;
		int64_t id;
		bool ok = text_save(db, &ann, &x, &id, &field, &no);

		if (ok != (t[i].word == NULL))
			fail_msg("%s: %s", t[i].text,
			    no != NULL ? no->message : "saved");
		if (!ok && strstr(no->message, t[i].word) == NULL)
			fail_msg("%s: %s", t[i].text, no->message);
	}
	/* All that is shipped would be saved again. */
	{
		struct list all;

		OK(text_list(db, life, NULL, &all, err));
		assert_true(all.n > 10);
		for (size_t i = 0; i < all.n; i++) {
			struct text_template *x =
			    LIST_AT(text_template, all, i);
			const char *field;
			int64_t id;

			OK(text_save(db, &ann, x, &id, &field, err));
			assert_int_equal(id, x->id);
			FAILS(FAULT_CONFLICT, text_save(db, &bob, x, &id,
			    &field, err));
		}
	}
}

static void
test_a_text_tells_of_its_ticket_only(void **state)
{
	int64_t n = report("a@isp.example", true);
	struct text_facts f = {0};

	(void)state;
	change("UPDATE ticket SET reporter_name = $2, subject = E'line\\n{{reporter}}' "
	    "WHERE number = $1", num(n), "A\r\nBcc: x@y.example");
	OK(text_facts(db, life, n, &f, err));
	/* What somebody else wrote is neither a line nor a variable. */
	assert_string_equal(text_fill(life, &site, &ann, &f,
	    "Dear {{reporter_name}} {{subject}}", false),
	    "Dear A Bcc: x@y.example line {{reporter}}");
	assert_string_equal(text_fill(life, &site, &ann, &f,
	    "{{time}}|{{ number }}|{{x}}", true),
	    arena_printf(life, "|%s|", num(n)));
}

static void
test_notes_fit_class_and_type(void **state)
{
	struct list l;

	(void)state;
	OK(handling_note_save(db, &ann, "fraud", "class", 0, err));
	OK(handling_notes_for(db, life, "fraud/phishing", &l, err));
	assert_int_equal(l.n, 2);
	assert_string_equal(LIST_AT(handling_note, l, 0)->text, "class");
	FAILS(FAULT_CONFLICT, handling_note_save(db, &bob, "fraud", "y", 9,
	    err));
	FAILS(FAULT_INPUT, handling_note_save(db, &bob, "Fraud!", "y", 0,
	    err));
	OK(handling_note_save(db, &ann, "fraud", "", 1, err));
	OK(handling_notes_for(db, life, "fraudulent", &l, err));
	assert_int_equal(l.n, 0);
	OK(handling_notes_for(db, life, NULL, &l, err));
	assert_int_equal(l.n, 0);
}

static void
test_ladders_are_changed(void **state)
{
	static const struct {
		const char *type, *member, *answer, *steps, *field;
	} t[] = {
	    {"fraud/phishing", "", "4 h", "60 min remind\n\n1 d Second contact", NULL},
	    {"fraud/phishing", "", "3 d", "", "type"}, /* there is one */
	    {"fraud", "nosuch", "3 d", "", "organisation"},
	    {"Fraud!", "", "3 d", "", "type"},
	    {"fraud", "", "soon", "", "answer"},
	    {"fraud", "", "200 h", "", "answer"},
	    {"fraud", "", "3 d later", "", "answer"},
	    {"fraud", "", "3 d", "1 d shout", "steps"},
	    {"fraud", "", "3 d", "remind", "steps"},
	};
	int64_t id = 0, all;
	struct ladder l;
	const char *field;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		g_autoptr(GError) no = NULL;
		bool ok;

		l = (struct ladder){.type = t[i].type, .organisation =
		    t[i].member, .answer = t[i].answer, .steps = t[i].steps};
		ok = ladder_save(db, &ann, &l, &id, &field, &no);
		if (ok != (t[i].field == NULL) ||
		    g_strcmp0(field, t[i].field) != 0)
			fail_msg("%s: %s %s", t[i].answer, field,
			    no != NULL ? no->message : "saved");
	}
	OK(ladder_get(db, life, id, &l, err));
	assert_string_equal(l.steps, "1 h remind\n1 d second contact");
	assert_string_equal(l.answer, "4 h");
	assert_int_equal(number_of("SELECT notice_rule_for(NULL, "
	    "'fraud/phishing')", NULL), id);
	l.steps = "2 d phone";
	OK(ladder_save(db, &ann, &l, &id, &field, err));
	FAILS(FAULT_CONFLICT, ladder_save(db, &bob, &l, &id, &field, err));
	OK(ladder_get(db, life, id, &l, err));
	assert_string_equal(l.steps, "2 d phone");
	OK(ladder_remove(db, &ann, id, err));
	/* Something has to happen to each notice. */
	all = number_of("SELECT id FROM notice_rule WHERE type = '' AND "
	    "organisation IS NULL", NULL);
	FAILS(FAULT_INPUT, ladder_remove(db, &ann, all, err));
	OK(ladder_get(db, life, all, &l, err));
	l.type = "fraud";
	FAILS(FAULT_INPUT, ladder_save(db, &ann, &l, &id, &field, err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_replies_from_a_text),
	    cmocka_unit_test(test_a_text_goes_to_its_side_only),
	    cmocka_unit_test(test_rejected_for_a_reason),
	    cmocka_unit_test(test_texts_are_checked_when_saved),
	    cmocka_unit_test(test_a_text_tells_of_its_ticket_only),
	    cmocka_unit_test(test_notes_fit_class_and_type),
	    cmocka_unit_test(test_ladders_are_changed),
	};

	return cmocka_run_group_tests(tests, set_up, sqltest_end);
}
