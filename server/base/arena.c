/* See arena.h. */
#include "base/base.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

/*
 * Small pieces come from blocks, each at least twice the former up to a
 * ceiling; a piece that would waste a block gets one of its own.
 */
enum { BLOCK_FIRST = 2048, BLOCK_MAX = 65536, ALIGN = 16 };
enum { PRINTF_SHORT = 256 }; /* most texts; made without the heap */

struct block {
	struct block *next;
	size_t size, used; /* of data */
	_Alignas(ALIGN) unsigned char data[];
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *);
	void *ptr;
};

struct arena {
	const char *name;
	struct block *blocks; /* the first is the one being filled */
	struct deferred *deferred;
	struct arena *parent, *children, *next, *prev;
	size_t bytes, block_size;
};

struct arena *
arena_new(const char *name)
{
	struct arena *a = g_new0(struct arena, 1);

	a->name = name;
	a->block_size = BLOCK_FIRST;
	return a;
}

struct arena *
arena_child(struct arena *parent, const char *name)
{
	struct arena *a = arena_new(name);

	a->parent = parent;
	a->next = parent->children;
	if (a->next != NULL)
		a->next->prev = a;
	parent->children = a;
	return a;
}

static void
unlink_from_parent(struct arena *a)
{
	if (a->parent == NULL)
		return;
	if (a->prev != NULL)
		a->prev->next = a->next;
	else
		a->parent->children = a->next;
	if (a->next != NULL)
		a->next->prev = a->prev;
}

static void
free_blocks(struct block *b)
{
	struct block *next;

	for (; b != NULL; b = next) {
		next = b->next;
		UNPOISON(b->data, b->size);
		g_free(b);
	}
}

/* All but the blocks. */
static void
clean_up(struct arena *a)
{
	/* A clean-up may defer another one, so pop until there is none. */
	while (a->deferred != NULL) {
		struct deferred *d = a->deferred;

		a->deferred = d->next;
		d->fn(d->ptr);
	}
	while (a->children != NULL)
		arena_free(a->children);
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	clean_up(a);
	unlink_from_parent(a);
	free_blocks(a->blocks);
	g_free(a);
}

void
arena_reset(struct arena *a)
{
	struct block *keep;

	clean_up(a);
	a->bytes = 0;
	keep = a->blocks;
	if (keep == NULL)
		return;
	free_blocks(keep->next);
	keep->next = NULL;
	keep->used = 0;
	POISON(keep->data, keep->size);
	/* one huge piece is no measure of what comes */
	if (keep->size > BLOCK_MAX) {
		free_blocks(keep);
		a->blocks = NULL;
	}
}

void
arena_auto_free(struct arena **a)
{
	arena_free(*a);
	*a = NULL;
}

static struct block *
block_new(size_t size)
{
	struct block *b = g_malloc(sizeof(*b) + size);

	b->next = NULL;
	b->size = size;
	b->used = 0;
	POISON(b->data, size);
	return b;
}

/* The bytes are whatever was there. */
static void *
take(struct arena *a, size_t size)
{
	size_t need;
	struct block *b;
	void *p;

	g_assert(size < G_MAXSSIZE - ALIGN);
	need = (MAX(size, 1) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	b = a->blocks;
	if (b == NULL || b->size - b->used < need) {
		if (need > a->block_size / 2) {
			/* Its own block, behind the one being filled. */
			b = block_new(need);
			if (a->blocks != NULL) {
				b->next = a->blocks->next;
				a->blocks->next = b;
			} else {
				a->blocks = b;
			}
		} else {
			b = block_new(a->block_size);
			b->next = a->blocks;
			a->blocks = b;
			if (a->block_size < BLOCK_MAX)
				a->block_size *= 2;
		}
	}
	p = b->data + b->used;
	b->used += need;
	a->bytes += need;
	/* The padding stays poisoned: an overrun by one byte shows. */
	UNPOISON(p, size);
	return p;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	return memset(take(a, size), 0, size);
}

void *
arena_alloc_n(struct arena *a, size_t n, size_t size)
{
	g_assert(size == 0 || n < G_MAXSSIZE / size);
	return arena_alloc(a, n * size);
}

void *
arena_memdup(struct arena *a, const void *p, size_t size)
{
	void *q = take(a, size);

	if (size > 0)
		memcpy(q, p, size);
	return q;
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *q = take(a, len + 1);

	memcpy(q, s, len);
	q[len] = '\0';
	return q;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return s == NULL ? NULL : arena_memdup(a, s, strlen(s) + 1);
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	g_autofree char *long_one = NULL;
	char s[PRINTF_SHORT];
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(s, sizeof(s), fmt, ap);
	if (n < 0 || n >= (int)sizeof(s))
		long_one = g_strdup_vprintf(fmt, again);
	va_end(again);
	return long_one != NULL ? arena_strdup(a, long_one) :
		arena_memdup(a, s, (size_t)n + 1);
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

void
arena_defer(struct arena *a, void (*fn)(void *), void *ptr)
{
	struct deferred *d = ARENA_NEW(a, struct deferred);

	d->fn = fn;
	d->ptr = ptr;
	d->next = a->deferred;
	a->deferred = d;
}

static void
gstring_free(void *s)
{
	g_string_free(s, TRUE);
}

GString *
arena_gstring(struct arena *a)
{
	GString *s = g_string_sized_new(256);

	arena_defer(a, gstring_free, s);
	return s;
}

static void
ptr_array_free(void *p)
{
	g_ptr_array_free(p, TRUE);
}

GPtrArray *
arena_ptr_array(struct arena *a)
{
	GPtrArray *p = g_ptr_array_new();

	arena_defer(a, ptr_array_free, p);
	return p;
}

size_t
arena_bytes(const struct arena *a)
{
	size_t n = a->bytes;

	for (const struct arena *c = a->children; c != NULL; c = c->next)
		n += arena_bytes(c);
	return n;
}
