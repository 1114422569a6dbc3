#include "base/base.h"
#include "mail/canonical.h"

/* How many bytes the canonical form has more. */
static size_t
missing(const char *s, size_t len)
{
	const char *p = s, *end = s + len;
	size_t n = 0;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		if (p == s || p[-1] != '\r')
			n++;
		p++;
	}
	if (len > 0 && s[len - 1] != '\n')
		n += 2;
	return n;
}

bool
mail_is_canonical(const void *bytes, size_t len)
{
	return missing(bytes, len) == 0;
}

const char *
mail_canonical(struct arena *a, const void *bytes, size_t len,
    size_t *out_len)
{
	const char *s = bytes, *end = s + len;
	size_t more = missing(s, len);
	char *out, *o;

	*out_len = len + more;
	if (more == 0)
		return s;
	out = o = arena_alloc(a, len + more + 1);
	for (const char *p = s; p < end; p++) {
		if (*p == '\n' && (p == s || p[-1] != '\r'))
			*o++ = '\r';
		*o++ = *p;
	}
	if (s[len - 1] != '\n') {
		*o++ = '\r';
		*o++ = '\n';
	}
	return out;
}
