/*
 * The bytes between DATA and the end mark (RFC 5321 4.1.1.4, 4.5.2), as a
 * pure state machine: no buffer, no socket, any split of the input gives
 * the same output.
 *
 * Only CR LF . CR LF ends a message, and a dot is only taken away behind
 * CR LF.  A bare CR, a bare LF and NUL are content: they are handed on as
 * they came and counted, and never end a line.
 *
 * Why that is safe.  SMTP smuggling (2023) needs two hops that disagree
 * about where a message ends.  A peer in front of us may take LF.LF for
 * content, and so do we; a peer that took it for the end mark would have
 * sent us CR LF . CR LF.  And there is no hop behind us: these bytes are
 * stored, shown and downloaded, while every message that leaves is
 * composed anew, with canonical line ends.  Refusing such mail instead
 * (Postfix's later default) would lose evidence: abuse reports quote
 * broken mail, and abuse@ is never refused for content.
 */
#ifndef SMTP_DATA_H
#define SMTP_DATA_H

#include "base/base.h"

enum data_state {
	DATA_LINE,   /* at the start of a line: CR LF (or DATA's own) is past */
	DATA_TEXT,
	DATA_CR,     /* behind a CR, which is content whatever comes */
	DATA_DOT,    /* the dot at the start of a line, held back */
	DATA_DOT_CR, /* dot and CR, both held back */
	DATA_END,
};

struct data_reader {
	enum data_state state;
	uint64_t bare_cr, bare_lf, nul;
};

/* Zeroed memory is a reader at the start of a message. */

/* Called with runs of content; never with n == 0. */
typedef void data_sink(void *ctx, const uint8_t *bytes, size_t n);

/* Takes bytes up to the end mark and says how many were used: all of them
 * unless the state is now DATA_END.  What follows is commands. */
size_t data_read(struct data_reader *r, const uint8_t *bytes, size_t n,
    data_sink *sink, void *ctx);

#endif
