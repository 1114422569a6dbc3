/*
 * S/MIME signatures (RFC 8551, CMS of RFC 5652), read by OpenSSL: so that
 * mail signed the opaque way is not empty, and a detached signature that
 * does not match is told.
 *
 * Needs no key of ours and runs in a parser child.  Who issued the
 * certificate is NOT checked: a match proves that the bytes are those that
 * were signed, by whoever calls himself so.
 *
 * Owner:   results live in the arena.
 * Failure: none; what cannot be read says so in state and reason.
 * Limits:  the content is never longer than what holds it.
 */
#ifndef MAIL_CMS_H
#define MAIL_CMS_H

#include "base/base.h"

enum cms_kind {
	CMS_KIND_NONE,      /* no CMS, or a kind without content for us */
	CMS_KIND_SIGNED,
	CMS_KIND_ENCRYPTED, /* enveloped: for a key that we do not have */
};

struct cms_result {
	enum cms_kind kind;
	const char *content; /* opaque: what was signed; or NULL */
	size_t len;
	const char *state;   /* untrusted (matches), bad, unknown-key */
	const char *signer;  /* name in the certificate, or NULL */
	const char *fingerprint; /* SHA-256 of it, hex, or NULL */
	bool from_matches;   /* the certificate names this address */
	const char *reason;  /* a sentence, or NULL */
};

/* der: the decoded part.  content: what a detached signature is over; NULL
 * for an opaque one.  from: the address to compare, or NULL. */
void cms_read(struct arena *a, const void *der, size_t n, const void *content,
    size_t content_len, const char *from, struct cms_result *out);

#endif
