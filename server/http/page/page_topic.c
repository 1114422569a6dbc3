/* Topics, their feeds, articles and public advisories.  All of it is cached:
 * nothing here may depend on who asks. */
#include "base/base.h"
#include "base/markdown.h"
#include "base/text.h"
#include "core/list/advisory.h"
#include "core/list/topic.h"
#include "http/route.h"

/* Of feeds that have no item yet: fixed, so that the ETag is too. */
static const int64_t no_item_yet = INT64_C(1767225600000000); /* 2026 */

#define TOPIC_ENTRY(F, S)                                                     \
	F(S, TEXT, slug, none)                                                \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, author, none)                                              \
	F(S, TEXT, teaser, none)                                              \
	F(S, TEXT, guid, none)                                                \
	F(S, TEXT, tlp, none)                                                 \
	F(S, INT, advisory, none)                                             \
	F(S, TIME, published, none)                                           \
	F(S, TIME, updated, none)                                             \
	F(S, URL, url, none)
DESC_PRIVATE(topic_entry, TOPIC_ENTRY);

#define TOPIC_VIEW(F, S) LIST_VIEW(F, S, topic_entry)                         \
	F(S, TEXT, slug, none)                                                \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, description, none)                                         \
	F(S, PAGE_URL, atom, none)
DESC_STRUCT(topic_view, TOPIC_VIEW);
DESC_TABLE(topic_view, TOPIC_VIEW);

#define TOPICS_VIEW(F, S) LIST_VIEW(F, S, topic_row)
DESC_STRUCT(topics_view, TOPICS_VIEW);
DESC_TABLE(topics_view, TOPICS_VIEW);

#define ITEM_VIEW(F, S) PAGE(F, S) TOPIC_ITEM(F, S)                           \
	F(S, TEXT, number, none)    /* "TOCSIN-2026-0001" */                  \
	F(S, URL, url, none)                                                  \
	F(S, PAGE_HTML, html, none)
DESC_STRUCT(item_view, ITEM_VIEW);
DESC_TABLE(item_view, ITEM_VIEW);

#define FEED_ITEM(F, S)                                                       \
	F(S, TEXT, title, none)                                               \
	F(S, URL, link, none)                                                 \
	F(S, TEXT, teaser, none)                                              \
	F(S, HTML, summary, none)   /* the teaser as markup: RSS wants that */\
	F(S, HTML, content, none)                                             \
	F(S, TEXT, author, none)                                              \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, guid, none)                                                \
	F(S, TIME, published, none)                                           \
	F(S, TIME, updated, none)
DESC_PRIVATE(feed_item, FEED_ITEM);

#define FEED_VIEW(F, S)                                                       \
	F(S, TEXT, id, none)                                                  \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, description, none)                                         \
	F(S, TEXT, site, none)                                                \
	F(S, URL, link, none)                                                 \
	F(S, URL, self, none)                                                 \
	F(S, TIME, updated, none)                                             \
	F(S, LIST, items, feed_item)
DESC_STRUCT(feed_view, FEED_VIEW);
DESC_TABLE(feed_view, FEED_VIEW);

static struct list
entries(struct req *r, const struct list *items)
{
	struct list l = {.n = items->n};

	l.items = arena_alloc_n(r->a, MAX(l.n, 1), sizeof(struct topic_entry));
	for (size_t i = 0; i < l.n; i++) {
		const struct topic_item *from =
		    LIST_AT(topic_item, *items, i);
		struct topic_entry *to = LIST_AT(topic_entry, l, i);

		desc_copy(&desc_topic_item, from, &desc_topic_entry, to);
		to->url = topic_item_path(r->a, from);
	}
	return l;
}

bool
page_topics(struct req *r, GError **err)
{
	struct topics_view v = {.page_title = "Topics"};

	if (!topic_list(r->db, r->a, &v.items, err))
		return false;
	v.total = (int64_t)v.items.n;
	return reply_list(r, "page/topics.html", &desc_topics_view, &v, 0,
	    MAX(v.total, 1));
}

bool
page_topic(struct req *r, GError **err)
{
	const char *slug = req_param(r, "slug");
	struct topic_view v = {0};
	struct topic_row t = {0};
	struct list items;
	int64_t page;

	if (!req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err) ||
	    !topic_find(r->db, r->a, slug, &t, err) ||
	    !topic_items(r->db, r->a, slug, page, &items, &v.total, err))
		return false;
	desc_copy(&desc_topic_row, &t, &desc_topic_view, &v);
	v.page_title = v.title;
	v.items = entries(r, &items);
	v.feed = arena_printf(r->a, "/topics/%s/feed", t.slug);
	v.atom = arena_printf(r->a, "/topics/%s/atom", t.slug);
	if (t.updated != DESC_NULL)
		r->modified = t.updated;
	return reply_list(r, "page/topic.html", &desc_topic_view, &v, page,
	    TOPIC_PAGE);
}

/* -- one item -- */

static bool
show_item(struct req *r, bool advisory, GError **err)
{
	const char *slug = req_param(r, "slug");
	struct item_view v = {0};
	struct topic_item item = {0};

	if (!topic_item_find(r->db, r->a, slug, &item, err))
		return false;
	if (r->face == FACE_PAGE &&
	    (strcmp(item.kind, "advisory") == 0) != advisory)
		return fault_set(err, FAULT_ABSENT, "There is no such page.");
	desc_copy(&desc_topic_item, &item, &desc_item_view, &v);
	v.page_title = item.title;
	v.html = markdown_html(r->a, item.body);
	v.url = topic_item_path(r->a, &item);
	if (item.advisory != DESC_NULL)
		v.number = advisory_id(r->a, r->site, item.advisory,
		    item.advisory_created);
	if (item.topic_slug != NULL)
		v.feed = arena_printf(r->a, "/topics/%s/feed",
		    item.topic_slug);
	r->modified = item.updated;
	return reply_view(r, 200, "page/item.html", &desc_item_view, &v);
}

bool
page_article(struct req *r, GError **err)
{
	return show_item(r, false, err);
}

bool
page_public_advisory(struct req *r, GError **err)
{
	return show_item(r, true, err);
}

/* -- feeds -- */

/* Our own paths become addresses: a reader shows the text elsewhere.  The
 * markup is cmark's, so a link is written in this one way only. */
static struct html
absolute(struct req *r, struct html html)
{
	static const char mark[] = "href=\"/";
	const char *base = r->site->conf->site_public_url;
	GString *out = arena_gstring(r->a);
	const char *p = html.text, *q;

	while ((q = strstr(p, mark)) != NULL) {
		g_string_append_len(out, p, q - p);
		g_string_append(out, "href=\"");
		text_html(out, base);
		g_string_append_c(out, '/');
		p = q + strlen(mark);
	}
	g_string_append(out, p);
	return (struct html){out->str};
}

static void
feed_item(struct req *r, const struct topic_item *from, struct feed_item *to)
{
	GString *summary = arena_gstring(r->a);

	desc_copy(&desc_topic_item, from, &desc_feed_item, to);
	to->link = arena_printf(r->a, "%s%s", r->site->conf->site_public_url,
	    topic_item_path(r->a, from));
	text_html(summary, from->teaser);
	to->summary = (struct html){summary->str};
	if (from->body != NULL)
		to->content = absolute(r, markdown_html(r->a, from->body));
}

/* slug NULL: everything. */
static bool
reply_feed(struct req *r, const char *slug, const char *path, bool atom,
    GError **err)
{
	const struct conf *c = r->site->conf;
	struct feed_view v = {.site = c->site_name, .updated = no_item_yet};
	struct topic_row t = {.title = "all topics",
	    .description = "Guidance and advisories on all topics."};
	struct list items;
	GString *out = arena_gstring(r->a);
	int64_t total;

	if ((slug != NULL && !topic_find(r->db, r->a, slug, &t, err)) ||
	    !topic_items(r->db, r->a, slug, 0, &items, &total, err) ||
	    (atom && !topic_bodies(r->db, r->a, &items, err)))
		return false;
	v.id = arena_printf(r->a, "tag:%s,2026:topic%s%s",
	    c->site_mail_domain, slug != NULL ? "/" : "s",
	    slug != NULL ? slug : "");
	v.title = arena_printf(r->a, "%s - %s", c->site_name, t.title);
	v.description = text_blank(t.description) ? t.title : t.description;
	v.link = slug != NULL ?
	    arena_printf(r->a, "%s/topics/%s", c->site_public_url, slug) :
	    arena_printf(r->a, "%s/topics", c->site_public_url);
	v.self = arena_printf(r->a, "%s%s", c->site_public_url, path);
	v.items.n = items.n;
	v.items.items = arena_alloc_n(r->a, MAX(items.n, 1),
	    sizeof(struct feed_item));
	for (size_t i = 0; i < items.n; i++) {
		struct feed_item *to = LIST_AT(feed_item, v.items, i);

		feed_item(r, LIST_AT(topic_item, items, i), to);
		v.updated = MAX(v.updated, to->updated);
	}
	r->modified = v.updated;
	tmpl_render(r->site->tmpl, atom ? "feed/atom.xml" : "feed/rss.xml",
	    &desc_feed_view, &v, out);
	return reply_text(r, 200,
	    atom ? "application/atom+xml; charset=utf-8" :
		   "application/rss+xml; charset=utf-8",
	    out->str, out->len);
}

bool
page_topic_rss(struct req *r, GError **err)
{
	const char *slug = req_param(r, "slug");

	return reply_feed(r, slug,
	    arena_printf(r->a, "/topics/%s/feed", slug), false, err);
}

bool
page_topic_atom(struct req *r, GError **err)
{
	const char *slug = req_param(r, "slug");

	return reply_feed(r, slug,
	    arena_printf(r->a, "/topics/%s/atom", slug), true, err);
}

bool
page_all_rss(struct req *r, GError **err)
{
	return reply_feed(r, NULL, "/feed", false, err);
}

bool
page_all_atom(struct req *r, GError **err)
{
	return reply_feed(r, NULL, "/feed/atom", true, err);
}
