/* HTML as text: what its reader sees, and what he is not meant to see. */
#include "base/base.h"
#include "inspect/text/html.h"
#include "unit.h"

static const struct {
	const char *html, *text;
} cases[] = {
    {"", ""},
    {"plain", "plain\n"},
    {"<p>one<p>two", "one\n\ntwo\n"},
    {"a<br>b<BR/>c", "a\nb\nc\n"},
    {"<b>b</b><i>i</i> &amp;&lt;&#x41;&nbsp;&euro;", "bi &<A \342\202\254\n"},
    {"5 < 6 <> 7", "5 < 6 <> 7\n"},
    /* links and forms tell where they lead */
    {"<a href='https://evil.example/x?a=1&amp;b'>bank.example</a>",
	"bank.example <https://evil.example/x?a=1&b>\n"},
    {"<a href=https://a.example/>https://a.example/</a>",
	"https://a.example/\n"},
    {"<a href='#top'>up</a> <a name=x>y</a>", "up y\n"},
    {"<a href=' https://a.\nexample/'>w</a>", "w <https://a. example/>\n"},
    {"<form action=http://evil.example/login>Name <input value=Go></form>",
	"Name Go <http://evil.example/login>\n"},
    {"<a id='t' class=\"b\" href='https://a.example/' target='_blank'>w</a>",
	"w <https://a.example/>\n"},
    {"<a class='b'href='https://a.example/'>w</a>",
	"w <https://a.example/>\n"},
    {"<a class = 'b' href = 'https://a.example/'>w</a>",
	"w <https://a.example/>\n"},
    {"<a title='a href=\"x:y\"' HREF='https://a.example/'>w</a>",
	"w <https://a.example/>\n"},
    /* the first one counts; a value with an entity, or of other bytes */
    {"<a href='https://a.example/1' href='https://a.example/2'>w</a>",
	"w <https://a.example/1>\n"},
    {"<a href='https://a.example/?a&amp;b' href='https://a.example/'>w</a>",
	"w <https://a.example/?a&b>\n"},
    {"<a href='https://a.example/\303\244'>w</a>",
	"w <https://a.example/\303\244>\n"},
    {"<img alt='Your bank: pay'><input value='Log in here'>",
	"Your bank: payLog in here\n"},
    /* nobody else says where a link leads */
    {"<a href='https://a.example/'>w</a> <a `href=0 href=https://b.example/>"
     "x</a> <a`href=0 href='https://c.example/'>y</a>",
	"w <https://a.example/> x <https://b.example/> y\n"},
    {"<a href='https://a.example/'>w</a> <a/`href='0'>x</a>",
	"w <https://a.example/> x\n"},
    /* long texts are put aside: what stands for them, written by a sender;
     * an entity that a comment cuts; white space */
    {"a run of words &#xF0000; and &#983040; and \363\260\200\200 more",
	"a run of words \363\260\200\200 and \363\260\200\200 and "
	"\363\260\200\200 more\n"},
    {"a run of words \363\217\217\217 \363\257\277\275 and more",
	"a run of words \363\217\217\217 \363\257\277\275 and more\n"},
    {"a run of words &am<!-- x -->p; and more of them &ampx &notit; here",
	"a run of words &amp; and more of them &x \302\254it; here\n"},
    {"<pre>  a run \n\t of words  </pre>", "  a run \n  of words\n"},
    {"a run of words \303\244\303\266 \344\270\255\346\226\207 and more",
	"a run of words \303\244\303\266 \344\270\255\346\226\207 "
	"and more\n"},
    {"<table>a run of words<tr><td>in a cell</table>",
	"a run of words\n\nin a cell\n"},
    {"<p style='display:none'>words that are hidden</p>words that are not",
	"[hidden: words that are hidden]\n\nwords that are not\n"},
    /* where a tag ends: quotes in names, and values without any */
    {"<text=' ref=' b>words of a value' x>after", "after\n"},
    {"<a href=https://a.example/'>w</a> and 'more'",
	"w <https://a.example/'> and 'more'\n"},
    {"<p =\">\">after", "\">after\n"},
    {"<isindex class='x' prompt='Your password'>", "Your password\n"},
    {"<base href=https://evil.example/a/><a href=login>b</a>",
	"b <https://evil.example/a/login>\n"},
    {"<a href=//evil.example/x>b</a>", "b <//evil.example/x>\n"},
    {"<form action=x><button formaction=http://e.example/>b</button>",
	"b <http://e.example/>\n"},
    {"<map><area href=http://e.example/></map>", "<http://e.example/>\n"},
    {"<img src=http://x.example/i.gif alt='Your bank'>", "Your bank\n"},
    /* lists, tables, quoted and prepared text */
    {"<ul><li>a<li>b</ul><ol><li>c<li>d</ol>",
	"- a\n- b\n\n1. c\n2. d\n"},
    {"<table><tr><th>Address<th>Port<tr><td>192.0.2.1<td>22</table>",
	"Address\tPort\n192.0.2.1\t22\n"},
    {"<pre>  two\n   lines</pre>", "  two\n   lines\n"},
    /* quotations, as in plain mail */
    {"<p>Mine</p><blockquote>CLEANED</blockquote>", "Mine\n\n> CLEANED\n"},
    {"<blockquote type=cite><p>a<p>b<blockquote>c</blockquote>d</blockquote>e",
	"> a\n>\n> b\n>\n> > c\n>\n> d\n\ne\n"},
    {"x<div class='gmail_quote'><div class='gmail_attr'>On 1 May, A &lt;a@b.c"
     "&gt; wrote:<br></div><blockquote class='gmail_quote'>b<br>c</blockquote>"
     "<div>between</div><blockquote class='gmail_quote'>d</blockquote></div>",
	"x\nOn 1 May, A <a@b.c> wrote:\n\n> b\n> c\n\nbetween\n\n> d\n"},
    {"x<div class='gmail_quote gmail_quote_container'>b</div>y",
	"x\n> b\ny\n"},
    {"<div class='gmail_quote'><div>---------- Forwarded message ---------"
     "</div>From: a</div>",
	"---------- Forwarded message ---------\nFrom: a\n"},
    {"x<div id='yahoo_quoted_1' class='yahoo_quoted'>b</div>", "x\n> b\n"},
    {"<blockquote><span style='display:none'>a</span></blockquote>b",
	"> [hidden: a]\n\nb\n"},
    {"<blockquote><pre>  a\n\n  b</pre></blockquote>",
	">   a\n>\n>   b\n"},
    {"<blockquote> </blockquote>a", "a\n"},
    /* never shown */
    {"<head><title>t</title><style>p{}</style></head>x<script>y</script>",
	"x\n"},
    {"a<!-- b -->c<!doctype d>e<?f g?>h", "aceh\n"},
    {"a<!-- b", "a\n"},
    {"a<!-->b<!--->c<!-- x --!>d", "abcd\n"},
    {"a<script>b", "a\n"},
    {"a<textarea>b<b>c</textarea>d", "a b<b>c" "d\n"},
    {"<noscript>switch it on</noscript>", "switch it on\n"},
    /* hidden from the reader */
    {"a<div style='display:none'>b</div>c", "a\n[hidden: b]\nc\n"},
    {"a<span style='DISPLAY : none !important'>b<b>d</b></span>c",
	"a[hidden: bd] c\n"},
    {"a<span style=\"font-size:0px\">b</span>", "a[hidden: b]\n"},
    {"a<span style='font-size:10px'>b</span>", "ab\n"},
    {"a<font color=white>b</font>", "a[hidden: b]\n"},
    {"a<span style='color:#fefefe'>b</span>", "a[hidden: b]\n"},
    {"<table><tr><td bgcolor=#000000><font color=white>b</font></table>",
	"b\n"},
    {"<div style='background-color:rgb(1, 2, 3)'>"
     "<span style='color:#010203'>b</span></div>", "[hidden: b]\n"},
    {"<table><tr><td background=x.png><span style='color:#fff'>b</span>"
     "</table>", "b\n"},
    {"<p class='x' Style='display:none' id='y'>b", "[hidden: b]\n"},
    {"<p class='x' hidden>b", "[hidden: b]\n"},
    {"<p hidden>b", "[hidden: b]\n"},
    {"<p style='display:none'> </p>a", "a\n"},
    {"<p style='opacity:0.9'>b", "b\n"},
    {"<p style='max-height:0;overflow:hidden'>b", "[hidden: b]\n"},
    /* words broken for filters, turned round for eyes */
    {"pay\342\200\213pal in\302\255voice &zwnj;x", "paypal invoice x\n"},
    {"\342\200\256gpj.exe", "gpj.exe\n"},
};

static void
test_cases(void **state)
{
	ARENA_AUTO(a, "html");

	int bad = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool cut;
		const char *s = html_to_text(a, cases[i].html,
		    strlen(cases[i].html), &cut);

		if (strcmp(s, cases[i].text) != 0) {
			bad++;
			print_message("# \"%s\" is \"%s\", not \"%s\"\n",
			    cases[i].html, s, cases[i].text);
		}
		assert_false(cut);
	}
	assert_int_equal(bad, 0);
}

/* Mail programs nest: 318 levels are a real mail, and cost nothing. */
static void
test_deep(void **state)
{
	ARENA_AUTO(a, "html");
	GString *s = arena_gstring(a);
	bool cut;

	(void)state;
	for (int i = 0; i < 318; i++)
		g_string_append(s, "<div>");
	g_string_append(s, "192.0.2.1");
	assert_string_equal(html_to_text(a, s->str, s->len, &cut),
	    "192.0.2.1\n");
	assert_false(cut);
	for (int i = 0; i < 1000; i++)
		g_string_append(s, "<div>x");
	g_string_append(s, "192.0.2.2");
	assert_non_null(strstr(html_to_text(a, s->str, s->len, &cut),
	    "192.0.2.2"));
	assert_true(cut);
}

/* The tags that are left out take no text with them. */
static void
test_tags(void **state)
{
	ARENA_AUTO(a, "html");
	GString *s = arena_gstring(a);
	const char *t;
	bool cut;

	(void)state;
	for (int i = 0; i < HTML_TAGS_MAX + 10; i++)
		g_string_append(s, "<br>");
	g_string_append(s, "end <a href=x");
	for (int i = 0; i < 1000; i++)
		g_string_append(s, " a=b");
	g_string_append(s, ">of it</a>");
	t = html_to_text(a, s->str, s->len, &cut);
	assert_true(cut);
	assert_non_null(strstr(t, "end"));
	assert_non_null(strstr(t, "of it"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	    cmocka_unit_test(test_deep),
	    cmocka_unit_test(test_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
