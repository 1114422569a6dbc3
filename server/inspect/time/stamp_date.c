/*
 * Dates as they stand before a clock (stamp_priv.h).
 */
#include "base/base.h"
#include "inspect/time/stamp_priv.h"

/* 2015-09-23, 2015/09/23, 2015.09.23, 2015-Sep-23 */
bool
stamp_iso(struct cursor *c, struct when_fields *f, enum stamp_order *order)
{
	char sep;

	if (!digits(c, 4, 4, &f->year) || f->year < 1970 || f->year > 2200)
		return false;
	sep = c->p < c->end ? *c->p : '\0';
	if (!is(c, "-/.") ||
	    !(digits(c, 1, 2, &f->month) || stamp_month(c, &f->month)) ||
	    c->p >= c->end || *c->p != sep || !is(c, "-/.") ||
	    !digits(c, 1, 2, &f->day))
		return false;
	/* "2026.11.20. 08:09" of Hungary */
	if (sep == '.' && c->end - c->p > 2 && *c->p == '.' && c->p[1] == ' ')
		c->p++;
	*order = STAMP_KNOWN;
	return true;
}

/* "04:04:18" behind a blank, behind a day without marks */
static bool
marked_clock(struct cursor *c, int *t)
{
	struct cursor x = *c;
	int h, m, s;

	if (!is(&x, " ") || !digits(&x, 2, 2, &h) || !is(&x, ":") ||
	    !digits(&x, 2, 2, &m) || !is(&x, ":") || !digits(&x, 2, 2, &s))
		return false;
	*t = h * 10000 + m * 100 + s;
	*c = x;
	return true;
}

/* 20150923T040418Z, 20150923 04:04:18, and 20150923-040418, 20150923_040418, 20150923040418
 * unless something goes on, as numbers and names of files do */
bool
stamp_compact(struct cursor *c, struct when_fields *f)
{
	struct cursor x = {c->p, MIN(c->end, c->p + 8)};
	int d, t;
	bool sure, marked;

	if (!digits(&x, 8, 8, &d))
		return false;
	x.end = c->end;
	marked = marked_clock(&x, &t);
	sure = marked || is(&x, "T");
	if (!sure)
		is(&x, "-_");
	if ((!marked && !digits(&x, 6, 6, &t)) ||
	    (!sure && x.p < x.end && strchr(" ,;Z\t)]|+\"", *x.p) == NULL))
		return false;
	f->year = d / 10000;
	f->month = d / 100 % 100;
	f->day = d % 100;
	f->hour = t / 10000;
	f->minute = t / 100 % 100;
	f->second = t % 100;
	f->micro = 0;
	*c = x;
	return f->year >= 1970 && f->year < 2200 && f->hour < 24 &&
	    f->minute < 60 && f->second < 60;
}

/* "2026" and "11" and "20", each with its word behind it, as in Chinese,
 * Japanese and Korean */
bool
stamp_worded(struct cursor *c, struct when_fields *f, enum stamp_order *order)
{
	/* most numbers are no year with a word behind it */
	if (c->end - c->p < 12 || (c->p[4] & 0x80) == 0 ||
	    !digits(c, 4, 4, &f->year) || f->year < 1970 || f->year > 2200 ||
	    !stamp_word(c, STAMP_YEAR))
		return false;
	blanks(c);
	if (!digits(c, 1, 2, &f->month) || !stamp_word(c, STAMP_MONTH))
		return false;
	blanks(c);
	*order = STAMP_KNOWN;
	return digits(c, 1, 2, &f->day) && stamp_word(c, STAMP_DAY);
}

/* "2026. 11. 20." of Korea, "2026. november 20." of Hungary */
bool
stamp_pointed(struct cursor *c, struct when_fields *f, enum stamp_order *order)
{
	if (c->end - c->p < 11 || c->p[4] != '.' || c->p[5] != ' ' ||
	    !digits(c, 4, 4, &f->year) || f->year < 1970 || f->year > 2200)
		return false;
	c->p += 2;
	if (!stamp_month(c, &f->month) &&
	    (!digits(c, 1, 2, &f->month) || !is(c, ".")))
		return false;
	blanks(c);
	*order = STAMP_KNOWN;
	return digits(c, 1, 2, &f->day) && is(c, ".");
}

/* "st", "nd" behind a number */
static void
ordinal(struct cursor *c)
{
	if (c->end - c->p > 2 && (strncmp(c->p, "st", 2) == 0 ||
		strncmp(c->p, "nd", 2) == 0 || strncmp(c->p, "rd", 2) == 0 ||
		strncmp(c->p, "th", 2) == 0))
		c->p += 2;
}

/* "20Nov2026" of Check Point; not "5mar1" of a name */
static bool
stamp_glued(struct cursor *c, struct when_fields *f)
{
	struct cursor x = *c;

	if (!digits(&x, 1, 2, &f->day) || x.end - x.p < 7 ||
	    !g_ascii_isupper(*x.p) || !stamp_month(&x, &f->month) ||
	    !digits(&x, 4, 4, &f->year) || f->year < 1970 || f->year > 2200)
		return false;
	*c = x;
	return true;
}

/* 31/Jan/2014:07:19:02, 04 Sep 2015 13:19, 4-Sep-2015 13:19, 4.Sep.2015 */
bool
stamp_day_month(struct cursor *c, struct when_fields *f, enum stamp_order *order)
{
	bool point;

	*order = STAMP_KNOWN;
	if (stamp_glued(c, f))
		return true;
	if (!digits(c, 1, 2, &f->day))
		return false;
	ordinal(c);
	point = is(c, ".") && c->p < c->end && g_ascii_isalpha(*c->p);
	if (!point && !is(c, " /-"))
		return false;
	blanks(c);
	stamp_word(c, STAMP_OF);
	if (!stamp_month(c, &f->month))
		return false;
	is(c, ",");
	if (!is(c, " /-") && !(point && (c->p[-1] == '.' || is(c, "."))))
		return false;
	stamp_word(c, STAMP_OF);
	if (!digits(c, 4, 4, &f->year)) {
		/* "20 Nov 14:05:00" is a clock */
		if (!digits(c, 2, 2, &f->year) || (c->end - c->p > 5 &&
			c->p[0] == ':' && c->p[3] == ':' &&
			!(c->end - c->p > 8 && c->p[6] == ':')))
			return false;
		f->year += f->year < 70 ? 2000 : 1900;
	}
	return true;
}

/* "20 Nov", as date(1) has it in Britain and in Germany, "22nd of November" */
bool
stamp_day_only(struct cursor *c, struct when_fields *f)
{
	if (!digits(c, 1, 2, &f->day))
		return false;
	ordinal(c);
	is(c, ".");
	if (!is(c, " "))
		return false;
	stamp_word(c, STAMP_OF);
	return stamp_month(c, &f->month);
}

/* Behind a month: "/19/2016", "-19-2016", and "/19" before a clock, as
 * routers write it. */
static bool
marked_day(struct cursor *c, struct when_fields *f, bool *year)
{
	struct cursor x = *c;
	const char *mark = x.p < x.end && *x.p == '-' ? "-" : "/";

	*year = false;
	if (!is(&x, mark) || !digits(&x, 1, 2, &f->day))
		return false;
	if (is(&x, mark)) {
		*year = digits(&x, 4, 4, &f->year) && f->year >= 1970 &&
		    f->year < 2200;
		if (!*year)
			return false;
	} else if (*mark == '-' || x.end - x.p < 6 || x.p[0] != ' ' ||
	    x.p[3] != ':') {
		return false;
	}
	*c = x;
	return true;
}

/* Jan 19, 2016 19:32 or syslog's "Jan 19 19:32:49 [2016]" */
bool
stamp_month_day(struct cursor *c, struct when_fields *f, bool *year)
{
	struct cursor x;
	int day, y;

	if (!stamp_month(c, &f->month))
		return false;
	if (marked_day(c, f, year))
		return true;
	is(c, ","); /* "Oct, 23 2003" */
	if (!is(c, " "))
		return false;
	blanks(c);
	if (!digits(c, 1, 2, &day))
		return false;
	f->day = day;
	ordinal(c);
	x = *c;
	is(&x, ",");
	*year = is(&x, " ");
	blanks(&x);
	*year = *year && digits(&x, 4, 4, &y) &&
	    (x.p == x.end || *x.p != ':') && y >= 1970 && y < 2200;
	if (*year) {
		f->year = y;
		*c = x;
	}
	return true;
}

/* "23. 9. 2015" of the Czechs: a blank behind the point. */
static bool
wide_point(struct cursor *c, char sep)
{
	return sep == '.' && c->end - c->p > 1 && *c->p == ' ' &&
	    g_ascii_isdigit(c->p[1]) && is(c, " ");
}

/* 23.09.2015 (day first), 23/09/2015 or 09/23/2015 (unclear up to 12) */
bool
stamp_local(struct cursor *c, struct when_fields *f, enum stamp_order *order)
{
	bool wide;
	int a, b;
	char sep;

	if (!digits(c, 1, 2, &a))
		return false;
	sep = c->p < c->end ? *c->p : '\0';
	if (!is(c, "./-"))
		return false;
	wide = wide_point(c, sep);
	if (!digits(c, 1, 2, &b) || c->p >= c->end || *c->p != sep)
		return false;
	c->p++;
	wide |= wide_point(c, sep);
	if (!digits(c, 4, 4, &f->year)) {
		/* 23.09.15 and 09/23/15 are dates, 23/09/15 may be anything */
		if (wide || !(sep == '.' || (sep == '/' && b > 12)) ||
		    !digits(c, 2, 2, &f->year))
			return false;
		f->year += 2000;
	}
	if (f->year < 1970 || f->year > 2200)
		return false;
	*order = sep == '.' || a > 12 || b > 12 || a == b ? STAMP_KNOWN :
		STAMP_UNCLEAR;
	f->day = b > 12 ? b : a;
	f->month = b > 12 ? a : b;
	return true;
}

/* "12/11/2026 à 18h32", "a las 18:32": where they write so, the day stands
 * first. */
bool
stamp_day_first(const char *s, const char *end)
{
	static const char *const words[] = {" à ", " a las ", " a la ",
	    " alle ", " ore ", " às ", " um ", " om ", " kl", " o godz",
	    " godz", " v ", " la ora "};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (g_strstr_len(s, end - s, words[i]) != NULL)
			return true;
	for (const char *p = s + 1; p + 1 < end; p++)
		if (*p == 'h' && g_ascii_isdigit(p[-1]) &&
		    g_ascii_isdigit(p[1]))
			return true;
	return false;
}
