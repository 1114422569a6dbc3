/*
 * "Today at 9:47 pm EST": times of the day on which a letter was written, or
 * of the day before, and of the day in a heading (plain.h); and times that
 * are still to come.
 *
 * The former only with a zone: which day it is elsewhere, nobody knows.
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

enum { BEFORE_MAX = 24, BEHIND_MAX = 80, CLOCK_MAX = 48,
	HEAD_MAX = 70, DATE_MAX = 32 };
enum { NIGHT = -1 }; /* began the day before */

static const struct {
	const char *word;
	int back; /* days; NIGHT: the clock tells */
} days[] = {{"last night", NIGHT}, {"cette nuit", NIGHT}, {"anoche", NIGHT},
    {"stanotte", NIGHT}, {"vannacht", NIGHT}, {"afgelopen nacht", NIGHT},
    {"heute nacht", NIGHT}, {"tonight", 0},
    {"overnight", NIGHT}, {"this night", NIGHT}, {"letzte nacht", NIGHT},
    {"today", 0}, {"this morning", 0}, {"this afternoon", 0},
    {"yesterday", 1}, {"heute", 0}, {"gestern", 1}, {"aujourd'hui", 0},
    {"aujourd’hui", 0}, {"ce matin", 0}, {"hier à", 1}, {"hier vers", 1},
    {"hier soir", 1}, {"hier matin", 1}, {"hoy", 0},
    {"ayer", 1}, {"esta mañana", 0}, {"oggi", 0}, {"stamattina", 0},
    {"ieri", 1}, {"vandaag", 0}, {"vanmorgen", 0}, {"gisteren", 1},
    {"hoje", 0}, {"ontem", 1}, {"dziś", 0}, {"dzisiaj", 0}, {"wczoraj", 1},
    {"dnes", 0}, {"včera", 1}, {"vcera", 1}, {"idag", 0}, {"i dag", 0},
    {"igår", 1}, {"i går", 1}, {"i gar", 1}, {"tänään", 0}, {"eilen", 1},
    {"сегодня", 0}, {"вчера", 1}, {"bugün", 0}, {"dün ", 1}, {"azi", 0},
    {"astăzi", 0}, {"tegnap", 1}};

/* "The next call: 10 December 10:00": nothing that has happened when the
 * letter was written, in whatever zone. */
static bool
to_come(const struct plain *p, const struct stamp *st, const char *given)
{
	struct when_fields f;
	int ahead;

	if (p->r->out->date == DESC_NULL)
		return false;
	/* (A clock that is years behind, the mail's own, tells nothing.) */
	if (st->year)
		return st->time != DESC_NULL &&
		    st->time > p->r->out->date + 2 * WHEN_DAY &&
		    st->time < p->r->out->date + 366 * WHEN_DAY;
	/* a sentence that has no year would mean that of last year's, nearly
	 * a year ago; logs may be as old */
	if (st->f.second != 0 || strchr(given, ':') != strrchr(given, ':'))
		return false;
	when_fields(p->r->out->date, &f);
	ahead = (st->f.month - f.month) * 31 + st->f.day - f.day;
	ahead += ahead < 0 ? 12 * 31 : 0;
	return st->f.month > 0 && ahead > 2 && ahead < 62;
}

bool
plain_past(const struct plain *p, const struct line *l, struct stamp *st,
    const char **given)
{
	const char *at = strstr(l->s, *given);
	struct line rest = *l;

	if (!to_come(p, st, *given))
		return true;
	if (at == NULL || (size_t)(at - l->s) + strlen(*given) >= l->n)
		return false;
	rest.s = at + strlen(*given);
	rest.n = l->n - (size_t)(rest.s - l->s);
	return plain_stamp(p->r->a, &rest, st, given) &&
	    !to_come(p, st, *given);
}

/* The clock at s on the day so many before that of the mail, as it was there
 * where the clock stands. */
static bool
on_that_day(struct arena *a, const char *s, const char *end, int64_t mail,
    int back, struct stamp *st)
{
	char *clock = arena_strndup(a, s, (size_t)MIN(end - s, CLOCK_MAX));
	int64_t day = mail;

	for (int i = 0; i < 2; i++) {
		struct when_fields f;
		char *both;

		when_fields(day - back * WHEN_DAY, &f);
		both = arena_printf(a, "%04d-%02d-%02d %s", f.year, f.month,
		    f.day, clock);
		if (!stamp_at(both, both + strlen(both), st) || !st->zone ||
		    st->time == DESC_NULL || st->len < 12)
			return false;
		day = mail + (int64_t)st->f.offset * WHEN_SECOND;
	}
	st->len -= 11;
	/* it has happened */
	return st->time <= mail + 3600 * WHEN_SECOND;
}

static bool
on_day(struct arena *a, const char *s, const char *end, int64_t mail,
    int back, struct stamp *st)
{
	if (back != NIGHT)
		return on_that_day(a, s, end, mail, back, st);
	return on_that_day(a, s, end, mail, 1, st) &&
	    (st->f.hour >= 12 || on_that_day(a, s, end, mail, 0, st));
}

/* The first clock from s to end with a zone. */
static const char *
clock_of(struct arena *a, const char *s, const char *end, const char *stop,
    int64_t mail, int back, struct stamp *st)
{
	bool inside = false;

	for (; s < end; s++) {
		if (g_ascii_isdigit(*s) && !inside &&
		    on_day(a, s, stop, mail, back, st))
			return s;
		inside = g_ascii_isalnum(*s) || strchr(".:-/", *s) != NULL;
	}
	return NULL;
}

/* "at 06:15 this morning (UTC+1)": the word stands between the clock and its
 * zone. */
static const char *
clock_around(struct arena *a, const struct line *l, const char *word,
    size_t n, int64_t mail, int back, struct stamp *st)
{
	const char *from = word - MIN(word - l->s, BEFORE_MAX), *s, *both;
	size_t before = (size_t)(word - from);
	const char *rest = word + n;

	both = arena_printf(a, "%.*s%.*s", (int)before, from,
	    (int)MIN((size_t)(l->s + l->n - rest), CLOCK_MAX), rest);
	s = clock_of(a, both, both + before, both + strlen(both), mail, back,
	    st);
	if (s == NULL || s + st->len <= both + before)
		return NULL;
	return arena_strndup(a, from + (s - both),
	    (size_t)st->len + n);
}

bool
plain_day(struct plain *p, const struct line *l, const char *low,
    struct stamp *st, const char **given)
{
	const char *end = l->s + l->n;
	int64_t mail = p->r->out->date;
	bool begun[256] = {false}; /* a word begins with this byte */

	/* no clock without a digit */
	if (mail == DESC_NULL || strpbrk(low, "0123456789") == NULL ||
	    strlen(low) != l->n)
		return false;
	for (const char *q = low; *q != '\0'; q++)
		if (q == low || !g_ascii_isalpha(q[-1]))
			begun[(unsigned char)*q] = true;
	for (size_t i = 0; i < COUNT_OF(days); i++) {
		const char *at = begun[(unsigned char)*days[i].word] ?
		    strstr(low, days[i].word) : NULL, *w, *s;

		if (at == NULL || (at > low && g_ascii_isalpha(at[-1])) ||
		    g_ascii_isalpha(at[strlen(days[i].word)]))
			continue;
		w = l->s + (at - low);
		s = clock_of(p->r->a, w, MIN(end, w + BEHIND_MAX), end, mail,
		    days[i].back, st);
		if (s != NULL) {
			*given = arena_strndup(p->r->a, w,
			    (size_t)(s - w) + st->len);
			return true;
		}
		/* "since 03:30 UTC today" */
		s = clock_of(p->r->a, w - MIN(w - l->s, BEFORE_MAX), w, w,
		    mail, days[i].back, st);
		if (s != NULL) {
			*given = arena_strndup(p->r->a, s,
			    (size_t)(w - s) + strlen(days[i].word));
			return true;
		}
		*given = clock_around(p->r->a, l, w, strlen(days[i].word),
		    mail, days[i].back, st);
		if (*given != NULL)
			return true;
	}
	return false;
}

/* The length of the date at s, of which no clock follows; 0 for none. */
static size_t
date_at(struct arena *a, const char *s, const char *end)
{
	size_t best = 0;
	struct stamp st;

	for (size_t n = 6; n <= DATE_MAX && s + n <= end; n++) {
		char *both;

		if (!g_ascii_isalnum(s[n - 1]) ||
		    (s + n < end && g_ascii_isalnum(s[n])))
			continue;
		both = arena_printf(a, "%.*s 00:00:00", (int)n, s);
		if (stamp_at(both, both + n + 9, &st) && st.len == n + 9 &&
		    st.year)
			best = n;
	}
	return best;
}

/* Words of days on which a report was made. */
static const char *const reports[] = {"report", "bericht", "rapport",
    "informe", "summary", "digest", "deadline", "issued", "reply"};

void
plain_day_subject(struct plain *p, const char *s)
{
	const char *end = s + MIN(strlen(s), HEAD_MAX);
	const char *low = read_lower(p->r->a, s, (size_t)(end - s));
	bool inside = false;

	for (size_t i = 0; i < COUNT_OF(reports); i++)
		if (strstr(low, reports[i]) != NULL)
			return;
	for (const char *q = s; q < end; q++) {
		size_t n = !inside && g_ascii_isdigit(*q) ?
		    date_at(p->r->a, q, end) : 0;

		if (n > 0) {
			p->subject_day = arena_strndup(p->r->a, q, n);
			return;
		}
		inside = g_ascii_isalnum(*q);
	}
}

void
plain_day_head(struct plain *p, const struct line *l, const char *low)
{
	const char *end = l->s + l->n;
	size_t letters = 0, n = 0;
	bool inside = false, digits = false;

	for (const char *q = l->s; q < end; q++)
		digits |= g_ascii_isdigit(*q);
	if (!digits || l->n > HEAD_MAX)
		return;
	for (const char *q = l->s; q < end && n == 0; q++) {
		if (!inside && g_ascii_isalnum(*q))
			n = date_at(p->r->a, q, end);
		if (n > 0)
			p->day = arena_strndup(p->r->a, q, n);
		inside = g_ascii_isalnum(*q);
		letters += g_ascii_isalpha(*q) && n == 0;
	}
	if (n == 0)
		return;
	/* a day of which the rows below need not be, or a sentence */
	while (end > l->s && strchr(" \t\r*=-_#", end[-1]) != NULL)
		end--;
	if (letters > 12 && (end == l->s || end[-1] != ':'))
		p->day = NULL;
	for (size_t i = 0; i < COUNT_OF(reports); i++)
		if (strstr(low, reports[i]) != NULL)
			p->day = NULL;
}

/* "10:11:12", "10:11" in a cell of its own */
static bool
clock_cell(const char *s, const char *end)
{
	size_t n = 0;

	while (s + n < end && (g_ascii_isdigit(s[n]) || s[n] == ':'))
		n++;
	return (n == 5 || n == 8) && s[2] == ':' && (n == 5 || s[5] == ':') &&
	    (s + n == end || strchr(" \t|,;].Z+", s[n]) != NULL);
}

const char *
plain_day_clock(struct plain *p, const struct line *l, struct stamp *st,
    const char **given)
{
	const char *end = l->s + l->n, *stop = MIN(end, l->s + HEAD_MAX);

	if (p->day == NULL)
		return NULL;
	for (const char *q = l->s; q < stop; q++) {
		size_t n = strlen(p->day) + 1;
		char *both;

		if (!g_ascii_isdigit(*q) || (q > l->s &&
			strchr(" \t|,;[", q[-1]) == NULL) ||
		    !clock_cell(q, end))
			continue;
		both = arena_printf(p->r->a, "%s %.*s", p->day,
		    (int)MIN(end - q, CLOCK_MAX), q);
		if (!stamp_at(both, both + strlen(both), st) || st->len < n + 5)
			return NULL;
		*given = arena_strndup(p->r->a, both, st->len);
		return q;
	}
	return NULL;
}
