/* A mail of a ticket, sent on: the form, and the act.  See core/ticket/forward.h. */
#include "base/base.h"
#include "core/outgoing/mail_views.h"
#include "core/ticket/draft.h"
#include "core/ticket/forward.h"
#include "http/form.h"
#include "http/page/page_seal.h"
#include "http/page/page_ticket.h"

enum { FORWARD_TEXT_MAX = 256 * 1024 };

#define FORWARD_VIEW(F, S)                                                    \
	PAGE(F, S)                                                            \
	F(S, INT, number, none)                                               \
	F(S, INT, version, none)                                              \
	F(S, PAGE_TEXT, ticket_subject, none)                                 \
	FORWARD(F, S)                                                         \
	F(S, PAGE_TEXT, to, none)                                             \
	F(S, PAGE_TEXT, cc, none)                                             \
	F(S, PAGE_TEXT, about, none)    /* the subject of the new mail */     \
	F(S, PAGE_TEXT, text, none)                                           \
	F(S, PAGE_BOOL, may_name, none) /* it may be told who reported */     \
	F(S, PAGE_BOOL, named, none)                                          \
	F(S, PAGE_OBJECT, draft, draft) /* one's own, to be used */           \
	F(S, PAGE_OBJECT, used, draft)  /* it is in the form */               \
	F(S, PAGE_OBJECT, seal, seal_choice)
DESC_STRUCT(forward_view, FORWARD_VIEW);
DESC_TABLE(forward_view, FORWARD_VIEW);

static const struct form_field forward_fields[] = {
    {"message", FORM_LINE, 20, .required = true, .label = "the mail"},
    {"to", FORM_LIST, 4000, ACT_ADDRESSES_MAX},
    {"cc", FORM_LIST, 4000, ACT_ADDRESSES_MAX},
    {"subject", FORM_LINE, 500},
    {"text", FORM_TEXT, FORWARD_TEXT_MAX},
    {"named", FORM_LINE, 10}, /* yes: who reported may be told */
    {"sign", FORM_LINE, 10},
    {"encrypt", FORM_LINE, 10},
    {"version", FORM_LINE, 20},
};
const struct form form_forward = FORM(forward_fields);

static bool
show(struct req *r, unsigned status, int64_t number, int64_t id,
    const struct forward_view *typed, GError **err)
{
	struct forward_view v = {0};
	struct ticket_full t = {0};
	struct list drafts;
	struct draft *draft;
	struct forward f = {0};

	if (!ticket_load(r->db, r->a, number, &t, err) ||
	    !forward_of(r->db, r->a, number, id, &f, err) ||
	    !draft_list(r->db, r->a, &r->actor, number, &drafts, err))
		return false;
	draft = (struct draft *)(uintptr_t)draft_of(&drafts, "forward",
	    arena_printf(r->a, "%" PRId64, id));
	if (typed != NULL) {
		v = *typed;
	} else if (draft != NULL && req_query(r, "draft") != NULL) {
		v = (struct forward_view){.to = draft->to, .cc = draft->cc,
		    .about = draft->subject, .text = draft->text,
		    .used = draft};
	} else {
		v.draft = draft;
	}
	desc_copy(&desc_forward, &f, &desc_forward_view, &v);
	v.page_title = arena_printf(r->a, "Forward a mail of #%" PRId64,
	    number);
	v.number = number;
	v.version = t.version;
	v.ticket_subject = t.subject;
	v.may_name = !f.reported || f.name_reporter;
	if (v.about == NULL)
		v.about = mail_subject(r->a, r->site, number, NULL,
		    arena_printf(r->a, "Fwd: %s", t.open_subject));
	if (r->face == FACE_PAGE && !seal_choice_view(r, "forward", v.to,
		typed != NULL, &v.seal, err))
		return false;
	return reply_view(r, status, "page/forward.html", &desc_forward_view,
	    &v);
}

bool
page_forward(struct req *r, GError **err)
{
	int64_t number, id;

	return req_param_int(r, "number", &number, err) &&
	    req_query_int(r, "message", 1, INT64_MAX / 2, 0, &id, err) &&
	    show(r, 200, number, id, NULL, err);
}

bool
act_forward(struct req *r, GError **err)
{
	const char *const *to = act_addresses(r, "to");
	const char *const *cc = act_addresses(r, "cc");
	const struct ticket_letter l = {
	    .to = to, .cc = cc,
	    .subject = form_get(r, "subject"),
	    .text = form_get(r, "text"),
	    .choice = seal_chosen(r),
	};
	const struct forward_view typed = {
	    .to = act_joined(r->a, to), .cc = act_joined(r->a, cc),
	    .about = l.subject, .text = l.text,
	    .named = form_has(r, "named"),
	};
	g_autoptr(GError) why = NULL;
	int64_t number, id = 0, version, message;

	if (!req_param_int(r, "number", &number, err))
		return false;
	/* Without the mail there is no form to come back to. */
	if (!form_int(r, "message", 1, INT64_MAX / 2, 0, &id) || id == 0)
		return fault_set(err, FAULT_INPUT,
		    "Say which mail is sent on, by its number.");
	if (!form_int(r, "version", 0, INT64_MAX / 2, 0, &version) ||
	    !form_ok(r))
		return show(r, 422, number, id, &typed, err);
	if (forward_send(r->db, r->site, &r->actor, number, version, id,
		typed.named, &l, &message, &why))
		return act_done(r, number, 201, message,
	    "The mail is on its way.", err);
	/* What was written stays, beside what is true now. */
	if (seal_refused(r, why) || (r->face == FACE_PAGE &&
	    (fault_is(why, FAULT_CONFLICT) || fault_is(why, FAULT_INPUT)))) {
		unsigned status = (unsigned)fault_http(why);

		form_error(r, "to", "%s", why->message);
		return show(r, status, number, id, &typed, err);
	}
	g_propagate_error(err, g_steal_pointer(&why));
	return false;
}
