/* HTML made to hurt its reader: deep, wide, badly nested, never closed. */
#include "hostile.h"

static void
html(GString *s)
{
	g_string_append(s, "Content-Type: text/html\r\n\r\n");
}

static void
html_divs(GString *s)
{
	html(s);
	repeat(s, 200000, "<div>");
	g_string_append(s, "deep");
}

static void
html_inline(GString *s)
{
	html(s);
	repeat(s, 100000, "<b><i><a href=http://x.example/>");
	g_string_append(s, "deep");
}

/* the end of a div that gumbo does not see: the count before it is fooled */
static void
html_fooled(GString *s)
{
	html(s);
	repeat(s, 35000, "<div><object></div></object>");
}

/* formatting that each paragraph opens again */
static void
html_reopened(GString *s)
{
	html(s);
	counted(s, 400, "<b x=%d><a y=%d>");
	repeat(s, 60000, "<p>x</p>");
}

static void
html_lists(GString *s)
{
	html(s);
	repeat(s, 60000, "<ul><li>x");
}

static void
html_selects(GString *s)
{
	html(s);
	repeat(s, 20000, "<select><option>x<select><optgroup><dd><dt>");
}

static void
html_tables(GString *s)
{
	html(s);
	repeat(s, 100000, "<table><tr><td>");
	g_string_append(s, "deep");
}

static void
html_comments(GString *s)
{
	html(s);
	repeat(s, 250000, "<!--");
}

static void
html_open(GString *s)
{
	html(s);
	repeat(s, 1000000, "<");
}

static void
html_quotes(GString *s)
{
	html(s);
	repeat(s, 120000, "<a href=\"");
}

static void
html_scripts(GString *s)
{
	html(s);
	repeat(s, 120000, "<script>");
}

static void
html_attributes(GString *s)
{
	html(s);
	g_string_append(s, "<a ");
	repeat(s, 200000, "a=b ");
	g_string_append(s, ">x</a>");
}

static void
html_entities(GString *s)
{
	html(s);
	repeat(s, 300000, "&#x41;&");
}

static const struct hostile_mail mails[] = {
    {"divs", html_divs, false},
    {"inline elements", html_inline, false},
    {"ends within other elements", html_fooled, true},
    {"reopened formatting", html_reopened, true},
    {"lists in lists", html_lists, true},
    {"selects", html_selects, true},
    {"tables in tables", html_tables, false},
    {"open comments of HTML", html_comments, false},
    {"open tags", html_open, false},
    {"open quotes", html_quotes, false},
    {"open scripts", html_scripts, false},
    {"attributes", html_attributes, false},
    {"entities", html_entities, false},
};

static void
test_hostile(void **state)
{
	(void)state;
	read_all(mails, COUNT_OF(mails));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
