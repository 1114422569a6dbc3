/* States of tickets and the moves between them: lifecycle.def. */
#ifndef CORE_LIFECYCLE_H
#define CORE_LIFECYCLE_H

#include "base/base.h"
#include "base/desc.h"

bool lifecycle_allowed(const char *kind, const char *from, const char *to);
bool lifecycle_closed(const char *status);
/* Is it a state of any kind of ticket? */
bool lifecycle_known(const char *status);
/* ticket_move rows: where a ticket may go from here. */
struct list lifecycle_moves(struct arena *a, const char *kind,
    const char *status);

#endif
