/* Archives under their limits, and what is said of those that are not read. */
#include "base/base.h"
#include "inspect/archive.h"
#include "unit.h"

#include <gio/gio.h>
#include <zip.h>

/* One of the defects says so. */
static bool
says(const struct archives *x, const char *words)
{
	for (guint i = 0; i < x->defects->len; i++)
		if (strstr(x->defects->pdata[i], words) != NULL)
			return true;
	return false;
}

static const struct archive_file *
file(const struct archives *x, guint i)
{
	assert_true(i < x->files->len);
	return x->files->pdata[i];
}

struct entry {
	const char *name, *text;
	size_t len;
	int method;
	bool secret;
};

static GString *
zip_of(struct arena *a, const struct entry *entries, size_t n)
{
	GString *out = arena_gstring(a);
	zip_error_t why;
	zip_source_t *src = zip_source_buffer_create(NULL, 0, 0, &why);
	zip_t *z = zip_open_from_source(src, ZIP_CREATE | ZIP_TRUNCATE, &why);
	zip_stat_t st;

	assert_non_null(z);
	zip_source_keep(src);
	for (size_t i = 0; i < n; i++) {
		zip_int64_t at = zip_file_add(z, entries[i].name,
		    zip_source_buffer(z, entries[i].text, entries[i].len, 0),
		    ZIP_FL_ENC_UTF_8);

		assert_true(at >= 0);
		zip_set_file_compression(z, (zip_uint64_t)at,
		    entries[i].method, 0);
		if (entries[i].secret)
			zip_file_set_encryption(z, (zip_uint64_t)at,
			    ZIP_EM_AES_256, "secret");
	}
	assert_int_equal(zip_close(z), 0);
	assert_int_equal(zip_source_open(src), 0);
	zip_source_stat(src, &st);
	g_string_set_size(out, st.size);
	assert_int_equal(zip_source_read(src, out->str, st.size), st.size);
	zip_source_close(src);
	zip_source_free(src);
	return out;
}

static void
gzip_to(GString *out, const char *text, size_t len)
{
	g_autoptr(GConverter) z = G_CONVERTER(
	    g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
	size_t room = len + 1024;
	g_autofree char *buf = g_malloc(room);
	gsize took, made;

	assert_int_equal(g_converter_convert(z, text, len, buf, room,
	    G_CONVERTER_INPUT_AT_END, &took, &made, NULL),
	    G_CONVERTER_FINISHED);
	g_string_append_len(out, buf, (gssize)made);
}

static void
test_zip(void **state)
{
	const struct entry entries[] = {
	    {"folder/", "", 0, ZIP_CM_STORE, false},
	    {"folder/a.csv", "ip\n192.0.2.1\n", 13, ZIP_CM_DEFLATE, false},
	    {"../../b\n\\c.txt", "plain", 5, ZIP_CM_STORE, false},
	    {"secret.csv", "ip\n192.0.2.1\n", 13, ZIP_CM_DEFLATE, true},
	    {"program", "\177ELF\0\0\0\0", 8, ZIP_CM_STORE, false},
	    {"empty", "", 0, ZIP_CM_STORE, false},
	    {"other.zip", "PK\003\004xxxx", 8, ZIP_CM_STORE, false}};
	ARENA_AUTO(a, "test");
	GString *s = zip_of(a, entries, COUNT_OF(entries));
	struct archives x;

	(void)state;
	archives_init(&x, a);
	assert_int_equal(archive_kind(s->str, s->len), ARCHIVE_ZIP);
	archive_open(&x, s->str, s->len, "box.zip");
	assert_int_equal(x.files->len, 2);
	assert_string_equal(file(&x, 0)->name, "folder/a.csv");
	assert_string_equal(file(&x, 0)->bytes, "ip\n192.0.2.1\n");
	assert_string_equal(file(&x, 1)->name, "b_/c.txt");
	assert_int_equal(x.defects->len, 2);
	assert_true(says(&x, "box.zip/secret.csv is encrypted"));
	assert_true(says(&x, "box.zip/other.zip: an archive in an archive"));

	/* no beginning of it does harm */
	for (size_t n = 0; n < s->len; n += 7) {
		struct archives y;

		archives_init(&y, a);
		archive_open(&y, arena_memdup(a, s->str, n), n, NULL);
		assert_int_equal(y.files->len, 0);
	}
}

static void
test_gzip(void **state)
{
	ARENA_AUTO(a, "test");
	GString *s = arena_gstring(a), *lines = arena_gstring(a);
	struct archives x;
	size_t one;

	(void)state;
	for (int i = 0; i < 20000; i++)
		g_string_append_printf(lines, "192.0.2.%d,%d\n", i % 250,
		    i * 7919 % 10007);
	gzip_to(s, lines->str, lines->len);
	one = s->len;
	gzip_to(s, "the second", 10);
	g_string_append_len(s, "\0\0\0\0", 4); /* padding of tapes */
	archives_init(&x, a);
	archive_open(&x, s->str, s->len, "x.gz");
	assert_int_equal(x.defects->len, 0);
	assert_int_equal(x.files->len, 1);
	assert_null(file(&x, 0)->name);
	assert_int_equal(file(&x, 0)->len, lines->len + 10);
	assert_true(g_str_has_suffix(file(&x, 0)->bytes, "\nthe second"));

	/* what could be read of a torn one stays */
	archives_init(&x, a);
	archive_open(&x, s->str, one / 2, "x.gz");
	assert_true(says(&x, "x.gz: the gzip file is damaged."));
	assert_in_range(file(&x, 0)->len, 1000, lines->len - 1000);
}

/* 4 MB of one letter: a thousandth of that packed. */
static void
test_bombs(void **state)
{
	enum { BIG = 4 * 1024 * 1024 };
	ARENA_AUTO(a, "test");
	g_autofree char *big = g_strnfill(BIG, 'a');
	struct entry bomb = {"bomb", big, BIG, ZIP_CM_DEFLATE, false};
	GString *z = zip_of(a, &bomb, 1), *g = arena_gstring(a);
	struct archives x;

	(void)state;
	archives_init(&x, a);
	archive_open(&x, z->str, z->len, "z");
	assert_int_equal(x.files->len, 0);
	assert_true(says(&x, "z/bomb: unpacking stopped, it grows"));
	assert_in_range(ARCHIVE_BYTES_MAX - x.left, 1, 2 * 1024 * 1024);

	gzip_to(g, big, BIG);
	archives_init(&x, a);
	archive_open(&x, g->str, g->len, "g");
	assert_int_equal(x.files->len, 0);
	assert_true(says(&x, "g: unpacking stopped, it grows"));
}

static void
test_all_bytes(void **state)
{
	enum { BIG = 8 * 1024 * 1024 };
	ARENA_AUTO(a, "test");
	g_autofree char *big = g_strnfill(BIG, 'a');
	struct entry files[9];
	struct archives x;
	GString *z;
	size_t sum = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++)
		files[i] = (struct entry){arena_printf(a, "%zu", i), big, BIG,
		    ZIP_CM_STORE, false};
	z = zip_of(a, files, COUNT_OF(files));
	archives_init(&x, a);
	archive_open(&x, z->str, z->len, "z");
	for (guint i = 0; i < x.files->len; i++)
		sum += file(&x, i)->len;
	assert_int_equal(sum, ARCHIVE_BYTES_MAX);
	assert_int_equal(x.left, 0);
	assert_true(says(&x, "z: unpacking stopped at 64 MB."));
	/* and nothing is left for the next */
	archive_open(&x, z->str, z->len, "y");
	assert_int_equal(x.files->len, 8);
}

static void
test_counts(void **state)
{
	ARENA_AUTO(a, "test");
	struct entry many[ARCHIVE_ENTRIES_MAX + 1];
	struct archives x;
	GString *z, *g = arena_gstring(a);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(many); i++)
		many[i] = (struct entry){arena_printf(a, "%zu", i), "text", 4,
		    ZIP_CM_STORE, false};
	z = zip_of(a, many, COUNT_OF(many));
	archives_init(&x, a);
	archive_open(&x, z->str, z->len, "z");
	assert_int_equal(x.files->len, 0);
	assert_true(says(&x, "z: more than 200 files"));

	z = zip_of(a, many, ARCHIVE_ENTRIES_MAX);
	archive_open(&x, z->str, z->len, "z");
	assert_int_equal(x.files->len, ARCHIVE_FILES_MAX);
	assert_true(says(&x, "more than 50 files"));

	for (int i = 0; i <= ARCHIVE_MEMBERS_MAX; i++)
		gzip_to(g, "x", 1);
	archives_init(&x, a);
	archive_open(&x, g->str, g->len, "g");
	assert_int_equal(file(&x, 0)->len, ARCHIVE_MEMBERS_MAX);
	assert_true(says(&x, "g: more than 100 gzip members"));

	archives_init(&x, a);
	for (int i = 0; i < ARCHIVES_MAX + 5; i++)
		archive_open(&x, g->str, g->len, "g");
	assert_int_equal(x.files->len, ARCHIVES_MAX);
	assert_true(says(&x, "More than 20 archives"));
}

/* The list of files says the same bytes twice. */
static void
test_overlap(void **state)
{
	enum { BIG = 1024 * 1024, EOCD = 22 };
	ARENA_AUTO(a, "test");
	g_autofree char *big = g_strnfill(BIG, 'a');
	struct entry file_entry = {"f", big, BIG, ZIP_CM_STORE, false};
	GString *z = zip_of(a, &file_entry, 1);
	size_t end = z->len - EOCD, list = end;
	g_autofree char *record = NULL;
	struct archives x;
	uint32_t size;

	(void)state;
	memcpy(&size, z->str + end + 12, 4);
	list = end - size;
	record = g_memdup2(z->str + list, size);
	g_string_insert_len(z, (gssize)end, record, (gssize)size);
	end += size;
	z->str[end + 8] = z->str[end + 10] = 2;
	size *= 2;
	memcpy(z->str + end + 12, &size, 4);
	archives_init(&x, a);
	archive_open(&x, z->str, z->len, "z");
	assert_int_equal(x.files->len, 0);
	assert_true(says(&x, "z: the files in it overlap"));
}

static void
test_others(void **state)
{
	ARENA_AUTO(a, "test");
	struct archives x;

	(void)state;
	archives_init(&x, a);
	archive_open(&x, "7z\xbc\xaf\x27\x1c....", 10, "x.7z");
	archive_open(&x, "ip,time\n", 8, "x.csv");
	archive_open(&x, "", 0, NULL);
	assert_int_equal(x.defects->len, 1);
	assert_true(says(&x, "x.7z is packed in a way that is not read."));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_zip),
	    cmocka_unit_test(test_gzip),
	    cmocka_unit_test(test_bombs),
	    cmocka_unit_test(test_all_bytes),
	    cmocka_unit_test(test_counts),
	    cmocka_unit_test(test_overlap),
	    cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
