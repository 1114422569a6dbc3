/*
 * Addresses of the web in a letter: which of them are what it is about, and
 * which are told for information (plain.h).
 */
#include "base/base.h"
#include "base/text.h"
#include "inspect/letter/plain.h"

/* Is it a page of the site, not the site? */
static bool
has_path(const struct scan_hit *h)
{
	const char *p = strstr(h->value, "://");

	p = p != NULL ? strchr(p + 3, '/') : NULL;
	return p != NULL && p[1] != '\0';
}

/* Does a sentence name it, or lead to it? */
static bool
in_sentence(const struct plain *p, const struct line *l,
    const struct scan_hit *h)
{
	const char *colon = strrchr(p->para, ':');

	if (colon != NULL && strspn(colon, ": ") == strlen(colon))
		return true;
	for (size_t i = 0; i < l->n; i++)
		if ((i < h->start || i >= h->end) && g_ascii_isalpha(l->s[i]))
			return true;
	return false;
}

struct page *
witness_page(struct plain *p, const struct scan_hit *h)
{
	struct page *x = ARENA_NEW(p->r->a, struct page);

	x->hit = *h;
	/* "Seen: t", "URL: x"; but not when t was that of another one */
	if (p->para_timed && (p->page == NULL || !p->page->behind)) {
		x->st = p->para_stamp;
		x->given = p->para_given;
		x->timed = true;
	}
	return x;
}

/* "Please contact us at x", "for help: x"; but "please take x down" asks for
 * what is to be done about it. */
static bool
is_courtesy(const char *before)
{
	static const char *const words[] = {"please", "help", "contact us",
	    "contact me", "contact our", "contact the", "contact:"};
	static const char *const acts[] = {"take", "remov", "block", "suspend",
	    "shut", "disabl", "delet", "deactivat", "investigat", "clos",
	    "clean", "stop", "pull", "terminat", "look at", "look into",
	    "deal with", "get rid", "kill", "unpublish", "bring down",
	    "seiz", "sinkhol", "act on", "act against", "with care", "careful",
	    "caution", "do not", "don't", "check", "verify", "warn"};

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		const char *at = g_strrstr(before, words[i]);
		bool act = false;

		for (size_t k = 0; at != NULL && k < COUNT_OF(acts); k++)
			act |= strstr(at, acts[k]) != NULL;
		if (at != NULL && !act)
			return true;
	}
	return false;
}

/* Is it one where things are looked up, not where they happen? */
bool
witness_studies(const char *host)
{
	static const char *const studies[] = {"virustotal.com", "urlscan.io",
	    "any.run", "hybrid-analysis.com", "abuseipdb.com", "shodan.io",
	    "censys.io", "abuse.ch", "phishtank.org", "phishtank.com",
	    "alienvault.com", "talosintelligence.com", "ipinfo.io",
	    "mxtoolbox.com", "spamhaus.org", "nist.gov", "cve.org",
	    "mitre.org", "owasp.org", "wikipedia.org", "ripe.net", "arin.net",
	    "joesandbox.com", "tria.ge", "greynoise.io", "criminalip.io",
	    "haveibeenpwned.com", "letsencrypt.org", "imgur.com", "youtu.be"};
	const char *org = received_org(host);

	for (size_t i = 0; i < COUNT_OF(studies); i++)
		if (text_ieq(org, studies[i]))
			return true;
	return false;
}

static const char *const copies[] = {"fake", "copy", "copies", "clone",
    "imitat", "mimic", "replica", "gefälscht", "kopie", "fausse", "copie",
    "copia", "nagemaakt", "podrób", "falsa", "falso"};

/* "a fake copy of our official site: x" is the copy; "the copy is of our
 * site x" is not. */
static bool
is_copy(const char *before, const char *info)
{
	size_t n = strlen(before);

	while (n > 0 && strchr(" \t\"'<(", before[n - 1]) != NULL)
		n--;
	if (n == 0 || before[n - 1] != ':')
		return false;
	for (size_t i = 0; i < COUNT_OF(copies); i++)
		if (g_strstr_len(before, info - before, copies[i]) != NULL)
			return true;
	return false;
}

/* "Die Originale finden sich unter", and the page in the next line: that of
 * whoever complains. */
static bool
is_original(const struct plain *p, const struct line *l,
    const struct scan_hit *h, const char *before)
{
	static const char *const words[] = {"our original ", "my original ",
	    "my originals", "our originals", "the originals",
	    "original work", "original photo", "original image",
	    "original article", "die originale ", "originale finden",
	    "les originaux", "nos originaux", "obra original",
	    "los originales", "gli originali", "de originelen"};
	static const char *const sent[] = {"our original mail",
	    "our original message", "my original mail", "my original message",
	    "our original report", "my original report"};
	size_t n = strlen(p->para), from = n;
	const char *s = before;

	if (strspn(l->s, " \t<") >= h->start && n > 0) {
		while (from > 0 && !(p->para[from - 1] == ' ' && from > 1 &&
			strchr(".!?", p->para[from - 2]) != NULL))
			from--;
		s = read_lower(p->r->a, p->para + from, n - from);
	}
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		const char *at = strstr(s, words[i]);

		if (at == NULL || (at > s && g_ascii_isalpha(at[-1])) ||
		    text_has_any(at, sent, COUNT_OF(sent)))
			continue;
		/* "copies of the original are at x" */
		if (!text_has_any(arena_strndup(p->r->a, s, (size_t)(at - s)),
			copies, COUNT_OF(copies)))
			return true;
	}
	return false;
}

/* "Our book is available at x" */
static void
keep_offered(struct plain *p, const struct scan_hit *h)
{
	if (p->offered_url == NULL && has_path(h))
		p->offered_url = witness_page(p, h);
}

bool
witness_url(struct plain *p, const struct line *l,
    const struct scan_hit *h)
{
	static const char *const info[] = {"more info", "more detail",
	    "further info", "further detail", "information about",
	    "information on", "for info", "for detail", "can be found",
	    "unsubscribe", "faq", "learn", "read ", "specification",
	    "policy", "terms", "privacy", "lookup", "whois", "schema",
	    "legitimate", "genuine", "authentic", "official", "real site",
	    "original site", "original brand", "brand:", "the original",
	    "original is", "original:", "sold at", "our site", "our shop",
	    "our website", "own site", "own website", "client's site",
	    "client's website", "eigene seite", "eigene website",
	    "propre site"};
	/* so do these, unless something bad was said before: "steals card
	 * details: x", "victims click on x" */
	static const char *const maybe[] = {"information", "visit ", "visit:", "details",
	    "login to", "log in", "available at", "go to", "click", "portal"};
	static const char *const bad[] = {"phish", "fake", "fraud", "scam",
	    "malicious", "malware", "steal", "stolen", "victim", "hacked",
	    "compromised", "impersonat", "imitat", "collect", "harvest",
	    "defac", "infring", "illegal", "spoof", "bogus", "asks user",
	    "pretend", "mimic", "trojan", "unauthor", "copies of", "pirat"};
	ARENA_AUTO(a, "url");
	const char *from = p->r->out->from != NULL ?
	    strrchr(p->r->out->from, '@') : NULL;
	char *t;

	if (h->defanged)
		return true;
	if (witness_studies(h->host))
		return false;
	/* names of XML, not places */
	if (g_strstr_len(l->s, (gssize)l->n, "xmlns") != NULL ||
	    g_strstr_len(l->s, (gssize)l->n, "schemaLocation") != NULL)
		return false;
	t = read_lower(a, l->s, h->start);
	for (size_t i = 0; i < COUNT_OF(info); i++) {
		const char *at = strstr(t, info[i]);

		/* "anybody can read the names at x" */
		if (at == NULL || is_copy(t, at) || (at - t > 3 &&
			memcmp(at - 4, "can ", 4) == 0 && *at == 'r'))
			continue;
		if (strcmp(info[i], "can be found") == 0)
			keep_offered(p, h);
		return false;
	}
	if (is_courtesy(t) || is_original(p, l, h, t))
		return false;
	if (text_has_any(t, maybe, COUNT_OF(maybe)) &&
	    !text_has_any(t, bad, COUNT_OF(bad))) {
		keep_offered(p, h);
		return false;
	}
	/* that of the writer's own house is told for information, unless it
	 * turns out that there is nothing else */
	if (from != NULL && text_ieq(received_org(from + 1),
		received_org(h->host))) {
		if (p->own_url == NULL && has_path(h) && in_sentence(p, l, h))
			p->own_url = witness_page(p, h);
		return false;
	}
	return true;
}

/* "192.0.2.1 hosts http://192.0.2.1/bank/": is its host in the line, too? */
static bool
is_named(const struct scan_hit *hits, size_t n, const struct scan_hit *page)
{
	for (size_t i = 0; i < n; i++)
		if (hits[i].kind <= SCAN_CIDR &&
		    strcmp(hits[i].value, page->host) == 0)
			return true;
	return false;
}

bool
witness_apart(const struct plain *p, const struct scan_hit *h,
    const struct scan_hit *hits, size_t n)
{
	struct net net;

	return p->last != NULL && !p->para_last &&
	    net_parse_host(h->host, &net) &&
	    !g_hash_table_contains(p->by_ip, net_text(p->r->a, &net)) &&
	    !is_named(hits, n, h);
}
