/*
 * Texts from which an analyst begins a mail, by direction and type, and the
 * notes on how a type is handled (sql/0033_bulk.sql).
 *
 * A text may hold {{number}} and the other variables of text_variables();
 * one that does not exist, or that would tell a party who reported, is
 * refused when the text is saved.
 *
 * Texts of one name and direction are one text in several languages: who is
 * written to gets the one in his own, where there is one, else the one that
 * was chosen.
 *
 * Owner:  the caller's arena.  Thread: any, with a connection of its own.
 */
#ifndef CORE_TEXT_TEMPLATE_H
#define CORE_TEXT_TEMPLATE_H

#include "core/site.h"
#include "db/db.h"

enum {
	TEXT_MAX = 64 * 1024,
	TEXT_NOTE_MAX = 16 * 1024,
	TEXT_NAME_MAX = 100,
	TEXT_LIST_MAX = 500, /* of either; as in sql/query/text.sql */
};

#define TEXT_TEMPLATE(F, S)                                                   \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, direction, none)     /* text_directions() */               \
	F(S, TEXT, lang, none)          /* base/lang.h */                     \
	F(S, TEXT, type, none)          /* RSIT class or class/type; "": all */\
	F(S, TEXT, resolution, none)    /* of reject, or null */              \
	F(S, BOOL, asks, none)          /* the ticket waits for an answer */  \
	F(S, TEXT, subject, none)       /* null: that of the thread */        \
	F(S, TEXT, text, none)                                                \
	F(S, INT, version, none)                                              \
	F(S, TIME, changed, none)                                             \
	F(S, TEXT, changed_by, none)    /* null: as shipped */                \
	F(S, PAGE_BOOL, rejects, none)                                        \
	F(S, PAGE_BOOL, foreign, none)  /* of another than the usual one */   \
	F(S, PAGE_BOOL, chosen, none)   /* for who shows a list */
DESC_STRUCT(text_template, TEXT_TEMPLATE);

/* In which language a thread's party is written to; NULL of a report. */
bool text_lang_of(struct db *db, struct arena *a, int64_t ticket,
    const char **lang, GError **err);
/* All, or those of a direction (NULL: all) that fit a type; the most
 * specific first.  With lang, each in that language alone, if there is such,
 * else in the usual one. */
bool text_list(struct db *db, struct arena *a, const char *direction,
    struct list *out, GError **err);
bool text_fitting(struct db *db, struct arena *a, const char *direction,
    const char *type, const char *lang, struct list *out, GError **err);
/* FAULT_ABSENT when there is none. */
bool text_get(struct db *db, struct arena *a, int64_t id,
    struct text_template *out, GError **err);
/* The same text in the language that serves lang best; without such, that
 * one.  And all of the same name, itself among them. */
bool text_get_in(struct db *db, struct arena *a, int64_t id,
    const char *lang, struct text_template *out, GError **err);
bool text_languages(struct db *db, struct arena *a, int64_t id,
    struct list *out, GError **err);
/* id 0 makes one.  FAULT_INPUT says what is wrong, and *field of which;
 * FAULT_CONFLICT: somebody changed it since that version (0: any), or there
 * is one of that name. */
bool text_save(struct db *db, const struct actor *who,
    const struct text_template *t, int64_t *id, const char **field,
    GError **err);
bool text_remove(struct db *db, const struct actor *who, int64_t id,
    GError **err);

#define TEXT_DIRECTION(F, S)                                                  \
	F(S, TEXT, value, none)                                               \
	F(S, TEXT, label, none)                                               \
	F(S, BOOL, chosen, none)
DESC_STRUCT(text_direction, TEXT_DIRECTION);
struct list text_directions(struct arena *a, const char *chosen);
const char *text_direction_label(const char *direction);
/* May it go out on such a ticket?  FAULT_INPUT: it is for others. */
bool text_meant_for(const struct text_template *t, const char *kind,
    bool member, GError **err);
/* To whom a mail of the thread goes: reporter, member or outside; NULL when
 * there is nobody. */
const char *text_direction_of(const char *kind, bool member);

/* --- variables -------------------------------------------------------- */

#define TEXT_VARIABLE(F, S)                                                   \
	F(S, TEXT, name, none)                                                \
	F(S, PAGE_TEXT, shown, none)    /* "{{name}}" */                      \
	F(S, TEXT, what, none)                                                \
	F(S, TEXT, only, none)          /* "reporters", "others", or null:    \
					 * who may be told */
DESC_STRUCT(text_variable, TEXT_VARIABLE);
struct list text_variables(struct arena *a);

/* What a mail to a party must not tell of the reporter. */
bool text_check(struct arena *a, const char *direction, const char *text,
    GError **err);

/* What the variables stand for at one ticket, from the database. */
#define TEXT_FACTS(F, S)                                                      \
	F(S, INT, number, none)                                               \
	F(S, TEXT, subject, none)       /* what may be said in open mail */   \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, reporter, none)                                            \
	F(S, TEXT, reporter_name, none)                                       \
	F(S, TEXT, their_ref, none)                                           \
	F(S, TEXT, organisation, none)                                        \
	F(S, TEXT, addresses, none)                                           \
	F(S, TIME, first, none)                                               \
	F(S, TIME, received, none)                                            \
	F(S, TEXT, missing, none)
DESC_STRUCT(text_facts, TEXT_FACTS);
bool text_facts(struct db *db, struct arena *a, int64_t ticket,
    struct text_facts *out, GError **err);
/* The text for that ticket; what is unknown there is left out.  One line
 * (subject): control characters become blanks. */
const char *text_fill(struct arena *a, const struct site *s,
    const struct actor *who, const struct text_facts *f, const char *text,
    bool one_line);

/* --- handling notes ---------------------------------------------------- */

#define HANDLING_NOTE(F, S)                                                   \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, text, none)                                                \
	F(S, INT, version, none)                                              \
	F(S, TIME, changed, none)                                             \
	F(S, TEXT, changed_by, none)
DESC_STRUCT(handling_note, HANDLING_NOTE);
bool handling_notes(struct db *db, struct arena *a, struct list *out,
    GError **err);
/* Those for a type (NULL: none), its class first. */
bool handling_notes_for(struct db *db, struct arena *a, const char *type,
    struct list *out, GError **err);
/* A blank text takes the note away.  version 0: not checked. */
bool handling_note_save(struct db *db, const struct actor *who,
    const char *type, const char *text, int64_t version, GError **err);
bool text_type_ok(const char *type);

#endif
