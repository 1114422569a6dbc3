/*
 * The advisory of a campaign, on a real database (run by tests/sql/cluster):
 * it says to each party what is its own.  What else comes of a campaign is in
 * boards.c.
 */
#include "campaigntest.h"
#include "core/list/advisory.h"
#include "core/ticket/restrict.h"

static void
on_list(const char *list, const char *email, const char *handle)
{
	change("INSERT INTO subscriber (list, email, organisation, status, "
	    "source) SELECT l.id, $2, o.id, 'active', 'contact' FROM list l, "
	    "organisation o WHERE l.name = split_part($1, ' ', 1) AND "
	    "o.handle = split_part($1, ' ', 2)",
	    arena_printf(life, "%s %s", list, handle), email);
}

/* What an address is sent by an advisory: all of the mail. */
static const char *
advised(int64_t advisory, const char *email)
{
	return mail_of(life, text_of(life, arena_printf(life, "SELECT message "
	    "FROM delivery WHERE advisory = %" PRId64 " AND address = $1",
	    advisory), email));
}

static int64_t
issued(const struct actor *by, const struct actor *second, int64_t campaign,
    int64_t *recipients)
{
	static const char *const lists[] = {"advisories", "contacts", NULL};
	static const char *const none[] = {NULL};
	const struct advisory_draft d = {.title = "X is broken",
	    .body = "Update it.", .tlp = "GREEN", .lists = lists,
	    .topics = none, .cves = none};
	int64_t n;

	OK(advisory_create(db, &site, by, &d, &n, err));
	if (campaign > 0)
		OK(campaign_set_advisory(db, &site, &ana, campaign,
		    load(campaign).version, n, err));
	OK(advisory_approve(db, second, n, 0, err));
	OK(advisory_issue(db, &site, by, n, 0, recipients, err));
	return n;
}

/* A member's contact on the closed list reads of its hosts; nobody else of
 * them, neither another member, nor who left it, nor the open list. */
static void
test_an_advisory_says_to_each_what_is_its_own(void **state)
{
	static const char *const others[] = {"security@yours-c.example",
	    "gone@yours-a.example", "student@yours-a.example"};
	const struct actor bob = person("bob@tocsin.example",
	    "Bob", ROLE_ANALYST);
	const struct actor cat = person("cat@tocsin.example",
	    "Cat", ROLE_ANALYST);
	struct actor viewer = {.id = 1, .name = "V", .role = ROLE_VIEWER};
	int64_t id, incident, n, recipients, plain, later;
	struct advisory adv;
	struct list rows;
	const char *a, *b, *text;

	(void)state;
	member("yours-a", "2001:db8:a00::/48", "security@yours-a.example");
	member("yours-b", "2001:db8:a01::/48", "security@yours-b.example");
	member("yours-c", "2001:db8:a02::/48", "security@yours-c.example");
	change("INSERT INTO contact (organisation, email, role) SELECT id, $1, "
	    "'technical' FROM organisation WHERE handle = $2",
	    "second@yours-a.example", "yours-a");
	on_list("contacts", "security@yours-a.example", "yours-a");
	on_list("contacts", "Second@yours-a.example", "yours-a");
	on_list("contacts", "security@yours-b.example", "yours-b");
	on_list("contacts", "security@yours-c.example", "yours-c");
	on_list("contacts", "gone@yours-a.example", "yours-a");
	on_list("advisories", "student@yours-a.example", "yours-a");
	on_list("advisories", "security@yours-b.example", "yours-b");
	id = make("2001:db8:a00::7 2026-11-20 04:10:00 UTC\n"
	    "2001:db8:a00::7 2026-11-20 05:10:00 UTC\n"
	    "2001:db8:a00::8 2026-11-20 06:10:00 UTC\n"
	    "2001:db8:a01::9 2026-11-18 06:10:00 UTC\n"
	    "2001:db8:a01::a 2026-11-19 06:10:00 UTC\n");
	FAILS(FAULT_CONFLICT, campaign_set_advisory(db, &site, &ana, id, 0, 1,
	    err));
	assert_int_equal(send(id, &incident), 2);
	FAILS(FAULT_ABSENT, campaign_set_advisory(db, &site, &ana, id, 0,
	    99999, err));
	FAILS(FAULT_DENIED, campaign_set_advisory(db, &site, &viewer, id, 0,
	    1, err));

	n = issued(&bob, &cat, id, &recipients);
	assert_int_equal(recipients, 6);
	assert_int_equal(load(id).advisory, n);
	a = advised(n, "security@yours-a.example");
	b = advised(n, "security@yours-b.example");
	assert_non_null(strstr(a, "Yours: 2 hosts seen with this on 20 Nov"));
	assert_non_null(strstr(a, " 2001:db8:a00::7,"));
	assert_non_null(strstr(a, " 2001:db8:a00::8\n"));
	assert_non_null(strstr(a, "Update it."));
	assert_null(strstr(a, "2001:db8:a01"));
	assert_string_equal(advised(n, "Second@yours-a.example"), a);
	assert_non_null(strstr(b, "Yours: 2 hosts seen with this from 18 Nov"));
	assert_non_null(strstr(b, " 2001:db8:a01::9,"));
	assert_non_null(strstr(b, " 2001:db8:a01::a\n"));
	assert_null(strstr(b, "2001:db8:a00"));
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		text = advised(n, others[i]);
		assert_non_null(strstr(text, "Update it."));
		assert_null(strstr(text, "Yours"));
		assert_null(strstr(text, "2001:db8"));
	}
	/* one mail for all who read the same */
	assert_int_equal(number_of("SELECT count(DISTINCT message) FROM "
	    "delivery WHERE advisory = $1::bigint", num(n)), 3);

	/* without a campaign all share one mail */
	plain = issued(&bob, &cat, 0, &recipients);
	assert_int_equal(recipients, 6);
	assert_int_equal(number_of("SELECT count(DISTINCT message) FROM "
	    "delivery WHERE advisory = $1::bigint", num(plain)), 1);

	/* what is fixed is nobody's any more; what was approved goes out */
	change("WITH f AS (INSERT INTO finding (organisation, address, "
	    "port, type, feeds, first_seen, last_seen, count, opened, "
	    "opened_by, state, gone_seen, gone_at) SELECT id, "
	    "'2001:db8:a00::7', 1, 'vulnerable/x', '{x}', now(), now(), 1, "
	    "now(), 1, 'gone', now(), now() FROM organisation WHERE handle = "
	    "$2 RETURNING id) "
	    "UPDATE campaign_row r SET finding = f.id FROM f WHERE campaign = "
	    "$1::bigint AND host(source_ip) = '2001:db8:a00::7'", num(id),
	    "yours-a");
	OK(campaign_begin_advisory(db, &site, &bob, id, 0, &later, err));
	OK(advisory_get(db, life, &site, later, &adv, err));
	assert_string_equal(adv.title, "Old release of X");
	assert_string_equal(adv.lists_text, "contacts");
	assert_string_equal(adv.tlp, "AMBER");
	OK(advisory_yours(db, life, later, when_now(), &rows, err));
	assert_int_equal(rows.n, 2);
	assert_int_equal(LIST_AT(advisory_yours, rows, 0)->hosts, 1);
	assert_int_equal(LIST_AT(advisory_yours, rows, 0)->recipients, 2);
	OK(advisory_approve(db, &cat, later, 0, err));
	OK(campaign_set_advisory(db, &site, &ana, id, 0, 0, err));
	OK(advisory_get(db, life, &site, later, &adv, err));
	assert_string_equal(adv.state, "draft");
	/* (she changed what it says: another reads it) */
	FAILS(FAULT_DENIED, advisory_approve(db, &ana, later, 0, err));

	OK(restrict_to(db, &ana, incident, 0, "police", NULL, true, err));
	FAILS(FAULT_INPUT, campaign_set_advisory(db, &site, &ana, id, 0,
	    later, err));
	change("UPDATE campaign SET advisory = $2::bigint WHERE id = "
	    "$1::bigint", num(id), num(later));
	OK(advisory_yours(db, life, later, when_now(), &rows, err));
	assert_int_equal(rows.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_an_advisory_says_to_each_what_is_its_own),
	};

	return cmocka_run_group_tests(tests, setup, sqltest_end);
}
