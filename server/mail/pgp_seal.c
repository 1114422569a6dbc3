/* Signing and encrypting: see pgp.h. */
#include "base/base.h"
#include "mail/pgp_priv.h"

#include "base/text.h"

/* gpg failed: for lack of a key, which a person has to mend, or for a reason
 * that may be gone next time. */
static bool
fail(struct arena *a, gpgme_error_t e, const char *doing, GError **err)
{
	switch (gpgme_err_code(e)) {
	case GPG_ERR_NO_SECKEY:
	case GPG_ERR_UNUSABLE_SECKEY:
		return fault_set(err, FAULT_INPUT,
		    "The desk has no key that can sign now: %s.",
		    gpgme_strerror(e));
	case GPG_ERR_BAD_PASSPHRASE:
	case GPG_ERR_CANCELED:
	case GPG_ERR_NO_PIN_ENTRY:
		return fault_set(err, FAULT_INPUT,
		    "gpg was not given the passphrase of the desk's key.");
	default:
		return fault_set(err, FAULT_BUSY,
		    "The mail could not be %s. %s", doing, pgp_words(a, e));
	}
}

/* Whose signature it became: people know the primary key. */
static const char *
signer_of(struct pgp *p, struct arena *a, const char **micalg)
{
	gpgme_sign_result_t r = gpgme_op_sign_result(p->ctx);
	gpgme_new_signature_t s = r != NULL ? r->signatures : NULL;
	const char *hash = s != NULL ? gpgme_hash_algo_name(s->hash_algo)
				     : NULL;
	const char *fpr = s != NULL ? pgp_text(a, s->fpr) : NULL;
	gpgme_key_t key = NULL;

	if (micalg != NULL && hash != NULL)
		*micalg = arena_printf(a, "pgp-%s", text_lower(a, hash));
	if (fpr == NULL || gpgme_get_key(p->ctx, fpr, &key, 0) != 0)
		return fpr;
	if (key->fpr != NULL)
		fpr = pgp_text(a, key->fpr);
	gpgme_key_unref(key);
	return fpr;
}

bool
pgp_sign(struct pgp *p, struct arena *a, const void *bytes, size_t n,
    struct pgp_signed *out, GError **err)
{
	gpgme_data_t in = pgp_data(bytes, n), sig = NULL;
	gpgme_error_t e = in == NULL ? gpgme_error(GPG_ERR_ENOMEM)
				     : gpgme_data_new(&sig);
	size_t len = 0;
	char *mem;

	p->agent = true;
	if (e == 0)
		e = gpgme_op_sign(p->ctx, in, sig, GPGME_SIG_MODE_DETACH);
	*out = (struct pgp_signed){0};
	if (e == 0)
		out->fingerprint = signer_of(p, a, &out->micalg);
	if (e == 0 && out->micalg == NULL)
		e = gpgme_error(GPG_ERR_NO_SECKEY);
	gpgme_data_release(in);
	if (e != 0) {
		gpgme_data_release(sig);
		return fail(a, e, "signed", err);
	}
	mem = gpgme_data_release_and_get_mem(sig, &len);
	out->armored = arena_strndup(a, mem != NULL ? mem : "", len);
	gpgme_free(mem);
	return true;
}

bool
pgp_learn(struct pgp *p, const void *bytes, size_t n, GError **err)
{
	gpgme_data_t d = pgp_data(bytes, n);
	gpgme_error_t e = d == NULL ? gpgme_error(GPG_ERR_ENOMEM)
				    : gpgme_op_import(p->ctx, d);

	gpgme_data_release(d);
	return e == 0 || fault_set(err, FAULT_INPUT,
	    "The keys cannot be read: %s.", gpgme_strerror(e));
}

/* The keys of these fingerprints, each fit to encrypt to; ended by NULL,
 * each the caller's to let go. */
static bool
fit_keys(struct pgp *p, const char *const *to, gpgme_key_t *keys, GError **err)
{
	for (size_t i = 0; to[i] != NULL; i++) {
		gpgme_error_t e = gpgme_get_key(p->ctx, to[i], &keys[i], 0);
		gpgme_key_t k = keys[i];

		if (e != 0)
			return fault_set(err, FAULT_INPUT,
			    "The key %s cannot be used: %s.", to[i],
			    gpgme_strerror(e));
		if (k->revoked || k->expired || k->disabled || k->invalid ||
		    !k->can_encrypt)
			return fault_set(err, FAULT_INPUT,
			    "The key %s of %s %s.", to[i],
			    k->uids != NULL && k->uids->address != NULL
				? k->uids->address : "somebody",
			    k->revoked	     ? "is revoked"
				: k->expired ? "is expired"
					     : "cannot be encrypted to");
	}
	return true;
}

static bool
encrypt(struct pgp *p, struct arena *a, gpgme_key_t *keys, gpgme_data_t in,
    bool sign, struct pgp_sink *sink, GError **err)
{
	const gpgme_encrypt_flags_t how =
	    GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_ENCRYPT_TO;
	gpgme_data_t cipher = NULL;
	gpgme_error_t e = pgp_sink(sink, &cipher);

	p->agent |= sign;
	if (e == 0)
		e = sign ? gpgme_op_encrypt_sign(p->ctx, keys, how, in, cipher)
			 : gpgme_op_encrypt(p->ctx, keys, how, in, cipher);
	gpgme_data_release(cipher);
	if (sink->full)
		return fault_set(err, FAULT_LARGE,
		    "The mail is too large to be encrypted.");
	return e == 0 || fail(a, e, "encrypted", err);
}

bool
pgp_encrypt(struct pgp *p, struct arena *a, const void *bytes, size_t n,
    const char *const *to, bool sign, int fd, size_t max,
    const char **signer, GError **err)
{
	gpgme_key_t keys[PGP_TO_MAX + 1] = {NULL};
	struct pgp_sink sink = {.fd = fd, .left = max};
	gpgme_data_t in = pgp_data(bytes, n);
	size_t count = 0;
	bool ok;

	while (to[count] != NULL)
		count++;
	*signer = NULL;
	/* (gpgme takes no keys for a wish to use a passphrase) */
	ok = in != NULL && count > 0 && count <= PGP_TO_MAX
	    ? fit_keys(p, to, keys, err) &&
		encrypt(p, a, keys, in, sign, &sink, err)
	    : fault_set(err, FAULT_BUG, "No keys to encrypt to.");
	if (ok && sign)
		*signer = signer_of(p, a, NULL);
	for (size_t i = 0; i < PGP_TO_MAX && keys[i] != NULL; i++)
		gpgme_key_unref(keys[i]);
	gpgme_data_release(in);
	return ok;
}
