/*
 * Times as people and programs write them (read.h).
 *
 * A time without a zone is never given one.  Readers are tried in a fixed
 * order at one place of the text; each takes the date, then clock() and
 * stamp_zone() take the rest.
 */
#include "base/base.h"
#include "inspect/time/stamp_priv.h"

enum { STAMP_MAX = 2 * WHEN_TEXT_MAX }; /* bytes, of any script */

/* "Mon", "Monday," and the blank behind */
static void
weekday(struct cursor *c)
{
	static const char *const days[] = {"mon", "tue", "wed", "thu", "fri",
	    "sat", "sun"};
	static const char *const rests[] = {"", "day", "s", "sday", "nesday",
	    "rs", "rsday", "urday", "tag", "di", "d"};
	const char *p = c->p;
	bool known = false;

	for (size_t i = 0; i < COUNT_OF(days); i++) {
		if (c->end - p < 4 || g_ascii_strncasecmp(p, days[i], 3) != 0)
			continue;
		while (p < c->end && g_ascii_isalpha(*p))
			p++;
		/* "MongoDB 2026-11-20" */
		for (size_t k = 0; k < COUNT_OF(rests); k++)
			known |= (size_t)(p - c->p) == 3 + strlen(rests[k]) &&
			    g_ascii_strncasecmp(c->p + 3, rests[k],
				strlen(rests[k])) == 0;
		if (!known)
			return;
		if (p < c->end && (*p == ',' || *p == '.'))
			p++;
		if (p == c->end || *p != ' ')
			return;
		c->p = p;
		blanks(c);
		return;
	}
}

/* From the hour to the minute: ":", French "14h05", German "14.05 Uhr",
 * Chinese and its neighbours' own words. */
static bool
to_minute(struct cursor *x)
{
	static const char *const uhr = " Uhr";

	if (is(x, ":") || stamp_word(x, STAMP_HOUR))
		return true;
	if (x->end - x->p > 2 && (*x->p | 32) == 'h' &&
	    g_ascii_isdigit(x->p[1]) && g_ascii_isdigit(x->p[2])) {
		x->p++;
		return true;
	}
	/* "14 h 05" */
	if (x->end - x->p > 4 && strncmp(x->p, " h ", 3) == 0 &&
	    g_ascii_isdigit(x->p[3]) && g_ascii_isdigit(x->p[4])) {
		x->p += 3;
		return true;
	}
	/* and "kl. 14.05" of the North */
	if (x->end - x->p >= 3 && *x->p == '.' &&
	    !(x->end - x->p >= 5 && x->p[3] == '.' && /* 12.34.56.78 */
		g_ascii_isdigit(x->p[4])) && (x->at ||
		(x->end - x->p >= 7 &&
		    strncmp(x->p + 3, uhr, strlen(uhr)) == 0))) {
		x->p++;
		return true;
	}
	return false;
}

/* "at 1405Z", "at 1405 hours" */
static bool
military(struct cursor *c, struct when_fields *f)
{
	static const char *const behind[] = {"Z", " hours", " hrs", "hrs",
	    " UTC", " GMT", "h "};
	struct cursor x = *c;
	int v;

	if (!digits(&x, 4, 4, &v) || v / 100 > 23 || v % 100 > 59)
		return false;
	for (size_t i = 0; i < COUNT_OF(behind); i++)
		if ((size_t)(x.end - x.p) >= strlen(behind[i]) &&
		    strncmp(x.p, behind[i], strlen(behind[i])) == 0) {
			f->hour = v / 100;
			f->minute = v % 100;
			f->second = f->micro = 0;
			*c = x;
			return true;
		}
	return false;
}

/* "10:00:00,192.0.2.1", "10:00:00,443,tcp": no fraction of a second, but the
 * next column. */
static bool
next_column(const struct cursor *c)
{
	const char *p = c->p + 1;

	if (*c->p != ',')
		return false;
	while (p < c->end && g_ascii_isdigit(*p))
		p++;
	return p < c->end && (*p == '.' || *p == ',' || *p == '/');
}

/* "3pm", "8 p.m.", "um 3 Uhr" */
static bool
whole_hour(struct cursor *c, struct when_fields *f)
{
	struct cursor x = *c;
	bool evening = false;
	size_t n;

	if (!digits(&x, 1, 2, &f->hour) || f->hour > 23)
		return false;
	blanks(&x);
	n = stamp_half(&x, &evening);
	if (n > 0 && f->hour >= 1 && f->hour <= 12)
		f->hour = f->hour % 12 + (evening ? 12 : 0);
	else if (n > 0 || !x.at || (n = stamp_oclock(&x)) == 0)
		return false;
	if (x.p + n == x.end)
		return false;
	f->minute = f->second = f->micro = 0;
	x.p += n;
	*c = x;
	return true;
}

/* HH:MM[:SS[.frac]] [AM|PM] */
static bool
clock_time(struct cursor *c, struct when_fields *f)
{
	struct cursor x = *c;
	int scale = 100000;
	bool morning = stamp_word(&x, STAMP_MORNING);
	bool evening = !morning && stamp_word(&x, STAMP_EVENING);
	size_t half;

	blanks(&x);
	if ((x.at && military(&x, f)) || whole_hour(&x, f)) {
		*c = x;
		return true;
	}
	if (!digits(&x, 1, 2, &f->hour) || !to_minute(&x))
		return false;
	blanks(&x);
	if (!digits(&x, 2, 2, &f->minute) || f->hour > 24 || f->minute > 59)
		return false;
	f->second = f->micro = 0;
	if (stamp_word(&x, STAMP_MINUTE)) {
		struct cursor y = x;

		blanks(&y);
		if (digits(&y, 1, 2, &f->second) &&
		    stamp_word(&y, STAMP_SECOND) && f->second < 60)
			x = y;
		else
			f->second = 0;
	} else if (x.end - x.p > 2 && *x.p == ':' &&
	    g_ascii_isdigit(x.p[1])) {
		x.p++;
		if (!digits(&x, 2, 2, &f->second) || f->second > 60)
			return false;
		f->second = MIN(f->second, 59); /* a leap second */
		if (x.end - x.p > 1 && (*x.p == '.' || *x.p == ',') &&
		    g_ascii_isdigit(x.p[1]) && !next_column(&x)) {
			x.p++;
			const char *from = x.p;

			while (x.p < x.end && g_ascii_isdigit(*x.p)) {
				f->micro += (*x.p++ - '0') * scale;
				scale /= 10;
			}
			/* "10:15:00,001234567890" is the next column, and so
			 * are "10:15:00,0011C10311", "10:15:00,2026-11-20" */
			if (x.p - from > 9 || (from[-1] == ',' &&
				x.p < x.end && (((*x.p & ~32) != 'Z' &&
				    (*x.p & ~32) != 'T' &&
				    g_ascii_isalpha(*x.p)) ||
				    (x.p - from == 4 && strchr("-/",
					*x.p) != NULL)))) {
				f->micro = 0;
				x.p = from - 1;
			}
		}
	}
	*c = x;
	if ((morning || evening) && f->hour >= 1 && f->hour <= 12)
		f->hour = f->hour % 12 + (evening ? 12 : 0);
	blanks(&x);
	half = stamp_half(&x, &evening);
	if (half > 0 && f->hour >= 1 && f->hour <= 12) {
		f->hour = f->hour % 12 + (evening ? 12 : 0);
		x.p += half;
		*c = x;
	}
	return true;
}

/* Snort without a year: 11/20-06:00:01.223344 */
static bool
snort(struct cursor *c, struct when_fields *f)
{
	const char *p = c->p;

	return c->end - p >= 21 && p[2] == '/' && p[5] == '-' &&
	    p[14] == '.' && digits(c, 2, 2, &f->month) && is(c, "/") &&
	    digits(c, 2, 2, &f->day) && is(c, "-") && clock_time(c, f) &&
	    c->p == p + 21;
}

/* From the date to the clock: something has to stand between them. */
static bool
to_clock(struct cursor *c)
{
	bool wide = (c->p[-1] & 0x80) != 0; /* a word for "day" does */

	/* "19.11.2026. u 14:05" */
	if (!is(c, ",") && c->end - c->p > 2 && c->p[0] == '.' &&
	    c->p[1] == ' ')
		is(c, ".");
	if (!is(c, " T:_-t/;|") && !is(c, "\t") && !wide)
		return false;
	blanks(c);
	/* "2026-11-20 | 10:15:00": the next cell */
	if (is(c, "|;"))
		blanks(c);
	/* "2026 r. o godz. 11:20" has two */
	for (int i = 0; i < 3 && stamp_word(c, STAMP_AT); i++) {
		blanks(c);
		c->at = true;
	}
	/* "22 November 2026 (12:04 UTC, 80 GB)" */
	if (c->end - c->p > 2 && *c->p == '(' && g_ascii_isdigit(c->p[1]))
		c->p++;
	return true;
}

/* "(local time, UTC+2)", "(heure de Paris, CET)" */
static bool
zone_in_parens(const char *s, const char *end, int *offset, size_t *n)
{
	const char *p = s, *close;
	size_t len;

	while (p < end && *p == ' ')
		p++;
	if (p == end || *p != '(')
		return false;
	close = memchr(p, ')', (size_t)(end - p));
	for (; close != NULL && p < close; p++)
		if ((*p == '(' || *p == ' ') && g_ascii_isupper(p[1]) &&
		    stamp_zone(p + 1, close, offset, &len) &&
		    p + 1 + len == close) {
			*n = (size_t)(close + 1 - s);
			return true;
		}
	return false;
}

static bool a_stamp(const char *s, const char *end, bool span,
    struct stamp *out);

/* "10:00 - 10:30 UTC", "between 10:00 and 10:30 UTC", also with a date behind
 * the dash: the zone of both. */
static bool
zone_of_span(struct cursor *c, struct when_fields *f)
{
	struct cursor x = *c;
	struct when_fields to = *f;
	struct stamp st;
	size_t n;

	blanks(&x);
	if (!stamp_word(&x, STAMP_UNTIL))
		return false;
	blanks(&x);
	if (a_stamp(x.p, x.end, false, &st)) {
		if (!st.zone)
			return false;
		f->offset = st.f.offset;
		c->p = x.p + st.len;
		return true;
	}
	if (!stamp_midnight(&x) && !clock_time(&x, &to))
		return false;
	stamp_hours(&x);
	if (!stamp_zone(x.p, x.end, &f->offset, &n) &&
	    !stamp_place(x.p, x.end, &to, &f->offset, &n))
		return false;
	c->p = x.p + n;
	return true;
}

/* "12:30 to 12:50 UTC on ...": the end of a span, before the zone of both */
static void
until_clock(struct cursor *c, const struct when_fields *from)
{
	struct cursor x = *c;
	struct when_fields to = *from;

	blanks(&x);
	if (!stamp_word(&x, STAMP_UNTIL))
		return;
	blanks(&x);
	if (!clock_time(&x, &to))
		return;
	stamp_hours(&x);
	*c = x;
}

/* "14:05 UTC on 20 November 2026": the clock first; *year: it says which. */
static bool
clock_first(struct cursor *c, struct stamp *out, enum stamp_order *order,
    bool *year)
{
	bool (*const dates[])(struct cursor *, struct when_fields *,
	    enum stamp_order *) = {stamp_iso, stamp_day_month, stamp_local};
	struct cursor x = *c;
	struct when_fields f = {0};
	size_t n;

	if (!clock_time(&x, &f))
		return false;
	stamp_hours(&x);
	until_clock(&x, &f);
	out->zone = stamp_zone(x.p, x.end, &f.offset, &n) ||
	    zone_in_parens(x.p, x.end, &f.offset, &n);
	if (out->zone)
		x.p += n;
	is(&x, ",");
	if (!is(&x, " "))
		return false;
	blanks(&x);
	stamp_word(&x, STAMP_ON);
	weekday(&x);
	for (size_t i = 0; i < COUNT_OF(dates); i++) {
		struct cursor y = x;

		if (dates[i](&y, &f, order)) {
			x = y;
			break;
		}
		if (i + 1 < COUNT_OF(dates))
			continue;
		*order = STAMP_KNOWN;
		y = x;
		if (!stamp_month_day(&x, &f, year)) {
			x = y;
			*year = false;
			if (!stamp_day_only(&x, &f))
				return false;
		}
	}
	/* "05:44, 20 November 2026 (UTC)" */
	if (!out->zone) {
		out->zone = stamp_zone(x.p, x.end, &f.offset, &n) ||
		    zone_in_parens(x.p, x.end, &f.offset, &n);
		if (out->zone)
			x.p += n;
	}
	*c = x;
	out->f = f;
	/* which year it was is for the zone to say when it was */
	return *year || out->zone;
}

/* Can a word with these three letters begin a time?  Months and days in all
 * the languages above; most words of a letter are turned away here. */
static bool
may_begin(const char *s)
{
	static const char starts[] = "jan feb mar apr may jun jul aug sep oct "
	    "nov dec mon tue wed thu fri sat sun ene gen f\303\251 m\303\244 "
	    "maa mrt avr abr mai mei maj mag giu jui lug ago ao\303 set okt "
	    "dez d\303\251 dic ";
	char a = (char)(s[0] | 32), b = s[1], c = s[2];

	if (g_ascii_isalpha(b))
		b |= 32;
	if (g_ascii_isalpha(c))
		c |= 32;
	for (const char *p = starts; *p != '\0'; p += 4)
		if (p[0] == a && p[1] == b && p[2] == c)
			return true;
	return false;
}

/* "+99:00", "-9900": meant as an offset, and none.  ("-15:30" may be the end
 * of "14:00-15:30", as whose offset nothing is said.) */
static bool
no_offset(struct cursor *c)
{
	struct cursor x = *c;
	bool minus;
	int h, m, n;

	if (x.p >= x.end || (*x.p != '+' && *x.p != '-'))
		return false;
	minus = *x.p++ == '-';
	for (n = 0; x.p + n < x.end && g_ascii_isdigit(x.p[n]); n++)
		;
	if (n == 4) {
		h = (x.p[0] - '0') * 10 + x.p[1] - '0';
		m = (x.p[2] - '0') * 10 + x.p[3] - '0';
		x.p += 4;
	} else if (!digits(&x, 2, 2, &h) || !is(&x, ":") ||
	    !digits(&x, 2, 2, &m)) {
		return false;
	}
	if (h <= (minus ? 23 : 14) && m <= 59)
		return false;
	*c = x;
	return true;
}

/* ctime: the year behind the clock, or behind a zone */
static bool
late_year(struct cursor *c, struct when_fields *f, struct stamp *out)
{
	struct cursor x = *c;
	int y, offset;
	size_t n;

	out->zone = stamp_zone(x.p, x.end, &offset, &n);
	if (out->zone)
		x.p += n;
	blanks(&x);
	if (!digits(&x, 4, 4, &y) || y < 1970 || y >= 2200 ||
	    (x.p < x.end && strchr(":-/.", *x.p) != NULL)) {
		out->zone = false;
		return false;
	}
	f->year = y;
	if (out->zone)
		f->offset = offset;
	*c = x;
	return true;
}

bool
stamp_at(const char *s, const char *end, struct stamp *out)
{
	return a_stamp(s, end, true, out);
}

/* span: it may be the first of two */
static bool
a_stamp(const char *s, const char *end, bool span, struct stamp *out)
{
	struct when_fields f = {0};
	struct cursor c = {s, end};
	enum stamp_order order = STAMP_KNOWN;
	bool year = true, found = false;
	int64_t t;
	size_t n;

	out->odd = false;
	if (end - s > STAMP_MAX)
		end = c.end = s + STAMP_MAX;
	if (end - s < 8 || (!g_ascii_isdigit(*s) && !may_begin(s)))
		return false;
	weekday(&c);
	if (c.p < c.end && g_ascii_isdigit(*c.p)) {
		struct cursor from = c;
		bool (*const dates[])(struct cursor *, struct when_fields *,
		    enum stamp_order *) = {stamp_iso, stamp_day_month, stamp_local,
		    stamp_worded, stamp_pointed};

		for (size_t i = 0; i < COUNT_OF(dates) && !found; i++) {
			c = from;
			found = dates[i](&c, &f, &order) && to_clock(&c) &&
			    clock_time(&c, &f);
		}
		if (!found) {
			c = from;
			found = snort(&c, &f);
			year = !found;
		}
		if (!found) {
			c = from;
			found = stamp_day_only(&c, &f) && to_clock(&c) &&
			    clock_time(&c, &f);
			year = !found || late_year(&c, &f, out);
			if (found && year && out->zone)
				goto done;
		}
		if (!found) {
			c = from;
			found = stamp_compact(&c, &f);
		}
		if (!found) {
			c = from;
			year = true;
			if (!clock_first(&c, out, &order, &year))
				return false;
			f = out->f;
			found = true;
			goto checked;
		}
	} else if (stamp_month_day(&c, &f, &year)) {
		found = to_clock(&c) && clock_time(&c, &f);
		if (found && !year) {
			year = late_year(&c, &f, out);
			if (year && out->zone)
				goto done;
		}
	}
	if (!found || f.month < 1 || f.month > 12 || f.day < 1 || f.day > 31)
		return false;
	stamp_hours(&c);
	/* "14:05, CET" */
	if (c.end - c.p > 4 && c.p[0] == ',' && c.p[1] == ' ' &&
	    g_ascii_isupper(c.p[2]) &&
	    stamp_zone(c.p + 1, c.end, &f.offset, &n))
		c.p++;
	out->zone = !stamp_till(s, &c, &f) &&
	    (stamp_zone(c.p, c.end, &f.offset, &n) ||
		zone_in_parens(c.p, c.end, &f.offset, &n) ||
		stamp_place(c.p, c.end, &f, &f.offset, &n));
	if (out->zone)
		c.p += n;
	else if (span)
		out->zone = zone_of_span(&c, &f);
	if (!out->zone)
		out->odd = no_offset(&c);
checked:
	if (f.month < 1 || f.month > 12 || f.day < 1 || f.day > 31)
		return false;
done:
	/* "+0100 (CET)" */
	if (out->zone && c.end - c.p > 4 && c.p[0] == ' ' && c.p[1] == '(') {
		const char *close = memchr(c.p, ')', MIN(8, c.end - c.p));

		if (close != NULL)
			c.p = close + 1;
	}
	out->year = year;
	out->f = f;
	out->len = (size_t)(c.p - s);
	out->time = DESC_NULL;
	if (year && (order == STAMP_KNOWN || stamp_day_first(s, c.p)) &&
	    when_from_fields(&f, &t))
		out->time = t;
	return true;
}

void
stamp_field(struct arena *a, const char *s, struct inspect_event *e)
{
	const char *end;
	struct stamp st;
	bool zone;
	int64_t t;

	s += strspn(s, " \t\"'");
	if (*s == '\0')
		return;
	end = s + strlen(s);
	e->time_given = read_field(a, text_cut(a, s, WHEN_TEXT_MAX));
	e->time = DESC_NULL;
	e->zone = "unknown";
	if (stamp_at(s, end, &st)) {
		if (st.zone && st.time != DESC_NULL) {
			e->time = st.time;
			e->zone = "given";
		}
		return;
	}
	if (when_parse_rfc5322(s, &t, &zone) && zone) {
		e->time = t;
		e->zone = "given";
		return;
	}
	/* seconds since 1970 are UTC by definition */
	if (text_int(s, 631152000, 4102444800, &t)) {
		e->time = t * WHEN_SECOND;
		e->zone = "given";
	}
}
