/* RPSL objects into rows: see registry.h. */
#include "base/base.h"
#include "base/rpsl.h"
#include "base/text.h"
#include "core/member/registry_priv.h"

struct reader {
	struct registry_rows rows;
	struct rpsl rpsl;
	GHashTable *roles; /* nic-hdl -> object, upper case */
	GHashTable *orgs;  /* handle -> object */
	GHashTable *said;  /* range -> mailbox */
};

static const char *
class_of(const struct rpsl_object *o)
{
	return o->attrs[0].name;
}

static bool
is(const struct rpsl_object *o, const char *name)
{
	return strcmp(class_of(o), name) == 0;
}

static void
index_objects(struct reader *r)
{
	struct arena *a = r->rows.a;

	for (size_t i = 0; i < r->rpsl.n; i++) {
		const struct rpsl_object *o = &r->rpsl.objects[i];
		const char *key = o->attrs[0].value;
		GHashTable *into = NULL;

		if (is(o, "role") || is(o, "person")) {
			key = rpsl_get(o, "nic-hdl");
			into = r->roles;
		} else if (is(o, "organisation")) {
			into = r->orgs;
		}
		if (into != NULL && !text_blank(key))
			g_hash_table_insert(into,
			    (gpointer)registry_upper(a, key), (gpointer)o);
	}
	for (size_t i = 0; i < r->rpsl.n_abuse; i++)
		g_hash_table_insert(r->said,
		    (gpointer)r->rpsl.abuse[i].range,
		    (gpointer)r->rpsl.abuse[i].mailbox);
}

/* The mailbox of the role that o's abuse-c names. */
static const char *
by_abuse_c(struct reader *r, const struct rpsl_object *o)
{
	const char *handle = o != NULL ? rpsl_get(o, "abuse-c") : NULL;
	const struct rpsl_object *role;
	const char *mailbox;

	if (handle == NULL)
		return NULL;
	role = g_hash_table_lookup(r->roles,
	    registry_upper(r->rows.a, handle));
	if (role == NULL) {
		registry_note(&r->rows, o->line,
		    "abuse-c %s is not in the file", handle);
		return NULL;
	}
	mailbox = registry_mailbox(r->rows.a,
	    rpsl_get(role, "abuse-mailbox"));
	if (mailbox == NULL)
		registry_note(&r->rows, role->line,
		    "%s has no abuse-mailbox that anybody reads", handle);
	return mailbox;
}

static const char *
abuse_of(struct reader *r, const struct rpsl_object *o,
    const struct rpsl_object *org)
{
	struct arena *a = r->rows.a;
	const char *found = by_abuse_c(r, o);

	if (found == NULL)
		found = by_abuse_c(r, org);
	if (found == NULL)
		found = registry_mailbox(a, rpsl_get(o, "abuse-mailbox"));
	if (found == NULL && org != NULL)
		found = registry_mailbox(a, rpsl_get(org, "abuse-mailbox"));
	if (found == NULL)
		found = registry_mailbox(a,
		    g_hash_table_lookup(r->said, o->attrs[0].value));
	return found != NULL ? found : "";
}

/* "192.0.2.0 - 192.0.2.255", or a prefix. */
static bool
read_range(struct arena *a, const char *s, struct net *first,
    struct net *last)
{
	const char *dash = strchr(s, '-');
	struct net prefix;

	if (dash == NULL) {
		if (!net_parse(s, true, &prefix))
			return false;
		*last = net_last(&prefix);
		*first = prefix;
		first->bits = last->bits;
		return true;
	}
	return net_parse_host(text_squash(a,
		   arena_strndup(a, s, (size_t)(dash - s))), first) &&
	    net_parse_host(text_squash(a, dash + 1), last) &&
	    first->v6 == last->v6 &&
	    memcmp(first->bytes, last->bytes, sizeof(first->bytes)) <= 0;
}

/* Several attributes, or several names in one: "A-MNT, B-MNT". */
static const char *const *
maintainers(struct reader *r, const struct rpsl_object *o)
{
	struct arena *a = r->rows.a;
	const char **out = ARENA_ARRAY(a, const char *, REGISTRY_MNT_MAX + 1);
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++) {
		g_auto(GStrv) names = NULL;

		if (strcmp(o->attrs[i].name, "mnt-by") != 0)
			continue;
		names = g_strsplit_set(o->attrs[i].value, ", ", -1);
		for (size_t k = 0; names[k] != NULL; k++)
			if (names[k][0] != '\0' && n < REGISTRY_MNT_MAX)
				out[n++] = registry_upper(a, names[k]);
	}
	return out;
}

static void
read_net(struct reader *r, const struct rpsl_object *o)
{
	struct arena *a = r->rows.a;
	const char *handle = registry_upper(a, rpsl_get(o, "org"));
	const struct rpsl_object *org =
	    g_hash_table_lookup(r->orgs, handle);
	const char *holder = org != NULL ? rpsl_get(org, "org-name") : NULL;
	struct registry_net n = {.line = o->line};

	if (!read_range(a, o->attrs[0].value, &n.first, &n.last)) {
		registry_note(&r->rows, o->line, "%s is no range of addresses",
		    text_cut(a, o->attrs[0].value, 60));
		return;
	}
	n.netname = registry_text(a, rpsl_get(o, "netname"));
	if (registry_filler(n.netname))
		return;
	n.object = registry_text(a, o->attrs[0].value);
	n.org = handle;
	n.holder = registry_text(a,
	    holder != NULL ? holder : rpsl_get(o, "descr"));
	n.country = registry_country(a, rpsl_get(o, "country"));
	n.abuse = abuse_of(r, o, org);
	n.source = registry_upper(a, rpsl_get(o, "source"));
	n.mnt_by = maintainers(r, o);
	g_array_append_val(r->rows.nets, n);
}

static void
read_route(struct reader *r, const struct rpsl_object *o)
{
	const char *origin = rpsl_get(o, "origin");
	struct registry_route route = {.line = o->line};

	if (origin == NULL || !text_istarts(origin, "AS") ||
	    !text_int(origin + 2, 0, UINT32_MAX, &route.asn) ||
	    !net_parse(o->attrs[0].value, true, &route.net)) {
		registry_note(&r->rows, o->line,
		    "%s with origin %s is no route",
		    text_cut(r->rows.a, o->attrs[0].value, 60),
		    origin != NULL ? text_cut(r->rows.a, origin, 60)
				   : "none");
		return;
	}
	route.source = registry_upper(r->rows.a, rpsl_get(o, "source"));
	g_array_append_val(r->rows.routes, route);
}

static void
read_org(struct reader *r, const struct rpsl_object *o)
{
	struct arena *a = r->rows.a;
	struct registry_org org = {
	    .line = o->line,
	    .handle = registry_upper(a, o->attrs[0].value),
	    .name = registry_text(a, rpsl_get(o, "org-name")),
	    .phone = registry_text(a, rpsl_get(o, "phone")),
	};

	if (org.handle[0] == '\0' || org.name[0] == '\0') {
		registry_note(&r->rows, o->line,
		    "the organisation has no handle or no name");
		return;
	}
	org.abuse = abuse_of(r, o, NULL);
	g_array_append_val(r->rows.orgs, org);
}

bool
registry_read_rpsl(struct arena *a, const void *bytes, size_t len,
    struct registry *out, GError **err)
{
	static const struct {
		const char *name;
		void (*read)(struct reader *r, const struct rpsl_object *o);
	} classes[] = {{"inetnum", read_net}, {"inet6num", read_net},
	    {"route", read_route}, {"route6", read_route},
	    {"organisation", read_org}};
	g_autoptr(GHashTable) roles =
	    g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) orgs = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) said = g_hash_table_new(g_str_hash, g_str_equal);
	struct reader r = {.roles = roles, .orgs = orgs, .said = said};

	if (!rpsl_read(a, bytes, len, &r.rpsl, err))
		return false;
	r.rows = registry_rows_new(a);
	index_objects(&r);
	if (r.rpsl.bad > 0)
		registry_note(&r.rows, r.rpsl.first_bad,
		    "%zu lines are no RPSL; this is the first", r.rpsl.bad);
	for (size_t i = 0; i < r.rpsl.n; i++)
		for (size_t k = 0; k < COUNT_OF(classes); k++)
			if (is(&r.rpsl.objects[i], classes[k].name))
				classes[k].read(&r, &r.rpsl.objects[i]);
	registry_take(&r.rows, "rpsl", out);
	registry_rows_free(&r.rows);
	return true;
}
