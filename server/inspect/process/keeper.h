/*
 * The keeper: the one process that can reach the team's private key.
 *
 * It opens what is encrypted to it, checks signatures, signs and encrypts
 * what leaves, by gpg; it has no database, no network, no settings, and
 * reads no MIME.  Parser children and the pages have no way to the key but
 * a question to the keeper, whose answers are text for a parser child to
 * read.
 *
 * Two ways to have one:
 *   conf pgp_home    a fresh exec of our own binary (argv[0]
 *                    "tocsin-keeper"), of the daemon's own user: that user
 *                    could read the folder, but nothing of ours does;
 *   conf pgp_socket  a unix socket, behind which a supervisor starts one
 *                    (debian/tocsin.tocsin-keeper.socket): the key then belongs to
 *                    another user, and the daemon cannot read it at all.
 *
 * Owner:   main makes it; threads ask one after the other.
 * Failure: a keeper or a gpg that dies, hangs or answers nonsense costs an
 *          answer (false, FAULT_BUG or FAULT_BUSY), never the message: it
 *          stays closed, and `tocsinctl reparse` asks again.  A thread
 *          waits at most KEEPER_WAIT_MAX times conf pgp_wall.
 *          Mail that leaves has a keeper of its own (keeper_new_sealing):
 *          what hangs there holds up no mail that comes in.  It has less
 *          time, and after a question that took too long it refuses all
 *          others at once for KEEPER_REST seconds.
 * Limits:  plain text: conf pgp_plain_max; an answer: keep.h.
 */
#ifndef INSPECT_KEEPER_H
#define INSPECT_KEEPER_H

#include "base/blob.h"
#include "inspect/inspect.h"

enum {
	KEEPER_WAIT_MAX = 3,
	KEEPER_SEAL_WALL = 8, /* s, when conf pgp_wall is longer */
	KEEPER_REST = 30,     /* s */
};

struct keeper;

/* *out is NULL when the settings name no keeper.  It is started with the
 * first question, or sooner by keeper_start(). */
void keeper_new(const struct conf *c, struct keeper **out);
void keeper_new_sealing(const struct conf *c, struct keeper **out);
bool keeper_start(struct keeper *k, GError **err);
void keeper_free(struct keeper *k); /* NULL is fine */
/* Does it answer?  false says why. */
bool keeper_ready(struct keeper *k, GError **err);

/* Bytes of a message, or of what was opened. */
struct keeper_source {
	int fd;
	size_t len;
};

/* What gpg says of one seal. */
struct keeper_answer {
	bool encrypted, opened;
	const char *reason, *keys;
	struct list signatures; /* inspect_signature, without part */
	int fd;                 /* plain text, the arena's; -1: none */
	size_t len;
};
/* seal: its ranges, which must lie within the source. */
bool keeper_open(struct keeper *k, struct arena *a,
    const struct keeper_source *from, const struct inspect_seal *seal,
    struct keeper_answer *out, GError **err);

/* A public key as gpg has it. */
#define KEEPER_KEY(F, S)                                                      \
	F(S, TEXT, fingerprint, none)                                         \
	F(S, TEXT, uid, none)                                                 \
	F(S, TEXT, ids, none)           /* 16 digits each, by blanks */       \
	F(S, TEXT, addresses, none)     /* by blanks */                       \
	F(S, TIME, expires, none)                                             \
	F(S, BOOL, revoked, none)                                             \
	F(S, TEXT, data, none)          /* armored */
DESC_STRUCT(keeper_key, KEEPER_KEY);
/* FAULT_INPUT: no keys in it.  keys: of keeper_key. */
bool keeper_import(struct keeper *k, struct arena *a, const void *bytes,
    size_t n, struct list *keys, GError **err);
bool keeper_own(struct keeper *k, struct arena *a, struct list *keys,
    GError **err);

/* What leaves.  FAULT_INPUT: no key that can sign, a key that cannot be
 * encrypted to (named); FAULT_LARGE; FAULT_AWAY: gpg or the keeper failed or
 * was too slow, another try may do. */
struct keeper_sealed {
	const char *signature, *micalg; /* armored; of keeper_sign() */
	const char *signer;             /* fingerprint; NULL: not signed */
	const char *cipher;             /* armored; of keeper_encrypt() */
	size_t len;
};
bool keeper_sign(struct keeper *k, struct arena *a, const void *bytes,
    size_t n, struct keeper_sealed *out, GError **err);
/* to: fingerprints, ended by NULL; keys: all of them, armored. */
bool keeper_encrypt(struct keeper *k, struct arena *a, const void *bytes,
    size_t n, const char *const *to, const char *keys, bool sign,
    struct keeper_sealed *out, GError **err);

/* main() calls this first, as pool_child_main(). */
bool keeper_child_main(int argc, char **argv, int *code);

#endif
