/* The text of an event's time, read again once its zone is known. */
#include "unit.h"

#include "base/desc.h"
#include "core/intake/event_time.h"

static const struct {
	const char *text, *zone;
	const char *utc, *as; /* NULL: refused, and why has this word */
	const char *word;
	bool own;
} cases[] = {
    {"2026-11-21 04:10", "UTC", "2026-11-21T04:10:00Z", "UTC", NULL, false},
    {"2026-11-21 04:10", "+01:00", "2026-11-21T03:10:00Z", "+01:00", NULL,
	false},
    {"2026-07-21 04:10:07", "Europe/London", "2026-07-21T03:10:07Z",
	"Europe/London", NULL, false},
    {"21/Nov/2026:04:10:07", "UTC", "2026-11-21T04:10:07Z", "UTC", NULL,
	false},
    {"Sat, 21 Nov 2026 04:10:07", "-5", "2026-11-21T09:10:07Z", "-05:00",
	NULL, false},
    {"21.11.2026 04:10 Uhr", "+1", "2026-11-21T03:10:00Z", "+01:00", NULL,
	false},
    {"\"2026-11-21 04:10:07.25\"", "UTC", "2026-11-21T04:10:07.250000Z",
	"UTC", NULL, false},
    /* behind a name of several meanings, which was not read */
    {"2026-11-21 04:10 IST", "Asia/Kolkata", "2026-11-20T22:40:00Z",
	"Asia/Kolkata", NULL, false},
    /* syslog: the last such day before the mail */
    {"Nov 21 04:10:07", "UTC", "2026-11-21T04:10:07Z", "UTC", NULL, false},
    {"Dec 30 23:10:07", "UTC", "2025-12-30T23:10:07Z", "UTC", NULL, false},
    /* Its own zone is stronger than ours. */
    {"2026-11-21T04:10:00+02:00", "UTC", "2026-11-21T02:10:00Z", "+02:00",
	NULL, true},
    {"2026-11-21 04:10 UTC", "+01:00", "2026-11-21T04:10:00Z", "UTC", NULL,
	true},
    /* never, twice, either, nothing */
    {"2026-03-29 01:30", "Europe/London", NULL, NULL, "never came", false},
    {"2026-10-25 01:30", "Europe/London", NULL, NULL, "+01:00 or UTC", false},
    {"2026-10-25 01:30", "+01:00", "2026-10-25T00:30:00Z", "+01:00", NULL,
	false},
    {"03/04/2026 04:10", "UTC", NULL, NULL, "told apart", false},
    {"2026-02-30 04:10", "UTC", NULL, NULL, "cannot be read", false},
    {"yesterday at four", "UTC", NULL, NULL, "cannot be read", false},
    {"2026-11-21", "UTC", NULL, NULL, "cannot be read", false},
    {"", "UTC", NULL, NULL, "cannot be read", false},
    {NULL, "UTC", NULL, NULL, "cannot be read", false},
};

static void
test_table(void **state)
{
	ARENA_AUTO(a, "test");
	int64_t before;

	assert_true(when_parse_rfc3339("2026-11-23T10:00:00Z", &before));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		g_autoptr(GError) err = NULL;
		const char *name = NULL;
		bool own = !cases[i].own;
		struct zone z;
		int64_t t;
		bool ok;

		print_message("%s in %s\n", cases[i].text, cases[i].zone);
		assert_true(zone_parse(a, cases[i].zone, &z, NULL));
		ok = event_time_read(a, &z, cases[i].text, before, &t, &name,
		    &own, &err);
		assert_int_equal(ok, cases[i].utc != NULL);
		if (!ok) {
			assert_true(fault_is(err, FAULT_INPUT));
			assert_non_null(strstr(err->message, cases[i].word));
			continue;
		}
		assert_string_equal(when_rfc3339(a, t), cases[i].utc);
		assert_string_equal(name, cases[i].as);
		assert_int_equal(own, cases[i].own);
	}
}

/* Without a moment that it precedes, a text without a year is no time. */
static void
test_no_year(void **state)
{
	ARENA_AUTO(a, "test");
	const char *name;
	struct zone z;
	int64_t t;
	bool own;

	assert_true(zone_parse(a, "UTC", &z, NULL));
	assert_false(event_time_read(a, &z, "Nov 21 04:10:07", DESC_NULL, &t,
	    &name, &own, NULL));
}

/* A text of any length costs the same: the rest is not looked at. */
static void
test_long(void **state)
{
	ARENA_AUTO(a, "test");
	GString *s = arena_gstring(a);
	const char *name;
	struct zone z;
	int64_t t;
	bool own;

	g_string_append(s, "2026-11-21 04:10:07.");
	for (int i = 0; i < 100000; i++)
		g_string_append_c(s, '9');
	assert_true(zone_parse(a, "UTC", &z, NULL));
	assert_true(event_time_read(a, &z, s->str, DESC_NULL, &t, &name, &own,
	    NULL));
	memset(s->str, ' ', s->len);
	assert_false(event_time_read(a, &z, s->str, DESC_NULL, &t, &name, &own,
	    NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_no_year),
	    cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests_name("event-time", tests, NULL, NULL);
}
