/*
 * Waiting for the server, but not for ever: one that hangs without closing
 * its connections would otherwise hold a thread, and with it the daemon's
 * end.  The server's own statement_timeout comes first; this deadline is for
 * a server that no longer keeps it.
 */
#include "base/base.h"
#include "base/when.h"
#include "db/priv.h"

#include <poll.h>
#include <sys/socket.h>

enum { GRACE_MS = 5000 };

/* Waits for the socket; past the deadline it is closed both ways, and libpq
 * finds a broken connection like any other. */
static void
wait_socket(struct db *db, short events, int64_t until)
{
	struct pollfd p = {.fd = PQsocket(db->pg), .events = events};
	int64_t left = until != 0 ? (until - when_ticks()) / 1000 : 60000;

	if (until != 0 && left <= 0)
		shutdown(p.fd, SHUT_RDWR);
	else
		(void)poll(&p, 1, (int)MIN(left, 60000));
}

static int64_t
deadline(const struct db *db)
{
	return db->timeout_ms > 0
	    ? when_ticks() + (db->timeout_ms + GRACE_MS) * 1000
	    : 0;
}

bool
db_flush(struct db *db)
{
	int64_t until = deadline(db);
	int rc;

	while ((rc = PQflush(db->pg)) == 1) {
		/* What the server says meanwhile must be read, or both ends
		 * wait with full buffers. */
		wait_socket(db, POLLIN | POLLOUT, until);
		if (PQconsumeInput(db->pg) == 0)
			return false;
	}
	return rc == 0;
}

PGresult *
db_next(struct db *db)
{
	int64_t until = deadline(db);

	while (PQisBusy(db->pg)) {
		wait_socket(db, POLLIN, until);
		if (PQconsumeInput(db->pg) == 0)
			break;
	}
	return PQgetResult(db->pg);
}

PGresult *
db_answer(struct db *db, int sent)
{
	PGresult *last = NULL, *res;

	if (sent != 1 || !db_flush(db))
		return NULL;
	db->trips++;
	while ((res = db_next(db)) != NULL) {
		PQclear(last);
		last = res;
		if (PQstatus(db->pg) == CONNECTION_BAD)
			break;
	}
	return last;
}
