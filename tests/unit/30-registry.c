/* Rows from what registries publish. */
#include "base/base.h"
#include "core/member/registry.h"
#include "unit.h"

static struct registry
rpsl(struct arena *a, const char *s)
{
	struct registry r;
	g_autoptr(GError) why = NULL;

	if (!registry_read_rpsl(a, s, strlen(s), &r, &why))
		fail_msg("%s", why->message);
	return r;
}

static struct registry
rdap(struct arena *a, const char *s)
{
	struct registry r;
	g_autoptr(GError) why = NULL;

	if (!registry_read_rdap(a, s, strlen(s), &r, &why))
		fail_msg("%s", why->message);
	return r;
}

/* own abuse-c, the organisation's, the own mailbox, the server's word, none */
static void
test_abuse_chain(void **state)
{
	static const char text[] =
	    "% Abuse contact for '198.51.100.0 - 198.51.100.255' is "
	    "'said@isp.example'\n\n"
	    "inetnum: 192.0.2.0 - 192.0.2.127\nnetname: OWN\n"
	    "abuse-c: AR1-TEST\norg: ORG-A1-TEST\n"
	    "mnt-by: a-mnt, B-MNT\nmnt-by: C-MNT\ncountry: gb\n"
	    "source: TEST\n\n"
	    "inetnum: 192.0.2.128 - 192.0.2.255\nnetname: ITS-ORG\n"
	    "org: org-a1-test\n\n"
	    "inetnum: 203.0.113.0 - 203.0.113.255\nnetname: MAILBOX\n"
	    "abuse-mailbox: Old@Isp.Example\ncountry: EUROPE\n\n"
	    "inetnum: 198.51.100.0 - 198.51.100.255\nnetname: SAID\n\n"
	    "inet6num: 2001:db8::/32\nnetname: NONE\nabuse-c: GONE-TEST\n\n"
	    "organisation: ORG-A1-TEST\norg-name: Example A\n"
	    "abuse-c: AR2-TEST\nphone: +44 1632 960000\n\n"
	    "role: Abuse one\nnic-hdl: AR1-TEST\n"
	    "abuse-mailbox: one@isp.example\n\n"
	    "role: Abuse two\nnic-hdl: AR2-TEST\n"
	    "abuse-mailbox: two@isp.example\n";
	static const struct {
		const char *netname, *abuse, *holder;
	} want[] = {{"OWN", "one@isp.example", "Example A"},
	    {"ITS-ORG", "two@isp.example", "Example A"},
	    {"MAILBOX", "Old@isp.example", ""},
	    {"SAID", "said@isp.example", ""}, {"NONE", "", ""}};
	ARENA_AUTO(a, "test");
	struct registry r = rpsl(a, text);

	(void)state;
	assert_int_equal(r.n_nets, COUNT_OF(want));
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		assert_string_equal(r.nets[i].netname, want[i].netname);
		assert_string_equal(r.nets[i].abuse, want[i].abuse);
		assert_string_equal(r.nets[i].holder, want[i].holder);
	}
	assert_string_equal(r.nets[0].mnt_by[0], "A-MNT");
	assert_string_equal(r.nets[0].mnt_by[1], "B-MNT");
	assert_string_equal(r.nets[0].mnt_by[2], "C-MNT");
	assert_null(r.nets[0].mnt_by[3]);
	assert_string_equal(r.nets[0].country, "GB");
	assert_string_equal(r.nets[0].source, "TEST");
	assert_string_equal(r.nets[2].country, "");
	assert_string_equal(net_text(a, &r.nets[4].last),
	    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
	assert_int_equal(r.n_orgs, 1);
	assert_string_equal(r.orgs[0].abuse, "two@isp.example");
	assert_string_equal(r.orgs[0].phone, "+44 1632 960000");
	/* the abuse-c that is not there is told */
	assert_int_equal(r.n_notes, 1);
	assert_non_null(strstr(r.notes[0].text, "GONE-TEST"));
}

static void
test_rpsl_rest(void **state)
{
	static const char text[] =
	    "inetnum: 0.0.0.0 - 255.255.255.255\nnetname: IANA-BLK\n\n"
	    "inetnum: 192.0.2.9 - 192.0.2.1\nnetname: BACKWARDS\n\n"
	    "inetnum: 192.0.2.1 - 2001:db8::1\nnetname: MIXED\n\n"
	    "inetnum: 192.0.2.0/24\nnetname: PREFIX\n"
	    "abuse-mailbox: unread@ripe.net\n\n"
	    "route: 192.0.2.0/24\norigin: AS64496\nsource: TEST\n\n"
	    "route6: 2001:db8::/32\norigin: as64497\n\n"
	    "route: 192.0.2.0/24\norigin: 64496\n\n"
	    "route: 192.0.2.1/24\norigin: AS1\n\n"
	    "route: 192.0.2.0/24\norigin: AS4294967296\n\n"
	    "mntner: X\n";
	ARENA_AUTO(a, "test");
	struct registry r = rpsl(a, text);

	(void)state;
	assert_int_equal(r.n_nets, 1);
	assert_string_equal(r.nets[0].netname, "PREFIX");
	assert_string_equal(r.nets[0].abuse, "");
	assert_int_equal(r.n_routes, 2);
	assert_int_equal(r.routes[1].asn, 64497);
	assert_int_equal(r.n_notes, 5);
}

static void
test_rdap(void **state)
{
	static const char text[] =
	    "{\"objectClassName\":\"ip network\",\"name\":\"EX\","
	    "\"startAddress\":\"192.0.2.0\",\"endAddress\":\"192.0.2.191\","
	    "\"country\":\"GB\",\"cidr0_cidrs\":[],\"entities\":["
	    " {\"handle\":\"ORG-1\",\"roles\":[\"registrant\"],"
	    "  \"vcardArray\":[\"vcard\",[[\"version\",{},\"text\",\"4.0\"],"
	    "   [\"fn\",{},\"text\",\"Example Ltd\"]]],"
	    "  \"entities\":[{\"roles\":[\"technical\",\"Abuse\"],"
	    "   \"vcardArray\":[\"vcard\",[[\"email\",{\"type\":\"work\"},"
	    "    \"text\",\"abuse@isp.example\"]]]}]},"
	    " {\"roles\":[\"abuse\"],\"vcardArray\":[\"vcard\",[[\"email\",{},"
	    "   \"text\",\"REDACTED@privacy.example\"]]]}]}";
	static const char list[] =
	    "[{\"objectClassName\":\"ip network\",\"name\":\"C\","
	    "\"cidr0_cidrs\":[{\"v4prefix\":\"192.0.2.0\",\"length\":25},"
	    "{\"v6prefix\":\"2001:db8::\",\"length\":33},"
	    "{\"v4prefix\":\"192.0.2.1\",\"length\":24},"
	    "{\"v4prefix\":7,\"length\":\"x\"}]},"
	    "{\"objectClassName\":\"autnum\"},{\"objectClassName\":"
	    "\"entity\",\"handle\":\"ORG-2\",\"roles\":[\"abuse\"],"
	    "\"vcardArray\":[\"vcard\",[[\"fn\",{},\"text\",\"Two\"],"
	    "[\"email\",{},\"text\",\"two@isp.example\"]]]},7]";
	ARENA_AUTO(a, "test");
	struct registry r = rdap(a, text);
	g_autoptr(GError) why = NULL;
	g_autoptr(GString) deep = g_string_new("{\"objectClassName\":"
	    "\"ip network\",\"startAddress\":\"192.0.2.1\",\"endAddress\":"
	    "\"192.0.2.1\"");

	(void)state;
	assert_int_equal(r.n_nets, 1);
	assert_string_equal(r.nets[0].object, "192.0.2.0 - 192.0.2.191");
	assert_string_equal(r.nets[0].abuse, "abuse@isp.example");
	assert_string_equal(r.nets[0].holder, "Example Ltd");
	assert_string_equal(r.nets[0].org, "ORG-1");
	assert_int_equal(r.n_notes, 0);

	r = rdap(a, list);
	assert_int_equal(r.n_nets, 2);
	assert_string_equal(net_text(a, &r.nets[0].last), "192.0.2.127");
	assert_true(r.nets[1].first.v6);
	assert_int_equal(r.n_orgs, 1);
	assert_string_equal(r.orgs[0].abuse, "two@isp.example");
	assert_int_equal(r.n_notes, 4);

	/* the nearest usable abuse contact is far away, and none is too far */
	for (int i = 0; i < 20; i++)
		g_string_append(deep, ",\"entities\":[{\"roles\":[\"x\"]");
	for (int i = 0; i < 20; i++)
		g_string_append(deep, "}]");
	g_string_append_c(deep, '}');
	r = rdap(a, deep->str);
	assert_int_equal(r.n_nets, 1);

	assert_false(registry_read_rdap(a, "{\"a\":1}", 7, &r, &why));
	assert_true(fault_is(why, FAULT_INPUT));
	g_clear_error(&why);
	assert_false(registry_read_rdap(a, "{", 1, &r, &why));
	assert_true(fault_is(why, FAULT_INPUT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_abuse_chain),
	    cmocka_unit_test(test_rpsl_rest),
	    cmocka_unit_test(test_rdap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
