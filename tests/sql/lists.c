/*
 * The two lists, advisories and topics on a real database: run by
 * tests/sql/cluster.  Every test has its own subscribers and advisories.
 */
#include "base/base.h"
#include "base/conf.h"
#include "base/text.h"
#include "base/when.h"
#include "core/address.h"
#include "core/advisory.h"
#include "core/demo_lists.h"
#include "core/outbox.h"
#include "core/roster.h"
#include "core/topic.h"
#include "db/db.h"
#include "db/migrate.h"

#include <glib/gstdio.h>

#include "sqltest.h"

static struct actor ann, bob, eve;

/* Text of the newest mail to an address. */
static const char *
mail_to(struct arena *a, const char *to)
{
	return text_of(a, "SELECT m.text FROM message m JOIN delivery d "
	    "ON d.message = m.id WHERE lower(d.address) = lower($1) "
	    "ORDER BY m.id DESC LIMIT 1", to);
}

static int64_t
subscriber(const char *email)
{
	return number_of("SELECT id FROM subscriber WHERE email = $1", email);
}

static struct actor
person(const char *email, const char *name, enum role role)
{
	change("INSERT INTO principal (email, name, role) "
	    "VALUES ($1, $2, 'analyst')", email, name);
	return (struct actor){
	    .id = number_of("SELECT id FROM principal WHERE email = $1",
		email),
	    .name = name, .email = email, .role = role};
}

static const char *
num(struct arena *a, int64_t n)
{
	return arena_printf(a, "%" PRId64, n);
}

/* -- lists -- */

static const char *
status_of(struct arena *a, const char *list, const char *email)
{
	struct list rows;
	int64_t total;

	OK(roster_subscribers(db, a, list, "any", email, 0, &rows, &total,
	    err));
	return rows.n == 0 ? "none" :
	    LIST_AT(roster_subscriber, rows, 0)->status;
}

/* The token in the newest mail to an address. */
static const char *
mailed_token(struct arena *a, const char *to, const char *path)
{
	const char *text = mail_to(a, to);
	const char *p = strstr(text, path);

	assert_non_null(p);
	p += strlen(path);
	return arena_strndup(a, p, strcspn(p, " \r\n"));
}

static void
test_opt_in(void **state)
{
	ARENA_AUTO(a, "test");
	struct roster_member m = {0};
	const char *token, *second;

	(void)state;
	OK(roster_subscribe(db, &site, "advisories", " Jo@Web.Example ",
	    "192.0.2.1", err));
	assert_string_equal(status_of(a, "advisories", "jo@web.example"),
	    "pending");
	token = mailed_token(a, "Jo@web.example", "/confirm/");
	OK(roster_confirm_look(db, a, token, &m, err));
	assert_string_equal(status_of(a, "advisories", "jo@web.example"),
	    "pending"); /* looking is not confirming */
	OK(roster_confirm(db, a, token, &m, err));
	assert_string_equal(status_of(a, "advisories", "jo@web.example"),
	    "active");
	OK(roster_confirm(db, a, token, &m, err)); /* a second click */
	FAILS(FAULT_ABSENT, roster_confirm(db, a,
	    "abcdefghijklmnopqrstuvwxyz", &m, err));
	FAILS(FAULT_ABSENT, roster_confirm(db, a, "x", &m, err));

	/* again: the answer is the same, the mail another */
	OK(roster_subscribe(db, &site, "advisories", "jo@web.example",
	    "192.0.2.1", err));
	OK(roster_leave_look(db, a, &site,
	    mailed_token(a, "Jo@web.example", "/unsubscribe/"), &m, err));
	assert_string_equal(m.email, "Jo@web.example");

	/* left since: the old link brings nobody back */
	OK(roster_leave(db, &site, m.id, "link", err));
	OK(roster_leave(db, &site, m.id, "link", err));
	assert_string_equal(status_of(a, "advisories", "jo@web.example"),
	    "left");
	FAILS(FAULT_ABSENT, roster_confirm(db, a, token, &m, err));
	/* nor does a stranger's wish change anything */
	OK(roster_subscribe(db, &site, "advisories", "jo@web.example",
	    "192.0.2.1", err));
	assert_string_equal(status_of(a, "advisories", "jo@web.example"),
	    "left");
	second = mailed_token(a, "Jo@web.example", "/confirm/");
	OK(roster_confirm(db, a, second, &m, err));
	assert_string_equal(status_of(a, "advisories", "jo@web.example"),
	    "active");

	FAILS(FAULT_DENIED, roster_subscribe(db, &site, "contacts",
	    "jo@web.example", "192.0.2.1", err));
	FAILS(FAULT_INPUT, roster_subscribe(db, &site, "advisories",
	    "jo@web.example\r\nBcc: x@y.example", "192.0.2.1", err));
	FAILS(FAULT_INPUT, roster_subscribe(db, &site, "advisories",
	    "report@tocsin.example", "192.0.2.1", err));
}

static void
test_link_grows_old(void **state)
{
	ARENA_AUTO(a, "test");
	struct roster_member m = {0};
	const char *token;
	int64_t n;

	(void)state;
	OK(roster_subscribe(db, &site, "advisories", "old@web.example",
	    "192.0.2.2", err));
	token = mailed_token(a, "old@web.example", "/confirm/");
	change("UPDATE confirmation SET expires = now() - interval '1 s' "
	    "WHERE email = $1", "old@web.example", NULL);
	FAILS(FAULT_ABSENT, roster_confirm(db, a, token, &m, err));
	OK(roster_expire(db, &n, err));
	assert_int_equal(n, 1);
	assert_string_equal(status_of(a, "advisories", "old@web.example"),
	    "left");
	OK(roster_expire(db, &n, err));
	assert_int_equal(n, 0);
}

static void
test_limits(void **state)
{
	int64_t day = site.conf->lists_confirm_per_day;

	(void)state;
	for (int64_t i = 0; i < day + 3; i++) {
		ARENA_AUTO(a, "test");

		OK(roster_subscribe(db, &site, "advisories",
		    "flood@web.example",
		    arena_printf(a, "192.0.2.%d", 100 + (int)i), err));
	}
	assert_int_equal(number_of("SELECT count(*) FROM delivery "
	    "WHERE address = $1", "flood@web.example"), day);
	/* one client, many addresses */
	for (int i = 0; i < 30; i++) {
		ARENA_AUTO(a, "test");
		g_autoptr(GError) err = NULL;

		if (!roster_subscribe(db, &site, "advisories",
			arena_printf(a, "n%d@many.example", i), "192.0.2.9",
			&err)) {
			assert_true(fault_is(err, FAULT_RATE));
			assert_true(i >= 5);
			return;
		}
	}
	fail_msg("one client could ask without end");
}

static void
test_closed_list(void **state)
{
	ARENA_AUTO(a, "test");
	static const char add_contact[] =
	    "INSERT INTO contact (organisation, email) SELECT id, $1 "
	    "FROM organisation WHERE handle = 'univ-one'";
	int64_t added, ended, id;
	const char *text;

	(void)state;
	change("INSERT INTO organisation (name, handle) VALUES ($1, $2)",
	    "University One", "univ-one");
	change(add_contact, "security@one.example", NULL);
	change(add_contact, "cert@one.example", NULL);
	OK(roster_sync_contacts(db, &ann, &added, &ended, err));
	assert_int_equal(added, 2);
	OK(roster_sync_contacts(db, &ann, &added, &ended, err));
	assert_int_equal(added, 0);
	assert_int_equal(ended, 0);

	/* one leaves: the desk is told; the next: alarm */
	id = subscriber("cert@one.example");
	OK(roster_leave(db, &site, id, "one-click", err));
	text = mail_to(a, "report@tocsin.example");
	assert_non_null(strstr(text, "cert@one.example"));
	assert_null(strstr(text, "NOBODY"));
	OK(roster_remove(db, &site, &ann, "contacts", "security@one.example",
	    err));
	text = mail_to(a, "report@tocsin.example");
	assert_non_null(strstr(text, "NOBODY"));

	/* who left by himself is not put back, whatever is registered */
	OK(roster_sync_contacts(db, &ann, &added, &ended, err));
	assert_int_equal(added, 0);
	assert_string_equal(status_of(a, "contacts", "cert@one.example"),
	    "left");
	FAILS(FAULT_INPUT, roster_add(db, &ann, "contacts",
	    "cert@one.example", "", false, err));
	OK(roster_add(db, &ann, "contacts", "cert@one.example", "", true,
	    err));
	FAILS(FAULT_CONFLICT, roster_add(db, &ann, "contacts",
	    "CERT@one.example", "", true, err));
	FAILS(FAULT_DENIED, roster_add(db, &eve, "contacts",
	    "eve@one.example", "", false, err));

	/* a contact that is removed leaves the list, and comes back with it */
	change(add_contact, "third@one.example", NULL);
	OK(roster_sync_contacts(db, &ann, &added, &ended, err));
	assert_int_equal(added, 1);
	change("UPDATE contact SET removed_at = now() WHERE email = $1",
	    "third@one.example", NULL);
	OK(roster_sync_contacts(db, &ann, &added, &ended, err));
	assert_int_equal(ended, 1);
	change("UPDATE contact SET removed_at = NULL WHERE email = $1",
	    "third@one.example", NULL);
	OK(roster_sync_contacts(db, &ann, &added, &ended, err));
	assert_int_equal(added, 1);
}

static void
test_commands(void **state)
{
	ARENA_AUTO(a, "test");
	const char *text;

	(void)state;
	OK(roster_command(db, &site, "cmd@web.example", "advisories",
	    "Re: Subscribe please", "", err));
	mailed_token(a, "cmd@web.example", "/confirm/");
	OK(roster_command(db, &site, "cmd@web.example", "advisories", NULL,
	    "hello\nunsubscribe\n", err));
	mailed_token(a, "cmd@web.example", "/unsubscribe/");
	OK(roster_command(db, &site, "cmd@web.example", "advisories", "Hi",
	    "what is this", err));
	text = mail_to(a, "cmd@web.example");
	assert_non_null(strstr(text, "advisories-request@tocsin.example"));
	OK(roster_command(db, &site, "report@tocsin.example", "contacts",
	    "subscribe", "", err)); /* no answer, no failure */
	OK(roster_command(db, &site, "cmd2@web.example", "contacts",
	    "subscribe", "", err));
	text = mail_to(a, "cmd2@web.example");
	assert_null(strstr(text, "/confirm/"));
	assert_non_null(strstr(text, "cannot be joined by mail"));
}

static void
test_import(void **state)
{
	ARENA_AUTO(a, "test");
	struct roster_import r = {0};
	GString *report = arena_gstring(a);
	static const char file[] = "\xef\xbb\xbf" "name,email\r\n"
	    "\"Doe, Jo\",imp1@x.example\r\n"
	    ",IMP1@X.example\r\n"
	    "Two,imp2@x.example\r\n"
	    "Gone,gone@x.example\r\n"
	    "Pending,pend@x.example\r\n";
	static const char bad[] = "email\nfine@x.example\nnot an address\n\n"
	    "a@b\nx@y.example,z\n";

	(void)state;
	OK(roster_add(db, &ann, "advisories", "gone@x.example", "", false,
	    err));
	OK(roster_remove(db, &site, &ann, "advisories", "gone@x.example",
	    err));
	OK(roster_subscribe(db, &site, "advisories", "pend@x.example",
	    "192.0.2.30", err));

	OK(roster_import_csv(db, a, &ann, "advisories", file, strlen(file),
	    true, &r, err));
	assert_false(r.applied);
	assert_int_equal(r.rows, 5);
	assert_int_equal(r.added, 2);
	assert_int_equal(r.merged, 1);
	assert_int_equal(r.confirmed, 1);
	assert_int_equal(r.left, 1);
	assert_int_equal(r.bad, 0);
	assert_string_equal(LIST_AT(roster_import_row, r.left_rows, 0)->email,
	    "gone@x.example");
	assert_string_equal(status_of(a, "advisories", "imp1@x.example"),
	    "none");

	OK(roster_import_csv(db, a, &ann, "advisories", file, strlen(file),
	    false, &r, err));
	assert_true(r.applied);
	assert_string_equal(status_of(a, "advisories", "imp1@x.example"),
	    "active");
	assert_string_equal(status_of(a, "advisories", "pend@x.example"),
	    "active");
	assert_string_equal(status_of(a, "advisories", "gone@x.example"),
	    "left");
	OK(roster_import_csv(db, a, &ann, "advisories", file, strlen(file),
	    false, &r, err));
	assert_int_equal(r.added, 0);
	assert_int_equal(r.present, 3);

	OK(roster_import_csv(db, a, &ann, "advisories", bad, strlen(bad),
	    false, &r, err));
	assert_false(r.applied);
	assert_int_equal(r.bad, 2);
	assert_int_equal(LIST_AT(roster_import_row, r.bad_rows, 0)->line, 3);
	assert_string_equal(status_of(a, "advisories", "fine@x.example"),
	    "none");
	roster_import_report(&r, report);
	assert_non_null(strstr(report->str, "! line 3: not an address"));
	assert_non_null(strstr(report->str, "nothing was changed"));

	FAILS(FAULT_INPUT, roster_import_csv(db, a, &ann, "advisories",
	    "mail\nx@y.example\n", 17, false, &r, err));
	FAILS(FAULT_ABSENT, roster_import_csv(db, a, &ann, "nolist",
	    "email\nx@y.example\n", 18, false, &r, err));
	FAILS(FAULT_DENIED, roster_import_csv(db, a, &eve, "advisories",
	    "email\nx@y.example\n", 18, false, &r, err));
}

static void
test_bounces(void **state)
{
	int64_t id;
	bool suspended;

	(void)state;
	OK(roster_add(db, &ann, "advisories", "dead@x.example", "", false,
	    err));
	id = subscriber("dead@x.example");
	for (int day = 0; day < ROSTER_BOUNCES_MAX; day++) {
		assert_int_equal(day, number_of("SELECT bounces FROM "
		    "subscriber WHERE email = $1", "dead@x.example"));
		OK(roster_bounce(db, &site, id, false, &suspended, err));
		OK(roster_bounce(db, &site, id, true, &suspended, err));
		assert_int_equal(suspended, day == ROSTER_BOUNCES_MAX - 1);
		/* a second one on the same day does not count */
		if (!suspended)
			OK(roster_bounce(db, &site, id, true, &suspended,
			    err));
		change("UPDATE subscriber SET last_bounce = now() - "
		    "interval '2 days' WHERE email = $1", "dead@x.example",
		    NULL);
	}
}

static bool
complain_tx(struct db *d, void *ctx, GError **err)
{
	return roster_complaint(d, &site, *(int64_t *)ctx, err);
}

/* Who calls our mail spam is off the open list; on the closed one he is
 * suspended and the desk told. */
static void
test_complaints(void **state)
{
	static const char *const lists[] = {"advisories", "contacts"};
	static const char *const ends[] = {"left", "suspended"};
	ARENA_AUTO(a, "test");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		int64_t alerts = number_of("SELECT count(*) FROM message "
		    "WHERE subject LIKE '%' || $1", "");
		const char *email = i == 0 ? "annoyed@x.example"
					   : "angry@x.example";
		int64_t id;

		OK(roster_add(db, &ann, lists[i], email, "", false, err));
		id = subscriber(email);
		OK(db_tx(db, complain_tx, &id, err));
		OK(db_tx(db, complain_tx, &id, err));
		assert_int_equal(1, number_of(arena_printf(a, "SELECT count(*)"
		    " FROM subscriber WHERE email = $1 AND status = '%s'",
		    ends[i]), email));
		assert_int_equal(alerts + (int64_t)i, number_of("SELECT "
		    "count(*) FROM message WHERE subject LIKE '%' || $1", ""));
	}
}

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
	    "approved_by = $2 WHERE number = $1", num(a, n), num(a, ann.id));

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
	change(meddle, num(a, n), NULL);
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
	refused(meddle, num(a, n), NULL);
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
	    num(a, adv.message));
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

/* -- once -- */

static int
set_up(void **state)
{
	static const char *const names[] = {"advisory", "list-confirm",
	    "list-already", "list-leave", "list-help", "list-left-alert"};
	static const struct desc *const views[] = {&desc_advisory_letter,
	    &desc_roster_letter, NULL};
	char *dir, *mail;

	(void)state;
	sqltest_begin();
	dir = g_dir_make_tmp("tocsin-tmpl-XXXXXX", NULL);
	mail = arena_printf(life, "%s/mail", dir);
	assert_int_equal(g_mkdir(mail, 0700), 0);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		g_autofree char *text = NULL;

		assert_true(g_file_get_contents(arena_printf(life,
		    SRCDIR "/templates/mail/%s.txt", names[i]), &text, NULL,
		    NULL));
		assert_true(g_file_set_contents(arena_printf(life,
		    "%s/%s.txt", mail, names[i]), text, -1, NULL));
	}
	OK((site.tmpl = tmpl_load(dir, NULL, views, err)) != NULL);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		g_unlink(arena_printf(life, "%s/%s.txt", mail, names[i]));
	g_rmdir(mail);
	g_rmdir(dir);
	g_free(dir);
	ann = person("ann@tocsin.example", "Ann", ROLE_ANALYST);
	bob = person("bob@tocsin.example", "Bob", ROLE_LEAD);
	eve = person("eve@tocsin.example", "Eve", ROLE_VIEWER);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_opt_in),
	    cmocka_unit_test(test_link_grows_old),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_closed_list),
	    cmocka_unit_test(test_commands),
	    cmocka_unit_test(test_import),
	    cmocka_unit_test(test_bounces),
	    cmocka_unit_test(test_complaints),
	    cmocka_unit_test(test_two_principals),
	    cmocka_unit_test(test_issue),
	    cmocka_unit_test(test_marking),
	    cmocka_unit_test(test_articles),
	    cmocka_unit_test(test_nothing_but_clear),
	    cmocka_unit_test(test_demo),
	    cmocka_unit_test(test_ten_thousand),
	};

	return cmocka_run_group_tests(tests, set_up, sqltest_end);
}
