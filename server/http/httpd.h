/*
 * The web server: libmicrohttpd with epoll and a pool of threads.
 *
 * Life of a request (MHD calls us several times):
 *   URI known     cache or asset looked up by the raw URI: a hit needs no
 *                 arena, no database and no template
 *   header known  head_read() refuses smuggling shapes (400, close); route,
 *                 role, Origin and body limit are decided: 401 403 404 405
 *                 413 go out before any body is read.  Whose session it is
 *                 may take the database a while: the connection is suspended
 *                 meanwhile, as below, and called with the header again
 *   body          fed to declared fields only, counted
 *   end of body   MHD's connection is suspended and the request waits for one
 *                 of our own threads, first come, first served: there CSRF
 *                 (without a body the role, too) and the handler with one
 *                 database connection.  MHD spreads connections over its
 *                 threads by chance, seven of eight may meet on one: were the
 *                 handlers run there, each would wait for its neighbours,
 *                 and all of them for one that waits for a lock
 *   resumed       the answer is queued, by MHD's thread again
 *   sent          MHD calls NOTIFY_COMPLETED (access line) and then the
 *                 response's free callback (arena); struct conn is outside
 *                 the arena for that reason
 *
 * An answer to a GET is queued in the second call only: MHD 0.9.75 closes
 * the connection after an answer that is queued in the first one.
 *
 * Owner:   main.  Threads: threads_of(conf) that run handlers, as many of
 *          MHD's that carry bytes, and a database connection for each, so
 *          that a thread never waits for one.
 * Failure: see fault.def; a fault is an error page or RFC 9457 JSON.
 */
#ifndef HTTP_HTTPD_H
#define HTTP_HTTPD_H

#include "base/base.h"
#include "core/site.h"
#include "db/db.h"

struct httpd;
struct pool; /* of parser children (inspect/process/pool.h); handed to handlers */
struct keeper; /* of the key (inspect/process/keeper.h); the same */

struct httpd_options {
	/* For /readyz: are the parser children well?  NULL: not asked. */
	bool (*parsers_ready)(void *ctx);
	void *ctx;
	/* For POST /api/v1/reports with a raw message; NULL: stored
	 * unparsed. */
	struct pool *parsers;
	/* What opens such a message; NULL: nothing does. */
	struct keeper *keeper;
};

/* Opens the listener and starts the threads.  site must outlive the
 * server.  FAULT_INPUT: conf http_listen cannot be used, or site_demo and
 * not loopback. */
bool httpd_start(const struct site *site, const struct httpd_options *o,
    struct httpd **out, GError **err);
/* The port bound, for conf http_listen with port 0. */
uint16_t httpd_port(const struct httpd *h);
/* New settings and templates; listener, threads, database and cookie names
 * stay as they are.  Every site that was given must live until httpd_stop:
 * requests in hand and the connections read the old one. */
void httpd_reload(struct httpd *h, const struct site *site);
/* No new connection, requests in hand are finished (at most 5 s). */
void httpd_stop(struct httpd *h);

/* False with FAULT_INPUT when demo passwords would be offered to others
 * than this machine; main asks for `tocsind -n` too. */
bool httpd_demo_ok(const struct conf *c, GError **err);
struct counts; /* counts.h */
struct counts *httpd_counts(const struct httpd *h);

#endif
