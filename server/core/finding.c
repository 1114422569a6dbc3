/* See finding.h. */
#include "base/base.h"
#include "core/finding.h"

bool
finding_sweep(struct db *db, int64_t *n, GError **err)
{
	return db_exec(db, Q_FINDING_GONE, DB_NONE, n, err);
}
