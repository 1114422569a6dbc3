/* Commands that take mail in: the same path as SMTP. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "base/when.h"
#include "core/outgoing/address.h"
#include "core/ticket/ticket.h"
#include "mail/canonical.h"
#include "main/command.h"
#include "main/receive.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INGEST_BYTES_MAX = 1 << 30 };

struct ingest {
	struct command *cmd;
	struct receive receive;
	size_t total, done, kept, failed;
	bool bar; /* standard error is a terminal */
	int64_t started;
};

static void
progress(const struct ingest *g)
{
	char bar[41];
	size_t fill;
	int64_t rate;

	if (!g->bar || g->total == 0)
		return;
	fill = g->done * 40 / g->total;
	rate = (int64_t)g->done * WHEN_SECOND /
	    MAX(when_ticks() - g->started, 1);
	memset(bar, '.', 40);
	memset(bar, '#', fill);
	bar[40] = '\0';
	g_printerr("\r[%s] %zu of %zu, %" PRId64 "/s, %" PRId64 " s left ",
	    bar, g->done, g->total, rate,
	    rate > 0 ? (int64_t)(g->total - g->done) / rate : 0);
	if (g->done == g->total)
		g_printerr("\n");
}

static void
ingest_one(struct ingest *g, const char *name, const void *bytes, size_t len)
{
	ARENA_AUTO(a, "ingest");
	const char *rcpt = address_report(a, &g->cmd->site);
	const char *canonical;
	size_t n;
	/* Who sent it is not known here, so nobody is answered. */
	struct smtp_envelope env = {
	    .from = "", .rcpts = &rcpt, .n = 1, .proto = ENVELOPE_FILE,
	    .received = when_now(), .trusted = true,
	};
	struct intake_result r;
	const char *reply;

	canonical = mail_canonical(a, bytes, len, &n);
	g->done++;
	if (n > (size_t)g->cmd->site.conf->smtp_size_max) {
		g_printerr("%s: larger than %" PRId64 " bytes\n", name,
		    g->cmd->site.conf->smtp_size_max);
		g->failed++;
	} else if (!receive_message(&g->receive, a, &env,
		       blob_of(a, canonical, n), "email", &r, &reply)) {
		g_printerr("%s: %s\n", name, reply);
		g->failed++;
	} else {
		g->kept++;
		if (!g->bar) {
			g_print("%s: %s, message %" PRId64, name,
			    r.disposition, r.message);
			if (r.ticket != 0)
				g_print(", ticket #%" PRId64, r.ticket);
			g_print("\n");
		}
	}
	progress(g);
}

/* Where the next message of an mbox begins: a "From " line at its start or
 * behind an empty line. */
static const char *
next_from(const char *p, const char *end)
{
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		if (nl == NULL)
			return end;
		p = nl + 1;
		if (end - p > 6 && p[0] == '\n' &&
		    strncmp(p + 1, "From ", 5) == 0)
			return p + 1;
		if (end - p > 7 && p[0] == '\r' && p[1] == '\n' &&
		    strncmp(p + 2, "From ", 5) == 0)
			return p + 2;
	}
	return end;
}

/* mboxrd: one > was put before every ">*From " line. */
static void
unquote(const char *p, const char *end, GString *out)
{
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *stop = nl != NULL ? nl + 1 : end;
		const char *q = p;

		while (q < stop && *q == '>')
			q++;
		if (q > p && stop - q > 5 && strncmp(q, "From ", 5) == 0)
			p++;
		g_string_append_len(out, p, stop - p);
		p = stop;
	}
}

static void
ingest_mbox(struct ingest *g, const char *name, const char *bytes, size_t len,
    bool count_only)
{
	const char *p = bytes, *end = bytes + len;

	while (p < end) {
		const char *next = next_from(p, end);
		const char *body = memchr(p, '\n', (size_t)(end - p));

		if (count_only) {
			g->total++;
		} else if (body != NULL) {
			g_autoptr(GString) one = g_string_new(NULL);
			const char *stop = next;

			/* The empty line behind a message is the mbox's. */
			if (stop - p > 2 && stop[-1] == '\n' &&
			    stop[-2] == '\n')
				stop--;
			else if (stop - p > 3 && stop[-1] == '\n' &&
			    stop[-2] == '\r' && stop[-3] == '\n')
				stop -= 2;
			unquote(body + 1, stop, one);
			ingest_one(g, name, one->str, one->len);
		}
		p = next;
	}
}

static bool
ingest_file(struct ingest *g, const char *path, bool count_only,
    GError **err)
{
	ARENA_AUTO(a, "file");
	char *bytes;
	size_t len;
	struct stat st;

	if (count_only && (stat(path, &st) != 0 || strcmp(path, "-") == 0)) {
		g->total++;
		return true;
	}
	if (!command_read(a, path, INGEST_BYTES_MAX, &bytes, &len, err))
		return false;
	if (len >= 5 && strncmp(bytes, "From ", 5) == 0)
		ingest_mbox(g, path, bytes, len, count_only);
	else if (count_only)
		g->total++;
	else
		ingest_one(g, path, bytes, len);
	return true;
}

static int
by_name(gconstpointer x, gconstpointer y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static GPtrArray *
files_of(struct arena *a, const char *path)
{
	static const char *const folders[] = {"cur", "new", "."};
	GPtrArray *files = arena_ptr_array(a);
	bool maildir = g_file_test(
	    arena_printf(a, "%s/cur", path), G_FILE_TEST_IS_DIR);

	if (!g_file_test(path, G_FILE_TEST_IS_DIR)) {
		g_ptr_array_add(files, arena_strdup(a, path));
		return files;
	}
	/* A Maildir, or any folder of messages. */
	for (size_t i = maildir ? 0 : 2; i < (maildir ? 2u : 3u); i++) {
		const char *dir = arena_printf(a, "%s/%s", path, folders[i]);
		g_autoptr(GDir) d = g_dir_open(dir, 0, NULL);
		const char *name;

		while (d != NULL && (name = g_dir_read_name(d)) != NULL) {
			char *full = arena_printf(a, "%s/%s", dir, name);

			if (name[0] != '.' &&
			    g_file_test(full, G_FILE_TEST_IS_REGULAR))
				g_ptr_array_add(files, full);
		}
	}
	g_ptr_array_sort(files, by_name);
	return files;
}

int
command_ingest(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	struct ingest g = {.cmd = cmd, .bar = isatty(STDERR_FILENO) != 0,
	    .started = when_ticks()};
	GPtrArray *files;
	int code = 0;

	if (argc != 1)
		return command_usage(cmd);
	g.receive.site = &cmd->site;
	if (!pool_new(cmd->site.conf, cmd->site.known, &g.receive.parsers,
	    &why))
		return command_fail(cmd, why);
	keeper_new(cmd->site.conf, &g.receive.keeper);
	g.receive.dbs = db_pool_new(cmd->site.conf, "tocsinctl ingest", 1);
	db_pool_plan_once(g.receive.dbs);
	files = files_of(cmd->arena, argv[0]);
	for (guint i = 0; g.bar && i < files->len; i++)
		ingest_file(&g, g_ptr_array_index(files, i), true, NULL);
	for (guint i = 0; i < files->len; i++)
		if (!ingest_file(&g, g_ptr_array_index(files, i), false,
			&why)) {
			code = command_fail(cmd, why);
			g_clear_error(&why);
		}
	g_print("%zu stored, %zu failed\n", g.kept, g.failed);
	db_pool_free(g.receive.dbs);
	pool_free(g.receive.parsers);
	keeper_free(g.receive.keeper);
	return g.failed > 0 ? 1 : code;
}

static bool
collect(void *ctx, const void *p, size_t len)
{
	g_string_append_len(ctx, p, (gssize)len);
	return true;
}

bool
command_read_again(struct command *cmd, struct reader_set *readers,
    struct arena *a, int64_t id, struct inspection *in, GError **err)
{
	GString *bytes = arena_gstring(a);

	for (int64_t seq = 0;; seq++) {
		g_autoptr(GError) why = NULL;

		if (message_piece(cmd->db, id, seq, collect, bytes, &why))
			continue;
		if (fault_is(why, FAULT_ABSENT))
			break;
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	return keyring_read(readers, a, blob_of(a, bytes->str, bytes->len),
	    in, err);
}

static bool
reparse_one(struct command *cmd, struct reader_set *readers, int64_t id,
    GError **err)
{
	ARENA_AUTO(a, "reparse");
	struct inspection *in = ARENA_NEW(a, struct inspection);

	return command_read_again(cmd, readers, a, id, in, err) &&
	    intake_reparse(cmd->db, &cmd->site, a, id, in, err);
}

bool
command_readers(struct command *cmd, struct reader_set *out, GError **err)
{
	*out = (struct reader_set){.db = cmd->db};
	keeper_new(cmd->site.conf, &out->keeper);
	if (pool_new(cmd->site.conf, cmd->site.known, &out->parsers, err))
		return true;
	keeper_free(out->keeper);
	return false;
}

void
command_readers_free(struct reader_set *r)
{
	pool_free(r->parsers);
	keeper_free(r->keeper);
}

/* What a parser child could not read or nobody could open, tried again by
 * today's. */
int
command_reparse(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	struct reader_set readers;
	int64_t last = 0, good = 0, bad = 0;

	(void)argv;
	if (argc != 0)
		return command_usage(cmd);
	if (!command_readers(cmd, &readers, &why))
		return command_fail(cmd, why);
	for (;;) {
		struct list rows;

		if (!db_list(cmd->db, cmd->arena, Q_INTAKE_UNPARSED,
			DB_ARGS(DB_INT(last)), &desc_message_row, &rows,
			&why))
			break;
		for (size_t i = 0; i < rows.n; i++) {
			g_autoptr(GError) one = NULL;

			last = LIST_AT(message_row, rows, i)->id;
			if (reparse_one(cmd, &readers, last, &one)) {
				good++;
			} else {
				bad++;
				g_printerr("message %" PRId64 ": %s\n", last,
				    one->message);
			}
		}
		if (rows.n == 0)
			break;
	}
	command_readers_free(&readers);
	if (why != NULL)
		return command_fail(cmd, why);
	g_print("%" PRId64 " read, %" PRId64 " still unreadable\n", good,
	    bad);
	return bad > 0 ? 1 : 0;
}
