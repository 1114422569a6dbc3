/* CSV as people really send it. */
#include "base/base.h"
#include "base/csv.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct csv
read_ok(struct arena *a, const char *text)
{
	g_autoptr(GError) err = NULL;
	struct csv t = {0};

	if (!csv_read(a, text, strlen(text), &t, &err))
		fail_msg("%s", err->message);
	return t;
}

static void
test_quotes_lines_and_numbers(void **state)
{
	ARENA_AUTO(a, "test");
	struct csv t = read_ok(a,
	    "\xef\xbb\xbf" "Email , Name\r\n"
	    "a@x.example,\"Doe, \"\"Jo\"\"\"\r\n"
	    "\r\n"
	    "b@x.example,\"two\nlines\"\r\n"
	    "  c@x.example  \r\n");

	(void)state;
	assert_int_equal(t.n, 3);
	assert_int_equal(csv_column(&t, "email"), 0);
	assert_int_equal(csv_column(&t, "name"), 1);
	assert_int_equal(csv_column(&t, "phone"), -1);
	assert_string_equal(csv_field(&t.rows[0], 1), "Doe, \"Jo\"");
	assert_int_equal(t.rows[0].line, 2);
	assert_string_equal(csv_field(&t.rows[1], 1), "two\nlines");
	assert_int_equal(t.rows[1].line, 4);
	assert_int_equal(t.rows[2].line, 6);
	assert_string_equal(csv_field(&t.rows[2], 0), "c@x.example");
	assert_string_equal(csv_field(&t.rows[2], 1), "");
	assert_string_equal(csv_field(&t.rows[2], -1), "");
}

static void
test_semicolons_and_old_bytes(void **state)
{
	ARENA_AUTO(a, "test");
	struct csv t = read_ok(a,
	    "email;name\na@x.example;J\xfcrg \x93Q\x94\n");

	(void)state;
	assert_int_equal(t.n, 1);
	assert_string_equal(csv_field(&t.rows[0], 1),
	    "J\xc3\xbcrg \xe2\x80\x9cQ\xe2\x80\x9d");
}

static void
test_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *says;
	} cases[] = {
	    {"", 0, "empty"},
	    {"\r\n\n", 3, "empty"},
	    {"email\n\"a@x.example\n", 19, "Line 2: a quoted"},
	    {"email\n\"a\"b,c\n", 13, "Line 2: text after"},
	    {"e\0m\0", 4, "not plain text"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		ARENA_AUTO(a, "test");
		g_autoptr(GError) err = NULL;
		struct csv t = {0};

		assert_false(csv_read(a, cases[i].bytes, cases[i].len, &t,
		    &err));
		assert_true(fault_is(err, FAULT_INPUT));
		assert_non_null(strstr(err->message, cases[i].says));
		assert_int_equal(t.n, 0);
	}
}

static void
test_long_field(void **state)
{
	ARENA_AUTO(a, "test");
	g_autoptr(GError) err = NULL;
	g_autofree char *long_one = g_strnfill(CSV_FIELD_MAX + 10, 'x');
	g_autofree char *text = g_strdup_printf("email\n\"%s\n", long_one);
	struct csv t;

	(void)state;
	assert_false(csv_read(a, text, strlen(text), &t, &err));
	assert_true(fault_is(err, FAULT_LARGE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_quotes_lines_and_numbers),
	    cmocka_unit_test(test_semicolons_and_old_bytes),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_long_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
