/* What becomes of a message: every rule of intake_decide() as a row. */
#include "base/base.h"
#include "core/intake/intake_priv.h"
#include "unit.h"

static const struct conf conf = {
    .site_mail_domain = "tocsin.example",
    .site_report_addresses = (const char *const[]){"report", "abuse", NULL},
    .site_subject_tag = "TOCSIN",
    .intake_acks_per_hour = 3,
};
static const struct site site = {.conf = &conf};

enum { NONE = -1 };

static const struct {
	const char *what;
	/* the message */
	const char *format, *from;
	bool robot, may_reply, trusted, spam;
	const char *auth;
	const char *feed; /* of its only event */
	int64_t number; /* claimed in Subject */
	/* doors */
	int64_t delivery, subscriber;
	const char *list;
	/* context */
	int64_t dup, token, ref, claim, acks;
	bool known;
	/* outcome */
	const char *disposition;
	int64_t ticket, claims;
	bool ack;
} cases[] = {
    {"a person's report is answered", "plain", "a@b.example",
	.may_reply = true, .disposition = "report", .ack = true},
    {"a machine's report is not", "plain", "a@b.example", .robot = true,
	.may_reply = true, .disposition = "report"},
    {"null sender is never answered", "plain", "", .may_reply = true,
	.disposition = "report"},
    {"from nobody to a bounce address it came back", "plain", "",
	.delivery = 7, .disposition = "bounce"},
    {"who writes there from an address is read", "plain", "a@b.example",
	.may_reply = true, .delivery = 7, .disposition = "report",
	.ack = true},
    {"nor are we ourselves", "plain", "abuse@tocsin.example",
	.may_reply = true, .disposition = "report"},
    {"nor an address that had enough", "plain", "a@b.example",
	.may_reply = true, .acks = 3, .disposition = "report"},
    {"nor an address that the ledger does not take", "plain",
	"\"john doe\"@b.example", .may_reply = true, .disposition = "report"},
    {"a copy is a copy", "plain", "a@b.example", .may_reply = true, .dup = 7,
	.disposition = "duplicate"},
    {"a copy of a reply too", "plain", "a@b.example", .dup = 7, .token = 9,
	.disposition = "duplicate"},
    {"rows of a feed are no report", "shadowserver", "a@b.example",
	.may_reply = true, .feed = "shadowserver/scan_mysql",
	.disposition = "feed"},
    {"in an answer to us they are", "csv", "a@b.example", .token = 9,
	.feed = "shadowserver/scan_mysql", .disposition = "reply",
	.ticket = 9},
    {"a feed of which no row was understood is seen by a person",
	"shadowserver", "a@b.example", .robot = true, .disposition = "report"},
    {"aggregates are filed", "dmarc-aggregate", "a@b.example",
	.may_reply = true, .disposition = "filed"},
    {"spam in the form of a feed is spam", "shadowserver", "a@b.example",
	.feed = "shadowserver/scan_mysql", .trusted = true, .spam = true,
	.disposition = "junk"},
    {"token address", "plain", "a@b.example", .may_reply = true, .token = 9,
	.disposition = "reply", .ticket = 9},
    {"token outweighs reference", "plain", "a@b.example", .token = 9,
	.ref = 8, .disposition = "reply", .ticket = 9},
    {"our Message-ID", "plain", "a@b.example", .ref = 8,
	.disposition = "reply", .ticket = 8},
    {"number from a party", "plain", "a@b.example", .number = 5, .claim = 5,
	.known = true, .disposition = "reply", .ticket = 5},
    {"number from a stranger opens a report", "plain", "a@b.example",
	.may_reply = true, .number = 5, .claim = 5, .disposition = "report",
	.claims = 5, .ack = true},
    {"another's ticket system with a number of ours is no report", "plain",
	"a@b.example", .robot = true, .number = 5, .claim = 5,
	.disposition = "robot"},
    {"but from its member it is the answer", "plain", "a@b.example",
	.robot = true, .number = 5, .claim = 5, .known = true,
	.disposition = "reply", .ticket = 5},
    {"bounce at its VERP address", "dsn", "", .robot = true, .delivery = 3,
	.disposition = "bounce"},
    {"bounce by Message-ID", "dsn", "", .robot = true, .ref = 8,
	.disposition = "bounce", .ticket = 8},
    {"bounce of somebody else's mail", "dsn", "", .robot = true,
	.disposition = "bounce"},
    {"out of office on a ticket", "auto-reply", "a@b.example", .robot = true,
	.token = 9, .disposition = "robot", .ticket = 9},
    {"out of office on nothing", "auto-reply", "a@b.example", .robot = true,
	.disposition = "robot"},
    {"read receipt", "mdn", "a@b.example", .robot = true,
	.disposition = "robot"},
    {"command to a list", "plain", "a@b.example", .may_reply = true,
	.list = "advisories", .disposition = "command"},
    {"a robot commands nothing", "plain", "a@b.example", .robot = true,
	.list = "advisories", .disposition = "robot"},
    {"leave by mail", "plain", "a@b.example", .may_reply = true,
	.subscriber = 4, .disposition = "command"},
    {"spam by our filter's word", "plain", "a@b.example", .may_reply = true,
	.trusted = true, .spam = true, .disposition = "junk"},
    {"spam by a stranger's word is a report", "plain", "a@b.example",
	.may_reply = true, .spam = true, .disposition = "report", .ack = true},
    {"forged by SPF and DMARC", "plain", "a@b.example", .may_reply = true,
	.trusted = true, .auth = "spf=fail dmarc=fail", .disposition = "junk"},
    {"SPF alone fails for forwarded mail", "plain", "a@b.example",
	.may_reply = true, .trusted = true, .auth = "spf=fail dmarc=pass",
	.disposition = "report", .ack = true},
    {"a token outweighs the filter", "plain", "a@b.example", .token = 9,
	.trusted = true, .spam = true, .disposition = "reply", .ticket = 9},
    {"a number does not", "plain", "a@b.example", .number = 5, .claim = 5,
	.known = true, .trusted = true, .spam = true, .disposition = "junk"},
};

static int64_t
nul(int64_t n)
{
	return n == 0 ? DESC_NULL : n;
}

static void
test_table(void **state)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *rcpt = "report@tocsin.example";
		const struct smtp_envelope env = {.from = cases[i].from,
		    .rcpts = &rcpt, .n = 1, .trusted = cases[i].trusted};
		const struct intake_doors doors = {.report = true,
		    .delivery = cases[i].delivery,
		    .subscriber = cases[i].subscriber, .list = cases[i].list};
		struct inspect_event row = {.feed = cases[i].feed};
		const struct inspection in = {.format = cases[i].format,
		    .robot = cases[i].robot, .may_reply = cases[i].may_reply,
		    .spam = cases[i].spam, .auth_results = cases[i].auth,
		    .subject_number = nul(cases[i].number),
		    .events = {&row, cases[i].feed != NULL ? 1 : 0}};
		const struct intake_context ctx = {
		    .duplicate_of = nul(cases[i].dup),
		    .duplicate_ticket = DESC_NULL,
		    .token_ticket = nul(cases[i].token),
		    .ref_ticket = nul(cases[i].ref),
		    .ref_message = DESC_NULL,
		    .claim_ticket = nul(cases[i].claim),
		    .claim_known = cases[i].known,
		    .acks = cases[i].acks, .number = 1001};
		struct intake_plan plan;

		print_message("%s\n", cases[i].what);
		intake_decide(&site, &env, &doors, &in, &ctx, &plan);
		assert_string_equal(plan.disposition, cases[i].disposition);
		assert_int_equal(plan.ticket, cases[i].ticket);
		assert_int_equal(plan.claims, cases[i].claims);
		assert_int_equal(plan.ack, cases[i].ack);
		if (strcmp(plan.disposition, "bounce") == 0)
			assert_int_equal(plan.delivery, cases[i].delivery);
	}
}

static void
test_missing(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspect_event e = {.time = DESC_NULL, .source_port = DESC_NULL,
	    .destination_port = DESC_NULL, .count = DESC_NULL,
	    .source_ip = "192.0.2.7", .time_given = "22.11. 23:14",
	    .zone = "unknown"};
	struct list one = {&e, 1}, none = {NULL, 0};
	const char *const *m;
	int64_t score;

	m = intake_missing_facts(a, "information-gathering/scanner", &one,
	    &score);
	assert_string_equal(m[0], "time zone");
	assert_string_equal(m[1], "source port");
	assert_string_equal(m[2], "target address");
	assert_string_equal(m[3], "target port");
	assert_null(m[4]);
	m = intake_missing_facts(a, "fraud/phishing", &none,
	    &score);
	assert_string_equal(m[0], "web address");
	assert_null(m[1]);
	m = intake_missing_facts(a, "other/other", &none,
	    &score);
	assert_null(m[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests_name("intake-decide", tests, NULL, NULL);
}
