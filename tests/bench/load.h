/*
 * What the load generators share: bytes in which one number is patched for
 * each use, and a clock.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MARK_CHARS = 8, MARKS_MAX = 64 };

/* Bytes with every place where the mark stood. */
struct patched {
	char *bytes;
	size_t len, n;
	size_t at[MARKS_MAX];
};

static inline void
patched_init(struct patched *p, char *bytes, size_t len, const char *mark)
{
	char *from = bytes, *hit;

	p->bytes = bytes;
	p->len = len;
	p->n = 0;
	while ((hit = memmem(from, len - (size_t)(from - bytes), mark,
		    MARK_CHARS)) != NULL) {
		if (p->n == MARKS_MAX)
			errx(2, "more than %d marks", MARKS_MAX);
		p->at[p->n++] = (size_t)(hit - bytes);
		from = hit + MARK_CHARS;
	}
}

static inline void
patched_set(const struct patched *p, const char *chars)
{
	for (size_t i = 0; i < p->n; i++)
		memcpy(p->bytes + p->at[i], chars, MARK_CHARS);
}

/* The n-th number, spread over eight digits, so that an index on it is hit
 * all over its width as by a digest.  The modulus is a prime, so none comes twice. */
static inline void
mark_of(uint64_t n, char out[MARK_CHARS + 1])
{
	snprintf(out, MARK_CHARS + 1, "%08u",
	    (unsigned)(n * 61803399ULL % 99999989ULL));
}

static inline double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline char *
slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *p;
	long n;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (n = ftell(f)) < 0)
		err(2, "%s", path);
	rewind(f);
	p = malloc((size_t)n + 1);
	if (p == NULL || fread(p, 1, (size_t)n, f) != (size_t)n)
		err(2, "%s", path);
	p[n] = '\0';
	fclose(f);
	*len = (size_t)n;
	return p;
}

#endif
