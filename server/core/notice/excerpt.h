/*
 * Lines of logs: what reporters wrote of one party's addresses, to be shown
 * to that party.  Only lines that a machine wrote (they begin as logs do and
 * have a time), that name an address of its rows, and no address of anybody
 * else's rows.  Who reported is not to be read in them: his addresses, names
 * of his hosts and his own name become "[...]", unless he may be named.
 *
 * Owner: the arena given.  Thread: any.  excerpt_load() fails as queries do.
 */
#ifndef CORE_EXCERPT_H
#define CORE_EXCERPT_H

#include "base/base.h"
#include "db/db.h"

/* What a message says, and of whom it is. */
#define EXCERPT_SAID(F, S)                                                    \
	F(S, TEXT, text, none)    /* null: it came encrypted */               \
	F(S, TEXT, from, none)                                                \
	F(S, TEXT, name, none)                                                \
	F(S, BOOL, named, none)   /* he may be */
DESC_STRUCT(excerpt_said, EXCERPT_SAID);

struct excerpt {
	struct list said;     /* excerpt_said */
	GHashTable *sources;  /* addresses of all rows, anybody's */
};

enum { EXCERPT_LINES_MAX = 1000, EXCERPT_LINE_MAX = 1000 /* bytes */ };

/* The messages from which the rows of a ticket come. */
bool excerpt_load(struct db *db, struct arena *a, int64_t number,
    struct excerpt *x, GError **err);
/* The same from what is there already: source_ip, ended by NULL. */
void excerpt_init(struct arena *a, struct excerpt *x, const struct list *said,
    const char *const *sources);

/* The lines about these rows (ticket_event), each once and in order, ended by
 * NULL; *n says how many. */
const char *const *excerpt_lines(struct arena *a, const struct excerpt *x,
    const struct list *events, size_t *n);
/* Does a line name that address? */
bool excerpt_names(struct arena *a, const char *line, const char *address);
/* What somebody who may not be named wrote, such as a subject. */
const char *excerpt_masked(struct arena *a, const struct excerpt *x,
    const char *text);

#endif
