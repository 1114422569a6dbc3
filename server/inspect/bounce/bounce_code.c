/*
 * Codes of delivery reports: enhanced ones (RFC 3463) and SMTP replies.
 */
#include "base/base.h"
#include "inspect/bounce/bounce.h"

/* "5.1.1" at p; its length. */
static size_t
enhanced_at(const char *s, const char *p)
{
	const char *q = p;

	if ((*q != '2' && *q != '4' && *q != '5') || q[1] != '.' ||
	    (p > s && (g_ascii_isalnum(p[-1]) || p[-1] == '.')))
		return 0;
	q += 2;
	for (int part = 0; part < 2; part++) {
		int n = 0;

		while (g_ascii_isdigit(*q) && n < 4) {
			q++;
			n++;
		}
		if (n == 0 || n > 3)
			return 0;
		if (part == 0 && *q++ != '.')
			return 0;
	}
	/* an address of the network, a version */
	if (g_ascii_isdigit(*q) || (*q == '.' && g_ascii_isdigit(q[1])))
		return 0;
	return (size_t)(q - p);
}

/* How much a code tells: x.0.0 says only the class. */
static int
telling(const char *code)
{
	if (code == NULL)
		return 0;
	return strcmp(code + 1, ".0.0") == 0 ? 1 : 2;
}

/* "550" of an SMTP reply at p. */
static bool
reply_at(const char *s, const char *p)
{
	static const char behind[] = " -:,;.)]}\"'\n<";
	static const char *const before[] = {"code ", "error ", "reply ",
	    "smtp status "};

	if ((*p != '4' && *p != '5') || !g_ascii_isdigit(p[1]) ||
	    !g_ascii_isdigit(p[2]) || p[1] > '7' ||
	    (p[3] != '\0' && strchr(behind, p[3]) == NULL))
		return false;
	if (p[3] == '.' && g_ascii_isdigit(p[4]))
		return false;
	if (p == s)
		return true;
	if (strchr(" \t\n(#:[<\"'>", p[-1]) == NULL)
		return false;
	/* "code 421,", "error 550" */
	for (size_t i = 0; i < COUNT_OF(before); i++) {
		size_t n = strlen(before[i]);

		if ((size_t)(p - s) >= n && g_ascii_strncasecmp(p - n,
			before[i], n) == 0)
			return true;
	}
	/* "after 500 lines": a reply has words or a code behind it, and is no
	 * number in a sentence */
	return p[-1] != ' ' || p[3] == '-' || p[3] == ':' ||
	    (p[3] == ' ' && (g_ascii_isupper(p[4]) || g_ascii_isdigit(p[4]) ||
		p[4] == '#' || p[4] == '<' || p[4] == '\'' ||
		(p - s > 1 && strchr(":;(", p[-2]) != NULL)));
}

const char *
bounce_enhanced(struct arena *a, const char *text)
{
	for (const char *p = text; p != NULL && *p != '\0'; p++) {
		size_t n = enhanced_at(text, p);

		if (n > 0)
			return arena_strndup(a, p, n);
	}
	return NULL;
}

const char *
bounce_status(struct arena *a, const char *field, const char *text)
{
	const char *from_field = bounce_enhanced(a, field);
	const char *best = from_field;
	char reply = 0;

	for (const char *p = text; p != NULL && *p != '\0'; p++) {
		size_t n;

		if (!g_ascii_isdigit(*p))
			continue;
		n = enhanced_at(text, p);
		if (n > 0) {
			const char *code = arena_strndup(a, p, n);

			if (telling(code) > telling(best) && *code != '2' &&
			    (from_field == NULL || *code == *from_field))
				best = code;
			p += n - 1;
		} else if (reply == 0 && reply_at(text, p)) {
			reply = *p;
			p += 2;
		}
	}
	if (best == NULL && reply != 0)
		best = reply == '4' ? "4.0.0" : "5.0.0";
	return best;
}

const char *
bounce_action(struct arena *a, const char *s)
{
	static const char *const actions[] = {"failed", "delayed", "delivered",
	    "relayed", "expanded"};
	char *low = text_lower(a, s);

	for (size_t i = 0; i < COUNT_OF(actions); i++)
		if (strncmp(low + strspn(low, " "), actions[i],
			strlen(actions[i])) == 0)
			return actions[i];
	return strncmp(low, "fail", 4) == 0 || strncmp(low, "error", 5) == 0 ?
	    "failed" : NULL;
}
