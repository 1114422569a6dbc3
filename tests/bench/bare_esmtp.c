/*
 * The reference of the fan-out: libESMTP and nothing else.  Each thread sends
 * its part of N mails of 4 kB, one recipient each with headers of its own
 * before a body that all share, M messages a session, with the stall of the
 * library removed (NODELAY and QUICKACK).  No database, no ledger.
 *
 *	bare_esmtp PORT THREADS M N BYTES -> sent seconds cpu_seconds
 */
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <libesmtp.h>

enum { THREADS_MAX = 64 };

static int (*real_connect)(int, const struct sockaddr *, socklen_t);
static ssize_t (*real_read)(int, void *, size_t);
static __thread int sock = -1;

static void
find(void *to, const char *name)
{
	void *p = dlsym(RTLD_NEXT, name);

	memcpy(to, &p, sizeof(p));
}

int
connect(int fd, __CONST_SOCKADDR_ARG addr, socklen_t len)
{
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	sock = fd;
	return real_connect(fd, addr.__sockaddr__, len);
}

ssize_t
read(int fd, void *buf, size_t n)
{
	ssize_t got = real_read(fd, buf, n);
	int on = 1;

	if (fd == sock)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on,
		    sizeof(on));
	return got;
}

static char server[32], *body;
static int messages;

struct mail {
	char head[600];
	int at; /* 0 head, 1 body, 2 end */
};

struct thread {
	pthread_t id;
	int first, n, sent;
};

static const char *
give(void **ctx, int *len, void *arg)
{
	struct mail *m = arg;

	(void)ctx;
	errno = 0;
	if (len == NULL) {
		m->at = 0;
		return NULL;
	}
	switch (m->at++) {
	case 0:
		*len = (int)strlen(m->head);
		return m->head;
	case 1:
		*len = (int)strlen(body);
		return body;
	}
	*len = 0;
	return NULL;
}

static int
session(int first, int n)
{
	smtp_session_t s = smtp_create_session();
	smtp_recipient_t *to = calloc((size_t)n, sizeof(*to));
	struct mail *mails = calloc((size_t)n, sizeof(*mails));
	int sent = 0;

	smtp_set_server(s, server);
	smtp_set_hostname(s, "bench.tocsin.example");
	for (int i = 0; i < n; i++) {
		smtp_message_t m = smtp_add_message(s);
		char from[100], addr[100];
		int k = first + i;

		snprintf(from, sizeof(from),
		    "bounce+d%d-abcdefghijklmnop@tocsin.example", k);
		snprintf(addr, sizeof(addr), "u%d@x.example", k);
		snprintf(mails[i].head, sizeof(mails[i].head),
		    "To: %s\r\nMessage-ID: <d%d-abcdefghijklmnop@tocsin."
		    "example>\r\nList-Unsubscribe: <http://127.0.0.1:8080/"
		    "unsubscribe/s%d-abcdefghijklmnop>,\r\n <mailto:leave+s%d"
		    "-abcdefghijklmnop@tocsin.example?subject=unsubscribe>\r\n"
		    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
		    "List-Id: Advisories <advisories.tocsin.example>\r\n",
		    addr, k, k, k);
		smtp_set_reverse_path(m, from);
		smtp_set_messagecb(m, give, &mails[i]);
		to[i] = smtp_add_recipient(m, addr);
	}
	if (!smtp_start_session(s)) {
		char why[200];

		fprintf(stderr, "%s\n", smtp_strerror(smtp_errno(), why,
		    sizeof(why)));
	}
	for (int i = 0; i < n; i++)
		sent += smtp_recipient_check_complete(to[i]) != 0;
	smtp_destroy_session(s);
	free(mails);
	free(to);
	return sent;
}

static void *
work(void *arg)
{
	struct thread *t = arg;

	for (int i = 0; i < t->n; i += messages)
		t->sent += session(t->first + i,
		    t->n - i < messages ? t->n - i : messages);
	return NULL;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
cpu(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
	    (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static void
make_body(size_t bytes)
{
	static const char head[] =
	    "From: Tocsin CSIRT <report@tocsin.example>\r\nSubject: bench\r\n"
	    "Date: Mon, 23 Nov 2026 04:10:00 +0000\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n\r\n";
	static const char line[] =
	    "One more line of an advisory that is long enough to matter.\r\n";
	size_t n = sizeof(head) - 1;

	body = malloc(bytes + sizeof(head) + sizeof(line));
	memcpy(body, head, n);
	while (n < bytes) {
		memcpy(body + n, line, sizeof(line) - 1);
		n += sizeof(line) - 1;
	}
	body[n] = '\0';
}

int
main(int argc, char **argv)
{
	struct thread t[THREADS_MAX] = {{0}};
	int threads, n, sent;
	double start, used;

	if (argc != 6) {
		fprintf(stderr, "usage: bare_esmtp PORT THREADS M N BYTES\n");
		return 2;
	}
	find(&real_connect, "connect");
	find(&real_read, "read");
	signal(SIGPIPE, SIG_IGN);
	snprintf(server, sizeof(server), "127.0.0.1:%s", argv[1]);
	threads = (int)strtol(argv[2], NULL, 10);
	messages = (int)strtol(argv[3], NULL, 10);
	n = (int)strtol(argv[4], NULL, 10);
	make_body((size_t)strtol(argv[5], NULL, 10));
	if (threads < 1 || threads > THREADS_MAX || messages < 1)
		return 2;
	sent = session(0, 1) - 1; /* fills its lazy tables, before threads */
	start = now();
	used = cpu();
	for (int i = 0; i < threads; i++) {
		t[i].first = n / threads * i;
		t[i].n = i == threads - 1 ? n - t[i].first : n / threads;
		pthread_create(&t[i].id, NULL, work, &t[i]);
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(t[i].id, NULL);
		sent += t[i].sent;
	}
	printf("%d %.6f %.6f\n", sent, now() - start, cpu() - used);
	free(body);
	return sent == n ? 0 : 1;
}
