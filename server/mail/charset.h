/*
 * Bytes in any charset -> valid UTF-8.  It never fails: the declared
 * charset, then UTF-8, then what uchardet thinks, then windows-1252.
 *
 * Labels are read as mail writes them: quoted, in any case, with junk
 * behind ("utf-8; format=flowed"), by aliases (ks_c_5601-1987, x-sjis).
 * utf-7 and utf-16 are believed where the bytes agree: what a reader's
 * program makes of them is the evidence.  Text that IS UTF-16 (byte order
 * mark, or every second byte NUL) is seen by its bytes, declared or not.
 *
 * NUL and other C0 controls but \t \n \r \f vanish from the result, so it
 * is fit for PostgreSQL and for JSON.
 *
 * Thread: any.  Failure: none.
 */
#ifndef MAIL_CHARSET_H
#define MAIL_CHARSET_H

#include "base/base.h"
#include "base/limits.h"

/* declared may be NULL.  *used (may be NULL) is the charset read, lower
 * case, in the arena or static. */
char *charset_to_utf8(struct arena *a, const void *bytes, size_t len,
    const char *declared, const char **used, size_t *out_len);

/* The label in its usual form, or NULL when it is none we believe. */
const char *charset_label(struct arena *a, const char *declared);

#endif
