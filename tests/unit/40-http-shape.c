/* http: shapes of a request that we take, refuse, and answer. */
#include "http-server.h"

static struct server server;

static int
setup(void **state)
{
	log_set_level(LOG_ERR);
	server_start(&server, "");
	return 0;
}

static int
teardown(void **state)
{
	server_stop(&server);
	return 0;
}

#define H "Host: a\r\n"
/* Refused by the library itself, which sends that header twice. */
enum { MHD_OWN = 2 };
static const struct {
	const char *name, *bytes;
	int status, answers;
	bool closed;
} shapes[] = {
    {"plain", "GET /healthz HTTP/1.1\r\n" H "\r\n", 200, 1, false},
    {"http/1.0", "GET /healthz HTTP/1.0\r\n\r\n", 200, 1, true},
    {"two in a row", "GET /healthz HTTP/1.1\r\n" H "\r\n"
		     "GET /healthz HTTP/1.1\r\n" H "\r\n", 200, 2, false},
    {"no Host", "GET /healthz HTTP/1.1\r\n\r\n", 400, 1, true},
    {"two Hosts", "GET /healthz HTTP/1.1\r\n" H "Host: b\r\n\r\n", 400, 1,
	true},
    {"length and encoding",
	"POST /healthz HTTP/1.1\r\n" H "Content-Length: 5\r\n"
	"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
	"GET /robots.txt HTTP/1.1\r\n" H "\r\n", 400, 1, true},
    {"two lengths",
	"POST /healthz HTTP/1.1\r\n" H "Content-Length: 0\r\n"
	"Content-Length: 40\r\n\r\nGET /robots.txt HTTP/1.1\r\n" H "\r\n",
	400, 1, true},
    {"the same length twice",
	"POST /healthz HTTP/1.1\r\n" H "Content-Length: 0\r\n"
	"Content-Length: 0\r\n\r\n", 400, 1, true},
    {"blank before colon",
	"POST /healthz HTTP/1.1\r\n" H "Content-Length : 40\r\n\r\n"
	"GET /robots.txt HTTP/1.1\r\n" H "\r\n", 400, 1, true},
    {"tab before colon",
	"GET /healthz HTTP/1.1\r\n" H "X\t: 40\r\n\r\n", 400, 1, true},
    {"folded", "GET /healthz HTTP/1.1\r\n" H "A: 1\r\n 2\r\n\r\n", 400, 1,
	true},
    {"folded into a name",
	"POST /healthz HTTP/1.1\r\n" H "Transfer: chunked\r\n -Encoding\r\n"
	"\r\n", 400, 1, true},
    {"bare LF in a field",
	"GET /healthz HTTP/1.1\r\n" H "A: 1\nB: 2\r\n\r\n", 400, 1, true},
    {"bare LF after the request line",
	"GET /healthz HTTP/1.1\n" H "\r\n", 400, 1, true},
    {"bare LF everywhere", "GET /healthz HTTP/1.1\nHost: a\n\n", 400, 1,
	true},
    {"length with a sign",
	"POST /healthz HTTP/1.1\r\n" H "Content-Length: +5\r\n\r\nabcde", 400,
	MHD_OWN, true},
    {"length in hex",
	"POST /healthz HTTP/1.1\r\n" H "Content-Length: 0x5\r\n\r\nabcde", 400,
	MHD_OWN, true},
    {"encoding that is not chunked",
	"POST /healthz HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n",
	400, 1, true},
    {"two encodings",
	"POST /healthz HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	"Transfer-Encoding: identity\r\n\r\n", 400, 1, true},
    {"control byte",
	"GET /healthz HTTP/1.1\r\n" H "A: b\x01\r\n\r\n", 400, 1, true},
    {"a name with a colon's neighbour",
	"GET /healthz HTTP/1.1\r\n" H "A(b): c\r\n\r\n", 400, 1, true},
    {"NUL in the address", "GET /healthz%00x HTTP/1.1\r\n" H "\r\n", 400, 1,
	true},
    {"GET with a body",
	"GET /healthz HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nabcde", 413, 1,
	true},
    {"unknown page", "GET /nothing HTTP/1.1\r\n" H "\r\n", 404, 1, false},
    {"unknown api", "GET /api/v1/nothing HTTP/1.1\r\n" H "\r\n", 404, 1,
	false},
    {"method of none", "BREW /healthz HTTP/1.1\r\n" H "\r\n", 405, 1, true},
    {"post to a get", "POST /healthz HTTP/1.1\r\n" H
		      "Content-Length: 3\r\n\r\nabc", 405, 1, true},
    {"options", "OPTIONS /healthz HTTP/1.1\r\n" H "\r\n", 405, 1, true},
};

static void
test_shapes(void **state)
{
	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		bool closed;
		g_autofree char *out = ask(&server, shapes[i].bytes,
		    strlen(shapes[i].bytes), &closed);

		if (status_of(out) != shapes[i].status ||
		    answers(out) != shapes[i].answers ||
		    closed != shapes[i].closed)
			fail_msg("%s: status %d, %d answers, closed %d:\n%s",
			    shapes[i].name, status_of(out), answers(out),
			    closed, out);
	}
}

static char *
get(const char *path, const char *headers)
{
	g_autofree char *q = g_strdup_printf("GET %s HTTP/1.1\r\n" H
	    "Connection: close\r\n%s\r\n", path, headers);
	bool closed;

	return ask(&server, q, strlen(q), &closed);
}

static void
test_headers(void **state)
{
	static const char *const want[] = {
	    "Content-Security-Policy: default-src 'none'",
	    "X-Content-Type-Options: nosniff", "Referrer-Policy: same-origin",
	    "X-Frame-Options: DENY", "Cache-Control: "};
	static const char *const paths[] = {"/healthz", "/robots.txt",
	    "/nothing", "/api/v1/openapi.json", "/static/style.css"};

	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		g_autofree char *out = get(paths[i], "");

		for (size_t k = 0; k < COUNT_OF(want); k++)
			if (strstr(out, want[k]) == NULL)
				fail_msg("%s lacks %s:\n%.600s", paths[i],
				    want[k], out);
		assert_null(strstr(out, "Strict-Transport"));
		assert_null(strstr(out, "unsafe"));
	}
}

static char *
header_of(const char *answer, const char *name)
{
	g_autofree char *key = g_strdup_printf("\r\n%s: ", name);
	const char *p = strstr(answer, key);

	if (p == NULL)
		return NULL;
	p += strlen(key);
	return g_strndup(p, strcspn(p, "\r"));
}

/* The same page twice: rendered, then from memory; 304, HEAD, gzip. */
static void
test_cached(void **state)
{
	g_autofree char *one = get("/api/v1/openapi.json", "");
	g_autofree char *two = get("/api/v1/openapi.json", "");
	g_autofree char *etag = header_of(one, "ETag");
	g_autofree char *date = header_of(one, "Last-Modified");
	g_autofree char *q = NULL;
	g_autofree char *same = NULL;
	g_autofree char *other = NULL;
	g_autofree char *since = NULL;
	g_autofree char *gz = NULL;
	g_autofree char *head = NULL;
	bool closed;

	assert_int_equal(status_of(one), 200);
	assert_non_null(etag);
	assert_non_null(date);
	assert_string_equal(body_of(one), body_of(two));
	q = g_strdup_printf("If-None-Match: \"x\", %s\r\n", etag);
	same = get("/api/v1/openapi.json", q);
	assert_int_equal(status_of(same), 304);
	assert_string_equal(body_of(same), "");
	/* If-None-Match wins over the date. */
	g_free(q);
	q = g_strdup_printf("If-None-Match: \"x\"\r\n"
	    "If-Modified-Since: %s\r\n", date);
	other = get("/api/v1/openapi.json", q);
	assert_int_equal(status_of(other), 200);
	g_free(q);
	q = g_strdup_printf("If-Modified-Since: %s\r\n", date);
	since = get("/api/v1/openapi.json", q);
	assert_int_equal(status_of(since), 304);
	gz = get("/api/v1/openapi.json", "Accept-Encoding: gzip, br\r\n");
	assert_non_null(strstr(gz, "Content-Encoding: gzip"));
	assert_non_null(strstr(gz, "Vary: Accept-Encoding"));
	assert_true((unsigned char)body_of(gz)[0] == 0x1f);
	g_free(gz);
	gz = get("/api/v1/openapi.json", "Accept-Encoding: gzip;q=0\r\n");
	assert_null(strstr(gz, "Content-Encoding"));
	head = ask(&server, "HEAD /api/v1/openapi.json HTTP/1.1\r\n" H
	    "Connection: close\r\n\r\n", strlen("HEAD /api/v1/openapi.json "
	    "HTTP/1.1\r\n" H "Connection: close\r\n\r\n"), &closed);
	assert_int_equal(status_of(head), 200);
	assert_string_equal(body_of(head), "");
	assert_non_null(strstr(head, "Content-Length: "));
	assert_null(strstr(head, "Content-Length: 0"));
}

/* A query that the route does not know is answered, but not kept. */
static void
test_odd_query(void **state)
{
	g_autofree char *one = get("/robots.txt?x=1", "");

	assert_int_equal(status_of(one), 200);
	assert_non_null(strstr(one, "Cache-Control: no-store"));
}

static void
test_database_away(void **state)
{
	g_autofree char *ready = get("/readyz", "");

	assert_int_equal(status_of(ready), 503);
	assert_non_null(strstr(ready, "\"database\":false"));
}

static void
test_problem(void **state)
{
	g_autofree char *api = get("/api/v1/nothing", "");
	g_autofree char *page = get("/<b>", "");

	assert_non_null(strstr(api, "application/problem+json"));
	assert_non_null(strstr(api, "\"status\":404"));
	assert_non_null(strstr(page, "text/html"));
	assert_null(strstr(body_of(page), "<b>"));
}

static void
test_proxy_header_needs_trust(void **state)
{
	/* Nothing to see from outside but that it is taken. */
	g_autofree char *out = get("/healthz",
	    "X-Forwarded-For: 192.0.2.9, junk\r\n");

	assert_int_equal(status_of(out), 200);
}

/* [http] body_max was read by nobody: a route's own limit was all there was. */
static void
test_body_max_of_the_settings(void **state)
{
	static const char q[] = "POST /report HTTP/1.1\r\n" H
	    "Content-Type: application/x-www-form-urlencoded\r\n"
	    "Content-Length: 90000000\r\n\r\n";
	g_autofree char *out = NULL;
	struct server s;
	bool closed;

	server_start(&s, "body_max = 65536\n");
	out = ask(&s, q, sizeof(q) - 1, &closed);
	server_stop(&s);
	assert_int_equal(status_of(out), 413);
	assert_non_null(strstr(out, "at most 65536 bytes"));
	assert_true(closed);
}

static void
test_demo(void **state)
{
	struct server s;
	g_autoptr(GError) err = NULL;

	assert_false(server_try(&s, "listen = 0.0.0.0:0\n[site]\ndemo = true\n",
	    &err));
	assert_non_null(err);
	tmpl_free(s.tmpl);
	arena_free(s.a);
	g_free(s.dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shapes),
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_cached),
	    cmocka_unit_test(test_odd_query),
	    cmocka_unit_test(test_database_away),
	    cmocka_unit_test(test_problem),
	    cmocka_unit_test(test_proxy_header_needs_trust),
	    cmocka_unit_test(test_body_max_of_the_settings),
	    cmocka_unit_test(test_demo),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
