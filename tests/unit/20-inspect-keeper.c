/*
 * The keeper from its parent's side, with things in its place that are no
 * keeper; seals whose bytes are not there; and the walls of a parser child
 * around the key.
 */
#include "base/base.h"
#include "base/conf.h"
#include "base/when.h"
#include "inspect/process/keep.h"
#include "inspect/process/keeper.h"
#include "inspect/process/sandbox.h"
#include "inspect/process/unseal.h"
#include "unit.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct conf *
settings(struct arena *a)
{
	const struct conf *dflt;
	struct conf *c;

	assert_true(conf_load(a, NULL, &dflt, NULL));
	c = arena_memdup(a, dflt, sizeof(*dflt));
	c->pgp_wall = 1;
	return c;
}

/* ---- something else at the other end of the socket ------------------------ */

/* What it says to the first request; then it closes or stays silent. */
struct impostor {
	int listener;
	const void *says;
	size_t len;
	bool silent;
	GThread *thread;
};

static gpointer
impersonate(gpointer p)
{
	struct impostor *m = p;
	struct keep_request req;
	int fds[PROC_FDS_MAX];
	size_t n;
	int fd;

	while ((fd = accept(m->listener, NULL, NULL)) >= 0) {
		if (proc_receive(fd, &req, sizeof(req), fds, &n)) {
			proc_close(fds, n);
			proc_send_all(fd, m->says, m->len);
			/* until the other side gives up */
			while (m->silent && recv(fd, &req, 1, 0) > 0)
				;
		}
		close(fd);
	}
	return NULL;
}

static void
impostor_start(struct impostor *m, const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	g_strlcpy(at.sun_path, path, sizeof(at.sun_path));
	m->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
	    bind(m->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(m->listener, 4), 0);
	m->thread = g_thread_new("impostor", impersonate, m);
}

static void
impostor_end(struct impostor *m, const char *path)
{
	shutdown(m->listener, SHUT_RDWR);
	close(m->listener);
	g_thread_join(m->thread);
	unlink(path);
}

static bool
asks(struct arena *a, const char *path, GError **err)
{
	struct conf *c = settings(a);
	struct inspect_seal seal = {.kind = "pgp-inline", .len = 4};
	struct keeper_answer answer;
	struct keeper *k;
	struct blob *b = blob_of(a, "text", 4);
	struct keeper_source from = {blob_fd(b, NULL), 4};
	bool ok;

	c->pgp_socket = path;
	keeper_new(c, &k);
	ok = keeper_open(k, a, &from, &seal, &answer, err);
	keeper_free(k);
	return ok;
}

/* One that answered too late is left alone for a while. */
static bool
asks_to_seal(struct arena *a, const char *path, bool encrypt, GError **err)
{
	static const char *const to[] = {
	    "0123456789ABCDEF0123456789ABCDEF01234567", NULL};
	struct conf *c = settings(a);
	struct keeper_sealed sealed;
	struct keeper *k;
	bool ok;

	c->pgp_socket = path;
	keeper_new_sealing(c, &k);
	for (int i = 0; i < 2; i++) {
		g_clear_error(err);
		ok = encrypt ? keeper_encrypt(k, a, "text", 4, to, "keys",
				   false, &sealed, err)
			     : keeper_sign(k, a, "text", 4, &sealed, err);
	}
	keeper_free(k);
	return ok;
}

static bool
asks_to_sign(struct arena *a, const char *path, GError **err)
{
	return asks_to_seal(a, path, false, err);
}

static bool
asks_to_encrypt(struct arena *a, const char *path, GError **err)
{
	return asks_to_seal(a, path, true, err);
}

static void
try_impostors(bool (*ask)(struct arena *a, const char *path, GError **err),
    bool sealing)
{
	static const struct keep_answer wrong_magic = {.magic = 1};
	static const struct keep_answer too_long = {.magic = KEEP_MAGIC,
	    .ok = 1, .len = KEEP_JSON_MAX + 1};
	static const struct keep_answer cut = {.magic = KEEP_MAGIC, .ok = 1,
	    .len = 100};
	static const struct keep_answer no_fd = {.magic = KEEP_MAGIC, .ok = 1,
	    .len = 2, .plain = 100};
	struct {
		struct keep_answer head;
		char json[8];
	} no_json = {{.magic = KEEP_MAGIC, .ok = 1, .len = 8}, "nonsense"},
	  no_list = {{.magic = KEEP_MAGIC, .ok = 1, .len = 8}, "{      }"};
	const struct impostor cases[] = {
	    {.says = &wrong_magic, .len = sizeof(wrong_magic)},
	    {.says = &too_long, .len = sizeof(too_long)},
	    {.says = &cut, .len = sizeof(cut)},
	    {.says = &cut, .len = sizeof(cut), .silent = true},
	    {.says = &cut, .len = 7, .silent = true},
	    {.says = &cut, .len = 0, .silent = true},
	    {.says = &no_fd, .len = sizeof(no_fd)},
	    {.says = &no_json, .len = sizeof(no_json)},
	    {.says = &no_list, .len = sizeof(no_list)},
	};
	ARENA_AUTO(a, "test");
	g_autofree char *dir = g_dir_make_tmp("tocsin-keeper-XXXXXX", NULL);
	const char *path = arena_printf(a, "%s/s", dir);

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct impostor m = cases[i];
		g_autoptr(GError) err = NULL;
		int64_t began = when_ticks();

		impostor_start(&m, path);
		assert_false(ask(a, path, &err));
		assert_true(fault_is(err, FAULT_BUG) ||
		    (sealing && fault_is(err, FAULT_AWAY)));
		/* pgp_wall is one second, and one for the keeper itself */
		assert_in_range(when_ticks() - began, 0, 4 * WHEN_SECOND);
		impostor_end(&m, path);
	}
	rmdir(dir);
}

static void
test_impostors(void **state)
{
	(void)state;
	try_impostors(asks, false);
}

static void
test_impostors_sealing(void **state)
{
	(void)state;
	try_impostors(asks_to_sign, true);
	try_impostors(asks_to_encrypt, true);
}

static void
test_nobody(void **state)
{
	ARENA_AUTO(a, "test");
	g_autoptr(GError) err = NULL;

	(void)state;
	assert_false(asks(a, "/nonexistent/keeper", &err));
	assert_true(fault_is(err, FAULT_BUSY));
	g_clear_error(&err);
	assert_false(asks_to_sign(a, "/nonexistent/keeper", &err));
	assert_true(fault_is(err, FAULT_AWAY));
	g_clear_error(&err);
	assert_false(asks(a, arena_printf(a, "/%0200d", 7), &err));
	assert_true(fault_is(err, FAULT_INPUT));
}

/* A child's word on where the bytes are is checked before anybody reads. */
static void
test_ranges(void **state)
{
	static const struct {
		int64_t at, len, encoding;
	} bad[] = {{0, 5, 0}, {5, 0, 0}, {-1, 1, 0}, {0, -1, 0}, {4, 1, 0},
	    {INT64_MAX, INT64_MAX, 0}, {0, 4, 99}, {0, 4, -1},
	    {0, INT64_MIN, 0}};
	ARENA_AUTO(a, "test");
	struct conf *c = settings(a);
	struct keeper_answer answer;
	struct keeper *k;
	struct blob *b = blob_of(a, "text", 4);
	struct keeper_source from = {blob_fd(b, NULL), 4};

	(void)state;
	/* there: whoever asked it would hear BUSY */
	c->pgp_socket = "/nonexistent/keeper";
	keeper_new(c, &k);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct inspect_seal s = {.kind = "pgp-mime", .at = bad[i].at,
		    .len = bad[i].len, .encoding = bad[i].encoding};
		g_autoptr(GError) err = NULL;

		assert_false(keeper_open(k, a, &from, &s, &answer, &err));
		assert_true(fault_is(err, FAULT_INPUT));
	}
	keeper_free(k);
}

/* ---- without a keeper ----------------------------------------------------- */

static bool
find_none(void *ctx, struct arena *a, const char *id, struct unseal_key *out)
{
	(void)ctx;
	(void)a;
	(void)id;
	(void)out;
	return false;
}

static void
test_no_keeper(void **state)
{
	static const char mail[] =
	    "From: a@isp.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: multipart/encrypted; boundary=b; "
	    "protocol=\"application/pgp-encrypted\"\r\n\r\n"
	    "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\n"
	    "Version: 1\r\n\r\n--b\r\nContent-Type: application/octet-stream"
	    "\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\n192.0.2.1\r\n"
	    "-----END PGP MESSAGE-----\r\n--b--\r\n";
	const struct unseal_keys keys = {find_none, NULL};
	ARENA_AUTO(a, "test");
	struct conf *c = settings(a);
	struct inspection in;
	struct inspect_seal *s;
	struct blob *b = blob_of(a, mail, strlen(mail));
	struct pool *p;

	(void)state;
	c->parser_children = 1;
	assert_true(pool_new(c, NULL, &p, NULL));
	assert_true(pool_inspect(p, a, b, &in, NULL));
	unseal(p, NULL, &keys, a, b, &in);
	assert_string_equal(in.format, "encrypted");
	assert_string_equal(in.crypto, "encrypted");
	assert_int_equal(in.events.n, 0);
	assert_int_equal(in.seals.n, 1);
	s = LIST_AT(inspect_seal, in.seals, 0);
	assert_string_equal(s->state, "closed");
	assert_non_null(s->reason);
	assert_memory_equal(mail + s->at, "-----BEGIN PGP", 14);
	pool_free(p);
}

/* What came out of a seal is read in its place, once; a child takes pieces
 * for seals that are not there. */
static void
test_pieces(void **state)
{
	static const char mail[] =
	    "From: a@isp.example\r\nSubject: ...\r\n\r\nabove\r\n"
	    "-----BEGIN PGP MESSAGE-----\r\n\r\nabcd\r\n"
	    "-----END PGP MESSAGE-----\r\n";
	static const char plain[] = "Scan from 192.0.2.5\r\n";
	ARENA_AUTO(a, "test");
	struct conf *c = settings(a);
	struct inspect_piece pieces[INSPECT_PIECES_MAX];
	struct inspection in;
	struct pool *p;

	(void)state;
	c->parser_children = 1;
	assert_true(pool_new(c, NULL, &p, NULL));
	for (size_t i = 0; i < COUNT_OF(pieces); i++)
		pieces[i] = (struct inspect_piece){.seal = i * 1000,
		    .fd = blob_fd(blob_of(a, plain, strlen(plain)), NULL),
		    .len = strlen(plain)};
	assert_true(pool_inspect_opened(p, a, blob_of(a, mail, strlen(mail)),
	    pieces, COUNT_OF(pieces), &in, NULL));
	assert_string_equal(in.text, "above\n[encrypted, opened here:]\n"
	    "Scan from 192.0.2.5\n[end of what was encrypted]\n");
	assert_int_equal(in.size, strlen(mail));
	/* one that lies about its length costs the child, not us */
	pieces[0].len = 1 << 20;
	assert_false(pool_inspect_opened(p, a, blob_of(a, mail, strlen(mail)),
	    pieces, 1, &in, NULL));
	assert_true(pool_inspect(p, a, blob_of(a, mail, strlen(mail)), &in,
	    NULL));
	pool_free(p);
}

static void
test_many_seals(void **state)
{
	ARENA_AUTO(a, "test");
	GString *s = g_string_new("From: a@isp.example\r\nContent-Type: "
	    "multipart/mixed; boundary=b\r\n\r\n");
	struct inspection in;
	bool told = false;

	(void)state;
	for (int i = 0; i <= INSPECT_SEALS_MAX; i++)
		g_string_append(s, "--b\r\n\r\n-----BEGIN PGP MESSAGE-----"
		    "\r\n\r\nabcd\r\n-----END PGP MESSAGE-----\r\n");
	inspect_message(a, settings(a), NULL, s->str, s->len, false, &in);
	assert_int_equal(in.seals.n, INSPECT_SEALS_MAX);
	for (size_t i = 0; i < in.defects.n; i++)
		told |= strstr(LIST_AT(inspect_defect, in.defects, i)->text,
		    "was not looked at") != NULL;
	assert_true(told);
	g_string_free(s, TRUE);
}

/* ---- walls ---------------------------------------------------------------- */

/* 0: the file could be read. */
static int
tried(bool (*enter)(void), const char *path)
{
	pid_t pid = fork();
	int st = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (!enter())
			_exit(2);
		_exit(open(path, O_RDONLY) >= 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &st, 0), pid);
	assert_true(WIFEXITED(st));
	return WEXITSTATUS(st);
}

#if !defined(__SANITIZE_ADDRESS__)
static bool
as_parser(void)
{
	return sandbox_enter(UINT64_C(1) << 40);
}
#endif

static bool
as_we_are(void)
{
	return true;
}

/* What a parser child may not, on any kernel with Landlock, or as root. */
static void
test_parser_cannot_read_the_key(void **state)
{
	ARENA_AUTO(a, "test");
	g_autofree char *dir = g_dir_make_tmp("tocsin-home-XXXXXX", NULL);
	const char *key = arena_printf(a, "%s/key", dir);

	(void)state;
	assert_true(g_file_set_contents(key, "secret", 6, NULL));
	assert_int_equal(tried(as_we_are, key), 0);
#if !defined(__SANITIZE_ADDRESS__)
	assert_int_equal(tried(as_parser, key), 1);
#endif
	unlink(key);
	rmdir(dir);
}

static void
test_keeper_has_no_network(void **state)
{
	pid_t pid = fork();
	int st = 0;

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		if (!sandbox_keep(UINT64_C(1) << 40, 1 << 20, 64))
			_exit(2);
		_exit(socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? 3 :
		    socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 4 :
		    socket(AF_INET6, SOCK_DGRAM, 0) >= 0 ? 5 : 0);
	}
	assert_int_equal(waitpid(pid, &st, 0), pid);
	assert_true(WIFEXITED(st));
	assert_int_equal(WEXITSTATUS(st), 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_impostors),
	    cmocka_unit_test(test_impostors_sealing),
	    cmocka_unit_test(test_nobody),
	    cmocka_unit_test(test_ranges),
	    cmocka_unit_test(test_no_keeper),
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_many_seals),
	    cmocka_unit_test(test_parser_cannot_read_the_key),
	    cmocka_unit_test(test_keeper_has_no_network),
	};
	int code;

	if (pool_child_main(argc, argv, &code))
		return code;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
