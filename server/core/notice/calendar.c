/*
 * Counting with working time (calendar.h).
 *
 * Days are midnights "as if in UTC": the date on the wall, without a zone.
 * Every search ends: holidays are limited in number, and a week without
 * hours is refused when the calendar is read.
 */
#include "base/base.h"
#include "base/desc.h"
#include "core/notice/calendar_priv.h"

enum { DAY_SECONDS = 86400, MINUTE = 60 };

static int
order_of_day(const void *key, const void *item)
{
	const int64_t *day = key;
	const struct holiday *h = item;

	return *day < h->day ? -1 : *day > h->day;
}

static const struct holiday *
holiday_on(const struct calendar *c, int64_t day)
{
	return c->n == 0 ? NULL : bsearch(&day, c->holidays, c->n,
	    sizeof(*c->holidays), order_of_day);
}

/* The hours of that date; none on a holiday. */
static const struct week_day *
hours_of(const struct calendar *c, int64_t day)
{
	static const struct week_day none = {0};
	int64_t n = day / WHEN_DAY - (day % WHEN_DAY < 0);

	if (holiday_on(c, day) != NULL)
		return &none;
	return &c->week[((n + 4) % 7 + 7) % 7]; /* day 0: a Thursday */
}

/* The date on the wall at t, and the seconds since its midnight. */
static int64_t
day_of(const struct calendar *c, int64_t t, int *seconds)
{
	struct when_fields f;
	int64_t local;

	zone_local(&c->zone, t, &f);
	*seconds = f.hour * 3600 + f.minute * 60 + f.second;
	local = t + f.offset * WHEN_SECOND;
	return (local / WHEN_DAY - (local % WHEN_DAY < 0)) * WHEN_DAY;
}

/*
 * When the wall shows these seconds of that date.  Shown twice: the later
 * time for an end, else the earlier one.  Not shown: the first moment that
 * is, as the gap is looked through by the minute.
 */
static int64_t
moment(const struct calendar *c, int64_t day, int seconds, bool end)
{
	int64_t local = day + seconds * WHEN_SECOND, t = local;
	struct when_fields f;
	int offset[2];

	for (int tries = 0; tries <= DAY_SECONDS / MINUTE; tries++) {
		when_fields(local, &f);
		switch (zone_utc(&c->zone, &f, &t, offset)) {
		case ZONE_ONE:
		case ZONE_BAD: /* the end of all years */
			return t;
		case ZONE_TWICE:
			return local - offset[end ? 1 : 0] * WHEN_SECOND;
		case ZONE_NONE:
			/* (gaps begin and end on a whole minute) */
			local += MINUTE * WHEN_SECOND -
			    local % (MINUTE * WHEN_SECOND);
		}
	}
	return t;
}

struct times {
	int64_t from, to;
};

static struct times
times_of(const struct calendar *c, int64_t day, const struct span *s)
{
	return (struct times){moment(c, day, s->from, false),
	    moment(c, day, s->to, true)};
}

bool
calendar_works(const struct calendar *c, int64_t t)
{
	int seconds;
	int64_t day = day_of(c, t, &seconds);
	const struct week_day *w = hours_of(c, day);

	for (size_t i = 0; i < w->n; i++) {
		struct times x = times_of(c, day, &w->spans[i]);

		if (t >= x.from && t < x.to)
			return true;
	}
	return false;
}

int64_t
calendar_next(const struct calendar *c, int64_t t)
{
	int seconds;

	for (int64_t day = day_of(c, t, &seconds);; day += WHEN_DAY) {
		const struct week_day *w = hours_of(c, day);

		for (size_t i = 0; i < w->n; i++) {
			struct times x = times_of(c, day, &w->spans[i]);

			if (t < x.to && x.from < x.to)
				return MAX(t, x.from);
		}
	}
}

int64_t
calendar_add(const struct calendar *c, int64_t t, int64_t span)
{
	int seconds;

	g_assert(span >= 0 && span < CALENDAR_DAYS_MAX * WHEN_DAY);
	t = calendar_next(c, t);
	for (int64_t day = day_of(c, t, &seconds);; day += WHEN_DAY) {
		const struct week_day *w = hours_of(c, day);

		for (size_t i = 0; i < w->n; i++) {
			struct times x = times_of(c, day, &w->spans[i]);
			int64_t from = MAX(t, x.from);

			if (from >= x.to)
				continue;
			if (span <= x.to - from)
				return from + span;
			span -= x.to - from;
		}
	}
}

int64_t
calendar_add_days(const struct calendar *c, int64_t t, int n)
{
	const struct week_day *w;
	int seconds;
	int64_t day;

	g_assert(n >= 0 && n <= CALENDAR_DAYS_MAX);
	t = calendar_next(c, t);
	if (n == 0)
		return t;
	day = day_of(c, t, &seconds);
	while (n > 0) {
		day += WHEN_DAY;
		if (hours_of(c, day)->n > 0)
			n--;
	}
	w = hours_of(c, day);
	for (size_t i = 0; i < w->n; i++)
		if (seconds < w->spans[i].to)
			return moment(c, day,
			    MAX(seconds, w->spans[i].from), false);
	/* A day that ends earlier than t's: its end. */
	return moment(c, day, w->spans[w->n - 1].to, true);
}

int64_t
calendar_day_end(const struct calendar *c, int64_t t)
{
	const struct week_day *w;
	int seconds;
	int64_t day;

	t = calendar_next(c, t);
	day = day_of(c, t, &seconds);
	w = hours_of(c, day);
	return moment(c, day, w->spans[w->n - 1].to, true);
}

const char *
calendar_holiday(const struct calendar *c, int64_t t)
{
	int seconds;
	const struct holiday *h = holiday_on(c, day_of(c, t, &seconds));

	return h != NULL ? h->name : NULL;
}

size_t
calendar_holidays(const struct calendar *c)
{
	return c->n;
}

int64_t
calendar_known_until(const struct calendar *c)
{
	return c->n > 0 ? c->holidays[c->n - 1].day : DESC_NULL;
}
