/* See event_time.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/intake/event_time.h"
#include "inspect/time/given.h"

/* Says why there is no single time, with what to write instead. */
static bool
not_one(struct arena *a, enum zone_fit fit, const struct zone *z,
    const char *text, const int offset[2], GError **err)
{
	switch (fit) {
	case ZONE_TWICE:
		return fault_set(err, FAULT_INPUT,
		    "%s came twice in %s, when the clocks went back: say %s "
		    "or %s instead, or ask the reporter.", text, z->name,
		    zone_offset_text(a, offset[0]),
		    zone_offset_text(a, offset[1]));
	case ZONE_NONE:
		return fault_set(err, FAULT_INPUT,
		    "%s never came in %s, where the clocks went forward over "
		    "it: it is another zone, or the reporter's clock was "
		    "wrong.", text, z->name);
	default:
		return fault_set(err, FAULT_INPUT,
		    "%s is no date and time.", text);
	}
}

bool
event_time_read(struct arena *a, const struct zone *z, const char *text,
    int64_t before, int64_t *t, const char **zone_name, bool *own,
    GError **err)
{
	const char *shown = text_cut(a, text != NULL ? text : "",
	    WHEN_TEXT_MAX);
	struct when_fields f;
	enum zone_fit fit;
	int offset[2];
	int64_t when;

	switch (given_read(text, before, &f)) {
	case GIVEN_LOCAL:
		break;
	case GIVEN_ZONED:
		if (!when_from_fields(&f, &when))
			return not_one(a, ZONE_BAD, z, shown, NULL, err);
		*t = when;
		*zone_name = zone_offset_text(a, f.offset);
		*own = true;
		return true;
	case GIVEN_UNCLEAR:
		return fault_set(err, FAULT_INPUT,
		    "In %s the day and the month cannot be told apart: write "
		    "the time as 2026-11-23 04:10.", shown);
	case GIVEN_NOTHING:
		return fault_set(err, FAULT_INPUT,
		    "\"%s\" cannot be read as a time: write it as "
		    "2026-11-23 04:10.", shown);
	}
	fit = zone_utc(z, &f, &when, offset);
	if (fit != ZONE_ONE)
		return not_one(a, fit, z, shown, offset, err);
	*t = when;
	*zone_name = z->name;
	*own = false;
	return true;
}
