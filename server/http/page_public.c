/* The start page and the two statements that a public body owes. */
#include "base/base.h"
#include "http/route.h"

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
