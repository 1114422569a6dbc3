/* See when.h.  The calendar is computed here: no libc time zones. */
#include "base/base.h"
#include "base/desc.h"
#include "base/when.h"

#include <time.h>

enum {
	YEAR_MIN = 1,
	YEAR_MAX = 9999,
	/* No place on Earth is further from UTC; RFC 5322 allows +9959. */
	OFFSET_MAX = 24 * 3600,
};

static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May",
    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu",
    "Fri", "Sat"};

static int64_t
clock_micros(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * WHEN_SECOND + ts.tv_nsec / 1000;
}

int64_t
when_now(void)
{
	return clock_micros(CLOCK_REALTIME);
}

int64_t
when_ticks(void)
{
	return clock_micros(CLOCK_MONOTONIC);
}

static bool
leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31};

	return days[month - 1] + (month == 2 && leap(year));
}

/*
 * Days since 1970-01-01 in the proleptic Gregorian calendar.  The year is
 * taken to begin in March, so that the leap day is its last one; an era
 * is 400 years, 146097 days.
 */
static int64_t
days_from_date(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 +
	    day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468;
}

static void
date_from_days(int64_t days, struct when_fields *f)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t of_era = z - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 -
	    of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	f->day = (int)(of_year - (153 * month + 2) / 5 + 1);
	f->month = (int)(month < 10 ? month + 3 : month - 9);
	f->year = (int)(year + era * 400 + (f->month <= 2));
}

bool
when_from_fields(const struct when_fields *f, int64_t *t)
{
	int64_t days, seconds;
	struct when_fields utc;
	int64_t result;

	if (f->year < YEAR_MIN || f->year > YEAR_MAX || f->month < 1 ||
	    f->month > 12 || f->day < 1 ||
	    f->day > month_days(f->year, f->month) || f->hour < 0 ||
	    f->hour > 23 || f->minute < 0 || f->minute > 59 ||
	    f->second < 0 || f->second > 59 || f->micro < 0 ||
	    f->micro > 999999 || f->offset <= -OFFSET_MAX ||
	    f->offset >= OFFSET_MAX)
		return false;
	days = days_from_date(f->year, f->month, f->day);
	seconds = days * 86400 + f->hour * 3600 + f->minute * 60 + f->second -
	    f->offset;
	result = seconds * WHEN_SECOND + f->micro;
	/* The zone may have moved it out of the years we can print. */
	when_fields(result, &utc);
	if (utc.year < YEAR_MIN || utc.year > YEAR_MAX)
		return false;
	*t = result;
	return true;
}

void
when_fields(int64_t t, struct when_fields *f)
{
	int64_t days = t / WHEN_DAY, rest = t % WHEN_DAY;

	if (rest < 0) {
		rest += WHEN_DAY;
		days--;
	}
	memset(f, 0, sizeof(*f));
	date_from_days(days, f);
	f->micro = (int)(rest % WHEN_SECOND);
	rest /= WHEN_SECOND;
	f->hour = (int)(rest / 3600);
	f->minute = (int)(rest / 60 % 60);
	f->second = (int)(rest % 60);
}

/* Writers give "" for "not known" and for years that no format has. */
static bool
printable(int64_t t, struct when_fields *f)
{
	if (t == DESC_NULL)
		return false;
	when_fields(t, f);
	return f->year >= YEAR_MIN && f->year <= YEAR_MAX;
}

static const char *
week_day(int64_t t)
{
	int64_t days = t / WHEN_DAY - (t % WHEN_DAY < 0);

	return day_names[((days + 4) % 7 + 7) % 7]; /* day 0: a Thursday */
}

const char *
when_rfc3339(struct arena *a, int64_t t)
{
	struct when_fields f;

	if (!printable(t, &f))
		return "";
	if (f.micro != 0)
		return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
		    f.year, f.month, f.day, f.hour, f.minute, f.second,
		    f.micro);
	return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", f.year,
	    f.month, f.day, f.hour, f.minute, f.second);
}

static const char *
mail_form(struct arena *a, int64_t t, const char *zone)
{
	struct when_fields f;

	if (!printable(t, &f))
		return "";
	return arena_printf(a, "%s, %02d %s %04d %02d:%02d:%02d %s",
	    week_day(t), f.day, month_names[f.month - 1], f.year, f.hour,
	    f.minute, f.second, zone);
}

const char *
when_rfc5322(struct arena *a, int64_t t)
{
	return mail_form(a, t, "+0000");
}

const char *
when_http(struct arena *a, int64_t t)
{
	return mail_form(a, t, "GMT");
}

const char *
when_page(struct arena *a, int64_t t)
{
	struct when_fields f;

	if (!printable(t, &f))
		return "";
	return arena_printf(a, "%04d-%02d-%02d %02d:%02d Z", f.year, f.month,
	    f.day, f.hour, f.minute);
}

/* Between min and max digits; the number of them, 0 when there are less. */
static int
digits(const char **s, int min, int max, int *n)
{
	int v = 0, count = 0;

	while (count < max && g_ascii_isdigit((*s)[count]))
		v = v * 10 + ((*s)[count++] - '0');
	if (count < min)
		return 0;
	*s += count;
	*n = v;
	return count;
}

static bool
take(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static void
blanks(const char **s)
{
	while (**s == ' ' || **s == '\t' || **s == '\r' || **s == '\n')
		(*s)++;
}

/* The 60th second of a leap second is read as the 59th. */
static void
leap_second(struct when_fields *f)
{
	if (f->second == 60)
		f->second = 59;
}

/* ".5", ".123456789": digits behind the sixth are dropped. */
static bool
fraction(const char **s, int *micro)
{
	int unit = 100000;

	if (!take(s, '.') && !take(s, ','))
		return true;
	if (!g_ascii_isdigit(**s))
		return false;
	for (*micro = 0; g_ascii_isdigit(**s); (*s)++) {
		*micro += (**s - '0') * unit;
		unit /= 10;
	}
	return true;
}

/* "Z", "+02:00", "+0200", "+00", "+05:30:00" */
static bool
numeric_zone(const char **s, int *offset)
{
	int h = 0, m = 0, sec = 0, sign;

	if (**s != '+' && **s != '-')
		return false;
	sign = take(s, '-') ? -1 : 1;
	if (sign > 0)
		(*s)++;
	if (!digits(s, 2, 2, &h))
		return false;
	if (take(s, ':') || g_ascii_isdigit(**s)) {
		if (!digits(s, 2, 2, &m))
			return false;
		if (take(s, ':') && !digits(s, 2, 2, &sec))
			return false;
	}
	if (m > 59 || sec > 59)
		return false;
	*offset = sign * (h * 3600 + m * 60 + sec);
	return true;
}

bool
when_parse_rfc3339(const char *s, int64_t *t)
{
	struct when_fields f = {0};

	if (s == NULL || strnlen(s, WHEN_TEXT_MAX + 1) > WHEN_TEXT_MAX)
		return false;
	if (!digits(&s, 4, 4, &f.year) || !take(&s, '-') ||
	    !digits(&s, 2, 2, &f.month) || !take(&s, '-') ||
	    !digits(&s, 2, 2, &f.day))
		return false;
	if (!take(&s, 'T') && !take(&s, 't') && !take(&s, ' '))
		return false;
	if (!digits(&s, 2, 2, &f.hour) || !take(&s, ':') ||
	    !digits(&s, 2, 2, &f.minute) || !take(&s, ':') ||
	    !digits(&s, 2, 2, &f.second) || !fraction(&s, &f.micro))
		return false;
	while (*s == ' ')
		s++;
	if (!take(&s, 'Z') && !take(&s, 'z') && !numeric_zone(&s, &f.offset))
		return false;
	leap_second(&f);
	return *s == '\0' && when_from_fields(&f, t);
}

/* Comments of RFC 5322 become blanks; "\(" counts as no bracket. */
static bool
strip_comments(const char *s, char *out)
{
	int depth = 0;

	for (; *s != '\0'; s++) {
		if (*s == '(') {
			depth++;
		} else if (*s == ')' && depth > 0) {
			if (--depth == 0)
				*out++ = ' ';
		} else if (depth > 0) {
			if (*s == '\\' && s[1] != '\0')
				s++;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
	return depth == 0;
}

/* Index of the name that s begins with, -1 when there is none. */
static int
name_index(const char **s, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
		if (g_ascii_strncasecmp(*s, names[i], 3) == 0) {
			while (g_ascii_isalpha(**s))
				(*s)++;
			return i;
		}
	return -1;
}

/*
 * Zones by name (RFC 5322 4.3).  Those of North America mean what they
 * say; UT, GMT and, in practice, UTC and Z are UTC; any other word tells
 * nothing.
 */
static void
named_zone(const char **s, int *offset, bool *known)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = {{"UT", 0}, {"GMT", 0}, {"UTC", 0}, {"Z", 0}, {"EST", -5},
	    {"EDT", -4}, {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6},
	    {"PST", -8}, {"PDT", -7}};
	size_t len = 0;

	while (g_ascii_isalpha((*s)[len]))
		len++;
	for (size_t i = 0; i < COUNT_OF(zones); i++)
		if (strlen(zones[i].name) == len &&
		    g_ascii_strncasecmp(*s, zones[i].name, len) == 0) {
			*offset = zones[i].hours * 3600;
			*known = true;
		}
	*s += len;
}

static bool
rfc5322_zone(const char **s, int *offset, bool *known)
{
	bool minus = **s == '-';

	*known = false;
	*offset = 0;
	if (g_ascii_isalpha(**s)) {
		named_zone(s, offset, known);
	} else if (**s == '+' || **s == '-') {
		if (!numeric_zone(s, offset))
			return false;
		*known = !(minus && *offset == 0);
		/* "+9959" is in the grammar and nowhere on Earth. */
		if (*offset <= -OFFSET_MAX || *offset >= OFFSET_MAX) {
			*offset = 0;
			*known = false;
		}
	}
	return true;
}

bool
when_parse_rfc5322(const char *text, int64_t *t, bool *zone_known)
{
	char plain[WHEN_TEXT_MAX + 1];
	const char *s = plain;
	struct when_fields f = {0};
	bool known;
	int n, month;

	if (text == NULL ||
	    strnlen(text, WHEN_TEXT_MAX + 1) > WHEN_TEXT_MAX ||
	    !strip_comments(text, plain))
		return false;
	blanks(&s);
	if (g_ascii_isalpha(*s)) {
		if (name_index(&s, day_names, 7) < 0)
			return false;
		blanks(&s);
		take(&s, ',');
		blanks(&s);
	}
	if (!digits(&s, 1, 2, &f.day))
		return false;
	blanks(&s);
	take(&s, '-'); /* "23-Nov-2026" is not rare */
	if ((month = name_index(&s, month_names, 12)) < 0)
		return false;
	f.month = month + 1;
	take(&s, '-');
	blanks(&s);
	if ((n = digits(&s, 2, 4, &f.year)) == 0)
		return false;
	/* Two and three digits: RFC 5322 4.3. */
	if (n == 2)
		f.year += f.year < 50 ? 2000 : 1900;
	else if (n == 3)
		f.year += 1900;
	blanks(&s);
	if (!digits(&s, 1, 2, &f.hour))
		return false;
	blanks(&s);
	if (!take(&s, ':'))
		return false;
	blanks(&s);
	if (!digits(&s, 2, 2, &f.minute))
		return false;
	blanks(&s);
	if (take(&s, ':')) {
		blanks(&s);
		if (!digits(&s, 2, 2, &f.second))
			return false;
		blanks(&s);
	}
	if (!rfc5322_zone(&s, &f.offset, &known))
		return false;
	blanks(&s);
	leap_second(&f);
	if (*s != '\0' || !when_from_fields(&f, t))
		return false;
	*zone_known = known;
	return true;
}
