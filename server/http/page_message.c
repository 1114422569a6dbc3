/* Received messages, the junk view, exact bytes, members. */
#include "base/base.h"
#include "core/constituency.h"
#include "http/counts.h"
#include "http/page_desk.h"

enum { MESSAGE_PAGE = 50 };

DESC_TABLE(messages_view, MESSAGES_VIEW);
DESC_TABLE(junk_view, JUNK_VIEW);
DESC_TABLE(member_row, MEMBER_ROW);
DESC_TABLE(members_view, MEMBERS_VIEW);

#define TOTAL(F, S) F(S, INT, total, none)
DESC_PRIVATE(total, TOTAL);

bool
page_messages(struct req *r, GError **err)
{
	struct messages_view v = {.page_title = "Messages"};
	int64_t page;

	if (!req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err) ||
	    !message_list(r->db, r->a, req_query(r, "disposition"), page,
		&v.items, &v.total, err))
		return false;
	return reply_list(r, NULL, &desc_messages_view, &v, page,
	    MESSAGE_PAGE);
}

bool
page_junk(struct req *r, GError **err)
{
	struct junk_view v = {.page_title = "Junk"};
	int64_t page;

	if (!req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err) ||
	    !desk_counts(r, &v.counts, err) ||
	    !message_list(r->db, r->a, "junk", page, &v.items, &v.total, err))
		return false;
	return reply_list(r, "page/junk.html", &desc_junk_view, &v, page,
	    MESSAGE_PAGE);
}

bool
page_message_raw(struct req *r, GError **err)
{
	struct message_row m;
	int64_t id;

	if (!req_param_int(r, "id", &id, err) ||
	    !message_head(r->db, r->a, id, &m, err))
		return false;
	return reply_pieces(r, "message/rfc822",
	    arena_printf(r->a, "message-%" PRId64 ".eml", id), m.size, id,
	    message_piece);
}

#define UNJUNK_VIEW(F, S)                                                     \
	F(S, INT, id, none)                                                   \
	F(S, INT, ticket, none)
DESC_PRIVATE(unjunk_view, UNJUNK_VIEW);

bool
act_unjunk(struct req *r, GError **err)
{
	struct unjunk_view v;

	if (!req_param_int(r, "id", &v.id, err) ||
	    !message_unjunk(r->db, r->site, &r->actor, v.id, &v.ticket, err))
		return false;
	counts_forget(r);
	return reply_done(r,
	    arena_printf(r->a, "/desk/tickets/%" PRId64, v.ticket),
	    "The message is a report now.", 201, &desc_unjunk_view, &v);
}

bool
page_members(struct req *r, GError **err)
{
	struct members_view v = {.page_title = "Members"};
	struct total t;
	int64_t page;

	if (!req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err) ||
	    !db_list(r->db, r->a, Q_ORGANISATION_LIST, DB_ARGS(DB_INT(page)),
		&desc_member_row, &v.items, err) ||
	    !db_one(r->db, r->a, Q_ORGANISATION_TOTAL, DB_NONE, &desc_total,
		&t, err))
		return false;
	v.total = t.total;
	return reply_list(r, "page/members.html", &desc_members_view, &v, page,
	    MESSAGE_PAGE);
}
