/*
 * The path of every mail: bytes -> inspection -> JSON -> the parent's
 * reader, which must take what the child says.
 */
#include "base/base.h"
#include "base/conf.h"
#include "inspect/inspect.h"
#include "inspect/recognise.h"
#include "mail/canonical.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const struct conf *conf;
	static const struct recognisers *known;
	static struct arena *volatile keep; /* for LeakSanitizer */
	ARENA_AUTO(a, "fuzz");
	struct inspection in;
	const char *s;
	GString *json;

	if (conf == NULL) {
		keep = arena_new("conf");
		g_assert_true(conf_load(keep, NULL, &conf, NULL));
		g_assert_true(recognise_load(keep,
		    SRCDIR "/templates/recognise", NULL, &known, NULL));
	}
	s = mail_canonical(a, bytes, n, &n);
	inspect_message(a, conf, known, s, n, true, &in);
	json = arena_gstring(a);
	inspect_to_json(&in, true, true, json);
	g_assert_true(inspect_from_json(a, json->str, json->len, &in, NULL));
	return 0;
}
