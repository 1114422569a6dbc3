/* The file of a digest: a member's own rows.  See digest_priv.h. */
#include "base/base.h"
#include "base/json.h"
#include "base/text.h"
#include "base/when.h"
#include "core/feed/digest_priv.h"

/* Members of an event, as intake kept them (sighting.row). */
static const char *const fields[] = {"source_ip", "source_port",
    "destination_ip", "destination_port", "protocol", "type", "severity",
    "url", "domain", "cve", "malware", "count", "reporter_ref",
    "time_given"};

static void
cell(GString *out, const char *s)
{
	g_string_append_c(out, ',');
	text_csv(out, s != NULL ? s : "");
}

static void
cell_json(struct arena *a, GString *out, const struct json *j)
{
	cell(out, json_scalar(a, j));
}

/* All members of "extra" that any row has, in the order of their names. */
static GPtrArray *
columns(struct arena *a, const struct json *const *rows, size_t n)
{
	GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *out = arena_ptr_array(a);

	for (size_t i = 0; i < n; i++) {
		const struct json *x = json_get(rows[i], "extra");
		size_t members = json_is_object(x) ? json_len(x) : 0;

		for (size_t k = 0; k < members; k++) {
			const char *key = json_key_at(x, k);

			if (out->len < DIGEST_COLUMNS_MAX &&
			    g_hash_table_add(seen, (gpointer)(uintptr_t)key))
				g_ptr_array_add(out, (gpointer)(uintptr_t)key);
		}
	}
	g_hash_table_destroy(seen);
	g_ptr_array_sort(out, text_order);
	return out;
}

const char *
digest_csv(struct arena *a, const struct digest_mail *m,
    const struct list *rows)
{
	GString *out = arena_gstring(a);
	const struct json **parsed =
	    ARENA_ARRAY(a, const struct json *, MAX(rows->n, 1));
	const struct digest_finding *f = m->f;
	GPtrArray *extra;

	for (size_t i = 0; i < rows->n; i++) {
		const char *text = LIST_AT(digest_row, *rows, i)->row;

		json_parse(a, text, strlen(text), &parsed[i], NULL);
	}
	extra = columns(a, parsed, rows->n);
	g_string_append(out, "state,first_seen,last_seen,sightings,feed,time,"
			     "prefix");
	for (size_t k = 0; k < COUNT_OF(fields); k++)
		cell(out, fields[k]);
	for (guint k = 0; k < extra->len; k++)
		cell(out, extra->pdata[k]);
	g_string_append(out, "\r\n");
	for (size_t i = 0; i < rows->n; i++) {
		const struct digest_row *r = LIST_AT(digest_row, *rows, i);
		const struct json *x = json_get(parsed[i], "extra");

		/* (both in the same order) */
		while (f->id != r->finding)
			f++;
		g_string_append(out,
		    strcmp(f->what, "still") == 0 ? "open" : f->what);
		cell(out, when_rfc3339(a, f->first_seen));
		cell(out, when_rfc3339(a, f->last_seen));
		cell(out, arena_printf(a, "%" PRId64, f->count));
		cell(out, r->feed);
		cell(out, when_rfc3339(a, r->time));
		cell(out, r->prefix);
		for (size_t k = 0; k < COUNT_OF(fields); k++)
			cell_json(a, out, json_get(parsed[i], fields[k]));
		for (guint k = 0; k < extra->len; k++)
			cell_json(a, out, json_get(x, extra->pdata[k]));
		g_string_append(out, "\r\n");
	}
	return out->str;
}
