/* One ticket: /desk/tickets/N, GET /api/v1/tickets/N. */
#include "base/base.h"
#include "base/text.h"
#include "core/mail_views.h"
#include "http/page_desk.h"
#include "http/page_ticket.h"

DESC_TABLE(desk_neighbour, DESK_NEIGHBOUR);
DESC_TABLE(ticket_view, TICKET_VIEW);

/*
 * struct ticket_view holds the members of struct ticket_full in the same
 * order, from number to moves, so they are one block of the same layout.
 */
static void
copy_ticket(struct ticket_view *v, const struct ticket_full *t)
{
	G_STATIC_ASSERT(offsetof(struct ticket_full, number) == 0);
	G_STATIC_ASSERT(offsetof(struct ticket_view, moves) -
		offsetof(struct ticket_view, number) ==
	    offsetof(struct ticket_full, moves));
	memcpy((char *)v + offsetof(struct ticket_view, number), t,
	    offsetof(struct ticket_full, moves) + sizeof(t->moves));
}

/* The queue beside the ticket, as it stands. */
static bool
load_neighbours(struct req *r, struct ticket_view *v, GError **err)
{
	struct ticket_filter f = {.me = r->actor.id};
	struct list rows, l;

	if (!ticket_list(r->db, r->a, &f, &rows, NULL, err))
		return false;
	l.n = rows.n;
	l.items = ARENA_ARRAY(r->a, struct desk_neighbour, MAX(l.n, 1));
	for (size_t i = 0; i < l.n; i++) {
		struct desk_neighbour *n = LIST_AT(desk_neighbour, l, i);

		memcpy(n, LIST_AT(ticket_row, rows, i),
		    sizeof(struct ticket_row));
		n->current = n->number == v->number;
	}
	v->neighbours = l;
	return true;
}

/* The notice as it would go out, or why there is none. */
static bool
load_notice(struct req *r, struct ticket_view *v, GError **err)
{
	g_autoptr(GError) why = NULL;
	struct ticket_notice *n = ARENA_NEW(r->a, struct ticket_notice);

	if (ticket_notice_draft(r->db, r->site, r->a, v->number, n, &why)) {
		v->notice = n;
		return true;
	}
	if (!fault_is(why, FAULT_INPUT)) {
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	v->no_notice = arena_strdup(r->a, why->message);
	return true;
}

bool
ticket_show(struct req *r, unsigned status, int64_t number,
    const struct ticket_view *typed, GError **err)
{
	struct ticket_view v = {0};
	struct ticket_full t;
	struct intake_receipt receipt;

	if (!ticket_load(r->db, r->a, number, &t, err))
		return false;
	if (typed != NULL)
		v = *typed;
	copy_ticket(&v, &t);
	v.page_title = arena_printf(r->a, "#%" PRId64 " %s", t.number,
	    t.subject);
	if (r->face == FACE_PAGE) {
		if (!desk_counts(r, &v.counts, err) ||
		    !load_neighbours(r, &v, err) ||
		    !load_notice(r, &v, err) ||
		    !intake_receipt_of(r->db, r->a, number, &receipt, err))
			return false;
		v.missing_facts = receipt.missing;
		if (v.reply_to == NULL)
			v.reply_to = t.from;
		if (v.reply_subject == NULL)
			v.reply_subject = mail_subject(r->a, r->site, t.number,
			    t.their_ref, t.subject);
	}
	return reply_view(r, status, "page/ticket.html", &desc_ticket_view,
	    &v);
}

bool
page_ticket(struct req *r, GError **err)
{
	int64_t number;

	return req_param_int(r, "number", &number, err) &&
	    ticket_show(r, 200, number, NULL, err);
}
