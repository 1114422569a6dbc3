/*
 * Is a message a delivery report in a letter?  Signs are counted: the name
 * of the sender, the address it came to, the subject, the words.  A
 * person's letter about a bounce has the words too, so words alone are
 * never enough.
 */
#include "base/base.h"
#include "base/text.h"
#include "inspect/bounce/bounce.h"

enum { ENOUGH = 4, MACHINE = 2 }; /* signs */

static const char *const names[] = {"postmaster", "mail delivery",
    "mail-daemon", "delivery subsystem", "internet mail delivery",
    "microsoft exchange", "mail administrator", "mdaemon",
    "system administrator", "mail system", "post_master", "post-master",
    "ndr ", "maildelivery", "mail transfer", "microsoftexchange",
    "mail daemon", "mail server", "mail gateway", "mailserver",
    "mailgateway", "mail-gateway", "message delivery", "delivery agent",
    "bounce", "mailsystem", "mail-system"};
static const char *const daemons[] = {"mailer-daemon", "mailerdaemon",
    "mailer_daemon"};

int
bounce_daemon(struct arena *a, const struct mail_headers *h)
{
	const char *from = mail_get(a, h, "From");

	if (from == NULL)
		return 0;
	from = read_lower(a, from, strlen(from));
	return TEXT_HAS_ANY(from, daemons) ? ENOUGH :
	    TEXT_HAS_ANY(from, names) ? MACHINE : 0;
}

bool
bounce_passed_on(struct reading *r, const struct mail_headers *h,
    const char *text)
{
	bool named = false;

	for (size_t i = 0; i < h->n && !named; i++) {
		const char *s = mail_header_text(r->a, &h->items[i]);

		/* "From" in any language */
		s = read_lower(r->a, s, MIN(strlen(s), INSPECT_FIELD_MAX));
		named = TEXT_HAS_ANY(s, daemons) || (TEXT_HAS_ANY(s, names) &&
			!text_ieq(h->items[i].name, "Subject")) ||
		    strstr(s, "microsoft outlook") != NULL;
	}
	return named && text != NULL &&
	    bounce_says_failure(text_squash(r->a, read_lower(r->a, text,
		MIN(strlen(text), BOUNCE_LETTER_MAX))));
}

/* Written to an address that only takes bounces: ours, or that of a list. */
static bool
bounce_recipient(struct reading *r)
{
	struct mail_header *to = mail_header(&r->m->headers, "To");
	struct mail_address *list;
	size_t n;
	const char *local;

	if (to == NULL)
		return false;
	list = mail_addresses(r->a, to->raw, to->raw_len, &n);
	if (n != 1)
		return false;
	local = text_lower(r->a, list[0].addr);
	return text_istarts(local, "bounce") || text_istarts(local, "owner-") ||
	    strstr(local, "-bounces") != NULL ||
	    strstr(local, "-owner@") != NULL;
}

static bool
failure_subject(struct reading *r)
{
	static const char *const subjects[] = {"undeliver", "deliver",
	    "returned mail", "failure", "failed", "non remis", "unzustellbar",
	    "mail error", "mail system error", "could not send",
	    "returned to sender", "nondeliverable", "non-deliverable",
	    "error sending", "bounce", "warning: could not send", "rejected",
	    "could not be sent", "not sent", "mail blocked", "message blocked",
	    "mail was blocked", "message was blocked", "mail stopped",
	    "mail devuelto", "mensaje devuelto", "mensagem devolvida",
	    "correo devuelto", "mancata consegna", "non consegnat",
	    "non délivr", "nicht zugestell", "nicht übermittelt",
	    "rückläufer", "발송 실패", "발송실패", "お届けでき",
	    "unzustellbarkeit", "fehlgeschlagen", "notification message",
	    "non delivery", "delayed mail", "message not", "loop alert",
	    "zustellung", "remise", "non distribu", "no se puede entregar",
	    "recapito", "entrega", "onbestelbaar", "niedostarczon",
	    "verzögert", "recapitabil", "entregad", "entregue", "bezorgd",
	    "doruč", "niedostarczal", "dostarcz", "lever", "toimit",
	    "kézbesít", "teslim", "livrare", "livrat", "non remise",
	    "едоставлен", "доставить", "доставк", "доставлен", "不可送达",
	    "未送达", "无法送达", "传递", "傳遞", "投递", "배달", "반송",
	    "전송",
	    "配信", "送信",
	    /* delivery error, not deliverable */
	    "\351\205\215\344\277\241\344\270\215",
	    "\351\205\215\344\277\241\343\202\250\343\203\251",
	    "\351\200\200\344\277\241"};
	const char *s = r->out->subject;

	return s != NULL && TEXT_HAS_ANY(read_lower(r->a, s, strlen(s)),
	    subjects);
}

/* Is the subject about mail?  Others fail as well: "Failed log-ins". */
static bool
mail_subject(struct reading *r)
{
	static const char *const words[] = {"deliver", "mail", "messag",
	    "nachricht", "zustell", "recipient", "remise", "distribu",
	    "mensaj", "mensag", "correo", "correio", "entreg", "consegn",
	    "recapit", "bezorg", "bericht", "wiadomo", "doruč", "zpráv",
	    "оставл", "ообщени", "исьмо", "投递", "退信", "邮件", "配信",
	    "送信", "メール", "배달", "발송", "메일"};
	const char *s = r->out->subject;

	return s != NULL && TEXT_HAS_ANY(read_lower(r->a, s, strlen(s)), words);
}

/* An address alone on its line and near it the answer of a server, as every
 * system puts it whatever its language. */
static bool
answer_below(struct arena *a, const char *text)
{
	for (const char *p = text; *p != '\0';) {
		size_t n = strcspn(p, "\n"), pos = 0;
		size_t lead = MIN(strspn(p, " \t<*"), n), near = 0;
		struct scan_hit h;

		if (n < 200 && memchr(p, '@', n) != NULL &&
		    scan_next(a, p, n, &pos, &h) && h.kind == SCAN_EMAIL &&
		    h.start <= lead && h.end + 3 >= n) {
			for (int lines = 0; lines < 6 && p[near] != '\0';
			    lines++)
				near += strcspn(p + near, "\n") +
				    (p[near + strcspn(p + near, "\n")] != 0);
			if (bounce_status(a, NULL,
				arena_strndup(a, p, near)) != NULL)
				return true;
		}
		p += n + (p[n] == '\n');
	}
	return false;
}

/* The first words are about a failure, as no person begins a letter. */
static bool
opens_with_failure(struct arena *a, const char *low)
{
	size_t n;

	low += strspn(low, " \t\n-=*_#|>");
	n = strcspn(low, "\n");
	if (low[n] == '\n') /* it may be broken once */
		n += 1 + strcspn(low + n + 1, "\n");
	return bounce_says_failure(text_squash(a, arena_strndup(a, low, n)));
}

/* Does it name anybody whom it did not reach?  One address is enough where
 * it names no other. */
static bool
names_recipient(struct reading *r, const char *text, int rank)
{
	struct bounce_found *list =
	    ARENA_ARRAY(r->a, struct bounce_found, BOUNCE_RECIPIENTS_MAX);
	size_t n = bounce_find(r, text, list);

	for (size_t i = 0; i < n; i++)
		if (list[i].rank >= rank || (rank == 2 && n == 1))
			return true;
	return false;
}

/* Does the letter name machines, as reports do? */
static bool
names_machine(struct reading *r, const char *text)
{
	struct scan_hit h;
	size_t pos = 0, n = strlen(text);

	while (scan_next(r->a, text, n, &pos, &h))
		if (h.kind <= SCAN_CIDR)
			return true;
	return false;
}

/*
 * A sender without any sign, whose letter is that of a mail system.  The
 * subject is about a failure, or it is some robot's; the first words are,
 * and it names the recipient; or all of it is short and puts him on a line
 * of his own.  Where it names machines, too, it gives their answer.
 */
static bool
unsigned_letter(struct reading *r, const char *text, const char *low)
{
	enum { SHORT_MAX = 600 }; /* bytes looked at */
	bool fails = failure_subject(r);
	bool opens = opens_with_failure(r->a, low);

	if ((!fails && !r->out->robot) ||
	    (!r->out->robot && bounce_of_self(low)))
		return false;
	if (!opens && (!fails || !bounce_says_failure(text_squash(r->a,
		arena_strndup(r->a, low, MIN(strlen(low), SHORT_MAX))))))
		return false;
	return names_recipient(r, text, opens && fails ? 2 : 3) &&
	    (!names_machine(r, text) || (fails &&
		(names_recipient(r, text, 3) || answer_below(r->a, text))));
}

/* "Logon failure, unknown user": of somebody who was not let in, from where;
 * a bounce names who was not reached. */
static bool
tells_logon(struct reading *r, const char *low)
{
	static const char *const words[] = {"log on", "logon", "login",
	    "log in", "password", "sshd", "anmeld", "kennwort", "passwort",
	    "connexion", "contraseña", "inicio de sesi", "accesso",
	    "wachtwoord", "logowani"};

	return strchr(low, '@') == NULL ||
	    (read_names_address(r) && TEXT_HAS_ANY(low, words) &&
		strstr(low, "final-recipient") == NULL);
}

bool
bounce_look(struct reading *r)
{
	const char *text, *low;
	bool fails = failure_subject(r), said, sure, opens;
	bool failed = mail_header(&r->m->headers, "X-Failed-Recipients") !=
	    NULL;
	int name = bounce_daemon(r->a, &r->m->headers), machine = name, signs;
	bool fields = strstr(r->human, "Final-Recipient:") != NULL;

	if (failed)
		machine += ENOUGH;
	/* what no person has */
	sure = machine >= ENOUGH || r->null_sender;
	if (r->null_sender)
		machine += MACHINE;
	if (bounce_recipient(r))
		machine += MACHINE;
	signs = machine + (fails ? 2 : 0);
	if (signs == 0 && !r->out->robot)
		return false;
	text = bounce_text(r);
	low = read_lower(r->a, text, strlen(text));
	if (strstr(text, "bouncedRecipients") != NULL)
		return true;
	opens = opens_with_failure(r->a, low);
	if (signs == 0 && !opens)
		return false;
	/* the log of who refused it: "NOQUEUE: reject: RCPT from x: ..." */
	if (machine < ENOUGH && strstr(low, "reject: rcpt from") != NULL)
		return false;
	if (machine == 0 && tells_logon(r, low))
		return false;
	if (!sure && !fields && (!r->out->robot || r->bulk) &&
	    bounce_by_hand(r, low, names_recipient(r, text, 1)))
		return false;
	/* a desk repeats what it was told, and who is away answers an empty
	 * sender to the address that takes bounces (RFC 3834 3.3) */
	if (name < ENOUGH && !failed && r->out->robot &&
	    (machine == 0 || !fails || !opens) && read_auto_letter(r) &&
	    !answer_below(r->a, text))
		return false;
	/* a person's letter needs more than its words: the fields of a
	 * report, passed on */
	if (machine == 0 && !fields && (!fails || !r->out->robot))
		return unsigned_letter(r, text, low);
	/* "192.0.2.7 sends us what cannot be delivered" */
	if (!sure && !fails && !r->out->robot && names_machine(r, text))
		return false;
	said = bounce_says_failure(text_squash(r->a, low));
	if (said)
		signs += opens ? 3 : 2;
	else if (!r->out->robot && names_machine(r, text))
		return false; /* "Failed log-ins from 192.0.2.7" */
	else if (machine > 0 && (said = answer_below(r->a, text)))
		signs += 2;
	else if (machine > 0 && fails)
		said = mail_subject(r) && names_recipient(r, text, 1);
	else if (name == 0 && !failed && !fails)
		return names_recipient(r, text, 2) && signs >= ENOUGH;
	/* a postmaster, too, may write about delivery */
	return signs >= ENOUGH && (said || machine > MACHINE ||
	    r->out->robot);
}
