/*
 * Campaigns on a real database (run by tests/sql/cluster): how lines are read,
 * whom they concern, what each would be told, and what stops a campaign.
 * What is sent and what comes of it is in boards.c.
 */
#include "campaigntest.h"

static void
test_each_line_counts(void **state)
{
	struct inspection in = read_lines(
	    "192.0.2.7\n"
	    "\n"
	    "# a comment\n"
	    "192[.]0[.]2[.]8\r\n"
	    "192.0.2.9, 192.0.2.10 2001:db8::7\n"
	    "192.0.2.11 -> 203.0.113.5 port 22/tcp at 2026-11-21 04:10 UTC\n"
	    "what is this?\n"
	    "www.uni.example runs an old release\n"
	    "hxxp://192[.]0[.]2[.]12/x CVE-2026-12345\n"
	    "192.0.2.16/28\n"
	    "192.0.2.40-42\n"
	    "192.0.2.50 2026-11-21 04:10\n");
	const struct inspect_event *e;

	(void)state;
	assert_string_equal(in.format, "plain");
	assert_string_equal(row(&in, 0)->source_ip, "192.0.2.7");
	assert_string_equal(row(&in, 0)->evidence_part, "1");
	assert_null(row(&in, 0)->extra);
	e = row(&in, 1);
	assert_string_equal(e->source_ip, "192.0.2.8");
	assert_string_equal(e->evidence_part, "4");
	assert_string_equal(row(&in, 2)->source_ip, "192.0.2.9");
	assert_string_equal(row(&in, 4)->source_ip, "2001:db8::7");
	e = row(&in, 5);
	assert_string_equal(e->source_ip, "192.0.2.11");
	assert_string_equal(e->destination_ip, "203.0.113.5");
	assert_int_equal(e->destination_port, 22);
	assert_string_equal(e->protocol, "tcp");
	assert_string_equal(when_rfc3339(life, e->time),
	    "2026-11-21T04:10:00Z");
	assert_string_equal(e->zone, "given");
	e = row(&in, 6);
	assert_null(e->source_ip);
	assert_non_null(strstr(e->extra, "what is this?"));
	assert_non_null(strstr(e->extra, "refused"));
	assert_string_equal(row(&in, 7)->domain, "www.uni.example");
	e = row(&in, 8);
	assert_string_equal(e->source_ip, "192.0.2.12");
	assert_string_equal(e->cve, "CVE-2026-12345");
	assert_string_equal(row(&in, 9)->source_ip, "192.0.2.16/28");
	assert_string_equal(row(&in, 10)->source_ip, "192.0.2.40");
	assert_string_equal(row(&in, 12)->source_ip, "192.0.2.42");
	e = row(&in, 13);
	assert_string_equal(e->zone, "unknown");
	assert_true(e->time == DESC_NULL);
	assert_string_equal(e->time_given, "2026-11-21 04:10");
	assert_int_equal(in.events.n, 14);
}

/* Of a line with 17 addresses the 17th was lost, and so was what stood beside
 * a range, and the third of a line with words. */
static void
test_no_address_of_a_line_is_lost(void **state)
{
	ARENA_AUTO(a, "test");
	GString *text = arena_gstring(a);
	struct inspection in;

	(void)state;
	for (int i = 0; i < 100; i++)
		g_string_append_printf(text, "2001:db8::%x, ", i + 1);
	in = read_lines(text->str);
	assert_int_equal(in.events.n, 100);
	assert_string_equal(row(&in, 99)->source_ip, "2001:db8::64");
	in = read_lines("192.0.2.1-3, 192.0.2.20\n192.0.2.30 192.0.2.40-41\n");
	assert_int_equal(in.events.n, 7);
	assert_string_equal(row(&in, 2)->source_ip, "192.0.2.3");
	assert_string_equal(row(&in, 3)->source_ip, "192.0.2.20");
	assert_string_equal(row(&in, 6)->source_ip, "192.0.2.41");
	in = read_lines("192.0.2.1, 192.0.2.2 and 192.0.2.3 on port 22\n"
	    "192.0.2.1 -> 203.0.113.5 port 22\n");
	assert_int_equal(in.events.n, 2);
	assert_null(row(&in, 0)->source_ip);
	assert_non_null(strstr(row(&in, 0)->extra, "More than two addresses"));
	assert_string_equal(row(&in, 1)->destination_ip, "203.0.113.5");
}

/* Past the limit it is said which that is, by lines, by a table, and by one
 * line with all of them; a draft of less than was pasted is none. */
static void
test_a_paste_past_the_limit_is_refused(void **state)
{
	static const struct {
		const char *head, *row, *foot;
	} all[] = {{"", "2001:db8::%x\n", ""},
	    {"ip,port\n", "2001:db8::%x,1\n", ""},
	    {"", "2001:db8::%x ", "\n"}, {"", "junk %d\n", ""}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(all); i++)
		for (int n = CAMPAIGN_ROWS_MAX; n <= CAMPAIGN_ROWS_MAX + 1; n++) {
			ARENA_AUTO(a, "test");
			GString *text = arena_gstring(a);
			struct inspection in;
			struct campaign_new c;
			g_autoptr(GError) why = NULL;
			int64_t id;

			g_string_append(text, all[i].head);
			for (int k = 1; k <= n; k++) {
				g_autofree char *s = strstr(all[i].row, "junk")
				    ? g_strdup_printf("junk %d\n", k)
				    : g_strdup_printf("2001:db8::%x%s", k,
					  strchr(all[i].row, '%') + 2);

				g_string_append(text, s);
			}
			g_string_append(text, all[i].foot);
			c = asking(text->str, &in);
			if (n <= CAMPAIGN_ROWS_MAX) {
				assert_int_equal(in.events.n, n);
				assert_int_equal(in.defects.n, 0);
				continue;
			}
			assert_false(campaign_create(db, &site, &ana, &c, &id,
			    &why));
			assert_true(fault_is(why, FAULT_LARGE));
			assert_non_null(strstr(why->message, "20000"));
		}
}

static void
test_a_table_is_read_by_its_names(void **state)
{
	struct inspection in = read_lines(
	    "ip;time (UTC);port;malware;note\n"
	    "192.0.2.7;2026-11-21 04:10:00;3306;\"mirai; the old one\";a\n"
	    "nothing;2026-11-21 04:10:00;1;x;y\n"
	    "192.0.2.8;;;;\n");

	(void)state;
	assert_string_equal(in.format, "csv");
	assert_int_equal(in.events.n, 3);
	assert_string_equal(row(&in, 0)->source_ip, "192.0.2.7");
	assert_int_equal(row(&in, 0)->source_port, 3306);
	assert_string_equal(row(&in, 0)->malware, "mirai; the old one");
	assert_string_equal(row(&in, 0)->zone, "header");
	assert_string_equal(row(&in, 0)->evidence_part, "2");
	assert_null(row(&in, 1)->source_ip);
	assert_non_null(strstr(row(&in, 1)->extra,
	    "nothing;2026-11-21 04:10:00;1;x;y"));
	assert_string_equal(row(&in, 1)->evidence_part, "3");
	assert_string_equal(row(&in, 2)->source_ip, "192.0.2.8");
}

static void
test_what_is_left_out_is_shown(void **state)
{
	ARENA_AUTO(a, "test");
	int64_t id;
	struct list left;
	const char *far;

	(void)state;
	member("left", "2001:db8:200::/48", "security@left.example");
	far = when_rfc3339(a, when_now() + 30 * WHEN_DAY);
	id = make(arena_printf(a, "2001:db8:200::1\nno address here\n"
	    "10.1.2.3\n198.18.0.0/12\n2001:db8:200::2 %s\n203.0.113.250\n"
	    "2001:db8:200:0::1\n", far));
	assert_int_equal(load(id).rows, 2);
	assert_int_equal(load(id).refused, 5);
	assert_int_equal(load(id).nobody, 1);
	OK(campaign_left_out(db, a, id, &left, err));
	assert_int_equal(left.n, 6);
	assert_string_equal(LIST_AT(campaign_left, left, 0)->text,
	    "no address here");
	assert_string_equal(LIST_AT(campaign_left, left, 0)->line, "2");
	assert_non_null(strstr(LIST_AT(campaign_left, left, 1)->reason,
	    "private"));
	assert_non_null(strstr(LIST_AT(campaign_left, left, 2)->reason,
	    "prefix of /12"));
	assert_non_null(strstr(LIST_AT(campaign_left, left, 3)->reason,
	    "not come yet"));
	assert_string_equal(LIST_AT(campaign_left, left, 4)->reason,
	    "The same as line 1.");
	assert_false(LIST_AT(campaign_left, left, 5)->refused);
	/* byte for byte what was pasted */
	assert_non_null(strstr(mail_of(a, num(load(id).message)),
	    "no address here\n10.1.2.3\n"));
}

/* 100.64.0.0/10 is routed between some networks: what a member holds is its
 * own, here as in reports. */
static void
test_a_private_address_that_a_member_holds(void **state)
{
	ARENA_AUTO(a, "test");
	struct list left;
	int64_t id;

	(void)state;
	member("shared", "100.64.8.0/24", "security@shared.example");
	id = make("100.64.8.7\n100.64.9.7\n");
	assert_int_equal(load(id).rows, 1);
	assert_int_equal(load(id).parties, 1);
	assert_int_equal(load(id).refused, 1);
	OK(campaign_left_out(db, a, id, &left, err));
	assert_int_equal(left.n, 1);
	assert_string_equal(LIST_AT(campaign_left, left, 0)->text,
	    "100.64.9.7");
	assert_non_null(strstr(LIST_AT(campaign_left, left, 0)->reason,
	    "private"));
}

static void
test_nobody_to_write_to_and_told_before(void **state)
{
	int64_t id, incident, sent;
	struct campaign_sum sum;

	(void)state;
	member("mute", "2001:db8:300::/48", NULL);
	member("first", "2001:db8:301::/48", "security@first.example");
	member("second", "2001:db8:302::/48", "security@second.example");
	id = make("2001:db8:301::7\n2001:db8:301::8\n");
	assert_int_equal(send(id, &incident), 1);
	id = make("2001:db8:300::7\n2001:db8:301::7\n2001:db8:301::8\n"
	    "2001:db8:302::7\n");
	parties(id, &sum);
	assert_int_equal(sum.members, 3);
	assert_int_equal(sum.no_contact, 1);
	assert_int_equal(sum.told, 1);
	assert_int_equal(sum.chosen, 1);
	assert_non_null(strstr(party(id, "mute")->refused, "no contact"));
	assert_false(party(id, "mute")->chosen);
	assert_int_equal(party(id, "first")->told, 2);
	assert_true(party(id, "first")->investigation > 0);
	assert_false(party(id, "first")->chosen);
	assert_true(party(id, "second")->chosen);
	/* somebody who ticks it is told why not, and nothing leaves */
	{
		const char *const all[] = {num(party(id, "mute")->n),
		    num(party(id, "second")->n), NULL};

		OK(campaign_choose(db, &ana, id, load(id).version, 0, all,
		    err));
	}
	FAILS(FAULT_INPUT, campaign_send(db, &site, &ana, id, 0, &sent,
	    &incident, err));
	assert_string_equal(load(id).state, "draft");
	/* one that asks about another type is no such thing */
	{
		struct inspection in;
		struct campaign_new c = asking("2001:db8:301::7\n", &in);
		int64_t other;

		c.type = "malicious-code/infected-system";
		OK(campaign_create(db, &site, &ana, &c, &other, err));
		assert_int_equal(party(other, "first")->told, 0);
	}
}

static void
test_words_are_filled_for_each(void **state)
{
	struct inspection in;
	struct campaign_new c = asking("2001:db8:530::7 2026-11-20 10:00 "
	    "UTC\n2001:db8:531::7\n2001:db8:531::8\n", &in);
	struct campaign_mail m;
	struct campaign made;
	int64_t id, incident;
	const char *mail;

	(void)state;
	member("word-a", "2001:db8:530::/48", "security@word-a.example");
	member("word-b", "2001:db8:531::/48", "security@word-b.example");
	c.words = "Dear {{organisation}}, look at {{addresses}} ({{number}}). "
		  "{{analyst}}";
	OK(campaign_create(db, &site, &ana, &c, &id, err));
	made = load(id);
	OK(campaign_mail(db, &site, life, &ana, &made, party(id, "word-a")->n,
	    &m, err));
	assert_non_null(strstr(m.text, "Dear University word-a, look at "
	    "2001:db8:530::7 ("));
	assert_int_equal(send(id, &incident), 2);
	mail = mail_of(life, text_of(life, "SELECT message FROM campaign_party "
	    "WHERE key = 'word-b' AND campaign = $1", num(id)));
	assert_non_null(strstr(mail, arena_printf(life, "Dear University "
	    "word-b, look at 2001:db8:531::7, 2001:db8:531::8 (%" PRId64
	    "). Ana", thread_of(id, "word-b"))));
	c.words = "{{nonsense}}";
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
	c.words = "{{reporter}}";
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
}

/* One contact that was mistyped stopped the mails to all others. */
static void
test_a_bad_address_is_no_contact(void **state)
{
	int64_t id, incident;

	(void)state;
	member("typo", "2001:db8:520::/48", "security at typo.example");
	member("both", "2001:db8:521::/48", "security@@both.example");
	change("INSERT INTO contact (organisation, email) SELECT id, "
	    "'cert@both.example' FROM organisation WHERE handle = $1", "both",
	    NULL);
	member("fine", "2001:db8:522::/48", "security@fine.example");
	id = make("2001:db8:520::7\n2001:db8:521::7\n2001:db8:522::7\n");
	assert_non_null(strstr(party(id, "typo")->refused, "no contact"));
	assert_string_equal(party(id, "both")->to, "cert@both.example");
	assert_int_equal(send(id, &incident), 2);
}

/* One that was stopped, or abandoned, did not say by whom. */
static void
test_who_stopped_it(void **state)
{
	struct campaign c;
	int64_t id;

	(void)state;
	member("halt", "2001:db8:523::/48", "security@halt.example");
	id = make("2001:db8:523::7\n");
	assert_int_equal(load(id).stopped, DESC_NULL);
	change("UPDATE campaign SET state = 'sending', sender = $2, "
	    "composed = 12 WHERE id = $1", num(id), num(ana.id));
	OK(campaign_resume(db, &ana, id, 0, err));
	c = load(id);
	assert_string_equal(c.state, "draft");
	assert_string_equal(c.stopped_by, ana.name);
	assert_true(c.stopped > when_now() - 60 * WHEN_SECOND);
	assert_int_equal(c.composed, 12);
	OK(campaign_abandon(db, &ana, id, 0, err));
	c = load(id);
	assert_string_equal(c.state, "abandoned");
	assert_string_equal(c.stopped_by, ana.name);
	OK(campaign_resume(db, &ana, id, 0, err));
	c = load(id);
	assert_string_equal(c.state, "draft");
	assert_int_equal(c.stopped, DESC_NULL);
	assert_null(c.stopped_by);
}

static void
test_a_search_brings_its_label(void **state)
{
	ARENA_AUTO(a, "test");
	const struct ticket_filter f = {.q = "needle", .status = "any",
	    .me = 1};
	struct campaign_new c = {.title = "Found by words", .tlp = "GREEN",
	    .type = "vulnerable/vulnerable-system", .search = &f,
	    .query = "q=needle"};
	int64_t id, org = member("search", "2001:db8:a00::/48",
	    "security@search.example");

	(void)state;
	for (int i = 0; i < 2; i++) {
		int64_t n = number_of(arena_printf(a, "INSERT INTO ticket "
		    "(subject, tlp) VALUES ('a needle', %s) RETURNING number "
		    "+ 0 * length($1)", i == 0 ? "'CLEAR'" : "'AMBER'"), "");

		change("WITH m AS (INSERT INTO message (direction, disposition,"
		    " ticket, sha256, size) VALUES ('in', 'report', $1, 'x', 1)"
		    " RETURNING id) INSERT INTO event (ticket, message, "
		    "source_ip, verdict, reason, organisation) SELECT $1, id, "
		    "'2001:db8:a00::7', 'confirmed', 'x', $2 FROM m", num(n),
		    num(org));
	}
	OK(campaign_create(db, &site, &ana, &c, &id, err));
	assert_int_equal(load(id).rows, 2);
	assert_string_equal(load(id).tlp, "AMBER");
	/* What only some may see is not copied to where all see it. */
	change("INSERT INTO ticket_reader (ticket, principal) SELECT number, 1 "
	    "FROM ticket WHERE subject = 'a needle' AND tlp = $1", "CLEAR",
	    NULL);
	change("UPDATE ticket SET restricted = true WHERE subject = "
	    "'a needle' AND tlp = $1", "CLEAR", NULL);
	OK(campaign_create(db, &site, &ana, &c, &id, err));
	assert_int_equal(load(id).rows, 1);
}

static void
test_what_cannot_be_a_campaign(void **state)
{
	struct inspection in;
	struct campaign_new c = asking("2001:db8::7\n", &in);
	int64_t id;

	(void)state;
	c.title = " ";
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
	c.title = "x";
	c.type = "nonsense";
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
	c.type = "other/other";
	c.tlp = "PINK";
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
	c.tlp = NULL;
	c.zone = "CET";
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
	c = asking("\n\n", &in);
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
}

static void
test_what_is_too_much(void **state)
{
	ARENA_AUTO(a, "test");
	GString *text = arena_gstring(a);
	struct inspection in;
	struct campaign_new c;
	int64_t id;
	int64_t before = number_of("SELECT count(*) FROM campaign", NULL);

	(void)state;
	for (int i = 0; i <= CAMPAIGN_ROWS_MAX; i++)
		g_string_append_printf(text, "2001:db8:e000::%x\n", i);
	c = asking(text->str, &in);
	FAILS(FAULT_LARGE, campaign_create(db, &site, &ana, &c, &id, err));
	change("WITH o AS (INSERT INTO organisation (name, handle) SELECT "
	    "'Much ' || i, 'much-' || i FROM generate_series(0, 2000) i "
	    "RETURNING id, handle) INSERT INTO prefix (net, organisation) "
	    "SELECT ('2001:db8:f000:' || to_hex(substr(handle, 6)::int) || "
	    "'::/64')::cidr, id FROM o", NULL, NULL);
	g_string_truncate(text, 0);
	for (int i = 0; i <= CAMPAIGN_PARTIES_MAX; i++)
		g_string_append_printf(text, "2001:db8:f000:%x::1\n", i);
	c = asking(text->str, &in);
	FAILS(FAULT_LARGE, campaign_create(db, &site, &ana, &c, &id, err));
	assert_int_equal(number_of("SELECT count(*) FROM campaign", NULL),
	    before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_line_counts),
	    cmocka_unit_test(test_no_address_of_a_line_is_lost),
	    cmocka_unit_test(test_a_paste_past_the_limit_is_refused),
	    cmocka_unit_test(test_a_table_is_read_by_its_names),
	    cmocka_unit_test(test_what_is_left_out_is_shown),
	    cmocka_unit_test(test_a_private_address_that_a_member_holds),
	    cmocka_unit_test(test_nobody_to_write_to_and_told_before),
	    cmocka_unit_test(test_words_are_filled_for_each),
	    cmocka_unit_test(test_a_bad_address_is_no_contact),
	    cmocka_unit_test(test_who_stopped_it),
	    cmocka_unit_test(test_a_search_brings_its_label),
	    cmocka_unit_test(test_what_cannot_be_a_campaign),
	    cmocka_unit_test(test_what_is_too_much),
	};

	return cmocka_run_group_tests(tests, setup, sqltest_end);
}
