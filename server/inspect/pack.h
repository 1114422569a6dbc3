/*
 * A list of structs as bytes, from a child to its parent: the numbers as
 * they are in memory, each text with its length in front and a NUL behind,
 * or a mark that it is the text of the struct before.
 *
 * A report of ten thousand rows is 13 MB of JSON that takes half a second to
 * write and read; as this it is taken in place.  Both sides are one binary,
 * so byte order and descriptor are the same.
 *
 * Thread:  any.
 * Failure: unpack_list() trusts nothing: sizes, UTF-8, limits and JSON are
 *          checked, and it answers the name of what is wrong.
 */
#ifndef INSPECT_PACK_H
#define INSPECT_PACK_H

#include "base/base.h"
#include "base/desc.h"

/* Bytes that one struct takes at most. */
size_t pack_size(const struct desc *d, const void *s);
void pack_list(const struct desc *d, const struct list *l, GString *out);
/* NULL, or what does not hold.  Texts point into bytes, which must live as
 * long as *out, and are no longer than field_max, JSON than json_max. */
const char *unpack_list(struct arena *a, const struct desc *d,
    const char *bytes, size_t len, size_t items_max, size_t field_max,
    size_t json_max, struct list *out);

#endif
