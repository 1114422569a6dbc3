/*
 * The syntax of MAIL and RCPT (RFC 5321 4.1.2, 4.1.3): paths and
 * parameters.  Pure functions over a NUL-ended line.
 *
 * Source routes ("@a,@b:") are stripped.  A quoted local part that needs
 * no quotes loses them, so that "report"@x and report@x are one address.
 * Only printable ASCII: SMTPUTF8 is not offered, the MTA in front sends
 * such mail in its downgraded form or not at all.
 */
#ifndef SMTP_PATH_H
#define SMTP_PATH_H

#include "base/base.h"

enum {
	/* RFC 3696 errata: 64 + 1 + 254, and one more.  The local part may
	 * take more than its 64: VERP senders do, and refusing costs us the
	 * mail while accepting costs nothing. */
	PATH_MAX_CHARS = 320,
	PATH_PARAM_MAX = 16, /* parameters of one command */
};

enum path_kind {
	PATH_SENDER,    /* "<>" and a local part without domain are fine */
	PATH_RECIPIENT, /* without domain only <postmaster> */
};

/* Reads "<...>" at s into out (without brackets) and answers what follows
 * (a blank or the end), or NULL when it is no path. */
const char *path_read(const char *s, enum path_kind kind,
    char out[PATH_MAX_CHARS + 1]);

/* The next "KEY=value" or "KEY" (value NULL) from *s, cut out of the line
 * with NULs.  false at the end, and *bad with it when there was something
 * that is no parameter. */
bool path_param(char **s, const char **key, const char **value, bool *bad);

/* xtext (RFC 3461) decoded in place; false when it is none, or would hold
 * a control or 8-bit byte. */
bool path_xtext(char *s);

#endif
