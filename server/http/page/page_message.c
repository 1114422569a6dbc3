/* Received messages, the junk view, exact bytes, members. */
#include "base/base.h"
#include "core/member/constituency.h"
#include "core/outgoing/keyring.h"
#include "http/counts.h"
#include "http/page/page_desk.h"
#include "inspect/process/pool.h"

enum { MESSAGE_PAGE = 50 };

DESC_TABLE(messages_view, MESSAGES_VIEW);
DESC_TABLE(junk_view, JUNK_VIEW);


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

/* What there is beside reports and answers. */
static const struct {
	const char *of, *label, *about;
} kinds[] = {
    {"junk", "Junk", "Mail that failed SPF and DMARC or that the spam filter "
	"marked, as a trusted mail server in front of us says. Kept, never "
	"answered, and nothing to abuse@ is refused for its content."},
    {"robot", "Robots", "Automatic answers and notices of machines that have "
	"no facts of a report and thread onto no ticket. Never answered."},
    {"bounce", "Bounces", "What mail servers say of mail that we sent. The "
	"mail that it is about shows it, too."},
    {"filed", "Filed", "Kept for the record: DMARC reports, feedback about "
	"our own lists, pasted rows of campaigns."},
    {"feed", "Feeds", "Mails of feeds, whose rows are findings."},
    {"command", "List commands", "Mails that join, leave or ask the lists."},
};

bool
page_junk(struct req *r, GError **err)
{
	struct junk_view v = {0};
	const char *of = req_query(r, "of");
	size_t k = COUNT_OF(kinds);
	int64_t page;

	while (--k > 0 && g_strcmp0(of, kinds[k].of) != 0)
		;
	v.page_title = kinds[k].label;
	v.about = kinds[k].about;
	v.may_report = strcmp(kinds[k].of, "feed") != 0;
	v.kinds = (struct list){ARENA_ARRAY(r->a, struct desk_option,
	    COUNT_OF(kinds)), COUNT_OF(kinds)};
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		*LIST_AT(desk_option, v.kinds, i) = (struct desk_option){
		    kinds[i].of, kinds[i].label, i == k};
	if (!req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err) ||
	    !desk_counts(r, &v.counts, err) ||
	    !message_list(r->db, r->a, kinds[k].of, page, &v.items, &v.total,
		err))
		return false;
	return reply_list(r, "page/junk.html", &desc_junk_view, &v, page,
	    MESSAGE_PAGE);
}

bool
page_message_raw(struct req *r, GError **err)
{
	struct message_row m = {0};
	int64_t id;

	if (!req_param_int(r, "id", &id, err) ||
	    !message_head(r->db, r->a, id, &m, err))
		return false;
	return reply_pieces(r, "message/rfc822",
	    arena_printf(r->a, "message-%" PRId64 ".eml", id), m.size, id,
	    message_piece);
}

bool
page_message_part(struct req *r, GError **err)
{
	const char *path = req_param(r, "part");
	struct message_part p = {0};
	struct blob *body;
	const void *bytes;
	size_t len;
	int64_t id;

	if (!req_param_int(r, "id", &id, err) ||
	    !message_part_of(r->db, r->a, id, path, &p, err))
		return false;
	if (req_parsers(r) == NULL)
		return fault_set(err, FAULT_AWAY,
		    "There is no reader at work.");
	return message_blob(r->db, r->a, r->site->conf, id, p.size, &body,
		   err) &&
	    pool_part(req_parsers(r), r->a, body, path, &bytes, &len, err) &&
	    reply_file(r, message_part_name(r->a, id, path, &p), bytes, len);
}

#define UNJUNK_VIEW(F, S)                                                     \
	F(S, INT, id, none)                                                   \
	F(S, INT, ticket, none)
DESC_PRIVATE(unjunk_view, UNJUNK_VIEW);

/* What it says, read anew; NULL when nobody can read it. */
static const struct inspection *
read_anew(struct req *r, int64_t id)
{
	struct reader_set readers = {.parsers = req_parsers(r),
	    .keeper = req_keeper(r), .db = r->db};
	struct inspection *in = ARENA_NEW(r->a, struct inspection);
	struct message_row m = {0};
	struct blob *body;

	return readers.parsers != NULL &&
		message_head(r->db, r->a, id, &m, NULL) &&
		message_blob(r->db, r->a, r->site->conf, id, m.size, &body,
		    NULL) &&
		keyring_read(&readers, r->a, body, in, NULL)
	    ? in : NULL;
}

bool
act_unjunk(struct req *r, GError **err)
{
	struct unjunk_view v = {0};

	if (!req_param_int(r, "id", &v.id, err) ||
	    !message_unjunk(r->db, r->site, &r->actor, v.id,
		read_anew(r, v.id), &v.ticket, err))
		return false;
	counts_forget(r);
	return reply_done(r,
	    arena_printf(r->a, "/desk/tickets/%" PRId64, v.ticket),
	    "The message is a report now.", 201, &desc_unjunk_view, &v);
}
