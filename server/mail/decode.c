/*
 * Transfer encodings, line ends, format=flowed (parse.h).
 *
 * base64 goes through GLib's step decoder: GMime 3.2.13 stops at the first
 * "=" (jstedfast/gmime#150), so that what follows inner padding is seen by
 * the victim's reader and not by us.
 */
#include "base/base.h"
#include "mail/parse.h"

/* Has the text characters of data behind its last "="? */
static bool
padded_before_end(const char *s, size_t n)
{
	bool data = false;

	while (n > 0 && s[n - 1] != '=') {
		n--;
		data |= g_ascii_isalnum(s[n]) || s[n] == '+' || s[n] == '/';
	}
	return n > 0 && data;
}

static char *
undo_base64(struct arena *a, const char *s, size_t n, size_t *len)
{
	char *out = arena_alloc(a, n / 4 * 3 + 8);
	gint state = 0;
	guint save = 0;

	*len = g_base64_decode_step(s, n, (guchar *)out, &state, &save);
	/* A cut tail: two characters hold one byte, three hold two.  Not
	 * behind padding, where only whole groups are data (RFC 2045 6.8). */
	if (state != 0 && !padded_before_end(s, n))
		*len += g_base64_decode_step("===", (gsize)(4 - ABS(state)),
		    (guchar *)out + *len, &state, &save);
	return out;
}

/* Bytes of quoted-printable within a line. */
static char *
undo_quoted(char *o, const char *s, const char *end)
{
	for (;;) {
		const char *p = memchr(s, '=', (size_t)(end - s));
		size_t n = (size_t)((p != NULL ? p : end) - s);
		int hi, lo;

		memcpy(o, s, n);
		o += n;
		if (p == NULL)
			return o;
		s = p;
		if (end - s > 2 && (hi = g_ascii_xdigit_value(s[1])) >= 0 &&
		    (lo = g_ascii_xdigit_value(s[2])) >= 0) {
			*o++ = (char)(hi << 4 | lo);
			s += 3;
		} else {
			*o++ = *s++;
		}
	}
}

static char *
undo_qp(struct arena *a, const char *s, size_t n, size_t *len)
{
	char *out = arena_alloc(a, n + 1), *o = out;
	const char *end = s + n, *next;

	for (; s < end; s = next) {
		const char *nl = memchr(s, '\n', (size_t)(end - s)), *stop, *q;
		bool soft;

		next = nl != NULL ? nl + 1 : end;
		stop = nl != NULL ? nl : end;
		stop -= stop > s && stop[-1] == '\r';
		/* blanks before the line end were added on the way */
		for (q = stop; q > s && (q[-1] == ' ' || q[-1] == '\t');)
			q--;
		soft = q > s && q[-1] == '=';
		o = undo_quoted(o, s, q - soft);
		if (!soft) {
			memcpy(o, stop, (size_t)(next - stop));
			o += next - stop;
		}
	}
	*len = (size_t)(o - out);
	return out;
}

bool
mail_is_base64(const char *s, size_t n)
{
	size_t good = 0, bad = 0;

	for (size_t i = 0; i < MIN(n, 4096); i++) {
		if (g_ascii_isalnum(s[i]) || s[i] == '+' || s[i] == '/' ||
		    s[i] == '=')
			good++;
		else if (s[i] == ' ') /* words are between blanks */
			bad += i > 0 && g_ascii_isalnum(s[i - 1]);
		else if (!g_ascii_isspace(s[i]))
			bad++;
	}
	return bad * 10 <= good;
}

/* Does the line at s hold nothing but base64? */
static bool
base64_line(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!g_ascii_isalnum(s[i]) && s[i] != '+' && s[i] != '/' &&
		    s[i] != '=' && !g_ascii_isspace(s[i]))
			return false;
	return true;
}

size_t
mail_base64_length(const char *s, size_t n)
{
	enum { FOOTER_MAX = 8192, LONG = 60 };
	size_t at = n > FOOTER_MAX ? n - FOOTER_MAX : 0, behind = n;

	/* mostly there is none, which the last line tells */
	for (size_t i = n; i > 0; i--)
		if (s[i - 1] == '\n' && i < n && !g_ascii_isspace(s[i])) {
			if (base64_line(s + i, n - i))
				return n;
			break;
		}
	while (at > 0 && at < n && s[at - 1] != '\n')
		at++;
	while (at < n) {
		const char *nl = memchr(s + at, '\n', n - at);
		size_t len = nl != NULL ? (size_t)(nl - s) - at : n - at;
		bool data = base64_line(s + at, len);

		if (!data && behind == n)
			behind = at;
		/* there is more of it: not a footer */
		if (data && behind < n && len >= LONG)
			return n;
		at += len + 1;
	}
	return behind > 0 ? behind : n;
}

const char *
mail_base64_clean(struct arena *a, const char *s, size_t *n)
{
	const char *end = s + *n, *kept = s, *next;
	GString *out = NULL;

	for (const char *p = s; p < end; p = next) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t good = 0, len;

		next = nl != NULL ? nl + 1 : end;
		len = (size_t)(next - p);
		if (base64_line(p, len))
			continue;
		/* a stray character is left to the decoder */
		for (size_t i = 0; i < len; i++)
			good += g_ascii_isalnum(p[i]) || p[i] == '+' ||
			    p[i] == '/';
		if (good > 0 && good % 4 == 0 && memchr(p, '=', len) == NULL)
			continue;
		if (out == NULL)
			out = arena_gstring(a);
		g_string_append_len(out, kept, p - kept);
		kept = next;
	}
	if (out == NULL)
		return s;
	g_string_append_len(out, kept, end - kept);
	*n = out->len;
	return out->str;
}

char *
mail_undo(struct arena *a, enum mail_encoding e, const char *s, size_t n,
    size_t *len)
{
	switch (e) {
	case MAIL_BASE64:
		return undo_base64(a, s, n, len);
	case MAIL_QP:
		return undo_qp(a, s, n, len);
	case MAIL_UU:
		return mail_undo_uu(a, s, n, len);
	case MAIL_IDENTITY:
		break;
	}
	*len = n;
	return arena_memdup(a, s, n);
}

size_t
mail_unix_lines(char *s, size_t n)
{
	char *o = memchr(s, '\r', n), *p = o, *end = s + n;

	if (o == NULL)
		return n;
	for (; p < end; p++) {
		if (*p != '\r')
			*o++ = *p;
		else if (p + 1 == end || p[1] != '\n')
			*o++ = '\n';
	}
	return (size_t)(o - s);
}

char *
mail_unflow(struct arena *a, const char *s, bool delsp)
{
	GString *out = g_string_sized_new(strlen(s) + 1);
	size_t depth_open = 0;
	bool open = false;
	char *result;

	while (*s != '\0') {
		const char *nl = strchr(s, '\n');
		size_t n = nl != NULL ? (size_t)(nl - s) : strlen(s);
		size_t depth = 0;
		bool soft;

		while (depth < n && s[depth] == '>')
			depth++;
		if (open && depth != depth_open) {
			g_string_append_c(out, '\n');
			open = false;
		}
		if (!open && depth > 0)
			g_string_append_len(out, s, (gssize)depth);
		s += depth;
		n -= depth;
		if (n > 0 && *s == ' ') { /* stuffing */
			if (!open && depth > 0)
				g_string_append_c(out, ' ');
			s++;
			n--;
		}
		/* "-- " is a signature mark, never a soft break */
		soft = n > 0 && s[n - 1] == ' ' &&
		    !(n == 3 && memcmp(s, "-- ", 3) == 0);
		g_string_append_len(out, s, (gssize)(n - (soft && delsp)));
		if (!soft)
			g_string_append_c(out, '\n');
		open = soft;
		depth_open = depth;
		s += n;
		if (*s == '\n')
			s++;
	}
	result = arena_strndup(a, out->str, out->len);
	g_string_free(out, TRUE);
	return result;
}
