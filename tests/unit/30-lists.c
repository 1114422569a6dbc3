/* The parts of advisories, lists and topics that need no database. */
#include "base/base.h"
#include "base/conf.h"
#include "base/when.h"
#include "core/list/advisory.h"
#include "core/list/roster.h"
#include "core/list/topic.h"

#include "unit.h"

static void
test_gates(void **state)
{
	static const struct {
		const char *tlp, *max;
		bool ok;
	} cases[] = {
	    {"CLEAR", "CLEAR", true}, {"CLEAR", "AMBER", true},
	    {"GREEN", "GREEN", true}, {"GREEN", "CLEAR", false},
	    {"AMBER", "AMBER", true}, {"AMBER", "GREEN", false},
	    {"AMBER+STRICT", "AMBER", false}, {"RED", "AMBER", false},
	    {"RED", "RED", false}, {"MAUVE", "AMBER", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		g_autoptr(GError) err = NULL;

		assert_int_equal(cases[i].ok, advisory_gate(cases[i].tlp,
		    "contacts", cases[i].max, &err));
		assert_int_equal(cases[i].ok, err == NULL);
	}
	assert_string_equal(advisory_tlp("TLP:WHITE"), "CLEAR");
	assert_string_equal(advisory_tlp("amber+strict"), "AMBER+STRICT");
	assert_null(advisory_tlp("TLP:"));
	assert_null(advisory_tlp("GREENISH"));
	assert_null(advisory_tlp(NULL));
	assert_true(topic_public("CLEAR"));
	assert_false(topic_public("GREEN"));
	assert_false(topic_public(NULL));
}

static void
test_draft(void **state)
{
	static const char *const lists[] = {" Contacts ", "contacts", "",
	    NULL};
	static const char *const good[] = {"cve-2026-1234",
	    "CVE-1999-1234567890123456789", NULL};
	static const char *const bad[][2] = {{"CVE-2026-123"},
	    {"CVE-26-12345"}, {"CVE-2026-12345678901234567890"},
	    {"CVE-2026-1234x"}, {"GHSA-1"}};
	ARENA_AUTO(a, "test");
	struct advisory_draft d = {.title = "  A\r\n title ",
	    .body = "x", .tlp = " green ", .lists = lists, .cves = good};

	(void)state;
	assert_true(advisory_check(a, &d, NULL, NULL));
	assert_string_equal(d.title, "A title");
	assert_string_equal(d.tlp, "GREEN");
	assert_string_equal(d.lists[0], "contacts");
	assert_null(d.lists[1]);
	assert_string_equal(d.cves[0], "CVE-2026-1234");
	assert_null(d.topics[0]);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct advisory_draft e = d;
		g_autoptr(GError) err = NULL;

		e.cves = bad[i];
		assert_false(advisory_check(a, &e, NULL, &err));
		assert_true(fault_is(err, FAULT_INPUT));
	}
	d.lists = bad[0] + 1;
	assert_false(advisory_check(a, &d, NULL, NULL));
}

static void
test_slugs(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"TOCSIN-2026-0001 Patch Foo/Bar 1.2!",
		"tocsin-2026-0001-patch-foo-bar-1-2"},
	    {"Don't  panic", "dont-panic"},
	    {"J\xc3\xbcrgen \xc3\x85s", "jurgen-as"},
	    {"\xe8\xad\xa6\xe5\x91\x8a", "item"},
	    {"--", "item"}, {"", "item"},
	};
	ARENA_AUTO(a, "test");
	g_autofree char *long_one = g_strnfill(300, 'x');

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *s = topic_slug(a, cases[i].in);

		assert_string_equal(s, cases[i].out);
		assert_true(topic_slug_ok(s));
	}
	assert_int_equal(strlen(topic_slug(a, long_one)), TOPIC_SLUG_MAX);
	assert_false(topic_slug_ok(""));
	assert_false(topic_slug_ok("-a"));
	assert_false(topic_slug_ok("a/../b"));
}

static void
test_teasers(void **state)
{
	ARENA_AUTO(a, "test");
	GString *s = arena_gstring(a);
	const char *t;

	(void)state;
	assert_string_equal(topic_teaser(a,
	    "# Head\n\nFirst *word* of [a link](/x) & <b>more</b>.\n\n"
	    "```\ncode\n```\n\nTwo lists:\n\n- one\n- two\n\nEnd.\n"),
	    "First word of a link & more. Two lists: one; two. End.");
	for (int i = 0; i < 100; i++)
		g_string_append_printf(s, "This is sentence number %d. ", i);
	t = topic_teaser(a, s->str);
	assert_true(g_utf8_strlen(t, -1) <= TOPIC_TEASER_MAX);
	assert_true(strlen(t) > 400);
	assert_true(g_str_has_suffix(t, "."));
	assert_string_equal(topic_teaser(a, ""), "");
	assert_false(g_str_has_suffix(topic_teaser(a, "We run two lists:"),
	    ":"));
}

static void
test_article_files(void **state)
{
	static const char good[] = "title: A thing\r\nslug: a-thing\r\n"
	    "date: 2026-07-13\r\ntopics: x, y\r\ntlp: CLEAR\r\n\r\nText.\r\n";
	static const char *const bad[] = {
	    "", "title: x\n\n", "no colon\n\ntext", "title: x\n\ntext",
	    "title: x\ndate: 13 July\n\ntext", "colour: red\n\ntext",
	    "title: x\nslug: A B\ndate: 2026-07-13\n\ntext",
	};
	ARENA_AUTO(a, "test");
	struct topic_new n;

	(void)state;
	assert_true(topic_read_article(a, good, strlen(good), &n, NULL));
	assert_string_equal(n.slug, "a-thing");
	assert_string_equal(n.topics[1], "y");
	assert_string_equal(n.tlp, "CLEAR");
	assert_string_equal(when_rfc3339(a, n.published),
	    "2026-07-13T09:00:00Z");
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		g_autoptr(GError) err = NULL;

		assert_false(topic_read_article(a, bad[i], strlen(bad[i]), &n,
		    &err));
		assert_true(fault_is(err, FAULT_INPUT));
	}
}

static void
test_verbs(void **state)
{
	static const struct {
		const char *subject, *text;
		bool known;
		enum roster_verb verb;
	} cases[] = {
	    {"SUBSCRIBE", NULL, true, ROSTER_SUBSCRIBE},
	    {NULL, "\r\n  join\r\n", true, ROSTER_SUBSCRIBE},
	    {"Re: unsubscribe me", "subscribe", true, ROSTER_UNSUBSCRIBE},
	    {"help", "subscribe", true, ROSTER_HELP},
	    {"subscribers", "", false, ROSTER_HELP},
	    {"x", "hello\n> unsubscribe\n", false, ROSTER_HELP},
	    {"", "-- \nunsubscribe\n", false, ROSTER_HELP},
	    {NULL, NULL, false, ROSTER_HELP},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		enum roster_verb verb = ROSTER_HELP;

		assert_int_equal(cases[i].known,
		    roster_command_verb(cases[i].subject, cases[i].text,
			&verb));
		assert_int_equal(cases[i].verb, verb);
	}
}

static void
test_names(void **state)
{
	ARENA_AUTO(a, "test");
	struct site s = {0};
	struct topic_item i = {.kind = "advisory", .slug = "x"};
	int64_t t;

	(void)state;
	assert_true(conf_load(a, NULL, &s.conf, NULL));
	assert_true(when_parse_rfc3339("2026-12-31T23:59:59Z", &t));
	assert_string_equal(advisory_id(a, &s, 1, t), "TOCSIN-2026-0001");
	assert_string_equal(advisory_id(a, &s, 12345, t),
	    "TOCSIN-2026-12345");
	assert_string_equal(topic_guid(a, &s, t, "x"),
	    "tag:tocsin.example,2026:item/x");
	assert_string_equal(topic_item_path(a, &i), "/advisories/x");
	i.kind = "guidance";
	assert_string_equal(topic_item_path(a, &i), "/articles/x");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_gates),
	    cmocka_unit_test(test_draft),
	    cmocka_unit_test(test_slugs),
	    cmocka_unit_test(test_teasers),
	    cmocka_unit_test(test_article_files),
	    cmocka_unit_test(test_verbs),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
