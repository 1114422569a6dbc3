/*
 * The parser children: processes that read hostile bytes.
 *
 * Each is a fresh exec of our own binary (argv[0] "tocsin-parser") with a
 * socket for each way, RLIMITs on memory and CPU time, no database, no network
 * use, no way to get new privileges.  A message reaches it over the one or
 * as a file descriptor (child.h), its answer is length-prefixed JSON (inspect.h).
 *
 * Owner:   main makes the pool; worker threads borrow children.
 * Failure: a child that dies, hangs or answers nonsense costs that message
 *          its understanding, never the message: pool_inspect() then
 *          returns false with FAULT_BUG and a fresh child takes its place.
 */
#ifndef INSPECT_POOL_H
#define INSPECT_POOL_H

#include "inspect/inspect.h"
#include "base/blob.h"

struct pool;
struct recognisers;

/* known may be NULL; it is copied. */
bool pool_new(const struct conf *c, const struct recognisers *known,
    struct pool **out, GError **err);
/* New recognisers, for every message from now on.  Any thread. */
bool pool_know(struct pool *p, const struct recognisers *known, GError **err);
void pool_free(struct pool *p); /* ends the children, waits for them */
/* Waits for a free child (fair), at most conf parser_wall for its answer. */
bool pool_inspect(struct pool *p, struct arena *a, struct blob *body,
    struct inspection *out, GError **err);
/* The same with what a keeper opened of the seals that it found. */
bool pool_inspect_opened(struct pool *p, struct arena *a, struct blob *body,
    const struct inspect_piece *pieces, size_t n, struct inspection *out,
    GError **err);
/* Lines or a table that somebody pasted, no message: inspect_rows(). */
bool pool_rows(struct pool *p, struct arena *a, struct blob *body,
    struct inspection *out, GError **err);
/* The bytes of one part of a message by its path (inspect_part_of());
 * FAULT_ABSENT when there is none such, FAULT_AWAY when the child ended. */
bool pool_part(struct pool *p, struct arena *a, struct blob *body,
    const char *path, const void **bytes, size_t *len, GError **err);
/* For /readyz: every child answers a ping or was just started. */
bool pool_ready(struct pool *p);

/* main() calls this first: when argv[0] says we are a parser child, serves
 * until the socket closes and returns true (main then exits with *code). */
bool pool_child_main(int argc, char **argv, int *code);

#endif
