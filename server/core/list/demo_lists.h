/*
 * Demo data of the lists: an advisory issued in the past (mailed to nobody),
 * one that waits for its second person, a few subscribers.  For
 * `tocsinctl demo`; doing it again changes nothing.
 */
#ifndef CORE_DEMO_LISTS_H
#define CORE_DEMO_LISTS_H

#include "core/site.h"
#include "db/db.h"

/* dir holds advisories/N-name.md and subscribers.csv.  writer and second
 * are two people that are there already. */
bool demo_lists(struct db *db, const struct site *s, const char *dir,
    const struct actor *writer, const struct actor *second, GError **err);

#endif
