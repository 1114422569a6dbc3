/* Failures are classified once. */
#include "base/base.h"
#include "base/log.h"
#include "unit.h"

static const struct {
	enum fault_kind kind;
	const char *name;
	int http;
	char smtp; /* first digit */
	bool retry;
} kinds[] = {
    {FAULT_INPUT, "INPUT", 422, '5', false},
    {FAULT_ABSENT, "ABSENT", 404, '5', false},
    {FAULT_DENIED, "DENIED", 403, '5', false},
    {FAULT_LOGIN, "LOGIN", 401, '5', false},
    {FAULT_CONFLICT, "CONFLICT", 409, '4', false},
    {FAULT_LARGE, "LARGE", 413, '5', false},
    {FAULT_RATE, "RATE", 429, '4', false},
    {FAULT_AWAY, "AWAY", 503, '4', false},
    {FAULT_BUSY, "BUSY", 503, '4', true},
    {FAULT_UNSURE, "UNSURE", 500, '4', false},
    {FAULT_BUG, "BUG", 500, '4', false},
};

static void
test_table(void **state)
{
	(void)state;
	assert_int_equal(COUNT_OF(kinds), FAULT_KINDS);
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		g_autoptr(GError) err = NULL;

		assert_false(fault_set(&err, kinds[i].kind, "n = %d", 7));
		assert_string_equal(err->message, "n = 7");
		assert_int_equal(fault_kind(err), kinds[i].kind);
		assert_true(fault_is(err, kinds[i].kind));
		assert_string_equal(fault_name(kinds[i].kind), kinds[i].name);
		assert_int_equal(fault_http(err), kinds[i].http);
		assert_int_equal(fault_smtp(err)[0], kinds[i].smtp);
		/* RFC 3463: the class is that of the reply. */
		assert_int_equal(fault_smtp(err)[4], kinds[i].smtp);
		assert_int_equal(fault_retry(err), kinds[i].retry);
		assert_in_range(fault_level(err), LOG_CRIT, LOG_DEBUG);
	}
}

static void
test_strangers(void **state)
{
	g_autoptr(GError) err = g_error_new(G_FILE_ERROR, 1, "x");

	(void)state;
	assert_int_equal(fault_kind(err), FAULT_BUG);
	assert_int_equal(fault_kind(NULL), FAULT_BUG);
	assert_false(fault_is(NULL, FAULT_BUG));
	assert_false(fault_set(NULL, FAULT_INPUT, "nobody asks"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
