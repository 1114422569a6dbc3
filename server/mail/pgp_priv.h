/* What the files of pgp share; nothing else includes it. */
#ifndef MAIL_PGP_PRIV_H
#define MAIL_PGP_PRIV_H

#include "mail/pgp.h"

#include <gpgme.h>

struct pgp {
	gpgme_ctx_t ctx;
	const char *home, *passphrase;
	int lock;   /* the home folder, to lock it; -1 */
	bool agent; /* one was probably started */
};

/* Where bytes go, and how many of them may. */
struct pgp_sink {
	int fd;
	size_t left;
	bool full;
};

gpgme_error_t pgp_sink(struct pgp_sink *s, gpgme_data_t *out);
/* Reads n bytes in place; NULL: no memory. */
gpgme_data_t pgp_data(const void *bytes, size_t n);
/* "gpg: No data." */
const char *pgp_words(struct arena *a, gpgme_error_t e);
/* What gpg says, fit to be shown; NULL when there is nothing. */
const char *pgp_text(struct arena *a, const char *s);

#endif
