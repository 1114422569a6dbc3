/*
 * Parameters and addresses: the two structured kinds of header.h.
 */
#include "base/base.h"
#include "mail/charset.h"
#include "mail/header.h"

#include "base/text.h"

enum { UNCLOSED_MAX = 20 }; /* comments without an end */

/* One "name*2*=value" before it is put together. */
struct piece {
	char *name;
	int section; /* -1: not continued */
	bool encoded;
	GString *value;
};

static const char *
skip_blank(const char *p, const char *end)
{
	/* comments too: "(plain text)" */
	while (p < end) {
		if (g_ascii_isspace(*p)) {
			p++;
		} else if (*p == '(') {
			int depth = 0;

			do {
				if (*p == '\\' && p + 1 < end)
					p++;
				else if (*p == '(')
					depth++;
				else if (*p == ')')
					depth--;
				p++;
			} while (p < end && depth > 0);
		} else {
			break;
		}
	}
	return p;
}

/* A quoted string without its marks and folding. */
static const char *
quoted(const char *p, const char *end, GString *out)
{
	for (p++; p < end && *p != '"'; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		if (*p != '\r' && *p != '\n')
			g_string_append_c(out, *p);
	}
	return p < end ? p + 1 : end;
}

static void
percent(GString *s)
{
	char *o = s->str;

	for (const char *p = s->str; p < s->str + s->len; p++) {
		if (*p == '%' && s->str + s->len - p > 2 &&
		    g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
			*o++ = (char)(g_ascii_xdigit_value(p[1]) << 4 |
			    g_ascii_xdigit_value(p[2]));
			p += 2;
		} else {
			*o++ = *p;
		}
	}
	g_string_truncate(s, (gsize)(o - s->str));
}

static const char *
read_piece(struct arena *a, const char *p, const char *end, struct piece *out)
{
	const char *name = p, *star;
	size_t n;

	while (p < end && *p != '=' && *p != ';' && !g_ascii_isspace(*p))
		p++;
	n = (size_t)(p - name);
	out->section = -1;
	out->encoded = n > 0 && name[n - 1] == '*';
	if (out->encoded)
		n--;
	star = memchr(name, '*', n);
	if (star != NULL) {
		char digits[8] = "";
		int64_t section;

		/* (No string: nothing ends it but the field.) */
		memcpy(digits, star + 1, MIN(sizeof(digits) - 1,
		    n - (size_t)(star - name) - 1));
		out->section =
		    text_int(digits, 0, 1000, &section) ? (int)section : -1;
		n = (size_t)(star - name);
	}
	out->name = text_lower(a, arena_strndup(a, name, n));
	out->value = arena_gstring(a);
	p = skip_blank(p, end);
	if (p == end || *p != '=')
		return p;
	p = skip_blank(p + 1, end);
	if (p < end && *p == '"') {
		p = quoted(p, end, out->value);
		/* what follows the closing mark up to ';' is junk */
		while (p < end && *p != ';')
			p++;
	} else {
		const char *v = p;

		while (p < end && *p != ';')
			p++;
		g_string_append_len(out->value, v, p - v);
		for (n = out->value->len;
		    n > 0 && g_ascii_isspace(out->value->str[n - 1]); n--)
			;
		g_string_truncate(out->value, n);
	}
	return p;
}

/* charset'language'text of the first piece; the text stays. */
static const char *
take_charset(struct arena *a, GString *v)
{
	const char *one = strchr(v->str, '\''), *two;
	const char *charset;

	if (one == NULL || (two = strchr(one + 1, '\'')) == NULL)
		return NULL;
	charset = arena_strndup(a, v->str, (size_t)(one - v->str));
	g_string_erase(v, 0, two + 1 - v->str);
	return charset;
}

/* All pieces of one parameter, in the order of their numbers. */
static const char *
join_pieces(struct arena *a, struct piece *ps, size_t n, const char *name,
    int from)
{
	GString *all = arena_gstring(a);
	const char *charset = NULL;
	bool encoded = false;
	size_t len;

	for (int want = from; want < MAIL_PARAMS_MAX; want++) {
		struct piece *found = NULL;

		for (size_t i = 0; i < n && found == NULL; i++)
			if (ps[i].section == want &&
			    strcmp(ps[i].name, name) == 0)
				found = &ps[i];
		if (found == NULL)
			break;
		if (found->encoded) {
			if (want == from)
				charset = take_charset(a, found->value);
			percent(found->value);
			encoded = true;
		}
		g_string_append_len(all, found->value->str,
		    (gssize)found->value->len);
	}
	if (!encoded)
		return mail_decode(a, all->str, all->len);
	return charset_to_utf8(a, all->str, all->len, charset, NULL, &len);
}

/* Some count from one. */
static int
first_section(const struct piece *ps, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (ps[i].section == 0 && strcmp(ps[i].name, name) == 0)
			return 0;
	return 1;
}

static bool
is_extended(const struct piece *x)
{
	return x->encoded || x->section >= 0;
}

/* x, of the n pieces of a field; a later piece of a parameter adds nothing. */
static void
add_param(struct arena *a, struct mail_params *out, struct piece *ps,
    size_t n, struct piece *x)
{
	const char *value;
	size_t len;

	if (x->section > first_section(ps, n, x->name))
		return;
	if (x->section >= 0) {
		value = join_pieces(a, ps, n, x->name, x->section);
	} else if (x->encoded) {
		const char *charset = take_charset(a, x->value);

		percent(x->value);
		value = charset_to_utf8(a, x->value->str, x->value->len,
		    charset, NULL, &len);
	} else {
		value = mail_decode(a, x->value->str, x->value->len);
	}
	out->items[out->n++] = (struct mail_param){x->name, value};
}

static bool
is_param(const char *p, const char *end)
{
	const char *name = p;

	while (p < end && (g_ascii_isalnum(*p) || *p == '-' || *p == '*'))
		p++;
	return p > name && p < end && *p == '=';
}

/* "text/html, charset=x" and "text/html charset=x": some write no ';'. */
static bool
begins_param(const char *p, const char *end)
{
	if (*p != ' ' && *p != ',' && *p != '\t')
		return false;
	while (p < end && (*p == ' ' || *p == ',' || *p == '\t'))
		p++;
	return is_param(p, end);
}

struct mail_params
mail_params(struct arena *a, const char *raw, size_t len)
{
	const char *end, *p, *v;
	struct mail_params out = {.value = ""};
	struct piece *ps;
	size_t n = 0, max = 0;
	bool bare; /* the first parameter has no ';' before it */
	bool none; /* ... nor a value: "filename=x" */

	len = MIN(len, MAIL_VALUE_MAX);
	end = raw + len;
	/* a mark before each, so there are no more than that */
	for (p = raw; max < MAIL_PARAMS_MAX && p < end; p++)
		max += *p == ';';
	p = v = skip_blank(raw, end);
	none = is_param(v, end);
	while (!none && p < end && *p != ';' && *p != '(' &&
	    !begins_param(p, end))
		p++;
	bare = p < end && *p != ';' && *p != '(';
	max = MIN(max + bare, MAIL_PARAMS_MAX);
	ps = ARENA_ARRAY(a, struct piece, max + 1);
	out.value = text_lower(a, text_squash(a, text_repair(a, v,
	    (size_t)(p - v))));
	while (p < end && n < max) {
		while (p < end && *p != ';' && !bare)
			p++;
		bare = false;
		while (p < end &&
		    (*p == ';' || *p == ',' || g_ascii_isspace(*p)))
			p++;
		p = skip_blank(p, end);
		if (p >= end)
			break;
		p = read_piece(a, p, end, &ps[n]);
		if (ps[n].name[0] != '\0')
			n++;
	}
	out.items = ARENA_ARRAY(a, struct mail_param, n + 1);
	/* "name*" before "name", which is for readers without RFC 2231 */
	for (size_t i = 0; i < n; i++)
		if (is_extended(&ps[i]))
			add_param(a, &out, ps, n, &ps[i]);
	for (size_t i = 0; i < n; i++)
		if (!is_extended(&ps[i]))
			add_param(a, &out, ps, n, &ps[i]);
	return out;
}

const char *
mail_param(const struct mail_params *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->items[i].name, name) == 0)
			return p->items[i].value;
	return NULL;
}

/* ---- addresses -------------------------------------------------------- */

static bool
plausible(const char *s)
{
	const char *at = strrchr(s, '@');

	return at != NULL && at != s && at[1] != '\0' &&
	    (*s == '"' || strchr(s, ' ') == NULL) && strlen(s) <= 320;
}

/* local part as it is, domain in lower case */
static char *
norm(struct arena *a, const char *s, size_t n)
{
	char *copy = text_repair(a, s, n), *at;

	g_strstrip(copy);
	at = strrchr(copy, '@');
	for (char *p = at; p != NULL && *p != '\0'; p++)
		*p = g_ascii_tolower(*p);
	return copy;
}

static void
finish(struct arena *a, GString *phrase, GString *angle, GString *comment,
    bool has_angle, struct mail_address *list, size_t max, size_t *n)
{
	const char *addr, *name = NULL;

	if (*n < max) {
		GString *src = has_angle ? angle : phrase;
		const char *s = src->str, *colon;

		/* obsolete route: <@a,@b:user@c> */
		if (*s == '@' && (colon = strchr(s, ':')) != NULL)
			s = colon + 1;
		addr = norm(a, s, strlen(s));
		if (!has_angle && !plausible(addr)) {
			/* "Some Name user@host": the last word */
			const char *sp = strrchr(addr, ' ');

			if (sp != NULL && plausible(sp + 1))
				addr = sp + 1;
		}
		if (has_angle && !text_blank(phrase->str))
			name = mail_decode(a, phrase->str, phrase->len);
		else if (comment->len > 0)
			name = mail_decode(a, comment->str, comment->len);
		if (plausible(addr))
			list[(*n)++] = (struct mail_address){
			    text_blank(name) ? NULL : name, addr};
	}
	g_string_truncate(phrase, 0);
	g_string_truncate(angle, 0);
	g_string_truncate(comment, 0);
}

struct mail_address *
mail_addresses(struct arena *a, const char *raw, size_t len, size_t *count)
{
	/* a letter and a mark each: most fields hold one */
	size_t max = MIN(MAIL_ADDRESSES_MAX, len / 2 + 1);
	struct mail_address *list = ARENA_ARRAY(a, struct mail_address, max);
	GString *phrase = arena_gstring(a), *angle = arena_gstring(a);
	GString *comment = arena_gstring(a);
	bool in_angle = false, has_angle = false;
	unsigned unclosed = 0;
	const char *p = raw, *end = raw + MIN(len, MAIL_HEADER_BYTES_MAX);
	size_t n = 0;

	while (p < end && n < max) {
		GString *to = in_angle ? angle : phrase;

		if (*p == '"') {
			GString *q = arena_gstring(a);
			bool local = false;

			p = quoted(p, end, q);
			/* a quoted local part keeps its marks */
			local = p < end && *p == '@';
			if (local)
				g_string_append_c(to, '"');
			g_string_append_len(to, q->str, (gssize)q->len);
			if (local)
				g_string_append_c(to, '"');
			continue;
		}
		/* Each "(" that nobody closes is looked for to the end: a
		 * few of them are a typo, 100,000 are an attack. */
		if (*p == '(' && !in_angle && unclosed < UNCLOSED_MAX) {
			const char *q = skip_blank(p, end);

			while (q > p + 1 && q[-1] != ')')
				q--;
			if (q > p + 2) {
				g_string_truncate(comment, 0);
				g_string_append_len(comment, p + 1, q - p - 2);
			}
			if (q <= p + 1)
				unclosed++;
			p = MAX(q, p + 1);
			continue;
		}
		if (*p == '<') {
			in_angle = has_angle = true;
			g_string_truncate(angle, 0);
		} else if (*p == '>') {
			in_angle = false;
		} else if (!in_angle && (*p == ',' || *p == ';')) {
			finish(a, phrase, angle, comment, has_angle, list,
			    max, &n);
			has_angle = false;
		} else if (!in_angle && *p == ':' && !has_angle) {
			/* name of a group */
			g_string_truncate(phrase, 0);
		} else if (!in_angle || !g_ascii_isspace(*p)) {
			g_string_append_c(to, *p);
		}
		p++;
	}
	finish(a, phrase, angle, comment, has_angle, list, max, &n);
	*count = n;
	return list;
}

const char *const *
mail_ids(struct arena *a, const char *text, size_t max)
{
	const char *p = text != NULL ? text : "", **out;
	size_t n = 0;

	/* a letter and a mark each */
	max = MIN(max, strlen(p) / 2 + 1);
	out = ARENA_ARRAY(a, const char *, max + 1);
	while (*p != '\0' && n < max) {
		const char *s, *e;

		while (*p == '<' || *p == ',' || g_ascii_isspace(*p))
			p++;
		for (s = p; *p != '\0' && *p != '>' && *p != '<' &&
		    !g_ascii_isspace(*p); p++)
			;
		e = p;
		if (*p == '>')
			p++;
		/* without an @ it is a phrase ("your mail of Monday"), unless
		 * it stood in angle brackets */
		if (e > s && e - s <= 998 &&
		    (memchr(s, '@', (size_t)(e - s)) != NULL ||
			(s > text && s[-1] == '<' && *e == '>')))
			out[n++] = arena_strndup(a, s, (size_t)(e - s));
	}
	return out;
}
