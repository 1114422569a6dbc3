#include "base/base.h"
#include "inspect/feed/feed.h"
#include "inspect/process/pack.h"
#include "inspect/text/html.h"

#include "mail/canonical.h"

struct inspect_event *
read_event(struct reading *r, const char *part)
{
	struct inspect_event *e = ARENA_NEW(r->a, struct inspect_event);

	e->source_port = e->destination_port = DESC_NULL;
	e->time = e->count = DESC_NULL;
	e->zone = "unknown";
	e->evidence_part = part;
	if (r->events->len < INSPECT_EVENTS_MAX) {
		g_ptr_array_add(r->events, e);
	} else if (!r->full) {
		r->full = true;
		read_defect(r, "More than %d events; the rest was not kept.",
		    INSPECT_EVENTS_MAX);
	}
	return e;
}

struct inspect_bounce *
read_bounce(struct reading *r, const char *recipient)
{
	struct inspect_bounce *b = ARENA_NEW(r->a, struct inspect_bounce);

	b->recipient = read_field(r->a, recipient);
	if (r->bounces->len < INSPECT_BOUNCES_MAX)
		g_ptr_array_add(r->bounces, b);
	return b;
}

void
read_defect(struct reading *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	mail_defect(r->m, "%s", arena_vprintf(r->a, fmt, ap));
	va_end(ap);
}

const char *
read_field(struct arena *a, const char *s)
{
	if (text_blank(s))
		return NULL;
	/* A bad byte, or a control, takes three where it is told: what is cut
	 * must be what is told (test corpus bounce/reason-of-bad-bytes). */
	if (strlen(s) > INSPECT_FIELD_MAX / 3)
		s = text_cut(a, s, INSPECT_FIELD_MAX - 8);
	return text_squash(a, s);
}

bool
read_muted(const struct reading *r, const char *path)
{
	for (guint i = 0; i < r->muted->len; i++)
		if (strcmp(r->muted->pdata[i], path) == 0)
			return true;
	return false;
}

void
read_mute(struct reading *r, const char *path)
{
	g_ptr_array_add(r->muted, (char *)path);
	if (r->human_parts == 1 && strcmp(r->human_part, path) == 0)
		r->human = "";
}

/* A letter of two bytes: Latin, Greek and Cyrillic capitals. */
static void
lower_two(unsigned char a, unsigned char b, char *out)
{
	if (a == 0xc3 && b >= 0x80 && b <= 0x9e && b != 0x97) {
		b += 32;
	} else if ((a == 0xc4 && b != 0xb0 && ((b < 0xb8 && b % 2 == 0) ||
		       (b > 0xb8 && b < 0xbf && b % 2 == 1))) ||
	    (a == 0xc5 && ((b >= 0x81 && b <= 0x87 && b % 2 == 1) ||
			      (b >= 0x8a && b <= 0xb6 && b % 2 == 0) ||
			      (b >= 0xb9 && b <= 0xbd && b % 2 == 1)))) {
		b++;
	} else if (a == 0xce && b >= 0x91 && b <= 0xa9) {
		a = b < 0xa0 ? 0xce : 0xcf;
		b = b < 0xa0 ? b + 32 : b - 32;
	} else if (a == 0xd0 && b >= 0x90 && b <= 0xaf) {
		a = b < 0xa0 ? 0xd0 : 0xd1;
		b = b < 0xa0 ? b + 32 : b - 32;
	}
	out[0] = (char)a;
	out[1] = (char)b;
}

char *
read_lower(struct arena *a, const char *s, size_t n)
{
	char *out = arena_alloc(a, n + 1);

	text_lower_to(out, s, n);
	for (size_t i = 0; i < n;) {
		uint64_t v = 0;

		if (n - i >= sizeof(v)) {
			memcpy(&v, out + i, sizeof(v));
			if ((v & 0x8080808080808080u) == 0) {
				i += sizeof(v);
				continue;
			}
		}
		if ((unsigned char)(s[i] - 0xc3) <= 0xd0 - 0xc3 && i + 1 < n) {
			lower_two((unsigned char)s[i], (unsigned char)s[i + 1],
			    out + i);
			i++;
		}
		i++;
	}
	return out;
}

bool
read_nested(const struct reading *r, size_t part)
{
	const struct mail *m = r->m;

	for (int p = m->parts[part].parent; p >= 0; p = m->parts[p].parent)
		if (m->parts[p].kind == MAIL_MESSAGE)
			return true;
	return false;
}

int
read_find_part(const struct reading *r, const char *type, size_t from)
{
	for (size_t i = from; i < r->m->n; i++)
		if (strcmp(r->m->parts[i].type, type) == 0 &&
		    !read_nested(r, i))
			return (int)i;
	return -1;
}

bool
read_attached(struct reading *r, struct mail_headers *h, const char **path)
{
	for (size_t i = 0; i < r->m->n; i++) {
		struct mail_part *p = &r->m->parts[i];

		if (p->kind == MAIL_MESSAGE) {
			*h = p->message;
		} else if (g_str_has_prefix(p->type, "text/rfc822-header") ||
		    strcmp(p->type, "message/rfc822-headers") == 0) {
			size_t n;
			const char *s = mail_bytes(r->m, p, &n);

			while (n > 0 && (*s == '\r' || *s == '\n')) {
				s++;
				n--;
			}
			*h = mail_headers_read(r->a, s, n, NULL);
		} else {
			continue;
		}
		if (path != NULL)
			*path = p->path;
		return true;
	}
	return false;
}

const char *
read_html(struct reading *r, struct mail_part *p)
{
	const char *s = g_hash_table_lookup(r->html, p);
	size_t n, all;
	bool cut;

	if (s != NULL)
		return s;
	s = mail_text(r->m, p, &all);
	n = MIN(all, r->html_left);
	r->html_left -= n;
	s = html_to_text(r->a, s, n, &cut);
	if (cut || n < all)
		read_defect(r, "The HTML of part %s is beyond the limits; it "
		    "is shown without some of its layout or text.", p->path);
	g_hash_table_insert(r->html, p, (void *)s);
	return s;
}

/*
 * What the sender wrote: every inline text/plain outside attached messages
 * (one of an alternative), or the HTML as text when there is none.
 */
static void
main_text(struct reading *r)
{
	GString *all = arena_gstring(r->a);

	for (int html = 0; html < 2 && all->len == 0; html++) {
		for (size_t i = 0; i < r->m->n; i++) {
			struct mail_part *p = &r->m->parts[i];
			const char *s;
			size_t n;

			if (!mail_part_inline_text(p) || read_nested(r, i) ||
			    (strcmp(p->type, "text/html") == 0) != (html == 1))
				continue;
			/* a named part is evidence, not the letter */
			if (p->filename != NULL && all->len > 0)
				continue;
			s = mail_text(r->m, p, &n);
			if (html)
				s = read_html(r, p);
			else if (text_ieq(mail_param(&p->params, "format"),
				     "flowed"))
				s = mail_unflow(r->a, s, text_ieq(
				    mail_param(&p->params, "delsp"), "yes"));
			if (text_blank(s))
				continue;
			if (all->len > 0)
				g_string_append_c(all, '\n');
			else
				r->human_part = p->path;
			r->human_parts++;
			if (all->len + strlen(s) > INSPECT_TEXT_MAX)
				s = text_cut(r->a, s, INSPECT_TEXT_MAX -
				    MIN(all->len, INSPECT_TEXT_MAX));
			g_string_append(all, s);
		}
	}
	r->human = all->str;
	r->out->text = all->str;
}

/*
 * Attached logs and the like, for the ticket page: below the letter, each
 * with its name.  They are nobody's own words, so `human` stays as it is.
 */
static void
show_attached(struct reading *r)
{
	GString *all = arena_gstring(r->a);

	g_string_append(all, r->out->text);
	for (size_t i = 0; i < r->m->n; i++) {
		struct mail_part *p = &r->m->parts[i];
		size_t room = INSPECT_TEXT_MAX - MIN(all->len,
		    INSPECT_TEXT_MAX);
		const char *s, *name;

		if (p->kind != MAIL_LEAF || p->filename == NULL ||
		    strcmp(p->type, "text/plain") != 0 || read_nested(r, i) ||
		    (r->human_part != NULL &&
			strcmp(p->path, r->human_part) == 0))
			continue;
		s = mail_text(r->m, p, NULL);
		name = read_field(r->a, p->filename);
		if (text_blank(s) || name == NULL ||
		    room < strlen(name) + 20)
			continue;
		g_string_append_printf(all, "%s--- %s ---\n",
		    all->len > 0 ? "\n" : "", name);
		room -= strlen(name) + 20;
		g_string_append(all, strlen(s) > room ?
			text_cut(r->a, s, room) : s);
	}
	r->out->text = all->str;
}

struct listing {
	struct reading *r;
	struct inspect_part *parts;
	const char **texts;
	size_t n, room; /* bytes left for texts */
	size_t sized;   /* attached messages */
};

/* Each look for an attached message goes through the whole one. */
enum { SIZED_MAX = 20 };

/* Decoded bytes; 0: not known. */
static int64_t
size_of(struct listing *l, struct mail_part *p)
{
	struct reading *r = l->r;
	const char *s;
	size_t len;

	if (p->kind == MAIL_LEAF || p->body_len > 0) {
		mail_bytes(r->m, p, &len);
		return (int64_t)len;
	}
	return r->base != NULL && l->sized++ < SIZED_MAX &&
		part_attached(r->m, p, r->base, r->base_len, &s, &len)
	    ? (int64_t)len : 0;
}

/* The texts in an archive stand behind it. */
static void
list_packed(struct listing *l, size_t part)
{
	const GPtrArray *packed = feeds_of(l->r)->packed;

	for (guint i = 0; i < packed->len && l->n < INSPECT_PARTS_MAX; i++) {
		const struct packed_text *t = packed->pdata[i];
		struct inspect_part *o = &l->parts[l->n];

		if (t->part != part)
			continue;
		*o = (struct inspect_part){.path = t->path, .type = t->type,
		    .filename = t->name, .size = (int64_t)t->size};
		if (l->room > 0) {
			size_t n = MIN(l->room, INSPECT_TEXT_MAX);

			l->texts[l->n] = t->len <= n ? t->text :
			    text_cut(l->r->a, t->text, n);
			l->room -= MIN(n, t->len);
		}
		l->n++;
	}
}

static void
list_parts(struct reading *r, bool with_text)
{
	size_t most = r->m->n + feeds_of(r)->packed->len;
	struct listing l = {.r = r,
	    .parts = ARENA_ARRAY(r->a, struct inspect_part, MAX(most, 1)),
	    .texts = ARENA_ARRAY(r->a, const char *, most + 1),
	    .room = with_text ? INSPECT_TEXTS_MAX : 0};

	for (size_t i = 0; i < r->m->n && l.n < INSPECT_PARTS_MAX; i++) {
		struct mail_part *p = &r->m->parts[i];
		struct inspect_part *o = &l.parts[l.n];
		size_t len;

		if (p->kind == MAIL_MULTIPART)
			continue;
		o->path = p->path;
		o->type = p->type;
		o->filename = p->filename != NULL ?
		    read_field(r->a, p->filename) : NULL;
		o->size = size_of(&l, p);
		if (p->kind == MAIL_LEAF &&
		    g_str_has_prefix(p->type, "text/")) {
			const char *s = mail_text(r->m, p, &len);

			o->charset = read_field(r->a, p->charset);
			if (with_text && len <= l.room) {
				l.texts[l.n] = s;
				l.room -= len;
			}
		}
		l.n++;
		list_packed(&l, i);
	}
	r->out->parts = (struct list){l.parts, l.n};
	r->out->part_texts = l.texts;
}

/* GPtrArray of structs -> struct list. */
static struct list
flatten(struct arena *a, GPtrArray *from, size_t size)
{
	char *items = arena_alloc_n(a, MAX(from->len, 1), size);

	for (guint i = 0; i < from->len; i++)
		memcpy(items + i * size, from->pdata[i], size);
	return (struct list){items, from->len};
}

/* No more events than the parent would take. */
static void
fit_events(struct reading *r)
{
	size_t room = INSPECT_PACK_MAX - 64;

	for (guint i = 0; i < r->events->len; i++) {
		size_t n = pack_size(&desc_inspect_event,
		    r->events->pdata[i]);

		if (n > room) {
			read_defect(r, "The events are larger than %d MB; the "
			    "rest was not kept.",
			    INSPECT_PACK_MAX / 1024 / 1024);
			g_ptr_array_set_size(r->events, (gint)i);
			return;
		}
		room -= n;
	}
}

static void
finish(struct reading *r)
{
	struct inspection *out = r->out;
	GPtrArray *d = r->m->defects;
	size_t n;

	fit_events(r);
	n = MIN(d->len, INSPECT_DEFECTS_MAX);

	out->events =
	    flatten(r->a, r->events, sizeof(struct inspect_event));
	out->bounces =
	    flatten(r->a, r->bounces, sizeof(struct inspect_bounce));
	out->observables =
	    flatten(r->a, r->observables, sizeof(struct inspect_observable));
	out->seals = flatten(r->a, r->seals, sizeof(struct inspect_seal));
	out->signatures = flatten(r->a, r->signatures,
	    sizeof(struct inspect_signature));
	inspect_set_crypto(out);
	out->defects.items = ARENA_ARRAY(r->a, struct inspect_defect, n + 1);
	out->defects.n = n;
	for (size_t i = 0; i < n; i++)
		LIST_AT(inspect_defect, out->defects, i)->text =
		    read_field(r->a, d->pdata[i]);
}

static bool
about_a_message(const char *format)
{
	static const char *const formats[] = {"dsn", "mdn", "auto-reply",
	    "arf"};

	for (size_t i = 0; i < COUNT_OF(formats); i++)
		if (strcmp(format, formats[i]) == 0)
			return true;
	return false;
}

void
inspect_message(struct arena *a, const struct conf *c,
    const struct recognisers *known, const void *bytes, size_t len,
    bool with_text, struct inspection *out)
{
	inspect_opened(a, c, known, bytes, len, NULL, 0, with_text, out);
}

void
inspect_opened(struct arena *a, const struct conf *c,
    const struct recognisers *known, const void *bytes, size_t len,
    const struct inspect_piece *pieces, size_t n, bool with_text,
    struct inspection *out)
{
	struct reading r = {.a = a, .c = c, .out = out, .base = bytes,
	    .base_len = len};

	*out = (struct inspection){.format = "plain", .date = DESC_NULL,
	    .subject_number = DESC_NULL, .text = ""};
	r.events = arena_ptr_array(a);
	r.bounces = arena_ptr_array(a);
	r.observables = arena_ptr_array(a);
	r.heard = arena_ptr_array(a);
	r.xarf = arena_ptr_array(a);
	r.muted = arena_ptr_array(a);
	r.seals = arena_ptr_array(a);
	r.signatures = arena_ptr_array(a);
	r.seen = g_hash_table_new(observe_hash, observe_equal);
	arena_defer(a, (void (*)(void *))g_hash_table_unref, r.seen);
	r.html = g_hash_table_new(NULL, NULL);
	arena_defer(a, (void (*)(void *))g_hash_table_unref, r.html);
	r.html_left = HTML_ALL_MAX;
	r.m = mail_parse(a, bytes, len);
	read_seals(&r, pieces, n);
	main_text(&r);
	read_head(&r, bytes, len);
	out->outer_subject = r.outer_subject;
	read_robot(&r);
	for (const struct reader *x = readers; x->format != NULL; x++) {
		if (!x->look(&r))
			continue;
		out->format = x->format;
		if (x->machine)
			out->robot = true;
		if (x->read != NULL)
			x->read(&r);
		break;
	}
	if (strcmp(out->format, "xarf") == 0 ||
	    strcmp(out->format, "plain") == 0)
		show_attached(&r);
	recognise(&r, known);
	if (about_a_message(out->format))
		returned_read(&r);
	/* RFC 3834: no machine answers a machine, a list or nobody */
	out->may_reply = !out->robot && !r.null_sender && !r.bulk &&
	    out->from != NULL;
	opaque_read(&r);
	observe_all(&r);
	list_parts(&r, with_text);
	finish(&r);
}
