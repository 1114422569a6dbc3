/*
 * What the pool and its children say to each other: fixed frames over a
 * stream socket, the message itself as a descriptor (SCM_RIGHTS).
 */
#ifndef INSPECT_CHILD_H
#define INSPECT_CHILD_H

#include <stdint.h>

#define CHILD_NAME "tocsin-parser"

enum {
	CHILD_FD = 3,           /* the socket, in the child */
	CHILD_KNOWN_FD = 4,     /* the recognisers, packed */
	CHILD_MAGIC = 0x7463736e,
	CHILD_NOFILE = 16,      /* iconv opens its tables */
	/* A child that holds this much more than after its start gives up
	 * its place to a fresh one. */
	CHILD_GROWTH_MAX = 12 * 1024 * 1024,
	CHILD_CONF_MAX = 8192,  /* bytes of settings handed over */
};

struct child_request {
	uint32_t magic;
	uint32_t kind;          /* 'i' inspect, with a descriptor; 'p' ping */
	uint64_t len;           /* of the message */
};

struct child_answer {
	uint32_t magic;
	uint32_t leaving;       /* not 0: the child ends after this answer */
	uint64_t len;           /* of the JSON that follows */
	uint64_t events;        /* of the packed events behind it */
	uint64_t text;          /* of the main text behind them; CHILD_NO_TEXT.
				 * It is half of what a child says of a
				 * letter, and dear to quote and unquote. */
};

#define CHILD_NO_TEXT UINT64_MAX

/* Order of argv: name, memory, cpu, subject tag, spam header, ids... */
enum {
	CHILD_ARG_MEMORY = 1,
	CHILD_ARG_CPU,
	CHILD_ARG_TAG,
	CHILD_ARG_SPAM,
	CHILD_ARG_IDS,
};

#endif
