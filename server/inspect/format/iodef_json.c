/*
 * IODEF as JSON (RFC 8727) -> the tree of the XML form: a member is an
 * element, a list is that element several times.  What is an attribute in
 * XML is a member too, so iodef.c asks for both.
 */
#include "base/base.h"
#include "inspect/format/iodef.h"

bool
iodef_json_has(struct reading *r, size_t part)
{
	size_t n;
	const char *s = json_part_text(r, part, &n);

	return s != NULL && memmem(s, n, "\"Incident\"", 10) != NULL &&
	    memmem(s, n, "\"IncidentID\"", 12) != NULL;
}

/* Texts that stand for the object that holds them: ML strings, addresses,
 * ports with attributes; identifiers. */
static void
set_text(struct arena *a, struct xml *e, const struct json *j)
{
	const char *s = json_scalar(a, j);

	if (json_is_object(j)) {
		s = json_scalar(a, json_get(j, "value"));
		if (s == NULL)
			s = json_scalar(a, json_get(j, "id"));
	}
	if (s != NULL)
		e->text = arena_strdup(a, s);
}

/* A place in the JSON text whose rest is still to be copied. */
struct place {
	const struct json *j;
	size_t next;
	struct xml *to;
};

static bool
copy(struct arena *a, const struct json *j, struct xml *root)
{
	struct place stack[JSON_DEPTH_MAX + 1];
	size_t depth = 1, nodes = 0;

	stack[0] = (struct place){j, 0, root};
	while (depth > 0) {
		struct place *p = &stack[depth - 1];
		const struct json *v;
		struct xml *e;

		if (p->next >= json_len(p->j)) {
			depth--;
			continue;
		}
		if (json_is_array(p->j)) {
			/* another element of the name of the first */
			v = json_at(p->j, p->next);
			e = p->next == 0 ? p->to :
			    xml_add(a, p->to->parent, p->to->name);
		} else {
			v = json_value_at(p->j, p->next);
			e = xml_add(a, p->to, json_key_at(p->j, p->next));
		}
		p->next++;
		if (++nodes > XML_NODES_MAX)
			return false;
		set_text(a, e, v);
		if ((json_is_object(v) || json_is_array(v)) &&
		    depth < COUNT_OF(stack))
			stack[depth++] = (struct place){v, 0, e};
	}
	return true;
}

bool
iodef_json_read(struct reading *r, size_t part)
{
	const char *path = r->m->parts[part].path, *s;
	struct xml *root = xml_add(r->a, NULL, IODEF_ROOT);
	const struct json *j;
	GError *err = NULL;
	size_t n;

	s = json_part_text(r, part, &n);
	if (!json_parse(r->a, s, n, &j, &err)) {
		read_defect(r, "iodef: %s", err->message);
		g_clear_error(&err);
		return false;
	}
	if (!json_is_object(j) || !copy(r->a, j, root)) {
		read_defect(r, "iodef: the JSON of part %s is no document.",
		    path);
		return false;
	}
	return iodef_document(r, root, path);
}
