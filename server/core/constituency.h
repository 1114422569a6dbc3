/*
 * Whose is it?  Longest prefix of a member at EVENT time, else its domains.
 *
 * verdict   reason (a sentence for the page)
 * confirmed a prefix of a member held the address then
 * probable  no prefix, but the domain is a member's
 * outside   neither
 */
#ifndef CORE_CONSTITUENCY_H
#define CORE_CONSTITUENCY_H

#include "core/site.h"
#include "db/db.h"

#define CONSTITUENCY_CONTACT(F, S)                                            \
	F(S, TEXT, role, none)                                                \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, phone, none)
DESC_STRUCT(constituency_contact, CONSTITUENCY_CONTACT);

#define CONSTITUENCY_VERDICT(F, S)                                            \
	F(S, TEXT, verdict, none)                                             \
	F(S, TEXT, reason, none)                                              \
	F(S, TEXT, organisation, none)                                        \
	F(S, TEXT, prefix, none)                                              \
	F(S, PAGE_INT, organisation_id, none)                                 \
	F(S, LIST, contacts, constituency_contact)
DESC_STRUCT(constituency_verdict, CONSTITUENCY_VERDICT);

/* ip: canonical address (FAULT_INPUT when it is none); at: DESC_NULL = now;
 * contacts are filled for staff only. */
bool constituency_lookup(struct db *db, struct arena *a, const char *ip,
    int64_t at, bool with_contacts, struct constituency_verdict *out,
    GError **err);

/* Imports: CSV with a header line.  org: handle,name[,domain,contact_email,
 * contact_name,contact_role,contact_phone] - several lines a handle add
 * contacts and domains.  prefix: prefix,organisation(handle)[,valid_from,
 * valid_to].  Nothing is changed when dry_run is set or any line is wrong;
 * report gets the difference as text, a line each. */
bool constituency_import_orgs(struct db *db, const struct actor *by,
    const char *csv, size_t len, bool dry_run, GString *report, GError **err);
bool constituency_import_prefixes(struct db *db, const struct actor *by,
    const char *csv, size_t len, bool dry_run, GString *report, GError **err);

#endif
