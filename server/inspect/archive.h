/*
 * Files inside a part of a mail: gzip (RFC 1952) and ZIP, in memory only.
 *
 * What it is decides its bytes, never a name.  Only files that look like
 * text come out; an archive inside an archive is said and stays closed, so
 * there is nothing to recurse into.  ZIP goes through libzip, behind a look
 * at how many entries it would have to hold; gzip through GIO's zlib.
 *
 * Owner:   files and their bytes live in the arena.
 * Thread:  any.  Runs in a parser child.
 * Failure: none: what is not read is a sentence in `defects`, and what could
 *          be read of a damaged file stays.
 */
#ifndef INSPECT_ARCHIVE_H
#define INSPECT_ARCHIVE_H

#include "base/base.h"

enum {
	ARCHIVES_MAX = 20,           /* of a message */
	ARCHIVE_ENTRIES_MAX = 200,   /* of one archive; with more none is read */
	ARCHIVE_FILES_MAX = 50,      /* texts taken out of all of them */
	ARCHIVE_NAME_MAX = 255,      /* bytes of a name; the rest is cut */
	ARCHIVE_MEMBERS_MAX = 100,   /* of one gzip file */
	/* Bytes unpacked of all archives of a message. */
	ARCHIVE_BYTES_MAX = 64 * 1024 * 1024,
	/* A table shrinks to a tenth, a tidy one to a fiftieth; what grows
	 * more than this is made to, once it is worth while. */
	ARCHIVE_RATIO_MAX = 200,
	ARCHIVE_RATIO_FREE = 1024 * 1024, /* bytes before the ratio counts */
};

enum archive_kind {
	ARCHIVE_NONE,
	ARCHIVE_GZIP,
	ARCHIVE_ZIP,
	ARCHIVE_OTHER, /* one that is not read: 7z, rar, bzip2, xz, zstd */
};

struct archive_file {
	const char *name; /* valid UTF-8, one line, may hold "/"; NULL when a
			   * gzip file keeps none */
	const char *bytes;
	size_t len;
};

/* What all archives of one message share. */
struct archives {
	struct arena *a;
	size_t left;        /* of ARCHIVE_BYTES_MAX */
	int opened;
	GPtrArray *files;   /* of struct archive_file * */
	GPtrArray *defects; /* of const char * */
};

void archives_init(struct archives *x, struct arena *a);
/* By its first bytes. */
enum archive_kind archive_kind(const void *bytes, size_t len);
/* Takes the files out.  name (may be NULL) is what defects call it. */
void archive_open(struct archives *x, const void *bytes, size_t len,
    const char *name);

#endif
