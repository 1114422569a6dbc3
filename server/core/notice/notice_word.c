/*
 * The answer in the first line of a mail (notice.h).
 *
 * It has to be the whole line: "cleaned." and "**Not traced**" are answers,
 * "The machine has not been cleaned" is for a person to read.  What the
 * writer's mail program put above their words - a quotation and the line
 * that introduces it - is passed over.
 */
#include "base/base.h"
#include "base/text.h"
#include "core/notice/notice.h"

/* As written, less all that is no letter. */
static const struct {
	const char *letters, *result;
} words[] = {
    {"CLEANED", "CLEANED"},
    {"NOTTRACED", "NOT-TRACED"},
    {"AUTHORISED", "AUTHORISED"},
    {"AUTHORIZED", "AUTHORISED"},
    {"NEEDMORE", "NEED-MORE"},
};

/* What may stand around and between the words; all else is something said.
 * (Beyond ASCII: no-break space, zero width, dashes, quotes, bullet.) */
static const char dressing[] = " \t\r*_#-~`'\".,:;!()[]{}=";
static const gunichar dressing_wide[] = {0xa0, 0xab, 0xbb, 0x200b, 0x200c,
    0x200d, 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2018, 0x2019, 0x201c,
    0x201d, 0x2022, 0x2026, 0x202f, 0x2060, 0xfeff};

static bool
is_dressing(gunichar c)
{
	if (c < 0x80)
		return c != 0 && strchr(dressing, (int)c) != NULL;
	for (size_t i = 0; i < COUNT_OF(dressing_wide); i++)
		if (dressing_wide[i] == c)
			return true;
	return false;
}

/* The result that a line says, NULL when it says anything else.  Letters of
 * other scripts that look the same do not count. */
static const char *
line_word(const char *s, size_t n)
{
	char letters[16];
	size_t len = 0;

	for (const char *p = s; p < s + n; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (is_dressing(c))
			continue;
		if (c >= 0x80 || !g_ascii_isalpha((char)c) ||
		    len == sizeof(letters) - 1)
			return NULL;
		letters[len++] = g_ascii_toupper((char)c);
	}
	letters[len] = '\0';
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(words[i].letters, letters) == 0)
			return words[i].result;
	return NULL;
}

static bool
line_empty(const char *s, size_t n)
{
	for (const char *p = s; p < s + n; p = g_utf8_next_char(p))
		if (!is_dressing(g_utf8_get_char(p)))
			return false;
	return true;
}

static bool
line_quoted(const char *s, size_t n)
{
	size_t skip = 0;

	while (skip < n && (s[skip] == ' ' || s[skip] == '\t'))
		skip++;
	return skip < n && (s[skip] == '>' || s[skip] == '|');
}

/* The next line from *at on; its length without the end. */
static const char *
next_line(const char **at, size_t *n)
{
	const char *s = *at;

	*n = strcspn(s, "\n");
	*at = s + *n + (s[*n] == '\n');
	return s;
}

/* "On 23 Nov 2026, ... wrote:", which may be cut into two lines: is the next
 * thing behind it a quotation? */
static bool
introduces(const char *s, size_t n, const char *rest)
{
	bool colon = false, date = false;

	for (int lines = 0; lines < 4; lines++) {
		size_t end = n;

		while (end > 0 && g_ascii_isspace(s[end - 1]))
			end--;
		if (end > 0 && line_quoted(s, n))
			return colon && date;
		if (end > 0) {
			if (colon)
				return false;
			colon = s[end - 1] == ':';
			/* of when, or from whom */
			for (size_t i = 0; i < end; i++)
				date |= g_ascii_isdigit(s[i]) || s[i] == '@';
		}
		if (*rest == '\0')
			return false;
		s = next_line(&rest, &n);
	}
	return false;
}

const char *
notice_word(const char *text)
{
	const char *at = text;
	bool introduced = false;

	if (text == NULL || !g_utf8_validate(text, -1, NULL))
		return NULL;
	for (int lines = 0; *at != '\0' && lines < NOTICE_LINES_MAX &&
	     at - text < NOTICE_WORD_AT_MAX; lines++) {
		size_t n;
		const char *s = next_line(&at, &n);

		if (line_quoted(s, n)) {
			introduced = false;
			continue;
		}
		if (introduced)
			continue;
		if (n >= 2 && strncmp(s, "--", 2) == 0 &&
		    strspn(s + 2, " \r") == n - 2)
			return NULL; /* a signature follows */
		if (line_empty(s, n))
			continue;
		if (line_word(s, n) != NULL)
			return line_word(s, n);
		/* (all of its lines up to the quotation) */
		introduced = introduces(s, n, at);
		if (!introduced)
			return NULL;
	}
	return NULL;
}
