/* Which door a recipient opens, and that no forged mark opens one; then the
 * mails that the outbox composes. */
#include "base/base.h"
#include "base/when.h"
#include "core/outgoing/address.h"
#include "core/outgoing/outbox.h"


#include "unit.h"

static struct arena *arena;
static struct site site;

static int
setup(void **state)
{
	GError *err = NULL;

	(void)state;
	arena = arena_new("test");
	secret_init();
	assert_true(conf_load(arena, NULL, &site.conf, &err));
	memset(site.key.bytes, 7, sizeof(site.key.bytes));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
test_doors(void **state)
{
	static const struct {
		const char *rcpt;
		enum door door;
	} cases[] = {
	    {"report@tocsin.example", DOOR_REPORT},
	    {"Abuse@TOCSIN.example", DOOR_REPORT},
	    {"postmaster", DOOR_REPORT},
	    {"PostMaster@tocsin.example", DOOR_REPORT},
	    {"report+whatever@tocsin.example", DOOR_REPORT},
	    {"contacts-request@tocsin.example", DOOR_REQUEST},
	    {"Advisories-Request@tocsin.example", DOOR_REQUEST},
	    {"contacts@tocsin.example", DOOR_NONE},
	    {"report", DOOR_NONE},
	    {"report@other.example", DOOR_NONE},
	    {"report@tocsin.example.evil.example", DOOR_NONE},
	    {"@tocsin.example", DOOR_NONE},
	    {"", DOOR_NONE},
	    {"bounce@tocsin.example", DOOR_NONE},
	    {"bounce+d1-aaaaaaaaaaaaaaaa@tocsin.example", DOOR_NONE},
	    {"bounce+@tocsin.example", DOOR_NONE},
	    {"nobody@tocsin.example", DOOR_NONE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (address_door(&site, cases[i].rcpt, NULL, NULL) !=
		    cases[i].door)
			fail_msg("wrong door for %s", cases[i].rcpt);
}

static void
test_keyed(void **state)
{
	static const int64_t ids[] = {1, 9, 4711, G_MAXINT64};
	const char *list = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		const struct {
			const char *addr;
			enum door door;
		} made[] = {
		    {address_ticket(arena, &site, ids[i]), DOOR_TICKET},
		    {address_bounce(arena, &site, ids[i]), DOOR_BOUNCE},
		    {address_leave(arena, &site, ids[i]), DOOR_LEAVE},
		};

		for (size_t k = 0; k < COUNT_OF(made); k++) {
			int64_t id = 0;
			char *upper = g_ascii_strup(made[k].addr, -1);
			char *wrong = g_strdup(made[k].addr);
			char *digit = strpbrk(wrong, "123456789");

			assert_true(strchr(made[k].addr, '@') - made[k].addr <=
			    64);
			assert_int_equal(address_door(&site, made[k].addr, &id,
			    NULL), made[k].door);
			assert_int_equal(id, ids[i]);
			id = 0;
			assert_int_equal(address_door(&site, upper, &id, NULL),
			    made[k].door);
			assert_int_equal(id, ids[i]);
			assert_true(address_ours(&site, made[k].addr));
			/* another number under the same mark */
			*digit = *digit == '8' ? '7' : '8';
			assert_int_not_equal(address_door(&site, wrong, &id,
			    NULL), made[k].door);
			g_free(upper);
			g_free(wrong);
		}
	}
	assert_int_equal(address_door(&site, address_request(arena, &site,
	    "contacts"), NULL, &list), DOOR_REQUEST);
	assert_string_equal(list, "contacts");
}

static void
test_ids_and_links(void **state)
{
	const char *mid = address_delivery_id(arena, &site, 8812);
	const char *url = address_leave_url(arena, &site, 77);
	int64_t id = 0;

	(void)state;
	assert_string_equal(mid, address_delivery_id(arena, &site, 8812));
	assert_true(address_delivery_of(&site, mid, &id));
	assert_int_equal(id, 8812);
	assert_false(address_delivery_of(&site, "d1-x@tocsin.example", &id));
	assert_false(address_delivery_of(&site, "x@y.example", &id));
	assert_true(g_str_has_prefix(url,
	    "http://127.0.0.1:8080/unsubscribe/s77-"));
	assert_true(address_leave_token(&site, strrchr(url, '/') + 1, &id));
	assert_int_equal(id, 77);
	assert_false(address_leave_token(&site, "s77-aaaaaaaaaaaaaaaa", &id));
	/* a mark for one purpose is none for another */
	{
		const char *leave = address_leave(arena, &site, 77);
		char *token = arena_strdup(arena, strchr(leave, '+') + 1);

		*strchr(token, '@') = '\0';
		assert_false(address_leave_token(&site, token, &id));
	}
	assert_false(address_ours(&site, "person@uni.example"));
	assert_false(address_ours(&site, "nobody@tocsin.example"));
	assert_true(address_ours(&site, "contacts@tocsin.example"));
}

static void
test_outbox_compose(void **state)
{
	static const char *const to_list[] = {"a@x.example", "A@X.example",
	    "b@y.example", NULL};
	static const char *const cc_list[] = {"b@Y.example", "c@z.example",
	    NULL};
	static const char *const blank[] = {"\"a b\"@x.example", NULL};
	static const char *const none[] = {NULL};
	struct outbox_mail m = {.purpose = "reply", .ticket = 1001,
	    .to = to_list, .cc = cc_list, .subject = "[TOCSIN #1001] x",
	    .text = "hello\n", .automatic = true,
	    .in_reply_to = "them@x.example"};
	struct outbox_bytes b;
	g_autoptr(GError) err = NULL;
	g_autofree char *text = NULL;

	(void)state;
	assert_true(outbox_compose(arena, &site, &m, &b, &err));
	assert_string_equal(b.recipients, "a@x.example, b@y.example");
	assert_string_equal(b.cc, "c@z.example");
	assert_int_equal(g_strv_length((char **)b.addresses), 3);
	text = g_strndup(b.bytes, b.len);
	assert_non_null(strstr(text, "Auto-Submitted: auto-replied\r\n"));
	assert_non_null(strstr(text, "In-Reply-To: <them@x.example>\r\n"));
	assert_non_null(strstr(text, "Reply-To: Tocsin CSIRT"));
	assert_non_null(strstr(text, "<report+t1001-"));
	m.to = blank;
	assert_false(outbox_compose(arena, &site, &m, &b, &err));
	assert_true(fault_is(err, FAULT_INPUT));
	g_clear_error(&err);
	m.to = none;
	m.cc = NULL;
	assert_false(outbox_compose(arena, &site, &m, &b, &err));
	assert_true(fault_is(err, FAULT_INPUT));
}

/* An acknowledgement is composed inside the intake of every report. */
static void
test_speed(void **state)
{
	static const char *const to_list[] = {"reporter@uni.example", NULL};
	char body[1500];
	struct outbox_mail m = {.purpose = "ack", .ticket = 1001,
	    .to = to_list, .subject = "[TOCSIN #1001] Scan from 192.0.2.7",
	    .text = body, .automatic = true, .in_reply_to = "x@y.example"};
	int64_t best = INT64_MAX;

	(void)state;
	memset(body, 'x', sizeof(body));
	for (size_t i = 60; i < sizeof(body); i += 61)
		body[i] = '\n';
	body[sizeof(body) - 1] = '\0';
	for (int i = 0; i < 200; i++) {
		ARENA_AUTO(a, "ack");
		struct outbox_bytes b;
		int64_t start = when_ticks();

		assert_true(outbox_compose(a, &site, &m, &b, NULL));
		best = MIN(best, when_ticks() - start);
	}
	print_message("# acknowledgement composed in %" PRId64 " us\n", best);
#ifndef __SANITIZE_ADDRESS__
	assert_true(best < 60);
#endif
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_doors),
	    cmocka_unit_test(test_keyed),
	    cmocka_unit_test(test_ids_and_links),
	    cmocka_unit_test(test_outbox_compose),
	    cmocka_unit_test(test_speed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
