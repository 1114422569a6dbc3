/*
 * Numbered migrations (sql/NNNN_name.sql, compiled in), forward only, each
 * in one transaction with its checksum, under an advisory lock.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "db/db.h"

/* Applies what is missing; *applied gets how many. */
bool migrate_run(struct db *db, int *applied, GError **err);
/* FAULT_BUSY when the schema is older, newer or other than this program's:
 * the daemon refuses to serve on it. */
bool migrate_check(struct db *db, GError **err);

#endif
