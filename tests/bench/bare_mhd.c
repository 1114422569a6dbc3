/*
 * bare_mhd THREADS HEADERS BODY: the reference for the public pages.  Answers
 * every request with the bytes in BODY and the header fields in HEADERS (one a
 * line), from an epoll pool of so many threads.  Prints its port; ends when
 * standard input does.
 */
#include <microhttpd.h>
#include <netinet/in.h>
#include <unistd.h>

#include "load.h"

static enum MHD_Result
answer(void *cls, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *data, size_t *n,
    void **state)
{
	static int seen;

	/* MHD 0.9.75 closes after an answer to the first call. */
	if (*state == NULL) {
		*state = &seen;
		return MHD_YES;
	}
	return MHD_queue_response(c, MHD_HTTP_OK, cls);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct MHD_Response *page;
	struct MHD_Daemon *d;
	char *body, *head, *save = NULL, c;
	size_t len, head_len;

	if (argc != 4)
		errx(2, "usage: bare_mhd THREADS HEADERS BODY");
	head = slurp(argv[2], &head_len);
	body = slurp(argv[3], &len);
	page = MHD_create_response_from_buffer(len, body,
	    MHD_RESPMEM_PERSISTENT);
	for (char *line = strtok_r(head, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		char *value = strstr(line, ": ");

		if (value == NULL)
			errx(2, "no header field: %s", line);
		*value = '\0';
		MHD_add_response_header(page, line, value + 2);
	}
	d = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO, 0,
	    NULL, NULL, answer, page, MHD_OPTION_SOCK_ADDR, &at,
	    MHD_OPTION_THREAD_POOL_SIZE, (unsigned)atoi(argv[1]),
	    MHD_OPTION_CONNECTION_LIMIT, 2000u, MHD_OPTION_END);
	if (d == NULL)
		errx(1, "libmicrohttpd did not start");
	printf("%u\n",
	    MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	MHD_stop_daemon(d);
	MHD_destroy_response(page);
	free(head);
	free(body);
	return 0;
}
