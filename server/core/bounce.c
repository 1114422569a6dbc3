/* See bounce.h. */
#include "base/base.h"
#include "core/bounce.h"

bool
bounce_apply(struct db *db, const struct site *s, int64_t delivery,
    const struct inspection *in, int64_t message, GError **err)
{
	const struct inspect_bounce *b = in->bounces.n > 0
	    ? LIST_AT(inspect_bounce, in->bounces, 0)
	    : NULL;

	(void)s;
	(void)message;
	if (delivery == 0 || b == NULL)
		return true;
	return db_exec(db, Q_BOUNCE_DELIVERY,
	    DB_ARGS(DB_INT(delivery), DB_BOOL(b->hard), DB_TEXT(b->reason)),
	    NULL, err);
}
