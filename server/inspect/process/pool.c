#include "base/base.h"
#include "inspect/process/pool.h"
#include "inspect/process/child.h"
#include "inspect/process/handover.h"
#include "inspect/process/proc.h"
#include "inspect/recognise/recognise.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/when.h"

enum { PING_MS = 2000 };

struct child {
	struct proc proc;
	bool busy;
	int at;         /* handover.h */
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

static bool
child_start(struct pool *p, struct child *c, GError **err)
{
	/* GMime frees hundreds of small pieces at the end of a message and
	 * asks for them again at the next one: malloc keeps only seven of a
	 * size at hand, the rest goes the long way.  At most 10 MB. */
	static const char *const keep[] = {
	    "GLIBC_TUNABLES=glibc.malloc.tcache_count=300:"
	    "glibc.malloc.trim_threshold=2097152:"
	    "glibc.malloc.mmap_threshold=1048576", NULL};
	int known;

	/* a copy: pool_know() may close it meanwhile */
	g_mutex_lock(&p->lock);
	known = dup(p->known_fd);
	c->known = p->known;
	g_mutex_unlock(&p->lock);
	if (known < 0)
		return fault_set(err, FAULT_BUSY,
		    "There is no file for a parser: %s.", g_strerror(errno));
	if (!proc_start(&c->proc, p->argv, PROC_TWO_SOCKETS, known, keep,
		err)) {
		close(known);
		return false;
	}
	close(known);
	c->at = -1;
	proc_patience(c->proc.from, p->wall);
	return true;
}

static bool
head_ok(const struct child_answer *head)
{
	return head->magic == CHILD_MAGIC && head->len <= INSPECT_ANSWER_MAX;
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
		if (p->children[i].proc.pid != 0)
			shutdown(p->children[i].proc.fd, SHUT_RDWR);
	for (size_t i = 0; i < p->n; i++)
		proc_end(&p->children[i].proc, false, NULL);
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
	if (c->proc.pid == 0 && !child_start(p, c, &err)) {
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

/* A message on its way to a child: bytes, or n descriptors. */
struct asking {
	struct child_request req;
	const void *bytes;
	int fds[1 + INSPECT_PIECES_MAX];
	size_t n;
	struct handover handover;
};

static bool
send_to(const struct child *c, const struct asking *q)
{
	if (q->n == 0)
		return proc_send_with(c->proc.fd, &q->req, sizeof(q->req),
		    q->bytes, (size_t)q->req.len);
	return proc_send(c->proc.fd, &q->req, sizeof(q->req), q->fds, q->n);
}

/* Sends the request to a child that takes it.  One that died at rest costs
 * no message: a fresh one is asked. */
static bool
ask(struct pool *p, struct child *c, struct asking *q, GError **err)
{
	bool fresh;

	if (is_stale(p, c))
		proc_end(&c->proc, false, NULL);
	for (;;) {
		fresh = c->proc.pid == 0;
		if (fresh && !child_start(p, c, err))
			return false;
		/* what comes by descriptor is large */
		handover_begin(&q->handover, c->proc.pid, &c->at, q->n > 0);
		if (send_to(c, q))
			return true;
		/* a child that is started inherits where we may run */
		handover_end(&q->handover);
		if (fresh) {
			proc_explain(&c->proc, "parser", PROC_GONE, p->wall,
			    err);
			return false;
		}
		proc_end(&c->proc, true, NULL);
	}
}

/* The answer's bytes behind *head. */
static bool
take_answer(struct pool *p, struct child *c, struct arena *a,
    struct child_answer *head, const char **bytes, GError **err)
{
	struct {
		struct child_answer head;
		char bytes[CHILD_ANSWER_FIRST];
	} first;
	int64_t until = when_ticks() + p->wall;
	size_t have;
	enum proc_outcome o = proc_read_some(c->proc.from, &first,
	    sizeof(first.head), sizeof(first), &have, until);

	if (o == PROC_DONE) {
		*head = first.head;
		have -= sizeof(*head);
		/* it may have said more than it said it would */
		if (!head_ok(head) || have > head->len)
			o = PROC_GONE;
	}
	if (o == PROC_DONE) {
		char *to = arena_alloc(a, head->len + 1);

		memcpy(to, first.bytes, have);
		o = proc_read(c->proc.from, to + have, head->len - have,
		    until, true);
		*bytes = to;
	}
	if (o != PROC_DONE) {
		proc_explain(&c->proc, "parser", o, p->wall, err);
		return false;
	}
	if (head->leaving)
		proc_end(&c->proc, false, NULL);
	return true;
}

/* What a child answers; kind, part and pieces are set. */
static bool
have_answer(struct pool *p, struct arena *a, struct asking *q,
    struct blob *body, const struct inspect_piece *pieces, size_t n,
    const char **answer, size_t *len, GError **err)
{
	struct child_answer head;
	struct child *c;
	bool ok;

	g_assert(n <= INSPECT_PIECES_MAX);
	q->req.magic = CHILD_MAGIC;
	q->req.n = n;
	q->req.len = blob_len(body);
	q->bytes = blob_bytes(body);
	if (n > 0 || q->req.len > CHILD_INLINE_MAX) {
		q->fds[0] = blob_fd(body, err);
		if (q->fds[0] < 0)
			return false;
		q->n = 1 + n;
	}
	for (size_t i = 0; i < n; i++) {
		q->req.pieces[i].seal = pieces[i].seal;
		q->req.pieces[i].len = pieces[i].len;
		q->fds[1 + i] = pieces[i].fd;
	}
	c = borrow(p);
	ok = ask(p, c, q, err) && take_answer(p, c, a, &head, answer, err);
	handover_end(&q->handover);
	give_back(p, c);
	*len = ok ? head.len : 0;
	return ok;
}

static bool
have_read(struct pool *p, struct arena *a, uint32_t kind, struct blob *body,
    const struct inspect_piece *pieces, size_t n, struct inspection *out,
    GError **err)
{
	struct asking q = {.req = {.kind = kind}};
	const char *answer;
	size_t len;

	return have_answer(p, a, &q, body, pieces, n, &answer, &len, err) &&
	    inspect_unpack(a, answer, len, out, err);
}

bool
pool_inspect_opened(struct pool *p, struct arena *a, struct blob *body,
    const struct inspect_piece *pieces, size_t n, struct inspection *out,
    GError **err)
{
	return have_read(p, a, 'i', body, pieces, n, out, err);
}

bool
pool_inspect(struct pool *p, struct arena *a, struct blob *body,
    struct inspection *out, GError **err)
{
	return have_read(p, a, 'i', body, NULL, 0, out, err);
}

bool
pool_rows(struct pool *p, struct arena *a, struct blob *body,
    struct inspection *out, GError **err)
{
	return have_read(p, a, 'r', body, NULL, 0, out, err);
}

/* A reader that ended, which the log tells, is no mistake of who asks, and
 * nothing is lost: a fresh one may do better. */
static bool
not_taken(GError *why, GError **err)
{
	if (fault_is(why, FAULT_BUG)) {
		g_error_free(why);
		return fault_set(err, FAULT_AWAY, "The reader ended before "
		    "this part was out: try again, or open the message "
		    "\"raw\".");
	}
	g_propagate_error(err, why);
	return false;
}

bool
pool_part(struct pool *p, struct arena *a, struct blob *body,
    const char *path, const void **bytes, size_t *len, GError **err)
{
	struct asking q = {.req = {.kind = 'd'}};
	GError *why = NULL;
	const char *answer;
	size_t n;

	if (g_strlcpy(q.req.part, path, sizeof(q.req.part)) <
		sizeof(q.req.part)) {
		if (!have_answer(p, a, &q, body, NULL, 0, &answer, &n, &why))
			return not_taken(why, err);
		if (n > 0) {
			*bytes = answer + 1;
			*len = n - 1;
			return true;
		}
	}
	return fault_set(err, FAULT_ABSENT, "This part cannot be taken out "
	    "of the message: open it \"raw\".");
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
		if (c->proc.pid == 0 ||
		    !proc_send(c->proc.fd, &ping, sizeof(ping), NULL, 0) ||
		    proc_read(c->proc.from, &head, sizeof(head),
			when_ticks() + PING_MS * 1000, false) != PROC_DONE ||
		    !head_ok(&head)) {
			proc_end(&c->proc, true, NULL);
			ready = child_start(p, c, NULL) && ready;
		}
		give_back(p, c);
	}
	return ready;
}
