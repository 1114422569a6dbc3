/*
 * The reader of JSON: what it takes can be gone through by key and index,
 * and its texts can be written and read again.
 */
#include "base/base.h"
#include "base/json.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	ARENA_AUTO(a, "fuzz");
	/* exactly as long: a step too far shows */
	const char *text = arena_memdup(a, bytes, n);
	GString *out = arena_gstring(a);
	struct json_out w = json_out(out);
	const struct json *j, *again;

	if (!json_parse(a, text, n, &j, NULL))
		return 0;
	json_begin(&w, '[');
	for (size_t i = 0; i < json_len(j); i++) {
		const struct json *x = json_is_object(j) ?
		    json_value_at(j, i) : json_at(j, i);

		if (json_is_object(j))
			g_assert_true(json_get(j, json_key_at(j, i)) == x);
		json_put_text(&w, json_scalar(a, x));
	}
	json_end(&w, ']');
	g_assert_true(json_parse(a, out->str, out->len, &again, NULL));
	g_assert_cmpuint(json_len(again), ==, json_len(j));
	for (size_t i = 0; json_is_array(j) && i < json_len(j); i++)
		g_assert_cmpstr(json_str(json_at(again, i), NULL), ==,
		    json_scalar(a, json_at(j, i)));
	return 0;
}
