/* Markdown for pages and for mail. */
#include "base/base.h"
#include "base/markdown.h"
#include "base/when.h"
#include "unit.h"

static const struct {
	const char *in, *html;
} pages[] = {
    {"", ""},
    {"a *b* **c** `d`", "<p>a <em>b</em> <strong>c</strong> <code>d</code>"
	"</p>\n"},
    {"a & b < c \"d\"", "<p>a &amp; b &lt; c &quot;d&quot;</p>\n"},
    {"[x](https://a.example/?b=1&c=2)",
	"<p><a href=\"https://a.example/?b=1&amp;c=2\">x</a></p>\n"},
    {"[x](/topics/y)", "<p><a href=\"/topics/y\">x</a></p>\n"},
    {"<a@b.example>", "<p><a href=\"mailto:a@b.example\">a@b.example</a></p>"
	"\n"},
    {"[x](javascript:alert(1))", "<p>x</p>\n"},
    {"[x](JaVaScript:alert(1))", "<p>x</p>\n"},
    {"[x](&#106;avascript:alert(1))", "<p>x</p>\n"},
    {"[x](data:text/html;base64,AAAA)", "<p>x</p>\n"},
    {"[x](//evil.example/)", "<p>x</p>\n"},
    {"[*x*][1]\n\n[1]: vbscript:x", "<p><em>x</em></p>\n"},
    {"<javascript:alert(1)>", "<p>javascript:alert(1)</p>\n"},
    {"![alt *text*](https://a.example/p.png)", "<p>alt <em>text</em></p>\n"},
    {"[![alt](/p.png)](javascript:x)", "<p>alt</p>\n"},
    {"[![alt](/p.png)](/x)", "<p><a href=\"/x\">alt</a></p>\n"},
    {"a <b onclick=x>b</b> c", "<p>a b c</p>\n"},
    {"<script>alert(1)</script>\n\nx", "<p>x</p>\n"},
    {"<!-- x -->\n\n<div>\n", ""},
    {"# A\n\n- b\n- c", "<h1>A</h1>\n<ul>\n<li>b</li>\n<li>c</li>\n</ul>\n"},
    {"a\xff" "b\x01", "<p>a\xef\xbf\xbd" "b\xef\xbf\xbd</p>\n"},
};

static const struct {
	const char *in, *plain;
} mails[] = {
    {"", ""},
    {"one\ntwo", "one two\n"},
    {"one  \ntwo\\\nthree", "one\ntwo\nthree\n"},
    {"*a* **b** `c d`", "*a* *b* `c d`\n"},
    {"[text](https://a.example/)", "text <https://a.example/>\n"},
    {"<https://a.example/>", "https://a.example/\n"},
    {"[](https://a.example/)", "<https://a.example/>\n"},
    {"<a@b.example> [us](mailto:a@b.example)",
	"a@b.example us <a@b.example>\n"},
    {"[bad](javascript:x) <b>raw</b> ![pic](/x.png)", "bad raw pic\n"},
    {"# One\n\nText\n\n## Two *b*", "One\n===\n\nText\n\nTwo *b*\n-------\n"},
    {"# \xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac\n====\n"},
    {"- a\n- b\n  c\n\nd", "- a\n- b c\n\nd\n"},
    {"- a\n\n- b", "- a\n\n- b\n"},
    {"- a\n  - b\n    - c\n- d", "- a\n  - b\n    - c\n- d\n"},
    {"3. a\n4. b", "3. a\n4. b\n"},
    {"1) a\n1) b", "1) a\n2) b\n"},
    {"- ", "-\n"},
    {"> a\n> b\n>\n> - c", "> a b\n>\n> - c\n"},
    {"> > a", "> > a\n"},
    {"a\n\n    code  x\n\n     more\n\nb",
	"a\n\n    code  x\n\n     more\n\nb\n"},
    {"```c\nint x;\n```", "    int x;\n"},
    {"- a\n\n      code", "- a\n\n      code\n"},
    {"a\n\n***\n\nb",
	"a\n\n----------------------------------------\n\nb\n"},
    {"1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
     "1234567 1234 1",
	"1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	"1234567 1234\n1\n"},
    {"- 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
     "1234567 1234",
	"- 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 "
	"1234567\n  1234\n"},
    {"&lt;script&gt; &amp; &copy;", "<script> & \xc2\xa9\n"},
    {"\xff", "\xef\xbf\xbd\n"},
};

static void
test_html(void **state)
{
	ARENA_AUTO(a, "test");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pages); i++)
		assert_string_equal(markdown_html(a, pages[i].in).text,
		    pages[i].html);
	assert_string_equal(markdown_html(a, NULL).text, "");
}

static void
test_plain(void **state)
{
	ARENA_AUTO(a, "test");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(mails); i++)
		assert_string_equal(markdown_plain(a, mails[i].in),
		    mails[i].plain);
	assert_string_equal(markdown_plain(a, NULL), "");
}

/* Depth and length are the writer's; neither stack nor time may end. */
static void
test_hostile(void **state)
{
	static const char *const fill[] = {"> ", "- ", "1. ", "* a\n", "[",
	    "![", "*a_ ", "`", "<a ", "&", "\\", "[a](b", "\n", "a", "\t- ",
	    "**", "_", "<!--", "#"};
	static const char tags[] = "<script";
	int64_t start = when_ticks();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(fill); i++) {
		ARENA_AUTO(a, "test");
		size_t n = strlen(fill[i]);
		char *text = arena_alloc(a, MARKDOWN_MAX / 8 + 1);

		for (size_t k = 0; k < MARKDOWN_MAX / 8; k++)
			text[k] = fill[i][k % n];
		assert_null(strstr(markdown_html(a, text).text, tags));
		assert_true(g_utf8_validate(markdown_plain(a, text), -1,
		    NULL));
	}
	assert_in_range(when_ticks() - start, 0, 30 * WHEN_SECOND);
}

static void
test_deep_quotes(void **state)
{
	ARENA_AUTO(a, "test");
	char *text = arena_alloc(a, MARKDOWN_MAX + 1);

	(void)state;
	memset(text, '>', MARKDOWN_MAX - 1);
	text[MARKDOWN_MAX - 1] = 'x';
	/* The end is there, moved in no further than a reader can see. */
	assert_true(g_str_has_suffix(markdown_plain(a, text), "> x\n"));
	assert_true(strlen(markdown_plain(a, text)) < 80);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_html),
	    cmocka_unit_test(test_plain),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_deep_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
