/*
 * Mail that is passed on inline, within a letter: the marks that mail
 * programs write above it, the blocks of fields that some begin with, and
 * headers that were pasted whole.  Places are within the text that was given;
 * NULL where there is none.
 *
 * Thread: any.  Failure: none.
 */
#ifndef INSPECT_PASSED_H
#define INSPECT_PASSED_H

#include "base/base.h"

/* Behind a program's mark; a block of fields without one, which only a
 * subject that passes on makes believable; a pasted header. */
const char *passed_inline(const char *s);
const char *passed_block(const char *s);
const char *passed_pasted(const char *s);
/* "Fw: x"; subject may be NULL. */
bool passed_says(const char *subject);
/* Without its quote marks, as a header block and a body. */
const char *passed_unquoted(struct arena *a, const char *s);

#endif
