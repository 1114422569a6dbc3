/* See wire.h. */

/* The checked inline read() of glibc would be in the way of our own. */
#undef _FORTIFY_SOURCE

#include "base/base.h"
#include "mail/send.h"
#include "mail/wire.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* The session of this thread, if one runs. */
static __thread struct wire *wire_now;

/* libc's own, found once, before main() and so before any thread. */
static int (*real_connect)(int, const struct sockaddr *, socklen_t);
static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_write)(int, const void *, size_t);

static void
find(void *to, const char *name)
{
	void *p = dlsym(RTLD_NEXT, name);

	/* ISO C has no cast from object to function pointer; POSIX has. */
	memcpy(to, &p, sizeof(p));
}

__attribute__((constructor)) static void
wire_resolve(void)
{
	if (real_read != NULL)
		return;
	find(&real_connect, "connect");
	find(&real_write, "write");
	find(&real_read, "read");
}

void
wire_begin(struct wire *w, int timeout_ms, bool starttls,
    struct send_line *line)
{
	g_assert(wire_now == NULL);
	*w = (struct wire){.fd = -1, .timeout_ms = timeout_ms,
	    .starttls = starttls, .line = line};
	wire_now = w;
}

/* libESMTP closes its descriptor when it likes, and the number may be
 * somebody else's a moment later: the line has one of its own. */
static bool
line_open(struct send_line *l, int fd)
{
	bool ok;

	if (l == NULL)
		return true;
	g_mutex_lock(&l->lock);
	if (l->fd >= 0)
		close(l->fd);
	l->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	ok = !l->cut;
	g_mutex_unlock(&l->lock);
	return ok;
}

static void
line_close(struct send_line *l)
{
	if (l == NULL)
		return;
	g_mutex_lock(&l->lock);
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	g_mutex_unlock(&l->lock);
}

void
send_line_init(struct send_line *l)
{
	*l = (struct send_line){.fd = -1};
	g_mutex_init(&l->lock);
}

void
send_line_clear(struct send_line *l)
{
	line_close(l);
	g_mutex_clear(&l->lock);
}

void
send_cut(struct send_line *l)
{
	g_mutex_lock(&l->lock);
	l->cut = true;
	if (l->fd >= 0)
		(void)shutdown(l->fd, SHUT_RDWR);
	g_mutex_unlock(&l->lock);
}

void
wire_end(void)
{
	line_close(wire_now->line);
	wire_now = NULL;
}

void
wire_hang_up(struct wire *w)
{
	static const char quit[] = "QUIT\r\n";

	if (w->fd < 0 || w->broken)
		return;
	if (!w->tls)
		(void)send(w->fd, quit, sizeof(quit) - 1,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	w->broken = true;
	(void)shutdown(w->fd, SHUT_RDWR);
}

static bool
is_tcp(int fd)
{
	int type = 0, domain = 0;
	socklen_t n = sizeof(type), d = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 &&
	    type == SOCK_STREAM &&
	    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &d) == 0 &&
	    (domain == AF_INET || domain == AF_INET6);
}

static int
wait_for(int fd, short events, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = events};
	int n;

	do
		n = poll(&p, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		errno = ETIMEDOUT;
	return n > 0 ? 0 : -1;
}

static int
wire_connect(struct wire *w, int fd, const struct sockaddr *addr,
    socklen_t len)
{
	int on = 1, why = 0, flags = fcntl(fd, F_GETFL);
	socklen_t n = sizeof(why);

	w->connects++;
	if (!line_open(w->line, fd)) {
		errno = ECANCELED;
		return -1;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	if (real_connect(fd, addr, len) != 0) {
		if (errno != EINPROGRESS ||
		    wait_for(fd, POLLOUT, w->timeout_ms) != 0)
			return -1;
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &n) != 0)
			return -1;
		if (why != 0) {
			errno = why;
			return -1;
		}
	}
	/* (libESMTP makes it non-blocking itself.) */
	(void)fcntl(fd, F_SETFL, flags);
	w->fd = fd;
	return 0;
}

int
connect(int fd, __CONST_SOCKADDR_ARG addr, socklen_t len)
{
	struct wire *w = wire_now;

	if (real_connect == NULL)
		wire_resolve();
	/* Once connected, a connect() in this thread is somebody else's: the
	 * database's, from a callback. */
	if (w == NULL || w->fd >= 0 || !is_tcp(fd))
		return real_connect(fd, addr.__sockaddr__, len);
	return wire_connect(w, fd, addr.__sockaddr__, len);
}

/* "250-CHUNKING" becomes "250-CHUNKINX", wherever it is cut in two. */
static void
hide_chunking(struct wire *w, char *p, size_t n)
{
	static const char word[] = "250-CHUNKING";

	for (size_t i = 0; i < n; i++) {
		char c = g_ascii_toupper(p[i]);

		if (c == '\n') {
			w->column = w->matched = 0;
			continue;
		}
		if (w->column < sizeof(word) - 1 &&
		    (c == word[w->column] || (w->column == 3 && c == ' ')) &&
		    ++w->matched == sizeof(word) - 1)
			p[i] = 'X';
		w->column++;
	}
}

/* How many bytes there are up to and with the end of the first line. */
static size_t
one_line(int fd, void *buf, size_t n)
{
	ssize_t got = recv(fd, buf, n, MSG_PEEK | MSG_DONTWAIT);
	const char *nl;

	if (got <= 0)
		return n;
	nl = memchr(buf, '\n', (size_t)got);
	return nl != NULL ? (size_t)(nl - (const char *)buf) + 1 : (size_t)got;
}

static ssize_t
wire_read(struct wire *w, void *buf, size_t n)
{
	int on = 1;
	ssize_t got;
	size_t keep;

	w->reads++;
	/* After we hung up, the answer to our QUIT would be taken for one to
	 * the next MAIL. */
	if (w->broken)
		return 0;
	if (w->starttls && !w->tls)
		n = one_line(w->fd, buf, n);
	got = real_read(w->fd, buf, n);
	if (got <= 0)
		return got;
	(void)setsockopt(w->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
	/* A reply begins with a digit, a TLS record does not. */
	if (w->starttls && !w->tls && w->column == 0 &&
	    !g_ascii_isdigit(*(char *)buf))
		w->tls = true;
	if (w->tls)
		return got;
	if (!w->envelope)
		hide_chunking(w, buf, (size_t)got);
	keep = MIN((size_t)got, sizeof(w->said) - 1);
	memcpy(w->said, buf, keep);
	w->said[keep] = '\0';
	return got;
}

ssize_t
read(int fd, void *buf, size_t n)
{
	struct wire *w = wire_now;

	if (real_read == NULL)
		wire_resolve();
	if (w == NULL || fd != w->fd)
		return real_read(fd, buf, n);
	return wire_read(w, buf, n);
}

/* Whether CR LF . CR LF has gone out: the body is dot-stuffed, so that is
 * the end of the message and nothing else, and libESMTP flushes after it, so
 * it is also the end of a write. */
static void
watch_dot(struct wire *w, const char *p, size_t n)
{
	static const char end[WIRE_END] = {'\r', '\n', '.', '\r', '\n'};
	size_t keep = MIN(n, (size_t)WIRE_END);

	memmove(w->last, w->last + keep, WIRE_END - keep);
	memcpy(w->last + WIRE_END - keep, p + n - keep, keep);
	if (memcmp(w->last, end, WIRE_END) == 0)
		w->dot = true;
}

static ssize_t
wire_write(struct wire *w, const char *p, size_t n)
{
	size_t done = 0;

	w->writes++;
	if (w->broken) {
		errno = EPIPE;
		return -1;
	}
	/* (RSET and the MAIL behind it go out together.) */
	if (!w->tls && n >= 5 &&
	    (memcmp(p, "MAIL ", 5) == 0 || memcmp(p, "RSET\r", 5) == 0)) {
		w->envelope = true;
		w->dot = false;
	}
	while (done < n) {
		ssize_t put = send(w->fd, p + done, n - done, MSG_NOSIGNAL);

		if (put >= 0) {
			done += (size_t)put;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN &&
		    wait_for(w->fd, POLLOUT, w->timeout_ms) == 0)
			continue;
		/* libESMTP would go on with the next piece. */
		w->broken = true;
		(void)shutdown(w->fd, SHUT_RDWR);
		errno = EPIPE;
		return -1;
	}
	if (!w->tls)
		watch_dot(w, p, n);
	return (ssize_t)n;
}

ssize_t
write(int fd, const void *buf, size_t n)
{
	struct wire *w = wire_now;

	if (real_write == NULL)
		wire_resolve();
	if (w == NULL || fd != w->fd)
		return real_write(fd, buf, n);
	return wire_write(w, buf, n);
}
