/* See listen.h. */
#include "base/base.h"
#include "smtp/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib-unix.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 511 };

static bool
fault_here(GError **err, const char *where)
{
	int e = errno;

	return fault_set(err, FAULT_BUSY, "Cannot listen on %s: %s.", where,
	    g_strerror(e));
}

/* Is the file at this path a socket whose owner is gone? */
static bool
is_stale(const struct sockaddr_un *sun)
{
	struct stat st;
	int fd;
	bool stale;

	if (lstat(sun->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	stale = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) < 0 &&
	    errno == ECONNREFUSED;
	close(fd);
	return stale;
}

static bool
open_unix(struct listener *l, const char *path, GError **err)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd;

	if (g_strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		return fault_set(err, FAULT_INPUT,
		    "%s: the path of a unix socket has at most %zu bytes.",
		    path, sizeof(sun.sun_path) - 1);
	if (is_stale(&sun))
		unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* chmod before listen: nobody can connect in between. */
	if (fd < 0 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0) {
		fault_here(err, path);
		if (fd >= 0)
			close(fd);
		return false;
	}
	l->fd = fd;
	l->local = true;
	l->path = g_strdup(path);
	if (chmod(path, 0660) < 0 || listen(fd, BACKLOG) < 0) {
		fault_here(err, path);
		listen_close(l);
		return false;
	}
	return true;
}

static int
open_tcp(const struct addrinfo *ai)
{
	int one = 1;
	int fd = socket(ai->ai_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, ai->ai_protocol);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) < 0 ||
	    listen(fd, BACKLOG) < 0) {
		int e = errno;

		close(fd);
		errno = e;
		return -1;
	}
	return fd;
}

bool
listen_open(struct listener *l, const char *where, bool lmtp, GError **err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *list = NULL;
	g_autofree char *service = NULL;
	char *host;
	uint16_t port;
	int e;
	ARENA_AUTO(a, "listen");

	*l = (struct listener){.fd = -1, .lmtp = lmtp};
	if (strchr(where, '/') != NULL)
		return open_unix(l, where, err);
	if (!net_parse_endpoint(a, where, &host, &port))
		return fault_set(err, FAULT_INPUT,
		    "%s is neither host:port nor the path of a socket.", where);
	service = g_strdup_printf("%u", port);
	e = getaddrinfo(*host != '\0' ? host : NULL, service, &hints, &list);
	if (e != 0)
		return fault_set(err, FAULT_INPUT, "%s: %s.", where,
		    gai_strerror(e));
	for (struct addrinfo *ai = list; ai != NULL && l->fd < 0;
	     ai = ai->ai_next)
		l->fd = open_tcp(ai);
	e = errno;
	freeaddrinfo(list);
	errno = e;
	return l->fd >= 0 || fault_here(err, where);
}

bool
listen_adopt(struct listener *l, int fd, bool lmtp, GError **err)
{
	struct sockaddr_storage ss = {0};
	socklen_t len = sizeof(ss), int_len = sizeof(int);
	int listening = 0, type = 0;

	if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &int_len) ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &int_len) ||
	    !listening || type != SOCK_STREAM)
		return fault_set(err, FAULT_INPUT,
		    "Descriptor %d is no listening stream socket.", fd);
	*l = (struct listener){.fd = fd, .lmtp = lmtp,
	    .local = ss.ss_family == AF_UNIX};
	return g_unix_set_fd_nonblocking(fd, TRUE, err);
}

void
listen_close(struct listener *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	if (l->path != NULL)
		unlink(l->path);
	g_clear_pointer(&l->path, g_free);
}

uint16_t
listen_port(const struct listener *l)
{
	union {
		struct sockaddr_storage ss;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} u = {0};
	socklen_t len = sizeof(u);

	if (getsockname(l->fd, (struct sockaddr *)&u.ss, &len) < 0)
		return 0;
	if (u.ss.ss_family == AF_INET)
		return ntohs(u.in.sin_port);
	return u.ss.ss_family == AF_INET6 ? ntohs(u.in6.sin6_port) : 0;
}

int
listen_accept(const struct listener *l, struct net *peer)
{
	struct sockaddr_storage ss = {0};
	socklen_t len = sizeof(ss);
	char text[NI_MAXHOST];
	int one = 1;
	int fd = accept4(l->fd, (struct sockaddr *)&ss, &len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0 || l->local)
		return fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	/* Numeric, so it cannot wait for a name server. */
	if (getnameinfo((struct sockaddr *)&ss, len, text, sizeof(text), NULL,
		0, NI_NUMERICHOST) != 0)
		text[0] = '\0';
	text[strcspn(text, "%")] = '\0'; /* the zone of a link-local one */
	if (!net_parse_host(text, peer)) {
		close(fd);
		errno = ECONNABORTED;
		return -1;
	}
	return fd;
}
