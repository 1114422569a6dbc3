/* See secret.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PASSES = 2,
	MEMORY = 19 * 1024 * 1024,
	MAC_BYTES = 10,       /* SECRET_MAC_CHARS in base32 */
	PURPOSE_MAX = 255,    /* its length is one byte of the MAC's input */
	SIGNED_MAX = 4096,
};

/* Of no password anybody knows; only its price counts. */
static const char dummy_hash[] =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

void
secret_init(void)
{
	g_assert(sodium_init() >= 0);
}

static bool
read_whole(int fd, unsigned char *p, size_t n)
{
	while (n > 0) {
		ssize_t got = read(fd, p, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static bool
write_whole(int fd, const unsigned char *p, size_t n)
{
	while (n > 0) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

static bool
key_read(int fd, const char *path, struct secret_key *key, GError **err)
{
	struct secret_key k;
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size != SECRET_KEY_BYTES)
		return fault_set(err, FAULT_INPUT,
		    "The key file %s is not a file of %d bytes.", path,
		    SECRET_KEY_BYTES);
	if ((st.st_mode & 077) != 0)
		return fault_set(err, FAULT_INPUT,
		    "The key file %s must have mode 0600: others can read it.",
		    path);
	if (!read_whole(fd, k.bytes, sizeof(k.bytes)))
		return fault_set(err, FAULT_INPUT,
		    "The key file %s cannot be read: %s.", path,
		    g_strerror(errno));
	*key = k;
	sodium_memzero(&k, sizeof(k));
	return true;
}

/*
 * Written under another name and linked into place, so that two programs
 * that start at once agree on one whole key: who comes second finds the
 * link taken and reads it.
 */
static bool
key_make(const char *path, GError **err)
{
	g_autofree char *tmp = g_strdup_printf("%s.%d", path, (int)getpid());
	struct secret_key k;
	bool ok;
	int fd;

	unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd < 0)
		return fault_set(err, FAULT_INPUT,
		    "The key file %s cannot be made: %s.", path,
		    g_strerror(errno));
	randombytes_buf(k.bytes, sizeof(k.bytes));
	ok = write_whole(fd, k.bytes, sizeof(k.bytes)) && fsync(fd) == 0;
	sodium_memzero(&k, sizeof(k));
	ok = close(fd) == 0 && ok;
	if (ok && link(tmp, path) != 0 && errno != EEXIST)
		ok = false;
	if (!ok)
		fault_set(err, FAULT_INPUT,
		    "The key file %s cannot be written: %s.", path,
		    g_strerror(errno));
	unlink(tmp);
	return ok;
}

bool
secret_key_load(const char *path, bool create, struct secret_key *key,
    GError **err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ok;

	if (fd < 0 && errno == ENOENT && create) {
		if (!key_make(path, err))
			return false;
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	}
	if (fd < 0)
		return fault_set(err,
		    errno == ENOENT ? FAULT_ABSENT : FAULT_INPUT,
		    "The key file %s cannot be opened: %s.", path,
		    g_strerror(errno));
	ok = key_read(fd, path, key, err);
	close(fd);
	return ok;
}

const char *
secret_password_hash(struct arena *a, const char *password)
{
	char hash[crypto_pwhash_STRBYTES];

	if (strnlen(password, SECRET_PASSWORD_MAX + 1) > SECRET_PASSWORD_MAX)
		return NULL;
	/* Fails only when memory is short, and then g_malloc aborts too. */
	if (crypto_pwhash_str_alg(hash, password, strlen(password), PASSES,
		MEMORY, crypto_pwhash_ALG_ARGON2ID13) != 0)
		g_error("out of memory for a password hash");
	return arena_strdup(a, hash);
}

bool
secret_password_ok(const char *hash, const char *password)
{
	size_t len = password == NULL ? 0 :
	    strnlen(password, SECRET_PASSWORD_MAX + 1);
	bool known = hash != NULL && g_str_has_prefix(hash, "$argon2id$");
	bool match;

	/* One long password would cost an attacker less than us. */
	if (len > SECRET_PASSWORD_MAX)
		len = 0;
	match = crypto_pwhash_str_verify(known ? hash : dummy_hash,
	    len > 0 ? password : "", len) == 0;
	return known && len > 0 && match;
}

/* RFC 4648 base32 in lower case, without padding. */
static char *
base32(struct arena *a, const unsigned char *p, size_t bytes, size_t chars)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	char *s = arena_alloc(a, chars + 1);
	unsigned have = 0, bits = 0;
	size_t i = 0;

	for (size_t n = 0; n < chars; n++) {
		if (have < 5) {
			bits = (bits << 8 | (i < bytes ? p[i] : 0)) & 0xfff;
			i++;
			have += 8;
		}
		have -= 5;
		s[n] = alphabet[bits >> have & 31];
	}
	return s;
}

const char *
secret_token(struct arena *a)
{
	unsigned char bytes[17]; /* 136 bits, 130 of them used */

	randombytes_buf(bytes, sizeof(bytes));
	return base32(a, bytes, sizeof(bytes), SECRET_TOKEN_CHARS);
}

const char *
secret_token_hash(struct arena *a, const char *token)
{
	return text_sha256(a, token, strlen(token));
}

/* The length of the purpose comes first: ("ab", "c") is not ("a", "bc"). */
const char *
secret_mac(struct arena *a, const struct secret_key *key,
    const char *purpose, const char *text)
{
	unsigned char mac[crypto_generichash_BYTES];
	unsigned char size = (unsigned char)strlen(purpose);
	crypto_generichash_state st;

	g_assert(strlen(purpose) <= PURPOSE_MAX);
	crypto_generichash_init(&st, key->bytes, sizeof(key->bytes),
	    sizeof(mac));
	crypto_generichash_update(&st, &size, 1);
	crypto_generichash_update(&st, (const unsigned char *)purpose, size);
	crypto_generichash_update(&st, (const unsigned char *)text,
	    strlen(text));
	crypto_generichash_final(&st, mac, sizeof(mac));
	return base32(a, mac, MAC_BYTES, SECRET_MAC_CHARS);
}

/* Mail systems on the way may have changed the case. */
bool
secret_mac_ok(const struct secret_key *key, const char *purpose,
    const char *text, const char *mac)
{
	ARENA_AUTO(a, "mac");

	if (text == NULL || mac == NULL || strlen(mac) != SECRET_MAC_CHARS)
		return false;
	return sodium_memcmp(text_lower(a, mac),
	    secret_mac(a, key, purpose, text), SECRET_MAC_CHARS) == 0;
}

const char *
secret_sign(struct arena *a, const struct secret_key *key,
    const char *purpose, const char *payload, int64_t expires)
{
	const char *body = arena_printf(a, "%s.%" PRId64, payload, expires);

	return arena_printf(a, "%s.%s", body,
	    secret_mac(a, key, purpose, body));
}

/* The payload may hold dots: the last two are ours. */
const char *
secret_verify(struct arena *a, const struct secret_key *key,
    const char *purpose, const char *signed_text, int64_t now)
{
	char *body, *dot;
	int64_t expires;

	if (signed_text == NULL ||
	    strnlen(signed_text, SIGNED_MAX + 1) > SIGNED_MAX)
		return NULL;
	body = arena_strdup(a, signed_text);
	dot = strrchr(body, '.');
	if (dot == NULL)
		return NULL;
	*dot = '\0';
	if (!secret_mac_ok(key, purpose, body, dot + 1))
		return NULL;
	dot = strrchr(body, '.');
	if (dot == NULL || !text_int(dot + 1, 0, INT64_MAX, &expires) ||
	    expires < now)
		return NULL;
	*dot = '\0';
	return body;
}
