#include "base/base.h"
#include "inspect/pool.h"
#include "inspect/child.h"
#include "inspect/recognise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/when.h"

enum {
	PING_MS = 2000,
	END_MS = 2000, /* from closing the socket to SIGKILL */
	ABOVE_CHILD_FDS = 10,
};

struct child {
	pid_t pid;    /* 0: none */
	int fd;
	bool busy;
	unsigned known; /* which recognisers it was given */
};

/* A thread in borrow(), on its own stack. */
struct waiter {
	GCond given;
	struct child *child;
	struct waiter *next;
};

struct pool {
	GMutex lock;
	/* Served in the order they came, each woken for itself. */
	struct waiter *first, **last;
	struct child *children;
	size_t n;
	struct arena *arena;
	char **argv;
	int64_t wall;
	int known_fd;   /* the recognisers packed, for new children */
	unsigned known; /* counts them; both under the lock */
};

extern char **environ;

/* ---- one child --------------------------------------------------------------- */

static bool
child_start(struct pool *p, struct child *c, GError **err)
{
	/* sanitizers are told their options this way; nothing else passes */
	static const char *const keep[] = {"ASAN_OPTIONS=", "UBSAN_OPTIONS=",
	    "LSAN_OPTIONS="};
	char *env[COUNT_OF(keep) + 1] = {NULL};
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t none, dflt;
	size_t n = 0;
	int sv[2], rc, known;

	for (char **e = environ; e != NULL && *e != NULL; e++)
		for (size_t i = 0; i < COUNT_OF(keep); i++)
			if (g_str_has_prefix(*e, keep[i]) && n < COUNT_OF(keep))
				env[n++] = *e;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) != 0)
		return fault_set(err, FAULT_BUSY,
		    "There is no socket for a parser: %s.", g_strerror(errno));
	g_mutex_lock(&p->lock);
	known = fcntl(p->known_fd, F_DUPFD_CLOEXEC, ABOVE_CHILD_FDS);
	c->known = p->known;
	g_mutex_unlock(&p->lock);
	if (known < 0) {
		close(sv[0]);
		close(sv[1]);
		return fault_set(err, FAULT_BUSY,
		    "There is no file for a parser: %s.", g_strerror(errno));
	}
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
	 * still needs its parsers while it drains */
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawn_file_actions_init(&fa);
	/* in this order: sv[1] may be CHILD_KNOWN_FD, known is above both */
	posix_spawn_file_actions_adddup2(&fa, sv[1], CHILD_FD);
	posix_spawn_file_actions_adddup2(&fa, known, CHILD_KNOWN_FD);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&fa, CHILD_KNOWN_FD + 1);
	rc = posix_spawn(&c->pid, "/proc/self/exe", &fa, &attr, p->argv, env);
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&attr);
	close(sv[1]);
	close(known);
	if (rc != 0) {
		close(sv[0]);
		c->pid = 0;
		return fault_set(err, FAULT_BUSY,
		    "A parser cannot be started: %s.", g_strerror(rc));
	}
	c->fd = sv[0];
	return true;
}

/* Ends it if need be and takes its exit status; *status may be NULL. */
static void
child_end(struct child *c, bool kill_it, int *status)
{
	int st = 0;
	int64_t until = when_ticks() + END_MS * 1000;

	if (c->pid == 0)
		return;
	close(c->fd);
	if (kill_it)
		kill(c->pid, SIGKILL);
	while (!kill_it) {
		pid_t r = waitpid(c->pid, &st, WNOHANG);

		if (r == c->pid || (r < 0 && errno != EINTR))
			goto gone;
		if (when_ticks() > until) {
			kill(c->pid, SIGKILL);
			break;
		}
		g_usleep(1000);
	}
	while (waitpid(c->pid, &st, 0) < 0 && errno == EINTR)
		;
gone:
	if (status != NULL)
		*status = st;
	c->pid = 0;
}

static bool
send_request(int fd, const struct child_request *req, int message)
{
	struct iovec iov = {(void *)req, sizeof(*req)};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {{0}};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	if (message >= 0) {
		struct cmsghdr *c;

		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &message, sizeof(int));
	}
	do
		n = sendmsg(fd, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*req);
}

enum outcome { DONE, LATE, GONE };

static enum outcome
read_all(int fd, void *to, size_t n, int64_t until, bool there)
{
	char *p = to;
	/* What is there already is not asked for. */
	int flags = there ? MSG_DONTWAIT : 0;

	while (n > 0) {
		struct pollfd pfd = {.fd = fd, .events = POLLIN};
		int64_t left = (until - when_ticks()) / 1000;
		ssize_t k;
		int rc;

		if (left <= 0)
			return LATE;
		if (flags == 0) {
			rc = poll(&pfd, 1, (int)MIN(left, 60000));
			if (rc == 0 || (rc < 0 && errno == EINTR))
				continue;
		}
		k = recv(fd, p, n, flags);
		flags = 0;
		if (k < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (k <= 0)
			return GONE;
		p += k;
		n -= (size_t)k;
	}
	return DONE;
}

static enum outcome
answer_head(struct child *c, int64_t until, struct child_answer *head)
{
	enum outcome o;

	o = read_all(c->fd, head, sizeof(*head), until, false);
	if (o == DONE && (head->magic != CHILD_MAGIC ||
		head->len > INSPECT_JSON_MAX ||
		head->events > INSPECT_PACK_MAX ||
		(head->text != CHILD_NO_TEXT &&
		    head->text > INSPECT_TEXT_MAX * 3)))
		return GONE;
	return o;
}

/* ---- the pool ------------------------------------------------------------------ */

/* The recognisers as a file that nobody can change, a child that went over
 * to the other side least of all. */
static bool
known_file(const struct recognisers *known, int *out, GError **err)
{
	g_autoptr(GString) s = g_string_new(NULL);
	int fd = memfd_create("recognisers", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (known != NULL)
		recognise_pack(known, s);
	if (fd < 0 || ftruncate(fd, (off_t)s->len) != 0 ||
	    pwrite(fd, s->str, s->len, 0) != (ssize_t)s->len ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK |
		F_SEAL_GROW | F_SEAL_SEAL) != 0) {
		fault_set(err, FAULT_BUSY,
		    "There is no file for the recognisers: %s.",
		    g_strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	*out = fd;
	return true;
}

bool
pool_know(struct pool *p, const struct recognisers *known, GError **err)
{
	int fd, old;

	if (!known_file(known, &fd, err))
		return false;
	g_mutex_lock(&p->lock);
	old = p->known_fd;
	p->known_fd = fd;
	p->known++;
	g_mutex_unlock(&p->lock);
	close(old);
	return true;
}

bool
pool_new(const struct conf *c, const struct recognisers *known,
    struct pool **out, GError **err)
{
	struct arena *a = arena_new("pool");
	struct pool *p = ARENA_NEW(a, struct pool);
	size_t ids = 0;

	if (!known_file(known, &p->known_fd, err)) {
		arena_free(a);
		return false;
	}
	while (c->smtp_authserv_ids != NULL && c->smtp_authserv_ids[ids])
		ids++;
	p->arena = a;
	p->wall = c->parser_wall * WHEN_SECOND;
	p->n = (size_t)c->parser_children;
	p->children = ARENA_ARRAY(a, struct child, p->n);
	p->argv = ARENA_ARRAY(a, char *, CHILD_ARG_IDS + ids + 1);
	p->argv[0] = arena_strdup(a, CHILD_NAME);
	p->argv[CHILD_ARG_MEMORY] = arena_printf(a, "%" PRId64,
	    c->parser_memory);
	p->argv[CHILD_ARG_CPU] = arena_printf(a, "%" PRId64, c->parser_cpu);
	p->argv[CHILD_ARG_TAG] = arena_strdup(a, c->site_subject_tag);
	p->argv[CHILD_ARG_SPAM] = arena_strdup(a,
	    c->smtp_spam_header != NULL ? c->smtp_spam_header : "");
	for (size_t i = 0; i < ids; i++)
		p->argv[CHILD_ARG_IDS + i] =
		    arena_strdup(a, c->smtp_authserv_ids[i]);
	g_mutex_init(&p->lock);
	p->last = &p->first;
	for (size_t i = 0; i < p->n; i++)
		if (!child_start(p, &p->children[i], err)) {
			pool_free(p);
			return false;
		}
	*out = p;
	return true;
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	/* all at once first, so that they end side by side */
	for (size_t i = 0; i < p->n; i++)
		if (p->children[i].pid != 0)
			shutdown(p->children[i].fd, SHUT_RDWR);
	for (size_t i = 0; i < p->n; i++)
		child_end(&p->children[i], false, NULL);
	g_mutex_clear(&p->lock);
	close(p->known_fd);
	arena_free(p->arena);
}

/* Does it know other recognisers than those of today? */
static bool
is_stale(struct pool *p, const struct child *c)
{
	bool stale;

	g_mutex_lock(&p->lock);
	stale = c->known != p->known;
	g_mutex_unlock(&p->lock);
	return stale;
}

static struct child *
borrow(struct pool *p)
{
	struct waiter me = {0};

	g_mutex_lock(&p->lock);
	/* A child that is free while somebody waits cannot be: it is handed
	 * on as it is given back. */
	for (size_t i = 0; me.child == NULL && i < p->n; i++)
		if (!p->children[i].busy) {
			me.child = &p->children[i];
			me.child->busy = true;
		}
	if (me.child == NULL) {
		g_cond_init(&me.given);
		*p->last = &me;
		p->last = &me.next;
		while (me.child == NULL)
			g_cond_wait(&me.given, &p->lock);
		g_cond_clear(&me.given);
	}
	g_mutex_unlock(&p->lock);
	return me.child;
}

static void
give_back(struct pool *p, struct child *c)
{
	GError *err = NULL;
	struct waiter *w;

	/* started now, the fresh one is ready when the next message comes */
	if (c->pid == 0 && !child_start(p, c, &err)) {
		log_fault("parser.start", err);
		g_error_free(err);
	}
	g_mutex_lock(&p->lock);
	w = p->first;
	if (w == NULL) {
		c->busy = false;
	} else {
		p->first = w->next;
		if (p->first == NULL)
			p->last = &p->first;
		w->child = c;
		g_cond_signal(&w->given);
	}
	g_mutex_unlock(&p->lock);
}

/* Why it ended, as a sentence. */
static bool
explain(struct pool *p, struct child *c, enum outcome o, GError **err)
{
	int64_t pid = c->pid;
	int st = 0;

	child_end(c, true, &st);
	log_warning("parser.died", LOG_I("pid", pid),
	    LOG_I("signal", WIFSIGNALED(st) ? WTERMSIG(st) : 0),
	    LOG_I("exit", WIFEXITED(st) ? WEXITSTATUS(st) : 0),
	    LOG_S("why", o == LATE ? "wall time" : "ended"));
	if (o == LATE)
		return fault_set(err, FAULT_BUG,
		    "The parser did not answer within %" PRId64 " seconds.",
		    p->wall / WHEN_SECOND);
	if (WIFSIGNALED(st) && WTERMSIG(st) == SIGXCPU)
		return fault_set(err, FAULT_BUG,
		    "The parser used up its CPU time.");
	if (WIFSIGNALED(st))
		return fault_set(err, FAULT_BUG,
		    "The parser ended by signal %d.", WTERMSIG(st));
	return fault_set(err, FAULT_BUG, "The parser ended early.");
}

/* The main text, which did not come as JSON. */
static bool
check_text(const char *text, size_t len, GError **err)
{
	return g_utf8_validate_len(text, len, NULL) ||
	    fault_set(err, FAULT_BUG,
		"The parser's answer has a bad \"text\".");
}

bool
pool_inspect(struct pool *p, struct arena *a, struct blob *body,
    struct inspection *out, GError **err)
{
	struct child_request req = {.magic = CHILD_MAGIC, .kind = 'i',
	    .len = blob_len(body)};
	int fd = blob_fd(body, err);
	struct child_answer head;
	enum outcome o;
	int64_t until;
	struct child *c;
	bool ok, sent = false;
	char *json, *text;
	size_t n, all;

	if (fd < 0)
		return false;
	c = borrow(p);
	if (is_stale(p, c))
		child_end(c, false, NULL);
	/* One that died at rest costs no message: a fresh one is asked. */
	if (c->pid != 0 && !send_request(c->fd, &req, fd))
		child_end(c, true, NULL);
	else
		sent = c->pid != 0;
	if (!sent && (!child_start(p, c, err) ||
		!send_request(c->fd, &req, fd))) {
		if (c->pid != 0)
			explain(p, c, GONE, err);
		give_back(p, c);
		return false;
	}
	until = when_ticks() + p->wall;
	o = answer_head(c, until, &head);
	if (o != DONE) {
		ok = explain(p, c, o, err);
		give_back(p, c);
		return ok;
	}
	n = head.text != CHILD_NO_TEXT ? head.text : 0;
	all = head.len + head.events + n;
	json = arena_alloc(a, all + 1);
	o = read_all(c->fd, json, all, until, true);
	if (o != DONE) {
		ok = explain(p, c, o, err);
		give_back(p, c);
		return ok;
	}
	if (head.leaving)
		child_end(c, false, NULL);
	give_back(p, c);
	text = json + all - n;
	text[n] = '\0';
	if (!check_text(text, n, err) ||
	    !inspect_from_json(a, json, head.len, out, err) ||
	    !inspect_unpack_events(a, json + head.len, head.events, out, err))
		return false;
	if (head.text != CHILD_NO_TEXT)
		out->text = text;
	return true;
}

bool
pool_ready(struct pool *p)
{
	struct child_request ping = {.magic = CHILD_MAGIC, .kind = 'p'};
	bool ready = true;

	for (size_t i = 0; i < p->n; i++) {
		struct child *c = &p->children[i];
		struct child_answer head;
		bool take;

		g_mutex_lock(&p->lock);
		take = !c->busy;
		if (take)
			c->busy = true;
		g_mutex_unlock(&p->lock);
		if (!take)
			continue; /* at work */
		if (c->pid == 0 || !send_request(c->fd, &ping, -1) ||
		    answer_head(c, when_ticks() + PING_MS * 1000, &head) !=
			DONE) {
			child_end(c, true, NULL);
			ready = child_start(p, c, NULL) && ready;
		}
		give_back(p, c);
	}
	return ready;
}
