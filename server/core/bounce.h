#ifndef CORE_BOUNCE_H
#define CORE_BOUNCE_H
#include "core/site.h"
#include "db/db.h"
#include "inspect/inspect.h"
bool bounce_apply(struct db *db, const struct site *s, int64_t delivery,
    const struct inspection *in, int64_t message, GError **err);
#endif
