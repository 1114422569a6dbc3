/* smtp/smtpd: threads, sockets, time. */
#include "base/base.h"
#include "base/log.h"
#include "base/when.h"
#include "smtp/smtpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Longest wait for anything that should happen at once. */
enum { PATIENCE_MS = 20000 };

/* A deliver function that can be held up. */
static struct gate {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool shut;
	int inside, done;
	size_t bytes;
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER,
    .changed = PTHREAD_COND_INITIALIZER};

static bool
take_rcpt(void *ctx, struct arena *a, const char *addr, const char **reply)
{
	return g_str_has_prefix(addr, "report@");
}

static void
take_message(void *ctx, struct arena *a, const struct smtp_envelope *env,
    struct blob *body, const char **reply)
{
	pthread_mutex_lock(&gate.lock);
	gate.inside++;
	pthread_cond_broadcast(&gate.changed);
	while (gate.shut)
		pthread_cond_wait(&gate.changed, &gate.lock);
	gate.inside--;
	gate.done++;
	gate.bytes += blob_len(body);
	pthread_cond_broadcast(&gate.changed);
	pthread_mutex_unlock(&gate.lock);
	*reply = arena_printf(a, "250 2.0.0 %zu bytes", blob_len(body));
}

static void
set_gate(bool shut)
{
	pthread_mutex_lock(&gate.lock);
	gate.shut = shut;
	pthread_cond_broadcast(&gate.changed);
	pthread_mutex_unlock(&gate.lock);
}

static void
wait_inside(int n)
{
	pthread_mutex_lock(&gate.lock);
	while (gate.inside < n)
		pthread_cond_wait(&gate.changed, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
}

static int
messages_done(void)
{
	int n;

	pthread_mutex_lock(&gate.lock);
	n = gate.done;
	pthread_mutex_unlock(&gate.lock);
	return n;
}

static const struct smtpd_ops ops = {.rcpt = take_rcpt,
    .deliver = take_message};

static struct fix {
	struct arena *arena;
	struct conf conf;
	struct smtpd *d;
	char *dir, *path;
} f;

static int
setup(void **state)
{
	const struct conf *conf;

	f.arena = arena_new("test");
	assert_true(conf_load(f.arena, NULL, &conf, NULL));
	f.dir = g_dir_make_tmp("smtp-XXXXXX", NULL);
	f.path = g_build_filename(f.dir, "lmtp", NULL);
	f.conf = *conf;
	f.conf.smtp_listen = "127.0.0.1:0";
	f.conf.smtp_lmtp = f.path;
	f.conf.smtp_workers = 3;
	f.conf.site_state_dir = f.dir;
	gate.shut = false;
	gate.done = gate.inside = 0;
	gate.bytes = 0;
	return 0;
}

static void
start(void)
{
	g_autoptr(GError) err = NULL;

	f.d = smtpd_new(&f.conf, &ops, &err);
	if (f.d == NULL)
		fail_msg("%s", err->message);
	smtpd_start(f.d);
}

static int
teardown(void **state)
{
	smtpd_free(f.d);
	f.d = NULL;
	assert_false(g_file_test(f.path, G_FILE_TEST_EXISTS));
	assert_int_equal(g_rmdir(f.dir), 0);
	g_free(f.path);
	g_free(f.dir);
	arena_free(f.arena);
	return 0;
}

static int
connect_tcp(int fd)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons(smtpd_port(f.d, 0)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	if (fd < 0)
		fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&in, sizeof(in)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
connect_unix(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	g_strlcpy(un.sun_path, f.path, sizeof(un.sun_path));
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	return fd;
}

static void
put(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
	    strlen(text));
}

/* Reads until the last line begins with want ("250 "), or to the end of
 * file when want is NULL.  The caller frees. */
static char *
get(int fd, const char *want)
{
	GString *s = g_string_new(NULL);
	char buf[1000];

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		const char *last;
		ssize_t n;

		if (want != NULL && g_str_has_suffix(s->str, "\r\n")) {
			g_string_set_size(s, s->len - 2);
			last = strrchr(s->str, '\n');
			last = last != NULL ? last + 1 : s->str;
			if (g_str_has_prefix(last, want))
				return g_string_free(s, FALSE);
			g_string_append(s, "\r\n");
		}
		if (poll(&p, 1, PATIENCE_MS) != 1)
			fail_msg("waited for %s, got: %s", want, s->str);
		n = recv(fd, buf, sizeof(buf), 0);
		if (n <= 0 && want == NULL)
			return g_string_free(s, FALSE);
		if (n <= 0)
			fail_msg("end before %s: %s", want, s->str);
		g_string_append_len(s, buf, n);
	}
}

static void
expect(int fd, const char *want)
{
	g_free(get(fd, want));
}

static void
up_to_data(int fd, const char *hello)
{
	expect(fd, "220 ");
	put(fd, hello);
	put(fd, " client\r\nMAIL FROM:<a@b.example>\r\n"
		"RCPT TO:<report@x>\r\nDATA\r\n");
	expect(fd, "354 ");
}

/* Waits until a counter has a value. */
#define WAIT_FOR(expr)                                                        \
	do {                                                                  \
		int64_t end_ = when_ticks() + PATIENCE_MS * 1000;             \
		while (!(expr)) {                                             \
			if (when_ticks() > end_)                              \
				fail_msg("waited for %s", #expr);             \
			g_usleep(2000);                                       \
		}                                                             \
	} while (0)

static void
test_tcp_and_unix(void **state)
{
	struct smtpd_stats st;
	struct stat mode;
	int fd;

	start();
	assert_int_equal(stat(f.path, &mode), 0);
	assert_int_equal(mode.st_mode & 0777, 0660);
	fd = connect_tcp(-1);
	up_to_data(fd, "EHLO");
	put(fd, "x\r\n.\r\n");
	expect(fd, "250 2.0.0 3 bytes");
	put(fd, "QUIT\r\n");
	expect(fd, "221 ");
	g_free(get(fd, NULL));
	close(fd);
	fd = connect_unix();
	up_to_data(fd, "LHLO");
	put(fd, "y\r\n.\r\n");
	expect(fd, "250 2.0.0 3 bytes");
	close(fd);
	WAIT_FOR(smtpd_stats(f.d).sessions == 0);
	st = smtpd_stats(f.d);
	assert_int_equal(st.accepted, 2);
	assert_int_equal(st.inflight, 0);
	assert_int_equal(st.delivering, 0);
}

/* A client that writes all it has and shuts its side still gets it all. */
static void
test_half_close(void **state)
{
	g_autofree char *all = NULL;
	int fd;

	start();
	fd = connect_tcp(-1);
	up_to_data(fd, "EHLO");
	set_gate(true);
	put(fd, "x\r\n.\r\nMAIL FROM:<>\r\nRSET\r\nQUIT\r\nNOOP\r\n");
	shutdown(fd, SHUT_WR);
	wait_inside(1);
	set_gate(false);
	all = get(fd, NULL);
	assert_string_equal(all,
	    "250 2.0.0 3 bytes\r\n250 2.1.0 Ok\r\n250 2.0.0 Ok\r\n"
	    "221 2.0.0 Bye\r\n");
	close(fd);
	/* the same without QUIT, on a unix socket */
	fd = connect_unix();
	up_to_data(fd, "LHLO");
	put(fd, "x\r\n.\r\n");
	shutdown(fd, SHUT_WR);
	g_free(all);
	all = get(fd, NULL);
	assert_string_equal(all, "250 2.0.0 3 bytes\r\n");
	close(fd);
}

/* A client that is gone while its message is stored. */
static void
test_vanished(void **state)
{
	struct linger reset = {.l_onoff = 1};
	int64_t cpu;
	int fd;

	start();
	set_gate(true);
	fd = connect_unix();
	up_to_data(fd, "LHLO");
	put(fd, "x\r\n.\r\nRSET\r\n");
	wait_inside(1);
	close(fd);
	fd = connect_tcp(-1);
	up_to_data(fd, "EHLO");
	put(fd, "x\r\n.\r\n");
	wait_inside(2);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	/* Its hang-up is not reported over and over. */
	cpu = clock();
	g_usleep(200000);
	assert_true((clock() - cpu) * 1000 / CLOCKS_PER_SEC < 100);
	set_gate(false);
	WAIT_FOR(smtpd_stats(f.d).sessions == 0);
	assert_int_equal(messages_done(), 2);
	/* in the middle of a message: nothing is stored */
	fd = connect_tcp(-1);
	up_to_data(fd, "EHLO");
	put(fd, "x\r\n");
	close(fd);
	WAIT_FOR(smtpd_stats(f.d).sessions == 0);
	assert_int_equal(messages_done(), 2);
	assert_int_equal(smtpd_stats(f.d).inflight, 0);
}

static void
test_timeouts(void **state)
{
	int idle, slow_line, slow_mail;
	g_autofree char *said = NULL;
	int64_t began;

	f.conf.smtp_idle_timeout = 1;
	f.conf.smtp_message_timeout = 2;
	start();
	began = when_ticks();
	idle = connect_tcp(-1);
	slow_line = connect_tcp(-1);
	slow_mail = connect_tcp(-1);
	up_to_data(slow_mail, "EHLO");
	expect(slow_line, "220 ");
	/* One byte at a time is not progress in a command; in a message it
	 * is, until the time for the whole message is over. */
	for (int i = 0; i < 9; i++) {
		(void)!send(slow_line, "N", 1, MSG_NOSIGNAL);
		(void)!send(slow_mail, "x", 1, MSG_NOSIGNAL);
		g_usleep(200000);
	}
	expect(slow_line, "421 4.4.2 Timeout");
	expect(idle, "421 4.4.2 Timeout");
	for (int i = 0; i < 5; i++) {
		(void)!send(slow_mail, "x", 1, MSG_NOSIGNAL);
		g_usleep(100000);
	}
	said = get(slow_mail, NULL);
	assert_string_equal(said, "421 4.4.2 Message took too long\r\n");
	assert_true(when_ticks() - began < 8 * WHEN_SECOND);
	close(idle);
	close(slow_line);
	close(slow_mail);
	WAIT_FOR(smtpd_stats(f.d).sessions == 0);
}

static void
test_connection_limit(void **state)
{
	int fd[4];

	f.conf.smtp_connections = 3;
	start();
	for (int i = 0; i < 3; i++) {
		fd[i] = connect_tcp(-1);
		expect(fd[i], "220 ");
	}
	fd[3] = connect_tcp(-1);
	expect(fd[3], "421 4.7.0 ");
	g_free(get(fd[3], NULL));
	close(fd[3]);
	close(fd[0]);
	WAIT_FOR(smtpd_stats(f.d).sessions == 2);
	fd[0] = connect_tcp(-1);
	expect(fd[0], "220 ");
	assert_int_equal(smtpd_stats(f.d).turned_away, 1);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
}

/* Out of descriptors: no spinning, and service again afterwards. */
static void
test_no_descriptors(void **state)
{
	struct rlimit before, low;
	int fd[8], top;
	clock_t cpu;

	start();
	for (int i = 0; i < 8; i++)
		fd[i] = socket(AF_INET, SOCK_STREAM, 0);
	top = fd[7];
	getrlimit(RLIMIT_NOFILE, &before);
	low = before;
	low.rlim_cur = (rlim_t)top + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	for (int i = 0; i < 8; i++)
		assert_true(connect_tcp(fd[i]) >= 0);
	cpu = clock();
	g_usleep(400000);
	assert_true((clock() - cpu) * 1000 / CLOCKS_PER_SEC < 200);
	setrlimit(RLIMIT_NOFILE, &before);
	/* One was let go of with a word, the others are served. */
	expect(fd[0], "421 ");
	for (int i = 2; i < 8; i++)
		put(fd[i], "NOOP\r\n");
	expect(fd[7], "250 ");
	for (int i = 0; i < 8; i++)
		close(fd[i]);
}

static void
test_drain(void **state)
{
	int idle, busy, reading;
	g_autofree char *said = NULL;

	start();
	idle = connect_tcp(-1);
	expect(idle, "220 ");
	set_gate(true);
	busy = connect_tcp(-1);
	up_to_data(busy, "EHLO");
	put(busy, "x\r\n.\r\n");
	wait_inside(1);
	reading = connect_unix();
	up_to_data(reading, "LHLO");
	assert_false(smtpd_drain(f.d, 0));
	said = get(idle, NULL);
	assert_true(g_str_has_prefix(said, "421 4.3.2"));
	close(idle);
	put(reading, "y\r\n.\r\n");
	wait_inside(2);
	set_gate(false);
	g_free(said);
	said = get(busy, NULL);
	assert_true(g_str_has_prefix(said, "250 2.0.0 3 bytes\r\n421 4.3.2"));
	close(busy);
	g_free(said);
	said = get(reading, NULL);
	assert_true(g_str_has_prefix(said, "250 2.0.0 3 bytes\r\n421 4.3.2"));
	close(reading);
	assert_true(smtpd_drain(f.d, 10));
	assert_false(g_file_test(f.path, G_FILE_TEST_EXISTS));
	assert_int_equal(messages_done(), 2);
}

static void *
open_gate_soon(void *arg)
{
	g_usleep(200000);
	set_gate(false);
	return NULL;
}

/* The receiver ends while workers are at it: those at work are waited
 * for, those in the queue are told to come again. */
static void
test_free_while_busy(void **state)
{
	pthread_t helper;
	int fd[5], stored = 0, later = 0;

	start();
	set_gate(true);
	for (int i = 0; i < 5; i++) {
		fd[i] = connect_unix();
		up_to_data(fd[i], "LHLO");
		put(fd[i], "x\r\n.\r\n");
	}
	wait_inside(3);
	WAIT_FOR(smtpd_stats(f.d).delivering == 5);
	pthread_create(&helper, NULL, open_gate_soon, NULL);
	smtpd_free(f.d);
	f.d = NULL;
	pthread_join(helper, NULL);
	for (int i = 0; i < 5; i++) {
		g_autofree char *said = get(fd[i], NULL);

		stored += g_str_has_prefix(said, "250 ");
		later += g_str_has_prefix(said, "451 ");
		assert_non_null(strstr(said, "\r\n421 "));
		close(fd[i]);
	}
	assert_int_equal(messages_done(), 3);
	assert_int_equal(stored, 3);
	assert_int_equal(later, 2);
}

static void *
one_client(void *arg)
{
	int fd = connect_tcp(-1);
	char line[] = "0123456789012345678901234567890123456789012345678\r\n";

	expect(fd, "220 ");
	put(fd, "EHLO x\r\n");
	expect(fd, "250 ");
	for (int i = 0; i < 20; i++) {
		put(fd, "MAIL FROM:<a@b>\r\nRCPT TO:<report@x>\r\nDATA\r\n");
		expect(fd, "354 ");
		for (int k = 0; k < 200; k++)
			put(fd, line);
		put(fd, ".\r\n");
		expect(fd, "250 2.0.0 10200 bytes");
	}
	close(fd);
	return NULL;
}

static void
test_many_at_once(void **state)
{
	pthread_t t[8];

	f.conf.smtp_spill_at = 4096;
	start();
	for (int i = 0; i < 8; i++)
		pthread_create(&t[i], NULL, one_client, NULL);
	for (int i = 0; i < 8; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(messages_done(), 160);
	assert_int_equal(gate.bytes, 160 * 10200);
	assert_int_equal(smtpd_stats(f.d).accepted, 160);
	WAIT_FOR(smtpd_stats(f.d).inflight == 0);
}

static void
test_inherited_and_stale(void **state)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct smtpd_socket s = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
	g_autoptr(GError) err = NULL;
	struct smtpd *second;
	int stale = socket(AF_UNIX, SOCK_STREAM, 0);
	int fd;

	/* A socket file without a listener is taken over... */
	g_strlcpy(un.sun_path, f.path, sizeof(un.sun_path));
	assert_int_equal(bind(stale, (struct sockaddr *)&un, sizeof(un)), 0);
	close(stale);
	assert_int_equal(bind(s.fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_null(smtpd_new_with(&f.conf, &ops, &s, 1, &err));
	assert_true(fault_is(err, FAULT_INPUT)); /* does not listen */
	g_clear_error(&err);
	assert_int_equal(listen(s.fd, 5), 0);
	f.conf.smtp_listen = "this would fail";
	f.d = smtpd_new_with(&f.conf, &ops, &s, 1, &err);
	assert_non_null(f.d);
	smtpd_start(f.d);
	fd = connect_tcp(-1);
	expect(fd, "220 ");
	close(fd);
	/* ...one with a listener is not. */
	f.conf.smtp_listen = "";
	second = smtpd_new(&f.conf, &ops, &err);
	assert_null(second);
	assert_true(fault_is(err, FAULT_BUSY));
	fd = connect_unix();
	expect(fd, "220 ");
	close(fd);
}

static void
test_bad_settings(void **state)
{
	static const char *const listens[] = {"nonsense", "127.0.0.1:99999",
	    "/nonexistent/folder/socket",
	    "/a/path/that/is/much/too/long/for/a/unix/socket/because/the/"
	    "kernel/takes/one/hundred/and/seven/bytes/of/it/only"};
	static const char *const hosts[] = {"10.0.0.0/33", NULL};
	g_autoptr(GError) err = NULL;

	for (size_t i = 0; i < COUNT_OF(listens); i++) {
		f.conf.smtp_lmtp = listens[i];
		assert_null(smtpd_new(&f.conf, &ops, &err));
		assert_non_null(err);
		g_clear_error(&err);
	}
	f.conf.smtp_lmtp = "";
	f.conf.smtp_trusted_hosts = hosts;
	assert_null(smtpd_new(&f.conf, &ops, &err));
	assert_true(fault_is(err, FAULT_INPUT));
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH(test_tcp_and_unix),
	    WITH(test_half_close),
	    WITH(test_vanished),
	    WITH(test_timeouts),
	    WITH(test_connection_limit),
	    WITH(test_no_descriptors),
	    WITH(test_drain),
	    WITH(test_free_while_busy),
	    WITH(test_many_at_once),
	    WITH(test_inherited_and_stale),
	    WITH(test_bad_settings),
	};

	log_set_level(LOG_CRIT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
