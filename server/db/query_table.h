/* The generated table of queries: private to server/db. */
#ifndef DB_QUERY_TABLE_H
#define DB_QUERY_TABLE_H

#include <stdbool.h>

#include "queries.h"

struct query_entry {
	const char *name;
	char kind; /* first letter of one, opt, many, exec, bytes */
	int args;
	bool each; /* planned at each run: not prepared */
	const char *sql;
};

extern const struct query_entry query_table[Q_COUNT];

#endif
