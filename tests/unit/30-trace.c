/* Traceability and completeness: every rule is a row. */
#include "unit.h"

#include "core/intake/complete.h"

enum { T = 1000000 }; /* some time */

static const struct {
	const char *what;
	struct trace_facts f;
	const char *verdict, *lacks; /* lacks: joined by "," */
} cases[] = {
    {"all there",
	{"information-gathering/scanner", "192.0.2.7", 4022, T, "x", "given",
	    false, TRACE_NAT_UNKNOWN},
	"yes", ""},
    {"a client by IPv4: NAT is likely",
	{"information-gathering/scanner", "192.0.2.7", DESC_NULL, T, "x",
	    "given", false, TRACE_NAT_UNKNOWN},
	"no", "source port"},
    {"port 0 is no source port",
	{"intrusion-attempts/brute-force", "192.0.2.7", 0, T, "x", "given",
	    false, TRACE_NAT_UNKNOWN},
	"no", "source port"},
    {"by IPv6 it is not",
	{"information-gathering/scanner", "2001:db8::7", DESC_NULL, T, "x",
	    "given", false, TRACE_NAT_UNKNOWN},
	"yes", ""},
    {"the member says: none",
	{"information-gathering/scanner", "192.0.2.7", DESC_NULL, T, "x",
	    "given", false, TRACE_NAT_NO},
	"yes", ""},
    {"the member says: many hosts, whatever the type",
	{"abusive-content/spam", "192.0.2.7", DESC_NULL, T, "x", "header",
	    false, TRACE_NAT_YES},
	"no", "source port"},
    {"the same by IPv6",
	{"vulnerable/vulnerable-system", "2001:db8::7", DESC_NULL, T, "x",
	    "given", false, TRACE_NAT_YES},
	"no", "source port"},
    {"with its port",
	{"abusive-content/spam", "192.0.2.7", 4022, T, "x", "header", false,
	    TRACE_NAT_YES},
	"yes", ""},
    {"a host that serves needs no port",
	{"vulnerable/vulnerable-system", "192.0.2.7", DESC_NULL, T, "x",
	    "given", false, TRACE_NAT_UNKNOWN},
	"yes", ""},
    {"copyright: the port of the peer",
	{"fraud/copyright", "192.0.2.7", DESC_NULL, T, "x", "given", false,
	    TRACE_NAT_UNKNOWN},
	"no", "source port"},
    {"no zone",
	{"abusive-content/spam", "192.0.2.7", DESC_NULL, DESC_NULL,
	    "2026-11-21 04:10", "unknown", false, TRACE_NAT_UNKNOWN},
	"no", "time zone"},
    {"a zone, and a day that may be two",
	{"abusive-content/spam", "192.0.2.7", DESC_NULL, DESC_NULL,
	    "03/04/2026 04:10 UTC", "given", false, TRACE_NAT_UNKNOWN},
	"no", "time"},
    {"no time at all",
	{"abusive-content/spam", "192.0.2.7", DESC_NULL, DESC_NULL, NULL,
	    "unknown", false, TRACE_NAT_UNKNOWN},
	"no", "time,time zone"},
    {"chosen and by rule are as good as given",
	{"abusive-content/spam", "192.0.2.7", DESC_NULL, T, "x", "rule",
	    false, TRACE_NAT_UNKNOWN},
	"yes", ""},
    {"a private address is in many networks",
	{"abusive-content/spam", "192.168.1.7", DESC_NULL, T, "x", "given",
	    false, TRACE_NAT_UNKNOWN},
	"no", "external address"},
    {"a reserved one too",
	{"abusive-content/spam", "240.0.0.1", DESC_NULL, T, "x", "given",
	    false, TRACE_NAT_UNKNOWN},
	"no", "external address"},
    {"shared by a carrier",
	{"abusive-content/spam", "100.64.0.1", DESC_NULL, T, "x", "given",
	    false, TRACE_NAT_UNKNOWN},
	"no", "external address"},
    {"and held by a member",
	{"abusive-content/spam", "100.64.0.1", DESC_NULL, T, "x", "given",
	    false, TRACE_NAT_UNKNOWN, true},
	"yes", ""},
    {"a link-local one too",
	{"abusive-content/spam", "fe80::1", DESC_NULL, T, "x", "given", false,
	    TRACE_NAT_UNKNOWN},
	"no", "external address"},
    {"a network is no host",
	{"abusive-content/spam", "192.0.2.0/24", DESC_NULL, T, "x", "given",
	    false, TRACE_NAT_UNKNOWN},
	"no", "external address"},
    {"everything lacks",
	{"information-gathering/scanner", "10.0.0.1", DESC_NULL, DESC_NULL,
	    NULL, "unknown", false, TRACE_NAT_UNKNOWN},
	"no", "external address,time,time zone,source port"},
    {"no type: an address and a time",
	{NULL, "192.0.2.7", DESC_NULL, T, "x", "given", false,
	    TRACE_NAT_UNKNOWN},
	"yes", ""},
    {"a phishing page is found by its address",
	{"fraud/phishing", "192.0.2.7", DESC_NULL, DESC_NULL, NULL, "unknown",
	    true, TRACE_NAT_UNKNOWN},
	"not needed", ""},
    {"or by that of its host",
	{"fraud/phishing", "192.0.2.7", DESC_NULL, DESC_NULL, NULL, "unknown",
	    false, TRACE_NAT_UNKNOWN},
	"no", "time,time zone"},
    {"a question has nobody to trace",
	{"other/other", NULL, DESC_NULL, DESC_NULL, NULL, "unknown", false,
	    TRACE_NAT_UNKNOWN},
	"not needed", ""},
    {"unless it names a host",
	{"other/other", "192.0.2.7", DESC_NULL, DESC_NULL, NULL, "unknown",
	    false, TRACE_NAT_UNKNOWN},
	"no", "time,time zone"},
};

static void
test_trace(void **state)
{
	ARENA_AUTO(a, "test");

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct trace t = trace_event(&cases[i].f);
		GString *s = arena_gstring(a);

		print_message("%s\n", cases[i].what);
		for (size_t k = 0; t.lacks[k] != NULL; k++)
			g_string_append_printf(s, "%s%s", k > 0 ? "," : "",
			    t.lacks[k]);
		assert_string_equal(t.verdict, cases[i].verdict);
		assert_string_equal(s->str, cases[i].lacks);
	}
}

static void
test_nat_words(void **state)
{
	assert_int_equal(trace_nat(NULL), TRACE_NAT_UNKNOWN);
	assert_int_equal(trace_nat("yes"), TRACE_NAT_YES);
	assert_int_equal(trace_nat("no"), TRACE_NAT_NO);
}

static struct inspect_event
event(void)
{
	return (struct inspect_event){.time = DESC_NULL,
	    .source_port = DESC_NULL, .destination_port = DESC_NULL,
	    .count = DESC_NULL, .zone = "unknown"};
}

static int
score(const char *type, const struct inspect_event *e, size_t n,
    const char **missing)
{
	struct complete c = {0};

	for (size_t i = 0; i < n; i++)
		complete_add(&c, type, &e[i], TRACE_NAT_UNKNOWN);
	return complete_score(&c, type, missing);
}

/* 0 for nothing, 100 for all, and no fact ever makes it less. */
static void
test_score(void **state)
{
	static const char *const types[] = {"information-gathering/scanner",
	    "intrusion-attempts/brute-force", "availability/ddos",
	    "abusive-content/spam", "malicious-code/infected-system",
	    "malicious-code/c2-server", "fraud/phishing", "fraud/copyright",
	    "vulnerable/vulnerable-system", "intrusions/system-compromise",
	    "other/blacklist", NULL, "no/such-type"};
	const char *missing[FACT_N + 1];

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct inspect_event e = event();
		int last = score(types[i], &e, 1, missing), now;

		print_message("%s\n", types[i]);
		assert_int_equal(last, 0);
		assert_non_null(missing[0]);
		for (int fact = 0; fact < 11; fact++) {
			switch (fact) {
			case 0: e.source_ip = "192.0.2.7"; break;
			case 1: e.time_given = "2026-11-21 04:10"; break;
			case 2: e.time = T; e.zone = "chosen"; break;
			case 3: e.source_port = 4022; break;
			case 4: e.destination_ip = "198.18.0.1"; break;
			case 5: e.destination_port = 22; break;
			case 6: e.url = "http://evil.example/"; break;
			case 7: e.protocol = "tcp"; break;
			case 8: e.count = 3; break;
			case 9: e.malware = "x"; e.cve = "CVE-2026-1"; break;
			default: e.reporter_ref = "7";
			}
			now = score(types[i], &e, 1, missing);
			assert_in_range(now, last, 100);
			last = now;
		}
		assert_int_equal(last, 100);
		assert_null(missing[0]);
	}
	/* a question needs nothing */
	assert_int_equal(score("other/other", NULL, 0, missing), 100);
	assert_null(missing[0]);
}

static void
test_missing(void **state)
{
	struct inspect_event e[2] = {event(), event()};
	const char *missing[FACT_N + 1];

	/* one question for a time with its zone */
	e[0].source_ip = e[1].source_ip = "192.0.2.7";
	assert_int_equal(score("abusive-content/spam", e, 2, missing), 33);
	assert_string_equal(missing[0], "time with zone");
	assert_null(missing[1]);
	/* one time has its zone, the other has not: it is asked for */
	e[0].time = T;
	e[0].zone = "given";
	e[1].time_given = "2026-11-21 04:10";
	assert_int_equal(score("abusive-content/spam", e, 2, missing), 83);
	assert_string_equal(missing[0], "time zone");
	assert_null(missing[1]);
	/* a port that one event has is not asked for again */
	e[1].time = T;
	e[1].zone = "rule";
	assert_int_equal(score("abusive-content/spam", e, 2, missing), 100);
	assert_null(missing[0]);
	e[0].source_port = 4022;
	e[0].destination_ip = e[1].destination_ip = "198.18.0.1";
	e[0].destination_port = e[1].destination_port = 22;
	score("information-gathering/scanner", e, 2, missing);
	assert_null(missing[0]);
	/* IPv6 has no NAT to tell hosts apart by */
	e[0].source_port = DESC_NULL;
	e[0].source_ip = e[1].source_ip = "2001:db8::7";
	score("information-gathering/scanner", e, 2, missing);
	assert_null(missing[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_trace),
	    cmocka_unit_test(test_nat_words),
	    cmocka_unit_test(test_score),
	    cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
