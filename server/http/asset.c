/*
 * The files of web/: loaded at start, served under a name that holds the
 * hash of the bytes, so that a browser may keep them for ever.
 */
#include "base/base.h"
#include "base/text.h"
#include "http/priv.h"

enum { ASSET_FILE_MAX = 2 * 1024 * 1024, ASSET_FILES_MAX = 200,
	ASSET_HASH = 12 };

struct assets {
	GHashTable *by_uri;  /* "/static/style.HASH.css" -> struct ready */
	GHashTable *by_name; /* "style.css" -> its URL */
};

static const struct {
	const char *ending, *type;
} types[] = {
	{".css", "text/css; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".svg", "image/svg+xml"},
	{".png", "image/png"},
	{".ico", "image/x-icon"},
	{".txt", "text/plain; charset=utf-8"},
};

static const char *
asset_type(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (text_iends(name, types[i].ending))
			return types[i].type;
	return NULL; /* not for the browser */
}

static void
add(struct assets *s, char *uri, const struct ready_spec *spec)
{
	g_hash_table_insert(s->by_uri, uri, ready_new(spec));
}

static bool
load_one(struct assets *s, const char *dir, const char *name, bool https,
    GError **err)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	g_autofree char *bytes = NULL;
	struct ready_spec spec = {.type = asset_type(name), .https = https};
	const char *dot = strrchr(name, '.');
	ARENA_AUTO(a, "asset");
	char *url;

	if (!g_file_get_contents(path, &bytes, &spec.len, NULL))
		return fault_set(err, FAULT_INPUT, "%s cannot be read.", path);
	if (spec.len > ASSET_FILE_MAX)
		return fault_set(err, FAULT_INPUT, "%s is too large.", path);
	spec.bytes = bytes;
	spec.etag = text_sha256(a, bytes, spec.len);
	spec.cache_control = "public, max-age=31536000, immutable";
	url = g_strdup_printf("/static/%.*s.%.*s%s", (int)(dot - name), name,
	    ASSET_HASH, spec.etag, dot);
	add(s, g_strdup(url), &spec);
	g_hash_table_insert(s->by_name, g_strdup(name), url);
	/* The bare name too, for people and mails, but not for long. */
	spec.cache_control = "public, max-age=300";
	add(s, g_strdup_printf("/static/%s", name), &spec);
	if (strcmp(name, "favicon.svg") == 0) {
		add(s, g_strdup("/favicon.ico"), &spec);
		add(s, g_strdup("/favicon.svg"), &spec);
	}
	return true;
}

struct assets *
assets_load(const char *dir, bool https, GError **err)
{
	struct assets *s = g_new0(struct assets, 1);
	GDir *d = g_dir_open(dir, 0, NULL);
	const char *name;
	bool ok = true;
	unsigned n = 0;

	s->by_uri = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    (GDestroyNotify)ready_unref);
	s->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    g_free);
	/* No folder: pages without style, which is how they must work. */
	while (ok && d != NULL && (name = g_dir_read_name(d)) != NULL)
		if (asset_type(name) != NULL && ++n <= ASSET_FILES_MAX)
			ok = load_one(s, dir, name, https, err);
	if (d != NULL)
		g_dir_close(d);
	if (ok)
		return s;
	assets_free(s);
	return NULL;
}

void
assets_free(struct assets *s)
{
	if (s == NULL)
		return;
	g_hash_table_destroy(s->by_uri);
	g_hash_table_destroy(s->by_name);
	g_free(s);
}

struct ready *
assets_find(struct assets *s, const char *uri)
{
	struct ready *r = g_hash_table_lookup(s->by_uri, uri);

	return r == NULL ? NULL : ready_ref(r);
}

const char *
assets_url(const struct assets *s, const char *name)
{
	return g_hash_table_lookup(s->by_name, name);
}
