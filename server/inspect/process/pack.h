/*
 * Lists of structs as bytes, from a child to its parent: the numbers as
 * they are in memory, each text with its length in front and a NUL behind,
 * or a mark that it is the text of the struct before.
 *
 * A report of ten thousand rows is 13 MB of JSON that takes half a second to
 * write and read, and a letter's takes a tenth of the time that it takes to
 * read the letter; this is taken in place.  Both sides are one binary, so
 * byte order and descriptor are the same.
 *
 * Thread:  any.
 * Failure: unpacking trusts nothing: sizes, UTF-8, limits and JSON are
 *          checked, and it answers the name of what is wrong.
 */
#ifndef INSPECT_PACK_H
#define INSPECT_PACK_H

#include "base/base.h"
#include "base/desc.h"

/* Bytes that one struct takes at most. */
size_t pack_size(const struct desc *d, const void *s);
void pack_list(const struct desc *d, const struct list *l, GString *out);
/* t may be NULL. */
void pack_text(const char *t, GString *out);

/* What is left to be read. */
struct unpacking {
	struct arena *a;
	const char *p, *end;        /* as long as what is unpacked */
	size_t field_max, json_max; /* bytes of a text, of JSON */
};

/* The next list, or text; NULL, or what does not hold. */
const char *unpack_list(struct unpacking *u, const struct desc *d,
    size_t items_max, struct list *out);
const char *unpack_text(struct unpacking *u, size_t max, const char **out);

#endif
