#include "base/base.h"
#include "mail/hash.h"

#include <openssl/evp.h>

#include "base/text.h"

enum {
	BUFFER = 512, /* small pieces are gathered: a call has its price */
	SHA256 = 32,
};

struct hash {
	EVP_MD_CTX *ctx;
	size_t n;
	unsigned char buffer[BUFFER];
};

/* Looked up once: OpenSSL 3 searches its providers at every use of
 * EVP_sha256(), which takes as long as hashing four kilobytes. */
static const EVP_MD *
sha256(void)
{
	static gsize once;

	if (g_once_init_enter(&once))
		g_once_init_leave(&once,
		    (gsize)EVP_MD_fetch(NULL, "SHA256", NULL));
	return (const EVP_MD *)once;
}

struct hash *
hash_new(struct arena *a)
{
	struct hash *h = ARENA_NEW(a, struct hash);

	h->ctx = EVP_MD_CTX_new();
	if (h->ctx == NULL ||
	    EVP_DigestInit_ex(h->ctx, sha256(), NULL) != 1)
		g_error("OpenSSL has no SHA-256");
	arena_defer(a, (void (*)(void *))EVP_MD_CTX_free, h->ctx);
	return h;
}

static void
flush(struct hash *h)
{
	EVP_DigestUpdate(h->ctx, h->buffer, h->n);
	h->n = 0;
}

void
hash_add(struct hash *h, const void *bytes, size_t len)
{
	if (len > BUFFER - h->n)
		flush(h);
	if (len > BUFFER) {
		EVP_DigestUpdate(h->ctx, bytes, len);
		return;
	}
	memcpy(h->buffer + h->n, bytes, len);
	h->n += len;
}

const char *
hash_end(struct arena *a, struct hash *h)
{
	unsigned char out[SHA256];

	flush(h);
	EVP_DigestFinal_ex(h->ctx, out, NULL);
	return text_hex(a, out, sizeof(out));
}
