/*
 * CSV as RFC 4180 has it and as spreadsheets write it: quoted fields with
 * commas, quotes and line breaks inside, CRLF or LF, a byte order mark, a
 * semicolon for the comma where the header line has it, Windows-1252 where
 * the bytes are no UTF-8.  Blank lines are left out.
 *
 *	struct csv t;
 *	if (!csv_read(a, bytes, len, &t, err)) ...
 *	int email = csv_column(&t, "email");
 *	for (size_t i = 0; i < t.n; i++)
 *		use(t.rows[i].line, csv_field(&t.rows[i], email));
 *
 * csv_read() is for the files of our own people, who are told what is wrong
 * in which line; csv_next() goes through a table row by row, cutting it in
 * place, and may be told to make the best of what machines send.
 *
 * Owner:   everything lives in the arena, or in the text of the cursor.
 * Failure: FAULT_INPUT names the line; FAULT_LARGE over a limit.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/base.h"

enum {
	CSV_BYTES_MAX = 16 * 1024 * 1024, /* of csv_read() */
	CSV_ROWS_MAX = 200000,            /* of csv_read() */
	CSV_FIELDS_MAX = 256,
	CSV_FIELD_MAX = 4096, /* bytes of one field */
};

struct csv_row {
	int line; /* where it begins, from 1 */
	size_t n;
	const char *const *fields; /* trimmed, valid UTF-8 */
};

struct csv {
	struct csv_row header;
	struct csv_row *rows; /* without the header */
	size_t n;
};

bool csv_read(struct arena *a, const void *bytes, size_t len, struct csv *out,
    GError **err);
/* Place of a column by its name in the header, case folded; -1: none. */
int csv_column(const struct csv *t, const char *name);
/* "" for a column that is not there (-1) or that the row lacks. */
const char *csv_field(const struct csv_row *row, int column);

/* Goes through text, which is valid UTF-8 and is written to: fields end
 * with a NUL where their separator was. */
struct csv_cursor {
	char *p, *end;  /* *end is the NUL behind the text */
	char separator;
	/* A quote mark in the middle of a field, or without its partner, is
	 * a character; a field that is too long is cut, one too many is
	 * dropped: csv_next() never fails. */
	bool lenient;
	int line;               /* of *p, from 1 */
	const char *unpaired;   /* no quoted field ends before it */
};
struct csv_cursor csv_cursor(char *text, size_t len, char separator);
/* The next row, blank ones too, into fields[CSV_FIELDS_MAX].  false at the
 * end (*err is NULL) and when strict and wrong. */
bool csv_next(struct csv_cursor *c, const char **fields, size_t *n,
    GError **err);

#endif
