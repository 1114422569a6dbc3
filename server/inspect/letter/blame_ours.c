/*
 * Letters of a provider whose own customer did it, "our customer x attacked
 * your host y", though elsewhere "our" is said of the victim; and those that name
 * what the infected asked (blame.h).
 */
#include "base/base.h"
#include "inspect/letter/blame.h"

#include "base/text.h"

enum { BACK = 90, WORDS = 7, AHEAD = 60, LONG_AHEAD = 130 };

static const char *const deeds[] = {"attacked", "scanned", "probed",
    "flooded", "hit", "hammered", "targeted", "spammed", "ddosed",
    "portscanned", "crawled", "harassed", "bombarded"};

/* Does "customer x", of those who pay for a line, stand at p? */
static bool
client_at(const char *p, const char *end)
{
	static const char *const words[] = {"customer", "client", "subscriber",
	    "user", "tenant", "student", "dsl customer", "hosting customer",
	    "colocation customer"};

	for (; p < end && *p == ' '; p++)
		;
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		size_t n = strlen(words[i]);

		if ((size_t)(end - p) >= n && strncmp(p, words[i], n) == 0)
			return (size_t)(end - p) <= n ||
			    !g_ascii_isalpha(p[n]) || p[n] == 's' ||
			    p[n] == '\'';
	}
	return false;
}

/* The word that ends before p, blanks between them. */
static size_t
last_word(const char *s, const char **p)
{
	const char *e = *p, *b;

	while (e > s && e[-1] == ' ')
		e--;
	for (b = e; b > s && (g_ascii_isalpha(b[-1]) || b[-1] == '-'); b--)
		;
	*p = b;
	return (size_t)(e - b);
}

static bool
is_our(const char *w, size_t n)
{
	return (n == 3 && memcmp(w, "our", 3) == 0) ||
	    (n == 4 && memcmp(w, "ours", 4) == 0);
}

bool
blame_by_ours(const char *s, const char *w, const char *end)
{
	const char *p = w;
	size_t n;

	if (!is_our(w, (size_t)(end - w)) ||
	    !client_at(end, end + strlen(end)))
		return false;
	n = last_word(s, &p);
	/* "by one of our customers" */
	if (n == 2 && memcmp(p, "of", 2) == 0 &&
	    (last_word(s, &p) != 3 || memcmp(p, "one", 3) != 0))
		return false;
	else if (n == 2 && memcmp(p, "of", 2) == 0)
		n = last_word(s, &p);
	if (n != 2 || memcmp(p, "by", 2) != 0)
		return false;
	n = last_word(s, &p);
	return blame_in(deeds, COUNT_OF(deeds), p, n);
}

static const char *const done[] = {"angegriffen", "gescannt", "attackiert",
    "überflutet", "attaqué", "scanné", "atacad", "escanead", "attaccat",
    "scansionat", "aangevallen", "gescand", "zaatakowan", "skanowan"};

/* Does one of those verbs stand from p to end, before their sentence ends? */
static bool
done_in(const char *p, const char *end)
{
	const char *stop = p;

	while (stop < end && !(*stop == '.' && stop + 1 < end &&
		stop[1] == ' ') && strchr(";!?", *stop) == NULL)
		stop++;
	for (size_t i = 0; i < COUNT_OF(done); i++)
		if (g_strstr_len(p, stop - p, done[i]) != NULL)
			return true;
	return false;
}

bool
blame_wurde(const char *p, const char *end)
{
	static const char *const helpers[] = {" wurde ", " wird ", " werd "};

	if (*p == ')')
		p++;
	end = p + MIN(end - p, LONG_AHEAD);
	for (size_t i = 0; i < COUNT_OF(helpers); i++)
		if ((size_t)(end - p) > strlen(helpers[i]) &&
		    text_begins(p, helpers[i]))
			return done_in(p, end);
	return false;
}

bool
blame_von_unserem(const char *t, const char *p, const char *end)
{
	static const char *const by[] = {"von unserem kunden ",
	    "von unserem kunden (", "von unserer kundin ",
	    "von einem unserer kunden ", "von einem unserer kunden (",
	    "par notre client ", "par un de nos clients ", "por nuestro cliente ",
	    "dal nostro cliente ", "door onze klant ",
	    "przez naszego klienta "};
	size_t n = strlen(t), k;

	for (size_t i = 0; i < COUNT_OF(by); i++) {
		k = strlen(by[i]);
		if (n < k || memcmp(t + n - k, by[i], k) != 0)
			continue;
		return done_in(t, t + n) ||
		    done_in(p, p + MIN(end - p, LONG_AHEAD));
	}
	return false;
}

/* Is "our customer" told in the sentence that ends at w? */
static bool
tells_of_ours(const char *s, const char *w, int words)
{
	const char *p = w, *from = w - MIN(w - s, BACK);

	for (int i = 0; i < words && p > from; i++) {
		const char *e;

		while (p > from && !g_ascii_isalpha(p[-1])) {
			if (strchr(";!?", p[-1]) != NULL ||
			    (p[-1] == '.' && *p == ' '))
				return false;
			p--;
		}
		for (e = p; p > from && g_ascii_isalpha(p[-1]); p--)
			;
		if (is_our(p, (size_t)(e - p)))
			return client_at(e, w);
	}
	return false;
}

bool
blame_hit_by_ours(const char *s, const char *w, const char *end)
{
	static const char *const helpers[] = {"was", "were", "is", "are",
	    "been", "being", "be"};
	const char *p = w;
	size_t n;

	if (!blame_is_yours(w, (size_t)(end - w)))
		return false;
	n = last_word(s, &p);
	if (!blame_in(deeds, COUNT_OF(deeds), p, n))
		return false;
	w = p;
	n = last_word(s, &p);
	return !blame_in(helpers, COUNT_OF(helpers), p, n) &&
	    tells_of_ours(s, w, 2 * WORDS);
}

static bool
ours_runs(const char *s, const char *w)
{
	static const char *const always[] = {"runs", "run", "operates",
	    "operate", "works", "work", "monitors"};
	static const char *const ours[] = {"our", "we", "i", "my"};
	static const char *const on[] = {"on", "of", "against", "at", "to",
	    "into", "through", "for", "by", "with", "in"};
	const char *p = w;
	size_t n = last_word(s, &p);

	if (!blame_in(always, COUNT_OF(always), p, n))
		return false;
	for (int i = 0; i < 5 && n > 0; i++) {
		n = last_word(s, &p);
		if (!blame_in(ours, COUNT_OF(ours), p, n))
			continue;
		/* "an attack on our servers runs from x" */
		n = last_word(s, &p);
		return !blame_in(on, COUNT_OF(on), p, n);
	}
	return false;
}

bool
blame_of_habit(const char *s, const char *w)
{
	static const char *const acts[] = {"done", "made", "performed",
	    "conducted", "run", "sent", "carried", "executed"};
	static const char *const things[] = {"scans", "tests", "checks",
	    "probes", "our notif", "our report", "our mail", "our e-mail",
	    "our message", "these notif", "these scans", "measurements"};
	const char *p = w, *from = w - MIN(w - s, BACK);
	size_t n;

	if (ours_runs(s, w))
		return true;
	n = last_word(s, &p);
	if (n == 3 && memcmp(p, "out", 3) == 0)
		n = last_word(s, &p);
	if (!blame_in(acts, COUNT_OF(acts), p, n))
		return false;
	n = last_word(s, &p);
	/* "will be sent from x": nothing that has happened */
	if (n == 2 && memcmp(p, "be", 2) == 0)
		return last_word(s, &p) == 4 && memcmp(p, "will", 4) == 0;
	if (n != 3 || memcmp(p, "are", 3) != 0)
		return false;
	for (size_t i = 0; i < COUNT_OF(things); i++)
		if (g_strstr_len(from, p - from, things[i]) != NULL)
			return true;
	return false;
}

bool
blame_ihr_is_you(const char *s, const char *w, const char *end)
{
	static const char *const before[] = {"wisst", "habt", "seid", "kennt",
	    "nutzt", "betreibt", "seht", "wollt", "sollt", "ob", "wenn",
	    "dass", "falls", "verwendet", "braucht", "macht"};
	const char *p = w;
	size_t n;

	if (end - w != 3 || memcmp(w, "ihr", 3) != 0)
		return false;
	n = last_word(s, &p);
	return *end == ',' || blame_in(before, COUNT_OF(before), p, n);
}

/* What follows the last address between from and w, in their sentence; NULL
 * without. */
static const char *
behind_address(const char *from, const char *w)
{
	const char *at = NULL;

	for (const char *p = from; p < w; p++) {
		size_t n = 0, dots = 0;

		if (!g_ascii_isdigit(*p) || (p > from && (g_ascii_isalnum(p[-1]) ||
			p[-1] == '.')))
			continue;
		for (; p + n < w && (g_ascii_isdigit(p[n]) || (p[n] == '.' &&
			g_ascii_isdigit(p[n + 1]))); n++)
			dots += p[n] == '.';
		if (dots == 3)
			at = p + n;
		p += n > 0 ? n - 1 : 0;
	}
	if (at != NULL)
		for (const char *p = at; p < w; p++)
			if (strchr(";!?", *p) != NULL ||
			    (*p == '.' && p[1] == ' '))
				return NULL;
	return at;
}

bool
blame_hit_by_other(const char *s, const char *w, const char *end)
{
	static const char *const tries[] = {"attacked ", "has attacked",
	    "is attacking", "scanned ", "has scanned", "is scanning",
	    "probed ", "tried ", "tries ", "is trying", "attempt",
	    "has attempted", "flooded ", "brute", "intent", "ha intent",
	    "atac", "ha atac", "versucht", "hat versucht", "a tenté",
	    "a essayé", "tente ", "attaque ", "ha tentato", "tenta ",
	    "probeer", "heeft geprobeerd", "próbow", "próbuje", "tentou"};
	static const char *const at[] = {"to", "at", "on", "against", "into",
	    "of", "al", "a", "de", "del", "en", "contra", "auf", "an", "zu",
	    "gegen", "sur", "contre", "su", "op", "tegen", "em", "na"};
	const char *from = w - MIN(w - s, BACK), *p = w, *q;
	size_t n;

	if (!blame_is_yours(w, (size_t)(end - w)) &&
	    strncmp(w, "vuestr", 6) != 0)
		return false;
	q = behind_address(from, w);
	if (q == NULL)
		return false;
	q += strspn(q, ")] ");
	for (size_t i = 0; i < COUNT_OF(tries); i++)
		if (text_begins(q, tries[i])) {
			n = last_word(s, &p);
			return p >= q && (blame_in(at, COUNT_OF(at), p, n) ||
			    p == q);
		}
	return false;
}

bool
blame_head_of_botnet(const char *s, const char *w, const char *end)
{
	static const char *const heads[] = {"controller", "controllers",
	    "server", "servers", "panel", "sinkhole", "master", "c"};
	static const char *const joins[] = {"to", "with", "contacted"};
	const char *p = w;
	size_t n = 1;

	if (end - w != 6 || memcmp(w, "botnet", 6) != 0 ||
	    strchr(end, '(') == NULL)
		return false;
	for (int i = 0; i < 4 && n > 0; i++) {
		n = last_word(s, &p);
		if (n == 2 && memcmp(p, "of", 2) == 0)
			break;
	}
	if (n != 2 || memcmp(p, "of", 2) != 0)
		return false;
	n = last_word(s, &p);
	if (!blame_in(heads, COUNT_OF(heads), p, n))
		return false;
	for (int i = 0; i < 4; i++) {
		n = last_word(s, &p);
		if (blame_in(joins, COUNT_OF(joins), p, n))
			return true;
	}
	return false;
}

bool
blame_ours_acts(const char *s, const char *w, const char *p, const char *end)
{
	char t[AHEAD + 1], *q = t;
	size_t n = MIN((size_t)(end - p), AHEAD), k;

	if (!tells_of_ours(s, w, WORDS))
		return false;
	for (size_t i = 0; i < n; i++)
		t[i] = g_ascii_tolower(p[i]);
	t[n] = '\0';
	q += strspn(q, ")] ");
	if (text_begins(q, "has ") || text_begins(q, "had "))
		q += 4;
	k = strspn(q, "abcdefghijklmnopqrstuvwxyz-");
	return blame_in(deeds, COUNT_OF(deeds), q, k) &&
	    text_begins(q + k, " your ");
}
