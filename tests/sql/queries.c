/*
 * Prints every query that is compiled in, for tests/sql/run: a line
 * `-- name: NAME` and the text.  What is tried is what tocsind sends.
 */
#include "base/base.h"
#include "db/db.h"

#include <stdio.h>

int
main(void)
{
	for (int q = 0; q < Q_COUNT; q++)
		printf("-- name: %s\n%s\n", db_query_name((enum db_query)q),
		    db_query_sql((enum db_query)q));
	return 0;
}
