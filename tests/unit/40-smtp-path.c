/* smtp/path and smtp/xforward: addresses and parameters of commands. */
#include "base/base.h"
#include "smtp/path.h"
#include "smtp/xforward.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum who { BOTH, FROM, NONE };

static const struct {
	enum who who; /* who takes it */
	const char *in, *out, *rest;
} paths[] = {
    {BOTH, "<a@b.example>", "a@b.example", ""},
    {BOTH, "<a@b.example> SIZE=1", "a@b.example", " SIZE=1"},
    {BOTH, "<A.b+c=d@B.Example>", "A.b+c=d@B.Example", ""},
    {BOTH, "<@x.example,@y.example:a@b.example>", "a@b.example", ""},
    {BOTH, "<@x.example:a@b.example>", "a@b.example", ""},
    {BOTH, "<\"a\"@b.example>", "a@b.example", ""},
    {BOTH, "<\"a b\"@b.example>", "\"a b\"@b.example", ""},
    {BOTH, "<\"a\\\"b\"@b.example>", "\"a\\\"b\"@b.example", ""},
    {BOTH, "<\"\\a.\\b\"@b.example>", "a.b@b.example", ""},
    {BOTH, "<\"a@b\"@b.example>", "\"a@b\"@b.example", ""},
    {BOTH, "<\"\"@b.example>", "\"\"@b.example", ""},
    {BOTH, "<\">\"@b.example>", "\">\"@b.example", ""},
    {BOTH, "<a@[192.0.2.1]>", "a@[192.0.2.1]", ""},
    {BOTH, "<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", ""},
    {BOTH, "<a@localhost>", "a@localhost", ""},
    {BOTH, "<postmaster>", "postmaster", ""},
    {BOTH, "<PostMaster>", "PostMaster", ""},
    {BOTH, "<a@my_host.example>", "a@my_host.example", ""},
    {FROM, "<>", "", ""},
    {FROM, "<> SIZE=1", "", " SIZE=1"},
    {FROM, "<MAILER-DAEMON>", "MAILER-DAEMON", ""},
    {FROM, "<a..b.@b.example>", "a..b.@b.example", ""},
    {NONE, "", NULL, NULL},
    {NONE, "a@b.example", NULL, NULL},
    {NONE, "<a@b.example", NULL, NULL},
    {NONE, "<a@b.example>SIZE=1", NULL, NULL},
    {NONE, "<<a@b.example>>", NULL, NULL},
    {NONE, "<a@>", NULL, NULL},
    {NONE, "<@b.example>", NULL, NULL},
    {NONE, "<@b.example:>", NULL, NULL},
    {NONE, "<@x,a@b.example>", NULL, NULL},
    {NONE, "<a b@b.example>", NULL, NULL},
    {NONE, "<a@b@c.example>", NULL, NULL},
    {NONE, "<a@b..example>", NULL, NULL},
    {NONE, "<a@.b.example>", NULL, NULL},
    {NONE, "<a@b.example.>", NULL, NULL},
    {NONE, "<a@-b.example>", NULL, NULL},
    {NONE, "<a@b-.example>", NULL, NULL},
    {NONE, "<\"a@b.example>", NULL, NULL},
    {NONE, "<\"a\\", NULL, NULL},
    {NONE, "<\"a\x01\"@b.example>", NULL, NULL},
    {NONE, "<\"a\"b@b.example>", NULL, NULL},
    {NONE, "<\xc3\xa4@b.example>", NULL, NULL},
    {NONE, "<a@\xc3\xa4.example>", NULL, NULL},
    {NONE, "<a@[192.0.2.256]>", NULL, NULL},
    {NONE, "<a@[2001:db8::1]>", NULL, NULL},
    {NONE, "<a@[IPv6:192.0.2.1]>", NULL, NULL},
    {NONE, "<a@[192.0.2.1>", NULL, NULL},
    {NONE, "<a@b.example\tx>", NULL, NULL},
};

static void
check_path(size_t i, enum path_kind kind, bool good)
{
	char out[PATH_MAX_CHARS + 1];
	const char *rest = path_read(paths[i].in, kind, out);

	if ((rest != NULL) != good)
		fail_msg("%s: %s", paths[i].in, rest != NULL ? "taken" : "not");
	if (good) {
		assert_string_equal(out, paths[i].out);
		assert_string_equal(rest, paths[i].rest);
	}
}

static void
test_paths(void **state)
{
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		check_path(i, PATH_SENDER, paths[i].who != NONE);
		check_path(i, PATH_RECIPIENT, paths[i].who == BOTH);
	}
}

static void
test_path_length(void **state)
{
	char out[PATH_MAX_CHARS + 1];

	for (size_t n = 290; n < 330; n++) {
		g_autoptr(GString) s = g_string_new("<");

		for (size_t i = 0; i < n; i++)
			g_string_append_c(s, 'a');
		g_string_append(s, "@b.example>");
		assert_int_equal(
		    path_read(s->str, PATH_SENDER, out) != NULL,
		    n + strlen("@b.example") <= PATH_MAX_CHARS);
	}
}

static void
test_params(void **state)
{
	char line[] = "  SIZE=12  BODY=8BITMIME X-Y", *p = line;
	char bad_value[] = " SIZE= A", bad_key[] = " =1", bad_byte[] = " A=\x01";
	char *bads[] = {bad_value, bad_key, bad_byte};
	const char *key, *value;
	bool bad;

	assert_true(path_param(&p, &key, &value, &bad));
	assert_string_equal(key, "SIZE");
	assert_string_equal(value, "12");
	assert_true(path_param(&p, &key, &value, &bad));
	assert_string_equal(key, "BODY");
	assert_string_equal(value, "8BITMIME");
	assert_true(path_param(&p, &key, &value, &bad));
	assert_string_equal(key, "X-Y");
	assert_null(value);
	assert_false(path_param(&p, &key, &value, &bad));
	assert_false(bad);
	for (size_t i = 0; i < COUNT_OF(bads); i++) {
		assert_false(path_param(&bads[i], &key, &value, &bad));
		assert_true(bad);
	}
}

static void
test_xtext(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"abc", "abc"},
	    {"a+20b+2B+3dc", "a b+=c"},
	    {"", ""},
	    {"+", NULL},
	    {"+2", NULL},
	    {"+zz", NULL},
	    {"a+0Ab", NULL},
	    {"a+00b", NULL},
	    {"a+ffb", NULL},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		g_autofree char *s = g_strdup(cases[i].in);

		assert_int_equal(path_xtext(s), cases[i].out != NULL);
		if (cases[i].out != NULL)
			assert_string_equal(s, cases[i].out);
	}
}

static bool
forward(struct xforward *x, const char *args)
{
	g_autofree char *line = g_strdup(args);

	return xforward_read(x, line);
}

static void
test_xforward(void **state)
{
	static const char *const bads[] = {"", "FOO=1", "NAME", "ADDR=mail",
	    "ADDR=192.0.2.1 PORT=99999", "SOURCE=MOON", "NAME=a+0d",
	    "ADDR=IPV6:2001:db8::g"};
	struct xforward x = {0};
	struct smtp_envelope env = {.client = "127.0.0.1"};
	ARENA_AUTO(a, "test");

	assert_true(forward(&x, "NAME=host.example ADDR=192.0.2.1"));
	assert_true(forward(&x, "helo=a+20b PROTO=ESMTP PORT=25 SOURCE=remote"));
	for (size_t i = 0; i < COUNT_OF(bads); i++)
		assert_false(forward(&x, bads[i]));
	xforward_envelope(&x, a, &env);
	assert_string_equal(env.client, "192.0.2.1");
	assert_string_equal(env.fwd_addr, "192.0.2.1");
	assert_string_equal(env.fwd_name, "host.example");
	assert_string_equal(env.fwd_helo, "a b");
	assert_null(env.fwd_ident);
	assert_true(forward(&x, "ADDR=IPV6:2001:DB8::1 NAME=[TEMPUNAVAIL]"));
	xforward_envelope(&x, a, &env);
	assert_string_equal(env.client, "2001:db8::1");
	assert_null(env.fwd_name);
	assert_true(forward(&x, "ADDR=[unavailable]"));
	env = (struct smtp_envelope){.client = "127.0.0.1"};
	xforward_envelope(&x, a, &env);
	assert_string_equal(env.client, "127.0.0.1");
	assert_null(env.fwd_addr);
	xforward_clear(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_paths),
	    cmocka_unit_test(test_path_length),
	    cmocka_unit_test(test_params),
	    cmocka_unit_test(test_xtext),
	    cmocka_unit_test(test_xforward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
