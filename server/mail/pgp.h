/*
 * OpenPGP by gpg (gpgme): opening what is encrypted to the team key,
 * checking signatures, taking public keys in, signing and encrypting.
 *
 * Only the keeper process (inspect/process/keeper.h) calls this: here is the
 * private key, so here is nothing else.  gpg runs without a terminal,
 * without a network, in batch mode, and never fetches a key.  Its web of
 * trust is not asked: "good" says that the signature was made by the key of
 * that fingerprint; whose key that is, the caller's own table says.
 *
 * Owner:   one struct pgp a home folder and process; results live in the
 *          arena given to each call.
 * Thread:  one.
 * Failure: decrypt and verify never fail: the result says what is not so.
 * RFCs:    4880, 3156.
 */
#ifndef MAIL_PGP_H
#define MAIL_PGP_H

#include "base/base.h"
#include "base/desc.h"

struct pgp;

enum {
	PGP_SIGNATURES_MAX = 8, /* of one message; more are not told */
	PGP_RECIPIENTS_MAX = 20,
	PGP_ADDRESSES_MAX = 20, /* of one key */
	PGP_SUBKEYS_MAX = 20,
	PGP_KEYS_MAX = 50,      /* in one file of keys */
	PGP_KEY_BYTES = 65536,  /* armored, of one key */
	PGP_TO_MAX = 120,       /* keys that one mail is encrypted to */
	PGP_HEX_MAX = 64,       /* digits of a fingerprint */
};

struct pgp_signature {
	/* good bad unknown-key expired revoked unchecked */
	const char *state;
	const char *fingerprint; /* of the primary key, else what there is */
	const char *signer;      /* user id, or NULL */
	int64_t made;            /* when.h, or DESC_NULL */
};

struct pgp_result {
	bool encrypted;     /* it was, as far as could be seen */
	bool opened;        /* every byte of the plain text is there */
	const char *reason; /* a sentence when not opened; or NULL */
	const char *keys;   /* ids it is encrypted to, by blanks; or NULL */
	struct pgp_signature signatures[PGP_SIGNATURES_MAX];
	size_t n;
};

struct pgp_key {
	const char *fingerprint; /* primary key, upper case hex */
	const char *uid;
	const char *ids[PGP_SUBKEYS_MAX + 1];         /* 16 digits each; the
						       * subkeys' too */
	const char *addresses[PGP_ADDRESSES_MAX + 1]; /* NULL-ended */
	int64_t expires;         /* or DESC_NULL */
	bool revoked;
	const char *data;        /* armored, without others' signatures */
};

/* passphrase: a file's path, or "".  FAULT_INPUT: no usable gpg or home. */
bool pgp_new(struct arena *a, const char *home, const char *passphrase,
    struct pgp **out, GError **err);

/* The plain text goes to fd, at most max bytes; unless opened, what is
 * there must not be used.  Takes what is only signed too. */
void pgp_decrypt(struct pgp *p, struct arena *a, const void *bytes, size_t n,
    int fd, size_t max, struct pgp_result *out);
/* signature NULL: bytes are a clear-signed text. */
void pgp_verify(struct pgp *p, struct arena *a, const void *bytes, size_t n,
    const void *signature, size_t signature_n, struct pgp_result *out);

/* A detached signature over these bytes by the key that gpg.conf calls the
 * default one, else by the first secret key. */
struct pgp_signed {
	const char *armored;
	const char *micalg;      /* "pgp-sha512" (RFC 3156 section 5) */
	const char *fingerprint; /* of the key, the subkey it may be */
};
/* FAULT_INPUT: there is no key that can sign; FAULT_BUSY: gpg failed. */
bool pgp_sign(struct pgp *p, struct arena *a, const void *bytes, size_t n,
    struct pgp_signed *out, GError **err);
/* Public keys into the key ring, without telling what they are. */
bool pgp_learn(struct pgp *p, const void *bytes, size_t n, GError **err);
/* Armored, to fd, at most max bytes; to: fingerprints of keys in the ring.
 * Signed inside when asked for: *signer is then the key's fingerprint.
 * FAULT_INPUT names a key that is expired, revoked or unfit; FAULT_LARGE. */
bool pgp_encrypt(struct pgp *p, struct arena *a, const void *bytes, size_t n,
    const char *const *to, bool sign, int fd, size_t max,
    const char **signer, GError **err);

/* Public keys into the key ring; secret ones are refused.  keys: of struct
 * pgp_key. */
bool pgp_import(struct pgp *p, struct arena *a, const void *bytes, size_t n,
    struct list *keys, GError **err);
/* The public halves of our own secret keys. */
bool pgp_own(struct pgp *p, struct arena *a, struct list *keys, GError **err);

/* Around a question: no other process of this folder ends its agent. */
void pgp_begin(struct pgp *p);
void pgp_end(struct pgp *p);
/* Nothing to do for a while: gpg's agent, which holds the key, may go. */
void pgp_rest(struct pgp *p);
/* Has it probably an agent? */
bool pgp_busy(const struct pgp *p);

#endif
