/*
 * One part taken out of a message: what a person saves from the ticket, by
 * itself and through a parser child.
 */
#include "base/base.h"
#include "base/conf.h"
#include "inspect/process/pool.h"
#include "unit.h"

#define MIXED "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b"

static const struct {
	const char *mail, *path, *want; /* NULL: there is none such */
} cases[] = {
    {"Subject: x\r\n\r\nhello\r\n", "1", "hello\r\n"},
    {"Subject: x\r\n\r\nhello\r\n", "2", NULL},
    {"Subject: x\r\n\r\nhello\r\n", "", NULL},
    {"Content-Transfer-Encoding: base64\r\nContent-Type: image/png\r\n\r\n"
     "aGVs\r\nbG8=\r\n", "1", "hello"},
    {"Content-Transfer-Encoding: quoted-printable\r\n\r\na=3Db=\r\nc",
	"1", "a=bc"},
    /* attached messages come as they are, with their own parts */
    {MIXED "\r\n\r\npreamble\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: "
     "message/rfc822\r\nX: y\r\n\r\nSubject: in\r\n\r\ntwo\r\n\r\n--b--\r\n"
     "behind\r\n", "2", "Subject: in\r\n\r\ntwo\r\n"},
    {MIXED "\r\n\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: message/rfc822"
     "\r\n\r\nSubject: in\r\n\r\ntwo\r\n--b--\r\n", "2.1", "two"},
    /* bare line feeds, a delimiter with blanks behind, no end */
    {"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
     "Content-Type: message/rfc822\n\nSubject: in\n\nlast\n--b \t\n\nx\n",
	"1", "Subject: in\n\nlast"},
    {MIXED "\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in"
     "\r\n\r\nends here", "1", "Subject: in\r\n\r\nends here"},
    /* what only looks like a delimiter is none */
    {MIXED "\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in"
     "\r\n\r\n--bb\r\n --b\r\nx--b\r\n--b--\r\n", "1",
	"Subject: in\r\n\r\n--bb\r\n --b\r\nx--b"},
    /* ... unless the fields of a part follow; or it has no empty line */
    {MIXED "\r\n\r\n--b\r\n\r\none--b\r\nContent-Type: message/rfc822\r\n"
     "\r\nSubject: in\r\n\r\ntwo\r\n--b--\r\n", "2",
	"Subject: in\r\n\r\ntwo"},
    {MIXED "\r\n\r\n--b\r\nno field\r\n--b\r\nContent-Type: message/rfc822"
     "\r\n\r\nSubject: in\r\n\r\ntwo\r\n--b--\r\n", "2",
	"Subject: in\r\n\r\ntwo"},
    /* of a digest, and of a multipart within */
    {"MIME-Version: 1.0\r\nContent-Type: multipart/digest; boundary=b\r\n\r\n"
     "--b\r\n\r\nSubject: a\r\n\r\n1\r\n--b\r\n\r\nSubject: c\r\n\r\n2\r\n"
     "--b--\r\n", "2", "Subject: c\r\n\r\n2"},
    {MIXED "\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n"
     "--i\r\n\r\nx\r\n--i\r\nContent-Type: message/rfc822\r\n\r\nSubject: "
     "deep\r\n\r\ny\r\n--i--\r\n--b--\r\n", "1.2", "Subject: deep\r\n\r\ny"},
    /* the message is one, and one is encoded */
    {"Subject: o\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\n"
     "z\r\n", "1", "Subject: in\r\n\r\nz\r\n"},
    {MIXED "\r\n\r\n--b\r\nContent-Type: message/rfc822; name=a.eml\r\n"
     "Content-Transfer-Encoding: base64\r\n\r\nRnJvbTogYUBiLmV4YW1wbGUKCno="
     "\r\n--b--\r\n", "1", "From: a@b.example\n\nz"},
};

static void
expect(const void *got, size_t n, const char *want)
{
	assert_int_equal(n, strlen(want));
	assert_memory_equal(got, want, n);
}

static void
test_part_of(void **state)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		ARENA_AUTO(a, "test");
		const void *got = NULL;
		size_t n = 0;
		bool there = inspect_part_of(a, cases[i].mail,
		    strlen(cases[i].mail), cases[i].path, &got, &n);

		if (there != (cases[i].want != NULL))
			fail_msg("case %zu: %d", i, there);
		if (there && (n != strlen(cases[i].want) ||
			memcmp(got, cases[i].want, n) != 0))
			fail_msg("case %zu: \"%.*s\"", i, (int)n,
			    (const char *)got);
	}
}

/* Cut anywhere, no byte is looked at that is not there. */
static void
test_part_cut(void **state)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t len = 0; len < strlen(cases[i].mail); len++) {
			ARENA_AUTO(a, "test");
			char *exact = g_memdup2(cases[i].mail, MAX(len, 1));
			const void *got;
			size_t n;

			inspect_part_of(a, exact, len, cases[i].path, &got,
			    &n);
			g_free(exact);
		}
}

static void
test_part_by_a_child(void **state)
{
	ARENA_AUTO(a, "test");
	const struct conf *dflt;
	struct conf *c;
	struct pool *p;
	GString *large = arena_gstring(a);
	const void *got;
	char *path;
	size_t n;

	assert_true(conf_load(a, NULL, &dflt, NULL));
	c = arena_memdup(a, dflt, sizeof(*dflt));
	c->parser_children = 1;
	assert_true(pool_new(c, NULL, &p, NULL));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		GError *err = NULL;
		bool there = pool_part(p, a, blob_of(a, cases[i].mail,
		    strlen(cases[i].mail)), cases[i].path, &got, &n, &err);

		if (cases[i].want != NULL) {
			assert_true(there);
			expect(got, n, cases[i].want);
			continue;
		}
		assert_false(there);
		assert_true(fault_is(err, FAULT_ABSENT));
		g_clear_error(&err);
	}
	/* over a descriptor, and more than comes at the first go */
	g_string_append(large, "Subject: large\r\n\r\n");
	for (int i = 0; i < 20000; i++)
		g_string_append_printf(large, "line %d of it\r\n", i);
	assert_true(pool_part(p, a, blob_of(a, large->str, large->len), "1",
	    &got, &n, NULL));
	expect(got, n, strchr(large->str, '\n') + 3);
	/* a path that fits no frame; the child lives */
	path = arena_printf(a, "%0*d", 4000, 1);
	assert_false(pool_part(p, a, blob_of(a, "\r\n", 2), path, &got, &n,
	    NULL));
	assert_true(pool_ready(p));
	pool_free(p);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_part_of),
	    cmocka_unit_test(test_part_cut),
	    cmocka_unit_test(test_part_by_a_child),
	};
	int code;

	if (pool_child_main(argc, argv, &code))
		return code;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
