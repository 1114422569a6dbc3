/* See rows.h. */
#include "base/base.h"
#include "inspect/letter/rows.h"

#include "base/net.h"
#include "inspect/feed/feed.h"
#include "inspect/letter/plain.h"
#include "inspect/time/stamp_priv.h"

/* A list at work. */
struct rows {
	struct reading r;
	int line; /* in hand, from 1 */
};

static const char *
line_number(struct rows *t)
{
	return arena_printf(t->r.a, "%d", t->line);
}

static const char *
kept(struct rows *t, const char *s, size_t n)
{
	const char *text = arena_strndup(t->r.a, s, n);

	return text_cut(t->r.a, text_squash(t->r.a, text), ROWS_LINE_MAX);
}

static struct inspect_event *
event(struct rows *t)
{
	return read_event(&t->r, line_number(t));
}

static void
refused(struct rows *t, struct inspect_event *e, const char *s, size_t n,
    const char *why)
{
	read_extra(t->r.a, e, "line", kept(t, s, n));
	read_extra(t->r.a, e, "refused", why);
}

static void
refuse(struct rows *t, const char *s, size_t n, const char *why)
{
	refused(t, event(t), s, n, why);
}

/* ---- what is in a line, and what cannot be --------------------------------- */

/* What is in a line. */
enum { MEANT = 2 }; /* addresses of a line with other words: from and to */
struct found {
	struct scan_hit ips[MEANT];
	size_t n; /* of all; the first MEANT are kept */
	struct scan_hit url, name;
	const char *cve;
	const char *odd; /* "192.0.2.0/33" of it, or NULL */
	bool has_url, has_name, only; /* only: addresses and nothing else */
};

static bool
is_address(const struct scan_hit *h)
{
	return h->kind == SCAN_IPV4 || h->kind == SCAN_IPV6 ||
	    h->kind == SCAN_CIDR;
}

/* Between two addresses of a list. */
static bool
only_marks(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strchr(" \t,;|\"'*\r", s[i]) == NULL)
			return false;
	return true;
}

/* "192.0.2.0/33", of which the reader of addresses took the first half: why
 * it is refused. */
static const char *
no_prefix(struct rows *t, const char *s, size_t n, const struct scan_hit *h)
{
	size_t to = h->end + 1;

	if (h->kind == SCAN_CIDR || to >= n || s[h->end] != '/' ||
	    !g_ascii_isdigit(s[to]))
		return NULL;
	while (to < n && g_ascii_isdigit(s[to]))
		to++;
	if (to < n && (g_ascii_isalnum(s[to]) || s[to] == '/'))
		return NULL;
	return arena_printf(t->r.a, "%s is no network: a prefix is /8 to /32 "
	    "of IPv4, /8 to /128 of IPv6; a port is written 192.0.2.7:443.",
	    kept(t, s + h->start, to - h->start));
}

static void
look(struct rows *t, const char *s, size_t n, struct found *f)
{
	struct scan_hit h;
	size_t pos = 0, behind = 0;

	*f = (struct found){.only = true};
	while (scan_next(t->r.a, s, n, &pos, &h)) {
		if (is_address(&h) && !h.in_url) {
			f->only &= only_marks(s + behind, h.start - behind) &&
			    h.port == DESC_NULL;
			behind = h.end;
			if (f->odd == NULL)
				f->odd = no_prefix(t, s, n, &h);
			if (f->n < COUNT_OF(f->ips))
				f->ips[f->n] = h;
			f->n++;
		} else if (h.kind == SCAN_URL && !f->has_url) {
			f->url = h;
			f->has_url = true;
			f->only = false;
		} else if (h.kind == SCAN_DOMAIN && !f->has_name) {
			f->name = h;
			f->has_name = true;
			f->only = false;
		} else if (h.kind == SCAN_CVE && f->cve == NULL) {
			f->cve = h.value;
			f->only = false;
		}
	}
	f->only &= f->n > 0 && only_marks(s + behind, n - behind);
}

/* "9999-01-01" at s, and what it says. */
static bool
day_at(const char *s, size_t n, int *year)
{
	int v[3];
	struct cursor c = {s, s + n};

	if (n < 10 || !digits(&c, 4, 4, &v[0]) || !is(&c, "-") ||
	    !digits(&c, 2, 2, &v[1]) || !is(&c, "-") ||
	    !digits(&c, 2, 2, &v[2]))
		return false;
	*year = v[0];
	return v[1] >= 1 && v[1] <= 12 && v[2] >= 1 && v[2] <= 31;
}

/* Why what is written as a time is none: the year of no event.  A day without
 * a clock will do where only times are written. */
static const char *
no_year(struct rows *t, const char *s, size_t n, bool day_alone)
{
	for (size_t i = 0; i + 10 <= n; i++) {
		int year;

		if ((i > 0 && g_ascii_isalnum(s[i - 1])) ||
		    !day_at(s + i, n - i, &year) ||
		    (year >= 1970 && year <= 2200))
			continue;
		if ((day_alone && i + 10 == n) || (i + 11 < n &&
			(s[i + 10] == 'T' || s[i + 10] == ' ') &&
			g_ascii_isdigit(s[i + 11])))
			return arena_printf(t->r.a, "%.10s is no day of an "
			    "event: write the time as 2026-11-23 04:10 UTC.",
			    s + i);
	}
	return NULL;
}

/* A row that was understood, and cannot be. */
static void
refuse_event(struct rows *t, struct inspect_event *e, const char *s, size_t n,
    const char *why)
{
	e->source_ip = e->url = e->domain = NULL;
	refused(t, e, s, n, why);
}

/* Why a field for addresses of a row of a table holds none, or NULL. */
static const char *
odd_field(struct rows *t, const struct feed *f, const char *const *fields,
    size_t n)
{
	for (size_t i = 0; i < MIN(n, f->n); i++) {
		struct found x;

		if (f->columns[i] < COL_IP || f->columns[i] > COL_DST)
			continue;
		look(t, fields[i], strlen(fields[i]), &x);
		if (x.odd != NULL)
			return x.odd;
	}
	return NULL;
}

/* ---- tables --------------------------------------------------------------- */

static const char no_columns[] =
    "No address, URL or name is in the columns where one should be.";

static void
table(struct rows *t, struct feed *f, const char *text, size_t len)
{
	const char *fields[CSV_FIELDS_MAX];
	/* The cursor cuts its text; lines are shown from the other. */
	char *copy = arena_strndup(t->r.a, text, len);
	struct csv_cursor c = csv_cursor(copy, len, f->separator);
	int first = t->line;
	const char *why;
	size_t n;

	c.lenient = true;
	f->every = true;
	for (;;) {
		size_t from = (size_t)(c.p - copy), to;
		guint before = t->r.events->len;

		t->line = first + c.line;
		if (t->r.full || !csv_next(&c, fields, &n, NULL))
			break;
		if (n == 1 && *fields[0] == '\0')
			continue;
		to = (size_t)(c.p - copy);
		why = odd_field(t, f, fields, n);
		if (why != NULL) {
			refuse(t, text + from, to - from, why);
			continue;
		}
		if (!feed_row(f, fields, n) || t->r.events->len == before) {
			refuse(t, text + from, to - from, no_columns);
			continue;
		}
		for (guint i = before; i < t->r.events->len; i++) {
			struct inspect_event *e = t->r.events->pdata[i];

			e->evidence_part = line_number(t);
			/* a table of targets is about them */
			if (e->source_ip == NULL && e->url == NULL) {
				e->source_ip = e->destination_ip;
				e->destination_ip = NULL;
			}
			/* a time alone, or a port, is a row of nothing */
			if (e->source_ip == NULL && e->url == NULL &&
			    e->domain == NULL)
				refused(t, e, text + from, to - from,
				    no_columns);
			else if (e->time == DESC_NULL &&
			    e->time_given != NULL &&
			    (why = no_year(t, e->time_given,
				 strlen(e->time_given), true)) != NULL)
				refuse_event(t, e, text + from, to - from,
				    why);
		}
	}
}

/* ---- lines ---------------------------------------------------------------- */

/* "www.uni.example" as the first word; nobody writes a name defanged. */
static const char *
first_name(struct rows *t, const char *s, size_t n)
{
	size_t from = 0, to;
	const char *word, *dot;

	while (from < n && strchr(" \t\"'*", s[from]) != NULL)
		from++;
	for (to = from; to < n && strchr(" \t,;|\"'", s[to]) == NULL; to++)
		;
	if (to == from || to - from > 253)
		return NULL;
	word = text_lower(t->r.a, arena_strndup(t->r.a, s + from, to - from));
	dot = strrchr(word, '.');
	return dot != NULL && g_ascii_isalpha(dot[1]) && text_domain_ok(word)
	    ? word : NULL;
}

/* Facts of the line that do not depend on which address is meant. */
static void
facts(struct rows *t, const char *s, size_t n, const struct found *f,
    struct inspect_event *e)
{
	struct arena *a = t->r.a;
	struct line l = {s, n, LINE_TEXT};
	struct facts x;
	struct stamp st;
	const char *given;

	facts_read(a, read_lower(a, s, n), &x);
	e->source_port = x.source_port;
	e->destination_port = x.target_port;
	e->protocol = x.protocol;
	e->malware = x.malware;
	e->count = x.count;
	e->cve = f->cve;
	if (plain_stamp(a, &l, &st, &given)) {
		e->time_given = read_field(a, given);
		if (st.zone && !st.year)
			stamp_add_year(&st, t->r.out->date);
		if (st.zone && st.time != DESC_NULL) {
			e->time = st.time;
			e->zone = "given";
		}
	}
	if (f->has_url) {
		struct net host;

		e->url = read_field(a, f->url.value);
		if (f->url.host != NULL && net_parse_host(f->url.host, &host))
			e->source_ip = net_text(a, &host);
		else if (f->url.host != NULL && text_domain_ok(f->url.host))
			e->domain = f->url.host;
	} else if (f->has_name) {
		e->domain = f->name.value;
	}
}

/* "192.0.2.1-9": an event for each. */
static void
range(struct rows *t, const char *s, size_t n, const struct scan_hit *h)
{
	struct net net, last;
	int64_t first;

	if (!net_parse_host(h->value, &net) || net.v6) {
		refuse(t, s, n, "This range cannot be read: write a prefix, "
		    "192.0.2.0/28.");
		return;
	}
	first = net.bytes[3];
	if (h->last < first || h->last > 255 ||
	    h->last - first >= ROWS_RANGE_MAX) {
		refuse(t, s, n, "This range has more than 16 addresses: write "
		    "down those that are meant.");
		return;
	}
	last = net;
	for (int64_t i = first; i <= h->last; i++) {
		struct inspect_event *e = event(t);

		last.bytes[3] = (uint8_t)i;
		e->source_ip = net_text(t->r.a, &last);
		read_extra(t->r.a, e, "line", kept(t, s, n));
	}
}

/* Each address of a line that holds nothing else, however many. */
static void
list(struct rows *t, const char *s, size_t n)
{
	struct scan_hit h;
	size_t pos = 0;

	while (!t->r.full && scan_next(t->r.a, s, n, &pos, &h))
		if (is_address(&h) && !h.in_url) {
			if (h.last != DESC_NULL)
				range(t, s, n, &h);
			else
				event(t)->source_ip = h.value;
		}
}

static void
one_line(struct rows *t, const char *s, size_t n)
{
	struct found f;
	struct inspect_event *e;
	const char *name, *why;

	look(t, s, n, &f);
	if (f.odd != NULL) {
		refuse(t, s, n, f.odd);
		return;
	}
	if (f.only) {
		list(t, s, n);
		return;
	}
	if (f.n == 1 && f.ips[0].last != DESC_NULL) {
		range(t, s, n, &f.ips[0]);
		return;
	}
	/* (Which of them are concerned, nobody can know.) */
	if (f.n > MEANT) {
		refuse(t, s, n, "More than two addresses are in it, with other "
		    "words: write a line for each.");
		return;
	}
	name = f.n == 0 && !f.has_url && !f.has_name ? first_name(t, s, n)
						     : NULL;
	if (f.n == 0 && !f.has_url && !f.has_name && name == NULL) {
		refuse(t, s, n, "No address, URL or name was found in it.");
		return;
	}
	e = event(t);
	facts(t, s, n, &f, e);
	if (name != NULL)
		e->domain = name;
	if (f.n > 0) {
		e->source_ip = f.ips[0].value;
		if (f.ips[0].port != DESC_NULL)
			e->source_port = f.ips[0].port;
	}
	/* "192.0.2.7 -> 203.0.113.5" */
	if (f.n > 1 && f.ips[1].kind != SCAN_CIDR) {
		e->destination_ip = f.ips[1].value;
		if (f.ips[1].port != DESC_NULL)
			e->destination_port = f.ips[1].port;
	}
	why = e->time_given == NULL ? no_year(t, s, n, false) : NULL;
	if (why != NULL)
		refuse_event(t, e, s, n, why);
	else
		read_extra(t->r.a, e, "line", kept(t, s, n));
}

/* ---- the whole ------------------------------------------------------------ */

/* Is it the header of a table?  Then the rows are read by its columns. */
static bool
header(struct rows *t, const char *s, size_t n, struct feed **f)
{
	struct scan_hit h;
	size_t pos = 0;

	/* A line with an address is no line of names. */
	while (scan_next(t->r.a, s, n, &pos, &h))
		if (is_address(&h))
			return false;
	return feed_header(&t->r, s, n, true, f);
}

static const char *
as_text(struct arena *a, const void *bytes, size_t len)
{
	const char *p = bytes;

	if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		len -= 3;
	}
	if (!g_utf8_validate_len(p, len, NULL)) {
		g_autofree char *utf8 = g_convert(p, (gssize)len, "UTF-8",
		    "WINDOWS-1252", NULL, NULL, NULL);

		if (utf8 != NULL)
			return text_repair(a, utf8, strlen(utf8));
	}
	return text_repair(a, p, len);
}

static void
all(struct rows *t, const char *text)
{
	bool first = true;

	for (const char *s = text; *s != '\0' && !t->r.full;) {
		size_t n = strcspn(s, "\n"), all = n + (s[n] == '\n');
		struct feed *f;

		t->line++;
		while (n > 0 && (s[n - 1] == '\r' || s[n - 1] == ' '))
			n--;
		if (only_marks(s, n)) {
			s += all;
			continue;
		}
		if (first && header(t, s, n, &f)) {
			t->r.out->format = "csv";
			table(t, f, s + all, strlen(s + all));
			return;
		}
		/* (a comment before the header is none of the rows) */
		if (*s != '#') {
			first = false;
			one_line(t, s, n);
		}
		s += all;
	}
}

void
inspect_rows(struct arena *a, const struct conf *c, const void *bytes,
    size_t len, struct inspection *out)
{
	static const char *const none[] = {NULL};
	struct rows t = {.r = {.a = a, .c = c, .out = out}};
	GPtrArray *events;

	*out = (struct inspection){.format = "plain", .date = when_now(),
	    .subject_number = DESC_NULL, .references = none,
	    .crypto = "none"};
	out->sha256 = text_sha256(a, bytes, len);
	out->size = (int64_t)len;
	events = t.r.events = arena_ptr_array(a);
	/* (defects are kept with a mail) */
	t.r.m = mail_parse(a, "\r\n", 2);
	all(&t, as_text(a, bytes, len));
	out->events.n = events->len;
	out->events.items = ARENA_ARRAY(a, struct inspect_event,
	    events->len + 1);
	for (guint i = 0; i < events->len; i++)
		*LIST_AT(inspect_event, out->events, i) =
		    *(struct inspect_event *)events->pdata[i];
	if (t.r.full) {
		out->defects.n = 1;
		out->defects.items = ARENA_NEW(a, struct inspect_defect);
		LIST_AT(inspect_defect, out->defects, 0)->text =
		    arena_printf(a, "These are more than %d lines.",
			INSPECT_EVENTS_MAX);
	}
}
