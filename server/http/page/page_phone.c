/* A report by telephone: the analyst writes down what the caller says. */
#include "base/base.h"
#include "core/ticket/restrict.h"
#include "http/counts.h"
#include "http/page/page_desk.h"
#include "http/report.h"

static const struct form_field telephone_fields[] = {REPORT_FIELDS,
	{"only_me", FORM_LINE, 5}};
const struct form form_telephone = FORM(telephone_fields);

#define TELEPHONE_VIEW(F, S)                                                  \
	PAGE(F, S)                                                            \
	F(S, PAGE_TEXT, name, none)                                           \
	F(S, PAGE_TEXT, organisation, none)                                   \
	F(S, PAGE_TEXT, telephone, none)                                      \
	F(S, PAGE_TEXT, email, none)                                          \
	F(S, PAGE_TEXT, email_error, none)                                    \
	F(S, PAGE_TEXT, source_ip, none)                                      \
	F(S, PAGE_TEXT, source_ip_error, none)                                \
	F(S, PAGE_TEXT, destination_ip, none)                                 \
	F(S, PAGE_TEXT, destination_ip_error, none)                           \
	F(S, PAGE_TEXT, start, none)                                          \
	F(S, PAGE_TEXT, start_error, none)                                    \
	F(S, PAGE_TEXT, zone, none)                                           \
	F(S, PAGE_TEXT, zone_error, none)                                     \
	F(S, PAGE_TEXT, statement, none)                                      \
	F(S, PAGE_TEXT, statement_error, none)                                \
	F(S, PAGE_BOOL, urgent, none)                                         \
	F(S, PAGE_BOOL, only_me, none)                                        \
	F(S, PAGE_LIST, types, desk_option)
DESC_STRUCT(telephone_view, TELEPHONE_VIEW);
DESC_TABLE(telephone_view, TELEPHONE_VIEW);

static const struct {
	const char *value, *label;
} types[] = {
    {"other", "Something else"},
    {"scan", "Scan"},
    {"login", "Log-in attempts"},
    {"dos", "Denial of service"},
    {"mail", "Mail abuse"},
    {"phishing", "Phishing"},
    {"malware", "Malware"},
    {"compromise", "Compromise"},
    {"vulnerable", "Vulnerable service"},
    {"copyright", "Copyright"},
};

static bool
show(struct req *r, unsigned status)
{
	struct telephone_view v = {.page_title = "Telephone report"};

	form_fill(r, &desc_telephone_view, &v);
	v.urgent = form_has(r, "urgent");
	v.only_me = form_has(r, "only_me");
	v.types.n = COUNT_OF(types);
	v.types.items = ARENA_ARRAY(r->a, struct desk_option, v.types.n);
	for (size_t i = 0; i < v.types.n; i++)
		*LIST_AT(desk_option, v.types, i) = (struct desk_option){
		    types[i].value, types[i].label,
		    form_is(r, "type", types[i].value)};
	return reply_view(r, status, "page/telephone.html",
	    &desc_telephone_view, &v);
}

bool
page_phone(struct req *r, GError **err)
{
	(void)err;
	return show(r, 200);
}

/* The police calls, or somebody about a colleague: who took the call is the
 * only one to see the ticket, until he names others there. */
static bool
keep_to_me(struct req *r, const struct intake_receipt *got, GError **err)
{
	const char *page = arena_printf(r->a, "/desk/tickets/%" PRId64
	    "/restrict", got->number);
	g_autoptr(GError) why = NULL;

	if (restrict_to(r->db, &r->actor, got->number, 0, "by telephone",
		NULL, false, &why))
		return reply_see_other(r, page, "The ticket is open, and only "
		    "you see it.  Here you name others.");
	if (!fault_is(why, FAULT_INPUT) && !fault_is(why, FAULT_CONFLICT)) {
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	return reply_see_other(r, page, arena_printf(r->a,
	    "The ticket is open, but others see it: %s", why->message));
}

bool
page_phone_post(struct req *r, GError **err)
{
	g_autoptr(GError) why = NULL;
	struct intake_form f = {0};
	struct intake_receipt got = {0};
	struct list faults;

	if (!form_ok(r))
		return show(r, 422);
	report_read(r, &f);
	/* sees all: intake decides to which ticket it belongs. */
	db_as(r->db, DB_HOUSE);
	if (intake_web(r->db, r->site, r->a, &f, "telephone", NULL, &r->actor,
		&got, &faults, &why)) {
		counts_forget(r);
		if (!report_mask(r, &got, err))
			return false;
		if (got.number == DESC_NULL)
			return reply_see_other(r, "/desk",
			    "The call is recorded.");
		/* (he is himself again: of a ticket that is not shown to him
		 * he is told nothing, and becomes no reader) */
		if (form_has(r, "only_me"))
			return keep_to_me(r, &got, err);
		return reply_see_other(r,
		    arena_printf(r->a, "/desk/tickets/%" PRId64, got.number),
		    "The ticket is open.");
	}
	report_faults(r, &faults);
	if (!form_ok(r))
		return show(r, 422);
	g_propagate_error(err, g_steal_pointer(&why));
	return false;
}
