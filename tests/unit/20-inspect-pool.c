/*
 * The parser children: killed at rest, killed at work, out of time, out of
 * memory; several threads at once.
 */
#include "base/base.h"
#include "base/conf.h"
#include "base/when.h"
#include "inspect/process/child.h"
#include "inspect/process/pool.h"
#include "inspect/recognise/recognise.h"
#include "unit.h"

#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static const char small[] = "From: a@b.example\r\nSubject: scan from "
    "192.0.2.7\r\nContent-Type: text/plain\r\n\r\n192.0.2.7 scans us.\r\n";

static const struct conf *
settings(struct arena *a, int children, int wall, int cpu, int64_t memory)
{
	const struct conf *dflt;
	struct conf *c;

	assert_true(conf_load(a, NULL, &dflt, NULL));
	c = arena_memdup(a, dflt, sizeof(*dflt));
	c->parser_children = children;
	c->parser_wall = wall;
	c->parser_cpu = cpu;
	c->parser_memory = memory;
	return c;
}

/* The first child of ours that is a parser; 0 without. */
static pid_t
a_child(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	pid_t found = 0;

	while (found == 0 && (e = readdir(d)) != NULL) {
		char path[64], line[512] = "";
		int pid, ppid;
		FILE *f;

		if (sscanf(e->d_name, "%d", &pid) != 1)
			continue;
		g_snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		f = fopen(path, "re");
		if (f == NULL)
			continue;
		if (fgets(line, sizeof(line), f) != NULL &&
		    strrchr(line, ')') != NULL &&
		    sscanf(strrchr(line, ')') + 1, " %*c %d", &ppid) == 1 &&
		    ppid == getpid())
			found = pid;
		fclose(f);
	}
	closedir(d);
	return found;
}

static bool
understands(struct pool *p, const char *bytes, size_t n, GError **err)
{
	ARENA_AUTO(a, "message");
	struct inspection in;

	if (!pool_inspect(p, a, blob_of(a, bytes, n), &in, err))
		return false;
	assert_int_equal(in.size, n);
	if (bytes == small) {
		assert_string_equal(in.format, "plain");
		assert_int_equal(in.events.n, 1);
		assert_string_equal(LIST_AT(inspect_event, in.events, 0)
		    ->source_ip, "192.0.2.7");
	}
	return true;
}

/* libxml2 behind the walls: what it needs was made before they rose. */
static void
test_xml_in_the_child(void **state)
{
	static const char notice[] = "From: a@b.example\r\nContent-Type: "
	    "application/xml\r\n\r\n<?xml version=\"1.0\"?>\r\n"
	    "<Infringement xmlns=\"http://www.acns.net/ACNS\"><Source>"
	    "<IP_Address>192.0.2.7</IP_Address></Source></Infringement>\r\n";
	ARENA_AUTO(a, "test");
	struct inspection in;
	struct pool *p;

	assert_true(pool_new(settings(a, 1, 30, 10, 536870912), NULL, &p,
	    NULL));
	for (int i = 0; i < 2; i++) {
		assert_true(pool_inspect(p, a, blob_of(a, notice,
		    strlen(notice)), &in, NULL));
		assert_string_equal(in.format, "acns");
		assert_int_equal(in.events.n, 1);
		assert_int_equal(in.defects.n, 0);
	}
	pool_free(p);
}

static int
processors_of(pid_t pid)
{
	cpu_set_t set;

	assert_int_equal(sched_getaffinity(pid, sizeof(set), &set), 0);
	return CPU_COUNT(&set);
}

/* While the one works the other waits, so they share a processor; a large
 * message is read wherever there is room, and nobody is held afterwards. */
static void
test_thread_and_child_share_a_processor(void **state)
{
	enum { LARGE = CHILD_INLINE_MAX + 1 };
	ARENA_AUTO(a, "test");
	char *large = arena_alloc(a, LARGE);
	int all = processors_of(0);
	struct pool *p;

	memset(large, 'x', LARGE);
	assert_true(pool_new(settings(a, 1, 30, 10, 536870912), NULL, &p,
	    NULL));
	assert_int_equal(processors_of(a_child()), all);
	for (int i = 0; i < 2; i++) {
		assert_true(understands(p, small, sizeof(small) - 1, NULL));
		assert_int_equal(processors_of(0), all);
		assert_int_equal(processors_of(a_child()), 1);
		assert_true(understands(p, large, LARGE, NULL));
		assert_int_equal(processors_of(0), all);
		assert_int_equal(processors_of(a_child()), all);
	}
	/* one that is started while somebody asks is free, too */
	assert_true(understands(p, small, sizeof(small) - 1, NULL));
	assert_int_equal(kill(a_child(), SIGKILL), 0);
	g_usleep(100000);
	assert_true(understands(p, large, LARGE, NULL));
	assert_int_equal(processors_of(a_child()), all);
	pool_free(p);
}

/* Who takes a message from a socket wakes whoever waits at its other end:
 * on one socket for both ways each message woke each side once for nothing. */
static void
test_nobody_is_woken_for_nothing(void **state)
{
	enum { MESSAGES = 200 };
	ARENA_AUTO(a, "test");
	struct rusage before, after;
	struct pool *p;

	assert_true(pool_new(settings(a, 1, 30, 10, 536870912), NULL, &p,
	    NULL));
	assert_true(understands(p, small, strlen(small), NULL));
	getrusage(RUSAGE_THREAD, &before);
	for (int i = 0; i < MESSAGES; i++)
		assert_true(understands(p, small, strlen(small), NULL));
	getrusage(RUSAGE_THREAD, &after);
	assert_in_range(after.ru_nvcsw - before.ru_nvcsw, 0,
	    MESSAGES * 5 / 4);
	pool_free(p);
}

static void
test_works(void **state)
{
	ARENA_AUTO(a, "test");
	struct pool *p;

	assert_true(pool_new(settings(a, 2, 30, 10, 536870912), NULL, &p,
	    NULL));
	assert_true(pool_ready(p));
	for (int i = 0; i < 20; i++)
		assert_true(understands(p, small, strlen(small), NULL));
	assert_true(pool_ready(p));
	pool_free(p);
	assert_int_equal(a_child(), 0);
}

/* Over the socket, read from a file, mapped: whichever way the length takes
 * a message, the child reads the same bytes as we do. */
static void
test_every_length_arrives_whole(void **state)
{
	static const size_t lengths[] = {0, 1, 100, CHILD_INLINE_MAX - 1,
	    CHILD_INLINE_MAX, CHILD_INLINE_MAX + 1, 65536, 65537, 300000};
	ARENA_AUTO(a, "test");
	const struct conf *c = settings(a, 1, 30, 10, 536870912);
	struct inspection in, here;
	struct pool *p;

	assert_true(pool_new(c, NULL, &p, NULL));
	/* (a child that grew is replaced, and under a sanitizer it grows) */
	for (size_t i = 0; i < 2 * COUNT_OF(lengths); i++) {
		size_t n = lengths[i * 5 % COUNT_OF(lengths)];
		char *bytes = arena_alloc(a, n + 100);

		/* no two alike, so that nothing of the last one is left */
		for (size_t at = 0; at < n; at += strlen(bytes + at))
			g_snprintf(bytes + at, 100, "%s%zu of %zu, 192.0.2.7\r\n",
			    at == 0 ? "Subject: x\r\n\r\n" : "", at, i);
		assert_true(pool_inspect(p, a, blob_of(a, bytes, n), &in,
		    NULL));
		inspect_message(a, c, NULL, bytes, n, false, &here);
		assert_int_equal(in.size, n);
		assert_string_equal(in.sha256, here.sha256);
		assert_string_equal(in.text, here.text);
	}
	pool_free(p);
}

static void
test_killed_at_rest(void **state)
{
	ARENA_AUTO(a, "test");
	struct pool *p;

	assert_true(pool_new(settings(a, 1, 30, 10, 536870912), NULL, &p,
	    NULL));
	assert_true(understands(p, small, strlen(small), NULL));
	kill(a_child(), SIGKILL);
	g_usleep(50000);
	assert_true(understands(p, small, strlen(small), NULL));
	kill(a_child(), SIGKILL);
	g_usleep(50000);
	assert_true(pool_ready(p));
	pool_free(p);
}

static gpointer
kill_soon(gpointer data)
{
	g_usleep(100000);
	kill((pid_t)GPOINTER_TO_INT(data), SIGKILL);
	return NULL;
}

/* A stopped child is one that hangs; killed, one that crashed. */
static void
test_hangs_and_crashes(void **state)
{
	ARENA_AUTO(a, "test");
	g_autoptr(GError) err = NULL;
	struct pool *p;
	int64_t start;
	GThread *t;
	pid_t pid;

	assert_true(pool_new(settings(a, 1, 1, 10, 536870912), NULL, &p,
	    NULL));
	assert_true(understands(p, small, strlen(small), NULL));
	pid = a_child();
	kill(pid, SIGSTOP);
	start = when_ticks();
	assert_false(understands(p, small, strlen(small), &err));
	assert_true(fault_is(err, FAULT_BUG));
	assert_in_range(when_ticks() - start, 900000, 5000000);
	g_clear_error(&err);
	assert_true(understands(p, small, strlen(small), NULL));

	pid = a_child();
	kill(pid, SIGSTOP);
	t = g_thread_new("kill", kill_soon, GINT_TO_POINTER(pid));
	assert_false(understands(p, small, strlen(small), &err));
	assert_true(fault_is(err, FAULT_BUG));
	g_thread_join(t);
	assert_true(understands(p, small, strlen(small), NULL));
	pool_free(p);
}

/* A mail that needs more than it may: the next one is read all the same. */
static void
test_out_of_memory(void **state)
{
#ifndef __SANITIZE_ADDRESS__
	static const char head[] = "From: a@b.example\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n";
	ARENA_AUTO(a, "test");
	g_autoptr(GError) err = NULL;
	size_t n = 60 * 1024 * 1024;
	char *big = g_malloc(n);
	struct pool *p;

	memset(big, 'A', n);
	memcpy(big, head, strlen(head));
	for (size_t i = 1000; i + 2 < n; i += 78)
		memcpy(big + i, "\r\n", 2);
	assert_true(pool_new(settings(a, 1, 60, 20, 100663296), NULL, &p,
	    NULL));
	assert_false(understands(p, big, n, &err));
	assert_true(fault_is(err, FAULT_BUG));
	assert_true(understands(p, small, strlen(small), NULL));
	pool_free(p);
	g_free(big);
#endif
}

/* Boundaries and lines that look like them: slow on purpose. */
static void
test_out_of_time(void **state)
{
	ARENA_AUTO(a, "test");
	g_autoptr(GError) err = NULL;
	GString *s = g_string_new("From: a@b.example\r\n");
	struct pool *p;

	for (int i = 0; i < 190; i++)
		g_string_append_printf(s, "X: boundary=%0100d%d\r\n", 0, i);
	g_string_append(s, "\r\n");
	while (s->len < 90 * 1024 * 1024)
		g_string_append_printf(s, "--%0100d\r\n", 0);
	assert_true(pool_new(settings(a, 1, 60, 1, 1073741824), NULL, &p,
	    NULL));
	if (!understands(p, s->str, s->len, &err))
		assert_true(fault_is(err, FAULT_BUG));
	assert_true(understands(p, small, strlen(small), NULL));
	pool_free(p);
	g_string_free(s, TRUE);
}

static gpointer
reader(gpointer data)
{
	for (int i = 0; i < 25; i++)
		assert_true(understands(data, small, strlen(small), NULL));
	return NULL;
}

static void
test_threads(void **state)
{
	ARENA_AUTO(a, "test");
	GThread *t[6];
	struct pool *p;

	assert_true(pool_new(settings(a, 2, 30, 10, 536870912), NULL, &p,
	    NULL));
	for (size_t i = 0; i < COUNT_OF(t); i++)
		t[i] = g_thread_new("reader", reader, p);
	for (size_t i = 0; i < COUNT_OF(t); i++)
		g_thread_join(t[i]);
	pool_free(p);
}

/* Which recogniser the pool's children know a mail by. */
static const char *
recognised(struct pool *p, struct arena *a)
{
	static const char mail[] = "From: x@spamhaus.org\r\n"
	    "Subject: SBL Notify\r\n\r\nIP/cidr: 192.0.2.0/28\r\n";
	struct inspection in;

	assert_true(pool_inspect(p, a, blob_of(a, mail, strlen(mail)), &in,
	    NULL));
	return in.recognised;
}

/* New recognisers are in force with the next message. */
static void
test_recognisers(void **state)
{
	ARENA_AUTO(a, "test");
	const struct recognisers *known;
	struct pool *p;

	(void)state;
	assert_true(recognise_load(a, SRCDIR "/templates/recognise", NULL,
	    &known, NULL));
	assert_true(pool_new(settings(a, 1, 30, 10, 536870912), NULL, &p,
	    NULL));
	assert_null(recognised(p, a));
	assert_true(pool_know(p, known, NULL));
	assert_string_equal(recognised(p, a), "spamhaus");
	assert_string_equal(recognised(p, a), "spamhaus");
	assert_true(pool_know(p, NULL, NULL));
	assert_null(recognised(p, a));
	pool_free(p);
	assert_int_equal(a_child(), 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_works),
	    cmocka_unit_test(test_thread_and_child_share_a_processor),
	    cmocka_unit_test(test_nobody_is_woken_for_nothing),
	    cmocka_unit_test(test_xml_in_the_child),
	    cmocka_unit_test(test_every_length_arrives_whole),
	    cmocka_unit_test(test_killed_at_rest),
	    cmocka_unit_test(test_hangs_and_crashes),
	    cmocka_unit_test(test_out_of_memory),
	    cmocka_unit_test(test_out_of_time),
	    cmocka_unit_test(test_threads),
	    cmocka_unit_test(test_recognisers),
	};
	int code;

	if (pool_child_main(argc, argv, &code))
		return code;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
