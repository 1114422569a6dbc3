/*
 * Reports that are neither letters nor parts of RFC 3464: notifications in
 * JSON, and fields that MIME lost on the way.
 */
#include "base/base.h"
#include "inspect/bounce/bounce.h"

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
bool
bounce_ses(struct reading *r, const char *text)
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
		if (bounce_known(r, addr))
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
bool
bounce_quoted(struct reading *r)
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
		while (*s != '\0' && clean->len < BOUNCE_LETTER_MAX) {
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
