/*
 * What the words before a word that tells a part make of it: "attack on x",
 * "bound for x", "our customer x" (blame.h).
 */
#include "base/base.h"
#include "inspect/blame.h"

bool
blame_in(const char *const *list, size_t n, const char *w, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (list[i][0] == w[0] && strncmp(list[i], w, len) == 0 &&
		    list[i][len] == '\0')
			return true;
	return false;
}

static inline bool
wordy(char c)
{
	return g_ascii_isalnum(c) || (c & 0x80);
}

/* "your", in the languages of reporters */
bool
blame_is_yours(const char *w, size_t len)
{
	static const char *const yours[] = {"your", "ihre", "ihren", "ihrem",
	    "votre", "vos", "su", "uw", "vostro", "vostra", "seu", "sua"};

	/* most words are not */
	return strchr("yivsu", *w) != NULL &&
	    blame_in(yours, COUNT_OF(yours), w, len);
}

/* "assigned to x", "traced back to x": x is no target there; "reported by
 * x", "seen by x": and no source here. */
bool
blame_belongs(const char *s, const char *w, const char *end)
{
	static const char *const verbs[] = {"assigned", "belong", "belongs",
	    "belonging", "traced", "back", "resolves", "resolved", "resolving",
	    "pointing", "points", "related", "relating", "linked", "due",
	    "registered", "allocated", "according", "attributed", "access"};
	const char *e = w, *b;

	static const char *const seers[] = {"reported", "detected", "logged",
	    "seen", "observed", "recorded", "captured", "protected", "noticed",
	    "monitored", "received"};
	/* "we asked from x" */
	static const char *const ours[] = {"asked", "tested", "checked",
	    "queried", "verified", "measured", "reached", "reachable",
	    "write", "writing", "contacted"};
	static const char *const things[] = {"it", "this", "them", "that",
	    "you", "us"};
	/* "we scanned from x" */
	static const char *const done[] = {"scanned", "scan", "scans",
	    "probed", "connected", "connect"};
	bool by = end - w == 2 && w[0] == 'b' && w[1] == 'y';
	bool from = end - w == 4 && memcmp(w, "from", 4) == 0;

	if (!by && !from && (end - w != 2 || w[0] != 't' || w[1] != 'o'))
		return false;
	while (e > s && e[-1] == ' ')
		e--;
	for (b = e; b > s && g_ascii_isalpha(b[-1]); b--)
		;
	/* "we tested it from x" */
	if (from && blame_in(things, COUNT_OF(things), b, (size_t)(e - b))) {
		for (e = b; e > s && e[-1] == ' '; e--)
			;
		for (b = e; b > s && g_ascii_isalpha(b[-1]); b--)
			;
	}
	if (from && blame_in(done, COUNT_OF(done), b, (size_t)(e - b)) && b - s > 2 &&
	    b[-1] == ' ' && b[-2] == 'e' && b[-3] == 'w' &&
	    (b - s == 3 || !g_ascii_isalnum(b[-4])))
		return true;
	/* "Sent by host x (y)" below a letter */
	if (by && e - b == 4 && g_ascii_strncasecmp(b, "sent", 4) == 0 &&
	    b - s < 16 && strncmp(end, " host ", 6) == 0)
		return true;
	return from ? blame_in(ours, COUNT_OF(ours), b, (size_t)(e - b)) :
	    by ? blame_in(seers, COUNT_OF(seers), b, (size_t)(e - b)) :
		blame_in(verbs, COUNT_OF(verbs), b, (size_t)(e - b));
}

/* "bound for x", "directed at x" */
bool
blame_bound_for(const char *s, const char *w, const char *end)
{
	static const char *const fors[] = {"bound", "destined", "intended",
	    "meant", "headed", "addressed"};
	static const char *const ats[] = {"directed", "aimed", "targeted",
	    "pointed", "fired", "launched", "thrown"};
	bool is_for = end - w == 3 && memcmp(w, "for", 3) == 0;
	const char *e = w, *b;

	if (!is_for && (end - w != 2 || w[0] != 'a' || w[1] != 't'))
		return false;
	while (e > s && e[-1] == ' ')
		e--;
	/* "TCP from 192.0.2.1 at x" */
	if (!is_for && e > s && g_ascii_isxdigit(e[-1])) {
		int marks = 0;

		for (b = e; b > s && (g_ascii_isxdigit(b[-1]) ||
			 b[-1] == '.' || b[-1] == ':'); b--)
			marks += !g_ascii_isxdigit(b[-1]);
		return marks > 1;
	}
	for (b = e; b > s && g_ascii_isalpha(b[-1]); b--)
		;
	return is_for ? blame_in(fors, COUNT_OF(fors), b, (size_t)(e - b)) :
		blame_in(ats, COUNT_OF(ats), b, (size_t)(e - b));
}

/* "attack on x", "scan of x" */
bool
blame_attack_on(const char *s, const char *w, const char *end)
{
	static const char *const acts_on[] = {"attack", "attacks", "attempt",
	    "attempts", "scan", "scans", "scanning", "intrusion", "flood",
	    "flooding", "probe", "probes", "probing", "assault", "aanval",
	    "mitigated", "mitigation", "sweep", "sweeps", "sweeping"};
	static const char *const upon[] = {"on", "of", "over", "across",
	    "through"};
	const char *e = w, *b;

	if (strchr("oat", *w) == NULL ||
	    !blame_in(upon, COUNT_OF(upon), w, (size_t)(end - w)))
		return false;
	while (e > s && e[-1] == ' ')
		e--;
	for (b = e; b > s && g_ascii_isalpha(b[-1]); b--)
		;
	/* a phishing attack on x is hosted there */
	return blame_in(acts_on, COUNT_OF(acts_on), b, (size_t)(e - b)) &&
	    !(b - s > 9 && strncmp(b - 9, "phishing ", 9) == 0);
}

/* "Angriffe per SSH auf x", "attaque sur x"; but "auf x wird betrieben" */
bool
blame_acts_upon(const char *s, const char *w, const char *end)
{
	static const char *const upon[] = {"auf", "sur", "sobre"};
	static const char *const starts[] = {"angriff", "attack", "attaqu",
	    "ataque", "zugriff", "scan", "portscan", "versuch", "login",
	    "anmelde", "port", "tentativ", "intrusion", "balayage", "connexion",
	    "verbindung", "intento", "escaneo", "flood", "anfrage", "requ"};
	const char *e = w, *b;

	if ((*w != 'a' && *w != 's') ||
	    !blame_in(upon, COUNT_OF(upon), w, (size_t)(end - w)))
		return false;
	for (int i = 0; i < 5 && e > s; i++) {
		while (e > s && !wordy(e[-1]))
			e--;
		for (b = e; b > s && wordy(b[-1]); b--)
			;
		if ((size_t)(e - b) >= 5 && strncmp(b, "phish", 5) == 0)
			return false;
		for (size_t k = 0; k < COUNT_OF(starts); k++)
			if ((size_t)(e - b) >= strlen(starts[k]) &&
			    strncmp(b, starts[k], strlen(starts[k])) == 0)
				return true;
		e = b;
	}
	return false;
}

/* "our customer x", "our scanning hosts are x"; "against your customer x" */
bool
blame_of_ours(const char *s, const char *w, const char *end)
{
	static const char *const theirs[] = {"customer", "client", "scanner",
	    "scanners", "scanning", "resolver", "sender", "peer", "source",
	    "origin", "remote", "vulnerable", "infected", "compromised"};
	static const char *const ours[] = {"our", "my", "ours"};
	const char *e = w, *b;

	if (!blame_in(theirs, COUNT_OF(theirs), w, (size_t)(end - w)))
		return false;
	while (e > s && e[-1] == ' ')
		e--;
	for (b = e; b > s && g_ascii_isalpha(b[-1]); b--)
		;
	/* "against your customer x": "your" decides */
	return blame_in(ours, COUNT_OF(ours), b, (size_t)(e - b)) ||
	    blame_against_theirs(s, b, e);
}

/* "your report about x" */
bool
blame_your_letter(const char *w, const char *end)
{
	static const char *const letters[] = {"report", "mail", "e-mail",
	    "email", "message", "complaint", "ticket", "request", "inquiry",
	    "notification", "notice", "letter", "submission", "question",
	    "meldung", "nachricht", "anfrage", "beschwerde", "hinweis",
	    "melding", "signalement", "message", "plainte", "informe",
	    "mensaje", "segnalazione"};
	size_t n = 0;

	if (*end != ' ' || !blame_is_yours(w, (size_t)(end - w)))
		return false;
	end++;
	while (g_ascii_isalpha(end[n]) || (n > 0 && end[n] == '-'))
		n++;
	return blame_in(letters, COUNT_OF(letters), end, n);
}

/* "against your customer x": a victim, though theirs */
bool
blame_against_theirs(const char *s, const char *w, const char *end)
{
	static const char *const against[] = {"against", "gegen", "contre",
	    "contra", "contro", "tegen", "targeting", "towards", "toward"};
	const char *e = w, *b;

	/* most words are neither */
	if (strchr("yivsu", *w) == NULL ||
	    !blame_is_yours(w, (size_t)(end - w)))
		return false;
	while (e > s && e[-1] == ' ')
		e--;
	for (b = e; b > s && g_ascii_isalpha(b[-1]); b--)
		;
	return blame_in(against, COUNT_OF(against), b, (size_t)(e - b));
}
