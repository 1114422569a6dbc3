/* Memory by life span. */
#include "base/base.h"
#include "unit.h"

static void
test_zeroed_and_aligned(void **state)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 1000, 1025, 2047,
	    2048, 40000, 70000, 5000000};
	ARENA_AUTO(a, "test");

	(void)state;
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < COUNT_OF(sizes); i++) {
			unsigned char *p = arena_alloc(a, sizes[i]);

			assert_int_equal((uintptr_t)p % 16, 0);
			for (size_t n = 0; n < sizes[i]; n++)
				assert_int_equal(p[n], 0);
			memset(p, 0xaa, sizes[i]);
		}
}

static void
test_small_pieces_do_not_overlap(void **state)
{
	enum { N = 5000 };
	ARENA_AUTO(a, "test");
	uint32_t **p = ARENA_ARRAY(a, uint32_t *, N);

	(void)state;
	for (uint32_t i = 0; i < N; i++) {
		p[i] = ARENA_NEW(a, uint32_t);
		*p[i] = i;
	}
	for (uint32_t i = 0; i < N; i++)
		assert_int_equal(*p[i], i);
}

struct mark {
	GString *out;
	char c;
};

static void
leave_mark(void *p)
{
	struct mark *m = p;

	g_string_append_c(m->out, m->c);
}

static void
test_order_of_ends(void **state)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct mark marks[] = {{out, 'a'}, {out, 'b'}, {out, 'c'}, {out, 'd'}};
	struct arena *a = arena_new("outer"), *b = arena_child(a, "inner"),
		     *c = arena_child(a, "second");

	(void)state;
	arena_defer(a, leave_mark, &marks[0]);
	arena_defer(a, leave_mark, &marks[1]);
	arena_defer(b, leave_mark, &marks[2]);
	arena_defer(c, leave_mark, &marks[3]);
	arena_free(c);
	assert_string_equal(out->str, "d");
	arena_free(a);
	assert_string_equal(out->str, "dbac");
	arena_free(NULL);
}

static void
test_children_leave_their_parent(void **state)
{
	ARENA_AUTO(a, "outer");
	struct arena *kids[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		kids[i] = arena_child(a, "kid");
		arena_alloc(kids[i], 100);
	}
	assert_int_equal(arena_bytes(a), 3 * 112);
	arena_free(kids[1]);
	arena_free(kids[0]);
	assert_int_equal(arena_bytes(a), 112);
}

static void
test_copies(void **state)
{
	ARENA_AUTO(a, "test");
	GString *s = arena_gstring(a);
	g_autofree char *big = g_strnfill(300000, 'x');

	(void)state;
	assert_null(arena_strdup(a, NULL));
	assert_string_equal(arena_strdup(a, ""), "");
	assert_string_equal(arena_strndup(a, "abc", 2), "ab");
	assert_string_equal(arena_strndup(a, "abc", 9), "abc");
	assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
	assert_int_equal(strlen(arena_printf(a, "%s", big)), 300000);
	assert_memory_equal(arena_memdup(a, "a\0b", 3), "a\0b", 3);
	assert_non_null(arena_memdup(a, NULL, 0));
	g_string_append(s, "grows");
	g_ptr_array_add(arena_ptr_array(a), s);
	assert_string_equal(s->str, "grows");
}

static void
test_reset_ends_all_but_the_arena(void **state)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct mark marks[] = {{out, 'a'}, {out, 'b'}};
	ARENA_AUTO(a, "test");

	(void)state;
	arena_reset(a);
	for (int round = 0; round < 4; round++) {
		/* small ones, and one that gets a block of its own */
		size_t huge = round == 1 ? 300000 : 100;

		arena_defer(a, leave_mark, &marks[0]);
		arena_defer(arena_child(a, "inner"), leave_mark, &marks[1]);
		for (int i = 0; i < 1000; i++) {
			unsigned char *p = arena_alloc(a, 150);

			for (size_t n = 0; n < 150; n++)
				assert_int_equal(p[n], 0);
			memset(p, 0xaa, 150);
		}
		memset(arena_alloc(a, huge), 0xaa, huge);
		arena_reset(a);
		assert_int_equal(arena_bytes(a), 0);
	}
	assert_string_equal(out->str, "abababab");
	/* the huge one first */
	memset(arena_alloc(a, 300000), 0xaa, 300000);
	arena_reset(a);
	assert_int_equal(*(char *)arena_alloc(a, 300000), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_zeroed_and_aligned),
	    cmocka_unit_test(test_small_pieces_do_not_overlap),
	    cmocka_unit_test(test_order_of_ends),
	    cmocka_unit_test(test_children_leave_their_parent),
	    cmocka_unit_test(test_copies),
	    cmocka_unit_test(test_reset_ends_all_but_the_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
