/*
 * Delivery reports: RFC 3464 (and 6533) here, letters of mail systems in
 * bounce.c.  What a bounce is good for: which recipient, for good or for
 * now, and why.
 */
#include "base/base.h"
#include "inspect/bounce/bounce.h"

/* message/delivery-status, message/global-delivery-status, also when its
 * part is called something else but is announced.  nested: inside attached
 * messages, for a bounce that was sent on by another system. */
static int
status_part(struct reading *r, bool nested)
{
	const struct mail_part *root = &r->m->parts[0];
	bool announced = strcmp(root->type, "multipart/report") == 0;

	for (size_t i = 0; i < r->m->n; i++) {
		struct mail_part *p = &r->m->parts[i];

		if (p->kind != MAIL_LEAF || (read_nested(r, i) && !nested))
			continue;
		if (strcmp(p->type, "message/delivery-status") == 0 ||
		    strcmp(p->type, "message/global-delivery-status") == 0)
			return (int)i;
	}
	for (size_t i = 0; announced && i < r->m->n; i++) {
		struct mail_part *p = &r->m->parts[i];

		if (p->kind == MAIL_LEAF && !read_nested(r, i) &&
		    strstr(mail_text(r->m, p, NULL), "Final-Recipient:"))
			return (int)i;
	}
	return -1;
}

bool
dsn_look(struct reading *r)
{
	const struct mail_part *root = &r->m->parts[0];

	return status_part(r, false) >= 0 ||
	    (strcmp(root->type, "multipart/report") == 0 &&
		text_ieq(mail_param(&root->params, "report-type"),
		    "delivery-status"));
}

/* "\x{FC}" of an address that had to pass as ASCII (RFC 6533 3). */
static const char *
unescaped(struct arena *a, const char *s)
{
	GString *out = arena_gstring(a);

	while (*s != '\0') {
		char *end = NULL;
		guint64 c = text_istarts(s, "\\x{") ?
		    g_ascii_strtoull(s + 3, &end, 16) : 0;

		if (end != NULL && *end == '}' && c > 0x20 && c < 0x110000 &&
		    g_unichar_validate((gunichar)c)) {
			g_string_append_unichar(out, (gunichar)c);
			s = end + 1;
		} else {
			g_string_append_c(out, *s++);
		}
	}
	return out->str;
}

/* "user@example.org." is the same as a name of DNS. */
static const char *
undotted(struct arena *a, const char *addr)
{
	size_t n = strlen(addr);

	return n > 1 && addr[n - 1] == '.' && strchr(addr, '@') != NULL ?
	    arena_strndup(a, addr, n - 1) : addr;
}

/* "rfc822; user@example.org" -> the address */
static const char *
typed_address(struct arena *a, const char *s)
{
	const char *semi = s != NULL ? strchr(s, ';') : NULL;
	struct mail_address *list;
	size_t n;

	if (s == NULL)
		return NULL;
	if (semi != NULL)
		s = text_istarts(s, "utf-8") ? unescaped(a, semi + 1) :
		    semi + 1;
	list = mail_addresses(a, s, strlen(s), &n);
	if (n > 0)
		return undotted(a, list[0].addr);
	s += strspn(s, " <");
	s = arena_strndup(a, s, strcspn(s, "> \t"));
	return *s != '\0' ? s : NULL;
}

/* "smtp; 550 5.1.1 no such user" -> what is behind the type */
static const char *
diagnostic(const char *s)
{
	const char *semi = s != NULL ? strchr(s, ';') : NULL;

	if (semi != NULL && semi - s < 16 && memchr(s, ' ',
		(size_t)(semi - s)) == NULL)
		return semi + 1 + strspn(semi + 1, " ");
	return s;
}

/* With a domain of two labels or more. */
static bool
full(const char *addr)
{
	const char *at = strrchr(addr, '@');

	return at != NULL && at != addr && strchr(at, '.') != NULL;
}

/*
 * One block of fields.  A mail that was forwarded or expanded comes back
 * under two names: where it went (Final-Recipient) and what its sender
 * wrote (Original-Recipient).  Each is a bounce, for whoever looks for the
 * address that he knows.
 */
static void
one_recipient(struct reading *r, const struct mail_headers *h,
    const char *letter)
{
	struct arena *a = r->a;
	const char *final = typed_address(a, mail_get(a, h,
	    "Final-Recipient"));
	const char *orig = typed_address(a, mail_get(a, h,
	    "Original-Recipient"));
	const char *x = typed_address(a, mail_get(a, h,
	    "X-Actual-Recipient"));
	const char *status = mail_get(a, h, "Status"), *diag, *action;
	struct inspect_bounce *b, *also;

	/* "user@server" of the last relay, when the sender wrote a real one */
	if (final == NULL || (!full(final) && orig != NULL && full(orig)))
		final = orig != NULL ? orig : x;
	if (final == NULL || (strchr(final, '@') == NULL && !r->bare_names))
		return;
	action = mail_get(a, h, "Action");
	diag = diagnostic(mail_get(a, h, "Diagnostic-Code"));
	if (bounce_known(r, final) || bounce_elided(final))
		return;
	b = read_bounce(r, final);
	b->reason = read_field(a, diag);
	b->action = action != NULL ? bounce_action(a, action) : NULL;
	b->status = bounce_status(a, status, diag);
	if (b->action == NULL)
		b->action = "failed";
	/* given up, and the peer's own code is final */
	if (b->status != NULL && *b->status == '4' &&
	    strcmp(b->action, "failed") == 0) {
		const char *told = bounce_enhanced(a, diag);

		if (told != NULL && *told == '5')
			b->status = told;
	}
	if (b->status == NULL && letter != NULL) {
		b->status = bounce_worded_status(letter, letter);
		b->reason = read_field(a, letter);
	}
	if (b->status == NULL)
		b->status = strcmp(b->action, "failed") == 0 ? "5.0.0" :
		    strcmp(b->action, "delayed") == 0 ? "4.0.0" : "2.0.0";
	b->hard = b->status[0] == '5';
	if (orig == NULL || !full(orig) || text_ieq(orig, final))
		return;
	b->original = read_field(a, orig);
	also = read_bounce(r, orig);
	also->status = b->status;
	also->action = b->action;
	also->hard = b->hard;
	also->reason = b->reason;
}

/* Blocks of fields, one a recipient, the first about the message. */
void
bounce_fields(struct reading *r, const char *s, size_t n)
{
	size_t used;

	while (n > 0 && r->bounces->len < INSPECT_BOUNCES_MAX) {
		struct mail_headers h = mail_headers_read(r->a, s, n, &used);
		size_t from = 0;

		/* some forget the empty line between two recipients: a field
		 * that comes again begins the next one */
		for (size_t i = 1; i <= h.n; i++) {
			struct mail_headers one = {h.items + from, i - from};

			if (i < h.n && (!text_ieq(h.items[i].name,
				"Final-Recipient") ||
				mail_header(&one, "Final-Recipient") == NULL))
				continue;
			one_recipient(r, &one, NULL);
			from = i;
		}
		s += MAX(used, 1);
		n -= MIN(n, MAX(used, 1));
	}
}

void
bounce_nested(struct reading *r)
{
	int at = status_part(r, true);
	const char *s;
	size_t n;

	if (at < 0)
		return;
	s = mail_bytes(r->m, &r->m->parts[at], &n);
	bounce_fields(r, s, n);
}

void
dsn_read(struct reading *r)
{
	int at = status_part(r, false);
	const char *s;
	size_t n;

	if (at >= 0) {
		s = mail_bytes(r->m, &r->m->parts[at], &n);
		bounce_fields(r, s, n);
	}
	/* reports whose fields are empty, or name "unknown", tell it in their
	 * letter */
	if (r->bounces->len == 0)
		bounce_letter(r);
	if (r->bounces->len == 0 && at >= 0) {
		r->bare_names = true;
		bounce_fields(r, s, n);
	}
}

/*
 * A receipt (RFC 8098) that says a program threw the mail away: with
 * words of failure in its letter it is a bounce in another dress (Dovecot
 * over quota, Sieve "reject").
 */
void
mdn_read(struct reading *r)
{
	int at = read_find_part(r, "message/disposition-notification", 0);
	struct mail_headers h;
	const char *s, *human;
	size_t n;

	if (at < 0 || r->human == NULL)
		return;
	s = mail_bytes(r->m, &r->m->parts[at], &n);
	h = mail_headers_read(r->a, s, n, NULL);
	s = mail_get(r->a, &h, "Disposition");
	if (s == NULL)
		return;
	s = text_lower(r->a, s);
	human = read_lower(r->a, r->human, strlen(r->human));
	if (strstr(s, "automatic-action") != NULL &&
	    strstr(s, "deleted") != NULL && bounce_says_failure(human))
		one_recipient(r, &h, human);
}
