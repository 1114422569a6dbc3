/*
 * The extra object of an event: what a report says and no field holds.
 */
#include "base/base.h"
#include "inspect/read.h"

enum { VALUE_MAX = 400 };

void
read_extra_json(struct arena *a, struct inspect_event *e, const char *key,
    const char *json)
{
	GString *s = arena_gstring(a);
	struct json_out w = json_out(s);

	if (json == NULL)
		return;
	json_begin(&w, '{');
	json_key(&w, key);
	json_put_raw(&w, json);
	json_end(&w, '}');
	if (e->extra != NULL) {
		/* "{...}" and "{...}" -> "{..., ...}" */
		g_string_overwrite(s, 0, ",");
		g_string_prepend_len(s, e->extra,
		    (gssize)strlen(e->extra) - 1);
	}
	if (s->len <= INSPECT_EXTRA_MAX)
		e->extra = s->str;
}

void
read_extra(struct arena *a, struct inspect_event *e, const char *key,
    const char *value)
{
	GString *s = arena_gstring(a);
	struct json_out w = json_out(s);

	value = read_field(a, value);
	if (value == NULL)
		return;
	json_put_text(&w, text_cut(a, value, VALUE_MAX));
	read_extra_json(a, e, key, s->str);
}
