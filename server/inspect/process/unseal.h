/*
 * A message opened: what a parser child found sealed goes to the keeper,
 * what comes out goes to a parser child, and each signature is judged by
 * the team's own table of keys.
 *
 * One level: what is encrypted inside what was encrypted stays closed.
 *
 * Failure: none.  Whatever cannot be opened or checked stays as it is, and
 *          its row says why; format "encrypted" tells that the letter itself
 *          is still closed.
 */
#ifndef INSPECT_UNSEAL_H
#define INSPECT_UNSEAL_H

#include "inspect/process/keeper.h"
#include "inspect/process/pool.h"

/* A key that the team knows. */
struct unseal_key {
	const char *fingerprint, *uid;
	const char *addresses; /* by blanks, normalised */
	const char *data;      /* armored */
};

/* Looks for the key of an id or fingerprint (of a subkey, too). */
struct unseal_keys {
	bool (*find)(void *ctx, struct arena *a, const char *id,
	    struct unseal_key *out);
	void *ctx;
};

/* keeper: NULL when the desk has none.  in: what pool_inspect() told; what
 * it tells with the seals opened. */
void unseal(struct pool *parsers, struct keeper *keeper,
    const struct unseal_keys *keys, struct arena *a, struct blob *body,
    struct inspection *in);

#endif
