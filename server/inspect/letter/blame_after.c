/*
 * What the words right behind an address say of it: "x has attacked", "x was
 * flooded by", "x, our mail server," (blame.h).
 */
#include "base/base.h"
#include "inspect/letter/blame.h"

#include "base/text.h"

static const char *const suffers[] = {"is being", "was being", "are being",
    "was the target", "is the target", "been the target", "is our", "receiv",
    "is under a", "was under a", "came under", "been under", "(our", "(my",
    "belongs to us", "] said", "] refused", ") only passed",
    ") only relayed", "only passed", "only relayed"};
/* "x was ... by them": what is done to somebody. */
static const char *const done_to[] = {"attacked", "bombarded", "brute",
    "crawled", "ddos", "flooded", "hammered", "harassed", "hit ", "hit,",
    "knocked off", "overloaded", "overwhelmed", "pinged",
    "port scanned", "port-scanned", "portscanned", "probed",
    "saturated", "scanned", "scraped", "spammed", "swamped", "targeted",
    "taken down by", "taken offline by"};

/* "x is an open resolver", "x is part of a botnet" */
static const char *const is_one[] = {"an open ", "an infected ",
    "a compromised ", "a vulnerable ", "a hacked ", "part of a ", "a bot ",
    "a spammer", "a scanner of ", "an abus", "a phishing ", "a malicious "};

/* "your host was hit by ransomware" is about the host. */
static bool
by_disease(const char *s)
{
	static const char *const names[] = {"malware", "ransomware", "virus",
	    "worm", "trojan", "botnet", "spyware"};

	s += strspn(s, " ");
	if (!text_begins(s, "by "))
		return false;
	s += text_begins(s, "by a ") ? 5 : text_begins(s, "by the ") ? 7 : 3;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (text_begins(s, names[i]))
			return true;
	return false;
}

/* "is flooded", "got hit", "were heavily probed" */
static bool
passive(const char *s)
{
	static const char *const helpers[] = {"is ", "are ", "was ", "were ",
	    "been ", "gets ", "got "};
	const char *q = NULL;

	for (size_t i = 0; i < COUNT_OF(helpers) && q == NULL; i++)
		if (text_begins(s, helpers[i]))
			q = s + strlen(helpers[i]);
	for (int words = 0; q != NULL && words < 2; words++) {
		size_t n = strcspn(q, " ");

		for (size_t i = 0; i < COUNT_OF(done_to); i++)
			if (text_begins(q, done_to[i]))
				return !by_disease(q + strlen(done_to[i]));
		/* an adverb between them */
		if (n < 4 || q[n - 1] != 'y' || q[n] != ' ')
			return false;
		q += n + 1;
	}
	return false;
}

/* "x, our mail server," */
static bool
apposed(const char *s)
{
	int words = 0;

	if (!text_begins(s, ", our ") && !text_begins(s, ", my "))
		return false;
	for (s += text_begins(s, ", our ") ? 6 : 5; words < 3 && g_ascii_isalpha(*s);
	     words++) {
		while (text_wordy(*s) || *s == '-')
			s++;
		if (*s == ',' || *s == '.' || *s == ')')
			return true;
		s += *s == ' ';
	}
	return false;
}

/* "We blackholed x, it was receiving 30 Gbit/s": the same sentence goes on with
 * what befell it. */
static bool
suffered(const char *s)
{
	static const char *const blows[] = {"it was receiving",
	    "it is receiving", "it was under attack",
	    "it is under attack", "it was being", "it is being", "it was flooded",
	    "it was attacked", "it was hit", "it was the target",
	    "it is the target", "which was under attack",
	    "which is under attack"};
	size_t n = strcspn(s, ".;:!?");

	for (size_t i = 0; i < COUNT_OF(blows); i++) {
		const char *at = g_strstr_len(s, (gssize)n, blows[i]);

		/* "x: it was receiving orders" */
		if (at != NULL && at > s && at[-1] == ' ' &&
		    g_strstr_len(at, (gssize)strlen(at), "order") == NULL &&
		    g_strstr_len(at, (gssize)strlen(at), "command") == NULL)
			return true;
	}
	return false;
}

enum blame
blame_after(const char *p, const char *end)
{
	char t[64], *q = t;
	size_t n = MIN((size_t)(end - p), 60);

	for (size_t i = 0; i < n; i++)
		t[i] = g_ascii_tolower(p[i]);
	t[n] = '\0';
	{
		const char *have = q + strspn(q, " ");

		if (text_begins(have, "has ") || text_begins(have, "have ") ||
		    text_begins(have, "had "))
			have += strcspn(have, " ") + 1;
		for (size_t i = 0; i < COUNT_OF(suffers); i++)
			if (text_begins(have, suffers[i]))
				return BLAME_TARGET;
		if (passive(have) || apposed(q) || suffered(q))
			return BLAME_TARGET;
	}
	q += strspn(q, "]\"')");
	/* behind a gap is another cell */
	if (*q != ' ' || q[1] == ' ' || q[1] == '\t')
		return BLAME_NONE;
	q += strspn(q, " ");
	/* "The web server (x) wrote:", and its log below */
	if (blame_logs(q))
		return BLAME_TARGET;
	/* "x (source)", "y (our server)": words only */
	if (*q == '(' || *q == '[') {
		size_t k = strspn(q + 1, "abcdefghijklmnopqrstuvwxyz ");

		if (k > 0 && (q[k + 1] == ')' || q[k + 1] == ']') &&
		    !text_begins(q + 1, "not ")) {
			enum blame r;

			q[k + 1] = '\0';
			r = blame_of_label(q + 1);
			return r == BLAME_LABEL ? BLAME_NONE : r;
		}
	}
	/* "x (its.name.example) has attacked", "x (not in your network) ..." */
	if (*q == '(') {
		size_t k = strcspn(q, ")"), word = strcspn(q, " )");

		/* words, and "is connected", say less */
		if (q[k] == ')' && q[k + 1] == ' ' && (k == word ||
			(!text_begins(q + k + 2, "is ") &&
			    !text_begins(q + k + 2, "was "))))
			q += k + 2;
	}
	{
		enum blame r = blame_behind(q);

		if (r != BLAME_NONE)
			return r;
	}
	/* helpers: "has been", "is", "was", "which is" */
	for (int i = 0; i < 4; i++) {
		static const char *const helpers[] = {"has ", "have ", "had ",
		    "is ", "are ", "was ", "were ", "been ", "which ", "that ",
		    "who ", "again ", "also ", "currently ", "just ",
		    "repeatedly ", "actively "};

		for (size_t k = 0; k < COUNT_OF(helpers); k++)
			if (text_begins(q, helpers[k]))
				q += strlen(helpers[k]);
	}
	for (size_t i = 0; i < COUNT_OF(is_one); i++)
		if (text_begins(q, is_one[i]))
			return BLAME_SOURCE;
	return blame_acts(q) ? BLAME_SOURCE : BLAME_NONE;
}

bool
blame_struck(const char *p, const char *end)
{
	static const char *const blows[] = {" was attacked", " was hit",
	    " is under attack", " was under attack", " was targeted",
	    " was the target", " is the target", " came under",
	    " only passed", ") only passed", " only relayed", ") only relayed",
	    " was flooded", " is being attacked", " is being flooded",
	    " was taken down by", " has been attacked", " received a flood",
	    " wurde angegriffen", " wird angegriffen", " wurde attackiert",
	    " a été attaqué", " fue atacad", " è stato attaccat",
	    " werd aangevallen", " foi atacad"};

	for (size_t i = 0; i < COUNT_OF(blows); i++)
		if ((size_t)(end - p) >= strlen(blows[i]) &&
		    strncmp(p, blows[i], strlen(blows[i])) == 0)
			return true;
	return false;
}

enum blame
blame_of_sentence(const char *label)
{
	static const char *const ours[] = {"our", "ours", "us", "my", "unsere",
	    "unserer", "unseren", "unser", "notre", "nos", "nuestro",
	    "nuestra", "nuestros", "nostro", "nostri", "onze", "ons"};
	int word = 0, our = 0, your = 0, last = 0; /* their places, from 1 */
	bool by = false, done_by = false;

	while (*label != '\0') {
		size_t n = strcspn(label, " ,()\t");

		word += n > 0;
		if (our == 0 && blame_in(ours, COUNT_OF(ours), label, n))
			our = word;
		if (n > 0 && (blame_is_yours(label, n) ||
			(n == 5 && strncmp(label, "yours", 5) == 0))) {
			your = your > 0 ? your : word;
			last = word;
			done_by = by;
		}
		by = n == 2 && strncmp(label, "by", 2) == 0;
		label += n;
		label += strspn(label, " ,()\t");
	}
	if (last > 0 && word - last < 2 && !done_by)
		return BLAME_SOURCE;
	return your > 0 && (our == 0 || your < our) && !done_by ?
		BLAME_SOURCE : our > 0 ? BLAME_TARGET : BLAME_NONE;
}
