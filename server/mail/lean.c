/*
 * What GMime need not see (parse.h).  It makes an object of every field and
 * reads the addresses, dates and parameters in it at once, a third of its
 * time; it need only know how a body is made.  What else the fields say is
 * read by header.c.
 */
#include "base/base.h"
#include "mail/parse.h"

enum { LEAN_MAX = 64 * 1024 }; /* of a message: a copy is cheap */

/* A head that says nothing needs a field all the same, to be known by. */
static const char nothing[] = "MIME-Version: 1.0\n";

/* A field of a header block that every reader takes for one: a name, a
 * colon at once. */
static bool
is_field(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] > 32 && s[i] < 127 && s[i] != ':')
		i++;
	return i > 0 && i < n && s[i] == ':';
}

/* The bytes are no string: strspn() may look for its end. */
static bool
is_blank(const char *s, size_t n)
{
	while (n > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		n--;
	}
	return n == 0;
}

/* All of Content-* tell the only part of a message what it is (parse.c reads
 * them from GMime's part); of any other part these two are enough. */
static bool
is_wanted(const char *p, size_t n, bool message)
{
	if (n < 13 || g_ascii_strncasecmp(p, "content-", 8) != 0)
		return false;
	return message || g_ascii_strncasecmp(p + 8, "type", 4) == 0 ||
	    g_ascii_strncasecmp(p + 8, "trans", 5) == 0;
}

/* The fields of the header block [s, end), its empty line included, that say
 * how the body is made, to *o.  A block with a line that is no field is not
 * for us: where the body begins is a guess then. */
static bool
put_head(const char *s, const char *end, bool message, char **o)
{
	const char *next = s, *start = *o;
	bool keep = false, typed = false;

	for (const char *p = s; p < end; p = next) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n;

		if (nl == NULL)
			return false;
		next = nl + 1;
		n = (size_t)(nl - p);
		n -= n > 0 && p[n - 1] == '\r';
		if (n == 0)
			break;
		if (*p == ' ' || *p == '\t') {
			if (p == s || is_blank(p, n))
				return false;
		} else if (is_field(p, n)) {
			keep = is_wanted(p, n, message);
			/* GMime takes the last of two types, header.c the
			 * first, as all readers of mail do */
			if (keep && g_ascii_strncasecmp(p + 8, "type", 4) == 0) {
				keep = !typed;
				typed = true;
			}
		} else {
			return false;
		}
		if (keep)
			*o = mempcpy(*o, p, (size_t)(next - p));
	}
	if (*o == start)
		*o = mempcpy(*o, nothing, sizeof(nothing) - 1);
	*(*o)++ = '\n';
	return next == end;
}

static void
new_piece(struct mail_lean *l, const char *o, const char *original,
    struct mail_head head)
{
	l->pieces[l->n++] = (struct mail_lean_piece){
	    .original = original, .at = (size_t)(o - l->bytes), .head = head};
}

bool
mail_lean(struct mail *m, const char *s, size_t head, size_t len,
    const struct mail_heads *heads, struct mail_lean *l)
{
	const char *p = s + head;
	char *o;

	*l = (struct mail_lean){0};
	if ((len > LEAN_MAX && !m->twice) || head == len)
		return false;
	o = arena_alloc(m->arena, len + (1 + heads->n) * sizeof(nothing));
	l->bytes = o;
	if (!put_head(s, p, true, &o))
		return false;
	new_piece(l, o, p, (struct mail_head){NULL, 0, true});
	for (size_t i = 0; i < heads->n; i++) {
		const struct mail_head *h = &heads->items[i];
		char *from;

		if (h->bytes < p)
			continue;
		o = from = mempcpy(o, p, (size_t)(h->bytes - p));
		p = h->bytes;
		if (!put_head(p, p + h->len, h->message, &o)) {
			o = from; /* it is GMime's, whole */
			continue;
		}
		p += h->len;
		new_piece(l, o, p, *h);
		l->pieces[l->n - 1].head_at = (size_t)(from - l->bytes);
	}
	o = mempcpy(o, p, len - (size_t)(p - s));
	l->len = (size_t)(o - l->bytes);
	return true;
}

const char *
mail_lean_original(const struct mail_lean *l, const char *p)
{
	size_t i = l->n, at;

	if (l->n == 0 || p < l->bytes || p >= l->bytes + l->len)
		return p;
	at = (size_t)(p - l->bytes);
	while (i > 1 && l->pieces[i - 1].at > at)
		i--;
	return l->pieces[i - 1].original + (at - l->pieces[i - 1].at);
}

const struct mail_head *
mail_lean_head(const struct mail_lean *l, size_t offset)
{
	for (size_t i = 1; i < l->n; i++)
		if (l->pieces[i].head_at == offset)
			return &l->pieces[i].head;
	return NULL;
}
