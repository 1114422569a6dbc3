/* See account.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/account.h"
#include "core/audit.h"

DESC_TABLE(account_session, ACCOUNT_SESSION);
DESC_TABLE(account_row, ACCOUNT_ROW);
DESC_TABLE(account_session_row, ACCOUNT_SESSION_ROW);

/* A session as the database gives it: last_seen is old enough to write. */
#define SEEN(F, S) ACCOUNT_SESSION(F, S) F(S, BOOL, stale, none)
DESC_PRIVATE(seen, SEEN);
#define ID(F, S) F(S, INT, id, none)
DESC_PRIVATE(id_row, ID);
#define WAIT(F, S) F(S, INT, wait, none)
DESC_PRIVATE(wait_row, WAIT);
#define PERSON(F, S)                                                          \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, role, none)                                                \
	F(S, TEXT, password_hash, none)                                       \
	F(S, BOOL, disabled, none)
DESC_PRIVATE(person, PERSON);

static const char *const roles[] = {
    [ROLE_NONE] = "none",
    [ROLE_VIEWER] = "viewer",
    [ROLE_ANALYST] = "analyst",
    [ROLE_LEAD] = "lead",
    [ROLE_ADMIN] = "admin",
};

enum role
account_role(const char *name)
{
	for (size_t i = ROLE_VIEWER; name != NULL && i < COUNT_OF(roles); i++)
		if (strcmp(name, roles[i]) == 0)
			return (enum role)i;
	return ROLE_NONE;
}

const char *
account_role_name(enum role r)
{
	return roles[r];
}

/* --- login ------------------------------------------------------------ */

static bool
throttle_check(struct db *db, struct arena *a, const char *account,
    const char *client, GError **err)
{
	struct wait_row w = {0};
	bool found;

	if (!db_opt(db, a, Q_ACCOUNT_THROTTLE,
		DB_ARGS(DB_TEXT(account), DB_TEXT(client),
		    DB_INT(ACCOUNT_FAILURES_FREE),
		    DB_INT(ACCOUNT_CLIENT_FAILURES_FREE),
		    DB_INT(ACCOUNT_WAIT_FIRST)),
		&desc_wait_row, &w, &found, err))
		return false;
	if (!found || w.wait == DESC_NULL || w.wait <= 0)
		return true;
	return fault_set(err, FAULT_RATE,
	    "Too many failed attempts. Try again in %" PRId64 " seconds.",
	    w.wait);
}

struct login {
	struct arena *a;
	const struct person *p;
	const char *cookie, *client, *key;
	struct actor actor;
};

static bool
login_tx(struct db *db, void *ctx, GError **err)
{
	struct login *l = ctx;

	return db_exec(db, Q_ACCOUNT_SESSION_ADD,
		   DB_ARGS(DB_TEXT(secret_token_hash(l->a, l->cookie)),
		       DB_INT(l->p->id), DB_TEXT(secret_token(l->a)),
		       DB_TEXT(l->client), DB_TEXT(l->key)),
		   NULL, err) &&
	    audit_write(db, &l->actor, "account.login", 0, 0, l->client, NULL,
		NULL, err);
}

static bool
check(struct db *db, struct arena *a, const char *email,
    const char *password, const char *client, struct login *l, GError **err)
{
	const char *from = arena_printf(a, "c:%s", client);
	struct person *p = ARENA_NEW(a, struct person);
	bool found;

	*l = (struct login){.a = a, .p = p, .client = client};
	l->key = arena_printf(a, "a:%s",
	    text_lower(a, text_cut(a, email, 254)));
	if (!throttle_check(db, a, l->key, from, err) ||
	    !db_opt(db, a, Q_ACCOUNT_BY_EMAIL, DB_ARGS(DB_TEXT(email)),
		&desc_person, p, &found, err))
		return false;
	l->actor = (struct actor){.id = p->id, .name = p->name,
		.role = account_role(p->role)};
	/* The same work whether the account is there or not. */
	if (secret_password_ok(found && !p->disabled ? p->password_hash : NULL,
		password))
		return true;
	return db_exec(db, Q_ACCOUNT_FAILED,
		   DB_ARGS(DB_TEXT(l->key), DB_TEXT(from)), NULL, err) &&
	    fault_set(err, FAULT_LOGIN,
		"The address or the password is wrong.");
}

bool
account_check(struct db *db, struct arena *a, const char *email,
    const char *password, const char *client, GError **err)
{
	struct login l;

	return check(db, a, email, password, client, &l, err);
}

bool
account_login(struct db *db, struct arena *a, const char *email,
    const char *password, const char *client, const char **cookie,
    GError **err)
{
	struct login l;

	if (!check(db, a, email, password, client, &l, err))
		return false;
	l.cookie = secret_token(a);
	if (!db_tx(db, login_tx, &l, err))
		return false;
	*cookie = l.cookie;
	return true;
}

bool
account_logout(struct db *db, const char *cookie, GError **err)
{
	ARENA_AUTO(a, "logout");

	return db_exec(db, Q_ACCOUNT_SESSION_DELETE,
	    DB_ARGS(DB_TEXT(secret_token_hash(a, cookie))), NULL, err);
}

static void
seen_out(const struct seen *s, struct account_session *out)
{
	*out = (struct account_session){.principal = s->principal,
		.name = s->name, .email = s->email, .role = s->role,
		.csrf = s->csrf};
}

bool
account_session_find(struct db *db, struct arena *a, const struct site *s,
    const char *cookie, struct account_session *out, bool *found,
    GError **err)
{
	const char *hash = secret_token_hash(a, cookie);
	struct seen row = {0};
	bool hit;

	if (!db_opt(db, a, Q_ACCOUNT_SESSION_FIND,
		DB_ARGS(DB_TEXT(hash), DB_INT(s->conf->http_session_idle)),
		&desc_seen, &row, &hit, err))
		return false;
	/* At most once a minute, so that a page costs one SELECT. */
	if (hit && row.stale &&
	    !db_exec(db, Q_ACCOUNT_SESSION_TOUCH, DB_ARGS(DB_TEXT(hash)),
		NULL, err))
		return false;
	if (hit)
		seen_out(&row, out);
	*found = hit;
	return true;
}

bool
account_token_find(struct db *db, struct arena *a, const char *bearer,
    struct account_session *out, bool *found, GError **err)
{
	const char *hash = secret_token_hash(a, bearer);
	struct seen row = {0};
	bool hit;

	if (!db_opt(db, a, Q_ACCOUNT_TOKEN_FIND, DB_ARGS(DB_TEXT(hash)),
		&desc_seen, &row, &hit, err))
		return false;
	if (hit && row.stale &&
	    !db_exec(db, Q_ACCOUNT_TOKEN_TOUCH, DB_ARGS(DB_TEXT(hash)), NULL,
		err))
		return false;
	if (hit)
		seen_out(&row, out);
	*found = hit;
	return true;
}

bool
account_sessions(struct db *db, struct arena *a, int64_t principal,
    const char *cookie, struct list *out, GError **err)
{
	return db_list(db, a, Q_ACCOUNT_SESSIONS,
	    DB_ARGS(DB_INT(principal),
		DB_TEXT(cookie == NULL ? "" : secret_token_hash(a, cookie))),
	    &desc_account_session_row, out, err);
}

bool
account_session_end(struct db *db, const struct actor *by, const char *id,
    const char *cookie, GError **err)
{
	ARENA_AUTO(a, "session end");
	const char *hash =
	    cookie == NULL ? "" : secret_token_hash(a, cookie);
	enum db_query q = id == NULL ? Q_ACCOUNT_SESSIONS_END_OTHERS :
				       Q_ACCOUNT_SESSION_END;

	return db_exec(db, q,
	    DB_ARGS(DB_INT(by->id), DB_TEXT(id == NULL ? hash : id)), NULL,
	    err);
}

/* --- accounts --------------------------------------------------------- */

/* What a change is about; one struct for the transactions below. */
struct change {
	struct arena *a;
	const struct actor *by;
	const char *email, *name, *hash, *token_hash;
	enum role role;
};

static bool
password_hash(struct arena *a, const char *password, const char **hash,
    GError **err)
{
	size_t n = strlen(password);

	if (n < ACCOUNT_PASSWORD_MIN || n > ACCOUNT_PASSWORD_MAX)
		return fault_set(err, FAULT_INPUT,
		    "A password has %d to %d characters.",
		    ACCOUNT_PASSWORD_MIN, ACCOUNT_PASSWORD_MAX);
	*hash = secret_password_hash(a, password);
	return true;
}

static bool
name_ok(const char *name, GError **err)
{
	if (!text_blank(name) && strlen(name) <= ACCOUNT_NAME_MAX)
		return true;
	return fault_set(err, FAULT_INPUT,
	    "A name has 1 to %d characters.", ACCOUNT_NAME_MAX);
}

static bool
role_ok(enum role r, GError **err)
{
	return r != ROLE_NONE || fault_set(err, FAULT_INPUT,
	    "A role is viewer, analyst, lead or admin.");
}

static bool
add_tx(struct db *db, void *ctx, GError **err)
{
	struct change *c = ctx;
	struct id_row id = {0};

	return db_one(db, c->a, Q_ACCOUNT_ADD,
		   DB_ARGS(DB_TEXT(c->email), DB_TEXT(c->name),
		       DB_TEXT(account_role_name(c->role)), DB_TEXT(c->hash)),
		   &desc_id_row, &id, err) &&
	    audit_write(db, c->by, "account.add", 0, 0, c->email, NULL,
		account_role_name(c->role), err);
}

bool
account_add(struct db *db, const struct actor *by, const char *email,
    const char *name, enum role role, const char *password, GError **err)
{
	ARENA_AUTO(a, "account");
	struct change c = {.a = a, .by = by, .email = email, .name = name,
		.role = role};
	g_autoptr(GError) why = NULL;

	if (!text_address_ok(email))
		return fault_set(err, FAULT_INPUT,
		    "%s is not a mail address.", email);
	if (!name_ok(name, err) || !role_ok(role, err))
		return false;
	/* Without a password nobody can log in; one may be set later. */
	if (password != NULL && !password_hash(a, password, &c.hash, err))
		return false;
	if (db_tx(db, add_tx, &c, &why))
		return true;
	if (fault_is(why, FAULT_CONFLICT))
		return fault_set(err, FAULT_CONFLICT,
		    "There is an account %s already.", email);
	g_propagate_error(err, g_steal_pointer(&why));
	return false;
}

/* Changes the account; whoever is logged in there is out. */
static bool
change_locks(struct db *db, struct change *c, enum db_query q,
    struct db_args args, const char *action, GError **err)
{
	struct id_row id = {0};
	bool found;

	if (!db_opt(db, c->a, q, args, &desc_id_row, &id, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no account %s.", c->email);
	return db_exec(db, Q_ACCOUNT_SESSIONS_END_ALL, DB_ARGS(DB_INT(id.id)),
		   NULL, err) &&
	    audit_write(db, c->by, action, 0, 0, c->email, NULL, NULL, err);
}

static bool
password_tx(struct db *db, void *ctx, GError **err)
{
	struct change *c = ctx;

	return change_locks(db, c, Q_ACCOUNT_PASSWORD,
	    DB_ARGS(DB_TEXT(c->email), DB_TEXT(c->hash)), "account.password",
	    err);
}

bool
account_password(struct db *db, const struct actor *by, const char *email,
    const char *password, GError **err)
{
	ARENA_AUTO(a, "account");
	struct change c = {.a = a, .by = by, .email = email};

	return password_hash(a, password, &c.hash, err) &&
	    db_tx(db, password_tx, &c, err);
}

static bool
disable_tx(struct db *db, void *ctx, GError **err)
{
	struct change *c = ctx;

	return change_locks(db, c, Q_ACCOUNT_DISABLE,
	    DB_ARGS(DB_TEXT(c->email)), "account.disable", err);
}

bool
account_disable(struct db *db, const struct actor *by, const char *email,
    GError **err)
{
	ARENA_AUTO(a, "account");
	struct change c = {.a = a, .by = by, .email = email};

	return db_tx(db, disable_tx, &c, err);
}

static bool
token_tx(struct db *db, void *ctx, GError **err)
{
	struct change *c = ctx;
	struct id_row id = {0};

	return db_one(db, c->a, Q_ACCOUNT_TOKEN_ADD,
		   DB_ARGS(DB_TEXT(c->name),
		       DB_TEXT(account_role_name(c->role)),
		       DB_TEXT(c->token_hash)),
		   &desc_id_row, &id, err) &&
	    audit_write(db, c->by, "token.add", 0, 0, c->name, NULL,
		account_role_name(c->role), err);
}

bool
account_token_add(struct db *db, struct arena *a, const struct actor *by,
    const char *name, enum role role, const char **token, GError **err)
{
	struct change c = {.a = a, .by = by, .name = name, .role = role};
	const char *fresh = secret_token(a);
	g_autoptr(GError) why = NULL;

	c.token_hash = secret_token_hash(a, fresh);
	if (!name_ok(name, err) || !role_ok(role, err))
		return false;
	if (db_tx(db, token_tx, &c, &why)) {
		*token = fresh;
		return true;
	}
	if (fault_is(why, FAULT_CONFLICT))
		return fault_set(err, FAULT_CONFLICT,
		    "There is a token named %s already.", name);
	g_propagate_error(err, g_steal_pointer(&why));
	return false;
}

bool
account_list(struct db *db, struct arena *a, struct list *out, GError **err)
{
	return db_list(db, a, Q_ACCOUNT_LIST, DB_NONE, &desc_account_row, out,
	    err);
}

/* --- limits ----------------------------------------------------------- */

bool
account_rate_ok(struct db *db, const char *key, int64_t burst,
    double per_second, bool *ok, GError **err)
{
	ARENA_AUTO(a, "rate");
	char rate[G_ASCII_DTOSTR_BUF_SIZE];
	struct id_row one = {0};

	g_ascii_dtostr(rate, sizeof(rate), per_second);
	return db_opt(db, a, Q_ACCOUNT_RATE,
	    DB_ARGS(DB_TEXT(key), DB_INT(burst), DB_TEXT(rate)), &desc_id_row,
	    &one, ok, err);
}
