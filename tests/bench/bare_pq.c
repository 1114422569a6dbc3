/*
 * bare_pq URI CONNECTIONS SECONDS FIRST MARK ARGS: the reference for intake.
 * Commits what intake commits for a report - the same statement, whose
 * arguments were caught on their way into the database (tests/bench/intake.py)
 * and are sent again and again with MARK replaced by another number each time
 * - and does nothing else.  One blocking connection a thread.
 *
 * ARGS: a line an argument: "=HEX" a text as it is; the others are arrays of
 * one element (db_each() with one row): "-" NULL, "tHEX" a text, "bHEX"
 * bytes, "k" the key of the ticket: the number itself.
 */
#include <arpa/inet.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "load.h"

#include "db/db.h"

enum { CONNECTIONS_MAX = 256, KEY_FROM = 10000000, KEY_CHARS = 8 };
enum { OID_BYTEA = 17, OID_TEXT = 25, ARRAY_HEAD = 24 };

struct arg {
	char kind;
	struct patched bytes;
};

static struct {
	const char *uri, *mark, *args;
	double end;
	atomic_ullong next;
	atomic_long done;
} run;

static int
nibble(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void
put_int32(char *at, int32_t v)
{
	uint32_t n = htonl((uint32_t)v);

	memcpy(at, &n, sizeof(n));
}

static size_t
load_args(const char *path, struct arg *args)
{
	size_t len, n = 0;
	char *text = slurp(path, &len), *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save), n++) {
		char kind = line[0];
		size_t size = kind == 'k' ? KEY_CHARS : strlen(line + 1) / 2;
		size_t head = kind == '=' ? 0 : ARRAY_HEAD;
		char *bytes = malloc(head + size + 1);

		if (bytes == NULL || n == DB_ARGS_MAX)
			errx(2, "too many arguments");
		if (head > 0) {
			put_int32(bytes, 1);
			put_int32(bytes + 4, 1);
			put_int32(bytes + 8,
			    kind == 'b' ? OID_BYTEA : OID_TEXT);
			put_int32(bytes + 12, 1);
			put_int32(bytes + 16, 1);
			put_int32(bytes + 20,
			    kind == '-' ? -1 : (int32_t)size);
		}
		for (size_t i = 0; kind != 'k' && i < size; i++)
			bytes[head + i] = (char)(nibble(line[1 + 2 * i]) << 4 |
			    nibble(line[2 + 2 * i]));
		bytes[head + size] = '\0';
		args[n].kind = kind;
		patched_init(&args[n].bytes, bytes, head + size, run.mark);
	}
	free(text);
	return n;
}

static void *
connection(void *arg)
{
	struct arg args[DB_ARGS_MAX];
	const char *values[DB_ARGS_MAX];
	int lengths[DB_ARGS_MAX], formats[DB_ARGS_MAX];
	size_t n = load_args(run.args, args);
	PGconn *pg = PQconnectdb(run.uri);
	PGresult *res;
	char mark[MARK_CHARS + 1], key[24];
	char *number = NULL;

	if (PQstatus(pg) != CONNECTION_OK)
		errx(1, "%s", PQerrorMessage(pg));
	/* As db_pool_plan_once() has it, or the checks of foreign keys keep
	 * plans that were made when the tables were small. */
	PQclear(PQexec(pg, "SET jit = off; SET enable_seqscan = off;"
			   "SET plan_cache_mode = force_generic_plan"));
	res = PQprepare(pg, "report", db_query_sql(Q_INTAKE_REPORT), 0, NULL);
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		errx(1, "%s", PQerrorMessage(pg));
	PQclear(res);
	for (size_t i = 0; i < n; i++) {
		values[i] = args[i].bytes.bytes;
		lengths[i] = (int)args[i].bytes.len;
		formats[i] = args[i].kind != '=';
		if (args[i].kind == 'k')
			number = args[i].bytes.bytes + ARRAY_HEAD;
	}
	do {
		uint64_t i = atomic_fetch_add(&run.next, 1);

		mark_of(i, mark);
		for (size_t k = 0; k < n; k++)
			patched_set(&args[k].bytes, mark);
		snprintf(key, sizeof(key), "%0*llu", KEY_CHARS,
		    (unsigned long long)(KEY_FROM + i));
		memcpy(number, key, KEY_CHARS);
		res = PQexecPrepared(pg, "report", (int)n, values, lengths,
		    formats, 0);
		if (PQresultStatus(res) != PGRES_TUPLES_OK ||
		    PQntuples(res) != 1)
			errx(1, "not stored: %s", PQerrorMessage(pg));
		PQclear(res);
		atomic_fetch_add(&run.done, 1);
	} while (now() < run.end);
	PQfinish(pg);
	for (size_t i = 0; i < n; i++)
		free(args[i].bytes.bytes);
	return arg;
}

int
main(int argc, char **argv)
{
	pthread_t threads[CONNECTIONS_MAX];
	int connections;
	double began, took;

	if (argc != 7 || strlen(argv[5]) != MARK_CHARS)
		errx(2, "usage: bare_pq URI CONNECTIONS SECONDS FIRST MARK "
			"ARGS");
	run.uri = argv[1];
	connections = (int)strtol(argv[2], NULL, 10);
	atomic_store(&run.next, strtoull(argv[4], NULL, 10));
	run.mark = argv[5];
	run.args = argv[6];
	if (connections < 1 || connections > CONNECTIONS_MAX)
		errx(2, "1 to %d connections", CONNECTIONS_MAX);
	began = now();
	run.end = began + atof(argv[3]);
	for (int i = 0; i < connections; i++)
		if (pthread_create(&threads[i], NULL, connection, NULL) != 0)
			errx(1, "no thread");
	for (int i = 0; i < connections; i++)
		pthread_join(threads[i], NULL);
	took = now() - began;
	printf("%ld %.3f 0 %.1f\n", atomic_load(&run.done), took,
	    (double)atomic_load(&run.done) / took);
	return 0;
}
