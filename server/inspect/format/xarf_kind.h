/*
 * The kinds of values of xarf_check.h.
 */
#ifndef INSPECT_XARF_KIND_H
#define INSPECT_XARF_KIND_H

#include "base/base.h"

enum kind {
	ANY, TEXT, WORD, INT, NUMBER, BOOL, TIME, DAY, ADDRESS, URI, HOST,
	EMAIL, NOT_EMAIL, UUID, CVE, HEX, HASH, TAG, PREFIX, VECTOR,
	VERSION, SOURCE,
	PORTS, OBJECT, MAP, SUB, SAMPLE,
};

/* "min..max", either may be missing; "" is any. */
bool xarf_within(double n, const char *range);
/* s is one of "a|b|c" */
bool xarf_word(const char *s, const char *list);
bool xarf_address(const char *s);
/* What is wrong with a text of that kind ("is no UUID"); NULL: nothing. */
const char *xarf_wrong(struct arena *a, enum kind kind, const char *s,
    const char *arg);

#endif
