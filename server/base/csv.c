/* See csv.h. */
#include "base/base.h"
#include "base/csv.h"
#include "base/text.h"

struct reader {
	struct arena *a;
	const char *p, *end;
	char separator;
	int line;
	GString *field;
};

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
at_line_end(const struct reader *r)
{
	return r->p == r->end || *r->p == '\n' || *r->p == '\r';
}

static void
skip_line_end(struct reader *r)
{
	if (r->p < r->end && *r->p == '\r')
		r->p++;
	if (r->p < r->end && *r->p == '\n')
		r->p++;
	r->line++;
}

static bool
read_quoted(struct reader *r, GError **err)
{
	int from = r->line;

	for (r->p++; r->p < r->end; r->p++) {
		if (*r->p == '"') {
			if (r->p + 1 == r->end || r->p[1] != '"')
				break;
			r->p++;
		} else if (*r->p == '\n') {
			r->line++;
		}
		if (r->field->len > CSV_FIELD_MAX)
			return fault_set(err, FAULT_LARGE,
			    "Line %d: a field is longer than %d bytes; is "
			    "there a quote mark too many?",
			    from, CSV_FIELD_MAX);
		g_string_append_c(r->field, *r->p);
	}
	if (r->p == r->end)
		return fault_set(err, FAULT_INPUT,
		    "Line %d: a quoted field does not end.", from);
	r->p++;
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t'))
		r->p++;
	if (!at_line_end(r) && *r->p != r->separator)
		return fault_set(err, FAULT_INPUT,
		    "Line %d: text after the closing quote mark.", r->line);
	return true;
}

static bool
read_bare(struct reader *r, GError **err)
{
	const char *from = r->p;

	while (!at_line_end(r) && *r->p != r->separator)
		r->p++;
	if (r->p - from > CSV_FIELD_MAX)
		return fault_set(err, FAULT_LARGE,
		    "Line %d: a field is longer than %d bytes.", r->line,
		    CSV_FIELD_MAX);
	g_string_append_len(r->field, from, r->p - from);
	return true;
}

static bool
read_field(struct reader *r, const char **out, GError **err)
{
	bool ok;

	g_string_truncate(r->field, 0);
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t') &&
	    *r->p != r->separator)
		r->p++;
	if (r->p < r->end && *r->p == '"')
		ok = read_quoted(r, err);
	else
		ok = read_bare(r, err);
	if (!ok)
		return false;
	*out = g_strstrip(text_repair(r->a, r->field->str, r->field->len));
	return true;
}

static bool
read_row(struct reader *r, GPtrArray *fields, struct csv_row *row,
    GError **err)
{
	const char **copy;

	g_ptr_array_set_size(fields, 0);
	row->line = r->line;
	for (;;) {
		const char *field = NULL;

		if (!read_field(r, &field, err))
			return false;
		if (fields->len == CSV_FIELDS_MAX)
			return fault_set(err, FAULT_LARGE,
			    "Line %d has more than %d fields.", row->line,
			    CSV_FIELDS_MAX);
		g_ptr_array_add(fields, (gpointer)field);
		if (at_line_end(r))
			break;
		r->p++; /* the separator */
	}
	skip_line_end(r);
	row->n = fields->len;
	copy = ARENA_ARRAY(r->a, const char *, row->n);
	for (size_t i = 0; i < row->n; i++)
		copy[i] = fields->pdata[i];
	row->fields = copy;
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
	g_autoptr(GPtrArray) fields = g_ptr_array_new();
	g_autoptr(GArray) rows =
	    g_array_new(FALSE, FALSE, sizeof(struct csv_row));
	struct csv t = {0};
	struct reader r = {.a = a, .line = 1, .field = arena_gstring(a)};
	const char *p = bytes;

	if (len > CSV_BYTES_MAX)
		return fault_set(err, FAULT_LARGE,
		    "The file is larger than %d MB.",
		    CSV_BYTES_MAX / 1024 / 1024);
	if (len == 0)
		return fault_set(err, FAULT_INPUT, "The file is empty.");
	if (!to_utf8(a, &p, &len, err))
		return false;
	r.p = p;
	r.end = p + len;
	r.separator = find_separator(r.p, r.end);
	while (r.p < r.end) {
		struct csv_row row;

		if (!read_row(&r, fields, &row, err))
			return false;
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
