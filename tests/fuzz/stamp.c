/*
 * Times in mail (read.h): at every place of the text, as a whole field, and
 * zones.  What is read lies inside the text, and is a time of our calendar.
 */
#include "base/base.h"
#include "inspect/read.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	ARENA_AUTO(a, "fuzz");
	/* exactly as long, so that a step too far shows */
	const char *s = arena_memdup(a, bytes, MIN(n, 4096));
	const char *end = s + MIN(n, 4096);
	struct inspect_event e = {.time = DESC_NULL};
	struct stamp st;

	for (const char *p = s; p < end; p++) {
		int offset;
		size_t len;

		if (stamp_at(p, end, &st)) {
			g_assert_true(st.len > 0 && p + st.len <= end);
			g_assert_true(st.f.month >= 1 && st.f.month <= 12);
			g_assert_true(!st.year || st.time == DESC_NULL ||
			    when_rfc3339(a, st.time) != NULL);
			stamp_add_year(&st, 1795169700 * WHEN_SECOND);
		}
		if (stamp_zone(p, end, &offset, &len)) {
			g_assert_true(len > 0 && p + len <= end);
			g_assert_true(offset >= -86400 && offset <= 86400);
		}
	}
	stamp_field(a, arena_strndup(a, s, (size_t)(end - s)), &e);
	g_assert_true((e.time == DESC_NULL) ==
	    (e.zone == NULL || strcmp(e.zone, "unknown") == 0));
	return 0;
}
