/*
 * Which addresses are shared by many hosts, as their members tell us: then
 * nobody can be traced without the source port (core/intake/trace.h), whatever the
 * report is about; and of which each is one host, so that no port is needed.
 * The longest net that holds an address decides; of the others nothing is
 * known.
 */
#ifndef CORE_NAT_H
#define CORE_NAT_H

#include "core/site.h"
#include "db/db.h"

enum { NAT_PAGE = 50, NAT_NOTE_MAX = 500 };

#define NAT_ROW(F, S)                                                         \
	F(S, TEXT, net, none)                                                 \
	F(S, BOOL, shared, none)                                              \
	F(S, TEXT, note, none)                                                \
	F(S, TIME, made, none)                                                \
	F(S, TEXT, made_by, none)                                             \
	F(S, TEXT, organisation, none) /* who holds it now, or null */
DESC_STRUCT(nat_row, NAT_ROW);

/* net as nat_read() makes it; note may be "". */
bool nat_set(struct db *db, const struct actor *who, const char *net,
    bool shared, const char *note, GError **err);
/* FAULT_ABSENT when there is none. */
bool nat_remove(struct db *db, const struct actor *who, const char *net,
    GError **err);
bool nat_list(struct db *db, struct arena *a, int64_t page,
    struct list *rows, int64_t *total, GError **err);
/* An address or prefix as typed, in canonical form, or FAULT_INPUT. */
bool nat_read(struct arena *a, const char *s, const char **net,
    GError **err);

#endif
