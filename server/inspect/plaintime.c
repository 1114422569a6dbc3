/*
 * Times of a letter: of its lines, of its suspects, and of its events, where
 * what the letter says about zones counts (plain.h).
 */
#include "base/base.h"
#include "inspect/plain.h"

/* The first time in a line; *given is what was written. */
bool
plain_stamp(struct arena *a, const struct line *l, struct stamp *st,
    const char **given)
{
	const char *end = l->s + l->n;

	for (const char *p = l->s; p < end; p++) {
		unsigned char c = (unsigned char)*p;

		if (p > l->s && g_ascii_isalnum(p[-1]))
			continue;
		if (!g_ascii_isdigit(c) && !g_ascii_isalpha(c))
			continue;
		/* a time begins with a digit, a month or a day */
		if (g_ascii_isalpha(c) &&
		    strchr("JFMASONDTWjfmasondtw", c) == NULL)
			continue;
		if (stamp_at(p, end, st)) {
			*given = arena_strndup(a, p, st->len);
			return true;
		}
	}
	/* seconds since 1970 at the start of a log line, or labelled */
	{
		const char *p = l->s + strspn(l->s, " [\"");
		int64_t v = 0;
		int k = 0;

		if (l->n > 12 && g_ascii_strncasecmp(p, "timestamp", 9) == 0)
			p += 9 + strspn(p + 9, ":= \"");
		else if (l->n > 12 && g_ascii_strncasecmp(p, "epoch", 5) == 0)
			p += 5 + strspn(p + 5, ":= \"");
		while (p + k < end && g_ascii_isdigit(p[k]) && k < 11)
			v = v * 10 + (p[k++] - '0');
		if (k == 10 && v > 1000000000 && v < 4102444800 &&
		    (p + k == end || strchr(". ,]\t\"", p[k]) != NULL)) {
			*st = (struct stamp){.len = 10,
			    .time = v * WHEN_SECOND, .zone = true,
			    .year = true};
			*given = arena_strndup(a, p, 10);
			return true;
		}
	}
	return false;
}

/* "All times are in UTC", "Timezone: +0100" */
void
plain_zone(struct plain *p, const struct line *l)
{
	static const char *const leads[] = {"timezone", "time zone", "times",
	    "timestamps", "timestamp", "time stamps", "clock", "zeitzone",
	    "zeiten", "time", "date", "heures", "tz", "logs"};
	ARENA_AUTO(a, "zone");
	char *t;
	const char *best = NULL;

	if (p->has_offset || l->n > 300)
		return;
	t = read_lower(a, l->s, l->n);
	for (size_t i = 0; i < COUNT_OF(leads) && best == NULL; i++) {
		const char *q = strstr(t, leads[i]);

		if (q != NULL && (q == t || !g_ascii_isalnum(q[-1])))
			best = q + strlen(leads[i]);
	}
	if (best == NULL)
		return;
	for (size_t at = (size_t)(best - t), last = MIN(l->n, at + 50);
	    at < last; at++) {
		size_t len;
		int offset;

		if (at > 0 && g_ascii_isalnum(l->s[at - 1]))
			continue;
		/* "10 times (5-7)": a number alone is no zone */
		if ((l->s[at] == '+' || l->s[at] == '-') &&
		    !(l->n - at >= 5 && g_ascii_isdigit(l->s[at + 1]) &&
			g_ascii_isdigit(l->s[at + 2])))
			continue;
		if (l->s[at] == ' ' || l->s[at] == '(')
			continue;
		if (stamp_zone(l->s + at, l->s + l->n, &offset, &len)) {
			p->offset = offset;
			p->has_offset = true;
			return;
		}
	}
}

void
plain_seen(struct suspect *s, const struct stamp *st, const char *given)
{
	if (s->timed && (st->time == DESC_NULL || s->first.time == DESC_NULL ||
		s->first.time <= st->time))
		return;
	s->first = *st;
	s->time_given = given;
	s->timed = true;
}

void
stamp_add_year(struct stamp *st, int64_t date)
{
	struct when_fields now;
	int64_t t;

	if (date == DESC_NULL)
		return;
	when_fields(date, &now);
	st->f.year = now.year;
	if (when_from_fields(&st->f, &t) && t > date + 2 * WHEN_DAY)
		st->f.year--;
	if (when_from_fields(&st->f, &t))
		st->time = t;
}

/* time, time_given and zone of an event. */
void
plain_time(struct plain *p, const struct stamp *stamp, const char *given,
    struct inspect_event *e)
{
	struct stamp st = *stamp;

	e->time_given = read_field(p->r->a, given);
	if (!st.zone && p->has_offset) {
		st.f.offset = p->offset;
		st.zone = true;
		if (st.year && st.time != DESC_NULL &&
		    !when_from_fields(&st.f, &st.time))
			st.time = DESC_NULL;
	}
	if (!st.year && st.zone)
		stamp_add_year(&st, p->r->out->date);
	if (st.zone && st.time != DESC_NULL) {
		e->time = st.time;
		e->zone = "given";
	}
}
