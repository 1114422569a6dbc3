/*
 * Runs a fuzz target over files, or over all files of folders.  -t N: over
 * every beginning of each that is a multiple of N long, too.
 */
#include "base/base.h"
#include "base/text.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

static int files;
static int64_t step; /* of -t, or 0 */

/* Without the NUL that GLib adds: a step too far shows. */
static void
run(const char *text, gsize n)
{
	g_autofree char *exact = g_malloc(MAX(n, 1));

	memcpy(exact, text, n);
	LLVMFuzzerTestOneInput((const uint8_t *)exact, n);
}

static bool
replay(const char *path)
{
	g_autoptr(GDir) dir = NULL;
	g_autofree char *text = NULL;
	g_autoptr(GError) err = NULL;
	const char *name;
	gsize n;

	if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
		dir = g_dir_open(path, 0, &err);
		while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
			g_autofree char *file =
			    g_build_filename(path, name, NULL);

			if (!replay(file))
				return false;
		}
		return dir != NULL;
	}
	if (!g_file_get_contents(path, &text, &n, &err)) {
		fprintf(stderr, "%s\n", err->message);
		return false;
	}
	for (gsize k = 0; step > 0 && k < n; k += (gsize)step)
		run(text, k);
	run(text, n);
	files++;
	return true;
}

int
main(int argc, char **argv)
{
	int i = 1;

	if (argc > 2 && strcmp(argv[1], "-t") == 0 &&
	    text_int(argv[2], 1, G_MAXINT, &step))
		i = 3;
	for (; i < argc; i++)
		if (!replay(argv[i]))
			return EXIT_FAILURE;
	printf("%s - %s: %d files\n", files > 0 ? "ok" : "not ok", argv[0],
	    files);
	return files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
