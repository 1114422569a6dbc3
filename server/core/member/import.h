/*
 * Files about members, their prefixes, and who is responsible elsewhere:
 * CSV, RPSL or RDAP JSON, told apart by their content.
 *
 *  target     CSV columns                          of RPSL and RDAP
 *  members    handle,name[,domain,contact_email,   organisations with their
 *             contact_name,contact_role,           abuse contact
 *             contact_phone,registry_org,netname,
 *             lang]
 *  prefixes   prefix, one of organisation (our     inetnum, inet6num, "ip
 *             handle) registry_org netname[,       network" of known members
 *             valid_from,valid_to]
 *  foreign    one of prefix asn domain country,    the same of everybody,
 *             name,email[,phone,note,lang]         and routes with origin
 *
 * Registry objects find their member by the registry handles and netnames
 * that members have (organisation_alias, also set by the columns
 * registry_org and netname); one that finds none is an orphan: listed, left
 * out, never guessed.  In a CSV file, which a person wrote for us, an orphan
 * or an overlap is a mistake: it is listed, and nothing can be applied.
 *
 * A dry run is the same transaction, rolled back: what it says is what
 * would happen.  A prefix that changes hands now ends with its holder of
 * before; nothing is ever deleted but what registries said (complete).
 *
 * Failure: FAULT_INPUT with the line, FAULT_LARGE.  Thread: any.
 */
#ifndef CORE_IMPORT_H
#define CORE_IMPORT_H

#include "core/site.h"
#include "db/db.h"

enum {
	IMPORT_BYTES_MAX = 64 * 1024 * 1024, /* RPSL; CSV and JSON less */
	IMPORT_LINES_MAX = 2000,             /* told one by one */
};

enum import_target { IMPORT_MEMBERS, IMPORT_PREFIXES, IMPORT_FOREIGN };

struct import_request {
	enum import_target target;
	const void *bytes;
	size_t len;
	const struct site *site;
	const char *file; /* its name, for the record; NULL: none */
	bool dry_run;
	/* The file lists all there is: prefixes of earlier imports that it
	 * lacks end now, and so does what it lacks of its own sources. */
	bool complete;
};

#define IMPORT_LINE(F, S)                                                     \
	F(S, INT, line, none)       /* of the file; null: of our tables */    \
	F(S, TEXT, kind, none)      /* added changed ended overlap orphan     \
				     * note */                                \
	F(S, PAGE_TEXT, mark, none) /* + ~ - ! ? and a blank */               \
	F(S, TEXT, text, none)
DESC_STRUCT(import_line, IMPORT_LINE);

#define IMPORT_RESULT(F, S)                                                   \
	F(S, TEXT, format, none)    /* csv rpsl rdap */                       \
	F(S, BOOL, applied, none)                                             \
	F(S, BOOL, can_apply, none)                                           \
	F(S, INT, added, none)                                                \
	F(S, INT, changed, none)                                              \
	F(S, INT, ended, none)                                                \
	F(S, INT, unchanged, none)                                            \
	F(S, INT, refused, none)    /* orphans and overlaps, left out */      \
	F(S, LIST, lines, import_line)                                        \
	F(S, INT, more_lines, none) /* not told */
DESC_STRUCT(import_result, IMPORT_RESULT);

/* "members", "prefixes", "foreign"; -1: none of them. */
int import_target_of(const char *name);

bool import_run(struct db *db, struct arena *a, const struct actor *by,
    const struct import_request *rq, struct import_result *out, GError **err);
/* The lines and the sum as text, for a terminal. */
const char *import_report(struct arena *a, const struct import_result *r);

#endif
