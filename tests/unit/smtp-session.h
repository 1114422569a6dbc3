/* An SMTP session over plain memory with a fake intake behind it. */
#ifndef TESTS_UNIT_SMTP_SESSION_H
#define TESTS_UNIT_SMTP_SESSION_H

#include "base/base.h"
#include "base/log.h"
#include "smtp/session.h"

#include "unit.h"

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

static inline bool
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

static inline void
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
static inline struct fix *
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

static inline void
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

static inline void
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
static inline void
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

static inline void
say(struct fix *f, const char *text)
{
	say_in_pieces(f, text, strlen(text), strlen(text));
}

/* Codes of all replies so far, each line's first four characters. */
static inline void
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

#define UP_TO_DATA                                                            \
	"MAIL FROM:<>\r\nRCPT TO:<report@x>\r\nRCPT TO:<report@y>\r\nDATA\r\n"

/* A test program's main: seen has room. */
static inline int
run_with_seen(int (*run)(void))
{
	int failed;

	log_set_level(LOG_CRIT);
	seen.body = g_string_new(NULL);
	seen.rcpts = g_string_new(NULL);
	failed = run();
	g_string_free(seen.body, TRUE);
	g_string_free(seen.rcpts, TRUE);
	g_free(seen.from);
	g_free(seen.client);
	g_free(seen.helo);
	g_free(seen.fwd_name);
	return failed;
}

#endif
