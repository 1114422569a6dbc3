/* Addresses and prefixes. */
#include "base/base.h"
#include "base/net.h"
#include "unit.h"

static void
test_hosts(void **state)
{
	static const struct {
		const char *in, *out;
	} good[] = {
	    {"192.0.2.7", "192.0.2.7"}, {"0.0.0.0", "0.0.0.0"},
	    {"255.255.255.255", "255.255.255.255"}, {"::", "::"},
	    {"::1", "::1"}, {"1::", "1::"},
	    {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
	    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
	    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
	    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
	    {"::ffff:192.0.2.7", "192.0.2.7"}, {"::FFFF:c000:207", "192.0.2.7"},
	    {"::192.0.2.7", "::c000:207"}, {"1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:8"},
	    {"0:0:1:2:3:4:5:6", "::1:2:3:4:5:6"},
	    {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
	};
	static const char *const bad[] = {NULL, "", "192.0.2", "192.0.2.256",
	    "192.0.2.07", "192.0.02.7", "0x1.0.0.1", "1.2.3.4.5", " 1.2.3.4",
	    "1.2.3.4 ", "1.2.3.4/32", "fe80::1%eth0", "[::1]", ":::", "1::2::3",
	    "12345::", "::ffff:1.2.3.256", "localhost", "3232235777",
	    "\xff", "1111111111111111111111111111111111111111111111111111"};
	ARENA_AUTO(a, "test");
	struct net n;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		if (!net_parse_host(good[i].in, &n))
			fail_msg("refused: %s", good[i].in);
		assert_string_equal(net_text(a, &n), good[i].out);
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (net_parse_host(bad[i], &n))
			fail_msg("taken: %s", bad[i]);
}

static void
test_prefixes(void **state)
{
	static const struct {
		const char *in, *strict, *loose;
	} cases[] = {
	    {"192.0.2.0/24", "192.0.2.0/24", "192.0.2.0/24"},
	    {"192.0.2.7/24", NULL, "192.0.2.0/24"},
	    {"192.0.2.7/32", "192.0.2.7", "192.0.2.7"},
	    {"192.0.2.7", "192.0.2.7", "192.0.2.7"},
	    {"0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0"},
	    {"10.1.2.3/0", NULL, "0.0.0.0/0"},
	    {"10.128.0.0/9", "10.128.0.0/9", "10.128.0.0/9"},
	    {"10.128.0.0/8", NULL, "10.0.0.0/8"},
	    {"2001:db8::/32", "2001:db8::/32", "2001:db8::/32"},
	    {"2001:db8::1/33", NULL, "2001:db8::/33"},
	    {"::ffff:192.0.2.0/120", "192.0.2.0/24", "192.0.2.0/24"},
	    {"::ffff:192.0.2.0/95", NULL, NULL},
	    {"192.0.2.0/33", NULL, NULL}, {"192.0.2.0/", NULL, NULL},
	    {"192.0.2.0/-1", NULL, NULL}, {"192.0.2.0/024", NULL, NULL},
	    {"192.0.2.0/-0", NULL, NULL}, {"::/129", NULL, NULL},
	    {"192.0.2.0/24/24", NULL, NULL}, {"/24", NULL, NULL},
	    {"192.0.2/24", NULL, NULL}, {"", NULL, NULL}, {NULL, NULL, NULL},
	};
	ARENA_AUTO(a, "test");
	struct net n;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(net_parse(cases[i].in, true, &n),
		    cases[i].strict != NULL);
		if (cases[i].strict != NULL)
			assert_string_equal(net_text(a, &n), cases[i].strict);
		assert_int_equal(net_parse(cases[i].in, false, &n),
		    cases[i].loose != NULL);
		if (cases[i].loose != NULL)
			assert_string_equal(net_text(a, &n), cases[i].loose);
	}
}

static struct net
net(const char *s)
{
	struct net n = {0};

	if (!net_parse(s, true, &n))
		fail_msg("refused: %s", s);
	return n;
}

static void
test_contains(void **state)
{
	static const struct {
		const char *prefix, *host;
		bool in;
	} cases[] = {
	    {"192.0.2.0/24", "192.0.2.255", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"192.0.2.0/24", "192.0.2.0/25", true},
	    {"192.0.2.0/25", "192.0.2.0/24", false},
	    {"0.0.0.0/0", "10.0.0.1", true}, {"0.0.0.0/0", "::1", false},
	    {"::/0", "10.0.0.1", false}, {"192.0.2.7", "192.0.2.7", true},
	    {"2001:db8::/33", "2001:db8:7fff::1", true},
	    {"2001:db8::/33", "2001:db8:8000::1", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct net p = net(cases[i].prefix), h = net(cases[i].host);

		assert_int_equal(net_contains(&p, &h), cases[i].in);
		assert_true(net_equal(&p, &p));
		if (strcmp(cases[i].prefix, cases[i].host) != 0)
			assert_false(net_equal(&p, &h));
	}
}

static void
test_special(void **state)
{
	static const char *const private[] = {"127.0.0.1", "10.1.2.3",
	    "172.31.255.255", "192.168.0.1", "169.254.1.1", "100.64.0.1",
	    "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1",
	    "fd00::1", "ff02::1", "::ffff:10.0.0.1"};
	static const char *const public[] = {"8.8.8.8", "172.32.0.1",
	    "100.128.0.1", "192.0.2.1", "2001:db8::1", "2a00::1", "9.0.0.1"};
	static const char *const examples[] = {"192.0.2.1", "198.51.100.1",
	    "203.0.113.255", "2001:db8:ffff::1"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(private); i++) {
		struct net n;

		assert_true(net_parse_host(private[i], &n));
		assert_true(net_private(&n));
		assert_false(net_documentation(&n));
	}
	for (size_t i = 0; i < COUNT_OF(public); i++) {
		struct net n = net(public[i]);

		assert_false(net_private(&n));
	}
	for (size_t i = 0; i < COUNT_OF(examples); i++) {
		struct net n = net(examples[i]);

		assert_true(net_documentation(&n));
	}
}

static void
test_endpoints(void **state)
{
	static const struct {
		const char *in, *host;
		int port;
	} good[] = {
	    {"127.0.0.1:8080", "127.0.0.1", 8080}, {"[::1]:25", "::1", 25},
	    {":8080", "", 8080}, {"mail.example:25", "mail.example", 25},
	    {"localhost:0", "localhost", 0}, {"a:65535", "a", 65535},
	};
	static const char *const bad[] = {NULL, "", "a", "a:", ":", "a:65536",
	    "a:-1", "a:+1", "a:b", "::1:25", "[::1]", "[::1]25", "[::1:25",
	    "[]:25", "[a]:25", "[127.0.0.1]:25", "a b:25", "1.2.3.4.5:25",
	    "256.0.0.1:25", "a:25 ", "[:25"};
	ARENA_AUTO(a, "test");
	char *host = NULL;
	uint16_t port = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		if (!net_parse_endpoint(a, good[i].in, &host, &port))
			fail_msg("refused: %s", good[i].in);
		assert_string_equal(host, good[i].host);
		assert_int_equal(port, good[i].port);
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (net_parse_endpoint(a, bad[i], &host, &port))
			fail_msg("taken: %s", bad[i]);
	assert_true(net_endpoint_loopback("127.0.0.2"));
	assert_true(net_endpoint_loopback("::1"));
	assert_true(net_endpoint_loopback("localhost"));
	assert_false(net_endpoint_loopback(""));
	assert_false(net_endpoint_loopback("0.0.0.0"));
	assert_false(net_endpoint_loopback("localhost.example"));
}

static void
test_split(void **state)
{
	static const struct {
		const char *first, *last, *parts;
	} cases[] = {
	    {"192.0.2.0", "192.0.2.255", "192.0.2.0/24"},
	    {"192.0.2.7", "192.0.2.7", "192.0.2.7"},
	    {"192.0.2.1", "192.0.2.6",
		"192.0.2.1 192.0.2.2/31 192.0.2.4/31 192.0.2.6"},
	    {"192.0.2.0", "192.0.2.191", "192.0.2.0/25 192.0.2.128/26"},
	    {"192.0.2.255", "192.0.3.0", "192.0.2.255 192.0.3.0"},
	    {"0.0.0.0", "255.255.255.255", "0.0.0.0/0"},
	    {"255.255.255.254", "255.255.255.255", "255.255.255.254/31"},
	    {"::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0"},
	    {"2001:db8::", "2001:db8:2:ffff:ffff:ffff:ffff:ffff",
		"2001:db8::/47 2001:db8:2::/48"},
	    {"192.0.2.2", "192.0.2.1", ""},
	    {"192.0.2.2", "2001:db8::1", ""},
	};
	ARENA_AUTO(a, "test");
	struct net first, last, parts[NET_SPLIT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		GString *s = arena_gstring(a);
		size_t n;

		assert_true(net_parse_host(cases[i].first, &first));
		assert_true(net_parse_host(cases[i].last, &last));
		n = net_split(&first, &last, parts);
		for (size_t k = 0; k < n; k++)
			g_string_append_printf(s, "%s%s", k > 0 ? " " : "",
			    net_text(a, &parts[k]));
		assert_string_equal(s->str, cases[i].parts);
	}
	/* the longest there can be */
	assert_true(net_parse_host("::1", &first));
	assert_true(net_parse_host("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe",
	    &last));
	assert_int_equal(net_split(&first, &last, parts), NET_SPLIT_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hosts),
	    cmocka_unit_test(test_prefixes),
	    cmocka_unit_test(test_split),
	    cmocka_unit_test(test_contains),
	    cmocka_unit_test(test_special),
	    cmocka_unit_test(test_endpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
