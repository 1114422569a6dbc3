/*
 * The time of an event from its text, once its zone is known: by the
 * analyst, by a rule for the sender, or by the reporter in the form.
 * Pure: no database, no clock.
 */
#ifndef CORE_EVENT_TIME_H
#define CORE_EVENT_TIME_H

#include "base/zone.h"

/* before: moment that the event precedes (for texts without a year), or
 * DESC_NULL.  *zone_name gets the zone by which the text was read: that of
 * z, or the text's own offset, and then *own is true.  FAULT_INPUT, in words
 * for the desk, when the text is no time, or no single one in that zone. */
bool event_time_read(struct arena *a, const struct zone *z, const char *text,
    int64_t before, int64_t *t, const char **zone_name, bool *own,
    GError **err);

#endif
