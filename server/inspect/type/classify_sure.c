/*
 * What a letter says for sure of a machine, and what it only guesses (read.h):
 * "it may be infected" stands in reports of everything.
 */
#include "base/base.h"
#include "base/text.h"
#include "inspect/read.h"
#include "inspect/type/classify_types.h"

enum { SENTENCE_MAX = 400, SHORT_LINE = 45 };

/* That somebody guesses, in lower case. */
static const char *const guesses[] = {"may be ", "may have ", "might be ",
    "might have ", "could be ", "could have been", "possible that", "possibly",
    "probably", "likely", "perhaps", "maybe ", "möglicherweise", "vermutlich",
    "wahrscheinlich", "eventuell", "könnte", "peut-être", "probablement",
    "posible que", "posiblemente", "probablemente", "puede estar",
    "puede haber", "provável que", "possível que", "provavelmente",
    "possivelmente", "pode estar", "possibile che", "probabilmente",
    "potrebbe", "misschien", "mogelijk", "waarschijnlijk", "prawdopodobnie",
    "być może", "możliwe, że", "возможно", "вероятно", "může být",
    "pravděpodobně", "muhtemelen", "olabilir"};

/* What he guesses of the machine. */
static const char *const states[] = {"infect", "infic", "infiz", "compromis",
    "comprom", "kompromit", "botnet", "malware", "schadsoftware", "hacked",
    "gehackt", "hackead", "piraté", "virus", "trojan", "worm", "besmet",
    "zainfekowan", "взлом", "заражен", "napaden", "zombie", "bulaş"};

bool
classify_state(const char *type)
{
	static const char *const types[] = {INFECTED, SYSTEM, MALWARE, ACCOUNT,
	    APP};

	for (size_t i = 0; type != NULL && i < COUNT_OF(types); i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

bool
classify_deed(const char *type)
{
	static const char *const types[] = {BRUTE, EXPLOIT, SCAN, DOS, DDOS,
	    SPAM, PHISH, COPY};

	for (size_t i = 0; type != NULL && i < COUNT_OF(types); i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

/* Where the sentence at s ends: at a mark, or with its line, when that is
 * short as fields are, or the next one does not go on in small letters. */
static size_t
sentence(const char *s)
{
	size_t n = 0, line = 0;

	for (; s[n] != '\0' && n < SENTENCE_MAX; n++, line++) {
		if (strchr(".!?", s[n]) != NULL &&
		    (s[n + 1] == ' ' || s[n + 1] == '\n'))
			return n + 1;
		if (s[n] != '\n')
			continue;
		if (line < SHORT_LINE || !g_ascii_islower(s[n + 1]))
			return n + 1;
		line = 0;
	}
	return n;
}

const char *
classify_sure(struct arena *a, const char *text)
{
	GString *out = arena_gstring(a);
	bool guessed = false;

	while (text != NULL && *text != '\0') {
		size_t n = sentence(text);
		char *low = read_lower(a, text, n);

		g_strdelimit(low, "\n\r\t", ' ');
		if (TEXT_HAS_ANY(low, guesses) &&
		    TEXT_HAS_ANY(low, states))
			guessed = true;
		else
			g_string_append_len(out, text, (gssize)n);
		text += n;
	}
	return guessed ? out->str : NULL;
}
