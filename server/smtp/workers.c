/* See workers.h. */
#include "base/base.h"
#include "smtp/workers.h"

#include <signal.h>
#include <unistd.h>

struct queue {
	struct transaction *first, **last;
};

/* pthread's own locks, not GLib's: ThreadSanitizer knows them. */
struct workers {
	const struct session_host *host;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct queue waiting, done;
	bool stop;
	int wake_fd;
	size_t n;
	pthread_t *threads;
};

static void
queue_push(struct queue *q, struct transaction *tx)
{
	tx->next = NULL;
	*q->last = tx;
	q->last = &tx->next;
}

static struct transaction *
queue_pop(struct queue *q)
{
	struct transaction *tx = q->first;

	if (tx != NULL) {
		q->first = tx->next;
		if (q->first == NULL)
			q->last = &q->first;
	}
	return tx;
}

static void
finished(struct workers *w, struct transaction *tx)
{
	bool first = w->done.first == NULL;
	uint64_t one = 1;

	queue_push(&w->done, tx);
	/* The loop takes all there are; one call wakes it for all. */
	if (first && write(w->wake_fd, &one, sizeof(one)) < 0)
		g_assert_not_reached(); /* the counter cannot overflow */
}

static void *
work(void *arg)
{
	struct workers *w = arg;
	struct transaction *tx;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (!w->stop && w->waiting.first == NULL)
			pthread_cond_wait(&w->work, &w->lock);
		if (w->stop)
			break;
		tx = queue_pop(&w->waiting);
		pthread_mutex_unlock(&w->lock);
		session_deliver(w->host, tx);
		pthread_mutex_lock(&w->lock);
		finished(w, tx);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

pthread_t
workers_thread(void *(*fn)(void *), void *arg)
{
	sigset_t all, before;
	pthread_t t;
	int e;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	e = pthread_create(&t, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (e != 0)
		g_error("cannot start a thread: %s", g_strerror(e));
	return t;
}

struct workers *
workers_new(const struct session_host *host, size_t threads, int wake_fd)
{
	struct workers *w = g_new0(struct workers, 1);

	w->host = host;
	w->wake_fd = wake_fd;
	w->waiting.last = &w->waiting.first;
	w->done.last = &w->done.first;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	w->threads = g_new0(pthread_t, threads);
	for (; w->n < threads; w->n++)
		w->threads[w->n] = workers_thread(work, w);
	return w;
}

void
workers_submit(struct workers *w, struct transaction *tx)
{
	pthread_mutex_lock(&w->lock);
	queue_push(&w->waiting, tx);
	pthread_mutex_unlock(&w->lock);
	pthread_cond_signal(&w->work);
}

struct transaction *
workers_take_done(struct workers *w)
{
	struct transaction *tx;

	pthread_mutex_lock(&w->lock);
	tx = queue_pop(&w->done);
	pthread_mutex_unlock(&w->lock);
	return tx;
}

void
workers_stop(struct workers *w)
{
	struct transaction *tx;

	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_broadcast(&w->work);
	pthread_mutex_unlock(&w->lock);
	for (size_t i = 0; i < w->n; i++)
		pthread_join(w->threads[i], NULL);
	w->n = 0;
	while ((tx = queue_pop(&w->waiting)) != NULL) {
		tx->reply = "451 4.3.2 Shutting down, come again";
		finished(w, tx);
	}
}

void
workers_free(struct workers *w)
{
	g_assert(w->n == 0 && w->done.first == NULL);
	pthread_cond_destroy(&w->work);
	pthread_mutex_destroy(&w->lock);
	g_free(w->threads);
	g_free(w);
}
