/* The start page and the two statements that a public body owes. */
#include "base/base.h"
#include "core/list/topic.h"
#include "http/route.h"

enum { HOME_ITEMS = 5 };

#define HOME_ITEM(F, S)                                                       \
	F(S, TEXT, kind, none)                                                \
	F(S, TIME, published, none)                                           \
	F(S, URL, url, none)                                                  \
	F(S, TEXT, title, none)
DESC_STRUCT(home_item, HOME_ITEM);
DESC_TABLE(home_item, HOME_ITEM);

#define HOME_VIEW(F, S) PAGE(F, S) F(S, LIST, items, home_item)
DESC_STRUCT(home_view, HOME_VIEW);
DESC_TABLE(home_view, HOME_VIEW);

bool
page_home(struct req *r, GError **err)
{
	struct home_view v = {.page_title = "Incident desk"};
	struct list newest;
	struct home_item *items;
	int64_t total;

	if (!topic_items(r->db, r->a, NULL, 0, &newest, &total, err))
		return false;
	v.items.n = MIN(newest.n, HOME_ITEMS);
	v.items.items = items =
	    ARENA_ARRAY(r->a, struct home_item, HOME_ITEMS);
	for (size_t i = 0; i < v.items.n; i++) {
		const struct topic_item *t = LIST_AT(topic_item, newest, i);

		items[i] = (struct home_item){.kind = t->kind,
			.published = t->published, .title = t->title,
			.url = topic_item_path(r->a, t)};
		r->modified = MAX(r->modified, t->updated);
	}
	return reply_view(r, 200, "page/home.html", &desc_home_view, &v);
}

bool
page_privacy(struct req *r, GError **err)
{
	struct page v = {.page_title = "Privacy"};

	return reply_view(r, 200, "page/privacy.html", &desc_page, &v);
}

bool
page_accessibility(struct req *r, GError **err)
{
	struct page v = {.page_title = "Accessibility"};

	return reply_view(r, 200, "page/accessibility.html", &desc_page, &v);
}
