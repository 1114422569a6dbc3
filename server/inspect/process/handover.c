/* See handover.h. */
#include "base/base.h"
#include "inspect/process/handover.h"

void
handover_begin(struct handover *h, pid_t child, int *at, bool for_long)
{
	int here = sched_getcpu();
	cpu_set_t one;

	*h = (struct handover){0};
	if (child <= 0 || here < 0 || here >= CPU_SETSIZE ||
	    (for_long && *at < 0) ||
	    sched_getaffinity(0, sizeof(h->mine), &h->mine) != 0 ||
	    CPU_COUNT(&h->mine) < 2)
		return;
	if (for_long) {
		if (sched_setaffinity(child, sizeof(h->mine), &h->mine) == 0)
			*at = -1;
		return;
	}
	CPU_ZERO(&one);
	CPU_SET(here, &one);
	h->held = sched_setaffinity(0, sizeof(one), &one) == 0;
	if (h->held && *at != here &&
	    sched_setaffinity(child, sizeof(one), &one) == 0)
		*at = here;
}

void
handover_end(struct handover *h)
{
	if (h->held)
		sched_setaffinity(0, sizeof(h->mine), &h->mine);
	h->held = false;
}
