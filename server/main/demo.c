/*
 * tocsinctl demo: members, people, lists, articles and tickets to try
 * everything on, loaded once.  Data: templates/demo and templates/articles.
 * Interrupted, it goes on where it was: every step can be done again.
 */
#include "base/base.h"
#include "base/csv.h"
#include "base/text.h"
#include "base/when.h"
#include "core/account.h"
#include "core/outgoing/address.h"
#include "core/member/import.h"
#include "core/list/demo_lists.h"
#include "core/notice/investigate.h"
#include "core/ticket/ticket.h"
#include "core/list/topic.h"
#include "mail/canonical.h"
#include "main/command.h"
#include "main/receive.h"
#include "main/setup.h"

#define DEMO_PASSWORD "tocsin-demo"

static const struct {
	const char *local, *name;
	enum role role;
} people[] = {
    {"analyst", "Alex Analyst", ROLE_ANALYST},
    {"second", "Sam Second", ROLE_ANALYST},
    {"lead", "Lee Lead", ROLE_LEAD},
    {"viewer", "Vic Viewer", ROLE_VIEWER}, /* reads, changes nothing */
};

/* What is done to each report, in the order of its file name: a letter an
 * act.  t take, c comment, n notify, r reply, R resolve, x reject. */
static const struct {
	const char *file, *acts;
} reports[] = {
    {"01-scan.eml", ""},
    {"02-bruteforce.eml", "tn"},
    {"03-spam-arf.eml", ""},
    {"04-phishing.eml", "tcr"},
    {"05-ddos.eml", "tn"},
    {"06-outside.eml", "x"},
    {"07-malware.eml", "tnrR"},
    {"08-question.eml", "t"},
    {"09-xarf.eml", ""},
    {"10-no-zone.eml", "c"},
};

#define FACT(F, S)                                                            \
	F(S, TEXT, key, none)                                                 \
	F(S, TEXT, value, none)
DESC_PRIVATE(fact, FACT);

struct demo {
	struct command *cmd;
	struct arena *a;
	const char *dir; /* templates/demo */
	struct actor analyst, second;
	struct receive receive;
};

static bool
load_csv(struct demo *d, const char *file, enum import_target target,
    GError **err)
{
	struct import_request rq = {.target = target, .file = file,
	    .site = &d->cmd->site};
	struct import_result result = {0};
	char *bytes;

	if (!command_read(d->a, arena_printf(d->a, "%s/%s", d->dir, file),
		CSV_BYTES_MAX, &bytes, &rq.len, err))
		return false;
	rq.bytes = bytes;
	return import_run(d->cmd->db, d->a, &d->cmd->by, &rq, &result, err);
}

static bool
load_people(struct demo *d, GError **err)
{
	struct command *cmd = d->cmd;

	for (size_t i = 0; i < COUNT_OF(people); i++) {
		const char *email =
		    conf_address(d->a, cmd->site.conf, people[i].local);
		struct account_session s = {0};
		bool found;

		if (!db_opt(cmd->db, d->a, Q_PRINCIPAL_BY_EMAIL,
			DB_ARGS(DB_TEXT(email)), &desc_account_session, &s,
			&found, err))
			return false;
		if (!found &&
		    (!account_add(cmd->db, &cmd->by, email, people[i].name,
			 people[i].role, DEMO_PASSWORD, err) ||
			!db_one(cmd->db, d->a, Q_PRINCIPAL_BY_EMAIL,
			    DB_ARGS(DB_TEXT(email)), &desc_account_session, &s,
			    err)))
			return false;
		if (i < 2)
			*(i == 0 ? &d->analyst : &d->second) = (struct actor){
			    s.principal, s.name, s.email, people[i].role};
	}
	return true;
}

static bool
act(struct demo *d, int64_t ticket, char what, GError **err)
{
	struct db *db = d->cmd->db;
	const struct site *s = &d->cmd->site;
	const struct actor *who = &d->analyst;

	switch (what) {
	case 't':
		return ticket_take(db, who, ticket, 0, err);
	case 'c':
		return ticket_comment(db, who, ticket, 0,
		    "Looked at the evidence: plausible. The sender has "
		    "reported rightly before.", err);
	case 'n':
		return investigate_send(db, s, who, ticket, 0, NULL, 0,
		    (struct sealing_choice){0}, NULL, NULL, NULL, err);
	case 'r':
		return ticket_reply(db, s, who, ticket, 0, NULL, NULL, NULL,
		    "Thank you for your report. We have passed it on to the "
		    "organisation responsible and will tell you what comes "
		    "of it.\n", NULL, 0, false,
		    (struct sealing_choice){0}, NULL, err);
	case 'R':
		return ticket_status(db, who, ticket, 0, "resolved", NULL, err);
	default:
		return ticket_status(db, who, ticket, 0, "rejected", NULL, err);
	}
}

static bool
load_report(struct demo *d, size_t i, GError **err)
{
	const char *rcpt = address_report(d->a, &d->cmd->site);
	struct smtp_envelope env = {.from = "", .rcpts = &rcpt, .n = 1,
	    .proto = ENVELOPE_FILE, .received = when_now(), .trusted = true};
	struct intake_result r;
	const char *reply, *canonical;
	char *bytes;
	size_t len, n;

	if (!command_read(d->a,
		arena_printf(d->a, "%s/reports/%s", d->dir, reports[i].file),
		1 << 20, &bytes, &len, err))
		return false;
	canonical = mail_canonical(d->a, bytes, len, &n);
	if (!receive_message(&d->receive, d->a, &env,
		blob_of(d->a, canonical, n), "email", &r, &reply))
		return fault_set(err, FAULT_BUSY, "%s: %s", reports[i].file,
		    reply);
	if (strcmp(r.disposition, "report") != 0)
		return true; /* it was there already */
	for (const char *p = reports[i].acts; *p != '\0'; p++)
		if (!act(d, r.ticket, *p, err)) {
			g_prefix_error(err, "%s: ", reports[i].file);
			return false;
		}
	return true;
}

static bool
load(struct demo *d, GError **err)
{
	struct command *cmd = d->cmd;
	const char *share = setup_share_dir(d->a, cmd->site.conf);
	int64_t n;

	d->dir = arena_printf(d->a, "%s/templates/demo", share);
	if (!load_csv(d, "organisations.csv", IMPORT_MEMBERS, err) ||
	    !load_csv(d, "prefixes.csv", IMPORT_PREFIXES, err) ||
	    !load_people(d, err) ||
	    !topic_load_articles(cmd->db, &cmd->site,
		arena_printf(d->a, "%s/templates/articles", share), &n,
		err) ||
	    !demo_lists(cmd->db, &cmd->site, d->dir, &d->analyst, &d->second,
		err))
		return false;
	d->receive.site = &cmd->site;
	if (!pool_new(cmd->site.conf, cmd->site.known, &d->receive.parsers,
	    err))
		return false;
	keeper_new(cmd->site.conf, &d->receive.keeper);
	d->receive.dbs = db_pool_new(cmd->site.conf, "tocsinctl demo", 1);
	for (size_t i = 0; i < COUNT_OF(reports); i++)
		if (!load_report(d, i, err))
			return false;
	return db_exec(cmd->db, Q_FACT_SET,
	    DB_ARGS(DB_TEXT("demo"),
		DB_TEXT(when_rfc3339(d->a, when_now()))),
	    NULL, err);
}

int
command_demo(struct command *cmd, int argc, char **argv)
{
	g_autoptr(GError) why = NULL;
	struct demo d = {.cmd = cmd, .a = cmd->arena};
	struct fact fact = {0};
	bool found, ok;

	(void)argv;
	if (argc != 0)
		return command_usage(cmd);
	if (!cmd->site.conf->site_demo) {
		g_printerr("tocsinctl demo: the settings do not allow demo "
			   "data (demo = true in [site]).\n");
		return 1;
	}
	if (!db_opt(cmd->db, d.a, Q_FACT_GET, DB_ARGS(DB_TEXT("demo")),
		&desc_fact, &fact, &found, &why))
		return command_fail(cmd, why);
	if (found) {
		/* (Who came to the demo after it was loaded.) */
		if (!load_people(&d, &why))
			return command_fail(cmd, why);
		g_print("the demo data is there since %s\n", fact.value);
		return 0;
	}
	ok = load(&d, &why);
	db_pool_free(d.receive.dbs);
	if (d.receive.parsers != NULL)
		pool_free(d.receive.parsers);
	keeper_free(d.receive.keeper);
	if (!ok)
		return command_fail(cmd, why);
	g_print("the demo data is loaded\n");
	return 0;
}
