/* Names of columns, of reports and of kinds; JSON that is passed on. */
#include "base/base.h"
#include "base/csv.h"
#include "base/json.h"
#include "inspect/feed/feed.h"
#include "unit.h"

static void
test_column_names(void **state)
{
	static const struct {
		const char *written, *name;
		enum column column;
		int zone; /* seconds, or -1 */
	} cases[] = {
	    {"Timestamp (UTC)", "timestamp", COL_TIME, 0},
	    {"time_utc", "time", COL_TIME, 0},
	    {"UTC Time", "time", COL_TIME, 0},
	    {"Time [CET]", "time", COL_TIME, 3600},
	    {"Date/Time UTC+2", "date/time", COL_TIME, 7200},
	    {"last seen", "last_seen", COL_TIME, -1},
	    {"Start-Time", "start_time", COL_TIME, -1},
	    {" \"Source IP\" ", "source_ip", COL_SRC_IP, -1},
	    {"source.ip", "source.ip", COL_SRC_IP, -1},
	    {"IP-Adresse", "ip_adresse", COL_IP, -1},
	    {"# IP", "ip", COL_IP, -1},
	    {"Estimate", "estimate", COL_UNKNOWN, -1},
	};
	ARENA_AUTO(a, "test");

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int offset = -1;
		bool zone;
		const char *s = column_name(a, cases[i].written, &offset,
		    &zone);

		assert_string_equal(s, cases[i].name);
		assert_int_equal(column_of(s), cases[i].column);
		assert_int_equal(zone ? offset : -1, cases[i].zone);
	}
}

static void
test_report_names(void **state)
{
	static const char *const cases[][3] = {
	    {"2026-11-22-scan_dns-example-asn.csv", "scan_dns",
		"vulnerable/ddos-amplifier"},
	    {"dir/2026-11-22-scan6_snmp-123-x-asn.csv.zip", "scan6_snmp",
		"vulnerable/ddos-amplifier"},
	    {"2026-11-22-scan_ssl_poodle-x.csv", "scan_ssl_poodle",
		"vulnerable/weak-crypto"},
	    {"2026-11-22-scan_ldap_tcp-x.csv", "scan_ldap_tcp",
		"vulnerable/potentially-unwanted-accessible"},
	    {"2026-11-22-scan_http_vulnerable-x.csv", "scan_http_vulnerable",
		"vulnerable/vulnerable-system"},
	    {"2026-11-22-event6_sinkhole_http-x.csv", "event6_sinkhole_http",
		"malicious-code/infected-system"},
	    {"2026-11-22-event4_honeypot_brute_force-x.csv",
		"event4_honeypot_brute_force", "intrusion-attempts/brute-force"},
	    {"2026-11-22-event4_honeypot_ddos_amp-x.csv",
		"event4_honeypot_ddos_amp", "availability/ddos"},
	    {"2026-11-22-event4_honeypot_http_scan-x.csv",
		"event4_honeypot_http_scan", "information-gathering/scanner"},
	    {"2026-11-22-compromised_website-x.csv", "compromised_website",
		"intrusions/system-compromise"},
	    {"2026-11-22-blocklist-x.csv", "blocklist", "other/other"},
	    {"2010-01-01-botnet_drone-x.csv", "botnet_drone",
		"malicious-code/infected-system"},
	    {"2026-11-22-scan_new_thing-x.csv", "scan_new_thing",
		"vulnerable/potentially-unwanted-accessible"},
	};
	ARENA_AUTO(a, "test");

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *s = shadowserver_report(a, cases[i][0]);

		assert_string_equal(s, cases[i][1]);
		assert_string_equal(shadowserver_type(s), cases[i][2]);
	}
	assert_null(shadowserver_report(a, "report.csv"));
	assert_null(shadowserver_report(a, "2026-11-2"));
	assert_null(shadowserver_report(a, ""));
}

static void
test_kinds(void **state)
{
	static const char *const cases[][3] = {
	    {"malicious-code", "infected-system",
		"malicious-code/infected-system"},
	    {"malicious code", "c&c", "malicious-code/c2-server"},
	    {NULL, "botnet drone", "malicious-code/infected-system"},
	    {NULL, "malurl", "malicious-code/malware-distribution"},
	    {NULL, "intrusion-attempts/brute-force",
		"intrusion-attempts/brute-force"},
	    {"vulnerable", "open-something", "vulnerable/vulnerable-system"},
	    {"fraud", NULL, "fraud/phishing"},
	    {NULL, "SSH brute force", "intrusion-attempts/brute-force"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(feed_type(cases[i][0], cases[i][1]),
		    cases[i][2]);
	assert_null(feed_type(NULL, NULL));
	assert_null(feed_type(NULL, "zzz"));
	assert_string_equal(severity_of("High"), "high");
	assert_null(severity_of("5"));
}

static void
test_feed_names(void **state)
{
	ARENA_AUTO(a, "test");

	assert_string_equal(feed_name(a, "csv", "My Feed (Daily) "),
	    "csv/my-feed-daily");
	assert_string_equal(feed_name(a, "csv", "../x"), "csv/..-x");
	assert_null(feed_name(a, "csv", "---"));
	assert_int_equal(strlen(feed_name(a, "csv",
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "456789")), 4 + FEED_LABEL_MAX);
}

/* Rows as machines send them. */
static void
test_forgiving_rows(void **state)
{
	ARENA_AUTO(a, "test");
	char text[] = "a,\"b \"c\" d\",e\n"
	    "\"half,x\r\n"
	    "1,\"two\nlines\",\"q\"\"q\"\r"
	    "\r\n"
	    "last,\"";
	static const char *const want[][3] = {{"a", "b \"c\" d", "e"},
	    {"\"half", "x", NULL}, {"1", "two\nlines", "q\"q"},
	    {"", NULL, NULL}, {"last", "\"", NULL}};
	struct csv_cursor c = csv_cursor(text, strlen(text), ',');
	const char *fields[CSV_FIELDS_MAX];
	GString *wide = arena_gstring(a);
	size_t n;

	c.lenient = true;
	/* the quote of "half" must not swallow what comes next */
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		assert_true(csv_next(&c, fields, &n, NULL));
		for (size_t k = 0; k < 3; k++)
			if (want[i][k] != NULL)
				assert_string_equal(fields[k], want[i][k]);
			else
				assert_true(n <= k);
	}
	assert_false(csv_next(&c, fields, &n, NULL));

	/* too many and too long */
	for (int i = 0; i < CSV_FIELDS_MAX + 10; i++)
		g_string_append(wide, "x,");
	for (int i = 0; i < CSV_FIELD_MAX; i++)
		g_string_append(wide, "\xc3\xa4");
	g_string_append(wide, "\nnext");
	c = csv_cursor(wide->str, wide->len, ',');
	c.lenient = true;
	assert_true(csv_next(&c, fields, &n, NULL));
	assert_int_equal(n, CSV_FIELDS_MAX);
	assert_true(csv_next(&c, fields, &n, NULL));
	assert_string_equal(fields[0], "next");
}

/* A quote mark in front of each of many fields must not be looked for to the
 * end of the text each time. */
static void
test_quotes_are_not_quadratic(void **state)
{
	enum { N = 1000000 };
	ARENA_AUTO(a, "test");
	GString *s = arena_gstring(a);
	const char *fields[CSV_FIELDS_MAX];
	int64_t start;
	struct csv_cursor c;
	size_t n;

	for (int i = 0; i < N; i++)
		g_string_append(s, "\"x,");
	c = csv_cursor(s->str, s->len, ',');
	c.lenient = true;
	start = when_ticks();
	while (csv_next(&c, fields, &n, NULL))
		;
	assert_in_range(when_ticks() - start, 0, 2 * WHEN_SECOND);
}

static void
test_json_objects(void **state)
{
	static const char *const good[] = {"{}", " {\"a\":1}\n",
	    "{\"a\":[1,-2.5e+10,{\"b\":[]},true,false,null,\"\\u00e4\\n\"]}",
	    "{\"a\":\"\\ud83d\\ude00\"}", "{\"a\":{},\"b\":[[]]}"};
	static const char *const bad[] = {"", "[]", "1", "{", "{}}", "{}x",
	    "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":[1,]}",
	    "{\"a\":01}", "{\"a\":1.}", "{\"a\":1e999}", "{\"a\":+1}",
	    "{\"a\":\"\\u0000\"}", "{\"a\":\"\\ud83d\"}", "{\"a\":\"\\udc00\"}",
	    "{\"a\":\"\\x\"}", "{\"a\":\"\n\"}", "{\"a\":[}", "{\"a\":[1}",
	    "{\"a\":tru}", "{a:1}", "{\"a\":1 \"b\":2}", "{\"a\":\"x}",
	    "{\"a\":-}", "{\"a\":\"\\"};
	GString *deep = g_string_new("{\"a\":");

	for (size_t i = 0; i < COUNT_OF(good); i++)
		if (!json_object_ok(good[i], strlen(good[i])))
			fail_msg("%s", good[i]);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (json_object_ok(bad[i], strlen(bad[i])))
			fail_msg("%s", bad[i]);
	for (int i = 0; i < JSON_DEPTH_MAX - 1; i++)
		g_string_append_c(deep, '[');
	for (int i = 0; i < JSON_DEPTH_MAX - 1; i++)
		g_string_append_c(deep, ']');
	g_string_append_c(deep, '}');
	/* the innermost is empty and opens no level */
	assert_true(json_object_ok(deep->str, deep->len));
	g_string_insert(deep, 5, "[[");
	g_string_insert(deep, (gssize)deep->len - 1, "]]");
	assert_false(json_object_ok(deep->str, deep->len));
	g_string_free(deep, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_column_names),
	    cmocka_unit_test(test_report_names),
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_feed_names),
	    cmocka_unit_test(test_forgiving_rows),
	    cmocka_unit_test(test_quotes_are_not_quadratic),
	    cmocka_unit_test(test_json_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
