/*
 * Advisories and topics on a real database (run by tests/sql/cluster): from a
 * draft to ten thousand recipients.
 */
#include "lists.h"

/* -- advisories -- */

static const char *const both[] = {"advisories", "contacts", NULL};

static const char *const open_list[] = {"advisories", NULL};

static const char *const one_topic[] = {"incident-response", NULL};

static const char *const cves[] = {"cve-2026-12345", "CVE-2026-12345", NULL};

static const struct advisory_draft sample = {
    .title = "Patch the mail server",
    .body = "An attacker can read all mail.\n\n## What to do\n\n"
	    "- update\n- restart\n\nSee <https://vendor.example/1>.\n",
    .tlp = "tlp:white",
    .lists = both,
    .topics = one_topic,
    .cves = cves,
};

static void
test_two_principals(void **state)
{
	ARENA_AUTO(a, "test");
	static const char meddle[] = "UPDATE advisory SET body = body || "
				     "'!' WHERE number = $1";
	struct advisory_draft d = {.title = "Another title"};
	struct advisory adv;
	int64_t n, recipients;

	(void)state;
	FAILS(FAULT_DENIED, advisory_create(db, &site, &eve, &sample, &n,
	    err));
	OK(advisory_create(db, &site, &ann, &sample, &n, err));
	OK(advisory_get(db, a, &site, n, &adv, err));
	assert_string_equal(adv.tlp, "CLEAR");
	assert_string_equal(adv.state, "draft");
	assert_string_equal(adv.cves, "[\"CVE-2026-12345\"]");
	assert_int_equal(adv.version, 1);

	FAILS(FAULT_DENIED, advisory_approve(db, &ann, n, 0, err));
	FAILS(FAULT_DENIED, advisory_approve(db, &eve, n, 0, err));
	FAILS(FAULT_CONFLICT, advisory_issue(db, &site, &bob, n, 0, NULL,
	    err));
	FAILS(FAULT_CONFLICT, advisory_approve(db, &bob, n, 7, err));
	/* the database does not take the program's word for it */
	refused("UPDATE advisory SET state = 'approved', approved = now(), "
	    "approved_by = $2 WHERE number = $1", num(n), num(ann.id));

	/* bob edits: now neither may approve */
	OK(advisory_edit(db, &site, &bob, n, 1, &d, err));
	FAILS(FAULT_CONFLICT, advisory_edit(db, &site, &ann, n, 1, &d, err));
	FAILS(FAULT_DENIED, advisory_approve(db, &bob, n, 0, err));
	FAILS(FAULT_DENIED, advisory_approve(db, &ann, n, 0, err));
	d.title = "A third title";
	OK(advisory_edit(db, &site, &ann, n, 2, &d, err));
	OK(advisory_approve(db, &bob, n, 3, err));
	OK(advisory_get(db, a, &site, n, &adv, err));
	assert_string_equal(adv.state, "approved");
	assert_string_equal(adv.approved_by, "Bob");

	/* an edit voids the approval, also one past the program */
	change(meddle, num(n), NULL);
	OK(advisory_get(db, a, &site, n, &adv, err));
	assert_string_equal(adv.state, "draft");
	assert_null(adv.approved_by);
	FAILS(FAULT_CONFLICT, advisory_issue(db, &site, &bob, n, 0, NULL,
	    err));
	OK(advisory_approve(db, &bob, n, 0, err));
	OK(advisory_issue(db, &site, &ann, n, 0, &recipients, err));
	FAILS(FAULT_CONFLICT, advisory_issue(db, &site, &ann, n, 0, NULL,
	    err));
	FAILS(FAULT_CONFLICT, advisory_edit(db, &site, &ann, n, 0, &d, err));
	refused(meddle, num(n), NULL);
	FAILS(FAULT_ABSENT, advisory_get(db, a, &site, 99999, &adv, err));
}

static void
test_issue(void **state)
{
	ARENA_AUTO(a, "test");
	struct advisory adv;
	struct advisory_progress p;
	struct topic_item item = {0};
	struct list rows;
	const char *bytes;
	int64_t n, recipients, total, before;
	bool seen_both = false;

	(void)state;
	OK(roster_add(db, &ann, "advisories", "Both@lists.example", "", false,
	    err));
	OK(roster_add(db, &ann, "contacts", "both@lists.example", "", false,
	    err));
	OK(roster_add(db, &ann, "contacts", "only@lists.example", "", false,
	    err));
	OK(advisory_create(db, &site, &ann, &sample, &n, err));
	OK(advisory_approve(db, &bob, n, 0, err));
	OK(advisory_get(db, a, &site, n, &adv, err));
	before = adv.recipients;
	OK(advisory_issue(db, &site, &bob, n, 0, &recipients, err));
	assert_int_equal(recipients, before);
	OK(advisory_get(db, a, &site, n, &adv, err));
	assert_string_equal(adv.state, "issued");
	assert_int_equal(adv.recipients, recipients);
	assert_int_equal(adv.deliveries->queued, recipients);
	OK(advisory_deliveries(db, a, n, NULL, 0, &rows, &total, err));
	assert_int_equal(total, recipients);
	for (size_t i = 0; i < rows.n; i++) {
		const struct advisory_delivery *d =
		    LIST_AT(advisory_delivery, rows, i);

		if (text_ieq(d->address, "both@lists.example")) {
			assert_false(seen_both);
			seen_both = true;
			assert_string_equal(d->list, "advisories");
		}
		assert_string_equal(d->state, "queued");
	}
	assert_true(seen_both);
	OK(advisory_progress(db, a, n, &p, err));
	assert_int_equal(p.waiting, recipients);
	assert_true(p.busy);

	bytes = text_of(a, "SELECT convert_from(bytes, 'UTF8') FROM "
	    "message_raw WHERE message = $1 AND seq = 0",
	    num(adv.message));
	assert_non_null(strstr(bytes, arena_printf(a,
	    "\r\nSubject: [TLP:CLEAR] %s Patch the mail server\r\n",
	    adv.id)));
	assert_non_null(strstr(bytes, "From: "));
	assert_non_null(strstr(bytes, "List-Archive: <http"));
	assert_null(strstr(bytes, "\r\nTo:"));
	assert_null(strstr(bytes, "Message-ID:"));
	assert_null(strstr(bytes, "List-Id:"));
	assert_non_null(strstr(bytes, "\r\n\r\nTLP:CLEAR"));
	assert_non_null(strstr(bytes, "CVE-2026-12345"));
	assert_non_null(strstr(bytes, arena_printf(a,
	    "/advisories/%s\r\n", adv.slug)));
	assert_null(strstr(bytes, "{{"));

	OK(topic_item_find(db, a, adv.slug, &item, err));
	assert_string_equal(item.kind, "advisory");
	assert_string_equal(item.author, site.conf->site_name);
	assert_string_equal(item.topic_slug, "incident-response");
	assert_int_equal(item.advisory, n);
	assert_true(g_str_has_prefix(item.guid, "tag:tocsin.example,"));
	assert_string_equal(item.teaser, "An attacker can read all mail. "
	    "update; restart. See https://vendor.example/1.");
}

/* An edit stopped one that was being sent, and its page did not say so. */
static void
test_who_stopped_it(void **state)
{
	ARENA_AUTO(a, "test");
	static const char begin[] = "UPDATE advisory SET state = 'sending', "
	    "sender = $2, mails = 40, composed = 12 WHERE number = $1";
	struct advisory_draft d = {.title = "Patch it today"};
	struct advisory adv;
	int64_t n;

	(void)state;
	OK(advisory_create(db, &site, &ann, &sample, &n, err));
	OK(advisory_approve(db, &bob, n, 0, err));
	OK(advisory_edit(db, &site, &ann, n, 0, &d, err));
	OK(advisory_get(db, a, &site, n, &adv, err));
	assert_int_equal(adv.stopped, DESC_NULL);
	assert_false(adv.stopped_edit);

	OK(advisory_approve(db, &bob, n, 0, err));
	change(begin, num(n), num(bob.id));
	d.title = "Patch it now";
	OK(advisory_edit(db, &site, &ann, n, 0, &d, err));
	OK(advisory_get(db, a, &site, n, &adv, err));
	assert_string_equal(adv.state, "draft");
	assert_string_equal(adv.stopped_by, "Ann");
	assert_true(adv.stopped > when_now() - 60 * WHEN_SECOND);
	assert_true(adv.stopped_edit);
	assert_int_equal(adv.composed, 12);
	assert_string_equal(text_of(a, "SELECT object FROM audit WHERE "
	    "advisory = $1 ORDER BY id DESC LIMIT 1", num(n)),
	    "sending stopped, approval voided");

	/* It is said until it is sent again; then who stops that one. */
	OK(advisory_approve(db, &bob, n, 0, err));
	OK(advisory_get(db, a, &site, n, &adv, err));
	assert_string_equal(adv.stopped_by, "Ann");
	change("UPDATE advisory SET stopped = NULL, stopped_by = NULL, "
	    "stopped_edit = false WHERE number = $1", num(n), NULL);
	change(begin, num(n), num(bob.id));
	OK(advisory_stop(db, &bob, n, 0, err));
	OK(advisory_get(db, a, &site, n, &adv, err));
	assert_string_equal(adv.state, "approved");
	assert_string_equal(adv.stopped_by, "Bob");
	assert_false(adv.stopped_edit);
	OK(advisory_issue(db, &site, &bob, n, 0, NULL, err));
	OK(advisory_get(db, a, &site, n, &adv, err));
	assert_int_equal(adv.stopped, DESC_NULL);
}

static void
test_marking(void **state)
{
	ARENA_AUTO(a, "test");
	struct advisory_draft d = sample;
	struct advisory adv;
	struct list rows;
	int64_t n, before, after;
	static const char *const nolist[] = {"nolist", NULL};

	(void)state;
	d.tlp = "RED";
	FAILS(FAULT_INPUT, advisory_create(db, &site, &ann, &d, &n, err));
	d.tlp = "AMBER+STRICT";
	FAILS(FAULT_INPUT, advisory_create(db, &site, &ann, &d, &n, err));
	d.tlp = "AMBER"; /* to both lists: the open one takes GREEN */
	FAILS(FAULT_INPUT, advisory_create(db, &site, &ann, &d, &n, err));
	d.lists = both + 1;
	OK(advisory_create(db, &site, &ann, &d, &n, err));
	d.lists = nolist;
	FAILS(FAULT_INPUT, advisory_create(db, &site, &ann, &d, &n, err));
	d = sample;
	d.topics = nolist;
	FAILS(FAULT_INPUT, advisory_create(db, &site, &ann, &d, &n, err));

	/* GREEN goes by mail and not on the web */
	d = sample;
	d.tlp = "GREEN";
	OK(topic_items(db, a, NULL, 0, &rows, &before, err));
	OK(advisory_create(db, &site, &ann, &d, &n, err));
	OK(advisory_approve(db, &bob, n, 0, err));
	OK(advisory_issue(db, &site, &ann, n, 0, NULL, err));
	OK(advisory_get(db, a, &site, n, &adv, err));
	assert_null(adv.slug);
	assert_true(adv.deliveries->queued > 0);
	OK(topic_items(db, a, NULL, 0, &rows, &after, err));
	assert_int_equal(before, after);
}

static void
test_demo(void **state)
{
	ARENA_AUTO(a, "test");
	static const char dir[] = SRCDIR "/templates/demo";
	struct list rows;
	struct advisory adv;
	struct topic_item item = {0};
	int64_t total, again;

	(void)state;
	OK(demo_lists(db, &site, dir, &ann, &bob, err));
	OK(advisory_list(db, a, &site, 0, &rows, &total, err));
	OK(advisory_get(db, a, &site, LIST_AT(advisory_row, rows, 1)->number,
	    &adv, err));
	assert_string_equal(adv.state, "issued");
	assert_int_equal(adv.recipients, 0);
	assert_true(g_str_has_prefix(adv.id, "TOCSIN-2026-"));
	OK(topic_item_find(db, a, adv.slug, &item, err));
	assert_int_equal(item.published, adv.issued);
	assert_string_equal(LIST_AT(advisory_row, rows, 0)->state, "draft");
	assert_string_equal(LIST_AT(advisory_row, rows, 0)->tlp, "AMBER");
	assert_string_equal(status_of(a, "advisories", "noc@isp.example"),
	    "active");
	OK(demo_lists(db, &site, dir, &ann, &bob, err));
	OK(advisory_list(db, a, &site, 0, &rows, &again, err));
	assert_int_equal(total, again);
}

static void
test_ten_thousand(void **state)
{
	ARENA_AUTO(a, "test");
	struct advisory_draft d = sample;
	GString *csv = arena_gstring(a);
	struct roster_import r;
	int64_t n, recipients, from, ms;

	(void)state;
	g_string_append(csv, "email\n");
	for (int i = 0; i < 10000; i++)
		g_string_append_printf(csv, "u%d@d%d.example\n", i, i % 200);
	from = when_ticks();
	OK(roster_import_csv(db, a, &ann, "advisories", csv->str, csv->len,
	    false, &r, err));
	ms = (when_ticks() - from) / 1000;
	print_message("# import of 10,000: %d ms\n", (int)ms);
	assert_int_equal(r.added, 10000);
	d.lists = open_list;
	OK(advisory_create(db, &site, &ann, &d, &n, err));
	OK(advisory_approve(db, &bob, n, 0, err));
	from = when_ticks();
	OK(advisory_issue(db, &site, &ann, n, 0, &recipients, err));
	ms = (when_ticks() - from) / 1000;
	print_message("# issue to %d: %d ms\n", (int)recipients, (int)ms);
	assert_true(recipients >= 10000);
	/* The goal is a second on a quiet machine; a busy one gets five. */
	assert_true(ms < 5000);
}

/* -- topics -- */

static void
test_articles(void **state)
{
	ARENA_AUTO(a, "test");
	struct list rows;
	struct topic_row t;
	struct topic_item item = {0};
	int64_t n, total;

	(void)state;
	OK(topic_load_articles(db, &site, SRCDIR "/templates/articles", &n,
	    err));
	assert_int_equal(n, 9);
	OK(topic_load_articles(db, &site, SRCDIR "/templates/articles", &n,
	    err));
	assert_int_equal(n, 0);
	OK(topic_find(db, a, "incident-response", &t, err));
	assert_true(t.items >= 9);
	OK(topic_items(db, a, "incident-response", 0, &rows, &total, err));
	assert_true(rows.n <= TOPIC_PAGE);
	for (size_t i = 1; i < rows.n; i++)
		assert_true(LIST_AT(topic_item, rows, i - 1)->published >=
		    LIST_AT(topic_item, rows, i)->published);
	FAILS(FAULT_ABSENT, topic_items(db, a, "incident-response", 99, &rows,
	    &total, err));
	FAILS(FAULT_ABSENT, topic_items(db, a, "nothing", 0, &rows, &total,
	    err));
	OK(topic_item_find(db, a, "mailing-lists", &item, err));
	assert_true(g_utf8_strlen(item.teaser, -1) <= 600);
	assert_true(g_str_has_suffix(item.teaser, "."));
	FAILS(FAULT_ABSENT, topic_load_articles(db, &site, "/nonexistent",
	    &n, err));
}

static void
test_nothing_but_clear(void **state)
{
	struct topic_new n = {.slug = "secret", .kind = "guidance",
	    .title = "x", .body = "y", .tlp = "GREEN",
	    .advisory = DESC_NULL, .published = when_now()};

	(void)state;
	FAILS(FAULT_DENIED, topic_publish(db, &site, &n, NULL, err));
	n.tlp = NULL;
	FAILS(FAULT_DENIED, topic_publish(db, &site, &n, NULL, err));
	refused("INSERT INTO item (slug, kind, title, body, teaser, guid, "
	    "tlp) VALUES ('x', 'guidance', 'x', 'x', 'x', 'x', $1)", "GREEN",
	    NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_two_principals),
	    cmocka_unit_test(test_issue),
	    cmocka_unit_test(test_who_stopped_it),
	    cmocka_unit_test(test_marking),
	    cmocka_unit_test(test_articles),
	    cmocka_unit_test(test_nothing_but_clear),
	    cmocka_unit_test(test_demo),
	    cmocka_unit_test(test_ten_thousand),
	};

	return cmocka_run_group_tests(tests, set_up, sqltest_end);
}
