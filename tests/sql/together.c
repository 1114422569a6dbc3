/*
 * Messages that come in together (core/intake/intake_gate.h): each has its own
 * outcome, whatever the others are.
 */
#include "base/base.h"
#include "base/blob.h"
#include "base/log.h"
#include "base/text.h"
#include "core/intake/intake_gate.h"

#include <pthread.h>

#include "sqltest.h"

enum { CROWD = 40 };

static const char *const nobody[] = {NULL};
static const char *const rcpt[] = {"report@tocsin.example"};

/* One message; `unlike` tells messages apart. */
struct mail {
	struct intake_item item;
	struct smtp_envelope env;
	struct inspection in;
	struct inspect_event event;
};

static void
write_mail(struct arena *a, struct mail *m, const char *unlike)
{
	const char *bytes = arena_printf(a,
	    "From: r@isp.example\r\nSubject: scan %s\r\n\r\nHello\r\n", unlike);

	*m = (struct mail){
	    .env = {.from = "", .rcpts = (const char **)rcpt, .n = 1},
	    .event = {.source_ip = "192.0.2.7", .zone = "unknown",
		.source_port = DESC_NULL, .destination_port = DESC_NULL,
		.time = DESC_NULL, .count = DESC_NULL},
	    .in = {.format = "plain", .robot = true, .from = "r@isp.example",
		.subject = arena_printf(a, "scan %s", unlike), .text = "Hello",
		.date = DESC_NULL, .subject_number = DESC_NULL,
		.references = nobody,
		.digest = text_sha256(a, bytes, strlen(bytes)),
		.sha256 = text_sha256(a, bytes, strlen(bytes)),
		.size = (int64_t)strlen(bytes)},
	};
	m->in.events = (struct list){&m->event, 1};
	m->item = (struct intake_item){.a = a, .env = &m->env, .in = &m->in,
	    .body = blob_of(a, bytes, strlen(bytes)), .how = "email"};
}

static int64_t
stored_bytes(int64_t message)
{
	ARENA_AUTO(a, "test");

	return number_of("SELECT sum(octet_length(bytes)) FROM message_raw "
			 "WHERE message = $1",
	    arena_printf(a, "%" PRId64, message));
}

static void
test_a_full_turn(void **state)
{
	ARENA_AUTO(a, "test");
	struct mail m[INTAKE_TOGETHER_MAX];
	struct intake_item *items[INTAKE_TOGETHER_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(m); i++) {
		write_mail(a, &m[i], arena_printf(a, "full %zu", i));
		items[i] = &m[i].item;
	}
	intake_mails(db, &site, items, COUNT_OF(m));
	for (size_t i = 0; i < COUNT_OF(m); i++) {
		assert_null(m[i].item.err);
		assert_string_equal(m[i].item.out.disposition, "report");
		assert_int_equal(stored_bytes(m[i].item.out.message),
		    m[i].in.size);
		/* its own row, and not another's */
		assert_string_equal(text_of(a, "SELECT subject FROM ticket "
		    "WHERE number = $1", arena_printf(a, "%" PRId64,
		    m[i].item.out.ticket)), m[i].in.subject);
	}
}

/* One whose facts the database does not take holds up no other. */
static void
test_one_cannot_be_stored(void **state)
{
	ARENA_AUTO(a, "test");
	struct mail m[5];
	struct intake_item *items[5];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(m); i++) {
		write_mail(a, &m[i], arena_printf(a, "bad %zu", i));
		items[i] = &m[i].item;
	}
	m[2].in.their_ref = "\xff is no UTF-8";
	m[3].event.source_ip = "no address";
	intake_mails(db, &site, items, COUNT_OF(m));
	for (size_t i = 0; i < COUNT_OF(m); i++) {
		if (i == 2 || i == 3) {
			assert_true(fault_is(m[i].item.err, FAULT_INPUT));
			g_clear_error(&m[i].item.err);
			continue;
		}
		assert_null(m[i].item.err);
		assert_true(m[i].item.out.ticket != 0);
	}
}

/* What was there before is a duplicate beside new ones. */
static void
test_a_duplicate_among_them(void **state)
{
	ARENA_AUTO(a, "test");
	struct mail m[4], old;
	struct intake_item *items[4], *one = &old.item;

	(void)state;
	write_mail(a, &old, "seen");
	intake_mails(db, &site, &one, 1);
	for (size_t i = 0; i < COUNT_OF(m); i++) {
		write_mail(a, &m[i],
		    i == 1 ? "seen" : arena_printf(a, "fresh %zu", i));
		items[i] = &m[i].item;
	}
	intake_mails(db, &site, items, COUNT_OF(m));
	for (size_t i = 0; i < COUNT_OF(m); i++) {
		assert_null(m[i].item.err);
		assert_string_equal(m[i].item.out.disposition,
		    i == 1 ? "duplicate" : "report");
	}
	assert_int_equal(m[1].item.out.ticket, old.item.out.ticket);
}

/* ---- the gate itself -------------------------------------------------------- */

struct sender {
	struct intake_gate *gate;
	unsigned seed;
	int sent, reports, duplicates;
};

static void *
send_some(void *arg)
{
	struct sender *t = arg;

	for (int i = 0; i < CROWD; i++) {
		ARENA_AUTO(a, "mail");
		struct mail m;
		struct intake_result out;
		GError *err = NULL;

		/* Every message comes from two threads, in two orders. */
		write_mail(a, &m, arena_printf(a, "crowd %u %d", t->seed / 2,
		    t->seed % 2 ? i : CROWD - 1 - i));
		if (!intake_gate_mail(t->gate, a, &m.env, m.item.body, &m.in,
			"email", &out, &err)) {
			g_printerr("%s\n", err->message);
			g_clear_error(&err);
			continue;
		}
		t->sent++;
		if (strcmp(out.disposition, "report") == 0)
			t->reports++;
		else if (strcmp(out.disposition, "duplicate") == 0)
			t->duplicates++;
	}
	return NULL;
}

static void
crowd(unsigned places)
{
	struct db_pool *dbs = db_pool_new(site.conf, "crowd", places);
	struct intake_gate *gate = intake_gate_new(&site, dbs, places);
	static unsigned seed;
	struct sender s[8];
	pthread_t threads[8];
	int sent = 0, reports = 0, duplicates = 0;

	for (size_t i = 0; i < COUNT_OF(s); i++) {
		s[i] = (struct sender){.gate = gate, .seed = seed++};
		assert_int_equal(pthread_create(&threads[i], NULL, send_some,
		    &s[i]), 0);
	}
	for (size_t i = 0; i < COUNT_OF(s); i++) {
		pthread_join(threads[i], NULL);
		sent += s[i].sent;
		reports += s[i].reports;
		duplicates += s[i].duplicates;
	}
	assert_int_equal(sent, COUNT_OF(s) * CROWD);
	assert_int_equal(reports, COUNT_OF(s) * CROWD / 2);
	assert_int_equal(duplicates, COUNT_OF(s) * CROWD / 2);
	intake_gate_free(gate);
	db_pool_free(dbs);
}

static void
test_one_place(void **state)
{
	(void)state;
	crowd(1);
}

/* The same messages in two orders at once: nobody waits in a circle. */
static void
test_three_places(void **state)
{
	(void)state;
	crowd(3);
}

static int
set_up(void **state)
{
	(void)state;
	log_set_level(LOG_ERR);
	sqltest_begin();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_full_turn),
	    cmocka_unit_test(test_one_cannot_be_stored),
	    cmocka_unit_test(test_a_duplicate_among_them),
	    cmocka_unit_test(test_one_place),
	    cmocka_unit_test(test_three_places),
	};

	return cmocka_run_group_tests(tests, set_up, sqltest_end);
}
