/* Any bytes as an archive: what comes out is within its limits, and names
 * are fit to be shown. */
#include "base/base.h"
#include "inspect/archive.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	ARENA_AUTO(a, "fuzz");
	struct archives x;
	size_t sum = 0;

	archives_init(&x, a);
	archive_open(&x, bytes, n, "fuzz");
	g_assert_true(x.files->len <= ARCHIVE_FILES_MAX);
	for (guint i = 0; i < x.files->len; i++) {
		const struct archive_file *f = x.files->pdata[i];

		sum += f->len;
		if (f->name == NULL)
			continue;
		g_assert_true(g_utf8_validate(f->name, -1, NULL));
		g_assert_true(strlen(f->name) <= 3 * ARCHIVE_NAME_MAX);
		for (const char *p = f->name; *p != '\0'; p++)
			g_assert_true((unsigned char)*p >= ' ');
		g_assert_true(*f->name != '/');
	}
	g_assert_true(sum <= ARCHIVE_BYTES_MAX);
	return 0;
}
