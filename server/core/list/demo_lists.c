/* See demo_lists.h. */
#include "base/base.h"
#include "base/csv.h"
#include "base/text.h"
#include "core/list/advisory.h"
#include "core/list/demo_lists.h"
#include "core/list/roster.h"
#include "core/list/topic.h"

enum { FILES_MAX = 50 };

struct demo {
	struct db *db;
	const struct site *s;
	struct arena *a;
	const char *dir;
	const struct actor *writer, *second;
};

static bool
read_file(struct demo *d, const char *name, char **text, size_t *len,
    GError **err)
{
	g_autofree char *path = g_build_filename(d->dir, name, NULL);
	g_autofree char *bytes = NULL;
	g_autoptr(GError) why = NULL;
	gsize n;

	if (!g_file_get_contents(path, &bytes, &n, &why))
		return fault_set(err, FAULT_ABSENT, "%s", why->message);
	*text = arena_memdup(d->a, bytes, n + 1);
	*len = n;
	return true;
}

/* Is one with this title there already? */
static bool
is_there(struct demo *d, const char *title, bool *found, GError **err)
{
	struct list rows;
	int64_t total;

	*found = false;
	if (!advisory_list(d->db, d->a, d->s, 0, &rows, &total, err))
		return false;
	for (size_t i = 0; i < rows.n; i++)
		*found |= strcmp(LIST_AT(advisory_row, rows, i)->title,
			      title) == 0;
	return true;
}

static bool
load_advisory(struct demo *d, const char *name, GError **err)
{
	struct advisory_draft draft = {0};
	const char *date = NULL, *state = NULL;
	const char *lists = NULL, *topics = NULL, *cves = NULL;
	const struct topic_key keys[] = {{"title", &draft.title},
	    {"tlp", &draft.tlp}, {"date", &date}, {"state", &state},
	    {"lists", &lists}, {"topics", &topics}, {"cves", &cves}};
	int64_t number, at = 0;
	char *text;
	size_t len;
	bool found;

	if (!read_file(d, arena_printf(d->a, "advisories/%s", name), &text,
		&len, err) ||
	    !topic_read_header(d->a, text, len, keys, COUNT_OF(keys),
		&draft.body, err))
		return false;
	draft.lists = topic_words(d->a, lists);
	draft.topics = topic_words(d->a, topics);
	draft.cves = topic_words(d->a, cves);
	if (!is_there(d, draft.title, &found, err) || found)
		return found;
	if (!advisory_create(d->db, d->s, d->writer, &draft, &number, err))
		return false;
	if (g_strcmp0(state, "issued") != 0)
		return true;
	if (!topic_date(d->a, date, &at))
		return fault_set(err, FAULT_INPUT, "%s: no date.", name);
	return advisory_approve(d->db, d->second, number, 0, err) &&
	    advisory_issue_past(d->db, d->s, d->writer, number, at, err);
}

static bool
load_advisories(struct demo *d, GError **err)
{
	g_autofree char *path = g_build_filename(d->dir, "advisories", NULL);
	g_autoptr(GError) why = NULL;
	g_autoptr(GDir) dir = g_dir_open(path, 0, &why);
	GPtrArray *names = arena_ptr_array(d->a);
	const char *name;

	if (dir == NULL)
		return fault_set(err, FAULT_ABSENT, "%s", why->message);
	while ((name = g_dir_read_name(dir)) != NULL)
		if (g_str_has_suffix(name, ".md") && names->len < FILES_MAX)
			g_ptr_array_add(names, arena_strdup(d->a, name));
	g_ptr_array_sort(names, text_order);
	for (guint i = 0; i < names->len; i++)
		if (!load_advisory(d, names->pdata[i], err)) {
			g_prefix_error(err, "%s: ",
			    (const char *)names->pdata[i]);
			return false;
		}
	return true;
}

static bool
load_subscribers(struct demo *d, GError **err)
{
	struct roster_import r = {0};
	char *text;
	size_t len;

	if (!read_file(d, "subscribers.csv", &text, &len, err) ||
	    !roster_import_csv(d->db, d->a, d->writer, "advisories", text,
		len, false, &r, err))
		return false;
	return r.bad == 0 ||
	    fault_set(err, FAULT_INPUT, "subscribers.csv: line %" PRId64
		" is wrong.",
		LIST_AT(roster_import_row, r.bad_rows, 0)->line);
}

bool
demo_lists(struct db *db, const struct site *s, const char *dir,
    const struct actor *writer, const struct actor *second, GError **err)
{
	ARENA_AUTO(a, "demo-lists");
	struct demo d = {db, s, a, dir, writer, second};

	return load_advisories(&d, err) && load_subscribers(&d, err);
}
