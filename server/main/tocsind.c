/*
 * tocsind: the daemon.  Arguments, start order, signals; what it does is
 * in the floors below.
 *
 *	tocsind -c FILE [-n] [-T] [--role web,intake,sender,timer]
 *
 * Threads: the main thread waits for signals and nothing else; every other
 * signal-free.  Start: parsers, database pools, timer, sender, receiver,
 * web; stop in the opposite order, the receiver and the sender finishing
 * what they have in hand.
 */
#include "base/base.h"
#include "base/log.h"
#include "db/migrate.h"
#include "http/httpd.h"
#include "jobs/sender.h"
#include "jobs/timer.h"
#include "mail/send.h"
#include "main/receive.h"
#include "main/setup.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

enum { DRAIN_SECONDS = 4, PROBE_MS = 5000, CALENDAR_ENDS_DAYS = 60 };

enum { ROLE_WEB = 1, ROLE_INTAKE = 2, ROLE_SENDER = 4, ROLE_TIMER = 8 };

static const struct {
	const char *name;
	unsigned bit;
} roles[] = {
    {"web", ROLE_WEB},
    {"intake", ROLE_INTAKE},
    {"sender", ROLE_SENDER},
    {"timer", ROLE_TIMER},
};

struct daemon {
	struct arena *arena;
	struct site *site;
	unsigned roles;
	struct pool *parsers;
	struct keeper *keeper;
	struct keeper *sealer; /* of what leaves */
	struct receive receive;
	struct smtpd_ops ops; /* the receiver keeps a pointer to it */
	struct smtpd *smtpd;
	struct httpd *httpd;
	struct sender *sender;
	struct timer *timer;
};

static bool
read_roles(const char *text, unsigned *out, GError **err)
{
	g_auto(GStrv) names = NULL;

	if (text == NULL) {
		*out = ROLE_WEB | ROLE_INTAKE | ROLE_SENDER | ROLE_TIMER;
		return true;
	}
	names = g_strsplit(text, ",", -1);
	*out = 0;
	for (size_t i = 0; names[i] != NULL; i++) {
		unsigned bit = 0;

		for (size_t k = 0; k < COUNT_OF(roles); k++)
			if (strcmp(roles[k].name, g_strstrip(names[i])) == 0)
				bit = roles[k].bit;
		if (bit == 0)
			return fault_set(err, FAULT_INPUT,
			    "There is no role \"%s\": web, intake, sender, "
			    "timer.", names[i]);
		*out |= bit;
	}
	return true;
}

static bool
check_schema(const struct conf *c, GError **err)
{
	struct db *db = db_open(c, "tocsind check");
	bool ok = migrate_check(db, err);

	db_close(db);
	return ok;
}

static bool
parsers_ready(void *ctx)
{
	struct daemon *d = ctx;

	return pool_ready(d->parsers);
}

/* Without it mail is taken all the same, and kept closed. */
static void
start_keeper(struct daemon *d)
{
	g_autoptr(GError) why = NULL;

	keeper_new(d->site->conf, &d->keeper);
	if (d->keeper != NULL && !keeper_start(d->keeper, &why))
		log_fault("keeper.start", why);
}

static bool
start(struct daemon *d, GError **err)
{
	const struct conf *c = d->site->conf;

	/* Before any thread: the children are made by exec of a process
	 * that is still small, and libesmtp fills static tables lazily. */
	if ((d->roles & (ROLE_WEB | ROLE_INTAKE)) != 0 &&
	    !pool_new(c, d->site->known, &d->parsers, err))
		return false;
	if ((d->roles & (ROLE_WEB | ROLE_INTAKE)) != 0)
		start_keeper(d);
	/* (It starts with the first mail that it signs.) */
	keeper_new_sealing(c, &d->sealer);
	d->site->sealer = d->sealer;
	if ((d->roles & ROLE_TIMER) != 0 &&
	    !timer_start(d->site, &d->timer, err))
		return false;
	if ((d->roles & ROLE_SENDER) != 0 &&
	    !sender_start(d->site, &d->sender, err))
		return false;
	if ((d->roles & ROLE_INTAKE) != 0) {
		d->receive.site = d->site;
		d->receive.parsers = d->parsers;
		d->receive.keeper = d->keeper;
		d->receive.dbs = db_pool_new(c, "tocsind intake",
		    (unsigned)c->smtp_workers);
		db_pool_plan_once(d->receive.dbs);
		d->receive.gate = intake_gate_new(d->site, d->receive.dbs,
		    (unsigned)c->intake_places);
		d->ops = receive_ops(&d->receive);
		d->smtpd = smtpd_new(c, &d->ops, err);
		if (d->smtpd == NULL)
			return false;
		smtpd_start(d->smtpd);
	}
	if ((d->roles & ROLE_WEB) != 0) {
		const struct httpd_options o = {
		    .parsers_ready = parsers_ready,
		    .ctx = d,
		    .parsers = d->parsers,
		    .keeper = d->keeper,
		};

		if (!httpd_start(d->site, &o, &d->httpd, err))
			return false;
	}
	return true;
}

static void
stop(struct daemon *d)
{
	/* A campaign that was begun is sent after the restart, not while the
	 * mail drains. */
	timer_end(d->timer);
	if (d->smtpd != NULL && !smtpd_drain(d->smtpd, DRAIN_SECONDS))
		log_warning("daemon.drain", LOG_S("what", "smtp"));
	if (d->httpd != NULL)
		httpd_stop(d->httpd);
	if (d->sender != NULL)
		sender_stop(d->sender);
	if (d->timer != NULL)
		timer_stop(d->timer);
	if (d->smtpd != NULL)
		smtpd_free(d->smtpd);
	intake_gate_free(d->receive.gate);
	db_pool_free(d->receive.dbs);
	if (d->parsers != NULL)
		pool_free(d->parsers);
	keeper_free(d->keeper);
	keeper_free(d->sealer);
}

/* New settings and templates for the pages, recognisers for the parsers;
 * what is bound at the start
 * (listeners, threads, sizes) stays until a restart. */
static void
reload(struct daemon *d)
{
	g_autoptr(GError) why = NULL;
	struct site *fresh = ARENA_NEW(d->arena, struct site);

	sd_notify(0, "RELOADING=1");
	if (setup_site(d->arena, d->site->conf->path, true, false, fresh,
		&why)) {
		/* The old one stays in the arena: somebody may still read
		 * it, and reloads are rare. */
		fresh->sealer = d->sealer;
		d->site = fresh;
		d->receive.site = fresh;
		log_set_level((enum log_level)fresh->conf->site_log_level);
		if (d->httpd != NULL)
			httpd_reload(d->httpd, fresh);
		if (d->parsers != NULL &&
		    !pool_know(d->parsers, fresh->known, &why))
			log_fault("daemon.reload", why);
		else
			log_notice("daemon.reloaded");
	} else {
		log_fault("daemon.reload", why);
	}
	sd_notify(0, "READY=1");
}

static void
wait_for_signals(struct daemon *d, const sigset_t *set)
{
	int sig;

	for (;;) {
		if (sigwait(set, &sig) != 0)
			continue;
		if (sig != SIGHUP)
			break;
		reload(d);
	}
	log_notice("daemon.stopping", LOG_I("signal", sig));
	sd_notify(0, "STOPPING=1");
}

/* A file of holidays is written for some years.  (One without any says
 * that there are none.) */
static bool
calendar_ends(const struct site *s)
{
	return calendar_holidays(s->calendar) > 0 &&
	    calendar_known_until(s->calendar) <
	    when_now() + CALENDAR_ENDS_DAYS * WHEN_DAY;
}

static int
serve(struct daemon *d)
{
	g_autoptr(GError) why = NULL;
	sigset_t set;
	int code = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (check_schema(d->site->conf, &why) && start(d, &why)) {
		log_notice("daemon.started",
		    LOG_S("http", d->site->conf->http_listen),
		    LOG_S("smtp", d->site->conf->smtp_listen));
		if (calendar_ends(d->site))
			log_warning("calendar.ends");
		sd_notify(0, "READY=1");
		wait_for_signals(d, &set);
	} else {
		log_fault("daemon.start", why);
		code = 1;
	}
	stop(d);
	return code;
}

static bool
probe_relay(struct arena *a, const struct conf *c, GError **err)
{
	char *host;
	uint16_t port;

	return send_relay(a, c, &host, &port, err) &&
	    send_probe(host, port, PROBE_MS, err);
}

static bool
check_keeper(const struct conf *c, GError **err)
{
	struct keeper *k;
	bool ok;

	keeper_new(c, &k);
	ok = k == NULL || keeper_ready(k, err);
	keeper_free(k);
	return ok;
}

/* tocsind -n: everything that would stop a start, or the mail. */
static int
check(struct daemon *d)
{
	g_autoptr(GError) why = NULL;
	const struct conf *c = d->site->conf;
	int faults = 0;

	if (!httpd_demo_ok(c, &why)) {
		g_printerr("http: %s\n", why->message);
		g_clear_error(&why);
		faults++;
	}
	if (!check_schema(c, &why)) {
		g_printerr("database: %s\n", why->message);
		g_clear_error(&why);
		faults++;
	}
	if (!probe_relay(d->arena, c, &why)) {
		g_printerr("relay: %s\n", why->message);
		g_clear_error(&why);
		faults++;
	}
	if (!check_keeper(c, &why)) {
		g_printerr("keeper: %s\n", why->message);
		g_clear_error(&why);
		faults++;
	}
	if (faults == 0)
		g_print("settings, templates, %zu recognisers, %zu holidays, "
		    "database and relay are well\n",
		    recognise_count(d->site->known),
		    calendar_holidays(d->site->calendar));
	if (calendar_ends(d->site))
		g_print("the file of holidays ends soon, or has ended: "
		    "add the next years\n");
	return faults == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	g_autofree char *path = NULL, *role = NULL;
	gboolean only_check = FALSE, print = FALSE;
	const GOptionEntry entries[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"settings file", "FILE"},
	    {"check", 'n', 0, G_OPTION_ARG_NONE, &only_check,
		"check settings, templates, database and relay, then exit",
		NULL},
	    {"print", 'T', 0, G_OPTION_ARG_NONE, &print,
		"print the settings in force, then exit", NULL},
	    {"role", 0, 0, G_OPTION_ARG_STRING, &role,
		"run only these thread groups: web,intake,sender,timer",
		"LIST"},
	    {NULL},
	};
	g_autoptr(GOptionContext) options = NULL;
	g_autoptr(GError) why = NULL;
	ARENA_AUTO(a, "daemon");
	struct daemon d = {.arena = a};
	int code;

	if (pool_child_main(argc, argv, &code) ||
	    keeper_child_main(argc, argv, &code))
		return code;
	options = g_option_context_new("- incident desk and advisory lists");
	g_option_context_add_main_entries(options, entries, NULL);
	if (!g_option_context_parse(options, &argc, &argv, &why) ||
	    !read_roles(role, &d.roles, &why)) {
		g_printerr("tocsind: %s\n", why->message);
		return 2;
	}
	if (path == NULL) {
		g_printerr("tocsind: a settings file is needed: -c FILE\n");
		return 2;
	}
	setup_memory();
	secret_init();
	signal(SIGPIPE, SIG_IGN);
	d.site = ARENA_NEW(a, struct site);
	if (print) {
		const struct conf *c;

		if (!conf_load(a, path, &c, &why)) {
			g_printerr("tocsind: %s\n", why->message);
			return 1;
		}
		conf_print(c, stdout);
		return 0;
	}
	if (!setup_site(a, path, true, !only_check, d.site, &why)) {
		g_printerr("tocsind: %s\n", why->message);
		return 1;
	}
	log_set_level((enum log_level)d.site->conf->site_log_level);
	return only_check ? check(&d) : serve(&d);
}
