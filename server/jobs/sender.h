/*
 * The sender: threads that claim queued deliveries and hand them to the
 * relay, one libESMTP session each at a time (conf sender_sessions), and one
 * keeper that listens for work, renews leases and writes verdicts that
 * waited too long.
 *
 * What it promises (core/outgoing/ledger.h): nobody is lost; each verdict is on
 * record with the relay's exact reply; when the process is killed, at most
 * LEDGER_GROUP messages a session come twice, with the same Message-ID, and
 * are listed.
 *
 * Owner:  main.  The site must outlive it.
 * Thread: its own; they meet the rest of the program only in PostgreSQL.
 */
#ifndef JOBS_SENDER_H
#define JOBS_SENDER_H

#include "core/site.h"

struct sender;

enum {
	SENDER_POLL_MS = 500,    /* looks for work at least so often */
	SENDER_CLAIM_MIN = 16,   /* work is shared out in no smaller pieces */
	SENDER_GRACE_MS = 2000,  /* for the message in hand, when stopping */
	SENDER_RELAY_WAIT_MAX = 60, /* s between two looks for a lost relay */
};

/* FAULT_INPUT: settings of the relay.  Neither database nor relay need be
 * there yet. */
bool sender_start(const struct site *s, struct sender **out, GError **err);
/* Finishes the message in hand of each session (cutting it off after
 * SENDER_GRACE_MS), writes the verdicts, returns what was claimed. */
void sender_stop(struct sender *s);

#endif
