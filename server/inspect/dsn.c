/*
 * Delivery reports: RFC 3464 (and 6533) here, letters of mail systems in
 * bounce.c.  What a bounce is good for: which recipient, for good or for
 * now, and why.
 */
#include "base/base.h"
#include "inspect/bounce.h"

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
		s = semi + 1;
	list = mail_addresses(a, s, strlen(s), &n);
	if (n > 0)
		return list[0].addr;
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

static void
one_recipient(struct reading *r, const struct mail_headers *h)
{
	struct arena *a = r->a;
	const char *final = typed_address(a, mail_get(a, h,
	    "Final-Recipient"));
	const char *orig = typed_address(a, mail_get(a, h,
	    "Original-Recipient"));
	const char *x = typed_address(a, mail_get(a, h,
	    "X-Actual-Recipient"));
	const char *status = mail_get(a, h, "Status"), *diag, *action;
	struct inspect_bounce *b;

	/* "user@server" of the last relay, when the sender wrote a real one */
	if (final != NULL && orig != NULL && strchr(orig, '@') != NULL &&
	    (strchr(final, '@') == NULL ||
		(strchr(strchr(final, '@'), '.') == NULL &&
		    strchr(strchr(orig, '@'), '.') != NULL)))
		final = orig;
	if (final == NULL || strchr(final, '@') == NULL)
		final = orig != NULL && strchr(orig, '@') != NULL ? orig :
		    final != NULL ? final : x;
	if (final == NULL)
		return;
	action = mail_get(a, h, "Action");
	diag = diagnostic(mail_get(a, h, "Diagnostic-Code"));
	b = read_bounce(r, final);
	b->reason = read_field(a, diag);
	b->action = action != NULL ? bounce_action(a, action) : NULL;
	b->status = bounce_status(a, status, diag);
	if (b->action == NULL)
		b->action = "failed";
	/* given up, and the peer's own word is final */
	if (b->status != NULL && *b->status == '4' &&
	    strcmp(b->action, "failed") == 0) {
		const char *told = bounce_status(a, NULL, diag);

		if (told != NULL && *told == '5')
			b->status = told;
	}
	if (b->status == NULL)
		b->status = strcmp(b->action, "failed") == 0 ? "5.0.0" :
		    strcmp(b->action, "delayed") == 0 ? "4.0.0" : "2.0.0";
	b->hard = b->status[0] == '5';
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
			one_recipient(r, &one);
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
	/* reports whose fields are empty tell it in their letter */
	if (r->bounces->len == 0)
		bounce_letter(r);
}
