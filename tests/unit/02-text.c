/* Text of strangers: repair, cuts, escapes, addresses. */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "unit.h"

#define U "\xef\xbf\xbd" /* U+FFFD */
#define BYTES(s) s, sizeof(s) - 1

static const struct {
	const char *in;
	size_t len;
	const char *out;
} repairs[] = {
    {BYTES(""), ""},
    {BYTES("plain\t\r\n"), "plain\t\r\n"},
    {BYTES("a\0b"), "a" U "b"},
    {BYTES("\x01\x1f\x7f"), U U "\x7f"},
    {BYTES("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
	"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
    {BYTES("\xe4"), U},                 /* Latin-1 */
    {BYTES("\xe2\x82"), U U},           /* cut off */
    {BYTES("\xc0\xaf"), U U},           /* overlong / */
    {BYTES("\xe0\x80\xaf"), U U U},
    {BYTES("\xf0\x80\x80\xaf"), U U U U},
    {BYTES("\xed\xa0\x80"), U U U},     /* a surrogate */
    {BYTES("\xf4\x90\x80\x80"), U U U U},
    {BYTES("\xf8\x88\x80\x80\x80"), U U U U U},
    {BYTES("\xef\xbf\xbe\xef\xbf\xbf"), U U U U U U},
    {BYTES("\xef\xbf\xbd"), U},
    {BYTES("\x80" "a\xff"), U "a" U},
    {BYTES("\xc3("), U "("},
};

/* Eight bytes at once must see what one after the other does. */
static void
test_is_utf8(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(repairs); i++)
		for (size_t front = 0; front < 10; front++) {
			ARENA_AUTO(a, "test");
			GString *s = arena_gstring(a);

			g_string_append_len(s, "aaaaaaaaaa", (gssize)front);
			g_string_append_len(s, repairs[i].in,
			    (gssize)repairs[i].len);
			g_string_append(s, "bbbbbbbbbb");
			assert_int_equal(text_is_utf8(s->str, s->len),
			    g_utf8_validate_len(s->str, s->len, NULL));
			s->str[0] = '\0';
			assert_false(text_is_utf8(s->str, s->len));
		}
	assert_true(text_is_utf8("", 0));
	assert_false(text_is_utf8("\0aaaaaaa", 8));
	assert_false(text_is_utf8("aaaaaaa\0", 8));
}

static void
test_repair(void **state)
{
	ARENA_AUTO(a, "test");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(repairs); i++) {
		/* A copy of the exact size, so that a read past it shows. */
		void *in = g_memdup2(repairs[i].in, repairs[i].len);
		char *out = text_repair(a, in, repairs[i].len);

		g_free(in);
		assert_string_equal(out, repairs[i].out);
		assert_true(g_utf8_validate(out, -1, NULL));
	}
}

static void
test_large_input_takes_linear_time(void **state)
{
	enum { LARGE = 10 * 1024 * 1024 };
	static const char *const fill[] = {"a", "\xff", "\xe2\x82", " ", "\n",
	    "a.", "<", "\xc3\xa4 ", "a:"};
	int64_t start = when_ticks();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(fill); i++) {
		ARENA_AUTO(a, "test");
		g_autoptr(GString) out = g_string_new(NULL);
		size_t n = strlen(fill[i]);
		char *big = arena_alloc(a, LARGE + 1);
		const char *good;

		for (size_t k = 0; k < LARGE; k++)
			big[k] = fill[i][k % n];
		good = text_repair(a, big, LARGE);
		assert_true(g_utf8_validate(good, -1, NULL));
		text_squash(a, good);
		assert_true(strlen(text_cut(a, good, 1000)) <= 1000);
		assert_true(g_utf8_strlen(text_teaser(a, good, 600), -1) <=
		    600);
		text_defang(a, text_cut(a, good, 1024 * 1024));
		assert_false(text_address_ok(good));
		text_html(out, good);
	}
	/* Two seconds even with sanitizers; a square would be hours. */
	assert_in_range(when_ticks() - start, 0, 60 * WHEN_SECOND);
}

static void
test_cut(void **state)
{
	static const struct {
		const char *in;
		size_t max;
		const char *out;
	} cases[] = {
	    {"", 0, ""}, {"abc", 3, "abc"}, {"abcdef", 5, "ab..."},
	    {"abcdef", 3, "abc"}, {"abcdef", 0, ""},
	    {"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 6, "\xc3\xa4..."},
	    {"\xc3\xa4\xc3\xa4", 3, "\xc3\xa4"},
	    {"\xc3\xa4\xc3\xa4", 1, ""},
	    {"\xff\xff", 9, U U}, {NULL, 9, ""},
	};
	ARENA_AUTO(a, "test");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(text_cut(a, cases[i].in, cases[i].max),
		    cases[i].out);
}

static void
test_teaser(void **state)
{
	static const struct {
		const char *in;
		size_t max;
		const char *out;
	} cases[] = {
	    {"Short.", 40, "Short."},
	    {"One. Two. Three is longer.", 12, "One. Two."},
	    {"One.\n\n  Two. Three is longer.", 12, "One. Two."},
	    {"Is it? Yes! And more of it.", 12, "Is it? Yes!"},
	    {"(In brackets.) And so on and on.", 20, "(In brackets.)"},
	    /* no end of a sentence */
	    {"Ask Dr. Who about it. Then wait a while.", 25,
		"Ask Dr. Who about it."},
	    {"Tools, e.g. nmap, and more. Then wait a while.", 30,
		"Tools, e.g. nmap, and more."},
	    {"Version 1.2.3 is bad. It is very bad.", 25,
		"Version 1.2.3 is bad."},
	    {"Ask L. Lead for it now. Then wait for long.", 30,
		"Ask L. Lead for it now."},
	    /* a promise is not left hanging */
	    {"We exist. We run two mailing lists: one is this, the other "
	     "that.", 40, "We exist."},
	    {"We exist. We run two mailing lists:", 40, "We exist."},
	    {"We run two mailing lists:", 40, "We run two mailing lists..."},
	    {"We run two mailing lists:", 25, "We run two mailing..."},
	    /* one long sentence */
	    {"A sentence that has no end in sight at all", 25,
		"A sentence that has no..."},
	    {"Aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 10, "Aaaaaaa..."},
	    {"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 5,
		"\xc3\xa4\xc3\xa4..."},
	    {"abcdef", 2, "ab"}, {"abcdef", 0, ""}, {"", 5, ""}, {NULL, 5, ""},
	    {":", 5, "..."},
	};
	ARENA_AUTO(a, "test");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(text_teaser(a, cases[i].in, cases[i].max),
		    cases[i].out);
}

static void
test_white_space_and_case(void **state)
{
	ARENA_AUTO(a, "test");

	(void)state;
	assert_string_equal(text_squash(a, " a \t\r\n b\xc2\xa0 c "), "a b c");
	assert_string_equal(text_squash(a, "\xe2\x80\x8b\xe3\x80\x80"), "");
	assert_string_equal(text_squash(a, NULL), "");
	assert_true(text_blank(NULL) && text_blank("") && text_blank(" \n"));
	assert_true(text_blank("\xc2\xa0\xe2\x80\xa8"));
	assert_false(text_blank(" x"));
	assert_string_equal(text_lower(a, "AbZ\xc3\x84"), "abz\xc3\x84");
	assert_true(text_ieq("aB", "Ab") && text_ieq(NULL, NULL));
	assert_false(text_ieq("a", NULL) || text_ieq("a", "ab"));
	assert_true(text_istarts("HTTP://x", "http:"));
	assert_false(text_istarts("HT", "http:") || text_istarts(NULL, ""));
	assert_true(text_iends("a.EML", ".eml") && text_iends("a", ""));
	assert_false(text_iends("l", "eml") || text_iends(NULL, ""));
}

/* Eight bytes at a time is no other answer than one at a time, for each byte
 * at each place. */
static void
test_letters_by_eights(void **state)
{
	for (int c = 0; c < 256; c++)
		for (size_t at = 0; at < 20; at++) {
			char in[20], out[20];
			size_t letters;

			memset(in, 'Q', sizeof(in));
			in[at] = (char)c;
			text_lower_to(out, in, sizeof(in));
			for (size_t i = 0; i < sizeof(in); i++)
				assert_int_equal((uint8_t)out[i],
				    (uint8_t)g_ascii_tolower(in[i]));
			letters = g_ascii_isalpha(c) ? sizeof(in) : at;
			assert_int_equal(text_letters(in, sizeof(in)), letters);
			assert_int_equal(text_letters(in, at), at);
		}
}

static const struct {
	void (*fn)(GString *out, const char *s);
	const char *in, *out;
} escapes[] = {
    {text_html, "<a b=\"c\" d='e'>&", "&lt;a b=&quot;c&quot; d=&#39;e&#39;"
	"&gt;&amp;"},
    {text_html, "\xff\x01" "a\xc3\xa4", U U "a\xc3\xa4"},
    {text_html, NULL, ""},
    {text_url, "a-._~Z9", "a-._~Z9"},
    {text_url, "a b/c?d=e&f#\xc3\xa4%", "a%20b%2Fc%3Fd%3De%26f%23%C3%A4%25"},
    {text_url, NULL, ""},
    {text_csv, "plain", "plain"},
    {text_csv, "a,b", "\"a,b\""},
    {text_csv, "a \"b\"", "\"a \"\"b\"\"\""},
    {text_csv, "a\nb", "\"a\nb\""},
    {text_csv, "=1+1", "\"'=1+1\""},
    {text_csv, "+1", "\"'+1\""},
    {text_csv, "-1", "\"'-1\""},
    {text_csv, "@x", "\"'@x\""},
    {text_csv, "\t=1", "\"'\t=1\""},
    {text_csv, "", ""},
    {text_csv, NULL, ""},
};

static void
test_escapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(escapes); i++) {
		g_autoptr(GString) out = g_string_new(NULL);

		escapes[i].fn(out, escapes[i].in);
		assert_string_equal(out->str, escapes[i].out);
	}
}

static void
test_html_len_takes_nul(void **state)
{
	g_autoptr(GString) out = g_string_new(NULL);

	(void)state;
	text_html_len(out, "a\0<", 3);
	assert_string_equal(out->str, "a" U "&lt;");
}

static void
test_url_safe(void **state)
{
	static const char *const good[] = {"http://a", "HTTPS://a/b?c",
	    "mailto:a@b.example", "/", "/a//b", "/?x", "/a:b"};
	static const char *const bad[] = {"", "a", "//a", "/\\a", "javascript:x",
	    "JaVaScRiPt:x", "data:text/html,x", "vbscript:x", "file:///x",
	    " /a", "/a b", "/a\tb", "\tjavascript:x", "http://", "http:///x",
	    "https:\\\\a", "ftp://a", "http:/a", "?x", "#x"};

	(void)state;
	assert_false(text_url_safe(NULL));
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_true(text_url_safe(good[i]));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(text_url_safe(bad[i]));
}

static void
test_defang(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"192.0.2.7", "192[.]0[.]2[.]7"},
	    {"https://evil.example/a.html", "hxxps://evil[.]example/a[.]html"},
	    {"HTTP://EVIL.example", "hxxp://EVIL[.]example"},
	    {"See http://a.example. Then go.", "See hxxp://a[.]example. Then "
	     "go."},
	    {"hxxp://a[.]example", "hxxp://a[.]example"},
	    {"b\xc3\xa4" "d.example", "b\xc3\xa4" "d[.]example"},
	    {"ftp://a-.b", "fxp://a-[.]b"}, {"...", "..."}, {"", ""},
	    {NULL, ""}, {"xhttp://a", "xhttp://a"},
	};
	ARENA_AUTO(a, "test");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(text_defang(a, cases[i].in), cases[i].out);
}

static void
test_int(void **state)
{
	static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "1.0",
	    "0x1", "1e3", "--1", "9223372036854775808",
	    "-9223372036854775809", "99999999999999999999999", "11", "-11",
	    "\xd9\xa1", NULL};
	int64_t n = 7;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(text_int(bad[i], -10, 10, &n));
	assert_int_equal(n, 7);
	assert_true(text_int("0010", -10, 10, &n) && n == 10);
	assert_true(text_int("-10", -10, 10, &n) && n == -10);
	assert_true(text_int("9223372036854775807", 0, INT64_MAX, &n));
	assert_true(n == INT64_MAX);
	assert_true(text_int("-9223372036854775808", INT64_MIN, 0, &n));
	assert_true(n == INT64_MIN);
}

static void
test_addresses(void **state)
{
	static const char *const good[] = {"a@b", "a.b+c=d@x-1.example",
	    "\"a b\"@x.example", "\"a\\\"b@c\"@x.example",
	    "!#$%&'*+-/=?^_`{|}~@x", "a@[192.0.2.7]", "a@[IPv6:2001:db8::1]",
	    "a@1x.example", "a@xn--bcher-kva.example", "\"\"@x"};
	static const char *const bad[] = {NULL, "", "a", "@", "a@", "@b",
	    ".a@b", "a.@b", "a..b@c", "a b@c", "a@b c", "a@b..c", "a@.b",
	    "a@b.", "a@-b", "a@b-", "a@b-.c", "a@b@c", "a@192.0.2.7", "<a@b>",
	    "a@[192.0.2.256]", "a@[192.0.2.7", "a@[2001:db8::1]", "a@[]",
	    "a@[IPv6:192.0.2.7]", "\"a@b", "\"a\"b@c", "\"a\n\"@b", "a@b\r\n",
	    "\xc3\xa4@b", "a@\xc3\xa4", "\"\\", "a@b_c.example"};
	ARENA_AUTO(a, "test");
	char *label = arena_strndup(a,
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    64);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		if (!text_address_ok(good[i]))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (text_address_ok(bad[i]))
			fail_msg("taken: %s", bad[i]);
	assert_true(text_address_ok(arena_printf(a, "%s@b", label)));
	assert_false(text_address_ok(arena_printf(a, "%sa@b", label)));
	assert_false(text_domain_ok(label));
	assert_true(text_domain_ok(label + 1));
	assert_false(text_address_ok(arena_printf(a, "%s@%s.%s.%s.b", label,
	    label + 1, label + 1, label + 1)));

	assert_string_equal(text_address_norm(a, "A.b@X.Example"),
	    "A.b@x.example");
	assert_string_equal(text_address_norm(a, "\"A@B\"@C"), "\"A@B\"@c");
	assert_string_equal(text_address_norm(a, "Abc"), "Abc");
	assert_string_equal(text_address_norm(a, NULL), "");
	assert_string_equal(text_address_norm(a, "\xff@X"), U "@x");
	assert_string_equal(text_address_domain(a, "\"A@B\"@C.D"), "c.d");
	assert_null(text_address_domain(a, "a@"));
	assert_null(text_address_domain(a, "a"));
	assert_null(text_address_domain(a, NULL));
}

static void
test_lists(void **state)
{
	const char *list[] = {"b", "a", "", NULL};

	(void)state;
	assert_int_equal(text_count(NULL), 0);
	assert_int_equal(text_count(list + 3), 0);
	assert_int_equal(text_count(list), 3);
	qsort(list, 3, sizeof(*list), text_order);
	assert_string_equal(list[0], "");
	assert_string_equal(list[2], "b");
}

static void
test_hex(void **state)
{
	ARENA_AUTO(a, "test");

	(void)state;
	assert_string_equal(text_hex(a, "\x00\xff\x1a", 3), "00ff1a");
	assert_string_equal(text_hex(a, NULL, 0), "");
	assert_string_equal(text_sha256(a, "abc", 3),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(text_sha256(a, NULL, 0),
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_is_utf8),
	    cmocka_unit_test(test_repair),
	    cmocka_unit_test(test_large_input_takes_linear_time),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_teaser),
	    cmocka_unit_test(test_white_space_and_case),
	    cmocka_unit_test(test_letters_by_eights),
	    cmocka_unit_test(test_escapes),
	    cmocka_unit_test(test_html_len_takes_nul),
	    cmocka_unit_test(test_url_safe),
	    cmocka_unit_test(test_defang),
	    cmocka_unit_test(test_int),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
