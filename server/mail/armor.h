/*
 * OpenPGP's ASCII armor in a text (RFC 4880 sections 6.2 and 7): where it
 * stands, and what a clear-signed text says once the armor is off.
 *
 * Only whole blocks count, from the BEGIN line to the END line; a line
 * counts when it begins with the dashes (quoted armor is quoted text).
 * Nothing here checks a signature.
 */
#ifndef MAIL_ARMOR_H
#define MAIL_ARMOR_H

#include "base/base.h"

enum armor_kind {
	ARMOR_MESSAGE, /* encrypted, or signed and packed */
	ARMOR_CLEAR,   /* readable text with a signature below it */
};

struct armor {
	enum armor_kind kind;
	size_t start, end;        /* of the block with its last line end */
	size_t text, text_end;    /* ARMOR_CLEAR: the signed lines */
};

/* The first block at or behind `from`; false: none. */
bool armor_find(const char *s, size_t n, size_t from, struct armor *out);

/* The signed lines of a clear-signed block without dash-escapes, ended by
 * NUL; *len may be NULL. */
char *armor_text(struct arena *a, const char *s, const struct armor *at,
    size_t *len);

/* Do these bytes begin like an OpenPGP message that is encrypted to a key:
 * armored, or binary with a packet of a session key in front? */
bool armor_looks_encrypted(const char *s, size_t n);

#endif
