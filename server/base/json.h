/*
 * JSON: a writer into a GString and a reader.
 *
 * Writer: commas are put in for you; strings are repaired to UTF-8.
 *	struct json_out w = json_out(gstring);
 *	json_begin(&w, '{'); json_key(&w, "n"); json_put_int(&w, 7);
 *	json_end(&w, '}');
 * Reader: values live in the arena given to json_parse; every getter takes
 * NULL and the wrong type and answers its default, so that a chain over
 * hostile input needs no checks in between.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/base.h"
#include "base/desc.h"

/* Levels of nesting and values in all that the reader takes. */
enum { JSON_DEPTH_MAX = 64, JSON_VALUES_MAX = 1000000 };

struct json_out {
	GString *out;
	bool comma;
};

struct json_out json_out(GString *out);
void json_begin(struct json_out *w, char open);  /* '{' or '[' */
void json_end(struct json_out *w, char close);
void json_key(struct json_out *w, const char *key);
void json_put_text(struct json_out *w, const char *s); /* NULL: null */
void json_put_int(struct json_out *w, int64_t n);      /* DESC_NULL: null */
void json_put_bool(struct json_out *w, bool b);
void json_put_null(struct json_out *w);
void json_put_raw(struct json_out *w, const char *json); /* NULL: null */
/* key and value in one */
void json_text(struct json_out *w, const char *key, const char *s);
void json_int(struct json_out *w, const char *key, int64_t n);
void json_bool(struct json_out *w, const char *key, bool b);
/* A struct by its descriptor, without the page-only fields. */
void json_put_struct(struct json_out *w, const struct desc *d, const void *s);
void json_put_list(struct json_out *w, const struct desc *d,
    const struct list *l);

struct json; /* one value; opaque */
/* FAULT_INPUT with line and reason when it is not JSON or too deep. */
bool json_parse(struct arena *a, const char *text, size_t len,
    const struct json **out, GError **err);
/* Is text, which is valid UTF-8, one JSON object that PostgreSQL takes too?
 * Cheaper than json_parse() by a factor of ten.  A key may come twice. */
bool json_object_ok(const char *text, size_t len);
const struct json *json_get(const struct json *obj, const char *key);
size_t json_len(const struct json *array_or_object);
const struct json *json_at(const struct json *array, size_t i);
bool json_is_object(const struct json *j);
bool json_is_array(const struct json *j);
bool json_is_null(const struct json *j);   /* missing counts as null */
const char *json_str(const struct json *j, const char *dflt);
int64_t json_num(const struct json *j, int64_t dflt); /* reals: cut off */
bool json_is_true(const struct json *j);
/* One string per kind of scalar, for readers that take "7" and 7 alike. */
const char *json_scalar(struct arena *a, const struct json *j);
/* Keys of an object in their order. */
const char *json_key_at(const struct json *obj, size_t i);
const struct json *json_value_at(const struct json *obj, size_t i);

#endif
