/*
 * Delivery reports as letters: what mail systems write for people, before
 * RFC 3464 and beside it.  No table of systems: nearly all of them put the
 * address on a line of its own or at its start, give the peer's answer
 * near it, and append the message below a line that says so.
 */
#include "base/base.h"
#include "inspect/bounce.h"

enum {
	LETTER_MAX = 65536,   /* bytes looked at */
	RECIPIENTS_MAX = 100,
};

/* What begins the returned message; in lower case, at the start of a line
 * behind "-=*_| ". */
static const char *const copies[] = {"below this line is a copy",
    "this is a copy of", "message headers follow", "original message follows",
    "the header of the original message", "original message header",
    "original message", "message header follows", "unsent message follows",
    "unsent message below", "returned message", "header of the",
    "headers of the original", "message headers:", "returned mail",
    "copy of the message", "the original message follows",
    "the original message is", "the original message:", "original mail",
    "a copy of the original", "start of message", "undeliverable message",
    "message text follows", "the body of the message",
    "from mailer-daemon",
    "received: from", "received: by", "received:from", "received: (",
    "return-path:", "dkim-signature:", "x-originating-ip:", "mime-version:",
    "message header", "failed message", "rejected message",
    "included is a copy", "original headers", "unsent message",
    "x-mailer:", "content of the message"};

/* Sentences of failure. */
static const char *const failures[] = {"could not be delivered",
    "couldn't be delivered", "cannot be delivered", "can't be delivered",
    "unable to deliver", "not able to deliver", "was not delivered",
    "not delivered to", "delivery failure", "delivery failed",
    "delivery to the following", "delivery has failed", "undeliverable",
    "undelivered", "permanent error", "permanent fatal error",
    "permanently rejected", "permanent failure", "returned mail",
    "error delivering", "failed to deliver", "failed delivery",
    "did not reach", "wasn't able to deliver", "were unable to deliver",
    "had delivery problems", "delivery problem", "error occurred while",
    "rejected your message", "message was rejected", "has been rejected",
    "mail delivery", "user unknown", "unknown user", "mailbox is full",
    "mailbox full", "no such user", "not listed in", "does not exist",
    "delivery status", "failure notice", "delivery report",
    "not be delivered", "returned to sender", "delivery attempt",
    "delayed mail", "is still being retried", "non-delivered",
    "permanent delivery error", "transcript of session follows",
    "duplicated message-id", "mail loop", "no valid recipients",
    "non remis", "nicht zugestellt", "unzustellbar", "nicht zustellen",
    "konnte nicht", "no se ha podido", "no se pudo entregar", "niet bezorgd",
    "impossibile recapitare", "n'a pas pu \303\252tre",
    "\351\205\215\344\277\241\343\201\247\343\201\215",
    "\351\200\201\344\277\241\343\201\247\343\201\215"};

/* Reasons that are for good, and some that are not, when no code says it. */
static const char *const permanent[] = {"permanent error",
    "permanent fatal", "permanent failure", "giving up", "given up"};
static const char *const soft[] = {"will be retried", "still being retried",
    "warning only", "will keep trying", "will continue to",
    "temporary failure", "temporarily", "try again later",
    "has been delayed", "delayed mail", "not been delivered yet",
    "delivery delayed", "delivery temporarily suspended",
    "connection timed out", "connection refused", "no route to host",
    "operation timed out"};

static bool
contains_any(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(s, list[i]) != NULL)
			return true;
	return false;
}

/* ---- the letter ---------------------------------------------------------------- */

static bool
begins_copy(const char *line)
{
	char low[80];
	size_t n = 0;

	line += strspn(line, "-=*_| \t>#~");
	while (n + 1 < sizeof(low) && line[n] != '\0' && line[n] != '\n') {
		low[n] = g_ascii_tolower(line[n]);
		n++;
	}
	low[n] = '\0';
	for (size_t i = 0; i < COUNT_OF(copies); i++)
		if (strncmp(low, copies[i], strlen(copies[i])) == 0)
			return true;
	return false;
}

/* The texts that are not the returned message, up to where it begins. */
static const char *
letter(struct reading *r)
{
	GString *out = arena_gstring(r->a);

	for (size_t i = 0; i < r->m->n && out->len < LETTER_MAX; i++) {
		struct mail_part *p = &r->m->parts[i];
		const char *s;
		size_t n, lines = 0;

		if (p->kind != MAIL_LEAF || read_nested(r, i) ||
		    !g_str_has_prefix(p->type, "text/") ||
		    strstr(p->type, "rfc822") != NULL)
			continue;
		s = mail_text(r->m, p, &n);
		if (strcmp(p->type, "text/html") == 0) {
			if (out->len > 0)
				continue;
			s = html_to_text(r->a, s, n);
		}
		while (*s != '\0' && out->len < LETTER_MAX) {
			n = strcspn(s, "\n");
			if (lines > 0 && begins_copy(s))
				break;
			lines += n > strspn(s, " \t");
			g_string_append_len(out, s, (gssize)n);
			g_string_append_c(out, '\n');
			s += n + (s[n] == '\n');
		}
	}
	return out->str;
}

struct recipient {
	const char *addr;
	int rank;          /* 3 own line, 2 in a telling line, 1 anywhere */
	const char *at;    /* where its reason may begin */
};

/* Addresses that letters name for help. */
static bool
helper(struct reading *r, const char *line, size_t n, const char *addr)
{
	static const char *const words[] = {"contact", "further assistance",
	    "assistance", "send mail to", "questions", "for help",
	    "administrator", "help desk", "report this", "return-path",
	    "envelope-from", "mail from", "sender:", "from:", "reply-to",
	    "message-id:", "sent by", "unsubscribe", "x-", "originator"};
	char *low = read_lower(r->a, line, n);

	if (text_ieq(addr, r->out->from))
		return true;
	return contains_any(low, words, COUNT_OF(words));
}

static int
rank_of(struct reading *r, const char *line, size_t n,
    const struct scan_hit *h)
{
	static const char *const telling_words[] = {"deliver", "recipient",
	    "rcpt", "user", "mailbox", "address", "failed", "reject", "to:",
	    "unknown", "to <", "to ", "quota", "full"};
	const char *before = line, *p = line + h->start;
	size_t lead = strspn(line, " \t<\"'*>-");
	char *low;

	(void)before;
	if (lead >= h->start) {
		const char *after = line + h->end;

		/* "addr", "<addr>:", "addr ... reason" */
		after += strspn(after, ">\"'");
		if (*after == '\n' || *after == '\0' || *after == ':' ||
		    *after == ' ' || *after == '\t' || *after == ',' ||
		    *after == '(' || *after == '.' || *after == ';')
			return 3;
	}
	low = read_lower(r->a, line, n);
	/* "Recipient address: x", and the line ends */
	if ((strstr(low, "recipient") != NULL ||
		strstr(low, "delivered to") != NULL ||
		strstr(low, "failed:") != NULL) && strstr(low, ":") != NULL &&
	    strspn(line + h->end, ">\"' \t.\n") >= n - h->end)
		return 3;
	/* "550 5.1.1 <addr>... User Unknown", "RCPT To:<addr>" */
	if (strstr(low, "rcpt to") != NULL ||
	    (p > line && p[-1] == '<' && bounce_status(r->a, NULL, low)))
		return 3;
	return contains_any(low, telling_words, COUNT_OF(telling_words)) ?
	    2 : 1;
}

static size_t
find_recipients(struct reading *r, const char *text, struct recipient *list)
{
	size_t count = 0;

	for (const char *p = text; *p != '\0';) {
		size_t n = strcspn(p, "\n"), pos = 0;
		struct scan_hit h;

		while (scan_next(r->a, p, n, &pos, &h)) {
			int rank;
			size_t i;

			if (h.kind != SCAN_EMAIL)
				continue;
			rank = rank_of(r, p, n, &h);
			if (rank < 3 && helper(r, p, n, h.value))
				continue;
			if (text_ieq(h.value, r->out->from))
				continue;
			for (i = 0; i < count; i++)
				if (text_ieq(list[i].addr, h.value))
					break;
			if (i == count) {
				if (count == RECIPIENTS_MAX)
					return count;
				list[count++] = (struct recipient){h.value,
				    rank, p};
			} else if (rank > list[i].rank) {
				list[i].rank = rank;
				list[i].at = p;
			}
		}
		p += n + (p[n] == '\n');
	}
	return count;
}

/* From the recipient's line on, up to the next recipient. */
static const char *
reason_near(struct reading *r, const char *at, const struct recipient *next)
{
	GString *out = arena_gstring(r->a);
	int blank = 0;

	for (int line = 0; line < 14 && *at != '\0' && blank < 2; line++) {
		size_t n = strcspn(at, "\n");

		if (next != NULL && at >= next->at)
			break;
		if (strspn(at, " \t") >= n) {
			/* one empty line may stand between them */
			if (out->len > 0 && line > 1)
				blank++;
		} else {
			g_string_append_len(out, at, (gssize)n);
			g_string_append_c(out, ' ');
		}
		at += n + (at[n] == '\n');
	}
	return text_squash(r->a, out->str);
}

static bool
known(struct reading *r, const char *addr)
{
	for (guint i = 0; i < r->bounces->len; i++) {
		const struct inspect_bounce *b = r->bounces->pdata[i];

		if (b->recipient != NULL && text_ieq(b->recipient, addr))
			return true;
	}
	return false;
}

static void
add(struct reading *r, const char *addr, const char *near, const char *all)
{
	struct inspect_bounce *b;
	const char *low = read_lower(r->a, near, strlen(near));
	const char *low_all = read_lower(r->a, all, strlen(all));

	b = read_bounce(r, addr);
	b->status = bounce_status(r->a, NULL, near);
	if (b->status == NULL)
		b->status = bounce_status(r->a, NULL, all);
	b->action = "failed";
	if (b->status == NULL) {
		bool once_more = contains_any(low, soft, COUNT_OF(soft)) ||
		    contains_any(low_all, soft, 6);

		b->status = once_more && !contains_any(low_all, permanent,
		    COUNT_OF(permanent)) ? "4.0.0" : "5.0.0";
	}
	if (b->status[0] == '4' && contains_any(low_all, soft, 6))
		b->action = "delayed";
	b->hard = b->status[0] == '5';
	b->reason = read_field(r->a, near);
}

/* The value behind a key in JSON that may be quoted once or twice. */
static const char *
loose(struct arena *a, const char *s, const char *end, const char *key)
{
	const char *p = g_strstr_len(s, end - s, key);
	size_t n;

	if (p == NULL)
		return NULL;
	p += strlen(key);
	p += strspn(p, "\\\": \n");
	n = strcspn(p, "\\\"}");
	return p < end && n > 0 ? arena_strndup(a, p, n) : NULL;
}

/*
 * Notifications of Amazon SES: JSON inside a JSON string inside a mail that
 * has folded it.  That is no JSON any more, so it is read loosely.
 */
static bool
ses(struct reading *r, const char *text)
{
	const char *s = strstr(text, "bouncedRecipients"), *end, *addr, *type;

	if (s == NULL || (end = strchr(s, ']')) == NULL)
		return false;
	type = loose(r->a, text, s, "bounceType");
	while ((addr = loose(r->a, s, end, "emailAddress")) != NULL) {
		const char *one = strstr(s, "emailAddress"), *stop;
		const char *diag, *status, *action;
		struct inspect_bounce *b;

		stop = strchr(one, '}');
		stop = stop != NULL && stop < end ? stop : end;
		status = loose(r->a, one, stop, "status");
		action = loose(r->a, one, stop, "action");
		diag = loose(r->a, one, stop, "diagnosticCode");
		s = stop;
		if (known(r, addr))
			continue;
		b = read_bounce(r, addr);
		b->status = bounce_status(r->a, status, diag);
		if (b->status == NULL)
			b->status = text_ieq(type, "Transient") ? "4.0.0" :
			    "5.0.0";
		b->action = action != NULL ? bounce_action(r->a, action) :
		    "failed";
		b->hard = b->status[0] == '5';
		b->reason = read_field(r->a, diag);
	}
	return r->bounces->len > 0;
}

/* Fields of RFC 3464 that stand in a text: MIME broke on the way, or
 * somebody passed it on, with quote marks. */
static bool
fields_in_text(struct reading *r)
{
	for (size_t i = 0; i < r->m->n; i++) {
		struct mail_part *p = &r->m->parts[i];
		GString *clean;
		const char *s;

		if (p->kind != MAIL_LEAF || !g_str_has_prefix(p->type, "text/") ||
		    strcmp(p->type, "text/html") == 0)
			continue;
		s = mail_text(r->m, p, NULL);
		if (strstr(s, "Final-Recipient:") == NULL &&
		    strstr(s, "Final-recipient:") == NULL)
			continue;
		clean = arena_gstring(r->a);
		while (*s != '\0' && clean->len < LETTER_MAX) {
			size_t n = strcspn(s, "\n"), skip = 0;

			while (skip < n && (s[skip] == '>' ||
				(s[skip] == ' ' && skip > 0 &&
				    s[skip - 1] == '>')))
				skip++;
			g_string_append_len(clean, s + skip,
			    (gssize)(n - skip));
			g_string_append_c(clean, '\n');
			s += n + (s[n] == '\n');
		}
		bounce_fields(r, clean->str, clean->len);
	}
	return r->bounces->len > 0;
}

/* Nobody is named: whoever the returned message went to. */
static void
from_returned(struct reading *r, const char *text)
{
	struct mail_headers h;
	struct mail_header *to = NULL;
	struct mail_address *list;
	size_t n;

	if (read_attached(r, &h, NULL))
		to = mail_header(&h, "To");
	for (size_t i = 0; to == NULL && i < r->m->n; i++) {
		struct mail_part *p = &r->m->parts[i];
		const char *s;

		if (p->kind != MAIL_LEAF || strcmp(p->type, "text/plain") != 0)
			continue;
		s = mail_text(r->m, p, NULL);
		while (*s != '\0' && !begins_copy(s)) {
			s += strcspn(s, "\n");
			s += *s == '\n';
		}
		s += strcspn(s, "\n");
		s += strspn(s, "\n \t");
		h = mail_headers_read(r->a, s, strlen(s), NULL);
		to = mail_header(&h, "To");
	}
	if (to == NULL)
		return;
	list = mail_addresses(r->a, to->raw, to->raw_len, &n);
	for (size_t i = 0; i < n && i < RECIPIENTS_MAX; i++)
		if (!known(r, list[i].addr))
			add(r, list[i].addr, text, text);
}

void
bounce_letter(struct reading *r)
{
	const char *text = letter(r), *s;
	struct recipient *list =
	    ARENA_ARRAY(r->a, struct recipient, RECIPIENTS_MAX);
	struct mail_header *failed = NULL;
	size_t n, top = 0;

	if (r->bounces->len > 0)
		return; /* the fields said it all */
	if (ses(r, text) || fields_in_text(r))
		return;
	/* X-Failed-Recipients (Exim, Gmail) is the word of the system */
	while ((failed = mail_header_next(&r->m->headers, failed,
		    "X-Failed-Recipients")) != NULL) {
		struct mail_address *x;
		size_t k;

		x = mail_addresses(r->a, failed->raw, failed->raw_len, &k);
		for (size_t i = 0; i < k; i++)
			if (!known(r, x[i].addr)) {
				s = strstr(text, x[i].addr);
				add(r, x[i].addr, s != NULL ?
				    reason_near(r, s, NULL) : text, text);
			}
	}
	if (r->bounces->len > 0)
		return;
	n = find_recipients(r, text, list);
	for (size_t i = 0; i < n; i++)
		top = MAX(top, (size_t)list[i].rank);
	for (size_t i = 0; i < n; i++) {
		const struct recipient *next = NULL;

		if ((size_t)list[i].rank != top)
			continue;
		for (size_t k = i + 1; k < n && next == NULL; k++)
			if ((size_t)list[k].rank == top &&
			    list[k].at > list[i].at)
				next = &list[k];
		add(r, list[i].addr, reason_near(r, list[i].at, next), text);
	}
	if (r->bounces->len == 0)
		bounce_nested(r);
	if (r->bounces->len == 0)
		from_returned(r, text);
}

/* ---- is it one? ---------------------------------------------------------------- */

static bool
daemon_sender(struct reading *r)
{
	static const char *const names[] = {"mailer-daemon", "postmaster",
	    "mail delivery", "mail-daemon", "mailerdaemon",
	    "delivery subsystem", "internet mail delivery", "microsoft exchange",
	    "mail administrator", "mdaemon", "system administrator",
	    "mail system", "post_master", "post-master", "ndr "};
	const char *from = mail_get(r->a, &r->m->headers, "From");

	return from != NULL && contains_any(read_lower(r->a, from,
	    strlen(from)), names, COUNT_OF(names));
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
	    "non delivery", "delayed mail", "message not", "loop alert"};
	const char *s = r->out->subject;

	return s != NULL && contains_any(read_lower(r->a, s, strlen(s)),
	    subjects, COUNT_OF(subjects));
}

bool
bounce_look(struct reading *r)
{
	const char *text;
	int signs = 0;

	if (mail_header(&r->m->headers, "X-Failed-Recipients") != NULL)
		signs += 4;
	if (daemon_sender(r))
		signs += 2;
	if (r->null_sender)
		signs += 2;
	if (failure_subject(r))
		signs += 2;
	/* a person's letter needs more than its subject */
	if (signs < 2 || (signs == 2 && failure_subject(r) &&
		!r->out->robot && r->human != NULL &&
		strstr(r->human, "Final-Recipient:") == NULL))
		return false;
	text = letter(r);
	if (strstr(text, "bouncedRecipients") != NULL)
		return true;
	if (contains_any(read_lower(r->a, text, strlen(text)), failures,
		COUNT_OF(failures)))
		signs += 2;
	return signs >= 4;
}

void
bounce_read(struct reading *r)
{
	bounce_letter(r);
}
