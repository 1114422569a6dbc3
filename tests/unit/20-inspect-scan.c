/* Machines named in free text, and words that only look like the start of one. */
#include "base/base.h"
#include "inspect/read.h"
#include "unit.h"

static const struct {
	const char *text, *found; /* "kind value", several with '|' */
} cases[] = {
    {"", ""},
    {"mere words, of letters\nand lines", ""},
    {"see 192.0.2.7, please", "ipv4 192.0.2.7"},
    {"deadbeef dead:beef::1 face", "ipv6 dead:beef::1"},
    /* what begins with letters and goes on behind a blank */
    {"from AS 64496 and AS#64497", "asn AS64496|asn AS64497"},
    {"ASN 64496 as 64497", "asn AS64496"},
    {"CVE 2021-44228, cve-2021-44229", "cve CVE-2021-44228|"
	"cve CVE-2021-44229"},
    /* and behind a comma or at the end */
    {"a,192.0.2.7,b", "ipv4 192.0.2.7"},
    {"A AS CVE ASN", ""},
    {"www https", ""},
    {"at https://a.example/x http://b.example", "url https://a.example/x|"
	"url http://b.example"},
    {"hxxp[://]c[.]example end", "url http://c.example"},
    {"write to me@a.example or you[at]b.example",
	"email me@a.example|email you@b.example"},
    {"d[.]example, e.example", "domain d.example"},
    {"d41d8cd98f00b204e9800998ecf8427e abcdef",
	"hash d41d8cd98f00b204e9800998ecf8427e"},
};

static void
test_scan(void **state)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		ARENA_AUTO(a, "test");
		GString *found = arena_gstring(a);
		size_t pos = 0, n = strlen(cases[i].text);
		struct scan_hit hit;

		while (scan_next(a, cases[i].text, n, &pos, &hit))
			g_string_append_printf(found, "%s%s %s",
			    found->len > 0 ? "|" : "",
			    scan_kind_name(hit.kind), hit.value);
		assert_string_equal(found->str, cases[i].found);
	}
}

/* Nothing behind the field is read; AddressSanitizer sees it. */
static void
test_hop_that_ends_early(void **state)
{
	static const char *const fields[] = {"from a.example by",
	    "from a.example by b.example with", "from a.example by; x",
	    "from a.example", "by b.example", "from"};

	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		ARENA_AUTO(a, "test");
		struct hop h;

		(void)received_hop(a, arena_strdup(a, fields[i]), &h);
		if (h.by != NULL)
			assert_string_equal(h.by, "b.example");
		assert_null(h.with);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_scan),
	    cmocka_unit_test(test_hop_that_ends_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
