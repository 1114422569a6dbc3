/*
 * Names that detectors have for what they saw: rules of Snort and Suricata,
 * "ET SCAN ...", and scenarios, "vendor/ssh-slow-bf" (plain.h).
 */
#include "base/base.h"
#include "inspect/letter/plain.h"
#include "inspect/type/classify_types.h"

#include <string.h>

/* The class that the name of a rule begins with, behind its publisher. */
static const struct {
	const char *name, *type;
} rules[] = {{"scan ", SCAN}, {"exploit ", EXPLOIT}, {"exploit_kit ", MALWARE},
    {"web_server ", EXPLOIT}, {"web_specific_apps ", EXPLOIT},
    {"sql ", EXPLOIT}, {"attack_response ", SYSTEM}, {"shellcode ", EXPLOIT},
    {"malware ", INFECTED}, {"trojan ", INFECTED}, {"cnc ", INFECTED},
    {"mobile_malware ", INFECTED}, {"worm ", INFECTED},
    {"coinminer ", INFECTED}, {"dos ", DOS}, {"phishing ", PHISH},
    {"policy ", IDS}, {"info ", IDS}, {"drop ", IDS}, {"cins ", IDS},
    {"compromised ", IDS}, {"tor ", IDS}, {"ciarmy ", IDS}};
/* The same of rules without a publisher. */
static const struct {
	const char *name, *type;
} plain_rules[] = {{"indicator-scan ", SCAN}, {"malware-cnc ", INFECTED},
    {"malware-backdoor ", INFECTED}, {"malware-other ", INFECTED},
    {"exploit-kit ", MALWARE}, {"server-", EXPLOIT}, {"os-windows ", EXPLOIT},
    {"os-linux ", EXPLOIT}, {"sql use of ", EXPLOIT}, {"indicator-", IDS},
    {"protocol-", IDS}, {"policy-", IDS}};
static const char *const publishers[] = {"et ", "etpro ", "gpl ", "suricata "};

/* What the pieces of a scenario's name say; the first that is in it. */
static const struct {
	const char *piece, *type;
} scenarios[] = {{"-bf", BRUTE}, {"_bf", BRUTE}, {"bruteforce", BRUTE},
    {"brute-force", BRUTE}, {"user-enum", BRUTE}, {"-enum", SCAN},
    {"cve-", EXPLOIT}, {"sqli", EXPLOIT}, {"xss", EXPLOIT}, {"log4", EXPLOIT},
    {"spring4shell", EXPLOIT}, {"-rce", EXPLOIT}, {"backdoor", EXPLOIT},
    {"path-traversal", EXPLOIT}, {"open-proxy", SCAN}, {"probing", SCAN},
    {"scan", SCAN}, {"crawl", SCAN}, {"sensitive-files", SCAN},
    {"bad-user-agent", SCAN}, {"generic-test", SCAN}, {"ddos", DDOS},
    {"dos-", DOS}, {"flood", DOS}, {"spam", SPAM}};

/* other: what a class that is not in the table tells. */
static const char *
rule_type(const char *s, const char *other)
{
	for (size_t i = 0; i < COUNT_OF(publishers); i++) {
		if (!text_begins(s, publishers[i]))
			continue;
		s += strlen(publishers[i]);
		for (size_t k = 0; k < COUNT_OF(rules); k++)
			if (text_begins(s, rules[k].name))
				return rules[k].type;
		return other;
	}
	for (size_t i = 0; i < COUNT_OF(plain_rules); i++)
		if (text_begins(s, plain_rules[i].name))
			return plain_rules[i].type;
	return NULL;
}

/* Of "crowdsecurity/http-probing", from its slash. */
static const char *
scenario_type(const char *low, const char *slash)
{
	const char *w = slash;
	size_t n = 0;

	while (w > low && g_ascii_isalpha(w[-1]))
		w--;
	/* neither a path nor "http/2" */
	if (slash - w < 4 ||
	    (w > low && strchr(" \t\"'`(:=|,[", w[-1]) == NULL))
		return NULL;
	while (g_ascii_isalnum(slash[1 + n]) || slash[1 + n] == '-' ||
	       slash[1 + n] == '_')
		n++;
	if (n < 4 ||
	    (slash[1 + n] != '\0' &&
	        strchr(" \t\r\"'`),:;|]", slash[1 + n]) == NULL) ||
	    (memchr(slash + 1, '-', n) == NULL &&
	        memchr(slash + 1, '_', n) == NULL))
		return NULL;
	for (size_t i = 0; i < COUNT_OF(scenarios); i++)
		if (g_strstr_len(slash + 1, (gssize)n, scenarios[i].piece) !=
		    NULL)
			return scenarios[i].type;
	return NULL;
}

const char *
facts_rule(const char *low)
{
	const char *p = strstr(low, "[**]"), *type = NULL;

	/* "[**] [1:2010935:3] ET SCAN ..." */
	if (p != NULL) {
		p += 4;
		p += strspn(p, " ");
		if (*p == '[') {
			p += strcspn(p, "]");
			p += *p == ']';
			p += strspn(p, " ");
		}
		type = rule_type(p, IDS);
	}
	for (p = low; type == NULL && (p = strchr(p, '/')) != NULL; p++)
		type = scenario_type(low, p);
	/* a cell of a table */
	if (type == NULL &&
	    (strstr(low, "  ") != NULL || strpbrk(low, "\t|") != NULL)) {
		type = rule_type(low + strspn(low, " "), NULL);
		for (p = low; type == NULL && (p = strpbrk(p, " \t|")) != NULL;
		     p++)
			if (p[1] != ' ' &&
			    (*p != ' ' ||
			        (p > low && strchr(" |", p[-1]) != NULL)))
				type = rule_type(p + 1, NULL);
	}
	for (p = low; type == NULL && (p = strpbrk(p, "\"=:]")) != NULL; p++)
		type = rule_type(p + 1 + strspn(p + 1, " \""), NULL);
	return type;
}
