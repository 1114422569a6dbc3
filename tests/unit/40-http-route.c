/* http/route: the table itself, and the search in it. */
#include "base/base.h"
#include "http/route.h"

#include "unit.h"

static const struct route *
find(enum route_method m, const char *path, struct route_match *out)
{
	route_find(m, path, out);
	return out->route;
}

static void
test_find(void **state)
{
	struct route_match m;

	assert_non_null(find(ROUTE_GET, "/", &m));
	assert_non_null(find(ROUTE_GET, "/desk/tickets/17", &m));
	assert_int_equal(m.face, FACE_PAGE);
	assert_int_equal(m.n, 1);
	assert_int_equal(m.param[0].value_len, 2);
	assert_memory_equal(m.param[0].value, "17", 2);
	assert_memory_equal(m.param[0].name, "number", 6);
	assert_non_null(find(ROUTE_GET, "/api/v1/tickets/17", &m));
	assert_int_equal(m.face, FACE_API);
	assert_null(find(ROUTE_GET, "/desk/tickets/", &m));
	assert_null(find(ROUTE_GET, "/desk/tickets/17/", &m));
	assert_null(find(ROUTE_GET, "/desk/tickets/17/x", &m));
	assert_null(find(ROUTE_GET, "//desk", &m));
	assert_null(find(ROUTE_GET, "", &m));
	assert_false(m.path_known);
	assert_null(find(ROUTE_GET, "/desk/tickets/17/take", &m));
	assert_true(m.path_known);
	assert_true(m.post_ok);
	assert_false(m.get_ok);
	assert_non_null(find(ROUTE_POST, "/login", &m));
	assert_true(m.get_ok);
}

static bool
starts(const char *s, const char *prefix)
{
	return g_str_has_prefix(s, prefix);
}

/* What no line of the table may be. */
static void
test_table(void **state)
{
	for (size_t i = 0; i < routes_n; i++) {
		const struct route *r = &routes[i];
		const char *path = r->page != NULL ? r->page : r->api;

		if (r->page == NULL && r->api == NULL)
			fail_msg("a route without a path");
		if ((r->page != NULL && starts(r->page, "/api/")) ||
		    (r->api != NULL && !starts(r->api, "/api/v1/")))
			fail_msg("%s: a face at the wrong place", path);
		if (r->page != NULL && starts(r->page, "/desk") &&
		    r->role == ROUTE_PUBLIC)
			fail_msg("%s: the desk is not public", path);
		if (r->method == ROUTE_GET && r->body_max != 0)
			fail_msg("%s: GET with a body", path);
		if (r->method == ROUTE_POST && r->body_max == 0)
			fail_msg("%s: POST without a limit", path);
		if ((r->flags & ROUTE_CACHED) &&
		    (r->role != ROUTE_PUBLIC || r->method != ROUTE_GET))
			fail_msg("%s: cached, but not for everybody", path);
		/* (What one has seen is one's own.) */
		if (r->role == ROUTE_VIEWER && r->method == ROUTE_POST &&
		    !starts(path, "/desk/account") &&
		    strcmp(path, "/desk/today/seen") != 0 &&
		    strcmp(path, "/logout") != 0)
			fail_msg("%s: a viewer changes something", path);
		if (*r->summary == '\0')
			fail_msg("%s: no summary", path);
		for (size_t k = 0; k < r->form->n; k++)
			assert_true(r->form->fields[k].max > 0);
	}
}

/* Two lines of one method and one path: the second would never be found. */
static void
test_unique(void **state)
{
	for (size_t i = 0; i < routes_n; i++)
		for (size_t j = 0; j < i; j++) {
			const struct route *a = &routes[i], *b = &routes[j];

			if (a->method != b->method)
				continue;
			if (a->page != NULL && b->page != NULL)
				assert_string_not_equal(a->page, b->page);
			if (a->api != NULL && b->api != NULL)
				assert_string_not_equal(a->api, b->api);
		}
}

/* Every view begins with the common part where a template needs it; the
 * reply asserts it, this says so before a page is asked for. */
static void
test_views(void **state)
{
	for (size_t i = 0; views_all[i] != NULL; i++) {
		const struct desc *d = views_all[i];

		for (size_t k = 0; k < d->n; k++)
			for (size_t m = 0; m < k; m++)
				assert_string_not_equal(d->fields[k].name,
				    d->fields[m].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_unique),
	    cmocka_unit_test(test_views),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
