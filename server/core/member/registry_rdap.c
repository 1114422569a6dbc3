/* RDAP objects into rows: see registry.h. */
#include "base/base.h"
#include "base/json.h"
#include "base/text.h"
#include "core/member/registry_priv.h"

static bool
has_role(const struct json *entity, const char *role)
{
	const struct json *roles = json_get(entity, "roles");

	for (size_t i = 0; i < json_len(roles); i++)
		if (text_ieq(json_str(json_at(roles, i), ""), role))
			return true;
	return false;
}

/* ["vcard", [["email", {}, "text", "x@y"], ...]] (RFC 7095): the text of
 * the first property of that name. */
static const char *
card(const struct json *entity, const char *property)
{
	const struct json *rows = json_at(json_get(entity, "vcardArray"), 1);

	for (size_t i = 0; i < json_len(rows); i++) {
		const struct json *row = json_at(rows, i);

		if (text_ieq(json_str(json_at(row, 0), ""), property))
			return json_str(json_at(row, 3), NULL);
	}
	return NULL;
}

struct people {
	const char *abuse;            /* NULL: none */
	const char *holder, *org;     /* of the registrant */
	bool placeholder;
};

/* Entities stand in entities: nearest first, by a list that grows while it
 * is read, so that their depth costs no stack. */
static void
read_people(struct arena *a, const struct json *object, struct people *p)
{
	g_autoptr(GPtrArray) todo = g_ptr_array_new();

	*p = (struct people){0};
	g_ptr_array_add(todo, (gpointer)object);
	for (guint i = 0; i < todo->len; i++) {
		const struct json *o = g_ptr_array_index(todo, i);
		const struct json *inner = json_get(o, "entities");

		for (size_t k = 0; k < json_len(inner) &&
		     todo->len < REGISTRY_ENTITIES_MAX; k++)
			g_ptr_array_add(todo, (gpointer)json_at(inner, k));
		if (i == 0)
			continue;
		if (p->abuse == NULL && has_role(o, "abuse")) {
			const char *mail = card(o, "email");

			p->abuse = registry_mailbox(a, mail);
			p->placeholder |= mail != NULL && p->abuse == NULL;
		}
		if (p->holder == NULL && has_role(o, "registrant")) {
			p->holder = card(o, "fn");
			p->org = json_str(json_get(o, "handle"), NULL);
		}
	}
}

static bool
cidr_of(struct arena *a, const struct json *j, struct net *n)
{
	const char *ip = json_str(json_get(j, "v4prefix"),
	    json_str(json_get(j, "v6prefix"), NULL));
	int64_t bits = json_num(json_get(j, "length"), -1);

	return ip != NULL && net_parse(arena_printf(a, "%s/%" PRId64,
	    text_cut(a, ip, 50), bits), true, n);
}

static void
add_range(struct registry_rows *r, struct registry_net n)
{
	if (n.object == NULL)
		n.object = arena_printf(r->a, "%s - %s",
		    net_text(r->a, &n.first), net_text(r->a, &n.last));
	g_array_append_val(r->nets, n);
}

static void
read_network(struct registry_rows *r, int at, const struct json *o)
{
	struct arena *a = r->a;
	struct registry_net n = {.line = at};
	const struct json *cidrs = json_get(o, "cidr0_cidrs");
	static const char *const none[] = {NULL};
	struct people p;

	n.netname = registry_text(a, json_str(json_get(o, "name"), NULL));
	if (registry_filler(n.netname))
		return;
	read_people(a, o, &p);
	n.holder = registry_text(a, p.holder);
	n.org = registry_upper(a, p.org);
	n.country = registry_country(a,
	    json_str(json_get(o, "country"), NULL));
	n.abuse = p.abuse != NULL ? p.abuse : "";
	n.source = "RDAP";
	n.mnt_by = none;
	if (p.abuse == NULL && p.placeholder)
		registry_note(r, at, "the abuse contact of %s is a "
		    "placeholder", n.netname);
	if (net_parse_host(json_str(json_get(o, "startAddress"), NULL),
		&n.first) &&
	    net_parse_host(json_str(json_get(o, "endAddress"), NULL),
		&n.last) &&
	    n.first.v6 == n.last.v6 &&
	    memcmp(n.first.bytes, n.last.bytes, sizeof(n.first.bytes)) <= 0) {
		add_range(r, n);
		return;
	}
	if (json_len(cidrs) == 0) {
		registry_note(r, at, "%s has no range of addresses",
		    n.netname);
		return;
	}
	for (size_t i = 0; i < json_len(cidrs) && i < NET_SPLIT_MAX; i++) {
		struct net prefix;

		if (!cidr_of(a, json_at(cidrs, i), &prefix)) {
			registry_note(r, at, "a prefix of %s is none",
			    n.netname);
			continue;
		}
		n.last = net_last(&prefix);
		n.first = prefix;
		n.first.bits = n.last.bits;
		add_range(r, n);
	}
}

static void
read_entity(struct registry_rows *r, int at, const struct json *o)
{
	struct arena *a = r->a;
	struct people p;
	struct registry_org org = {
	    .line = at,
	    .handle = registry_upper(a,
		json_str(json_get(o, "handle"), NULL)),
	    .name = registry_text(a, card(o, "fn")),
	    .phone = registry_text(a, card(o, "tel")),
	};

	if (org.handle[0] == '\0' || org.name[0] == '\0') {
		registry_note(r, at, "the entity has no handle or no name");
		return;
	}
	read_people(a, o, &p);
	org.abuse = p.abuse;
	if (org.abuse == NULL && has_role(o, "abuse"))
		org.abuse = registry_mailbox(a, card(o, "email"));
	if (org.abuse == NULL)
		org.abuse = "";
	g_array_append_val(r->orgs, org);
}

static void
read_object(struct registry_rows *r, int at, const struct json *o)
{
	const char *class = json_str(json_get(o, "objectClassName"), "");

	if (strcmp(class, "ip network") == 0)
		read_network(r, at, o);
	else if (strcmp(class, "entity") == 0)
		read_entity(r, at, o);
	else
		registry_note(r, at, "an object of class \"%s\" is not read",
		    text_cut(r->a, class, 40));
}

bool
registry_read_rdap(struct arena *a, const void *bytes, size_t len,
    struct registry *out, GError **err)
{
	static const char *const results[] = {"ipSearchResults",
	    "entitySearchResults"};
	const struct json *j, *list = NULL;
	struct registry_rows r;

	if (!json_parse(a, bytes, len, &j, err))
		return false;
	if (json_is_array(j))
		list = j;
	for (size_t i = 0; i < COUNT_OF(results) && list == NULL; i++)
		if (json_is_array(json_get(j, results[i])))
			list = json_get(j, results[i]);
	if (list == NULL && json_get(j, "objectClassName") == NULL)
		return fault_set(err, FAULT_INPUT,
		    "The JSON is no answer of RDAP: it has no "
		    "objectClassName.");
	r = registry_rows_new(a);
	if (list == NULL)
		read_object(&r, 1, j);
	for (size_t i = 0; i < json_len(list); i++)
		read_object(&r, (int)MIN(i + 1, INT_MAX), json_at(list, i));
	registry_take(&r, "rdap", out);
	registry_rows_free(&r);
	return true;
}
