/* The table of pages.  See route.h. */
#include "base/base.h"
#include "http/route.h"

#define ROUTE(method_, page_, api_, role_, body_, fields_, query_, flags_,      \
    handler_, view_, summary_)                                                \
	{ROUTE_##method_, page_, api_, ROUTE_##role_, body_, &form_##fields_,   \
	    query_, ROUTE_##flags_, handler_, &desc_##view_, summary_},
const struct route routes[] = {
#include "http/routes.def"
};
#undef ROUTE
const size_t routes_n = COUNT_OF(routes);

/* Does path fit the pattern?  Parameters go into m. */
static bool
fits(const char *pattern, const char *path, struct route_match *m)
{
	unsigned n = 0;

	while (*pattern != '\0') {
		if (*pattern == ':') {
			size_t name = strcspn(++pattern, "/");
			size_t value = strcspn(path, "/");

			if (value == 0)
				return false;
			g_assert(n < REQ_PARAMS_MAX);
			m->param[n].name = pattern;
			m->param[n].name_len = name;
			m->param[n].value = path;
			m->param[n].value_len = value;
			n++;
			pattern += name;
			path += value;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	if (*path != '\0')
		return false;
	m->n = n;
	return true;
}

/* Segments without a colon win over those with one. */
static unsigned
wildness(const char *pattern)
{
	unsigned n = 0;

	for (; *pattern != '\0'; pattern++)
		n += *pattern == ':';
	return n;
}

void
route_find(enum route_method method, const char *path,
    struct route_match *out)
{
	struct route_match m = {0}, best = {0};
	unsigned best_wild = UINT_MAX;

	for (size_t i = 0; i < routes_n; i++) {
		const char *face[2] = {routes[i].page, routes[i].api};

		for (int f = 0; f < 2; f++) {
			if (face[f] == NULL || !fits(face[f], path, &m))
				continue;
			best.path_known = true;
			if (routes[i].method == ROUTE_GET)
				best.get_ok = true;
			else
				best.post_ok = true;
			if (routes[i].method != method ||
			    wildness(face[f]) >= best_wild)
				continue;
			best_wild = wildness(face[f]);
			best.route = &routes[i];
			best.face = f == 0 ? FACE_PAGE : FACE_API;
			best.n = m.n;
			memcpy(best.param, m.param, sizeof(best.param));
		}
	}
	*out = best;
}
