/* smtp/session and its verbs, over plain memory. */
#include "base/base.h"
#include "base/log.h"
#include "smtp/session.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What a fake intake saw of the last message. */
static struct seen {
	int messages;
	GString *body, *rcpts;
	char *from, *client, *helo, *fwd_name;
	enum envelope_proto proto;
	bool trusted, body8bit;
	uint64_t bare_cr, bare_lf, nul;
	const char *verdict; /* what to answer */
} seen;

static bool
fake_rcpt(void *ctx, struct arena *a, const char *addr, const char **reply)
{
	if (g_str_has_prefix(addr, "busy@"))
		*reply = "451 4.3.0 Later";
	if (g_str_has_prefix(addr, "mad@"))
		*reply = "550 two\r\n250 lines";
	if (g_str_has_prefix(addr, "yes@"))
		*reply = "250 but no";
	return g_str_has_prefix(addr, "report@") ||
	    g_str_has_prefix(addr, "postmaster@");
}

static void
fake_deliver(void *ctx, struct arena *a, const struct smtp_envelope *env,
    struct blob *body, const char **reply)
{
	seen.messages++;
	g_string_truncate(seen.body, 0);
	g_string_append_len(seen.body, blob_bytes(body),
	    (gssize)blob_len(body));
	g_string_truncate(seen.rcpts, 0);
	for (size_t i = 0; i < env->n; i++)
		g_string_append_printf(seen.rcpts, "%s ", env->rcpts[i]);
	g_free(seen.from);
	g_free(seen.client);
	g_free(seen.helo);
	g_free(seen.fwd_name);
	seen.from = g_strdup(env->from);
	seen.client = g_strdup(env->client);
	seen.helo = g_strdup(env->helo);
	seen.fwd_name = g_strdup(env->fwd_name);
	seen.proto = env->proto;
	seen.trusted = env->trusted;
	seen.body8bit = env->body8bit;
	seen.bare_cr = env->bare_cr;
	seen.bare_lf = env->bare_lf;
	seen.nul = env->nul;
	*reply = seen.verdict;
}

static const struct smtpd_ops ops = {.rcpt = fake_rcpt,
    .deliver = fake_deliver};

struct fix {
	struct arena *arena;
	struct conf conf;
	struct session_host host;
	struct session s;
	GString *said; /* all replies since the last expect() */
};

/* A session with a peer of the given address; NULL: unix socket. */
static struct fix *
begin(const char *peer, bool lmtp)
{
	static struct fix f;
	const struct conf *conf;
	struct net n;

	memset(&f, 0, sizeof(f));
	f.arena = arena_new("test");
	assert_true(conf_load(f.arena, NULL, &conf, NULL));
	f.conf = *conf;
	f.host = (struct session_host){.conf = &f.conf, .ops = &ops,
	    .name = "mx.example"};
	assert_true(limits_init(&f.host.limits, &f.conf, f.arena, NULL));
	f.said = g_string_new(NULL);
	if (peer != NULL)
		assert_true(net_parse_host(peer, &n));
	assert_true(session_init(&f.s, &f.host, peer ? &n : NULL, lmtp));
	seen.messages = 0;
	seen.verdict = "250 2.0.0 Stored";
	return &f;
}

static void
end(struct fix *f)
{
	session_clear(&f->s);
	assert_int_equal(f->host.limits.inflight, 0);
	assert_int_equal(f->host.limits.promised, 0);
	assert_int_equal(g_hash_table_size(f->host.limits.clients), 0);
	limits_clear(&f->host.limits);
	g_string_free(f->said, TRUE);
	arena_free(f->arena);
}

static void
collect(struct fix *f)
{
	if (f->s.out == NULL)
		return;
	g_string_append_len(f->said, f->s.out->str, (gssize)f->s.out->len);
	g_string_free(f->s.out, TRUE);
	f->s.out = NULL;
}

/* Feeds bytes in pieces, as a connection would: what is not used comes
 * again, a message is delivered as soon as it is there. */
static void
say_in_pieces(struct fix *f, const char *bytes, size_t n, size_t piece)
{
	g_autoptr(GByteArray) rest = g_byte_array_new();

	for (size_t at = 0; at < n; at += piece) {
		size_t used;

		g_byte_array_append(rest, (const guint8 *)bytes + at,
		    (guint)MIN(piece, n - at));
		do {
			g_autofree uint8_t *exact =
			    g_memdup2(rest->data, rest->len);

			used = session_input(&f->s, exact, rest->len);
			g_byte_array_remove_range(rest, 0, (guint)used);
			collect(f);
			if (f->s.state == SESSION_BUSY) {
				session_deliver(&f->host, f->s.tx);
				session_delivered(&f->s);
				collect(f);
				used = 1;
			}
		} while (used > 0 && rest->len > 0);
	}
}

static void
say(struct fix *f, const char *text)
{
	say_in_pieces(f, text, strlen(text), strlen(text));
}

/* Codes of all replies so far, each line's first four characters. */
static void
expect(struct fix *f, const char *codes)
{
	g_autoptr(GString) got = g_string_new(NULL);
	g_auto(GStrv) lines = NULL;

	collect(f);
	assert_true(f->said->len == 0 || g_str_has_suffix(f->said->str, "\r\n"));
	lines = g_strsplit(f->said->str, "\r\n", -1);
	for (size_t i = 0; lines[i] != NULL; i++)
		if (*lines[i] != '\0' && lines[i][3] != '-')
			g_string_append_printf(got, "%s%.3s",
			    got->len > 0 ? " " : "", lines[i]);
	if (strcmp(got->str, codes) != 0)
		fail_msg("wanted %s, got:\n%s", codes, f->said->str);
	g_string_truncate(f->said, 0);
}

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
say_body(struct fix *f, size_t n)
{
	g_autoptr(GString) s = g_string_sized_new(n + 8);

	while (s->len < n)
		g_string_append_c(s, 'x');
	g_string_append(s, "\r\n.\r\n");
	say_in_pieces(f, s->str, s->len, 4096);
}

#define UP_TO_DATA                                                            \
	"MAIL FROM:<>\r\nRCPT TO:<report@x>\r\nRCPT TO:<report@y>\r\nDATA\r\n"

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
test_draining(void **state)
{
	struct fix *f = begin("192.0.2.1", false);

	say(f, "EHLO a\r\n" UP_TO_DATA);
	f->host.draining = true;
	say(f, "x\r\n.\r\nNOOP\r\n");
	expect(f, "220 250 250 250 250 354 250 421");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_mail_any_split),
	    cmocka_unit_test(test_scripts),
	    cmocka_unit_test(test_ehlo_lines),
	    cmocka_unit_test(test_lmtp_listener),
	    cmocka_unit_test(test_verdicts),
	    cmocka_unit_test(test_defects_are_content),
	    cmocka_unit_test(test_size_limit),
	    cmocka_unit_test(test_inflight_limit),
	    cmocka_unit_test(test_spill_fails),
	    cmocka_unit_test(test_recipients_limit),
	    cmocka_unit_test(test_commands_limit),
	    cmocka_unit_test(test_errors_limit),
	    cmocka_unit_test(test_long_lines),
	    cmocka_unit_test(test_xforward),
	    cmocka_unit_test(test_client_limit),
	    cmocka_unit_test(test_draining),
	    cmocka_unit_test(test_slow_reader),
	};
	int failed;

	log_set_level(LOG_CRIT);
	seen.body = g_string_new(NULL);
	seen.rcpts = g_string_new(NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	g_string_free(seen.body, TRUE);
	g_string_free(seen.rcpts, TRUE);
	g_free(seen.from);
	g_free(seen.client);
	g_free(seen.helo);
	g_free(seen.fwd_name);
	return failed;
}
