/* The ledger on a real PostgreSQL: every order of the steps of two senders,
 * a lease that ends and the sweep keeps the promise - nobody lost, and every
 * second hand-over counted as unsure. */
#include "ledger.h"

/* -- all orders -- */

enum { STEPS_A = 3, STEPS_B = 4 };

struct world {
	bool a_claimed, a_handed, b_claimed, b_handed;
	int handed;
	int64_t id;
};

static void
step_a(struct world *w, int step)
{
	struct list rows;

	switch (step) {
	case 0:
		w->a_claimed = claim("A", 10, &rows) == 1;
		break;
	case 1:
		w->a_handed = w->a_claimed && hand("A", w->id);
		w->handed += w->a_handed;
		break;
	case 2:
		if (w->a_handed)
			judge("A", w->id, LEDGER_SENT, 250, 0);
		break;
	}
}

static void
step_b(struct world *w, int step)
{
	struct list rows;

	switch (step) {
	case 0:
		sweep();
		break;
	case 1:
		w->b_claimed = claim("B", 10, &rows) == 1;
		break;
	case 2:
		w->b_handed = w->b_claimed && hand("B", w->id);
		w->handed += w->b_handed;
		break;
	case 3:
		if (w->b_handed)
			judge("B", w->id, LEDGER_SENT, 250, 0);
		break;
	}
}

/* a_dies: A makes only so many steps, then it is killed. */
static void
play(unsigned order, int a_dies)
{
	struct world w = {0};
	int a = 0, b = 0;
	struct list rows;

	clear();
	queue(one);
	w.id = pg_int(&pg, "SELECT id FROM delivery");
	for (int i = 0; i < STEPS_A + STEPS_B; i++)
		if (order >> i & 1) {
			if (a < a_dies)
				step_a(&w, a);
			a++;
		} else {
			step_b(&w, b++);
		}
	/* Whatever was left behind, the next one finds it. */
	sweep();
	if (claim("C", 10, &rows) == 1) {
		assert_true(hand("C", w.id));
		w.handed++;
		judge("C", w.id, LEDGER_SENT, 250, 0);
	}
	if (pg_int(&pg, "SELECT count(*) FROM delivery WHERE state = 'sent' "
		"AND code = 250 AND lease IS NULL AND claimed_by IS NULL") != 1)
		fail_msg("order %x, A dies after %d: not sent", order, a_dies);
	if (w.handed < 1 ||
	    w.handed > 1 + pg_int(&pg, "SELECT unsure FROM delivery"))
		fail_msg("order %x, A dies after %d: handed over %d times",
		    order, a_dies, w.handed);
}

static void
test_all_orders(void **state)
{
	int played = 0;

	(void)state;
	for (unsigned order = 0; order < 1u << (STEPS_A + STEPS_B); order++) {
		if (__builtin_popcount(order) != STEPS_A)
			continue;
		for (int dies = 1; dies <= STEPS_A; dies++, played++)
			play(order, dies);
	}
	print_message("# %d histories\n", played);
}

static void
test_claim_order(void **state)
{
	static const char *const many[] = {"b1@x.example", "b2@x.example",
	    "b3@x.example", NULL};
	struct list rows, more;
	int64_t ids[3];

	(void)state;
	clear();
	queue(many);
	pg_run(&pg, "INSERT INTO principal (email, name, role) VALUES "
		    "('x@y.example', 'x', 'lead') ON CONFLICT DO NOTHING");
	pg_run(&pg, "INSERT INTO advisory (title, body, tlp, lists, author, "
		    "edited_by) SELECT 't', 'b', 'CLEAR', '{advisories}', id, "
		    "id FROM principal LIMIT 1");
	pg_run(&pg, "UPDATE delivery SET advisory = (SELECT max(number) FROM "
		    "advisory)");
	queue(one);
	pg_run(&pg, "UPDATE delivery SET urgent = true WHERE address = "
		    "'b3@x.example'");
	assert_int_equal(claim("A", 3, &rows), 3);
	assert_string_equal(LIST_AT(ledger_row, rows, 0)->address,
	    "b3@x.example");
	assert_string_equal(LIST_AT(ledger_row, rows, 1)->address,
	    "a@x.example");
	assert_string_equal(LIST_AT(ledger_row, rows, 2)->address,
	    "b1@x.example");
	assert_int_equal(claim("B", 3, &more), 1);
	for (size_t i = 0; i < 3; i++)
		ids[i] = LIST_AT(ledger_row, rows, i)->id;
	assert_true(ledger_release(db, "A", ids, 3, "relay away", NULL));
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE "
	    "state = 'queued' AND reply = 'relay away' AND lease IS NULL"), 3);
}

static void
test_verdicts(void **state)
{
	static const char *const to[] = {"sent@x.example",
	    "deferred@x.example", "refused@x.example", "unsure@x.example",
	    "untried@x.example", "old@x.example", NULL};
	static const enum ledger_outcome outcomes[] = {LEDGER_SENT,
	    LEDGER_DEFERRED, LEDGER_REFUSED, LEDGER_UNSURE, LEDGER_QUEUED,
	    LEDGER_DEFERRED};
	static const char *const states[] = {"sent", "deferred", "refused",
	    "deferred", "queued", "expired"};
	struct ledger_verdict v[6];
	int64_t ids[6], hit;
	bool granted[6];
	struct list rows;

	(void)state;
	clear();
	queue(to);
	pg_run(&pg, "UPDATE delivery SET created = now() - interval '4 days "
		    "23:59:30' WHERE address = 'old@x.example'");
	assert_int_equal(claim("A", 10, &rows), 6);
	for (size_t i = 0; i < 6; i++) {
		const struct ledger_row *r = LIST_AT(ledger_row, rows, i);
		size_t k = 0;

		while (strcmp(to[k], r->address) != 0)
			k++;
		ids[i] = r->id;
		v[i] = (struct ledger_verdict){r->id, outcomes[k],
		    (int)(200 + k), 60, "the \"exact\" reply \\ {x,y}\nline 2"};
	}
	assert_true(ledger_hand(db, "A", ids, 6, granted, NULL));
	for (size_t i = 0; i < 6; i++)
		assert_true(granted[i]);
	assert_true(ledger_verdicts_send(db, &site, "A", v, 6, NULL));
	assert_true(db_collect(db, &hit, NULL));
	assert_int_equal(hit, 6);
	for (size_t k = 0; k < 6; k++) {
		g_autofree char *q = g_strdup_printf("SELECT state FROM "
		    "delivery WHERE address = '%s'", to[k]);

		assert_string_equal(pg_text(&pg, arena, q), states[k]);
	}
	assert_string_equal(pg_text(&pg, arena, "SELECT reply FROM delivery "
	    "WHERE state = 'refused'"), v[0].reply);
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE "
	    "next_try > now() + interval '50 s' AND attempts = 1 AND state = "
	    "'deferred'"), 2);
	assert_int_equal(pg_int(&pg, "SELECT sum(unsure) FROM delivery"), 1);
	assert_int_equal(pg_int(&pg, "SELECT attempts FROM delivery WHERE "
	    "state = 'queued'"), 0);
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE "
	    "claimed_by IS NOT NULL OR lease IS NOT NULL"), 0);
}

static void
test_hold(void **state)
{
	struct list rows;
	int64_t id;

	(void)state;
	clear();
	conf.sender_unsure = "hold";
	queue(one);
	claim("A", 10, &rows);
	id = LIST_AT(ledger_row, rows, 0)->id;
	assert_true(hand("A", id));
	sweep();
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE "
	    "state = 'held' AND unsure = 1"), 1);
	assert_int_equal(claim("B", 10, &rows), 0);
	/* listed */
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM audit WHERE "
	    "action = 'delivery.unsure' AND object = 'a@x.example' AND new = "
	    "'held'"), 1);
}

static void
test_renew_and_expire(void **state)
{
	static const char *const by[] = {"A", "nobody", NULL};
	struct list rows;
	int64_t n;

	(void)state;
	clear();
	queue(one);
	claim("A", 10, &rows);
	pg_run(&pg, "UPDATE delivery SET lease = now() + interval '5 s'");
	assert_true(ledger_renew(db, &site, by, NULL));
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE "
	    "lease > now() + interval '50 s'"), 1);
	ledger_release(db, "A", &LIST_AT(ledger_row, rows, 0)->id, 1, NULL,
	    NULL);
	assert_true(ledger_expire(db, &site, &n, NULL));
	assert_int_equal(n, 0);
	pg_run(&pg, "UPDATE delivery SET created = now() - interval '6 days'");
	assert_true(ledger_expire(db, &site, &n, NULL));
	assert_int_equal(n, 1);
}

static void
test_delays(void **state)
{
	int64_t last = 0;

	(void)state;
	for (int i = 0; i < 40; i++) {
		int64_t d = ledger_delay(&conf, i);

		assert_true(d >= 48 && d <= 14400 * 12 / 10);
		if (i < 8)
			assert_true(d > last);
		last = d;
	}
	assert_true(last >= 14400 * 8 / 10);
}

/* A large mail comes back byte for byte from its chunks. */
static void
test_load(void **state)
{
	GByteArray *b = g_byte_array_new();
	static char big[700000];
	struct outbox_file f = {"x.bin", NULL, big, sizeof(big)};
	struct outbox_mail m = {.purpose = "reply", .to = one,
	    .subject = "Hello", .text = "text\n", .files = &f, .n_files = 1};
	struct outbox_bytes bytes;
	int64_t id;
	const char *sha;

	(void)state;
	clear();
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 31 >> 3);
	assert_true(outbox_compose(arena, &site, &m, &bytes, NULL));
	pg_run(&pg, "BEGIN");
	assert_true(outbox_queue(db, &site, &m, &id, NULL));
	pg_run(&pg, "COMMIT");
	assert_true(ledger_load(db, id, b, NULL));
	assert_int_equal(b->len, pg_int(&pg, "SELECT size FROM message "
	    "ORDER BY id DESC LIMIT 1"));
	sha = pg_text(&pg, arena, "SELECT sha256 FROM message ORDER BY id "
	    "DESC LIMIT 1");
	{
		g_autofree char *mine = g_compute_checksum_for_data(
		    G_CHECKSUM_SHA256, b->data, b->len);

		assert_string_equal(mine, sha);
	}
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM message_raw "
	    "WHERE message = (SELECT max(id) FROM message)"), 4);
	g_byte_array_unref(b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_orders),
	    cmocka_unit_test(test_claim_order),
	    cmocka_unit_test(test_verdicts),
	    cmocka_unit_test(test_hold),
	    cmocka_unit_test(test_renew_and_expire),
	    cmocka_unit_test(test_delays),
	    cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
