/* See given.h. */
#include "base/base.h"
#include "inspect/read.h"
#include "inspect/time/given.h"

/* The year that puts these fields before a moment, a day or two spared for
 * zones. */
static bool
add_year(struct when_fields *f, int64_t before)
{
	struct when_fields now;
	int64_t t;

	if (before == DESC_NULL)
		return false;
	when_fields(before, &now);
	f->year = now.year;
	if (!when_from_fields(f, &t) || t > before + 2 * WHEN_DAY)
		f->year--;
	return when_from_fields(f, &t);
}

enum given
given_read(const char *text, int64_t before, struct when_fields *out)
{
	struct stamp st;
	struct when_fields f;
	int64_t t;

	if (text == NULL)
		return GIVEN_NOTHING;
	text += strspn(text, " \t\"'[(");
	if (!stamp_at(text, text + strnlen(text, WHEN_TEXT_MAX), &st))
		return GIVEN_NOTHING;
	/* (An offset that cannot be: which zone was meant, nobody knows.) */
	if (st.odd)
		return GIVEN_NOTHING;
	f = st.f;
	if (!st.zone)
		f.offset = 0;
	if (!st.year && !add_year(&f, before))
		return GIVEN_NOTHING;
	if (!when_from_fields(&f, &t))
		return GIVEN_NOTHING;
	/* With a year and yet no time: stamp.c could not tell the day. */
	if (st.year && st.time == DESC_NULL)
		return GIVEN_UNCLEAR;
	*out = f;
	return st.zone ? GIVEN_ZONED : GIVEN_LOCAL;
}
