/*
 * IP addresses and prefixes as values; host:port strings of settings.
 * Canonical text: RFC 5952 for IPv6, dotted quad for IPv4; an
 * IPv4-mapped IPv6 address becomes IPv4.  No name look-up happens here.
 */
#ifndef BASE_NET_H
#define BASE_NET_H

#include "base/base.h"

struct net {
	uint8_t bytes[16]; /* IPv4 in the first four */
	uint8_t bits;      /* prefix length: 32 or 128 for a host */
	bool v6;
};

/* "192.0.2.7" or "2001:db8::1"; no leading zeros, no zone, no prefix. */
bool net_parse_host(const char *s, struct net *n);
/* the same, or "192.0.2.0/24"; host bits behind the prefix must be 0
 * unless strict is false (then they are cleared). */
bool net_parse(const char *s, bool strict, struct net *n);
const char *net_text(struct arena *a, const struct net *n);
bool net_contains(const struct net *prefix, const struct net *host);
bool net_equal(const struct net *a, const struct net *b);
/* Loopback, RFC 1918, ULA, link-local, multicast, unspecified, CGNAT... */
bool net_private(const struct net *n);
bool net_documentation(const struct net *n);
/* More than anybody is handed out: a slip, such as 0.0.0.0/0 or 2000::/3. */
bool net_too_wide(const struct net *n);

/* The prefixes, in order and as few as can be, that together are all of
 * first to last; hosts of one family, first <= last, or nothing is written
 * and the answer is 0.  out has room for NET_SPLIT_MAX. */
enum { NET_SPLIT_MAX = 254 };
size_t net_split(const struct net *first, const struct net *last,
    struct net *out);
/* The last address of a prefix, as a host. */
struct net net_last(const struct net *prefix);

/* "127.0.0.1:8080", "[::1]:8080", ":8080" (all), "host:25" when names are
 * allowed.  host is a copy without brackets. */
bool net_parse_endpoint(struct arena *a, const char *s, char **host,
    uint16_t *port);
bool net_endpoint_loopback(const char *host);

#endif
