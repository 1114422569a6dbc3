/*
 * When the desk works: hours of each day of the week in the desk's own time
 * zone (setting desk.hours), less the holidays of a file
 * (templates/calendar/holidays.conf, or the site's).  All promises in
 * "working days" are counted here.
 *
 * A line of the file is a date and its name ("2026-12-25 Christmas Day");
 * # begins a comment.
 *
 * Clocks that change: hours are what the clock on the wall says.  An opening
 * time that the clocks skip is the first moment behind the gap; hours that
 * hold the change are an hour shorter or longer, as they are for people.
 *
 * Owner: a calendar lives in the arena that it was loaded into and is
 * immutable; any thread may use it.  Only loading can fail.
 */
#ifndef CORE_CALENDAR_H
#define CORE_CALENDAR_H

#include "base/when.h"

enum {
	CALENDAR_SPANS_MAX = 4,       /* hours of one day */
	CALENDAR_HOURS_MAX = 400,     /* bytes of the setting */
	CALENDAR_FILE_MAX = 64 * 1024, /* bytes */
	CALENDAR_HOLIDAYS_MAX = 1000,
	CALENDAR_DAYS_MAX = 1000,     /* working days that may be added */
};

struct calendar;

/* hours: "Mon-Fri 09:00-17:30 Europe/London"; several by commas, the zone
 * once at the end.  The file of site_dir (may be NULL) wins over dir's, and
 * an empty one means no holidays.  FAULT_INPUT says what is wrong, and
 * where. */
bool calendar_load(struct arena *a, const char *hours, const char *dir,
    const char *site_dir, const struct calendar **out, GError **err);
size_t calendar_holidays(const struct calendar *c);
/* Local midnight of the last holiday, as if in UTC; DESC_NULL for none. */
int64_t calendar_known_until(const struct calendar *c);

bool calendar_works(const struct calendar *c, int64_t t);
/* t, or the next opening. */
int64_t calendar_next(const struct calendar *c, int64_t t);
/* When so much working time (microseconds, below 1000 days of it) is over:
 * of an hour that ends with the day, the end of the day. */
int64_t calendar_add(const struct calendar *c, int64_t t, int64_t span);
/* The n-th working day after t's, at the same time of day, or at the nearest
 * later one that the desk works.  Outside working hours it is counted from
 * the next opening.  n of 0: calendar_next(). */
int64_t calendar_add_days(const struct calendar *c, int64_t t, int n);
/* When t's working day ends, or the next one if t is behind the end. */
int64_t calendar_day_end(const struct calendar *c, int64_t t);
/* The holiday on t's day in the desk's zone, or NULL. */
const char *calendar_holiday(const struct calendar *c, int64_t t);

#endif
