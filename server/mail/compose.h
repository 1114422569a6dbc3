/*
 * A struct becomes the exact bytes of a mail: header block, blank line and
 * body, CRLF everywhere, 7bit on the wire whatever is in it (RFC 5322, 2045,
 * 2047, 2231).
 *
 * Nothing that the caller passes can add a header field or end the header:
 * addresses, Message-IDs and field names are checked, texts lose their
 * control characters, lines are folded and never longer than 998 bytes.  So
 * the output is what libESMTP needs (send.h): no bare CR or LF, no NUL.
 * What is signed has, besides, no blanks at line ends and no line that
 * begins "From ", and attached messages are encoded.
 *
 * For an advisory the same is done in two halves: compose_mail() without
 * to, message_id and list fields makes the half that all recipients share,
 * and the compose_put_*() functions make a personal block that goes before
 * it.
 *
 * Owner:   results live in the arena given.
 * Thread:  any.
 * Failure: FAULT_INPUT for an address that cannot be written, FAULT_LARGE
 *          past the limits below; what the sealer says.
 */
#ifndef MAIL_COMPOSE_H
#define MAIL_COMPOSE_H

#include "base/base.h"

enum {
	COMPOSE_LINE_MAX = 998,       /* RFC 5322 2.1.1, without CRLF */
	COMPOSE_FOLD_AT = 76,         /* where we fold when we can */
	COMPOSE_ADDRESSES_MAX = 100,  /* To and Cc together */
	COMPOSE_REFERENCES_MAX = 20,  /* the first and the newest are kept */
	COMPOSE_FILES_MAX = 50,
	COMPOSE_NAME_MAX = 200,       /* bytes of a file or display name */
	COMPOSE_SUBJECT_MAX = 800,    /* bytes; the rest is cut */
	COMPOSE_BYTES_MAX = 64 * 1024 * 1024, /* text and files together */
};

struct compose_address {
	const char *name; /* UTF-8; NULL or "": none */
	const char *addr; /* addr-spec; NULL: the field is left out */
};

struct compose_file {
	const char *name; /* UTF-8; a path is cut to its last part */
	const char *type; /* "text/csv"; NULL or odd: octet-stream */
	const void *bytes;
	size_t len;
};

struct compose_header {
	const char *name, *value; /* value: UTF-8, written unstructured */
};

/* What becomes of the body when it is signed or encrypted (RFC 3156). */
struct compose_sealed {
	/* multipart/signed, armored: */
	const char *signature, *micalg;
	/* or multipart/encrypted, armored: */
	const char *cipher;
	size_t len;
};
/* entity: the MIME entity that is protected, its header fields and body,
 * CRLF everywhere, nothing in it that a mail server may change. */
struct compose_sealer {
	bool (*seal)(void *ctx, struct arena *a, const char *entity,
	    size_t len, struct compose_sealed *out, GError **err);
	void *ctx;
};

struct compose_mail {
	struct compose_address from, reply_to;
	const struct compose_address *to, *cc;
	size_t n_to, n_cc;
	const char *subject;     /* UTF-8 */
	int64_t date;            /* when.h */
	const char *message_id;  /* of ours, no brackets; NULL: left out */
	/* Message-IDs of others; one that cannot be written is left out. */
	const char *in_reply_to;
	const char *const *references; /* ended by NULL; NULL: none */
	const char *auto_submitted; /* "auto-replied", ...; NULL: a person */
	const struct compose_header *extra;
	size_t n_extra;
	const char *text;        /* UTF-8, any line ends */
	const struct compose_file *files;
	size_t n_files;
	const struct compose_sealer *sealer; /* NULL: sent as it is */
};

struct compose_bytes {
	const char *bytes; /* not ended by NUL */
	size_t len;
};

bool compose_mail(struct arena *a, const struct compose_mail *m,
    struct compose_bytes *out, GError **err);

/* One header field at the end of out, with its CRLF. */
/* Unstructured text: encoded words where it is not plain ASCII. */
void compose_put_text(GString *out, const char *name, const char *value);
/* A value that is already in its final form: printable ASCII with blanks,
 * asserted, it is our own mistake otherwise; folded after commas. */
void compose_put_raw(GString *out, const char *name, const char *value);
/* Mailboxes, comma-separated. */
bool compose_put_addresses(GString *out, const char *name,
    const struct compose_address *list, size_t n, GError **err);
/* Message-IDs in angle brackets, those that cannot be written left out. */
void compose_put_ids(GString *out, const char *name, const char *const *ids,
    size_t n);

/* May this Message-ID (without brackets) stand in a header? */
bool compose_id_ok(const char *id);

#endif
