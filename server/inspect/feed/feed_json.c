/*
 * Events of IntelMQ and n6 as JSON: one object, an array of them, or one in
 * each line.  Nested members become the dotted names of IntelMQ's tables
 * ("source": {"ip": ...} is "source.ip"), and the rest is as in a table.
 */
#include "base/base.h"
#include "inspect/feed/feed.h"

enum {
	LOOK = 4096,     /* bytes in which the marks of an event stand */
	EVENT_LINE_MAX = 256 * 1024,
};

/* Both names of a pair stand in events of one of the two, and hardly ever
 * in anything else. */
bool
feed_json_look(const char *s, size_t len)
{
	static const char *const marks[][2] = {
	    {"\"source.ip\"", "\"classification.type\""},
	    {"\"time.source\"", "\"classification.type\""},
	    {"\"source.ip\"", "\"time.source\""},
	    {"\"source.ip\"", "\"feed.name\""},
	    {"\"classification\"", "\"source\""},
	    {"\"category\"", "\"address\""},
	};
	gssize n = (gssize)MIN(len, LOOK);

	for (size_t i = 0; i < COUNT_OF(marks); i++)
		if (g_strstr_len(s, n, marks[i][0]) != NULL &&
		    g_strstr_len(s, n, marks[i][1]) != NULL &&
		    g_strstr_len(s, n, "\"time") != NULL)
			return true;
	return false;
}

/* ---- one object --------------------------------------------------------- */

struct flat {
	struct reading *r;
	struct arena *scratch; /* of this object */
	size_t n;
	const char *names[CSV_FIELDS_MAX], *values[CSV_FIELDS_MAX];
	const char *part, *file;
	struct feed *table;   /* of the names before */
	const char **kept;     /* those names */
	int shapes;            /* tables made so far */
	size_t bad;            /* objects that are no event */
};

static void
put(struct flat *f, const char *name, const char *value)
{
	if (f->n == CSV_FIELDS_MAX || value == NULL)
		return;
	f->names[f->n] = name;
	f->values[f->n++] = value;
}

/* n6: [{"ip": "192.0.2.7", "asn": 1, "cc": "XX"}, ...] */
static void
put_addresses(struct flat *f, const struct json *list)
{
	GString *ips = arena_gstring(f->scratch);

	for (size_t i = 0; i < json_len(list) && i < FEED_ADDRESSES_MAX;
	    i++) {
		const char *ip = json_str(json_get(json_at(list, i), "ip"),
		    NULL);

		if (ip != NULL)
			g_string_append_printf(ips, "%s%s",
			    ips->len > 0 ? " " : "", ip);
	}
	put(f, "ip", ips->str);
	put(f, "asn", json_scalar(f->scratch,
	    json_get(json_at(list, 0), "asn")));
}

/* Two levels down at most; deeper ones are left out. */
static void
put_members(struct flat *f, const struct json *o, const char *front,
    int levels)
{
	for (size_t i = 0; i < json_len(o); i++) {
		const char *key = json_key_at(o, i);
		const struct json *v = json_value_at(o, i);
		const char *name = *front == '\0' ? key :
		    arena_printf(f->scratch, "%s.%s", front, key);

		if (strcmp(name, "address") == 0 && json_is_array(v))
			put_addresses(f, v);
		else if (!json_is_object(v))
			put(f, name, json_scalar(f->scratch, v));
		else if (levels > 0)
			/* bounded by levels */
			put_members(f, v, name, levels - 1);
	}
}

static bool
same_names(const struct flat *f)
{
	if (f->table == NULL || f->table->n != f->n)
		return false;
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->kept[i], f->names[i]) != 0)
			return false;
	return true;
}

static void
one_event(struct flat *f, const struct json *o)
{
	struct arena *a = f->r->a;
	const char *values[CSV_FIELDS_MAX];

	f->n = 0;
	put_members(f, o, "", 2);
	if (!same_names(f)) {
		if (f->shapes++ >= FEED_SHAPES_MAX) {
			f->bad++;
			return;
		}
		f->kept = ARENA_ARRAY(a, const char *, f->n + 1);
		for (size_t i = 0; i < f->n; i++)
			f->kept[i] = arena_strdup(a, f->names[i]);
		feed_columns(f->r, f->kept, f->n, &f->table);
		f->table->part = f->part;
		if (f->file != NULL)
			f->table->feed = feed_name(a, "csv", f->file);
	}
	/* what an event keeps of them outlives the object */
	for (size_t i = 0; i < f->n; i++)
		values[i] = g_strstrip(arena_strndup(a, f->values[i],
		    strnlen(f->values[i], CSV_FIELD_MAX)));
	if (!feed_row(f->table, values, f->n))
		f->bad++;
}

static bool
read_json(struct flat *f, const char *s, size_t len)
{
	ARENA_AUTO(scratch, "events");
	const struct json *j;

	if (!json_parse(scratch, s, len, &j, NULL))
		return false;
	f->scratch = scratch;
	if (json_is_object(j))
		one_event(f, j);
	for (size_t i = 0; json_is_array(j) && i < json_len(j) &&
	    !f->r->full && f->bad < FEED_BAD_MAX; i++)
		if (json_is_object(json_at(j, i)))
			one_event(f, json_at(j, i));
	return true;
}

void
feed_json_read(struct reading *r, const char *s, size_t len,
    const char *part, const char *name)
{
	struct flat f = {.r = r, .part = part, .file = name};
	const char *end = s + len, *nl = memchr(s, '\n', len);

	/* by line, when the first line is whole */
	if (nl == NULL || !read_json(&f, s, (size_t)(nl - s))) {
		if (!read_json(&f, s, len))
			read_defect(r, "Events as JSON that cannot be read.");
		nl = NULL;
	}
	while (nl != NULL && !r->full && f.bad < FEED_BAD_MAX) {
		size_t n;

		s = nl + 1;
		nl = memchr(s, '\n', (size_t)(end - s));
		n = (size_t)((nl != NULL ? nl : end) - s);
		if (n > 2 && (n > EVENT_LINE_MAX || !read_json(&f, s, n)))
			f.bad++;
	}
	if (f.bad > 0)
		read_defect(r, "%zu objects among the events name no address "
		    "or are no JSON.", f.bad);
}
