/*
 * RPSL: what whois servers answer and registries publish (RFC 2622 section
 * 2, RFC 4012, and as RIPE writes it).
 *
 * Objects are separated by blank lines; an attribute is "name: value", and
 * a line that begins with a blank, a tab or "+" continues it; "#" begins a
 * comment; lines that begin with "%" are the server's words, of which only
 * "% Abuse contact for 'X' is 'Y'" is kept.
 *
 * The bytes come from the net and may be anything: all is bounded, a line
 * that is none of this is counted and passed over.  What is no UTF-8 is
 * taken for Latin-1, as dumps have it.
 *
 * Owner:   everything lives in the arena.
 * Failure: FAULT_LARGE over a limit, with the line.
 */
#ifndef BASE_RPSL_H
#define BASE_RPSL_H

#include "base/base.h"

enum {
	RPSL_BYTES_MAX = 64 * 1024 * 1024,
	RPSL_OBJECTS_MAX = 500000,
	RPSL_ATTRS_MAX = 5000,    /* of one object */
	RPSL_VALUE_MAX = 64 * 1024,
};

struct rpsl_attr {
	const char *name;  /* lower case */
	const char *value; /* one line, blanks squashed, without comments */
};

struct rpsl_object {
	int line;          /* where it begins, from 1 */
	size_t n;          /* at least 1; the first names the class */
	const struct rpsl_attr *attrs;
};

struct rpsl_abuse {
	const char *range, *mailbox;
};

struct rpsl {
	const struct rpsl_object *objects;
	size_t n;
	const struct rpsl_abuse *abuse;
	size_t n_abuse;
	size_t bad;        /* lines that are not RPSL */
	int first_bad;     /* the first of them; 0: none */
};

bool rpsl_read(struct arena *a, const void *bytes, size_t len,
    struct rpsl *out, GError **err);
/* The first value of that name, or NULL. */
const char *rpsl_get(const struct rpsl_object *o, const char *name);
/* Does the text begin like RPSL?  For telling formats apart. */
bool rpsl_looks_like(const void *bytes, size_t len);

#endif
