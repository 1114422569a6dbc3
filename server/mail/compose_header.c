/* Header fields: see compose.h. */
#include "base/base.h"
#include "base/text.h"
#include "mail/compose_priv.h"

#include <stdio.h>

enum {
	WORD_MAX = 75,   /* RFC 2047 2: an encoded word */
	FIRST_WORD = 40, /* room that the first encoded word must find */
	ID_MAX = 900,    /* of a Message-ID: must fit a line */
};

/* Column of the line that out ends with. */
static size_t
column(const GString *out)
{
	size_t i = out->len;

	while (i > 0 && out->str[i - 1] != '\n')
		i--;
	return out->len - i;
}

static void
fold(GString *out)
{
	g_string_append(out, "\r\n ");
}

const char *
compose_clean(struct arena *a, const char *s, size_t max)
{
	char *t;
	size_t n;

	if (s == NULL)
		return "";
	/* A text of any length costs no more than this; never cut inside a
	 * character. */
	n = strnlen(s, max * 2 + 8);
	while (s[n] != '\0' && n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	t = text_repair(a, s, n);
	for (char *p = t; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	t = text_squash(a, t);
	return strlen(t) > max ? text_cut(a, t, max) : t;
}

static bool
is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || (unsigned char)*s > 0x7e)
			return false;
	return true;
}

/* Plain words folded at blanks.  False when a word is too long for that or
 * the text could be mistaken for an encoded word. */
static bool
put_plain(GString *out, const char *s)
{
	if (!is_plain(s) || strstr(s, "=?") != NULL)
		return false;
	for (const char *p = s, *end; *p != '\0'; p = end) {
		end = strchr(p, ' ');
		if (end == NULL)
			end = p + strlen(p);
		if (end - p > COMPOSE_LINE_MAX - 100)
			return false;
		while (*end == ' ')
			end++;
	}
	while (*s != '\0') {
		const char *end = strchr(s, ' ');
		size_t n = end != NULL ? (size_t)(end - s) : strlen(s);

		if (column(out) + n + 1 > COMPOSE_FOLD_AT + 2 &&
		    column(out) > 1)
			fold(out);
		else
			g_string_append_c(out, ' ');
		g_string_append_len(out, s, (gssize)n);
		s += n;
		while (*s == ' ')
			s++;
	}
	return true;
}

/* Bytes of s in one encoded word of at most room characters: whole
 * characters only, for each word must decode by itself.  In base64 a number
 * of bytes that needs no padding is taken when there is one: some readers
 * lose what follows a padded word. */
static size_t
word_bytes(const char *s, bool b64, size_t room)
{
	size_t n = 0, cost = 0, unpadded = 0;

	for (;;) {
		size_t w = 1;

		if (s[n] == '\0')
			return n;
		while (((unsigned char)s[n + w] & 0xc0) == 0x80)
			w++;
		if (b64)
			cost = (n + w + 2) / 3 * 4;
		else
			for (size_t i = n; i < n + w; i++)
				cost += g_ascii_isalnum(s[i]) || s[i] == ' '
				    ? 1
				    : 3;
		if (cost > room)
			return b64 && unpadded > 0 ? unpadded : n;
		n += w;
		if (n % 3 == 0)
			unpadded = n;
	}
}

/* Encoded words (RFC 2047): B where much of it is not ASCII, else Q. */
static void
put_encoded(GString *out, const char *s)
{
	const size_t frame = strlen("=?utf-8?Q?" "?=");
	size_t high = 0;
	bool b64;

	for (const char *p = s; *p != '\0'; p++)
		high += (unsigned char)*p >= 0x80;
	b64 = high * 3 > strlen(s);
	while (*s != '\0') {
		size_t n, room;

		/* The first word shares its line with the field's name. */
		if (column(out) + FIRST_WORD > COMPOSE_FOLD_AT)
			fold(out);
		else if (column(out) > 1)
			g_string_append_c(out, ' ');
		room = MIN((size_t)WORD_MAX, COMPOSE_FOLD_AT - column(out));
		n = word_bytes(s, b64, room - frame);
		g_assert(n > 0);
		if (b64) {
			g_autofree char *e =
			    g_base64_encode((const guchar *)s, n);

			g_string_append_printf(out, "=?utf-8?B?%s?=", e);
		} else {
			g_string_append(out, "=?utf-8?Q?");
			for (size_t i = 0; i < n; i++) {
				if (g_ascii_isalnum(s[i]))
					g_string_append_c(out, s[i]);
				else if (s[i] == ' ')
					g_string_append_c(out, '_');
				else
					g_string_append_printf(out, "=%02X",
					    (unsigned char)s[i]);
			}
			g_string_append(out, "?=");
		}
		s += n;
		if (*s != '\0')
			fold(out);
	}
}

static void
put_name(GString *out, const char *name)
{
	g_assert(*name != '\0');
	for (const char *p = name; *p != '\0'; p++)
		g_assert(g_ascii_isalnum(*p) || *p == '-');
	g_string_append(out, name);
	g_string_append_c(out, ':');
}

void
compose_put_text(GString *out, const char *name, const char *value)
{
	ARENA_AUTO(a, "header");
	const char *v = compose_clean(a, value, COMPOSE_SUBJECT_MAX);
	size_t start;

	put_name(out, name);
	start = out->len;
	if (!put_plain(out, v)) {
		g_string_truncate(out, start);
		put_encoded(out, v);
	}
	if (out->len == start)
		g_string_append_c(out, ' ');
	g_string_append(out, "\r\n");
}

void
compose_put_raw(GString *out, const char *name, const char *value)
{
	const char *p = value;

	g_assert(is_plain(value));
	put_name(out, name);
	while (*p != '\0') {
		const char *comma = strstr(p, ", ");
		size_t n = comma != NULL ? (size_t)(comma + 1 - p) : strlen(p);

		g_assert(n < COMPOSE_LINE_MAX - 100);
		if (column(out) + 1 + n > COMPOSE_FOLD_AT + 2 && p != value)
			fold(out);
		else
			g_string_append_c(out, ' ');
		g_string_append_len(out, p, (gssize)n);
		p += n;
		while (*p == ' ')
			p++;
	}
	g_string_append(out, "\r\n");
}

static bool
is_atoms(const char *s)
{
	for (; *s != '\0'; s++)
		if (!g_ascii_isalnum(*s) && strchr(" !#$%&'*+-/=?^_`{|}~",
		    *s) == NULL)
			return false;
	return true;
}

/* RFC 5322 display name: atoms, a quoted string, or encoded words. */
static void
put_phrase(GString *out, const char *name)
{
	GString *q;

	if (!is_plain(name) || strstr(name, "=?") != NULL) {
		put_encoded(out, name);
		return;
	}
	q = g_string_new(NULL);
	if (is_atoms(name)) {
		g_string_append(q, name);
	} else {
		g_string_append_c(q, '"');
		for (const char *p = name; *p != '\0'; p++) {
			if (*p == '"' || *p == '\\')
				g_string_append_c(q, '\\');
			g_string_append_c(q, *p);
		}
		g_string_append_c(q, '"');
	}
	if (column(out) + q->len + 1 > COMPOSE_FOLD_AT && column(out) > 1)
		fold(out);
	else
		g_string_append_c(out, ' ');
	g_string_append_len(out, q->str, (gssize)q->len);
	g_string_free(q, TRUE);
}

bool
compose_put_addresses(GString *out, const char *name,
    const struct compose_address *list, size_t n, GError **err)
{
	ARENA_AUTO(a, "addresses");

	for (size_t i = 0; i < n; i++)
		if (!text_address_ok(list[i].addr))
			return fault_set(err, FAULT_INPUT,
			    "\"%s\" is not a mail address.",
			    compose_clean(a, list[i].addr, COMPOSE_NAME_MAX));
	put_name(out, name);
	for (size_t i = 0; i < n; i++) {
		const char *shown =
		    compose_clean(a, list[i].name, COMPOSE_NAME_MAX);
		size_t len = strlen(list[i].addr);

		if (i > 0) {
			g_string_append_c(out, ',');
			if (column(out) > COMPOSE_FOLD_AT / 2)
				fold(out);
		}
		if (*shown != '\0')
			put_phrase(out, shown);
		if (column(out) + len + 4 > COMPOSE_FOLD_AT && column(out) > 1)
			fold(out);
		else if (column(out) > 1)
			g_string_append_c(out, ' ');
		g_string_append_printf(out, *shown != '\0' ? "<%s>" : "%s",
		    list[i].addr);
	}
	g_string_append(out, "\r\n");
	return true;
}

bool
compose_id_ok(const char *id)
{
	size_t n = 0;

	if (id == NULL || strchr(id, '@') == NULL)
		return false;
	for (; *id != '\0'; id++, n++)
		if ((unsigned char)*id <= 0x20 || (unsigned char)*id > 0x7e ||
		    *id == '<' || *id == '>' || *id == '(' || *id == ')' ||
		    *id == ',' || *id == ';')
			return false;
	return n <= ID_MAX;
}

void
compose_put_ids(GString *out, const char *name, const char *const *ids,
    size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!compose_id_ok(ids[i]))
			continue;
		if (!any)
			put_name(out, name);
		any = true;
		if (column(out) + strlen(ids[i]) + 3 > COMPOSE_FOLD_AT &&
		    column(out) > strlen(name) + 1)
			fold(out);
		else
			g_string_append_c(out, ' ');
		g_string_append_printf(out, "<%s>", ids[i]);
	}
	if (any)
		g_string_append(out, "\r\n");
}
