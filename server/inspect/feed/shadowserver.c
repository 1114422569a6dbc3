/*
 * Shadowserver's daily reports: a CSV, mostly in a ZIP, that its columns
 * give away (feed_head.c); what the report is called, and so what its rows
 * mean, its file name or the subject tells.
 *
 * Types follow Shadowserver's own classification where RSIT has nothing
 * finer; amplifiers are the services that its DDoS pages name.
 */
#include "base/base.h"
#include "inspect/feed/feed.h"

#define AMPLIFY  "vulnerable/ddos-amplifier"
#define EXPOSED  "vulnerable/potentially-unwanted-accessible"
#define VULN     "vulnerable/vulnerable-system"
#define WEAK     "vulnerable/weak-crypto"
#define INFECTED "malicious-code/infected-system"
#define MALWARE  "malicious-code/malware-distribution"
#define C2       "malicious-code/c2-server"
#define SCANNER  "information-gathering/scanner"
#define BRUTE    "intrusion-attempts/brute-force"
#define SYSTEM   "intrusions/system-compromise"
#define DDOS     "availability/ddos"
#define LEAK     "information-content-security/data-leak"
#define OTHER    "other/other"

/* Names without event4_, scan6_ and the like in front and without "6"
 * behind; the first that fits counts. */
static const struct {
	const char *pattern, *type;
} types[] = {
    {"*brute_force*", BRUTE},
    {"*ddos_middlebox*", AMPLIFY},
    {"*ddos*", DDOS},
    {"*honeypot_*scan*", SCANNER},
    {"hp_*scan*", SCANNER},
    {"*darknet*", INFECTED},
    {"*spoofer*", "fraud/masquerade"},
    {"*sinkhole_http_referer*", OTHER},
    {"*sinkhole_dns*", OTHER},
    {"*sinkhole*", INFECTED},
    {"*drone*", INFECTED},
    {"*infected*", INFECTED},
    {"*blocklist*", OTHER},
    {"*blacklist*", OTHER},
    {"compromised_account*", LEAK},
    {"compromised*", SYSTEM},
    {"*initial_access*", SYSTEM},
    {"*ransomware_victim*", SYSTEM},
    {"*synful*", SYSTEM},
    {"*phish*", "fraud/phishing"},
    {"*spam_url*", "abusive-content/spam"},
    {"*malware_url*", MALWARE},
    {"*sandbox*", MALWARE},
    {"cc_ip*", C2},
    {"ccip*", C2},
    {"*_ccip*", C2},
    {"*command_and_control*", C2},
    {"*c2*", C2},
    {"*beacon*", C2},
    {"*post_exploitation*", C2},
    {"*device_id*", "other/undetermined"},
    {"*_device_stats*", "other/undetermined"},
    {"*targeted_host*", "other/undetermined"},
    {"*ssl_poodle*", WEAK},
    {"*ssl_freak*", WEAK},
    {"*freak*vulnerable*", WEAK},
    {"*poodle*", WEAK},
    {"*dnssec*", WEAK},
    {"dns", AMPLIFY},
    {"*openresolver*", AMPLIFY},
    {"*open_resolver*", AMPLIFY},
    {"*chargen*", AMPLIFY},
    {"*qotd*", AMPLIFY},
    {"*ntp", AMPLIFY},
    {"*ntp_*", AMPLIFY},
    {"*ntpmonitor*", AMPLIFY},
    {"*snmp*", AMPLIFY},
    {"*ssdp*", AMPLIFY},
    {"*mdns*", AMPLIFY},
    {"*memcached*", AMPLIFY},
    {"*netbios*", AMPLIFY},
    {"*portmapper*", AMPLIFY},
    {"*mssql*", AMPLIFY},
    {"*ms-sql*", AMPLIFY},
    {"*ldap_tcp*", EXPOSED},
    {"*ldap*", AMPLIFY},
    {"*tftp*", AMPLIFY},
    {"*coap*", AMPLIFY},
    {"*apple_remote_desktop*", AMPLIFY},
    {"ard", AMPLIFY},
    {"*stun*", AMPLIFY},
    {"*ws_discovery*", AMPLIFY},
    {"*slp*", AMPLIFY},
    {"*rdpeudp*", AMPLIFY},
    {"*ubiquiti*", AMPLIFY},
    {"*dhcpdiscover*", AMPLIFY},
    {"*loop_dos*", AMPLIFY},
    {"*vulnerable*", VULN},
    {"*exchange*", VULN},
    {"*netis*", VULN},
    {"*smart_install*", VULN},
    {"*isakmp*", VULN},
    {"*badsecrets*", VULN},
    {"*nat_pmp*", EXPOSED},
};

static bool
is_date(const char *s)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] == 'd' ? !g_ascii_isdigit(s[i]) : s[i] != '-')
			return false;
	return true;
}

/* "2026-11-01-REPORT-organisation.csv"; REPORT has no "-". */
const char *
shadowserver_report(struct arena *a, const char *filename)
{
	const char *s = strrchr(filename, '/');
	size_t n;

	s = s != NULL ? s + 1 : filename;
	if (!is_date(s) || s[10] != '-')
		return NULL;
	s += 11;
	n = strcspn(s, "-.");
	/* a word alone may be the organisation's */
	return n >= 2 && n <= FEED_LABEL_MAX ? read_lower(a, s, n) : NULL;
}

/* "Shadowserver REPORT Report: date", also with the organisation's name
 * there, or a name in words. */
static const char *
report_of_subject(struct arena *a, const char *subject)
{
	static const char mark[] = "Shadowserver ", end[] = " Report";
	const char *s = strstr(subject != NULL ? subject : "", mark), *e;
	char *words;

	if (s == NULL)
		return NULL;
	s += strlen(mark);
	e = strstr(s, end);
	if (e == NULL || e == s)
		return NULL;
	words = read_lower(a, s, (size_t)(e - s));
	g_strdelimit(words, " /-", '_');
	return words;
}

const char *
shadowserver_type(const char *report)
{
	static const char *const fronts[] = {"event4_", "event6_", "event_",
	    "scan6_", "scan_", "population6_", "population_"};
	const char *s = report;

	for (size_t i = 0; i < COUNT_OF(fronts); i++)
		if (g_str_has_prefix(s, fronts[i])) {
			s += strlen(fronts[i]);
			break;
		}
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (g_pattern_match_simple(types[i].pattern, s))
			return types[i].type;
	return g_str_has_prefix(report, "event") ||
		g_str_has_prefix(report, "special") ? OTHER : EXPOSED;
}

void
shadowserver_feed(struct feed *t, const char *const *names,
    const char *subject)
{
	struct arena *a = t->r->a;
	const char *report = NULL;

	for (; *names != NULL && report == NULL; names++)
		report = shadowserver_report(a, *names);
	if (report == NULL)
		report = report_of_subject(a, subject);
	t->feed = feed_name(a, "shadowserver",
	    report != NULL ? report : "unnamed");
	t->type = shadowserver_type(report != NULL ? report :
	    t->has[COL_SRC_IP] ? "event" : "");
}

/* ---- the mail ----------------------------------------------------------- */

static bool
own(const struct source *s)
{
	return s->kind == SOURCE_TABLE && s->table->shadowserver &&
	    !s->letter && !s->nested;
}

/* A mail that only says where the report can be had. */
static const char *
link_of(struct reading *r)
{
	const char *s = r->out->subject;
	struct scan_hit hit;
	size_t pos = 0;

	if (s == NULL || strstr(s, "Shadowserver ") == NULL ||
	    strstr(s, "Report") == NULL)
		return NULL;
	while (scan_next(r->a, r->human, strlen(r->human), &pos, &hit))
		if (hit.kind == SCAN_URL && hit.host != NULL &&
		    text_iends(hit.host, "shadowserver.org") &&
		    !text_ieq(hit.host, "www.shadowserver.org"))
			return hit.value;
	return NULL;
}

bool
shadowserver_look(struct reading *r)
{
	const struct feeds *x = feeds_of(r);

	for (guint i = 0; i < x->sources->len; i++)
		if (own(x->sources->pdata[i]))
			return true;
	return link_of(r) != NULL;
}

void
shadowserver_read(struct reading *r)
{
	const struct feeds *x = feeds_of(r);
	bool any = false;

	for (guint i = 0; i < x->sources->len; i++) {
		struct source *s = x->sources->pdata[i];

		if (!own(s))
			continue;
		feed_rows(s->table, s->text, s->len, false);
		any = true;
	}
	if (!any)
		read_defect(r, "The report itself is not in the mail, only a "
		    "link to it: %s", link_of(r));
}
