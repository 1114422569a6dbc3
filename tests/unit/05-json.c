/* JSON in and out. */
#include "base/base.h"
#include "base/json.h"
#include "base/when.h"
#include "unit.h"

#define PART(F, S) F(S, TEXT, name, none) F(S, PAGE_TEXT, css, none)
DESC_STRUCT(part, PART);
DESC_TABLE(part, PART);

#define WHOLE(F, S)                                                           \
	F(S, INT, number, none)                                               \
	F(S, INT, nothing, none)                                              \
	F(S, BOOL, open, none)                                                \
	F(S, TEXT, subject, none)                                             \
	F(S, TIME, made, none)                                                \
	F(S, TIME, never, none)                                               \
	F(S, HTML, body, none)                                                \
	F(S, URL, home, none)                                                 \
	F(S, JSON, facts, none)                                               \
	F(S, JSON, no_facts, none)                                            \
	F(S, LIST, parts, part)                                               \
	F(S, LIST, no_parts, part)                                            \
	F(S, OBJECT, first, part)                                             \
	F(S, OBJECT, none_such, part)                                         \
	F(S, PAGE_LIST, shown, part)                                          \
	F(S, PAGE_INT, width, none)                                           \
	F(S, PAGE_BOOL, bold, none)
DESC_STRUCT(whole, WHOLE);
DESC_TABLE(whole, WHOLE);

static void
test_writer(void **state)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct json_out w = json_out(out);

	(void)state;
	json_begin(&w, '{');
	json_int(&w, "n", 7);
	json_int(&w, "null", DESC_NULL);
	json_text(&w, "a\"b", "q\"\\/\b\n\r\t\x01\x7f<>\xc3\xa4");
	json_text(&w, "bad", "\xff");
	json_key(&w, "list");
	json_begin(&w, '[');
	json_put_bool(&w, true);
	json_put_null(&w);
	json_begin(&w, '[');
	json_end(&w, ']');
	json_begin(&w, '{');
	json_end(&w, '}');
	json_put_raw(&w, "{\"x\":1}");
	json_put_raw(&w, "");
	json_put_raw(&w, NULL);
	json_put_text(&w, NULL);
	json_put_int(&w, INT64_MAX);
	json_put_int(&w, INT64_MIN + 1);
	json_end(&w, ']');
	json_bool(&w, "last", false);
	json_end(&w, '}');
	assert_string_equal(out->str,
	    "{\"n\":7,\"null\":null,"
	    "\"a\\\"b\":\"q\\\"\\\\/\\u0008\\n\\r\\t\\u0001\\u007f<>"
	    "\xc3\xa4\",\"bad\":\"\xef\xbf\xbd\","
	    "\"list\":[true,null,[],{},{\"x\":1},null,null,null,"
	    "9223372036854775807,-9223372036854775807],\"last\":false}");
}

static void
test_struct(void **state)
{
	struct part parts[] = {{"a", "x"}, {NULL, "y"}};
	struct whole s = {.number = -1, .nothing = DESC_NULL, .open = true,
	    .subject = "s", .made = WHEN_SECOND, .never = DESC_NULL,
	    .body = {"<p>"}, .home = "/", .facts = "[1]",
	    .parts = {parts, 2}, .first = parts, .shown = {parts, 2},
	    .width = 7, .bold = true};
	g_autoptr(GString) out = g_string_new(NULL);
	struct json_out w = json_out(out);

	(void)state;
	json_put_struct(&w, &desc_whole, &s);
	assert_string_equal(out->str,
	    "{\"number\":-1,\"nothing\":null,\"open\":true,\"subject\":\"s\","
	    "\"made\":\"1970-01-01T00:00:01Z\",\"never\":null,"
	    "\"body\":\"<p>\",\"home\":\"/\",\"facts\":[1],"
	    "\"no_facts\":null,\"parts\":[{\"name\":\"a\"},{\"name\":null}],"
	    "\"no_parts\":[],\"first\":{\"name\":\"a\"},\"none_such\":null}");
	g_string_truncate(out, 0);
	w = json_out(out);
	json_put_struct(&w, &desc_whole, NULL);
	assert_string_equal(out->str, "null");
}

static const struct json *
parse(struct arena *a, const char *text)
{
	const struct json *j = NULL;
	g_autoptr(GError) err = NULL;

	if (!json_parse(a, text, strlen(text), &j, &err))
		fail_msg("%s: %s", text, err->message);
	return j;
}

static void
test_reader(void **state)
{
	ARENA_AUTO(a, "test");
	const struct json *j = parse(a,
	    "{\"s\":\"\xc3\xa4\\u00e4\",\"n\":-7,\"r\":2.9,\"t\":true,"
	    "\"f\":false,\"z\":null,\"a\":[1,\"x\",{\"k\":[]}],\"e\":1e300,"
	    "\"big\":9223372036854775807}");

	(void)state;
	assert_true(json_is_object(j) && json_len(j) == 9);
	assert_string_equal(json_str(json_get(j, "s"), "-"),
	    "\xc3\xa4\xc3\xa4");
	assert_int_equal(json_num(json_get(j, "n"), 0), -7);
	assert_int_equal(json_num(json_get(j, "r"), 0), 2);
	assert_int_equal(json_num(json_get(j, "e"), -5), -5);
	assert_true(json_num(json_get(j, "big"), 0) == INT64_MAX);
	assert_int_equal(json_num(json_get(j, "s"), -5), -5);
	assert_true(json_is_true(json_get(j, "t")));
	assert_false(json_is_true(json_get(j, "f")));
	assert_false(json_is_true(json_get(j, "n")));
	assert_true(json_is_null(json_get(j, "z")));
	assert_true(json_is_null(json_get(j, "missing")));
	assert_string_equal(json_scalar(a, json_get(j, "n")), "-7");
	assert_string_equal(json_scalar(a, json_get(j, "r")),
	    "2.9");
	assert_string_equal(json_scalar(a, json_get(j, "t")), "true");
	assert_string_equal(json_scalar(a, json_get(j, "f")), "false");
	assert_string_equal(json_scalar(a, json_get(j, "s")),
	    "\xc3\xa4\xc3\xa4");
	assert_null(json_scalar(a, json_get(j, "a")));
	assert_null(json_scalar(a, json_get(j, "z")));
	assert_null(json_scalar(a, NULL));
	assert_string_equal(json_key_at(j, 0), "s");
	assert_string_equal(json_key_at(j, 8), "big");
	assert_null(json_key_at(j, 9));
	assert_int_equal(json_num(json_value_at(j, 1), 0), -7);
	assert_null(json_value_at(j, 9));

	/* a chain over what is not there */
	j = json_get(j, "a");
	assert_true(json_is_array(j) && json_len(j) == 3);
	assert_string_equal(json_str(json_at(j, 1), NULL), "x");
	assert_null(json_at(j, 3));
	assert_null(json_get(j, "k"));
	assert_null(json_key_at(j, 0));
	assert_int_equal(json_len(json_get(json_at(j, 2), "k")), 0);
	assert_null(json_at(json_get(json_at(json_at(j, 9), 9), "q"), 0));
	assert_int_equal(json_len(NULL), 0);
	assert_false(json_is_object(NULL) || json_is_array(NULL));
	assert_int_equal(json_num(parse(a, "7"), 0), 7);
}

static void
test_refusals(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} bad[] = {
#define BYTES(s) {s, sizeof(s) - 1}
	    BYTES(""), BYTES(" "), BYTES("{"), BYTES("[1,]"), BYTES("{\"a\"}"),
	    BYTES("[1] x"), BYTES("\"\xff\""), BYTES("\"\xed\xa0\x80\""),
	    BYTES("\"\\ud800\""), BYTES("\"\\u0000\""), BYTES("\"a\0b\""),
	    BYTES("[1]\0"), BYTES("{\"a\":1,\"a\":2}"), BYTES("NaN"),
	    BYTES("1e999"), BYTES("99999999999999999999"), BYTES("'a'"),
	    BYTES("]]]]"), BYTES("\xef\xbb\xbf{}"), BYTES("\"\n\""),
	    BYTES("\"\\"), BYTES("//x\n1"),
	};
	ARENA_AUTO(a, "test");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		g_autoptr(GError) err = NULL;
		const struct json *j = NULL;
		void *copy = g_memdup2(bad[i].text, bad[i].len);

		if (json_parse(a, copy, bad[i].len, &j, &err))
			fail_msg("taken: %s", bad[i].text);
		g_free(copy);
		assert_true(fault_is(err, FAULT_INPUT));
		assert_true(g_utf8_validate(err->message, -1, NULL));
		assert_null(j);
	}
}

/* Depth, number of values, members: 10 MB of each. */
static void
test_hostile_sizes(void **state)
{
	enum { LARGE = 10 * 1024 * 1024 };
	static const char *const fill[] = {"[", "{\"a\":", "1,", "\"", "[]",
	    "\\", "\"a\",", "{},"};
	int64_t start = when_ticks();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(fill); i++) {
		ARENA_AUTO(a, "test");
		g_autoptr(GError) err = NULL;
		const struct json *j;
		size_t n = strlen(fill[i]);
		char *big = arena_alloc(a, LARGE + 1);

		for (size_t k = 1; k < LARGE; k++)
			big[k] = fill[i][k % n];
		big[0] = '[';
		assert_false(json_parse(a, big, LARGE, &j, &err));
		assert_true(fault_is(err, FAULT_INPUT));
	}
	assert_in_range(when_ticks() - start, 0, 30 * WHEN_SECOND);
}

static void
test_limits(void **state)
{
	ARENA_AUTO(a, "test");
	g_autoptr(GString) s = g_string_new(NULL);
	g_autoptr(GError) err = NULL;
	const struct json *j;
	int64_t start = when_ticks();

	(void)state;
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		g_string_append_c(s, '[');
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		g_string_append_c(s, ']');
	parse(a, s->str);
	g_string_prepend_c(s, '[');
	g_string_append_c(s, ']');
	assert_false(json_parse(a, s->str, s->len, &j, &err));
	assert_non_null(strstr(err->message, "line 1"));
	/* Brackets in a string are text. */
	g_string_assign(s, "[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"]");
	parse(a, s->str);
	/* Members by index: one walk in all. */
	g_string_assign(s, "{");
	for (int i = 0; i < 100000; i++)
		g_string_append_printf(s, "%s\"k%d\":%d", i > 0 ? "," : "", i,
		    i);
	g_string_append_c(s, '}');
	j = parse(a, s->str);
	for (size_t i = 0; i < json_len(j); i++) {
		assert_int_equal(json_num(json_value_at(j, i), -1), i);
		assert_int_equal(json_key_at(j, i)[0], 'k');
	}
	assert_in_range(when_ticks() - start, 0, 10 * WHEN_SECOND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_writer),
	    cmocka_unit_test(test_struct),
	    cmocka_unit_test(test_reader),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_hostile_sizes),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
