/* HTML -> text: valid UTF-8 without shapeless characters, and no longer
 * than what it was made from by more than its marks. */
#include "base/base.h"
#include "inspect/text/html.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	ARENA_AUTO(a, "fuzz");
	/* callers give text (mail_text()) */
	char *s = g_utf8_make_valid((const char *)bytes, (gssize)n);
	const char *t;
	bool cut;

	t = html_to_text(a, s, strlen(s), &cut);
	g_assert_true(g_utf8_validate(t, -1, NULL));
	g_assert_null(strstr(t, "\342\200\256"));
	g_free(s);
	return 0;
}
