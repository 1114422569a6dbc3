/*
 * Feeds and findings on a real database: run by tests/sql/cluster.  Mails are
 * given to intake as a parser child would hand them over; days are counted
 * back from today, and every test has its own feed and addresses.
 */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/digest.h"
#include "core/finding.h"
#include "core/intake.h"
#include "http/view.h"

#include "sqltest.h"

/* First column of the first row; "" for none. */
static const char *
ask(struct arena *a, const char *text, const char *one)
{
	const char *const values[] = {one};
	PGresult *res = PQexecParams(pg, text, one != NULL ? 1 : 0, NULL,
	    values, NULL, NULL, 0);
	const char *s;

	if (PQresultStatus(res) != PGRES_TUPLES_OK &&
	    PQresultStatus(res) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", text, PQerrorMessage(pg));
	s = PQntuples(res) > 0 ? arena_strdup(a, PQgetvalue(res, 0, 0)) : "";
	PQclear(res);
	return s;
}

static int64_t
first_of(const char *text, const char *one)
{
	ARENA_AUTO(a, "test");

	return g_ascii_strtoll(ask(a, text, one), NULL, 10);
}

static void
alter(const char *text)
{
	ARENA_AUTO(a, "test");

	ask(a, text, NULL);
}

/* Noon of the day that is so many after the one 60 days ago. */
static int64_t
day(int n)
{
	return when_now() / WHEN_DAY * WHEN_DAY - 60 * WHEN_DAY +
	    n * WHEN_DAY + WHEN_DAY / 2;
}

/* A row as a feed has it. */
static struct inspect_event
row(const char *feed, const char *ip, int64_t port, int64_t time)
{
	return (struct inspect_event){
	    .type = "vulnerable/ddos-amplifier", .source_ip = ip,
	    .source_port = port, .destination_port = DESC_NULL,
	    .protocol = "udp", .time = time, .zone = "given",
	    .count = DESC_NULL, .feed = feed, .severity = "medium",
	    .extra = "{\"hostname\": \"=cmd()\", \"tag\": \"ntp,v4\"}"};
}

/* One mail with these rows through the whole of intake. */
static const char *
send_by(struct db *by, struct arena *a, const char *id,
    struct inspect_event *rows, size_t n, struct intake_result *out)
{
	static const char *const none[] = {NULL};
	const char *rcpt = "report@tocsin.example";
	const struct smtp_envelope env = {.from = "feed@feed.example",
	    .rcpts = &rcpt, .n = 1};
	struct inspection in = {.format = "shadowserver", .robot = true,
	    .from = "feed@feed.example", .subject = id, .date = DESC_NULL,
	    .sha256 = text_sha256(a, id, strlen(id)), .digest = id,
	    .subject_number = DESC_NULL, .references = none,
	    .events = {rows, n}};

	OK(intake_mail(by, &site, a, &env, blob_of(a, id, strlen(id)), &in,
	    "email", out, err));
	return out->disposition;
}

static const char *
mail(const char *id, struct inspect_event *rows, size_t n)
{
	ARENA_AUTO(a, "mail");
	struct intake_result r;

	return send_by(db, a, id, rows, n, &r);
}

static void
sweep(void)
{
	OK(finding_sweep(db, NULL, err));
}

/* -- the life of a finding, step by step -- */

enum what { SEEN, NOT, TWICE, LATER, OTHER, AGAIN };

static const struct life {
	const char *name;
	struct step {
		enum what what; /* came in a mail whose rows are of day */
		int day;
		const char *state; /* after it, and a look for what is gone */
		int count, first, last, returns;
	} steps[12];
} lives[] = {
    {"it appears, stays and goes", {
	{SEEN, 1, "new", 1, 1, 1, 0},
	{SEEN, 2, "open", 2, 1, 2, 0},
	{NOT, 3, "open", 2, 1, 2, 0},
	{NOT, 8, "open", 2, 1, 2, 0},
	{NOT, 9, "gone", 2, 1, 2, 0},
	{NOT, 10, "gone", 2, 1, 2, 0}}},
    {"it comes back", {
	{SEEN, 1, "new", 1, 1, 1, 0},
	{NOT, 8, "gone", 1, 1, 1, 0},
	{SEEN, 12, "new", 2, 1, 12, 1},
	{SEEN, 13, "open", 3, 1, 13, 1},
	{NOT, 20, "gone", 3, 1, 13, 1},
	{SEEN, 21, "new", 4, 1, 21, 2}}},
    {"seen twice on its first day it is still new", {
	{TWICE, 1, "new", 2, 1, 1, 0},
	{SEEN, 1, "new", 3, 1, 1, 0}}},
    {"yesterday's mail after today's: there for two days", {
	{SEEN, 5, "new", 1, 5, 5, 0},
	{SEEN, 4, "open", 2, 4, 5, 0},
	{SEEN, 6, "open", 3, 4, 6, 0}}},
    {"an old mail brings nothing back", {
	{SEEN, 3, "new", 1, 3, 3, 0},
	{NOT, 12, "gone", 1, 3, 3, 0},
	{SEEN, 2, "gone", 2, 2, 3, 0}}},
    {"a late mail shows that it never was gone", {
	{SEEN, 1, "new", 1, 1, 1, 0},
	{NOT, 9, "gone", 1, 1, 1, 0},
	{SEEN, 6, "open", 2, 1, 6, 0},
	{NOT, 13, "gone", 2, 1, 6, 0},
	{SEEN, 14, "new", 3, 1, 14, 1}}},
    {"a feed that does not come makes nothing go", {
	{SEEN, 1, "new", 1, 1, 1, 0},
	{OTHER, 30, "new", 1, 1, 1, 0},
	{NOT, 31, "gone", 1, 1, 1, 0}}},
    {"days count, not hours", {
	{LATER, 1, "new", 1, 1, 1, 0},
	{NOT, 7, "new", 1, 1, 1, 0},
	{NOT, 8, "gone", 1, 1, 1, 0}}},
    {"a mail that comes again counts once", {
	{SEEN, 1, "new", 1, 1, 1, 0},
	{AGAIN, 1, "new", 1, 1, 1, 0},
	{SEEN, 2, "open", 2, 1, 2, 0},
	{AGAIN, 2, "open", 2, 1, 2, 0}}},
};

static void
test_lives(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(lives); i++) {
		ARENA_AUTO(a, "test");
		const char *feed = arena_printf(a, "life/%zu", i);
		const char *ip = arena_printf(a, "192.0.2.%zu", 10 + i);
		const char *id = NULL;

		print_message("%s\n", lives[i].name);
		for (size_t k = 0; lives[i].steps[k].state != NULL; k++) {
			const struct step *s = &lives[i].steps[k];
			struct inspect_event r[2];
			const char *want;

			if (s->what != AGAIN)
				id = arena_printf(a, "life %zu %zu", i, k);
			r[0] = row(s->what == OTHER ? "life/other" : feed,
			    s->what == NOT || s->what == OTHER
				? "203.0.113.9" : ip, 123, day(s->day));
			if (s->what == LATER)
				r[0].time += 3600 * WHEN_SECOND;
			r[1] = r[0];
			r[1].time -= 60 * WHEN_SECOND;
			assert_string_equal(
			    mail(id, r, s->what == TWICE ? 2 : 1),
			    s->what == AGAIN ? "duplicate" : "feed");
			sweep();
			want = arena_printf(a, "%s %d %d %d %d", s->state,
			    s->count, s->first, s->last, s->returns);
			assert_string_equal(ask(a, "SELECT concat_ws(' ', "
			    "state, count, "
			    "60 + first_seen::date - current_date, "
			    "60 + last_seen::date - current_date, returns) "
			    "FROM finding WHERE address = $1::inet", ip),
			    want);
		}
	}
}

/* -- whose rows, and what is kept of them -- */

static void
test_verdicts(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspect_event r[6];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(r); i++)
		r[i] = row("verdicts", NULL, 80, day(3));
	r[0].source_ip = "192.0.2.200";  /* north, by its /25 in a /24 */
	r[1].source_ip = "192.0.2.7";
	r[2].source_ip = "203.0.113.5";  /* outside */
	r[3].source_ip = "198.51.100.4"; /* south's, until yesterday */
	r[4].domain = "www.south.example";
	/* r[5] has nothing to look up */
	assert_string_equal(mail("verdicts", r, COUNT_OF(r)), "feed");
	assert_int_equal(first_of("SELECT count(*) FROM finding f JOIN "
	    "organisation o ON o.id = f.organisation WHERE o.handle = 'north' "
	    "AND f.feeds = '{verdicts}' AND host(address) = $1",
	    "192.0.2.200"), 1);
	assert_int_equal(first_of("SELECT count(*) FROM finding f JOIN "
	    "organisation o ON o.id = f.organisation WHERE o.handle = 'west' "
	    "AND f.feeds = '{verdicts}' AND host(address) = $1",
	    "192.0.2.7"), 1);
	assert_int_equal(first_of("SELECT count(*) FROM finding f JOIN "
	    "organisation o ON o.id = f.organisation WHERE o.handle = 'south' "
	    "AND host(address) = $1", "198.51.100.4"), 1);
	assert_int_equal(first_of("SELECT count(*) FROM finding f JOIN "
	    "organisation o ON o.id = f.organisation WHERE o.handle = 'south' "
	    "AND domain = $1", "www.south.example"), 1);
	assert_int_equal(first_of("SELECT count(*) FROM finding WHERE "
	    "organisation IS NULL AND feeds = ARRAY[$1]", "verdicts"), 1);
	assert_int_equal(first_of("SELECT count(*) FROM finding WHERE "
	    "host(address) = $1", "203.0.113.5"), 0);
	assert_string_equal(ask(a, "SELECT string_agg(verdict || rows, ' ' "
	    "ORDER BY verdict) FROM (SELECT verdict, sum(rows) AS rows FROM "
	    "feed_stat WHERE feed = $1 GROUP BY verdict) x", "verdicts"),
	    "confirmed3 outside1 probable1 unassigned1");
	assert_string_equal(ask(a, "SELECT o.net FROM feed_outside o JOIN "
	    "feed_stat s USING (message) WHERE s.feed = $1 LIMIT 1",
	    "verdicts"), "203.0.113.0/24");
	/* the mail itself has neither ticket nor answer; its rows are not
	 * kept twice */
	assert_string_equal(ask(a, "SELECT concat_ws(' ', disposition, "
	    "ticket, inspect->'events') FROM message WHERE digest = $1",
	    "verdicts"), "feed []");
}

static void
test_hostile_times(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspect_event r[2] = {row("times", "192.0.2.90", 1, day(3)),
	    row("times", "192.0.2.91", 1, DESC_NULL)};

	(void)state;
	/* A row from the future must not make all others go. */
	r[0].time = when_now() + 300 * WHEN_DAY;
	mail("times", r, 2);
	assert_string_equal(ask(a, "SELECT bool_and(last_time <= now())::text "
	    "FROM feed", NULL), "true");
	assert_string_equal(ask(a, "SELECT string_agg((last_seen > now() - "
	    "interval '1 hour' AND last_seen <= now())::text, ' ') FROM finding "
	    "WHERE feeds = '{times}'", NULL), "true true");
}

/* -- policy -- */

static const struct rule {
	const char *feed, *type, *severity, *organisation, *until;
} rules[] = {
    /* each beats all below it, for a row that all of them fit */
    {"f/scan_a", "vulnerable/x", NULL, NULL, "tomorrow"},
    {"f/scan_a", "vulnerable/x", "high", "1", NULL},
    {"f/scan_a", "vulnerable/x", NULL, "1", NULL},
    {"f/scan_a", "vulnerable", NULL, "1", NULL},
    {"f/*", "vulnerable/x", "critical", "1", NULL},
    {NULL, NULL, NULL, "1", NULL},
    {"f/scan_a", NULL, NULL, NULL, NULL},
    {"f/scan*", "vulnerable/x", NULL, NULL, NULL},
    {"f/*", "vulnerable/x", "critical", NULL, NULL},
    {NULL, "vulnerable/x", NULL, NULL, NULL},
    {NULL, "vulnerable", "critical", NULL, NULL},
    {NULL, NULL, "critical", NULL, NULL},
    {NULL, NULL, "low", NULL, NULL},
};
/* and none of these fits it */
static const struct rule misfits[] = {
    {"f/scan_a", NULL, NULL, NULL, "yesterday"},
    {"f/scan", NULL, NULL, NULL, NULL},
    {"g/*", NULL, NULL, NULL, NULL},
    {"scan_a", NULL, NULL, NULL, NULL},
    {NULL, "vulnerable/xy", NULL, NULL, NULL},
    {NULL, "vulner", NULL, NULL, NULL},
    {NULL, NULL, NULL, "2", NULL},
};

static void
rule_add(struct arena *a, const struct rule *r)
{
	const char *v[] = {r->feed, r->type, r->severity, r->organisation,
	    r->until};
	PGresult *res = PQexecParams(pg, "INSERT INTO feed_policy (feed, type, "
	    "severity, organisation, action, until, reason) VALUES ($1, $2, "
	    "$3, $4::bigint, 'count', $5::date, 'x')", 5, NULL, v, NULL,
	    NULL, 0);

	(void)a;
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		fail_msg("%s", PQerrorMessage(pg));
	PQclear(res);
}

static void
test_policy_order(void **state)
{
	ARENA_AUTO(a, "test");

	(void)state;
	alter("BEGIN");
	alter("SAVEPOINT s");
	/* Inserted the wrong way round, so that id decides nothing. */
	for (size_t i = COUNT_OF(rules); i > 0; i--)
		rule_add(a, &rules[i - 1]);
	for (size_t i = 0; i < COUNT_OF(misfits); i++)
		rule_add(a, &misfits[i]);
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		const struct rule *r = &rules[i];

		print_message("%s %s %s %s\n", r->feed, r->type, r->severity,
		    r->organisation);
		assert_string_equal(ask(a, "SELECT concat_ws('|', "
		    "coalesce(feed, '-'), coalesce(type, '-'), "
		    "coalesce(severity, '-'), coalesce(organisation::text, "
		    "'-'), (until IS NOT NULL)::text) FROM feed_policy_for("
		    "'f/scan_a', 'vulnerable/x', 'critical', 1)", NULL),
		    arena_printf(a, "%s|%s|%s|%s|%s",
			r->feed != NULL ? r->feed : "-",
			r->type != NULL ? r->type : "-",
			r->severity != NULL ? r->severity : "-",
			r->organisation != NULL ? r->organisation : "-",
			r->until != NULL ? "true" : "false"));
		alter("DELETE FROM feed_policy WHERE id = (SELECT id FROM "
		    "feed_policy_for('f/scan_a', 'vulnerable/x', 'critical', "
		    "1))");
	}
	/* what is left is the rule for all */
	assert_string_equal(ask(a, "SELECT action FROM feed_policy_for("
	    "'f/scan_a', 'vulnerable/x', 'critical', 1)", NULL),
	    "digest-daily");
	alter("ROLLBACK");
}

static void
policy(const char *feed, const char *what)
{
	ARENA_AUTO(a, "test");

	ask(a, arena_printf(a, "INSERT INTO feed_policy (feed, %s) VALUES "
	    "($1, %s)", strchr(what, ':') != NULL
		? arena_strndup(a, what, strcspn(what, ":")) : "action",
	    strchr(what, ':') != NULL ? strchr(what, ':') + 1 : what), feed);
}

static void
test_actions(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspect_event r[4];

	(void)state;
	policy("act/ignore", "'ignore'");
	policy("act/ticket", "'ticket'");
	policy("act/many", "action, at_least:'ticket', 3");
	policy("act/fresh", "action, only_new:'ticket', true");
	policy("act/notice", "'notice'");
	for (size_t i = 0; i < 4; i++)
		r[i] = row("act/ignore",
		    arena_printf(a, "192.0.2.%zu", 60 + i), 99, day(1));
	/* south has no security contact */
	r[3].source_ip = "198.51.100.63";

	mail("ignored", r, 4);
	assert_int_equal(first_of("SELECT count(*) FROM finding WHERE "
	    "port = $1::int", "99"), 0);
	assert_int_equal(first_of("SELECT sum(rows) FROM feed_stat WHERE "
	    "feed = $1", "act/ignore"), 4);

	/* one ticket a member, feed and day, whatever the number of mails */
	for (size_t i = 0; i < 4; i++)
		r[i].feed = "act/ticket";
	mail("ticket 1", r, 4);
	mail("ticket 1 again", r, 1);
	assert_string_equal(ask(a, "SELECT string_agg(concat_ws(' ', "
	    "o.handle, t.status, t.how_reported, t.type, (SELECT count(*) "
	    "FROM event e WHERE e.ticket = t.number AND e.feed = t2.feed AND "
	    "e.organisation = t.organisation)), ', ' ORDER BY o.handle) FROM "
	    "feed_ticket t2 JOIN ticket t ON t.number = t2.ticket JOIN "
	    "organisation o ON o.id = t2.organisation WHERE t2.feed = $1",
	    "act/ticket"),
	    "south new feed vulnerable/ddos-amplifier 1, "
	    "west new feed vulnerable/ddos-amplifier 4");
	r[0].time = day(2);
	mail("ticket 2", r, 1);
	assert_int_equal(first_of("SELECT count(*) FROM feed_ticket WHERE "
	    "feed = $1", "act/ticket"), 3);

	/* a threshold */
	for (size_t i = 0; i < 4; i++)
		r[i].feed = "act/many";
	mail("many 1", r, 2);
	assert_int_equal(first_of("SELECT count(*) FROM feed_ticket WHERE "
	    "feed = $1", "act/many"), 0);
	assert_string_equal(ask(a, "SELECT string_agg(DISTINCT action, ' ') "
	    "FROM feed_stat WHERE feed = $1", "act/many"), "count");
	mail("many 2", r, 4); /* three at west, one at south */
	assert_int_equal(first_of("SELECT count(*) FROM feed_ticket WHERE "
	    "feed = $1", "act/many"), 1);

	/* only what is new */
	for (size_t i = 0; i < 4; i++) {
		r[i].feed = "act/fresh";
		r[i].source_port = 98;
	}
	mail("fresh 1", r, 1);
	mail("fresh 2", r, 3);
	assert_int_equal(first_of("SELECT count(*) FROM event WHERE feed = $1",
	    "act/fresh"), 3);

	/* a notice goes out and its ticket stays out of the queue; without a
	 * contact it is work for the desk */
	for (size_t i = 0; i < 4; i++)
		r[i].feed = "act/notice";
	mail("notice 1", r, 4);
	assert_string_equal(ask(a, "SELECT string_agg(concat_ws(' ', "
	    "o.handle, t.status, t.standing, (SELECT count(*) FROM message m "
	    "JOIN delivery d ON d.message = m.id WHERE m.ticket = t.number AND "
	    "m.purpose = 'notice')), ', ' ORDER BY o.handle) FROM feed_ticket "
	    "t2 JOIN ticket t ON t.number = t2.ticket JOIN organisation o ON "
	    "o.id = t2.organisation WHERE t2.feed = $1", "act/notice"),
	    "south new f 0, west resolved t 1");
}

/* -- digests -- */

static void
digests(const char *when, int64_t want)
{
	int64_t n;

	sweep();
	OK(digest_run(db, &site, DIGEST_DAILY, when, &n, err));
	assert_int_equal(n, want);
}

/* The newest mail of our own to an address: its text, or all of it. */
static const char *
told(struct arena *a, const char *to)
{
	return ask(a, "SELECT m.subject || E'\\n' || m.text FROM message m JOIN "
	    "delivery d ON d.message = m.id WHERE d.address = $1 AND "
	    "m.purpose = 'digest' ORDER BY m.id DESC LIMIT 1", to);
}

static void
has(const char *text, const char *what)
{
	if (strstr(text, what) == NULL)
		fail_msg("no \"%s\" in:\n%s", what, text);
}

static void
has_not(const char *text, const char *what)
{
	if (strstr(text, what) != NULL)
		fail_msg("\"%s\" in:\n%s", what, text);
}

/* The file that went with it, decoded. */
static const char *
file_to(struct arena *a, const char *to)
{
	const char *raw = ask(a, "SELECT convert_from(r.bytes, 'UTF8') FROM "
	    "message m JOIN delivery d ON d.message = m.id JOIN message_raw r "
	    "ON r.message = m.id AND r.seq = 0 WHERE d.address = $1 AND "
	    "m.purpose = 'digest' ORDER BY m.id DESC LIMIT 1", to);
	const char *p = strstr(raw, "text/csv");
	gsize n;
	guchar *bytes;
	const char *out;

	assert_non_null(p);
	has(p, "base64");
	p = strstr(p, "\r\n\r\n");
	assert_non_null(p);
	p = arena_strndup(a, p + 4, strcspn(p + 4, "-"));
	bytes = g_base64_decode(p, &n);
	out = arena_strndup(a, (char *)bytes, n);
	g_free(bytes);
	return out;
}

static void
test_digest(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspect_event r[3];
	const char *text;
	int64_t ticket, before;

	(void)state;
	/* what the other tests found is told before */
	sweep();
	OK(digest_run(db, &site, DIGEST_DAILY, "2026-01-01", NULL, err));
	for (size_t i = 0; i < 3; i++)
		r[i] = row("digest", arena_printf(a, "192.0.2.%zu", 240 + i),
		    7000, day(1));
	r[1].extra = "{\"naïve\": {\"deep\": [1, \"=2\"]}, \"tag\": \"+1\"}";

	before = first_of("SELECT count(*) FROM ticket WHERE status IN "
	    "('new', 'open')", NULL);
	mail("digest 1", r, 2);
	digests("2026-01-02", 1);
	text = told(a, "security@north.example");
	has(text, "Daily digest 2026-01-02: 2 new, ");
	has(text, "TLP:AMBER\n");
	has(text, "192.0.2.240 port 7000, vulnerable/ddos-amplifier, medium");
	has_not(text, "192.0.2.242");
	/* once: whoever asks again */
	digests("2026-01-02", 0);

	text = file_to(a, "security@north.example");
	has(text, "state,first_seen,last_seen,sightings,feed,time,prefix,"
	    "source_ip,source_port,");
	has(text, ",hostname,na");
	has(text, "new,");
	has(text, ",192.0.2.128/25,192.0.2.240,7000,");
	has(text, ",\"'=cmd()\",");       /* no spreadsheet runs it */
	has(text, ",\"ntp,v4\"");
	has(text, "\"'+1\"");
	has(text, "\"{\"\"deep\"\": [1, \"\"=2\"\"]}\"");

	/* it hangs on a ticket that is out of the queue until an answer */
	ticket = first_of("SELECT ticket FROM digest WHERE day = "
	    "'2026-01-02' AND message IS NOT NULL", NULL);
	assert_int_equal(first_of("SELECT count(*) FROM ticket WHERE status "
	    "IN ('new', 'open')", NULL), before);
	assert_string_equal(ask(a, "SELECT concat_ws(' ', status, standing) "
	    "FROM ticket WHERE number = $1::bigint",
	    arena_printf(a, "%" PRId64, ticket)), "resolved t");

	/* nothing came: nothing is said */
	digests("2026-01-03", 0);

	/* one more, one again, one not seen */
	r[0].time = r[2].time = day(2);
	r[1] = r[2];
	mail("digest 2", r, 2);
	digests("2026-01-04", 1);
	text = told(a, "security@north.example");
	has(text, ": 1 new, ");
	has(text, "192.0.2.241 port 7000"); /* still there */
	text = file_to(a, "security@north.example");
	has(text, "open,");
	has(text, "192.0.2.242");

	/* seen for the last time on days 1 and 2: one goes, then the others */
	r[0] = row("digest", "203.0.113.1", 7000, day(8));
	mail("digest 3", r, 1);
	digests("2026-01-05", 1);
	has(told(a, "security@north.example"), ": 0 new, ");
	has(told(a, "security@north.example"), " 1 gone\n");
	has(told(a, "security@north.example"), "Gone: not seen");
	r[0].time = day(12);
	mail("digest 4", r, 1);
	digests("2026-01-06", 1);
	has(told(a, "security@north.example"), " 2 gone\n");
	digests("2026-01-07", 0);
}

static void
test_digest_policy(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspect_event r[4];
	int64_t n;

	(void)state;
	policy("quiet/count", "'count'");
	policy("quiet/weekly", "'digest-weekly'");
	policy("quiet/many", "action, at_least:'digest-daily', 2");
	policy("quiet/fresh", "action, only_new:'digest-daily', true");
	r[0] = row("quiet/count", "192.0.2.250", 7100, day(1));
	r[1] = row("quiet/weekly", "192.0.2.251", 7100, day(1));
	r[2] = row("quiet/many", "192.0.2.252", 7100, day(1));
	mail("quiet 1", r, 3);
	digests("2026-02-01", 0);
	OK(digest_run(db, &site, DIGEST_WEEKLY, "2026-02-01", &n, err));
	assert_int_equal(n, 1);
	has(told(a, "security@north.example"), "Weekly digest 2026-02-01: 1 "
	    "new, 0 still there, 0 gone");

	r[3] = row("quiet/many", "192.0.2.253", 7100, day(1));
	mail("quiet 2", r + 3, 1);
	digests("2026-02-02", 1);
	has(told(a, "security@north.example"), ": 2 new, ");

	r[0] = row("quiet/fresh", "192.0.2.254", 7100, day(2));
	mail("quiet 3", r, 1);
	digests("2026-02-03", 1);
	r[0].time = day(3);
	mail("quiet 4", r, 1);
	digests("2026-02-04", 0);

	/* an inhibition goes before all, for as long as it lasts */
	r[0] = row("quiet/ended", "192.0.2.249", 7100, day(2));
	mail("quiet 5", r, 1);
	alter("INSERT INTO feed_policy (feed, organisation, action, until, "
	    "reason) VALUES ('quiet/*', 1, 'count', 'tomorrow', 'agreed')");
	digests("2026-02-05", 0);
	alter("UPDATE feed_policy SET until = 'yesterday' WHERE reason = "
	    "'agreed'");
	digests("2026-02-06", 1);
	has(told(a, "security@north.example"), "192.0.2.249 port 7100");
}

static void
test_digest_by_rule(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspect_event r[2] = {row("rule", "192.0.2.225", 1, day(1)),
	    row("rule", "192.0.2.226", 1, day(1))};

	(void)state;
	alter("INSERT INTO contact_rule (organisation, net, email, period) "
	    "VALUES (1, '192.0.2.226/32', 'halls@north.example', '(,)')");
	mail("rule", r, 2);
	digests("2026-03-01", 1);
	has(told(a, "halls@north.example"), "192.0.2.226 ");
	has_not(told(a, "halls@north.example"), "192.0.2.225 ");
	has_not(file_to(a, "halls@north.example"), "192.0.2.225");
	has(told(a, "security@north.example"), "192.0.2.225 ");
	has_not(told(a, "security@north.example"), "192.0.2.226 ");
	assert_int_equal(first_of("SELECT count(*) FROM digest WHERE day = "
	    "$1::date AND message IS NOT NULL", "2026-03-01"), 1);
	/* whom nobody can tell stays untold */
	assert_int_equal(first_of("SELECT count(*) FROM finding WHERE "
	    "organisation = 2 AND told <> 'nothing'", NULL), 0);
	alter("DELETE FROM contact_rule");
}

static gpointer
all_digests(gpointer arg)
{
	struct db *mine = db_open(site.conf, "digests");
	int64_t *n = arg;

	OK(digest_run(mine, &site, DIGEST_DAILY, "2026-04-01", n, err));
	db_close(mine);
	return NULL;
}

static void
test_digest_hosts(void **state)
{
	GThread *t[4];
	int64_t n[4], sum = 0;
	struct inspect_event r = row("hosts", "192.0.2.230", 1, day(1));

	(void)state;
	mail("hosts", &r, 1);
	for (size_t i = 0; i < COUNT_OF(t); i++)
		t[i] = g_thread_new("host", all_digests, &n[i]);
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		g_thread_join(t[i]);
		sum += n[i];
	}
	assert_int_equal(sum, 1);
	assert_int_equal(first_of("SELECT count(*) FROM message WHERE "
	    "purpose = 'digest' AND subject LIKE '%2026-04-01%'", NULL), 1);
}

static void
test_digest_hour(void **state)
{
	struct conf c = {.feeds_digest_hour = 6, .feeds_digest_weekday = 1};
	int64_t monday = INT64_C(1772409600) * WHEN_SECOND; /* 2026-03-02 */
	char d[11] = "";

	(void)state;
	assert_false(digest_is_due(&c, DIGEST_DAILY, monday, d));
	assert_true(digest_is_due(&c, DIGEST_DAILY,
	    monday + 6 * 3600 * WHEN_SECOND, d));
	assert_string_equal(d, "2026-03-02");
	assert_true(digest_is_due(&c, DIGEST_WEEKLY,
	    monday + 23 * 3600 * WHEN_SECOND, d));
	assert_false(digest_is_due(&c, DIGEST_WEEKLY,
	    monday + WHEN_DAY + 7 * 3600 * WHEN_SECOND, d));
}

/* -- two mails at once -- */

enum { CROWD = 400, ROUNDS = 6 };

static gpointer
crowd(gpointer arg)
{
	struct db *mine = db_open(site.conf, "crowd");
	size_t who = GPOINTER_TO_SIZE(arg);

	for (int round = 0; round < ROUNDS; round++) {
		ARENA_AUTO(a, "crowd");
		struct inspect_event *r =
		    ARENA_ARRAY(a, struct inspect_event, CROWD);
		struct intake_result out;

		for (size_t i = 0; i < CROWD; i++) {
			/* the same findings, the other way round */
			size_t k = who % 2 != 0 ? i : CROWD - 1 - i;

			r[i] = row(arena_printf(a, "crowd/%zu", who % 3),
			    arena_printf(a, "192.0.2.%zu", k % 200),
			    (int64_t)(5000 + k), day(round + 1));
		}
		send_by(mine, a, arena_printf(a, "crowd %zu %d", who, round),
		    r, CROWD, &out);
	}
	db_close(mine);
	return NULL;
}

static void
test_at_once(void **state)
{
	GThread *t[4];
	ARENA_AUTO(a, "test");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(t); i++)
		t[i] = g_thread_new("crowd", crowd, GSIZE_TO_POINTER(i));
	for (int i = 0; i < 20; i++)
		sweep();
	for (size_t i = 0; i < COUNT_OF(t); i++)
		g_thread_join(t[i]);
	assert_string_equal(ask(a, "SELECT concat_ws(' ', count(*), min(count), "
	    "max(count), min(state), max(state)) FROM finding WHERE port "
	    "BETWEEN 5000 AND 5999", NULL), arena_printf(a, "%d %d %d open open", CROWD,
	    ROUNDS * 4, ROUNDS * 4));
	assert_int_equal(first_of("SELECT count(*) FROM sighting s JOIN "
	    "finding f ON f.id = s.finding WHERE port BETWEEN $1::int AND 5999",
	    "5000"),
	    CROWD * ROUNDS * 4);
	/* (db_tx would hide one by trying again) */
	alter("SELECT pg_stat_clear_snapshot()");
	assert_int_equal(first_of("SELECT deadlocks FROM pg_stat_database "
	    "WHERE datname = current_database()", NULL), 0);
}

static int
set_up(void **state)
{
	(void)state;
	sqltest_begin();
	OK((site.tmpl = tmpl_load(SRCDIR "/templates", NULL, views_all,
		err)) != NULL);
	alter("INSERT INTO organisation (name, handle) VALUES "
	    "('North', 'north'), ('South', 'south'), ('West', 'west')");
	alter("INSERT INTO contact (organisation, email) VALUES "
	    "(1, 'security@north.example'), (3, 'security@west.example')");
	alter("INSERT INTO organisation_domain VALUES ('south.example', 2)");
	alter("INSERT INTO prefix (net, organisation, period) VALUES "
	    "('192.0.2.0/24', 3, '(,)'), ('192.0.2.128/25', 1, '(,)'), "
	    "('198.51.100.0/24', 2, tstzrange(NULL, now() - interval '1 day')), "
	    "('198.51.100.0/24', 3, tstzrange(now() - interval '1 day', NULL))");
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lives),
	    cmocka_unit_test(test_verdicts),
	    cmocka_unit_test(test_hostile_times),
	    cmocka_unit_test(test_policy_order),
	    cmocka_unit_test(test_actions),
	    cmocka_unit_test(test_digest),
	    cmocka_unit_test(test_digest_policy),
	    cmocka_unit_test(test_digest_by_rule),
	    cmocka_unit_test(test_digest_hosts),
	    cmocka_unit_test(test_digest_hour),
	    cmocka_unit_test(test_at_once),
	};

	return cmocka_run_group_tests(tests, set_up, sqltest_end);
}
