/*
 * The public keys that the team knows: a signature is somebody's because
 * this table says so, not because of who signed whose key.
 *
 * gpg's key ring in the keeper's folder is a cache of it: a key that a
 * message needs is handed over then, one taken out of the table counts as
 * unknown from that moment on.
 */
#ifndef CORE_KEYRING_H
#define CORE_KEYRING_H

#include "core/site.h"
#include "db/db.h"
#include "inspect/process/unseal.h"

enum { KEYRING_LIST_MAX = 50 }; /* ids and addresses of one key */

#define KEYRING_KEY(F, S)                                                     \
	F(S, TEXT, fingerprint, none)                                         \
	F(S, TEXT, uid, none)                                                 \
	F(S, TEXT, addresses, none)     /* by blanks */                       \
	F(S, TEXT, organisation, none)  /* handle */                          \
	F(S, BOOL, own, none)           /* the team's */                      \
	F(S, TEXT, source, none)                                              \
	F(S, TEXT, added_by, none)                                            \
	F(S, TIME, added, none)                                               \
	F(S, TIME, expires, none)                                             \
	F(S, BOOL, revoked, none)                                             \
	F(S, TEXT, data, none)          /* armored; not in lists */
DESC_STRUCT(keyring_key, KEYRING_KEY);

bool keyring_list(struct db *db, struct arena *a, struct list *keys,
    GError **err);
/* org: handle, or NULL. */
bool keyring_put(struct db *db, const struct actor *who,
    const struct keeper_key *key, bool own, const char *source,
    const char *org, GError **err);
/* FAULT_ABSENT: there is none of that fingerprint. */
bool keyring_remove(struct db *db, const struct actor *who,
    const char *fingerprint, GError **err);
/* The team's keys, armored, one behind the other; "" when it has none. */
bool keyring_own(struct db *db, struct arena *a, const char **armored,
    GError **err);
/* These are the team's keys from now on, and no others. */
bool keyring_publish(struct db *db, const struct actor *who,
    const struct list *keys, GError **err);

/*
 * Reads a message as far as it can be read: a parser child, then the keeper
 * for what is sealed.  Every way in uses this.
 */
struct reader_set {
	struct pool *parsers;
	struct keeper *keeper;  /* NULL: there is no key */
	/* where the table of keys is: one of them */
	struct db *db;
	struct db_pool *dbs;
};
/* false: a parser child died of it; the message is to be stored unparsed. */
bool keyring_read(struct reader_set *r, struct arena *a, struct blob *body,
    struct inspection *out, GError **err);

#endif
