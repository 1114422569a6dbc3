/*
 * A deadline for the header of a request.  MHD has one for silence only, and
 * calls nobody until a header is whole: who sends a byte now and then could
 * hold a connection for ever.
 *
 * A connection waits here from its start, or from the end of a request, to
 * the end of the next header.  Who waits too long is cut off: the socket is
 * shut down, MHD sees its end and cleans up as for any peer that left.  Who
 * had begun a header is told before, 408 by hand (send_by_hand(): MHD takes no
 * answer before a header is whole); a connection at rest just ends.  MHD
 * tells that a connection is over before it closes its socket, so under our
 * lock the descriptor is still that of the connection.
 *
 * Owner:  httpd.  Threads: MHD's call in, one of its own watches.
 */
#ifndef HTTP_SLOW_H
#define HTTP_SLOW_H

#include "base/base.h"

#include <microhttpd.h>

struct slow;

/* Seconds: of silence, which MHD watches, and how many more for a header.
 * All connections have the same time, so the oldest is always first. */
struct slow *slow_new(unsigned silence, unsigned more);
/* After the last connection is over. */
void slow_free(struct slow *s);

/* For MHD_OPTION_NOTIFY_CONNECTION; cls is the struct slow. */
void slow_connection(void *cls, struct MHD_Connection *mc, void **context,
    enum MHD_ConnectionNotificationCode code);
/* The header is whole: the rest has limits of its own. */
void slow_header_read(struct slow *s, struct MHD_Connection *mc);
/* The request is over; another may follow. */
void slow_request_over(struct slow *s, struct MHD_Connection *mc);

#endif
