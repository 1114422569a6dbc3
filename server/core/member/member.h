/*
 * One member: its prefixes through time, names, contacts, rules, scanners,
 * open tickets and history; and the acts of the desk on it.
 *
 * Every act locks the member, checks the version that the analyst saw (0: do
 * not check; FAULT_CONFLICT), raises it, writes the audit trail (object
 * "member HANDLE") and is one transaction.  Prefixes, contacts, rules and
 * scanners are never deleted: they end.
 */
#ifndef CORE_MEMBER_H
#define CORE_MEMBER_H

#include "core/ticket/ticket.h"

/* Rows with a period: since null = ever, until null = open. */
#define MEMBER_PERIOD(F, S)                                                   \
	F(S, TIME, since, none)                                               \
	F(S, TIME, until, none)                                               \
	F(S, BOOL, current, none)

#define MEMBER_PREFIX(F, S)                                                   \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, prefix, none)                                              \
	F(S, INT, import, none)     /* came with that file; null: by hand */  \
	MEMBER_PERIOD(F, S)
DESC_STRUCT(member_prefix, MEMBER_PREFIX);

#define MEMBER_NAME(F, S)                                                     \
	F(S, TEXT, kind, none)      /* domain org netname */                  \
	F(S, TEXT, value, none)
DESC_STRUCT(member_name, MEMBER_NAME);

#define MEMBER_CONTACT(F, S)                                                  \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, role, none)                                                \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, phone, none)                                               \
	F(S, TIME, came_back, none)     /* the last mail that did, for good */ \
	MEMBER_PERIOD(F, S)
DESC_STRUCT(member_contact, MEMBER_CONTACT);

#define MEMBER_RULE(F, S)                                                     \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, prefix, none)                                              \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, role, none)                                                \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, note, none)                                                \
	MEMBER_PERIOD(F, S)
DESC_STRUCT(member_rule, MEMBER_RULE);

#define MEMBER_SCANNER(F, S)                                                  \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, prefix, none)                                              \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, ports, none)     /* "22" or "1-1024"; null: all */         \
	F(S, TEXT, reason, none)                                              \
	MEMBER_PERIOD(F, S)
DESC_STRUCT(member_scanner, MEMBER_SCANNER);

#define MEMBER_FULL(F, S)                                                     \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, handle, none)                                              \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, notes, none)                                               \
	F(S, TEXT, attach, none)    /* to its notices: csv xarf both */       \
	F(S, TEXT, lang, none)      /* of mail to it: base/lang.h */          \
	F(S, INT, version, none)                                              \
	F(S, TIME, created, none)                                             \
	F(S, INT, open, none)       /* tickets not closed */                  \
	F(S, LIST, prefixes, member_prefix)                                   \
	F(S, LIST, names, member_name)                                        \
	F(S, LIST, contacts, member_contact)                                  \
	F(S, LIST, rules, member_rule)                                        \
	F(S, LIST, scanners, member_scanner)                                  \
	F(S, LIST, tickets, ticket_row)                                       \
	F(S, LIST, history, ticket_history)
DESC_STRUCT(member_full, MEMBER_FULL);

bool member_load(struct db *db, struct arena *a, const char *handle,
    struct member_full *out, GError **err);
bool member_new(struct db *db, const struct actor *who, const char *handle,
    const char *name, const char *notes, GError **err);
/* attach, lang: NULL leaves it. */
bool member_set(struct db *db, const struct actor *who, const char *handle,
    int64_t version, const char *name, const char *notes, const char *attach,
    const char *lang, GError **err);

/* Something a member gets.  what: prefix domain org netname contact rule
 * scanner.  Texts as typed, "" = not given; a contact that is there (same
 * role and address) gets the new name and telephone. */
#define MEMBER_ITEM(F, S)                                                     \
	F(S, TEXT, what, none)                                                \
	F(S, TEXT, value, none)     /* of domain, org, netname */             \
	F(S, TEXT, prefix, none)                                              \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, role, none)                                                \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, phone, none)                                               \
	F(S, TEXT, ports, none)                                               \
	F(S, TEXT, reason, none)    /* of a scanner; note of a rule */        \
	F(S, TEXT, from, none)      /* a day or a time */                     \
	F(S, TEXT, to, none)
DESC_STRUCT(member_item, MEMBER_ITEM);

/* On FAULT_INPUT *field names the member of member_item that is wrong. */
bool member_add(struct db *db, const struct actor *who, const char *handle,
    int64_t version, const struct member_item *item, const char **field,
    GError **err);
/* key: the id of the row; of names the value.  at: a day or a time, "" =
 * now.  FAULT_ABSENT when there is no such thing or it has ended. */
bool member_end(struct db *db, const struct actor *who, const char *handle,
    int64_t version, const char *what, const char *key, const char *at,
    GError **err);

#endif
