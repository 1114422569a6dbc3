/* Is the relay there?  See send.h. */
#include "base/base.h"
#include "mail/send.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static bool
ready(int fd, short events, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = events};
	int why = 0;
	socklen_t n = sizeof(why);

	if (poll(&p, 1, timeout_ms) <= 0) {
		errno = ETIMEDOUT;
		return false;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &n) == 0 && why != 0) {
		errno = why;
		return false;
	}
	return true;
}

static bool
greeted(int fd, int timeout_ms)
{
	char buf[512];
	ssize_t n;

	if (!ready(fd, POLLIN, timeout_ms))
		return false;
	n = recv(fd, buf, sizeof(buf), 0);
	if (n < 4 || memcmp(buf, "220", 3) != 0) {
		errno = ECONNREFUSED;
		return false;
	}
	(void)send(fd, "QUIT\r\n", 6, MSG_NOSIGNAL);
	return true;
}

bool
send_probe(const char *host, uint16_t port, int timeout_ms, GError **err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *all = NULL;
	char service[8];
	int why, last = ECONNREFUSED;
	bool ok = false;

	g_snprintf(service, sizeof(service), "%u", port);
	why = getaddrinfo(host, service, &hints, &all);
	if (why != 0)
		return fault_set(err, FAULT_BUSY,
		    "The relay %s has no address: %s", host,
		    gai_strerror(why));
	for (struct addrinfo *i = all; i != NULL && !ok; i = i->ai_next) {
		int fd = socket(i->ai_family,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		if (fd < 0)
			continue;
		if (connect(fd, i->ai_addr, i->ai_addrlen) == 0 ||
		    (errno == EINPROGRESS && ready(fd, POLLOUT, timeout_ms)))
			ok = greeted(fd, timeout_ms);
		if (!ok)
			last = errno;
		close(fd);
	}
	freeaddrinfo(all);
	return ok ||
	    fault_set(err, FAULT_BUSY, "The relay %s:%u does not answer: %s",
		host, port, g_strerror(last));
}
