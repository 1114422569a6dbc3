/* The audit trail: written in the transaction of the act itself. */
#ifndef CORE_AUDIT_H
#define CORE_AUDIT_H

#include "core/site.h"
#include "db/db.h"

/* action is "area.verb"; ticket, advisory 0 for none; the texts may be
 * NULL. */
bool audit_write(struct db *db, const struct actor *who, const char *action,
    int64_t ticket, int64_t advisory, const char *object, const char *old_value,
    const char *new_value, GError **err);

#endif
