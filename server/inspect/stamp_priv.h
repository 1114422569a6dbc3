/*
 * A cursor over a time as text, for stamp.c and stamp_zone.c.
 */
#ifndef INSPECT_STAMP_PRIV_H
#define INSPECT_STAMP_PRIV_H

#include "inspect/read.h"

struct cursor {
	const char *p, *end;
};

static inline bool
digits(struct cursor *c, int min, int max, int *out)
{
	int n = 0, v = 0;

	while (n < max && c->p + n < c->end && g_ascii_isdigit(c->p[n])) {
		v = v * 10 + (c->p[n] - '0');
		n++;
	}
	if (n < min || (c->p + n < c->end && n == max &&
		g_ascii_isdigit(c->p[n])))
		return false;
	c->p += n;
	*out = v;
	return true;
}

static inline bool
is(struct cursor *c, const char *set)
{
	if (c->p < c->end && *c->p != '\0' && strchr(set, *c->p) != NULL) {
		c->p++;
		return true;
	}
	return false;
}

static inline void
blanks(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
		c->p++;
}

#endif
