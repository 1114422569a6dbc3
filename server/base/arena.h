/*
 * Memory by life span.
 *
 * An arena belongs to one request, message or job and dies with it; what
 * is taken from it is never freed one by one.  Clean-up of things that are
 * not memory (file descriptors, PGresult, GMime objects) is deferred to
 * the arena and runs in reverse order when it is freed.
 *
 * Owner:     whoever called arena_new().
 * Thread:    one at a time; an arena has no lock.
 * Failure:   none.  Out of memory aborts (GLib's rule), which is why every
 *            size that comes from outside is limited BEFORE it gets here.
 * Contents:  zeroed, aligned to 16 bytes.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <glib.h>
#include <stdarg.h>
#include <stddef.h>

struct arena;

/* name is a string literal: it is kept, not copied. */
struct arena *arena_new(const char *name);

/* A child dies with its parent at the latest; arena_free() ends it sooner. */
struct arena *arena_child(struct arena *parent, const char *name);

/* Runs the deferred clean-ups, frees children, then memory.  NULL is fine. */
void arena_free(struct arena *a);
/* The same, but the arena stays, empty, with a block for what comes next: for
 * one piece of work after another. */
void arena_reset(struct arena *a);

void *arena_alloc(struct arena *a, size_t size);
void *arena_memdup(struct arena *a, const void *p, size_t size);
char *arena_strdup(struct arena *a, const char *s); /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
    G_GNUC_PRINTF(2, 0);

/* fn(ptr) runs when the arena is freed, last deferred first. */
void arena_defer(struct arena *a, void (*fn)(void *), void *ptr);

/* A GString that dies with the arena (never g_string_free it yourself). */
GString *arena_gstring(struct arena *a);

/* A GPtrArray that dies with the arena; its elements are not freed. */
GPtrArray *arena_ptr_array(struct arena *a);

/* Bytes taken from the arena and its children, for limits and tests. */
size_t arena_bytes(const struct arena *a);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
/* g_malloc_n-style overflow check: too many elements is our own mistake. */
#define ARENA_ARRAY(a, type, n)                                               \
	((type *)arena_alloc_n((a), (n), sizeof(type)))
void *arena_alloc_n(struct arena *a, size_t n, size_t size);


/* ARENA_AUTO(a, "name"): an arena that is freed where its scope ends. */
void arena_auto_free(struct arena **a);
#define ARENA_AUTO(var, name)                                                 \
	struct arena *var __attribute__((cleanup(arena_auto_free))) =         \
	    arena_new(name)

#endif
