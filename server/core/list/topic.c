/* Topics and items in the database.  See topic.h. */
#include "base/base.h"
#include "base/markdown.h"
#include "base/text.h"
#include "base/when.h"
#include "core/list/topic.h"

DESC_TABLE(topic_row, TOPIC_ROW);
DESC_TABLE(topic_item, TOPIC_ITEM);

bool
topic_list(struct db *db, struct arena *a, struct list *out, GError **err)
{
	return db_list(db, a, Q_TOPIC_LIST, DB_NONE, &desc_topic_row, out,
	    err);
}

bool
topic_find(struct db *db, struct arena *a, const char *slug,
    struct topic_row *out, GError **err)
{
	bool found;

	if (!db_opt(db, a, Q_TOPIC_FIND, DB_ARGS(DB_TEXT(slug)),
		&desc_topic_row, out, &found, err))
		return false;
	return found ||
	    fault_set(err, FAULT_ABSENT, "There is no such topic.");
}

bool
topic_items(struct db *db, struct arena *a, const char *slug, int64_t page,
    struct list *out, int64_t *total, GError **err)
{
	struct topic_row t = {0};
	struct list items = {0};
	bool ok;

	if (page < 0 || page > INT32_MAX / TOPIC_PAGE)
		return fault_set(err, FAULT_ABSENT, "There is no such page.");
	if (slug != NULL)
		ok = topic_find(db, a, slug, &t, err);
	else
		ok = db_one(db, a, Q_TOPIC_ALL, DB_NONE, &desc_topic_row, &t,
		    err);
	if (!ok)
		return false;
	/* The first page is always there, also of an empty topic. */
	if (page > 0 && page * TOPIC_PAGE >= t.items)
		return fault_set(err, FAULT_ABSENT, "There is no such page.");
	if (slug != NULL)
		ok = db_list(db, a, Q_TOPIC_ITEMS,
		    DB_ARGS(DB_TEXT(slug), DB_INT(TOPIC_PAGE),
			DB_INT(page * TOPIC_PAGE)),
		    &desc_topic_item, &items, err);
	else
		ok = db_list(db, a, Q_TOPIC_ITEMS_ALL,
		    DB_ARGS(DB_INT(TOPIC_PAGE), DB_INT(page * TOPIC_PAGE)),
		    &desc_topic_item, &items, err);
	if (!ok)
		return false;
	*out = items;
	*total = t.items;
	return true;
}

bool
topic_bodies(struct db *db, struct arena *a, struct list *items,
    GError **err)
{
	GPtrArray *slugs = arena_ptr_array(a);
	struct list bodies;

	for (size_t i = 0; i < items->n; i++)
		g_ptr_array_add(slugs,
		    (gpointer)LIST_AT(topic_item, *items, i)->slug);
	g_ptr_array_add(slugs, NULL);
	if (!db_list(db, a, Q_TOPIC_BODIES,
		DB_ARGS(DB_TEXTS((const char *const *)slugs->pdata)),
		&desc_topic_item, &bodies, err))
		return false;
	for (size_t i = 0; i < items->n; i++) {
		struct topic_item *item = LIST_AT(topic_item, *items, i);

		for (size_t k = 0; k < bodies.n; k++) {
			const struct topic_item *b =
			    LIST_AT(topic_item, bodies, k);

			if (b->id == item->id)
				item->body = b->body;
		}
	}
	return true;
}

bool
topic_item_find(struct db *db, struct arena *a, const char *slug,
    struct topic_item *out, GError **err)
{
	bool found;

	if (!db_opt(db, a, Q_TOPIC_ITEM_FIND, DB_ARGS(DB_TEXT(slug)),
		&desc_topic_item, out, &found, err))
		return false;
	return found ||
	    fault_set(err, FAULT_ABSENT, "There is no such page.");
}

#define TOPIC_MADE(F, S) F(S, INT, id, none) F(S, BOOL, made, none)
DESC_PRIVATE(topic_made, TOPIC_MADE);
#define TOPIC_SLUG_ROW(F, S) F(S, TEXT, slug, none)
DESC_PRIVATE(topic_slug_row, TOPIC_SLUG_ROW);

bool
topic_publish(struct db *db, const struct site *s, const struct topic_new *n,
    bool *made, GError **err)
{
	ARENA_AUTO(a, "publish");
	static const char *const none[] = {NULL};
	const char *const *topics = n->topics != NULL ? n->topics : none;
	struct topic_made m = {0};
	struct topic_slug_row unknown = {0};
	bool found, changed;

	if (!topic_public(n->tlp))
		return fault_set(err, FAULT_DENIED,
		    "Only TLP:CLEAR is published.");
	if (!db_opt(db, a, Q_TOPIC_UNKNOWN, DB_ARGS(DB_TEXTS(topics)),
		&desc_topic_slug_row, &unknown, &found, err))
		return false;
	if (found)
		return fault_set(err, FAULT_INPUT, "There is no topic %s.",
		    unknown.slug);
	if (!db_opt(db, a, Q_TOPIC_PUBLISH,
		DB_ARGS(DB_TEXT(n->slug), DB_TEXT(n->kind), DB_TEXT(n->title),
		    DB_TEXT(text_blank(n->author) ? "Anonymous" : n->author),
		    DB_TEXT(n->body), DB_TEXT(topic_teaser(a, n->body)),
		    DB_TEXT(n->tlp), DB_INT(n->advisory),
		    DB_TEXT(topic_guid(a, s, n->published, n->slug)),
		    DB_TIME(n->published)),
		&desc_topic_made, &m, &changed, err))
		return false;
	if (!db_exec(db, Q_TOPIC_PUBLISH_TOPICS,
		DB_ARGS(DB_TEXT(n->slug), DB_TEXTS(topics)), NULL, err))
		return false;
	/* A new item stands nowhere else yet. */
	if (!(changed && m.made) &&
	    !db_exec(db, Q_TOPIC_UNPUBLISH_TOPICS,
		DB_ARGS(DB_TEXT(n->slug), DB_TEXTS(topics)), NULL, err))
		return false;
	if (made != NULL)
		*made = changed && m.made;
	return true;
}

/* -- the folder of articles -- */

struct load {
	const struct site *site;
	struct topic_new *articles;
	size_t n;
	int64_t made;
};

static bool
file_names(struct arena *a, const char *dir, GPtrArray *names, GError **err)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(GDir) d = g_dir_open(dir, 0, &why);
	const char *name;

	if (d == NULL)
		return fault_set(err, FAULT_ABSENT, "%s", why->message);
	while ((name = g_dir_read_name(d)) != NULL) {
		if (*name == '.' || !g_str_has_suffix(name, ".md"))
			continue;
		if (names->len == TOPIC_ARTICLES_MAX)
			return fault_set(err, FAULT_LARGE,
			    "%s holds more than %d articles.", dir,
			    TOPIC_ARTICLES_MAX);
		g_ptr_array_add(names, arena_strdup(a, name));
	}
	g_ptr_array_sort(names, text_order);
	return true;
}

static bool
read_file(struct arena *a, const char *dir, const char *name,
    struct topic_new *out, GError **err)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) why = NULL;
	gsize len;

	if (!g_file_get_contents(path, &text, &len, &why))
		return fault_set(err, FAULT_ABSENT, "%s", why->message);
	if (!topic_read_article(a, text, len, out, &why))
		return fault_set(err, fault_kind(why), "%s: %s", path,
		    why->message);
	if (!topic_public(out->tlp))
		return fault_set(err, FAULT_DENIED,
		    "%s: only TLP:CLEAR is published.", path);
	return true;
}

static bool
load_tx(struct db *db, void *ctx, GError **err)
{
	struct load *l = ctx;

	l->made = 0;
	for (size_t i = 0; i < l->n; i++) {
		bool made = false;

		if (!topic_publish(db, l->site, &l->articles[i], &made, err))
			return false;
		l->made += made;
	}
	return true;
}

bool
topic_load_articles(struct db *db, const struct site *s, const char *dir,
    int64_t *n, GError **err)
{
	ARENA_AUTO(a, "articles");
	GPtrArray *names = arena_ptr_array(a);
	struct load l = {.site = s};

	if (!file_names(a, dir, names, err))
		return false;
	l.articles = ARENA_ARRAY(a, struct topic_new, MAX(names->len, 1));
	for (; l.n < names->len; l.n++)
		if (!read_file(a, dir, names->pdata[l.n], &l.articles[l.n],
			err))
			return false;
	if (db_in_tx(db) ? !load_tx(db, &l, err) :
	    !db_tx(db, load_tx, &l, err))
		return false;
	if (n != NULL)
		*n = l.made;
	return true;
}
