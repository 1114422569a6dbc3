/*
 * Header fields of mail: blocks of "Name: value" lines, encoded words
 * (RFC 2047), parameters with their continuations (RFC 2231), addresses
 * (RFC 5322 3.4, obsolete forms too).  Written for what is really sent,
 * not for what is allowed: every reader here takes any bytes.
 *
 * Why not GMime's readers: 3.2.13 loses what follows a padded base64 word
 * (jstedfast/gmime#133), cuts a character split over two words, and leaks
 * on bad addresses (#159).
 *
 * Owner:  results live in the arena given; raw values are not copied and
 *         point into the bytes given (or into GMime's, parse.c).
 * Thread: any.  Failure: none.
 */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include "base/base.h"
#include "base/limits.h"

struct mail_header {
	const char *name; /* as written */
	size_t name_len;
	const char *raw;  /* after the colon, folding and all */
	size_t raw_len;
	const char *text; /* decoded; NULL until mail_header_text() */
	const char *charset; /* of bytes that are not UTF-8, may be NULL */
};

struct mail_headers {
	struct mail_header *items;
	size_t n;
	uint64_t names; /* mail_header_bit() of each; 0: not known */
};

/* Most fields that are asked for are not there. */
static inline uint64_t
mail_header_bit(const char *name, size_t n)
{
	return n == 0 ? 0 : (uint64_t)1 << ((n * 7 + (name[n - 1] | 32)) & 63);
}

struct mail_param {
	const char *name; /* lower case */
	const char *value;
};

struct mail_params {
	const char *value; /* before the first ';', lower case */
	struct mail_param *items;
	size_t n;
};

struct mail_address {
	const char *name; /* decoded, or NULL */
	const char *addr; /* local@domain, domain in lower case */
};

/* Reads a block up to the first empty line or the end.  A line that is no
 * header (no colon) is skipped.  *used (may be NULL) is the length of the
 * block with its empty line. */
struct mail_headers mail_headers_read(struct arena *a, const char *s,
    size_t len, size_t *used);

/* The first field of that name, or NULL. */
struct mail_header *mail_header(const struct mail_headers *h,
    const char *name);
/* The next one after prev. */
struct mail_header *mail_header_next(const struct mail_headers *h,
    const struct mail_header *prev, const char *name);
/* Decoded, unfolded, trimmed text of a field; NULL for NULL. */
const char *mail_header_text(struct arena *a, struct mail_header *field);
/* Both in one; NULL when there is no such field. */
const char *mail_get(struct arena *a, const struct mail_headers *h,
    const char *name);

/* RFC 2047 in its lenient form; unfolds, repairs to UTF-8.  charset is that
 * of bytes outside of encoded words; NULL: it is guessed. */
const char *mail_decode(struct arena *a, const char *raw, size_t len);
const char *mail_decode_as(struct arena *a, const char *raw, size_t len,
    const char *charset);

/* "text/plain; charset=utf-8; name*0=..." */
struct mail_params mail_params(struct arena *a, const char *raw, size_t len);
const char *mail_param(const struct mail_params *p, const char *name);

/* Addresses of a list; groups are flattened, junk is skipped.  *n is at
 * most MAIL_ADDRESSES_MAX. */
struct mail_address *mail_addresses(struct arena *a, const char *raw,
    size_t len, size_t *n);

/* What stands between < and > (or the bare words), one after the other:
 * Message-ID, In-Reply-To, References.  NULL-ended. */
const char *const *mail_ids(struct arena *a, const char *text, size_t max);

#endif
