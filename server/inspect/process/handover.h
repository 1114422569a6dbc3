/*
 * One processor for a thread and the child it waits for.
 *
 * A message is read in a fifth of a millisecond, by turns: the thread hands
 * it over and sleeps, the child answers and sleeps.  Left alone, the kernel
 * gives each the processor that is idle, and that one is woken twice a
 * message.  So both stay where the thread is until the answer is there:
 * nothing is lost, as one of the two always waits.
 *
 * What the system does not allow is left out; it was for speed alone.
 * Thread: that which asks the child; one struct handover a message.
 */
#ifndef INSPECT_HANDOVER_H
#define INSPECT_HANDOVER_H

#include <sched.h>
#include <sys/types.h>

#include "base/base.h"

struct handover {
	cpu_set_t mine; /* where the thread may run otherwise */
	bool held;
};

/* *at: the only processor that the child may use; -1: any.  for_long: the
 * child may work so long that it should go where there is room. */
void handover_begin(struct handover *h, pid_t child, int *at, bool for_long);
/* The thread is free again; the child stays until it is asked next.  Once
 * more does no harm. */
void handover_end(struct handover *h);

#endif
