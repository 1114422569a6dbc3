/*
 * What tests/sql/notices.c and answers.c share: a notice as it was sent, and time.
 */
#ifndef SQL_NOTICES_H
#define SQL_NOTICES_H

#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/notice/notice.h"
#include "core/outgoing/outbox.h"
#include "core/ticket/ticket.h"
#include "http/view.h"

#include "sqltest.h"

static const struct actor analyst = {.id = 1, .name = "Ana", .role =
    ROLE_ANALYST};
static struct conf *conf; /* of the site, to be changed */

/* "2026-11-23 10:00", in UTC: a Monday in winter. */
static int64_t
at(const char *s)
{
	g_autofree char *text = g_strdup_printf("%s:00Z", s);
	int64_t t;

	if (!when_parse_rfc3339(text, &t))
		fail_msg("%s is no time", s);
	return t;
}

#define IS(got, want)                                                         \
	do {                                                                  \
		ARENA_AUTO(a_, "test");                                       \
		assert_string_equal(when_page(a_, got),                       \
		    when_page(a_, at(want)));                                 \
	} while (0)

/* A thread with a notice on it; id of its row, number of its ticket. */
struct sent {
	int64_t ticket, notice, message, member;
};

static int64_t
make_member(const char *handle)
{
	int64_t id;

	change("INSERT INTO organisation (handle, name) VALUES ($1, 'University ' || $1)",
	    handle, NULL);
	id = number_of("SELECT id FROM organisation WHERE handle = $1", handle);
	change("INSERT INTO contact (organisation, role, name, email, phone) "
	       "SELECT o.id, x.role, 'Kim', x.role || '@' || o.handle || '.example', x.phone "
	       "FROM organisation o, (VALUES ('security', '01234 1'), ('management', '01234 2')) x (role, phone) "
	       "WHERE o.handle = $1", handle, NULL);
	return id;
}

static int64_t
make_ticket(const char *type, int64_t member)
{
	ARENA_AUTO(a, "test");

	return g_ascii_strtoll(text_of(a, arena_printf(a,
	    "INSERT INTO ticket (kind, status, subject, type, organisation, due) "
	    "VALUES ('investigation', 'open', 'Scan from 192.0.2.7', $1, %s, "
	    "'2030-01-01') RETURNING number",
	    member == DESC_NULL ? "NULL" : num(member)), type), NULL,
	    10);
}

/* As whoever sends a notice does. */
static void
send_on(struct sent *n, const char *type, const char *to, int64_t now)
{
	ARENA_AUTO(a, "test");
	int64_t answer_by, next_at;
	const char *const addresses[] = {to, NULL};

	n->ticket = make_ticket(type, n->member);
	OK(notice_first(db, &site, type, n->member, now, &answer_by, &next_at,
	    err));
	OK(outbox_queue(db, &site,
	    &(struct outbox_mail){.purpose = "notice", .ticket = n->ticket,
		.to = addresses, .subject = "[TOCSIN #1] scanner: 192.0.2.7",
		.text = "TLP:AMBER\n\nPlease look at 192.0.2.7.\n"},
	    &n->message, err));
	n->notice = g_ascii_strtoll(text_of(a, arena_printf(a,
	    "INSERT INTO notice (ticket, organisation, party, message, sent, answer_by, next_at) "
	    "VALUES (%" PRId64 ", %s, $1, %" PRId64 ", '%s', '%s', %s) RETURNING id",
	    n->ticket,
	    n->member == DESC_NULL ? "NULL" : num(n->member),
	    n->message, when_rfc3339(a, now), when_rfc3339(a, answer_by),
	    next_at == DESC_NULL ? "NULL"
		: arena_printf(a, "'%s'", when_rfc3339(a, next_at))),
	    "University X"), NULL, 10);
}

static struct sent
send_notice(const char *handle, const char *type, int64_t now)
{
	ARENA_AUTO(a, "test");
	struct sent n = {.member = make_member(handle)};

	send_on(&n, type, arena_printf(a, "security@%s.example", handle), now);
	return n;
}

static int64_t
run_at(int64_t now)
{
	int64_t n;

	OK(notice_clock(db, &site, now, &n, err));
	return n;
}

static const char *
field(struct arena *a, const struct sent *n, const char *name)
{
	return text_of(a, arena_printf(a,
	    "SELECT coalesce(%s::text, '') FROM notice WHERE id = $1", name),
	    num(n->notice));
}

static int64_t
next_of(const struct sent *n)
{
	ARENA_AUTO(a, "test");
	const char *s = field(a, n, "to_char(next_at AT TIME ZONE 'UTC', "
	    "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')");
	int64_t t;

	return when_parse_rfc3339(s, &t) ? t : DESC_NULL;
}

static int64_t
mails(const struct sent *n, const char *purpose)
{
	ARENA_AUTO(a, "test");

	return number_of(arena_printf(a, "SELECT count(*) FROM message "
	    "WHERE direction = 'out' AND purpose = '%s' AND ticket = $1",
	    purpose), num(n->ticket));
}

static int64_t
history(const struct sent *n, const char *action)
{
	ARENA_AUTO(a, "test");

	return number_of(arena_printf(a, "SELECT count(*) FROM audit "
	    "WHERE action = '%s' AND ticket = $1", action),
	    num(n->ticket));
}

static bool
in_view(const struct sent *n, const char *view)
{
	ARENA_AUTO(a, "test");
	struct list rows;
	int64_t total;

	OK(notice_list(db, a, view, 0, &rows, &total, err));
	assert_int_equal(total, rows.n);
	for (size_t i = 0; i < rows.n; i++)
		if (LIST_AT(notice, rows, i)->id == n->notice)
			return true;
	return false;
}

/* Nothing of an earlier test is due. */
static int
quiet(void **state)
{
	(void)state;
	change("UPDATE notice SET next_at = NULL WHERE next_at IS NOT NULL",
	    NULL, NULL);
	conf->desk_auto_close = false;
	conf->desk_robot_acks_copyright = true;
	conf->copyright_auto = false;
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	sqltest_begin();
	conf = (struct conf *)site.conf;
	OK((site.tmpl = tmpl_load(SRCDIR "/templates", NULL, views_all,
	    err)) != NULL);
	assert_int_equal(number_of("INSERT INTO principal (kind, name, email, role) "
	    "VALUES ('person', 'Ana', 'ana@tocsin.example', 'analyst') RETURNING id",
	    NULL), analyst.id);
	return 0;
}

#endif
