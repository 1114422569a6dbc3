/*
 * JSON in a mail (read.h): found by its first bytes, whatever the part
 * calls itself.
 */
#include "base/base.h"
#include "inspect/read.h"

#include "mail/charset.h"

/* Media types that are never JSON, however they begin. */
static bool
other_media(const struct mail_part *p)
{
	return g_str_has_prefix(p->type, "image/") ||
	    g_str_has_prefix(p->type, "video/") ||
	    g_str_has_prefix(p->type, "audio/") ||
	    strcmp(p->type, "text/html") == 0;
}

const char *
json_part_text(struct reading *r, size_t part, size_t *len)
{
	struct mail_part *p = &r->m->parts[part];
	size_t n, i = 0;
	const char *s;

	if (p->kind != MAIL_LEAF || other_media(p))
		return NULL;
	s = mail_bytes(r->m, p, &n);
	/* byte order marks, and the NULs of UTF-16 */
	while (i < n && (g_ascii_isspace(s[i]) || s[i] == '\0' ||
		strchr("\xef\xbb\xbf\xff\xfe", s[i]) != NULL))
		i++;
	if (i >= n || (s[i] != '{' && s[i] != '['))
		return NULL;
	if (n > JSON_PART_MAX) {
		read_defect(r, "The JSON of part %s is too large.", p->path);
		return NULL;
	}
	/* JSON is UTF-8 (RFC 8259 8.1), whatever the header says; not
	 * mail_text(), which stops at the size of a letter */
	s = charset_to_utf8(r->a, s, n, "utf-8", NULL, &n);
	for (i = 0; i < n && (g_ascii_isspace(s[i]) ||
		 strchr("\xef\xbb\xbf", s[i]) != NULL); i++)
		;
	*len = n - i;
	return s + i;
}
