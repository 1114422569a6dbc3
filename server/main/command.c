/* What the commands share: see command.h. */
#include "base/base.h"
#include "main/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int
command_fail(const struct command *cmd, const GError *err)
{
	g_printerr("tocsinctl %s: %s\n", cmd->name, err->message);
	return 1;
}

int
command_usage(const struct command *cmd)
{
	g_printerr("usage: tocsinctl -c FILE %s %s\n", cmd->name, cmd->usage);
	return 2;
}

static void
close_fd(void *p)
{
	int fd = GPOINTER_TO_INT(p);

	if (fd > STDERR_FILENO)
		close(fd);
}

bool
command_read(struct arena *a, const char *path, size_t max, char **bytes,
    size_t *len, GError **err)
{
	GString *s = arena_gstring(a);
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	char piece[65536];
	ssize_t n;

	if (fd < 0)
		return fault_set(err, FAULT_ABSENT, "%s: %s", path,
		    g_strerror(errno));
	arena_defer(a, close_fd, GINT_TO_POINTER(fd));
	while ((n = read(fd, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault_set(err, FAULT_INPUT, "%s: %s", path,
			    g_strerror(errno));
		if (s->len + (size_t)n > max)
			return fault_set(err, FAULT_LARGE,
			    "%s: larger than %zu bytes.", path, max);
		g_string_append_len(s, piece, n);
	}
	*bytes = s->str;
	*len = s->len;
	return true;
}

static void
take_out(int *argc, char **argv, int at, int n)
{
	for (int i = at; i + n <= *argc; i++)
		argv[i] = i + n < *argc ? argv[i + n] : NULL;
	*argc -= n;
}

bool
command_flag(int *argc, char **argv, const char *name)
{
	for (int i = 0; i < *argc; i++)
		if (strcmp(argv[i], name) == 0) {
			take_out(argc, argv, i, 1);
			return true;
		}
	return false;
}

const char *
command_value(int *argc, char **argv, const char *name)
{
	for (int i = 0; i < *argc; i++) {
		const char *value;

		if (strcmp(argv[i], name) == 0 && i + 1 < *argc) {
			value = argv[i + 1];
			take_out(argc, argv, i, 2);
			return value;
		}
		if (g_str_has_prefix(argv[i], name) &&
		    argv[i][strlen(name)] == '=') {
			value = argv[i] + strlen(name) + 1;
			take_out(argc, argv, i, 1);
			return value;
		}
	}
	return NULL;
}
