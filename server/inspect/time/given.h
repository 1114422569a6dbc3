/*
 * A time as a report gave it, read again: event.time_given once somebody
 * says which zone it was in.  The parser child's own reader of times
 * (stamp.c) does it, on a text that is short by then; core may call it
 * without a child.
 *
 * The text is hostile and at most WHEN_TEXT_MAX bytes are looked at.
 * Pure, bounded, no failure but "nothing to read".
 */
#ifndef INSPECT_GIVEN_H
#define INSPECT_GIVEN_H

#include "base/when.h"

enum given {
	GIVEN_LOCAL,     /* *out is what the clock showed */
	GIVEN_ZONED,     /* the same, with its own zone in out->offset */
	GIVEN_UNCLEAR,   /* day and month may be either: 03/04/2026 */
	GIVEN_NOTHING,   /* no date and clock time can be read */
};
/* A text without a year (syslog) is of the last such day before `before`,
 * as everywhere in inspect; DESC_NULL: then it is GIVEN_NOTHING. */
enum given given_read(const char *text, int64_t before,
    struct when_fields *out);

#endif
