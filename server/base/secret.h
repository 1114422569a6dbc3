/*
 * Passwords, random tokens, keyed tokens (libsodium).
 *
 * The site key (32 bytes, made once, a file of mode 0600 in the state
 * folder) keys the tokens in VERP addresses, reply addresses, links and
 * CSRF fields.  Purposes are kept apart: a token made for one is refused
 * for every other.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/base.h"

enum {
	SECRET_KEY_BYTES = 32,
	SECRET_TOKEN_CHARS = 26, /* 130 bits in base32, lower case */
	SECRET_MAC_CHARS = 16,   /* 80 bits: short enough for VERP */
	SECRET_PASSWORD_MAX = 4096, /* bytes */
};

struct secret_key {
	unsigned char bytes[SECRET_KEY_BYTES];
};

/* Once, before threads: sodium_init. */
void secret_init(void);
/* Reads the key file, or makes it when create is set. */
bool secret_key_load(const char *path, bool create, struct secret_key *key,
    GError **err);

/* argon2id, 19 MiB, two passes (OWASP 2023): ~50 ms.  NULL for a password
 * that is too long. */
const char *secret_password_hash(struct arena *a, const char *password);
/* A NULL hash costs the same time and answers false; so does the empty
 * password. */
bool secret_password_ok(const char *hash, const char *password);

/* A random token of SECRET_TOKEN_CHARS; store secret_token_hash() of it. */
const char *secret_token(struct arena *a);
const char *secret_token_hash(struct arena *a, const char *token);

/* Keyed mark over purpose and text, SECRET_MAC_CHARS of [a-z2-7]. */
const char *secret_mac(struct arena *a, const struct secret_key *key,
    const char *purpose, const char *text);
bool secret_mac_ok(const struct secret_key *key, const char *purpose,
    const char *text, const char *mac);
/* "payload.expiry.mac" for links; NULL when forged or expired. */
const char *secret_sign(struct arena *a, const struct secret_key *key,
    const char *purpose, const char *payload, int64_t expires);
const char *secret_verify(struct arena *a, const struct secret_key *key,
    const char *purpose, const char *signed_text, int64_t now);

#endif
