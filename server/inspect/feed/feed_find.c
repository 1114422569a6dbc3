/*
 * Where the tables of a message are (feed.h), and the readers of CSV.
 *
 * Every leaf is looked at by its bytes: archives are opened, texts are asked
 * for a header line in their first lines.  A table in a file is a report; a
 * table in the text of a machine's mail is one when a row follows its header.
 */
#include "base/base.h"
#include "inspect/feed/feed.h"
#include "inspect/text/lines.h"

#include "mail/charset.h"

/* Parts that are never worth a look. */
static bool
hopeless(const struct mail_part *p)
{
	static const char *const fronts[] = {"image/", "audio/", "video/",
	    "font/", "message/", "text/rfc822",
	    "application/pdf", "application/pgp", "application/pkcs7",
	    "application/x-pkcs7"};

	for (size_t i = 0; i < COUNT_OF(fronts); i++)
		if (g_str_has_prefix(p->type, fronts[i]))
			return true;
	return p->kind != MAIL_LEAF;
}

/* The attached message that a part is in, a digest's article not counted;
 * *subject becomes that of the nearest message. */
static bool
is_nested(const struct reading *r, size_t part, const char **subject)
{
	const struct mail *m = r->m;
	bool first = true, nested = false;

	*subject = r->out->subject;
	for (int p = m->parts[part].parent; p >= 0; p = m->parts[p].parent) {
		int above = m->parts[p].parent;

		if (m->parts[p].kind != MAIL_MESSAGE)
			continue;
		if (first)
			*subject = mail_get(r->a, &m->parts[p].message,
			    "Subject");
		first = false;
		nested |= above < 0 ||
		    strcmp(m->parts[above].type, "multipart/digest") != 0;
	}
	return nested;
}

/* ---- what a text is ----------------------------------------------------- */

/* RFC 7489 appendix C: the root, and what stands first in it. */
static bool
is_dmarc(const char *s, size_t len)
{
	gssize n = (gssize)MIN(len, 4096);

	return g_strstr_len(s, n, "<feedback") != NULL &&
	    g_strstr_len(s, n, "<report_metadata") != NULL;
}

/* Has one of the next lines an address where the header says? */
static bool
row_follows(struct source *s, size_t from)
{
	const char *fields[CSV_FIELDS_MAX];
	size_t len = MIN(s->len - from, FEED_HEAD_MAX), n;
	struct reading dry = *s->table->r;
	struct feed t = *s->table;
	struct csv_cursor c = csv_cursor(arena_strndup(dry.a, s->text + from,
	    len), len, t.separator);

	c.lenient = true;
	dry.events = arena_ptr_array(dry.a);
	dry.extras = FEED_EXTRAS_MAX + 1;
	t.r = &dry;
	for (int i = 0; i < 4 && csv_next(&c, fields, &n, NULL); i++) {
		bool bar = t.separator == '|' && n > 1 && *fields[0] == '\0';

		if (n > 1 && feed_row(&t, fields + bar, n - bar) &&
		    (!t.hosts || ((struct inspect_event *)
			dry.events->pdata[0])->source_ip != NULL))
			return true;
		g_ptr_array_set_size(dry.events, 0);
	}
	return false;
}

/* "-----Original Message-----", "From: ...": what comes behind is not the
 * sender's letter. */
static bool
quotes_follow(const char *p, size_t n)
{
	size_t dashes = strspn(p, "-");

	return (dashes >= 5 && dashes < n && g_ascii_isalpha(p[dashes +
		strspn(p + dashes, " ")])) ||
	    text_istarts(p, "From: ") || text_istarts(p, "Von: ") ||
	    text_istarts(p, "De : ") || text_istarts(p, "Begin forwarded");
}

/* Finds the header line; s->text then begins behind it. */
static bool
find_table(struct reading *r, struct source *s, bool lone)
{
	const char *p = s->text, *end = s->text + s->len;
	int lines = 0;

	while (p < end && lines < FEED_HEAD_LINES) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl != NULL ? nl : end) - p);
		size_t next = (size_t)(p - s->text) + n + (nl != NULL);

		if (s->letter && quotes_follow(p, n))
			return false;
		/* a quote is for those who forward */
		if (*p != '>' && n > 1) {
			lines++;
			if (feed_header(r, p, n, lone, &s->table) &&
			    ((!s->letter && !s->table->hosts) ||
				row_follows(s, next))) {
				if (!s->letter && p > s->text)
					s->lead = arena_strndup(r->a, s->text,
					    (size_t)(p - s->text));
				s->text += next;
				s->len -= next;
				s->table->part = s->path;
				return true;
			}
			/* only the first line can be a list's name */
			lone = false;
		}
		p += n + (nl != NULL);
	}
	return false;
}

static bool
what_is_it(struct reading *r, struct source *s, bool lone)
{
	const char *p = s->text;

	while (g_ascii_isspace(*p))
		p++;
	if (*p == '<') {
		s->kind = SOURCE_DMARC;
		return !s->letter && is_dmarc(p, s->len);
	}
	if (*p == '{' || *p == '[') {
		s->kind = SOURCE_JSON;
		s->len -= (size_t)(p - s->text);
		s->text = p;
		return feed_json_look(s->text, s->len);
	}
	s->kind = SOURCE_TABLE;
	return find_table(r, s, lone);
}

/* ---- gathering ---------------------------------------------------------- */

/* "botnet-report" of "2026-11-20_botnet-report_1234.csv.zip": what stays the
 * same from one day to the next. */
static const char *
stem_of(struct arena *a, const char *filename)
{
	const char *s = strrchr(filename, '/');
	char *stem = arena_strdup(a, s != NULL ? s + 1 : filename);
	char *o = stem;

	stem[strcspn(stem, ".")] = '\0';
	for (const char *p = stem; *p != '\0';) {
		size_t digits = strspn(p, "0123456789");

		/* dates, times and running numbers; not the 2 of "c2" */
		if (digits > 3 || (digits > 1 && (p == stem ||
			strchr("-_", p[-1]) != NULL))) {
			p += digits;
			p += strspn(p, "-_T");
			continue;
		}
		*o++ = *p++;
	}
	*o = '\0';
	return stem;
}

/* "csv/..." of the file, else of who sends it. */
static const char *
feed_of(struct reading *r, const struct source *s)
{
	const char *feed = NULL, *from = r->out->from;

	for (size_t i = 0; s->names[i] != NULL && feed == NULL; i++) {
		feed = feed_name(r->a, "csv", stem_of(r->a, s->names[i]));
		if (feed != NULL && (strlen(feed) < 7 ||
			strcmp(feed, "csv/report") == 0 ||
			strcmp(feed, "csv/events") == 0 ||
			strcmp(feed, "csv/data") == 0))
			feed = NULL; /* says nothing */
	}
	if (feed == NULL && from != NULL && strchr(from, '@') != NULL)
		feed = feed_name(r->a, "csv",
		    received_org(strrchr(from, '@') + 1));
	return feed != NULL ? feed : "csv/unnamed";
}

static bool
take_source(struct reading *r, struct feeds *x, struct source *s, bool lone)
{
	if (x->sources->len >= FEEDS_MAX) {
		if (x->sources->len == FEEDS_MAX)
			read_defect(r, "More than %d tables; the rest was not "
			    "read.", FEEDS_MAX);
		return false;
	}
	if (!what_is_it(r, s, lone))
		return false;
	if (s->kind == SOURCE_TABLE && s->table->shadowserver)
		shadowserver_feed(s->table, s->names, s->subject);
	else if (s->kind == SOURCE_TABLE)
		s->table->feed = feed_of(r, s);
	g_ptr_array_add(x->sources, arena_memdup(r->a, s, sizeof(*s)));
	return true;
}

static char *
to_text(struct reading *r, const char *bytes, size_t len,
    const char *charset, const char *name, size_t *out)
{
	if (len > FEED_BYTES_MAX) {
		read_defect(r, "%s is larger than %d MB; the rest was not "
		    "read.", name != NULL ? name : "A file",
		    FEED_BYTES_MAX / 1024 / 1024);
		len = FEED_BYTES_MAX;
	}
	return charset_to_utf8(r->a, bytes, len, charset, NULL, out);
}

/* What an archive's text is, for the list of parts. */
static const char *
type_of_text(const char *s)
{
	while (g_ascii_isspace(*s))
		s++;
	return *s == '<' ? "text/xml" : *s == '{' || *s == '[' ?
	    "application/json" : "text/plain";
}

static void
look_into(struct reading *r, struct feeds *x, struct archives *packed,
    size_t i, const char *bytes, size_t len)
{
	struct mail_part *p = &r->m->parts[i];
	guint from = packed->files->len;

	archive_open(packed, bytes, len, p->filename);
	for (guint k = from; k < packed->files->len; k++) {
		const struct archive_file *f = packed->files->pdata[k];
		struct packed_text *text = ARENA_NEW(r->a, struct packed_text);
		struct source s = {.part = i};
		bool table;
		size_t n = 0;

		if (f->name != NULL)
			s.names[n++] = f->name;
		if (p->filename != NULL)
			s.names[n++] = p->filename;
		s.path = arena_printf(r->a, "%s/%s", p->path,
		    f->name != NULL ? f->name : "_");
		s.nested = is_nested(r, i, &s.subject);
		s.text = to_text(r, f->bytes, f->len, NULL, s.names[0],
		    &s.len);
		*text = (struct packed_text){.part = i, .path = s.path,
		    .name = f->name, .type = type_of_text(s.text),
		    .text = s.text, .len = s.len, .size = f->len};
		g_ptr_array_add(x->packed, text);
		table = take_source(r, x, &s, true);
		if (table && s.kind == SOURCE_TABLE)
			text->type = "text/csv";
	}
}

static void
look_at(struct reading *r, struct feeds *x, size_t i)
{
	struct mail_part *p = &r->m->parts[i];
	struct source s = {.part = i, .path = p->path};
	bool csv = strcmp(p->type, "text/csv") == 0 ||
	    (p->filename != NULL && (text_iends(p->filename, ".csv") ||
		text_iends(p->filename, ".tsv")));
	bool html = strcmp(p->type, "text/html") == 0;
	const char *bytes;
	size_t len;

	bytes = mail_bytes(r->m, p, &len);
	s.names[0] = p->filename;
	s.nested = is_nested(r, i, &s.subject);
	s.letter = p->filename == NULL && mail_part_inline_text(p);
	/* the table in a person's letter is part of the letter (plain.h); HTML
	 * is looked at when it is the letter, not how that also looks */
	if (s.letter && !s.nested && !r->out->robot && !r->bulk)
		return;
	if (html && (!s.letter || r->human_part == NULL ||
		strcmp(r->human_part, p->path) != 0))
		return;
	/* a workbook, a picture, a program */
	if (memchr(bytes, '\0', MIN(len, 64)) != NULL && !csv &&
	    !g_str_has_prefix(p->type, "text/"))
		return;
	if (html) {
		s.text = read_html(r, p);
		s.len = strlen(s.text);
	} else if (s.letter) {
		const char *t = mail_text(r->m, p, &s.len);

		if (text_ieq(mail_param(&p->params, "format"), "flowed")) {
			t = mail_unflow(r->a, t, text_ieq(
			    mail_param(&p->params, "delsp"), "yes"));
			s.len = strlen(t);
		}
		s.text = t;
	} else {
		s.text = to_text(r, bytes, len,
		    mail_param(&p->params, "charset"), p->filename, &s.len);
	}
	take_source(r, x, &s, csv);
}

const struct feeds *
feeds_of(struct reading *r)
{
	struct archives packed;
	struct feeds *x;

	if (r->feeds != NULL)
		return r->feeds;
	r->feeds = x = ARENA_NEW(r->a, struct feeds);
	x->sources = arena_ptr_array(r->a);
	x->packed = arena_ptr_array(r->a);
	archives_init(&packed, r->a);
	for (size_t i = 0; i < r->m->n; i++) {
		const char *bytes;
		size_t len;

		if (hopeless(&r->m->parts[i]))
			continue;
		bytes = mail_bytes(r->m, &r->m->parts[i], &len);
		if (archive_kind(bytes, len) != ARCHIVE_NONE)
			look_into(r, x, &packed, i, bytes, len);
		else
			look_at(r, x, i);
	}
	for (guint i = 0; i < packed.defects->len; i++)
		read_defect(r, "%s", (const char *)packed.defects->pdata[i]);
	return x;
}

/* ---- CSV ---------------------------------------------------------------- */

static void
read_source(struct reading *r, struct source *s)
{
	if (s->kind == SOURCE_JSON) {
		feed_json_read(r, s->text, s->len, s->path, feed_of(r, s));
		return;
	}
	if (s->table->type == NULL)
		s->table->type = classify_text(s->subject,
		    lines_said(r->a, r->human));
	/* "All timestamps are in UTC." above it, or in the mail it is in */
	if (s->table->zone == NULL &&
	    (plain_zone_of(r, s->lead, &s->table->offset, &s->table->place) ||
		plain_zone_of(r, r->human, &s->table->offset,
		    &s->table->place)))
		s->table->zone = "given";
	feed_rows(s->table, s->text, s->len, s->letter);
}

static bool
readable(const struct source *s, bool letter)
{
	return s->kind != SOURCE_DMARC && s->letter == letter && !s->nested;
}

static bool
look(struct reading *r, bool letter)
{
	const struct feeds *x = feeds_of(r);

	for (guint i = 0; i < x->sources->len; i++)
		if (readable(x->sources->pdata[i], letter))
			return true;
	return false;
}

static void
read_all(struct reading *r, bool letter)
{
	const struct feeds *x = feeds_of(r);

	for (guint i = 0; i < x->sources->len; i++)
		if (readable(x->sources->pdata[i], letter))
			read_source(r, x->sources->pdata[i]);
}

bool
csv_look(struct reading *r)
{
	return look(r, false);
}

void
csv_read_files(struct reading *r)
{
	read_all(r, false);
}

bool
csv_letter_look(struct reading *r)
{
	return look(r, true);
}

void
csv_letter_read(struct reading *r)
{
	read_all(r, true);
}

bool
feeds_read_inside(struct reading *r, size_t container)
{
	const struct feeds *x = feeds_of(r);
	bool any = false;

	for (guint i = 0; i < x->sources->len; i++) {
		struct source *s = x->sources->pdata[i];

		if (s->kind == SOURCE_DMARC ||
		    !mail_part_inside(r->m, s->part, container))
			continue;
		read_source(r, s);
		any = true;
	}
	return any;
}

/* ---- DMARC aggregate reports -------------------------------------------- */

bool
dmarc_look(struct reading *r)
{
	const struct feeds *x = feeds_of(r);

	for (guint i = 0; i < x->sources->len; i++) {
		const struct source *s = x->sources->pdata[i];

		if (s->kind == SOURCE_DMARC && !s->nested)
			return true;
	}
	return false;
}

/* What is between <name> and </name>, first of its kind. */
static const char *
element(struct arena *a, const char *s, const char *name)
{
	const char *p = strstr(s, arena_printf(a, "<%s>", name)), *end;

	if (p == NULL)
		return "?";
	p += strlen(name) + 2;
	end = strchr(p, '<');
	return end == NULL || end - p > 200 ? "?" :
	    g_strstrip(arena_strndup(a, p, (size_t)(end - p)));
}

/* No event: who reports on which domain is all there is to say. */
void
dmarc_read(struct reading *r)
{
	const struct feeds *x = feeds_of(r);
	GString *text = arena_gstring(r->a);

	if (!text_blank(r->out->text))
		return;
	for (guint i = 0; i < x->sources->len && i < 10; i++) {
		const struct source *s = x->sources->pdata[i];
		const char *head = s->kind != SOURCE_DMARC ? "" :
		    arena_strndup(r->a, s->text, MIN(s->len, 8192));

		if (s->kind == SOURCE_DMARC && !s->nested)
			g_string_append_printf(text, "DMARC aggregate report "
			    "of %s about %s.\n",
			    element(r->a, head, "org_name"),
			    element(r->a, head, "domain"));
	}
	r->out->text = text->str;
}
