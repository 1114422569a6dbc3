/*
 * Copyright notices: ACNS 1.x (acns.net) and 2 (movielabs.com), an
 * <Infringement> as a part of its own or somewhere in the letter, often
 * both.  One notice is one event; the port and the time are what a network
 * behind an address translator needs to find the user.
 */
#include "base/base.h"
#include "inspect/read.h"

#define ROOT "Infringement"

enum { ITEMS_MAX = 50 };

/* Any of them, near the root, makes it ACNS and not a namesake. */
static const char *const marks[] = {"acns.net", "ACNS", "<IP_Address",
    ":IP_Address", NULL};

static int64_t
port_of(const char *s)
{
	int64_t n;

	return s != NULL && text_int(s, 1, 65535, &n) ? n : DESC_NULL;
}

static bool
truth(const char *s)
{
	return s != NULL && (text_ieq(s, "true") || strcmp(s, "1") == 0 ||
	    text_ieq(s, "yes"));
}

/* The <Type> of the notice, which <Source> and <Item> have too. */
static const struct xml *
notice_type(const struct xml *root)
{
	const struct xml *e = NULL;

	while (xml_walk(root, &e))
		if (strcmp(e->name, "Type") == 0 &&
		    (xml_attr(e, "Retraction") != NULL || e->parent == root))
			return e;
	return NULL;
}

static void
put_hash(struct reading *r, const struct xml *hash, const char *part)
{
	static const size_t lengths[] = {32, 40, 64, 128};
	const char *s = xml_text(hash);
	size_t n = s != NULL ? strlen(s) : 0;

	if (s == NULL || strspn(s, "0123456789abcdefABCDEF") != n)
		return;
	for (size_t i = 0; i < COUNT_OF(lengths); i++)
		if (n == lengths[i])
			observe_add(r, "hash", text_lower(r->a, s), part);
}

/* What is said to be shared: the first item by name, more as a list. */
static void
put_items(struct reading *r, const struct xml *root, struct inspect_event *e,
    const char *part)
{
	const struct xml *x = NULL;
	GString *list = arena_gstring(r->a);
	struct json_out w = json_out(list);
	int n = 0;

	json_begin(&w, '[');
	while (n < ITEMS_MAX && xml_walk(root, &x)) {
		const char *title, *file, *url;

		if (strcmp(x->name, "Item") != 0)
			continue;
		title = xml_get(x, "Title");
		file = xml_get(x, "FileName");
		url = xml_get(x, "URL");
		put_hash(r, xml_child(x, "Hash"), part);
		if (url != NULL && text_url_safe(url) &&
		    strstr(url, "://") != NULL) {
			if (e->url == NULL)
				e->url = read_field(r->a, url);
			else
				observe_add(r, "url", url, part);
		}
		if (e->time_given == NULL && xml_get(x, "TimeStamp") != NULL)
			stamp_field(r->a, xml_get(x, "TimeStamp"), e);
		if (n++ == 0) {
			read_extra(r->a, e, "title", title);
			read_extra(r->a, e, "filename", file);
			read_extra(r->a, e, "hash", xml_get(x, "Hash"));
			continue;
		}
		json_begin(&w, '{');
		json_text(&w, "title", read_field(r->a, title));
		json_text(&w, "filename", read_field(r->a, file));
		json_end(&w, '}');
	}
	json_end(&w, ']');
	if (n > 1)
		read_extra_json(r->a, e, "more_items", list->str);
}

/* The same notice twice in one mail: inline and attached. */
static bool
known(struct reading *r, const struct inspect_event *e)
{
	for (guint i = 0; i < r->events->len; i++) {
		const struct inspect_event *o = r->events->pdata[i];

		if (o != e && g_strcmp0(o->source_ip, e->source_ip) == 0 &&
		    g_strcmp0(o->reporter_ref, e->reporter_ref) == 0 &&
		    g_strcmp0(o->time_given, e->time_given) == 0 &&
		    o->source_port == e->source_port)
			return true;
	}
	return false;
}

static bool
notice(struct reading *r, const struct xml *root, const char *part)
{
	const struct xml *source = xml_find(root, "Source");
	const struct xml *type = notice_type(root);
	const struct xml *deadline = xml_find(root, "Deadline");
	const char *ip = xml_text(xml_find(source, "IP_Address")), *s;
	struct inspect_event *e;

	if (source == NULL && xml_find(root, "Case") == NULL) {
		read_defect(r, "acns: the notice of part %s has no Source and "
		    "no Case.", part);
		return false;
	}
	e = read_event(r, part);
	e->type = type != NULL && xml_text(type) != NULL &&
	    text_ieq(xml_text(type), "trademark") ? "fraud/masquerade" :
	    "fraud/copyright";
	if (ip != NULL) {
		e->source_ip = scan_addresses(r->a, ip, 1)[0];
		if (e->source_ip == NULL)
			read_defect(r, "acns: \"IP_Address\" is no address.");
	}
	s = xml_text(xml_find(source, "Port"));
	e->source_port = port_of(s);
	if (s != NULL && e->source_port == DESC_NULL &&
	    strcmp(s, "0") != 0)
		read_defect(r, "acns: \"Port\" is no port.");
	s = xml_text(xml_find(source, "TimeStamp"));
	if (s != NULL)
		stamp_field(r->a, s, e);
	s = xml_text(xml_find(source, "DNS_Name"));
	if (s != NULL && text_domain_ok(s) && strchr(s, '.') != NULL)
		e->domain = text_lower(r->a, s);
	s = xml_attr(xml_find(source, "SubType"), "Protocol");
	if (s == NULL)
		s = xml_text(xml_find(source, "Type"));
	if (s != NULL && strlen(s) < 16)
		e->protocol = text_lower(r->a, s);
	s = xml_text(xml_find(source, "URL_Base"));
	if (s != NULL && strstr(s, "://") != NULL)
		e->url = read_field(r->a, s);
	e->reporter_ref = read_field(r->a, xml_get(xml_find(root, "Case"),
	    "ID"));
	if (truth(xml_attr(type, "Retraction")))
		read_extra_json(r->a, e, "retraction", "true");
	s = xml_get(xml_find(root, "Complainant"), "Entity");
	read_extra(r->a, e, "complainant", s != NULL ? s :
	    xml_get(xml_find(root, "Complainant"), "Email"));
	if (deadline == NULL)
		deadline = xml_find(root, "Response_Deadline");
	read_extra(r->a, e, "deadline", xml_text(deadline));
	read_extra(r->a, e, "user", xml_text(xml_find(source, "UserName")));
	put_items(r, root, e, part);
	if (known(r, e))
		g_ptr_array_remove(r->events, e);
	if (ip == NULL && e->url == NULL && e->domain == NULL)
		read_defect(r, "acns: \"IP_Address\" is missing.");
	return true;
}

bool
acns_look(struct reading *r)
{
	for (size_t i = 0; i < r->m->n; i++)
		if (!read_nested(r, i) && xml_part_has(r, i, ROOT, marks))
			return true;
	return false;
}

bool
acns_read_part(struct reading *r, size_t part)
{
	return xml_part_has(r, part, ROOT, marks) &&
	    xml_part_read(r, part, ROOT, "acns", notice);
}

void
acns_read(struct reading *r)
{
	bool any = false;

	for (size_t i = 0; i < r->m->n; i++)
		if (!read_nested(r, i))
			any |= acns_read_part(r, i);
	if (!any)
		plain_read(r);
}
