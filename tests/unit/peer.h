/* tests/live/fakesmtp.py, the peer that fails on command, for one test. */
#ifndef TESTS_UNIT_PEER_H
#define TESTS_UNIT_PEER_H

#include "base/base.h"
#include "unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAKE SRCDIR "/tests/live/fakesmtp.py"

struct peer {
	GPid pid;
	char log[64];
	int64_t port;
};

/* The options may be NULL. */
static inline void
peer_start(struct peer *p, const char *option, const char *more)
{
	const char *argv[] = {"/usr/bin/python3", FAKE, "--log", p->log,
	    option, option != NULL ? more : NULL, NULL};
	g_autoptr(GError) err = NULL;
	gint out;
	char line[32] = "";
	int fd;

	g_strlcpy(p->log, "/tmp/tocsin-send-XXXXXX", sizeof(p->log));
	fd = g_mkstemp(p->log);
	assert_true(fd >= 0);
	close(fd);
	if (!g_spawn_async_with_pipes(NULL, (char **)argv, NULL,
		G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &p->pid, NULL, &out,
		NULL, &err))
		fail_msg("%s", err->message);
	assert_true(read(out, line, sizeof(line) - 1) > 0);
	close(out);
	p->port = g_ascii_strtoll(line, NULL, 10);
	assert_true(p->port > 0);
}

/* What the peer kept, as lines of JSON. */
static inline char *
peer_stop(struct peer *p)
{
	char *text = NULL;

	kill(p->pid, SIGTERM);
	waitpid(p->pid, NULL, 0);
	assert_true(g_file_get_contents(p->log, &text, NULL, NULL));
	unlink(p->log);
	return text;
}

#endif
