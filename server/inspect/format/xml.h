/*
 * XML of strangers -> a small tree in the arena.
 *
 * The one includer of libxml2, which is used as a tokenizer only: it gets
 * UTF-8 that begins at the root element, so it never sees a prolog, a DTD
 * or an encoding; references other than the five of XML and characters by
 * number have become text before; its tree, network, catalogues and entity
 * tables stay unused.  Depth and size are checked as the elements come, so
 * that neither its stack nor ours follows the input.
 *
 * What people really send is mended where the meaning is plain: a bare &
 * or <, an entity of HTML, an element that nobody closed.
 *
 * Owner:  the tree lives in the arena given and may point into the text.
 * Thread: any; xml_init() once per process before the first.
 * Failure: xml_parse() returns NULL and says why; *mended is set when the
 *         text was no XML and was read all the same.
 */
#ifndef INSPECT_XML_H
#define INSPECT_XML_H

#include "base/base.h"
#include "base/limits.h"

struct xml_attr {
	const char *name; /* without its prefix */
	const char *value;
};

struct xml {
	const char *name; /* without its prefix */
	const char *text; /* directly inside, trimmed; "" */
	struct xml_attr *attrs;
	size_t n_attrs;
	struct xml *parent, *first, *last, *next;
};

void xml_init(void);

/* The first element of that name in s (n bytes), whatever stands around
 * it, but not in a quoted line; *start and *len are its bytes, up to its end
 * tag or the end of s.  false: none. */
bool xml_locate(const char *s, size_t n, const char *root, size_t *start,
    size_t *len);
/* s begins with the start tag of an element.  reason is NULL, or a sentence
 * without its point. */
const struct xml *xml_parse(struct arena *a, const char *s, size_t n,
    const char **reason, bool *mended);

/* Every reader takes NULL.  Names are compared with case. */
const struct xml *xml_child(const struct xml *e, const char *name);
/* The next sibling of the same name. */
const struct xml *xml_again(const struct xml *e);
/* All of root in document order: *e NULL at the start; false at the end. */
bool xml_walk(const struct xml *root, const struct xml **e);
/* The first descendant of that name. */
const struct xml *xml_find(const struct xml *root, const char *name);
/* NULL when there is none or it is blank. */
const char *xml_text(const struct xml *e);
const char *xml_attr(const struct xml *e, const char *name);
/* Text of a child. */
const char *xml_get(const struct xml *e, const char *child);

/* For other readers that build such a tree. */
struct xml *xml_add(struct arena *a, struct xml *parent, const char *name);

#endif
