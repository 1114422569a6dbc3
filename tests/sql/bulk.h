/*
 * What tests/sql/bulk.c and texts.c share: people, tickets, and a bulk act.
 */
#ifndef SQL_BULK_H
#define SQL_BULK_H

#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/case/lifecycle.h"
#include "core/notice/ladder.h"
#include "core/ticket/bulk.h"
#include "core/ticket/text_template.h"

#include "sqltest.h"

static struct actor ann, bob;

static int64_t
make(const char *kind, const char *status)
{
	int64_t n = number_of(arena_printf(life,
	    "INSERT INTO ticket (kind, subject, status, due) "
	    "VALUES ('%s', 'Scan', $1, now() + interval '4 hours') "
	    "RETURNING number", kind), status);

	/* Its log begins with the status that it has. */
	return n;
}

static const char *
status_of(int64_t number)
{
	return text_of(life, "SELECT status FROM ticket WHERE number = $1",
	    num(number));
}

static const char *const *
numbers(const int64_t *n, size_t count)
{
	const char **l = ARENA_ARRAY(life, const char *, count + 1);

	for (size_t i = 0; i < count; i++)
		l[i] = num(n[i]);
	return l;
}

static int64_t
choose(const int64_t *n, size_t count)
{
	int64_t id;

	OK(bulk_choose(db, &ann, numbers(n, count), NULL, &id, err));
	return id;
}

static void
plan(int64_t id, struct bulk_plan p)
{
	const char *field;

	OK(bulk_set_plan(db, &ann, id, &p, &field, err));
}

static struct bulk
get(int64_t id)
{
	struct bulk b;

	OK(bulk_get(db, life, &ann, id, &b, err));
	return b;
}

static const char *
why(int64_t id, int64_t ticket)
{
	return text_of(life, arena_printf(life, "SELECT coalesce(why, state) "
	    "FROM bulk_item WHERE bulk = %" PRId64 " AND ticket = $1", id),
	    num(ticket));
}

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
