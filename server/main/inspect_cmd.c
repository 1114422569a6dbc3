#include "base/base.h"
#include "main/inspect_cmd.h"
#include "inspect/inspect.h"
#include "mail/canonical.h"
#include "main/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { FILE_MAX = 100 * 1024 * 1024 };

static bool
read_all(struct arena *a, const char *path, GString **out)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO :
		open(path, O_RDONLY | O_CLOEXEC);
	char buf[65536];
	ssize_t n = 0;

	if (fd < 0) {
		fprintf(stderr, "%s: %s\n", path, g_strerror(errno));
		return false;
	}
	*out = arena_gstring(a);
	while ((*out)->len <= FILE_MAX &&
	    ((n = read(fd, buf, sizeof(buf))) > 0 ||
		(n < 0 && errno == EINTR)))
		if (n > 0)
			g_string_append_len(*out, buf, n);
	if (n < 0)
		fprintf(stderr, "%s: %s\n", path, g_strerror(errno));
	else if ((*out)->len > FILE_MAX)
		fprintf(stderr, "%s: more than %d bytes\n", path, FILE_MAX);
	if (fd != STDIN_FILENO)
		close(fd);
	return n == 0;
}

/* One file's line of JSON. */
static bool
inspect_file(const struct conf *c, const struct recognisers *known,
    const char *path, bool texts)
{
	ARENA_AUTO(a, "inspect");
	struct inspection in;
	GString *file, *json;
	const char *bytes;
	size_t len;

	if (!read_all(a, path, &file))
		return false;
	bytes = mail_canonical(a, file->str, file->len, &len);
	inspect_message(a, c, known, bytes, len, texts, &in);
	json = arena_gstring(a);
	inspect_to_json(&in, texts, json);
	g_string_append_c(json, '\n');
	if (fwrite(json->str, 1, json->len, stdout) == json->len &&
	    fflush(stdout) == 0)
		return true;
	perror("stdout");
	return false;
}

int
inspect_command(const struct conf *c, int argc, char **argv)
{
	ARENA_AUTO(a, "inspect");
	g_autoptr(GError) why = NULL;
	const struct recognisers *known;
	bool texts = false, usage = false;
	int files = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--text") == 0)
			texts = true;
		else if (*argv[i] == '\0' ||
		    (argv[i][0] == '-' && argv[i][1] != '\0'))
			usage = true;
		else
			argv[++files] = argv[i];
	}
	if (usage || files == 0) {
		fputs("usage: tocsinctl inspect [--text] FILE|-...\n", stderr);
		return 2;
	}
	if (!setup_known(a, c, &known, &why)) {
		fprintf(stderr, "%s\n", why->message);
		return 1;
	}
	for (int i = 1; i <= files; i++)
		if (!inspect_file(c, known, argv[i], texts))
			return 1;
	return 0;
}
