/*
 * The gate of intake: messages that wait at the same time are stored
 * together (intake_mails), because what PostgreSQL does once a statement and
 * once a commit - setting up plans, reading constraints, waiting for the
 * disk - is most of what a small report costs.  Nobody waits for company:
 * whoever comes while a place is free goes at once and takes along those who
 * are waiting.
 *
 * Owner:   main makes one for all intake threads; they end before it.
 * Thread:  any; intake_gate_mail() blocks until the outcome is known.
 */
#ifndef CORE_INTAKE_GATE_H
#define CORE_INTAKE_GATE_H

#include "core/intake/intake.h"

enum {
	/* Bodies of one turn together; a larger one goes alone, beside the
	 * gate, and so does a feed.  Far below what makes a connection be
	 * closed after use (DB_BUFFER_KEEP). */
	INTAKE_GATE_BYTES = 256 * 1024,
};

/* places: how many turns may be under way at once. */
struct intake_gate *intake_gate_new(const struct site *s, struct db_pool *dbs,
    unsigned places);
void intake_gate_free(struct intake_gate *g);

/* As intake_mail(). */
bool intake_gate_mail(struct intake_gate *g, struct arena *a,
    const struct smtp_envelope *env, struct blob *body,
    const struct inspection *in, const char *how, struct intake_result *out,
    GError **err);

#endif
