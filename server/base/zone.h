/*
 * Time zones as people name them, and what a clock of such a zone meant.
 *
 * A name is "UTC" (also "Z", "GMT"), an offset ("+01:00", "-5", "UTC+2") or
 * an area of the tz database ("Europe/London").  Short names such as CET or
 * EST are refused: in the database they mean something else than in a log.
 *
 * A local time need not have happened (clocks went forward) and may have
 * happened twice (clocks went back).  Neither is guessed: the caller learns
 * which, and asks.
 *
 * Thread: any.  Owner: the arena.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/when.h"

enum { ZONE_NAME_MAX = 48 };

struct zone {
	const char *name; /* canonical: "UTC", "+01:00", "Europe/London" */
	int offset;       /* seconds east of UTC, when tz is NULL */
	GTimeZone *tz;
};
/* FAULT_INPUT, in words for the person who typed it, when there is none. */
bool zone_parse(struct arena *a, const char *s, struct zone *z,
    GError **err);

enum zone_fit {
	ZONE_ONE,   /* *t is the time */
	ZONE_NONE,  /* the clocks skipped it */
	ZONE_TWICE, /* offset[0] or offset[1], the earlier time first */
	ZONE_BAD,   /* no such date */
};
/* When a clock of that zone showed these fields (f->offset is not read). */
enum zone_fit zone_utc(const struct zone *z, const struct when_fields *f,
    int64_t *t, int offset[2]);
/* What a clock of that zone shows at t; f->offset is that of the zone. */
void zone_local(const struct zone *z, int64_t t, struct when_fields *f);

/* "+01:00" of seconds east of UTC; "UTC" of 0. */
const char *zone_offset_text(struct arena *a, int seconds);

#endif
