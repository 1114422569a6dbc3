/* See send.h. */
#include "base/base.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/net.h"
#include "base/text.h"
#include "mail/send_priv.h"
#include "mail/wire.h"

#include <errno.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <libesmtp.h>

struct send {
	struct arena *arena;
	const char *server; /* "host:port" */
	const char *helo;
	int timeout_ms;
	SSL_CTX *tls;       /* NULL: plain */
	bool wire_ok;
};

/* One message of a session: libESMTP's callbacks get a pointer to it. */
struct item {
	struct run *run;
	size_t i;
	smtp_message_t message;
	smtp_recipient_t recipient;
	struct send_part parts[SEND_PARTS];
	unsigned next;    /* part to hand out */
	bool given;       /* give() was asked ... */
	bool withheld;    /* ... and said no */
	bool judged;
};

struct run {
	const struct send_calls *calls;
	struct item *items;
	size_t n, judged; /* items below are judged */
	struct wire wire;
	bool stopped;
};

/*
 * libESMTP asks for the message: once with len NULL to begin at its start
 * (after RCPT was accepted and DATA answered, before the first byte), then
 * for piece after piece.  errno must be 0 at the end or it takes the message
 * for broken off; and not 0 is how we break it off.
 */
static const char *
message_cb(void **ctx, int *len, void *arg)
{
	struct item *it = arg;
	const struct send_part *p;

	(void)ctx; /* libESMTP would free() it */
	if (len == NULL) {
		it->next = 0;
		if (!it->given) {
			it->given = true;
			it->withheld = !it->run->calls->give(
			    it->run->calls->ctx, it->i, it->parts);
		}
		errno = 0;
		return NULL;
	}
	if (it->withheld) {
		*len = 0;
		errno = ECANCELED;
		return NULL;
	}
	while (it->next < SEND_PARTS && it->parts[it->next].len == 0)
		it->next++;
	errno = 0;
	if (it->next == SEND_PARTS) {
		*len = 0;
		return NULL;
	}
	p = &it->parts[it->next++];
	g_assert(p->len <= G_MAXINT);
	*len = (int)p->len;
	return p->bytes;
}

static void
judge(struct item *it, enum send_outcome outcome, int code, const char *reply)
{
	struct run *r = it->run;
	struct send_verdict v = {outcome, code, reply};

	g_assert(!it->judged);
	it->judged = true;
	r->calls->verdict(r->calls->ctx, it->i, &v);
}

/* The reply as it came: libESMTP cuts the enhanced code off. */
static void
judge_status(struct item *it, enum send_outcome outcome,
    const smtp_status_t *st)
{
	ARENA_AUTO(a, "reply");
	const char *text = st->text != NULL ? st->text : "";
	char *s;

	if (st->enh_class != 0)
		s = arena_printf(a, "%d.%d.%d %s", st->enh_class,
		    st->enh_subject, st->enh_detail, text);
	else
		s = arena_strdup(a, text);
	s = text_repair(a, s, strnlen(s, SEND_REPLY_MAX));
	for (char *p = s; (p = strstr(p, "\r\n")) != NULL;)
		memmove(p, p + 1, strlen(p));
	judge(it, outcome, st->code, g_strchomp(s));
}

static enum send_outcome
of_code(int code)
{
	switch (code / 100) {
	case 2:
		return SEND_SENT;
	case 4:
		return SEND_DEFERRED;
	case 5:
		return SEND_REFUSED;
	}
	return SEND_UNSURE;
}

/* 5xx to MAIL that speaks of the session, not of this message: nobody's
 * delivery may end over it. */
static bool
of_session(int code)
{
	return code == 503 || code == 530 || code == 534 || code == 535 ||
	    code == 538;
}

/* MAIL was refused. */
static void
judge_mail(struct item *it, const smtp_status_t *st)
{
	enum send_outcome o = of_code(st->code);

	if (o == SEND_UNSURE || of_session(st->code))
		o = SEND_DEFERRED;
	judge_status(it, o, st);
}

/* The transaction came to its end. */
static void
judge_sent(struct item *it)
{
	const smtp_status_t *rcpt = smtp_recipient_status(it->recipient);
	const smtp_status_t *msg = smtp_message_transfer_status(it->message);

	if (rcpt->code / 100 != 2) {
		/* "354" to DATA though nobody was accepted happens too. */
		judge_status(it, of_code(rcpt->code) == SEND_REFUSED
			? SEND_REFUSED : SEND_DEFERRED, rcpt);
		return;
	}
	if (of_code(msg->code) == SEND_SENT &&
	    !smtp_recipient_check_complete(it->recipient)) {
		judge(it, SEND_UNSURE, 0, "The relay's answer is unclear.");
		return;
	}
	judge_status(it, of_code(msg->code), msg);
}

/*
 * The session is over and this message had no end: smtp_start_session()
 * reports success even then.  What is known is in the codes: no reply to
 * MAIL - never tried; no byte given - not handed over; given but its end not
 * written - the relay cannot have taken it (RFC 5321 4.1.1.4); else it may
 * have.
 */
static void
judge_rest(struct item *it)
{
	const smtp_status_t *mail = smtp_reverse_path_status(it->message);
	const smtp_status_t *rcpt = smtp_recipient_status(it->recipient);

	if (mail->code == 0 || it->withheld)
		judge(it, SEND_UNTRIED, 0, "");
	else if (mail->code / 100 != 2)
		judge_mail(it, mail);
	else if (rcpt->code != 0 && rcpt->code / 100 != 2)
		judge_status(it, of_code(rcpt->code) == SEND_REFUSED
			? SEND_REFUSED : SEND_DEFERRED, rcpt);
	else if (!it->given)
		judge(it, SEND_DEFERRED, 0,
		    "The connection was lost before the message began.");
	else if (!it->run->wire.dot && !it->run->wire.tls)
		judge(it, SEND_DEFERRED, 0,
		    "The connection was lost in the middle of the message.");
	else
		judge(it, SEND_UNSURE, 0,
		    "The connection was lost before the relay answered.");
}

static struct item *
item_of(struct run *r, smtp_message_t message)
{
	/* Messages are worked off in their order. */
	for (size_t i = r->judged; i < r->n; i++)
		if (r->items[i].message == message)
			return &r->items[i];
	return NULL;
}

static void
finished(struct run *r, struct item *it)
{
	r->judged = it->i + 1;
	if (!r->stopped && r->calls->stop != NULL &&
	    r->calls->stop(r->calls->ctx)) {
		r->stopped = true;
		wire_hang_up(&r->wire);
	}
}

static void
event_cb(smtp_session_t session, int event, void *arg, ...)
{
	struct run *r = arg;
	struct item *it;
	smtp_message_t message;
	va_list ap;

	(void)session;
	va_start(ap, arg);
	switch (event) {
	case SMTP_EV_MAILSTATUS: {
		const smtp_status_t *st;

		(void)va_arg(ap, const char *);
		message = va_arg(ap, smtp_message_t);
		st = smtp_reverse_path_status(message);
		/* A refused MAIL gets no "message sent" event. */
		if (st->code / 100 != 2 &&
		    (it = item_of(r, message)) != NULL) {
			judge_mail(it, st);
			finished(r, it);
		}
		break;
	}
	case SMTP_EV_MESSAGESENT:
		message = va_arg(ap, smtp_message_t);
		if ((it = item_of(r, message)) != NULL) {
			judge_sent(it);
			finished(r, it);
		}
		break;
	case SMTP_EV_NO_CLIENT_CERTIFICATE:
		*va_arg(ap, int *) = 1;
		break;
	/* All other questions (certificates, ciphers) default to no. */
	}
	va_end(ap);
	errno = 0;
}

/* What libESMTP would pass on to the wire unlooked: CR and LF in an address
 * are a command of its own. */
static bool
envelope_ok(const struct send_message *m)
{
	return text_address_ok(m->to) &&
	    (*m->from == '\0' || text_address_ok(m->from));
}

static smtp_session_t
session_make(struct send *s, const char *server, struct run *r,
    const struct send_message *m)
{
	static const int waits[] = {Timeout_GREETING, Timeout_ENVELOPE,
	    Timeout_DATA, Timeout_TRANSFER, Timeout_DATA2};
	smtp_session_t session = smtp_create_session();

	if (session == NULL)
		g_error("no memory for an SMTP session");
	smtp_set_server(session, server);
	smtp_set_hostname(session, s->helo);
	smtp_set_eventcb(session, event_cb, r);
	/* Its minima are minutes; the flag goes with the name. */
	for (size_t i = 0; i < COUNT_OF(waits); i++)
		smtp_set_timeout(session,
		    waits[i] | Timeout_OVERRIDE_RFC2822_MINIMUM,
		    s->timeout_ms);
	if (s->tls != NULL && server == s->server) {
		/* Never the library's own context: it frees a cached one
		 * after each session.  It frees ours too, so it gets a
		 * reference each time. */
		SSL_CTX_up_ref(s->tls);
		smtp_starttls_enable(session, Starttls_REQUIRED);
		smtp_starttls_set_ctx(session, s->tls);
	}
	for (size_t i = 0; i < r->n; i++) {
		struct item *it = &r->items[i];

		it->run = r;
		it->i = i;
		if (!envelope_ok(&m[i])) {
			judge(it, SEND_REFUSED, 0,
			    "The address cannot be written in SMTP.");
			continue;
		}
		it->message = smtp_add_message(session);
		if (it->message == NULL)
			g_error("no memory for an SMTP message");
		smtp_set_reverse_path(it->message, m[i].from);
		smtp_set_messagecb(it->message, message_cb, it);
		if (m[i].size > 0)
			smtp_size_set_estimate(it->message, m[i].size);
		it->recipient = smtp_add_recipient(it->message, m[i].to);
		if (it->recipient == NULL)
			g_error("no memory for an SMTP recipient");
	}
	return session;
}

static bool
session_fault(struct run *r, GError **err)
{
	char buf[200];
	ARENA_AUTO(a, "fault");
	const char *said = r->wire.said;

	if (r->wire.fd < 0)
		return fault_set(err, FAULT_BUSY,
		    "The relay cannot be reached: %s",
		    smtp_strerror(smtp_errno(), buf, sizeof(buf)));
	/* "421 4.3.2 busy": its own words say more than an error number. */
	return fault_set(err, FAULT_BUSY,
	    "The relay took no mail; its last words: %s",
	    *said != '\0' ? text_squash(a, text_repair(a, said, strlen(said)))
			  : "none");
}

/* A session object is used for one session only: after an aborted one it
 * keeps stale bytes of the message. */
static bool
run_session(struct send *s, const char *server, struct run *r,
    const struct send_message *m, GError **err)
{
	smtp_session_t session = session_make(s, server, r, m);
	bool tried = false, untried = false, ok = true;

	/* libESMTP never clears the queue and takes an old error for new. */
	ERR_clear_error();
	wire_begin(&r->wire, s->timeout_ms,
	    s->tls != NULL && server == s->server, r->calls->line);
	/* (It reports success whatever became of the messages.) */
	(void)smtp_start_session(session);
	wire_end();
	for (size_t i = 0; i < r->n; i++) {
		struct item *it = &r->items[i];

		if (it->message != NULL &&
		    smtp_reverse_path_status(it->message)->code != 0)
			tried = true;
		if (it->judged)
			continue;
		untried = true;
		judge_rest(it);
	}
	if (untried && !tried)
		ok = session_fault(r, err);
	smtp_destroy_session(session);
	ERR_clear_error();
	return ok;
}

bool
send_session(struct send *s, const struct send_message *m, size_t n,
    const struct send_calls *calls, GError **err)
{
	struct run r = {.calls = calls, .n = n};
	bool ok;

	g_assert(n > 0 && n <= SEND_MESSAGES_MAX);
	r.items = g_new0(struct item, n);
	ok = run_session(s, s->server, &r, m, err);
	g_free(r.items);
	return ok;
}

static bool
warm_give(void *ctx, size_t i, struct send_part parts[SEND_PARTS])
{
	static const char text[] =
	    "From: <a@warm.invalid>\r\nTo: <b@warm.invalid>\r\n"
	    "Date: Mon, 23 Nov 2026 04:10:00 +0000\r\n"
	    "Message-ID: <1@warm.invalid>\r\n\r\nwarm\r\n";

	(void)ctx;
	(void)i;
	parts[0] = (struct send_part){text, sizeof(text) - 1};
	parts[1] = (struct send_part){NULL, 0};
	return true;
}

static void
warm_verdict(void *ctx, size_t i, const struct send_verdict *v)
{
	(void)i;
	*(bool *)ctx = v->outcome == SEND_SENT;
}

static bool
warm_up(struct send *s, GError **err)
{
	bool sent = false;
	struct send_calls calls = {.ctx = &sent, .give = warm_give,
	    .verdict = warm_verdict};
	struct item item = {0};
	struct run r = {.calls = &calls, .items = &item, .n = 1};
	struct send_message m = {"a@warm.invalid", "b@warm.invalid", 0};
	struct send_peer *peer;
	uint16_t port;
	g_autofree char *server = NULL;
	bool ok;

	if (!send_peer_start(&peer, &port, err))
		return false;
	server = g_strdup_printf("127.0.0.1:%u", port);
	ok = run_session(s, server, &r, &m, err);
	send_peer_stop(peer);
	if (ok && !sent)
		ok = fault_set(err, FAULT_BUG,
		    "The first session of libESMTP failed.");
	s->wire_ok = r.wire.connects > 0 && r.wire.reads > 0 &&
	    r.wire.writes > 0 && r.wire.dot;
	return ok;
}

bool
send_relay(struct arena *a, const struct conf *c, char **host, uint16_t *port,
    GError **err)
{
	static const char scheme[] = "smtp://";
	const char *rest = c->relay_uri;

	if (text_istarts(rest, scheme)) {
		rest += sizeof(scheme) - 1;
		if (strchr(rest, ':') == NULL)
			rest = arena_printf(a, "%s:25", rest);
		/* libESMTP cuts its string at the first colon: an IPv6 relay
		 * must be given by name. */
		if (net_parse_endpoint(a, rest, host, port) &&
		    **host != '\0' && strchr(*host, ':') == NULL)
			return true;
	}
	return fault_set(err, FAULT_INPUT,
	    "relay uri must be smtp://host:port with a name or an IPv4 "
	    "address, not \"%s\".", c->relay_uri);
}

static bool
relay_read(struct send *s, const struct conf *c, GError **err)
{
	char *host;
	uint16_t port;

	if (!send_relay(s->arena, c, &host, &port, err))
		return false;
	s->server = arena_printf(s->arena, "%s:%u", host, port);
	s->helo = *c->relay_helo != '\0' ? c->relay_helo : c->site_mail_domain;
	s->timeout_ms = (int)(c->relay_timeout * 1000);
	if (!text_domain_ok(s->helo))
		return fault_set(err, FAULT_INPUT,
		    "relay helo: \"%s\" is not a host name.", s->helo);
	return true;
}

static bool
tls_make(struct send *s, GError **err)
{
	s->tls = SSL_CTX_new(TLS_client_method());
	if (s->tls == NULL)
		return fault_set(err, FAULT_BUG, "OpenSSL has no TLS for us.");
	/* TLS 1.3: session tickets that come before EHLO is flushed make
	 * libESMTP read first and wait for the whole timeout. */
	SSL_CTX_set_min_proto_version(s->tls, TLS1_2_VERSION);
	SSL_CTX_set_max_proto_version(s->tls, TLS1_2_VERSION);
	if (SSL_CTX_set_default_verify_paths(s->tls) != 1)
		return fault_set(err, FAULT_BUG,
		    "The certificates that the system trusts cannot be read.");
	return true;
}

bool
send_init(const struct conf *c, struct send **out, GError **err)
{
	struct arena *a = arena_new("send");
	struct send *s = ARENA_NEW(a, struct send);

	s->arena = a;
	if (!relay_read(s, c, err) ||
	    (c->relay_starttls && !tls_make(s, err)) || !warm_up(s, err)) {
		send_free(s);
		return false;
	}
	if (!s->wire_ok)
		log_error("send.slow", LOG_S("why",
		    "connect, read and write of this program are not the "
		    "ones that libESMTP calls"));
	*out = s;
	return true;
}

void
send_free(struct send *s)
{
	if (s == NULL)
		return;
	if (s->tls != NULL)
		SSL_CTX_free(s->tls);
	arena_free(s->arena);
}

bool
send_wire_ok(const struct send *s)
{
	return s->wire_ok;
}
