/* What came of feeds, in numbers: see feed.h. */
#include "base/base.h"
#include "core/feed/feed.h"

DESC_TABLE(feed_row, FEED_ROW);
DESC_TABLE(feed_day, FEED_DAY);
DESC_TABLE(feed_net, FEED_NET);
DESC_TABLE(feed_untold, FEED_UNTOLD);
DESC_TABLE(feed_overview, FEED_OVERVIEW);

bool
feed_overview(struct db *db, struct arena *a, struct feed_overview *out,
    GError **err)
{
	return db_list(db, a, Q_FEED_LIST, DB_NONE, &desc_feed_row,
		   &out->feeds, err) &&
	    db_list(db, a, Q_FEED_DAYS, DB_NONE, &desc_feed_day, &out->days,
		err) &&
	    db_list(db, a, Q_FEED_OUTSIDE_NETS, DB_NONE, &desc_feed_net,
		&out->outside, err) &&
	    db_list(db, a, Q_FEED_UNTOLD, DB_NONE, &desc_feed_untold,
		&out->untold, err);
}
