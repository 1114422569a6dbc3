/* The generated table of migrations: private to server/db. */
#ifndef DB_MIGRATION_TABLE_H
#define DB_MIGRATION_TABLE_H

struct migration {
	const char *name; /* "0001_account.sql" */
	const char *sql;
};

extern const struct migration migrations[];
extern const unsigned migrations_n;

#endif
