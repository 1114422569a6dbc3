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

/* Words of people and of logs, in lower case; the first of two that score
 * the same wins, so the more special ones stand first. */
static const struct {
	const char *word, *type;
	int weight;
} words[] = {
    {"infringe", COPY, 6},
    {"copyright", COPY, 6},
    {"dmca", COPY, 6},
    {"bittorrent", COPY, 4},
    {"file sharing", COPY, 3},
    {"phish", PHISH, 7},
    {"spoofed login", PHISH, 4},
    {"fake login", PHISH, 5},
    {"fraudulent site", PHISH, 5},
    {"fraudulent web", PHISH, 5},
    {"credential harvest", PHISH, 6},
    {"steal credentials", PHISH, 5},
    {"ransomware", INFECTED, 5},
    {"botnet drone", INFECTED, 8},
    {"command and control", C2, 6},
    {"command & control", C2, 6},
    {"command-and-control", C2, 6},
    {"c&c server", C2, 7},
    {"c2 server", C2, 7},
    {"sinkhole", INFECTED, 6},
    {"infected with", INFECTED, 6},
    {"is infected", INFECTED, 6},
    {"infected host", INFECTED, 6},
    {"infected machine", INFECTED, 6},
    {"infected comput", INFECTED, 6},
    {"infection", INFECTED, 4},
    {"botnet", INFECTED, 4},
    {"conficker", INFECTED, 5},
    {"zeroaccess", INFECTED, 5},
    {"trojan", INFECTED, 3},
    {"hosting malware", MALWARE, 7},
    {"hosts malware", MALWARE, 7},
    {"malware distribution", MALWARE, 7},
    {"distributing malware", MALWARE, 7},
    {"malware url", MALWARE, 6},
    {"malware attack", MALWARE, 6},
    {"malicious file", MALWARE, 5},
    {"malicious url", MALWARE, 5},
    {"malicious software", MALWARE, 4},
    {"malware", MALWARE, 4},
    {"virus", MALWARE, 3},
    {"open resolver", AMPLIFY, 7},
    {"openresolver", AMPLIFY, 7},
    {"open memcached", AMPLIFY, 7},
    {"open ntp", AMPLIFY, 7},
    {"open dns", AMPLIFY, 7},
    {"open snmp", AMPLIFY, 7},
    {"open ssdp", AMPLIFY, 7},
    {"open cldap", AMPLIFY, 7},
    {"open netbios", AMPLIFY, 7},
    {"open portmap", AMPLIFY, 7},
    {"open recursive", AMPLIFY, 7},
    {"monlist", AMPLIFY, 6},
    {"ddos amplif", AMPLIFY, 8},
    {"amplification", AMPLIFY, 5},
    {"amplifier", AMPLIFY, 6},
    {"reflector", AMPLIFY, 6},
    {"reflection", AMPLIFY, 6},
    {"openly accessible", EXPOSED, 5},
    {"publicly accessible", EXPOSED, 5},
    {"open proxy", EXPOSED, 5},
    {"open relay", EXPOSED, 5},
    {"exposed service", EXPOSED, 5},
    {"exposes", EXPOSED, 4},
    {"exposed to the internet", EXPOSED, 6},
    {"exposed to internet", EXPOSED, 6},
    {"reachable from the internet", EXPOSED, 6},
    {"accessible from the internet", EXPOSED, 6},
    {"without authentication", EXPOSED, 5},
    {"without any authentication", EXPOSED, 5},
    {"unauthenticated access", EXPOSED, 5},
    {"open redis", EXPOSED, 7},
    {"open elasticsearch", EXPOSED, 7},
    {"open mongodb", EXPOSED, 7},
    {"open telnet", EXPOSED, 7},
    {"open rdp", EXPOSED, 7},
    {"open smb", EXPOSED, 7},
    {"open vnc", EXPOSED, 7},
    {"open mqtt", EXPOSED, 7},
    {"open docker", EXPOSED, 7},
    {"offene", EXPOSED, 4},
    {"ohne authentifizierung", EXPOSED, 6},
    {"aus dem internet erreichbar", EXPOSED, 6},
    {"sans authentification", EXPOSED, 6},
    {"sin autenticaci", EXPOSED, 6},
    {"heartbleed", VULN, 5},
    {"is vulnerable", VULN, 6},
    {"vulnerable to", VULN, 5},
    {"vulnerable system", VULN, 6},
    {"vulnerable version", VULN, 5},
    {"unpatched", VULN, 4},
    {"poodle", WEAK, 4},
    {"weak cipher", WEAK, 6},
    {"ddos", DDOS, 7},
    {"distributed denial", DDOS, 8},
    {"denial of service", DOS, 6},
    {"denial-of-service", DOS, 6},
    {"syn flood", DOS, 7},
    {"synflood", DOS, 7},
    {"udp flood", DOS, 7},
    {"http flood", DOS, 7},
    {"flood", DOS, 4},
    {"syn-flood", DOS, 7},
    {"udp-flood", DOS, 7},
    {"http-flood", DOS, 7},
    {"syn attack", DOS, 6},
    {"tcp_syn", DOS, 6},
    {"kpps", DOS, 6},
    {"mpps", DDOS, 6},
    {"brute force", BRUTE, 7},
    {"brute-force", BRUTE, 7},
    {"bruteforc", BRUTE, 7},
    {"dictionary attack", BRUTE, 6},
    {"failed password", BRUTE, 6},
    {"failed login", BRUTE, 6},
    {"login attempt", BRUTE, 6},
    {"login failure", BRUTE, 6},
    {"authentication fail", BRUTE, 6},
    {"invalid user", BRUTE, 5},
    {"password guess", BRUTE, 6},
    {"ssh attack", BRUTE, 6},
    {"ssh-bf", BRUTE, 7},
    {"auth failed", BRUTE, 6},
    {"incorrect authentication", BRUTE, 6},
    {"access denied for user", BRUTE, 6},
    {"wrong password", BRUTE, 6},
    {"bad password", BRUTE, 6},
    {"invalid password", BRUTE, 6},
    {"failed rdp", BRUTE, 6},
    {"failed logon", BRUTE, 6},
    {"failed to log on", BRUTE, 6},
    {"login failed", BRUTE, 6},
    {"attempting to log in", BRUTE, 6},
    {"attempted to log in", BRUTE, 6},
    {"attempts to log in", BRUTE, 6},
    {"tried to log in", BRUTE, 6},
    {"trying to log in", BRUTE, 6},
    {"tries to log in", BRUTE, 6},
    {"rdp brute", BRUTE, 7},
    {"password spray", BRUTE, 7},
    {"account takeover", BRUTE, 6},
    {"credential stuffing", BRUTE, 7},
    {"wp-login", BRUTE, 5},
    {"xmlrpc.php", BRUTE, 4},
    {"rdp attack", BRUTE, 5},
    {"sql injection", EXPLOIT, 7},
    {"sqli", EXPLOIT, 4},
    {"union select", EXPLOIT, 6},
    {"/etc/passwd", EXPLOIT, 5},
    {"remote code execution", EXPLOIT, 4},
    {"exploit attempt", EXPLOIT, 7},
    {"exploitation attempt", EXPLOIT, 7},
    {"attempted exploit", EXPLOIT, 7},
    {"tried to exploit", EXPLOIT, 7},
    {"jndi:", EXPLOIT, 7},
    {"shellshock", EXPLOIT, 6},
    {"web attack", EXPLOIT, 5},
    {"abusive web request", EXPLOIT, 5},
    {"directory traversal", EXPLOIT, 6},
    {"cross-site scripting", EXPLOIT, 5},
    {"hacking attempt", EXPLOIT, 4},
    {"exploit", EXPLOIT, 2},
    {"portscan", SCAN, 8},
    {"port scan", SCAN, 8},
    {"port-scan", SCAN, 8},
    {"netscan", SCAN, 8},
    {"network scan", SCAN, 7},
    {"host scan", SCAN, 7},
    {"vulnerability scan", SCAN, 6},
    {"harvesting", SCAN, 4},
    {"probing", SCAN, 5},
    {"probes", SCAN, 4},
    {"probed", SCAN, 4},
    {"scanning", SCAN, 5},
    {"scanned", SCAN, 5},
    {"scanner", SCAN, 4},
    {"scans", SCAN, 5},
    {"scan ", SCAN, 4},
    {"sweep", SCAN, 3},
    {"snort", IDS, 4},
    {"suricata", IDS, 4},
    {"ids alert", IDS, 7},
    {"intrusion detection", IDS, 4},
    {"defaced", APP, 7},
    {"defacement", APP, 7},
    {"web shell", APP, 6},
    {"webshell", APP, 6},
    {"compromised website", APP, 7},
    {"hacked website", APP, 6},
    {"compromised account", ACCOUNT, 7},
    {"account was compromised", ACCOUNT, 7},
    {"account has been compromised", ACCOUNT, 7},
    {"stolen credential", ACCOUNT, 5},
    {"was hacked", SYSTEM, 5},
    {"been hacked", SYSTEM, 5},
    {"been compromised", SYSTEM, 5},
    {"was compromised", SYSTEM, 5},
    {"compromised host", SYSTEM, 6},
    {"compromised server", SYSTEM, 6},
    {"rootkit", SYSTEM, 5},
    {"data leak", LEAK, 6},
    {"leaked", LEAK, 3},
    {"cryptomin", MISUSE, 6},
    {"coin miner", MISUSE, 6},
    {"coinminer", MISUSE, 6},
    {"impersonat", MASQ, 4},
    {"typosquat", MASQ, 5},
    {"harass", HARASS, 5},
    {"death threat", VIOLENCE, 5},
    {"child abuse", VIOLENCE, 8},
    {"child sexual", VIOLENCE, 8},
    {"social engineering", SOCIAL, 6},
    {"comment spam", SPAM, 6},
    {"unsolicited", SPAM, 6},
    {"spamtrap", SPAM, 7},
    {"spam trap", SPAM, 7},
    {"junk mail", SPAM, 5},
    {"spam", SPAM, 5},
    {"bulk email", SPAM, 5},
    {"ube", SPAM, 3},
    /* other languages; Cyrillic without its first letter, which may be a
     * capital: words there count from anywhere */
    {"anmeldeversuch", BRUTE, 6},
    {"force brute", BRUTE, 7},
    {"fuerza bruta", BRUTE, 7},
    {"força bruta", BRUTE, 7},
    {"forza bruta", BRUTE, 7},
    {"одбор парол", BRUTE, 7},
    {"еребор парол", BRUTE, 7},
    {"ブルートフォース", BRUTE, 7},
    {"総当たり", BRUTE, 7},
    {"暴力破解", BRUTE, 7},
    {"暴力攻击", BRUTE, 7},
    {"poortscan", SCAN, 8},
    {"balayage de port", SCAN, 8},
    {"escaneo", SCAN, 6},
    {"barrido de puertos", SCAN, 8},
    {"varredura", SCAN, 6},
    {"scansion", SCAN, 5},
    {"skanowan", SCAN, 6},
    {"skenov", SCAN, 6},
    {"portskann", SCAN, 8},
    {"канирован", SCAN, 6},
    {"ポートスキャン", SCAN, 8},
    {"スキャン", SCAN, 5},
    {"端口扫描", SCAN, 8},
    {"扫描", SCAN, 5},
    {"hameçonnage", PHISH, 7},
    {"suplantaci", PHISH, 5},
    {"ишинг", PHISH, 7},
    {"フィッシング", PHISH, 7},
    {"钓鱼", PHISH, 7},
    {"pourriel", SPAM, 6},
    {"correo no deseado", SPAM, 6},
    {"迷惑メール", SPAM, 6},
    {"スパム", SPAM, 6},
    {"垃圾邮件", SPAM, 6},
    {"пам-рассыл", SPAM, 6},
    {"schadsoftware", MALWARE, 5},
    {"logiciel malveillant", MALWARE, 5},
    {"マルウェア", MALWARE, 5},
    {"恶意软件", MALWARE, 5},
    {"木马", INFECTED, 4},
    {"僵尸网络", INFECTED, 6},
    {"déni de service", DOS, 6},
    {"denegación de servicio", DOS, 6},
    {"negação de serviço", DOS, 6},
    {"拒绝服务", DOS, 6},
    {"kwetsba", VULN, 6},
    {"verwundbar", VULN, 6},
    {"schwachstelle", VULN, 5},
    {"vulnerabilidad", VULN, 4},
    {"vulnérab", VULN, 5},
    {"脆弱性", VULN, 5},
    {"포트 스캔", SCAN, 8},
    {"피싱", PHISH, 7},
    {"스팸", SPAM, 6},
    {"端口掃描", SCAN, 8},
    {"釣魚", PHISH, 7},
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

/* Words by their first byte, so that a text is gone through once. */
struct index {
	uint16_t first[256], next[COUNT_OF(words)]; /* 1-based, 0 ends */
};

static void
make_index(struct index *x)
{
	memset(x, 0, sizeof(*x));
	for (size_t i = COUNT_OF(words); i-- > 0;) {
		unsigned char c = (unsigned char)words[i].word[0];

		x->next[i] = x->first[c];
		x->first[c] = (uint16_t)(i + 1);
	}
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
			for (size_t i = x->first[(unsigned char)*p]; i != 0;
			    i = x->next[i - 1]) {
				const char *w = words[i - 1].word;
				size_t n;

				if (w[1] != p[1])
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

const char *
classify_text(const char *subject, const char *text)
{
	ARENA_AUTO(a, "classify");
	uint8_t in_subject[COUNT_OF(words)] = {0};
	uint8_t in_text[COUNT_OF(words)] = {0};
	const char *best = NULL;
	struct index x;
	int top = 0;

	make_index(&x);
	if (subject != NULL)
		count(&x, read_lower(a, subject, strlen(subject)),
		    in_subject, 1);
	if (text != NULL)
		count(&x, read_lower(a, text, MIN(strlen(text), LOOK_AT)),
		    in_text, HITS_MAX);
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		int score = 0;

		if (in_subject[i] + in_text[i] == 0)
			continue;
		for (size_t k = 0; k < COUNT_OF(words); k++)
			if (words[k].type == words[i].type ||
			    strcmp(words[k].type, words[i].type) == 0)
				score += words[k].weight * (in_text[k] +
				    SUBJECT_WEIGHT * in_subject[k]);
		if (score > top) {
			top = score;
			best = words[i].type;
		}
	}
	return best;
}
