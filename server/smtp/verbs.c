/* The commands of a session (session.h): verbs.def and its functions. */
#include "base/base.h"
#include "smtp/session.h"

#include "base/log.h"
#include "base/text.h"
#include "smtp/path.h"

#include <stdlib.h>

enum { HELO_MAX = 255 };

/* One command line, read. */
struct command {
	char *args; /* behind the verb, without blanks around; maybe "" */
	char path[PATH_MAX_CHARS + 1];
	int64_t size;
	bool body8bit;
};

static const char *
check_any(struct session *s, struct command *c)
{
	return NULL;
}

static const char *
check_none(struct session *s, struct command *c)
{
	return *c->args == '\0' ? NULL : "501 5.5.4 No parameters here";
}

static const char *
check_some(struct session *s, struct command *c)
{
	return *c->args != '\0' ? NULL : "501 5.5.4 Parameter missing";
}

static const char *
check_hello(struct session *s, struct command *c)
{
	size_t n = 0;

	/* Names are not checked any further: it proves nothing. */
	while (c->args[n] > ' ' && c->args[n] <= '~')
		n++;
	if (n == 0 || n > HELO_MAX || c->args[n] != '\0')
		return "501 5.5.4 Your host name, please";
	return NULL;
}

static void
hello(struct session *s, struct command *c, bool lmtp)
{
	session_reset(s);
	s->state = SESSION_READY;
	s->lmtp = lmtp;
	g_free(s->helo);
	s->helo = g_strdup(c->args);
}

/* RFC 2033 4.1: a peer that takes us for SMTP must notice. */
static bool
wrong_protocol(struct session *s)
{
	if (!s->lmtp_only)
		return false;
	s->errors++;
	session_reply(s, "500 5.5.1 This is LMTP: say LHLO");
	return true;
}

static void
act_helo(struct session *s, struct command *c)
{
	g_autofree char *line = NULL;

	if (wrong_protocol(s))
		return;
	hello(s, c, false);
	line = g_strdup_printf("250 %s", s->host->name);
	session_reply(s, line);
}

static void
extended_hello(struct session *s, struct command *c, bool lmtp)
{
	g_autofree char *lines = NULL;

	hello(s, c, lmtp);
	lines = g_strdup_printf("250-%s\r\n250-PIPELINING\r\n"
				"250-SIZE %" PRId64 "\r\n250-8BITMIME\r\n%s"
				"250 ENHANCEDSTATUSCODES",
	    s->host->name, s->host->conf->smtp_size_max,
	    s->trusted ? "250-XFORWARD"
#define X(name) " " #name
			 XFORWARD_ATTRIBUTES(X)
#undef X
			 "\r\n"
		       : "");
	session_reply(s, lines);
}

static void
act_ehlo(struct session *s, struct command *c)
{
	if (!wrong_protocol(s))
		extended_hello(s, c, false);
}

static void
act_lhlo(struct session *s, struct command *c)
{
	extended_hello(s, c, true);
}

/* SIZE=: digits, at most 20 of them (RFC 1870); more than we can count is
 * simply too much. */
static bool
read_size(const char *value, int64_t *size)
{
	size_t n = value == NULL ? 0 : strspn(value, "0123456789");

	if (n == 0 || n > 20 || value[n] != '\0')
		return false;
	if (!text_int(value, 0, INT64_MAX, size))
		*size = INT64_MAX;
	return true;
}

/* "FROM:<...> SIZE=1" */
static const char *
skip_keyword(const char *args, const char *keyword)
{
	if (!text_istarts(args, keyword))
		return NULL;
	args += strlen(keyword);
	/* Not of RFC 5321, but widely said. */
	while (*args == ' ')
		args++;
	return args;
}

static const char *
check_mail(struct session *s, struct command *c)
{
	const char *p = skip_keyword(c->args, "FROM:");
	const char *key, *value;
	char *rest;
	bool bad;

	if (p == NULL)
		return "501 5.5.4 MAIL FROM:<address>, please";
	p = path_read(p, PATH_SENDER, c->path);
	if (p == NULL)
		return "501 5.1.7 Not the syntax of a sender address";
	rest = c->args + (p - c->args);
	for (size_t n = 0; path_param(&rest, &key, &value, &bad); n++) {
		if (n == PATH_PARAM_MAX)
			return "501 5.5.4 Too many parameters";
		if (text_ieq(key, "SIZE")) {
			if (!read_size(value, &c->size))
				return "501 5.5.4 SIZE takes a number";
		} else if (text_ieq(key, "BODY")) {
			if (!text_ieq(value, "7BIT") &&
			    !text_ieq(value, "8BITMIME"))
				return "501 5.5.4 BODY is 7BIT or 8BITMIME";
			c->body8bit = text_ieq(value, "8BITMIME");
		} else {
			return "555 5.5.4 Parameter not offered";
		}
	}
	return bad ? "501 5.5.4 Not the syntax of a parameter" : NULL;
}

static void
act_mail(struct session *s, struct command *c)
{
	struct arena *a;
	struct transaction *tx;

	if (c->size > s->host->conf->smtp_size_max) {
		session_reply(s, "552 5.3.4 Message too large");
		return;
	}
	if (!limits_admit(&s->host->limits, c->size)) {
		session_reply(s, "452 4.3.1 Too much in hand, come again");
		return;
	}
	a = arena_new("message");
	tx = ARENA_NEW(a, struct transaction);
	tx->arena = a;
	tx->announced = c->size;
	tx->rcpts = arena_ptr_array(a);
	tx->env.from = arena_strdup(a, c->path);
	tx->env.proto = s->lmtp ? ENVELOPE_LMTP : ENVELOPE_SMTP;
	tx->env.helo = arena_strdup(a, s->helo);
	tx->env.peer = s->has_peer ? net_text(a, &s->peer) : "unix";
	tx->env.client = tx->env.peer;
	tx->env.trusted = s->trusted;
	tx->env.body8bit = c->body8bit;
	if (s->fwd != NULL)
		xforward_envelope(s->fwd, a, &tx->env);
	s->tx = tx;
	s->state = SESSION_MAIL;
	session_reply(s, "250 2.1.0 Ok");
}

static const char *
check_rcpt(struct session *s, struct command *c)
{
	const char *p = skip_keyword(c->args, "TO:");
	const char *key, *value;
	char *rest;
	bool bad;

	if (p == NULL)
		return "501 5.5.4 RCPT TO:<address>, please";
	p = path_read(p, PATH_RECIPIENT, c->path);
	if (p == NULL)
		return "501 5.1.3 Not the syntax of an address";
	rest = c->args + (p - c->args);
	if (path_param(&rest, &key, &value, &bad))
		return "555 5.5.4 Parameter not offered";
	return bad ? "501 5.5.4 Not the syntax of a parameter" : NULL;
}

static void
act_rcpt(struct session *s, struct command *c)
{
	const struct smtpd_ops *ops = s->host->ops;
	struct transaction *tx = s->tx;
	const char *addr = c->path, *reply = NULL;

	if (tx->rcpts->len >= s->host->conf->smtp_recipients_max) {
		session_reply(s, "452 4.5.3 Too many recipients");
		return;
	}
	if (strchr(addr, '@') == NULL) /* <postmaster> */
		addr = conf_address(tx->arena, s->host->conf, "postmaster");
	if (!ops->rcpt(ops->ctx, tx->arena, addr, &reply)) {
		/* Refused recipients are how addresses are guessed; but an
		 * MTA that verifies them for others asks for many. */
		if (!s->trusted)
			s->errors++;
		log_info("smtp.refused", LOG_S("client", tx->env.client),
		    LOG_S("from", tx->env.from), LOG_S("to", addr));
		if (reply == NULL || (reply[0] != '4' && reply[0] != '5'))
			reply = "550 5.1.1 No such address here";
		session_reply_line(s, reply, "550 5.1.1 No such address here");
		return;
	}
	g_ptr_array_add(tx->rcpts, arena_strdup(tx->arena, addr));
	s->state = SESSION_RCPT;
	session_reply(s, "250 2.1.5 Ok");
}

static void
act_data(struct session *s, struct command *c)
{
	struct transaction *tx = s->tx;
	const struct conf *conf = s->host->conf;

	if (!limits_admit(&s->host->limits, tx->announced)) {
		session_reply(s, "452 4.3.1 Too much in hand, come again");
		return;
	}
	if (s->trusted) {
		tx->promised = tx->announced;
		limits_promise(&s->host->limits, tx->promised);
	}
	tx->body_arena = arena_child(tx->arena, "body");
	tx->body = blob_new(tx->body_arena, (size_t)conf->smtp_spill_at,
	    conf->site_state_dir);
	s->state = SESSION_DATA;
	session_reply(s, "354 End with a line that is one dot");
}

static void
act_rset(struct session *s, struct command *c)
{
	session_reset(s);
	session_reply(s, "250 2.0.0 Ok");
}

static void
act_noop(struct session *s, struct command *c)
{
	session_reply(s, "250 2.0.0 Ok");
}

static void
act_quit(struct session *s, struct command *c)
{
	session_end(s, "221 2.0.0 Bye");
}

static void
act_vrfy(struct session *s, struct command *c)
{
	session_reply(s, "252 2.0.0 Send it and see");
}

static void
act_help(struct session *s, struct command *c)
{
	session_reply(s, "214 2.0.0 RFC 5321 and RFC 2033; people read "
			 "postmaster@ here");
}

/* The attributes are read by act: they go straight into the session. */
static const char *
check_xforward(struct session *s, struct command *c)
{
	if (!s->trusted)
		return "550 5.7.0 Not from your address";
	return check_some(s, c);
}

static void
act_xforward(struct session *s, struct command *c)
{
	bool had_client, has_client;

	if (s->fwd == NULL)
		s->fwd = g_new0(struct xforward, 1);
	had_client = s->fwd->value[XFORWARD_ADDR] != NULL;
	if (!xforward_read(s->fwd, c->args)) {
		s->errors++;
		session_reply(s, "501 5.5.4 Not the syntax of XFORWARD");
		return;
	}
	has_client = s->fwd->value[XFORWARD_ADDR] != NULL;
	if (has_client) {
		if (!session_account(s, &s->fwd->addr))
			return; /* 421 is said */
	} else if (had_client) {
		session_account(s, s->has_peer ? &s->peer : NULL);
	}
	session_reply(s, "250 2.0.0 Ok");
}

static const struct verb {
	const char *name;
	unsigned states;
	const char *(*check)(struct session *, struct command *);
	void (*act)(struct session *, struct command *);
	const char *otherwise;
} verbs[] = {
#define VERB(name, states, check, act, otherwise)                             \
	{name, states, check, act, otherwise},
#include "smtp/verbs.def"
#undef VERB
};

void
session_command(struct session *s, char *line)
{
	struct command c = {0};
	const struct verb *v = verbs;
	size_t n = strcspn(line, " "), len = strlen(line);
	const char *wrong;

	while (len > 0 && line[len - 1] == ' ')
		line[--len] = '\0';
	c.args = line + MIN(n, len);
	while (*c.args == ' ')
		*c.args++ = '\0';
	while (v < verbs + COUNT_OF(verbs) &&
	    (strlen(v->name) != n || !text_istarts(line, v->name)))
		v++;
	if (v == verbs + COUNT_OF(verbs))
		wrong = "500 5.5.2 Unknown command";
	else if ((v->states & s->state) == 0)
		wrong = v->otherwise;
	else
		wrong = v->check(s, &c);
	if (wrong != NULL) {
		s->errors++;
		session_reply(s, wrong);
		return;
	}
	v->act(s, &c);
}
