/*
 * How complete a report is: the facts that each type of abuse needs, and
 * those that help, as one table.  It only ever says
 * what to ask for: a partial report is a report.
 *
 * Pure: no database, no clock.
 *
 *	struct complete c = {0};
 *	for each event: complete_add(&c, type, &event, TRACE_NAT_UNKNOWN);
 *	score = complete_score(&c, type, missing);
 */
#ifndef CORE_COMPLETE_H
#define CORE_COMPLETE_H

#include "core/intake/trace.h"
#include "inspect/inspect.h"

enum complete_fact {
	FACT_SOURCE,
	FACT_TIME,
	FACT_ZONE,
	FACT_SOURCE_PORT,
	FACT_TARGET,
	FACT_TARGET_PORT,
	FACT_URL,
	FACT_PROTOCOL,
	FACT_COUNT,
	FACT_MALWARE,
	FACT_CVE,
	FACT_CASE, /* the reporter's own number */
	FACT_N,
};

/* Zero it first. */
struct complete {
	unsigned events, have[FACT_N];
};
/* type is the ticket's: an event may have none of its own. */
void complete_add(struct complete *c, const char *type,
    const struct inspect_event *e, enum trace_nat nat);

/* 0..100: the needed facts weigh three times those that help, each by the
 * share of events that have it.  missing (may be NULL) gets the names of
 * needed facts that no event has - of the zone: that any time lacks it -
 * ended by NULL. */
int complete_score(const struct complete *c, const char *type,
    const char *missing[FACT_N + 1]);

#endif
