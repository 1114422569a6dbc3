/*
 * bench_smtp PORT CONNECTIONS SECONDS FIRST MARK FILE: sends the message in
 * FILE over and over, on so many connections at once, the eight characters
 * MARK in it (and in the sender's address) replaced by another number each
 * time, counted from FIRST.  SECONDS 0: one message a connection, a 4xx is
 * tried again.  Prints the number of messages answered 250, the seconds, the
 * number of tries put off, and the messages a second.
 *
 * smtp-source is no help here: all its messages have one Message-ID, which
 * makes each but the first a duplicate.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "load.h"

enum { CONNECTIONS_MAX = 256, RETRY_US = 200 * 1000, SESSION_MESSAGES = 500 };

static struct {
	int port, connections;
	double end; /* 0: one message a connection */
	char *message;
	size_t len;
	const char *mark;
	atomic_ullong next;
	atomic_long taken, later;
} run;

struct peer {
	int fd;
	size_t have;
	char buf[4096];
	char said[200]; /* the last reply */
};

static void
peer_open(struct peer *p)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)run.port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int one = 1;

	p->have = 0;
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (p->fd < 0 ||
	    connect(p->fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		err(1, "connect");
	setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static void
peer_write(struct peer *p, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(p->fd, bytes, len);

		if (n < 0)
			err(1, "write");
		bytes += n;
		len -= (size_t)n;
	}
}

/* The code of the next reply. */
static int
peer_reply(struct peer *p)
{
	for (;;) {
		char *nl = memchr(p->buf, '\n', p->have);
		size_t line;
		int code;
		bool last;
		ssize_t n;

		if (nl == NULL) {
			n = read(p->fd, p->buf + p->have,
			    sizeof(p->buf) - p->have);
			if (n <= 0)
				errx(1, "the server hung up after \"%s\"",
				    p->said);
			p->have += (size_t)n;
			continue;
		}
		line = (size_t)(nl - p->buf) + 1;
		code = atoi(p->buf);
		last = p->buf[3] != '-';
		snprintf(p->said, sizeof(p->said), "%.*s", (int)line - 1,
		    p->buf);
		memmove(p->buf, p->buf + line, p->have - line);
		p->have -= line;
		if (last)
			return code;
	}
}

/* MAIL, RCPT and DATA in one write (RFC 2920), then the body in one. */
static bool
give(struct peer *p, const struct patched *body, const char *mark)
{
	char head[200];
	int n = snprintf(head, sizeof(head),
	    "MAIL FROM:<ops%s@isp.example> SIZE=%zu\r\n"
	    "RCPT TO:<report@tocsin.example>\r\nDATA\r\n",
	    mark, body->len);
	int mail, rcpt, data;

	peer_write(p, head, (size_t)n);
	mail = peer_reply(p);
	rcpt = peer_reply(p);
	data = peer_reply(p);
	/* After a MAIL that was put off the other two are out of order. */
	if (mail / 100 == 4 || rcpt / 100 == 4)
		return false;
	if (mail == 250 && rcpt == 250 && data == 354) {
		peer_write(p, body->bytes, body->len);
		data = peer_reply(p);
	}
	if (data / 100 == 5)
		errx(1, "%s", p->said);
	return data == 250;
}

static void
greet(struct peer *p)
{
	static const char ehlo[] = "EHLO client.example\r\n";

	peer_open(p);
	peer_reply(p);
	peer_write(p, ehlo, sizeof(ehlo) - 1);
	peer_reply(p);
}

static void *
connection(void *arg)
{
	struct patched body;
	char *copy = malloc(run.len);
	struct peer p;
	char mark[MARK_CHARS + 1];
	int sent = 0;

	if (copy == NULL)
		err(1, "memory");
	memcpy(copy, run.message, run.len);
	patched_init(&body, copy, run.len, run.mark);
	greet(&p);
	do {
		uint64_t n = atomic_fetch_add(&run.next, 1);

		if (n == 0)
			memcpy(mark, run.mark, sizeof(mark));
		else
			mark_of(n, mark);
		patched_set(&body, mark);
		while (!give(&p, &body, mark)) {
			/* As an MTA does: it comes again another time. */
			atomic_fetch_add(&run.later, 1);
			close(p.fd);
			usleep(RETRY_US);
			greet(&p);
		}
		atomic_fetch_add(&run.taken, 1);
		if (++sent % SESSION_MESSAGES == 0) {
			close(p.fd);
			greet(&p);
		}
	} while (now() < run.end);
	peer_write(&p, "QUIT\r\n", 6);
	close(p.fd);
	free(copy);
	return arg;
}

/* With its end, and what starts with a dot stuffed. */
static void
load_message(const char *path)
{
	size_t len, n = 0;
	char *p = slurp(path, &len);
	char *out = malloc(len * 2 + 6);

	if (out == NULL)
		err(2, "memory");
	for (size_t i = 0; i < len; i++) {
		if (p[i] == '.' && (i == 0 || p[i - 1] == '\n'))
			out[n++] = '.';
		out[n++] = p[i];
	}
	memcpy(out + n, ".\r\n", 3);
	run.message = out;
	run.len = n + 3;
	free(p);
}

int
main(int argc, char **argv)
{
	pthread_t threads[CONNECTIONS_MAX];
	double began, took;

	if (argc != 7 || strlen(argv[5]) != MARK_CHARS)
		errx(2, "usage: bench_smtp PORT CONNECTIONS SECONDS FIRST "
			"MARK FILE");
	run.port = atoi(argv[1]);
	run.connections = atoi(argv[2]);
	atomic_store(&run.next, strtoull(argv[4], NULL, 10));
	run.mark = argv[5];
	load_message(argv[6]);
	if (run.connections < 1 || run.connections > CONNECTIONS_MAX)
		errx(2, "1 to %d connections", CONNECTIONS_MAX);
	began = now();
	run.end = atof(argv[3]) > 0 ? began + atof(argv[3]) : 0;
	for (int i = 0; i < run.connections; i++)
		if (pthread_create(&threads[i], NULL, connection, NULL) != 0)
			errx(1, "no thread");
	for (int i = 0; i < run.connections; i++)
		pthread_join(threads[i], NULL);
	took = now() - began;
	printf("%ld %.3f %ld %.1f\n", atomic_load(&run.taken), took,
	    atomic_load(&run.later), (double)atomic_load(&run.taken) / took);
	return 0;
}
