/*
 * The SMTP receiver with a memory for an intake: protocol tests and load
 * generators talk to the real thing over real sockets, without a database.
 *
 *	receiver FILE      settings as for tocsind; prints "port N"
 *
 * Orders come on stdin, one a line; an answer ends with a line "."; the end
 * of stdin is the end of the program.
 *	stats              counters, as "key value"
 *	list               "size sha256 bare_cr bare_lf nul trusted client
 *	                   from rcpt[,rcpt...]" for every message so far
 *	forget             empties that list; stops (or starts) keeping it
 *	hold | release     deliver waits | goes on
 *	verdict TEXT       what deliver answers
 *	drain N            "empty 1" or "empty 0"
 */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "smtp/smtpd.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool hold, forgetful;
	GString *list;
	char verdict[200];
} memory = {.lock = PTHREAD_MUTEX_INITIALIZER,
    .changed = PTHREAD_COND_INITIALIZER,
    .verdict = "250 2.0.0 Stored"};

static bool
take_rcpt(void *ctx, struct arena *a, const char *addr, const char **reply)
{
	return text_istarts(addr, "report@") || text_istarts(addr, "abuse@") ||
	    text_istarts(addr, "postmaster@");
}

static void
take_message(void *ctx, struct arena *a, const struct smtp_envelope *env,
    struct blob *body, const char **reply)
{
	const char *sha = "";

	if (!memory.forgetful)
		sha = text_sha256(a, blob_bytes(body), blob_len(body));
	pthread_mutex_lock(&memory.lock);
	while (memory.hold)
		pthread_cond_wait(&memory.changed, &memory.lock);
	if (!memory.forgetful) {
		g_string_append_printf(memory.list,
		    "%zu %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %d %s <%s> ",
		    blob_len(body), sha, env->bare_cr, env->bare_lf, env->nul,
		    env->trusted, env->client, env->from);
		for (size_t i = 0; i < env->n; i++)
			g_string_append_printf(memory.list, "%s%s",
			    i > 0 ? "," : "", env->rcpts[i]);
		g_string_append_c(memory.list, '\n');
	}
	*reply = arena_strdup(a, memory.verdict);
	pthread_mutex_unlock(&memory.lock);
}

static void
print_stats(const struct smtpd *d)
{
	struct smtpd_stats s = smtpd_stats(d);
	struct mallinfo2 m = mallinfo2();

	printf("sessions %" PRId64 "\ninflight %" PRId64
	       "\ndelivering %" PRId64 "\naccepted %" PRId64
	       "\nrefused %" PRId64 "\nturned_away %" PRId64 "\nheap %zu\n",
	    s.sessions, s.inflight, s.delivering, s.accepted, s.refused,
	    s.turned_away, m.uordblks + m.hblkhd);
}

static void
obey(struct smtpd *d, const char *order)
{
	int64_t seconds;

	pthread_mutex_lock(&memory.lock);
	if (strcmp(order, "list") == 0) {
		fputs(memory.list->str, stdout);
	} else if (strcmp(order, "forget") == 0) {
		g_string_truncate(memory.list, 0);
		memory.forgetful = !memory.forgetful;
	} else if (strcmp(order, "hold") == 0 ||
	    strcmp(order, "release") == 0) {
		memory.hold = *order == 'h';
		pthread_cond_broadcast(&memory.changed);
	} else if (g_str_has_prefix(order, "verdict ")) {
		g_strlcpy(memory.verdict, order + 8, sizeof(memory.verdict));
	}
	pthread_mutex_unlock(&memory.lock);
	if (strcmp(order, "stats") == 0)
		print_stats(d);
	else if (g_str_has_prefix(order, "drain ") &&
	    text_int(order + 6, 0, 100, &seconds))
		printf("empty %d\n", smtpd_drain(d, (unsigned)seconds));
	puts(".");
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	static const struct smtpd_ops ops = {.rcpt = take_rcpt,
	    .deliver = take_message};
	g_autoptr(GError) err = NULL;
	const struct conf *conf;
	struct smtpd *d;
	char order[300];
	ARENA_AUTO(a, "receiver");

	memory.list = g_string_new(NULL);
	if (argc != 2 || !conf_load(a, argv[1], &conf, &err) ||
	    (d = smtpd_new(conf, &ops, &err)) == NULL) {
		fprintf(stderr, "receiver: %s\n",
		    err != NULL ? err->message : "usage: receiver FILE");
		return 1;
	}
	log_set_level((enum log_level)conf->site_log_level);
	smtpd_start(d);
	printf("port %u\n", smtpd_port(d, 0));
	fflush(stdout);
	while (fgets(order, sizeof(order), stdin) != NULL) {
		order[strcspn(order, "\n")] = '\0';
		obey(d, order);
	}
	smtpd_free(d);
	g_string_free(memory.list, TRUE);
	return 0;
}
