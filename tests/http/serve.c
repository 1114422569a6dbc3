/*
 * The web server alone: migrates, makes three people and a token, serves.
 *
 *	serve FILE.conf
 *
 * Prints `port N`, `token VIEWER ...`, and stops at SIGTERM.  For the tests
 * of the pages; the daemon is server/main/tocsind.c.
 */
#include "base/base.h"
#include "base/log.h"
#include "core/account.h"
#include "db/migrate.h"
#include "http/httpd.h"
#include "http/view.h"

#include <signal.h>
#include <stdio.h>

static const struct actor admin = {.name = "test"};

static bool
people(struct db *db, struct arena *a, GError **err)
{
	static const struct {
		const char *name;
		enum role role;
	} all[] = {{"viewer", ROLE_VIEWER}, {"analyst", ROLE_ANALYST},
		{"second", ROLE_ANALYST}, {"lead", ROLE_LEAD},
		{"admin", ROLE_ADMIN}};
	struct list have;

	if (!account_list(db, a, &have, err))
		return false;
	if (have.n > 0)
		return true;
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		const char *token;

		if (!account_add(db, &admin,
			arena_printf(a, "%s@tocsin.example", all[i].name),
			all[i].name, all[i].role, "tocsin-demo", err) ||
		    !account_token_add(db, a, &admin,
			arena_printf(a, "t-%s", all[i].name), all[i].role,
			&token, err))
			return false;
		printf("token %s %s\n", all[i].name, token);
	}
	return true;
}

static bool
prepare(const struct conf *c, struct arena *a, GError **err)
{
	struct db *db = db_open(c, "test");
	int n;
	bool ok = migrate_run(db, &n, err) && people(db, a, err);

	db_close(db);
	return ok;
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new("serve");
	struct site site = {0};
	struct tmpl_set *tmpl = NULL;
	struct httpd *h = NULL;
	g_autoptr(GError) err = NULL;
	sigset_t set;
	int sig;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	secret_init();
	memset(&site.key, 5, sizeof(site.key));
	if (!conf_load(a, argc > 1 ? argv[1] : NULL, &site.conf, &err) ||
	    !calendar_load(a, site.conf->desk_hours,
		SRCDIR "/templates/calendar", NULL, &site.calendar, &err) ||
	    !prepare(site.conf, a, &err) ||
	    (tmpl = tmpl_load(argc > 2 ? argv[2] : SRCDIR "/templates", NULL,
		 views_all, &err)) == NULL) {
		fprintf(stderr, "%s\n", err->message);
		return 1;
	}
	log_set_level((enum log_level)site.conf->site_log_level);
	site.tmpl = tmpl;
	if (!httpd_start(&site, NULL, &h, &err)) {
		fprintf(stderr, "%s\n", err->message);
		return 1;
	}
	printf("port %u\n", httpd_port(h));
	fflush(stdout);
	sigwait(&set, &sig);
	httpd_stop(h);
	tmpl_free(tmpl);
	arena_free(a);
	return 0;
}
