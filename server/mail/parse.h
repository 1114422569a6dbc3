/*
 * Bytes of a message -> struct mail: plain C in the arena.  GMime splits
 * the message into its parts here and nowhere else; header fields,
 * charsets and transfer encodings are read by header.c, charset.c and
 * decode.c, because GMime 3.2.13 gets some of them wrong.
 *
 * It never fails: what cannot be read is a defect (a sentence in
 * mail.defects) and the rest stays.  GMime has no caps of its own, so
 * mail_parse() looks over the bytes first and hands it no more than the
 * limits of base/limits.h; excess is cut out of the copy that GMime sees and
 * said as a defect.  Nested messages are walked with a list, never by recursion
 * (GMime itself recurses at most 1,024 levels).
 *
 * Owner:  everything lives in the arena; GMime's objects are released with
 *         it.  The bytes given must live as long as the arena.
 * Thread: one at a time for one struct mail (decoded forms are kept).
 * RFCs:   5322, 2045-2047, 2231, 6532, 3676.
 */
#ifndef MAIL_PARSE_H
#define MAIL_PARSE_H

#include "base/base.h"
#include "base/limits.h"
#include "mail/header.h"

enum mail_kind {
	MAIL_LEAF,
	MAIL_MULTIPART,
	MAIL_MESSAGE, /* message/rfc822 and its like */
};

enum mail_encoding {
	MAIL_IDENTITY, /* 7bit, 8bit, binary, none, unknown */
	MAIL_BASE64,
	MAIL_QP,
	MAIL_UU,
};

struct mail_part {
	enum mail_kind kind;
	const char *path;   /* as IMAP numbers: "1", "2.1"; "" for the root
			     * multipart */
	int parent;         /* index of the container, -1 for the root */
	unsigned depth;
	struct mail_headers headers; /* of the part; for the root: all */
	struct mail_headers message; /* MAIL_MESSAGE: of the message in it */
	const char *type;            /* "text/plain", lower case */
	struct mail_params params;      /* of Content-Type */
	const char *disposition;        /* lower case, or NULL */
	const char *filename;           /* or NULL; one line, as the sender
					 * wrote it: never open it */
	enum mail_encoding encoding;
	const char *body;               /* encoded bytes */
	size_t body_len;
	/* made on first use by mail_bytes() and mail_text() */
	const char *bytes;
	size_t bytes_len;
	const char *text;
	size_t text_len;
	const char *charset;
};

struct mail {
	struct arena *arena;
	struct mail_headers headers;
	struct mail_part *parts; /* containers before what they contain */
	size_t n;
	size_t decoded;          /* against MAIL_DECODED_MAX */
	GPtrArray *defects;      /* of const char * */
	const char *rest;        /* bytes behind the header block */
	size_t rest_len;
};

struct mail *mail_parse(struct arena *a, const void *bytes, size_t len);

/* Decoded content of a leaf. */
const char *mail_bytes(struct mail *m, struct mail_part *p, size_t *len);
/* The same as UTF-8 with \n for line ends, cut at MAIL_TEXT_MAX.  For any
 * leaf, also binary ones: ask for the type first. */
const char *mail_text(struct mail *m, struct mail_part *p, size_t *len);

/* Has no disposition "attachment" and is text/plain or text/html. */
bool mail_part_inline_text(const struct mail_part *p);
/* Is i inside container c (at any depth)? */
bool mail_part_inside(const struct mail *m, size_t i, size_t c);

void mail_defect(struct mail *m, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* prescan.c, for parse.c: the bytes within the limits. */
const char *mail_prescan(struct mail *m, const char *s, size_t *len);
/* The same without those fields of the header, its first `head` bytes, that
 * do not say how the body is made: a copy, whose body begins at *lean_head.
 * NULL: it is long, or not such a header. */
const char *mail_lean(struct mail *m, const char *s, size_t head, size_t *len,
    size_t *lean_head);
/* decode.c: takes the encoding off; len <= the encoded length. */
char *mail_undo(struct arena *a, enum mail_encoding e, const char *s,
    size_t n, size_t *len);
/* Does it look like base64, give or take a few bytes? */
bool mail_is_base64(const char *s, size_t n);
/* \r\n and lone \r -> \n, in place; the new length. */
size_t mail_unix_lines(char *s, size_t n);
/* RFC 3676: soft-broken lines joined, stuffing taken off. */
char *mail_unflow(struct arena *a, const char *s, bool delsp);

#endif
