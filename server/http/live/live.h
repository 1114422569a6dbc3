/*
 * Live news: GET /desk/stream, text/event-stream, one suspended connection
 * a listener.
 *
 * A listener is made by the handler, belongs to the response from then on
 * and dies with it.  One thread of the server (live_watch.c) writes to all
 * of them: it LISTENs, looks at the audit trail once a second, pings, and
 * ends those who left, whose session is over or whose peer is gone.  A
 * listener without news is suspended, so it costs a socket and no thread,
 * and no database connection.
 *
 * Lock:    one for all; held while bytes are appended, never while the
 *          database is asked.  MHD's own locks are taken inside it
 *          (suspend, resume), never the other way round.
 * Limits:  below and conf http_streams.  Past them 503 with Retry-After.
 */
#ifndef HTTP_LIVE_H
#define HTTP_LIVE_H

#include "base/base.h"
#include "core/site.h"

#include <microhttpd.h>

enum {
	LIVE_PER_PRINCIPAL = 50,        /* listeners of one person or token */
	LIVE_BUFFER_MAX = 64 * 1024,    /* a reader this far behind is ended */
	LIVE_PING_FIRST = 15,           /* s; pings lie between the two, so */
	LIVE_PING_LAST = 25,            /* that not all come at once */
	LIVE_RETRY_MS = 3000,           /* told to browsers */
	LIVE_LOOK_MS = 1000,            /* at the trail, without a NOTIFY */
	LIVE_TICK_MS = 100,
	LIVE_CHECK_S = 15,              /* sessions, without a NOTIFY */
	LIVE_GAPS_MAX = 4096,           /* numbers drawn and not yet there */
	LIVE_GAP_S = 600,               /* then they never come */
};

struct live;
struct listener;

/* What is asked for, and by whom; copied. */
struct live_ask {
	struct actor who;
	const char *session; /* its hash; NULL: a bearer token */
	int64_t ticket;      /* 0: none is looked at */
	int64_t version;     /* of it, as shown; 0: not known */
	int64_t since;       /* last audit row known; 0: from now on */
};

/* The database is reached when the first notice is waited for. */
struct live *live_new(const struct site *site);
/* Every listener ends, and no new one comes.  Before MHD is stopped. */
void live_end_all(struct live *l);
/* After MHD was stopped. */
void live_free(struct live *l);

/* NULL: there are too many.  It leaves with its response; whoever is gone
 * before that is made needs live_unsent(). */
struct listener *live_join(struct live *l, struct MHD_Connection *mc,
    const struct live_ask *ask);
/* MHD's reader of a listener, and the response for it. */
struct MHD_Response *live_response(struct listener *s);
/* For the arena of the request, which ends before the response: a listener
 * without one leaves. */
void live_unsent(void *listener);

#endif
