/* base/blob: bytes in memory and in a file that has no name. */
#include "base/base.h"
#include "base/blob.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static char *dir;

static size_t
files_in_dir(void)
{
	g_autoptr(GDir) d = g_dir_open(dir, 0, NULL);
	size_t n = 0;

	while (g_dir_read_name(d) != NULL)
		n++;
	return n;
}

static void
check_same(struct blob *b, const char *want, size_t n)
{
	g_autofree char *got = g_malloc(n + 1);
	int fd;

	assert_true(blob_finish(b, NULL));
	assert_int_equal(blob_len(b), n);
	assert_memory_equal(blob_bytes(b), want, n);
	fd = blob_fd(b, NULL);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, got, n + 1, 0), n);
	assert_memory_equal(got, want, n);
	assert_int_equal(blob_fd(b, NULL), fd);
	/* Nobody who gets it can change the bytes. */
	assert_true(write(fd, "x", 1) < 0);
	assert_true(n == 0 || ftruncate(fd, 0) < 0);
	assert_memory_equal(blob_bytes(b), want, n);
}

/* Every size around the limit, in pieces of several sizes. */
static void
test_sizes(void **state)
{
	enum { LIMIT = 100, TOP = 2 * LIMIT + 2 };
	char want[TOP];

	for (size_t i = 0; i < TOP; i++)
		want[i] = (char)(i * 7);
	for (size_t n = 0; n <= TOP; n++) {
		for (size_t piece = 1; piece <= TOP; piece += 33) {
			ARENA_AUTO(a, "test");
			struct blob *b = blob_new(a, LIMIT, dir);

			for (size_t at = 0; at < n; at += piece)
				assert_true(blob_append(b, want + at,
				    MIN(piece, n - at), NULL));
			assert_int_equal(blob_spilled(b), n > LIMIT);
			check_same(b, want, n);
			assert_int_equal(files_in_dir(), 0);
		}
	}
}

static void
test_of(void **state)
{
	ARENA_AUTO(a, "test");

	check_same(blob_of(a, "abc\0def", 7), "abc\0def", 7);
	check_same(blob_of(a, NULL, 0), "", 0);
}

static void
test_no_dir(void **state)
{
	g_autoptr(GError) err = NULL;
	ARENA_AUTO(a, "test");
	struct blob *b = blob_new(a, 4, "/nonexistent");

	assert_true(blob_append(b, "1234", 4, &err));
	assert_false(blob_append(b, "5", 1, &err));
	assert_true(fault_is(err, FAULT_BUSY));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_of),
	    cmocka_unit_test(test_no_dir),
	};
	int failed;

	dir = g_dir_make_tmp("blob-XXXXXX", NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	g_rmdir(dir);
	g_free(dir);
	return failed;
}
