/*
 * The book of contacts outside the constituency: who is written to about a
 * net, an AS, a domain or a country that is not ours (mission.md has why; the
 * order in which entries count is foreign_contact_for() in
 * sql/0010_members.sql).  Imports fill it too (import.h); an entry that a
 * person wrote belongs to no import, and none ends it.
 *
 * Thread: any, with a connection of its own.  Owner: the arena given.
 */
#ifndef CORE_BOOK_H
#define CORE_BOOK_H

#include "core/site.h"
#include "db/db.h"

enum {
	BOOK_PAGE = 50,
	BOOK_NAME_MAX = 200, /* bytes, as the others */
	BOOK_PHONE_MAX = 60,
	BOOK_NOTE_MAX = 500,
};

#define BOOK_ENTRY(F, S)                                                      \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, about, none)  /* 192.0.2.0/24, AS64496, isp.example, NL */ \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, phone, none)                                               \
	F(S, TEXT, lang, none)   /* BCP 47 */                                 \
	F(S, TEXT, note, none)                                                \
	F(S, TIME, created, none)                                             \
	F(S, INT, import, none)  /* null: written by a person */
DESC_STRUCT(book_entry, BOOK_ENTRY);

/* q: words of a name or address, or what an entry is about; an address finds
 * the nets that hold it.  NULL or blank: all. */
bool book_list(struct db *db, struct arena *a, const char *q, int64_t page,
    struct list *rows, int64_t *total, GError **err);
/* Adds it, or changes the one with the same about and email.  FAULT_INPUT
 * says what is wrong, and field (a member's name) where. */
bool book_set(struct db *db, const struct site *s, const struct actor *who,
    const struct book_entry *e, int64_t *id, const char **field,
    GError **err);
/* Nobody is written to by it from now on.  FAULT_ABSENT: there is none. */
bool book_end(struct db *db, const struct actor *who, int64_t id,
    GError **err);

#endif
