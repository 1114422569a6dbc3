#include "base/base.h"
#include "mail/header.h"
#include "mail/charset.h"

#include "base/text.h"

enum { HEADERS_USUAL = 16 }; /* room for them is made at once */

/* Length of the line at s without its end; *next is the line after it. */
static size_t
line_len(const char *s, const char *end, const char **next)
{
	const char *nl = memchr(s, '\n', (size_t)(end - s));
	size_t n = (size_t)((nl != NULL ? nl : end) - s);

	*next = nl != NULL ? nl + 1 : end;
	return n > 0 && s[n - 1] == '\r' ? n - 1 : n;
}

/* Where the name ends: "Name:" or "Name :" with printable ASCII. */
static size_t
name_len(const char *s, size_t n)
{
	size_t i = 0, len;

	while (i < n && s[i] > 32 && s[i] < 127 && s[i] != ':')
		i++;
	len = i;
	while (i < n && (s[i] == ' ' || s[i] == '\t'))
		i++;
	return i < n && s[i] == ':' && len > 0 ? len : 0;
}

/* The next one of the list; half of what was outgrown is lost to the arena. */
static struct mail_header *
one_more(struct arena *a, struct mail_headers *h, size_t *room)
{
	if (h->n == *room) {
		struct mail_header *old = h->items;

		*room = MAX(HEADERS_USUAL, *room * 2);
		h->items = ARENA_ARRAY(a, struct mail_header, *room);
		if (h->n > 0)
			memcpy(h->items, old, h->n * sizeof(*old));
	}
	return &h->items[h->n++];
}

struct mail_headers
mail_headers_read(struct arena *a, const char *s, size_t len, size_t *used)
{
	const char *p = s, *end = s + len, *next;
	struct mail_headers h = {0};
	size_t room = 0;
	bool open = false;

	for (size_t lines = 0; p < end; p = next, lines++) {
		size_t n = line_len(p, end, &next), name;

		if (n == 0) {
			p = next;
			break;
		}
		if (lines >= MAIL_HEADER_LINES_MAX ||
		    (size_t)(p - s) > MAIL_HEADER_BYTES_MAX)
			continue;
		if (*p == ' ' || *p == '\t') {
			struct mail_header *last = open ?
			    &h.items[h.n - 1] : NULL;

			if (open)
				last->raw_len = (size_t)(p + n - last->raw);
			continue;
		}
		name = name_len(p, n);
		open = name > 0;
		if (open) {
			const char *colon = memchr(p, ':', n);
			struct mail_header *f = one_more(a, &h, &room);

			*f = (struct mail_header){
			    .name = arena_strndup(a, p, name),
			    .name_len = name,
			    .raw = colon + 1,
			    .raw_len = (size_t)(p + n - colon - 1),
			};
			h.names |= mail_header_bit(f->name, name);
		}
	}
	if (used != NULL)
		*used = (size_t)(p - s);
	return h;
}

struct mail_header *
mail_header_next(const struct mail_headers *h, const struct mail_header *prev,
    const char *name)
{
	size_t i = prev != NULL ? (size_t)(prev - h->items) + 1 : 0;
	size_t n = strlen(name);

	if (h->names != 0 && (h->names & mail_header_bit(name, n)) == 0)
		return NULL;
	/* most differ in their length or their last letter, and the rest is
	 * mostly written as we write it */
	for (; i < h->n; i++)
		if (h->items[i].name_len == n && n > 0 &&
		    (h->items[i].name[n - 1] | 32) == (name[n - 1] | 32) &&
		    (memcmp(h->items[i].name, name, n) == 0 ||
			g_ascii_strncasecmp(h->items[i].name, name, n) == 0))
			return &h->items[i];
	return NULL;
}

struct mail_header *
mail_header(const struct mail_headers *h, const char *name)
{
	return mail_header_next(h, NULL, name);
}

const char *
mail_header_text(struct arena *a, struct mail_header *field)
{
	if (field == NULL)
		return NULL;
	if (field->text == NULL)
		field->text = mail_decode_as(a, field->raw, field->raw_len,
		    field->charset != NULL && !g_utf8_validate(field->raw,
			(gssize)field->raw_len, NULL) ? field->charset : NULL);
	return field->text;
}

const char *
mail_get(struct arena *a, const struct mail_headers *h, const char *name)
{
	return mail_header_text(a, mail_header(h, name));
}

/* ---- encoded words ---------------------------------------------------- */

struct word {
	const char *charset, *text;
	size_t charset_len, text_len;
	char encoding;    /* b or q */
	const char *end;  /* behind "?=" */
};

/* Is there "=?charset*lang?e?text?=" at s? */
static bool
word_at(const char *s, const char *end, struct word *w)
{
	const char *p = s + 2, *q;

	if (end - s < 8 || s[0] != '=' || s[1] != '?')
		return false;
	for (q = p; q < end && *q != '?' && *q > 32 && *q < 127; q++)
		;
	if (q == p || end - q < 4 || *q != '?' || q[2] != '?')
		return false;
	w->charset = p;
	w->charset_len = (size_t)(q - p);
	if (memchr(p, '*', w->charset_len) != NULL)
		w->charset_len =
		    (size_t)((const char *)memchr(p, '*', w->charset_len) - p);
	w->encoding = g_ascii_tolower(q[1]);
	if (w->encoding != 'b' && w->encoding != 'q')
		return false;
	w->text = p = q + 3;
	/* blanks and "?" inside are against the rules and common in Q */
	for (; p + 1 < end && (p[0] != '?' || p[1] != '='); p++)
		if (*p == '\r' || *p == '\n' || (*p == '?' &&
			(w->encoding == 'b' || p[-1] == '=')))
			return false;
	if (p + 1 >= end)
		return false;
	w->text_len = (size_t)(p - w->text);
	w->end = p + 2;
	return true;
}

static int
hex_at(const char *s, const char *end)
{
	int hi, lo;

	if (end - s < 2 || (hi = g_ascii_xdigit_value(s[0])) < 0 ||
	    (lo = g_ascii_xdigit_value(s[1])) < 0)
		return -1;
	return hi << 4 | lo;
}

static void
word_bytes(const struct word *w, GString *out)
{
	const char *end = w->text + w->text_len;

	if (w->encoding == 'b') {
		gsize at = out->len, n;
		gint state = 0;
		guint save = 0;

		/* each word has its own state: padding ends a word, not the
		 * rest of the header */
		g_string_set_size(out, at + w->text_len / 4 * 3 + 6);
		n = g_base64_decode_step(w->text, w->text_len,
		    (guchar *)out->str + at, &state, &save);
		n += g_base64_decode_step("===", 3,
		    (guchar *)out->str + at + n, &state, &save);
		/* an unpadded tail leaves a NUL or two, which charset.c drops */
		g_string_set_size(out, at + n);
		return;
	}
	for (const char *p = w->text; p < end; p++) {
		int c = *p == '=' ? hex_at(p + 1, end) : -1;

		if (c >= 0)
			p += 2;
		g_string_append_c(out, c >= 0 ? (char)c : *p == '_' ? ' ' : *p);
	}
}

static void
put_text(struct arena *a, GString *out, const char *s, size_t n,
    const char *charset)
{
	char *t = charset_to_utf8(a, s, n, charset, NULL, &n);

	g_string_append_len(out, t, (gssize)n);
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One line of ASCII without an encoded word, as most fields are: what
 * mail_decode() makes of it, or NULL. */
static const char *
plain_line(struct arena *a, const char *raw, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)(raw[i] - ' ') > '~' - ' ' ||
		    (raw[i] == '=' && i + 1 < len && raw[i + 1] == '?'))
			return NULL;
	while (len > 0 && *raw == ' ') {
		raw++;
		len--;
	}
	while (len > 0 && raw[len - 1] == ' ')
		len--;
	return arena_strndup(a, raw, len);
}

const char *
mail_decode(struct arena *a, const char *raw, size_t len)
{
	return mail_decode_as(a, raw, len, NULL);
}

const char *
mail_decode_as(struct arena *a, const char *raw, size_t len,
    const char *bare)
{
	const char *p = raw, *end, *plain;
	GString *out, *bytes = NULL;
	size_t words = 0;
	struct word w;
	char *o;

	len = MIN(len, MAIL_VALUE_MAX);
	end = raw + len;
	plain = plain_line(a, raw, len);
	if (plain != NULL)
		return plain;
	out = arena_gstring(a);
	for (plain = p; p < end;) {
		const char *charset, *q;
		size_t charset_len;

		if (words == MAIL_WORDS_MAX || !word_at(p, end, &w)) {
			p++;
			continue;
		}
		put_text(a, out, plain, (size_t)(p - plain), bare);
		if (bytes == NULL)
			bytes = arena_gstring(a);
		g_string_truncate(bytes, 0);
		charset = w.charset;
		charset_len = w.charset_len;
		/* Neighbours of one charset are joined as bytes first: a
		 * character may be split between them.  White space between
		 * two encoded words is no text. */
		for (;;) {
			word_bytes(&w, bytes);
			words++;
			p = q = w.end;
			while (q < end && blank(*q))
				q++;
			if (words == MAIL_WORDS_MAX || !word_at(q, end, &w))
				break;
			p = q;
			if (w.charset_len != charset_len ||
			    g_ascii_strncasecmp(w.charset, charset,
				charset_len) != 0)
				break;
		}
		put_text(a, out, bytes->str, bytes->len,
		    arena_strndup(a, charset, charset_len));
		plain = p;
	}
	put_text(a, out, plain, (size_t)(end - plain), bare);

	/* unfold: a run with a line end becomes one blank, others stay */
	o = out->str;
	for (const char *s = out->str; *s != '\0';) {
		const char *run = s;
		bool folded = false;

		while (blank(*s)) {
			folded |= *s == '\n' || *s == '\r';
			s++;
		}
		if (s != run) {
			if (o == out->str || *s == '\0')
				continue;
			if (folded) {
				*o++ = ' ';
			} else {
				memmove(o, run, (size_t)(s - run));
				o += s - run;
			}
			continue;
		}
		*o++ = *s++;
	}
	g_string_truncate(out, (gsize)(o - out->str));
	return out->str;
}
