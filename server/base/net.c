/* See net.h. */
#include "base/base.h"
#include "base/net.h"
#include "base/text.h"

#include <arpa/inet.h>

enum {
	/* "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128" */
	NET_TEXT_MAX = 49,
	ENDPOINT_MAX = 300,
};

/*
 * Addresses that nobody outside can be reached at (IANA special-purpose
 * registries), without the documentation ranges: those stand in examples
 * and tests for real ones.
 */
static const char *const private_ranges[] = {"0.0.0.0/8", "10.0.0.0/8",
    "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4",
    "240.0.0.0/4", "::/128", "::1/128", "64:ff9b:1::/48", "100::/64",
    "fc00::/7", "fe80::/10", "ff00::/8"};

static const char *const documentation_ranges[] = {"192.0.2.0/24",
    "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"};

static unsigned
width(const struct net *n)
{
	return n->v6 ? 128 : 32;
}

/* Sets the bits behind the prefix to 0; true when they were. */
static bool
clear_host_bits(struct net *n)
{
	bool clean = true;

	for (unsigned i = 0; i < width(n) / 8; i++) {
		unsigned keep = n->bits <= 8 * i ? 0 : MIN(n->bits - 8 * i, 8);
		uint8_t mask = (uint8_t)(0xff << (8 - keep));

		if ((n->bytes[i] & ~mask) != 0)
			clean = false;
		n->bytes[i] &= mask;
	}
	return clean;
}

bool
net_parse_host(const char *s, struct net *n)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct net r = {.bits = 32};

	/* inet_pton takes no zone, no blanks and no leading zeros. */
	if (s == NULL || strnlen(s, NET_TEXT_MAX + 1) > NET_TEXT_MAX)
		return false;
	if (inet_pton(AF_INET, s, r.bytes) != 1) {
		if (inet_pton(AF_INET6, s, r.bytes) != 1)
			return false;
		r.v6 = true;
		r.bits = 128;
		if (memcmp(r.bytes, mapped, sizeof(mapped)) == 0) {
			memcpy(r.bytes, r.bytes + 12, 4);
			memset(r.bytes + 4, 0, 12);
			r.v6 = false;
			r.bits = 32;
		}
	}
	*n = r;
	return true;
}

bool
net_parse(const char *s, bool strict, struct net *n)
{
	char host[NET_TEXT_MAX + 1];
	const char *slash;
	struct net r;
	int64_t bits;

	if (s == NULL || strnlen(s, NET_TEXT_MAX + 1) > NET_TEXT_MAX)
		return false;
	slash = strchr(s, '/');
	if (slash == NULL)
		return net_parse_host(s, n);
	memcpy(host, s, (size_t)(slash - s));
	host[slash - s] = '\0';
	if (!net_parse_host(host, &r) ||
	    !text_int(slash + 1, 0, 128, &bits) ||
	    (slash[1] == '0' && slash[2] != '\0') || slash[1] == '-')
		return false;
	/* ::ffff:192.0.2.0/120 is 192.0.2.0/24 */
	if (!r.v6 && strchr(host, ':') != NULL)
		bits -= 96;
	if (bits < 0 || bits > (int64_t)width(&r))
		return false;
	r.bits = (uint8_t)bits;
	if (!clear_host_bits(&r) && strict)
		return false;
	*n = r;
	return true;
}

struct net
net_last(const struct net *prefix)
{
	struct net n = *prefix;

	for (unsigned i = 0; i < width(&n) / 8; i++) {
		unsigned keep = n.bits <= 8 * i ? 0 : MIN(n.bits - 8 * i, 8);

		n.bytes[i] |= (uint8_t)(0xff >> keep);
	}
	n.bits = (uint8_t)width(&n);
	return n;
}

/* The next address; false behind the last one there is. */
static bool
increment(struct net *n)
{
	for (unsigned i = width(n) / 8; i-- > 0;)
		if (++n->bytes[i] != 0)
			return true;
	return false;
}

size_t
net_split(const struct net *first, const struct net *last, struct net *out)
{
	struct net at = *first;
	size_t n = 0;

	if (first->v6 != last->v6 || first->bits != width(first) ||
	    last->bits != width(last))
		return 0;
	while (n < NET_SPLIT_MAX &&
	    memcmp(at.bytes, last->bytes, sizeof(at.bytes)) <= 0) {
		struct net wide = at, end = at;

		/* as wide as it begins here and does not pass the end */
		while (wide.bits > 0) {
			struct net try = wide;

			try.bits--;
			if (!clear_host_bits(&try))
				break;
			try = net_last(&try);
			if (memcmp(try.bytes, last->bytes,
				sizeof(try.bytes)) > 0)
				break;
			end = try;
			wide.bits--;
		}
		out[n++] = wide;
		at = end;
		if (!increment(&at))
			break;
	}
	return n;
}

/* RFC 5952: lower case, the first longest run of two or more zero groups
 * is "::". */
static void
print_v6(GString *out, const uint8_t *bytes)
{
	unsigned group[8], best = 8, best_len = 1;

	for (unsigned i = 0; i < 8; i++)
		group[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
	for (unsigned i = 0; i < 8; i++) {
		unsigned len = 0;

		while (i + len < 8 && group[i + len] == 0)
			len++;
		if (len > best_len) {
			best = i;
			best_len = len;
		}
	}
	for (unsigned i = 0; i < 8; i++) {
		if (i == best) {
			g_string_append(out, "::");
			i += best_len - 1;
			continue;
		}
		if (i > 0 && out->str[out->len - 1] != ':')
			g_string_append_c(out, ':');
		g_string_append_printf(out, "%x", group[i]);
	}
}

/* printf() takes longer than all the rest that is done for an address. */
static void
print_v4(GString *out, const uint8_t *bytes)
{
	for (int i = 0; i < 4; i++) {
		unsigned b = bytes[i];

		if (i > 0)
			g_string_append_c(out, '.');
		if (b >= 100)
			g_string_append_c(out, (char)('0' + b / 100));
		if (b >= 10)
			g_string_append_c(out, (char)('0' + b / 10 % 10));
		g_string_append_c(out, (char)('0' + b % 10));
	}
}

const char *
net_text(struct arena *a, const struct net *n)
{
	g_autoptr(GString) out = g_string_sized_new(NET_TEXT_MAX + 1);

	if (n->v6)
		print_v6(out, n->bytes);
	else
		print_v4(out, n->bytes);
	if (n->bits < width(n))
		g_string_append_printf(out, "/%u", n->bits);
	return arena_strdup(a, out->str);
}

bool
net_contains(const struct net *prefix, const struct net *host)
{
	struct net cut = *host;

	if (prefix->v6 != host->v6 || prefix->bits > host->bits)
		return false;
	cut.bits = prefix->bits;
	clear_host_bits(&cut);
	return memcmp(cut.bytes, prefix->bytes, width(prefix) / 8) == 0;
}

bool
net_equal(const struct net *a, const struct net *b)
{
	return a->v6 == b->v6 && a->bits == b->bits &&
	    memcmp(a->bytes, b->bytes, width(a) / 8) == 0;
}

static bool
in_ranges(const struct net *n, const char *const *ranges, size_t count)
{
	struct net r;

	for (size_t i = 0; i < count; i++)
		if (net_parse(ranges[i], true, &r) && net_contains(&r, n))
			return true;
	return false;
}

bool
net_private(const struct net *n)
{
	return in_ranges(n, private_ranges, COUNT_OF(private_ranges));
}

bool
net_documentation(const struct net *n)
{
	return in_ranges(n, documentation_ranges,
	    COUNT_OF(documentation_ranges));
}

bool
net_too_wide(const struct net *n)
{
	enum { HANDED_OUT_MIN = 8 }; /* bits, of both families */

	return n->bits < HANDED_OUT_MIN;
}

bool
net_parse_endpoint(struct arena *a, const char *s, char **host,
    uint16_t *port)
{
	const char *colon, *end, *start = s;
	char *name;
	struct net n;
	int64_t number;

	if (s == NULL || strnlen(s, ENDPOINT_MAX + 1) > ENDPOINT_MAX ||
	    (colon = strrchr(s, ':')) == NULL)
		return false;
	end = colon;
	if (*s == '[') {
		start++;
		end--;
		if (end < start || *end != ']')
			return false;
	}
	name = arena_strndup(a, start, (size_t)(end - start));
	if (*s == '[') {
		if (!net_parse_host(name, &n) || strchr(name, ':') == NULL)
			return false;
	} else if (*name != '\0' && !net_parse_host(name, &n) &&
	    !text_domain_ok(name)) {
		return false;
	}
	/* "::1:25": where does the address end? */
	if (*s != '[' && strchr(name, ':') != NULL)
		return false;
	if (!g_ascii_isdigit(colon[1]) || !text_int(colon + 1, 0, 65535, &number))
		return false;
	*host = name;
	*port = (uint16_t)number;
	return true;
}

bool
net_endpoint_loopback(const char *host)
{
	static const char *const ranges[] = {"127.0.0.0/8", "::1/128"};
	struct net n;

	if (text_ieq(host, "localhost"))
		return true;
	return net_parse_host(host, &n) &&
	    in_ranges(&n, ranges, COUNT_OF(ranges));
}
