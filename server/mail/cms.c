/* See cms.h. */
#include "base/base.h"
#include "mail/cms.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/text.h"

enum { SUM_BYTES = 32, NAME_BYTES_MAX = 500 };

static void
free_cms(void *p)
{
	CMS_ContentInfo_free(p);
}

static CMS_ContentInfo *
parse(struct arena *a, const void *der, size_t n)
{
	const unsigned char *p = der;
	CMS_ContentInfo *cms;

	if (n > INT_MAX)
		return NULL;
	cms = d2i_CMS_ContentInfo(NULL, &p, (long)n);
	if (cms != NULL)
		arena_defer(a, free_cms, cms);
	return cms;
}

/* The first signer's certificate, as far as it came along. */
static void
name_signer(struct arena *a, CMS_ContentInfo *cms, const char *from,
    struct cms_result *out)
{
	STACK_OF(X509) *signers = CMS_get0_signers(cms);
	unsigned char sum[SUM_BYTES];
	unsigned len = sizeof(sum);
	X509 *cert;
	BIO *b;
	char *name;
	long n;

	if (signers == NULL)
		return;
	cert = sk_X509_num(signers) > 0 ? sk_X509_value(signers, 0) : NULL;
	b = BIO_new(BIO_s_mem());
	if (cert != NULL && b != NULL) {
		X509_NAME_print_ex(b, X509_get_subject_name(cert), 0,
		    XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
		n = BIO_get_mem_data(b, &name);
		out->signer = text_squash(a, text_repair(a, name,
		    (size_t)CLAMP(n, 0, NAME_BYTES_MAX)));
		if (X509_digest(cert, EVP_sha256(), sum, &len) == 1)
			out->fingerprint = text_hex(a, sum, len);
		out->from_matches = from != NULL &&
		    X509_check_email(cert, from, strlen(from), 0) == 1;
	}
	BIO_free(b);
	sk_X509_free(signers);
}

/* One pass over the content; what it holds goes to `to`. */
static bool
verify(CMS_ContentInfo *cms, BIO *content, BIO *to, unsigned flags)
{
	bool ok = CMS_verify(cms, NULL, NULL, content, to,
	    CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY | flags) == 1;

	ERR_clear_error();
	return ok;
}

static void
take_content(struct arena *a, BIO *from, struct cms_result *out)
{
	char *p;
	long n = BIO_get_mem_data(from, &p);

	if (n <= 0)
		return;
	out->content = arena_memdup(a, p, (size_t)n);
	out->len = (size_t)n;
}

static void
read_signed(struct arena *a, CMS_ContentInfo *cms, const void *content,
    size_t content_len, const char *from, struct cms_result *out)
{
	BIO *in = content != NULL && content_len <= INT_MAX
	    ? BIO_new_mem_buf(content, (int)content_len) : NULL;
	BIO *to = BIO_new(BIO_s_mem());
	STACK_OF(X509) *certs = CMS_get1_certs(cms);

	if (verify(cms, in, to, 0)) {
		out->state = "untrusted";
		out->reason = "It matches the certificate that came with it; "
		    "who issued that is not checked.";
		take_content(a, to, out);
	} else {
		bool named = certs != NULL && sk_X509_num(certs) > 0;

		out->state = named ? "bad" : "unknown-key";
		out->reason = named
		    ? "The signature does not match the content."
		    : "No certificate came with it.";
		(void)BIO_reset(to);
		if (in == NULL && verify(cms, NULL, to, CMS_NO_ATTR_VERIFY |
			CMS_NO_CONTENT_VERIFY))
			take_content(a, to, out);
	}
	name_signer(a, cms, from, out);
	sk_X509_pop_free(certs, X509_free);
	BIO_free(to);
	BIO_free(in);
}

/* The content of a signature that cannot be checked at all, straight from
 * its place. */
static void
rescue(struct arena *a, CMS_ContentInfo *cms, struct cms_result *out)
{
	ASN1_OCTET_STRING **held = CMS_get0_content(cms);

	if (out->content != NULL || held == NULL || *held == NULL)
		return;
	out->len = (size_t)ASN1_STRING_length(*held);
	out->content = arena_memdup(a, ASN1_STRING_get0_data(*held),
	    out->len);
}

void
cms_read(struct arena *a, const void *der, size_t n, const void *content,
    size_t content_len, const char *from, struct cms_result *out)
{
	CMS_ContentInfo *cms = parse(a, der, n);
	int type = cms != NULL ? OBJ_obj2nid(CMS_get0_type(cms)) : NID_undef;

	*out = (struct cms_result){.kind = CMS_KIND_NONE};
	switch (type) {
	case NID_pkcs7_signed:
		out->kind = CMS_KIND_SIGNED;
		read_signed(a, cms, content, content_len, from, out);
		if (content == NULL)
			rescue(a, cms, out);
		break;
	case NID_pkcs7_enveloped:
	case NID_id_smime_ct_authEnvelopedData:
		out->kind = CMS_KIND_ENCRYPTED;
		break;
	default:
		break;
	}
	ERR_clear_error();
}
