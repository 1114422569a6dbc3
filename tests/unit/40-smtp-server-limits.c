/* smtp/smtpd: time, connections and descriptors that come to an end. */
#include "smtp-server.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH(test_timeouts),
	    WITH(test_connection_limit),
	    WITH(test_no_descriptors),
	};

	log_set_level(LOG_CRIT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
