/* What the files of the advisory share; nothing else includes it. */
#ifndef CORE_ADVISORY_PRIV_H
#define CORE_ADVISORY_PRIV_H

#include "core/list/advisory.h"

/* The row, locked, and what is in it as a draft.  ABSENT, or CONFLICT when
 * version is not 0 and not the row's. */
bool advisory_lock(struct db *db, struct arena *a, int64_t number,
    int64_t version, struct advisory *row, struct advisory_draft *d,
    GError **err);
/* Lists and topics exist, each list may have what is marked so. */
bool advisory_gates(struct db *db, struct arena *a,
    const struct advisory_draft *d, GError **err);
/* One that is sending, as its sender; tick hears of each mail composed. */
bool advisory_issue_now(struct db *db, const struct site *s,
    const struct actor *by, int64_t number, int64_t version,
    bool (*tick)(void *ctx, GError **err), void *ctx, int64_t *recipients,
    GError **err);
/* "tocsin-2026-0001-title" from id and title. */
const char *advisory_slug(struct arena *a, const struct advisory *adv);

#endif
