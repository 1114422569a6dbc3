/*
 * Everything a peer can say to the SMTP receiver.
 *
 * The first byte chooses the peer (trusted, LMTP, small limits), the second
 * the size of the pieces.  The session is run twice: whole, and in pieces.
 * Rules: both say and store the same; replies are lines that begin with a
 * code; nothing is left in the accounts.
 */
#include "base/base.h"
#include "base/log.h"
#include "smtp/session.h"

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

/* A rule of the receiver, also where NDEBUG took the asserts. */
#define RULE(x)                                                               \
	do {                                                                  \
		if (!(x)) {                                                   \
			fprintf(stderr, "broken: %s\n", #x);                  \
			abort();                                              \
		}                                                             \
	} while (0)


static bool
take_rcpt(void *ctx, struct arena *a, const char *addr, const char **reply)
{
	RULE(strchr(addr, '@') != NULL);
	for (const char *p = addr; *p != '\0'; p++)
		RULE(*p >= ' ' && *p <= '~');
	if (*addr == 'x')
		*reply = "451 4.3.0 Later";
	return *addr == 'r' || *addr == 'p';
}

/* ctx: everything that was stored. */
static void
take_message(void *ctx, struct arena *a, const struct smtp_envelope *env,
    struct blob *body, const char **reply)
{
	GString *stored = ctx;

	RULE(env->n > 0 && env->from != NULL && env->client != NULL);
	g_string_append_printf(stored, "%s|%s|%s|%s|%zu|%d%d|", env->from,
	    env->client, env->helo, env->fwd_name, env->n, env->trusted,
	    env->body8bit);
	for (size_t i = 0; i < env->n; i++)
		g_string_append(stored, env->rcpts[i]);
	g_string_append_len(stored, blob_bytes(body),
	    (gssize)blob_len(body));
	*reply = "250 2.0.0 Stored";
}

static void
check_replies(const GString *said)
{
	const char *p = said->str;

	while (*p != '\0') {
		const char *end = strstr(p, "\r\n");

		RULE(end != NULL && end - p > 4 && end - p <= 512);
		RULE(g_ascii_isdigit(p[0]) && g_ascii_isdigit(p[1]) &&
		    g_ascii_isdigit(p[2]) && (p[3] == ' ' || p[3] == '-'));
		for (const char *q = p; q < end; q++)
			RULE(*q >= ' ' && *q <= '~');
		p = end + 2;
	}
	RULE(strlen(said->str) == said->len);
}

static void
run(const struct conf *defaults, const uint8_t *bytes, size_t n,
    uint8_t how, size_t piece, GString *said, GString *stored)
{
	struct smtpd_ops ops = {.ctx = stored, .rcpt = take_rcpt,
	    .deliver = take_message};
	struct conf conf = *defaults;
	struct session_host host = {.conf = &conf, .ops = &ops,
	    .name = "mx.example"};
	g_autoptr(GByteArray) rest = g_byte_array_new();
	struct session s;
	struct net peer = {.bits = 32};
	ARENA_AUTO(a, "fuzz");

	if (how & 4) {
		conf.smtp_size_max = 64;
		conf.smtp_recipients_max = 2;
		conf.smtp_inflight_max = 100;
	}
	conf.smtp_spill_at = how & 16 ? 16 : 4096;
	conf.site_state_dir = g_get_tmp_dir();
	RULE(limits_init(&host.limits, &conf, a, NULL));
	RULE(net_parse_host(how & 1 ? "127.0.0.1" : "192.0.2.1", &peer));
	RULE(session_init(&s, &host, &peer, how & 2));
	for (size_t at = 0; at < n && s.state != SESSION_CLOSING;) {
		size_t used, take = MIN(piece, n - at);

		g_byte_array_append(rest, bytes + at, (guint)take);
		at += take;
		do {
			used = session_input(&s, rest->data, rest->len);
			RULE(used <= rest->len);
			g_byte_array_remove_range(rest, 0, (guint)used);
			if (s.state == SESSION_BUSY) {
				session_deliver(&host, s.tx);
				session_delivered(&s);
				used = 1;
			}
			if (s.out != NULL) {
				g_string_append_len(said, s.out->str,
				    (gssize)s.out->len);
				g_string_free(s.out, TRUE);
				s.out = NULL;
			}
		} while (used > 0 && rest->len > 0 &&
		    s.state != SESSION_CLOSING);
		/* What waits is one line at most, or we could be filled. */
		RULE(rest->len < SMTPD_LINE_MAX || s.state == SESSION_CLOSING);
	}
	session_clear(&s);
	RULE(host.limits.inflight == 0 && host.limits.promised == 0 &&
	    host.limits.delivering == 0);
	RULE(g_hash_table_size(host.limits.clients) == 0);
	limits_clear(&host.limits);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct arena *arena;
	static const struct conf *conf;
	g_autoptr(GString) said_whole = g_string_new(NULL);
	g_autoptr(GString) said_cut = g_string_new(NULL);
	g_autoptr(GString) stored_whole = g_string_new(NULL);
	g_autoptr(GString) stored_cut = g_string_new(NULL);

	if (arena == NULL) {
		arena = arena_new("fuzz");
		RULE(conf_load(arena, NULL, &conf, NULL));
		log_set_level(LOG_CRIT);
	}
	if (n < 2)
		return 0;
	run(conf, bytes + 2, n - 2, bytes[0], n, said_whole, stored_whole);
	run(conf, bytes + 2, n - 2, bytes[0], (size_t)bytes[1] + 1, said_cut,
	    stored_cut);
	check_replies(said_whole);
	RULE(g_string_equal(said_whole, said_cut));
	RULE(g_string_equal(stored_whole, stored_cut));
	return 0;
}
