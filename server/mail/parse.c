#include "base/base.h"
#include "mail/parse.h"
#include "mail/charset.h"

#include <gmime/gmime.h>

#include "base/text.h"

void
mail_defect(struct mail *m, const char *fmt, ...)
{
	va_list ap;

	if (m->defects->len >= MAIL_DEFECTS_MAX)
		return;
	va_start(ap, fmt);
	g_ptr_array_add(m->defects, arena_vprintf(m->arena, fmt, ap));
	va_end(ap);
}

enum { SPLIT_MAX = 1024 * 1024 }; /* of a multipart that GMime leaves whole */

/* ---- GMime's tree -> our list ------------------------------------------ */

/* Something still to be walked. */
struct todo {
	GMimeObject *object;  /* or a whole message: */
	GMimeMessage *message;
	int parent;
	const char *path;
	unsigned depth;
	bool digest; /* child of multipart/digest */
	bool own;    /* of a stream of its own: an encoded message */
	bool root;   /* the body of a message, whose header it shares */
};

struct walk {
	struct mail *m;
	GArray *todo;  /* of struct todo, taken from the end */
	GArray *parts; /* of struct mail_part */
	struct mail_lean lean; /* what GMime was given, if n > 0 */
	size_t heads;          /* of it that were found */
};

static struct mail_headers
take_headers(struct arena *a, GMimeHeaderList *list)
{
	int n = g_mime_header_list_get_count(list);
	struct mail_headers h = {
	    ARENA_ARRAY(a, struct mail_header, (size_t)n), (size_t)n, 0};

	for (int i = 0; i < n; i++) {
		GMimeHeader *f = g_mime_header_list_get_header_at(list, i);
		const char *raw = g_mime_header_get_raw_value(f);

		/* the strings are GMime's and live as long as its object */
		h.items[i].name = g_mime_header_get_name(f);
		h.items[i].name_len = strlen(h.items[i].name);
		h.items[i].raw = raw != NULL ? raw : "";
		h.items[i].raw_len = strlen(h.items[i].raw);
		while (h.items[i].raw_len > 0 && g_ascii_isspace(
			h.items[i].raw[h.items[i].raw_len - 1]))
			h.items[i].raw_len--;
	}
	return h;
}

/* What GMime was spared is read from the original. */
static struct mail_headers
headers_of(struct walk *w, GMimeObject *o, bool own)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(o);
	const struct mail_head *h = NULL;

	if (!own && g_mime_header_list_get_count(list) > 0)
		h = mail_lean_head(&w->lean, (size_t)g_mime_header_get_offset(
		    g_mime_header_list_get_header_at(list, 0)));
	if (h == NULL)
		return take_headers(w->m->arena, list);
	w->heads++;
	return mail_headers_read(w->m->arena, h->bytes, h->len, NULL);
}

/* As written, but one line and not too long. */
static const char *
clean_filename(struct arena *a, const char *s)
{
	char *t;

	if (s == NULL)
		return NULL;
	t = text_cut(a, s, 255);
	for (char *p = t; *p != '\0'; p++)
		if ((unsigned char)*p < 32)
			*p = ' ';
	g_strstrip(t);
	return *t != '\0' ? t : NULL;
}

static bool
type_ok(const char *t)
{
	const char *slash = strchr(t, '/');

	return slash != NULL && slash != t && slash[1] != '\0' &&
	    strpbrk(t, " \t\"<>@,;") == NULL && strlen(t) < 128;
}

static void
read_fields(struct mail *m, struct mail_part *p, bool digest)
{
	struct arena *a = m->arena;
	struct mail_header *ct = mail_header(&p->headers, "Content-Type");
	struct mail_header *cd =
	    mail_header(&p->headers, "Content-Disposition");
	const char *cte =
	    mail_get(a, &p->headers, "Content-Transfer-Encoding");
	const char *name = NULL;
	size_t len;

	if (ct != NULL) {
		const char *raw = mail_mend_field(m, ct, &len);

		p->params = mail_params(a, raw, len);
		mail_mend_note(m, &p->params);
	}
	p->type = p->params.value;
	if (p->type == NULL || !type_ok(p->type))
		p->type = digest ? "message/rfc822" : "text/plain";
	if (cd != NULL) {
		const char *raw = mail_mend_field(m, cd, &len);
		struct mail_params d = mail_params(a, raw, len);

		p->disposition = d.value[0] != '\0' ? d.value : NULL;
		name = mail_param(&d, "filename");
		/* RFC 2183 has no such parameter, some programs do */
		if (text_blank(name))
			name = mail_param(&d, "name");
	}
	if (text_blank(name))
		name = mail_param(&p->params, "name");
	p->filename = clean_filename(a, name);
	if (cte == NULL)
		return;
	while (*cte == '(' && strchr(cte, ')') != NULL) {
		cte = strchr(cte, ')') + 1;
		cte += strspn(cte, " ");
	}
	cte += strspn(cte, "\"' ");
	if (text_istarts(cte, "base64"))
		p->encoding = MAIL_BASE64;
	else if (text_istarts(cte, "quoted-printable"))
		p->encoding = MAIL_QP;
	else if (text_istarts(cte, "x-uu") || text_istarts(cte, "uuencode"))
		p->encoding = MAIL_UU;
	else if (!text_istarts(cte, "7bit") && !text_istarts(cte, "8bit") &&
	    !text_istarts(cte, "binary") && *cte != '\0')
		mail_defect(m, "Part %s has the unknown transfer encoding "
		    "\"%s\".", p->path[0] != '\0' ? p->path : "1",
		    text_cut(a, cte, 40));
}

/* The encoded bytes of a leaf: GMime keeps them as bounds of the stream
 * that we gave it, so nothing is copied. */
static void
take_body(const struct walk *w, struct mail_part *p, GMimePart *part)
{
	GMimeDataWrapper *c = g_mime_part_get_content(part);
	GMimeStream *s = c != NULL ? g_mime_data_wrapper_get_stream(c) : NULL;
	GByteArray *bytes;
	gint64 from, to;

	p->body = "";
	if (s == NULL || !GMIME_IS_STREAM_MEM(s))
		return;
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(s));
	from = s->bound_start;
	to = s->bound_end < 0 ? (gint64)bytes->len : s->bound_end;
	to = MIN(to, (gint64)bytes->len);
	if (from < 0 || to <= from)
		return;
	p->body = (const char *)bytes->data + from;
	p->body_len = (size_t)(to - from);
	/* seals are told by their place in the message */
	p->body = mail_lean_original(&w->lean, p->body);
}

/* text_blank() is for strings; message bytes end without a NUL. */
static bool
blank_bytes(const char *s, size_t n)
{
	while (n > 0 && g_ascii_isspace(s[n - 1]))
		n--;
	return n == 0;
}

static void
push(struct walk *w, struct todo t)
{
	g_array_append_val(w->todo, t);
}

static GMimeMessage *
construct(struct arena *a, const char *s, size_t len)
{
	/* The stream only reads data and len of this array and does not own
	 * it: a whole copy of the message is saved. */
	GByteArray *bytes = ARENA_NEW(a, GByteArray);
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeMessage *message;

	/* an mbox line, as deliveries and forwarders leave it in front */
	for (int i = 0; i < 2; i++) {
		const char *nl = memchr(s, '\n', len);

		if (nl == NULL || len < 6 ||
		    (memcmp(s, "From ", 5) != 0 && memcmp(s, ">From ", 6) != 0))
			break;
		len -= (size_t)(nl + 1 - s);
		s = nl + 1;
	}
	bytes->data = (guint8 *)s;
	bytes->len = (guint)len;
	stream = g_mime_stream_mem_new_with_byte_array(bytes);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
	g_mime_parser_set_persist_stream(parser, TRUE);
	message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	if (message != NULL)
		arena_defer(a, g_object_unref, message);
	return message;
}

/* Would a reader take this attachment for a message? */
static bool
looks_like_message(struct mail *m, struct mail_part *p)
{
	struct mail_headers h;
	const char *s;
	size_t n;

	if (g_str_has_prefix(p->type, "message/") &&
	    (g_str_has_prefix(p->type, "message/rfc822") ||
		strcmp(p->type, "message/global") == 0))
		return true;
	if (p->filename == NULL || !text_iends(p->filename, ".eml"))
		return false;
	s = mail_bytes(m, p, &n);
	h = mail_headers_read(m->arena, s, MIN(n, 65536), NULL);
	return mail_header(&h, "From") != NULL ||
	    mail_header(&h, "Received") != NULL;
}

static void
enter_message(struct walk *w, int self, GMimeMessage *inner, bool own)
{
	struct mail_part *p =
	    &g_array_index(w->parts, struct mail_part, (guint)self);

	p->kind = MAIL_MESSAGE;
	if (inner == NULL)
		return;
	p->message = headers_of(w, GMIME_OBJECT(inner), own);
	push(w, (struct todo){.message = inner, .parent = self,
	    .path = p->path, .depth = p->depth + 1, .own = own});
}

/* The files in a text stand below it. */
static void
take_files(struct walk *w, const struct mail_part *text, int self)
{
	const char *s = text->body, *end = s + text->body_len;
	struct mail_file f;

	for (int i = 1; mail_file_next(s, end, &f); i++) {
		struct mail_part p = {.parent = self, .depth = text->depth + 1,
		    .path = arena_printf(w->m->arena, "%s.%d", text->path, i),
		    .type = "application/octet-stream",
		    .disposition = "attachment", .encoding = MAIL_UU,
		    .body = f.bytes, .body_len = f.len};
		const char *bytes;
		size_t n;

		if (i > MAIL_FILES_MAX || w->parts->len >= MAIL_PARTS_MAX) {
			mail_defect(w->m, "More than %d files in a text; the "
			    "rest was not read.", i - 1);
			return;
		}
		p.filename = clean_filename(w->m->arena, charset_to_utf8(
		    w->m->arena, f.name, f.name_len,
		    mail_param(&text->params, "charset"), NULL, &n));
		bytes = mail_bytes(w->m, &p, &n);
		/* nothing says what it is */
		if (n > 0 && memchr(bytes, '\0', n) == NULL &&
		    g_utf8_validate(bytes, (gssize)n, NULL))
			p.type = "text/plain";
		g_array_append_val(w->parts, p);
		s = f.bytes + f.len;
	}
}

/* A multipart in which GMime found no parts: by the boundary that header.c
 * reads in its type, or that its lines tell.  NULL: there is none. */
static GMimeMultipart *
split(struct mail *m, const struct mail_part *p, const char *s, size_t n)
{
	const char *token = n <= SPLIT_MAX ? mail_mend_token(m->arena, s, n,
	    mail_param(&p->params, "boundary")) : NULL;
	struct mail_heads heads;
	GString *raw;
	GMimeMessage *message;
	GMimeObject *o;

	if (token == NULL)
		return NULL;
	mail_defect(m, "A multipart does not name its boundary as it is.");
	raw = arena_gstring(m->arena);
	g_string_printf(raw, "Content-Type: multipart/mixed; boundary=\"%s\""
	    "\r\n\r\n", token);
	g_string_append_len(raw, s, (gssize)n);
	n = raw->len;
	s = mail_prescan(m, raw->str, &n, &heads);
	message = construct(m->arena, s, n);
	o = message != NULL ? g_mime_message_get_mime_part(message) : NULL;
	return GMIME_IS_MULTIPART(o) &&
	    g_mime_multipart_get_count(GMIME_MULTIPART(o)) > 0 ?
	    GMIME_MULTIPART(o) : NULL;
}

/* One part: its fields, and its children onto the list. */
static void
visit(struct walk *w, const struct todo *t)
{
	struct mail *m = w->m;
	GMimeObject *o = t->object;
	struct mail_part p = {.path = t->path, .parent = t->parent,
	    .depth = t->depth, .body = ""};
	int self = (int)w->parts->len;

	p.headers = headers_of(w, o, t->own || t->root);
	read_fields(m, &p, t->digest);
	if (GMIME_IS_MULTIPART(o)) {
		GMimeMultipart *mp = GMIME_MULTIPART(o);
		int n = g_mime_multipart_get_count(mp);
		bool digest = strcmp(p.type, "multipart/digest") == 0;

		p.kind = MAIL_MULTIPART;
		g_array_append_val(w->parts, p);
		bool again = false;

		if (n == 0) {
			/* No delimiter was found.  What there is stands in
			 * the prologue and is shown as text. */
			const char *s = g_mime_multipart_get_prologue(mp);
			struct mail_part leaf = {.parent = self,
			    .depth = t->depth + 1, .type = "text/plain",
			    .path = arena_printf(m->arena, "%s%s1", t->path,
				t->path[0] != '\0' ? "." : "")};
			GMimeMultipart *other;

			leaf.body = s != NULL ? s : "";
			leaf.body_len = strlen(leaf.body);
			if (t->parent < 0 && leaf.body_len == 0) {
				leaf.body = m->rest;
				leaf.body_len = m->rest_len;
			}
			other = split(m, &p, leaf.body, leaf.body_len);
			if (other != NULL) {
				again = true;
				mp = other;
				n = g_mime_multipart_get_count(mp);
			} else if (!blank_bytes(leaf.body, leaf.body_len)) {
				mail_defect(m, "A multipart has no parts.");
				g_array_append_val(w->parts, leaf);
			}
		}
		for (int i = n; i-- > 0;)
			push(w, (struct todo){
			    .object = g_mime_multipart_get_part(mp, i),
			    .parent = self, .depth = t->depth + 1,
			    .digest = digest, .own = t->own || again,
			    .path = arena_printf(m->arena, "%s%s%d", t->path,
				t->path[0] != '\0' ? "." : "", i + 1)});
		return;
	}
	if (p.path[0] == '\0')
		p.path = "1";
	if (GMIME_IS_MESSAGE_PART(o)) {
		g_array_append_val(w->parts, p);
		enter_message(w, self,
		    g_mime_message_part_get_message(GMIME_MESSAGE_PART(o)),
		    t->own);
		return;
	}
	if (GMIME_IS_PART(o))
		take_body(w, &p, GMIME_PART(o));
	if (GMIME_IS_PART(o) && looks_like_message(m, &p)) {
		/* GMime leaves encoded messages alone */
		struct mail_heads heads;
		size_t len;
		const char *s = mail_bytes(m, &p, &len);

		g_array_append_val(w->parts, p);
		s = mail_prescan(m, s, &len, &heads);
		enter_message(w, self, construct(m->arena, s, len), true);
		return;
	}
	p.files = m->files && p.encoding == MAIL_IDENTITY &&
	    strcmp(p.type, "text/plain") == 0;
	g_array_append_val(w->parts, p);
	if (p.files)
		take_files(w, &p, self);
}

/* The body of a message: a multipart takes the path of its container, a
 * single part is number 1 below it. */
static void
open_message(struct walk *w, const struct todo *t)
{
	GMimeObject *o = g_mime_message_get_mime_part(t->message);
	const char *path = t->path;

	if (o == NULL)
		return;
	if (!GMIME_IS_MULTIPART(o))
		path = arena_printf(w->m->arena, "%s%s1", path,
		    path[0] != '\0' ? "." : "");
	push(w, (struct todo){.object = o, .parent = t->parent, .path = path,
	    .depth = t->depth, .own = t->own, .root = true});
}

static void
walk(struct walk *w)
{
	struct mail *m = w->m;

	while (w->todo->len > 0) {
		struct todo t =
		    g_array_index(w->todo, struct todo, w->todo->len - 1);

		g_array_set_size(w->todo, w->todo->len - 1);
		if (t.depth > MAIL_DEPTH_MAX) {
			mail_defect(m, "Parts are nested more than %d deep; "
			    "the deeper ones were not read.", MAIL_DEPTH_MAX);
			continue;
		}
		if (w->parts->len >= MAIL_PARTS_MAX) {
			mail_defect(m, "More than %d parts; the rest was not "
			    "read.", MAIL_PARTS_MAX);
			break;
		}
		if (t.message != NULL)
			open_message(w, &t);
		else
			visit(w, &t);
	}
}

/* GMime's own tables, made on first use and never torn down: other
 * threads may be parsing. */
static void
init(void)
{
	static gsize once;

	if (g_once_init_enter(&once)) {
		g_mime_init();
		g_once_init_leave(&once, 1);
	}
}

static bool
walk_message(struct walk *w, GMimeMessage *message)
{
	if (message == NULL)
		return false;
	push(w, (struct todo){.message = message, .parent = -1, .path = ""});
	walk(w);
	return true;
}

/* GMime sees as little as it needs.  If it then finds other messages than
 * were foreseen, everything. */
static bool
walk_lean(struct walk *w, const char *s, size_t head, size_t len,
    const struct mail_heads *heads)
{
	struct mail *m = w->m;
	guint defects = m->defects->len;

	if (!mail_lean(m, s, head, len, heads, &w->lean))
		return false;
	if (walk_message(w,
		construct(m->arena, w->lean.bytes, w->lean.len)) &&
	    w->heads + 1 == w->lean.n)
		return true;
	g_ptr_array_set_size(m->defects, (gint)defects);
	g_array_set_size(w->parts, 0);
	g_array_set_size(w->todo, 0);
	m->decoded = 0;
	w->lean.n = 0;
	return false;
}

/* The bytes behind an mbox line, within the limits; *head of them are the
 * header. */
static const char *
open_header(struct mail *m, const char *s, size_t *len,
    struct mail_heads *heads, size_t *head)
{
	s = mail_prescan(m, s, len, heads);
	if (*len > 5 && memcmp(s, "From ", 5) == 0 &&
	    memchr(s, '\n', *len) != NULL) {
		const char *nl = memchr(s, '\n', *len);

		*len -= (size_t)(nl + 1 - s);
		s = nl + 1;
	}
	m->headers = mail_headers_read(m->arena, s, *len, head);
	return s;
}

struct mail *
mail_parse(struct arena *a, const void *bytes, size_t len)
{
	struct mail *m = ARENA_NEW(a, struct mail);
	struct walk w = {.m = m};
	struct mail_heads heads;
	const char *s = bytes, *given = s, *given_end = s + len, *mended;
	size_t used;

	init();
	m->arena = a;
	m->defects = arena_ptr_array(a);
	m->rest = "";
	s = mail_mend_lines(m, s, &len);
	s = open_header(m, s, &len, &heads, &used);
	mended = mail_mend_head(m, s, used, &len);
	if (mended != s)
		s = open_header(m, mended, &len, &heads, &used);
	mended = mail_mend_boundary(m, s, used, &len);
	if (mended != s)
		s = open_header(m, mended, &len, &heads, &used);
	m->rest = s + used;
	m->rest_len = len - used;
	if (s < given || s > given_end) {
		m->mended = s;
		m->mended_len = len;
	}
	w.todo = g_array_new(FALSE, FALSE, sizeof(struct todo));
	w.parts = g_array_new(FALSE, TRUE, sizeof(struct mail_part));
	if (!walk_lean(&w, s, used, len, &heads) && (len == 0 ||
		len >= G_MAXINT || !walk_message(&w, construct(a, s, len))))
		mail_defect(m, "There is no readable message.");
	if (w.parts->len == 0) {
		struct mail_part leaf = {.path = "1", .type = "text/plain",
		    .parent = -1, .body = m->rest, .body_len = m->rest_len};

		g_array_append_val(w.parts, leaf);
	}
	m->n = w.parts->len;
	m->parts =
	    arena_memdup(a, w.parts->data, m->n * sizeof(struct mail_part));
	g_array_free(w.parts, TRUE);
	g_array_free(w.todo, TRUE);
	mail_mend_fields(m, s, used);
	return m;
}

bool
mail_part_inline_text(const struct mail_part *p)
{
	return p->kind == MAIL_LEAF &&
	    (p->disposition == NULL ||
		strcmp(p->disposition, "attachment") != 0) &&
	    (strcmp(p->type, "text/plain") == 0 ||
		strcmp(p->type, "text/html") == 0);
}

bool
mail_part_inside(const struct mail *m, size_t i, size_t c)
{
	for (int p = m->parts[i].parent; p >= 0; p = m->parts[p].parent)
		if ((size_t)p == c)
			return true;
	return false;
}
