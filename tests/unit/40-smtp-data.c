/* smtp/data: the end of a message, over every split of the input. */
#include "base/base.h"
#include "smtp/data.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Input, content, what is left behind the end mark (NULL: no end), and
 * the counts of bare CR, bare LF and NUL. */
static const struct {
	const char *name, *in;
	size_t in_len;
	const char *out;
	size_t out_len;
	const char *rest;
	unsigned cr, lf, nul;
} cases[] = {
#define B(s) s, sizeof(s) - 1
    {"empty", B(".\r\n"), B(""), "", 0, 0, 0},
    {"a line", B("abc\r\n.\r\n"), B("abc\r\n"), "", 0, 0, 0},
    {"behind", B("a\r\n.\r\nQUIT\r\n"), B("a\r\n"), "QUIT\r\n", 0, 0, 0},
    {"stuffed", B("..\r\n...\r\n..a\r\n.\r\n"), B(".\r\n..\r\n.a\r\n"), "",
	0, 0, 0},
    {"not stuffed", B(".a\r\n.\r\n"), B("a\r\n"), "", 0, 0, 0},
    {"dot in a line", B("a.\r\nb.c\r\n.\r\n"), B("a.\r\nb.c\r\n"), "", 0, 0,
	0},
    {"no end", B("abc\r\n."), B("abc\r\n"), NULL, 0, 0, 0},
    {"no end, CR", B("abc\r\n.\r"), B("abc\r\n"), NULL, 0, 0, 0},
    {"LF.LF", B("a\n.\nb\r\n.\r\n"), B("a\n.\nb\r\n"), "", 0, 2, 0},
    {"LF.CRLF", B("a\n.\r\nb\r\n.\r\n"), B("a\n.\r\nb\r\n"), "", 0, 1, 0},
    {"CRLF.LF", B("a\r\n.\nb\r\n.\r\n"), B("a\r\n\nb\r\n"), "", 0, 1, 0},
    {"CRLF.CR", B("a\r\n.\rb\r\n.\r\n"), B("a\r\n\rb\r\n"), "", 1, 0, 0},
    {"CR.CR", B("a\r.\rb\r\n.\r\n"), B("a\r.\rb\r\n"), "", 2, 0, 0},
    {"CR.CRLF", B("a\r.\r\nb\r\n.\r\n"), B("a\r.\r\nb\r\n"), "", 1, 0, 0},
    {"CRCRLF.", B("a\r\r\n.\r\n"), B("a\r\r\n"), "", 1, 0, 0},
    {"dot CRCRLF", B("a\r\n.\r\r\nb\r\n.\r\n"), B("a\r\n\r\r\nb\r\n"), "", 1,
	0, 0},
    {"CRLF NUL .", B("a\r\n\0.\r\n.\r\n"), B("a\r\n\0.\r\n"), "", 0, 0, 1},
    {"CR NUL LF", B("a\r\0\n.\r\n.\r\n"), B("a\r\0\n.\r\n"), "", 1, 1, 1},
    {"dot NUL CRLF", B("\r\n.\0\r\n.\r\n"), B("\r\n\0\r\n"), "", 0, 0, 1},
    {"blank lines", B("\r\n\r\n\r\n.\r\n"), B("\r\n\r\n\r\n"), "", 0, 0, 0},
    {"8 bit", B("\xff\xfe\x80\r\n.\r\n"), B("\xff\xfe\x80\r\n"), "", 0, 0, 0},
    {"smuggled", B("a\r\n\n.\n\r\nMAIL FROM:<x@y>\r\n.\r\n"),
	B("a\r\n\n.\n\r\nMAIL FROM:<x@y>\r\n"), "", 0, 2, 0},
#undef B
};

static void
collect(void *ctx, const uint8_t *bytes, size_t n)
{
	assert_true(n > 0);
	g_byte_array_append(ctx, bytes, (guint)n);
}

/* Feeds in[0..a), in[a..b), in[b..). */
static void
check(size_t i, const size_t cuts[4])
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct data_reader r = {0};
	size_t at = 0, used;

	for (size_t k = 1; k < 4 && r.state != DATA_END; k++) {
		/* A copy of its own size: ASan sees a step too far. */
		g_autofree uint8_t *piece =
		    g_memdup2(cases[i].in + at, cuts[k] - cuts[k - 1]);

		used = data_read(&r, piece, cuts[k] - at, collect, out);
		at += used;
		if (r.state != DATA_END)
			assert_int_equal(at, cuts[k]);
	}
	if (out->len != cases[i].out_len ||
	    (out->len > 0 &&
		memcmp(out->data, cases[i].out, out->len) != 0))
		fail_msg("%s: cut at %zu and %zu: wrong content",
		    cases[i].name, cuts[1], cuts[2]);
	if (cases[i].rest == NULL) {
		assert_int_not_equal(r.state, DATA_END);
		return;
	}
	if (r.state != DATA_END)
		fail_msg("%s: no end", cases[i].name);
	assert_string_equal(cases[i].in + at, cases[i].rest);
	assert_int_equal(r.bare_cr, cases[i].cr);
	assert_int_equal(r.bare_lf, cases[i].lf);
	assert_int_equal(r.nul, cases[i].nul);
}

static void
test_every_split(void **state)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t b = 0; b <= cases[i].in_len; b++)
			for (size_t a = 0; a <= b; a++) {
				size_t cuts[] = {0, a, b, cases[i].in_len};

				check(i, cuts);
			}
}

static void
test_byte_by_byte(void **state)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		g_autoptr(GByteArray) out = g_byte_array_new();
		struct data_reader r = {0};
		size_t at = 0;

		while (at < cases[i].in_len && r.state != DATA_END)
			at += data_read(&r,
			    (const uint8_t *)cases[i].in + at, 1, collect,
			    out);
		assert_int_equal(out->len, cases[i].out_len);
		if (out->len > 0)
			assert_memory_equal(out->data, cases[i].out, out->len);
		assert_int_equal(r.state == DATA_END, cases[i].rest != NULL);
	}
}

/* Ordinary text costs one call a piece, not one a line. */
static void
count_calls(void *ctx, const uint8_t *bytes, size_t n)
{
	++*(size_t *)ctx;
}

static void
test_long_runs(void **state)
{
	struct data_reader r = {0};
	static const char text[] = "one\r\ntwo\r\n\r\nthree\r\nfour\r\n.\r\n";
	size_t calls = 0;

	data_read(&r, (const uint8_t *)text, sizeof(text) - 1, count_calls,
	    &calls);
	assert_int_equal(calls, 1);
	assert_int_equal(r.state, DATA_END);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_split),
	    cmocka_unit_test(test_byte_by_byte),
	    cmocka_unit_test(test_long_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
