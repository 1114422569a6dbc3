/*
 * Findings: what feeds have seen at an address, through time.
 *
 *	new   known from one day
 *	open  seen on a second day: still there
 *	gone  the feeds that saw it have looked since, for as many days as the
 *	      policy says, and did not see it; new again when it comes back
 *
 * States follow from the times of the rows, never from the clock of this
 * machine, so that a late or repeated mail changes nothing that it should
 * not.  Members are told by digests (core/digest.h).
 */
#ifndef CORE_FINDING_H
#define CORE_FINDING_H

#include "core/site.h"
#include "db/db.h"

/* Marks what is gone; n (may be NULL) gets how many.  Any number of hosts
 * may do it at once. */
bool finding_sweep(struct db *db, int64_t *n, GError **err);

#endif
