/* See path.h. */
#include "base/base.h"
#include "smtp/path.h"

#include "base/net.h"

static bool
is_atext(char c)
{
	return g_ascii_isalnum(c) ||
	    (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Underscores are not of RFC 5321, but of many real host names. */
static bool
is_label(char c)
{
	return g_ascii_isalnum(c) || c == '-' || c == '_';
}

/* The end of a domain or address literal at s, or NULL. */
static const char *
domain_end(const char *s)
{
	const char *p = s;

	if (*p == '[') {
		char host[64];
		struct net n;
		size_t len = strcspn(++p, "]");

		if (p[len] != ']' || len >= sizeof(host))
			return NULL;
		memcpy(host, p, len);
		host[len] = '\0';
		if (g_ascii_strncasecmp(host, "IPv6:", 5) == 0) {
			if (!net_parse_host(host + 5, &n) || !n.v6)
				return NULL;
		} else if (!net_parse_host(host, &n) || n.v6) {
			return NULL;
		}
		return p + len + 1;
	}
	for (;;) {
		const char *label = p;

		while (is_label(*p))
			p++;
		if (p == label || p - label > 63 || *label == '-' ||
		    p[-1] == '-')
			return NULL;
		if (*p != '.')
			break;
		p++;
	}
	return p - s <= 255 ? p : NULL;
}

/* "@a,@b:" at s is skipped; NULL when it begins so and is no such thing. */
static const char *
skip_route(const char *s)
{
	if (*s != '@')
		return s;
	for (;;) {
		s = domain_end(s + 1);
		if (s == NULL)
			return NULL;
		if (*s == ':')
			return s + 1;
		if (*s != ',' || s[1] != '@')
			return NULL;
		s++;
	}
}

/* Dot-string of RFC 5321; a sender's dots need not be in the right places
 * (some telephone companies' addresses have two in a row). */
static const char *
dot_string(const char *s, bool lax)
{
	const char *p = s;

	while (is_atext(*p) || *p == '.') {
		if (*p == '.' && !lax && (p == s || !is_atext(p[1])))
			return NULL;
		p++;
	}
	return p > s ? p : NULL;
}

/* Quoted-string into out, without the quotes where they are not needed. */
static const char *
quoted_string(const char *s, GString *out)
{
	g_autoptr(GString) text = g_string_sized_new(64);
	const char *end;

	for (s++; *s != '"'; s++) {
		if (*s == '\\')
			s++;
		if (*s < ' ' || *s > '~') /* the end of the line, too */
			return NULL;
		g_string_append_c(text, *s);
	}
	end = dot_string(text->str, false);
	if (end != NULL && *end == '\0') {
		g_string_append(out, text->str);
		return s + 1;
	}
	g_string_append_c(out, '"');
	for (const char *p = text->str; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
	return s + 1;
}

const char *
path_read(const char *s, enum path_kind kind, char out[PATH_MAX_CHARS + 1])
{
	g_autoptr(GString) text = g_string_sized_new(64);
	const char *p;

	if (*s++ != '<')
		return NULL;
	if (*s == '>') {
		out[0] = '\0';
		return kind == PATH_SENDER && (s[1] == ' ' || s[1] == '\0')
		    ? s + 1
		    : NULL;
	}
	s = skip_route(s);
	if (s == NULL)
		return NULL;
	if (*s == '"') {
		s = quoted_string(s, text);
	} else {
		p = dot_string(s, kind == PATH_SENDER);
		if (p != NULL)
			g_string_append_len(text, s, p - s);
		s = p;
	}
	if (s == NULL)
		return NULL;
	if (*s == '@') {
		p = domain_end(s + 1);
		if (p == NULL)
			return NULL;
		g_string_append_len(text, s, p - s);
		s = p;
	} else if (kind == PATH_RECIPIENT &&
	    g_ascii_strcasecmp(text->str, "postmaster") != 0) {
		return NULL;
	}
	if (*s != '>' || (s[1] != ' ' && s[1] != '\0') ||
	    text->len > PATH_MAX_CHARS)
		return NULL;
	memcpy(out, text->str, text->len + 1);
	return s + 1;
}

bool
path_param(char **s, const char **key, const char **value, bool *bad)
{
	char *p = *s;

	*value = NULL;
	while (*p == ' ')
		p++;
	*key = p;
	*bad = false;
	if (*p == '\0')
		return false;
	*bad = true;
	while (g_ascii_isalnum(*p) || *p == '-')
		p++;
	if (p == *key)
		return false;
	if (*p == '=') {
		*p++ = '\0';
		*value = p;
		while (*p > ' ' && *p <= '~')
			p++;
		if (p == *value)
			return false;
	}
	if (*p != ' ' && *p != '\0')
		return false;
	if (*p == ' ')
		*p++ = '\0';
	*s = p;
	*bad = false;
	return true;
}

bool
path_xtext(char *s)
{
	char *out = s;

	for (; *s != '\0'; s++) {
		char c = *s;

		if (c == '+') {
			int hi = g_ascii_xdigit_value(s[1]);
			int lo = hi < 0 ? -1 : g_ascii_xdigit_value(s[2]);

			if (lo < 0)
				return false;
			c = (char)(hi * 16 + lo);
			s += 2;
		}
		if (c < ' ' || c > '~')
			return false;
		*out++ = c;
	}
	*out = '\0';
	return true;
}
