/*
 * Delivery reports as letters: what mail systems write for people, before
 * RFC 3464 and beside it.  No table of systems: nearly all of them put the
 * address on a line of its own or at its start, give the peer's answer
 * near it, and append the message below a line that says so.
 */
#include "base/base.h"
#include "base/text.h"
#include "inspect/bounce/bounce.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"        \
	"0123456789._-+"

/* ---- the letter ---------------------------------------------------------------- */

/* Behind X.400, which has no "@", "a(a)b" is "a@b" (RFC 2156 3.4). */
static void
at_signs(GString *text)
{
	static const char mark[] = "(a)";
	char *s = strstr(text->str, mark), *o = s;

	if (s == NULL)
		return;
	while (*s != '\0')
		if (strncmp(s, mark, 3) == 0 && s > text->str &&
		    g_ascii_isalnum(s[-1]) && g_ascii_isalnum(s[3])) {
			*o++ = '@';
			s += 3;
		} else {
			*o++ = *s++;
		}
	g_string_truncate(text, (gsize)(o - text->str));
}

/* The texts that are not the returned message, up to where it begins. */
const char *
bounce_text(struct reading *r)
{
	GString *out = arena_gstring(r->a);

	for (size_t i = 0; i < r->m->n && out->len < BOUNCE_LETTER_MAX; i++) {
		struct mail_part *p = &r->m->parts[i];
		const char *s;
		size_t n, lines = 0;

		if (p->kind != MAIL_LEAF || read_nested(r, i) ||
		    !g_str_has_prefix(p->type, "text/") ||
		    strstr(p->type, "rfc822") != NULL)
			continue;
		s = mail_text(r->m, p, &n);
		if (strcmp(p->type, "text/html") == 0) {
			if (!text_blank(out->str))
				continue;
			s = read_html(r, p);
		}
		while (*s != '\0' && out->len < BOUNCE_LETTER_MAX) {
			n = strcspn(s, "\n");
			if (lines > 0 && bounce_begins_copy(s))
				break;
			lines += n > strspn(s, " \t");
			g_string_append_len(out, s, (gssize)n);
			g_string_append_c(out, '\n');
			s += n + (s[n] == '\n');
		}
	}
	at_signs(out);
	return out->str;
}

/* From the recipient's line on, up to the next recipient. */
static const char *
reason_near(struct reading *r, const char *at, const struct bounce_found *next)
{
	GString *out = arena_gstring(r->a);
	int blank = 0;

	for (int line = 0; line < 14 && *at != '\0' && blank < 2 &&
	    out->len < INSPECT_FIELD_MAX; line++) {
		size_t n = strcspn(at, "\n");

		if (next != NULL && at >= next->at)
			break;
		if (strspn(at, " \t") >= n) {
			/* one empty line may stand between them */
			if (out->len > 0 && line > 1)
				blank++;
		} else {
			g_string_append_len(out, at,
			    (gssize)MIN(n, INSPECT_FIELD_MAX));
			g_string_append_c(out, ' ');
		}
		at += n + (at[n] == '\n');
	}
	return text_squash(r->a, out->str);
}

bool
bounce_known(struct reading *r, const char *addr)
{
	for (guint i = 0; i < r->bounces->len; i++) {
		const struct inspect_bounce *b = r->bounces->pdata[i];

		if (b->recipient != NULL && text_ieq(b->recipient, addr))
			return true;
	}
	return false;
}

/* Addresses that somebody has made unreadable ("dav...@example.org"). */
bool
bounce_elided(const char *addr)
{
	const char *at = strrchr(addr, '@');

	return at != NULL && at - addr >= 3 && strncmp(at - 3, "...", 3) == 0;
}

enum { REASON_MIN = 12 }; /* bytes */

/* The letter and what is found out about it once. */
struct letter {
	const char *text, *low;
	const char *words;  /* low in one line: a sentence may be broken */
	const char *status; /* of any code in it, or NULL */
	bool several;       /* recipients: the code may be another one's */
	bool waits;         /* the system goes on trying */
};

/* What the other lines that name the address say, each with the answer below
 * it ("<<< 550 ..."). */
static const char *
elsewhere(struct reading *r, const struct letter *l, const char *addr,
    const char *at)
{
	GString *out = arena_gstring(r->a);
	const char *want = text_lower(r->a, addr);
	bool answer = false;

	for (const char *p = l->low; *p != '\0' &&
	     out->len < INSPECT_FIELD_MAX;) {
		size_t n = strcspn(p, "\n");
		const char *s = g_strstr_len(p, (gssize)n, want);
		bool names = s != NULL && p - l->low != at - l->text &&
		    (s == p || !g_ascii_isalnum(s[-1]));

		if (names || (answer && strncmp(p, "<<<", 3) == 0)) {
			g_string_append_len(out, p, (gssize)n);
			g_string_append_c(out, '\n');
		}
		answer = names || (answer && strncmp(p, "<<<", 3) == 0);
		p += n + (p[n] == '\n');
	}
	return out->str;
}

/* Stands it below "----- ... transient non-fatal errors -----" (sendmail),
 * not below another such line? */
static bool
in_warnings(struct reading *r, const struct letter *l, const char *at)
{
	const char *head = NULL, *p = l->low, *end = l->low + (at - l->text);

	for (; p < end && *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n')
		if (strncmp(p + strspn(p, " "), "-----", 5) == 0)
			head = p;
	return head != NULL && strstr(arena_strndup(r->a, head,
	    strcspn(head, "\n")), "non-fatal") != NULL;
}

/* The status of one of several, by what is said of this one only; NULL where
 * nothing is. */
static const char *
own_status(struct reading *r, const struct letter *l, const char *addr,
    const char *at)
{
	const char *said = elsewhere(r, l, addr, at), *status;

	if (*said == '\0')
		return NULL;
	status = bounce_status(r->a, NULL, said);
	if (status == NULL)
		status = bounce_worded_status(said, said);
	return strcmp(status, "5.0.0") == 0 ? NULL : status;
}

static void
add(struct reading *r, const char *addr, const char *near, const char *at,
    const struct letter *l)
{
	struct inspect_bounce *b;
	bool warned = at != NULL && in_warnings(r, l, at);

	if (bounce_known(r, addr) || bounce_elided(addr))
		return;
	b = read_bounce(r, addr);
	b->status = near == l->text ? l->status :
	    bounce_status(r->a, NULL, near);
	if (b->status == NULL && l->several && at != NULL)
		b->status = own_status(r, l, addr, at);
	if (warned && (b->status == NULL || *b->status != '4'))
		b->status = "4.0.0";
	/* what stands below an address is its own reason */
	if (b->status == NULL &&
	    !(l->several && strlen(near) > strlen(addr) + REASON_MIN))
		b->status = l->status;
	if (b->status == NULL)
		b->status = bounce_worded_status(near == l->text ? l->words :
		    read_lower(r->a, near, strlen(near)), l->words);
	b->action = b->status[0] == '4' && (warned || l->waits) ?
	    "delayed" : "failed";
	b->hard = b->status[0] == '5';
	b->reason = read_field(r->a, near);
}

/* Nothing, or a column of its own, stands behind the word. */
static bool
alone(const char *end)
{
	return *end == '\n' || *end == '\0' || *end == '\t' ||
	    (end[0] == ' ' && (end[1] == ' ' || end[1] == '\n'));
}

/*
 * Some systems name their users without a domain ("could not be delivered
 * to:", then "    jdoe"): those of the domain that the letter speaks of
 * ("write to NAME@example.org"), else of its sender's.
 */
static void
bare_names(struct reading *r, const struct letter *l)
{
	const char *text = l->text;
	const char *at = r->out->from != NULL ? strrchr(r->out->from, '@') :
	    NULL;
	const char *domains[8];
	size_t n = 0, pos = 0, left = 0;
	struct scan_hit h;
	const char *before = text;
	bool open = false;

	while (n < COUNT_OF(domains) &&
	    scan_next(r->a, text, strlen(text), &pos, &h)) {
		const char *d;

		if (h.kind != SCAN_EMAIL || !bounce_placeholder(text + h.start) ||
		    g_strstr_len(text + h.start - MIN(h.start, 16),
			(gssize)MIN(h.start, 16), "mail") == NULL)
			continue;
		d = strchr(h.value, '@') + 1;
		for (size_t i = 0; i < n && d != NULL; i++)
			if (text_ieq(domains[i], d))
				d = NULL;
		if (d != NULL)
			domains[n++] = d;
	}
	if (n == 0 && at != NULL)
		domains[n++] = at + 1;
	for (const char *p = text; *p != '\0'; p += *p == '\n') {
		size_t len = strcspn(p, "\n"), lead = strspn(p, " \t");
		size_t word = strcspn(p + lead, " \t\n");

		if (lead >= len) {
			/* one empty line may stand before the names */
		} else if (p[len - 1] == ':') {
			/* the sentence may have begun a line before */
			open = bounce_says_failure(read_lower(r->a, before,
			    (size_t)(p - before) + len));
			left = BOUNCE_NAMES_MAX;
		} else if (open && left > 0 && lead > 0 && word <= 64 &&
		    strspn(p + lead, NAME_CHARS) == word &&
		    alone(p + lead + word)) {
			for (size_t i = 0; i < n; i++)
				add(r, arena_printf(r->a, "%.*s@%s", (int)word,
				    p + lead, domains[i]),
				    reason_near(r, p, NULL), NULL, l);
			left--;
		} else {
			open = false;
		}
		before = p;
		p += len;
	}
}

/* Is addr the list that the returned message went over?  Then nobody is
 * named: it was one of its members. */
static bool
list_address(struct reading *r, const struct mail_headers *h,
    const char *addr)
{
	static const char *const fields[] = {"List-Post", "X-BeenThere",
	    "Mailing-List"};

	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		const char *v = mail_get(r->a, h, fields[i]);

		if (v != NULL && strstr(text_lower(r->a, v),
			text_lower(r->a, addr)) != NULL)
			return true;
	}
	return false;
}

/* Nobody is named: whoever the returned message went to. */
static void
from_returned(struct reading *r, const struct letter *l)
{
	struct mail_headers h = {0};
	struct mail_header *to;
	struct mail_address *list;
	size_t n;

	if (!returned_headers(r, &h) || (to = mail_header(&h, "To")) == NULL)
		return;
	list = mail_addresses(r->a, to->raw, to->raw_len, &n);
	for (size_t i = 0; i < n && i < BOUNCE_RECIPIENTS_MAX; i++)
		if (!list_address(r, &h, list[i].addr))
			add(r, list[i].addr, l->text, NULL, l);
}

/* "Delivery delayed", and the letter does not say that it was the last try. */
static bool
delay_subject(struct reading *r, const char *low)
{
	static const char *const words[] = {"delay", "warning", "verzöger",
	    "retard", "retras", "atras", "ritard", "vertraag", "opóźnien",
	    "adiad", "försen", "forsink", "zpožd", "задерж", "отлож", "遅延",
	    "延迟", "延遲", "지연"};
	const char *s = r->out->subject;

	return s != NULL && bounce_may_last(low) &&
	    TEXT_HAS_ANY(read_lower(r->a, s, strlen(s)), words);
}

void
bounce_letter(struct reading *r)
{
	struct letter l = {.text = bounce_text(r)};
	const char *text = l.text, *s;
	struct bounce_found *list =
	    ARENA_ARRAY(r->a, struct bounce_found, BOUNCE_RECIPIENTS_MAX);
	struct mail_header *failed = NULL;
	size_t n, top = 0;

	if (r->bounces->len > 0)
		return; /* the fields said it all */
	if (bounce_ses(r, text) || bounce_quoted(r))
		return;
	l.low = read_lower(r->a, text, strlen(text));
	l.status = bounce_status(r->a, NULL, text);
	l.words = text_squash(r->a, l.low);
	l.waits = bounce_says_wait(l.words) || delay_subject(r, l.words);
	/* X-Failed-Recipients (Exim, Gmail) is the word of the system */
	while ((failed = mail_header_next(&r->m->headers, failed,
		    "X-Failed-Recipients")) != NULL) {
		struct mail_address *x;
		size_t k;

		x = mail_addresses(r->a, failed->raw, failed->raw_len, &k);
		for (size_t i = 0; i < k; i++)
			if ((s = strstr(text, x[i].addr)) != NULL)
				add(r, x[i].addr, reason_near(r, s, NULL),
				    s, &l);
			else
				add(r, x[i].addr, text, NULL, &l);
	}
	if (r->bounces->len > 0)
		return;
	n = bounce_find(r, text, list);
	for (size_t i = 0; i < n; i++)
		top = MAX(top, (size_t)list[i].rank);
	for (size_t i = 0, k = 0; i < n; i++) {
		k += (size_t)list[i].rank == top;
		l.several = k > 1;
	}
	for (size_t i = 0; i < n; i++) {
		const struct bounce_found *next = NULL;

		if ((size_t)list[i].rank != top)
			continue;
		for (size_t k = i + 1; k < n && next == NULL; k++)
			if ((size_t)list[k].rank == top &&
			    list[k].at > list[i].at)
				next = &list[k];
		add(r, list[i].addr, reason_near(r, list[i].at, next),
		    list[i].at, &l);
	}
	if (r->bounces->len == 0)
		bare_names(r, &l);
	if (r->bounces->len == 0)
		bounce_nested(r);
	if (r->bounces->len == 0)
		from_returned(r, &l);
}

void
bounce_read(struct reading *r)
{
	bounce_letter(r);
}
