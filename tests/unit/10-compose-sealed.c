/* What compose writes when a keeper signs and encrypts it: what is sealed stays
 * as it is, and nothing leaves in its place. */
#include "compose-mail.h"

struct sealing {
	GString *entity;
	bool encrypt, fail;
};

static bool
seal(void *ctx, struct arena *a, const char *entity, size_t len,
    struct compose_sealed *out, GError **err)
{
	struct sealing *s = ctx;

	(void)a;
	if (s->fail)
		return fault_set(err, FAULT_BUSY, "Nobody signs.");
	g_string_append_len(s->entity, entity, (gssize)len);
	*out = s->encrypt
	    ? (struct compose_sealed){.cipher = "CIPHER\nLINES\n", .len = 13}
	    : (struct compose_sealed){.signature = "SIGNATURE\nLINES\n",
		  .micalg = "pgp-sha512"};
	return true;
}

static struct compose_sealer
sealer(struct arena *a, struct sealing *s)
{
	s->entity = arena_gstring(a);
	return (struct compose_sealer){seal, s};
}

/* What a server on the way might change: none of it is in the entity. */
static void
assert_sturdy(const GString *e)
{
	g_auto(GStrv) lines = g_strsplit(e->str, "\r\n", -1);

	for (size_t i = 0; lines[i] != NULL; i++) {
		size_t n = strlen(lines[i]);

		assert_false(g_str_has_prefix(lines[i], "From "));
		assert_true(n == 0 ||
		    (lines[i][n - 1] != ' ' && lines[i][n - 1] != '\t'));
		assert_true(n <= COMPOSE_LINE_MAX);
	}
}

static const char *
find(const struct compose_bytes *b, const char *text)
{
	return memmem(b->bytes, b->len, text, strlen(text));
}

static void
test_signed(void **state)
{
	static const char *const texts[] = {"plain\n", "trailing \nblank\t\n-- \n",
	    "From here on\nFrom there \n", "Gr\303\274\303\237e \n", "", "From "};
	static const char eml[] = "Subject: x \r\n\r\nFrom a mailbox \r\n";
	const struct compose_file files[] = {
	    {"report.eml", "message/rfc822", eml, sizeof(eml) - 1},
	    {"rows.csv", "text/csv", "a,b\r\n", 5},
	};

	for (size_t i = 0; i < 2 * COUNT_OF(texts); i++) {
		ARENA_AUTO(a, "signed");
		struct sealing s = {0};
		struct compose_sealer with = sealer(a, &s);
		struct compose_mail m = mail();
		struct compose_bytes b;
		const char *at;

		m.text = texts[i / 2];
		m.files = files;
		m.n_files = i % 2 == 0 ? 0 : COUNT_OF(files);
		m.sealer = &with;
		b = compose_ok(a, &m);
		assert_wire(&b);
		assert_sturdy(s.entity);
		at = find(&b, s.entity->str);
		assert_non_null(at);
		/* delimiter, entity, line end, delimiter */
		assert_memory_equal(at - 2, "\r\n", 2);
		assert_memory_equal(at + s.entity->len, "\r\n--=_", 6);
		assert_non_null(find(&b, "multipart/signed; micalg=\"pgp-sha512\""));
		assert_non_null(find(&b, "SIGNATURE\r\nLINES\r\n"));
	}
	(void)state;
}

static void
test_encrypted(void **state)
{
	ARENA_AUTO(a, "encrypted");
	struct sealing s = {.encrypt = true};
	struct compose_sealer with = sealer(a, &s);
	struct compose_mail m = mail();
	struct compose_bytes b;

	(void)state;
	m.text = "Nobody else reads this.\n";
	m.sealer = &with;
	b = compose_ok(a, &m);
	assert_wire(&b);
	assert_non_null(strstr(s.entity->str, "Nobody else reads this.\r\n"));
	assert_null(find(&b, "Nobody else"));
	assert_non_null(find(&b, "\r\n\r\nVersion: 1\r\n\r\n--=_"));
	assert_non_null(find(&b, "\r\nCIPHER\r\nLINES\r\n"));
	assert_non_null(find(&b, "Subject: A subject\r\n"));
}

static void
test_sealer_fails(void **state)
{
	ARENA_AUTO(a, "fails");
	struct sealing s = {.fail = true};
	struct compose_sealer with = sealer(a, &s);
	struct compose_mail m = mail();
	g_autoptr(GError) err = NULL;
	struct compose_bytes b;

	(void)state;
	m.sealer = &with;
	assert_false(compose_mail(a, &m, &b, &err));
	assert_true(fault_is(err, FAULT_BUSY));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_signed),
	    cmocka_unit_test(test_encrypted),
	    cmocka_unit_test(test_sealer_fails),
	};

	g_mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
