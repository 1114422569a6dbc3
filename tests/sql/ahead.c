/* Questions asked ahead (db/db.h): the same answers, in one round trip, and
 * nothing that breaks which would not break without. */
#include "base/base.h"
#include "base/log.h"
#include "db/db.h"

#include "sqltest.h"

#define NUMBER(F, S) F(S, INT, number, none)
DESC_PRIVATE(number, NUMBER);
#define LEAD(F, S) F(S, INT, grouped_into, none)
DESC_PRIVATE(lead, LEAD);

static struct db_pool *pool;
static struct db *one;

static int64_t
number_now(int64_t number)
{
	struct number n = {.number = 0};
	bool found;

	OK(db_opt(one, life, Q_CASE_NUMBER, DB_ARGS(DB_INT(number)),
	    &desc_number, &n, &found, err));
	return found ? n.number : 0;
}

static void
ask(int64_t number)
{
	const struct db_ask asks[] = {
	    {Q_CASE_NUMBER, DB_ARGS(DB_INT(number))},
	    {Q_GROUP_LEAD, DB_ARGS(DB_INT(number))},
	    {Q_CASE_NUMBER, DB_ARGS(DB_INT(number + 1))},
	};

	db_ahead(one, asks, COUNT_OF(asks));
}

static int
begin(void **state)
{
	(void)state;
	one = db_take(pool);
	change("DELETE FROM ticket WHERE number IN (1500, 1501)", NULL, NULL);
	change("INSERT INTO ticket (number, subject, due) "
	       "VALUES (1500, 'a', now()), (1501, 'b', now())", NULL, NULL);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	db_put(one);
	return 0;
}

static void
test_one_round_trip(void **state)
{
	struct lead lead;
	unsigned before;
	bool found;

	(void)state;
	assert_int_equal(number_now(1500), 1500); /* connected */
	before = db_trips(one);
	ask(1500);
	assert_int_equal(number_now(1501), 1501);
	assert_int_equal(number_now(1500), 1500);
	OK(db_opt(one, life, Q_GROUP_LEAD, DB_ARGS(DB_INT(1500)), &desc_lead,
	    &lead, &found, err));
	assert_true(found);
	assert_int_equal(lead.grouped_into, DESC_NULL);
	assert_int_equal(db_trips(one), before + 1);
	/* Other arguments, and the same once more, are asked. */
	assert_int_equal(number_now(1502), 0);
	assert_int_equal(number_now(1500), 1500);
	assert_int_equal(db_trips(one), before + 3);
}

/* An answer is of the moment it was asked for, and serves once. */
static void
test_it_serves_once(void **state)
{
	(void)state;
	ask(1500);
	change("UPDATE ticket SET merged_into = 1501, status = 'resolved', "
	       "closed = now() WHERE number = 1500", NULL, NULL);
	assert_int_equal(number_now(1500), 1500);
	assert_int_equal(number_now(1500), 1501);
}

static void
test_what_fails_fails_by_itself(void **state)
{
	const struct db_ask asks[] = {
	    {Q_CASE_NUMBER, DB_ARGS(DB_INT(1500))},
	    {Q_GROUP_LEAD, DB_ARGS(DB_TEXT("none"))},
	    {Q_CASE_NUMBER, DB_ARGS(DB_INT(1501))},
	};
	struct lead lead;
	bool found;

	(void)state;
	for (int i = 0; i < 2; i++) {
		db_ahead(one, asks, COUNT_OF(asks));
		assert_int_equal(number_now(1500), 1500);
		FAILS(FAULT_INPUT,
		    db_opt(one, life, Q_GROUP_LEAD, DB_ARGS(DB_TEXT("none")),
			&desc_lead, &lead, &found, err));
		assert_int_equal(number_now(1501), 1501);
	}
}

static void
cut_off(void)
{
	change("DO $$ BEGIN PERFORM pg_terminate_backend(pid, 5000) FROM "
	       "pg_stat_activity WHERE application_name = 'ahead'; END $$",
	    NULL, NULL);
}

/* The server goes away: before the questions, and behind the answers. */
static void
test_a_lost_connection(void **state)
{
	(void)state;
	assert_int_equal(number_now(1500), 1500);
	cut_off();
	ask(1500);
	assert_int_equal(number_now(1500), 1500);
	cut_off();
	assert_int_equal(number_now(1501), 1501);
	assert_int_equal(number_now(1501), 1501);
}

static bool
inside(struct db *d, void *ctx, GError **err)
{
	struct number n;

	(void)ctx;
	ask(1500); /* not now: a failure would end the transaction */
	change("UPDATE ticket SET merged_into = 1501, status = 'resolved', "
	       "closed = now() WHERE number = 1500", NULL, NULL);
	if (!db_one(d, life, Q_CASE_NUMBER, DB_ARGS(DB_INT(1500)),
		&desc_number, &n, err))
		return false;
	assert_int_equal(n.number, 1501);
	return true;
}

/* Who changes something sees what is, not what was. */
static void
test_not_in_a_transaction(void **state)
{
	(void)state;
	ask(1500);
	OK(db_tx(one, inside, NULL, err));
}

static void
test_a_change_drops_it(void **state)
{
	(void)state;
	ask(1500);
	OK(db_exec(one, Q_TICKET_TOUCH, DB_ARGS(DB_INT(1501), DB_BOOL(false)),
	    NULL, err));
	change("UPDATE ticket SET merged_into = 1501, status = 'resolved', "
	       "closed = now() WHERE number = 1500", NULL, NULL);
	assert_int_equal(number_now(1500), 1501);
}

/* Nobody gets the answers of who had the connection before. */
static void
test_not_for_the_next(void **state)
{
	(void)state;
	ask(1500);
	change("UPDATE ticket SET merged_into = 1501, status = 'resolved', "
	       "closed = now() WHERE number = 1500", NULL, NULL);
	db_put(one);
	one = db_take(pool);
	assert_int_equal(db_trips(one), 0);
	assert_int_equal(number_now(1500), 1501);
	ask(1500);
	change("UPDATE ticket SET merged_into = NULL WHERE number = 1500",
	    NULL, NULL);
	db_as(one, 1);
	assert_int_equal(number_now(1500), 1500);
}

static int
set_up(void **state)
{
	(void)state;
	log_set_level(LOG_CRIT);
	sqltest_begin();
	pool = db_pool_new(site.conf, "ahead", 1);
	return 0;
}

static int
tear_down(void **state)
{
	db_pool_free(pool);
	return sqltest_end(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_one_round_trip),
	    TEST(test_it_serves_once),
	    TEST(test_what_fails_fails_by_itself),
	    TEST(test_a_lost_connection),
	    TEST(test_not_in_a_transaction),
	    TEST(test_a_change_drops_it),
	    TEST(test_not_for_the_next),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
