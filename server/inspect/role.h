/*
 * What an address does in the sentence or log line where it stands.
 */
#ifndef INSPECT_ROLE_H
#define INSPECT_ROLE_H

#include "inspect/lines.h"
#include "inspect/read.h"

enum role {
	ROLE_NONE,   /* merely there */
	ROLE_LIST,   /* alone on its line */
	ROLE_LABEL,  /* "IP: x" */
	ROLE_SOURCE,
	ROLE_TARGET,
};

/* hit stands in l (offsets are of the line); before is what comes before
 * the line in its paragraph, one line with blanks, may be "". */
enum role role_of(struct arena *a, const struct line *l,
    const struct scan_hit *hit, const char *before);
/* The words of a label, lower case: "source ip", "dst port". */
enum role role_of_label(const char *label);

#endif
