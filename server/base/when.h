/*
 * Time: microseconds since 1970-01-01T00:00:00Z, in int64_t, always UTC.
 * DESC_NULL (desc.h) means "not known".
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include "base/base.h"

#define WHEN_SECOND INT64_C(1000000)
#define WHEN_DAY    (86400 * WHEN_SECOND)
/* Longest text that the readers below look at. */
enum { WHEN_TEXT_MAX = 64 };

int64_t when_now(void);
/* Monotonic microseconds, for durations only. */
int64_t when_ticks(void);

/* year 1..9999, month 1..12, ...; false when there is no such time. */
struct when_fields {
	int year, month, day, hour, minute, second, micro;
	int offset; /* seconds east of UTC, of the reading below */
};
bool when_from_fields(const struct when_fields *f, int64_t *t);
void when_fields(int64_t t, struct when_fields *f); /* in UTC, offset 0 */

/* "2026-11-23T04:10:00Z"; microseconds only when there are any. */
const char *when_rfc3339(struct arena *a, int64_t t);
/* "Mon, 23 Nov 2026 04:10:00 +0000", for Date: and pubDate */
const char *when_rfc5322(struct arena *a, int64_t t);
/* "Mon, 23 Nov 2026 04:10:00 GMT", for HTTP */
const char *when_http(struct arena *a, int64_t t);
/* "2026-11-23 04:10 Z", the form of every page */
const char *when_page(struct arena *a, int64_t t);

/* RFC 3339, also with a blank for the T and as PostgreSQL prints it
 * ("2026-11-23 04:10:00.5+00").  An offset or Z is required. */
bool when_parse_rfc3339(const char *s, int64_t *t);
/* RFC 5322 dates, obsolete zones too.  *zone_known is false for a missing
 * zone and for "-0000" (time is then read as UTC). */
bool when_parse_rfc5322(const char *s, int64_t *t, bool *zone_known);

#endif
