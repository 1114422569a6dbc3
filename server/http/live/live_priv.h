/* Shared by live.c and live_watch.c. */
#ifndef HTTP_LIVE_PRIV_H
#define HTTP_LIVE_PRIV_H

#include "core/ticket/news.h"
#include "http/live/live.h"

struct listener {
	struct live *live;
	struct MHD_Connection *mc;
	uint64_t serial;      /* grows from listener to listener */
	int fd;               /* watched while suspended */
	GList link;           /* in live->all */
	struct actor who;     /* name and email are not kept */
	char *name;
	char *session;
	int64_t ticket, version, since;
	int64_t ping_at;      /* when_ticks() */
	char *here;           /* who else is at the ticket, as told last */
	GString *out;
	size_t done;          /* of out, sent */
	bool sent;            /* it is the response's */
	bool fresh;           /* has not been told what it missed */
	bool suspended;
	bool ended;           /* after out */
	bool broken;          /* at once: nobody is there */
};

struct live {
	const struct site *site;
	GMutex lock;
	GQueue all;           /* of struct listener */
	uint64_t serial;      /* of the next */
	int64_t seen;         /* audit row up to which all were told; 0: none */
	unsigned max;
	bool ending;
	/* of the thread alone: what was said of who is here (live_here.c) */
	char *process, *said;
	int64_t say_at, ask_at;
	gint stop;            /* the thread */
	GThread *thread;
};

/* All with the lock held.  Bytes for a listener; it wakes. */
void live_put(struct listener *s, const char *bytes, size_t n);
void live_end(struct listener *s, bool broken);

/* live_here.c: says whom this process has where, when that changed or has to
 * be said again; tells each who else is there.  `again`: somebody said
 * something.  With the listeners gone it says that nobody is here. */
bool live_here(struct live *l, struct db *db, bool again, GError **err);

/* live_watch.c */
void *live_watch(void *live);

#endif
