/* smtp/smtpd: threads, sockets, time. */
#include "smtp-server.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH(test_tcp_and_unix),
	    WITH(test_half_close),
	    WITH(test_vanished),
	    WITH(test_drain),
	    WITH(test_free_while_busy),
	    WITH(test_many_at_once),
	    WITH(test_inherited_and_stale),
	    WITH(test_bad_settings),
	};

	log_set_level(LOG_CRIT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
