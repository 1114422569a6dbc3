/*
 * Where a received message goes: parser child, keeper when it is sealed,
 * then intake.  Joins the receiver (smtp), the readers (inspect) and the
 * rules (core).
 */
#ifndef MAIN_RECEIVE_H
#define MAIN_RECEIVE_H

#include "core/intake/intake_gate.h"
#include "core/outgoing/keyring.h"
#include "smtp/smtpd.h"

struct receive {
	const struct site *site;
	struct db_pool *dbs;
	struct intake_gate *gate; /* NULL: one message at a time */
	struct pool *parsers;
	struct keeper *keeper; /* NULL: there is no key */
};

/* Parse and store; a message that cannot be understood is stored as it is.
 * reply is the SMTP answer. */
bool receive_message(struct receive *r, struct arena *a,
    const struct smtp_envelope *env, struct blob *body, const char *how,
    struct intake_result *out, const char **reply);

/* The receiver's callbacks; ctx is the struct receive. */
struct smtpd_ops receive_ops(struct receive *r);

#endif
