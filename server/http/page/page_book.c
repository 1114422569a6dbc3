/* The book of contacts outside: /desk/contacts and /api/v1/contacts. */
#include "base/base.h"
#include "base/lang.h"
#include "core/member/book.h"
#include "http/form.h"
#include "http/route.h"

static const struct form_field book_fields[] = {
    {"about", FORM_LINE, 260, .required = true, .label = "what the contact is for"},
    {"name", FORM_LINE, BOOK_NAME_MAX, .required = true, .label = "the name"},
    {"email", FORM_LINE, 320, .required = true, .label = "the address"},
    {"telephone", FORM_LINE, BOOK_PHONE_MAX},
    {"lang", FORM_LINE, LANG_MAX, .label = "the language"},
    {"note", FORM_LINE, BOOK_NOTE_MAX},
};
const struct form form_book = FORM(book_fields);

#define BOOK_VIEW(F, S)                                                       \
	LIST_VIEW(F, S, book_entry)                                           \
	F(S, PAGE_TEXT, q, none)                                              \
	F(S, PAGE_TEXT, about, none)                                          \
	F(S, PAGE_TEXT, about_error, none)                                    \
	F(S, PAGE_TEXT, name, none)                                           \
	F(S, PAGE_TEXT, name_error, none)                                     \
	F(S, PAGE_TEXT, email, none)                                          \
	F(S, PAGE_TEXT, email_error, none)                                    \
	F(S, PAGE_TEXT, telephone, none)                                      \
	F(S, PAGE_TEXT, lang, none)                                           \
	F(S, PAGE_TEXT, lang_error, none)                                     \
	F(S, PAGE_TEXT, note, none)
DESC_STRUCT(book_view, BOOK_VIEW);
DESC_TABLE(book_view, BOOK_VIEW);

#define BOOK_SAID(F, S) PAGE(F, S) F(S, INT, id, none)
DESC_STRUCT(book_said, BOOK_SAID);
DESC_TABLE(book_said, BOOK_SAID);

static bool
show(struct req *r, unsigned status, struct book_view *v, int64_t page,
    GError **err)
{
	v->page_title = "Contacts outside";
	if (!book_list(r->db, r->a, v->q, page, &v->items, &v->total, err))
		return false;
	if (status != 200)
		return reply_view(r, status, "page/book.html",
		    &desc_book_view, v);
	return reply_list(r, "page/book.html", &desc_book_view, v, page,
	    BOOK_PAGE);
}

bool
page_book(struct req *r, GError **err)
{
	struct book_view v = {.q = req_query(r, "q")};
	int64_t page;

	return req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err) &&
	    show(r, 200, &v, page, err);
}

bool
act_book(struct req *r, GError **err)
{
	struct book_view shown = {0};
	struct book_said v = {0};
	const struct book_entry e = {
	    .about = form_get(r, "about"),
	    .name = form_get(r, "name"),
	    .email = form_get(r, "email"),
	    .phone = form_get(r, "telephone"),
	    .lang = form_get(r, "lang"),
	    .note = form_get(r, "note"),
	};
	g_autoptr(GError) why = NULL;
	const char *field = "about";

	if (form_ok(r) &&
	    book_set(r->db, r->site, &r->actor, &e, &v.id, &field, &why))
		return reply_done(r, "/desk/contacts", "The contact is kept.",
		    201, &desc_book_said, &v);
	if (why != NULL && !fault_is(why, FAULT_INPUT)) {
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	if (why != NULL)
		form_error(r, field, "%s", why->message);
	form_fill(r, &desc_book_view, &shown);
	return show(r, 422, &shown, 0, err);
}

bool
act_book_end(struct req *r, GError **err)
{
	struct book_said v = {0};

	return req_param_int(r, "id", &v.id, err) &&
	    book_end(r->db, &r->actor, v.id, err) &&
	    reply_done(r, "/desk/contacts", "Nobody is written to by that "
		"entry any more.", 200, &desc_book_said, &v);
}
