/*
 * What tests/sql/lists.c and advisories.c share: people, subscribers, mails.
 */
#ifndef SQL_LISTS_H
#define SQL_LISTS_H

#include "base/base.h"
#include "base/conf.h"
#include "base/text.h"
#include "base/when.h"
#include "core/list/advisory.h"
#include "core/list/demo_lists.h"
#include "core/list/roster.h"
#include "core/list/topic.h"
#include "core/outgoing/address.h"
#include "core/outgoing/outbox.h"
#include "db/db.h"
#include "db/migrate.h"
#include <glib/gstdio.h>

#include "sqltest.h"

static struct actor ann, bob, eve;

/* -- lists -- */

static const char *
status_of(struct arena *a, const char *list, const char *email)
{
	struct list rows;
	int64_t total;

	OK(roster_subscribers(db, a, list, "any", email, 0, &rows, &total,
	    err));
	return rows.n == 0 ? "none" :
	    LIST_AT(roster_subscriber, rows, 0)->status;
}

/* -- once -- */

static int
set_up(void **state)
{
	static const char *const names[] = {"advisory", "list-confirm",
	    "list-already", "list-leave", "list-help", "list-left-alert"};
	static const struct desc *const views[] = {&desc_advisory_letter,
	    &desc_roster_letter, NULL};
	char *dir, *mail;

	(void)state;
	sqltest_begin();
	dir = g_dir_make_tmp("tocsin-tmpl-XXXXXX", NULL);
	mail = arena_printf(life, "%s/mail", dir);
	assert_int_equal(g_mkdir(mail, 0700), 0);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		g_autofree char *text = NULL;

		assert_true(g_file_get_contents(arena_printf(life,
		    SRCDIR "/templates/mail/%s.txt", names[i]), &text, NULL,
		    NULL));
		assert_true(g_file_set_contents(arena_printf(life,
		    "%s/%s.txt", mail, names[i]), text, -1, NULL));
	}
	OK((site.tmpl = tmpl_load(dir, NULL, views, err)) != NULL);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		g_unlink(arena_printf(life, "%s/%s.txt", mail, names[i]));
	g_rmdir(mail);
	g_rmdir(dir);
	g_free(dir);
	ann = person("ann@tocsin.example", "Ann", ROLE_ANALYST);
	bob = person("bob@tocsin.example", "Bob", ROLE_LEAD);
	eve = person("eve@tocsin.example", "Eve", ROLE_VIEWER);
	return 0;
}

#endif
