/*
 * A recogniser as read: recognise_load.c makes it, recognise_find.c looks
 * for its patterns, recognise.c decides and makes events of what they find.
 */
#ifndef INSPECT_RECOGNISE_PRIV_H
#define INSPECT_RECOGNISE_PRIV_H

#include "inspect/read.h"
#include "inspect/recognise/pattern.h"
#include "inspect/recognise/recognise.h"

enum says {
	SAYS_FROM,
	SAYS_SUBJECT,
	SAYS_HEADER,
	SAYS_BODY,
	SAYS_FORMAT,
	SAYS_CONDITIONS, /* those before are conditions */
	SAYS_FIND = SAYS_CONDITIONS,
	SAYS_EVENT,
	SAYS_DETAIL,
	SAYS_SECTION,
	SAYS_UNTIL,
	SAYS_TYPE,
	SAYS_ZONE,
	SAYS_ROBOT,
	SAYS_KINDS,
};

struct rule {
	enum says says;
	const char *word;              /* of from, header, format, type */
	const struct pattern *pattern; /* or NULL */
};

struct recogniser {
	const char *name;   /* of its file, without ".conf" */
	const char *source; /* the file's text, for recognise_pack() */
	struct rule *rules;
	size_t n;
	unsigned conditions; /* bit 1 << says for each kind there is */
	bool robot;
	bool has_zone;
	int offset;          /* seconds east of UTC, of has_zone */
};

struct recognisers {
	struct recogniser *list; /* by name */
	size_t n;
};

/* A mail that may be a known sender's: the message itself, or one that
 * somebody sent on with it. */
struct letter {
	const char *from, *subject;
	const struct mail_headers *headers;
	const char *text, *part;
	int container;              /* part index; -1: the message itself */
};

/* What the patterns of a letter have found. */
struct draft {
	struct found found;
	const char *type;
};

struct work {
	struct reading *r;
	struct search search;
	const struct recogniser *x;
	const struct letter *l;
	struct found facts;         /* of the whole report */
	GPtrArray *drafts;
	const char *part;           /* where they were found */
};

/* Is the pattern in that text (NULL: no)?  f may be NULL. */
bool recognise_holds(struct work *w, const struct pattern *p,
    const char *text, struct found *f);
/* Drafts and facts of the letter, else of its HTML, else of the texts
 * attached to it: of the first that names something. */
void recognise_texts(struct work *w);
/* The type that the recogniser gives to events without one, or NULL. */
const char *recognise_type(struct work *w);

#endif
