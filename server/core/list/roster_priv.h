/* What the files of the roster share; nothing else includes it. */
#ifndef CORE_ROSTER_PRIV_H
#define CORE_ROSTER_PRIV_H

#include "core/list/roster.h"

/* The address in its stored form, or FAULT_INPUT. */
bool roster_email(struct arena *a, const struct site *s, const char *given,
    const char **out, GError **err);
bool roster_by_email(struct db *db, struct arena *a, const char *list,
    const char *email, struct roster_member *m, bool *found, GError **err);

/* Renders mail/NAME.txt (first line "Subject: ...") with v and queues it
 * to one address, marked as made by a machine. */
bool roster_mail(struct db *db, const struct site *s, const char *name,
    struct roster_letter *v, const char *to, GError **err);

#endif
