/*
 * Tables in letters and logs: a header names columns, and in which column
 * an address stands says what part it plays (plain.h).
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

#include "inspect/feed/feed.h"

enum {
	BLANK = ' ',  /* any blanks: logs that say "#Fields: ..." */
	WIDE = '2',   /* two blanks or more, or a tab */
};

/* "Hits (24h)", "SHA256", a zone, a day: more than these are no names, and
 * most lines of a log are told apart by that. */
enum { DIGITS_MAX = 16, NAMES_MAX = 10 };

/* Where the cell at s ends; *next is where the one behind it begins. */
static const char *
cell(const char *s, const char *end, char mark, const char **next)
{
	const char *p = s, *stop;

	switch (mark) {
	case BLANK:
		while (p < end && *p != ' ' && *p != '\t')
			p++;
		break;
	case WIDE:
		while (p < end && *p != '\t' &&
		    !(*p == ' ' && p + 1 < end && p[1] == ' '))
			p++;
		break;
	default:
		while (p < end && *p != mark)
			p++;
		*next = p < end ? p + 1 : end;
		return p;
	}
	stop = p;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	*next = p;
	return stop;
}

static char
mark_of(const struct line *l)
{
	static const char marks[] = "|;,";

	for (const char *m = marks; *m != '\0'; m++) {
		size_t n = 0;

		for (size_t i = 0; i < l->n; i++)
			n += l->s[i] == *m;
		if (n > 1)
			return *m;
	}
	return WIDE;
}

/* Names are short; "IP address", "Target port", no sentence and no value. */
static bool
is_name(const char *s, const char *end)
{
	size_t words = 1;

	/* "#": which row it is */
	if (end - s == 1 && *s == '#')
		return true;
	if (end - s < 2 || end - s > 32)
		return false;
	for (; s < end; s++) {
		words += *s == ' ';
		if (g_ascii_isdigit(*s) || *s == '=' || *s == '@')
			return false;
		/* "srcIp:srcPort" is a name, "Source:" a label */
		if (*s == ':' && (s + 1 == end || !g_ascii_isalpha(s[1])))
			return false;
	}
	return words <= 4;
}

/* A column of ports: whose, its own words say ("Zielport"), else the column
 * before it; a port that nobody owns was attacked. */
static enum blame
port_of(const char *s, const char *stop, enum blame own, enum blame before)
{
	static const char *const words[] = {"port", "puerto", "poort", "端口",
	    "ポート", "포트", "порт"};
	ARENA_AUTO(a, "port");
	const char *t = read_lower(a, s, (size_t)(stop - s));
	bool port = false;

	for (size_t i = 0; i < COUNT_OF(words); i++)
		port |= strstr(t, words[i]) != NULL;
	if (!port || strstr(t, "report") != NULL || strstr(t, "ip") != NULL ||
	    strchr(t, ':') != NULL)
		return BLAME_NONE;
	if (own == BLAME_SOURCE || own == BLAME_TARGET)
		return own;
	if (strstr(t, "ziel") != NULL || strstr(t, "dst") != NULL ||
	    strstr(t, "dest") != NULL || strstr(t, "dport") != NULL)
		return BLAME_TARGET;
	if (strstr(t, "quell") != NULL || strstr(t, "src") != NULL ||
	    strstr(t, "sport") != NULL || before == BLAME_SOURCE)
		return BLAME_SOURCE;
	return BLAME_TARGET;
}

/* "IP", "Source address", "Port": names that feeds have, too. */
static void
count_name(struct arena *a, const char *s, const char *stop, struct columns *c)
{
	enum column known;
	const char *name;
	int offset;
	bool zone;

	if (stop == s)
		return;
	name = column_name(a, arena_strndup(a, s, (size_t)(stop - s)),
	    &offset, &zone);
	known = column_of(name);
	if (known == COL_UNKNOWN)
		known = column_worded(name);
	c->counts[c->n] = known == COL_COUNT;
	c->measures += known == COL_COUNT || known == COL_PORT ||
	    known == COL_SRC_PORT || known == COL_DST_PORT;
	c->known += known != COL_UNKNOWN;
	c->hosts += known == COL_IP || known == COL_SRC_IP ||
	    known == COL_SRC || (known == COL_DOMAIN &&
		strcmp(name, "host") == 0);
	c->bare[c->n] = known == COL_IP || known == COL_SRC ||
	    known == COL_DOMAIN;
}

static enum blame
turned(const char *low, enum blame role)
{
	return strstr(low, "remote") != NULL ? BLAME_TARGET :
	    strstr(low, "local") != NULL ? BLAME_SOURCE : role;
}

/* The columns of a header; false when a cell is no name, unless anything
 * will do. */
static bool
read_columns(const char *s, const char *end, bool anything,
    struct columns *c, bool *both)
{
	ARENA_AUTO(a, "table");
	bool source = false, target = false;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	while (s < end && c->n < COLUMNS_MAX) {
		const char *next, *stop = cell(s, end, c->mark, &next);
		enum blame r;

		while (s < stop && strchr(" \t\"'*", *s) != NULL)
			s++;
		while (stop > s && strchr(" \t\"'*\r", stop[-1]) != NULL)
			stop--;
		if (!anything && stop > s && !is_name(s, stop))
			return false;
		count_name(a, s, stop, c);
		r = stop > s ? blame_of_label(read_lower(a, s,
		    (size_t)(stop - s))) : BLAME_NONE;
		/* of an attack that goes out, the far end was hit */
		if (c->turned && r != BLAME_NONE)
			r = turned(read_lower(a, s, (size_t)(stop - s)), r);
		c->ports[c->n] = port_of(s, stop, r, c->n > 0 ?
		    c->roles[c->n - 1] : BLAME_NONE);
		if (c->ports[c->n] == BLAME_NONE) {
			source |= r == BLAME_SOURCE;
			/* "Client" */
			if (r == BLAME_SOURCE && c->hosts == 0 &&
			    memchr(s, ' ', (size_t)(stop - s)) == NULL) {
				c->hosts++;
				c->known++;
			}
			target |= r == BLAME_TARGET;
			c->targets += r == BLAME_TARGET;
		}
		c->roles[c->n++] = r;
		s = next;
	}
	*both = source && target;
	return true;
}

/* "192.0.2.1 | 2026-11-26 05:11 | source port 51002" is a row. */
static bool
names_address(struct plain *p, const struct line *l)
{
	struct scan_hit hit;
	size_t pos = 0;

	while (scan_next(p->r->a, l->s, l->n, &pos, &hit))
		if (hit.kind <= SCAN_CIDR)
			return true;
	return false;
}

/* Behind "Format:" and the like, in which a letter says what its columns are;
 * s itself without. */
static const char *
behind_lead(const char *s, const char *end)
{
	static const char *const leads[] = {"format", "fields", "columns",
	    "header", "headers", "line format", "log format", "data format",
	    "csv format", "record format", "column names", "spalten", "felder",
	    "colonnes", "champs", "columnas", "campos", "colonne", "campi",
	    "kolommen", "velden", "kolumny", "pola", "colunas"};
	const char *colon = memchr(s, ':', (size_t)MIN(end - s, 24));

	for (size_t i = 0; colon != NULL && i < COUNT_OF(leads); i++)
		if ((size_t)(colon - s) == strlen(leads[i]) &&
		    g_ascii_strncasecmp(s, leads[i], strlen(leads[i])) == 0)
			return colon + 1 + strspn(colon + 1, " ");
	return s;
}

static bool
one_cell(const char *s, const char *end)
{
	const char *next;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	cell(s, end, WIDE, &next);
	return next == end;
}

/* Names are few, and nothing ends or pauses behind them. */
static bool
is_sentence(const char *s, const char *end)
{
	int words = 1;

	for (; s < end; s++) {
		bool stops = s + 1 == end || s[1] == ' ' || s[1] == '\t';

		if (stops && strchr(".,;!?", *s) != NULL)
			return true;
		words += *s == ' ' && !stops;
	}
	return words > NAMES_MAX;
}

/* Three words or more that all but one are names of columns? */
static bool
all_names(const char *s, const char *end, struct columns *c)
{
	struct columns x = {.mark = BLANK, .turned = c->turned};
	bool both;

	if (end - s > 120 || is_sentence(s, end) ||
	    !read_columns(s, end, false, &x, &both) ||
	    x.n < 3 || x.known + 1 < x.n || x.hosts == 0 || x.measures == 0)
		return false;
	*c = x;
	return true;
}

static size_t
digits(const struct line *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += g_ascii_isdigit(l->s[i]);
	return n;
}

bool
table_header(struct plain *p, const struct line *l)
{
	static const char *const marks[] = {"#fields:", "#fields\t"};
	const char *s = l->s, *end = l->s + l->n;
	struct columns c = {.mark = WIDE, .turned = p->outgoing};
	bool both, fields = false, told = p->list->len > 0;

	if (l->n < 8 || l->n > 1000)
		return false;
	for (size_t i = 0; i < COUNT_OF(marks); i++)
		if (l->n > strlen(marks[i]) && g_ascii_strncasecmp(s, marks[i],
			strlen(marks[i])) == 0) {
			s += strlen(marks[i]);
			fields = true;
			c.mark = BLANK;
		}
	if (!fields && digits(l) > DIGITS_MAX)
		return false;
	if (!fields) {
		s = behind_lead(s, end);
		c.mark = mark_of(l);
	}
	/* "Quelle Versuche Zuletzt": nothing but names */
	if (!fields && c.mark == WIDE && one_cell(s, end) &&
	    all_names(s, end, &c)) {
		p->columns = c;
		p->by_words = (struct columns){.mark = BLANK};
		return true;
	}
	/* one role alone may be any short line of a letter, but not when it
	 * stands beside two other names of columns, or how often, or a port;
	 * who was hit may be the head of a second table, or of one about
	 * somebody who was named above */
	if (!read_columns(s, end, fields, &c, &both) ||
	    (!fields && (c.n < 2 || names_address(p, l) || (!both &&
		(c.hosts + (told ? c.targets : 0) == 0 ||
			c.known < 2 || c.known + c.measures < 3)))))
		return false;
	p->columns = c;
	p->by_words = (struct columns){.mark = BLANK,
	    .turned = p->outgoing};
	if (c.mark == WIDE)
		read_columns(s, end, true, &p->by_words, &both);
	return true;
}

/* Palo Alto's TRAFFIC and THREAT logs, which come without their header: the
 * fields by their number; what was translated is no source. */
static const struct columns pan_os = {.n = 26, .mark = ',',
    .roles = {[7] = BLAME_SOURCE, [8] = BLAME_TARGET, [9] = BLAME_TARGET,
	[10] = BLAME_TARGET},
    .ports = {[24] = BLAME_SOURCE, [25] = BLAME_TARGET}};

static bool
is_pan_os(const struct line *l)
{
	const char *s = l->s, *end = l->s + l->n;

	for (int i = 0; i < 3; i++) {
		s = memchr(s, ',', (size_t)(end - s));
		if (s == NULL)
			return false;
		s++;
	}
	return (size_t)(end - s) > 8 && (strncmp(s, "TRAFFIC,", 8) == 0 ||
	    strncmp(s, "THREAT,", 7) == 0);
}

/* A head with wide gaps may stand above rows with narrow ones: such a row has
 * as many words as the columns or as their names. */
static const struct columns *
columns_of(const struct plain *p, const struct line *l)
{
	static const struct columns none = {.mark = WIDE};
	const struct columns *c = &p->columns;
	const char *s = l->s, *end = l->s + l->n;
	size_t words = 0, cells = 0;

	if (c->n == 0 && is_pan_os(l))
		return &pan_os;
	/* a sentence below the table */
	if (c->n > 1 && c->mark != WIDE && c->mark != BLANK &&
	    memchr(s, c->mark, l->n) == NULL)
		return &none;
	if (c->mark != WIDE || c->n == 0)
		return c;
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	for (const char *q = s, *next; q < end; q = next, cells++)
		cell(q, end, WIDE, &next);
	if (cells == c->n)
		return c;
	for (const char *q = s, *next; q < end; q = next, words++)
		cell(q, end, BLANK, &next);
	if (words == p->by_words.n)
		return &p->by_words;
	/* more than the head has names: it is the head of something else; a
	 * line without a gap is no row */
	return cells > c->n || (cells == 1 && c->n > 1) ? &none : c;
}

enum blame
table_role(const struct plain *p, const struct line *l,
    const struct scan_hit *hit, enum blame otherwise)
{
	const struct columns *c = columns_of(p, l);
	const char *s = l->s, *end = l->s + l->n, *at = l->s + hit->start;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	for (size_t i = 0; i < c->n && s < end; i++) {
		const char *next, *stop = cell(s, end, c->mark, &next);

		if (at >= s && at < stop)
			return c->roles[i] == BLAME_SOURCE ||
				c->roles[i] == BLAME_TARGET ? c->roles[i] :
				/* the words are those of other cells */
				c->bare[i] && (otherwise <= BLAME_LIST ||
				    (otherwise == BLAME_SOURCE && i > 0)) ?
				BLAME_LABEL : otherwise;
		s = next;
	}
	return otherwise;
}

/* A cell that is a number and nothing else: "1,024", no "301 MB". */
static int64_t
how_often(const char *s, const char *stop)
{
	while (s < stop && (*s == ' ' || *s == '\t'))
		s++;
	while (stop > s && strchr(" \t\r", stop[-1]) != NULL)
		stop--;
	for (const char *q = s; q < stop; q++)
		if (!g_ascii_isdigit(*q) && *q != ',' && *q != '.')
			return DESC_NULL;
	return facts_amount(s, stop);
}

void
table_facts(const struct plain *p, const struct line *l, struct facts *f)
{
	const struct columns *c = columns_of(p, l);
	const char *s = l->s, *end = l->s + l->n;
	bool counted = false;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	for (size_t i = 0; i < c->n && s < end; i++) {
		const char *next, *stop = cell(s, end, c->mark, &next);
		int64_t v = c->ports[i] != BLAME_NONE ?
		    facts_number(s, stop) : c->counts[i] ?
		    how_often(s, stop) : DESC_NULL;

		if (c->counts[i]) {
			if (v > 0 && !counted)
				f->count = v;
			counted |= v > 0;
		} else if (v != DESC_NULL && v > 0 && v < 65536) {
			if (c->ports[i] == BLAME_SOURCE)
				f->source_port = v;
			else
				f->target_port = v;
		}
		s = next;
	}
}

bool
table_row(const struct line *l)
{
	size_t letters = 0;

	for (size_t i = 0; i < l->n; i++)
		letters += g_ascii_isalpha(l->s[i]) || (l->s[i] & 0x80);
	return letters <= 8;
}

/* "192.0.2.3,203.0.113.9,1900,80": both behind both, as pf's log has it;
 * also with blanks */
bool
table_ports_behind(const struct line *l, struct scan_hit *a, struct scan_hit *b)
{
	const char *p = l->s + b->end, *end = l->s + l->n;
	int64_t ports[2];

	char mark = l->s[a->end];

	if (b->start - a->end != 1 || (mark != ',' && mark != ' ') ||
	    a->kind > SCAN_IPV6 || b->kind > SCAN_IPV6)
		return false;
	for (size_t i = 0; i < 2; i++) {
		const char *d = p + 1;

		if (p == end || *p != mark)
			return false;
		while (d < end && g_ascii_isdigit(*d))
			d++;
		ports[i] = d - p > 1 && d - p < 7 ? facts_number(p + 1, d) :
			DESC_NULL;
		if (ports[i] == DESC_NULL || ports[i] > 65535)
			return false;
		p = d;
	}
	a->port = ports[0];
	b->port = ports[1];
	return true;
}

void
table_ports(const struct line *l, struct scan_hit *a, struct scan_hit *b)
{
	struct scan_hit *h[] = {a, b};
	int64_t ports[2];

	if (a->port != DESC_NULL || b->port != DESC_NULL ||
	    table_ports_behind(l, a, b))
		return;
	for (size_t i = 0; i < 2; i++) {
		const char *p = l->s + h[i]->end, *end = l->s + l->n, *d;

		while (p < end && strchr(" ,;|\t\"", *p) != NULL)
			p++;
		for (d = p; d < end && g_ascii_isdigit(*d); d++)
			;
		if (d == p || d - p > 5 || p == l->s + h[i]->end ||
		    (d < end && strchr(" ,;|\t\"", *d) == NULL))
			return;
		ports[i] = facts_number(p, d);
		if (ports[i] == DESC_NULL || ports[i] > 65535)
			return;
	}
	a->port = ports[0];
	b->port = ports[1];
}

/* Two addresses with ports, or with a wide gap between them, stand in columns;
 * what is enumerated has neither. */
bool
table_gap(const struct line *l, const struct scan_hit *a,
    const struct scan_hit *b)
{
	const char *p = l->s + a->end, *end = l->s + b->start;
	bool wide = end - p > 1 || memchr(p, '\t', (size_t)(end - p)) != NULL;

	for (; p < end; p++)
		if (*p != ' ' && *p != '\t')
			return false;
	return wide || (a->port != DESC_NULL && b->port != DESC_NULL);
}

/* A line that only opens a section, as in YAML and JSON in many lines:
 * "destination:", "\"source\": {".  What it says of the lines below it;
 * BLAME_NONE for any other. */
static enum blame
section_of(struct arena *a, const struct line *l)
{
	const char *s = l->s, *end = l->s + l->n, *w;

	while (s < end && strchr(" \t\"'-", *s) != NULL)
		s++;
	for (w = s; s < end && (g_ascii_isalpha(*s) || *s == '_' || *s == '-');
	    s++)
		;
	if (s == w || s - w > 20)
		return BLAME_NONE;
	while (w < s && end > s && strchr(" \t\r{", end[-1]) != NULL)
		end--;
	if (end - s < 1 || end - s > 2 || end[-1] != ':' ||
	    (end - s == 2 && *s != '"' && *s != '\''))
		return BLAME_NONE;
	return blame_of_label(read_lower(a, w, (size_t)(s - w)));
}

void
table_section(struct plain *p, const struct line *l, struct facts *f,
    size_t addresses)
{
	enum blame opens = addresses == 0 ? section_of(p->r->a, l) :
	    BLAME_NONE;
	size_t lead = MIN(strspn(l->s, " \t"), l->n);

	if (opens == BLAME_SOURCE || opens == BLAME_TARGET) {
		p->section = opens;
		p->bracket = memchr(l->s, '{', l->n) != NULL;
	} else if ((lead == 0 && !p->bracket) || opens != BLAME_NONE ||
	    (lead < l->n && (l->s[lead] == '}' || l->s[lead] == '-'))) {
		p->section = BLAME_NONE;
		p->bracket = false;
	} else if (p->section == BLAME_SOURCE && f->some_port != DESC_NULL &&
	    f->source_port == DESC_NULL) {
		f->source_port = f->some_port;
		f->target_port = DESC_NULL;
	}
}
