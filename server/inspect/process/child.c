/*
 * Life of a parser child (pool.h): lock the doors, then one message after
 * the other until the socket closes.
 *
 * The end of the parent is seen as the end of the socket.  PR_SET_PDEATHSIG
 * is not used: it follows the THREAD that made the child, and our threads
 * come and go while the daemon lives.
 */
#include "base/base.h"
#include "inspect/format/xml.h"
#include "inspect/letter/rows.h"
#include "inspect/process/child.h"
#include "inspect/process/pool.h"
#include "inspect/process/sandbox.h"
#include "inspect/recognise/recognise.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/text.h"
#include "base/when.h"

enum {
	READ_AT_MOST = 64 * 1024,
	ANSWER_ROOM = 16 * 1024,
	SHARED_CPU = 250 * 1000, /* microseconds */
};

/* A child at work. */
struct serving {
	const struct conf *c;
	const struct recognisers *known;
	size_t first_rss;
	struct arena *message;       /* emptied behind each */
	int64_t allowed;             /* when the CPU limit was set */
	struct child_request req;
	int fds[PROC_FDS_MAX];
	size_t n;                    /* of fds */
	char *behind;                /* CHILD_INLINE_MAX bytes */
	size_t have;                 /* of them came with the request */
	GString *answer;             /* room that is used again */
	bool leaving;
};

struct mapping {
	void *at;
	size_t len;
};

static void
unmap(void *p)
{
	struct mapping *m = p;

	munmap(m->at, m->len);
}

/* Settings that inspect_message() looks at; the rest are defaults.  The
 * settings file itself is not for a child to read. */
static const struct conf *
child_conf(struct arena *a, int argc, char **argv)
{
	const struct conf *dflt;
	struct conf *c;

	if (argc < CHILD_ARG_IDS || !conf_load(a, NULL, &dflt, NULL))
		return NULL;
	c = arena_memdup(a, dflt, sizeof(*dflt));
	if (!text_int(argv[CHILD_ARG_MEMORY], 0, INT64_MAX,
		&c->parser_memory) ||
	    !text_int(argv[CHILD_ARG_CPU], 1, INT32_MAX, &c->parser_cpu))
		return NULL;
	c->site_subject_tag = argv[CHILD_ARG_TAG];
	c->smtp_spam_header = argv[CHILD_ARG_SPAM];
	c->smtp_authserv_ids = (const char *const *)argv + CHILD_ARG_IDS;
	return c;
}

/* Resident bytes of this process. */
static size_t
resident(void)
{
	struct rusage ru;
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long size, rss;
	bool ok = f != NULL && fscanf(f, "%lu %lu", &size, &rss) == 2;

	if (f != NULL)
		fclose(f);
	if (ok)
		return rss * (size_t)sysconf(_SC_PAGESIZE);
	/* no /proc: the peak is all there is */
	getrusage(RUSAGE_SELF, &ru);
	return (size_t)ru.ru_maxrss * 1024;
}

/* The next seconds of CPU are for one message; more ends the process.  The
 * limit counts whole seconds, so within a part of one the messages share it:
 * no more CPU than time has gone by. */
static void
allow_cpu(int64_t seconds, int64_t *last)
{
	struct rusage ru;
	struct rlimit lim = {.rlim_max = RLIM_INFINITY};
	int64_t now = when_ticks(), used;

	if (*last != 0 && now - *last < SHARED_CPU)
		return;
	*last = now;
	getrusage(RUSAGE_SELF, &ru);
	used = (ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * WHEN_SECOND +
	    ru.ru_utime.tv_usec + ru.ru_stime.tv_usec;
	lim.rlim_cur = (rlim_t)((used + SHARED_CPU) / WHEN_SECOND + 1 +
	    seconds);
	setrlimit(RLIMIT_CPU, &lim);
}

/* The bytes of a descriptor; what is large is mapped until the arena goes. */
static bool
take_bytes(struct arena *a, int fd, size_t len, const void **bytes)
{
	char *p;
	size_t have = 0;

	if (len > READ_AT_MOST) {
		struct mapping *m = ARENA_NEW(a, struct mapping);

		m->len = len;
		m->at = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
		if (m->at == MAP_FAILED)
			return false;
		arena_defer(a, unmap, m);
		*bytes = m->at;
		return true;
	}
	p = arena_alloc(a, len + 1);
	while (have < len) {
		ssize_t n = pread(fd, p + have, len - have, (off_t)have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		have += (size_t)n;
	}
	*bytes = p;
	return true;
}

/* The parent has checked them; they came with the exec. */
static bool
child_known(struct arena *a, const struct recognisers **out)
{
	ARENA_AUTO(packed, "packed");
	struct stat st;
	const void *bytes;
	bool ok;

	ok = fstat(CHILD_KNOWN_FD, &st) == 0 &&
	    take_bytes(packed, CHILD_KNOWN_FD, (size_t)st.st_size, &bytes) &&
	    recognise_unpack(a, bytes, (size_t)st.st_size, out, NULL);
	close(CHILD_KNOWN_FD);
	return ok;
}

static bool
take_all(struct arena *a, const struct serving *s, const void **bytes,
    struct inspect_piece *pieces)
{
	const struct child_request *req = &s->req;
	const int *fds = s->fds;

	if (s->n == 0) {
		*bytes = s->behind;
		return proc_receive_all(PROC_FD, s->behind + s->have,
		    (size_t)req->len - s->have);
	}
	if (!take_bytes(a, fds[0], (size_t)req->len, bytes))
		return false;
	for (size_t i = 0; i < req->n; i++) {
		pieces[i].seal = (size_t)req->pieces[i].seal;
		pieces[i].len = (size_t)req->pieces[i].len;
		if (!take_bytes(a, fds[1 + i], pieces[i].len,
			&pieces[i].bytes))
			return false;
	}
	return true;
}

static void
put_part(struct arena *a, const struct child_request *req, const void *bytes,
    GString *out)
{
	const void *part;
	size_t n;

	if (!inspect_part_of(a, bytes, (size_t)req->len, req->part, &part,
		&n))
		return;
	g_string_append_c(out, 1);
	g_string_append_len(out, part, (gssize)n);
}

static bool
one_message(struct serving *s)
{
	const struct child_request *req = &s->req;
	struct arena *a = s->message;
	struct inspect_piece pieces[INSPECT_PIECES_MAX] = {{0}};
	struct inspection in;
	struct child_answer head = {.magic = CHILD_MAGIC};
	const void *bytes;
	GString *out = s->answer;
	bool ok;

	allow_cpu(s->c->parser_cpu, &s->allowed);
	if (!take_all(a, s, &bytes, pieces))
		return false;
	/* one piece on the socket wakes the parent once */
	g_string_truncate(out, 0);
	g_string_append_len(out, (const char *)&head, sizeof(head));
	if (req->kind == 'd') {
		put_part(a, req, bytes, out);
	} else {
		if (req->kind == 'r')
			inspect_rows(a, s->c, bytes, (size_t)req->len, &in);
		else
			inspect_opened(a, s->c, s->known, bytes,
			    (size_t)req->len, pieces, (size_t)req->n, false,
			    &in);
		inspect_pack(&in, out);
	}
	head.len = out->len - sizeof(head);
	arena_reset(a);
	/* only after a large one is it worth a look */
	if (req->len > READ_AT_MOST || req->n > 0 ||
	    out->len > READ_AT_MOST) {
		malloc_trim(0);
		s->leaving = resident() > s->first_rss + CHILD_GROWTH_MAX;
	}
	head.leaving = s->leaving;
	memcpy(out->str, &head, sizeof(head));
	ok = proc_send_all(PROC_ANSWER_FD, out->str, out->len);
	if (out->allocated_len > READ_AT_MOST) {
		g_string_free(out, TRUE);
		s->answer = g_string_sized_new(ANSWER_ROOM);
	}
	return ok;
}

/* One request at a time: what came behind it belongs to it. */
static bool
request_ok(const struct serving *s)
{
	const struct child_request *req = &s->req;

	if (req->magic != CHILD_MAGIC || req->n > INSPECT_PIECES_MAX)
		return false;
	if (req->kind == 'p')
		return s->n == 0 && s->have == 0;
	if (req->kind != 'i' &&
	    ((req->kind != 'r' && req->kind != 'd') || req->n > 0))
		return false;
	if (memchr(req->part, '\0', sizeof(req->part)) == NULL)
		return false;
	if (s->n == 0)
		return req->n == 0 && req->len <= CHILD_INLINE_MAX &&
		    s->have <= req->len;
	return req->len < SIZE_MAX && s->n == 1 + req->n && s->have == 0;
}

static int
serve(struct arena *a, const struct conf *c, const struct recognisers *known)
{
	struct serving s = {.c = c, .known = known, .first_rss = resident(),
	    .message = arena_child(a, "message"),
	    .behind = arena_alloc(a, CHILD_INLINE_MAX),
	    .answer = g_string_sized_new(ANSWER_ROOM)};
	bool ok = true;

	while (ok && !s.leaving && proc_receive_with(PROC_FD, &s.req,
	    sizeof(s.req), s.fds, &s.n, s.behind, CHILD_INLINE_MAX, &s.have)) {
		static const struct child_answer pong = {
		    .magic = CHILD_MAGIC};

		ok = request_ok(&s);
		if (ok && s.req.kind == 'p')
			ok = proc_send_all(PROC_ANSWER_FD, &pong, sizeof(pong));
		else if (ok)
			ok = one_message(&s);
		proc_close(s.fds, s.n);
	}
	g_string_free(s.answer, TRUE);
	return ok ? 0 : 1;
}

bool
pool_child_main(int argc, char **argv, int *code)
{
	struct arena *a;
	const struct conf *c;
	const struct recognisers *known;

	if (argc < 1 || strcmp(argv[0], CHILD_NAME) != 0)
		return false;
	a = arena_new("parser");
	c = child_conf(a, argc, argv);
	xml_init();
	if (c == NULL || !child_known(a, &known) ||
	    !sandbox_enter((uint64_t)c->parser_memory)) {
		*code = 2;
	} else {
		/* what every message needs is made before the first one */
		ARENA_AUTO(warm, "warm");
		struct inspection in;

		inspect_message(warm, c, known, "Subject: x\r\n\r\nx\r\n", 17,
		    false, &in);
		*code = serve(a, c, known);
	}
	arena_free(a);
	return true;
}
