/* RPSL as servers answer and registries publish. */
#include "base/base.h"
#include "base/rpsl.h"
#include "unit.h"

static struct rpsl
read_text(struct arena *a, const char *s)
{
	struct rpsl r;
	g_autoptr(GError) why = NULL;

	if (!rpsl_read(a, s, strlen(s), &r, &why))
		fail_msg("%s", why->message);
	return r;
}

static void
test_objects(void **state)
{
	static const char text[] =
	    "% This is a server's word.\r\n"
	    "% Abuse contact for '192.0.2.0 - 192.0.2.255' is "
	    "'abuse@isp.example'\r\n"
	    "\r\n"
	    "inetnum:        192.0.2.0 - 192.0.2.255\r\n"
	    "netname:        EXAMPLE-NET # a comment\r\n"
	    "descr:          Example\r\n"
	    "                Networks,\r\n"
	    "\tFirst Floor # not said\r\n"
	    "+\r\n"
	    "+Town\r\n"
	    "# a line of comment does not end the object\r\n"
	    "Source:         RIPE # Filtered\r\n"
	    "\r\n \t \r\n"
	    "route:192.0.2.0/24\n"
	    "origin: AS64496\n"
	    "remarks:\n"
	    "% the end";
	ARENA_AUTO(a, "test");
	struct rpsl r = read_text(a, text);

	(void)state;
	assert_int_equal(r.n, 2);
	assert_int_equal(r.bad, 0);
	assert_int_equal(r.objects[0].line, 4);
	assert_string_equal(r.objects[0].attrs[0].name, "inetnum");
	assert_string_equal(r.objects[0].attrs[0].value,
	    "192.0.2.0 - 192.0.2.255");
	assert_string_equal(rpsl_get(&r.objects[0], "netname"), "EXAMPLE-NET");
	assert_string_equal(rpsl_get(&r.objects[0], "descr"),
	    "Example Networks, First Floor Town");
	assert_string_equal(rpsl_get(&r.objects[0], "source"), "RIPE");
	assert_null(rpsl_get(&r.objects[0], "origin"));
	assert_int_equal(r.objects[1].line, 15);
	assert_int_equal(r.objects[1].n, 3);
	assert_string_equal(rpsl_get(&r.objects[1], "origin"), "AS64496");
	assert_string_equal(rpsl_get(&r.objects[1], "remarks"), "");
	assert_int_equal(r.n_abuse, 1);
	assert_string_equal(r.abuse[0].range, "192.0.2.0 - 192.0.2.255");
	assert_string_equal(r.abuse[0].mailbox, "abuse@isp.example");
}

static void
test_hostile(void **state)
{
	ARENA_AUTO(a, "test");
	g_autoptr(GString) s = g_string_new(NULL);
	g_autoptr(GError) why = NULL;
	struct rpsl r;

	(void)state;
	r = read_text(a, "");
	assert_int_equal(r.n, 0);
	/* continuation of nothing, no colon, Latin-1, NUL */
	r = read_text(a, "  lost\nnonsense here\n\nperson: Andr\xe9\n");
	assert_int_equal(r.bad, 2);
	assert_int_equal(r.first_bad, 1);
	assert_string_equal(rpsl_get(&r.objects[0], "person"), "Andr\xc3\xa9");
	assert_true(rpsl_read(a, "descr: a\0b\n", 11, &r, NULL));
	assert_string_equal(rpsl_get(&r.objects[0], "descr"),
	    "a\xef\xbf\xbd" "b");
	r = read_text(a, "% Abuse contact for 'x\n% Abuse contact for 'x' is "
			 "'y\n% Abuse");
	assert_int_equal(r.n_abuse, 0);

	/* limits are told with the line */
	for (int i = 0; i <= RPSL_ATTRS_MAX; i++)
		g_string_append(s, "a: b\n");
	assert_false(rpsl_read(a, s->str, s->len, &r, &why));
	assert_true(fault_is(why, FAULT_LARGE));
	assert_non_null(strstr(why->message, "Line 5001:"));
	g_clear_error(&why);
	g_string_assign(s, "a: b\n");
	for (int i = 0; i < RPSL_VALUE_MAX / 16; i++)
		g_string_append(s, " 0123456789abcdef\n");
	assert_false(rpsl_read(a, s->str, s->len, &r, &why));
	assert_true(fault_is(why, FAULT_LARGE));
}

static void
test_looks(void **state)
{
	static const struct {
		const char *text;
		bool is;
	} cases[] = {{"inetnum: x", true}, {"% hello\n\nperson: x", true},
	    {"{\"a\": 1}", false}, {"handle,name\nx,y: z", false},
	    {"prefix,organisation", false}, {"", false}, {"% only", false},
	    {"name,notes: x", false}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (rpsl_looks_like(cases[i].text, strlen(cases[i].text)) !=
		    cases[i].is)
			fail_msg("%s", cases[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_objects),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_looks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
