/*
 * People and API principals: passwords, sessions, bearer tokens, throttle.
 *
 * Of what lets somebody in only hashes are stored; a token or a cookie is
 * told once, to its owner.  Who made, changed or entered an account is in
 * the audit trail; who tried in vain, the caller logs.
 *
 * Owner: the caller's arena.  Thread: any, with a connection of its own.
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
	/* One address may be a whole office. */
	ACCOUNT_CLIENT_FAILURES_FREE = 30,
	ACCOUNT_NAME_MAX = 200,
	ACCOUNT_SESSION_ID = 16, /* characters of account_session_row.id */
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
/* The same check and throttle without a session, before sensitive acts. */
bool account_check(struct db *db, struct arena *a, const char *email,
    const char *password, const char *client, GError **err);
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
#define ACCOUNT_ROW(F, S)                                                     \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, kind, none)          /* person token */                    \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, role, none)                                                \
	F(S, BOOL, disabled, none)                                            \
	F(S, TIME, last_seen, none)                                           \
	F(S, TIME, created, none)
DESC_STRUCT(account_row, ACCOUNT_ROW);
/* All principals: account_row. */
bool account_list(struct db *db, struct arena *a, struct list *out,
    GError **err);

/* Where somebody is logged in. */
#define ACCOUNT_SESSION_ROW(F, S)                                             \
	F(S, TEXT, id, none)            /* of the hash, not of the token */   \
	F(S, TIME, created, none)                                             \
	F(S, TIME, last_seen, none)                                           \
	F(S, TEXT, client, none)                                              \
	F(S, BOOL, current, none)
DESC_STRUCT(account_session_row, ACCOUNT_SESSION_ROW);
bool account_sessions(struct db *db, struct arena *a, int64_t principal,
    const char *cookie, struct list *out, GError **err);
/* id NULL: all but the one of cookie. */
bool account_session_end(struct db *db, const struct actor *by,
    const char *id, const char *cookie, GError **err);

/* A token bucket in the database: true when one may be taken now. */
bool account_rate_ok(struct db *db, const char *key, int64_t burst,
    double per_second, bool *ok, GError **err);

#endif
