/* See proc.h. */
#include "base/base.h"
#include "inspect/process/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/when.h"

enum {
	END_MS = 2000, /* from closing the socket to SIGKILL */
	ENV_MAX = 16,
	ABOVE_CHILD_FDS = 10,
};

extern char **environ;

static bool
wanted(const char *variable, const char *const *keep)
{
	/* sanitizers are told their options this way */
	static const char *const always[] = {"ASAN_OPTIONS=",
	    "UBSAN_OPTIONS=", "LSAN_OPTIONS=", NULL};
	const char *const *lists[] = {always, keep};

	for (size_t l = 0; l < COUNT_OF(lists); l++)
		for (size_t i = 0; lists[l] != NULL && lists[l][i] != NULL; i++)
			if (g_str_has_suffix(lists[l][i], "=") &&
			    g_str_has_prefix(variable, lists[l][i]))
				return true;
	return false;
}

/* What a child sees of our environment, and what is set for it. */
static void
environment(const char *const *keep, char *env[ENV_MAX + 1])
{
	size_t n = 0;

	for (size_t i = 0; keep != NULL && keep[i] != NULL; i++)
		if (!g_str_has_suffix(keep[i], "=") && n < ENV_MAX)
			env[n++] = (char *)(uintptr_t)keep[i];
	for (char **e = environ; e != NULL && *e != NULL && n < ENV_MAX; e++)
		if (wanted(*e, keep))
			env[n++] = *e;
}

/* What a child is to find from PROC_FD on: the n descriptors, all of them
 * above where it finds them. */
struct given {
	int fds[3];
	size_t n;
};

/* Takes fd, which is closed. */
static bool
give(struct given *g, int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, ABOVE_CHILD_FDS);

	close(fd);
	if (high < 0)
		return false;
	g->fds[g->n++] = high;
	return true;
}

/* One end of a new socket for it; the other is ours. */
static bool
give_socket(struct given *g, int *ours)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) != 0)
		return false;
	if (give(g, sv[1])) {
		*ours = sv[0];
		return true;
	}
	close(sv[0]);
	return false;
}

static void
close_ours(const struct proc *p)
{
	if (p->from != p->fd && p->from >= 0)
		close(p->from);
	if (p->fd >= 0)
		close(p->fd);
}

/* The descriptors of both sides, in the order of the child's. */
static bool
make_ends(struct proc *p, struct given *g, enum proc_ways ways, int extra)
{
	int copy;

	p->fd = p->from = -1;
	if (!give_socket(g, &p->fd))
		return false;
	if (ways == PROC_ONE_SOCKET)
		p->from = p->fd;
	else if (!give_socket(g, &p->from))
		return false;
	if (extra < 0)
		return true;
	copy = fcntl(extra, F_DUPFD_CLOEXEC, ABOVE_CHILD_FDS);
	return copy >= 0 && give(g, copy);
}

static int
spawn(pid_t *pid, char *const *argv, char *const *env, const struct given *g)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t none, dflt;
	int rc;

	sigemptyset(&none);
	sigemptyset(&dflt);
	sigaddset(&dflt, SIGPIPE);
	sigaddset(&dflt, SIGTERM);
	sigaddset(&dflt, SIGINT);
	sigaddset(&dflt, SIGHUP);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &dflt);
	/* a group of its own: Ctrl-C at the terminal is for the parent, which
	 * still needs its children while it drains */
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawn_file_actions_init(&fa);
	for (size_t i = 0; i < g->n; i++)
		posix_spawn_file_actions_adddup2(&fa, g->fds[i],
		    PROC_FD + (int)i);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&fa, PROC_FD + (int)g->n);
	rc = posix_spawn(pid, "/proc/self/exe", &fa, &attr, argv, env);
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&attr);
	return rc;
}

bool
proc_start(struct proc *p, char *const *argv, enum proc_ways ways, int extra,
    const char *const *keep, GError **err)
{
	char *env[ENV_MAX + 1] = {NULL};
	struct given g = {.n = 0};
	int rc;

	environment(keep, env);
	rc = make_ends(p, &g, ways, extra) ? spawn(&p->pid, argv, env, &g) :
		errno;
	proc_close(g.fds, g.n);
	if (rc != 0) {
		close_ours(p);
		p->pid = 0;
		return fault_set(err, FAULT_BUSY,
		    "%s cannot be started: %s.", argv[0], g_strerror(rc));
	}
	return true;
}

bool
proc_connect(struct proc *p, const char *path, GError **err)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd;

	if (g_strlcpy(at.sun_path, path, sizeof(at.sun_path)) >=
	    sizeof(at.sun_path))
		return fault_set(err, FAULT_INPUT,
		    "The socket path %s is too long.", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0) {
		fault_set(err, FAULT_BUSY, "Nobody answers at %s: %s.", path,
		    g_strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	*p = (struct proc){.pid = -1, .fd = fd, .from = fd};
	return true;
}

void
proc_end(struct proc *p, bool kill_it, int *status)
{
	int st = 0;
	int64_t until = when_ticks() + END_MS * 1000;
	bool gone = false;

	if (p->pid == 0)
		return;
	close_ours(p);
	if (p->pid < 0) {
		p->pid = 0;
		return;
	}
	while (!kill_it && !gone) {
		pid_t r = waitpid(p->pid, &st, WNOHANG);

		gone = r == p->pid || (r < 0 && errno != EINTR);
		if (!gone && when_ticks() > until)
			break;
		if (!gone)
			g_usleep(1000);
	}
	if (!gone) {
		/* the group: what hangs may be a program that it runs */
		kill(-p->pid, SIGKILL);
		kill(p->pid, SIGKILL);
		while (waitpid(p->pid, &st, 0) < 0 && errno == EINTR)
			;
	}
	if (status != NULL)
		*status = st;
	p->pid = 0;
}

bool
proc_send(int fd, const void *head, size_t len, const int *fds, size_t n)
{
	struct iovec iov = {(void *)(uintptr_t)head, len};
	union {
		char bytes[CMSG_SPACE(sizeof(int) * PROC_FDS_MAX)];
		struct cmsghdr align;
	} control = {{0}};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t k;

	if (n > PROC_FDS_MAX)
		return false;
	if (n > 0) {
		struct cmsghdr *c;

		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * n);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * n);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * n);
	}
	do
		k = sendmsg(fd, &msg, MSG_NOSIGNAL);
	while (k < 0 && errno == EINTR);
	return k == (ssize_t)len;
}

bool
proc_send_with(int fd, const void *head, size_t len, const void *bytes,
    size_t n)
{
	struct iovec iov[] = {{(void *)(uintptr_t)head, len},
	    {(void *)(uintptr_t)bytes, n}};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = COUNT_OF(iov)};
	ssize_t k;

	do
		k = sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (k < 0 && errno == EINTR);
	return k == (ssize_t)(len + n);
}

void
proc_close(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

/* What is received into iov, -1 on failure, and the descriptors. */
static ssize_t
receive(int fd, struct iovec *iov, size_t iovs, int *fds, size_t *n, int flags)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * PROC_FDS_MAX)];
		struct cmsghdr align;
	} control;
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = iovs,
	    .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t k;

	*n = 0;
	do
		k = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC | flags);
	while (k < 0 && errno == EINTR);
	if (k < 0)
		return -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c != NULL;
	    c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		*n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(c), *n * sizeof(int));
	}
	return k;
}

/* A head in one piece or none of it, and nothing left open. */
static bool
receive_head(int fd, void *head, size_t len, int *fds, size_t *n, int flags)
{
	struct iovec iov = {head, len};

	if (receive(fd, &iov, 1, fds, n, flags) == (ssize_t)len)
		return true;
	proc_close(fds, *n);
	*n = 0;
	return false;
}

bool
proc_receive(int fd, void *head, size_t len, int *fds, size_t *n)
{
	return receive_head(fd, head, len, fds, n, MSG_WAITALL);
}

bool
proc_receive_all(int fd, void *to, size_t len)
{
	char *p = to;

	while (len > 0) {
		ssize_t k = recv(fd, p, len, MSG_WAITALL);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		p += k;
		len -= (size_t)k;
	}
	return true;
}

bool
proc_receive_with(int fd, void *head, size_t len, int *fds, size_t *n,
    void *behind, size_t room, size_t *have)
{
	struct iovec iov[] = {{head, len}, {behind, room}};
	ssize_t k = receive(fd, iov, COUNT_OF(iov), fds, n, 0);

	*have = k > (ssize_t)len ? (size_t)k - len : 0;
	if (k > 0 && (k >= (ssize_t)len ||
		proc_receive_all(fd, (char *)head + k, len - (size_t)k)))
		return true;
	proc_close(fds, *n);
	*n = 0;
	return false;
}

bool
proc_send_all(int fd, const void *bytes, size_t len)
{
	const char *s = bytes;

	while (len > 0) {
		ssize_t k = send(fd, s, len, MSG_NOSIGNAL);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		s += k;
		len -= (size_t)k;
	}
	return true;
}

/* Something to read: PROC_DONE. */
static enum proc_outcome
await(int fd, int64_t until)
{
	for (;;) {
		struct pollfd pfd = {.fd = fd, .events = POLLIN};
		int64_t left = (until - when_ticks()) / 1000;
		int rc;

		if (left <= 0)
			return PROC_LATE;
		rc = poll(&pfd, 1, (int)MIN(left, 60000));
		if (rc > 0)
			return PROC_DONE;
		if (rc < 0 && errno != EINTR)
			return PROC_GONE;
	}
}

enum proc_outcome
proc_read(int fd, void *to, size_t len, int64_t until, bool there)
{
	char *p = to;
	/* What is there already is not asked for. */
	int flags = there ? MSG_DONTWAIT : 0;

	while (len > 0) {
		ssize_t k;

		if (flags == 0) {
			enum proc_outcome o = await(fd, until);

			if (o != PROC_DONE)
				return o;
		}
		k = recv(fd, p, len, flags);
		flags = 0;
		if (k < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (k <= 0)
			return PROC_GONE;
		p += k;
		len -= (size_t)k;
	}
	return PROC_DONE;
}

enum proc_outcome
proc_read_some(int fd, void *to, size_t least, size_t most, size_t *have,
    int64_t until)
{
	ssize_t k;

	do
		k = recv(fd, to, most, 0);
	while (k < 0 && errno == EINTR && when_ticks() < until);
	if (k < 0 && (errno == EAGAIN || errno == EINTR))
		return PROC_LATE;
	if (k <= 0)
		return PROC_GONE;
	*have = (size_t)k;
	if (*have >= least)
		return PROC_DONE;
	k = (ssize_t)(least - *have);
	*have = least;
	return proc_read(fd, (char *)to + least - k, (size_t)k, until, false);
}

void
proc_patience(int fd, int64_t wall)
{
	struct timeval tv = {wall / WHEN_SECOND, wall % WHEN_SECOND};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
}

enum proc_outcome
proc_receive_until(int fd, void *head, size_t len, int *fds, size_t *n,
    int64_t until)
{
	enum proc_outcome o = await(fd, until);

	*n = 0;
	/* in one piece or not at all: half a head must not stop us */
	if (o == PROC_DONE &&
	    !receive_head(fd, head, len, fds, n, MSG_DONTWAIT))
		o = PROC_GONE;
	return o;
}

void
proc_explain(struct proc *p, const char *what, enum proc_outcome o,
    int64_t wall, GError **err)
{
	int64_t pid = p->pid;
	int st = 0;

	proc_end(p, true, &st);
	log_warning("child.died", LOG_S("what", what), LOG_I("pid", pid),
	    LOG_I("signal", WIFSIGNALED(st) ? WTERMSIG(st) : 0),
	    LOG_I("exit", WIFEXITED(st) ? WEXITSTATUS(st) : 0),
	    LOG_S("why", o == PROC_LATE ? "wall time" : "ended"));
	if (o == PROC_LATE)
		fault_set(err, FAULT_BUG,
		    "The %s did not answer within %" PRId64 " seconds.", what,
		    wall / WHEN_SECOND);
	else if (WIFSIGNALED(st) && WTERMSIG(st) == SIGXCPU)
		fault_set(err, FAULT_BUG, "The %s used up its CPU time.",
		    what);
	else if (WIFSIGNALED(st))
		fault_set(err, FAULT_BUG, "The %s ended by signal %d.", what,
		    WTERMSIG(st));
	else
		fault_set(err, FAULT_BUG, "The %s ended early.", what);
}
