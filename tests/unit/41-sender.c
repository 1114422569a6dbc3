/* The sender's threads with a real PostgreSQL and a peer that fails on
 * command: everybody gets the mail once, and the ledger knows the reply. */
#include "base/base.h"
#include "base/log.h"
#include "base/when.h"
#include "core/outgoing/address.h"
#include "core/outgoing/ledger.h"
#include "core/outgoing/outbox.h"
#include "jobs/sender.h"
#include "jobs/timer.h"
#include "peer.h"
#include "pg.h"

static struct pg pg;
static struct arena *arena;
static struct conf conf;
static struct site site;
static struct db *db;

static int
setup(void **state)
{
	const struct conf *c;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_ERR);
	arena = arena_new("test");
	secret_init();
	if (!pg_start(&pg) || !conf_load(arena, NULL, &c, NULL))
		return -1;
	conf = *c;
	conf.database_uri = pg.uri;
	site.conf = &conf;
	/* the timer's clock of notices asks when the desk works */
	assert_true(calendar_load(arena, conf.desk_hours,
	    SRCDIR "/templates/calendar", NULL, &site.calendar, NULL));
	memset(site.key.bytes, 7, sizeof(site.key.bytes));
	db = db_open(&conf, "test");
	pg_run(&pg, "INSERT INTO principal (email, name, role) VALUES "
		    "('x@y.example', 'x', 'lead')");
	pg_run(&pg, "INSERT INTO advisory (title, body, tlp, lists, author, "
		    "edited_by) SELECT 't', 'b', 'CLEAR', '{advisories}', id, "
		    "id FROM principal LIMIT 1");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	db_close(db);
	pg_stop(&pg);
	arena_free(arena);
	return 0;
}

static void
begin(const struct peer *p)
{
	pg_run(&pg, "DELETE FROM delivery");
	pg_run(&pg, "DELETE FROM subscriber");
	conf.relay_uri = arena_printf(arena, "smtp://127.0.0.1:%" PRId64,
	    p->port);
	conf.relay_timeout = 2;
	conf.sender_sessions = 2;
	conf.sender_batch = 500;
	conf.sender_session_messages = 100;
	conf.sender_lease = 60;
	conf.sender_retry_first = 1;
	conf.sender_retry_last = 60;
	conf.sender_unsure = "resend";
}

struct queue {
	const char *const *to;
	int64_t message;
};

static bool
queue_tx(struct db *d, void *ctx, GError **err)
{
	struct queue *q = ctx;
	struct outbox_mail m = {.purpose = "reply", .to = q->to,
	    .subject = "Hello", .text = "text\n.\nmore\n"};

	return outbox_queue(d, &site, &m, &q->message, err);
}

static void
queue_one(const char *to)
{
	g_autoptr(GError) err = NULL;
	const char *list[] = {to, NULL};
	struct queue q = {list, 0};

	if (!db_tx(db, queue_tx, &q, &err))
		fail_msg("%s", err->message);
}

/* n subscribers and an advisory to them. */
static void
queue_advisory(int n)
{
	ARENA_AUTO(a, "advisory");

	pg_run(&pg, arena_printf(a,
	    "INSERT INTO subscriber (list, email, status, source) SELECT l.id,"
	    " 'u' || i || '@x.example', 'active', 'staff' FROM list l, "
	    "generate_series(1, %d) i WHERE l.name = 'advisories'", n));
	pg_run(&pg,
	    "WITH b (t) AS (SELECT E'From: t@tocsin.example\\r\\nSubject: adv"
	    "\\r\\nDate: Mon, 23 Nov 2026 04:10:00 +0000\\r\\nMIME-Version: "
	    "1.0\\r\\nContent-Type: text/plain\\r\\n\\r\\n' || "
	    "repeat(E'a line of the advisory\\r\\n', 150)), "
	    "m AS (INSERT INTO message (direction, subject, sha256, size, "
	    "purpose) SELECT 'out', 'adv', '', length(t), 'advisory' FROM b "
	    "RETURNING id), r AS (INSERT INTO message_raw SELECT m.id, 0, "
	    "convert_to(t, 'UTF8') FROM m, b) INSERT INTO delivery (message, "
	    "address, advisory, subscriber, list) SELECT m.id, s.email, "
	    "(SELECT max(number) FROM advisory), s.id, s.list FROM m, "
	    "subscriber s");
}

static int64_t
in_state(const char *state)
{
	ARENA_AUTO(a, "state");

	return pg_int(&pg, arena_printf(a,
	    "SELECT count(*) FROM delivery WHERE state = '%s'", state));
}

/* Until n rows satisfy the condition; false after so many seconds. */
static bool
wait_for(const char *where, int64_t n, int seconds)
{
	ARENA_AUTO(a, "wait");
	const char *q =
	    arena_printf(a, "SELECT count(*) FROM delivery WHERE %s", where);
	int64_t end = when_ticks() + seconds * WHEN_SECOND;

	while (when_ticks() < end) {
		if (pg_int(&pg, q) == n)
			return true;
		g_usleep(20000);
	}
	return pg_int(&pg, q) == n;
}

static struct sender *
start(void)
{
	g_autoptr(GError) err = NULL;
	struct sender *s;

	if (!sender_start(&site, &s, &err))
		fail_msg("%s", err->message);
	return s;
}

/* How often the peer kept a mail to the address. */
static unsigned
copies(const char *log, const char *to)
{
	g_autofree char *key = g_strdup_printf("\"to\": \"%s\"", to);
	unsigned n = 0;

	for (const char *p = log; (p = strstr(p, key)) != NULL; p++)
		n++;
	return n;
}

static void
test_mails_and_advisory(void **state)
{
	enum { MAILS = 20, SUBSCRIBERS = 150 };
	struct peer p;
	struct sender *s;
	g_autofree char *log = NULL;
	const char *id, *url, *bounce;
	int64_t d, sub;

	(void)state;
	peer_start(&p, NULL, NULL);
	begin(&p);
	queue_advisory(SUBSCRIBERS);
	for (int i = 0; i < MAILS; i++)
		queue_one(arena_printf(arena, "m%d@x.example", i));
	pg_run(&pg, "UPDATE delivery SET null_sender = true WHERE address = "
		    "'m3@x.example'");
	s = start();
	assert_true(wait_for("state = 'sent'", MAILS + SUBSCRIBERS, 20));
	sender_stop(s);
	log = peer_stop(&p);
	for (int i = 0; i < MAILS; i++)
		assert_int_equal(copies(log, arena_printf(arena,
		    "m%d@x.example", i)), 1);
	for (int i = 1; i <= SUBSCRIBERS; i++)
		assert_int_equal(copies(log, arena_printf(arena,
		    "u%d@x.example", i)), 1);
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM delivery WHERE code"
	    " = 250 AND reply LIKE '2.0.0 Ok: queued as F%' AND sent IS NOT "
	    "NULL AND attempts = 1 AND lease IS NULL"), MAILS + SUBSCRIBERS);
	assert_non_null(strstr(log, "{\"from\": \"\", \"to\": "
	    "\"m3@x.example\""));
	/* what only this recipient's copy has */
	d = pg_int(&pg, "SELECT id FROM delivery WHERE address = "
	    "'u7@x.example'");
	sub = pg_int(&pg, "SELECT subscriber FROM delivery WHERE address = "
	    "'u7@x.example'");
	id = address_delivery_id(arena, &site, d);
	url = address_leave_url(arena, &site, sub);
	bounce = address_bounce(arena, &site, d);
	assert_non_null(strstr(log, arena_printf(arena,
	    "{\"from\": \"%s\", \"to\": \"u7@x.example\"", bounce)));
	assert_non_null(strstr(log, arena_printf(arena,
	    "To: u7@x.example\\r\\nMessage-ID: <%s>\\r\\n"
	    "List-Unsubscribe: <%s>,\\r\\n <mailto:%s?subject=unsubscribe>"
	    "\\r\\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\\r\\n"
	    "List-Id: Advisories <advisories.tocsin.example>\\r\\n", id, url,
	    address_leave(arena, &site, sub))));
	assert_non_null(strstr(log, "text\\r\\n.\\r\\nmore\\r\\n"));
}

static void
test_failures(void **state)
{
	static const struct {
		const char *to, *state;
		int code;
		unsigned unsure, copies;
	} cases[] = {
	    {"a@x.example", "sent", 250, 0, 1},
	    {"r550@x.example", "refused", 550, 0, 0},
	    {"r451@x.example", "deferred", 451, 0, 0},
	    {"r451.once@x.example", "sent", 250, 0, 1},
	    {"e451.once@x.example", "sent", 250, 0, 1},
	    {"c421.once@x.example", "sent", 250, 0, 1},
	    {"k0.once@x.example", "sent", 250, 0, 1},
	    {"k1.once@x.example", "sent", 250, 0, 1},
	    /* nobody knows: once more, and listed */
	    {"k2.once@x.example", "sent", 250, 1, 1},
	    {"k3.once@x.example", "sent", 250, 1, 2},
	    {"e554@x.example", "refused", 554, 0, 0},
	    {"b@x.example", "sent", 250, 0, 1},
	};
	struct peer p;
	struct sender *s;
	g_autofree char *log = NULL;
	int64_t sent = 0;
	g_auto(GStrv) lines = NULL;
	char *first = NULL;

	(void)state;
	peer_start(&p, NULL, NULL);
	begin(&p);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		queue_one(cases[i].to);
		sent += strcmp(cases[i].state, "sent") == 0;
	}
	s = start();
	assert_true(wait_for("state = 'sent'", sent, 30));
	sender_stop(s);
	log = peer_stop(&p);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t hit = pg_int(&pg, arena_printf(arena,
		    "SELECT count(*) FROM delivery WHERE address = '%s' AND "
		    "state = '%s' AND code = %d AND unsure = %u", cases[i].to,
		    cases[i].state, cases[i].code, cases[i].unsure));

		if (hit != 1 || copies(log, cases[i].to) != cases[i].copies)
			fail_msg("%s: not as expected, %u copies, %s",
			    cases[i].to, copies(log, cases[i].to),
			    pg_text(&pg, arena, arena_printf(arena,
				"SELECT format('%%s code %%s unsure %%s tries "
				"%%s: %%s', state, code, unsure, attempts, "
				"reply) FROM delivery WHERE address = '%s'",
				cases[i].to)));
	}
	/* both copies of the unsure one are the same mail */
	lines = g_strsplit(log, "\n", -1);
	for (size_t i = 0; lines[i] != NULL; i++) {
		char *id;

		if (strstr(lines[i], "\"to\": \"k3.once@") == NULL)
			continue;
		id = strstr(lines[i], "\"message_id\"");
		if (first != NULL)
			assert_string_equal(id, first);
		first = id;
	}
	assert_int_equal(in_state("claimed") + in_state("handing"), 0);
}

/* The relay comes and goes; nothing is lost and nobody is tried in vain. */
static void
test_relay_away(void **state)
{
	struct peer p;
	struct sender *s;
	g_autofree char *log = NULL;

	(void)state;
	peer_start(&p, "--greeting=421 4.3.2 not today", NULL);
	begin(&p);
	queue_one("a@x.example");
	s = start();
	assert_true(wait_for("state = 'queued' AND attempts = 0 AND reply LIKE "
			     "'%421 4.3.2 not today%'", 1, 10));
	sender_stop(s);
	g_free(peer_stop(&p));
	peer_start(&p, NULL, NULL);
	conf.relay_uri = arena_printf(arena, "smtp://127.0.0.1:%" PRId64,
	    p.port);
	s = start();
	assert_true(wait_for("state = 'sent'", 1, 10));
	sender_stop(s);
	log = peer_stop(&p);
	assert_int_equal(copies(log, "a@x.example"), 1);
}

/* Stopping in the middle: the message in hand is finished, the rest is as
 * if it had never been claimed. */
static void
test_drain(void **state)
{
	enum { N = 200 };
	struct peer p;
	struct sender *s;
	g_autofree char *log = NULL;
	int64_t took;

	(void)state;
	peer_start(&p, "--delay", "20");
	begin(&p);
	queue_advisory(N);
	s = start();
	g_usleep(1000000);
	took = when_ticks();
	sender_stop(s);
	took = when_ticks() - took;
	assert_true(took < 1500000);
	assert_true(in_state("sent") > 0 && in_state("sent") < N);
	assert_int_equal(in_state("sent") + in_state("queued"), N);
	assert_int_equal(pg_int(&pg, "SELECT sum(unsure) FROM delivery"), 0);
	s = start();
	assert_true(wait_for("state = 'sent'", N, 20));
	sender_stop(s);
	log = peer_stop(&p);
	for (int i = 1; i <= N; i++)
		assert_int_equal(copies(log, arena_printf(arena,
		    "u%d@x.example", i)), 1);
}

/* A relay that never answers is cut off; its message is unsure. */
static void
test_drain_hanging(void **state)
{
	struct peer p;
	struct sender *s;
	int64_t took;

	(void)state;
	peer_start(&p, NULL, NULL);
	begin(&p);
	conf.relay_timeout = 60;
	queue_one("a@x.example");
	queue_one("hang@x.example");
	queue_one("b@x.example");
	s = start();
	assert_true(wait_for("state = 'handing'", 2, 10));
	/* the verdict before it does not wait for it */
	assert_true(wait_for("state = 'sent'", 1, 5));
	took = when_ticks();
	sender_stop(s);
	took = when_ticks() - took;
	assert_true(took < 4000000);
	assert_int_equal(in_state("deferred"), 1);
	assert_int_equal(in_state("queued"), 1);
	assert_int_equal(pg_int(&pg, "SELECT unsure FROM delivery WHERE "
	    "address = 'hang@x.example'"), 1);
	g_free(peer_stop(&p));
}

/* The database throws us out in the middle, again and again. */
static void
test_database_breaks(void **state)
{
	enum { N = 300 };
	struct peer p;
	struct sender *s;
	g_autofree char *log = NULL;

	(void)state;
	peer_start(&p, "--delay", "3");
	begin(&p);
	queue_advisory(N);
	s = start();
	for (int i = 0; i < 20 && in_state("sent") < N; i++) {
		g_usleep(70000);
		pg_run(&pg, "SELECT pg_terminate_backend(pid) FROM "
			    "pg_stat_activity WHERE application_name LIKE "
			    "'tocsin sender%'");
	}
	if (!wait_for("state = 'sent'", N, 30))
		fail_msg("%s", pg_text(&pg, arena, "SELECT string_agg(format("
		    "'%s %s', state, n), ', ') FROM (SELECT state, count(*) n "
		    "FROM delivery GROUP BY state) q"));
	sender_stop(s);
	log = peer_stop(&p);
	for (int i = 1; i <= N; i++)
		assert_int_equal(copies(log, arena_printf(arena,
		    "u%d@x.example", i)), 1);
	assert_int_equal(pg_int(&pg, "SELECT sum(unsure) FROM delivery"), 0);
}

/* A claim that was made, and whose answer was lost: it does not wait for its
 * lease.  The same of what a batch gives back. */
static void
test_nothing_waits_for_a_lease(void **state)
{
	struct peer p;
	struct sender *s;

	(void)state;
	peer_start(&p, NULL, NULL);
	begin(&p);
	/* Twice nothing can be given back (a sequence is not rolled back). */
	pg_run(&pg, "CREATE SEQUENCE broke");
	pg_run(&pg, "CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql"
		    " AS $$ BEGIN IF nextval('broke') <= 2 THEN RAISE "
		    "'not now'; END IF; RETURN NULL; END $$");
	pg_run(&pg, "CREATE TRIGGER breaks AFTER UPDATE OF state ON delivery "
		    "FOR EACH ROW WHEN (OLD.state = 'claimed' AND NEW.state ="
		    " 'queued') EXECUTE FUNCTION breaks()");
	queue_advisory(3);
	/* As a claim leaves them whose answer never came. */
	pg_run(&pg, "UPDATE delivery SET state = 'claimed', claimed_by = 'me',"
		    " lease = now() + interval '1 hour'");
	{
		g_autoptr(GError) err = NULL;

		assert_false(ledger_disclaim(db, "me", &err));
		g_clear_error(&err);
		assert_false(ledger_disclaim(db, "me", &err));
		g_clear_error(&err);
		assert_true(ledger_disclaim(db, "other", &err));
		assert_int_equal(in_state("claimed"), 3);
		assert_true(ledger_disclaim(db, "me", &err));
	}
	assert_int_equal(in_state("queued"), 3);
	/* A relay that ends the session at once: all of the batch goes back,
	 * and the database says no to the first two. */
	pg_run(&pg, "ALTER SEQUENCE broke RESTART");
	conf.relay_uri = "smtp://127.0.0.1:1"; /* nobody there */
	s = start();
	for (int i = 0; i < 100 && pg_int(&pg, "SELECT last_value FROM broke")
	     < 3; i++)
		g_usleep(100000);
	assert_true(wait_for("state = 'queued'", 3, 10));
	sender_stop(s);
	conf.relay_uri = arena_printf(arena, "smtp://127.0.0.1:%" PRId64,
	    p.port);
	s = start();
	assert_true(wait_for("state = 'sent'", 3, 10));
	sender_stop(s);
	pg_run(&pg, "DROP TRIGGER breaks ON delivery");
	g_free(peer_stop(&p));
}

/* kill -9 in the middle: nobody is lost, and at most a group a session comes
 * twice, each of those counted as unsure. */
static void
test_kill(void **state)
{
	enum { N = 400 };
	struct peer p;
	struct sender *s;
	struct timer *t;
	g_autofree char *log = NULL;
	unsigned twice = 0;
	int64_t unsure;
	pid_t child;

	(void)state;
	peer_start(&p, "--delay", "5");
	begin(&p);
	conf.sender_lease = 3;
	queue_advisory(N);
	child = fork();
	if (child == 0) {
		(void)start();
		for (;;)
			pause();
	}
	for (int i = 0; i < 1000 && in_state("sent") < N / 4; i++)
		g_usleep(10000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_true(in_state("sent") < N);
	s = start();
	assert_true(timer_start(&site, &t, NULL));
	if (!wait_for("state = 'sent'", N, 30))
		fail_msg("%s", pg_text(&pg, arena, "SELECT string_agg(format("
		    "'%s %s', state, n), ', ') FROM (SELECT state, count(*) n "
		    "FROM delivery GROUP BY state) q"));
	timer_stop(t);
	sender_stop(s);
	log = peer_stop(&p);
	for (int i = 1; i <= N; i++) {
		unsigned n = copies(log, arena_printf(arena, "u%d@x.example",
		    i));

		assert_in_range(n, 1, 2);
		twice += n == 2;
	}
	unsure = pg_int(&pg, "SELECT sum(unsure) FROM delivery");
	print_message("# killed: %u came twice, %" PRId64 " were unsure\n",
	    twice, unsure);
	assert_true(twice <= 2 * LEDGER_GROUP);
	assert_true(unsure >= twice && unsure <= 2 * LEDGER_GROUP);
	assert_int_equal(pg_int(&pg, "SELECT count(*) FROM audit WHERE action "
	    "= 'delivery.unsure'"), unsure);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mails_and_advisory),
	    cmocka_unit_test(test_failures),
	    cmocka_unit_test(test_relay_away),
	    cmocka_unit_test(test_drain),
	    cmocka_unit_test(test_drain_hanging),
	    cmocka_unit_test(test_database_breaks),
	    cmocka_unit_test(test_nothing_waits_for_a_lease),
	    cmocka_unit_test(test_kill),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
