/* Whose address is it?  A public page, and the answer under the address
 * field of the report form. */
#include "base/base.h"
#include "base/net.h"
#include "base/text.h"
#include "base/when.h"
#include "core/member/constituency.h"
#include "http/report.h"
#include "http/route.h"

enum { LOOKUP_BURST = 120, LOOKUP_HOUR = 3600 };

#define LOOKUP_VIEW(F, S) PAGE(F, S)                                          \
	F(S, TEXT, ip, none)                                                  \
	F(S, TEXT, at, none)                                                  \
	F(S, TEXT, verdict, none)                                             \
	F(S, TEXT, reason, none)                                              \
	F(S, TEXT, says, none) /* the same for who asks, in a sentence */     \
	F(S, TEXT, organisation, none)                                        \
	F(S, TEXT, prefix, none)                                              \
	/* staff only: all of the member, those that a notice would go to,    \
	 * and whom to tell of an address outside */                          \
	F(S, LIST, contacts, constituency_contact)                            \
	F(S, LIST, notify, constituency_contact)                              \
	F(S, LIST, foreign, constituency_foreign)                             \
	F(S, PAGE_INT, organisation_id, none)                                 \
	F(S, PAGE_TEXT, ip_error, none)                                       \
	F(S, PAGE_TEXT, at_error, none)                                       \
	F(S, PAGE_BOOL, staff, none)
DESC_STRUCT(lookup_view, LOOKUP_VIEW);
DESC_TABLE(lookup_view, LOOKUP_VIEW);

/* What the verdict means to somebody with a log in hand. */
static const char *
says(struct arena *a, const struct lookup_view *v)
{
	struct net n;

	if (strcmp(v->verdict, "confirmed") == 0)
		return arena_printf(a, "%s belongs to %s. We can help.", v->ip,
		    v->organisation != NULL ? v->organisation :
		    "a member of this network");
	if (strcmp(v->verdict, "probable") == 0)
		return arena_printf(a, "%s probably belongs to this network. "
		    "An analyst will check.", v->ip);
	if (net_parse_host(v->ip, &n) && net_private(&n))
		return arena_printf(a, "%s exists in every network. Give the "
		    "public address that stands in front of it.", v->ip);
	return arena_printf(a, "%s is not ours. You may still send the "
	    "report; to reach its owner, look it up at a registry (RDAP or "
	    "whois) and write to the abuse contact that it names.", v->ip);
}

static bool
look(struct req *r, struct lookup_view *v, GError **err)
{
	struct constituency_verdict got = {0};
	g_autoptr(GError) why = NULL;
	int64_t at = DESC_NULL;

	if (v->at != NULL && !when_parse_rfc3339(v->at, &at))
		form_error(r, "at", "This time cannot be read: write "
		    "2026-11-23T04:10:00Z.");
	if (v->ip == NULL)
		form_error(r, "ip", "Which address? Write 192.0.2.7 or "
		    "2001:db8::7.");
	if (!form_ok(r))
		return true;
	if (r->login == LOGIN_NONE &&
	    !report_rate(r, "lookup", LOOKUP_BURST, LOOKUP_HOUR, err))
		return false;
	if (!constituency_lookup(r->db, r->a, v->ip, at,
		req_may(r, ROLE_VIEWER), &got, &why)) {
		if (fault_is(why, FAULT_INPUT)) {
			form_error(r, "ip", "%s", why->message);
			return true;
		}
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	v->verdict = got.verdict;
	v->reason = got.reason;
	v->organisation = got.organisation;
	v->prefix = got.prefix;
	v->contacts = got.contacts;
	v->notify = got.notify;
	v->foreign = got.foreign;
	v->organisation_id = got.organisation_id;
	v->says = says(r->a, v);
	return true;
}

bool
page_lookup(struct req *r, GError **err)
{
	struct lookup_view v = {.page_title = "Whose address is it?",
		.organisation_id = DESC_NULL,
		.ip = req_query(r, "ip"), .at = req_query(r, "at"),
		.staff = req_may(r, ROLE_VIEWER)};

	if ((r->face == FACE_API || v.ip != NULL) && !look(r, &v, err))
		return false;
	v.ip_error = form_error_of(r, "ip");
	v.at_error = form_error_of(r, "at");
	return reply_view(r, form_ok(r) ? 200 : 422, "page/lookup.html",
	    &desc_lookup_view, &v);
}
