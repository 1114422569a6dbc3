/* See json.h: the reader.  The writer is json_out.c. */
#include "base/base.h"
#include "base/json.h"
#include "base/text.h"

#include <jansson.h>
#include <math.h>

/* jansson has macros of our names. */
#undef json_is_object
#undef json_is_array
#undef json_is_null
#undef json_is_true

/*
 * jansson reads, then its tree is copied into the arena: members in a row,
 * so that going through an object of a million keys by index is not a
 * million walks.
 */
struct json {
	json_type type;
	union {
		int64_t number;
		double real;
		const char *text;
		struct {
			struct json *items;
			const char **keys; /* NULL for an array */
		};
	};
	size_t n;
};

/*
 * Brackets and commas are counted before jansson sees the text: its own
 * limit of depth is fixed when it is compiled (2048) and it recurses, and
 * a value of two bytes ("1,") takes fifty in memory.
 */
static bool
within_limits(const char *text, size_t len, GError **err)
{
	int depth = 0, line = 1;
	size_t values = 1;
	bool string = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '\n')
			line++;
		if (string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				string = false;
		} else if (c == '"') {
			string = true;
		} else if (c == '[' || c == '{') {
			values++;
			if (++depth > JSON_DEPTH_MAX)
				return fault_set(err, FAULT_INPUT,
				    "The JSON text is nested deeper than %d "
				    "levels in line %d.", JSON_DEPTH_MAX, line);
		} else if (c == ']' || c == '}') {
			depth--;
		} else if (c == ',') {
			values++;
		}
	}
	if (values > JSON_VALUES_MAX)
		return fault_set(err, FAULT_INPUT,
		    "The JSON text has more than %d values.", JSON_VALUES_MAX);
	return true;
}

static void copy_value(struct arena *a, json_t *from, struct json *to);

static void
copy_object(struct arena *a, json_t *from, struct json *to)
{
	const char *key;
	json_t *value;
	size_t i = 0;

	to->n = json_object_size(from);
	to->items = ARENA_ARRAY(a, struct json, to->n);
	to->keys = ARENA_ARRAY(a, const char *, to->n);
	json_object_foreach(from, key, value) {
		to->keys[i] = arena_strdup(a, key);
		copy_value(a, value, &to->items[i]);
		i++;
	}
}

/* Recursion is as deep as within_limits() let it be. */
static void
copy_value(struct arena *a, json_t *from, struct json *to)
{
	to->type = json_typeof(from);
	switch (to->type) {
	case JSON_OBJECT:
		copy_object(a, from, to);
		break;
	case JSON_ARRAY:
		to->n = json_array_size(from);
		to->items = ARENA_ARRAY(a, struct json, to->n);
		for (size_t i = 0; i < to->n; i++)
			copy_value(a, json_array_get(from, i), &to->items[i]);
		break;
	case JSON_STRING:
		to->text = arena_strdup(a, json_string_value(from));
		break;
	case JSON_INTEGER:
		to->number = json_integer_value(from);
		break;
	case JSON_REAL:
		to->real = json_real_value(from);
		break;
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
		break;
	}
}

bool
json_parse(struct arena *a, const char *text, size_t len,
    const struct json **out, GError **err)
{
	json_error_t why;
	json_t *root;
	struct json *copy;

	if (!within_limits(text, len, err))
		return false;
	/* A key that comes twice: which one counts is a matter of taste,
	 * and two readers with different tastes are a hole. */
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
	    &why);
	if (root == NULL)
		return fault_set(err, FAULT_INPUT,
		    "This is not JSON: %s (line %d, column %d).",
		    text_repair(a, why.text, strlen(why.text)),
		    MAX(why.line, 1), MAX(why.column, 0));
	copy = ARENA_NEW(a, struct json);
	copy_value(a, root, copy);
	json_decref(root);
	*out = copy;
	return true;
}

bool
json_is_object(const struct json *j)
{
	return j != NULL && j->type == JSON_OBJECT;
}

bool
json_is_array(const struct json *j)
{
	return j != NULL && j->type == JSON_ARRAY;
}

bool
json_is_null(const struct json *j)
{
	return j == NULL || j->type == JSON_NULL;
}

bool
json_is_true(const struct json *j)
{
	return j != NULL && j->type == JSON_TRUE;
}

const struct json *
json_get(const struct json *obj, const char *key)
{
	if (!json_is_object(obj))
		return NULL;
	for (size_t i = 0; i < obj->n; i++)
		if (strcmp(obj->keys[i], key) == 0)
			return &obj->items[i];
	return NULL;
}

size_t
json_len(const struct json *j)
{
	return json_is_object(j) || json_is_array(j) ? j->n : 0;
}

const struct json *
json_at(const struct json *array, size_t i)
{
	if (!json_is_array(array) || i >= array->n)
		return NULL;
	return &array->items[i];
}

const char *
json_key_at(const struct json *obj, size_t i)
{
	return json_is_object(obj) && i < obj->n ? obj->keys[i] : NULL;
}

const struct json *
json_value_at(const struct json *obj, size_t i)
{
	return json_is_object(obj) && i < obj->n ? &obj->items[i] : NULL;
}

const char *
json_str(const struct json *j, const char *dflt)
{
	return j != NULL && j->type == JSON_STRING ? j->text : dflt;
}

int64_t
json_num(const struct json *j, int64_t dflt)
{
	double d;

	if (j == NULL)
		return dflt;
	if (j->type == JSON_INTEGER)
		return j->number;
	if (j->type != JSON_REAL)
		return dflt;
	d = trunc(j->real);
	/* 2^63 is a double, INT64_MAX is not. */
	if (!(d >= -0x1p63 && d < 0x1p63))
		return dflt;
	return (int64_t)d;
}

const char *
json_scalar(struct arena *a, const struct json *j)
{
	char real[G_ASCII_DTOSTR_BUF_SIZE];

	if (j == NULL)
		return NULL;
	switch (j->type) {
	case JSON_STRING:
		return j->text;
	case JSON_INTEGER:
		return arena_printf(a, "%" PRId64, j->number);
	case JSON_REAL:
		/* 0.9, not 0.90000000000000002 */
		g_ascii_formatd(real, sizeof(real), "%.15g", j->real);
		if (g_ascii_strtod(real, NULL) != j->real)
			g_ascii_dtostr(real, sizeof(real), j->real);
		return arena_strdup(a, real);
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	default:
		return NULL;
	}
}
