/* States of tickets and the moves between them: lifecycle.def. */
#ifndef CORE_LIFECYCLE_H
#define CORE_LIFECYCLE_H

#include "base/base.h"
#include "base/desc.h"

bool lifecycle_allowed(const char *kind, const char *from, const char *to);
bool lifecycle_closed(const char *status);
/* Is it a state of any kind of ticket? */
bool lifecycle_known(const char *status);
bool lifecycle_kind_known(const char *kind);
/* Why it is closed, in words of resolution.def: `given`, or when that is
 * NULL the first of the status; NULL when the status is not closed, or no
 * such word belongs to it. */
const char *lifecycle_resolution(const char *status, const char *given);
/* resolution_choice rows of a status. */
#define RESOLUTION_CHOICE(F, S) F(S, TEXT, status, none) F(S, TEXT, words, none)
DESC_STRUCT(resolution_choice, RESOLUTION_CHOICE);
struct list lifecycle_resolutions(struct arena *a, const char *status);
/* ticket_move rows: where a ticket may go from here. */
struct list lifecycle_moves(struct arena *a, const char *kind,
    const char *status);
/* Every status that a ticket can get, once: ticket_move. */
struct list lifecycle_targets(struct arena *a);

#endif
