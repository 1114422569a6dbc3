/*
 * Form fields: declared in a table, read from any kind of body, checked.
 *
 *	static const struct form_field comment_fields[] = {
 *		{"text", FORM_TEXT, 65536, .required = true},
 *		{"version", FORM_LINE, 20},
 *		{"files", FORM_FILE, 10 * FORM_MIB, .count = 5},
 *	};
 *	const struct form form_comment = FORM(comment_fields);
 *
 * and `form_comment` is named in routes.def as `comment`.  The body may be
 * urlencoded, multipart or (API) JSON: an object whose keys are the fields,
 * arrays for lists.  Fields that are not declared are dropped unread, a
 * value over its limit (a text is shown again, nearly all of it) and one too
 * many of a list or of files is an error of that field, a body over the route's limit is 413.  The field `csrf` is always
 * known.
 *
 * Values: valid UTF-8, line ends LF; FORM_LINE is one line and trimmed.
 * A file in JSON is {"name": .., "type": .., "base64": ..}.
 */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "http/req.h"

enum form_kind {
	FORM_LINE,
	FORM_TEXT,
	FORM_LIST, /* repeated field, JSON array; blank ones are dropped */
	FORM_FILE,
};

enum {
	FORM_MIB = 1024 * 1024,
	FORM_FIELDS_MAX = 64,
	FORM_NAME_MAX = 200,    /* bytes of a file name */
};

struct form_field {
	const char *name;
	enum form_kind kind;
	size_t max;        /* bytes of a value; of each file */
	unsigned count;    /* most values of a LIST or FILE; 0: 1 file, 100 */
	bool required;     /* "Enter ..." when blank */
	const char *label; /* for messages and openapi; NULL: the name */
};

struct form {
	const struct form_field *fields;
	size_t n;
	/* Other content types are kept as they came: form_body(). */
	bool raw;
};
#define FORM(table) {(table), COUNT_OF(table), false}
#define FORM_RAW(table) {(table), COUNT_OF(table), true}

struct form_file {
	const char *name; /* without folders; "" when not given */
	const char *type; /* as claimed, or application/octet-stream */
	const void *bytes;
	size_t len;
};

/* All getters assert that the field is declared. */
/* "" when missing, never NULL. */
const char *form_get(const struct req *r, const char *name);
bool form_has(const struct req *r, const char *name); /* and not blank */
bool form_is(const struct req *r, const char *name, const char *value);
/* Ended by NULL; *n (may be NULL) gets how many. */
const char *const *form_list(const struct req *r, const char *name,
    size_t *n);
/* False and an error of the field when it is no number within bounds; a
 * blank field is dflt. */
bool form_int(struct req *r, const char *name, int64_t min, int64_t max,
    int64_t dflt, int64_t *n);
const struct form_file *form_files(const struct req *r, const char *name,
    size_t *n);

/* Whole body of a route whose form is raw, when it is not urlencoded or
 * multipart; NULL otherwise.  JSON bodies are here too. */
struct blob *form_body(const struct req *r);
const struct json *form_json(const struct req *r);

/* Notes what is wrong with a field; the first word on a field stays. */
void form_error(struct req *r, const char *field, const char *fmt, ...)
    G_GNUC_PRINTF(3, 4);
bool form_ok(const struct req *r);
const char *form_error_of(const struct req *r, const char *field);
/* What the user typed goes back into the view: member NAME (text) of each
 * declared field, and NAME_error when there is such a member. */
void form_fill(const struct req *r, const struct desc *d, void *view);

extern const struct form form_none;

#endif
