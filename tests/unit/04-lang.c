/* Language tags. */
#include "base/base.h"
#include "base/lang.h"
#include "unit.h"

static void
test_forms(void **state)
{
	static const struct {
		const char *in, *out;
	} tags[] = {
	    {"en", "en"}, {"DE", "de"}, {"de-at", "de-AT"},
	    {"ZH-HANT-tw", "zh-Hant-TW"}, {"zh-cmn-hans-cn", "zh-cmn-Hans-CN"},
	    {"sl-rozaj-biske", "sl-rozaj-biske"},
	    {"de-CH-1996", "de-CH-1996"}, {"es-419", "es-419"},
	    {"en-a-bbb-x-a-ccc", "en-a-bbb-x-a-ccc"},
	    {"x-whatever", "x-whatever"}, {"cy-GB", "cy-GB"},
	    {"haw", "haw"}, {"abcdefgh", "abcdefgh"},
	    {"", NULL}, {"d", NULL}, {"english", "english"},
	    {"abcdefghi", NULL}, {"de-", NULL}, {"-de", NULL},
	    {"de--AT", NULL}, {"de_AT", NULL}, {"de-a", NULL},
	    {"de-x", NULL}, {"d1", NULL}, {"de-AT-DE", NULL},
	    {"de AT", NULL}, {"de-\xc3\xa4t", NULL},
	    {"zh-aaa-bbb-ccc-ddd", NULL}, {"*", NULL},
	    {"en-aaaaaaaa-bbbbbbbb-cccccccc-ddddd",
		"en-aaaaaaaa-bbbbbbbb-cccccccc-ddddd"},
	    {"en-aaaaaaaa-bbbbbbbb-cccccccc-dddddd", NULL},
	};
	ARENA_AUTO(a, "test");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(tags); i++) {
		const char *got = lang_norm(a, tags[i].in);

		if (g_strcmp0(got, tags[i].out) != 0)
			fail_msg("\"%s\" is \"%s\"", tags[i].in, got);
	}
}

static void
test_whom_a_text_serves(void **state)
{
	(void)state;
	assert_true(lang_serves("de", "de"));
	assert_true(lang_serves("de", "de-AT"));
	assert_false(lang_serves("de-AT", "de"));
	assert_false(lang_serves("de-AT", "de-CH"));
	assert_false(lang_serves("d", "de"));
	assert_false(lang_serves("en", "de"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_whom_a_text_serves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
