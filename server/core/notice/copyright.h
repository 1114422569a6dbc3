/*
 * Copyright notices that run by themselves (setting copyright.auto): a
 * report about one member, with nothing left to doubt, goes to it within the
 * desk's hours; reminders and closing are those of any notice (notice.h).
 * What is doubtful stays with the analysts, and its history says why.
 */
#ifndef CORE_COPYRIGHT_H
#define CORE_COPYRIGHT_H

#include "core/site.h"
#include "db/db.h"

enum {
	COPYRIGHT_ROUND_MAX = 50,
	COPYRIGHT_DAYS = 7, /* an older report is for a person */
};

/* Looks at new reports, each once; *n gets how many.  Nothing outside of
 * working time or when the setting is off.  Safe on several hosts. */
bool copyright_run(struct db *db, const struct site *s, int64_t now,
    int64_t *n, GError **err);

#endif
