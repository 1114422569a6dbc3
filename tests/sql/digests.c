/*
 * Digests on a real database: run by tests/sql/cluster.  What is told of
 * findings, to whom and how often, and what the day's campaign says of it.
 */
#include "feedtest.h"
#include "core/campaign/campaign.h"

static void
digests(const char *when, int64_t want)
{
	int64_t n;

	sweep();
	OK(digest_run(db, &site, DIGEST_DAILY, when, NULL, NULL,
	    &n, err));
	assert_int_equal(n, want);
}

/* The newest mail of our own to an address: its text, or all of it. */
static const char *
told(struct arena *a, const char *to)
{
	return ask(a, "SELECT m.subject || E'\\n' || m.text FROM message m JOIN "
	    "delivery d ON d.message = m.id WHERE d.address = $1 AND "
	    "m.purpose = 'digest' ORDER BY m.id DESC LIMIT 1", to);
}

static void
has(const char *text, const char *what)
{
	if (strstr(text, what) == NULL)
		fail_msg("no \"%s\" in:\n%s", what, text);
}

static void
has_not(const char *text, const char *what)
{
	if (strstr(text, what) != NULL)
		fail_msg("\"%s\" in:\n%s", what, text);
}

/* The file that went with it, decoded. */
static const char *
file_to(struct arena *a, const char *to)
{
	const char *raw = ask(a, "SELECT convert_from(r.bytes, 'UTF8') FROM "
	    "message m JOIN delivery d ON d.message = m.id JOIN message_raw r "
	    "ON r.message = m.id AND r.seq = 0 WHERE d.address = $1 AND "
	    "m.purpose = 'digest' ORDER BY m.id DESC LIMIT 1", to);
	const char *p = strstr(raw, "text/csv");
	gsize n;
	guchar *bytes;
	const char *out;

	assert_non_null(p);
	has(p, "base64");
	p = strstr(p, "\r\n\r\n");
	assert_non_null(p);
	p = arena_strndup(a, p + 4, strcspn(p + 4, "-"));
	bytes = g_base64_decode(p, &n);
	out = arena_strndup(a, (char *)bytes, n);
	g_free(bytes);
	return out;
}

static void
test_digest(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspect_event r[3];
	const char *text;
	int64_t ticket, before;

	(void)state;
	/* what the other tests found is told before */
	sweep();
	OK(digest_run(db, &site, DIGEST_DAILY, "2026-01-01", NULL, NULL,
	    NULL, err));
	for (size_t i = 0; i < 3; i++)
		r[i] = row("digest", arena_printf(a, "192.0.2.%zu", 240 + i),
		    7000, day(1));
	r[1].extra = "{\"naïve\": {\"deep\": [1, \"=2\"]}, \"tag\": \"+1\"}";

	before = first_of("SELECT count(*) FROM ticket WHERE status IN "
	    "('new', 'open')", NULL);
	mail("digest 1", r, 2);
	digests("2026-01-02", 1);
	text = told(a, "security@north.example");
	has(text, "Daily digest 2026-01-02: 2 new, ");
	has(text, "TLP:AMBER\n");
	has(text, "192.0.2.240 port 7000, vulnerable/ddos-amplifier, medium");
	has_not(text, "192.0.2.242");
	/* once: whoever asks again */
	digests("2026-01-02", 0);

	text = file_to(a, "security@north.example");
	has(text, "state,first_seen,last_seen,sightings,feed,time,prefix,"
	    "source_ip,source_port,");
	has(text, ",hostname,na");
	has(text, "new,");
	has(text, ",192.0.2.128/25,192.0.2.240,7000,");
	has(text, ",\"'=cmd()\",");       /* no spreadsheet runs it */
	has(text, ",\"ntp,v4\"");
	has(text, "\"'+1\"");
	has(text, "\"{\"\"deep\"\": [1, \"\"=2\"\"]}\"");

	/* it hangs on a ticket that is out of the queue until an answer */
	ticket = first_of("SELECT ticket FROM digest WHERE day = "
	    "'2026-01-02' AND message IS NOT NULL", NULL);
	assert_int_equal(first_of("SELECT count(*) FROM ticket WHERE status "
	    "IN ('new', 'open')", NULL), before);
	assert_string_equal(ask(a, "SELECT concat_ws(' ', status, standing) "
	    "FROM ticket WHERE number = $1::bigint",
	    arena_printf(a, "%" PRId64, ticket)), "resolved t");

	/* nothing came: nothing is said */
	digests("2026-01-03", 0);

	/* one more, one again, one not seen */
	r[0].time = r[2].time = day(2);
	r[1] = r[2];
	mail("digest 2", r, 2);
	digests("2026-01-04", 1);
	text = told(a, "security@north.example");
	has(text, ": 1 new, ");
	has(text, "192.0.2.241 port 7000"); /* still there */
	text = file_to(a, "security@north.example");
	has(text, "open,");
	has(text, "192.0.2.242");

	/* seen for the last time on days 1 and 2: one goes, then the others */
	r[0] = row("digest", "203.0.113.1", 7000, day(8));
	mail("digest 3", r, 1);
	digests("2026-01-05", 1);
	has(told(a, "security@north.example"), ": 0 new, ");
	has(told(a, "security@north.example"), " 1 gone\n");
	has(told(a, "security@north.example"), "Gone: not seen");
	r[0].time = day(12);
	mail("digest 4", r, 1);
	digests("2026-01-06", 1);
	has(told(a, "security@north.example"), " 2 gone\n");
	digests("2026-01-07", 0);
}

static void
test_digest_policy(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspect_event r[4];
	int64_t n;
	bool made;

	(void)state;
	policy("quiet/count", "'count'");
	policy("quiet/weekly", "'digest-weekly'");
	policy("quiet/many", "action, at_least:'digest-daily', 2");
	policy("quiet/fresh", "action, only_new:'digest-daily', true");
	r[0] = row("quiet/count", "192.0.2.250", 7100, day(1));
	r[1] = row("quiet/weekly", "192.0.2.251", 7100, day(1));
	r[2] = row("quiet/many", "192.0.2.252", 7100, day(1));
	mail("quiet 1", r, 3);
	digests("2026-02-01", 0);
	OK(digest_run(db, &site, DIGEST_WEEKLY, "2026-02-01", NULL, NULL,
	    &n, err));
	assert_int_equal(n, 1);
	has(told(a, "security@north.example"), "Weekly digest 2026-02-01: 1 "
	    "new, 0 still there, 0 gone");
	/* once: the timer makes up for what is not */
	OK(digest_week_made(db, "2026-02-01", &made, err));
	assert_true(made);
	OK(digest_week_made(db, "2026-01-25", &made, err));
	assert_false(made);

	r[3] = row("quiet/many", "192.0.2.253", 7100, day(1));
	mail("quiet 2", r + 3, 1);
	digests("2026-02-02", 1);
	has(told(a, "security@north.example"), ": 2 new, ");

	r[0] = row("quiet/fresh", "192.0.2.254", 7100, day(2));
	mail("quiet 3", r, 1);
	digests("2026-02-03", 1);
	r[0].time = day(3);
	mail("quiet 4", r, 1);
	digests("2026-02-04", 0);

	/* an inhibition goes before all, for as long as it lasts */
	r[0] = row("quiet/ended", "192.0.2.249", 7100, day(2));
	mail("quiet 5", r, 1);
	alter("INSERT INTO feed_policy (feed, organisation, action, until, "
	    "reason) VALUES ('quiet/*', 1, 'count', 'tomorrow', 'agreed')");
	digests("2026-02-05", 0);
	alter("UPDATE feed_policy SET until = 'yesterday' WHERE reason = "
	    "'agreed'");
	digests("2026-02-06", 1);
	has(told(a, "security@north.example"), "192.0.2.249 port 7100");
}

static void
test_digest_by_rule(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspect_event r[2] = {row("rule", "192.0.2.225", 1, day(1)),
	    row("rule", "192.0.2.226", 1, day(1))};

	(void)state;
	alter("INSERT INTO contact_rule (organisation, net, email, period) "
	    "VALUES (1, '192.0.2.226/32', 'halls@north.example', '(,)')");
	mail("rule", r, 2);
	digests("2026-03-01", 1);
	has(told(a, "halls@north.example"), "192.0.2.226 ");
	has_not(told(a, "halls@north.example"), "192.0.2.225 ");
	has_not(file_to(a, "halls@north.example"), "192.0.2.225");
	has(told(a, "security@north.example"), "192.0.2.225 ");
	has_not(told(a, "security@north.example"), "192.0.2.226 ");
	assert_int_equal(first_of("SELECT count(*) FROM digest WHERE day = "
	    "$1::date AND message IS NOT NULL", "2026-03-01"), 1);
	/* whom nobody can tell stays untold */
	assert_int_equal(first_of("SELECT count(*) FROM finding WHERE "
	    "organisation = 2 AND told <> 'nothing'", NULL), 0);
	alter("DELETE FROM contact_rule");
}

static gpointer
all_digests(gpointer arg)
{
	struct db *mine = db_open(site.conf, "digests");
	int64_t *n = arg;

	OK(digest_run(mine, &site, DIGEST_DAILY, "2026-04-01", NULL, NULL,
	    n, err));
	db_close(mine);
	return NULL;
}

static void
test_digest_hosts(void **state)
{
	GThread *t[4];
	int64_t n[4], sum = 0;
	struct inspect_event r = row("hosts", "192.0.2.230", 1, day(1));

	(void)state;
	mail("hosts", &r, 1);
	for (size_t i = 0; i < COUNT_OF(t); i++)
		t[i] = g_thread_new("host", all_digests, &n[i]);
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		g_thread_join(t[i]);
		sum += n[i];
	}
	assert_int_equal(sum, 1);
	assert_int_equal(first_of("SELECT count(*) FROM message WHERE "
	    "purpose = 'digest' AND subject LIKE '%2026-04-01%'", NULL), 1);
	assert_int_equal(first_of("SELECT count(*) FROM campaign_party p JOIN "
	    "campaign c ON c.id = p.campaign WHERE c.day = $1::date AND "
	    "p.ticket IS NOT NULL", "2026-04-01"), 1);
}

static void
test_digest_hour(void **state)
{
	struct conf c = {.feeds_digest_hour = 6, .feeds_digest_weekday = 1};
	int64_t monday = INT64_C(1772409600) * WHEN_SECOND; /* 2026-03-02 */
	char d[11] = "";

	(void)state;
	assert_false(digest_is_due(&c, DIGEST_DAILY, monday, d));
	assert_true(digest_is_due(&c, DIGEST_DAILY,
	    monday + 6 * 3600 * WHEN_SECOND, d));
	assert_string_equal(d, "2026-03-02");
	assert_true(digest_is_due(&c, DIGEST_WEEKLY,
	    monday + 23 * 3600 * WHEN_SECOND, d));
	assert_string_equal(d, "2026-03-02");
	/* the last one, for who missed it */
	assert_true(digest_is_due(&c, DIGEST_WEEKLY,
	    monday + 6 * WHEN_DAY + 2 * 3600 * WHEN_SECOND, d));
	assert_string_equal(d, "2026-03-02");
	assert_true(digest_is_due(&c, DIGEST_WEEKLY,
	    monday + 5 * 3600 * WHEN_SECOND, d));
	assert_string_equal(d, "2026-02-23");
}

/* -- the day as a campaign -- */

static void
board_of(struct arena *a, const char *when, const char *state,
    struct list *rows, struct campaign_bar *bar)
{
	struct campaign_tally tally;
	struct campaign c;
	struct list words;
	int64_t total;

	OK(campaign_load(db, a, first_of("SELECT id FROM campaign WHERE digest "
	    "= 'daily' AND day = $1::date", when), &c, err));
	OK(campaign_board(db, a, &c, state, 0, false, rows, &total, &words,
	    &tally, err));
	*bar = tally.bar;
}

static const char *
parties(struct arena *a, const char *when)
{
	return ask(a, "SELECT string_agg(concat_ws(' ', p.name, p.rows, "
	    "(SELECT string_agg(host(f.address), ' ' ORDER BY f.address) FROM "
	    "campaign_row r JOIN finding f ON f.id = r.finding WHERE "
	    "r.campaign = c.id AND r.party = p.n), (SELECT "
	    "string_agg(d.address, ' ') FROM delivery d JOIN message m ON m.id "
	    "= d.message WHERE m.id = p.message AND m.ticket = p.ticket)), "
	    "', ' ORDER BY p.name) FROM campaign c JOIN campaign_party p ON "
	    "p.campaign = c.id WHERE c.digest = 'daily' AND c.day = $1::date",
	    when);
}

/* Each mail is a party of one campaign, with its own findings alone; whoever
 * could not be told is one, too. */
static void
test_the_day_is_a_campaign(void **state)
{
	ARENA_AUTO(a, "test");
	static const char *const none[] = {NULL};
	struct actor ana = {.id = 1, .name = "Ana", .role = ROLE_ANALYST};
	struct inspect_event r[4] = {row("day", "192.0.2.200", 1, day(1)),
	    row("day", "192.0.2.201", 1, day(1)),
	    row("day", "192.0.2.20", 1, day(1)),
	    row("day", "198.51.100.20", 1, day(1))};
	struct list rows;
	struct campaign_bar bar;
	int64_t total, done, bulk, before;

	(void)state;
	alter("UPDATE finding SET state = 'gone', told = 'gone', "
	    "gone_seen = last_seen, gone_at = now()");
	alter("INSERT INTO contact_rule (organisation, net, email, period) "
	    "VALUES (1, '192.0.2.201/32', 'halls@north.example', '(,)')");
	mail("day", r, 4);
	digests("2026-05-01", 2);
	assert_string_equal(parties(a, "2026-05-01"),
	    "North: halls@north.example 1 192.0.2.201 halls@north.example, "
	    "North: security@north.example 1 192.0.2.200 "
	    "security@north.example, "
	    "South 1 198.51.100.20, "
	    "West 1 192.0.2.20 security@west.example");
	assert_int_equal(first_of("SELECT count(*) FROM campaign_party p JOIN "
	    "campaign c ON c.id = p.campaign WHERE c.day = $1::date AND "
	    "p.ticket IS NOT NULL AND p.ticket <> (SELECT ticket FROM digest d "
	    "WHERE d.organisation = p.organisation AND d.day = c.day)",
	    "2026-05-01"), 0);
	/* it is not among those that ask, and asks nobody */
	OK(campaign_list(db, a, false, 0, &rows, &total, err));
	assert_int_equal(total, 0);
	before = first_of("SELECT count(*) FROM campaign", NULL);
	OK(campaign_list(db, a, true, 0, &rows, &total, err));
	assert_int_equal(total, before);
	assert_string_equal(LIST_AT(campaign_row, rows, 0)->title,
	    "Daily digest of 2026-05-01");
	assert_int_equal(LIST_AT(campaign_row, rows, 0)->rows, 4);
	assert_int_equal(LIST_AT(campaign_row, rows, 0)->told, 3);
	assert_int_equal(first_of("SELECT count(*) FROM notice", NULL), 0);
	FAILS(FAULT_INPUT, campaign_remind(db, &site, &ana,
	    LIST_AT(campaign_row, rows, 0)->id, "all", none, &done, &bulk, err));
	/* once, whoever asks again */
	digests("2026-05-01", 0);
	assert_int_equal(first_of("SELECT count(*) FROM campaign", NULL),
	    before);

	/* the board: what the ledger, the members and the feeds say */
	board_of(a, "2026-05-01", NULL, &rows, &bar);
	assert_int_equal(rows.n, 4);
	assert_int_equal(bar.queued, 3);
	alter("UPDATE delivery SET state = CASE WHEN address LIKE 'halls@%' "
	    "THEN 'bounced' ELSE 'sent' END WHERE message IN (SELECT "
	    "message FROM campaign_party)");
	alter("UPDATE ticket SET status = 'open' WHERE number = (SELECT ticket "
	    "FROM digest WHERE day = '2026-05-01' AND organisation = 3)");
	alter("UPDATE finding SET state = 'gone', gone_seen = last_seen, "
	    "gone_at = now() WHERE address = '192.0.2.20'");
	board_of(a, "2026-05-01", "bounced", &rows, &bar);
	assert_int_equal(rows.n, 1);
	assert_int_equal(bar.bounced, 1);
	assert_int_equal(bar.delivered, 2);
	assert_int_equal(bar.answered + bar.silent + bar.queued, 0);
	assert_string_equal(LIST_AT(campaign_on_board, rows, 0)->name,
	    "North: halls@north.example");
	board_of(a, "2026-05-01", "read", &rows, &bar);
	assert_int_equal(rows.n, 1);
	board_of(a, "2026-05-01", "fixed", &rows, &bar);
	assert_int_equal(rows.n, 1);
	assert_string_equal(LIST_AT(campaign_on_board, rows, 0)->name, "West");
	board_of(a, "2026-05-01", "not-told", &rows, &bar);
	assert_int_equal(rows.n, 1);

	/* the next day is another; whom nobody can tell stays untold */
	digests("2026-05-02", 1);
	assert_string_equal(parties(a, "2026-05-02"), "South 1 198.51.100.20, "
	    "West 1 192.0.2.20 security@west.example");
	alter("DELETE FROM contact_rule");
}

/* A member whose digest fails is not in it, and the others are. */
static void
test_one_that_fails_leaves_the_others(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspect_event r[2] = {row("fails", "192.0.2.210", 1, day(1)),
	    row("fails", "192.0.2.30", 1, day(1))};

	(void)state;
	alter("UPDATE finding SET state = 'gone', told = 'gone', "
	    "gone_seen = last_seen, gone_at = now()");
	mail("fails", r, 2);
	alter("ALTER TABLE campaign_party ADD CONSTRAINT broken CHECK "
	    "(name <> 'North') NOT VALID");
	digests("2026-06-01", 1);
	assert_string_equal(parties(a, "2026-06-01"),
	    "West 1 192.0.2.30 security@west.example");
	assert_int_equal(first_of("SELECT count(*) FROM digest WHERE day = "
	    "$1::date AND organisation = 1", "2026-06-01"), 0);
	alter("ALTER TABLE campaign_party DROP CONSTRAINT broken");
	digests("2026-06-01", 1);
	assert_string_equal(parties(a, "2026-06-01"),
	    "North 1 192.0.2.210 security@north.example, "
	    "West 1 192.0.2.30 security@west.example");
}

struct stop {
	int64_t calls, at;
};

static bool
stop_at(void *ctx)
{
	struct stop *s = ctx;

	return ++s->calls >= s->at;
}

/* The desk went on with a day's digests to the last member while it was told
 * to stop.  Wherever it ends now, a member is told whole or not at all, and the
 * next run tells the others, once. */
static void
test_stopped_between_two_mails(void **state)
{
	static const char mails[] = "SELECT count(*) FROM message m JOIN "
	    "digest d ON d.ticket = m.ticket WHERE m.purpose = 'digest' AND "
	    "d.day = $1::date";
	struct inspect_event r[3] = {row("ends", "192.0.2.200", 1, day(1)),
	    row("ends", "192.0.2.201", 1, day(1)),
	    row("ends", "192.0.2.20", 1, day(1))};
	/* before and between the two of North, before that of West */
	static const int64_t after[] = {0, 0, 0, 2};

	(void)state;
	alter("INSERT INTO contact_rule (organisation, net, email, period) "
	    "VALUES (1, '192.0.2.201/32', 'halls@north.example', '(,)')");
	for (int64_t i = 0; i < 4; i++) {
		g_autofree char *when = g_strdup_printf("2026-07-0%d",
		    (int)i + 1);
		g_autofree char *name = g_strdup_printf("ends %d", (int)i);
		struct stop s = {.at = i + 1};
		int64_t n;

		alter("UPDATE finding SET state = 'gone', told = 'gone', "
		    "gone_seen = last_seen, gone_at = now()");
		for (size_t k = 0; k < COUNT_OF(r); k++)
			r[k].time = day(2 + (int)i);
		mail(name, r, COUNT_OF(r));
		OK(digest_run(db, &site, DIGEST_DAILY, when, stop_at, &s, &n,
		    err));
		assert_int_equal(n, after[i] > 0);
		assert_int_equal(first_of(mails, when), after[i]);
		OK(digest_run(db, &site, DIGEST_DAILY, when, NULL, NULL, &n,
		    err));
		assert_int_equal(first_of(mails, when), 3);
		OK(digest_run(db, &site, DIGEST_DAILY, when, NULL, NULL, &n,
		    err));
		assert_int_equal(first_of(mails, when), 3);
	}
	alter("DELETE FROM contact_rule");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_digest),
	    cmocka_unit_test(test_digest_policy),
	    cmocka_unit_test(test_digest_by_rule),
	    cmocka_unit_test(test_digest_hosts),
	    cmocka_unit_test(test_digest_hour),
	    cmocka_unit_test(test_the_day_is_a_campaign),
	    cmocka_unit_test(test_one_that_fails_leaves_the_others),
	    cmocka_unit_test(test_stopped_between_two_mails),
	};

	return cmocka_run_group_tests(tests, set_up, sqltest_end);
}
