/*
 * Campaigns on a real database (run by tests/sql/cluster): how lines are read,
 * whom they concern, that each party gets its own rows and nobody else's, what
 * stops a campaign, and what the board says.
 */
#include "base/base.h"
#include "base/text.h"
#include "base/tmpl.h"
#include "base/when.h"
#include "core/campaign.h"
#include "core/deed.h"
#include "core/notice.h"
#include "http/view.h"
#include "inspect/rows.h"
#include "mail/parse.h"

#include "sqltest.h"

static struct actor ana = {.id = 1, .name = "Ana",
    .email = "ana@tocsin.example", .role = ROLE_ANALYST};

static const char *
num(int64_t n)
{
	return arena_printf(life, "%" PRId64, n);
}

/* ---- lines ---------------------------------------------------------------- */

static struct inspection
read_lines(const char *text)
{
	struct inspection in;

	inspect_rows(life, site.conf, text, strlen(text), &in);
	return in;
}

static const struct inspect_event *
row(const struct inspection *in, size_t i)
{
	assert_true(i < in->events.n);
	return LIST_AT(inspect_event, in->events, i);
}

static void
test_each_line_counts(void **state)
{
	struct inspection in = read_lines(
	    "192.0.2.7\n"
	    "\n"
	    "# a comment\n"
	    "192[.]0[.]2[.]8\r\n"
	    "192.0.2.9, 192.0.2.10 2001:db8::7\n"
	    "192.0.2.11 -> 203.0.113.5 port 22/tcp at 2026-11-21 04:10 UTC\n"
	    "what is this?\n"
	    "www.uni.example runs an old release\n"
	    "hxxp://192[.]0[.]2[.]12/x CVE-2026-12345\n"
	    "192.0.2.16/28\n"
	    "192.0.2.40-42\n"
	    "192.0.2.50 2026-11-21 04:10\n");
	const struct inspect_event *e;

	(void)state;
	assert_string_equal(in.format, "plain");
	assert_string_equal(row(&in, 0)->source_ip, "192.0.2.7");
	assert_string_equal(row(&in, 0)->evidence_part, "1");
	assert_null(row(&in, 0)->extra);
	e = row(&in, 1);
	assert_string_equal(e->source_ip, "192.0.2.8");
	assert_string_equal(e->evidence_part, "4");
	assert_string_equal(row(&in, 2)->source_ip, "192.0.2.9");
	assert_string_equal(row(&in, 4)->source_ip, "2001:db8::7");
	e = row(&in, 5);
	assert_string_equal(e->source_ip, "192.0.2.11");
	assert_string_equal(e->destination_ip, "203.0.113.5");
	assert_int_equal(e->destination_port, 22);
	assert_string_equal(e->protocol, "tcp");
	assert_string_equal(when_rfc3339(life, e->time),
	    "2026-11-21T04:10:00Z");
	assert_string_equal(e->zone, "given");
	e = row(&in, 6);
	assert_null(e->source_ip);
	assert_non_null(strstr(e->extra, "what is this?"));
	assert_non_null(strstr(e->extra, "refused"));
	assert_string_equal(row(&in, 7)->domain, "www.uni.example");
	e = row(&in, 8);
	assert_string_equal(e->source_ip, "192.0.2.12");
	assert_string_equal(e->cve, "CVE-2026-12345");
	assert_string_equal(row(&in, 9)->source_ip, "192.0.2.16/28");
	assert_string_equal(row(&in, 10)->source_ip, "192.0.2.40");
	assert_string_equal(row(&in, 12)->source_ip, "192.0.2.42");
	e = row(&in, 13);
	assert_string_equal(e->zone, "unknown");
	assert_true(e->time == DESC_NULL);
	assert_string_equal(e->time_given, "2026-11-21 04:10");
	assert_int_equal(in.events.n, 14);
}

static void
test_a_table_is_read_by_its_names(void **state)
{
	struct inspection in = read_lines(
	    "ip;time (UTC);port;malware;note\n"
	    "192.0.2.7;2026-11-21 04:10:00;3306;\"mirai; the old one\";a\n"
	    "nothing;2026-11-21 04:10:00;1;x;y\n"
	    "192.0.2.8;;;;\n");

	(void)state;
	assert_string_equal(in.format, "csv");
	assert_int_equal(in.events.n, 3);
	assert_string_equal(row(&in, 0)->source_ip, "192.0.2.7");
	assert_int_equal(row(&in, 0)->source_port, 3306);
	assert_string_equal(row(&in, 0)->malware, "mirai; the old one");
	assert_string_equal(row(&in, 0)->zone, "header");
	assert_string_equal(row(&in, 0)->evidence_part, "2");
	assert_null(row(&in, 1)->source_ip);
	assert_non_null(strstr(row(&in, 1)->extra,
	    "nothing;2026-11-21 04:10:00;1;x;y"));
	assert_string_equal(row(&in, 1)->evidence_part, "3");
	assert_string_equal(row(&in, 2)->source_ip, "192.0.2.8");
}

/* ---- making one ----------------------------------------------------------- */

/* A member with a prefix, and an address of its own unless `contact` is
 * NULL. */
static int64_t
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

static struct campaign_new
asking(const char *text, struct inspection *in)
{
	*in = read_lines(text);
	return (struct campaign_new){.title = "Old release of X",
	    .type = "vulnerable/vulnerable-system", .tlp = "AMBER",
	    .words = "Update X to 2.4, then tell us.", .zone = "UTC",
	    .bytes = text, .len = strlen(text), .rows = in};
}

static int64_t
make(const char *text)
{
	struct inspection in;
	struct campaign_new c = asking(text, &in);
	int64_t id;

	OK(campaign_create(db, &site, &ana, &c, &id, err));
	return id;
}

static struct campaign
load(int64_t id)
{
	struct campaign c;

	OK(campaign_load(db, life, id, &c, err));
	return c;
}

static const struct campaign *
kept(int64_t id)
{
	struct campaign c = load(id);

	return arena_memdup(life, &c, sizeof(c));
}

static struct list
parties(int64_t id, struct campaign_sum *sum)
{
	struct campaign c = load(id);
	struct list l;

	OK(campaign_parties(db, &site, life, &c, 0, &l, sum, err));
	return l;
}

static const struct campaign_party *
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

static int64_t
send(int64_t id, int64_t *incident)
{
	int64_t sent;

	OK(campaign_send(db, &site, &ana, id, load(id).version, &sent,
	    incident, err));
	return sent;
}

static int64_t
thread_of(int64_t id, const char *handle)
{
	return number_of(arena_printf(life, "SELECT ticket FROM campaign_party "
	    "WHERE campaign = %" PRId64 " AND key = $1", id), handle);
}

static void
rebuilt(void)
{
	ARENA_AUTO(a, "test");
	struct list rows;

	OK(deed_differences(db, a, 0, &rows, err));
	if (rows.n > 0) {
		const struct deed_difference *d =
		    LIST_AT(deed_difference, rows, 0);

		fail_msg("%zu differences, #%" PRId64 " %s", rows.n, d->ticket,
		    d->field);
	}
}

/* Everything that a mail says, decoded. */
static const char *
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

/* Members in each other's prefixes: of 2001:db8:i::/48 every third one has a
 * part that is of the next member. */
static void
test_each_party_sees_its_own_rows_only(void **state)
{
	enum { N = 30 };
	ARENA_AUTO(a, "test");
	GString *text = arena_gstring(a);
	int64_t id, incident, members[N];
	PGresult *res;

	(void)state;
	for (int i = 0; i < N; i++) {
		const char *h = arena_printf(a, "own-%d", i);

		members[i] = member(h, arena_printf(a, "2001:db8:%x::/48",
		    0x100 + i), arena_printf(a, "security@%s.example", h));
	}
	for (int i = 0; i < N; i++) {
		if (i % 3 == 0)
			change("INSERT INTO prefix (net, organisation) VALUES "
			    "($1::cidr, $2::bigint)",
			    arena_printf(a, "2001:db8:%x:ff00::/56",
				0x100 + i), num(members[(i + 1) % N]));
		for (int k = 0; k < 3 + i % 4; k++)
			g_string_append_printf(text,
			    "2001:db8:%x::%x 2026-11-21 04:10:%02d UTC\n"
			    "2001:db8:%x:ff00::%x seen\n", 0x100 + i,
			    0xa00 + k, k, 0x100 + i, 0xb00 + k);
	}
	id = make(text->str);
	assert_int_equal(load(id).parties, N);
	assert_int_equal(send(id, &incident), N);
	rebuilt();
	res = sql("SELECT p.message, p.n, t.organisation = p.organisation,"
	    " (SELECT string_agg(host(r.source_ip), ' ') FROM campaign_row r"
	    "  WHERE r.campaign = p.campaign AND r.party = p.n),"
	    " (SELECT string_agg(host(r.source_ip), ' ') FROM campaign_row r"
	    "  WHERE r.campaign = p.campaign AND r.party <> p.n),"
	    " (SELECT count(*) FROM ticket_about b JOIN event e ON e.id = b.event"
	    "  WHERE b.ticket = p.ticket AND e.organisation = p.organisation),"
	    " p.rows,"
	    " (SELECT count(*) FROM ticket_about b WHERE b.ticket = p.ticket),"
	    " (SELECT string_agg(address, ' ') FROM delivery WHERE message = p.message)"
	    " FROM campaign_party p JOIN ticket t ON t.number = p.ticket"
	    " WHERE p.campaign = $1 ORDER BY p.n", num(id), NULL);
	assert_int_equal(PQntuples(res), N);
	for (int i = 0; i < N; i++) {
		ARENA_AUTO(b, "mail");
		const char *mail = mail_of(b, PQgetvalue(res, i, 0));
		g_auto(GStrv) own = g_strsplit(PQgetvalue(res, i, 3), " ", -1);
		g_auto(GStrv) other =
		    g_strsplit(PQgetvalue(res, i, 4), " ", -1);

		assert_string_equal(PQgetvalue(res, i, 2), "t");
		assert_string_equal(PQgetvalue(res, i, 5),
		    PQgetvalue(res, i, 6));
		assert_string_equal(PQgetvalue(res, i, 7),
		    PQgetvalue(res, i, 6));
		assert_non_null(strstr(mail, "Update X to 2.4"));
		for (size_t k = 0; own[k] != NULL; k++)
			if (strstr(mail, own[k]) == NULL)
				fail_msg("party %d was not told of %s", i,
				    own[k]);
		for (size_t k = 0; other[k] != NULL; k++)
			if (strstr(mail, arena_printf(b, "%s,", other[k])) ||
			    strstr(mail, arena_printf(b, "%s\n", other[k])))
				fail_msg("party %d was told of %s", i,
				    other[k]);
	}
	PQclear(res);
	/* and what the link shows is the same */
	assert_int_equal(number_of("SELECT count(*) FROM campaign_party p "
	    "CROSS JOIN LATERAL events_of(p.ticket) e "
	    "WHERE p.campaign = $1 AND e.organisation <> p.organisation",
	    num(id)), 0);
	assert_int_equal(number_of("SELECT count(*) FROM ticket t JOIN "
	    "ticket_link l ON l.child = t.number WHERE l.incident = $1 AND "
	    "t.held AND t.waiting IS NOT NULL", num(incident)), N);
	assert_int_equal(number_of("SELECT count(*) FROM ticket i WHERE "
	    "i.number = $1 AND i.due = (SELECT min(t.due) FROM ticket t JOIN "
	    "ticket_link l ON l.child = t.number WHERE l.incident = i.number)",
	    num(incident)), 1);
}

static void
test_what_is_left_out_is_shown(void **state)
{
	ARENA_AUTO(a, "test");
	int64_t id;
	struct list left;
	const char *far;

	(void)state;
	member("left", "2001:db8:200::/48", "security@left.example");
	far = when_rfc3339(a, when_now() + 30 * WHEN_DAY);
	id = make(arena_printf(a, "2001:db8:200::1\nno address here\n"
	    "10.1.2.3\n198.18.0.0/12\n2001:db8:200::2 %s\n203.0.113.250\n"
	    "2001:db8:200:0::1\n", far));
	assert_int_equal(load(id).rows, 2);
	assert_int_equal(load(id).refused, 5);
	assert_int_equal(load(id).nobody, 1);
	OK(campaign_left_out(db, a, id, &left, err));
	assert_int_equal(left.n, 6);
	assert_string_equal(LIST_AT(campaign_left, left, 0)->text,
	    "no address here");
	assert_string_equal(LIST_AT(campaign_left, left, 0)->line, "2");
	assert_non_null(strstr(LIST_AT(campaign_left, left, 1)->reason,
	    "private"));
	assert_non_null(strstr(LIST_AT(campaign_left, left, 2)->reason,
	    "prefix of /12"));
	assert_non_null(strstr(LIST_AT(campaign_left, left, 3)->reason,
	    "not come yet"));
	assert_string_equal(LIST_AT(campaign_left, left, 4)->reason,
	    "The same as line 1.");
	assert_false(LIST_AT(campaign_left, left, 5)->refused);
	/* byte for byte what was pasted */
	assert_non_null(strstr(mail_of(a, num(load(id).message)),
	    "no address here\n10.1.2.3\n"));
}

static void
test_nobody_to_write_to_and_told_before(void **state)
{
	int64_t id, incident, sent;
	struct campaign_sum sum;

	(void)state;
	member("mute", "2001:db8:300::/48", NULL);
	member("first", "2001:db8:301::/48", "security@first.example");
	member("second", "2001:db8:302::/48", "security@second.example");
	id = make("2001:db8:301::7\n2001:db8:301::8\n");
	assert_int_equal(send(id, &incident), 1);
	id = make("2001:db8:300::7\n2001:db8:301::7\n2001:db8:301::8\n"
	    "2001:db8:302::7\n");
	parties(id, &sum);
	assert_int_equal(sum.members, 3);
	assert_int_equal(sum.no_contact, 1);
	assert_int_equal(sum.told, 1);
	assert_int_equal(sum.chosen, 1);
	assert_non_null(strstr(party(id, "mute")->refused, "no contact"));
	assert_false(party(id, "mute")->chosen);
	assert_int_equal(party(id, "first")->told, 2);
	assert_true(party(id, "first")->investigation > 0);
	assert_false(party(id, "first")->chosen);
	assert_true(party(id, "second")->chosen);
	/* somebody who ticks it is told why not, and nothing leaves */
	{
		const char *const all[] = {num(party(id, "mute")->n),
		    num(party(id, "second")->n), NULL};

		OK(campaign_choose(db, &ana, id, load(id).version, 0, all,
		    err));
	}
	FAILS(FAULT_INPUT, campaign_send(db, &site, &ana, id, 0, &sent,
	    &incident, err));
	assert_string_equal(load(id).state, "draft");
	/* one that asks about another type is no such thing */
	{
		struct inspection in;
		struct campaign_new c = asking("2001:db8:301::7\n", &in);
		int64_t other;

		c.type = "malicious-code/infected-system";
		OK(campaign_create(db, &site, &ana, &c, &other, err));
		assert_int_equal(party(other, "first")->told, 0);
	}
}

static int64_t
labelled(const char *tlp, const char *text)
{
	struct inspection in;
	struct campaign_new c = asking(text, &in);
	int64_t id;

	c.tlp = tlp;
	OK(campaign_create(db, &site, &ana, &c, &id, err));
	return id;
}

static void
test_a_label_stops_it_at_the_exit(void **state)
{
	static const char rows[] = "2001:db8:400::7\n203.0.113.7\n";
	int64_t id, sent, incident, before;
	const char *all[] = {"1", "2", NULL};

	(void)state;
	before = number_of("SELECT count(*) FROM ticket", NULL);
	member("marked", "2001:db8:400::/48", "security@marked.example");
	change("INSERT INTO foreign_contact (net, name, email) VALUES "
	    "('203.0.113.0/28', 'Abuse of Elsewhere', 'abuse@elsewhere.example')",
	    NULL, NULL);
	for (size_t i = 0; i < 2; i++) {
		id = labelled(i == 0 ? "RED" : "AMBER+STRICT", rows);
		assert_non_null(strstr(party(id, "marked")->refused, "TLP:"));
		FAILS(FAULT_INPUT, campaign_send(db, &site, &ana, id, 0,
		    &sent, &incident, err));
	}
	/* AMBER is for members; who is outside is only told when somebody
	 * says so, and then it is refused */
	id = labelled("AMBER", rows);
	assert_true(party(id, "marked")->chosen);
	assert_false(party(id, "abuse@elsewhere.example")->chosen);
	OK(campaign_choose(db, &ana, id, 0, 0, all, err));
	FAILS(FAULT_INPUT, campaign_send(db, &site, &ana, id, 0, &sent,
	    &incident, err));
	assert_int_equal(number_of("SELECT count(*) FROM ticket", NULL),
	    before);
	id = labelled("GREEN", rows);
	OK(campaign_choose(db, &ana, id, 0, 0, all, err));
	OK(campaign_send(db, &site, &ana, id, 0, &sent, &incident, err));
	assert_int_equal(sent, 2);
	assert_int_equal(number_of("SELECT count(*) FROM notice WHERE "
	    "organisation IS NULL AND party = 'Abuse of Elsewhere' AND "
	    "ticket IN (SELECT ticket FROM campaign_party WHERE campaign = $1)",
	    num(id)), 1);
}

static void
test_it_is_sent_once_and_as_it_was_seen(void **state)
{
	int64_t id, sent, incident, before;
	const char *const one[] = {"1", NULL};

	(void)state;
	member("once", "2001:db8:500::/48", "security@once.example");
	id = make("2001:db8:500::7\n");
	before = load(id).version;
	OK(campaign_choose(db, &ana, id, before, 0, one, err));
	FAILS(FAULT_CONFLICT, campaign_send(db, &site, &ana, id, before,
	    &sent, &incident, err));
	FAILS(FAULT_CONFLICT, campaign_choose(db, &ana, id, before, 0, one,
	    err));
	assert_int_equal(send(id, &incident), 1);
	FAILS(FAULT_CONFLICT, campaign_send(db, &site, &ana, id, 0, &sent,
	    &incident, err));
	FAILS(FAULT_CONFLICT, campaign_abandon(db, &ana, id, 0, err));
	id = make("2001:db8:500::8\n");
	FAILS(FAULT_CONFLICT, campaign_resume(db, &ana, id, 0, err));
	OK(campaign_abandon(db, &ana, id, load(id).version, err));
	FAILS(FAULT_CONFLICT, campaign_send(db, &site, &ana, id, 0, &sent,
	    &incident, err));
	OK(campaign_resume(db, &ana, id, load(id).version, err));
	assert_string_equal(load(id).state, "draft");
}

static void
test_words_are_filled_for_each(void **state)
{
	struct inspection in;
	struct campaign_new c = asking("2001:db8:530::7 2026-11-20 10:00 "
	    "UTC\n2001:db8:531::7\n2001:db8:531::8\n", &in);
	struct campaign_mail m;
	struct campaign made;
	int64_t id, incident;
	const char *mail;

	(void)state;
	member("word-a", "2001:db8:530::/48", "security@word-a.example");
	member("word-b", "2001:db8:531::/48", "security@word-b.example");
	c.words = "Dear {{organisation}}, look at {{addresses}} ({{number}}). "
		  "{{analyst}}";
	OK(campaign_create(db, &site, &ana, &c, &id, err));
	made = load(id);
	OK(campaign_mail(db, &site, life, &ana, &made, party(id, "word-a")->n,
	    &m, err));
	assert_non_null(strstr(m.text, "Dear University word-a, look at "
	    "2001:db8:530::7 ("));
	assert_int_equal(send(id, &incident), 2);
	mail = mail_of(life, text_of(life, "SELECT message FROM campaign_party "
	    "WHERE key = 'word-b' AND campaign = $1", num(id)));
	assert_non_null(strstr(mail, arena_printf(life, "Dear University "
	    "word-b, look at 2001:db8:531::7, 2001:db8:531::8 (%" PRId64
	    "). Ana", thread_of(id, "word-b"))));
	c.words = "{{nonsense}}";
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
	c.words = "{{reporter}}";
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
}

/* One contact that was mistyped stopped the mails to all others. */
static void
test_a_bad_address_is_no_contact(void **state)
{
	int64_t id, incident;

	(void)state;
	member("typo", "2001:db8:520::/48", "security at typo.example");
	member("both", "2001:db8:521::/48", "security@@both.example");
	change("INSERT INTO contact (organisation, email) SELECT id, "
	    "'cert@both.example' FROM organisation WHERE handle = $1", "both",
	    NULL);
	member("fine", "2001:db8:522::/48", "security@fine.example");
	id = make("2001:db8:520::7\n2001:db8:521::7\n2001:db8:522::7\n");
	assert_non_null(strstr(party(id, "typo")->refused, "no contact"));
	assert_string_equal(party(id, "both")->to, "cert@both.example");
	assert_int_equal(send(id, &incident), 2);
}

static void
test_mail_that_left_is_not_undone(void **state)
{
	ARENA_AUTO(a, "test");
	int64_t id, incident, deed;

	(void)state;
	member("deed", "2001:db8:600::/48", "security@deed.example");
	id = make("2001:db8:600::7\n2001:db8:600::8\n");
	assert_int_equal(send(id, &incident), 1);
	deed = number_of("SELECT max(id) FROM deed WHERE act = 'campaign'",
	    NULL);
	FAILS(FAULT_INPUT, deed_undo(db, &ana, deed, NULL, err));
	/* one deed holds all that was made and linked */
	assert_int_equal(number_of("SELECT count(*) FROM deed_change WHERE "
	    "deed = $1 AND field IN ('made', 'link', 'about')", num(deed)),
	    2 + 1 + 2);
	assert_int_equal(number_of("SELECT count(*) FROM audit WHERE action = "
	    "'campaign.send' AND ticket = $1", num(incident)), 1);
	rebuilt();
}

static void
test_of_an_incident_that_is_open(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspection in;
	struct campaign_new c = asking("2001:db8:700::7\n", &in);
	int64_t id, sent, incident, made, report;

	(void)state;
	member("part", "2001:db8:700::/48", "security@part.example");
	OK(case_incident(db, &ana, 0, 0, "The matter", NULL, &incident, err));
	c.incident = incident;
	OK(campaign_create(db, &site, &ana, &c, &id, err));
	OK(ticket_status(db, &ana, incident, 0, "resolved", NULL, err));
	FAILS(FAULT_CONFLICT, campaign_send(db, &site, &ana, id, 0, &sent,
	    &made, err));
	OK(ticket_status(db, &ana, incident, 0, "open", NULL, err));
	OK(campaign_send(db, &site, &ana, id, 0, &sent, &made, err));
	assert_int_equal(made, incident);
	report = number_of("INSERT INTO ticket (subject) VALUES ('x') "
	    "RETURNING number", NULL);
	c.incident = report;
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
	rebuilt();
}

static void
test_each_gets_the_files_it_prefers(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspection in;
	struct campaign_new asked = asking("2001:db8:710::7 2026-11-20 10:00 "
	    "UTC\n2001:db8:711::7 2026-11-20 10:00 UTC\n", &in);
	struct campaign_mail m;
	struct campaign c;
	int64_t id, incident;
	const char *mail;

	(void)state;
	member("letters", "2001:db8:710::/48", "security@letters.example");
	change("UPDATE organisation SET attach = 'xarf' WHERE id = $1",
	    num(member("machine", "2001:db8:711::/48",
		"security@machine.example")), NULL);
	asked.type = "malicious-code/infected-system"; /* XARF: botnet */
	OK(campaign_create(db, &site, &ana, &asked, &id, err));
	assert_string_equal(party(id, "machine")->attach, "xarf");
	assert_string_equal(party(id, "letters")->attach, "csv");
	c = load(id);
	OK(campaign_mail(db, &site, a, &ana, &c, party(id, "machine")->n, &m, err));
	assert_non_null(strstr(LIST_AT(campaign_file, m.files, 0)->name,
	    ".json"));
	assert_int_equal(send(id, &incident), 2);
	mail = mail_of(a, text_of(a, "SELECT message FROM campaign_party WHERE "
	    "key = 'machine' AND campaign = $1", num(id)));
	assert_non_null(strstr(mail, "xarf_version"));
	mail = mail_of(a, text_of(a, "SELECT message FROM campaign_party WHERE "
	    "key = 'letters' AND campaign = $1", num(id)));
	assert_null(strstr(mail, "xarf_version"));
	assert_non_null(strstr(mail, "time_utc,"));
}

static const struct campaign_state *
word(const struct list *words, const char *state)
{
	for (size_t i = 0; i < words->n; i++)
		if (strcmp(LIST_AT(campaign_state, *words, i)->state,
			state) == 0)
			return LIST_AT(campaign_state, *words, i);
	fail_msg("no state %s", state);
	return NULL;
}

static void
test_the_board_says_what_came_of_it(void **state)
{
	ARENA_AUTO(a, "test");
	static const char *const none[] = {NULL};
	struct list rows, words;
	struct campaign_bar bar;
	int64_t id, incident, total, done;

	(void)state;
	for (int i = 0; i < 6; i++) {
		const char *h = arena_printf(a, "board-%d", i);

		member(h, arena_printf(a, "2001:db8:%x::/48", 0x800 + i),
		    i == 5 ? NULL : arena_printf(a, "security@%s.example", h));
	}
	id = make("2001:db8:800::7\n2001:db8:801::7\n2001:db8:802::7\n"
	    "2001:db8:803::7\n2001:db8:804::7\n2001:db8:805::7\n");
	assert_int_equal(send(id, &incident), 5);
	OK(campaign_board(db, a, kept(id), NULL, 0, &rows, &total, &words, &bar,
	    err));
	assert_int_equal(total, 6);
	assert_int_equal(bar.queued, 5);
	assert_int_equal(word(&words, "silent")->n, 5);
	assert_int_equal(word(&words, "not-told")->n, 1);
	change("UPDATE delivery SET state = CASE WHEN address LIKE "
	    "'%board-4%' THEN 'bounced' ELSE 'sent' END WHERE message IN "
	    "(SELECT message FROM campaign_party WHERE campaign = $1)",
	    num(id), NULL);
	OK(notice_answer(db, &site, &ana, thread_of(id, "board-0"), "CLEANED",
	    "analyst", err));
	OK(notice_answer(db, &site, &ana, thread_of(id, "board-1"),
	    "NEED-MORE", "analyst", err));
	change("UPDATE notice SET received = now() WHERE ticket = $1",
	    num(thread_of(id, "board-2")), NULL);
	change("UPDATE notice SET answer_by = now() - interval '1 day' WHERE "
	    "ticket = $1", num(thread_of(id, "board-3")), NULL);
	OK(campaign_board(db, a, kept(id), NULL, 0, &rows, &total, &words, &bar,
	    err));
	assert_int_equal(bar.answered, 2);
	assert_int_equal(bar.heard, 1);
	assert_int_equal(bar.silent, 1);
	assert_int_equal(bar.bounced, 1);
	assert_int_equal(word(&words, "cleaned")->n, 1);
	assert_int_equal(word(&words, "close")->n, 1);
	assert_int_equal(word(&words, "late")->n, 1);
	assert_int_equal(word(&words, "bounced")->n, 1);
	OK(campaign_board(db, a, kept(id), "late", 0, &rows, &total, &words, &bar,
	    err));
	assert_int_equal(total, 1);
	assert_int_equal(LIST_AT(campaign_on_board, rows, 0)->ticket,
	    thread_of(id, "board-3"));
	FAILS(FAULT_INPUT, campaign_board(db, a, kept(id), "x", 0, &rows, &total,
	    &words, &bar, err));
	/* a reminder to those without an answer whom a mail reaches */
	OK(campaign_remind(db, &site, &ana, id, "all", none, &done, err));
	assert_int_equal(done, 2);
	assert_int_equal(number_of("SELECT count(*) FROM message WHERE "
	    "purpose = 'reminder' AND ticket IN (SELECT ticket FROM "
	    "campaign_party WHERE campaign = $1)", num(id)), 2);
	assert_int_equal(number_of("SELECT count(*) FROM notice WHERE restart "
	    "AND ticket = $1", num(thread_of(id, "board-3"))), 1);
	FAILS(FAULT_INPUT, campaign_remind(db, &site, &ana, id, NULL, none,
	    &done, err));
	/* closed in one deed, that can be undone */
	OK(campaign_close(db, &ana, id, "close", none, &done, err));
	assert_int_equal(done, 1);
	assert_string_equal(text_of(a, "SELECT status FROM ticket WHERE "
	    "number = $1", num(thread_of(id, "board-0"))), "resolved");
	FAILS(FAULT_INPUT, campaign_close(db, &ana, id, "all", none, &done,
	    err));
	OK(deed_undo(db, &ana, number_of("SELECT max(id) FROM deed WHERE act "
	    "= 'bulk'", NULL), NULL, err));
	assert_string_equal(text_of(a, "SELECT status FROM ticket WHERE "
	    "number = $1", num(thread_of(id, "board-0"))), "open");
	rebuilt();
}

static void
test_of_findings_and_what_is_fixed(void **state)
{
	ARENA_AUTO(a, "test");
	int64_t org = member("found", "2001:db8:900::/48",
	    "security@found.example");
	const struct finding_filter f = {.type = "vulnerable"};
	struct campaign_new c = {.title = "Open service", .tlp = "AMBER",
	    .type = "vulnerable/vulnerable-system", .findings = &f,
	    .query = "type=vulnerable"};
	struct list rows, words;
	struct campaign_bar bar;
	int64_t id, incident, total;

	(void)state;
	change("INSERT INTO finding (organisation, address, port, type, feeds,"
	    " first_seen, last_seen, count, opened, opened_by, state) "
	    "SELECT $1::bigint, ('2001:db8:900::' || i)::inet, 3306, "
	    "'vulnerable/vulnerable-system', '{shadowserver/scan_mysql}', "
	    "now(), now(), 1, now(), 1, 'open' FROM generate_series(1, 3) i",
	    num(org), NULL);
	OK(campaign_create(db, &site, &ana, &c, &id, err));
	assert_int_equal(load(id).rows, 3);
	assert_string_equal(load(id).source, "findings");
	assert_int_equal(send(id, &incident), 1);
	assert_int_equal(number_of("SELECT count(*) FROM event WHERE ticket = "
	    "$1 AND source_port = 3306 AND organisation IS NOT NULL",
	    num(incident)), 3);
	change("UPDATE finding SET state = 'gone', gone_seen = now(), gone_at "
	    "= now() WHERE address <> '2001:db8:900::1'", NULL, NULL);
	OK(campaign_board(db, a, kept(id), NULL, 0, &rows, &total, &words, &bar,
	    err));
	assert_int_equal(LIST_AT(campaign_on_board, rows, 0)->fixed, 2);
	assert_int_equal(word(&words, "fixed")->n, 0);
	change("UPDATE finding SET state = 'gone', gone_seen = now(), gone_at "
	    "= now() WHERE state <> 'gone'", NULL, NULL);
	OK(campaign_board(db, a, kept(id), "fixed", 0, &rows, &total, &words, &bar,
	    err));
	assert_int_equal(total, 1);
	/* nothing is there any more */
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
}

static void
test_a_search_brings_its_label(void **state)
{
	ARENA_AUTO(a, "test");
	const struct ticket_filter f = {.q = "needle", .status = "any",
	    .me = 1};
	struct campaign_new c = {.title = "Found by words", .tlp = "GREEN",
	    .type = "vulnerable/vulnerable-system", .search = &f,
	    .query = "q=needle"};
	int64_t id, org = member("search", "2001:db8:a00::/48",
	    "security@search.example");

	(void)state;
	for (int i = 0; i < 2; i++) {
		int64_t n = number_of(arena_printf(a, "INSERT INTO ticket "
		    "(subject, tlp) VALUES ('a needle', %s) RETURNING number "
		    "+ 0 * length($1)", i == 0 ? "'CLEAR'" : "'AMBER'"), "");

		change("WITH m AS (INSERT INTO message (direction, disposition,"
		    " ticket, sha256, size) VALUES ('in', 'report', $1, 'x', 1)"
		    " RETURNING id) INSERT INTO event (ticket, message, "
		    "source_ip, verdict, reason, organisation) SELECT $1, id, "
		    "'2001:db8:a00::7', 'confirmed', 'x', $2 FROM m", num(n),
		    num(org));
	}
	OK(campaign_create(db, &site, &ana, &c, &id, err));
	assert_int_equal(load(id).rows, 2);
	assert_string_equal(load(id).tlp, "AMBER");
	/* What only some may see is not copied to where all see it. */
	change("INSERT INTO ticket_reader (ticket, principal) SELECT number, 1 "
	    "FROM ticket WHERE subject = 'a needle' AND tlp = $1", "CLEAR",
	    NULL);
	change("UPDATE ticket SET restricted = true WHERE subject = "
	    "'a needle' AND tlp = $1", "CLEAR", NULL);
	OK(campaign_create(db, &site, &ana, &c, &id, err));
	assert_int_equal(load(id).rows, 1);
}

static void
test_what_cannot_be_a_campaign(void **state)
{
	struct inspection in;
	struct campaign_new c = asking("2001:db8::7\n", &in);
	int64_t id;

	(void)state;
	c.title = " ";
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
	c.title = "x";
	c.type = "nonsense";
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
	c.type = "other/other";
	c.tlp = "PINK";
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
	c.tlp = NULL;
	c.zone = "CET";
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
	c = asking("\n\n", &in);
	FAILS(FAULT_INPUT, campaign_create(db, &site, &ana, &c, &id, err));
}

static void
test_what_is_too_much(void **state)
{
	ARENA_AUTO(a, "test");
	GString *text = arena_gstring(a);
	struct inspection in;
	struct campaign_new c;
	int64_t id;
	int64_t before = number_of("SELECT count(*) FROM campaign", NULL);

	(void)state;
	for (int i = 0; i <= CAMPAIGN_ROWS_MAX; i++)
		g_string_append_printf(text, "2001:db8:e000::%x\n", i);
	c = asking(text->str, &in);
	FAILS(FAULT_LARGE, campaign_create(db, &site, &ana, &c, &id, err));
	change("WITH o AS (INSERT INTO organisation (name, handle) SELECT "
	    "'Much ' || i, 'much-' || i FROM generate_series(0, 2000) i "
	    "RETURNING id, handle) INSERT INTO prefix (net, organisation) "
	    "SELECT ('2001:db8:f000:' || to_hex(substr(handle, 6)::int) || "
	    "'::/64')::cidr, id FROM o", NULL, NULL);
	g_string_truncate(text, 0);
	for (int i = 0; i <= CAMPAIGN_PARTIES_MAX; i++)
		g_string_append_printf(text, "2001:db8:f000:%x::1\n", i);
	c = asking(text->str, &in);
	FAILS(FAULT_LARGE, campaign_create(db, &site, &ana, &c, &id, err));
	assert_int_equal(number_of("SELECT count(*) FROM campaign", NULL),
	    before);
}

/* From confirm to queued; the goal is a second (make bench has the figure). */
static void
test_four_hundred_at_once(void **state)
{
	enum { N = 400 };
	ARENA_AUTO(a, "test");
	GString *text = arena_gstring(a);
	int64_t id, incident, began;

	(void)state;
	change("WITH o AS (INSERT INTO organisation (name, handle) SELECT "
	    "'Many ' || i, 'many-' || i FROM generate_series(1, 400) i "
	    "RETURNING id, handle), c AS (INSERT INTO contact (organisation, "
	    "email) SELECT id, 'security@' || handle || '.example' FROM o) "
	    "INSERT INTO prefix (net, organisation) SELECT ('2001:db8:' || "
	    "to_hex(4096 + substr(handle, 6)::int) || '::/48')::cidr, id FROM o",
	    NULL, NULL);
	for (int i = 1; i <= N; i++)
		for (int k = 0; k < 3; k++)
			g_string_append_printf(text,
			    "2001:db8:%x::%x port 443\n", 4096 + i, k + 1);
	id = make(text->str);
	began = when_ticks();
	assert_int_equal(send(id, &incident), N);
	printf("# 400 parties, 1200 rows: %" PRId64 " ms\n",
	    (when_ticks() - began) / 1000);
	assert_int_equal(number_of("SELECT count(*) FROM delivery d JOIN "
	    "message m ON m.id = d.message JOIN ticket_link l ON l.child = "
	    "m.ticket WHERE l.incident = $1 AND d.state = 'queued'",
	    num(incident)), N);
	assert_int_equal(number_of("SELECT count(DISTINCT n.message) FROM "
	    "notice n JOIN ticket_link l ON l.child = n.ticket WHERE "
	    "l.incident = $1 AND n.next_at IS NOT NULL", num(incident)), N);
	assert_int_equal(number_of("SELECT count(*) FROM event WHERE ticket = "
	    "$1", num(incident)), 3 * N);
	rebuilt();
}

static int
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_line_counts),
	    cmocka_unit_test(test_a_table_is_read_by_its_names),
	    cmocka_unit_test(test_each_party_sees_its_own_rows_only),
	    cmocka_unit_test(test_what_is_left_out_is_shown),
	    cmocka_unit_test(test_nobody_to_write_to_and_told_before),
	    cmocka_unit_test(test_a_label_stops_it_at_the_exit),
	    cmocka_unit_test(test_it_is_sent_once_and_as_it_was_seen),
	    cmocka_unit_test(test_words_are_filled_for_each),
	    cmocka_unit_test(test_a_bad_address_is_no_contact),
	    cmocka_unit_test(test_mail_that_left_is_not_undone),
	    cmocka_unit_test(test_of_an_incident_that_is_open),
	    cmocka_unit_test(test_each_gets_the_files_it_prefers),
	    cmocka_unit_test(test_the_board_says_what_came_of_it),
	    cmocka_unit_test(test_of_findings_and_what_is_fixed),
	    cmocka_unit_test(test_a_search_brings_its_label),
	    cmocka_unit_test(test_what_cannot_be_a_campaign),
	    cmocka_unit_test(test_what_is_too_much),
	    cmocka_unit_test(test_four_hundred_at_once),
	};

	return cmocka_run_group_tests(tests, setup, sqltest_end);
}
