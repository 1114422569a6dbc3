/*
 * The table of pages (routes.def) and the search in it.
 *
 * Including this declares every handler, form and view of the table, so
 * that a page module needs no header of its own.
 */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "http/form.h"
#include "http/req.h"
#include "http/view.h"

enum route_method { ROUTE_GET, ROUTE_POST };
enum route_role {
	ROUTE_PUBLIC = ROLE_NONE,
	ROUTE_VIEWER = ROLE_VIEWER,
	ROUTE_ANALYST = ROLE_ANALYST,
	ROUTE_LEAD = ROLE_LEAD,
	ROUTE_ADMIN = ROLE_ADMIN,
};
enum route_flag {
	ROUTE_PLAIN = 0,
	/* Public page that is rendered once and served from memory until
	 * something public changes; it sees no session and no header. */
	ROUTE_CACHED = 1,
	/* Posted by machines without our form (RFC 8058): no Origin check. */
	ROUTE_ANYONE = 2,
};

struct route {
	enum route_method method;
	const char *page, *api;  /* path patterns; NULL: no such face */
	enum route_role role;
	size_t body_max;
	const struct form *form;
	const char *query;       /* names, separated by blanks */
	unsigned flags;
	req_handler *handler;
	const struct desc *view;
	const char *summary;
};

extern const struct route routes[];
extern const size_t routes_n;

struct route_match {
	const struct route *route; /* NULL: none */
	enum face face;
	bool path_known;           /* another method would do: 405 */
	bool get_ok, post_ok;      /* for Allow */
	unsigned n;
	struct {
		const char *name;  /* in the pattern, ends at name_len */
		size_t name_len;
		const char *value; /* in path, ends at value_len */
		size_t value_len;
	} param[REQ_PARAMS_MAX];
};

/* path is percent-decoded.  HEAD is asked for as GET. */
void route_find(enum route_method m, const char *path,
    struct route_match *out);

#define ROUTE(method_, page_, api_, role_, body_, fields_, query_, flags_,      \
    handler_, view_, summary_)                                                \
	extern const struct form form_##fields_;                                \
	extern const struct desc desc_##view_;                                \
	bool handler_(struct req *r, GError **err);
#include "http/routes.def"
#undef ROUTE

#endif
