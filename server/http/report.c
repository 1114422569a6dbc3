/* See report.h. */
#include "base/base.h"
#include "base/net.h"
#include "base/text.h"
#include "core/ticket/news.h"
#include "http/report.h"

enum { REPORT_ALL_FACTOR = 20 }; /* everybody together, times one client */

static bool
ticked(const struct req *r, const char *name)
{
	const char *s = form_get(r, name);

	return *s != '\0' && strcmp(s, "0") != 0 && !text_ieq(s, "false") &&
	    !text_ieq(s, "no");
}

static const char *
given(const struct req *r, const char *name)
{
	const char *s = form_get(r, name);

	return text_blank(s) ? NULL : s;
}

void
report_read(const struct req *r, struct intake_form *out)
{
	const char *phone = given(r, "telephone");

	*out = (struct intake_form){
	    .type = given(r, "type"),
	    .name = given(r, "name"),
	    .organisation = given(r, "organisation"),
	    .email = given(r, "email"),
	    .phone = phone != NULL ? phone : given(r, "phone"),
	    .source_ip = given(r, "source_ip"),
	    .source_port = given(r, "source_port"),
	    .destination_ip = given(r, "destination_ip"),
	    .destination_port = given(r, "destination_port"),
	    .protocol = given(r, "protocol"),
	    .start = given(r, "start"),
	    .end = given(r, "end"),
	    .zone = given(r, "zone"),
	    .clock = given(r, "clock"),
	    .count = given(r, "count"),
	    .url = given(r, "url"),
	    .statement = given(r, "statement"),
	    .evidence = given(r, "evidence"),
	    .tlp = given(r, "tlp"),
	    .may_name = ticked(r, "may_name"),
	    .wants_answer = ticked(r, "wants_answer"),
	    .urgent = ticked(r, "urgent"),
	};
}

void
report_faults(struct req *r, const struct list *faults)
{
	for (size_t i = 0; i < faults->n; i++) {
		const struct intake_field_fault *f =
		    LIST_AT(intake_field_fault, *faults, i);

		form_error(r, strcmp(f->field, "phone") == 0 ? "telephone" :
							       f->field,
		    "%s", f->message);
	}
}

/* 192.0.2.0/24, 2001:db8:1:2::/64: whoever has one address there has them
 * all. */
static const char *
client_net(struct arena *a, const char *client)
{
	struct net n;

	if (!net_parse_host(client, &n))
		return client;
	n.bits = n.v6 ? 64 : 24;
	memset(n.bytes + n.bits / 8, 0, sizeof(n.bytes) - n.bits / 8u);
	return net_text(a, &n);
}

bool
report_mask(struct req *r, struct intake_receipt *got, GError **err)
{
	g_autoptr(GError) why = NULL;

	if (r->login == LOGIN_NONE) {
		if (got->stranger)
			*got = (struct intake_receipt){.number = DESC_NULL,
			    .disposition = "report"};
		return true;
	}
	db_as(r->db, r->actor.id);
	if (got->number == DESC_NULL ||
	    news_may_see(r->db, &r->actor, got->number, &why))
		return true;
	if (!fault_is(why, FAULT_ABSENT)) {
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	*got = (struct intake_receipt){.number = DESC_NULL,
	    .disposition = "report"};
	return true;
}

bool
report_rate(struct req *r, const char *what, int64_t burst, double per_hour,
    GError **err)
{
	const char *one = arena_printf(r->a, "%s:%s", what,
	    client_net(r->a, r->client));
	bool ok;

	if (!account_rate_ok(r->db, one, burst, per_hour / 3600, &ok, err))
		return false;
	if (ok && !account_rate_ok(r->db, arena_printf(r->a, "%s:*", what),
		burst * REPORT_ALL_FACTOR, per_hour * REPORT_ALL_FACTOR / 3600,
		&ok, err))
		return false;
	return ok || fault_set(err, FAULT_RATE,
	    "That was a lot in a short time. Wait some minutes; what is "
	    "urgent can also be sent by mail to %s.",
	    conf_address(r->a, r->site->conf,
		r->site->conf->site_report_addresses[0]));
}
