/* The settings file. */
#include "base/base.h"
#include "base/conf.h"
#include "unit.h"

#include <glib/gstdio.h>

static int
setup(void **state)
{
	*state = g_dir_make_tmp("conf-XXXXXX", NULL);
	return 0;
}

static int
teardown(void **state)
{
	g_autofree char *path = g_build_filename(*state, "t.conf", NULL);

	g_unlink(path);
	g_rmdir(*state);
	g_free(*state);
	return 0;
}

static bool
load(struct arena *a, const char *dir, const char *text, size_t len,
    const struct conf **c, GError **err)
{
	g_autofree char *path = g_build_filename(dir, "t.conf", NULL);

	assert_true(g_file_set_contents(path, text, (gssize)len, NULL));
	return conf_load(a, path, c, err);
}

static void
test_defaults(void **state)
{
	ARENA_AUTO(a, "test");
	const struct conf *c = NULL;
	g_autoptr(GError) err = NULL;

	(void)state;
	assert_true(conf_load(a, NULL, &c, &err));
	assert_null(c->path);
	assert_string_equal(c->http_listen, "127.0.0.1:8080");
	assert_int_equal(c->http_threads, 0);
	assert_false(c->site_demo);
	assert_string_equal(c->site_report_addresses[0], "report");
	assert_string_equal(c->site_report_addresses[3], "postmaster");
	assert_null(c->site_report_addresses[4]);
	assert_null(c->http_trusted_proxies[0]);
	assert_string_equal(c->site_template_dir, "");
	assert_true(g_path_is_absolute(c->site_state_dir));
	assert_string_equal(conf_address(a, c, "report"),
	    "report@tocsin.example");
}

static void
test_values(void **state)
{
	static const char text[] =
	    "# comment\n\n[site]\nname =  \xc3\x84rger & Co = x  \n"
	    "report_addresses = report, abuse  ,x,\n"
	    "state_dir=../s\ntemplate_dir = /t\ndemo = Yes\n"
	    "[http]\nthreads=64\ntrusted_proxies=\nbody_max=65536\n";
	ARENA_AUTO(a, "test");
	const struct conf *c = NULL, *again = NULL;
	g_autoptr(GError) err = NULL;
	g_autofree char *parent = g_path_get_dirname(*state);
	g_autofree char *wanted = g_build_filename(parent, "s", NULL);
	g_autofree char *printed = NULL;
	size_t size;
	FILE *f;

	assert_true(load(a, *state, text, sizeof(text) - 1, &c, &err));
	assert_string_equal(c->site_name, "\xc3\x84rger & Co = x");
	assert_string_equal(c->site_report_addresses[2], "x");
	assert_null(c->site_report_addresses[3]);
	assert_string_equal(c->site_state_dir, wanted);
	assert_string_equal(c->site_template_dir, "/t");
	assert_true(c->site_demo);
	assert_int_equal(c->http_threads, 64);
	assert_int_equal(c->http_body_max, 65536);
	assert_null(c->http_trusted_proxies[0]);

	/* What is printed reads back as the same settings. */
	f = open_memstream(&printed, &size);
	conf_print(c, f);
	fclose(f);
	assert_non_null(strstr(printed, "[http]\n"));
	assert_non_null(strstr(printed, "(0 to 64)\nthreads = 64\n"));
	assert_true(load(a, *state, printed, size, &again, &err));
	assert_string_equal(again->site_name, c->site_name);
	assert_string_equal(again->site_state_dir, c->site_state_dir);
	assert_int_equal(again->site_demo, c->site_demo);
	assert_string_equal(again->site_report_addresses[2], "x");
}

static const struct {
	const char *text;
	size_t len;
	const char *why;
} refusals[] = {
#define CASE(text, why) {text, sizeof(text) - 1, why}
    CASE("[http]\nthread = 4\n", "no setting thread in [http]"),
    CASE("[htp]\nthreads = 4\n", "no section [htp]"),
    CASE("[http]\nthreads = -1\n", "0 to 64"),
    CASE("[http]\nthreads = 65\n", "0 to 64"),
    CASE("[http]\nthreads = four\n", "threads"),
    CASE("[http]\nthreads =\n", "threads"),
    CASE("[http]\nthreads = 4 # few\n", "threads"),
    CASE("[http]\nthreads = 99999999999999999999\n", "threads"),
    CASE("[site]\ndemo = maybe\n", "true or false"),
    CASE("[site]\nname = a\x01\n", "control"),
    CASE("[site]\nname = \xff\n", ""),
    CASE("[site]\nname = a\0b\n", "NUL"),
    CASE("[site]\nname = a\nname = b\n", "twice"),
    CASE("[site]\nname = a\n[http]\nthreads = 4\n[site]\nname=b\n", "twice"),
    CASE("name = a\n", ""),
    CASE("[site\nname = a\n", ""),
    CASE("[site]\nname\n", ""),
};

static void
test_refusals(void **state)
{
	for (size_t i = 0; i < COUNT_OF(refusals); i++) {
		ARENA_AUTO(a, "test");
		const struct conf *c = NULL;
		g_autoptr(GError) err = NULL;

		if (load(a, *state, refusals[i].text, refusals[i].len, &c,
			&err))
			fail_msg("taken: %s", refusals[i].text);
		assert_true(fault_is(err, FAULT_INPUT));
		if (strstr(err->message, refusals[i].why) == NULL)
			fail_msg("%s: %s", refusals[i].text, err->message);
		assert_true(g_utf8_validate(err->message, -1, NULL));
		assert_null(c);
	}
}

static void
test_files(void **state)
{
	ARENA_AUTO(a, "test");
	const struct conf *c = NULL;
	g_autoptr(GError) err = NULL;
	g_autofree char *big = g_strnfill(2 * 1024 * 1024, '#');

	assert_true(load(a, *state, "", 0, &c, &err));
	assert_true(g_path_is_absolute(c->path));
	assert_true(load(a, *state, "# nothing\n", 10, &c, &err));
	assert_false(load(a, *state, big, strlen(big), &c, &err));
	g_clear_error(&err);
	assert_false(conf_load(a, "/nowhere/t.conf", &c, &err));
	assert_non_null(strstr(err->message, "/nowhere/t.conf"));
	assert_false(conf_load(a, *state, &c, NULL));
}

/* What the package tells to begin with has to be taken, and to be heard. */
static void
test_example_of_the_package(void **state)
{
	ARENA_AUTO(a, "test");
	const struct conf *c = NULL;
	g_autoptr(GError) err = NULL;

	if (!conf_load(a, SRCDIR "/debian/examples/tocsin.conf", &c, &err))
		fail_msg("%s", err->message);
	assert_string_equal(c->site_state_dir, "/var/lib/tocsin");
	assert_string_equal(c->smtp_lmtp, "/run/tocsin/lmtp.sock");
	assert_string_equal(c->smtp_listen, "");
	assert_false(conf_has_keeper(c));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_example_of_the_package),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
