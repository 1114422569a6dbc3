/* Shared by bulk.c, bulk_plan.c and bulk_work.c; nothing else includes it. */
#ifndef CORE_BULK_PRIV_H
#define CORE_BULK_PRIV_H

#include "core/ticket/bulk.h"
#include "core/ticket/ticket_priv.h"

/* The caller's own, locked; FAULT_ABSENT for all others. */
bool bulk_lock(struct db *db, struct arena *a, const struct actor *who,
    int64_t id, struct bulk *out, GError **err);
/* "a@b.example, c@d.example" as a list ended by NULL; NULL: nobody. */
const char *const *bulk_addresses(struct arena *a, const char *to);
/* What goes out on that ticket, variables and all: in the language of who gets
 * it, where there is such.  *subject may be NULL. */
bool bulk_words(struct db *db, struct arena *a, const struct bulk *b,
    int64_t ticket, const char **subject, const char **text, GError **err);

#endif
