/*
 * Encrypted and signed parts: where they are, and the message as it reads
 * once they are opened (read.h).
 *
 * What is looked at: PGP/MIME (RFC 3156), also where a mail server made
 * multipart/mixed of it; armor in a text or an attachment; clear-signed
 * text; S/MIME (RFC 8551).  Parts of attached messages are not: what
 * somebody forwards was sealed for him.
 *
 * What was encrypted and what was not never run into each other unseen (the
 * EFAIL class of mistakes): a MIME entity that was encrypted takes the place
 * of the message, and parts beside it are left out of the view; armor within
 * a text is framed by lines that say so.
 */
#include "base/base.h"
#include "inspect/read.h"
#include "mail/armor.h"
#include "mail/charset.h"
#include "mail/cms.h"

enum { LEVELS = 3 }; /* of entities within entities that are entered */

/* An entity that takes the place of the message. */
struct entity {
	const char *bytes, *base;
	size_t len;
	size_t part, second; /* what it was in; the same when one */
	bool hidden;         /* it was encrypted */
};

struct frame {
	const char *start, *end;
};
static const struct frame frame_opened = {"[encrypted, opened here:]\n",
    "[end of what was encrypted]\n"};
static const struct frame frame_signed = {"[signed text:]\n",
    "[end of the signed text]\n"};
static const char closed[] = "[encrypted text, not opened]\n";

/* ---- rows ----------------------------------------------------------------- */

static struct inspect_seal *
add(struct reading *r, const char *kind, const char *state, const char *part,
    bool whole)
{
	struct inspect_seal *s = ARENA_NEW(r->a, struct inspect_seal);

	*s = (struct inspect_seal){.kind = kind, .state = state, .part = part,
	    .whole = whole, .inside = r->inside, .len = -1,
	    .signature_len = -1};
	if (r->seals->len < INSPECT_SEALS_MAX)
		g_ptr_array_add(r->seals, s);
	else
		read_defect(r, "More than %d encrypted or signed parts; part "
		    "%s was not looked at.", INSPECT_SEALS_MAX, part);
	return s;
}

/* Where n bytes at p stand in what the parent has, too. */
static void
place(const struct reading *r, const char *p, size_t n, int64_t *at,
    int64_t *len)
{
	uintptr_t base = (uintptr_t)r->base, there = (uintptr_t)p;

	if (r->base == NULL)
		return;
	if (n == 0)
		there = base;
	if (there < base || there - base > r->base_len ||
	    n > r->base_len - (there - base))
		return;
	*at = (int64_t)(there - base);
	*len = (int64_t)n;
}

static void
place_part(const struct reading *r, const struct mail_part *p,
    struct inspect_seal *s)
{
	place(r, p->body, p->body_len, &s->at, &s->len);
	s->encoding = p->encoding;
}

static void
add_smime(struct reading *r, const struct inspect_seal *s,
    const struct cms_result *c)
{
	struct inspect_signature *g = ARENA_NEW(r->a, struct inspect_signature);

	*g = (struct inspect_signature){.kind = s->kind, .part = s->part,
	    .whole = s->whole, .inside = s->inside, .state = c->state,
	    .fingerprint = c->fingerprint, .signer = c->signer,
	    .from_matches = c->from_matches, .reason = c->reason,
	    .made = DESC_NULL};
	if (r->signatures->len < INSPECT_SIGNATURES_MAX)
		g_ptr_array_add(r->signatures, g);
}

/* ---- multiparts ----------------------------------------------------------- */

/* The nth part directly in container c; NULL: there is none. */
static struct mail_part *
child(const struct reading *r, size_t c, size_t nth)
{
	for (size_t i = c + 1; i < r->m->n; i++)
		if (r->m->parts[i].parent == (int)c && nth-- == 0)
			return &r->m->parts[i];
	return NULL;
}

static bool
is_type(const struct mail_part *p, const char *a, const char *b)
{
	return strcmp(p->type, a) == 0 || strcmp(p->type, b) == 0;
}

static const char *
from_of(struct reading *r)
{
	struct mail_header *h = mail_header(&r->m->headers, "From");
	size_t n = 0;
	struct mail_address *list = h != NULL
	    ? mail_addresses(r->a, h->raw, h->raw_len, &n) : NULL;

	return n > 0 ? list[0].addr : NULL;
}

/* The first part of a multipart byte for byte: from behind the first
 * delimiter to before the line end in front of the second (RFC 1847). */
static bool
first_part_bytes(struct reading *r, const struct mail_part *container,
    const char **from, size_t *len)
{
	const char *boundary = mail_param(&container->params, "boundary");
	const char *s = r->m->rest, *end = s + r->m->rest_len, *first = NULL;
	size_t n;

	if (boundary == NULL || *boundary == '\0')
		return false;
	n = strlen(boundary);
	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		const char *next = nl != NULL ? nl + 1 : end;
		const char *p = s + 2 + n;

		if ((size_t)(next - s) >= n + 2 && s[0] == '-' &&
		    s[1] == '-' && memcmp(s + 2, boundary, n) == 0 &&
		    (p == next || g_ascii_isspace(*p) || *p == '-')) {
			if (first != NULL) {
				const char *stop = s - 1;

				if (stop > first && stop[-1] == '\r')
					stop--;
				*from = first;
				*len = stop > first
				    ? (size_t)(stop - first) : 0;
				return true;
			}
			first = next;
		}
		s = next;
	}
	return false;
}

static void
found_signed(struct reading *r, size_t i)
{
	struct mail_part *c = &r->m->parts[i], *p = child(r, i, 1);
	struct inspect_seal *s;
	const char *bytes = NULL, *sig;
	size_t len = 0, n;
	bool smime;

	if (p == NULL || p->kind != MAIL_LEAF)
		return;
	smime = is_type(p, "application/pkcs7-signature",
	    "application/x-pkcs7-signature");
	if (!smime && strcmp(p->type, "application/pgp-signature") != 0)
		return;
	s = add(r, smime ? "smime-signed" : "pgp-signed", "signed",
	    child(r, i, 0)->path, i == 0);
	if (*s->part == '\0')
		s->part = "1";
	if (first_part_bytes(r, c, &bytes, &len))
		place(r, bytes, len, &s->at, &s->len);
	place(r, p->body, p->body_len, &s->signature_at, &s->signature_len);
	s->signature_encoding = p->encoding;
	if (smime) {
		struct cms_result cms;

		sig = mail_bytes(r->m, p, &n);
		cms_read(r->a, sig, n, bytes != NULL ? bytes : "", len,
		    from_of(r), &cms);
		if (cms.kind != CMS_KIND_SIGNED) {
			cms.state = "bad";
			cms.reason = "The signature cannot be read.";
		}
		add_smime(r, s, &cms);
	}
}

/* "application/pgp-encrypted" and the part behind it. */
static void
found_encrypted(struct reading *r, size_t version, bool whole)
{
	struct mail_part *v = &r->m->parts[version], *p = NULL;

	for (size_t i = version + 1; i < r->m->n && p == NULL; i++)
		if (r->m->parts[i].parent == v->parent)
			p = &r->m->parts[i];
	if (p != NULL && p->kind == MAIL_LEAF)
		place_part(r, p, add(r, "pgp-mime", "closed", p->path, whole));
}

/* ---- leaves --------------------------------------------------------------- */

static size_t
leaves(const struct reading *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->m->n; i++)
		n += r->m->parts[i].kind == MAIL_LEAF;
	return n;
}

static void
put_text(struct mail_part *p, const char *s, size_t n)
{
	p->bytes = p->text = s;
	p->bytes_len = p->text_len = n;
}

/* inner instead of the armor, and lines around it where more stands there. */
static void
frame_text(struct reading *r, struct mail_part *p, const struct armor *at,
    const struct frame *f, const char *inner)
{
	const char *s = p->text;
	GString *out = arena_gstring(r->a);

	if (text_blank(arena_strndup(r->a, s, at->start)) &&
	    text_blank(s + at->end)) {
		put_text(p, inner, strlen(inner));
		return;
	}
	g_string_append_len(out, s, (gssize)at->start);
	g_string_append(out, f->start);
	g_string_append(out, inner);
	if (out->str[out->len - 1] != '\n')
		g_string_append_c(out, '\n');
	g_string_append(out, f->end);
	g_string_append(out, s + at->end);
	put_text(p, out->str, out->len);
}

static const char *
as_text(struct reading *r, const struct mail_part *p,
    const struct inspect_piece *x)
{
	const char *charset;
	size_t n = MIN(x->len, MAIL_TEXT_MAX);
	char *t = charset_to_utf8(r->a, x->bytes, n,
	    mail_param(&p->params, "charset"), &charset, &n);

	n = mail_unix_lines(t, n);
	t[n] = '\0';
	return t;
}

/* Armor in a text that people read. */
static void
found_text(struct reading *r, struct mail_part *p,
    const struct inspect_piece *const *pieces)
{
	static const struct frame none = {"", ""};
	struct armor at;
	size_t n, row = r->seals->len;
	const char *s = mail_text(r->m, p, &n);
	const struct inspect_piece *x =
	    row < INSPECT_SEALS_MAX ? pieces[row] : NULL;
	bool clear, whole;

	if (!armor_find(s, n, 0, &at))
		return;
	clear = at.kind == ARMOR_CLEAR;
	whole = leaves(r) == 1 && text_blank(s + at.end) &&
	    text_blank(arena_strndup(r->a, s, at.start));
	place_part(r, p, add(r, clear ? "pgp-clear" : "pgp-inline",
	    clear ? "signed" : x != NULL ? "opened" : "closed", p->path,
	    whole));
	if (clear)
		frame_text(r, p, &at, &frame_signed,
		    armor_text(r->a, s, &at, NULL));
	else if (x != NULL)
		frame_text(r, p, &at, &frame_opened, as_text(r, p, x));
	else
		frame_text(r, p, &at, &none, closed);
}

/* An encrypted file: report.csv.gpg, report.txt.asc. */
static void
found_file(struct reading *r, struct mail_part *p,
    const struct inspect_piece *const *pieces)
{
	static const char *const ends[] = {".gpg", ".pgp", ".asc"};
	size_t n, row = r->seals->len, cut = 0;
	const struct inspect_piece *x =
	    row < INSPECT_SEALS_MAX ? pieces[row] : NULL;
	const char *s;

	for (size_t i = 0; p->filename != NULL && i < COUNT_OF(ends); i++)
		if (text_iends(p->filename, ends[i]))
			cut = strlen(ends[i]);
	if (cut == 0 && !g_str_has_prefix(p->type, "application/pgp"))
		return;
	s = mail_bytes(r->m, p, &n);
	if (!armor_looks_encrypted(s, n))
		return;
	place_part(r, p, add(r, "pgp-inline", x != NULL ? "opened" : "closed",
	    p->path, leaves(r) == 1));
	if (x == NULL)
		return;
	p->bytes = x->bytes;
	p->bytes_len = x->len;
	p->text = NULL;
	if (p->filename != NULL)
		p->filename = arena_strndup(r->a, p->filename,
		    strlen(p->filename) - cut);
	p->type = p->filename != NULL && text_iends(p->filename, ".csv")
	    ? "text/csv"
	    : memchr(x->bytes, 0, x->len) == NULL
	    ? "text/plain"
	    : "application/octet-stream";
}

/* true: it holds an entity to go on with. */
static bool
found_smime(struct reading *r, size_t i, struct entity *e)
{
	struct mail_part *p = &r->m->parts[i];
	struct cms_result c;
	struct inspect_seal *s;
	size_t n;
	const char *der = mail_bytes(r->m, p, &n);

	cms_read(r->a, der, n, NULL, 0, from_of(r), &c);
	if (c.kind == CMS_KIND_NONE)
		return false;
	if (c.kind == CMS_KIND_ENCRYPTED) {
		s = add(r, "smime-encrypted", "closed", p->path,
		    leaves(r) == 1);
		s->reason = "This desk has no S/MIME key.";
		return false;
	}
	s = add(r, "smime-opaque", "signed", p->path, leaves(r) == 1);
	add_smime(r, s, &c);
	if (c.content == NULL)
		return false;
	*e = (struct entity){.bytes = c.content, .len = c.len, .part = i,
	    .second = i};
	return true;
}

/* ---- all of it ------------------------------------------------------------ */

/* pieces: what was opened, by the number of the seal.  true: *e is to take
 * the message's place. */
static bool
find(struct reading *r, const struct inspect_piece *const *pieces,
    struct entity *e)
{
	bool found = false;

	for (size_t i = 0; i < r->m->n; i++) {
		struct mail_part *p = &r->m->parts[i];
		size_t row = r->seals->len;
		const struct inspect_piece *x =
		    row < INSPECT_SEALS_MAX ? pieces[row] : NULL;

		if (read_nested(r, i))
			continue;
		if (p->kind == MAIL_MULTIPART) {
			if (strcmp(p->type, "multipart/signed") == 0)
				found_signed(r, i);
			continue;
		}
		if (p->kind != MAIL_LEAF)
			continue;
		if (strcmp(p->type, "application/pgp-encrypted") == 0) {
			found_encrypted(r, i, p->parent == 0 &&
			    leaves(r) == 2);
			/* one takes the place of the message, before one
			 * that is only signed */
			if (r->seals->len > row && x != NULL &&
			    !(found && e->hidden)) {
				struct inspect_seal *s = r->seals->pdata[row];

				s->state = "opened";
				*e = (struct entity){.bytes = x->bytes,
				    .base = x->bytes, .len = x->len,
				    .part = i, .second = i + 1,
				    .hidden = true};
				found = true;
			}
			if (r->seals->len > row)
				i++; /* its second half was looked at */
		} else if (is_type(p, "application/pkcs7-mime",
			       "application/x-pkcs7-mime")) {
			found = (!found && found_smime(r, i, e)) || found;
		} else if (strcmp(p->type, "text/plain") == 0) {
			found_text(r, p, pieces);
		} else {
			found_file(r, p, pieces);
		}
	}
	return found;
}

/* The entity becomes the message; who sent it, and whether to believe that,
 * stays with the header outside. */
static void
enter(struct reading *r, const struct entity *e)
{
	struct mail *out = r->m, *in = mail_parse(r->a, e->bytes, e->len);
	struct mail_header *inner = mail_header(&in->headers, "Subject");
	struct mail_headers h = {
	    ARENA_ARRAY(r->a, struct mail_header, out->headers.n + 1),
	    out->headers.n};
	size_t beside = 0;

	for (size_t i = 0; i < out->n; i++)
		beside += i != e->part && i != e->second &&
		    out->parts[i].kind == MAIL_LEAF &&
		    !text_blank(arena_strndup(r->a, out->parts[i].body,
			MIN(out->parts[i].body_len, 4096)));
	if (beside > 0)
		read_defect(r, "%zu parts stand beside what was %s. They are "
		    "not shown; the raw message has them.", beside,
		    e->hidden ? "encrypted" : "signed");
	if (e->hidden) {
		const char *s = mail_get(r->a, &out->headers, "Subject");

		r->outer_subject =
		    s != NULL ? text_cut(r->a, s, INSPECT_FIELD_MAX) : "";
	}
	for (size_t i = 0; i < h.n; i++)
		h.items[i] = out->headers.items[i];
	/* RFC 9788, and what was done before it */
	if (e->hidden && inner != NULL) {
		struct mail_header *outer = mail_header(&h, "Subject");

		if (outer == NULL)
			outer = &h.items[h.n++];
		*outer = *inner;
	}
	in->headers = h;
	for (guint i = 0; i < in->defects->len; i++)
		g_ptr_array_add(out->defects, in->defects->pdata[i]);
	in->defects = out->defects;
	in->decoded += out->decoded;
	r->m = in;
	r->base = e->base;
	r->base_len = e->len;
	r->inside = true;
}

void
read_seals(struct reading *r, const struct inspect_piece *pieces, size_t n)
{
	const struct inspect_piece *by_seal[INSPECT_SEALS_MAX] = {NULL};

	for (size_t i = 0; i < n; i++)
		if (pieces[i].seal < INSPECT_SEALS_MAX)
			by_seal[pieces[i].seal] = &pieces[i];
	for (int level = 0; level < LEVELS; level++) {
		struct entity e = {0};

		if (!find(r, by_seal, &e))
			break;
		enter(r, &e);
	}
	for (guint i = 0; i < r->seals->len; i++) {
		const struct inspect_seal *s = r->seals->pdata[i];

		if (s->inside && strcmp(s->state, "closed") == 0)
			read_defect(r, "Part %s is encrypted once more, inside "
			    "what was opened. That is not opened.", s->part);
	}
}

bool
seal_look(struct reading *r)
{
	/* one letter was opened, whatever stays closed beside it */
	if (r->outer_subject != NULL)
		return false;
	for (guint i = 0; i < r->seals->len; i++) {
		const struct inspect_seal *s = r->seals->pdata[i];

		if (strcmp(s->state, "closed") == 0 && !s->inside &&
		    (s->whole || strcmp(s->kind, "pgp-inline") != 0))
			return true;
	}
	return false;
}
