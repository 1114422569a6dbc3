/* See limits.h. */
#include "base/base.h"
#include "smtp/limits.h"

struct client {
	struct net addr; /* the key; bits are those of a host */
	int64_t sessions;
};

static guint
client_hash(gconstpointer p)
{
	const struct net *n = p;
	guint h = n->v6;

	for (size_t i = 0; i < (n->v6 ? 16 : 4); i++)
		h = h * 31 + n->bytes[i];
	return h;
}

static gboolean
client_equal(gconstpointer a, gconstpointer b)
{
	return net_equal(a, b);
}

bool
limits_init(struct limits *l, const struct conf *conf, struct arena *a,
    GError **err)
{
	const char *const *host = conf->smtp_trusted_hosts;
	size_t n = 0;

	while (host != NULL && host[n] != NULL)
		n++;
	l->trusted = ARENA_ARRAY(a, struct net, n);
	for (size_t i = 0; i < n; i++)
		if (!net_parse(host[i], true, &l->trusted[i]))
			return fault_set(err, FAULT_INPUT,
			    "smtp.trusted_hosts: %s is no address or prefix.",
			    host[i]);
	l->n_trusted = n;
	l->conf = conf;
	l->clients =
	    g_hash_table_new_full(client_hash, client_equal, NULL, g_free);
	return true;
}

void
limits_clear(struct limits *l)
{
	g_clear_pointer(&l->clients, g_hash_table_destroy);
}

bool
limits_trusted(const struct limits *l, const struct net *client)
{
	for (size_t i = 0; i < l->n_trusted; i++)
		if (net_contains(&l->trusted[i], client))
			return true;
	return false;
}

bool
limits_client_enter(struct limits *l, const struct net *client)
{
	struct client *c;

	if (client == NULL || limits_trusted(l, client))
		return true;
	c = g_hash_table_lookup(l->clients, client);
	if (c == NULL) {
		c = g_new0(struct client, 1);
		c->addr = *client;
		g_hash_table_insert(l->clients, &c->addr, c);
	}
	if (c->sessions >= l->conf->smtp_connections_per_client)
		return false;
	c->sessions++;
	return true;
}

void
limits_client_leave(struct limits *l, const struct net *client)
{
	struct client *c;

	if (client == NULL || limits_trusted(l, client))
		return;
	c = g_hash_table_lookup(l->clients, client);
	g_assert(c != NULL && c->sessions > 0);
	if (--c->sessions == 0)
		g_hash_table_remove(l->clients, client);
}

/* What messages of this size may fill together. */
static int64_t
room(const struct limits *l, int64_t size)
{
	int64_t max = l->conf->smtp_inflight_max;

	return size > l->conf->smtp_spill_at ? max - max / LIMITS_SMALL_SHARE
					     : max;
}

bool
limits_admit(const struct limits *l, int64_t announced)
{
	int64_t held = l->inflight;

	/* (What was promised is large, and so is not in the small ones'
	 * way.) */
	if (announced > l->conf->smtp_spill_at)
		held += l->promised;
	return held + announced < room(l, announced);
}

void
limits_promise(struct limits *l, int64_t bytes)
{
	l->promised += bytes;
}

bool
limits_take(struct limits *l, int64_t bytes, int64_t size)
{
	if (l->inflight + bytes > room(l, size))
		return false;
	l->inflight += bytes;
	return true;
}

void
limits_give_back(struct limits *l, int64_t bytes)
{
	l->inflight -= bytes;
}
