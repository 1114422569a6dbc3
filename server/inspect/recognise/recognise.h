/*
 * Recognisers: what is known of one sender's reports, as a data file
 * (templates/recognise/NAME.conf) that a site adds or replaces without a
 * rebuild.  A line is a word and what it says; # begins a comment.
 *
 * Which mail it is.  Of the lines of one kind one has to hold, and each
 * kind that there is:
 *
 *	from example.net            the From is of that domain or below it;
 *	from abuse*@example.net     or like this
 *	subject PATTERN             the subject holds it
 *	header NAME PATTERN         a field of that name does
 *	body PATTERN                the text does
 *	format plain                what the message was read as
 *
 * What it says:
 *
 *	find PATTERN                values of the whole report: in the
 *	                            subject or the text, first match of each
 *	event PATTERN               an event for each match
 *	detail PATTERN              more about the event before it; a value
 *	                            that it has already makes it a second one
 *	section TYPE PATTERN        events behind it are of that type
 *	until PATTERN               nothing behind it is looked at
 *	type TYPE [PATTERN]         of events without another: the first
 *	                            whose pattern is in subject or text
 *	zone utc | +01:00           of times without one; else they stay
 *	                            unknown
 *	robot no                    a person writes it; else it is a robot
 *
 * Patterns: pattern.h.  TYPE is "class/type" of RSIT.
 *
 * Events that it finds win over those of the reader of plain text, which
 * completes them; events of a machine-readable format are only completed.
 *
 * Owner: a set lives in the arena that it was loaded into and is
 * immutable; any thread may use it.
 */
#ifndef INSPECT_RECOGNISE_H
#define INSPECT_RECOGNISE_H

#include "base/base.h"

enum {
	RECOGNISE_FILES_MAX = 1000,
	RECOGNISE_FILE_MAX = 32 * 1024, /* bytes */
	RECOGNISE_ALL_MAX = 4 * 1024 * 1024,
	RECOGNISE_LINES_MAX = 200,      /* of one file that say something */
	/* Steps of all searches in one message, see pattern.h. */
	RECOGNISE_STEPS_MAX = 20 * 1000 * 1000,
};

struct recognisers;

/* Every *.conf of dir, a file of the same name in site_dir (may be NULL,
 * may be absent) winning; an empty one switches a recogniser off.
 * FAULT_INPUT names file, line and reason. */
bool recognise_load(struct arena *a, const char *dir, const char *site_dir,
    const struct recognisers **out, GError **err);

/* The set as bytes, for a parser child that cannot open the files, and
 * from them. */
void recognise_pack(const struct recognisers *set, GString *out);
bool recognise_unpack(struct arena *a, const char *bytes, size_t len,
    const struct recognisers **out, GError **err);

size_t recognise_count(const struct recognisers *set);

#endif
