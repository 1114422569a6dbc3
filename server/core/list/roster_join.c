/* Joining by confirmed opt-in, the link to leave, commands by mail. */
#include "base/base.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/text.h"
#include "core/account.h"
#include "core/audit.h"
#include "core/list/roster_priv.h"
#include "core/outgoing/address.h"
#include "core/outgoing/outbox.h"

/* Besides the limit of each address: mails that one client, one mail domain
 * and everybody together can make us send. */
enum {
	CLIENT_BURST = 10, CLIENT_HOUR = 20,
	DOMAIN_BURST = 60, DOMAIN_HOUR = 120,
	ALL_BURST = 300, ALL_HOUR = 1000,
};

struct ask {
	const struct site *site;
	const char *list, *email, *client;
	struct roster_list l;
	enum roster_verb verb;
	bool unknown;
};

#define COUNT_ROW(F, S) F(S, INT, n, none)
DESC_PRIVATE(count_row, COUNT_ROW);

static bool
take(struct db *db, const char *key, int64_t burst, int64_t per_hour,
    bool *ok, GError **err)
{
	bool one = false;

	if (!account_rate_ok(db, key, burst, (double)per_hour / 3600, &one,
		err))
		return false;
	*ok = *ok && one;
	return true;
}

/* Who asks from the web too often is told so; nothing is said that
 * depends on the address. */
static bool
client_ok(struct db *db, struct arena *a, const struct ask *ask,
    GError **err)
{
	bool ok = true;

	if (ask->client == NULL)
		return true;
	if (!take(db, arena_printf(a, "list-client:%s", ask->client),
		CLIENT_BURST, CLIENT_HOUR, &ok, err))
		return false;
	return ok ||
	    fault_set(err, FAULT_RATE,
		"Too many requests from your network address. Try again in "
		"an hour.");
}

/* *ok false: the mail is not sent, and the asker is not told. */
static bool
target_ok(struct db *db, struct arena *a, const struct ask *ask, bool *ok,
    GError **err)
{
	int64_t day = ask->site->conf->lists_confirm_per_day;
	struct count_row n = {0};

	*ok = true;
	if (ask->verb == ROSTER_SUBSCRIBE) {
		if (!db_one(db, a, Q_ROSTER_CONFIRMATIONS_TODAY,
			DB_ARGS(DB_TEXT(ask->email)), &desc_count_row, &n,
			err))
			return false;
		*ok = n.n < day;
	} else {
		bool one = false;

		if (!account_rate_ok(db,
			arena_printf(a, "list-mail:%s",
			    text_lower(a, ask->email)),
			day, (double)day / 86400, &one, err))
			return false;
		*ok = one;
	}
	if (*ok &&
	    (!take(db, arena_printf(a, "list-domain:%s",
			    text_address_domain(a, ask->email)),
		 DOMAIN_BURST, DOMAIN_HOUR, ok, err) ||
		!take(db, "list-all", ALL_BURST, ALL_HOUR, ok, err)))
		return false;
	if (!*ok)
		log_notice("list.limit", LOG_S("list", ask->list),
		    LOG_S("domain", text_address_domain(a, ask->email)));
	return true;
}

static bool
send_link(struct db *db, struct arena *a, const struct ask *ask,
    GError **err)
{
	const struct conf *c = ask->site->conf;
	const char *token = secret_token(a);
	struct roster_letter v = {
	    .purpose = "confirm",
	    .list = ask->l.name,
	    .title = ask->l.title,
	    .email = ask->email,
	    .link = arena_printf(a, "%s/confirm/%s", c->site_public_url,
		token),
	    .hours = c->lists_token_hours,
	};

	return db_exec(db, Q_ROSTER_PENDING,
		   DB_ARGS(DB_INT(ask->l.id), DB_TEXT(ask->email),
		       DB_TEXT(ask->client != NULL ? "web" : "mail"),
		       DB_TEXT(ask->client != NULL ? "web form" : "mail")),
		   NULL, err) &&
	    db_exec(db, Q_ROSTER_CONFIRMATION_ADD,
		DB_ARGS(DB_TEXT(secret_token_hash(a, token)),
		    DB_INT(ask->l.id), DB_TEXT(ask->email),
		    DB_INT(c->lists_token_hours)),
		NULL, err) &&
	    roster_mail(db, ask->site, "list-confirm", &v, ask->email, err);
}

static bool
send_leave(struct db *db, struct arena *a, const struct ask *ask,
    const struct roster_member *m, const char *name, GError **err)
{
	struct roster_letter v = {
	    .purpose = "leave",
	    .list = m->list,
	    .title = m->title,
	    .email = m->email,
	    .link = address_leave_url(a, ask->site, m->id),
	    .closed = strcmp(m->policy, "closed") == 0,
	};

	/* To the address on the list, not to how the asker wrote it. */
	return roster_mail(db, ask->site, name, &v, m->email, err);
}

static bool
send_help(struct db *db, struct arena *a, const struct ask *ask,
    GError **err)
{
	struct roster_letter v = {
	    .purpose = "help",
	    .list = ask->l.name,
	    .title = ask->l.title,
	    .request = address_request(a, ask->site, ask->l.name),
	    .closed = strcmp(ask->l.policy, "closed") == 0,
	    .unknown = ask->unknown,
	};

	return roster_mail(db, ask->site, "list-help", &v, ask->email, err);
}

/* One way for all three wishes, so that their limits cannot differ. */
static bool
ask_tx(struct db *db, void *ctx, GError **err)
{
	struct ask *ask = ctx;
	ARENA_AUTO(a, "roster-ask");
	struct roster_member m = {0};
	bool found, ok, active, closed;

	if (!roster_list_find(db, a, ask->list, &ask->l, err) ||
	    !client_ok(db, a, ask, err) ||
	    !roster_by_email(db, a, ask->list, ask->email, &m, &found, err) ||
	    !target_ok(db, a, ask, &ok, err))
		return false;
	if (!ok)
		return true;
	active = found && strcmp(m.status, "active") == 0;
	closed = strcmp(ask->l.policy, "closed") == 0;
	switch (ask->verb) {
	case ROSTER_SUBSCRIBE:
		if (active)
			ok = send_leave(db, a, ask, &m, "list-already", err);
		else if (closed)
			ok = send_help(db, a, ask, err);
		else
			ok = send_link(db, a, ask, err);
		break;
	case ROSTER_UNSUBSCRIBE:
		if (found && strcmp(m.status, "left") != 0)
			ok = send_leave(db, a, ask, &m, "list-leave", err);
		else if (ask->client == NULL)
			ok = send_help(db, a, ask, err);
		break;
	case ROSTER_HELP:
		ok = send_help(db, a, ask, err);
		break;
	}
	/* A command by mail waits for the senders' next look: no NOTIFY at
	 * intake (sql/0005_outbox.sql). */
	return ok && (ask->client == NULL || outbox_kick(db, err));
}

static bool
ask_run(struct db *db, struct ask *ask, GError **err)
{
	ARENA_AUTO(a, "roster-ask");

	if (!roster_email(a, ask->site, ask->email, &ask->email, err))
		return false;
	return db_in_tx(db) ? ask_tx(db, ask, err) :
	    db_tx(db, ask_tx, ask, err);
}

bool
roster_subscribe(struct db *db, const struct site *s, const char *list,
    const char *email, const char *client, GError **err)
{
	ARENA_AUTO(a, "roster-subscribe");
	struct ask ask = {.site = s, .list = list, .email = email,
	    .client = client, .verb = ROSTER_SUBSCRIBE};
	struct roster_list l = {0};

	if (!roster_list_find(db, a, list, &l, err))
		return false;
	if (client != NULL && strcmp(l.policy, "open") != 0)
		return fault_set(err, FAULT_DENIED,
		    "This list is for the registered security contacts of "
		    "member organisations; nobody can join it here.");
	return ask_run(db, &ask, err);
}

bool
roster_leave_request(struct db *db, const struct site *s, const char *list,
    const char *email, const char *client, GError **err)
{
	struct ask ask = {.site = s, .list = list, .email = email,
	    .client = client, .verb = ROSTER_UNSUBSCRIBE};

	return ask_run(db, &ask, err);
}

/* -- the link -- */

bool
roster_confirm_look(struct db *db, struct arena *a, const char *token,
    struct roster_member *out, GError **err)
{
	bool found = false;

	/* Only what can be a token of ours is hashed and looked up. */
	if (strlen(token) == SECRET_TOKEN_CHARS &&
	    !db_opt(db, a, Q_ROSTER_CONFIRMATION,
		DB_ARGS(DB_TEXT(secret_token_hash(a, token))),
		&desc_roster_member, out, &found, err))
		return false;
	return found ||
	    fault_set(err, FAULT_ABSENT,
		"This link is not one of ours, or was cut short by a mail "
		"program. Ask for a new one on the page of the lists.");
}

struct confirm {
	struct arena *a;
	const char *token;
	struct roster_member m;
};

static bool
confirm_tx(struct db *db, void *ctx, GError **err)
{
	struct confirm *c = ctx;
	const char *hash = secret_token_hash(c->a, c->token);
	struct actor self = {.name = "subscriber"};
	int64_t hit = 0;

	c->m = (struct roster_member){0};
	/* The UPDATE locks the row: of two clicks at once one is the first. */
	if (!db_exec(db, Q_ROSTER_CONFIRMATION_USE, DB_ARGS(DB_TEXT(hash)),
		&hit, err) ||
	    !roster_confirm_look(db, c->a, c->token, &c->m, err))
		return false;
	if (hit == 0) {
		if (c->m.used && c->m.status != NULL &&
		    strcmp(c->m.status, "active") == 0)
			return true;
		return fault_set(err, FAULT_ABSENT, "%s",
		    c->m.used ? "This link was used already, and the address "
				"has left the list since. Ask for a new link."
			      : "This link is too old. Ask for a new one on "
				"the page of the lists.");
	}
	return db_exec(db, Q_ROSTER_CONFIRM, DB_ARGS(DB_TEXT(hash)), NULL,
		   err) &&
	    audit_write(db, &self, "list.confirm", 0, 0, c->m.list, NULL,
		c->m.email, err);
}

bool
roster_confirm(struct db *db, struct arena *a, const char *token,
    struct roster_member *out, GError **err)
{
	struct confirm c = {.a = a, .token = token};

	if (strlen(token) != SECRET_TOKEN_CHARS)
		return roster_confirm_look(db, a, token, out, err);
	if (!db_tx(db, confirm_tx, &c, err))
		return false;
	*out = c.m;
	return true;
}

/* -- commands by mail -- */

static const struct {
	const char *word;
	enum roster_verb verb;
} words[] = {
    {"subscribe", ROSTER_SUBSCRIBE},
    {"join", ROSTER_SUBSCRIBE},
    {"unsubscribe", ROSTER_UNSUBSCRIBE},
    {"leave", ROSTER_UNSUBSCRIBE},
    {"signoff", ROSTER_UNSUBSCRIBE},
    {"remove", ROSTER_UNSUBSCRIBE},
    {"help", ROSTER_HELP},
    {"info", ROSTER_HELP},
};

static bool
line_verb(const char *s, size_t len, enum roster_verb *verb)
{
	size_t n = 0;

	while (len > 0 && g_ascii_isspace(*s)) {
		s++;
		len--;
	}
	/* "Re: subscribe", from those who answer a help text */
	if (len > 3 && g_ascii_strncasecmp(s, "re:", 3) == 0)
		return line_verb(s + 3, len - 3, verb);
	while (n < len && g_ascii_isalpha(s[n]))
		n++;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strlen(words[i].word) == n &&
		    g_ascii_strncasecmp(s, words[i].word, n) == 0) {
			*verb = words[i].verb;
			return true;
		}
	return false;
}

bool
roster_command_verb(const char *subject, const char *text,
    enum roster_verb *verb)
{
	if (subject != NULL && line_verb(subject, strlen(subject), verb))
		return true;
	if (text == NULL)
		return false;
	for (int i = 0; i < ROSTER_COMMAND_LINES && *text != '\0'; i++) {
		size_t n = strcspn(text, "\n");

		/* A signature or a quotation is no command. */
		if (*text == '>' || strncmp(text, "-- ", 3) == 0)
			break;
		if (line_verb(text, n, verb))
			return true;
		text += n + (text[n] == '\n');
	}
	return false;
}

bool
roster_command(struct db *db, const struct site *s, const char *from,
    const char *list, const char *subject, const char *text, GError **err)
{
	ARENA_AUTO(a, "roster-command");
	struct ask ask = {.site = s, .list = list, .email = from};

	/* The mail itself is kept by intake; it only gets no answer. */
	if (!roster_email(a, s, from, &ask.email, NULL)) {
		log_info("list.no_answer", LOG_S("list", list),
		    LOG_S("from", from));
		return true;
	}
	ask.unknown = !roster_command_verb(subject, text, &ask.verb);
	return ask_run(db, &ask, err);
}
