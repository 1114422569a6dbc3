/* See csv.h. */
#include "base/base.h"
#include "base/csv.h"
#include "base/text.h"

static bool
to_utf8(struct arena *a, const char **p, size_t *len, GError **err)
{
	gsize n;
	char *s;

	if (*len >= 3 && memcmp(*p, "\xef\xbb\xbf", 3) == 0) {
		*p += 3;
		*len -= 3;
	}
	if (memchr(*p, '\0', *len) != NULL)
		return fault_set(err, FAULT_INPUT,
		    "The file is not plain text; save it as CSV in UTF-8.");
	if (g_utf8_validate_len(*p, *len, NULL))
		return true;
	s = g_convert(*p, (gssize)*len, "UTF-8", "WINDOWS-1252", NULL, &n,
	    NULL);
	if (s == NULL)
		return fault_set(err, FAULT_INPUT,
		    "The file is neither UTF-8 nor Windows-1252.");
	*p = arena_strndup(a, s, n);
	*len = n;
	g_free(s);
	return true;
}

/* The header line decides: more semicolons than commas. */
static char
find_separator(const char *p, const char *end)
{
	int balance = 0;

	for (; p < end && *p != '\n' && *p != '\r'; p++)
		balance += *p == ';' ? 1 : *p == ',' ? -1 : 0;
	return balance > 0 ? ';' : ',';
}

static bool
at_line_end(const struct csv_cursor *c)
{
	return c->p == c->end || *c->p == '\n' || *c->p == '\r';
}

static void
skip_blanks(struct csv_cursor *c)
{
	while ((*c->p == ' ' || *c->p == '\t') && *c->p != c->separator)
		c->p++;
}

/* Does a quoted field end with the quote mark at p? */
static bool
ends_quoted(const struct csv_cursor *c, const char *p)
{
	for (p++; (*p == ' ' || *p == '\t') && *p != c->separator; p++)
		;
	return p == c->end || *p == '\n' || *p == '\r' ||
	    *p == c->separator;
}

enum quoted { QUOTED, NOT_QUOTED, WRONG };

/* A quoted field from *c->p on: its text moves together as its doubled quote
 * marks become one, so the end of it is not where c->p is in the end. */
static enum quoted
read_quoted(struct csv_cursor *c, char **from, char **to, GError **err)
{
	char *p = c->p + 1, *o = p;
	int line = c->line;

	if (c->p < c->unpaired)
		return NOT_QUOTED;
	/* first look, so that nothing has moved when it is none */
	for (; p < c->end && p - c->p <= CSV_FIELD_MAX; p++) {
		if (*p == '"') {
			if (p[1] == '"')
				p++;
			else if (!c->lenient || ends_quoted(c, p))
				break;
			else if (p[-1] == c->separator)
				return NOT_QUOTED; /* the next field's */
		}
	}
	if (p >= c->end || *p != '"') {
		if (c->lenient) {
			c->unpaired = p;
			return NOT_QUOTED;
		}
		if (p < c->end)
			fault_set(err, FAULT_LARGE,
			    "Line %d: a field is longer than %d bytes; is "
			    "there a quote mark too many?", line,
			    CSV_FIELD_MAX);
		else
			fault_set(err, FAULT_INPUT,
			    "Line %d: a quoted field does not end.", line);
		return WRONG;
	}
	*from = o;
	for (char *q = o; q < p; q++) {
		if (*q == '"' && q[1] == '"' && q + 1 < p)
			q++;
		else if (*q == '\n')
			c->line++;
		*o++ = *q;
	}
	*to = o;
	c->p = p + 1;
	skip_blanks(c);
	if (!at_line_end(c) && *c->p != c->separator) {
		fault_set(err, FAULT_INPUT,
		    "Line %d: text after the closing quote mark.", c->line);
		return WRONG;
	}
	return QUOTED;
}

static bool
read_bare(struct csv_cursor *c, char **from, char **to, GError **err)
{
	*from = c->p;
	while (!at_line_end(c) && *c->p != c->separator)
		c->p++;
	*to = c->p;
	if (*to - *from <= CSV_FIELD_MAX)
		return true;
	if (!c->lenient)
		return fault_set(err, FAULT_LARGE,
		    "Line %d: a field is longer than %d bytes.", c->line,
		    CSV_FIELD_MAX);
	/* at a character */
	*to = *from + CSV_FIELD_MAX;
	while (((unsigned char)**to & 0xc0) == 0x80)
		(*to)--;
	return true;
}

static bool
read_field(struct csv_cursor *c, const char **out, bool *last, GError **err)
{
	char *from, *to;
	enum quoted q = NOT_QUOTED;

	skip_blanks(c);
	if (*c->p == '"')
		q = read_quoted(c, &from, &to, err);
	if (q == WRONG ||
	    (q == NOT_QUOTED && !read_bare(c, &from, &to, err)))
		return false;
	while (from < to && g_ascii_isspace(*from))
		from++;
	while (from < to && g_ascii_isspace(to[-1]))
		to--;
	*last = at_line_end(c);
	if (!*last) {
		c->p++;
	} else if (c->p < c->end) {
		c->p += *c->p == '\r' && c->p[1] == '\n' ? 2 : 1;
		c->line++;
	}
	/* only now: it may stand where the separator was */
	*to = '\0';
	*out = from;
	return true;
}

struct csv_cursor
csv_cursor(char *text, size_t len, char separator)
{
	return (struct csv_cursor){.p = text, .end = text + len,
	    .separator = separator, .line = 1, .unpaired = text};
}

bool
csv_next(struct csv_cursor *c, const char **fields, size_t *n, GError **err)
{
	int line = c->line;
	bool last = false;

	*n = 0;
	if (c->p >= c->end)
		return false;
	while (!last) {
		const char *field;

		if (!read_field(c, &field, &last, err))
			return false;
		if (*n < CSV_FIELDS_MAX)
			fields[(*n)++] = field;
		else if (!c->lenient)
			return fault_set(err, FAULT_LARGE,
			    "Line %d has more than %d fields.", line,
			    CSV_FIELDS_MAX);
	}
	return true;
}

static bool
is_blank(const struct csv_row *row)
{
	for (size_t i = 0; i < row->n; i++)
		if (*row->fields[i] != '\0')
			return false;
	return true;
}

bool
csv_read(struct arena *a, const void *bytes, size_t len, struct csv *out,
    GError **err)
{
	g_autoptr(GArray) rows =
	    g_array_new(FALSE, FALSE, sizeof(struct csv_row));
	const char *fields[CSV_FIELDS_MAX];
	struct csv t = {0};
	struct csv_row row;
	const char *p = bytes;
	struct csv_cursor c;
	GError *why = NULL;
	char *text;

	if (len > CSV_BYTES_MAX)
		return fault_set(err, FAULT_LARGE,
		    "The file is larger than %d MB.",
		    CSV_BYTES_MAX / 1024 / 1024);
	if (len == 0)
		return fault_set(err, FAULT_INPUT, "The file is empty.");
	if (!to_utf8(a, &p, &len, err))
		return false;
	text = text_repair(a, p, len);
	len = strlen(text);
	c = csv_cursor(text, len, find_separator(text, text + len));
	while (row.line = c.line, csv_next(&c, fields, &row.n, &why)) {
		row.fields = arena_memdup(a, fields,
		    row.n * sizeof(fields[0]));
		if (is_blank(&row))
			continue;
		if (t.header.n == 0) {
			t.header = row;
			continue;
		}
		if (rows->len == CSV_ROWS_MAX)
			return fault_set(err, FAULT_LARGE,
			    "The file has more than %d rows.", CSV_ROWS_MAX);
		g_array_append_val(rows, row);
	}
	if (why != NULL) {
		g_propagate_error(err, why);
		return false;
	}
	if (t.header.n == 0)
		return fault_set(err, FAULT_INPUT, "The file is empty.");
	t.n = rows->len;
	t.rows = arena_memdup(a, rows->data, rows->len * sizeof(struct csv_row));
	*out = t;
	return true;
}

int
csv_column(const struct csv *t, const char *name)
{
	for (size_t i = 0; i < t->header.n; i++)
		if (text_ieq(t->header.fields[i], name))
			return (int)i;
	return -1;
}

const char *
csv_field(const struct csv_row *row, int column)
{
	if (column < 0 || (size_t)column >= row->n)
		return "";
	return row->fields[column];
}
