/* Templates: what is shown, what is refused, and where. */
#include "base/base.h"
#include "base/text.h"
#include "base/tmpl.h"
#include "base/when.h"
#include "unit.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define ROW(F, S)                                                             \
	F(S, INT, number, none)                                               \
	F(S, TEXT, subject, none)                                             \
	F(S, TIME, due, none)                                                 \
	F(S, PAGE_TEXT, row_class, none)
DESC_STRUCT(row, ROW);
DESC_TABLE(row, ROW);

#define PERSON(F, S) F(S, TEXT, name, none) F(S, TEXT, mail, none)
DESC_STRUCT(person, PERSON);
DESC_TABLE(person, PERSON);

#define VIEW(F, S)                                                            \
	F(S, TEXT, title, none)                                               \
	F(S, INT, total, none)                                                \
	F(S, BOOL, open, none)                                                \
	F(S, TIME, made, none)                                                \
	F(S, HTML, body, none)                                                \
	F(S, URL, home, none)                                                 \
	F(S, SAFE, site, none)                                                \
	F(S, JSON, facts, none)                                               \
	F(S, LIST, rows, row)                                                 \
	F(S, OBJECT, owner, person)
DESC_STRUCT(view, VIEW);
DESC_TABLE(view, VIEW);

static const struct desc *const views[] = {&desc_view, NULL};

struct folder {
	char *dir, *site;
};

static void
put(const char *dir, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	g_autofree char *folder = g_path_get_dirname(path);

	assert_int_equal(g_mkdir_with_parents(folder, 0700), 0);
	assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
remove_tree(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *below = g_build_filename(path, name, NULL);

		if (g_file_test(below, G_FILE_TEST_IS_DIR))
			remove_tree(below);
		else
			g_unlink(below);
	}
	if (dir != NULL)
		g_dir_close(dir);
	g_rmdir(path);
}

static int
setup(void **state)
{
	struct folder *f = g_new0(struct folder, 1);

	f->dir = g_dir_make_tmp("tmpl-XXXXXX", NULL);
	f->site = g_dir_make_tmp("tmpl-XXXXXX", NULL);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct folder *f = *state;

	remove_tree(f->dir);
	remove_tree(f->site);
	g_free(f->dir);
	g_free(f->site);
	g_free(f);
	return 0;
}

/* 2026-11-23T04:10:00Z */
#define MADE (INT64_C(1795407000) * WHEN_SECOND)

static struct row rows[] = {
    {1, "one <b>", MADE, "odd"},
    {2, NULL, DESC_NULL, NULL},
};
static struct person ann = {"Ann", "a&b@c.example"};
static const struct view sample = {
    .title = "A & B",
    .total = -42,
    .open = true,
    .made = MADE,
    .body = {"<p>x</p>"},
    .home = "https://h.example/?a=1&b=2",
    .site = "hxxp://a-long<name[.]evil[.]example/192[.]0[.]2[.]1[.]b",
    .facts = "{}",
    .rows = {rows, 2},
    .owner = &ann,
};

static const struct {
	const char *name, *text, *shown;
} shows[] = {
    {"a.html", "{{title}}|{{total}}|{{body}}",
	"A &amp; B|-42|<p>x</p>"},
    {"a.html", "{{made}}",
	"<time datetime=\"2026-11-23T04:10:00Z\" "
	"title=\"2026-11-23T04:10:00Z\">2026-11-23 04:10 Z</time>"},
    {"a.html", "<i title=\"{{made}}\">", "<i title=\"2026-11-23T04:10:00Z\">"},
    {"a.html", "<title>{{made}}</title>",
	"<title>2026-11-23 04:10 Z</title>"},
    {"rss.xml", "<d>{{made}}</d>", "<d>Mon, 23 Nov 2026 04:10:00 +0000</d>"},
    {"atom.xml", "<d>{{made}}</d>", "<d>2026-11-23T04:10:00Z</d>"},
    {"atom.xml", "<d a=\"{{title}}\">{{body}}</d>",
	"<d a=\"A &amp; B\">&lt;p&gt;x&lt;/p&gt;</d>"},
    {"a.txt", "{{title}} {{made}} <{{home}}>",
	"A & B 2026-11-23 04:10 Z <https://h.example/?a=1&b=2>"},
    {"a.html", "{{#open}}yes {{title}}{{/open}}{{^open}}no{{/open}}",
	"yes A &amp; B"},
    {"a.html", "{{#rows}}[{{number}} {{subject}} {{total}}]{{/rows}}",
	"[1 one &lt;b&gt; -42][2  -42]"},
    {"a.html", "{{?rows}}<ul>{{#rows}}<li>{{number}}</li>{{/rows}}</ul>"
	       "{{/rows}}", "<ul><li>1</li><li>2</li></ul>"},
    {"a.html", "{{^rows}}none{{/rows}}", ""},
    {"a.html", "{{#rows}}{{#subject}}{{subject}}{{/subject}}"
	       "{{^subject}}-{{/subject}}{{#due}}{{number}}{{/due}};{{/rows}}",
	"one &lt;b&gt;1;-;"},
    {"a.html", "{{#owner}}{{name}} of {{title}}{{/owner}}", "Ann of A &amp; B"},
    {"a.html", "<a href=\"{{home}}\">",
	"<a href=\"https://h.example/?a=1&amp;b=2\">"},
    {"a.html", "<a href='/t/{{total}}?q={{title}}#x'>",
	"<a href='/t/-42?q=A%20%26%20B#x'>"},
    {"a.html", "<a href=\"{{home}}/x/{{title}}\">",
	"<a href=\"https://h.example/?a=1&amp;b=2/x/A%20%26%20B\">"},
    {"a.html", "{{#owner}}<a href=\"mailto:{{mail}}\">{{/owner}}",
	"<a href=\"mailto:a%26b@c.example\">"},
    {"a.html", "<a href=\"?page={{total}}\">", "<a href=\"?page=-42\">"},
    /* a long name broke within a word; an address stays whole */
    {"a.html", "<b title=\"{{site}}\">{{site}}</b>",
	"<b title=\"hxxp://a-long&lt;name[.]evil[.]example/192[.]0[.]2[.]1[.]b\">"
	"hxxp://a-long&lt;name<wbr>[.]evil<wbr>[.]example/192[.]0[.]2[.]1<wbr>"
	"[.]b</b>"},
    {"a.html", "<textarea>{{site}}</textarea>", "<textarea>hxxp://a-long&lt;"
	"name[.]evil[.]example/192[.]0[.]2[.]1[.]b</textarea>"},
    {"a.html", "<option{{#open}} selected{{/open}}>{{title}}</option>",
	"<option selected>A &amp; B</option>"},
    {"a.html", "<input {{#open}}checked{{/open}}>", "<input checked>"},
    {"a.html", "<p class=\"a{{#open}} b{{/open}}\" id=x>",
	"<p class=\"a b\" id=x>"},
    {"a.html", "<!DOCTYPE html><!-- a > b --><p>{{title}}",
	"<!DOCTYPE html><!-- a > b --><p>A &amp; B"},
    {"a.html", "<script>if (a < b) c();</script>{{title}}",
	"<script>if (a < b) c();</script>A &amp; B"},
    {"a.html", "<textarea>{{title}}</textarea>{{title}}",
	"<textarea>A &amp; B</textarea>A &amp; B"},
    {"a.txt", "x\n{{#open}}\ny\n{{/open}}\n  {{! note }}\nz\n", "x\ny\nz\n"},
    {"a.txt", "x {{#open}}y{{/open}}\n", "x y\n"},
    {"a.html", "{{>nav}}!", "<nav>A &amp; B</nav>\n!"},
    {"a.html", "{{#rows}}{{>row}}{{/rows}}", "<b>1</b>\n<b>2</b>\n"},
    {"a.txt", "{{>sign.txt}}", NULL},
    {"a.txt", "{{>part/sign.txt}}", "-- \nA & B\n"},
};

static struct tmpl_set *
load(const struct folder *f, const char *name, const char *text, GError **err)
{
	g_autofree char *whole =
	    g_strconcat("{{! view: view }}\n", text, NULL);
	g_autofree char *full = g_strconcat("page/", name, NULL);
	g_autofree char *folder = g_build_filename(f->dir, "page", NULL);

	remove_tree(folder);
	put(f->dir, full, whole);
	put(f->dir, "part/nav.html",
	    "<nav>{{title}}</nav>\n");
	put(f->dir, "part/row.html",
	    "{{! view: row }}\n<b>{{number}}</b>\n");
	put(f->dir, "part/sign.txt", "{{! view: view }}\n-- \n{{title}}\n");
	put(f->dir, "articles/x.md", "no template");
	return tmpl_load(f->dir, NULL, views, err);
}

static void
test_shows(void **state)
{
	for (size_t i = 0; i < COUNT_OF(shows); i++) {
		g_autoptr(GError) err = NULL;
		g_autoptr(GString) out = g_string_new(NULL);
		g_autofree char *full =
		    g_strconcat("page/", shows[i].name, NULL);
		struct tmpl_set *set =
		    load(*state, shows[i].name, shows[i].text, &err);

		if (shows[i].shown == NULL) {
			assert_null(set);
			continue;
		}
		if (set == NULL)
			fail_msg("%s: %s", shows[i].text, err->message);
		assert_true(tmpl_has(set, full));
		assert_false(tmpl_has(set, "page/other.html"));
		tmpl_render(set, full, &desc_view, &sample, out);
		assert_string_equal(out->str, shows[i].shown);
		tmpl_free(set);
	}
}

/* Text, line and a piece of the reason. */
static const struct {
	const char *name, *text;
	int line;
	const char *why;
} refusals[] = {
    {"a.html", "x\n{{titel}}", 3, "no field \"titel\""},
    {"a.html", "{{#rows}}{{name}}{{/rows}}", 2, "no field"},
    {"a.html", "{{row_class}}", 2, "no field"},
    {"a.html", "\n{{#open}}", 3, "not closed"},
    {"a.html", "{{/open}}", 2, "closes nothing"},
    {"a.html", "{{#open}}{{#rows}}{{/open}}{{/rows}}", 2, "expected"},
    {"a.html", "{{title", 2, "not closed"},
    {"a.html", "{{{title}}}", 2, "unescaped"},
    {"a.html", "{{&title}}", 2, "unescaped"},
    {"a.html", "{{Title}}", 2, "not a name"},
    {"a.html", "{{}}", 2, "not a name"},
    {"a.html", "{{>gone}}", 2, "no part part/gone.html"},
    {"a.html", "{{>row}}", 2, "is for a row"},
    {"a.html", "<p class={{title}}>", 2, "quotes"},
    {"a.html", "<p class=a{{title}}>", 2, "quotes"},
    {"a.html", "<{{title}}>", 2, "name of a tag"},
    {"a.html", "<p {{title}}>", 2, "name of a tag"},
    {"a.html", "<p {{title}}=\"x\">", 2, "name of a tag"},
    {"a.html", "<script>\n{{total}}</script>", 3, "script"},
    {"a.html", "<SCRIPT>{{#open}}x{{/open}}</SCRIPT>", 2, "script"},
    {"a.html", "<style>{{title}}</style>", 2, "script"},
    {"a.html", "<p onclick=\"{{title}}\">", 2, "on...="},
    {"a.html", "<p ONCLICK='{{total}}'>", 2, "on...="},
    {"a.html", "<p on{{#open}}click=\"{{title}}\"{{/open}}>", 2, "blank"},
    {"a.html", "<p style=\"color: {{title}}\">", 2, "attribute"},
    {"a.html", "<iframe srcdoc=\"{{title}}\">", 2, "attribute"},
    {"a.html", "<a href=\"{{title}}\">", 2, "kind URL"},
    {"a.html", "<a href=\"java{{title}}\">", 2, "kind URL"},
    {"a.html", "<a href=\"//{{title}}/\">", 2, "kind URL"},
    {"a.html", "<a href=\"/\\{{title}}/\">", 2, "kind URL"},
    {"a.html", "<a href=\"https://{{title}}/\">", 2, "kind URL"},
    {"a.html", "<a href=\"javascript:x('{{title}}')\">", 2, "kind URL"},
    {"a.html", "<a href=\"{{home}}{{title}}\">", 2, "host"},
    {"a.html", "<a href=\"{{home}}.evil\">", 2, "host"},
    {"a.html", "<a href=\"{{#open}}/x{{/open}}{{title}}\">", 2, "kind URL"},
    {"a.html", "<a href=\"/{{made}}\">", 2, "time"},
    {"a.html", "<p title=\"{{body}}\">", 2, "HTML"},
    {"a.html", "<title>{{body}}</title>", 2, "HTML"},
    {"a.txt", "{{body}}", 2, "HTML"},
    {"a.html", "{{facts}}", 2, "JSON"},
    {"a.html", "{{open}}", 2, "BOOL"},
    {"a.html", "{{rows}}", 2, "LIST"},
    {"a.html", "<!-- {{title}} -->", 2, "comment"},
    {"a.html", "{{#open}}<p class=\"{{/open}}x\">", 2, "another place"},
    {"a.html", "<p {{#rows}}a=\"{{number}}\"{{/rows}}>", 2, "another place"},
    {"a.html", "<p>{{title}}</p", 2, "ends within"},
    {"a.html", "<textarea>{{title}}", 2, "ends within"},
    {"a.html", "a < b", 2, "&lt;"},
    {"atom.xml", "<a href=\"{{title}}\"/>", 2, "kind URL"},
};

static void
test_refusals(void **state)
{
	for (size_t i = 0; i < COUNT_OF(refusals); i++) {
		g_autoptr(GError) err = NULL;
		g_autofree char *place = g_strdup_printf("/page/%s:%d: ",
		    refusals[i].name, refusals[i].line);

		if (load(*state, refusals[i].name, refusals[i].text, &err) !=
		    NULL)
			fail_msg("taken: %s", refusals[i].text);
		assert_true(fault_is(err, FAULT_INPUT));
		if (strstr(err->message, place) == NULL ||
		    strstr(err->message, refusals[i].why) == NULL)
			fail_msg("%s: %s", refusals[i].text, err->message);
	}
}

static void
refused_file(const struct folder *f, const char *name, const char *text,
    const char *why)
{
	g_autoptr(GError) err = NULL;
	g_autofree char *path = g_build_filename(f->dir, name, NULL);

	put(f->dir, name, text);
	assert_null(tmpl_load(f->dir, NULL, views, &err));
	if (strstr(err->message, why) == NULL)
		fail_msg("%s: %s", name, err->message);
	g_unlink(path);
}

static void
test_files(void **state)
{
	const struct folder *f = *state;
	g_autoptr(GError) err = NULL;
	g_autofree char *big = g_strnfill(TMPL_FILE_MAX + 1, 'x');

	refused_file(f, "page/b.html", "", "begins with");
	refused_file(f, "page/b.html", "<p>", "begins with");
	refused_file(f, "page/b.html", "{{! note }}", "begins with");
	refused_file(f, "page/b.html", "{{! view: other }}", "no view");
	refused_file(f, "page/b.html", "{{! view: view }}\xff", "UTF-8");
	refused_file(f, "page/b.html", big, "larger");
	refused_file(f, "part/loop.txt", "{{! view: view }}{{>loop}}",
	    "nested deeper");
	assert_null(tmpl_load("/nowhere/at/all", NULL, views, &err));
	assert_true(fault_is(err, FAULT_INPUT));
}

/* A row of parts that each hold the next one twice must not fill memory. */
static void
test_growth(void **state)
{
	const struct folder *f = *state;
	g_autoptr(GError) err = NULL;

	for (int i = 0; i < TMPL_DEPTH_MAX; i++) {
		g_autofree char *name = g_strdup_printf("part/p%d.txt", i);
		g_autofree char *text = g_strdup_printf(
		    "{{! view: any }}{{>p%d}} {{>p%d}}", i + 1, i + 1);

		put(f->dir, name, text);
	}
	put(f->dir, "part/p16.txt", "{{! view: any }}x");
	put(f->dir, "page/a.txt", "{{! view: view }}{{>p0}}");
	assert_null(tmpl_load(f->dir, NULL, views, &err));
	assert_non_null(strstr(err->message, ": "));
}

static void
test_site_folder(void **state)
{
	const struct folder *f = *state;
	g_autoptr(GError) err = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	struct tmpl_set *set;

	set = load(f, "a.html", "{{>nav}}", &err);
	assert_non_null(set);
	tmpl_free(set);
	put(f->site, "part/nav.html", "{{! view: any }}\nours\n");
	set = tmpl_load(f->dir, f->site, views, &err);
	assert_non_null(set);
	tmpl_render(set, "page/a.html", &desc_view, &sample, out);
	assert_string_equal(out->str, "ours\n");
	tmpl_free(set);
}

/* A URL field that is not one is shown as #. */
static void
test_bad_url(void **state)
{
	static const char *const bad[] = {"javascript:alert(1)", "//evil",
	    "/\\evil", "\x01javascript:x", "data:text/html,x", "http://"};
	struct tmpl_set *set =
	    load(*state, "a.html", "<a href=\"{{home}}\">", NULL);

	assert_non_null(set);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		struct view v = sample;

		v.home = bad[i];
		tmpl_render(set, "page/a.html", &desc_view, &v, out);
		assert_string_equal(out->str, "<a href=\"#\">");
	}
	tmpl_free(set);
}

static void
test_speed(void **state)
{
	struct row many[50];
	struct view v = sample;
	g_autoptr(GString) out = g_string_sized_new(65536);
	int64_t best = INT64_MAX;
	struct tmpl_set *set = load(*state, "a.html",
	    "<table>\n{{#rows}}\n<tr class=\"{{row_class}}\">\n"
	    "<td><a href=\"/desk/tickets/{{number}}\">{{number}}</a></td>\n"
	    "<td>{{subject}}</td><td>{{due}}</td>\n"
	    "<td>{{title}}</td><td>{{#open}}open{{/open}}</td></tr>\n"
	    "{{/rows}}\n</table>\n", NULL);

	assert_non_null(set);
	for (int i = 0; i < 50; i++)
		many[i] = (struct row){i, "Scan of <22/tcp> from 192.0.2.7 "
		    "seen in flows", MADE + i * WHEN_DAY, "late"};
	v.rows = (struct list){many, 50};
	for (int i = 0; i < 50; i++) {
		int64_t start = when_ticks();

		g_string_truncate(out, 0);
		tmpl_render(set, "page/a.html", &desc_view, &v, out);
		best = MIN(best, when_ticks() - start);
	}
	print_message("50 rows, %zu bytes: %d us\n", out->len, (int)best);
#ifdef __OPTIMIZE__
#ifndef __SANITIZE_ADDRESS__
	assert_in_range(best, 0, 500); /* 150 when nothing else runs */
#endif
#endif
	tmpl_free(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_shows, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_files, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_growth, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_site_folder, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_bad_url, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_speed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
