/*
 * XML documents in a mail (read.h): as a part of any type, inline between
 * marks, clear-signed, as quoted-printable that nobody declared, as text of
 * an HTML page.
 */
#include "base/base.h"
#include "inspect/read.h"
#include "inspect/text/html.h"

#include "mail/charset.h"

enum {
	DOCUMENTS_MAX = 100, /* of one part */
	SNIFF_MAX = 64,
	PROLOG_MAX = 300,
};

static bool
is_xml_type(const struct mail_part *p)
{
	return text_iends(p->type, "/xml") || text_iends(p->type, "+xml");
}

/* Binary parts are XML when their first bytes say so. */
static bool
begins_like_xml(struct reading *r, struct mail_part *p)
{
	size_t n;
	const char *s = mail_bytes(r->m, p, &n);

	n = MIN(n, SNIFF_MAX);
	while (n > 0 && strchr("\xef\xbb\xbf\xff\xfe \t\r\n", *s) != NULL) {
		s++; /* NUL of UTF-16 too: strchr finds the end */
		n--;
	}
	return n > 0 && *s == '<';
}

/* What the XML declaration says, for parts whose header says nothing. */
static const char *
declared_charset(struct arena *a, const char *s, size_t n)
{
	const char *p = g_strstr_len(s, (gssize)MIN(n, 200), "encoding=");
	size_t len;

	if (p == NULL || n < 5 || memcmp(s, "<?xml", 5) != 0)
		return NULL;
	p += strlen("encoding=");
	if (p >= s + n || (*p != '"' && *p != '\''))
		return NULL;
	for (len = 0; p + 1 + len < s + n && p[1 + len] != *p &&
	    len < CHARSET_LABEL_MAX; len++)
		;
	return arena_strndup(a, p + 1, len);
}

/* UTF-8 of a part that may hold XML; NULL: it cannot. */
static const char *
text_of(struct reading *r, struct mail_part *p, size_t *n)
{
	bool text = g_str_has_prefix(p->type, "text/");
	const char *s;

	if (p->kind != MAIL_LEAF)
		return NULL;
	if (!text && !is_xml_type(p) && !begins_like_xml(r, p))
		return NULL;
	if ((text && !is_xml_type(p)) ||
	    mail_param(&p->params, "charset") != NULL)
		return mail_text(r->m, p, n);
	s = mail_bytes(r->m, p, n);
	if (*n > XML_BYTES_MAX) {
		read_defect(r, "XML: the part is too large and was cut.");
		*n = XML_BYTES_MAX;
	}
	return charset_to_utf8(r->a, s, *n, declared_charset(r->a, s, *n),
	    NULL, n);
}

/* "- -----" of RFC 4880 7.1 back to "-----". */
static const char *
undash(struct arena *a, const char *s, size_t *n)
{
	GString *out = arena_gstring(a);
	const char *end = s + *n;

	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));

		nl = nl != NULL ? nl + 1 : end;
		if (nl - s > 2 && s[0] == '-' && s[1] == ' ')
			s += 2;
		g_string_append_len(out, s, nl - s);
		s = nl;
	}
	*n = out->len;
	return out->str;
}

static const char *
look_for_root(struct reading *r, struct mail_part *p, const char *root,
    size_t *n)
{
	const char *s = text_of(r, p, n);
	size_t start, len;
	bool cut;

	if (s == NULL || memmem(s, *n, root, strlen(root)) == NULL)
		return NULL;
	if (!xml_locate(s, *n, root, &start, &len)) {
		/* shown to the reader of the letter: "&lt;Infringement" */
		if (memmem(s, *n, "&lt;", 4) == NULL)
			return NULL;
		s = html_to_text(r->a, s, *n, &cut);
		*n = strlen(s);
		if (!xml_locate(s, *n, root, &start, &len))
			return NULL;
	}
	if (memmem(s + start, MIN(len, 1000), "=3D\"", 4) != NULL) {
		s = mail_undo(r->a, MAIL_QP, s, *n, n);
		s = charset_to_utf8(r->a, s, *n, NULL, NULL, n);
		if (!xml_locate(s, *n, root, &start, &len))
			return NULL;
	}
	if (memmem(s, start, "-----BEGIN PGP SIGNED", 21) != NULL)
		s = undash(r->a, s, n);
	return s;
}

/* The text in which the root element stands as such; NULL: nowhere.  A reader
 * looks, looks closer and reads. */
static const char *
with_root(struct reading *r, size_t part, const char *root, size_t *n)
{
	struct mail_part *p = &r->m->parts[part];
	struct rooted *last = &r->rooted;

	if (last->root != root || last->part != p) {
		last->text = look_for_root(r, p, root, &last->n);
		last->root = root;
		last->part = p;
	}
	*n = last->n;
	return last->text;
}

bool
xml_part_has(struct reading *r, size_t part, const char *root,
    const char *const *marks)
{
	size_t n;
	const char *s = with_root(r, part, root, &n);

	if (s == NULL || marks == NULL)
		return s != NULL;
	for (; *marks != NULL; marks++)
		if (memmem(s, n, *marks, strlen(*marks)) != NULL)
			return true;
	return false;
}

/* Entities that the document itself would make: never needed, always an
 * attack.  They stand before the root element, which is all we parse. */
static bool
makes_entities(const char *s, size_t n)
{
	return memmem(s, n, "<!ENTITY", 8) != NULL;
}

/* The texts of a document, without the names of its namespaces. */
static void
observe_document(struct reading *r, const struct xml *doc, const char *path)
{
	const struct xml *x = NULL;

	while (xml_walk(doc, &x))
		if (*x->text != '\0')
			observe_text(r, x->text, strlen(x->text), path);
}

bool
xml_part_read(struct reading *r, size_t part, const char *root,
    const char *format, xml_document_fn *fn)
{
	const char *path = r->m->parts[part].path, *s;
	size_t n, start, len, around = 0;
	bool any = false;

	s = with_root(r, part, root, &n);
	for (int i = 0; s != NULL && i < DOCUMENTS_MAX &&
	    xml_locate(s, n, root, &start, &len); i++) {
		const char *reason = NULL;
		const struct xml *doc = NULL;
		bool mended = false;

		if (makes_entities(s, start))
			reason = "it makes entities";
		else
			doc = xml_parse(r->a, s + start, len, &reason,
			    &mended);
		if (doc == NULL)
			read_defect(r, "%s: the XML of part %s was not read: "
			    "%s.", format, path, reason);
		else if (mended)
			read_defect(r, "%s: the XML of part %s is broken; "
			    "what could be read was taken.", format, path);
		if (doc != NULL) {
			any |= fn(r, doc, path);
			observe_document(r, doc, path);
		}
		around += doc != NULL ? start : start + len;
		s += start + len;
		n -= start + len;
	}
	/* nothing but the document, which has been heard */
	if (any && around + n <= PROLOG_MAX)
		g_ptr_array_add(r->heard, (char *)path);
	return any;
}
