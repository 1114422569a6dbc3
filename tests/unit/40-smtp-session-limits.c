/* Limits of an SMTP session: sizes, numbers, lines, clients. */
#include "smtp-session.h"

static void
say_body(struct fix *f, size_t n)
{
	g_autoptr(GString) s = g_string_sized_new(n + 8);

	while (s->len < n)
		g_string_append_c(s, 'x');
	g_string_append(s, "\r\n.\r\n");
	say_in_pieces(f, s->str, s->len, 4096);
}

static void
test_size_limit(void **state)
{
	for (int lmtp = 0; lmtp < 2; lmtp++) {
		struct fix *f = begin(NULL, lmtp);

		f->conf.smtp_size_max = 70000;
		f->conf.smtp_spill_at = 4096;
		f->conf.site_state_dir = "/tmp";
		say(f, lmtp ? "LHLO a\r\n" UP_TO_DATA : "EHLO a\r\n" UP_TO_DATA);
		expect(f, "220 250 250 250 250 354");
		say_body(f, 70000 - 2);
		expect(f, lmtp ? "250 250" : "250");
		assert_int_equal(seen.body->len, 70000);
		say(f, UP_TO_DATA);
		expect(f, "250 250 250 354");
		say_body(f, 70001 - 2);
		expect(f, lmtp ? "552 552" : "552");
		assert_int_equal(seen.messages, 1);
		/* the session goes on */
		say(f, "NOOP\r\n");
		expect(f, "250");
		end(f);
	}
}

static void
test_inflight_limit(void **state)
{
	static const char mail[] = "MAIL FROM:<> SIZE=20000\r\n";
	static const char small[] = "MAIL FROM:<> SIZE=4000\r\n";
	struct fix *f = begin("127.0.0.1", false);
	struct session other;
	struct net n;

	assert_true(net_parse_host("127.0.0.1", &n));
	f->conf.smtp_inflight_max = 100000;
	f->conf.smtp_spill_at = 4096;
	/* (A quarter of the room is for small ones.) */
	say(f, "EHLO a\r\nMAIL FROM:<> SIZE=80000\r\n"
	       "MAIL FROM:<> SIZE=70000\r\nRCPT TO:<report@x>\r\nDATA\r\n");
	expect(f, "220 250 452 250 250 354");
	/* What a trusted peer announced is kept for it. */
	assert_true(session_init(&other, &f->host, &n, false));
	g_string_free(other.out, TRUE);
	other.out = NULL;
	session_input(&other, "EHLO a\r\n", strlen("EHLO a\r\n"));
	session_input(&other, mail, strlen(mail));
	assert_non_null(strstr(other.out->str, "\r\n452 4.3.1"));
	/* No large one keeps a small one out. */
	g_string_truncate(other.out, 0);
	session_input(&other, small, strlen(small));
	assert_non_null(strstr(other.out->str, "250 2.1.0"));
	session_input(&other, "RSET\r\n", 6);
	/* It grows over the budget: read, thrown away, refused. */
	say_body(f, 120000);
	expect(f, "452");
	assert_int_equal(f->host.limits.inflight, 0);
	assert_int_equal(seen.messages, 0);
	g_string_truncate(other.out, 0);
	session_input(&other, mail, strlen(mail));
	assert_non_null(strstr(other.out->str, "250 2.1.0"));
	session_clear(&other);
	end(f);
}

static void
test_spill_fails(void **state)
{
	struct fix *f = begin(NULL, false);

	f->conf.smtp_spill_at = 4096;
	f->conf.site_state_dir = "/nonexistent";
	say(f, "EHLO a\r\n" UP_TO_DATA);
	expect(f, "220 250 250 250 250 354");
	say_body(f, 10000);
	expect(f, "452");
	say(f, UP_TO_DATA);
	expect(f, "250 250 250 354");
	say_body(f, 1000);
	expect(f, "250");
	end(f);
}

static void
test_recipients_limit(void **state)
{
	struct fix *f = begin(NULL, false);

	f->conf.smtp_recipients_max = 2;
	say(f, "EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<report@x>\r\n"
	       "RCPT TO:<report@x>\r\nRCPT TO:<report@z>\r\nDATA\r\n.\r\n");
	expect(f, "220 250 250 250 250 452 354 250");
	assert_string_equal(seen.rcpts->str, "report@x report@x ");
	end(f);
}

static void
test_commands_limit(void **state)
{
	struct fix *f = begin(NULL, false);

	f->conf.smtp_commands_max = 5;
	say(f, "EHLO a\r\n" UP_TO_DATA ".\r\n");
	expect(f, "220 250 250 250 250 354 250");
	/* A message taken opens the account again. */
	say(f, "NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n");
	expect(f, "250 250 250 250 250 421");
	end(f);
}

static void
test_errors_limit(void **state)
{
	struct fix *f = begin("192.0.2.1", false);

	expect(f, "220");
	for (int i = 0; i < SMTPD_ERRORS_MAX; i++) {
		say(f, "FOO\r\n");
		expect(f, "500");
	}
	say(f, "FOO\r\nNOOP\r\n");
	expect(f, "500 421");
	end(f);
	/* A stranger who guesses addresses; an MTA that verifies them. */
	for (int trusted = 0; trusted < 2; trusted++) {
		f = begin(trusted ? "127.0.0.1" : "192.0.2.1", false);
		say(f, "EHLO a\r\nMAIL FROM:<>\r\n");
		for (int i = 0; i <= SMTPD_ERRORS_MAX; i++)
			say(f, "RCPT TO:<guess@x>\r\n");
		assert_int_equal(f->s.state,
		    trusted ? SESSION_MAIL : SESSION_CLOSING);
		end(f);
	}
}

static void
test_long_lines(void **state)
{
	g_autofree char *long_line = g_strnfill(SMTPD_LINE_MAX - 2, 'x');
	g_autofree char *endless = g_strnfill(SMTPD_LINE_DISCARD_MAX, 'x');
	struct fix *f = begin("192.0.2.1", false);

	long_line[4] = ' ';
	memcpy(long_line, "NOOP", 4);
	say(f, long_line);
	say(f, "\r\nNOOP\r\n");
	collect(f);
	g_string_truncate(f->said, 0);
	/* exactly the limit, in one piece and in many */
	for (size_t piece = 1; piece < 3000; piece += 2500) {
		g_autofree char *line = g_strconcat(long_line, "\r\n", NULL);
		g_autofree char *over =
		    g_strconcat(long_line, "y\r\nNOOP\r\n", NULL);

		say_in_pieces(f, line, strlen(line), piece);
		expect(f, "250");
		say_in_pieces(f, over, strlen(over), piece);
		expect(f, "500 250");
	}
	say(f, endless);
	say(f, "xx");
	expect(f, "421");
	end(f);
}

static void
test_client_limit(void **state)
{
	struct fix *f = begin("192.0.2.1", false);
	struct session other[3];
	struct net n;

	f->conf.smtp_connections_per_client = 3;
	assert_true(net_parse_host("192.0.2.1", &n));
	assert_true(session_init(&other[0], &f->host, &n, false));
	assert_true(session_init(&other[1], &f->host, &n, false));
	assert_false(session_init(&other[2], &f->host, &n, false));
	assert_true(g_str_has_prefix(other[2].out->str, "421 4.7.0"));
	session_clear(&other[2]);
	session_clear(&other[1]);
	assert_true(session_init(&other[2], &f->host, &n, false));
	session_clear(&other[2]);
	session_clear(&other[0]);
	end(f);
}

static void
test_slow_reader(void **state)
{
	g_autoptr(GString) noops = g_string_new(NULL);
	struct fix *f = begin(NULL, false);
	size_t used;

	f->conf.smtp_commands_max = 100000;
	for (int i = 0; i < 20000; i++)
		g_string_append(noops, "NOOP\r\n");
	used = session_input(&f->s, noops->str, noops->len);
	assert_true(used < noops->len);
	assert_true(session_blocked(&f->s));
	assert_true(f->s.out->len < SMTPD_OUT_MAX + 100);
	end(f);
}

static int
run(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_size_limit),
	    cmocka_unit_test(test_inflight_limit),
	    cmocka_unit_test(test_spill_fails),
	    cmocka_unit_test(test_recipients_limit),
	    cmocka_unit_test(test_commands_limit),
	    cmocka_unit_test(test_errors_limit),
	    cmocka_unit_test(test_long_lines),
	    cmocka_unit_test(test_client_limit),
	    cmocka_unit_test(test_slow_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	return run_with_seen(run);
}
