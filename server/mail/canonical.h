/*
 * The canonical bytes of a message: the form that is hashed, stored and
 * sent, whichever way the message came.
 *
 * Lines end with CRLF and the last line has its end, which is what a
 * message looks like once SMTP has carried it (RFC 5321 2.3.8 and 4.1.1.4).
 * A lone LF becomes CRLF; a lone CR stays, because turning it into a line
 * end would change which bytes are header and which are body.  Bytes that
 * came by SMTP are canonical already.  Nothing else is changed: an mbox
 * "From " line stays.
 */
#ifndef MAIL_CANONICAL_H
#define MAIL_CANONICAL_H

#include "base/base.h"

bool mail_is_canonical(const void *bytes, size_t len);

/* The same pointer when nothing has to change, else a copy in the arena. */
const char *mail_canonical(struct arena *a, const void *bytes, size_t len,
    size_t *out_len);

#endif
