/*
 * What is wrong with a field, beside the field: a page whose template has no
 * place of its own for an error ("FIELD-error") gets one, and the field says
 * that this describes it, so that no form can forget it.  Tags are found in our own pages alone, where quotes and
 * angle brackets of values are always escaped.
 */
#include "base/base.h"
#include "base/text.h"
#include "http/priv.h"

static bool
is_tag(const char *at, const char *name)
{
	size_t n = strlen(name);

	return at[0] == '<' && strncmp(at + 1, name, n) == 0 &&
	    (at[n + 1] == ' ' || at[n + 1] == '>');
}

/* What stands between the tag's beginning and its end; NULL: not there. */
static const char *
within(const char *tag, const char *text)
{
	return g_strstr_len(tag, strchr(tag, '>') - tag, text);
}

/* The tag at this place is one into which people type or choose. */
static bool
is_control(const char *at)
{
	if (is_tag(at, "textarea") || is_tag(at, "select"))
		return true;
	return is_tag(at, "input") && within(at, " type=\"hidden\"") == NULL;
}

/* Where the tag begins that has this attribute; *twice: more than one has. */
static char *
tag_with(char *page, const char *attribute, bool control, bool *twice)
{
	char *found = NULL;

	*twice = false;
	for (char *at = page; (at = strstr(at, attribute)) != NULL; at++) {
		char *tag = at;

		while (tag > page && *tag != '<')
			tag--;
		if (control && !is_control(tag))
			continue;
		*twice = found != NULL;
		if (found == NULL)
			found = tag;
	}
	return found;
}

/* The control that a box is about: the first behind its tag. */
static char *
control_in(char *box)
{
	for (char *at = box; (at = strchr(at + 1, '<')) != NULL;) {
		if (is_control(at))
			return at;
		if (is_tag(at, "form") || is_tag(at, "/form"))
			break;
	}
	return NULL;
}

static void
put(GString *page, size_t at, const char *text)
{
	g_string_insert(page, (gssize)at, text);
}

/* The tag at this place is described by the error, too; by how much the
 * other place moves for it. */
static size_t
describe(struct arena *a, GString *page, size_t tag, const char *id,
    size_t where)
{
	size_t before = page->len;

	static const char by[] = " aria-describedby=\"";
	const char *end = strchr(page->str + tag, '>');
	const char *has = within(page->str + tag, by);

	if (has != NULL)
		put(page, (size_t)(has - page->str) + strlen(by),
		    arena_printf(a, "%s ", id));
	else
		put(page, (size_t)(end - page->str),
		    arena_printf(a, "%s%s\"", by, id));
	if (within(page->str + tag, " aria-invalid=") == NULL &&
	    !is_tag(page->str + tag, "fieldset") &&
	    within(page->str + tag, " type=\"radio\"") == NULL)
		put(page, (size_t)(strchr(page->str + tag, '>') - page->str),
		    " aria-invalid=\"true\"");
	return where > tag ? page->len - before : 0;
}

/* The summary leads to the field by its id: it gets one, or the link its. */
static void
lead_to(struct arena *a, GString *page, size_t tag, const char *field)
{
	const char *has = within(page->str + tag, " id=\""), *end;

	if (has == NULL) {
		put(page, (size_t)(strchr(page->str + tag, ' ') - page->str),
		    arena_printf(a, " id=\"%s\"", field));
		return;
	}
	has += strlen(" id=\"");
	end = strchr(has, '"');
	g_string_replace(page, arena_printf(a, "href=\"#%s\"", field),
	    arena_printf(a, "href=\"#%.*s\"", (int)(end - has), has), 1);
}

static void
beside(struct req *r, GString *page, struct problem *p)
{
	struct arena *a = r->a;
	const char *id = arena_printf(a, "%s-error", p->field);
	bool told = strstr(page->str, arena_printf(a, " id=\"%s\"", id)) !=
	    NULL;
	GString *said = arena_gstring(a);
	bool twice, by_name = false;
	char *box, *control, *at;
	size_t of, where;

	box = tag_with(page->str, arena_printf(a, " id=\"%s\"", p->field),
	    false, &twice);
	if (box == NULL) {
		/* The summary leads to the only field of that name. */
		box = tag_with(page->str, arena_printf(a, " name=\"%s\"",
		    p->field), true, &twice);
		if (box == NULL || twice)
			return;
		by_name = true;
	}
	control = is_control(box) ? box : control_in(box);
	if (control == NULL)
		return;
	tmpl_render(r->site->tmpl, "part/field-error.html", &desc_problem, p,
	    said);
	/* Ticks and choices are in their labels, and are one question. */
	at = control;
	if (is_tag(box, "fieldset")) {
		at = strstr(box, "</legend>");
		at = at != NULL && at < control ? at + strlen("</legend>") :
						  control;
		control = box;
	}
	of = (size_t)(control - page->str);
	where = (size_t)(at - page->str);
	if (within(control, id) == NULL)
		where += describe(a, page, of, id, where);
	if (told)
		g_string_truncate(said, 0);
	put(page, where, said->str);
	if (by_name)
		lead_to(a, page, of + said->len, p->field);
}

void
errors_beside(struct req *r, GString *page)
{
	struct list bad = form_problems(r);

	for (size_t i = 0; i < bad.n; i++)
		beside(r, page, LIST_AT(problem, bad, i));
}
