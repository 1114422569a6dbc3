/*
 * Life of a parser child (pool.h): lock the doors, then one message after
 * the other until the socket closes.
 *
 * The end of the parent is seen as the end of the socket.  PR_SET_PDEATHSIG
 * is not used: it follows the THREAD that made the child, and our threads
 * come and go while the daemon lives.
 */
#include "base/base.h"
#include "inspect/child.h"
#include "inspect/pool.h"
#include "inspect/recognise.h"
#include "inspect/sandbox.h"
#include "inspect/xml.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/text.h"

enum { READ_AT_MOST = 64 * 1024 };

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

/* Receives a request; *fd is -1 when none came with it. */
static bool
receive(struct child_request *req, int *fd)
{
	struct iovec iov = {req, sizeof(*req)};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t n;

	*fd = -1;
	do
		n = recvmsg(CHILD_FD, &msg, MSG_CMSG_CLOEXEC | MSG_WAITALL);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(*req) || req->magic != CHILD_MAGIC)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c != NULL;
	    c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			memcpy(fd, CMSG_DATA(c), sizeof(int));
	return true;
}

static bool
send_all(const void *p, size_t n)
{
	const char *s = p;

	while (n > 0) {
		ssize_t k = send(CHILD_FD, s, n, MSG_NOSIGNAL);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		s += k;
		n -= (size_t)k;
	}
	return true;
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

/* The next seconds of CPU are for one message; more ends the process. */
static void
allow_cpu(int64_t seconds)
{
	struct rusage ru;
	struct rlimit lim = {.rlim_max = RLIM_INFINITY};

	getrusage(RUSAGE_SELF, &ru);
	lim.rlim_cur = (rlim_t)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec + 1 +
	    seconds);
	setrlimit(RLIMIT_CPU, &lim);
}

static bool
take_bytes(struct arena *a, int fd, size_t len, const void **bytes,
    void **map)
{
	*map = NULL;
	if (len > READ_AT_MOST) {
		void *p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);

		if (p == MAP_FAILED)
			return false;
		*bytes = *map = p;
		return true;
	} else {
		char *p = arena_alloc(a, len + 1);
		size_t have = 0;

		while (have < len) {
			ssize_t n = pread(fd, p + have, len - have,
			    (off_t)have);

			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				return false;
			have += (size_t)n;
		}
		*bytes = p;
		return true;
	}
}

/* The parent has checked them; they came with the exec. */
static bool
child_known(struct arena *a, const struct recognisers **out)
{
	struct stat st;
	const void *bytes;
	void *map;
	bool ok;

	if (fstat(CHILD_KNOWN_FD, &st) != 0 ||
	    !take_bytes(a, CHILD_KNOWN_FD, (size_t)st.st_size, &bytes, &map))
		return false;
	ok = recognise_unpack(a, bytes, (size_t)st.st_size, out, NULL);
	if (map != NULL)
		munmap(map, (size_t)st.st_size);
	close(CHILD_KNOWN_FD);
	return ok;
}

static bool
one_message(const struct conf *c, const struct recognisers *known, int fd,
    size_t len, size_t first_rss, bool *leaving)
{
	struct arena *a = arena_new("message");
	struct inspection in;
	struct child_answer head = {.magic = CHILD_MAGIC};
	const void *bytes;
	const char *text;
	GString *json;
	void *map;
	bool ok;

	allow_cpu(c->parser_cpu);
	if (!take_bytes(a, fd, len, &bytes, &map)) {
		arena_free(a);
		return false;
	}
	inspect_message(a, c, known, bytes, len, false, &in);
	text = in.text;
	in.text = NULL;
	/* one piece on the socket wakes the parent once */
	json = g_string_sized_new(16384);
	g_string_append_len(json, (const char *)&head, sizeof(head));
	inspect_to_json(&in, true, false, json);
	head.len = json->len - sizeof(head);
	inspect_pack_events(&in, json);
	head.events = json->len - sizeof(head) - head.len;
	head.text = text != NULL ? strlen(text) : CHILD_NO_TEXT;
	if (text != NULL)
		g_string_append(json, text);
	arena_free(a);
	if (map != NULL)
		munmap(map, len);
	/* only after a large one is it worth a look */
	if (len > READ_AT_MOST || json->len > READ_AT_MOST) {
		malloc_trim(0);
		*leaving = resident() > first_rss + CHILD_GROWTH_MAX;
	}
	head.leaving = *leaving;
	memcpy(json->str, &head, sizeof(head));
	ok = send_all(json->str, json->len);
	g_string_free(json, TRUE);
	return ok;
}

static int
serve(const struct conf *c, const struct recognisers *known)
{
	size_t first_rss = resident();
	struct child_request req;
	bool leaving = false;
	int fd;

	while (!leaving && receive(&req, &fd)) {
		bool ok = false;

		if (req.kind == 'p') {
			struct child_answer pong = {.magic = CHILD_MAGIC};

			ok = send_all(&pong, sizeof(pong));
		} else if (req.kind == 'i' && fd >= 0 && req.len < SIZE_MAX) {
			ok = one_message(c, known, fd, (size_t)req.len,
			    first_rss, &leaving);
		}
		if (fd >= 0)
			close(fd);
		if (!ok)
			return 1;
	}
	return 0;
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
		*code = serve(c, known);
	}
	arena_free(a);
	return true;
}
