/* Commands for feeds: what the timer does at its hour, done now. */
#include "base/base.h"
#include "base/when.h"
#include "core/feed/digest.h"
#include "core/feed/finding.h"
#include "main/command.h"

int
command_digest(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	bool weekly = command_flag(&argc, argv, "--weekly");
	const char *day = command_value(&argc, argv, "--day");
	int64_t t, gone, queued;

	if (argc != 0)
		return command_usage(cmd);
	if (day == NULL)
		day = arena_strndup(cmd->arena,
		    when_rfc3339(cmd->arena, when_now()), 10);
	else if (strlen(day) != 10 || !when_parse_rfc3339(
		     arena_printf(cmd->arena, "%sT00:00:00Z", day), &t))
		return command_usage(cmd);
	if (!finding_sweep(cmd->db, &gone, &why) ||
	    !digest_run(cmd->db, &cmd->site,
		weekly ? DIGEST_WEEKLY : DIGEST_DAILY, day, NULL, NULL,
		&queued, &why))
		return command_fail(cmd, why);
	g_print("%" PRId64 " findings have gone, %" PRId64
		" digests are queued\n", gone, queued);
	return 0;
}
