/*
 * Rendered public pages as ready MHD responses.
 *
 * Keyed by the raw path and query.  An entry belongs to a generation; the
 * generation rises when something public changed: NOTIFY tocsin_public of
 * any host, or directly after an act of this process.  While the database
 * is away nobody can tell what changed, so everything is served as it is.
 *
 * Owner:   struct httpd.  Threads: any; one lock, held for a look-up.
 * Limits:  CACHE_ENTRIES and CACHE_BYTES; the least recently used goes.
 */
#ifndef HTTP_CACHE_H
#define HTTP_CACHE_H

#include "base/base.h"

enum {
	CACHE_ENTRIES = 1000,
	CACHE_BYTES = 16 * 1024 * 1024,
	CACHE_KEY_MAX = 300,      /* longer URIs are not kept */
	CACHE_WAIT_MS = 1000,     /* the listener looks up this often */
	CACHE_AWAY_MS = 2000,     /* between two tries to reach the database */
};

#endif
