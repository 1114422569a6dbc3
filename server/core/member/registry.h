/*
 * What registries publish, as files: RPSL (whois answers, dumps) and RDAP
 * JSON (RFC 9083).  Both become the same rows.
 *
 * Pure: bytes in, rows out; no database, no network.  The bytes are the
 * net's: bounded, no recursion on their depth.  What cannot be used is told
 * in the notes, the rest is still read.
 *
 * The abuse contact of RPSL: the object's own abuse-c, else that of its
 * organisation, each by way of the role's abuse-mailbox; else its own
 * abuse-mailbox; else the server's "% Abuse contact for" line.  An object
 * that names nobody has "": look-ups then take the next wider that does.
 * Of RDAP: the nearest entity with the role abuse that has a usable address.
 * Placeholders ("REDACTED FOR PRIVACY", unread@...) are refused.
 *
 * Owner:   everything lives in the arena.
 * Failure: FAULT_INPUT (not this format), FAULT_LARGE.
 */
#ifndef CORE_REGISTRY_H
#define CORE_REGISTRY_H

#include "base/base.h"
#include "base/net.h"

enum {
	REGISTRY_NOTES_MAX = 1000,   /* kept; the rest is counted */
	REGISTRY_TEXT_MAX = 300,     /* bytes of a name */
	REGISTRY_MNT_MAX = 50,
	REGISTRY_ENTITIES_MAX = 1000,/* of one RDAP object, nested ones too */
};

struct registry_net {
	int line;                 /* RPSL: of the object; RDAP: which one */
	struct net first, last;   /* hosts */
	const char *object;       /* as published: "192.0.2.0 - 192.0.2.255" */
	const char *netname, *holder, *org, *country, *abuse, *source; /* "" */
	const char *const *mnt_by; /* upper case, ended by NULL */
};

struct registry_route {
	int line;
	struct net net;
	int64_t asn;
	const char *source;
};

struct registry_org {
	int line;
	const char *handle; /* upper case */
	const char *name;
	const char *abuse;  /* or "" */
	const char *phone;  /* or "" */
};

struct registry_note {
	int line;
	const char *text;
};

struct registry {
	const char *format; /* "rpsl" or "rdap" */
	const struct registry_net *nets;
	const struct registry_route *routes;
	const struct registry_org *orgs;
	const struct registry_note *notes;
	size_t n_nets, n_routes, n_orgs, n_notes;
	size_t notes_total;
};

/* Squashed, cut, upper case: how handles and netnames are compared. */
const char *registry_upper(struct arena *a, const char *s);
/* "GB", or "" when it is no country code. */
const char *registry_country(struct arena *a, const char *s);

bool registry_read_rpsl(struct arena *a, const void *bytes, size_t len,
    struct registry *out, GError **err);
bool registry_read_rdap(struct arena *a, const void *bytes, size_t len,
    struct registry *out, GError **err);

#endif
