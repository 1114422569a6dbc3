/* Reading of paths and queries.  See req.h. */
#include "base/base.h"
#include "base/text.h"
#include "http/priv.h"

const char *
req_param(const struct req *r, const char *name)
{
	const struct route_match *m = &r->conn->match;
	size_t n = strlen(name);

	for (unsigned i = 0; i < m->n; i++)
		if (m->param[i].name_len == n &&
		    strncmp(m->param[i].name, name, n) == 0)
			return text_repair(r->a, m->param[i].value,
			    m->param[i].value_len);
	g_assert_not_reached();
}

bool
req_param_int(const struct req *r, const char *name, int64_t *n, GError **err)
{
	if (text_int(req_param(r, name), 1, INT64_MAX, n))
		return true;
	return fault_set(err, FAULT_ABSENT, "There is no such page.");
}

/* Is name one of the blank-separated words of list? */
static bool
listed(const char *list, const char *name, size_t n)
{
	for (const char *p = list; *p != '\0';) {
		size_t len = strcspn(p, " ");

		if (len == n && strncmp(p, name, n) == 0)
			return true;
		p += len;
		p += strspn(p, " ");
	}
	return false;
}

const char *
req_query(struct req *r, const char *name)
{
	const char *v;
	char *s;

	g_assert(listed(r->route->query, name, strlen(name)));
	v = MHD_lookup_connection_value(r->conn->mc, MHD_GET_ARGUMENT_KIND,
	    name);
	if (text_blank(v))
		return NULL;
	s = text_repair(r->a, v, MIN(strlen(v), REQ_QUERY_MAX));
	return g_strstrip(s);
}

bool
req_query_int(struct req *r, const char *name, int64_t min, int64_t max,
    int64_t dflt, int64_t *n, GError **err)
{
	const char *s = req_query(r, name);

	if (s == NULL) {
		*n = dflt;
		return true;
	}
	if (text_int(s, min, max, n))
		return true;
	return fault_set(err, FAULT_INPUT, "%s must be a number from %" PRId64
	    " to %" PRId64 ".", name, min, max);
}

const char *
req_query_but(struct req *r, const char *except)
{
	GString *out = arena_gstring(r->a);
	const char *p = r->route->query;

	while (*p != '\0') {
		size_t n = strcspn(p, " ");
		const char *name = arena_strndup(r->a, p, n);
		const char *v = NULL;

		if (except == NULL || strcmp(name, except) != 0)
			v = req_query(r, name);
		if (v != NULL) {
			g_string_append_printf(out, "%c%s=",
			    out->len == 0 ? '?' : '&', name);
			text_url(out, v);
		}
		p += n;
		p += strspn(p, " ");
	}
	return out->str;
}

bool
req_may(const struct req *r, enum role role)
{
	return (int)r->actor.role >= (int)role;
}

struct pool *
req_parsers(const struct req *r)
{
	return r->http->options.parsers;
}

struct keeper *
req_keeper(const struct req *r)
{
	return r->http->options.keeper;
}

const char *
req_header(const struct req *r, const char *name)
{
	return MHD_lookup_connection_value(r->conn->mc, MHD_HEADER_KIND, name);
}

void
req_public_changed(struct req *r)
{
	cache_bump(r->http->cache);
}

/* For the cache: nothing but what the route knows may be in the query. */
static enum MHD_Result
known(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct req *r = ctx;

	if (value != NULL && strlen(value) <= 20 &&
	    listed(r->route->query, name, strlen(name)))
		return MHD_YES;
	r->conn->odd_query = true;
	return MHD_NO;
}

bool
req_query_plain(struct req *r)
{
	r->conn->odd_query = false;
	MHD_get_connection_values(r->conn->mc, MHD_GET_ARGUMENT_KIND, known,
	    r);
	return !r->conn->odd_query;
}
