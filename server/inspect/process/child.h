/*
 * What the pool and its children say to each other: fixed frames over a
 * stream socket.  A short message follows its frame; a long one is a descriptor
 * that comes along with it, and so is what the keeper opened of it.
 */
#ifndef INSPECT_CHILD_H
#define INSPECT_CHILD_H

#include "inspect/inspect.h"
#include "inspect/process/proc.h"

#define CHILD_NAME "tocsin-parser"

enum {
	CHILD_KNOWN_FD = PROC_ANSWER_FD + 1, /* the recognisers, packed */
	CHILD_MAGIC = 0x7463736e,
	CHILD_NOFILE = 24,      /* iconv opens its tables; the pieces come */
	/* A child that holds this much more than after its start gives up
	 * its place to a fresh one. */
	CHILD_GROWTH_MAX = 12 * 1024 * 1024,
	/* A message up to this goes over the socket, whose buffer has room for
	 * it: a file of its own would cost more than reading a short letter. */
	CHILD_INLINE_MAX = 32 * 1024,
	/* Bytes of a part's path: MAIL_DEPTH_MAX numbers. */
	CHILD_PART_MAX = 160,
	/* What the parent takes of an answer at the first go. */
	CHILD_ANSWER_FIRST = 16 * 1024,
};

struct child_request {
	uint32_t magic;
	uint32_t kind;          /* 'i' inspect; 'r' rows; 'd' one part;
				 * 'p' ping */
	uint64_t len;           /* of the message: the first descriptor, or
				 * without any the bytes behind this */
	char part[CHILD_PART_MAX]; /* 'd': its path, ended by NUL */
	uint64_t n;             /* of the pieces, each with a descriptor */
	struct {
		uint64_t seal;  /* what it was opened from */
		uint64_t len;
	} pieces[INSPECT_PIECES_MAX];
};

struct child_answer {
	uint32_t magic;
	uint32_t leaving;       /* not 0: the child ends after this answer */
	uint64_t len;           /* of the packed inspection that follows;
				 * 'd': of a byte, 1, and the part's, or 0:
				 * there is no such part */
};

/* Order of argv: name, memory, cpu, subject tag, spam header, ids... */
enum {
	CHILD_ARG_MEMORY = 1,
	CHILD_ARG_CPU,
	CHILD_ARG_TAG,
	CHILD_ARG_SPAM,
	CHILD_ARG_IDS,
};

#endif
