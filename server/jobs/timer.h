/*
 * The timer: one thread for what happens because time passes - leases that
 * are over, deliveries and subscriptions that are too old, tokens, sessions
 * and counters that nobody needs any more - and for what need not be done
 * while a mail waits: new reports are grouped.  A second thread sends campaigns
 * and advisories whose mails gpg signs, which takes long.
 *
 * Everything it does is one statement or transaction that may run on several
 * hosts at once; a failure is logged and the next round tries again.
 *
 * Owner:  main.  The site must outlive it.
 * Thread: its own, with a connection of its own.
 */
#ifndef JOBS_TIMER_H
#define JOBS_TIMER_H

#include "core/site.h"

struct timer;

/* The database need not be there yet. */
bool timer_start(const struct site *s, struct timer **out, GError **err);
/* Begins nothing more, and what takes long ends where it can be begun again;
 * for long before timer_stop(), while mail drains. */
void timer_end(struct timer *t);
/* Waits for what is in hand; NULL is fine. */
void timer_stop(struct timer *t);

#endif
