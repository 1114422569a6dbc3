/* The notice: the exact mail to each party, changed or sent. */
#include "base/base.h"
#include "base/text.h"
#include "core/notice/investigate.h"
#include "http/counts.h"
#include "http/form.h"
#include "http/page/page_notify.h"
#include "http/page/page_seal.h"
#include "http/page/page_ticket.h"

enum { NOTIFY_TEXT_MAX = 256 * 1024 };

DESC_TABLE(notify_view, NOTIFY_VIEW);
DESC_TABLE(notified_view, NOTIFIED_VIEW);

/* to, subject and text belong to the only party; of several, those that are
 * ticked get the mail as it is drafted. */
static const struct form_field notify_fields[] = {
    {"party", FORM_LIST, 320, INVESTIGATE_PARTIES_MAX},
    {"number", FORM_LINE, 20},
    {"to", FORM_LIST, 4000, ACT_ADDRESSES_MAX},
    {"subject", FORM_LINE, 500},
    {"text", FORM_TEXT, NOTIFY_TEXT_MAX},
    {"sign", FORM_LINE, 10},    /* yes, no; else as the settings say */
    {"encrypt", FORM_LINE, 10},
    {"version", FORM_LINE, 20},
};
const struct form form_notify = FORM(notify_fields);

/* ?begin=N: those words below the label of the mail and above its facts. */
static bool
put_above(struct req *r, int64_t number, int64_t id,
    struct investigate_party *p, GError **err)
{
	struct text_facts f = {0};
	struct text_template t = {0};
	const char *words, *rest = p->text;
	size_t label = 0;

	if (rest == NULL) /* it cannot go out at all */
		return true;
	if (!text_get_in(r->db, r->a, id, p->lang, &t, err) ||
	    !text_facts(r->db, r->a, number, &f, err))
		return false;
	if (strcmp(t.direction, "notice") != 0)
		return fault_set(err, FAULT_INPUT, "The text \"%s\" goes %s.",
		    t.name, text_direction_label(t.direction));
	words = text_fill(r->a, r->site, &r->actor, &f, t.text, false);
	if (g_str_has_prefix(rest, "TLP:") && strstr(rest, "\n\n") != NULL)
		label = (size_t)(strstr(rest, "\n\n") - rest) + 2;
	p->text = arena_printf(r->a, "%.*s%s\n%s", (int)label, rest, words,
	    rest + label);
	return true;
}

/* What the analyst had written: it stays when it could not be sent. */
static bool
put_typed(struct req *r, struct investigate_party *p,
    const struct notify_view *typed, GError **err)
{
	const char *subject = typed->subject, *text = typed->text;

	if (!investigate_again(r->db, r->site, r->a, typed->drawn, p,
		&subject, &text, err))
		return false;
	if (!text_blank(typed->to))
		p->to = typed->to;
	if (!text_blank(subject))
		p->subject = subject;
	if (!text_blank(text))
		p->text = text;
	return true;
}

/* One's own drafts of notices on this ticket; the one of the only party, if
 * it is asked for, is put into *typed. */
static bool
load_drafts(struct req *r, struct notify_view *v, bool use,
    struct notify_view *typed, bool *used, GError **err)
{
	const char *only = v->one
	    ? LIST_AT(investigate_party, v->parties, 0)->key : NULL;
	struct list own;
	size_t n = 0;

	*used = false;
	if (!draft_list(r->db, r->a, &r->actor, v->ticket, &own, err))
		return false;
	for (size_t i = 0; i < own.n; i++) {
		struct draft *d = LIST_AT(draft, own, i);

		if (!d->is_notice)
			continue;
		if (use && only != NULL && strcmp(d->party, only) == 0) {
			v->used = ARENA_NEW(r->a, struct draft);
			*v->used = *d;
			*typed = (struct notify_view){.to = d->to,
			    .subject = d->subject, .text = d->text,
			    .drawn = d->drawn};
			*used = true;
		} else {
			*LIST_AT(draft, own, n++) = *d;
		}
	}
	own.n = n;
	v->drafts = own;
	return true;
}

/* above: a text to put above the facts, or 0.  only: one of the parties (NULL:
 * all).  draft: that of this party.  typed: what the analyst had changed when
 * something was wrong with it, or NULL. */
static bool
show(struct req *r, unsigned status, int64_t number, const char *only,
    int64_t above, bool draft, const struct notify_view *typed, GError **err)
{
	struct notify_view v = {0}, kept = {0};
	struct ticket_full t = {0};
	bool used = false;

	if (typed != NULL)
		v = *typed;
	if (!ticket_load(r->db, r->a, number, &t, err) ||
	    !investigate_parties(r->db, r->site, r->a, number, true, &v.parties,
		err))
		return false;
	for (size_t i = 0; only != NULL && i < v.parties.n; i++)
		if (strcmp(LIST_AT(investigate_party, v.parties, i)->key,
			only) == 0)
			v.parties = (struct list){
			    LIST_AT(investigate_party, v.parties, i), 1};
	v.page_title = arena_printf(r->a, "Notice for #%" PRId64, number);
	v.ticket = number;
	v.version = t.version;
	v.ticket_subject = t.subject;
	v.one = v.parties.n == 1;
	v.several = v.parties.n > 1;
	for (size_t i = 0; i < v.parties.n; i++)
		v.chosen += LIST_AT(investigate_party, v.parties, i)->chosen;
	if (r->face == FACE_PAGE &&
	    !load_drafts(r, &v, draft && typed == NULL, &kept, &used, err))
		return false;
	if (v.one) {
		struct investigate_party *p = LIST_AT(investigate_party, v.parties, 0);

		if ((typed != NULL || used) &&
		    !put_typed(r, p, used ? &kept : typed, err))
			return false;
		if (above != 0 && !put_above(r, number, above, p, err))
			return false;
		if (r->face == FACE_PAGE &&
		    !text_fitting(r->db, r->a, "notice", t.type, p->lang,
			&v.texts, err))
			return false;
		if (r->face == FACE_PAGE &&
		    !seal_choice_view(r, "notify", p->to, typed != NULL,
			&v.seal, err))
			return false;
	}
	return reply_view(r, status, "page/notify.html", &desc_notify_view,
	    &v);
}

bool
page_notify(struct req *r, GError **err)
{
	int64_t number, above;

	return req_param_int(r, "number", &number, err) &&
	    req_query_int(r, "begin", 1, INT64_MAX / 2, 0, &above, err) &&
	    show(r, 200, number, req_query(r, "party"), above,
		req_query(r, "draft") != NULL, NULL, err);
}

static bool
done(struct req *r, int64_t number, int64_t sent, int64_t investigation,
    int64_t message, GError **err)
{
	struct notified_view v = {0};
	struct ticket_full t = {0};

	counts_forget(r);
	if (r->face == FACE_API) {
		if (!ticket_load(r->db, r->a, investigation, &t, err))
			return false;
		v = (struct notified_view){number, t.status, t.owner,
		    t.version, message, investigation, sent};
	}
	return reply_done(r, arena_printf(r->a, "/desk/tickets/%" PRId64,
				 number),
	    sent == 1 ? arena_printf(r->a, "The notice is on its way, as "
			    "investigation #%" PRId64 ".", investigation)
		      : arena_printf(r->a, "%" PRId64 " notices are on their "
			    "way.", sent),
	    201, &desc_notified_view, &v);
}

static bool
again(struct req *r, unsigned status, int64_t number, const char *only,
    int64_t drawn, const char *const *to, GError **err)
{
	const struct notify_view typed = {
	    .to = act_joined(r->a, to),
	    .subject = form_get(r, "subject"),
	    .text = form_get(r, "text"),
	    .drawn = drawn,
	};

	return show(r, status, number, only, 0, false, &typed, err);
}

bool
act_notify(struct req *r, GError **err)
{
	const char *const *to = act_addresses(r, "to");
	size_t n;
	const char *const *keys = form_list(r, "party", &n);
	struct investigate_choice *choices;
	const struct sealing_choice seal = seal_chosen(r);
	int64_t number, version, own, sent, investigation, message;
	GError *why = NULL;
	bool changed = to[0] != NULL || form_has(r, "subject") ||
	    form_has(r, "text");

	if (!req_param_int(r, "number", &number, err))
		return false;
	if (!form_int(r, "version", 0, INT64_MAX / 2, 0, &version) ||
	    !form_int(r, "number", 0, INT64_MAX / 2, 0, &own) ||
	    !form_ok(r))
		return again(r, 422, number, n == 1 ? keys[0] : NULL, own, to,
		    err);
	if (changed && n > 1)
		return fault_set(err, FAULT_INPUT,
		    "A changed mail goes to one party: choose one.");
	/* Who changes the mail means the only party there is. */
	choices = ARENA_ARRAY(r->a, struct investigate_choice, n + 1);
	for (size_t i = 0; i < n; i++)
		choices[i].key = keys[i];
	if (changed && n == 0)
		choices[n++].key = "";
	if (n == 1) {
		choices[0].number = own;
		choices[0].to = to;
		choices[0].subject = form_get(r, "subject");
		choices[0].text = form_get(r, "text");
	}
	if (investigate_send(r->db, r->site, &r->actor, number, version,
		choices, n, seal, &sent, &investigation, &message, &why))
		return done(r, number, sent, investigation, message, err);
	/* Somebody was faster, or it cannot go out so: what was written
	 * stays, beside what is true now. */
	if (seal_refused(r, why) || (r->face == FACE_PAGE &&
	    (fault_is(why, FAULT_CONFLICT) || fault_is(why, FAULT_INPUT)))) {
		unsigned status = (unsigned)fault_http(why);

		form_error(r, "text", "%s", why->message);
		g_error_free(why);
		return again(r, status, number, n == 1 ? keys[0] : NULL, own,
		    to, err);
	}
	g_propagate_error(err, why);
	return false;
}
