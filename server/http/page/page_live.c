/* What desk pages ask while they are looked at: /desk/stream and the numbers
 * beside the views. */
#include "base/base.h"
#include "base/text.h"
#include "core/ticket/news.h"
#include "http/live/live.h"
#include "http/page/page_desk.h"

#define NUMBERS_VIEW(F, S) PAGE(F, S) TICKET_COUNTS(F, S)
DESC_STRUCT(numbers_view, NUMBERS_VIEW);
DESC_TABLE(numbers_view, NUMBERS_VIEW);

/* A browser that comes back says itself what it heard last. */
static int64_t
heard(struct req *r, int64_t since)
{
	const char *id = req_header(r, "Last-Event-ID");
	int64_t n;

	return id != NULL && text_int(id, 0, INT64_MAX, &n) ? MAX(n, since) :
							       since;
}

bool
page_stream(struct req *r, GError **err)
{
	struct live_ask ask = {.who = r->actor};

	if (!req_query_int(r, "ticket", 0, INT64_MAX / 2, 0, &ask.ticket,
		err) ||
	    !req_query_int(r, "version", 0, INT64_MAX / 2, 0, &ask.version,
		err) ||
	    !req_query_int(r, "since", 0, INT64_MAX, 0, &ask.since, err) ||
	    (ask.ticket > 0 &&
		!news_may_see(r->db, &r->actor, ask.ticket, err)))
		return false;
	ask.since = heard(r, ask.since);
	if (r->login == LOGIN_SESSION)
		ask.session = secret_token_hash(r->a, r->cookie);
	return reply_live(r, &ask);
}

bool
page_numbers(struct req *r, GError **err)
{
	struct numbers_view v = {0};
	struct ticket_counts *c;

	if (!desk_counts(r, &c, err))
		return false;
	desc_copy(&desc_ticket_counts, c, &desc_numbers_view, &v);
	return reply_view(r, 200, NULL, &desc_numbers_view, &v);
}
