/*
 * Is a message a delivery report in a letter?  Signs are counted: the name
 * of the sender, the address it came to, the subject, the words.  A
 * person's letter about a bounce has the words too, so words alone are
 * never enough.
 */
#include "base/base.h"
#include "inspect/bounce.h"

enum { ENOUGH = 4, MACHINE = 2 }; /* signs */

/* How surely the sender's name is that of a mail system. */
static int
daemon_sender(struct reading *r)
{
	static const char *const names[] = {"postmaster", "mail delivery",
	    "mail-daemon", "delivery subsystem", "internet mail delivery",
	    "microsoft exchange", "mail administrator", "mdaemon",
	    "system administrator", "mail system", "post_master",
	    "post-master", "ndr ", "maildelivery", "mail transfer",
	    "microsoftexchange", "mail daemon", "mail server", "mail gateway",
	    "mailserver", "mailgateway", "mail-gateway", "message delivery",
	    "delivery agent", "bounce", "mailsystem", "mail-system"};
	static const char *const daemons[] = {"mailer-daemon", "mailerdaemon",
	    "mailer_daemon"};
	const char *from = mail_get(r->a, &r->m->headers, "From");

	if (from == NULL)
		return 0;
	from = read_lower(r->a, from, strlen(from));
	return BOUNCE_ANY(from, daemons) ? ENOUGH :
	    BOUNCE_ANY(from, names) ? MACHINE : 0;
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

	return s != NULL && BOUNCE_ANY(read_lower(r->a, s, strlen(s)),
	    subjects);
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
	return bounce_says_failure(arena_strndup(a, low, n));
}

bool
bounce_look(struct reading *r)
{
	const char *text, *low;
	int machine, signs;
	bool said;

	machine = daemon_sender(r);
	if (mail_header(&r->m->headers, "X-Failed-Recipients") != NULL)
		machine += ENOUGH;
	if (r->null_sender)
		machine += MACHINE;
	if (bounce_recipient(r))
		machine += MACHINE;
	signs = machine + (failure_subject(r) ? 2 : 0);
	/* a person's letter needs more than its words: the fields of a
	 * report, passed on */
	if (signs == 0 || (machine == 0 && !r->out->robot &&
		strstr(r->human, "Final-Recipient:") == NULL))
		return false;
	text = bounce_text(r);
	low = read_lower(r->a, text, strlen(text));
	if (strstr(text, "bouncedRecipients") != NULL)
		return true;
	/* the log of who refused it: "NOQUEUE: reject: RCPT from x: ..." */
	if (machine < ENOUGH && strstr(low, "reject: rcpt from") != NULL)
		return false;
	said = bounce_says_failure(low);
	if (said)
		signs += opens_with_failure(r->a, low) ? 3 : 2;
	else if (!r->out->robot && read_names_address(r))
		return false; /* "Failed log-ins from 192.0.2.7" */
	else if (machine > 0 && (said = answer_below(r->a, text)))
		signs += 2;
	/* a postmaster, too, may write about delivery */
	return signs >= ENOUGH && (said || machine > MACHINE ||
	    r->out->robot);
}
