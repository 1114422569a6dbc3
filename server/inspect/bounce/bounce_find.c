/*
 * Whom a letter says that it did not reach (bounce.h): each address in it,
 * and how surely its line means a recipient.
 */
#include "base/base.h"
#include "base/text.h"
#include "inspect/bounce/bounce.h"

/* "To: list" among the fields of the message that the letter repeats:
 * Subject stands within two lines. */
static bool
repeated_header(const char *text, const char *line)
{
	static const char *const names[] = {"to:", "cc:", "an:", "\303\240:",
	    "para:"};
	const char *s = line + strspn(line, " \t"), *p = line;
	bool named = false;

	for (size_t i = 0; i < COUNT_OF(names); i++)
		named |= g_ascii_strncasecmp(s, names[i],
		    strlen(names[i])) == 0;
	if (!named)
		return false;
	for (int back = 0; back < 2 && p > text; back++)
		for (p--; p > text && p[-1] != '\n'; p--)
			;
	for (int n = 0; n < 5 && *p != '\0'; n++) {
		s = p + strspn(p, " \t");
		if (text_istarts(s, "subject:") || text_istarts(s, "betreff:") ||
		    text_istarts(s, "objet") || text_istarts(s, "asunto:") ||
		    text_istarts(s, "message-id:"))
			return true;
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	return false;
}

/* What a line says, found once for all addresses in it. */
struct line {
	const char *s, *low;
	size_t n;
	bool repeated;  /* a field of the returned message */
	bool example;   /* "e.g., if joe@example.org fails" */
	bool helps;     /* names addresses for help */
	bool telling;   /* speaks of recipients */
	bool announces; /* "Recipient address: x" */
	bool certain;   /* names nothing but recipients */
	bool coded;     /* has a reply code */
	bool sender;    /* "... from:" stands above it */
};

static struct line
read_line(struct reading *r, const char *text, const char *s, size_t n)
{
	static const char *const examples[] = {"e.g.", "for example",
	    "such as", "standard form", "zum beispiel", "par exemple"};
	static const char *const help[] = {"contact", "further assistance",
	    "assistance", "send mail to", "questions", "for help",
	    "administrator", "help desk", "helpdesk", "report this",
	    "return-path", "envelope-from", "mail from", "sender:", "from:",
	    "reply-to", "message-id:", "sent by", "unsubscribe", "x-",
	    "originator", "instead", "wenden sie sich", "kontakt", "contactez",
	    "contacte con", "sender address",
	    /* who wrote it, in other languages */
	    "absender", "exp\303\251diteur", "remitente", "remetente",
	    "mittente", "afzender", "nadawca", "avs\303\244ndare",
	    "afsender", "odes\303\255latel", "felad\303\263",
	    "gönderen", "l\303\244hett\303\244j\303\244", "expeditor",
	    "тправител", "ідправник", "αποστολ", "发件人", "寄件", "發件",
	    "差出人", "送信者", "送信元", "보낸", "발신"};
	static const char *const telling[] = {"deliver", "recipient", "rcpt",
	    "user", "mailbox", "address", "failed", "reject", "to:",
	    "unknown", "to <", "to ", "quota", "full", "zugestellt",
	    "empf\303\244nger", "destinat", "odbiorc", "adresat",
	    "p\303\255jemc", "mottagar", "modtager", "mottaker",
	    "vastaanott", "c\303\255mzett", "al\304\261c\304\261",
	    "ontvanger", "geadresseerde", "олучател", "дресат", "держувач",
	    "αραλήπτη", "收件", "宛先", "受信者", "받는", "수신"};
	/* "RCPT To:<x>"; the name under which we know it; X.400 */
	static const char *const certain[] = {"rcpt to", "expanded from",
	    "generated from", "original address:", "dda:"};
	static const char *const announce[] = {"recipient", "delivered to",
	    "failed:"};
	struct line l = {.s = s, .n = n, .low = read_lower(r->a, s, n)};

	static const char *const senders[] = {"from:", "sender:", "absender:",
	    "expéditeur :", "remitente:", "mittente:"};
	const char *above = s;

	/* a sentence may be broken before its address */
	if (above > text)
		for (above--; above > text && above[-1] != '\n'; above--)
			;
	for (size_t i = 0; i < COUNT_OF(senders); i++)
		l.sender |= g_str_has_suffix(read_lower(r->a, above,
		    (size_t)(s - above) - (s > above)), senders[i]);
	l.example = TEXT_HAS_ANY(read_lower(r->a, above,
	    (size_t)(s - above) + n), examples);
	l.repeated = repeated_header(text, s);
	l.helps = TEXT_HAS_ANY(l.low, help) || text_istarts(l.low, "hello ") ||
	    text_istarts(l.low, "dear ") || text_istarts(l.low, "hi ");
	l.telling = TEXT_HAS_ANY(l.low, telling);
	l.announces = TEXT_HAS_ANY(l.low, announce) && strchr(l.low, ':');
	l.certain = TEXT_HAS_ANY(l.low, certain);
	l.coded = bounce_status(r->a, NULL, l.low) != NULL;
	return l;
}

static int
rank_of(const struct line *l, const struct scan_hit *h)
{
	const char *after = l->s + h->end, *end = l->s + l->n;
	size_t lead = strspn(l->s, " \t<\"'*>-");

	if (l->repeated || l->example)
		return 1;
	if (strncmp(l->low + MIN(lead, l->n), "mailto:", 7) == 0)
		lead += 7;
	while (after < end && strchr(">\"'", *after) != NULL)
		after++;
	/* "addr", "<addr>:", "addr ... reason" */
	if (lead >= h->start &&
	    (after == end || strchr(": \t,(.;", *after) != NULL))
		return 3;
	/* "550 5.1.1 <addr>... User Unknown" */
	if (l->certain || (l->coded && h->start > 0 &&
		l->s[h->start - 1] == '<'))
		return 3;
	while (after < end && strchr(" \t.", *after) != NULL)
		after++;
	if (l->announces && after == end)
		return 3;
	return l->telling ? 2 : 1;
}

bool
bounce_placeholder(const char *s)
{
	return strncmp(s, "NAME@", 5) == 0 || strncmp(s, "USER@", 5) == 0 ||
	    strncmp(s, "USERNAME@", 9) == 0;
}

/* "smtp=user@host", "rfc-822=user@host" of X.400 */
static const char *
bare_address(const char *addr)
{
	return text_istarts(addr, "smtp=") ? addr + 5 :
	    text_istarts(addr, "rfc-822=") ? addr + 8 : addr;
}

/* "Hello desk@example.org," to whom the report is written. */
static bool
addressee(struct reading *r, const char *addr)
{
	struct mail_header *to = mail_header(&r->m->headers, "To");
	struct mail_address *list;
	size_t n;

	if (to == NULL)
		return false;
	list = mail_addresses(r->a, to->raw, to->raw_len, &n);
	return n == 1 && text_ieq(list[0].addr, addr);
}

/* "<jörg@example.org>: ..." at the start of a line: an address beyond
 * ASCII (RFC 6531), which nothing but its brackets tells from words. */
static const char *
wide_address(struct reading *r, const char *line, size_t n)
{
	const char *end, *at;
	struct mail_address *list;
	size_t found;

	if (n < 5 || *line != '<' || (end = memchr(line, '>', n)) == NULL ||
	    (at = memchr(line, '@', (size_t)(end - line))) == NULL ||
	    memchr(at, '.', (size_t)(end - at)) == NULL ||
	    text_plain_run(line, (size_t)(end - line)) ==
	    (size_t)(end - line))
		return NULL;
	list = mail_addresses(r->a, line, (size_t)(end + 1 - line), &found);
	return found == 1 ? list[0].addr : NULL;
}

size_t
bounce_find(struct reading *r, const char *text,
    struct bounce_found *list)
{
	size_t count = 0;

	for (const char *p = text; *p != '\0';) {
		size_t n = strcspn(p, "\n"), pos = 0;
		struct line line = {0};
		struct scan_hit h;

		while (scan_next(r->a, p, n, &pos, &h)) {
			const char *addr;
			int rank;
			size_t i;

			if (h.kind != SCAN_EMAIL)
				continue;
			if (line.s == NULL)
				line = read_line(r, text, p, n);
			addr = bare_address(h.value);
			/* "+491701234567@sms.example" */
			if (h.start > 0 && p[h.start - 1] == '+')
				addr = arena_printf(r->a, "+%s", addr);
			rank = rank_of(&line, &h);
			if (line.sender || (rank < 3 && (line.helps ||
				addressee(r, addr))) ||
			    line.example || bounce_placeholder(p + h.start) ||
			    /* "/var/mail/ada@example.org" */
			    (h.start > 0 && p[h.start - 1] == '/' &&
				strchr(addr, '/') != NULL) ||
			    text_ieq(addr, r->out->from))
				continue;
			/* to whom it was written is hardly whom it names;
			 * a server may have refused him as the sender */
			if (rank == 3 && addressee(r, addr))
				rank = line.coded ? 2 : 1;
			for (i = 0; i < count; i++)
				if (text_ieq(list[i].addr, addr))
					break;
			if (i == count) {
				if (count == BOUNCE_RECIPIENTS_MAX)
					return count;
				list[count++] =
				    (struct bounce_found){addr, rank, p};
			} else if (rank > list[i].rank) {
				list[i].rank = rank;
				list[i].at = p;
			}
		}
		if (line.s == NULL && count < BOUNCE_RECIPIENTS_MAX) {
			const char *addr = wide_address(r, p, n);

			if (addr != NULL)
				list[count++] = (struct bounce_found){addr, 3, p};
		}
		p += n + (p[n] == '\n');
	}
	return count;
}
