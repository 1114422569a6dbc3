/*
 * A line of names becomes the columns of a table (feed.h).
 */
#include "base/base.h"
#include "inspect/feed/feed.h"

static int
find(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

static bool
has_all(const char *const *names, size_t n, const char *const *want)
{
	for (; *want != NULL; want++)
		if (find(names, n, *want) < 0)
			return false;
	return true;
}

/* What every report of Shadowserver has, old and new. */
static bool
is_shadowserver(const char *const *names, size_t n)
{
	static const char *const hosts[] = {"timestamp", "ip", "asn", "geo",
	    NULL};
	static const char *const sources[] = {"timestamp", "src_ip", "src_asn",
	    "src_geo", NULL};
	static const char *const targets[] = {"timestamp", "dst_ip", "dst_asn",
	    "dst_geo", NULL};
	static const char *const accounts[] = {"timestamp", "email",
	    "infection", "source_url", "public_source", NULL};
	/* of the years before "geo" */
	static const char *const channels[] = {"timestamp", "ip", "channel",
	    "asn", "as_name", "as_desc", NULL};

	return has_all(names, n, hosts) || has_all(names, n, sources) ||
	    has_all(names, n, targets) || has_all(names, n, accounts) ||
	    has_all(names, n, channels);
}

/* Names as the sender wrote them, cut, and no two the same: they become
 * the keys of an object. */
static const char **
keys_of(struct arena *a, const char *const *names, size_t n)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	const char **keys = ARENA_ARRAY(a, const char *, n + 1);

	for (size_t i = 0; i < n; i++) {
		const char *s = read_field(a, text_cut(a, names[i],
		    FEED_NAME_MAX));

		if (s == NULL)
			s = "column";
		keys[i] = s;
		for (size_t k = i + 1; !g_hash_table_add(seen,
			(gpointer)keys[i]); k++)
			keys[i] = arena_printf(a, "%s_%zu", s, k);
	}
	return keys;
}

/* n6 calls its feeds "source" and its malware "name". */
static void
settle_n6(struct feed *t, const char *const *names)
{
	int category = find(names, t->n, "category");
	int source = find(names, t->n, "source");
	int name = find(names, t->n, "name");

	t->n6 = category >= 0 && source >= 0 && t->has[COL_TIME] &&
	    !t->shadowserver && !t->dotted;
	if (t->n6)
		t->columns[source] = COL_N6_SOURCE;
	if (name >= 0)
		t->columns[name] = t->n6 ? COL_MALWARE : COL_UNKNOWN;
	if (t->n6 && find(names, t->n, "cc") >= 0)
		t->columns[find(names, t->n, "cc")] = COL_CONTEXT;
}

/* Does a name, of no part and no usual one, speak of an address, or a port? */
static bool
holds(const char *name, bool port)
{
	static const char *const ips[] = {"_ip", "_addr", "_address", "_ipv4",
	    "_ipv6", "_adresse"};
	static const char *const fronts[] = {"ip_", "ipv4_", "addr_"};
	static const char *const others[] = {"mail", "mac", "street", "post",
	    "wallet", "sensor", "dns", "resolver", "gateway", "router", "mx",
	    "report", "honeypot", "hp_", "next", "nat", "our"};
	bool found = false;

	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (strstr(name, others[i]) != NULL)
			return false;
	if (port)
		return g_str_has_suffix(name, "_port") ||
		    g_str_has_prefix(name, "port_");
	for (size_t i = 0; i < COUNT_OF(ips); i++)
		found |= g_str_has_suffix(name, ips[i]);
	for (size_t i = 0; i < COUNT_OF(fronts); i++)
		found |= g_str_has_prefix(name, fronts[i]);
	return found;
}

/* "asset_addr", "scanned_ip": of a table without a usual name for them, the
 * only column that says that it holds addresses; not whose they are that
 * looked. */
static void
lone_address(struct feed *t, const char *const *names)
{
	int port = -1, ip = -1;

	if (t->has[COL_IP] || t->has[COL_SRC_IP] || t->has[COL_SRC])
		return;
	for (size_t i = 0; i < t->n; i++) {
		if (t->columns[i] != COL_UNKNOWN)
			continue;
		if (holds(names[i], false)) {
			if (ip >= 0)
				return;
			ip = (int)i;
		} else if (holds(names[i], true)) {
			port = port == -1 ? (int)i : -2;
		}
	}
	if (ip < 0)
		return;
	t->columns[ip] = COL_IP;
	t->has[COL_IP] = true;
	if (port < 0 || t->has[COL_PORT] || t->has[COL_SRC_PORT])
		return;
	t->columns[port] = COL_PORT;
	t->has[COL_PORT] = true;
}

bool
feed_columns(struct reading *r, const char *const *raw, size_t n,
    struct feed **out)
{
	struct feed *t = ARENA_NEW(r->a, struct feed);
	const char **names = ARENA_ARRAY(r->a, const char *, n + 1);
	int src, dst;
	bool ok;

	if (n > CSV_FIELDS_MAX)
		n = CSV_FIELDS_MAX;
	t->r = r;
	t->n = n;
	t->columns = ARENA_ARRAY(r->a, uint8_t, n + 1);
	for (size_t i = 0; i < n; i++) {
		bool zone;
		int offset;

		if (strlen(raw[i]) > FEED_NAME_MAX) {
			names[i] = "";
			continue;
		}
		names[i] = column_name(r->a, raw[i], &offset, &zone);
		t->columns[i] = (uint8_t)column_of(names[i]);
		/* "Last (all UTC)" too */
		if (zone && t->zone == NULL) {
			t->zone = "header";
			t->offset = offset;
		}
		if (t->columns[i] == COL_UNKNOWN)
			continue;
		t->known++;
		t->has[t->columns[i]] = true;
	}
	/* names that nobody foresaw are better than none */
	for (size_t i = 0; i < n; i++) {
		enum column guess = t->columns[i] != COL_UNKNOWN ?
		    COL_UNKNOWN : column_worded(names[i]);
		bool zone;
		int offset;

		if (guess == COL_UNKNOWN || t->has[guess] ||
		    (guess == COL_TIME && t->has[COL_DATE]))
			continue;
		t->columns[i] = (uint8_t)guess;
		t->has[guess] = true;
		column_name(r->a, raw[i], &offset, &zone);
		if (guess == COL_TIME && zone) {
			t->zone = "header";
			t->offset = offset;
		}
	}
	t->dotted = find(names, n, "source.ip") >= 0 ||
	    find(names, n, "time.source") >= 0 ||
	    find(names, n, "classification.type") >= 0;
	t->shadowserver = !t->dotted && is_shadowserver(names, n);
	/* "total_connections" of a server is nothing that happened */
	for (size_t i = 0; t->shadowserver && i < n; i++)
		if (t->columns[i] == COL_COUNT &&
		    column_of(names[i]) != COL_COUNT)
			t->columns[i] = COL_UNKNOWN;
	settle_n6(t, names);
	src = find(names, n, "src_ip");
	dst = find(names, n, "dst_ip");
	/* its side of the conversation comes first */
	t->victim = t->shadowserver && dst >= 0 && src > dst;
	t->names = keys_of(r->a, raw, n);
	/* both are defined to be in UTC */
	if (t->zone == NULL && (t->shadowserver || t->n6 || t->dotted))
		t->zone = "rule";
	*out = t;
	lone_address(t, names);
	ok = t->shadowserver || t->has[COL_IP] || t->has[COL_SRC_IP] ||
	    t->has[COL_DST_IP] || (t->has[COL_SRC] && (t->has[COL_DST] ||
		t->has[COL_TIME] || t->has[COL_DATE])) ||
	    (t->has[COL_URL] && (t->has[COL_TIME] || t->has[COL_DATE] ||
		t->has[COL_TYPE]));
	t->hosts = !ok && t->has[COL_DOMAIN] &&
	    (t->has[COL_TIME] || t->has[COL_DATE]);
	return ok;
}

/* The separator that the line has most of. */
static char
separator_of(const char *line, size_t n)
{
	static const char set[] = ",;\t|";
	/* of which byte it is one, 0 of the rest */
	static const uint8_t which[256] = {[','] = 1, [';'] = 2, ['\t'] = 3,
	    ['|'] = 4};
	size_t seen[5] = {0}, *counts = seen + 1;
	int best = 0;

	for (size_t i = 0; i < n; i++)
		seen[which[(uint8_t)line[i]]]++;
	for (int i = 1; i < 4; i++)
		if (counts[i] > counts[best])
			best = i;
	return counts[best] > 0 ? set[best] : '\0';
}

bool
feed_header(struct reading *r, const char *line, size_t n, bool lone,
    struct feed **out)
{
	const char *fields[CSV_FIELDS_MAX];
	struct csv_cursor c;
	size_t have, known = 0, least;
	char sep;

	while (n > 0 && (*line == '#' || *line == ' ' || *line == '|' ||
		*line == ';' || *line == '/')) {
		line++;
		n--;
	}
	if (n < 2 || n > FEED_HEAD_MAX)
		return false;
	sep = separator_of(line, n);
	if (sep == '\0' && !lone)
		return false;
	c = csv_cursor(arena_strndup(r->a, line, n), n,
	    sep != '\0' ? sep : ',');
	c.lenient = true;
	if (!csv_next(&c, fields, &have, NULL))
		return false;
	/* cheap, for this is asked of every line of a letter */
	least = lone && have == 1 ? 1 : 2;
	for (size_t i = 0; i < have && known < least; i++) {
		const char *name;
		int offset;
		bool zone;

		if (strlen(fields[i]) > FEED_NAME_MAX)
			continue;
		name = column_name(r->a, fields[i], &offset, &zone);
		/* a file says that it is a table */
		known += column_of(name) != COL_UNKNOWN ||
		    (lone && (column_guess(name) != COL_UNKNOWN ||
			holds(name, false)));
	}
	if (known < least || (!feed_columns(r, fields, have, out) &&
		!(lone && (*out)->hosts)))
		return false;
	(*out)->separator = c.separator;
	return true;
}
