/*
 * Patterns of recogniser files: what a site writes instead of regular
 * expressions.
 *
 *	Offending IP: {source_ip}
 *	^{time} {source_ip} -> {destination_ip}:{destination_port}
 *
 * Text stands for itself, letters of either case.  A blank stands for any
 * number of blanks: at least one behind a word, where it may also be the
 * end of a line, if a word or a value follows.  {name} takes a value and
 * keeps it under that name, {name:kind} a value of another kind than the
 * name's own; {*} takes anything up to what follows, {word}, {number},
 * {ip}, {port}, {time}, {url}, {domain}, {cve} and {rest} (of the line)
 * take a value and keep nothing.  ^ at the start and $ at the end are the
 * start of a line (behind blanks and list marks) and its end.  {{ is a
 * brace.
 *
 * Matching never goes back behind the last {*}, looks at PATTERN_SKIP_MAX
 * bytes for each of them, and counts its steps against a budget, so that no text
 * and no pattern make it slow.
 *
 * Owner: a pattern lives in the arena it was made in and is immutable; any
 * thread may use it.
 */
#ifndef INSPECT_PATTERN_H
#define INSPECT_PATTERN_H

#include "base/base.h"

enum {
	PATTERN_MAX = 500,        /* bytes of one as written */
	PATTERN_ITEMS_MAX = 64,
	PATTERN_SKIP_MAX = 400,   /* bytes that one {*} passes over */
	PATTERN_VALUE_MAX = 1000, /* bytes of a {word} or {rest} */
};

/* Names under which values are kept. */
enum slot {
	SLOT_SOURCE_IP,
	SLOT_SOURCE_PORT,
	SLOT_DESTINATION_IP,
	SLOT_DESTINATION_PORT,
	SLOT_PROTOCOL,
	SLOT_TIME,
	SLOT_URL,
	SLOT_DOMAIN,
	SLOT_CVE,
	SLOT_MALWARE,
	SLOT_COUNT,
	SLOT_REPORTER_REF,
	SLOTS,
	SLOT_NONE = SLOTS,
};

/* Values by name: canonical (addresses, URLs, domains), times and numbers
 * as written; NULL where there is none. */
struct found {
	const char *slot[SLOTS];
};

struct pattern;

/* FAULT_INPUT says what is wrong with it. */
bool pattern_make(struct arena *a, const char *written,
    const struct pattern **out, GError **err);

/* A search: what it may still cost, in steps of about a byte. */
struct search {
	struct arena *arena; /* of the values found */
	int64_t left;        /* 0 or less: nothing is found any more */
};

/* The first match at or behind *from; adds to *f (what is there already is
 * kept), and puts where it begins and ends.  f may be NULL. */
bool pattern_find(struct search *s, const struct pattern *p, const char *text,
    size_t len, size_t from, struct found *f, size_t *start, size_t *end);

#endif
