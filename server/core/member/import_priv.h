/* Shared by the files of import.h; nothing else includes it. */
#ifndef CORE_IMPORT_PRIV_H
#define CORE_IMPORT_PRIV_H

#include "base/csv.h"
#include "core/member/import.h"
#include "core/member/registry.h"

struct import {
	struct arena *a;
	const struct actor *by;
	const struct import_request *rq;
	struct import_result *out;
	GArray *lines;      /* import_line */
	bool is_csv;
	struct csv csv;
	struct registry registry;
	int64_t id;         /* row of data_import */
	GHashTable *owners; /* kind and key -> import_owner; NULL: not read */
};

enum import_kind {
	IMPORT_ADDED,
	IMPORT_CHANGED,
	IMPORT_ENDED,
	IMPORT_UNCHANGED, /* counted only */
	IMPORT_OVERLAP,
	IMPORT_ORPHAN,
	IMPORT_NOTE,
};

/* Counts it and keeps the line; line 0: of our tables, not of the file. */
void import_say(struct import *im, enum import_kind kind, int line,
    const char *fmt, ...) G_GNUC_PRINTF(4, 5);
/* The same for a row that is left out. */
void import_refuse(struct import *im, enum import_kind kind, int line,
    const char *fmt, ...) G_GNUC_PRINTF(4, 5);
/* FAULT_INPUT that begins with the line. */
bool import_fault(GError **err, int line, const char *fmt, ...)
    G_GNUC_PRINTF(3, 4);
/* A field of the CSV by its column's name; "" when there is none. */
const char *import_field(const struct import *im, const struct csv_row *row,
    const char *column);
bool import_has(const struct import *im, const char *column);
bool import_needs(const struct import *im, const char *column, GError **err);
/* The column lang: NULL when it says nothing. */
bool import_lang(struct import *im, const struct csv_row *row,
    const char **lang, GError **err);

/* A member, as files name it. */
#define IMPORT_OWNER(F, S)                                                    \
	F(S, TEXT, kind, none)  /* handle org netname */                      \
	F(S, TEXT, value, none)                                               \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, handle, none)
DESC_STRUCT(import_owner, IMPORT_OWNER);
bool import_read_owners(struct db *db, struct import *im, GError **err);
/* NULL when no member has it. */
const struct import_owner *import_owner_of(const struct import *im,
    const char *kind, const char *value);

bool import_members(struct db *db, struct import *im, GError **err);
bool import_prefixes(struct db *db, struct import *im, GError **err);
bool import_foreign(struct db *db, struct import *im, GError **err);

#endif
