/* Patterns of recogniser files, and the files themselves. */
#include "base/base.h"
#include "base/conf.h"
#include "base/fault.h"
#include "inspect/inspect.h"
#include "inspect/recognise/pattern.h"
#include "inspect/recognise/recognise.h"
#include "unit.h"

#include <glib/gstdio.h>

static void
test_patterns(void **state)
{
	static const struct {
		const char *pattern, *text;
		enum slot slot;
		const char *value; /* NULL: nothing is found */
	} cases[] = {
	    {"IP: {source_ip}", "The IP: 192.0.2.1 did", SLOT_SOURCE_IP,
		"192.0.2.1"},
	    {"ip: {source_ip}", "IP:192.0.2.1", SLOT_SOURCE_IP, "192.0.2.1"},
	    {"IP: {source_ip}", "IP:\t *192[.]0[.]2[.]1*", SLOT_SOURCE_IP,
		"192.0.2.1"},
	    {"IP: {source_ip}", "IP: [2001:DB8::1]", SLOT_SOURCE_IP,
		"2001:db8::1"},
	    {"IP: {source_ip}", "IP: 192.0.2.0/24", SLOT_SOURCE_IP,
		"192.0.2.0/24"},
	    {"IP: {source_ip}", "SHIP: 192.0.2.1", SLOT_SOURCE_IP, NULL},
	    {"IP: {source_ip}", "IP: see below, 192.0.2.1", SLOT_SOURCE_IP,
		NULL},
	    {"IP: {source_ip}", "IP: none\nIP: 192.0.2.1", SLOT_SOURCE_IP,
		"192.0.2.1"},
	    {"^{source_ip}$", "x 192.0.2.1\n - 192.0.2.2 \n", SLOT_SOURCE_IP,
		"192.0.2.2"},
	    {"^{source_ip}$", "192.0.2.1 (x)", SLOT_SOURCE_IP, NULL},
	    {"^- {source_ip}", "192.0.2.1\n- 192.0.2.2", SLOT_SOURCE_IP,
		"192.0.2.2"},
	    {"^{*}: {source_ip}", "a: b: 192.0.2.1", SLOT_SOURCE_IP,
		"192.0.2.1"},
	    {"^{*}: {source_ip}", "a: b:\n192.0.2.1", SLOT_SOURCE_IP, NULL},
	    {"from {*} on {destination_ip} by {source_ip}",
		"from on on 192.0.2.9 on 192.0.2.8 by 192.0.2.7",
		SLOT_SOURCE_IP, "192.0.2.7"},
	    {"has been seen", "It has\nbeen   seen", SLOT_SOURCE_IP, NULL},
	    {"{{x}: {source_ip}", "{x}: 192.0.2.1", SLOT_SOURCE_IP,
		"192.0.2.1"},
	    {"IP: {source_ip}", "IP: 192.0.2.1:4711", SLOT_SOURCE_PORT, "4711"},
	    {"port {destination_port}", "port 22 and", SLOT_DESTINATION_PORT,
		"22"},
	    {"port {destination_port}", "port 65536", SLOT_DESTINATION_PORT,
		NULL},
	    {"port {destination_port}", "port 22nd", SLOT_DESTINATION_PORT,
		NULL},
	    {"at {time}", "at Fri, 20 Nov 2026 07:19:02 +0100 it", SLOT_TIME,
		"Fri, 20 Nov 2026 07:19:02 +0100"},
	    {"url=\"{url}\"", "url=\"http://a.example/x\" ip", SLOT_URL,
		"http://a.example/x"},
	    {"Site: {url}", "Site: hxxp://a[.]example/x.", SLOT_URL,
		"http://a.example/x"},
	    {"Host: {domain}", "Host: a.b.example.", SLOT_DOMAIN,
		"a.b.example"},
	    {"(id:{reporter_ref})", "(id:4-2)", SLOT_REPORTER_REF, "4-2"},
	    {"id {reporter_ref}", "id A#4.", SLOT_REPORTER_REF, "A#4"},
	    {"Name: {malware:rest}", "Name: a b c  \nd", SLOT_MALWARE,
		"a b c"},
	    {"id {reporter_ref:number}", "id 42 x", SLOT_REPORTER_REF, "42"},
	};
	ARENA_AUTO(a, "test");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct search s = {a, 100000};
		struct found f = {{NULL}};
		const struct pattern *p;
		size_t start, end;
		const char *got;

		assert_true(pattern_make(a, cases[i].pattern, &p, NULL));
		pattern_find(&s, p, cases[i].text, strlen(cases[i].text), 0,
		    &f, &start, &end);
		got = f.slot[cases[i].slot];
		if (g_strcmp0(got, cases[i].value) != 0)
			fail_msg("%s in \"%s\": %s", cases[i].pattern,
			    cases[i].text, got != NULL ? got : "nothing");
	}
}

/* A sentence may be wrapped where a word stands before the blank. */
static void
test_wrapped(void **state)
{
	static const char text[] = "was seen\non your   network at\n192.0.2.1";
	ARENA_AUTO(a, "test");
	struct search s = {a, 1000};
	struct found f = {{NULL}};
	const struct pattern *p;
	size_t start, end;

	(void)state;
	assert_true(pattern_make(a, "seen on your network at {source_ip}", &p,
	    NULL));
	assert_true(pattern_find(&s, p, text, strlen(text), 0, &f, &start,
	    &end));
	assert_int_equal(start, 4);
	assert_int_equal(end, strlen(text));
	assert_false(pattern_find(&s, p, text, strlen(text), end, &f, &start,
	    &end));
}

static void
test_bad_patterns(void **state)
{
	static const char *const bad[] = {"", "^", "{source_ip}", "{*} x",
	    "x {sauce}", "x {source_ip", "x {*}{*}", "x {*}{malware:rest}",
	    "x {malware:rest} y", "x {source_ip:*}", "x {url:colour}"};
	ARENA_AUTO(a, "test");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		GError *err = NULL;
		const struct pattern *p;

		if (pattern_make(a, bad[i], &p, &err))
			fail_msg("taken: %s", bad[i]);
		assert_true(fault_is(err, FAULT_INPUT));
		g_error_free(err);
	}
}

/* No pattern and no text takes longer than the budget. */
static void
test_budget(void **state)
{
	ARENA_AUTO(a, "test");
	enum { SIZE = 1024 * 1024 };
	char *text = arena_alloc(a, SIZE + 1);
	struct search s = {a, RECOGNISE_STEPS_MAX};
	const struct pattern *p;
	size_t start, end;
	int64_t from = g_get_monotonic_time();

	(void)state;
	memset(text, 'a', SIZE);
	for (size_t i = 1; i < SIZE; i += 2)
		text[i] = ' ';
	assert_true(pattern_make(a, "a{*}a{*}a{*}a{*}a {*}a{*}b", &p, NULL));
	for (int i = 0; i < 20; i++)
		assert_false(pattern_find(&s, p, text, SIZE, 0, NULL, &start,
		    &end));
	assert_true(s.left <= 0);
	assert_true(g_get_monotonic_time() - from < 5 * G_USEC_PER_SEC);
}

/* ---- files -------------------------------------------------------------------- */

struct folders {
	char *shipped, *site;
};

static void
put(const char *folder, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
clear(char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		g_unlink(path);
	}
	g_dir_close(dir);
	g_rmdir(folder);
	g_free(folder);
}

static int
make_folders(void **state)
{
	struct folders *f = g_new0(struct folders, 1);

	f->shipped = g_dir_make_tmp("known-XXXXXX", NULL);
	f->site = g_dir_make_tmp("known-XXXXXX", NULL);
	*state = f;
	return f->shipped == NULL || f->site == NULL;
}

static int
drop_folders(void **state)
{
	struct folders *f = *state;

	clear(f->shipped);
	clear(f->site);
	g_free(f);
	return 0;
}

static const char *
recognised(struct arena *a, const struct recognisers *known, const char *mail,
    struct inspection *in)
{
	const struct conf *c;

	assert_true(conf_load(a, NULL, &c, NULL));
	inspect_message(a, c, known, mail, strlen(mail), false, in);
	return in->recognised;
}

static const struct inspect_event *
event(const struct inspection *in, size_t i)
{
	return LIST_AT(inspect_event, in->events, i);
}

static const char mail[] = "From: x@a.feed.example\r\nSubject: Report 7\r\n"
    "Date: Mon, 23 Nov 2026 05:10:00 +0000\r\n\r\n"
    "bad: 192.0.2.1 at 2026-11-20 10:00:00\r\n"
    "bad: 192.0.2.2 at 2026-11-20 11:00:00 +0100\r\n"
    "good: 192.0.2.3\r\n";

static void
test_site_wins(void **state)
{
	struct folders *f = *state;
	ARENA_AUTO(a, "test");
	const struct recognisers *known;
	struct inspection in;

	put(f->shipped, "feed.conf", "from feed.example\n"
	    "event bad: {source_ip} at {time}\ntype other/other\n");
	put(f->shipped, "notes.txt", "not one\n");
	assert_true(recognise_load(a, f->shipped, f->site, &known, NULL));
	assert_int_equal(recognise_count(known), 1);
	assert_string_equal(recognised(a, known, mail, &in), "feed");
	assert_int_equal(in.events.n, 2);
	assert_string_equal(event(&in, 0)->type, "other/other");
	/* no zone: no time */
	assert_int_equal(event(&in, 0)->time, DESC_NULL);
	assert_string_equal(event(&in, 1)->zone, "given");

	put(f->site, "feed.conf", "from feed.example\nrobot no\nzone +02:00\n"
	    "subject Report {reporter_ref}\n"
	    "event bad: {source_ip} at {time}\n"
	    "type abusive-content/spam\n");
	assert_true(recognise_load(a, f->shipped, f->site, &known, NULL));
	assert_int_equal(recognise_count(known), 1);
	assert_string_equal(recognised(a, known, mail, &in), "feed");
	assert_false(in.robot);
	assert_string_equal(event(&in, 0)->type, "abusive-content/spam");
	assert_string_equal(event(&in, 0)->reporter_ref, "7");
	assert_string_equal(event(&in, 0)->zone, "rule");
	/* 2026-11-20 08:00 UTC */
	assert_int_equal(event(&in, 0)->time, INT64_C(1795161600000000));
	assert_string_equal(event(&in, 1)->zone, "given");

	put(f->site, "feed.conf", "# switched off\n");
	assert_true(recognise_load(a, f->shipped, f->site, &known, NULL));
	assert_int_equal(recognise_count(known), 0);
	assert_null(recognised(a, known, mail, &in));
}

/* A kind of condition that does not hold, one that another line saves. */
static void
test_conditions(void **state)
{
	static const struct {
		const char *file;
		bool holds;
	} cases[] = {
	    {"from feed.example\n", true},
	    {"from eed.example\n", false},
	    {"from x@*.example\n", true},
	    {"from y@a.feed.example\n", false},
	    {"from other.example\nfrom a.feed.example\n", true},
	    {"from feed.example\nsubject Report\n", true},
	    {"from feed.example\nsubject Ticket\n", false},
	    {"from feed.example\nsubject Ticket\nsubject Report\n", true},
	    {"header Subject Report {reporter_ref}\n", true},
	    {"header X-Feed yes\n", false},
	    {"body good:\n", true},
	    {"body good: nobody\n", false},
	    {"from feed.example\nformat plain\n", true},
	    {"from feed.example\nformat arf\n", false},
	};
	struct folders *f = *state;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		ARENA_AUTO(a, "test");
		const struct recognisers *known;
		struct inspection in;

		put(f->shipped, "feed.conf", cases[i].file);
		assert_true(recognise_load(a, f->shipped, NULL, &known, NULL));
		if ((recognised(a, known, mail, &in) != NULL) !=
		    cases[i].holds)
			fail_msg("%s", cases[i].file);
	}
}

static void
test_mistakes(void **state)
{
	static const struct {
		const char *file, *says;
	} cases[] = {
	    {"from a.example\n\nfrm b.example\n", "feed.conf:3: "},
	    {"from a.example\nfind\n", "feed.conf:2: "},
	    {"from a.example\nfind {source_ip}\n", "feed.conf:2: "},
	    {"from a.example\ntype spam\n", "feed.conf:2: "},
	    {"from a.example\nsection abusive-content/spam\n", "feed.conf:2: "},
	    {"from a.example\nzone CXT\n", "feed.conf:2: "},
	    {"from a.example\nrobot maybe\n", "feed.conf:2: "},
	    {"from a.example\nformat letter\n", "feed.conf:2: "},
	    {"from Ann <a@a.example>\n", "feed.conf:1: "},
	    {"type other/other\n", "does not say which mail"},
	    {"format plain\n", "does not say which mail"},
	    {"from a.example\n\xff\n", "UTF-8"},
	};
	struct folders *f = *state;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		ARENA_AUTO(a, "test");
		const struct recognisers *known;
		GError *err = NULL;

		put(f->shipped, "feed.conf", cases[i].file);
		if (recognise_load(a, f->shipped, f->site, &known, &err))
			fail_msg("taken: %s", cases[i].file);
		assert_true(fault_is(err, FAULT_INPUT));
		if (strstr(err->message, cases[i].says) == NULL)
			fail_msg("%s", err->message);
		g_error_free(err);
	}
}

/* What a child unpacks is what its parent has loaded. */
static void
test_packed(void **state)
{
	ARENA_AUTO(a, "test");
	const struct recognisers *known, *again;
	GString *s = arena_gstring(a), *t = arena_gstring(a);

	(void)state;
	assert_true(recognise_load(a, SRCDIR "/templates/recognise", NULL,
	    &known, NULL));
	assert_true(recognise_count(known) > 10);
	recognise_pack(known, s);
	assert_true(recognise_unpack(a, s->str, s->len, &again, NULL));
	recognise_pack(again, t);
	assert_int_equal(s->len, t->len);
	assert_memory_equal(s->str, t->str, s->len);
	for (size_t n = 0; n < 200; n++) {
		GError *err = NULL;

		if (!recognise_unpack(a, s->str, n, &again, &err))
			g_error_free(err);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_patterns),
	    cmocka_unit_test(test_wrapped),
	    cmocka_unit_test(test_bad_patterns),
	    cmocka_unit_test(test_budget),
	    cmocka_unit_test_setup_teardown(test_site_wins, make_folders,
		drop_folders),
	    cmocka_unit_test_setup_teardown(test_conditions, make_folders,
		drop_folders),
	    cmocka_unit_test_setup_teardown(test_mistakes, make_folders,
		drop_folders),
	    cmocka_unit_test(test_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
