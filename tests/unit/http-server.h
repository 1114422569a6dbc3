/*
 * A web server on a free port, without a database, for the tests of
 * server/http; and a raw socket to it.
 */
#ifndef TESTS_UNIT_HTTP_SERVER_H
#define TESTS_UNIT_HTTP_SERVER_H

#include "base/base.h"
#include "base/conf.h"
#include "base/log.h"
#include "core/site.h"
#include "http/httpd.h"
#include "http/view.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

struct server {
	struct arena *a;
	struct site site;
	struct tmpl_set *tmpl;
	struct httpd *http;
	uint16_t port;
	char *dir;
};

/* more: lines for the settings file, "[http]\nthreads = 2\n"... */
static bool
server_try(struct server *s, const char *more, GError **err)
{
	g_autofree char *path = NULL;
	g_autofree char *text = NULL;

	*s = (struct server){.a = arena_new("test server")};
	signal(SIGPIPE, SIG_IGN);
	secret_init();
	s->dir = g_dir_make_tmp("tocsin-http-XXXXXX", NULL);
	path = g_build_filename(s->dir, "tocsin.conf", NULL);
	text = g_strdup_printf("[site]\nstate_dir = %s\n"
	    "[database]\nuri = postgresql:///none?host=%s\n%s"
	    "[http]\nlisten = 127.0.0.1:0\nthreads = 2\n%s",
	    s->dir, s->dir, g_str_has_prefix(more, "[") ? more : "",
	    g_str_has_prefix(more, "[") ? "" : more);
	assert_true(g_file_set_contents(path, text, -1, NULL));
	if (!conf_load(s->a, path, &s->site.conf, err))
		return false;
	s->tmpl = tmpl_load(SRCDIR "/tests/templates", NULL, views_all, err);
	if (s->tmpl == NULL)
		return false;
	s->site.tmpl = s->tmpl;
	memset(&s->site.key, 7, sizeof(s->site.key));
	if (!httpd_start(&s->site, NULL, &s->http, err))
		return false;
	s->port = httpd_port(s->http);
	return true;
}

static void
server_start(struct server *s, const char *more)
{
	g_autoptr(GError) err = NULL;

	if (!server_try(s, more, &err))
		fail_msg("%s", err->message);
}

static void
server_stop(struct server *s)
{
	g_autofree char *path = g_build_filename(s->dir, "tocsin.conf", NULL);

	httpd_stop(s->http);
	tmpl_free(s->tmpl);
	unlink(path);
	rmdir(s->dir);
	g_free(s->dir);
	arena_free(s->a);
}

static int
dial(const struct server *s)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
		.sin_port = htons(s->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	return fd;
}

static void
put(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t k = send(fd, bytes, n, MSG_NOSIGNAL);

		if (k <= 0)
			return; /* the server has said enough */
		bytes += k;
		n -= (size_t)k;
	}
}

/* All that comes until the peer closes or is silent for ms. */
static char *
take(int fd, int ms, bool *closed)
{
	GString *s = g_string_new(NULL);
	char buf[65536];

	*closed = false;
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (poll(&p, 1, ms) <= 0)
			break;
		n = recv(fd, buf, sizeof(buf), 0);
		if (n <= 0) {
			*closed = true;
			break;
		}
		g_string_append_len(s, buf, n);
	}
	return g_string_free(s, FALSE);
}

/* One exchange; the answer is freed by the caller. */
static char *
ask(const struct server *s, const char *bytes, size_t n, bool *closed)
{
	int fd = dial(s);
	char *out;

	put(fd, bytes, n);
	out = take(fd, 400, closed);
	close(fd);
	return out;
}

static int
status_of(const char *answer)
{
	return strncmp(answer, "HTTP/1.1 ", 9) != 0 ? 0 :
	    (int)g_ascii_strtoll(answer + 9, NULL, 10);
}

/* How many answers are in it. */
static G_GNUC_UNUSED int
answers(const char *s)
{
	int n = 0;

	for (const char *p = s; (p = strstr(p, "HTTP/1.1 ")) != NULL; p++)
		n++;
	return n;
}

static G_GNUC_UNUSED const char *
body_of(const char *answer)
{
	const char *p = strstr(answer, "\r\n\r\n");

	return p == NULL ? "" : p + 4;
}

#endif
