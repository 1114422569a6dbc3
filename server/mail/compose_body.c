/* Body parts and their encodings: see compose.h. */
#include "base/base.h"
#include "base/text.h"
#include "mail/compose_priv.h"

#include <stdio.h>

enum {
	B64_LINE = 57,      /* bytes that make 76 characters */
	QP_LINE = 75,       /* characters before the soft break's "=" */
	PARAM_PIECE = 60,   /* of an RFC 2231 continuation */
	SPREAD_LINES = 48,  /* base64 lines encoded at once */
};

enum encoding { ENC_7BIT, ENC_QP, ENC_BASE64 };

static const char *const encoding_names[] = {
    "7bit", "quoted-printable", "base64"};

static void
put_base64(GString *out, const unsigned char *p, size_t len)
{
	while (len > 0) {
		size_t n = MIN(len, (size_t)B64_LINE * SPREAD_LINES);
		char buf[SPREAD_LINES * 80];
		size_t w = 0;

		for (size_t i = 0; i < n; i += B64_LINE) {
			gint state = 0, save = 0;
			size_t k = MIN(n - i, (size_t)B64_LINE);

			w += g_base64_encode_step(p + i, k, FALSE, buf + w,
			    &state, &save);
			w += g_base64_encode_close(FALSE, buf + w, &state,
			    &save);
			buf[w++] = '\r';
			buf[w++] = '\n';
		}
		g_string_append_len(out, buf, (gssize)w);
		p += n;
		len -= n;
	}
}

/* s has LF line ends only. */
static void
put_qp(GString *out, const char *s, size_t len)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t col = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		bool last = i + 1 == len || s[i + 1] == '\n';
		bool plain = (c >= 0x21 && c <= 0x7e && c != '=') ||
		    ((c == ' ' || c == '\t') && !last);
		size_t w;

		if (c == '\n') {
			g_string_append(out, "\r\n");
			col = 0;
			continue;
		}
		/* What old mailboxes or SMTP treat specially at the start of
		 * a line travels encoded. */
		if (col == 0 && (c == '.' || (c == 'F' && len - i >= 5 &&
		    memcmp(s + i, "From ", 5) == 0)))
			plain = false;
		w = plain ? 1 : 3;
		if (col + w > QP_LINE) {
			g_string_append(out, "=\r\n");
			col = 0;
		}
		if (plain) {
			g_string_append_c(out, (char)c);
		} else {
			g_string_append_c(out, '=');
			g_string_append_c(out, hex[c >> 4]);
			g_string_append_c(out, hex[c & 15]);
		}
		col += w;
	}
	if (col > 0)
		g_string_append(out, "\r\n");
}

/* s has LF line ends only. */
static void
put_7bit(GString *out, const char *s, size_t len)
{
	while (len > 0) {
		const char *nl = memchr(s, '\n', len);
		size_t n = nl != NULL ? (size_t)(nl - s) : len;

		g_string_append_len(out, s, (gssize)n);
		g_string_append(out, "\r\n");
		if (nl != NULL)
			n++;
		s += n;
		len -= n;
	}
}

/* Blanks at a line's end and "From " at its start are what mail servers
 * take away and put in (RFC 3156 section 3). */
static bool
is_frail(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((s[i] == ' ' || s[i] == '\t') &&
			(i + 1 == len || s[i + 1] == '\n')) ||
		    ((i == 0 || s[i - 1] == '\n') && len - i >= 5 &&
			memcmp(s + i, "From ", 5) == 0))
			return true;
	return false;
}

static enum encoding
text_encoding(const char *s, size_t len, bool strict)
{
	size_t high = 0, line = 0, longest = 0;

	for (size_t i = 0; i < len; i++) {
		high += (unsigned char)s[i] >= 0x80;
		line = s[i] == '\n' ? 0 : line + 1;
		longest = MAX(longest, line);
	}
	if (high == 0 && longest <= COMPOSE_LINE_MAX &&
	    !(strict && is_frail(s, len)))
		return ENC_7BIT;
	return high * 6 > len ? ENC_BASE64 : ENC_QP;
}

/* Valid UTF-8 with LF line ends: CR LF and CR alone are line ends too. */
static char *
unix_lines(struct arena *a, const char *text, size_t *len)
{
	char *s = text_repair(a, text, strlen(text)), *w = s;

	for (const char *r = s; *r != '\0'; r++) {
		if (*r == '\r') {
			if (r[1] != '\n')
				*w++ = '\n';
		} else {
			*w++ = *r;
		}
	}
	/* One line end at the end, whatever the caller left there. */
	while (w > s && w[-1] == '\n')
		w--;
	*w = '\0';
	*len = (size_t)(w - s);
	return s;
}

void
compose_text_part(struct arena *a, GString *out, const char *text,
    bool strict)
{
	size_t len;
	char *s = unix_lines(a, text != NULL ? text : "", &len);
	enum encoding enc = text_encoding(s, len, strict);

	g_string_append_printf(out,
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: %s\r\n\r\n",
	    encoding_names[enc]);
	switch (enc) {
	case ENC_7BIT:
		put_7bit(out, s, len);
		break;
	case ENC_QP:
		put_qp(out, s, len);
		break;
	case ENC_BASE64: {
		/* Text in base64 has CRLF inside (RFC 2045 6.8). */
		GString *crlf = arena_gstring(a);

		put_7bit(crlf, s, len);
		put_base64(out, (const unsigned char *)crlf->str, crlf->len);
		break;
	}
	}
}

/* A parameter, as quoted string or, when it is not ASCII or too long, in
 * the numbered and charset-marked pieces of RFC 2231. */
static void
put_param(GString *out, const char *name, const char *value)
{
	GString *v;
	bool plain = strlen(value) <= PARAM_PIECE;

	for (const char *p = value; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e)
			plain = false;
	if (plain) {
		g_string_append_printf(out, ";\r\n\t%s=\"", name);
		for (const char *p = value; *p != '\0'; p++) {
			if (*p == '"' || *p == '\\')
				g_string_append_c(out, '\\');
			g_string_append_c(out, *p);
		}
		g_string_append_c(out, '"');
		return;
	}
	v = g_string_new("utf-8''");
	for (int piece = 0; *value != '\0'; piece++) {
		while (*value != '\0' && v->len < PARAM_PIECE) {
			unsigned char c = (unsigned char)*value++;

			if (g_ascii_isalnum(c) || c == '.' || c == '-' ||
			    c == '_')
				g_string_append_c(v, (char)c);
			else
				g_string_append_printf(v, "%%%02X", c);
		}
		if (piece == 0 && *value == '\0')
			g_string_append_printf(out, ";\r\n\t%s*=%s", name,
			    v->str);
		else
			g_string_append_printf(out, ";\r\n\t%s*%d*=%s", name,
			    piece, v->str);
		g_string_truncate(v, 0);
	}
	g_string_free(v, TRUE);
}

/* "type/subtype" of RFC 2045 tokens, no parameters. */
static bool
type_ok(const char *type)
{
	size_t slash = 0, n = 0;

	for (const char *p = type; *p != '\0'; p++, n++) {
		if (*p == '/')
			slash++;
		else if (!g_ascii_isalnum(*p) && strchr("!#$&-^_.+", *p) == NULL)
			return false;
	}
	return slash == 1 && n <= 100 && type[0] != '/' && type[n - 1] != '/';
}

/* May these bytes travel as they are?  A message/rfc822 part may not be
 * encoded (RFC 2046 5.2.1), and evidence may not be altered. */
static bool
is_7bit(const unsigned char *p, size_t len)
{
	size_t line = 0;

	if (len < 2 || p[len - 2] != '\r' || p[len - 1] != '\n')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (p[i] == 0 || p[i] >= 0x80)
			return false;
		if (p[i] == '\n' && (i == 0 || p[i - 1] != '\r'))
			return false;
		if (p[i] == '\r') {
			if (i + 1 == len || p[i + 1] != '\n')
				return false;
			line = 0;
		} else if (p[i] != '\n' && ++line > COMPOSE_LINE_MAX) {
			return false;
		}
	}
	return true;
}

void
compose_file_part(GString *out, const struct compose_file *f, bool strict)
{
	ARENA_AUTO(a, "file");
	const char *name = compose_clean(a, f->name, COMPOSE_NAME_MAX);
	const char *type = f->type, *cut;
	enum encoding enc = ENC_BASE64;

	cut = strrchr(name, '/');
	name = cut != NULL ? cut + 1 : name;
	cut = strrchr(name, '\\');
	name = cut != NULL ? cut + 1 : name;
	if (type == NULL || !type_ok(type) ||
	    text_istarts(type, "multipart/"))
		type = "application/octet-stream";
	if (text_istarts(type, "message/")) {
		if (text_ieq(type, "message/rfc822") && !strict &&
		    is_7bit(f->bytes, f->len)) {
			enc = ENC_7BIT;
		} else {
			/* The one way that keeps every byte. */
			type = "application/octet-stream";
			if (*name != '\0' && !text_iends(name, ".eml"))
				name = arena_printf(a, "%s.eml", name);
		}
	}
	if (*name == '\0')
		name = enc == ENC_7BIT ? "message.eml" : "file";
	g_string_append_printf(out, "Content-Type: %s", type);
	put_param(out, "name", name);
	g_string_append(out, "\r\nContent-Disposition: attachment");
	put_param(out, "filename", name);
	g_string_append_printf(out,
	    "\r\nContent-Transfer-Encoding: %s\r\n\r\n", encoding_names[enc]);
	if (enc == ENC_7BIT)
		g_string_append_len(out, f->bytes, (gssize)f->len);
	else
		put_base64(out, f->bytes, f->len);
}
