/* Shared by the files of member.h; nothing else includes it. */
#ifndef CORE_MEMBER_PRIV_H
#define CORE_MEMBER_PRIV_H

#include "core/member/member.h"

#define MEMBER_LOCKED(F, S)                                                   \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, handle, none)                                              \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, notes, none)                                               \
	F(S, INT, version, none)
DESC_STRUCT(member_locked, MEMBER_LOCKED);

/* What every act carries into its transaction. */
struct member_act {
	const struct actor *who;
	struct arena *a;
	const char *handle;
	int64_t version;
	struct member_locked row; /* after member_lock() */
};

/* The member's row until the transaction ends, its version raised. */
bool member_lock(struct db *db, struct member_act *t, GError **err);
bool member_audit(struct db *db, struct member_act *t, const char *action,
    const char *old_value, const char *new_value, GError **err);

#endif
