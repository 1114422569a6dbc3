/* The commands of tocsinctl: commands.def names them all. */
#ifndef MAIN_COMMAND_H
#define MAIN_COMMAND_H

#include "core/outgoing/keyring.h"

enum {
	COMMAND_ALONE = 0,     /* neither database nor settings file */
	COMMAND_DB = 1,
	COMMAND_KEY = 2,       /* makes the key file when it is missing */
	COMMAND_TEMPLATES = 4, /* sends mail */
};

struct command {
	struct arena *arena;
	struct site site;
	struct db *db;
	struct actor by; /* as the audit trail shows it */
	const char *name, *usage;
};

/* Say what went wrong; the exit code to return. */
int command_fail(const struct command *cmd, const GError *err);
int command_usage(const struct command *cmd);
/* A whole file, or standard input for "-"; at most max bytes. */
bool command_read(struct arena *a, const char *path, size_t max, char **bytes,
    size_t *len, GError **err);
/* Takes --name out of argv; true when it was there. */
bool command_flag(int *argc, char **argv, const char *name);
/* Takes --name VALUE out of argv; NULL when it was not there. */
const char *command_value(int *argc, char **argv, const char *name);

/* Parser children and the keeper, for a command that reads mail. */
bool command_readers(struct command *cmd, struct reader_set *out,
    GError **err);
void command_readers_free(struct reader_set *r);
/* What today's make of a message that is stored. */
bool command_read_again(struct command *cmd, struct reader_set *readers,
    struct arena *a, int64_t id, struct inspection *in, GError **err);

#define COMMAND(words, fn, needs, usage, does)                                \
	int fn(struct command *cmd, int argc, char **argv);
#include "main/commands.def"
#undef COMMAND

#endif
