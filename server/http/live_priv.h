/* Shared by live.c and live_watch.c. */
#ifndef HTTP_LIVE_PRIV_H
#define HTTP_LIVE_PRIV_H

#include "core/news.h"
#include "http/live.h"

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
	GString *out;
	size_t done;          /* of out, sent */
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
	unsigned max;
	bool ending;
	gint stop;            /* the thread */
	GThread *thread;
};

/* All with the lock held.  Bytes for a listener; it wakes. */
void live_put(struct listener *s, const char *bytes, size_t n);
void live_end(struct listener *s, bool broken);

/* live_watch.c */
void *live_watch(void *live);

#endif
