/*
 * Struct descriptors: one table {name, kind, offset} a struct, written
 * once, serves three readers: rows of a query fill the struct (db.h), a
 * template shows it (tmpl.h), the API writes it as JSON (json.h).  So the
 * page and its JSON twin cannot drift apart.
 *
 *	#define TICKET_ROW(F, S)                                        \
 *		F(S, INT, number, none)                                 \
 *		F(S, TEXT, subject, none)                               \
 *		F(S, LIST, events, event_row)                           \
 *		F(S, PAGE_TEXT, row_class, none)
 *	DESC_STRUCT(ticket_row, TICKET_ROW);   in the header
 *	DESC_TABLE(ticket_row, TICKET_ROW);    in one .c
 *
 * The third argument names the descriptor of a LIST's or OBJECT's
 * element (another DESC_TABLE); for the rest it is `none`.
 *
 * Kind   C member            null        in a page            in JSON
 * INT    int64_t             DESC_NULL   digits               number
 * BOOL   bool                -           section              true/false
 * TEXT   const char *        NULL        escaped              string
 * TIME   int64_t, see when.h DESC_NULL   <time> element       RFC 3339
 * HTML   struct html         NULL        as it is (safe made) string
 * URL    const char *        NULL        escaped, href-safe   string
 * SAFE   const char *        NULL        escaped; a line may  string
 *                                        end before each dot of what
 *                                        text_defang() made
 * JSON   const char *        NULL        not shown            raw JSON
 * LIST   struct list         empty       section, repeated    array
 * OBJECT struct X *          NULL        section              object/null
 * PAGE_X for each X but JSON: as above, but only for pages: never written
 *        to JSON.
 * A NULL is an empty section and an empty string in a page.
 */
#ifndef BASE_DESC_H
#define BASE_DESC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DESC_NULL INT64_MIN

enum desc_kind {
	DESC_INT,
	DESC_BOOL,
	DESC_TEXT,
	DESC_TIME,
	DESC_HTML,
	DESC_URL,
	DESC_SAFE,
	DESC_JSON,
	DESC_LIST,
	DESC_OBJECT,
};

/* Markup that this program made itself and knows to be safe. */
struct html {
	const char *text;
};

/* n structs of the element descriptor's size, in a row. */
struct list {
	void *items;
	size_t n;
};

struct desc {
	const char *name; /* of the struct */
	const struct desc_field *fields;
	size_t n, size;
};

struct desc_field {
	const char *name;
	enum desc_kind kind;
	bool page_only;
	size_t offset;
	const struct desc *item; /* of LIST and OBJECT */
};

const struct desc_field *desc_find(const struct desc *d, const char *name);
/* Copies each field of src that dst has too, under the same name and kind:
 * what core loaded becomes part of a page's view. */
void desc_copy(const struct desc *from, const void *src,
    const struct desc *to, void *dst);

/* Element i of a list whose elements are of type. */
#define LIST_AT(type, list, i) (&((struct type *)(list).items)[i])

/* C type of each kind. */
#define DESC_C_INT(n, item)       int64_t n;
#define DESC_C_BOOL(n, item)      bool n;
#define DESC_C_TEXT(n, item)      const char *n;
#define DESC_C_TIME(n, item)      int64_t n;
#define DESC_C_HTML(n, item)      struct html n;
#define DESC_C_URL(n, item)       const char *n;
#define DESC_C_SAFE(n, item)      const char *n;
#define DESC_C_JSON(n, item)      const char *n;
#define DESC_C_LIST(n, item)      struct list n;
#define DESC_C_OBJECT(n, item)    struct item *n;
#define DESC_C_PAGE_TEXT(n, item) const char *n;
#define DESC_C_PAGE_INT(n, item)  int64_t n;
#define DESC_C_PAGE_TIME(n, item) int64_t n;
#define DESC_C_PAGE_BOOL(n, item) bool n;
#define DESC_C_PAGE_URL(n, item)  const char *n;
#define DESC_C_PAGE_SAFE(n, item) const char *n;
#define DESC_C_PAGE_HTML(n, item) struct html n;
#define DESC_C_PAGE_LIST(n, item) struct list n;
#define DESC_C_PAGE_OBJECT(n, item) struct item *n;

/* Row of the table for each kind: kind and page-only flag. */
#define DESC_K_INT         DESC_INT, false
#define DESC_K_BOOL        DESC_BOOL, false
#define DESC_K_TEXT        DESC_TEXT, false
#define DESC_K_TIME        DESC_TIME, false
#define DESC_K_HTML        DESC_HTML, false
#define DESC_K_URL         DESC_URL, false
#define DESC_K_SAFE        DESC_SAFE, false
#define DESC_K_JSON        DESC_JSON, false
#define DESC_K_LIST        DESC_LIST, false
#define DESC_K_OBJECT      DESC_OBJECT, false
#define DESC_K_PAGE_TEXT   DESC_TEXT, true
#define DESC_K_PAGE_INT    DESC_INT, true
#define DESC_K_PAGE_TIME   DESC_TIME, true
#define DESC_K_PAGE_BOOL   DESC_BOOL, true
#define DESC_K_PAGE_URL    DESC_URL, true
#define DESC_K_PAGE_SAFE   DESC_SAFE, true
#define DESC_K_PAGE_HTML   DESC_HTML, true
#define DESC_K_PAGE_LIST   DESC_LIST, true
#define DESC_K_PAGE_OBJECT DESC_OBJECT, true

/* desc_none stands for "no element descriptor" in the third column. */
extern const struct desc desc_none;

#define DESC_C_FIELD(S, kind, n, item) DESC_C_##kind(n, item)
#define DESC_ROW(S, kind, n, item)                                            \
	{#n, DESC_K_##kind, offsetof(struct S, n), &desc_##item},

#define DESC_STRUCT(name_, FIELDS)                                            \
	struct name_ {                                                        \
		FIELDS(DESC_C_FIELD, name_)                                   \
	};                                                                    \
	extern const struct desc desc_##name_

#define DESC_TABLE(name_, FIELDS)                                             \
	static const struct desc_field desc_fields_##name_[] = {              \
	    FIELDS(DESC_ROW, name_)};                                         \
	const struct desc desc_##name_ = {#name_, desc_fields_##name_,        \
	    sizeof(desc_fields_##name_) / sizeof(struct desc_field),          \
	    sizeof(struct name_)}

/* The same for a struct that only one .c file knows. */
#define DESC_PRIVATE(name_, FIELDS)                                           \
	struct name_ {                                                        \
		FIELDS(DESC_C_FIELD, name_)                                   \
	};                                                                    \
	static const struct desc_field desc_fields_##name_[] = {              \
	    FIELDS(DESC_ROW, name_)};                                         \
	static const struct desc desc_##name_ = {#name_, desc_fields_##name_, \
	    sizeof(desc_fields_##name_) / sizeof(struct desc_field),          \
	    sizeof(struct name_)}

#endif
