/* Passwords, tokens, marks. */
#include "base/base.h"
#include "base/secret.h"
#include "base/when.h"
#include "unit.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

static const struct secret_key key_a = {{1, 2, 3}}, key_b = {{1, 2, 4}};

static int
setup(void **state)
{
	secret_init();
	*state = g_dir_make_tmp("secret-XXXXXX", NULL);
	return 0;
}

static int
teardown(void **state)
{
	g_rmdir(*state);
	g_free(*state);
	return 0;
}

static void
test_key_file(void **state)
{
	g_autofree char *path = g_build_filename(*state, "key", NULL);
	g_autoptr(GError) err = NULL;
	struct secret_key k = {{7}}, again = {{0}};
	struct stat st;

	assert_false(secret_key_load(path, false, &k, &err));
	assert_true(fault_is(err, FAULT_ABSENT));
	assert_int_equal(k.bytes[0], 7);
	g_clear_error(&err);

	assert_true(secret_key_load(path, true, &k, &err));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, SECRET_KEY_BYTES);
	assert_true(secret_key_load(path, true, &again, &err));
	assert_memory_equal(&k, &again, sizeof(k));

	assert_int_equal(g_chmod(path, 0640), 0);
	assert_false(secret_key_load(path, true, &again, &err));
	assert_true(fault_is(err, FAULT_INPUT));
	g_clear_error(&err);
	assert_true(g_file_set_contents_full(path, "short", -1,
	    G_FILE_SET_CONTENTS_NONE, 0600, NULL));
	assert_false(secret_key_load(path, true, &again, &err));
	g_clear_error(&err);
	g_unlink(path);
	assert_false(secret_key_load("/nowhere/key", true, &again, &err));
	assert_false(secret_key_load(*state, true, &again, NULL));
}

static void
test_passwords(void **state)
{
	ARENA_AUTO(a, "test");
	const char *h = secret_password_hash(a, "pass w\xc3\xb6rd");
	g_autofree char *longest = g_strnfill(SECRET_PASSWORD_MAX, 'x');
	g_autofree char *longer = g_strnfill(SECRET_PASSWORD_MAX + 1, 'x');

	(void)state;
	assert_true(g_str_has_prefix(h, "$argon2id$v=19$m=19456,t=2,p=1$"));
	assert_string_not_equal(h, secret_password_hash(a, "pass w\xc3\xb6rd"));
	assert_true(secret_password_ok(h, "pass w\xc3\xb6rd"));
	assert_false(secret_password_ok(h, "pass word"));
	assert_false(secret_password_ok(h, ""));
	assert_false(secret_password_ok(h, NULL));
	assert_false(secret_password_ok(h, longer));
	assert_false(secret_password_ok("", "x"));
	assert_false(secret_password_ok("$argon2id$rubbish", "x"));
	assert_false(secret_password_ok("x", "x"));
	assert_null(secret_password_hash(a, longer));
	assert_true(secret_password_ok(secret_password_hash(a, longest),
	    longest));
}

/* Of this thread alone: a loaded machine must not decide. */
static int64_t
own_ticks(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t), 0);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Nobody learns from the clock that there is no such user. */
static void
test_same_price(void **state)
{
	ARENA_AUTO(a, "test");
	const char *h = secret_password_hash(a, "right");
	int64_t known = INT64_MAX, unknown = INT64_MAX;

	(void)state;
	for (int i = 0; i < 5; i++) {
		int64_t t0 = own_ticks(), t1, t2;

		assert_false(secret_password_ok(h, "wrong"));
		t1 = own_ticks();
		assert_false(secret_password_ok(NULL, "wrong"));
		t2 = own_ticks();
		known = MIN(known, t1 - t0);
		unknown = MIN(unknown, t2 - t1);
	}
	assert_in_range(unknown, known / 2, known * 2);
}

static void
test_tokens(void **state)
{
	ARENA_AUTO(a, "test");
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		const char *t = secret_token(a);

		assert_int_equal(strlen(t), SECRET_TOKEN_CHARS);
		assert_int_equal(strspn(t, "abcdefghijklmnopqrstuvwxyz234567"),
		    SECRET_TOKEN_CHARS);
		assert_true(g_hash_table_add(seen, (char *)(uintptr_t)t));
	}
	assert_string_equal(secret_token_hash(a, "abc"),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
test_marks(void **state)
{
	ARENA_AUTO(a, "test");
	const char *m = secret_mac(a, &key_a, "verp", "text");
	g_autofree char *upper = g_ascii_strup(m, -1);

	(void)state;
	assert_int_equal(strlen(m), SECRET_MAC_CHARS);
	assert_int_equal(strspn(m, "abcdefghijklmnopqrstuvwxyz234567"),
	    SECRET_MAC_CHARS);
	assert_string_equal(m, secret_mac(a, &key_a, "verp", "text"));
	assert_true(secret_mac_ok(&key_a, "verp", "text", m));
	assert_true(secret_mac_ok(&key_a, "verp", "text", upper));
	assert_false(secret_mac_ok(&key_b, "verp", "text", m));
	assert_false(secret_mac_ok(&key_a, "reply", "text", m));
	assert_false(secret_mac_ok(&key_a, "verptext", "", m));
	assert_false(secret_mac_ok(&key_a, "ver", "ptext", m));
	assert_false(secret_mac_ok(&key_a, "verp", "texts", m));
	assert_false(secret_mac_ok(&key_a, "verp", "text", ""));
	assert_false(secret_mac_ok(&key_a, "verp", "text", NULL));
	assert_false(secret_mac_ok(&key_a, "verp", NULL, m));
	assert_false(secret_mac_ok(&key_a, "verp", "text",
	    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
	for (size_t i = 0; i < SECRET_MAC_CHARS; i++) {
		char *bad = arena_strdup(a, m);

		bad[i] = bad[i] == 'a' ? 'b' : 'a';
		assert_false(secret_mac_ok(&key_a, "verp", "text", bad));
	}
}

static void
test_signed(void **state)
{
	ARENA_AUTO(a, "test");
	const char *s = secret_sign(a, &key_a, "link", "list.7", 1000);
	static const char *const bad[] = {NULL, "", ".", "..", "...", "x",
	    "list.7.1000", "list.7.1000.", ".1000.aaaaaaaaaaaaaaaa"};
	g_autofree char *big = g_strnfill(10 * 1024 * 1024, '.');

	(void)state;
	assert_string_equal(secret_verify(a, &key_a, "link", s, 999), "list.7");
	assert_string_equal(secret_verify(a, &key_a, "link", s, 1000),
	    "list.7");
	assert_null(secret_verify(a, &key_a, "link", s, 1001));
	assert_null(secret_verify(a, &key_a, "csrf", s, 999));
	assert_null(secret_verify(a, &key_b, "link", s, 999));
	assert_null(secret_verify(a, &key_a, "link", big, 0));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_null(secret_verify(a, &key_a, "link", bad[i], 0));
	/* Not one byte may differ. */
	for (size_t i = 0; s[i] != '\0'; i++) {
		char *t = arena_strdup(a, s);

		t[i] ^= 1;
		assert_null(secret_verify(a, &key_a, "link", t, 0));
	}
	assert_string_equal(secret_verify(a, &key_a, "link",
	    secret_sign(a, &key_a, "link", "", 5), 5), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_key_file),
	    cmocka_unit_test(test_passwords),
	    cmocka_unit_test(test_same_price),
	    cmocka_unit_test(test_tokens),
	    cmocka_unit_test(test_marks),
	    cmocka_unit_test(test_signed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
