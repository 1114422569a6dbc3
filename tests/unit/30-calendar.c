/* Working time: hours, holidays, clocks that change. */
#include "base/base.h"
#include "base/conf.h"
#include "base/desc.h"
#include "core/notice/calendar.h"
#include "unit.h"

#include <glib/gstdio.h>

#define LONDON "Mon-Fri 09:00-17:30 Europe/London"

static const char shipped[] = SRCDIR "/templates/calendar";

static const struct calendar *
calendar(struct arena *a, const char *hours)
{
	const struct calendar *c;
	g_autoptr(GError) err = NULL;

	if (!calendar_load(a, hours, shipped, NULL, &c, &err))
		fail_msg("%s", err->message);
	return c;
}

/* "2026-12-24 16:30", in UTC */
static int64_t
at(const char *s)
{
	g_autofree char *text = g_strdup_printf("%s:00Z", s);
	int64_t t;

	if (!when_parse_rfc3339(text, &t))
		fail_msg("%s is no time", s);
	return t;
}

#define IS(got, want)                                                         \
	do {                                                                  \
		ARENA_AUTO(a_, "test");                                       \
		assert_string_equal(when_rfc3339(a_, got),                    \
		    when_rfc3339(a_, at(want)));                              \
	} while (0)

enum { HOUR = 3600 };
#define HOURS(n) ((int64_t)(n) * HOUR * WHEN_SECOND)

static void
test_hours(void **state)
{
	ARENA_AUTO(a, "test");
	const struct calendar *c = calendar(a, LONDON);
	static const struct {
		const char *at;
		bool works;
	} cases[] = {
	    {"2026-11-23 08:59", false}, {"2026-11-23 09:00", true},
	    {"2026-11-23 17:29", true}, {"2026-11-23 17:30", false},
	    {"2026-11-21 12:00", false}, {"2026-11-22 12:00", false},
	    /* summer: an hour earlier in UTC */
	    {"2026-07-01 07:59", false}, {"2026-07-01 08:00", true},
	    {"2026-07-01 16:30", false},
	    {"2026-12-25 12:00", false}, {"2026-12-28 12:00", false},
	    {"2026-12-29 12:00", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (calendar_works(c, at(cases[i].at)) != cases[i].works)
			fail_msg("%s", cases[i].at);
}

static void
test_adding(void **state)
{
	ARENA_AUTO(a, "test");
	const struct calendar *c = calendar(a, LONDON);

	(void)state;
	IS(calendar_next(c, at("2026-11-23 12:34")), "2026-11-23 12:34");
	IS(calendar_next(c, at("2026-11-23 04:00")), "2026-11-23 09:00");
	IS(calendar_next(c, at("2026-11-20 17:30")), "2026-11-23 09:00");
	IS(calendar_add(c, at("2026-11-23 12:00"), 0), "2026-11-23 12:00");
	IS(calendar_add(c, at("2026-11-23 12:00"), HOURS(2)),
	    "2026-11-23 14:00");
	/* to the very end of a day, and a minute beyond */
	IS(calendar_add(c, at("2026-11-23 12:30"), HOURS(5)),
	    "2026-11-23 17:30");
	IS(calendar_add(c, at("2026-11-23 12:31"), HOURS(5)),
	    "2026-11-24 09:01");
	/* over a week-end, and from within one */
	IS(calendar_add(c, at("2026-11-20 16:30"), HOURS(4)),
	    "2026-11-23 12:00");
	IS(calendar_add(c, at("2026-11-21 03:00"), HOURS(1)),
	    "2026-11-23 10:00");
	/* 5 days of 8 h 30 */
	IS(calendar_add(c, at("2026-11-23 10:00"), HOURS(42) + HOURS(1) / 2),
	    "2026-11-30 10:00");
	IS(calendar_add_days(c, at("2026-11-23 10:15"), 0),
	    "2026-11-23 10:15");
	IS(calendar_add_days(c, at("2026-11-23 10:15"), 1),
	    "2026-11-24 10:15");
	IS(calendar_add_days(c, at("2026-11-19 10:15"), 3),
	    "2026-11-24 10:15");
	IS(calendar_add_days(c, at("2026-11-21 23:00"), 3),
	    "2026-11-26 09:00");
	IS(calendar_add_days(c, at("2026-11-20 18:00"), 1),
	    "2026-11-24 09:00");
	IS(calendar_day_end(c, at("2026-11-23 10:15")), "2026-11-23 17:30");
	IS(calendar_day_end(c, at("2026-11-23 05:00")), "2026-11-23 17:30");
	IS(calendar_day_end(c, at("2026-11-20 17:30")), "2026-11-23 17:30");
	IS(calendar_day_end(c, at("2026-07-01 10:15")), "2026-07-01 16:30");
}

/* Good Friday to Easter Monday, and the four days of Christmas 2026 and 2027:
 * in a row, with the substitute days. */
static void
test_holidays_in_a_row(void **state)
{
	ARENA_AUTO(a, "test");
	const struct calendar *c = calendar(a, LONDON);

	(void)state;
	/* (the clocks go forward on Easter Sunday 2024, too) */
	IS(calendar_add(c, at("2024-03-28 16:30"), HOURS(2)),
	    "2024-04-02 09:00");
	IS(calendar_add_days(c, at("2024-03-28 12:00"), 1),
	    "2024-04-02 11:00");
	IS(calendar_add_days(c, at("2027-03-25 12:00"), 1),
	    "2027-03-30 11:00");
	/* 2026: Christmas is a Friday, Boxing Day on the Monday */
	IS(calendar_add_days(c, at("2026-12-24 12:00"), 1),
	    "2026-12-29 12:00");
	IS(calendar_add(c, at("2026-12-24 17:00"), HOURS(1)),
	    "2026-12-29 09:30");
	/* 2027: both on the week-end, so Monday and Tuesday are off */
	IS(calendar_add_days(c, at("2027-12-24 12:00"), 1),
	    "2027-12-29 12:00");
	/* 2028: New Year's Day was a Saturday */
	IS(calendar_add_days(c, at("2027-12-31 12:00"), 1),
	    "2028-01-04 12:00");
	/* 2032: Christmas is a Saturday again */
	IS(calendar_next(c, at("2032-12-27 12:00")), "2032-12-29 09:00");
	assert_string_equal(calendar_holiday(c, at("2026-12-28 23:59")),
	    "Boxing Day (substitute day)");
	assert_null(calendar_holiday(c, at("2026-12-29 00:00")));
}

/* The hours are what the clock on the wall shows. */
static void
test_clocks_that_change(void **state)
{
	ARENA_AUTO(a, "test");
	const struct calendar *c = calendar(a, LONDON);
	const struct calendar *all = calendar(a,
	    "Mon-Sun 00:00-24:00 Europe/London");
	const struct calendar *night = calendar(a,
	    "Sat-Sun 01:00-02:00 Europe/London");

	(void)state;
	/* forward on 2026-03-29, back on 2026-10-25 */
	IS(calendar_add_days(c, at("2026-03-27 12:00"), 1),
	    "2026-03-30 11:00");
	IS(calendar_add_days(c, at("2026-10-23 11:00"), 1),
	    "2026-10-26 12:00");
	/* a day of 23 hours and one of 25 */
	IS(calendar_add(all, at("2026-03-28 23:00"), HOURS(24)),
	    "2026-03-29 23:00");
	IS(calendar_day_end(all, at("2026-03-29 12:00")), "2026-03-29 23:00");
	IS(calendar_day_end(all, at("2026-10-25 12:00")), "2026-10-26 00:00");
	IS(calendar_add(all, at("2026-10-24 23:00"), HOURS(25)),
	    "2026-10-26 00:00");
	/* An hour that is skipped is none; one that comes twice is two. */
	assert_false(calendar_works(night, at("2026-03-29 01:00")));
	assert_false(calendar_works(night, at("2026-03-29 00:59")));
	IS(calendar_next(night, at("2026-03-28 12:00")), "2026-04-04 00:00");
	assert_true(calendar_works(night, at("2026-10-25 00:30")));
	assert_true(calendar_works(night, at("2026-10-25 01:30")));
	IS(calendar_add(night, at("2026-10-25 00:00"), HOURS(2)),
	    "2026-10-25 02:00");
	/* An opening within the gap is the first moment behind it. */
	c = calendar(a, "Sun 01:30-12:00 Europe/London");
	IS(calendar_next(c, at("2026-03-29 00:00")), "2026-03-29 01:00");
}

/* However it is cut, working time adds up. */
static void
test_sums(void **state)
{
	ARENA_AUTO(a, "test");
	static const char *const hours[] = {LONDON,
	    "Mon-Thu 09:00-12:30 13:00-17:00, Fri 09:00-15:00 Europe/London",
	    "Sun 00:00-03:00, Sat-Mon 22:00-24:00 Europe/London",
	    "Mon-Sun 00:00-24:00 UTC", "Wed 1:00-1:01 Pacific/Auckland"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hours); i++) {
		const struct calendar *c = calendar(a, hours[i]);

		for (int k = 0; k < 400; k++) {
			int64_t t = at("2026-03-01 00:00") +
			    k * 29 * HOURS(1);
			int64_t first = HOURS(1) / 60 * (k % 97);
			int64_t second = HOURS(1) / 60 * (1 + k % 31);
			int64_t once = calendar_add(c, t, first + second);

			assert_int_equal(once, calendar_add(c,
			    calendar_add(c, t, first), second));
			assert_true(once >= t);
			assert_true(calendar_works(c, calendar_next(c, t)));
			if (calendar_works(c, t))
				assert_int_equal(calendar_next(c, t), t);
			assert_true(calendar_works(c,
			    calendar_day_end(c, t) - 1));
			/* (days of unequal length cut the time of day) */
			assert_true(i == 1 || i == 2 ||
			    calendar_add_days(c, t, 5) ==
			    calendar_add_days(c,
				calendar_add_days(c, t, 2), 3));
		}
	}
}

static void
test_written_wrongly(void **state)
{
	ARENA_AUTO(a, "test");
	static const struct {
		const char *hours, *why;
	} cases[] = {
	    {"", "has no hours"},
	    {"Mon-Fri", "no time zone"},
	    {"Europe/London", "no time zone"},
	    {"Mon-Fri Europe/London", "has no hours"},
	    {"Mon-Fri 09:00-17:30", "no time zone"},
	    {"Mon-Fri 09:00-17:30 CET", "no time zone"},
	    {"Mon-Fry 09:00-17:30 UTC", "no day"},
	    {"Monkey 09:00-17:30 UTC", "no day"},
	    {"09:00-17:30 UTC", "does not begin with a day"},
	    {"Mon 9-17 UTC", "are no hours"},
	    {"Mon 09:00-24:01 UTC", "are no hours"},
	    {"Mon 09:60-12:00 UTC", "are no hours"},
	    {"Mon 17:30-09:00 UTC", "ends before"},
	    {"Mon 09:00-09:00 UTC", "ends before"},
	    {"Mon 09:00-12:00 11:00-13:00 UTC", "begins before"},
	    {"Mon-Wed 09:00-12:00, Tue 08:00-09:30 UTC", "begins before"},
	    {"Mon 01:00-02:00 03:00-04:00 05:00-06:00 07:00-08:00 "
	     "09:00-10:00 UTC", "too many"},
	    {"Mon 09:00-12:00, UTC", "does not begin with a day"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct calendar *c;
		g_autoptr(GError) err = NULL;

		if (calendar_load(a, cases[i].hours, shipped, NULL, &c, &err))
			fail_msg("\"%s\" is taken", cases[i].hours);
		assert_true(fault_is(err, FAULT_INPUT));
		if (strstr(err->message, cases[i].why) == NULL)
			fail_msg("\"%s\": %s", cases[i].hours, err->message);
	}
}

/* ---- the file of holidays ------------------------------------------------- */

static void
put(const char *dir, const char *text)
{
	g_autofree char *path = g_build_filename(dir, "holidays.conf", NULL);

	assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
remove_all(const char *dir)
{
	g_autofree char *path = g_build_filename(dir, "holidays.conf", NULL);

	g_unlink(path);
	g_rmdir(dir);
}

static void
test_file_of_the_site(void **state)
{
	ARENA_AUTO(a, "test");
	g_autofree char *dir = g_dir_make_tmp("calendar-XXXXXX", NULL);
	static const struct {
		const char *text, *why;
	} cases[] = {
	    {"2026-02-30 No day\n", ":1: A line begins with a date"},
	    {"# x\n\n26-12-2026 x\n", ":3: A line begins with a date"},
	    {"2026-12-24\n", ":1: The holiday has no name"},
	    {"2026-12-24 a\n2026-12-23 b\n2026-12-24 c\n", ":3: That day"},
	    {"2026-12-24 \xff\n", "UTF-8"},
	};
	const struct calendar *c;
	GError *err = NULL;

	(void)state;
	/* no file: the shipped one */
	assert_true(calendar_load(a, LONDON, shipped, dir, &c, NULL));
	assert_int_equal(calendar_holidays(c), 72);
	put(dir, "2026-12-24 Closed early\n# the rest of the year is open\n");
	assert_true(calendar_load(a, LONDON, shipped, dir, &c, NULL));
	assert_int_equal(calendar_holidays(c), 1);
	IS(calendar_next(c, at("2026-12-24 10:00")), "2026-12-25 09:00");
	IS(calendar_known_until(c), "2026-12-24 00:00");
	put(dir, "");
	assert_true(calendar_load(a, LONDON, shipped, dir, &c, NULL));
	assert_int_equal(calendar_holidays(c), 0);
	assert_int_equal(calendar_known_until(c), DESC_NULL);
	assert_true(calendar_works(c, at("2026-12-25 10:00")));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		put(dir, cases[i].text);
		assert_false(calendar_load(a, LONDON, shipped, dir, &c, &err));
		assert_true(fault_is(err, FAULT_INPUT));
		if (strstr(err->message, cases[i].why) == NULL)
			fail_msg("%s", err->message);
		g_clear_error(&err);
	}
	remove_all(dir);
	assert_false(calendar_load(a, LONDON, dir, NULL, &c, NULL));
}

/* Easter by the anonymous Gregorian algorithm: day of March. */
static int
easter(int y)
{
	int a = y % 19, b = y / 100, c = y % 100;
	int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
	int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
	int m = (a + 11 * h + 22 * l) / 451;

	return h + l - 7 * m + 22;
}

static int64_t
date(int y, int m, int d)
{
	const struct when_fields f = {.year = y, .month = m, .day = 1};
	int64_t t;

	assert_true(when_from_fields(&f, &t));
	return t + (d - 1) * WHEN_DAY;
}

static int
weekday(int64_t t)
{
	return (int)((t / WHEN_DAY + 4) % 7); /* 0: Sunday */
}

/* The eight bank holidays of each year, by the rules. */
static void
test_shipped_days_follow_the_rules(void **state)
{
	ARENA_AUTO(a, "test");
	const struct calendar *c = calendar(a, "Mon-Sun 00:00-24:00 UTC");
	const int first = 2024, last = 2032;

	(void)state;
	assert_int_equal(calendar_holidays(c), 8 * (last - first + 1));
	for (int y = first; y <= last; y++) {
		int64_t days[8], t;
		size_t n = 0;

		for (t = date(y, 1, 1); weekday(t) % 6 == 0;)
			t += WHEN_DAY;
		days[n++] = t;
		days[n++] = date(y, 3, easter(y) - 2);
		days[n++] = date(y, 3, easter(y) + 1);
		for (t = date(y, 5, 1); weekday(t) != 1;)
			t += WHEN_DAY;
		days[n++] = t;
		for (t = date(y, 5, 31); weekday(t) != 1;)
			t -= WHEN_DAY;
		days[n++] = t;
		for (t = date(y, 8, 31); weekday(t) != 1;)
			t -= WHEN_DAY;
		days[n++] = t;
		/* two working days from Christmas on */
		for (t = date(y, 12, 25); n < 8; t += WHEN_DAY)
			if (weekday(t) % 6 != 0)
				days[n++] = t;
		for (size_t i = 0; i < n; i++)
			if (calendar_holiday(c, days[i]) == NULL)
				fail_msg("%s is missing",
				    when_rfc3339(a, days[i]));
	}
	assert_string_equal(calendar_holiday(c, at("2030-04-22 12:00")),
	    "Easter Monday");
}

/* The default of the setting is a calendar. */
static void
test_default_hours(void **state)
{
	ARENA_AUTO(a, "test");
	const struct conf *conf;
	const struct calendar *c;

	(void)state;
	assert_true(conf_load(a, NULL, &conf, NULL));
	assert_true(calendar_load(a, conf->desk_hours, shipped, NULL, &c,
	    NULL));
	assert_true(calendar_works(c, at("2026-11-23 12:00")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hours),
	    cmocka_unit_test(test_adding),
	    cmocka_unit_test(test_holidays_in_a_row),
	    cmocka_unit_test(test_clocks_that_change),
	    cmocka_unit_test(test_sums),
	    cmocka_unit_test(test_written_wrongly),
	    cmocka_unit_test(test_file_of_the_site),
	    cmocka_unit_test(test_shipped_days_follow_the_rules),
	    cmocka_unit_test(test_default_hours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
