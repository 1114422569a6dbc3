/* See cascade.h. */
#include "base/base.h"
#include "core/audit.h"
#include "core/case/cascade.h"
#include "core/case/lifecycle.h"
#include "core/intake/group.h"

enum where { UP, DOWN };

static const struct {
	const char *kind, *came_to;
	enum where where;
	const char *their_kind, *their_status, *becomes;
} cascades[] = {
#define CASCADE(kind, to, where, theirs, status, becomes)                     \
	{kind, to, where, theirs, status, becomes},
#include "core/case/cascade.def"
#undef CASCADE
};

#define KIN(F, S)                                                             \
	F(S, INT, number, none)                                               \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, status, none)                                              \
	F(S, INT, owner, none)                                                \
	F(S, BOOL, other, none)        /* another open incident holds it */
DESC_PRIVATE(kin, KIN);

static bool
kin_of(struct db *db, struct arena *a, int64_t number, enum where where,
    struct list *kin, GError **err)
{
	return db_list(db, a, where == DOWN ? Q_CASE_BELOW : Q_CASE_ABOVE,
	    DB_ARGS(DB_INT(number)), &desc_kin, kin, err);
}

static bool
any(const char *kind, const char *came_to, enum where where)
{
	for (size_t i = 0; i < COUNT_OF(cascades); i++)
		if (cascades[i].where == where &&
		    strcmp(cascades[i].kind, kind) == 0 &&
		    strcmp(cascades[i].came_to, came_to) == 0)
			return true;
	return false;
}

static const char *
becomes(const char *kind, const char *came_to, enum where where,
    const struct kin *k)
{
	for (size_t i = 0; i < COUNT_OF(cascades); i++)
		if (cascades[i].where == where &&
		    strcmp(cascades[i].kind, kind) == 0 &&
		    strcmp(cascades[i].came_to, came_to) == 0 &&
		    strcmp(cascades[i].their_kind, k->kind) == 0 &&
		    strcmp(cascades[i].their_status, k->status) == 0)
			return cascades[i].becomes;
	return NULL;
}

static bool
move(struct db *db, struct arena *a, const struct actor *who,
    const struct kin *k, const char *status, int64_t because, GError **err)
{
	const char *with = arena_printf(a, "with ticket %" PRId64, because);
	bool closed = lifecycle_closed(status);

	g_assert(lifecycle_allowed(k->kind, k->status, status));
	return db_exec(db, Q_TICKET_SET_STATUS,
		   DB_ARGS(DB_INT(k->number), DB_TEXT(status),
		       DB_BOOL(closed),
		       DB_TEXT(lifecycle_resolution(status, NULL))),
		   NULL, err) &&
	    audit_write(db, who, "ticket.status", k->number, 0, with,
		k->status, status, err) &&
	    (!closed || group_close(db, who, k->number, status, err));
}

bool
cascade_status(struct db *db, const struct actor *who, int64_t number,
    const char *kind, const char *status, GError **err)
{
	ARENA_AUTO(a, "cascade");

	for (enum where w = UP; w <= DOWN; w++) {
		struct list kin;

		if (!any(kind, status, w))
			continue;
		if (!kin_of(db, a, number, w, &kin, err))
			return false;
		for (size_t i = 0; i < kin.n; i++) {
			const struct kin *k = LIST_AT(kin, kin, i);
			const char *to = becomes(kind, status, w, k);

			if (to == NULL)
				continue;
			if (k->other) {
				if (!audit_write(db, who, "ticket.held",
					k->number, 0,
					arena_printf(a,
					    "ticket %" PRId64, number),
					NULL, "stays open: another open "
					"incident holds it", err))
					return false;
				continue;
			}
			if (!move(db, a, who, k, to, number, err))
				return false;
		}
	}
	return true;
}

static bool
give(struct db *db, struct arena *a, const struct actor *who,
    const struct list *kin, int64_t owner, const char *owner_name,
    int64_t because, GError **err)
{
	for (size_t i = 0; i < kin->n; i++) {
		const struct kin *k = LIST_AT(kin, *kin, i);

		if (k->owner == owner || lifecycle_closed(k->status))
			continue;
		if (!db_exec(db, Q_CASE_SET_OWNER,
			DB_ARGS(DB_INT(k->number), DB_INT(owner)), NULL,
			err) ||
		    !audit_write(db, who, "ticket.take", k->number, 0,
			arena_printf(a, "with ticket %" PRId64, because),
			NULL, owner_name, err))
			return false;
	}
	return true;
}

bool
cascade_owner(struct db *db, const struct actor *who, int64_t number,
    const char *kind, int64_t owner, const char *owner_name, GError **err)
{
	ARENA_AUTO(a, "cascade");
	struct list up, down;

	if (strcmp(kind, "incident") == 0)
		return kin_of(db, a, number, DOWN, &down, err) &&
		    give(db, a, who, &down, owner, owner_name, number, err);
	if (!kin_of(db, a, number, UP, &up, err) ||
	    !give(db, a, who, &up, owner, owner_name, number, err))
		return false;
	for (size_t i = 0; i < up.n; i++) {
		const struct kin *k = LIST_AT(kin, up, i);

		if (lifecycle_closed(k->status))
			continue;
		if (!kin_of(db, a, k->number, DOWN, &down, err) ||
		    !give(db, a, who, &down, owner, owner_name, k->number,
			err))
			return false;
	}
	return true;
}
