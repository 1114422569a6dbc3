/*
 * The threads that wait for ops->deliver, so that the loop never does.
 *
 * The queue needs no bound of its own: a session has at most one message
 * in it, and sessions and bytes in flight are limited before they get
 * here.  A client whose message waits just waits.
 *
 * Owner:  the receiver.
 * Thread: submit and take_done from the loop; a finished transaction makes
 *         wake_fd readable.
 */
#ifndef SMTP_WORKERS_H
#define SMTP_WORKERS_H

#include "base/base.h"
#include "smtp/session.h"

#include <pthread.h>

struct workers;

/* wake_fd: an eventfd of the caller's. */
struct workers *workers_new(const struct session_host *host, size_t threads,
    int wake_fd);
void workers_submit(struct workers *w, struct transaction *tx);
/* One that is back, in the order of finishing; NULL: none. */
struct transaction *workers_take_done(struct workers *w);
/* Waits for those at work; those in the queue come back undone, with a 451
 * for a reply.  Afterwards only take_done and free may be called. */
void workers_stop(struct workers *w);
void workers_free(struct workers *w);

/* Starts a thread that is never interrupted by a signal: only main waits
 * for them.  Failure is fatal: it happens at the start or never. */
pthread_t workers_thread(void *(*fn)(void *), void *arg);

#endif
