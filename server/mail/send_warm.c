/* The peer of the first session (send_init): see send.h. */
#include "base/base.h"
#include "mail/send_priv.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PEER_WAIT = 5 }; /* seconds; a session takes a millisecond */

struct send_peer {
	int fd;
	GThread *thread;
};

static void
say(int fd, const char *s)
{
	ssize_t done = send(fd, s, strlen(s), MSG_NOSIGNAL);

	(void)done;
}

static gpointer
serve(gpointer arg)
{
	struct send_peer *p = arg;
	struct timeval wait = {.tv_sec = PEER_WAIT};
	int fd = accept(p->fd, NULL, NULL);
	char buf[2048];
	bool data = false;
	ssize_t n;

	if (fd < 0)
		return NULL;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	say(fd, "220 warm ESMTP\r\n");
	/* Every command of libESMTP is a write of its own here, for nothing
	 * but this is offered. */
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		if (data) {
			data = n < 3 || memcmp(buf + n - 3, ".\r\n", 3) != 0;
			if (!data)
				say(fd, "250 2.0.0 warm\r\n");
		} else if (g_ascii_strncasecmp(buf, "EHLO", 4) == 0) {
			say(fd, "250-warm\r\n250-CHUNKING\r\n"
				"250 ENHANCEDSTATUSCODES\r\n");
		} else if (g_ascii_strncasecmp(buf, "DATA", 4) == 0) {
			data = true;
			say(fd, "354 go on\r\n");
		} else if (g_ascii_strncasecmp(buf, "QUIT", 4) == 0) {
			say(fd, "221 2.0.0 bye\r\n");
			break;
		} else {
			say(fd, "250 2.0.0 ok\r\n");
		}
	}
	close(fd);
	return NULL;
}

bool
send_peer_start(struct send_peer **out, uint16_t *port, GError **err)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sin);
	struct send_peer *p;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, len) != 0 ||
	    listen(fd, 1) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) != 0) {
		if (fd >= 0)
			close(fd);
		return fault_set(err, FAULT_BUSY,
		    "There is no loopback socket to be had.");
	}
	p = g_new0(struct send_peer, 1);
	p->fd = fd;
	p->thread = g_thread_new("send-warm", serve, p);
	*port = ntohs(sin.sin_port);
	*out = p;
	return true;
}

void
send_peer_stop(struct send_peer *p)
{
	/* Wakes an accept that nobody came to. */
	(void)shutdown(p->fd, SHUT_RDWR);
	g_thread_join(p->thread);
	close(p->fd);
	g_free(p);
}
