/*
 * `tocsinctl inspect [--text] FILE|-...`: what intake understands of messages,
 * a line with one JSON object each, until one cannot be read.  Needs no settings and no database, and reads the
 * messages in this process: whoever runs it trusts the files enough.  What is
 * encrypted is named and not opened, with settings or without: plain text
 * on a terminal is not what the key is for.
 */
#ifndef MAIN_INSPECT_CMD_H
#define MAIN_INSPECT_CMD_H

#include "base/conf.h"

/* argv[0] is "inspect"; argv's order is not kept.  The exit code: 0, 1 (cannot read), 2 (usage). */
int inspect_command(const struct conf *c, int argc, char **argv);

#endif
