/*
 * What tests of campaigns share (campaigns.c, boards.c): members, campaigns
 * made of lines as a parser child would hand them over, what they say and
 * what was sent.
 */
#ifndef TESTS_SQL_CAMPAIGNTEST_H
#define TESTS_SQL_CAMPAIGNTEST_H

#include "base/base.h"
#include "base/text.h"
#include "base/tmpl.h"
#include "base/when.h"
#include "core/campaign/campaign.h"
#include "core/case/deed.h"
#include "http/view.h"
#include "inspect/letter/rows.h"
#include "mail/parse.h"

#include "sqltest.h"

static struct actor ana = {.id = 1, .name = "Ana",
    .email = "ana@tocsin.example", .role = ROLE_ANALYST};

static inline struct inspection
read_lines(const char *text)
{
	struct inspection in;

	inspect_rows(life, site.conf, text, strlen(text), &in);
	return in;
}

static inline const struct inspect_event *
row(const struct inspection *in, size_t i)
{
	assert_true(i < in->events.n);
	return LIST_AT(inspect_event, in->events, i);
}

/* A member with a prefix, and an address of its own unless `contact` is
 * NULL. */
static inline int64_t
member(const char *handle, const char *net, const char *contact)
{
	int64_t id = number_of("INSERT INTO organisation (name, handle) "
	    "VALUES ('University ' || $1, $1) RETURNING id", handle);

	change("INSERT INTO prefix (net, organisation) VALUES ($2::cidr, "
	    "$1::bigint)", num(id), net);
	if (contact != NULL)
		change("INSERT INTO contact (organisation, email) VALUES "
		    "($1::bigint, $2)", num(id), contact);
	return id;
}

static inline struct campaign_new
asking(const char *text, struct inspection *in)
{
	*in = read_lines(text);
	return (struct campaign_new){.title = "Old release of X",
	    .type = "vulnerable/vulnerable-system", .tlp = "AMBER",
	    .words = "Update X to 2.4, then tell us.", .zone = "UTC",
	    .bytes = text, .len = strlen(text), .rows = in};
}

static inline int64_t
make(const char *text)
{
	struct inspection in;
	struct campaign_new c = asking(text, &in);
	int64_t id;

	OK(campaign_create(db, &site, &ana, &c, &id, err));
	return id;
}

static inline struct campaign
load(int64_t id)
{
	struct campaign c;

	OK(campaign_load(db, life, id, &c, err));
	return c;
}

static inline const struct campaign *
kept(int64_t id)
{
	struct campaign c = load(id);

	return arena_memdup(life, &c, sizeof(c));
}

static inline struct list
parties(int64_t id, struct campaign_sum *sum)
{
	struct campaign c = load(id);
	struct list l;

	OK(campaign_parties(db, &site, life, &c, 0, &l, sum, err));
	return l;
}

static inline const struct campaign_party *
party(int64_t id, const char *key)
{
	struct campaign_sum sum;
	struct list l = parties(id, &sum);

	for (size_t i = 0; i < l.n; i++)
		if (strcmp(LIST_AT(campaign_party, l, i)->key, key) == 0)
			return LIST_AT(campaign_party, l, i);
	fail_msg("%s is no party", key);
	return NULL;
}

static inline int64_t
send(int64_t id, int64_t *incident)
{
	int64_t sent;

	OK(campaign_send(db, &site, &ana, id, load(id).version, &sent,
	    incident, err));
	return sent;
}

static inline int64_t
thread_of(int64_t id, const char *handle)
{
	return number_of(arena_printf(life, "SELECT ticket FROM campaign_party "
	    "WHERE campaign = %" PRId64 " AND key = $1", id), handle);
}

/* Everything that a mail says, decoded. */
static inline const char *
mail_of(struct arena *a, const char *message)
{
	GString *all = arena_gstring(a);
	PGresult *res = sql("SELECT bytes FROM message_raw WHERE message = $1 "
	    "ORDER BY seq", message, NULL);
	GString *bytes = arena_gstring(a);
	struct mail *m;

	for (int i = 0; i < PQntuples(res); i++) {
		size_t n;
		unsigned char *p = PQunescapeBytea(
		    (const unsigned char *)PQgetvalue(res, i, 0), &n);

		g_string_append_len(bytes, (const char *)p, (gssize)n);
		PQfreemem(p);
	}
	PQclear(res);
	m = mail_parse(a, bytes->str, bytes->len);
	for (size_t i = 0; i < m->n; i++)
		if (m->parts[i].kind == MAIL_LEAF)
			g_string_append_printf(all, "%s\n",
			    mail_text(m, &m->parts[i], NULL));
	return all->str;
}

static inline int
setup(void **state)
{
	(void)state;
	sqltest_begin();
	OK((site.tmpl = tmpl_load(SRCDIR "/templates", NULL, views_all,
	    err)) != NULL);
	assert_int_equal(number_of("INSERT INTO principal (kind, name, email, "
	    "role) VALUES ('person', 'Ana', 'ana@tocsin.example', 'analyst') "
	    "RETURNING id", NULL), ana.id);
	return 0;
}

#endif
