/* See pgp.h. */
#include "base/base.h"
#include "mail/pgp_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/text.h"
#include "base/when.h"

/* ---- the key ring's house ------------------------------------------------- */

/* gpg asks for the passphrase on a descriptor, once an operation. */
static gpgme_error_t
give_passphrase(void *hook, const char *uid, const char *info, int was_bad,
    int fd)
{
	struct pgp *p = hook;
	g_autofree char *text = NULL;
	gsize n = 0;

	if (was_bad || !g_file_get_contents(p->passphrase, &text, &n, NULL))
		return gpgme_error(GPG_ERR_CANCELED);
	n = strcspn(text, "\r\n");
	if (gpgme_io_writen(fd, text, n) != 0 ||
	    gpgme_io_writen(fd, "\n", 1) != 0)
		return gpgme_error_from_syserror();
	memset(text, 0, n);
	return 0;
}

static void
release(void *hook)
{
	struct pgp *p = hook;

	gpgme_release(p->ctx);
	if (p->lock >= 0)
		close(p->lock);
}

bool
pgp_new(struct arena *a, const char *home, const char *passphrase,
    struct pgp **out, GError **err)
{
	struct pgp *p = ARENA_NEW(a, struct pgp);
	gpgme_error_t e;

	p->home = arena_strdup(a, home);
	p->passphrase = arena_strdup(a, passphrase);
	gpgme_check_version(NULL);
	e = gpgme_new(&p->ctx);
	if (e == 0) {
		/* (a folder that is not there is gpg's to complain of) */
		p->lock = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		arena_defer(a, release, p);
		e = gpgme_ctx_set_engine_info(p->ctx, GPGME_PROTOCOL_OpenPGP,
		    NULL, home);
	}
	if (e != 0)
		return fault_set(err, FAULT_INPUT, "gpg cannot be used: %s.",
		    gpgme_strerror(e));
	gpgme_set_offline(p->ctx, 1);
	gpgme_set_armor(p->ctx, 1);
	gpgme_set_ctx_flag(p->ctx, "trust-model", "always");
	gpgme_set_ctx_flag(p->ctx, "auto-key-retrieve", "0");
	gpgme_set_ctx_flag(p->ctx, "no-symkey-cache", "1");
	gpgme_set_pinentry_mode(p->ctx, *passphrase != '\0' ?
	    GPGME_PINENTRY_MODE_LOOPBACK : GPGME_PINENTRY_MODE_ERROR);
	/* Without one a symmetric message would hang on a question. */
	gpgme_set_passphrase_cb(p->ctx, give_passphrase, p);
	*out = p;
	return true;
}

bool
pgp_busy(const struct pgp *p)
{
	return p->agent;
}

void
pgp_begin(struct pgp *p)
{
	while (p->lock >= 0 && flock(p->lock, LOCK_SH) != 0 && errno == EINTR)
		;
}

void
pgp_end(struct pgp *p)
{
	if (p->lock >= 0)
		flock(p->lock, LOCK_UN);
}

void
pgp_rest(struct pgp *p)
{
	const char *argv[] = {"gpgconf", "--homedir", p->home, "--kill",
	    "gpg-agent", NULL};

	/* Another keeper of this folder is at work: the last one that rests
	 * ends the agent. */
	if (!p->agent ||
	    (p->lock >= 0 && flock(p->lock, LOCK_EX | LOCK_NB) != 0))
		return;
	g_spawn_sync(NULL, (char **)(uintptr_t)argv, NULL, G_SPAWN_SEARCH_PATH |
		G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
	    NULL, NULL, NULL, NULL, NULL, NULL);
	p->agent = false;
	pgp_end(p);
}

/* ---- results -------------------------------------------------------------- */

const char *
pgp_words(struct arena *a, gpgme_error_t e)
{
	return arena_printf(a, "gpg: %s.", gpgme_strerror(e));
}

const char *
pgp_text(struct arena *a, const char *s)
{
	return s != NULL && *s != '\0'
	    ? text_cut(a, text_squash(a, text_repair(a, s, strlen(s))), 500)
	    : NULL;
}

static const char *
state_of(const struct _gpgme_signature *s)
{
	switch (gpgme_err_code(s->status)) {
	case GPG_ERR_NO_ERROR:
		return "good";
	case GPG_ERR_BAD_SIGNATURE:
		return "bad";
	case GPG_ERR_NO_PUBKEY:
		return "unknown-key";
	case GPG_ERR_SIG_EXPIRED:
	case GPG_ERR_KEY_EXPIRED:
		return "expired";
	case GPG_ERR_CERT_REVOKED:
		return "revoked";
	default:
		return "unchecked";
	}
}

static void
take_signatures(struct pgp *p, struct arena *a, struct pgp_result *out)
{
	gpgme_verify_result_t v = gpgme_op_verify_result(p->ctx);
	gpgme_signature_t s = v != NULL ? v->signatures : NULL;
	size_t n = 0;

	/* first: gpgme_get_key() below makes the result another's */
	for (; s != NULL && n < PGP_SIGNATURES_MAX; s = s->next)
		out->signatures[n++] = (struct pgp_signature){
		    .state = state_of(s),
		    .fingerprint = pgp_text(a, s->fpr),
		    .made = s->timestamp != 0
			? (int64_t)s->timestamp * WHEN_SECOND : DESC_NULL,
		};
	out->n = n;
	for (size_t i = 0; i < n; i++) {
		struct pgp_signature *t = &out->signatures[i];
		gpgme_key_t key = NULL;

		if (t->fingerprint == NULL ||
		    strcmp(t->state, "unknown-key") == 0 ||
		    gpgme_get_key(p->ctx, t->fingerprint, &key, 0) != 0)
			continue;
		/* a subkey signs; people know the primary one */
		if (key->fpr != NULL)
			t->fingerprint = pgp_text(a, key->fpr);
		t->signer = pgp_text(a, key->uids != NULL ? key->uids->uid
							 : NULL);
		gpgme_key_unref(key);
	}
}

/* Whom it is for, but those whose key was hidden (all zeros). */
static const char *
recipients(struct arena *a, gpgme_decrypt_result_t d)
{
	GString *s = arena_gstring(a);
	int n = 0;

	for (gpgme_recipient_t r = d->recipients;
	     r != NULL && n < PGP_RECIPIENTS_MAX; r = r->next, n++)
		if (r->keyid == NULL || strspn(r->keyid, "0") <
			strlen(r->keyid))
			g_string_append_printf(s, "%s%s",
			    s->len > 0 ? " " : "",
			    r->keyid != NULL ? r->keyid : "?");
	return s->len > 0 ? pgp_text(a, s->str) : NULL;
}

/* Why it stays closed, in words that help. */
static const char *
closed_because(struct arena *a, gpgme_error_t e, gpgme_decrypt_result_t d)
{
	if (d != NULL && d->legacy_cipher_nomdc)
		return "It has no protection against changes on the way (no "
		    "MDC), so it is not opened.";
	if (d != NULL && d->unsupported_algorithm != NULL)
		return arena_printf(a, "gpg does not know the algorithm %s.",
		    pgp_text(a, d->unsupported_algorithm));
	switch (gpgme_err_code(e)) {
	case GPG_ERR_NO_SECKEY:
		return "It is encrypted to keys that we do not have.";
	case GPG_ERR_NO_DATA:
		return "It holds nothing that gpg takes for OpenPGP data.";
	case GPG_ERR_BAD_PASSPHRASE:
	case GPG_ERR_CANCELED:
	case GPG_ERR_NO_PIN_ENTRY:
		if (d != NULL && d->recipients == NULL)
			return "It is encrypted with a passphrase, not to a "
			    "key.";
		return "gpg was not given the key's passphrase.";
	case GPG_ERR_DECRYPT_FAILED:
		return "It is damaged or was changed on the way: gpg cannot "
		    "decrypt it.";
	default:
		return pgp_words(a, e);
	}
}

/* ---- decrypt, verify ------------------------------------------------------ */

static ssize_t
sink_write(void *hook, const void *bytes, size_t n)
{
	struct pgp_sink *s = hook;
	ssize_t k;

	if (n > s->left) {
		s->full = true;
		errno = EFBIG;
		return -1;
	}
	do
		k = write(s->fd, bytes, n);
	while (k < 0 && errno == EINTR);
	if (k > 0)
		s->left -= (size_t)k;
	return k;
}

gpgme_error_t
pgp_sink(struct pgp_sink *s, gpgme_data_t *out)
{
	static struct gpgme_data_cbs cbs = {.write = sink_write};

	return gpgme_data_new_from_cbs(out, &cbs, s);
}

gpgme_data_t
pgp_data(const void *bytes, size_t n)
{
	gpgme_data_t d = NULL;

	/* NULL is no buffer, however short */
	return gpgme_data_new_from_mem(&d, n > 0 ? bytes : "", n, 0) == 0
	    ? d : NULL;
}

/* What is signed and packed but not encrypted, which the decrypting gpg
 * calls no data. */
static bool
only_signed(struct pgp *p, gpgme_data_t in, gpgme_data_t plain,
    struct pgp_sink *sink)
{
	gpgme_verify_result_t v;

	if (gpgme_data_seek(in, 0, SEEK_SET) != 0 ||
	    ftruncate(sink->fd, 0) != 0 || lseek(sink->fd, 0, SEEK_SET) != 0 ||
	    gpgme_op_verify(p->ctx, in, NULL, plain) != 0)
		return false;
	v = gpgme_op_verify_result(p->ctx);
	return v != NULL && v->signatures != NULL;
}

void
pgp_decrypt(struct pgp *p, struct arena *a, const void *bytes, size_t n,
    int fd, size_t max, struct pgp_result *out)
{
	struct pgp_sink sink = {.fd = fd, .left = max};
	gpgme_data_t in = pgp_data(bytes, n), plain = NULL;
	gpgme_decrypt_result_t d;
	gpgme_error_t e;

	*out = (struct pgp_result){.encrypted = true};
	e = in == NULL ? gpgme_error(GPG_ERR_ENOMEM)
		       : pgp_sink(&sink, &plain);
	p->agent = true;
	if (e == 0)
		e = gpgme_op_decrypt_verify(p->ctx, in, plain);
	d = gpgme_op_decrypt_result(p->ctx);
	if (d != NULL)
		out->keys = recipients(a, d);
	out->opened = e == 0;
	if (e != 0)
		out->reason = closed_because(a, e, d);
	/* (the next operation of the context is the end of d) */
	if (e != 0 && out->keys == NULL && !sink.full &&
	    gpgme_err_code(e) == GPG_ERR_NO_DATA) {
		sink.left = max;
		out->opened = only_signed(p, in, plain, &sink) && !sink.full;
		out->encrypted = !out->opened;
	}
	if (sink.full)
		out->reason = arena_printf(a,
		    "What it holds is larger than %zu bytes.", max);
	if (out->opened) {
		out->reason = NULL;
		take_signatures(p, a, out);
	}
	gpgme_data_release(plain);
	gpgme_data_release(in);
}

void
pgp_verify(struct pgp *p, struct arena *a, const void *bytes, size_t n,
    const void *signature, size_t signature_n, struct pgp_result *out)
{
	gpgme_data_t text = pgp_data(bytes, n), sig = NULL, plain = NULL;
	gpgme_error_t e = 0;

	*out = (struct pgp_result){0};
	if (signature != NULL)
		sig = pgp_data(signature, signature_n);
	else
		e = gpgme_data_new(&plain);
	if (e == 0)
		e = signature != NULL
		    ? gpgme_op_verify(p->ctx, sig, text, NULL)
		    : gpgme_op_verify(p->ctx, text, NULL, plain);
	if (e == 0)
		take_signatures(p, a, out);
	if (out->n == 0) {
		out->reason = e == 0 || gpgme_err_code(e) == GPG_ERR_NO_DATA
		    ? "There is no signature that gpg can read."
		    : pgp_words(a, e);
		out->signatures[0] = (struct pgp_signature){
		    .state = "bad", .made = DESC_NULL};
		out->n = 1;
	}
	gpgme_data_release(plain);
	gpgme_data_release(sig);
	gpgme_data_release(text);
}

/* ---- keys ----------------------------------------------------------------- */

static bool
export_key(struct pgp *p, struct arena *a, const char *fpr,
    const char **armored, GError **err)
{
	gpgme_data_t d = NULL;
	gpgme_error_t e = gpgme_data_new(&d);
	char *bytes;
	size_t n = 0;

	if (e == 0)
		e = gpgme_op_export(p->ctx, fpr, GPGME_EXPORT_MODE_MINIMAL, d);
	if (e != 0) {
		gpgme_data_release(d);
		return fault_set(err, FAULT_INPUT,
		    "The key %s cannot be exported: %s.", fpr,
		    gpgme_strerror(e));
	}
	bytes = gpgme_data_release_and_get_mem(d, &n);
	*armored = bytes != NULL && n > 0 && n <= PGP_KEY_BYTES
	    ? arena_strndup(a, bytes, n) : NULL;
	gpgme_free(bytes);
	return *armored != NULL || fault_set(err, FAULT_LARGE,
	    "The key %s is larger than %d bytes.", fpr, PGP_KEY_BYTES);
}

static void
describe(struct arena *a, gpgme_key_t k, struct pgp_key *out)
{
	size_t n = 0, ids = 0;

	*out = (struct pgp_key){
	    .fingerprint = pgp_text(a, k->fpr),
	    .expires = k->subkeys != NULL && k->subkeys->expires > 0
		? (int64_t)k->subkeys->expires * WHEN_SECOND : DESC_NULL,
	    .revoked = k->revoked,
	};
	for (gpgme_subkey_t s = k->subkeys; s != NULL; s = s->next)
		if (s->keyid != NULL && ids < PGP_SUBKEYS_MAX)
			out->ids[ids++] = pgp_text(a, s->keyid);
	for (gpgme_user_id_t u = k->uids; u != NULL; u = u->next) {
		if (out->uid == NULL)
			out->uid = pgp_text(a, u->uid);
		/* (Of a revoked key all are: whose it was is told.) */
		if ((!u->revoked || k->revoked) && !u->invalid && u->address != NULL &&
		    text_address_ok(u->address) && n < PGP_ADDRESSES_MAX)
			out->addresses[n++] =
			    text_address_norm(a, u->address);
	}
}

static bool
load_key(struct pgp *p, struct arena *a, const char *fpr, struct pgp_key *out,
    GError **err)
{
	gpgme_key_t k = NULL;
	gpgme_error_t e = gpgme_get_key(p->ctx, fpr, &k, 0);

	if (e != 0)
		return fault_set(err, FAULT_INPUT,
		    "The key %s cannot be read: %s.", fpr, gpgme_strerror(e));
	describe(a, k, out);
	gpgme_key_unref(k);
	return export_key(p, a, out->fingerprint, &out->data, err);
}

/* Fingerprints -> keys. */
static bool
load_keys(struct pgp *p, struct arena *a, const GPtrArray *fprs,
    struct list *keys, GError **err)
{
	struct list l = {ARENA_ARRAY(a, struct pgp_key, fprs->len + 1),
	    fprs->len};

	for (guint i = 0; i < fprs->len; i++)
		if (!load_key(p, a, fprs->pdata[i],
			LIST_AT(pgp_key, l, i), err))
			return false;
	*keys = l;
	return true;
}

/* A secret key would become one of ours; nobody means that by a file of
 * correspondents' keys. */
static bool
has_secret(const char *s, size_t n)
{
	enum { SECRET_KEY = 5 };
	unsigned char tag = n > 0 ? (unsigned char)*s : 0;

	if ((tag & 0x80) != 0)
		return ((tag & 0x40) != 0 ? tag & 0x3f : (tag & 0x3f) >> 2) ==
		    SECRET_KEY;
	return memmem(s, n, "PRIVATE KEY BLOCK", 17) != NULL;
}

bool
pgp_import(struct pgp *p, struct arena *a, const void *bytes, size_t n,
    struct list *keys, GError **err)
{
	GPtrArray *fprs = arena_ptr_array(a);
	gpgme_data_t d;
	gpgme_error_t e;

	if (has_secret(bytes, n))
		return fault_set(err, FAULT_INPUT,
		    "That is a private key. Only public keys are taken.");
	d = pgp_data(bytes, n);
	e = gpgme_op_import(p->ctx, d);
	gpgme_data_release(d);
	if (e == 0)
		for (gpgme_import_status_t s =
			 gpgme_op_import_result(p->ctx)->imports;
		     s != NULL && fprs->len < PGP_KEYS_MAX; s = s->next)
			if (s->fpr != NULL && s->result == 0 &&
			    !g_ptr_array_find_with_equal_func(fprs, s->fpr,
				g_str_equal, NULL))
				g_ptr_array_add(fprs,
				    arena_strdup(a, s->fpr));
	if (fprs->len == 0)
		return fault_set(err, FAULT_INPUT,
		    "There is no OpenPGP public key in it%s%s.",
		    e != 0 ? ": " : "", e != 0 ? gpgme_strerror(e) : "");
	return load_keys(p, a, fprs, keys, err);
}

bool
pgp_own(struct pgp *p, struct arena *a, struct list *keys, GError **err)
{
	GPtrArray *fprs = arena_ptr_array(a);
	gpgme_key_t k;
	gpgme_error_t e = gpgme_op_keylist_start(p->ctx, NULL, 1);

	p->agent = true;
	while (e == 0 && (e = gpgme_op_keylist_next(p->ctx, &k)) == 0) {
		if (k->fpr != NULL && !k->revoked && !k->expired &&
		    fprs->len < PGP_KEYS_MAX)
			g_ptr_array_add(fprs, arena_strdup(a, k->fpr));
		gpgme_key_unref(k);
	}
	gpgme_op_keylist_end(p->ctx);
	if (gpgme_err_code(e) != GPG_ERR_EOF)
		return fault_set(err, FAULT_INPUT,
		    "The secret keys cannot be listed: %s.",
		    gpgme_strerror(e));
	return load_keys(p, a, fprs, keys, err);
}
