/* See span.h. */
#include "base/base.h"
#include "base/span.h"
#include "base/text.h"

static const struct {
	const char *word;
	int64_t minutes;
} units[] = {{"days", SPAN_DAY}, {"day", SPAN_DAY}, {"d", SPAN_DAY},
    {"hours", 60}, {"hour", 60}, {"h", 60}, {"minutes", 1}, {"min", 1}};

bool
span_read(const char *s, int64_t *n, int64_t *unit, const char **rest)
{
	char *end;

	while (g_ascii_isspace(*s))
		s++;
	if (!g_ascii_isdigit(*s))
		return false;
	*n = g_ascii_strtoll(s, &end, 10);
	if (*n < 1 || *n > SPAN_N_MAX)
		return false;
	while (g_ascii_isspace(*end))
		end++;
	for (size_t i = 0; i < COUNT_OF(units); i++) {
		const char *behind = end + strlen(units[i].word);

		if (!text_istarts(end, units[i].word) ||
		    g_ascii_isalpha(*behind))
			continue;
		*unit = units[i].minutes;
		if (rest != NULL)
			*rest = behind;
		return rest != NULL || text_blank(behind);
	}
	return false;
}

const char *
span_text(struct arena *a, int64_t minutes)
{
	if (minutes % SPAN_DAY == 0)
		return arena_printf(a, "%" PRId64 " d", minutes / SPAN_DAY);
	if (minutes % 60 == 0)
		return arena_printf(a, "%" PRId64 " h", minutes / 60);
	return arena_printf(a, "%" PRId64 " min", minutes);
}
