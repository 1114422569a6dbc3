/* Rows into structs, by descriptor.  See db.h. */
#include "base/base.h"
#include "base/when.h"
#include "db/priv.h"

static bool
read_value(struct arena *a, const struct desc_field *f, const char *s,
    size_t len, void *at)
{
	switch (f->kind) {
	case DESC_INT:
		*(int64_t *)at = g_ascii_strtoll(s, NULL, 10);
		return true;
	case DESC_BOOL:
		*(bool *)at = *s == 't';
		return true;
	case DESC_TEXT:
	case DESC_URL:
	case DESC_SAFE:
	case DESC_JSON:
		*(const char **)at = arena_strndup(a, s, len);
		return true;
	case DESC_TIME:
		return when_parse_rfc3339(s, at);
	case DESC_HTML:
	case DESC_LIST:
	case DESC_OBJECT:
		break;
	}
	return false;
}

static void
set_null(const struct desc_field *f, void *at)
{
	switch (f->kind) {
	case DESC_INT:
	case DESC_TIME:
		*(int64_t *)at = DESC_NULL;
		break;
	case DESC_BOOL:
		*(bool *)at = false;
		break;
	case DESC_TEXT:
	case DESC_URL:
	case DESC_SAFE:
	case DESC_JSON:
		*(const char **)at = NULL;
		break;
	case DESC_HTML:
	case DESC_LIST:
	case DESC_OBJECT:
		break;
	}
}

bool
rows_map(const PGresult *res, const struct desc *d,
    const struct desc_field **map, GError **err)
{
	int n = PQnfields(res);

	if (n > ROWS_FIELDS_MAX)
		return fault_set(err, FAULT_BUG, "%d columns for %s.", n,
		    d->name);
	for (int i = 0; i < n; i++) {
		map[i] = desc_find(d, PQfname(res, i));
		if (map[i] == NULL)
			return fault_set(err, FAULT_BUG,
			    "Column %s does not belong to %s.",
			    PQfname(res, i), d->name);
	}
	return true;
}

bool
rows_read(struct arena *a, const PGresult *res, int row, const struct desc *d,
    const struct desc_field *const *map, void *out, GError **err)
{
	int n = PQnfields(res);

	for (int i = 0; i < n; i++) {
		void *at = (char *)out + map[i]->offset;

		if (PQgetisnull(res, row, i)) {
			set_null(map[i], at);
			continue;
		}
		if (!read_value(a, map[i], PQgetvalue(res, row, i),
			(size_t)PQgetlength(res, row, i), at))
			return fault_set(err, FAULT_BUG,
			    "Column %s of %s cannot be read.",
			    PQfname(res, i), d->name);
	}
	return true;
}
