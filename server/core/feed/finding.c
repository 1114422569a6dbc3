/* See finding.h. */
#include "base/base.h"
#include "base/json.h"
#include "base/text.h"
#include "core/feed/finding.h"

DESC_TABLE(finding_row, FINDING_ROW);
DESC_TABLE(finding_counts, FINDING_COUNTS);
DESC_TABLE(finding_day, FINDING_DAY);
DESC_TABLE(finding_sighting, FINDING_SIGHTING);
DESC_TABLE(finding_full, FINDING_FULL);

bool
finding_sweep(struct db *db, int64_t *n, GError **err)
{
	return db_exec(db, Q_FINDING_GONE, DB_NONE, n, err);
}

static void
defang(struct arena *a, struct list *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct finding_row *f = LIST_AT(finding_row, *rows, i);

		if (f->address != NULL)
			f->address_shown = text_defang(a, f->address);
	}
}

bool
finding_list(struct db *db, struct arena *a, const struct finding_filter *f,
    struct list *rows, int64_t *total, GError **err)
{
	if (!db_list(db, a, Q_FINDING_LIST,
		DB_ARGS(DB_TEXT(f->state), DB_TEXT(f->org), DB_TEXT(f->type),
		    DB_TEXT(f->feed), DB_TEXT(f->ip), DB_INT(f->page)),
		&desc_finding_row, rows, err))
		return false;
	defang(a, rows);
	*total = rows->n > 0 ? LIST_AT(finding_row, *rows, 0)->of_all : 0;
	return true;
}

bool
finding_count(struct db *db, struct arena *a, struct finding_counts *out,
    GError **err)
{
	return db_one(db, a, Q_FINDING_COUNTS, DB_NONE, &desc_finding_counts,
	    out, err);
}

bool
finding_days(struct db *db, struct arena *a, const struct finding_filter *f,
    struct list *days, GError **err)
{
	return db_list(db, a, Q_FINDING_DAYS,
	    DB_ARGS(DB_TEXT(f->org), DB_TEXT(f->type), DB_TEXT(f->feed)),
	    &desc_finding_day, days, err);
}

/* Objects in a row are one level deep, as feeds are; a deeper one is shown
 * by its name alone. */
static void
show_members(struct arena *a, GString *out, const struct json *j)
{
	for (size_t i = 0; i < json_len(j); i++) {
		const struct json *v = json_value_at(j, i);
		const char *s = json_scalar(a, v);

		if (json_is_object(v) &&
		    strcmp(json_key_at(j, i), "extra") == 0)
			continue;
		g_string_append_printf(out, "%s: %s\n", json_key_at(j, i),
		    s != NULL ? s : "...");
	}
}

const char *
finding_row_text(struct arena *a, const char *row)
{
	GString *out = arena_gstring(a);
	const struct json *j = NULL;

	json_parse(a, row, strlen(row), &j, NULL);
	show_members(a, out, j);
	show_members(a, out, json_get(j, "extra"));
	return text_defang(a, out->str);
}

bool
finding_load(struct db *db, struct arena *a, int64_t id, int64_t page,
    struct finding_full *out, GError **err)
{
	if (!db_one(db, a, Q_FINDING_BY_ID, DB_ARGS(DB_INT(id)),
		&desc_finding_full, out, err) ||
	    !db_list(db, a, Q_FINDING_SIGHTING_DAYS, DB_ARGS(DB_INT(id)),
		&desc_finding_day, &out->days, err) ||
	    !db_list(db, a, Q_FINDING_SIGHTINGS,
		DB_ARGS(DB_INT(id), DB_INT(page)), &desc_finding_sighting,
		&out->sightings, err))
		return false;
	for (size_t i = 0; i < out->sightings.n; i++) {
		struct finding_sighting *s =
		    LIST_AT(finding_sighting, out->sightings, i);

		s->shown = finding_row_text(a, s->row);
	}
	if (out->address != NULL)
		out->address_shown = text_defang(a, out->address);
	return true;
}

bool
finding_of_ticket(struct db *db, struct arena *a, int64_t ticket,
    struct list *rows, GError **err)
{
	if (!db_list(db, a, Q_FINDING_OF_TICKET, DB_ARGS(DB_INT(ticket)),
		&desc_finding_row, rows, err))
		return false;
	defang(a, rows);
	return true;
}
