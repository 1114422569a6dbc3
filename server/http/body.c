/*
 * The body of a request: urlencoded, multipart, JSON or kept as it came.
 *
 * Counted in one place: MHD has no limit of its own.  Urlencoded and JSON
 * are collected (their routes allow little) and read at the end; multipart
 * goes through MHD's post processor piece by piece into the declared
 * fields, files into unlinked files.
 */
#include "base/base.h"
#include "base/text.h"
#include "http/priv.h"

enum { BODY_PP_BUFFER = 32 * 1024, BODY_NAME_MAX = 100 };

struct body {
	enum { BODY_EMPTY, BODY_URL, BODY_PARTS, BODY_JSON, BODY_RAW } kind;
	const char *type;
	struct MHD_PostProcessor *pp;
	struct blob *blob;
	struct form_data *form;
};

static void
pp_destroy(void *pp)
{
	MHD_destroy_post_processor(pp);
}

static enum MHD_Result
part(void *ctx, enum MHD_ValueKind kind, const char *key,
    const char *filename, const char *type, const char *encoding,
    const char *data, uint64_t off, size_t n)
{
	struct body *b = ctx;

	if (key == NULL || strlen(key) > BODY_NAME_MAX)
		return MHD_YES;
	form_feed(b->form, key, filename, type, data, n, off == 0);
	return MHD_YES;
}

/* "text/plain; charset=x" -> "text/plain" */
static const char *
media_type(struct arena *a, const char *s)
{
	if (s == NULL)
		return "";
	return text_lower(a,
	    g_strstrip(arena_strndup(a, s, strcspn(s, ";"))));
}

uint64_t
body_max(const struct req *r)
{
	return MIN((uint64_t)r->route->body_max,
	    (uint64_t)r->site->conf->http_body_max);
}

static bool
too_large(const struct req *r, GError **err)
{
	return fault_set(err, FAULT_LARGE,
	    "That is too much: at most %" PRIu64
	    " bytes are taken here.  Nothing of it is kept.", body_max(r));
}

bool
body_begin(struct conn *c, struct req *r, GError **err)
{
	const struct route *route = r->route;
	struct body *b = ARENA_NEW(r->a, struct body);
	uint64_t length = 0;

	if (c->head.length != NULL)
		length = g_ascii_strtoull(c->head.length, NULL, 10);
	if (length > body_max(r))
		return too_large(r, err);
	c->body = b;
	b->type = media_type(r->a, c->head.content_type);
	if (!c->post)
		return true;
	b->form = r->form = form_new(r, route->form);
	if (length == 0 && c->head.n_te == 0) {
		b->kind = BODY_EMPTY;
	} else if (strcmp(b->type, "application/x-www-form-urlencoded") == 0) {
		b->kind = BODY_URL;
	} else if (strcmp(b->type, "multipart/form-data") == 0) {
		b->kind = BODY_PARTS;
		b->pp = MHD_create_post_processor(c->mc, BODY_PP_BUFFER, part,
		    b);
		if (b->pp == NULL)
			return fault_set(err, FAULT_INPUT,
			    "The form data has no usable boundary.");
		arena_defer(r->a, pp_destroy, b->pp);
		return true;
	} else if (strcmp(b->type, "application/json") == 0 ||
	    text_iends(b->type, "+json")) {
		b->kind = BODY_JSON;
	} else if (route->form->raw) {
		b->kind = BODY_RAW;
	} else {
		return fault_set(err, FAULT_INPUT,
		    "This address takes forms and JSON, not %s.",
		    *b->type == '\0' ? "a body without Content-Type" :
				       b->type);
	}
	b->blob = blob_new(r->a, HTTP_SPILL_AT,
	    r->site->conf->site_state_dir);
	return true;
}

bool
body_feed(struct conn *c, const void *p, size_t n, GError **err)
{
	struct body *b = c->body;

	c->body_bytes += n;
	if (c->body_bytes > body_max(c->req))
		return too_large(c->req, err);
	switch (b->kind) {
	case BODY_EMPTY:
		break;
	case BODY_PARTS:
		if (MHD_post_process(b->pp, p, n) != MHD_YES)
			return fault_set(err, FAULT_INPUT,
			    "The form data cannot be read.");
		break;
	case BODY_URL:
	case BODY_JSON:
	case BODY_RAW:
		return blob_append(b->blob, p, n, err);
	}
	return true;
}

/* In place; '+' is a blank. */
static size_t
url_decode(char *s)
{
	char *to = s;

	for (const char *p = s; *p != '\0'; p++) {
		if (*p == '+') {
			*to++ = ' ';
		} else if (*p == '%' && g_ascii_isxdigit(p[1]) &&
		    g_ascii_isxdigit(p[2])) {
			*to++ = (char)(g_ascii_xdigit_value(p[1]) * 16 +
			    g_ascii_xdigit_value(p[2]));
			p += 2;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return (size_t)(to - s);
}

static bool
read_urlencoded(struct req *r, struct body *b, GError **err)
{
	const char *bytes = blob_bytes(b->blob);
	size_t left = blob_len(b->blob);
	unsigned n = 0;

	while (left > 0) {
		const char *amp = memchr(bytes, '&', left);
		size_t len = amp == NULL ? left : (size_t)(amp - bytes);
		char *pair = arena_strndup(r->a, bytes, len);
		char *value = strchr(pair, '=');
		size_t value_len;

		if (++n > FORM_FIELDS_MAX * 10)
			return fault_set(err, FAULT_INPUT,
			    "There are too many fields in this form.");
		if (value != NULL)
			*value++ = '\0';
		else
			value = pair + strlen(pair);
		value_len = url_decode(value);
		if (value != pair)
			url_decode(pair);
		if (strlen(pair) <= BODY_NAME_MAX)
			form_feed(r->form, pair, NULL, NULL, value, value_len,
			    true);
		bytes += len;
		left -= len;
		if (left > 0) {
			bytes++;
			left--;
		}
	}
	return true;
}

static bool
read_json(struct req *r, struct body *b, GError **err)
{
	const struct json *j;

	if (!json_parse(r->a, blob_bytes(b->blob), blob_len(b->blob), &j, err))
		return false;
	form_set_body(r->form, r->route->form->raw ? b->blob : NULL,
	    j);
	/* A report in a format of its own may have a "type" that is no text. */
	if (r->route->form->raw)
		return form_from_json(r, j, NULL) || true;
	return form_from_json(r, j, err);
}

bool
body_end(struct conn *c, struct req *r, GError **err)
{
	struct body *b = c->body;

	if (!c->post)
		return true;
	if (b->blob != NULL && !blob_finish(b->blob, err))
		return false;
	switch (b->kind) {
	case BODY_EMPTY:
	case BODY_PARTS:
		break;
	case BODY_URL:
		if (!read_urlencoded(r, b, err))
			return false;
		break;
	case BODY_JSON:
		if (!read_json(r, b, err))
			return false;
		break;
	case BODY_RAW:
		form_set_body(r->form, b->blob, NULL);
		break;
	}
	form_finish(r);
	return true;
}
