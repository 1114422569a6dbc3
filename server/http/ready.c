/* Answers made once and sent many times: cache entries and assets. */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "http/priv.h"

#include <gio/gio.h>

enum { GZIP_FROM = 600 };

struct ready {
	gint refs;
	struct MHD_Response *plain, *gzip, *same; /* gzip may be NULL */
	size_t len, packed_len;
	char etag[READY_ETAG_CHARS + 1], etag_gzip[READY_ETAG_CHARS + 4];
	int64_t modified;
};

static const char csp_page[] =
    "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'";
static const char csp_data[] =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";
static const char csp_download[] = "sandbox; default-src 'none'";

void
ready_headers(struct MHD_Response *mr, enum http_look look, bool https)
{
	const char *csp = look == LOOK_PAGE ? csp_page :
	    look == LOOK_DATA ? csp_data : csp_download;

	MHD_add_response_header(mr, "Content-Security-Policy", csp);
	MHD_add_response_header(mr, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(mr, "X-Frame-Options", "DENY");
	MHD_add_response_header(mr, "Referrer-Policy", "same-origin");
	MHD_add_response_header(mr, "Cross-Origin-Opener-Policy",
	    "same-origin");
	MHD_add_response_header(mr, "Cross-Origin-Resource-Policy",
	    "same-origin");
	MHD_add_response_header(mr, "Permissions-Policy",
	    "camera=(), geolocation=(), microphone=()");
	if (https)
		MHD_add_response_header(mr, "Strict-Transport-Security",
		    "max-age=31536000; includeSubDomains");
}

/* NULL when it does not get smaller. */
static char *
gzip(const void *p, size_t len, size_t *out_len)
{
	GZlibCompressor *z =
	    g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
	char *out = g_malloc(len);
	size_t in = 0, done = 0;
	GConverterResult res = G_CONVERTER_CONVERTED;

	while (res == G_CONVERTER_CONVERTED && done < len) {
		gsize r = 0, w = 0;

		res = g_converter_convert(G_CONVERTER(z),
		    (const char *)p + in, len - in, out + done, len - done,
		    G_CONVERTER_INPUT_AT_END, &r, &w, NULL);
		in += r;
		done += w;
	}
	g_object_unref(z);
	if (res != G_CONVERTER_FINISHED) {
		g_free(out);
		return NULL;
	}
	*out_len = done;
	return out;
}

static struct MHD_Response *
make(const struct ready_spec *spec, const void *p, size_t len,
    const char *etag, bool packed)
{
	struct MHD_Response *mr = MHD_create_response_from_buffer(len,
	    (void *)(uintptr_t)p, MHD_RESPMEM_MUST_COPY);
	char quoted[READY_ETAG_CHARS + 8];

	g_assert(mr != NULL);
	g_snprintf(quoted, sizeof(quoted), "\"%s\"", etag);
	MHD_add_response_header(mr, "ETag", quoted);
	MHD_add_response_header(mr, "Cache-Control", spec->cache_control);
	MHD_add_response_header(mr, "Vary", "Accept-Encoding");
	if (spec->modified != 0) {
		ARENA_AUTO(a, "last-modified");

		MHD_add_response_header(mr, "Last-Modified",
		    when_http(a, spec->modified));
	}
	if (packed)
		MHD_add_response_header(mr, "Content-Encoding", "gzip");
	return mr;
}

struct ready *
ready_new(const struct ready_spec *spec)
{
	ARENA_AUTO(a, "ready");
	struct ready *r = g_new0(struct ready, 1);
	const char *etag = spec->etag;
	char *packed = NULL;
	size_t n = 0;
	struct MHD_Response *all[3];

	r->refs = 1;
	r->modified = spec->modified;
	if (etag == NULL)
		etag = text_sha256(a, spec->bytes, spec->len);
	g_strlcpy(r->etag, etag, sizeof(r->etag));
	g_snprintf(r->etag_gzip, sizeof(r->etag_gzip), "%s-gz", r->etag);
	r->len = spec->len;
	r->plain = make(spec, spec->bytes, spec->len, r->etag, false);
	if (spec->len >= GZIP_FROM)
		packed = gzip(spec->bytes, spec->len, &n);
	if (packed != NULL) {
		r->gzip = make(spec, packed, n, r->etag_gzip, true);
		r->packed_len = n;
		g_free(packed);
	}
	r->same = make(spec, "", 0, r->etag, false);
	all[0] = r->plain;
	all[1] = r->gzip;
	all[2] = r->same;
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		if (all[i] == NULL)
			continue;
		ready_headers(all[i], spec->html ? LOOK_PAGE : LOOK_DATA,
		    spec->https);
		if (i < 2)
			MHD_add_response_header(all[i], "Content-Type",
			    spec->type);
	}
	return r;
}

struct ready *
ready_ref(struct ready *r)
{
	g_atomic_int_inc(&r->refs);
	return r;
}

void
ready_unref(struct ready *r)
{
	if (r == NULL || !g_atomic_int_dec_and_test(&r->refs))
		return;
	/* A response still being sent lives on by MHD's own count. */
	MHD_destroy_response(r->plain);
	if (r->gzip != NULL)
		MHD_destroy_response(r->gzip);
	MHD_destroy_response(r->same);
	g_free(r);
}

size_t
ready_size(const struct ready *r)
{
	return r->len + r->packed_len + sizeof(*r) + 3 * 1024;
}

const char *
ready_etag(const struct ready *r)
{
	return r->etag;
}

int64_t
ready_modified(const struct ready *r)
{
	return r->modified;
}

enum MHD_Result
ready_send(struct ready *r, struct MHD_Connection *mc, const struct head *h,
    unsigned *status, uint64_t *bytes)
{
	if ((h->if_none_match != NULL || h->if_modified_since != NULL) &&
	    (head_not_modified(h, r->etag, r->modified) ||
		(h->if_none_match != NULL &&
		    head_not_modified(h, r->etag_gzip, 0)))) {
		*status = MHD_HTTP_NOT_MODIFIED;
		*bytes = 0;
		return MHD_queue_response(mc, *status, r->same);
	}
	*status = MHD_HTTP_OK;
	if (r->gzip != NULL && h->accept_encoding != NULL &&
	    head_takes_gzip(h)) {
		*bytes = r->packed_len;
		return MHD_queue_response(mc, *status, r->gzip);
	}
	*bytes = r->len;
	return MHD_queue_response(mc, *status, r->plain);
}
