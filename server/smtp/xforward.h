/*
 * XFORWARD: who the client of the MTA in front of us is (the extension is
 * Postfix's; its XFORWARD_README is the specification).
 *
 * Attributes add up over several commands and hold for one transaction:
 * the end of DATA, RSET and a new EHLO forget them, as Postfix does.
 *
 * Owner: the session.  A zeroed struct is one without attributes.
 */
#ifndef SMTP_XFORWARD_H
#define SMTP_XFORWARD_H

#include "base/base.h"
#include "base/envelope.h"
#include "base/net.h"

enum { XFORWARD_VALUE_MAX = 255 };

/* X(keyword), in the order in which EHLO offers them */
#define XFORWARD_ATTRIBUTES(X)                                                \
	X(NAME)                                                               \
	X(ADDR)                                                               \
	X(PORT)                                                               \
	X(PROTO)                                                              \
	X(HELO)                                                               \
	X(IDENT)                                                              \
	X(SOURCE)

enum xforward_attribute {
#define X(name) XFORWARD_##name,
	XFORWARD_ATTRIBUTES(X)
#undef X
	XFORWARD_COUNT
};

struct xforward {
	char *value[XFORWARD_COUNT]; /* decoded; NULL: not known */
	struct net addr;             /* when value[XFORWARD_ADDR] is set */
};

/* Reads "NAME=value ..." (cutting the line up) over what x holds.  false:
 * not the syntax, x is then as it was. */
bool xforward_read(struct xforward *x, char *args);
void xforward_clear(struct xforward *x);
/* Sets the fwd_* members, and client when there is an address. */
void xforward_envelope(const struct xforward *x, struct arena *a,
    struct smtp_envelope *env);

#endif
