/* See lang.h. */
#include "base/base.h"
#include "base/lang.h"
#include "base/text.h"

/* The parts of a tag, in their order (RFC 5646 2.1). */
enum step { LANGUAGE, EXTLANG, SCRIPT, REGION, VARIANT, EXTENSION, PRIVATE };

static bool
all(const char *s, bool (*is)(char c))
{
	for (; *s != '\0'; s++)
		if (!is(*s))
			return false;
	return true;
}

static bool
is_alpha(char c)
{
	return g_ascii_isalpha(c);
}

static bool
is_digit(char c)
{
	return g_ascii_isdigit(c);
}

static bool
is_alnum(char c)
{
	return g_ascii_isalnum(c);
}

static bool
is_region(const char *p, size_t n)
{
	return (n == 2 && all(p, is_alpha)) || (n == 3 && all(p, is_digit));
}

static bool
is_variant(const char *p, size_t n)
{
	return (n >= 5 && n <= 8) || (n == 4 && g_ascii_isdigit(*p));
}

/* What part p of a tag is behind one that was *at; then *at is its own. */
static bool
take(const char *p, size_t n, enum step *at, int *extlangs)
{
	if (*at == PRIVATE)
		return true;
	if (n == 1)
		*at = *p == 'x' ? PRIVATE : EXTENSION;
	else if (*at == EXTENSION)
		return true;
	else if (*at <= EXTLANG && n == 3 && all(p, is_alpha) &&
	    (*extlangs)++ < 3)
		*at = EXTLANG;
	else if (*at < SCRIPT && n == 4 && all(p, is_alpha))
		*at = SCRIPT;
	else if (*at < REGION && is_region(p, n))
		*at = REGION;
	else if (is_variant(p, n))
		*at = VARIANT;
	else
		return false;
	return true;
}

static void
spell(char *p, size_t n, enum step at)
{
	if (at == SCRIPT)
		*p = g_ascii_toupper(*p);
	for (size_t i = 0; at == REGION && i < n; i++)
		p[i] = g_ascii_toupper(p[i]);
}

const char *
lang_norm(struct arena *a, const char *tag)
{
	enum step at = LANGUAGE;
	int extlangs = 0;
	size_t n, last = 0;
	g_autofree char *whole = NULL;
	g_auto(GStrv) parts = NULL;

	if (*tag == '\0' || strlen(tag) > LANG_MAX)
		return NULL;
	parts = g_strsplit(text_lower(a, tag), "-", -1);
	for (size_t i = 0; parts[i] != NULL; i++) {
		n = strlen(parts[i]);
		if (n == 0 || n > 8 || !all(parts[i], is_alnum))
			return NULL;
		if (i == 0 && n == 1 && *parts[i] == 'x')
			at = PRIVATE;
		else if (i == 0 && (n == 1 || !all(parts[i], is_alpha)))
			return NULL;
		else if (i > 0 && !take(parts[i], n, &at, &extlangs))
			return NULL;
		spell(parts[i], n, at);
		last = n;
	}
	/* (a singleton begins something) */
	whole = g_strjoinv("-", parts);
	return last == 1 ? NULL : arena_strdup(a, whole);
}

bool
lang_serves(const char *have, const char *want)
{
	size_t n = strlen(have);

	return strncmp(have, want, n) == 0 &&
	    (want[n] == '\0' || want[n] == '-');
}
