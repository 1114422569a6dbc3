/*
 * What the words before a word that tells a part make of it: "attack on x",
 * "bound for x", "our customer x" (blame.h).
 */
#include "base/base.h"
#include "inspect/letter/blame.h"

#include "base/text.h"

bool
blame_in(const char *const *list, size_t n, const char *w, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (list[i][0] == w[0] && strncmp(list[i], w, len) == 0 &&
		    list[i][len] == '\0')
			return true;
	return false;
}

/* The word of letters that ends before w, blanks between them: may be empty,
 * at is then where one would end. */
struct word {
	const char *at;
	size_t n;
};

static struct word
word_before(const char *s, const char *w)
{
	const char *b;

	while (w > s && w[-1] == ' ')
		w--;
	for (b = w; b > s && g_ascii_isalpha(b[-1]); b--)
		;
	return (struct word){b, (size_t)(w - b)};
}

#define WORD_IN(word, list) blame_in(list, COUNT_OF(list), (word).at, (word).n)

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

/* "our Internet-wide scans (from x)", "with a query from x": the word from b
 * to e is what the reporter looked with; "with queries" they were flooded. */
static bool
of_our_look(const char *s, const char *b, const char *e)
{
	static const char *const looks[] = {"scan", "scans", "scanner",
	    "scanners", "query", "queries", "probe", "probes", "test", "tests",
	    "check", "checks", "request", "requests", "measurement",
	    "measurements", "lookup", "lookups", "survey"};
	bool one = e > b && e[-1] != 's', a = false;

	if (!blame_in(looks, COUNT_OF(looks), b, (size_t)(e - b)))
		return false;
	for (int i = 0; i < 4; i++) {
		size_t n;

		for (e = b; e > s && (e[-1] == ' ' || e[-1] == '-'); e--)
			;
		for (b = e; b > s && text_wordy(b[-1]); b--)
			;
		n = (size_t)(e - b);
		if (n == 0)
			return false;
		if ((n == 3 && memcmp(b, "our", 3) == 0) ||
		    (n == 2 && memcmp(b, "my", 2) == 0))
			return true;
		if (one && a && n == 4 && memcmp(b, "with", 4) == 0)
			return true;
		a = n == 1 && *b == 'a';
	}
	return false;
}

/* "(tested at 12:00 UTC from x)", "Checked on Monday from x": do the brackets,
 * or the sentence, open with one of these? */
static bool
opens_with(const char *from, const char *w, const char *const *deeds,
    size_t n)
{
	const char *p = w;

	while (p > from && p[-1] != '(' && p[-1] != ')' &&
	    !(p - from > 1 && p[-1] == ' ' && p[-2] == '.'))
		p--;
	while (p < w && *p == ' ')
		p++;
	for (size_t i = 0; i < n; i++)
		if ((size_t)(w - p) > strlen(deeds[i]) &&
		    strncmp(p, deeds[i], strlen(deeds[i])) == 0 &&
		    p[strlen(deeds[i])] == ' ')
			return true;
	return false;
}

/* "Checked: 2026-11-20 22:22 UTC from x": a label shortly before w tells of
 * the reporter's own deed. */
static bool
of_a_check(const char *s, const char *w)
{
	static const char *const deeds[] = {"checked", "tested", "verified",
	    "scanned", "probed", "queried", "measured", "confirmed",
	    "last checked", "geprüft", "vérifié"};
	const char *from = w - MIN(w - s, 60), *colon;

	for (colon = w; colon > from && (colon[-1] != ':' ||
		g_ascii_isdigit(*colon)); colon--)
		;
	if (colon == from)
		return opens_with(from, w, deeds, COUNT_OF(deeds));
	for (colon--; colon > from && colon[-1] == ' '; colon--)
		;
	for (size_t i = 0; i < COUNT_OF(deeds); i++) {
		size_t n = strlen(deeds[i]);

		if ((size_t)(colon - s) >= n &&
		    strncmp(colon - n, deeds[i], n) == 0)
			return true;
	}
	return false;
}

/* Is it a letter of the reporter's that was made, shortly before p? */
static bool
of_letter(const char *s, const char *p)
{
	static const char *const letters[] = {"this message", "this report",
	    "this notice", "this notification", "this mail", "this e-mail",
	    "this email", "this alert", "this list", "this letter"};
	const char *from = p - MIN(p - s, 40);

	for (size_t i = 0; i < COUNT_OF(letters); i++)
		if (g_strstr_len(from, p - from, letters[i]) != NULL)
			return true;
	return false;
}

/* Is "from", at w, behind what we did to a thing of theirs? */
static bool
we_looked(const char *s, const char *w, const char *const *done, size_t n,
    const char *const *asked, size_t k)
{
	static const char *const things[] = {"the", "your", "this", "that",
	    "its", "it", "host", "server", "address", "system", "ip", "machine",
	    "port", "service", "network", "range", "site", "page", "url",
	    "resolver", "device", "website"};
	struct word x = word_before(s, w);

	for (int words = 0; words < 4 && WORD_IN(x, things); words++)
		x = word_before(s, x.at);
	return (blame_in(done, n, x.at, x.n) || blame_in(asked, k, x.at, x.n)) &&
	    x.at - s > 2 && strncmp(x.at - 3, "we ", 3) == 0 &&
	    (x.at - s == 3 || !g_ascii_isalnum(x.at[-4]));
}

/* "report from mx.example (x)", "Bericht von x": who reports */
bool
blame_who_reports(const char *s, const char *w, const char *end)
{
	static const char *const froms[] = {"from", "von", "van", "de", "du",
	    "da", "dal"};
	static const char *const reports[] = {"report", "bericht", "meldung",
	    "rapport", "informe", "notification", "notice", "summary",
	    "digest", "tagesbericht", "dagrapport", "resumen", "rapporto",
	    "melding"};
	struct word x;

	if (!blame_in(froms, COUNT_OF(froms), w, (size_t)(end - w)))
		return false;
	x = word_before(s, w);
	return WORD_IN(x, reports);
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
	static const char *const seers[] = {"reported", "detected", "logged",
	    "seen", "observed", "recorded", "captured", "protected", "noticed",
	    "monitored", "submitted", "filed", "received", "operated", "maintained", "published"};
	/* "we asked from x" */
	static const char *const ours[] = {"asked", "tested", "checked",
	    "queried", "verified", "measured", "reached", "reachable",
	    "write", "writing", "contacted",
	    /* "takes its orders from x" */
	    "orders", "instructions",
	    /* "they were disconnected from x" */
	    "disconnected", "kicked", "thrown", "apart", "away", "hidden"};
	static const char *const things[] = {"it", "this", "them", "that",
	    "you", "us"};
	/* "we scanned from x" */
	static const char *const done[] = {"scanned", "scan", "scans",
	    "probed", "connected", "connect"};
	static const char *const made[] = {"made", "generated", "created",
	    "produced", "issued", "written", "compiled"};
	static const char *const comes[] = {"come", "comes", "came",
	    "originate", "originates"};
	bool by = end - w == 2 && w[0] == 'b' && w[1] == 'y';
	bool from = (end - w == 4 && memcmp(w, "from", 4) == 0) ||
	    (end - w == 3 && memcmp(w, "von", 3) == 0);
	struct word x;

	if (!by && !from && (end - w != 2 || w[0] != 't' || w[1] != 'o'))
		return false;
	x = word_before(s, w);
	if (from && x.n == 0 && x.at > s && x.at[-1] == '(')
		x = word_before(s, x.at - 1);
	/* "our probes come from x", "probes will come from x" */
	if (from && WORD_IN(x, comes)) {
		struct word will = word_before(s, x.at);

		if (will.n == 4 && memcmp(will.at, "will", 4) == 0)
			return true;
		x = will;
	}
	if (from && (of_our_look(s, x.at, x.at + x.n) || of_a_check(s, w) ||
		blame_of_habit(s, w)))
		return true;
	/* "we tested it from x" */
	if (from && WORD_IN(x, things))
		x = word_before(s, x.at);
	if (from && WORD_IN(x, done) && x.at - s > 2 && x.at[-1] == ' ' &&
	    x.at[-2] == 'e' && x.at[-3] == 'w' &&
	    (x.at - s == 3 || !g_ascii_isalnum(x.at[-4])))
		return true;
	/* "we scanned your server from x" */
	if (from && we_looked(s, w, done, COUNT_OF(done), ours,
		COUNT_OF(ours)))
		return true;
	/* "Sent by host x (y)" below a letter */
	if (by && x.n == 4 && g_ascii_strncasecmp(x.at, "sent", 4) == 0 &&
	    x.at - s < 16 && strncmp(end, " host ", 6) == 0)
		return true;
	/* "this message was generated by x" */
	if (by && WORD_IN(x, made) && of_letter(s, x.at))
		return true;
	return from ? WORD_IN(x, ours) : by ? WORD_IN(x, seers) :
		WORD_IN(x, verbs);
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
	struct word x;

	if (!is_for && (end - w != 2 || w[0] != 'a' || w[1] != 't'))
		return false;
	x = word_before(s, w);
	/* "TCP from 192.0.2.1 at x" */
	if (!is_for) {
		const char *b = x.at + x.n;
		int marks = 0;

		for (; b > s && (g_ascii_isxdigit(b[-1]) || b[-1] == '.' ||
			 b[-1] == ':'); b--)
			marks += !g_ascii_isxdigit(b[-1]);
		if (marks > 1)
			return true;
	}
	return is_for ? WORD_IN(x, fors) : WORD_IN(x, ats);
}

/* "attack on x", "scan of x" */
bool
blame_attack_on(const char *s, const char *w, const char *end)
{
	static const char *const acts_on[] = {"attack", "attacks", "attempt",
	    "attempts", "scan", "scans", "scanning", "intrusion", "flood",
	    "flooding", "probe", "probes", "probing", "assault", "aanval",
	    "mitigated", "mitigation", "sweep", "sweeps", "sweeping",
	    "botnet"};
	static const char *const upon[] = {"on", "of", "over", "across",
	    "through"};
	struct word x;

	if (strchr("oat", *w) == NULL ||
	    !blame_in(upon, COUNT_OF(upon), w, (size_t)(end - w)))
		return false;
	x = word_before(s, w);
	/* a phishing attack on x is hosted there */
	return WORD_IN(x, acts_on) &&
	    !(x.at - s > 9 && strncmp(x.at - 9, "phishing ", 9) == 0);
}

/* "Angriffe per SSH auf x", "attaque sur x", "attack of 9 Gbps on x"; but "auf x wird betrieben" */
bool
blame_acts_upon(const char *s, const char *w, const char *end)
{
	static const char *const upon[] = {"auf", "sur", "sobre"};
	static const char *const starts[] = {"angriff", "attack", "attaqu",
	    "ataque", "zugriff", "scan", "portscan", "versuch", "login",
	    "anmelde", "port", "tentativ", "intrusion", "balayage", "connexion",
	    "verbindung", "intento", "escaneo", "flood", "anfrage", "requ"};
	/* "an attack hosted on x", "a scanner running on x" */
	static const char *const there[] = {"hosted", "running", "runs", "seen",
	    "found", "located", "based", "installed", "detected", "observed",
	    "service", "server", "is", "are", "was", "were", "live",
	    "open", "port", "site", "page", "and"};
	const char *e = w, *b;
	bool on = end - w == 2 && w[0] == 'o' && w[1] == 'n';

	if (!on && ((*w != 'a' && *w != 's') ||
		!blame_in(upon, COUNT_OF(upon), w, (size_t)(end - w))))
		return false;
	if (on && WORD_IN(word_before(s, w), there))
		return false;
	for (int i = 0; i < 5 && e > s; i++) {
		while (e > s && !text_wordy(e[-1]))
			e--;
		for (b = e; b > s && text_wordy(b[-1]); b--)
			;
		if ((size_t)(e - b) >= 5 && strncmp(b, "phish", 5) == 0)
			return false;
		for (size_t k = 0; k < COUNT_OF(starts); k++)
			if ((!on || k == 1) &&
			    (size_t)(e - b) >= strlen(starts[k]) &&
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
	static const char *const ours[] = {"our", "my", "ours", "unser",
	    "unsere", "unserer", "notre", "nuestro", "nostro", "onze", "nosso",
	    "nasz"};
	static const char *const anybodys[] = {"the", "a", "this", "another"};
	struct word x;

	if (!blame_in(theirs, COUNT_OF(theirs), w, (size_t)(end - w)))
		return false;
	x = word_before(s, w);
	/* "the customer at x wants this to stop" */
	if (end - w == 8 && memcmp(w, "customer", 8) == 0 &&
	    WORD_IN(x, anybodys))
		return true;
	/* "against your customer x": "your" decides */
	return WORD_IN(x, ours) ||
	    blame_against_theirs(s, x.at, x.at + x.n);
}

static const char *const letters[] = {"report", "mail", "e-mail",
    "email", "message", "complaint", "ticket", "request", "inquiry",
    "notification", "notice", "letter", "submission", "question",
    "meldung", "nachricht", "anfrage", "beschwerde", "hinweis",
    "help", "support", "answer", "reply", "efforts", "hilfe",
    "antwort", "aide", "ayuda", "aiuto", "hulp",
    "melding", "signalement", "message", "plainte", "informe",
    "mensaje", "segnalazione"};

static bool
is_letter(const char *w, size_t n)
{
	return blame_in(letters, COUNT_OF(letters), w, n);
}

/* "your report about x" */
bool
blame_your_letter(const char *w, const char *end)
{
	size_t n = 0;

	if (*end != ' ' || !blame_is_yours(w, (size_t)(end - w)))
		return false;
	end++;
	while (g_ascii_isalpha(end[n]) || (n > 0 && end[n] == '-'))
		n++;
	return is_letter(end, n);
}

/* "our fourth complaint about x": what the complaint is about, is not ours */
bool
blame_our_letter(const char *w, const char *end)
{
	static const char *const ours[] = {"our", "my"};

	if (!blame_in(ours, COUNT_OF(ours), w, (size_t)(end - w)))
		return false;
	for (int i = 0; i < 3 && *end == ' '; i++) {
		size_t n = 0;

		end++;
		while (g_ascii_isalpha(end[n]) || (n > 0 && end[n] == '-'))
			n++;
		if (is_letter(end, n))
			return true;
		end += n;
	}
	return false;
}

/* "blocked on server x", "banned at gw.example (x)"; but not "on 2 May: x" */
bool
blame_kept_out(const char *w, const char *end)
{
	static const char *const outs[] = {"blocked", "banned", "blacklisted",
	    "locked", "gesperrt", "bloqué", "bloquée", "bloqueada",
	    "bloqueado", "bloccato", "geblokkeerd"};
	static const char *const at[] = {" on ", " at ", " auf ", " sur ",
	    " en ", " su ", " op "};
	static const char *const days[] = {"jan", "feb", "mar", "apr", "may",
	    "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue",
	    "wed", "thu", "fri", "sat", "sun"};

	if (!blame_in(outs, COUNT_OF(outs), w, (size_t)(end - w)))
		return false;
	for (size_t i = 0; i < COUNT_OF(at); i++) {
		const char *p = end + strlen(at[i]);

		if (strncmp(end, at[i], strlen(at[i])) != 0 ||
		    !g_ascii_isalpha(*p))
			continue;
		for (size_t k = 0; k < COUNT_OF(days); k++)
			if (strncmp(p, days[k], 3) == 0)
				return false;
		return true;
	}
	return false;
}

/* "hosted elsewhere: x", "reachable from the Internet: x" */
bool
blame_elsewhere(const char *end)
{
	static const char *const places[] = {" elsewhere", " externally",
	    " at a third", " the internet", " the outside", " outside",
	    " anywhere", " everywhere", " the whole", " all over", " abroad",
	    " all the world", " the world", " the public"};

	for (size_t i = 0; i < COUNT_OF(places); i++)
		if (strncmp(end, places[i], strlen(places[i])) == 0)
			return true;
	return false;
}

/* "x: 120 probes" and y in the next line: the word at w is no verb */
bool
blame_counted(const char *s, const char *w)
{
	const char *d = w - (w > s);

	if (w == s || *d != ' ')
		return false;
	while (d > s && (g_ascii_isdigit(d[-1]) || d[-1] == ','))
		d--;
	/* an address does hit */
	return w - d > 1 && (d == s || strchr(" :(-", d[-1]) != NULL);
}

/* "against your customer x": a victim, though theirs */
bool
blame_against_theirs(const char *s, const char *w, const char *end)
{
	static const char *const against[] = {"against", "gegen", "contre",
	    "contra", "contro", "tegen", "targeting", "towards", "toward"};
	static const char *const machines[] = {"server", "servers", "host",
	    "hosts", "site", "website", "network", "portal", "router",
	    "firewall", "system", "systems", "shop", "gateway"};
	/* most words are neither */
	struct word x;

	if (strchr("yivsu", *w) == NULL ||
	    !blame_is_yours(w, (size_t)(end - w)))
		return false;
	x = word_before(s, w);
	/* "against the mail server of your customer x" */
	if (x.n == 2 && memcmp(x.at, "of", 2) == 0 &&
	    WORD_IN(word_before(s, x.at), machines))
		for (int i = 0; i < 4 && x.n > 0; i++) {
			x = word_before(s, x.at);
			if (WORD_IN(x, against))
				return true;
		}
	return WORD_IN(x, against);
}

/* "our IDS has detected x", "we identified x" */
bool
blame_seen_by_us(const char *s, const char *w, const char *end)
{
	static const char *const seers[] = {"detected", "observed", "found",
	    "identified", "recorded", "logged", "registered", "discovered",
	    "captured", "shows", "show", "showed", "reports", "records",
	    "registers", "detects", "flags", "lists", "names"};
	static const char *const us[] = {"we", "our", "i", "us", "my"};
	struct word x = {w, 0};

	if (!blame_in(seers, COUNT_OF(seers), w, (size_t)(end - w)))
		return false;
	for (int i = 0; i < 4; i++) {
		x = word_before(s, x.at);
		if (x.n == 0)
			return false;
		if (WORD_IN(x, us))
			return true;
	}
	return false;
}

/* "according to our logs, x", "laut unserem Server": who tells of it */
bool
blame_told_by_us(const char *s, const char *w)
{
	static const char *const by[] = {"laut", "gemäß", "selon", "según",
	    "segun", "secondo", "volgens", "według", "wedlug", "segundo",
	    "according"};
	const char *e = w, *b;

	for (int i = 0; i < 2 && e > s; i++) {
		while (e > s && e[-1] == ' ')
			e--;
		for (b = e; b > s && text_wordy(b[-1]); b--)
			;
		if (b < e && blame_in(by, COUNT_OF(by), b, (size_t)(e - b)))
			return true;
		/* "according to" */
		if (e - b != 2 || memcmp(b, "to", 2) != 0)
			return false;
		e = b;
	}
	return false;
}

/* "it comes through x", "sent via x": by which way it was reached */
bool
blame_comes_by(const char *s, const char *w, const char *end)
{
	static const char *const by[] = {"through", "via", "over"};
	static const char *const comes[] = {"comes", "come", "came", "coming",
	    "arrives", "arrived", "arriving", "sent", "posted", "submitted",
	    "delivered", "routed", "runs", "goes", "went"};

	return strchr("tvo", *w) != NULL &&
	    blame_in(by, COUNT_OF(by), w, (size_t)(end - w)) &&
	    WORD_IN(word_before(s, w), comes);
}

/* "Is x ...": does only that stand before it in its sentence? */
bool
blame_is_asked(const char *s, const char *end)
{
	static const char *const is[] = {"is", "are", "was", "were", "ist",
	    "sind", "est", "es"};
	struct word x = word_before(s, end);
	const char *p = x.at;

	if (end == s || end[-1] != ' ' || !WORD_IN(x, is))
		return false;
	while (p > s && p[-1] == ' ')
		p--;
	return p == s || strchr(".!?,", p[-1]) != NULL;
}
