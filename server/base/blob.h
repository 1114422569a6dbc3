/*
 * One message's bytes on their way through the program: in memory while
 * they are few, in an unlinked file when they are many, and always with a
 * descriptor that can be handed to a parser child.
 *
 *	struct blob *b = blob_new(a, conf->smtp_spill_at, conf->site_state_dir);
 *	if (!blob_append(b, p, n, err) || ... || !blob_finish(b, err))
 *		...
 *	parse(blob_bytes(b), blob_len(b));  or  send_fd(blob_fd(b, err));
 *
 * Owner:    the arena; memory, mapping and descriptors go when it is freed.
 * Thread:   one at a time, like the arena.
 * Failure:  FAULT_BUSY when the disk or the descriptors are used up: the
 *           peer may come again.  After a failed append the blob is only
 *           good for being freed.
 * Limits:   none here; whoever appends counts.  Nothing is ever written to
 *           the file system under a name that outlives blob_append().
 */
#ifndef BASE_BLOB_H
#define BASE_BLOB_H

#include "base/base.h"

struct blob;

/* More than spill_at bytes go to an unlinked file in dir (kept, not
 * copied).  No memory is taken before the first byte. */
struct blob *blob_new(struct arena *a, size_t spill_at, const char *dir);
bool blob_append(struct blob *b, const void *bytes, size_t n, GError **err);
/* No more bytes come; a spilled blob is mapped.  Needed before the rest. */
bool blob_finish(struct blob *b, GError **err);

/* Never NULL; not ended by a NUL byte. */
const void *blob_bytes(const struct blob *b);
size_t blob_len(const struct blob *b);
/* A descriptor of the same bytes that stays the blob's: read it with
 * pread or mmap, its offset is shared with everybody who holds it.  It
 * cannot be used to change the bytes (a sealed memfd, made on demand, or
 * the spill file opened for reading), so a child gone mad can neither
 * alter evidence nor shorten a file that we have mapped.  -1 on failure. */
int blob_fd(struct blob *b, GError **err);
bool blob_spilled(const struct blob *b);

/* A finished blob around n bytes, copied. */
struct blob *blob_of(struct arena *a, const void *bytes, size_t n);

#endif
