/* PGP/MIME around a body (RFC 3156): see compose.h. */
#include "base/base.h"
#include "base/secret.h"
#include "mail/compose_priv.h"

/* Armor as it goes over the net; gpg ends its lines as it likes. */
static void
put_armor(GString *out, const char *s, size_t len)
{
	while (len > 0) {
		const char *nl = memchr(s, '\n', len);
		size_t n = nl != NULL ? (size_t)(nl - s) : len;
		size_t kept = n > 0 && s[n - 1] == '\r' ? n - 1 : n;

		g_string_append_len(out, s, (gssize)kept);
		g_string_append(out, "\r\n");
		n += nl != NULL ? 1 : 0;
		s += n;
		len -= n;
	}
}

static void
put_signed(GString *out, const GString *entity,
    const struct compose_sealed *s, const char *edge)
{
	/* What is signed ends before the line end that the delimiter begins
	 * with (RFC 1847 section 2.1). */
	g_string_append_printf(out,
	    "Content-Type: multipart/signed; micalg=\"%s\";\r\n"
	    "\tprotocol=\"application/pgp-signature\";\r\n"
	    "\tboundary=\"=_%s\"\r\n\r\n"
	    "--=_%s\r\n", s->micalg, edge, edge);
	g_string_append_len(out, entity->str, (gssize)entity->len);
	g_string_append_printf(out, "\r\n--=_%s\r\n"
	    "Content-Type: application/pgp-signature; "
	    "name=\"signature.asc\"\r\n"
	    "Content-Description: OpenPGP digital signature\r\n"
	    "Content-Disposition: attachment; filename=\"signature.asc\""
	    "\r\n\r\n", edge);
	put_armor(out, s->signature, strlen(s->signature));
	g_string_append_printf(out, "\r\n--=_%s--\r\n", edge);
}

static void
put_encrypted(GString *out, const struct compose_sealed *s, const char *edge)
{
	g_string_append_printf(out,
	    "Content-Type: multipart/encrypted;\r\n"
	    "\tprotocol=\"application/pgp-encrypted\";\r\n"
	    "\tboundary=\"=_%s\"\r\n\r\n"
	    "--=_%s\r\n"
	    "Content-Type: application/pgp-encrypted\r\n"
	    "Content-Description: PGP/MIME version identification\r\n\r\n"
	    "Version: 1\r\n"
	    "\r\n--=_%s\r\n"
	    "Content-Type: application/octet-stream; "
	    "name=\"encrypted.asc\"\r\n"
	    "Content-Description: OpenPGP encrypted message\r\n"
	    "Content-Disposition: inline; filename=\"encrypted.asc\""
	    "\r\n\r\n", edge, edge, edge);
	put_armor(out, s->cipher, s->len);
	g_string_append_printf(out, "\r\n--=_%s--\r\n", edge);
}

bool
compose_seal(struct arena *a, GString *out, const GString *entity,
    const struct compose_sealer *sealer, GError **err)
{
	struct compose_sealed s = {0};

	if (!sealer->seal(sealer->ctx, a, entity->str, entity->len, &s, err))
		return false;
	if (s.cipher != NULL)
		put_encrypted(out, &s, secret_token(a));
	else
		put_signed(out, entity, &s, secret_token(a));
	return true;
}
