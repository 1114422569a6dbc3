/* Shared by the files of digests; nothing else includes it. */
#ifndef CORE_DIGEST_PRIV_H
#define CORE_DIGEST_PRIV_H

#include "core/feed/digest.h"

#define DIGEST_FINDING(F, S)                                                  \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, what, none)          /* new still gone */                  \
	F(S, TEXT, addresses, none)     /* whom to tell; NULL: nobody */      \
	F(S, TEXT, address, none)                                             \
	F(S, INT, port, none)                                                 \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, severity, none)                                            \
	F(S, TEXT, feeds, none)                                               \
	F(S, TIME, first_seen, none)                                          \
	F(S, TIME, last_seen, none)                                           \
	F(S, INT, count, none)                                                \
	F(S, INT, returns, none)                                              \
	F(S, INT, rows, none)           /* since the last digest */
DESC_STRUCT(digest_finding, DIGEST_FINDING);

#define DIGEST_ROW(F, S)                                                      \
	F(S, INT, finding, none)                                              \
	F(S, TIME, time, none)                                                \
	F(S, TEXT, feed, none)                                                \
	F(S, TEXT, prefix, none)                                              \
	F(S, TEXT, row, none)           /* JSON: see sighting.row */
DESC_STRUCT(digest_row, DIGEST_ROW);

/* How many of each. */
struct digest_count {
	int64_t fresh, still, gone;
};
void digest_count(const struct digest_finding *f, size_t n,
    struct digest_count *out);

/* One mail: findings f[0..n) of one member to the same people. */
struct digest_mail {
	const char *organisation, *day;
	enum digest_kind kind;
	int64_t ticket;
	const struct digest_finding *f;
	size_t n;
};
const char *digest_subject(struct arena *a, const struct site *s,
    const struct digest_mail *m);
const char *digest_text(struct arena *a, const struct site *s,
    const struct digest_mail *m, const char *file, int64_t rows_cut);
/* rows are those of f, in its order; all of them. */
const char *digest_csv(struct arena *a, const struct digest_mail *m,
    const struct list *rows);

#endif
