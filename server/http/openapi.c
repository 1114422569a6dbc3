/*
 * /api/v1/openapi.json, made from the route table and the views: what it
 * says cannot differ from what is served.
 */
#include "base/base.h"
#include "base/text.h"
#include "http/priv.h"

static void
schema_ref(struct json_out *w, const struct desc *d)
{
	ARENA_AUTO(a, "openapi");

	json_begin(w, '{');
	json_text(w, "$ref", arena_printf(a, "#/components/schemas/%s",
	    d->name));
	json_end(w, '}');
}

static const char *
json_type(enum desc_kind k)
{
	switch (k) {
	case DESC_INT:
		return "integer";
	case DESC_BOOL:
		return "boolean";
	case DESC_LIST:
		return "array";
	case DESC_OBJECT:
	case DESC_JSON:
		return NULL;
	default:
		return "string";
	}
}

static void
schema_field(struct json_out *w, const struct desc_field *f)
{
	const char *type = json_type(f->kind);

	if (f->kind == DESC_OBJECT) {
		schema_ref(w, f->item);
		return;
	}
	json_begin(w, '{');
	if (f->kind == DESC_LIST) {
		json_text(w, "type", "array");
		json_key(w, "items");
		schema_ref(w, f->item);
	} else if (type != NULL) {
		if (f->kind == DESC_BOOL) {
			json_text(w, "type", type);
		} else {
			json_key(w, "type");
			json_begin(w, '[');
			json_put_text(w, type);
			json_put_text(w, "null");
			json_end(w, ']');
		}
		if (f->kind == DESC_TIME)
			json_text(w, "format", "date-time");
	}
	json_end(w, '}');
}

/* The struct and all that it holds, each once. */
static void
schema(struct json_out *w, const struct desc *d, GHashTable *done)
{
	if (d == &desc_none || !g_hash_table_add(done, (void *)(uintptr_t)d->name))
		return;
	json_key(w, d->name);
	json_begin(w, '{');
	json_text(w, "type", "object");
	json_key(w, "properties");
	json_begin(w, '{');
	for (size_t i = 0; i < d->n; i++) {
		if (d->fields[i].page_only)
			continue;
		json_key(w, d->fields[i].name);
		schema_field(w, &d->fields[i]);
	}
	json_end(w, '}');
	json_end(w, '}');
	for (size_t i = 0; i < d->n; i++)
		if (!d->fields[i].page_only &&
		    (d->fields[i].kind == DESC_LIST ||
			d->fields[i].kind == DESC_OBJECT))
			schema(w, d->fields[i].item, done);
}

static void
parameter(struct json_out *w, const char *name, const char *in, bool number)
{
	json_begin(w, '{');
	json_text(w, "name", name);
	json_text(w, "in", in);
	json_bool(w, "required", strcmp(in, "path") == 0);
	json_key(w, "schema");
	json_begin(w, '{');
	json_text(w, "type", number ? "integer" : "string");
	json_end(w, '}');
	json_end(w, '}');
}

static void
parameters(struct json_out *w, const struct route *route)
{
	ARENA_AUTO(a, "openapi");

	json_key(w, "parameters");
	json_begin(w, '[');
	for (const char *p = route->api; (p = strchr(p, ':')) != NULL;) {
		size_t n = strcspn(++p, "/");
		const char *name = arena_strndup(a, p, n);

		parameter(w, name, "path", strcmp(name, "number") == 0 ||
		    strcmp(name, "id") == 0);
	}
	for (const char *p = route->query; *p != '\0';) {
		size_t n = strcspn(p, " ");
		const char *name = arena_strndup(a, p, n);

		parameter(w, name, "query", strcmp(name, "page") == 0);
		p += n;
		p += strspn(p, " ");
	}
	json_end(w, ']');
}

static void
form_schema(struct json_out *w, const struct form *form)
{
	json_begin(w, '{');
	json_text(w, "type", "object");
	json_key(w, "properties");
	json_begin(w, '{');
	for (size_t i = 0; i < form->n; i++) {
		const struct form_field *f = &form->fields[i];

		json_key(w, f->name);
		json_begin(w, '{');
		if (f->kind == FORM_LIST || f->kind == FORM_FILE) {
			json_text(w, "type", "array");
			json_key(w, "items");
			json_begin(w, '{');
			json_text(w, "type",
			    f->kind == FORM_LIST ? "string" : "object");
			json_end(w, '}');
		} else {
			json_text(w, "type", "string");
			json_int(w, "maxLength", (int64_t)f->max);
		}
		if (f->label != NULL)
			json_text(w, "description", f->label);
		json_end(w, '}');
	}
	json_end(w, '}');
	json_key(w, "required");
	json_begin(w, '[');
	for (size_t i = 0; i < form->n; i++)
		if (form->fields[i].required)
			json_put_text(w, form->fields[i].name);
	json_end(w, ']');
	json_end(w, '}');
}

static void
request_body(struct json_out *w, const struct route *route)
{
	static const char *const types[] = {"application/json",
		"application/x-www-form-urlencoded", "multipart/form-data"};

	json_key(w, "requestBody");
	json_begin(w, '{');
	json_key(w, "content");
	json_begin(w, '{');
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		json_key(w, types[i]);
		json_begin(w, '{');
		json_key(w, "schema");
		form_schema(w, route->form);
		json_end(w, '}');
	}
	if (route->form->raw) {
		json_key(w, "message/rfc822");
		json_begin(w, '{');
		json_end(w, '}');
	}
	json_end(w, '}');
	json_end(w, '}');
}

static void
response(struct json_out *w, const char *code, const char *words,
    const char *type, const struct desc *d)
{
	json_key(w, code);
	json_begin(w, '{');
	json_text(w, "description", words);
	if (d != &desc_none) {
		json_key(w, "content");
		json_begin(w, '{');
		json_key(w, type);
		json_begin(w, '{');
		json_key(w, "schema");
		schema_ref(w, d);
		json_end(w, '}');
		json_end(w, '}');
	}
	json_end(w, '}');
}

static void
operation(struct json_out *w, const struct route *route)
{
	static const char *const role[] = {"public", "viewer", "analyst",
		"lead", "admin"};

	json_key(w, route->method == ROUTE_GET ? "get" : "post");
	json_begin(w, '{');
	json_text(w, "summary", route->summary);
	json_text(w, "x-role", role[route->role]);
	parameters(w, route);
	if (route->method == ROUTE_POST && route->form->n > 0)
		request_body(w, route);
	json_key(w, "security");
	json_begin(w, '[');
	if (route->role != ROUTE_PUBLIC) {
		json_begin(w, '{');
		json_key(w, "bearer");
		json_begin(w, '[');
		json_end(w, ']');
		json_end(w, '}');
		json_begin(w, '{');
		json_key(w, "session");
		json_begin(w, '[');
		json_end(w, ']');
		json_end(w, '}');
	}
	json_end(w, ']');
	json_key(w, "responses");
	json_begin(w, '{');
	response(w, "2XX", "done", "application/json", route->view);
	response(w, "default", "what went wrong", "application/problem+json",
	    &desc_problem_json);
	json_end(w, '}');
	json_end(w, '}');
}

static const char *
braces(struct arena *a, const char *path)
{
	GString *s = arena_gstring(a);

	for (; *path != '\0'; path++) {
		size_t n;

		if (*path != ':') {
			g_string_append_c(s, *path);
			continue;
		}
		n = strcspn(path + 1, "/");
		g_string_append_printf(s, "{%.*s}", (int)n, path + 1);
		path += n;
	}
	return s->str;
}

/* The first route of this path writes all methods of it. */
static bool
seen_before(size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (routes[j].api != NULL &&
		    strcmp(routes[j].api, routes[i].api) == 0)
			return true;
	return false;
}

static void
paths(struct json_out *w, struct arena *a)
{
	json_key(w, "paths");
	json_begin(w, '{');
	for (size_t i = 0; i < routes_n; i++) {
		if (routes[i].api == NULL || seen_before(i))
			continue;
		json_key(w, braces(a, routes[i].api));
		json_begin(w, '{');
		for (size_t j = i; j < routes_n; j++)
			if (routes[j].api != NULL &&
			    strcmp(routes[j].api, routes[i].api) == 0)
				operation(w, &routes[j]);
		json_end(w, '}');
	}
	json_end(w, '}');
}

static void
components(struct json_out *w, const struct conf *c, const char *cookie)
{
	GHashTable *done = g_hash_table_new(g_str_hash, g_str_equal);

	json_key(w, "components");
	json_begin(w, '{');
	json_key(w, "securitySchemes");
	json_begin(w, '{');
	json_key(w, "bearer");
	json_begin(w, '{');
	json_text(w, "type", "http");
	json_text(w, "scheme", "bearer");
	json_end(w, '}');
	json_key(w, "session");
	json_begin(w, '{');
	json_text(w, "type", "apiKey");
	json_text(w, "in", "cookie");
	json_text(w, "name", cookie);
	json_end(w, '}');
	json_end(w, '}');
	json_key(w, "schemas");
	json_begin(w, '{');
	schema(w, &desc_problem_json, done);
	for (size_t i = 0; i < routes_n; i++)
		if (routes[i].api != NULL)
			schema(w, routes[i].view, done);
	json_end(w, '}');
	json_end(w, '}');
	g_hash_table_destroy(done);
}

bool
openapi_json(struct req *r, GError **err)
{
	GString *s = arena_gstring(r->a);
	struct json_out w = json_out(s);

	json_begin(&w, '{');
	json_text(&w, "openapi", "3.1.0");
	json_key(&w, "info");
	json_begin(&w, '{');
	json_text(&w, "title", r->site->conf->site_name);
	json_text(&w, "version", PACKAGE_VERSION);
	json_end(&w, '}');
	json_key(&w, "servers");
	json_begin(&w, '[');
	json_begin(&w, '{');
	json_text(&w, "url", r->site->conf->site_public_url);
	json_end(&w, '}');
	json_end(&w, ']');
	paths(&w, r->a);
	components(&w, r->site->conf, r->http->cookie_name);
	json_end(&w, '}');
	return reply_text(r, 200, "application/json", s->str, s->len);
}
