/* Between the reader of calendars and what counts with them. */
#ifndef CORE_CALENDAR_PRIV_H
#define CORE_CALENDAR_PRIV_H

#include "base/zone.h"
#include "core/notice/calendar.h"

/* Seconds of the day on the wall; to is behind the last, 86400 at most. */
struct span {
	int from, to;
};

struct week_day {
	size_t n;
	struct span spans[CALENDAR_SPANS_MAX]; /* in order, apart */
};

struct holiday {
	int64_t day; /* midnight, as if in UTC */
	const char *name;
};

struct calendar {
	struct zone zone;
	struct week_day week[7]; /* Sunday first */
	struct holiday *holidays; /* in order */
	size_t n;
};

#endif
