/* What the files of compose share. */
#ifndef MAIL_COMPOSE_PRIV_H
#define MAIL_COMPOSE_PRIV_H

#include "mail/compose.h"

/* Body part: Content-Type, Content-Transfer-Encoding and the encoded text
 * with the blank line between them. */
void compose_text_part(struct arena *a, GString *out, const char *text);
void compose_file_part(GString *out, const struct compose_file *f);
/* The text without control characters that a header must not have. */
const char *compose_clean(struct arena *a, const char *s, size_t max);

#endif
