/* smtp/session and its verbs, over plain memory. */
#include "smtp-session.h"

static const char one_mail[] =
    "EHLO client.example\r\nMAIL FROM:<a@b.example> SIZE=20 BODY=8BITMIME\r\n"
    "RCPT TO:<report@tocsin.example>\r\nDATA\r\n"
    "Subject: x\r\n\r\n..\r\nbody\r\n.\r\nQUIT\r\n";

static void
test_one_mail_any_split(void **state)
{
	for (size_t piece = 1; piece < sizeof(one_mail); piece++) {
		struct fix *f = begin("192.0.2.1", false);

		say_in_pieces(f, one_mail, sizeof(one_mail) - 1, piece);
		expect(f, "220 250 250 250 354 250 221");
		assert_int_equal(f->s.state, SESSION_CLOSING);
		assert_int_equal(seen.messages, 1);
		assert_string_equal(seen.body->str,
		    "Subject: x\r\n\r\n.\r\nbody\r\n");
		assert_string_equal(seen.rcpts->str, "report@tocsin.example ");
		assert_string_equal(seen.from, "a@b.example");
		assert_string_equal(seen.client, "192.0.2.1");
		assert_string_equal(seen.helo, "client.example");
		assert_true(seen.body8bit);
		assert_false(seen.trusted);
		assert_int_equal(seen.proto, ENVELOPE_SMTP);
		end(f);
	}
}

/* Commands and the codes they get, one session a row. */
static const struct {
	const char *name, *in, *codes;
} scripts[] = {
    {"hello twice", "HELO a\r\nEHLO b\r\n", "250 250"},
    {"hello without a name", "EHLO\r\nEHLO a b\r\nEHLO \r\n", "501 501 501"},
    {"sequence",
	"MAIL FROM:<>\r\nRCPT TO:<report@x>\r\nDATA\r\nEHLO a\r\n"
	"RCPT TO:<report@x>\r\nDATA\r\nMAIL FROM:<>\r\nDATA\r\n"
	"MAIL FROM:<>\r\n",
	"503 503 503 250 503 503 250 503 503"},
    {"case and blanks", "ehlo a  \r\nmail from: <>\r\nrcpt to: <report@x>\r\n",
	"250 250 250"},
    {"every verb",
	"NOOP\r\nNOOP x y\r\nHELP\r\nHELP me\r\nVRFY\r\nVRFY a\r\nEXPN a\r\n"
	"ETRN a\r\nSTARTTLS\r\nAUTH PLAIN x\r\nBDAT 1\r\nRSET\r\nRSET x\r\n"
	"FOO\r\nNOO\r\nNOOPE\r\n\r\n",
	"250 250 214 214 501 252 502 502 502 502 502 250 501 500 500 500 500"},
    {"refused recipients",
	"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<nobody@x>\r\nRCPT TO:<busy@x>\r\n"
	"RCPT TO:<mad@x>\r\nRCPT TO:<yes@x>\r\nRCPT TO:<>\r\nRCPT TO:x@y\r\n"
	"RCPT TO:<report@x> NOTIFY=NEVER\r\nDATA\r\n",
	"250 250 550 451 550 550 501 501 555 503"},
    {"postmaster", "EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\n",
	"250 250 250"},
    {"sizes",
	"EHLO a\r\nMAIL FROM:<> SIZE=99999999999999999999\r\n"
	"MAIL FROM:<> SIZE=36700161\r\nMAIL FROM:<> SIZE=\r\n"
	"MAIL FROM:<> SIZE=-1\r\nMAIL FROM:<> SIZE\r\n"
	"MAIL FROM:<> SIZE=36700160\r\n",
	"250 552 552 501 501 501 250"},
    {"parameters",
	"EHLO a\r\nMAIL FROM:<> BODY=BINARYMIME\r\nMAIL FROM:<> SMTPUTF8\r\n"
	"MAIL FROM:<> AUTH=<>\r\nMAIL FROM:<> RET=HDRS\r\nMAIL TO:<>\r\n"
	"MAIL FROM:<>BODY=7BIT\r\nMAIL FROM:<> BODY=7BIT\r\n",
	"250 501 555 555 555 501 501 250"},
    {"line ends", "NOOP\nNOOP\rx\r\n\nNOOP\r\r\nNOOP\r\n",
	"500 500 500 500 250"},
    {"after QUIT", "QUIT\r\nNOOP\r\nEHLO a\r\n", "221"},
    {"RSET in a transaction",
	"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<report@x>\r\nRSET\r\nDATA\r\n"
	"MAIL FROM:<>\r\n",
	"250 250 250 250 503 250"},
    {"EHLO in a transaction",
	"EHLO a\r\nMAIL FROM:<>\r\nEHLO a\r\nMAIL FROM:<>\r\n",
	"250 250 250 250"},
    {"XFORWARD of a stranger", "EHLO a\r\nXFORWARD ADDR=192.0.2.9\r\n",
	"250 550"},
    {"two mails in one go",
	"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<report@x>\r\nDATA\r\n"
	"one\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<report@x>\r\nDATA\r\n"
	"two\r\n.\r\nQUIT\r\n",
	"250 250 250 354 250 250 250 354 250 221"},
    {"LF.LF does not end it",
	"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<report@x>\r\nDATA\r\n"
	"one\n.\nMAIL FROM:<evil@x>\r\n",
	"250 250 250 354"},
    {"LF.CRLF does not end it",
	"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<report@x>\r\nDATA\r\n"
	"one\n.\r\nMAIL FROM:<evil@x>\r\n",
	"250 250 250 354"},
    {"CR.CR does not end it",
	"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<report@x>\r\nDATA\r\n"
	"one\r\n.\rMAIL FROM:<evil@x>\r\nDATA\r\n",
	"250 250 250 354"},
    {"LHLO makes it LMTP",
	"LHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<report@x>\r\nRCPT TO:<nobody@x>\r\n"
	"RCPT TO:<report@y>\r\nDATA\r\none\r\n.\r\nNOOP\r\n",
	"250 250 250 550 250 354 250 250 250"},
};

static void
test_scripts(void **state)
{
	for (size_t i = 0; i < COUNT_OF(scripts); i++) {
		size_t n = strlen(scripts[i].in);

		for (size_t piece = 1; piece <= n; piece += n < 8 ? 1 : n - 1) {
			struct fix *f = begin("192.0.2.1", false);

			expect(f, "220");
			say_in_pieces(f, scripts[i].in, n, piece);
			print_message("# %s, by %zu\n", scripts[i].name,
			    piece);
			expect(f, scripts[i].codes);
			end(f);
		}
	}
}

static void
test_ehlo_lines(void **state)
{
	struct fix *f = begin("127.0.0.1", false);

	say(f, "EHLO a\r\n");
	collect(f);
	assert_string_equal(f->said->str,
	    "220 mx.example ESMTP Tocsin\r\n250-mx.example\r\n"
	    "250-PIPELINING\r\n250-SIZE 36700160\r\n250-8BITMIME\r\n"
	    "250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n"
	    "250 ENHANCEDSTATUSCODES\r\n");
	end(f);
	f = begin("192.0.2.1", false);
	say(f, "EHLO a\r\n");
	collect(f);
	assert_null(strstr(f->said->str, "XFORWARD"));
	end(f);
}

static void
test_lmtp_listener(void **state)
{
	struct fix *f = begin(NULL, true);

	say(f, "EHLO a\r\nHELO a\r\nLHLO a\r\nMAIL FROM:<>\r\n"
	       "RCPT TO:<report@x>\r\nRCPT TO:<report@y>\r\nDATA\r\n");
	expect(f, "220 500 500 250 250 250 250 354");
	seen.verdict = "451 4.3.2 Database away";
	say(f, "x\r\n.\r\n");
	expect(f, "451 451");
	assert_int_equal(seen.proto, ENVELOPE_LMTP);
	assert_true(seen.trusted);
	assert_string_equal(seen.client, "unix");
	assert_string_equal(seen.rcpts->str, "report@x report@y ");
	end(f);
}

static void
test_verdicts(void **state)
{
	static const struct {
		const char *verdict, *code;
	} cases[] = {
	    {"250 2.0.0 [TOCSIN #7]", "250"},
	    {"552 5.3.4 no", "552"},
	    {"451 4.3.0 no", "451"},
	    {NULL, "451"},
	    {"", "451"},
	    {"hello", "451"},
	    {"250", "451"},
	    {"250 a\r\n250 b", "451"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fix *f = begin("192.0.2.1", false);

		say(f, "EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<report@x>\r\n"
		       "DATA\r\n");
		expect(f, "220 250 250 250 354");
		seen.verdict = cases[i].verdict;
		say(f, "x\r\n.\r\n");
		expect(f, cases[i].code);
		assert_int_equal(f->host.limits.accepted, i == 0);
		assert_int_equal(f->host.limits.refused, i != 0);
		end(f);
	}
}

static void
test_defects_are_content(void **state)
{
	static const char mail[] =
	    "EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<report@x>\r\nDATA\r\n"
	    "a\rb\nc\0d\r\n\n.\n\r\n.\r\n";
	struct fix *f = begin("192.0.2.1", false);

	say_in_pieces(f, mail, sizeof(mail) - 1, 7);
	expect(f, "220 250 250 250 354 250");
	assert_int_equal(seen.body->len, 14);
	assert_memory_equal(seen.body->str, "a\rb\nc\0d\r\n\n.\n\r\n", 14);
	assert_int_equal(seen.bare_cr, 1);
	assert_int_equal(seen.bare_lf, 3);
	assert_int_equal(seen.nul, 1);
	end(f);
}

static void
test_xforward(void **state)
{
	struct fix *f = begin("127.0.0.1", false);

	f->conf.smtp_connections_per_client = 1;
	say(f, "EHLO a\r\nXFORWARD NAME=spike.example ADDR=192.0.2.7\r\n"
	       "XFORWARD PROTO=ESMTP HELO=x\r\nMAIL FROM:<>\r\n"
	       "XFORWARD NAME=a\r\nRCPT TO:<report@x>\r\nDATA\r\nx\r\n.\r\n");
	expect(f, "220 250 250 250 250 503 250 354 250");
	assert_string_equal(seen.client, "192.0.2.7");
	assert_string_equal(seen.fwd_name, "spike.example");
	assert_true(seen.trusted);
	/* One transaction only: the next is the MTA's own again. */
	assert_int_equal(g_hash_table_size(f->host.limits.clients), 0);
	say(f, UP_TO_DATA "x\r\n.\r\n");
	expect(f, "250 250 250 354 250");
	assert_string_equal(seen.client, "127.0.0.1");
	assert_null(seen.fwd_name);
	/* Counted by the address that it told. */
	{
		struct session other;
		struct net n;

		assert_true(net_parse_host("192.0.2.7", &n));
		assert_true(session_init(&other, &f->host, &n, false));
		say(f, "XFORWARD ADDR=192.0.2.7\r\n");
		expect(f, "421");
		session_clear(&other);
	}
	end(f);
}

static void
test_draining(void **state)
{
	struct fix *f = begin("192.0.2.1", false);

	say(f, "EHLO a\r\n" UP_TO_DATA);
	f->host.draining = true;
	say(f, "x\r\n.\r\nNOOP\r\n");
	expect(f, "220 250 250 250 250 354 250 421");
	end(f);
}

static int
run(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_mail_any_split),
	    cmocka_unit_test(test_scripts),
	    cmocka_unit_test(test_ehlo_lines),
	    cmocka_unit_test(test_lmtp_listener),
	    cmocka_unit_test(test_verdicts),
	    cmocka_unit_test(test_defects_are_content),
	    cmocka_unit_test(test_xforward),
	    cmocka_unit_test(test_draining),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	return run_with_seen(run);
}
