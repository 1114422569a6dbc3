/*
 * Lists of objects in JSON that was written in many lines (plain.h): each
 * object becomes one line, so that what it says stays together.
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

#include <string.h>

enum {
	DEPTH_MAX = 64,
	OPEN_MAX = 8, /* brackets that nobody closes: it is no JSON */
};

/* What a list at s is in lines, behind out; NULL: it has no end, and out is
 * as it was. */
static const char *
one_list(const char *s, GString *out)
{
	char stack[DEPTH_MAX];
	size_t depth = 0, inside = 0; /* depth of the object that is a line */
	gsize before = out->len;
	bool quoted = false, escaped = false;

	for (; *s != '\0'; s++) {
		bool blank = inside > 0 && !quoted && g_ascii_isspace(*s);

		if (!blank || out->str[out->len - 1] != ' ')
			g_string_append_c(out, blank ? ' ' : *s);
		if (quoted) {
			quoted = *s != '"' || escaped;
			escaped = *s == '\\' && !escaped;
			/* a text ends within its line */
			if (*s == '\n')
				break;
			continue;
		}
		quoted = *s == '"';
		if (*s == '{' || *s == '[') {
			if (depth == DEPTH_MAX)
				break;
			stack[depth++] = *s;
			if (inside == 0 && *s == '{' && depth > 1 &&
			    stack[depth - 2] == '[')
				inside = depth;
		} else if (*s == '}' || *s == ']') {
			if (stack[depth - 1] != (*s == '}' ? '{' : '['))
				break;
			if (depth == inside) {
				inside = 0;
				g_string_append_c(out, '\n');
			}
			if (--depth == 0)
				return s + 1;
		}
	}
	g_string_truncate(out, before);
	return NULL;
}

const char *
plain_objects(struct arena *a, const char *text)
{
	GString *out = NULL;
	const char *s = text, *copied = text;
	int open = 0;

	while (*s != '\0' && open < OPEN_MAX) {
		const char *line = s + strspn(s, " \t"), *stop = NULL;

		if (*line == '[' || *line == '{') {
			if (out == NULL)
				out = arena_gstring(a);
			g_string_append_len(out, copied, line - copied);
			copied = line;
			stop = one_list(line, out);
			open += stop == NULL;
		}
		if (stop != NULL)
			copied = s = stop;
		s += strcspn(s, "\n");
		s += *s == '\n';
	}
	if (out == NULL)
		return text;
	g_string_append(out, copied);
	return out->str;
}
