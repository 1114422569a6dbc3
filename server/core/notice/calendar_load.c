/* Reading a calendar (calendar.h): the setting, and the file of holidays. */
#include "base/base.h"
#include "base/text.h"
#include "core/notice/calendar_priv.h"

#include <unistd.h>

static const char *const day_names[] = {"sunday", "monday", "tuesday",
    "wednesday", "thursday", "friday", "saturday"};

/* A reading place in the setting. */
struct hours {
	struct arena *a;
	struct calendar *to;
	GError **err;
};

static bool
wrong(struct hours *h, const char *what)
{
	return fault_set(h->err, FAULT_INPUT,
	    "The setting hours of [desk]: %s  It is written like "
	    "Mon-Fri 09:00-17:30 Europe/London.", what);
}

/* "Mon", "tues", "Friday": its number, -1 for none; *s goes on behind. */
static int
day_name(const char **s)
{
	size_t n = 0;

	while (g_ascii_isalpha((*s)[n]))
		n++;
	for (int i = 0; n >= 3 && i < 7; i++)
		if (n <= strlen(day_names[i]) &&
		    g_ascii_strncasecmp(*s, day_names[i], n) == 0) {
			*s += n;
			return i;
		}
	return -1;
}

/* "Mon", "Mon-Fri", "Sat-Mon" */
static bool
read_days(const char *word, bool days[7])
{
	int from = day_name(&word), to = from;

	if (from >= 0 && *word == '-') {
		word++;
		to = day_name(&word);
	}
	if (from < 0 || to < 0 || *word != '\0')
		return false;
	for (int i = from;; i = (i + 1) % 7) {
		days[i] = true;
		if (i == to)
			return true;
	}
}

static bool
read_clock(const char **s, int *seconds)
{
	const char *p = *s;
	int h, m;

	if (!g_ascii_isdigit(p[0]))
		return false;
	h = *p++ - '0';
	if (g_ascii_isdigit(*p))
		h = h * 10 + *p++ - '0';
	if (*p++ != ':' || !g_ascii_isdigit(p[0]) || !g_ascii_isdigit(p[1]))
		return false;
	m = (p[0] - '0') * 10 + p[1] - '0';
	*s = p + 2;
	*seconds = h * 3600 + m * 60;
	return m < 60 && *seconds <= 86400;
}

static bool
read_span(const char *word, struct span *out)
{
	return read_clock(&word, &out->from) && *word++ == '-' &&
	    read_clock(&word, &out->to) && *word == '\0';
}

static bool
add_span(struct hours *h, const bool days[7], const struct span *s,
    const char *word)
{
	if (s->from >= s->to)
		return wrong(h, arena_printf(h->a,
		    "\"%s\" ends before it begins.", word));
	for (int i = 0; i < 7; i++) {
		struct week_day *w = &h->to->week[i];

		if (!days[i])
			continue;
		if (w->n == CALENDAR_SPANS_MAX)
			return wrong(h, "A day has too many hours.");
		if (w->n > 0 && s->from < w->spans[w->n - 1].to)
			return wrong(h, arena_printf(h->a,
			    "\"%s\" begins before the hours written to the "
			    "left of it end.", word));
		w->spans[w->n++] = *s;
	}
	return true;
}

/* "Mon-Thu 09:00-12:00 13:00-17:00": days, then hours. */
static bool
read_group(struct hours *h, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	bool days[7] = {false};
	size_t i = 0, n = 0;

	for (; words[i] != NULL && g_ascii_isalpha(*words[i]); i++)
		if (!read_days(words[i], days))
			return wrong(h, arena_printf(h->a,
			    "\"%s\" is no day of the week.", words[i]));
	if (i == 0)
		return wrong(h, arena_printf(h->a,
		    "\"%s\" does not begin with a day.", text));
	for (; words[i] != NULL; i++, n++) {
		struct span s;

		if (!read_span(words[i], &s))
			return wrong(h, arena_printf(h->a,
			    "\"%s\" are no hours.", words[i]));
		if (!add_span(h, days, &s, words[i]))
			return false;
	}
	return n > 0 || wrong(h, arena_printf(h->a,
	    "\"%s\" has no hours.", text));
}

/* The zone is the last word. */
static bool
read_hours(struct hours *h, const char *text)
{
	char *all = text_squash(h->a, text), *zone = strrchr(all, ' ');
	g_auto(GStrv) groups = NULL;
	g_autoptr(GError) why = NULL;

	if (strlen(all) > CALENDAR_HOURS_MAX)
		return wrong(h, "It is too long.");
	if (zone == NULL)
		return wrong(h, *all == '\0' ? "The desk has no hours."
					     : "It has no time zone.");
	*zone++ = '\0';
	if (!zone_parse(h->a, zone, &h->to->zone, &why))
		return wrong(h, why->message);
	groups = g_strsplit(all, ",", -1);
	for (size_t i = 0; groups[i] != NULL; i++)
		if (!read_group(h, g_strstrip(groups[i])))
			return false;
	return true;
}

/* ---- holidays ------------------------------------------------------------- */

static bool
bad_line(GError **err, const char *path, size_t line, const char *what)
{
	return fault_set(err, FAULT_INPUT, "%s:%zu: %s", path, line, what);
}

static bool
read_date(const char *s, int64_t *day)
{
	struct when_fields f = {0};

	if (strlen(s) < 10 || s[4] != '-' || s[7] != '-' ||
	    strspn(s, "0123456789-") != 10)
		return false;
	f.year = (int)g_ascii_strtoll(s, NULL, 10);
	f.month = (int)g_ascii_strtoll(s + 5, NULL, 10);
	f.day = (int)g_ascii_strtoll(s + 8, NULL, 10);
	return when_from_fields(&f, day);
}

static int
by_day(const void *a, const void *b)
{
	const struct holiday *x = a, *y = b;

	return x->day < y->day ? -1 : x->day > y->day;
}

static bool
read_holidays(struct arena *a, struct calendar *c, const char *path,
    const char *text, GError **err)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	c->holidays = ARENA_ARRAY(a, struct holiday, CALENDAR_HOLIDAYS_MAX);
	for (size_t i = 0; lines[i] != NULL; i++) {
		const char *s = g_strstrip(lines[i]);
		struct holiday h;

		if (*s == '\0' || *s == '#')
			continue;
		if (c->n == CALENDAR_HOLIDAYS_MAX)
			return bad_line(err, path, i + 1,
			    "There are too many holidays.");
		if (!read_date(s, &h.day))
			return bad_line(err, path, i + 1,
			    "A line begins with a date such as 2026-12-25.");
		h.name = text_squash(a, s + 10);
		if (*h.name == '\0')
			return bad_line(err, path, i + 1,
			    "The holiday has no name.");
		for (size_t k = 0; k < c->n; k++)
			if (c->holidays[k].day == h.day)
				return bad_line(err, path, i + 1,
				    "That day is there twice.");
		c->holidays[c->n++] = h;
	}
	qsort(c->holidays, c->n, sizeof(*c->holidays), by_day);
	return true;
}

static bool
load_holidays(struct arena *a, struct calendar *c, const char *path,
    GError **err)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, &why);
	const char *text;
	size_t n;

	if (map == NULL)
		return fault_set(err, FAULT_INPUT,
		    "The holidays cannot be read: %s", why->message);
	n = g_mapped_file_get_length(map);
	if (n > CALENDAR_FILE_MAX)
		return fault_set(err, FAULT_INPUT,
		    "%s: the file is larger than %d bytes.", path,
		    CALENDAR_FILE_MAX);
	text = n == 0 ? "" :
	    arena_strndup(a, g_mapped_file_get_contents(map), n);
	if (strlen(text) != n || !g_utf8_validate(text, -1, NULL))
		return fault_set(err, FAULT_INPUT,
		    "%s: the file is not text in UTF-8.", path);
	return read_holidays(a, c, path, text, err);
}

bool
calendar_load(struct arena *a, const char *hours, const char *dir,
    const char *site_dir, const struct calendar **out, GError **err)
{
	struct calendar *c = ARENA_NEW(a, struct calendar);
	struct hours h = {.a = a, .to = c, .err = err};
	const char *path = NULL;

	if (!read_hours(&h, hours))
		return false;
	if (!text_blank(site_dir))
		path = arena_printf(a, "%s/holidays.conf", site_dir);
	if (path == NULL || access(path, F_OK) != 0)
		path = arena_printf(a, "%s/holidays.conf", dir);
	if (!load_holidays(a, c, path, err))
		return false;
	*out = c;
	return true;
}
