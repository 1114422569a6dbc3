/*
 * What kind of incident it is: RSIT "class/type" (read.h).  Tables only;
 * names are those of RSIT 1.3 (machine version 1003).
 */
#include "base/base.h"
#include "inspect/read.h"

struct rule {
	const char *word, *type;
};

#define SPAM     "abusive-content/spam"
#define HARASS   "abusive-content/harmful-speech"
#define VIOLENCE "abusive-content/violence"
#define INFECTED "malicious-code/infected-system"
#define C2       "malicious-code/c2-server"
#define MALWARE  "malicious-code/malware-distribution"
#define SCAN     "information-gathering/scanner"
#define SOCIAL   "information-gathering/social-engineering"
#define BRUTE    "intrusion-attempts/brute-force"
#define EXPLOIT  "intrusion-attempts/exploit"
#define IDS      "intrusion-attempts/ids-alert"
#define SYSTEM   "intrusions/system-compromise"
#define APP      "intrusions/application-compromise"
#define ACCOUNT  "intrusions/unprivileged-account-compromise"
#define DOS      "availability/dos"
#define DDOS     "availability/ddos"
#define LEAK     "information-content-security/data-leak"
#define MISUSE   "fraud/unauthorised-use-of-resources"
#define COPY     "fraud/copyright"
#define MASQ     "fraud/masquerade"
#define PHISH    "fraud/phishing"
#define AMPLIFY  "vulnerable/ddos-amplifier"
#define EXPOSED  "vulnerable/potentially-unwanted-accessible"
#define DISCLOSE "vulnerable/information-disclosure"
#define WEAK     "vulnerable/weak-crypto"
#define VULN     "vulnerable/vulnerable-system"
#define OTHER    "other/other"

/* All of RSIT. */
static const char *const known[] = {SPAM, HARASS, VIOLENCE, INFECTED, C2,
    MALWARE, "malicious-code/malware-configuration", SCAN,
    "information-gathering/sniffing", SOCIAL, IDS, BRUTE, EXPLOIT,
    "intrusions/privileged-account-compromise", ACCOUNT, APP, SYSTEM,
    "intrusions/burglary", DOS, DDOS, "availability/misconfiguration",
    "availability/sabotage", "availability/outage",
    "information-content-security/unauthorised-information-access",
    "information-content-security/unauthorised-information-modification",
    "information-content-security/data-loss", LEAK, MISUSE, COPY, MASQ, PHISH,
    WEAK, AMPLIFY, EXPOSED, DISCLOSE, VULN, OTHER, "other/undetermined",
    "test/test"};

const char *const *
inspect_types(size_t *n)
{
	*n = COUNT_OF(known);
	return known;
}

const char *
classify_known(const char *type)
{
	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (strcmp(known[i], type) == 0)
			return known[i];
	return NULL;
}

/* Feedback-Type of RFC 5965 and its extensions. */
static const struct rule arf_types[] = {{"abuse", SPAM}, {"fraud", PHISH},
    {"virus", MALWARE}, {"auth-failure", MASQ}, {"dmarc", MASQ},
    {"miscategorized", SPAM}, {"opt-out", SPAM}, {"opt-out-list", SPAM},
    {"other", OTHER}};

/* Report-Type of X-ARF 0.1 and 0.2, ReportType of XARF 1 to 3, type of 4;
 * lower case, without '-', '_' and blanks. */
static const struct rule xarf_types[] = {
    {"abuse", OTHER},
    {"accountabuse", ACCOUNT},
    {"adwarespyware", INFECTED},
    {"amplifier", AMPLIFY},
    {"apacheddos", DDOS},
    {"attack", IDS},
    {"badbot", EXPLOIT},
    {"badbots", EXPLOIT},
    {"blocklist", OTHER},
    {"bot", INFECTED},
    {"botnet", INFECTED},
    {"botnetinfection", INFECTED},
    {"botnetcc", C2},
    {"brandinfringement", MASQ},
    {"bruteforce", BRUTE},
    {"bruteforcelogin", BRUTE},
    {"bulkmessaging", SPAM},
    {"c2", C2},
    {"childabuse", VIOLENCE},
    {"compromised", SYSTEM},
    {"compromisedaccount", ACCOUNT},
    {"compromisedmicrosoftexchange", SYSTEM},
    {"compromisedserver", SYSTEM},
    {"compromisedwebsite", APP},
    {"copyright", COPY},
    {"csam", VIOLENCE},
    {"csem", VIOLENCE},
    {"cve", VULN},
    {"cyberlocker", COPY},
    {"databreach", LEAK},
    {"dataleak", LEAK},
    {"ddos", DDOS},
    {"ddosamplification", AMPLIFY},
    {"defacement", APP},
    {"dos", DOS},
    {"exploit", EXPLOIT},
    {"exploitattempt", EXPLOIT},
    {"exposeddata", LEAK},
    {"fraud", PHISH},
    {"ftp", BRUTE},
    {"hacking", EXPLOIT},
    {"harassment", HARASS},
    {"harvesting", SCAN},
    {"hatespeech", HARASS},
    {"imap", BRUTE},
    {"infectedhost", INFECTED},
    {"infectedsystem", INFECTED},
    {"infringement", COPY},
    {"iprequest", OTHER},
    {"linkspam", SPAM},
    {"login", BRUTE},
    {"loginattack", BRUTE},
    {"mail", SPAM},
    {"malware", MALWARE},
    {"malwareattack", MALWARE},
    {"malwaredistribution", MALWARE},
    {"mailabuse", SPAM},
    {"emailabuse", SPAM},
    {"maliciousactivity", OTHER},
    {"misconfiguration", EXPOSED},
    {"openrelay", EXPOSED},
    {"openresolver", AMPLIFY},
    {"openservice", EXPOSED},
    {"p2p", COPY},
    {"phishing", PHISH},
    {"phishingattack", PHISH},
    {"pop3", BRUTE},
    {"portflood", DOS},
    {"portscan", SCAN},
    {"potentiallycompromisedaccount", ACCOUNT},
    {"potentiallycompromised", ACCOUNT},
    {"reconnaissance", SCAN},
    {"regbot", SPAM},
    {"remotecompromise", SYSTEM},
    {"rpz", INFECTED},
    {"scan", SCAN},
    {"scanning", SCAN},
    {"scraping", SCAN},
    {"sip", BRUTE},
    {"smtp", SPAM},
    {"socialengineering", SOCIAL},
    {"spam", SPAM},
    {"spamdistribution", SPAM},
    {"spamvertised", SPAM},
    {"sqlinjection", EXPLOIT},
    {"ssh", BRUTE},
    {"suspiciousregistration", PHISH},
    {"terrorism", HARASS},
    {"threatintelligence", OTHER},
    {"trademark", MASQ},
    {"trojan", INFECTED},
    {"ugcplatform", COPY},
    {"usenet", COPY},
    {"virus", MALWARE},
    {"vulnerability", VULN},
    {"vulnerabilityscan", SCAN},
    {"webattack", EXPLOIT},
    {"webcrawler", SCAN},
};

/* Category (or class) when the type says nothing. */
static const struct rule xarf_classes[] = {{"abuse", OTHER},
    {"copyright", COPY}, {"fraud", PHISH}, {"messaging", SPAM},
    {"vulnerability", VULN}, {"connection", IDS}, {"infrastructure", SYSTEM},
    {"reputation", OTHER}, {"private", OTHER}, {"content", OTHER},
    {"activity", OTHER}, {"info", OTHER}};

static const struct {
	const char *word, *type;
	int weight;
} words[] = {
#define WORD(word, type, weight) {word, type, weight},
#include "inspect/classify_words.def"
#include "inspect/classify_tongues.def"
#include "inspect/classify_people.def"
#undef WORD
};

static const char *
lookup(const struct rule *rules, size_t n, const char *word)
{
	char key[48];
	size_t k = 0;

	for (; word != NULL && *word != '\0' && k + 1 < sizeof(key); word++)
		if (g_ascii_isalnum(*word))
			key[k++] = g_ascii_tolower(*word);
	key[k] = '\0';
	for (size_t i = 0; i < n; i++)
		if (strcmp(rules[i].word, key) == 0)
			return rules[i].type;
	return NULL;
}

const char *
classify_arf(const char *feedback_type)
{
	for (size_t i = 0; i < COUNT_OF(arf_types); i++)
		if (text_ieq(arf_types[i].word, feedback_type))
			return arf_types[i].type;
	return OTHER;
}

const char *
classify_xarf(const char *category, const char *type)
{
	const char *found = lookup(xarf_types, COUNT_OF(xarf_types), type);

	/* an "info" about "abuse" says nothing; the words of the type may */
	if ((found == NULL || strcmp(found, OTHER) == 0) && type != NULL) {
		const char *guess = classify_text(type, NULL);

		found = guess != NULL ? guess : found;
	}
	if (found == NULL)
		found = lookup(xarf_classes, COUNT_OF(xarf_classes), category);
	return found;
}

enum { SUBJECT_WEIGHT = 4, HITS_MAX = 4, LOOK_AT = 32768 };

/* Words by their first two bytes, made once, so that a text is gone through
 * once. */
struct index {
	uint16_t first[1024], next[COUNT_OF(words)]; /* 1-based, 0 ends */
};

static inline size_t
bucket_of(const char *s)
{
	return ((size_t)(uint8_t)s[0] * 37 + (size_t)(uint8_t)s[1] * 5) % 1024;
}

static const struct index *
word_index(void)
{
	static struct index x;
	static gsize once;

	if (g_once_init_enter(&once)) {
		for (size_t i = COUNT_OF(words); i-- > 0;) {
			size_t b = bucket_of(words[i].word);

			x.next[i] = x.first[b];
			x.first[b] = (uint16_t)(i + 1);
		}
		g_once_init_leave(&once, 1);
	}
	return &x;
}

/* Adds the hits of a lower-case text.  A word counts from its start on
 * ("cube" is no "ube"); a short one has to end there too.  Scripts without
 * blanks have no start. */
static void
count(const struct index *x, const char *text, uint8_t *hits, int most)
{
	bool inside = false;

	for (const char *p = text; *p != '\0'; p++) {
		if (!inside || (*p & 0x80) != 0)
			for (size_t i = x->first[bucket_of(p)]; i != 0;
			    i = x->next[i - 1]) {
				const char *w = words[i - 1].word;
				size_t n;

				if (w[0] != p[0] || w[1] != p[1])
					continue;
				n = strlen(w);
				if (strncmp(p, w, n) == 0 &&
				    hits[i - 1] < most &&
				    (n > 4 || w[n - 1] == ' ' ||
					!g_ascii_isalpha(p[n])))
					hits[i - 1]++;
			}
		inside = g_ascii_isalpha(*p);
	}
}

/* In lower case, and a word may be broken at the end of a line. */
static const char *
one_line(struct arena *a, const char *s, size_t n)
{
	char *low = read_lower(a, s, n);

	for (char *p = low; (p = strpbrk(p, "\n\t\r")) != NULL; p++)
		*p = ' ';
	return low;
}

const char *
classify_text(const char *subject, const char *text)
{
	ARENA_AUTO(a, "classify");
	uint8_t in_subject[COUNT_OF(words)] = {0};
	uint8_t in_text[COUNT_OF(words)] = {0};
	uint16_t found[COUNT_OF(words)];
	const char *best = NULL;
	const struct index *x = word_index();
	size_t n = 0;
	int top = 0;

	if (subject != NULL)
		count(x, one_line(a, subject, strlen(subject)),
		    in_subject, 1);
	if (text != NULL)
		count(x, one_line(a, text, MIN(strlen(text), LOOK_AT)),
		    in_text, HITS_MAX);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (in_subject[i] + in_text[i] > 0)
			found[n++] = (uint16_t)i;
	for (size_t i = 0; i < n; i++) {
		const char *type = words[found[i]].type;
		int score = 0;

		for (size_t k = 0; k < n; k++)
			if (strcmp(words[found[k]].type, type) == 0)
				score += words[found[k]].weight *
				    (in_text[found[k]] + SUBJECT_WEIGHT *
					in_subject[found[k]]);
		if (score > top) {
			top = score;
			best = type;
		}
	}
	return best;
}
