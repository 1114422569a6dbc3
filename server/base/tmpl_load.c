/* See tmpl.h: the set of templates, from folders. */
#include "base/base.h"
#include "base/text.h"
#include "base/tmpl_priv.h"

/* Deepest folder below the one given, and files in all. */
enum { FOLDER_DEPTH_MAX = 4, FILES_MAX = 2000 };

struct reading {
	struct arena *a;
	GHashTable *sources; /* of struct tmpl_source by name */
	GError **err;
};

static bool
is_template(const char *name)
{
	return *name != '.' &&
	    (g_str_has_suffix(name, ".html") ||
		g_str_has_suffix(name, ".xml") ||
		g_str_has_suffix(name, ".txt"));
}

static bool
read_file(struct reading *r, const char *path, const char *name)
{
	struct tmpl_source *s = ARENA_NEW(r->a, struct tmpl_source);
	g_autoptr(GMappedFile) map = NULL;
	g_autoptr(GError) why = NULL;

	map = g_mapped_file_new(path, FALSE, &why);
	if (map == NULL)
		return fault_set(r->err, FAULT_INPUT,
		    "A template cannot be read: %s", why->message);
	s->len = g_mapped_file_get_length(map);
	if (s->len > TMPL_FILE_MAX)
		return fault_set(r->err, FAULT_INPUT,
		    "%s: the template is larger than %d bytes.", path,
		    TMPL_FILE_MAX);
	s->path = arena_strdup(r->a, path);
	s->name = arena_strdup(r->a, name);
	s->text = s->len == 0 ? "" : arena_strndup(r->a,
	    g_mapped_file_get_contents(map), s->len);
	if (strlen(s->text) != s->len || !g_utf8_validate(s->text, -1, NULL))
		return fault_set(r->err, FAULT_INPUT,
		    "%s: the template is not text in UTF-8.", path);
	if (!tmpl_read_view(r->a, s, r->err))
		return false;
	if (g_hash_table_size(r->sources) >= FILES_MAX)
		return fault_set(r->err, FAULT_INPUT,
		    "%s: there are more than %d templates.", path, FILES_MAX);
	g_hash_table_insert(r->sources, (char *)(uintptr_t)s->name, s);
	return true;
}

static bool
read_folder(struct reading *r, const char *path, const char *prefix, int depth)
{
	g_autoptr(GError) why = NULL;
	GDir *dir = g_dir_open(path, 0, &why);
	const char *entry;
	bool ok = true;

	if (dir == NULL)
		return fault_set(r->err, FAULT_INPUT,
		    "The folder of templates cannot be read: %s",
		    why->message);
	while (ok && (entry = g_dir_read_name(dir)) != NULL) {
		g_autofree char *below = g_build_filename(path, entry, NULL);
		g_autofree char *name = g_strconcat(prefix, entry, NULL);

		if (g_file_test(below, G_FILE_TEST_IS_DIR)) {
			g_autofree char *folder = g_strconcat(name, "/", NULL);

			if (*entry != '.' && depth < FOLDER_DEPTH_MAX)
				ok = read_folder(r, below, folder, depth + 1);
		} else if (is_template(entry)) {
			ok = read_file(r, below, name);
		}
	}
	g_dir_close(dir);
	return ok;
}

static const struct desc *
find_view(const struct desc *const *views, const char *name)
{
	for (; *views != NULL; views++)
		if (strcmp((*views)->name, name) == 0)
			return *views;
	return NULL;
}

/* In the order of names: the same mistake is reported first each time. */
static bool
compile_all(struct tmpl_set *set, GHashTable *sources,
    const struct desc *const *views, GError **err)
{
	guint n;
	g_autofree char **names =
	    (char **)g_hash_table_get_keys_as_array(sources, &n);

	qsort(names, n, sizeof(*names), text_order);
	for (guint i = 0; i < n; i++) {
		const struct tmpl_source *s =
		    g_hash_table_lookup(sources, names[i]);
		const struct desc *view;
		struct tmpl *t;

		if (s->view == NULL)
			continue; /* checked where it is included */
		view = find_view(views, s->view);
		/* A part may be of a struct within a view: likewise. */
		if (view == NULL && g_str_has_prefix(s->name, "part/"))
			continue;
		if (view == NULL)
			return fault_set(err, FAULT_INPUT,
			    "%s:1: there is no view \"%s\".", s->path,
			    s->view);
		t = tmpl_compile(set->arena, sources, s, view, err);
		if (t == NULL)
			return false;
		g_hash_table_insert(set->by_name,
		    (char *)(uintptr_t)t->name, t);
	}
	return true;
}

struct tmpl_set *
tmpl_load(const char *dir, const char *site_dir,
    const struct desc *const *views, GError **err)
{
	struct arena *a = arena_new("templates");
	struct tmpl_set *set = ARENA_NEW(a, struct tmpl_set);
	g_autoptr(GHashTable) sources =
	    g_hash_table_new(g_str_hash, g_str_equal);
	struct reading r = {a, sources, err};

	set->arena = a;
	set->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	if (!read_folder(&r, dir, "", 0) ||
	    (!text_blank(site_dir) && !read_folder(&r, site_dir, "", 0)) ||
	    !compile_all(set, sources, views, err)) {
		tmpl_free(set);
		return NULL;
	}
	return set;
}

void
tmpl_free(struct tmpl_set *set)
{
	if (set == NULL)
		return;
	g_hash_table_destroy(set->by_name);
	arena_free(set->arena);
}

bool
tmpl_has(const struct tmpl_set *set, const char *name)
{
	return g_hash_table_contains(set->by_name, name);
}
