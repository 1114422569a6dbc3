/* The answer in the first line of a mail, and what is none. */
#include "base/base.h"
#include "core/notice/notice.h"
#include "unit.h"

static void
test_words(void **state)
{
	static const struct {
		const char *text, *word;
	} cases[] = {
	    {"CLEANED", "CLEANED"},
	    {"cleaned.\n", "CLEANED"},
	    {"**Cleaned**\r\n\r\nKim\r\n", "CLEANED"},
	    {"\n\n   Cleaned!  \n", "CLEANED"},
	    {"- CLEANED", "CLEANED"},
	    {"[CLEANED]", "CLEANED"},
	    {"\"Cleaned\"", "CLEANED"},
	    {"\xe2\x80\x9c" "Cleaned" "\xe2\x80\x9d", "CLEANED"},
	    {"\xef\xbb\xbf" "CLEANED", "CLEANED"},
	    {"\xc2\xa0" "CLEANED" "\xc2\xa0", "CLEANED"},
	    {"NOT-TRACED", "NOT-TRACED"},
	    {"Not traced", "NOT-TRACED"},
	    {"NOTTRACED", "NOT-TRACED"},
	    {"not_traced", "NOT-TRACED"},
	    {"Not \xe2\x80\x93 traced", "NOT-TRACED"},
	    {"AUTHORISED", "AUTHORISED"},
	    {"Authorized.", "AUTHORISED"},
	    {"NEED-MORE", "NEED-MORE"},
	    {"need more:", "NEED-MORE"},
	    {"needmore", "NEED-MORE"},
	    /* what a mail program puts above */
	    {"> Please look\n> at this\n\nCLEANED\n", "CLEANED"},
	    {"| Please look\nCLEANED\n", "CLEANED"},
	    {"On Mon, 23 Nov 2026 at 10:00, Tocsin CSIRT wrote:\n> Please\n>\n"
	     "> look\n\nNot traced\n", "NOT-TRACED"},
	    {"On Mon, 23 Nov 2026 at 10:00, Tocsin CSIRT\n"
	     "<report@tocsin.example> wrote:\n\n> Please look\n\nCLEANED\n",
		"CLEANED"},
	    {"Am 23.11.2026 um 10:00 schrieb Tocsin:\n> x\nCLEANED", "CLEANED"},
	    /* the word above, all else below */
	    {"CLEANED\n\nOn Mon, 23 Nov 2026, Tocsin wrote:\n> NOT-TRACED\n",
		"CLEANED"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *got = notice_word(cases[i].text);

		if (g_strcmp0(got, cases[i].word) != 0)
			fail_msg("\"%s\" is read as %s", cases[i].text,
			    got != NULL ? got : "nothing");
	}
}

static void
test_no_words(void **state)
{
	static const char *const cases[] = {
	    NULL, "", "\n\n", "> CLEANED\n", "***\n",
	    "The machine has not been cleaned",
	    "Not cleaned", "Cleaned?? No, not yet", "Will be CLEANED",
	    "cleaned, but it came back",
	    "CLEANED / NOT-TRACED", "CLEANED NOT-TRACED",
	    "A first line of CLEANED, NOT-TRACED, AUTHORISED or NEED-MORE is",
	    "Hello,\nCLEANED",
	    "Thanks\nCLEANED", "1. CLEANED", "UNCLEANED", "CLEANEDX",
	    "TRACED", "NOT", "MORE", "AUTHORISE",
	    /* Cyrillic letters that look the same */
	    "\xd0\xa1LEANED",
	    "-- \nCLEANED\n", "--\nCLEANED\n",
	    "-----Original Message-----\nCLEANED\n",
	    /* somebody's own words before a quotation */
	    "See below:\n> Please look\nCLEANED\n",
	    "On 23 Nov we looked:\nCLEANED\n",
	    "\xff\xfe" "CLEANED",
	};
	g_autofree char *deep = g_strnfill(100000, '\n');
	g_autofree char *late = g_strconcat(deep, "CLEANED", NULL);
	g_autofree char *wide = g_strnfill(1000000, 'x');

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (notice_word(cases[i]) != NULL)
			fail_msg("\"%s\" is read as %s", cases[i],
			    notice_word(cases[i]));
	assert_null(notice_word(late));
	assert_null(notice_word(wide));
}

static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(notice_result_known("cleaned"), "CLEANED");
	assert_string_equal(notice_result_known("NEED-MORE"), "NEED-MORE");
	assert_null(notice_result_known("NEED MORE"));
	assert_null(notice_result_known(""));
	assert_null(notice_result_known(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_no_words),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
