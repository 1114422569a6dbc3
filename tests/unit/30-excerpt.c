/* Lines of logs for one party: what is shown to it, and what never is. */
#include "unit.h"

#include "core/notice/excerpt.h"
#include "core/ticket/ticket.h"

static const char *const sources[] = {"192.0.2.7", "198.51.100.9",
    "2001:db8:4000::c0de", NULL};

/* The lines of a text about an address, joined by "|". */
static const char *
lines(struct arena *a, const char *text, const char *address, bool named)
{
	struct excerpt_said said = {.text = text,
	    .from = "noc@abuse.isp-one.example", .name = "Jo Rider",
	    .named = named};
	struct ticket_event e = {.source_ip = address};
	const struct list one = {&e, 1}, by = {&said, 1};
	struct excerpt x;
	size_t n;
	const char *const *found;

	excerpt_init(a, &x, &by, sources);
	found = excerpt_lines(a, &x, &one, &n);
	assert_int_equal(n, g_strv_length((char **)(uintptr_t)found));
	return g_strjoinv("|", (char **)(uintptr_t)found);
}

static const struct {
	const char *what, *text, *address;
	bool named;
	const char *shown;
} cases[] = {
    {"lines as they came, each once and in order",
	"Hello,\n\nyour host did this at 10:00:\n\n"
	"2026-11-23T03:41:07Z SRC=192.0.2.7 DST=198.18.0.11 SPT=50122 DPT=22\n"
	"2026-11-23T03:41:09Z SRC=192.0.2.7 DST=198.18.0.12 SPT=50160 DPT=22\n"
	"2026-11-23T03:41:09Z SRC=192.0.2.7 DST=198.18.0.12 SPT=50160 DPT=22\n",
	"192.0.2.7", false,
	"2026-11-23T03:41:07Z SRC=192.0.2.7 DST=198.18.0.11 SPT=50122 DPT=22|"
	"2026-11-23T03:41:09Z SRC=192.0.2.7 DST=198.18.0.12 SPT=50160 DPT=22"},
    {"a sentence is none, though it has the address and a time",
	"Your host 192.0.2.7 scanned us at 10:00 today, says Jo.\n"
	"192.0.2.7 is what annoys us, since yesterday.\n"
	"192.0.2.7 scans us since 2026-03-02 09:00 UTC. Yours, Jo\n"
	"2026-03-02 at 09:00 it was 192.0.2.7, says our Jo.\n"
	"2. dazu noch 192.0.2.7 um 09:00 Uhr\n",
	"192.0.2.7", false, ""},
    {"never a line that names what others did",
	"Nov 23 03:41:07 fw drop 192.0.2.7:1 -> 198.18.0.1:22\n"
	"Nov 23 03:41:08 fw drop 198.51.100.9:2 -> 198.18.0.1:22\n"
	"Nov 23 03:41:09 fw both 192.0.2.7 and 198.51.100.9\n",
	"192.0.2.7", false,
	"Nov 23 03:41:07 fw drop 192.0.2.7:1 -> 198.18.0.1:22"},
    {"a port is no time",
	"<url_info url=\"http://192.0.2.7:2222/x\" />\n"
	"192.0.2.26:2222 <- 192.0.2.7:80 proto=tcp\n",
	"192.0.2.7", false, ""},
    {"an address is whole",
	"Nov 23 03:41:07 fw drop 192.0.2.70 -> 198.18.0.1\n"
	"Nov 23 03:41:07 fw drop 1192.0.2.7 -> 198.18.0.1\n"
	"03:41:07.1 IP 192.0.2.7.50122 > 198.18.0.1.22: S\n",
	"192.0.2.7", false,
	"03:41:07.1 IP 192.0.2.7.50122 > 198.18.0.1.22: S"},
    {"however it is written",
	"Nov 23 03:41:07 fw drop 2001:0DB8:4000:0:0::C0DE -> 2001:db8::1\n",
	"2001:db8:4000::c0de", false,
	"Nov 23 03:41:07 fw drop 2001:0DB8:4000:0:0::C0DE -> 2001:db8::1"},
    {"who reported is not to be read",
	"Nov 23 03:41:07 fw1.isp-one.example sshd[1]: 192.0.2.7 port 4022, "
	"tell NOC@abuse.ISP-one.example (Jo Rider)\n",
	"192.0.2.7", false,
	"Nov 23 03:41:07 [...] sshd[1]: 192.0.2.7 port 4022, tell [...] ([...])"},
    {"unless he may be named",
	"Nov 23 03:41:07 fw1.isp-one.example sshd[1]: 192.0.2.7 port 4022\n",
	"192.0.2.7", true,
	"Nov 23 03:41:07 fw1.isp-one.example sshd[1]: 192.0.2.7 port 4022"},
    {"names of others stay",
	"Nov 23 03:41:07 www.isp-one.examples: 192.0.2.7 GET "
	"http://not-isp-one.example/\n",
	"192.0.2.7", false,
	"Nov 23 03:41:07 www.isp-one.examples: 192.0.2.7 GET "
	"http://not-isp-one.example/"},
    {"a quote is of somebody else",
	"> Nov 23 03:41:07 fw drop 192.0.2.7\n",
	"192.0.2.7", false, ""},
};

static void
each_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		ARENA_AUTO(a, "test");
		const char *got = lines(a, cases[i].text, cases[i].address,
		    cases[i].named);

		if (strcmp(got, cases[i].shown) != 0)
			fail_msg("%s: %s", cases[i].what, got);
		g_free((char *)(uintptr_t)got);
	}
}

/* A subject of his is told to the party as well. */
static void
subject(void **state)
{
	ARENA_AUTO(a, "test");
	struct excerpt_said said = {.from = "abuse@isp.co.uk"};
	const struct list by = {&said, 1};
	struct excerpt x;

	(void)state;
	excerpt_init(a, &x, &by, sources);
	assert_string_equal(excerpt_masked(a, &x,
	    "[isp.co.uk #7] Scan of www.isp.co.uk, not of other.co.uk"),
	    "[[...] #7] Scan of [...], not of other.co.uk");
	assert_null(excerpt_masked(a, &x, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_line),
	    cmocka_unit_test(subject),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
