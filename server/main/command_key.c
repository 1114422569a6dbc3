/* Commands of the team's table of OpenPGP keys. */
#include "base/base.h"
#include "base/log.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/ticket/ticket.h"
#include "main/command.h"

enum { KEY_FILE_MAX = 4 * 1024 * 1024 };

/* ---- signatures that a new key lets us check ------------------------------- */

static bool
recheck_one(struct command *cmd, struct reader_set *readers,
    const struct message_row *row, GError **err)
{
	ARENA_AUTO(a, "recheck");
	int64_t id = row->id;
	struct inspection *in = ARENA_NEW(a, struct inspection);
	GString *json = arena_gstring(a);

	if (!command_read_again(cmd, readers, a, id, in, err))
		return false;
	inspect_crypto_to_json(in, json);
	return db_exec(cmd->db, Q_KEYRING_RECHECKED,
		   DB_ARGS(DB_INT(id), DB_TEXT(json->str)), NULL, err) &&
	    audit_write(cmd->db, &cmd->by, "message.verify",
		row->ticket == DESC_NULL ? 0 : row->ticket, 0,
		arena_printf(a, "message %" PRId64, id), NULL,
		in->signatures.n > 0
		    ? LIST_AT(inspect_signature, in->signatures, 0)->state
		    : NULL,
		err);
}

static bool
recheck(struct command *cmd, struct reader_set *readers, GPtrArray *ids,
    int64_t *n, GError **err)
{
	int64_t last = 0;

	for (;;) {
		struct list rows;

		if (!db_list(cmd->db, cmd->arena, Q_KEYRING_UNCHECKED,
			DB_ARGS(DB_INT(last),
			    DB_TEXTS((const char *const *)ids->pdata)),
			&desc_message_row, &rows, err))
			return false;
		if (rows.n == 0)
			return true;
		for (size_t i = 0; i < rows.n; i++) {
			g_autoptr(GError) one = NULL;

			last = LIST_AT(message_row, rows, i)->id;
			if (recheck_one(cmd, readers,
				LIST_AT(message_row, rows, i), &one))
				(*n)++;
			else
				g_printerr("message %" PRId64 ": %s\n", last,
				    one->message);
		}
	}
}

/* ---- commands -------------------------------------------------------------- */

static bool
need_keeper(const struct reader_set *r, GError **err)
{
	return r->keeper != NULL || fault_set(err, FAULT_INPUT,
	    "The settings name no keeper of a key: [pgp] home or socket.");
}

static bool
import_all(struct command *cmd, struct reader_set *r, const char *bytes,
    size_t len, const char *source, const char *org, GError **err)
{
	struct list keys;
	GPtrArray *ids = arena_ptr_array(cmd->arena);
	int64_t n = 0;

	if (!need_keeper(r, err) ||
	    !keeper_import(r->keeper, cmd->arena, bytes, len, &keys, err))
		return false;
	for (size_t i = 0; i < keys.n; i++) {
		const struct keeper_key *k = LIST_AT(keeper_key, keys, i);
		char **words = g_strsplit(k->ids, " ", KEYRING_LIST_MAX);

		if (!keyring_put(cmd->db, &cmd->by, k, false, source, org,
			err)) {
			g_strfreev(words);
			return false;
		}
		for (size_t w = 0; words[w] != NULL; w++)
			g_ptr_array_add(ids,
			    arena_strdup(cmd->arena, words[w]));
		g_strfreev(words);
		g_print("%s  %s\n", k->fingerprint,
		    k->uid != NULL ? k->uid : "");
	}
	g_ptr_array_add(ids, NULL);
	if (!recheck(cmd, r, ids, &n, err))
		return false;
	g_print("%zu keys imported, %" PRId64 " messages checked again\n",
	    keys.n, n);
	return true;
}

int
command_key_import(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	const char *org = command_value(&argc, argv, "--org");
	const char *source = command_value(&argc, argv, "--source");
	struct reader_set readers;
	char *bytes;
	size_t len;
	bool ok;

	if (argc != 1)
		return command_usage(cmd);
	if (!command_read(cmd->arena, argv[0], KEY_FILE_MAX, &bytes, &len,
		&why) ||
	    !command_readers(cmd, &readers, &why))
		return command_fail(cmd, why);
	ok = import_all(cmd, &readers, bytes, len,
	    source != NULL ? source : argv[0], org, &why);
	command_readers_free(&readers);
	return ok ? 0 : command_fail(cmd, why);
}

int
command_key_list(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	struct list keys;

	(void)argv;
	if (argc != 0)
		return command_usage(cmd);
	if (!keyring_list(cmd->db, cmd->arena, &keys, &why))
		return command_fail(cmd, why);
	for (size_t i = 0; i < keys.n; i++) {
		const struct keyring_key *k = LIST_AT(keyring_key, keys, i);

		g_print("%s  %s%s%s%s%s%s\n", k->fingerprint,
		    k->uid != NULL ? k->uid : "(no name)",
		    k->own ? "  [ours]" : "",
		    k->revoked ? "  [revoked]" : "",
		    k->expires != DESC_NULL && k->expires < when_now()
			? "  [expired]" : "",
		    k->organisation != NULL ? "  of " : "",
		    k->organisation != NULL ? k->organisation : "");
	}
	return 0;
}

int
command_key_remove(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;

	if (argc != 1)
		return command_usage(cmd);
	return keyring_remove(cmd->db, &cmd->by, argv[0], &why)
	    ? 0 : command_fail(cmd, why);
}

/* What the pages offer for download: the public halves of the secret keys
 * that the keeper has. */
int
command_key_publish(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	struct reader_set r = {.db = cmd->db};
	struct list keys = {0};
	bool ok;

	(void)argv;
	if (argc != 0)
		return command_usage(cmd);
	keeper_new(cmd->site.conf, &r.keeper);
	ok = need_keeper(&r, &why) &&
	    keeper_own(r.keeper, cmd->arena, &keys, &why) &&
	    keyring_publish(cmd->db, &cmd->by, &keys, &why);
	keeper_free(r.keeper);
	if (!ok)
		return command_fail(cmd, why);
	for (size_t i = 0; i < keys.n; i++)
		g_print("%s\n", LIST_AT(keeper_key, keys, i)->fingerprint);
	return 0;
}
