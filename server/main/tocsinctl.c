/*
 * tocsinctl: the hand tool.  One table of commands; each is a function of
 * what stands behind its name.
 *
 *	tocsinctl -c FILE COMMAND ...
 */
#include "base/base.h"
#include "base/log.h"
#include "inspect/process/keeper.h"
#include "inspect/process/pool.h"
#include "main/command.h"
#include "main/setup.h"

#include <signal.h>
#include <stdio.h>

static const struct {
	const char *words; /* of the command */
	int (*run)(struct command *cmd, int argc, char **argv);
	unsigned needs;
	const char *usage;
} commands[] = {
#define COMMAND(words, fn, needs, usage, does) {words, fn, needs, usage},
#include "main/commands.def"
#undef COMMAND
};

static void
usage(void)
{
	g_printerr("usage: tocsinctl -c FILE COMMAND\n\n");
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		g_printerr("  %s%s%s\n", commands[i].words,
		    *commands[i].usage != '\0' ? " " : "", commands[i].usage);
}

/* How many words of argv the command's name takes; 0: it is not this one. */
static int
matches(const char *words, int argc, char **argv)
{
	g_auto(GStrv) w = g_strsplit(words, " ", -1);
	int n = (int)g_strv_length(w);

	if (argc < n)
		return 0;
	for (int i = 0; i < n; i++)
		if (strcmp(w[i], argv[i]) != 0)
			return 0;
	return n;
}

static int
run(size_t i, const char *path, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	ARENA_AUTO(a, "tocsinctl");
	struct command cmd = {.arena = a, .name = commands[i].words,
	    .usage = commands[i].usage};
	unsigned needs = commands[i].needs;
	int code;

	if (needs == COMMAND_ALONE && path == NULL) {
		if (!conf_load(a, NULL, &cmd.site.conf, &why))
			return command_fail(&cmd, why);
		return commands[i].run(&cmd, argc, argv);
	}
	if (path == NULL) {
		g_printerr("tocsinctl: a settings file is needed: -c FILE\n");
		return 2;
	}
	if (needs == COMMAND_ALONE) {
		if (!conf_load(a, path, &cmd.site.conf, &why))
			return command_fail(&cmd, why);
		return commands[i].run(&cmd, argc, argv);
	}
	if (!setup_site(a, path, needs & COMMAND_TEMPLATES,
		needs & COMMAND_KEY, &cmd.site, &why))
		return command_fail(&cmd, why);
	log_set_level(LOG_WARNING);
	cmd.by = (struct actor){
	    .name = arena_printf(a, "tocsinctl (%s)", g_get_user_name()),
	    .role = ROLE_ADMIN,
	};
	cmd.db = db_open(cmd.site.conf, "tocsinctl");
	keeper_new_sealing(cmd.site.conf, &cmd.site.sealer);
	code = commands[i].run(&cmd, argc, argv);
	keeper_free(cmd.site.sealer);
	db_close(cmd.db);
	return code;
}

int
main(int argc, char **argv)
{
	const char *path = NULL;
	int code, at = 1;

	if (pool_child_main(argc, argv, &code) ||
	    keeper_child_main(argc, argv, &code))
		return code;
	secret_init();
	signal(SIGPIPE, SIG_IGN);
	while (at < argc && argv[at][0] == '-' && argv[at][1] != '\0') {
		if (strcmp(argv[at], "-c") == 0 && at + 1 < argc) {
			path = argv[at + 1];
			at += 2;
		} else {
			usage();
			return strcmp(argv[at], "--help") == 0 ? 0 : 2;
		}
	}
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		int n = matches(commands[i].words, argc - at, argv + at);

		if (n > 0)
			return run(i, path, argc - at - n, argv + at + n);
	}
	usage();
	return 2;
}
