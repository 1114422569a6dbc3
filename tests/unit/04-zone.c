/* Zones as people name them, and what their clocks meant. */
#include "unit.h"

#include "base/zone.h"

static void
test_names(void **state)
{
	ARENA_AUTO(a, "test");
	static const struct {
		const char *text, *name; /* NULL: refused */
	} cases[] = {
	    {"UTC", "UTC"}, {"utc", "UTC"}, {" z ", "UTC"}, {"GMT", "UTC"},
	    {"+00:00", "UTC"}, {"-0000", "UTC"}, {"+01:00", "+01:00"},
	    {"+1", "+01:00"}, {"-5", "-05:00"}, {"+0530", "+05:30"},
	    {"UTC+2", "+02:00"}, {"utc -03:30", "-03:30"},
	    {"GMT+0100", "+01:00"}, {"+14", "+14:00"}, {"-12:00", "-12:00"},
	    {"Europe/London", "Europe/London"},
	    {"America/Argentina/Buenos_Aires",
		"America/Argentina/Buenos_Aires"},
	    {"America/Port-au-Prince", "America/Port-au-Prince"},
	    {NULL, NULL}, {"", NULL}, {"  ", NULL}, {"+", NULL},
	    {"+15", NULL}, {"-12:01", NULL}, {"+1:60", NULL}, {"+1:5", NULL},
	    {"+123", NULL}, {"+01:00x", NULL}, {"UTCx", NULL},
	    /* several meanings, or another one in the database */
	    {"CET", NULL}, {"EST", NULL}, {"IST", NULL}, {"BST", NULL},
	    {"EST5EDT", NULL}, {"Europe/Nowhere", NULL}, {"Europe/", NULL},
	    {"Europe", NULL}, {"posix/Europe/London", NULL},
	    {"right/Europe/London", NULL}, {"Europe/../Asia/Tokyo", NULL},
	    {"Europe/../../../../etc/passwd", NULL}, {"/etc/localtime", NULL},
	    {":Europe/London", NULL}, {"localtime", NULL},
	    {"Europe/Lon\tdon", NULL}, {"<+03>-3", NULL},
	    {"Etc/GMT+5", "Etc/GMT+5"},
	    {"Europe/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		NULL},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		g_autoptr(GError) err = NULL;
		struct zone z;
		bool ok = zone_parse(a, cases[i].text, &z, &err);

		print_message("%s\n", cases[i].text);
		assert_int_equal(ok, cases[i].name != NULL);
		if (ok)
			assert_string_equal(z.name, cases[i].name);
		else
			assert_true(fault_is(err, FAULT_INPUT));
	}
}

/* Clocks, at the edges of summer time. */
static void
test_clocks(void **state)
{
	ARENA_AUTO(a, "test");
	static const struct {
		const char *zone, *local, *utc; /* utc NULL: see fit */
		enum zone_fit fit;
	} cases[] = {
	    {"UTC", "2026-11-21T04:10:00Z", "2026-11-21T04:10:00Z", ZONE_ONE},
	    {"+01:00", "2026-11-21T04:10:00Z", "2026-11-21T03:10:00Z",
		ZONE_ONE},
	    {"-03:30", "2026-11-21T04:10:00Z", "2026-11-21T07:40:00Z",
		ZONE_ONE},
	    {"Europe/London", "2026-11-21T04:10:00Z", "2026-11-21T04:10:00Z",
		ZONE_ONE},
	    {"Europe/London", "2026-07-21T04:10:00Z", "2026-07-21T03:10:00Z",
		ZONE_ONE},
	    /* forward on 2026-03-29 at 01:00 UTC */
	    {"Europe/London", "2026-03-29T00:59:59Z", "2026-03-29T00:59:59Z",
		ZONE_ONE},
	    {"Europe/London", "2026-03-29T01:00:00Z", NULL, ZONE_NONE},
	    {"Europe/London", "2026-03-29T01:59:59Z", NULL, ZONE_NONE},
	    {"Europe/London", "2026-03-29T02:00:00Z", "2026-03-29T01:00:00Z",
		ZONE_ONE},
	    /* back on 2026-10-25 at 01:00 UTC */
	    {"Europe/London", "2026-10-25T00:59:59Z", "2026-10-24T23:59:59Z",
		ZONE_ONE},
	    {"Europe/London", "2026-10-25T01:00:00Z", NULL, ZONE_TWICE},
	    {"Europe/London", "2026-10-25T01:59:59.5Z", NULL, ZONE_TWICE},
	    {"Europe/London", "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z",
		ZONE_ONE},
	    {"America/New_York", "2026-11-01T01:30:00Z", NULL, ZONE_TWICE},
	    {"America/New_York", "2026-03-08T02:30:00Z", NULL, ZONE_NONE},
	    {"America/New_York", "2026-11-01T02:30:00Z",
		"2026-11-01T07:30:00Z", ZONE_ONE},
	    /* half an hour only */
	    {"Australia/Lord_Howe", "2026-04-05T01:45:00Z", NULL, ZONE_TWICE},
	    {"Australia/Lord_Howe", "2026-10-04T02:15:00Z", NULL, ZONE_NONE},
	    /* a whole day left out */
	    {"Pacific/Apia", "2011-12-30T12:00:00Z", NULL, ZONE_NONE},
	    {"Asia/Kolkata", "2026-11-21T04:10:00Z", "2026-11-20T22:40:00Z",
		ZONE_ONE},
	    {"Europe/London", "1970-01-01T00:30:00Z", "1969-12-31T23:30:00Z",
		ZONE_ONE},
	    {"Europe/London", "2190-07-01T12:00:00Z", "2190-07-01T11:00:00Z",
		ZONE_ONE},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct when_fields f;
		struct zone z;
		int64_t local, t = 0;
		int offset[2];

		print_message("%s %s\n", cases[i].zone, cases[i].local);
		assert_true(zone_parse(a, cases[i].zone, &z, NULL));
		assert_true(when_parse_rfc3339(cases[i].local, &local));
		when_fields(local, &f);
		f.offset = 7200; /* not read */
		assert_int_equal(zone_utc(&z, &f, &t, offset), cases[i].fit);
		if (cases[i].utc != NULL)
			assert_string_equal(when_rfc3339(a, t), cases[i].utc);
	}
}

/* The two times of an hour that came twice, the earlier one first. */
static void
test_twice(void **state)
{
	ARENA_AUTO(a, "test");
	struct when_fields f = {2026, 10, 25, 1, 30, 0, 0, 0};
	struct zone z;
	int64_t t;
	int offset[2];

	assert_true(zone_parse(a, "Europe/London", &z, NULL));
	assert_int_equal(zone_utc(&z, &f, &t, offset), ZONE_TWICE);
	assert_string_equal(zone_offset_text(a, offset[0]), "+01:00");
	assert_string_equal(zone_offset_text(a, offset[1]), "UTC");
}

static void
test_no_date(void **state)
{
	ARENA_AUTO(a, "test");
	struct when_fields f = {2026, 2, 30, 1, 30, 0, 0, 0};
	struct zone z;
	int64_t t;
	int offset[2];

	assert_true(zone_parse(a, "UTC", &z, NULL));
	assert_int_equal(zone_utc(&z, &f, &t, offset), ZONE_BAD);
	assert_true(zone_parse(a, "Asia/Tokyo", &z, NULL));
	assert_int_equal(zone_utc(&z, &f, &t, offset), ZONE_BAD);
	/* out of the years that can be printed */
	f = (struct when_fields){9999, 12, 31, 23, 30, 0, 0, 0};
	assert_true(zone_parse(a, "-01:00", &z, NULL));
	assert_int_equal(zone_utc(&z, &f, &t, offset), ZONE_BAD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_clocks),
	    cmocka_unit_test(test_twice),
	    cmocka_unit_test(test_no_date),
	};

	return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
