/*
 * A cursor over a time as text, for stamp.c and its neighbours: the
 * dates in stamp_date.c, the words in stamp_word.c, the zones in stamp_zone.c
 * and stamp_place.c.
 */
#ifndef INSPECT_STAMP_PRIV_H
#define INSPECT_STAMP_PRIV_H

#include "inspect/read.h"

struct cursor {
	const char *p, *end;
	bool at; /* behind a word like "at": a clock, however it is written */
};

static inline bool
digits(struct cursor *c, int min, int max, int *out)
{
	int n = 0, v = 0;

	while (n < max && c->p + n < c->end && g_ascii_isdigit(c->p[n])) {
		v = v * 10 + (c->p[n] - '0');
		n++;
	}
	if (n < min || (c->p + n < c->end && n == max &&
		g_ascii_isdigit(c->p[n])))
		return false;
	c->p += n;
	*out = v;
	return true;
}

static inline bool
is(struct cursor *c, const char *set)
{
	if (c->p < c->end && *c->p != '\0' && strchr(set, *c->p) != NULL) {
		c->p++;
		return true;
	}
	return false;
}

static inline void
blanks(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
		c->p++;
}

/* ---- stamp_word.c */
/* The words between the numbers of a time, in the languages of reporters. */
enum stamp_word {
	STAMP_OF,      /* "20 de noviembre de 2026": and the blank behind it */
	STAMP_ON,      /* from a clock to its date: and the blank behind it */
	STAMP_AT,      /* from date to clock: and the blank behind it */
	STAMP_UNTIL,   /* between two clocks */
	STAMP_YEAR, STAMP_MONTH, STAMP_DAY, STAMP_HOUR, STAMP_MINUTE,
	STAMP_SECOND, STAMP_MORNING, STAMP_EVENING, /* where no blanks are */
};
/* One of them at c?  Then c stands behind it. */
bool stamp_word(struct cursor *c, enum stamp_word kind);
/* A name of a month, full or short, and a point behind it. */
bool stamp_month(struct cursor *c, int *out);

/* ---- stamp_date.c: a date at c, of one form each; c stands behind it, or
 * anywhere when there is none */
enum stamp_order { STAMP_KNOWN, STAMP_UNCLEAR /* is day or month first? */ };
typedef bool stamp_date_fn(struct cursor *c, struct when_fields *f,
    enum stamp_order *order);
stamp_date_fn stamp_iso, stamp_worded, stamp_pointed, stamp_day_month,
    stamp_local;
/* Does a time of which it is unclear say so by its words? */
bool stamp_day_first(const char *s, const char *end);
bool stamp_day_only(struct cursor *c, struct when_fields *f);
bool stamp_month_day(struct cursor *c, struct when_fields *f, bool *year);
/* date and clock in one; c moves only when it is right */
bool stamp_compact(struct cursor *c, struct when_fields *f);

/* ---- stamp_zone.c, with stamp_zone() of read.h */
/* "2026-11-20 10:00-11:00", read from start to c: from then till then?  An
 * offset stands behind seconds, or a T before the clock, or is less than the
 * clock. */
bool stamp_till(const char *start, const struct cursor *c,
    const struct when_fields *f);

/* ---- stamp_place.c, with stamp_place_at() of read.h */
/* A zone as the time of a place behind a time: "(heure de Paris)", "Beijing
 * time", "Europe/Berlin".  f is the time; false when its clock was put
 * forward or back just then. */
bool stamp_place(const char *s, const char *end, const struct when_fields *f,
    int *offset, size_t *len);

/* "until midnight" */
bool stamp_midnight(struct cursor *c);
/* "am", "PM", "p.m.": its length, and whether it is the second half. */
size_t stamp_half(const struct cursor *c, bool *evening);
/* "14:05 Uhr", "14:05 h", "14:05 hrs": behind that word */
void stamp_hours(struct cursor *c);
/* "3 Uhr UTC": the word for hours at c; 0 for none */
size_t stamp_oclock(const struct cursor *c);

#endif
