/* Shared by the files about notices; nothing else includes it. */
#ifndef CORE_NOTICE_PRIV_H
#define CORE_NOTICE_PRIV_H

#include "core/notice/notice.h"
#include "core/outgoing/mail_views.h"

/* The row and what of its ticket matters, locked. */
#define NOTICE_LOCKED(F, S)                                                   \
	F(S, INT, id, none)                                                   \
	F(S, INT, ticket, none)                                               \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, status, none)        /* open, of what is standing */       \
	F(S, BOOL, standing, none)      /* a feed's own, not in the queue */  \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, tlp, none)                                                 \
	F(S, INT, organisation, none)                                         \
	F(S, TEXT, party, none)                                               \
	F(S, INT, message, none)                                              \
	F(S, TIME, sent, none)                                                \
	F(S, TIME, answer_by, none)                                           \
	F(S, TIME, received, none)                                            \
	F(S, TEXT, result, none)                                              \
	F(S, TEXT, stage, none)                                               \
	F(S, INT, level, none)                                                \
	F(S, INT, to_read, none)                                              \
	F(S, BOOL, restart, none)
DESC_STRUCT(notice_locked, NOTICE_LOCKED);

/* One rung of the ladder, or the answer's time. */
#define NOTICE_STEP(F, S)                                                     \
	F(S, INT, level, none)                                                \
	F(S, INT, days, none)           /* one of these is not null */        \
	F(S, INT, minutes, none)                                              \
	F(S, TEXT, act, none)
DESC_STRUCT(notice_step, NOTICE_STEP);

/* The one behind `level`, when there is one. */
bool notice_step_after(struct db *db, struct arena *a, const char *type,
    int64_t organisation, int64_t level, struct notice_step *out, bool *found,
    GError **err);
int64_t notice_step_time(const struct site *s, const struct notice_step *step,
    int64_t from);

/* The mail again: to those who have it, or (second) to others. */
bool notice_remind(struct db *db, const struct site *s, struct arena *a,
    const struct notice_locked *n, const char *const *to, bool second,
    int64_t now, int64_t *message, GError **err);

/* A line of the ticket that no mail stands for. */
bool notice_comment(struct db *db, struct arena *a, const struct actor *who,
    int64_t ticket, const char *text, GError **err);

#endif
