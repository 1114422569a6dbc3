/*
 * Recognisers: a file of a site, and a mail to use it on, with a line "--"
 * between them.  No file and no mail breaks the reader; what it takes it
 * gives to a child and gets back.
 */
#include "base/base.h"
#include "base/conf.h"
#include "inspect/inspect.h"
#include "inspect/recognise/recognise.h"
#include "mail/canonical.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const struct conf *conf;
	static struct arena *volatile keep; /* for LeakSanitizer */
	static const char name[] = "fuzz.conf";
	ARENA_AUTO(a, "fuzz");
	const struct recognisers *known;
	struct inspection in;
	const char *s = arena_strndup(a, (const char *)bytes, n), *mail;
	GString *packed = arena_gstring(a), *json = arena_gstring(a);
	GString *answer = arena_gstring(a);

	if (conf == NULL) {
		keep = arena_new("conf");
		g_assert_true(conf_load(keep, NULL, &conf, NULL));
	}
	mail = strstr(s, "\n--\n");
	if (mail == NULL || !g_utf8_validate(s, -1, NULL))
		return 0;
	g_string_append_len(packed, name, sizeof(name));
	g_string_append_len(packed, s, mail + 1 - s);
	g_string_append_c(packed, '\0');
	if (!recognise_unpack(a, packed->str, packed->len, &known, NULL))
		return 0;
	g_string_truncate(packed, 0);
	recognise_pack(known, packed);
	g_assert_true(recognise_unpack(a, packed->str, packed->len, &known,
	    NULL));
	mail = mail_canonical(a, mail + 4, strlen(mail + 4), &n);
	inspect_message(a, conf, known, mail, n, true, &in);
	inspect_to_json(&in, true, json);
	inspect_pack(&in, answer);
	g_assert_true(inspect_unpack(a, answer->str, answer->len, &in, NULL));
	return 0;
}
