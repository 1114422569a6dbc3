/*
 * What tests/sql/cases.c and merges.c share: tickets, and all there is to compare.
 */
#ifndef SQL_CASES_H
#define SQL_CASES_H

#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/case/case.h"
#include "core/case/lifecycle.h"
#include "core/ticket/ticket.h"

#include "sqltest.h"

static struct actor ann, bob;

static const char *
status_at_first(const char *kind)
{
	return strcmp(kind, "report") == 0	       ? "new"
	    : strcmp(kind, "countermeasure") == 0 ? "pending activation"
						  : "open";
}

static int64_t
make(const char *kind)
{
	ARENA_AUTO(a, "test");

	return number_of(arena_printf(a,
	    "INSERT INTO ticket (kind, subject, status, due) "
	    "VALUES ($1, 'Scan', '%s', now() + interval '4 hours') "
	    "RETURNING number", status_at_first(kind)), kind);
}

static void
put(int64_t number, const char *status)
{
	change("UPDATE ticket SET status = $2, closed = CASE WHEN "
	    "is_active($2) THEN NULL ELSE now() END WHERE number = $1",
	    num(number), status);
}

static const char *
status_of(int64_t number)
{
	return text_of(life, "SELECT status FROM ticket WHERE number = $1",
	    num(number));
}

static int64_t
field(const char *column, int64_t number)
{
	return number_of(arena_printf(life,
	    "SELECT coalesce(%s::text, '0') FROM ticket WHERE number = $1",
	    column), num(number));
}

/* All that undoing must bring back; not versions, times and histories. */
static const char *
everything(void)
{
	return text_of(life,
	    "SELECT concat_ws(E'\\n',"
	    " (SELECT string_agg(concat_ws(' ', number, kind, status,"
	    "   coalesce(owner, 0), coalesce(merged_into, 0), held, reports,"
	    "   coalesce(grouped_into, 0), coalesce(resolution, '-')), ', '"
	    "   ORDER BY number) FROM ticket),"
	    " (SELECT string_agg(incident || '<' || child, ' ' ORDER BY"
	    "   incident, child) FROM ticket_link),"
	    " (SELECT string_agg(id || '@' || coalesce(ticket, 0), ' ' ORDER BY id) FROM message),"
	    " (SELECT string_agg(id || '@' || ticket, ' ' ORDER BY id) FROM event),"
	    " (SELECT string_agg(id || '@' || ticket, ' ' ORDER BY id) FROM notice),"
	    " (SELECT string_agg(ticket || '~' || event, ' ' ORDER BY ticket, event) FROM ticket_about),"
	    " (SELECT string_agg(ticket || ':' || email, ' ' ORDER BY ticket, email) FROM ticket_party))",
	    NULL);
}

static int64_t
last_deed(void)
{
	return number_of("SELECT max(id) FROM deed", NULL);
}

/* A report with so many messages and events. */
static int64_t
report(int messages, int events)
{
	int64_t n = make("report");

	for (int i = 0; i < messages; i++)
		change("INSERT INTO message (direction, disposition, ticket, "
		    "sha256, size, text) VALUES ('in', 'report', $1, 'x', 1, "
		    "'text')", num(n), NULL);
	for (int i = 0; i < events; i++)
		change("INSERT INTO event (ticket, message, source_ip, "
		    "verdict, reason) SELECT $1, max(id), '192.0.2.7', "
		    "'outside', 'test' FROM message WHERE ticket = $1",
		    num(n), NULL);
	change("INSERT INTO ticket_party (ticket, email, role) VALUES "
	    "($1::bigint, 'r' || $1::bigint || '@isp.example', 'reporter')", num(n), NULL);
	return n;
}

static const struct {
	const char *kind, *status;
} states[] = {
    {"report", "new"}, {"report", "open"}, {"report", "resolved"},
    {"report", "rejected"}, {"incident", "open"}, {"incident", "resolved"},
    {"incident", "abandoned"}, {"investigation", "open"},
    {"investigation", "resolved"},
    {"countermeasure", "pending activation"}, {"countermeasure", "active"},
    {"countermeasure", "pending removal"}, {"countermeasure", "removed"}};

static int
set_up(void **state)
{
	(void)state;
	sqltest_begin();
	ann = person("ann@tocsin.example", "Ann", ROLE_ANALYST);
	bob = person("bob@tocsin.example", "Bob", ROLE_ANALYST);
	return 0;
}

#endif
