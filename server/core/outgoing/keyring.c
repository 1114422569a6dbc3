/* See keyring.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/outgoing/keyring.h"

DESC_TABLE(keyring_key, KEYRING_KEY);

bool
keyring_list(struct db *db, struct arena *a, struct list *keys, GError **err)
{
	return db_list(db, a, Q_KEYRING_LIST, DB_NONE, &desc_keyring_key,
	    keys, err);
}

struct put {
	const struct actor *who;
	const struct keeper_key *key;
	const char *source, *org;
	bool own;
};

static bool
put(struct db *db, void *p, GError **err)
{
	struct put *t = p;
	const struct keeper_key *k = t->key;
	g_auto(GStrv) ids = g_strsplit(k->ids, " ", KEYRING_LIST_MAX);
	g_auto(GStrv) addresses = g_strsplit(k->addresses, " ", KEYRING_LIST_MAX);
	g_autofree char *upper = g_ascii_strup(k->fingerprint, -1);

	return db_exec(db, Q_KEYRING_PUT,
		   DB_ARGS(DB_TEXT(upper),
		       DB_TEXTS((const char *const *)ids), DB_TEXT(k->uid),
		       DB_TEXTS((const char *const *)addresses),
		       DB_TEXT(t->org), DB_BOOL(t->own), DB_TEXT(t->source),
		       DB_TEXT(t->who->name), DB_TIME(k->expires),
		       DB_BOOL(k->revoked), DB_TEXT(k->data)),
		   NULL, err) &&
	    audit_write(db, t->who, "key.import", 0, 0, upper, NULL,
		t->source, err);
}

bool
keyring_put(struct db *db, const struct actor *who,
    const struct keeper_key *key, bool own, const char *source,
    const char *org, GError **err)
{
	struct put t = {who, key, source, org, own};

	return db_tx(db, put, &t, err);
}

struct removal {
	const struct actor *who;
	const char *fingerprint;
};

static bool
remove_key(struct db *db, void *p, GError **err)
{
	ARENA_AUTO(a, "key");
	struct removal *t = p;
	struct keyring_key key = {0};
	bool found;

	if (!db_opt(db, a, Q_KEYRING_REMOVE,
		DB_ARGS(DB_TEXT(t->fingerprint)), &desc_keyring_key, &key,
		&found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no key with the fingerprint %s.",
		    t->fingerprint);
	return audit_write(db, t->who, "key.remove", 0, 0, key.fingerprint,
	    NULL, NULL, err);
}

bool
keyring_remove(struct db *db, const struct actor *who,
    const char *fingerprint, GError **err)
{
	struct removal t = {who, fingerprint};

	return db_tx(db, remove_key, &t, err);
}

bool
keyring_own(struct db *db, struct arena *a, const char **armored,
    GError **err)
{
	GString *s = arena_gstring(a);
	struct list keys;

	if (!db_list(db, a, Q_KEYRING_OWN, DB_NONE, &desc_keyring_key, &keys,
		err))
		return false;
	for (size_t i = 0; i < keys.n; i++)
		g_string_append(s, LIST_AT(keyring_key, keys, i)->data);
	*armored = s->str;
	return true;
}

struct publish {
	const struct actor *who;
	const struct list *keys;
};

static bool
publish(struct db *db, void *p, GError **err)
{
	ARENA_AUTO(a, "publish");
	struct publish *t = p;
	const char **names = ARENA_ARRAY(a, const char *, t->keys->n + 1);

	for (size_t i = 0; i < t->keys->n; i++) {
		struct put one = {.who = t->who, .own = true,
		    .key = LIST_AT(keeper_key, *t->keys, i),
		    .source = "our own"};

		names[i] = one.key->fingerprint;
		if (!put(db, &one, err))
			return false;
	}
	return db_exec(db, Q_KEYRING_OWN_FORGET, DB_ARGS(DB_TEXTS(names)),
	    NULL, err);
}

bool
keyring_publish(struct db *db, const struct actor *who,
    const struct list *keys, GError **err)
{
	struct publish t = {who, keys};

	return db_tx(db, publish, &t, err);
}

/* ---- reading -------------------------------------------------------------- */

static bool
find(void *ctx, struct arena *a, const char *id, struct unseal_key *out)
{
	struct reader_set *r = ctx;
	struct db *db = r->dbs != NULL ? db_take(r->dbs) : r->db;
	g_autoptr(GError) why = NULL;
	struct keyring_key key = {0};
	bool found = false;

	/* A key that cannot be looked up is one that is not known now. */
	if (!db_opt(db, a, Q_KEYRING_FIND, DB_ARGS(DB_TEXT(id)),
		&desc_keyring_key, &key, &found, &why))
		log_fault("keyring.find", why);
	if (r->dbs != NULL)
		db_put(db);
	if (found)
		*out = (struct unseal_key){.fingerprint = key.fingerprint,
		    .uid = key.uid, .addresses = key.addresses,
		    .data = key.data};
	return found;
}

bool
keyring_read(struct reader_set *r, struct arena *a, struct blob *body,
    struct inspection *out, GError **err)
{
	const struct unseal_keys keys = {find, r};

	if (!pool_inspect(r->parsers, a, body, out, err))
		return false;
	unseal(r->parsers, r->keeper, &keys, a, body, out);
	return true;
}
