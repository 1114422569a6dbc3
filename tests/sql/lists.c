/*
 * The two lists on a real database (run by tests/sql/cluster): joining, leaving,
 * imports, bounces.  Every test has its own subscribers.
 */
#include "lists.h"

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
	};

	return cmocka_run_group_tests(tests, set_up, sqltest_end);
}
