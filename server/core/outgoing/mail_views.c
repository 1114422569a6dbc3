/* See mail_views.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/list/advisory.h"
#include "core/list/roster.h"
#include "core/outgoing/mail_views.h"

DESC_TABLE(mail_ack, MAIL_ACK);
DESC_TABLE(mail_event, MAIL_EVENT);
DESC_TABLE(mail_line, MAIL_LINE);
DESC_TABLE(mail_notice, MAIL_NOTICE);
DESC_TABLE(mail_reminder, MAIL_REMINDER);
DESC_TABLE(mail_more, MAIL_MORE);
DESC_TABLE(mail_outcome, MAIL_OUTCOME);
DESC_TABLE(mail_outcomes, MAIL_OUTCOMES);
DESC_TABLE(mail_given, MAIL_GIVEN);
DESC_TABLE(mail_ask, MAIL_ASK);
DESC_TABLE(mail_form, MAIL_FORM);
DESC_TABLE(mail_digest_type, MAIL_DIGEST_TYPE);
DESC_TABLE(mail_digest_line, MAIL_DIGEST_LINE);
DESC_TABLE(mail_digest, MAIL_DIGEST);

/* Subject without any copy of tag, and without the blank behind it. */
static void
remove_all(GString *s, const char *tag)
{
	const char *at;

	while ((at = strstr(s->str, tag)) != NULL) {
		gssize pos = at - s->str;

		g_string_erase(s, pos, (gssize)strlen(tag));
		if (s->str[pos] == ' ')
			g_string_erase(s, pos, 1);
	}
}

const char *
mail_subject(struct arena *a, const struct site *s, int64_t number,
    const char *their_ref, const char *subject)
{
	const char *tag = arena_printf(a, "[%s #%" PRId64 "]",
	    s->conf->site_subject_tag, number);
	GString *out = arena_gstring(a);

	g_string_append(out, subject != NULL ? subject : "");
	remove_all(out, tag);
	/* Their reference is echoed, once: their desk finds its case by it. */
	if (!text_blank(their_ref) && strstr(out->str, their_ref) == NULL) {
		g_string_prepend(out, "] ");
		g_string_prepend(out, their_ref);
		g_string_prepend(out, "[");
	}
	if (text_istarts(out->str, "re: ") || text_istarts(out->str, "aw: "))
		g_string_erase(out, 0, 4);
	g_string_prepend(out, " ");
	g_string_prepend(out, tag);
	return text_squash(a, out->str);
}
