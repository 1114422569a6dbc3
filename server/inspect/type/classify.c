/*
 * What kind of incident it is: RSIT "class/type" (read.h).  Tables only;
 * names are those of RSIT 1.3 (machine version 1003).
 */
#include "base/base.h"
#include "inspect/read.h"
#include "inspect/type/classify_types.h"

struct rule {
	const char *word, *type;
};

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

bool
classify_serves(const char *type)
{
	static const char *const serve[] = {PHISH, MALWARE, COPY, MASQ, C2};

	for (size_t i = 0; type != NULL && i < COUNT_OF(serve); i++)
		if (strcmp(serve[i], type) == 0)
			return true;
	return type != NULL && g_str_has_prefix(type, "vulnerable/");
}

/* No program takes such a port to knock with. */
static bool
of_service(int64_t port)
{
	static const uint16_t services[] = {1433, 1521, 1723, 2222, 2323, 3128,
	    3306, 3389, 5432, 5555, 5900, 6379, 7547, 8080, 8443, 8728,
	    9200, 11211, 27017};

	for (size_t i = 0; i < COUNT_OF(services); i++)
		if (services[i] == port)
			return true;
	return port < 1024;
}

void
classify_knock_port(const char *type, struct inspect_event *e)
{
	if (type == NULL || e->destination_port != DESC_NULL ||
	    e->source_port == DESC_NULL || !of_service(e->source_port) ||
	    (!g_str_has_prefix(type, "intrusion-attempts/") &&
		strcmp(type, SCAN) != 0))
		return;
	e->destination_port = e->source_port;
	e->source_port = DESC_NULL;
}

void
classify_distributed(const GPtrArray *events, size_t first)
{
	const char *ip = NULL;
	bool several = false;

	for (guint i = first; i < events->len; i++) {
		const struct inspect_event *e = events->pdata[i];

		if (e->source_ip == NULL || e->type == NULL ||
		    strcmp(e->type, DOS) != 0)
			continue;
		several |= ip != NULL && strcmp(ip, e->source_ip) != 0;
		ip = e->source_ip;
	}
	for (guint i = first; several && i < events->len; i++) {
		struct inspect_event *e = events->pdata[i];

		if (e->type != NULL && strcmp(e->type, DOS) == 0)
			e->type = DDOS;
	}
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
