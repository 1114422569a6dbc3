/*
 * Names of columns and of kinds of events, as feeds and people write them
 * (feed.h).  Tables only.
 */
#include "base/base.h"
#include "inspect/feed/feed.h"
#include "inspect/letter/blame.h"

/* Normalised: lower case, '_' for blanks and their like. */
static const struct {
	const char *name;
	enum column column;
} columns[] = {
    /* when */
    {"timestamp", COL_TIME}, {"time", COL_TIME}, {"datetime", COL_TIME},
    {"date_time", COL_TIME}, {"time.source", COL_TIME}, {"ts", COL_TIME},
    {"time_stamp", COL_TIME}, {"event_time", COL_TIME},
    {"event_timestamp", COL_TIME}, {"eventtime", COL_TIME},
    {"source_time", COL_TIME}, {"detection_time", COL_TIME},
    {"detected", COL_TIME}, {"detected_at", COL_TIME},
    {"time_of_detection", COL_TIME}, {"observed", COL_TIME},
    {"observed_at", COL_TIME}, {"observation_time", COL_TIME},
    {"last_seen", COL_TIME}, {"lastseen", COL_TIME}, {"seen", COL_TIME},
    {"first_seen", COL_TIME}, {"firstseen", COL_TIME},
    {"start_time", COL_TIME}, {"stime", COL_TIME}, {"starttime", COL_TIME}, {"start", COL_TIME},
    {"log_time", COL_TIME}, {"logtime", COL_TIME}, {"attack_time", COL_TIME},
    {"incident_time", COL_TIME}, {"date/time", COL_TIME},
    {"zeit", COL_TIME}, {"zeitpunkt", COL_TIME}, {"date_heure", COL_TIME},
    {"fecha_y_hora", COL_TIME}, {"orario", COL_TIME}, {"uhrzeit", COL_TIME},
    {"zeitstempel", COL_TIME}, {"horodatage", COL_TIME}, {"heure", COL_TIME},
    {"hora", COL_TIME}, {"fecha_hora", COL_TIME}, {"tijd", COL_TIME},
    {"tijdstip", COL_TIME},
    {"unixtime", COL_TIME}, {"epoch", COL_TIME}, {"unix_timestamp", COL_TIME},
    {"date", COL_DATE}, {"event_date", COL_DATE}, {"day", COL_DATE},
    {"datum", COL_DATE}, {"fecha", COL_DATE}, {"data", COL_DATE},
    {"incident_date", COL_DATE}, {"dateadded", COL_TIME},
    {"first", COL_TIME}, {"last", COL_TIME}, {"first_event", COL_TIME},
    {"last_event", COL_TIME}, {"first_attack", COL_TIME},
    {"last_attack", COL_TIME}, {"first_seen_epoch", COL_TIME},
    {"last_seen_epoch", COL_TIME}, {"first_time", COL_TIME},
    {"last_time", COL_TIME}, {"first_packet", COL_TIME},
    {"first_attempt", COL_TIME}, {"last_attempt", COL_TIME},
    {"erster_versuch", COL_TIME}, {"zuletzt_gesehen", COL_TIME},
    {"@timestamp", COL_TIME}, {"zuerst_gesehen", COL_TIME},
    {"start_date", COL_TIME}, {"date_first_seen", COL_TIME},
    {"inicio", COL_TIME}, {"début", COL_TIME}, {"beginn", COL_TIME},
    {"início", COL_TIME}, {"date_added", COL_TIME}, {"added", COL_TIME}, {"reported", COL_TIME},
    {"reported_at", COL_TIME}, {"time_seen", COL_TIME},
    {"date_and_time", COL_TIME}, {"data_ora", COL_TIME},
    {"data_e_ora", COL_TIME}, {"data_hora", COL_TIME},
    {"data_e_hora", COL_TIME}, {"date_et_heure", COL_TIME},
    {"datum_uhrzeit", COL_TIME}, {"datum/uhrzeit", COL_TIME},
    {"datum_und_uhrzeit", COL_TIME}, {"datum_en_tijd", COL_TIME}, {"čas", COL_TIME},
    {"data_i_godzina", COL_TIME}, {"czas", COL_TIME}, {"cas", COL_TIME},
    {"время", COL_TIME}, {"дата", COL_DATE}, {"検知日時", COL_TIME},
    {"时间", COL_TIME}, {"攻击时间", COL_TIME}, {"日時", COL_TIME},
    /* who */
    {"ip", COL_IP}, {"ip_address", COL_IP}, {"ipaddress", COL_IP},
    {"ip_addr", COL_IP}, {"ipaddr", COL_IP}, {"address", COL_IP},
    {"addr", COL_IP}, {"ips", COL_IP}, {"ipv4", COL_IP}, {"ipv6", COL_IP},
    {"ipv4_address", COL_IP}, {"ipv6_address", COL_IP},
    {"address/ip", COL_IP}, {"address.ip", COL_IP}, {"address/asn", COL_CONTEXT},
    {"address/cc", COL_CONTEXT}, {"address.asn", COL_CONTEXT},
    {"host_ip", COL_IP}, {"ip_host", COL_IP}, {"infected_ip", COL_IP},
    {"offending_ip", COL_IP}, {"abusive_ip", COL_IP}, {"abuse_ip", COL_IP},
    {"your_ip", COL_IP}, {"affected_ip", COL_IP}, {"bot_ip", COL_IP},
    {"vulnerable_ip", COL_IP}, {"ip_adresse", COL_IP}, {"ipadresse", COL_IP},
    {"adresse_ip", COL_IP}, {"direccion_ip", COL_IP}, {"ip_adres", COL_IP},
    {"indirizzo_ip", COL_IP}, {"http_referer_ip", COL_IP},
    {"src_ip", COL_SRC_IP}, {"srcip", COL_SRC_IP}, {"ip_src", COL_SRC_IP},
    {"source_ip", COL_SRC_IP}, {"sourceip", COL_SRC_IP},
    {"source.ip", COL_SRC_IP}, {"source_address", COL_SRC_IP},
    {"source_ip_address", COL_SRC_IP}, {"sourceaddress", COL_SRC_IP},
    {"src_addr", COL_SRC_IP}, {"srcaddr", COL_SRC_IP},
    {"src_address", COL_SRC_IP}, {"saddr", COL_SRC_IP},
    {"ip_source", COL_SRC_IP}, {"attacker_ip", COL_SRC_IP},
    {"attacking_ip", COL_SRC_IP}, {"client_ip", COL_SRC_IP},
    {"remote_ip", COL_SRC_IP}, {"clientip", COL_SRC_IP},
    {"remote_addr", COL_SRC_IP}, {"sender_ip", COL_SRC_IP},
    {"quell_ip", COL_SRC_IP}, {"angreifer_ip", COL_SRC_IP},
    {"ip_atacante", COL_SRC_IP}, {"ip_origen", COL_SRC_IP},
    {"ip_attaquant", COL_SRC_IP}, {"ip_sorgente", COL_SRC_IP},
    {"bron_ip", COL_SRC_IP}, {"angreifer", COL_SRC}, {"peer_ip", COL_SRC_IP},
    {"source.network", COL_SRC_IP}, {"adres_ip", COL_IP},
    {"adresa_ip", COL_IP}, {"endereço_ip", COL_IP}, {"ip_адрес", COL_IP},
    {"indirizzo", COL_IP}, {"dirección_ip", COL_IP}, {"endereco_ip", COL_IP},
    {"源ip", COL_SRC_IP}, {"源地址", COL_SRC_IP}, {"攻击ip", COL_SRC_IP},
    {"送信元ip", COL_SRC_IP}, {"送信元ipアドレス", COL_SRC_IP},
    {"ipアドレス", COL_IP}, {"ip地址", COL_IP}, {"ip_de_origem", COL_SRC_IP},
    {"ip_de_origen", COL_SRC_IP}, {"ip_origem", COL_SRC_IP},
    {"ip_źródłowy", COL_SRC_IP}, {"zdrojová_ip", COL_SRC_IP},
    {"ip_mittente", COL_SRC_IP}, {"bronadres", COL_SRC_IP},
    {"quelladresse", COL_SRC_IP}, {"adresse_source", COL_SRC_IP},
    {"目的ip", COL_DST_IP}, {"目的地址", COL_DST_IP}, {"目标ip", COL_DST_IP},
    {"宛先ip", COL_DST_IP}, {"宛先ipアドレス", COL_DST_IP},
    {"ip_de_destino", COL_DST_IP}, {"ip_docelowy", COL_DST_IP},
    {"cílová_ip", COL_DST_IP}, {"doeladres", COL_DST_IP},
    {"zieladresse", COL_DST_IP}, {"adresse_destination", COL_DST_IP},
    {"src", COL_SRC}, {"sip", COL_SRC}, {"source", COL_SRC}, {"attacker", COL_SRC},
    {"offender", COL_SRC}, {"quelle", COL_SRC}, {"from", COL_SRC},
    {"asset", COL_SRC}, {"source_host", COL_SRC}, {"src_host", COL_SRC},
    {"dst_ip", COL_DST_IP}, {"dstip", COL_DST_IP}, {"ip_dst", COL_DST_IP},
    {"dest_ip", COL_DST_IP}, {"destip", COL_DST_IP}, {"dip", COL_DST_IP},
    {"destination_ip", COL_DST_IP}, {"destination.ip", COL_DST_IP},
    {"destinationip", COL_DST_IP}, {"destination_address", COL_DST_IP},
    {"destination_ip_address", COL_DST_IP}, {"dst_addr", COL_DST_IP},
    {"dstaddr", COL_DST_IP}, {"dst_address", COL_DST_IP},
    {"dest_addr", COL_DST_IP}, {"daddr", COL_DST_IP},
    {"target_ip", COL_DST_IP}, {"cc_ip", COL_DST_IP}, {"cc", COL_DST},
    {"c2_ip", COL_DST_IP}, {"cnc_ip", COL_DST_IP}, {"sinkhole_ip", COL_DST_IP},
    {"server_ip", COL_DST_IP}, {"ziel_ip", COL_DST_IP},
    {"ip_destination", COL_DST_IP}, {"ip_destino", COL_DST_IP},
    {"ip_cible", COL_DST_IP}, {"ip_destinazione", COL_DST_IP},
    {"doel_ip", COL_DST_IP}, {"opfer_ip", COL_DST_IP}, {"local_ip", COL_DST_IP},
    {"dst", COL_DST}, {"dest", COL_DST}, {"destination", COL_DST},
    {"target", COL_DST}, {"victim", COL_DST}, {"ziel", COL_DST},
    {"to", COL_DST}, {"destination_host", COL_DST}, {"dst_host", COL_DST},
    /* where */
    {"port", COL_PORT}, {"ports", COL_PORT}, {"http_referer_port", COL_PORT},
    {"src_port", COL_SRC_PORT}, {"source_port", COL_SRC_PORT},
    {"source.port", COL_SRC_PORT}, {"sport", COL_SRC_PORT},
    {"srcport", COL_SRC_PORT}, {"sourceport", COL_SRC_PORT},
    {"client_port", COL_SRC_PORT}, {"remote_port", COL_SRC_PORT},
    {"quellport", COL_SRC_PORT}, {"spt", COL_SRC_PORT},
    {"dst_port", COL_DST_PORT}, {"dest_port", COL_DST_PORT},
    {"destination_port", COL_DST_PORT}, {"destination.port", COL_DST_PORT},
    {"dport", COL_DST_PORT}, {"dstport", COL_DST_PORT},
    {"destport", COL_DST_PORT}, {"destinationport", COL_DST_PORT},
    {"target_port", COL_DST_PORT}, {"cc_port", COL_DST_PORT},
    {"server_port", COL_DST_PORT}, {"local_port", COL_DST_PORT},
    {"zielport", COL_DST_PORT}, {"dpt", COL_DST_PORT},
    {"protocol", COL_PROTOCOL}, {"proto", COL_PROTOCOL},
    {"protocol.transport", COL_PROTOCOL}, {"transport", COL_PROTOCOL},
    {"transport_protocol", COL_PROTOCOL}, {"ip_protocol", COL_PROTOCOL},
    {"protokoll", COL_PROTOCOL}, {"protocole", COL_PROTOCOL},
    {"url", COL_URL}, {"uri", COL_URL}, {"source.url", COL_URL},
    {"link", COL_URL}, {"phishing_url", COL_URL}, {"malware_url", COL_URL},
    {"phish_url", COL_URL}, {"abuse_url", COL_URL}, {"http_url", COL_URL},
    {"website", COL_URL}, {"urls", COL_URL},
    {"domain", COL_DOMAIN}, {"fqdn", COL_DOMAIN}, {"hostname", COL_DOMAIN},
    {"host_name", COL_DOMAIN}, {"source.fqdn", COL_DOMAIN},
    {"source.reverse_dns", COL_DOMAIN}, {"src_hostname", COL_DOMAIN},
    {"source_hostname", COL_DOMAIN}, {"host", COL_DOMAIN},
    {"rdns", COL_DOMAIN}, {"reverse_dns", COL_DOMAIN}, {"ptr", COL_DOMAIN},
    {"dns_name", COL_DOMAIN}, {"domain_name", COL_DOMAIN},
    {"source.domain", COL_DOMAIN}, {"http_host", COL_DOMAIN},
    {"http_referer_hostname", COL_DOMAIN},
    /* what */
    {"infection", COL_MALWARE}, {"family", COL_MALWARE},
    {"malware", COL_MALWARE}, {"malware.name", COL_MALWARE},
    {"malware_name", COL_MALWARE}, {"malware_family", COL_MALWARE},
    {"botnet", COL_MALWARE}, {"bot", COL_MALWARE}, {"threat", COL_MALWARE},
    {"threat_name", COL_MALWARE}, {"infection_type", COL_MALWARE},
    {"virus", COL_MALWARE}, {"schadprogramm", COL_MALWARE}, {"schadsoftware", COL_MALWARE},
    {"count", COL_COUNT}, {"hits", COL_COUNT}, {"attempts", COL_COUNT},
    {"event_count", COL_COUNT}, {"messages", COL_COUNT},
    {"packets", COL_COUNT}, {"requests", COL_COUNT}, {"versuche", COL_COUNT},
    {"intentos", COL_COUNT}, {"tentatives", COL_COUNT}, {"num", COL_COUNT},
    {"occurrences", COL_COUNT}, {"anzahl", COL_COUNT},
    {"nombre", COL_COUNT}, {"events", COL_COUNT},
    {"number_of_attempts", COL_COUNT}, {"number_of_events", COL_COUNT},
    {"cve", COL_CVE}, {"cves", COL_CVE}, {"cve_id", COL_CVE},
    {"vulnerability", COL_CVE}, {"vulnerability_id", COL_CVE},
    {"vulnerabilities", COL_CVE}, {"id", COL_REF}, {"event_id", COL_REF},
    {"report_id", COL_REF}, {"reference", COL_REF}, {"ref", COL_REF},
    {"case_id", COL_REF}, {"incident_id", COL_REF}, {"uuid", COL_REF},
    {"ticket", COL_REF}, {"severity", COL_SEVERITY},
    {"priority", COL_SEVERITY}, {"risk", COL_SEVERITY},
    {"classification.type", COL_TYPE}, {"category", COL_TYPE},
    {"type", COL_TYPE}, {"attack_type", COL_TYPE}, {"event_type", COL_TYPE},
    {"abuse_type", COL_TYPE}, {"classification", COL_TYPE},
    {"incident_type", COL_TYPE}, {"threat_type", COL_TYPE},
    {"report_type", COL_TYPE}, {"attack", COL_TYPE}, {"kategorie", COL_TYPE},
    {"categorie", COL_TYPE}, {"typ", COL_TYPE}, {"art", COL_TYPE},
    {"angriffsart", COL_TYPE}, {"tipo", COL_TYPE}, {"soort", COL_TYPE},
    {"rodzaj", COL_TYPE}, {"type_attaque", COL_TYPE},
    {"tipo_attacco", COL_TYPE}, {"tipo_ataque", COL_TYPE},
    {"abuse", COL_TYPE}, {"reason", COL_TYPE}, {"攻击类型", COL_TYPE},
    {"incident", COL_TYPE}, {"тип", COL_TYPE}, {"event", COL_TYPE},
    {"classification.taxonomy", COL_TAXONOMY}, {"taxonomy", COL_TAXONOMY},
    {"feed.name", COL_FEED}, {"feed", COL_FEED}, {"feed_name", COL_FEED},
    {"source_feed", COL_FEED},
    {"name", COL_N6_NAME},
    /* round about */
    {"asn", COL_CONTEXT}, {"as", COL_CONTEXT}, {"as_number", COL_CONTEXT},
    {"source.asn", COL_CONTEXT}, {"as_name", COL_CONTEXT},
    {"src_asn", COL_CONTEXT}, {"dst_asn", COL_CONTEXT},
    {"geo", COL_CONTEXT}, {"src_geo", COL_CONTEXT}, {"dst_geo", COL_CONTEXT},
    {"country", COL_CONTEXT}, {"country_code", COL_CONTEXT},
    {"region", COL_CONTEXT}, {"city", COL_CONTEXT}, {"tag", COL_CONTEXT},
    {"naics", COL_CONTEXT}, {"sector", COL_CONTEXT}, {"user", COL_CONTEXT},
    {"comment", COL_CONTEXT}, {"description", COL_CONTEXT},
    {"service", COL_CONTEXT}, {"netname", COL_CONTEXT},
    {"username", COL_CONTEXT}, {"email", COL_CONTEXT},
    {"confidence", COL_CONTEXT}, {"banner", COL_CONTEXT},
    {"user_agent", COL_CONTEXT},
};

/* RSIT's own types, IntelMQ's older ones, n6's categories, words of people:
 * letters and digits only. */
static const struct {
	const char *word, *type;
} types[] = {
    {"spam", "abusive-content/spam"},
    {"spamurl", "abusive-content/spam"},
    {"harmfulspeech", "abusive-content/harmful-speech"},
    {"violence", "abusive-content/violence"},
    {"infectedsystem", "malicious-code/infected-system"},
    {"botnetdrone", "malicious-code/infected-system"},
    {"infection", "malicious-code/infected-system"},
    {"malware", "malicious-code/infected-system"},
    {"bots", "malicious-code/infected-system"},
    {"bot", "malicious-code/infected-system"},
    {"drone", "malicious-code/infected-system"},
    {"dnsquery", "malicious-code/infected-system"},
    {"webinject", "malicious-code/malware-configuration"},
    {"malwareaction", "malicious-code/malware-configuration"},
    {"c2server", "malicious-code/c2-server"},
    {"cc", "malicious-code/c2-server"}, {"cnc", "malicious-code/c2-server"},
    {"candc", "malicious-code/c2-server"}, {"c2", "malicious-code/c2-server"},
    {"malwaredistribution", "malicious-code/malware-distribution"},
    {"malurl", "malicious-code/malware-distribution"},
    {"malwareurl", "malicious-code/malware-distribution"},
    {"sandboxurl", "malicious-code/malware-distribution"},
    {"exploiturl", "malicious-code/malware-distribution"},
    {"malwareconfiguration", "malicious-code/malware-configuration"},
    {"dropzone", "malicious-code/malware-configuration"},
    {"dga", "malicious-code/malware-configuration"},
    {"ransomware", "malicious-code/infected-system"},
    {"scanner", "information-gathering/scanner"},
    {"scanning", "information-gathering/scanner"},
    {"scan", "information-gathering/scanner"},
    {"portscan", "information-gathering/scanner"},
    {"sniffing", "information-gathering/sniffing"},
    {"socialengineering", "information-gathering/social-engineering"},
    {"bruteforce", "intrusion-attempts/brute-force"},
    {"loginattack", "intrusion-attempts/brute-force"}, {"sshpwauth", "intrusion-attempts/brute-force"}, {"telnetlogin", "intrusion-attempts/brute-force"},
    {"exploit", "intrusion-attempts/exploit"},
    {"serverexploit", "intrusion-attempts/exploit"},
    {"idsalert", "intrusion-attempts/ids-alert"},
    {"newattacksignature", "intrusion-attempts/new-attack-signature"},
    {"systemcompromise", "intrusions/system-compromise"},
    {"compromised", "intrusions/system-compromise"},
    {"backdoor", "intrusions/system-compromise"},
    {"burglary", "intrusions/burglary"},
    {"defacement", "intrusions/application-compromise"},
    {"deface", "intrusions/application-compromise"},
    {"applicationcompromise", "intrusions/application-compromise"},
    {"privilegedaccountcompromise",
	"intrusions/privileged-account-compromise"},
    {"unprivilegedaccountcompromise",
	"intrusions/unprivileged-account-compromise"},
    {"unauthorizedlogin", "intrusions/unprivileged-account-compromise"},
    {"ddos", "availability/ddos"},
    {"dosattacker", "availability/ddos"},
    {"dosvictim", "availability/ddos"},
    {"dos", "availability/dos"},
    {"misconfiguration", "availability/misconfiguration"},
    {"sabotage", "availability/sabotage"},
    {"outage", "availability/outage"},
    {"dataleak", "information-content-security/data-leak"},
    {"leak", "information-content-security/data-leak"},
    {"dataloss", "information-content-security/data-loss"},
    {"unauthorisedinformationaccess",
	"information-content-security/unauthorised-information-access"},
    {"unauthorisedinformationmodification",
	"information-content-security/unauthorised-information-modification"},
    {"unauthorisedusageofresources", "fraud/unauthorised-use-of-resources"},
    {"unauthorisedusageresources", "fraud/unauthorised-use-of-resources"},
    {"unauthorisedresources", "fraud/unauthorised-use-of-resources"},
    {"copyright", "fraud/copyright"},
    {"masquerade", "fraud/masquerade"},
    {"phishing", "fraud/phishing"},
    {"phish", "fraud/phishing"},
    {"scam", "fraud/phishing"},
    {"fraud", "fraud/phishing"},
    {"weakcrypto", "vulnerable/weak-crypto"},
    {"ddosamplifier", "vulnerable/ddos-amplifier"},
    {"amplifier", "vulnerable/ddos-amplifier"},
    {"potentiallyunwantedaccessible",
	"vulnerable/potentially-unwanted-accessible"},
    {"exposed", "vulnerable/potentially-unwanted-accessible"},
    {"proxy", "vulnerable/potentially-unwanted-accessible"},
    {"openproxy", "vulnerable/potentially-unwanted-accessible"},
    {"informationdisclosure", "vulnerable/information-disclosure"},
    {"vulnerablesystem", "vulnerable/vulnerable-system"},
    {"vulnerableservice", "vulnerable/vulnerable-system"},
    {"vulnerable", "vulnerable/vulnerable-system"},
    {"blacklist", "other/other"},
    {"blocklist", "other/other"},
    {"tor", "other/other"}, {"flow", "other/other"},
    {"flowanomaly", "other/other"}, {"other", "other/other"},
    {"unknown", "other/undetermined"},
    {"undetermined", "other/undetermined"},
    {"test", "test/test"},
};

/* The class alone, for a type nobody knows. */
static const struct {
	const char *taxonomy, *type;
} taxonomies[] = {
    {"abusive-content", "abusive-content/spam"},
    {"malicious-code", "malicious-code/infected-system"},
    {"information-gathering", "information-gathering/scanner"},
    {"intrusion-attempts", "intrusion-attempts/exploit"},
    {"intrusions", "intrusions/system-compromise"},
    {"availability", "availability/dos"},
    {"information-content-security", "information-content-security/data-leak"},
    {"fraud", "fraud/phishing"},
    {"vulnerable", "vulnerable/vulnerable-system"},
    {"other", "other/other"},
    {"test", "test/test"},
};

static const char *const severities[][2] = {{"critical", "critical"},
    {"high", "high"}, {"medium", "medium"}, {"moderate", "medium"},
    {"low", "low"}, {"info", "info"}, {"informational", "info"},
    {"information", "info"}};

/* The columns by their first and last letter and their length, made once. */
struct index {
	uint16_t first[512], next[COUNT_OF(columns)]; /* 1-based, 0 ends */
};

static size_t
bucket_of(const char *name)
{
	size_t n = strlen(name);

	return n == 0 ? 0 : ((size_t)(uint8_t)name[0] * 7 +
		(size_t)(uint8_t)name[n - 1] * 31 + n * 131) % 512;
}

static const struct index *
column_index(void)
{
	static struct index x;
	static gsize once;

	if (g_once_init_enter(&once)) {
		for (size_t i = COUNT_OF(columns); i-- > 0;) {
			size_t c = bucket_of(columns[i].name);

			x.next[i] = x.first[c];
			x.first[c] = (uint16_t)(i + 1);
		}
		g_once_init_leave(&once, 1);
	}
	return &x;
}

enum column
column_of(const char *name)
{
	const struct index *x = column_index();

	for (size_t k = x->first[bucket_of(name)]; k != 0; k = x->next[k - 1])
		if (strcmp(columns[k - 1].name, name) == 0)
			return columns[k - 1].column;
	return COL_UNKNOWN;
}

/* Does the name speak of a time, so that letters behind it are a zone? */
static bool
of_time(const char *s)
{
#define IS(word) (strncmp(s, word, sizeof(word) - 1) == 0)
#define SECOND(letter) (1u << ((letter) & 31))
	/* what may follow such a letter: few names get past that */
	static const uint32_t second[256] = {
	    ['d'] = SECOND('a') | SECOND('e'), ['f'] = SECOND('e'),
	    ['g'] = SECOND('m'), ['h'] = SECOND('o') | SECOND('e'),
	    ['o'] = SECOND('b'), ['s'] = SECOND('e') | SECOND('t'),
	    ['t'] = SECOND('i') | SECOND('s'), ['u'] = SECOND('t'),
	    ['z'] = SECOND('e')};

	for (; *s != '\0'; s++) {
		bool found;

		if ((second[(uint8_t)*s] & SECOND((uint8_t)s[1])) == 0)
			continue;
		switch (*s) {
		case 'd':
			found = IS("date") || IS("datum") || IS("detected");
			break;
		case 'f':
			found = IS("fecha");
			break;
		case 'g':
			found = IS("gmt");
			break;
		case 'h':
			found = IS("hora") || IS("heure");
			break;
		case 'o':
			found = IS("observed");
			break;
		case 's':
			found = IS("seen") || IS("start");
			break;
		case 't':
			found = IS("time") || IS("ts");
			break;
		case 'u':
			found = IS("utc");
			break;
		case 'z':
			found = IS("zeit");
			break;
		default:
			continue;
		}
		if (found)
			return true;
	}
#undef SECOND
#undef IS
	return false;
}

/* "last_name", "last_ip": no time */
static bool
of_another(const char *name)
{
	static const char *const words[] = {"name", "user", "ip", "addr",
	    "host", "port", "url", "domain", "mail", "id", "hop", "octet"};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (g_str_has_suffix(name, words[i]))
			return true;
	return false;
}

static bool
tells_time(const char *name)
{
	static const char *const words[] = {"time", "date", "datum", "zeit",
	    "seen", "fecha", "heure", "tijd", "data_e", "data_i", "czas",
	    "čas", "tidspunkt", "aika", "időpont", "tarih", "zaman", "дата",
	    "время", "час", "时间", "時間", "日時",
	    "last_hit", "last_contact", "last_activity", "last_occur",
	    "first_hit", "first_contact", "first_activity", "first_occur"};

	/* "scan_ts" */
	if (g_str_has_suffix(name, "_ts") || g_str_has_prefix(name, "ts_"))
		return true;
	/* "first_abused", "last_query" */
	if (g_str_has_prefix(name, "first_") || g_str_has_prefix(name, "last_"))
		return !of_another(name);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strstr(name, words[i]) != NULL)
			return strstr(name, "update") == NULL &&
			    strstr(name, "uptime") == NULL &&
			    strstr(name, "timeout") == NULL;
	return false;
}

static bool
of_host(const char *name)
{
	static const char *const words[] = {"host", "server", "machine",
	    "system", "rechner", "maschine", "equipo", "device", "endpoint"};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strstr(name, words[i]) != NULL)
			return strstr(name, "name") == NULL;
	return false;
}

enum column
column_guess(const char *name)
{
	enum blame role = blame_of_label(name);
	const char *ip;

	if (role == BLAME_SOURCE || role == BLAME_TARGET) {
		if (strstr(name, "port") != NULL)
			return role == BLAME_SOURCE ? COL_SRC_PORT :
				COL_DST_PORT;
		ip = strstr(name, "ip");
		if ((ip != NULL && (ip == name || ip[-1] == '_') &&
			!g_ascii_isalpha(ip[2])) ||
		    strstr(name, "adr") != NULL || strstr(name, "addr") != NULL)
			return role == BLAME_SOURCE ? COL_SRC_IP : COL_DST_IP;
	}
	if (tells_time(name))
		return COL_TIME;
	/* "infected_host", "target_server" */
	if ((role == BLAME_SOURCE || role == BLAME_TARGET) && of_host(name))
		return role == BLAME_SOURCE ? COL_SRC : COL_DST;
	/* "attack_class" */
	return strstr(name, "class") != NULL || strstr(name, "categ") != NULL ||
			strstr(name, "kategorie") != NULL ?
		COL_TYPE : COL_UNKNOWN;
}

/* Brackets, quotes and marks are as good as blanks. */
static char
column_char(char c)
{
	static const bool blank[256] = {['('] = true, [')'] = true,
	    ['['] = true, [']'] = true, ['{'] = true, ['}'] = true,
	    ['"'] = true, ['\''] = true, ['`'] = true, ['#'] = true,
	    ['*'] = true, [':'] = true, ['?'] = true, [' '] = true,
	    ['\t'] = true, ['\r'] = true, ['\n'] = true, ['_'] = true,
	    ['-'] = true};

	return blank[(uint8_t)c] ? '_' : c;
}

const char *
column_name(struct arena *a, const char *s, int *offset, bool *zone)
{
	const char *end = s + strlen(s);
	char *low = read_lower(a, s, (size_t)(end - s)), *o = low;
	size_t len = 0;
	bool time = of_time(low);

	*zone = false;
	/* the zone: behind a mark, or in front */
	for (size_t i = 0; time && s[i] != '\0' && !*zone; i++) {
		if (i > 0 && g_ascii_isalnum(s[i - 1]))
			continue;
		*zone = (g_ascii_isalpha(s[i]) || s[i] == '+' ||
		    (s[i] == '-' && g_ascii_isdigit(s[i + 1]))) &&
		    stamp_zone(s + i, end, offset, &len);
		if (*zone)
			memset(low + i, ' ', len);
	}
	for (const char *p = low; *p != '\0'; p++) {
		char c = column_char(*p);

		/* no two in a row, none in front */
		if (c != '_' || (o > low && o[-1] != '_'))
			*o++ = c;
	}
	while (o > low && o[-1] == '_')
		o--;
	*o = '\0';
	if (*zone && *low == '\0')
		return "timestamp"; /* "UTC" alone */
	return low;
}

const char *
feed_type(const char *taxonomy, const char *type)
{
	const char *slash;
	char key[48];
	size_t k = 0;

	/* "class/type" in one */
	if (type != NULL && (slash = strrchr(type, '/')) != NULL)
		type = slash + 1;
	for (const char *p = type; p != NULL && *p != '\0' &&
	    k + 1 < sizeof(key); p++)
		if (g_ascii_isalnum(*p))
			key[k++] = g_ascii_tolower(*p);
	key[k] = '\0';
	for (size_t i = 0; k > 0 && i < COUNT_OF(types); i++)
		if (strcmp(types[i].word, key) == 0)
			return types[i].type;
	for (size_t i = 0; taxonomy != NULL && i < COUNT_OF(taxonomies); i++)
		if (text_ieq(taxonomies[i].taxonomy, taxonomy))
			return taxonomies[i].type;
	return k > 0 ? classify_xarf(NULL, type) :
	    type != NULL ? classify_text(type, NULL) : NULL;
}

const char *
severity_of(const char *s)
{
	for (size_t i = 0; i < COUNT_OF(severities); i++)
		if (text_ieq(severities[i][0], s))
			return severities[i][1];
	return NULL;
}

const char *
feed_name(struct arena *a, const char *family, const char *s)
{
	GString *out = arena_gstring(a);
	size_t from;

	g_string_append_printf(out, "%s/", family);
	from = out->len;
	for (; *s != '\0' && out->len - from < FEED_LABEL_MAX; s++) {
		char c = g_ascii_tolower(*s);

		if (!g_ascii_isalnum(c) && c != '_' && c != '.')
			c = '-';
		if (c != '-' || (out->len > from &&
			out->str[out->len - 1] != '-'))
			g_string_append_c(out, c);
	}
	while (out->len > from && strchr("-._", out->str[out->len - 1]))
		g_string_truncate(out, out->len - 1);
	return out->len > from ? out->str : NULL;
}
