/* OpenPGP's armor in a text, and S/MIME signatures. */
#include "base/base.h"
#include "mail/armor.h"
#include "mail/cms.h"
#include "unit.h"

#define MESSAGE                                                               \
	"-----BEGIN PGP MESSAGE-----\n\nhF4D\n=abcd\n-----END PGP MESSAGE-----\n"
#define SIGNATURE                                                             \
	"-----BEGIN PGP SIGNATURE-----\n\niHUE\n=abcd\n"                      \
	"-----END PGP SIGNATURE-----\n"
#define CLEAR "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n"

static const struct {
	const char *text;
	int kind;          /* -1: none is found */
	size_t start, end; /* end 0: that of the text */
	const char *inner; /* of a clear-signed one */
} cases[] = {
    {"", -1, 0, 0, NULL},
    {"no armor\n", -1, 0, 0, NULL},
    {MESSAGE, ARMOR_MESSAGE, 0, 0, NULL},
    {"hi\n" MESSAGE, ARMOR_MESSAGE, 3, 0, NULL},
    {"hi\n" MESSAGE "bye\n", ARMOR_MESSAGE, 3, 3 + sizeof(MESSAGE) - 1, NULL},
    {"-----BEGIN PGP MESSAGE-----  \r\n\r\nx\r\n-----END PGP MESSAGE-----",
	ARMOR_MESSAGE, 0, 0, NULL},
    /* quoted, within a line, without an end: text */
    {"> -----BEGIN PGP MESSAGE-----\n> -----END PGP MESSAGE-----\n", -1, 0, 0,
	NULL},
    {"see -----BEGIN PGP MESSAGE-----\n-----END PGP MESSAGE-----\n", -1, 0,
	0, NULL},
    {"-----BEGIN PGP MESSAGE----- or so\n-----END PGP MESSAGE-----\n", -1, 0,
	0, NULL},
    {"-----BEGIN PGP MESSAGE-----\n\nhF4D\n", -1, 0, 0, NULL},
    {CLEAR "one\n- - two\n- From\n-three\n" SIGNATURE, ARMOR_CLEAR, 0, 0,
	"one\n- two\nFrom\n-three\n"},
    {CLEAR "\nempty above\n" SIGNATURE, ARMOR_CLEAR, 0, 0,
	"\nempty above\n"},
    {CLEAR SIGNATURE, ARMOR_CLEAR, 0, 0, ""},
    /* no header line at all, and many */
    {"-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n" SIGNATURE, ARMOR_CLEAR, 0, 0,
	"x\n"},
    {"-----BEGIN PGP SIGNED MESSAGE-----\nHash: A\nHash: B\n \t\nx\n" SIGNATURE,
	ARMOR_CLEAR, 0, 0, "x\n"},
    {CLEAR "never signed\n", -1, 0, 0, NULL},
    {CLEAR "cut\n-----BEGIN PGP SIGNATURE-----\n\niHUE\n", -1, 0, 0, NULL},
    {"-----BEGIN PGP SIGNED MESSAGE-----", -1, 0, 0, NULL},
    /* the first of two */
    {CLEAR "x\n" SIGNATURE MESSAGE, ARMOR_CLEAR, 0,
	sizeof(CLEAR "x\n" SIGNATURE) - 1, "x\n"},
    {MESSAGE CLEAR "x\n" SIGNATURE, ARMOR_MESSAGE, 0, sizeof(MESSAGE) - 1,
	NULL},
};

static void
test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		ARENA_AUTO(a, "case");
		size_t n = strlen(cases[i].text);
		/* no byte behind it may be read */
		const char *s = arena_memdup(a, cases[i].text, MAX(n, 1));
		struct armor at;
		bool found = armor_find(s, n, 0, &at);

		if (found != (cases[i].kind >= 0))
			fail_msg("case %zu: found %d", i, found);
		if (!found)
			continue;
		assert_int_equal(at.kind, cases[i].kind);
		assert_int_equal(at.start, cases[i].start);
		assert_int_equal(at.end, cases[i].end != 0 ? cases[i].end : n);
		if (cases[i].inner != NULL)
			assert_string_equal(armor_text(a, s, &at, NULL),
			    cases[i].inner);
	}
}

static void
test_from(void **state)
{
	static const char text[] = MESSAGE "between\n" MESSAGE;
	struct armor at;

	(void)state;
	assert_true(armor_find(text, strlen(text), 1, &at));
	assert_int_equal(at.start, sizeof(MESSAGE "between\n") - 1);
	assert_false(armor_find(text, strlen(text), at.start + 1, &at));
}

static void
test_looks_encrypted(void **state)
{
	(void)state;
	assert_false(armor_looks_encrypted("", 0));
	assert_false(armor_looks_encrypted("text", 4));
	assert_true(armor_looks_encrypted(MESSAGE, strlen(MESSAGE)));
	/* packets of old and new form: tag 1, then others */
	assert_true(armor_looks_encrypted("\x84\x5e\x03", 3));
	assert_true(armor_looks_encrypted("\xc1\x5e\x03", 3));
	assert_false(armor_looks_encrypted("\x99\x01\x0d", 3)); /* a key */
	assert_false(armor_looks_encrypted("\xc2\x01\x0d", 3)); /* a signature */
}

/* Many begin lines and no end: one pass a kind, not one a line. */
static void
test_not_quadratic(void **state)
{
	ARENA_AUTO(a, "test");
	GString *s = arena_gstring(a);
	struct armor at;
	gint64 began;

	(void)state;
	for (int i = 0; i < 40000; i++)
		g_string_append(s, "-----BEGIN PGP SIGNED MESSAGE-----\n");
	began = g_get_monotonic_time();
	assert_false(armor_find(s->str, s->len, 0, &at));
	assert_in_range(g_get_monotonic_time() - began, 0, 2000000);
}

static void
test_cms_garbage(void **state)
{
	static const char *const ders[] = {"", "0", "\x30\x80\x06\x09",
	    "\x30\x03\x02\x01\x01", "not DER at all",
	    /* ContentInfo of signed data whose content is missing */
	    "\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ders); i++) {
		ARENA_AUTO(a, "case");
		struct cms_result r;

		cms_read(a, ders[i], strlen(ders[i]), NULL, 0,
		    "a@b.example", &r);
		assert_int_equal(r.kind, CMS_KIND_NONE);
		assert_null(r.content);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_from),
	    cmocka_unit_test(test_looks_encrypted),
	    cmocka_unit_test(test_not_quadratic),
	    cmocka_unit_test(test_cms_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
