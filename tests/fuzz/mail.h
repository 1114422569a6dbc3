/*
 * For targets that fuzz what a mail, or one part of it, holds: bytes ->
 * inspection -> JSON and packed events -> the parent's readers, which must
 * take what the child says.
 */
#ifndef FUZZ_MAIL_H
#define FUZZ_MAIL_H

#include "base/base.h"
#include "base/conf.h"
#include "inspect/inspect.h"
#include "inspect/recognise/recognise.h"
#include "mail/canonical.h"

#include "fuzz.h"

/* With type (may be NULL) the bytes are the body of a mail of that type. */
static inline int
fuzz_mail(const char *type, const void *bytes, size_t n)
{
	static const struct conf *conf;
	static const struct recognisers *known;
	static struct arena *volatile keep; /* for LeakSanitizer */
	ARENA_AUTO(a, "fuzz");
	GString *mail = arena_gstring(a), *json = arena_gstring(a);
	GString *packed = arena_gstring(a);
	struct inspection in;
	const char *s;

	if (conf == NULL) {
		keep = arena_new("conf");
		g_assert_true(conf_load(keep, NULL, &conf, NULL));
		g_assert_true(recognise_load(keep,
		    SRCDIR "/templates/recognise", NULL, &known, NULL));
	}
	if (type != NULL)
		g_string_append_printf(mail, "From: a@b.example\r\n"
		    "Content-Type: %s\r\n\r\n", type);
	g_string_append_len(mail, bytes, (gssize)n);
	s = mail_canonical(a, mail->str, mail->len, &n);
	inspect_message(a, conf, known, s, n, true, &in);
	inspect_to_json(&in, true, json);
	inspect_pack(&in, packed);
	g_assert_true(inspect_unpack(a, packed->str, packed->len, &in, NULL));
	return 0;
}

#endif
