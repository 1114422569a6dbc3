/*
 * People and API principals: passwords, sessions, bearer tokens, throttle.
 */
#ifndef CORE_ACCOUNT_H
#define CORE_ACCOUNT_H

#include "core/site.h"
#include "db/db.h"

enum {
	ACCOUNT_PASSWORD_MIN = 8,
	ACCOUNT_PASSWORD_MAX = 256,
	/* Failures of one account or address before we make it wait, then
	 * this many seconds, doubling up to an hour. */
	ACCOUNT_FAILURES_FREE = 5,
	ACCOUNT_WAIT_FIRST = 10,
};

#define ACCOUNT_SESSION(F, S)                                                 \
	F(S, INT, principal, none)                                            \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, role, none)                                                \
	F(S, TEXT, csrf, none)
DESC_STRUCT(account_session, ACCOUNT_SESSION);

enum role account_role(const char *name); /* ROLE_NONE when unknown */
const char *account_role_name(enum role r);

/* *cookie gets the new session's token.  FAULT_LOGIN (the same words for
 * unknown, disabled and wrong password), FAULT_RATE when throttled. */
bool account_login(struct db *db, struct arena *a, const char *email,
    const char *password, const char *client, const char **cookie,
    GError **err);
bool account_logout(struct db *db, const char *cookie, GError **err);
/* *found false: no such session, or idle for too long. */
bool account_session_find(struct db *db, struct arena *a,
    const struct site *s, const char *cookie, struct account_session *out,
    bool *found, GError **err);
bool account_token_find(struct db *db, struct arena *a, const char *bearer,
    struct account_session *out, bool *found, GError **err);

bool account_add(struct db *db, const struct actor *by, const char *email,
    const char *name, enum role role, const char *password, GError **err);
bool account_password(struct db *db, const struct actor *by,
    const char *email, const char *password, GError **err);
/* Also ends the account's sessions. */
bool account_disable(struct db *db, const struct actor *by, const char *email,
    GError **err);
bool account_token_add(struct db *db, struct arena *a, const struct actor *by,
    const char *name, enum role role, const char **token, GError **err);
bool account_list(struct db *db, struct arena *a, struct list *out,
    GError **err);

/* A token bucket in the database: true when one may be taken now. */
bool account_rate_ok(struct db *db, const char *key, int64_t burst,
    double per_second, bool *ok, GError **err);

#endif
