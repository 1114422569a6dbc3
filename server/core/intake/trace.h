/*
 * Can a network find, in its own logs, who was behind an event?  It needs
 * the address as the world saw it, the exact time with its zone, and, where
 * several hosts share an address, the source port (RFC 6302 section 2;
 * RFC 6692 for mail reports).
 *
 * Pure: no database, no clock.
 */
#ifndef CORE_TRACE_H
#define CORE_TRACE_H

#include "base/base.h"
#include "base/desc.h"

/* What a member says of an address (core/member/nat.h). */
enum trace_nat {
	TRACE_NAT_UNKNOWN, /* likely for IPv4 hosts that act as clients */
	TRACE_NAT_YES,     /* declared: many hosts behind each address */
	TRACE_NAT_NO,      /* declared: an address is a host */
};
/* "yes", "no", NULL as queries tell it. */
enum trace_nat trace_nat(const char *word);

struct trace_facts {
	const char *type;       /* RSIT, or NULL */
	const char *source_ip;  /* canonical, or NULL */
	int64_t source_port;    /* DESC_NULL: not known */
	int64_t time;           /* UTC, or DESC_NULL */
	const char *time_given;
	const char *zone;       /* event.zone */
	bool elsewhere;         /* url or domain name the host */
	enum trace_nat nat;
	bool held;              /* by a member: it can look there */
};

enum { TRACE_LACKS_MAX = 4 };

struct trace {
	/* "yes", "no" or "not needed": nobody has to look into logs */
	const char *verdict;
	bool address, time, zone, port, port_needed;
	/* the names of what lacks, ended by NULL; none unless "no" */
	const char *lacks[TRACE_LACKS_MAX + 1];
};
struct trace trace_event(const struct trace_facts *f);

#endif
