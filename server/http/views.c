/* Every descriptor that a template may name.  See view.h. */
#include "base/base.h"
#include "http/route.h"

DESC_TABLE(problem, PROBLEM);
DESC_TABLE(page, PAGE);
DESC_TABLE(pager, PAGER);
DESC_TABLE(error_view, ERROR_VIEW);
DESC_TABLE(problem_json, PROBLEM_JSON);

#define VIEW(name) extern const struct desc desc_##name;
#include "http/views.def"
#undef VIEW

const struct desc *const views_all[] = {
#define VIEW(name) &desc_##name,
#include "http/views.def"
#undef VIEW
#define ROUTE(method_, page_, api_, role_, body_, fields_, query_, flags_,      \
    handler_, view_, summary_)                                                \
	&desc_##view_,
#include "http/routes.def"
#undef ROUTE
	NULL,
};
