/*
 * What a part holds (parse.h): its bytes without their transfer encoding, and
 * its text as UTF-8.  Made on first use.
 */
#include "base/base.h"
#include "mail/parse.h"
#include "mail/charset.h"

#include "base/text.h"

/* A line of dashes is no footer. */
static bool
has_words(const char *s, size_t n)
{
	while (n > 0 && !g_ascii_isalnum(*s) && (*s & 0x80) == 0) {
		s++;
		n--;
	}
	return n > 0;
}

/* What stands as plain text behind the base64 of a text. */
static void
add_footer(struct mail *m, struct mail_part *p, const char *s, size_t n)
{
	const char *charset = mail_param(&p->params, "charset");
	char *all;

	mail_defect(m, "Plain text stands behind the base64 of part %s.",
	    p->path);
	if (charset != NULL && text_istarts(charset, "utf-16"))
		return;
	all = arena_alloc(m->arena, p->bytes_len + n + 2);
	memcpy(all, p->bytes, p->bytes_len);
	all[p->bytes_len] = '\n';
	memcpy(all + p->bytes_len + 1, s, n);
	p->bytes = all;
	p->bytes_len += n + 1;
}

const char *
mail_bytes(struct mail *m, struct mail_part *p, size_t *len)
{
	if (p->bytes == NULL) {
		size_t n = p->body_len, data = n, most = n;
		const char *body = p->body;

		if (p->encoding != MAIL_IDENTITY &&
		    m->decoded + n > MAIL_DECODED_MAX) {
			mail_defect(m, "Part %s was not decoded: too much in "
			    "all.", p->path);
			n = data = most = 0;
		}
		if (p->encoding == MAIL_BASE64 &&
		    g_str_has_prefix(p->type, "text/")) {
			most = data = mail_base64_length(body, n);
			body = mail_base64_clean(m->arena, body, &most);
			/* what is left of a letter in words is no more */
			if (most * 2 < data) {
				body = p->body;
				most = data;
			}
		}
		if (p->encoding == MAIL_BASE64 &&
		    !mail_is_base64(body, most)) {
			mail_defect(m, "Part %s says base64 and is not.",
			    p->path);
			p->encoding = MAIL_IDENTITY;
		}
		if (p->encoding == MAIL_IDENTITY) {
			p->bytes = p->body;
			p->bytes_len = n;
		} else {
			p->bytes = mail_undo(m->arena, p->encoding, body,
			    most, &p->bytes_len);
			m->decoded += p->bytes_len;
			if (data < n && has_words(p->body + data, n - data))
				add_footer(m, p, p->body + data, n - data);
		}
	}
	*len = p->bytes_len;
	return p->bytes;
}

enum { META_WITHIN = 1024 }; /* where HTML names its charset */

/* The charset of a text; HTML may say itself what the mail does not. */
static const char *
charset_of(const struct mail *m, const struct mail_part *p, const char *s,
    size_t n)
{
	static const char mark[] = "charset=";
	const char *label = mail_param(&p->params, "charset"), *end, *told;

	if (label != NULL || strcmp(p->type, "text/html") != 0)
		return label;
	end = s + MIN(n, META_WITHIN);
	for (; (s = memchr(s, '<', (size_t)(end - s))) != NULL; s++) {
		const char *stop = memchr(s, '>', (size_t)(end - s)), *c;

		if (stop == NULL)
			break;
		if (stop - s < 5 || g_ascii_strncasecmp(s, "<meta", 5) != 0)
			continue;
		for (c = s; stop - c > 8; c++)
			if (g_ascii_strncasecmp(c, mark, strlen(mark)) == 0)
				break;
		if (stop - c <= 8)
			continue;
		c += strlen(mark);
		told = charset_label(m->arena, arena_strndup(m->arena, c,
		    (size_t)(stop - c)));
		/* no browser believes UTF-7 or UTF-16 here */
		return told != NULL && g_str_has_prefix(told, "utf-") ?
		    NULL : told;
	}
	return NULL;
}

const char *
mail_text(struct mail *m, struct mail_part *p, size_t *len)
{
	size_t n;

	if (p->text == NULL) {
		const char *s = mail_bytes(m, p, &n);
		char *t;

		if (n > MAIL_TEXT_MAX) {
			mail_defect(m, "The text of part %s was cut at %d "
			    "bytes.", p->path, MAIL_TEXT_MAX);
			n = MAIL_TEXT_MAX;
		}
		t = charset_to_utf8(m->arena, s, n, charset_of(m, p, s, n),
		    &p->charset, &n);
		n = mail_unix_lines(t, n);
		if (p->files)
			n = mail_file_cut(t, n);
		t[n] = '\0';
		p->text = t;
		p->text_len = n;
	}
	if (len != NULL)
		*len = p->text_len;
	return p->text;
}
