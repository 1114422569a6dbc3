/* Bounces and complaints on a real PostgreSQL find the delivery they are about. */
#include "ledger.h"

static void
bounce(int64_t delivery, const char *action, const char *status)
{
	struct inspect_bounce b = {.recipient = "a@x.example",
	    .status = status, .action = action, .hard = *status == '5'};
	struct inspection in = {.format = "dsn", .bounces = {&b, 1}};
	g_autoptr(GError) err = NULL;

	if (!bounce_apply(db, &site, delivery, &in, 1, &err))
		fail_msg("%s", err->message);
}

static void
test_bounces(void **state)
{
	struct list rows;
	int64_t id;

	(void)state;
	clear();
	queue(one);
	pg_run(&pg, "INSERT INTO subscriber (list, email, status, source) "
		    "SELECT id, 'a@x.example', 'active', 'staff' FROM list "
		    "WHERE name = 'advisories' ON CONFLICT DO NOTHING");
	pg_run(&pg, "UPDATE delivery SET subscriber = (SELECT id FROM "
		    "subscriber LIMIT 1)");
	id = pg_int(&pg, "SELECT id FROM delivery");
	/* a notice about what never left is none */
	bounce(id, "failed", "5.1.1");
	assert_string_equal(pg_text(&pg, arena, "SELECT state FROM delivery"),
	    "queued");
	claim("A", 10, &rows);
	assert_true(hand("A", id));
	bounce(id, "delayed", "4.4.1");
	assert_string_equal(pg_text(&pg, arena, "SELECT state FROM delivery"),
	    "handing");
	/* faster than our own verdict */
	bounce(id, "failed", "4.4.7");
	judge("A", id, LEDGER_SENT, 250, 0);
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE "
	    "state = 'bounced' AND code = 250 AND sent IS NOT NULL AND NOT "
	    "bounce_hard"), 1);
	assert_int_equal(pg_int(&pg, "SELECT bounces FROM subscriber"), 0);
	bounce(id, "failed", "5.1.1");
	bounce(id, "failed", "5.1.1");
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE "
	    "bounce_hard"), 1);
	assert_int_equal(pg_int(&pg, "SELECT bounces FROM subscriber"), 1);
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM audit WHERE "
	    "action = 'delivery.bounce' AND new = 'hard 5.1.1'"), 1);
	bounce(0, "failed", "5.1.1");
	bounce(999999, "failed", "5.1.1");
}

/* One message to two people, without VERP: the Message-ID and the address
 * together say which delivery it is. */
static void
test_bounce_by_message_id(void **state)
{
	struct inspect_bounce b = {.recipient = "B@x.example",
	    .status = "5.1.1", .action = "failed", .hard = true};
	struct inspection in = {.format = "dsn", .bounces = {&b, 1}};
	g_autoptr(GError) err = NULL;

	(void)state;
	clear();
	queue((const char *const[]){"a@x.example", "b@x.example", NULL});
	pg_run(&pg, "UPDATE delivery SET state = 'sent', sent = now()");
	in.returned.message_id = "forged@x.example";
	assert_true(bounce_apply(db, &site, 0, &in, 1, &err));
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE "
	    "state = 'bounced'"), 0);
	in.returned.message_id = pg_text(&pg, arena,
	    "SELECT message_id FROM message ORDER BY id DESC LIMIT 1");
	assert_true(bounce_apply(db, &site, 0, &in, 1, &err));
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE "
	    "state = 'bounced' AND address = 'b@x.example'"), 1);
	/* a stranger's name fits neither of two deliveries */
	b.recipient = "c@x.example";
	assert_true(bounce_apply(db, &site, 0, &in, 1, &err));
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE "
	    "state = 'bounced'"), 1);
}

/* The keyed Message-ID of what came back is as good as the VERP address. */
static void
test_bounce_by_returned_mark(void **state)
{
	struct inspect_bounce b = {.recipient = "else@where.example",
	    .status = "5.1.1", .action = "failed", .hard = true};
	struct inspection in = {.format = "dsn", .bounces = {&b, 1}};
	g_autoptr(GError) err = NULL;
	int64_t id;

	(void)state;
	clear();
	queue(one);
	pg_run(&pg, "UPDATE delivery SET state = 'sent', sent = now()");
	id = pg_int(&pg, "SELECT id FROM delivery");
	in.returned.envelope_from = "bounce+d1-aaaaaaaaaaaaaaaa@tocsin.example";
	assert_int_equal(bounce_proven(&site, &in), 0);
	in.returned.message_id = address_delivery_id(arena, &site, id);
	assert_int_equal(bounce_proven(&site, &in), id);
	in.returned.message_id = NULL;
	in.returned.envelope_from = address_bounce(arena, &site, id);
	assert_int_equal(bounce_proven(&site, &in), id);
	assert_true(bounce_apply(db, &site, 0, &in, 1, &err));
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE "
	    "state = 'bounced'"), 1);
}

/* A recipient alone: one mail in these days is marked, of two none is, and
 * neither counts against a subscription. */
static void
test_bounce_by_recipient(void **state)
{
	struct inspect_bounce b = {.recipient = "a@x.example",
	    .status = "5.1.1", .action = "failed", .hard = true};
	struct inspection in = {.format = "dsn", .bounces = {&b, 1}};
	g_autoptr(GError) err = NULL;

	(void)state;
	clear();
	queue(one);
	pg_run(&pg, "INSERT INTO subscriber (list, email, status, source) "
		    "SELECT id, 'a@x.example', 'active', 'staff' FROM list "
		    "WHERE name = 'advisories' ON CONFLICT DO NOTHING");
	pg_run(&pg, "UPDATE subscriber SET bounces = 0, last_bounce = NULL");
	pg_run(&pg, "UPDATE delivery SET state = 'sent', sent = now(), "
		    "subscriber = (SELECT id FROM subscriber LIMIT 1)");
	pg_run(&pg, "INSERT INTO ticket (number, subject, how_reported) "
		    "VALUES (7001, 'x', 'email')");
	pg_run(&pg, "INSERT INTO ticket_party (ticket, email, role) "
		    "VALUES (7001, 'a@x.example', 'reporter')");
	pg_run(&pg, "UPDATE message SET ticket = 7001, "
		    "received = now() - interval '20 days'");
	assert_true(bounce_apply(db, &site, 0, &in, 1, &err));
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE "
	    "state = 'bounced'"), 0);
	pg_run(&pg, "UPDATE message SET received = now()");
	assert_true(bounce_apply(db, &site, 0, &in, 1, &err));
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE "
	    "state = 'bounced'"), 1);
	assert_int_equal(pg_int(&pg, "SELECT bounces FROM subscriber"), 0);
	queue(one);
	pg_run(&pg, "UPDATE delivery SET state = 'sent', sent = now()");
	pg_run(&pg, "UPDATE message SET ticket = 7001");
	assert_true(bounce_apply(db, &site, 0, &in, 1, &err));
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE "
	    "state = 'bounced'"), 0);
}

/* A complaint about our list ends the subscription and is no bounce. */
static void
test_complaint(void **state)
{
	struct inspect_event e = {.zone = "unknown"};
	struct inspection in = {.format = "arf", .events = {&e, 1}};
	g_autoptr(GError) err = NULL;
	int64_t id;

	(void)state;
	clear();
	queue(one);
	pg_run(&pg, "DELETE FROM subscriber");
	pg_run(&pg, "INSERT INTO subscriber (list, email, status, source) "
		    "SELECT id, 'a@x.example', 'active', 'staff' FROM list "
		    "WHERE name = 'advisories'");
	pg_run(&pg, "UPDATE delivery SET state = 'sent', "
		    "subscriber = (SELECT id FROM subscriber)");
	id = pg_int(&pg, "SELECT id FROM delivery");
	assert_false(bounce_complaint(&site, &in));
	in.returned.envelope_from = address_bounce(arena, &site, id);
	assert_true(bounce_complaint(&site, &in));
	assert_true(bounce_apply(db, &site, 0, &in, 1, &err));
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM subscriber WHERE "
	    "status = 'left' AND left_how = 'self'"), 1);
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE "
	    "state = 'sent'"), 1);
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM audit WHERE "
	    "action = 'delivery.complaint'"), 1);
	/* "this is no spam" takes nothing from anybody */
	in.events.n = 0;
	assert_false(bounce_complaint(&site, &in));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bounces),
	    cmocka_unit_test(test_bounce_by_message_id),
	    cmocka_unit_test(test_bounce_by_returned_mark),
	    cmocka_unit_test(test_bounce_by_recipient),
	    cmocka_unit_test(test_complaint),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
