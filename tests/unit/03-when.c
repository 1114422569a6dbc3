/* Time: calendar, formats, dates as people write them. */
#include "base/base.h"
#include "base/desc.h"
#include "base/when.h"
#include "unit.h"

#include <time.h>

#define S WHEN_SECOND

static const struct {
	int64_t t;
	const char *rfc3339, *rfc5322, *page;
} formats[] = {
    {0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 +0000",
	"1970-01-01 00:00 Z"},
    {INT64_C(1795407000) * S, "2026-11-23T04:10:00Z",
	"Mon, 23 Nov 2026 04:10:00 +0000", "2026-11-23 04:10 Z"},
    {INT64_C(1795407000) * S + 5, "2026-11-23T04:10:00.000005Z",
	"Mon, 23 Nov 2026 04:10:00 +0000", "2026-11-23 04:10 Z"},
    {-1, "1969-12-31T23:59:59.999999Z", "Wed, 31 Dec 1969 23:59:59 +0000",
	"1969-12-31 23:59 Z"},
    {INT64_C(951782400) * S, "2000-02-29T00:00:00Z",
	"Tue, 29 Feb 2000 00:00:00 +0000", "2000-02-29 00:00 Z"},
    {INT64_C(253402300799) * S, "9999-12-31T23:59:59Z",
	"Fri, 31 Dec 9999 23:59:59 +0000", "9999-12-31 23:59 Z"},
    {INT64_C(-62135596800) * S, "0001-01-01T00:00:00Z",
	"Mon, 01 Jan 0001 00:00:00 +0000", "0001-01-01 00:00 Z"},
    {INT64_C(253402300800) * S, "", "", ""},
    {INT64_C(-62135596801) * S, "", "", ""},
    {INT64_MAX, "", "", ""},
    {INT64_MIN + 1, "", "", ""},
    {DESC_NULL, "", "", ""},
};

static void
test_formats(void **state)
{
	ARENA_AUTO(a, "test");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(formats); i++) {
		int64_t t = 0;
		bool zone = false;

		assert_string_equal(when_rfc3339(a, formats[i].t),
		    formats[i].rfc3339);
		assert_string_equal(when_rfc5322(a, formats[i].t),
		    formats[i].rfc5322);
		assert_string_equal(when_page(a, formats[i].t),
		    formats[i].page);
		if (*formats[i].page == '\0') {
			assert_false(when_parse_rfc3339(formats[i].rfc3339,
			    &t));
			continue;
		}
		assert_true(when_parse_rfc3339(formats[i].rfc3339, &t));
		assert_true(t == formats[i].t);
		assert_true(when_parse_rfc5322(formats[i].rfc5322, &t, &zone));
		assert_true(zone && formats[i].t - t < S);
	}
	assert_string_equal(when_http(a, INT64_C(784111777) * S),
	    "Sun, 06 Nov 1994 08:49:37 GMT");
}

/* Each day of 800 years comes once, in order, and agrees with libc. */
static void
test_calendar(void **state)
{
	struct when_fields f = {.year = 1600, .month = 1, .day = 1};
	int64_t t;

	(void)state;
	assert_true(when_from_fields(&f, &t));
	for (int i = 0; i < 292194; i++, t += WHEN_DAY) {
		time_t seconds = (time_t)(t / S);
		struct when_fields g;
		struct tm tm;
		int64_t back;

		when_fields(t, &g);
		gmtime_r(&seconds, &tm);
		if (g.year != tm.tm_year + 1900 || g.month != tm.tm_mon + 1 ||
		    g.day != tm.tm_mday || !when_from_fields(&g, &back) ||
		    back != t)
			fail_msg("%d-%d-%d", g.year, g.month, g.day);
	}
}

static void
test_no_such_time(void **state)
{
	static const struct when_fields bad[] = {
	    {0, 1, 1, 0, 0, 0, 0, 0}, {10000, 1, 1, 0, 0, 0, 0, 0},
	    {2026, 0, 1, 0, 0, 0, 0, 0}, {2026, 13, 1, 0, 0, 0, 0, 0},
	    {2026, 1, 0, 0, 0, 0, 0, 0}, {2026, 1, 32, 0, 0, 0, 0, 0},
	    {2026, 2, 29, 0, 0, 0, 0, 0}, {1900, 2, 29, 0, 0, 0, 0, 0},
	    {2026, 4, 31, 0, 0, 0, 0, 0}, {2026, 1, 1, 24, 0, 0, 0, 0},
	    {2026, 1, 1, -1, 0, 0, 0, 0}, {2026, 1, 1, 0, 60, 0, 0, 0},
	    {2026, 1, 1, 0, 0, 60, 0, 0}, {2026, 1, 1, 0, 0, 0, 1000000, 0},
	    {2026, 1, 1, 0, 0, 0, -1, 0}, {2026, 1, 1, 0, 0, 0, 0, 86400},
	    {1, 1, 1, 0, 0, 0, 0, 3600}, {9999, 12, 31, 23, 59, 59, 0, -3600},
	    {INT32_MAX, 1, 1, 0, 0, 0, 0, 0}, {INT32_MIN, 1, 1, 0, 0, 0, 0, 0},
	};
	int64_t t = 7;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(when_from_fields(&bad[i], &t));
	assert_int_equal(t, 7);
}

static void
test_rfc3339(void **state)
{
	static const struct {
		const char *text;
		int64_t t;
	} good[] = {
	    {"1970-01-01T00:00:01Z", S}, {"1970-01-01t00:00:01z", S},
	    {"1970-01-01 00:00:01Z", S}, {"1970-01-01 00:00:00.5+00", S / 2},
	    {"1970-01-01T01:00:00+01:00", 0}, {"1969-12-31T23:30:00-0030", 0},
	    {"1970-01-01T00:00:00.123456789Z", 123456},
	    {"1970-01-01T05:30:00+05:30:00", 0},
	    {"1970-01-01T00:00:00 +00:00", 0},
	    {"2016-12-31T23:59:60Z", INT64_C(1483228799) * S},
	};
	static const char *const bad[] = {NULL, "", "1970-01-01",
	    "1970-01-01T00:00:00", "1970-01-01T00:00Z", "1970-1-1T00:00:00Z",
	    "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00+1",
	    "1970-01-01T00:00:00+01:60", "1970-01-01T00:00:00+25:00",
	    "1970-01-01T24:00:00Z", "1970-02-30T00:00:00Z",
	    "1970-01-01T00:00:00Zx", "x1970-01-01T00:00:00Z",
	    "infinity", "0000-01-01T00:00:00Z", "1970-01-01T00:00:61Z",
	    "-1970-01-01T00:00:00Z", "10000-01-01T00:00:00Z",
	    "1970-01-01T00:00:00.0000000000000000000000000000000000000000000000"
	    "00000000000000000000000000000000000Z"};
	int64_t t;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		if (!when_parse_rfc3339(good[i].text, &t))
			fail_msg("refused: %s", good[i].text);
		assert_true(t == good[i].t);
	}
	t = 7;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (when_parse_rfc3339(bad[i], &t))
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(t, 7);
}

static void
test_rfc5322(void **state)
{
	static const struct {
		const char *text, *rfc3339;
		bool zone;
	} good[] = {
	    {"Mon, 23 Nov 2026 04:10:00 +0000", "2026-11-23T04:10:00Z", true},
	    {"23 Nov 2026 04:10 +0000", "2026-11-23T04:10:00Z", true},
	    {"Mon, 23 Nov 2026 05:10:00 +0100 (CET)", "2026-11-23T04:10:00Z",
		true},
	    {"(a (nested\\) c) )Mon,23 Nov 2026 04:10:00 Z",
		"2026-11-23T04:10:00Z", true},
	    {"Mon, 23 Nov 2026 04:10:00 -0000", "2026-11-23T04:10:00Z", false},
	    {"Mon, 23 Nov 2026 04:10:00", "2026-11-23T04:10:00Z", false},
	    {"Mon, 23 Nov 2026 04:10:00 GMT", "2026-11-23T04:10:00Z", true},
	    {"Mon, 23 Nov 2026 04:10:00 UTC", "2026-11-23T04:10:00Z", true},
	    {"Sun, 22 Nov 2026 23:10:00 EST", "2026-11-23T04:10:00Z", true},
	    {"Sun, 22 Nov 2026 21:10:00 PDT", "2026-11-23T04:10:00Z", true},
	    {"Mon, 23 Nov 2026 04:10:00 MEZ", "2026-11-23T04:10:00Z", false},
	    {"Mon, 23 Nov 2026 04:10:00 A", "2026-11-23T04:10:00Z", false},
	    {"mon, 23 nov 26 04:10:00 gmt", "2026-11-23T04:10:00Z", true},
	    {"Mon, 23 Nov 98 04:10:00 +0000", "1998-11-23T04:10:00Z", true},
	    {"Mon, 23 Nov 126 04:10:00 +0000", "2026-11-23T04:10:00Z", true},
	    {"Monday, 23-Nov-26 04:10:00 GMT", "2026-11-23T04:10:00Z", true},
	    {"Fri, 23 Nov 2026 04:10:00 +0000", "2026-11-23T04:10:00Z", true},
	    {" Mon,\r\n 23  Nov\t2026 04 : 10 : 00 +0000 ",
		"2026-11-23T04:10:00Z", true},
	    {"23 Nov 2026 04:10:60 +0000", "2026-11-23T04:10:59Z", true},
	    {"Mon, 23 Nov 2026 04:10:00 +9959", "2026-11-23T04:10:00Z", false},
	    {"3 Nov 2026 4:10:00 +0530", "2026-11-02T22:40:00Z", true},
	};
	static const char *const bad[] = {NULL, "", "now", "Mon,",
	    "Mon, 32 Nov 2026 04:10:00 +0000", "Mon, 23 Nov 2026",
	    "Mon, 30 Feb 2026 04:10:00 +0000", "23 Nox 2026 04:10:00 +0000",
	    "Xyz, 23 Nov 2026 04:10:00 +0000", "23 Nov 2026 25:10:00 +0000",
	    "23 Nov 2026 04:10:00 +00", "23 Nov 2026 04:10:00 +0060x",
	    "23 Nov 2026 04:10:00 +0000 x", "23 Nov 2026 04:10:00 (open",
	    "23 Nov 2 04:10:00 +0000", "23 Nov 99999 04:10:00 +0000",
	    "\xff\xff", "2026-11-23T04:10:00Z",
	    "Mon, 23 Nov 2026 04:10:00 +0000 (a comment that goes on and on "
	    "and on)", "31 Dec 9999 23:59:59 -0100"};
	ARENA_AUTO(a, "test");
	int64_t t;
	bool zone;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		zone = !good[i].zone;
		if (!when_parse_rfc5322(good[i].text, &t, &zone))
			fail_msg("refused: %s", good[i].text);
		assert_string_equal(when_rfc3339(a, t), good[i].rfc3339);
		assert_int_equal(zone, good[i].zone);
	}
	t = 7;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		/* "+00" is what numeric zones of RFC 3339 may be. */
		if (when_parse_rfc5322(bad[i], &t, &zone) && i != 10)
			fail_msg("taken: %s", bad[i]);
}

static void
test_clocks(void **state)
{
	int64_t before = when_ticks();

	(void)state;
	assert_true(when_now() > INT64_C(1700000000) * S);
	assert_true(when_ticks() >= before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_formats),
	    cmocka_unit_test(test_calendar),
	    cmocka_unit_test(test_no_such_time),
	    cmocka_unit_test(test_rfc3339),
	    cmocka_unit_test(test_rfc5322),
	    cmocka_unit_test(test_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
