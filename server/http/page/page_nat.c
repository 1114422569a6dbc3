/* Addresses that hosts share: /desk/nat and /api/v1/nat. */
#include "base/base.h"
#include "core/member/nat.h"
#include "http/form.h"
#include "http/route.h"

static const struct form_field nat_fields[] = {
    {"net", FORM_LINE, 80, .required = true, .label = "the address or prefix"},
    {"shared", FORM_LINE, 10, .required = true, .label = "yes or no"},
    {"note", FORM_LINE, NAT_NOTE_MAX},
};
const struct form form_nat = FORM(nat_fields);

static const struct form_field nat_remove_fields[] = {
    {"net", FORM_LINE, 80, .required = true, .label = "the addresses"},
};
const struct form form_nat_remove = FORM(nat_remove_fields);

#define NAT_VIEW(F, S)                                                        \
	LIST_VIEW(F, S, nat_row)                                              \
	F(S, PAGE_TEXT, net, none)                                            \
	F(S, PAGE_TEXT, net_error, none)                                      \
	F(S, PAGE_TEXT, note, none)                                           \
	F(S, PAGE_TEXT, shared_error, none)
DESC_STRUCT(nat_view, NAT_VIEW);
DESC_TABLE(nat_view, NAT_VIEW);

#define NAT_SAID_VIEW(F, S)                                                   \
	PAGE(F, S)                                                            \
	F(S, TEXT, net, none)
DESC_STRUCT(nat_said_view, NAT_SAID_VIEW);
DESC_TABLE(nat_said_view, NAT_SAID_VIEW);

static bool
show(struct req *r, unsigned status, struct nat_view *v, int64_t page,
    GError **err)
{
	v->page_title = "Shared addresses";
	if (!nat_list(r->db, r->a, page, &v->items, &v->total, err))
		return false;
	if (status != 200)
		return reply_view(r, status, "page/nat.html", &desc_nat_view,
		    v);
	return reply_list(r, "page/nat.html", &desc_nat_view, v, page,
	    NAT_PAGE);
}

bool
page_nat(struct req *r, GError **err)
{
	struct nat_view v = {0};
	int64_t page;

	return req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err) &&
	    show(r, 200, &v, page, err);
}

/* The field net, or an error of it. */
static const char *
read_net(struct req *r)
{
	g_autoptr(GError) why = NULL;
	const char *net = NULL;

	if (form_has(r, "net") &&
	    !nat_read(r->a, form_get(r, "net"), &net, &why))
		form_error(r, "net", "%s", why->message);
	return net;
}

bool
act_nat(struct req *r, GError **err)
{
	struct nat_view shown = {0};
	struct nat_said_view v = {.net = read_net(r)};
	bool shared = form_is(r, "shared", "yes");

	if (form_has(r, "shared") && !shared && !form_is(r, "shared", "no"))
		form_error(r, "shared", "Say yes or no.");
	if (!form_ok(r)) {
		form_fill(r, &desc_nat_view, &shown);
		return show(r, 422, &shown, 0, err);
	}
	return nat_set(r->db, &r->actor, v.net, shared, form_get(r, "note"),
		   err) &&
	    reply_done(r, "/desk/nat",
		arena_printf(r->a, shared
		    ? "%s is shared: nobody is traced there without the port."
		    : "%s is one host each: no port is needed.", v.net),
		201, &desc_nat_said_view, &v);
}

bool
act_nat_remove(struct req *r, GError **err)
{
	struct nat_view shown = {0};
	struct nat_said_view v = {.net = read_net(r)};

	if (!form_ok(r))
		return show(r, 422, &shown, 0, err);
	return nat_remove(r->db, &r->actor, v.net, err) &&
	    reply_done(r, "/desk/nat",
		arena_printf(r->a, "Nothing is said of %s any more.", v.net),
		200, &desc_nat_said_view, &v);
}
