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
	bool files;                     /* in its text there may be some */
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
	bool twice;              /* a header has two types */
	bool files;              /* a line begins like one that is in a text */
	size_t decoded;          /* against MAIL_DECODED_MAX */
	GPtrArray *defects;      /* of const char * */
	const char *charset;     /* the first that a part names, but UTF-8 */
	const char *rest;        /* bytes behind the header block */
	size_t rest_len;
	const char *mended;      /* what was read in place of the bytes given,
				  * or NULL: they were left as they are */
	size_t mended_len;
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

/* ---- for parse.c ---- */

/* A header block with its empty line. */
struct mail_head {
	const char *bytes;
	size_t len;
	bool message; /* of a message, else of a part */
};

/* Those that GMime will find behind the first one, as far as can be told. */
struct mail_heads {
	struct mail_head items[MAIL_HEADS_MAX];
	size_t n;
};

/* mend.c: the bytes, or a copy with line ends that are some; and with an
 * empty line between the header, its first `head` bytes, and a body that
 * began within. */
const char *mail_mend_lines(struct mail *m, const char *s, size_t *len);
const char *mail_mend_head(struct mail *m, const char *s, size_t head,
    size_t *len);
/* A line without its end in a header block: surely a field, or surely none. */
bool mail_mend_is_field(const char *s, size_t n);
bool mail_mend_is_letter(const char *s, size_t n);
/* The same with the boundary that a multipart does not name. */
const char *mail_mend_boundary(struct mail *m, const char *s, size_t head,
    size_t *len);
/* The boundary between what stands in the n bytes of a multipart: the named
 * one if it is there, else the one that they tell; NULL: none. */
const char *mail_mend_token(struct arena *a, const char *s, size_t n,
    const char *named);
/* Bare bytes in a header, here in its n bytes, or in a field of a part are in
 * the charset of the first text that names one. */
void mail_mend_fields(struct mail *m, const char *head, size_t n);
const char *mail_mend_field(struct mail *m, const struct mail_header *f,
    size_t *len);
void mail_mend_note(struct mail *m, const struct mail_params *p);

/* prescan.c: the bytes within the limits, and the heads in them.  Where a part
 * has no empty line behind its header, or a delimiter of parts stands behind
 * text without a line end, the copy has one. */
const char *mail_prescan(struct mail *m, const char *s, size_t *len,
    struct mail_heads *heads);

/*
 * lean.c: a copy without those fields of the header, its first `head` bytes,
 * and of the heads behind it, that GMime need not see.  A piece begins behind
 * such a head.  GMime may find others than were foreseen: every head left out
 * must be asked for by mail_lean_head(), or the copy is not to be used.
 */
struct mail_lean_piece {
	const char *original;  /* what stands at `at` of the copy */
	size_t at;
	struct mail_head head; /* that was left out before it */
	size_t head_at;        /* where, in the copy */
};

struct mail_lean {
	const char *bytes;
	size_t len;
	struct mail_lean_piece pieces[1 + MAIL_HEADS_MAX]; /* the first: the
							    * header's */
	size_t n;
};

/* false: it is long (and no header has two types, of which GMime would take
 * the last), or no such header. */
bool mail_lean(struct mail *m, const char *s, size_t head, size_t len,
    const struct mail_heads *heads, struct mail_lean *l);
/* A byte of the copy, but for headers, as it stands in the message; p itself
 * if it is none. */
const char *mail_lean_original(const struct mail_lean *l, const char *p);
/* What was left out at this offset of the copy, or NULL. */
const struct mail_head *mail_lean_head(const struct mail_lean *l,
    size_t offset);

/* file.c: files in a text, uuencoded from a line "begin 644 name" to one
 * "end".  They are leaves below it, "1.1" below "1", and mail_text() is
 * without them. */
struct mail_file {
	const char *bytes; /* with both lines */
	size_t len;
	const char *name;  /* in the text's charset */
	size_t name_len;
};
bool mail_file_begins(const char *line, size_t n);
bool mail_file_next(const char *s, const char *end, struct mail_file *f);
/* Takes them out of a text with \n for line ends, in place; the new length. */
size_t mail_file_cut(char *s, size_t n);
char *mail_undo_uu(struct arena *a, const char *s, size_t n, size_t *len);

/* decode.c: takes the encoding off; len <= the encoded length. */
char *mail_undo(struct arena *a, enum mail_encoding e, const char *s,
    size_t n, size_t *len);
/* Does it look like base64, give or take a few bytes? */
bool mail_is_base64(const char *s, size_t n);
/* How much of it is: behind that, a list or a gateway has put a footer as
 * plain text. */
size_t mail_base64_length(const char *s, size_t n);
/* The same without lines of something else between those of base64. */
const char *mail_base64_clean(struct arena *a, const char *s, size_t *n);
/* \r\n and lone \r -> \n, in place; the new length. */
size_t mail_unix_lines(char *s, size_t n);
/* RFC 3676: soft-broken lines joined, stuffing taken off. */
char *mail_unflow(struct arena *a, const char *s, bool delsp);

#endif
