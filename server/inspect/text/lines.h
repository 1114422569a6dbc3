/*
 * A text as lines, each with what it is: only letters and logs speak for
 * their sender; quotes, signatures, whois answers, routes of mail and
 * traceroutes do not make sources.
 */
#ifndef INSPECT_LINES_H
#define INSPECT_LINES_H

#include "base/base.h"
#include "base/limits.h"

enum line_kind {
	LINE_TEXT,
	LINE_BLANK,
	LINE_QUOTE, /* "> ...", or all of a mail below its answer */
	LINE_SIGN,  /* behind "-- " or "Best regards,", or a disclaimer */
	LINE_WHOIS,
	LINE_ROUTE, /* Received: and its kin, with continuations */
	LINE_TRACE, /* traceroute, ping, key blocks */
};

struct line {
	const char *s;
	size_t n;
	enum line_kind kind;
};

/* "Received: from ..." with its continuations as one field; NULL for any
 * other line. */
const char *lines_route(struct arena *a, const struct line *l);
/* At most LINES_MAX.  The lines point into text. */
struct line *lines_of(struct arena *a, const char *text, size_t *n);
/* The text without signatures and disclaimers: "scanned by our gateway" says
 * nothing of the report. */
const char *lines_said(struct arena *a, const char *text);

#endif
