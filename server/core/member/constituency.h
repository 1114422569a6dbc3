/*
 * Whose is it, and whom to tell?
 *
 * The look-up, in this order, at EVENT time:
 *  basis     verdict
 *  prefix    confirmed  a member's prefix, the longest, held the address then
 *  route     as marked  the longest announced prefix is of an AS of ours;
 *                       which member it is, is not known
 *  registry  as marked  the longest inetnum has a maintainer or mailbox of
 *                       ours; the member is not known
 *  domain    probable   the name is below a member's domain
 *  suffix    as marked  the name is below a suffix of ours, no exception
 *  (none)    outside
 * Marks are rows of constituency_mark (sql/0010_members.sql).  A hit of the
 * members' authorised scanners is added to the reason and changes no verdict.
 *
 * An event keeps what the look-up said; only constituency_look_again() and
 * a person change it.
 */
#ifndef CORE_CONSTITUENCY_H
#define CORE_CONSTITUENCY_H

#include "core/site.h"
#include "db/db.h"

#define CONSTITUENCY_CONTACT(F, S)                                            \
	F(S, TEXT, role, none)          /* or "rule": an address by a rule */ \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, phone, none)                                               \
	F(S, TEXT, reason, none)        /* why this one; NULL: just listed */
DESC_STRUCT(constituency_contact, CONSTITUENCY_CONTACT);

/* Whom to tell of an address that is nobody's of ours. */
#define CONSTITUENCY_FOREIGN(F, S)                                            \
	F(S, TEXT, holder, none)                                              \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, phone, none)                                               \
	F(S, TEXT, country, none)                                             \
	F(S, TEXT, prefix, none)                                              \
	F(S, TEXT, source, none)        /* "RIPE", "our book" */              \
	F(S, TEXT, reason, none)
DESC_STRUCT(constituency_foreign, CONSTITUENCY_FOREIGN);

/* What the tables hold of one address or name: columns of the look-up. */
#define CONSTITUENCY_FOUND(F, S)                                              \
	F(S, INT, organisation_id, none)                                      \
	F(S, TEXT, organisation, none)                                        \
	F(S, TEXT, prefix, none)                                              \
	F(S, TEXT, basis, none)                                               \
	F(S, TEXT, verdict, none)                                             \
	F(S, TEXT, what, none)                                                \
	F(S, INT, scanner, none)                                              \
	F(S, TEXT, scanner_of, none)                                          \
	F(S, TEXT, scanner_reason, none)
DESC_STRUCT(constituency_found, CONSTITUENCY_FOUND);

#define CONSTITUENCY_VERDICT(F, S)                                            \
	F(S, TEXT, verdict, none)                                             \
	F(S, TEXT, reason, none)                                              \
	F(S, TEXT, organisation, none)                                        \
	F(S, TEXT, prefix, none)                                              \
	F(S, PAGE_INT, organisation_id, none)                                 \
	F(S, LIST, contacts, constituency_contact)                            \
	F(S, LIST, notify, constituency_contact)                              \
	F(S, LIST, foreign, constituency_foreign)
DESC_STRUCT(constituency_verdict, CONSTITUENCY_VERDICT);

/* What was looked up, for the words of the reason. */
struct constituency_asked {
	const char *ip, *domain; /* either may be NULL */
	const char *when;        /* "at the time of the event"; NULL: now */
};
/* Pure: the verdict and its reason, a sentence for the page.  Fills the
 * first five members of out. */
void constituency_judge(struct arena *a, const struct constituency_found *f,
    const struct constituency_asked *asked, struct constituency_verdict *out);

/*
 * what: an address or a domain name (FAULT_INPUT when it is neither); at:
 * DESC_NULL = now.  The three lists are filled for staff only, and are of
 * now, which is right for whatever is sent: `contacts` are the member's,
 * `notify` those of them to be told, each with the reason, `foreign` those
 * responsible for an address outside, best first.
 *
 * Whom a member wants to be told of an event of one type at one address is
 * decided in one place, contact_for() of sql/0010_members.sql: all contacts
 * of the first step that has any.  Steps: the member's rules, the most
 * specific first (longest prefix, then type); its copyright contact for
 * fraud/copyright; its own CERT; security; management.
 */
bool constituency_lookup(struct db *db, struct arena *a, const char *what,
    int64_t at, bool for_staff, struct constituency_verdict *out,
    GError **err);

/* "Look up again": the events of a ticket by today's tables, each change
 * with its old value in the audit trail.  *changed gets how many. */
bool constituency_look_again(struct db *db, const struct actor *who,
    int64_t ticket, int64_t version, int64_t *changed, GError **err);

#endif
