/*
 * What a change of one ticket does to those it is linked with: states by
 * cascade.def; an owner goes up to the incident and down to all that is
 * active below it.  In the caller's transaction, which has begun the deed
 * and holds the ticket's row.
 */
#ifndef CORE_CASCADE_H
#define CORE_CASCADE_H

#include "core/site.h"
#include "db/db.h"

bool cascade_status(struct db *db, const struct actor *who, int64_t number,
    const char *kind, const char *status, GError **err);
bool cascade_owner(struct db *db, const struct actor *who, int64_t number,
    const char *kind, int64_t owner, const char *owner_name, GError **err);

#endif
