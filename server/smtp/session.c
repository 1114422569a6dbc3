/* See session.h. */
#include "base/base.h"
#include "smtp/session.h"

#include "base/log.h"
#include "base/when.h"

#include <stdarg.h>

/* Longest reply line we write (RFC 5321 4.5.3.1.5). */
enum { REPLY_MAX = 510 };

void
session_reply(struct session *s, const char *text)
{
	if (s->out == NULL)
		s->out = g_string_sized_new(128);
	g_string_append(s->out, text);
	g_string_append(s->out, "\r\n");
}

static bool
is_reply(const char *line)
{
	size_t i;

	if (line == NULL || line[0] < '2' || line[0] > '5' ||
	    !g_ascii_isdigit(line[1]) || !g_ascii_isdigit(line[2]) ||
	    line[3] != ' ')
		return false;
	for (i = 4; line[i] >= ' ' && line[i] <= '~'; i++)
		;
	return line[i] == '\0' && i <= REPLY_MAX;
}

void
session_reply_line(struct session *s, const char *line, const char *instead)
{
	if (!is_reply(line)) {
		if (line != NULL)
			log_crit("smtp.bad_reply", LOG_S("line", line));
		line = instead;
	}
	session_reply(s, line);
}

void
session_end(struct session *s, const char *text)
{
	if (s->state == SESSION_CLOSING)
		return;
	session_reset(s);
	session_reply(s, text);
	s->state = SESSION_CLOSING;
}

/* Who is counted.  The old client is left before the new one is entered,
 * so that a client at its limit can be named again. */
bool
session_account(struct session *s, const struct net *client)
{
	struct limits *l = &s->host->limits;

	if (s->accounted)
		limits_client_leave(l, &s->account);
	s->accounted = false;
	if (client == NULL)
		return true;
	if (!limits_client_enter(l, client)) {
		g_autoptr(GString) who = g_string_sized_new(48);
		ARENA_AUTO(a, "log");

		l->turned_away++;
		log_notice("smtp.client_limit",
		    LOG_S("client", net_text(a, client)));
		g_string_append_printf(who,
		    "421 4.7.0 %s Too many connections from %s", s->host->name,
		    net_text(a, client));
		session_end(s, who->str);
		return false;
	}
	s->account = *client;
	s->accounted = true;
	return true;
}

bool
session_init(struct session *s, struct session_host *host,
    const struct net *peer, bool lmtp_only)
{
	g_autofree char *hello = NULL;

	memset(s, 0, sizeof(*s));
	s->host = host;
	s->state = SESSION_FRESH;
	s->lmtp = s->lmtp_only = lmtp_only;
	s->has_peer = peer != NULL;
	if (peer != NULL)
		s->peer = *peer;
	s->trusted = peer == NULL || limits_trusted(&host->limits, peer);
	if (!session_account(s, peer))
		return false;
	hello = g_strdup_printf("220 %s %s Tocsin", host->name,
	    lmtp_only ? "LMTP" : "ESMTP");
	session_reply(s, hello);
	return true;
}

/* The bytes of a message that nobody needs any more. */
static void
drop_body(struct session *s)
{
	struct transaction *tx = s->tx;

	arena_free(tx->body_arena);
	tx->body_arena = NULL;
	tx->body = NULL;
	limits_give_back(&s->host->limits, tx->held);
	limits_promise(&s->host->limits, -tx->promised);
	tx->held = tx->promised = 0;
}

void
session_reset(struct session *s)
{
	/* A worker's transaction must come back first. */
	g_assert(s->state != SESSION_BUSY);
	if (s->tx != NULL) {
		drop_body(s);
		arena_free(s->tx->arena);
		s->tx = NULL;
	}
	if (s->fwd != NULL) {
		xforward_clear(s->fwd);
		g_clear_pointer(&s->fwd, g_free);
		session_account(s, s->has_peer ? &s->peer : NULL);
	}
	if (s->state != SESSION_CLOSING && s->state != SESSION_FRESH)
		s->state = SESSION_READY;
}

void
session_clear(struct session *s)
{
	session_reset(s);
	session_account(s, NULL);
	g_clear_pointer(&s->helo, g_free);
	if (s->out != NULL)
		g_string_free(s->out, TRUE);
	s->out = NULL;
}

bool
session_blocked(const struct session *s)
{
	return s->state == SESSION_BUSY || s->state == SESSION_CLOSING ||
	    (s->out != NULL && s->out->len > SMTPD_OUT_MAX);
}

/* Says the one verdict on a message: once in SMTP, in LMTP once for each
 * recipient that was accepted (RFC 2033 4.2). */
static void
say_verdict(struct session *s, const char *line)
{
	size_t n = s->lmtp ? s->tx->rcpts->len : 1;

	while (n-- > 0)
		session_reply_line(s, line, "451 4.3.0 Not stored, try again");
}

static void
end_of_transaction(struct session *s)
{
	session_reset(s);
	if (s->host->draining)
		session_end(s, "421 4.3.2 Shutting down, come again");
}

static void
refuse_body(struct session *s, const char *refusal)
{
	s->tx->refusal = refusal;
	drop_body(s);
}

static void
take_body(void *ctx, const uint8_t *bytes, size_t n)
{
	struct session *s = ctx;
	struct transaction *tx = s->tx;
	struct limits *l = &s->host->limits;
	g_autoptr(GError) err = NULL;
	int64_t kept;

	if (tx->refusal != NULL) {
		tx->discarded += (int64_t)n;
		return;
	}
	tx->size += (int64_t)n;
	if (tx->size > s->host->conf->smtp_size_max) {
		refuse_body(s, "552 5.3.4 Message too large");
		return;
	}
	if (!limits_take(l, (int64_t)n, tx->size)) {
		log_notice("smtp.inflight_limit", LOG_I("size", tx->size));
		refuse_body(s, "452 4.3.1 Too much in hand, come again");
		return;
	}
	tx->held += (int64_t)n;
	kept = MIN(tx->promised, (int64_t)n);
	limits_promise(l, -kept);
	tx->promised -= kept;
	if (!blob_append(tx->body, bytes, n, &err)) {
		log_fault("smtp.spill", err);
		refuse_body(s, "452 4.3.1 Storage is full, come again");
	}
}

static void
end_of_data(struct session *s)
{
	struct transaction *tx = s->tx;
	g_autoptr(GError) err = NULL;

	limits_promise(&s->host->limits, -tx->promised);
	tx->promised = 0;
	if (tx->refusal == NULL && !blob_finish(tx->body, &err)) {
		log_fault("smtp.spill", err);
		refuse_body(s, "452 4.3.1 Storage is full, come again");
	}
	if (tx->refusal != NULL) {
		s->host->limits.refused++;
		say_verdict(s, tx->refusal);
		end_of_transaction(s);
		return;
	}
	tx->env.rcpts = (const char *const *)tx->rcpts->pdata;
	tx->env.n = tx->rcpts->len;
	tx->env.received = when_now();
	tx->env.bare_cr = tx->reader.bare_cr;
	tx->env.bare_lf = tx->reader.bare_lf;
	tx->env.nul = tx->reader.nul;
	tx->started = when_ticks();
	s->state = SESSION_BUSY;
	s->host->limits.delivering++;
}

static size_t
read_data(struct session *s, const uint8_t *bytes, size_t n)
{
	struct transaction *tx = s->tx;
	size_t used = data_read(&tx->reader, bytes, n, take_body, s);

	if (tx->reader.state == DATA_END)
		end_of_data(s);
	else if (tx->discarded > SMTPD_DISCARD_MAX)
		/* It has been told nothing yet; now it is, and cut. */
		session_end(s, tx->refusal);
	return used;
}

void
session_deliver(const struct session_host *host, struct transaction *tx)
{
	const char *reply = NULL;

	host->ops->deliver(host->ops->ctx, tx->arena, &tx->env, tx->body,
	    &reply);
	tx->reply = reply;
}

void
session_delivered(struct session *s)
{
	struct transaction *tx = s->tx;
	struct limits *l = &s->host->limits;
	bool accepted = is_reply(tx->reply) && tx->reply[0] == '2';

	g_assert(s->state == SESSION_BUSY);
	l->delivering--;
	if (accepted)
		l->accepted++;
	else
		l->refused++;
	log_info("smtp.message", LOG_S("client", tx->env.client),
	    LOG_S("from", tx->env.from), LOG_S("to", tx->env.rcpts[0]),
	    LOG_I("rcpts", (int64_t)tx->env.n), LOG_I("size", tx->size),
	    LOG_S("reply", tx->reply),
	    LOG_I("ms", (when_ticks() - tx->started) / 1000));
	/* A peer that brings mail may go on for as long as it does. */
	if (accepted)
		s->commands = s->errors = 0;
	s->state = SESSION_READY;
	say_verdict(s, tx->reply);
	end_of_transaction(s);
}

/* A line of more than SMTPD_LINE_MAX bytes: thrown away up to its end. */
static size_t
skip_line(struct session *s, const uint8_t *bytes, size_t n)
{
	const uint8_t *lf = memchr(bytes, '\n', n);
	size_t used = lf != NULL ? (size_t)(lf - bytes) + 1 : n;

	s->skipped += used;
	if (lf != NULL) {
		s->skipped = 0;
		s->commands++;
		s->errors++;
		session_reply(s, "500 5.5.2 Line too long");
	} else if (s->skipped > SMTPD_LINE_DISCARD_MAX) {
		session_end(s, "421 4.7.0 Line much too long");
	}
	return used;
}

static size_t
read_line(struct session *s, const uint8_t *bytes, size_t n)
{
	char line[SMTPD_LINE_MAX + 1];
	const uint8_t *lf;
	size_t len;

	if (s->skipped > 0)
		return skip_line(s, bytes, n);
	lf = memchr(bytes, '\n', MIN(n, SMTPD_LINE_MAX));
	if (lf == NULL)
		return n < SMTPD_LINE_MAX ? 0 : skip_line(s, bytes, n);
	len = (size_t)(lf - bytes);
	s->commands++;
	if (s->commands > s->host->conf->smtp_commands_max) {
		session_end(s, "421 4.7.0 Too many commands");
		return len + 1;
	}
	if (len == 0 || bytes[len - 1] != '\r' ||
	    memchr(bytes, '\r', len) != bytes + len - 1 ||
	    memchr(bytes, '\0', len) != NULL) {
		/* Not guessed at: two hops that guess differently are how
		 * commands get smuggled. */
		s->errors++;
		session_reply(s, "500 5.5.2 Lines end with CR LF");
		return len + 1;
	}
	memcpy(line, bytes, len - 1);
	line[len - 1] = '\0';
	session_command(s, line);
	return len + 1;
}

size_t
session_input(struct session *s, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	size_t used = 0;

	while (used < n && !session_blocked(s)) {
		size_t step;

		if (s->state == SESSION_DATA)
			step = read_data(s, p + used, n - used);
		else
			step = read_line(s, p + used, n - used);
		if (step == 0)
			break;
		used += step;
		if (s->errors > SMTPD_ERRORS_MAX &&
		    s->state != SESSION_CLOSING && s->state != SESSION_BUSY)
			session_end(s, "421 4.7.0 Too many errors");
	}
	return used;
}
