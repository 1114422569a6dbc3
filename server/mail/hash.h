/*
 * SHA-256 by OpenSSL, which uses the processor's own instructions: GLib's
 * takes ten times as long, and every message is hashed twice.
 *
 * Thread: one hash, one thread.  Failure: none (OpenSSL without SHA-256 is
 * our own mistake and aborts).
 */
#ifndef MAIL_HASH_H
#define MAIL_HASH_H

#include "base/base.h"

struct hash;

/* Lives in the arena. */
struct hash *hash_new(struct arena *a);
void hash_add(struct hash *h, const void *bytes, size_t len);
/* 64 hexadecimal digits; the hash is used up. */
const char *hash_end(struct arena *a, struct hash *h);

#endif
