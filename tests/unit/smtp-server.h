/* A receiver with sockets and threads, whose intake can be held up. */
#ifndef TESTS_UNIT_SMTP_SERVER_H
#define TESTS_UNIT_SMTP_SERVER_H

#include "base/base.h"
#include "base/log.h"
#include "base/when.h"
#include "smtp/smtpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "unit.h"

/* Longest wait for anything that should happen at once. */
enum { PATIENCE_MS = 20000 };

/* A deliver function that can be held up. */
static struct gate {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool shut;
	int inside, done;
	size_t bytes;
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER,
    .changed = PTHREAD_COND_INITIALIZER};

static inline bool
take_rcpt(void *ctx, struct arena *a, const char *addr, const char **reply)
{
	return g_str_has_prefix(addr, "report@");
}

static inline void
take_message(void *ctx, struct arena *a, const struct smtp_envelope *env,
    struct blob *body, const char **reply)
{
	pthread_mutex_lock(&gate.lock);
	gate.inside++;
	pthread_cond_broadcast(&gate.changed);
	while (gate.shut)
		pthread_cond_wait(&gate.changed, &gate.lock);
	gate.inside--;
	gate.done++;
	gate.bytes += blob_len(body);
	pthread_cond_broadcast(&gate.changed);
	pthread_mutex_unlock(&gate.lock);
	*reply = arena_printf(a, "250 2.0.0 %zu bytes", blob_len(body));
}

static inline void
set_gate(bool shut)
{
	pthread_mutex_lock(&gate.lock);
	gate.shut = shut;
	pthread_cond_broadcast(&gate.changed);
	pthread_mutex_unlock(&gate.lock);
}

static inline void
wait_inside(int n)
{
	pthread_mutex_lock(&gate.lock);
	while (gate.inside < n)
		pthread_cond_wait(&gate.changed, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
}

static inline int
messages_done(void)
{
	int n;

	pthread_mutex_lock(&gate.lock);
	n = gate.done;
	pthread_mutex_unlock(&gate.lock);
	return n;
}

static const struct smtpd_ops ops = {.rcpt = take_rcpt,
    .deliver = take_message};

static struct fix {
	struct arena *arena;
	struct conf conf;
	struct smtpd *d;
	char *dir, *path;
} f;

static inline int
setup(void **state)
{
	const struct conf *conf;

	f.arena = arena_new("test");
	assert_true(conf_load(f.arena, NULL, &conf, NULL));
	f.dir = g_dir_make_tmp("smtp-XXXXXX", NULL);
	f.path = g_build_filename(f.dir, "lmtp", NULL);
	f.conf = *conf;
	f.conf.smtp_listen = "127.0.0.1:0";
	f.conf.smtp_lmtp = f.path;
	f.conf.smtp_workers = 3;
	f.conf.site_state_dir = f.dir;
	gate.shut = false;
	gate.done = gate.inside = 0;
	gate.bytes = 0;
	return 0;
}

static inline void
start(void)
{
	g_autoptr(GError) err = NULL;

	f.d = smtpd_new(&f.conf, &ops, &err);
	if (f.d == NULL)
		fail_msg("%s", err->message);
	smtpd_start(f.d);
}

static inline int
teardown(void **state)
{
	smtpd_free(f.d);
	f.d = NULL;
	assert_false(g_file_test(f.path, G_FILE_TEST_EXISTS));
	assert_int_equal(g_rmdir(f.dir), 0);
	g_free(f.path);
	g_free(f.dir);
	arena_free(f.arena);
	return 0;
}

static inline int
connect_tcp(int fd)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons(smtpd_port(f.d, 0)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	if (fd < 0)
		fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&in, sizeof(in)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static inline int
connect_unix(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	g_strlcpy(un.sun_path, f.path, sizeof(un.sun_path));
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	return fd;
}

static inline void
put(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
	    strlen(text));
}

/* Reads until the last line begins with want ("250 "), or to the end of
 * file when want is NULL.  The caller frees. */
static inline char *
get(int fd, const char *want)
{
	GString *s = g_string_new(NULL);
	char buf[1000];

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		const char *last;
		ssize_t n;

		if (want != NULL && g_str_has_suffix(s->str, "\r\n")) {
			g_string_set_size(s, s->len - 2);
			last = strrchr(s->str, '\n');
			last = last != NULL ? last + 1 : s->str;
			if (g_str_has_prefix(last, want))
				return g_string_free(s, FALSE);
			g_string_append(s, "\r\n");
		}
		if (poll(&p, 1, PATIENCE_MS) != 1)
			fail_msg("waited for %s, got: %s",
			    want != NULL ? want : "the end", s->str);
		n = recv(fd, buf, sizeof(buf), 0);
		if (n <= 0 && want == NULL)
			return g_string_free(s, FALSE);
		if (n <= 0)
			fail_msg("end before %s: %s", want, s->str);
		g_string_append_len(s, buf, n);
	}
}

static inline void
expect(int fd, const char *want)
{
	g_free(get(fd, want));
}

static inline void
up_to_data(int fd, const char *hello)
{
	expect(fd, "220 ");
	put(fd, hello);
	put(fd, " client\r\nMAIL FROM:<a@b.example>\r\n"
		"RCPT TO:<report@x>\r\nDATA\r\n");
	expect(fd, "354 ");
}

/* Waits until a counter has a value. */
#define WAIT_FOR(expr)                                                        \
	do {                                                                  \
		int64_t end_ = when_ticks() + PATIENCE_MS * 1000;             \
		while (!(expr)) {                                             \
			if (when_ticks() > end_)                              \
				fail_msg("waited for %s", #expr);             \
			g_usleep(2000);                                       \
		}                                                             \
	} while (0)

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif
