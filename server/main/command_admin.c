/* Commands on accounts, members, lists and the queue. */
#include "base/base.h"
#include "base/csv.h"
#include "base/text.h"
#include "base/when.h"
#include "core/account.h"
#include "core/case/deed.h"
#include "core/list/roster.h"
#include "core/member/import.h"
#include "core/member/mark.h"
#include "db/migrate.h"
#include "main/command.h"
#include "main/inspect_cmd.h"

#include <stdio.h>
#include <termios.h>
#include <unistd.h>

int
command_migrate(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	int n;

	(void)argc;
	(void)argv;
	if (!migrate_run(cmd->db, &n, &why))
		return command_fail(cmd, why);
	g_print("%d migration%s applied; the schema is up to date\n", n,
	    n == 1 ? "" : "s");
	return 0;
}

/* One line of standard input, without echo on a terminal. */
static bool
read_password(struct arena *a, const char **out, GError **err)
{
	struct termios old, quiet;
	bool terminal = isatty(STDIN_FILENO) != 0 &&
	    tcgetattr(STDIN_FILENO, &old) == 0;
	char line[ACCOUNT_PASSWORD_MAX + 2];
	char *got;

	if (terminal) {
		g_printerr("Password: ");
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	got = fgets(line, sizeof(line), stdin);
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
		g_printerr("\n");
	}
	if (got == NULL)
		return fault_set(err, FAULT_INPUT,
		    "A password is expected on standard input.");
	*out = arena_strdup(a, g_strchomp(line));
	return true;
}

static bool
read_role(const char *name, enum role *out, GError **err)
{
	*out = name != NULL ? account_role(name) : ROLE_NONE;
	return *out != ROLE_NONE ||
	    fault_set(err, FAULT_INPUT,
		"--role is one of viewer, analyst, lead, admin.");
}

int
command_user_add(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	const char *name = command_value(&argc, argv, "--name");
	const char *role = command_value(&argc, argv, "--role");
	const char *password;
	enum role r;

	if (argc != 1)
		return command_usage(cmd);
	if (!read_role(role, &r, &why) ||
	    !read_password(cmd->arena, &password, &why) ||
	    !account_add(cmd->db, &cmd->by, argv[0],
		name != NULL ? name : argv[0], r, password, &why))
		return command_fail(cmd, why);
	g_print("%s may log in\n", argv[0]);
	return 0;
}

int
command_user_list(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	struct list l;

	(void)argc;
	(void)argv;
	if (!account_list(cmd->db, cmd->arena, &l, &why))
		return command_fail(cmd, why);
	for (size_t i = 0; i < l.n; i++) {
		const struct account_row *r = LIST_AT(account_row, l, i);

		g_print("%-8s %-7s %-30s %s%s\n", r->role, r->kind,
		    r->email != NULL ? r->email : "-", r->name,
		    r->disabled ? " (disabled)" : "");
	}
	return 0;
}

int
command_user_password(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	const char *password;

	if (argc != 1)
		return command_usage(cmd);
	if (!read_password(cmd->arena, &password, &why) ||
	    !account_password(cmd->db, &cmd->by, argv[0], password, &why))
		return command_fail(cmd, why);
	g_print("the password of %s is changed\n", argv[0]);
	return 0;
}

int
command_user_disable(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;

	if (argc != 1)
		return command_usage(cmd);
	if (!account_disable(cmd->db, &cmd->by, argv[0], &why))
		return command_fail(cmd, why);
	g_print("%s cannot log in any more\n", argv[0]);
	return 0;
}

int
command_token_add(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	const char *role = command_value(&argc, argv, "--role");
	const char *token;
	enum role r;

	if (argc != 1)
		return command_usage(cmd);
	if (!read_role(role, &r, &why) ||
	    !account_token_add(cmd->db, cmd->arena, &cmd->by, argv[0], r,
		&token, &why))
		return command_fail(cmd, why);
	g_print("Bearer token of %s, shown only now:\n%s\n", argv[0], token);
	return 0;
}

static int
import(struct command *cmd, int argc, char **argv, enum import_target target)
{
	g_autoptr(GError) why = NULL;
	struct import_request rq = {
	    .target = target,
	    .site = &cmd->site,
	    .dry_run = command_flag(&argc, argv, "--dry-run"),
	    .complete = command_flag(&argc, argv, "--complete"),
	};
	struct import_result result = {0};
	char *bytes;

	if (argc != 1)
		return command_usage(cmd);
	if (!command_read(cmd->arena, argv[0], IMPORT_BYTES_MAX, &bytes,
		&rq.len, &why))
		return command_fail(cmd, why);
	rq.bytes = bytes;
	rq.file = argv[0];
	if (!import_run(cmd->db, cmd->arena, &cmd->by, &rq, &result, &why))
		return command_fail(cmd, why);
	g_print("%s", import_report(cmd->arena, &result));
	return 0;
}

int
command_org_import(struct command *cmd, int argc, char **argv)
{
	return import(cmd, argc, argv, IMPORT_MEMBERS);
}

int
command_prefix_import(struct command *cmd, int argc, char **argv)
{
	return import(cmd, argc, argv, IMPORT_PREFIXES);
}

int
command_foreign_import(struct command *cmd, int argc, char **argv)
{
	return import(cmd, argc, argv, IMPORT_FOREIGN);
}

int
command_mark_list(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	struct list l;

	(void)argv;
	if (argc != 0)
		return command_usage(cmd);
	if (!mark_list(cmd->db, cmd->arena, &l, &why))
		return command_fail(cmd, why);
	for (size_t i = 0; i < l.n; i++) {
		const struct mark *m = LIST_AT(mark, l, i);

		g_print("%-10s %-32s %-10s %s\n", m->kind, m->value,
		    m->verdict, m->note);
	}
	return 0;
}

int
command_mark_set(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	struct mark m = {
	    .verdict = command_value(&argc, argv, "--verdict"),
	    .note = command_value(&argc, argv, "--note"),
	};

	if (argc != 2)
		return command_usage(cmd);
	m.kind = argv[0];
	m.value = argv[1];
	return mark_set(cmd->db, &cmd->by, &m, &why) ? 0
						     : command_fail(cmd, why);
}

int
command_mark_remove(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;

	if (argc != 2)
		return command_usage(cmd);
	return mark_remove(cmd->db, &cmd->by, argv[0], argv[1], &why)
	    ? 0
	    : command_fail(cmd, why);
}

int
command_subscriber_import(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	bool dry_run = command_flag(&argc, argv, "--dry-run");
	GString *report = arena_gstring(cmd->arena);
	struct roster_import result = {0};
	char *bytes;
	size_t len;

	if (argc != 2)
		return command_usage(cmd);
	if (!command_read(cmd->arena, argv[1], CSV_BYTES_MAX, &bytes, &len,
		&why) ||
	    !roster_import_csv(cmd->db, cmd->arena, &cmd->by, argv[0], bytes,
		len, dry_run, &result, &why))
		return command_fail(cmd, why);
	roster_import_report(&result, report);
	g_print("%s", report->str);
	return result.bad > 0 ? 1 : 0;
}

#define QUEUE_SUM(F, S)                                                       \
	F(S, TEXT, state, none)                                               \
	F(S, INT, n, none)                                                    \
	F(S, TIME, oldest, none)                                              \
	F(S, TIME, next_try, none)
DESC_PRIVATE(queue_sum, QUEUE_SUM);

#define QUEUE_ROW(F, S)                                                       \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, address, none)                                             \
	F(S, TEXT, state, none)                                               \
	F(S, INT, attempts, none)                                             \
	F(S, INT, unsure, none)                                               \
	F(S, TIME, next_try, none)                                            \
	F(S, INT, code, none)                                                 \
	F(S, TEXT, reply, none)                                               \
	F(S, TEXT, purpose, none)                                             \
	F(S, TEXT, subject, none)
DESC_PRIVATE(queue_row, QUEUE_ROW);

int
command_queue_show(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	struct arena *a = cmd->arena;
	struct list sums, rows;

	(void)argc;
	(void)argv;
	if (!db_list(cmd->db, a, Q_QUEUE_SUMMARY, DB_NONE, &desc_queue_sum,
		&sums, &why) ||
	    !db_list(cmd->db, a, Q_QUEUE_WAITING, DB_NONE, &desc_queue_row,
		&rows, &why))
		return command_fail(cmd, why);
	for (size_t i = 0; i < sums.n; i++) {
		const struct queue_sum *s = LIST_AT(queue_sum, sums, i);

		g_print("%-9s %8" PRId64 "  oldest %s\n", s->state, s->n,
		    when_page(a, s->oldest));
	}
	for (size_t i = 0; i < rows.n; i++) {
		const struct queue_row *r = LIST_AT(queue_row, rows, i);

		g_print("%8" PRId64 " %-9s %s tries %" PRId64
			" next %s %s%s%s%s\n",
		    r->id, r->state, r->address, r->attempts,
		    when_page(a, r->next_try),
		    r->purpose != NULL ? r->purpose : "",
		    r->reply != NULL ? ": " : "",
		    r->reply != NULL && r->code != DESC_NULL
			? arena_printf(a, "%" PRId64 " ", r->code) : "",
		    r->reply != NULL ? r->reply : "");
	}
	return 0;
}

/* argv[-1] is the command's name, as inspect_command() wants it. */
int
command_inspect(struct command *cmd, int argc, char **argv)
{
	return inspect_command(cmd->site.conf, argc + 1, argv - 1);
}

/* Without a name the lists, with one its subscribers. */
int
command_list_show(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	struct arena *a = cmd->arena;
	struct list l;
	int64_t total = 0, shown = 0;

	if (argc > 1)
		return command_usage(cmd);
	if (argc == 0) {
		if (!roster_lists(cmd->db, a, &l, &why))
			return command_fail(cmd, why);
		for (size_t i = 0; i < l.n; i++) {
			const struct roster_list *r =
			    LIST_AT(roster_list, l, i);

			g_print("%-12s %-7s TLP up to %-6s %6" PRId64
				" active %4" PRId64 " pending %4" PRId64
				" suspended\n",
			    r->name, r->policy, r->max_tlp, r->active,
			    r->pending, r->suspended);
		}
		return 0;
	}
	for (int64_t page = 0; page == 0 || shown < total; page++) {
		if (!roster_subscribers(cmd->db, a, argv[0], NULL, NULL, page,
			&l, &total, &why))
			return command_fail(cmd, why);
		for (size_t i = 0; i < l.n; i++) {
			const struct roster_subscriber *s =
			    LIST_AT(roster_subscriber, l, i);

			g_print("%-9s %-8s %s%s%s\n", s->status, s->source,
			    s->email, *s->name != '\0' ? "  " : "", s->name);
		}
		shown += (int64_t)l.n;
		if (l.n == 0)
			break;
	}
	g_print("%" PRId64 " on %s\n", shown, argv[0]);
	return 0;
}

/* Whether the state of every ticket is what the log of deeds says. */
int
command_check(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	struct list rows;

	(void)argv;
	if (argc != 0)
		return command_usage(cmd);
	/* All tickets in one statement: longer than a page may take. */
	if (!db_patient(cmd->db, 0, &why) ||
	    !deed_differences(cmd->db, cmd->arena, 0, &rows, &why))
		return command_fail(cmd, why);
	for (size_t i = 0; i < rows.n; i++) {
		const struct deed_difference *d =
		    LIST_AT(deed_difference, rows, i);

		g_print("#%" PRId64 " %s: stored %s, by the log %s\n",
		    d->ticket, d->field,
		    d->stored != NULL ? d->stored : "nothing",
		    d->rebuilt != NULL ? d->rebuilt : "nothing");
	}
	if (rows.n == 0)
		g_print("every ticket is as its log says\n");
	return rows.n == 0 ? 0 : 1;
}
