/*
 * Short names for the types of RSIT 1.3 (machine version 1003), for the tables
 * of classify.c and classify_text.c alone.
 */
#ifndef INSPECT_CLASSIFY_TYPES_H
#define INSPECT_CLASSIFY_TYPES_H

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
/* accuses nobody: asks to be let in again, or who is in charge */
#define NOTHING  ""
/* of what kind a letter is (classify_letters.def, classify_says.def); the letter behind the dash
 * is what struct told keeps it by */
#define GENRE    "-genre"
#define BULK     "-bulk"
#define ANNOUNCE "-notice"
#define SPEAKS   "-speaks"
#define YOURS    "-yours"
#define WANTS    "-wants"
#define OURS     "-ours"
#define HOUSE    "-house"
#define CEASED   "-ceased"
#define INFORMS  "-informs"
#define TONGUE   "-known"
#define AGAIN    "-again"
#define USERS    "-users"
#define UPKEEP   "-maintenance"
#define WHOSE    "-query"

#endif
