/*
 * The message that a report is about, as far as it came back: attached,
 * below a line of a letter, or only in fields of the report.  What core
 * needs to know which of our mails it was (inspect_returned).
 */
#include "base/base.h"
#include "inspect/bounce/bounce.h"

enum { SKIPPED_MAX = 10 }; /* lines between "copy follows" and the copy */

/* "Name: ..." */
static bool
is_field(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
	    "wxyz-0123456789");

	return n > 1 && s[n] == ':';
}

/* The header block of a copy at s, without quote marks. */
static bool
copied_headers(struct reading *r, const char *s, struct mail_headers *h)
{
	GString *block = arena_gstring(r->a);
	int skipped = 0;
	bool quoted;

	while (!is_field(s + strspn(s, "> "))) {
		s += strcspn(s, "\n");
		if (*s == '\0' || ++skipped > SKIPPED_MAX)
			return false;
		s++;
	}
	quoted = *s == '>';
	while (*s != '\0' && *s != '\n' && block->len < BOUNCE_LETTER_MAX) {
		size_t n;

		if (quoted)
			s += strspn(s, ">");
		/* folded lines keep their indent, the first has none */
		if (block->len == 0)
			s += strspn(s, " ");
		n = strcspn(s, "\n");
		g_string_append_len(block, s, (gssize)n);
		g_string_append_c(block, '\n');
		s += n + (s[n] == '\n');
	}
	*h = mail_headers_read(r->a, block->str, block->len, NULL);
	return h->n > 0;
}

bool
returned_headers(struct reading *r, struct mail_headers *h)
{
	if (read_attached(r, h, NULL))
		return true;
	for (size_t i = 0; i < r->m->n; i++) {
		struct mail_part *p = &r->m->parts[i];
		const char *s;
		size_t lines = 0;

		if (p->kind != MAIL_LEAF || strcmp(p->type, "text/plain") != 0)
			continue;
		for (s = mail_text(r->m, p, NULL); *s != '\0';
		     s += *s == '\n') {
			if (lines++ > 0 && bounce_begins_copy(s) &&
			    copied_headers(r, s, h))
				return true;
			s += strcspn(s, "\n");
		}
	}
	return false;
}

/* One address of a field, without a type before it ("rfc822; a@b"). */
static const char *
address_of(struct reading *r, const char *s)
{
	const char *semi = s != NULL ? strchr(s, ';') : NULL;
	struct mail_address *list;
	size_t n;

	if (s == NULL)
		return NULL;
	if (semi != NULL)
		s = semi + 1;
	list = mail_addresses(r->a, s, strlen(s), &n);
	return n > 0 ? read_field(r->a, list[0].addr) : NULL;
}

static const char *
id_of(struct reading *r, const char *s)
{
	return s != NULL ? read_field(r->a, mail_ids(r->a, s, 1)[0]) : NULL;
}

static void
take(struct reading *r, const struct mail_headers *h,
    struct inspect_returned *out)
{
	/* the first of them that is an address */
	static const char *const senders[] = {"Return-Path",
	    "Original-Mail-From", "X-Postfix-Sender", "X-Original-Sender",
	    "Errors-To"};
	const char *s;

	for (size_t i = 0; i < COUNT_OF(senders) &&
	    out->envelope_from == NULL; i++)
		out->envelope_from =
		    address_of(r, mail_get(r->a, h, senders[i]));
	if (out->message_id == NULL)
		out->message_id = id_of(r, mail_get(r->a, h, "Message-ID"));
	if (out->message_id == NULL)
		out->message_id =
		    id_of(r, mail_get(r->a, h, "Original-Message-ID"));
	if (out->list_id == NULL && (s = mail_get(r->a, h, "List-Id"))) {
		const char *open = strrchr(s, '<');

		s = open != NULL ? arena_strndup(r->a, open + 1,
		    strcspn(open + 1, ">")) : s;
		out->list_id = read_field(r->a, s);
	}
	if (out->to == NULL)
		out->to = address_of(r, mail_get(r->a, h, "To"));
}

/* Where nothing tells where the copy begins, the first line that names a
 * message: the letter of a bounce has no other reason to. */
static const char *
named_in_letter(struct reading *r)
{
	static const char field[] = "message-id:";
	const char *s = bounce_text(r);

	while (*s != '\0') {
		size_t n = strcspn(s, "\n"), lead = MIN(strspn(s, "> \t"), n);

		if (g_ascii_strncasecmp(s + lead, field, strlen(field)) == 0)
			return id_of(r, arena_strndup(r->a,
			    s + lead + strlen(field),
			    n - lead - strlen(field)));
		s += n + (s[n] == '\n');
	}
	return NULL;
}

void
returned_read(struct reading *r)
{
	static const char *const reports[] = {"message/feedback-report",
	    "message/delivery-status", "message/global-delivery-status",
	    "message/disposition-notification"};
	struct inspect_returned *out = &r->out->returned;
	struct mail_headers h;

	if (returned_headers(r, &h))
		take(r, &h, out);
	for (size_t i = 0; i < COUNT_OF(reports); i++) {
		int at = read_find_part(r, reports[i], 0);
		const char *s;
		size_t n;

		if (at < 0)
			continue;
		s = mail_bytes(r->m, &r->m->parts[at], &n);
		h = mail_headers_read(r->a, s, n, NULL);
		take(r, &h, out);
	}
	if (out->message_id == NULL && strcmp(r->out->format, "dsn") == 0)
		out->message_id = named_in_letter(r);
}
